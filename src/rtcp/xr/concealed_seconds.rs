//! Concealed seconds metrics block (RFC 7294 section 4).
//!
//! ```text
//! |    BT=31      | I |plc|  resv |       block length=4          |
//! |                         SSRC of Source                        |
//! |                    Unimpaired Seconds                         |
//! |                    Concealed Seconds                          |
//! | Severely Concealed Seconds    | Reserved      | SCS Threshold |
//! ```

use super::fixed::fixed_block;
use super::{ConcealmentMethod, IntervalMetric, Metric};
use crate::error::BuildError;

fixed_block! {
    /// Seconds of audio with and without losses concealed, read in place.
    ConcealedSeconds, ConcealedSecondsBuilder: CONCEALED_SECONDS, "concealed seconds block", length 4, refuse forbidden;

    /// I: an interval, or cumulative.
    interval_metric as "i": IntervalMetric = 0: 8..10, default IntervalMetric::Interval;
    /// plc: how losses are concealed.
    concealment_method as "plc": ConcealmentMethod = 0: 10..12, default ConcealmentMethod::SILENCE;
    /// The source that it reports on.
    ssrc: u32 = 1: 0..32;
    /// Seconds without a loss or a late discard.
    unimpaired_seconds: Metric<u32> = 2: 0..32;
    /// Seconds with one, severe ones included.
    concealed_seconds: Metric<u32> = 3: 0..32;
    /// Seconds in which more than the threshold was lost.
    severely_concealed_seconds: Metric<u16> = 4: 0..16;
    /// That threshold: the part of a second's packets, in 1/256. The RFC suggests 13, 5 percent.
    scs_threshold: u8 = 4: 24..32, default 13;
}

/// What RFC 7294 forbids.
fn forbidden(block: &ConcealedSecondsBuilder) -> Result<(), BuildError> {
    block.interval_metric.of_a_span()
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::encode::Encode;
    use crate::testing::words;

    // RFC 7294 figure 2, row by row; every field another value.
    const BLOCK: [u32; 5] = [
        0x1ff0_0004, // I=11, plc=3
        0x0102_0304, // SSRC
        0x0000_0e10, // unimpaired seconds, 3600
        0x0000_003c, // concealed seconds, 60
        0x0005_000d, // severely concealed seconds, SCS threshold
    ];

    #[test]
    fn reads_every_field() {
        let bytes = words(BLOCK);
        let block = ConcealedSeconds::parse(&bytes).unwrap();
        assert_eq!(block.interval_metric(), IntervalMetric::Cumulative);
        assert_eq!(block.concealment_method(), ConcealmentMethod::ENHANCEMENT);
        assert_eq!((block.ssrc(), block.unimpaired_seconds()), (0x0102_0304, Metric::Value(3600)));
        assert_eq!(block.concealed_seconds(), Metric::Value(60));
        assert_eq!(
            (block.severely_concealed_seconds(), block.scs_threshold()),
            (Metric::Value(5), 13)
        );
        let bytes = words([0x1ff0_0004, 1, u32::MAX, u32::MAX - 1, 0xfffe_000d]);
        let block = ConcealedSeconds::parse(&bytes).unwrap();
        assert_eq!(block.unimpaired_seconds(), Metric::Unavailable);
        assert_eq!(block.concealed_seconds(), Metric::OverRange);
        assert_eq!(block.severely_concealed_seconds(), Metric::OverRange);
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        for interval_metric in [IntervalMetric::Reserved, IntervalMetric::Sampled] {
            let block = ConcealedSecondsBuilder { interval_metric, ..Default::default() };
            assert_eq!(block.to_vec(), Err(BuildError::OutOfRange { field: "interval_metric" }));
        }
    }

    super::super::fixed::fixed_block_tests!(ConcealedSeconds, ConcealedSecondsBuilder, BLOCK);
}
