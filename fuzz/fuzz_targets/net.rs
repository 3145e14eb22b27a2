//! A captured frame: its link type and how much of it the capture kept are told by the first three bytes. Read strictly
//! and leniently, shown; each layer by itself read, and written again so that it reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mediawire::Encode;
use mediawire::net::{
    Ethernet, EthernetBuilder, Icmp, IcmpBuilder, Ip, Ipv4, Ipv4Builder, Ipv6, Ipv6Builder,
    LinkType, Null, NullBuilder, Packet, Sll, Sll2, Sll2Builder, SllBuilder, Tcp, TcpBuilder, Udp,
    UdpBuilder, Vlan, VlanBuilder,
};

const LINK_TYPES: [u16; 10] = [0, 1, 12, 14, 101, 108, 113, 228, 229, 276];

/// Reads, shows, writes and reads again. A view that cannot be built (the standard forbids it) is fine; one that can be
/// reads the same afterwards.
macro_rules! again {
    ($bytes:expr, $view:ident, $builder:ident) => {
        if let Ok(view) = $view::parse($bytes) {
            assert!(!format!("{view}").contains('\n') && !format!("{view:?}").is_empty());
            let builder = $builder::from(view);
            if let Ok(written) = builder.to_vec() {
                let read = $view::parse(&written).expect("what is written parses");
                assert_eq!($builder::from(read), builder);
            }
        }
    };
}

fuzz_target!(|input: &[u8]| {
    let Some((&[link, more @ ..], frame)) = input.split_first_chunk::<3>() else { return };
    let link = LinkType(LINK_TYPES[usize::from(link) % LINK_TYPES.len()]);
    let original_len = frame.len() + usize::from(u16::from_be_bytes(more));
    let strict = Packet::parse(link, frame);
    match &strict {
        Ok(packet) => {
            assert!(!format!("{packet}").contains('\n') && !format!("{packet:?}").is_empty());
            assert!(packet.cut().is_none());
            let _ = packet.verify_checksum();
        }
        Err(error) => assert!(error.offset <= frame.len(), "{error}"),
    }
    if let Ok(packet) = Packet::parse_captured(link, frame, original_len) {
        let _ = format!("{packet} {packet:?} {:?} {:?}", packet.endpoints(), packet.padding());
        let _ = packet.verify_checksum();
        assert_eq!(packet.cut().is_none(), strict.is_ok());
        if let Some(Ip::V6(ip)) = packet.ip() {
            assert!(ip.extension_headers().count() <= frame.len());
        }
    }
    again!(frame, Ethernet, EthernetBuilder);
    again!(frame, Vlan, VlanBuilder);
    again!(frame, Sll, SllBuilder);
    again!(frame, Sll2, Sll2Builder);
    again!(frame, Null, NullBuilder);
    again!(frame, Ipv4, Ipv4Builder);
    again!(frame, Ipv6, Ipv6Builder);
    again!(frame, Udp, UdpBuilder);
    again!(frame, Tcp, TcpBuilder);
    again!(frame, Icmp, IcmpBuilder);
});
