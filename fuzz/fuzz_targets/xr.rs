//! Extended reports: the input is the blocks, one behind the other; their packet is put around them. Each block is shown,
//! its runs and lists gone through to the end, rebuilt by its builder, read by its own type and by the report's.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mediawire::Encode;
use mediawire::rtcp::xr::*;
use mediawire::rtcp::{ExtendedReport, ExtendedReportBuilder, Packet};
use mediawire_fuzz::{again, call, debug, end, fault, show, writes};

/// Packets that traces may stand for, in all: a block of 16 bytes can have 65,534.
const PACKETS: usize = 1 << 16;

fuzz_target!(|blocks: &[u8]| {
    let blocks = &blocks[..blocks.len().min(1000) / 4 * 4];
    let words = u16::try_from(1 + blocks.len() / 4).expect("short");
    let [high, low] = words.to_be_bytes();
    let bytes = [&[0x80, 207, high, low, 0, 0, 0, 1], blocks].concat();
    let mut left = PACKETS;
    match ExtendedReport::parse(&bytes) {
        Ok(report) => {
            show(&report);
            show(&Packet::parse(&bytes).expect("the same in a compound"));
            let builder = ExtendedReportBuilder::from(report);
            debug(&builder);
            writes(&builder, &bytes);
            let most = blocks.len() / 4;
            assert_eq!(end(report.blocks(), most), end(report.raw_blocks(), most));
            debug(&report.blocks());
            let broken = report.blocks().find_map(Result::err);
            assert_eq!(report.check_blocks().err(), broken);
            for (block, raw) in report.blocks().zip(report.raw_blocks()) {
                match block {
                    Ok(block) => check(&block, raw.as_bytes(), &mut left),
                    Err(error) => fault(&error, bytes.len()),
                }
                show(&raw);
                call!(raw; block_type, type_specific, block_length, data);
                again!(raw.as_bytes(), RawBlock, RawBlockBuilder);
                // Single ones of a view, in a packet of another.
                let list = BlockList::Built(&[&raw, &raw]);
                let twice = ExtendedReportBuilder { blocks: list, ..builder }.to_vec();
                let twice = twice.expect("short blocks");
                let read = ExtendedReport::parse(&twice).expect("what is written parses");
                assert!(read.raw_blocks().eq([raw, raw]));
            }
        }
        Err(error) => {
            fault(&error, bytes.len());
            // The first block may be whole nevertheless.
            if let Ok(block) = Block::parse(blocks) {
                check(&block, &blocks[..block.encoded_len()], &mut left);
            }
        }
    }
});

/// What all blocks share; then what each has besides what is shown of it.
fn check(block: &Block<'_>, bytes: &[u8], left: &mut usize) {
    show(block);
    writes(block, bytes);
    assert_eq!(Block::parse(bytes).as_ref(), Ok(block));
    let _ = (block.block_type().name(), block.block_type());
    macro_rules! rebuilt {
        ($($View:ident, $Builder:ident $(: $($accessor:ident),+)?;)*) => {
            match block {
                $(Block::$View(view) => {
                    // A discard block may have the type that its RFC prints by mistake: not its own.
                    if bytes.first() == Some(&block.block_type().0) {
                        assert_eq!(again!(bytes, $View, $Builder), Some(*view));
                    }
                    $(call!(view; $($accessor),+);)?
                })*
                _ => assert!(matches!(block, Block::Other(_)), "{block} is not rebuilt"),
            }
        };
    }
    rebuilt! {
        LossRle, LossRleBuilder;
        DuplicateRle, DuplicateRleBuilder;
        PacketReceiptTimes, PacketReceiptTimesBuilder;
        ReceiverReferenceTime, ReceiverReferenceTimeBuilder;
        Dlrr, DlrrBuilder;
        StatisticsSummary, StatisticsSummaryBuilder: losses, duplicates, is_consistent;
        VoipMetrics, VoipMetricsBuilder: round_trip_time, end_system_time, signal_level_dbm, noise_level_dbm, rerl_db,
            r_factor_score, ext_r_factor_score, mos_lq_score, mos_cq_score;
        BtXnq, BtXnqBuilder: mean_difference;
        PostRepairLossRle, PostRepairLossRleBuilder;
        MulticastAcquisition, MulticastAcquisitionBuilder;
        Idms, IdmsBuilder: presented, presentation_delay;
        EcnSummary, EcnSummaryBuilder;
        MeasurementInformation, MeasurementInformationBuilder: interval, cumulative;
        PacketDelayVariation, PacketDelayVariationBuilder: pos_percentile, neg_percentile;
        DelayMetrics, DelayMetricsBuilder: mean_round_trip_time, min_round_trip_time, max_round_trip_time,
            end_system_time;
        BurstGapLossSummary, BurstGapLossSummaryBuilder: burst_loss, gap_loss, mean_burst_duration;
        BurstGapDiscardSummary, BurstGapDiscardSummaryBuilder: burst_discard, gap_discard;
        FrameImpairmentSummary, FrameImpairmentSummaryBuilder;
        BurstGapLoss, BurstGapLossBuilder: sum_of_burst_durations;
        BurstGapDiscard, BurstGapDiscardBuilder;
        TsPsiIndependent, TsPsiIndependentBuilder;
        DeJitterBuffer, DeJitterBufferBuilder;
        DiscardCount, DiscardCountBuilder;
        DiscardRle, DiscardRleBuilder;
        BytesDiscarded, BytesDiscardedBuilder;
        InitialSyncDelay, InitialSyncDelayBuilder: delay;
        SyncOffset, SyncOffsetBuilder;
        MosMetrics, MosMetricsBuilder;
        LossConcealment, LossConcealmentBuilder;
        ConcealedSeconds, ConcealedSecondsBuilder;
        TsPsi, TsPsiBuilder: pat_errors, pmt_errors;
        PostRepairLossCount, PostRepairLossCountBuilder;
        VideoLossConcealment, VideoLossConcealmentBuilder;
        IndependentBurstGapDiscard, IndependentBurstGapDiscardBuilder: sum_of_burst_durations;
        TargetBitrate, TargetBitrateBuilder;
    }
    // Lists, and traces.
    macro_rules! trace {
        ($view:ident, $zeros:ident, $zero:literal, $made:expr) => {{
            end($view.chunks(), bytes.len() / 2);
            for chunk in $view.chunks() {
                debug(&chunk);
                assert_eq!(Chunk::from_bytes(chunk.to_bytes()), chunk);
            }
            let (mut packets, mut next) = (0, None);
            for run in $view.runs() {
                assert!(
                    run.packets > 0 && next.is_none_or(|next| next == run.first_sequence),
                    "{run:?}"
                );
                let far = u32::from(run.packets) << $view.thinning();
                next = Some(run.first_sequence.wrapping_add(far as u16));
                packets += usize::from(run.packets);
            }
            let span = usize::from($view.end_sequence().wrapping_sub($view.begin_sequence()));
            assert!(packets <= span);
            if let Some(rest) = left.checked_sub(packets) {
                *left = rest;
                assert_eq!(end($view.packets(), packets), packets);
                let zeros =
                    $view.packets().filter(|&(_, bit)| bit == $zero).map(|(number, _)| number);
                assert!($view.$zeros().eq(zeros));
                if $view
                    .packets()
                    .all(|(number, _)| number.wrapping_sub($view.begin_sequence()) < span as u16)
                {
                    #[allow(clippy::redundant_closure_call)]
                    ($made)($view);
                } else {
                    panic!("a number outside of the range");
                }
            }
        }};
    }
    match block {
        // Of what a trace says a new one says the same.
        Block::LossRle(view) => trace!(view, lost, false, |view: &LossRle<'_>| {
            let mut room = vec![[0; 2]; 8192];
            let received = view.packets().filter(|&(_, bit)| bit).map(|(number, _)| number);
            let (begin, end, thinning) =
                (view.begin_sequence(), view.end_sequence(), view.thinning());
            let made = LossRleBuilder::from_received(1, begin, end, thinning, received, &mut room);
            let Ok(made) = made else { return };
            let bytes = made.to_vec().expect("a valid block");
            let read = LossRle::parse(&bytes).expect("what is written parses");
            assert!(view.packets().eq(read.packets().take(view.packets().count())));
            assert!(read.packets().skip(view.packets().count()).all(|(_, bit)| !bit));
        }),
        Block::DuplicateRle(view) => trace!(view, duplicated, false, |_| ()),
        Block::PostRepairLossRle(view) => trace!(view, lost, false, |_| ()),
        Block::DiscardRle(view) => trace!(view, discarded, true, |_| ()),
        Block::PacketReceiptTimes(view) => {
            let times = end(view.receipt_times(), bytes.len() / 4);
            assert!(end(view.packets(), times) <= times);
        }
        Block::Dlrr(view) => {
            end(view.sub_blocks(), bytes.len() / 12);
            for sub_block in view.sub_blocks() {
                assert_eq!(DlrrSubBlock::new(&sub_block.to_bytes()), sub_block);
            }
        }
        Block::MulticastAcquisition(view) => {
            end(view.elements(), bytes.len() / 4);
            for element in view.elements() {
                show(&element);
                call!(element; number, span);
                call!(element.element_type; is_private, name);
                let first = view.get(element.element_type).expect("it is there");
                assert_eq!(first.element_type, element.element_type);
            }
        }
        Block::EcnSummary(view) => {
            end(view.entries(), bytes.len() / 20);
            for entry in view.entries() {
                assert_eq!(EcnEntry::new(&entry.to_bytes()), entry);
            }
        }
        Block::MosMetrics(view) => {
            end(view.segments(), bytes.len() / 4);
            for segment in view.segments() {
                call!(segment; score);
                if let Ok(bytes) = segment.to_bytes() {
                    assert_eq!(MosSegment::new(&bytes), segment);
                }
            }
        }
        Block::TargetBitrate(view) => {
            end(view.entries(), bytes.len() / 4);
            for entry in view.entries() {
                call!(entry; bits_per_second);
                assert_eq!(entry.to_bytes().map(TargetBitrateEntry::new), Ok(entry));
            }
        }
        Block::PacketDelayVariation(view) => {
            call!(view.mean_pdv(); as_millis);
        }
        Block::VideoLossConcealment(view) => {
            for metric in [view.impaired_duration(), view.concealed_duration()] {
                call!(metric; value, as_millis);
                let _ = (metric.at_clock_rate(0), metric.at_clock_rate(u32::MAX));
            }
        }
        _ => {}
    }
}
