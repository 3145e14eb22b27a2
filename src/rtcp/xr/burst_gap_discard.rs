//! Burst/gap discard metrics block (RFC 7003 section 3).
//!
//! ```text
//! |     BT=21     | I |   resv    |      Block Length = 3         |
//! |                        SSRC of Source                         |
//! |   Threshold   |         Packets Discarded in Bursts           |
//! |       Total Packets Expected in Bursts        |   Reserved    |
//! ```
//!
//! The RFC's figure and text print BT=20, which is the burst/gap loss block; the registry and erratum 3735 have 21. A
//! block of type 20 is this one where its length is 3, as the other one's is always 5; 21 is what is built.

use super::fixed::fixed_block;
use super::{IntervalMetric, Metric};
use crate::error::BuildError;

fixed_block! {
    /// Bursts of discards, read in place.
    BurstGapDiscard, BurstGapDiscardBuilder: BURST_GAP_DISCARD or BURST_GAP_LOSS,
    "burst/gap discard block", length 3, refuse forbidden;

    /// I: an interval, or cumulative.
    interval_metric as "i": IntervalMetric = 0: 8..10, default IntervalMetric::Interval;
    /// The source that it reports on.
    ssrc: u32 = 1: 0..32;
    /// Gmin: so many packets not discarded one behind the other end a burst (RFC 3611 section 4.7.2).
    threshold: u8 = 2: 0..8;
    /// Packets discarded in bursts; 24 bits.
    packets_discarded_in_bursts: Metric<u32> = 2: 8..32;
    /// Packets expected in bursts, received or lost; 24 bits.
    total_packets_expected_in_bursts: Metric<u32> = 3: 0..24;
}

/// What RFC 7003 forbids.
fn forbidden(block: &BurstGapDiscardBuilder) -> Result<(), BuildError> {
    block.interval_metric.of_a_span()
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::encode::Encode;
    use crate::rtcp::xr::Block;
    use crate::testing::words;

    // RFC 7003 figure 1, row by row, with the type of the registry; every field another value.
    const BLOCK: [u32; 4] = [
        0x15c0_0003, // I=11
        0x0102_0304, // SSRC
        0x1021_2223, // threshold, packets discarded in bursts
        0x3132_3300, // total packets expected in bursts
    ];

    #[test]
    fn reads_every_field() {
        let bytes = words(BLOCK);
        let block = BurstGapDiscard::parse(&bytes).unwrap();
        assert_eq!(
            (block.interval_metric(), block.ssrc()),
            (IntervalMetric::Cumulative, 0x0102_0304)
        );
        assert_eq!(block.threshold(), 16);
        assert_eq!(block.packets_discarded_in_bursts(), Metric::Value(0x21_2223));
        assert_eq!(block.total_packets_expected_in_bursts(), Metric::Value(0x31_3233));
    }

    #[test]
    fn the_type_that_the_rfc_prints_is_read_too() {
        let mut bytes = words(BLOCK);
        bytes[0] = 20;
        let Ok(Block::BurstGapDiscard(block)) = Block::parse(&bytes) else { panic!() };
        assert_eq!(block.threshold(), 16);
        assert_eq!(block.to_vec().unwrap(), bytes, "kept where the view is written");
        assert_eq!(
            BurstGapDiscardBuilder::from(block).to_vec().unwrap(),
            words(BLOCK),
            "built as 21"
        );
        #[cfg(feature = "serde")]
        {
            let json = serde_json::to_value(block).unwrap();
            assert_eq!((&json["block_type"], &json["type"]), (&20.into(), &"bgd".into()));
        }
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        for interval_metric in [IntervalMetric::Reserved, IntervalMetric::Sampled] {
            let block = BurstGapDiscardBuilder { interval_metric, ..Default::default() };
            assert_eq!(block.to_vec(), Err(BuildError::OutOfRange { field: "interval_metric" }));
        }
    }

    super::super::fixed::fixed_block_tests!(BurstGapDiscard, BurstGapDiscardBuilder, BLOCK);
}
