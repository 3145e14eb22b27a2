//! RTP flows synchronisation offset metrics block (RFC 7244 section 4).
//!
//! ```text
//! |    BT=28      | I | Reserved  |         Block length=3        |
//! |                        SSRC of source                         |
//! |         Synchronization Offset, most significant word         |
//! |         Synchronization Offset, least significant word        |
//! ```

use core::fmt;

use super::IntervalMetric;
use super::fixed::{Field, fixed_block};
use crate::error::BuildError;

/// A span with sign, in units of 2^-32 s: the form of an NTP timestamp, in two's complement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NtpOffset(pub i64);

impl NtpOffset {
    /// In nanoseconds, to the nearest.
    #[inline]
    pub fn as_nanos(self) -> i64 {
        let (seconds, fraction) = (self.0 >> 32, self.0 & 0xFFFF_FFFF);
        seconds * 1_000_000_000 + ((fraction * 1_000_000_000 + (1 << 31)) >> 32)
    }
}

/// `-0.250000000`: seconds, to the nearest nanosecond.
impl fmt::Display for NtpOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.as_nanos();
        let (sign, nanos) = (if nanos < 0 { "-" } else { "" }, nanos.unsigned_abs());
        write!(f, "{sign}{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000)
    }
}

impl Field for NtpOffset {
    #[inline]
    fn from_bits(bits: u64, _: usize) -> Self {
        Self(bits.cast_signed())
    }

    #[inline]
    fn to_bits(self, _: usize) -> Option<u64> {
        Some(self.0.cast_unsigned())
    }

    fn show(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }

    /// The two words as they are on the wire.
    #[cfg(feature = "serde")]
    fn entry<M: serde::ser::SerializeMap>(
        self,
        map: &mut M,
        keys: (&'static str, &'static str),
        width: usize,
    ) -> Result<(), M::Error> {
        crate::ntp::NtpTime(self.0.cast_unsigned()).entry(map, keys, width)
    }
}

fixed_block! {
    /// How far a stream is off a reference stream of the same CNAME, read in place.
    SyncOffset, SyncOffsetBuilder: SYNC_OFFSET, "synchronization offset block", length 3, refuse forbidden;

    /// I: any but 0.
    interval_metric as "i": IntervalMetric = 0: 8..10, default IntervalMetric::Interval;
    /// The stream that it reports on.
    ssrc: u32 = 1: 0..32;
    /// How far it leads before the reference stream; below 0 it lags behind. `None` if that is not available.
    sync_offset as "sync_offset_sec" "sync_offset_frac": Option<NtpOffset> = 2: 0..64;
}

/// What RFC 7244 forbids.
fn forbidden(block: &SyncOffsetBuilder) -> Result<(), BuildError> {
    block.interval_metric.of_either()
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::string::ToString;

    use super::*;
    use crate::encode::Encode;
    use crate::testing::words;

    // RFC 7244 figure 2, row by row: I=01; SSRC; -0.25 s.
    const BLOCK: [u32; 4] = [0x1c40_0003, 0x0102_0304, 0xffff_ffff, 0xc000_0000];

    #[test]
    fn reads_every_field() {
        let bytes = words(BLOCK);
        let block = SyncOffset::parse(&bytes).unwrap();
        assert_eq!((block.interval_metric(), block.ssrc()), (IntervalMetric::Sampled, 0x0102_0304));
        assert_eq!(block.sync_offset(), Some(NtpOffset(-1 << 30)));
        assert_eq!(block.sync_offset().unwrap().as_nanos(), -250_000_000);
        assert_eq!(block.sync_offset().unwrap().to_string(), "-0.250000000");
    }

    #[test]
    fn leading_lagging_and_unavailable() {
        let offset = |high, low| {
            let bytes = words([0x1c40_0003, 1, high, low]);
            SyncOffset::parse(&bytes).unwrap().sync_offset().map(NtpOffset::as_nanos)
        };
        assert_eq!(offset(1, 1 << 31), Some(1_500_000_000));
        assert_eq!(offset(0xffff_fffe, 1 << 31), Some(-1_500_000_000));
        assert_eq!(offset(0, 0), Some(0));
        assert_eq!(offset(u32::MAX, u32::MAX), None);
        assert_eq!(NtpOffset(i64::MIN).as_nanos(), -(1 << 31) * 1_000_000_000);
        let block = SyncOffsetBuilder { sync_offset: Some(NtpOffset(-1)), ..Default::default() };
        assert_eq!(block.to_vec(), Err(BuildError::OutOfRange { field: "sync_offset" }));
    }

    super::super::fixed::fixed_block_tests!(SyncOffset, SyncOffsetBuilder, BLOCK);
}
