//! The XR blocks against `tests/second_reading/xr.jsonl` and `xr_bad.jsonl`: a second reading of the RFCs, made apart
//! from the parser, its bytes laid out by the figures.
//!
//! Of `xr.jsonl` a line has a packet's `hex`, the `json` that its view has to have at least, `rewritten` where the
//! blocks' builders write something else than was read (reserved bits), `forbidden` where they must not write it at all.
//! Of `xr_bad.jsonl` a line has the `rule`: the whole `packet` is refused, its last `block` is, or it is the `sender`
//! who must not write it, while the view shows what is there.

#![cfg(all(feature = "serde", feature = "alloc"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)] // a test may panic

use std::path::Path;

use mediawire::rtcp::xr::*;
use mediawire::rtcp::{ExtendedReport, ExtendedReportBuilder, Packet};
use mediawire::{BuildError, Encode};
use serde_json::Value;

fn lines(name: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/second_reading").join(name);
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn unhex(text: &Value) -> Vec<u8> {
    let digit = |at: &u8| u8::try_from(char::from(*at).to_digit(16).unwrap()).unwrap();
    let pairs = text.as_str().unwrap().as_bytes().chunks_exact(2);
    pairs.map(|pair| digit(&pair[0]) << 4 | digit(&pair[1])).collect()
}

fn report(bytes: &[u8]) -> Result<ExtendedReport<'_>, String> {
    match Packet::parse(bytes) {
        Ok(Packet::ExtendedReport(report)) => Ok(report),
        Ok(other) => Err(format!("read as {other}")),
        Err(error) => Err(error.to_string()),
    }
}

/// Whether `found` has all that is expected, and lists of the same length.
fn compare(path: &str, expected: &Value, found: &Value, wrong: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(expected), Value::Object(_)) => {
            for (key, value) in expected {
                compare(&format!("{path}.{key}"), value, &found[key], wrong);
            }
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            for (at, (expected, found)) in expected.iter().zip(found).enumerate() {
                compare(&format!("{path}[{at}]"), expected, found, wrong);
            }
        }
        _ if expected == found => {}
        _ => wrong.push(format!("{path}: expected {expected}, found {found}")),
    }
}

/// What the builder of the block's own type writes, filled from the view.
fn built(block: Block<'_>) -> Result<Vec<u8>, BuildError> {
    macro_rules! builders {
        ($($view:ident => $builder:ident,)*) => {
            match block {
                $(Block::$view(block) => $builder::from(block).to_vec(),)*
                // New elements, so that none is copied with what its reserved octet has.
                Block::MulticastAcquisition(block) => {
                    let elements: Vec<_> = block.elements().collect();
                    let elements = MaElementList::Built(&elements);
                    MulticastAcquisitionBuilder { elements, ..block.into() }.to_vec()
                }
                Block::Other(block) => RawBlockBuilder::from(block).to_vec(),
                other => panic!("no builder for {other}"),
            }
        };
    }
    builders! {
        LossRle => LossRleBuilder,
        DuplicateRle => DuplicateRleBuilder,
        PacketReceiptTimes => PacketReceiptTimesBuilder,
        ReceiverReferenceTime => ReceiverReferenceTimeBuilder,
        Dlrr => DlrrBuilder,
        StatisticsSummary => StatisticsSummaryBuilder,
        VoipMetrics => VoipMetricsBuilder,
        BtXnq => BtXnqBuilder,
        PostRepairLossRle => PostRepairLossRleBuilder,
        Idms => IdmsBuilder,
        EcnSummary => EcnSummaryBuilder,
        MeasurementInformation => MeasurementInformationBuilder,
        PacketDelayVariation => PacketDelayVariationBuilder,
        DelayMetrics => DelayMetricsBuilder,
        BurstGapLossSummary => BurstGapLossSummaryBuilder,
        BurstGapDiscardSummary => BurstGapDiscardSummaryBuilder,
        FrameImpairmentSummary => FrameImpairmentSummaryBuilder,
        BurstGapLoss => BurstGapLossBuilder,
        BurstGapDiscard => BurstGapDiscardBuilder,
        TsPsiIndependent => TsPsiIndependentBuilder,
        DeJitterBuffer => DeJitterBufferBuilder,
        DiscardCount => DiscardCountBuilder,
        DiscardRle => DiscardRleBuilder,
        BytesDiscarded => BytesDiscardedBuilder,
        InitialSyncDelay => InitialSyncDelayBuilder,
        SyncOffset => SyncOffsetBuilder,
        MosMetrics => MosMetricsBuilder,
        LossConcealment => LossConcealmentBuilder,
        ConcealedSeconds => ConcealedSecondsBuilder,
        TsPsi => TsPsiBuilder,
        PostRepairLossCount => PostRepairLossCountBuilder,
        VideoLossConcealment => VideoLossConcealmentBuilder,
        IndependentBurstGapDiscard => IndependentBurstGapDiscardBuilder,
        TargetBitrate => TargetBitrateBuilder,
    }
}

/// The packet of the bytes that each block's builder writes, without reserved bits of the packet's own.
fn rebuilt(report: ExtendedReport<'_>) -> Result<Vec<u8>, BuildError> {
    let blocks: Result<Vec<_>, _> =
        report.blocks().map(|block| built(block.expect("a block of its type"))).collect();
    let blocks = blocks?;
    let blocks: Vec<&[u8]> = blocks.iter().map(Vec::as_slice).collect();
    let blocks: Vec<_> = blocks.iter().map(|block| -> &dyn Encode { block }).collect();
    let (ssrc, padding) = (report.ssrc(), report.padding());
    ExtendedReportBuilder { reserved: 0, ssrc, blocks: BlockList::Built(&blocks), padding }.to_vec()
}

fn check_good(line: &Value, wrong: &mut Vec<String>) {
    let bytes = unhex(&line["hex"]);
    let report = match report(&bytes) {
        Ok(report) => report,
        Err(error) => return wrong.push(format!("refused: {error}")),
    };
    for block in report.blocks() {
        match block {
            Ok(Block::Other(block)) if !matches!(block.block_type().0, 9 | 36 | 199..) => {
                wrong.push(format!("not by its type: {block}"));
            }
            Ok(_) => {}
            Err(error) => return wrong.push(format!("block refused: {error}")),
        }
    }
    compare("", &line["json"], &serde_json::to_value(report).unwrap(), wrong);
    if ExtendedReportBuilder::from(report).to_vec().as_ref() != Ok(&bytes) {
        wrong.push("the view writes other bytes".into());
    }
    let expected = line.get("rewritten").map_or_else(|| bytes.clone(), unhex);
    match (rebuilt(report), line.get("forbidden")) {
        (Ok(_), Some(why)) => wrong.push(format!("a builder writes it: {why}")),
        (Err(_), Some(_)) => {}
        (Ok(found), None) if found == expected => {}
        (found, None) => wrong.push(format!("builders write {found:02x?}, not {expected:02x?}")),
    }
}

fn check_bad(line: &Value, wrong: &mut Vec<String>) {
    let bytes = unhex(&line["hex"]);
    let rule = line["rule"].as_str().unwrap();
    let report = match (rule, report(&bytes)) {
        ("packet", Ok(report)) => return wrong.push(format!("read as {report}")),
        ("packet", Err(_)) => return,
        (_, Ok(report)) => report,
        (_, Err(error)) => return wrong.push(format!("the packet is refused: {error}")),
    };
    match (rule, report.check_blocks()) {
        ("block", Ok(())) => wrong.push(format!("read as {report}")),
        ("block", Err(error)) if error.kind.name() == "length" => {}
        ("sender", Ok(())) => {
            if let Ok(written) = rebuilt(report) {
                wrong.push(format!("written as {written:02x?}"));
            }
        }
        (_, found) => wrong.push(format!("{found:?}")),
    }
}

/// Every line, then all that is wrong with any.
fn check_all(name: &str, at_least: usize, check: fn(&Value, &mut Vec<String>)) {
    let lines = lines(name);
    assert!(lines.len() >= at_least, "{} lines", lines.len());
    let mut all = String::new();
    for line in &lines {
        let mut wrong = Vec::new();
        check(line, &mut wrong);
        for what in wrong {
            all += &format!("{} ({}): {what}\n", line["name"], line["source"]);
        }
    }
    assert!(all.is_empty(), "{all}");
}

#[test]
fn every_block_of_the_second_reading_reads_and_writes_as_it_says() {
    check_all("xr.jsonl", 150, check_good);
}

#[test]
fn what_the_second_reading_refuses_is_refused() {
    check_all("xr_bad.jsonl", 120, check_bad);
}

/// The one block of the line with this name, handed to `look`.
fn with_block(name: &str, look: impl FnOnce(Block<'_>)) {
    let lines = lines("xr.jsonl");
    let line = lines.iter().find(|line| line["name"] == name).expect(name);
    let bytes = unhex(&line["hex"]);
    look(report(&bytes).unwrap().blocks().next().unwrap().unwrap());
}

macro_rules! block {
    ($name:literal, $view:ident($block:ident) => $look:expr) => {
        with_block($name, |block| {
            let Block::$view($block) = block else { panic!("{block}") };
            $look
        })
    };
}

#[test]
fn the_example_trace_says_which_packets_were_lost() {
    // RFC 3611 section 4.1: of 13,821 and so on the 22nd and the 24th, thinned the 24th and the 44th.
    macro_rules! lost {
        ($name:literal, $view:ident, $lost:ident: $expected:expr) => {
            block!($name, $view(block) => {
                assert_eq!(block.$lost().collect::<Vec<_>>(), $expected);
            });
        };
    }
    let both = [13_842, 13_844];
    lost!("loss_rle: three bit vectors and the null chunk", LossRle, lost: both);
    lost!("loss_rle: run, bit vector, run and the null chunk", LossRle, lost: both);
    lost!("loss_rle: thinned by four, bit vector and null", LossRle, lost: [13_844, 13_864]);
    lost!("pr_lrle: three bit vectors and the null chunk", PostRepairLossRle, lost: both);
    // Section 4.2: a zero is a duplicate.
    lost!("duplicate_rle: run, bit vector, run and the null chunk", DuplicateRle, duplicated: both);
}

#[test]
fn receipt_times_belong_to_the_multiples_of_the_thinning() {
    block!("packet_receipt_times: three packets across the wrap", PacketReceiptTimes(block) => {
        let expected = [(65_534, 0x0102_0304), (65_535, 0xffff_fffe), (0, 0x8000_0001)];
        assert_eq!(block.packets().collect::<Vec<_>>(), expected);
    });
    block!("packet_receipt_times: thinned, 8 12 16 out of 5..17", PacketReceiptTimes(block) => {
        assert_eq!(block.packets().collect::<Vec<_>>(), [(8, 11), (12, 22), (16, 33)]);
    });
    block!("packet_receipt_times: thinned across the wrap, 65528 and 0", PacketReceiptTimes(block) => {
        let expected = [(65_528, 0x1111_1111), (0, 0x2222_2222)];
        assert_eq!(block.packets().collect::<Vec<_>>(), expected);
    });
}

#[test]
fn special_values_are_none_of_the_measured() {
    use Metric::{OverRange, Unavailable, Value};
    macro_rules! each {
        ($block:ident: $($field:ident)* = $expected:expr) => { $(assert_eq!($block.$field(), $expected, stringify!($field));)* };
    }
    block!("bgl: over range", BurstGapLoss(block) => {
        each!(block: sum_burst_durations_ms packets_lost_in_bursts total_packets_expected_in_bursts = OverRange);
        assert_eq!(block.number_of_bursts(), OverRange);
        assert_eq!(block.sum_squares_burst_durations_ms2(), OverRange);
    });
    block!("bgl: unavailable", BurstGapLoss(block) => {
        each!(block: sum_burst_durations_ms packets_lost_in_bursts total_packets_expected_in_bursts = Unavailable);
        assert_eq!(block.number_of_bursts(), Unavailable);
        assert_eq!(block.sum_squares_burst_durations_ms2(), Unavailable);
    });
    block!("bgl: cumulative with C, the 36 bits over 32", BurstGapLoss(block) => {
        assert_eq!(block.sum_squares_burst_durations_ms2(), Value(0x1_0000_0005));
        assert_eq!(block.interval_metric(), IntervalMetric::Cumulative);
    });
    block!("bgd: cumulative, over range and unavailable", BurstGapDiscard(block) => {
        assert_eq!(block.packets_discarded_in_bursts(), OverRange);
        assert_eq!(block.total_packets_expected_in_bursts(), Unavailable);
    });
    block!("ibgd: over range", IndependentBurstGapDiscard(block) => {
        each!(block: sum_burst_durations_ms packets_discarded_in_bursts total_packets_expected_in_bursts discard_count = OverRange);
        assert_eq!(block.number_of_bursts(), OverRange);
    });
    block!("ibgd: unavailable", IndependentBurstGapDiscard(block) => {
        each!(block: sum_burst_durations_ms packets_discarded_in_bursts total_packets_expected_in_bursts discard_count = Unavailable);
        assert_eq!(block.number_of_bursts(), Unavailable);
    });
    block!("djb: sampled, fixed, both marks the maximum", DeJitterBuffer(block) => {
        assert_eq!(block.djb_nominal(), Value(0xfffd));
        each!(block: djb_maximum djb_high_water_mark djb_low_water_mark = OverRange);
    });
    block!("djb: sampled, adaptive, over range and unavailable", DeJitterBuffer(block) => {
        each!(block: djb_maximum djb_low_water_mark = Unavailable);
    });
    block!("discard: cumulative, too early, over range", DiscardCount(block) => {
        assert_eq!((block.discard_count(), block.discard_type()), (OverRange, DiscardType::EARLY));
    });
    block!("discard: interval, too late, unavailable", DiscardCount(block) => {
        assert_eq!((block.discard_count(), block.discard_type()), (Unavailable, DiscardType::LATE));
    });
    block!("lcb: cumulative, out of range", LossConcealment(block) => {
        each!(block: on_time_playout_duration loss_concealment_duration buffer_adjustment_concealment_duration mean_playout_interrupt_size = OverRange);
        assert_eq!(block.playout_interrupt_count(), OverRange);
    });
    block!("csb: unavailable", ConcealedSeconds(block) => {
        each!(block: unimpaired_seconds concealed_seconds = Unavailable);
        assert_eq!(block.severely_concealed_seconds(), Unavailable);
        assert_eq!(block.scs_threshold(), 0);
    });
    block!("vlc: out of range and unavailable", VideoLossConcealment(block) => {
        assert_eq!((block.impaired_duration(), block.concealed_duration()), (OverRange, Unavailable));
        // RFC 7867 gives this one no special values.
        assert_eq!(block.mean_frame_freeze_duration(), Some(u32::MAX));
    });
    block!("mos: two single-channel segments, over range and unavailable", MosMetrics(block) => {
        let mos: Vec<_> = block.segments().map(|segment| match segment {
            MosSegment::SingleChannel { mos, .. } => mos,
            other => panic!("{other}"),
        }).collect();
        assert_eq!(mos, [OverRange, Unavailable]);
    });
    block!("mos: three multi-channel segments, over range and unavailable", MosMetrics(block) => {
        let mos: Vec<_> = block.segments().map(|segment| match segment {
            MosSegment::MultiChannel { mos, channel, .. } => (channel, mos),
            other => panic!("{other}"),
        }).collect();
        assert_eq!(mos, [(7, OverRange), (0, Unavailable), (4, Value(0x1001))]);
    });
    block!("delay: cumulative, everything unavailable", DelayMetrics(block) => {
        each!(block: mean_rtt min_rtt max_rtt = None);
        assert_eq!(block.end_system_delay(), None);
    });
    block!("bgl_sum: cumulative, rate of one, the rest unavailable", BurstGapLossSummary(block) => {
        assert_eq!(block.burst_loss(), Some(1.0));
        each!(block: gap_loss_rate burst_duration_mean burst_duration_variance = None);
    });
    block!("bgd_sum: cumulative, rate of one and unavailable", BurstGapDiscardSummary(block) => {
        assert_eq!((block.burst_discard(), block.gap_discard()), (Some(1.0), None));
    });
    block!("ts_psi: unavailable", TsPsi(block) => {
        each!(block: pat_error pat_error_2 pmt_error pmt_error_2 pid_error crc_error cat_error = None);
    });
    block!("rfisd: unavailable", InitialSyncDelay(block) => assert_eq!(block.delay(), None));
    block!("rfso: unavailable", SyncOffset(block) => assert_eq!(block.sync_offset(), None));
    block!("voip_metrics: everything that can be unavailable is", VoipMetrics(block) => {
        each!(block: signal_level_dbm noise_level_dbm = None);
        each!(block: rerl_db r_factor_score ext_r_factor_score = None);
        each!(block: mos_lq_score mos_cq_score = None);
    });
    block!("pdv: over-range negative, over-range positive", PacketDelayVariation(block) => {
        each!(block: pos_pdv_threshold_or_peak mean_pdv = PdvValue::UnderRange);
        assert_eq!(block.neg_pdv_threshold_or_peak(), PdvValue::OverRange);
    });
    block!("pdv: unavailable", PacketDelayVariation(block) => {
        each!(block: pos_pdv_threshold_or_peak neg_pdv_threshold_or_peak mean_pdv = PdvValue::Unavailable);
        each!(block: pos_pdv_percentile neg_pdv_percentile = None);
    });
}

#[test]
fn signs_and_scales_are_those_of_the_rfcs() {
    block!("rfso: one and a quarter seconds ahead", SyncOffset(block) => {
        assert_eq!(block.sync_offset().unwrap().as_nanos(), 1_250_000_000);
    });
    block!("rfso: half a second behind", SyncOffset(block) => {
        assert_eq!(block.sync_offset().unwrap().as_nanos(), -500_000_000);
    });
    block!("rfso: two and a quarter seconds behind", SyncOffset(block) => {
        assert_eq!(block.sync_offset().unwrap().as_nanos(), -2_250_000_000);
    });
    block!("pdv: MAPDV2, example (a)", PacketDelayVariation(block) => {
        assert_eq!(block.pos_pdv_threshold_or_peak().as_millis(), Some(50.0));
        assert!((block.pos_percentile().unwrap() - 95.3).abs() < 1.0 / 256.0);
        assert!((block.neg_percentile().unwrap() - 98.4).abs() < 1.0 / 256.0);
    });
    block!("pdv: negative values and the most negative measured", PacketDelayVariation(block) => {
        assert_eq!(block.pos_pdv_threshold_or_peak().as_millis(), Some(-0.0625));
        assert_eq!(block.neg_pdv_threshold_or_peak().as_millis(), Some(-2047.9375));
        assert_eq!(block.mean_pdv().as_millis(), Some(-50.0));
    });
    block!("mos: one single-channel segment, 4.5", MosMetrics(block) => {
        assert_eq!(block.segments().next().unwrap().score(), Some(4.5));
    });
    block!("mos: one multi-channel segment, 4.5", MosMetrics(block) => {
        assert_eq!(block.segments().next().unwrap().score(), Some(4.5));
    });
    block!("rfisd: two and a half seconds", InitialSyncDelay(block) => {
        assert_eq!(block.delay().unwrap().as_millis(), 2500);
    });
    block!("voip_metrics: the example of section 4.7.2", VoipMetrics(block) => {
        assert_eq!((block.signal_level_dbm(), block.noise_level_dbm()), (Some(-18), Some(-62)));
        assert_eq!(block.mos_lq_score(), Some(4.1));
    });
}
