//! Generic FEC with uneven level protection, ULPFEC (RFC 5109 section 7).
//!
//! ```text
//! |E|L|P|X|  CC   |M| PT recovery |            SN base            |  header
//! |                          TS recovery                          |
//! |        length recovery        |
//! |       protection length       |             mask              |  a level; the second word of the mask only with L
//! |              mask continued, only if L is set                 |
//! |                 protection length bytes ...                   |
//! ```
//!
//! Level n protects the bytes behind the fixed header that follow those of the levels before it.

use core::fmt;
use core::iter::FusedIterator;
use core::ops::Range;

use byteorder::{BE, ByteOrder};
use nom::Parser;
use nom::error::context;

use super::parity::{self, FIRST_BITS, HeaderParity};
use super::recovery::{Recovered, RecoveryError, SequenceNumbers};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::rtp::packet::{CSRC_COUNT, EXTENSION, FIXED_LEN, MARKER, PADDING, PAYLOAD_TYPE};
use crate::show::DebugList;
use crate::wire::{announced, array};

// Places in the header.
const FIRST: usize = 0;
const SECOND: usize = 1;
const SN_BASE: Range<usize> = 2..4;
const TS_RECOVERY: Range<usize> = 4..8;
const LENGTH_RECOVERY: Range<usize> = 8..10;
const HEADER_LEN: usize = LENGTH_RECOVERY.end;

// Bits of the first byte, where an RTP packet has its version.
const FUTURE: u8 = 0x80;
const LONG_MASK: u8 = 0x40;

// Places in a level's header.
const PROTECTION_LENGTH: Range<usize> = 0..2;
const LONG_LEN: usize = 8;

/// An ULPFEC payload, read in place.
///
/// ```
/// use mediawire::rtp::UlpFec;
///
/// // RFC 5109 figures 12 and 13, with 2 bytes of protection.
/// let payload = [
///     0x00, 0x19, 0x00, 0x08, // PT recovery 25, SN base 8
///     0x00, 0x00, 0x00, 0x06, // TS recovery
///     0x00, 0x44, // length recovery
///     0x00, 0x02, 0xc0, 0x00, // level 0: 2 bytes of the packets 8 and 9
///     0xaa, 0xbb,
/// ];
/// let fec = UlpFec::parse(&payload)?;
/// assert_eq!(fec.level_0().sequence_numbers().collect::<Vec<_>>(), [8, 9]);
/// # Ok::<(), mediawire::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct UlpFec<'a> {
    header: &'a [u8; HEADER_LEN],
    level_0: UlpFecLevel<'a>,
    levels: &'a [u8],
}

impl<'a> UlpFec<'a> {
    /// Reads the payload of an RTP packet, without its padding, or of a RED block.
    ///
    /// # Errors
    /// No level; a level's protection length beyond the payload.
    #[inline]
    pub fn parse(payload: &'a [u8]) -> Result<Self, ParseError> {
        run("ULPFEC payload", payload, ulpfec)
    }

    /// The E bit: kept for another version of the format, 0 in this one.
    #[inline]
    pub const fn extension_flag(&self) -> bool {
        self.header[FIRST] & FUTURE != 0
    }

    /// The L bit: the masks have 48 bits rather than 16.
    #[inline]
    pub const fn long_mask(&self) -> bool {
        self.header[FIRST] & LONG_MASK != 0
    }

    /// The parity of the P bits of the packets of level 0; what follows is the same of other fields.
    #[inline]
    pub const fn padding_recovery(&self) -> bool {
        self.header[FIRST] & PADDING != 0
    }

    /// The parity of the X bits.
    #[inline]
    pub const fn extension_recovery(&self) -> bool {
        self.header[FIRST] & EXTENSION != 0
    }

    /// The parity of the CSRC counts, 0 to 15.
    #[inline]
    pub const fn csrc_count_recovery(&self) -> u8 {
        self.header[FIRST] & CSRC_COUNT
    }

    /// The parity of the markers.
    #[inline]
    pub const fn marker_recovery(&self) -> bool {
        self.header[SECOND] & MARKER != 0
    }

    /// The parity of the payload types, 0 to 127.
    #[inline]
    pub const fn payload_type_recovery(&self) -> u8 {
        self.header[SECOND] & PAYLOAD_TYPE
    }

    /// The lowest sequence number of a protected packet: that of a mask's first bit.
    #[inline]
    pub fn sequence_number_base(&self) -> u16 {
        BE::read_u16(&self.header[SN_BASE])
    }

    /// The parity of the timestamps.
    #[inline]
    pub fn timestamp_recovery(&self) -> u32 {
        BE::read_u32(&self.header[TS_RECOVERY])
    }

    /// The parity of the lengths in bytes of all that follows the fixed header.
    #[inline]
    pub fn length_recovery(&self) -> u16 {
        BE::read_u16(&self.header[LENGTH_RECOVERY])
    }

    /// The first level, which is always there: its packets are those that can be had again.
    #[inline]
    pub const fn level_0(&self) -> UlpFecLevel<'a> {
        self.level_0
    }

    /// The levels in wire order, one at least.
    #[inline]
    pub fn levels(&self) -> UlpFecLevels<'a> {
        let base = self.sequence_number_base();
        UlpFecLevels { long: self.long_mask(), base, offset: 0, rest: self.levels }
    }

    /// Writes the one packet that is lost of those of level 0 to the front of `out`.
    ///
    /// `packet` gives the packet with a sequence number: whole, as it was protected, or `None` if it was lost too. It is
    /// asked more than once. `ssrc` is the source that is protected.
    ///
    /// A level that other lost packets have a part in ends the recovery early. Where another ULPFEC packet has that level
    /// of this packet, [`UlpFecLevel::recover`] takes it from there.
    ///
    /// ```
    /// # use mediawire::Encode;
    /// # use mediawire::rtp::{Packet, UlpFec, UlpFecProtectedLevel, UlpFecProtection};
    /// let sent = [
    ///     &b"\x80\x60\x00\x08\x00\x00\x00\x03\x00\x00\x00\x02one"[..],
    ///     &b"\x80\xe0\x00\x09\x00\x00\x00\x03\x00\x00\x00\x02three"[..],
    /// ];
    /// let mut buffer = [0; 100];
    /// let levels = [UlpFecProtectedLevel::whole(&sent)];
    /// let len = UlpFecProtection { levels: &levels }.write(&mut buffer)?;
    ///
    /// let fec = UlpFec::parse(&buffer[..len])?;
    /// let mut out = [0; 1500];
    /// let received = |sequence_number| (sequence_number == 8).then_some(sent[0]);
    /// let lost = fec.recover(2, received, &mut out)?;
    /// assert!(lost.is_complete());
    /// assert_eq!(out[..lost.len], *sent[1]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// None or more than one of the packets of level 0 is lost; what was given for a packet is another one; no room. What
    /// `out` holds then is not defined.
    pub fn recover<'p>(
        &self,
        ssrc: u32,
        mut packet: impl FnMut(u16) -> Option<&'p [u8]>,
        out: &mut [u8],
    ) -> Result<Recovered, RecoveryError> {
        let parity = HeaderParity {
            first: self.header[FIRST] & FIRST_BITS,
            second: self.header[SECOND],
            length: self.length_recovery(),
            timestamp: self.timestamp_recovery(),
        };
        let protected = self.level_0.sequence_numbers().map(|number| (ssrc, number));
        let (lost, fixed) = parity::find_lost(protected, &mut |_, number| packet(number), parity)?;
        let (have, len, sequence_number) = (out.len(), lost.len, lost.sequence_number);
        let out = out.get_mut(..len).ok_or(RecoveryError::BufferTooSmall { need: len, have })?;
        if let Some(place) = out.first_chunk_mut() {
            *place = fixed;
        }
        let mut recovered_len = FIXED_LEN;
        for level in self.levels() {
            match level.recover(sequence_number, &mut packet, out) {
                Some(end) => recovered_len = end,
                None => break,
            }
        }
        Ok(Recovered { ssrc, sequence_number, len, recovered_len })
    }
}

/// Validates every level.
#[inline]
fn ulpfec(i: &[u8]) -> Step<'_, UlpFec<'_>> {
    let (levels, header) = context("FEC header", array::<HEADER_LEN>).parse(i)?;
    let (long, base) = (header[FIRST] & LONG_MASK != 0, BE::read_u16(&header[SN_BASE]));
    let (mut rest, level_0) = level(levels, long, base, 0)?;
    while !rest.is_empty() {
        (rest, _) = level(rest, long, base, 0)?;
    }
    Ok((&[], UlpFec { header, level_0, levels }))
}

/// The level at the front of `i`.
#[inline]
fn level(i: &[u8], long: bool, base: u16, offset: usize) -> Step<'_, UlpFecLevel<'_>> {
    let mut bytes = [0; LONG_LEN];
    let rest = if long {
        let (rest, header) = context("level header", array::<LONG_LEN>).parse(i)?;
        bytes = *header;
        rest
    } else {
        let (rest, &[a, b, c, d]) = context("level header", array).parse(i)?;
        [bytes[0], bytes[1], bytes[6], bytes[7]] = [a, b, c, d];
        rest
    };
    let len = BE::read_u16(&bytes[PROTECTION_LENGTH]);
    [bytes[0], bytes[1]] = [0, 0];
    let mask = BE::read_u64(&bytes);
    let (rest, payload) = context("protection length", announced(len.into())).parse(rest)?;
    Ok((rest, UlpFecLevel { base, long, mask, offset, payload }))
}

/// A level of an ULPFEC payload.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct UlpFecLevel<'a> {
    base: u16,
    long: bool,
    mask: u64,
    offset: usize,
    payload: &'a [u8],
}

impl<'a> UlpFecLevel<'a> {
    /// How many bytes of each packet it protects, from [`offset`](Self::offset) on.
    #[inline]
    pub fn protection_length(&self) -> u16 {
        u16::try_from(self.payload.len()).unwrap_or(u16::MAX)
    }

    /// Which packets it protects, a number of 16 or 48 bits: the most significant stands for the base.
    #[inline]
    pub const fn mask(&self) -> u64 {
        self.mask
    }

    /// The sequence numbers of the packets that it protects.
    #[inline]
    pub fn sequence_numbers(&self) -> SequenceNumbers {
        SequenceNumbers::of_mask(self.base, self.mask.into(), if self.long { 48 } else { 16 })
    }

    /// How many bytes behind the fixed header are those of the levels before it.
    #[inline]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// The parity of the bytes that it protects.
    #[inline]
    pub const fn payload(&self) -> &'a [u8] {
        self.payload
    }

    /// Writes its part of the lost packet with this sequence number into `out`, which is as long as that packet, and gives
    /// the place behind what it has written.
    ///
    /// `packet` is that of [`UlpFec::recover`].
    ///
    /// `None`, with the bytes of its part not defined, if it does not protect that packet, or another one is lost too.
    pub fn recover<'p>(
        &self,
        sequence_number: u16,
        mut packet: impl FnMut(u16) -> Option<&'p [u8]>,
        out: &mut [u8],
    ) -> Option<usize> {
        if !self.sequence_numbers().any(|number| number == sequence_number) {
            return None;
        }
        // The source is known to the caller, who gives the packets.
        let others = self.sequence_numbers().filter(|&number| number != sequence_number);
        let others = others.map(|number| (0, number));
        parity::add_all(others, &mut |_, number| packet(number), self.payload, self.offset, out)
    }
}

/// The levels of an ULPFEC payload, in wire order.
#[derive(Clone, Copy)]
pub struct UlpFecLevels<'a> {
    long: bool,
    base: u16,
    offset: usize,
    rest: &'a [u8],
}

impl<'a> Iterator for UlpFecLevels<'a> {
    type Item = UlpFecLevel<'a>;

    #[inline]
    fn next(&mut self) -> Option<UlpFecLevel<'a>> {
        let (rest, level) = level(self.rest, self.long, self.base, self.offset).ok()?;
        self.rest = rest;
        self.offset += level.payload.len();
        Some(level)
    }
}

impl FusedIterator for UlpFecLevels<'_> {}

/// `[8,9]+70`
impl fmt::Display for UlpFecLevel<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        super::flexfec::write_numbers(f, self.sequence_numbers())?;
        write!(f, "+{}", self.payload.len())
    }
}

impl fmt::Debug for UlpFecLevel<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UlpFecLevel")
            .field("sequence_numbers", &DebugList(self.sequence_numbers()))
            .field("offset", &self.offset)
            .field("payload", &self.payload)
            .finish()
    }
}

impl fmt::Debug for UlpFecLevels<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

/// One line: `ULPFEC [10,11]+70 [8,9,10,11]+90`, the packets of each level and its protection length.
impl fmt::Display for UlpFec<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ULPFEC")?;
        self.levels().try_for_each(|level| write!(f, " {level}"))
    }
}

impl fmt::Debug for UlpFec<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UlpFec")
            .field("extension_flag", &self.extension_flag())
            .field("long_mask", &self.long_mask())
            .field("padding_recovery", &self.padding_recovery())
            .field("extension_recovery", &self.extension_recovery())
            .field("csrc_count_recovery", &self.csrc_count_recovery())
            .field("marker_recovery", &self.marker_recovery())
            .field("payload_type_recovery", &self.payload_type_recovery())
            .field("sequence_number_base", &self.sequence_number_base())
            .field("timestamp_recovery", &self.timestamp_recovery())
            .field("length_recovery", &self.length_recovery())
            .field("levels", &DebugList(self.levels()))
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for UlpFecLevel<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;

        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("protection_length", &self.protection_length())?;
        map.serialize_entry("mask", &self.mask())?;
        map.serialize_entry("sequence_numbers", &crate::ser::List(self.sequence_numbers()))?;
        map.end()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for UlpFec<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;

        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("e", &self.extension_flag())?;
        map.serialize_entry("l", &self.long_mask())?;
        map.serialize_entry("p_recovery", &self.padding_recovery())?;
        map.serialize_entry("x_recovery", &self.extension_recovery())?;
        map.serialize_entry("cc_recovery", &self.csrc_count_recovery())?;
        map.serialize_entry("m_recovery", &self.marker_recovery())?;
        map.serialize_entry("pt_recovery", &self.payload_type_recovery())?;
        map.serialize_entry("sn_base", &self.sequence_number_base())?;
        map.serialize_entry("ts_recovery", &self.timestamp_recovery())?;
        map.serialize_entry("length_recovery", &self.length_recovery())?;
        map.serialize_entry("levels", &crate::ser::List(self.levels()))?;
        map.end()
    }
}

/// An ULPFEC payload to be written, field by field. Out of the packets to be protected: [`UlpFecProtection`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UlpFecBuilder<'a> {
    /// As [`UlpFec::extension_flag`]; the RFC wants it to be 0.
    pub extension_flag: bool,
    /// As [`UlpFec::long_mask`].
    pub long_mask: bool,
    /// As [`UlpFec::padding_recovery`].
    pub padding_recovery: bool,
    /// As [`UlpFec::extension_recovery`].
    pub extension_recovery: bool,
    /// As [`UlpFec::csrc_count_recovery`]: 0 to 15.
    pub csrc_count_recovery: u8,
    /// As [`UlpFec::marker_recovery`].
    pub marker_recovery: bool,
    /// As [`UlpFec::payload_type_recovery`]: 0 to 127.
    pub payload_type_recovery: u8,
    /// As [`UlpFec::sequence_number_base`].
    pub sequence_number_base: u16,
    /// As [`UlpFec::timestamp_recovery`].
    pub timestamp_recovery: u32,
    /// As [`UlpFec::length_recovery`].
    pub length_recovery: u16,
    /// The levels in wire form, headers included: one at least.
    pub levels: &'a [u8],
}

impl<'a> From<UlpFec<'a>> for UlpFecBuilder<'a> {
    fn from(fec: UlpFec<'a>) -> Self {
        Self {
            extension_flag: fec.extension_flag(),
            long_mask: fec.long_mask(),
            padding_recovery: fec.padding_recovery(),
            extension_recovery: fec.extension_recovery(),
            csrc_count_recovery: fec.csrc_count_recovery(),
            marker_recovery: fec.marker_recovery(),
            payload_type_recovery: fec.payload_type_recovery(),
            sequence_number_base: fec.sequence_number_base(),
            timestamp_recovery: fec.timestamp_recovery(),
            length_recovery: fec.length_recovery(),
            levels: fec.levels,
        }
    }
}

impl Encode for UlpFecBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        self.levels.len().saturating_add(HEADER_LEN)
    }

    /// # Errors
    /// A CSRC count above 15, a payload type above 127, levels that are none.
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if self.csrc_count_recovery > CSRC_COUNT {
            return Err(BuildError::OutOfRange { field: "CC recovery" });
        }
        if self.payload_type_recovery > PAYLOAD_TYPE {
            return Err(BuildError::OutOfRange { field: "PT recovery" });
        }
        let bit = |set: bool, bit: u8| if set { bit } else { 0 };
        let header = out.array::<HEADER_LEN>()?;
        header[FIRST] = bit(self.extension_flag, FUTURE)
            | bit(self.long_mask, LONG_MASK)
            | bit(self.padding_recovery, PADDING)
            | bit(self.extension_recovery, EXTENSION)
            | self.csrc_count_recovery;
        header[SECOND] = bit(self.marker_recovery, MARKER) | self.payload_type_recovery;
        BE::write_u16(&mut header[SN_BASE], self.sequence_number_base);
        BE::write_u32(&mut header[TS_RECOVERY], self.timestamp_recovery);
        BE::write_u16(&mut header[LENGTH_RECOVERY], self.length_recovery);
        let mut rest = self.levels;
        loop {
            let error = BuildError::OutOfRange { field: "levels" };
            (rest, _) = level(rest, self.long_mask, 0, 0).map_err(|_| error)?;
            if rest.is_empty() {
                return out.bytes(self.levels);
            }
        }
    }
}

/// An ULPFEC payload to be written, out of the packets that it protects.
///
/// The RTP header of a stream of its own has the SSRC of these packets and no marker; in RED it is a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UlpFecProtection<'a> {
    /// The levels, one at least; the header's recovery fields are of the packets of the first.
    pub levels: &'a [UlpFecProtectedLevel<'a>],
}

/// The packets of a level, and how much of each it protects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UlpFecProtectedLevel<'a> {
    /// Whole packets of one source, one at least, each once, of 65,547 bytes at most. Those of all levels together span at
    /// most 48 sequence numbers.
    pub packets: &'a [&'a [u8]],
    /// How many bytes of each, behind those of the levels before it.
    pub protection_length: u16,
}

impl<'a> UlpFecProtectedLevel<'a> {
    /// A first and only level that protects the whole of these packets.
    pub fn whole(packets: &'a [&'a [u8]]) -> Self {
        let lens = packets.iter().map(|packet| packet.len().saturating_sub(FIXED_LEN));
        let protection_length = u16::try_from(lens.max().unwrap_or(0)).unwrap_or(u16::MAX);
        Self { packets, protection_length }
    }
}

impl UlpFecProtection<'_> {
    /// The lowest sequence number of all, and how far the highest is above it.
    #[inline]
    fn span(&self) -> Option<(u16, u16)> {
        let packets = self.levels.iter().flat_map(|level| level.packets);
        parity::span(packets.map(|packet| parity::sequence_number(packet)))
    }
}

impl Encode for UlpFecProtection<'_> {
    fn encoded_len(&self) -> usize {
        let header_len = if self.span().is_some_and(|(_, last)| last >= 16) { LONG_LEN } else { 4 };
        let levels =
            self.levels.iter().map(|level| header_len + usize::from(level.protection_length));
        levels.fold(HEADER_LEN, usize::saturating_add)
    }

    /// # Errors
    /// No level or one without packets; a packet that is not RTP, is longer than 65,547 bytes, is of another source than
    /// the others, or is there twice in a level; more than 48 sequence numbers.
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let (base, last) = self.span().ok_or(BuildError::OutOfRange { field: "levels" })?;
        if last >= 48 {
            return Err(BuildError::OutOfRange { field: "mask" });
        }
        let long = last >= 16;
        let header = out.array::<HEADER_LEN>()?;
        let (mut parity, mut offset, mut source) = (HeaderParity::default(), 0, None);
        for (index, level) in self.levels.iter().enumerate() {
            let mut mask = 0u64;
            let place = if long { out.take(LONG_LEN)? } else { out.take(4)? };
            let sum = out.take(level.protection_length.into())?;
            sum.fill(0);
            for packet in level.packets {
                let error = BuildError::OutOfRange { field: "protected packet" };
                let (fixed, body, length) = parity::checked(packet)?;
                let (sequence_number, ssrc) = parity::name(fixed);
                let bit = 1u64 << 47 >> (sequence_number.wrapping_sub(base) & 63);
                if mask & bit != 0 || *source.get_or_insert(ssrc) != ssrc {
                    return Err(error);
                }
                mask |= bit;
                if index == 0 {
                    parity.add(fixed, length);
                }
                parity::add(sum, body.get(offset..).unwrap_or_default());
            }
            if mask == 0 {
                return Err(BuildError::OutOfRange { field: "levels" });
            }
            offset += sum.len();
            let mut bytes = [0; LONG_LEN];
            BE::write_u64(&mut bytes, mask);
            BE::write_u16(&mut bytes[PROTECTION_LENGTH], level.protection_length);
            for (byte, value) in place.iter_mut().zip(bytes) {
                *byte = value;
            }
        }
        header[FIRST] = parity.first | if long { LONG_MASK } else { 0 };
        header[SECOND] = parity.second;
        BE::write_u16(&mut header[SN_BASE], base);
        BE::write_u32(&mut header[TS_RECOVERY], parity.timestamp);
        BE::write_u16(&mut header[LENGTH_RECOVERY], parity.length);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec;
    use std::vec::Vec;

    use super::*;
    use crate::error::ErrorKind;
    use crate::rtp::vectors::hex;
    use crate::rtp::{PacketBuilder, Padding, PayloadType};
    use crate::testing::refuses_every_truncation;

    fn written(builder: &impl Encode) -> Result<Vec<u8>, BuildError> {
        let mut out = vec![0xee; builder.encoded_len()];
        builder.write(&mut out).map(|len| out[..len].to_vec())
    }

    /// The packets A to D of RFC 5109 section 10, from SSRC 2; the RFC leaves their bytes open.
    fn example() -> [Vec<u8>; 4] {
        let packet = |sequence_number: u16, timestamp, payload_type, len: usize, marker| {
            let payload: Vec<u8> =
                (0..len).map(|i| (i * 7 + usize::from(sequence_number) * 31) as u8).collect();
            let builder = PacketBuilder {
                marker,
                payload_type: PayloadType(payload_type),
                sequence_number,
                timestamp,
                ssrc: 2,
                payload: &payload,
                ..Default::default()
            };
            written(&builder).unwrap()
        };
        [
            packet(8, 3, 11, 200, true),
            packet(9, 5, 18, 140, false),
            packet(10, 7, 11, 100, true),
            packet(11, 9, 18, 340, false),
        ]
    }

    /// Byte by byte: the parity of `packets` at the place `at` behind their fixed headers.
    fn parity(packets: &[&Vec<u8>], at: Range<usize>) -> Vec<u8> {
        let byte =
            |i: usize| packets.iter().fold(0, |sum, packet| sum ^ packet.get(12 + i).unwrap_or(&0));
        at.map(byte).collect()
    }

    /// The two packets of section 10.2.
    fn two_levels() -> [Vec<u8>; 2] {
        let [a, b, c, d] = &example();
        let first = [UlpFecProtectedLevel { packets: &[a, b], protection_length: 70 }];
        let second = [
            UlpFecProtectedLevel { packets: &[c, d], protection_length: 70 },
            UlpFecProtectedLevel { packets: &[a, b, c, d], protection_length: 90 },
        ];
        [
            written(&UlpFecProtection { levels: &first }).unwrap(),
            written(&UlpFecProtection { levels: &second }).unwrap(),
        ]
    }

    #[test]
    fn the_example_of_rfc_5109_section_10_1() {
        let [a, b, c, d] = &example();
        let packets = [&a[..], b, c, d];
        let levels = [UlpFecProtectedLevel::whole(&packets)];
        let bytes = written(&UlpFecProtection { levels: &levels }).unwrap();
        // Figures 8 and 9.
        assert_eq!(bytes[..14], hex("00000008 00000008 0174 0154f000"));
        assert_eq!(bytes[14..], parity(&[a, b, c, d], 0..340));
        let fec = UlpFec::parse(&bytes).unwrap();
        assert!(!fec.extension_flag() && !fec.long_mask());
        assert!(!fec.padding_recovery() && !fec.extension_recovery() && !fec.marker_recovery());
        assert_eq!((fec.csrc_count_recovery(), fec.payload_type_recovery()), (0, 0));
        assert_eq!((fec.sequence_number_base(), fec.timestamp_recovery()), (8, 8));
        assert_eq!(fec.length_recovery(), 372);
        let level = fec.level_0();
        assert_eq!((level.protection_length(), level.mask(), level.offset()), (340, 61440, 0));
        assert!(level.sequence_numbers().eq([8, 9, 10, 11]));
        assert_eq!(level.payload(), &bytes[14..]);
        assert_eq!(fec.levels().count(), 1);
        assert_eq!(fec.to_string(), "ULPFEC [8,9,10,11]+340");
        for lost in 0..4 {
            let received = |number: u16| packets.get(usize::from(number) - 8).copied();
            let received = |number| received(number).filter(|_| usize::from(number) != 8 + lost);
            let mut out = [0xee; 400];
            let recovered = fec.recover(2, received, &mut out).unwrap();
            let sequence_number = 8 + lost as u16;
            let len = packets[lost].len();
            assert_eq!(recovered, Recovered { ssrc: 2, sequence_number, len, recovered_len: len });
            assert_eq!(out[..len], *packets[lost]);
            let small = fec.recover(2, received, &mut out[..len - 1]);
            assert_eq!(small, Err(RecoveryError::BufferTooSmall { need: len, have: len - 1 }));
        }
    }

    #[test]
    fn the_example_of_rfc_5109_section_10_2() {
        let [a, b, c, d] = &example();
        let [first, second] = &two_levels();
        // Figures 12 and 13, but for M recovery: the figure takes it of all four packets, which gives 0. Of A and B, of
        // which one has the marker, section 8.1 makes it 1.
        assert_eq!(first[..14], hex("00990008 00000006 0044 0046c000"));
        assert_eq!(first[14..], parity(&[a, b], 0..70));
        // Figures 15, 16 and 17, M recovery again of C and D alone. The base is the lowest of all levels.
        assert_eq!(second[..14], hex("00990008 0000000e 0130 00463000"));
        assert_eq!(second[14..84], parity(&[c, d], 0..70));
        assert_eq!(second[84..88], hex("005af000"));
        assert_eq!(second[88..], parity(&[a, b, c, d], 70..160));
        let (first, second) = (UlpFec::parse(first).unwrap(), UlpFec::parse(second).unwrap());
        assert_eq!(second.to_string(), "ULPFEC [10,11]+70 [8,9,10,11]+90");
        let offsets: Vec<_> = second.levels().map(|level| level.offset()).collect();
        assert_eq!(offsets, [0, 70]);

        // C is lost: both levels together have all of it.
        let packets = [&a[..], b, c, d];
        let but = |lost: u16| {
            move |number: u16| {
                packets.get(usize::from(number) - 8).copied().filter(|_| number != lost)
            }
        };
        let mut out = [0xee; 400];
        let recovered = second.recover(2, but(10), &mut out).unwrap();
        assert!(recovered.is_complete());
        assert_eq!(out[..recovered.len], **c);
        // A is lost: its beginning from the first, what follows from level 1 of the second, the rest from none.
        let recovered = first.recover(2, but(8), &mut out).unwrap();
        let expected = Recovered { ssrc: 2, sequence_number: 8, len: 212, recovered_len: 82 };
        assert_eq!(recovered, expected);
        let level = second.levels().nth(1).unwrap();
        let end = level.recover(8, but(8), &mut out[..recovered.len]);
        assert_eq!(end, Some(172));
        assert_eq!(out[..172], a[..172]);
        // Level 0 of the second has no part of A.
        assert_eq!(second.level_0().recover(8, but(8), &mut out[..212]), None);
        assert_eq!(second.recover(2, but(8), &mut out), Err(RecoveryError::NothingLost));
        // C and A are lost: C up to where A has a part in it.
        let received = |number: u16| (number % 2 == 1).then(|| packets[usize::from(number) - 8]);
        let recovered = second.recover(2, received, &mut out).unwrap();
        assert_eq!((recovered.len, recovered.recovered_len), (112, 82));
        assert_eq!(out[..82], c[..82]);
    }

    #[test]
    fn what_is_not_there_or_wrong_is_said() {
        let [a, b, ..] = &example();
        let [first, _] = &two_levels();
        let fec = UlpFec::parse(first).unwrap();
        let mut out = [0; 400];
        assert_eq!(fec.recover(2, |_| None, &mut out), Err(RecoveryError::TooManyLost));
        let both = |number| Some(if number == 8 { &a[..] } else { b });
        assert_eq!(fec.recover(2, both, &mut out), Err(RecoveryError::NothingLost));
        let wrong = Err(RecoveryError::WrongPacket { sequence_number: 9 });
        for packet in [&a[..], &b[..11], &[]] {
            assert_eq!(fec.recover(2, |number| (number == 9).then_some(packet), &mut out), wrong);
        }
        let received = |number| (number == 9).then_some(&b[..]);
        assert_eq!(fec.recover(3, received, &mut out), wrong);
    }

    #[test]
    fn long_masks_are_taken_where_they_are_needed() {
        let packet = |sequence_number| {
            let builder = PacketBuilder {
                sequence_number,
                payload: &[sequence_number as u8],
                ..Default::default()
            };
            written(&builder).unwrap()
        };
        let packets = [65530, 3, 41].map(packet); // 0, 9 and 47 from the base, across the wrap
        let packets = [&packets[2][..], &packets[0], &packets[1]]; // in any order
        let levels = [UlpFecProtectedLevel::whole(&packets)];
        let bytes = written(&UlpFecProtection { levels: &levels }).unwrap();
        // RFC 5109 figures 3 and 4: L, SN base 65530, 1 byte, the first, tenth and last bit of 48.
        let parity = 65530u16 as u8 ^ 3 ^ 41;
        assert_eq!(bytes[..18], hex("4000fffa 00000000 0001 0001 804000000001"));
        assert_eq!(bytes[18..], [parity]);
        let fec = UlpFec::parse(&bytes).unwrap();
        assert!(fec.long_mask() && fec.level_0().sequence_numbers().eq([65530, 3, 41]));
        assert_eq!(fec.level_0().mask(), 0x8040_0000_0001);
        let short = [packet(1), packet(16)];
        let packets = [&short[0][..], &short[1]];
        let levels = [UlpFecProtectedLevel::whole(&packets)];
        let bytes = written(&UlpFecProtection { levels: &levels }).unwrap();
        assert_eq!(bytes[..14], hex("00000001 00000000 0000 0001 8001"));
    }

    #[test]
    fn what_cannot_be_protected_is_refused() {
        let [a, b, ..] = &example();
        fn refused(levels: &[UlpFecProtectedLevel<'_>], field: &'static str) {
            let error = Err(BuildError::OutOfRange { field });
            assert_eq!(written(&UlpFecProtection { levels }), error);
        }
        fn level<'a>(packets: &'a [&'a [u8]]) -> UlpFecProtectedLevel<'a> {
            UlpFecProtectedLevel { packets, protection_length: 5 }
        }
        refused(&[], "levels");
        refused(&[level(&[])], "levels");
        refused(&[level(&[a]), level(&[])], "levels");
        refused(&[level(&[a, a])], "protected packet");
        refused(&[level(&[a, &b[..11]])], "protected packet");
        refused(&[level(&[&b[..11]])], "protected packet");
        let (mut other, mut far, mut version) = (b.clone(), b.clone(), b.clone());
        other[11] = 9;
        refused(&[level(&[a, &other])], "protected packet");
        far[3] = 8 + 48;
        refused(&[level(&[a, &far])], "mask");
        far[3] = 8 + 47;
        assert!(written(&UlpFecProtection { levels: &[level(&[a, &far])] }).is_ok());
        version[0] = 0x40;
        refused(&[level(&[a, &version])], "protected packet");
        let long = vec![0x80; 12 + 65536];
        refused(&[level(&[&long])], "protected packet");
    }

    #[test]
    fn every_field_is_read_and_written() {
        // All bits but L, then all bits; a level without protection behind.
        for (first, levels) in [
            ("bfff1234 56789abc def0", "0001 8001 aa 0000 ffff"),
            ("ffff1234 56789abc def0", "0001 800000000001 aa 0000 ffffffffffff"),
        ] {
            let bytes = hex(&std::format!("{first} {levels}"));
            let fec = UlpFec::parse(&bytes).unwrap();
            assert!(fec.extension_flag() && fec.padding_recovery() && fec.extension_recovery());
            assert!(fec.marker_recovery());
            assert_eq!((fec.csrc_count_recovery(), fec.payload_type_recovery()), (15, 127));
            assert_eq!((fec.sequence_number_base(), fec.length_recovery()), (0x1234, 0xdef0));
            assert_eq!(fec.timestamp_recovery(), 0x5678_9abc);
            assert_eq!(fec.levels().count(), 2);
            let builder = UlpFecBuilder::from(fec);
            assert_eq!(written(&builder), Ok(bytes.clone()));
            let refused = |builder: UlpFecBuilder<'_>, field| {
                assert_eq!(written(&builder), Err(BuildError::OutOfRange { field }));
            };
            refused(UlpFecBuilder { csrc_count_recovery: 16, ..builder }, "CC recovery");
            refused(UlpFecBuilder { payload_type_recovery: 128, ..builder }, "PT recovery");
            refused(UlpFecBuilder { levels: &[], ..builder }, "levels");
            refused(UlpFecBuilder { levels: &builder.levels[1..], ..builder }, "levels");
        }
    }

    #[test]
    fn what_is_cut_short_is_refused_with_its_place() {
        let bytes = hex("00190008 00000006 0044 0000c000");
        refuses_every_truncation(&bytes, UlpFec::parse);
        let bytes = hex("00190008 00000006 0044 0002c000 aabb 0001c000 cc");
        let seen = |len: usize| {
            let error = UlpFec::parse(&bytes[..len]).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        assert_eq!(seen(9), ("FEC header", 0, ErrorKind::Truncated { need: 10, have: 9 }));
        assert_eq!(seen(10), ("level header", 10, ErrorKind::Truncated { need: 4, have: 0 }));
        assert_eq!(seen(15), ("protection length", 14, ErrorKind::Length { found: 2, have: 1 }));
        assert_eq!(seen(18), ("level header", 16, ErrorKind::Truncated { need: 4, have: 2 }));
        assert_eq!(seen(20), ("protection length", 20, ErrorKind::Length { found: 1, have: 0 }));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn serialises_every_field() {
        let bytes = hex("80990008 00000006 0044 0002c000 aabb");
        let json = serde_json::to_string(&UlpFec::parse(&bytes).unwrap()).unwrap();
        let expected = r#"{"e":true,"l":false,"p_recovery":false,"x_recovery":false,"cc_recovery":0,"m_recovery":true,"pt_recovery":25,"sn_base":8,"ts_recovery":6,"length_recovery":68,"levels":[{"protection_length":2,"mask":49152,"sequence_numbers":[8,9]}]}"#;
        assert_eq!(json, expected);
    }

    proptest! {
           #[test]
           fn any_lost_packet_is_had_again(
               base in any::<u16>(),
               parts in prop::collection::btree_map(
                   0u16..48,
                   (any::<u8>(), any::<u32>(), prop::collection::vec(any::<[u8; 4]>(), 0..3),
                       prop::collection::vec(any::<u8>(), 0..40), 0u8..4),
                   1..12),
               lost in any::<prop::sample::Index>(),
           ) {
               let packets: Vec<Vec<u8>> = parts.iter().map(|(step, (second, timestamp, csrc, payload, padding))| {
                   let builder = PacketBuilder {
                       marker: second & 0x80 != 0,
                       payload_type: PayloadType(second & 0x7f),
                       sequence_number: base.wrapping_add(*step),
                       timestamp: *timestamp,
                       ssrc: 7,
                       csrc,
                       payload,
                       padding: Padding::Zeros(*padding),
                       ..Default::default()
                   };
                   written(&builder).unwrap()
               }).collect();
               let list: Vec<_> = packets.iter().map(|packet| &packet[..]).collect();
               let levels = [UlpFecProtectedLevel::whole(&list)];
               let bytes = written(&UlpFecProtection { levels: &levels }).unwrap();
               let fec = UlpFec::parse(&bytes).unwrap();
               prop_assert_eq!(written(&UlpFecBuilder::from(fec)), Ok(bytes.clone()));
               let lost = lost.get(&packets);
               let received = |number: u16| {
                   list.iter().copied().find(|packet| packet[2..4] == number.to_be_bytes() && packet != lost)
               };
               let mut out = vec![0xee; lost.len()];
               prop_assert!(fec.recover(7, received, &mut out).unwrap().is_complete());
               prop_assert_eq!(&out, lost);
           }

           #[test]
           fn whatever_parses_is_written_again_and_recovers_without_panic(
               bytes in prop::collection::vec(prop_oneof![any::<u8>(), 0u8..3], 0..80),
               packet in prop::collection::vec(any::<u8>(), 0..40),
           ) {
               let Ok(fec) = UlpFec::parse(&bytes) else { return Ok(()) };
               prop_assert_eq!(written(&UlpFecBuilder::from(fec)), Ok(bytes.clone()));
               let numbers: Vec<_> = fec.level_0().sequence_numbers().collect();
               prop_assert_eq!(numbers.len(), fec.level_0().sequence_numbers().len());
               let mut out = [0; 100];
               let Some((lost, others)) = numbers.split_first() else { return Ok(()) };
               let received: Vec<_> = others.iter().map(|number| {
                   let mut packet = [&[0; 12], &packet[..]].concat();
                   packet[2..4].copy_from_slice(&number.to_be_bytes());
                   packet
               }).collect();
               let received = |number: u16| {
                   received.iter().map(|packet| &packet[..]).find(|packet| packet[2..4] == number.to_be_bytes())
               };
               match fec.recover(0, received, &mut out) {
                   Ok(recovered) => {
                       prop_assert_eq!(recovered.sequence_number, *lost);
                       prop_assert!(recovered.recovered_len <= recovered.len);
                       prop_assert!(recovered.len <= out.len());
                   }
                   Err(error) => {
    let small = matches!(error, RecoveryError::BufferTooSmall { .. });
    prop_assert!(small, "{error}");
    }
               }
           }
       }
}
