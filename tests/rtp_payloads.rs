//! What rides on RTP, against captures of real programs (testdata/MANIFEST.md says how each was made).
//!
//! The expectations are the programs' own redundancy (a packet repeated, protected or sent again must be the packet that
//! the capture has), or what tshark 4.0.17 reads.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // tests may panic

use std::collections::BTreeMap;

use mediawire::Encode;
use mediawire::net::{self, LinkType};
use mediawire::rtp::{
    ComfortNoise, Packet, PacketBuilder, PacketEditor, Padding, PayloadType, RecoveryError, Red,
    Rtx, RtxBuilder, RtxPacketBuilder, TelephoneEvents, TelephonyEvent, UlpFec,
    UlpFecProtectedLevel, UlpFecProtection,
};

/// The UDP payloads of an Ethernet capture, with the frame that each came in, from 1.
fn datagrams(name: &str) -> Vec<(usize, Vec<u8>)> {
    let path = format!("{}/testdata/{name}.pcap", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(path).unwrap();
    assert_eq!(bytes[..4], [0xd4, 0xc3, 0xb2, 0xa1], "a pcap file, little endian");
    let mut rest = &bytes[24..];
    let mut list = Vec::new();
    for frame in 1.. {
        let Some((header, after)) = rest.split_first_chunk::<16>() else { break };
        let len = u32::from_le_bytes([header[8], header[9], header[10], header[11]]);
        let (data, after) = after.split_at(usize::try_from(len).unwrap());
        rest = after;
        let packet = net::Packet::parse(LinkType::ETHERNET, data).unwrap();
        if let Some(udp) = packet.udp() {
            list.push((frame, udp.payload().to_vec()));
        }
    }
    list
}

/// The RTP packets of a capture that have one of these payload types.
fn packets(name: &str, payload_types: &[u8]) -> Vec<(usize, Vec<u8>)> {
    let mut list = datagrams(name);
    list.retain(|(_, bytes)| {
        let is_rtcp = bytes.get(1).is_some_and(|second| (192..224).contains(second));
        let packet = Packet::parse(bytes).ok().filter(|_| !is_rtcp);
        packet.is_some_and(|packet| payload_types.contains(&packet.payload_type().0))
    });
    list
}

/// Every element but those that change each time a packet is sent, or only then get their value.
fn lasting<'a>(packet: &Packet<'a>, changing: &[u8]) -> Vec<(u8, &'a [u8])> {
    let all = packet.elements().filter(|element| !changing.contains(&element.id));
    let mut all: Vec<_> = all.map(|element| (element.id, element.data)).collect();
    all.sort(); // a packet sent again may have them in another order
    all
}

/// chromium-vp8-ulpfec-red-nonack.pcap: what lies in its RED packets, 118: VP8, 96, as it was protected, and ULPFEC, 120.
struct Protected {
    media: BTreeMap<u16, Vec<u8>>,
    fec: Vec<(usize, Vec<u8>)>,
    in_red: usize,
}

/// The source of the VP8 packets, in the .sdp.json beside the capture.
const VIDEO: u32 = 2_402_187_608;

fn protected() -> Protected {
    let mut all = Protected { media: BTreeMap::new(), fec: Vec::new(), in_red: 0 };
    for (frame, mut bytes) in packets("chromium-vp8-ulpfec-red-nonack", &[118, 96]) {
        let len = bytes.len();
        let mut packet = PacketEditor::parse(&mut bytes, 0..len).unwrap();
        assert_eq!(packet.as_packet().ssrc(), VIDEO);
        if packet.as_packet().payload_type() == PayloadType(118) {
            let red = Red::parse(packet.as_packet().payload()).unwrap();
            assert_eq!(red.redundant().len(), 0);
            if red.payload_type() == PayloadType(120) {
                all.fec.push((frame, red.payload().to_vec()));
                continue;
            }
            // RFC 5109 section 10.3: protected is the packet without RED.
            let (header_len, payload_type) = (red.header_len(), red.payload_type());
            packet.remove_payload_header(header_len).unwrap();
            packet.as_packet_mut().set_payload_type(payload_type).unwrap();
            all.in_red += 1;
        }
        // libwebrtc protects what it knows before it sends: abs-send-time (2), the transport-wide sequence number (3) and
        // what of video-timing (7) comes after the encoder are 0 then.
        for (id, data) in packet.as_packet_mut().elements_mut() {
            match id {
                2 | 3 => data.fill(0),
                7 => data[7..].fill(0),
                _ => {}
            }
        }
        let sequence_number = packet.as_packet().sequence_number();
        all.media.insert(sequence_number, packet.as_bytes().to_vec());
    }
    all
}

#[test]
fn chromium_protects_packets_that_can_be_had_again() {
    let Protected { media, fec, in_red } = protected();
    // As many of each as MANIFEST.md counts.
    assert_eq!((in_red, fec.len()), (133, 52));
    let mut recovered = 0;
    for (frame, bytes) in &fec {
        let fec = UlpFec::parse(bytes).unwrap();
        let numbers: Vec<_> = fec.level_0().sequence_numbers().collect();
        for &lost in &numbers {
            let received = |number| media.get(&number).map(|packet| &packet[..]);
            let but = |number| received(number).filter(|_| number != lost);
            let mut out = [0xee; 1500];
            let packet = fec.recover(VIDEO, but, &mut out).unwrap();
            assert!(packet.is_complete(), "frame {frame}: {fec}");
            assert_eq!(packet.sequence_number, lost);
            assert_eq!(out[..packet.len], media[&lost], "frame {frame}: {fec}, {lost} lost");
            assert_eq!(fec.recover(VIDEO, received, &mut out), Err(RecoveryError::NothingLost));
            recovered += 1;
        }
        if numbers.len() > 1 {
            let error = fec.recover(VIDEO, |_| None, &mut [0; 1500]);
            assert_eq!(error, Err(RecoveryError::TooManyLost));
        }
    }
    assert!(recovered >= fec.len());
}

#[test]
fn protection_is_built_as_chromium_builds_it() {
    let Protected { media, fec, .. } = protected();
    for (frame, bytes) in &fec {
        let fec = UlpFec::parse(bytes).unwrap();
        let packets: Vec<_> =
            fec.level_0().sequence_numbers().map(|number| &media[&number][..]).collect();
        let protection = UlpFecProtection { levels: &[UlpFecProtectedLevel::whole(&packets)] };
        let mut out = [0; 1500];
        let len = protection.write(&mut out).unwrap();
        assert_eq!(out[..len], bytes[..], "frame {frame}: {fec}");
    }
}

/// What retransmissions of `rtx` repeat of the source of `original`: each is unwrapped and compared with the packet that the
/// capture has, but for the elements of `changing`, and wrapped again. Gives the packets that were compared.
fn retransmissions(
    name: &str,
    (original, ssrc): (u8, u32),
    (rtx, rtx_ssrc): (u8, u32),
    changing: &[u8],
) -> usize {
    let originals: BTreeMap<u16, Vec<u8>> = packets(name, &[original])
        .into_iter()
        .filter(|(_, bytes)| Packet::parse(bytes).unwrap().ssrc() == ssrc)
        .map(|(_, bytes)| (Packet::parse(&bytes).unwrap().sequence_number(), bytes))
        .collect();
    let mut compared = 0;
    for (frame, bytes) in packets(name, &[rtx]) {
        let packet = Packet::parse(&bytes).unwrap();
        if packet.ssrc() != rtx_ssrc {
            continue;
        }
        let Ok(payload) = Rtx::parse(packet.payload()) else {
            // Padding alone, to probe for bandwidth.
            assert!(packet.payload().is_empty() && packet.has_padding(), "frame {frame}");
            continue;
        };
        let Some(sent) = originals.get(&payload.original_sequence_number()) else { continue };
        let sent = Packet::parse(sent).unwrap();
        let builder = payload.original(&packet, PayloadType(original), ssrc);
        assert_eq!(builder.sequence_number, sent.sequence_number());
        assert_eq!(builder.timestamp, sent.timestamp(), "frame {frame}");
        assert_eq!(builder.marker, sent.marker(), "frame {frame}");
        assert_eq!(builder.payload, sent.payload(), "frame {frame}");
        assert_eq!(lasting(&packet, changing), lasting(&sent, changing), "frame {frame}");

        // In place the same comes out, and goes back to what was on the wire, but for its padding.
        let mut expected = vec![0; builder.encoded_len()];
        builder.write(&mut expected).unwrap();
        let mut buffer = bytes.clone();
        let mut editor = PacketEditor::parse(&mut buffer, 0..bytes.len()).unwrap();
        editor.unwrap_rtx(PayloadType(original), ssrc).unwrap();
        assert_eq!(editor.as_bytes(), expected, "frame {frame}");
        editor.wrap_rtx(PayloadType(rtx), packet.sequence_number(), rtx_ssrc).unwrap();
        let unpadded = PacketBuilder { padding: Padding::None, ..packet.into() };
        assert_eq!(PacketBuilder::from(editor.as_packet()), unpadded, "frame {frame}");
        let again = RtxPacketBuilder {
            original: Packet::parse(&expected).unwrap(),
            payload_type: PayloadType(rtx),
            sequence_number: packet.sequence_number(),
            ssrc: rtx_ssrc,
        };
        let mut out = vec![0; again.encoded_len()];
        again.write(&mut out).unwrap();
        assert_eq!(editor.as_bytes(), out, "frame {frame}");
        let mut out = vec![0; packet.payload().len()];
        RtxBuilder::from(payload).write(&mut out).unwrap();
        assert_eq!(out, packet.payload(), "frame {frame}");
        compared += 1;
    }
    compared
}

#[test]
fn chromium_sends_packets_again() {
    // The SSRCs of the group FID, apt and the extmap are in the .sdp.json; abs-send-time (2) and transport-cc (3) are of
    // the sending, mid (4) and the other identifiers stop once they are known to have arrived, video-timing (7) is stamped
    // on the way.
    let name = "chromium-vp8-rtx-twcc";
    let changing = [2, 3, 4, 7, 10, 11];
    // Both directions. As many as by tshark's sequence numbers and payloads repeat a packet that is in the capture.
    let there = retransmissions(name, (96, 3_102_179_117), (97, 959_678_141), &changing);
    let back = retransmissions(name, (96, 0xee42_02a9), (97, 0xdacb_1c97), &changing);
    assert_eq!((there, back), (10, 8));
}

/// What the redundant blocks of RED packets repeat: each is compared with the primary block that the capture has, of the
/// same source and of the time that its offset says. Gives the blocks compared, and those of packets that it does not have.
fn redundancy(name: &str, red: u8, block: u8) -> (usize, usize) {
    let mut primary = BTreeMap::new();
    let (mut compared, mut missing) = (0, 0);
    for (frame, bytes) in packets(name, &[red]) {
        let packet = Packet::parse(&bytes).unwrap();
        if packet.payload().is_empty() {
            assert!(packet.has_padding(), "frame {frame}"); // padding alone
            continue;
        }
        let payload = Red::parse(packet.payload()).unwrap();
        assert_eq!(payload.payload_type(), PayloadType(block), "frame {frame}");
        for old in payload.redundant() {
            assert_eq!(old.payload_type, PayloadType(block), "frame {frame}");
            let at = packet.timestamp().wrapping_sub(old.timestamp_offset.into());
            match primary.get(&(packet.ssrc(), at)) {
                Some(sent) => {
                    assert_eq!(old.payload, sent, "frame {frame}");
                    compared += 1;
                }
                None => missing += 1,
            }
        }
        primary.insert((packet.ssrc(), packet.timestamp()), payload.payload().to_vec());
    }
    (compared, missing)
}

#[test]
fn redundant_blocks_are_what_earlier_packets_carried() {
    // Counted from tshark's payloads by a few lines of Python as well. GStreamer's packets that are missing were lost before
    // the capture; Chromium's four follow DTMF, which was sent in the place of audio.
    assert_eq!(redundancy("gst-vp8-opusred-exts-ipv6", 63, 111), (149, 12));
    assert_eq!(redundancy("chromium-vp8-ulpfec-red-nonack", 63, 111), (332, 4));
}

/// Event, whether it has ended, volume and duration, as tshark reads them: a row for each frame.
fn events(name: &str, payload_type: u8, expected: &[(usize, u8, bool, u8, u16)]) {
    let read: Vec<_> = packets(name, &[payload_type])
        .into_iter()
        .map(|(frame, bytes)| {
            let packet = Packet::parse(&bytes).unwrap();
            let payload = TelephoneEvents::parse(packet.payload()).unwrap();
            let event = payload.first();
            assert_eq!(payload.events().count(), 1, "frame {frame}");
            assert!(!event.reserved && event.event.key().is_some(), "frame {frame}");
            assert_eq!(event.to_bytes().unwrap(), packet.payload(), "frame {frame}");
            (frame, event.event.0, event.end, event.volume, event.duration)
        })
        .collect();
    assert_eq!(read, expected, "{name}");
}

#[test]
fn dtmf_of_baresip() {
    // baresip-opus-dtmf.pcap: the keys 1, 5 and #.
    let expected = [
        (602, 1, false, 10, 960),
        (605, 1, false, 10, 1920),
        (607, 1, false, 10, 2880),
        (613, 1, false, 10, 4800),
        (616, 1, false, 10, 5760),
        (618, 1, false, 10, 6720),
        (622, 1, false, 10, 7680),
        (624, 1, false, 10, 8640),
        (628, 1, false, 10, 9600),
        (630, 1, false, 10, 10560),
        (634, 1, false, 10, 11520),
        (636, 1, false, 10, 12480),
        (640, 1, true, 10, 12480),
        (642, 1, true, 10, 12480),
        (645, 1, true, 10, 12480),
        (677, 5, false, 10, 960),
        (680, 5, false, 10, 1920),
        (683, 5, false, 10, 2880),
        (686, 5, false, 10, 3840),
        (689, 5, false, 10, 4800),
        (692, 5, false, 10, 5760),
        (695, 5, false, 10, 6720),
        (698, 5, false, 10, 7680),
        (701, 5, false, 10, 8640),
        (706, 5, false, 10, 10560),
        (709, 5, false, 10, 11520),
        (712, 5, false, 10, 12480),
        (714, 5, false, 10, 13440),
        (717, 5, true, 10, 13440),
        (720, 5, true, 10, 13440),
        (748, 11, false, 10, 960),
        (751, 11, false, 10, 1920),
        (754, 11, false, 10, 2880),
        (757, 11, false, 10, 3840),
        (759, 11, false, 10, 4800),
        (762, 11, false, 10, 5760),
        (765, 11, false, 10, 6720),
        (767, 11, false, 10, 7680),
        (770, 11, false, 10, 8640),
        (773, 11, false, 10, 9600),
        (776, 11, false, 10, 10560),
        (779, 11, false, 10, 11520),
        (781, 11, false, 10, 12480),
        (785, 11, false, 10, 13440),
        (788, 11, true, 10, 13440),
        (790, 11, true, 10, 13440),
        (793, 11, true, 10, 13440),
    ];
    events("baresip-opus-dtmf", 101, &expected);
    assert_eq!(TelephonyEvent(11).key(), Some('#'));
}

#[test]
fn dtmf_of_sipp() {
    // sipp-g711-dtmf.pcap: the key 1; it begins with a duration of 0, which RFC 4733 does not want.
    let expected = [
        (477, 1, false, 10, 0),
        (478, 1, false, 10, 0),
        (479, 1, false, 10, 320),
        (480, 1, false, 10, 320),
        (481, 1, false, 10, 640),
        (482, 1, false, 10, 640),
        (483, 1, false, 10, 960),
        (484, 1, false, 10, 960),
        (485, 1, false, 10, 1280),
        (486, 1, false, 10, 1280),
        (487, 1, false, 10, 1600),
        (488, 1, false, 10, 1600),
        (489, 1, false, 10, 1920),
        (490, 1, false, 10, 1920),
        (491, 1, true, 10, 2240),
        (492, 1, true, 10, 2240),
        (493, 1, true, 10, 2240),
        (494, 1, true, 10, 2240),
        (495, 1, true, 10, 2240),
        (496, 1, true, 10, 2240),
    ];
    events("sipp-g711-dtmf", 101, &expected);
}

#[test]
fn dtmf_of_chromium() {
    // chromium-h264-remb.pcap: the keys 1, * and #.
    let expected = [
        (108, 1, false, 10, 160),
        (111, 1, false, 10, 320),
        (112, 1, false, 10, 480),
        (113, 1, false, 10, 640),
        (114, 1, false, 10, 800),
        (115, 1, true, 10, 960),
        (116, 1, true, 10, 960),
        (117, 1, true, 10, 960),
        (128, 10, false, 10, 480),
        (130, 10, true, 10, 960),
        (131, 10, true, 10, 960),
        (132, 10, true, 10, 960),
        (147, 11, false, 10, 160),
        (149, 11, false, 10, 320),
        (150, 11, false, 10, 480),
        (153, 11, false, 10, 640),
        (154, 11, false, 10, 800),
        (156, 11, true, 10, 960),
        (157, 11, true, 10, 960),
        (158, 11, true, 10, 960),
    ];
    events("chromium-h264-remb", 126, &expected);
}

#[test]
fn comfort_noise_of_chromium() {
    // chromium-h264-remb.pcap: 29 packets by MANIFEST.md. The bytes of frames 5 and 62 as tshark gives them:
    // 5e7f7f7f7f7f7f7f7f and 4b00808cad9097870e.
    let all = packets("chromium-h264-remb", &[13]);
    assert_eq!(all.len(), 29);
    let noise = |wanted: usize| {
        let (_, bytes) = all.iter().find(|(frame, _)| *frame == wanted).unwrap();
        ComfortNoise::parse(Packet::parse(bytes).unwrap().payload()).unwrap()
    };
    assert_eq!(noise(5).level(), 94);
    assert!(noise(5).reflection_coefficients().eq([Some(0); 8]));
    assert_eq!(noise(62).level(), 75);
    let indices = [0x00, 0x80, 0x8c, 0xad, 0x90, 0x97, 0x87, 0x0e];
    assert_eq!(noise(62).spectral(), indices);
    // RFC 3389 section 3.2: 258 × (N - 127).
    let first: Vec<_> = noise(62).reflection_coefficients().take(3).collect();
    assert_eq!(first, [Some(-32766), Some(258), Some(3354)]);
    for (frame, bytes) in &all {
        let packet = Packet::parse(bytes).unwrap();
        let noise = ComfortNoise::parse(packet.payload()).unwrap();
        assert!(!noise.reserved() && noise.spectral().len() == 8, "frame {frame}");
    }
}
