//! Bytes discarded report block (RFC 7243 section 3).
//!
//! ```text
//! |     BT=26     | I |E|Reserved |       Block length=2          |
//! |                        SSRC of source                         |
//! |             Number of RTP payload bytes discarded             |
//! ```

use super::IntervalMetric;
use super::fixed::fixed_block;
use crate::error::BuildError;

fixed_block! {
    /// Bytes of payload discarded for coming too early or too late, read in place.
    BytesDiscarded, BytesDiscardedBuilder: BYTES_DISCARDED, "bytes discarded block", length 2, refuse forbidden;

    /// I: an interval, or cumulative.
    interval_metric as "i": IntervalMetric = 0: 8..10, default IntervalMetric::Interval;
    /// E: too early; else too late.
    early as "e": bool = 0: 10..11;
    /// The source that it reports on.
    ssrc: u32 = 1: 0..32;
    /// Bytes of payload, without header extensions and padding.
    payload_bytes_discarded: u32 = 2: 0..32;
}

/// What RFC 7243 forbids.
fn forbidden(block: &BytesDiscardedBuilder) -> Result<(), BuildError> {
    block.interval_metric.of_a_span()
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::encode::Encode;
    use crate::testing::words;

    // RFC 7243 figure 1, row by row: I=11, E=1; SSRC; bytes.
    const BLOCK: [u32; 3] = [0x1ae0_0002, 0x0102_0304, 0xffff_ffff];

    #[test]
    fn reads_every_field() {
        let bytes = words(BLOCK);
        let block = BytesDiscarded::parse(&bytes).unwrap();
        assert_eq!((block.interval_metric(), block.early()), (IntervalMetric::Cumulative, true));
        assert_eq!((block.ssrc(), block.payload_bytes_discarded()), (0x0102_0304, u32::MAX));
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        for interval_metric in [IntervalMetric::Reserved, IntervalMetric::Sampled] {
            let block = BytesDiscardedBuilder { interval_metric, ..Default::default() };
            assert_eq!(block.to_vec(), Err(BuildError::OutOfRange { field: "interval_metric" }));
        }
    }

    super::super::fixed::fixed_block_tests!(BytesDiscarded, BytesDiscardedBuilder, BLOCK);
}
