//! The program from outside: what it prints, what it says, how it ends.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata").join(name)
}

/// `mediawire inspect`, with these options.
fn inspect(options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mediawire"));
    command.arg("inspect").args(options);
    command
}

/// Standard output, standard error, exit status.
fn run(options: &[&str], files: &[PathBuf]) -> (String, String, Option<i32>) {
    parts(inspect(options).args(files).output().unwrap())
}

fn parts(output: Output) -> (String, String, Option<i32>) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code())
}

/// With these bytes on standard input.
fn piped(options: &[&str], input: &[u8]) -> (String, String, Option<i32>) {
    let mut command = inspect(options);
    command.arg("-").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // On a thread of its own: the program writes before it has read everything.
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    parts(output)
}

fn json(options: &[&str], name: &str) -> Vec<Value> {
    let options = [&["--json"], options].concat();
    let (out, _, _) = run(&options, &[testdata(name)]);
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A little-endian capture of raw IP packets, a second apart.
fn capture(packets: &[Vec<u8>]) -> Vec<u8> {
    let words = |words: &[u32]| words.iter().flat_map(|w| w.to_le_bytes()).collect::<Vec<_>>();
    let mut file = words(&[0xa1b2_c3d4, 0x0004_0002, 0, 0, 65_535, 101]);
    for (packet, second) in packets.iter().zip(1_700_000_000..) {
        file.extend(words(&[second, 0, packet.len() as u32, packet.len() as u32]));
        file.extend(packet);
    }
    file
}

/// IPv4 and UDP around a payload; no checksums.
fn udp(ports: (u16, u16), payload: &[u8]) -> Vec<u8> {
    let length = payload.len() as u16;
    [
        &[0x45, 0][..],
        &(28 + length).to_be_bytes(),
        &[0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2],
        &ports.0.to_be_bytes(),
        &ports.1.to_be_bytes(),
        &(8 + length).to_be_bytes(),
        &[0, 0],
        payload,
    ]
    .concat()
}

fn rtp(sequence_number: u16) -> Vec<u8> {
    let number = sequence_number.to_be_bytes();
    [&[0x80, 96][..], &number, &[0, 0, 0, 9, 0, 0, 0, 7, 0xaa, 0xbb]].concat()
}

#[test]
fn an_empty_file_is_said() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let (out, told, status) = run(&[], &[file.path().into()]);
    assert_eq!((out.as_str(), status), ("", Some(1)));
    let name = file.path().display();
    assert!(told.contains(&format!("mediawire: {name}: byte 0: the file is empty")), "{told}");
}

#[test]
fn what_is_no_capture_is_said() {
    for name in ["differences.csv", "expected/fmt-nano.jsonl.gz"] {
        let (out, told, status) = run(&["--json"], &[testdata(name)]);
        assert_eq!((out.as_str(), status), ("", Some(1)));
        assert!(told.contains(&format!("{name}: byte 0: not a capture")), "{told}");
    }
    let (_, told, status) = run(&[], &[testdata("no-such-file.pcap"), testdata(".")]);
    assert_eq!(status, Some(1));
    assert_eq!(told.matches("cannot be read").count(), 2, "{told}");
}

#[test]
fn a_cut_capture_is_shown_up_to_the_cut() {
    let (out, told, status) = run(&["--json"], &[testdata("fmt-cut-mid-packet.pcap")]);
    assert_eq!((out.lines().count(), status), (132, Some(1)));
    let text = "fmt-cut-mid-packet.pcap: byte 45321: the capture ends in the middle of the packet that begins at byte 45257";
    assert!(told.contains(text), "{told}");
    // The same one compressed, cut again.
    let packed = {
        let bytes = fs::read(testdata("fmt-cut-mid-packet.pcap")).unwrap();
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&bytes).unwrap();
        encoder.finish().unwrap()
    };
    let (same, told, status) = piped(&["--json"], &packed);
    assert_eq!((same, status), (out, Some(1)));
    assert!(told.contains("standard input: byte 45321:"), "{told}");
    let (some, told, status) = piped(&["--json"], &packed[..packed.len() / 2]);
    assert!(some.lines().count() > 10 && status == Some(1));
    assert!(told.contains("cannot be read"), "{told}");
}

#[test]
fn wrong_usage_is_status_2_and_help_is_0() {
    for options in
        [&[][..], &["--kind", "tcp", "x"], &["--ssrc", "seven", "x"], &["--frobnicate", "x"]]
    {
        assert_eq!(run(options, &[]).2, Some(2), "{options:?}");
    }
    let (help, _, status) = run(&["--help"], &[]);
    assert_eq!(status, Some(0));
    for word in ["--rtp-port", "--json", "channel_data", "10 seconds", "Exit status"] {
        assert!(help.contains(word), "{word}: {help}");
    }
}

#[test]
fn a_reader_that_has_seen_enough_ends_it_quietly() {
    let mut command = inspect(&["--json"]);
    command.arg(testdata("chromium-vp8-simulcast.pcap"));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("{\"frame\":1,"), "{line}");
    let (_, told, status) = parts(child.wait_with_output().unwrap());
    assert_eq!((told.as_str(), status), ("", Some(0)));
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_said() {
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let mut command = inspect(&["--json"]);
    let output = command.arg(testdata("fmt-nano.pcap")).stdout(full).output().unwrap();
    let (_, told, status) = parts(output);
    assert_eq!(status, Some(1));
    assert!(told.starts_with("mediawire: standard output cannot be written: "), "{told}");
}

#[test]
fn standard_input_and_gzip_give_the_same_lines() {
    let lines = |name| run(&["--json"], &[testdata(name)]).0;
    let plain = lines("derived-big-endian.pcap");
    assert_eq!(plain.lines().count(), 66);
    assert_eq!(lines("derived-gzip.pcap.gz"), plain);
    for name in ["derived-big-endian.pcap", "derived-gzip.pcap.gz"] {
        let (out, _, status) = piped(&["--json"], &fs::read(testdata(name)).unwrap());
        assert_eq!((out, status), (plain.clone(), Some(0)));
    }
}

#[test]
fn lines_appear_while_the_input_is_still_open() {
    let mut command = inspect(&[]);
    command.arg("-").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let question = udp((40_000, 3478), b"\0\x01\0\0\x21\x12\xa4\x42abcdefghijkl");
    stdin.write_all(&capture(&[question])).unwrap();
    stdin.flush().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("192.0.2.1:40000 → 192.0.2.2:3478 STUN Binding request"), "{line}");
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

#[test]
fn other_traffic_has_no_rtp() {
    let (out, told, status) = run(&["--json"], &[testdata("other-traffic.pcap")]);
    assert_eq!((out.as_str(), status), ("", Some(0)));
    assert!(told.contains("1498 packets: rtp 0, rtcp 0, stun 0"), "{told}");
    for words in ["only begins like RTP ", "only begins like RTCP ", "DTLS ", "TCP "] {
        assert!(told.contains(words), "{words}: {told}");
    }
}

#[test]
fn flows_find_all_that_is_there_in_the_captures_order() {
    for entry in fs::read_dir(testdata("")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !name.contains(".pcap") || name == "other-traffic.pcap" {
            continue;
        }
        assert_eq!(json(&[], &name), json(&["--rtp", "always"], &name), "{name}");
    }
}

#[test]
fn a_streams_first_packets_come_in_their_place() {
    let stun = b"\0\x01\0\0\x21\x12\xa4\x42abcdefghijkl";
    let packets = [
        udp((1000, 2000), &rtp(1)),
        udp((40_000, 3478), stun),
        udp((1000, 2000), &rtp(2)),
        udp((7, 7), &[0x80, 0x60, 1, 2, 3]), // never known
        udp((1000, 2000), &rtp(3)),
        udp((40_000, 3478), stun),
    ];
    let (out, told, status) = piped(&["--json"], &capture(&packets));
    let frames: Vec<_> = out
        .lines()
        .map(|line| {
            let object: Value = serde_json::from_str(line).unwrap();
            (object["frame"].as_u64().unwrap(), object["kind"].as_str().unwrap().to_owned())
        })
        .collect();
    let expected = [(1, "rtp"), (2, "stun"), (3, "rtp"), (5, "rtp"), (6, "stun")];
    assert_eq!(frames, expected.map(|(frame, kind)| (frame, kind.to_owned())));
    assert!(told.contains("UDP that only begins like RTP 1"), "{told}");
    assert_eq!(status, Some(0));

    // Two packets are not enough, unless their port is vouched for.
    let two = capture(&packets[..3]);
    assert_eq!(piped(&["--json", "--kind", "rtp"], &two).0, "");
    let (out, _, _) = piped(&["--json", "--kind", "rtp", "--rtp-port", "2000"], &two);
    assert_eq!(out.lines().count(), 2);
}

#[test]
fn the_wait_for_what_is_never_known_has_an_end() {
    let stun = udp((40_000, 3478), b"\0\x01\0\0\x21\x12\xa4\x42abcdefghijkl");
    let mut packets = vec![udp((7, 7), &rtp(1))];
    packets.resize(12, stun);
    let mut command = inspect(&["--json"]);
    command.arg("-").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // The last packet comes 11 seconds after the first: then all of them are shown, while the input is still open.
    stdin.write_all(&capture(&packets)).unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    for frame in 2..=12 {
        assert!(lines.next().unwrap().starts_with(&format!("{{\"frame\":{frame},")));
    }
    drop(stdin);
    assert_eq!(lines.next(), None);
    assert!(child.wait().unwrap().success());
}

#[test]
fn filters_choose_messages_and_the_summary_counts_all() {
    const NAME: &str = "chromium-turn-udp.pcap";
    let all = json(&[], NAME);
    let kinds = json(&["--kind", "rtcp,channel_data"], NAME);
    let of = |kind: &str| all.iter().filter(|object| object["kind"] == kind).count();
    assert_eq!(kinds.len(), of("rtcp") + of("channel_data"));

    let ssrc = json(&["--ssrc", "0x984d7fbc"], NAME);
    let number = Value::from(0x984d_7fbc_u32);
    assert!(ssrc.iter().any(|object| object["kind"] == "rtp" && object["ssrc"] == number));
    assert!(ssrc.iter().any(|object| object["media_ssrc"] == number));
    assert_eq!(ssrc, json(&["--ssrc", &number.to_string()], NAME));

    let port = json(&["--port", "3478"], NAME);
    let is_end = |end: &Value| end["port"] == 3478;
    assert_eq!(port.len(), all.iter().filter(|o| is_end(&o["src"]) || is_end(&o["dst"])).count());

    let (out, told, status) = run(&["--json", "--max", "7", "--kind", "stun"], &[testdata(NAME)]);
    assert_eq!((out.lines().count(), status), (7, Some(0)));
    assert!(told.ends_with("shown 7; stopped by --max\n"), "{told}");
}

#[test]
fn the_forms_show_the_same_messages() {
    const NAME: &str = "gst-avpf-h264-opus-nack-rtx.pcap";
    let objects = json(&[], NAME);
    let (text, _, _) = run(&[], &[testdata(NAME)]);
    assert_eq!(text.lines().count(), objects.len());
    for (line, object) in text.lines().zip(&objects) {
        let frame = line.split_whitespace().next().unwrap();
        assert_eq!(frame, object["frame"].to_string());
        let kind = object["kind"].as_str().unwrap().to_uppercase();
        assert!(line.contains(&format!(" {kind} ")), "{line}");
    }
    let (verbose, _, _) = run(&["--verbose"], &[testdata(NAME)]);
    for name in [
        "    kind: rtp\n",
        "    ssrc: 287454020\n",
        "    report_blocks[0].jitter: ",
        "    src.port: ",
    ] {
        assert!(verbose.contains(name), "{name}");
    }
}

#[test]
fn payloads_are_shown_where_asked_for() {
    for object in json(&[], "fmt-nano.pcap") {
        let kind = &object["kind"];
        assert!(
            object.get("payload").is_none()
                && (kind != "channel_data" || object.get("data").is_none())
        );
    }
    let mut seen = [0, 0];
    for object in json(&["--payload"], "fmt-nano.pcap") {
        let (name, size) = match object["kind"].as_str().unwrap() {
            "rtp" => ("payload", &object["payload_size"]),
            "channel_data" => ("data", &object["length"]),
            _ => continue,
        };
        seen[usize::from(name == "data")] += 1;
        let hex = object[name].as_str().unwrap();
        assert_eq!(hex.len() as u64, 2 * size.as_u64().unwrap());
    }
    assert_eq!(seen, [149, 3]);
}

#[test]
fn older_forms_are_read_where_asked_for() {
    assert_eq!(json(&["--rfc3489"], "stun-classic-rfc3489.pcap").len(), 19);
    let channels = json(&["--rfc5766", "--kind", "channel_data"], "coturn-turn-udp.pcap");
    assert_eq!(channels.len(), 40);
    assert!(channels.iter().any(|object| object["channel_number"].as_u64() > Some(0x4fff)));
}

#[test]
fn several_captures_are_told_apart() {
    let files =
        [testdata("fmt-nano.pcap"), testdata("no-such-file.pcap"), testdata("fmt-vlan.pcap")];
    let (out, told, status) = run(&["--json", "--kind", "stun"], &files);
    assert_eq!(status, Some(1));
    assert_eq!(told.lines().count(), 2, "{told}");
    let count = |file: &PathBuf| {
        out.matches(&format!("\"file\":\"{}\",\"frame\":", file.display())).count()
    };
    assert_eq!((count(&files[0]), count(&files[2])), (64, 64));
    let (text, _, _) = run(&[], &[files[0].clone(), files[2].clone()]);
    assert!(text.starts_with(&format!("{}:", files[0].display())));
}

#[test]
fn broken_headers_below_are_malformed_with_their_place() {
    let mut beyond = udp((1, 2), b"1234");
    beyond[25] = 13; // UDP length: 8 + 4 are there
    let mut short = udp((1, 2), b"1234");
    short[0] = 0x44; // IPv4 header of 16 bytes
    let (out, told, status) = piped(&["--json"], &capture(&[beyond.clone(), short.clone()]));
    assert_eq!(status, Some(0));
    assert!(told.contains("malformed 2 (ip 1, udp 1)"), "{told}");
    let objects: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    for (object, protocol, offset, bytes) in
        [(&objects[0], "udp", 20, &beyond[20..]), (&objects[1], "ip", 0, &short[..])]
    {
        assert_eq!(object["kind"], "malformed");
        assert_eq!(object["protocol"], protocol);
        assert_eq!(object["offset"], offset);
        assert_eq!(object["size"], bytes.len());
        assert_eq!(object["data"], hex(bytes));
    }
    assert_eq!(
        (&objects[0]["error"], &objects[0]["error_offset"]),
        (&"truncated".into(), &28.into())
    );
    assert_eq!((&objects[1]["error"], &objects[1]["error_offset"]), (&"length".into(), &0.into()));
}

#[test]
fn a_broken_block_makes_its_extended_report_malformed() {
    // RFC 3611 section 4.5: DLRR is a multiple of 3 words; here it has 2. A BYE follows.
    let report = [0x80, 207, 0, 4, 0, 0, 0, 1, 5, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3];
    let bye = [0x80, 203, 0, 0];
    let capture = capture(&[udp((5004, 5005), &[&bye[..], &report, &bye].concat())]);
    let (out, _, code) = piped(&["--json", "--rtp", "always"], &capture);
    assert_eq!(code, Some(0));
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<_> = lines.iter().map(|line| line["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["rtcp", "malformed", "rtcp"]);
    assert_eq!(lines[1]["error"], "length");
    assert_eq!((&lines[1]["offset"], &lines[1]["size"]), (&Value::from(4), &Value::from(20)));
    assert_eq!(lines[1]["error_offset"], 4 + 8 + 2, "the block's length field");
}
