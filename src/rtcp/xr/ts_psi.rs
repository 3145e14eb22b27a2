//! MPEG-2 transport stream PSI decodability statistics metrics block (RFC 7380 section 3).
//!
//! ```text
//! |      BT=32    |    Reserved   |      block length = 6         |
//! |                     SSRC of source                            |
//! |          begin_seq            |             end_seq           |
//! |        PAT_error_count        |      PAT_error_2_count        |
//! |        PMT_error_count        |      PMT_error_2_count        |
//! |       PID_error_count         |      CRC_error_count          |
//! |        CAT_error_count        |        Reserved               |
//! ```

use super::fixed::fixed_block;

fixed_block! {
    /// Errors of a transport stream's tables, as ETSI TR 101 290 section 5.2 counts them, read in place; `None` is what
    /// is not available.
    TsPsi, TsPsiBuilder: TS_PSI, "TS PSI decodability block", length 6;

    /// The source that it reports on.
    ssrc: u32 = 1: 0..32;
    /// The first sequence number of the range.
    begin_sequence as "begin_seq": u16 = 2: 0..16;
    /// The last sequence number of the range and one more.
    end_sequence as "end_seq": u16 = 2: 16..32;
    /// Errors of the program association table; to be ignored where [`pat_error_2`](Self::pat_error_2) is there.
    pat_error: Option<u16> = 3: 0..16;
    /// The same by the newer rule.
    pat_error_2: Option<u16> = 3: 16..32;
    /// Errors of the program map tables; to be ignored where [`pmt_error_2`](Self::pmt_error_2) is there.
    pmt_error: Option<u16> = 4: 0..16;
    /// The same by the newer rule.
    pmt_error_2: Option<u16> = 4: 16..32;
    /// Packet identifiers without data.
    pid_error: Option<u16> = 5: 0..16;
    /// Tables with a wrong checksum.
    crc_error: Option<u16> = 5: 16..32;
    /// Errors of the conditional access table.
    cat_error: Option<u16> = 6: 0..16;
}

impl TsPsi<'_> {
    /// Errors of the program association table, by the newer rule where that is available.
    #[inline]
    pub fn pat_errors(&self) -> Option<u16> {
        self.pat_error_2().or(self.pat_error())
    }

    /// Errors of the program map tables, by the newer rule where that is available.
    #[inline]
    pub fn pmt_errors(&self) -> Option<u16> {
        self.pmt_error_2().or(self.pmt_error())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::testing::words;

    // RFC 7380 section 3, row by row; every field another value.
    const BLOCK: [u32; 7] = [
        0x2000_0006,
        0x0102_0304, // SSRC
        0x1112_1314, // begin_seq, end_seq
        0x0001_0002, // PAT errors
        0x0003_ffff, // PMT errors
        0x0005_0006, // PID, CRC errors
        0x0007_0000, // CAT errors
    ];

    #[test]
    fn reads_every_field() {
        let bytes = words(BLOCK);
        let block = TsPsi::parse(&bytes).unwrap();
        assert_eq!(block.ssrc(), 0x0102_0304);
        assert_eq!((block.begin_sequence(), block.end_sequence()), (0x1112, 0x1314));
        assert_eq!((block.pat_error(), block.pat_error_2()), (Some(1), Some(2)));
        assert_eq!((block.pmt_error(), block.pmt_error_2()), (Some(3), None));
        assert_eq!((block.pat_errors(), block.pmt_errors()), (Some(2), Some(3)));
        assert_eq!((block.pid_error(), block.crc_error()), (Some(5), Some(6)));
        assert_eq!(block.cat_error(), Some(7));
    }

    super::super::fixed::fixed_block_tests!(TsPsi, TsPsiBuilder, BLOCK);
}
