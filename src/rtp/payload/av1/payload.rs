//! RTP payload of AV1: the aggregation header and the OBU elements (RTP Payload Format For AV1, sections 4.4 and 4.5).
//!
//! ```text
//! |Z|Y| W |N|-|-|-|  aggregation header
//! |  length, leb128: before each element if W=0, otherwise before all but the last of W
//! |  OBU element: an OBU, or a fragment of one
//! ```

use core::fmt;
use core::iter::FusedIterator;

use nom::Parser;
use nom::error::context;

use super::{ObuHeader, ObuType};
use crate::encode::{Encode, Sink, narrow};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::wire::{announced, byte};

const Z: u8 = 0x80;
const Y: u8 = 0x40;
const W_SHIFT: u8 = 4;
const N: u8 = 0x08;
const RESERVED: u8 = 0x07;

/// An AV1 payload, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Payload<'a> {
    header: u8,
    elements: &'a [u8],
}

/// An OBU, or a fragment of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObuElement<'a> {
    /// Its bytes, header first unless it continues.
    pub data: &'a [u8],
    /// It continues the OBU that the packet before ended with.
    pub continues: bool,
    /// The next packet continues it.
    pub is_continued: bool,
}

impl ObuElement<'_> {
    /// The header of the OBU; `None` where it was in an earlier packet, or is cut short.
    #[inline]
    pub fn header(&self) -> Option<ObuHeader> {
        if self.continues { None } else { ObuHeader::new(self.data) }
    }
}

impl<'a> Payload<'a> {
    /// Reads an RTP payload.
    ///
    /// # Errors
    /// No element, or fewer than W says; a length beyond the payload, of more than 8 bytes, or above 2^32 − 1. An empty
    /// payload is refused: a packet that only probes for bandwidth.
    #[inline]
    pub fn parse(payload: &'a [u8]) -> Result<Self, ParseError> {
        run("AV1 payload", payload, av1_payload)
    }

    /// The Z bit: the first element continues the last of the packet before.
    #[inline]
    pub const fn continues(&self) -> bool {
        self.header & Z != 0
    }

    /// The Y bit: the next packet continues the last element.
    #[inline]
    pub const fn is_continued(&self) -> bool {
        self.header & Y != 0
    }

    /// W: the number of elements, 1 to 3; 0 if it is not given.
    #[inline]
    pub const fn w(&self) -> u8 {
        self.header >> W_SHIFT & 3
    }

    /// The N bit: the first packet of a coded video sequence.
    #[inline]
    pub const fn starts_sequence(&self) -> bool {
        self.header & N != 0
    }

    /// The three bits of the aggregation header without a meaning, 0 to 7.
    #[inline]
    pub const fn reserved(&self) -> u8 {
        self.header & RESERVED
    }

    /// The OBU elements, at least one.
    #[inline]
    pub const fn elements(&self) -> ObuElements<'a> {
        ObuElements { header: self.header, left: self.w(), first: true, rest: self.elements }
    }

    /// The OBU elements in wire form, as [`ElementsBuilder::Raw`] takes them.
    #[inline]
    pub const fn elements_bytes(&self) -> &'a [u8] {
        self.elements
    }

    /// A frame begins here: one of the OBUs is a frame, or the header of one.
    #[inline]
    pub fn starts_frame(&self) -> bool {
        self.has_obu(|kind| matches!(kind, ObuType::FRAME | ObuType::FRAME_HEADER))
    }

    /// A decoder may begin here: the N bit is set, or one of the OBUs is a sequence header.
    #[inline]
    pub fn starts_key_frame(&self) -> bool {
        self.starts_sequence() || self.has_obu(|kind| kind == ObuType::SEQUENCE_HEADER)
    }

    /// Temporal and spatial layer: of the first OBU here that says it.
    #[inline]
    pub fn layer_ids(&self) -> Option<(u8, u8)> {
        self.elements().find_map(|element| {
            let header = element.header()?;
            header.temporal_id().zip(header.spatial_id())
        })
    }

    #[inline]
    fn has_obu(&self, wanted: impl Fn(ObuType) -> bool) -> bool {
        let mut headers = self.elements().filter_map(|element| element.header());
        headers.any(|header| wanted(header.obu_type()))
    }
}

/// All of `i`, its elements checked: after this the iterator ends where they do.
#[inline]
fn av1_payload(i: &[u8]) -> Step<'_, Payload<'_>> {
    let (elements, header) = context("aggregation header", byte).parse(i)?;
    let (mut left, mut rest) = (header >> W_SHIFT & 3, elements);
    loop {
        (rest, _) = element(left, rest)?;
        match left {
            1 => break,
            0 if rest.is_empty() => break,
            0 => {}
            _ => left = left.saturating_sub(1),
        }
    }
    Ok((&[], Payload { header, elements }))
}

/// The element at the front of `i`, with `left` as W counts them down: the last one, 1, takes all of `i`.
#[inline]
fn element(left: u8, i: &[u8]) -> Step<'_, &[u8]> {
    if left == 1 {
        return match i {
            [] => Err(Fail::field("OBU element", i, ErrorKind::Truncated { need: 1, have: 0 })),
            _ => Ok((&[], i)),
        };
    }
    let (rest, len) = context("OBU element length", leb128).parse(i)?;
    context("OBU element", announced(len)).parse(rest)
}

/// A number of 7 bits a byte, the lowest first; the high bit says that another byte follows (AV1 bitstream
/// specification, section 4.10.5).
#[inline]
fn leb128(i: &[u8]) -> Step<'_, usize> {
    let (rest, first) = byte(i)?;
    if first & 0x80 == 0 {
        return Ok((rest, first.into()));
    }
    let (mut rest, mut value) = (rest, u64::from(first & 0x7F));
    for shift in (7..56).step_by(7) {
        let next;
        (rest, next) = byte(rest)?;
        value |= u64::from(next & 0x7F) << shift;
        if next & 0x80 == 0 {
            let Ok(short) = u32::try_from(value) else { return Err(too_long(i, u32::MAX)) };
            return Ok((rest, usize::try_from(short).unwrap_or(usize::MAX)));
        }
    }
    Err(too_long(i, 0x80))
}

/// A length of more than 8 bytes, or of more than 32 bits.
#[cold]
fn too_long(i: &[u8], found: u32) -> nom::Err<Fail<'_>> {
    Fail::new(i, ErrorKind::Value { found })
}

/// The OBU elements of a payload, in wire order.
#[derive(Clone, Copy, Debug)]
pub struct ObuElements<'a> {
    header: u8,
    /// As W counts them down; 0 if it does not.
    left: u8,
    first: bool,
    rest: &'a [u8],
}

impl<'a> Iterator for ObuElements<'a> {
    type Item = ObuElement<'a>;

    #[inline]
    fn next(&mut self) -> Option<ObuElement<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let (rest, data) = element(self.left, self.rest).ok()?;
        let continues = self.first && self.header & Z != 0;
        let is_continued = rest.is_empty() && self.header & Y != 0;
        (self.rest, self.first, self.left) = (rest, false, self.left.saturating_sub(1));
        Some(ObuElement { data, continues, is_continued })
    }
}

impl FusedIterator for ObuElements<'_> {}

/// One line: `AV1 N [sequence header 3] [frame 1100+]`; `+` where an OBU goes on in another packet.
impl fmt::Display for Payload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.starts_sequence() { "AV1 N" } else { "AV1" })?;
        for element in self.elements() {
            match element.header() {
                Some(header) => {
                    let kind = header.obu_type();
                    let reserved = if kind.name().is_none() { "type " } else { "" };
                    write!(f, " [{reserved}{kind} {}", element.data.len())?;
                }
                None => write!(f, " [+{}", element.data.len())?,
            }
            f.write_str(if element.is_continued { "+]" } else { "]" })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Payload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payload")
            .field("continues", &self.continues())
            .field("is_continued", &self.is_continued())
            .field("w", &self.w())
            .field("starts_sequence", &self.starts_sequence())
            .field("elements", &crate::show::DebugList(self.elements()))
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for ObuElement<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        if let Some(header) = self.header() {
            map.serialize_entry("obu_type", &header.obu_type().0)?;
            if let Some(name) = header.obu_type().name() {
                map.serialize_entry("name", name)?;
            }
            map.serialize_entry("obu_has_size_field", &header.has_size_field())?;
            if let Some((temporal, spatial)) = header.temporal_id().zip(header.spatial_id()) {
                map.serialize_entry("temporal_id", &temporal)?;
                map.serialize_entry("spatial_id", &spatial)?;
            }
        }
        map.serialize_entry("size", &self.data.len())?;
        map.end()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Payload<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(Some(5))?;
        map.serialize_entry("z", &self.continues())?;
        map.serialize_entry("y", &self.is_continued())?;
        map.serialize_entry("w", &self.w())?;
        map.serialize_entry("n", &self.starts_sequence())?;
        map.serialize_entry("obu_elements", &crate::ser::List(self.elements()))?;
        map.end()
    }
}

/// An AV1 payload to be written, or a view's by `From`.
///
/// ```
/// use mediawire::Encode;
/// use mediawire::rtp::payload::av1::{ElementsBuilder, PayloadBuilder};
///
/// let payload = PayloadBuilder {
///     is_continued: true,
///     elements: ElementsBuilder::List(&[&[0x08, 0, 0], &[0x30, 0x10]]),
///     ..Default::default()
/// };
/// let mut buffer = [0; 1200];
/// let len = payload.write(&mut buffer)?;
/// assert_eq!(buffer[..len], [0x60, 3, 0x08, 0, 0, 0x30, 0x10]);
/// # Ok::<(), mediawire::BuildError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PayloadBuilder<'a> {
    /// As [`Payload::continues`].
    pub continues: bool,
    /// As [`Payload::is_continued`].
    pub is_continued: bool,
    /// As [`Payload::starts_sequence`]; such a packet cannot continue another.
    pub starts_sequence: bool,
    /// As [`Payload::reserved`]: 0, unless a packet is to stay as it came.
    pub reserved: u8,
    /// The OBU elements.
    pub elements: ElementsBuilder<'a>,
}

/// The OBU elements of a payload to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementsBuilder<'a> {
    /// At least one. Up to 3 are counted by W, and the last goes without a length.
    List(&'a [&'a [u8]]),
    /// Bytes as they stand on the wire.
    Raw {
        /// As [`Payload::w`]: 0 to 3.
        w: u8,
        /// As [`Payload::elements_bytes`].
        data: &'a [u8],
    },
}

/// None: nothing that could be written.
impl Default for ElementsBuilder<'_> {
    fn default() -> Self {
        Self::List(&[])
    }
}

impl<'a> From<Payload<'a>> for PayloadBuilder<'a> {
    /// What is written is what was read, byte for byte.
    #[inline]
    fn from(payload: Payload<'a>) -> Self {
        Self {
            continues: payload.continues(),
            is_continued: payload.is_continued(),
            starts_sequence: payload.starts_sequence(),
            reserved: payload.reserved(),
            elements: ElementsBuilder::Raw { w: payload.w(), data: payload.elements },
        }
    }
}

/// The bytes that a number takes as leb128.
#[inline]
fn leb128_len(value: usize) -> usize {
    let bits = usize::BITS.saturating_sub(value.leading_zeros()).max(1);
    usize::try_from(bits.div_ceil(7)).unwrap_or_default()
}

/// Writes a number in as few bytes as it takes.
#[inline]
fn write_leb128(out: &mut Sink<'_>, value: usize) -> Result<(), BuildError> {
    let mut left: u32 = narrow("OBU element length", value)?;
    loop {
        let [.., low] = left.to_be_bytes();
        left >>= 7;
        if left == 0 {
            return out.bytes(&[low & 0x7F]);
        }
        out.bytes(&[low | 0x80])?;
    }
}

impl Encode for PayloadBuilder<'_> {
    fn encoded_len(&self) -> usize {
        let elements = match self.elements {
            ElementsBuilder::Raw { data, .. } => data.len(),
            ElementsBuilder::List(list) => {
                let with_length =
                    |element: &&[u8]| leb128_len(element.len()).saturating_add(element.len());
                let all = list.iter().map(with_length).fold(0, usize::saturating_add);
                match list {
                    [] | [_, _, _, _, ..] => all,
                    [.., last] => all.saturating_sub(leb128_len(last.len())),
                }
            }
        };
        elements.saturating_add(1)
    }

    /// # Errors
    /// No element, or an empty one; a first packet of a sequence that continues another; reserved bits above 7; W above 3.
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if self.starts_sequence && self.continues {
            return Err(BuildError::OutOfRange { field: "N" });
        }
        if self.reserved > RESERVED {
            return Err(BuildError::OutOfRange { field: "reserved" });
        }
        let w = match self.elements {
            ElementsBuilder::Raw { w, .. } => w,
            ElementsBuilder::List(list) if list.len() > 3 => 0,
            ElementsBuilder::List(list) => narrow("W", list.len())?,
        };
        if w > 3 {
            return Err(BuildError::OutOfRange { field: "W" });
        }
        let bits = [(self.continues, Z), (self.is_continued, Y), (self.starts_sequence, N)];
        let bits = bits.iter().fold(0, |bits, &(set, bit)| if set { bits | bit } else { bits });
        out.bytes(&[bits | w << W_SHIFT | self.reserved])?;
        match self.elements {
            ElementsBuilder::List([]) | ElementsBuilder::Raw { data: [], .. } => {
                Err(BuildError::OutOfRange { field: "number of OBU elements" })
            }
            ElementsBuilder::Raw { data, .. } => out.bytes(data),
            ElementsBuilder::List(list) => {
                for (index, element) in list.iter().enumerate() {
                    if element.is_empty() {
                        return Err(BuildError::OutOfRange { field: "OBU element" });
                    }
                    if w == 0 || index + 1 < list.len() {
                        write_leb128(out, element.len())?;
                    }
                    out.bytes(element)?;
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;

    fn parse(bytes: &[u8]) -> Payload<'_> {
        Payload::parse(bytes).unwrap()
    }

    fn sizes(bytes: &[u8]) -> Vec<usize> {
        parse(bytes).elements().map(|element| element.data.len()).collect()
    }

    #[test]
    fn the_example_of_section_4_5() {
        // 303 bytes: two elements, the first of 200 bytes with a length of two, the last of 100 without.
        let mut bytes = Vec::from([0x20, 0xC8, 0x01]);
        bytes.extend([0x30; 300]);
        assert_eq!(bytes.len(), 303);
        assert_eq!(sizes(&bytes), [200, 100]);
        let payload = parse(&bytes);
        assert!(!payload.continues() && !payload.is_continued() && !payload.starts_sequence());
        assert_eq!(payload.w(), 2);
        let list: Vec<_> = payload.elements().map(|element| element.data).collect();
        let builder =
            PayloadBuilder { elements: ElementsBuilder::List(&list), ..Default::default() };
        let mut out = [0; 303];
        assert_eq!(builder.write(&mut out), Ok(303));
        assert_eq!(out[..], bytes);
    }

    #[test]
    fn without_a_count_every_element_has_a_length() {
        let bytes = [0x00, 1, 0x30, 2, 0x20, 9, 0, 3, 0x20, 8, 7];
        assert_eq!(sizes(&bytes), [1, 2, 0, 3]);
        let counted = [0x30, 1, 0x30, 2, 0x20, 9, 0x20, 8, 7];
        assert_eq!(sizes(&counted), [1, 2, 3]);
    }

    #[test]
    fn fragments_are_at_the_ends() {
        // Z=1 Y=1 W=2; then one element that goes through the packet.
        let of = |bytes: &[u8]| {
            let elements = parse(bytes).elements();
            elements
                .map(|e| (e.continues, e.is_continued, e.header().is_some()))
                .collect::<Vec<_>>()
        };
        assert_eq!(of(&[0xE0, 1, 0x30, 0x30]), [(true, false, false), (false, true, true)]);
        assert_eq!(of(&[0xD0, 0x30]), [(true, true, false)]);
        assert_eq!(of(&[0xC0, 1, 0x30, 1, 0x30]), [(true, false, false), (false, true, true)]);
        assert!(!parse(&[0x90, 0x30]).starts_frame(), "a continued frame");
        assert!(parse(&[0x10, 0x30]).starts_frame());
        assert_eq!(parse(&[0xE8, 1, 0x30, 0x78]).to_string(), "AV1 N [+1] [padding 1+]");
    }

    #[test]
    fn a_sequence_header_or_the_n_bit_is_where_a_decoder_may_begin() {
        assert!(parse(&[0x18, 0x30]).starts_key_frame());
        assert!(parse(&[0x20, 1, 0x08, 0x30]).starts_key_frame());
        assert!(!parse(&[0x20, 1, 0x28, 0x30]).starts_key_frame());
        assert!(!parse(&[0x90, 0x08]).starts_key_frame(), "bytes in the middle of an OBU");
    }

    #[test]
    fn layers_are_those_of_the_first_obu_that_says() {
        assert_eq!(parse(&[0x20, 1, 0x08, 0x34, 0x50]).layer_ids(), Some((2, 2)));
        assert_eq!(parse(&[0x10, 0x30]).layer_ids(), None);
    }

    #[test]
    fn lengths_need_not_be_minimal() {
        // AV1 bitstream specification, section 4.10.5: up to 8 bytes.
        for bytes in
            [&[0x00, 0x81, 0x00, 0x30][..], &[0, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0, 0x30]]
        {
            assert_eq!(sizes(bytes), [1]);
            let mut out = [0; 10];
            let len = PayloadBuilder::from(parse(bytes)).write(&mut out).unwrap();
            assert_eq!(&out[..len], bytes);
        }
    }

    #[test]
    fn refuses_lengths_and_counts_that_do_not_fit() {
        let refused = |bytes: &[u8], field, offset, kind| {
            let error = Payload::parse(bytes).unwrap_err();
            assert_eq!((error.field, error.offset, error.kind), (field, offset, kind), "{error}");
        };
        let cut = ErrorKind::Truncated { need: 1, have: 0 };
        refused(&[], "aggregation header", 0, cut);
        refused(&[0x00], "OBU element length", 1, cut);
        refused(&[0x10], "OBU element", 1, cut);
        refused(&[0x20, 1, 0x30], "OBU element", 3, cut);
        refused(&[0x30, 1, 0x30], "OBU element length", 3, cut);
        refused(&[0x00, 0x80], "OBU element length", 2, cut);
        refused(&[0x00, 2, 0x30], "OBU element", 2, ErrorKind::Length { found: 2, have: 1 });
        let wide = [0, 0x80, 0x80, 0x80, 0x80, 0x10, 0x30];
        refused(&wide, "OBU element length", 1, ErrorKind::Value { found: u32::MAX });
        refused(&[0x80; 20], "OBU element length", 1, ErrorKind::Value { found: 0x80 });
    }

    #[test]
    fn refuses_to_write_what_the_standard_forbids() {
        let refuses = |builder: PayloadBuilder<'_>, field| {
            assert_eq!(builder.write(&mut [0; 30]), Err(BuildError::OutOfRange { field }));
        };
        let element: &[u8] = &[0x30];
        let whole =
            PayloadBuilder { elements: ElementsBuilder::List(&[element]), ..Default::default() };
        refuses(PayloadBuilder { continues: true, starts_sequence: true, ..whole }, "N");
        refuses(PayloadBuilder { reserved: 8, ..whole }, "reserved");
        refuses(PayloadBuilder::default(), "number of OBU elements");
        let empty = ElementsBuilder::List(&[element, &[]]);
        refuses(PayloadBuilder { elements: empty, ..whole }, "OBU element");
        let raw = ElementsBuilder::Raw { w: 4, data: element };
        refuses(PayloadBuilder { elements: raw, ..whole }, "W");
    }

    #[cfg(feature = "serde")]
    #[test]
    fn json_has_the_names_of_the_standard() {
        assert_eq!(
            serde_json::to_string(&parse(&[0x68, 1, 0x08, 0x36, 0x50, 7])).unwrap(),
            r#"{"z":false,"y":true,"w":2,"n":true,"obu_elements":[{"obu_type":1,"name":"sequence header","obu_has_size_field":false,"size":1},{"obu_type":6,"name":"frame","obu_has_size_field":true,"temporal_id":2,"spatial_id":2,"size":3}]}"#
        );
    }

    proptest! {
        #[test]
        fn what_is_built_is_read(
            list in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..300), 1..6),
            (continues, is_continued, starts_sequence, reserved) in (any::<bool>(), any::<bool>(), any::<bool>(), 0u8..8),
        ) {
            let list: Vec<&[u8]> = list.iter().map(|element| &element[..]).collect();
            let starts_sequence = starts_sequence && !continues;
            let elements = ElementsBuilder::List(&list);
            let builder = PayloadBuilder { continues, is_continued, starts_sequence, reserved, elements };
            let mut out = std::vec![0xEE; builder.encoded_len()];
            builder.write(&mut out).unwrap();
            let payload = parse(&out);
            prop_assert_eq!(payload.elements().map(|element| element.data).collect::<Vec<_>>(), list);
            prop_assert_eq!(payload.elements().filter(|element| element.continues).count(), usize::from(continues));
            prop_assert_eq!(payload.elements().filter(|element| element.is_continued).count(), usize::from(is_continued));
            prop_assert_eq!((payload.starts_sequence(), payload.reserved()), (starts_sequence, reserved));
        }

        #[test]
        fn any_payload_is_written_as_it_was_read(bytes in prop::collection::vec(prop_oneof![0u8..6, any::<u8>()], 0..60)) {
            if let Ok(payload) = Payload::parse(&bytes) {
                // N with Z is read, and not written.
                prop_assume!(!(payload.starts_sequence() && payload.continues()));
                let mut out = std::vec![0; bytes.len()];
                PayloadBuilder::from(payload).write(&mut out).unwrap();
                prop_assert_eq!(&out, &bytes);
                prop_assert!(payload.w() == 0 || payload.elements().count() == usize::from(payload.w()));
            }
        }
    }
}
