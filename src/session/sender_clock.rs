//! The clock of a sender: RTP timestamps and wall clock, tied by its sender reports (RFC 3550 section 6.4.1).

use core::time::Duration;

use crate::ntp::NtpTime;
use crate::rtcp::SenderReport;

/// One instant on both clocks of a sender, and the rate of the RTP clock: enough to turn either time into the other.
///
/// Timestamps are taken as the nearest to that instant, at most 2^31 ticks away: 6.6 hours at 90 kHz.
///
/// ```
/// use core::time::Duration;
/// use mediawire::{ntp::NtpTime, session::SenderClock};
///
/// let clock = SenderClock::new(NtpTime::from_unix(Duration::from_secs(1_700_000_000)), 1000, 90_000).unwrap();
/// let later = Duration::from_millis(1_700_000_000_500);
/// assert_eq!(clock.unix(46_000), later);
/// assert_eq!(clock.rtp_of_unix(later), 46_000);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderClock {
    ntp: NtpTime,
    rtp: u32,
    /// Not 0.
    clock_rate: u32,
}

impl SenderClock {
    /// An instant on both clocks. `None` if the rate is 0 Hz, or the NTP timestamp 0: a sender without wall clock.
    #[inline]
    pub const fn new(ntp_timestamp: NtpTime, rtp_timestamp: u32, clock_rate: u32) -> Option<Self> {
        if clock_rate == 0 || ntp_timestamp.0 == 0 {
            return None;
        }
        Some(Self { ntp: ntp_timestamp, rtp: rtp_timestamp, clock_rate })
    }

    /// That of a sender report, as [`new`](Self::new).
    #[inline]
    pub fn of_report(report: &SenderReport<'_>, clock_rate: u32) -> Option<Self> {
        Self::new(report.ntp_timestamp(), report.rtp_timestamp(), clock_rate)
    }

    /// The wall clock of an RTP timestamp, to the nearest 2^-32 s.
    #[inline]
    pub fn ntp(&self, timestamp: u32) -> NtpTime {
        let ticks = timestamp.wrapping_sub(self.rtp).cast_signed();
        // Ticks to units of 2^-32 s; 64 bits and a half hold them.
        let units = nearest(i128::from(ticks) << 32, self.clock_rate.into());
        let [.., a, b, c, d, e, f, g, h] = units.to_be_bytes();
        NtpTime(self.ntp.0.wrapping_add(u64::from_be_bytes([a, b, c, d, e, f, g, h])))
    }

    /// The same as the time since the Unix epoch. See [`NtpTime::unix`].
    #[inline]
    pub fn unix(&self, timestamp: u32) -> Duration {
        self.ntp(timestamp).unix()
    }

    /// The RTP timestamp of a wall clock at most 2^31 s away, to the nearest tick, modulo 2^32.
    #[inline]
    pub fn rtp(&self, time: NtpTime) -> u32 {
        let units = time.0.wrapping_sub(self.ntp.0).cast_signed();
        let ticks = nearest(i128::from(units) * i128::from(self.clock_rate), 1 << 32);
        let [.., a, b, c, d] = ticks.to_be_bytes();
        self.rtp.wrapping_add(u32::from_be_bytes([a, b, c, d]))
    }

    /// The same from the time since the Unix epoch.
    #[inline]
    pub fn rtp_of_unix(&self, time: Duration) -> u32 {
        self.rtp(NtpTime::from_unix(time))
    }
}

/// The quotient to the nearest whole number; what the rate's check rules out is 0.
#[inline]
fn nearest(dividend: i128, divisor: i128) -> i128 {
    dividend.wrapping_add(divisor / 2).checked_div_euclid(divisor).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_sender_report_gives_the_time_of_day() {
        // RFC 3550 section 6.4.1: the wall clock and the timestamp of the same moment; 1970 is 2,208,988,800 s after 1900.
        let report = crate::testing::words([0x80c8_0006, 1, 2_208_988_800, 0x8000_0000, 90, 0, 0]);
        let report = SenderReport::parse(&report).unwrap();
        let clock = SenderClock::of_report(&report, 90_000).unwrap();
        assert_eq!(clock.unix(90), Duration::from_millis(500));
        assert_eq!(clock.unix(45_090), Duration::from_secs(1));
        assert_eq!(clock.rtp_of_unix(Duration::from_secs(1)), 45_090);
    }

    #[test]
    fn times_on_both_sides_of_the_report() {
        let clock = SenderClock::new(NtpTime::new(100, 0), 10, 8000).unwrap();
        assert_eq!(clock.ntp(10), NtpTime::new(100, 0));
        assert_eq!(clock.ntp(10 + 4000), NtpTime::new(100, 0x8000_0000));
        // One tick is 2^32 / 8000 = 536870.9 units.
        assert_eq!(clock.ntp(11), NtpTime::new(100, 536_871));
        assert_eq!(clock.ntp(9), NtpTime::new(99, 0u32.wrapping_sub(536_871)));
        assert_eq!(clock.ntp(10u32.wrapping_sub(8000)), NtpTime::new(99, 0));
        assert_eq!(clock.rtp(NtpTime::new(99, 0)), 10u32.wrapping_sub(8000));
        assert_eq!(clock.rtp(NtpTime::new(101, 0x8000_0000)), 10 + 12_000);
    }

    #[test]
    fn no_clock_without_a_rate_or_a_time() {
        assert_eq!(SenderClock::new(NtpTime::new(1, 0), 0, 0), None);
        assert_eq!(SenderClock::new(NtpTime(0), 0, 8000), None);
    }

    proptest! {
        #[test]
        fn timestamps_survive_the_way_to_the_wall_clock_and_back(
            (ntp, rtp, timestamp) in (1u64.., any::<u32>(), any::<u32>()),
            clock_rate in prop_oneof![Just(8000u32), Just(48_000), Just(90_000), 1u32..1_000_000],
        ) {
            let clock = SenderClock::new(NtpTime(ntp), rtp, clock_rate).unwrap();
            // At 1 Hz the span of 2^31 s either side is that of the wall clock itself; the last second is lost to rounding.
            prop_assert_eq!(clock.rtp(clock.ntp(timestamp)), timestamp);
        }

        #[test]
        fn nothing_overflows((ntp, rtp, clock_rate) in (any::<u64>(), any::<u32>(), any::<u32>()), time in any::<u64>()) {
            if let Some(clock) = SenderClock::new(NtpTime(ntp), rtp, clock_rate) {
                clock.rtp(NtpTime(time));
                clock.ntp(rtp ^ 0x8000_0000);
            }
        }
    }
}
