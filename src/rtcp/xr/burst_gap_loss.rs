//! Burst/gap loss metrics block (RFC 6958 section 3).
//!
//! ```text
//! |     BT=20     | I |C|  resv.  |      Block Length = 5         |
//! |                        SSRC of Source                         |
//! |   Threshold   |         Sum of Burst Durations (ms)           |
//! |            Packets Lost in Bursts             |    Total...   |
//! | ...Packets Expected in Bursts |    Number of Bursts   | Sum of|
//! |                ...Squares of Burst Durations (ms-squared)     |
//! ```
//!
//! The RFC's text gives the number of bursts 16 bits, its figure 12. Only 12 fit the block length of 5 that the text
//! demands, and with 16 the block would be no whole number of words; so there is nothing but the figure to read, and
//! the special values are those of 12 bits.

use core::time::Duration;

use super::fixed::fixed_block;
use super::{IntervalMetric, Metric};
use crate::error::BuildError;

fixed_block! {
    /// Bursts of losses, read in place.
    BurstGapLoss, BurstGapLossBuilder: BURST_GAP_LOSS, "burst/gap loss block", length 5, refuse forbidden;

    /// I: an interval, or cumulative.
    interval_metric as "i": IntervalMetric = 0: 8..10, default IntervalMetric::Interval;
    /// C: a block of discards is in the same compound packet.
    combined as "c": bool = 0: 10..11;
    /// The source that it reports on.
    ssrc: u32 = 1: 0..32;
    /// Gmin: so many packets received one behind the other end a burst (RFC 3611 section 4.7.2).
    threshold: u8 = 2: 0..8;
    /// The length of all bursts together, in ms; 24 bits.
    sum_burst_durations_ms: Metric<u32> = 2: 8..32;
    /// Packets lost in bursts; 24 bits.
    packets_lost_in_bursts: Metric<u32> = 3: 0..24;
    /// Packets expected in bursts, lost or not; 24 bits.
    total_packets_expected_in_bursts: Metric<u32> = 3: 24..48;
    /// Bursts; 12 bits.
    number_of_bursts: Metric<u16> = 4: 16..28;
    /// The squares of the bursts' lengths together, in ms²; 36 bits.
    sum_squares_burst_durations_ms2: Metric<u64> = 4: 28..64;
}

impl BurstGapLoss<'_> {
    /// The length of all bursts together.
    #[inline]
    pub fn sum_of_burst_durations(&self) -> Option<Duration> {
        self.sum_burst_durations_ms().as_millis()
    }
}

/// What RFC 6958 forbids.
fn forbidden(block: &BurstGapLossBuilder) -> Result<(), BuildError> {
    block.interval_metric.of_a_span()
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::encode::Encode;
    use crate::testing::words;

    // RFC 6958 figure 1, row by row; every field another value.
    const BLOCK: [u32; 6] = [
        0x14a0_0005, // I=10, C=1
        0x0102_0304, // SSRC
        0x1000_0078, // threshold 16, sum of burst durations 120 ms
        0x2122_2331, // packets lost in bursts, total...
        0x3233_4565, // ...packets expected in bursts, number of bursts 0x456, sum of...
        0x6768_696a, // ...squares of burst durations
    ];

    #[test]
    fn reads_every_field() {
        let bytes = words(BLOCK);
        let block = BurstGapLoss::parse(&bytes).unwrap();
        assert_eq!((block.interval_metric(), block.combined()), (IntervalMetric::Interval, true));
        assert_eq!((block.ssrc(), block.threshold()), (0x0102_0304, 16));
        assert_eq!(block.sum_burst_durations_ms(), Metric::Value(120));
        assert_eq!(block.sum_of_burst_durations(), Some(Duration::from_millis(120)));
        assert_eq!(block.packets_lost_in_bursts(), Metric::Value(0x21_2223));
        assert_eq!(block.total_packets_expected_in_bursts(), Metric::Value(0x31_3233));
        assert_eq!(block.number_of_bursts(), Metric::Value(0x456));
        assert_eq!(block.sum_squares_burst_durations_ms2(), Metric::Value(0x5_6768_696a));
    }

    #[test]
    fn special_values_are_those_of_each_width() {
        let bytes = words([0x14c0_0005, 1, 0x10ff_ffff, 0xffff_feff, u32::MAX, u32::MAX]);
        let block = BurstGapLoss::parse(&bytes).unwrap();
        assert_eq!(block.sum_burst_durations_ms(), Metric::Unavailable);
        assert_eq!(block.sum_of_burst_durations(), None);
        assert_eq!(block.packets_lost_in_bursts(), Metric::OverRange);
        assert_eq!(block.total_packets_expected_in_bursts(), Metric::Unavailable);
        assert_eq!(block.number_of_bursts(), Metric::Unavailable);
        assert_eq!(block.sum_squares_burst_durations_ms2(), Metric::Unavailable);
        assert_eq!(BurstGapLossBuilder::from(block).to_vec().unwrap(), bytes);
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        let default = BurstGapLossBuilder::default();
        for interval_metric in [IntervalMetric::Reserved, IntervalMetric::Sampled] {
            let block = BurstGapLossBuilder { interval_metric, ..default };
            assert_eq!(block.to_vec(), Err(BuildError::OutOfRange { field: "interval_metric" }));
        }
        let block = BurstGapLossBuilder { number_of_bursts: Metric::Value(0xFFE), ..default };
        assert_eq!(block.to_vec(), Err(BuildError::OutOfRange { field: "number_of_bursts" }));
        let block = BurstGapLossBuilder { number_of_bursts: Metric::Value(0xFFD), ..default };
        assert!(block.to_vec().is_ok());
    }

    super::super::fixed::fixed_block_tests!(BurstGapLoss, BurstGapLossBuilder, BLOCK);
}
