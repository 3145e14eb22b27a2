//! Every registered header extension has a reader and a writer: walks tests/registry/rtp_header_extensions.csv.

#![allow(missing_docs, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // a test may panic

use std::collections::BTreeMap;

use mediawire::Encode;
use mediawire::rtp::ext::{AnyValue, Uri};

/// The rows without a value of their own, as the registry's README names them.
const WITHOUT_VALUE: [&str; 2] =
    ["urn:ietf:params:rtp-hdrext:encrypt", "urn:ietf:params:rtp-hdrext:sdes"];

/// A row: URI, short name, lengths of the data, layout.
struct Row {
    uri: String,
    short_name: String,
    lengths: String,
    layout: String,
}

fn rows() -> Vec<Row> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/registry/rtp_header_extensions.csv");
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = ["uri", "short_name", "reference", "lengths", "value_layout"];
    assert_eq!(reader.headers().unwrap().iter().take(5).collect::<Vec<_>>(), header);
    reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            let column = |at: usize| record[at].to_owned();
            Row { uri: column(0), short_name: column(1), lengths: column(3), layout: column(4) }
        })
        .collect()
}

/// The lengths that a row allows: `3`, `8|16`, `1-15`, `1|4-20`, `13 (12 accepted: …)`.
fn lengths(text: &str) -> Vec<usize> {
    let (text, more) = text.split_once(" (").unwrap_or((text, ""));
    let accepted = more.split(' ').next().and_then(|word| word.parse().ok());
    let mut lengths: Vec<usize> = accepted.into_iter().collect();
    for part in text.split('|') {
        let (low, high) = part.split_once('-').unwrap_or((part, part));
        lengths.extend(low.parse::<usize>().unwrap()..=high.parse().unwrap());
    }
    lengths
}

/// Data of a kind for each length that needs more than a length to be right; by short name.
fn data(name: &str, len: usize) -> Option<Vec<u8>> {
    let zeros = vec![0; len];
    let with = |front: &[u8]| [front, &vec![0; len.saturating_sub(front.len())]].concat();
    match name {
        // A token, letters and digits, any text.
        "mid" | "rid" | "rrid" | "captid" | "sdes-cname" => Some(vec![b'a'; len]),
        // One stream with one layer at first: 1 bitrate of up to 8 bytes, then its size or nothing.
        "video-layers-allocation" => match len {
            1 => Some(zeros),
            3..=10 => Some([&[1, 0][..], &vec![0x80; len - 3], &[0]].concat()),
            11..=15 => Some([&[1, 0][..], &vec![0x80; len - 8], &[0; 6]].concat()),
            _ => None,
        },
        // B and as many differences as fit, each of one byte or of two.
        "generic-frame-descriptor" => match len {
            1 => Some(zeros),
            4 => Some(with(&[0x80, 1])),
            5..=12 => {
                let mut diffs = vec![5; len - 4];
                *diffs.last_mut().unwrap() = 4;
                Some([&[0x88, 1, 0, 0][..], &diffs].concat())
            }
            _ => {
                // Of 8 differences, so many are long.
                let long = len - 12;
                let mut data = vec![0x88, 1, 0, 0];
                for at in 0..8 {
                    let more = u8::from(at < 7);
                    data.extend(if at < long { vec![6 | more, 1] } else { vec![4 | more] });
                }
                Some(data)
            }
        },
        _ => Some(zeros),
    }
}

#[test]
fn every_row_has_a_reader_and_a_writer_for_each_of_its_lengths() {
    let rows = rows();
    assert_eq!(rows.len(), 34);
    for row in &rows {
        let uri = Uri::find(&row.uri).unwrap_or_else(|| panic!("unknown: {}", row.uri));
        let name = row.short_name.split([' ', ',']).next().unwrap();
        assert_eq!(uri.name(), name, "{}", row.uri);
        if WITHOUT_VALUE.contains(&row.uri.as_str()) {
            assert!(AnyValue::parse(uri, &[0]).is_none(), "{}", row.uri);
            continue;
        }
        let mut seen = 0;
        for len in lengths(&row.lengths) {
            let Some(data) = data(name, len) else { continue };
            assert_eq!(data.len(), len, "{name}");
            let parsed = AnyValue::parse(uri, &data).unwrap_or_else(|| panic!("no reader: {name}"));
            let value = parsed.unwrap_or_else(|error| panic!("{name} of {len} bytes: {error}"));
            let mut written = vec![0xEE; len];
            assert_eq!(value.write(&mut written), Ok(len), "{name} of {len} bytes");
            assert_eq!(written, data, "{name} of {len} bytes");
            seen += 1;
        }
        assert!(seen > 0, "{name}");
    }
}

#[test]
fn no_kind_takes_a_length_that_its_row_does_not_have() {
    for row in rows() {
        let uri = Uri::find(&row.uri).unwrap();
        if WITHOUT_VALUE.contains(&row.uri.as_str()) {
            continue;
        }
        let lengths = lengths(&row.lengths);
        // An 8-byte form of smpte-tc is in the example of RFC 6904 section 3.1 alone.
        let is_known = |len| lengths.contains(&len) || (uri == Uri::SMPTE_TC && len == 8);
        for len in 0..=300 {
            for fill in [0, 0xff, b'a'] {
                let data = vec![fill; len];
                let parsed = AnyValue::parse(uri, &data).unwrap();
                assert!(parsed.is_err() || is_known(len), "{uri:?} of {len} bytes");
            }
        }
    }
}

#[test]
fn no_uri_is_missing_in_the_table() {
    let rows: BTreeMap<_, _> = rows().into_iter().map(|row| (row.uri, row.short_name)).collect();
    for uri in Uri::ALL {
        assert!(rows.contains_key(uri.as_str()), "{uri}");
    }
    assert_eq!(rows.len(), Uri::ALL.len());
}

/// Names in the layout: `name:bits` and `name {…}`, without those of reserved bits and of what repeats.
#[cfg(feature = "serde")]
#[test]
fn values_serialise_with_the_names_of_the_layout() {
    /// Names of the layout that are shown by others: in halves, as a list, as what they make, or not at all.
    const OTHERWISE: [(&str, &str, &[&str]); 7] = [
        ("csrc-audio-level", "level", &["levels"]),
        (
            "splicing-interval",
            "out_ntp_low56",
            &["out_ntp_low56_seconds", "out_ntp_low56_fraction"],
        ),
        ("splicing-interval", "in_ntp", &["in_ntp_seconds", "in_ntp_fraction"]),
        ("abs-capture-time", "capture_ntp", &["capture_ntp_seconds", "capture_ntp_fraction"]),
        ("abs-capture-time", "estimated_clock_offset", &["estimated_clock_offset_seconds"]),
        ("color-space", "range_and_chroma_siting", &["range", "horizontal", "vertical"]),
        ("corruption-detection", "sample", &["samples"]),
    ];
    for row in rows() {
        let uri = Uri::find(&row.uri).unwrap();
        let name = uri.name();
        if WITHOUT_VALUE.contains(&row.uri.as_str()) {
            continue;
        }
        // All forms together have all the names.
        let mut json = String::new();
        for len in lengths(&row.lengths) {
            let Some(mut data) = data(name, len) else { continue };
            // A resolution instead of differences; extended fields.
            if name == "generic-frame-descriptor" && len == 8 {
                data = vec![0x80, 1, 0, 0, 0, 1, 0, 1];
            }
            let value = AnyValue::parse(uri, &data).unwrap().unwrap();
            json += &serde_json::to_string(&value).unwrap();
        }
        let words = row.layout.split(|c: char| !(c.is_ascii_alphanumeric() || "_:".contains(c)));
        for word in words {
            let Some((field, bits)) = word.split_once(':') else { continue };
            let field = field.to_ascii_lowercase();
            let is_name = !field.starts_with(|c: char| c.is_ascii_digit());
            let is_width = bits.starts_with(|c: char| c.is_ascii_digit()) || bits == "variable";
            if !is_name
                || !is_width
                || ["zero", "x", "m", "fdiff", "fdiff_high"].contains(&field.as_str())
            {
                continue;
            }
            let plain = [field.as_str()];
            let other = OTHERWISE.iter().find(|other| (other.0, other.1) == (name, field.as_str()));
            for field in other.map_or(&plain[..], |other| other.2) {
                assert!(json.contains(&format!("\"{field}\":")), "{name}: {field} in {json}");
            }
        }
    }
}
