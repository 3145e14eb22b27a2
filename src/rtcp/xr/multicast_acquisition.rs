//! Multicast acquisition report block (RFC 6332 section 4).
//!
//! ```text
//! |     BT=11     |   MA Method   |         Block Length          |
//! |              SSRC of the Primary Multicast Stream             |
//! |             Status            |             Rsvd.             |
//! |     Type      |   Reserved    |            Length             |  TLV element
//! :                             Value                             :  Length bytes, then up to the 32-bit boundary
//! |                              ...                              |  more of them
//! ```
//!
//! The value of an element of the types 128 to 254 begins with a private enterprise number.

use byteorder::{BE, ByteOrder};
use core::fmt;
use core::ops::Range;
use core::time::Duration;

use super::BlockType;
use super::raw::{block_header, block_of, wrong_length};
use crate::encode::{Encode, Sink, narrow};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::registry::registry;
use crate::show::DebugList;
use crate::wire::{announced, array, context};

// Places in the fixed part, for reading and for writing.
const METHOD: usize = 1;
const SSRC: Range<usize> = 4..8;
const STATUS: Range<usize> = 8..10;
const HEAD_LEN: usize = 12;
const ELEMENT_HEADER_LEN: usize = 4;

registry! {
    /// How a multicast session is joined (IANA, Multicast Acquisition Method Registry).
    MaMethod(u8) {
        /// Without any help.
        SIMPLE_JOIN = 1, "simple join";
        /// By rapid acquisition, RFC 6285.
        RAMS = 2, "RAMS";
    }
}

registry! {
    /// How the acquisition went (IANA, Multicast Acquisition Report Block Status Code Space). RAMS response codes from
    /// 400 on stand here too.
    MaStatus(u16) {
        /// A private element says it.
        PRIVATE = 0, "private status code";
        /// The join was successful.
        JOINED = 1, "multicast join successful";
        /// The join failed.
        JOIN_FAILED = 2, "multicast join failed";
        /// What came could not be presented.
        PRESENTATION_ERROR = 3, "presentation error";
        /// Some other error of the receiver.
        RECEIVER_ERROR = 4, "unspecified receiver error";
        /// Rapid acquisition is done.
        RAMS_COMPLETED = 1001, "RAMS completed";
        /// No RAMS request was sent.
        NO_RAMS_REQUEST = 1002, "no RAMS-R sent";
        /// The RAMS information could not be read.
        INVALID_RAMS_INFORMATION = 1003, "invalid RAMS-I syntax";
        /// No RAMS information came in time.
        RAMS_INFORMATION_TIMED_OUT = 1004, "RAMS-I timed out";
        /// No burst came in time.
        RAMS_BURST_TIMED_OUT = 1005, "RAMS burst timed out";
        /// Some other error of the receiver during RAMS.
        RAMS_RECEIVER_ERROR = 1006, "unspecified receiver error during RAMS";
        /// What came during RAMS could not be presented.
        RAMS_PRESENTATION_ERROR = 1007, "presentation error during RAMS";
    }
}

registry! {
    /// The type of a TLV element (IANA, Multicast Acquisition Report Block TLV Space); 128 to 254 are private.
    MaElementType(u8) {
        /// Sequence number of the first multicast packet; 16 bits.
        FIRST_SEQUENCE = 1, "first multicast seqnum";
        /// From the join message to the first packet, in ms; 32 bits, as all that follow.
        SFGMP_JOIN_TIME = 2, "SFGMP join time";
        /// From the application's wish to the first multicast packet, in ms.
        REQUEST_TO_MULTICAST = 3, "request-to-multicast";
        /// From the application's wish to the presentation, in ms.
        REQUEST_TO_PRESENTATION = 4, "request-to-presentation";
        /// From the application's wish to the RAMS request, in ms.
        REQUEST_TO_RAMS_REQUEST = 11, "request-to-RAMS-request";
        /// From the RAMS request to the RAMS information, in ms.
        RAMS_REQUEST_TO_INFORMATION = 12, "RAMS-request-to-information";
        /// From the RAMS request to the burst, in ms.
        RAMS_REQUEST_TO_BURST = 13, "RAMS-request-to-burst";
        /// From the RAMS request to the first multicast packet, in ms.
        RAMS_REQUEST_TO_MULTICAST = 14, "RAMS-request-to-multicast";
        /// From the RAMS request to the burst's end, in ms.
        RAMS_REQUEST_TO_BURST_COMPLETION = 15, "RAMS-request-to-burst-completion";
        /// Packets that came in the burst and in the multicast.
        DUPLICATE_PACKETS = 16, "duplicate packets";
        /// Packets missing between burst and multicast.
        BURST_TO_MULTICAST_GAP = 17, "burst-to-multicast gap";
    }
}

impl MaElementType {
    /// Whether elements of this type begin with a private enterprise number.
    #[inline]
    pub const fn is_private(self) -> bool {
        matches!(self.0, 128..=254)
    }

    /// The length that the standard gives the value.
    #[inline]
    const fn value_len(self) -> Option<usize> {
        match self.0 {
            1 => Some(2),
            2..=4 | 11..=17 => Some(4),
            _ => None,
        }
    }
}

/// How a receiver came to join a multicast session, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MulticastAcquisition<'a> {
    head: &'a [u8; HEAD_LEN],
    elements: &'a [u8],
}

impl<'a> MulticastAcquisition<'a> {
    /// Reads the block at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another block type, a block length below 2, fewer bytes than it says; an element beyond the block, a private one
    /// without its enterprise number.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("multicast acquisition block", bytes, Self::block)
    }

    /// The block with its elements checked: after this no accessor and no iterator can fail.
    #[inline]
    pub(crate) fn block(i: &'a [u8]) -> Step<'a, Self> {
        let (rest, raw) = block_of(BlockType::MULTICAST_ACQUISITION)(i)?;
        let Some((head, elements)) = raw.as_bytes().split_first_chunk() else {
            return Err(wrong_length(raw, HEAD_LEN));
        };
        let mut left = elements;
        while !left.is_empty() {
            (left, _) = element(left)?;
        }
        Ok((rest, Self { head, elements }))
    }

    /// How the session is joined.
    #[inline]
    pub fn ma_method(&self) -> MaMethod {
        MaMethod(self.head[METHOD])
    }

    /// The primary multicast stream.
    #[inline]
    pub fn primary_multicast_ssrc(&self) -> u32 {
        BE::read_u32(&self.head[SSRC])
    }

    /// How it went.
    #[inline]
    pub fn status(&self) -> MaStatus {
        MaStatus(BE::read_u16(&self.head[STATUS]))
    }

    /// The elements, in the order of the wire.
    #[inline]
    pub const fn elements(&self) -> MaElements<'a> {
        MaElements { bytes: self.elements }
    }

    /// The first element of this type.
    #[inline]
    pub fn get(&self, element_type: MaElementType) -> Option<MaElement<'a>> {
        self.elements().find(|element| element.element_type == element_type)
    }
}

/// One element, up to the 32-bit boundary behind it; `i` begins at such a boundary.
#[inline]
fn element(i: &[u8]) -> Step<'_, MaElement<'_>> {
    let (left, &header) = context("TLV element", array::<ELEMENT_HEADER_LEN>)(i)?;
    let [element_type, _, high, low] = header;
    let length = usize::from(u16::from_be_bytes([high, low]));
    let (_, value) = context("TLV value", announced(length))(left)?;
    let rest = left.get(length.next_multiple_of(4)..).unwrap_or_default();
    let element_type = MaElementType(element_type);
    if !element_type.is_private() {
        return Ok((rest, MaElement { element_type, enterprise_number: None, value }));
    }
    let Some((&number, value)) = value.split_first_chunk() else {
        let kind = ErrorKind::Length { found: length, have: 4 };
        return Err(Fail::field("enterprise number", left, kind));
    };
    let enterprise_number = Some(u32::from_be_bytes(number));
    Ok((rest, MaElement { element_type, enterprise_number, value }))
}

/// The elements of a block; what [`MulticastAcquisition::elements`] gives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MaElements<'a> {
    bytes: &'a [u8],
}

impl<'a> Iterator for MaElements<'a> {
    type Item = MaElement<'a>;

    #[inline]
    fn next(&mut self) -> Option<MaElement<'a>> {
        let (rest, element) = element(self.bytes).ok()?;
        self.bytes = rest;
        Some(element)
    }
}

impl fmt::Debug for MaElements<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

/// One TLV element, read or to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaElement<'a> {
    /// Its type.
    pub element_type: MaElementType,
    /// Whose it is, in a private element, and only there.
    pub enterprise_number: Option<u32>,
    /// Its value, 0 to 65,535 bytes; with the enterprise number no more than that.
    pub value: &'a [u8],
}

impl<'a> MaElement<'a> {
    /// An element that is not private.
    #[inline]
    pub const fn new(element_type: MaElementType, value: &'a [u8]) -> Self {
        Self { element_type, enterprise_number: None, value }
    }

    /// The value as a number, where the type has one of 16 or 32 bits.
    #[inline]
    pub fn number(&self) -> Option<u32> {
        if self.element_type.value_len() != Some(self.value.len()) {
            return None;
        }
        Some(self.value.iter().fold(0, |number, &byte| number << 8 | u32::from(byte)))
    }

    /// The value as a span, where the type has one.
    #[inline]
    pub fn span(&self) -> Option<Duration> {
        match self.element_type.0 {
            2..=4 | 11..=15 => self.number().map(|ms| Duration::from_millis(ms.into())),
            _ => None,
        }
    }

    /// The bytes that the length field counts.
    #[inline]
    fn content_len(&self) -> usize {
        self.enterprise_number.map_or(0, |_| 4) + self.value.len()
    }
}

impl Encode for MaElement<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        ELEMENT_HEADER_LEN + self.content_len().next_multiple_of(4)
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if self.element_type.is_private() != self.enterprise_number.is_some() {
            return Err(BuildError::OutOfRange { field: "enterprise number" });
        }
        if self.element_type.value_len().is_some_and(|len| len != self.value.len()) {
            return Err(BuildError::OutOfRange { field: "TLV value" });
        }
        let len = self.content_len();
        let [high, low] = narrow::<_, u16>("TLV value", len)?.to_be_bytes();
        *out.array()? = [self.element_type.0, 0, high, low];
        if let Some(number) = self.enterprise_number {
            *out.array()? = number.to_be_bytes();
        }
        out.bytes(self.value)?;
        out.zeros(len.next_multiple_of(4) - len)
    }
}

/// `SFGMP join time=20`; the number of bytes where the value is no number.
impl fmt::Display for MaElement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.element_type)?;
        if let Some(number) = self.enterprise_number {
            write!(f, "/{number}")?;
        }
        match self.number() {
            Some(number) => write!(f, "={number}"),
            None => write!(f, "={} bytes", self.value.len()),
        }
    }
}

impl fmt::Display for MulticastAcquisition<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MA ssrc={:#010x}", self.primary_multicast_ssrc())?;
        write!(f, " method={} status={}", self.ma_method(), self.status())?;
        self.elements().try_for_each(|element| write!(f, " [{element}]"))
    }
}

impl fmt::Debug for MulticastAcquisition<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MulticastAcquisition")
            .field("ma_method", &self.ma_method())
            .field("primary_multicast_ssrc", &self.primary_multicast_ssrc())
            .field("status", &self.status())
            .field("elements", &DebugList(self.elements()))
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for MaElement<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", &self.element_type.0)?;
        map.serialize_entry("length", &self.content_len())?;
        if let Some(number) = self.enterprise_number {
            map.serialize_entry("enterprise_number", &number)?;
        }
        map.serialize_entry("value", &crate::ser::Hex(self.value))?;
        map.end()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for MulticastAcquisition<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        let (block_type, len) = (BlockType::MULTICAST_ACQUISITION, self.encoded_len());
        super::raw::serialize_block_header(&mut map, block_type, len)?;
        map.serialize_entry("ma_method", &self.ma_method().0)?;
        map.serialize_entry("primary_multicast_ssrc", &self.primary_multicast_ssrc())?;
        map.serialize_entry("status", &self.status().0)?;
        map.serialize_entry("tlvs", &crate::ser::List(self.elements()))?;
        map.end()
    }
}

/// Byte for byte as it was read.
impl Encode for MulticastAcquisition<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        HEAD_LEN + self.elements.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        *out.array()? = *self.head;
        out.bytes(self.elements)
    }
}

/// A [`MulticastAcquisition`] to be written, or a view's by `From`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MulticastAcquisitionBuilder<'a> {
    /// As [`MulticastAcquisition::ma_method`]; every field points to its accessor so.
    pub ma_method: MaMethod,
    /// As [`MulticastAcquisition::primary_multicast_ssrc`].
    pub primary_multicast_ssrc: u32,
    /// As [`MulticastAcquisition::status`].
    pub status: MaStatus,
    /// The elements; after a successful join the standard asks for those of the types 1 and 2.
    pub elements: MaElementList<'a>,
}

/// The elements of a [`MulticastAcquisitionBuilder`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaElementList<'a> {
    /// New ones.
    Built(&'a [MaElement<'a>]),
    /// Those of a view, byte for byte.
    Read(MaElements<'a>),
}

impl MaElementList<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        match self {
            Self::Built(elements) => elements.iter().map(Encode::encoded_len).sum(),
            Self::Read(elements) => elements.bytes.len(),
        }
    }
}

impl<'a> From<MulticastAcquisition<'a>> for MulticastAcquisitionBuilder<'a> {
    fn from(block: MulticastAcquisition<'a>) -> Self {
        Self {
            ma_method: block.ma_method(),
            primary_multicast_ssrc: block.primary_multicast_ssrc(),
            status: block.status(),
            elements: MaElementList::Read(block.elements()),
        }
    }
}

impl Encode for MulticastAcquisitionBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        HEAD_LEN + self.elements.encoded_len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let (block_type, len) = (BlockType::MULTICAST_ACQUISITION, self.encoded_len());
        *out.array()? = block_header(block_type, self.ma_method.0, len)?;
        *out.array()? = self.primary_multicast_ssrc.to_be_bytes();
        *out.array()? = self.status.0.to_be_bytes();
        out.zeros(2)?;
        match &self.elements {
            MaElementList::Built(elements) => {
                elements.iter().try_for_each(|element| element.encode(out))
            }
            MaElementList::Read(elements) => out.bytes(elements.bytes),
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
    use crate::testing::{refuses_every_truncation, words};

    // RFC 6332 figures 1 to 3, row by row: a join by RAMS, its first sequence number, its join time, a private element.
    const BLOCK: [u32; 10] = [
        0x0b02_0009, // MA method RAMS
        0x0102_0304, // SSRC of the primary multicast stream
        0x03e9_0000, // status 1001
        0x0100_0002, // type 1, length 2
        0x1112_0000, // sequence number, padding
        0x0200_0004, // type 2, length 4
        0x0000_0014, // 20 ms
        0x8000_0007, // type 128, length 7
        0x0000_7ed9, // enterprise number 32473
        0x6162_6300, // "abc", padding
    ];

    fn refused(words: &[u32]) -> (&'static str, usize, ErrorKind) {
        let bytes = crate::testing::words(words);
        let error = MulticastAcquisition::parse(&bytes).unwrap_err();
        (error.field, error.offset, error.kind)
    }

    #[test]
    fn reads_every_field() {
        let bytes = words(BLOCK);
        let block = MulticastAcquisition::parse(&bytes).unwrap();
        assert_eq!((block.ma_method(), block.status()), (MaMethod::RAMS, MaStatus::RAMS_COMPLETED));
        assert_eq!(block.primary_multicast_ssrc(), 0x0102_0304);
        let elements: Vec<_> = block.elements().collect();
        let private = MaElement {
            element_type: MaElementType(128),
            enterprise_number: Some(32_473),
            value: b"abc",
        };
        let expected = [
            MaElement::new(MaElementType::FIRST_SEQUENCE, &[0x11, 0x12]),
            MaElement::new(MaElementType::SFGMP_JOIN_TIME, &[0, 0, 0, 20]),
            private,
        ];
        assert_eq!(elements, expected);
        let first = block.get(MaElementType::FIRST_SEQUENCE).unwrap();
        assert_eq!((first.number(), first.span()), (Some(0x1112), None));
        let join = block.get(MaElementType::SFGMP_JOIN_TIME).unwrap();
        assert_eq!(join.span(), Some(Duration::from_millis(20)));
        assert_eq!((private.number(), private.span()), (None, None));
        let line = "MA ssrc=0x01020304 method=RAMS status=RAMS completed [first multicast seqnum=4370] \
                    [SFGMP join time=20] [128/32473=3 bytes]";
        assert_eq!(block.to_string(), line);
    }

    #[test]
    fn writes_what_it_reads_and_what_it_is_told() {
        let bytes = words(BLOCK);
        let block = MulticastAcquisition::parse(&bytes).unwrap();
        assert_eq!(MulticastAcquisitionBuilder::from(block).to_vec().unwrap(), bytes);
        assert_eq!(block.to_vec().unwrap(), bytes);
        let elements: Vec<_> = block.elements().collect();
        let builder = MulticastAcquisitionBuilder {
            elements: MaElementList::Built(&elements),
            ..block.into()
        };
        assert_eq!(builder.to_vec().unwrap(), bytes);
        refuses_every_truncation(&bytes, MulticastAcquisition::parse);
    }

    #[test]
    fn broken_elements_are_refused_at_their_place() {
        let kind = ErrorKind::Length { found: 8, have: 12 };
        assert_eq!(refused(&[0x0b01_0001, 1]), ("block length", 2, kind));
        let kind = ErrorKind::Length { found: 5, have: 4 };
        assert_eq!(refused(&[0x0b01_0004, 1, 1 << 16, 0x0200_0005, 1]), ("TLV value", 16, kind));
        let kind = ErrorKind::Length { found: 3, have: 4 };
        let private = [0x0b01_0004, 1, 0, 0x8000_0003, 1];
        assert_eq!(refused(&private), ("enterprise number", 16, kind));
    }

    #[test]
    fn a_value_of_another_length_is_kept_but_is_no_number() {
        let bytes = words([0x0b01_0003, 1, 1 << 16, 0x0200_0000]);
        let block = MulticastAcquisition::parse(&bytes).unwrap();
        assert_eq!(block.get(MaElementType::SFGMP_JOIN_TIME).unwrap().number(), None);
        assert_eq!(MulticastAcquisitionBuilder::from(block).to_vec().unwrap(), bytes);
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        let refused = |element: MaElement<'_>| match element.to_vec() {
            Err(BuildError::OutOfRange { field }) => field,
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(MaElement::new(MaElementType(128), &[])), "enterprise number");
        let number =
            MaElement { enterprise_number: Some(1), ..MaElement::new(MaElementType(5), &[]) };
        assert_eq!(refused(number), "enterprise number");
        assert_eq!(refused(MaElement::new(MaElementType::FIRST_SEQUENCE, &[0; 4])), "TLV value");
        assert_eq!(refused(MaElement::new(MaElementType(5), &[0; 0x1_0000])), "TLV value");
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (method, ssrc, status) in any::<(u8, u32, u16)>(),
            values in prop::collection::vec((18u8..=255, any::<u32>(), prop::collection::vec(any::<u8>(), 0..20)), 0..6),
        ) {
            let elements: Vec<_> = values.iter().map(|(number, enterprise, value)| {
                let element_type = MaElementType(*number);
                let enterprise_number = element_type.is_private().then_some(*enterprise);
                MaElement { element_type, enterprise_number, value }
            }).collect();
            let builder = MulticastAcquisitionBuilder {
                ma_method: MaMethod(method),
                primary_multicast_ssrc: ssrc,
                status: MaStatus(status),
                elements: MaElementList::Built(&elements),
            };
            let bytes = builder.to_vec().unwrap();
            let block = MulticastAcquisition::parse(&bytes).unwrap();
            prop_assert_eq!((block.ma_method().0, block.primary_multicast_ssrc(), block.status().0), (method, ssrc, status));
            prop_assert!(block.elements().eq(elements));
            prop_assert_eq!(MulticastAcquisitionBuilder::from(block).to_vec().unwrap(), bytes);
        }

        #[test]
        fn random_elements_never_panic(contents in prop::collection::vec(prop::sample::select(&[0u8, 1, 2, 4, 128][..]), 8..64)) {
            let length = u8::try_from(contents.len() / 4).unwrap();
            let bytes = [&[11, 1, 0, length], &contents[..usize::from(length) * 4]].concat();
            if let Ok(block) = MulticastAcquisition::parse(&bytes) {
                // Reserved bits are not the builder's.
                prop_assert_eq!(block.to_vec().unwrap(), bytes);
            }
        }
    }
}
