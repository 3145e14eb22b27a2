//! Captures: a file or standard input, gzip or not, pcap or pcapng, gives packets one after the other.
//!
//! Memory does not grow with the capture: there is a window as long as the longest packet so far, and what the
//! interfaces of the current section say.

mod pcap;
mod pcapng;
mod time;
mod window;

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use pcap::Pcap;
use pcapng::Pcapng;
pub use time::Time;
use window::Window;

/// The longest packet that is read. What links carry is far below it, and a length field that says more is damage.
pub const MAX_PACKET: usize = 16 << 20;

/// A packet of the capture.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// Its number in the capture, from 1.
    pub frame: u64,
    /// When it was captured; simple packet blocks have none.
    pub time: Option<Time>,
    /// What `data` begins with, a LINKTYPE_ value.
    pub link_type: u32,
    /// Its bytes on the wire, of which `data` may hold fewer.
    pub wire_len: usize,
    /// As much of it as was kept.
    pub data: &'a [u8],
}

/// What cannot be read, and where.
#[derive(Debug)]
pub struct Fault {
    /// The byte of the capture, counted from 0; of what gzip holds if the file is compressed.
    pub offset: u64,
    /// What is wrong there.
    pub cause: Cause,
}

/// Why it cannot be read.
#[derive(Debug)]
pub enum Cause {
    /// The input itself failed, or what gzip made of it.
    Read(io::Error),
    /// There is not one byte.
    Empty,
    /// It begins like no capture.
    NotACapture,
    /// The capture ends in the middle of something.
    Cut {
        /// What it ends in, which begins at the fault's place.
        what: &'static str,
        /// Its bytes.
        need: u64,
        /// Those that are there.
        have: u64,
    },
    /// A length beyond all sense.
    TooLong {
        /// What has it.
        what: &'static str,
        /// In bytes.
        length: u64,
    },
    /// A block's length is none that a block can have.
    BlockLength(u32),
    /// A section header without the byte-order magic.
    ByteOrder,
    /// A block, or a record, whose parts contradict its length.
    Block(&'static str),
    /// A packet of an interface that the section does not describe.
    UnknownInterface(u32),
    /// More interfaces than are kept.
    TooManyInterfaces,
}

impl Fault {
    fn read(window: &Window, error: io::Error) -> Self {
        let offset = window.offset() + window.data().len() as u64;
        Self { offset, cause: Cause::Read(error) }
    }

    /// The capture ends within what begins at the window's front.
    fn cut(window: &Window, what: &'static str, need: usize) -> Self {
        let have = window.data().len() as u64;
        Self { offset: window.offset(), cause: Cause::Cut { what, need: need as u64, have } }
    }

    /// Whether what follows can be read nevertheless.
    fn is_passed_over(&self) -> bool {
        match self.cause {
            Cause::Block(_) | Cause::UnknownInterface(_) | Cause::TooManyInterfaces => true,
            // A pcapng block is passed over by its own length; a record of a classic capture has no other way on.
            Cause::TooLong { what, .. } => what == "packet block",
            _ => false,
        }
    }
}

impl std::error::Error for Fault {}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let offset = self.offset;
        match &self.cause {
            Cause::Read(error) => write!(f, "byte {offset}: cannot be read: {error}"),
            Cause::Empty => f.write_str("byte 0: the file is empty, which is no capture"),
            Cause::NotACapture => {
                write!(f, "byte {offset}: not a capture: begins neither as pcap nor as pcapng")
            }
            Cause::Cut { what, need, have } => {
                let end = offset + have;
                write!(
                    f,
                    "byte {end}: the capture ends in the middle of the {what} that begins at byte {offset}: \
                     {need} bytes needed, {have} there"
                )
            }
            Cause::TooLong { what, length } => {
                write!(
                    f,
                    "byte {offset}: {what} says it has {length} bytes, more than {MAX_PACKET}"
                )
            }
            Cause::BlockLength(length) => {
                write!(f, "byte {offset}: block length {length} is not allowed, cannot read on")
            }
            Cause::ByteOrder => {
                write!(f, "byte {offset}: section header without a byte order, cannot read on")
            }
            Cause::Block(what) => write!(f, "byte {offset}: malformed {what}, passed over"),
            Cause::UnknownInterface(number) => {
                write!(f, "byte {offset}: packet of interface {number}, which nothing describes")
            }
            Cause::TooManyInterfaces => {
                write!(f, "byte {offset}: one interface too many, its packets will not be read")
            }
        }
    }
}

/// A capture, open for reading.
pub struct Capture {
    window: Window,
    format: Format,
    frame: u64,
}

enum Format {
    Pcap(Pcap),
    Pcapng(Pcapng),
    /// Nothing more can be read.
    Ended,
}

impl Capture {
    /// Opens a file, or standard input for `-`, and reads as much as tells what it is.
    ///
    /// # Errors
    /// It cannot be read, or is no capture.
    pub fn open(path: &Path) -> Result<Self, Fault> {
        if path.as_os_str() == "-" {
            return Self::new(Box::new(io::stdin()));
        }
        let unreadable = |error| Fault { offset: 0, cause: Cause::Read(error) };
        Self::new(Box::new(File::open(path).map_err(unreadable)?))
    }

    /// Out of any input.
    ///
    /// # Errors
    /// As of [`open`](Self::open).
    pub fn new(input: Box<dyn Read>) -> Result<Self, Fault> {
        let mut window = Window::new(unpacked(input)?);
        if !window.fill(4).map_err(|e| Fault::read(&window, e))? {
            let cause = if window.is_drained() { Cause::Empty } else { Cause::NotACapture };
            return Err(Fault { offset: 0, cause });
        }
        let magic = window.data().first_chunk().copied().unwrap_or_default();
        let format = if Pcap::is_magic(magic) {
            Format::Pcap(Pcap::open(&mut window)?)
        } else if Pcapng::is_magic(magic) {
            Format::Pcapng(Pcapng::new())
        } else {
            return Err(Fault { offset: 0, cause: Cause::NotACapture });
        };
        Ok(Self { window, format, frame: 0 })
    }

    /// The next packet; what cannot be read, once, with its place; `None` where the capture ends. After a fault it
    /// goes on wherever it can.
    #[inline]
    pub fn next_packet(&mut self) -> Option<Result<Packet<'_>, Fault>> {
        let next = match &mut self.format {
            Format::Pcap(pcap) => {
                self.frame += 1;
                pcap.next(&mut self.window, self.frame)
            }
            Format::Pcapng(pcapng) => pcapng.next(&mut self.window, &mut self.frame),
            Format::Ended => return None,
        };
        if !matches!(&next, Err(fault) if !fault.is_passed_over()) {
            return next.transpose();
        }
        self.format = Format::Ended;
        next.transpose()
    }

    /// Whether all that was read has been given: the next packet is waited for.
    pub fn is_drained(&self) -> bool {
        self.window.is_drained()
    }
}

/// The input itself, or what it holds if it is compressed by gzip, however many members that has.
fn unpacked(mut input: Box<dyn Read>) -> Result<Box<dyn Read>, Fault> {
    let mut magic = Vec::with_capacity(2);
    let unreadable = |error| Fault { offset: 0, cause: Cause::Read(error) };
    input.by_ref().take(2).read_to_end(&mut magic).map_err(unreadable)?;
    let is_gzip = magic == [0x1f, 0x8b];
    let input = io::Cursor::new(magic).chain(input);
    if is_gzip {
        let packed = BufReader::with_capacity(128 * 1024, input);
        return Ok(Box::new(MultiGzDecoder::new(packed)));
    }
    Ok(Box::new(input))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a capture gives: frame, time, link type, wire length, data; or the fault's text.
    type Seen = Result<(u64, Option<(i64, u32)>, u32, usize, Vec<u8>), String>;

    fn read(bytes: Vec<u8>) -> Vec<Seen> {
        let mut capture = match Capture::new(Box::new(io::Cursor::new(bytes))) {
            Ok(capture) => capture,
            Err(fault) => return vec![Err(fault.to_string())],
        };
        let mut seen = Vec::new();
        while let Some(next) = capture.next_packet() {
            seen.push(next.map_err(|fault| fault.to_string()).map(|p| {
                let time = p.time.map(|time| (time.seconds, time.nanos));
                (p.frame, time, p.link_type, p.wire_len, p.data.to_vec())
            }));
        }
        assert!(capture.next_packet().is_none());
        seen
    }

    /// Bytes in one of the two orders.
    #[derive(Clone, Copy)]
    struct Order {
        big: bool,
    }

    impl Order {
        fn u16(self, value: u16) -> [u8; 2] {
            if self.big { value.to_be_bytes() } else { value.to_le_bytes() }
        }

        fn u32s(self, values: &[u32]) -> Vec<u8> {
            let bytes = |v: &u32| if self.big { v.to_be_bytes() } else { v.to_le_bytes() };
            values.iter().flat_map(bytes).collect()
        }

        fn pcap(self, magic: u32, link_type: u32) -> Vec<u8> {
            let mut file = self.u32s(&[magic]);
            file.extend([self.u16(2), self.u16(4)].concat());
            file.extend(self.u32s(&[0, 0, 65_535, link_type]));
            file
        }

        fn record(self, time: (u32, u32), wire_len: u32, data: &[u8]) -> Vec<u8> {
            let mut record = self.u32s(&[time.0, time.1, data.len() as u32, wire_len]);
            record.extend(data);
            record
        }

        fn block(self, kind: u32, body: &[u8]) -> Vec<u8> {
            let body = [body, &[0; 3][..(4 - body.len() % 4) % 4]].concat();
            let length = body.len() as u32 + 12;
            [self.u32s(&[kind, length]), body, self.u32s(&[length])].concat()
        }

        fn section(self) -> Vec<u8> {
            let version = [self.u16(1), self.u16(0)].concat();
            let length_unknown = [0xff; 8];
            let magic = self.u32s(&[0x1a2b_3c4d]);
            self.block(0x0a0d_0d0a, &[&magic[..], &version, &length_unknown].concat())
        }

        fn interface(self, link_type: u16, snap_len: u32, options: &[u8]) -> Vec<u8> {
            let head = [self.u16(link_type), [0, 0]].concat();
            self.block(1, &[&head[..], &self.u32s(&[snap_len]), options].concat())
        }

        fn option(self, code: u16, value: &[u8]) -> Vec<u8> {
            let head = [self.u16(code), self.u16(value.len() as u16)].concat();
            [&head[..], value, &[0; 3][..(4 - value.len() % 4) % 4]].concat()
        }

        fn enhanced(self, interface: u32, ticks: u64, wire_len: u32, data: &[u8]) -> Vec<u8> {
            let (high, low) = ((ticks >> 32) as u32, ticks as u32);
            let head = self.u32s(&[interface, high, low, data.len() as u32, wire_len]);
            self.block(6, &[&head, data].concat())
        }
    }

    const LITTLE: Order = Order { big: false };
    const BIG: Order = Order { big: true };

    #[test]
    fn classic_captures_of_both_orders_and_units() {
        for order in [LITTLE, BIG] {
            for (magic, nanos) in [(0xa1b2_c3d4, 7_000), (0xa1b2_3c4d, 7)] {
                // The link type with a frame check sequence of 4 bytes noted above it.
                let mut file = order.pcap(magic, 0x4400_0001);
                file.extend(order.record((9, 7), 60, &[1, 2, 3]));
                file.extend(order.record((10, 0), 0, &[]));
                let expected = [
                    Ok((1, Some((9, nanos)), 1, 60, vec![1, 2, 3])),
                    Ok((2, Some((10, 0)), 1, 0, vec![])),
                ];
                assert_eq!(read(file), expected);
            }
        }
    }

    #[test]
    fn records_with_eight_bytes_more() {
        let mut file = LITTLE.pcap(0xa1b2_cd34, 1);
        file.extend(LITTLE.u32s(&[9, 0, 2, 2, 5, 6]));
        file.extend([1, 2]);
        assert_eq!(read(file), [Ok((1, Some((9, 0)), 1, 2, vec![1, 2]))]);
    }

    #[test]
    fn sections_interfaces_and_packet_blocks_of_every_kind() {
        for order in [LITTLE, BIG] {
            let offset = if order.big { (-2_i64).to_be_bytes() } else { (-2_i64).to_le_bytes() };
            let options = [order.option(9, &[9]), order.option(14, &offset), order.option(0, &[])];
            let obsolete = [
                [order.u16(1), order.u16(99)].concat(),
                order.u32s(&[0, 2_000_001, 3, 1500]),
                vec![7, 8, 9],
            ];
            let file = [
                order.section(),
                order.interface(113, 4, &[]),
                order.interface(1, 0, &options.concat()),
                order.block(0x0bad, &[1, 2, 3, 4]), // custom
                order.block(4, &[0; 4]),            // name resolution
                order.enhanced(1, 5_000_000_001, 5, &[1, 2, 3, 4, 5]),
                order.enhanced(0, 5_000_001, 9, &[1]),
                order.block(3, &[&order.u32s(&[6])[..], &[1, 2, 3, 4]].concat()), // simple, snapped
                order.block(3, &[&order.u32s(&[3])[..], &[1, 2, 3]].concat()),
                order.block(2, &obsolete.concat()),
                order.block(5, &[0; 12]), // statistics
            ];
            let expected = [
                Ok((1, Some((3, 1)), 1, 5, vec![1, 2, 3, 4, 5])),
                Ok((2, Some((5, 1_000)), 113, 9, vec![1])),
                Ok((3, None, 113, 6, vec![1, 2, 3, 4])),
                Ok((4, None, 113, 3, vec![1, 2, 3])),
                Ok((5, Some((-2, 2_000_001)), 1, 1500, vec![7, 8, 9])),
            ];
            assert_eq!(read(file.concat()), expected);
        }
    }

    #[test]
    fn a_section_forgets_the_interfaces_before_it_and_has_its_own_order() {
        let file = [
            LITTLE.section(),
            LITTLE.interface(1, 0, &[]),
            LITTLE.enhanced(0, 1_000_000, 1, &[1]),
            BIG.section(),
            BIG.enhanced(0, 1_000_000, 1, &[2]),
            BIG.interface(101, 0, &[]),
            BIG.enhanced(0, 2_000_000, 1, &[3]),
        ];
        let lost = file[..4].concat().len();
        let expected = [
            Ok((1, Some((1, 0)), 1, 1, vec![1])),
            Err(format!("byte {lost}: packet of interface 0, which nothing describes")),
            Ok((3, Some((2, 0)), 101, 1, vec![3])),
        ];
        assert_eq!(read(file.concat()), expected);
    }

    #[test]
    fn a_bad_block_does_not_hide_the_next() {
        let mut long = LITTLE.enhanced(0, 0, 4, &[0; 4]);
        long[20] = 5; // a captured length beyond the block
        let file = [
            LITTLE.section(),
            LITTLE.interface(1, 0, &[]),
            long,
            LITTLE.block(1, &[0; 4]), // an interface cut short keeps its number
            LITTLE.enhanced(0, 0, 1, &[1]),
        ];
        let at = |index: usize| file[..index].concat().len();
        let expected = [
            Err(format!("byte {}: malformed enhanced packet block, passed over", at(2))),
            Err(format!("byte {}: malformed interface description block, passed over", at(3))),
            Ok((2, Some((0, 0)), 1, 1, vec![1])),
        ];
        assert_eq!(read(file.concat()), expected);
    }

    #[test]
    fn lengths_beyond_all_sense_are_said_and_take_no_memory() {
        let mut file = LITTLE.pcap(0xa1b2_c3d4, 1);
        file.extend(LITTLE.u32s(&[0, 0, 0xffff_ffff, 0xffff_ffff]));
        let text = "byte 24: packet says it has 4294967295 bytes, more than 16777216";
        assert_eq!(read(file), [Err(text.to_owned())]);

        let mut file = [LITTLE.section(), LITTLE.u32s(&[6, 0xffff_fffc])].concat();
        file.extend([0; 20]);
        let text = "byte 56: the capture ends in the middle of the block that begins at byte 28: \
                    4294967292 bytes needed, 28 there";
        assert_eq!(read(file), [Err(text.to_owned())]);

        for length in [0, 8, 13] {
            let file = [LITTLE.section(), LITTLE.u32s(&[6, length, 0])].concat();
            let text = format!("byte 28: block length {length} is not allowed, cannot read on");
            assert_eq!(read(file), [Err(text)]);
        }

        // A section header that has no room for what it must have.
        for length in [12, 16, 24] {
            let file = LITTLE.u32s(&[0x0a0d_0d0a, length, 0x1a2b_3c4d, 0x0000_0001, 0, 0, length]);
            let text = format!("byte 0: block length {length} is not allowed, cannot read on");
            assert_eq!(read(file), [Err(text)]);
        }
    }

    #[test]
    fn every_cut_of_a_capture_is_said_and_what_came_before_is_given() {
        let record = LITTLE.record((0, 0), 5, &[1, 2, 3, 4, 5]);
        let classic = [LITTLE.pcap(0xa1b2_c3d4, 1), record.clone(), record].concat();
        let blocks = [
            LITTLE.section(),
            LITTLE.interface(1, 0, &[]),
            LITTLE.enhanced(0, 0, 5, &[1, 2, 3, 4, 5]),
            LITTLE.enhanced(0, 0, 5, &[1, 2, 3, 4, 5]),
        ]
        .concat();
        // Where a whole capture may end, and where its packets do.
        let classic = (classic, &[24, 45, 66][..], [45, 66]);
        let blocks = (blocks, &[28, 48, 88, 128][..], [88, 128]);
        for (file, ends, packets) in [classic, blocks] {
            assert_eq!(ends.last(), Some(&file.len()));
            for len in 0..=file.len() {
                let seen = read(file[..len].to_vec());
                let whole = packets.iter().filter(|&&end| len >= end).count();
                assert_eq!(seen.iter().filter(|seen| seen.is_ok()).count(), whole, "{len}");
                if ends.contains(&len) {
                    assert_eq!(seen.len(), whole, "{seen:?}");
                    continue;
                }
                let text = seen.last().unwrap().as_ref().unwrap_err();
                let (start, why) = text.split_once(": ").unwrap();
                match len {
                    0 => assert_eq!(text, "byte 0: the file is empty, which is no capture"),
                    1..4 => assert!(text.starts_with("byte 0: not a capture"), "{text}"),
                    _ => {
                        assert_eq!(start, format!("byte {len}"));
                        assert!(why.starts_with("the capture ends in the middle of"), "{text}");
                    }
                }
            }
        }
    }

    #[test]
    fn gzip_of_one_member_or_several_and_cut() {
        use std::io::Write;
        let gzip = |bytes: &[u8]| {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Default::default());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        };
        let head = LITTLE.pcap(0xa1b2_c3d4, 1);
        let records: Vec<u8> =
            (0..50_u8).flat_map(|n| LITTLE.record((n.into(), 0), 3, &[n, n, n])).collect();
        let whole = [head.clone(), records.clone()].concat();
        assert_eq!(read(gzip(&whole)).len(), 50);
        let members = [gzip(&head), gzip(&records[..500]), gzip(&records[500..])].concat();
        assert_eq!(read(members), read(whole.clone()));

        let packed = gzip(&whole);
        let seen = read(packed[..packed.len() / 2].to_vec());
        assert!(seen.last().unwrap().as_ref().unwrap_err().contains("cannot be read"), "{seen:?}");
        assert!(read(gzip(b"")).last().unwrap().as_ref().unwrap_err().contains("empty"));
    }

    #[test]
    fn other_files_are_no_captures() {
        for file in [&b"#!/bin/sh\n"[..], b"GIF89a..........................", &[0; 100]] {
            let text = "byte 0: not a capture: begins neither as pcap nor as pcapng";
            assert_eq!(read(file.to_vec()), [Err(text.to_owned())]);
        }
        let file = [0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 1, 2, 3, 4];
        let text = "byte 0: section header without a byte order, cannot read on";
        assert_eq!(read(file.to_vec()), [Err(text.to_owned())]);
    }
}
