//! Regions of interest that are sent (3GPP TS 26.114 section 7.3.7).
//!
//! ```text
//! |          position X           |          position Y           |  roi-sent
//! |            size X             |            size Y             |
//!
//! |    ROI ID     |  predefined-roi-sent
//! ```

use core::fmt;
use core::ops::Range;

use byteorder::{BE, ByteOrder};

use super::value::{exactly, value};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, run};

// Places in the data of an arbitrary region.
const POSITION_X: Range<usize> = 0..2;
const POSITION_Y: Range<usize> = 2..4;
const SIZE_X: Range<usize> = 4..6;
const SIZE_Y: Range<usize> = 6..8;
const LEN: usize = SIZE_Y.end;

/// The region of the picture that is sent, in pixels of the whole picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RoiSent {
    /// Left edge.
    pub position_x: u16,
    /// Upper edge.
    pub position_y: u16,
    /// Width.
    pub size_x: u16,
    /// Height.
    pub size_y: u16,
}

value!(RoiSent: ROI_SENT);

impl RoiSent {
    /// Reads the data of an element, all of it.
    ///
    /// # Errors
    /// It is not 8 bytes.
    #[inline]
    pub fn parse(data: &[u8]) -> Result<Self, ParseError> {
        let data = run("roi-sent", data, exactly::<LEN>)?;
        Ok(Self {
            position_x: BE::read_u16(&data[POSITION_X]),
            position_y: BE::read_u16(&data[POSITION_Y]),
            size_x: BE::read_u16(&data[SIZE_X]),
            size_y: BE::read_u16(&data[SIZE_Y]),
        })
    }
}

impl Encode for RoiSent {
    #[inline]
    fn encoded_len(&self) -> usize {
        LEN
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let data = out.array::<LEN>()?;
        BE::write_u16(&mut data[POSITION_X], self.position_x);
        BE::write_u16(&mut data[POSITION_Y], self.position_y);
        BE::write_u16(&mut data[SIZE_X], self.size_x);
        BE::write_u16(&mut data[SIZE_Y], self.size_y);
        Ok(())
    }
}

/// `roi-sent 640x360 at 100,50`
impl fmt::Display for RoiSent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { position_x, position_y, size_x, size_y } = self;
        write!(f, "roi-sent {size_x}x{size_y} at {position_x},{position_y}")
    }
}

#[cfg(feature = "serde")]
impl super::value::Fields for RoiSent {
    fn fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("position_x", &self.position_x)?;
        map.serialize_entry("position_y", &self.position_y)?;
        map.serialize_entry("size_x", &self.size_x)?;
        map.serialize_entry("size_y", &self.size_y)
    }
}

/// Which of the regions that signalling defined is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PredefinedRoiSent(
    /// Its identifier.
    pub u8,
);

value!(PredefinedRoiSent: PREDEFINED_ROI_SENT);

impl PredefinedRoiSent {
    /// Reads the data of an element, all of it.
    ///
    /// # Errors
    /// It is not 1 byte.
    #[inline]
    pub fn parse(data: &[u8]) -> Result<Self, ParseError> {
        let &[id] = run("predefined-roi-sent", data, exactly)?;
        Ok(Self(id))
    }
}

impl Encode for PredefinedRoiSent {
    #[inline]
    fn encoded_len(&self) -> usize {
        1
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        *out.array()? = [self.0];
        Ok(())
    }
}

/// `predefined-roi-sent 3`
impl fmt::Display for PredefinedRoiSent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "predefined-roi-sent {}", self.0)
    }
}

#[cfg(feature = "serde")]
impl super::value::Fields for PredefinedRoiSent {
    fn fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("roi_id", &self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::check::{both_ways, takes_only_lengths};
    use super::*;

    // No published bytes were found: the layout of the registry table, its fields filled in.

    #[test]
    fn reads_and_writes_a_region() {
        let data = [0, 100, 0, 50, 2, 128, 1, 104];
        let value = RoiSent { position_x: 100, position_y: 50, size_x: 640, size_y: 360 };
        both_ways(&data, value);
        takes_only_lengths(0xff, &[8], RoiSent::parse);
    }

    #[test]
    fn reads_and_writes_a_predefined_region() {
        both_ways(&[200], PredefinedRoiSent(200));
        takes_only_lengths(0xff, &[1], PredefinedRoiSent::parse);
    }
}
