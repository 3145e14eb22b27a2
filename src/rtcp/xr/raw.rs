//! A block of any type, as its header and its bytes (RFC 3611 section 3): what is unknown is kept.
//!
//! ```text
//! |      BT       | type-specific |         block length          |
//! :             type-specific block contents                      :  data
//! ```
//!
//! The block length counts 32-bit words without the first.

use core::fmt;

use super::BlockType;
use crate::encode::{Encode, Sink, narrow};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::wire::{array, context};

pub(crate) const HEADER_LEN: usize = 4;

/// An extended report block of any type, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RawBlock<'a> {
    header: [u8; HEADER_LEN],
    /// The whole block, its header included.
    bytes: &'a [u8],
}

impl<'a> RawBlock<'a> {
    /// Reads the block at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Fewer bytes than the block length says.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("XR block", bytes, raw_block)
    }

    /// The block's type.
    #[inline]
    pub const fn block_type(&self) -> BlockType {
        let [block_type, ..] = self.header;
        BlockType(block_type)
    }

    /// The byte behind the type, whose meaning the type gives.
    #[inline]
    pub const fn type_specific(&self) -> u8 {
        let [_, type_specific, ..] = self.header;
        type_specific
    }

    /// The length field: 32-bit words of the block, without the first.
    #[inline]
    pub const fn block_length(&self) -> u16 {
        let [.., high, low] = self.header;
        u16::from_be_bytes([high, low])
    }

    /// The contents: what follows the block's first four bytes.
    #[inline]
    pub fn data(&self) -> &'a [u8] {
        self.bytes.get(HEADER_LEN..).unwrap_or_default()
    }

    /// The block as it is on the wire, its header included.
    #[inline]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }
}

/// Bytes of a block with this header.
#[inline]
fn len_of(header: [u8; HEADER_LEN]) -> usize {
    let [.., high, low] = header;
    (usize::from(u16::from_be_bytes([high, low])) + 1) * 4
}

/// Any block.
#[inline]
pub(crate) fn raw_block(i: &[u8]) -> Step<'_, RawBlock<'_>> {
    let (_, &header) = context("block header", array)(i)?;
    let need = len_of(header);
    match i.split_at_checked(need) {
        Some((bytes, rest)) => Ok((rest, RawBlock { header, bytes })),
        None => Err(Fail::field("block", i, ErrorKind::Truncated { need, have: i.len() })),
    }
}

/// A block of this type.
#[inline]
pub(crate) fn block_of<'a>(block_type: BlockType) -> impl Fn(&'a [u8]) -> Step<'a, RawBlock<'a>> {
    move |i| {
        let (rest, block) = raw_block(i)?;
        let found = block.block_type();
        if found != block_type {
            return Err(Fail::field("block type", i, ErrorKind::Value { found: found.0.into() }));
        }
        Ok((rest, block))
    }
}

/// A block of this type and of exactly `N` bytes.
#[inline]
pub(crate) fn fixed<'a, const N: usize>(
    block_type: BlockType,
) -> impl Fn(&'a [u8]) -> Step<'a, &'a [u8; N]> {
    move |i| {
        let (rest, block) = block_of(block_type)(i)?;
        let Ok(bytes) = block.bytes.try_into() else { return Err(wrong_length(block, N)) };
        Ok((rest, bytes))
    }
}

/// The first `N` bytes of a block, and the items of `M` bytes behind them.
pub(crate) type Listed<'a, const N: usize, const M: usize> = (&'a [u8; N], &'a [[u8; M]]);

/// A block of this type, all of it behind the first `N` bytes a list.
#[inline]
pub(crate) fn listed<'a, const N: usize, const M: usize>(
    block_type: BlockType,
) -> impl Fn(&'a [u8]) -> Step<'a, Listed<'a, N, M>> {
    move |i| {
        let (rest, block) = block_of(block_type)(i)?;
        let Some((head, list)) = block.bytes.split_first_chunk() else {
            return Err(wrong_length(block, N));
        };
        let (items, []) = list.as_chunks() else {
            return Err(wrong_length(block, N + list.len() / M * M));
        };
        Ok((rest, (head, items)))
    }
}

/// The block length says something else than the `have` bytes that the block's type asks for.
#[cold]
pub(crate) fn wrong_length(block: RawBlock<'_>, have: usize) -> nom::Err<Fail<'_>> {
    let kind = ErrorKind::Length { found: block.bytes.len(), have };
    Fail::field("block length", block.bytes.get(2..).unwrap_or_default(), kind)
}

/// Checks that `blocks` is nothing but whole blocks.
#[inline]
pub(crate) fn whole_blocks(blocks: &[u8]) -> Result<(), nom::Err<Fail<'_>>> {
    let mut left = blocks;
    while !left.is_empty() {
        let (contents, &header) = context("block header", array)(left)?;
        left = match left.split_at_checked(len_of(header)) {
            Some((_, rest)) => rest,
            None => {
                let kind =
                    ErrorKind::Length { found: len_of(header) - HEADER_LEN, have: contents.len() };
                return Err(Fail::field("block", contents, kind));
            }
        };
    }
    Ok(())
}

/// The header of a block of `len` bytes.
#[inline]
pub(crate) fn block_header(
    block_type: BlockType,
    type_specific: u8,
    len: usize,
) -> Result<[u8; HEADER_LEN], BuildError> {
    if !len.is_multiple_of(4) {
        return Err(BuildError::OutOfRange { field: "block length, a multiple of 4 bytes" });
    }
    let length: u16 = narrow("block length", (len / 4).wrapping_sub(1))?;
    let [high, low] = length.to_be_bytes();
    Ok([block_type.0, type_specific, high, low])
}

/// The entries of a block's JSON that every block has.
#[cfg(feature = "serde")]
pub(crate) fn serialize_block_header<M: serde::ser::SerializeMap>(
    map: &mut M,
    block_type: BlockType,
    len: usize,
) -> Result<(), M::Error> {
    serialize_block_header_of(map, block_type, block_type.0, len)
}

/// The same for a block that is read under another number than its type's.
#[cfg(feature = "serde")]
pub(crate) fn serialize_block_header_of<M: serde::ser::SerializeMap>(
    map: &mut M,
    block_type: BlockType,
    number: u8,
    len: usize,
) -> Result<(), M::Error> {
    map.serialize_entry("block_type", &number)?;
    map.serialize_entry("type", block_type.json_name())?;
    map.serialize_entry("block_length", &(len / 4).saturating_sub(1))
}

impl fmt::Display for RawBlock<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} data={} bytes", self.block_type(), self.data().len())
    }
}

impl fmt::Debug for RawBlock<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawBlock")
            .field("block_type", &self.block_type())
            .field("type_specific", &self.type_specific())
            .field("data", &self.data())
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for RawBlock<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(Some(5))?;
        serialize_block_header(&mut map, self.block_type(), self.bytes.len())?;
        map.serialize_entry("type_specific", &self.type_specific())?;
        map.serialize_entry("data", &crate::ser::Hex(self.data()))?;
        map.end()
    }
}

/// Byte for byte as it was read.
impl Encode for RawBlock<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        self.bytes.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        out.bytes(self.bytes)
    }
}

/// A block of any type to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawBlockBuilder<'a> {
    /// As [`RawBlock::block_type`]; every field points to its accessor so.
    pub block_type: BlockType,
    /// As [`RawBlock::type_specific`].
    pub type_specific: u8,
    /// As [`RawBlock::data`]; a multiple of 4 bytes.
    pub data: &'a [u8],
}

impl<'a> From<RawBlock<'a>> for RawBlockBuilder<'a> {
    fn from(block: RawBlock<'a>) -> Self {
        let (block_type, type_specific) = (block.block_type(), block.type_specific());
        Self { block_type, type_specific, data: block.data() }
    }
}

impl Encode for RawBlockBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        HEADER_LEN + self.data.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        *out.array()? = block_header(self.block_type, self.type_specific, self.encoded_len())?;
        out.bytes(self.data)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;

    use super::*;
    use crate::testing::{refuses_every_truncation, words};

    // The unknown block of pion-rtcp-stun.pcap, frame 25.
    const UNKNOWN: [u32; 2] = [0xc85a_0001, 0xdead_beef];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(UNKNOWN);
        let block = RawBlock::parse(&bytes).unwrap();
        assert_eq!((block.block_type(), block.type_specific()), (BlockType(200), 0x5A));
        assert_eq!((block.block_length(), block.data()), (1, &bytes[4..]));
        assert_eq!(block.to_string(), "200 data=4 bytes");
        assert_eq!(RawBlockBuilder::from(block).to_vec().unwrap(), bytes);
        assert_eq!(block.to_vec().unwrap(), bytes);
    }

    #[test]
    fn refuses_every_truncation_of_a_block() {
        refuses_every_truncation(&words(UNKNOWN), RawBlock::parse);
    }

    #[test]
    fn the_longest_block_is_written_and_no_longer_one() {
        let data = std::vec![0; 0x4_0000];
        let build = |len: usize| {
            let data = &data[..len];
            RawBlockBuilder { block_type: BlockType(200), type_specific: 0, data }.to_vec()
        };
        let longest = build(0x3_FFFC).unwrap();
        assert_eq!(RawBlock::parse(&longest).unwrap().block_length(), 0xFFFF);
        assert_eq!(build(0x4_0000), Err(BuildError::OutOfRange { field: "block length" }));
        assert!(build(6).is_err());
    }

    proptest! {
        #[test]
        fn what_parses_is_written_again(mut bytes in prop::collection::vec(any::<u8>(), 4..64)) {
            bytes[2] = 0;
            bytes[3] &= 15;
            if let Ok(block) = RawBlock::parse(&bytes) {
                let written = RawBlockBuilder::from(block).to_vec().unwrap();
                prop_assert_eq!(&written, block.as_bytes());
                prop_assert_eq!(&written, &bytes[..written.len()]);
            }
        }
    }
}
