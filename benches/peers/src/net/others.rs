//! The headers around RTP by the other crates, each in its fastest way.

use std::net::Ipv4Addr;

use etherparse::{NetSlice, SlicedPacket, TransportSlice};
use pnet_packet::Packet as _;
use pnet_packet::ethernet::{EtherTypes, EthernetPacket};
use pnet_packet::ip::IpNextHeaderProtocols;
use smoltcp::wire::{EthernetFrame, EthernetProtocol, IpProtocol, Ipv4Packet, UdpPacket};

use super::{Fields, Workload};

#[inline]
fn fields(addresses: (Ipv4Addr, Ipv4Addr), ports: (u16, u16), payload: &[u8]) -> Fields {
    Fields {
        source: addresses.0,
        destination: addresses.1,
        source_port: ports.0,
        destination_port: ports.1,
        payload: payload.as_ptr(),
        payload_len: payload.len(),
    }
}

/// With `verify`, both checksums too.
#[inline]
fn by_smoltcp(frame: &[u8], verify: bool) -> Option<Fields> {
    let ethernet = EthernetFrame::new_checked(frame).ok()?;
    if ethernet.ethertype() != EthernetProtocol::Ipv4 {
        return None;
    }
    let ip = Ipv4Packet::new_checked(ethernet.payload()).ok()?;
    if ip.next_header() != IpProtocol::Udp || ip.more_frags() || ip.frag_offset() != 0 {
        return None;
    }
    let (source, destination) = (ip.src_addr(), ip.dst_addr());
    let udp = UdpPacket::new_checked(ip.payload()).ok()?;
    if verify && !(ip.verify_checksum() && udp.verify_checksum(&source.into(), &destination.into()))
    {
        return None;
    }
    Some(fields((source, destination), (udp.src_port(), udp.dst_port()), udp.payload()))
}

#[inline]
fn by_etherparse(frame: &[u8], verify: bool) -> Option<Fields> {
    let packet = SlicedPacket::from_ethernet(frame).ok()?;
    let (Some(NetSlice::Ipv4(ip)), Some(TransportSlice::Udp(udp))) =
        (&packet.net, &packet.transport)
    else {
        return None;
    };
    let header = ip.header();
    if verify {
        let of_header = header.to_header().calc_header_checksum();
        let of_udp = udp.to_header();
        let (source, destination) = (header.source(), header.destination());
        let of_data = of_udp.calc_checksum_ipv4_raw(source, destination, udp.payload()).ok()?;
        if of_header != header.header_checksum() || of_data != udp.checksum() {
            return None;
        }
    }
    let addresses = (header.source_addr(), header.destination_addr());
    Some(fields(addresses, (udp.source_port(), udp.destination_port()), udp.payload()))
}

#[inline]
fn by_pnet(frame: &[u8], verify: bool) -> Option<Fields> {
    let ethernet = EthernetPacket::new(frame)?;
    if ethernet.get_ethertype() != EtherTypes::Ipv4 {
        return None;
    }
    // `payload` of the packet lives as long as the packet, not as long as the frame: the place is the same.
    let ip = pnet_packet::ipv4::Ipv4Packet::new(ethernet.payload())?;
    if ip.get_next_level_protocol() != IpNextHeaderProtocols::Udp
        || ip.get_flags() & 1 != 0
        || ip.get_fragment_offset() != 0
    {
        return None;
    }
    let (source, destination) = (ip.get_source(), ip.get_destination());
    let udp = pnet_packet::udp::UdpPacket::new(ip.payload())?;
    if verify {
        let of_udp = pnet_packet::udp::ipv4_checksum(&udp, &source, &destination);
        if pnet_packet::ipv4::checksum(&ip) != ip.get_checksum() || of_udp != udp.get_checksum() {
            return None;
        }
    }
    Some(fields((source, destination), (udp.get_source(), udp.get_destination()), udp.payload()))
}

pub(super) fn walk(workload: Workload<'_>) -> Workload<'_> {
    workload
        .contestant("etherparse", |frame| by_etherparse(frame, false))
        .contestant("smoltcp", |frame| by_smoltcp(frame, false))
        .contestant("pnet_packet", |frame| by_pnet(frame, false))
}

pub(super) fn verify(workload: Workload<'_>) -> Workload<'_> {
    workload
        .contestant("etherparse", |frame| by_etherparse(frame, true))
        .contestant("smoltcp", |frame| by_smoltcp(frame, true))
        .contestant("pnet_packet", |frame| by_pnet(frame, true))
}
