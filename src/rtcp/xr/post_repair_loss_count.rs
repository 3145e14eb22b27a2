//! Post-repair loss count metrics report block (RFC 7509 section 3).
//!
//! ```text
//! |     BT=33     |   Reserved    |      Block length = 4         |
//! |                       SSRC of Source                          |
//! |       begin_seq               |          end_seq              |
//! |  Post-repair loss count       |     Repaired loss count       |
//! ```
//!
//! The RFC demands a block length of 4 and draws what is one of 3. Both are read; what stands in the fourth word is
//! kept, and means nothing. 4 is built, with a fourth word of 0: a receiver that compares the length takes it, and one
//! that only steps over the block by its length comes out at the next.

use byteorder::{BE, ByteOrder};
use core::fmt;
use core::ops::Range;

use super::BlockType;
use super::raw::{block_header, block_of, wrong_length};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};

// Places in the block, for reading and for writing.
const SSRC: Range<usize> = 4..8;
const BEGIN: Range<usize> = 8..10;
const END: Range<usize> = 10..12;
const LOST: Range<usize> = 12..14;
const REPAIRED: Range<usize> = 14..16;
const DRAWN_LEN: usize = REPAIRED.end;
const DEMANDED_LEN: usize = 20;

/// How many packets FEC and retransmission brought back, and how many not, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PostRepairLossCount<'a> {
    block: &'a [u8; DRAWN_LEN],
    /// The fourth word, or nothing.
    rest: &'a [u8],
}

impl<'a> PostRepairLossCount<'a> {
    /// Reads the block at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another block type, a block length other than 3 and 4, fewer bytes than it says.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("post-repair loss count block", bytes, Self::block)
    }

    /// The block, its length checked: after this no accessor can fail.
    #[inline]
    pub(crate) fn block(i: &'a [u8]) -> Step<'a, Self> {
        let (left, raw) = block_of(BlockType::POST_REPAIR_LOSS_COUNT)(i)?;
        match raw.as_bytes().split_first_chunk() {
            Some((block, rest)) if rest.len() <= DEMANDED_LEN - DRAWN_LEN => {
                Ok((left, Self { block, rest }))
            }
            _ => Err(wrong_length(raw, DEMANDED_LEN)),
        }
    }

    /// The source that it reports on.
    #[inline]
    pub fn ssrc(&self) -> u32 {
        BE::read_u32(&self.block[SSRC])
    }

    /// The first sequence number of the range.
    #[inline]
    pub fn begin_sequence(&self) -> u16 {
        BE::read_u16(&self.block[BEGIN])
    }

    /// The last sequence number of the range and one more.
    #[inline]
    pub fn end_sequence(&self) -> u16 {
        BE::read_u16(&self.block[END])
    }

    /// Packets of the range that stayed lost.
    #[inline]
    pub fn post_repair_loss_count(&self) -> u16 {
        BE::read_u16(&self.block[LOST])
    }

    /// Packets of the range that were lost and wholly repaired.
    #[inline]
    pub fn repaired_loss_count(&self) -> u16 {
        BE::read_u16(&self.block[REPAIRED])
    }
}

impl fmt::Display for PostRepairLossCount<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PRLC ssrc={:#010x}", self.ssrc())?;
        write!(f, " begin={} end={}", self.begin_sequence(), self.end_sequence())?;
        write!(f, " lost={}", self.post_repair_loss_count())?;
        write!(f, " repaired={}", self.repaired_loss_count())
    }
}

impl fmt::Debug for PostRepairLossCount<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostRepairLossCount")
            .field("ssrc", &self.ssrc())
            .field("begin_sequence", &self.begin_sequence())
            .field("end_sequence", &self.end_sequence())
            .field("post_repair_loss_count", &self.post_repair_loss_count())
            .field("repaired_loss_count", &self.repaired_loss_count())
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for PostRepairLossCount<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(Some(8))?;
        let (block_type, len) = (BlockType::POST_REPAIR_LOSS_COUNT, self.encoded_len());
        super::raw::serialize_block_header(&mut map, block_type, len)?;
        map.serialize_entry("ssrc", &self.ssrc())?;
        map.serialize_entry("begin_seq", &self.begin_sequence())?;
        map.serialize_entry("end_seq", &self.end_sequence())?;
        map.serialize_entry("post_repair_loss_count", &self.post_repair_loss_count())?;
        map.serialize_entry("repaired_loss_count", &self.repaired_loss_count())?;
        map.end()
    }
}

/// Byte for byte as it was read.
impl Encode for PostRepairLossCount<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        DRAWN_LEN + self.rest.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        *out.array()? = *self.block;
        out.bytes(self.rest)
    }
}

/// A [`PostRepairLossCount`] to be written, or a view's by `From`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PostRepairLossCountBuilder {
    /// As [`PostRepairLossCount::ssrc`]; every field points to its accessor so.
    pub ssrc: u32,
    /// As [`PostRepairLossCount::begin_sequence`].
    pub begin_sequence: u16,
    /// As [`PostRepairLossCount::end_sequence`].
    pub end_sequence: u16,
    /// As [`PostRepairLossCount::post_repair_loss_count`].
    pub post_repair_loss_count: u16,
    /// As [`PostRepairLossCount::repaired_loss_count`].
    pub repaired_loss_count: u16,
}

impl From<PostRepairLossCount<'_>> for PostRepairLossCountBuilder {
    fn from(block: PostRepairLossCount<'_>) -> Self {
        Self {
            ssrc: block.ssrc(),
            begin_sequence: block.begin_sequence(),
            end_sequence: block.end_sequence(),
            post_repair_loss_count: block.post_repair_loss_count(),
            repaired_loss_count: block.repaired_loss_count(),
        }
    }
}

impl Encode for PostRepairLossCountBuilder {
    #[inline]
    fn encoded_len(&self) -> usize {
        DEMANDED_LEN
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        *out.array()? = block_header(BlockType::POST_REPAIR_LOSS_COUNT, 0, DEMANDED_LEN)?;
        *out.array()? = self.ssrc.to_be_bytes();
        *out.array()? = self.begin_sequence.to_be_bytes();
        *out.array()? = self.end_sequence.to_be_bytes();
        *out.array()? = self.post_repair_loss_count.to_be_bytes();
        *out.array()? = self.repaired_loss_count.to_be_bytes();
        out.zeros(DEMANDED_LEN - DRAWN_LEN)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;

    use super::*;
    use crate::error::ErrorKind;
    use crate::testing::{refuses_every_truncation, words};

    // RFC 7509 section 3.1, row by row as it is drawn; every field another value.
    const DRAWN: [u32; 4] = [0x2100_0003, 0x0102_0304, 0x1112_1314, 0x2122_2324];
    // The same with the block length that the text demands, and what then has to be there.
    const DEMANDED: [u32; 5] = [0x2100_0004, 0x0102_0304, 0x1112_1314, 0x2122_2324, 0];

    #[test]
    fn reads_every_field_in_either_length() {
        for bytes in [words(DRAWN), words(DEMANDED)] {
            let block = PostRepairLossCount::parse(&bytes).unwrap();
            assert_eq!(block.ssrc(), 0x0102_0304);
            assert_eq!((block.begin_sequence(), block.end_sequence()), (0x1112, 0x1314));
            assert_eq!(block.post_repair_loss_count(), 0x2122);
            assert_eq!(block.repaired_loss_count(), 0x2324);
            assert_eq!(block.to_vec().unwrap(), bytes);
            assert_eq!(PostRepairLossCountBuilder::from(block).to_vec().unwrap(), words(DEMANDED));
            refuses_every_truncation(&bytes, PostRepairLossCount::parse);
        }
    }

    #[test]
    fn refuses_any_other_length() {
        for (words, found) in [(&[0x2100_0002, 1, 2][..], 12), (&[0x2100_0005, 1, 2, 3, 4, 5], 24)]
        {
            let bytes = crate::testing::words(words);
            let error = PostRepairLossCount::parse(&bytes).unwrap_err();
            let kind = ErrorKind::Length { found, have: 20 };
            assert_eq!((error.field, error.offset, error.kind), ("block length", 2, kind));
        }
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            ssrc in any::<u32>(),
            [begin_sequence, end_sequence, post_repair_loss_count, repaired_loss_count] in any::<[u16; 4]>(),
        ) {
            let builder = PostRepairLossCountBuilder {
                ssrc,
                begin_sequence,
                end_sequence,
                post_repair_loss_count,
                repaired_loss_count,
            };
            let bytes = builder.to_vec().unwrap();
            let block = PostRepairLossCount::parse(&bytes).unwrap();
            prop_assert_eq!(PostRepairLossCountBuilder::from(block), builder);
        }
    }
}
