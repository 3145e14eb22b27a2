//! The session's machines against real receivers: packets that GStreamer's rtpbin received, captured where it did, and the
//! receiver reports that it sent of them.

#![allow(clippy::expect_used, clippy::panic)] // a test may panic

mod common;

use std::collections::HashMap;
use std::time::Duration;

use common::timed_udp_payloads;
use mediawire::demux::{Protocol, demux};
use mediawire::rtcp::{Compound, Packet as RtcpPacket, ReportBlock, ReportBlockBuilder};
use mediawire::rtp::Packet;
use mediawire::session::Receiver;

/// The report blocks of a capture, and what a `Receiver` says at the time when each was sent.
fn reports(name: &str, clocks: &[(u8, u32)]) -> Vec<(ReportBlockBuilder, ReportBlockBuilder)> {
    let (mut receivers, mut pairs) = (HashMap::new(), Vec::new());
    for (time, datagram) in timed_udp_payloads(name) {
        match demux(&datagram) {
            Ok(Protocol::Rtp) => {
                let packet = Packet::parse(&datagram).expect(name);
                let clock = clocks.iter().find(|clock| clock.0 == packet.payload_type().0);
                let Some(&(_, clock_rate)) = clock else { continue };
                receivers
                    .entry(packet.ssrc())
                    .or_insert_with(|| Receiver::new(packet.ssrc(), clock_rate))
                    .received(packet.sequence_number(), packet.timestamp(), time);
            }
            Ok(Protocol::Rtcp) => {
                for packet in Compound::new(&datagram).flatten() {
                    let mut compare = |block: ReportBlock<'_>| {
                        let receiver: Option<&mut Receiver> = receivers.get_mut(&block.ssrc());
                        if let Some(ours) = receiver.and_then(|receiver| receiver.report(time)) {
                            pairs.push((block.into(), ours));
                        }
                    };
                    match packet {
                        RtcpPacket::SenderReport(report) => {
                            report.blocks().for_each(&mut compare);
                            if let Some(receiver) = receivers.get_mut(&report.ssrc()) {
                                receiver.sender_report(report.ntp_timestamp(), time);
                            }
                        }
                        RtcpPacket::ReceiverReport(report) => {
                            report.blocks().for_each(&mut compare)
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    pairs
}

fn compare(name: &str, clocks: &[(u8, u32)], count: usize, jitter_within: u32) {
    let pairs = reports(name, clocks);
    assert_eq!(pairs.len(), count, "{name}");
    for (theirs, ours) in pairs {
        let highest = theirs.extended_highest_sequence_number;
        assert_eq!(ours.extended_highest_sequence_number, highest, "{name}: {theirs:?}");
        assert_eq!(ours.last_sr, theirs.last_sr, "{name}: {theirs:?}");
        // It sent the block a moment before the capture saw it.
        let delay = ours.delay_since_last_sr.duration();
        let later = delay.checked_sub(theirs.delay_since_last_sr.duration()).expect("not before");
        assert!(later < Duration::from_millis(4), "{name}: {later:?} {theirs:?}");
        assert!(ours.jitter.abs_diff(theirs.jitter) <= jitter_within, "{name}: {theirs:?}");
        // GStreamer counts the packet of probation twice, RFC 3550 appendix A.1 does not: it says one lost packet less.
        if theirs.cumulative_lost != 0 {
            assert_eq!(ours.cumulative_lost, theirs.cumulative_lost + 1, "{name}: {theirs:?}");
        }
    }
}

#[test]
fn audio_is_reported_on_as_gstreamer_does_tick_for_tick() {
    // PCMU and L16, both at 8000 Hz.
    compare("gst-avp-pcmu-l16-csrc-level-bye.pcap", &[(0, 8000), (98, 8000)], 2, 0);
}

#[test]
fn opus_and_video_are_reported_on_as_gstreamer_does() {
    // It measures the jitter a moment behind the capture, by another clock: some ticks of 48 or 90 kHz apart.
    let name = "gst-avpf-h264-opus-nack-rtx.pcap";
    compare(name, &[(111, 48_000), (96, 90_000)], 2, 20);
    compare("gst-vp8-opusred-exts-ipv6.pcap", &[(96, 90_000)], 1, 20);
}
