//! What a server does with the streams that come in, beside a floor written by hand.
//!
//! The floors know that the stream is whole and begins with a frame; they check no more than that each length lies within it.

#![allow(missing_docs, clippy::as_conversions, clippy::unwrap_used, clippy::indexing_slicing)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mediawire::framing::{Deframer, Frames, Rfc4571, Rtsp, RtspFrame, Turn, TurnFrame};
use std::hint::black_box;

const PACKETS: usize = 64;
const PACKET_LEN: usize = 1000;

fn be16(bytes: &[u8], at: usize) -> usize {
    usize::from(u16::from_be_bytes([bytes[at], bytes[at + 1]]))
}

/// A stream of packets, each behind this header; its last two bytes are the length.
fn stream(header: &[u8]) -> Vec<u8> {
    let mut frame = header.to_vec();
    frame.extend((PACKET_LEN as u16).to_be_bytes());
    frame.extend([0x80; PACKET_LEN]);
    frame.repeat(PACKETS)
}

/// The sum of the frames' lengths.
fn walk<D: Deframer>(mut deframer: D, stream: &[u8], len: impl Fn(D::Frame<'_>) -> usize) -> usize {
    let mut frames = Frames::new(&mut deframer, stream);
    let sum = frames.by_ref().map(|frame| len(frame.unwrap())).sum();
    assert_eq!(frames.used(), stream.len());
    sum
}

/// The same by hand: the length stands at `at` of a header of `at + 2` bytes.
fn floor(stream: &[u8], at: usize) -> usize {
    let (mut rest, mut sum) = (stream, 0);
    while rest.len() >= at + 2 {
        let len = be16(rest, at);
        let data = &rest[at + 2..at + 2 + len];
        sum += black_box(data).len();
        rest = &rest[at + 2 + len..];
    }
    sum
}

fn framing(c: &mut Criterion) {
    let turn = |frame: TurnFrame<'_>| match frame {
        TurnFrame::Stun(bytes) => black_box(bytes).len(),
        TurnFrame::ChannelData(message) => black_box(message.data()).len(),
    };
    let rtsp = |frame: RtspFrame<'_>| match frame {
        RtspFrame::Interleaved { data, .. } => black_box(data).len(),
        RtspFrame::Message { head, body } => black_box(head).len() + body.len(),
    };
    let plain = |packet: &[u8]| black_box(packet).len();
    for (name, header) in [("RFC 4571", &[][..]), ("RTSP", b"$\0"), ("ChannelData", &[0x40, 0])] {
        let stream = stream(header);
        let run = |stream: &[u8]| match name {
            "RFC 4571" => walk(Rfc4571, stream, plain),
            "RTSP" => walk(Rtsp::new(), stream, rtsp),
            _ => walk(Turn::new(), stream, turn),
        };
        assert_eq!((run(&stream), floor(&stream, header.len())), (64_000, 64_000));
        let mut group = c.benchmark_group(format!("{name}: a stream of 64 frames"));
        group.throughput(Throughput::Elements(PACKETS as u64));
        group.bench_function("mediawire", |b| b.iter(|| run(black_box(&stream))));
        group.bench_function("floor", |b| b.iter(|| floor(black_box(&stream), header.len())));
        group.finish();
    }

    // A byte at a time: what was looked at is not looked at again.
    let message = format!("ANNOUNCE * RTSP/2.0\r\n{}\r\n", "Header: value\r\n".repeat(200));
    let message = message.as_bytes();
    let mut group = c.benchmark_group("RTSP: a message of 3 kB");
    group.bench_function("in one piece", |b| {
        b.iter(|| walk(Rtsp::new(), black_box(message), rtsp));
    });
    group.bench_function("byte by byte", |b| {
        b.iter(|| {
            let mut deframer = Rtsp::new();
            (0..=message.len())
                .map(|end| Frames::new(&mut deframer, &message[..end]).count())
                .sum::<usize>()
        });
    });
    group.finish();
}

criterion_group!(benches, framing);
criterion_main!(benches);
