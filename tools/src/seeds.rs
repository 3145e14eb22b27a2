//! Cuts the seeds of the fuzz targets out of the captures in `testdata/`: of each kind of message the first one, a file
//! each, under `fuzz/seeds/TARGET/`. What no capture has comes from the vectors in `tests/second_reading/`.

#[path = "../../tests/common/mod.rs"]
mod common;

use std::collections::HashSet;
use std::fs;
use std::io::Write;
use std::path::Path;

use mediawire::Encode;
use mediawire::demux::{Protocol, demux};
use mediawire::framing::Rfc4571Builder;
use mediawire::net::{LinkType, Packet};
use mediawire::rtp::ext::{Extmap, Uri};
use mediawire::{rtcp, rtp, stun};

/// Longer messages say nothing new, and slow the fuzzer down.
const LONGEST: usize = 400;

/// The longest start of a capture: a few frames.
const CAPTURE: usize = 1200;

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
        let longest = if target == "capture" { CAPTURE + 100 } else { LONGEST };
        if bytes.len() <= longest && seen.insert((target.to_owned(), kind)) {
            let folder = seeds.join(target);
            fs::create_dir_all(&folder).expect("fuzz/seeds");
            fs::write(folder.join(name), bytes).expect("fuzz/seeds");
        }
    };
    captures(&mut keep);
    vectors(&mut keep);
    for capture in common::captures() {
        let extmaps = extmaps(&capture);
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
                        if let Some((kind, seed)) = extended(&packet, &extmaps) {
                            keep("extension", kind, &name, &seed);
                        }
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
                Ok(Protocol::Rtcp) => {
                    keep("rtcp", rtcp_kind(datagram), &name, datagram);
                    parts(&mut keep, datagram, &name);
                }
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

/// Takes a seed: its target, what kind it is, its name, its bytes.
type Keep<'k> = &'k mut dyn FnMut(&str, String, &str, &[u8]);

/// The packets of a datagram of RTCP that have targets of their own, as those take them.
fn parts(keep: Keep<'_>, datagram: &[u8], name: &str) {
    for packet in rtcp::Compound::new(datagram).flatten() {
        let bytes = packet.to_vec().expect("as it was read");
        match packet {
            rtcp::Packet::ExtendedReport(report) => {
                let types = report.raw_blocks().map(|block| block.block_type().0);
                keep("xr", format!("{:?}", types.collect::<Vec<_>>()), name, &bytes[8..]);
            }
            rtcp::Packet::TransportCc(feedback) => {
                let chunks = feedback.chunks().iter().map(|chunk| chunk[0] >> 5);
                let kind = format!("{:?}", chunks.collect::<Vec<_>>());
                keep("transport_cc", kind, name, &bytes[12..]);
            }
            _ => {}
        }
    }
}

/// Messages of the documents themselves.
fn vectors(keep: Keep<'_>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/second_reading");
    for file in ["rtcp", "xr"] {
        let lines = fs::read_to_string(folder.join(file).with_extension("jsonl")).expect(file);
        for (index, line) in lines.lines().enumerate() {
            let vector: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
            let hex = vector["hex"].as_str().expect("hex").as_bytes();
            let bytes: Vec<u8> = hex.chunks(2).map(byte).collect();
            let name = format!("{file}-{}", index + 1);
            if file == "rtcp" {
                keep("rtcp", rtcp_kind(&bytes), &name, &bytes);
            }
            parts(keep, &bytes, &name);
        }
    }
}

fn byte(digits: &[u8]) -> u8 {
    let digits = std::str::from_utf8(digits).expect("ASCII");
    u8::from_str_radix(digits, 16).expect("hexadecimal")
}

/// What the ids of a capture's extensions stand for, by the description beside it.
fn extmaps(capture: &str) -> Vec<(u8, u8)> {
    let description = common::testdata(capture).with_extension("sdp.json");
    let text = fs::read_to_string(description).unwrap_or_default().replace("\\r\\n", "\n");
    let mut bound = Vec::new();
    for value in text.lines().filter_map(|line| line.split("a=extmap:").nth(1)) {
        let Some(extmap) = Extmap::parse(value.trim_end_matches(['"', ',', ' '])).ok() else {
            continue;
        };
        let number = extmap.known().and_then(|uri| Uri::ALL.iter().position(|&known| known == uri));
        let (Some(number), Ok(id)) = (number, extmap.id.try_into()) else { continue };
        let pair = (id, u8::try_from(number).expect("few of them"));
        if !bound.contains(&pair) {
            bound.push(pair);
        }
    }
    bound
}

/// The header extension of a packet as the target `extension` takes it, with what its ids are bound to.
fn extended(packet: &rtp::Packet<'_>, extmaps: &[(u8, u8)]) -> Option<(String, Vec<u8>)> {
    let extension = packet.extension()?;
    let ids: Vec<u8> = packet.elements().map(|element| element.id).collect();
    let pairs: Vec<_> = extmaps.iter().filter(|(id, _)| ids.contains(id)).take(15).collect();
    let mut seed = extension.profile().0.to_be_bytes().to_vec();
    seed.push(u8::try_from(pairs.len()).ok()?);
    seed.extend(pairs.iter().flat_map(|&&(id, number)| [id, number]));
    seed.extend(extension.data());
    let lengths: Vec<_> = packet.elements().map(|element| element.data.len()).collect();
    Some((format!("{pairs:?} {lengths:?}"), seed))
}

/// The first frames of each capture, with one choice of options after the other in front; the first ones packed by gzip too.
fn captures(keep: Keep<'_>) {
    let folder = common::testdata("");
    let mut names: Vec<_> = fs::read_dir(&folder)
        .expect("testdata")
        .map(|entry| entry.expect("testdata").file_name().into_string().expect("UTF-8"))
        .filter(|name| name.ends_with(".pcap") || name.ends_with(".pcapng"))
        .collect();
    names.sort();
    for (name, choice) in names.iter().zip((0..5_u8).cycle()) {
        let bytes = fs::read(folder.join(name)).expect(name);
        let start = if name.ends_with("ng") { blocks(&bytes) } else { records(&bytes) };
        let seed = [&[choice], &bytes[..start]].concat();
        keep("capture", name.clone(), name, &seed);
        let mut packed = flate2::write::GzEncoder::new(vec![choice], flate2::Compression::best());
        packed.write_all(&bytes[..start]).expect("a vector takes everything");
        let packed = packed.finish().expect("a vector takes everything");
        if choice == 1 {
            keep("capture", format!("{name}.gz"), &format!("{name}.gz"), &packed);
        }
    }
}

/// Where the last whole record of a classic capture's start ends.
fn records(bytes: &[u8]) -> usize {
    let big = matches!(bytes[..4], [0xA1, ..]);
    let mut end = 24;
    while let Some(length) = bytes.get(end + 8..).and_then(|rest| rest.first_chunk()) {
        let length = if big { u32::from_be_bytes(*length) } else { u32::from_le_bytes(*length) };
        let next = end + 16 + usize::try_from(length).expect("32 bits");
        if next > CAPTURE || next > bytes.len() {
            break;
        }
        end = next;
    }
    end
}

/// The same of a pcapng capture's blocks.
fn blocks(bytes: &[u8]) -> usize {
    let big = bytes[8] == 0x1A;
    let mut end = 0;
    while let Some(length) = bytes.get(end + 4..).and_then(|rest| rest.first_chunk()) {
        let length = if big { u32::from_be_bytes(*length) } else { u32::from_le_bytes(*length) };
        let next = end + usize::try_from(length).expect("32 bits");
        if next > CAPTURE || next > bytes.len() {
            break;
        }
        end = next;
    }
    end
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
