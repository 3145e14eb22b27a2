//! Several H.264 NAL units in a packet: STAP-A, STAP-B, MTAP16, MTAP24 (RFC 6184 section 5.7).
//!
//! ```text
//! |F|NRI|  Type   |  header: 24 STAP-A, 25 STAP-B, 26 MTAP16, 27 MTAP24
//! |         DON, or DONB          |  all but STAP-A
//! |         NALU size             |  units: once or more
//! |     DOND      |  MTAP only
//! |     TS offset, 16 or 24 bits  |  MTAP only
//! |           NAL unit            |  NALU size bytes
//! ```

use core::fmt;
use core::iter::FusedIterator;

use byteorder::{BE, ByteOrder};
use nom::Parser;
use nom::error::context;

use super::{NalHeader, NalUnit, NalUnitType};
use crate::encode::{Encode, Sink, narrow};
use crate::error::{BuildError, ErrorKind, Fail, Step};
use crate::show::DebugList;
use crate::wire::{announced, array, be_u16, byte};

/// A payload of several NAL units.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Aggregation<'a> {
    header: NalHeader,
    don: Option<u16>,
    units: &'a [u8],
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AggregationUnit<'a> {
    /// The unit.
    pub nal: NalUnit<'a>,
    /// DOND: its decoding order number is this much after the packet's, modulo 2^16. 0 but in an MTAP.
    pub dond: u8,
    /// Its time is this much after the packet's, in ticks. 0 but in an MTAP.
    pub timestamp_offset: u32,
}

impl<'a> Aggregation<'a> {
    /// The first byte. NRI is the highest of the units'.
    #[inline]
    pub const fn header(&self) -> NalHeader {
        self.header
    }

    /// Which of the four it is.
    #[inline]
    pub const fn nal_unit_type(&self) -> NalUnitType {
        self.header.nal_unit_type()
    }

    /// DON of the first unit of a STAP-B, DONB of an MTAP.
    #[inline]
    pub const fn don(&self) -> Option<u16> {
        self.don
    }

    /// The NAL units, at least one.
    #[inline]
    pub const fn units(&self) -> AggregationUnits<'a> {
        AggregationUnits { nal_unit_type: self.nal_unit_type(), rest: self.units }
    }

    /// The NAL units in wire form, as [`UnitsBuilder::Raw`] takes them.
    #[inline]
    pub const fn units_bytes(&self) -> &'a [u8] {
        self.units
    }

    /// A picture begins in one of the units. See [`NalUnit::starts_frame`].
    #[inline]
    pub fn starts_frame(&self) -> bool {
        self.units().any(|unit| unit.nal.starts_frame())
    }

    /// A decoder may begin with one of the units. See [`NalUnit::starts_key_frame`].
    #[inline]
    pub fn starts_key_frame(&self) -> bool {
        self.units().any(|unit| unit.nal.starts_key_frame())
    }
}

/// Any of the four that takes all of `i`, its units checked: after this the iterator ends where they do.
#[inline]
pub(super) fn aggregation(i: &[u8]) -> Step<'_, Aggregation<'_>> {
    let (mut rest, header) = context("payload header", byte).parse(i)?;
    let header = NalHeader(header);
    let nal_unit_type = header.nal_unit_type();
    let mut don = None;
    if nal_unit_type != NalUnitType::STAP_A {
        let number;
        (rest, number) = context("DON", be_u16).parse(rest)?;
        don = Some(number);
    }
    let units = rest;
    loop {
        (rest, _) = unit(nal_unit_type, rest)?;
        if rest.is_empty() {
            return Ok((rest, Aggregation { header, don, units }));
        }
    }
}

/// The NAL unit at the front of `i`.
#[inline]
fn unit(nal_unit_type: NalUnitType, i: &[u8]) -> Step<'_, AggregationUnit<'_>> {
    let (mut rest, size) = context("NALU size", be_u16).parse(i)?;
    let (mut dond, mut timestamp_offset) = (0, 0);
    if nal_unit_type == NalUnitType::MTAP16 {
        let offset;
        (rest, dond) = context("DOND", byte).parse(rest)?;
        (rest, offset) = context("TS offset", be_u16).parse(rest)?;
        timestamp_offset = offset.into();
    } else if nal_unit_type == NalUnitType::MTAP24 {
        let offset: &[u8; 3];
        (rest, dond) = context("DOND", byte).parse(rest)?;
        (rest, offset) = context("TS offset", array).parse(rest)?;
        timestamp_offset = BE::read_u24(offset);
    }
    let (rest, bytes) = context("NAL unit", announced(size.into())).parse(rest)?;
    match NalUnit::new(bytes) {
        Some(nal) => Ok((rest, AggregationUnit { nal, dond, timestamp_offset })),
        None => Err(Fail::field("NALU size", i, ErrorKind::Length { found: 0, have: rest.len() })),
    }
}

/// The NAL units of an aggregation packet, in wire order.
#[derive(Clone, Copy)]
pub struct AggregationUnits<'a> {
    nal_unit_type: NalUnitType,
    rest: &'a [u8],
}

impl<'a> Iterator for AggregationUnits<'a> {
    type Item = AggregationUnit<'a>;

    #[inline]
    fn next(&mut self) -> Option<AggregationUnit<'a>> {
        let (rest, unit) = unit(self.nal_unit_type, self.rest).ok()?;
        self.rest = rest;
        Some(unit)
    }
}

impl FusedIterator for AggregationUnits<'_> {}

impl fmt::Debug for AggregationUnits<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        DebugList(*self).fmt(f)
    }
}

/// `STAP-A [SPS 19] [PPS 4]`
impl fmt::Display for Aggregation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.nal_unit_type())?;
        self.units().try_for_each(|unit| write!(f, " [{}]", unit.nal))
    }
}

impl fmt::Debug for Aggregation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aggregation")
            .field("header", &self.header)
            .field("don", &self.don)
            .field("units", &self.units())
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Aggregation<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;

        /// A unit, with DOND and TS offset in an MTAP.
        struct Unit<'a>(AggregationUnit<'a>, bool);

        impl serde::Serialize for Unit<'_> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(None)?;
                if self.1 {
                    map.serialize_entry("dond", &self.0.dond)?;
                    map.serialize_entry("ts_offset", &self.0.timestamp_offset)?;
                }
                super::nal::serialize_header(&mut map, self.0.nal.header())?;
                map.serialize_entry("size", &self.0.nal.as_bytes().len())?;
                map.end()
            }
        }

        let timed = matches!(self.nal_unit_type(), NalUnitType::MTAP16 | NalUnitType::MTAP24);
        let mut map = serializer.serialize_map(None)?;
        super::nal::serialize_header(&mut map, self.header)?;
        if let Some(don) = self.don {
            map.serialize_entry("don", &don)?;
        }
        let units = self.units().map(|unit| Unit(unit, timed));
        map.serialize_entry("nal_units", &crate::ser::List(units))?;
        map.end()
    }
}

/// The NAL units of a packet to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitsBuilder<'a> {
    /// At least one; 1 to 65535 bytes each.
    List(&'a [AggregationUnit<'a>]),
    /// Bytes as they stand on the wire.
    Raw(&'a [u8]),
}

/// None: nothing that could be written.
impl Default for UnitsBuilder<'_> {
    fn default() -> Self {
        Self::List(&[])
    }
}

/// A payload of several NAL units to be written, or a view's by `From`.
///
/// ```
/// use mediawire::Encode;
/// use mediawire::rtp::payload::h264::*;
///
/// let unit = |bytes| AggregationUnit { nal: NalUnit::new(bytes).unwrap(), dond: 0, timestamp_offset: 0 };
/// let units = [unit(&[0x67, 0x42][..]), unit(&[0x68])];
/// let packet = AggregationBuilder {
///     header: NalHeader::new(false, 3, NalUnitType::STAP_A).unwrap(),
///     don: None,
///     units: UnitsBuilder::List(&units),
/// };
/// let mut buffer = [0; 1200];
/// let len = packet.write(&mut buffer)?;
/// assert_eq!(buffer[..len], [0x78, 0, 2, 0x67, 0x42, 0, 1, 0x68]);
/// # Ok::<(), mediawire::BuildError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AggregationBuilder<'a> {
    /// As [`Aggregation::header`]: its type says which of the four is written.
    pub header: NalHeader,
    /// As [`Aggregation::don`]: in all but a STAP-A.
    pub don: Option<u16>,
    /// The units, in the order of decoding.
    pub units: UnitsBuilder<'a>,
}

impl<'a> From<Aggregation<'a>> for AggregationBuilder<'a> {
    /// What is written is what was read, byte for byte.
    #[inline]
    fn from(packet: Aggregation<'a>) -> Self {
        Self { header: packet.header, don: packet.don, units: UnitsBuilder::Raw(packet.units) }
    }
}

/// The bytes between the size of a unit and the unit.
#[inline]
const fn unit_header_len(nal_unit_type: NalUnitType) -> usize {
    match nal_unit_type {
        NalUnitType::MTAP16 => 3,
        NalUnitType::MTAP24 => 4,
        _ => 0,
    }
}

impl Encode for AggregationBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        let header = unit_header_len(self.header.nal_unit_type()) + 2;
        let units = match self.units {
            UnitsBuilder::List(units) => {
                let lens =
                    units.iter().map(|unit| unit.nal.as_bytes().len().saturating_add(header));
                lens.fold(0, usize::saturating_add)
            }
            UnitsBuilder::Raw(bytes) => bytes.len(),
        };
        let don = if self.don.is_some() { 2 } else { 0 };
        units.saturating_add(1 + don)
    }

    /// # Errors
    /// A header of another type; a DON where there is none, or none where there is one; no unit, or one of more than
    /// 65535 bytes; outside of an MTAP a DOND or an offset, and in one an offset that does not fit.
    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let kind = self.header.nal_unit_type();
        if !(NalUnitType::STAP_A..=NalUnitType::MTAP24).contains(&kind) {
            return Err(BuildError::OutOfRange { field: "payload header" });
        }
        if self.don.is_some() == (kind == NalUnitType::STAP_A) {
            return Err(BuildError::OutOfRange { field: "DON" });
        }
        out.bytes(&[self.header.0])?;
        if let Some(don) = self.don {
            out.bytes(&don.to_be_bytes())?;
        }
        match self.units {
            UnitsBuilder::List([]) | UnitsBuilder::Raw([]) => {
                Err(BuildError::OutOfRange { field: "number of NAL units" })
            }
            UnitsBuilder::List(units) => {
                units.iter().try_for_each(|unit| write_unit(kind, unit, out))
            }
            UnitsBuilder::Raw(bytes) => out.bytes(bytes),
        }
    }
}

#[inline]
fn write_unit(
    kind: NalUnitType,
    unit: &AggregationUnit<'_>,
    out: &mut Sink<'_>,
) -> Result<(), BuildError> {
    let bytes = unit.nal.as_bytes();
    let size: u16 = narrow("NALU size", bytes.len())?;
    out.bytes(&size.to_be_bytes())?;
    let [high, offset @ ..] = unit.timestamp_offset.to_be_bytes();
    match (kind, high, offset) {
        (NalUnitType::MTAP16, 0, [0, a, b]) => out.bytes(&[unit.dond, a, b])?,
        (NalUnitType::MTAP24, 0, [a, b, c]) => out.bytes(&[unit.dond, a, b, c])?,
        (NalUnitType::STAP_A | NalUnitType::STAP_B, 0, [0, 0, 0]) if unit.dond == 0 => {}
        _ => return Err(BuildError::OutOfRange { field: "TS offset" }),
    }
    out.bytes(bytes)
}
