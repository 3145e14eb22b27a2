//! OBU header of AV1 (AV1 bitstream specification, sections 5.3.2 and 5.3.3).
//!
//! ```text
//! |F| type  |X|S|-|  forbidden bit, type, extension flag, has size field
//! | TID |SID|- - -|  extension, if X
//! ```

use core::fmt;

use crate::registry::registry;

const F: u8 = 0x80;
const TYPE_SHIFT: u8 = 3;
const X: u8 = 0x04;
const S: u8 = 0x02;
const TID_SHIFT: u8 = 5;
const SID_SHIFT: u8 = 3;

registry! {
    /// What an OBU holds, 0 to 15 (AV1 bitstream specification, section 6.2.2).
    ObuType(u8) {
        /// The sequence header, at the front of a coded video sequence.
        SEQUENCE_HEADER = 1, "sequence header";
        /// Temporal delimiter; it is left out in RTP.
        TEMPORAL_DELIMITER = 2, "temporal delimiter";
        /// The header of a frame.
        FRAME_HEADER = 3, "frame header";
        /// Tiles of a frame.
        TILE_GROUP = 4, "tile group";
        /// Metadata.
        METADATA = 5, "metadata";
        /// The header of a frame and tiles of it.
        FRAME = 6, "frame";
        /// The header of a frame once more.
        REDUNDANT_FRAME_HEADER = 7, "redundant frame header";
        /// Tile list; it is left out in RTP.
        TILE_LIST = 8, "tile list";
        /// Padding.
        PADDING = 15, "padding";
    }
}

/// The first bytes of an OBU, kept as they are.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ObuHeader {
    first: u8,
    extension: Option<u8>,
}

impl ObuHeader {
    /// Reads the header at the front of an OBU; `None` if it is cut short.
    #[inline]
    pub fn new(obu: &[u8]) -> Option<Self> {
        match *obu {
            [first, ..] if first & X == 0 => Some(Self { first, extension: None }),
            [first, extension, ..] => Some(Self { first, extension: Some(extension) }),
            _ => None,
        }
    }

    /// The forbidden bit, which is to be 0.
    #[inline]
    pub const fn is_forbidden(&self) -> bool {
        self.first & F != 0
    }

    /// What the OBU holds.
    #[inline]
    pub const fn obu_type(&self) -> ObuType {
        ObuType(self.first >> TYPE_SHIFT & 0x0F)
    }

    /// The OBU says its own size, which in RTP it need not.
    #[inline]
    pub const fn has_size_field(&self) -> bool {
        self.first & S != 0
    }

    /// The temporal layer, 0 to 7; `None` without the extension, which stands for 0.
    #[inline]
    pub fn temporal_id(&self) -> Option<u8> {
        self.extension.map(|byte| byte >> TID_SHIFT)
    }

    /// The spatial layer, 0 to 3; `None` without the extension, which stands for 0.
    #[inline]
    pub fn spatial_id(&self) -> Option<u8> {
        self.extension.map(|byte| byte >> SID_SHIFT & 3)
    }
}

impl fmt::Debug for ObuHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObuHeader")
            .field("obu_type", &self.obu_type())
            .field("has_size_field", &self.has_size_field())
            .field("temporal_id", &self.temporal_id())
            .field("spatial_id", &self.spatial_id())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_has_one_byte_or_two() {
        // AV1 bitstream specification, section 5.3.2, bit by bit: type 6, without and with extension.
        let header = ObuHeader::new(&[0x32]).unwrap();
        assert_eq!((header.obu_type(), header.has_size_field()), (ObuType::FRAME, true));
        assert_eq!((header.temporal_id(), header.spatial_id()), (None, None));
        let header = ObuHeader::new(&[0x34, 0x50]).unwrap();
        assert_eq!((header.obu_type(), header.has_size_field()), (ObuType::FRAME, false));
        assert_eq!((header.temporal_id(), header.spatial_id()), (Some(2), Some(2)));
        crate::testing::debugs(&header);
        assert_eq!(ObuHeader::new(&[0x34]), None);
        assert_eq!(ObuHeader::new(&[]), None);
        assert!(ObuHeader::new(&[0x80]).unwrap().is_forbidden());
    }
}
