//! XR block types (IANA, RTCP XR Block Types; 42 is a private use).

use crate::registry::registry;

registry! {
    /// The type of an extended report block, registered or not (IANA, RTCP XR Block Types).
    BlockType(u8) {
        /// Loss RLE, RFC 3611 section 4.1.
        LOSS_RLE = 1, "LRLE";
        /// Duplicate RLE, RFC 3611 section 4.2.
        DUPLICATE_RLE = 2, "DRLE";
        /// Packet receipt times, RFC 3611 section 4.3.
        PACKET_RECEIPT_TIMES = 3, "PRT";
        /// Receiver reference time, RFC 3611 section 4.4.
        RECEIVER_REFERENCE_TIME = 4, "RRT";
        /// Delay since the last receiver report, RFC 3611 section 4.5.
        DLRR = 5, "DLRR";
        /// Statistics summary, RFC 3611 section 4.6.
        STATISTICS_SUMMARY = 6, "SS";
        /// VoIP metrics, RFC 3611 section 4.7.
        VOIP_METRICS = 7, "VM";
        /// British Telecom's extended network quality, RFC 5093.
        BT_XNQ = 8, "BT-XNQ";
        /// Texas Instruments' extended VoIP quality; its layout is not published.
        TI_VOIP = 9, "TI-VOIP";
        /// Post-repair loss RLE, RFC 5725.
        POST_REPAIR_LOSS_RLE = 10, "PR-LRLE";
        /// Multicast acquisition, RFC 6332.
        MULTICAST_ACQUISITION = 11, "MA";
        /// Inter-destination media synchronisation, RFC 7272.
        IDMS = 12, "IDMS";
        /// ECN summary, RFC 6679 section 5.2.
        ECN = 13, "ECN";
        /// Measurement information, RFC 6776.
        MEASUREMENT_INFORMATION = 14, "MI";
        /// Packet delay variation, RFC 6798.
        PACKET_DELAY_VARIATION = 15, "PDV";
        /// Delay metrics, RFC 6843.
        DELAY = 16, "DELAY";
        /// Burst/gap loss summary statistics, RFC 7004 section 3.1.
        BURST_GAP_LOSS_SUMMARY = 17, "BGL-SUM";
        /// Burst/gap discard summary statistics, RFC 7004 section 3.2.
        BURST_GAP_DISCARD_SUMMARY = 18, "BGD-SUM";
        /// Frame impairment statistics summary, RFC 7004 section 4.1.
        FRAME_IMPAIRMENT_SUMMARY = 19, "FI-SUM";
        /// Burst/gap loss metrics, RFC 6958.
        BURST_GAP_LOSS = 20, "BGL";
        /// Burst/gap discard metrics, RFC 7003.
        BURST_GAP_DISCARD = 21, "BGD";
        /// MPEG-2 transport stream decodability without PSI, RFC 6990.
        TS_PSI_INDEPENDENT = 22, "TS-PSI-INDEP";
        /// De-jitter buffer, RFC 7005.
        DE_JITTER_BUFFER = 23, "DJB";
        /// Discard count, RFC 7002.
        DISCARD_COUNT = 24, "DISCARD";
        /// Discard RLE, RFC 7097.
        DISCARD_RLE = 25, "DISC-RLE";
        /// Bytes discarded, RFC 7243.
        BYTES_DISCARDED = 26, "BDR";
        /// Initial synchronisation delay of RTP flows, RFC 7244 section 3.
        INITIAL_SYNC_DELAY = 27, "RFISD";
        /// Synchronisation offset of RTP flows, RFC 7244 section 4.
        SYNC_OFFSET = 28, "RFSO";
        /// Mean opinion scores, RFC 7266.
        MOS = 29, "MOS";
        /// Loss concealment, RFC 7294 section 3.
        LOSS_CONCEALMENT = 30, "LCB";
        /// Concealed seconds, RFC 7294 section 4.
        CONCEALED_SECONDS = 31, "CSB";
        /// MPEG-2 transport stream decodability by PSI, RFC 7380.
        TS_PSI = 32, "TS-PSI";
        /// Post-repair loss count, RFC 7509.
        POST_REPAIR_LOSS_COUNT = 33, "PRLC";
        /// Video loss concealment, RFC 7867.
        VIDEO_LOSS_CONCEALMENT = 34, "VLC";
        /// Independent burst/gap discard metrics, RFC 8015.
        INDEPENDENT_BURST_GAP_DISCARD = 35, "IBGD";
        /// Timing for the calculation of QoE metrics, 3GPP TS 26.522; its layout is not published.
        QOE_TIMING = 36, "QOE-TIMING";
        /// Target bitrate of each layer, as libwebrtc sends it; not at IANA.
        TARGET_BITRATE = 42, "TARGET-BITRATE";
    }
}

impl BlockType {
    /// The block's `type` in JSON.
    #[cfg(feature = "serde")]
    pub(crate) const fn json_name(self) -> &'static str {
        match self {
            Self::LOSS_RLE => "loss_rle",
            Self::DUPLICATE_RLE => "duplicate_rle",
            Self::PACKET_RECEIPT_TIMES => "packet_receipt_times",
            Self::RECEIVER_REFERENCE_TIME => "receiver_reference_time",
            Self::DLRR => "dlrr",
            Self::STATISTICS_SUMMARY => "statistics_summary",
            Self::VOIP_METRICS => "voip_metrics",
            Self::BT_XNQ => "bt_xnq",
            Self::TI_VOIP => "ti_voip",
            Self::POST_REPAIR_LOSS_RLE => "pr_lrle",
            Self::MULTICAST_ACQUISITION => "ma",
            Self::IDMS => "idms",
            Self::ECN => "ecn",
            Self::MEASUREMENT_INFORMATION => "mi",
            Self::PACKET_DELAY_VARIATION => "pdv",
            Self::DELAY => "delay",
            Self::BURST_GAP_LOSS_SUMMARY => "bgl_sum",
            Self::BURST_GAP_DISCARD_SUMMARY => "bgd_sum",
            Self::FRAME_IMPAIRMENT_SUMMARY => "fi_sum",
            Self::BURST_GAP_LOSS => "bgl",
            Self::BURST_GAP_DISCARD => "bgd",
            Self::TS_PSI_INDEPENDENT => "ts_psi_indep",
            Self::DE_JITTER_BUFFER => "djb",
            Self::DISCARD_COUNT => "discard",
            Self::DISCARD_RLE => "disc_rle",
            Self::BYTES_DISCARDED => "bdr",
            Self::INITIAL_SYNC_DELAY => "rfisd",
            Self::SYNC_OFFSET => "rfso",
            Self::MOS => "mos",
            Self::LOSS_CONCEALMENT => "lcb",
            Self::CONCEALED_SECONDS => "csb",
            Self::TS_PSI => "ts_psi",
            Self::POST_REPAIR_LOSS_COUNT => "prlc",
            Self::VIDEO_LOSS_CONCEALMENT => "vlc",
            Self::INDEPENDENT_BURST_GAP_DISCARD => "ibgd",
            Self::QOE_TIMING => "qoe_timing",
            Self::TARGET_BITRATE => "target_bitrate",
            _ => "other",
        }
    }
}
