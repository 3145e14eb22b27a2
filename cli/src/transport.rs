//! From a packet of the capture to the UDP datagram in it, or to what it is instead.

use mediawire::ParseError;
use mediawire::net::{EtherType, Frame, Ip, IpProtocol, LinkType, Packet, Transport};

use crate::capture;
use crate::flows::Ends;
use crate::hold::{Item, What};
use crate::summary::Label;

/// The bytes of a UDP header.
const UDP_HEADER: usize = 8;

/// What is in a packet of the capture.
pub(crate) enum Found<'a> {
    /// Something that may be shown.
    Item(Item<'a>),
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
            Some(protocol) => {
                return protocol.name().map_or(Label::IpProtocol(protocol.0), Label::Name);
            }
            None => "IP of unknown content",
        },
        Transport::NonIp => match read.ether_type() {
            Some(EtherType(number)) => {
                return EtherType(number).name().map_or(Label::EtherType(number), Label::Name);
            }
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
