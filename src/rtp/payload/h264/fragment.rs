//! Fragment of an H.264 NAL unit: FU-A and FU-B (RFC 6184 section 5.8).
//!
//! ```text
//! |F|NRI| 28 or 29|  indicator
//! |S|E|R|  Type   |  header
//! |              DON              |  FU-B only
//! |     the fragment: bytes of the unit, its header left out
//! ```

use core::fmt;

use nom::Parser;
use nom::error::context;

use super::nal::{starts_frame, starts_key_frame};
use super::{NalHeader, NalUnitType};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, Step};
use crate::wire::{array, be_u16};

const S: u8 = 0x80;
const E: u8 = 0x40;
const R: u8 = 0x20;
const TYPE: u8 = 0x1F;

/// A fragment of a NAL unit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fragment<'a> {
    indicator: NalHeader,
    header: u8,
    don: Option<u16>,
    payload: &'a [u8],
}

impl<'a> Fragment<'a> {
    /// The first byte: the type is FU-A or FU-B, F and NRI are the unit's.
    #[inline]
    pub const fn indicator(&self) -> NalHeader {
        self.indicator
    }

    /// The S bit: the unit begins here.
    #[inline]
    pub const fn is_start(&self) -> bool {
        self.header & S != 0
    }

    /// The E bit: the unit ends here.
    #[inline]
    pub const fn is_end(&self) -> bool {
        self.header & E != 0
    }

    /// The R bit, which is to be 0.
    #[inline]
    pub const fn reserved_bit(&self) -> bool {
        self.header & R != 0
    }

    /// The header of the unit that the fragments make up: it comes before the payload of the first.
    #[inline]
    pub const fn nal_header(&self) -> NalHeader {
        self.indicator.with_type(self.nal_unit_type())
    }

    /// The type of that unit.
    #[inline]
    pub const fn nal_unit_type(&self) -> NalUnitType {
        NalUnitType(self.header & TYPE)
    }

    /// DON, the decoding order number of the unit: in an FU-B.
    #[inline]
    pub const fn don(&self) -> Option<u16> {
        self.don
    }

    /// The bytes of the unit.
    #[inline]
    pub const fn payload(&self) -> &'a [u8] {
        self.payload
    }

    /// As [`NalUnit::starts_frame`](super::NalUnit::starts_frame), of the unit's first fragment.
    #[inline]
    pub const fn starts_frame(&self) -> bool {
        self.is_start() && starts_frame(self.nal_unit_type(), self.payload)
    }

    /// As [`NalUnit::starts_key_frame`](super::NalUnit::starts_key_frame), of the unit's first fragment.
    #[inline]
    pub const fn starts_key_frame(&self) -> bool {
        self.is_start() && starts_key_frame(self.nal_unit_type())
    }
}

/// An FU-A or FU-B that takes all of `i`.
#[inline]
pub(super) fn fragment(i: &[u8]) -> Step<'_, Fragment<'_>> {
    let (mut rest, &[indicator, header]) = context("FU header", array).parse(i)?;
    let indicator = NalHeader(indicator);
    let mut don = None;
    if indicator.nal_unit_type() == NalUnitType::FU_B {
        let number;
        (rest, number) = context("DON", be_u16).parse(rest)?;
        don = Some(number);
    }
    Ok((&[], Fragment { indicator, header, don, payload: rest }))
}

/// `FU-A S IDR slice len=1100`
impl fmt::Display for Fragment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.indicator.nal_unit_type())?;
        f.write_str(if self.is_start() { " S" } else { "" })?;
        f.write_str(if self.is_end() { " E" } else { "" })?;
        let nal_unit_type = self.nal_unit_type();
        f.write_str(if nal_unit_type.name().is_some() { " " } else { " type " })?;
        write!(f, "{nal_unit_type} len={}", self.payload.len())
    }
}

impl fmt::Debug for Fragment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fragment")
            .field("indicator", &self.indicator)
            .field("is_start", &self.is_start())
            .field("is_end", &self.is_end())
            .field("nal_unit_type", &self.nal_unit_type())
            .field("don", &self.don)
            .field("payload", &self.payload)
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Fragment<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        super::nal::serialize_header(&mut map, self.indicator)?;
        map.serialize_entry("start", &self.is_start())?;
        map.serialize_entry("end", &self.is_end())?;
        map.serialize_entry("fragmented_nal_unit_type", &self.nal_unit_type().0)?;
        if let Some(don) = self.don {
            map.serialize_entry("don", &don)?;
        }
        map.serialize_entry("size", &self.payload.len())?;
        map.end()
    }
}

/// The front of an FU-A or FU-B to be written, before the bytes of the unit; or a view's by `From`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FragmentBuilder {
    /// As [`Fragment::nal_header`]: the first byte of the unit, which is then left out of the payload.
    pub nal_header: NalHeader,
    /// As [`Fragment::is_start`].
    pub start: bool,
    /// As [`Fragment::is_end`].
    pub end: bool,
    /// As [`Fragment::reserved_bit`]: false, unless a packet is to stay as it came.
    pub reserved_bit: bool,
    /// As [`Fragment::don`]: with it, an FU-B is written, which only the first fragment may be.
    pub don: Option<u16>,
}

impl From<Fragment<'_>> for FragmentBuilder {
    /// What is written is what was read, byte for byte.
    #[inline]
    fn from(fragment: Fragment<'_>) -> Self {
        Self {
            nal_header: fragment.nal_header(),
            start: fragment.is_start(),
            end: fragment.is_end(),
            reserved_bit: fragment.reserved_bit(),
            don: fragment.don(),
        }
    }
}

impl Encode for FragmentBuilder {
    #[inline]
    fn encoded_len(&self) -> usize {
        if self.don.is_some() { 4 } else { 2 }
    }

    /// # Errors
    /// Start and end in one: such a unit is not to be fragmented. A DON without the start.
    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if self.start && self.end {
            return Err(BuildError::OutOfRange { field: "FU header" });
        }
        if self.don.is_some() && !self.start {
            return Err(BuildError::OutOfRange { field: "DON" });
        }
        let kind = if self.don.is_some() { NalUnitType::FU_B } else { NalUnitType::FU_A };
        let bits = [(self.start, S), (self.end, E), (self.reserved_bit, R)];
        let bits = bits.iter().fold(0, |bits, &(set, bit)| if set { bits | bit } else { bits });
        out.bytes(&[self.nal_header.with_type(kind).0, bits | self.nal_header.nal_unit_type().0])?;
        match self.don {
            Some(don) => out.bytes(&don.to_be_bytes()),
            None => Ok(()),
        }
    }
}
