//! Cuts the seeds of the fuzz targets out of the captures in `testdata/`: of each kind of message the first one, a file
//! each, under `fuzz/seeds/TARGET/`.

#[path = "../../tests/common/mod.rs"]
mod common;

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use mediawire::Encode;
use mediawire::demux::{Protocol, demux};
use mediawire::framing::Rfc4571Builder;
use mediawire::net::{LinkType, Packet};
use mediawire::{rtcp, rtp, stun};

/// Longer messages say nothing new, and slow the fuzzer down.
const LONGEST: usize = 400;

/// The link types in the order in which the target `net` counts them.
const LINK_TYPES: [u16; 10] = [0, 1, 12, 14, 101, 108, 113, 228, 229, 276];

/// Payload types of a capture, with the number by which the target `payload` knows their format.
const PAYLOADS: [(&str, u8, u8); 8] = [
    ("chromium-h264-remb.pcap", 102, 0),
    ("chromium-vp8-rtx-twcc.pcap", 96, 2),
    ("chromium-vp9-svc-dd.pcap", 98, 3),
    ("chromium-vp8-rtx-twcc.pcap", 111, 5),
    ("chromium-vp8-rtx-twcc.pcap", 97, 6),
    ("chromium-vp8-ulpfec-red-nonack.pcap", 63, 7),
    ("chromium-h264-remb.pcap", 126, 10),
    ("chromium-h264-remb.pcap", 13, 11),
];

pub(crate) fn cut() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds");
    let mut seen = HashSet::new();
    let mut keep = |target: &str, kind: String, name: &str, bytes: &[u8]| {
        if bytes.len() <= LONGEST && seen.insert((target.to_owned(), kind)) {
            let folder = seeds.join(target);
            fs::create_dir_all(&folder).expect("fuzz/seeds");
            fs::write(folder.join(name), bytes).expect("fuzz/seeds");
        }
    };
    for capture in common::captures() {
        for (index, (link, frame)) in common::frames(&capture).into_iter().enumerate() {
            let name = format!("{}-{}", capture.trim_end_matches(".pcap"), index + 1);
            let Ok(packet) = Packet::parse(link, &frame) else { continue };
            keep("net", stack(link, &packet), &name, &with_link(link, &frame));
            if let Some(tcp) = packet.tcp() {
                keep("framing", stream_kind(tcp.payload()), &name, &streamed(tcp.payload()));
            }
            let Some(udp) = packet.udp() else { continue };
            let datagram = udp.payload();
            match demux(datagram) {
                Ok(Protocol::Rtp) => {
                    if let Ok(packet) = rtp::Packet::parse(datagram) {
                        keep("rtp", rtp_kind(&packet), &name, datagram);
                        for (of, payload_type, number) in PAYLOADS {
                            if (of, payload_type) == (&capture, packet.payload_type().0) {
                                let seed = [&[number], packet.payload()].concat();
                                let kind = format!("{number} {:?}", packet.payload().first());
                                keep("payload", kind, &name, &seed);
                            }
                        }
                        keep("framing", "RFC 4571".into(), &name, &framed(datagram));
                    }
                }
                Ok(Protocol::Rtcp) => keep("rtcp", rtcp_kind(datagram), &name, datagram),
                Ok(Protocol::Stun | Protocol::ClassicStun) => {
                    if let Ok(message) = stun::Message::parse_rfc3489(datagram) {
                        keep("stun", stun_kind(&message), &name, datagram);
                    }
                }
                Ok(Protocol::TurnChannel) => {
                    keep("stun", format!("channel {}", datagram.len() % 4), &name, datagram);
                }
                _ => {}
            }
        }
    }
}

/// A frame as the target `net` takes it: link type, and nothing cut off.
fn with_link(link: LinkType, frame: &[u8]) -> Vec<u8> {
    let number = LINK_TYPES.iter().position(|&number| number == link.0).unwrap_or(0);
    [&[u8::try_from(number).expect("ten of them"), 0, 0], frame].concat()
}

/// A segment as the target `framing` takes it: which framing, and pieces of 17 bytes. The captures with TCP have STUN and
/// ChannelData, and RTSP.
fn streamed(payload: &[u8]) -> Vec<u8> {
    let is_turn = matches!(payload.first(), Some(0..=3 | 0x48 | 0x7E));
    [if is_turn { &[0, 16][..] } else { &[2, 16] }, payload].concat()
}

/// The same of a packet, twice, as RFC 4571 has it.
fn framed(packet: &[u8]) -> Vec<u8> {
    let frame = Rfc4571Builder { packet }.to_vec().expect("shorter than a frame may be");
    [&[1, 16], &frame[..], &frame].concat()
}

fn stream_kind(payload: &[u8]) -> String {
    format!("{:?}", payload.first_chunk::<2>())
}

fn stack(link: LinkType, packet: &Packet<'_>) -> String {
    let tags = packet.vlan_tags().count();
    let version = packet.source().map(|source| source.is_ipv6());
    let transport = std::mem::discriminant(&packet.transport());
    format!("{link:?} {tags} {version:?} {:?} {transport:?}", packet.protocol())
}

fn rtp_kind(packet: &rtp::Packet<'_>) -> String {
    let ids: Vec<_> = packet.elements().map(|element| element.id).collect();
    let profile = packet.extension().map(|extension| extension.profile());
    format!("{profile:?} {ids:?} {} {}", packet.has_padding(), packet.csrc_count())
}

fn rtcp_kind(datagram: &[u8]) -> String {
    let kind = |step: Result<rtcp::Packet<'_>, _>| match step {
        Ok(packet) => {
            let (header, text) = (packet.header(), format!("{packet:?}"));
            let view = text.split('(').next().unwrap_or_default().to_owned();
            format!("{view} {:?} {}", header.packet_type(), header.has_padding())
        }
        Err(_) => "malformed".to_owned(),
    };
    rtcp::Compound::new(datagram).map(kind).collect()
}

fn stun_kind(message: &stun::Message<'_>) -> String {
    let types: Vec<_> = message.attributes().map(|a| a.attribute_type()).collect();
    format!("{:?} {:?} {types:?}", message.class(), message.method())
}
