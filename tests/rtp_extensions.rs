//! Every header extension element of the captures, against what other programs make of it.
//!
//! testdata/extensions/values.tsv has a line for each value and program: aiortc 1.16.0, werift-rtp 0.8.9, str0m 0.25.0, mediasoup
//! 3.19.3, and a reading of the documents written apart from the library (reference.py). tshark 4.0.17 shows the bytes of
//! elements and no more: the values were taken from its view of the packets.
#![cfg(feature = "serde")]
#![allow(missing_docs)]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // a test may panic

mod common;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;

use mediawire::Encode;
use mediawire::net::{self, LinkType};
use mediawire::rtp::Packet;
use mediawire::rtp::ext::{AnyValue, ExtensionMap, TemplateStructure, Uri};
use serde_json::Value as Json;

/// What MANIFEST.md says of the captures without an .sdp.json.
const GSTREAMER: [(&str, &[(u8, Uri)]); 3] = [
    (
        "gst-vp8-opusred-exts-ipv6",
        &[(1, Uri::TRANSPORT_CC), (2, Uri::RTP_STREAM_ID), (5, Uri::COLOR_SPACE)],
    ),
    ("gst-avp-pcmu-l16-csrc-level-bye", &[(1, Uri::AUDIO_LEVEL)]),
    ("gst-avpf-h264-opus-nack-rtx", &[(1, Uri::TRANSPORT_CC), (2, Uri::MID), (3, Uri::NTP_64)]),
];

/// The captures, each with the map of its session.
fn captures() -> Vec<(String, ExtensionMap)> {
    let mut captures = Vec::new();
    for (name, bindings) in GSTREAMER {
        let mut map = ExtensionMap::new();
        for &(id, uri) in bindings {
            map.bind(id, uri).unwrap();
        }
        captures.push((name.to_owned(), map));
    }
    for entry in fs::read_dir(common::testdata("")).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        let Some(name) = file.strip_suffix(".sdp.json") else { continue };
        let sdp: Json =
            serde_json::from_slice(&fs::read(common::testdata(&file)).unwrap()).unwrap();
        let mut values = Vec::new();
        for section in sdp["media_as_offered"].as_array().unwrap() {
            for (id, uri) in section["extmap"].as_object().unwrap() {
                values.push(format!("{id} {}", uri.as_str().unwrap()));
            }
        }
        // The sections of a BUNDLE group say the same of the same identifier.
        let map = ExtensionMap::from_extmaps(values.iter().map(String::as_str)).unwrap();
        captures.push((name.to_owned(), map));
    }
    captures
}

/// Number and UDP payload of the frames of a capture.
fn numbered_payloads(name: &str) -> Vec<(usize, Vec<u8>)> {
    let frames = common::frames(&format!("{name}.pcap"));
    let payload = |(at, (link, frame)): (usize, (LinkType, Vec<u8>))| {
        let payload = net::Packet::parse(link, &frame).ok()?.udp()?.payload().to_vec();
        Some((at + 1, payload))
    };
    frames.into_iter().enumerate().filter_map(payload).collect()
}

/// RTP, by the first two bytes (RFC 7983, RFC 5761).
fn is_rtp(datagram: &[u8]) -> bool {
    matches!(datagram, [128..=191, second, ..] if !(192..=223).contains(second))
        && datagram.len() >= 12
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What other programs read: by name and data, or by name and capture/frame for descriptors that need those before them.
struct Expected {
    values: HashMap<(String, String), Vec<(String, Json)>>,
    used: BTreeSet<(String, String)>,
}

impl Expected {
    fn read() -> Self {
        let mut values = HashMap::<_, Vec<_>>::new();
        let text = fs::read_to_string(common::testdata("extensions/values.tsv")).unwrap();
        for line in text.lines() {
            let columns: Vec<_> = line.split('\t').collect();
            let [name, key, program, json] = columns[..] else { panic!("{line}") };
            let json = serde_json::from_str(json).unwrap();
            let key = (name.to_owned(), key.to_owned());
            values.entry(key).or_default().push((program.to_owned(), json));
        }
        Self { values, used: BTreeSet::new() }
    }

    /// Holds `ours` against every program that read the same. What they do not read is not looked at.
    fn check(&mut self, name: &str, key: &str, ours: &Json) {
        let key = (name.to_owned(), key.to_owned());
        let programs = self.values.get(&key).unwrap_or_else(|| panic!("no one reads {key:?}"));
        for (program, theirs) in programs {
            if let (Json::Object(fields), Json::Object(_)) = (theirs, ours) {
                for (field, value) in fields {
                    assert_eq!(ours.get(field), Some(value), "{program}: {key:?} {field}");
                }
            } else {
                assert_eq!(ours, theirs, "{program}: {key:?}");
            }
        }
        self.used.insert(key);
    }
}

/// The value as JSON, in the terms of the other programs.
fn comparable(value: &AnyValue<'_>) -> Json {
    let mut json = serde_json::to_value(value).unwrap();
    if let (AnyValue::AbsCaptureTime(value), Some(fields)) = (value, json.as_object_mut()) {
        // str0m gives Unix time, in floating point.
        let nanos = value.capture.unix().as_nanos();
        let micros = u64::try_from((nanos + 500) / 1000).unwrap();
        fields.insert("unix_micros".into(), micros.into());
        let offset = value.estimated_clock_offset.map(|offset| offset.to_string());
        fields.insert("clock_offset".into(), offset.into());
    }
    json
}

#[test]
fn every_element_of_every_capture_is_read_as_others_read_it() {
    let mut expected = Expected::read();
    let mut counts = BTreeMap::<&str, usize>::new();
    for (capture, map) in captures() {
        let mut structures = HashMap::<u32, Option<TemplateStructure>>::new();
        for (frame, datagram) in numbered_payloads(&capture) {
            if !is_rtp(&datagram) {
                continue;
            }
            // Padding is encrypted in two of the captures.
            let packet = Packet::parse_lenient(&datagram).unwrap();
            assert_eq!(packet.elements().finish(), Ok(()), "{capture} frame {frame}");
            for named in map.elements(&packet) {
                let place = format!("{capture}/{frame}");
                let uri = named.uri.unwrap_or_else(|| panic!("{place}: {named:?}"));
                let data = named.element.data;
                // Corruption detection is signalled as encrypted, and sent in the clear: encryption was switched off.
                let value = AnyValue::parse(uri, data).unwrap();
                let value = value.unwrap_or_else(|error| panic!("{place}: {error}"));
                *counts.entry(uri.name()).or_default() += 1;
                let mut written = [0; 255];
                let len = value.write(&mut written).unwrap();
                assert_eq!(&written[..len], data, "{place}: {value}");
                if let AnyValue::DependencyDescriptor(descriptor) = value {
                    let structure = structures.entry(packet.ssrc()).or_default();
                    let read = descriptor.read(structure).ok();
                    let json = serde_json::to_value(&read).unwrap();
                    expected.check(uri.name(), &place, &json);
                } else {
                    expected.check(uri.name(), &hex(data), &comparable(&value));
                }
            }
        }
    }
    let unused = expected.values.keys().filter(|key| !expected.used.contains(*key));
    assert_eq!(unused.collect::<Vec<_>>(), Vec::<&(String, String)>::new());
    // As elements.py counts them with tshark.
    let total: usize = counts.values().sum();
    assert_eq!((counts.len(), total), (14, 19_198), "{counts:?}");
}
