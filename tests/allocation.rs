//! Nothing is allocated: not for reading, walking, verifying or changing a datagram, and not for writing it again into a
//! buffer of the caller's. Counted over every datagram of the captures.

#![cfg(feature = "integrity")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // a test may panic

mod common;

use std::hint::black_box;

use common::udp_payloads;
use mediawire::Encode;
use mediawire::demux::{Protocol, demux};
use mediawire::rtcp::{Compound, CompoundWriter};
use mediawire::rtp::{Packet, PacketBuilder, PacketMut};
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
    let mut editor = PacketMut::parse_lenient(copy).unwrap();
    editor.set_ssrc(1);
    editor.set_sequence_number(2);
    editor.set_timestamp(3);
    editor.set_marker(true);
    editor.elements_mut().for_each(|(_, data)| data.fill(0));
}

fn rtcp(datagram: &[u8], out: &mut [u8]) {
    let mut writer = CompoundWriter::new(out);
    for packet in Compound::new(datagram).flatten() {
        writer.push(&packet).unwrap();
    }
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
