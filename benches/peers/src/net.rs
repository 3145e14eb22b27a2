//! The headers around RTP: workloads 15 and 16.

mod floor;
#[cfg(feature = "others")]
mod others;

use std::net::{Ipv4Addr, SocketAddr};

use mediawire::Encode;
use mediawire::net::{
    ChecksumStatus, DatagramBuilder, EtherType, Ethernet, Ip, IpProtocol, Ipv4, LinkType,
    MacAddress, Packet, Udp,
};

use crate::Bench;
use crate::workload::Reading;

/// Frames of each size.
const FRAMES: u16 = 16;

/// Addresses, ports, and the payload's place and length.
#[derive(Debug, PartialEq)]
struct Fields {
    source: Ipv4Addr,
    destination: Ipv4Addr,
    source_port: u16,
    destination_port: u16,
    payload: *const u8,
    payload_len: usize,
}

type Workload<'b> = Reading<'b, Vec<u8>, Option<Fields>>;

pub(crate) fn run(bench: &mut Bench) {
    walk(bench);
    checksums(bench, "16 with checksums, 172 bytes", 172, 0.90);
    checksums(bench, "16 with checksums, 1,128 bytes", 1128, 0.50);
}

/// Frames with right checksums around so many bytes that look like RTP.
fn frames(payload: usize) -> impl Iterator<Item = Vec<u8>> {
    (0..FRAMES).map(move |number| {
        let mut bytes: Vec<u8> = (0..=u8::MAX).cycle().take(payload).collect();
        bytes[..2].copy_from_slice(&[0x80, 0x60]);
        bytes[2..4].copy_from_slice(&number.to_be_bytes());
        let from = SocketAddr::from(([192, 0, 2, 1], 5004 + 2 * number));
        let to = SocketAddr::from(([198, 51, 100, 7], 6000 + number));
        let mut frame = vec![0; payload + 42];
        let mac = MacAddress([2, 0, 0, 0, 0, 1]);
        let datagram = DatagramBuilder::new(from, to, &bytes[..]);
        datagram.in_ethernet(mac, mac).write(&mut frame).expect("room");
        frame
    })
}

#[inline]
fn fields(ip: &Ipv4<'_>, udp: &Udp<'_>) -> Fields {
    Fields {
        source: ip.source(),
        destination: ip.destination(),
        source_port: udp.source_port(),
        destination_port: udp.destination_port(),
        payload: udp.payload().as_ptr(),
        payload_len: udp.payload().len(),
    }
}

fn walk(bench: &mut Bench) {
    let workload: Workload<'_> = bench
        .reading("15 Ethernet, IPv4, UDP", frames(172))
        .goal(0.75, 1.10)
        .floor(|frame: &Vec<u8>| floor::walk(frame))
        .mediawire(|frame| {
            let packet = Packet::parse(LinkType::ETHERNET, frame).ok()?;
            let (Some(Ip::V4(ip)), Some(udp)) = (packet.ip(), packet.udp()) else { return None };
            Some(fields(&ip, &udp))
        })
        .contestant("mediawire, layer by layer", |frame| {
            let ethernet = Ethernet::parse(frame).ok()?;
            if ethernet.ether_type() != Some(EtherType::IPV4) {
                return None;
            }
            let ip = Ipv4::parse(ethernet.payload()).ok()?;
            if ip.protocol() != IpProtocol::UDP || ip.fragment().is_some() {
                return None;
            }
            Some(fields(&ip, &Udp::parse(ip.payload()).ok()?))
        });
    #[cfg(feature = "others")]
    let workload = others::walk(workload);
    workload.run();
}

fn checksums(bench: &mut Bench, name: &'static str, payload: usize, of_best: f64) {
    let workload: Workload<'_> = bench
        .reading(name, frames(payload))
        .goal(of_best, 1.05)
        .floor(|frame: &Vec<u8>| floor::verify(frame))
        .mediawire(|frame| {
            let packet = Packet::parse(LinkType::ETHERNET, frame).ok()?;
            let (Some(Ip::V4(ip)), Some(udp)) = (packet.ip(), packet.udp()) else { return None };
            if ip.verify_checksum() != ChecksumStatus::Valid
                || udp.verify_checksum(ip.pseudo_header()?) != ChecksumStatus::Valid
            {
                return None;
            }
            Some(fields(&ip, &udp))
        });
    #[cfg(feature = "others")]
    let workload = others::verify(workload);
    workload.run();
}
