//! MOS metrics block (RFC 7266 section 3).
//!
//! ```text
//! |     BT=29     | I |  Reserved |       Block Length            |
//! |                        SSRC of source                         |
//! |S|     CAID      |    PT       |           MOS Value           |  single-channel segment, S=0
//! |S|     CAID      |    PT       |CHID |        MOS Value        |  multi-channel segment, S=1
//! |                              ...                              |  more of the same kind
//! ```

use core::fmt;

use super::fixed::{Field, bits, set_bits};
use super::raw::{block_header, listed};
use super::{BlockType, IntervalMetric, Metric};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::show::DebugList;

const HEAD_LEN: usize = 8;

/// Mean opinion scores of a source, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MosMetrics<'a> {
    head: &'a [u8; HEAD_LEN],
    segments: &'a [[u8; 4]],
}

impl<'a> MosMetrics<'a> {
    /// Reads the block at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another block type, a block length of 0, fewer bytes than it says.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("MOS metrics block", bytes, Self::block)
    }

    /// The block, its length checked: after this no accessor and no iterator can fail.
    #[inline]
    pub(crate) fn block(i: &'a [u8]) -> Step<'a, Self> {
        let (rest, (head, segments)) = listed(BlockType::MOS)(i)?;
        Ok((rest, Self { head, segments }))
    }

    /// I: an interval, or cumulative.
    #[inline]
    pub fn interval_metric(&self) -> IntervalMetric {
        IntervalMetric::from_bits(bits(self.head, 8, 10), 2)
    }

    /// The source that it reports on.
    #[inline]
    pub const fn ssrc(&self) -> u32 {
        let [.., a, b, c, d] = *self.head;
        u32::from_be_bytes([a, b, c, d])
    }

    /// The scores; the standard has all of them of one kind.
    #[inline]
    pub fn segments(&self) -> impl ExactSizeIterator<Item = MosSegment> + Clone + use<'a> {
        self.segments.iter().map(MosSegment::new)
    }
}

/// One score, read or to be written (RFC 7266 sections 3.2.1 and 3.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MosSegment {
    /// S=0: of a stream of one channel.
    SingleChannel {
        /// CAID: how it is calculated, as SDP's `calg` numbers it.
        algorithm: u8,
        /// PT: the payload type.
        payload_type: u8,
        /// The score in 1/512.
        mos: Metric<u16>,
    },
    /// S=1: of one channel among several in a stream.
    MultiChannel {
        /// CAID: how it is calculated, as SDP's `calg` numbers it.
        algorithm: u8,
        /// PT: the payload type.
        payload_type: u8,
        /// CHID: the channel, 0 to 7.
        channel: u8,
        /// The score in 1/64; 13 bits.
        mos: Metric<u16>,
    },
}

impl MosSegment {
    /// Its bytes on the wire.
    pub const LEN: usize = 4;

    /// Any 4 bytes are a segment.
    #[inline]
    pub fn new(bytes: &[u8; Self::LEN]) -> Self {
        let algorithm = u8::from_bits(bits(bytes, 1, 9), 8);
        let payload_type = u8::from_bits(bits(bytes, 9, 16), 7);
        if bits(bytes, 0, 1) == 0 {
            let mos = Metric::from_bits(bits(bytes, 16, 32), 16);
            return Self::SingleChannel { algorithm, payload_type, mos };
        }
        let channel = u8::from_bits(bits(bytes, 16, 19), 3);
        let mos = Metric::from_bits(bits(bytes, 19, 32), 13);
        Self::MultiChannel { algorithm, payload_type, channel, mos }
    }

    /// The score as a number, on the scale of its algorithm: 1 to 5, 0 to 10, 0 to 100.
    #[inline]
    pub fn score(&self) -> Option<f32> {
        match self {
            Self::SingleChannel { mos, .. } => mos.value().map(|value| f32::from(value) / 512.0),
            Self::MultiChannel { mos, .. } => mos.value().map(|value| f32::from(value) / 64.0),
        }
    }

    /// As it is on the wire.
    ///
    /// # Errors
    /// A payload type over 127, a channel over 7, a score that does not fit.
    #[inline]
    pub fn to_bytes(self) -> Result<[u8; Self::LEN], BuildError> {
        let mut bytes = [0; Self::LEN];
        let mut set = |field, first, end, value: Option<u64>| {
            value
                .and_then(|value| set_bits(&mut bytes, first, end, value))
                .ok_or(BuildError::OutOfRange { field })
        };
        match self {
            Self::SingleChannel { algorithm, payload_type, mos } => {
                set("algorithm", 1, 9, Some(algorithm.into()))?;
                set("payload_type", 9, 16, Some(payload_type.into()))?;
                set("mos", 16, 32, mos.to_bits(16))?;
            }
            Self::MultiChannel { algorithm, payload_type, channel, mos } => {
                set("S", 0, 1, Some(1))?;
                set("algorithm", 1, 9, Some(algorithm.into()))?;
                set("payload_type", 9, 16, Some(payload_type.into()))?;
                set("channel", 16, 19, Some(channel.into()))?;
                set("mos", 19, 32, mos.to_bits(13))?;
            }
        }
        Ok(bytes)
    }
}

/// `caid=1 pt=96 mos=4.25`, with `channel=2` where there are several.
impl fmt::Display for MosSegment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::SingleChannel { algorithm, payload_type, mos }
        | Self::MultiChannel { algorithm, payload_type, mos, .. }) = *self;
        write!(f, "caid={algorithm} pt={payload_type}")?;
        if let Self::MultiChannel { channel, .. } = self {
            write!(f, " channel={channel}")?;
        }
        f.write_str(" mos=")?;
        match self.score() {
            Some(score) => write!(f, "{score}"),
            None => mos.show(f),
        }
    }
}

impl fmt::Display for MosMetrics<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MOS interval_metric=")?;
        self.interval_metric().show(f)?;
        write!(f, " ssrc={:#010x}", self.ssrc())?;
        self.segments().try_for_each(|segment| write!(f, " [{segment}]"))
    }
}

impl fmt::Debug for MosMetrics<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MosMetrics")
            .field("interval_metric", &self.interval_metric())
            .field("ssrc", &self.ssrc())
            .field("segments", &DebugList(self.segments()))
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for MosSegment {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        match *self {
            Self::SingleChannel { algorithm, payload_type, mos } => {
                map.serialize_entry("s", &0)?;
                map.serialize_entry("caid", &algorithm)?;
                map.serialize_entry("pt", &payload_type)?;
                mos.entry(&mut map, ("mos", ""), 16)?;
            }
            Self::MultiChannel { algorithm, payload_type, channel, mos } => {
                map.serialize_entry("s", &1)?;
                map.serialize_entry("caid", &algorithm)?;
                map.serialize_entry("pt", &payload_type)?;
                map.serialize_entry("chid", &channel)?;
                mos.entry(&mut map, ("mos", ""), 13)?;
            }
        }
        map.end()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for MosMetrics<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        super::raw::serialize_block_header(&mut map, BlockType::MOS, self.encoded_len())?;
        self.interval_metric().entry(&mut map, ("i", ""), 2)?;
        map.serialize_entry("ssrc", &self.ssrc())?;
        map.serialize_entry("segments", &crate::ser::List(self.segments()))?;
        map.end()
    }
}

/// Byte for byte as it was read.
impl Encode for MosMetrics<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        HEAD_LEN + self.segments.as_flattened().len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        *out.array()? = *self.head;
        out.bytes(self.segments.as_flattened())
    }
}

/// A [`MosMetrics`] to be written, or a view's by `From`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MosMetricsBuilder<'a> {
    /// As [`MosMetrics::interval_metric`]; every field points to its accessor so.
    pub interval_metric: IntervalMetric,
    /// As [`MosMetrics::ssrc`].
    pub ssrc: u32,
    /// In wire form, all of one kind: from [`MosSegment::to_bytes`], or from a view.
    pub segments: &'a [[u8; MosSegment::LEN]],
}

impl Default for MosMetricsBuilder<'_> {
    fn default() -> Self {
        Self { interval_metric: IntervalMetric::Interval, ssrc: 0, segments: &[] }
    }
}

impl<'a> From<MosMetrics<'a>> for MosMetricsBuilder<'a> {
    fn from(block: MosMetrics<'a>) -> Self {
        let (interval_metric, ssrc) = (block.interval_metric(), block.ssrc());
        Self { interval_metric, ssrc, segments: block.segments }
    }
}

impl Encode for MosMetricsBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        HEAD_LEN + self.segments.as_flattened().len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        self.interval_metric.of_a_span()?;
        let mut kinds = self.segments.iter().map(|&[first, ..]| first & 0x80);
        if let Some(kind) = kinds.next()
            && kinds.any(|another| another != kind)
        {
            return Err(BuildError::OutOfRange { field: "segments of two kinds" });
        }
        let type_specific = match self.interval_metric {
            IntervalMetric::Cumulative => 0xC0,
            _ => 0x80,
        };
        *out.array()? = block_header(BlockType::MOS, type_specific, self.encoded_len())?;
        *out.array()? = self.ssrc.to_be_bytes();
        out.bytes(self.segments.as_flattened())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;
    use crate::error::ErrorKind;
    use crate::testing::{refuses_every_truncation, words};

    // RFC 7266 section 3.1 with the segment of 3.2.1: S=0, CAID=3, PT=96, MOS 4.25 as 7:9.
    const SINGLE: [u32; 3] = [0x1d80_0002, 0x0102_0304, 3 << 23 | 96 << 16 | 0x0880];
    // The same with segments of 3.2.2: S=1, CAID=255, PT=97, CHID 5, MOS 3.5 as 7:6; and one that is not available.
    const MULTI: [u32; 4] = [
        0x1dc0_0003,
        0x0102_0304,
        1 << 31 | 255 << 23 | 97 << 16 | 5 << 13 | 0x00e0,
        1 << 31 | 255 << 23 | 97 << 16 | 6 << 13 | 0x1fff,
    ];

    #[test]
    fn reads_a_segment_of_one_channel() {
        let bytes = words(SINGLE);
        let block = MosMetrics::parse(&bytes).unwrap();
        assert_eq!(
            (block.interval_metric(), block.ssrc()),
            (IntervalMetric::Interval, 0x0102_0304)
        );
        let mos = Metric::Value(0x880);
        let segment = MosSegment::SingleChannel { algorithm: 3, payload_type: 96, mos };
        assert!(block.segments().eq([segment]));
        assert_eq!(segment.score(), Some(4.25));
        let line = "MOS interval_metric=interval ssrc=0x01020304 [caid=3 pt=96 mos=4.25]";
        assert_eq!(block.to_string(), line);
        assert_eq!(segment.to_bytes().unwrap(), bytes[8..]);
        assert_eq!(MosMetricsBuilder::from(block).to_vec().unwrap(), bytes);
        refuses_every_truncation(&bytes, MosMetrics::parse);
    }

    #[test]
    fn reads_segments_of_several_channels() {
        let bytes = words(MULTI);
        let block = MosMetrics::parse(&bytes).unwrap();
        assert_eq!(block.interval_metric(), IntervalMetric::Cumulative);
        let segments: Vec<_> = block.segments().collect();
        let segment = |channel, mos| MosSegment::MultiChannel {
            algorithm: 255,
            payload_type: 97,
            channel,
            mos,
        };
        assert_eq!(segments, [segment(5, Metric::Value(0xE0)), segment(6, Metric::Unavailable)]);
        assert_eq!((segments[0].score(), segments[1].score()), (Some(3.5), None));
        assert_eq!(MosMetricsBuilder::from(block).to_vec().unwrap(), bytes);
    }

    #[test]
    fn refuses_a_block_without_its_source() {
        let bytes = words([0x1d80_0000]);
        let error = MosMetrics::parse(&bytes).unwrap_err();
        let kind = ErrorKind::Length { found: 4, have: 8 };
        assert_eq!((error.field, error.offset, error.kind), ("block length", 2, kind));
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        for interval_metric in [IntervalMetric::Reserved, IntervalMetric::Sampled] {
            let block = MosMetricsBuilder { interval_metric, ..Default::default() };
            assert_eq!(block.to_vec(), Err(BuildError::OutOfRange { field: "interval_metric" }));
        }
        let mixed = [[0, 0, 0, 0], [0x80, 0, 0, 0]];
        let block = MosMetricsBuilder { segments: &mixed, ..Default::default() };
        let field = "segments of two kinds";
        assert_eq!(block.to_vec(), Err(BuildError::OutOfRange { field }));
        let refused = |segment: MosSegment| match segment.to_bytes() {
            Err(BuildError::OutOfRange { field }) => field,
            other => panic!("{other:?}"),
        };
        let (algorithm, payload_type, channel) = (0, 0, 0);
        let mos = Metric::Value(0xFFFE);
        assert_eq!(refused(MosSegment::SingleChannel { algorithm, payload_type, mos }), "mos");
        let mos = Metric::Value(0x1FFE);
        assert_eq!(
            refused(MosSegment::MultiChannel { algorithm, payload_type, channel, mos }),
            "mos"
        );
        let mos = Metric::OverRange;
        let segment = MosSegment::MultiChannel { algorithm, payload_type, channel: 8, mos };
        assert_eq!(refused(segment), "channel");
        let segment = MosSegment::SingleChannel { algorithm, payload_type: 128, mos };
        assert_eq!(refused(segment), "payload_type");
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(ssrc in any::<u32>(), values in prop::collection::vec(any::<[u8; 4]>(), 0..20)) {
            let segments: Vec<_> = values.iter().map(|&[first, rest @ ..]| {
                let bytes = [first | 0x80, rest[0], rest[1], rest[2]];
                let segment = MosSegment::new(&bytes).to_bytes().unwrap();
                assert_eq!(segment, bytes);
                segment
            }).collect();
            let interval_metric = IntervalMetric::Cumulative;
            let builder = MosMetricsBuilder { interval_metric, ssrc, segments: &segments };
            let bytes = builder.to_vec().unwrap();
            prop_assert_eq!(MosMetricsBuilder::from(MosMetrics::parse(&bytes).unwrap()), builder);
        }
    }
}
