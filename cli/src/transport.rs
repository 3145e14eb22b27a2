//! From a packet of the capture to the UDP datagram or the TCP segment in it, or to what it is instead.

use mediawire::ParseError;
use mediawire::net::{Frame, Ip, IpProtocol, LinkType, Packet, Transport};

use crate::capture;
use crate::flows::Ends;
use crate::hold::{Item, What};
use crate::summary::Label;
use crate::tcp::TcpSegment;

/// The bytes of a UDP header.
const UDP_HEADER: usize = 8;

/// What is in a packet of the capture.
pub(crate) enum Found<'a> {
    /// Something that may be shown.
    Item(Item<'a>),
    /// A TCP segment.
    Segment { snapped: bool, segment: TcpSegment<'a> },
    /// Something to be counted.
    Other(Label),
    /// The front of a datagram, a first fragment or cut by the snap length: it is not shown, but its first bytes tell
    /// about its flow.
    Front { ends: Ends, bytes: &'a [u8], label: Label },
}

/// Reads the headers of a packet.
#[inline]
pub(crate) fn read<'a>(packet: &capture::Packet<'a>) -> Found<'a> {
    let &capture::Packet { frame, time, link_type, wire_len, data } = packet;
    let link_type = match u16::try_from(link_type) {
        Ok(number) if LinkType(number).name().is_some() => LinkType(number),
        _ => return Found::Other(Label::LinkType(link_type)),
    };
    let snapped = data.len() < wire_len;
    let item = |what, bytes| Found::Item(Item { frame, time, snapped, what, bytes });
    let read = match Packet::parse_captured(link_type, data, wire_len) {
        Ok(read) => read,
        Err(error) => {
            let Some(protocol) = word(error.what) else {
                return Found::Other(Label::Name("malformed TCP or ICMP"));
            };
            let offset = start(link_type, data, error);
            let bytes = data.get(offset..).unwrap_or_default();
            return item(What::Broken { protocol, offset, error }, bytes);
        }
    };
    let Some((src, dst)) = read.endpoints() else { return Found::Other(label(&read)) };
    let ends = Ends { src, dst };
    let front = |bytes| Found::Front { ends, bytes, label: label(&read) };
    match read.transport() {
        Transport::Udp(udp) if udp.missing() == 0 => item(What::Datagram(ends), udp.payload()),
        Transport::Udp(udp) => front(udp.payload()),
        Transport::Fragment(payload) if read.protocol() == Some(IpProtocol::UDP) => {
            front(payload.get(UDP_HEADER..).unwrap_or_default())
        }
        Transport::Tcp(tcp) => {
            let segment = TcpSegment {
                ends,
                flags: tcp.flags(),
                sequence_number: tcp.sequence_number(),
                acknowledgment_number: tcp.acknowledgment_number(),
                payload: tcp.payload(),
                missing: tcp.missing(),
            };
            Found::Segment { snapped, segment }
        }
        _ => Found::Other(label(&read)),
    }
}

/// What a packet is that holds no whole UDP datagram.
fn label(read: &Packet<'_>) -> Label {
    Label::Name(match read.transport() {
        Transport::Udp(_) => "UDP cut by the snap length",
        Transport::Cut(_) => "headers cut by the snap length",
        Transport::Tcp(_) => "TCP",
        Transport::Icmp(_) => "ICMP",
        Transport::Icmpv6(_) => "ICMPv6",
        Transport::Fragment(_) if read.protocol() == Some(IpProtocol::UDP) => "IP fragments of UDP",
        Transport::Fragment(_) => "IP fragments",
        Transport::Other(_) => match read.protocol() {
            Some(protocol) => return Label::IpProtocol(protocol),
            None => "IP of unknown content",
        },
        Transport::NonIp => match read.ether_type() {
            Some(ether_type) => return Label::EtherType(ether_type),
            None => "frames that are not IP",
        },
    })
}

/// The word for a layer whose header is broken, by the library's name for it; `None` for what no message lies in.
fn word(what: &str) -> Option<&'static str> {
    Some(match what {
        "IP" | "IPv4" | "IPv6" => "ip",
        "UDP" => "udp",
        "VLAN" => "vlan",
        "Ethernet" => "ethernet",
        "SLL" => "sll",
        "SLL2" => "sll2",
        "loopback" => "null",
        _ => return None,
    })
}

/// Where in the frame the broken header begins.
#[cold]
fn start(link_type: LinkType, frame: &[u8], error: ParseError) -> usize {
    let behind_link = match Frame::parse(link_type, frame) {
        Ok(read) if matches!(error.what, "IP" | "IPv4" | "IPv6" | "UDP") => read.payload(),
        _ => return 0,
    };
    let front = match Ip::parse(behind_link) {
        Ok(ip) if error.what == "UDP" => ip.payload(),
        _ => behind_link,
    };
    front.as_ptr().addr().saturating_sub(frame.as_ptr().addr()).min(frame.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RAW: u32 = 101;

    /// RFC 791 and RFC 768: 192.0.2.1:1 to 192.0.2.2:2 with 4 bytes; `fragment` is flags and offset, 0 for a whole one.
    fn udp(fragment: u16) -> Vec<u8> {
        let ip = [0x45, 0, 0, 32, 0, 9, (fragment >> 8) as u8, fragment as u8, 64, 17, 0, 0];
        let addresses = [192, 0, 2, 1, 192, 0, 2, 2];
        [&ip[..], &addresses, &[0, 1, 0, 2, 0, 12, 0, 0, 0x80, 0x60, 3, 4]].concat()
    }

    /// What was found, as text.
    fn found(link_type: u32, data: &[u8], wire_len: usize) -> String {
        let packet = capture::Packet { frame: 5, time: None, link_type, wire_len, data };
        match read(&packet) {
            Found::Item(Item { what: What::Datagram(ends), bytes, snapped, .. }) => {
                format!("{} {} {bytes:?} {snapped}", ends.src, ends.dst)
            }
            Found::Item(Item { what: What::Broken { protocol, offset, error }, bytes, .. }) => {
                format!("{protocol} {offset} {} {}", error.kind.name(), bytes.len())
            }
            Found::Segment { segment, .. } => format!("TCP {:?}", segment.payload),
            Found::Item(Item { what: What::Streamed { .. }, .. }) => unreachable!(),
            Found::Other(label) => label.to_string(),
            Found::Front { bytes, label, .. } => format!("front {bytes:?}: {label}"),
        }
    }

    #[test]
    fn a_datagram_and_what_is_none() {
        let ethernet = |kind: u16, data: &[u8]| [&[0; 12][..], &kind.to_be_bytes(), data].concat();
        let whole = "192.0.2.1:1 192.0.2.2:2 [128, 96, 3, 4] false";
        let padded = [ethernet(0x0800, &udp(0)), vec![0; 14]].concat();
        let tcp = {
            let mut packet = udp(0);
            packet[9] = 6;
            packet.resize(40, 0);
            (packet[3], packet[32]) = (40, 0x50);
            packet
        };
        let other = |protocol| {
            let mut packet = udp(0);
            packet[9] = protocol;
            packet
        };
        for (link_type, data, expected) in [
            (RAW, udp(0), whole),
            (1, padded, whole),
            (1, ethernet(0x0806, &[0; 28]), "ARP"),
            (1, ethernet(0x1234, &[]), "EtherType 0x1234"),
            (1, ethernet(40, &[0; 40]), "frames that are not IP"),
            (RAW, tcp, "TCP []"),
            (RAW, other(132), "SCTP"),
            (RAW, other(41), "IP in IP"),
            (RAW, other(253), "IP protocol 253"),
            (189, udp(0), "link type 189 (not read)"),
            (65_536 + RAW, udp(0), "link type 65637 (not read)"),
        ] {
            assert_eq!(found(link_type, &data, data.len()), expected);
        }
    }

    #[test]
    fn fragments_and_cut_ones_are_not_datagrams() {
        let more = 0x2000;
        let front = "front [128, 96, 3, 4]: IP fragments of UDP";
        assert_eq!(found(RAW, &udp(more), 32), front);
        assert_eq!(found(RAW, &udp(more | 5), 32), "IP fragments of UDP");
        let cut = "front [128, 96]: UDP cut by the snap length";
        assert_eq!(found(RAW, &udp(0)[..30], 32), cut);
        assert_eq!(found(RAW, &udp(0)[..25], 32), "headers cut by the snap length");
        // The datagram is there, and only what follows it is cut.
        assert_eq!(found(RAW, &udp(0), 40), "192.0.2.1:1 192.0.2.2:2 [128, 96, 3, 4] true");
    }

    #[test]
    fn a_broken_header_has_its_place_in_the_frame() {
        let mut beyond = udp(0);
        beyond[25] = 13; // the UDP length: 12 are there
        assert_eq!(found(RAW, &beyond, 32), "udp 20 truncated 12");
        let frame = [&[0; 12][..], &[8, 0, 0x43], &udp(0)[1..]].concat();
        assert_eq!(found(1, &frame, frame.len()), "ip 14 length 32");
        assert_eq!(found(1, &frame[..9], 9), "ethernet 0 truncated 9");
    }
}
