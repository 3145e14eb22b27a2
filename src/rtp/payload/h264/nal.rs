//! NAL unit header and types of H.264 (RFC 6184 sections 1.3 and 5.3; ITU-T H.264 section 7.3.1).
//!
//! ```text
//! |F|NRI|  Type   |
//! ```

use core::fmt;

use crate::registry::registry;

const F: u8 = 0x80;
const NRI_SHIFT: u8 = 5;
const TYPE: u8 = 0x1F;

registry! {
    /// What a NAL unit holds, 0 to 31 (ITU-T H.264 table 7-1); from 24 on what an RTP payload is (RFC 6184 table 1).
    NalUnitType(u8) {
        /// A slice of a picture that refers to others.
        NON_IDR_SLICE = 1, "non-IDR slice";
        /// Partition A of a slice.
        PARTITION_A = 2, "partition A";
        /// Partition B of a slice.
        PARTITION_B = 3, "partition B";
        /// Partition C of a slice.
        PARTITION_C = 4, "partition C";
        /// A slice of an IDR picture: nothing before it is needed.
        IDR_SLICE = 5, "IDR slice";
        /// Supplemental enhancement information.
        SEI = 6, "SEI";
        /// Sequence parameter set.
        SPS = 7, "SPS";
        /// Picture parameter set.
        PPS = 8, "PPS";
        /// Access unit delimiter.
        ACCESS_UNIT_DELIMITER = 9, "access unit delimiter";
        /// End of sequence.
        END_OF_SEQUENCE = 10, "end of sequence";
        /// End of stream.
        END_OF_STREAM = 11, "end of stream";
        /// Filler data.
        FILLER = 12, "filler";
        /// Sequence parameter set extension.
        SPS_EXTENSION = 13, "SPS extension";
        /// Prefix of a base layer's NAL unit (SVC, MVC).
        PREFIX = 14, "prefix";
        /// Subset sequence parameter set (SVC, MVC).
        SUBSET_SPS = 15, "subset SPS";
        /// Depth parameter set.
        DEPTH_PARAMETER_SET = 16, "depth parameter set";
        /// A slice of an auxiliary picture.
        AUXILIARY_SLICE = 19, "auxiliary slice";
        /// A slice of another layer (SVC, MVC).
        SLICE_EXTENSION = 20, "slice extension";
        /// A slice of a depth view.
        DEPTH_SLICE_EXTENSION = 21, "depth slice extension";
        /// Several NAL units of one time.
        STAP_A = 24, "STAP-A";
        /// Several NAL units of one time, with their decoding order.
        STAP_B = 25, "STAP-B";
        /// Several NAL units, with times of 16 bits.
        MTAP16 = 26, "MTAP16";
        /// Several NAL units, with times of 24 bits.
        MTAP24 = 27, "MTAP24";
        /// A fragment of a NAL unit.
        FU_A = 28, "FU-A";
        /// The first fragment of a NAL unit, with its decoding order.
        FU_B = 29, "FU-B";
        /// Payload content scalability information (RFC 6190).
        PACSI = 30, "PACSI";
    }
}

/// The first byte of a NAL unit, and of every H.264 payload.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct NalHeader(pub u8);

impl NalHeader {
    /// Out of its parts; `None` if NRI is above 3, or the type above 31.
    #[inline]
    pub const fn new(forbidden: bool, nri: u8, nal_unit_type: NalUnitType) -> Option<Self> {
        if nri > 3 || nal_unit_type.0 > TYPE {
            return None;
        }
        let forbidden = if forbidden { F } else { 0 };
        Some(Self(forbidden | nri << NRI_SHIFT | nal_unit_type.0))
    }

    /// The F bit: a gateway knows that the unit is damaged.
    #[inline]
    pub const fn is_forbidden(self) -> bool {
        self.0 & F != 0
    }

    /// NRI, 0 to 3: 0 if no other picture refers to this one; more the more it would be missed.
    #[inline]
    pub const fn nri(self) -> u8 {
        self.0 >> NRI_SHIFT & 3
    }

    /// The type.
    #[inline]
    pub const fn nal_unit_type(self) -> NalUnitType {
        NalUnitType(self.0 & TYPE)
    }

    /// The same with another type.
    #[inline]
    pub(super) const fn with_type(self, nal_unit_type: NalUnitType) -> Self {
        Self(self.0 & !TYPE | nal_unit_type.0 & TYPE)
    }
}

impl fmt::Debug for NalHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NalHeader")
            .field("is_forbidden", &self.is_forbidden())
            .field("nri", &self.nri())
            .field("nal_unit_type", &self.nal_unit_type())
            .finish()
    }
}

/// A whole NAL unit: at least its header.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NalUnit<'a> {
    header: NalHeader,
    bytes: &'a [u8],
}

impl<'a> NalUnit<'a> {
    /// `bytes` is the unit, header first, without a start code; `None` if there are none.
    #[inline]
    pub const fn new(bytes: &'a [u8]) -> Option<Self> {
        match *bytes {
            [header, ..] => Some(Self { header: NalHeader(header), bytes }),
            [] => None,
        }
    }

    /// Its first byte.
    #[inline]
    pub const fn header(&self) -> NalHeader {
        self.header
    }

    /// What it holds.
    #[inline]
    pub const fn nal_unit_type(&self) -> NalUnitType {
        self.header.nal_unit_type()
    }

    /// The whole unit, header included.
    #[inline]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// It begins a picture: a slice whose first macroblock is the picture's first.
    #[inline]
    pub fn starts_frame(&self) -> bool {
        starts_frame(self.nal_unit_type(), self.bytes.get(1..).unwrap_or_default())
    }

    /// A decoder may begin here: a slice of an IDR picture, or a sequence parameter set.
    #[inline]
    pub const fn starts_key_frame(&self) -> bool {
        starts_key_frame(self.nal_unit_type())
    }
}

/// Whether what follows a NAL unit's header is the front of a picture's first slice.
#[inline]
pub(super) const fn starts_frame(nal_unit_type: NalUnitType, body: &[u8]) -> bool {
    let slice = matches!(
        nal_unit_type,
        NalUnitType::NON_IDR_SLICE | NalUnitType::PARTITION_A | NalUnitType::IDR_SLICE
    );
    // first_mb_in_slice comes first, as an Exp-Golomb code: that of 0 is the single bit 1.
    slice && matches!(*body, [0x80..=0xFF, ..])
}

#[inline]
pub(super) const fn starts_key_frame(nal_unit_type: NalUnitType) -> bool {
    matches!(nal_unit_type, NalUnitType::IDR_SLICE | NalUnitType::SPS)
}

/// `SPS 27`: the type, and the size in bytes.
impl fmt::Display for NalUnit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nal_unit_type = self.nal_unit_type();
        if nal_unit_type.name().is_none() {
            f.write_str("type ")?;
        }
        write!(f, "{nal_unit_type} {}", self.bytes.len())
    }
}

impl fmt::Debug for NalUnit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NalUnit").field("header", &self.header).field("bytes", &self.bytes).finish()
    }
}

/// The fields of the header, as entries of the object that it begins.
#[cfg(feature = "serde")]
pub(super) fn serialize_header<M: serde::ser::SerializeMap>(
    map: &mut M,
    header: NalHeader,
) -> Result<(), M::Error> {
    map.serialize_entry("forbidden_zero_bit", &header.is_forbidden())?;
    map.serialize_entry("nal_ref_idc", &header.nri())?;
    serialize_type(map, header.nal_unit_type())
}

/// A type, and its name if it has one.
#[cfg(feature = "serde")]
pub(super) fn serialize_type<M: serde::ser::SerializeMap>(
    map: &mut M,
    nal_unit_type: NalUnitType,
) -> Result<(), M::Error> {
    map.serialize_entry("nal_unit_type", &nal_unit_type.0)?;
    match nal_unit_type.name() {
        Some(name) => map.serialize_entry("name", name),
        None => Ok(()),
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for NalUnit<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        serialize_header(&mut map, self.header)?;
        map.serialize_entry("size", &self.bytes.len())?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_has_three_parts() {
        let header = NalHeader(0xE7);
        assert!(header.is_forbidden());
        assert_eq!((header.nri(), header.nal_unit_type()), (3, NalUnitType::SPS));
        assert_eq!(NalHeader::new(true, 3, NalUnitType::SPS), Some(header));
        assert_eq!(NalHeader::new(false, 4, NalUnitType::SPS), None);
        assert_eq!(NalHeader::new(false, 0, NalUnitType(32)), None);
    }

    #[test]
    fn a_picture_begins_with_the_slice_of_its_first_macroblock() {
        // chromium-h264-remb.pcap, frames 13 and 30: two slices of pictures, behind their headers. The codes of
        // first_mb_in_slice are 1 (0), and 0000000000 1 … (not 0).
        let starts = |bytes: &[u8]| NalUnit::new(bytes).unwrap().starts_frame();
        assert!(starts(&[0x65, 0xb8, 0x00]) && starts(&[0x61, 0xe0]));
        assert!(!starts(&[0x61, 0x00, 0x40]) && !starts(&[0x61]));
        assert!(!starts(&[0x67, 0xb8]), "no slice");
    }
}
