//! Source description, SDES (RFC 3550 section 6.5).
//!
//! ```text
//! |V=2|P|   SC    |    PT=202     |            length             |  header.rs
//! |                           SSRC/CSRC                           |  chunk 1
//! |     type      |    length     |  text, length bytes   ...     |  its items
//! |   ...  at least one null byte, up to the next 32-bit boundary |
//! |                           SSRC/CSRC                           |  chunk 2
//! ```
//!
//! A chunk ends at a null byte in the place of an item's type; the next one begins at the next 32-bit boundary, told
//! by position: an SSRC may begin with a null byte too.

use core::fmt;

use super::header::{packet_of, write_header};
use super::{Header, PacketType, SdesItemType};
use crate::encode::{Encode, Sink, narrow};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::show::{DebugList, Text};
use crate::wire::{announced, array, byte, context};

/// A source description, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SourceDescription<'a> {
    header: Header,
    chunks: &'a [u8],
    padding: &'a [u8],
}

impl<'a> SourceDescription<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type, a version other than 2, a length or padding beyond the packet; fewer chunks than the count
    /// says, or bytes behind the last of them; an item beyond the packet, a chunk without its null byte; a PRIV item
    /// whose prefix is longer than the item.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("source description", bytes, source_description)
    }

    /// The chunks that can be read, whatever the count says, up to the first that is broken; for a packet that
    /// [`parse`](Self::parse) refuses.
    ///
    /// # Errors
    /// Another packet type, a version other than 2, a length or padding beyond the packet.
    pub fn lenient_chunks(
        bytes: &'a [u8],
    ) -> Result<impl Iterator<Item = SdesChunk<'a>> + Clone + use<'a>, ParseError> {
        let packet = run("source description", bytes, packet_of(PacketType::SDES))?;
        Ok(LenientChunks { bytes: packet.body })
    }

    /// The packet's first four bytes.
    #[inline]
    pub const fn header(&self) -> Header {
        self.header
    }

    /// The chunks, 0 to 31: one a source.
    #[inline]
    pub fn chunks(&self) -> SdesChunks<'a> {
        SdesChunks { bytes: self.chunks, left: self.header.count() }
    }

    /// All bytes of the padding, the count at its end included; empty without padding.
    #[inline]
    pub const fn padding(&self) -> &'a [u8] {
        self.padding
    }
}

/// Validates the whole packet: after this no accessor and no iterator can fail.
#[inline]
pub(crate) fn source_description(i: &[u8]) -> Step<'_, SourceDescription<'_>> {
    let (rest, packet) = packet_of(PacketType::SDES)(i)?;
    let mut left = packet.body;
    for _ in 0..packet.count() {
        if left.is_empty() {
            let kind = ErrorKind::Count { need: 8, have: 0 };
            return Err(Fail::field("chunks", left, kind));
        }
        (left, _) = chunk(left)?;
    }
    if !left.is_empty() {
        let kind =
            ErrorKind::Count { need: packet.body.len() - left.len(), have: packet.body.len() };
        return Err(Fail::field("bytes behind the last chunk", left, kind));
    }
    let (header, chunks, padding) = (packet.header, packet.body, packet.padding);
    Ok((rest, SourceDescription { header, chunks, padding }))
}

/// One chunk up to the 32-bit boundary behind its null byte; `i` begins at such a boundary.
#[inline]
fn chunk(i: &[u8]) -> Step<'_, SdesChunk<'_>> {
    let (items, &ssrc) = context("chunk SSRC", array)(i)?;
    let mut left = items;
    let end = loop {
        match left.split_first() {
            Some((0, _)) => break items.len() - left.len(),
            Some(_) => (left, _) = item(left)?,
            None => {
                let kind = ErrorKind::Truncated { need: 1, have: 0 };
                return Err(Fail::field("null byte at the end of a chunk", left, kind));
            }
        }
    };
    // The null byte, and those up to the boundary; the chunk began at one, and its SSRC takes four bytes. Padding that
    // is not a multiple of four bytes may have taken some of them.
    let whole = (end + 1).next_multiple_of(4).min(items.len());
    let (area, rest) = items.split_at_checked(whole).unwrap_or((items, left));
    let items = area.get(..end).unwrap_or_default();
    Ok((rest, SdesChunk { ssrc: u32::from_be_bytes(ssrc), items }))
}

/// One item; for PRIV its prefix is split from its value.
#[inline]
fn item(i: &[u8]) -> Step<'_, SdesItem<'_>> {
    let (rest, item_type) = context("item type", byte)(i)?;
    let (rest, length) = context("item length", byte)(rest)?;
    let (rest, value) = context("item", announced(length.into()))(rest)?;
    let item_type = SdesItemType(item_type);
    if item_type == SdesItemType::PRIV {
        // RFC 3550 section 6.5.8: prefix length, prefix, value.
        let (value, length) = context("PRIV prefix length", byte)(value)?;
        let (value, prefix) = context("PRIV prefix", announced(length.into()))(value)?;
        return Ok((rest, SdesItem { item_type, prefix, value }));
    }
    Ok((rest, SdesItem { item_type, prefix: &[], value }))
}

/// The chunks of a source description; what [`SourceDescription::chunks`] gives.
#[derive(Clone, PartialEq, Eq)]
pub struct SdesChunks<'a> {
    bytes: &'a [u8],
    left: u8,
}

impl<'a> Iterator for SdesChunks<'a> {
    type Item = SdesChunk<'a>;

    #[inline]
    fn next(&mut self) -> Option<SdesChunk<'a>> {
        self.left = self.left.checked_sub(1)?;
        let (rest, chunk) = chunk(self.bytes).ok()?;
        self.bytes = rest;
        Some(chunk)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left.into(), Some(self.left.into()))
    }
}

impl ExactSizeIterator for SdesChunks<'_> {}

impl fmt::Debug for SdesChunks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

/// Chunks as long as they can be read.
#[derive(Clone)]
struct LenientChunks<'a> {
    bytes: &'a [u8],
}

impl<'a> Iterator for LenientChunks<'a> {
    type Item = SdesChunk<'a>;

    fn next(&mut self) -> Option<SdesChunk<'a>> {
        let (rest, chunk) = chunk(self.bytes).ok()?;
        self.bytes = rest;
        Some(chunk)
    }
}

/// What is said of one source.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SdesChunk<'a> {
    ssrc: u32,
    items: &'a [u8],
}

impl<'a> SdesChunk<'a> {
    /// The source: an SSRC, or a CSRC that a mixer speaks for.
    #[inline]
    pub const fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// Its items, in the order of the wire.
    #[inline]
    pub fn items(&self) -> impl Iterator<Item = SdesItem<'a>> + Clone + use<'a> {
        let mut left = self.items;
        core::iter::from_fn(move || {
            let (rest, item) = item(left).ok()?;
            left = rest;
            Some(item)
        })
    }

    /// The text of the first item of this type.
    #[inline]
    pub fn get(&self, item_type: SdesItemType) -> Option<SdesItem<'a>> {
        self.items().find(|item| item.item_type == item_type)
    }
}

/// One item, read or to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SdesItem<'a> {
    /// Its type; not 0.
    pub item_type: SdesItemType,
    /// The prefix of a PRIV item (RFC 3550 section 6.5.8); empty in any other.
    pub prefix: &'a [u8],
    /// Its text, UTF-8 by the standard, 0 to 255 bytes; for PRIV, with the prefix and its length, no more than that.
    pub value: &'a [u8],
}

impl<'a> SdesItem<'a> {
    /// An item that is not PRIV.
    #[inline]
    pub const fn new(item_type: SdesItemType, value: &'a [u8]) -> Self {
        Self { item_type, prefix: &[], value }
    }

    /// A PRIV item.
    #[inline]
    pub const fn private(prefix: &'a [u8], value: &'a [u8]) -> Self {
        Self { item_type: SdesItemType::PRIV, prefix, value }
    }

    /// The text, where it is UTF-8.
    #[inline]
    pub fn value_str(&self) -> Option<&'a str> {
        core::str::from_utf8(self.value).ok()
    }

    /// The prefix, where it is UTF-8.
    #[inline]
    pub fn prefix_str(&self) -> Option<&'a str> {
        core::str::from_utf8(self.prefix).ok()
    }
}

impl Encode for SdesItem<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        let prefix_length = usize::from(self.item_type == SdesItemType::PRIV);
        2 + prefix_length + self.prefix.len() + self.value.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if self.item_type.0 == 0 {
            return Err(BuildError::OutOfRange { field: "SDES item type" });
        }
        let length = narrow("SDES item length", self.encoded_len() - 2)?;
        *out.array()? = [self.item_type.0, length];
        if self.item_type == SdesItemType::PRIV {
            *out.array()? = [narrow("PRIV prefix length", self.prefix.len())?];
        } else if !self.prefix.is_empty() {
            return Err(BuildError::OutOfRange { field: "prefix of an item that is not PRIV" });
        }
        out.bytes(self.prefix)?;
        out.bytes(self.value)
    }
}

/// `CNAME=alice@example.com`; text that is not UTF-8 with replacement characters.
impl fmt::Display for SdesItem<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}=", self.item_type)?;
        if self.item_type == SdesItemType::PRIV {
            write!(f, "{}:", Text(self.prefix))?;
        }
        write!(f, "{}", Text(self.value))
    }
}

impl fmt::Display for SourceDescription<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SDES")?;
        for chunk in self.chunks() {
            write!(f, " [ssrc={:#010x}", chunk.ssrc())?;
            chunk.items().try_for_each(|item| write!(f, " {item}"))?;
            f.write_str("]")?;
        }
        Ok(())
    }
}

impl fmt::Debug for SourceDescription<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceDescription")
            .field("chunks", &self.chunks())
            .field("padding", &self.padding())
            .finish()
    }
}

impl fmt::Debug for SdesChunk<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SdesChunk")
            .field("ssrc", &self.ssrc())
            .field("items", &DebugList(self.items()))
            .finish()
    }
}

#[cfg(feature = "serde")]
mod json {
    use serde::ser::{Serialize, SerializeMap, Serializer};

    use super::{SdesChunk, SdesItem, SourceDescription};
    use crate::rtcp::SdesItemType;
    use crate::rtcp::header::serialize_header;
    use crate::ser::{List, text};

    impl Serialize for SourceDescription<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            serialize_header(&mut map, self.header, self.padding, "sdes", "count")?;
            map.serialize_entry("chunks", &List(self.chunks()))?;
            map.end()
        }
    }

    impl Serialize for SdesChunk<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(Some(2))?;
            map.serialize_entry("ssrc", &self.ssrc())?;
            map.serialize_entry("items", &List(self.items()))?;
            map.end()
        }
    }

    impl Serialize for SdesItem<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            map.serialize_entry("type", &self.item_type.0)?;
            if let Some(name) = self.item_type.name() {
                map.serialize_entry("name", name)?;
            }
            if self.item_type == SdesItemType::PRIV {
                text(&mut map, ("prefix", "prefix_hex"), self.prefix)?;
            }
            text(&mut map, ("value", "value_hex"), self.value)?;
            map.end()
        }
    }
}

/// A source description to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceDescriptionBuilder<'a> {
    /// What is said, source by source.
    pub chunks: SdesChunkList<'a>,
    /// As [`SourceDescription::padding`].
    pub padding: &'a [u8],
}

/// The chunks of a [`SourceDescriptionBuilder`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SdesChunkList<'a> {
    /// New ones, at most 31.
    Built(&'a [SdesChunkBuilder<'a>]),
    /// Those of a view, byte for byte.
    Read(SdesChunks<'a>),
}

/// A chunk to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SdesChunkBuilder<'a> {
    /// As [`SdesChunk::ssrc`].
    pub ssrc: u32,
    /// As [`SdesChunk::items`]; the standard asks for a CNAME among those of an SSRC.
    pub items: &'a [SdesItem<'a>],
}

impl SdesChunkBuilder<'_> {
    /// SSRC and items, without the null bytes.
    #[inline]
    fn content_len(&self) -> usize {
        4 + self.items.iter().map(SdesItem::encoded_len).sum::<usize>()
    }
}

impl Encode for SdesChunkBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        (self.content_len() + 1).next_multiple_of(4)
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        *out.array()? = self.ssrc.to_be_bytes();
        self.items.iter().try_for_each(|item| item.encode(out))?;
        out.zeros(self.encoded_len() - self.content_len())
    }
}

impl<'a> From<SourceDescription<'a>> for SourceDescriptionBuilder<'a> {
    fn from(packet: SourceDescription<'a>) -> Self {
        Self { chunks: SdesChunkList::Read(packet.chunks()), padding: packet.padding }
    }
}

impl Encode for SourceDescriptionBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        let chunks = match &self.chunks {
            SdesChunkList::Built(chunks) => chunks.iter().map(Encode::encoded_len).sum(),
            SdesChunkList::Read(chunks) => chunks.bytes.len(),
        };
        Header::LEN + chunks + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let count = match &self.chunks {
            SdesChunkList::Built(chunks) => chunks.len(),
            SdesChunkList::Read(chunks) => chunks.len(),
        };
        let len = self.encoded_len();
        write_header(out.array()?, PacketType::SDES, count, len, self.padding)?;
        match &self.chunks {
            SdesChunkList::Built(chunks) => {
                chunks.iter().try_for_each(|chunk| chunk.encode(out))?
            }
            SdesChunkList::Read(chunks) => out.bytes(chunks.bytes)?,
        }
        out.bytes(self.padding)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;
    use crate::testing::words;

    /// The example of inspect-json.md: CNAME "a@b" and PRIV "x" with a value that is not text.
    const SDES: [u8; 20] = [
        0x81, 202, 0, 4, // V=2 P=0 SC=1 PT=202 length=4
        0, 0, 0, 1, // SSRC
        1, 3, b'a', b'@', b'b', // CNAME
        8, 3, 1, b'x', 0xFF, // PRIV: prefix length 1, prefix, value
        0, 0, // end of the chunk, up to the boundary
    ];

    fn refused(bytes: &[u8]) -> (&'static str, usize, ErrorKind) {
        let error = SourceDescription::parse(bytes).unwrap_err();
        (error.field, error.offset, error.kind)
    }

    #[test]
    fn reads_every_field() {
        let packet = SourceDescription::parse(&SDES).unwrap();
        crate::testing::counts(packet.chunks());
        let mut chunks = packet.chunks();
        assert_eq!(chunks.len(), 1);
        let chunk = chunks.next().unwrap();
        assert_eq!(chunk.ssrc(), 1);
        let items: Vec<_> = chunk.items().collect();
        let cname = SdesItem::new(SdesItemType::CNAME, b"a@b");
        assert_eq!(items, [cname, SdesItem::private(b"x", &[0xFF])]);
        assert_eq!(chunk.get(SdesItemType::CNAME).and_then(|item| item.value_str()), Some("a@b"));
        assert_eq!((items[1].prefix_str(), items[1].value_str()), (Some("x"), None));
        assert_eq!(packet.to_string(), "SDES [ssrc=0x00000001 CNAME=a@b PRIV=x:\u{fffd}]");
    }

    #[test]
    fn writes_what_it_reads_and_what_it_is_told() {
        let packet = SourceDescription::parse(&SDES).unwrap();
        assert_eq!(SourceDescriptionBuilder::from(packet).to_vec().unwrap(), SDES);
        let items = [SdesItem::new(SdesItemType::CNAME, b"a@b"), SdesItem::private(b"x", &[0xFF])];
        let chunks = [SdesChunkBuilder { ssrc: 1, items: &items }];
        let chunks = SdesChunkList::Built(&chunks);
        let builder = SourceDescriptionBuilder { chunks, padding: &[] };
        assert_eq!(builder.to_vec().unwrap(), SDES);
    }

    #[test]
    fn refuses_every_truncation() {
        crate::testing::refuses_every_truncation(&SDES, SourceDescription::parse);
    }

    #[test]
    fn chunks_are_aligned_by_position() {
        // The first chunk ends with one null byte; the second one's SSRC begins with a null byte.
        let bytes = [
            0x82, 202, 0, 5, 0, 0, 0, 1, 1, 1, b'a', 0, // chunk 1
            0, 0, 0, 2, 1, 5, b'b', b'c', b'd', b'e', b'f', 0, // chunk 2
        ];
        let packet = SourceDescription::parse(&bytes).unwrap();
        let seen: Vec<_> =
            packet.chunks().map(|chunk| (chunk.ssrc(), chunk.items().count())).collect();
        assert_eq!(seen, [(1, 1), (2, 1)]);
    }

    #[test]
    fn an_empty_last_item_and_one_in_the_last_three_bytes_are_valid() {
        let empty = [0x81, 202, 0, 3, 0, 0, 0, 1, 1, 2, b'a', b'b', 7, 0, 0, 0];
        let packet = SourceDescription::parse(&empty).unwrap();
        let items: Vec<_> =
            packet.chunks().flat_map(|chunk| chunk.items().collect::<Vec<_>>()).collect();
        assert_eq!(items[1], SdesItem::new(SdesItemType::NOTE, b""));
        let last = [0x81, 202, 0, 2, 0, 0, 0, 1, 1, 1, b'a', 0];
        assert!(SourceDescription::parse(&last).is_ok());
        let nothing = [0x81, 202, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0];
        assert_eq!(SourceDescription::parse(&nothing).unwrap().chunks().len(), 1);
    }

    #[test]
    fn registered_and_unknown_types_are_kept() {
        for (number, name) in [(9, "H323-CADDR"), (12, "RtpStreamId"), (15, "MID"), (200, "200")] {
            let bytes = [0x81, 202, 0, 2, 0, 0, 0, 1, number, 1, b'v', 0];
            let packet = SourceDescription::parse(&bytes).unwrap();
            let item = packet.chunks().next().unwrap().items().next().unwrap();
            assert_eq!(item.item_type.to_string(), name);
            assert_eq!(SourceDescriptionBuilder::from(packet).to_vec().unwrap(), bytes);
        }
    }

    #[test]
    fn text_that_is_not_utf_8_and_garbage_behind_the_null_are_kept() {
        let bytes = [0x81, 202, 0, 3, 0, 0, 0, 1, 1, 2, 0xC3, 0x28, 0, 7, 8, 9];
        let packet = SourceDescription::parse(&bytes).unwrap();
        let item = packet.chunks().next().unwrap().items().next().unwrap();
        assert_eq!((item.value, item.value_str()), (&[0xC3, 0x28][..], None));
        assert_eq!(SourceDescriptionBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn a_private_prefix_beyond_its_item_is_refused_at_its_place() {
        let mut bytes = SDES;
        bytes[15] = 3;
        assert_eq!(refused(&bytes), ("PRIV prefix", 16, ErrorKind::Length { found: 3, have: 2 }));
        let empty = [0x81, 202, 0, 2, 0, 0, 0, 1, 8, 0, 0, 0];
        let kind = ErrorKind::Truncated { need: 1, have: 0 };
        assert_eq!(refused(&empty), ("PRIV prefix length", 10, kind));
    }

    #[test]
    fn a_count_that_differs_is_refused_and_a_lenient_walk_gives_the_chunks() {
        let mut bytes = SDES;
        bytes[0] = 0x82;
        assert_eq!(refused(&bytes), ("chunks", 20, ErrorKind::Count { need: 8, have: 0 }));
        assert_eq!(SourceDescription::lenient_chunks(&bytes).unwrap().count(), 1);
        bytes[0] = 0x80;
        let kind = ErrorKind::Count { need: 0, have: 16 };
        assert_eq!(refused(&bytes), ("bytes behind the last chunk", 4, kind));
        let chunks: Vec<_> =
            SourceDescription::lenient_chunks(&bytes).unwrap().map(|chunk| chunk.ssrc()).collect();
        assert_eq!(chunks, [1]);
    }

    #[test]
    fn odd_padding_may_take_the_null_bytes_of_the_last_chunk() {
        // Found by fuzzing: the place of the error lay outside the packet.
        let mut bytes = [0xA2, 202, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7];
        assert_eq!(refused(&bytes), ("chunks", 9, ErrorKind::Count { need: 8, have: 0 }));
        bytes[0] = 0xA1;
        let packet = SourceDescription::parse(&bytes).unwrap();
        assert_eq!(packet.padding().len(), 7);
        assert_eq!(SourceDescriptionBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn broken_items_are_refused_at_their_place() {
        let beyond = [0x81, 202, 0, 2, 0, 0, 0, 1, 1, 3, b'a', 0];
        assert_eq!(refused(&beyond), ("item", 10, ErrorKind::Length { found: 3, have: 2 }));
        let endless = [0x81, 202, 0, 2, 0, 0, 0, 1, 1, 2, b'a', b'b'];
        let kind = ErrorKind::Truncated { need: 1, have: 0 };
        assert_eq!(refused(&endless), ("null byte at the end of a chunk", 12, kind));
        let half = [0x81, 202, 0, 2, 0, 0, 0, 1, 1, 1, b'a', 7];
        assert_eq!(refused(&half), ("item length", 12, kind));
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        let build = |item: SdesItem<'_>| item.to_vec();
        assert!(build(SdesItem::new(SdesItemType(0), b"")).is_err());
        assert!(build(SdesItem::new(SdesItemType::CNAME, &[b'a'; 256])).is_err());
        assert!(build(SdesItem::private(&[b'a'; 200], &[b'b'; 55])).is_err());
        assert!(build(SdesItem::private(&[b'a'; 200], &[b'b'; 54])).is_ok());
        let prefix = SdesItem { prefix: b"p", ..SdesItem::new(SdesItemType::CNAME, b"") };
        assert!(build(prefix).is_err());
        let chunks = [SdesChunkBuilder { ssrc: 0, items: &[] }; 32];
        let builder =
            SourceDescriptionBuilder { chunks: SdesChunkList::Built(&chunks), padding: &[] };
        assert_eq!(builder.to_vec(), Err(BuildError::OutOfRange { field: "count" }));
    }

    type Items = Vec<(u8, Vec<u8>, Vec<u8>)>;

    fn some_chunks() -> impl Strategy<Value = Vec<(u32, Items)>> {
        let bytes = || prop::collection::vec(any::<u8>(), 0..20);
        let items = prop::collection::vec((1u8..20, bytes(), bytes()), 0..4);
        prop::collection::vec((any::<u32>(), items), 0..6)
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(values in some_chunks()) {
            let items: Vec<Vec<_>> = values.iter().map(|(_, items)| items.iter().map(|(number, prefix, value)| {
                let item_type = SdesItemType(*number);
                let prefix = if item_type == SdesItemType::PRIV { &prefix[..] } else { &[] };
                SdesItem { item_type, prefix, value }
            }).collect()).collect();
            let chunks: Vec<_> = values.iter().zip(&items)
                .map(|((ssrc, _), items)| SdesChunkBuilder { ssrc: *ssrc, items }).collect();
            let builder = SourceDescriptionBuilder { chunks: SdesChunkList::Built(&chunks), padding: &[0, 0, 0, 4] };
            let bytes = builder.to_vec().unwrap();
            let packet = SourceDescription::parse(&bytes).unwrap();
            prop_assert_eq!(packet.chunks().len(), chunks.len());
            for (read, written) in packet.chunks().zip(&chunks) {
                prop_assert_eq!(read.ssrc(), written.ssrc);
                prop_assert!(read.items().eq(written.items.iter().copied()));
            }
            prop_assert_eq!(SourceDescriptionBuilder::from(packet).to_vec().unwrap(), bytes);
        }

        #[test]
        fn what_parses_is_written_again(count in 0u8..4, mut body in prop::collection::vec(0u8..10, 0..64)) {
            body.truncate(body.len() / 4 * 4);
            let header = [0x80 | count, 202, 0, u8::try_from(body.len() / 4).unwrap()];
            let bytes = [&header[..], &body].concat();
            if let Ok(packet) = SourceDescription::parse(&bytes) {
                prop_assert_eq!(packet.chunks().count(), usize::from(count));
                prop_assert_eq!(SourceDescriptionBuilder::from(packet).to_vec().unwrap(), bytes);
            }
        }
    }

    #[test]
    fn words_of_the_empty_packet() {
        let bytes = words([0x80ca_0000]);
        assert_eq!(SourceDescription::parse(&bytes).unwrap().chunks().len(), 0);
    }
}
