//! Color space and HDR metadata (libwebrtc, rtp-hdrext/color-space).
//!
//! ```text
//! |   primaries   |   transfer    |    matrix     | range |  H|  V|  4 bytes
//! |         luminance max         |         luminance min         |  HDR metadata, 24 bytes, optional
//! |      mastering red x, y, green x, y, blue x, y, white x, y    |
//! |       max content light       |    max frame average light    |
//! ```

use core::fmt;
use core::ops::Range;

use byteorder::{BE, ByteOrder};

use super::value::{ended, value};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::registry::registry;
use crate::wire::array;

registry! {
    /// The range of the sample values, 0 to 15: the high bits of the color space's fourth byte.
    ColorRange(u8) {
        /// Not known.
        INVALID = 0, "invalid";
        /// Limited: 16 to 235, or 240, of 8 bits.
        LIMITED = 1, "limited";
        /// Full: 0 to 255 of 8 bits.
        FULL = 2, "full";
        /// As transfer and matrix define it.
        DERIVED = 3, "derived";
    }
}

registry! {
    /// Where the chroma samples lie along one axis, 0 to 3.
    ChromaSiting(u8) {
        /// Not known.
        UNSPECIFIED = 0, "unspecified";
        /// With the first luma sample.
        COLLOCATED = 1, "collocated";
        /// Half way between luma samples.
        HALF = 2, "half";
    }
}

/// No value known.
impl Default for ColorRange {
    fn default() -> Self {
        Self::INVALID
    }
}

/// No value known.
impl Default for ChromaSiting {
    fn default() -> Self {
        Self::UNSPECIFIED
    }
}

/// How the numbers of the picture stand for colors; sent with the last packet of a key frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ColorSpace {
    /// Color primaries, a code point of ITU-T H.273: 1 is BT.709.
    pub primaries: u8,
    /// Transfer characteristics, a code point of ITU-T H.273.
    pub transfer: u8,
    /// Matrix coefficients, a code point of ITU-T H.273.
    pub matrix: u8,
    /// The range of the sample values.
    pub range: ColorRange,
    /// Where chroma samples lie in a row.
    pub horizontal: ChromaSiting,
    /// Where chroma samples lie in a column.
    pub vertical: ChromaSiting,
    /// How the picture was mastered, for HDR.
    pub hdr: Option<HdrMetadata>,
}

/// A point of the CIE 1931 diagram, in units of 1/50000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Chromaticity {
    /// x × 50000.
    pub x: u16,
    /// y × 50000.
    pub y: u16,
}

/// The mastering display and the light of the content (SMPTE ST 2086, CTA-861.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct HdrMetadata {
    /// Most luminance of the display, cd/m².
    pub luminance_max: u16,
    /// Least luminance of the display, in units of 1/10000 cd/m².
    pub luminance_min: u16,
    /// Its red.
    pub red: Chromaticity,
    /// Its green.
    pub green: Chromaticity,
    /// Its blue.
    pub blue: Chromaticity,
    /// Its white.
    pub white: Chromaticity,
    /// Brightest pixel of the content, cd/m².
    pub max_content_light: u16,
    /// Brightest average of a frame, cd/m².
    pub max_frame_average_light: u16,
}

value!(ColorSpace: COLOR_SPACE);

// Places in the HDR metadata.
const LUMINANCE_MAX: Range<usize> = 0..2;
const LUMINANCE_MIN: Range<usize> = 2..4;
const RED: Range<usize> = 4..8;
const GREEN: Range<usize> = 8..12;
const BLUE: Range<usize> = 12..16;
const WHITE: Range<usize> = 16..20;
const MAX_CONTENT_LIGHT: Range<usize> = 20..22;
const MAX_FRAME_AVERAGE_LIGHT: Range<usize> = 22..24;
const HDR_LEN: usize = MAX_FRAME_AVERAGE_LIGHT.end;

impl Chromaticity {
    /// Both numbers, as one of 32 bits.
    #[inline]
    fn new(both: u32) -> Self {
        let [a, b, c, d] = both.to_be_bytes();
        Self { x: u16::from_be_bytes([a, b]), y: u16::from_be_bytes([c, d]) }
    }

    #[inline]
    fn both(self) -> u32 {
        u32::from(self.x) << 16 | u32::from(self.y)
    }
}

impl ColorSpace {
    /// Reads the data of an element, all of it. Code points are not looked at.
    ///
    /// # Errors
    /// It is neither 4 nor 28 bytes.
    #[inline]
    pub fn parse(data: &[u8]) -> Result<Self, ParseError> {
        run("color-space", data, color_space)
    }
}

#[inline]
fn color_space(i: &[u8]) -> Step<'_, ColorSpace> {
    let (mut rest, &[primaries, transfer, matrix, range]) = array(i)?;
    let mut value = ColorSpace {
        primaries,
        transfer,
        matrix,
        range: ColorRange(range >> 4),
        horizontal: ChromaSiting(range >> 2 & 3),
        vertical: ChromaSiting(range & 3),
        hdr: None,
    };
    if !rest.is_empty() {
        let data;
        (rest, data) = array::<HDR_LEN>(rest)?;
        ended(i, rest)?;
        value.hdr = Some(HdrMetadata {
            luminance_max: BE::read_u16(&data[LUMINANCE_MAX]),
            luminance_min: BE::read_u16(&data[LUMINANCE_MIN]),
            red: Chromaticity::new(BE::read_u32(&data[RED])),
            green: Chromaticity::new(BE::read_u32(&data[GREEN])),
            blue: Chromaticity::new(BE::read_u32(&data[BLUE])),
            white: Chromaticity::new(BE::read_u32(&data[WHITE])),
            max_content_light: BE::read_u16(&data[MAX_CONTENT_LIGHT]),
            max_frame_average_light: BE::read_u16(&data[MAX_FRAME_AVERAGE_LIGHT]),
        });
    }
    Ok((rest, value))
}

impl Encode for ColorSpace {
    #[inline]
    fn encoded_len(&self) -> usize {
        if self.hdr.is_some() { 4 + HDR_LEN } else { 4 }
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let (range, horizontal, vertical) = (self.range.0, self.horizontal.0, self.vertical.0);
        if range > 15 {
            return Err(BuildError::OutOfRange { field: "range" });
        }
        if horizontal > 3 || vertical > 3 {
            return Err(BuildError::OutOfRange { field: "chroma siting" });
        }
        let range = range << 4 | horizontal << 2 | vertical;
        *out.array()? = [self.primaries, self.transfer, self.matrix, range];
        let Some(hdr) = self.hdr else { return Ok(()) };
        let data = out.array::<HDR_LEN>()?;
        BE::write_u16(&mut data[LUMINANCE_MAX], hdr.luminance_max);
        BE::write_u16(&mut data[LUMINANCE_MIN], hdr.luminance_min);
        BE::write_u32(&mut data[RED], hdr.red.both());
        BE::write_u32(&mut data[GREEN], hdr.green.both());
        BE::write_u32(&mut data[BLUE], hdr.blue.both());
        BE::write_u32(&mut data[WHITE], hdr.white.both());
        BE::write_u16(&mut data[MAX_CONTENT_LIGHT], hdr.max_content_light);
        BE::write_u16(&mut data[MAX_FRAME_AVERAGE_LIGHT], hdr.max_frame_average_light);
        Ok(())
    }
}

/// `color-space primaries 9 transfer 16 matrix 9 range limited siting collocated,half hdr 0.0050..1000 cd/m²`
impl fmt::Display for ColorSpace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { primaries, transfer, matrix, range, horizontal, vertical, hdr } = self;
        write!(f, "color-space primaries {primaries} transfer {transfer} matrix {matrix}")?;
        write!(f, " range {range} siting {horizontal},{vertical}")?;
        let Some(hdr) = hdr else { return Ok(()) };
        let (whole, part) = (hdr.luminance_min / 10_000, hdr.luminance_min % 10_000);
        write!(f, " hdr {whole}.{part:04}..{} cd/m²", hdr.luminance_max)
    }
}

#[cfg(feature = "serde")]
impl super::value::Fields for ColorSpace {
    fn fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("primaries", &self.primaries)?;
        map.serialize_entry("transfer", &self.transfer)?;
        map.serialize_entry("matrix", &self.matrix)?;
        map.serialize_entry("range", &self.range.0)?;
        map.serialize_entry("horizontal", &self.horizontal.0)?;
        map.serialize_entry("vertical", &self.vertical.0)?;
        let Some(hdr) = self.hdr else { return Ok(()) };
        map.serialize_entry("luminance_max", &hdr.luminance_max)?;
        map.serialize_entry("luminance_min", &hdr.luminance_min)?;
        map.serialize_entry("red_x", &hdr.red.x)?;
        map.serialize_entry("red_y", &hdr.red.y)?;
        map.serialize_entry("green_x", &hdr.green.x)?;
        map.serialize_entry("green_y", &hdr.green.y)?;
        map.serialize_entry("blue_x", &hdr.blue.x)?;
        map.serialize_entry("blue_y", &hdr.blue.y)?;
        map.serialize_entry("white_x", &hdr.white.x)?;
        map.serialize_entry("white_y", &hdr.white.y)?;
        map.serialize_entry("max_content_light", &hdr.max_content_light)?;
        map.serialize_entry("max_frame_average_light", &hdr.max_frame_average_light)
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::check::{both_ways, not_written, takes_only_lengths};
    use super::*;

    /// What the capture's sender was told: SMPTE 170M (6) for all three, limited range, siting unknown.
    const SMPTE_170M: ColorSpace = ColorSpace {
        primaries: 6,
        transfer: 6,
        matrix: 6,
        range: ColorRange::LIMITED,
        horizontal: ChromaSiting::UNSPECIFIED,
        vertical: ChromaSiting::UNSPECIFIED,
        hdr: None,
    };

    #[test]
    fn reads_and_writes_without_hdr() {
        // GStreamer 1.22.0, gst-vp8-opusred-exts-ipv6.pcap frame 108, and Chromium 156 the same.
        both_ways(&[6, 6, 6, 0x10], SMPTE_170M);
        // The document: range << 4 + horizontal << 2 + vertical.
        let value = ColorSpace {
            range: ColorRange::FULL,
            horizontal: ChromaSiting::COLLOCATED,
            vertical: ChromaSiting::HALF,
            ..SMPTE_170M
        };
        both_ways(&[6, 6, 6, 0b0010_0110], value);
        takes_only_lengths(0xff, &[4, 28], ColorSpace::parse);
    }

    #[test]
    fn reads_and_writes_hdr_metadata() {
        // The layout of libwebrtc's document with the values of a BT.2020 display of 1000 cd/m²: 0.708 is 35400.
        let data: [[u8; 4]; 7] = [
            [9, 16, 9, 0x10],         // BT.2020, PQ
            [0x03, 0xe8, 0, 50],      // 1000 cd/m², 0.005 cd/m²
            [0x8a, 0x48, 0x39, 0x08], // red 0.708, 0.292
            [0x21, 0x34, 0x9b, 0xaa], // green 0.170, 0.797
            [0x19, 0x96, 0x08, 0xfc], // blue 0.131, 0.046
            [0x3d, 0x13, 0x40, 0x42], // white 0.3127, 0.3290
            [0x02, 0x58, 0x01, 0x2c], // 600 and 300 cd/m²
        ];
        let point = |x, y| Chromaticity { x, y };
        let hdr = HdrMetadata {
            luminance_max: 1000,
            luminance_min: 50,
            red: point(35_400, 14_600),
            green: point(8500, 39_850),
            blue: point(6550, 2300),
            white: point(15_635, 16_450),
            max_content_light: 600,
            max_frame_average_light: 300,
        };
        let value =
            ColorSpace { primaries: 9, transfer: 16, matrix: 9, hdr: Some(hdr), ..SMPTE_170M };
        both_ways(data.as_flattened(), value);
    }

    #[test]
    fn what_does_not_fit_its_bits_is_not_written() {
        not_written(&ColorSpace { range: ColorRange(16), ..SMPTE_170M }, "range");
        let siting = ChromaSiting(4);
        not_written(&ColorSpace { horizontal: siting, ..SMPTE_170M }, "chroma siting");
        not_written(&ColorSpace { vertical: siting, ..SMPTE_170M }, "chroma siting");
    }
}
