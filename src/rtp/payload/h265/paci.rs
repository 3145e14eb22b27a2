//! H.265 payload with content information, PACI (RFC 7798 sections 4.4.4 and 4.5).
//!
//! ```text
//! |F|  Type=50  |  LayerId  | TID |  payload header
//! |A|   cType   | PHSsize |F0..2|Y|  fields
//! |  payload header extension structure, PHES: PHSsize bytes; if F0, TSCI comes first in it
//! |  the payload that it comes with, its payload header left out
//!
//! |   TL0PICIDX   |   IrapPicID   |S|E|    RES    |  TSCI
//! ```

use core::fmt;
use core::ops::Range;

use nom::Parser;
use nom::error::context;

use super::nal::{starts_frame, starts_key_frame};
use super::{NalHeader, NalUnitType};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, Step};
use crate::wire::{announced, array};

const FIELDS: Range<usize> = 2..4;
const HEADER_LEN: usize = FIELDS.end;

/// A payload that comes with information on its content.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Paci<'a> {
    header: &'a [u8; HEADER_LEN],
    phes: &'a [u8],
    payload: &'a [u8],
}

/// Temporal scalability control information (RFC 7798 section 4.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Tsci {
    /// TL0PICIDX: a running number of the pictures of temporal layer 0; in others that of the last before.
    pub tl0picidx: u8,
    /// IrapPicID: a running number of the IRAP pictures; in others that of the last before.
    pub irap_pic_id: u8,
    /// S: the first packet of a slice segment.
    pub start: bool,
    /// E: the last packet of a slice segment.
    pub end: bool,
    /// RES: six bits without a meaning.
    pub reserved: u8,
}

impl<'a> Paci<'a> {
    /// The first two bytes: the type is PACI, layers are those of the payload.
    #[inline]
    pub const fn header(&self) -> NalHeader {
        let [first, second, _, _] = *self.header;
        NalHeader([first, second])
    }

    /// The header of the payload that it comes with: A is its F bit, cType its type.
    #[inline]
    pub const fn content_header(&self) -> NalHeader {
        let [_, second, third, _] = *self.header;
        // F and type lie as A and cType do, one bit of LayerId behind them.
        NalHeader([third & 0xFE | self.header[0] & 1, second])
    }

    /// cType: the type of that payload, a unit's or a structure's.
    #[inline]
    pub const fn content_type(&self) -> NalUnitType {
        self.content_header().nal_unit_type()
    }

    /// F0: the extension begins with a [`Tsci`].
    #[inline]
    pub const fn f0(&self) -> bool {
        self.header[3] & 0x08 != 0
    }

    /// F1 and F2, which are to be 0, and Y, which says that there would be more of them.
    #[inline]
    pub const fn reserved(&self) -> u8 {
        self.header[3] & 0x07
    }

    /// The payload header extension structure, 0 to 31 bytes.
    #[inline]
    pub const fn phes(&self) -> &'a [u8] {
        self.phes
    }

    /// The scalability information; `None` if F0 is 0, or the extension shorter than its 3 bytes.
    #[inline]
    pub fn tsci(&self) -> Option<Tsci> {
        let &[tl0picidx, irap_pic_id, third] = self.phes.first_chunk().filter(|_| self.f0())?;
        let (start, end) = (third & 0x80 != 0, third & 0x40 != 0);
        Some(Tsci { tl0picidx, irap_pic_id, start, end, reserved: third & 0x3F })
    }

    /// The payload that it comes with, behind its header.
    #[inline]
    pub const fn payload(&self) -> &'a [u8] {
        self.payload
    }

    /// The type of the unit whose first bytes are here, and what follows its header; an AP is not looked into.
    #[inline]
    const fn unit(&self) -> Option<(NalUnitType, &'a [u8])> {
        match (self.content_type(), self.payload) {
            (NalUnitType::FU, [fu_header @ 0x80..=0xFF, body @ ..]) => {
                Some((NalUnitType(*fu_header & 0x3F), body))
            }
            (NalUnitType(kind @ 0..=47), body) => Some((NalUnitType(kind), body)),
            _ => None,
        }
    }

    /// As [`NalUnit::starts_frame`](super::NalUnit::starts_frame), of a unit or its first fragment without a DON.
    #[inline]
    pub fn starts_frame(&self) -> bool {
        self.unit().is_some_and(|(kind, body)| starts_frame(kind, body))
    }

    /// As [`NalUnit::starts_key_frame`](super::NalUnit::starts_key_frame), of a unit or its first fragment.
    #[inline]
    pub fn starts_key_frame(&self) -> bool {
        self.unit().is_some_and(|(kind, _)| starts_key_frame(kind))
    }
}

/// A PACI packet that takes all of `i`.
#[inline]
pub(super) fn paci(i: &[u8]) -> Step<'_, Paci<'_>> {
    let (rest, header) = context("PACI header", array::<HEADER_LEN>).parse(i)?;
    let [_, _, high, low] = *header;
    let size = usize::from((high & 1) << 4 | low >> 4);
    let (payload, phes) = context("PHES", announced(size)).parse(rest)?;
    Ok((&[], Paci { header, phes, payload }))
}

/// `PACI IDR_W_RADL phes=3 len=1100`
impl fmt::Display for Paci<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.content_type();
        f.write_str(if kind.name().is_some() { "PACI " } else { "PACI type " })?;
        write!(f, "{kind} phes={} len={}", self.phes.len(), self.payload.len())
    }
}

impl fmt::Debug for Paci<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Paci")
            .field("header", &self.header())
            .field("content_header", &self.content_header())
            .field("phes", &self.phes)
            .field("tsci", &self.tsci())
            .field("payload", &self.payload)
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Paci<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        super::nal::serialize_header(&mut map, self.header())?;
        map.serialize_entry("a", &self.content_header().is_forbidden())?;
        map.serialize_entry("c_type", &self.content_type().0)?;
        map.serialize_entry("phes", &crate::ser::Hex(self.phes))?;
        if let Some(tsci) = self.tsci() {
            map.serialize_entry("tl0picidx", &tsci.tl0picidx)?;
            map.serialize_entry("irap_pic_id", &tsci.irap_pic_id)?;
            map.serialize_entry("start", &tsci.start)?;
            map.serialize_entry("end", &tsci.end)?;
        }
        map.serialize_entry("size", &self.payload.len())?;
        map.end()
    }
}

/// Byte for byte as it was read.
impl Encode for Paci<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        HEADER_LEN.saturating_add(self.phes.len()).saturating_add(self.payload.len())
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        *out.array()? = *self.header;
        out.bytes(self.phes)?;
        out.bytes(self.payload)
    }
}
