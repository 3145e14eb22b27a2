//! Statistics summary report block (RFC 3611 section 4.6).
//!
//! ```text
//! |     BT=6      |L|D|J|ToH|rsvd.|       block length = 9        |
//! |                        SSRC of source                         |
//! |          begin_seq            |             end_seq           |
//! |                        lost_packets                           |
//! |                        dup_packets                            |
//! |                         min_jitter                            |
//! |                         max_jitter                            |
//! |                         mean_jitter                           |
//! |                         dev_jitter                            |
//! | min_ttl_or_hl | max_ttl_or_hl |mean_ttl_or_hl | dev_ttl_or_hl |
//! ```

use super::fixed::fixed_block;
use crate::error::BuildError;

fixed_block! {
    /// Losses, duplicates, jitter and time to live over a range of sequence numbers, read in place.
    ///
    /// Flags say which of them are reported; the rest has to be 0.
    StatisticsSummary, StatisticsSummaryBuilder: STATISTICS_SUMMARY,
    "statistics summary block", length 9, refuse unreported;

    /// L: the losses are reported.
    loss_report: bool = 0: 8..9;
    /// D: the duplicates are reported.
    duplicate_report: bool = 0: 9..10;
    /// J: the four jitter values are reported.
    jitter_report: bool = 0: 10..11;
    /// ToH: the four last values are not reported (0), of IPv4's time to live (1), of IPv6's hop limit (2); 3 is
    /// undefined.
    ttl_or_hop_limit: u8 = 0: 11..13;
    /// The source that it reports on.
    ssrc: u32 = 1: 0..32;
    /// The first sequence number of the range.
    begin_sequence: u16 = 2: 0..16;
    /// The last sequence number of the range and one more.
    end_sequence: u16 = 2: 16..32;
    /// Packets lost in the range.
    lost_packets: u32 = 3: 0..32;
    /// Duplicates that came in the range.
    dup_packets: u32 = 4: 0..32;
    /// The smallest relative transit time between two packets, in units of the RTP timestamp.
    min_jitter: u32 = 5: 0..32;
    /// The largest.
    max_jitter: u32 = 6: 0..32;
    /// The mean.
    mean_jitter: u32 = 7: 0..32;
    /// The standard deviation.
    dev_jitter: u32 = 8: 0..32;
    /// The smallest TTL or hop limit of the range.
    min_ttl_or_hl: u8 = 9: 0..8;
    /// The largest.
    max_ttl_or_hl: u8 = 9: 8..16;
    /// The mean.
    mean_ttl_or_hl: u8 = 9: 16..24;
    /// The standard deviation.
    dev_ttl_or_hl: u8 = 9: 24..32;
}

impl StatisticsSummary<'_> {
    /// Packets lost, where that is reported.
    #[inline]
    pub fn losses(&self) -> Option<u32> {
        self.loss_report().then(|| self.lost_packets())
    }

    /// Duplicates, where they are reported.
    #[inline]
    pub fn duplicates(&self) -> Option<u32> {
        self.duplicate_report().then(|| self.dup_packets())
    }

    /// Whether every value that is not reported is 0, as the standard asks, and ToH is not 3, which it leaves undefined;
    /// a receiver has to ignore a block with a value that is not reported.
    pub fn is_consistent(&self) -> bool {
        unreported(&(*self).into()).is_ok()
    }
}

/// What RFC 3611 forbids: a value that its flag says is not reported; the fourth ToH.
fn unreported(block: &StatisticsSummaryBuilder) -> Result<(), BuildError> {
    let zero_unless = |reported, field, values: [u32; 4]| {
        if reported || values == [0; 4] { Ok(()) } else { Err(BuildError::OutOfRange { field }) }
    };
    zero_unless(block.loss_report, "lost_packets", [block.lost_packets, 0, 0, 0])?;
    zero_unless(block.duplicate_report, "dup_packets", [block.dup_packets, 0, 0, 0])?;
    let jitter = [block.min_jitter, block.max_jitter, block.mean_jitter, block.dev_jitter];
    zero_unless(block.jitter_report, "jitter", jitter)?;
    let hops =
        [block.min_ttl_or_hl, block.max_ttl_or_hl, block.mean_ttl_or_hl, block.dev_ttl_or_hl];
    zero_unless(block.ttl_or_hop_limit != 0, "ttl_or_hl", hops.map(u32::from))?;
    if block.ttl_or_hop_limit > 2 {
        return Err(BuildError::OutOfRange { field: "ttl_or_hop_limit" });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::encode::Encode;
    use crate::testing::words;

    // The block of pion-rtcp-stun.pcap, frame 22, with pion's print of it in the file beside it.
    const BLOCK: [u32; 10] = [
        0x06e8_0009,
        0xbc5e_9a40,
        0x1234_5678,
        0x1111_1111,
        0x2222_2222,
        0x0000_0003,
        0x4444_4444,
        0x0000_0005,
        0x0000_0006,
        0x0102_0304,
    ];

    #[test]
    fn reads_every_field() {
        let bytes = words(BLOCK);
        let block = StatisticsSummary::parse(&bytes).unwrap();
        assert!(block.loss_report() && block.duplicate_report() && block.jitter_report());
        assert_eq!((block.ttl_or_hop_limit(), block.ssrc()), (1, 0xbc5e_9a40));
        assert_eq!((block.begin_sequence(), block.end_sequence()), (4660, 22_136));
        assert_eq!((block.lost_packets(), block.dup_packets()), (286_331_153, 572_662_306));
        assert_eq!((block.min_jitter(), block.max_jitter()), (3, 1_145_324_612));
        assert_eq!((block.mean_jitter(), block.dev_jitter()), (5, 6));
        assert_eq!((block.min_ttl_or_hl(), block.max_ttl_or_hl()), (1, 2));
        assert_eq!((block.mean_ttl_or_hl(), block.dev_ttl_or_hl()), (3, 4));
        assert_eq!((block.losses(), block.duplicates()), (Some(286_331_153), Some(572_662_306)));
    }

    #[test]
    fn the_flags_say_what_is_reported() {
        // The block of frame 23: nothing but the hop limit, IPv6.
        let bytes = words([0x0610_0009, 0xbc5e_9a40, 0, 0, 0, 0, 0, 0, 0, 0x00ff_0000]);
        let block = StatisticsSummary::parse(&bytes).unwrap();
        assert_eq!((block.losses(), block.duplicates(), block.ttl_or_hop_limit()), (None, None, 2));
        assert_eq!(block.max_ttl_or_hl(), 255);
        assert!(block.is_consistent());
        assert_eq!(StatisticsSummaryBuilder::from(block).to_vec().unwrap(), bytes);
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        let refused = |block: StatisticsSummaryBuilder| match block.to_vec() {
            Err(BuildError::OutOfRange { field }) => field,
            other => panic!("{other:?}"),
        };
        let none = StatisticsSummaryBuilder::default();
        assert_eq!(refused(StatisticsSummaryBuilder { lost_packets: 1, ..none }), "lost_packets");
        assert_eq!(refused(StatisticsSummaryBuilder { dup_packets: 1, ..none }), "dup_packets");
        assert_eq!(refused(StatisticsSummaryBuilder { dev_jitter: 1, ..none }), "jitter");
        assert_eq!(refused(StatisticsSummaryBuilder { min_ttl_or_hl: 1, ..none }), "ttl_or_hl");
        let third = StatisticsSummaryBuilder { ttl_or_hop_limit: 3, ..none };
        assert_eq!(refused(third), "ttl_or_hop_limit");
        let bytes = words([0x0600_0009, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
        assert!(!StatisticsSummary::parse(&bytes).unwrap().is_consistent());
    }

    #[test]
    fn any_range_may_be_summed_up() {
        // RFC 3611 has a largest range for what it encodes packet by packet (section 4.1), not here.
        let bytes = words([0x0680_0009, 1, 1 << 16, 3, 0, 0, 0, 0, 0, 0]);
        let block = StatisticsSummary::parse(&bytes).unwrap();
        assert!(block.is_consistent());
        assert_eq!(StatisticsSummaryBuilder::from(block).to_vec().unwrap(), bytes);
    }

    super::super::fixed::fixed_block_tests!(StatisticsSummary, StatisticsSummaryBuilder, BLOCK);
}
