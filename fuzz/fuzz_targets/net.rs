//! A captured frame: its link type and how much of it the capture kept are told by the first three bytes. Read strictly
//! and leniently, shown; each layer by itself read, and written again so that it reads the same.
#![no_main]

use std::net::IpAddr;

use libfuzzer_sys::fuzz_target;
use mediawire::net::{
    Checksum, ChecksumStatus, DatagramBuilder, Ethernet, EthernetBuilder, ExtensionHeader,
    ExtensionHeaderBuilder, Frame, Icmp, IcmpBuilder, IcmpVersion, Ip, Ipv4, Ipv4Builder, Ipv6,
    Ipv6Builder, LinkType, MacAddress, Null, NullBuilder, Packet, Sll, Sll2, Sll2Builder,
    SllBuilder, Tcp, TcpBuilder, TcpOption, TcpOptionsBuilder, Transport, Udp, UdpBuilder, Vlan,
    VlanBuilder, checksum,
};
use mediawire_fuzz::{again, call, debug, end, fault, line, read, text, written};

const LINK_TYPES: [u16; 10] = [0, 1, 12, 14, 101, 108, 113, 228, 229, 276];

fuzz_target!(|input: &[u8]| {
    let Some((&[link, more @ ..], frame)) = input.split_first_chunk::<3>() else { return };
    let link = LinkType(LINK_TYPES[usize::from(link) % LINK_TYPES.len()]);
    let original_len = frame.len() + usize::from(u16::from_be_bytes(more));
    let strict = Packet::parse(link, frame);
    match &strict {
        Ok(packet) => {
            packet_of(packet, frame);
            assert!(packet.cut().is_none());
        }
        Err(error) => fault(error, frame.len()),
    }
    match Packet::parse_captured(link, frame, original_len) {
        Ok(packet) => {
            assert_eq!(packet.cut().is_none(), strict.is_ok());
            if let Some(cut) = packet.cut() {
                line(&cut);
                packet_of(&packet, frame);
            }
        }
        Err(error) => {
            fault(&error, frame.len());
            assert!(strict.is_err());
        }
    }
    match Frame::parse(link, frame) {
        Ok(read) => {
            text(&read.link());
            call!(read; ether_type);
            assert!(end(read.vlan_tags(), frame.len()) <= frame.len());
            assert!(read.payload().len() <= frame.len());
        }
        Err(error) => fault(&error, frame.len()),
    }
    if let Some(ethernet) = again!(frame, Ethernet, EthernetBuilder, text) {
        call!(ethernet.source(); is_multicast);
        call!(ethernet.destination(); is_multicast);
    }
    if let Some(vlan) = again!(frame, Vlan, VlanBuilder, text) {
        let _ = vlan.ether_type().is_some_and(|ether_type| ether_type.is_vlan());
    }
    if let Some(sll) = again!(frame, Sll, SllBuilder, text) {
        call!(sll; address_field);
    }
    if let Some(sll) = again!(frame, Sll2, Sll2Builder, text) {
        call!(sll; address_field);
    }
    if let Some(null) = again!(frame, Null, NullBuilder, text) {
        call!(null.family(); ether_type);
    }
    if let Some(ip) = again!(frame, Ipv4, Ipv4Builder, text) {
        ipv4(&ip);
    }
    if let Some(ip) = again!(frame, Ipv6, Ipv6Builder, text) {
        ipv6(&ip);
    }
    if let Some(ip) = read!(frame, Ip, text) {
        addresses(&ip);
    }
    if let Some(udp) = again!(frame, Udp, UdpBuilder, text) {
        assert!(udp.payload_len() >= udp.payload().len());
    }
    if let Some(segment) = again!(frame, Tcp, TcpBuilder, text) {
        tcp(&segment);
    }
    if let Some(icmp) = again!(frame, Icmp, IcmpBuilder, text) {
        let _ = icmp.verify_checksum(IcmpVersion::V4);
    }
});

fn packet_of(packet: &Packet<'_>, frame: &[u8]) {
    text(packet);
    call!(packet; ether_type, padding, protocol, source, destination, ports, endpoints);
    text(&packet.link());
    assert_eq!(packet.frame().link(), packet.link());
    let tags = packet.vlan_tags();
    assert_eq!((end(tags, 1000), tags.is_empty()), (tags.len(), tags.len() == 0));
    for tag in tags {
        debug(&tag);
        call!(tag.control; priority, drop_eligible, id);
    }
    if let Some(status) = packet.verify_checksum() {
        debug(&status);
    }
    if let Some(ip) = packet.ip() {
        addresses(&ip);
    }
    match packet.transport() {
        Transport::Udp(udp) => {
            assert_eq!(packet.udp(), Some(udp));
            // The same datagram on a link of its own; its checksum is right.
            if let (Some((source, destination)), true) = (packet.endpoints(), udp.missing() == 0) {
                let datagram = DatagramBuilder::new(source, destination, udp.payload());
                let written = written(&datagram).expect("no longer than it was");
                let read = Packet::parse(LinkType(101), &written).expect("what is written parses");
                assert_eq!(read.endpoints(), Some((source, destination)));
                assert_eq!(read.udp().map(|udp| udp.payload()), Some(udp.payload()));
                assert_eq!(read.verify_checksum(), Some(ChecksumStatus::Valid));
                let mac = MacAddress([2, 0, 0, 0, 0, 1]);
                let ethernet = mediawire_fuzz::written(&datagram.in_ethernet(mac, mac));
                let ethernet = ethernet.expect("14 bytes more");
                let read = Packet::parse(LinkType(1), &ethernet).expect("what is written");
                assert_eq!(read.ether_type(), Some(datagram.ether_type()));
            }
        }
        Transport::Tcp(segment) => {
            assert_eq!(packet.tcp(), Some(segment));
            tcp(&segment);
        }
        other => debug(&other),
    }
    assert_eq!(checksum::of(frame), {
        let mut sum = Checksum::new();
        let (front, back) = frame.split_at(frame.len() / 3);
        sum.add(front);
        sum.add(back);
        sum.finish()
    });
}

fn addresses(ip: &Ip<'_>) {
    call!(ip; source, destination, hop_limit, missing, pseudo_header);
    call!(ip.protocol(); is_extension_header, has_ports, name);
    if let Some(fragment) = ip.fragment() {
        debug(&fragment);
        call!(fragment; offset_bytes, is_first);
    }
    match ip {
        Ip::V4(ip) => ipv4(ip),
        Ip::V6(ip) => ipv6(ip),
    }
    if let Some(pseudo) = ip.pseudo_header() {
        let payload = ip.payload();
        if let Ok(udp) = Udp::parse(payload) {
            debug(&udp.verify_checksum(pseudo));
        }
        if let Ok(tcp) = Tcp::parse(payload) {
            debug(&tcp.verify_checksum(pseudo));
        }
        let (source, destination) = (ip.source(), ip.destination());
        if let (Ok(icmp), IpAddr::V6(source), IpAddr::V6(destination)) =
            (Icmp::parse(payload), source, destination)
        {
            debug(&icmp.verify_checksum(IcmpVersion::V6 { source, destination }));
        }
    }
}

fn ipv4(ip: &Ipv4<'_>) {
    debug(&ip.verify_checksum());
    call!(ip; pseudo_header, fragment);
    let most = ip.options_bytes().len();
    end(ip.options(), most);
    let mut options = ip.options();
    options.by_ref().for_each(|option| debug(&option));
    assert!(options.rest().len() <= most);
}

fn ipv6(ip: &Ipv6<'_>) {
    call!(ip; dscp, ecn, is_jumbogram, pseudo_header, fragment);
    let bytes = ip.extension_bytes();
    end(ip.extension_headers(), bytes.len() / 8);
    let mut used = 0;
    for header in ip.extension_headers() {
        debug(&header);
        used += header.bytes.len();
        call!(header; next_header, fragment, segments_left);
        let ExtensionHeader { kind, .. } = header;
        let builder =
            ExtensionHeaderBuilder { kind, next_header: header.next_header(), data: header.data() };
        if let Some(written) = written(&builder) {
            assert_eq!(written.len(), header.bytes.len());
        }
        if let Some(mut options) = header.options() {
            end(options, header.bytes.len());
            options.by_ref().for_each(|option| debug(&option));
            assert!(options.rest().len() <= header.bytes.len());
        }
    }
    assert_eq!(used, bytes.len());
}

fn tcp(segment: &Tcp<'_>) {
    let bytes = segment.options_bytes();
    end(segment.options(), bytes.len());
    let mut options = segment.options();
    let all: Vec<TcpOption<'_>> = options.by_ref().collect();
    assert!(options.rest().len() <= bytes.len());
    for option in &all {
        debug(option);
        line(&option.kind());
    }
    let builder = TcpOptionsBuilder { options: &all };
    if let Some(written) = written(&builder) {
        debug(&written);
    }
    let _ = segment.flags().contains(segment.flags());
}
