//! pcapng captures: blocks, in sections of their own byte order (draft-ietf-opsawg-pcapng).
//!
//! The lengths are read here and the blocks by pcap-parser, one whole block at a time, so that what is wrong inside of
//! a block costs that block and not the rest of the capture.

use pcap_parser::pcapng::{
    parse_enhancedpacketblock_be, parse_enhancedpacketblock_le, parse_interfacedescriptionblock_be,
    parse_interfacedescriptionblock_le, parse_simplepacketblock_be, parse_simplepacketblock_le,
};
use pcap_parser::{InterfaceDescriptionBlock, OptionCode};

use super::time::Clock;
use super::window::Window;
use super::{Cause, Fault, MAX_PACKET, Packet};

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
/// The packet block of the format's first version, obsolete since 2009 and still met.
const OBSOLETE_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;

/// The shortest section header: byte order, version, section length, and what every block has.
const MIN_SECTION_HEADER: u32 = 28;

/// The longest block that is looked into; the others are passed over by their length.
const MAX_BLOCK: u64 = MAX_PACKET as u64 + 65_536;

/// The most interfaces of a section. Each takes memory, and no capture has so many.
const MAX_INTERFACES: usize = 65_536;

/// What is known at a place of the capture.
pub(super) struct Pcapng {
    big_endian: bool,
    interfaces: Vec<Interface>,
}

/// What an interface description says of the packets that point to it.
struct Interface {
    link_type: u32,
    /// The most bytes of a packet that were kept; 0 for no limit.
    snap_len: u32,
    clock: Clock,
}

/// A block's first bytes.
struct Head {
    offset: u64,
    kind: u32,
    /// Of all of it.
    length: u32,
}

impl Pcapng {
    /// Whether a file that begins with these bytes is one.
    pub(super) fn is_magic(magic: [u8; 4]) -> bool {
        u32::from_le_bytes(magic) == SECTION_HEADER
    }

    pub(super) fn new() -> Self {
        Self { big_endian: false, interfaces: Vec::new() }
    }

    /// The next packet, or `None` where the capture ends. `frame` is counted up for each packet block, also for one
    /// that cannot be read.
    pub(super) fn next<'w>(
        &mut self,
        window: &'w mut Window,
        frame: &mut u64,
    ) -> Result<Option<Packet<'w>>, Fault> {
        let head = loop {
            let Some(head) = self.head(window)? else { return Ok(None) };
            let is_packet = matches!(head.kind, OBSOLETE_PACKET | SIMPLE_PACKET | ENHANCED_PACKET);
            *frame += u64::from(is_packet);
            if is_packet && u64::from(head.length) <= MAX_BLOCK {
                fill(window, &head)?;
                break head;
            }
            if head.kind == INTERFACE_DESCRIPTION && u64::from(head.length) <= MAX_BLOCK {
                fill(window, &head)?;
                self.add_interface(head.offset, window.take(head.length as usize))?;
                continue;
            }
            skip(window, &head)?;
            if is_packet {
                let cause = Cause::TooLong { what: "packet block", length: head.length.into() };
                return Err(Fault { offset: head.offset, cause });
            }
        };
        let block = window.take(head.length as usize);
        let packet = match head.kind {
            ENHANCED_PACKET => self.enhanced_packet(block),
            SIMPLE_PACKET => self.simple_packet(block),
            _ => self.obsolete_packet(block),
        };
        match packet {
            Ok(packet) => Ok(Some(Packet { frame: *frame, ..packet })),
            Err(cause) => Err(Fault { offset: head.offset, cause }),
        }
    }

    /// The type and length of the next block, which stays in the window; a section header sets the byte order.
    fn head(&mut self, window: &mut Window) -> Result<Option<Head>, Fault> {
        let offset = window.offset();
        if !window.fill(12).map_err(|e| Fault::read(window, e))? {
            if window.is_drained() {
                return Ok(None);
            }
            return Err(Fault::cut(window, "block", 12));
        }
        let Some(&[a, b, c, d, e, f, g, h, i, j, k, l]) = window.data().first_chunk() else {
            return Ok(None);
        };
        // The section header's type reads the same in both byte orders, and what follows its length tells which.
        let is_section = u32::from_le_bytes([a, b, c, d]) == SECTION_HEADER;
        if is_section {
            self.big_endian = match [i, j, k, l] {
                [0x4d, 0x3c, 0x2b, 0x1a] => false,
                [0x1a, 0x2b, 0x3c, 0x4d] => true,
                _ => return Err(Fault { offset, cause: Cause::ByteOrder }),
            };
            self.interfaces.clear();
        }
        let number = |bytes| {
            if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
        };
        let (kind, length) = (number([a, b, c, d]), number([e, f, g, h]));
        let shortest = if is_section { MIN_SECTION_HEADER } else { 12 };
        if length < shortest || length % 4 != 0 {
            return Err(Fault { offset, cause: Cause::BlockLength(length) });
        }
        Ok(Some(Head { offset, kind, length }))
    }

    fn add_interface(&mut self, offset: u64, block: &[u8]) -> Result<(), Fault> {
        let fault = |cause| Err(Fault { offset, cause });
        if self.interfaces.len() >= MAX_INTERFACES {
            return fault(Cause::TooManyInterfaces);
        }
        let parse = if self.big_endian {
            parse_interfacedescriptionblock_be
        } else {
            parse_interfacedescriptionblock_le
        };
        match parse(block) {
            Ok((_, description)) => {
                self.interfaces.push(Interface {
                    link_type: description.linktype.0 as u32,
                    snap_len: description.snaplen,
                    clock: self.clock(&description),
                });
                Ok(())
            }
            Err(_) => {
                // A place of its own all the same, as those after it are counted on from it.
                let clock = Clock::default();
                self.interfaces.push(Interface { link_type: u32::MAX, snap_len: 0, clock });
                fault(Cause::Block("interface description block"))
            }
        }
    }

    /// How the interface counts time. From the options themselves: pcap-parser reads the offset as little-endian in
    /// sections of either byte order.
    fn clock(&self, description: &InterfaceDescriptionBlock<'_>) -> Clock {
        let mut clock = Clock::default();
        for option in &description.options {
            let Ok(value) = option.as_bytes() else { continue };
            match (option.code, value) {
                (OptionCode::EndOfOpt, _) => break,
                (OptionCode::IfTsresol, &[resolution, ..]) => clock.resolution = resolution,
                (OptionCode::IfTsoffset, value) => {
                    let Some(&bytes) = value.first_chunk() else { continue };
                    clock.offset = if self.big_endian {
                        i64::from_be_bytes(bytes)
                    } else {
                        i64::from_le_bytes(bytes)
                    };
                }
                _ => {}
            }
        }
        clock
    }

    fn interface(&self, number: u32) -> Result<&Interface, Cause> {
        self.interfaces.get(number as usize).ok_or(Cause::UnknownInterface(number))
    }

    fn enhanced_packet<'w>(&self, block: &'w [u8]) -> Result<Packet<'w>, Cause> {
        let parse = if self.big_endian {
            parse_enhancedpacketblock_be
        } else {
            parse_enhancedpacketblock_le
        };
        let bad = |_| Cause::Block("enhanced packet block");
        let (_, read) = parse(block).map_err(bad)?;
        let interface = self.interface(read.if_id)?;
        Ok(Packet {
            frame: 0,
            time: Some(interface.clock.time(ticks(read.ts_high, read.ts_low))),
            link_type: interface.link_type,
            wire_len: read.origlen as usize,
            data: read.data.get(..read.caplen as usize).unwrap_or(read.data),
        })
    }

    /// A packet without a time and without its captured length: that follows from the interface's limit.
    fn simple_packet<'w>(&self, block: &'w [u8]) -> Result<Packet<'w>, Cause> {
        let parse =
            if self.big_endian { parse_simplepacketblock_be } else { parse_simplepacketblock_le };
        let (_, read) = parse(block).map_err(|_| Cause::Block("simple packet block"))?;
        let interface = self.interface(0)?;
        let limit = if interface.snap_len == 0 { u32::MAX } else { interface.snap_len };
        let captured = read.origlen.min(limit) as usize;
        Ok(Packet {
            frame: 0,
            time: None,
            link_type: interface.link_type,
            wire_len: read.origlen as usize,
            data: read.data.get(..captured).ok_or(Cause::Block("simple packet block"))?,
        })
    }

    /// As an enhanced packet, with 16 bits for the interface and 16 for the drops before it. pcap-parser has no reader
    /// for it.
    fn obsolete_packet<'w>(&self, block: &'w [u8]) -> Result<Packet<'w>, Cause> {
        let read = || {
            let (body, _) = block.get(8..)?.split_last_chunk::<4>()?;
            let (head, rest) = body.split_first_chunk::<20>()?;
            let word = |index: usize| {
                let bytes = *head.as_chunks::<4>().0.get(index)?;
                let big = u32::from_be_bytes(bytes);
                Some(if self.big_endian { big } else { big.swap_bytes() })
            };
            let first = word(0)?;
            let interface = if self.big_endian { first >> 16 } else { first & 0xffff };
            let data = rest.get(..word(3)? as usize)?;
            Some((interface, ticks(word(1)?, word(2)?), word(4)?, data))
        };
        let (interface, ticks, wire_len, data) = read().ok_or(Cause::Block("packet block"))?;
        let interface = self.interface(interface)?;
        Ok(Packet {
            frame: 0,
            time: Some(interface.clock.time(ticks)),
            link_type: interface.link_type,
            wire_len: wire_len as usize,
            data,
        })
    }
}

fn ticks(high: u32, low: u32) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

/// Reads until the whole block is in the window.
fn fill(window: &mut Window, head: &Head) -> Result<(), Fault> {
    let length = head.length as usize;
    if window.fill(length).map_err(|e| Fault::read(window, e))? {
        return Ok(());
    }
    Err(Fault::cut(window, "block", length))
}

fn skip(window: &mut Window, head: &Head) -> Result<(), Fault> {
    if window.skip(head.length.into()).map_err(|e| Fault::read(window, e))? {
        return Ok(());
    }
    let have = window.offset() - head.offset;
    let cause = Cause::Cut { what: "block", need: head.length.into(), have };
    Err(Fault { offset: head.offset, cause })
}

// Tests of whole captures: mod.rs.
#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Time;

    #[test]
    fn the_longest_packet_fits_its_block() {
        assert!(MAX_BLOCK > MAX_PACKET as u64 + 32);
    }

    #[test]
    fn ticks_are_two_halves() {
        assert_eq!(ticks(1, 2), 0x1_0000_0002);
        assert_eq!(Clock::default().time(ticks(0, 1_000_001)), Time { seconds: 1, nanos: 1_000 });
    }
}
