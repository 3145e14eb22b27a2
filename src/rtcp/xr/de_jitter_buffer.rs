//! De-jitter buffer metrics block (RFC 7005 section 4).
//!
//! ```text
//! |     BT=23    | I |C|  resv    |       Block Length=3          |  (the RFC draws I one column too far left)
//! |                           SSRC of Source                      |
//! |          DJB nominal          |        DJB maximum            |
//! |     DJB high-water mark       |      DJB low-water mark       |
//! ```

use super::fixed::fixed_block;
use super::{IntervalMetric, Metric};
use crate::error::BuildError;

fixed_block! {
    /// The jitter buffer's delays, read in place; [`Metric::as_millis`] makes a `Duration` of each.
    DeJitterBuffer, DeJitterBufferBuilder: DE_JITTER_BUFFER, "de-jitter buffer block", length 3, refuse forbidden;

    /// I: sampled.
    interval_metric as "i": IntervalMetric = 0: 8..10, default IntervalMetric::Sampled;
    /// C: the buffer is adaptive; else fixed.
    adaptive as "c": bool = 0: 10..11;
    /// The source that it reports on.
    ssrc: u32 = 1: 0..32;
    /// The delay of a packet that comes at the right moment, in ms.
    djb_nominal: Metric<u16> = 2: 0..16;
    /// The delay of the earliest packet that is not discarded, in ms.
    djb_maximum: Metric<u16> = 2: 16..32;
    /// The highest nominal delay since the last report, in ms; of a fixed buffer its maximum.
    djb_high_water_mark: Metric<u16> = 3: 0..16;
    /// The lowest nominal delay since the last report, in ms; of a fixed buffer its maximum.
    djb_low_water_mark: Metric<u16> = 3: 16..32;
}

/// What RFC 7005 forbids: another interval; of a fixed buffer water marks that are not its maximum.
fn forbidden(block: &DeJitterBufferBuilder) -> Result<(), BuildError> {
    block.interval_metric.of_an_instant()?;
    let marks = [block.djb_high_water_mark, block.djb_low_water_mark];
    if !block.adaptive && marks != [block.djb_maximum; 2] {
        return Err(BuildError::OutOfRange { field: "water mark of a fixed buffer" });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    extern crate std;
    use core::time::Duration;

    use super::*;
    use crate::encode::Encode;
    use crate::testing::words;

    // RFC 7005 figure 1, row by row; every field another value.
    const BLOCK: [u32; 4] = [
        0x1760_0003, // I=01, C=1
        0x0102_0304, // SSRC
        0x0014_0028, // nominal 20 ms, maximum 40 ms
        0x001e_000a, // high-water mark 30 ms, low-water mark 10 ms
    ];

    #[test]
    fn reads_every_field() {
        let bytes = words(BLOCK);
        let block = DeJitterBuffer::parse(&bytes).unwrap();
        assert_eq!((block.interval_metric(), block.adaptive()), (IntervalMetric::Sampled, true));
        assert_eq!(block.ssrc(), 0x0102_0304);
        assert_eq!(
            (block.djb_nominal(), block.djb_maximum()),
            (Metric::Value(20), Metric::Value(40))
        );
        assert_eq!(block.djb_high_water_mark(), Metric::Value(30));
        assert_eq!(block.djb_low_water_mark().as_millis(), Some(Duration::from_millis(10)));
        let bytes = words([0x1760_0003, 1, 0xffff_fffe, u32::MAX]);
        let block = DeJitterBuffer::parse(&bytes).unwrap();
        assert_eq!(
            (block.djb_nominal(), block.djb_maximum()),
            (Metric::Unavailable, Metric::OverRange)
        );
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        let default = DeJitterBufferBuilder::default();
        let block = DeJitterBufferBuilder { interval_metric: IntervalMetric::Interval, ..default };
        assert_eq!(block.to_vec(), Err(BuildError::OutOfRange { field: "interval_metric" }));
        let block = DeJitterBufferBuilder { djb_maximum: Metric::Value(40), ..default };
        let field = "water mark of a fixed buffer";
        assert_eq!(block.to_vec(), Err(BuildError::OutOfRange { field }));
        assert!(DeJitterBufferBuilder { adaptive: true, ..block }.to_vec().is_ok());
    }

    super::super::fixed::fixed_block_tests!(DeJitterBuffer, DeJitterBufferBuilder, BLOCK);
}
