//! Independent burst/gap discard metrics block (RFC 8015 section 3).
//!
//! ```text
//! |     BT=35     | I |   resv    |      Block Length = 5         |
//! |                        SSRC of Source                         |
//! |   Threshold   |         Sum of Burst Durations (ms)           |
//! |          Packets Discarded in Bursts          |    Number of  |
//! |    Bursts     |           Total Packets Expected in Bursts    |
//! |                        Discard Count                          |
//! ```

use core::time::Duration;

use super::fixed::fixed_block;
use super::{IntervalMetric, Metric};
use crate::error::BuildError;

fixed_block! {
    /// Bursts of discards, on their own, without regard to losses, read in place.
    IndependentBurstGapDiscard, IndependentBurstGapDiscardBuilder: INDEPENDENT_BURST_GAP_DISCARD,
    "independent burst/gap discard block", length 5, refuse forbidden;

    /// I: an interval, or cumulative.
    interval_metric as "i": IntervalMetric = 0: 8..10, default IntervalMetric::Interval;
    /// The source that it reports on.
    ssrc: u32 = 1: 0..32;
    /// Gmin: so many packets not discarded one behind the other end a burst (RFC 3611 section 4.7.2).
    threshold: u8 = 2: 0..8;
    /// The length of all bursts together, in ms; 24 bits.
    sum_burst_durations_ms: Metric<u32> = 2: 8..32;
    /// Packets discarded in bursts; 24 bits.
    packets_discarded_in_bursts: Metric<u32> = 3: 0..24;
    /// Bursts.
    number_of_bursts: Metric<u16> = 3: 24..40;
    /// Packets expected in bursts, received or lost; 24 bits.
    total_packets_expected_in_bursts: Metric<u32> = 4: 8..32;
    /// Packets discarded, in bursts or not.
    discard_count: Metric<u32> = 5: 0..32;
}

impl IndependentBurstGapDiscard<'_> {
    /// The length of all bursts together.
    #[inline]
    pub fn sum_of_burst_durations(&self) -> Option<Duration> {
        self.sum_burst_durations_ms().as_millis()
    }
}

/// What RFC 8015 forbids.
fn forbidden(block: &IndependentBurstGapDiscardBuilder) -> Result<(), BuildError> {
    block.interval_metric.of_a_span()
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::encode::Encode;
    use crate::testing::words;

    // RFC 8015 figure 1, row by row; every field another value.
    const BLOCK: [u32; 6] = [
        0x2380_0005, // I=10
        0x0102_0304, // SSRC
        0x1000_0078, // threshold 16, sum of burst durations 120 ms
        0x2122_2341, // packets discarded in bursts, number of...
        0x4231_3233, // ...bursts, total packets expected in bursts
        0x5152_5354, // discard count
    ];

    #[test]
    fn reads_every_field() {
        let bytes = words(BLOCK);
        let block = IndependentBurstGapDiscard::parse(&bytes).unwrap();
        assert_eq!(
            (block.interval_metric(), block.ssrc()),
            (IntervalMetric::Interval, 0x0102_0304)
        );
        assert_eq!((block.threshold(), block.sum_burst_durations_ms()), (16, Metric::Value(120)));
        assert_eq!(block.sum_of_burst_durations(), Some(Duration::from_millis(120)));
        assert_eq!(block.packets_discarded_in_bursts(), Metric::Value(0x21_2223));
        assert_eq!(block.number_of_bursts(), Metric::Value(0x4142));
        assert_eq!(block.total_packets_expected_in_bursts(), Metric::Value(0x31_3233));
        assert_eq!(block.discard_count(), Metric::Value(0x5152_5354));
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        for interval_metric in [IntervalMetric::Reserved, IntervalMetric::Sampled] {
            let block = IndependentBurstGapDiscardBuilder { interval_metric, ..Default::default() };
            assert_eq!(block.to_vec(), Err(BuildError::OutOfRange { field: "interval_metric" }));
        }
    }

    super::super::fixed::fixed_block_tests!(
        IndependentBurstGapDiscard,
        IndependentBurstGapDiscardBuilder,
        BLOCK
    );
}
