//! Editing RTP in place against hand-written floors: plain functions that do the same checked work with nothing in between.
//!
//! Each floor knows the one form and the one side that its case takes; the library has to find out.

#![allow(missing_docs, unreachable_pub)] // criterion's macros
#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // a bench may panic

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mediawire::Encode;
use mediawire::rtp::{
    Element, ExtensionBuilder, PacketBuilder, PacketEditor, PacketMut, PayloadType, UlpFec,
    UlpFecProtectedLevel, UlpFecProtection,
};
use std::hint::black_box;

/// Four elements as a browser sends them: abs-send-time, transport-cc, mid, audio level.
const ELEMENTS: [Element<'static>; 4] = [
    Element { id: 2, data: &[0x5f, 0x22, 0xbd] },
    Element { id: 3, data: &[0, 2] },
    Element { id: 4, data: b"1" },
    Element { id: 1, data: &[0x8a] },
];

fn video(sequence_number: u16, payload: &[u8]) -> Vec<u8> {
    let packet = PacketBuilder {
        marker: true,
        payload_type: PayloadType(96),
        sequence_number,
        timestamp: 3_119_998_924,
        ssrc: 0xb8e7_7f2d,
        extension: ExtensionBuilder::OneByte(&ELEMENTS),
        payload,
        ..Default::default()
    };
    packet.to_vec().unwrap()
}

/// The room before the packet.
const HEADROOM: usize = 16;

mod floor {
    /// Where the parts of a packet lie: the area of its one-byte elements, and its payload.
    pub struct Places {
        pub area: usize,
        pub payload: usize,
        pub padding: usize,
    }

    /// Version, CSRC count, extension length and padding count checked.
    #[inline]
    pub fn parse(bytes: &[u8]) -> Option<Places> {
        let first = *bytes.first_chunk::<12>()?.first()?;
        if first >> 6 != 2 || first & 0x10 == 0 {
            return None;
        }
        let at = 12 + usize::from(first & 15) * 4;
        let &[a, b, c, d] = bytes.get(at..)?.first_chunk::<4>()?;
        if u16::from_be_bytes([a, b]) != 0xbede {
            return None;
        }
        let area = at + 4;
        let payload = area + usize::from(u16::from_be_bytes([c, d])) * 4;
        let body = bytes.get(payload..)?;
        let mut padding = bytes.len();
        if first & 0x20 != 0 {
            let count = usize::from(*body.last()?);
            if count == 0 || count > body.len() {
                return None;
            }
            padding -= count;
        }
        Some(Places { area, payload, padding })
    }

    /// Place and length of the data of the first element with this identifier, and the place behind the last element.
    #[inline]
    pub fn find(area: &[u8], wanted: u8) -> (Option<(usize, usize)>, usize) {
        let (mut at, mut end, mut found) = (0, 0, None);
        while let Some(&first) = area.get(at) {
            if first == 0 {
                at += 1;
                continue;
            }
            let (id, len) = (first >> 4, usize::from(first & 15) + 1);
            if id == 0 || id == 15 || area.len() - at - 1 < len {
                break;
            }
            if id == wanted && found.is_none() {
                found = Some((at + 1, len));
            }
            at += 1 + len;
            end = at;
        }
        (found, end)
    }

    #[inline]
    fn stores(bytes: &mut [u8], ssrc: u32, seq: u16, shift: u32, pt: u8) -> Option<()> {
        let fixed = bytes.first_chunk_mut::<12>()?;
        if pt > 127 {
            return None;
        }
        let timestamp = u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]);
        fixed[1] = fixed[1] & 0x80 | pt;
        fixed[2..4].copy_from_slice(&seq.to_be_bytes());
        fixed[4..8].copy_from_slice(&timestamp.wrapping_add(shift).to_be_bytes());
        fixed[8..12].copy_from_slice(&ssrc.to_be_bytes());
        Some(())
    }

    /// Checks the packet, stores four fields and the data of transport-cc.
    #[inline]
    pub fn forward(
        bytes: &mut [u8],
        ssrc: u32,
        seq: u16,
        shift: u32,
        pt: u8,
        transport: u16,
    ) -> Option<()> {
        let Places { area, payload, .. } = parse(bytes)?;
        stores(bytes, ssrc, seq, shift, pt)?;
        let mut area = bytes.get_mut(area..payload)?;
        loop {
            let first = *area.first()?;
            if first == 0 {
                area = area.get_mut(1..)?;
                continue;
            }
            let (id, len) = (first >> 4, usize::from(first & 15) + 1);
            if id == 0 || id == 15 {
                return None;
            }
            let (data, rest) = area.get_mut(1..)?.split_at_mut_checked(len)?;
            if id == 3 {
                *<&mut [u8; 2]>::try_from(data).ok()? = transport.to_be_bytes();
                return Some(());
            }
            area = rest;
        }
    }

    /// Adds an element behind the others of the packet at `start`, moving the header; gives the new start.
    #[inline]
    pub fn insert(buffer: &mut [u8], start: usize, id: u8, data: &[u8]) -> Option<usize> {
        let packet = buffer.get(start..)?;
        let Places { area, payload, .. } = parse(packet)?;
        let (found, end) = find(packet.get(area..payload)?, id);
        if found.is_some() || !(1..=14).contains(&id) || !(1..=16).contains(&data.len()) {
            return None;
        }
        let new = (end + 1 + data.len()).next_multiple_of(4);
        let grow = (area + new).checked_sub(payload)?;
        let to = start.checked_sub(grow)?;
        buffer.copy_within(start..start + area + end, to);
        let packet = buffer.get_mut(to..)?;
        let (first, rest) = packet.get_mut(area + end..area + new)?.split_first_mut()?;
        *first = id << 4 | u8::try_from(data.len() - 1).ok()?;
        let (place, fill) = rest.split_at_mut_checked(data.len())?;
        place.copy_from_slice(data);
        fill.fill(0);
        let words = u16::try_from(new / 4).ok()?;
        packet.get_mut(area - 2..area)?.copy_from_slice(&words.to_be_bytes());
        Some(to)
    }

    /// Removes an element of the packet at `start`, moving the header; gives the new start.
    #[inline]
    pub fn remove(buffer: &mut [u8], start: usize, id: u8) -> Option<usize> {
        let packet = buffer.get_mut(start..)?;
        let Places { area, payload, .. } = parse(packet)?;
        let (found, end) = find(packet.get(area..payload)?, id);
        let (place, len) = found?;
        packet.copy_within(area + place + len..area + end, area + place - 1);
        let end = end - len - 1;
        let new = end.next_multiple_of(4);
        packet.get_mut(area + end..area + new)?.fill(0);
        let words = u16::try_from(new / 4).ok()?;
        packet.get_mut(area - 2..area)?.copy_from_slice(&words.to_be_bytes());
        let to = start + payload - area - new;
        buffer.copy_within(start..start + area + new, to);
        Some(to)
    }

    /// Gives every element its new identifier; none may go.
    #[inline]
    pub fn renumber(bytes: &mut [u8], table: &[u8; 16]) -> Option<()> {
        let Places { area, payload, .. } = parse(bytes)?;
        let area = bytes.get_mut(area..payload)?;
        // As the library: nothing is changed if one of them cannot be.
        let mut at = 0;
        while let Some(&first) = area.get(at) {
            if first == 0 {
                at += 1;
                continue;
            }
            let id = *table.get(usize::from(first >> 4))?;
            if !(1..=14).contains(&id) {
                return None;
            }
            at += 2 + usize::from(first & 15);
        }
        let mut at = 0;
        while let Some(first) = area.get_mut(at) {
            if *first == 0 {
                at += 1;
                continue;
            }
            at += 2 + usize::from(*first & 15);
            *first = table.get(usize::from(*first >> 4))? << 4 | *first & 15;
        }
        Some(())
    }

    /// Puts the sequence number before the payload of the packet at `start`, moving the header; gives the new start.
    #[inline]
    pub fn wrap(buffer: &mut [u8], start: usize, pt: u8, seq: u16, ssrc: u32) -> Option<usize> {
        let packet = buffer.get(start..)?;
        let Places { payload, padding, .. } = parse(packet)?;
        if padding != packet.len() {
            return None;
        }
        let original = *packet.get(2..)?.first_chunk::<2>()?;
        let to = start.checked_sub(2)?;
        buffer.copy_within(start..start + payload, to);
        let packet = buffer.get_mut(to..)?;
        packet.get_mut(payload..payload + 2)?.copy_from_slice(&original);
        stores(packet, ssrc, seq, 0, pt)?;
        Some(to)
    }

    /// The other way.
    #[inline]
    pub fn unwrap(buffer: &mut [u8], start: usize, pt: u8, ssrc: u32) -> Option<usize> {
        let packet = buffer.get(start..)?;
        let Places { payload, padding, .. } = parse(packet)?;
        if padding != packet.len() {
            return None;
        }
        let original = *packet.get(payload..)?.first_chunk::<2>()?;
        let to = start + 2;
        buffer.copy_within(start..start + payload, to);
        stores(buffer.get_mut(to..)?, ssrc, u16::from_be_bytes(original), 0, pt)?;
        Some(to)
    }

    /// The packet that is missing of a set of equal length, out of the others and the parity.
    #[inline]
    pub fn recover(packets: &[&[u8]], parity: &[u8], out: &mut [u8]) -> Option<()> {
        let out = out.get_mut(12..12 + parity.len())?;
        out.copy_from_slice(parity);
        for packet in packets {
            for (sum, byte) in out.iter_mut().zip(packet.get(12..)?) {
                *sum ^= byte;
            }
        }
        Some(())
    }
}

#[inline(never)]
fn forward_mediawire(
    bytes: &mut [u8],
    (ssrc, seq, shift): (u32, u16, u32),
    pt: u8,
    transport: u16,
) -> Option<()> {
    let mut packet = PacketMut::parse(bytes).ok()?;
    packet.set_payload_type(PayloadType(pt)).ok()?;
    packet.set_sequence_number(seq);
    packet.set_timestamp(packet.timestamp().wrapping_add(shift));
    packet.set_ssrc(ssrc);
    packet.set_element(3, &transport.to_be_bytes()).ok()
}

#[inline(never)]
fn forward_floor(
    bytes: &mut [u8],
    (ssrc, seq, shift): (u32, u16, u32),
    pt: u8,
    transport: u16,
) -> Option<()> {
    floor::forward(bytes, ssrc, seq, shift, pt, transport)
}

#[inline(never)]
fn insert_remove_mediawire(buffer: &mut [u8], start: usize, id: u8, data: &[u8]) -> Option<usize> {
    let end = buffer.len();
    let mut packet = PacketEditor::parse(buffer, start..end).ok()?;
    packet.set_element(id, data).ok()?;
    let start = packet.range().start;
    let mut packet = PacketEditor::parse(buffer, start..end).ok()?;
    if packet.remove_element(id) { Some(packet.range().start) } else { None }
}

#[inline(never)]
fn insert_remove_floor(buffer: &mut [u8], start: usize, id: u8, data: &[u8]) -> Option<usize> {
    let start = floor::insert(buffer, start, id, data)?;
    floor::remove(buffer, start, id)
}

#[inline(never)]
fn renumber_mediawire(bytes: &mut [u8], table: &[u8; 16]) -> Option<()> {
    let end = bytes.len();
    let mut packet = PacketEditor::parse(bytes, 0..end).ok()?;
    packet.map_element_ids(|id| table.get(usize::from(id)).copied().filter(|&id| id != 0)).ok()
}

#[inline(never)]
fn renumber_floor(bytes: &mut [u8], table: &[u8; 16]) -> Option<()> {
    floor::renumber(bytes, table)
}

#[inline(never)]
fn rtx_mediawire(buffer: &mut [u8], start: usize, seq: u16) -> Option<usize> {
    let end = buffer.len();
    let mut packet = PacketEditor::parse(buffer, start..end).ok()?;
    packet.wrap_rtx(PayloadType(97), seq, 7).ok()?;
    let start = packet.range().start;
    let mut packet = PacketEditor::parse(buffer, start..end).ok()?;
    packet.unwrap_rtx(PayloadType(96), 8).ok()?;
    Some(packet.range().start)
}

#[inline(never)]
fn rtx_floor(buffer: &mut [u8], start: usize, seq: u16) -> Option<usize> {
    let start = floor::wrap(buffer, start, 97, seq, 7)?;
    floor::unwrap(buffer, start, 96, 8)
}

#[inline(never)]
fn recover_mediawire(fec: &[u8], packets: &[&[u8]], out: &mut [u8]) -> Option<usize> {
    let fec = UlpFec::parse(fec).ok()?;
    let packet = |number: u16| packets.get(usize::from(number)).copied();
    Some(fec.recover(0xb8e7_7f2d, packet, out).ok()?.len)
}

#[inline(never)]
fn recover_floor(fec: &[u8], packets: &[&[u8]], out: &mut [u8]) -> Option<()> {
    floor::recover(packets, fec.get(14..)?, out)
}

fn benches(c: &mut Criterion) {
    let bytes = video(10831, &[0xaa; 1100]);
    let roomy = [&[0; HEADROOM][..], &bytes].concat();

    // Both sides must say the same.
    let (mut one, mut other) = (bytes.clone(), bytes.clone());
    forward_mediawire(&mut one, (1, 2, 3), 4, 5).unwrap();
    forward_floor(&mut other, (1, 2, 3), 4, 5).unwrap();
    assert_eq!(one, other);
    let mut group = c.benchmark_group("rtp-edit/forward-with-transport-cc");
    group.throughput(Throughput::Elements(1));
    group.bench_function("mediawire", |b| {
        b.iter(|| forward_mediawire(black_box(&mut one), black_box((1, 2, 3)), 97, black_box(5)));
    });
    group.bench_function("floor", |b| {
        b.iter(|| forward_floor(black_box(&mut one), black_box((1, 2, 3)), 97, black_box(5)));
    });
    group.finish();

    let (mut one, mut other) = (roomy.clone(), roomy.clone());
    let data = [1, 2, 3, 4];
    assert_eq!(insert_remove_mediawire(&mut one, HEADROOM, 9, &data), Some(HEADROOM));
    assert_eq!(insert_remove_floor(&mut other, HEADROOM, 9, &data), Some(HEADROOM));
    assert_eq!((&one[HEADROOM..], &other[HEADROOM..]), (&bytes[..], &bytes[..]));
    let mut group = c.benchmark_group("rtp-edit/insert-and-remove-element");
    group.throughput(Throughput::Elements(1));
    group.bench_function("mediawire", |b| {
        b.iter(|| insert_remove_mediawire(black_box(&mut one), HEADROOM, 9, black_box(&data)));
    });
    group.bench_function("floor", |b| {
        b.iter(|| insert_remove_floor(black_box(&mut one), HEADROOM, 9, black_box(&data)));
    });
    group.finish();

    let table = [0, 4, 3, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]; // there and back
    let (mut one, mut other) = (bytes.clone(), bytes.clone());
    renumber_mediawire(&mut one, &table).unwrap();
    renumber_floor(&mut other, &table).unwrap();
    assert_eq!(one, other);
    let mut group = c.benchmark_group("rtp-edit/renumber-ids");
    group.throughput(Throughput::Elements(1));
    group.bench_function("mediawire", |b| {
        b.iter(|| renumber_mediawire(black_box(&mut one), black_box(&table)));
    });
    group.bench_function("floor", |b| {
        b.iter(|| renumber_floor(black_box(&mut one), black_box(&table)));
    });
    group.finish();

    let (mut one, mut other) = (roomy.clone(), roomy.clone());
    assert_eq!(rtx_mediawire(&mut one, HEADROOM, 9), Some(HEADROOM));
    assert_eq!(rtx_floor(&mut other, HEADROOM, 9), Some(HEADROOM));
    assert_eq!(one, other);
    let mut group = c.benchmark_group("rtp-edit/rtx-wrap-and-unwrap");
    group.throughput(Throughput::Elements(1));
    group.bench_function("mediawire", |b| {
        b.iter(|| rtx_mediawire(black_box(&mut one), HEADROOM, black_box(9)));
    });
    group.bench_function("floor", |b| {
        b.iter(|| rtx_floor(black_box(&mut one), HEADROOM, black_box(9)));
    });
    group.finish();

    let packets: Vec<_> = (0..10).map(|number: u8| video(number.into(), &[number; 1100])).collect();
    let packets: Vec<_> = packets.iter().map(|packet| &packet[..]).collect();
    let levels = [UlpFecProtectedLevel::whole(&packets)];
    let fec = UlpFecProtection { levels: &levels }.to_vec().unwrap();
    let there = &packets[..9];
    let (mut one, mut other) = (vec![0; 1500], vec![0; 1500]);
    assert_eq!(recover_mediawire(&fec, there, &mut one), Some(packets[9].len()));
    recover_floor(&fec, there, &mut other).unwrap();
    assert!(one.starts_with(packets[9]) && one[12..] == other[12..]);
    let mut group = c.benchmark_group("rtp-edit/ulpfec-recover-one-of-ten");
    group.throughput(Throughput::Elements(1));
    group.bench_function("mediawire", |b| {
        b.iter(|| recover_mediawire(black_box(&fec), black_box(there), &mut one));
    });
    group.bench_function("floor", |b| {
        b.iter(|| recover_floor(black_box(&fec), black_box(there), &mut one));
    });
    group.finish();
}

criterion_group!(rtp_edit, benches);
criterion_main!(rtp_edit);
