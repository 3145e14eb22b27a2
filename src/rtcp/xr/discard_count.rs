//! Discard count metrics block (RFC 7002 section 3).
//!
//! ```text
//! |     BT=24     | I |DT |  resv |      Block Length = 2         |
//! |                        SSRC of Source                         |
//! |                        Discard Count                          |
//! ```

use super::fixed::{fixed_block, registry_field};
use super::{IntervalMetric, Metric};
use crate::error::BuildError;
use crate::registry::registry;

registry! {
    /// DT: why packets were discarded (RFC 7002 section 3.2); 3 is reserved.
    DiscardType(u8) {
        /// They were there already.
        DUPLICATE = 0, "duplicate";
        /// Too early to be played out.
        EARLY = 1, "early";
        /// Too late to be played out.
        LATE = 2, "late";
    }
}

registry_field!(DiscardType);

fixed_block! {
    /// Packets discarded for one reason, read in place.
    DiscardCount, DiscardCountBuilder: DISCARD_COUNT, "discard count block", length 2, refuse forbidden;

    /// I: an interval, or cumulative.
    interval_metric as "i": IntervalMetric = 0: 8..10, default IntervalMetric::Interval;
    /// DT: the reason.
    discard_type as "dt": DiscardType = 0: 10..12, default DiscardType::DUPLICATE;
    /// The source that it reports on.
    ssrc: u32 = 1: 0..32;
    /// Packets discarded.
    discard_count: Metric<u32> = 2: 0..32;
}

/// What RFC 7002 forbids.
fn forbidden(block: &DiscardCountBuilder) -> Result<(), BuildError> {
    block.interval_metric.of_a_span()?;
    if block.discard_type.0 > 2 {
        return Err(BuildError::OutOfRange { field: "discard_type" });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::encode::Encode;
    use crate::testing::words;

    // RFC 7002 figure 1, row by row: I=10, DT=10; SSRC; discard count.
    const BLOCK: [u32; 3] = [0x18a0_0002, 0x0102_0304, 0x1112_1314];

    #[test]
    fn reads_every_field() {
        let bytes = words(BLOCK);
        let block = DiscardCount::parse(&bytes).unwrap();
        assert_eq!(block.interval_metric(), IntervalMetric::Interval);
        assert_eq!((block.discard_type(), block.ssrc()), (DiscardType::LATE, 0x0102_0304));
        assert_eq!(block.discard_count(), Metric::Value(0x1112_1314));
        let count =
            |count| DiscardCount::parse(&words([0x1880_0002, 1, count])).unwrap().discard_count();
        assert_eq!(
            (count(u32::MAX), count(u32::MAX - 1)),
            (Metric::Unavailable, Metric::OverRange)
        );
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        let default = DiscardCountBuilder::default();
        let block = DiscardCountBuilder { interval_metric: IntervalMetric::Sampled, ..default };
        assert_eq!(block.to_vec(), Err(BuildError::OutOfRange { field: "interval_metric" }));
        let block = DiscardCountBuilder { discard_type: DiscardType(3), ..default };
        assert_eq!(block.to_vec(), Err(BuildError::OutOfRange { field: "discard_type" }));
    }

    super::super::fixed::fixed_block_tests!(DiscardCount, DiscardCountBuilder, BLOCK);
}
