//! Redundant data payload, RED (RFC 2198 section 3).
//!
//! ```text
//! |1|  block PT   |     timestamp offset      |   block length    |  headers, one of 4 bytes for each redundant block
//! |0|  block PT   |                                                  primary header
//! |             redundant blocks, in the order of their headers   |  data
//! |                         primary block ...                     |
//! ```
//!
//! Video sends it with the primary block alone, or with ULPFEC as the primary block of a packet of its own.

use core::fmt;
use core::iter::FusedIterator;

use super::PayloadType;
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::show::DebugList;
use crate::wire::{array, byte};

use nom::Parser;
use nom::error::context;

const HEADER_LEN: usize = 4;

// Bits of the first byte of a header.
const FOLLOWED: u8 = 0x80;
const BLOCK_TYPE: u8 = 0x7F;

/// The largest timestamp offset, in 14 bits.
const MAX_OFFSET: u16 = 0x3FFF;
/// The largest length of a redundant block, in 10 bits.
const MAX_LEN: u16 = 0x3FF;

/// A block of redundant data: what an earlier packet carried, in this format or another.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RedBlock<'a> {
    /// The format of the data, 0 to 127.
    pub payload_type: PayloadType,
    /// How much older than the packet's timestamp it is, in units of the RTP clock: 0 to 16383.
    pub timestamp_offset: u16,
    /// 0 to 1023 bytes.
    pub payload: &'a [u8],
}

impl<'a> RedBlock<'a> {
    #[inline]
    fn header(&self) -> Result<[u8; HEADER_LEN], BuildError> {
        if self.payload_type > PayloadType::MAX {
            return Err(BuildError::OutOfRange { field: "block payload type" });
        }
        if self.timestamp_offset > MAX_OFFSET {
            return Err(BuildError::OutOfRange { field: "timestamp offset" });
        }
        let len = u16::try_from(self.payload.len()).ok().filter(|&len| len <= MAX_LEN);
        let len = len.ok_or(BuildError::OutOfRange { field: "block length" })?;
        let [high, low] = len.to_be_bytes();
        let [before, offset] = (self.timestamp_offset << 2).to_be_bytes();
        Ok([FOLLOWED | self.payload_type.0, before, offset | high, low])
    }

    /// The block of `header` at the front of `data`, and what follows it.
    #[inline]
    fn split(header: &[u8; HEADER_LEN], data: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (payload, rest) = data.split_at_checked(block_len(header))?;
        let payload_type = PayloadType(header[0] & BLOCK_TYPE);
        let timestamp_offset = u16::from_be_bytes([header[1], header[2]]) >> 2;
        Some((Self { payload_type, timestamp_offset, payload }, rest))
    }
}

/// The block length of a header: its last 10 bits.
#[inline]
fn block_len(header: &[u8; HEADER_LEN]) -> usize {
    u16::from_be_bytes([header[2] & 3, header[3]]).into()
}

/// A RED payload, read in place.
///
/// ```
/// use mediawire::rtp::{PayloadType, Red};
///
/// let payload = [
///     0x80 | 111, 0x0F, 0x00, 0x02, // a redundant block of 2 bytes, 960 units older
///     111, // the primary block's type
///     1, 2, // redundant
///     3, 4, 5, // primary
/// ];
/// let red = Red::parse(&payload)?;
/// assert_eq!((red.payload_type(), red.payload()), (PayloadType(111), &[3, 4, 5][..]));
/// let block = red.redundant().next().expect("one block");
/// assert_eq!((block.timestamp_offset, block.payload), (960, &[1, 2][..]));
/// # Ok::<(), mediawire::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Red<'a> {
    headers: &'a [[u8; HEADER_LEN]],
    /// Of the redundant blocks.
    data: &'a [u8],
    payload_type: PayloadType,
    payload: &'a [u8],
}

impl<'a> Red<'a> {
    /// Reads the payload of an RTP packet, without its padding.
    ///
    /// # Errors
    /// No header of a primary block; redundant blocks longer than what is there.
    #[inline]
    pub fn parse(payload: &'a [u8]) -> Result<Self, ParseError> {
        run("RED payload", payload, red)
    }

    /// The format of the primary block.
    #[inline]
    pub const fn payload_type(&self) -> PayloadType {
        self.payload_type
    }

    /// The primary block: what the packet would carry without RED.
    #[inline]
    pub const fn payload(&self) -> &'a [u8] {
        self.payload
    }

    /// The redundant blocks in wire order, as a rule the oldest first.
    #[inline]
    pub const fn redundant(&self) -> RedBlocks<'a> {
        RedBlocks { headers: self.headers, data: self.data }
    }

    /// The bytes before the data of the blocks: what [`PacketEditor::remove_payload_header`] takes off to leave the
    /// packet without RED, where there are no redundant blocks.
    ///
    /// [`PacketEditor::remove_payload_header`]: super::PacketEditor::remove_payload_header
    #[inline]
    pub const fn header_len(&self) -> usize {
        self.headers.as_flattened().len() + 1
    }
}

#[inline]
fn red(i: &[u8]) -> Step<'_, Red<'_>> {
    // The headers first: only then it is known where the data begins.
    let (mut rest, mut len) = (i, 0);
    while rest.first().is_some_and(|first| first & FOLLOWED != 0) {
        let (next, header) = context("block header", array::<HEADER_LEN>).parse(rest)?;
        (rest, len) = (next, len + block_len(header));
    }
    let headers = i.get(..i.len().saturating_sub(rest.len())).unwrap_or_default().as_chunks().0;
    let (data, first) = context("primary block header", byte).parse(rest)?;
    match data.split_at_checked(len) {
        Some((data, payload)) => {
            Ok((&[], Red { headers, data, payload_type: PayloadType(first), payload }))
        }
        None => Err(too_long(i, headers, data)),
    }
}

/// Says at its header which block is longer than what is left for it.
#[cold]
fn too_long<'a>(i: &'a [u8], headers: &[[u8; HEADER_LEN]], mut data: &[u8]) -> nom::Err<Fail<'a>> {
    for (index, header) in headers.iter().enumerate() {
        let (found, have) = (block_len(header), data.len());
        match data.split_at_checked(found) {
            Some((_, rest)) => data = rest,
            None => {
                let at = i.get(index * HEADER_LEN..).unwrap_or(i);
                return Fail::field("block length", at, ErrorKind::Length { found, have });
            }
        }
    }
    Fail::field("block length", i, ErrorKind::Length { found: 0, have: data.len() })
}

/// The redundant blocks of a RED payload, in wire order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RedBlocks<'a> {
    headers: &'a [[u8; HEADER_LEN]],
    data: &'a [u8],
}

impl<'a> Iterator for RedBlocks<'a> {
    type Item = RedBlock<'a>;

    #[inline]
    fn next(&mut self) -> Option<RedBlock<'a>> {
        let (header, headers) = self.headers.split_first()?;
        let (block, data) = RedBlock::split(header, self.data)?;
        *self = Self { headers, data };
        Some(block)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.headers.len(), Some(self.headers.len()))
    }
}

impl ExactSizeIterator for RedBlocks<'_> {}
impl FusedIterator for RedBlocks<'_> {}

/// `pt=111 ts-960 len=60`
impl fmt::Display for RedBlock<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { payload_type, timestamp_offset, payload } = self;
        write!(f, "pt={} ts-{timestamp_offset} len={}", payload_type.0, payload.len())
    }
}

impl fmt::Debug for RedBlock<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedBlock")
            .field("payload_type", &self.payload_type)
            .field("timestamp_offset", &self.timestamp_offset)
            .field("payload", &self.payload)
            .finish()
    }
}

impl fmt::Debug for RedBlocks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

/// One line: `RED pt=111 len=60 [pt=111 ts-960 len=58]`.
impl fmt::Display for Red<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RED pt={} len={}", self.payload_type.0, self.payload.len())?;
        self.redundant().try_for_each(|block| write!(f, " [{block}]"))
    }
}

impl fmt::Debug for Red<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Red")
            .field("redundant", &DebugList(self.redundant()))
            .field("payload_type", &self.payload_type)
            .field("payload", &self.payload)
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for RedBlock<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;

        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("block_pt", &self.payload_type.0)?;
        map.serialize_entry("timestamp_offset", &self.timestamp_offset)?;
        map.serialize_entry("block_length", &self.payload.len())?;
        map.end()
    }
}

/// `redundant_blocks`, then `block_pt` and `payload_size` of the primary block.
#[cfg(feature = "serde")]
impl serde::Serialize for Red<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;

        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("redundant_blocks", &crate::ser::List(self.redundant()))?;
        map.serialize_entry("block_pt", &self.payload_type.0)?;
        map.serialize_entry("payload_size", &self.payload.len())?;
        map.end()
    }
}

/// A RED payload to be written.
///
/// Without redundant blocks it is one byte before the payload, which [`PacketEditor::insert_payload_header`] puts there in
/// place.
///
/// [`PacketEditor::insert_payload_header`]: super::PacketEditor::insert_payload_header
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RedBuilder<'a> {
    /// The redundant blocks, the oldest first.
    pub redundant: RedundantBlocks<'a>,
    /// As [`Red::payload_type`]: 0 to 127.
    pub payload_type: PayloadType,
    /// As [`Red::payload`].
    pub payload: &'a [u8],
}

/// The redundant blocks of a RED payload to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedundantBlocks<'a> {
    /// One after the other.
    List(&'a [RedBlock<'a>]),
    /// Those of a payload that was read.
    Read(RedBlocks<'a>),
}

/// None.
impl Default for RedundantBlocks<'_> {
    #[inline]
    fn default() -> Self {
        Self::List(&[])
    }
}

impl<'a> RedundantBlocks<'a> {
    /// One of the two is empty.
    #[inline]
    fn iter(&self) -> impl Iterator<Item = RedBlock<'a>> + use<'a> {
        let empty = RedBlocks { headers: &[], data: &[] };
        let (list, read) = match *self {
            Self::List(list) => (list, empty),
            Self::Read(read) => (&[][..], read),
        };
        list.iter().copied().chain(read)
    }
}

impl<'a> From<Red<'a>> for RedBuilder<'a> {
    #[inline]
    fn from(red: Red<'a>) -> Self {
        let redundant = RedundantBlocks::Read(red.redundant());
        Self { redundant, payload_type: red.payload_type, payload: red.payload }
    }
}

impl Encode for RedBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        let blocks =
            self.redundant.iter().map(|block| block.payload.len().saturating_add(HEADER_LEN));
        let primary = self.payload.len().saturating_add(1);
        blocks.fold(primary, usize::saturating_add)
    }

    /// # Errors
    /// A payload type above 127, a timestamp offset above 16383, a redundant block of more than 1023 bytes.
    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if self.payload_type > PayloadType::MAX {
            return Err(BuildError::OutOfRange { field: "block payload type" });
        }
        for block in self.redundant.iter() {
            *out.array()? = block.header()?;
        }
        *out.array()? = [self.payload_type.0];
        for block in self.redundant.iter() {
            out.bytes(block.payload)?;
        }
        out.bytes(self.payload)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec;
    use std::vec::Vec;

    use super::super::vectors::hex;
    use super::*;
    use crate::testing::refuses_every_truncation;

    fn written(builder: &RedBuilder<'_>) -> Result<Vec<u8>, BuildError> {
        let mut out = vec![0xee; builder.encoded_len()];
        builder.write(&mut out).map(|len| out[..len].to_vec())
    }

    /// RFC 4733 figure 5, its payload: telephone-event as the redundant block, tone as the primary one.
    const FIGURE_5: &str = "e4190004 65 019406e0 001400a002b904b9";

    #[test]
    fn the_figure_of_rfc_4733_section_5() {
        let bytes = hex(FIGURE_5);
        let red = Red::parse(&bytes).unwrap();
        let event = RedBlock {
            payload_type: PayloadType(100),
            timestamp_offset: 1600,
            payload: &[0x01, 0x94, 0x06, 0xe0],
        };
        assert_eq!(red.redundant().len(), 1);
        assert!(red.redundant().eq([event]));
        assert_eq!(red.payload_type(), PayloadType(101));
        assert_eq!(red.payload(), hex("001400a002b904b9"));
        assert_eq!(red.header_len(), 5);
        let builder = RedBuilder {
            redundant: RedundantBlocks::List(&[event]),
            payload_type: PayloadType(101),
            payload: red.payload(),
        };
        assert_eq!(written(&builder), Ok(bytes.clone()));
        crate::testing::shows(&red);
        crate::testing::debugs_list(&red.redundant());
        crate::testing::counts(red.redundant());
        assert_eq!(red.to_string(), "RED pt=101 len=8 [pt=100 ts-1600 len=4]");
        assert!(std::format!("{red:?}").starts_with("Red { redundant: [RedBlock { payload_type: "));
    }

    #[test]
    fn the_example_of_rfc_2198_section_7() {
        // A block of LPC (7), 14 bytes, 20 ms older than the primary block of DVI4 (5), 84 bytes.
        let mut bytes = hex("87 02800e 05");
        bytes.extend([7; 14]);
        bytes.extend([5; 84]);
        let red = Red::parse(&bytes).unwrap();
        let lpc =
            RedBlock { payload_type: PayloadType::LPC, timestamp_offset: 160, payload: &[7; 14] };
        assert!(red.redundant().eq([lpc]));
        assert_eq!((red.payload_type(), red.payload()), (PayloadType::DVI4_8000, &[5; 84][..]));
        assert_eq!(written(&red.into()), Ok(bytes.clone()));
    }

    #[test]
    fn the_headers_of_rfc_5109_section_10_3() {
        // Figure 20: the primary block alone. Figure 22: 354 bytes of FEC, offset 0.
        let red = [0x0b, 0xaa];
        let red = Red::parse(&red).unwrap();
        assert_eq!((red.payload_type(), red.payload()), (PayloadType(11), &[0xaa][..]));
        assert_eq!((red.redundant().len(), red.header_len()), (0, 1));
        let mut bytes = hex("ff000162 0b");
        bytes.extend([9; 354]);
        let red = Red::parse(&bytes).unwrap();
        let fec =
            RedBlock { payload_type: PayloadType(127), timestamp_offset: 0, payload: &[9; 354] };
        assert!(red.redundant().eq([fec]));
        assert!(red.payload().is_empty());
        assert_eq!(written(&red.into()), Ok(bytes.clone()));
    }

    #[test]
    fn what_is_cut_short_is_refused_with_its_place() {
        let bytes = hex("e4190004 e4190001 65");
        refuses_every_truncation(&[0x65], Red::parse);
        let error = |len: usize| Red::parse(&bytes[..len]).unwrap_err();
        let truncated = |need, have| ErrorKind::Truncated { need, have };
        let seen = |error: ParseError| (error.field, error.offset, error.kind);
        assert_eq!(seen(error(0)), ("primary block header", 0, truncated(1, 0)));
        assert_eq!(seen(error(3)), ("block header", 0, truncated(4, 3)));
        assert_eq!(seen(error(4)), ("primary block header", 4, truncated(1, 0)));
        assert_eq!(seen(error(6)), ("block header", 4, truncated(4, 2)));
        assert_eq!(seen(error(8)), ("primary block header", 8, truncated(1, 0)));
        // The first of the two blocks has its 4 bytes, the second none.
        assert_eq!(seen(error(9)), ("block length", 0, ErrorKind::Length { found: 4, have: 0 }));
        let mut bytes = bytes.clone();
        bytes.extend([1; 4]);
        let error = Red::parse(&bytes).unwrap_err();
        assert_eq!(seen(error), ("block length", 4, ErrorKind::Length { found: 1, have: 0 }));
        bytes.push(2);
        assert!(Red::parse(&bytes).is_ok());
    }

    #[test]
    fn what_the_fields_cannot_hold_is_not_written() {
        let long = [0; 1024];
        let block = |payload_type, timestamp_offset, len: usize| RedBlock {
            payload_type: PayloadType(payload_type),
            timestamp_offset,
            payload: &long[..len],
        };
        let refused = |block, field| {
            let redundant = RedundantBlocks::List(&[block]);
            let builder = RedBuilder { redundant, ..Default::default() };
            assert_eq!(written(&builder), Err(BuildError::OutOfRange { field }));
        };
        refused(block(128, 0, 0), "block payload type");
        refused(block(0, 16384, 0), "timestamp offset");
        refused(block(0, 0, 1024), "block length");
        let redundant = RedundantBlocks::List(&[block(127, 16383, 1023)]);
        let bytes = written(&RedBuilder { redundant, ..Default::default() }).unwrap();
        assert_eq!(bytes[..5], [0xff, 0xff, 0xff, 0xff, 0]);
        let builder = RedBuilder { payload_type: PayloadType(128), ..Default::default() };
        assert_eq!(written(&builder), Err(BuildError::OutOfRange { field: "block payload type" }));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn serialises_its_blocks() {
        let json = serde_json::to_string(&Red::parse(&hex(FIGURE_5)).unwrap()).unwrap();
        let expected = r#"{"redundant_blocks":[{"block_pt":100,"timestamp_offset":1600,"block_length":4}],"block_pt":101,"payload_size":8}"#;
        assert_eq!(json, expected);
    }

    proptest! {
        #[test]
        fn any_payload_is_read_again(
            blocks in prop::collection::vec(
                (0u8..128, 0u16..16384, prop::collection::vec(any::<u8>(), 0..30)), 0..5),
            payload_type in 0u8..128,
            payload in prop::collection::vec(any::<u8>(), 0..30),
        ) {
            let list: Vec<_> = blocks.iter().map(|(payload_type, timestamp_offset, payload)| RedBlock {
                payload_type: PayloadType(*payload_type),
                timestamp_offset: *timestamp_offset,
                payload,
            }).collect();
            let redundant = RedundantBlocks::List(&list);
            let payload_type = PayloadType(payload_type);
            let bytes = written(&RedBuilder { redundant, payload_type, payload: &payload }).unwrap();
            let red = Red::parse(&bytes).unwrap();
            prop_assert!(red.redundant().eq(list.iter().copied()));
            prop_assert_eq!((red.payload_type(), red.payload()), (payload_type, &payload[..]));
            prop_assert_eq!(written(&red.into()), Ok(bytes));
        }

        #[test]
        fn whatever_parses_is_written_again(
            bytes in prop::collection::vec(prop_oneof![any::<u8>(), 0u8..4], 0..60),
        ) {
            if let Ok(red) = Red::parse(&bytes) {
                prop_assert_eq!(red.redundant().count(), red.redundant().len());
                prop_assert_eq!(written(&red.into()), Ok(bytes));
            }
        }
    }
}
