//! A captured frame, walked down to what its transport carries: [`Packet`].

use core::fmt;
use core::net::{IpAddr, SocketAddr};

use super::icmp::icmp;
use super::ipv4::{self, ipv4};
use super::ipv6::ipv6;
use super::link::{frame, is_cut};
use super::tcp::tcp;
use super::udp::{self, udp};
use super::{
    ChecksumStatus, EtherType, Ethernet, Frame, Icmp, IcmpVersion, Ip, IpProtocol, Ipv4, Link,
    LinkType, PseudoHeader, Tcp, Udp, VlanTags, ethernet,
};
use crate::error::{Fail, ParseError, Step, placed};

/// A captured frame, all its headers read in place.
///
/// A frame that is not IP, or carries another transport, is a value too: see [`Transport`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    frame: Frame<'a>,
    ip: Option<Ip<'a>>,
    transport: Transport<'a>,
    padding: &'a [u8],
    cut: Option<ParseError>,
}

/// What an IP packet carries, or why that was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport<'a> {
    /// A UDP datagram.
    Udp(Udp<'a>),
    /// A TCP segment.
    Tcp(Tcp<'a>),
    /// An ICMP message.
    Icmp(Icmp<'a>),
    /// An ICMPv6 message.
    Icmpv6(Icmp<'a>),
    /// The payload of another [protocol](Packet::protocol).
    Other(&'a [u8]),
    /// The payload of a fragment: [`Ip::fragment`] says which part of the protocol's message it is.
    Fragment(&'a [u8]),
    /// The capture ends within a header that stands here: of the [protocol](Packet::protocol) where there is
    /// one, of IP, a VLAN tag or the link otherwise. Only from [`Packet::parse_captured`].
    Cut(&'a [u8]),
    /// No IP: what the frame carries is [`Frame::payload`].
    NonIp,
}

impl<'a> Packet<'a> {
    /// Reads a whole frame: its link header and VLAN tags, IP, the transport's header.
    ///
    /// In the error, [`what`](ParseError::what) is one of `Ethernet`, `VLAN`, `SLL`, `SLL2`, `loopback`, `IP`,
    /// `IPv4`, `IPv6`, `UDP`, `TCP`, `ICMP`, `ICMPv6`, and the offset counts from the front of `frame`. Layers
    /// in front of the broken one can still be read with [`Frame::parse`] and [`Ip::parse`].
    ///
    /// # Errors
    /// Those of the layers: see [`Frame::parse`], [`Ipv4::parse`](super::Ipv4::parse),
    /// [`Ipv6::parse`](super::Ipv6::parse), [`Udp::parse`], [`Tcp::parse`], [`Icmp::parse`].
    #[inline]
    pub fn parse(link_type: LinkType, frame: &'a [u8]) -> Result<Self, ParseError> {
        if link_type == LinkType::ETHERNET
            && let Some(packet) = usual(frame)
        {
            return Ok(packet);
        }
        // Taken apart, so that the compiler need not put together in memory what `usual` gives, and a caller may not want.
        let Packet { frame, ip, transport, padding, cut } = walk(link_type, frame, 0)?;
        Ok(Packet { frame, ip, transport, padding, cut })
    }

    /// Reads a frame of which the capture may hold only the front: `original_len` is its length on the wire.
    ///
    /// Where the bytes that a length asks for are among those that the capture left out, the packet is read as
    /// far as it goes: [`cut`](Self::cut) says what [`parse`](Self::parse) would have said, `missing` of each
    /// layer how much is not there. Lengths that are wrong by themselves, or ask for more than there was on the
    /// wire, are errors as ever.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), but for what only the capture's end is to blame for.
    #[inline]
    pub fn parse_captured(
        link_type: LinkType,
        frame: &'a [u8],
        original_len: usize,
    ) -> Result<Self, ParseError> {
        match original_len.saturating_sub(frame.len()) {
            0 => Self::parse(link_type, frame),
            beyond => cut_short(link_type, frame, beyond),
        }
    }

    /// Link header and VLAN tags, and all behind them.
    #[inline]
    pub fn frame(&self) -> Frame<'a> {
        self.frame
    }

    /// The link header.
    #[inline]
    pub fn link(&self) -> Link<'a> {
        self.frame.link()
    }

    /// The VLAN tags, outermost first.
    #[inline]
    pub fn vlan_tags(&self) -> VlanTags<'a> {
        self.frame.vlan_tags()
    }

    /// What the frame carries; `None` where the link does not say it as an EtherType.
    #[inline]
    pub fn ether_type(&self) -> Option<EtherType> {
        self.frame.ether_type()
    }

    /// The IP packet; `None` if there is none, or the capture ends within its header.
    #[inline]
    pub fn ip(&self) -> Option<Ip<'a>> {
        self.ip
    }

    /// What the IP packet carries.
    #[inline]
    pub fn transport(&self) -> Transport<'a> {
        self.transport
    }

    /// The UDP datagram, if it is one.
    #[inline]
    pub fn udp(&self) -> Option<Udp<'a>> {
        match self.transport {
            Transport::Udp(udp) => Some(udp),
            _ => None,
        }
    }

    /// The TCP segment, if it is one.
    #[inline]
    pub fn tcp(&self) -> Option<Tcp<'a>> {
        match self.transport {
            Transport::Tcp(tcp) => Some(tcp),
            _ => None,
        }
    }

    /// The protocol that the IP packet carries, after all extension headers.
    #[inline]
    pub fn protocol(&self) -> Option<IpProtocol> {
        self.ip.map(|ip| ip.protocol())
    }

    /// The sender's address.
    #[inline]
    pub fn source(&self) -> Option<IpAddr> {
        self.ip.map(|ip| ip.source())
    }

    /// The address that it goes to.
    #[inline]
    pub fn destination(&self) -> Option<IpAddr> {
        self.ip.map(|ip| ip.destination())
    }

    /// Source and destination port of a protocol that has them, also where only the first bytes of its header
    /// are there: in a first fragment, or where the capture ends.
    pub fn ports(&self) -> Option<(u16, u16)> {
        let front = match self.transport {
            Transport::Udp(udp) => return Some((udp.source_port(), udp.destination_port())),
            Transport::Tcp(tcp) => return Some((tcp.source_port(), tcp.destination_port())),
            Transport::Other(payload) | Transport::Cut(payload) => payload,
            Transport::Fragment(payload) => {
                self.ip?.fragment().filter(|fragment| fragment.is_first())?;
                payload
            }
            Transport::Icmp(_) | Transport::Icmpv6(_) | Transport::NonIp => return None,
        };
        self.protocol().filter(|protocol| protocol.has_ports())?;
        let &[a, b, c, d] = front.first_chunk()?;
        Some((u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])))
    }

    /// Address and port of the sender, then of the receiver.
    pub fn endpoints(&self) -> Option<(SocketAddr, SocketAddr)> {
        let ((source, destination), ip) = (self.ports()?, self.ip?);
        Some((SocketAddr::new(ip.source(), source), SocketAddr::new(ip.destination(), destination)))
    }

    /// What follows the IP packet in the frame: padding of a short Ethernet frame, a frame check sequence, nothing.
    #[inline]
    pub fn padding(&self) -> &'a [u8] {
        self.padding
    }

    /// What [`parse`](Self::parse) says of a frame that the capture cut short; `None` if all that the headers
    /// announce is there.
    #[inline]
    pub fn cut(&self) -> Option<ParseError> {
        self.cut
    }

    /// Whether the transport's checksum is right; `None` for what has none that is read here.
    pub fn verify_checksum(&self) -> Option<ChecksumStatus> {
        let addresses = self.ip.and_then(|ip| ip.pseudo_header());
        let verify = |verify: &dyn Fn(PseudoHeader) -> ChecksumStatus| {
            addresses.map_or(ChecksumStatus::Unknown, verify)
        };
        Some(match self.transport {
            Transport::Udp(udp) => verify(&|addresses| udp.verify_checksum(addresses)),
            Transport::Tcp(tcp) => verify(&|addresses| tcp.verify_checksum(addresses)),
            Transport::Icmp(icmp) => icmp.verify_checksum(IcmpVersion::V4),
            Transport::Icmpv6(icmp) => verify(&|addresses| match addresses {
                PseudoHeader::V6 { source, destination } => {
                    icmp.verify_checksum(IcmpVersion::V6 { source, destination })
                }
                PseudoHeader::V4 { .. } => ChecksumStatus::Unknown,
            }),
            Transport::Fragment(_) | Transport::Cut(_) => ChecksumStatus::Unknown,
            Transport::Other(_) | Transport::NonIp => return None,
        })
    }
}

/// Tells the place of a layer's failure in the frame.
#[inline]
fn layer<'a, T>(
    what: &'static str,
    whole: &'a [u8],
    step: Step<'a, T>,
) -> Result<(&'a [u8], T), ParseError> {
    step.map_err(|error: nom::Err<Fail<'a>>| placed(what, whole, error))
}

/// The walk where the capture lacks the frame's last `beyond` bytes.
#[cold]
fn cut_short(link_type: LinkType, bytes: &[u8], beyond: usize) -> Result<Packet<'_>, ParseError> {
    let packet = walk(link_type, bytes, beyond)?;
    Ok(Packet { cut: Packet::parse(link_type, bytes).err(), ..packet })
}

/// What nearly all media comes in: Ethernet without tags, IPv4 without options and no fragment, UDP, all of it there.
/// It is the same as what [`walk`] gives, by as few comparisons as it takes; `None` is for that to look into.
#[inline(always)]
fn usual(bytes: &[u8]) -> Option<Packet<'_>> {
    // One comparison for all three headers.
    bytes.first_chunk::<{ ethernet::HEADER_LEN + ipv4::HEADER_LEN + udp::HEADER_LEN }>()?;
    let (header, payload) = bytes.split_first_chunk()?;
    let link = Ethernet::new(header, payload);
    if link.type_or_length() != EtherType::IPV4.0 {
        return None;
    }
    let (header, rest) = payload.split_first_chunk()?;
    let (ip, padding) = Ipv4::plain(header, IpProtocol::UDP, rest)?;
    let udp = Udp::whole(ip.payload())?;
    Some(Packet {
        frame: Frame::untagged(Link::Ethernet(link), EtherType::IPV4, payload),
        ip: Some(Ip::V4(ip)),
        transport: Transport::Udp(udp),
        padding,
        cut: None,
    })
}

/// The walk; the frame's last `beyond` bytes may be missing.
#[inline(never)]
fn walk(link_type: LinkType, bytes: &[u8], beyond: usize) -> Result<Packet<'_>, ParseError> {
    let frame = frame(link_type, bytes, beyond)?;
    let payload = frame.payload();
    let without_ip = |transport| Ok(Packet { frame, ip: None, transport, padding: &[], cut: None });
    let read = match frame.ether_type() {
        Some(EtherType::IPV4) => {
            layer("IPv4", bytes, ipv4(payload, beyond)).map(|(rest, ip)| (rest, Ip::V4(ip), false))
        }
        Some(EtherType::IPV6) => layer("IPv6", bytes, ipv6(payload, beyond))
            .map(|(rest, ip)| (rest, Ip::V6(ip), ip.is_jumbogram())),
        _ if matches!(frame.link(), Link::Cut(_)) => return without_ip(Transport::Cut(payload)),
        // The walk over the tags ended within one.
        Some(tag) if tag.is_vlan() => return without_ip(Transport::Cut(payload)),
        _ => return without_ip(Transport::NonIp),
    };
    let (padding, ip, is_jumbogram) = match read {
        Ok(read) => read,
        Err(error) if is_cut(error, beyond) => return without_ip(Transport::Cut(payload)),
        Err(error) => return Err(error),
    };
    let transport = match transport(bytes, ip, is_jumbogram) {
        Ok(transport) => transport,
        Err(error) if is_cut(error, ip.missing()) => Transport::Cut(ip.payload()),
        Err(error) => return Err(error),
    };
    Ok(Packet { frame, ip: Some(ip), transport, padding, cut: None })
}

/// What the IP packet carries.
#[inline(always)]
fn transport<'a>(
    bytes: &'a [u8],
    ip: Ip<'a>,
    is_jumbogram: bool,
) -> Result<Transport<'a>, ParseError> {
    let (payload, missing, protocol) = (ip.payload(), ip.missing(), ip.protocol());
    if ip.fragment().is_some() {
        return Ok(Transport::Fragment(payload));
    }
    match protocol {
        IpProtocol::UDP => layer("UDP", bytes, udp(payload, missing, is_jumbogram))
            .map(|(_, udp)| Transport::Udp(udp)),
        IpProtocol::TCP => {
            layer("TCP", bytes, tcp(payload, missing)).map(|(_, tcp)| Transport::Tcp(tcp))
        }
        IpProtocol::ICMP if matches!(ip, Ip::V4(_)) => {
            layer("ICMP", bytes, icmp(payload, missing)).map(|(_, icmp)| Transport::Icmp(icmp))
        }
        IpProtocol::ICMPV6 if matches!(ip, Ip::V6(_)) => {
            layer("ICMPv6", bytes, icmp(payload, missing)).map(|(_, icmp)| Transport::Icmpv6(icmp))
        }
        // The walk over the extension headers ended within one.
        _ if missing > 0 && matches!(ip, Ip::V6(_)) && protocol.is_extension_header() => {
            Ok(Transport::Cut(payload))
        }
        _ => Ok(Transport::Other(payload)),
    }
}

/// One line: `10.77.0.1:6000 -> 10.77.0.2:6000 UDP 16`, or as much of it as there is.
impl fmt::Display for Packet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(ip) = self.ip else { return self.link().fmt(f) };
        match self.endpoints() {
            Some((source, destination)) => write!(f, "{source} -> {destination}")?,
            None => write!(f, "{} -> {}", ip.source(), ip.destination())?,
        }
        write!(f, " {}", ip.protocol())?;
        match self.transport {
            Transport::Udp(udp) => write!(f, " {}", udp.payload_len()),
            Transport::Tcp(tcp) => write!(f, " {} {}", tcp.flags(), tcp.payload().len()),
            Transport::Icmp(icmp) | Transport::Icmpv6(icmp) => {
                write!(f, " type={} code={}", icmp.message_type(), icmp.code())
            }
            Transport::Other(payload) => write!(f, " {}", payload.len()),
            Transport::Fragment(_) => {
                ip.fragment().map_or(Ok(()), |fragment| write!(f, " {fragment}"))
            }
            Transport::Cut(_) => f.write_str(" cut short"),
            Transport::NonIp => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::format;
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;
    use crate::error::ErrorKind;
    use crate::net::{DatagramBuilder, EthernetBuilder, Fragment, MacAddress, VlanBuilder};
    use crate::{BuildError, Encode};

    /// fmt-vlan.pcap, frame 228: Ethernet, 802.1Q, IPv4, UDP, STUN. The checksums are right.
    const VLAN: [u8; 66] = [
        0x42, 0x8f, 0xfb, 0x92, 0x53, 0xf3, 0xaa, 0xd2, 0x3b, 0x1f, 0x92, 0xdc, // Ethernet
        0x81, 0x00, 0x60, 0x64, 0x08, 0x00, // VLAN 100, IPv4
        0x45, 0x00, 0x00, 0x30, 0x2f, 0x91, 0x40, 0x00, 0x3f, 0x11, 0xf4, 0x90, // IPv4
        0x0a, 0x4d, 0x01, 0x01, 0x0a, 0x4d, 0x02, 0x01, // 10.77.1.1, 10.77.2.1
        0xd2, 0x6c, 0x0d, 0x96, 0x00, 0x1c, 0xba, 0x97, // UDP
        0x00, 0x01, 0x00, 0x00, 0x21, 0x12, 0xa4, 0x42, 0x91, 0x75, // STUN
        0x1e, 0x94, 0x40, 0x9f, 0xec, 0xc7, 0x2c, 0xab, 0x7e, 0x0e,
    ];
    /// fmt-sll.pcap, frame 235, the cooked header: the same packet.
    const SLL: [u8; 16] = [
        0x00, 0x00, 0x00, 0x01, 0x00, 0x06, 0xaa, 0xd2, 0x3b, 0x1f, 0x92, 0xdc, 0x00, 0x00, 0x08,
        0x00,
    ];
    /// fmt-sll2.pcap, frame 235, the cooked header: the same packet.
    const SLL2: [u8; 20] = [
        0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x01, 0x00, 0x06, 0xaa, 0xd2, 0x3b,
        0x1f, 0x92, 0xdc, 0x00, 0x00,
    ];
    /// coturn-turn-tcp.pcap, frame 1: a SYN.
    const SYN: [u8; 74] = [
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x08, 0x00, 0x45,
        0x20, 0x00, 0x3c, 0xb1, 0xae, 0x40, 0x00, 0x2f, 0x06, 0x85, 0x48, 0x0a, 0x4d, 0x00, 0x0b,
        0x0a, 0x4d, 0x00, 0x01, 0x96, 0xc1, 0x0d, 0x96, 0x4c, 0x91, 0x3d, 0xca, 0x00, 0x00, 0x00,
        0x00, 0xa0, 0x02, 0xff, 0xd7, 0x14, 0xd4, 0x00, 0x00, 0x02, 0x04, 0xff, 0xd7, 0x04, 0x02,
        0x08, 0x0a, 0xd9, 0xef, 0x7e, 0xe9, 0x00, 0x00, 0x00, 0x00, 0x01, 0x03, 0x03, 0x01,
    ];
    /// gst-rawvideo-ip-fragments.pcap, frame 3: hop-by-hop options, ICMPv6. Linux computed the checksum.
    const MLD: [u8; 130] = [
        0x33, 0x33, 0x00, 0x00, 0x00, 0x16, 0xc6, 0x00, 0xcf, 0x19, 0x01, 0xfd, 0x86, 0xdd, 0x60,
        0x00, 0x00, 0x00, 0x00, 0x4c, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x16, 0x3a, 0x00, 0x05, 0x02, 0x00, 0x00,
        0x01, 0x00, 0x8f, 0x00, 0x69, 0x53, 0x00, 0x00, 0x00, 0x03, 0x04, 0x00, 0x00, 0x00, 0xff,
        0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0xff, 0x00, 0x00, 0x00,
        0x04, 0x00, 0x00, 0x00, 0xff, 0x05, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x02, 0x04, 0x00, 0x00, 0x00, 0xff, 0x02, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02,
    ];
    /// fmt-snaplen90.pcap, frame 5: 90 bytes of 1442.
    const SNAPPED: [u8; 90] = [
        0x42, 0x8f, 0xfb, 0x92, 0x53, 0xf3, 0xaa, 0xd2, 0x3b, 0x1f, 0x92, 0xdc, 0x08, 0x00, 0x45,
        0x00, 0x05, 0x94, 0x2d, 0x2f, 0x40, 0x00, 0x3f, 0x11, 0xf1, 0x8e, 0x0a, 0x4d, 0x01, 0x01,
        0x0a, 0x4d, 0x02, 0x01, 0xa4, 0x89, 0x13, 0x88, 0x05, 0x80, 0x1d, 0x2d, 0x80, 0x60, 0x53,
        0xef, 0x1e, 0xe9, 0x8e, 0x20, 0xb0, 0x25, 0x82, 0x33, 0x10, 0x70, 0x36, 0x00, 0x9d, 0x01,
        0x2a, 0xa0, 0x00, 0x78, 0x00, 0x00, 0x47, 0x08, 0x85, 0x85, 0x88, 0x99, 0x84, 0x88, 0x02,
        0x02, 0xce, 0x0b, 0xe9, 0x97, 0xa6, 0xbf, 0x8d, 0xfe, 0x24, 0x7f, 0x25, 0xff, 0xff, 0xd8,
    ];
    const ETHERNET: LinkType = LinkType::ETHERNET;

    fn read(frame: &[u8]) -> Packet<'_> {
        Packet::parse(ETHERNET, frame).unwrap()
    }

    /// A frame of `VLAN`'s with another byte at some places.
    fn changed<const N: usize>(frame: [u8; N], bytes: &[(usize, u8)]) -> [u8; N] {
        let mut frame = frame;
        bytes.iter().for_each(|(place, byte)| frame[*place] = *byte);
        frame
    }

    #[test]
    fn a_frame_cut_within_an_extension_header_has_no_transport() {
        // The hop-by-hop header of the MLD report begins at byte 54 and has 8 bytes.
        let packet = Packet::parse_captured(ETHERNET, &MLD[..58], MLD.len()).unwrap();
        assert_eq!(packet.transport(), Transport::Cut(&MLD[54..58]));
        let packet = Packet::parse_captured(ETHERNET, &MLD[..62], MLD.len()).unwrap();
        assert_eq!(packet.transport(), Transport::Cut(&[])); // of ICMPv6
        assert_eq!((packet.ip().unwrap().protocol(), packet.ports()), (IpProtocol::ICMPV6, None));
    }

    #[test]
    fn reads_a_tagged_frame_down_to_its_message() {
        let packet = read(&VLAN);
        assert_eq!(packet.vlan_tags().map(|tag| tag.control.id()).collect::<Vec<_>>(), [100]);
        assert_eq!(packet.ether_type(), Some(EtherType::IPV4));
        assert_eq!(packet.protocol(), Some(IpProtocol::UDP));
        assert_eq!(packet.source().unwrap().to_string(), "10.77.1.1");
        assert_eq!(packet.destination().unwrap().to_string(), "10.77.2.1");
        assert_eq!(packet.ports(), Some((53868, 3478)));
        assert_eq!(packet.udp().unwrap().payload(), &VLAN[46..]);
        assert_eq!(packet.verify_checksum(), Some(ChecksumStatus::Valid));
        assert_eq!((packet.padding(), packet.cut()), (&[][..], None));
        assert_eq!(packet.to_string(), "10.77.1.1:53868 -> 10.77.2.1:3478 UDP 20");
    }

    #[test]
    fn the_same_packet_on_every_link() {
        let ip = &VLAN[18..];
        let null = [2, 0, 0, 0];
        for (link_type, header) in [
            (LinkType::LINUX_SLL, &SLL[..]),
            (LinkType::LINUX_SLL2, &SLL2[..]),
            (LinkType::NULL, &null[..]),
            (LinkType::LOOP, &[0, 0, 0, 2]),
            (LinkType::RAW, &[]),
            (LinkType::RAW_12, &[]),
            (LinkType::RAW_14, &[]),
            (LinkType::IPV4, &[]),
        ] {
            let bytes = [header, ip].concat();
            let packet = Packet::parse(link_type, &bytes).unwrap();
            assert_eq!(packet.udp().unwrap().payload(), &ip[28..]);
            assert!(packet.vlan_tags().is_empty());
        }
    }

    #[test]
    fn two_tags_are_read_too() {
        let bytes = [&VLAN[..12], &[0x88, 0xa8, 0x00, 0x07], &VLAN[12..]].concat();
        let packet = read(&bytes);
        assert_eq!(packet.vlan_tags().map(|tag| tag.control.id()).collect::<Vec<_>>(), [7, 100]);
        assert_eq!(packet.ports(), Some((53868, 3478)));
    }

    #[test]
    fn reads_tcp_and_icmp() {
        let packet = read(&SYN);
        assert_eq!(packet.tcp().unwrap().options().count(), 5);
        assert_eq!(packet.to_string(), "10.77.0.11:38593 -> 10.77.0.1:3478 TCP SYN 0");
        assert!(matches!(packet.verify_checksum(), Some(ChecksumStatus::Invalid { .. })));
        let packet = read(&MLD);
        assert_eq!(packet.protocol(), Some(IpProtocol::ICMPV6));
        assert_eq!(packet.verify_checksum(), Some(ChecksumStatus::Valid));
        assert_eq!(packet.to_string(), ":: -> ff02::16 ICMPv6 type=143 code=0");
        assert_eq!(packet.ports(), None);
    }

    #[test]
    fn what_is_not_ip_is_a_value() {
        // fmt-multi.pcapng, frame 27: ARP.
        let arp = [
            0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x82, 0x6e, 0xb7, 0x12, 0x8f, 0xd6, 0x08, 0x06,
            0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x01, 0x82, 0x6e, 0xb7, 0x12, 0x8f, 0xd6,
            0x0a, 0x4d, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x0a, 0x4d, 0x01, 0xfe,
        ];
        let packet = read(&arp);
        assert_eq!((packet.ether_type(), packet.ip()), (Some(EtherType::ARP), None));
        assert_eq!((packet.transport(), packet.ports()), (Transport::NonIp, None));
        assert_eq!(packet.frame().payload(), &arp[14..]);
        // An 802.3 frame whose length is that of an EtherType below 1536, though IP stands behind it.
        let bytes = changed(VLAN, &[(16, 0x05), (17, 0xdc)]);
        assert_eq!(read(&bytes).transport(), Transport::NonIp);
        let packet = Packet::parse(LinkType(9999), &arp).unwrap();
        assert_eq!((packet.transport(), packet.ether_type()), (Transport::NonIp, None));
    }

    #[test]
    fn another_protocol_is_a_value() {
        let bytes = changed(VLAN, &[(27, 132)]);
        let packet = read(&bytes);
        assert_eq!(packet.transport(), Transport::Other(&VLAN[38..]));
        assert_eq!(packet.ports(), Some((53868, 3478)), "SCTP begins with ports too");
        let bytes = changed(VLAN, &[(27, 47)]);
        assert_eq!(read(&bytes).ports(), None);
        let bytes = changed(VLAN, &[(27, 58)]);
        assert_eq!(read(&bytes).transport(), Transport::Other(&VLAN[38..]), "ICMPv6 over IPv4");
    }

    #[test]
    fn a_fragment_is_not_decoded() {
        let bytes = changed(VLAN, &[(24, 0x20)]);
        let packet = read(&bytes);
        assert_eq!(packet.transport(), Transport::Fragment(&VLAN[38..]));
        assert_eq!(packet.ports(), Some((53868, 3478)), "the first one has them");
        assert_eq!(packet.verify_checksum(), Some(ChecksumStatus::Unknown));
        let bytes = changed(VLAN, &[(24, 0x00), (25, 0x01)]);
        let packet = read(&bytes);
        let fragment = Fragment { identification: 0x2f91, offset: 1, more: false };
        assert_eq!(packet.ip().unwrap().fragment(), Some(fragment));
        assert_eq!((packet.transport(), packet.ports()), (Transport::Fragment(&VLAN[38..]), None));
        assert_eq!(
            packet.to_string(),
            "10.77.1.1 -> 10.77.2.1 UDP fragment id=0x2f91 offset=8 last"
        );
    }

    #[test]
    fn ethernet_padding_is_no_payload() {
        let bytes = [&VLAN[..], &[0xee; 5]].concat();
        let packet = read(&bytes);
        assert_eq!(packet.udp().unwrap().payload(), &VLAN[46..]);
        assert!(packet.udp().unwrap().trailing().is_empty());
        assert_eq!(packet.padding(), [0xee; 5]);
    }

    #[test]
    fn errors_count_from_the_front_of_the_frame() {
        let refused = |bytes: &[u8]| {
            let error = Packet::parse(ETHERNET, bytes).unwrap_err();
            (error.what, error.field, error.offset, error.kind)
        };
        let kind = ErrorKind::Length { found: 7, have: 8 };
        assert_eq!(refused(&changed(VLAN, &[(43, 7)])), ("UDP", "length", 42, kind));
        let kind = ErrorKind::Length { found: 0, have: 8 };
        assert_eq!(refused(&changed(VLAN, &[(43, 0)])), ("UDP", "length", 42, kind));
        let kind = ErrorKind::Truncated { need: 21, have: 20 };
        assert_eq!(refused(&changed(VLAN, &[(43, 29)])), ("UDP", "payload", 46, kind));
        let kind = ErrorKind::Truncated { need: 29, have: 28 };
        assert_eq!(refused(&changed(VLAN, &[(21, 49)])), ("IPv4", "payload", 38, kind));
        let kind = ErrorKind::Length { found: 16, have: 20 };
        assert_eq!(refused(&changed(VLAN, &[(18, 0x44)])), ("IPv4", "header length", 18, kind));
        let kind = ErrorKind::Version { found: 6 };
        assert_eq!(refused(&changed(VLAN, &[(18, 0x65)])), ("IPv4", "version", 18, kind));
        let kind = ErrorKind::Length { found: 16, have: 20 };
        assert_eq!(refused(&changed(SYN, &[(46, 0x40)])), ("TCP", "data offset", 46, kind));
        let kind = ErrorKind::Truncated { need: 40, have: 20 };
        assert_eq!(refused(&changed(SYN, &[(46, 0xf0)])), ("TCP", "options", 54, kind));
        let kind = ErrorKind::Length { found: 80, have: 76 };
        assert_eq!(refused(&changed(MLD, &[(55, 9)])), ("IPv6", "extension header", 54, kind));
    }

    #[test]
    fn a_frame_that_the_capture_cut_short_is_read_as_far_as_it_goes() {
        let error = Packet::parse(ETHERNET, &SNAPPED).unwrap_err();
        let kind = ErrorKind::Truncated { need: 1408, have: 56 };
        assert_eq!(error, ParseError { what: "IPv4", field: "payload", offset: 34, kind });
        let packet = Packet::parse_captured(ETHERNET, &SNAPPED, 1442).unwrap();
        assert_eq!(packet.cut(), Some(error));
        let udp = packet.udp().unwrap();
        // As tshark has it: udp.length 1408.
        assert_eq!((udp.payload().len(), udp.missing(), udp.payload_len()), (48, 1352, 1400));
        assert_eq!(packet.ip().unwrap().missing(), 1352);
        assert_eq!(packet.verify_checksum(), Some(ChecksumStatus::Unknown));
        assert_eq!(packet.to_string(), "10.77.1.1:42121 -> 10.77.2.1:5000 UDP 1400");
        // One byte less on the wire, and it is no longer the capture's fault alone.
        assert_eq!(Packet::parse_captured(ETHERNET, &SNAPPED, 1441), Err(error));
        // A UDP length beyond the IP packet is wrong whatever the capture holds.
        let bytes = changed(SNAPPED, &[(39, 0x81)]);
        let error = Packet::parse_captured(ETHERNET, &bytes, 1442).unwrap_err();
        assert_eq!((error.what, error.field, error.offset), ("UDP", "payload", 42));
    }

    #[test]
    fn addresses_and_ports_are_there_as_soon_as_their_bytes_are() {
        let cut = |have| Packet::parse_captured(ETHERNET, &SNAPPED[..have], 1442).unwrap();
        assert_eq!(cut(13).link(), Link::Cut(ETHERNET));
        assert_eq!((cut(33).ip(), cut(33).transport()), (None, Transport::Cut(&SNAPPED[14..33])));
        assert_eq!(cut(34).source().unwrap().to_string(), "10.77.1.1");
        assert_eq!((cut(37).ports(), cut(38).ports()), (None, Some((42121, 5000))));
        assert_eq!(cut(41).transport(), Transport::Cut(&SNAPPED[34..41]));
        assert_eq!(cut(42).udp().unwrap().payload_len(), 1400);
        assert_eq!(cut(37).to_string(), "10.77.1.1 -> 10.77.2.1 UDP cut short");
    }

    #[test]
    fn every_prefix_of_a_frame_is_read_as_one_that_was_cut_short() {
        let sll = [&SLL[..], &VLAN[18..]].concat();
        let sll2 = [&SLL2[..], &VLAN[18..]].concat();
        let raw = LinkType::RAW;
        for (link_type, frame) in [
            (ETHERNET, &VLAN[..]),
            (ETHERNET, &SYN),
            (ETHERNET, &MLD),
            (raw, &MLD[14..]),
            (LinkType::LINUX_SLL, &sll),
            (LinkType::LINUX_SLL2, &sll2),
        ] {
            for have in 0..=frame.len() {
                let front = &frame[..have];
                let packet = Packet::parse_captured(link_type, front, frame.len()).unwrap();
                assert_eq!(packet.cut(), Packet::parse(link_type, front).err());
                assert_eq!(packet.cut().is_some(), have < frame.len());
            }
        }
    }

    #[test]
    fn an_offloaded_packet_may_be_cut_short_too() {
        // Total length 0: all of the frame is payload, as much as there was on the wire.
        let bytes = changed(SYN, &[(16, 0), (17, 0)]);
        let packet = Packet::parse_captured(ETHERNET, &bytes[..60], 2000).unwrap();
        let tcp = packet.tcp().unwrap();
        assert_eq!((tcp.options_bytes().len(), tcp.missing()), (6, 1940));
        assert_eq!(packet.cut().unwrap().field, "options");
        let packet = Packet::parse_captured(ETHERNET, &bytes, 2000).unwrap();
        assert_eq!((packet.tcp().unwrap().missing(), packet.cut()), (1926, None));
    }

    #[test]
    fn builders_go_into_each_other() {
        let view = read(&VLAN);
        let (source, destination) = view.endpoints().unwrap();
        let mac = |bytes: &[u8]| MacAddress(bytes.try_into().unwrap());
        let datagram = DatagramBuilder {
            hop_limit: 63,
            identification: 0x2f91,
            ..DatagramBuilder::new(source, destination, &VLAN[46..])
        };
        let frame = EthernetBuilder {
            destination: mac(&VLAN[..6]),
            source: mac(&VLAN[6..12]),
            ether_type: EtherType::VLAN,
            payload: VlanBuilder {
                priority: 3,
                drop_eligible: false,
                id: 100,
                type_or_length: 0x800,
                payload: datagram,
            },
        };
        let mut out = [0xff; 66];
        assert_eq!(frame.write(&mut out), Ok(66));
        assert_eq!(out, VLAN);
        let error = BuildError::BufferTooSmall { need: 66, have: 65 };
        assert_eq!(frame.write(&mut out[..65]), Err(error));
    }

    /// Frames that are near to good ones: bytes of a real one changed, and an end cut off or added.
    fn frames() -> impl Strategy<Value = (LinkType, Vec<u8>)> {
        let real = prop_oneof![
            Just((ETHERNET, VLAN.to_vec())),
            Just((ETHERNET, SYN.to_vec())),
            Just((ETHERNET, MLD.to_vec())),
            Just((LinkType::LINUX_SLL, [&SLL[..], &VLAN[18..]].concat())),
            Just((LinkType::LINUX_SLL2, [&SLL2[..], &MLD[14..]].concat())),
            Just((LinkType::RAW, MLD[14..].to_vec())),
            Just((LinkType::NULL, [&[2, 0, 0, 0], &VLAN[18..]].concat())),
        ];
        let changes = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
        (real, changes, 0usize..140).prop_map(|((link_type, mut bytes), changes, len)| {
            for (place, byte) in changes {
                let place = place.index(bytes.len());
                bytes[place] = byte;
            }
            bytes.resize(len, 0);
            (link_type, bytes)
        })
    }

    fn look_at_everything(packet: Packet<'_>) {
        crate::testing::shows(&packet);
        let _ = format!("{:?}", packet.verify_checksum());
        let _ = format!("{:?} {:?}", packet.endpoints(), packet.link().to_string());
        if let Some(ip) = packet.ip() {
            let _ = format!("{ip} {:?} {:?}", ip.fragment(), ip.pseudo_header());
        }
    }

    #[test]
    fn the_usual_frame_is_read_as_the_walk_reads_it() {
        // VLAN's without its tag, and with something behind it.
        let mut frame: Vec<u8> = [&VLAN[..12], &VLAN[16..], &[1, 2, 3]].concat();
        let packet = usual(&frame).unwrap();
        assert_eq!(walk(ETHERNET, &frame, 0), Ok(packet));
        assert_eq!((packet.padding(), packet.udp().unwrap().payload().len()), (&[1, 2, 3][..], 20));
        // Whatever one byte of its headers is.
        for place in 0..42 {
            let right = frame[place];
            for byte in 0..=u8::MAX {
                frame[place] = byte;
                if let Some(packet) = usual(&frame) {
                    assert_eq!(walk(ETHERNET, &frame, 0), Ok(packet), "{byte} at {place}");
                }
            }
            frame[place] = right;
        }
        // However much of it is there.
        for len in 0..62 {
            assert_eq!(usual(&frame[..len]), None);
        }
        assert!(usual(&frame[..62]).is_some());
    }

    proptest! {
        #[test]
        fn frames_that_are_nearly_good_never_panic((link_type, bytes) in frames(), beyond in 0usize..200) {
            if let Ok(packet) = Packet::parse(link_type, &bytes) {
                look_at_everything(packet);
                prop_assert_eq!(Packet::parse_captured(link_type, &bytes, bytes.len()), Ok(packet));
            }
            let strict = Packet::parse(link_type, &bytes);
            prop_assert_eq!(strict, walk(link_type, &bytes, 0));
            if let Ok(packet) = Packet::parse_captured(link_type, &bytes, bytes.len() + beyond) {
                look_at_everything(packet);
                prop_assert_eq!(packet.cut(), strict.err());
                if matches!(packet.transport(), Transport::Cut(_)) {
                    prop_assert!(packet.cut().is_some());
                }
            } else {
                prop_assert!(strict.is_err());
            }
        }

        #[test]
        fn random_bytes_never_panic(
            link_type in prop::sample::select(std::vec![0u16, 1, 12, 101, 108, 113, 228, 229, 276, 77]),
            bytes in proptest::collection::vec(any::<u8>(), 0..160),
            original_len in any::<u16>(),
        ) {
            if let Ok(packet) = Packet::parse_captured(LinkType(link_type), &bytes, original_len.into()) {
                look_at_everything(packet);
            }
        }
    }
}
