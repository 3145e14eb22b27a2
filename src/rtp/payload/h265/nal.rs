//! NAL unit header and types of H.265 (RFC 7798 sections 1.1.4 and 4.4.1; ITU-T H.265 section 7.3.1.2).
//!
//! ```text
//! |F|   Type    |  LayerId  | TID |
//! |             DONL              |  in a payload of a single unit, where signalled
//! ```

use core::fmt;

use nom::Parser;
use nom::error::context;

use crate::encode::{Encode, Sink};
use crate::error::{BuildError, Step};
use crate::registry::registry;
use crate::wire::{array, be_u16};

registry! {
    /// What a NAL unit holds, 0 to 63 (ITU-T H.265 table 7-1); from 48 on what an RTP payload is (RFC 7798 section 4.4).
    NalUnitType(u8) {
        /// Trailing picture, no reference in its sub-layer.
        TRAIL_N = 0, "TRAIL_N";
        /// Trailing picture.
        TRAIL_R = 1, "TRAIL_R";
        /// Temporal sub-layer access, no reference in its sub-layer.
        TSA_N = 2, "TSA_N";
        /// Temporal sub-layer access.
        TSA_R = 3, "TSA_R";
        /// Step-wise temporal sub-layer access, no reference in its sub-layer.
        STSA_N = 4, "STSA_N";
        /// Step-wise temporal sub-layer access.
        STSA_R = 5, "STSA_R";
        /// Leading picture that can be decoded, no reference in its sub-layer.
        RADL_N = 6, "RADL_N";
        /// Leading picture that can be decoded.
        RADL_R = 7, "RADL_R";
        /// Leading picture that is left out, no reference in its sub-layer.
        RASL_N = 8, "RASL_N";
        /// Leading picture that is left out.
        RASL_R = 9, "RASL_R";
        /// Broken link access.
        BLA_W_LP = 16, "BLA_W_LP";
        /// Broken link access, leading pictures can be decoded.
        BLA_W_RADL = 17, "BLA_W_RADL";
        /// Broken link access, no leading pictures.
        BLA_N_LP = 18, "BLA_N_LP";
        /// Instantaneous decoding refresh, leading pictures can be decoded.
        IDR_W_RADL = 19, "IDR_W_RADL";
        /// Instantaneous decoding refresh, no leading pictures.
        IDR_N_LP = 20, "IDR_N_LP";
        /// Clean random access.
        CRA_NUT = 21, "CRA_NUT";
        /// Video parameter set.
        VPS = 32, "VPS";
        /// Sequence parameter set.
        SPS = 33, "SPS";
        /// Picture parameter set.
        PPS = 34, "PPS";
        /// Access unit delimiter.
        AUD = 35, "AUD";
        /// End of sequence.
        EOS = 36, "EOS";
        /// End of bitstream.
        EOB = 37, "EOB";
        /// Filler data.
        FD = 38, "FD";
        /// Supplemental enhancement information, before the slices.
        PREFIX_SEI = 39, "PREFIX_SEI";
        /// Supplemental enhancement information, behind the slices.
        SUFFIX_SEI = 40, "SUFFIX_SEI";
        /// Aggregation packet.
        AP = 48, "AP";
        /// Fragmentation unit.
        FU = 49, "FU";
        /// Packet with payload content information.
        PACI = 50, "PACI";
    }
}

/// The first two bytes of a NAL unit, and of every H.265 payload.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct NalHeader(pub [u8; 2]);

impl NalHeader {
    /// The bytes that it takes.
    pub(super) const LEN: usize = 2;

    /// Out of its parts, the F bit 0; `None` for a type or layer above 63, or a temporal layer above 6.
    #[inline]
    pub const fn new(nal_unit_type: NalUnitType, layer_id: u8, temporal_id: u8) -> Option<Self> {
        if nal_unit_type.0 > 63 || layer_id > 63 || temporal_id > 6 {
            return None;
        }
        let first = nal_unit_type.0 << 1 | layer_id >> 5;
        Some(Self([first, layer_id << 3 | (temporal_id + 1)]))
    }

    /// The F bit: a gateway knows that the unit is damaged.
    #[inline]
    pub const fn is_forbidden(self) -> bool {
        self.0[0] & 0x80 != 0
    }

    /// The type.
    #[inline]
    pub const fn nal_unit_type(self) -> NalUnitType {
        NalUnitType(self.0[0] >> 1 & 0x3F)
    }

    /// LayerId: the spatial, quality or view layer, 0 to 63.
    #[inline]
    pub const fn layer_id(self) -> u8 {
        (self.0[0] & 1) << 5 | self.0[1] >> 3
    }

    /// TID as on the wire: the temporal layer plus 1; 0 is forbidden.
    #[inline]
    pub const fn temporal_id_plus1(self) -> u8 {
        self.0[1] & 7
    }

    /// The temporal layer, 0, the base, to 6.
    #[inline]
    pub const fn temporal_id(self) -> u8 {
        self.temporal_id_plus1().saturating_sub(1)
    }

    /// The same with another type.
    #[inline]
    pub(super) const fn with_type(self, nal_unit_type: NalUnitType) -> Self {
        Self([self.0[0] & 0x81 | (nal_unit_type.0 & 0x3F) << 1, self.0[1]])
    }
}

impl fmt::Debug for NalHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NalHeader")
            .field("is_forbidden", &self.is_forbidden())
            .field("nal_unit_type", &self.nal_unit_type())
            .field("layer_id", &self.layer_id())
            .field("temporal_id_plus1", &self.temporal_id_plus1())
            .finish()
    }
}

/// A whole NAL unit: its header, and what follows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NalUnit<'a> {
    /// Its first two bytes.
    pub header: NalHeader,
    /// DON, its decoding order number: where signalled.
    pub don: Option<u16>,
    /// What follows the header.
    pub payload: &'a [u8],
}

impl NalUnit<'_> {
    /// What it holds.
    #[inline]
    pub const fn nal_unit_type(&self) -> NalUnitType {
        self.header.nal_unit_type()
    }

    /// Its bytes, the header's two included.
    #[inline]
    pub const fn size(&self) -> usize {
        self.payload.len().saturating_add(NalHeader::LEN)
    }

    /// It begins a picture: the picture's first slice segment.
    #[inline]
    pub const fn starts_frame(&self) -> bool {
        starts_frame(self.nal_unit_type(), self.payload)
    }

    /// A decoder may begin here: a slice of an IRAP picture, or a video or sequence parameter set.
    #[inline]
    pub const fn starts_key_frame(&self) -> bool {
        starts_key_frame(self.nal_unit_type())
    }
}

/// Whether what follows a NAL unit's header is the front of a picture's first slice segment.
#[inline]
pub(super) const fn starts_frame(nal_unit_type: NalUnitType, body: &[u8]) -> bool {
    // first_slice_segment_in_pic_flag comes first.
    nal_unit_type.0 < 32 && matches!(*body, [0x80..=0xFF, ..])
}

#[inline]
pub(super) const fn starts_key_frame(nal_unit_type: NalUnitType) -> bool {
    // 22 and 23 are reserved for IRAP pictures.
    matches!(nal_unit_type.0, 16..=23)
        || matches!(nal_unit_type, NalUnitType::VPS | NalUnitType::SPS)
}

/// The unit that takes all of `i`, without a DON.
#[inline]
pub(super) fn nal_unit(i: &[u8]) -> Step<'_, NalUnit<'_>> {
    let (payload, &header) = context("NAL unit header", array).parse(i)?;
    Ok((&[], NalUnit { header: NalHeader(header), don: None, payload }))
}

/// The same with a DON behind the header.
#[inline]
pub(super) fn nal_unit_with_don(i: &[u8]) -> Step<'_, NalUnit<'_>> {
    let (rest, &header) = context("NAL unit header", array).parse(i)?;
    let (payload, don) = context("DONL", be_u16).parse(rest)?;
    Ok((&[], NalUnit { header: NalHeader(header), don: Some(don), payload }))
}

/// `SPS 42`: the type, and the size in bytes.
impl fmt::Display for NalUnit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nal_unit_type = self.nal_unit_type();
        f.write_str(if nal_unit_type.name().is_none() { "type " } else { "" })?;
        write!(f, "{nal_unit_type} {}", self.size())
    }
}

/// The fields of the header, as entries of the object that it begins.
#[cfg(feature = "serde")]
pub(super) fn serialize_header<M: serde::ser::SerializeMap>(
    map: &mut M,
    header: NalHeader,
) -> Result<(), M::Error> {
    map.serialize_entry("forbidden_zero_bit", &header.is_forbidden())?;
    map.serialize_entry("nal_unit_type", &header.nal_unit_type().0)?;
    if let Some(name) = header.nal_unit_type().name() {
        map.serialize_entry("name", name)?;
    }
    map.serialize_entry("nuh_layer_id", &header.layer_id())?;
    map.serialize_entry("nuh_temporal_id_plus1", &header.temporal_id_plus1())
}

#[cfg(feature = "serde")]
impl serde::Serialize for NalUnit<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        serialize_header(&mut map, self.header)?;
        if let Some(don) = self.don {
            map.serialize_entry("don", &don)?;
        }
        map.serialize_entry("size", &self.size())?;
        map.end()
    }
}

/// A payload of a single NAL unit to be written: the view itself.
pub type NalUnitBuilder<'a> = NalUnit<'a>;

impl Encode for NalUnit<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        self.size().saturating_add(if self.don.is_some() { 2 } else { 0 })
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        *out.array()? = self.header.0;
        if let Some(don) = self.don {
            *out.array()? = don.to_be_bytes();
        }
        out.bytes(self.payload)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_has_four_parts() {
        // RFC 7798 figure 1: F=1, type 33, LayerId 37, TID 4.
        let header = NalHeader([0xC3, 0x2C]);
        assert!(header.is_forbidden());
        assert_eq!((header.nal_unit_type(), header.layer_id()), (NalUnitType::SPS, 37));
        assert_eq!((header.temporal_id_plus1(), header.temporal_id()), (4, 3));
        assert_eq!(NalHeader::new(NalUnitType::SPS, 37, 3), Some(NalHeader([0x43, 0x2C])));
        assert_eq!(NalHeader::new(NalUnitType(64), 0, 0), None);
        assert_eq!(NalHeader::new(NalUnitType::SPS, 64, 0), None);
        assert_eq!(NalHeader::new(NalUnitType::SPS, 0, 7), None);
        assert_eq!(header.with_type(NalUnitType::FU), NalHeader([0xE3, 0x2C]));
    }
}
