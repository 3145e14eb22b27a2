//! Fragment of an H.265 NAL unit, FU (RFC 7798 section 4.4.3).
//!
//! ```text
//! |F|  Type=49  |  LayerId  | TID |  payload header: but for the type that of the unit
//! |S|E|  FuType   |  FU header
//! |             DONL              |  in the first fragment, where signalled
//! |     the fragment: bytes of the unit, its header left out
//! ```

use core::fmt;

use nom::Parser;
use nom::error::context;

use super::nal::{starts_frame, starts_key_frame};
use super::{NalHeader, NalUnitType};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, Step};
use crate::wire::{array, be_u16, byte};

const S: u8 = 0x80;
const E: u8 = 0x40;
const TYPE: u8 = 0x3F;

/// A fragment of a NAL unit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fragment<'a> {
    header: NalHeader,
    fu_header: u8,
    don: Option<u16>,
    payload: &'a [u8],
}

impl<'a> Fragment<'a> {
    /// The first two bytes: the type is FU, the rest is the unit's.
    #[inline]
    pub const fn header(&self) -> NalHeader {
        self.header
    }

    /// The S bit: the unit begins here.
    #[inline]
    pub const fn is_start(&self) -> bool {
        self.fu_header & S != 0
    }

    /// The E bit: the unit ends here.
    #[inline]
    pub const fn is_end(&self) -> bool {
        self.fu_header & E != 0
    }

    /// The header of the unit that the fragments make up: it comes before the payload of the first.
    #[inline]
    pub const fn nal_header(&self) -> NalHeader {
        self.header.with_type(self.nal_unit_type())
    }

    /// FuType: the type of that unit.
    #[inline]
    pub const fn nal_unit_type(&self) -> NalUnitType {
        NalUnitType(self.fu_header & TYPE)
    }

    /// DONL, the decoding order number of the unit: in its first fragment, where signalled.
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

/// An FU that takes all of `i`, with or without DONL.
#[inline]
pub(super) fn fragment(with_don: bool) -> impl Fn(&[u8]) -> Step<'_, Fragment<'_>> {
    move |i| {
        let (rest, &header) = context("payload header", array).parse(i)?;
        let (mut rest, fu_header) = context("FU header", byte).parse(rest)?;
        let mut don = None;
        if with_don && fu_header & S != 0 {
            let number;
            (rest, number) = context("DONL", be_u16).parse(rest)?;
            don = Some(number);
        }
        Ok((&[], Fragment { header: NalHeader(header), fu_header, don, payload: rest }))
    }
}

/// `FU S IDR_W_RADL len=1100`
impl fmt::Display for Fragment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FU")?;
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
            .field("header", &self.header)
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
        super::nal::serialize_header(&mut map, self.header)?;
        map.serialize_entry("start", &self.is_start())?;
        map.serialize_entry("end", &self.is_end())?;
        map.serialize_entry("fu_type", &self.nal_unit_type().0)?;
        if let Some(don) = self.don {
            map.serialize_entry("don", &don)?;
        }
        map.serialize_entry("size", &self.payload.len())?;
        map.end()
    }
}

/// The front of an FU to be written, before the bytes of the unit; or a view's by `From`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FragmentBuilder {
    /// As [`Fragment::nal_header`]: the first two bytes of the unit, which are then left out of the payload.
    pub nal_header: NalHeader,
    /// As [`Fragment::is_start`].
    pub start: bool,
    /// As [`Fragment::is_end`].
    pub end: bool,
    /// As [`Fragment::don`].
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
            don: fragment.don(),
        }
    }
}

impl Encode for FragmentBuilder {
    #[inline]
    fn encoded_len(&self) -> usize {
        if self.don.is_some() { 5 } else { 3 }
    }

    /// # Errors
    /// Start and end in one: such a unit is not to be fragmented. A DON without the start.
    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if self.start && self.end {
            return Err(BuildError::OutOfRange { field: "FU header" });
        }
        if self.don.is_some() && !self.start {
            return Err(BuildError::OutOfRange { field: "DONL" });
        }
        *out.array()? = self.nal_header.with_type(NalUnitType::FU).0;
        let bits = if self.start { S } else { 0 } | if self.end { E } else { 0 };
        out.bytes(&[bits | self.nal_header.nal_unit_type().0])?;
        match self.don {
            Some(don) => out.bytes(&don.to_be_bytes()),
            None => Ok(()),
        }
    }
}
