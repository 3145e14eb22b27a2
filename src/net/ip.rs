//! What IPv4 and IPv6 have in common: [`Ip`], either of them; [`IpProtocol`], what they carry; [`Fragment`].

use core::fmt;
use core::net::IpAddr;

use super::{Ipv4, Ipv6, PseudoHeader};
use crate::error::{ErrorKind, ParseError};
use crate::registry::registry;

registry! {
    /// What an IPv4 or IPv6 packet carries (IANA, Assigned Internet Protocol Numbers).
    IpProtocol(u8) {
        /// IPv6 hop-by-hop options.
        HOP_BY_HOP = 0, "hop-by-hop options";
        /// Internet Control Message Protocol, version 4.
        ICMP = 1, "ICMP";
        /// Internet Group Management Protocol.
        IGMP = 2, "IGMP";
        /// IPv4 in IP.
        IPV4 = 4, "IPv4";
        /// Transmission Control Protocol.
        TCP = 6, "TCP";
        /// User Datagram Protocol.
        UDP = 17, "UDP";
        /// Datagram Congestion Control Protocol.
        DCCP = 33, "DCCP";
        /// IPv6 in IP.
        IPV6 = 41, "IPv6";
        /// IPv6 routing header.
        ROUTING = 43, "routing";
        /// IPv6 fragment header.
        FRAGMENT = 44, "fragment";
        /// Generic Routing Encapsulation.
        GRE = 47, "GRE";
        /// Encapsulating Security Payload.
        ESP = 50, "ESP";
        /// Authentication Header.
        AH = 51, "AH";
        /// Internet Control Message Protocol, version 6.
        ICMPV6 = 58, "ICMPv6";
        /// Nothing follows.
        NO_NEXT_HEADER = 59, "no next header";
        /// IPv6 destination options.
        DESTINATION_OPTIONS = 60, "destination options";
        /// Open Shortest Path First.
        OSPF = 89, "OSPF";
        /// Protocol Independent Multicast.
        PIM = 103, "PIM";
        /// Stream Control Transmission Protocol.
        SCTP = 132, "SCTP";
        /// IPv6 mobility header.
        MOBILITY = 135, "mobility";
        /// Lightweight UDP.
        UDP_LITE = 136, "UDP-Lite";
        /// Host Identity Protocol.
        HIP = 139, "HIP";
        /// Shim6.
        SHIM6 = 140, "Shim6";
    }
}

impl IpProtocol {
    /// An IPv6 extension header, of a length that is known (IANA, IPv6 Extension Header Types). ESP is none of
    /// them: what lies behind its first 8 bytes is ciphertext.
    #[inline]
    pub const fn is_extension_header(self) -> bool {
        matches!(
            self,
            Self::HOP_BY_HOP
                | Self::ROUTING
                | Self::FRAGMENT
                | Self::AH
                | Self::DESTINATION_OPTIONS
                | Self::MOBILITY
                | Self::HIP
                | Self::SHIM6
        )
    }

    /// Its header begins with source and destination port, 2 bytes each.
    #[inline]
    pub const fn has_ports(self) -> bool {
        matches!(self, Self::UDP | Self::TCP | Self::SCTP | Self::DCCP | Self::UDP_LITE)
    }
}

/// Where a fragment belongs in its packet (RFC 791 section 3.1, RFC 8200 section 4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fragment {
    /// Of which packet: 16 bits in IPv4, 32 in IPv6.
    pub identification: u32,
    /// Its place in the packet's payload, in units of 8 bytes; 13 bits.
    pub offset: u16,
    /// It is not the last one.
    pub more: bool,
}

impl Fragment {
    /// Its place in the packet's payload, in bytes: 0 to 65528.
    #[inline]
    pub const fn offset_bytes(self) -> u16 {
        self.offset << 3
    }

    /// It is the one with the transport's header.
    #[inline]
    pub const fn is_first(self) -> bool {
        self.offset == 0
    }
}

impl fmt::Display for Fragment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fragment id={:#x} offset={}", self.identification, self.offset_bytes())?;
        if self.more { f.write_str(" more") } else { f.write_str(" last") }
    }
}

/// An IP packet of either version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ip<'a> {
    /// Version 4.
    V4(Ipv4<'a>),
    /// Version 6.
    V6(Ipv6<'a>),
}

impl<'a> Ip<'a> {
    /// Reads the packet at the front of `bytes`, of the version that its first four bits say.
    ///
    /// # Errors
    /// No byte at all, a version other than 4 and 6, and those of [`Ipv4::parse`] and [`Ipv6::parse`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        match version(bytes)? {
            Version::V4 => Ipv4::parse(bytes).map(Self::V4),
            Version::V6 => Ipv6::parse(bytes).map(Self::V6),
        }
    }

    /// The sender.
    #[inline]
    pub fn source(&self) -> IpAddr {
        match self {
            Self::V4(ip) => ip.source().into(),
            Self::V6(ip) => ip.source().into(),
        }
    }

    /// Where it goes to.
    #[inline]
    pub fn destination(&self) -> IpAddr {
        match self {
            Self::V4(ip) => ip.destination().into(),
            Self::V6(ip) => ip.destination().into(),
        }
    }

    /// What [`payload`](Self::payload) is: in IPv6 after the extension headers.
    #[inline]
    pub fn protocol(&self) -> IpProtocol {
        match self {
            Self::V4(ip) => ip.protocol(),
            Self::V6(ip) => ip.protocol(),
        }
    }

    /// Hops that are left: time to live, hop limit.
    #[inline]
    pub fn hop_limit(&self) -> u8 {
        match self {
            Self::V4(ip) => ip.ttl(),
            Self::V6(ip) => ip.hop_limit(),
        }
    }

    /// Where it belongs, if it is a part of a packet.
    #[inline]
    pub fn fragment(&self) -> Option<Fragment> {
        match self {
            Self::V4(ip) => ip.fragment(),
            Self::V6(ip) => ip.fragment(),
        }
    }

    /// What the packet carries.
    #[inline]
    pub fn payload(&self) -> &'a [u8] {
        match self {
            Self::V4(ip) => ip.payload(),
            Self::V6(ip) => ip.payload(),
        }
    }

    /// Bytes at the packet's end that the capture lacks; 0 unless it comes from
    /// [`Packet::parse_captured`](super::Packet::parse_captured).
    #[inline]
    pub fn missing(&self) -> usize {
        match self {
            Self::V4(ip) => ip.missing(),
            Self::V6(ip) => ip.missing(),
        }
    }

    /// Its addresses, for the checksum of what it carries. `None` if the packet is on its way to another
    /// destination first, by a source route or a routing header.
    #[inline]
    pub fn pseudo_header(&self) -> Option<PseudoHeader> {
        match self {
            Self::V4(ip) => ip.pseudo_header(),
            Self::V6(ip) => ip.pseudo_header(),
        }
    }
}

impl fmt::Display for Ip<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4(ip) => ip.fmt(f),
            Self::V6(ip) => ip.fmt(f),
        }
    }
}

/// The versions that there are.
#[derive(Clone, Copy)]
pub(crate) enum Version {
    V4,
    V6,
}

/// The version that the first four bits say.
#[inline]
pub(crate) fn version(bytes: &[u8]) -> Result<Version, ParseError> {
    let error = |kind| ParseError { what: "IP", field: "version", offset: 0, kind };
    match bytes.first().map(|first| first >> 4) {
        Some(4) => Ok(Version::V4),
        Some(6) => Ok(Version::V6),
        Some(found) => Err(error(ErrorKind::Version { found })),
        None => Err(error(ErrorKind::Truncated { need: 1, have: 0 })),
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::string::ToString;

    use super::*;

    #[test]
    fn the_first_four_bits_choose_the_version() {
        let error = |kind| ParseError { what: "IP", field: "version", offset: 0, kind };
        let truncated = ErrorKind::Truncated { need: 1, have: 0 };
        assert_eq!(Ip::parse(&[]), Err(error(truncated)));
        assert_eq!(Ip::parse(&[0x50; 40]), Err(error(ErrorKind::Version { found: 5 })));
        assert_eq!(Ip::parse(&[0x45]).unwrap_err().what, "IPv4");
        assert_eq!(Ip::parse(&[0x60]).unwrap_err().what, "IPv6");
    }

    #[test]
    fn a_fragment_says_where_it_belongs() {
        let fragment = Fragment { identification: 0xd358, offset: 8191, more: false };
        assert_eq!((fragment.offset_bytes(), fragment.is_first()), (65_528, false));
        assert_eq!(fragment.to_string(), "fragment id=0xd358 offset=65528 last");
    }
}
