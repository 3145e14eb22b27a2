//! A verified ICE check beside the bare HMAC-SHA1 of its bytes with a prepared key, plus CRC-32: what the checks around them
//! cost. The two take turns, thousands of times, so that what else the machine does falls on both; the medians count.
//!
//!     cargo bench --bench stun_verify
//!
//! `cargo bench --bench stun_verify -- mediawire 1000` (or `floor 1000`) does nothing but that many, for counting
//! instructions: run it under `valgrind --tool=callgrind` with two numbers, and divide the difference. valgrind has no SHA
//! instructions, so its HMAC is the portable one.

#![allow(missing_docs, clippy::as_conversions, clippy::unwrap_used, clippy::indexing_slicing)]

use hmac::{Hmac, KeyInit, Mac};
use mediawire::stun::{Key, Message};
use sha1::Sha1;
use std::hint::black_box;
use std::time::Instant;

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

/// What an agent does before it believes a check: parse, FINGERPRINT, MESSAGE-INTEGRITY.
#[inline(never)]
fn mediawire(bytes: &[u8], key: &Key) -> bool {
    let message = Message::parse(bytes).unwrap();
    message.check_fingerprint().is_ok() && message.verify_integrity(key).is_ok()
}

/// HMAC and CRC over bytes whose places are known, compared in one piece each.
#[inline(never)]
fn floor(bytes: &[u8], header: &[u8; 20], key: &Hmac<Sha1>) -> bool {
    let mut mac = key.clone();
    mac.update(header);
    mac.update(&bytes[20..INTEGRITY]);
    let mut crc = crc32fast::Hasher::new();
    crc.update(&bytes[..FINGERPRINT]);
    crc.finalize() ^ 0x5354_554e == u32::from_be_bytes(bytes[92..96].try_into().unwrap())
        && mac.finalize().into_bytes()[..] == bytes[INTEGRITY + 4..FINGERPRINT]
}

/// Nanoseconds of one call, out of a run of calls that is longer than the clock is coarse.
fn time(mut call: impl FnMut() -> bool) -> f64 {
    const CALLS: u32 = 64;
    let start = Instant::now();
    for _ in 0..CALLS {
        assert!(call());
    }
    start.elapsed().as_nanos() as f64 / f64::from(CALLS)
}

fn main() {
    let key = Key::short_term(PASSWORD);
    let hmac = Hmac::<Sha1>::new_from_slice(PASSWORD).unwrap();
    let mut header: [u8; 20] = CHECK[..20].try_into().unwrap();
    header[3] = (INTEGRITY + 24 - 20) as u8;
    let ours = || mediawire(black_box(&CHECK), &key);
    let bare = || floor(black_box(&CHECK), &header, &hmac);

    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    if let [which, count] = &arguments[..] {
        let count: u32 = count.parse().unwrap();
        let right = match which.as_str() {
            "mediawire" => (0..count).all(|_| ours()),
            _ => (0..count).all(|_| bare()),
        };
        assert!(right);
        return;
    }
    const TURNS: usize = 20_000;
    let (mut a, mut b) = (Vec::with_capacity(TURNS), Vec::with_capacity(TURNS));
    for _ in 0..TURNS {
        a.push(time(ours));
        b.push(time(bare));
    }
    let median = |times: &mut Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    let (a, b) = (median(&mut a), median(&mut b));
    println!("verified ICE check: {a:.1} ns; HMAC-SHA1 and CRC-32: {b:.1} ns; ratio {:.3}", a / b);
}
