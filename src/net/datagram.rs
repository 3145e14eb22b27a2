//! A UDP datagram with the IP header in front of it, written in one go: [`DatagramBuilder`].

use core::net::{IpAddr, SocketAddr};

use super::{
    ChecksumField, EtherType, EthernetBuilder, IpProtocol, Ipv4Builder, Ipv6Builder, MacAddress,
    PseudoHeader, UdpBuilder,
};
use crate::encode::{Encode, Sink};
use crate::error::BuildError;

/// An IP packet with one UDP datagram, checksums computed: what a test tool or a capture writer sends.
///
/// The payload is written once, into its place: it can be the builder of a message. For other headers (options,
/// VLAN tags, cooked captures) put the builders of the layers into each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DatagramBuilder<P> {
    /// Address and port of the sender.
    pub source: SocketAddr,
    /// Address and port of the receiver, of the same IP version.
    pub destination: SocketAddr,
    /// DSCP and ECN: the second byte of IPv4, the traffic class of IPv6.
    pub traffic_class: u8,
    /// Time to live, hop limit.
    pub hop_limit: u8,
    /// IPv4's identification; IPv6 has none.
    pub identification: u16,
    /// The message: any builder, or bytes.
    pub payload: P,
}

impl<P> DatagramBuilder<P> {
    /// A datagram of hop limit 64.
    pub const fn new(source: SocketAddr, destination: SocketAddr, payload: P) -> Self {
        Self { source, destination, traffic_class: 0, hop_limit: 64, identification: 0, payload }
    }

    /// What announces it in a link header.
    #[inline]
    pub const fn ether_type(&self) -> EtherType {
        match self.source {
            SocketAddr::V4(_) => EtherType::IPV4,
            SocketAddr::V6(_) => EtherType::IPV6,
        }
    }

    /// The same in an Ethernet frame.
    pub const fn in_ethernet(
        self,
        source: MacAddress,
        destination: MacAddress,
    ) -> EthernetBuilder<Self>
    where
        P: Copy,
    {
        EthernetBuilder { destination, source, ether_type: self.ether_type(), payload: self }
    }

    #[inline]
    fn udp(&self, addresses: PseudoHeader) -> UdpBuilder<&P> {
        UdpBuilder {
            source_port: self.source.port(),
            destination_port: self.destination.port(),
            checksum: ChecksumField::For(addresses),
            payload: &self.payload,
        }
    }
}

impl<P: Encode> Encode for DatagramBuilder<P> {
    #[inline]
    fn encoded_len(&self) -> usize {
        let headers = match self.source.ip() {
            IpAddr::V4(_) => 28,
            IpAddr::V6(_) => 48,
        };
        self.payload.encoded_len().saturating_add(headers)
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        match PseudoHeader::new(self.source.ip(), self.destination.ip()) {
            Some(addresses @ PseudoHeader::V4 { source, destination }) => Ipv4Builder {
                dscp: self.traffic_class >> 2,
                ecn: self.traffic_class & 3,
                identification: self.identification,
                ttl: self.hop_limit,
                ..Ipv4Builder::new(source, destination, IpProtocol::UDP, self.udp(addresses))
            }
            .encode(out),
            Some(addresses @ PseudoHeader::V6 { source, destination }) => Ipv6Builder {
                traffic_class: self.traffic_class,
                hop_limit: self.hop_limit,
                ..Ipv6Builder::new(source, destination, IpProtocol::UDP, self.udp(addresses))
            }
            .encode(out),
            None => Err(BuildError::OutOfRange { field: "destination" }),
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;

    use super::*;
    use crate::net::{ChecksumStatus, LinkType, Packet};

    #[test]
    fn every_field_is_written_in_both_versions() {
        // RFC 791 section 3.1 and RFC 8200 section 3: the traffic class, the identification and the hop limit.
        let wire = |source: SocketAddr, destination: SocketAddr| {
            let datagram = DatagramBuilder {
                traffic_class: 0xb9,
                hop_limit: 7,
                identification: 0x1234,
                ..DatagramBuilder::new(source, destination, &[1][..])
            };
            let mut out = [0; 49];
            datagram.write(&mut out).unwrap();
            out
        };
        let out = wire(([10, 77, 0, 1], 1).into(), ([10, 77, 0, 2], 2).into());
        assert_eq!((out[1], &out[4..6], out[8]), (0xb9, &[0x12, 0x34][..], 7));
        let out = wire(([1; 16], 1).into(), ([2; 16], 2).into());
        assert_eq!((&out[..2], out[7]), (&[0x6b, 0x90][..], 7));
    }

    #[test]
    fn writes_a_real_frame() {
        // sipp-g711-dtmf.pcap, frame 477, checksums right.
        let frame = [
            0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x08, 0x00,
            0x45, 0x00, 0x00, 0x2c, 0xdf, 0x92, 0x40, 0x00, 0x40, 0x11, 0x46, 0x92, 0x0a, 0x4d,
            0x00, 0x01, 0x0a, 0x4d, 0x00, 0x02, 0x17, 0x70, 0x17, 0x70, 0x00, 0x18, 0xa0, 0xee,
            0x80, 0xe5, 0x1f, 0x30, 0x00, 0x00, 0x33, 0xe0, 0x0e, 0x05, 0x38, 0x4e, 0x01, 0x0a,
            0x00, 0x00,
        ];
        let (source, destination) = (([10, 77, 0, 1], 6000).into(), ([10, 77, 0, 2], 6000).into());
        let datagram = DatagramBuilder {
            identification: 0xdf92,
            ..DatagramBuilder::new(source, destination, &frame[42..])
        };
        let mut out = [0xff; 58];
        let mac = MacAddress::default();
        assert_eq!(datagram.in_ethernet(mac, mac).write(&mut out), Ok(58));
        assert_eq!(out, frame);
    }

    #[test]
    fn refuses_addresses_of_two_versions() {
        let (source, destination) = (([10, 77, 0, 1], 1).into(), ([0; 16], 2).into());
        let refused = Err(BuildError::OutOfRange { field: "destination" });
        assert_eq!(
            DatagramBuilder::new(source, destination, &[1][..]).write(&mut [0; 99]),
            refused
        );
    }

    proptest! {
        #[test]
        fn what_is_built_is_read(
            source: SocketAddr,
            destination: SocketAddr,
            traffic_class: u8,
            hop_limit: u8,
            payload in proptest::collection::vec(any::<u8>(), 0..90),
        ) {
            let new = DatagramBuilder::new(source, destination, &payload[..]);
            let builder = DatagramBuilder { traffic_class, hop_limit, ..new };
            let mut out = [0; 200];
            let mac = MacAddress::BROADCAST;
            if let Ok(len) = builder.in_ethernet(mac, mac).write(&mut out) {
                let packet = Packet::parse(LinkType::ETHERNET, &out[..len]).unwrap();
                let (from, to) = packet.endpoints().unwrap();
                prop_assert_eq!((from.ip(), from.port()), (source.ip(), source.port()));
                prop_assert_eq!((to.ip(), to.port()), (destination.ip(), destination.port()));
                prop_assert_eq!(packet.udp().unwrap().payload(), &payload[..]);
                prop_assert_eq!(packet.verify_checksum(), Some(ChecksumStatus::Valid));
                prop_assert_eq!(packet.ip().unwrap().hop_limit(), hop_limit);
            } else {
                prop_assert_ne!(source.is_ipv4(), destination.is_ipv4());
            }
        }
    }
}
