//! A datagram of RTCP: walked, shown, written again packet by packet; the walk covers it whole. What else each type gives is
//! called, and the machines of a session are fed with it.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use mediawire::ntp::NtpTime;
use mediawire::rtcp::xr::Block;
use mediawire::rtcp::{
    Afb, CcfbBlockBuilder, CcfbBlockList, CcfbBuilder, CompactTimeCode, Compound, CompoundWriter,
    Distribution, Feedback, FirEntry, Header, Lntf, LntfBuilder, LrrEntry, MsAfb, MsAfbBuilder,
    NackPair, NackPairs, Packet, PortMappingRequest, PortMappingRequestBuilder,
    PortMappingResponse, PortMappingResponseBuilder, RawPacket, RawPacketBuilder, ReportBlock,
    ReportBlockBuilder, RsiSubReport, SliEntry, SourceDescription, Srtcp, TmmbEntry, Token,
    TokenVerificationFailure, TokenVerificationFailureBuilder, TokenVerificationRequest,
    TokenVerificationRequestBuilder, TradeOffEntry,
};
use mediawire::session::{LastReport, SenderClock, round_trip_time, round_trip_time_of_dlrr};
use mediawire_fuzz::{again, call, debug, end, fault, json, line, read, show, text, writes};

fuzz_target!(|datagram: &[u8]| {
    let mut walk = Compound::new(datagram);
    let mut room = vec![0; datagram.len()];
    let mut writer = CompoundWriter::new(&mut room);
    let mut padded = false;
    loop {
        let from = walk.offset();
        assert_eq!(walk.rest(), &datagram[from..]);
        let Some(step) = walk.next() else { break };
        let bytes = &datagram[from..walk.offset()];
        assert!(!bytes.is_empty(), "each step uses bytes up");
        match step {
            Ok(packet) => {
                show(&packet);
                assert_eq!(packet.header().packet_len(), bytes.len());
                assert_eq!(Header::parse(bytes), Ok(packet.header()));
                writes(&packet, bytes);
                assert_eq!(Packet::parse(bytes), Ok(packet));
                again!(bytes, RawPacket, RawPacketBuilder);
                check(&packet, bytes);
                // What is behind a packet with padding is read, and not written.
                assert_eq!(writer.push(&packet).ok(), (!padded).then_some(bytes.len()));
                padded |= packet.header().has_padding();
            }
            Err(error) => {
                assert!((from..=walk.offset()).contains(&error.offset), "{error}");
                fault(&error, datagram.len());
                if let Ok(chunks) = SourceDescription::lenient_chunks(bytes) {
                    end(chunks.clone(), bytes.len());
                    chunks.for_each(|chunk| debug(&chunk));
                }
            }
        }
    }
    assert_eq!(walk.offset(), datagram.len());
    assert!(walk.next().is_none() && walk.rest().is_empty());
    assert_eq!(writer.written().len() + writer.remaining(), datagram.len());
    let written = writer.finish();
    assert!(Compound::new(written).all(|packet| packet.is_ok()));
    // Joined to nothing it is itself, without the padding that only the last packet may have.
    let mut joined = vec![0; datagram.len()];
    let _ = CompoundWriter::new(&mut joined).join(datagram);

    for violation in
        [Compound::new(datagram).validate(), Compound::new(datagram).validate_reduced_size()]
    {
        if let Err(violation) = violation {
            text(&violation);
            assert!(violation.offset <= datagram.len(), "{violation}");
        }
    }
    for trailer in [0, 4, 10, usize::MAX] {
        match Srtcp::parse(datagram, trailer) {
            Ok(packet) => {
                text(&packet);
                call!(packet; header, ssrc, is_encrypted, index);
                assert_eq!(8 + packet.content().len() + 4 + packet.trailer().len(), datagram.len());
                assert_eq!(packet.trailer().len(), trailer);
            }
            Err(error) => fault(&error, datagram.len()),
        }
    }
});

/// What a packet gives besides what is shown of it.
fn check(packet: &Packet<'_>, bytes: &[u8]) {
    let now = Duration::from_secs(7);
    match packet {
        Packet::SenderReport(report) => {
            let mut last = LastReport::default();
            last.received(report.ntp_timestamp(), now);
            let _ = (last.answer(now), last.answer(Duration::MAX), last.dlrr(1, now));
            for rate in [0, 1, 90_000, u32::MAX] {
                let Some(clock) = SenderClock::of_report(report, rate) else { continue };
                for timestamp in [report.rtp_timestamp(), !report.rtp_timestamp(), 0, u32::MAX] {
                    let time = clock.ntp(timestamp);
                    let _ = (clock.unix(timestamp), clock.rtp(time), clock.rtp_of_unix(now));
                    line(&time);
                }
            }
            report.blocks().for_each(|block| report_block(&block));
        }
        Packet::ReceiverReport(report) => report.blocks().for_each(|block| report_block(&block)),
        Packet::SourceDescription(sdes) => {
            end(sdes.chunks(), 31);
            let lenient = SourceDescription::lenient_chunks(bytes).expect("it is sound");
            assert!(lenient.eq(sdes.chunks()));
            for chunk in sdes.chunks() {
                end(chunk.items(), bytes.len());
                for item in chunk.items() {
                    call!(item; value_str, prefix_str);
                    let first = chunk.get(item.item_type).expect("it is there");
                    assert_eq!(first.item_type, item.item_type);
                }
            }
        }
        Packet::Bye(bye) => {
            call!(bye; reason_str, fill);
            end(bye.sources(), 31);
        }
        Packet::Nack(nack) => {
            let count = end(nack.lost_sequence_numbers(), bytes.len() * 5);
            // Its numbers make as many numbers again, in no more pairs.
            let mut numbers: Vec<u16> = nack.lost_sequence_numbers().collect();
            let all: std::collections::HashSet<u16> = numbers.iter().copied().collect();
            let mut room = vec![[0; NackPair::LEN]; count];
            let pairs = NackPairs::new(&mut numbers).write_into(&mut room).expect("one for each");
            let mut again = std::collections::HashSet::new();
            for &pair in pairs {
                let pair = NackPair::from_bytes(pair);
                assert_eq!(NackPair::from_bytes(pair.to_bytes()), pair);
                again.insert(pair.pid);
                again.extend(
                    (1..=16)
                        .filter(|bit| pair.blp >> (bit - 1) & 1 != 0)
                        .map(|bit| pair.pid.wrapping_add(bit)),
                );
            }
            assert_eq!(again, all);
        }
        Packet::Ccfb(ccfb) => {
            end(ccfb.report_blocks(), bytes.len() / 8);
            for block in ccfb.report_blocks() {
                assert_eq!(end(block.metrics(), 16_384), block.as_metrics().len());
                assert_eq!(end(block.arrivals(), 16_384), usize::from(block.num_reports()));
                for (_, metric) in block.metrics() {
                    call!(metric; received, ecn, arrival_time_offset, to_bytes);
                    let _ = metric.arrival(ccfb.report_timestamp());
                }
            }
            let blocks: Vec<_> = ccfb.report_blocks().map(CcfbBlockBuilder::from).collect();
            let blocks = CcfbBlockList::Built(&blocks);
            let _ = mediawire_fuzz::written(&CcfbBuilder {
                report_blocks: blocks,
                ..CcfbBuilder::from(*ccfb)
            });
        }
        Packet::Tmmbr(tmmbr) => tmmbr.entries().for_each(|entry| bitrate(&entry)),
        Packet::Tmmbn(tmmbn) => tmmbn.entries().for_each(|entry| bitrate(&entry)),
        Packet::Fir(fir) => {
            for entry in fir.entries() {
                assert_eq!(FirEntry::from_bytes(entry.to_bytes()), entry);
            }
        }
        Packet::Sli(sli) => {
            for entry in sli.entries() {
                assert_eq!(entry.to_bytes().map(SliEntry::from_bytes), Ok(entry));
            }
        }
        Packet::Tstr(tstr) => tstr.entries().for_each(|entry| trade_off(&entry)),
        Packet::Tstn(tstn) => tstn.entries().for_each(|entry| trade_off(&entry)),
        Packet::Lrr(lrr) => {
            for entry in lrr.entries() {
                call!(entry; is_upgrade);
                if let Ok(bytes) = entry.to_bytes() {
                    assert_eq!(LrrEntry::from_bytes(bytes), entry);
                }
            }
        }
        Packet::PauseResume(packet) => {
            end(packet.entries(), bytes.len());
            packet.entries().for_each(|entry| call!(entry; last_sequence_number));
        }
        Packet::Rams(rams) => {
            end(rams.tlvs(), bytes.len());
            for tlv in rams.tlvs() {
                debug(&tlv);
                call!(tlv.tlv_type(); is_private, name);
            }
            call!(rams; content, response);
        }
        Packet::Remb(remb) => {
            call!(remb; bitrate_bps, saturating_bitrate_bps);
            end(remb.ssrcs(), 255);
        }
        Packet::Vp(vp) => {
            call!(vp; stereoscopic_word, stereoscopic);
        }
        Packet::Vbcm(vbcm) => {
            end(vbcm.entries(), bytes.len());
        }
        Packet::Tllei(tllei) => {
            end(tllei.lost_sequence_numbers(), bytes.len() * 5);
        }
        Packet::Afb(afb) => application(afb, bytes),
        Packet::ExtendedReport(report) => {
            for block in report.blocks().flatten() {
                if let Block::Dlrr(dlrr) = block {
                    for sub_block in dlrr.sub_blocks() {
                        let _ = round_trip_time_of_dlrr(&sub_block, NtpTime::new(9, 9));
                    }
                }
            }
        }
        Packet::Smptetc(smptetc) => {
            if let Some(compact) = smptetc.time_code().compact() {
                // An hour 31 may have been read.
                if let Ok(bytes) = compact.to_bytes() {
                    assert_eq!(CompactTimeCode::from_bytes(bytes), compact);
                }
                let _ = compact.to_short();
            }
        }
        Packet::Rsi(rsi) => {
            end(rsi.sub_reports(), bytes.len());
            for sub_report in rsi.sub_reports() {
                show(&sub_report);
                sub_report_of(&sub_report);
            }
        }
        Packet::Token(token) => self::token(token, bytes),
        _ => {}
    }
    // Feedback of any format is also read as such.
    if matches!(packet.header().packet_type().0, 205 | 206) {
        let feedback = read!(bytes, Feedback).expect("the header is sound");
        debug(&feedback);
    }
}

fn report_block(block: &ReportBlock<'_>) {
    text(block);
    json(block);
    assert_eq!(ReportBlock::new(block.as_bytes()), *block);
    if let Ok(bytes) = ReportBlockBuilder::from(*block).to_bytes() {
        assert_eq!(bytes, *block.as_bytes());
    }
    let _ = (round_trip_time(block, NtpTime::new(0, 0)), round_trip_time(block, NtpTime(u64::MAX)));
}

fn bitrate(entry: &TmmbEntry) {
    call!(entry; bitrate_bps);
    if let Ok(bytes) = entry.to_bytes() {
        assert_eq!(TmmbEntry::from_bytes(bytes), *entry);
    }
}

fn trade_off(entry: &TradeOffEntry) {
    if let Ok(bytes) = entry.to_bytes() {
        assert_eq!(TradeOffEntry::from_bytes(bytes), *entry);
    }
}

/// Application layer feedback: what is known of its contents.
fn application(afb: &Afb<'_>, bytes: &[u8]) {
    call!(afb; identifier, data);
    if let Some(lntf) = afb.loss_notification() {
        text(&lntf);
        call!(lntf; last_decoded, last_received_delta, last_received, decodability);
        again!(bytes, Lntf, LntfBuilder, text);
    }
    if let Some(message) = afb.microsoft() {
        text(&message);
        if let Some(request) = message.video_source_request() {
            debug(&request);
            end(request.iter(), bytes.len());
        }
        again!(bytes, MsAfb, MsAfbBuilder, text);
    }
}

fn sub_report_of(sub_report: &RsiSubReport<'_>) {
    call!(sub_report; report_type, collisions);
    match sub_report {
        RsiSubReport::FeedbackTarget(target) => {
            call!(target; name_str, port);
        }
        RsiSubReport::Bandwidth(bandwidth) => {
            call!(bandwidth; bits_per_second);
        }
        RsiSubReport::GeneralStatistics(statistics) => {
            call!(statistics; median_fraction_lost, highest_cumulative_lost, median_jitter);
        }
        RsiSubReport::Loss(distribution)
        | RsiSubReport::Jitter(distribution)
        | RsiSubReport::RoundTripTime(distribution)
        | RsiSubReport::CumulativeLoss(distribution) => {
            let count = usize::from(distribution.bucket_count);
            assert_eq!(
                (end(distribution.values(), count), end(distribution.receivers(), count)),
                (count, count)
            );
            let values: Vec<u64> = distribution.values().collect();
            let mut room = vec![0; distribution.buckets.len()];
            let bits = distribution.bucket_bits();
            if bits <= 64
                && let Ok(buckets) = Distribution::pack(&values, bits, &mut room)
            {
                let packed = Distribution { buckets, ..*distribution };
                assert!(packed.values().eq(distribution.values()));
            }
        }
        _ => {}
    }
}

fn token(token: &Token<'_>, bytes: &[u8]) {
    call!(token; header, message_type, padding);
    match token {
        Token::PortMappingRequest(_) => {
            again!(bytes, PortMappingRequest, PortMappingRequestBuilder);
        }
        Token::PortMappingResponse(response) => {
            call!(response; relative_expiration_duration, packet_types_element, packet_types);
            again!(bytes, PortMappingResponse, PortMappingResponseBuilder);
        }
        Token::TokenVerificationRequest(_) => {
            again!(bytes, TokenVerificationRequest, TokenVerificationRequestBuilder);
        }
        Token::TokenVerificationFailure(_) => {
            again!(bytes, TokenVerificationFailure, TokenVerificationFailureBuilder);
        }
        _ => {}
    }
}
