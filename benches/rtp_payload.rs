//! Payload headers and a receiver's work per packet, against hand-written floors: plain functions that do the same checked
//! work with nothing in between.

#![allow(missing_docs, unreachable_pub, clippy::unwrap_used)] // criterion's macros; a bench may panic
#![allow(clippy::as_conversions)] // the floor is written as C would be

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mediawire::rtp::payload::{PictureId, h264, vp8, vp9};
use mediawire::session::{Receiver, SequenceUnwrapper};

/// X=1 S=1, I L T K, a picture ID of 15 bits, TL0PICIDX, TID, and a key frame behind them.
const VP8: [u8; 16] =
    [0x90, 0xf0, 0x92, 0x67, 3, 0x25, 0xb0, 0x2f, 0, 0x9d, 1, 0x2a, 0x40, 1, 0xb4, 0];
/// Flexible mode: a picture ID of 15 bits, layers, two references; then the frame.
const VP9: [u8; 8] = [0xfd, 0xd3, 0x98, 0x50, 0x03, 0x04, 0x87, 0];

/// A STAP-A of parameter sets, SEI and a slice.
fn stap_a() -> Vec<u8> {
    let mut payload = vec![0x78];
    for (header, len) in [(0x67, 19u16), (0x68, 4), (0x06, 30), (0x65, 900)] {
        payload.extend(len.to_be_bytes());
        payload.push(header);
        payload.extend(vec![0xb8; usize::from(len) - 1]);
    }
    payload
}

type Vp8Fields = (Option<u16>, Option<u8>, Option<u8>, Option<u8>, bool, bool, usize);

#[inline(never)]
fn vp8_mediawire(payload: &[u8]) -> Option<Vp8Fields> {
    let d = vp8::Descriptor::parse(payload).ok()?;
    Some((
        d.picture_id().map(PictureId::value),
        d.tl0picidx(),
        d.temporal_layer().map(|layer| layer.tid),
        d.keyidx(),
        d.starts_frame(),
        d.starts_key_frame(),
        d.payload().len(),
    ))
}

#[inline(never)]
fn vp8_floor(payload: &[u8]) -> Option<Vp8Fields> {
    let (&first, mut rest) = payload.split_first()?;
    let (mut picture_id, mut tl0picidx, mut tid, mut keyidx) = (None, None, None, None);
    if first & 0x80 != 0 {
        let (&control, after) = rest.split_first()?;
        rest = after;
        if control & 0x80 != 0 {
            let (&high, after) = rest.split_first()?;
            rest = after;
            picture_id = Some(u16::from(high));
            if high & 0x80 != 0 {
                let (&low, after) = rest.split_first()?;
                rest = after;
                picture_id = Some(u16::from_be_bytes([high & 0x7f, low]));
            }
        }
        if control & 0x40 != 0 {
            let (&byte, after) = rest.split_first()?;
            (tl0picidx, rest) = (Some(byte), after);
        }
        if control & 0x30 != 0 {
            let (&byte, after) = rest.split_first()?;
            rest = after;
            tid = (control & 0x20 != 0).then_some(byte >> 6);
            keyidx = (control & 0x10 != 0).then_some(byte & 0x1f);
        }
    }
    let starts = first & 0x17 == 0x10;
    let key = starts && rest.first().is_some_and(|byte| byte & 1 == 0);
    Some((picture_id, tl0picidx, tid, keyidx, starts, key, rest.len()))
}

#[inline(never)]
fn vp8_edit_mediawire(payload: &mut [u8], picture_id: u16, tl0picidx: u8) -> Option<()> {
    let mut descriptor = vp8::DescriptorMut::parse(payload).ok()?;
    descriptor.set_picture_id(picture_id).ok()?;
    descriptor.set_tl0picidx(tl0picidx).ok()
}

#[inline(never)]
fn vp8_edit_floor(payload: &mut [u8], picture_id: u16, tl0picidx: u8) -> Option<()> {
    vp8_floor_places(payload)?;
    let [high, low] = picture_id.to_be_bytes();
    let mut at = 2;
    let place = payload.get_mut(at)?;
    if *place & 0x80 != 0 {
        *place = 0x80 | high;
        at += 1;
        *payload.get_mut(at)? = low;
    } else {
        *place = low & 0x7f;
    }
    *payload.get_mut(at + 1)? = tl0picidx;
    Some(())
}

/// The descriptor is whole, and has both fields.
#[inline]
fn vp8_floor_places(payload: &[u8]) -> Option<()> {
    let &[first, control, third, ..] = payload else { return None };
    if first & 0x80 == 0 || control & 0xc0 != 0xc0 {
        return None;
    }
    let long = usize::from(third >> 7);
    let layer = usize::from(control & 0x30 != 0);
    (payload.len() >= 4 + long + layer).then_some(())
}

type Vp9Fields = (Option<u16>, u8, u8, bool, bool, [u8; 3], usize);

#[inline(never)]
fn vp9_mediawire(payload: &[u8]) -> Option<Vp9Fields> {
    let d = vp9::Descriptor::parse(payload).ok()?;
    let layer = d.layer_indices().unwrap_or_default();
    let mut diffs = [0; 3];
    for (place, diff) in diffs.iter_mut().zip(d.p_diffs()) {
        *place = diff;
    }
    let id = d.picture_id().map(PictureId::value);
    let starts = (d.starts_frame(), d.starts_key_frame());
    Some((id, layer.tid, layer.sid, starts.0, starts.1, diffs, d.payload().len()))
}

#[inline(never)]
fn vp9_floor(payload: &[u8]) -> Option<Vp9Fields> {
    let (&first, mut rest) = payload.split_first()?;
    let (mut picture_id, mut layer, mut diffs) = (None, 0, [0; 3]);
    if first & 0x80 != 0 {
        let (&high, after) = rest.split_first()?;
        rest = after;
        picture_id = Some(u16::from(high));
        if high & 0x80 != 0 {
            let (&low, after) = rest.split_first()?;
            rest = after;
            picture_id = Some(u16::from_be_bytes([high & 0x7f, low]));
        }
    }
    if first & 0x20 != 0 {
        (layer, rest) = rest.split_first().map(|(&byte, rest)| (byte, rest))?;
        if first & 0x10 == 0 {
            rest = rest.split_first()?.1;
        }
    }
    if first & 0x50 == 0x50 {
        let mut more = true;
        for diff in &mut diffs {
            if more {
                let (&byte, after) = rest.split_first()?;
                rest = after;
                (*diff, more) = (byte >> 1, byte & 1 != 0);
            }
        }
        if more {
            return None;
        }
    }
    if first & 2 != 0 {
        return None; // not in the bench's packet
    }
    let key = first & 0x48 == 8 && layer & 0x0f == 0;
    Some((picture_id, layer >> 5, layer >> 1 & 7, first & 8 != 0, key, diffs, rest.len()))
}

#[inline(never)]
fn stap_mediawire(payload: &[u8]) -> Option<(u32, usize)> {
    let h264::Payload::Aggregation(packet) = h264::Payload::parse(payload).ok()? else {
        return None;
    };
    let add = |(types, len): (u32, usize), unit: h264::AggregationUnit<'_>| {
        let kind = u32::from(unit.nal.nal_unit_type().0);
        (types + kind, len + unit.nal.as_bytes().len())
    };
    Some(packet.units().fold((0, 0), add))
}

#[inline(never)]
fn stap_floor(payload: &[u8]) -> Option<(u32, usize)> {
    let (&first, mut rest) = payload.split_first()?;
    if first & 0x1f != 24 {
        return None;
    }
    let (mut types, mut total) = (0, 0);
    loop {
        let (&size, after) = rest.split_first_chunk::<2>()?;
        let (unit, after) = after.split_at_checked(u16::from_be_bytes(size).into())?;
        types += u32::from(unit.first()? & 0x1f);
        total += unit.len();
        rest = after;
        if rest.is_empty() {
            return Some((types, total));
        }
    }
}

/// The state and the code of RFC 3550 appendices A.1 and A.8 by hand, for a valid source.
struct Floor {
    cycles: u32,
    max: u16,
    received: u32,
    transit: u32,
    jitter: u32,
    extended: i64,
}

impl Floor {
    #[inline(never)]
    fn received(&mut self, seq: u16, timestamp: u32, arrival: Duration) -> Option<i64> {
        self.extended += i64::from(seq.wrapping_sub(self.extended as u16) as i16);
        let delta = seq.wrapping_sub(self.max);
        if delta < 3000 {
            if seq < self.max {
                self.cycles = self.cycles.wrapping_add(0x1_0000);
            }
            self.max = seq;
        } else if delta <= 65_535 - 99 {
            return None;
        }
        self.received = self.received.wrapping_add(1);
        let ticks =
            arrival.as_secs() * 90_000 + u64::from(arrival.subsec_nanos()) * 90_000 / 1_000_000_000;
        let transit = (ticks as u32).wrapping_sub(timestamp);
        let d = (transit.wrapping_sub(self.transit) as i32).unsigned_abs();
        self.transit = transit;
        self.jitter = self.jitter.wrapping_add(d).wrapping_sub(self.jitter.wrapping_add(8) >> 4);
        Some(self.extended)
    }
}

#[inline(never)]
fn receive_mediawire(
    (numbers, receiver): &mut (SequenceUnwrapper, Receiver),
    seq: u16,
    timestamp: u32,
    arrival: Duration,
) -> Option<i64> {
    let number = numbers.unwrap(seq);
    receiver.received(seq, timestamp, arrival).is_counted().then_some(number)
}

fn benches(c: &mut Criterion) {
    let stap_a = stap_a();
    // Both sides must say the same.
    assert_eq!(vp8_mediawire(&VP8), vp8_floor(&VP8));
    assert_eq!(vp9_mediawire(&VP9), vp9_floor(&VP9));
    assert_eq!(stap_mediawire(&stap_a), stap_floor(&stap_a));
    assert!(
        vp8_floor(&VP8).is_some() && vp9_floor(&VP9).is_some() && stap_floor(&stap_a).is_some()
    );
    let (mut one, mut other) = (VP8, VP8);
    vp8_edit_mediawire(&mut one, 0x1234, 9).unwrap();
    vp8_edit_floor(&mut other, 0x1234, 9).unwrap();
    assert_eq!(one, other);

    let mut group = c.benchmark_group("payload/vp8");
    group.throughput(Throughput::Elements(1));
    group.bench_function("mediawire", |b| b.iter(|| vp8_mediawire(black_box(&VP8))));
    group.bench_function("floor", |b| b.iter(|| vp8_floor(black_box(&VP8))));
    group.finish();

    let mut group = c.benchmark_group("payload/vp8-renumber");
    group.throughput(Throughput::Elements(1));
    group.bench_function("mediawire", |b| {
        b.iter(|| vp8_edit_mediawire(black_box(&mut one), black_box(7), black_box(9)));
    });
    group.bench_function("floor", |b| {
        b.iter(|| vp8_edit_floor(black_box(&mut other), black_box(7), black_box(9)));
    });
    group.finish();

    let mut group = c.benchmark_group("payload/vp9");
    group.throughput(Throughput::Elements(1));
    group.bench_function("mediawire", |b| b.iter(|| vp9_mediawire(black_box(&VP9))));
    group.bench_function("floor", |b| b.iter(|| vp9_floor(black_box(&VP9))));
    group.finish();

    let mut group = c.benchmark_group("payload/stap-a-4-units");
    group.throughput(Throughput::Elements(1));
    group.bench_function("mediawire", |b| b.iter(|| stap_mediawire(black_box(&stap_a))));
    group.bench_function("floor", |b| b.iter(|| stap_floor(black_box(&stap_a))));
    group.finish();

    let mut group = c.benchmark_group("session/receive");
    group.throughput(Throughput::Elements(1));
    let packet = |number: u32| {
        let seq = u16::try_from(number & 0xffff).unwrap();
        (seq, number.wrapping_mul(3000), Duration::from_micros(u64::from(number) * 33_333))
    };
    let mut ours = (SequenceUnwrapper::new(), Receiver::new(1, 90_000));
    for number in 0..2 {
        let (seq, timestamp, arrival) = packet(number);
        receive_mediawire(&mut ours, seq, timestamp, arrival);
    }
    let transit = (2999u32).wrapping_sub(3000);
    let mut floor = Floor { cycles: 0, max: 1, received: 1, transit, jitter: 0, extended: 1 };
    let mut number = 1u32;
    group.bench_function("mediawire", |b| {
        b.iter(|| {
            number = number.wrapping_add(1);
            let (seq, timestamp, arrival) = packet(number);
            receive_mediawire(black_box(&mut ours), seq, timestamp, arrival)
        });
    });
    let mut number = 1u32;
    group.bench_function("floor", |b| {
        b.iter(|| {
            number = number.wrapping_add(1);
            let (seq, timestamp, arrival) = packet(number);
            black_box(&mut floor).received(seq, timestamp, arrival)
        });
    });
    group.finish();
}

criterion_group!(payload, benches);
criterion_main!(payload);
