//! Nothing is allocated: not for reading, walking, verifying or changing a datagram, and not for writing it again into a
//! buffer of the caller's. Counted over every datagram of the captures.

#![cfg(feature = "integrity")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // a test may panic

mod common;

use std::fmt::Write;
use std::hint::black_box;
use std::time::Duration;

use common::{second_reading, udp_payloads};
use mediawire::Encode;
use mediawire::demux::{Protocol, demux};
use mediawire::rtcp::{self, Compound, CompoundWriter};
use mediawire::rtp::payload::{Codec, Payload};
use mediawire::rtp::{
    Form, Packet, PacketBuilder, PacketEditor, PacketMut, PayloadType, Red, Rtx, UlpFec,
};
use mediawire::session::{Receiver, SequenceUnwrapper};
use mediawire::stun::{
    AttributeType, ChannelData, Class, Code, IceRole, Key, Message, MessageBuilder, MessageWriter,
    XorMappedAddress,
};

fn allocations(work: impl FnOnce()) -> u64 {
    allocation_counter::measure(work).count_total
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| drop(black_box(Vec::<u8>::with_capacity(9)))), 1);
}

fn rtp(datagram: &[u8], copy: &mut [u8], out: &mut [u8]) {
    let Ok(packet) = Packet::parse_lenient(datagram) else { return };
    for source in packet.csrc() {
        black_box(source);
    }
    for element in packet.elements() {
        black_box(element);
    }
    assert_eq!(PacketBuilder::from(packet).write(out), Ok(datagram.len()));
    // Of whatever codec it may be: its `Debug` runs every accessor and iterator.
    for codec in [Codec::H264, Codec::H265, Codec::Vp8, Codec::Vp9, Codec::Av1, Codec::Opus] {
        if let Ok(payload) = Payload::parse(codec, packet.payload()) {
            write!(Nowhere, "{payload} {payload:?}").unwrap();
            let _ = black_box((payload.starts_frame(), payload.ends_frame(), payload.layer_ids()));
        }
    }
    let mut editor = PacketMut::parse_lenient(copy).unwrap();
    editor.set_ssrc(1);
    editor.set_sequence_number(2);
    editor.set_timestamp(3);
    editor.set_marker(true);
    editor.elements_mut().for_each(|(_, data)| data.fill(0));
    // What a forwarding server does, and whatever the payload may be.
    let range = ROOM..ROOM + datagram.len();
    out[range.clone()].copy_from_slice(datagram);
    let mut editor = PacketEditor::parse_lenient(out, range).unwrap();
    editor.map_element_ids(|id| (id != 4).then_some(id)).unwrap();
    let _ = editor.set_element(3, &[1, 2]);
    let _ = editor.set_form(Form::TwoByte);
    editor.set_padding(4).unwrap();
    editor.wrap_rtx(PayloadType(97), 1, 2).unwrap();
    editor.unwrap_rtx(PayloadType(96), 3).unwrap();
    let payload = packet.payload();
    let _ = black_box((Rtx::parse(payload), Red::parse(payload), UlpFec::parse(payload)));
}

/// The room before and behind a packet that is edited.
const ROOM: usize = 512;

fn rtcp(datagram: &[u8], out: &mut [u8]) {
    for packet in Compound::new(datagram).flatten() {
        CompoundWriter::new(out).push(&packet).unwrap();
    }
    let _ = black_box(CompoundWriter::new(out).join(datagram));
    let _ = black_box(Compound::new(datagram).validate());
}

fn stun(datagram: &[u8], key: &Key, out: &mut [u8]) {
    let message = Message::parse(datagram).unwrap();
    for attribute in message.attributes() {
        let _ = black_box(attribute.decode());
    }
    let _ = black_box((message.check_fingerprint(), message.verify_integrity(key)));
    let _ = black_box(message.unknown_required(AttributeType::TYPED).count());
    let _ = black_box((message.verify(key, 16), message.verify_integrity_rfc3489(key)));
    let _ = black_box((message.check_comprehended(AttributeType::TYPED), message.check_values()));
    let _ = black_box((message.check_method(), message.check_ice(), message.check_bid_down()));
    let _ = black_box((message.check_long_term(), message.check_role(IceRole::Controlling, 7)));
    assert_eq!(MessageBuilder::from(message).write(out), Ok(datagram.len()));
    if message.class() == Class::Request {
        let mut error = MessageWriter::error(out, &message, Code::UNAUTHENTICATED).unwrap();
        error.push_integrity_like(&message, key).unwrap().push_fingerprint().unwrap();
        let known = &[AttributeType::MESSAGE_INTEGRITY];
        let _ = black_box(MessageWriter::unknown_attributes(out, &message, known));
        let mut response = MessageWriter::reply(out, &message, Class::SuccessResponse).unwrap();
        let address = XorMappedAddress(([192, 0, 2, 1], 5000).into());
        response.push(address).unwrap().push_integrity(key).unwrap().push_fingerprint().unwrap();
    }
}

#[test]
fn no_datagram_of_the_captures_costs_an_allocation() {
    let key = Key::short_term(b"password");
    let mut out = vec![0; 1 << 16];
    let mut seen = [0; 4];
    for capture in [
        "aiortc-dtls-srtp.pcap",
        "chromium-ccfb.pcap",
        "chromium-h264-remb.pcap",
        "chromium-vp8-rtx-twcc.pcap",
        "chromium-vp9-svc-dd.pcap",
        "chromium-xr-audionack.pcap",
        "coturn-turn-udp.pcap",
        "coturn-turn-errors.pcap",
        "coturn-turn-ipv6.pcap",
        "gst-avp-pcmu-l16-csrc-level-bye.pcap",
        "made-messages.pcap",
        "pion-rtcp-stun.pcap",
    ] {
        for datagram in udp_payloads(capture) {
            let mut copy = datagram.clone();
            let mut kind = None;
            let count = allocations(|| match demux(&datagram) {
                Ok(Protocol::Rtp) => {
                    kind = Some(0);
                    rtp(&datagram, &mut copy, &mut out);
                }
                Ok(Protocol::Rtcp) => {
                    kind = Some(1);
                    rtcp(&datagram, &mut out);
                }
                Ok(Protocol::Stun) if Message::parse(&datagram).is_ok() => {
                    kind = Some(2);
                    let whole = 20 + usize::from(Message::parse(&datagram).unwrap().length());
                    stun(&datagram[..whole], &key, &mut out);
                }
                Ok(Protocol::TurnChannel) => {
                    kind = Some(3);
                    let _ = black_box(ChannelData::parse_rfc5766(&datagram));
                }
                _ => {}
            });
            assert_eq!(count, 0, "{capture}: {datagram:02x?}");
            if let Some(kind) = kind {
                seen[kind] += 1;
            }
        }
    }
    // So that the test cannot pass by not looking.
    assert!(seen[0] > 3000 && seen[1] > 500 && seen[2] > 500 && seen[3] > 10, "{seen:?}");
}

#[test]
fn typed_header_extensions_cost_no_allocation() {
    use mediawire::rtp::ext::{
        AbsSendTime, AnyValue, ElementList, ExtensionMap, TemplateStructure, TransportCc, Uri,
    };

    // As chromium-vp9-svc-dd.sdp.json has it.
    let bindings = [
        (1, Uri::AUDIO_LEVEL),
        (2, Uri::ABS_SEND_TIME),
        (3, Uri::TRANSPORT_CC),
        (4, Uri::MID),
        (7, Uri::VIDEO_TIMING),
        (17, Uri::DEPENDENCY_DESCRIPTOR),
        (18, Uri::VIDEO_LAYERS_ALLOCATION),
    ];
    let (mut frames, mut kept) = (0, None::<TemplateStructure>);
    for mut datagram in udp_payloads("chromium-vp9-svc-dd.pcap") {
        if !matches!(demux(&datagram), Ok(Protocol::Rtp)) {
            continue;
        }
        let count = allocations(|| {
            let mut map = ExtensionMap::new();
            bindings.iter().for_each(|&(id, uri)| map.bind(id, uri).unwrap());
            let packet = Packet::parse(&datagram).unwrap();
            for element in map.elements(&packet) {
                if let Some(Ok(AnyValue::DependencyDescriptor(descriptor))) = element.value()
                    && let Ok(frame) = descriptor.read(&mut kept)
                {
                    black_box(frame.fdiffs().count() + frame.dtis().count());
                    frames += 1;
                }
            }
            black_box(map.get::<AbsSendTime>(&packet).unwrap());
            let mut data = [0; 64];
            let mut list = ElementList::<4>::new(&map, &mut data);
            list.push(&TransportCc(1)).unwrap();
            black_box(list.extension().unwrap());
            let mut packet = PacketMut::parse(&mut datagram).unwrap();
            map.set(&mut packet, &TransportCc(2)).unwrap();
        });
        assert_eq!(count, 0);
    }
    assert!(frames > 200, "{frames}");
}

/// Takes text and keeps none of it.
struct Nowhere;

impl std::fmt::Write for Nowhere {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        black_box(text);
        Ok(())
    }
}

/// Every packet type, feedback format and XR block: read, walked by its `Debug`, which runs every accessor and iterator,
/// and written again.
#[test]
fn no_rtcp_format_costs_an_allocation() {
    let mut out = vec![0; 1 << 16];
    for bytes in second_reading() {
        let count = allocations(|| {
            let packet = rtcp::Packet::parse(&bytes).unwrap();
            assert_eq!(packet.write(&mut out), Ok(bytes.len()));
            write!(Nowhere, "{packet} {packet:?}").unwrap();
            if let rtcp::Packet::ExtendedReport(report) = packet {
                for block in report.blocks() {
                    let block = block.unwrap();
                    write!(Nowhere, "{block} {block:?}").unwrap();
                    block.write(&mut out).unwrap();
                }
            }
        });
        assert_eq!(count, 0, "{bytes:02x?}");
    }
}

/// A receiver of a stream and what it reports: from every RTP packet of a call.
#[test]
fn no_packet_costs_its_receiver_an_allocation() {
    let datagrams = udp_payloads("chromium-vp8-rtx-twcc.pcap");
    let packets: Vec<_> = datagrams.iter().filter_map(|bytes| Packet::parse(bytes).ok()).collect();
    let ssrc = packets[0].ssrc();
    let mut receiver = Receiver::new(ssrc, 90_000);
    let mut unwrapper = SequenceUnwrapper::new();
    let count = allocations(|| {
        for (packet, millis) in packets.iter().filter(|packet| packet.ssrc() == ssrc).zip(0..) {
            let (number, now) = (packet.sequence_number(), Duration::from_millis(millis));
            black_box(unwrapper.unwrap(number));
            black_box(receiver.received(number, packet.timestamp(), now));
            let _ = black_box(receiver.report(now));
        }
    });
    assert_eq!(count, 0);
}
