//! Delay metrics block (RFC 6843 section 3).
//!
//! ```text
//! |    BT=16      | I |   resv.   |      block length = 6         |
//! |                           SSRC of Source                      |
//! |                  Mean Network Round-Trip Delay                |
//! |                   Min Network Round-Trip Delay                |
//! |                   Max Network Round-Trip Delay                |
//! |               End System Delay - Seconds (bit 0-31)           |
//! |              End System Delay - Fraction (bit 0-31)           |
//! ```

use core::time::Duration;

use super::IntervalMetric;
use super::fixed::fixed_block;
use crate::error::BuildError;
use crate::ntp::{NtpShort, NtpTime};

fixed_block! {
    /// The round-trip time and the delay in the end system, read in place; `None` is what is not available.
    DelayMetrics, DelayMetricsBuilder: DELAY, "delay metrics block", length 6, refuse forbidden;

    /// I: any but 0.
    interval_metric as "i": IntervalMetric = 0: 8..10, default IntervalMetric::Interval;
    /// The source that it reports on.
    ssrc: u32 = 1: 0..32;
    /// The mean round-trip time, in 1/65536 s.
    mean_rtt: Option<NtpShort> = 2: 0..32;
    /// The shortest round-trip time, in 1/65536 s.
    min_rtt: Option<NtpShort> = 3: 0..32;
    /// The longest round-trip time, in 1/65536 s.
    max_rtt: Option<NtpShort> = 4: 0..32;
    /// Jitter buffer, encoding and decoding together, in the form of an NTP timestamp.
    end_system_delay as "end_system_delay_sec" "end_system_delay_frac": Option<NtpTime> = 5: 0..64;
}

impl DelayMetrics<'_> {
    /// The mean round-trip time.
    #[inline]
    pub fn mean_round_trip_time(&self) -> Option<Duration> {
        self.mean_rtt().map(NtpShort::duration)
    }

    /// The shortest round-trip time.
    #[inline]
    pub fn min_round_trip_time(&self) -> Option<Duration> {
        self.min_rtt().map(NtpShort::duration)
    }

    /// The longest round-trip time.
    #[inline]
    pub fn max_round_trip_time(&self) -> Option<Duration> {
        self.max_rtt().map(NtpShort::duration)
    }

    /// The delay in the end system.
    #[inline]
    pub fn end_system_time(&self) -> Option<Duration> {
        self.end_system_delay().map(NtpTime::since_1900)
    }
}

/// What RFC 6843 has no meaning for.
fn forbidden(block: &DelayMetricsBuilder) -> Result<(), BuildError> {
    block.interval_metric.of_either()
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::encode::Encode;
    use crate::testing::words;

    // RFC 6843 figure 1, row by row; every field another value.
    const BLOCK: [u32; 7] = [
        0x10c0_0006, // I=11
        0x0102_0304, // SSRC
        0x0000_8000, // mean, 0.5 s
        0x0000_4000, // min, 0.25 s
        0x0001_0000, // max, 1 s
        0x0000_0002, // end system delay, 2.75 s
        0xc000_0000,
    ];

    #[test]
    fn reads_every_field() {
        let bytes = words(BLOCK);
        let block = DelayMetrics::parse(&bytes).unwrap();
        assert_eq!(
            (block.interval_metric(), block.ssrc()),
            (IntervalMetric::Cumulative, 0x0102_0304)
        );
        assert_eq!(block.mean_rtt(), Some(NtpShort(0x8000)));
        assert_eq!(block.mean_round_trip_time(), Some(Duration::from_millis(500)));
        assert_eq!(block.min_round_trip_time(), Some(Duration::from_millis(250)));
        assert_eq!(block.max_round_trip_time(), Some(Duration::from_millis(1000)));
        assert_eq!(block.end_system_time(), Some(Duration::from_millis(2750)));
    }

    #[test]
    fn all_bits_set_is_unavailable() {
        let bytes = words([0x1040_0006, 1, u32::MAX, u32::MAX, u32::MAX, u32::MAX, u32::MAX]);
        let block = DelayMetrics::parse(&bytes).unwrap();
        assert_eq!((block.mean_rtt(), block.min_rtt(), block.max_rtt()), (None, None, None));
        assert_eq!((block.end_system_delay(), block.end_system_time()), (None, None));
        let same = DelayMetricsBuilder {
            ssrc: 1,
            interval_metric: IntervalMetric::Sampled,
            ..Default::default()
        };
        assert_eq!(same.to_vec().unwrap(), bytes);
        let line = "DELAY interval_metric=sampled ssrc=0x00000001 mean_rtt=unavailable";
        assert!(std::format!("{block}").starts_with(line), "{block}");
    }

    #[test]
    fn refuses_a_value_that_would_be_read_as_unavailable_and_the_reserved_interval() {
        let block = DelayMetricsBuilder { min_rtt: Some(NtpShort(u32::MAX)), ..Default::default() };
        assert_eq!(block.to_vec(), Err(BuildError::OutOfRange { field: "min_rtt" }));
        let block =
            DelayMetricsBuilder { interval_metric: IntervalMetric::Reserved, ..Default::default() };
        assert_eq!(block.to_vec(), Err(BuildError::OutOfRange { field: "interval_metric" }));
    }

    super::super::fixed::fixed_block_tests!(DelayMetrics, DelayMetricsBuilder, BLOCK);
}
