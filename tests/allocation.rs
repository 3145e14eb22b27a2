//! Nothing is allocated: not for reading, walking, verifying or changing a frame, a datagram or a stream, not for writing it
//! again into a buffer of the caller's, nor by the small machines that live as long as a session. Counted over every frame of
//! the captures, every RTCP format, every kind of header extension and every STUN attribute.
//!
//! By their nature these allocate, and are not here: `Encode::{append_to, to_vec, to_bytes}`, whose buffer grows, and
//! `stun::prepare`, which gives strings.

#![cfg(feature = "integrity")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // a test may panic

mod common;

use std::fmt::Write;
use std::hint::black_box;
use std::time::Duration;

use common::{captures, frames, second_reading, udp_payloads};
use mediawire::demux::{Protocol, demux};
use mediawire::framing::{
    Deframer, Frames, InterleavedBuilder, Rfc4571, Rfc4571Builder, Rtsp, RtspFrame, Turn,
};
use mediawire::net::{
    self, DatagramBuilder, EthernetBuilder, IcmpBuilder, Ip, Ipv4Builder, Ipv6Builder, Link,
    MacAddress, NullBuilder, Sll2Builder, SllBuilder, TcpBuilder, Transport, UdpBuilder,
    VlanBuilder,
};
use mediawire::rtcp::xr::{
    DiscardRleBuilder, DuplicateRleBuilder, LossRleBuilder, PostRepairLossRleBuilder,
};
use mediawire::rtcp::{
    self, CcfbArrival, CcfbStream, CcfbWriter, Compound, CompoundWriter, NackBuilder, NackPairs,
    Srtcp, TransportCcArrivals,
};
use mediawire::rtp::payload::{Codec, Payload, vp8, vp9};
use mediawire::rtp::{
    ComfortNoise, ComfortNoiseBuilder, Element, FlexFec, FlexFecProtection, FlexFecStream, Form,
    Packet, PacketBuilder, PacketEditor, PacketMut, PayloadType, Red, RedBlock, RedBuilder,
    RedundantBlocks, Rtx, RtxBuilder, RtxPacketBuilder, TelephoneEvents, TelephoneEventsBuilder,
    Tone, ToneBuilder, UlpFec, UlpFecBuilder, UlpFecProtectedLevel, UlpFecProtection,
};
use mediawire::session::{
    LastReport, Receiver, SenderClock, SequenceUnwrapper, TimestampUnwrapper, round_trip_time,
};
use mediawire::stun::agent::{
    Authentication, BindingServer, Credentials, LongTerm, Nonces, Received, Timing, Transaction,
    User,
};
use mediawire::stun::unregistered::Dialect;
use mediawire::stun::{
    AttributeType, ChannelData, Class, Code, IceRole, Key, Message, MessageBuilder, MessageWriter,
    Method, TransactionId, XorMappedAddress,
};
use mediawire::{Encode, stun};

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
    let _ = black_box(editor.insert_element(Element { id: 5, data: &[7; 9] }));
    let _ = black_box(editor.remove_element(5));
    editor.set_csrc(&[[1; 4], [2; 4]]).unwrap();
    editor.as_packet_mut().set_csrc(1, 9).unwrap();
    editor.insert_payload_header(&[1, 2, 3]).unwrap();
    editor.remove_payload_header(3).unwrap();
    editor.retain_elements(|id| id & 1 == 0);
    editor.remove_extension();
    editor.add_extension(Form::TwoByte).unwrap();
    write!(Nowhere, "{packet} {packet:?} {editor} {editor:?}").unwrap();
    let payload = packet.payload();
    retransmitted_and_redundant(&packet, payload, out);
    if let Some(descriptor) = out.get_mut(..payload.len()) {
        descriptor.copy_from_slice(payload);
        if let Ok(mut descriptor) = vp8::DescriptorMut::parse(descriptor) {
            let _ = black_box((descriptor.set_picture_id(1), descriptor.set_tl0picidx(2)));
            let _ = black_box(descriptor.set_keyidx(3));
        }
        descriptor.copy_from_slice(payload);
        if let Ok(mut descriptor) = vp9::DescriptorMut::parse(descriptor) {
            let _ = black_box((descriptor.set_picture_id(1), descriptor.set_tl0picidx(2)));
        }
    }
}

/// The payload as what it may be, read, shown and written again; the packet as a retransmission.
fn retransmitted_and_redundant(packet: &Packet<'_>, payload: &[u8], out: &mut [u8]) {
    macro_rules! again {
        ($($parsed:expr => $builder:ty;)+) => {
            $(if let Ok(view) = $parsed {
                write!(Nowhere, "{view} {view:?}").unwrap();
                let _ = black_box(<$builder>::from(view).write(out));
            })+
        };
    }
    again! {
        Rtx::parse(payload) => RtxBuilder<'_>;
        Red::parse(payload) => RedBuilder<'_>;
        UlpFec::parse(payload) => UlpFecBuilder<'_>;
        TelephoneEvents::parse(payload) => TelephoneEventsBuilder<'_>;
        Tone::parse(payload) => ToneBuilder<'_>;
        ComfortNoise::parse(payload) => ComfortNoiseBuilder<'_>;
    }
    let (payload_type, sequence_number, ssrc) = (PayloadType(97), 1, 2);
    let resent = RtxPacketBuilder { original: *packet, payload_type, sequence_number, ssrc };
    resent.write(out).unwrap();
    let blocks = [RedBlock { payload_type, timestamp_offset: 960, payload: &[1, 2, 3] }];
    let redundant = RedundantBlocks::List(&blocks);
    RedBuilder { redundant, payload_type, payload }.write(out).unwrap();
}

/// The room before and behind a packet that is edited.
const ROOM: usize = 512;

fn rtcp(datagram: &[u8], out: &mut [u8]) {
    for packet in Compound::new(datagram).flatten() {
        CompoundWriter::new(out).push(&packet).unwrap();
    }
    let _ = black_box(CompoundWriter::new(out).join(datagram));
    let _ = black_box(Compound::new(datagram).validate());
    let _ = black_box(Compound::new(datagram).validate_reduced_size());
    if let Ok(srtcp) = Srtcp::parse(datagram, 4) {
        write!(Nowhere, "{srtcp} {srtcp:?}").unwrap();
    }
}

fn stun(datagram: &[u8], key: &Key, out: &mut [u8]) {
    let message = Message::parse(datagram).unwrap();
    write!(Nowhere, "{message} {message:?}").unwrap();
    for attribute in message.attributes() {
        write!(Nowhere, "{attribute} {attribute:?} {:?}", attribute.decode()).unwrap();
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

/// Frames of every link type, cut short by the capture or not: every header read, checked and written again.
#[test]
fn no_frame_of_the_captures_costs_an_allocation() {
    let mut out = vec![0; 1 << 17];
    let (mut links, mut transports, mut fragments) = ([0; 5], [0; 6], 0);
    for capture in captures() {
        for (link_type, frame) in frames(&capture) {
            let count = allocations(|| {
                let cut = net::Packet::parse_captured(link_type, &frame, frame.len() + 1);
                let _ = black_box(cut);
                let Ok(packet) = net::Packet::parse(link_type, &frame) else { return };
                write!(Nowhere, "{packet} {packet:?}").unwrap();
                let _ = black_box((packet.verify_checksum(), packet.endpoints(), packet.cut()));
                links[rebuilt_link(packet.link(), &mut out)] += 1;
                for tag in packet.vlan_tags() {
                    black_box(tag);
                }
                match packet.ip() {
                    Some(Ip::V4(header)) => {
                        let _ = black_box(Ipv4Builder::from(header).write(&mut out));
                        write!(Nowhere, "{header} {header:?}").unwrap();
                        black_box(header.options().count());
                    }
                    Some(Ip::V6(header)) => {
                        let _ = black_box(Ipv6Builder::from(header).write(&mut out));
                        write!(Nowhere, "{header} {header:?}").unwrap();
                    }
                    None => {}
                }
                fragments += usize::from(packet.ip().is_some_and(|ip| ip.fragment().is_some()));
                transports[rebuilt_transport(packet.transport(), &mut out)] += 1;
                if let (Some((source, destination)), Some(udp)) = (packet.endpoints(), packet.udp())
                {
                    let (one, other) = (MacAddress([2; 6]), MacAddress([4; 6]));
                    let sent = DatagramBuilder::new(source, destination, udp.payload());
                    sent.in_ethernet(one, other).write(&mut out).unwrap();
                }
            });
            assert_eq!(count, 0, "{capture}: {frame:02x?}");
        }
    }
    assert!(links.iter().all(|seen| *seen > 0), "{links:?}");
    let [udp, tcp, icmp, icmpv6, ..] = transports;
    assert!(udp > 9000 && tcp > 100 && icmp + icmpv6 > 10 && fragments > 10, "{transports:?}");
}

fn rebuilt_link(link: Link<'_>, out: &mut [u8]) -> usize {
    match link {
        Link::Ethernet(view) => {
            EthernetBuilder::from(view).write(out).unwrap();
            if let Ok(tag) = net::Vlan::parse(view.payload()) {
                write!(Nowhere, "{tag} {tag:?}").unwrap();
                let _ = black_box(VlanBuilder::from(tag).write(out));
            }
            0
        }
        Link::Sll(view) => SllBuilder::from(view).write(out).map_or(1, |_| 1),
        Link::Sll2(view) => Sll2Builder::from(view).write(out).map_or(2, |_| 2),
        Link::Null(view) => NullBuilder::from(view).write(out).map_or(3, |_| 3),
        _ => 4,
    }
}

fn rebuilt_transport(transport: Transport<'_>, out: &mut [u8]) -> usize {
    match transport {
        Transport::Udp(view) => UdpBuilder::from(view).write(out).map_or(0, |_| 0),
        Transport::Tcp(view) => {
            black_box(view.options().count());
            TcpBuilder::from(view).write(out).map_or(1, |_| 1)
        }
        Transport::Icmp(view) => IcmpBuilder::from(view).write(out).map_or(2, |_| 2),
        Transport::Icmpv6(view) => IcmpBuilder::from(view).write(out).map_or(3, |_| 3),
        _ => 4,
    }
}

/// Data of every length, with few and many bits set: each kind takes some of it.
#[test]
fn no_kind_of_header_extension_costs_an_allocation() {
    use mediawire::rtp::ext::{AnyValue, Uri};

    let mut out = [0; 256];
    let mut read = [false; 64];
    for (n, &uri) in Uri::ALL.iter().enumerate() {
        for fill in [0, 1, 0x35, 0x80, 0xFF] {
            for len in 0..64 {
                let mut data = [fill; 64];
                data[..3].copy_from_slice(&[fill, !fill, 1]);
                for data in [&data[..len], &[fill; 64][..len]] {
                    let count = allocations(|| {
                        if let Some(Ok(value)) = AnyValue::parse(uri, data) {
                            write!(Nowhere, "{value} {value:?}").unwrap();
                            let _ = black_box(value.write(&mut out));
                            read[n] = true;
                        }
                    });
                    assert_eq!(count, 0, "{uri} {data:02x?}");
                }
            }
        }
    }
    // But for those that have no value of their own, as "encrypted".
    let read = read.iter().filter(|read| **read).count();
    assert!(read + 3 > Uri::ALL.len(), "{read} of {}", Uri::ALL.len());
}

/// Packets of a stream protected, one of them lost and had again: ULPFEC and FlexFEC.
#[test]
fn no_recovery_costs_an_allocation() {
    let datagrams = udp_payloads("chromium-vp8-rtx-twcc.pcap");
    let parsed = datagrams.iter().filter_map(|bytes| Some((Packet::parse(bytes).ok()?, bytes)));
    let is_audio = |(packet, _): &(Packet<'_>, _)| packet.payload_type() == PayloadType(111);
    let mut packets: Vec<_> = parsed.filter(is_audio).collect();
    let ssrc = packets[0].0.ssrc();
    packets.retain(|(packet, _)| packet.ssrc() == ssrc);
    let (mut out, mut again, mut had) = (vec![0; 1 << 12], vec![0; 1 << 12], 0);
    for group in packets.chunks_exact(4) {
        let bytes: Vec<&[u8]> = group.iter().map(|(_, bytes)| bytes.as_slice()).collect();
        let (lost, _) = group[1];
        let packet = |number| {
            let found = group.iter().find(|(packet, _)| packet.sequence_number() == number);
            found.map(|(_, bytes)| bytes.as_slice()).filter(|_| number != lost.sequence_number())
        };
        let count = allocations(|| {
            let levels = [UlpFecProtectedLevel::whole(&bytes)];
            if let Ok(len) = (UlpFecProtection { levels: &levels }).write(&mut out) {
                let fec = UlpFec::parse(&out[..len]).unwrap();
                write!(Nowhere, "{fec} {fec:?}").unwrap();
                had += usize::from(fec.recover(ssrc, packet, &mut again).is_ok());
            }
            let streams = [FlexFecStream { packets: &bytes, columns_and_rows: None }];
            let protection = FlexFecProtection { streams: &streams };
            if let Ok(len) = protection.write(&mut out) {
                let csrc = [ssrc.to_be_bytes()];
                let Ok(FlexFec::Repair(repair)) = FlexFec::parse(&out[..len], &csrc) else {
                    panic!();
                };
                write!(Nowhere, "{repair:?}").unwrap();
                had += usize::from(repair.recover(|_, number| packet(number), &mut again).is_ok());
            }
        });
        assert_eq!(count, 0);
    }
    assert!(had > 100, "{had}");
}

/// Reports made out of what came in.
#[test]
fn no_report_costs_an_allocation() {
    let mut arrivals: Vec<(u16, i64)> =
        (0..400u16).map(|n| (n.wrapping_mul(7919), i64::from(n) * 900)).collect();
    let mut numbers: Vec<u16> = (0..300u16).map(|n| n.wrapping_mul(40_503)).collect();
    let blank = CcfbArrival { sequence_number: 0, arrival: None, ecn: 0 };
    let mut ecn = vec![blank; 100];
    for (arrival, number) in ecn.iter_mut().zip(0u16..) {
        arrival.sequence_number = number.wrapping_mul(3);
    }
    let (mut out, mut room) = (vec![0; 1 << 14], [[0; 4]; 300]);
    let count = allocations(|| {
        let mut report = TransportCcArrivals::new(1, 2, &mut arrivals);
        while let Some(part) = report.write_next(&mut out[..1200]).unwrap() {
            black_box(part);
        }
        let pairs = NackPairs::new(&mut numbers).write_into(&mut room).unwrap();
        NackBuilder { sender_ssrc: 1, media_ssrc: 2, pairs, ..Default::default() }
            .write(&mut out)
            .unwrap();
        let mut stream = CcfbStream::new(7, &mut ecn);
        let mut writer = CcfbWriter::new(&mut out, 1, Default::default()).unwrap();
        writer.push(&mut stream).unwrap();
        writer.finish().unwrap();
        let mut chunks = [[0; 2]; 100];
        let seen = || (0..200).filter(|number| number % 7 != 0);
        LossRleBuilder::from_received(1, 0, 200, 0, seen(), &mut chunks).unwrap();
        DuplicateRleBuilder::from_received(1, 0, 200, 0, seen(), &mut chunks).unwrap();
        DiscardRleBuilder::from_discarded(1, 0, 200, 0, seen(), &mut chunks).unwrap();
        PostRepairLossRleBuilder::from_present(1, 0, 200, 0, seen(), &mut chunks).unwrap();
    });
    assert_eq!(count, 0);
}

/// Every attribute type that the library reads, registered or not: values of every length, read, shown and written.
#[test]
fn no_attribute_costs_an_allocation() {
    let (mut message, mut again, mut read) = ([0; 256], [0; 256], 0);
    let id = TransactionId(*b"abcdefghijkl");
    let unregistered = (0..=u16::MAX).map(AttributeType).filter(|t| {
        let dialects = [Dialect::Microsoft, Dialect::Google, Dialect::Coturn, Dialect::Drafts];
        dialects.iter().any(|dialect| dialect.name(*t).is_some())
    });
    let types: Vec<_> = AttributeType::TYPED.iter().copied().chain(unregistered).collect();
    for attribute_type in types {
        for (fill, len) in (0..80).flat_map(|len| [0, 1, 4, 0x61].map(|fill| (fill, len))) {
            let mut value = [fill; 80];
            value[1] = 1 + fill % 2; // a family of addresses
            let count = allocations(|| {
                let new = MessageWriter::new(&mut message, Class::Request, Method::BINDING, id);
                let mut writer = new.unwrap();
                // Integrity and FINGERPRINT end a message: nothing is checked of them here.
                writer.push_raw(attribute_type, &value[..len]).unwrap();
                let len = writer.finish();
                let parsed = Message::parse(&message[..len]).unwrap();
                write!(Nowhere, "{parsed} {parsed:?}").unwrap();
                let attribute = parsed.attributes().next().unwrap();
                let mut copy =
                    MessageWriter::new(&mut again, Class::Request, Method::BINDING, id).unwrap();
                let _ = black_box(copy.push_attribute(&attribute).map(|_| ()));
                if let Ok(value) = attribute.decode() {
                    write!(Nowhere, "{attribute} {value:?}").unwrap();
                    let mut sink = mediawire::Sink::new(&mut again);
                    let _ = black_box(value.encode(&mut sink, &[7; 16]));
                    read += 1;
                }
                for dialect in
                    [Dialect::Microsoft, Dialect::Google, Dialect::Coturn, Dialect::Drafts]
                {
                    if let Ok(value) = dialect.decode(&attribute) {
                        write!(Nowhere, "{value:?}").unwrap();
                        let mut sink = mediawire::Sink::new(&mut again);
                        let _ = black_box(value.encode(&mut sink, &[7; 16]));
                    }
                }
            });
            assert_eq!(count, 0, "{attribute_type:?} {fill} {len}");
        }
    }
    assert!(read > 1000, "{read}");
}

/// A client and a server that asks for long-term credentials, from the first request to the answer.
#[test]
fn no_transaction_costs_an_allocation() {
    let source = ([192, 0, 2, 7], 4000).into();
    let now = Duration::from_secs(1);
    let (mut bytes, mut out) = ([0; 512], [0; 512]);
    for offer_algorithms in [false, true] {
        let count = allocations(|| {
            let users = [User::new(b"alice", b"wonder.example", b"rabbit-hole-9")];
            let nonces = Nonces::new(&[7; 20], Duration::from_secs(60));
            let realm = "wonder.example";
            let credentials =
                Credentials::LongTerm { realm, users: &users, nonces: &nonces, offer_algorithms };
            let server = BindingServer { credentials, ..Default::default() };
            let mut client = LongTerm::new(b"alice", b"rabbit-hole-9");
            let mut is_done = false;
            for id in [*b"first reques", *b"second reque"] {
                let mut request = MessageWriter::new(
                    &mut bytes,
                    Class::Request,
                    Method::BINDING,
                    TransactionId(id),
                )
                .unwrap();
                client.sign(&mut request).unwrap();
                request.push_fingerprint().unwrap();
                let len = request.finish();
                let (timing, udp) = (Timing::default(), stun::agent::Transport::Unreliable);
                let mut transaction = Transaction::new(&bytes[..len], udp, timing, now).unwrap();
                let _ = black_box(transaction.poll(now));
                let answer = server.answer(&bytes[..len], source, now, &mut out).unwrap();
                let authentication =
                    client.key().map_or(Authentication::None, Authentication::LongTerm);
                match transaction.receive(&out[..answer.len], authentication) {
                    Received::Error(response, _) => {
                        let request = Message::parse(&bytes[..len]).unwrap();
                        client.challenge(&request, &response).unwrap();
                    }
                    Received::Success(_) => is_done = true,
                    other => panic!("{other:?}"),
                }
                black_box(transaction.round_trip(now));
                let _ = black_box(transaction.poll(now));
            }
            assert!(is_done);
        });
        assert_eq!(count, 0);
    }
}

/// Streams that come in pieces of every size, broken ones too; and frames written.
#[test]
fn no_stream_costs_an_allocation() {
    fn walked<D: Deframer>(mut deframer: D, stream: &[u8], piece: usize) -> usize {
        let (mut front, mut end, mut found) = (0, 0, 0);
        while end < stream.len() {
            end = stream.len().min(end + piece);
            let is_last = end == stream.len();
            let buffer = &stream[front..end];
            let mut walk = match is_last {
                true => Frames::ending(&mut deframer, buffer),
                false => Frames::new(&mut deframer, buffer),
            };
            for frame in walk.by_ref() {
                found += usize::from(frame.is_ok());
            }
            front += walk.used();
            black_box(walk.need());
        }
        found
    }
    let tcp = |name: &str| -> Vec<Vec<u8>> {
        let segments = frames(name).into_iter().filter_map(|(link, frame)| {
            let packet = net::Packet::parse(link, &frame).ok()?;
            Some(packet.tcp()?.payload().to_vec())
        });
        segments.filter(|payload| !payload.is_empty()).collect()
    };
    let mut out = vec![0; 1 << 17];
    let mut found = [0; 3];
    let turn = tcp("coturn-turn-tcp.pcap").concat();
    let rtsp = tcp("ffmpeg-rtsp-tcp-interleaved.pcap").concat();
    let datagrams = udp_payloads("chromium-ccfb.pcap");
    let mut framed = Vec::new();
    for packet in datagrams.iter().take(200) {
        framed.extend([0; 2]);
        let start = framed.len();
        framed.extend(packet);
        let count = allocations(|| {
            let builder = Rfc4571Builder { packet: packet.as_slice() };
            assert_eq!(builder.write(&mut out), Ok(packet.len() + 2));
            let builder = InterleavedBuilder { channel: 3, data: packet.as_slice() };
            assert_eq!(builder.write(&mut out), Ok(packet.len() + 4));
        });
        assert_eq!(count, 0);
        let len = u16::try_from(packet.len()).unwrap().to_be_bytes();
        framed[start - 2..start].copy_from_slice(&len);
    }
    for piece in [1, 7, 1460, 1 << 16] {
        let count = allocations(|| {
            found[0] += walked(Turn::default(), &turn, piece);
            found[1] += walked(Rtsp::default(), &rtsp, piece);
            found[2] += walked(Rfc4571, &framed, piece);
            // Not in step, as after a gap.
            black_box(walked(Turn::lost(), &turn[1..], piece));
            black_box(walked(Rtsp::default(), &rtsp[1..], piece));
        });
        assert_eq!(count, 0);
    }
    let count = allocations(|| {
        if let Some(Ok(frame @ RtspFrame::Interleaved { .. })) =
            Frames::new(&mut Rtsp::default(), &rtsp)
                .find(|frame| matches!(frame, Ok(RtspFrame::Interleaved { .. })))
        {
            write!(Nowhere, "{frame:?}").unwrap();
        }
    });
    assert_eq!(count, 0);
    assert!(found.iter().all(|count| *count > 100), "{found:?}");
}

/// What a server keeps of its senders, from the sender reports of a call.
#[test]
fn no_report_of_a_peer_costs_an_allocation() {
    let mut seen = 0;
    for datagram in udp_payloads("chromium-vp8-rtx-twcc.pcap") {
        let count = allocations(|| {
            for packet in Compound::new(&datagram).flatten() {
                let rtcp::Packet::SenderReport(report) = packet else { continue };
                let (ntp, now) = (report.ntp_timestamp(), Duration::from_secs(9));
                let mut last = LastReport::default();
                last.received(ntp, Duration::from_secs(3));
                black_box((last.answer(now), last.dlrr(1, now)));
                let mut unwrapper = TimestampUnwrapper::new();
                black_box(unwrapper.unwrap(report.rtp_timestamp()));
                if let Some(clock) = SenderClock::of_report(&report, 90_000) {
                    black_box((clock.ntp(1), clock.unix(2), clock.rtp(ntp)));
                }
                for block in report.blocks() {
                    black_box(round_trip_time(&block, ntp));
                }
                seen += 1;
            }
        });
        assert_eq!(count, 0);
    }
    assert!(seen > 10, "{seen}");
}
