//! A block of whatever type its header says.

use core::fmt;

use super::raw::raw_block;
use super::*;
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, run_in};

/// Writes the enum of all blocks and what goes through it: the variant and view, its type, its name in errors.
macro_rules! blocks {
    ($($(#[$doc:meta])* $view:ident: $block_type:ident, $what:literal;)*) => {
        /// An extended report block of any type.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Block<'a> {
            $($(#[$doc])* $view($view<'a>),)*
            /// A type that has no view of its own.
            Other(RawBlock<'a>),
        }

        impl<'a> Block<'a> {
            /// Reads the block at the front of `at`, which lies within `whole`: an error counts its place from there.
            #[inline]
            pub(crate) fn parse_in(whole: &'a [u8], at: &'a [u8]) -> Result<Self, ParseError> {
                // A discard block of the type that its RFC prints by mistake; a loss block is never of this length.
                if let [20, _, 0, 3, ..] = at {
                    let block = run_in("burst/gap discard block", whole, at, BurstGapDiscard::block);
                    return block.map(Self::BurstGapDiscard);
                }
                match at.first().copied().map(BlockType) {
                    $(Some(BlockType::$block_type) => {
                        run_in($what, whole, at, $view::block).map(Self::$view)
                    })*
                    _ => run_in("XR block", whole, at, raw_block).map(Self::Other),
                }
            }

            /// The type that it was read as.
            #[inline]
            pub const fn block_type(&self) -> BlockType {
                match self {
                    $(Self::$view(_) => BlockType::$block_type,)*
                    Self::Other(block) => block.block_type(),
                }
            }
        }

        impl fmt::Display for Block<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$view(block) => block.fmt(f),)*
                    Self::Other(block) => block.fmt(f),
                }
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for Block<'_> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$view(block) => block.serialize(serializer),)*
                    Self::Other(block) => block.serialize(serializer),
                }
            }
        }

        /// Byte for byte as it was read.
        impl Encode for Block<'_> {
            #[inline]
            fn encoded_len(&self) -> usize {
                match self {
                    $(Self::$view(block) => block.encoded_len(),)*
                    Self::Other(block) => block.encoded_len(),
                }
            }

            #[inline]
            fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
                match self {
                    $(Self::$view(block) => block.encode(out),)*
                    Self::Other(block) => block.encode(out),
                }
            }
        }
    };
}

blocks! {
    /// Packets lost.
    LossRle: LOSS_RLE, "loss RLE block";
    /// Packets that came more than once.
    DuplicateRle: DUPLICATE_RLE, "duplicate RLE block";
    /// When packets came.
    PacketReceiptTimes: PACKET_RECEIPT_TIMES, "packet receipt times block";
    /// A receiver's clock.
    ReceiverReferenceTime: RECEIVER_REFERENCE_TIME, "receiver reference time block";
    /// The answer to it.
    Dlrr: DLRR, "DLRR block";
    /// Statistics summary.
    StatisticsSummary: STATISTICS_SUMMARY, "statistics summary block";
    /// VoIP metrics.
    VoipMetrics: VOIP_METRICS, "VoIP metrics block";
    /// Extended network quality.
    BtXnq: BT_XNQ, "XNQ block";
    /// Packets lost after repair.
    PostRepairLossRle: POST_REPAIR_LOSS_RLE, "post-repair loss RLE block";
    /// Multicast acquisition.
    MulticastAcquisition: MULTICAST_ACQUISITION, "multicast acquisition block";
    /// Inter-destination media synchronisation.
    Idms: IDMS, "IDMS block";
    /// ECN summary.
    EcnSummary: ECN, "ECN summary block";
    /// Measurement information.
    MeasurementInformation: MEASUREMENT_INFORMATION, "measurement information block";
    /// Packet delay variation.
    PacketDelayVariation: PACKET_DELAY_VARIATION, "packet delay variation block";
    /// Delay metrics.
    DelayMetrics: DELAY, "delay metrics block";
    /// Burst/gap loss, summary.
    BurstGapLossSummary: BURST_GAP_LOSS_SUMMARY, "burst/gap loss summary block";
    /// Burst/gap discard, summary.
    BurstGapDiscardSummary: BURST_GAP_DISCARD_SUMMARY, "burst/gap discard summary block";
    /// Frame impairment, summary.
    FrameImpairmentSummary: FRAME_IMPAIRMENT_SUMMARY, "frame impairment summary block";
    /// Burst/gap loss.
    BurstGapLoss: BURST_GAP_LOSS, "burst/gap loss block";
    /// Burst/gap discard.
    BurstGapDiscard: BURST_GAP_DISCARD, "burst/gap discard block";
    /// Errors of a transport stream that show without its tables.
    TsPsiIndependent: TS_PSI_INDEPENDENT, "TS PSI-independent decodability block";
    /// De-jitter buffer.
    DeJitterBuffer: DE_JITTER_BUFFER, "de-jitter buffer block";
    /// Packets discarded, their number.
    DiscardCount: DISCARD_COUNT, "discard count block";
    /// Packets discarded, each of them.
    DiscardRle: DISCARD_RLE, "discard RLE block";
    /// Bytes discarded.
    BytesDiscarded: BYTES_DISCARDED, "bytes discarded block";
    /// Initial synchronisation delay.
    InitialSyncDelay: INITIAL_SYNC_DELAY, "initial synchronization delay block";
    /// Synchronisation offset.
    SyncOffset: SYNC_OFFSET, "synchronization offset block";
    /// Mean opinion scores.
    MosMetrics: MOS, "MOS metrics block";
    /// Loss concealment.
    LossConcealment: LOSS_CONCEALMENT, "loss concealment block";
    /// Concealed seconds.
    ConcealedSeconds: CONCEALED_SECONDS, "concealed seconds block";
    /// Errors of a transport stream's tables.
    TsPsi: TS_PSI, "TS PSI decodability block";
    /// Packets lost after repair, their number.
    PostRepairLossCount: POST_REPAIR_LOSS_COUNT, "post-repair loss count block";
    /// Video loss concealment.
    VideoLossConcealment: VIDEO_LOSS_CONCEALMENT, "video loss concealment block";
    /// Independent burst/gap discard.
    IndependentBurstGapDiscard: INDEPENDENT_BURST_GAP_DISCARD, "independent burst/gap discard block";
    /// Target bitrate of each layer.
    TargetBitrate: TARGET_BITRATE, "target bitrate block";
}

impl<'a> Block<'a> {
    /// Reads the block at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Those of the type that the header says.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        Self::parse_in(bytes, bytes)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec;
    use std::vec::Vec;

    use super::*;

    /// The registry's rows: type, name, block length where it is fixed, and the names of the layout without those of
    /// the RFC's reserved bits and without lists.
    const REGISTRY: &[(u8, &str, Option<u8>, &str)] = &[
        (1, "LRLE", None, "ssrc begin_sequence end_sequence"),
        (2, "DRLE", None, "ssrc begin_sequence end_sequence"),
        (3, "PRT", None, "ssrc begin_sequence end_sequence"),
        (4, "RRT", Some(2), "ntp_seconds ntp_fraction"),
        (5, "DLRR", None, "sub_blocks"),
        (
            6,
            "SS",
            Some(9),
            "ssrc begin_sequence end_sequence lost_packets dup_packets min_jitter max_jitter mean_jitter dev_jitter min_ttl_or_hl max_ttl_or_hl mean_ttl_or_hl dev_ttl_or_hl",
        ),
        (
            7,
            "VM",
            Some(8),
            "ssrc loss_rate discard_rate burst_density gap_density burst_duration gap_duration round_trip_delay end_system_delay signal_level noise_level rerl gmin r_factor ext_r_factor mos_lq mos_cq plc jba jb_rate jb_nominal jb_maximum jb_abs_max",
        ),
        (
            8,
            "BT-XNQ",
            Some(8),
            "begin_seq end_seq vmaxdiff vrange vsum c jbevents tdegnet tdegjit es ses",
        ),
        (9, "TI-VOIP", None, "type_specific data"),
        (10, "PR-LRLE", None, "t ssrc begin_seq end_seq chunks"),
        (11, "MA", None, "ma_method primary_multicast_ssrc status tlvs"),
        (
            12,
            "IDMS",
            Some(7),
            "spst p pt media_stream_correlation_id media_ssrc received_ntp_sec received_ntp_frac received_rtp_timestamp presented_ntp",
        ),
        (13, "ECN", None, "entries"),
        (
            14,
            "MI",
            Some(7),
            "ssrc first_seq ext_first_seq_interval ext_last_seq duration_interval duration_cumulative_sec duration_cumulative_frac",
        ),
        (
            15,
            "PDV",
            Some(4),
            "i pdvtyp ssrc pos_pdv_threshold_or_peak pos_pdv_percentile neg_pdv_threshold_or_peak neg_pdv_percentile mean_pdv",
        ),
        (
            16,
            "DELAY",
            Some(6),
            "i ssrc mean_rtt min_rtt max_rtt end_system_delay_sec end_system_delay_frac",
        ),
        (
            17,
            "BGL-SUM",
            Some(3),
            "i ssrc burst_loss_rate gap_loss_rate burst_duration_mean burst_duration_variance",
        ),
        (18, "BGD-SUM", Some(2), "i ssrc burst_discard_rate gap_discard_rate"),
        (
            19,
            "FI-SUM",
            Some(6),
            "t ssrc begin_seq end_seq discarded_frames dup_frames full_lost_frames partial_lost_frames",
        ),
        (
            20,
            "BGL",
            Some(5),
            "i c ssrc threshold sum_burst_durations_ms packets_lost_in_bursts total_packets_expected_in_bursts number_of_bursts sum_squares_burst_durations_ms2",
        ),
        (
            21,
            "BGD",
            Some(3),
            "i ssrc threshold packets_discarded_in_bursts total_packets_expected_in_bursts",
        ),
        (
            22,
            "TS-PSI-INDEP",
            Some(11),
            "ssrc begin_seq end_seq ts_sync_loss sync_byte_error continuity_count_error transport_error pcr_error pcr_repetition_error pcr_discontinuity_indicator_error pcr_accuracy_error pts_error",
        ),
        (
            23,
            "DJB",
            Some(3),
            "i c ssrc djb_nominal djb_maximum djb_high_water_mark djb_low_water_mark",
        ),
        (24, "DISCARD", Some(2), "i dt ssrc discard_count"),
        (25, "DISC-RLE", None, "e t ssrc begin_seq end_seq chunks"),
        (26, "BDR", Some(2), "i e ssrc payload_bytes_discarded"),
        (27, "RFISD", Some(2), "ssrc initial_sync_delay"),
        (28, "RFSO", Some(3), "i ssrc sync_offset_sec sync_offset_frac"),
        (29, "MOS", None, "i ssrc segments"),
        (
            30,
            "LCB",
            Some(6),
            "i plc ssrc on_time_playout_duration loss_concealment_duration buffer_adjustment_concealment_duration playout_interrupt_count mean_playout_interrupt_size",
        ),
        (
            31,
            "CSB",
            Some(4),
            "i plc ssrc unimpaired_seconds concealed_seconds severely_concealed_seconds scs_threshold",
        ),
        (
            32,
            "TS-PSI",
            Some(6),
            "ssrc begin_seq end_seq pat_error pat_error_2 pmt_error pmt_error_2 pid_error crc_error cat_error",
        ),
        (33, "PRLC", Some(4), "ssrc begin_seq end_seq post_repair_loss_count repaired_loss_count"),
        (34, "VLC", None, "i v ssrc impaired_duration concealed_duration mifp mcfp ffsc"),
        (
            35,
            "IBGD",
            Some(5),
            "i ssrc threshold sum_burst_durations_ms packets_discarded_in_bursts number_of_bursts total_packets_expected_in_bursts discard_count",
        ),
        (36, "QOE-TIMING", None, "type_specific data"),
        (42, "TARGET-BITRATE", None, "entries"),
    ];

    /// A block of this type, of nothing but zeros behind its header.
    fn zeros(block_type: u8, length: u8) -> Vec<u8> {
        let mut bytes = vec![0; usize::from(length) * 4 + 4];
        (bytes[0], bytes[3]) = (block_type, length);
        bytes
    }

    /// The shortest length that a block of variable length may have.
    fn shortest(block_type: u8) -> u8 {
        match block_type {
            1 | 2 | 3 | 10 | 11 | 25 => 2,
            29 => 1,
            34 => 4,
            _ => 0,
        }
    }

    #[test]
    fn every_row_of_the_registry_has_its_name_and_its_length() {
        for &(number, name, length, _) in REGISTRY {
            assert_eq!(BlockType(number).name(), Some(name));
            let bytes = zeros(number, length.unwrap_or(shortest(number)));
            let block = Block::parse(&bytes).unwrap();
            assert_eq!(block.block_type(), BlockType(number));
            // 9 and 36 have no published layout.
            assert_eq!(matches!(block, Block::Other(_)), matches!(number, 9 | 36), "{number}");
            assert_eq!(block.to_vec().unwrap(), bytes);
            assert!(std::format!("{block}").starts_with(name), "{block}");
        }
        assert_eq!((BlockType(37).name(), BlockType(255).name()), (None, None));
    }

    #[test]
    fn a_length_that_is_not_the_types_is_refused_at_its_place() {
        for &(number, _, length, _) in REGISTRY {
            let Some(length) = length else { continue };
            for wrong in (0..length + 3).filter(|&wrong| wrong != length) {
                // The two that standards contradict themselves on.
                if let (20 | 33, 3) = (number, wrong) {
                    continue;
                }
                let error = Block::parse(&zeros(number, wrong)).unwrap_err();
                assert_eq!((error.field, error.offset), ("block length", 2), "{number}");
                assert_eq!(error.kind.name(), "length");
            }
        }
    }

    #[test]
    #[cfg(feature = "serde")]
    fn json_has_the_names_of_the_layouts() {
        for &(number, name, length, names) in REGISTRY {
            let bytes = zeros(number, length.unwrap_or(shortest(number)));
            let json = serde_json::to_value(Block::parse(&bytes).unwrap()).unwrap();
            let object = json.as_object().unwrap();
            assert_eq!(object["block_type"], number);
            assert_eq!(object["block_length"], bytes.len() / 4 - 1);
            if number > 7 {
                assert_eq!(object["type"], name.to_lowercase().replace('-', "_"));
                let fixed = ["block_type", "type", "block_length"];
                let mut expected: Vec<_> = names.split(' ').chain(fixed).collect();
                let mut found: Vec<_> = object.keys().map(|key| key.as_str()).collect();
                expected.sort_unstable();
                found.sort_unstable();
                assert_eq!(found, expected, "{number}");
            } else {
                for key in names.split(' ') {
                    assert!(object.contains_key(key), "{number}: {key}");
                }
            }
        }
    }
}
