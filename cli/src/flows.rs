//! Which datagrams are RTP and RTCP, by the company that they keep.
//!
//! The first two bytes alone do not tell: a quarter of all random datagrams begins as RTP does. So a flow, the datagrams
//! between two ports of two hosts in both directions, has to bear it out. One is known to carry media from then on that
//!
//! - a source goes on: three packets of one SSRC, each numbered one above the one before. Losses in between set back, but
//!   do not end it, and a late packet that closes the gap takes that back; a number that stays, as in protocols that have
//!   other things at that place, never counts;
//! - ICE was seen in it: a STUN Binding with an ICE attribute, or with message integrity;
//! - RTCP was seen in it, without a fault from end to end;
//! - RTCP between the same two hosts, on whatever ports, named the SSRC of one of its RTP packets as that of a sender;
//! - or `--rtp-port` vouches for one of its ports.
//!
//! RTCP bears itself out if it is of known packet types whose lengths add up to the datagram, and is also expected one
//! port above a flow of RTP. What lies inside TURN's messages between two ports counts as one flow of its own.
//!
//! Memory is bounded: the 32768 flows used last are remembered, or some more, and as many SSRCs out of RTCP.

use std::net::{IpAddr, SocketAddr};

use mediawire::demux::{Protocol, demux};
use mediawire::rtcp::{Compound, Feedback, Header, Packet};
use mediawire::rtp;
use mediawire::stun::{AttributeType, Message, Method};

use crate::recent::Recent;
use crate::units::{Content, Unit, Via};

/// How many flows, and named sources, are remembered at least.
const REMEMBERED: usize = 32_768;

/// How many SSRCs of an unknown flow are followed at once.
const FOLLOWED: usize = 4;

/// How often a source must go on.
const ENOUGH: u8 = 2;

/// How far a sequence number may jump ahead and still belong to the source's row. It may lag as far behind.
const MAX_LOST: u16 = 64;

/// Source and destination of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ends {
    pub(crate) src: SocketAddr,
    pub(crate) dst: SocketAddr,
}

/// The flow of a datagram, whichever way it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    hosts: (IpAddr, IpAddr),
    ports: (u16, u16),
    in_turn: bool,
}

impl Key {
    /// And whether the datagram goes from the first of the two ends to the second.
    #[inline]
    fn of(ends: Ends, in_turn: bool) -> (Self, bool) {
        let Ends { src, dst } = ends;
        let forward = (src.ip(), src.port()) <= (dst.ip(), dst.port());
        let (a, b) = if forward { (src, dst) } else { (dst, src) };
        (Self { hosts: (a.ip(), b.ip()), ports: (a.port(), b.port()), in_turn }, forward)
    }
}

/// What is known of a flow.
#[derive(Debug, Default)]
enum Flow {
    /// The sources seen so far, the one seen last in front.
    Unknown([Option<Source>; FOLLOWED]),
    #[default]
    Media,
}

/// A row of sequence numbers.
#[derive(Clone, Copy, Debug)]
struct Source {
    ssrc: u32,
    forward: bool,
    highest: u16,
    /// Which numbers there were up to the highest: bit 0 is that one, bit 1 the one before.
    seen: u64,
    /// How often it went on, less how often it did not.
    merit: u8,
}

impl Source {
    /// Whether this packet makes it a source that goes on.
    fn follow(&mut self, sequence_number: u16) -> bool {
        let ahead = sequence_number.wrapping_sub(self.highest);
        let behind = u32::from(ahead.wrapping_neg());
        if let Some(bit) = 1_u64.checked_shl(behind) {
            // Again, or late. One between two that were there takes back the loss that it looked like.
            let has = |behind: u32| self.seen.checked_shr(behind).is_some_and(|seen| seen & 1 == 1);
            let closes_gap = behind > 0 && !has(behind) && has(behind - 1) && has(behind + 1);
            self.seen |= bit;
            self.merit = self.merit.saturating_add(if closes_gap { 2 } else { 0 });
            return self.merit >= ENOUGH;
        }
        self.seen = self.seen.checked_shl(ahead.into()).unwrap_or(0) | 1;
        self.highest = sequence_number;
        self.merit = match ahead {
            1 => self.merit + 1,
            2..=MAX_LOST => self.merit.saturating_sub(1),
            _ => 0,
        };
        self.merit >= ENOUGH
    }
}

/// The flows of a capture.
#[derive(Debug)]
pub(crate) struct Flows {
    /// Every flow is known: `--rtp always`.
    all: bool,
    vouched_ports: Vec<u16>,
    flows: Recent<Key, Flow>,
    /// Senders that RTCP named, by the two hosts.
    named: Recent<((IpAddr, IpAddr), u32), ()>,
}

impl Flows {
    pub(crate) fn new(all: bool, vouched_ports: Vec<u16>) -> Self {
        let (flows, named) = (Recent::new(REMEMBERED), Recent::new(REMEMBERED));
        Self { all, vouched_ports, flows, named }
    }

    /// Learns from a message, and tells whether it is to be shown as what it looks like: always, but for RTP and RTCP
    /// of flows that are not known to be media.
    #[inline]
    pub(crate) fn observe(&mut self, ends: Ends, unit: &Unit<'_>) -> bool {
        if self.all {
            return true;
        }
        match &unit.content {
            Content::Rtp => self.rtp(ends, unit),
            Content::Rtcp => self.rtcp(ends, unit),
            Content::Stun(Ok(message)) => {
                if is_ice(message) {
                    self.know(Key::of(ends, !unit.via.is_empty()).0);
                }
                true
            }
            _ => true,
        }
    }

    /// Learns from the front of a datagram that is not shown, as RTP counts its packets in the first bytes.
    pub(crate) fn observe_front(&mut self, ends: Ends, bytes: &[u8]) {
        if demux(bytes) == Ok(Protocol::Rtp) {
            let (via, content) = (Via::default(), Content::Rtp);
            self.observe(ends, &Unit { offset: 0, bytes, via, content });
        }
    }

    /// The same for a message that was observed before: what is known by now.
    pub(crate) fn bears_out(&mut self, ends: Ends, unit: &Unit<'_>) -> bool {
        let (key, _) = Key::of(ends, !unit.via.is_empty());
        match &unit.content {
            Content::Rtp => self.is_media(&key) || self.is_named(key, unit.bytes),
            Content::Rtcp => self.is_media(&key) || adds_up(unit.bytes) || self.is_above_media(key),
            _ => true,
        }
    }

    fn rtp(&mut self, ends: Ends, unit: &Unit<'_>) -> bool {
        let (key, forward) = Key::of(ends, !unit.via.is_empty());
        let vouched = self.is_vouched(key);
        let flow = self.flows.get(key, || Flow::Unknown([None; FOLLOWED]));
        let sources = match flow {
            Flow::Media => return true,
            Flow::Unknown(_) if vouched => {
                *flow = Flow::Media;
                return true;
            }
            Flow::Unknown(sources) => sources,
        };
        // The padding of SRTP is ciphertext.
        let Ok(packet) = rtp::Packet::parse_lenient(unit.bytes) else { return false };
        let (ssrc, number) = (packet.ssrc(), packet.sequence_number());
        if follow(sources, ssrc, forward, number) || self.named.peek(&(key.hosts, ssrc)).is_some() {
            self.know(key);
            return true;
        }
        false
    }

    fn rtcp(&mut self, ends: Ends, unit: &Unit<'_>) -> bool {
        let (key, _) = Key::of(ends, !unit.via.is_empty());
        if adds_up(unit.bytes) {
            self.learn_from_rtcp(key, unit.bytes);
            return true;
        }
        self.is_media(&key) || self.is_above_media(key)
    }

    /// Takes the senders that a whole compound names, and if it is without fault its flow for known.
    fn learn_from_rtcp(&mut self, key: Key, datagram: &[u8]) {
        // Four bytes, an empty BYE, come about by chance.
        if datagram.len() < 8 || !Compound::new(datagram).all(|packet| packet.is_ok()) {
            return;
        }
        self.know(key);
        let named = &mut self.named;
        let mut name = |ssrc| {
            // 0 stands for "none" in many a field.
            if ssrc != 0 {
                named.get((key.hosts, ssrc), || ());
            }
        };
        let mut packets = Compound::new(datagram);
        loop {
            let bytes = packets.rest();
            let Some(Ok(packet)) = packets.next() else { break };
            senders(&packet, bytes, &mut name);
        }
    }

    fn know(&mut self, key: Key) {
        *self.flows.get(key, Flow::default) = Flow::Media;
    }

    fn is_media(&self, key: &Key) -> bool {
        self.all || matches!(self.flows.peek(key), Some(Flow::Media)) || self.is_vouched(*key)
    }

    fn is_vouched(&self, key: Key) -> bool {
        let (a, b) = key.ports;
        self.vouched_ports.iter().any(|&port| port == a || port == b)
    }

    /// Whether the ports below are a flow of RTP (RFC 3550 section 11).
    fn is_above_media(&self, key: Key) -> bool {
        let (a, b) = key.ports;
        let is_odd = |port| port % 2 == 1;
        is_odd(a) && is_odd(b) && self.is_media(&Key { ports: (a - 1, b - 1), ..key })
    }

    /// Whether RTCP named the source of this RTP packet; then its flow is known.
    fn is_named(&mut self, key: Key, datagram: &[u8]) -> bool {
        let Ok(packet) = rtp::Packet::parse_lenient(datagram) else { return false };
        let is_named = self.named.peek(&(key.hosts, packet.ssrc())).is_some();
        if is_named {
            self.know(key);
        }
        is_named
    }
}

/// Finds the source, or takes it in place of the one seen longest ago, and moves it to the front. Whether it goes on.
fn follow(
    sources: &mut [Option<Source>; FOLLOWED],
    ssrc: u32,
    forward: bool,
    sequence_number: u16,
) -> bool {
    let is_this = |source: &Option<Source>| {
        source.is_some_and(|source| (source.ssrc, source.forward) == (ssrc, forward))
    };
    let found = sources.iter().position(is_this);
    if let Some(head) = sources.get_mut(..=found.unwrap_or(FOLLOWED - 1)) {
        head.rotate_right(1);
    }
    let [front, ..] = sources;
    match front {
        Some(source) if found.is_some() => source.follow(sequence_number),
        _ => {
            *front = Some(Source { ssrc, forward, highest: sequence_number, seen: 1, merit: 0 });
            false
        }
    }
}

/// An ICE connectivity check, or an answer to one (RFC 8445 section 7). A client's question to a STUN server has none of
/// these.
fn is_ice(message: &Message<'_>) -> bool {
    message.method() == Method::BINDING
        && message.attributes().any(|attribute| {
            matches!(
                attribute.attribute_type(),
                AttributeType::PRIORITY
                    | AttributeType::USE_CANDIDATE
                    | AttributeType::ICE_CONTROLLED
                    | AttributeType::ICE_CONTROLLING
                    | AttributeType::MESSAGE_INTEGRITY
                    | AttributeType::MESSAGE_INTEGRITY_SHA256
            )
        })
}

/// Whether packets of known types fill the datagram to its last byte.
fn adds_up(datagram: &[u8]) -> bool {
    let mut rest = datagram;
    while !rest.is_empty() {
        let Ok(header) = Header::parse(rest) else { return false };
        if header.packet_type().name().is_none() {
            return false;
        }
        let Some(next) = rest.get(header.packet_len()..) else { return false };
        rest = next;
    }
    !datagram.is_empty()
}

/// The SSRCs of those that send media, by what a packet says of them. `bytes` begin with the packet.
fn senders(packet: &Packet<'_>, bytes: &[u8], name: &mut impl FnMut(u32)) {
    match packet {
        Packet::SenderReport(report) => {
            name(report.ssrc());
            report.blocks().for_each(|block| name(block.ssrc()));
        }
        Packet::ReceiverReport(report) => report.blocks().for_each(|block| name(block.ssrc())),
        Packet::SourceDescription(sdes) => sdes.chunks().for_each(|chunk| name(chunk.ssrc())),
        Packet::Bye(bye) => bye.sources().for_each(name),
        // Feedback of whatever format; of any other type this is an error.
        _ => {
            if let Ok(feedback) = Feedback::parse(bytes) {
                name(feedback.media_ssrc());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hold::Item;
    use crate::units::Widened;

    const A: &str = "192.0.2.1:5004";
    const B: &str = "192.0.2.2:6004";

    fn ends(src: &str, dst: &str) -> Ends {
        Ends { src: src.parse().unwrap(), dst: dst.parse().unwrap() }
    }

    /// Whether every message of the datagram is shown as what it looks like.
    fn shown(flows: &mut Flows, ends: Ends, datagram: &[u8]) -> bool {
        let mut all = true;
        Widened::default().units(&Item::datagram(datagram), &mut |unit: &Unit<'_>| {
            all &= flows.observe(ends, unit)
        });
        all
    }

    fn later(flows: &mut Flows, ends: Ends, datagram: &[u8]) -> bool {
        let mut all = true;
        Widened::default().units(&Item::datagram(datagram), &mut |unit: &Unit<'_>| {
            all &= flows.bears_out(ends, unit)
        });
        all
    }

    fn flows() -> Flows {
        Flows::new(false, Vec::new())
    }

    /// RFC 3550 section 5.1: version 2, payload type 96, and a byte of payload.
    fn rtp(sequence_number: u16, ssrc: u32) -> Vec<u8> {
        let (number, ssrc) = (sequence_number.to_be_bytes(), ssrc.to_be_bytes());
        [&[0x80, 96][..], &number, &[0, 0, 0, 9], &ssrc, &[1]].concat()
    }

    /// The first of the packets from which on the flow is known.
    fn known_after(numbers: &[u16]) -> Option<usize> {
        let mut flows = flows();
        numbers.iter().position(|&number| shown(&mut flows, ends(A, B), &rtp(number, 7)))
    }

    /// A reproducible row of numbers that look random.
    fn noise(seed: u32) -> impl Iterator<Item = u32> {
        std::iter::successors(Some(seed), |last| {
            Some(last.wrapping_mul(1_664_525).wrapping_add(1_013_904_223))
        })
        .map(|number| number.rotate_left(16))
        .skip(1)
    }

    #[test]
    fn a_source_that_goes_on_is_rtp() {
        assert_eq!(known_after(&[10, 11, 12]), Some(2));
        assert_eq!(known_after(&[65_534, 65_535, 0]), Some(2));
        // Late ones and repeated ones are no step back.
        assert_eq!(known_after(&[10, 11, 11, 9, 10, 12]), Some(5));
        // Packets that overtake each other, every one of them, in twos and threes.
        assert_eq!(known_after(&[1, 0, 3, 2, 5, 4]), Some(3));
        assert_eq!(known_after(&[1, 0, 65_535, 4, 3, 2]), Some(5));
        // A loss sets back by one.
        assert_eq!(known_after(&[10, 11, 14, 15, 16]), Some(4));
        // Every fourth packet lost, every third.
        assert_eq!(known_after(&[1, 2, 3]), Some(2));
        assert_eq!(known_after(&[2, 3, 5, 6, 8, 9, 11, 12, 13]), Some(8));
    }

    #[test]
    fn other_numbers_are_not() {
        // mosh: zeros. A counter in steps. ENet: milliseconds. A jump begins anew.
        assert_eq!(known_after(&[0; 500]), None);
        assert_eq!(known_after(&(0..500).map(|n| n * 2).collect::<Vec<_>>()), None);
        let enet: Vec<_> = (0..500_u16).map(|n| n * 16 + n % 3).collect();
        assert_eq!(known_after(&enet), None);
        assert_eq!(known_after(&[10, 11, 5_000, 5_001, 40_000, 40_001]), None);
        assert_eq!(known_after(&[12, 11, 10, 9, 8, 7]), None);
        assert_eq!(known_after(&[2, 0, 2, 0, 2, 0]), None);
    }

    #[test]
    fn noise_is_neither_rtp_nor_rtcp() {
        let mut flows = flows();
        for round in 0..2_000 {
            let mut bytes: Vec<u8> = noise(round).take(50).flat_map(u32::to_be_bytes).collect();
            bytes[0] = bytes[0] & 0x3f | 0x80;
            let ends = ends(A, if round % 2 == 0 { B } else { "192.0.2.3:7" });
            assert!(!shown(&mut flows, ends, &bytes), "{bytes:?}");
        }
    }

    #[test]
    fn the_same_ids_on_flows_of_their_own_are_not_a_source() {
        // DNS: identifier 0x8060, flags 0x0100, from a new port each time.
        let mut flows = flows();
        for port in 40_000..41_000_u16 {
            let src = SocketAddr::new([192, 0, 2, 1].into(), port);
            let ends = Ends { src, dst: "192.0.2.53:53".parse().unwrap() };
            assert!(!shown(&mut flows, ends, &rtp(port, 0x0001_0000)));
        }
    }

    #[test]
    fn a_known_flow_is_known_both_ways_and_for_what_came_before() {
        let mut flows = flows();
        let (there, back) = (ends(A, B), ends(B, A));
        assert!(!shown(&mut flows, back, &rtp(900, 1)));
        for (number, known) in [(1, false), (2, false), (3, true)] {
            assert_eq!(shown(&mut flows, there, &rtp(number, 7)), known);
        }
        assert!(later(&mut flows, back, &rtp(900, 1)));
        assert!(shown(&mut flows, back, &[0x80, 96, 0]), "what does not parse is malformed there");
        assert!(shown(&mut flows, back, &[0x80, 200, 0xff, 0xff]));
        assert!(!shown(&mut flows, ends(A, "192.0.2.2:6005"), &rtp(1, 7)));
    }

    #[test]
    fn sources_are_told_apart_by_ssrc_and_direction() {
        let mut flows = flows();
        for number in 0..4 {
            // The same numbers from both sides: neither goes on twice by the other's help.
            let known = shown(&mut flows, ends(A, B), &rtp(number, 7));
            assert_eq!(known, number >= 2);
            if number < 2 {
                assert!(!shown(&mut flows, ends(B, A), &rtp(number + 1, 7)));
            }
        }
        // More sources than are followed at once, each coming round only after it was forgotten.
        let mut flows = super::tests::flows();
        for number in 0..100 {
            for ssrc in 0..=FOLLOWED as u32 {
                assert!(!shown(&mut flows, ends(A, B), &rtp(number, ssrc)));
            }
        }
    }

    #[test]
    fn ice_vouches_and_a_question_to_a_stun_server_does_not() {
        let plain = *b"\0\x01\0\0\x21\x12\xa4\x42abcdefghijkl";
        let check = *b"\0\x01\0\x08\x21\x12\xa4\x42abcdefghijkl\0\x24\0\x04\x6e\0\x01\xff";
        let mut flows = flows();
        assert!(shown(&mut flows, ends(A, B), &plain));
        assert!(!shown(&mut flows, ends(B, A), &rtp(1, 7)));
        assert!(shown(&mut flows, ends(A, B), &check));
        assert!(later(&mut flows, ends(B, A), &rtp(1, 7)));
        assert!(shown(&mut flows, ends(B, A), &rtp(900, 8)));
    }

    #[test]
    fn rtcp_vouches_for_its_ssrc_between_the_same_hosts() {
        // RFC 3550 section 6.4.2: an RR of 0xffff about SSRC 7; the rest of its block is zeros.
        let report =
            |about| [&[0x81, 201, 0, 7, 0, 0, 0xff, 0xff, 0, 0, 0, about][..], &[0; 20]].concat();
        let mut flows = flows();
        assert!(!shown(&mut flows, ends(A, B), &rtp(1, 7)));
        assert!(!shown(&mut flows, ends(A, B), &rtp(1, 0)));
        assert!(shown(&mut flows, ends("192.0.2.2:9999", "192.0.2.1:8888"), &report(7)));
        assert!(shown(&mut flows, ends("192.0.2.2:9999", "192.0.2.1:8888"), &report(0)));
        assert!(!later(&mut flows, ends(A, B), &rtp(1, 0)), "0 is nobody");
        assert!(!later(&mut flows, ends(A, "192.0.2.3:6004"), &rtp(1, 7)), "other hosts");
        assert!(later(&mut flows, ends(A, B), &rtp(1, 7)));
        assert!(shown(&mut flows, ends(A, B), &rtp(1, 0)), "the flow is known by now");
    }

    #[test]
    fn rtcp_has_known_types_and_adds_up() {
        let add = |datagram: &[u8]| shown(&mut flows(), ends(A, B), datagram);
        let rr = [0x80, 201, 0, 1, 0, 0, 0, 7];
        assert!(add(&rr));
        assert!(add(&[rr, rr].concat()));
        assert!(!add(&[&rr[..], &[0]].concat()), "a byte too many");
        assert!(!add(&rr[..7]));
        assert!(!add(&[rr, [0x40, 201, 0, 1, 0, 0, 0, 7]].concat()), "version 1");
        assert!(!add(&[0x80, 220, 0, 1, 0, 0, 0, 7]), "an unknown type");
    }

    #[test]
    fn rtcp_with_a_fault_is_shown_and_vouches_for_nothing() {
        let mut flows = flows();
        // A receiver report that counts a block it does not have.
        assert!(shown(&mut flows, ends(A, B), &[0x81, 201, 0, 1, 0, 0, 0, 7]));
        assert!(!shown(&mut flows, ends(A, B), &rtp(1, 7)));
        assert!(shown(&mut flows, ends(A, B), &[0x80, 201, 0, 1, 0, 0, 0, 9]));
        assert!(shown(&mut flows, ends(A, B), &rtp(1, 7)));
    }

    #[test]
    fn rtcp_is_expected_one_port_above_rtp() {
        // SRTCP: ciphertext behind the first 8 bytes.
        let srtcp = [0x80, 200, 0, 6, 0, 0, 0, 7, 1, 2, 3, 4, 5, 6, 7];
        let above = ends("192.0.2.1:5005", "192.0.2.2:6005");
        let mut flows = flows();
        assert!(!shown(&mut flows, above, &srtcp));
        for number in 0..3 {
            shown(&mut flows, ends(A, B), &rtp(number, 7));
        }
        assert!(later(&mut flows, above, &srtcp));
        assert!(!later(&mut flows, ends("192.0.2.1:5007", "192.0.2.2:6007"), &srtcp));
    }

    #[test]
    fn a_port_is_vouched_for_and_always_is_always() {
        let mut vouched = Flows::new(false, vec![6004]);
        assert!(shown(&mut vouched, ends(B, A), &[0x80, 96]));
        assert!(shown(&mut vouched, ends(A, B), &[0x80, 200]));
        assert!(!shown(&mut vouched, ends(A, "192.0.2.2:6005"), &rtp(1, 7)));
        let mut always = Flows::new(true, Vec::new());
        assert!(shown(&mut always, ends(A, B), &[0x80, 96]));
        assert!(later(&mut always, ends(A, B), &[0x80, 200]));
    }

    #[test]
    fn what_lies_in_turn_is_a_flow_of_its_own() {
        let inside = |number| {
            let packet = rtp(number, 7);
            [&[0x40, 0, 0, packet.len() as u8][..], &packet].concat()
        };
        let mut flows = flows();
        for (number, known) in [(1, false), (2, false), (3, true)] {
            assert_eq!(shown(&mut flows, ends(A, B), &inside(number)), known);
        }
        assert!(!shown(&mut flows, ends(A, B), &rtp(4, 8)));
    }

    #[test]
    fn first_fragments_tell_of_their_flow() {
        let mut flows = flows();
        for number in 0..3 {
            flows.observe_front(ends(A, B), &rtp(number, 7)[..12]);
        }
        assert!(shown(&mut flows, ends(A, B), &rtp(9, 8)));
    }
}
