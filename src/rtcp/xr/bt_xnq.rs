//! Extended network quality report block of British Telecom, XNQ (RFC 5093 section 3).
//!
//! ```text
//! |     BT=8      |   reserved    |      block length = 8         |
//! |          begin_seq            |             end_seq           |
//! |           vmaxdiff            |             vrange            |
//! |                              vsum                             |
//! |               c               |            jbevents           |
//! |   reserved    |                     tdegnet                   |
//! |   reserved    |                     tdegjit                   |
//! |   reserved    |                        es                     |
//! |   reserved    |                       ses                     |
//! ```
//!
//! The block has no SSRC: it is of the one source that the packet's other blocks are of.

use super::fixed::fixed_block;

fixed_block! {
    /// How evenly packets came and what that cost, read in place.
    ///
    /// Of each number the highest that its field can hold means that or more: the block knows no other special value.
    BtXnq, BtXnqBuilder: BT_XNQ, "XNQ block", length 8;

    /// The first sequence number of the range.
    begin_sequence as "begin_seq": u16 = 1: 0..16;
    /// The last sequence number of the range and one more.
    end_sequence as "end_seq": u16 = 1: 16..32;
    /// The largest difference of delays within one RTCP cycle, in units of the RTP timestamp.
    vmaxdiff: u16 = 2: 0..16;
    /// The largest difference of delays since the beginning, in units of the RTP timestamp.
    vrange: u16 = 2: 16..32;
    /// The sum of each cycle's largest difference, in units of the RTP timestamp.
    vsum: u32 = 3: 0..32;
    /// The number of cycles in that sum.
    cycles as "c": u16 = 4: 0..16;
    /// How often the jitter buffer was adapted.
    jbevents: u16 = 4: 16..32;
    /// Sample periods degraded by packets lost or late; 24 bits.
    tdegnet: u32 = 5: 8..32;
    /// Sample periods degraded by adapting the jitter buffer; 24 bits.
    tdegjit: u32 = 6: 8..32;
    /// Seconds with packets unavailable; 24 bits.
    es: u32 = 7: 8..32;
    /// Seconds with many packets unavailable; 24 bits.
    ses: u32 = 8: 8..32;
}

impl BtXnq<'_> {
    /// The mean of each cycle's largest difference of delays, in units of the RTP timestamp: vsum / c. `None` without
    /// a cycle, and where either is at its limit.
    #[inline]
    pub fn mean_difference(&self) -> Option<u32> {
        if self.vsum() == u32::MAX || self.cycles() == u16::MAX {
            return None;
        }
        self.vsum().checked_div(self.cycles().into())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::testing::words;

    // RFC 5093 figure 1, row by row; every field another value.
    const BLOCK: [u32; 9] = [
        0x0800_0008,
        0x0102_0304, // begin_seq, end_seq
        0x1112_1314, // vmaxdiff, vrange
        0x0000_0065, // vsum
        0x000a_2324, // c, jbevents
        0x0031_3233, // tdegnet
        0x0041_4243, // tdegjit
        0x0051_5253, // es
        0x0061_6263, // ses
    ];

    #[test]
    fn reads_every_field() {
        let bytes = words(BLOCK);
        let block = BtXnq::parse(&bytes).unwrap();
        assert_eq!((block.begin_sequence(), block.end_sequence()), (0x0102, 0x0304));
        assert_eq!((block.vmaxdiff(), block.vrange(), block.vsum()), (0x1112, 0x1314, 101));
        assert_eq!((block.cycles(), block.jbevents()), (10, 0x2324));
        assert_eq!((block.tdegnet(), block.tdegjit()), (0x31_3233, 0x41_4243));
        assert_eq!((block.es(), block.ses()), (0x51_5253, 0x61_6263));
        assert_eq!(block.mean_difference(), Some(10));
    }

    #[test]
    fn there_is_no_mean_without_cycles_or_at_the_limit() {
        let mean = |vsum, c: u32| {
            let bytes = words([0x0800_0008, 0, 0, vsum, c << 16, 0, 0, 0, 0]);
            BtXnq::parse(&bytes).unwrap().mean_difference()
        };
        assert_eq!((mean(5, 0), mean(u32::MAX, 1), mean(5, 0xFFFF)), (None, None, None));
    }

    super::super::fixed::fixed_block_tests!(BtXnq, BtXnqBuilder, BLOCK);
}
