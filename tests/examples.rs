//! The examples, each on a port of its own that the system picks, talked to through sockets; each stops by itself.

#![cfg(feature = "integrity")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // a test may panic

#[path = "../examples/ice_lite_agent.rs"]
mod ice_lite_agent;
#[path = "../examples/rtp_relay.rs"]
mod rtp_relay;
#[path = "../examples/stun_server.rs"]
mod stun_server;

use std::net::{SocketAddr, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

use mediawire::Encode;
use mediawire::ntp::NtpTime;
use mediawire::rtcp::{
    Compound, CompoundWriter, NackBuilder, NackPair, Packet, PliBuilder, ReceiverReportBuilder,
    ReportBlockBuilder, SenderReportBuilder,
};
use mediawire::rtp::{self, PacketBuilder, PayloadType};
use mediawire::stun::agent::{Action, Authentication, Received, Timing, Transaction, Transport};
use mediawire::stun::{
    Class, Code, ErrorCode, IceControlling, Key, Message, MessageWriter, Method, Priority,
    TransactionId, UseCandidate, Username, XorMappedAddress,
};

/// No test waits longer.
const PATIENCE: Duration = Duration::from_secs(10);

fn socket() -> UdpSocket {
    let socket = UdpSocket::bind(("127.0.0.1", 0)).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

/// A request, sent by the timers of the transaction until it is answered.
fn ask(socket: &UdpSocket, server: SocketAddr, request: &[u8], key: Option<&Key>) -> Vec<u8> {
    let start = Instant::now();
    let authentication = key.map_or(Authentication::None, Authentication::ShortTerm);
    let mut transaction =
        Transaction::new(request, Transport::Unreliable, Timing::default(), Duration::ZERO)
            .unwrap();
    let mut buffer = [0; 1500];
    loop {
        match transaction.poll(start.elapsed()) {
            Action::Send(bytes) => drop(socket.send_to(bytes, server).unwrap()),
            Action::Wait { until } => {
                let wait = until.saturating_sub(start.elapsed()).max(Duration::from_millis(1));
                socket.set_read_timeout(Some(wait)).unwrap();
                let Ok(len) = socket.recv(&mut buffer) else { continue };
                match transaction.receive(&buffer[..len], authentication) {
                    Received::Success(_) | Received::Error(..) => return buffer[..len].to_vec(),
                    other => panic!("{other:?}"),
                }
            }
            other => panic!("{other:?}"),
        }
    }
}

fn binding(id: u8, fill: impl FnOnce(&mut MessageWriter<'_>)) -> Vec<u8> {
    let mut buffer = [0; 256];
    let id = TransactionId([id; 12]);
    let mut writer = MessageWriter::new(&mut buffer, Class::Request, Method::BINDING, id).unwrap();
    fill(&mut writer);
    writer.as_bytes().to_vec()
}

#[test]
fn the_stun_server_tells_each_client_its_own_address_and_stops() {
    let server = socket();
    let address = server.local_addr().unwrap();
    let limits = stun_server::Limits { datagrams: 4, time: PATIENCE };
    let running = thread::spawn(move || stun_server::serve(&server, limits).unwrap());
    let clients = [socket(), socket(), socket()];
    clients[0].send_to(b"no STUN", address).unwrap();
    for client in &clients {
        let response = ask(client, address, &binding(7, |_| {}), None);
        let response = Message::parse(&response).unwrap();
        let source = client.local_addr().unwrap();
        assert_eq!(response.get(), Some(Ok(XorMappedAddress(source))));
    }
    assert_eq!(running.join().unwrap(), 3);

    let limits = stun_server::Limits { datagrams: u64::MAX, time: Duration::from_millis(50) };
    assert_eq!(stun_server::serve(&socket(), limits).unwrap(), 0);
}

#[test]
fn the_ice_lite_agent_believes_who_has_the_password() {
    let agent = socket();
    let address = agent.local_addr().unwrap();
    let running = thread::spawn(move || {
        ice_lite_agent::agree(&agent, "8hhY", "asd88fgpdd777uzjYhagZg", PATIENCE).unwrap()
    });
    let peer = socket();
    let key = Key::short_term(b"asd88fgpdd777uzjYhagZg");
    let check = |id, key: &Key, nominates| {
        binding(id, |check| {
            check.push(Username(b"8hhY:peer")).unwrap().push(Priority(0x6e00_01ff)).unwrap();
            check.push(IceControlling(1)).unwrap();
            if nominates {
                check.push(UseCandidate).unwrap();
            }
            check.push_integrity(key).unwrap().push_fingerprint().unwrap();
        })
    };
    // Who does not have it is refused, whatever the check says.
    let wrong = check(1, &Key::short_term(b"guess"), true);
    let refused = ask(&peer, address, &wrong, None);
    let error: ErrorCode<'_> = Message::parse(&refused).unwrap().get().unwrap().unwrap();
    assert_eq!(error.code, Code::UNAUTHENTICATED);
    for (id, nominates) in [(2, false), (3, true)] {
        let response = ask(&peer, address, &check(id, &key, nominates), Some(&key));
        let response = Message::parse(&response).unwrap();
        assert_eq!(response.get(), Some(Ok(XorMappedAddress(peer.local_addr().unwrap()))));
        response.check_fingerprint().unwrap();
    }
    assert_eq!(running.join().unwrap(), peer.local_addr().ok());
    let quick = Duration::from_millis(50);
    assert_eq!(ice_lite_agent::agree(&socket(), "8hhY", "x", quick).unwrap(), None);
}

#[test]
fn the_relay_rewrites_packets_and_translates_reports_and_feedback() {
    let (inside, outside, source, receiver) = (socket(), socket(), socket(), socket());
    let to = receiver.local_addr().unwrap();
    source.connect(inside.local_addr().unwrap()).unwrap();
    receiver.connect(outside.local_addr().unwrap()).unwrap();
    let limits = rtp_relay::Limits { datagrams: 5, time: PATIENCE };
    let relay = rtp_relay::Relay::new(7, PayloadType(111));
    let running =
        thread::spawn(move || rtp_relay::run(relay, &inside, &outside, to, limits).unwrap());
    let (mut out, mut buffer) = ([0; 200], [0; 1500]);

    // Sequence numbers begin anew, also across their wrap.
    for (number, expected) in [(65_535, 1), (0, 2), (3, 5)] {
        let packet = PacketBuilder {
            payload_type: PayloadType(96),
            sequence_number: number,
            timestamp: 9,
            ssrc: 1000,
            marker: true,
            payload: b"media",
            ..Default::default()
        };
        let len = packet.write(&mut out).unwrap();
        source.send(&out[..len]).unwrap();
        let len = receiver.recv(&mut buffer).unwrap();
        let relayed = rtp::Packet::parse(&buffer[..len]).unwrap();
        assert_eq!((relayed.ssrc(), relayed.payload_type()), (7, PayloadType(111)));
        assert_eq!((relayed.sequence_number(), relayed.timestamp()), (expected, 9));
        assert!(relayed.marker() && relayed.payload() == b"media");
    }

    let report = SenderReportBuilder {
        ssrc: 1000,
        ntp_timestamp: NtpTime(5),
        packet_count: 3,
        ..Default::default()
    };
    let len = report.write(&mut out).unwrap();
    source.send(&out[..len]).unwrap();
    let len = receiver.recv(&mut buffer).unwrap();
    let packets: Vec<_> = Compound::new(&buffer[..len]).map(Result::unwrap).collect();
    let [Packet::SenderReport(report), Packet::SourceDescription(names)] = packets[..] else {
        panic!("{packets:?}")
    };
    assert_eq!((report.ssrc(), report.ntp_timestamp(), report.packet_count()), (7, NtpTime(5), 3));
    assert_eq!(names.chunks().next().unwrap().ssrc(), 7);

    // What the receiver knows as 3 and 4, the source sent as 1 and 2.
    let block = |ssrc| ReportBlockBuilder {
        ssrc,
        extended_highest_sequence_number: 5,
        ..Default::default()
    };
    let blocks = [block(7).to_bytes().unwrap(), block(8).to_bytes().unwrap()];
    let mut compound = CompoundWriter::new(&mut out);
    let report = ReceiverReportBuilder { ssrc: 2, blocks: &blocks, ..Default::default() };
    compound.push(&report).unwrap();
    let pairs = [NackPair { pid: 3, blp: 1 }.to_bytes()];
    let nack = NackBuilder { sender_ssrc: 2, media_ssrc: 7, pairs: &pairs, padding: &[] };
    compound.push(&nack).unwrap();
    let pli = PliBuilder { sender_ssrc: 2, media_ssrc: 7, fci: &[], padding: &[] };
    compound.push(&pli).unwrap();
    receiver.send(compound.written()).unwrap();
    let len = source.recv(&mut buffer).unwrap();
    let packets: Vec<_> = Compound::new(&buffer[..len]).map(Result::unwrap).collect();
    let [Packet::ReceiverReport(report), Packet::Nack(nack), Packet::Pli(pli)] = packets[..] else {
        panic!("{packets:?}")
    };
    let blocks: Vec<_> = report.blocks().collect();
    assert_eq!(blocks.len(), 1, "the other source is not this one");
    assert_eq!(blocks[0].ssrc(), 1000);
    assert_eq!(blocks[0].extended_highest_sequence_number(), 0x1_0003);
    assert_eq!((nack.media_ssrc(), pli.media_ssrc()), (1000, 1000));
    assert!(nack.lost_sequence_numbers().eq([1, 2]));
    assert_eq!(running.join().unwrap(), 5);
}
