//! Generic frame descriptor 00 (libwebrtc source, rtp_generic_frame_descriptor_extension.cc), which the dependency
//! descriptor has replaced.
//!
//! ```text
//! |B|E|F|L|D|  T  |
//! |spatial layers | frame id, low |frame id, high |  with B; the one little-endian field
//! |             width             |            height             |  with B and not D, optional
//! | fdiff low |X|M|  fdiff high   | ...   with B and D: up to 8, the second byte with X, another one with M
//! ```

use core::fmt;
use core::iter::FusedIterator;

use nom::Parser;
use nom::error::context;

use super::value::{ended, value};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::show::DebugList;
use crate::wire::{array, be_u16, byte};

const FIRST_PACKET: u8 = 0x80;
const LAST_PACKET: u8 = 0x40;
const FIRST_SUB_FRAME: u8 = 0x20;
const LAST_SUB_FRAME: u8 = 0x10;
const DEPENDENCIES: u8 = 8;
const TEMPORAL_LAYER: u8 = 7;

/// Of the byte of a difference: a second byte follows, another difference follows.
const EXTENDED: u8 = 2;
const MORE: u8 = 1;
/// The bits of a difference in its first byte, and in both.
const SHORT_DIFF: u16 = 0x3F;
const LONG_DIFF_MIN: u16 = SHORT_DIFF + 1;
const LONG_DIFF: u16 = 0x3FFF;
/// Differences in an element, at most.
const MAX_DIFFS: usize = 8;

/// How the frame depends on others, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct GenericFrameDescriptor<'a> {
    bytes: &'a [u8],
    flags: u8,
    /// With the first packet of a sub-frame.
    start: Option<Start<'a>>,
}

/// What only the first packet of a sub-frame has.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Start<'a> {
    spatial_layers: u8,
    frame_id: u16,
    resolution: Option<(u16, u16)>,
    diffs: &'a [u8],
}

value!(GenericFrameDescriptor<'a>: GENERIC_FRAME_DESCRIPTOR);

impl<'a> GenericFrameDescriptor<'a> {
    /// Reads the data of an element, all of it.
    ///
    /// # Errors
    /// It ends within a field, goes on behind the last one, or has more than 8 differences.
    #[inline]
    pub fn parse(data: &'a [u8]) -> Result<Self, ParseError> {
        run("generic-frame-descriptor", data, descriptor)
    }

    /// First packet of a sub-frame (B): the fields that are optional here are there.
    #[inline]
    pub const fn first_packet(&self) -> bool {
        self.flags & FIRST_PACKET != 0
    }

    /// Last packet of a sub-frame (E).
    #[inline]
    pub const fn last_packet(&self) -> bool {
        self.flags & LAST_PACKET != 0
    }

    /// First sub-frame of a frame (F). Senders that agreed on it out of band say "discardable" with this bit.
    #[inline]
    pub const fn first_sub_frame(&self) -> bool {
        self.flags & FIRST_SUB_FRAME != 0
    }

    /// Last sub-frame of a frame (L).
    #[inline]
    pub const fn last_sub_frame(&self) -> bool {
        self.flags & LAST_SUB_FRAME != 0
    }

    /// The frame depends on others (D); without meaning but in a first packet.
    #[inline]
    pub const fn has_dependencies(&self) -> bool {
        self.flags & DEPENDENCIES != 0
    }

    /// The temporal layer, 0 to 7 (T); without meaning but in a first packet.
    #[inline]
    pub const fn temporal_layer(&self) -> u8 {
        self.flags & TEMPORAL_LAYER
    }

    /// A bit for each spatial layer that the frame belongs to, the lowest first; in a first packet.
    #[inline]
    pub fn spatial_layers(&self) -> Option<u8> {
        Some(self.start?.spatial_layers)
    }

    /// The frame's number, modulo 2^16; in a first packet.
    #[inline]
    pub fn frame_id(&self) -> Option<u16> {
        Some(self.start?.frame_id)
    }

    /// Width and height in pixels; in the first packet of some frames that depend on none.
    #[inline]
    pub fn resolution(&self) -> Option<(u16, u16)> {
        self.start?.resolution
    }

    /// How far back the frames are that this one depends on: 0 to 16383 each, at most 8.
    #[inline]
    pub fn frame_diffs(&self) -> FrameDiffs<'a> {
        FrameDiffs { rest: self.start.map_or(&[], |start| start.diffs) }
    }
}

#[inline]
fn descriptor(i: &[u8]) -> Step<'_, GenericFrameDescriptor<'_>> {
    let (mut rest, flags) = context("flags", byte).parse(i)?;
    let mut start = None;
    if flags & FIRST_PACKET != 0 {
        let (after, &[spatial_layers, low, high]) = context("frame id", array).parse(rest)?;
        let frame_id = u16::from_le_bytes([low, high]);
        let (mut resolution, mut diffs) = (None, &[][..]);
        rest = after;
        if flags & DEPENDENCIES != 0 {
            let mut more = true;
            for _ in 0..MAX_DIFFS {
                (rest, (_, more)) = context("frame diff", diff).parse(rest)?;
                if !more {
                    break;
                }
            }
            if more {
                let kind = ErrorKind::Count { need: MAX_DIFFS + 1, have: MAX_DIFFS };
                return Err(Fail::field("frame diffs", rest, kind));
            }
            let len = after.len().saturating_sub(rest.len());
            diffs = after.get(..len).unwrap_or_default();
        } else if !rest.is_empty() {
            let (after, width) = context("width", be_u16).parse(rest)?;
            let (after, height) = context("height", be_u16).parse(after)?;
            (rest, resolution) = (after, Some((width, height)));
        }
        start = Some(Start { spatial_layers, frame_id, resolution, diffs });
    }
    ended(i, rest)?;
    Ok((rest, GenericFrameDescriptor { bytes: i, flags, start }))
}

/// One difference, and whether another one follows.
#[inline]
fn diff(i: &[u8]) -> Step<'_, (u16, bool)> {
    let (rest, first) = byte(i)?;
    let (low, more) = (u16::from(first >> 2), first & MORE != 0);
    if first & EXTENDED == 0 {
        return Ok((rest, (low, more)));
    }
    let (rest, high) = byte(rest)?;
    Ok((rest, (u16::from(high) << 6 | low, more)))
}

/// The differences of a [`GenericFrameDescriptor`].
#[derive(Clone, Debug)]
pub struct FrameDiffs<'a> {
    rest: &'a [u8],
}

impl Iterator for FrameDiffs<'_> {
    type Item = u16;

    #[inline]
    fn next(&mut self) -> Option<u16> {
        let (rest, (value, _)) = diff(self.rest).ok()?;
        self.rest = rest;
        Some(value)
    }
}

impl FusedIterator for FrameDiffs<'_> {}

/// The bytes as they were read.
impl Encode for GenericFrameDescriptor<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        self.bytes.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        out.bytes(self.bytes)
    }
}

/// `generic-frame-descriptor BE t=2 layers=0x01 frame=7 diffs [1,64]`
impl fmt::Display for GenericFrameDescriptor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("generic-frame-descriptor ")?;
        let flags = [
            (self.first_packet(), "B"),
            (self.last_packet(), "E"),
            (self.first_sub_frame(), "F"),
            (self.last_sub_frame(), "L"),
        ];
        flags.iter().filter(|flag| flag.0).try_for_each(|flag| f.write_str(flag.1))?;
        let Some(start) = self.start else { return Ok(()) };
        let (layers, frame) = (start.spatial_layers, start.frame_id);
        write!(f, " t={} layers={layers:#04x} frame={frame}", self.temporal_layer())?;
        if let Some((width, height)) = start.resolution {
            write!(f, " {width}x{height}")?;
        }
        write!(f, " diffs {:?}", DebugList(self.frame_diffs()))
    }
}

impl fmt::Debug for GenericFrameDescriptor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GenericFrameDescriptor")
            .field("first_packet", &self.first_packet())
            .field("last_packet", &self.last_packet())
            .field("first_sub_frame", &self.first_sub_frame())
            .field("last_sub_frame", &self.last_sub_frame())
            .field("temporal_layer", &self.temporal_layer())
            .field("spatial_layers", &self.spatial_layers())
            .field("frame_id", &self.frame_id())
            .field("resolution", &self.resolution())
            .field("frame_diffs", &DebugList(self.frame_diffs()))
            .finish()
    }
}

#[cfg(feature = "serde")]
impl super::value::Fields for GenericFrameDescriptor<'_> {
    fn fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("b", &self.first_packet())?;
        map.serialize_entry("e", &self.last_packet())?;
        map.serialize_entry("f", &self.first_sub_frame())?;
        map.serialize_entry("l", &self.last_sub_frame())?;
        map.serialize_entry("d", &self.has_dependencies())?;
        map.serialize_entry("t", &self.temporal_layer())?;
        let Some(start) = self.start else { return Ok(()) };
        map.serialize_entry("spatial_layers", &start.spatial_layers)?;
        map.serialize_entry("frame_id", &start.frame_id)?;
        if let Some((width, height)) = start.resolution {
            map.serialize_entry("width", &width)?;
            map.serialize_entry("height", &height)?;
        }
        map.serialize_entry("fdiffs", &crate::ser::List(self.frame_diffs()))
    }
}

/// A generic frame descriptor to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GenericFrameDescriptorBuilder<'a> {
    /// As [`GenericFrameDescriptor::last_packet`].
    pub last_packet: bool,
    /// As [`GenericFrameDescriptor::first_sub_frame`].
    pub first_sub_frame: bool,
    /// As [`GenericFrameDescriptor::last_sub_frame`].
    pub last_sub_frame: bool,
    /// What the first packet of a sub-frame has more; `None` in any other.
    pub start: Option<GenericFrameStart<'a>>,
}

/// What the first packet of a sub-frame says of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GenericFrameStart<'a> {
    /// As [`GenericFrameDescriptor::temporal_layer`].
    pub temporal_layer: u8,
    /// As [`GenericFrameDescriptor::spatial_layers`].
    pub spatial_layers: u8,
    /// As [`GenericFrameDescriptor::frame_id`].
    pub frame_id: u16,
    /// As [`GenericFrameDescriptor::resolution`]; only without differences.
    pub resolution: Option<(u16, u16)>,
    /// As [`GenericFrameDescriptor::frame_diffs`].
    pub frame_diffs: &'a [u16],
}

impl Encode for GenericFrameDescriptorBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        let Some(start) = self.start else { return 1 };
        let resolution = if start.resolution.is_some() { 4 } else { 0 };
        let long = start.frame_diffs.iter().filter(|&&diff| diff > SHORT_DIFF).count();
        4 + resolution + start.frame_diffs.len().saturating_add(long)
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let mut flags = 0;
        for (set, flag) in [
            (self.last_packet, LAST_PACKET),
            (self.first_sub_frame, FIRST_SUB_FRAME),
            (self.last_sub_frame, LAST_SUB_FRAME),
        ] {
            flags |= if set { flag } else { 0 };
        }
        let Some(start) = self.start else {
            *out.array()? = [flags];
            return Ok(());
        };
        if start.temporal_layer > TEMPORAL_LAYER {
            return Err(BuildError::OutOfRange { field: "temporal layer" });
        }
        if start.frame_diffs.len() > MAX_DIFFS {
            return Err(BuildError::OutOfRange { field: "frame diffs" });
        }
        let dependencies = if start.frame_diffs.is_empty() { 0 } else { DEPENDENCIES };
        let [low, high] = start.frame_id.to_le_bytes();
        let flags = FIRST_PACKET | flags | dependencies | start.temporal_layer;
        *out.array()? = [flags, start.spatial_layers, low, high];
        if let Some((width, height)) = start.resolution {
            if dependencies != 0 {
                return Err(BuildError::OutOfRange { field: "resolution" });
            }
            *out.array()? = width.to_be_bytes();
            *out.array()? = height.to_be_bytes();
        }
        let mut rest = start.frame_diffs;
        while let [diff, after @ ..] = rest {
            rest = after;
            let more = if rest.is_empty() { 0 } else { MORE };
            let [high, low] = (diff << 2).to_be_bytes();
            match *diff {
                ..=SHORT_DIFF => *out.array()? = [low | more],
                LONG_DIFF_MIN..=LONG_DIFF => *out.array()? = [low | EXTENDED | more, high],
                _ => return Err(BuildError::OutOfRange { field: "frame diff" }),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::vec::Vec;

    use super::super::value::check::{both_ways, lossless, not_written, refuses};
    use super::*;

    type Builder<'a> = GenericFrameDescriptorBuilder<'a>;

    /// First and last sub-frame of the frame: the flags of libwebrtc's tests, 0x30.
    const WHOLE: Builder<'_> =
        Builder { last_packet: false, first_sub_frame: true, last_sub_frame: true, start: None };

    /// Reads what `builder` writes; it is `data`.
    fn built(builder: Builder<'_>, data: &[u8]) {
        let mut out = [0xEE; 32];
        assert_eq!(builder.write(&mut out), Ok(data.len()));
        assert_eq!(&out[..data.len()], data);
        let view = GenericFrameDescriptor::parse(data).unwrap();
        both_ways(data, view);
        assert_eq!(view.first_packet(), builder.start.is_some());
        assert_eq!(view.last_packet(), builder.last_packet);
        assert_eq!(view.first_sub_frame(), builder.first_sub_frame);
        assert_eq!(view.last_sub_frame(), builder.last_sub_frame);
        assert_eq!(view.frame_id(), builder.start.map(|start| start.frame_id));
        assert_eq!(view.spatial_layers(), builder.start.map(|start| start.spatial_layers));
        let start = builder.start.unwrap_or_default();
        assert_eq!(view.temporal_layer(), start.temporal_layer);
        assert_eq!(view.resolution(), start.resolution);
        assert_eq!(view.frame_diffs().collect::<Vec<_>>(), start.frame_diffs);
    }

    fn start(frame_diffs: &[u16]) -> Builder<'_> {
        let start = GenericFrameStart { spatial_layers: 1, frame_diffs, ..Default::default() };
        Builder { start: Some(start), ..WHOLE }
    }

    // The vectors of libwebrtc's rtp_generic_frame_descriptor_extension_unittest.cc.

    #[test]
    fn the_first_packet_has_layers_and_a_little_endian_frame_id() {
        let first = GenericFrameStart {
            temporal_layer: 5,
            spatial_layers: 0x49,
            frame_id: 0x3412,
            ..Default::default()
        };
        built(Builder { start: Some(first), ..WHOLE }, &[0xb5, 0x49, 0x12, 0x34]);
    }

    #[test]
    fn any_other_packet_is_one_byte() {
        built(Builder { last_packet: true, ..WHOLE }, &[0x70]);
        built(WHOLE, &[0x30]);
        built(Builder::default(), &[0]);
        let kind = ErrorKind::Length { found: 2, have: 1 };
        refuses::<GenericFrameDescriptor<'_>>(&[0x30, 1], "element length", 1, kind);
    }

    #[test]
    fn differences_take_one_byte_or_two() {
        built(start(&[1]), &[0xb8, 1, 0, 0, 0x04]);
        built(start(&[0x3f]), &[0xb8, 1, 0, 0, 0xfc]);
        built(start(&[0x40]), &[0xb8, 1, 0, 0, 0x02, 0x01]);
        built(start(&[0x7654 >> 2]), &[0xb8, 1, 0, 0, 0x54 | 0x02, 0x76]);
        built(start(&[0x3fff]), &[0xb8, 1, 0, 0, 0xfe, 0xff]);
        built(start(&[9, 15]), &[0xb8, 1, 0, 0, 9 << 2 | 1, 15 << 2]);
        built(
            start(&[0x3fff; 8]),
            &[
                0xb8, 1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                0xff, 0xff, 0xff, 0xfe, 0xff,
            ],
        );
    }

    #[test]
    fn a_frame_without_dependencies_may_have_a_resolution() {
        let first = GenericFrameStart {
            spatial_layers: 1,
            resolution: Some((0x2468, 0x6543)),
            ..Default::default()
        };
        let data = [0xb0, 1, 0, 0, 0x24, 0x68, 0x65, 0x43];
        built(Builder { start: Some(first), ..WHOLE }, &data);
        let kind = ErrorKind::Truncated { need: 2, have: 1 };
        refuses::<GenericFrameDescriptor<'_>>(&data[..5], "width", 4, kind);
        refuses::<GenericFrameDescriptor<'_>>(&data[..7], "height", 6, kind);
    }

    #[test]
    fn cut_and_overlong_data_is_refused() {
        let refused = |data: &[u8], field, offset, kind| {
            refuses::<GenericFrameDescriptor<'_>>(data, field, offset, kind);
        };
        let short = |need, have| ErrorKind::Truncated { need, have };
        refused(&[], "flags", 0, short(1, 0));
        refused(&[0x80], "frame id", 1, short(3, 0));
        refused(&[0x80, 1, 0], "frame id", 1, short(3, 2));
        refused(&[0x88, 1, 0, 0], "frame diff", 4, short(1, 0));
        refused(&[0x88, 1, 0, 0, 0x02], "frame diff", 5, short(1, 0));
        refused(&[0x88, 1, 0, 0, 0x05], "frame diff", 5, short(1, 0));
        let long = ErrorKind::Length { found: 6, have: 5 };
        refused(&[0x88, 1, 0, 0, 4, 4], "element length", 5, long);
        let nine = [0x88, 1, 0, 0, 5, 5, 5, 5, 5, 5, 5, 5, 4];
        refused(&nine, "frame diffs", 12, ErrorKind::Count { need: 9, have: 8 });
    }

    #[test]
    fn what_does_not_fit_is_not_written() {
        not_written(&start(&[0x4000]), "frame diff");
        not_written(&start(&[1; 9]), "frame diffs");
        let with = |change: fn(&mut GenericFrameStart<'_>)| {
            let mut first = GenericFrameStart { frame_diffs: &[1], ..Default::default() };
            change(&mut first);
            Builder { start: Some(first), ..WHOLE }
        };
        not_written(&with(|first| first.temporal_layer = 8), "temporal layer");
        not_written(&with(|first| first.resolution = Some((1, 1))), "resolution");
    }

    proptest! {
        #[test]
        fn whatever_is_read_is_written_again(data in prop::collection::vec(any::<u8>(), 0..24)) {
            lossless::<GenericFrameDescriptor<'_>>(&data);
        }
    }
}
