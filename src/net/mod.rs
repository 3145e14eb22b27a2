//! The headers around media on a network and in a capture: from the link down to UDP and TCP.
//!
//! A captured frame is read in one call:
//!
//! ```
//! use mediawire::net::{ChecksumStatus, LinkType, Packet};
//!
//! let frame = [
//!     0x42, 0x8f, 0xfb, 0x92, 0x53, 0xf3, 0xaa, 0xd2, 0x3b, 0x1f, 0x92, 0xdc, // Ethernet
//!     0x81, 0x00, 0x60, 0x64, 0x08, 0x00, // VLAN 100, then IPv4
//!     0x45, 0x00, 0x00, 0x30, 0x2f, 0x91, 0x40, 0x00, 0x3f, 0x11, 0xf4, 0x90, // IPv4, UDP
//!     0x0a, 0x4d, 0x01, 0x01, 0x0a, 0x4d, 0x02, 0x01, // 10.77.1.1 to 10.77.2.1
//!     0xd2, 0x6c, 0x0d, 0x96, 0x00, 0x1c, 0xba, 0x97, // 53868 to 3478, length 28
//!     0x00, 0x01, 0x00, 0x00, 0x21, 0x12, 0xa4, 0x42, 0x91, 0x75, // STUN
//!     0x1e, 0x94, 0x40, 0x9f, 0xec, 0xc7, 0x2c, 0xab, 0x7e, 0x0e,
//! ];
//! let packet = Packet::parse(LinkType::ETHERNET, &frame)?;
//! assert_eq!(packet.to_string(), "10.77.1.1:53868 -> 10.77.2.1:3478 UDP 20");
//! assert_eq!(packet.vlan_tags().next().map(|tag| tag.control.id()), Some(100));
//! assert_eq!(packet.udp().map(|udp| udp.payload()), Some(&frame[46..]));
//! assert_eq!(packet.verify_checksum(), Some(ChecksumStatus::Valid));
//! # Ok::<(), mediawire::ParseError>(())
//! ```
//!
//! A datagram is written in one call too, whatever builder its payload is; the builders of the layers go into each
//! other for what [`DatagramBuilder`] does not do:
//!
//! ```
//! use mediawire::Encode;
//! use mediawire::net::{DatagramBuilder, EtherType, EthernetBuilder, MacAddress, VlanBuilder};
//! use core::net::SocketAddr;
//!
//! let from = SocketAddr::from(([192, 0, 2, 1], 5004));
//! let to = SocketAddr::from(([192, 0, 2, 2], 5006));
//! let datagram = DatagramBuilder::new(from, to, &b"any message"[..]);
//! let mut buffer = [0; 1500];
//! let frame = datagram.in_ethernet(MacAddress::default(), MacAddress::BROADCAST);
//! let len = frame.write(&mut buffer)?;
//! assert_eq!(len, 14 + 20 + 8 + 11);
//!
//! // The same, tagged.
//! let tagged = EthernetBuilder {
//!     source: MacAddress::default(),
//!     destination: MacAddress::BROADCAST,
//!     ether_type: EtherType::VLAN,
//!     payload: VlanBuilder {
//!         priority: 0,
//!         drop_eligible: false,
//!         id: 100,
//!         type_or_length: datagram.ether_type().0,
//!         payload: datagram,
//!     },
//! };
//! assert_eq!(tagged.write(&mut buffer)?, len + 4);
//! # Ok::<(), mediawire::BuildError>(())
//! ```
//!
//! | file | what | where it stands |
//! |---|---|---|
//! | `packet` | [`Packet`]: a frame down to its transport | |
//! | `datagram` | [`DatagramBuilder`]: IP, UDP and a message in one go | |
//! | `link` | [`Frame`]: link header and VLAN tags; [`LinkType`] | pcap link types |
//! | `ethernet` | [`Ethernet`], [`EtherType`] | IEEE 802.3 |
//! | `vlan` | [`Vlan`], [`VlanTags`] | IEEE 802.1Q, 802.1ad |
//! | `sll`, `sll2` | [`Sll`], [`Sll2`]: Linux cooked captures | pcap link types |
//! | `null` | [`Null`]: BSD loopback | pcap link types |
//! | `ip` | [`Ip`]: either version; [`IpProtocol`], [`Fragment`] | |
//! | `ipv4` | [`Ipv4`], [`Ipv4Options`] | RFC 791 |
//! | `ipv6` | [`Ipv6`], [`ExtensionHeaders`] | RFC 8200 |
//! | `udp` | [`Udp`] | RFC 768 |
//! | `tcp` | [`Tcp`], [`TcpOptions`] | RFC 9293 |
//! | `icmp` | [`Icmp`], of either version | RFC 792, RFC 4443 |
//! | [`checksum`] | the Internet checksum | RFC 1071 |

pub mod checksum;
mod datagram;
mod ethernet;
mod icmp;
mod ip;
mod ipv4;
mod ipv6;
mod link;
mod null;
mod options;
mod packet;
mod sll;
mod sll2;
mod tcp;
mod udp;
mod vlan;

pub use checksum::{Checksum, ChecksumField, ChecksumStatus, PseudoHeader};
pub use datagram::DatagramBuilder;
pub use ethernet::{EtherType, Ethernet, EthernetBuilder, MacAddress};
pub use icmp::{Icmp, IcmpBuilder, IcmpChecksum, IcmpVersion};
pub use ip::{Fragment, Ip, IpProtocol};
pub use ipv4::{Ipv4, Ipv4Builder, Ipv4Option, Ipv4OptionKind, Ipv4Options};
pub use ipv6::{
    ExtensionHeader, ExtensionHeaderBuilder, ExtensionHeaders, FragmentHeaderBuilder, Ipv6,
    Ipv6Builder, Ipv6Option, Ipv6OptionKind, Ipv6Options,
};
pub use link::{Frame, Link, LinkType};
pub use null::{AddressFamily, FamilyOrder, Null, NullBuilder};
pub use packet::{Packet, Transport};
pub use sll::{HardwareType, Sll, SllBuilder, SllPacketType};
pub use sll2::{Sll2, Sll2Builder};
pub use tcp::{
    SackBlocks, Tcp, TcpBuilder, TcpFlags, TcpOption, TcpOptionKind, TcpOptions, TcpOptionsBuilder,
};
pub use udp::{Udp, UdpBuilder};
pub use vlan::{TagControl, Vlan, VlanBuilder, VlanTag, VlanTags};
