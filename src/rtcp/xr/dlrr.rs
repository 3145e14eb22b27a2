//! DLRR report block: delay since the last receiver report (RFC 3611 section 4.5).
//!
//! ```text
//! |     BT=5      |   reserved    |   block length = 3 × number   |
//! |                 SSRC_1 (SSRC of first receiver)               |  sub-block
//! |                         last RR (LRR)                         |
//! |                   delay since last RR (DLRR)                  |
//! |                              ...                              |  more of them
//! ```

use byteorder::{BE, ByteOrder};
use core::fmt;
use core::ops::Range;

use super::BlockType;
use super::raw::{HEADER_LEN, block_header, listed};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::ntp::NtpShort;
use crate::show::DebugList;

// Places in a sub-block, for reading and for writing.
const SSRC: Range<usize> = 0..4;
const LRR: Range<usize> = 4..8;
const DELAY: Range<usize> = 8..12;
const SUB_BLOCK_LEN: usize = DELAY.end;

/// The answers to receiver reference times, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Dlrr<'a> {
    header: &'a [u8; HEADER_LEN],
    sub_blocks: &'a [[u8; SUB_BLOCK_LEN]],
}

impl<'a> Dlrr<'a> {
    /// Reads the block at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another block type, a block length that is not a multiple of 3, fewer bytes than it says.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("DLRR block", bytes, Self::block)
    }

    /// The block, its length checked: after this no accessor and no iterator can fail.
    #[inline]
    pub(crate) fn block(i: &'a [u8]) -> Step<'a, Self> {
        let (rest, (header, sub_blocks)) = listed(BlockType::DLRR)(i)?;
        Ok((rest, Self { header, sub_blocks }))
    }

    /// The sub-blocks, one a receiver. The standard has at least one.
    #[inline]
    pub fn sub_blocks(&self) -> impl ExactSizeIterator<Item = DlrrSubBlock> + Clone + use<'a> {
        self.sub_blocks.iter().map(DlrrSubBlock::new)
    }
}

/// What is said to one receiver, read or to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DlrrSubBlock {
    /// The receiver whose reference time is answered.
    pub ssrc: u32,
    /// LRR: the middle of that time; 0 if none was received.
    pub last_rr: NtpShort,
    /// DLRR: from receiving it to sending this block; 0 if none was received.
    pub delay_since_last_rr: NtpShort,
}

impl DlrrSubBlock {
    /// Its bytes on the wire.
    pub const LEN: usize = SUB_BLOCK_LEN;

    /// Any 12 bytes are a sub-block.
    #[inline]
    pub fn new(bytes: &[u8; SUB_BLOCK_LEN]) -> Self {
        Self {
            ssrc: BE::read_u32(&bytes[SSRC]),
            last_rr: NtpShort(BE::read_u32(&bytes[LRR])),
            delay_since_last_rr: NtpShort(BE::read_u32(&bytes[DELAY])),
        }
    }

    /// As it is on the wire.
    #[inline]
    pub fn to_bytes(self) -> [u8; SUB_BLOCK_LEN] {
        let mut bytes = [0; SUB_BLOCK_LEN];
        BE::write_u32(&mut bytes[SSRC], self.ssrc);
        BE::write_u32(&mut bytes[LRR], self.last_rr.0);
        BE::write_u32(&mut bytes[DELAY], self.delay_since_last_rr.0);
        bytes
    }
}

impl fmt::Display for DlrrSubBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ssrc={:#010x} lrr={:#010x}", self.ssrc, self.last_rr.0)?;
        write!(f, " dlrr={}", self.delay_since_last_rr)
    }
}

impl fmt::Display for Dlrr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DLRR")?;
        self.sub_blocks().try_for_each(|sub_block| write!(f, " [{sub_block}]"))
    }
}

impl fmt::Debug for Dlrr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dlrr").field("sub_blocks", &DebugList(self.sub_blocks())).finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for DlrrSubBlock {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("ssrc", &self.ssrc)?;
        map.serialize_entry("lrr", &self.last_rr.0)?;
        map.serialize_entry("dlrr", &self.delay_since_last_rr.0)?;
        map.end()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Dlrr<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(Some(4))?;
        super::raw::serialize_block_header(&mut map, BlockType::DLRR, self.encoded_len())?;
        map.serialize_entry("sub_blocks", &crate::ser::List(self.sub_blocks()))?;
        map.end()
    }
}

/// Byte for byte as it was read.
impl Encode for Dlrr<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        HEADER_LEN + self.sub_blocks.as_flattened().len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        *out.array()? = *self.header;
        out.bytes(self.sub_blocks.as_flattened())
    }
}

/// A [`Dlrr`] to be written, or a view's by `From`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DlrrBuilder<'a> {
    /// In wire form, at least one: from [`DlrrSubBlock::to_bytes`], or from a view.
    pub sub_blocks: &'a [[u8; DlrrSubBlock::LEN]],
}

impl<'a> From<Dlrr<'a>> for DlrrBuilder<'a> {
    fn from(block: Dlrr<'a>) -> Self {
        Self { sub_blocks: block.sub_blocks }
    }
}

impl Encode for DlrrBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        HEADER_LEN + self.sub_blocks.as_flattened().len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if self.sub_blocks.is_empty() {
            return Err(BuildError::OutOfRange { field: "number of sub-blocks" });
        }
        *out.array()? = block_header(BlockType::DLRR, 0, self.encoded_len())?;
        out.bytes(self.sub_blocks.as_flattened())
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

    // The block of pion-rtcp-stun.pcap, frame 21, with pion's print of it in the file beside it.
    const BLOCK: [u32; 10] = [
        0x0500_0009,
        0xbc5e_9a40,
        0x1234_5678,
        0x9999_9999,
        0x0000_0009,
        0x1234_5678,
        0x0000_9999,
        0x0000_000a,
        0,
        0,
    ];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(BLOCK);
        let block = Dlrr::parse(&bytes).unwrap();
        let seen: Vec<_> = block
            .sub_blocks()
            .map(|sub_block| (sub_block.ssrc, sub_block.last_rr.0, sub_block.delay_since_last_rr.0))
            .collect();
        let expected =
            [(0xbc5e_9a40, 305_419_896, 2_576_980_377), (9, 305_419_896, 39_321), (10, 0, 0)];
        assert_eq!(seen, expected);
        assert_eq!(DlrrBuilder::from(block).to_vec().unwrap(), bytes);
        assert_eq!(block.to_vec().unwrap(), bytes);
        refuses_every_truncation(&bytes, Dlrr::parse);
        // 0x9999 / 65536 = 0.599991
        let second = "[ssrc=0x00000009 lrr=0x12345678 dlrr=0.599991]";
        assert!(block.to_string().contains(second), "{block}");
    }

    #[test]
    fn refuses_a_length_that_is_no_multiple_of_three() {
        let bytes = words([0x0500_0004, 1, 2, 3, 4]);
        let error = Dlrr::parse(&bytes).unwrap_err();
        let kind = ErrorKind::Length { found: 20, have: 16 };
        assert_eq!((error.field, error.offset, error.kind), ("block length", 2, kind));
    }

    #[test]
    fn none_is_read_but_not_built() {
        let bytes = words([0x0500_0000]);
        let block = Dlrr::parse(&bytes).unwrap();
        assert_eq!(block.sub_blocks().len(), 0);
        let error = BuildError::OutOfRange { field: "number of sub-blocks" };
        assert_eq!(DlrrBuilder::from(block).to_vec(), Err(error));
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(values in prop::collection::vec(any::<[u32; 3]>(), 1..8)) {
            let sub_blocks: Vec<_> = values.iter().map(|&[ssrc, last_rr, delay]| DlrrSubBlock {
                ssrc,
                last_rr: NtpShort(last_rr),
                delay_since_last_rr: NtpShort(delay),
            }).collect();
            let wire: Vec<_> = sub_blocks.iter().map(|sub_block| sub_block.to_bytes()).collect();
            let bytes = DlrrBuilder { sub_blocks: &wire }.to_vec().unwrap();
            prop_assert!(Dlrr::parse(&bytes).unwrap().sub_blocks().eq(sub_blocks));
        }
    }
}
