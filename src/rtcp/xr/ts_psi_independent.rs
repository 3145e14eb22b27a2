//! MPEG-2 transport stream PSI-independent decodability statistics metrics block (RFC 6990 section 3).
//!
//! ```text
//! |     BT=22     |    Reserved   |      Block Length = 11        |
//! |                     SSRC of Source                            |
//! |          begin_seq            |             end_seq           |
//! |                      TS_sync_loss_count                       |
//! |                      Sync_byte_error_count                    |
//! |                  Continuity_count_error_count                 |
//! |                      Transport_error_count                    |
//! |                        PCR_error_count                        |
//! |                   PCR_repetition_error_count                  |
//! |            PCR_discontinuity_indicator_error_count            |
//! |                     PCR_accuracy_error_count                  |
//! |                       PTS_error_count                         |
//! ```

use super::fixed::fixed_block;

fixed_block! {
    /// Errors of a transport stream that show without its tables, as ETSI TR 101 290 section 5.2 counts them, read in
    /// place.
    TsPsiIndependent, TsPsiIndependentBuilder: TS_PSI_INDEPENDENT,
    "TS PSI-independent decodability block", length 11;

    /// The source that it reports on.
    ssrc: u32 = 1: 0..32;
    /// The first sequence number of the range.
    begin_sequence as "begin_seq": u16 = 2: 0..16;
    /// The last sequence number of the range, or one more: the RFC says both.
    end_sequence as "end_seq": u16 = 2: 16..32;
    /// Losses of synchronisation: two or more wrong sync bytes, one behind the other.
    ts_sync_loss: u32 = 3: 0..32;
    /// Sync bytes other than 0x47.
    sync_byte_error: u32 = 4: 0..32;
    /// TS packets out of order, lost, or there more than twice.
    continuity_count_error: u32 = 5: 0..32;
    /// TS packets marked as broken.
    transport_error: u32 = 6: 0..32;
    /// Clock references more than 100 ms apart.
    pcr_error: u32 = 7: 0..32;
    /// Clock references more than 40 ms apart.
    pcr_repetition_error: u32 = 8: 0..32;
    /// Jumps of the clock of more than 100 ms.
    pcr_discontinuity_indicator_error: u32 = 9: 0..32;
    /// Clock references more than 500 ns off.
    pcr_accuracy_error: u32 = 10: 0..32;
    /// Presentation timestamps more than 700 ms apart.
    pts_error: u32 = 11: 0..32;
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::testing::words;

    // RFC 6990 section 3.1, row by row; every field another value.
    const BLOCK: [u32; 12] = [0x1600_000b, 0x0102_0304, 0x1112_1314, 3, 4, 5, 6, 7, 8, 9, 10, 11];

    #[test]
    fn reads_every_field() {
        let bytes = words(BLOCK);
        let block = TsPsiIndependent::parse(&bytes).unwrap();
        assert_eq!(block.ssrc(), 0x0102_0304);
        assert_eq!((block.begin_sequence(), block.end_sequence()), (0x1112, 0x1314));
        assert_eq!((block.ts_sync_loss(), block.sync_byte_error()), (3, 4));
        assert_eq!((block.continuity_count_error(), block.transport_error()), (5, 6));
        assert_eq!((block.pcr_error(), block.pcr_repetition_error()), (7, 8));
        assert_eq!(block.pcr_discontinuity_indicator_error(), 9);
        assert_eq!((block.pcr_accuracy_error(), block.pts_error()), (10, 11));
    }

    super::super::fixed::fixed_block_tests!(TsPsiIndependent, TsPsiIndependentBuilder, BLOCK);
}
