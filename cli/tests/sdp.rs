//! What a session description, or options like it, add to the output: names and values of extension elements, headers of
//! payloads, and whether the integrity of STUN messages is right.
//!
//! What is expected comes from other programs (testdata/extensions/values.tsv, testdata/payload_headers.tsv.gz, the counts of
//! testdata/MANIFEST.md), or from elsewhere in the same call: feedback about the packets, the capture's clock, the description.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata").join(name)
}

/// Standard output, standard error, exit status.
fn run(options: &[&str], capture: &str) -> (String, String, Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mediawire"));
    let output = command.arg("inspect").args(options).arg(testdata(capture)).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code())
}

fn json(options: &[&str], capture: &str) -> Vec<Value> {
    let (out, told, status) = run(&[&["--json"], options].concat(), capture);
    assert_eq!(status, Some(0), "{capture}: {told}");
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// With the description of the capture.
fn described(name: &str, options: &[&str]) -> Vec<Value> {
    let sdp = testdata(&format!("{name}.sdp.json"));
    let options = [&["--sdp", sdp.to_str().unwrap()], options].concat();
    json(&options, &format!("{name}.pcap"))
}

/// The captures that have a description.
fn captures() -> Vec<String> {
    let names = fs::read_dir(testdata("")).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> =
        names.filter_map(|name| name.strip_suffix(".sdp.json").map(str::to_owned)).collect();
    names.sort();
    assert_eq!(names.len(), 11);
    names
}

fn elements(object: &Value) -> impl Iterator<Item = &Value> {
    object["extension_elements"].as_array().into_iter().flatten()
}

/// The value of the element of this name.
fn element<'v>(object: &'v Value, name: &str) -> Option<&'v Value> {
    elements(object).find(|element| element["name"] == name).map(|element| &element["value"])
}

/// Every field of `expected` is in `found`.
fn holds(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => expected
            .iter()
            .all(|(name, value)| found.get(name).is_some_and(|found| holds(found, value))),
        (Value::Array(found), Value::Array(expected)) => {
            found.len() == expected.len()
                && found.iter().zip(expected).all(|(found, expected)| holds(found, expected))
        }
        _ => found == expected,
    }
}

#[test]
fn every_element_of_every_capture_has_a_name_and_a_value() {
    // By name and data, what other programs read.
    let mut others = HashMap::<_, Vec<Value>>::new();
    for line in fs::read_to_string(testdata("extensions/values.tsv")).unwrap().lines() {
        let columns: Vec<_> = line.split('\t').collect();
        let key = (columns[0].to_owned(), columns[1].to_owned());
        others.entry(key).or_default().push(serde_json::from_str(columns[3]).unwrap());
    }
    let (mut count, mut compared) = (0, BTreeSet::new());
    for capture in captures() {
        for object in described(&capture, &["--kind", "rtp", "--rtp", "always"]) {
            let place = format!("{capture}/{}", object["frame"]);
            for element in elements(&object) {
                let name = element["name"].as_str().unwrap_or_else(|| panic!("{place}: {element}"));
                assert!(element["value"].is_object(), "{place}: {element}");
                assert!(element.get("error").is_none(), "{place}: {element}");
                count += usize::from(object.get("via").is_none());
                // Dependency descriptors are listed by place: what is read depends on those before.
                let data = element["data"].as_str().unwrap().to_owned();
                let by = if name == "dependency-descriptor" { place.clone() } else { data };
                for other in others.get(&(name.to_owned(), by)).into_iter().flatten() {
                    // Those have the NTP time as Unix time, floating.
                    if !other.is_null() && name != "abs-capture-time" {
                        assert!(holds(&element["value"], other), "{place}: {element} {other}");
                        compared.insert(name.to_owned());
                    }
                }
            }
        }
    }
    // tests/rtp_extensions.rs counts 19198 with those of the GStreamer captures, of which MANIFEST.md has the numbers of packets.
    assert!(count > 16_000, "{count}");
    let names = ["abs-send-time", "audio-level", "color-space", "corruption-detection"];
    let more = ["dependency-descriptor", "mid", "rid", "rrid", "transport-wide-cc"];
    let rest = ["video-layers-allocation", "video-orientation", "video-timing"];
    let all = [&names[..], &more, &rest].concat();
    // GStreamer alone sends color-space with HDR; what Chromium sends has to be there.
    for name in all.iter().filter(|name| **name != "color-space") {
        assert!(compared.contains(*name), "{name} {compared:?}");
    }
}

#[test]
fn names_of_streams_are_those_of_the_description() {
    let mut rids = BTreeSet::new();
    for object in described("chromium-vp8-simulcast", &["--kind", "rtp"]) {
        // The receiving peer was told that mid and rid are the other way round: what the sender said counts.
        let mid = element(&object, "mid").map(|value| value["text"].as_str().unwrap());
        let expected = if object["payload_type"] == 111 { "0" } else { "1" };
        assert!(mid.is_none_or(|mid| mid == expected), "{object}");
        for name in ["rid", "rrid"] {
            rids.extend(element(&object, name).map(|value| (name, value["text"].to_string())));
        }
    }
    let expected = ["\"hi\"", "\"lo\"", "\"mid\""].map(str::to_owned);
    let of = |name| -> Vec<_> {
        rids.iter().filter(|(n, _)| *n == name).map(|(_, r)| r.clone()).collect()
    };
    assert_eq!(of("rid"), expected);
    assert!(of("rrid").iter().all(|rid| expected.contains(rid)) && !of("rrid").is_empty());
}

#[test]
fn numbers_of_transport_cc_are_those_that_the_other_side_reports() {
    for capture in ["chromium-vp8-loss-pli", "chromium-vp8-simulcast", "chromium-vp9-svc-dd"] {
        let (mut sent, mut reported) = (BTreeSet::new(), 0);
        for object in described(capture, &[]) {
            sent.extend(
                element(&object, "transport-wide-cc").map(|v| v["transport_seq"].as_u64().unwrap()),
            );
            if object["type"] != "transport_cc" {
                continue;
            }
            for packet in object["packets"].as_array().unwrap() {
                if packet["status"] != "not_received" {
                    reported += 1;
                    let number = packet["sequence_number"].as_u64().unwrap();
                    assert!(sent.contains(&number), "{capture} {}: {number}", object["frame"]);
                }
            }
        }
        assert!(reported > 200, "{capture} {reported}");
    }
}

#[test]
fn send_times_go_with_the_captures_clock() {
    for capture in captures() {
        let mut first = None;
        let mut count = 0;
        for object in described(&capture, &["--kind", "rtp"]) {
            let Some(value) = element(&object, "abs-send-time") else { continue };
            // 6 bits of seconds and 18 of fraction, as draft-alvestrand-rmcat-remb-03 and libwebrtc have it.
            let sent = value["abs_send_time"].as_f64().unwrap() / f64::from(1 << 18);
            let time = object["time"].as_str().unwrap();
            let (minutes, seconds) = time[14..].trim_end_matches('Z').split_once(':').unwrap();
            let captured = minutes.parse::<f64>().unwrap() * 60.0 + seconds.parse::<f64>().unwrap();
            let ahead = (captured - sent).rem_euclid(64.0);
            let first = *first.get_or_insert(ahead);
            // Written when it is sent: at most a few milliseconds go by before the tap, or more on a busy machine.
            let off = (ahead - first + 32.0).rem_euclid(64.0) - 32.0;
            assert!(off.abs() < 0.1, "{capture} {}: {off}", object["frame"]);
            count += 1;
        }
        assert!(count > 30, "{capture} {count}");
    }
}

#[test]
fn layers_of_vp9_are_those_of_the_dependency_descriptor() {
    // Two places of the same packet, written by different parts of the sender; the descriptor was compared with mediasoup's.
    let mut layers = BTreeSet::new();
    for object in described("chromium-vp9-svc-dd", &["--kind", "rtp"]) {
        if object["payload_type_name"] != "VP9" || object["payload_size"] == 0 {
            continue;
        }
        let (header, descriptor) =
            (&object["payload_header"], element(&object, "dependency-descriptor").unwrap());
        let both = |a: &str, b: &str| assert_eq!(header[a], descriptor[b], "{object}");
        both("sid", "spatial_id");
        both("tid", "temporal_id");
        both("start_of_frame", "start_of_frame");
        both("end_of_frame", "end_of_frame");
        layers.insert((header["sid"].as_u64().unwrap(), header["tid"].as_u64().unwrap()));
    }
    assert!(layers.contains(&(0, 0)) && layers.len() >= 4, "{layers:?}");
}

#[test]
fn payload_headers_are_what_tshark_reads() {
    let file = fs::File::open(testdata("payload_headers.tsv.gz")).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let mut rows = BTreeMap::<_, Vec<_>>::new();
    for line in text.lines() {
        let columns: Vec<_> = line.split('\t').collect();
        rows.entry(columns[0]).or_default().push((columns[1], columns[2], columns[3]));
    }
    assert_eq!(text.lines().count(), 3256);
    for (capture, rows) in rows {
        let objects: HashMap<_, _> = described(capture, &["--kind", "rtp"])
            .into_iter()
            .map(|object| (object["frame"].to_string(), object))
            .collect();
        for (frame, name, fields) in rows {
            let (ours, theirs) = (&objects[frame][name], serde_json::from_str(fields).unwrap());
            assert!(holds(ours, &theirs), "{capture} {frame}: {ours} {theirs}");
        }
    }
}

#[test]
fn what_rides_on_rtp_is_unwrapped() {
    let mut seen = BTreeMap::<String, usize>::new();
    for capture in captures() {
        let objects = described(&capture, &["--kind", "rtp"]);
        let mut video = BTreeMap::new();
        for object in &objects {
            let (number, header) = (&object["sequence_number"], &object["payload_header"]);
            if header.is_object() {
                video.insert(
                    (object["payload_type"].to_string(), number.to_string()),
                    header.clone(),
                );
            }
        }
        for object in &objects {
            assert!(object.get("payload_error").is_none(), "{capture}: {object}");
            let secure = ["aiortc-dtls-srtp", "chromium-dtls-srtp-datachannel"];
            let is_read =
                ["payload_header", "rtx", "red"].iter().any(|name| object.get(name).is_some());
            if secure.contains(&&*capture) {
                assert!(object["payload_type_name"].is_string() && !is_read, "{object}");
            }
            if let Some(rtx) = object.get("rtx") {
                // A retransmission has what the packet had, which is in the capture too: losses are behind the tap.
                let key =
                    (rtx["payload_type"].to_string(), rtx["original_sequence_number"].to_string());
                if let Some(header) = video.get(&key) {
                    assert_eq!(&rtx["payload_header"], header, "{capture}: {object}");
                    *seen.entry("rtx".into()).or_default() += 1;
                }
            }
            if let Some(red) = object.get("red") {
                *seen.entry(format!("red {}", red["payload_type_name"])).or_default() += 1;
                if red["payload_type_name"] == "ulpfec" {
                    assert!(red["ulpfec"]["sn_base"].is_u64(), "{object}");
                }
            }
        }
    }
    // MANIFEST.md: 133 of the video packets in RED hold VP8, 52 ULPFEC; 338 audio packets are RED, one of
    // them with nothing but padding.
    let of = |name: &str| seen.get(name).copied().unwrap_or_default();
    assert_eq!(
        (of("red \"VP8\""), of("red \"ulpfec\""), of("red \"opus\"")),
        (133, 52, 337),
        "{seen:?}"
    );
    assert!(of("rtx") > 200, "{seen:?}");
}

/// Keys beyond those of descriptions, as MANIFEST.md has them.
const COTURN: &[&str] = &[
    "--stun-user=alice:wonder.example:rabbit-hole-9",
    "--stun-user=bob:wonder.example:tea-party-3",
    "--stun-user=alice:wonder.example:wrong-password",
    "--stun-user=nobody:wonder.example:wrong-password",
];
const USERS: [(&str, &[&str]); 6] = [
    ("chromium-turn-udp.pcap", &["--stun-user=alice:wonder.example:wonderland-7"]),
    ("coturn-turn-errors.pcap", COTURN),
    ("coturn-turn-ipv6.pcap", COTURN),
    ("coturn-turn-udp.pcap", COTURN),
    ("fmt-multi.pcapng", &["--stun-user=dan:fmt.example:dan-secret"]),
    ("fmt-nano.pcap", &["--stun-user=dan:fmt.example:dan-secret"]),
];

/// How many messages verify, by MANIFEST.md: counted with Python's hmac.
fn verified(capture: &str) -> usize {
    let text = fs::read_to_string(testdata("MANIFEST.md")).unwrap();
    let (_, section) = text.split_once(&format!("### {capture}\n")).unwrap();
    let (_, count) = section.split_once("MESSAGE-INTEGRITY verified ").unwrap();
    count.split(',').next().unwrap().parse().unwrap()
}

/// `valid` of every MESSAGE-INTEGRITY that lies in no other message.
fn valid(objects: &[Value]) -> Vec<Option<bool>> {
    let outer = objects.iter().filter(|object| object.get("via").is_none());
    outer
        .flat_map(|object| object["attributes"].as_array().into_iter().flatten())
        .filter(|attribute| attribute["name"] == "MESSAGE-INTEGRITY")
        .map(|attribute| attribute.get("valid").map(|valid| valid.as_bool().unwrap()))
        .collect()
}

#[test]
fn integrity_is_right_with_the_keys_and_wrong_with_others() {
    let users: HashMap<_, _> = USERS.into_iter().collect();
    let described = captures().into_iter().map(|name| format!("{name}.pcap"));
    let names: BTreeSet<_> =
        described.chain(USERS.iter().map(|(name, _)| (*name).to_owned())).collect();
    for name in names {
        let sdp = testdata(&name.replace(".pcap", ".sdp.json"));
        let mut options = vec!["--kind", "stun"];
        if sdp.exists() {
            options.extend(["--sdp", sdp.to_str().unwrap()]);
        }
        options.extend(users.get(&*name).copied().unwrap_or_default());
        let found = valid(&json(&options, &name));
        assert_eq!(found, vec![Some(true); verified(&name)], "{name}");

        let wrong = valid(&json(&["--kind", "stun", "--ice-pwd", "wrong"], &name));
        assert_eq!(wrong, vec![Some(false); found.len()], "{name}");
        assert_eq!(valid(&json(&["--kind", "stun"], &name)), vec![None; found.len()], "{name}");
    }
}

#[test]
fn the_password_of_one_side_is_enough_for_its_messages() {
    let call: Value =
        serde_json::from_slice(&fs::read(testdata("chromium-vp8-rtx-twcc.sdp.json")).unwrap())
            .unwrap();
    let (name, offer) = ("chromium-vp8-rtx-twcc.pcap", call["ice"][0]["pwd"].as_str().unwrap());
    let answer = call["ice"][1]["pwd"].as_str().unwrap();
    let both = valid(&json(&["--ice-pwd", offer, "--ice-pwd", answer], name));
    assert_eq!(both, vec![Some(true); 36]);
    let one = valid(&json(&["--ice-pwd", offer], name));
    // A check and its answer have the same key.
    assert_eq!(one.iter().filter(|valid| **valid == Some(true)).count(), 18);
    let (text, _, _) = run(&["--ice-pwd", offer, "--kind", "stun"], name);
    assert_eq!(text.matches(" [MI valid]\n").count(), 18);
    assert_eq!(text.matches(" [MI INVALID]\n").count(), 18);
}

#[test]
fn options_do_what_a_description_does() {
    let name = "gst-avpf-h264-opus-nack-rtx.pcap";
    // MANIFEST.md has ids and payload types of the capture.
    let plain = json(&["--kind", "rtp"], name);
    let options = [
        "--kind",
        "rtp",
        "--extmap",
        "1=transport-wide-cc",
        "--extmap",
        "2=urn:ietf:params:rtp-hdrext:sdes:mid",
    ];
    let named = json(&options, name);
    assert_eq!(plain.len(), named.len());
    for (plain, named) in plain.iter().zip(&named) {
        assert!(holds(named, plain), "{named}");
        for element in elements(named) {
            let name = match element["id"].as_u64() {
                Some(1) => Value::from("transport-wide-cc"),
                Some(2) => Value::from("mid"),
                _ => Value::Null,
            };
            assert_eq!(element["name"], name);
            assert_eq!(element.get("value").is_some(), !name.is_null());
        }
    }
    let formats = json(&["--kind", "rtp", "--pt", "96=VP8/90000"], "fmt-nano.pcap");
    let vp8 = formats.iter().filter(|object| object["payload_type"] == 96);
    assert!(vp8.clone().all(|object| object["payload_header"]["partition_index"].is_u64()));
    assert_eq!(vp8.count(), 30);
    // Static ones have names of their own.
    assert!(formats.iter().any(|object| object["payload_type_name"] == "PCMU"));
    let (text, _, _) = run(&["--pt", "96=VP8/90000", "--kind", "rtp"], "fmt-nano.pcap");
    assert!(
        text.contains("RTP pt=96 (VP8) seq=") && text.contains("RTP pt=0 (PCMU) seq="),
        "{text}"
    );
}

#[test]
fn a_description_vouches_for_its_ports_and_sources() {
    // Two RTP packets are too few to be known by themselves.
    let bytes = fs::read(testdata("derived-big-endian.pcap")).unwrap();
    let all = json(&["--kind", "rtp", "--rtp", "always"], "derived-big-endian.pcap");
    let first = &all[0];
    // The capture up to its first RTP packet.
    let mut end = 24;
    for _ in 0..first["frame"].as_u64().unwrap() {
        let length = bytes[end + 8..end + 12].try_into().unwrap();
        end += 16 + u32::from_be_bytes(length) as usize;
    }
    let mut capture = tempfile::NamedTempFile::new().unwrap();
    capture.write_all(&bytes[..end]).unwrap();
    let capture = capture.path().to_str().unwrap();
    assert_eq!(json(&["--kind", "rtp"], capture).len(), 0);
    let (port, ssrc) = (&first["dst"]["port"], &first["ssrc"]);
    for (sdp, count) in [
        (format!("m=audio {port} RTP/AVP 0\n"), 1),
        (format!("m=audio 9 RTP/AVP 0\na=ssrc:{ssrc} cname:x\n"), 1),
        (format!("m=audio 9 RTP/AVP 0\na=candidate:1 1 udp 1 192.0.2.1 {port} typ host\n"), 1),
        ("m=audio 9 RTP/AVP 0 96\n".to_owned(), 0),
    ] {
        let sdp_file = file(&sdp);
        let found = json(&["--kind", "rtp", "--sdp", sdp_file.path().to_str().unwrap()], capture);
        assert_eq!(found.len(), count, "{sdp}");
    }
}

/// A file with this text.
fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

/// A little-endian capture of datagrams from port 1000 to port 2000, in raw IPv4.
fn capture(payloads: &[&[u8]]) -> tempfile::NamedTempFile {
    let words = |words: &[u32]| words.iter().flat_map(|w| w.to_le_bytes()).collect::<Vec<_>>();
    let mut bytes = words(&[0xa1b2_c3d4, 0x0004_0002, 0, 0, 65_535, 101]);
    for payload in payloads {
        let length = payload.len() as u16;
        let total = u32::from(28 + length);
        bytes.extend(words(&[1_700_000_000, 0, total, total]));
        bytes.extend([0x45, 0]);
        bytes.extend((28 + length).to_be_bytes());
        bytes.extend([0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]);
        bytes.extend([1000_u16, 2000, 8 + length, 0].iter().flat_map(|word| word.to_be_bytes()));
        bytes.extend(*payload);
    }
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&bytes).unwrap();
    file
}

/// RTP with the elements `1: 00 01` and `2: 61`.
fn rtp(payload_type: u8, sequence_number: u8, ssrc: u8) -> Vec<u8> {
    let header = [0x90, payload_type, 0, sequence_number, 0, 0, 0, 9, 0, 0, 0, ssrc];
    let elements = [0xbe, 0xde, 0, 2, 0x11, 0, 1, 0x20, b'a', 0, 0, 0];
    [&header[..], &elements, &[0x10, 0, 0, 0]].concat()
}

/// The names of the elements, by packet, with the name of the payload type.
fn names(sdp: &str, packets: &[Vec<u8>]) -> Vec<(Vec<String>, String)> {
    let (sdp, packets) = (file(sdp), packets.iter().map(|packet| &packet[..]).collect::<Vec<_>>());
    let capture = capture(&packets);
    let options = ["--rtp", "always", "--sdp", sdp.path().to_str().unwrap()];
    let objects = json(&options, capture.path().to_str().unwrap());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let of = |object: &Value| {
        let names = elements(object).map(|element| text(&element["name"])).collect();
        (names, text(&object["payload_type_name"]))
    };
    objects.iter().map(of).collect()
}

fn is(names: [&str; 2], format: &str) -> (Vec<String>, String) {
    (names.map(str::to_owned).to_vec(), format.to_owned())
}

#[test]
fn sections_are_told_by_source_port_payload_type_and_mid() {
    const MID: &str = "a=extmap:2 urn:ietf:params:rtp-hdrext:sdes:mid\n";
    const TWCC: &str =
        "a=extmap:1 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\n";
    const PLAYOUT: &str = "a=extmap:1 urn:x:other\n";
    let (twcc, other) = (["transport-wide-cc", "mid"], ["urn:x:other", "mid"]);

    // By payload type.
    let sdp = format!(
        "m=audio 9 RTP/AVP 96\na=rtpmap:96 A/1\n{MID}{PLAYOUT}m=video 9 RTP/AVP 97\na=rtpmap:97 B/1\n{TWCC}"
    );
    // The second section has no id 2 of its own: the first one's holds in the group.
    let expected = [is(other, "A"), is(twcc, "B")];
    assert_eq!(names(&sdp, &[rtp(96, 1, 1), rtp(97, 1, 2)]), expected);

    // By SSRC, before anything else.
    let same = |extra: [&str; 2]| {
        format!(
            "m=audio 9 RTP/AVP 96\na=rtpmap:96 A/1\n{MID}{PLAYOUT}{}m=video 9 RTP/AVP 96\na=rtpmap:96 B/1\n{MID}{TWCC}{}",
            extra[0], extra[1]
        )
    };
    let packets = [rtp(96, 1, 1), rtp(96, 1, 2)];
    let expected = [is(other, "A"), is(twcc, "B")];
    assert_eq!(names(&same(["a=ssrc:1 cname:x\n", "a=ssrc:2 cname:x\n"]), &packets), expected);

    // By the mid, here "a"; what two sections say alike is of the first.
    assert_eq!(names(&same(["a=mid:b\n", "a=mid:a\n"]), &packets), [is(twcc, "B"), is(twcc, "B")]);
    assert_eq!(names(&same(["", ""]), &packets), [is(other, "A"), is(other, "A")]);

    // By the port.
    let ports =
        same(["", ""]).replace("m=audio 9", "m=audio 3000").replace("m=video 9", "m=video 2000");
    assert_eq!(names(&ports, &packets), [is(twcc, "B"), is(twcc, "B")]);
}

#[test]
fn ciphertext_and_what_does_not_fit_are_not_shown_as_values() {
    let packet = rtp(96, 1, 1);
    let capture = capture(&[&packet]);
    let path = capture.path().to_str().unwrap();
    let one = |options: &[&str]| json(&[&["--rtp", "always"], options].concat(), path).remove(0);

    let secure = file(
        "m=video 9 UDP/TLS/RTP/SAVPF 96\na=rtpmap:96 VP8/90000\n\
         a=extmap:1 urn:ietf:params:rtp-hdrext:encrypt urn:ietf:params:rtp-hdrext:sdes:cname\na=extmap:2 urn:x:y\n",
    );
    let object = one(&["--sdp", secure.path().to_str().unwrap()]);
    let expected = serde_json::json!([
        {"id": 1, "data": "0001", "name": "sdes-cname", "encrypted": true},
        {"id": 2, "data": "61", "name": "urn:x:y"},
    ]);
    assert_eq!(object["extension_elements"], expected);
    assert_eq!((&object["payload_type_name"], object.get("payload_header")), (&"VP8".into(), None));

    // abs-send-time has 3 bytes (libwebrtc).
    let object = one(&["--extmap", "1=abs-send-time", "--extmap", "2=mid"]);
    let expected = serde_json::json!([
        {"id": 1, "data": "0001", "name": "abs-send-time", "error": "truncated"},
        {"id": 2, "data": "61", "name": "mid", "value": {"text": "a"}},
    ]);
    assert_eq!(object["extension_elements"], expected);
    let object = one(&["--pt", "96=rtx/90000;apt=96"]);
    // A retransmission of a retransmission of a retransmission: there is an end to it.
    assert_eq!(object["rtx"]["payload_type"], 96);
    let object = one(&["--pt", "96=ulpfec/90000"]);
    assert_eq!((&object["payload_error"], object.get("ulpfec")), (&"truncated".into(), None));
}

#[test]
fn what_integrity_does_not_cover_is_marked() {
    // A check of the call, a PRIORITY in place of its FINGERPRINT: no key protects that (RFC 8489 section 14.5).
    let mut request = fs::read(testdata("chromium-vp8-rtx-twcc.pcap")).unwrap();
    // The first frame is a check: 16 bytes of record header, 14 of Ethernet, 20 of IPv4, 8 of UDP.
    let length = u32::from_le_bytes(request[32..36].try_into().unwrap()) as usize;
    request.truncate(40 + length);
    let mut request = request.split_off(40 + 42);
    let end = request.len() - 8;
    request[end..].copy_from_slice(&[0, 0x24, 0, 4, 0, 0, 0, 1]);
    let capture = capture(&[&request]);
    let sdp = testdata("chromium-vp8-rtx-twcc.sdp.json");
    let options = ["--sdp", sdp.to_str().unwrap()];
    let object = json(&options, capture.path().to_str().unwrap()).remove(0);
    let attributes = object["attributes"].as_array().unwrap();
    let (last, rest) = attributes.split_last().unwrap();
    assert_eq!((&last["name"], &last["unprotected"]), (&"PRIORITY".into(), &true.into()));
    assert!(rest.iter().all(|attribute| attribute.get("unprotected").is_none()));
    assert_eq!(rest.last().unwrap()["valid"], true, "the attribute is not part of what is signed");
    // One bit of what is signed.
    let mut wrong = request.clone();
    wrong[27] ^= 1;
    let capture = self::capture(&[&wrong]);
    let object =
        json(&["--ice-pwd", "x", options[0], options[1]], capture.path().to_str().unwrap());
    assert!(valid(&object) == [Some(false)], "{object:?}");
}

#[test]
fn parts_of_a_description_do_as_well_as_all_of_it() {
    let name = "chromium-h264-remb";
    let bytes = fs::read(testdata(&format!("{name}.sdp.json"))).unwrap();
    let mut parts: Value = serde_json::from_slice(&bytes).unwrap();
    parts.as_object_mut().unwrap().remove("rounds");
    let parts = file(&parts.to_string());
    let options = ["--sdp", parts.path().to_str().unwrap()];
    assert_eq!(json(&options, &format!("{name}.pcap")), described(name, &[]));
}

#[test]
fn what_is_no_description_is_wrong_usage() {
    let missing = testdata("no-such-file.sdp");
    let csv = testdata("differences.csv");
    for path in [missing, csv] {
        let (out, told, status) = run(&["--sdp", path.to_str().unwrap()], "fmt-nano.pcap");
        assert_eq!((out.as_str(), status), ("", Some(2)), "{told}");
        assert!(told.contains(path.to_str().unwrap()), "{told}");
    }
    for wrong in [["--extmap", "mid"], ["--pt", "VP8"], ["--stun-user", "alice"]] {
        assert_eq!(run(&wrong, "fmt-nano.pcap").2, Some(2), "{wrong:?}");
    }
}
