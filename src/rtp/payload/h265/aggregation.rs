//! Several H.265 NAL units in a packet, AP (RFC 7798 section 4.4.2).
//!
//! ```text
//! |F|  Type=48  |  LayerId  | TID |  payload header: the lowest LayerId and TID of the units
//! |   DONL: 16 bits in the first unit, DOND: 8 bits in the others; where signalled
//! |           NALU size           |  units: twice or more
//! |           NAL unit            |  NALU size bytes, header included
//! ```

use core::fmt;
use core::iter::FusedIterator;

use nom::Parser;
use nom::error::context;

use super::nal::nal_unit;
use super::{NalHeader, NalUnit, NalUnitType};
use crate::encode::{Encode, Sink, narrow};
use crate::error::{BuildError, Step};
use crate::show::DebugList;
use crate::wire::{announced, array, be_u16, byte};

/// A payload of several NAL units.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Aggregation<'a> {
    header: NalHeader,
    units: AggregationUnits<'a>,
}

/// One of them, its decoding order number worked out; the same as a unit by itself.
pub type AggregationUnit<'a> = NalUnit<'a>;

/// The NAL units of an aggregation packet, in wire order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AggregationUnits<'a> {
    with_don: bool,
    /// Of the unit before; before the first there is none.
    don: Option<u16>,
    rest: &'a [u8],
}

impl<'a> Aggregation<'a> {
    /// The first two bytes.
    #[inline]
    pub const fn header(&self) -> NalHeader {
        self.header
    }

    /// The NAL units, at least one; the standard has two.
    #[inline]
    pub const fn units(&self) -> AggregationUnits<'a> {
        self.units
    }

    /// The NAL units in wire form, as [`UnitsBuilder::Raw`] takes them.
    #[inline]
    pub const fn units_bytes(&self) -> &'a [u8] {
        self.units.rest
    }

    /// A picture begins in one of the units. See [`NalUnit::starts_frame`].
    #[inline]
    pub fn starts_frame(&self) -> bool {
        self.units().any(|unit| unit.starts_frame())
    }

    /// A decoder may begin with one of the units. See [`NalUnit::starts_key_frame`].
    #[inline]
    pub fn starts_key_frame(&self) -> bool {
        self.units().any(|unit| unit.starts_key_frame())
    }
}

/// An AP that takes all of `i`, its units checked: after this the iterator ends where they do.
#[inline]
pub(super) fn aggregation(with_don: bool) -> impl Fn(&[u8]) -> Step<'_, Aggregation<'_>> {
    move |i| {
        let (rest, &header) = context("payload header", array).parse(i)?;
        let units = AggregationUnits { with_don, don: None, rest };
        let mut left = units;
        loop {
            let (rest, unit) = unit(left)?;
            if rest.is_empty() {
                return Ok((rest, Aggregation { header: NalHeader(header), units }));
            }
            left = AggregationUnits { with_don, don: unit.don, rest };
        }
    }
}

/// The next NAL unit.
#[inline]
fn unit(units: AggregationUnits<'_>) -> Step<'_, NalUnit<'_>> {
    let (mut rest, mut don) = (units.rest, None);
    if units.with_don {
        let number;
        (rest, number) = match units.don {
            None => context("DONL", be_u16).parse(rest)?,
            Some(before) => {
                let (rest, dond) = context("DOND", byte).parse(rest)?;
                (rest, before.wrapping_add(dond.into()).wrapping_add(1))
            }
        };
        don = Some(number);
    }
    let (rest, size) = context("NALU size", be_u16).parse(rest)?;
    let (rest, bytes) = context("NAL unit", announced(size.into())).parse(rest)?;
    let (_, unit) = nal_unit(bytes)?;
    Ok((rest, NalUnit { don, ..unit }))
}

impl<'a> Iterator for AggregationUnits<'a> {
    type Item = NalUnit<'a>;

    #[inline]
    fn next(&mut self) -> Option<NalUnit<'a>> {
        let (rest, unit) = unit(*self).ok()?;
        (self.rest, self.don) = (rest, unit.don);
        Some(unit)
    }
}

impl FusedIterator for AggregationUnits<'_> {}

impl fmt::Debug for AggregationUnits<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        DebugList(*self).fmt(f)
    }
}

/// `AP [VPS 23] [SPS 42] [PPS 7]`
impl fmt::Display for Aggregation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AP")?;
        self.units().try_for_each(|unit| write!(f, " [{unit}]"))
    }
}

impl fmt::Debug for Aggregation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aggregation")
            .field("header", &self.header)
            .field("units", &self.units())
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Aggregation<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        super::nal::serialize_header(&mut map, self.header)?;
        map.serialize_entry("nal_units", &crate::ser::List(self.units()))?;
        map.end()
    }
}

/// The NAL units of a packet to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitsBuilder<'a> {
    /// At least two; 2 to 65535 bytes each. Either all have a DON, each 1 to 256 after the one before, or none.
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
/// use mediawire::rtp::payload::h265::*;
///
/// let header = |kind| NalHeader::new(kind, 0, 0).unwrap();
/// let units = [
///     NalUnit { header: header(NalUnitType::VPS), don: None, payload: &[0x0c] },
///     NalUnit { header: header(NalUnitType::SPS), don: None, payload: &[] },
/// ];
/// let packet = AggregationBuilder { header: header(NalUnitType::AP), units: UnitsBuilder::List(&units) };
/// let mut buffer = [0; 1200];
/// let len = packet.write(&mut buffer)?;
/// assert_eq!(buffer[..len], [0x60, 1, 0, 3, 0x40, 1, 0x0c, 0, 2, 0x42, 1]);
/// # Ok::<(), mediawire::BuildError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AggregationBuilder<'a> {
    /// As [`Aggregation::header`]; its type is AP.
    pub header: NalHeader,
    /// The units, in the order of decoding.
    pub units: UnitsBuilder<'a>,
}

impl<'a> From<Aggregation<'a>> for AggregationBuilder<'a> {
    /// What is written is what was read, byte for byte.
    #[inline]
    fn from(packet: Aggregation<'a>) -> Self {
        Self { header: packet.header, units: UnitsBuilder::Raw(packet.units_bytes()) }
    }
}

impl Encode for AggregationBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        let units = match self.units {
            UnitsBuilder::Raw(bytes) => bytes.len(),
            UnitsBuilder::List(units) => {
                let len = |unit: &NalUnit<'_>| {
                    unit.size().saturating_add(if unit.don.is_some() { 3 } else { 2 })
                };
                // The first DON is a byte longer.
                let first = units.first().and_then(|unit| unit.don).map_or(0, |_| 1);
                units.iter().map(len).fold(first, usize::saturating_add)
            }
        };
        units.saturating_add(NalHeader::LEN)
    }

    /// # Errors
    /// A header of another type; fewer than two units, or one of more than 65535 bytes; a DON that is missing, or out of
    /// the others' reach.
    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if self.header.nal_unit_type() != NalUnitType::AP {
            return Err(BuildError::OutOfRange { field: "payload header" });
        }
        *out.array()? = self.header.0;
        let units = match self.units {
            UnitsBuilder::Raw([]) | UnitsBuilder::List([] | [_]) => {
                return Err(BuildError::OutOfRange { field: "number of NAL units" });
            }
            UnitsBuilder::Raw(bytes) => return out.bytes(bytes),
            UnitsBuilder::List(units) => units,
        };
        let mut before: Option<&NalUnit<'_>> = None;
        for unit in units {
            match (before.map(|before| before.don), unit.don) {
                (None | Some(None), None) => {}
                (None, Some(donl)) => out.bytes(&donl.to_be_bytes())?,
                (Some(Some(before)), Some(don)) => {
                    let dond = don.wrapping_sub(before).wrapping_sub(1);
                    out.bytes(&[narrow("DON", dond)?])?;
                }
                _ => return Err(BuildError::OutOfRange { field: "DON" }),
            }
            let size: u16 = narrow("NALU size", unit.size())?;
            *out.array()? = size.to_be_bytes();
            NalUnit { don: None, ..*unit }.encode(out)?;
            before = Some(unit);
        }
        Ok(())
    }
}
