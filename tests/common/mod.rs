//! What the integration tests share: the datagrams of the captures in `testdata/`.

#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mediawire::net::{LinkType, Packet};
use pcap_parser::traits::PcapReaderIterator;
use pcap_parser::{LegacyPcapReader, PcapBlockOwned, PcapError};

/// The folder of the library, from whatever package this is compiled in.
fn root() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    if package.join("testdata").exists() {
        package
    } else {
        package.parent().expect("the library's folder")
    }
}

pub fn testdata(name: &str) -> PathBuf {
    root().join("testdata").join(name)
}

/// The frames of a pcap file, in its order, with their link type.
pub fn frames(name: &str) -> Vec<(LinkType, Vec<u8>)> {
    timed_frames(name).into_iter().map(|(_, link, frame)| (link, frame)).collect()
}

/// The same, and when each was captured.
fn timed_frames(name: &str) -> Vec<(Duration, LinkType, Vec<u8>)> {
    let file = File::open(testdata(name)).expect(name);
    let mut reader = LegacyPcapReader::new(1 << 16, file).expect(name);
    let (mut link, mut unit, mut frames) = (LinkType(0), 1000, Vec::new());
    loop {
        match reader.next() {
            Ok((consumed, block)) => {
                match block {
                    PcapBlockOwned::LegacyHeader(header) => {
                        link = LinkType(u16::try_from(header.network.0).expect("a link type"));
                        unit = if header.is_nanosecond_precision() { 1 } else { 1000 };
                    }
                    PcapBlockOwned::Legacy(packet) => {
                        let time = Duration::new(packet.ts_sec.into(), packet.ts_usec * unit);
                        frames.push((time, link, packet.data.to_vec()));
                    }
                    PcapBlockOwned::NG(_) => panic!("{name} is not a pcap file"),
                }
                reader.consume(consumed);
            }
            Err(PcapError::Eof) => return frames,
            Err(PcapError::Incomplete(_)) => reader.refill().expect(name),
            Err(error) => panic!("{name}: {error}"),
        }
    }
}

/// The UDP payloads of a pcap file, in its order; none of those that the capture has cut short.
pub fn udp_payloads(name: &str) -> Vec<Vec<u8>> {
    timed_udp_payloads(name).into_iter().map(|(_, payload)| payload).collect()
}

/// The same, and when each was captured.
pub fn timed_udp_payloads(name: &str) -> Vec<(Duration, Vec<u8>)> {
    let payload = |(time, link, frame): (Duration, LinkType, Vec<u8>)| {
        Some((time, Packet::parse(link, &frame).ok()?.udp()?.payload().to_vec()))
    };
    timed_frames(name).into_iter().filter_map(payload).collect()
}

/// The pcap files of `testdata/` that can be read to their end, by name.
pub fn captures() -> Vec<String> {
    let entries = std::fs::read_dir(testdata("")).expect("testdata");
    let names = entries.map(|entry| entry.expect("testdata").file_name());
    let mut names: Vec<_> = names.filter_map(|name| name.into_string().ok()).collect();
    names.retain(|name| name.ends_with(".pcap") && name != "fmt-cut-mid-packet.pcap");
    names.sort();
    names
}

/// The RTCP packets that were laid out from the documents, apart from the parser.
pub fn second_reading() -> Vec<Vec<u8>> {
    let folder = root().join("tests/second_reading");
    let texts = ["rtcp.jsonl", "xr.jsonl"]
        .map(|name| std::fs::read_to_string(folder.join(name)).expect(name));
    let byte = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).expect("hex");
        u8::from_str_radix(pair, 16).expect("hex")
    };
    let packet = |line: &str| {
        let object: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let hex = object["hex"].as_str().expect("a field hex");
        hex.as_bytes().chunks(2).map(byte).collect()
    };
    texts.concat().lines().map(packet).collect()
}
