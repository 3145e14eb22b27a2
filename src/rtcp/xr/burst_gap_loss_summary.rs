//! Burst/gap loss summary statistics block (RFC 7004 section 3.1).
//!
//! ```text
//! |      BT=17    | I | Reserved  |        Block Length = 3       |
//! |                         SSRC of Source                        |
//! |        Burst Loss Rate        |         Gap Loss Rate         |
//! |       Burst Duration Mean     |    Burst Duration Variance    |
//! ```

use core::time::Duration;

use super::IntervalMetric;
use super::fixed::{fixed_block, rate};
use crate::error::BuildError;

fixed_block! {
    /// How much is lost within bursts of losses and between them, read in place; `None` is what is not available.
    BurstGapLossSummary, BurstGapLossSummaryBuilder: BURST_GAP_LOSS_SUMMARY,
    "burst/gap loss summary block", length 3, refuse forbidden;

    /// I: any but 0.
    interval_metric as "i": IntervalMetric = 0: 8..10, default IntervalMetric::Interval;
    /// The source that it reports on.
    ssrc: u32 = 1: 0..32;
    /// The part of the packets lost within bursts, in 1/32768: at most 32,768.
    burst_loss_rate: Option<u16> = 2: 0..16;
    /// The part of the packets lost between bursts, in 1/32768: at most 32,768.
    gap_loss_rate: Option<u16> = 2: 16..32;
    /// The mean length of a burst, in ms.
    burst_duration_mean: Option<u16> = 3: 0..16;
    /// The variance of that length, in ms².
    burst_duration_variance: Option<u16> = 3: 16..32;
}

impl BurstGapLossSummary<'_> {
    /// The part of the packets lost within bursts, 0 to 1.
    #[inline]
    pub fn burst_loss(&self) -> Option<f32> {
        self.burst_loss_rate().map(rate)
    }

    /// The part of the packets lost between bursts, 0 to 1.
    #[inline]
    pub fn gap_loss(&self) -> Option<f32> {
        self.gap_loss_rate().map(rate)
    }

    /// The mean length of a burst.
    #[inline]
    pub fn mean_burst_duration(&self) -> Option<Duration> {
        self.burst_duration_mean().map(|mean| Duration::from_millis(mean.into()))
    }
}

/// What RFC 7004 forbids: the reserved interval, a rate above 1.
fn forbidden(block: &BurstGapLossSummaryBuilder) -> Result<(), BuildError> {
    block.interval_metric.of_either()?;
    super::fixed::check_rate("burst_loss_rate", block.burst_loss_rate)?;
    super::fixed::check_rate("gap_loss_rate", block.gap_loss_rate)
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::encode::Encode;
    use crate::testing::words;

    // RFC 7004 section 3.1.1, row by row; every field another value.
    const BLOCK: [u32; 4] = [
        0x1180_0003, // I=10
        0x0102_0304, // SSRC
        0x4000_2000, // burst loss rate 1/2, gap loss rate 1/4
        0x0078_0064, // mean 120 ms, variance 100
    ];

    #[test]
    fn reads_every_field() {
        let bytes = words(BLOCK);
        let block = BurstGapLossSummary::parse(&bytes).unwrap();
        assert_eq!(
            (block.interval_metric(), block.ssrc()),
            (IntervalMetric::Interval, 0x0102_0304)
        );
        assert_eq!((block.burst_loss_rate(), block.gap_loss_rate()), (Some(0x4000), Some(0x2000)));
        assert_eq!((block.burst_loss(), block.gap_loss()), (Some(0.5), Some(0.25)));
        assert_eq!(block.burst_duration_mean(), Some(120));
        assert_eq!(block.mean_burst_duration(), Some(Duration::from_millis(120)));
        assert_eq!(block.burst_duration_variance(), Some(100));
    }

    #[test]
    fn all_bits_set_is_unavailable() {
        let bytes = words([0x1140_0003, 1, u32::MAX, u32::MAX]);
        let block = BurstGapLossSummary::parse(&bytes).unwrap();
        assert_eq!((block.burst_loss(), block.gap_loss()), (None, None));
        assert_eq!((block.mean_burst_duration(), block.burst_duration_variance()), (None, None));
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        let default = BurstGapLossSummaryBuilder::default();
        let block = BurstGapLossSummaryBuilder { gap_loss_rate: Some(0x8001), ..default };
        assert_eq!(block.to_vec(), Err(BuildError::OutOfRange { field: "gap_loss_rate" }));
        let block = BurstGapLossSummaryBuilder { burst_loss_rate: Some(0x8000), ..default };
        assert!(block.to_vec().is_ok());
        let block =
            BurstGapLossSummaryBuilder { interval_metric: IntervalMetric::Reserved, ..default };
        assert_eq!(block.to_vec(), Err(BuildError::OutOfRange { field: "interval_metric" }));
    }

    super::super::fixed::fixed_block_tests!(BurstGapLossSummary, BurstGapLossSummaryBuilder, BLOCK);
}
