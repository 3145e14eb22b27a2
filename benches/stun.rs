//! What a media server does with STUN for every packet, each beside a floor written by hand.
//!
//! The floors do no more than the task needs and check nothing that the task does not: they index where the library
//! proves, and know the message that they read.

#![allow(missing_docs, clippy::as_conversions, clippy::unwrap_used, clippy::indexing_slicing)]

use criterion::{Criterion, criterion_group, criterion_main};
use hmac::{Hmac, KeyInit, Mac};
use mediawire::demux::demux;
use mediawire::stun::{
    AttributeValue, Class, IceControlled, Key, Message, MessageWriter, Method, Priority,
    TransactionId, Username, XorMappedAddress,
};
use sha1::Sha1;
use std::hint::black_box;
use std::net::SocketAddr;

/// chromium-vp8-rtx-twcc.pcap, frame 1: Chromium 156, a check.
const CHECK: [u8; 96] = [
    0x00, 0x01, 0x00, 0x4c, 0x21, 0x12, 0xa4, 0x42, 0x44, 0x67, 0x37, 0x32, 0x6e, 0x42, 0x70, 0x59,
    0x67, 0x6d, 0x34, 0x72, 0x00, 0x06, 0x00, 0x09, 0x7a, 0x38, 0x45, 0x67, 0x3a, 0x6f, 0x36, 0x2f,
    0x6e, 0x00, 0x00, 0x00, 0xc0, 0x57, 0x00, 0x04, 0x00, 0x01, 0x00, 0x00, 0x80, 0x29, 0x00, 0x08,
    0x7c, 0xd7, 0xf7, 0x99, 0x53, 0xd8, 0xd1, 0x51, 0x00, 0x24, 0x00, 0x04, 0x6e, 0x7e, 0x1e, 0xff,
    0x00, 0x08, 0x00, 0x14, 0x74, 0x33, 0x16, 0xa8, 0x26, 0x83, 0x12, 0x40, 0xf5, 0x8e, 0x47, 0x00,
    0xae, 0x4a, 0xa9, 0x17, 0x38, 0xa9, 0xe3, 0x2c, 0x80, 0x28, 0x00, 0x04, 0x0b, 0x9e, 0x64, 0x7d,
];
const PASSWORD: &[u8] = b"McFlSaPWYFEd03vB4WkkT2VA";

/// Where MESSAGE-INTEGRITY and FINGERPRINT of [`CHECK`] begin.
const INTEGRITY: usize = 64;
const FINGERPRINT: usize = 88;

fn be16(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

fn be32(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// Every attribute of a check, read: what is summed up keeps the compiler from leaving it out.
fn read_check(bytes: &[u8]) -> u64 {
    let mut sum = 0;
    let message = Message::parse(bytes).unwrap();
    for attribute in message.attributes() {
        sum += match attribute.decode().unwrap() {
            AttributeValue::Username(Username(name)) => name.len() as u64,
            AttributeValue::Priority(Priority(priority)) => priority.into(),
            AttributeValue::IceControlled(IceControlled(number)) => number & 0xFFFF,
            AttributeValue::MessageIntegrity(hmac) => hmac.0[0].into(),
            AttributeValue::Fingerprint(crc) => crc.0.into(),
            _ => 1,
        };
    }
    sum
}

/// The same by hand.
fn read_check_floor(bytes: &[u8]) -> u64 {
    assert!(bytes.len() >= 20 && bytes[0] < 64 && be32(bytes, 4) == 0x2112_a442);
    let end = 20 + usize::from(be16(bytes, 2));
    assert!(end % 4 == 0 && end <= bytes.len());
    let (mut at, mut sum) = (20, 0);
    while at < end {
        let (kind, len) = (be16(bytes, at), usize::from(be16(bytes, at + 2)));
        let value = &bytes[at + 4..at + 4 + len];
        sum += match kind {
            0x0006 => len as u64,
            0x0024 => be32(value, 0).into(),
            0x8029 => u64::from(be32(value, 4)) & 0xFFFF,
            0x0008 => value[0].into(),
            0x8028 => be32(value, 0).into(),
            _ => 1,
        };
        at += 4 + ((len + 3) & !3);
    }
    sum
}

/// A check, verified: what an agent does before it believes one.
fn verify(bytes: &[u8], key: &Key) -> bool {
    let message = Message::parse(bytes).unwrap();
    message.check_fingerprint().is_ok() && message.verify_integrity(key).is_ok()
}

/// The bare HMAC-SHA1 with a prepared key, and the bare CRC-32, over the bytes of the message.
fn verify_floor(bytes: &[u8], header: &[u8; 20], key: &Hmac<Sha1>) -> bool {
    let mut mac = key.clone();
    mac.update(header);
    mac.update(&bytes[20..INTEGRITY]);
    let mut crc = crc32fast::Hasher::new();
    crc.update(&bytes[..FINGERPRINT]);
    crc.finalize() ^ 0x5354_554e == be32(bytes, FINGERPRINT + 4)
        && mac.finalize().into_bytes()[..] == bytes[INTEGRITY + 4..FINGERPRINT]
}

/// A success response as ICE has it.
fn respond(out: &mut [u8; 80], address: SocketAddr, key: &Key) -> usize {
    let id = TransactionId(*b"abcdefghijkl");
    let mut writer = MessageWriter::new(out, Class::SuccessResponse, Method::BINDING, id).unwrap();
    writer.push(XorMappedAddress(address)).unwrap();
    writer.push_integrity(key).unwrap().push_fingerprint().unwrap();
    writer.finish()
}

/// The same by hand, for IPv4.
fn respond_floor(out: &mut [u8; 80], ip: u32, port: u16, key: &Hmac<Sha1>) -> usize {
    out[..20].copy_from_slice(b"\x01\x01\0\x24\x21\x12\xa4\x42abcdefghijkl");
    out[20..26].copy_from_slice(&[0, 0x20, 0, 8, 0, 1]);
    out[26..28].copy_from_slice(&(port ^ 0x2112).to_be_bytes());
    out[28..32].copy_from_slice(&(ip ^ 0x2112_a442).to_be_bytes());
    let mut mac = key.clone();
    mac.update(&out[..32]);
    out[32..36].copy_from_slice(&[0, 8, 0, 20]);
    out[36..56].copy_from_slice(&mac.finalize().into_bytes());
    out[3] = 0x2c;
    let crc = crc32fast::hash(&out[..56]) ^ 0x5354_554e;
    out[56..60].copy_from_slice(&[0x80, 0x28, 0, 4]);
    out[60..64].copy_from_slice(&crc.to_be_bytes());
    64
}

/// What one port of a call gets: much RTP, some RTCP, a little of the rest.
fn mix() -> Vec<Vec<u8>> {
    let sized = |head: [u8; 4], len: usize| {
        let mut datagram = vec![0; len];
        datagram[..4].copy_from_slice(&head);
        datagram
    };
    let mut mix = vec![CHECK.to_vec(), sized([22, 254, 253, 0], 100)];
    mix.push(sized([0x40, 0, 0, 96], 100));
    mix.extend((0..10).map(|_| sized([0x8f, 205, 0, 4], 20)));
    mix.extend((0..87).map(|n| sized([0x90, 96, 0, n], 1100)));
    // In an order that no branch predictor knows by heart.
    (0..mix.len() * 10).map(|n| mix[n * 7919 % mix.len()].clone()).collect()
}

/// The table without any check of lengths.
fn demux_floor(datagram: &[u8]) -> u8 {
    match datagram[0] {
        0..=3 => 1,
        16..=19 => 2,
        20..=63 => 3,
        64..=79 => 4,
        80..=127 | 192..=255 => 5,
        128..=191 if matches!(datagram[1], 192..=223) => 6,
        128..=191 => 7,
        _ => 0,
    }
}

fn stun(c: &mut Criterion) {
    let key = Key::short_term(PASSWORD);
    let hmac = Hmac::<Sha1>::new_from_slice(PASSWORD).unwrap();
    let mut header: [u8; 20] = CHECK[..20].try_into().unwrap();
    header[3] = (INTEGRITY + 24 - 20) as u8;
    assert_eq!(read_check(&CHECK), read_check_floor(&CHECK));
    assert!(verify(&CHECK, &key) && verify_floor(&CHECK, &header, &hmac));

    let mut group = c.benchmark_group("read an ICE check");
    group.bench_function("mediawire", |b| b.iter(|| read_check(black_box(&CHECK))));
    group.bench_function("floor", |b| b.iter(|| read_check_floor(black_box(&CHECK))));
    group.finish();

    let mut group = c.benchmark_group("verify an ICE check");
    group.bench_function("mediawire", |b| b.iter(|| verify(black_box(&CHECK), &key)));
    group.bench_function("floor", |b| b.iter(|| verify_floor(black_box(&CHECK), &header, &hmac)));
    group.finish();

    let address: SocketAddr = "192.0.2.1:32853".parse().unwrap();
    let (mut out, mut by_hand) = ([0; 80], [0; 80]);
    assert_eq!(respond(&mut out, address, &key), 64);
    assert_eq!(respond_floor(&mut by_hand, 0xc000_0201, 32853, &hmac), 64);
    assert_eq!(out, by_hand);
    let mut group = c.benchmark_group("build a success response");
    group.bench_function("mediawire", |b| b.iter(|| respond(&mut out, black_box(address), &key)));
    group.bench_function("floor", |b| {
        b.iter(|| respond_floor(&mut by_hand, black_box(0xc000_0201), black_box(32853), &hmac));
    });
    group.finish();

    let mix = mix();
    let mut group = c.benchmark_group("demux 1000 datagrams");
    group.bench_function("mediawire", |b| {
        b.iter(|| mix.iter().map(|d| demux(black_box(d)).unwrap() as u32).sum::<u32>());
    });
    group.bench_function("floor", |b| {
        b.iter(|| mix.iter().map(|d| u32::from(demux_floor(black_box(d)))).sum::<u32>());
    });
    group.finish();
}

criterion_group!(benches, stun);
criterion_main!(benches);
