//! Discard RLE report block (RFC 7097 section 3).
//!
//! ```text
//! |     BT=25     |rsvd |E|   T   |         block length          |
//! |                        SSRC of source                         |
//! |          begin_seq            |             end_seq           |
//! |          chunk 1              |             chunk 2           |  see rle.rs
//! ```
//!
//! The RFC says that the chunks "encode discarded packets", not which bit they are: 1 is read as discarded, as it
//! speaks of packets that are "marked" in the block. [`DiscardRle::packets`] gives the bits as they are.

use super::rle::{Reported, SequenceSet, check_span, rle_block, write_chunks};
use super::{Chunk, RleRun};
use crate::error::BuildError;

rle_block! {
    /// Which packets were received but discarded, for coming too early or too late, read in place: a bit of 1 is one
    /// discarded.
    DiscardRle, DiscardRleBuilder: DISCARD_RLE, "discard RLE block", keys ("t", "begin_seq", "end_seq");

    /// E: the packets were discarded for coming too early; else for coming too late.
    early as "e" = 0x10;
}

impl<'a> DiscardRleBuilder<'a> {
    /// A report on `begin_sequence` up to but not with `end_sequence`: which of them are among those `discarded`. They
    /// count as late; set [`early`](Self::early) for the others' block. As
    /// [`LossRleBuilder::from_received`](super::LossRleBuilder::from_received) in all else.
    ///
    /// # Errors
    /// A range of 65,534 sequence numbers or more, a thinning over 15; `room` too small.
    pub fn from_discarded(
        ssrc: u32,
        begin_sequence: u16,
        end_sequence: u16,
        thinning: u8,
        discarded: impl IntoIterator<Item = u16>,
        room: &'a mut [[u8; 2]],
    ) -> Result<Self, BuildError> {
        check_span(begin_sequence, end_sequence, thinning)?;
        let seen = SequenceSet::of(discarded);
        let reported = Reported::new(begin_sequence, end_sequence, thinning);
        let chunks = write_chunks(room, reported, |sequence| seen.contains(sequence))?;
        Ok(Self { early: false, thinning, ssrc, begin_sequence, end_sequence, chunks })
    }
}

impl<'a> DiscardRle<'a> {
    /// The sequence numbers that are reported as discarded, in order.
    #[inline]
    pub fn discarded(&self) -> impl Iterator<Item = u16> + Clone + use<'a> {
        self.packets().filter(|&(_, discarded)| discarded).map(|(sequence, _)| sequence)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec::Vec;

    use super::*;
    use crate::encode::Encode;
    use crate::testing::{refuses_every_truncation, words};

    // RFC 7097 figure 1, row by row: E=1, T=1, 100 to 109, of which 102 and 108 are discarded.
    const BLOCK: [u32; 4] = [0x1911_0003, 9, 100 << 16 | 110, 0xa400_0000];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(BLOCK);
        let block = DiscardRle::parse(&bytes).unwrap();
        assert!(block.early());
        assert_eq!((block.thinning(), block.ssrc()), (1, 9));
        assert_eq!((block.begin_sequence(), block.end_sequence()), (100, 110));
        assert_eq!(block.discarded().collect::<Vec<_>>(), [102, 108]);
        assert_eq!(DiscardRleBuilder::from(block).to_vec().unwrap(), bytes);
        refuses_every_truncation(&bytes, DiscardRle::parse);
    }

    #[test]
    fn is_built_from_what_was_discarded() {
        let mut room = [[0; 2]; 1];
        let block =
            DiscardRleBuilder::from_discarded(9, 100, 110, 1, [108, 102], &mut room).unwrap();
        assert_eq!(DiscardRleBuilder { early: true, ..block }.to_vec().unwrap(), words(BLOCK));
    }
}
