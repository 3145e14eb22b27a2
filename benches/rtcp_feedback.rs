//! Transport layer feedback: each measurement beside a floor, which is the least code that does the work by hand for
//! the very input, without checks that the input does not need and without errors that say where.
#![allow(
    missing_docs,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "the floors do by hand, on an input that is known, what the library may not"
)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use mediawire::Encode;
use mediawire::rtcp::{Nack, NackBuilder, NackPair, NackPairs, TransportCc, TransportCcArrivals};

fn be16(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

fn nack(c: &mut Criterion) {
    // Eight pairs with 41 numbers in all.
    let pairs: Vec<[u8; 4]> = [
        (100, 0x0001),
        (140, 0x8001),
        (200, 0x0000),
        (300, 0xFFFF),
        (400, 0x0F00),
        (500, 0x0101),
        (600, 0x0003),
        (65530, 0x01FF),
    ]
    .map(|(pid, blp)| NackPair { pid, blp }.to_bytes())
    .into();
    let builder = NackBuilder { sender_ssrc: 1, media_ssrc: 2, pairs: &pairs, padding: &[] };
    let packet = builder.to_vec().unwrap();
    let mut group = c.benchmark_group("NACK of 8 pairs to lost numbers");
    group.bench_function("mediawire", |b| {
        b.iter(|| {
            let nack = Nack::parse(black_box(&packet)).unwrap();
            let mut sum = 0u32;
            for number in nack.lost_sequence_numbers() {
                sum += u32::from(number);
            }
            sum
        });
    });
    group.bench_function("floor", |b| {
        b.iter(|| {
            let packet = black_box(&packet);
            let mut sum = 0u32;
            for pair in packet[12..].chunks_exact(4) {
                let pid = be16(pair, 0);
                sum += u32::from(pid);
                let mut blp = be16(pair, 2);
                while blp != 0 {
                    let place = blp.trailing_zeros() as u16;
                    sum += u32::from(pid.wrapping_add(place + 1));
                    blp &= blp - 1;
                }
            }
            sum
        });
    });
    group.finish();

    // 40 numbers as a jitter buffer has them: in order, in bursts.
    let numbers: Vec<u16> = (0..40u16).map(|place| 1000 + place * 2 + place / 7 * 13).collect();
    let mut shuffled = numbers.clone();
    shuffled.sort_by_key(|number| number.wrapping_mul(40503));
    let mut group = c.benchmark_group("NACK from 40 numbers");
    let build = |numbers: &[u16]| {
        let mut numbers: [u16; 40] = numbers.try_into().unwrap();
        let mut pairs = [[0; 4]; 40];
        let pairs = NackPairs::new(black_box(&mut numbers)).write_into(&mut pairs).unwrap();
        let builder = NackBuilder { sender_ssrc: 1, media_ssrc: 2, pairs, padding: &[] };
        let mut out = [0; 200];
        builder.write(&mut out).unwrap();
        out
    };
    let by_hand = |numbers: &[u16]| {
        let mut numbers: [u16; 40] = numbers.try_into().unwrap();
        let numbers = black_box(&mut numbers);
        numbers.sort_unstable();
        let mut out = [0; 200];
        let (mut place, mut at) = (0, 12);
        while place < numbers.len() {
            let (pid, mut blp) = (numbers[place], 0u32);
            place += 1;
            while place < numbers.len() && numbers[place] - pid <= 16 {
                blp |= 1 << (numbers[place] - pid);
                place += 1;
            }
            out[at..at + 2].copy_from_slice(&pid.to_be_bytes());
            out[at + 2..at + 4].copy_from_slice(&((blp >> 1) as u16).to_be_bytes());
            at += 4;
        }
        out[..4].copy_from_slice(&[0x81, 205, 0, (at / 4 - 1) as u8]);
        out[4..8].copy_from_slice(&1u32.to_be_bytes());
        out[8..12].copy_from_slice(&2u32.to_be_bytes());
        out
    };
    assert_eq!(build(&numbers), by_hand(&numbers));
    assert_eq!(build(&shuffled), by_hand(&numbers));
    group.bench_function("mediawire, in order", |b| b.iter(|| build(black_box(&numbers))));
    group.bench_function("floor, in order", |b| b.iter(|| by_hand(black_box(&numbers))));
    group.bench_function("mediawire, shuffled", |b| b.iter(|| build(black_box(&shuffled))));
    group.bench_function("floor, shuffled", |b| b.iter(|| by_hand(black_box(&shuffled))));
    group.finish();
}

/// 100 packets: some lost, some late, a quiet stretch in order.
fn arrivals() -> Vec<(u16, i64)> {
    let mut time = 1_000_000;
    (0..100u16)
        .filter(|number| !matches!(number % 23, 3 | 17))
        .map(|number| {
            time += if number % 31 == 30 { 90_000 } else { 1_250 + i64::from(number % 5) * 500 };
            (500 + number, time)
        })
        .collect()
}

fn transport_cc(c: &mut Criterion) {
    let mut list = arrivals();
    let mut out = [0; 1200];
    let mut report = TransportCcArrivals::new(1, 2, &mut list).begin_at(500);
    let part = report.write_next(&mut out).unwrap().unwrap();
    assert_eq!((part.packet_status_count, report.left().len()), (100, 0));
    let packet = &out[..part.len];

    let mut group = c.benchmark_group("transport-cc of 100 packets, read");
    group.bench_function("mediawire", |b| {
        b.iter(|| {
            let packet = TransportCc::parse(black_box(packet)).unwrap();
            let mut sum = 0i64;
            for (number, arrival) in packet.arrivals() {
                sum += arrival.map_or(1, |time| time ^ i64::from(number));
            }
            sum
        });
    });
    group.bench_function("mediawire, parse alone", |b| {
        b.iter(|| TransportCc::parse(black_box(packet)).unwrap().packet_status_count());
    });
    let read_by_hand = |packet: &[u8]| {
        let mut number = be16(packet, 12);
        let mut left = be16(packet, 14);
        let mut time =
            i64::from(i32::from_be_bytes([packet[16], packet[17], packet[18], 0]) >> 8) * 64_000;
        // Where the deltas begin takes a look at the chunks first.
        let (mut at, mut count) = (20, 0);
        while count < left {
            let chunk = be16(packet, at);
            at += 2;
            count += match chunk >> 14 {
                2 => 14,
                3 => 7,
                _ => chunk & 0x1FFF,
            };
        }
        let (mut delta, mut at, mut sum) = (at, 20, 0i64);
        let mut give = |symbol: u16| {
            match symbol {
                1 => {
                    time += i64::from(packet[delta]) * 250;
                    delta += 1;
                    sum += time ^ i64::from(number);
                }
                2 => {
                    time += i64::from(be16(packet, delta) as i16) * 250;
                    delta += 2;
                    sum += time ^ i64::from(number);
                }
                _ => sum += 1,
            }
            number = number.wrapping_add(1);
        };
        while left > 0 {
            let chunk = be16(packet, at);
            at += 2;
            let used = match chunk >> 14 {
                2 => {
                    let used = left.min(14);
                    (0..used).for_each(|place| give(chunk >> (13 - place) & 1));
                    used
                }
                3 => {
                    let used = left.min(7);
                    (0..used).for_each(|place| give(chunk >> (12 - 2 * place) & 3));
                    used
                }
                _ => {
                    let used = left.min(chunk & 0x1FFF);
                    (0..used).for_each(|_| give(chunk >> 13));
                    used
                }
            };
            left -= used;
        }
        sum
    };
    let sum: i64 = TransportCc::parse(packet)
        .unwrap()
        .arrivals()
        .map(|(number, arrival)| arrival.map_or(1, |time| time ^ i64::from(number)))
        .sum();
    assert_eq!(read_by_hand(packet), sum);
    group.bench_function("floor", |b| b.iter(|| read_by_hand(black_box(packet))));
    group.finish();

    let list = arrivals();
    let build = |list: &[(u16, i64)]| {
        let mut copy = [(0, 0); 100];
        let copy = &mut copy[..list.len()];
        copy.copy_from_slice(list);
        let mut out = [0; 1200];
        let mut report = TransportCcArrivals::new(1, 2, black_box(copy)).begin_at(500);
        let part = report.write_next(&mut out).unwrap().unwrap();
        (out, part.len)
    };
    // The same chunks, out of a list that is in order already; chunk by chunk over an array of symbols.
    let build_by_hand = |list: &[(u16, i64)]| {
        let mut copy = [(0, 0); 100];
        let copy = &mut copy[..list.len()];
        copy.copy_from_slice(list);
        let list = black_box(copy);
        let mut symbols = [0u8; 128];
        let mut deltas = [0u8; 256];
        let reference = list[0].1 / 64_000;
        let (mut time, mut used) = (reference * 256, 0);
        let count = usize::from(list[list.len() - 1].0 - 500) + 1;
        for &(number, arrival) in &*list {
            let ticks = (arrival + 125) / 250;
            let delta = ticks - time;
            time = ticks;
            if (0..256).contains(&delta) {
                symbols[usize::from(number - 500)] = 1;
                deltas[used] = delta as u8;
                used += 1;
            } else {
                symbols[usize::from(number - 500)] = 2;
                deltas[used..used + 2].copy_from_slice(&(delta as i16).to_be_bytes());
                used += 2;
            }
        }
        let mut out = [0u8; 1200];
        let (mut at, mut place) = (20, 0);
        while place < count {
            let left = &symbols[place..count];
            let run = left.iter().take_while(|&&symbol| symbol == left[0]).count();
            let one_bit = left.iter().take(14).take_while(|&&symbol| symbol < 2).count();
            let ends = left.len() <= 14;
            let (chunk, covered) = if run >= 14 || run == left.len() {
                (u16::from(left[0]) << 13 | run as u16, run)
            } else if (one_bit == 14 || ends && one_bit == left.len()) && left.len() > 7 {
                let bits =
                    left.iter().take(14).fold(0, |bits, &symbol| bits << 1 | u16::from(symbol));
                (0x8000 | bits << (14 - one_bit), one_bit)
            } else if run > 7 {
                (u16::from(left[0]) << 13 | run as u16, run)
            } else {
                let bits = (0..7).fold(0, |bits, place| {
                    bits << 2 | left.get(place).map_or(0, |&symbol| u16::from(symbol))
                });
                (0xC000 | bits, left.len().min(7))
            };
            out[at..at + 2].copy_from_slice(&chunk.to_be_bytes());
            at += 2;
            place += covered;
        }
        out[at..at + used].copy_from_slice(&deltas[..used]);
        let len = (at + used).next_multiple_of(4);
        out[..4].copy_from_slice(&[0x8F, 205, 0, (len / 4 - 1) as u8]);
        out[4..8].copy_from_slice(&1u32.to_be_bytes());
        out[8..12].copy_from_slice(&2u32.to_be_bytes());
        out[12..14].copy_from_slice(&500u16.to_be_bytes());
        out[14..16].copy_from_slice(&(count as u16).to_be_bytes());
        out[16..19].copy_from_slice(&(reference as u32).to_be_bytes()[1..]);
        (out, len)
    };
    let ((ours, len), (by_hand, len_by_hand)) = (build(&list), build_by_hand(&list));
    assert_eq!(ours[..len], by_hand[..len_by_hand]);
    let mut group = c.benchmark_group("transport-cc of 100 packets, built");
    group.bench_function("mediawire", |b| b.iter(|| build(black_box(&list))));
    group.bench_function("floor", |b| b.iter(|| build_by_hand(black_box(&list))));
    group.finish();
}

criterion_group!(benches, nack, transport_cc);
criterion_main!(benches);
