//! Absolute send time (libwebrtc, rtp-hdrext/abs-send-time).
//!
//! ```text
//! |        seconds modulo 64 and their fraction, 6.18 bits        |  3 bytes
//! ```

use core::fmt;
use core::time::Duration;

use super::value::{exactly, value};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, run};
use crate::ntp::NtpTime;

/// When the packet was sent: seconds modulo 64 with 18 bits of fraction, 24 bits in all.
///
/// ```
/// use core::time::Duration;
/// use mediawire::{ntp::NtpTime, rtp::ext::AbsSendTime};
///
/// let now = NtpTime::from_unix(Duration::new(1_700_000_000, 250_000_000));
/// let sent = AbsSendTime::from_ntp(now);
/// assert_eq!(sent.to_ntp(now.wrapping_add(Duration::from_secs(20))), now);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AbsSendTime(
    /// The 24 bits, in units of 2^-18 s (3.8 µs).
    pub u32,
);

value!(AbsSendTime: ABS_SEND_TIME);

/// The bits of the value.
const MASK: u32 = 0xFF_FFFF;
/// From units of 2^-32 s to those of 2^-18 s.
const SHIFT: u32 = 14;

impl AbsSendTime {
    /// Reads the data of an element, all of it.
    ///
    /// # Errors
    /// It is not 3 bytes.
    #[inline]
    pub fn parse(data: &[u8]) -> Result<Self, ParseError> {
        let &[a, b, c] = run("abs-send-time", data, exactly::<3>)?;
        Ok(Self(u32::from_be_bytes([0, a, b, c])))
    }

    /// Out of the wall clock: 24 bits from the middle of it, cut off and not rounded.
    #[inline]
    pub const fn from_ntp(time: NtpTime) -> Self {
        let [.., a, b, c, d] = (time.0 >> SHIFT).to_be_bytes();
        Self(u32::from_be_bytes([a, b, c, d]) & MASK)
    }

    /// The wall clock that is nearest to `reference` among those that it may stand for; they are 64 s apart.
    #[inline]
    pub fn to_ntp(self, reference: NtpTime) -> NtpTime {
        // The distance modulo 2^24 units, as a signed number in the high bits of 32, then in units of 2^-32 s.
        let distance = self.0.wrapping_sub(Self::from_ntp(reference).0) << 8;
        let distance = i64::from(distance.cast_signed() >> 8) << SHIFT;
        let coarse = reference.0 >> SHIFT << SHIFT;
        NtpTime(coarse.wrapping_add_signed(distance))
    }

    /// The time since the last multiple of 64 s, to the nearest nanosecond.
    #[inline]
    pub fn duration(self) -> Duration {
        let nanos = u64::from(self.0 & MASK) * 1_000_000_000;
        Duration::from_nanos((nanos + (1 << 17)) >> 18)
    }
}

impl Encode for AbsSendTime {
    #[inline]
    fn encoded_len(&self) -> usize {
        3
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let [0, bytes @ ..] = self.0.to_be_bytes() else {
            return Err(BuildError::OutOfRange { field: "abs-send-time" });
        };
        *out.array()? = bytes;
        Ok(())
    }
}

/// `abs-send-time 23.796875 s`
impl fmt::Display for AbsSendTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = self.duration();
        write!(f, "abs-send-time {}.{:06} s", time.as_secs(), time.subsec_micros())
    }
}

#[cfg(feature = "serde")]
impl super::value::Fields for AbsSendTime {
    fn fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("abs_send_time", &self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::value::check::{both_ways, not_written, takes_only_lengths};
    use super::*;

    #[test]
    fn reads_and_writes_24_bits() {
        // Chromium 156, chromium-vp8-rtx-twcc.pcap frame 9, as aiortc 1.16.0 reads it: 6237975.
        both_ways(&[0x5f, 0x2f, 0x17], AbsSendTime(6_237_975));
        both_ways(&[0, 0, 0], AbsSendTime(0));
        both_ways(&[0xff, 0xff, 0xff], AbsSendTime(0xff_ffff));
        takes_only_lengths(0xff, &[3], AbsSendTime::parse);
        not_written(&AbsSendTime(0x100_0000), "abs-send-time");
    }

    #[test]
    fn is_right_for_times_of_today() {
        // 2026-11-20 09:00:00.5 UTC is 1795165200.5 in Unix time and 4004154000.5 since 1900. Modulo 64 that is 16.5 s
        // (4004154000 = 64 × 62564906 + 16), and 16.5 × 2^18 is 4325376.
        let now = NtpTime::from_unix(Duration::new(1_795_165_200, 500_000_000));
        assert_eq!((now.seconds(), now.fraction()), (4_004_154_000, 1 << 31));
        let sent = AbsSendTime::from_ntp(now);
        assert_eq!(sent, AbsSendTime(4_325_376));
        assert_eq!(sent.duration(), Duration::from_millis(16_500));
        assert_eq!(sent.to_ntp(now), now);
    }

    #[test]
    fn times_near_the_reference_come_back() {
        let now = NtpTime::new(0xEC00_0000, 0);
        for seconds in [0, 1, 31] {
            let later = now.wrapping_add(Duration::from_secs(seconds));
            assert_eq!(AbsSendTime::from_ntp(later).to_ntp(now), later, "{seconds}");
            assert_eq!(AbsSendTime::from_ntp(now).to_ntp(later), now, "{seconds}");
        }
        // Past the end of the NTP era, 2036.
        let end = NtpTime::new(u32::MAX, 0);
        let later = end.wrapping_add(Duration::from_secs(3));
        assert_eq!(later.seconds(), 2);
        assert_eq!(AbsSendTime::from_ntp(later).to_ntp(end), later);
        assert_eq!(AbsSendTime::from_ntp(end).to_ntp(later), end);
    }

    proptest! {
        #[test]
        fn any_time_within_half_a_minute_comes_back(bits in any::<u64>(), shift in -31i64..31) {
            let reference = NtpTime(bits);
            let time = NtpTime(bits.wrapping_add_signed(shift << 32));
            prop_assert_eq!(AbsSendTime::from_ntp(time).to_ntp(reference).0, time.0 >> 14 << 14);
        }
    }
}
