//! Frame impairment statistics summary block (RFC 7004 section 4.1).
//!
//! ```text
//! |      BT=19    |T|   Reserved  |        Block Length = 6       |
//! |                        SSRC of Source                         |
//! |          begin_seq            |             end_seq           |
//! |                      discarded_frames                         |
//! |                          dup_frames                           |
//! |                      full_lost_frames                         |
//! |                      partial_lost_frames                      |
//! ```

use super::fixed::fixed_block;

fixed_block! {
    /// Frames discarded, doubled and lost, read in place: of one kind, so that two blocks make a whole report.
    FrameImpairmentSummary, FrameImpairmentSummaryBuilder: FRAME_IMPAIRMENT_SUMMARY,
    "frame impairment summary block", length 6;

    /// T: it is about derived frames; else about key frames.
    derived_frames as "t": bool = 0: 8..9;
    /// The source that it reports on.
    ssrc: u32 = 1: 0..32;
    /// The first sequence number of the range.
    begin_sequence as "begin_seq": u16 = 2: 0..16;
    /// The last sequence number of the range and one more.
    end_sequence as "end_seq": u16 = 2: 16..32;
    /// Frames discarded.
    discarded_frames: u32 = 3: 0..32;
    /// Frames that came more than once.
    dup_frames: u32 = 4: 0..32;
    /// Frames lost as a whole.
    full_lost_frames: u32 = 5: 0..32;
    /// Frames of which some packets were lost.
    partial_lost_frames: u32 = 6: 0..32;
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::testing::words;

    // RFC 7004 section 4.1.1, row by row; every field another value.
    const BLOCK: [u32; 7] = [0x1380_0006, 0x0102_0304, 0x1112_1314, 3, 4, 5, 6];

    #[test]
    fn reads_every_field() {
        let bytes = words(BLOCK);
        let block = FrameImpairmentSummary::parse(&bytes).unwrap();
        assert!(block.derived_frames());
        assert_eq!(block.ssrc(), 0x0102_0304);
        assert_eq!((block.begin_sequence(), block.end_sequence()), (0x1112, 0x1314));
        assert_eq!((block.discarded_frames(), block.dup_frames()), (3, 4));
        assert_eq!((block.full_lost_frames(), block.partial_lost_frames()), (5, 6));
    }

    super::super::fixed::fixed_block_tests!(
        FrameImpairmentSummary,
        FrameImpairmentSummaryBuilder,
        BLOCK
    );
}
