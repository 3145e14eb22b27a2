//! Every registered RTCP packet type, feedback format, XR block and SDES item has a view and a builder: walks the tables of
//! `tests/registry/`, and for each row reads packets that were laid out apart from the parser (`tests/second_reading/`).

#![cfg(all(feature = "alloc", feature = "serde"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // a test may panic

mod common;

use std::collections::HashMap;
use std::path::Path;

use common::second_reading;
use mediawire::Encode;
use mediawire::rtcp::xr::{Block, SyncPacketSenderType};
use mediawire::rtcp::xr::{BlockType, MaElementType, MaMethod, MaStatus, PdvType};
use mediawire::rtcp::{
    Packet, PacketType, PauseResumeType, PayloadFeedbackFormat, RamsResponse, RamsSubFormat,
    RamsTlvType, RsiSubReportType, SdesItem, SdesItemType, TokenMessageType,
    TransportFeedbackFormat,
};

type Row = HashMap<String, String>;

fn tests(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

fn table(name: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(tests("registry").join(name)).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

/// Whether the row is one thing: not reserved, not unassigned, not a range, not the extension mechanism.
fn is_one_thing(name: &str, value: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('(')
        && name != "Extension"
        && value.parse::<u32>().is_ok()
}

/// Asserts that there are packets for a row, each read by a view of its own and written again by a builder.
fn walk(what: &str, packets: &[Vec<u8>], is_of_row: impl Fn(&[u8]) -> bool) {
    let mut count = 0;
    for bytes in packets.iter().filter(|bytes| is_of_row(bytes)) {
        let packet = Packet::parse(bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
        let raw = matches!(packet, Packet::Other(_) | Packet::Feedback(_));
        assert!(!raw, "{what} has no view: {packet:?}");
        assert_eq!(packet.to_vec().as_ref(), Ok(bytes), "{what}");
        count += 1;
    }
    assert!(count > 0, "{what}: no packet of the second reading");
}

#[test]
fn every_packet_type() {
    let packets = second_reading();
    for row in table("rtcp_packet_types.csv") {
        if is_one_thing(&row["name"], &row["value"]) {
            let value: u8 = row["value"].parse().unwrap();
            assert_eq!(PacketType(value).name(), Some(row["name"].as_str()));
            walk(&row["full_name"], &packets, |bytes| bytes[1] == value);
        }
    }
}

#[test]
fn every_feedback_format() {
    let packets = second_reading();
    let transport = table("rtpfb_formats.csv").into_iter().map(|row| (205, row));
    let payload = table("psfb_formats.csv").into_iter().map(|row| (206, row));
    for (packet_type, row) in transport.chain(payload) {
        if !is_one_thing(&row["name"], &row["fmt"]) {
            continue;
        }
        let format: u8 = row["fmt"].parse().unwrap();
        let name = match packet_type {
            205 => TransportFeedbackFormat(format).name(),
            _ => PayloadFeedbackFormat(format).name(),
        };
        // AFB:REMB is an application of AFB.
        assert_eq!(name, row["name"].split(':').next());
        let application = row["name"].split_once(':').map(|(_, application)| application);
        walk(&row["full_name"], &packets, |bytes| {
            let is = bytes[1] == packet_type && bytes[0] & 31 == format;
            is && match application {
                Some("MS") => bytes.get(12..14) == Some(&[0, 1]),
                Some(word) => bytes.get(12..16) == Some(word.as_bytes()),
                None => true,
            }
        });
    }
}

#[test]
fn every_extended_report_block() {
    let packets = second_reading();
    let mut seen: HashMap<u8, usize> = HashMap::new();
    for bytes in packets.iter().filter(|bytes| bytes[1] == 207) {
        let Ok(Packet::ExtendedReport(report)) = Packet::parse(bytes) else { panic!("{bytes:?}") };
        for block in report.blocks() {
            let block = block.unwrap();
            if !matches!(block, Block::Other(_)) {
                *seen.entry(block.block_type().0).or_default() += 1;
            }
        }
        assert_eq!(report_again(bytes), *bytes);
    }
    for row in table("xr_block_types.csv") {
        let (name, value) = (&row["name"], &row["bt"]);
        if !is_one_thing(name, value) {
            continue;
        }
        let value: u8 = value.parse().unwrap();
        assert!(BlockType(value).name().is_some(), "{name}");
        // 9 and 36 are registered without a layout: opaque words.
        if ![9, 36].contains(&value) {
            assert!(seen.contains_key(&value), "block {value} {name} has no view, or no packet");
        }
    }
}

fn report_again(bytes: &[u8]) -> Vec<u8> {
    Packet::parse(bytes).unwrap().to_vec().unwrap()
}

#[test]
fn every_sdes_item() {
    for row in table("sdes_items.csv") {
        let value: u8 = row["value"].parse().unwrap();
        if value == 0 {
            assert!(SdesItem::new(SdesItemType(0), b"").to_vec().is_err(), "END is no item");
            continue;
        }
        let item_type = SdesItemType(value);
        assert_eq!(item_type.name(), Some(row["name"].as_str()));
        let item = match item_type {
            SdesItemType::PRIV => SdesItem::private(b"prefix", b"value"),
            _ => SdesItem::new(item_type, b"value"),
        };
        // SDES with one chunk, the item, and null bytes up to the boundary.
        let mut bytes =
            [&[0x81, 202, 0, 0, 0, 0, 0, 1], &item.to_vec().unwrap()[..], &[0]].concat();
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes[3] = u8::try_from(bytes.len() / 4 - 1).unwrap();
        let Ok(Packet::SourceDescription(sdes)) = Packet::parse(&bytes) else {
            panic!("{bytes:?}")
        };
        let read: Vec<_> =
            sdes.chunks().flat_map(|chunk| chunk.items().collect::<Vec<_>>()).collect();
        assert_eq!(read, [item]);
    }
}

#[test]
fn every_row_of_the_registries_inside_packets_is_named() {
    for row in table("rtcp_subregistries.csv") {
        let (registry, name, value) = (&row["registry"], &row["name"], &row["value"]);
        if !is_one_thing(name, value) {
            continue;
        }
        let value: u16 = value.parse().unwrap();
        let byte = u8::try_from(value).unwrap_or(255);
        let ours = match registry.split(" (").next().unwrap() {
            "RSI SRBT" => RsiSubReportType(byte).name(),
            "TOKEN SMT" => TokenMessageType(byte).name(),
            "RAMS SFMT" => RamsSubFormat(byte).name(),
            "RAMS TLV" => RamsTlvType(byte).name(),
            "RAMS response code" => RamsResponse(value).name(),
            "PAUSE-RESUME type" => PauseResumeType(byte).name(),
            "MA method" => MaMethod(byte).name(),
            "MA TLV" => MaElementType(byte).name(),
            "MA status code" => MaStatus(value).name(),
            "PDV type" => PdvType(byte).name(),
            "IDMS SPST" => SyncPacketSenderType(byte).name(),
            other => panic!("a registry that is not known: {other}"),
        };
        assert!(ours.is_some(), "{registry} {value}: {name}");
    }
}
