//! Every XR block with random content, each tried by itself.

use mediawire::ntp::{NtpShort, NtpTime};
use mediawire::rtcp::xr::*;

use crate::build::source::{Made, Random, Source};
use crate::{lists_of, made_of, random_newtypes};

random_newtypes!(MaMethod, MaStatus);

lists_of! {
    dlrr_sub_blocks: DlrrSubBlock {
        ssrc: any(), last_rr: any(), delay_since_last_rr: any(),
    }, |entry| Ok(entry.to_bytes()), |bytes| DlrrSubBlock::new(&bytes);
    ecn_entries: EcnEntry {
        ssrc: any(), ect0_count: any(), ect1_count: any(), ecn_ce_count: any(), not_ect_count: any(),
        lost_packets: any(), duplication: any(),
    }, |entry| Ok(entry.to_bytes()), |bytes| EcnEntry::new(&bytes);
    bitrate_entries: TargetBitrateEntry {
        spatial_layer: up_to(15u8), temporal_layer: up_to(15u8), target_bitrate_kbps: up_to(0xFF_FFFFu32),
    }, TargetBitrateEntry::to_bytes, TargetBitrateEntry::new;
}

impl<'a> Source<'a> {
    fn one_interval(&mut self, allowed: &[IntervalMetric]) -> IntervalMetric {
        use IntervalMetric::{Cumulative, Interval, Reserved, Sampled};
        let one = self.one_of(&[Reserved, Sampled, Interval, Cumulative]);
        if allowed.contains(&one) {
            return one;
        }
        if self.rarely() {
            self.forbid(true);
            return one;
        }
        self.one_of(allowed)
    }

    fn span(&mut self) -> IntervalMetric {
        self.one_interval(&[IntervalMetric::Interval, IntervalMetric::Cumulative])
    }

    fn instant(&mut self) -> IntervalMetric {
        self.one_interval(&[IntervalMetric::Sampled])
    }

    fn either(&mut self) -> IntervalMetric {
        use IntervalMetric::{Cumulative, Interval, Sampled};
        self.one_interval(&[Sampled, Interval, Cumulative])
    }

    /// RFC 6792 section 6: the two largest numbers of a field mean other things.
    fn metric<T: Random + Copy + Into<u64> + TryFrom<u64>>(&mut self, bits: u32) -> Metric<T> {
        match self.any::<u8>() {
            0..20 => Metric::OverRange,
            20..40 => Metric::Unavailable,
            _ => {
                let most =
                    T::try_from((1u64 << bits) - 3).unwrap_or_else(|_| unreachable!("it fits"));
                Metric::Value(self.up_to(most))
            }
        }
    }

    fn known<T, N: Random + Copy + Into<u64> + TryFrom<u64>>(
        &mut self,
        most: N,
        of: impl Fn(N) -> T,
    ) -> Option<T> {
        self.any::<bool>().then(|| of(self.up_to(most)))
    }

    fn some_u16(&mut self) -> Option<u16> {
        self.known(0xFFFEu16, |value| value)
    }

    fn rate(&mut self) -> Option<u16> {
        let rate: Option<u16> = self.any();
        let rate = if self.rarely() { rate } else { rate.map(|rate| rate % 0x8001) };
        self.forbid(rate.is_some_and(|rate| rate > 0x8000));
        rate
    }

    fn short(&mut self) -> Option<NtpShort> {
        self.known(u32::MAX - 1, NtpShort)
    }

    fn pdv(&mut self) -> PdvValue {
        match self.any::<u8>() {
            0..20 => PdvValue::UnderRange,
            20..40 => PdvValue::OverRange,
            40..60 => PdvValue::Unavailable,
            _ => {
                let value = self.any();
                self.forbid(!(-0x7FFF..=0x7FFD).contains(&value));
                PdvValue::Value(value)
            }
        }
    }

    /// A score of 0 to `most`, from `least`, or 127: not available.
    fn score(&mut self, least: u8, most: u8) -> u8 {
        let value = self.any::<u8>();
        if self.rarely() {
            self.forbid(!(least..=most).contains(&value) && value != 127);
            return value;
        }
        if value > 200 { 127 } else { least + value % (most - least + 1) }
    }

    fn rle_chunks(&mut self) -> &'a [[u8; 2]] {
        let chunks = self.chunks::<2>(7);
        let last = chunks.len().wrapping_sub(1);
        let null = |(place, &[high, low]): (usize, &[u8; 2])| {
            low == 0 && (high == 0x40 || high == 0 && (place != last || chunks.len() % 2 != 0))
        };
        self.forbid(chunks.iter().enumerate().any(null));
        chunks
    }

    fn ma_elements(&mut self) -> MaElementList<'a> {
        MaElementList::Built(self.list(3, |s| {
            let number = s.any::<u8>();
            // RFC 6332 section 4.2.
            let value = match number {
                1 => s.exactly(2),
                2..=4 | 11..=17 => s.exactly(4),
                _ => s.bytes(9),
            };
            let private = (128..=254).contains(&number);
            let enterprise_number = (private != s.rarely()).then(|| s.any());
            s.forbid(private != enterprise_number.is_some());
            MaElement { element_type: MaElementType(number), enterprise_number, value }
        }))
    }

    fn mos_segments(&mut self) -> &'a [[u8; 4]] {
        let multi: bool = self.any();
        let one = |s: &mut Self| match multi {
            false => MosSegment::SingleChannel {
                algorithm: s.any(),
                payload_type: s.up_to(127),
                mos: s.metric(16),
            },
            true => MosSegment::MultiChannel {
                algorithm: s.any(),
                payload_type: s.up_to(127),
                channel: s.up_to(7),
                mos: s.metric(13),
            },
        };
        self.entries(4, one, MosSegment::to_bytes, |bytes| MosSegment::new(&bytes))
    }
}

/// RFC 3611 section 4.1: the range, and the chunks with the null that fills the word.
macro_rules! rle {
    ($builder:ident, $read:ident, $b:ident) => {{
        let read = $builder::from(*$read);
        let (chunks, null) = read.chunks.split_at($b.chunks.len());
        $builder { chunks, ..read } == *$b
            && null.len() < 2
            && null.as_flattened().iter().all(|&byte| byte == 0)
    }};
}

made_of! {
    BLOCKS in 4:
    LossRle = LossRleBuilder {
        thinning: up_to(15u8), ssrc: any(), begin_sequence: any(), end_sequence: any(), chunks: rle_chunks(),
    }, if |b| b.end_sequence.wrapping_sub(b.begin_sequence) < 65_534, same |read, b| rle!(LossRleBuilder, read, b);
    DuplicateRle = DuplicateRleBuilder {
        thinning: up_to(15u8), ssrc: any(), begin_sequence: any(), end_sequence: any(), chunks: rle_chunks(),
    }, if |b| b.end_sequence.wrapping_sub(b.begin_sequence) < 65_534, same |read, b| rle!(DuplicateRleBuilder, read, b);
    PostRepairLossRle = PostRepairLossRleBuilder {
        thinning: up_to(15u8), ssrc: any(), begin_sequence: any(), end_sequence: any(), chunks: rle_chunks(),
    }, if |b| b.end_sequence.wrapping_sub(b.begin_sequence) < 65_534, same |read, b| rle!(PostRepairLossRleBuilder, read, b);
    DiscardRle = DiscardRleBuilder {
        early: any(), thinning: up_to(15u8), ssrc: any(), begin_sequence: any(), end_sequence: any(),
        chunks: rle_chunks(),
    }, if |b| b.end_sequence.wrapping_sub(b.begin_sequence) < 65_534, same |read, b| rle!(DiscardRleBuilder, read, b);
    Dlrr = DlrrBuilder { sub_blocks: dlrr_sub_blocks() }, if |b| !b.sub_blocks.is_empty();
    EcnSummary = EcnSummaryBuilder { entries: ecn_entries() };
    TargetBitrate = TargetBitrateBuilder { entries: bitrate_entries() };
    MosMetrics = MosMetricsBuilder { interval_metric: span(), ssrc: any(), segments: mos_segments() };
    MulticastAcquisition = MulticastAcquisitionBuilder {
        ma_method: any(), primary_multicast_ssrc: any(), status: any(), elements: ma_elements(),
    }, same |read, b| matches!(b.elements, MaElementList::Built(list) if read.elements().eq(list.iter().copied()))
        && (read.ma_method(), read.primary_multicast_ssrc(), read.status())
            == (b.ma_method, b.primary_multicast_ssrc, b.status);
    PostRepairLossCount = PostRepairLossCountBuilder {
        ssrc: any(), begin_sequence: any(), end_sequence: any(), post_repair_loss_count: any(),
        repaired_loss_count: any(),
    };
    VideoLossConcealment = VideoLossConcealmentBuilder {
        interval_metric: span(), method: concealment(), ssrc: any(), impaired_duration: metric(32),
        concealed_duration: metric(32), mean_frame_freeze_duration: any(), mean_impaired_frame_proportion: any(),
        mean_concealed_frame_proportion: any(), fraction_of_frames_concealed: any(),
    }, if |b| b.mean_frame_freeze_duration.is_some() == (b.method == VideoConcealmentMethod::FRAME_FREEZE);
    RawBlock = RawBlockBuilder { block_type: unknown_block(), type_specific: any(), data: words(4) };
    ReceiverReferenceTime = ReceiverReferenceTimeBuilder { ntp_timestamp: any() };
    BtXnq = BtXnqBuilder {
        begin_sequence: any(), end_sequence: any(), vmaxdiff: any(), vrange: any(), vsum: any(), cycles: any(),
        jbevents: any(), tdegnet: up_to(0xFF_FFFFu32), tdegjit: up_to(0xFF_FFFFu32), es: up_to(0xFF_FFFFu32),
        ses: up_to(0xFF_FFFFu32),
    };
    BurstGapDiscard = BurstGapDiscardBuilder {
        interval_metric: span(), ssrc: any(), threshold: any(), packets_discarded_in_bursts: metric(24),
        total_packets_expected_in_bursts: metric(24),
    };
    BurstGapDiscardSummary = BurstGapDiscardSummaryBuilder {
        interval_metric: either(), ssrc: any(), burst_discard_rate: rate(), gap_discard_rate: rate(),
    };
    BurstGapLoss = BurstGapLossBuilder {
        interval_metric: span(), combined: any(), ssrc: any(), threshold: any(), sum_burst_durations_ms: metric(24),
        packets_lost_in_bursts: metric(24), total_packets_expected_in_bursts: metric(24),
        number_of_bursts: metric(12), sum_squares_burst_durations_ms2: metric(36),
    };
    BurstGapLossSummary = BurstGapLossSummaryBuilder {
        interval_metric: either(), ssrc: any(), burst_loss_rate: rate(), gap_loss_rate: rate(),
        burst_duration_mean: some_u16(), burst_duration_variance: some_u16(),
    };
    BytesDiscarded = BytesDiscardedBuilder {
        interval_metric: span(), early: any(), ssrc: any(), payload_bytes_discarded: any(),
    };
    ConcealedSeconds = ConcealedSecondsBuilder {
        interval_metric: span(), concealment_method: plc(), ssrc: any(), unimpaired_seconds: metric(32),
        concealed_seconds: metric(32), severely_concealed_seconds: metric(16), scs_threshold: any(),
    };
    DeJitterBuffer = DeJitterBufferBuilder {
        interval_metric: instant(), adaptive: any(), ssrc: any(), djb_nominal: metric(16), djb_maximum: metric(16),
        djb_high_water_mark: metric(16), djb_low_water_mark: metric(16),
    }, if |b| b.adaptive || b.djb_high_water_mark == b.djb_maximum && b.djb_low_water_mark == b.djb_maximum;
    DelayMetrics = DelayMetricsBuilder {
        interval_metric: either(), ssrc: any(), mean_rtt: short(), min_rtt: short(), max_rtt: short(),
        end_system_delay: known(u64::MAX - 1, NtpTime),
    };
    DiscardCount = DiscardCountBuilder {
        interval_metric: span(), discard_type: discard_type(), ssrc: any(), discard_count: metric(32),
    };
    FrameImpairmentSummary = FrameImpairmentSummaryBuilder {
        derived_frames: any(), ssrc: any(), begin_sequence: any(), end_sequence: any(), discarded_frames: any(),
        dup_frames: any(), full_lost_frames: any(), partial_lost_frames: any(),
    };
    Idms = IdmsBuilder {
        spst: sender_type(), is_presented: any(), payload_type: up_to(127u8), media_stream_correlation_id: any(),
        media_ssrc: any(), received_ntp: any(), received_rtp_timestamp: any(), presented_ntp: any(),
    }, if |b| b.media_stream_correlation_id != u32::MAX && (b.is_presented || b.presented_ntp.0 == 0);
    IndependentBurstGapDiscard = IndependentBurstGapDiscardBuilder {
        interval_metric: span(), ssrc: any(), threshold: any(), sum_burst_durations_ms: metric(24),
        packets_discarded_in_bursts: metric(24), number_of_bursts: metric(16),
        total_packets_expected_in_bursts: metric(24), discard_count: metric(32),
    };
    InitialSyncDelay = InitialSyncDelayBuilder { ssrc: any(), initial_sync_delay: short() };
    LossConcealment = LossConcealmentBuilder {
        interval_metric: span(), concealment_method: plc(), ssrc: any(), on_time_playout_duration: metric(32),
        loss_concealment_duration: metric(32), buffer_adjustment_concealment_duration: metric(32),
        playout_interrupt_count: metric(16), mean_playout_interrupt_size: metric(32),
    };
    MeasurementInformation = MeasurementInformationBuilder {
        ssrc: any(), first_sequence: any(), extended_first_sequence_of_interval: any(),
        extended_last_sequence: any(), duration_interval: any(), duration_cumulative: any(),
    };
    PacketDelayVariation = PacketDelayVariationBuilder {
        interval_metric: either(), pdv_type: pdv_type(), ssrc: any(), pos_pdv_threshold_or_peak: pdv(),
        pos_pdv_percentile: some_u16(), neg_pdv_threshold_or_peak: pdv(), neg_pdv_percentile: some_u16(),
        mean_pdv: pdv(),
    };
    StatisticsSummary = StatisticsSummaryBuilder {
        loss_report: any(), duplicate_report: any(), jitter_report: any(), ttl_or_hop_limit: up_to(2u8), ssrc: any(),
        begin_sequence: any(), end_sequence: any(), lost_packets: any(), dup_packets: any(), min_jitter: any(),
        max_jitter: any(), mean_jitter: any(), dev_jitter: any(), min_ttl_or_hl: any(), max_ttl_or_hl: any(),
        mean_ttl_or_hl: any(), dev_ttl_or_hl: any(),
    }, if |b| {
        let jitter = b.min_jitter | b.max_jitter | b.mean_jitter | b.dev_jitter;
        let hops = b.min_ttl_or_hl | b.max_ttl_or_hl | b.mean_ttl_or_hl | b.dev_ttl_or_hl;
        (b.loss_report || b.lost_packets == 0) && (b.duplicate_report || b.dup_packets == 0)
            && (b.jitter_report || jitter == 0) && (b.ttl_or_hop_limit != 0 || hops == 0)
    };
    SyncOffset = SyncOffsetBuilder { interval_metric: either(), ssrc: any(), sync_offset: offset() };
    TsPsi = TsPsiBuilder {
        ssrc: any(), begin_sequence: any(), end_sequence: any(), pat_error: some_u16(), pat_error_2: some_u16(),
        pmt_error: some_u16(), pmt_error_2: some_u16(), pid_error: some_u16(), crc_error: some_u16(),
        cat_error: some_u16(),
    };
    TsPsiIndependent = TsPsiIndependentBuilder {
        ssrc: any(), begin_sequence: any(), end_sequence: any(), ts_sync_loss: any(), sync_byte_error: any(),
        continuity_count_error: any(), transport_error: any(), pcr_error: any(), pcr_repetition_error: any(),
        pcr_discontinuity_indicator_error: any(), pcr_accuracy_error: any(), pts_error: any(),
    };
    VoipMetrics = VoipMetricsBuilder {
        ssrc: any(), loss_rate: any(), discard_rate: any(), burst_density: any(), gap_density: any(),
        burst_duration: any(), gap_duration: any(), round_trip_delay: any(), end_system_delay: any(),
        signal_level: any(), noise_level: any(), rerl: any(), gmin: any(), r_factor: score(0, 100),
        ext_r_factor: score(0, 100), mos_lq: score(10, 50), mos_cq: score(10, 50), plc: up_to(3u8),
        jba: up_to(3u8), jb_rate: up_to(15u8), jb_nominal: any(), jb_maximum: any(), jb_abs_max: any(),
    }, if |b| b.gmin != 0;
}

impl Source<'_> {
    fn concealment(&mut self) -> VideoConcealmentMethod {
        self.one_of(&[VideoConcealmentMethod::FRAME_FREEZE, VideoConcealmentMethod::OTHER])
    }

    fn plc(&mut self) -> ConcealmentMethod {
        ConcealmentMethod(self.up_to(3))
    }

    fn discard_type(&mut self) -> DiscardType {
        DiscardType(self.up_to(2))
    }

    fn pdv_type(&mut self) -> PdvType {
        PdvType(self.up_to(15))
    }

    fn sender_type(&mut self) -> SyncPacketSenderType {
        let number = self.up_to(15);
        self.forbid(number == 0);
        SyncPacketSenderType(number)
    }

    fn offset(&mut self) -> Option<NtpOffset> {
        self.known(u64::MAX - 1, |offset| NtpOffset(offset as i64))
    }

    fn unknown_block(&mut self) -> BlockType {
        BlockType(self.one_of(&[0, 9, 36, 43, 100, 255]))
    }
}

/// A block of any type.
pub fn block<'a>(s: &mut Source<'a>) -> Made<'a> {
    match s.below(BLOCKS.len() + 1) {
        number if number < BLOCKS.len() => BLOCKS[number](s),
        _ => receipt_times(s),
    }
}

/// RFC 3611 section 4.3: a time for each number of the range that is a multiple of 2^T.
fn receipt_times<'a>(s: &mut Source<'a>) -> Made<'a> {
    let (thinning, begin_sequence) = (s.up_to(15u8), s.any::<u16>());
    let end_sequence = begin_sequence.wrapping_add(s.any::<u8>().into());
    let numbers = end_sequence.wrapping_sub(begin_sequence);
    let reported = |place: &u16| begin_sequence.wrapping_add(*place) % (1 << (thinning % 16)) == 0;
    let count = (0..numbers).filter(reported).count() + usize::from(s.rarely());
    s.forbid(count != (0..numbers).filter(reported).count());
    let times: Vec<[u8; 4]> = (0..count).map(|_| s.any()).collect();
    let receipt_times = s.keep_list(&times);
    let built = PacketReceiptTimesBuilder {
        thinning,
        ssrc: s.any(),
        begin_sequence,
        end_sequence,
        receipt_times,
    };
    s.made(built, |bytes, built| {
        let view = PacketReceiptTimes::parse(bytes).expect("what is written parses");
        assert_eq!(PacketReceiptTimesBuilder::from(view), *built);
    })
}
