//! How long it takes to walk a frame down to its UDP payload, and to verify and compute its checksums.
//!
//! The floor beside the walk is written by hand for Ethernet, IPv4 and UDP alone, with the same checks: what a walk
//! that knows every link, both IP versions and every transport costs above it is the price of being general.
#![allow(clippy::expect_used, clippy::indexing_slicing)] // a bench may stop

use core::net::{Ipv4Addr, SocketAddr};
use core::time::Duration;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mediawire::Encode;
use mediawire::net::{ChecksumStatus, DatagramBuilder, Ip, LinkType, MacAddress, Packet};

/// Bytes of payload: 20 ms of G.711 with its RTP header, and a full video packet.
const SIZES: [usize; 2] = [172, 1128];

/// A frame with right checksums.
fn frame(payload: usize) -> Vec<u8> {
    let payload: Vec<u8> = (0..=u8::MAX).cycle().take(payload).collect();
    let from = SocketAddr::from(([192, 0, 2, 1], 5004));
    let to = SocketAddr::from(([192, 0, 2, 2], 5006));
    let mut frame = vec![0; payload.len() + 42];
    let mac = MacAddress::BROADCAST;
    let datagram = DatagramBuilder::new(from, to, &payload[..]);
    datagram.in_ethernet(mac, mac).write(&mut frame).expect("the buffer is large enough");
    frame
}

/// Addresses, ports and payload.
type Found<'a> = (Ipv4Addr, Ipv4Addr, u16, u16, &'a [u8]);

/// The same checks, for this one combination of headers.
#[inline(never)]
fn floor(frame: &[u8]) -> Option<Found<'_>> {
    let (ethernet, ip) = frame.split_first_chunk::<14>()?;
    if ethernet[12..14] != [8, 0] {
        return None;
    }
    let header = ip.first_chunk::<20>()?;
    let header_len = usize::from(header[0] & 15) * 4;
    let total = usize::from(u16::from_be_bytes([header[2], header[3]]));
    if header[0] >> 4 != 4 || header_len < 20 || total < header_len {
        return None;
    }
    let is_fragment = u16::from_be_bytes([header[6], header[7]]) & 0x3fff != 0;
    if is_fragment || header[9] != 17 {
        return None;
    }
    let datagram = ip.get(header_len..total)?;
    let (udp, body) = datagram.split_first_chunk::<8>()?;
    let length = usize::from(u16::from_be_bytes([udp[4], udp[5]]));
    let payload = body.get(..length.checked_sub(8)?)?;
    let address =
        |at: usize| Ipv4Addr::new(header[at], header[at + 1], header[at + 2], header[at + 3]);
    let port = |at: usize| u16::from_be_bytes([udp[at], udp[at + 1]]);
    Some((address(12), address(16), port(0), port(2), payload))
}

/// What the floor finds, by the general walk.
#[inline(never)]
fn walk(frame: &[u8]) -> Option<Found<'_>> {
    let packet = Packet::parse(LinkType::ETHERNET, frame).ok()?;
    let (Some(Ip::V4(ip)), Some(udp)) = (packet.ip(), packet.udp()) else { return None };
    Some((ip.source(), ip.destination(), udp.source_port(), udp.destination_port(), udp.payload()))
}

/// The walk and both checksums.
#[inline(never)]
fn verify(frame: &[u8]) -> bool {
    let Ok(packet) = Packet::parse(LinkType::ETHERNET, frame) else { return false };
    let Some(Ip::V4(ip)) = packet.ip() else { return false };
    ip.verify_checksum() == ChecksumStatus::Valid
        && packet.verify_checksum() == Some(ChecksumStatus::Valid)
}

fn reading(c: &mut Criterion) {
    let mut group = c.benchmark_group("net/walk");
    let small = frame(SIZES[0]);
    assert_eq!(walk(&small), floor(&small));
    assert!(walk(&small).is_some() && verify(&small));
    group.bench_function("Ethernet, IPv4, UDP", |b| b.iter(|| walk(black_box(&small))));
    group.bench_function("floor", |b| b.iter(|| floor(black_box(&small))));
    group.finish();
}

/// Does something with a frame; whether it went well.
type Run = fn(&[u8]) -> bool;

fn checksums(c: &mut Criterion) {
    let runs: [(&str, Run); 2] = [("net/verify", verify), ("net/build", build)];
    for (name, run) in runs {
        let mut group = c.benchmark_group(name);
        for size in SIZES {
            let frame = frame(size);
            group.throughput(Throughput::Bytes(frame.len().try_into().expect("a small number")));
            group.bench_with_input(BenchmarkId::from_parameter(size), &frame, |b, frame| {
                b.iter(|| run(black_box(frame)));
            });
        }
        group.finish();
    }
}

/// Writes the frame's payload into a new one.
#[inline(never)]
fn build(frame: &[u8]) -> bool {
    let payload = frame.get(42..).unwrap_or_default();
    let from = SocketAddr::from(([192, 0, 2, 1], 5004));
    let to = SocketAddr::from(([192, 0, 2, 2], 5006));
    let mut out = [0; 1500];
    let mac = MacAddress::BROADCAST;
    let written =
        DatagramBuilder::new(from, to, payload).in_ethernet(mac, mac).write(black_box(&mut out));
    black_box(written).is_ok()
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = reading, checksums
}
criterion_main!(benches);
