//! Orientation of the video, CVO (3GPP TS 26.114 section 7.4.5).
//!
//! ```text
//! |0|0|0|0|C|F| R |  rotation in steps of 90°
//!
//! |  R5-R2  |C|F|R1-R0|  the same with 6 bits of rotation, their high ones in front
//! ```

use core::fmt;

use super::value::{exactly, value};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, run};

const CAMERA: u8 = 8;
const FLIP: u8 = 4;
const ROTATION: u8 = 3;

/// How the receiver has to turn and flip the picture before showing it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct VideoOrientation {
    /// It comes from the camera on the back of the device; if not, from the front or from an unknown place (C).
    pub back_camera: bool,
    /// It is mirrored: flip it horizontally (F).
    pub flip: bool,
    /// By how many steps of 90° to turn it clockwise, as it was turned the other way, 0 to 3 (R1, R0).
    pub rotation: u8,
    /// The four bits in front, 0 to 15: 0 by the standard.
    pub reserved: u8,
}

value!(VideoOrientation: VIDEO_ORIENTATION);

impl VideoOrientation {
    /// Reads the data of an element, all of it.
    ///
    /// # Errors
    /// It is not 1 byte.
    #[inline]
    pub fn parse(data: &[u8]) -> Result<Self, ParseError> {
        let &[byte] = run("video-orientation", data, exactly)?;
        Ok(Self {
            back_camera: byte & CAMERA != 0,
            flip: byte & FLIP != 0,
            rotation: byte & ROTATION,
            reserved: byte >> 4,
        })
    }

    /// By how many degrees to turn it clockwise: 0, 90, 180 or 270.
    #[inline]
    pub const fn degrees(self) -> u16 {
        match self.rotation & ROTATION {
            0 => 0,
            1 => 90,
            2 => 180,
            _ => 270,
        }
    }
}

/// The byte: four bits in front, camera, flip, the low bits of the rotation.
#[inline]
fn packed(high: u8, camera: bool, flip: bool, low: u8) -> [u8; 1] {
    let camera = if camera { CAMERA } else { 0 };
    let flip = if flip { FLIP } else { 0 };
    [high << 4 | camera | flip | low]
}

impl Encode for VideoOrientation {
    #[inline]
    fn encoded_len(&self) -> usize {
        1
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if self.rotation > ROTATION {
            return Err(BuildError::OutOfRange { field: "rotation" });
        }
        if self.reserved > 15 {
            return Err(BuildError::OutOfRange { field: "reserved" });
        }
        *out.array()? = packed(self.reserved, self.back_camera, self.flip, self.rotation);
        Ok(())
    }
}

/// `video-orientation 90° back flip`
impl fmt::Display for VideoOrientation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "video-orientation {}°", self.degrees())?;
        flags(f, self.back_camera, self.flip)
    }
}

fn flags(f: &mut fmt::Formatter<'_>, camera: bool, flip: bool) -> fmt::Result {
    f.write_str(if camera { " back" } else { "" })?;
    f.write_str(if flip { " flip" } else { "" })
}

#[cfg(feature = "serde")]
impl super::value::Fields for VideoOrientation {
    fn fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("c", &self.back_camera)?;
        map.serialize_entry("f", &self.flip)?;
        map.serialize_entry("r1", &(self.rotation >> 1 & 1))?;
        map.serialize_entry("r0", &(self.rotation & 1))?;
        map.serialize_entry("rotation_degrees", &self.degrees())
    }
}

/// As [`VideoOrientation`], in finer steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct VideoOrientation6 {
    /// It comes from the camera on the back of the device; if not, from the front or from an unknown place (C).
    pub back_camera: bool,
    /// It is mirrored: flip it horizontally (F).
    pub flip: bool,
    /// By how many steps of 360/64° to turn it clockwise, 0 to 63. R1 and R0 are its high bits, as in the coarse form;
    /// R5 to R2 refine them.
    pub rotation: u8,
}

value!(VideoOrientation6: VIDEO_ORIENTATION_6);

impl VideoOrientation6 {
    /// Reads the data of an element, all of it.
    ///
    /// # Errors
    /// It is not 1 byte.
    #[inline]
    pub fn parse(data: &[u8]) -> Result<Self, ParseError> {
        let &[byte] = run("video-orientation-6", data, exactly)?;
        Ok(Self {
            back_camera: byte & CAMERA != 0,
            flip: byte & FLIP != 0,
            rotation: (byte & ROTATION) << 4 | byte >> 4,
        })
    }
}

impl VideoOrientation6 {
    /// By how many 64ths of a degree to turn it clockwise: a step is 360 of them.
    #[inline]
    pub const fn degrees_64ths(self) -> u32 {
        u32::from_be_bytes([0, 0, 0, self.rotation]) * 360
    }
}

impl Encode for VideoOrientation6 {
    #[inline]
    fn encoded_len(&self) -> usize {
        1
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if self.rotation > 63 {
            return Err(BuildError::OutOfRange { field: "rotation" });
        }
        let (high, low) = (self.rotation & 15, self.rotation >> 4);
        *out.array()? = packed(high, self.back_camera, self.flip, low);
        Ok(())
    }
}

/// `video-orientation-6 17/64 back flip`
impl fmt::Display for VideoOrientation6 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "video-orientation-6 {}/64", self.rotation)?;
        flags(f, self.back_camera, self.flip)
    }
}

#[cfg(feature = "serde")]
impl super::value::Fields for VideoOrientation6 {
    fn fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        for (name, bit) in [("r5", 3), ("r4", 2), ("r3", 1), ("r2", 0)] {
            map.serialize_entry(name, &(self.rotation >> bit & 1))?;
        }
        map.serialize_entry("c", &self.back_camera)?;
        map.serialize_entry("f", &self.flip)?;
        map.serialize_entry("r1", &(self.rotation >> 5 & 1))?;
        map.serialize_entry("r0", &(self.rotation >> 4 & 1))
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::check::{both_ways, not_written, takes_only_lengths};
    use super::*;

    #[test]
    fn every_bit_survives() {
        // 3GPP TS 26.114 section 7.4.5: 0 0 0 0 C F R1 R0.
        let value = VideoOrientation { back_camera: true, flip: true, rotation: 1, reserved: 0 };
        both_ways(&[0b1101], value);
        assert_eq!(value.degrees(), 90);
        for byte in 0..=255 {
            let value = VideoOrientation::parse(&[byte]).unwrap();
            both_ways(&[byte], value);
            assert_eq!(value.degrees(), u16::from(byte & 3) * 90);
        }
        takes_only_lengths(0xff, &[1], VideoOrientation::parse);
        not_written(&VideoOrientation { rotation: 4, ..Default::default() }, "rotation");
        not_written(&VideoOrientation { reserved: 16, ..Default::default() }, "reserved");
    }

    #[test]
    fn six_bits_of_rotation_survive() {
        // 3GPP TS 26.114 section 7.4.5: R5 R4 R3 R2 C F R1 R0, counted as R1 R0 R5 R4 R3 R2.
        let value = VideoOrientation6 { back_camera: false, flip: true, rotation: 0b10_0001 };
        both_ways(&[0b0001_0110], value);
        assert_eq!(value.degrees_64ths(), 33 * 360);
        for byte in 0..=255 {
            let value = VideoOrientation6::parse(&[byte]).unwrap();
            both_ways(&[byte], value);
            // Without the finer bits it is the coarse form.
            let coarse = VideoOrientation::parse(&[byte & 15]).unwrap();
            assert_eq!(value.rotation >> 4, coarse.rotation);
            assert_eq!((value.back_camera, value.flip), (coarse.back_camera, coarse.flip));
        }
        takes_only_lengths(0xff, &[1], VideoOrientation6::parse);
        not_written(&VideoOrientation6 { rotation: 64, ..Default::default() }, "rotation");
    }

    #[test]
    #[cfg(feature = "serde")]
    fn serialises_as_the_layout_names_the_fields() {
        use super::super::value::check::json;

        let value = VideoOrientation::parse(&[0b1001]).unwrap();
        let text = r#"{"c":true,"f":false,"r1":0,"r0":1,"rotation_degrees":90}"#;
        assert_eq!(json(&value), text);
        let value = VideoOrientation6::parse(&[0b0011_0110]).unwrap();
        let text = r#"{"r5":0,"r4":0,"r3":1,"r2":1,"c":false,"f":true,"r1":1,"r0":0}"#;
        assert_eq!(json(&value), text);
    }
}
