//! Loss concealment metrics block (RFC 7294 section 3).
//!
//! ```text
//! |    BT=30      | I |plc|  resv |       block length=6          |
//! |                         SSRC of Source                        |
//! |                 On-Time Playout Duration                      |
//! |                  Loss Concealment Duration                    |
//! |              Buffer Adjustment Concealment Duration           |
//! |    Playout Interrupt Count    |           Reserved            |
//! |                 Mean Playout Interrupt Size                   |
//! ```

use super::fixed::{fixed_block, registry_field};
use super::{IntervalMetric, Metric};
use crate::error::BuildError;
use crate::registry::registry;

registry! {
    /// plc: how lost audio is concealed (RFC 7294 section 3.2). Other codes than those of VoIP metrics.
    ConcealmentMethod(u8) {
        /// Silence is put in.
        SILENCE = 0, "silence insertion";
        /// The last audio again.
        SIMPLE_REPLAY = 1, "simple replay, no attenuation";
        /// The last audio again, ever more quietly.
        ATTENUATED_REPLAY = 2, "simple replay, with attenuation";
        /// Something better.
        ENHANCEMENT = 3, "enhancement";
    }
}

registry_field!(ConcealmentMethod);

fixed_block! {
    /// How much of the audio was played as it was meant to be, and how much had to be made up, read in place.
    ///
    /// The durations are in units of the RTP timestamp: [`Metric::at_clock_rate`] makes a `Duration` of each.
    LossConcealment, LossConcealmentBuilder: LOSS_CONCEALMENT, "loss concealment block", length 6, refuse forbidden;

    /// I: an interval, or cumulative.
    interval_metric as "i": IntervalMetric = 0: 8..10, default IntervalMetric::Interval;
    /// plc: how losses are concealed.
    concealment_method as "plc": ConcealmentMethod = 0: 10..12, default ConcealmentMethod::SILENCE;
    /// The source that it reports on.
    ssrc: u32 = 1: 0..32;
    /// Played as it was sent, comfort noise included.
    on_time_playout_duration: Metric<u32> = 2: 0..32;
    /// Made up for losses.
    loss_concealment_duration: Metric<u32> = 3: 0..32;
    /// Put in or left out to adjust the jitter buffer.
    buffer_adjustment_concealment_duration: Metric<u32> = 4: 0..32;
    /// How often playout was interrupted.
    playout_interrupt_count: Metric<u16> = 5: 0..16;
    /// The mean length of an interruption.
    mean_playout_interrupt_size: Metric<u32> = 6: 0..32;
}

/// What RFC 7294 forbids.
fn forbidden(block: &LossConcealmentBuilder) -> Result<(), BuildError> {
    block.interval_metric.of_a_span()
}

#[cfg(test)]
mod tests {
    extern crate std;
    use core::time::Duration;

    use super::*;
    use crate::encode::Encode;
    use crate::testing::words;

    // RFC 7294 figure 1, row by row; every field another value.
    const BLOCK: [u32; 7] = [
        0x1ea0_0006, // I=10, plc=2
        0x0102_0304, // SSRC
        0x0000_bb80, // on-time playout, 48,000
        0x0000_0960, // loss concealment, 2400
        0x0000_03c0, // buffer adjustment concealment, 960
        0x0007_0000, // playout interrupt count
        0x0000_01e0, // mean playout interrupt size, 480
    ];

    #[test]
    fn reads_every_field() {
        let bytes = words(BLOCK);
        let block = LossConcealment::parse(&bytes).unwrap();
        assert_eq!(block.interval_metric(), IntervalMetric::Interval);
        assert_eq!(block.concealment_method(), ConcealmentMethod::ATTENUATED_REPLAY);
        assert_eq!(block.ssrc(), 0x0102_0304);
        assert_eq!(
            block.on_time_playout_duration().at_clock_rate(48_000),
            Some(Duration::from_secs(1))
        );
        assert_eq!(block.loss_concealment_duration(), Metric::Value(2400));
        assert_eq!(block.buffer_adjustment_concealment_duration(), Metric::Value(960));
        assert_eq!(block.playout_interrupt_count(), Metric::Value(7));
        assert_eq!(block.mean_playout_interrupt_size(), Metric::Value(480));
    }

    #[test]
    fn special_values_are_none() {
        let bytes = words([0x1ea0_0006, 1, u32::MAX, u32::MAX - 1, 0, 0xffff_0000, u32::MAX]);
        let block = LossConcealment::parse(&bytes).unwrap();
        assert_eq!(block.on_time_playout_duration(), Metric::Unavailable);
        assert_eq!(block.loss_concealment_duration(), Metric::OverRange);
        assert_eq!(block.playout_interrupt_count().value(), None);
        assert_eq!(block.mean_playout_interrupt_size().at_clock_rate(8000), None);
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        for interval_metric in [IntervalMetric::Reserved, IntervalMetric::Sampled] {
            let block = LossConcealmentBuilder { interval_metric, ..Default::default() };
            assert_eq!(block.to_vec(), Err(BuildError::OutOfRange { field: "interval_metric" }));
        }
    }

    super::super::fixed::fixed_block_tests!(LossConcealment, LossConcealmentBuilder, BLOCK);
}
