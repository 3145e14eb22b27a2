//! VP8 payload header (RFC 7741 section 4.3): the frame tag, and in a key frame what follows it (RFC 6386 section 9.1).
//!
//! ```text
//! |Size0|H| VER |P|     Size1     |     Size2     |  tag
//! |    start code: 9d 01 2a                       |  key, if P=0
//! | width, 14 bits, little endian |  scale, 2 bits in the high ones
//! | height                        |  the same
//! ```

use core::fmt;
use core::ops::Range;

use byteorder::{ByteOrder, LE};

const START_CODE: Range<usize> = 0..3;
const WIDTH: Range<usize> = 3..5;
const HEIGHT: Range<usize> = 5..7;
const TAG_LEN: usize = 3;
const KEY_LEN: usize = HEIGHT.end;

/// The header at the front of a frame, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FrameHeader<'a> {
    tag: &'a [u8; TAG_LEN],
    key: Option<&'a [u8; KEY_LEN]>,
}

impl<'a> FrameHeader<'a> {
    /// Reads the front of a frame; `None` if there are fewer than the 3 bytes that every frame has.
    #[inline]
    pub fn new(frame: &'a [u8]) -> Option<Self> {
        let (tag, rest) = frame.split_first_chunk()?;
        let key = if tag[0] & 1 == 0 { rest.first_chunk() } else { None };
        Some(Self { tag, key })
    }

    /// The inverse of the P bit: the frame needs no other.
    #[inline]
    pub const fn is_key_frame(&self) -> bool {
        self.tag[0] & 1 == 0
    }

    /// The version of the bitstream, 0 to 7.
    #[inline]
    pub const fn version(&self) -> u8 {
        self.tag[0] >> 1 & 7
    }

    /// The H bit: the frame is to be shown.
    #[inline]
    pub const fn show_frame(&self) -> bool {
        self.tag[0] & 0x10 != 0
    }

    /// The size of the first partition in bytes, 19 bits.
    #[inline]
    pub fn first_partition_size(&self) -> u32 {
        LE::read_u24(self.tag) >> 5
    }

    /// The start code of a key frame is there and right.
    #[inline]
    pub fn has_start_code(&self) -> bool {
        self.key.is_some_and(|key| key[START_CODE] == [0x9d, 0x01, 0x2a])
    }

    /// Width and height in pixels, of a key frame whose first 10 bytes are there with the right start code.
    #[inline]
    pub fn dimensions(&self) -> Option<(u16, u16)> {
        let key = self.key.filter(|_| self.has_start_code())?;
        Some((LE::read_u16(&key[WIDTH]) & 0x3FFF, LE::read_u16(&key[HEIGHT]) & 0x3FFF))
    }

    /// How a key frame is to be scaled up, horizontally and vertically: 0 not at all, 1 by 5/4, 2 by 5/3, 3 by 2.
    #[inline]
    pub fn scaling(&self) -> Option<(u8, u8)> {
        let key = self.key.filter(|_| self.has_start_code())?;
        let [.., horizontal, _, vertical] = *key;
        Some((horizontal >> 6, vertical >> 6))
    }
}

/// `key frame 320x180` or `frame`.
impl fmt::Display for FrameHeader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_key_frame() { "key frame" } else { "frame" })?;
        match self.dimensions() {
            Some((width, height)) => write!(f, " {width}x{height}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for FrameHeader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrameHeader")
            .field("is_key_frame", &self.is_key_frame())
            .field("version", &self.version())
            .field("show_frame", &self.show_frame())
            .field("first_partition_size", &self.first_partition_size())
            .field("dimensions", &self.dimensions())
            .field("scaling", &self.scaling())
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for FrameHeader<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("key_frame", &self.is_key_frame())?;
        map.serialize_entry("version", &self.version())?;
        map.serialize_entry("show_frame", &self.show_frame())?;
        map.serialize_entry("first_partition_size", &self.first_partition_size())?;
        if let (Some((width, height)), Some((horizontal, vertical))) =
            (self.dimensions(), self.scaling())
        {
            map.serialize_entry("width", &width)?;
            map.serialize_entry("height", &height)?;
            map.serialize_entry("horizontal_scale", &horizontal)?;
            map.serialize_entry("vertical_scale", &vertical)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_p_bit_is_that_of_an_interframe() {
        // RFC 6386 section 9.1: frame tag, then in a key frame alone the start code, width and height.
        let key = FrameHeader::new(&[0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00])
            .unwrap();
        assert!(key.is_key_frame());
        let inter = FrameHeader::new(&[0x11, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00])
            .unwrap();
        assert!(!inter.is_key_frame());
        assert_eq!((key.dimensions(), inter.dimensions()), (Some((320, 240)), None));
        crate::testing::debugs(&key);
    }
}
