//! Duplicate RLE report block (RFC 3611 section 4.2).
//!
//! ```text
//! |     BT=2      | rsvd. |   T   |         block length          |
//! |                        SSRC of source                         |
//! |          begin_seq            |             end_seq           |
//! |          chunk 1              |             chunk 2           |  see rle.rs
//! ```

use super::rle::{Reported, SequenceSet, check_span, rle_block, write_chunks};
use super::{Chunk, RleRun};
use crate::error::BuildError;

rle_block! {
    /// Which packets came more than once, read in place: a bit of 0 is one that has duplicates, 1 one that has none,
    /// a lost one among them.
    DuplicateRle, DuplicateRleBuilder: DUPLICATE_RLE, "duplicate RLE block",
    keys ("thinning", "begin_sequence", "end_sequence");
}

impl<'a> DuplicateRleBuilder<'a> {
    /// A report on `begin_sequence` up to but not with `end_sequence`: which sequence numbers are more than once among those `received`, in whatever order.
    ///
    /// The chunks are written into `room`, the fewest that there can be: one for 15 packets at the worst. Sequence
    /// numbers outside the range count for nothing.
    ///
    /// # Errors
    /// A range of 65,534 sequence numbers or more, a thinning over 15; `room` too small.
    pub fn from_received(
        ssrc: u32,
        begin_sequence: u16,
        end_sequence: u16,
        thinning: u8,
        received: impl IntoIterator<Item = u16>,
        room: &'a mut [[u8; 2]],
    ) -> Result<Self, BuildError> {
        check_span(begin_sequence, end_sequence, thinning)?;
        let (mut seen, mut again) = (SequenceSet::new(), SequenceSet::new());
        for sequence in received {
            if !seen.insert(sequence) {
                again.insert(sequence);
            }
        }
        let reported = Reported::new(begin_sequence, end_sequence, thinning);
        let chunks = write_chunks(room, reported, |sequence| !again.contains(sequence))?;
        Ok(Self { thinning, ssrc, begin_sequence, end_sequence, chunks })
    }
}

impl<'a> DuplicateRle<'a> {
    /// The sequence numbers that came more than once, in order.
    #[inline]
    pub fn duplicated(&self) -> impl Iterator<Item = u16> + Clone + use<'a> {
        self.packets().filter(|&(_, single)| !single).map(|(sequence, _)| sequence)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec::Vec;

    use super::*;
    use crate::encode::Encode;
    use crate::testing::{refuses_every_truncation, words};

    // The block of pion-rtcp-stun.pcap, frame 18, with pion's print of it in the file beside it.
    const BLOCK: [u32; 5] = [0x0206_0004, 0xbc5e_9a40, 0xffdc_ffff, 0x4123_3fff, 0xffff_0000];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(BLOCK);
        let block = DuplicateRle::parse(&bytes).unwrap();
        assert_eq!((block.thinning(), block.ssrc()), (6, 0xbc5e_9a40));
        assert_eq!((block.begin_sequence(), block.end_sequence()), (65_500, 65_535));
        let chunks: Vec<_> = block.chunks().collect();
        let expected = [
            Chunk::RunLength { value: true, length: 291 },
            Chunk::RunLength { value: false, length: 16_383 },
            Chunk::BitVector(0x7FFF),
            Chunk::TerminatingNull,
        ];
        assert_eq!(chunks, expected);
        // No multiple of 64 lies between 65,500 and 65,534.
        assert_eq!(block.packets().count(), 0);
        assert_eq!(DuplicateRleBuilder::from(block).to_vec().unwrap(), bytes);
        refuses_every_truncation(&bytes, DuplicateRle::parse);
    }

    #[test]
    fn a_duplicate_is_a_zero_and_a_loss_a_one() {
        let mut room = [[0; 2]; 2];
        let received = [1, 2, 65_535, 2, 1, 2, 4];
        let block =
            DuplicateRleBuilder::from_received(9, 65_535, 5, 0, received, &mut room).unwrap();
        // 65,535 to 4: 1, 1 (0 was lost), 0, 0, 1 (3 was lost), 1.
        assert_eq!(block.chunks, [[0b1110_0110, 0]]);
        let bytes = block.to_vec().unwrap();
        let block = DuplicateRle::parse(&bytes).unwrap();
        assert_eq!(block.duplicated().collect::<Vec<_>>(), [1, 2]);
    }
}
