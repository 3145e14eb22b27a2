//! What `mediawire inspect --json --rtp always` prints for every capture of `testdata/` is what tshark sees there, field by
//! field, but for the differences that `testdata/differences.csv` names; and so is what `--tcp` adds to that for the captures
//! with TCP streams. How they are compared: `testdata/MANIFEST.md`.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// How many mismatches of a capture are listed.
const LISTED: usize = 12;

/// The objects of a capture, by frame and index.
type Objects = BTreeMap<(u64, u64), Value>;

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata")
}

/// The captures, with the files of what is expected of them.
fn captures() -> Vec<(String, PathBuf)> {
    let expected = |name: &str| {
        let stem = name.trim_end_matches(".gz").trim_end_matches("ng").trim_end_matches(".pcap");
        testdata().join("expected").join(format!("{stem}.jsonl.gz"))
    };
    let mut names: Vec<_> = fs::read_dir(testdata())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| [".pcap", ".pcapng", ".pcap.gz"].iter().any(|end| name.ends_with(end)))
        .collect();
    names.sort();
    names.into_iter().map(|name| (name.clone(), expected(&name))).collect()
}

fn objects(lines: &str) -> Objects {
    let object = |line| {
        let value: Value = serde_json::from_str(line).unwrap();
        ((value["frame"].as_u64().unwrap(), value["index"].as_u64().unwrap()), value)
    };
    lines.lines().map(object).collect()
}

fn expected(path: &Path) -> Objects {
    let mut lines = String::new();
    flate2::read::GzDecoder::new(fs::File::open(path).unwrap()).read_to_string(&mut lines).unwrap();
    objects(&lines)
}

fn printed(name: &str, options: &[&str]) -> Objects {
    let run = Command::new(env!("CARGO_BIN_EXE_mediawire"))
        .args(["inspect", "--json", "--rtp", "always"])
        .args(options)
        .arg(testdata().join(name))
        .output()
        .unwrap();
    let told = String::from_utf8(run.stderr).unwrap();
    let cut = name == "fmt-cut-mid-packet.pcap";
    assert_eq!(run.status.code(), Some(i32::from(cut)), "{name}: {told}");
    objects(&String::from_utf8(run.stdout).unwrap())
}

/// A row of differences.csv.
#[derive(serde::Deserialize)]
struct Row {
    capture: String,
    frame: String,
    #[serde(rename = "type")]
    kind: String,
    field: String,
    tshark: String,
    mediawire: String,
    #[serde(skip)]
    used: bool,
}

impl Row {
    fn is_about(&self, place: &Place<'_>, path: &str) -> bool {
        let is = |pattern: &str, value: &str| pattern == "*" || pattern == value;
        is(&self.capture, place.capture)
            && is(&self.frame, &place.frame.to_string())
            && is(&self.kind, place.kind)
            && self.field == path
    }

    /// A cell: `*` is any value, empty is none, else JSON.
    fn is_value(cell: &str, value: Option<&Value>) -> bool {
        match (cell, value) {
            ("*", _) | ("", None) => true,
            ("", Some(_)) | (_, None) => false,
            (cell, Some(value)) => serde_json::from_str::<Value>(cell).unwrap() == *value,
        }
    }
}

fn differences() -> Vec<Row> {
    let mut reader = csv::Reader::from_path(testdata().join("differences.csv")).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

/// Where two objects are compared.
struct Place<'a> {
    capture: &'a str,
    frame: u64,
    /// Our `type`, or `kind` where there is none.
    kind: &'a str,
}

/// Compares, and keeps what is different and in no row.
struct Comparison {
    rows: Vec<Row>,
    mismatches: Vec<String>,
}

impl Comparison {
    /// All objects of a capture.
    fn capture(&mut self, capture: &str, expected: &Objects, ours: &Objects) {
        let encrypted: Vec<u64> = expected
            .iter()
            .filter(|(_, object)| object["kind"] == "srtcp")
            .map(|(&(frame, _), _)| frame)
            .collect();
        let keys: std::collections::BTreeSet<_> = expected.keys().chain(ours.keys()).collect();
        for key in keys {
            let frame = key.0;
            if encrypted.contains(&frame) {
                if let (Some(expected), Some(ours)) = (expected.get(key), ours.get(key)) {
                    self.srtcp(capture, frame, expected, ours);
                } else if key.1 == 0 {
                    self.mismatches.push(format!("frame {frame}: no object of SRTCP"));
                }
                continue;
            }
            match (expected.get(key), ours.get(key)) {
                (Some(expected), Some(ours)) => {
                    let kind = ours.get("type").unwrap_or(&ours["kind"]).as_str().unwrap();
                    let place = Place { capture, frame, kind };
                    self.value(&place, "", Some(expected), Some(ours));
                }
                (Some(object), None) => self.mismatches.push(format!("{key:?} missing: {object}")),
                (_, ours) => self.mismatches.push(format!("{key:?} only ours: {}", ours.unwrap())),
            }
        }
    }

    /// The first object of an SRTCP datagram: only its first 8 bytes are in the clear.
    fn srtcp(&mut self, capture: &str, frame: u64, expected: &Value, ours: &Value) {
        let place = Place { capture, frame, kind: "srtcp" };
        if ours["kind"] == "malformed" {
            let data = ours["data"].as_str().unwrap();
            assert!(data.starts_with(expected["first_bytes"].as_str().unwrap()), "{frame}");
            return;
        }
        for name in ["offset", "version", "padding", "packet_type", "length"] {
            self.value(&place, name, expected.get(name), ours.get(name));
        }
        let ssrc = ours.get("ssrc").or_else(|| ours.get("sender_ssrc"));
        self.value(&place, "ssrc", expected.get("ssrc"), ssrc);
    }

    fn value(
        &mut self,
        place: &Place<'_>,
        path: &str,
        expected: Option<&Value>,
        ours: Option<&Value>,
    ) {
        if expected == ours || self.is_known(place, path, expected, ours) {
            return;
        }
        match (expected, ours) {
            (Some(Value::Object(expected)), Some(Value::Object(ours))) => {
                let names =
                    expected.keys().chain(ours.keys().filter(|n| !expected.contains_key(*n)));
                for name in names {
                    let path =
                        if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    self.value(place, &path, expected.get(name), ours.get(name));
                }
            }
            (Some(Value::Array(expected)), Some(Value::Array(ours)))
                if expected.len() == ours.len() =>
            {
                for (expected, ours) in expected.iter().zip(ours) {
                    self.value(place, &format!("{path}[]"), Some(expected), Some(ours));
                }
            }
            _ => {
                let show = |value: Option<&Value>| value.map_or("nothing".into(), Value::to_string);
                let (frame, kind) = (place.frame, place.kind);
                let (expected, ours) = (show(expected), show(ours));
                self.mismatches.push(format!(
                    "frame {frame} {kind} {path}:\n      expected {expected}\n      ours     {ours}"
                ));
            }
        }
    }

    /// Whether a row names the difference.
    fn is_known(
        &mut self,
        place: &Place<'_>,
        path: &str,
        expected: Option<&Value>,
        ours: Option<&Value>,
    ) -> bool {
        let row = self.rows.iter_mut().find(|row| {
            row.is_about(place, path)
                && Row::is_value(&row.tshark, expected)
                && Row::is_value(&row.mediawire, ours)
        });
        row.is_some_and(|row| {
            row.used = true;
            true
        })
    }
}

#[test]
fn every_field_of_every_capture_is_what_tshark_sees() {
    let mut comparison = Comparison { rows: differences(), mismatches: Vec::new() };
    let mut failures = String::new();
    let captures = captures();
    assert!(captures.len() >= 40, "captures are missing: {captures:?}");
    for (name, path) in captures {
        let ours = printed(&name, &[]);
        comparison.capture(&name, &expected(&path), &ours);
        // `--tcp` adds objects, and changes none of those that are there without.
        let path = path.with_file_name(name.replace(".pcap", ".tcp.jsonl.gz"));
        let mut of_tcp = printed(&name, &["--tcp"]);
        of_tcp.retain(|key, object| object["transport"] == "tcp" || ours.get(key) != Some(object));
        match path.exists() {
            true => comparison.capture(&name, &expected(&path), &of_tcp),
            false => assert!(of_tcp.is_empty() || name == "other-traffic.pcap", "{name}"),
        }
        let mismatches = std::mem::take(&mut comparison.mismatches);
        if !mismatches.is_empty() {
            failures += &format!("\n{name}: {} differences", mismatches.len());
            for mismatch in mismatches.iter().take(LISTED) {
                failures += &format!("\n    {mismatch}");
            }
        }
    }
    for row in comparison.rows.iter().filter(|row| !row.used) {
        let Row { capture, frame, kind, field, tshark, mediawire, .. } = row;
        failures += &format!(
            "\ndifferences.csv: never needed: {capture},{frame},{kind},{field},{tshark},{mediawire}"
        );
    }
    assert!(failures.is_empty(), "{failures}");
}
