//! `--tcp`: the streams of the captures cut into other segments, with segments late, twice, lost and cut short.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use mediawire::net::{LinkType, Packet, TcpFlags};
use serde_json::Value;

/// What standard output has, by line, and standard error.
fn inspect(options: &[&str], capture: &[u8]) -> (Vec<Value>, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mediawire"))
        .args(["inspect", "--json"])
        .args(options)
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = capture.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let objects = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (objects, String::from_utf8(output.stderr).unwrap())
}

fn testdata(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata").join(name)).unwrap()
}

const SYN: TcpFlags = TcpFlags::SYN;
const ACK: TcpFlags = TcpFlags::ACK;
const FIN: TcpFlags = TcpFlags::FIN;

/// A TCP segment in raw IPv4; no checksums.
#[derive(Clone, Debug)]
struct Segment {
    ends: (SocketAddr, SocketAddr),
    flags: TcpFlags,
    sequence_number: u32,
    acknowledgment_number: u32,
    payload: Vec<u8>,
    /// Of the payload, bytes that the capture does not have.
    missing: usize,
}

/// The bytes that the capture keeps, and how many there were.
fn packet(segment: &Segment) -> (Vec<u8>, usize) {
    let (SocketAddr::V4(src), SocketAddr::V4(dst)) = segment.ends else { panic!() };
    let whole = 40 + segment.payload.len();
    let mut packet = [
        &[0x45, 0][..],
        &(whole as u16).to_be_bytes(),
        &[0, 0, 0, 0, 64, 6, 0, 0],
        &src.ip().octets(),
        &dst.ip().octets(),
        &src.port().to_be_bytes(),
        &dst.port().to_be_bytes(),
        &segment.sequence_number.to_be_bytes(),
        &segment.acknowledgment_number.to_be_bytes(),
        &[0x50, segment.flags.0, 255, 255, 0, 0, 0, 0],
        &segment.payload,
    ]
    .concat();
    packet.truncate(whole - segment.missing);
    (packet, whole)
}

/// A little-endian capture of raw IP packets, a millisecond apart.
fn capture(segments: &[Segment]) -> Vec<u8> {
    let words = |words: &[u32]| words.iter().flat_map(|w| w.to_le_bytes()).collect::<Vec<_>>();
    let mut file = words(&[0xa1b2_c3d4, 0x0004_0002, 0, 0, 65_535, 101]);
    for (segment, n) in segments.iter().zip(0..) {
        let (packet, whole) = packet(segment);
        let time = [1_700_000_000 + n / 1000, n % 1000 * 1000];
        file.extend(words(&[time[0], time[1], packet.len() as u32, whole as u32]));
        file.extend(packet);
    }
    file
}

/// The streams of a capture in Ethernet, each with its direction.
fn streams(name: &str) -> Vec<((SocketAddr, SocketAddr), Vec<u8>)> {
    let file = testdata(name);
    let mut rest = &file[24..];
    let mut streams: Vec<((SocketAddr, SocketAddr), Vec<u8>)> = Vec::new();
    while let Some((header, after)) = rest.split_first_chunk::<16>() {
        let len = u32::from_le_bytes(header[8..12].try_into().unwrap()) as usize;
        let (frame, after) = after.split_at(len);
        rest = after;
        let packet = Packet::parse(LinkType(1), frame).unwrap();
        let Some(tcp) = packet.tcp() else { continue };
        let ends = packet.endpoints().unwrap();
        match streams.iter_mut().find(|(known, _)| *known == ends) {
            Some((_, bytes)) => bytes.extend(tcp.payload()),
            None => streams.push((ends, tcp.payload().to_vec())),
        }
    }
    streams
}

/// A stream as segments of `size` bytes behind a SYN, whose sequence numbers wrap soon.
fn segments(ends: (SocketAddr, SocketAddr), stream: &[u8], size: usize) -> Vec<Segment> {
    let first = 0_u32.wrapping_sub(1000);
    let segment = |place: usize, payload: &[u8], flags| Segment {
        ends,
        flags,
        sequence_number: first.wrapping_add(place as u32),
        acknowledgment_number: 0,
        payload: payload.to_vec(),
        missing: 0,
    };
    let mut all = vec![segment(0, &[], SYN)];
    for (n, payload) in stream.chunks(size).enumerate() {
        all.push(segment(1 + n * size, payload, TcpFlags(0)));
    }
    all
}

/// The objects by direction, without what the segments decide.
fn by_direction(objects: &[Value]) -> BTreeMap<String, Vec<Value>> {
    let mut found: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for object in objects {
        let mut object = object.clone();
        for name in ["frame", "index", "time"] {
            object.as_object_mut().unwrap().remove(name);
        }
        found.entry(format!("{} {}", object["src"], object["dst"])).or_default().push(object);
    }
    found
}

const CAPTURES: [&str; 2] = ["coturn-turn-tcp.pcap", "ffmpeg-rtsp-tcp-interleaved.pcap"];

#[test]
fn streams_are_read_where_asked_for() {
    for name in CAPTURES {
        let (objects, told) = inspect(&[], &testdata(name));
        assert!(objects.is_empty() && told.contains("TCP "), "{told}");
        let (objects, told) = inspect(&["--tcp"], &testdata(name));
        assert!(objects.len() >= 68 && !told.contains(" no message"), "{told}");
        assert_eq!(objects, inspect(&["--tcp", "--rtp", "always"], &testdata(name)).0);
        assert!(objects.iter().all(|object| object["transport"] == "tcp"));
    }
}

#[test]
fn the_segments_do_not_matter() {
    for name in CAPTURES {
        let expected = by_direction(&inspect(&["--tcp"], &testdata(name)).0);
        for size in [1, 7, 61, 1448, 20_000] {
            // In order; each four in another order, one of them twice.
            let (mut in_order, mut shuffled) = (Vec::new(), Vec::new());
            for (ends, stream) in streams(name) {
                let segments = segments(ends, &stream, size);
                in_order.extend(segments.clone());
                shuffled.push(segments[0].clone());
                for four in segments[1..].chunks(4) {
                    let mut four = four.to_vec();
                    four.rotate_left(1);
                    four.reverse();
                    four.push(four[0].clone());
                    shuffled.extend(four);
                }
            }
            let (objects, told) = inspect(&["--tcp"], &capture(&in_order));
            assert_eq!(by_direction(&objects), expected, "{name} {size}");
            assert!(!told.contains("gaps") && !told.contains("before"), "{told}");
            let (objects, told) = inspect(&["--tcp"], &capture(&shuffled));
            assert_eq!(by_direction(&objects), expected, "{name} {size}");
            assert!(!told.contains("gaps") && told.contains("TCP segments seen before"), "{told}");
            // Objects of a frame are numbered, and frames go up.
            let places: Vec<_> =
                objects.iter().map(|o| (o["frame"].as_u64(), o["index"].as_u64())).collect();
            assert!(places.is_sorted_by(|a, b| a < b), "{places:?}");
        }
    }
}

#[test]
fn a_lost_segment_hides_no_more_than_the_messages_in_it() {
    for name in CAPTURES {
        let all = inspect(&["--tcp"], &testdata(name)).0;
        let (ends, stream) =
            streams(name).into_iter().max_by_key(|(_, stream)| stream.len()).unwrap();
        let of = |objects: &[Value]| {
            let mut objects = objects.to_vec();
            objects.retain(|object| object["src"]["port"] == ends.0.port());
            by_direction(&objects).into_values().next().unwrap()
        };
        let all = of(&all);
        // One without a message's front is lost in the middle: what follows is found by its marks.
        let mut sent = segments(ends, &stream, 500);
        let lost = sent.remove(sent.len() / 2);
        sent.last_mut().unwrap().flags = FIN;
        let (objects, told) = inspect(&["--tcp"], &capture(&sent));
        let left = of(&objects);
        assert!(told.contains("gaps in TCP streams 1"), "{told}");
        let at = u64::from(lost.sequence_number.wrapping_sub(sent[0].sequence_number) - 1);
        let is_before =
            |o: &&Value| o["offset"].as_u64().unwrap() + o["size"].as_u64().unwrap() <= at;
        assert_eq!(
            left.iter().filter(is_before).collect::<Vec<_>>(),
            all.iter().filter(is_before).collect::<Vec<_>>()
        );
        assert!(left.iter().all(|object| all.contains(object)), "nothing is made up");
    }
}

const HOSTS: (&str, &str) = ("192.0.2.1:40000", "192.0.2.2:3478");

fn ends() -> (SocketAddr, SocketAddr) {
    (HOSTS.0.parse().unwrap(), HOSTS.1.parse().unwrap())
}

fn back() -> (SocketAddr, SocketAddr) {
    (ends().1, ends().0)
}

const STUN: &[u8] = b"\0\x01\0\0\x21\x12\xa4\x42abcdefghijkl";

/// RFC 3550 section 5.1, and an RTCP BYE (section 6.6).
fn rtp(sequence_number: u8) -> Vec<u8> {
    [&[0x80, 96, 0, sequence_number][..], &[0, 0, 0, 9, 0, 0, 0, 7], b"payload"].concat()
}
const BYE: &[u8] = &[0x81, 203, 0, 1, 0, 0, 0, 7];

fn framed(packets: &[&[u8]]) -> Vec<u8> {
    let frame = |packet: &&[u8]| [&(packet.len() as u16).to_be_bytes()[..], packet].concat();
    packets.iter().flat_map(frame).collect()
}

fn kinds(objects: &[Value]) -> Vec<(&str, u64)> {
    objects.iter().map(|o| (o["kind"].as_str().unwrap(), o["offset"].as_u64().unwrap())).collect()
}

#[test]
fn rtp_framed_by_rfc_4571() {
    let (one, two, three) = (rtp(1), rtp(2), rtp(3));
    let stream = framed(&[&one, &[], &two, BYE, &three]);
    for size in [1, 10, 1000] {
        let (objects, told) = inspect(&["--tcp"], &capture(&segments(ends(), &stream, size)));
        let expected = [("rtp", 2), ("rtp", 25), ("rtcp", 46), ("rtp", 56)];
        assert_eq!(kinds(&objects), expected, "{size} {told}");
        assert!(told.contains("null packets on TCP streams 1"), "{told}");
    }
    // With ICE it is STUN that comes first, and vouches for one packet of RTP.
    let ice = [&STUN[..2], b"\0\x08", &STUN[4..], b"\0\x24\0\x04\x6e\0\x01\xff"].concat();
    let stream = framed(&[&ice, &one]);
    let (objects, _) = inspect(&["--tcp"], &capture(&segments(ends(), &stream, 1000)));
    assert_eq!(kinds(&objects), [("stun", 2), ("rtp", 32)]);
    // DNS over TCP may have an identifier that begins as RTP does; no sequence goes on in it.
    let question = [&[0x80, 0x60, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0][..], &[1; 20]].concat();
    let stream = framed(&[&question[..]; 5]);
    let (objects, told) = inspect(&["--tcp"], &capture(&segments(ends(), &stream, 1000)));
    assert!(objects.is_empty() && told.contains("TCP frames that only begin like RTP 5"), "{told}");
}

#[test]
fn a_message_is_of_the_segment_that_ends_it() {
    let stream = [STUN, STUN, b"\x40\0\0\x02ab\0\0", STUN].concat();
    let mut sent = segments(ends(), &stream, 25);
    sent.swap(1, 2);
    let (objects, _) = inspect(&["--tcp"], &capture(&sent));
    let places: Vec<_> = objects
        .iter()
        .map(|o| [&o["frame"], &o["index"], &o["offset"], &o["size"]].map(|v| v.as_u64().unwrap()))
        .collect();
    assert_eq!(places, [[3, 0, 0, 20], [3, 1, 20, 20], [3, 2, 40, 6], [4, 0, 48, 20]]);
    assert_eq!(objects[0]["time"], "2023-11-14T22:13:20.002000000Z");
}

#[test]
fn one_direction_speaks_for_the_other() {
    // ChannelData alone is no mark. Neither is the end of a message, where the capture begins in the middle.
    let channel = b"\x40\0\0\x02ab\0\0";
    let mut sent = segments(ends(), channel, 1000);
    assert!(inspect(&["--tcp"], &capture(&sent)).0.is_empty());
    sent.splice(0..0, segments(back(), STUN, 1000));
    assert_eq!(kinds(&inspect(&["--tcp"], &capture(&sent)).0), [("stun", 0), ("channel_data", 0)]);

    let middle = [b"\0\x06\0", &[7; 10][..]].concat();
    let mut sent = segments(ends(), &[&middle, STUN].concat(), middle.len());
    sent.remove(0);
    assert_eq!(kinds(&inspect(&["--tcp"], &capture(&sent)).0), [("stun", 13)]);
}

#[test]
fn the_end_of_a_stream_ends_its_messages() {
    // RFC 8656 section 12.5: padding; nothing follows, so that it is not missed.
    let stream = [STUN, b"\x40\0\0\x02ab"].concat();
    let mut sent = segments(ends(), &stream, 1000);
    assert_eq!(inspect(&["--tcp"], &capture(&sent)).0.len(), 1);
    let told = inspect(&["--tcp"], &capture(&sent)).1;
    assert!(told.contains("TCP streams that the capture ends in a message of 1"), "{told}");
    sent[1].flags = FIN;
    let (objects, _) = inspect(&["--tcp"], &capture(&sent));
    assert_eq!(kinds(&objects), [("stun", 0), ("channel_data", 20)]);
    // A message that is cut off is none.
    let mut sent = segments(ends(), &[STUN, &STUN[..9]].concat(), 1000);
    sent[1].flags = FIN;
    let (objects, told) = inspect(&["--tcp"], &capture(&sent));
    assert_eq!(kinds(&objects), [("stun", 0)]);
    assert!(told.contains("rows of bytes on TCP streams that are no message 1"), "{told}");
}

#[test]
fn the_same_ports_may_be_another_connection() {
    let mut sent = segments(ends(), &[STUN, STUN].concat(), 30);
    let mut again = segments(ends(), STUN, 1000);
    for segment in &mut again {
        segment.sequence_number = segment.sequence_number.wrapping_add(0x7000_0000);
    }
    sent.extend(again);
    let (objects, told) = inspect(&["--tcp"], &capture(&sent));
    assert_eq!(kinds(&objects), [("stun", 0), ("stun", 20), ("stun", 0)], "{told}");
    // A SYN that comes again is none.
    let mut sent = segments(ends(), &[STUN, STUN].concat(), 30);
    sent.insert(2, sent[0].clone());
    assert_eq!(inspect(&["--tcp"], &capture(&sent)).0.len(), 2);
}

#[test]
fn gaps_end_by_acknowledgment_end_of_stream_or_number() {
    let stream = STUN.repeat(100);
    let all = segments(ends(), &stream, 20);
    // Lost by the capture, not by the receiver.
    let mut sent = all[..10].to_vec();
    sent.remove(5);
    let acknowledged = Segment {
        ends: back(),
        flags: ACK,
        acknowledgment_number: all[10].sequence_number,
        payload: Vec::new(),
        ..all[0].clone()
    };
    assert_eq!(inspect(&["--tcp"], &capture(&sent)).0.len(), 4);
    sent.push(acknowledged);
    let (objects, told) = inspect(&["--tcp"], &capture(&sent));
    assert_eq!(objects.len(), 8);
    assert_eq!(objects[4]["frame"], 10, "they are of the packet that tells");
    assert!(told.contains("gaps in TCP streams 1"), "{told}");
    // By the end of the stream.
    sent.pop();
    sent.last_mut().unwrap().flags = FIN;
    assert_eq!(inspect(&["--tcp"], &capture(&sent)).0.len(), 8);
    // By the number of those that wait.
    let mut sent = all.clone();
    sent.remove(5);
    let (objects, _) = inspect(&["--tcp"], &capture(&sent));
    assert_eq!(objects.len(), 99);
    assert_eq!(objects[98]["offset"], 99 * 20);
}

#[test]
fn segments_cut_by_the_snap_length_leave_gaps() {
    let mut sent = segments(ends(), &STUN.repeat(6), 40);
    sent[2].missing = 10;
    let (objects, told) = inspect(&["--tcp"], &capture(&sent));
    assert_eq!(
        kinds(&objects),
        [("stun", 0), ("stun", 20), ("stun", 40), ("stun", 80), ("stun", 100)]
    );
    assert!(told.contains("gaps in TCP streams 1"), "{told}");
    assert_eq!(objects[2]["snapped"], true);
}

#[test]
fn many_connections_cost_a_bounded_memory() {
    // Each holds 60 kB of a message that never ends; then one more is read as ever.
    let long = [&b"\0\x01\xff\xfc\x21\x12\xa4\x42"[..], &[0; 60_000]].concat();
    let mut sent = Vec::new();
    for n in 0..1500_u32 {
        let port = 10_000 + n as u16;
        let src = SocketAddr::new(ends().0.ip(), port);
        sent.extend(segments((src, ends().1), &long, 60_008));
    }
    sent.extend(segments(ends(), STUN, 1000));
    let (objects, told) = inspect(&["--tcp"], &capture(&sent));
    assert!(told.contains("TCP segments that there was no room for"), "{told}");
    assert_eq!(objects.len(), 1);
}
