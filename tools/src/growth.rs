//! Time linear in the input: the instructions that hostile input of growing size costs, counted by valgrind's callgrind.
//!
//! Each case is prepared at the sizes n, 2n, 4n and 8n, and runs inside [`growth_counted`], the only function that callgrind
//! counts. An item may cost no more at 8n than at n.

use std::fmt::Write;
use std::fs;
use std::hint::black_box;
use std::process::Command;
use std::time::Duration;

use mediawire::Encode;
use mediawire::framing::{Deframer, Frames, Rfc4571, Rtsp, Turn};
use mediawire::net;
use mediawire::rtcp::{Compound, CompoundWriter, NackPairs, Packet as Rtcp, TransportCcArrivals};
use mediawire::rtp::ext::{DependencyDescriptor, ExtensionMap, Mid, TemplateStructure, Uri};
use mediawire::rtp::payload::{Codec, Payload};
use mediawire::rtp::{
    self, Element, FlexFec, Form, PacketEditor, PacketMut, Red, TelephoneEvents, UlpFec,
};
use mediawire::session::{Receiver, SequenceUnwrapper, TimestampUnwrapper};
use mediawire::stun::{
    AttributeType, Class, IceRole, Key, Message, MessageBuilder, MessageWriter, Method,
    TransactionId,
};

/// The sizes, in multiples of the smallest.
const SIZES: [usize; 4] = [1, 2, 4, 8];
/// How much more an item may cost at the largest size than at the smallest: instructions that do not depend on the size
/// make it cost less, caches are not counted.
const MOST: f64 = 1.15;

/// What is counted, ready to run.
type Work = Box<dyn FnMut()>;
/// Its name, the smallest number of items, and what prepares it for a number of items.
type Case = (&'static str, usize, fn(usize) -> Work);

const CASES: &[Case] = &[
    ("RTCP compound of empty receiver reports", 200, compound),
    ("RTCP compound of broken packets", 200, broken_compound),
    ("RTCP compound joined to another", 200, joined_compound),
    ("SDES items of one chunk", 500, sdes_items),
    ("BYE packets with a reason", 100, byes),
    ("APP names, one behind the other", 200, apps),
    ("NACK pairs", 200, nack),
    ("NACK built", 500, nack_built),
    ("transport-cc, runs of packets not received", 8000, transport_cc_runs),
    ("transport-cc, vectors with deltas", 1000, transport_cc_vectors),
    ("transport-cc built from arrivals", 500, transport_cc_built),
    ("CCFB reports of one packet", 200, ccfb),
    ("RAMS TLVs without a value", 200, rams),
    ("XR blocks of least size", 200, xr_blocks),
    ("XR loss RLE, chunks of runs", 200, rle_runs),
    ("XR loss RLE, packets of few chunks", 7000, rle_packets),
    ("XR multicast acquisition elements", 200, multicast_acquisition),
    ("RSI sub-reports of least size", 200, rsi),
    ("RTP elements of two bytes, walk", 500, elements),
    ("RTP elements, the last by id", 500, element_by_id),
    ("RTP elements by name", 500, named_elements),
    ("RTP elements changed in place", 500, element_set),
    ("RTP editor: ids mapped, form changed", 500, editor_map),
    ("RTP editor: one element set, one removed", 500, editor_set),
    ("RED blocks without data", 200, red),
    ("ULPFEC levels", 200, ulpfec),
    ("ULPFEC recovery by length", 200, ulpfec_recovery),
    ("FlexFEC sources", 20, flexfec),
    ("telephone events", 100, telephone_events),
    ("H.264 aggregated units without a byte", 200, h264),
    ("H.265 aggregated units", 200, h265),
    ("AV1 elements without a byte", 200, av1),
    ("Opus frames", 5, opus),
    ("Opus padding", 500, opus_padding),
    ("VP9 scalability structure pictures", 30, vp9),
    ("dependency descriptor templates", 8, templates),
    ("STUN attributes without a value, walk", 500, stun_walk),
    ("STUN attributes, rules of the receiver", 500, stun_rules),
    ("STUN attributes, each of them unknown", 500, stun_unknown),
    ("STUN integrity and fingerprint", 500, stun_verify),
    ("STUN attributes written again", 500, stun_written),
    ("IPv6 extension headers", 100, ipv6),
    ("IPv6 options", 200, ipv6_options),
    ("VLAN tags", 100, vlan),
    ("TCP options", 5, tcp),
    ("IPv4 options", 5, ipv4),
    ("RFC 4571 frames, byte by byte", 200, rfc4571),
    ("TURN frames, byte by byte", 200, turn),
    ("TURN garbage, byte by byte", 200, turn_garbage),
    ("RTSP header lines, byte by byte", 200, rtsp),
    ("RTSP endless head, byte by byte", 1000, rtsp_endless),
    ("RTSP garbage, byte by byte", 200, rtsp_garbage),
    ("session: hostile sequence numbers", 500, session),
];

/// Counts every case, in a process of its own under valgrind, and fails if one of them grows faster than its input.
pub(crate) fn check() {
    if std::env::args().nth(2).as_deref() == Some("run") {
        return run();
    }
    let folder = std::env::temp_dir().join(format!("mediawire-growth-{}", std::process::id()));
    fs::create_dir(&folder).expect("a folder");
    let status = Command::new("valgrind")
        .args(["--quiet", "--tool=callgrind", "--compress-pos=no", "--compress-strings=no"])
        .args(["--toggle-collect=*growth_counted*", "--dump-after=*growth_dumped*"])
        .arg(format!("--callgrind-out-file={}/out", folder.display()))
        .arg(std::env::current_exe().expect("this program"))
        .args(["growth", "run"])
        .status()
        .expect("valgrind");
    assert!(status.success(), "valgrind: {status}");
    let mut at = 0;
    let mut next = || {
        at += 1;
        let path = folder.join(format!("out.{at}"));
        let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let line = text.lines().find_map(|line| line.strip_prefix("summary: "));
        line.expect("a summary").trim().parse::<f64>().expect("a count")
    };
    println!(
        "{:45} {:>6} {:>9} {:>9} {:>9} {:>9}  8n/n",
        "instructions an item", "n", "n", "2n", "4n", "8n"
    );
    let mut failed = false;
    for (name, n, _) in CASES {
        let costs = SIZES.map(|times| next() / (n * times) as f64);
        let growth = costs[3] / costs[0];
        let [a, b, c, d] = costs;
        let mark = if growth > MOST { "  TOO FAST" } else { "" };
        println!("{name:45} {n:6} {a:9.1} {b:9.1} {c:9.1} {d:9.1} {growth:5.2}{mark}");
        failed |= growth > MOST;
    }
    fs::remove_dir_all(&folder).expect("the folder");
    assert!(!failed, "instructions grow faster than the input");
}

/// Runs every case at every size.
fn run() {
    for (_, n, prepare) in CASES {
        for times in SIZES {
            growth_dumped(&mut *prepare(n * times));
        }
    }
}

/// Behind this function, what was counted inside it goes into a file. Not inlined, so that callgrind finds it.
#[inline(never)]
fn growth_dumped(work: &mut dyn FnMut()) {
    growth_counted(work);
    black_box(());
}

/// The one function that is counted.
#[inline(never)]
fn growth_counted(work: &mut dyn FnMut()) {
    work();
    black_box(());
}

/// Takes text and keeps none of it: `Debug` runs every accessor and iterator of a view.
struct Nowhere;

impl Write for Nowhere {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        black_box(text);
        Ok(())
    }
}

fn show(view: &(impl std::fmt::Display + std::fmt::Debug)) {
    write!(Nowhere, "{view} {view:?}").expect("nowhere takes all");
}

/// `n` times the same bytes, behind a front.
fn many(front: &[u8], n: usize, item: &[u8]) -> Vec<u8> {
    [front, &item.repeat(n)].concat()
}

/// An RTCP packet of those bytes, its length in 32-bit words filled in.
fn rtcp(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    let words = u16::try_from(bytes.len() / 4 - 1).expect("a packet is no longer");
    bytes[2..4].copy_from_slice(&words.to_be_bytes());
    bytes
}

/// Reads a packet, shows it and writes it again.
fn read_and_write(bytes: Vec<u8>) -> Work {
    let mut out = vec![0; bytes.len()];
    Box::new(move || {
        let packet = Rtcp::parse(&bytes).expect("a packet");
        show(&packet);
        packet.write(&mut out).expect("the same size");
    })
}

fn compound(n: usize) -> Work {
    let datagram = many(&[], n, &[0x80, 201, 0, 1, 0, 0, 0, 1]);
    Box::new(move || {
        assert!(Compound::new(&datagram).all(|packet| packet.is_ok()));
        let _ = black_box(Compound::new(&datagram).validate());
        let _ = black_box(Compound::new(&datagram).validate_reduced_size());
    })
}

fn broken_compound(n: usize) -> Work {
    let datagram = many(&[], n, &[0x9f, 200, 0, 0]);
    Box::new(move || assert!(Compound::new(&datagram).all(|packet| packet.is_err())))
}

fn joined_compound(n: usize) -> Work {
    let datagram = many(&[], n, &[0x80, 201, 0, 1, 0, 0, 0, 1]);
    let mut out = vec![0; datagram.len()];
    Box::new(move || {
        CompoundWriter::new(&mut out).join(&datagram).expect("room");
    })
}

fn sdes_items(n: usize) -> Work {
    read_and_write(rtcp(
        many(&[0x81, 202, 0, 0, 0, 0, 0, 1], n, &[1, 0]).into_iter().chain([0]).collect(),
    ))
}

fn byes(n: usize) -> Work {
    let datagram = many(&[], n, &[0x81, 203, 0, 2, 0, 0, 0, 1, 3, b'b', b'y', b'e']);
    Box::new(move || Compound::new(&datagram).for_each(|packet| show(&packet.expect("a BYE"))))
}

fn apps(n: usize) -> Work {
    let datagram = many(&[], n, &[0x81, 204, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0]);
    Box::new(move || Compound::new(&datagram).for_each(|packet| show(&packet.expect("an APP"))))
}

fn nack(n: usize) -> Work {
    let bytes = rtcp(many(&[0x81, 205, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2], n, &[0, 9, 0xff, 0xff]));
    Box::new(move || {
        let Ok(Rtcp::Nack(nack)) = Rtcp::parse(&bytes) else { panic!("a NACK") };
        black_box(nack.lost_sequence_numbers().fold(0, u16::wrapping_add));
        show(&nack);
    })
}

fn nack_built(n: usize) -> Work {
    let mut numbers: Vec<u16> = (0..n).map(|i| (i * 8) as u16).collect();
    let mut out = vec![[0; 4]; n];
    Box::new(move || {
        black_box(NackPairs::new(&mut numbers).write_into(&mut out).expect("room").len());
    })
}

/// A transport-cc packet on `count` packets.
fn transport_cc(count: usize, chunks: &[u8], deltas: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(count).expect("a count").to_be_bytes();
    let head = [0x8f, 205, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, high, low, 0, 0, 0, 0];
    rtcp([&head, chunks, deltas].concat())
}

fn transport_cc_read(bytes: Vec<u8>) -> Work {
    let mut out = vec![0; bytes.len()];
    Box::new(move || {
        let packet = Rtcp::parse(&bytes).expect("a packet");
        let Rtcp::TransportCc(feedback) = packet else { panic!("transport-cc") };
        black_box((feedback.statuses().count(), feedback.arrivals().count()));
        packet.write(&mut out).expect("the same size");
    })
}

fn transport_cc_runs(n: usize) -> Work {
    let chunks = [0x1f, 0xff].repeat(n.div_ceil(0x1fff));
    transport_cc_read(transport_cc(n, &chunks, &[]))
}

fn transport_cc_vectors(n: usize) -> Work {
    // 14 symbols of one bit each, one after the other received and not.
    let chunks = [0xaa, 0xaa].repeat(n.div_ceil(14));
    transport_cc_read(transport_cc(n, &chunks, &vec![1; n.div_ceil(2)]))
}

fn transport_cc_built(n: usize) -> Work {
    let mut arrivals: Vec<(u16, i64)> =
        (0..n as u16).map(|i| (i * 5, i64::from(i) * 9000)).collect();
    let mut out = [0; 200];
    Box::new(move || {
        let mut feedback = TransportCcArrivals::new(1, 2, &mut arrivals);
        while let Some(part) = feedback.write_next(&mut out).expect("room") {
            black_box(part);
        }
    })
}

fn ccfb(n: usize) -> Work {
    let block = [0, 0, 0, 9, 0, 7, 0, 1, 0x80, 1, 0, 0];
    let mut bytes = many(&[0x8b, 205, 0, 0, 0, 0, 0, 1], n, &block);
    bytes.extend([0; 4]);
    read_and_write(rtcp(bytes))
}

fn rams(n: usize) -> Work {
    let front = [0x86, 205, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 1, 0, 0, 0];
    read_and_write(rtcp(many(&front, n, &[200, 0, 0, 0])))
}

fn xr_blocks(n: usize) -> Work {
    // A block of receiver reference time without a body, which is broken, and one of an unknown type.
    let bytes = rtcp(many(&[0x80, 207, 0, 0, 0, 0, 0, 1], n / 2, &[4, 0, 0, 0, 200, 0, 0, 0]));
    Box::new(move || {
        let Ok(Rtcp::ExtendedReport(report)) = Rtcp::parse(&bytes) else { panic!("an XR") };
        let _ = black_box((report.blocks().count(), report.check_blocks()));
        show(&report);
    })
}

/// An XR with one loss RLE block.
fn loss_rle(packets: usize, chunks: &[u8]) -> Vec<u8> {
    let words = u16::try_from(2 + chunks.len() / 4).expect("a length").to_be_bytes();
    let end = u16::try_from(packets).expect("a number").to_be_bytes();
    let head =
        [0x80, 207, 0, 0, 0, 0, 0, 1, 1, 0, words[0], words[1], 0, 0, 0, 2, 0, 0, end[0], end[1]];
    rtcp([&head, chunks].concat())
}

fn rle_read(bytes: Vec<u8>) -> Work {
    use mediawire::rtcp::xr::Block;
    Box::new(move || {
        let Ok(Rtcp::ExtendedReport(report)) = Rtcp::parse(&bytes) else { panic!("an XR") };
        let Some(Ok(Block::LossRle(block))) = report.blocks().next() else { panic!("a block") };
        black_box((block.chunks().count(), block.runs().count(), block.lost().count()));
    })
}

fn rle_runs(n: usize) -> Work {
    rle_read(loss_rle(n, &[0x40, 1].repeat(n)))
}

fn rle_packets(n: usize) -> Work {
    let chunks = n.div_ceil(0x3fff).next_multiple_of(2);
    rle_read(loss_rle(n, &[0x3f, 0xff].repeat(chunks)))
}

fn multicast_acquisition(n: usize) -> Work {
    let words = u16::try_from(2 + n).expect("a length").to_be_bytes();
    let head = [0x80, 207, 0, 0, 0, 0, 0, 1, 11, 1, words[0], words[1], 0, 0, 0, 2, 0, 0, 0, 0];
    let bytes = rtcp(many(&head, n, &[100, 0, 0, 0]));
    Box::new(move || {
        let Ok(Rtcp::ExtendedReport(report)) = Rtcp::parse(&bytes) else { panic!("an XR") };
        report.blocks().for_each(|block| show(&block.expect("a block")));
    })
}

fn rsi(n: usize) -> Work {
    let front = [0x80, 209, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0];
    read_and_write(rtcp(many(&front, n, &[200, 1, 0, 0])))
}

/// An RTP packet with a header extension in the two-byte form.
fn extended(data: &[u8]) -> Vec<u8> {
    let mut data = data.to_vec();
    data.resize(data.len().next_multiple_of(4), 0);
    let [high, low] = u16::try_from(data.len() / 4).expect("a length").to_be_bytes();
    let header = [0x90, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0x10, 0, high, low];
    [&header[..], &data, &[0xaa; 100]].concat()
}

fn elements(n: usize) -> Work {
    let bytes = extended(&[7, 0].repeat(n));
    Box::new(move || {
        let packet = rtp::Packet::parse(&bytes).expect("a packet");
        black_box(packet.elements().count());
        packet.elements().finish().expect("whole elements");
        show(&packet);
    })
}

fn element_by_id(n: usize) -> Work {
    let bytes = extended(&[&[7, 0].repeat(n)[..], &[9, 1, 1]].concat());
    Box::new(move || {
        let packet = rtp::Packet::parse(&bytes).expect("a packet");
        assert_eq!(packet.element(9), Some(&[1][..]));
    })
}

fn named_elements(n: usize) -> Work {
    let bytes = extended(&[9, 1, b'a'].repeat(n));
    let mut map = ExtensionMap::new();
    map.bind(9, Uri::MID).expect("a free id");
    Box::new(move || {
        let packet = rtp::Packet::parse(&bytes).expect("a packet");
        black_box(map.elements(&packet).filter(|element| element.value().is_some()).count());
        black_box(map.get::<Mid<'_>>(&packet).expect("a MID"));
    })
}

fn element_set(n: usize) -> Work {
    let mut bytes = extended(&[&[7, 0].repeat(n)[..], &[9, 1, 1]].concat());
    Box::new(move || {
        let mut packet = PacketMut::parse(&mut bytes).expect("a packet");
        packet.set_element(9, &[2]).expect("an element of that length");
        packet.elements_mut().for_each(|(_, data)| data.fill(0));
    })
}

/// A packet in the middle of a buffer, to be changed.
fn edited(n: usize, edit: fn(&mut PacketEditor<'_>)) -> Work {
    let packet = extended(&[7, 1, 1].repeat(n));
    let (front, len) = (1000, packet.len());
    let mut buffer = [&vec![0; front][..], &packet, &vec![0; 1000]].concat();
    Box::new(move || {
        edit(&mut PacketEditor::parse(&mut buffer, front..front + len).expect("a packet"));
    })
}

fn editor_map(n: usize) -> Work {
    edited(n, |packet| {
        packet.map_element_ids(|id| Some(id + 1)).expect("room");
        packet.set_form(Form::OneByte).expect("room");
        packet.retain_elements(|id| id != 8);
    })
}

fn editor_set(n: usize) -> Work {
    edited(n, |packet| {
        packet.insert_element(Element { id: 9, data: &[1, 2, 3] }).expect("room");
        packet.set_element(9, &[1; 20]).expect("room");
        packet.remove_element(9);
    })
}

fn red(n: usize) -> Work {
    let bytes = many(&[], n, &[0x80 | 96, 0, 0, 0]).into_iter().chain([96, 1]).collect::<Vec<_>>();
    Box::new(move || show(&Red::parse(&bytes).expect("a RED payload")))
}

/// A FEC payload with `n` levels of 2 bytes each.
fn fec_levels(n: usize) -> Vec<u8> {
    many(&[0x00, 96, 0, 8, 0, 0, 0, 0, 0, 0], n, &[0, 2, 0xc0, 0, 1, 2])
}

fn ulpfec(n: usize) -> Work {
    let bytes = fec_levels(n);
    Box::new(move || show(&UlpFec::parse(&bytes).expect("a FEC payload")))
}

fn ulpfec_recovery(n: usize) -> Work {
    let [high, low] = u16::try_from(n).expect("a length").to_be_bytes();
    // The lost packet has `n` bytes behind its header; so has the one that came.
    let bytes = many(&[0x00, 96, 0, 8, 0, 0, 0, 0, 0, 0, high, low, 0xc0, 0], n, &[1]);
    let sent = many(&[0x80, 96, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1], n, &[2]);
    let mut out = vec![0; 12 + n];
    Box::new(move || {
        let fec = UlpFec::parse(&bytes).expect("a FEC payload");
        let lost = fec.recover(1, |number| (number == 8).then_some(&sent[..]), &mut out);
        assert_eq!(lost.expect("a packet").len, 12 + n);
    })
}

fn flexfec(n: usize) -> Work {
    let csrc = vec![[0, 0, 0, 1]; n];
    let bytes = many(&[0x00, 96, 0, 0, 0, 0, 0, 0], n, &[0, 8, 0x50, 0]);
    Box::new(move || {
        let FlexFec::Repair(repair) = FlexFec::parse(&bytes, &csrc).expect("a FEC payload") else {
            panic!("a repair packet");
        };
        show(&repair);
    })
}

fn telephone_events(n: usize) -> Work {
    let bytes = many(&[], n, &[1, 0x8a, 0, 160]);
    Box::new(move || show(&TelephoneEvents::parse(&bytes).expect("events")))
}

fn payload(codec: Codec, bytes: Vec<u8>) -> Work {
    Box::new(move || {
        let payload = Payload::parse(codec, &bytes).expect("a payload");
        black_box((payload.starts_frame(), payload.ends_frame(), payload.starts_key_frame()));
        black_box(payload.layer_ids());
        show(&payload);
    })
}

fn h264(n: usize) -> Work {
    payload(Codec::H264, many(&[24], n, &[0, 1, 0x09]))
}

fn h265(n: usize) -> Work {
    payload(Codec::H265, many(&[48 << 1, 1], n, &[0, 2, 35 << 1, 1]))
}

fn av1(n: usize) -> Work {
    payload(Codec::Av1, many(&[0], n, &[1, 0x10]))
}

fn opus(n: usize) -> Work {
    // Frames of 2.5 ms without a byte, at most 48 of them.
    payload(Codec::Opus, vec![0x80 | 3, n as u8])
}

fn opus_padding(n: usize) -> Work {
    let lengths = vec![255; n];
    payload(Codec::Opus, [&[0x83, 0x41][..], &lengths, &[0], &vec![0; 254 * n]].concat())
}

fn vp9(n: usize) -> Work {
    payload(
        Codec::Vp9,
        many(&[0x0a, 0x08, n as u8], n, &[0x0c, 1, 2, 3]).into_iter().chain([1]).collect(),
    )
}

/// Bits, one behind the other.
#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    fn push(&mut self, value: usize, width: u32) {
        self.0.extend((0..width).rev().map(|bit| value >> bit & 1 == 1));
    }

    fn bytes(&self) -> Vec<u8> {
        let byte = |bits: &[bool]| {
            (0..8).fold(0, |byte, i| byte << 1 | u8::from(bits.get(i) == Some(&true)))
        };
        self.0.chunks(8).map(byte).collect()
    }
}

fn templates(n: usize) -> Work {
    let mut bits = Bits::default();
    bits.push(0xc0_0001, 24); // first and last packet, template 0, frame 1
    bits.push(0b10000, 5); // a structure, and nothing else
    bits.push(0, 6 + 5); // offset 0, one decode target
    (1..n).for_each(|_| bits.push(0, 2)); // all of one layer
    bits.push(3, 2);
    (0..n).for_each(|_| bits.push(3, 2)); // required
    (0..n).for_each(|_| bits.push(0b100_0110_0100, 11)); // two differences each
    bits.push(0, 1); // no chains
    bits.push(0, 1); // no resolutions
    let bytes = bits.bytes();
    Box::new(move || {
        let descriptor = DependencyDescriptor::parse(&bytes).expect("a descriptor");
        let mut kept = None::<TemplateStructure>;
        show(&descriptor);
        black_box(descriptor.read(&mut kept).expect("a frame").fdiffs().count());
        let structure = kept.expect("a structure");
        assert_eq!(structure.templates().len(), n);
        write!(Nowhere, "{structure:?}").expect("nowhere takes all");
    })
}

/// A Binding request with those attributes.
fn stun(attributes: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(attributes.len()).expect("a length").to_be_bytes();
    let header = [0, 1, high, low, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    [&header[..], attributes].concat()
}

fn stun_walk(n: usize) -> Work {
    let bytes = stun(&[0x7f, 1, 0, 0].repeat(n));
    Box::new(move || {
        let message = Message::parse(&bytes).expect("a message");
        for attribute in message.attributes() {
            let _ = black_box(attribute.decode());
        }
        black_box((
            message.get::<mediawire::stun::Priority>(),
            message.find(AttributeType(0x7f02)),
        ));
        show(&message);
    })
}

fn stun_rules(n: usize) -> Work {
    // USE-CANDIDATE, again and again.
    let bytes = stun(&[0, 0x25, 0, 0].repeat(n));
    Box::new(move || {
        let message = Message::parse(&bytes).expect("a message");
        let _ = black_box((message.check_order(), message.check_values(), message.check_method()));
        let _ =
            black_box((message.check_ice(), message.check_bid_down(), message.check_short_term()));
        let _ = black_box((message.check_long_term(), message.check_role(IceRole::Controlling, 7)));
        let _ = black_box(message.check_comprehended(AttributeType::TYPED));
    })
}

fn stun_unknown(n: usize) -> Work {
    let attributes = (0..n as u16).flat_map(|i| {
        let [a, b] = (0x3000 + i).to_be_bytes();
        [a, b, 0, 0]
    });
    let bytes = stun(&attributes.collect::<Vec<_>>());
    let mut out = vec![0; 2 * bytes.len()];
    Box::new(move || {
        let message = Message::parse(&bytes).expect("a message");
        MessageWriter::unknown_attributes(&mut out, &message, AttributeType::TYPED).expect("room");
    })
}

fn stun_verify(n: usize) -> Work {
    let key = Key::short_term(b"password");
    let mut bytes = vec![0; 4 * n + 100];
    let mut writer =
        MessageWriter::new(&mut bytes, Class::Request, Method::BINDING, TransactionId([1; 12]))
            .expect("room");
    for _ in 0..n {
        writer.push_raw(AttributeType(0x7f01), &[]).expect("room");
    }
    writer.push_integrity(&key).expect("room").push_fingerprint().expect("room");
    let bytes = writer.as_bytes().to_vec();
    Box::new(move || {
        let message = Message::parse(&bytes).expect("a message");
        message.check_fingerprint().expect("the fingerprint");
        message.verify(&key, 16).expect("the integrity");
        message.verify_integrity(&key).expect("the integrity");
    })
}

fn stun_written(n: usize) -> Work {
    let bytes = stun(&[0x7f, 1, 0, 0].repeat(n));
    let mut out = vec![0; bytes.len()];
    Box::new(move || {
        let message = Message::parse(&bytes).expect("a message");
        MessageBuilder::from(message).write(&mut out).expect("room");
    })
}

fn ipv6_packet(next_header: u8, payload: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(payload.len()).expect("a length").to_be_bytes();
    [&[0x60, 0, 0, 0, high, low, next_header, 64][..], &[1; 32], payload].concat()
}

fn ipv6(n: usize) -> Work {
    let headers = [[60, 0, 1, 4, 0, 0, 0, 0].repeat(n - 1), vec![59, 0, 1, 4, 0, 0, 0, 0]].concat();
    let bytes = ipv6_packet(60, &headers);
    Box::new(move || show(&net::Ipv6::parse(&bytes).expect("a packet")))
}

fn ipv6_options(n: usize) -> Work {
    // Pad1 in one header; the length counts 8 bytes behind the first 8.
    let len = (n + 2).next_multiple_of(8);
    let header = [&[59, (len / 8 - 1) as u8][..], &vec![0; len - 2]].concat();
    let bytes = ipv6_packet(60, &header);
    Box::new(move || {
        let packet = net::Ipv6::parse(&bytes).expect("a packet");
        let options = packet.extension_headers().next().and_then(|header| header.options());
        black_box(options.expect("options").count());
    })
}

fn vlan(n: usize) -> Work {
    let front = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x81, 0];
    let bytes = many(&front, n, &[0, 1, 0x81, 0]);
    Box::new(move || {
        let packet = net::Packet::parse(net::LinkType::ETHERNET, &bytes);
        let _ = black_box(packet.map(|packet| show(&packet)));
    })
}

fn tcp(n: usize) -> Work {
    let words = 5 + n.div_ceil(4) as u8;
    let bytes = [
        &[0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, words << 4, 0, 0, 0, 0, 0, 0, 0][..],
        &vec![1; n.next_multiple_of(4)],
    ];
    let bytes = bytes.concat();
    Box::new(move || show(&net::Tcp::parse(&bytes).expect("a segment")))
}

fn ipv4(n: usize) -> Work {
    let words = 5 + n.div_ceil(4) as u8;
    let front = [0x40 | words, 0, 0, words * 4, 0, 0, 0, 0, 64, 17, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2];
    let bytes = [&front[..], &vec![1; n.next_multiple_of(4)]].concat();
    Box::new(move || show(&net::Ipv4::parse(&bytes).expect("a packet")))
}

/// A stream of which one more byte comes each time, until the end.
fn byte_by_byte<D: Deframer + Default + 'static>(stream: Vec<u8>) -> Work {
    Box::new(move || {
        let mut deframer = D::default();
        let (mut at, mut end) = (0, 0);
        while end < stream.len() {
            end += 1;
            let mut frames = Frames::new(&mut deframer, &stream[at..end]);
            for frame in frames.by_ref() {
                let _ = black_box(frame.is_ok());
            }
            at += frames.used();
        }
    })
}

fn rfc4571(n: usize) -> Work {
    byte_by_byte::<Rfc4571>(many(&[], n, &[0, 1, 0x80]))
}

fn turn(n: usize) -> Work {
    byte_by_byte::<Turn>(many(&[], n, &[0x40, 0, 0, 1, 9, 0, 0, 0]))
}

fn turn_garbage(n: usize) -> Work {
    byte_by_byte::<Turn>(many(&[], n, &[0xff, 0x21, 0x12, 0xa4]))
}

fn rtsp(n: usize) -> Work {
    let lines = many(b"OPTIONS * RTSP/2.0\r\n", n, b"a: b\r\n");
    byte_by_byte::<Rtsp>([&lines[..], b"content-length: 4\r\n\r\nbody"].concat())
}

fn rtsp_endless(n: usize) -> Work {
    byte_by_byte::<Rtsp>(many(b"OPTIONS * RTSP/2.0\r\na: ", n, b"b"))
}

fn rtsp_garbage(n: usize) -> Work {
    byte_by_byte::<Rtsp>(many(&[], n, b"\xff$\0\xffRTS"))
}

fn session(n: usize) -> Work {
    let mut receiver = Receiver::new(1, 90_000);
    let mut numbers = SequenceUnwrapper::new();
    let mut timestamps = TimestampUnwrapper::new();
    Box::new(move || {
        for i in 0..n {
            let (number, timestamp) = ((i * 40_503) as u16, (i as u32).wrapping_mul(2_654_435_769));
            let now = Duration::from_millis(i as u64);
            black_box(receiver.received(number, timestamp, now));
            black_box((numbers.unwrap(number), timestamps.unwrap(timestamp)));
            black_box(receiver.report(now));
        }
    })
}
