//! RTP against hand-written floors: plain functions that do the same checked work with nothing in between.

#![allow(missing_docs, unreachable_pub, clippy::unwrap_used)] // criterion's macros; a bench may panic

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mediawire::Encode;
use mediawire::rtp::{
    Element, ExtensionBuilder, Packet, PacketBuilder, PacketMut, Padding, PayloadType,
};
use std::hint::black_box;

/// The fixed header and a little payload, as of a telephone.
fn plain() -> Vec<u8> {
    let payload = [0xd5; 160];
    PacketBuilder {
        payload_type: PayloadType::PCMA,
        sequence_number: 7,
        timestamp: 160,
        ssrc: 9,
        payload: &payload,
        ..Default::default()
    }
    .to_vec()
    .unwrap()
}

/// Four elements as a browser sends them: abs-send-time, transport-cc, mid, audio level.
const ELEMENTS: [Element<'static>; 4] = [
    Element { id: 2, data: &[0x5f, 0x22, 0xbd] },
    Element { id: 3, data: &[0, 2] },
    Element { id: 4, data: b"1" },
    Element { id: 1, data: &[0x8a] },
];

fn video(payload: &[u8]) -> PacketBuilder<'_> {
    PacketBuilder {
        marker: true,
        payload_type: PayloadType(96),
        sequence_number: 10831,
        timestamp: 3_119_998_924,
        ssrc: 0xb8e7_7f2d,
        extension: ExtensionBuilder::OneByte(&ELEMENTS),
        payload,
        padding: Padding::Zeros(0),
        ..Default::default()
    }
}

mod floor {
    use super::Element;

    pub struct Fixed {
        pub second: u8,
        pub sequence_number: u16,
        pub timestamp: u32,
        pub ssrc: u32,
    }

    pub struct Parsed<'a> {
        pub fixed: Fixed,
        pub csrc: &'a [u8],
        pub profile: u16,
        pub extension: &'a [u8],
        pub payload: &'a [u8],
    }

    /// Version, CSRC count, extension length and padding count checked.
    #[inline]
    pub fn parse(bytes: &[u8]) -> Option<Parsed<'_>> {
        let (&[first, second, a, b, c, d, e, f, g, h, i, j], mut rest) =
            bytes.split_first_chunk::<12>()?;
        if first >> 6 != 2 {
            return None;
        }
        let csrc;
        (csrc, rest) = rest.split_at_checked(usize::from(first & 15) * 4)?;
        let (mut profile, mut extension) = (0, &[][..]);
        if first & 0x10 != 0 {
            let (&[a, b, c, d], after) = rest.split_first_chunk::<4>()?;
            profile = u16::from_be_bytes([a, b]);
            (extension, rest) =
                after.split_at_checked(usize::from(u16::from_be_bytes([c, d])) * 4)?;
        }
        if first & 0x20 != 0 {
            let count = usize::from(*rest.last()?);
            if count == 0 {
                return None;
            }
            rest = rest.get(..rest.len().checked_sub(count)?)?;
        }
        let sequence_number = u16::from_be_bytes([a, b]);
        let timestamp = u32::from_be_bytes([c, d, e, f]);
        let ssrc = u32::from_be_bytes([g, h, i, j]);
        let fixed = Fixed { second, sequence_number, timestamp, ssrc };
        Some(Parsed { fixed, csrc, profile, extension, payload: rest })
    }

    /// The first one-byte element with this identifier.
    #[inline]
    pub fn element(mut area: &[u8], wanted: u8) -> Option<&[u8]> {
        loop {
            let (&first, rest) = area.split_first()?;
            if first == 0 {
                area = rest;
                continue;
            }
            let (id, len) = (first >> 4, usize::from(first & 15) + 1);
            if id == 0 || id == 15 {
                return None;
            }
            let (data, rest) = rest.split_at_checked(len)?;
            if id == wanted {
                return Some(data);
            }
            area = rest;
        }
    }

    /// A packet with CSRC list, one-byte elements and padding, all checked.
    #[inline]
    pub fn build(
        fixed: &Fixed,
        csrc: &[[u8; 4]],
        elements: &[Element<'_>],
        payload: &[u8],
        padding: u8,
        out: &mut [u8],
    ) -> Option<usize> {
        let mut area: usize = elements.iter().map(|element| 1 + element.data.len()).sum();
        area = area.next_multiple_of(4);
        let len = 16 + csrc.len() * 4 + area + payload.len() + usize::from(padding);
        let out = out.get_mut(..len)?;
        if csrc.len() > 15 {
            return None;
        }
        let (header, rest) = out.split_first_chunk_mut::<12>()?;
        header[0] = 0x90 | u8::from(padding != 0) << 5 | u8::try_from(csrc.len()).ok()?;
        header[1] = fixed.second;
        header[2..4].copy_from_slice(&fixed.sequence_number.to_be_bytes());
        header[4..8].copy_from_slice(&fixed.timestamp.to_be_bytes());
        header[8..12].copy_from_slice(&fixed.ssrc.to_be_bytes());
        let (list, rest) = rest.split_at_mut_checked(csrc.len() * 4)?;
        list.copy_from_slice(csrc.as_flattened());
        let (header, rest) = rest.split_first_chunk_mut::<4>()?;
        header[..2].copy_from_slice(&[0xbe, 0xde]);
        header[2..].copy_from_slice(&u16::try_from(area / 4).ok()?.to_be_bytes());
        let (mut area, rest) = rest.split_at_mut_checked(area)?;
        for element in elements {
            if !(1..=14).contains(&element.id) || !(1..=16).contains(&element.data.len()) {
                return None;
            }
            let (first, rest) = area.split_first_mut()?;
            *first = element.id << 4 | u8::try_from(element.data.len() - 1).ok()?;
            let (data, rest) = rest.split_at_mut_checked(element.data.len())?;
            data.copy_from_slice(element.data);
            area = rest;
        }
        area.fill(0);
        let (body, rest) = rest.split_at_mut_checked(payload.len())?;
        body.copy_from_slice(payload);
        if let [zeros @ .., last] = rest {
            zeros.fill(0);
            *last = padding;
        }
        Some(len)
    }

    /// Checks the packet, then stores four fields.
    #[inline]
    pub fn forward(
        bytes: &mut [u8],
        ssrc: u32,
        sequence_number: u16,
        shift: u32,
        payload_type: u8,
    ) -> Option<()> {
        let timestamp = parse(bytes)?.fixed.timestamp.wrapping_add(shift);
        let fixed = bytes.first_chunk_mut::<12>()?;
        if payload_type > 127 {
            return None;
        }
        fixed[1] = fixed[1] & 0x80 | payload_type;
        fixed[2..4].copy_from_slice(&sequence_number.to_be_bytes());
        fixed[4..8].copy_from_slice(&timestamp.to_be_bytes());
        fixed[8..12].copy_from_slice(&ssrc.to_be_bytes());
        Some(())
    }
}

/// Every field of the fixed header, and the payload's length.
type Fields = (bool, u8, u16, u32, u32, usize, usize);

#[inline(never)]
fn plain_mediawire(bytes: &[u8]) -> Option<Fields> {
    let packet = Packet::parse(bytes).ok()?;
    Some((
        packet.marker(),
        packet.payload_type().0,
        packet.sequence_number(),
        packet.timestamp(),
        packet.ssrc(),
        packet.csrc().len(),
        packet.payload().len(),
    ))
}

#[inline(never)]
fn plain_floor(bytes: &[u8]) -> Option<Fields> {
    let packet = floor::parse(bytes)?;
    let fixed = packet.fixed;
    let (marker, payload_type) = (fixed.second & 0x80 != 0, fixed.second & 0x7f);
    let lens = (packet.csrc.len() / 4, packet.payload.len());
    Some((marker, payload_type, fixed.sequence_number, fixed.timestamp, fixed.ssrc, lens.0, lens.1))
}

#[inline(never)]
fn elements_mediawire(bytes: &[u8]) -> Option<(Fields, &[u8], &[u8])> {
    let packet = Packet::parse(bytes).ok()?;
    let fields = (
        packet.marker(),
        packet.payload_type().0,
        packet.sequence_number(),
        packet.timestamp(),
        packet.ssrc(),
        packet.csrc().len(),
        packet.payload().len(),
    );
    Some((fields, packet.element(3)?, packet.element(1)?))
}

#[inline(never)]
fn elements_floor(bytes: &[u8]) -> Option<(Fields, &[u8], &[u8])> {
    let packet = floor::parse(bytes)?;
    if packet.profile != 0xbede {
        return None;
    }
    let (two, one) = (floor::element(packet.extension, 3)?, floor::element(packet.extension, 1)?);
    let fixed = packet.fixed;
    let (marker, payload_type) = (fixed.second & 0x80 != 0, fixed.second & 0x7f);
    let lens = (packet.csrc.len() / 4, packet.payload.len());
    let fields =
        (marker, payload_type, fixed.sequence_number, fixed.timestamp, fixed.ssrc, lens.0, lens.1);
    Some((fields, two, one))
}

#[inline(never)]
fn build_mediawire(packet: &PacketBuilder<'_>, out: &mut [u8]) -> Option<usize> {
    packet.write(out).ok()
}

#[inline(never)]
fn build_floor(packet: &PacketBuilder<'_>, out: &mut [u8]) -> Option<usize> {
    let ExtensionBuilder::OneByte(elements) = packet.extension else { return None };
    let fixed = floor::Fixed {
        second: u8::from(packet.marker) << 7 | packet.payload_type.0,
        sequence_number: packet.sequence_number,
        timestamp: packet.timestamp,
        ssrc: packet.ssrc,
    };
    let Padding::Zeros(padding) = packet.padding else { return None };
    if packet.payload_type.0 > 127 {
        return None;
    }
    floor::build(&fixed, packet.csrc, elements, packet.payload, padding, out)
}

#[inline(never)]
fn forward_mediawire(bytes: &mut [u8], ssrc: u32, seq: u16, shift: u32, pt: u8) -> Option<()> {
    let mut packet = PacketMut::parse(bytes).ok()?;
    packet.set_payload_type(PayloadType(pt)).ok()?;
    packet.set_sequence_number(seq);
    packet.set_timestamp(packet.timestamp().wrapping_add(shift));
    packet.set_ssrc(ssrc);
    Some(())
}

#[inline(never)]
fn forward_floor(bytes: &mut [u8], ssrc: u32, seq: u16, shift: u32, pt: u8) -> Option<()> {
    floor::forward(bytes, ssrc, seq, shift, pt)
}

fn benches(c: &mut Criterion) {
    let (plain, payload) = (plain(), vec![0xaa; 1100]);
    let video = video(&payload);
    let bytes = video.to_vec().unwrap();
    // Both sides must say the same.
    assert_eq!(plain_mediawire(&plain), plain_floor(&plain));
    assert_eq!(elements_mediawire(&bytes), elements_floor(&bytes));
    assert!(elements_mediawire(&bytes).is_some());
    let mut out = [0; 1500];
    assert_eq!(build_floor(&video, &mut out), Some(bytes.len()));
    assert!(out.starts_with(&bytes));
    let (mut one, mut other) = (bytes.clone(), bytes.clone());
    forward_mediawire(&mut one, 1, 2, 3, 4).unwrap();
    forward_floor(&mut other, 1, 2, 3, 4).unwrap();
    assert_eq!(one, other);

    let mut group = c.benchmark_group("rtp/fixed-header");
    group.throughput(Throughput::Elements(1));
    group.bench_function("mediawire", |b| b.iter(|| plain_mediawire(black_box(&plain))));
    group.bench_function("floor", |b| b.iter(|| plain_floor(black_box(&plain))));
    group.finish();

    let mut group = c.benchmark_group("rtp/two-of-four-elements");
    group.throughput(Throughput::Elements(1));
    group.bench_function("mediawire", |b| b.iter(|| elements_mediawire(black_box(&bytes))));
    group.bench_function("floor", |b| b.iter(|| elements_floor(black_box(&bytes))));
    group.finish();

    let mut group = c.benchmark_group("rtp/build");
    group.throughput(Throughput::Elements(1));
    group.bench_function("mediawire", |b| b.iter(|| build_mediawire(black_box(&video), &mut out)));
    group.bench_function("floor", |b| b.iter(|| build_floor(black_box(&video), &mut out)));
    group.finish();

    let mut group = c.benchmark_group("rtp/forward");
    group.throughput(Throughput::Elements(1));
    let mut packet = bytes.clone();
    group.bench_function("mediawire", |b| {
        b.iter(|| forward_mediawire(black_box(&mut packet), black_box(1), 2, 3, black_box(97)));
    });
    group.bench_function("floor", |b| {
        b.iter(|| forward_floor(black_box(&mut packet), black_box(1), 2, 3, black_box(97)));
    });
    group.finish();
}

criterion_group!(rtp, benches);
criterion_main!(rtp);
