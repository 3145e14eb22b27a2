//! Opus packet (RFC 6716 sections 3.2 and 3.4).
//!
//! ```text
//! | config  |s|0 0|  one frame
//! | config  |s|0 1|  two frames of equal size
//! | config  |s|1 0|  length of the first, two frames
//! | config  |s|1 1|v|p|     M     |  M frames
//! |  length of the padding, if p: 255 stands for 254 and another byte
//! |  lengths of all frames but the last, if v; otherwise all are equal
//! |  the frames
//! |  the padding
//! ```
//!
//! A length of a frame takes one byte up to 251; a first byte of 252 to 255 has 4 times the second added.

use core::fmt;
use core::iter::FusedIterator;
use core::time::Duration;

use nom::Parser;
use nom::error::context;

use super::Toc;
use super::toc::samples;
use crate::encode::{Encode, Sink, narrow};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::show::DebugList;
use crate::wire::{announced, byte};

// Bits of the frame count byte.
const V: u8 = 0x80;
const P: u8 = 0x40;
const M: u8 = 0x3F;

/// The longest frame, in bytes (R2 of section 3.4).
const MAX_FRAME: usize = 1275;
/// The longest packet, in samples of 48 kHz: 120 ms (R5).
const MAX_SAMPLES: u32 = 5760;

/// An Opus packet, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    toc: Toc,
    /// That of a code 3 packet.
    count_byte: Option<u8>,
    /// What follows the TOC byte.
    body: &'a [u8],
    frames: Frames<'a>,
    padding: usize,
}

/// How the frames that are left are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sizes<'a> {
    /// All of this many bytes.
    Equal(usize),
    /// A length for each but the last.
    Listed(&'a [u8]),
}

/// The frames of a packet, in order. One without bytes is a frame that was not sent (DTX), or that is lost.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Frames<'a> {
    left: u8,
    sizes: Sizes<'a>,
    data: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Reads an RTP payload.
    ///
    /// # Errors
    /// What RFC 6716 section 3.4 has a receiver refuse: an empty packet; a frame of more than 1275 bytes; frames or
    /// padding that do not fill the packet exactly; no frame, or more than 120 ms of them.
    #[inline]
    pub fn parse(payload: &'a [u8]) -> Result<Self, ParseError> {
        run("Opus packet", payload, packet)
    }

    /// The first byte.
    #[inline]
    pub const fn toc(&self) -> Toc {
        self.toc
    }

    /// The frames, 1 to 48.
    #[inline]
    pub const fn frames(&self) -> Frames<'a> {
        self.frames
    }

    /// How many there are.
    #[inline]
    pub const fn frame_count(&self) -> u8 {
        self.frames.left
    }

    /// How long all frames are together in samples of 48 kHz, which are ticks of the RTP clock: 120 to 5760.
    #[inline]
    pub fn samples(&self) -> u32 {
        u32::from(self.toc.frame_samples()) * u32::from(self.frames.left)
    }

    /// How long all frames are together: 2.5 to 120 ms.
    #[inline]
    pub fn duration(&self) -> Duration {
        samples(self.samples())
    }

    /// The v bit of a code 3 packet: its frames have lengths of their own.
    #[inline]
    pub const fn is_variable(&self) -> bool {
        matches!(self.count_byte, Some(byte) if byte & V != 0)
    }

    /// The bytes of padding behind the frames, those that count it left out.
    #[inline]
    pub const fn padding_len(&self) -> usize {
        self.padding
    }
}

/// The whole of `i`.
#[inline]
fn packet(i: &[u8]) -> Step<'_, Packet<'_>> {
    let (body, toc) = context("TOC byte", byte).parse(i)?;
    let toc = Toc(toc);
    let mut packet =
        Packet { toc, count_byte: None, body, frames: equal(1, body.len(), body), padding: 0 };
    match toc.code() {
        0 => {}
        1 => packet.frames = equal(2, shared(body, body.len(), 2)?, body),
        2 => packet.frames = listed(2, body, 0)?,
        _ => {
            let (rest, count_byte) = context("frame count", byte).parse(body)?;
            packet.count_byte = Some(count_byte);
            let count = count_byte & M;
            if count == 0 || u32::from(toc.frame_samples()) * u32::from(count) > MAX_SAMPLES {
                let kind = ErrorKind::Value { found: count.into() };
                return Err(Fail::field("frame count", body, kind));
            }
            let mut area = rest;
            if count_byte & P != 0 {
                (area, packet.padding) = padding(rest)?;
            }
            // The lengths and the frames.
            let len = area.len().saturating_sub(packet.padding);
            packet.frames = if count_byte & V == 0 {
                equal(count, shared(area, len, count)?, area)
            } else {
                listed(count, area, packet.padding)?
            };
        }
    }
    if let Sizes::Equal(size) = packet.frames.sizes
        && size > MAX_FRAME
    {
        let kind = ErrorKind::Length { found: size, have: MAX_FRAME };
        return Err(Fail::field("frame", packet.frames.data, kind));
    }
    Ok((&[], packet))
}

#[inline]
const fn equal(count: u8, size: usize, data: &[u8]) -> Frames<'_> {
    Frames { left: count, sizes: Sizes::Equal(size), data }
}

/// The size of each of `count` frames that share the first `len` bytes of `area`.
#[inline]
fn shared(area: &[u8], len: usize, count: u8) -> Result<usize, nom::Err<Fail<'_>>> {
    let count = usize::from(count);
    let Some(left @ 1..) = len.checked_rem(count) else {
        return Ok(len.checked_div(count).unwrap_or_default());
    };
    let have = len.saturating_add(count.saturating_sub(left));
    Err(Fail::field("frames", area, ErrorKind::Length { found: len, have }))
}

/// `count` frames at the front of `area`, which ends with `padding`, behind the lengths of all but the last.
#[inline]
fn listed(count: u8, area: &[u8], padding: usize) -> Result<Frames<'_>, nom::Err<Fail<'_>>> {
    let (mut rest, mut total) = (area, 0usize);
    for _ in 1..count {
        let len;
        (rest, len) = frame_len(rest)?;
        total = total.saturating_add(len);
    }
    let data = rest;
    let have = data.len().saturating_sub(padding);
    let Some(last) = have.checked_sub(total) else {
        return Err(Fail::field("frames", data, ErrorKind::Length { found: total, have }));
    };
    if last > MAX_FRAME {
        let kind = ErrorKind::Length { found: last, have: MAX_FRAME };
        return Err(Fail::field("frame", data.get(total..).unwrap_or_default(), kind));
    }
    // `data` is the end of `area`.
    let lengths = area.get(..area.len().saturating_sub(data.len())).unwrap_or_default();
    let data = data.get(..have).unwrap_or_default();
    Ok(Frames { left: count, sizes: Sizes::Listed(lengths), data })
}

/// The length of a frame: one byte, or two.
#[inline]
fn frame_len(i: &[u8]) -> Step<'_, usize> {
    let (rest, first) = context("frame length", byte).parse(i)?;
    if first < 252 {
        return Ok((rest, first.into()));
    }
    let (rest, second) = context("frame length", byte).parse(rest)?;
    Ok((rest, usize::from(first) + usize::from(second) * 4))
}

/// The length of the padding, which must leave room for itself.
#[inline]
fn padding(i: &[u8]) -> Step<'_, usize> {
    let (mut rest, mut total) = (i, 0usize);
    loop {
        let next;
        (rest, next) = context("padding length", byte).parse(rest)?;
        total = total.saturating_add(if next == 255 { 254 } else { next.into() });
        if next != 255 {
            break;
        }
    }
    if total > rest.len() {
        let kind = ErrorKind::Length { found: total, have: rest.len() };
        return Err(Fail::field("padding length", i, kind));
    }
    Ok((rest, total))
}

impl<'a> Iterator for Frames<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        self.left = self.left.checked_sub(1)?;
        let size = match &mut self.sizes {
            Sizes::Equal(size) => *size,
            Sizes::Listed(_) if self.left == 0 => self.data.len(),
            Sizes::Listed(lengths) => {
                let (rest, size) = frame_len(lengths).ok()?;
                *lengths = rest;
                size
            }
        };
        let (rest, frame) = announced(size)(self.data).ok()?;
        self.data = rest;
        Some(frame)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left.into(), Some(self.left.into()))
    }
}

impl ExactSizeIterator for Frames<'_> {}
impl FusedIterator for Frames<'_> {}

impl fmt::Debug for Frames<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        DebugList(*self).fmt(f)
    }
}

/// One line: `Opus hybrid FB mono 20ms frames=1 len=120`, with ` pad=` if there is padding.
impl fmt::Display for Packet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opus {} frames={}", self.toc, self.frames.left)?;
        if self.padding != 0 {
            write!(f, " pad={}", self.padding)?;
        }
        write!(f, " len={}", self.body.len() + 1)
    }
}

impl fmt::Debug for Packet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Packet")
            .field("toc", &self.toc)
            .field("is_variable", &self.is_variable())
            .field("frames", &self.frames)
            .field("padding_len", &self.padding)
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Packet<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("config", &self.toc.config())?;
        map.serialize_entry("mode", self.toc.mode().name())?;
        map.serialize_entry("bandwidth", self.toc.bandwidth().name())?;
        map.serialize_entry("frame_size_us", &self.toc.frame_duration().as_micros())?;
        map.serialize_entry("stereo", &self.toc.is_stereo())?;
        map.serialize_entry("code", &self.toc.code())?;
        map.serialize_entry("frame_count", &self.frames.left)?;
        if self.count_byte.is_some() {
            map.serialize_entry("vbr", &self.is_variable())?;
            map.serialize_entry("padding_size", &self.padding)?;
        }
        let sizes = self.frames.map(<[u8]>::len);
        map.serialize_entry("frame_sizes", &crate::ser::List(sizes))?;
        map.end()
    }
}

/// An Opus packet to be written, or a view's by `From`.
///
/// ```
/// use mediawire::Encode;
/// use mediawire::rtp::payload::opus::{FramesBuilder, PacketBuilder, Toc};
///
/// let packet = PacketBuilder {
///     toc: Toc::new(15, false, 0).unwrap(),
///     frames: FramesBuilder::List { frames: &[&[1, 2], &[3]], padding: 0 },
/// };
/// let mut buffer = [0; 1200];
/// let len = packet.write(&mut buffer)?;
/// assert_eq!(buffer[..len], [0x7a, 2, 1, 2, 3]);
/// # Ok::<(), mediawire::BuildError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PacketBuilder<'a> {
    /// Configuration and channels; the frame count code follows from the frames where these are listed.
    pub toc: Toc,
    /// The frames.
    pub frames: FramesBuilder<'a>,
}

/// The frames of a packet to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FramesBuilder<'a> {
    /// At least one, 120 ms of them at most. They are written in the shortest way.
    List {
        /// The frames, 0 to 1275 bytes each.
        frames: &'a [&'a [u8]],
        /// Zeros behind the frames, so that packets of all sizes look the same.
        padding: usize,
    },
    /// What follows the TOC byte, as it stands on the wire.
    Raw(&'a [u8]),
}

/// None: nothing that could be written.
impl Default for FramesBuilder<'_> {
    fn default() -> Self {
        Self::List { frames: &[], padding: 0 }
    }
}

impl<'a> From<Packet<'a>> for PacketBuilder<'a> {
    /// What is written is what was read, byte for byte.
    #[inline]
    fn from(packet: Packet<'a>) -> Self {
        Self { toc: packet.toc, frames: FramesBuilder::Raw(packet.body) }
    }
}

/// How the listed frames are written: the frame count code, and for code 3 whether the lengths are.
fn form(frames: &[&[u8]], padding: usize) -> (u8, bool) {
    let equal = frames.windows(2).all(|pair| matches!(pair, [a, b] if a.len() == b.len()));
    match frames.len() {
        1 if padding == 0 => (0, false),
        2 if padding == 0 && equal => (1, false),
        2 if padding == 0 => (2, true),
        _ => (3, !equal),
    }
}

/// The bytes that the length of a frame takes.
#[inline]
const fn len_of_len(len: usize) -> usize {
    if len < 252 { 1 } else { 2 }
}

impl Encode for PacketBuilder<'_> {
    fn encoded_len(&self) -> usize {
        match self.frames {
            FramesBuilder::Raw(body) => body.len().saturating_add(1),
            FramesBuilder::List { frames, padding } => {
                let (code, variable) = form(frames, padding);
                let data = frames.iter().map(|frame| frame.len()).fold(0, usize::saturating_add);
                let lengths = match frames.split_last() {
                    Some((_, others)) if variable => {
                        others.iter().map(|frame| len_of_len(frame.len())).sum()
                    }
                    _ => 0,
                };
                // 254 bytes of padding for each 255, and the byte that says how many are left.
                let padding_len = if padding == 0 { 0 } else { padding / 254 + 1 };
                let head = if code == 3 { 2 + padding_len } else { 1 };
                data.saturating_add(lengths).saturating_add(head).saturating_add(padding)
            }
        }
    }

    /// # Errors
    /// What [`Packet::parse`] refuses: no frame, a frame of more than 1275 bytes, more than 120 ms.
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let (frames, padding) = match self.frames {
            FramesBuilder::Raw(body) => {
                out.bytes(&[self.toc.0])?;
                return out.bytes(body);
            }
            FramesBuilder::List { frames, padding } => (frames, padding),
        };
        let count: u8 = narrow("number of frames", frames.len())?;
        let Some((_, others)) = frames.split_last() else {
            return Err(BuildError::OutOfRange { field: "number of frames" });
        };
        if u32::from(self.toc.frame_samples()) * u32::from(count) > MAX_SAMPLES {
            return Err(BuildError::OutOfRange { field: "number of frames" });
        }
        if frames.iter().any(|frame| frame.len() > MAX_FRAME) {
            return Err(BuildError::OutOfRange { field: "frame" });
        }
        let (code, variable) = form(frames, padding);
        out.bytes(&[self.toc.with_code(code).0])?;
        if code == 3 {
            let bits = if variable { V } else { 0 } | if padding != 0 { P } else { 0 };
            out.bytes(&[bits | count])?;
            if padding != 0 {
                out.take(padding / 254)?.fill(255);
                out.bytes(&[narrow("padding", padding % 254)?])?;
            }
        }
        if variable {
            for frame in others {
                let len = frame.len();
                match u8::try_from(len) {
                    Ok(len @ ..252) => out.bytes(&[len])?,
                    _ => {
                        // The low two bits go into the first byte, 252 to 255, the rest into the second.
                        let first = 252 | len & 3;
                        let second = len.saturating_sub(first) / 4;
                        out.bytes(&[narrow("frame", first)?, narrow("frame", second)?])?;
                    }
                }
            }
        }
        frames.iter().try_for_each(|frame| out.bytes(frame))?;
        out.zeros(padding)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;
    use crate::testing::unhex;

    fn parse(bytes: &[u8]) -> Packet<'_> {
        Packet::parse(bytes).unwrap()
    }

    fn frames(bytes: &[u8]) -> Vec<&[u8]> {
        let frames = parse(bytes).frames();
        crate::testing::counts(frames);
        assert_eq!(frames.len(), frames.count());
        frames.collect()
    }

    #[test]
    fn packets_of_each_code() {
        // RFC 6716 figures 2 to 6 filled in: configuration 1 (SILK, NB, 20 ms), mono.
        assert_eq!(frames(&[0x08, 1, 2, 3]), [[1, 2, 3]]);
        assert_eq!(frames(&[0x08]), [&[0u8; 0]], "a frame that was not sent");
        assert_eq!(frames(&[0x09, 1, 2, 3, 4]), [[1, 2], [3, 4]]);
        assert_eq!(frames(&[0x0A, 1, 1, 2, 3]), [&[1][..], &[2, 3]]);
        assert_eq!(frames(&[0x0A, 2, 1, 2]), [&[1, 2][..], &[]]);
        assert_eq!(frames(&[0x0B, 0x03, 1, 2, 3, 4, 5, 6]), [[1, 2], [3, 4], [5, 6]]);
        assert_eq!(frames(&[0x0B, 0x43, 1, 1, 2, 3, 0]), [[1], [2], [3]], "one byte of padding");
        assert_eq!(frames(&[0x0B, 0x83, 1, 0, 1, 2, 3]), [&[1][..], &[], &[2, 3]]);
        assert_eq!(frames(&[0x0B, 0xC2, 2, 1, 1, 2, 3, 0, 0]), [&[1][..], &[2, 3]]);
        let packet = parse(&[0x0B, 0xC2, 2, 1, 1, 2, 3, 0, 0]);
        assert_eq!((packet.padding_len(), packet.is_variable()), (2, true));
        assert_eq!((packet.samples(), packet.duration()), (1920, Duration::from_millis(40)));
        assert_eq!(packet.to_string(), "Opus SILK NB mono 20ms frames=2 pad=2 len=9");
    }

    #[test]
    fn lengths_of_two_bytes() {
        // RFC 6716 section 3.2.1: 252 + 4 × 0, 255 + 4 × 255 = 1275.
        for (length, len) in [([252, 0], 252), ([253, 1], 257), ([255, 255], 1275)] {
            let mut bytes = Vec::from([0x0A]);
            bytes.extend(length);
            bytes.extend(std::vec![7; len + 1]);
            assert_eq!(
                frames(&bytes).iter().map(|frame| frame.len()).collect::<Vec<_>>(),
                [len, 1]
            );
        }
    }

    #[test]
    fn padding_of_more_than_254_bytes() {
        // RFC 6716 section 3.2.5: 255 stands for 254 bytes and another byte of length.
        let mut bytes = Vec::from([0x0B, 0x41, 255, 1, 9]);
        bytes.extend([0; 255]);
        assert_eq!(parse(&bytes).padding_len(), 255);
        assert_eq!(frames(&bytes), [[9]]);
        let frame: &[u8] = &[9];
        let list = FramesBuilder::List { frames: &[frame], padding: 255 };
        let mut out = [1; 260];
        assert_eq!(PacketBuilder { toc: Toc(0x08), frames: list }.write(&mut out), Ok(260));
        assert_eq!(out[..], bytes);
    }

    #[test]
    fn packets_of_real_encoders() {
        // First bytes of packets of code 0, where the packet's end changes nothing but the frame's size. Configurations
        // as tshark 4.0.17 gives them, their meaning as RFC 6716 table 2 does.
        let rows = [
            ("780be4c136ec", 15, "hybrid FB mono 20ms"), // chromium-vp8-rtx-twcc.pcap, frame 7
            ("6807c979c8c9", 13, "hybrid SWB mono 20ms"), // frame 398
            ("f8b54cc95646", 31, "CELT FB mono 20ms"),   // frame 411
            ("7c8801ce2aae", 15, "hybrid FB stereo 20ms"), // baresip-opus-dtmf.pcap, frame 7
            ("4c8802a36fb8", 9, "SILK WB stereo 20ms"),  // frame 25
            ("9caab12a39e7", 19, "CELT NB stereo 20ms"), // frame 43
        ];
        for (bytes, config, line) in rows {
            let bytes = unhex(bytes);
            let packet = parse(&bytes);
            assert_eq!((packet.toc().config(), packet.toc().code()), (config, 0));
            assert_eq!(packet.toc().to_string(), line);
            assert_eq!(frames(&bytes), [&bytes[1..]]);
        }
        // chromium-vp8-rtx-twcc.pcap, frame 489, whole: silence.
        assert_eq!(parse(&unhex("d8fffe")).toc().to_string(), "CELT SWB mono 20ms");
    }

    #[test]
    fn refuses_what_the_rules_of_section_3_4_forbid() {
        let refused = |bytes: &[u8], field, offset, kind| {
            let error = Packet::parse(bytes).unwrap_err();
            assert_eq!((error.field, error.offset, error.kind), (field, offset, kind), "{error}");
        };
        let length = |found, have| ErrorKind::Length { found, have };
        let cut = ErrorKind::Truncated { need: 1, have: 0 };
        refused(&[], "TOC byte", 0, cut); // R1
        refused(&[8; 1277], "frame", 1, length(1276, 1275)); // R2
        refused(&[9, 1], "frames", 1, length(1, 2)); // R3
        refused(&[10], "frame length", 1, cut); // R4
        refused(&[10, 252], "frame length", 2, cut);
        refused(&[10, 2, 1], "frames", 2, length(2, 1));
        refused(&[11], "frame count", 1, cut);
        refused(&[11, 0], "frame count", 1, ErrorKind::Value { found: 0 }); // R5
        refused(&[11, 7], "frame count", 1, ErrorKind::Value { found: 7 }); // 140 ms
        assert_eq!(parse(&[11, 6]).duration(), Duration::from_millis(120));
        refused(&[11, 2, 1], "frames", 2, length(1, 2)); // R6
        refused(&[11, 0x41], "padding length", 2, cut);
        refused(&[11, 0x41, 255], "padding length", 3, cut);
        refused(&[11, 0x41, 2, 0], "padding length", 2, length(2, 1));
        refused(&[11, 0x82, 2, 1], "frames", 3, length(2, 1)); // R7
        refused(&[11, 0xC2, 1, 1, 0], "frames", 4, length(1, 0));
        let mut long = Vec::from([10, 0]);
        long.extend([0; 1276]);
        refused(&long, "frame", 2, length(1276, 1275));
    }

    #[test]
    fn refuses_to_write_what_the_standard_forbids() {
        const ONE: &[u8] = &[0];
        let refuses = |toc, frames: &[&[u8]], field| {
            let frames = FramesBuilder::List { frames, padding: 0 };
            let error = Err(BuildError::OutOfRange { field });
            assert_eq!(PacketBuilder { toc: Toc(toc), frames }.write(&mut [0; 4000]), error);
        };
        refuses(8, &[], "number of frames");
        refuses(8, &[ONE; 7], "number of frames");
        refuses(0xE0, &[ONE; 49], "number of frames");
        refuses(0xE0, &[ONE; 300], "number of frames");
        refuses(8, &[&[0; 1276]], "frame");
    }

    #[cfg(feature = "serde")]
    #[test]
    fn json_has_the_names_of_the_standard() {
        let json = |bytes: &[u8]| serde_json::to_string(&parse(bytes)).unwrap();
        assert_eq!(
            json(&[0xE4, 1, 2]),
            r#"{"config":28,"mode":"CELT","bandwidth":"FB","frame_size_us":2500,"stereo":true,"code":0,"frame_count":1,"frame_sizes":[2]}"#
        );
        assert_eq!(
            json(&[0x0B, 0xC2, 2, 1, 1, 2, 3, 0, 0]),
            r#"{"config":1,"mode":"SILK","bandwidth":"NB","frame_size_us":20000,"stereo":false,"code":3,"frame_count":2,"vbr":true,"padding_size":2,"frame_sizes":[1,2]}"#
        );
    }

    proptest! {
        #[test]
        fn what_is_built_is_read(
            list in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 1..7),
            same in any::<bool>(),
            padding in prop_oneof![Just(0usize), 0usize..600],
            (config, stereo) in (0u8..32, any::<bool>()),
        ) {
            let list: Vec<_> = if same { list.iter().map(|_| list[0].clone()).collect() } else { list };
            let list: Vec<&[u8]> = list.iter().map(|frame| &frame[..]).collect();
            let toc = Toc::new(config, stereo, 0).unwrap();
            let frames = FramesBuilder::List { frames: &list, padding };
            let builder = PacketBuilder { toc, frames };
            let mut out = std::vec![0xEE; builder.encoded_len()];
            let written = builder.write(&mut out);
            let long = usize::from(toc.frame_samples()) * list.len() > 5760;
            prop_assert_eq!(written.is_err(), long);
            if !long {
                let packet = parse(&out);
                prop_assert_eq!(packet.frames().collect::<Vec<_>>(), list);
                prop_assert_eq!(packet.padding_len(), padding);
                prop_assert_eq!(packet.toc().config(), config);
            }
        }

        #[test]
        fn any_packet_is_written_as_it_was_read(bytes in prop::collection::vec(prop_oneof![0u8..12, any::<u8>()], 0..60)) {
            if let Ok(packet) = Packet::parse(&bytes) {
                let mut out = std::vec![0; bytes.len()];
                PacketBuilder::from(packet).write(&mut out).unwrap();
                prop_assert_eq!(&out, &bytes);
                let lengths: usize = packet.frames().map(<[u8]>::len).sum();
                prop_assert!(lengths + packet.padding_len() < bytes.len());
                prop_assert_eq!(packet.frames().count(), usize::from(packet.frame_count()));
            }
        }
    }
}
