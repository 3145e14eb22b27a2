//! Video layers allocation 00 (libwebrtc, rtp-hdrext/video-layers-allocation00).
//!
//! ```text
//! |RID| NS| sl_bm |
//! |sl0_bm |sl1_bm |  up to 2 bytes, only if sl_bm is 0: a nibble for each RTP stream
//! |#tl|#tl|#tl|#tl|  up to 4 bytes: 2 bits for each spatial layer
//! | target bitrates in kbit/s, leb128, one for each temporal layer ...
//! |           width - 1           |          height - 1           |  5 bytes for each spatial layer, optional
//! | max framerate |
//! ```

use core::fmt;
use core::iter::FusedIterator;

use nom::Parser;
use nom::error::context;

use super::value::{ended, value};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::show::DebugList;
use crate::wire::{byte, bytes};

/// RTP streams, spatial layers of each, and temporal layers of each of those, at most.
const MAX: u8 = 4;

/// Which layers the sender sends, and what it gives each of them, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct VideoLayersAllocation<'a> {
    bytes: &'a [u8],
    /// A nibble for each RTP stream, the first one lowest.
    active: u16,
    /// 2 bits for each spatial layer that is active, from the front.
    temporal: &'a [u8],
    bitrates: &'a [u8],
    resolutions: &'a [[u8; 5]],
}

value!(VideoLayersAllocation<'a>: VIDEO_LAYERS_ALLOCATION);

impl<'a> VideoLayersAllocation<'a> {
    /// Reads the data of an element, all of it.
    ///
    /// # Errors
    /// It ends within a field; a bitrate above 2^32 - 1 kbit/s; behind the bitrates something that is not 5 bytes for each
    /// layer.
    #[inline]
    pub fn parse(data: &'a [u8]) -> Result<Self, ParseError> {
        run("video-layers-allocation", data, allocation)
    }

    /// Nothing is sent at all: a single byte 0.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.active == 0
    }

    /// Which of the RTP streams this one is, 0 to 3.
    #[inline]
    pub fn rtp_stream_index(&self) -> u8 {
        self.first() >> 6
    }

    /// The number of RTP streams, 1 to 4.
    #[inline]
    pub fn rtp_streams(&self) -> u8 {
        (self.first() >> 4 & 3) + 1
    }

    /// A bit for each spatial layer of this RTP stream that is active, the lowest first.
    #[inline]
    pub const fn active_spatial_layers(&self, rtp_stream: u8) -> u8 {
        match rtp_stream {
            0..MAX => (self.active >> (rtp_stream * 4)).to_be_bytes()[1] & 15,
            _ => 0,
        }
    }

    /// The active spatial layers, by RTP stream and then by spatial layer: 0 to 16 of them.
    #[inline]
    pub const fn layers(&self) -> AllocatedLayers<'a> {
        AllocatedLayers {
            left: self.active,
            index: 0,
            temporal: self.temporal,
            bitrates: self.bitrates,
            resolutions: self.resolutions,
        }
    }

    #[inline]
    fn first(&self) -> u8 {
        self.bytes.first().copied().unwrap_or_default()
    }
}

#[inline]
fn allocation(i: &[u8]) -> Step<'_, VideoLayersAllocation<'_>> {
    let (rest, first) = context("layers", byte).parse(i)?;
    let none = VideoLayersAllocation {
        bytes: i,
        active: 0,
        temporal: &[],
        bitrates: &[],
        resolutions: &[],
    };
    if i == [0] {
        return Ok((rest, none));
    }
    let (common, more) = (first & 15, first >> 5 & 1 != 0);
    let (rest, active) = match (common, more) {
        (0, false) => {
            let (rest, a) = context("layers of each stream", byte).parse(rest)?;
            (rest, [a, 0])
        }
        (0, true) => {
            let (rest, both) = context("layers of each stream", bytes(2)).parse(rest)?;
            (rest, <[u8; 2]>::try_from(both).unwrap_or_default())
        }
        _ => (rest, [common << 4 | common; 2]),
    };
    // Nibbles in wire order, the first in the high bits; only those of streams that there are.
    let [a, b, c, d] = [active[0] >> 4, active[0] & 15, active[1] >> 4, active[1] & 15];
    let [low, high] = [b << 4 | a, d << 4 | c];
    let active = match first >> 4 & 3 {
        0 => u16::from(a),
        1 => u16::from(low),
        2 => u16::from_be_bytes([c, low]),
        _ => u16::from_be_bytes([high, low]),
    };
    let layers = active.count_ones();
    let temporal_len = usize::try_from(layers.div_ceil(4)).unwrap_or_default();
    let (bitrates, temporal) = context("temporal layers", bytes(temporal_len)).parse(rest)?;
    let mut rest = bitrates;
    for index in 0..layers {
        for _ in 0..temporal_layers(temporal, index) {
            (rest, _) = context("target bitrate", bitrate).parse(rest)?;
        }
    }
    let bitrates = bitrates.get(..bitrates.len().saturating_sub(rest.len())).unwrap_or_default();
    if rest.is_empty() {
        return Ok((rest, VideoLayersAllocation { active, temporal, bitrates, ..none }));
    }
    let len = usize::try_from(layers).unwrap_or_default().saturating_mul(5);
    let (rest, resolutions) = context("resolutions", bytes(len)).parse(rest)?;
    ended(i, rest)?;
    let resolutions = resolutions.as_chunks().0;
    Ok((rest, VideoLayersAllocation { active, temporal, bitrates, resolutions, ..none }))
}

/// The temporal layers of the spatial layer with this place among the active ones, 1 to 4.
#[inline]
fn temporal_layers(counts: &[u8], index: u32) -> u8 {
    let byte = usize::try_from(index / 4).ok().and_then(|at| counts.get(at));
    (byte.copied().unwrap_or_default() >> (6 - index % 4 * 2) & 3) + 1
}

/// A bitrate in kbit/s, leb128: 7 bits a byte, the low ones first, in at most 8 bytes.
#[inline]
fn bitrate(i: &[u8]) -> Step<'_, u32> {
    let (mut rest, mut value) = (i, 0);
    for shift in (0..56).step_by(7) {
        let (after, next) = byte(rest)?;
        rest = after;
        value |= u64::from(next & 0x7F) << shift;
        if next & 0x80 == 0 {
            let wide = |_| Fail::new(i, ErrorKind::Value { found: u32::MAX });
            return Ok((rest, u32::try_from(value).map_err(wide)?));
        }
    }
    Err(Fail::new(i, ErrorKind::Value { found: u32::MAX }))
}

/// What a spatial layer is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LayerAllocation {
    /// The RTP stream that it is sent on, 0 to 3.
    pub rtp_stream_index: u8,
    /// Which of the stream's spatial layers it is, 0 to 3.
    pub spatial_id: u8,
    /// How many temporal layers it has, 1 to 4.
    pub temporal_layers: u8,
    /// For each of them what a receiver of it needs, lower layers included, in kbit/s. Those it does not have are 0.
    pub target_bitrates: [u32; 4],
    /// Its size and frame rate; with all layers of an allocation, or with none.
    pub resolution: Option<LayerResolution>,
}

impl LayerAllocation {
    /// The bitrates of the temporal layers that it has, in kbit/s.
    #[inline]
    pub fn bitrates(&self) -> &[u32] {
        self.target_bitrates.get(..self.temporal_layers.into()).unwrap_or(&self.target_bitrates)
    }
}

/// The size and frame rate of a spatial layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LayerResolution {
    /// Pixels in a row, 1 to 65536.
    pub width: u32,
    /// Rows, 1 to 65536.
    pub height: u32,
    /// Most frames in a second.
    pub max_framerate: u8,
}

/// The layers of a [`VideoLayersAllocation`].
#[derive(Clone, Debug)]
pub struct AllocatedLayers<'a> {
    /// As `active`, without those that were given already.
    left: u16,
    /// How many were given already.
    index: u32,
    temporal: &'a [u8],
    bitrates: &'a [u8],
    resolutions: &'a [[u8; 5]],
}

impl Iterator for AllocatedLayers<'_> {
    type Item = LayerAllocation;

    #[inline]
    fn next(&mut self) -> Option<LayerAllocation> {
        let place = self.left.trailing_zeros();
        self.left &= self.left.checked_sub(1)?;
        let temporal_layers = temporal_layers(self.temporal, self.index);
        self.index += 1;
        let mut target_bitrates = [0; 4];
        for target in target_bitrates.iter_mut().take(temporal_layers.into()) {
            let (rest, value) = bitrate(self.bitrates).ok()?;
            (self.bitrates, *target) = (rest, value);
        }
        let mut resolution = None;
        if let [[a, b, c, d, max_framerate], rest @ ..] = self.resolutions {
            self.resolutions = rest;
            let (width, height) = (u16::from_be_bytes([*a, *b]), u16::from_be_bytes([*c, *d]));
            let (width, height) = (u32::from(width) + 1, u32::from(height) + 1);
            resolution = Some(LayerResolution { width, height, max_framerate: *max_framerate });
        }
        let [.., place] = place.to_be_bytes();
        let (rtp_stream_index, spatial_id) = (place / MAX, place % MAX);
        Some(LayerAllocation {
            rtp_stream_index,
            spatial_id,
            temporal_layers,
            target_bitrates,
            resolution,
        })
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::try_from(self.left.count_ones()).unwrap_or_default();
        (left, Some(left))
    }
}

impl ExactSizeIterator for AllocatedLayers<'_> {}
impl FusedIterator for AllocatedLayers<'_> {}

/// The bytes as they were read.
impl Encode for VideoLayersAllocation<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        self.bytes.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        out.bytes(self.bytes)
    }
}

/// `video-layers-allocation stream 0 of 1: 0/0 [100,200] kbit/s 640x360@30`
impl fmt::Display for VideoLayersAllocation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (stream, streams) = (self.rtp_stream_index(), self.rtp_streams());
        write!(f, "video-layers-allocation stream {stream} of {streams}:")?;
        for layer in self.layers() {
            write!(f, " {}/{} [", layer.rtp_stream_index, layer.spatial_id)?;
            for (index, bitrate) in layer.bitrates().iter().enumerate() {
                write!(f, "{}{bitrate}", if index == 0 { "" } else { "," })?;
            }
            f.write_str("] kbit/s")?;
            if let Some(LayerResolution { width, height, max_framerate }) = layer.resolution {
                write!(f, " {width}x{height}@{max_framerate}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for VideoLayersAllocation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VideoLayersAllocation")
            .field("rtp_stream_index", &self.rtp_stream_index())
            .field("rtp_streams", &self.rtp_streams())
            .field("layers", &DebugList(self.layers()))
            .finish()
    }
}

#[cfg(feature = "serde")]
impl super::value::Fields for VideoLayersAllocation<'_> {
    fn fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("rid", &self.rtp_stream_index())?;
        map.serialize_entry("ns", &(self.rtp_streams() - 1))?;
        map.serialize_entry("sl_bm", &(self.first() & 15))?;
        map.serialize_entry("layers", &crate::ser::List(self.layers()))
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for LayerAllocation {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;

        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("rtp_stream_index", &self.rtp_stream_index)?;
        map.serialize_entry("spatial_id", &self.spatial_id)?;
        map.serialize_entry("target_bitrates", self.bitrates())?;
        if let Some(LayerResolution { width, height, max_framerate }) = self.resolution {
            map.serialize_entry("width", &width)?;
            map.serialize_entry("height", &height)?;
            map.serialize_entry("max_framerate", &max_framerate)?;
        }
        map.end()
    }
}

/// A video layers allocation to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VideoLayersAllocationBuilder<'a> {
    /// As [`VideoLayersAllocation::rtp_stream_index`]; below `rtp_streams`.
    pub rtp_stream_index: u8,
    /// As [`VideoLayersAllocation::rtp_streams`].
    pub rtp_streams: u8,
    /// As [`VideoLayersAllocation::layers`], in that order. Without any, a single byte 0 is written.
    pub layers: &'a [LayerAllocation],
}

impl VideoLayersAllocationBuilder<'_> {
    /// Which layers are active, as in the view.
    fn active(&self) -> u16 {
        let place = |layer: &LayerAllocation| layer.rtp_stream_index * MAX + layer.spatial_id;
        let in_range =
            |layer: &&LayerAllocation| layer.rtp_stream_index < MAX && layer.spatial_id < MAX;
        self.layers.iter().filter(in_range).fold(0, |active, layer| active | 1 << place(layer))
    }

    /// The layers of each stream, where all of them have the same; 0 if not.
    fn common(&self) -> u8 {
        let active = self.active();
        let [.., first] = (active & 15).to_be_bytes();
        let all = u16::from(first) * 0x1111;
        let streams = self.rtp_streams.clamp(1, MAX);
        let mask = u16::MAX >> ((MAX - streams) * 4);
        if active == all & mask { first } else { 0 }
    }
}

/// The bytes of a leb128 number.
#[inline]
fn bitrate_len(value: u32) -> usize {
    match value {
        0..0x80 => 1,
        0x80..0x4000 => 2,
        0x4000..0x20_0000 => 3,
        0x20_0000..0x1000_0000 => 4,
        _ => 5,
    }
}

impl Encode for VideoLayersAllocationBuilder<'_> {
    fn encoded_len(&self) -> usize {
        if self.layers.is_empty() {
            return 1;
        }
        let each = if self.common() != 0 { 0 } else { usize::from(self.rtp_streams.div_ceil(2)) };
        let bitrates = self.layers.iter().flat_map(|layer| layer.bitrates());
        let bitrates: usize = bitrates.map(|&bitrate| bitrate_len(bitrate)).sum();
        let resolutions = self.layers.iter().filter(|layer| layer.resolution.is_some()).count();
        1 + each + self.layers.len().div_ceil(4) + bitrates + resolutions * 5
    }

    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let refuse = |field| Err(BuildError::OutOfRange { field });
        if self.layers.is_empty() {
            *out.array()? = [0];
            return Ok(());
        }
        if !(1..=MAX).contains(&self.rtp_streams) {
            return refuse("RTP streams");
        }
        if self.rtp_stream_index >= self.rtp_streams {
            return refuse("RTP stream index");
        }
        let with_resolution = self.layers.iter().all(|layer| layer.resolution.is_some());
        let mut before = None;
        for layer in self.layers {
            if layer.rtp_stream_index >= self.rtp_streams || layer.spatial_id >= MAX {
                return refuse("layer");
            }
            let place = Some((layer.rtp_stream_index, layer.spatial_id));
            if place <= before {
                return refuse("order of layers");
            }
            before = place;
            if !(1..=MAX).contains(&layer.temporal_layers) {
                return refuse("temporal layers");
            }
            if layer.resolution.is_some() != with_resolution {
                return refuse("resolution");
            }
        }
        let common = self.common();
        *out.array()? = [self.rtp_stream_index << 6 | (self.rtp_streams - 1) << 4 | common];
        if common == 0 {
            // The first stream's nibble first.
            let [cd, ab] = self.active().to_be_bytes();
            *out.array()? = [ab.rotate_left(4)];
            if self.rtp_streams > 2 {
                *out.array()? = [cd.rotate_left(4)];
            }
        }
        for layers in self.layers.chunks(4) {
            let counts = layers.iter().zip([6, 4, 2, 0]);
            let byte = counts.fold(0, |byte, (layer, at)| byte | (layer.temporal_layers - 1) << at);
            *out.array()? = [byte];
        }
        for &bitrate in self.layers.iter().flat_map(|layer| layer.bitrates()) {
            let mut left = bitrate;
            for byte in out.take(bitrate_len(bitrate))? {
                let [.., low] = left.to_be_bytes();
                left >>= 7;
                *byte = if left == 0 { low } else { low | 0x80 };
            }
        }
        for layer in self.layers {
            let Some(LayerResolution { width, height, max_framerate }) = layer.resolution else {
                continue;
            };
            for pixels in [width, height] {
                let wide = BuildError::OutOfRange { field: "resolution" };
                let less = pixels.checked_sub(1).and_then(|less| u16::try_from(less).ok());
                *out.array()? = less.ok_or(wide)?.to_be_bytes();
            }
            *out.array()? = [max_framerate];
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unusual_byte_groupings, reason = "they are those of the fields")]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::vec::Vec;

    use super::super::value::check::{both_ways, lossless, not_written, refuses};
    use super::*;

    type View<'a> = VideoLayersAllocation<'a>;

    const fn layer(stream: u8, spatial: u8, temporal: u8, bitrates: [u32; 4]) -> LayerAllocation {
        LayerAllocation {
            rtp_stream_index: stream,
            spatial_id: spatial,
            temporal_layers: temporal,
            target_bitrates: bitrates,
            resolution: None,
        }
    }

    const fn sized(layer: LayerAllocation, width: u32, height: u32, fps: u8) -> LayerAllocation {
        let resolution = Some(LayerResolution { width, height, max_framerate: fps });
        LayerAllocation { resolution, ..layer }
    }

    /// Reads `data` as these layers, and writes it out of them.
    fn built(stream: u8, streams: u8, layers: &[LayerAllocation], data: &[u8]) {
        let view = View::parse(data).unwrap();
        both_ways(data, view);
        assert_eq!((view.rtp_stream_index(), view.rtp_streams()), (stream, streams));
        assert_eq!(view.layers().collect::<Vec<_>>(), layers);
        assert_eq!(view.layers().len(), layers.len());
        let builder =
            VideoLayersAllocationBuilder { rtp_stream_index: stream, rtp_streams: streams, layers };
        let mut out = [0xEE; 255];
        assert_eq!(builder.encoded_len(), data.len(), "{view}");
        assert_eq!(builder.write(&mut out), Ok(data.len()));
        assert_eq!(&out[..data.len()], data);
    }

    // The allocations of libwebrtc's rtp_video_layers_allocation_extension_unittest.cc, laid out by its document.

    #[test]
    fn two_streams_with_the_same_layers_share_a_bitmask() {
        let layers = [layer(0, 0, 2, [25, 50, 0, 0]), layer(1, 0, 2, [100, 200, 0, 0])];
        built(1, 2, &layers, &[0b01_01_0001, 0b01_01_0000, 25, 50, 100, 0xc8, 0x01]);
    }

    #[test]
    fn streams_with_different_layers_have_a_nibble_each() {
        let layers = [
            layer(0, 0, 1, [50, 0, 0, 0]),
            layer(1, 0, 1, [100, 0, 0, 0]),
            layer(1, 1, 1, [200, 0, 0, 0]),
        ];
        built(1, 2, &layers, &[0b01_01_0000, 0b0001_0011, 0, 50, 100, 0xc8, 0x01]);
        let skipped = [layers[0], layers[2]];
        built(1, 2, &skipped, &[0b01_01_0000, 0b0001_0010, 0, 50, 0xc8, 0x01]);
        let view = View::parse(&[0b01_01_0000, 0b0001_0010, 0, 50, 0xc8, 0x01]).unwrap();
        assert_eq!([0, 1, 2, 4].map(|stream| view.active_spatial_layers(stream)), [1, 2, 0, 0]);
    }

    #[test]
    fn three_streams_take_two_bytes_of_nibbles() {
        let layers = [layer(0, 0, 1, [1, 0, 0, 0]), layer(2, 3, 4, [2, 3, 4, 5])];
        built(
            2,
            3,
            &layers,
            &[0b10_10_0000, 0b0001_0000, 0b1000_0000, 0b00_11_0000, 1, 2, 3, 4, 5],
        );
        let four = [layer(3, 0, 1, [7, 0, 0, 0])];
        built(0, 4, &four, &[0b00_11_0000, 0, 0b0000_0001, 0, 7]);
    }

    #[test]
    fn sizes_and_frame_rates_are_optional() {
        let layers = [
            sized(layer(0, 0, 2, [25, 50, 0, 0]), 320, 240, 8),
            sized(layer(0, 1, 2, [100, 200, 0, 0]), 640, 320, 30),
        ];
        let data = [
            &[0b00_00_0011, 0b01_01_0000, 25, 50, 100, 0xc8, 0x01][..],
            &[0x01, 0x3f, 0x00, 0xef, 8, 0x02, 0x7f, 0x01, 0x3f, 30],
        ]
        .concat();
        built(0, 1, &layers, &data);
        // Cut within them, and behind them.
        let short = ErrorKind::Truncated { need: 10, have: 9 };
        refuses::<View<'_>>(&data[..16], "resolutions", 7, short);
        let long = [&data[..], &[0]].concat();
        refuses::<View<'_>>(&long, "element length", 17, ErrorKind::Length { found: 18, have: 17 });
    }

    #[test]
    fn sixteen_layers_are_the_most() {
        let full: Vec<_> =
            (0..16).map(|place| layer(place / 4, place % 4, 4, [u32::MAX; 4])).collect();
        let builder =
            VideoLayersAllocationBuilder { rtp_stream_index: 3, rtp_streams: 4, layers: &full };
        let mut out = [0; 512];
        let len = builder.write(&mut out).unwrap();
        assert_eq!(len, 1 + 4 + 16 * 4 * 5);
        assert!(View::parse(&out[..len]).unwrap().layers().eq(full.iter().copied()));
    }

    #[test]
    fn a_single_zero_says_that_nothing_is_sent() {
        built(0, 1, &[], &[0]);
        assert!(View::parse(&[0]).unwrap().is_empty());
        let nothing = VideoLayersAllocationBuilder::default();
        assert_eq!(nothing.write(&mut [1]), Ok(1));
    }

    #[test]
    fn cut_data_is_refused_at_its_field() {
        let data = [0b01_01_0000, 0b0001_0011, 0, 50, 100, 0xc8, 0x01];
        for (len, field, offset) in [
            (0, "layers", 0),
            (1, "layers of each stream", 1),
            (2, "temporal layers", 2),
            (3, "target bitrate", 3),
            (4, "target bitrate", 4),
            (6, "target bitrate", 6),
        ] {
            let kind = ErrorKind::Truncated { need: 1, have: 0 };
            refuses::<View<'_>>(&data[..len], field, offset, kind);
        }
        let kind = ErrorKind::Truncated { need: 2, have: 1 };
        refuses::<View<'_>>(&[0b10_10_0000, 1], "layers of each stream", 1, kind);
    }

    #[test]
    fn bitrates_are_leb128_of_32_bits() {
        let read = |bytes: &[u8]| {
            let data = [&[1, 0], bytes].concat();
            View::parse(&data).map(|view| view.layers().next().unwrap().target_bitrates[0])
        };
        assert_eq!(read(&[0x7f]), Ok(127));
        assert_eq!(read(&[0x80, 0x01]), Ok(128));
        assert_eq!(read(&[0xb9, 0x64]), Ok(12_857)); // an example of the DWARF standard
        assert_eq!(read(&[0xff, 0xff, 0xff, 0xff, 0x0f]), Ok(u32::MAX));
        assert_eq!(read(&[0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]), Ok(1), "not minimal");
        for wide in [&[0x80, 0x80, 0x80, 0x80, 0x10][..], &[0x80; 9]] {
            let error = read(wide).unwrap_err();
            let kind = ErrorKind::Value { found: u32::MAX };
            assert_eq!((error.field, error.offset, error.kind), ("target bitrate", 2, kind));
        }
    }

    #[test]
    fn what_the_layout_cannot_hold_is_not_written() {
        let refused = |index, streams, layers: &[LayerAllocation], field| {
            let builder = VideoLayersAllocationBuilder {
                rtp_stream_index: index,
                rtp_streams: streams,
                layers,
            };
            not_written(&builder, field);
        };
        let one = layer(0, 0, 1, [1, 0, 0, 0]);
        refused(0, 0, &[one], "RTP streams");
        refused(0, 5, &[one], "RTP streams");
        refused(1, 1, &[one], "RTP stream index");
        refused(0, 1, &[layer(1, 0, 1, [0; 4])], "layer");
        refused(0, 1, &[layer(0, 4, 1, [0; 4])], "layer");
        refused(0, 1, &[one, one], "order of layers");
        refused(0, 1, &[layer(0, 1, 1, [0; 4]), one], "order of layers");
        refused(0, 1, &[layer(0, 0, 0, [0; 4])], "temporal layers");
        refused(0, 1, &[layer(0, 0, 5, [0; 4])], "temporal layers");
        refused(0, 1, &[sized(one, 1, 1, 1), layer(0, 1, 1, [0; 4])], "resolution");
        refused(0, 1, &[sized(one, 0, 1, 1)], "resolution");
        refused(0, 1, &[sized(one, 1, 65_537, 1)], "resolution");
    }

    proptest! {
        #[test]
        fn whatever_is_read_is_written_again(data in prop::collection::vec(any::<u8>(), 0..60)) {
            lossless::<View<'_>>(&data);
            if let Ok(view) = View::parse(&data) {
                // Out of its layers comes data that says the same.
                let layers: Vec<_> = view.layers().collect();
                let builder = VideoLayersAllocationBuilder {
                    rtp_stream_index: view.rtp_stream_index(),
                    rtp_streams: view.rtp_streams(),
                    layers: &layers,
                };
                let mut out = [0; 400];
                if let Ok(len) = builder.write(&mut out) {
                    prop_assert!(View::parse(&out[..len]).unwrap().layers().eq(layers));
                } else {
                    prop_assert!(view.rtp_stream_index() >= view.rtp_streams());
                }
            }
        }
    }
}
