//! The headers around a datagram, as etherparse reads them: each layer by itself, and the checksums.

use etherparse::{
    Ethernet2Slice, Ipv4HeaderSlice, Ipv4Slice, Ipv6ExtensionSlice, Ipv6Slice, SingleVlanSlice,
    TcpOptionElement, TcpSlice, UdpHeader, UdpSlice,
};
use mediawire::net::{
    ChecksumStatus, Ethernet, Frame, Ip, IpProtocol, Ipv4, Ipv6, LinkType, PseudoHeader, Tcp,
    TcpFlags, TcpOption, Udp,
};

use super::{Difference, Found, Others, REFUSED};

static ETHERNET: Others = Others { compare: &[("etherparse", ethernet)], known: &[] };
static IPV4: Others = Others { compare: &[("etherparse", ipv4)], known: IPV4_KNOWN };
static IPV6: Others = Others { compare: &[("etherparse", ipv6)], known: IPV6_KNOWN };
static UDP: Others = Others { compare: &[("etherparse", udp)], known: UDP_KNOWN };
static TCP: Others = Others { compare: &[("etherparse", tcp)], known: &[] };

const IPV4_KNOWN: &[Difference] = &[Difference {
    other: "etherparse",
    fields: &["checksum status"],
    why: "It computes the checksum over a header of its own, in which the reserved flag is 0. RFC 791 section 3.1: over \
          the header's words, whatever they are",
    when: |bytes| Ipv4::parse(bytes).is_ok_and(|packet| packet.reserved_flag()),
    example: &[0x45, 0, 0, 20, 0, 0, 0x80, 0, 1, 17, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8],
}];

const IPV6_KNOWN: &[Difference] = &[
    Difference {
        other: "etherparse",
        fields: &["extension headers", "protocol", "payload", "fragment", REFUSED],
        why: "Mobility, HIP and Shim6 are no extension headers there. RFC 7045 section 4: they are",
        when: has_extension_header_beyond_rfc8200,
        example: &{
            let mut bytes = [0; 48];
            (bytes[0], bytes[5], bytes[6]) = (0x60, 8, 135);
            bytes[40] = 59; // behind a mobility header of 8 bytes, nothing
            bytes
        },
    },
    Difference {
        other: "etherparse",
        fields: &["payload"],
        why: "It takes what is behind a packet of no payload for its payload. RFC 8200 section 4.7: behind next header \
              59 there is nothing",
        when: |bytes| bytes[4..6] == [0, 0] && bytes[6] == 59,
        example: &{
            let mut bytes = [0; 41];
            (bytes[0], bytes[6]) = (0x60, 59);
            bytes
        },
    },
    Difference {
        other: "etherparse",
        fields: &[REFUSED],
        why: "It does not look for the length of a jumbogram. RFC 2675 section 3: above 65535, and as many bytes",
        when: |bytes| bytes[4..6] == [0, 0] && bytes[6] == 0,
        example: &{
            let mut bytes = [0; 48];
            bytes[0] = 0x60;
            [bytes[40], bytes[42], bytes[43], bytes[47]] = [59, 0xC2, 4, 8];
            bytes
        },
    },
    Difference {
        other: "etherparse",
        fields: &["extension headers", "protocol", "payload"],
        why: "It reads on behind a fragment header. RFC 8200 section 4.5: what follows is a part of the original \
              packet, which begins with headers in the first fragment only",
        when: |bytes| Ipv6::parse(bytes).is_ok_and(|packet| packet.fragment().is_some()),
        example: &{
            let mut bytes = [0; 56];
            (bytes[0], bytes[5], bytes[6]) = (0x60, 16, 44);
            (bytes[40], bytes[43]) = (60, 8); // offset 1, of what begins with a destination options header
            bytes[48] = 59;
            bytes
        },
    },
];

const UDP_KNOWN: &[Difference] = &[Difference {
    other: "etherparse",
    fields: &[REFUSED],
    why: "It reads a length of 0 as all that is there. RFC 768: at least 8; RFC 2675 section 4: 0 in a jumbogram alone",
    when: |bytes| bytes[4..6] == [0, 0],
    example: &[0, 1, 0, 2, 0, 0, 0, 0],
}];

/// Whether it has an extension header of a type that RFC 8200 does not have, as far as the headers can be walked.
fn has_extension_header_beyond_rfc8200(bytes: &[u8]) -> bool {
    let (mut kind, mut at) = (bytes[6], 40);
    loop {
        let length = bytes.get(at + 1).copied().map_or(0, usize::from);
        let here = kind;
        kind = bytes.get(at).copied().unwrap_or(59);
        at += match here {
            0 | 43 | 60 => (length + 1) * 8,
            44 => 8,
            51 => (length + 2) * 4,
            other => return matches!(other, 135 | 139 | 140),
        };
    }
}

/// A captured frame, in the form that the target `net` takes: its link type by the first byte, two bytes that say how
/// much the capture left out, which is nothing here.
pub fn check(input: &[u8]) {
    const LINK_TYPES: [u16; 10] = [0, 1, 12, 14, 101, 108, 113, 228, 229, 276];
    let Some((&[link, ..], frame)) = input.split_first_chunk::<3>() else { return };
    let link = LinkType(LINK_TYPES[usize::from(link) % LINK_TYPES.len()]);
    if link == LinkType::ETHERNET {
        ETHERNET.check(frame);
    }
    let packet = Frame::parse(link, frame).map_or(frame, |frame| frame.payload());
    IPV4.check(packet);
    IPV6.check(packet);
    let Ok(ip) = Ip::parse(packet) else { return };
    if ip.fragment().is_none_or(|fragment| fragment.is_first()) {
        match ip.protocol() {
            IpProtocol::UDP => UDP.check(ip.payload()),
            IpProtocol::TCP => TCP.check(ip.payload()),
            _ => {}
        }
    }
}

/// Whether each known difference is still one.
pub fn check_known() {
    for others in [&IPV4, &IPV6, &UDP] {
        others.check_known();
    }
}

fn ethernet(bytes: &[u8], found: &mut Found) {
    let theirs = found.call(|| Ethernet2Slice::from_slice_without_fcs(bytes));
    let Some((ours, theirs)) = found.both(REFUSED, Ethernet::parse(bytes), theirs) else { return };
    found.same("destination", ours.destination().0, theirs.destination());
    found.same("source", ours.source().0, theirs.source());
    found.same("type", ours.type_or_length(), theirs.ether_type().0);
    found.same("payload", ours.payload(), theirs.payload_slice());
    // The tags, one after the other.
    let Ok(frame) = Frame::parse(LinkType::ETHERNET, bytes) else { return };
    let (mut rest, mut announced) = (theirs.payload_slice(), theirs.ether_type().0);
    for tag in frame.vlan_tags() {
        let Some(Ok(theirs)) = found.call(|| SingleVlanSlice::from_slice(rest)) else {
            found.same("tag", Some(tag), None);
            return;
        };
        found.same("tag protocol", tag.protocol.0, announced);
        found.same("priority", tag.control.priority(), theirs.priority_code_point().value());
        found.same("DEI", tag.control.drop_eligible(), theirs.drop_eligible_indicator());
        found.same("VLAN", tag.control.id(), theirs.vlan_identifier().value());
        (rest, announced) = (theirs.payload_slice(), theirs.ether_type().0);
    }
    found.same("inner payload", frame.payload(), rest);
}

fn ipv4(bytes: &[u8], found: &mut Found) {
    let theirs = found.call(|| Ipv4Slice::from_slice(bytes));
    let Some((ours, theirs)) = found.both(REFUSED, Ipv4::parse(bytes), theirs) else { return };
    let header: Ipv4HeaderSlice<'_> = theirs.header();
    found.same("header length", ours.header_len(), header.slice().len());
    found.same("DSCP", ours.dscp(), header.dcp().value());
    found.same("ECN", ours.ecn(), header.ecn() as u8);
    found.same("total length", ours.total_length(), header.total_len());
    found.same("identification", ours.identification(), header.identification());
    found.same("DF", ours.dont_fragment(), header.dont_fragment());
    found.same("MF", ours.more_fragments(), header.more_fragments());
    found.same("fragment offset", ours.fragment_offset(), header.fragments_offset().value());
    found.same("fragment", ours.fragment().is_some(), header.is_fragmenting_payload());
    found.same("TTL", ours.ttl(), header.ttl());
    found.same("protocol", ours.protocol().0, header.protocol().0);
    found.same("source", ours.source(), header.source_addr());
    found.same("destination", ours.destination(), header.destination_addr());
    found.same("options", ours.options_bytes(), header.options());
    let checksum = header.to_header().calc_header_checksum();
    found.same("checksum", ours.checksum(), header.header_checksum());
    let status = ours.verify_checksum();
    found.same("checksum status", status, verdict(ours.checksum(), checksum));
    // It takes an authentication header off; here that is the protocol above.
    if theirs.extensions().auth.is_none() {
        found.same("payload", ours.payload(), theirs.payload().payload);
        if ours.fragment().is_none() {
            let (source, destination) = (header.source(), header.destination());
            let pseudo =
                PseudoHeader::V4 { source: ours.source(), destination: ours.destination() };
            match ours.protocol() {
                IpProtocol::UDP => {
                    udp_checksum(ours.payload(), pseudo, found, |header, payload| {
                        header.calc_checksum_ipv4_raw(source, destination, payload).ok()
                    });
                }
                IpProtocol::TCP => {
                    tcp_checksum(ours.payload(), pseudo, found, |segment| {
                        segment.calc_checksum_ipv4(source, destination).ok()
                    });
                }
                _ => {}
            }
        }
    }
}

/// What a checksum of theirs says of the one found.
fn verdict(found: u16, expected: u16) -> ChecksumStatus {
    match found == expected {
        true => ChecksumStatus::Valid,
        false => ChecksumStatus::Invalid { expected, found },
    }
}

fn udp_checksum(
    bytes: &[u8],
    pseudo: PseudoHeader,
    found: &mut Found,
    theirs: impl FnOnce(UdpHeader, &[u8]) -> Option<u16>,
) {
    let (Ok(ours), Ok(slice)) = (Udp::parse(bytes), UdpSlice::from_slice(bytes)) else { return };
    if ours.checksum() == 0 {
        found.same("UDP checksum", ours.verify_checksum(pseudo), ChecksumStatus::Absent);
    } else if let Some(Some(theirs)) = found.call(|| theirs(slice.to_header(), slice.payload())) {
        found.same("UDP checksum", ours.verify_checksum(pseudo), verdict(ours.checksum(), theirs));
    }
}

fn tcp_checksum(
    bytes: &[u8],
    pseudo: PseudoHeader,
    found: &mut Found,
    theirs: impl FnOnce(TcpSlice<'_>) -> Option<u16>,
) {
    let (Ok(ours), Ok(slice)) = (Tcp::parse(bytes), TcpSlice::from_slice(bytes)) else { return };
    if let Some(Some(theirs)) = found.call(|| theirs(slice)) {
        found.same("TCP checksum", ours.verify_checksum(pseudo), verdict(ours.checksum(), theirs));
    }
}

fn ipv6(bytes: &[u8], found: &mut Found) {
    let theirs = found.call(|| Ipv6Slice::from_slice(bytes));
    let Some((ours, theirs)) = found.both(REFUSED, Ipv6::parse(bytes), theirs) else { return };
    let header = theirs.header();
    found.same("traffic class", ours.traffic_class(), header.traffic_class());
    found.same("DSCP", ours.dscp(), header.dscp().value());
    found.same("ECN", ours.ecn(), header.ecn() as u8);
    found.same("flow label", ours.flow_label(), header.flow_label().value());
    found.same("payload length", ours.payload_length(), header.payload_length());
    found.same("next header", ours.next_header().0, header.next_header().0);
    found.same("hop limit", ours.hop_limit(), header.hop_limit());
    found.same("source", ours.source(), header.source_addr());
    found.same("destination", ours.destination(), header.destination_addr());
    let theirs_of = theirs.extensions().clone().into_iter().map(|extension| match extension {
        Ipv6ExtensionSlice::HopByHop(header) => (0, header.slice(), None),
        Ipv6ExtensionSlice::Routing(header) => (43, header.slice(), None),
        Ipv6ExtensionSlice::Fragment(header) => {
            let place = (header.identification(), header.fragment_offset().value());
            (44, header.slice(), Some((place, header.more_fragments())))
        }
        Ipv6ExtensionSlice::DestinationOptions(header) => (60, header.slice(), None),
        Ipv6ExtensionSlice::Authentication(header) => (51, header.slice(), None),
    });
    let of_ours = ours.extension_headers().map(|extension| {
        let fragment = extension.fragment();
        let place = fragment.map(|f| ((f.identification, f.offset), f.more));
        (extension.kind.0, extension.bytes, place)
    });
    found.list("extension headers", of_ours, theirs_of);
    found.same("protocol", ours.protocol().0, theirs.payload().ip_number.0);
    found.same("payload", ours.payload(), theirs.payload().payload);
    let whole = ours.fragment().is_none_or(|fragment| fragment.offset == 0 && !fragment.more);
    found.same("fragment", !whole, theirs.is_payload_fragmented());
    if whole && let Some(pseudo) = ours.pseudo_header() {
        let (source, destination) = (header.source(), header.destination());
        match ours.protocol() {
            IpProtocol::UDP => {
                udp_checksum(ours.payload(), pseudo, found, |header, payload| {
                    header.calc_checksum_ipv6_raw(source, destination, payload).ok()
                });
            }
            IpProtocol::TCP => {
                tcp_checksum(ours.payload(), pseudo, found, |segment| {
                    segment.calc_checksum_ipv6(source, destination).ok()
                });
            }
            _ => {}
        }
    }
}

fn udp(bytes: &[u8], found: &mut Found) {
    let theirs = found.call(|| UdpSlice::from_slice(bytes));
    let Some((ours, theirs)) = found.both(REFUSED, Udp::parse(bytes), theirs) else { return };
    found.same("source port", ours.source_port(), theirs.source_port());
    found.same("destination port", ours.destination_port(), theirs.destination_port());
    found.same("length", ours.length(), theirs.length());
    found.same("checksum", ours.checksum(), theirs.checksum());
    found.same("payload", ours.payload(), theirs.payload());
}

fn tcp(bytes: &[u8], found: &mut Found) {
    let theirs = found.call(|| TcpSlice::from_slice(bytes));
    let Some((ours, theirs)) = found.both(REFUSED, Tcp::parse(bytes), theirs) else { return };
    found.same("source port", ours.source_port(), theirs.source_port());
    found.same("destination port", ours.destination_port(), theirs.destination_port());
    found.same("sequence number", ours.sequence_number(), theirs.sequence_number());
    let acknowledgment = (ours.acknowledgment_number(), theirs.acknowledgment_number());
    found.same("acknowledgment number", acknowledgment.0, acknowledgment.1);
    found.same("header length", ours.header_len(), theirs.header_len());
    found.same("window", ours.window(), theirs.window_size());
    found.same("checksum", ours.checksum(), theirs.checksum());
    found.same("urgent pointer", ours.urgent_pointer(), theirs.urgent_pointer());
    let flags = [
        (TcpFlags::FIN, theirs.fin()),
        (TcpFlags::SYN, theirs.syn()),
        (TcpFlags::RST, theirs.rst()),
        (TcpFlags::PSH, theirs.psh()),
        (TcpFlags::ACK, theirs.ack()),
        (TcpFlags::URG, theirs.urg()),
        (TcpFlags::ECE, theirs.ece()),
        (TcpFlags::CWR, theirs.cwr()),
    ];
    for (flag, set) in flags {
        found.same("flags", ours.flags().contains(flag), set);
    }
    found.same("options", ours.options_bytes(), theirs.options());
    // It stops at an option that it does not know.
    let known = theirs.options_iterator().map_while(Result::ok);
    for (ours, theirs) in ours.options().zip(known) {
        found.same("option", element(&ours), Some(theirs));
    }
    found.same("payload", ours.payload(), theirs.payload());
}

fn element(option: &TcpOption<'_>) -> Option<TcpOptionElement> {
    Some(match *option {
        TcpOption::NoOperation => TcpOptionElement::Noop,
        TcpOption::MaximumSegmentSize(size) => TcpOptionElement::MaximumSegmentSize(size),
        TcpOption::WindowScale(shift) => TcpOptionElement::WindowScale(shift),
        TcpOption::SackPermitted => TcpOptionElement::SelectiveAcknowledgementPermitted,
        TcpOption::Sack(mut blocks) => TcpOptionElement::SelectiveAcknowledgement(
            blocks.next()?,
            [blocks.next(), blocks.next(), blocks.next()],
        ),
        TcpOption::Timestamps { value, echo_reply } => {
            TcpOptionElement::Timestamp(value, echo_reply)
        }
        _ => return None,
    })
}
