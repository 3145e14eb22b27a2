//! Transport-wide congestion control feedback, transport-cc (draft-holmer-rmcat-transport-wide-cc-extensions-01
//! section 3.1). Format 15 is not at IANA; it is what WebRTC sends.
//!
//! ```text
//! |V=2|P| FMT=15  |    PT=205     |            length             |  raw.rs
//! |                    SSRC of packet sender                      |
//! |                    SSRC of media source                       |
//! |     base sequence number      |     packet status count       |  fixed
//! |                reference time                 | fb pkt. count |
//! |         packet chunk          |         packet chunk          |  chunks
//! |         packet chunk          |  recv delta   |  recv delta   |  deltas
//! |          recv delta           |          zero padding         |  fill
//! ```
//!
//! A chunk gives the statuses of packets that follow each other, in symbols: 0 not received, 1 received with a delta of
//! one byte, 2 with one of two bytes, signed.
//!
//! ```text
//! |0|S S|       run length        |  the symbol S, that many times
//! |1|0| 14 symbols of one bit     |
//! |1|1| 7 symbols of two bits     |
//! ```
//!
//! Symbols behind the last packet that the status count announces say nothing, and take no delta.

use byteorder::{BE, ByteOrder};
use core::fmt;
use core::ops::Range;

use super::TransportFeedbackFormat;
use super::common::{
    START_LEN, common_accessors, debug_start, display_start, feedback_of, write_start,
};
use super::raw::Feedback;
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::rtcp::PacketType;
use crate::wire::{array, context};

// Places in the FCI, for reading and for writing.
pub(crate) const BASE_SEQUENCE_NUMBER: Range<usize> = 0..2;
pub(crate) const PACKET_STATUS_COUNT: Range<usize> = 2..4;
pub(crate) const REFERENCE_TIME: Range<usize> = 4..7;
pub(crate) const FEEDBACK_PACKET_COUNT: usize = 7;
pub(crate) const FIXED_LEN: usize = FEEDBACK_PACKET_COUNT + 1;

pub(crate) const FORMAT: (PacketType, u8) =
    (PacketType::RTPFB, TransportFeedbackFormat::TRANSPORT_CC.0);

/// The bytes of a chunk.
pub(crate) const CHUNK_LEN: usize = 2;
/// The most packets that a run covers, and those that a vector of one bit or of two has.
pub(crate) const MAX_RUN: u16 = 0x1FFF;
pub(crate) const ONE_BIT: u16 = 14;
pub(crate) const TWO_BIT: u16 = 7;

/// The units of deltas and of the reference time.
pub(crate) const DELTA_US: i64 = 250;
pub(crate) const DELTAS_PER_REFERENCE: i64 = 256;

/// What arrived when, for every packet of a transport, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TransportCc<'a> {
    common: Feedback<'a>,
    fixed: &'a [u8; FIXED_LEN],
    chunks: &'a [[u8; CHUNK_LEN]],
    deltas: &'a [u8],
    fill: &'a [u8],
}

impl<'a> TransportCc<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type or format, a version other than 2, a length or padding beyond the packet; chunks for fewer
    /// packets than the status count, the reserved symbol 3, fewer deltas than the chunks ask for.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("transport-cc", bytes, transport_cc)
    }

    common_accessors!();

    /// The transport-wide sequence number of the first packet.
    #[inline]
    pub fn base_sequence_number(&self) -> u16 {
        BE::read_u16(&self.fixed[BASE_SEQUENCE_NUMBER])
    }

    /// How many packets it tells of, received or not.
    #[inline]
    pub fn packet_status_count(&self) -> u16 {
        BE::read_u16(&self.fixed[PACKET_STATUS_COUNT])
    }

    /// What the first delta counts from, in units of 64 ms from a time of the sender's choice; 24 bits with sign.
    #[inline]
    pub fn reference_time(&self) -> i32 {
        BE::read_i24(&self.fixed[REFERENCE_TIME])
    }

    /// The number of this feedback packet, modulo 256: a gap tells that feedback was lost.
    #[inline]
    pub fn feedback_packet_count(&self) -> u8 {
        self.fixed[FEEDBACK_PACKET_COUNT]
    }

    /// Every packet from the base sequence number on, with its status as it is on the wire.
    #[inline]
    pub fn statuses(&self) -> PacketStatuses<'a> {
        PacketStatuses {
            chunks: self.chunks.iter(),
            deltas: self.deltas,
            symbols: Symbols { bits: 0, left: 0 },
            next: self.base_sequence_number(),
            left: self.packet_status_count(),
        }
    }

    /// Every packet from the base sequence number on, and when it was received: microseconds from the time that
    /// reference times count from, in steps of 250; `None` if it was not.
    ///
    /// Times of one feedback sender compare from packet to packet; they wrap, with the reference time, after 12 days.
    #[inline]
    pub fn arrivals(&self) -> impl ExactSizeIterator<Item = (u16, Option<i64>)> + Clone + use<'a> {
        let mut time = i64::from(self.reference_time()) * DELTAS_PER_REFERENCE;
        self.statuses().map(move |(number, status)| {
            let arrival = status.delta().map(|delta| {
                time += i64::from(delta);
                time * DELTA_US
            });
            (number, arrival)
        })
    }

    /// The packet chunks in wire form; the last one may have symbols for more packets than there are.
    #[inline]
    pub const fn chunks(&self) -> &'a [[u8; CHUNK_LEN]] {
        self.chunks
    }

    /// The receive deltas in wire form.
    #[inline]
    pub const fn deltas(&self) -> &'a [u8] {
        self.deltas
    }

    /// What lies between the last delta and the padding: zeros up to the 32-bit boundary, where the sender does not
    /// use the padding for that.
    #[inline]
    pub const fn fill(&self) -> &'a [u8] {
        self.fill
    }
}

/// Validates the whole packet: after this no accessor and no iterator can fail.
#[inline]
pub(crate) fn transport_cc(i: &[u8]) -> Step<'_, TransportCc<'_>> {
    let (rest, common) = feedback_of(FORMAT.0, FORMAT.1)(i)?;
    let (left, fixed) = context("fixed fields", array)(common.fci)?;
    let count = BE::read_u16(&fixed[PACKET_STATUS_COUNT]);
    let found = match walk(count, left.as_chunks().0) {
        Ok(found) => found,
        Err(Broken { field, chunk, kind }) => {
            let at = left.get(chunk * CHUNK_LEN..).unwrap_or_default();
            let kind = kind.unwrap_or(ErrorKind::Count { need: CHUNK_LEN, have: at.len() });
            return Err(Fail::field(field, at, kind));
        }
    };
    let (chunks, left) = left.split_at_checked(found.chunks * CHUNK_LEN).unwrap_or((left, &[]));
    let Some((deltas, fill)) = left.split_at_checked(found.deltas) else {
        let kind = ErrorKind::Count { need: found.deltas, have: left.len() };
        return Err(Fail::field("receive deltas", left, kind));
    };
    let chunks = chunks.as_chunks().0;
    Ok((rest, TransportCc { common, fixed, chunks, deltas, fill }))
}

/// What `count` packets take.
struct Walked {
    /// Chunks, as a number of them.
    chunks: usize,
    /// Deltas, as a number of bytes.
    deltas: usize,
}

/// Why chunks do not do for the packets.
struct Broken {
    field: &'static str,
    /// Which chunk.
    chunk: usize,
    /// `None` if it is not there.
    kind: Option<ErrorKind>,
}

/// Goes through the chunks of `count` packets, whole chunks at a time.
#[inline]
fn walk(count: u16, chunks: &[[u8; CHUNK_LEN]]) -> Result<Walked, Broken> {
    let (mut left, mut deltas) = (count, 0);
    let mut all = chunks.iter();
    while left > 0 {
        let chunk = chunks.len() - all.len();
        let Some(&bytes) = all.next() else {
            return Err(Broken { field: "packet chunks", chunk, kind: None });
        };
        let symbols = Symbols::of(bytes);
        let used = symbols.left.min(left);
        // The symbols from the highest bit on; those of a run repeat, and 16 of them fill the word.
        let mask = u32::MAX.checked_shl(32 - 2 * u32::from(used.min(16))).unwrap_or(0);
        let bits = symbols.bits & mask;
        if bits & (bits >> 1) & 0x5555_5555 != 0 {
            let kind = Some(ErrorKind::Value { found: 3 });
            return Err(Broken { field: "packet status symbol", chunk, kind });
        }
        // A symbol is the size of its delta.
        deltas += if used <= 16 {
            sum_of_pairs(bits)
        } else {
            usize::try_from(bits >> 30).unwrap_or(0) * usize::from(used)
        };
        left -= used;
    }
    Ok(Walked { chunks: chunks.len() - all.len(), deltas })
}

/// The sum of the 16 numbers of two bits.
#[inline]
fn sum_of_pairs(bits: u32) -> usize {
    let fours = (bits & 0x3333_3333) + ((bits >> 2) & 0x3333_3333);
    let eights = (fours + (fours >> 4)) & 0x0F0F_0F0F;
    usize::try_from(eights.wrapping_mul(0x0101_0101) >> 24).unwrap_or(0)
}

/// The symbols of one chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Symbols {
    /// Two bits each, the next one highest; turned to the left for the one after it. A run fills all 16 places, so
    /// that it comes round.
    bits: u32,
    /// How many of them.
    left: u16,
}

impl Symbols {
    #[inline]
    fn of(chunk: [u8; CHUNK_LEN]) -> Self {
        let chunk = u16::from_be_bytes(chunk);
        let bits = u32::from(chunk & 0x3FFF);
        match chunk >> 14 {
            2 => Self { bits: spread(bits) << 4, left: ONE_BIT },
            3 => Self { bits: bits << 18, left: TWO_BIT },
            _ => Self { bits: u32::from(chunk >> 13) * 0x5555_5555, left: chunk & MAX_RUN },
        }
    }
}

/// Bit i goes to bit 2i: symbols of one bit become symbols of two.
#[inline]
const fn spread(bits: u32) -> u32 {
    let bits = (bits | bits << 8) & 0x00FF_00FF;
    let bits = (bits | bits << 4) & 0x0F0F_0F0F;
    let bits = (bits | bits << 2) & 0x3333_3333;
    (bits | bits << 1) & 0x5555_5555
}

/// What a transport-cc packet says of one packet, with the delta that belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PacketStatus {
    /// Not received, so far.
    NotReceived,
    /// Received this many 250 µs after the packet received before it in this list, or after the reference time.
    SmallDelta(u8),
    /// The same; below zero where the packet overtook the one before it.
    LargeDelta(i16),
}

impl PacketStatus {
    /// The delta in units of 250 µs; `None` if the packet was not received.
    #[inline]
    pub fn delta(self) -> Option<i16> {
        match self {
            Self::NotReceived => None,
            Self::SmallDelta(delta) => Some(delta.into()),
            Self::LargeDelta(delta) => Some(delta),
        }
    }

    /// The delta in microseconds; `None` if the packet was not received.
    #[inline]
    pub fn delta_us(self) -> Option<i32> {
        self.delta().map(|delta| i32::from(delta) * 250)
    }
}

/// Sequence numbers and statuses, one for each packet; what [`TransportCc::statuses`] gives.
#[derive(Clone, Debug)]
pub struct PacketStatuses<'a> {
    chunks: core::slice::Iter<'a, [u8; CHUNK_LEN]>,
    deltas: &'a [u8],
    /// What is left of the chunk at hand.
    symbols: Symbols,
    next: u16,
    left: u16,
}

impl Iterator for PacketStatuses<'_> {
    type Item = (u16, PacketStatus);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        while self.symbols.left == 0 {
            self.symbols = Symbols::of(*self.chunks.next()?);
        }
        self.symbols.left -= 1;
        self.symbols.bits = self.symbols.bits.rotate_left(2);
        let status = match self.symbols.bits & 3 {
            1 => {
                let (&delta, rest) = self.deltas.split_first()?;
                self.deltas = rest;
                PacketStatus::SmallDelta(delta)
            }
            2 => {
                let (&delta, rest) = self.deltas.split_first_chunk()?;
                self.deltas = rest;
                PacketStatus::LargeDelta(i16::from_be_bytes(delta))
            }
            // The packet has no symbol 3: it would not have been parsed.
            _ => PacketStatus::NotReceived,
        };
        let number = self.next;
        self.next = number.wrapping_add(1);
        Some((number, status))
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left.into(), Some(self.left.into()))
    }
}

impl ExactSizeIterator for PacketStatuses<'_> {}
impl core::iter::FusedIterator for PacketStatuses<'_> {}

/// `TRANSPORT-CC sender=… media=… base=65535 packets=3 received=2 reference_time=-1 feedback=7`.
impl fmt::Display for TransportCc<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display_start(f, &self.common)?;
        let received = self.statuses().filter(|(_, status)| status.delta().is_some()).count();
        write!(f, " base={} packets={}", self.base_sequence_number(), self.packet_status_count())?;
        write!(f, " received={received} reference_time={}", self.reference_time())?;
        write!(f, " feedback={}", self.feedback_packet_count())
    }
}

impl fmt::Debug for TransportCc<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug_start(f, "TransportCc", &self.common)
            .field("base_sequence_number", &self.base_sequence_number())
            .field("packet_status_count", &self.packet_status_count())
            .field("reference_time", &self.reference_time())
            .field("feedback_packet_count", &self.feedback_packet_count())
            .field("statuses", &crate::show::DebugList(self.statuses()))
            .field("fill", &self.fill())
            .finish()
    }
}

#[cfg(feature = "serde")]
mod json {
    use serde::ser::{Serialize, SerializeMap, Serializer};

    use super::{PacketStatus, TransportCc};
    use crate::rtcp::feedback::common::serialize_start;
    use crate::ser::List;

    impl Serialize for TransportCc<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            serialize_start(&mut map, &self.common)?;
            map.serialize_entry("base_sequence_number", &self.base_sequence_number())?;
            map.serialize_entry("packet_status_count", &self.packet_status_count())?;
            map.serialize_entry("reference_time", &self.reference_time())?;
            map.serialize_entry("feedback_packet_count", &self.feedback_packet_count())?;
            map.serialize_entry("packets", &List(self.statuses().map(Entry)))?;
            map.end()
        }
    }

    struct Entry((u16, PacketStatus));

    impl Serialize for Entry {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let Self((number, status)) = self;
            let mut map = serializer.serialize_map(None)?;
            map.serialize_entry("sequence_number", number)?;
            let name = match status {
                PacketStatus::NotReceived => "not_received",
                PacketStatus::SmallDelta(_) => "small_delta",
                PacketStatus::LargeDelta(_) => "large_delta",
            };
            map.serialize_entry("status", name)?;
            if let Some(delta) = status.delta_us() {
                map.serialize_entry("delta_us", &delta)?;
            }
            map.end()
        }
    }
}

/// A transport-cc packet to be written with chunks and deltas in wire form, such as a view's;
/// [`TransportCcArrivals`](super::TransportCcArrivals) makes packets out of arrival times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TransportCcBuilder<'a> {
    /// As [`TransportCc::sender_ssrc`]; every field points to its accessor so.
    pub sender_ssrc: u32,
    /// As [`TransportCc::media_ssrc`].
    pub media_ssrc: u32,
    /// As [`TransportCc::base_sequence_number`].
    pub base_sequence_number: u16,
    /// As [`TransportCc::packet_status_count`].
    pub packet_status_count: u16,
    /// As [`TransportCc::reference_time`]; 24 bits with sign.
    pub reference_time: i32,
    /// As [`TransportCc::feedback_packet_count`].
    pub feedback_packet_count: u8,
    /// As [`TransportCc::chunks`]: those that the status count takes.
    pub chunks: &'a [[u8; CHUNK_LEN]],
    /// As [`TransportCc::deltas`]: those that the chunks ask for.
    pub deltas: &'a [u8],
    /// As [`TransportCc::fill`]. Empty: as many null bytes as it takes.
    pub fill: &'a [u8],
    /// As [`TransportCc::padding`]; 1 to 3 bytes of it may take the place of `fill`, as libwebrtc has it.
    pub padding: &'a [u8],
}

impl TransportCcBuilder<'_> {
    /// The length without fill of our own.
    #[inline]
    fn given_len(&self) -> usize {
        let lists = self.chunks.as_flattened().len() + self.deltas.len() + self.fill.len();
        START_LEN + FIXED_LEN + lists + self.padding.len()
    }

    /// Null bytes to be written behind the deltas.
    #[inline]
    fn zeros(&self) -> usize {
        if self.fill.is_empty() { self.given_len().wrapping_neg() % 4 } else { 0 }
    }
}

impl<'a> From<TransportCc<'a>> for TransportCcBuilder<'a> {
    fn from(view: TransportCc<'a>) -> Self {
        Self {
            sender_ssrc: view.sender_ssrc(),
            media_ssrc: view.media_ssrc(),
            base_sequence_number: view.base_sequence_number(),
            packet_status_count: view.packet_status_count(),
            reference_time: view.reference_time(),
            feedback_packet_count: view.feedback_packet_count(),
            chunks: view.chunks,
            deltas: view.deltas,
            fill: view.fill,
            padding: view.padding(),
        }
    }
}

impl Encode for TransportCcBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        self.given_len() + self.zeros()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let refused = |field| Err(BuildError::OutOfRange { field });
        if !(-0x80_0000..=0x7F_FFFF).contains(&self.reference_time) {
            return refused("reference time");
        }
        match walk(self.packet_status_count, self.chunks) {
            Err(broken) => return refused(broken.field),
            Ok(found) if found.chunks != self.chunks.len() => return refused("packet chunks"),
            Ok(found) if found.deltas != self.deltas.len() => return refused("receive deltas"),
            Ok(_) => {}
        }
        let ssrcs = (self.sender_ssrc, self.media_ssrc);
        write_start(out, FORMAT, ssrcs, self.encoded_len(), self.padding)?;
        let fixed = out.array::<FIXED_LEN>()?;
        BE::write_u16(&mut fixed[BASE_SEQUENCE_NUMBER], self.base_sequence_number);
        BE::write_u16(&mut fixed[PACKET_STATUS_COUNT], self.packet_status_count);
        let [_, reference_time @ ..] = self.reference_time.to_be_bytes();
        fixed[REFERENCE_TIME].copy_from_slice(&reference_time);
        fixed[FEEDBACK_PACKET_COUNT] = self.feedback_packet_count;
        out.bytes(self.chunks.as_flattened())?;
        out.bytes(self.deltas)?;
        out.bytes(self.fill)?;
        out.zeros(self.zeros())?;
        out.bytes(self.padding)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;
    use crate::testing::{refuses_every_truncation, words};
    use PacketStatus::{LargeDelta as Large, NotReceived as Lost, SmallDelta as Small};

    // The example of inspect-json.md: draft section 3.1, a chunk of two-bit symbols, libwebrtc's padding.
    const SHORT: [u32; 7] = [
        0xafcd_0006, // V=2 P=1 FMT=15 PT=205 length=6
        1,           // SSRC of packet sender
        2,           // SSRC of media source
        0xffff_0003, // base sequence number, packet status count
        0xffff_ff07, // reference time -1, feedback packet count
        0xd200_04ff, // symbols 1, 0, 2; delta 4; the first byte of -4
        0xfc00_0003, // and its second; padding of 3 bytes
    ];

    // chromium-vp8-simulcast.pcap, frame 758.
    const CHROMIUM: [u32; 10] = [
        0xafcd_0009, // V=2 P=1 FMT=15 PT=205 length=9
        0xfa17_fa17,
        0x2f0c_5588,
        0x0250_000f, // base 592, 15 packets
        0x004b_7142, // reference time 19313, feedback packet count 66
        0xbeff_2001, // a vector of 14, a run of one
        0xc210_0000, // deltas
        0x0050_1838,
        0x0520_0100,
        0x0002_0002, // padding of 2 bytes
    ];

    /// Padding up to 32-bit boundaries too, as libwebrtc has it.
    const SHORT_PADDINGS: &[&[u8]] = &[&[], &[1], &[0, 2], &[0, 0, 3], &[0, 0, 0, 4]];

    /// A packet without padding: counts, reference time and feedback packet count in `fixed`, then what follows.
    fn packet(fixed: [u32; 2], rest: &[u8]) -> Vec<u8> {
        let length = u16::try_from(4 + rest.len() / 4).unwrap();
        let mut bytes = words([0x8fcd_0000 | u32::from(length), 1, 2, fixed[0], fixed[1]]);
        bytes.extend(rest);
        bytes
    }

    fn statuses(bytes: &[u8]) -> Vec<(u16, PacketStatus)> {
        TransportCc::parse(bytes).unwrap().statuses().collect()
    }

    fn refused(bytes: &[u8]) -> (&'static str, usize, ErrorKind) {
        let error = TransportCc::parse(bytes).unwrap_err();
        (error.field, error.offset, error.kind)
    }

    fn writes_it_again(bytes: &[u8]) {
        let packet = TransportCc::parse(bytes).unwrap();
        assert_eq!(TransportCcBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(SHORT);
        let packet = TransportCc::parse(&bytes).unwrap();
        assert_eq!((packet.sender_ssrc(), packet.media_ssrc()), (1, 2));
        assert_eq!((packet.base_sequence_number(), packet.packet_status_count()), (65535, 3));
        assert_eq!((packet.reference_time(), packet.feedback_packet_count()), (-1, 7));
        assert_eq!(statuses(&bytes), [(65535, Small(4)), (0, Lost), (1, Large(-4))]);
        assert!(packet.arrivals().eq([(65535, Some(-63_000)), (0, None), (1, Some(-64_000))]));
        assert_eq!((packet.fill(), packet.padding()), (&[][..], &[0, 0, 3][..]));
        let line = "TRANSPORT-CC sender=0x00000001 media=0x00000002 \
                    base=65535 packets=3 received=2 reference_time=-1 feedback=7";
        assert_eq!(packet.to_string(), line);
        writes_it_again(&bytes);
    }

    #[test]
    fn a_packet_of_chromium() {
        let bytes = words(CHROMIUM);
        let packet = TransportCc::parse(&bytes).unwrap();
        assert_eq!((packet.reference_time(), packet.feedback_packet_count()), (19313, 66));
        // tshark's deltas, in µs.
        let deltas =
            [48_500, 4_000, 0, 0, 0, -1, 20_000, 6_000, 14_000, 1_250, 8_000, 250, 0, 0, 500];
        let expected = (592..).zip(deltas.map(|delta| (delta >= 0).then_some(delta)));
        let got = packet.statuses().map(|(number, status)| (number, status.delta_us()));
        assert!(got.eq(expected));
        assert_eq!(packet.arrivals().next(), Some((592, Some(19313 * 64_000 + 48_500))));
        assert_eq!(packet.arrivals().last(), Some((606, Some(19313 * 64_000 + 102_500))));
        writes_it_again(&bytes);
    }

    #[test]
    fn packets_of_gstreamer_are_filled_with_zeros() {
        // gst-vp8-opusred-exts-ipv6.pcap, frames 67 and 324.
        let bytes = words([
            0x8fcd_0007,
            0x0e87_0d0c,
            0x9e5e_fed9,
            0x0000_0007,
            0x0000_1800,
            0x2007_0020,
            0x0716_0800,
            0,
        ]);
        let small = |number, delta| (number, Small(delta));
        let expected = [(0, 0), (1, 32), (2, 7), (3, 22), (4, 8), (5, 0), (6, 0)];
        assert_eq!(statuses(&bytes), expected.map(|(number, delta)| small(number, delta)));
        assert_eq!(TransportCc::parse(&bytes).unwrap().fill(), [0, 0, 0]);
        writes_it_again(&bytes);
        let bytes =
            words([0x8fcd_0005, 0x0e87_0d0c, 0x9e5e_fed9, 0x0088_0003, 0x0000_5330, 0xa800_0100]);
        assert_eq!(statuses(&bytes), [small(136, 1), (137, Lost), small(138, 0)]);
        writes_it_again(&bytes);
    }

    #[test]
    fn all_lost_and_nothing_at_all_are_valid() {
        // A run of 5 and one of 14 more, which fill the word; no deltas.
        let bytes = packet([19, 0], &[0x00, 5, 0x00, 14]);
        assert!(statuses(&bytes).iter().all(|&(_, status)| status == Lost));
        assert_eq!(statuses(&bytes).len(), 19);
        writes_it_again(&bytes);
        let bytes = packet([0, 0], &[]);
        assert_eq!(statuses(&bytes), []);
        writes_it_again(&bytes);
    }

    #[test]
    fn symbols_beyond_the_status_count_say_nothing() {
        // 14 times "received" for 2 packets; 7 times symbol 3 behind the first; a run of 100 large deltas for 1.
        let bytes = packet([2, 0], &[0xBF, 0xFF, 1, 2]);
        assert_eq!(statuses(&bytes), [(0, Small(1)), (1, Small(2))]);
        writes_it_again(&bytes);
        let bytes = packet([1, 0], &[0xDF, 0xFF, 9, 0]);
        assert_eq!(statuses(&bytes), [(0, Small(9))]);
        writes_it_again(&bytes);
        let bytes = packet([1, 0], &[0x40, 100, 0xFF, 0xFE]);
        assert_eq!(statuses(&bytes), [(0, Large(-2))]);
        writes_it_again(&bytes);
    }

    #[test]
    fn runs_of_large_deltas_and_vectors_take_their_deltas() {
        // 3 large, then symbols 2 1 0 2 1 1 0.
        let chunks = [0x40, 3, 0b1110_0100, 0b1001_0100];
        let deltas = [0, 1, 0, 2, 0x80, 0, 0x7F, 0xFF, 5, 0, 6, 7, 8, 0, 0, 0];
        let bytes = packet([10, 0], &[&chunks[..], &deltas].concat());
        let expected = [
            Large(1),
            Large(2),
            Large(-32768),
            Large(32767),
            Small(5),
            Lost,
            Large(6),
            Small(7),
            Small(8),
            Lost,
        ];
        assert!(statuses(&bytes).into_iter().map(|(_, status)| status).eq(expected));
        assert_eq!(TransportCc::parse(&bytes).unwrap().fill(), [0, 0, 0]);
        writes_it_again(&bytes);
    }

    #[test]
    fn a_run_of_nothing_is_passed_over() {
        let bytes = packet([1, 0], &[0x20, 0, 0x20, 1, 7, 0, 0, 0]);
        assert_eq!(statuses(&bytes), [(0, Small(7))]);
        writes_it_again(&bytes);
    }

    #[test]
    fn the_reference_time_has_24_bits_and_a_sign() {
        let reference =
            |word| TransportCc::parse(&packet([0, word], &[])).unwrap().reference_time();
        assert_eq!(reference(0x8000_0000), -0x80_0000);
        assert_eq!(reference(0x7FFF_FF00), 0x7F_FFFF);
        let builder = TransportCcBuilder { reference_time: 0x80_0000, ..Default::default() };
        assert_eq!(builder.to_vec(), Err(BuildError::OutOfRange { field: "reference time" }));
    }

    #[test]
    fn refuses_what_does_not_add_up_at_its_place() {
        refuses_every_truncation(&words(CHROMIUM), TransportCc::parse);
        let symbol = ErrorKind::Value { found: 3 };
        let bytes = packet([8, 0], &[0x20, 1, 0xC3, 0, 7, 0, 0, 0]);
        assert_eq!(refused(&bytes), ("packet status symbol", 22, symbol));
        let bytes = packet([1000, 0], &[0x60 | 3, 0xE8, 0, 0]);
        assert_eq!(refused(&bytes), ("packet status symbol", 20, symbol));
        let count = |need, have| ErrorKind::Count { need, have };
        let bytes = packet([9, 0], &[0x20, 5, 0x20, 3]);
        assert_eq!(refused(&bytes), ("packet chunks", 24, count(2, 0)));
        let bytes = packet([3, 0], &[0x20, 3, 1, 2]);
        assert_eq!(refused(&bytes), ("receive deltas", 22, count(3, 2)));
        let bytes = packet([4000, 0], &[0x40 | 0x0F, 0xA0, 1, 2]);
        assert_eq!(refused(&bytes), ("receive deltas", 22, count(8000, 2)));
        // No room for the fixed fields.
        let kind = ErrorKind::Truncated { need: 8, have: 4 };
        assert_eq!(refused(&words([0x8fcd_0003, 1, 2, 3])), ("fixed fields", 12, kind));
        // Padding is no delta.
        let bytes = words([0xafcd_0005, 1, 2, 1, 0, 0x2001_0002]);
        assert_eq!(refused(&bytes), ("receive deltas", 22, count(1, 0)));
        let kind = ErrorKind::Value { found: 206 };
        assert_eq!(refused(&words([0x8fce_0004, 1, 2, 0, 0])), ("packet type", 1, kind));
        let kind = ErrorKind::Value { found: 11 };
        assert_eq!(refused(&words([0x8bcd_0004, 1, 2, 0, 0])), ("format", 0, kind));
    }

    #[test]
    fn refuses_to_build_what_does_not_add_up() {
        let builder = TransportCcBuilder { packet_status_count: 1, ..Default::default() };
        let refused = |builder: TransportCcBuilder<'_>| match builder.to_vec() {
            Err(BuildError::OutOfRange { field }) => field,
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(builder), "packet chunks");
        let chunks = &[[0, 1], [0, 1]];
        assert_eq!(refused(TransportCcBuilder { chunks, ..builder }), "packet chunks");
        let chunks = &[[0x20, 1]];
        assert_eq!(refused(TransportCcBuilder { chunks, ..builder }), "receive deltas");
        let deltas = &[1, 2];
        assert_eq!(refused(TransportCcBuilder { chunks, deltas, ..builder }), "receive deltas");
        let chunks = &[[0x60, 1]];
        assert_eq!(refused(TransportCcBuilder { chunks, ..builder }), "packet status symbol");
    }

    #[cfg(feature = "serde")]
    #[test]
    fn its_json_is_that_of_the_inspector() {
        let bytes = words(SHORT);
        let json = r#"{"version":2,"padding":true,"packet_type":205,"length":6,"padding_size":3,"type":"transport_cc","fmt":15,"sender_ssrc":1,"media_ssrc":2,"base_sequence_number":65535,"packet_status_count":3,"reference_time":-1,"feedback_packet_count":7,"packets":[{"sequence_number":65535,"status":"small_delta","delta_us":1000},{"sequence_number":0,"status":"not_received"},{"sequence_number":1,"status":"large_delta","delta_us":-1000}]}"#;
        assert_eq!(serde_json::to_string(&TransportCc::parse(&bytes).unwrap()).unwrap(), json);
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (sender_ssrc, media_ssrc, base_sequence_number) in any::<(u32, u32, u16)>(),
            (reference_time, feedback_packet_count) in (-0x80_0000i32..0x80_0000, any::<u8>()),
            mut chunks in prop::collection::vec(any::<[u8; 2]>(), 0..20),
            padding in prop::sample::select(SHORT_PADDINGS),
        ) {
            // Chunks without the symbol 3, and runs that are not too long; deltas for all of them.
            for chunk in &mut chunks {
                match chunk[0] >> 6 {
                    3 => *chunk = (u16::from_be_bytes(*chunk) & 0xEAAA).to_be_bytes(),
                    0 | 1 if chunk[0] & 0x60 == 0x60 => *chunk = [0x40, chunk[1]],
                    0 | 1 => chunk[0] &= 0x60,
                    _ => {}
                }
            }
            chunks.retain(|&chunk| Symbols::of(chunk).left > 0);
            let packet_status_count = chunks.iter().map(|&chunk| Symbols::of(chunk).left).sum();
            let found = walk(packet_status_count, &chunks).map_err(|broken| broken.field).unwrap();
            prop_assert_eq!(found.chunks, chunks.len());
            let deltas: Vec<u8> = (0..found.deltas).map(|place| place as u8).collect();
            let builder = TransportCcBuilder {
                sender_ssrc, media_ssrc, base_sequence_number, packet_status_count, reference_time,
                feedback_packet_count, chunks: &chunks, deltas: &deltas, fill: &[], padding,
            };
            let bytes = builder.to_vec().unwrap();
            let packet = TransportCc::parse(&bytes).unwrap();
            let fill = packet.fill();
            prop_assert_eq!(TransportCcBuilder::from(packet), TransportCcBuilder { fill, ..builder });
            crate::testing::counts(packet.statuses());
            prop_assert_eq!(TransportCcBuilder::from(packet).to_vec().unwrap(), bytes);
        }

        #[test]
        fn what_parses_is_written_again(
            count in 0u32..60,
            first in prop::sample::select(&[0x20u8, 0x40, 0x80, 0xA5, 0xC0, 0xD4, 0x60, 0xFF][..]),
            mut rest in prop::collection::vec(any::<u8>(), 3..60),
        ) {
            rest.insert(0, first);
            rest.truncate(rest.len() / 4 * 4);
            let bytes = packet([count, 0], &rest);
            if let Ok(packet) = TransportCc::parse(&bytes) {
                prop_assert_eq!(packet.statuses().count(), usize::try_from(count).unwrap());
                let deltas: usize = packet.statuses().map(|(_, status)| match status {
                    Lost => 0,
                    Small(_) => 1,
                    Large(_) => 2,
                }).sum();
                prop_assert_eq!(deltas, packet.deltas().len());
                prop_assert_eq!(TransportCcBuilder::from(packet).to_vec().unwrap(), bytes);
            }
        }
    }
}
