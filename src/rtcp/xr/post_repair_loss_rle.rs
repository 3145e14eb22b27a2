//! Post-repair loss RLE report block (RFC 5725 section 3).
//!
//! ```text
//! |     BT=10     | rsvd. |   T   |         block length          |
//! |                        SSRC of source                         |
//! |          begin_seq            |             end_seq           |
//! |          chunk 1              |             chunk 2           |  see rle.rs
//! ```

use super::rle::{Reported, SequenceSet, check_span, rle_block, write_chunks};
use super::{Chunk, RleRun};
use crate::error::BuildError;

rle_block! {
    /// Which packets were there after repair by FEC or retransmission, read in place: a bit of 1 is a packet received
    /// or repaired, 0 one lost for good.
    PostRepairLossRle, PostRepairLossRleBuilder: POST_REPAIR_LOSS_RLE, "post-repair loss RLE block",
    keys ("t", "begin_seq", "end_seq");
}

impl<'a> PostRepairLossRleBuilder<'a> {
    /// A report on `begin_sequence` up to but not with `end_sequence`: which of them are among those `present` after
    /// repair. As [`LossRleBuilder::from_received`](super::LossRleBuilder::from_received) in all else.
    ///
    /// # Errors
    /// A range of 65,534 sequence numbers or more, a thinning over 15; `room` too small.
    pub fn from_present(
        ssrc: u32,
        begin_sequence: u16,
        end_sequence: u16,
        thinning: u8,
        present: impl IntoIterator<Item = u16>,
        room: &'a mut [[u8; 2]],
    ) -> Result<Self, BuildError> {
        check_span(begin_sequence, end_sequence, thinning)?;
        let seen = SequenceSet::of(present);
        let reported = Reported::new(begin_sequence, end_sequence, thinning);
        let chunks = write_chunks(room, reported, |sequence| seen.contains(sequence))?;
        Ok(Self { thinning, ssrc, begin_sequence, end_sequence, chunks })
    }
}

impl<'a> PostRepairLossRle<'a> {
    /// The sequence numbers that are reported as lost for good, in order.
    #[inline]
    pub fn lost(&self) -> impl Iterator<Item = u16> + Clone + use<'a> {
        self.packets().filter(|&(_, present)| !present).map(|(sequence, _)| sequence)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec::Vec;

    use super::*;
    use crate::encode::Encode;
    use crate::testing::{refuses_every_truncation, words};

    // RFC 5725 figure 1 with the second encoding of the trace in RFC 3611 section 4.1.
    const BLOCK: [u32; 5] = [0x0a00_0004, 9, 13_821 << 16 | 13_866, 0x4015_afff, 0x4009_0000];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(BLOCK);
        let block = PostRepairLossRle::parse(&bytes).unwrap();
        assert_eq!((block.thinning(), block.ssrc()), (0, 9));
        assert_eq!((block.begin_sequence(), block.end_sequence()), (13_821, 13_866));
        assert_eq!(block.lost().collect::<Vec<_>>(), [13_842, 13_844]);
        assert_eq!(PostRepairLossRleBuilder::from(block).to_vec().unwrap(), bytes);
        refuses_every_truncation(&bytes, PostRepairLossRle::parse);
    }

    #[test]
    fn is_built_from_what_was_there_after_repair() {
        let mut room = [[0; 2]; 3];
        let present = (13_821..13_866).filter(|sequence| ![13_842, 13_844].contains(sequence));
        let block =
            PostRepairLossRleBuilder::from_present(9, 13_821, 13_866, 0, present, &mut room);
        assert_eq!(block.unwrap().to_vec().unwrap(), words(BLOCK));
    }
}
