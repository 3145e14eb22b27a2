//! RTCP: a compound of SR and SDES read and written, each against a floor: the same checks and the same reads, written
//! by hand on byte slices, and nothing more.

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::as_conversions)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use mediawire::ntp::{NtpShort, NtpTime};
use mediawire::rtcp::{
    Compound, CompoundWriter, Packet, ReportBlockBuilder, SdesChunkBuilder, SdesChunkList,
    SdesItem, SdesItemType, SenderReportBuilder, SourceDescriptionBuilder,
};

const CNAME: &[u8] = b"Hm4uPw0qvRVZlC3p";

fn block() -> ReportBlockBuilder {
    ReportBlockBuilder {
        ssrc: 0x2345_6789,
        fraction_lost: 12,
        cumulative_lost: 345,
        extended_highest_sequence_number: 0x0001_2345,
        jitter: 321,
        last_sr: NtpShort(0x89ab_cdef),
        delay_since_last_sr: NtpShort(0x0001_8000),
    }
}

/// The compound of SR with one report block and SDES with one CNAME that a WebRTC sender makes.
fn write(out: &mut [u8], ssrc: u32) -> usize {
    let blocks = [block().to_bytes().unwrap()];
    let report = SenderReportBuilder {
        ssrc,
        ntp_timestamp: NtpTime(0xe7a1_b2c3_d4e5_f607),
        rtp_timestamp: 0x1234_5678,
        packet_count: 1000,
        octet_count: 900_000,
        blocks: &blocks,
        ..Default::default()
    };
    let items = [SdesItem::new(SdesItemType::CNAME, CNAME)];
    let chunks = [SdesChunkBuilder { ssrc, items: &items }];
    let sdes = SourceDescriptionBuilder { chunks: SdesChunkList::Built(&chunks), padding: &[] };
    let mut compound = CompoundWriter::new(out);
    compound.push(&report).unwrap();
    compound.push(&sdes).unwrap();
    compound.written().len()
}

/// The same bytes by hand.
fn write_floor(out: &mut [u8], ssrc: u32) -> usize {
    let (sr, sdes) = out.split_first_chunk_mut::<52>().unwrap();
    sr[0..4].copy_from_slice(&[0x81, 200, 0, 12]);
    sr[4..8].copy_from_slice(&ssrc.to_be_bytes());
    sr[8..16].copy_from_slice(&0xe7a1_b2c3_d4e5_f607u64.to_be_bytes());
    sr[16..20].copy_from_slice(&0x1234_5678u32.to_be_bytes());
    sr[20..24].copy_from_slice(&1000u32.to_be_bytes());
    sr[24..28].copy_from_slice(&900_000u32.to_be_bytes());
    sr[28..32].copy_from_slice(&0x2345_6789u32.to_be_bytes());
    sr[32..36].copy_from_slice(&(12u32 << 24 | 345).to_be_bytes());
    sr[36..40].copy_from_slice(&0x0001_2345u32.to_be_bytes());
    sr[40..44].copy_from_slice(&321u32.to_be_bytes());
    sr[44..48].copy_from_slice(&0x89ab_cdefu32.to_be_bytes());
    sr[48..52].copy_from_slice(&0x0001_8000u32.to_be_bytes());
    let sdes = sdes.first_chunk_mut::<28>().unwrap();
    sdes[0..4].copy_from_slice(&[0x81, 202, 0, 6]);
    sdes[4..8].copy_from_slice(&ssrc.to_be_bytes());
    sdes[8..10].copy_from_slice(&[1, 16]);
    sdes[10..26].copy_from_slice(CNAME);
    sdes[26..28].fill(0);
    80
}

/// Every field, folded into one number so that none of the reads can be left out.
fn read(datagram: &[u8]) -> u64 {
    let mut sum = 0u64;
    let mut add = |value: u64| sum = sum.rotate_left(5) ^ value;
    for packet in Compound::new(datagram) {
        match packet {
            Ok(Packet::SenderReport(report)) => {
                add(report.ssrc().into());
                add(report.ntp_timestamp().0);
                add(report.rtp_timestamp().into());
                add(report.packet_count().into());
                add(report.octet_count().into());
                for block in report.blocks() {
                    add(block.ssrc().into());
                    add(block.fraction_lost().into());
                    add(i64::from(block.cumulative_lost()) as u64);
                    add(block.extended_highest_sequence_number().into());
                    add(block.jitter().into());
                    add(block.last_sr().0.into());
                    add(block.delay_since_last_sr().0.into());
                }
            }
            Ok(Packet::SourceDescription(sdes)) => {
                for chunk in sdes.chunks() {
                    add(chunk.ssrc().into());
                    for item in chunk.items() {
                        add(item.item_type.0.into());
                        add(item.value.len() as u64);
                    }
                }
            }
            _ => return 0,
        }
    }
    sum
}

/// The same by hand: every length, count and bound that the standard has for the two types is checked once.
fn read_floor(mut datagram: &[u8]) -> Option<u64> {
    let mut sum = 0u64;
    let mut add = |value: u64| sum = sum.rotate_left(5) ^ value;
    let u32_at = |bytes: &[u8], at: usize| -> Option<u32> {
        Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
    };
    while !datagram.is_empty() {
        let &[first, packet_type, high, low] = datagram.first_chunk()?;
        if first >> 6 != 2 || first & 0x20 != 0 {
            return None;
        }
        let len = (usize::from(u16::from_be_bytes([high, low])) + 1) * 4;
        let (packet, rest) = datagram.split_at_checked(len)?;
        datagram = rest;
        let count = usize::from(first & 31);
        match packet_type {
            200 => {
                add(u32_at(packet, 4)?.into());
                add(u64::from_be_bytes(*packet.get(8..)?.first_chunk()?));
                add(u32_at(packet, 16)?.into());
                add(u32_at(packet, 20)?.into());
                add(u32_at(packet, 24)?.into());
                for block in packet.get(28..28 + count * 24)?.as_chunks::<24>().0 {
                    add(u32_at(block, 0)?.into());
                    add(block[4].into());
                    add(i64::from((u32_at(block, 4)? << 8) as i32 >> 8) as u64);
                    add(u32_at(block, 8)?.into());
                    add(u32_at(block, 12)?.into());
                    add(u32_at(block, 16)?.into());
                    add(u32_at(block, 20)?.into());
                }
            }
            202 => {
                let mut at = 4;
                for _ in 0..count {
                    add(u32_at(packet, at)?.into());
                    at += 4;
                    loop {
                        let item_type = *packet.get(at)?;
                        if item_type == 0 {
                            break;
                        }
                        let len = usize::from(*packet.get(at + 1)?);
                        packet.get(at + 2..at + 2 + len)?;
                        add(item_type.into());
                        add(len as u64);
                        at += 2 + len;
                    }
                    at = (at + 4) & !3;
                }
                if at != packet.len() {
                    return None;
                }
            }
            _ => return None,
        }
    }
    Some(sum)
}

fn compound(c: &mut Criterion) {
    let mut out = [0; 128];
    let len = write(&mut out, 0x1122_3344);
    let mut floor = [0; 128];
    assert_eq!(write_floor(&mut floor, 0x1122_3344), len);
    assert_eq!(out, floor);
    let datagram = &out[..len];
    assert_eq!(read_floor(datagram), Some(read(datagram)));

    let mut group = c.benchmark_group("rtcp/compound SR+SDES");
    group.bench_function("read", |b| b.iter(|| read(black_box(datagram))));
    group.bench_function("read floor", |b| b.iter(|| read_floor(black_box(datagram))));
    let mut buffer = [0; 128];
    group.bench_function("write", |b| b.iter(|| write(black_box(&mut buffer), black_box(7))));
    group.bench_function("write floor", |b| {
        b.iter(|| write_floor(black_box(&mut buffer), black_box(7)));
    });
    group.finish();
}

criterion_group!(benches, compound);
criterion_main!(benches);
