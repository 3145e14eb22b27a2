//! Burst/gap discard summary statistics block (RFC 7004 section 3.2).
//!
//! ```text
//! |      BT=18    | I |  Reserved |        Block Length = 2       |
//! |                          SSRC of Source                       |
//! |          Burst Discard Rate   |        Gap Discard Rate       |
//! ```

use super::IntervalMetric;
use super::fixed::{fixed_block, rate};
use crate::error::BuildError;

fixed_block! {
    /// How much is discarded within bursts of discards and between them, read in place; `None` is what is not
    /// available.
    BurstGapDiscardSummary, BurstGapDiscardSummaryBuilder: BURST_GAP_DISCARD_SUMMARY,
    "burst/gap discard summary block", length 2, refuse forbidden;

    /// I: any but 0.
    interval_metric as "i": IntervalMetric = 0: 8..10, default IntervalMetric::Interval;
    /// The source that it reports on.
    ssrc: u32 = 1: 0..32;
    /// The part of the packets discarded within bursts, in 1/32768: at most 32,768.
    burst_discard_rate: Option<u16> = 2: 0..16;
    /// The part of the packets discarded between bursts, in 1/32768: at most 32,768.
    gap_discard_rate: Option<u16> = 2: 16..32;
}

impl BurstGapDiscardSummary<'_> {
    /// The part of the packets discarded within bursts, 0 to 1.
    #[inline]
    pub fn burst_discard(&self) -> Option<f32> {
        self.burst_discard_rate().map(rate)
    }

    /// The part of the packets discarded between bursts, 0 to 1.
    #[inline]
    pub fn gap_discard(&self) -> Option<f32> {
        self.gap_discard_rate().map(rate)
    }
}

/// What RFC 7004 forbids: the reserved interval, a rate above 1.
fn forbidden(block: &BurstGapDiscardSummaryBuilder) -> Result<(), BuildError> {
    block.interval_metric.of_either()?;
    super::fixed::check_rate("burst_discard_rate", block.burst_discard_rate)?;
    super::fixed::check_rate("gap_discard_rate", block.gap_discard_rate)
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::encode::Encode;
    use crate::testing::words;

    // RFC 7004 section 3.2.1, row by row: I=11, SSRC, the two rates.
    const BLOCK: [u32; 3] = [0x12c0_0002, 0x0102_0304, 0x8000_1000];

    #[test]
    fn reads_every_field() {
        let bytes = words(BLOCK);
        let block = BurstGapDiscardSummary::parse(&bytes).unwrap();
        assert_eq!(
            (block.interval_metric(), block.ssrc()),
            (IntervalMetric::Cumulative, 0x0102_0304)
        );
        assert_eq!(
            (block.burst_discard_rate(), block.gap_discard_rate()),
            (Some(0x8000), Some(0x1000))
        );
        assert_eq!((block.burst_discard(), block.gap_discard()), (Some(1.0), Some(0.125)));
        let bytes = words([0x1240_0002, 1, u32::MAX]);
        let block = BurstGapDiscardSummary::parse(&bytes).unwrap();
        assert_eq!((block.burst_discard(), block.gap_discard()), (None, None));
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        let block = BurstGapDiscardSummaryBuilder {
            burst_discard_rate: Some(0x8001),
            ..Default::default()
        };
        assert_eq!(block.to_vec(), Err(BuildError::OutOfRange { field: "burst_discard_rate" }));
    }

    super::super::fixed::fixed_block_tests!(
        BurstGapDiscardSummary,
        BurstGapDiscardSummaryBuilder,
        BLOCK
    );
}
