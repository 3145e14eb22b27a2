//! Linux cooked capture, version 2, which knows the device too (`LINKTYPE_LINUX_SLL2`, 276, of the pcap link
//! types).
//!
//! ```text
//! |        protocol type          |          reserved             |
//! |                        interface index                        |
//! |         ARPHRD type           |  packet type  | address length|
//! |                  link-layer address, 8 bytes                  |
//! ```

use core::{fmt, ops::Range};

use byteorder::{BE, ByteOrder};
use nom::Parser;
use nom::error::context;

use super::sll::address_of;
use super::{EtherType, HardwareType, SllPacketType};
use crate::encode::{Encode, Sink, narrow};
use crate::error::{BuildError, ParseError, Step, run};
use crate::wire::array;

// Places in the header, for reading and for writing.
const PROTOCOL: Range<usize> = 0..2;
const RESERVED: Range<usize> = 2..4;
const INTERFACE: Range<usize> = 4..8;
const HARDWARE: Range<usize> = 8..10;
const PACKET_TYPE: usize = 10;
const ADDRESS_LENGTH: usize = 11;
const ADDRESS: Range<usize> = 12..20;
const HEADER_LEN: usize = ADDRESS.end;

/// A packet of a Linux cooked capture, version 2, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Sll2<'a> {
    header: &'a [u8; HEADER_LEN],
    payload: &'a [u8],
}

impl<'a> Sll2<'a> {
    /// Reads a whole packet.
    ///
    /// # Errors
    /// Fewer than 20 bytes.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("SLL2", bytes, sll2)
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

    /// Reserved, 0 today.
    #[inline]
    pub fn reserved(&self) -> u16 {
        BE::read_u16(&self.header[RESERVED])
    }

    /// The index of the device on the capturing machine; 0 if unknown.
    #[inline]
    pub fn interface(&self) -> u32 {
        BE::read_u32(&self.header[INTERFACE])
    }

    /// The kind of device.
    #[inline]
    pub fn hardware_type(&self) -> HardwareType {
        HardwareType(BE::read_u16(&self.header[HARDWARE]))
    }

    /// Which way it went.
    #[inline]
    pub fn packet_type(&self) -> SllPacketType {
        SllPacketType(u16::from(self.header[PACKET_TYPE]))
    }

    /// How long the sender's address is in truth, bytes: of one longer than 8 the header has the first 8.
    #[inline]
    pub fn address_length(&self) -> u8 {
        self.header[ADDRESS_LENGTH]
    }

    /// The whole address field: [`address`](Self::address) and what fills it up.
    #[inline]
    pub fn address_field(&self) -> &'a [u8; 8] {
        let [_, _, _, _, _, _, _, _, _, _, _, _, field @ ..] = self.header;
        field
    }

    /// The sender's link-layer address, 0 to 8 bytes.
    #[inline]
    pub fn address(&self) -> &'a [u8] {
        address_of(self.address_field(), u16::from(self.address_length()))
    }

    /// All behind the header.
    #[inline]
    pub fn payload(&self) -> &'a [u8] {
        self.payload
    }
}

/// The header; the payload is all that is left.
#[inline]
pub(crate) fn sll2(i: &[u8]) -> Step<'_, Sll2<'_>> {
    let (payload, header) = context("header", array).parse(i)?;
    Ok((&[], Sll2 { header, payload }))
}

impl fmt::Display for Sll2<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (way, device) = (self.packet_type(), self.hardware_type());
        write!(f, "SLL2 {way} on {device} {}", self.interface())?;
        match self.ether_type() {
            Some(ether_type) => write!(f, " {ether_type}"),
            None => write!(f, " protocol={}", self.protocol()),
        }
    }
}

impl fmt::Debug for Sll2<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sll2")
            .field("protocol", &self.protocol())
            .field("reserved", &self.reserved())
            .field("interface", &self.interface())
            .field("hardware_type", &self.hardware_type())
            .field("packet_type", &self.packet_type())
            .field("address_length", &self.address_length())
            .field("address", &self.address())
            .field("payload", &self.payload())
            .finish()
    }
}

/// A packet of a Linux cooked capture, version 2, to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sll2Builder<P> {
    /// As [`Sll2::protocol`].
    pub protocol: u16,
    /// As [`Sll2::reserved`]: 0, but for a packet that is written again.
    pub reserved: u16,
    /// As [`Sll2::interface`].
    pub interface: u32,
    /// As [`Sll2::hardware_type`].
    pub hardware_type: HardwareType,
    /// As [`Sll2::packet_type`], 0 to 255.
    pub packet_type: SllPacketType,
    /// As [`Sll2::address_length`].
    pub address_length: u8,
    /// As [`Sll2::address_field`]: the address, zeros behind it.
    pub address: [u8; 8],
    /// The next header, or bytes.
    pub payload: P,
}

impl<'a> From<Sll2<'a>> for Sll2Builder<&'a [u8]> {
    fn from(view: Sll2<'a>) -> Self {
        Self {
            protocol: view.protocol(),
            reserved: view.reserved(),
            interface: view.interface(),
            hardware_type: view.hardware_type(),
            packet_type: view.packet_type(),
            address_length: view.address_length(),
            address: *view.address_field(),
            payload: view.payload(),
        }
    }
}

impl<P: Encode> Encode for Sll2Builder<P> {
    #[inline]
    fn encoded_len(&self) -> usize {
        HEADER_LEN.saturating_add(self.payload.encoded_len())
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let header = out.array::<HEADER_LEN>()?;
        BE::write_u16(&mut header[PROTOCOL], self.protocol);
        BE::write_u16(&mut header[RESERVED], self.reserved);
        BE::write_u32(&mut header[INTERFACE], self.interface);
        BE::write_u16(&mut header[HARDWARE], self.hardware_type.0);
        header[PACKET_TYPE] = narrow("packet type", self.packet_type.0)?;
        header[ADDRESS_LENGTH] = self.address_length;
        header[ADDRESS].copy_from_slice(&self.address);
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

    /// fmt-sll2.pcap, frame 235, up to the IPv4 total length.
    const COOKED: [u8; 24] = [
        0x08, 0x00, 0x00, 0x00, // IPv4, reserved
        0x00, 0x00, 0x00, 0x02, // interface 2
        0x00, 0x01, 0x00, 0x06, // Ethernet, to this host, address of 6 bytes
        0xaa, 0xd2, 0x3b, 0x1f, 0x92, 0xdc, 0x00, 0x00, // address
        0x45, 0x00, 0x00, 0x30,
    ];

    #[test]
    fn reads_every_field() {
        let packet = Sll2::parse(&COOKED).unwrap();
        assert_eq!((packet.protocol(), packet.ether_type()), (0x800, Some(EtherType::IPV4)));
        assert_eq!((packet.reserved(), packet.interface()), (0, 2));
        assert_eq!(packet.hardware_type(), HardwareType::ETHERNET);
        assert_eq!(packet.packet_type(), SllPacketType::HOST);
        assert_eq!((packet.address_length(), packet.address()), (6, &COOKED[12..18]));
        assert_eq!(packet.payload(), &COOKED[20..]);
        assert_eq!(packet.to_string(), "SLL2 host on Ethernet 2 IPv4");
    }

    #[test]
    fn refuses_every_truncation_of_the_header() {
        for have in 0..20 {
            let error = Sll2::parse(&COOKED[..have]).unwrap_err();
            let kind = ErrorKind::Truncated { need: 20, have };
            assert_eq!(error, ParseError { what: "SLL2", field: "header", offset: 0, kind });
        }
    }

    #[test]
    fn refuses_to_build_a_packet_type_beyond_its_byte() {
        let builder = Sll2Builder {
            packet_type: SllPacketType(256),
            ..Sll2Builder::from(Sll2::parse(&COOKED).unwrap())
        };
        let refused = Err(BuildError::OutOfRange { field: "packet type" });
        assert_eq!(builder.write(&mut [0; 24]), refused);
    }

    proptest! {
        #[test]
        fn writes_what_it_reads(bytes in proptest::collection::vec(any::<u8>(), 0..32)) {
            let mut out = [0; 32];
            if let Ok(view) = Sll2::parse(&bytes) {
                let len = Sll2Builder::from(view).write(&mut out).unwrap();
                prop_assert_eq!(&out[..len], &bytes[..]);
                crate::testing::shows(&view);
            }
        }
    }
}
