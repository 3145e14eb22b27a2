//! RTP: workloads 1 to 4.

mod floor;
#[cfg(feature = "others")]
mod others;

use bytes::Bytes;
use mediawire::Encode;
use mediawire::rtp::ext::{AudioLevel, TransportCc};
use mediawire::rtp::{Element, ExtensionBuilder, Packet, PacketBuilder, PacketMut, PayloadType};

use crate::Bench;

/// Packets of each kind: enough that no branch learns one of them by heart, few enough to stay in the first cache.
const PACKETS: u16 = 16;
/// The identifiers of the elements: abs-send-time, mid, transport-cc, audio level.
const SEND_TIME: u8 = 2;
const MID: u8 = 4;
const TRANSPORT_CC: u8 = 3;
const AUDIO_LEVEL: u8 = 1;

/// Everything that the fixed header says, and the payload's length.
#[derive(Debug, PartialEq)]
struct Fields {
    padding: bool,
    extension: bool,
    csrc_count: u8,
    marker: bool,
    payload_type: u8,
    sequence_number: u16,
    timestamp: u32,
    ssrc: u32,
    payload_len: usize,
}

/// The same, and two elements by their identifiers.
#[derive(Debug, PartialEq)]
struct WithElements {
    fields: Fields,
    transport_cc: u16,
    voice: bool,
    level: u8,
}

/// What a packet is built from.
struct Parts {
    marker: bool,
    payload_type: u8,
    sequence_number: u16,
    timestamp: u32,
    ssrc: u32,
    send_time: [u8; 3],
    transport_cc: u16,
    level: u8,
    payload: Bytes,
}

/// What a forwarded packet gets.
struct Rewrite {
    /// The packet as it came, for those who cannot change one in place.
    #[cfg_attr(not(feature = "others"), expect(dead_code))]
    packet: Bytes,
    payload_type: u8,
    sequence_number: u16,
    timestamp: u32,
    ssrc: u32,
    transport_cc: u16,
}

pub(crate) fn run(bench: &mut Bench) {
    plain(bench);
    elements(bench);
    build(bench);
    forward(bench);
}

/// As of a telephone.
fn telephone() -> Vec<Bytes> {
    let packet = |number: u16| {
        let packet = PacketBuilder {
            marker: number == 0,
            payload_type: PayloadType(if number.is_multiple_of(2) { 0 } else { 8 }),
            sequence_number: 65_530_u16.wrapping_add(number),
            timestamp: 160 * u32::from(number),
            ssrc: 0x1234_5678,
            payload: &[0xd5; 160],
            ..Default::default()
        };
        packet.to_bytes().expect("a packet")
    };
    (0..PACKETS).map(packet).collect()
}

/// As of a browser: four one-byte elements before 1,100 bytes of payload.
fn parts() -> Vec<Parts> {
    let payload = Bytes::from(vec![0xaa; 1100]);
    let parts = |number: u16| Parts {
        marker: number % 4 == 3,
        payload_type: 96,
        sequence_number: 65_530_u16.wrapping_add(number),
        timestamp: 3_119_998_924_u32.wrapping_add(u32::from(number / 4) * 3000),
        ssrc: 0xb8e7_7f2d,
        send_time: [0x5f, 0x22, u8::try_from(number).expect("few packets")],
        transport_cc: 250 + number,
        level: u8::try_from(number).expect("few packets") * 7,
        payload: payload.clone(),
    };
    (0..PACKETS).map(parts).collect()
}

fn video() -> Vec<Bytes> {
    let packet = |parts: &Parts| {
        let mut out = vec![0; 1500];
        let len = build_packet(parts, &mut out);
        out.truncate(len);
        Bytes::from(out)
    };
    parts().iter().map(packet).collect()
}

#[inline]
fn fields(packet: &Packet<'_>) -> Fields {
    Fields {
        padding: packet.has_padding(),
        extension: packet.has_extension(),
        csrc_count: packet.csrc_count(),
        marker: packet.marker(),
        payload_type: packet.payload_type().0,
        sequence_number: packet.sequence_number(),
        timestamp: packet.timestamp(),
        ssrc: packet.ssrc(),
        payload_len: packet.payload().len(),
    }
}

fn plain(bench: &mut Bench) {
    let workload = bench
        .reading::<Bytes, Option<Fields>>("1 RTP, 12-byte header", telephone())
        .goal(0.33, 1.25)
        .floor(|bytes| floor::plain(bytes))
        .mediawire(|bytes| Some(fields(&Packet::parse(bytes).ok()?)));
    #[cfg(feature = "others")]
    let workload = others::plain(workload);
    workload.run();
}

fn elements(bench: &mut Bench) {
    let workload = bench
        .reading::<Bytes, Option<WithElements>>("2 RTP, two of four elements", video())
        .goal(0.65, 1.05)
        .floor(|bytes| floor::elements(bytes))
        .mediawire(|bytes| {
            let packet = Packet::parse(bytes).ok()?;
            let TransportCc(transport_cc) =
                TransportCc::parse(packet.element(TRANSPORT_CC)?).ok()?;
            let audio = AudioLevel::parse(packet.element(AUDIO_LEVEL)?).ok()?;
            let fields = fields(&packet);
            Some(WithElements { fields, transport_cc, voice: audio.voice, level: audio.level })
        });
    #[cfg(feature = "others")]
    let workload = others::elements(workload);
    workload.run();
}

/// The packet of these parts.
#[inline(always)] // as it would be where nobody else calls it
fn build_packet(parts: &Parts, out: &mut [u8]) -> usize {
    let packet = PacketBuilder {
        marker: parts.marker,
        payload_type: PayloadType(parts.payload_type),
        sequence_number: parts.sequence_number,
        timestamp: parts.timestamp,
        ssrc: parts.ssrc,
        extension: ExtensionBuilder::OneByte(&[
            Element { id: SEND_TIME, data: &parts.send_time },
            Element { id: TRANSPORT_CC, data: &parts.transport_cc.to_be_bytes() },
            Element { id: MID, data: b"1" },
            Element { id: AUDIO_LEVEL, data: &[0x80 | parts.level] },
        ]),
        payload: &parts.payload,
        ..Default::default()
    };
    packet.write(out).expect("room")
}

fn build(bench: &mut Bench) {
    let workload = bench
        .writing("3 RTP built", parts(), vec![0; 1500])
        .goal(0.65, 1.10)
        .floor(|parts, out| floor::build(parts, out).expect("room"))
        .mediawire(|parts, out| build_packet(parts, out));
    #[cfg(feature = "others")]
    let workload = others::build(workload);
    workload.run();
}

fn rewrites(packet: &Bytes) -> impl Iterator<Item = Rewrite> {
    (0..PACKETS).map(|number| Rewrite {
        packet: packet.clone(),
        payload_type: if number % 2 == 0 { 97 } else { 100 },
        sequence_number: number.wrapping_sub(5),
        timestamp: 90_000 * u32::from(number),
        ssrc: 0x0102_0304 + u32::from(number),
        transport_cc: 250 + number,
    })
}

fn rewrite<'a>(rewrite: &Rewrite, bytes: &'a mut [u8]) -> Option<PacketMut<'a>> {
    let mut packet = PacketMut::parse(bytes).ok()?;
    packet.set_payload_type(PayloadType(rewrite.payload_type)).ok()?;
    packet.set_sequence_number(rewrite.sequence_number);
    packet.set_timestamp(rewrite.timestamp);
    packet.set_ssrc(rewrite.ssrc);
    Some(packet)
}

fn forward(bench: &mut Bench) {
    let packet = video().swap_remove(3);
    let workload = bench
        .writing("4 RTP forwarded", rewrites(&packet), packet.to_vec())
        .goal(0.50, 1.10)
        .floor(|values, bytes| floor::forward(values, bytes).expect("a packet"))
        .mediawire(|values, bytes| rewrite(values, bytes).expect("a packet").as_bytes().len());
    #[cfg(feature = "others")]
    let workload = others::forward(workload);
    workload.run();

    let workload = bench
        .writing("4 with transport-cc", rewrites(&packet), packet.to_vec())
        .goal(0.50, 1.10)
        .floor(|values, bytes| floor::forward_with_element(values, bytes).expect("a packet"))
        .mediawire(|values, bytes| {
            let mut packet = rewrite(values, bytes).expect("a packet");
            let number = values.transport_cc.to_be_bytes();
            packet.set_element(TRANSPORT_CC, &number).expect("the element is there");
            packet.as_bytes().len()
        });
    #[cfg(feature = "others")]
    let workload = others::forward_with_element(workload);
    workload.run();
}
