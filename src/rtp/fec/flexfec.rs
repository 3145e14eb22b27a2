//! Flexible FEC, FlexFEC (RFC 8627 section 4.2.2).
//!
//! ```text
//! |R|F|P|X|  CC   |M| PT recovery |        length recovery        |  recovery, where R is 0
//! |                          TS recovery                          |
//! |            SN base            |k|        mask 0-14            |  with F = 0, for each CSRC of the RTP header
//! |k|                      mask 15-45, if k                       |
//! |                   mask 46-109, if both k, 8 bytes             |
//! |            SN base            |   L (columns) |    D (rows)   |  with F = 1, for each CSRC of the RTP header
//! |                     repair payload ...                        |  repair
//! ```
//!
//! With R = 1 and F = 0 the payload is an RTP packet as it was sent, whose version, 2, is those two bits.

use core::fmt;
use core::iter::FusedIterator;
use core::ops::Range;

use byteorder::{BE, ByteOrder};
use nom::Parser;
use nom::error::context;

use super::parity::{self, FIRST_BITS, HeaderParity};
use super::recovery::{Recovered, RecoveryError, SequenceNumbers};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::rtp::Packet;
use crate::rtp::packet::{CSRC_COUNT, EXTENSION, FIXED_LEN, MARKER, PADDING, PAYLOAD_TYPE, packet};
use crate::show::DebugList;
use crate::wire::{array, be_u16, byte};

// Places in the recovery fields.
const FIRST: usize = 0;
const SECOND: usize = 1;
const LENGTH_RECOVERY: Range<usize> = 2..4;
const TS_RECOVERY: Range<usize> = 4..8;
const RECOVERY_LEN: usize = TS_RECOVERY.end;

// Bits of the first byte, where an RTP packet has its version.
const RETRANSMISSION: u8 = 0x80;
const FIXED: u8 = 0x40;

/// Bits of a mask without its continuation, with one, with both; k before them says that another follows.
const MASK_LENS: [u8; 3] = [15, 46, 110];

/// A FlexFEC payload, read in place.
///
/// ```
/// use mediawire::rtp::{FlexFec, Packet};
///
/// let datagram = [
///     0x81, 0x70, 0, 1, 0, 0, 0, 9, 0, 0, 0, 5, // RTP header, CC=1
///     0, 0, 0, 7, // CSRC: the source that is protected
///     0x00, 0x19, 0x00, 0x01, 0, 0, 0, 6, // PT, length and TS recovery
///     0x00, 0x08, 0x50, 0x00, // SN base 8, mask: the first and the third
///     0xaa, 0xbb, // repair payload
/// ];
/// let packet = Packet::parse(&datagram)?;
/// let FlexFec::Repair(repair) = FlexFec::parse(packet.payload(), packet.csrc_bytes())? else {
///     panic!("a retransmission");
/// };
/// let source = repair.sources().next().expect("one source");
/// assert_eq!((source.ssrc, source.sequence_numbers().collect()), (7, vec![8, 10]));
/// # Ok::<(), mediawire::ParseError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlexFec<'a> {
    /// The parity of several packets: R = 0.
    Repair(FlexFecRepair<'a>),
    /// A packet as it was sent: R = 1, F = 0. To write one is to write the packet.
    Retransmission(Packet<'a>),
}

impl<'a> FlexFec<'a> {
    /// Reads the payload of an RTP packet, without its padding. `csrc` is that packet's
    /// [`csrc_bytes`](Packet::csrc_bytes): it lists the protected sources.
    ///
    /// # Errors
    /// R and F both 1; no CSRC; L of 0; a mask or a set of rows beyond the payload; in a retransmission what is no RTP
    /// packet.
    #[inline]
    pub fn parse(payload: &'a [u8], csrc: &'a [[u8; 4]]) -> Result<Self, ParseError> {
        run("FlexFEC payload", payload, |i| flexfec(i, csrc))
    }
}

#[inline]
fn flexfec<'a>(i: &'a [u8], csrc: &'a [[u8; 4]]) -> Step<'a, FlexFec<'a>> {
    let (_, first) = context("FEC header", byte).parse(i)?;
    if first & RETRANSMISSION == 0 {
        let (rest, repair) = repair(i, csrc)?;
        return Ok((rest, FlexFec::Repair(repair)));
    }
    if first & FIXED != 0 {
        return Err(Fail::field("R and F", i, ErrorKind::Value { found: 3 }));
    }
    let (rest, packet) = packet(i)?;
    Ok((rest, FlexFec::Retransmission(packet)))
}

#[inline]
fn repair<'a>(i: &'a [u8], csrc: &'a [[u8; 4]]) -> Step<'a, FlexFecRepair<'a>> {
    let (blocks, header) = context("FEC header", array::<RECOVERY_LEN>).parse(i)?;
    if csrc.is_empty() {
        return Err(Fail::field("CSRC count", i, ErrorKind::Value { found: 0 }));
    }
    let fixed = header[FIRST] & FIXED != 0;
    let mut repair = blocks;
    for _ in csrc {
        (repair, _) = set(repair, fixed)?;
    }
    Ok((&[], FlexFecRepair { header, csrc, blocks, repair }))
}

/// The set of packets of one source.
#[inline]
fn set(i: &[u8], fixed: bool) -> Step<'_, (u16, FlexFecSet)> {
    let (rest, base) = context("SN base", be_u16).parse(i)?;
    if fixed {
        let (after, &[columns, rows]) = context("L and D", array).parse(rest)?;
        if columns == 0 {
            // With D = 0 too it is reserved; with another D no packet follows another.
            return Err(Fail::field("L", rest, ErrorKind::Value { found: 0 }));
        }
        return Ok((after, (base, FlexFecSet::Fixed { columns, rows })));
    }
    let (mut rest, first) = context("mask", be_u16).parse(rest)?;
    let mut mask = u128::from(first & 0x7FFF);
    let mut len = MASK_LENS[0];
    if first & 0x8000 != 0 {
        let (next, &second) = context("mask", array).parse(rest)?;
        let second = u32::from_be_bytes(second);
        (rest, mask, len) = (next, mask << 31 | u128::from(second & 0x7FFF_FFFF), MASK_LENS[1]);
        if second & 0x8000_0000 != 0 {
            let (next, &third) = context("mask", array).parse(rest)?;
            let third = u64::from_be_bytes(third);
            (rest, mask, len) = (next, mask << 64 | u128::from(third), MASK_LENS[2]);
        }
    }
    Ok((rest, (base, FlexFecSet::Mask { mask, len })))
}

/// Which packets of a source are protected, from the SN base on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlexFecSet {
    /// Those whose bit is set (F = 0).
    Mask {
        /// The most significant of the `len` bits stands for the SN base.
        mask: u128,
        /// 15, 46 or 110.
        len: u8,
    },
    /// Rows or columns of a block (F = 1): with D of 0 or 1 the L packets of a row, each after the one before; else the D
    /// packets of a column, each L after the one before.
    Fixed {
        /// L, 1 to 255.
        columns: u8,
        /// D: 0 a row, 1 a row where columns will follow, 2 to 255 a column.
        rows: u8,
    },
}

impl FlexFecSet {
    /// The packets from `base` on.
    #[inline]
    fn numbers(self, base: u16) -> SequenceNumbers {
        match self {
            Self::Mask { mask, len } => SequenceNumbers::of_mask(base, mask, len.into()),
            Self::Fixed { columns, rows: 0 | 1 } => SequenceNumbers::of_steps(base, 1, columns),
            Self::Fixed { columns, rows } => SequenceNumbers::of_steps(base, columns.into(), rows),
        }
    }
}

/// A protected source of a FlexFEC packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlexFecSource {
    /// The source: a CSRC of the FlexFEC packet.
    pub ssrc: u32,
    /// The lowest sequence number of its protected packets.
    pub sequence_number_base: u16,
    /// Which of its packets.
    pub set: FlexFecSet,
}

impl FlexFecSource {
    /// The sequence numbers of its protected packets.
    #[inline]
    pub fn sequence_numbers(&self) -> SequenceNumbers {
        self.set.numbers(self.sequence_number_base)
    }
}

/// The parity of several packets, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FlexFecRepair<'a> {
    header: &'a [u8; RECOVERY_LEN],
    csrc: &'a [[u8; 4]],
    /// The sets, and the repair payload behind them.
    blocks: &'a [u8],
    repair: &'a [u8],
}

impl<'a> FlexFecRepair<'a> {
    /// The F bit: the packets are given by columns and rows rather than by masks.
    #[inline]
    pub const fn fixed(&self) -> bool {
        self.header[FIRST] & FIXED != 0
    }

    /// The parity of the P bits; what follows is the same of other fields.
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

    /// The parity of the lengths in bytes of all that follows the fixed header.
    #[inline]
    pub fn length_recovery(&self) -> u16 {
        BE::read_u16(&self.header[LENGTH_RECOVERY])
    }

    /// The parity of the timestamps.
    #[inline]
    pub fn timestamp_recovery(&self) -> u32 {
        BE::read_u32(&self.header[TS_RECOVERY])
    }

    /// The protected sources, 1 to 15, in the order of the CSRC list.
    #[inline]
    pub const fn sources(&self) -> FlexFecSources<'a> {
        FlexFecSources { fixed: self.fixed(), csrc: self.csrc, rest: self.blocks }
    }

    /// The repair payload: the parity of all that follows the fixed headers.
    #[inline]
    pub const fn repair(&self) -> &'a [u8] {
        self.repair
    }

    /// SSRC and sequence number of every protected packet.
    #[inline]
    fn protected(&self) -> impl Iterator<Item = (u32, u16)> + Clone + use<'a> {
        self.sources()
            .flat_map(|source| source.sequence_numbers().map(move |number| (source.ssrc, number)))
    }

    /// Writes the one protected packet that is lost to the front of `out`.
    ///
    /// `packet` gives the packet of a source with a sequence number: whole, as it was protected, or `None` if it was lost
    /// too. It is asked more than once.
    ///
    /// # Errors
    /// None or more than one is lost; what was given for a packet is another one; the parity belongs to other packets; no
    /// room. What `out` holds then is not defined.
    pub fn recover<'p>(
        &self,
        mut packet: impl FnMut(u32, u16) -> Option<&'p [u8]>,
        out: &mut [u8],
    ) -> Result<Recovered, RecoveryError> {
        let parity = HeaderParity {
            first: self.header[FIRST] & FIRST_BITS,
            second: self.header[SECOND],
            length: self.length_recovery(),
            timestamp: self.timestamp_recovery(),
        };
        let (lost, fixed) = parity::find_lost(self.protected(), &mut packet, parity)?;
        let (len, have) = (lost.len, out.len());
        if len > FIXED_LEN + self.repair.len() {
            let (found, have) = (len, FIXED_LEN + self.repair.len());
            return Err(RecoveryError::Length { found, have });
        }
        let out = out.get_mut(..len).ok_or(RecoveryError::BufferTooSmall { need: len, have })?;
        if let Some(place) = out.first_chunk_mut() {
            *place = fixed;
        }
        let name = (lost.ssrc, lost.sequence_number);
        let others = self.protected().filter(|&other| other != name);
        let recovered_len = parity::add_all(others, &mut packet, self.repair, 0, out)
            .ok_or(RecoveryError::TooManyLost)?;
        Ok(Recovered { ssrc: lost.ssrc, sequence_number: lost.sequence_number, len, recovered_len })
    }
}

/// The protected sources of a FlexFEC packet, in the order of its CSRC list.
#[derive(Clone, Copy)]
pub struct FlexFecSources<'a> {
    fixed: bool,
    csrc: &'a [[u8; 4]],
    rest: &'a [u8],
}

impl Iterator for FlexFecSources<'_> {
    type Item = FlexFecSource;

    #[inline]
    fn next(&mut self) -> Option<FlexFecSource> {
        let (&ssrc, csrc) = self.csrc.split_first()?;
        let (rest, (sequence_number_base, set)) = set(self.rest, self.fixed).ok()?;
        (self.csrc, self.rest) = (csrc, rest);
        Some(FlexFecSource { ssrc: u32::from_be_bytes(ssrc), sequence_number_base, set })
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.csrc.len(), Some(self.csrc.len()))
    }
}

impl ExactSizeIterator for FlexFecSources<'_> {}
impl FusedIterator for FlexFecSources<'_> {}

/// `[8,9]`
pub(super) fn write_numbers(f: &mut fmt::Formatter<'_>, numbers: SequenceNumbers) -> fmt::Result {
    f.write_str("[")?;
    for (index, number) in numbers.enumerate() {
        write!(f, "{}{number}", if index == 0 { "" } else { "," })?;
    }
    f.write_str("]")
}

/// One line: `FlexFEC 0x00000007:[8,10] len=2`, the packets of each source and the size of the repair payload.
impl fmt::Display for FlexFecRepair<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FlexFEC")?;
        for source in self.sources() {
            write!(f, " {:#010x}:", source.ssrc)?;
            write_numbers(f, source.sequence_numbers())?;
        }
        write!(f, " len={}", self.repair.len())
    }
}

/// One line: `FlexFEC retransmission of RTP pt=96 …`, or that of [`FlexFecRepair`].
impl fmt::Display for FlexFec<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Repair(repair) => repair.fmt(f),
            Self::Retransmission(packet) => write!(f, "FlexFEC retransmission of {packet}"),
        }
    }
}

impl fmt::Debug for FlexFecSources<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

impl fmt::Debug for FlexFecRepair<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlexFecRepair")
            .field("fixed", &self.fixed())
            .field("padding_recovery", &self.padding_recovery())
            .field("extension_recovery", &self.extension_recovery())
            .field("csrc_count_recovery", &self.csrc_count_recovery())
            .field("marker_recovery", &self.marker_recovery())
            .field("payload_type_recovery", &self.payload_type_recovery())
            .field("length_recovery", &self.length_recovery())
            .field("timestamp_recovery", &self.timestamp_recovery())
            .field("sources", &DebugList(self.sources()))
            .field("repair", &self.repair)
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for FlexFecSource {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;

        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("ssrc", &self.ssrc)?;
        map.serialize_entry("sn_base", &self.sequence_number_base)?;
        if let FlexFecSet::Fixed { columns, rows } = self.set {
            map.serialize_entry("l", &columns)?;
            map.serialize_entry("d", &rows)?;
        }
        map.serialize_entry("sequence_numbers", &crate::ser::List(self.sequence_numbers()))?;
        map.end()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for FlexFecRepair<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;

        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("r", &false)?;
        map.serialize_entry("f", &self.fixed())?;
        map.serialize_entry("p_recovery", &self.padding_recovery())?;
        map.serialize_entry("x_recovery", &self.extension_recovery())?;
        map.serialize_entry("cc_recovery", &self.csrc_count_recovery())?;
        map.serialize_entry("m_recovery", &self.marker_recovery())?;
        map.serialize_entry("pt_recovery", &self.payload_type_recovery())?;
        map.serialize_entry("length_recovery", &self.length_recovery())?;
        map.serialize_entry("ts_recovery", &self.timestamp_recovery())?;
        map.serialize_entry("sources", &crate::ser::List(self.sources()))?;
        map.serialize_entry("repair_size", &self.repair.len())?;
        map.end()
    }
}

/// A repair packet by its fields; a retransmission as `r`, `f` and the `packet`.
#[cfg(feature = "serde")]
impl serde::Serialize for FlexFec<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;

        match self {
            Self::Repair(repair) => repair.serialize(serializer),
            Self::Retransmission(packet) => {
                let mut map = serializer.serialize_map(None)?;
                map.serialize_entry("r", &true)?;
                map.serialize_entry("f", &false)?;
                map.serialize_entry("packet", packet)?;
                map.end()
            }
        }
    }
}

/// A FlexFEC repair payload to be written, field by field. Out of the packets to be protected: [`FlexFecProtection`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlexFecRepairBuilder<'a> {
    /// As [`FlexFecRepair::fixed`].
    pub fixed: bool,
    /// As [`FlexFecRepair::padding_recovery`].
    pub padding_recovery: bool,
    /// As [`FlexFecRepair::extension_recovery`].
    pub extension_recovery: bool,
    /// As [`FlexFecRepair::csrc_count_recovery`]: 0 to 15.
    pub csrc_count_recovery: u8,
    /// As [`FlexFecRepair::marker_recovery`].
    pub marker_recovery: bool,
    /// As [`FlexFecRepair::payload_type_recovery`]: 0 to 127.
    pub payload_type_recovery: u8,
    /// As [`FlexFecRepair::length_recovery`].
    pub length_recovery: u16,
    /// As [`FlexFecRepair::timestamp_recovery`].
    pub timestamp_recovery: u32,
    /// SN base, and mask or L and D, of each source in wire form; the repair payload behind them.
    pub sources_and_repair: &'a [u8],
}

impl<'a> From<FlexFecRepair<'a>> for FlexFecRepairBuilder<'a> {
    fn from(repair: FlexFecRepair<'a>) -> Self {
        Self {
            fixed: repair.fixed(),
            padding_recovery: repair.padding_recovery(),
            extension_recovery: repair.extension_recovery(),
            csrc_count_recovery: repair.csrc_count_recovery(),
            marker_recovery: repair.marker_recovery(),
            payload_type_recovery: repair.payload_type_recovery(),
            length_recovery: repair.length_recovery(),
            timestamp_recovery: repair.timestamp_recovery(),
            sources_and_repair: repair.blocks,
        }
    }
}

impl Encode for FlexFecRepairBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        self.sources_and_repair.len().saturating_add(RECOVERY_LEN)
    }

    /// # Errors
    /// A CSRC count above 15, a payload type above 127, no source.
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if self.csrc_count_recovery > CSRC_COUNT {
            return Err(BuildError::OutOfRange { field: "CC recovery" });
        }
        if self.payload_type_recovery > PAYLOAD_TYPE {
            return Err(BuildError::OutOfRange { field: "PT recovery" });
        }
        if set(self.sources_and_repair, self.fixed).is_err() {
            return Err(BuildError::OutOfRange { field: "sources" });
        }
        let bit = |set: bool, bit: u8| if set { bit } else { 0 };
        let header = out.array::<RECOVERY_LEN>()?;
        header[FIRST] = bit(self.fixed, FIXED)
            | bit(self.padding_recovery, PADDING)
            | bit(self.extension_recovery, EXTENSION)
            | self.csrc_count_recovery;
        header[SECOND] = bit(self.marker_recovery, MARKER) | self.payload_type_recovery;
        BE::write_u16(&mut header[LENGTH_RECOVERY], self.length_recovery);
        BE::write_u32(&mut header[TS_RECOVERY], self.timestamp_recovery);
        out.bytes(self.sources_and_repair)
    }
}

/// A FlexFEC repair payload to be written, out of the packets that it protects.
///
/// The RTP header in front of it lists their sources as CSRCs, in the order of `streams`: [`csrc`](Self::csrc).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlexFecProtection<'a> {
    /// What is protected of each source, 1 to 15 of them, all given by masks or all by rows and columns.
    pub streams: &'a [FlexFecStream<'a>],
}

/// The packets of a source to be protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlexFecStream<'a> {
    /// Whole packets of one source, one at least, each once, of 65,547 bytes at most.
    pub packets: &'a [&'a [u8]],
    /// L and D, if the packets are to be given so: they are then exactly those of the row or column, in order. Else they
    /// are given by the shortest mask, and span at most 110 sequence numbers.
    pub columns_and_rows: Option<(u8, u8)>,
}

impl FlexFecStream<'_> {
    /// The SN base, and the set of packets.
    fn set(&self) -> Result<(u16, FlexFecSet), BuildError> {
        let error = BuildError::OutOfRange { field: "protected packet" };
        let mut numbers = self.packets.iter().map(|packet| parity::sequence_number(packet));
        if let Some((columns, rows)) = self.columns_and_rows {
            if columns == 0 {
                return Err(BuildError::OutOfRange { field: "L" });
            }
            let set = FlexFecSet::Fixed { columns, rows };
            let base = numbers.clone().next().ok_or(error)?;
            return if numbers.eq(set.numbers(base)) { Ok((base, set)) } else { Err(error) };
        }
        let (base, last) = parity::span(numbers.clone()).ok_or(error)?;
        let fits = |len: &u8| last < u16::from(*len);
        let len =
            MASK_LENS.into_iter().find(fits).ok_or(BuildError::OutOfRange { field: "mask" })?;
        let mask = numbers.try_fold(0, |mask, number| {
            let bit = 1u128 << (len - 1) >> (number.wrapping_sub(base) & 127);
            if mask & bit == 0 { Some(mask | bit) } else { None }
        });
        Ok((base, FlexFecSet::Mask { mask: mask.ok_or(error)?, len }))
    }

    /// The source of the packets.
    fn ssrc(&self) -> u32 {
        let first = self.packets.first().and_then(|packet| parity::split(packet));
        first.map_or(0, |(fixed, ..)| parity::name(fixed).1)
    }
}

impl FlexFecSet {
    /// The bytes of SN base and set.
    const fn wire_len(self) -> usize {
        match self {
            Self::Mask { len: 15, .. } | Self::Fixed { .. } => 4,
            Self::Mask { len: 46, .. } => 8,
            Self::Mask { .. } => 16,
        }
    }

    fn write(self, base: u16, out: &mut Sink<'_>) -> Result<(), BuildError> {
        *out.array()? = base.to_be_bytes();
        match self {
            Self::Fixed { columns, rows } => *out.array()? = [columns, rows],
            Self::Mask { mask, len } => {
                // As if it were the longest: its words are then at the same places in any.
                let mask = mask << MASK_LENS[2].saturating_sub(len);
                let first = u16::try_from(mask >> 95).unwrap_or_default();
                let second = u32::try_from(mask >> 64 & 0x7FFF_FFFF).unwrap_or_default();
                let third = u64::try_from(mask & u128::from(u64::MAX)).unwrap_or_default();
                let k = |follows: bool| u16::from(follows) << 15;
                *out.array()? = (first | k(len > MASK_LENS[0])).to_be_bytes();
                if len > MASK_LENS[0] {
                    let k = u32::from(k(len > MASK_LENS[1])) << 16;
                    *out.array()? = (second | k).to_be_bytes();
                }
                if len > MASK_LENS[1] {
                    *out.array()? = third.to_be_bytes();
                }
            }
        }
        Ok(())
    }
}

impl FlexFecProtection<'_> {
    /// The protected sources in the order of `streams`: what the RTP header lists as CSRCs.
    pub fn csrc(&self) -> impl ExactSizeIterator<Item = u32> + Clone {
        self.streams.iter().map(FlexFecStream::ssrc)
    }

    fn repair_len(&self) -> usize {
        let packets = self.streams.iter().flat_map(|stream| stream.packets);
        packets.map(|packet| packet.len().saturating_sub(FIXED_LEN)).max().unwrap_or(0)
    }
}

impl Encode for FlexFecProtection<'_> {
    fn encoded_len(&self) -> usize {
        let sets =
            self.streams.iter().map(|stream| stream.set().map_or(4, |(_, set)| set.wire_len()));
        sets.fold(RECOVERY_LEN + self.repair_len(), usize::saturating_add)
    }

    /// # Errors
    /// No stream, more than 15, or streams of both kinds; one without packets; a packet that is not RTP, is longer than
    /// 65,547 bytes, of another source than the others of its stream, or there twice; packets that are not those of their row
    /// or column; L of 0; more than 110 sequence numbers for a mask.
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let fixed = self.streams.first().is_some_and(|stream| stream.columns_and_rows.is_some());
        let of_a_kind = |stream: &FlexFecStream<'_>| stream.columns_and_rows.is_some() == fixed;
        if !(1..=15).contains(&self.streams.len()) || !self.streams.iter().all(of_a_kind) {
            return Err(BuildError::OutOfRange { field: "streams" });
        }
        let header = out.array::<RECOVERY_LEN>()?;
        for stream in self.streams {
            let (base, set) = stream.set()?;
            set.write(base, out)?;
        }
        let sum = out.take(self.repair_len())?;
        sum.fill(0);
        let mut parity = HeaderParity::default();
        for stream in self.streams {
            let source = stream.ssrc();
            for packet in stream.packets {
                let (fixed, body, length) = parity::checked(packet)?;
                if parity::name(fixed).1 != source {
                    return Err(BuildError::OutOfRange { field: "protected packet" });
                }
                parity.add(fixed, length);
                parity::add(sum, body);
            }
        }
        header[FIRST] = parity.first | if fixed { FIXED } else { 0 };
        header[SECOND] = parity.second;
        BE::write_u16(&mut header[LENGTH_RECOVERY], parity.length);
        BE::write_u32(&mut header[TS_RECOVERY], parity.timestamp);
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
    use crate::rtp::vectors::hex;
    use crate::rtp::{PacketBuilder, PayloadType};

    fn written(builder: &impl Encode) -> Result<Vec<u8>, BuildError> {
        let mut out = vec![0xee; builder.encoded_len()];
        builder.write(&mut out).map(|len| out[..len].to_vec())
    }

    fn repair_of<'a>(bytes: &'a [u8], csrc: &'a [[u8; 4]]) -> FlexFecRepair<'a> {
        match FlexFec::parse(bytes, csrc) {
            Ok(FlexFec::Repair(repair)) => {
                crate::testing::shows(&repair);
                crate::testing::debugs_list(&repair.sources());
                crate::testing::counts(repair.sources());
                repair
            }
            other => panic!("{other:?}"),
        }
    }

    const CSRC: [[u8; 4]; 2] = [[0, 0, 0, 1], [0, 0, 0, 2]];

    /// The sequence numbers whose bits are set in a mask without its k bits.
    fn numbers(base: u16, packed: &str) -> Vec<u16> {
        let bits =
            hex(packed).into_iter().flat_map(|byte| (0..8).map(move |i| byte << i & 0x80 != 0));
        bits.enumerate().filter(|(_, set)| *set).map(|(i, _)| base + i as u16).collect()
    }

    #[test]
    fn reads_the_headers_of_libwebrtc() {
        // libwebrtc, flexfec_header_reader_writer_unittest.cc (2023), ReadsHeaderWithKBit…: SN base, mask on the wire,
        // the same mask packed without its k bits, which is what that test expects.
        let rows = [
            (vec![("0102", "0881", "1102")], 12),
            (vec![("0102", "c881 02110021", "9102 08440084")], 16),
            (
                vec![("0102", "c881 82110021 0111111111111111", "9102 08440084 0444444444444444")],
                24,
            ),
            (vec![("0102", "0881", "1102"), ("0304", "0441", "0882")], 16),
            (
                vec![
                    ("0102", "c881 02110021", "9102 08440084"),
                    ("0304", "d782 04330051", "af04 10cc0144"),
                ],
                24,
            ),
        ];
        for (sources, header_len) in rows {
            let sets: Vec<u8> =
                sources.iter().flat_map(|row| [hex(row.0), hex(row.1)].concat()).collect();
            let bytes = [hex("007babcd 01234567"), sets, vec![0; 4]].concat();
            let repair = repair_of(&bytes, &CSRC[..sources.len()]);
            assert!(!repair.fixed());
            assert_eq!(repair.payload_type_recovery(), 123);
            assert_eq!(
                (repair.length_recovery(), repair.timestamp_recovery()),
                (0xabcd, 0x0123_4567)
            );
            assert_eq!(bytes.len() - repair.repair().len(), header_len);
            assert_eq!(repair.sources().len(), sources.len());
            for (index, (source, row)) in repair.sources().zip(&sources).enumerate() {
                let base = u16::from_be_bytes(hex(row.0).try_into().unwrap());
                assert_eq!((source.ssrc, source.sequence_number_base), (index as u32 + 1, base));
                assert_eq!(source.sequence_numbers().collect::<Vec<_>>(), numbers(base, row.2));
            }
            assert_eq!(written(&FlexFecRepairBuilder::from(repair)), Ok(bytes.clone()));
        }
    }

    #[test]
    fn rows_and_columns_as_the_rfc_reads_them() {
        // RFC 8627 figure 14: L, D and which packets.
        let rows: [(u8, u8, &[u16]); 5] = [
            (4, 0, &[65534, 65535, 0, 1]),
            (4, 1, &[65534, 65535, 0, 1]),
            (4, 3, &[65534, 2, 6]),
            (1, 0, &[65534]),
            (255, 2, &[65534, 253]),
        ];
        for (columns, rows, expected) in rows {
            let bytes = [&hex("7fff0001 00000002 fffe")[..], &[columns, rows, 0xaa]].concat();
            let repair = repair_of(&bytes, &CSRC[..1]);
            assert!(repair.fixed() && repair.padding_recovery() && repair.extension_recovery());
            assert!(repair.marker_recovery());
            assert_eq!((repair.csrc_count_recovery(), repair.payload_type_recovery()), (15, 127));
            let source = repair.sources().next().unwrap();
            assert_eq!(source.set, FlexFecSet::Fixed { columns, rows });
            assert_eq!(source.sequence_numbers().collect::<Vec<_>>(), expected);
            assert_eq!(source.sequence_numbers().len(), expected.len());
            assert_eq!(repair.repair(), [0xaa]);
            assert_eq!(written(&FlexFecRepairBuilder::from(repair)), Ok(bytes.clone()));
        }
    }

    #[test]
    fn a_retransmission_is_the_packet() {
        // RFC 8627 figure 15: R=1 F=0 are the version of the packet.
        let bytes = hex("80600008 00000003 00000002 aabb");
        let fec = FlexFec::parse(&bytes, &[]).unwrap();
        assert_eq!(fec, FlexFec::Retransmission(Packet::parse(&bytes).unwrap()));
        assert_eq!(
            fec.to_string(),
            "FlexFEC retransmission of RTP pt=96 seq=8 ts=3 ssrc=0x00000002 len=2"
        );
        let error = FlexFec::parse(&bytes[..11], &[]).unwrap_err();
        assert_eq!((error.what, error.field, error.offset), ("FlexFEC payload", "fixed header", 0));
    }

    #[test]
    fn what_is_reserved_or_cut_short_is_refused_with_its_place() {
        let seen = |bytes: &str, csrc| {
            let error = FlexFec::parse(&hex(bytes), csrc).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let truncated = |need, have| ErrorKind::Truncated { need, have };
        assert_eq!(seen("", &CSRC), ("FEC header", 0, truncated(1, 0)));
        assert_eq!(seen("c0600008", &CSRC), ("R and F", 0, ErrorKind::Value { found: 3 }));
        assert_eq!(seen("00600008 000000", &CSRC), ("FEC header", 0, truncated(8, 7)));
        let header = "00600008 00000000";
        assert_eq!(seen(header, &[]), ("CSRC count", 0, ErrorKind::Value { found: 0 }));
        let seen_in = |rest: &str, csrc| seen(&std::format!("{header} {rest}"), csrc);
        assert_eq!(seen_in("00", &CSRC[..1]), ("SN base", 8, truncated(2, 1)));
        assert_eq!(seen_in("0001 00", &CSRC[..1]), ("mask", 10, truncated(2, 1)));
        assert_eq!(seen_in("0001 8000 000000", &CSRC[..1]), ("mask", 12, truncated(4, 3)));
        assert_eq!(seen_in("0001 8000 80000000 00", &CSRC[..1]), ("mask", 16, truncated(8, 1)));
        assert_eq!(seen_in("0001 4000 0001", &CSRC), ("mask", 14, truncated(2, 0)));
        let fixed = "40600008 00000000 0001";
        let seen_in = |rest: &str| seen(&std::format!("{fixed} {rest}"), &CSRC[..1]);
        assert_eq!(seen_in("01"), ("L and D", 10, truncated(2, 1)));
        // L=0 with D=0 is reserved; with another D the packets would all be the same.
        for rest in ["0000", "0001", "0005"] {
            assert_eq!(seen_in(rest), ("L", 10, ErrorKind::Value { found: 0 }));
        }
    }

    /// Packets of a source: sequence number and payload.
    fn packet(ssrc: u32, sequence_number: u16, payload: &[u8]) -> Vec<u8> {
        let second = payload.first().copied().unwrap_or(1);
        let builder = PacketBuilder {
            marker: second & 0x80 != 0,
            payload_type: PayloadType(second & 0x7f),
            sequence_number,
            timestamp: u32::from(sequence_number) * 90 + ssrc,
            ssrc,
            payload,
            ..Default::default()
        };
        written(&builder).unwrap()
    }

    #[test]
    fn protects_as_rfc_8627_section_6_2_says() {
        let (a, b) = (packet(1, 65535, &[0x60, 1, 2]), packet(1, 1, &[0xe1, 0x11]));
        let c = packet(2, 40, &[0x62]);
        let (one, two) = ([&b[..], &a], [&c[..]]);
        let stream = |packets| FlexFecStream { packets, columns_and_rows: None };
        let streams = [stream(&one), stream(&two)];
        let protection = FlexFecProtection { streams: &streams };
        let csrc: Vec<_> = protection.csrc().map(u32::to_be_bytes).collect();
        assert_eq!(csrc, CSRC);
        let bytes = written(&protection).unwrap();
        // M and PT: 60^e1^62; length 3^2^1; timestamp; the sets; payload, zeros behind the shorter.
        let timestamp = (65535 * 90 + 1) ^ (90 + 1) ^ (40 * 90 + 2u32);
        let header = std::format!("00e30000 {timestamp:08x} ffff 5000 0028 4000");
        let expected = [hex(&header), vec![0x60 ^ 0xe1 ^ 0x62, 1 ^ 0x11, 2]].concat();
        assert_eq!(bytes, expected);
        let repair = repair_of(&bytes, &csrc);
        assert_eq!(repair.to_string(), "FlexFEC 0x00000001:[65535,1] 0x00000002:[40] len=3");
        for lost in [&a, &b, &c] {
            let received = |ssrc: u32, number: u16| {
                [&a, &b, &c].into_iter().map(|packet| &packet[..]).find(|packet| {
                    packet[2..4] == number.to_be_bytes()
                        && packet[8..12] == ssrc.to_be_bytes()
                        && packet != lost
                })
            };
            let mut out = [0xee; 40];
            let recovered = repair.recover(received, &mut out).unwrap();
            assert!(recovered.is_complete());
            assert_eq!(out[..recovered.len], **lost);
            let (need, have) = (lost.len(), lost.len() - 1);
            let small = repair.recover(received, &mut out[..have]);
            assert_eq!(small, Err(RecoveryError::BufferTooSmall { need, have }));
        }
        let mut out = [0; 40];
        assert_eq!(repair.recover(|_, _| None, &mut out), Err(RecoveryError::TooManyLost));
        // Another length recovery: 9 bytes where 3 are protected.
        let mut wrong = bytes.clone();
        wrong[3] ^= 8;
        let received =
            |_, number| [&a[..], &b].into_iter().find(|p| p[2..4] == u16::to_be_bytes(number));
        let error = Err(RecoveryError::Length { found: 21, have: 15 });
        assert_eq!(repair_of(&wrong, &csrc).recover(received, &mut out), error);
    }

    #[test]
    fn masks_are_as_long_as_they_have_to_be() {
        let rows = [
            (14, "0001 4001"),
            (15, "0001 c000 40000000"),
            (45, "0001 c000 00000001"),
            (46, "0001 c000 80000000 8000000000000000"),
            (109, "0001 c000 80000000 0000000000000001"),
        ];
        for (last, expected) in rows {
            let packets = [packet(1, 1, &[]), packet(1, 1 + last, &[])];
            let packets = [&packets[0][..], &packets[1]];
            let streams = [FlexFecStream { packets: &packets, columns_and_rows: None }];
            let bytes = written(&FlexFecProtection { streams: &streams }).unwrap();
            assert_eq!(bytes[8..], hex(expected), "{last}");
            let repair = repair_of(&bytes, &CSRC[..1]);
            assert!(repair.sources().next().unwrap().sequence_numbers().eq([1, 1 + last]));
        }
    }

    #[test]
    fn what_cannot_be_protected_is_refused() {
        fn refused(streams: &[FlexFecStream<'_>], field: &'static str) {
            let error = Err(BuildError::OutOfRange { field });
            assert_eq!(written(&FlexFecProtection { streams }), error);
        }
        fn masked<'a>(packets: &'a [&'a [u8]]) -> FlexFecStream<'a> {
            FlexFecStream { packets, columns_and_rows: None }
        }
        fn fixed<'a>(packets: &'a [&'a [u8]], set: (u8, u8)) -> FlexFecStream<'a> {
            FlexFecStream { packets, columns_and_rows: Some(set) }
        }
        let (a, b, far) = (packet(1, 1, &[1]), packet(1, 2, &[2]), packet(1, 111, &[3]));
        let other = packet(2, 3, &[4]);
        let (one, row) = ([&a[..]], [&a[..], &b]);
        refused(&[], "streams");
        refused(&[masked(&one); 16], "streams");
        refused(&[masked(&one), fixed(&one, (1, 0))], "streams");
        refused(&[masked(&[])], "protected packet");
        refused(&[masked(&[&a, &a])], "protected packet");
        refused(&[masked(&[&a, &other])], "protected packet");
        refused(&[masked(&[&a[..11]])], "protected packet");
        refused(&[masked(&[&a, &far])], "mask");
        refused(&[fixed(&row, (0, 2))], "L");
        refused(&[fixed(&row, (3, 0))], "protected packet");
        refused(&[fixed(&row, (2, 2))], "protected packet");
        assert!(written(&FlexFecProtection { streams: &[fixed(&row, (2, 1))] }).is_ok());
        assert!(written(&FlexFecProtection { streams: &[fixed(&row, (1, 2))] }).is_ok());
        let builder =
            FlexFecRepairBuilder { sources_and_repair: &[0, 1, 64, 0], ..Default::default() };
        let refused = |builder: FlexFecRepairBuilder<'_>, field| {
            assert_eq!(written(&builder), Err(BuildError::OutOfRange { field }));
        };
        refused(FlexFecRepairBuilder { csrc_count_recovery: 16, ..builder }, "CC recovery");
        refused(FlexFecRepairBuilder { payload_type_recovery: 128, ..builder }, "PT recovery");
        refused(FlexFecRepairBuilder { sources_and_repair: &[0, 1, 64], ..builder }, "sources");
        assert_eq!(written(&builder), Ok(hex("00000000 00000000 00014000")));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn serialises_every_field() {
        let bytes = hex("40990044 00000006 0008 0202 aabb");
        let json = serde_json::to_string(&FlexFec::parse(&bytes, &CSRC[..1]).unwrap()).unwrap();
        let expected = r#"{"r":false,"f":true,"p_recovery":false,"x_recovery":false,"cc_recovery":0,"m_recovery":true,"pt_recovery":25,"length_recovery":68,"ts_recovery":6,"sources":[{"ssrc":1,"sn_base":8,"l":2,"d":2,"sequence_numbers":[8,10]}],"repair_size":2}"#;
        assert_eq!(json, expected);
    }

    proptest! {
        #[test]
        fn any_lost_packet_is_had_again(
            base in any::<u16>(),
            steps in prop::collection::btree_map(0u16..110, prop::collection::vec(any::<u8>(), 0..30), 1..12),
            (columns, rows) in (1u8..20, 0u8..20),
            by_mask in any::<bool>(),
            lost in any::<prop::sample::Index>(),
        ) {
            let numbers: Vec<u16> = if by_mask {
                steps.keys().map(|step| base.wrapping_add(*step)).collect()
            } else {
                FlexFecSet::Fixed { columns, rows }.numbers(base).collect()
            };
            let mut payloads = steps.values().cycle();
            let packets: Vec<_> = numbers.iter().map(|n| packet(1, *n, payloads.next().unwrap())).collect();
            let list: Vec<_> = packets.iter().map(|packet| &packet[..]).collect();
            let columns_and_rows = if by_mask { None } else { Some((columns, rows)) };
            let streams = [FlexFecStream { packets: &list, columns_and_rows }];
            let bytes = written(&FlexFecProtection { streams: &streams }).unwrap();
            let repair = repair_of(&bytes, &CSRC[..1]);
            prop_assert!(repair.sources().next().unwrap().sequence_numbers().eq(numbers));
            prop_assert_eq!(written(&FlexFecRepairBuilder::from(repair)), Ok(bytes.clone()));
            let lost = lost.get(&packets);
            let received = |_, number: u16| {
                list.iter().copied().find(|packet| packet[2..4] == number.to_be_bytes() && packet != lost)
            };
            let mut out = vec![0xee; lost.len()];
            prop_assert!(repair.recover(received, &mut out).unwrap().is_complete());
            prop_assert_eq!(&out, lost);
        }

        #[test]
        fn whatever_parses_is_written_again(
            bytes in prop::collection::vec(any::<u8>(), 0..60),
            sources in 0usize..3,
        ) {
            if let Ok(FlexFec::Repair(repair)) = FlexFec::parse(&bytes, &CSRC[..sources]) {
                prop_assert_eq!(repair.sources().count(), sources);
                for source in repair.sources() {
                    let numbers = source.sequence_numbers();
                    prop_assert_eq!(numbers.len(), numbers.count());
                }
                prop_assert_eq!(written(&FlexFecRepairBuilder::from(repair)), Ok(bytes.clone()));
                let _ = repair.recover(|_, _| None, &mut [0; 100]);
            }
        }
    }
}
