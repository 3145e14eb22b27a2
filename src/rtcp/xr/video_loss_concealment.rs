//! Video loss concealment report block (RFC 7867 section 4).
//!
//! ```text
//! |    BT=34      | I | V |  RSV  |     Block Length = 5 or 4     |
//! |                         SSRC of Source                        |
//! |                       Impaired Duration                       |
//! |                      Concealed Duration                       |
//! |                  Mean Frame Freeze Duration                   |  where V=10, and the length is 5
//! |    MIFP       |    MCFP       |     FFSC      |     Reserved  |
//! ```

use core::fmt;

use super::fixed::{Field, bits, registry_field};
use super::raw::{block_header, block_of, wrong_length};
use super::{BlockType, IntervalMetric, Metric};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::registry::registry;

const HEAD_LEN: usize = 16;
const TAIL_LEN: usize = 4;
const FREEZE_LEN: usize = 4;

registry! {
    /// V: how lost video is concealed (RFC 7867 section 4.1); 0 and 1 are reserved.
    VideoConcealmentMethod(u8) {
        /// The picture stands still.
        FRAME_FREEZE = 2, "frame freeze";
        /// Anything else.
        OTHER = 3, "other";
    }
}

registry_field!(VideoConcealmentMethod);

/// How much of a video was impaired, and how that was concealed, read in place.
///
/// The durations are in units of the RTP timestamp: [`Metric::at_clock_rate`] makes a `Duration` of each.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct VideoLossConcealment<'a> {
    head: &'a [u8; HEAD_LEN],
    freeze: Option<&'a [u8; FREEZE_LEN]>,
    tail: &'a [u8; TAIL_LEN],
}

impl<'a> VideoLossConcealment<'a> {
    /// Reads the block at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another block type; a block length that is not 5 with V=10, 4 with V=11, or either with another V; fewer bytes
    /// than it says.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("video loss concealment block", bytes, Self::block)
    }

    /// The block, its length checked: after this no accessor can fail.
    #[inline]
    pub(crate) fn block(i: &'a [u8]) -> Step<'a, Self> {
        let (rest, raw) = block_of(BlockType::VIDEO_LOSS_CONCEALMENT)(i)?;
        let method = VideoConcealmentMethod(raw.type_specific() >> 4 & 3);
        let (with, without) = (HEAD_LEN + FREEZE_LEN + TAIL_LEN, HEAD_LEN + TAIL_LEN);
        let len = match (method, raw.as_bytes().len()) {
            (VideoConcealmentMethod::FRAME_FREEZE, _) => with,
            (VideoConcealmentMethod::OTHER, _) => without,
            (_, len) if len == with => with,
            _ => without,
        };
        if let Some((head, left)) = raw.as_bytes().split_first_chunk()
            && let Some((left, tail)) = left.split_last_chunk()
            && raw.as_bytes().len() == len
        {
            return Ok((rest, Self { head, freeze: left.first_chunk(), tail }));
        }
        Err(wrong_length(raw, len))
    }

    /// I: an interval, or cumulative.
    #[inline]
    pub fn interval_metric(&self) -> IntervalMetric {
        IntervalMetric::from_bits(bits(self.head, 8, 10), 2)
    }

    /// V: how losses are concealed.
    #[inline]
    pub fn method(&self) -> VideoConcealmentMethod {
        VideoConcealmentMethod::from_bits(bits(self.head, 10, 12), 2)
    }

    /// The source that it reports on.
    #[inline]
    pub fn ssrc(&self) -> u32 {
        u32::from_bits(bits(self.head, 32, 64), 32)
    }

    /// Video impaired by losses, before anything was done about it.
    #[inline]
    pub fn impaired_duration(&self) -> Metric<u32> {
        Metric::from_bits(bits(self.head, 64, 96), 32)
    }

    /// Video concealed by this method.
    #[inline]
    pub fn concealed_duration(&self) -> Metric<u32> {
        Metric::from_bits(bits(self.head, 96, 128), 32)
    }

    /// The mean time that a picture stood still, in units of the RTP timestamp; only of frame freeze.
    #[inline]
    pub fn mean_frame_freeze_duration(&self) -> Option<u32> {
        self.freeze.map(|&bytes| u32::from_be_bytes(bytes))
    }

    /// MIFP: the mean part of a frame that was impaired, in 1/256.
    #[inline]
    pub const fn mean_impaired_frame_proportion(&self) -> u8 {
        let [mifp, ..] = *self.tail;
        mifp
    }

    /// MCFP: the mean part of a frame that was concealed, in 1/256.
    #[inline]
    pub const fn mean_concealed_frame_proportion(&self) -> u8 {
        let [_, mcfp, ..] = *self.tail;
        mcfp
    }

    /// FFSC: the part of the frames in which anything was concealed, in 1/256; 255 for all.
    #[inline]
    pub const fn fraction_of_frames_concealed(&self) -> u8 {
        let [_, _, ffsc, _] = *self.tail;
        ffsc
    }
}

impl fmt::Display for VideoLossConcealment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VLC interval_metric=")?;
        self.interval_metric().show(f)?;
        write!(f, " method={} ssrc={:#010x} impaired=", self.method(), self.ssrc())?;
        self.impaired_duration().show(f)?;
        f.write_str(" concealed=")?;
        self.concealed_duration().show(f)?;
        if let Some(mean) = self.mean_frame_freeze_duration() {
            write!(f, " mean_freeze={mean}")?;
        }
        write!(f, " mifp={}/256", self.mean_impaired_frame_proportion())?;
        write!(f, " mcfp={}/256", self.mean_concealed_frame_proportion())?;
        write!(f, " ffsc={}/256", self.fraction_of_frames_concealed())
    }
}

impl fmt::Debug for VideoLossConcealment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VideoLossConcealment")
            .field("interval_metric", &self.interval_metric())
            .field("method", &self.method())
            .field("ssrc", &self.ssrc())
            .field("impaired_duration", &self.impaired_duration())
            .field("concealed_duration", &self.concealed_duration())
            .field("mean_frame_freeze_duration", &self.mean_frame_freeze_duration())
            .field("mean_impaired_frame_proportion", &self.mean_impaired_frame_proportion())
            .field("mean_concealed_frame_proportion", &self.mean_concealed_frame_proportion())
            .field("fraction_of_frames_concealed", &self.fraction_of_frames_concealed())
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for VideoLossConcealment<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        let (block_type, len) = (BlockType::VIDEO_LOSS_CONCEALMENT, self.encoded_len());
        super::raw::serialize_block_header(&mut map, block_type, len)?;
        self.interval_metric().entry(&mut map, ("i", ""), 2)?;
        map.serialize_entry("v", &self.method().0)?;
        map.serialize_entry("ssrc", &self.ssrc())?;
        self.impaired_duration().entry(&mut map, ("impaired_duration", ""), 32)?;
        self.concealed_duration().entry(&mut map, ("concealed_duration", ""), 32)?;
        if let Some(mean) = self.mean_frame_freeze_duration() {
            map.serialize_entry("mean_frame_freeze_duration", &mean)?;
        }
        map.serialize_entry("mifp", &self.mean_impaired_frame_proportion())?;
        map.serialize_entry("mcfp", &self.mean_concealed_frame_proportion())?;
        map.serialize_entry("ffsc", &self.fraction_of_frames_concealed())?;
        map.end()
    }
}

/// Byte for byte as it was read.
impl Encode for VideoLossConcealment<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        HEAD_LEN + self.freeze.map_or(0, |freeze| freeze.len()) + TAIL_LEN
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        *out.array()? = *self.head;
        if let Some(freeze) = self.freeze {
            *out.array()? = *freeze;
        }
        *out.array()? = *self.tail;
        Ok(())
    }
}

/// A [`VideoLossConcealment`] to be written, or a view's by `From`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VideoLossConcealmentBuilder {
    /// As [`VideoLossConcealment::interval_metric`]; every field points to its accessor so.
    pub interval_metric: IntervalMetric,
    /// As [`VideoLossConcealment::method`].
    pub method: VideoConcealmentMethod,
    /// As [`VideoLossConcealment::ssrc`].
    pub ssrc: u32,
    /// As [`VideoLossConcealment::impaired_duration`].
    pub impaired_duration: Metric<u32>,
    /// As [`VideoLossConcealment::concealed_duration`].
    pub concealed_duration: Metric<u32>,
    /// As [`VideoLossConcealment::mean_frame_freeze_duration`]; there exactly where the method is frame freeze.
    pub mean_frame_freeze_duration: Option<u32>,
    /// As [`VideoLossConcealment::mean_impaired_frame_proportion`].
    pub mean_impaired_frame_proportion: u8,
    /// As [`VideoLossConcealment::mean_concealed_frame_proportion`].
    pub mean_concealed_frame_proportion: u8,
    /// As [`VideoLossConcealment::fraction_of_frames_concealed`].
    pub fraction_of_frames_concealed: u8,
}

impl Default for VideoLossConcealmentBuilder {
    fn default() -> Self {
        Self {
            interval_metric: IntervalMetric::Interval,
            method: VideoConcealmentMethod::OTHER,
            ssrc: 0,
            impaired_duration: Metric::Unavailable,
            concealed_duration: Metric::Unavailable,
            mean_frame_freeze_duration: None,
            mean_impaired_frame_proportion: 0,
            mean_concealed_frame_proportion: 0,
            fraction_of_frames_concealed: 0,
        }
    }
}

impl From<VideoLossConcealment<'_>> for VideoLossConcealmentBuilder {
    fn from(block: VideoLossConcealment<'_>) -> Self {
        Self {
            interval_metric: block.interval_metric(),
            method: block.method(),
            ssrc: block.ssrc(),
            impaired_duration: block.impaired_duration(),
            concealed_duration: block.concealed_duration(),
            mean_frame_freeze_duration: block.mean_frame_freeze_duration(),
            mean_impaired_frame_proportion: block.mean_impaired_frame_proportion(),
            mean_concealed_frame_proportion: block.mean_concealed_frame_proportion(),
            fraction_of_frames_concealed: block.fraction_of_frames_concealed(),
        }
    }
}

impl Encode for VideoLossConcealmentBuilder {
    #[inline]
    fn encoded_len(&self) -> usize {
        HEAD_LEN + self.mean_frame_freeze_duration.map_or(0, |_| FREEZE_LEN) + TAIL_LEN
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        self.interval_metric.of_a_span()?;
        match (self.method, self.mean_frame_freeze_duration) {
            (VideoConcealmentMethod::FRAME_FREEZE, Some(_)) => {}
            (VideoConcealmentMethod::OTHER, None) => {}
            (VideoConcealmentMethod::FRAME_FREEZE | VideoConcealmentMethod::OTHER, _) => {
                return Err(BuildError::OutOfRange { field: "mean_frame_freeze_duration" });
            }
            _ => return Err(BuildError::OutOfRange { field: "method" }),
        }
        let interval = if self.interval_metric == IntervalMetric::Cumulative { 0xC0 } else { 0x80 };
        let type_specific = interval | self.method.0 << 4;
        let block_type = BlockType::VIDEO_LOSS_CONCEALMENT;
        *out.array()? = block_header(block_type, type_specific, self.encoded_len())?;
        *out.array()? = self.ssrc.to_be_bytes();
        *out.array()? = word("impaired_duration", self.impaired_duration)?;
        *out.array()? = word("concealed_duration", self.concealed_duration)?;
        if let Some(mean) = self.mean_frame_freeze_duration {
            *out.array()? = mean.to_be_bytes();
        }
        *out.array()? = [
            self.mean_impaired_frame_proportion,
            self.mean_concealed_frame_proportion,
            self.fraction_of_frames_concealed,
            0,
        ];
        Ok(())
    }
}

/// A value of 32 bits as it is on the wire.
fn word(field: &'static str, value: Metric<u32>) -> Result<[u8; 4], BuildError> {
    let bits = value.to_bits(32).ok_or(BuildError::OutOfRange { field })?;
    Ok(u32::from_bits(bits, 32).to_be_bytes())
}

#[cfg(test)]
mod tests {
    extern crate std;
    use core::time::Duration;
    use proptest::prelude::*;

    use super::*;
    use crate::error::ErrorKind;
    use crate::testing::{refuses_every_truncation, words};

    // RFC 7867 figure 1, row by row; every field another value: I=10, V=10, with the freeze duration.
    const FREEZE: [u32; 6] = [0x22a0_0005, 0x0102_0304, 90_000, 45_000, 0x2122_2324, 0x3132_3300];
    // The same with I=11, V=11, without it.
    const OTHER: [u32; 5] = [0x22f0_0004, 0x0102_0304, u32::MAX, u32::MAX - 1, 0x3132_3300];

    #[test]
    fn reads_every_field() {
        let bytes = words(FREEZE);
        let block = VideoLossConcealment::parse(&bytes).unwrap();
        assert_eq!(block.interval_metric(), IntervalMetric::Interval);
        assert_eq!(block.method(), VideoConcealmentMethod::FRAME_FREEZE);
        assert_eq!((block.ssrc(), block.impaired_duration()), (0x0102_0304, Metric::Value(90_000)));
        let concealed = block.concealed_duration().at_clock_rate(90_000);
        assert_eq!(concealed, Some(Duration::from_millis(500)));
        assert_eq!(block.mean_frame_freeze_duration(), Some(0x2122_2324));
        assert_eq!(block.mean_impaired_frame_proportion(), 0x31);
        assert_eq!(block.mean_concealed_frame_proportion(), 0x32);
        assert_eq!(block.fraction_of_frames_concealed(), 0x33);
        let bytes = words(OTHER);
        let block = VideoLossConcealment::parse(&bytes).unwrap();
        assert_eq!(block.interval_metric(), IntervalMetric::Cumulative);
        assert_eq!(block.method(), VideoConcealmentMethod::OTHER);
        assert_eq!(block.impaired_duration(), Metric::Unavailable);
        assert_eq!(block.concealed_duration(), Metric::OverRange);
        assert_eq!(block.mean_frame_freeze_duration(), None);
        assert_eq!(block.mean_impaired_frame_proportion(), 0x31);
    }

    #[test]
    fn writes_what_it_reads_and_refuses_truncations() {
        for bytes in [words(FREEZE), words(OTHER)] {
            let block = VideoLossConcealment::parse(&bytes).unwrap();
            assert_eq!(VideoLossConcealmentBuilder::from(block).to_vec().unwrap(), bytes);
            assert_eq!(block.to_vec().unwrap(), bytes);
            refuses_every_truncation(&bytes, VideoLossConcealment::parse);
        }
    }

    #[test]
    fn the_length_has_to_be_that_of_the_method() {
        let refused = |words: &[u32]| {
            let bytes = crate::testing::words(words);
            let error = VideoLossConcealment::parse(&bytes).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let kind = ErrorKind::Length { found: 20, have: 24 };
        assert_eq!(refused(&[0x22a0_0004, 1, 2, 3, 4]), ("block length", 2, kind));
        let kind = ErrorKind::Length { found: 24, have: 20 };
        assert_eq!(refused(&[0x22b0_0005, 1, 2, 3, 4, 5]), ("block length", 2, kind));
        let kind = ErrorKind::Length { found: 16, have: 20 };
        assert_eq!(refused(&[0x2280_0003, 1, 2, 3]), ("block length", 2, kind));
        // Reserved methods are read in either length.
        assert!(VideoLossConcealment::parse(&words([0x2280_0004, 1, 2, 3, 4])).is_ok());
        assert!(VideoLossConcealment::parse(&words([0x2290_0005, 1, 2, 3, 4, 5])).is_ok());
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        let refused = |block: VideoLossConcealmentBuilder| match block.to_vec() {
            Err(BuildError::OutOfRange { field }) => field,
            other => panic!("{other:?}"),
        };
        let block = VideoLossConcealmentBuilder::default();
        let sampled = IntervalMetric::Sampled;
        let interval = VideoLossConcealmentBuilder { interval_metric: sampled, ..block };
        assert_eq!(refused(interval), "interval_metric");
        let method = VideoConcealmentMethod(1);
        assert_eq!(refused(VideoLossConcealmentBuilder { method, ..block }), "method");
        let method = VideoConcealmentMethod::FRAME_FREEZE;
        let without = VideoLossConcealmentBuilder { method, ..block };
        assert_eq!(refused(without), "mean_frame_freeze_duration");
        let high =
            VideoLossConcealmentBuilder { impaired_duration: Metric::Value(u32::MAX), ..block };
        assert_eq!(refused(high), "impaired_duration");
    }

    proptest! {
        #[test]
        fn what_parses_is_written_again(
            cumulative in any::<bool>(),
            freeze in prop::option::of(any::<u32>()),
            [ssrc, impaired, concealed] in any::<[u32; 3]>(),
            [mifp, mcfp, ffsc] in any::<[u8; 3]>(),
        ) {
            let interval = if cumulative { 0xC0 } else { 0x80 };
            let (method, length) = if freeze.is_some() { (0x20, 5) } else { (0x30, 4) };
            let mut bytes = std::vec![34, interval | method, 0, length];
            bytes.extend(words([ssrc, impaired, concealed]));
            bytes.extend(freeze.iter().flat_map(|mean| mean.to_be_bytes()));
            bytes.extend([mifp, mcfp, ffsc, 0]);
            let block = VideoLossConcealment::parse(&bytes).unwrap();
            prop_assert_eq!(VideoLossConcealmentBuilder::from(block).to_vec().unwrap(), bytes);
        }
    }
}
