//! VP9 payload descriptor (RFC 9628 section 4.2).
//!
//! ```text
//! |I|P|L|F|B|E|V|Z|  first
//! |M| picture ID  |  if I; a second byte if M
//! | TID |U| SID |D|  layer, if L
//! |   TL0PICIDX   |  if L and not F
//! |   P_DIFF    |N|  references, if F and P: 1 to 3 of them, N says that another one follows
//! |  scalability structure if V, see scalability.rs
//! |  the payload: the frame's bytes, or some of them
//! ```

use core::fmt;

use nom::Parser;
use nom::error::context;

use super::ScalabilityStructure;
use super::scalability::scalability_structure;
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::rtp::payload::picture_id::{PictureId, picture_id};
use crate::show::DebugList;
use crate::wire::byte;

// Bits of the first byte.
const I: u8 = 0x80;
const P: u8 = 0x40;
const L: u8 = 0x20;
const F: u8 = 0x10;
const B: u8 = 0x08;
const E: u8 = 0x04;
const V: u8 = 0x02;
const Z: u8 = 0x01;
// Of the byte of layer indices.
const TID_SHIFT: u8 = 5;
const U: u8 = 0x10;
const SID_SHIFT: u8 = 1;
const D: u8 = 0x01;
// Of a reference.
const N: u8 = 0x01;

/// What a VP9 packet says of itself, and the payload behind it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Descriptor<'a> {
    first: u8,
    picture_id: Option<PictureId>,
    /// 0 without L.
    layer: u8,
    /// 0 without it.
    tl0picidx: u8,
    /// In wire form, at most 3.
    references: &'a [u8],
    structure: Option<ScalabilityStructure<'a>>,
    payload: &'a [u8],
}

/// The layers of a frame (RFC 9628 section 4.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LayerIndices {
    /// TID: the temporal layer, 0, the base, to 7.
    pub tid: u8,
    /// U: a receiver may go up to this temporal layer here; what follows in it does not need what came before.
    pub switching_up_point: bool,
    /// SID: the spatial layer, 0, the base, to 7.
    pub sid: u8,
    /// D: the frame depends on the spatial layer below, of the same picture.
    pub inter_layer_dependency: bool,
}

impl LayerIndices {
    #[inline]
    const fn from_byte(byte: u8) -> Self {
        Self {
            tid: byte >> TID_SHIFT,
            switching_up_point: byte & U != 0,
            sid: byte >> SID_SHIFT & 7,
            inter_layer_dependency: byte & D != 0,
        }
    }

    #[inline]
    fn to_byte(self) -> Result<u8, BuildError> {
        if self.tid > 7 {
            return Err(BuildError::OutOfRange { field: "TID" });
        }
        if self.sid > 7 {
            return Err(BuildError::OutOfRange { field: "SID" });
        }
        let up = if self.switching_up_point { U } else { 0 };
        let depends = if self.inter_layer_dependency { D } else { 0 };
        Ok(self.tid << TID_SHIFT | up | self.sid << SID_SHIFT | depends)
    }
}

impl<'a> Descriptor<'a> {
    /// A descriptor of one byte that says nothing.
    pub(super) const NOTHING: Self = Self::new(0);

    /// Its first byte alone.
    const fn new(first: u8) -> Self {
        let (picture_id, structure) = (None, None);
        Self { first, picture_id, layer: 0, tl0picidx: 0, references: &[], structure, payload: &[] }
    }

    /// Reads the descriptor at the front of an RTP payload.
    ///
    /// # Errors
    /// A descriptor cut short; a fourth reference. An empty payload has none: a packet that only probes for bandwidth.
    #[inline]
    pub fn parse(payload: &'a [u8]) -> Result<Self, ParseError> {
        run("VP9 payload descriptor", payload, descriptor)
    }

    /// The picture ID, the same in all packets of a picture. Flexible mode has it always.
    #[inline]
    pub const fn picture_id(&self) -> Option<PictureId> {
        self.picture_id
    }

    /// The P bit: the frame refers to earlier pictures. A key picture does not, in any spatial layer.
    #[inline]
    pub const fn is_inter_picture_predicted(&self) -> bool {
        self.first & P != 0
    }

    /// The F bit: the references are listed.
    #[inline]
    pub const fn is_flexible(&self) -> bool {
        self.first & F != 0
    }

    /// The Z bit: no higher spatial layer refers to the frame.
    #[inline]
    pub const fn is_not_inter_layer_reference(&self) -> bool {
        self.first & Z != 0
    }

    /// The layers of the frame; without, there is one of each.
    #[inline]
    pub const fn layer_indices(&self) -> Option<LayerIndices> {
        if self.first & L != 0 { Some(LayerIndices::from_byte(self.layer)) } else { None }
    }

    /// TL0PICIDX, in non-flexible mode: a running number of the pictures of temporal layer 0; in other layers that of
    /// the picture they depend on.
    #[inline]
    pub const fn tl0picidx(&self) -> Option<u8> {
        if self.first & (L | F) == L { Some(self.tl0picidx) } else { None }
    }

    /// P_DIFF of each reference in flexible mode, at most 3: how many pictures before this one it is, 0 to 127.
    #[inline]
    pub fn p_diffs(&self) -> impl ExactSizeIterator<Item = u8> + Clone + use<'a> {
        self.references.iter().map(|&byte| byte >> 1)
    }

    /// The layers of the stream and their pattern, where they begin or change.
    #[inline]
    pub const fn scalability_structure(&self) -> Option<ScalabilityStructure<'a>> {
        self.structure
    }

    /// The B bit: the first packet of a frame.
    #[inline]
    pub const fn starts_frame(&self) -> bool {
        self.first & B != 0
    }

    /// The E bit: the last packet of a frame. Of a picture it is the last if the RTP marker is set.
    #[inline]
    pub const fn ends_frame(&self) -> bool {
        self.first & E != 0
    }

    /// The first packet of a key picture: a decoder may begin here.
    ///
    /// It starts a frame of spatial layer 0 that refers to no other.
    #[inline]
    pub const fn starts_key_frame(&self) -> bool {
        // `layer` is 0 where there are no layers.
        let on_lower_layer = self.layer & (7 << SID_SHIFT | D) != 0;
        self.first & (B | P) == B && !on_lower_layer
    }

    /// What follows the descriptor.
    #[inline]
    pub const fn payload(&self) -> &'a [u8] {
        self.payload
    }
}

/// The descriptor at the front of `i`, the rest as its payload.
#[inline]
fn descriptor(i: &[u8]) -> Step<'_, Descriptor<'_>> {
    let (mut rest, first) = context("first byte", byte).parse(i)?;
    let mut descriptor = Descriptor::new(first);
    if first & I != 0 {
        let id;
        (rest, id) = picture_id(rest)?;
        descriptor.picture_id = Some(id);
    }
    if first & L != 0 {
        (rest, descriptor.layer) = context("layer indices", byte).parse(rest)?;
        if first & F == 0 {
            (rest, descriptor.tl0picidx) = context("TL0PICIDX", byte).parse(rest)?;
        }
    }
    if first & (F | P) == F | P {
        (rest, descriptor.references) = references(rest)?;
    }
    if first & V != 0 {
        let structure;
        (rest, structure) = scalability_structure(rest)?;
        descriptor.structure = Some(structure);
    }
    descriptor.payload = rest;
    Ok((&[], descriptor))
}

/// 1 to 3 references: the first without N is the last.
#[inline]
fn references(i: &[u8]) -> Step<'_, &[u8]> {
    let last = i.iter().take(3).position(|byte| byte & N == 0);
    match last.and_then(|last| i.split_at_checked(last + 1)) {
        Some((references, rest)) => Ok((rest, references)),
        None => Err(endless_references(i)),
    }
}

/// No reference is the last: the input ends before it, or there are more than 3.
#[cold]
fn endless_references(i: &[u8]) -> nom::Err<Fail<'_>> {
    let kind = match i {
        [_, _, third, ..] => ErrorKind::Value { found: (*third).into() },
        _ => ErrorKind::Truncated { need: 1, have: 0 },
    };
    Fail::field("P_DIFF", i.get(i.len().min(2)..).unwrap_or_default(), kind)
}

/// One line: `VP9 B E picture=5014 tid=0 U sid=1 D refs=[1,2] layers=1[320x180] len=100`.
impl fmt::Display for Descriptor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VP9")?;
        for (set, name) in [
            (self.starts_key_frame(), " key"),
            (self.starts_frame(), " B"),
            (self.ends_frame(), " E"),
            (self.is_inter_picture_predicted(), " P"),
            (self.is_not_inter_layer_reference(), " Z"),
        ] {
            f.write_str(if set { name } else { "" })?;
        }
        if let Some(picture_id) = self.picture_id {
            write!(f, " picture={picture_id}")?;
        }
        if let Some(layer) = self.layer_indices() {
            let up = if layer.switching_up_point { " U" } else { "" };
            let depends = if layer.inter_layer_dependency { " D" } else { "" };
            write!(f, " tid={}{up} sid={}{depends}", layer.tid, layer.sid)?;
        }
        if let Some(tl0picidx) = self.tl0picidx() {
            write!(f, " tl0={tl0picidx}")?;
        }
        for (index, p_diff) in self.p_diffs().enumerate() {
            write!(f, "{}{p_diff}", if index == 0 { " refs=[" } else { "," })?;
        }
        if !self.references.is_empty() {
            f.write_str("]")?;
        }
        if let Some(structure) = self.structure {
            write!(f, " {structure}")?;
        }
        write!(f, " len={}", self.payload.len())
    }
}

impl fmt::Debug for Descriptor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Descriptor")
            .field("picture_id", &self.picture_id())
            .field("is_inter_picture_predicted", &self.is_inter_picture_predicted())
            .field("is_flexible", &self.is_flexible())
            .field("starts_frame", &self.starts_frame())
            .field("ends_frame", &self.ends_frame())
            .field("is_not_inter_layer_reference", &self.is_not_inter_layer_reference())
            .field("layer_indices", &self.layer_indices())
            .field("tl0picidx", &self.tl0picidx())
            .field("p_diffs", &DebugList(self.p_diffs()))
            .field("scalability_structure", &self.structure)
            .field("payload", &self.payload)
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Descriptor<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("inter_picture_predicted", &self.is_inter_picture_predicted())?;
        map.serialize_entry("flexible_mode", &self.is_flexible())?;
        map.serialize_entry("start_of_frame", &self.starts_frame())?;
        map.serialize_entry("end_of_frame", &self.ends_frame())?;
        let not_reference = self.is_not_inter_layer_reference();
        map.serialize_entry("not_inter_layer_reference", &not_reference)?;
        if let Some(picture_id) = self.picture_id {
            map.serialize_entry("picture_id", &picture_id.value())?;
        }
        if let Some(layer) = self.layer_indices() {
            map.serialize_entry("tid", &layer.tid)?;
            map.serialize_entry("switching_up_point", &layer.switching_up_point)?;
            map.serialize_entry("sid", &layer.sid)?;
            map.serialize_entry("inter_layer_dependency", &layer.inter_layer_dependency)?;
        }
        if let Some(tl0picidx) = self.tl0picidx() {
            map.serialize_entry("tl0picidx", &tl0picidx)?;
        }
        if self.is_flexible() {
            map.serialize_entry("p_diffs", &crate::ser::List(self.p_diffs()))?;
        }
        if let Some(structure) = self.structure {
            map.serialize_entry("scalability_structure", &structure)?;
        }
        map.serialize_entry("size", &self.payload.len())?;
        map.end()
    }
}

/// A VP9 payload descriptor to be written, before the payload: fill in the fields, or take a view's by `From`.
///
/// ```
/// use mediawire::Encode;
/// use mediawire::rtp::payload::{PictureId, vp9::{DescriptorBuilder, LayerIndices}};
///
/// let descriptor = DescriptorBuilder {
///     picture_id: Some(PictureId::Long(1)),
///     inter_picture_predicted: true,
///     flexible: true,
///     start_of_frame: true,
///     layer_indices: Some(LayerIndices { tid: 1, ..Default::default() }),
///     p_diffs: [Some(1), None, None],
///     ..Default::default()
/// };
/// let mut buffer = [0; 1200];
/// let len = descriptor.write(&mut buffer)?; // the payload goes behind it
/// assert_eq!(buffer[..len], [0xf8, 0x80, 1, 0x20, 0x02]);
/// # Ok::<(), mediawire::BuildError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DescriptorBuilder<'a> {
    /// As [`Descriptor::picture_id`]. Flexible mode needs it.
    pub picture_id: Option<PictureId>,
    /// As [`Descriptor::is_inter_picture_predicted`].
    pub inter_picture_predicted: bool,
    /// As [`Descriptor::is_flexible`].
    pub flexible: bool,
    /// As [`Descriptor::starts_frame`].
    pub start_of_frame: bool,
    /// As [`Descriptor::ends_frame`].
    pub end_of_frame: bool,
    /// As [`Descriptor::is_not_inter_layer_reference`].
    pub not_inter_layer_reference: bool,
    /// As [`Descriptor::layer_indices`].
    pub layer_indices: Option<LayerIndices>,
    /// As [`Descriptor::tl0picidx`]: there if and only if there are layer indices and the mode is not flexible.
    pub tl0picidx: Option<u8>,
    /// As [`Descriptor::p_diffs`], 0 to 127 each: at least one in a predicted frame of flexible mode, none in others.
    pub p_diffs: [Option<u8>; 3],
    /// As [`Descriptor::scalability_structure`]: in wire form, from a
    /// [`ScalabilityStructureBuilder`](super::ScalabilityStructureBuilder); or a view's.
    pub scalability_structure: Option<ScalabilityStructure<'a>>,
}

impl DescriptorBuilder<'_> {
    /// The rules that tie one field to another.
    #[inline]
    fn check(&self) -> Result<(), BuildError> {
        if self.flexible && self.picture_id.is_none() {
            return Err(BuildError::OutOfRange { field: "picture ID" });
        }
        if self.tl0picidx.is_some() != (self.layer_indices.is_some() && !self.flexible) {
            return Err(BuildError::OutOfRange { field: "TL0PICIDX" });
        }
        let wanted = self.flexible && self.inter_picture_predicted;
        if wanted != (self.reference_count() != 0) {
            return Err(BuildError::OutOfRange { field: "number of references" });
        }
        Ok(())
    }

    #[inline]
    fn reference_count(&self) -> usize {
        self.p_diffs.iter().flatten().count()
    }
}

impl<'a> From<Descriptor<'a>> for DescriptorBuilder<'a> {
    /// What is written is the descriptor that was read, byte for byte.
    #[inline]
    fn from(descriptor: Descriptor<'a>) -> Self {
        let mut p_diffs = descriptor.p_diffs();
        Self {
            picture_id: descriptor.picture_id(),
            inter_picture_predicted: descriptor.is_inter_picture_predicted(),
            flexible: descriptor.is_flexible(),
            start_of_frame: descriptor.starts_frame(),
            end_of_frame: descriptor.ends_frame(),
            not_inter_layer_reference: descriptor.is_not_inter_layer_reference(),
            layer_indices: descriptor.layer_indices(),
            tl0picidx: descriptor.tl0picidx(),
            p_diffs: [p_diffs.next(), p_diffs.next(), p_diffs.next()],
            scalability_structure: descriptor.scalability_structure(),
        }
    }
}

impl Encode for DescriptorBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        let picture_id = self.picture_id.map_or(0, PictureId::len);
        let layer = usize::from(self.layer_indices.is_some());
        let tl0picidx = usize::from(self.tl0picidx.is_some());
        let structure = self.scalability_structure.map_or(0, |structure| structure.encoded_len());
        let fixed = 1 + picture_id + layer + tl0picidx;
        fixed + self.reference_count() + structure
    }

    /// # Errors
    /// A number that its field has no room for; a field that is missing or not allowed beside the others.
    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        self.check()?;
        let bits = [
            (self.picture_id.is_some(), I),
            (self.inter_picture_predicted, P),
            (self.layer_indices.is_some(), L),
            (self.flexible, F),
            (self.start_of_frame, B),
            (self.end_of_frame, E),
            (self.scalability_structure.is_some(), V),
            (self.not_inter_layer_reference, Z),
        ];
        let first = bits.iter().fold(0, |first, &(set, bit)| if set { first | bit } else { first });
        out.bytes(&[first])?;
        if let Some(picture_id) = self.picture_id {
            picture_id.encode(out)?;
        }
        if let Some(layer) = self.layer_indices {
            out.bytes(&[layer.to_byte()?])?;
        }
        if let Some(tl0picidx) = self.tl0picidx {
            out.bytes(&[tl0picidx])?;
        }
        let mut left = self.reference_count();
        for p_diff in self.p_diffs.into_iter().flatten() {
            if p_diff > 127 {
                return Err(BuildError::OutOfRange { field: "P_DIFF" });
            }
            left = left.saturating_sub(1);
            out.bytes(&[p_diff << 1 | if left != 0 { N } else { 0 }])?;
        }
        match self.scalability_structure {
            Some(structure) => structure.encode(out),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec::Vec;

    use super::super::ScalabilityStructureBuilder;
    use super::*;
    use crate::testing::unhex;

    fn parse(bytes: &[u8]) -> Descriptor<'_> {
        Descriptor::parse(bytes).unwrap()
    }

    // RFC 9628 section 4.2, flexible mode, row by row; every field another value.
    const FLEXIBLE: [u8; 14] = [
        0xF7, // I=1 P=1 L=1 F=1 B=0 E=1 V=1 Z=1
        0x92, 0x67, // M=1, picture ID 4711
        0x77, // TID=3 U=1 SID=3 D=1
        0x03, 0xFF, 0x06, // P_DIFF 1 N=1, 127 N=1, 3 N=0
        0x10, 0x01, 0x40, 0x00, 0xB4, // N_S=0 Y=1 G=0, 320x180
        0xAA, 0xBB, // payload
    ];

    // The same, non-flexible mode.
    const NON_FLEXIBLE: [u8; 5] = [
        0xE8, // I=1 P=1 L=1 F=0 B=1 E=0 V=0 Z=0
        0x11, // M=0, picture ID 17
        0x84, // TID=4 U=0 SID=2 D=0
        0xFE, // TL0PICIDX
        0xAA, // payload
    ];

    #[test]
    fn reads_every_field_of_flexible_mode() {
        let view = parse(&FLEXIBLE);
        assert!(view.is_inter_picture_predicted() && view.is_flexible());
        assert!(!view.starts_frame() && view.ends_frame() && view.is_not_inter_layer_reference());
        assert_eq!(view.picture_id(), Some(PictureId::Long(4711)));
        let layer = view.layer_indices().unwrap();
        assert_eq!((layer.tid, layer.switching_up_point), (3, true));
        assert_eq!((layer.sid, layer.inter_layer_dependency), (3, true));
        assert_eq!(view.tl0picidx(), None);
        assert_eq!(view.p_diffs().collect::<Vec<_>>(), [1, 127, 3]);
        assert_eq!(view.scalability_structure().unwrap().to_string(), "layers=1[320x180]");
        assert_eq!(view.payload(), [0xAA, 0xBB]);
        assert_eq!(
            view.to_string(),
            "VP9 E P Z picture=4711 tid=3 U sid=3 D refs=[1,127,3] layers=1[320x180] len=2"
        );
    }

    #[test]
    fn reads_every_field_of_non_flexible_mode() {
        let view = parse(&NON_FLEXIBLE);
        assert!(view.is_inter_picture_predicted() && !view.is_flexible());
        assert!(view.starts_frame() && !view.ends_frame() && !view.starts_key_frame());
        assert_eq!(view.picture_id(), Some(PictureId::Short(17)));
        let layer = view.layer_indices().unwrap();
        assert_eq!((layer.tid, layer.switching_up_point), (4, false));
        assert_eq!((layer.sid, layer.inter_layer_dependency), (2, false));
        assert_eq!((view.tl0picidx(), view.p_diffs().len()), (Some(0xFE), 0));
        assert_eq!(view.payload(), [0xAA]);
    }

    #[test]
    fn the_first_packets_of_a_chromium_svc_stream() {
        // chromium-vp9-svc-dd.pcap, frames 13, 25 and 51: their first bytes. The frame behind the descriptor begins
        // with its marker 0b10, and a key frame has the sync code 49 83 42 at its second byte (VP9 bitstream,
        // section 7.2).
        let key = unhex("bed3961010014000b4834983420013f0");
        let view = parse(&key);
        assert!(view.starts_key_frame() && view.starts_frame() && view.ends_frame());
        assert_eq!(view.picture_id(), Some(PictureId::Long(0x5396)));
        assert_eq!(view.payload()[..4], [0x83, 0x49, 0x83, 0x42]);
        let sizes: Vec<_> = view.scalability_structure().unwrap().resolutions().collect();
        assert_eq!(sizes, [(320, 180)]);

        // Three spatial layers: the second of a key picture depends on the first.
        let upper = unhex("bcd397138702020004fe02ce33f1c120");
        let view = parse(&upper);
        assert!(view.starts_frame() && !view.is_inter_picture_predicted());
        assert!(!view.starts_key_frame(), "it needs the layer below");
        let layer = view.layer_indices().unwrap();
        assert_eq!((layer.sid, layer.inter_layer_dependency), (1, true));
        assert_eq!(view.payload()[0] >> 6, 0b10);

        let inter = unhex("fdd398500287000000027e0167027f01");
        let view = parse(&inter);
        let layer = view.layer_indices().unwrap();
        assert_eq!((layer.tid, layer.switching_up_point, layer.sid), (2, true, 0));
        assert_eq!(view.p_diffs().collect::<Vec<_>>(), [1]);
        assert!(view.is_not_inter_layer_reference());
        assert_eq!(view.payload()[0] >> 6, 0b10);
    }

    #[test]
    fn refuses_every_truncation_of_the_descriptor() {
        for len in 0..12 {
            let error = Descriptor::parse(&FLEXIBLE[..len]).unwrap_err();
            assert!(error.offset <= len, "{error}");
            let counted = error.field == "resolutions";
            assert_eq!(error.kind.name(), if counted { "count" } else { "truncated" }, "{error}");
        }
        for len in 0..4 {
            let error = Descriptor::parse(&NON_FLEXIBLE[..len]).unwrap_err();
            assert_eq!((error.offset, error.kind.name()), (len, "truncated"), "{error}");
        }
    }

    #[test]
    fn refuses_a_fourth_reference() {
        let error = Descriptor::parse(&[0x50, 0x03, 0x03, 0x05, 0x02]).unwrap_err();
        assert_eq!((error.field, error.offset), ("P_DIFF", 3));
        assert_eq!(error.kind, ErrorKind::Value { found: 5 });
    }

    #[test]
    fn refuses_to_write_what_the_standard_forbids() {
        let refuses = |builder: DescriptorBuilder<'_>, field| {
            assert_eq!(builder.write(&mut [0; 30]), Err(BuildError::OutOfRange { field }));
        };
        let whole = DescriptorBuilder::from(parse(&FLEXIBLE));
        refuses(DescriptorBuilder { picture_id: None, ..whole }, "picture ID");
        refuses(DescriptorBuilder { tl0picidx: Some(1), ..whole }, "TL0PICIDX");
        refuses(DescriptorBuilder { p_diffs: [None; 3], ..whole }, "number of references");
        refuses(DescriptorBuilder { p_diffs: [Some(128), None, None], ..whole }, "P_DIFF");
        let key = DescriptorBuilder { inter_picture_predicted: false, ..whole };
        refuses(key, "number of references");
        let layer = LayerIndices { tid: 8, ..Default::default() };
        refuses(DescriptorBuilder { layer_indices: Some(layer), ..whole }, "TID");
        let layer = LayerIndices { sid: 8, ..Default::default() };
        refuses(DescriptorBuilder { layer_indices: Some(layer), ..whole }, "SID");
        let whole = DescriptorBuilder::from(parse(&NON_FLEXIBLE));
        refuses(DescriptorBuilder { tl0picidx: None, ..whole }, "TL0PICIDX");
        let p_diffs = [Some(1), None, None];
        refuses(DescriptorBuilder { p_diffs, ..whole }, "number of references");
    }

    #[test]
    fn a_structure_is_built_into_the_descriptor() {
        let structure = ScalabilityStructureBuilder {
            spatial_layer_count: 1,
            resolutions: &[(320, 180)],
            pictures: None,
        };
        let mut wire = [0; 5];
        structure.write(&mut wire).unwrap();
        let scalability_structure = ScalabilityStructure::parse(&wire).ok();
        let whole = DescriptorBuilder::from(parse(&FLEXIBLE));
        let mut out = [0; 12];
        let built = DescriptorBuilder { scalability_structure, ..whole };
        assert_eq!(built.write(&mut out), Ok(12));
        assert_eq!(out, FLEXIBLE[..12]);
    }

    #[cfg(feature = "serde")]
    #[test]
    fn json_has_the_names_of_the_standard() {
        assert_eq!(
            serde_json::to_string(&parse(&FLEXIBLE)).unwrap(),
            r#"{"inter_picture_predicted":true,"flexible_mode":true,"start_of_frame":false,"end_of_frame":true,"not_inter_layer_reference":true,"picture_id":4711,"tid":3,"switching_up_point":true,"sid":3,"inter_layer_dependency":true,"p_diffs":[1,127,3],"scalability_structure":{"spatial_layer_count":1,"resolutions":[{"width":320,"height":180}]},"size":2}"#
        );
        assert_eq!(
            serde_json::to_string(&parse(&NON_FLEXIBLE)).unwrap(),
            r#"{"inter_picture_predicted":true,"flexible_mode":false,"start_of_frame":true,"end_of_frame":false,"not_inter_layer_reference":false,"picture_id":17,"tid":4,"switching_up_point":false,"sid":2,"inter_layer_dependency":false,"tl0picidx":254,"size":1}"#
        );
    }

    proptest! {
        #[test]
        fn what_is_built_is_read(
            (inter_picture_predicted, flexible, start_of_frame, end_of_frame) in any::<(bool, bool, bool, bool)>(),
            (not_inter_layer_reference, long, id) in (any::<bool>(), any::<bool>(), 0u16..0x8000),
            layer in prop::option::of((0u8..8, any::<bool>(), 0u8..8, any::<bool>())),
            (tl0picidx, count, p_diffs) in (any::<u8>(), 1usize..4, [0u8..128, 0u8..128, 0u8..128]),
            structure in any::<bool>(),
        ) {
            let picture_id = if long { PictureId::Long(id) } else { PictureId::Short(0).with_value(id) };
            let layer_indices = layer.map(|(tid, switching_up_point, sid, inter_layer_dependency)| {
                LayerIndices { tid, switching_up_point, sid, inter_layer_dependency }
            });
            let references = if flexible && inter_picture_predicted { count } else { 0 };
            let [a, b, c] = p_diffs;
            let builder = DescriptorBuilder {
                picture_id: (flexible || long).then_some(picture_id),
                inter_picture_predicted, flexible, start_of_frame, end_of_frame, not_inter_layer_reference,
                layer_indices,
                tl0picidx: (layer_indices.is_some() && !flexible).then_some(tl0picidx),
                p_diffs: [(references > 0).then_some(a), (references > 1).then_some(b), (references > 2).then_some(c)],
                scalability_structure: if structure { ScalabilityStructure::parse(&FLEXIBLE[7..]).ok() } else { None },
            };
            let mut bytes = [0xEE; 32];
            let len = builder.write(&mut bytes).unwrap();
            let view = parse(&bytes);
            prop_assert_eq!(view.payload(), &bytes[len..]);
            prop_assert_eq!(DescriptorBuilder::from(view), builder);
        }

        #[test]
        fn any_descriptor_is_written_as_it_was_read(bytes in prop::collection::vec(any::<u8>(), 0..24)) {
            if let Ok(view) = Descriptor::parse(&bytes) {
                // The standard wants a picture ID in flexible mode; one without is read, and not written.
                prop_assume!(!view.is_flexible() || view.picture_id().is_some());
                let mut written: Vec<_> = std::vec![0; 24];
                let len = DescriptorBuilder::from(view).write(&mut written).unwrap();
                prop_assert_eq!(&written[..len], &bytes[..bytes.len() - view.payload().len()]);
            }
        }
    }
}
