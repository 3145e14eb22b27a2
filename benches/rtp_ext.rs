//! Typed header extensions against a hand-written floor: the transport-wide number and the audio level of a packet that is
//! parsed already, by kind through the map; and the number written over in place.

#![allow(missing_docs, unreachable_pub, clippy::unwrap_used)] // criterion's macros; a bench may panic

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mediawire::Encode;
use mediawire::rtp::ext::{
    AudioLevel, DependencyDescriptor, ElementList, ExtensionMap, TemplateStructure, TransportCc,
};
use mediawire::rtp::{Element, ExtensionBuilder, Packet, PacketBuilder, PacketMut, PayloadType};
use std::hint::black_box;

/// As a browser sends audio: audio level, abs-send-time, transport-cc, mid.
const ELEMENTS: [Element<'static>; 4] = [
    Element { id: 1, data: &[0x8a] },
    Element { id: 2, data: &[0x5f, 0x22, 0xbd] },
    Element { id: 3, data: &[0x12, 0x34] },
    Element { id: 4, data: b"0" },
];

fn map() -> ExtensionMap {
    ExtensionMap::from_extmaps([
        "1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
        "2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
        "3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
        "4 urn:ietf:params:rtp-hdrext:sdes:mid",
    ])
    .unwrap()
}

mod floor {
    /// The data of the first one-byte element with this identifier.
    #[inline]
    fn element(mut area: &[u8], wanted: u8) -> Option<&[u8]> {
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

    /// Number, voice, level.
    #[inline]
    pub fn read(area: &[u8], ids: (u8, u8)) -> Option<(u16, bool, u8)> {
        let number = <[u8; 2]>::try_from(element(area, ids.0)?).ok()?;
        let &[level] = element(area, ids.1)? else { return None };
        Some((u16::from_be_bytes(number), level & 0x80 != 0, level & 0x7f))
    }

    /// The place of a one-byte element's data.
    #[inline]
    pub fn set(mut area: &mut [u8], wanted: u8, value: u16) -> Option<()> {
        loop {
            let (&mut first, rest) = area.split_first_mut()?;
            if first == 0 {
                area = rest;
                continue;
            }
            let (id, len) = (first >> 4, usize::from(first & 15) + 1);
            if id == 0 || id == 15 {
                return None;
            }
            let (data, rest) = rest.split_at_mut_checked(len)?;
            if id == wanted {
                *<&mut [u8; 2]>::try_from(data).ok()? = value.to_be_bytes();
                return Some(());
            }
            area = rest;
        }
    }
}

#[inline(never)]
fn read_mediawire(map: &ExtensionMap, packet: &Packet<'_>) -> Option<(u16, bool, u8)> {
    let TransportCc(number) = map.get(packet).ok()??;
    let AudioLevel { voice, level } = map.get(packet).ok()??;
    Some((number, voice, level))
}

#[inline(never)]
fn read_floor(ids: (u8, u8), packet: &Packet<'_>) -> Option<(u16, bool, u8)> {
    let extension = packet.extension()?;
    if extension.profile().0 != 0xbede {
        return None;
    }
    floor::read(extension.data(), ids)
}

#[inline(never)]
fn set_mediawire(map: &ExtensionMap, packet: &mut PacketMut<'_>, number: u16) -> Option<()> {
    map.set(packet, &TransportCc(number)).ok()
}

#[inline(never)]
fn set_floor(id: u8, packet: &mut PacketMut<'_>, number: u16) -> Option<()> {
    floor::set(packet.extension_data_mut(), id, number)
}

#[inline(never)]
fn list_mediawire(map: &ExtensionMap, out: &mut [u8]) -> Option<usize> {
    let mut data = [0; 16];
    let mut list = ElementList::<2>::new(map, &mut data);
    list.push(&TransportCc(black_box(0x1234))).ok()?;
    list.push(&AudioLevel { voice: true, level: black_box(10) }).ok()?;
    list.extension().ok()?.write(out).ok()
}

#[inline(never)]
fn list_floor(ids: (u8, u8), out: &mut [u8]) -> Option<usize> {
    let out = out.first_chunk_mut::<12>()?;
    let [high, low] = black_box(0x1234u16).to_be_bytes();
    let level = black_box(10u8);
    if level > 127 {
        return None;
    }
    *out = [0xbe, 0xde, 0, 2, ids.0 << 4 | 1, high, low, ids.1 << 4, 0x80 | level, 0, 0, 0];
    Some(12)
}

#[inline(never)]
fn frame_mediawire(data: &[u8], kept: &mut Option<TemplateStructure>) -> Option<(u8, u8, u16)> {
    let frame = DependencyDescriptor::parse(data).ok()?.read(kept).ok()?;
    Some((frame.spatial_id(), frame.temporal_id(), frame.descriptor().frame_number()))
}

fn benches(c: &mut Criterion) {
    let map = map();
    let packet = PacketBuilder {
        payload_type: PayloadType(111),
        extension: ExtensionBuilder::OneByte(&ELEMENTS),
        payload: &[0xaa; 80],
        ..Default::default()
    };
    let bytes = packet.to_vec().unwrap();
    let packet = Packet::parse(&bytes).unwrap();
    // Both sides must say the same.
    assert_eq!(read_mediawire(&map, &packet), Some((0x1234, true, 10)));
    assert_eq!(read_floor((3, 1), &packet), read_mediawire(&map, &packet));
    let (mut one, mut other) = ([0; 64], [0; 64]);
    assert_eq!(list_mediawire(&map, &mut one), list_floor((3, 1), &mut other));
    assert_eq!(one, other);

    let mut group = c.benchmark_group("rtp-ext/transport-cc-and-audio-level");
    group.throughput(Throughput::Elements(1));
    group.bench_function("mediawire", |b| {
        b.iter(|| read_mediawire(black_box(&map), black_box(&packet)));
    });
    group.bench_function("floor", |b| {
        b.iter(|| read_floor(black_box((3, 1)), black_box(&packet)));
    });
    group.finish();

    let mut copy = bytes.clone();
    let mut packet = PacketMut::parse(&mut copy).unwrap();
    let mut group = c.benchmark_group("rtp-ext/set-transport-cc");
    group.throughput(Throughput::Elements(1));
    group.bench_function("mediawire", |b| {
        b.iter(|| set_mediawire(black_box(&map), black_box(&mut packet), black_box(7)));
    });
    group.bench_function("floor", |b| {
        b.iter(|| set_floor(black_box(3), black_box(&mut packet), black_box(7)));
    });
    group.finish();

    let mut group = c.benchmark_group("rtp-ext/write-two");
    group.throughput(Throughput::Elements(1));
    group.bench_function("mediawire", |b| b.iter(|| list_mediawire(black_box(&map), &mut one)));
    group.bench_function("floor", |b| b.iter(|| list_floor(black_box((3, 1)), &mut other)));
    group.finish();

    // The published key frame of L1T3 (issues.webrtc.org/issues/42225660), then frames of its templates.
    let key = [
        0x80, 0x01, 0x2f, 0x80, 0x02, 0x14, 0xea, 0xa8, 0x60, 0x41, 0x4d, 0x14, 0x10, 0x20, 0x84,
        0x26,
    ];
    let mut kept = None;
    assert_eq!(frame_mediawire(&key, &mut kept), Some((0, 0, 303)));
    let mut group = c.benchmark_group("rtp-ext/dependency-descriptor");
    group.throughput(Throughput::Elements(1));
    group.bench_function("delta", |b| {
        b.iter(|| frame_mediawire(black_box(&[0xc2, 1, 0x30]), &mut kept));
    });
    group.bench_function("key", |b| b.iter(|| frame_mediawire(black_box(&key), &mut kept)));
    group.finish();
}

criterion_group!(rtp_ext, benches);
criterion_main!(rtp_ext);
