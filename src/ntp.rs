//! NTP time as RTCP carries it: 64 bits ([`NtpTime`]), and the middle 32 of them ([`NtpShort`]).
//!
//! The arithmetic is that of RFC 3550 section 4 and RFC 5905 section 6: whole seconds and a binary fraction.
//!
//! ```
//! use mediawire::ntp::{NtpShort, NtpTime, round_trip_time};
//! use core::time::Duration;
//!
//! // The example of RFC 3550 section 6.4.1, figure 2.
//! let sent = NtpTime::new(0xb44d_b705, 0x2000_0000); // LSR is the middle of it
//! let now = NtpShort(0xb710_8000);
//! let held = NtpShort(0x0005_4000); // DLSR, 5.25 s
//! let round_trip = round_trip_time(now, sent.middle(), held).unwrap();
//! assert_eq!(round_trip.duration(), Duration::from_millis(6125));
//! ```

use core::fmt;
use core::time::Duration;

/// Seconds from the NTP epoch, 1900-01-01, to the Unix epoch, 1970-01-01 (RFC 5905 figure 4).
const UNIX_EPOCH: u64 = 2_208_988_800;
const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// NTP timestamp, 64 bits: seconds since 1900 in the high 32, their fraction in the low 32 (RFC 3550 section 4).
///
/// The seconds wrap in February 2036; times up to 2104 come out right where they are turned into Unix time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NtpTime(pub u64);

impl NtpTime {
    /// Out of its two halves.
    #[inline]
    pub const fn new(seconds: u32, fraction: u32) -> Self {
        let [a, b, c, d] = seconds.to_be_bytes();
        let [e, f, g, h] = fraction.to_be_bytes();
        Self(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
    }

    /// Whole seconds since 1900, modulo 2^32.
    #[inline]
    pub const fn seconds(self) -> u32 {
        let [a, b, c, d, ..] = self.0.to_be_bytes();
        u32::from_be_bytes([a, b, c, d])
    }

    /// The fraction of the second, in units of 2^-32 s (about 233 ps).
    #[inline]
    pub const fn fraction(self) -> u32 {
        let [.., e, f, g, h] = self.0.to_be_bytes();
        u32::from_be_bytes([e, f, g, h])
    }

    /// The middle 32 bits: what LSR and LRR hold of it.
    #[inline]
    pub const fn middle(self) -> NtpShort {
        let [_, _, c, d, e, f, ..] = self.0.to_be_bytes();
        NtpShort(u32::from_be_bytes([c, d, e, f]))
    }

    /// The time since 1900-01-01, in the era of 1900 to 2036, to the nearest nanosecond.
    #[inline]
    pub fn since_1900(self) -> Duration {
        let nanos = u64::from(self.seconds()) * NANOS_PER_SECOND;
        Duration::from_nanos(nanos + fraction_to_nanos(self.fraction()))
    }

    /// From the time since 1900-01-01. Seconds wrap at 2^32; the fraction is the nearest.
    #[inline]
    pub fn from_since_1900(time: Duration) -> Self {
        Self(duration_to_fixed(time, 32))
    }

    /// The time since the Unix epoch, to the nearest nanosecond.
    ///
    /// A timestamp below 2^31 seconds is taken as one of the era that begins in 2036, as RFC 4330 section 3 has it.
    /// What then lies before 1970 comes out as 0.
    #[inline]
    pub fn unix(self) -> Duration {
        let era = if self.seconds() < 1 << 31 { 1 << 32 } else { 0 };
        let Some(seconds) = (u64::from(self.seconds()) + era).checked_sub(UNIX_EPOCH) else {
            return Duration::ZERO;
        };
        let nanos = seconds * NANOS_PER_SECOND;
        Duration::from_nanos(nanos + fraction_to_nanos(self.fraction()))
    }

    /// From the time since the Unix epoch. The seconds wrap at 2^32, in 2036; the fraction is the nearest.
    #[inline]
    pub fn from_unix(time: Duration) -> Self {
        Self::from_since_1900(time.saturating_add(Duration::from_secs(UNIX_EPOCH)))
    }

    /// This time and `span` later, modulo 2^32 s.
    #[inline]
    pub fn wrapping_add(self, span: Duration) -> Self {
        Self(self.0.wrapping_add(duration_to_fixed(span, 32)))
    }
}

/// `3877076839.123456000`: seconds since 1900, to the nearest nanosecond.
impl fmt::Display for NtpTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = self.since_1900();
        write!(f, "{}.{:09}", time.as_secs(), time.subsec_nanos())
    }
}

/// NTP short format, 32 bits: 16 of seconds, 16 of their fraction (RFC 3550 section 4).
///
/// LSR and LRR are points in time, modulo 18.2 hours; DLSR and DLRR are spans of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NtpShort(pub u32);

impl NtpShort {
    /// The span, to the nearest nanosecond.
    #[inline]
    pub fn duration(self) -> Duration {
        Duration::from_nanos((u64::from(self.0) * NANOS_PER_SECOND + (1 << 15)) >> 16)
    }

    /// From a span, to the nearest 1/65536 s; at most 65535.99998 s.
    #[inline]
    pub fn from_duration(span: Duration) -> Self {
        if span.as_secs() > u64::from(u16::MAX) {
            return Self(u32::MAX);
        }
        Self(u32::try_from(duration_to_fixed(span, 16)).unwrap_or(u32::MAX))
    }

    /// The span from `earlier` to this time, modulo 2^16 s.
    #[inline]
    pub const fn wrapping_sub(self, earlier: Self) -> Self {
        Self(self.0.wrapping_sub(earlier.0))
    }
}

/// `6.125000`: seconds, to the nearest microsecond.
impl fmt::Display for NtpShort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = (u64::from(self.0) * 1_000_000 + (1 << 15)) >> 16;
        write!(f, "{}.{:06}", micros / 1_000_000, micros % 1_000_000)
    }
}

/// The round-trip time: `now` − `last_report` − `delay`, which a report block gives as LSR and DLSR (RFC 3550
/// section 6.4.1) and DLRR as LRR and DLRR (RFC 3611 section 4.5).
///
/// `None` if `last_report` is 0: the peer has not received a report yet. A result below zero, which drifting clocks
/// give on a short path, counts as zero.
#[inline]
pub fn round_trip_time(now: NtpShort, last_report: NtpShort, delay: NtpShort) -> Option<NtpShort> {
    if last_report.0 == 0 {
        return None;
    }
    let span = now.wrapping_sub(last_report).wrapping_sub(delay);
    Some(if span.0 < 1 << 31 { span } else { NtpShort(0) })
}

/// A fraction of a second in units of 2^-32 s, to the nearest nanosecond.
#[inline]
fn fraction_to_nanos(fraction: u32) -> u64 {
    (u64::from(fraction) * NANOS_PER_SECOND + (1 << 31)) >> 32
}

/// Seconds with `bits` of binary fraction, to the nearest; what does not fit 64 bits is cut off on the left.
#[inline]
fn duration_to_fixed(time: Duration, bits: u32) -> u64 {
    let fraction =
        ((u64::from(time.subsec_nanos()) << bits) + NANOS_PER_SECOND / 2) / NANOS_PER_SECOND;
    (time.as_secs() << bits).wrapping_add(fraction)
}

/// The span from `earlier` to `later`; 0 if it is the other way round. That of `Duration` itself has a panic which the compiler
/// does not see to be out of reach.
#[inline]
pub(crate) fn span(earlier: Duration, later: Duration) -> Duration {
    let Some(seconds) = later.as_secs().checked_sub(earlier.as_secs()) else {
        return Duration::ZERO;
    };
    let (before, nanos) = (earlier.subsec_nanos(), later.subsec_nanos());
    let (seconds, nanos) = match (nanos.checked_sub(before), seconds.checked_sub(1)) {
        (Some(nanos), _) => (seconds, nanos),
        (None, Some(seconds)) => (seconds, (nanos + 1_000_000_000).saturating_sub(before)),
        (None, None) => return Duration::ZERO,
    };
    Duration::new(seconds, nanos.min(999_999_999))
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;

    use super::*;

    #[test]
    fn a_decimal_time_becomes_seconds_and_fraction() {
        // 0.123456 × 2^32 = 530239482.49: floor and nearest agree.
        let time = NtpTime::from_since_1900(Duration::new(3_877_076_839, 123_456_000));
        assert_eq!((time.seconds(), time.fraction()), (3_877_076_839, 530_239_482));
        assert_eq!(time, NtpTime::new(3_877_076_839, 530_239_482));
        // 2022-11-10 13:47:19 UTC.
        assert_eq!(time.unix(), Duration::new(1_668_088_039, 123_456_000));
        assert_eq!(NtpTime::from_unix(Duration::new(1_668_088_039, 123_456_000)), time);
        assert_eq!(time.to_string(), "3877076839.123456000");
    }

    #[test]
    fn the_example_of_rfc_3550_figure_2() {
        let sent = NtpTime::new(0xb44d_b705, 0x2000_0000);
        assert_eq!(sent.since_1900(), Duration::from_millis(3_024_992_005_125));
        assert_eq!(sent.unix(), Duration::from_millis(816_003_205_125)); // 1995-11-10 11:33:25.125 UTC
        assert_eq!(sent.middle(), NtpShort(0xb705_2000));
        let (now, delay) = (NtpShort(0xb710_8000), NtpShort(0x0005_4000));
        let round_trip = round_trip_time(now, sent.middle(), delay);
        assert_eq!(round_trip, Some(NtpShort(0x0006_2000)));
        assert_eq!(round_trip.unwrap().to_string(), "6.125000");
    }

    #[test]
    fn round_trips_of_odd_clocks() {
        let rtt =
            |now, last, delay| round_trip_time(NtpShort(now), NtpShort(last), NtpShort(delay));
        assert_eq!(rtt(5, 0, 0), None, "no report received yet");
        assert_eq!(rtt(0x10, 0xFFFF_FFF0, 0x10), Some(NtpShort(0x10)), "across the wrap");
        assert_eq!(rtt(0x100, 0x80, 0x81), Some(NtpShort(0)), "a clock that drifted");
    }

    #[test]
    fn the_era_after_2036_is_told_by_its_high_bit() {
        // RFC 5905 figure 4: the first second of era 1 is 2036-02-07 06:28:16 UTC, 2085978496 in Unix time.
        assert_eq!(NtpTime::new(0, 0).unix(), Duration::from_secs(2_085_978_496));
        assert_eq!(NtpTime::from_unix(Duration::from_secs(2_085_978_496)), NtpTime::new(0, 0));
        assert_eq!(NtpTime::new(u32::MAX, 0).unix(), Duration::from_secs(2_085_978_495));
        assert_eq!(NtpTime::new(1 << 31, 0).unix(), Duration::ZERO, "1968, before the Unix epoch");
        assert_eq!(NtpTime::new(2_208_988_800, 0).unix(), Duration::ZERO);
    }

    #[test]
    fn edges_round_and_saturate() {
        assert_eq!(NtpShort::from_duration(Duration::MAX), NtpShort(u32::MAX));
        assert_eq!(NtpShort::from_duration(Duration::new(65_535, 999_999_999)), NtpShort(u32::MAX));
        assert_eq!(NtpShort(u32::MAX).duration(), Duration::new(65_535, 999_984_741));
        assert_eq!(NtpTime(u64::MAX).since_1900(), Duration::from_secs(1 << 32));
        let late = NtpTime::new(u32::MAX, u32::MAX).wrapping_add(Duration::from_secs(1));
        assert_eq!(late, NtpTime::new(0, u32::MAX));
    }

    proptest! {
        #[test]
        fn times_survive_the_way_to_a_duration_and_back(bits in any::<u64>()) {
            // A nanosecond holds 4.29 units of 2^-32 s: the way back lands within 3 of them.
            let time = NtpTime(bits);
            prop_assume!(!(1 << 31..2_208_988_800).contains(&time.seconds()), "1968 to 1970");
            let back = NtpTime::from_unix(time.unix());
            prop_assert!(back.0.wrapping_sub(time.0).min(time.0.wrapping_sub(back.0)) <= 3);
        }

        #[test]
        fn short_times_survive_exactly(bits in any::<u32>()) {
            prop_assert_eq!(NtpShort::from_duration(NtpShort(bits).duration()), NtpShort(bits));
        }

        #[test]
        fn the_span_between_two_times_is_their_difference(
            [a, b] in [(0u64..4, 0u32..1_000_000_000), (0u64..4, 0u32..1_000_000_000)],
        ) {
            let [a, b] = [a, b].map(|(seconds, nanos)| Duration::new(seconds, nanos));
            prop_assert_eq!(span(a, b), b.saturating_sub(a));
            prop_assert_eq!(span(a, a), Duration::ZERO);
        }

        #[test]
        fn nanoseconds_survive_exactly(seconds in 0u64..4_000_000_000, nanos in 0u32..1_000_000_000) {
            let time = Duration::new(seconds, nanos);
            prop_assert_eq!(NtpTime::from_since_1900(time).since_1900(), time);
        }
    }
}
