//! Loss RLE report block (RFC 3611 section 4.1).
//!
//! ```text
//! |     BT=1      | rsvd. |   T   |         block length          |
//! |                        SSRC of source                         |
//! |          begin_seq            |             end_seq           |
//! |          chunk 1              |             chunk 2           |  see rle.rs
//! ```

use super::rle::{Reported, SequenceSet, check_span, rle_block, write_chunks};
use super::{Chunk, RleRun};
use crate::error::BuildError;

rle_block! {
    /// Which packets came, read in place: a bit of 1 is a packet received, 0 one lost.
    LossRle, LossRleBuilder: LOSS_RLE, "loss RLE block", keys ("thinning", "begin_sequence", "end_sequence");
}

impl<'a> LossRleBuilder<'a> {
    /// A report on `begin_sequence` up to but not with `end_sequence`, across the wrap or not: which of them were `received`, in whatever order, repeated or not.
    ///
    /// The chunks are written into `room`, the fewest that there can be: one for 15 packets at the worst. Sequence
    /// numbers outside the range count for nothing.
    ///
    /// ```
    /// use mediawire::{Encode, rtcp::xr::{LossRle, LossRleBuilder}};
    ///
    /// let mut room = [[0; 2]; 16];
    /// let block = LossRleBuilder::from_received(7, 65_534, 3, 0, [65_534, 65_535, 2, 1], &mut room)?;
    /// let bytes = block.to_vec()?;
    /// let lost: Vec<u16> = LossRle::parse(&bytes).unwrap().lost().collect();
    /// assert_eq!(lost, [0]);
    /// # Ok::<(), mediawire::BuildError>(())
    /// ```
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
        let seen = SequenceSet::of(received);
        let reported = Reported::new(begin_sequence, end_sequence, thinning);
        let chunks = write_chunks(room, reported, |sequence| seen.contains(sequence))?;
        Ok(Self { thinning, ssrc, begin_sequence, end_sequence, chunks })
    }
}

impl<'a> LossRle<'a> {
    /// The sequence numbers that are reported as lost, in order.
    #[inline]
    pub fn lost(&self) -> impl Iterator<Item = u16> + Clone + use<'a> {
        self.packets().filter(|&(_, received)| !received).map(|(sequence, _)| sequence)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;
    use crate::encode::Encode;
    use crate::error::ErrorKind;
    use crate::testing::{refuses_every_truncation, words};

    // The block of pion-rtcp-stun.pcap, frame 17, with pion's print of it in the file beside it.
    const BLOCK: [u32; 6] =
        [0x010c_0005, 0xbc5e_9a40, 0x0005_2ee0, 0x4006_0006, 0x8765_8888, 0x4000_0000];

    #[test]
    fn reads_every_field() {
        let bytes = words(BLOCK);
        let block = LossRle::parse(&bytes).unwrap();
        assert_eq!((block.thinning(), block.ssrc()), (12, 0xbc5e_9a40));
        assert_eq!((block.begin_sequence(), block.end_sequence()), (5, 12_000));
        let chunks: Vec<_> = block.chunks().collect();
        let expected = [
            Chunk::RunLength { value: true, length: 6 },
            Chunk::RunLength { value: false, length: 6 },
            Chunk::BitVector(0b000_0111_0110_0101),
            Chunk::BitVector(0b000_1000_1000_1000),
            Chunk::RunLength { value: true, length: 0 },
            Chunk::TerminatingNull,
        ];
        assert_eq!(chunks, expected);
        // Of 5 to 11,999 only 4096 and 8192 are multiples of 2^12.
        assert_eq!(block.packets().collect::<Vec<_>>(), [(4096, true), (8192, true)]);
        let line = "LRLE ssrc=0xbc5e9a40 thinning=12 begin=5 end=12000 packets=2 zeros=0";
        assert_eq!(block.to_string(), line);
    }

    #[test]
    fn writes_what_it_reads_and_refuses_truncations() {
        let bytes = words(BLOCK);
        let block = LossRle::parse(&bytes).unwrap();
        assert_eq!(block.to_vec().unwrap(), bytes);
        // pion's run of no packets is not for building.
        let error = Err(BuildError::OutOfRange { field: "chunks" });
        let builder = LossRleBuilder::from(block);
        assert_eq!(builder.to_vec(), error);
        let chunks = &builder.chunks[..4];
        assert_eq!(LossRleBuilder { chunks, ..builder }.to_vec().unwrap()[4..], bytes[4..20]);
        refuses_every_truncation(&bytes, LossRle::parse);
    }

    #[test]
    fn refuses_another_type_and_a_length_without_a_range() {
        let refused = |first| {
            let bytes = words([first, 1, 2]);
            let error = LossRle::parse(&bytes).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        assert_eq!(refused(0x0200_0002), ("block type", 0, ErrorKind::Value { found: 2 }));
        let kind = ErrorKind::Length { found: 8, have: 12 };
        assert_eq!(refused(0x0100_0001), ("block length", 2, kind));
    }

    #[test]
    fn what_stands_behind_the_null_is_kept_but_is_no_chunk() {
        let bytes = words([0x0100_0004, 1, 0x0000_0010, 0x4003_0000, 0x4005_8001]);
        let block = LossRle::parse(&bytes).unwrap();
        assert_eq!(block.chunks().count(), 2);
        let mut chunks = block.chunks();
        assert_eq!(chunks.by_ref().count(), 2);
        assert_eq!((chunks.next(), chunks.next()), (None, None), "the end is for good");
        assert_eq!(block.packets().collect::<Vec<_>>(), [(0, true), (1, true), (2, true)]);
        assert_eq!(block.to_vec().unwrap(), bytes);
        assert!(LossRleBuilder::from(block).to_vec().is_err());
    }

    #[test]
    fn the_example_of_rfc_3611_is_built_from_what_was_received() {
        // Section 4.1: 13,821 to 13,865 without the 22nd and the 24th: a run of 21, a vector, a run of 9, null.
        let received: Vec<u16> = (13_821..13_866)
            .rev()
            .filter(|&sequence| sequence != 13_842 && sequence != 13_844)
            .collect();
        let mut room = [[0; 2]; 4];
        let block =
            LossRleBuilder::from_received(1, 13_821, 13_866, 0, received, &mut room).unwrap();
        let expected = words([0x0100_0004, 1, 13_821 << 16 | 13_866, 0x4015_afff, 0x4009_0000]);
        assert_eq!(block.to_vec().unwrap(), expected);
        let parsed = LossRle::parse(&expected).unwrap();
        assert_eq!(parsed.lost().collect::<Vec<_>>(), [13_842, 13_844]);
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        let build = |thinning, end| {
            LossRleBuilder::from_received(1, 0, end, thinning, [], &mut [[0; 2]; 8]).map(drop)
        };
        assert_eq!(build(0, 65_533), Ok(()));
        assert_eq!(build(0, 65_534), Err(BuildError::OutOfRange { field: "end_seq" }));
        assert_eq!(build(16, 1), Err(BuildError::OutOfRange { field: "thinning" }));
        let builder = LossRleBuilder { begin_sequence: 1, end_sequence: 0, ..Default::default() };
        assert!(builder.to_vec().is_err());
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (ssrc, begin_sequence) in any::<(u32, u16)>(),
            (span, thinning) in (0u16..65_534, 0u8..16),
            chunks in prop::collection::vec((1..=u16::MAX).prop_map(u16::to_be_bytes), 0..20),
        ) {
            let end_sequence = begin_sequence.wrapping_add(span);
            let mut builder = LossRleBuilder { thinning, ssrc, begin_sequence, end_sequence, chunks: &chunks };
            let run_of_none = chunks.contains(&[0x40, 0]);
            prop_assert_eq!(builder.to_vec().is_err(), run_of_none);
            let Ok(bytes) = builder.to_vec() else { return Ok(()) };
            let padded = [&chunks[..], &[[0; 2]]].concat();
            builder.chunks = &padded[..chunks.len().next_multiple_of(2)];
            prop_assert_eq!(LossRleBuilder::from(LossRle::parse(&bytes).unwrap()), builder);
        }
    }
}
