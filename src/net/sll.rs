//! Linux cooked capture, version 1: what a capture on the device `any` has in place of a link header
//! (`LINKTYPE_LINUX_SLL`, 113, of the pcap link types).
//!
//! ```text
//! |         packet type           |        ARPHRD type            |
//! |        address length         |                               |
//! |                  link-layer address, 8 bytes                  |
//! |                               |        protocol type          |
//! ```

use core::{fmt, ops::Range};

use byteorder::{BE, ByteOrder};
use nom::Parser;
use nom::error::context;

use super::EtherType;
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::registry::registry;
use crate::wire::array;

// Places in the header, for reading and for writing.
const PACKET_TYPE: Range<usize> = 0..2;
const HARDWARE: Range<usize> = 2..4;
const ADDRESS_LENGTH: Range<usize> = 4..6;
const ADDRESS: Range<usize> = 6..14;
const PROTOCOL: Range<usize> = 14..16;
const HEADER_LEN: usize = PROTOCOL.end;

registry! {
    /// Which way a packet of a Linux cooked capture went.
    SllPacketType(u16) {
        /// Sent to this host by somebody else.
        HOST = 0, "host";
        /// Broadcast by somebody else.
        BROADCAST = 1, "broadcast";
        /// Multicast by somebody else.
        MULTICAST = 2, "multicast";
        /// Sent to somebody else by somebody else.
        OTHER_HOST = 3, "other host";
        /// Sent by this host.
        OUTGOING = 4, "outgoing";
    }
}

registry! {
    /// The kind of device, Linux's `ARPHRD_` values (in part IANA, ARP Hardware Types).
    HardwareType(u16) {
        /// Ethernet.
        ETHERNET = 1, "Ethernet";
        /// Point-to-point protocol.
        PPP = 512, "PPP";
        /// IP in IP tunnel.
        TUNNEL = 768, "IP tunnel";
        /// The loopback device.
        LOOPBACK = 772, "loopback";
        /// GRE over IP.
        GRE = 778, "GRE";
        /// IEEE 802.11.
        WLAN = 801, "802.11";
        /// IEEE 802.11 with a Prism header.
        WLAN_PRISM = 802, "802.11 Prism";
        /// IEEE 802.11 with a radiotap header.
        WLAN_RADIOTAP = 803, "802.11 radiotap";
        /// Netlink.
        NETLINK = 824, "netlink";
        /// No link header: tun devices.
        NONE = 65534, "none";
    }
}

impl HardwareType {
    /// The EtherType that a cooked header names in its protocol field. On netlink the field has another
    /// meaning, on raw IEEE 802.11 none; below 1536 are Linux's own numbers for frames without an EtherType.
    #[inline]
    pub(crate) const fn ether_type(self, protocol: u16) -> Option<EtherType> {
        match self {
            Self::NETLINK | Self::WLAN | Self::WLAN_PRISM | Self::WLAN_RADIOTAP => None,
            _ => EtherType::new(protocol),
        }
    }
}

/// The bytes of a cooked header's address: `length` of them at most.
#[inline]
pub(crate) fn address_of(field: &[u8; 8], length: u16) -> &[u8] {
    field.get(..usize::from(length)).unwrap_or(field)
}

/// A packet of a Linux cooked capture, version 1, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Sll<'a> {
    header: &'a [u8; HEADER_LEN],
    payload: &'a [u8],
}

impl<'a> Sll<'a> {
    /// Reads a whole packet.
    ///
    /// # Errors
    /// Fewer than 16 bytes.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("SLL", bytes, sll)
    }

    /// Which way it went.
    #[inline]
    pub fn packet_type(&self) -> SllPacketType {
        SllPacketType(BE::read_u16(&self.header[PACKET_TYPE]))
    }

    /// The kind of device.
    #[inline]
    pub fn hardware_type(&self) -> HardwareType {
        HardwareType(BE::read_u16(&self.header[HARDWARE]))
    }

    /// How long the sender's address is in truth, bytes: of one longer than 8 the header has the first 8.
    #[inline]
    pub fn address_length(&self) -> u16 {
        BE::read_u16(&self.header[ADDRESS_LENGTH])
    }

    /// The whole address field: [`address`](Self::address) and what fills it up.
    #[inline]
    pub fn address_field(&self) -> &'a [u8; 8] {
        let [_, _, _, _, _, _, field @ .., _, _] = self.header;
        field
    }

    /// The sender's link-layer address, 0 to 8 bytes.
    #[inline]
    pub fn address(&self) -> &'a [u8] {
        address_of(self.address_field(), self.address_length())
    }

    /// The protocol field as it is on the wire.
    #[inline]
    pub fn protocol(&self) -> u16 {
        BE::read_u16(&self.header[PROTOCOL])
    }

    /// What the payload is; `None` where the protocol field is no EtherType on this kind of device.
    #[inline]
    pub fn ether_type(&self) -> Option<EtherType> {
        self.hardware_type().ether_type(self.protocol())
    }

    /// All behind the header.
    #[inline]
    pub fn payload(&self) -> &'a [u8] {
        self.payload
    }
}

/// The header; the payload is all that is left.
#[inline]
pub(crate) fn sll(i: &[u8]) -> Step<'_, Sll<'_>> {
    let (payload, header) = context("header", array).parse(i)?;
    Ok((&[], Sll { header, payload }))
}

impl fmt::Display for Sll<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SLL {} on {}", self.packet_type(), self.hardware_type())?;
        match self.ether_type() {
            Some(ether_type) => write!(f, " {ether_type}"),
            None => write!(f, " protocol={}", self.protocol()),
        }
    }
}

impl fmt::Debug for Sll<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sll")
            .field("packet_type", &self.packet_type())
            .field("hardware_type", &self.hardware_type())
            .field("address_length", &self.address_length())
            .field("address", &self.address())
            .field("protocol", &self.protocol())
            .field("payload", &self.payload())
            .finish()
    }
}

/// A packet of a Linux cooked capture, version 1, to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SllBuilder<P> {
    /// As [`Sll::packet_type`].
    pub packet_type: SllPacketType,
    /// As [`Sll::hardware_type`].
    pub hardware_type: HardwareType,
    /// As [`Sll::address_length`].
    pub address_length: u16,
    /// As [`Sll::address_field`]: the address, zeros behind it.
    pub address: [u8; 8],
    /// As [`Sll::protocol`].
    pub protocol: u16,
    /// The next header, or bytes.
    pub payload: P,
}

impl<'a> From<Sll<'a>> for SllBuilder<&'a [u8]> {
    fn from(view: Sll<'a>) -> Self {
        Self {
            packet_type: view.packet_type(),
            hardware_type: view.hardware_type(),
            address_length: view.address_length(),
            address: *view.address_field(),
            protocol: view.protocol(),
            payload: view.payload(),
        }
    }
}

impl<P: Encode> Encode for SllBuilder<P> {
    #[inline]
    fn encoded_len(&self) -> usize {
        HEADER_LEN.saturating_add(self.payload.encoded_len())
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let header = out.array::<HEADER_LEN>()?;
        BE::write_u16(&mut header[PACKET_TYPE], self.packet_type.0);
        BE::write_u16(&mut header[HARDWARE], self.hardware_type.0);
        BE::write_u16(&mut header[ADDRESS_LENGTH], self.address_length);
        header[ADDRESS].copy_from_slice(&self.address);
        BE::write_u16(&mut header[PROTOCOL], self.protocol);
        self.payload.encode(out)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;

    use super::*;
    use crate::error::ErrorKind;

    /// fmt-sll.pcap, frame 235, up to the IPv4 total length.
    const COOKED: [u8; 20] = [
        0x00, 0x00, 0x00, 0x01, // to this host, Ethernet
        0x00, 0x06, // address of 6 bytes
        0xaa, 0xd2, 0x3b, 0x1f, 0x92, 0xdc, 0x00, 0x00, // address
        0x08, 0x00, // IPv4
        0x45, 0x00, 0x00, 0x30,
    ];

    #[test]
    fn reads_every_field() {
        let packet = Sll::parse(&COOKED).unwrap();
        assert_eq!(packet.packet_type(), SllPacketType::HOST);
        assert_eq!(packet.hardware_type(), HardwareType::ETHERNET);
        assert_eq!((packet.address_length(), packet.address()), (6, &COOKED[6..12]));
        assert_eq!((packet.protocol(), packet.ether_type()), (0x800, Some(EtherType::IPV4)));
        assert_eq!(packet.payload(), &COOKED[16..]);
        assert_eq!(packet.to_string(), "SLL host on Ethernet IPv4");
    }

    #[test]
    fn refuses_every_truncation_of_the_header() {
        for have in 0..16 {
            let error = Sll::parse(&COOKED[..have]).unwrap_err();
            let kind = ErrorKind::Truncated { need: 16, have };
            assert_eq!(error, ParseError { what: "SLL", field: "header", offset: 0, kind });
        }
    }

    #[test]
    fn a_protocol_is_not_always_an_ether_type() {
        let mut bytes = COOKED;
        bytes[2..4].copy_from_slice(&824u16.to_be_bytes());
        assert_eq!(Sll::parse(&bytes).unwrap().ether_type(), None, "netlink");
        bytes[2..4].copy_from_slice(&1u16.to_be_bytes());
        bytes[14..16].copy_from_slice(&4u16.to_be_bytes());
        assert_eq!(Sll::parse(&bytes).unwrap().ether_type(), None, "LLC");
    }

    #[test]
    fn an_address_is_never_longer_than_its_field() {
        let mut bytes = COOKED;
        bytes[4..6].copy_from_slice(&20u16.to_be_bytes()); // InfiniBand
        assert_eq!(Sll::parse(&bytes).unwrap().address(), &COOKED[6..14]);
        bytes[4..6].copy_from_slice(&0u16.to_be_bytes()); // tun
        assert!(Sll::parse(&bytes).unwrap().address().is_empty());
    }

    proptest! {
        #[test]
        fn writes_what_it_reads(bytes in proptest::collection::vec(any::<u8>(), 0..32)) {
            let mut out = [0; 32];
            if let Ok(view) = Sll::parse(&bytes) {
                let len = SllBuilder::from(view).write(&mut out).unwrap();
                prop_assert_eq!(&out[..len], &bytes[..]);
                crate::testing::shows(&view);
            }
        }
    }
}
