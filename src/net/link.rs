//! The front of a captured frame, whatever device it was captured on: [`Frame`].

use core::fmt;

use super::ethernet::ethernet;
use super::ip::{Version, version};
use super::null::null;
use super::sll::sll;
use super::sll2::sll2;
use super::vlan::vlan_tags;
use super::{EtherType, Ethernet, Null, Sll, Sll2, VlanTags};
use crate::error::{ErrorKind, ParseError, run};
use crate::registry::registry;

registry! {
    /// What the frames of a capture begin with (the link types of pcap and pcapng files).
    LinkType(u16) {
        /// BSD loopback, in the order of bytes of the machine.
        NULL = 0, "null";
        /// Ethernet.
        ETHERNET = 1, "Ethernet";
        /// IPv4 or IPv6: the number that most systems have for it in old files.
        RAW_12 = 12, "raw IP";
        /// IPv4 or IPv6: OpenBSD's number for it.
        RAW_14 = 14, "raw IP";
        /// IPv4 or IPv6.
        RAW = 101, "raw IP";
        /// OpenBSD loopback.
        LOOP = 108, "loop";
        /// Linux cooked capture, version 1.
        LINUX_SLL = 113, "Linux cooked";
        /// IPv4.
        IPV4 = 228, "raw IPv4";
        /// IPv6.
        IPV6 = 229, "raw IPv6";
        /// Linux cooked capture, version 2.
        LINUX_SLL2 = 276, "Linux cooked v2";
    }
}

/// The link header of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link<'a> {
    /// Ethernet.
    Ethernet(Ethernet<'a>),
    /// Linux cooked capture, version 1.
    Sll(Sll<'a>),
    /// Linux cooked capture, version 2.
    Sll2(Sll2<'a>),
    /// BSD loopback.
    Null(Null<'a>),
    /// None: the frame begins with IP.
    Raw,
    /// One that is not read here.
    Other(LinkType),
    /// The capture ends within it.
    Cut(LinkType),
}

impl fmt::Display for Link<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ethernet(link) => link.fmt(f),
            Self::Sll(link) => link.fmt(f),
            Self::Sll2(link) => link.fmt(f),
            Self::Null(link) => link.fmt(f),
            Self::Raw => f.write_str("raw"),
            Self::Other(link_type) => write!(f, "link type {link_type}"),
            Self::Cut(link_type) => write!(f, "{link_type} cut short"),
        }
    }
}

/// A captured frame: its link header and VLAN tags, and what lies behind them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    link: Link<'a>,
    tags: VlanTags<'a>,
    ether_type: Option<EtherType>,
    payload: &'a [u8],
}

impl<'a> Frame<'a> {
    /// One whose link header says itself what it carries.
    #[inline]
    pub(super) const fn untagged(link: Link<'a>, ether_type: EtherType, payload: &'a [u8]) -> Self {
        Self { link, tags: VlanTags::NONE, ether_type: Some(ether_type), payload }
    }

    /// Reads link header and VLAN tags. A frame of a link type that is not read here is all payload.
    ///
    /// # Errors
    /// A header or a VLAN tag that is cut short; on the link types of raw IP, a version other than 4 and 6.
    #[inline]
    pub fn parse(link_type: LinkType, frame: &'a [u8]) -> Result<Self, ParseError> {
        self::frame(link_type, frame, 0)
    }

    /// The link header.
    #[inline]
    pub fn link(&self) -> Link<'a> {
        self.link
    }

    /// The VLAN tags, outermost first.
    #[inline]
    pub fn vlan_tags(&self) -> VlanTags<'a> {
        self.tags
    }

    /// What the payload is; `None` where the link does not say it as an EtherType: IEEE 802.3 frames, address
    /// families other than IP, link types that are not read here.
    #[inline]
    pub fn ether_type(&self) -> Option<EtherType> {
        self.ether_type
    }

    /// All behind link header and tags: the packet, padding, a frame check sequence where the capture has one.
    #[inline]
    pub fn payload(&self) -> &'a [u8] {
        self.payload
    }
}

/// The frame; `beyond` bytes at its end are ones that the capture lacks.
#[inline]
pub(crate) fn frame(
    link_type: LinkType,
    bytes: &[u8],
    beyond: usize,
) -> Result<Frame<'_>, ParseError> {
    let raw = |ether_type| {
        let (link, tags, ether_type) = (Link::Raw, VlanTags::NONE, Some(ether_type));
        Ok(Frame { link, tags, ether_type, payload: bytes })
    };
    let read = match link_type {
        LinkType::ETHERNET => run("Ethernet", bytes, ethernet)
            .map(|link| (Link::Ethernet(link), link.type_or_length(), link.payload())),
        LinkType::LINUX_SLL => run("SLL", bytes, sll)
            .map(|link| (Link::Sll(link), number(link.ether_type()), link.payload())),
        LinkType::LINUX_SLL2 => run("SLL2", bytes, sll2)
            .map(|link| (Link::Sll2(link), number(link.ether_type()), link.payload())),
        LinkType::NULL | LinkType::LOOP => run("loopback", bytes, null)
            .map(|link| (Link::Null(link), number(link.family().ether_type()), link.payload())),
        LinkType::RAW | LinkType::RAW_12 | LinkType::RAW_14 => match version(bytes) {
            Ok(Version::V4) => return raw(EtherType::IPV4),
            Ok(Version::V6) => return raw(EtherType::IPV6),
            Err(error) => Err(error),
        },
        LinkType::IPV4 => return raw(EtherType::IPV4),
        LinkType::IPV6 => return raw(EtherType::IPV6),
        _ => Ok((Link::Other(link_type), 0, bytes)),
    };
    let (link, protocol, behind) = match read {
        Ok(read) => read,
        Err(error) if is_cut(error, beyond) => (Link::Cut(link_type), 0, bytes),
        Err(error) => return Err(error),
    };
    let (payload, tags, protocol) = vlan_tags(protocol, behind);
    let ether_type = EtherType::new(protocol);
    if ether_type.is_some_and(EtherType::is_vlan) {
        // The walk over the tags ended at one that is not there to its end.
        let kind = ErrorKind::Truncated { need: 4, have: payload.len() };
        let offset = bytes.len().saturating_sub(payload.len());
        let error = ParseError { what: "VLAN", field: "tag", offset, kind };
        if !is_cut(error, beyond) {
            return Err(error);
        }
    }
    Ok(Frame { link, tags, ether_type, payload })
}

/// The field's value again; 0, which is no EtherType, for none.
#[inline]
fn number(ether_type: Option<EtherType>) -> u16 {
    ether_type.map_or(0, |ether_type| ether_type.0)
}

/// The bytes that an error misses are among the `beyond` ones that the capture lacks.
#[inline]
pub(crate) fn is_cut(error: ParseError, beyond: usize) -> bool {
    match error.kind {
        ErrorKind::Truncated { need, have } => need.saturating_sub(have) <= beyond,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::string::ToString;

    use super::*;

    /// fmt-vlan.pcap, frame 228, up to the IPv4 total length.
    const TAGGED: [u8; 22] = [
        0x42, 0x8f, 0xfb, 0x92, 0x53, 0xf3, // destination
        0xaa, 0xd2, 0x3b, 0x1f, 0x92, 0xdc, // source
        0x81, 0x00, 0x60, 0x64, // 802.1Q, priority 3, VLAN 100
        0x08, 0x00, // IPv4
        0x45, 0x00, 0x00, 0x30,
    ];

    #[test]
    fn a_tagged_frame_is_read_to_its_payload() {
        let frame = Frame::parse(LinkType::ETHERNET, &TAGGED).unwrap();
        assert_eq!(frame.ether_type(), Some(EtherType::IPV4));
        assert_eq!(frame.vlan_tags().map(|tag| tag.control.id()).next(), Some(100));
        assert_eq!((frame.vlan_tags().len(), frame.payload()), (1, &TAGGED[18..]));
        let line = "Ethernet aa:d2:3b:1f:92:dc -> 42:8f:fb:92:53:f3 802.1Q";
        assert_eq!(frame.link().to_string(), line);
    }

    #[test]
    fn every_link_type_has_its_header() {
        let ip = [0x60, 1, 2, 3];
        #[rustfmt::skip]
        let headers: [(u16, &[u8]); 9] = [
            (0, &[30, 0, 0, 0]),
            (108, &[0, 0, 0, 24]),
            (1, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x86, 0xdd]),
            (12, &[]),
            (14, &[]),
            (101, &[]),
            (229, &[]),
            (113, &[0, 4, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0x86, 0xdd]),
            (276, &[0x86, 0xdd, 0, 0, 0, 0, 0, 1, 3, 4, 4, 6, 0, 0, 0, 0, 0, 0, 0, 0]),
        ];
        for (link_type, header) in headers {
            let bytes = [header, &ip].concat();
            let frame = Frame::parse(LinkType(link_type), &bytes).unwrap();
            assert_eq!((frame.ether_type(), frame.payload()), (Some(EtherType::IPV6), &ip[..]));
            for have in 0..header.len() {
                let error = Frame::parse(LinkType(link_type), &bytes[..have]).unwrap_err();
                assert_eq!((error.offset, error.kind.name()), (0, "truncated"));
            }
        }
        let frame = Frame::parse(LinkType(228), &ip).unwrap();
        assert_eq!(frame.ether_type(), Some(EtherType::IPV4));
        let error = Frame::parse(LinkType(101), &[0x50]).unwrap_err();
        assert_eq!((error.what, error.kind), ("IP", ErrorKind::Version { found: 5 }));
    }

    #[test]
    fn another_link_type_is_a_value() {
        let frame = Frame::parse(LinkType(147), &[1, 2]).unwrap();
        assert_eq!((frame.link(), frame.payload()), (Link::Other(LinkType(147)), &[1, 2][..]));
        assert_eq!(frame.ether_type(), None);
    }

    #[test]
    fn refuses_a_tag_that_is_cut_short() {
        for have in 0..4 {
            let error = Frame::parse(LinkType::ETHERNET, &TAGGED[..14 + have]).unwrap_err();
            let kind = ErrorKind::Truncated { need: 4, have };
            assert_eq!(error, ParseError { what: "VLAN", field: "tag", offset: 14, kind });
        }
        // The capture's end is not the frame's.
        let cut = frame(LinkType::ETHERNET, &TAGGED[..16], 2).unwrap();
        assert_eq!((cut.ether_type(), cut.payload()), (Some(EtherType::VLAN), &TAGGED[14..16]));
        assert!(frame(LinkType::ETHERNET, &TAGGED[..16], 1).is_err());
        assert_eq!(
            frame(LinkType::ETHERNET, &TAGGED[..13], 1).unwrap().link(),
            Link::Cut(LinkType::ETHERNET)
        );
    }
}
