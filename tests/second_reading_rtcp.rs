//! RTCP packets laid out in a second reading of the documents, made apart from the parser.
//!
//! Each line of `second_reading/rtcp.jsonl` is a packet: `name`, `source` (the figure), `hex`, and in `json` the fields that it has,
//! named as docs/inspect-json.md names them. `as_lntf` and `as_ms` hold what an application's own view of an AFB packet gives. Each
//! line of `second_reading/rtcp_bad.jsonl` must be refused, for its `reason`, and with the word `error` where the rules leave no
//! choice of it.

#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // a test may panic

use std::collections::BTreeMap;

use mediawire::Encode;
use mediawire::rtcp::{Compound, Packet};
use serde_json::{Value, json};

struct Vector {
    name: String,
    wire: Vec<u8>,
    line: Value,
}

fn vectors(text: &str) -> Vec<Vector> {
    let read = |line| {
        let line: Value = serde_json::from_str(line).unwrap();
        let name = line["name"].as_str().unwrap().to_owned();
        Vector { name, wire: bytes(line["hex"].as_str().unwrap()), line }
    };
    text.lines().map(read).collect()
}

fn good() -> Vec<Vector> {
    vectors(include_str!("second_reading/rtcp.jsonl"))
}

fn bad() -> Vec<Vector> {
    vectors(include_str!("second_reading/rtcp_bad.jsonl"))
}

fn bytes(hex: &str) -> Vec<u8> {
    let digit = |digit: &u8| char::from(*digit).to_digit(16).unwrap();
    let byte = |pair: &[u8]| pair.iter().fold(0, |byte, of| byte << 4 | digit(of));
    hex.as_bytes().chunks(2).map(|pair| u8::try_from(byte(pair)).unwrap()).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The places at which `given` lacks something of `expected` or has it otherwise. It may have more members.
fn differences(path: &str, expected: &Value, given: &Value) -> Vec<String> {
    match (expected, given) {
        (Value::Object(expected), Value::Object(given)) => expected
            .iter()
            .flat_map(|(name, value)| match given.get(name) {
                Some(has) => differences(&format!("{path}.{name}"), value, has),
                None => vec![format!("{path}.{name}: nothing, not {value}")],
            })
            .collect(),
        (Value::Array(expected), Value::Array(given)) if expected.len() == given.len() => expected
            .iter()
            .zip(given)
            .enumerate()
            .flat_map(|(at, (value, has))| differences(&format!("{path}[{at}]"), value, has))
            .collect(),
        _ if expected == given => Vec::new(),
        _ => vec![format!("{path}: {given}, not {expected}")],
    }
}

fn parsed(vector: &Vector) -> Packet<'_> {
    Packet::parse(&vector.wire).unwrap_or_else(|error| panic!("{}: {error}", vector.name))
}

#[test]
fn every_field_is_where_the_document_has_it() {
    for vector in good() {
        let packet = parsed(&vector);
        let raw = matches!(packet, Packet::Other(_) | Packet::Feedback(_));
        assert!(!raw, "{}: has no view of its own", vector.name);
        let given = serde_json::to_value(packet).unwrap();
        let differences = differences("", &vector.line["json"], &given);
        assert!(differences.is_empty(), "{}: {differences:#?}\n{given}", vector.name);
    }
}

#[test]
fn what_does_not_apply_is_left_out() {
    let absent = [
        ("tmmbr: everything at its largest", "/entries/0/bitrate_bps"),
        ("remb: 2^53", "/bitrate_bps"),
        ("lrr: no current layer, its fields and the reserved bits set", "/entries/0/ctid"),
        ("lrr: no current layer, its fields and the reserved bits set", "/entries/0/clid"),
        ("roi: arbitrary", "/roi_id"),
        ("roi: pre-defined, 24 one bits and the identifier", "/position_x"),
        ("ccfb: one packet", "/media_ssrc"),
        (
            "ccfb: not received, with the other bits set; padding",
            "/report_blocks/0/metric_blocks/0/ecn",
        ),
        ("transport_cc: nothing received", "/packets/0/delta_us"),
        ("bye: one", "/reason"),
        ("rr: no block", "/profile_extensions"),
        ("smptetc: long", "/hours"),
    ];
    let good = good();
    for (name, pointer) in absent {
        let vector = good.iter().find(|vector| vector.name == name).expect(name);
        let given = serde_json::to_value(parsed(vector)).unwrap();
        assert_eq!(given.pointer(pointer), None, "{name}");
    }
}

#[test]
fn every_packet_is_written_again_byte_for_byte() {
    for vector in good() {
        assert_eq!(hex(&parsed(&vector).to_vec().unwrap()), hex(&vector.wire), "{}", vector.name);
    }
}

#[test]
fn every_truncation_is_refused() {
    for vector in good() {
        for len in 0..vector.wire.len() {
            assert!(Packet::parse(&vector.wire[..len]).is_err(), "{} cut to {len}", vector.name);
        }
    }
}

#[test]
fn one_datagram_of_all_of_them_is_walked_to_its_end() {
    let good = good();
    let datagram: Vec<u8> = good.iter().flat_map(|vector| vector.wire.clone()).collect();
    let packets: Result<Vec<_>, _> = Compound::new(&datagram).collect();
    assert_eq!(packets.unwrap(), good.iter().map(parsed).collect::<Vec<_>>());
}

#[test]
fn application_layer_feedback_is_what_its_application_says() {
    let (mut notifications, mut requests) = (0, 0);
    for vector in good() {
        let Packet::Afb(afb) = parsed(&vector) else { continue };
        if let Some(expected) = vector.line.get("as_lntf") {
            let lntf = afb.loss_notification().expect(&vector.name);
            let given = json!({
                "last_decoded_seq": lntf.last_decoded(),
                "last_received_seq": lntf.last_received(),
                "decodability": lntf.decodability(),
            });
            assert_eq!(&given, expected, "{}", vector.name);
            notifications += 1;
        } else {
            assert!(afb.loss_notification().is_none(), "{}", vector.name);
        }
        if let Some(expected) = vector.line.get("as_ms") {
            let request = afb.microsoft().and_then(|message| message.video_source_request());
            let request = request.expect(&vector.name);
            let given = json!({
                "msi": request.msi,
                "request_id": request.request_id,
                "version": request.version,
                "key_frame_request": request.key_frame_request,
                "num_entries": request.num_entries,
                "entry_length": request.entry_length,
                "entries": request.iter().map(hex).collect::<Vec<_>>(),
            });
            assert_eq!(&given, expected, "{}", vector.name);
            requests += 1;
        }
    }
    assert_eq!((notifications, requests), (3, 3));
}

#[test]
fn what_the_documents_forbid_is_refused() {
    for vector in bad() {
        let Err(error) = Packet::parse(&vector.wire) else {
            panic!("{} is read, against {}", vector.name, vector.line["reason"])
        };
        assert!(error.offset <= vector.wire.len(), "{}: {error}", vector.name);
        if let Some(word) = vector.line.get("error") {
            assert_eq!(word, error.kind.name(), "{}: {error}", vector.name);
        }
    }
}

/// By how many packets, or how many of the elements in them, each layout is covered.
#[test]
fn every_layout_is_read_at_least_twice() {
    let mut covered: BTreeMap<String, usize> = BTreeMap::new();
    let mut count = |what: String| *covered.entry(what).or_default() += 1;
    for vector in good() {
        let json = &vector.line["json"];
        let name = json["type"].as_str().unwrap();
        count(name.to_owned());
        let lists = [("tlvs", "type"), ("sub_reports", "srbt"), ("entries", "type")];
        for (list, discriminator) in lists {
            for element in json.get(list).into_iter().flat_map(|list| list.as_array().unwrap()) {
                if let Some(number) = element.get(discriminator) {
                    count(format!("{name} {list} {number}"));
                }
            }
        }
        for discriminator in ["sfmt", "smt"] {
            if let Some(number) = json.get(discriminator) {
                count(format!("{name} {discriminator} {number}"));
            }
        }
    }
    let types = "nack tmmbr tmmbn sr_req rams tllei ecn pause_resume dbi ccfb transport_cc pli sli rpsi fir tstr tstn vbcm \
                 pslei roi lrr vp remb afb h261_fir h261_nack smptetc ij sr rr sdes bye app avb rsi token idms rgrs snm";
    let types = types.split_whitespace().map(str::to_owned);
    let numbered = [
        ("rams sfmt", &[1, 2, 3][..]),
        ("rams tlvs", &[1, 2, 3, 4, 5, 6, 31, 32, 33, 34, 35, 61]),
        ("rsi sub_reports", &[0, 1, 2, 4, 5, 6, 7, 8, 10, 11, 12]),
        ("token smt", &[1, 2, 3, 4]),
        ("pause_resume entries", &[0, 1, 2, 3]),
    ];
    let numbered = numbered
        .iter()
        .flat_map(|(of, numbers)| numbers.iter().map(move |number| format!("{of} {number}")));
    for layout in types.chain(numbered) {
        let times = covered.get(&layout).copied().unwrap_or(0);
        assert!(times >= 2, "{layout}: {times}");
    }
}
