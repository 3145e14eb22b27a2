//! Viewport, VP (3GPP TS 26.114 section Y.7.2).
//!
//! ```text
//! |V=2|P| FMT=11  |    PT=206     |         length=7 or 8         |  raw.rs
//! |                    SSRC of packet sender                      |
//! |                    SSRC of media source                       |
//! |                 azimuth, signed, 2^-16 degrees                |  fixed
//! |                elevation, signed, 2^-16 degrees               |
//! |                  tilt, signed, 2^-16 degrees                  |
//! |                  azimuth range, 2^-16 degrees                 |
//! |                 elevation range, 2^-16 degrees                |
//! |                stereoscopic, zero padding (optional)          |  stereoscopic
//! ```
//!
//! The fields behind the tilt come from the registry tables of this project, which have them from memory and leave open
//! whether a word with a stereoscopic flag follows. Both are read; the flag is built where it is given.

use byteorder::{BE, ByteOrder};
use core::fmt;
use core::ops::Range;

use super::common::{
    START_LEN, common_accessors, debug_start, display_start, feedback_of, write_start,
};
use super::{Feedback, PayloadFeedbackFormat};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::rtcp::PacketType;

// Places in the control information, for reading and for writing.
const AZIMUTH: Range<usize> = 0..4;
const ELEVATION: Range<usize> = 4..8;
const TILT: Range<usize> = 8..12;
const AZIMUTH_RANGE: Range<usize> = 12..16;
const ELEVATION_RANGE: Range<usize> = 16..20;
const FIXED_LEN: usize = ELEVATION_RANGE.end;

/// The part of a 360-degree video that a receiver shows, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Vp<'a> {
    common: Feedback<'a>,
    fixed: &'a [u8; FIXED_LEN],
    stereoscopic: Option<&'a [u8; 4]>,
}

impl<'a> Vp<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type or format, a version other than 2, a length or padding beyond the packet; control
    /// information of another length than the two.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("VP", bytes, vp)
    }

    common_accessors!();

    /// Azimuth of the centre, in units of 2^-16 degrees: −180° to just below 180°.
    #[inline]
    pub fn azimuth(&self) -> i32 {
        BE::read_i32(&self.fixed[AZIMUTH])
    }

    /// Elevation of the centre, in units of 2^-16 degrees: −90° to 90°.
    #[inline]
    pub fn elevation(&self) -> i32 {
        BE::read_i32(&self.fixed[ELEVATION])
    }

    /// Tilt, in units of 2^-16 degrees: −180° to just below 180°.
    #[inline]
    pub fn tilt(&self) -> i32 {
        BE::read_i32(&self.fixed[TILT])
    }

    /// Width of the viewport through its centre, in units of 2^-16 degrees.
    #[inline]
    pub fn azimuth_range(&self) -> u32 {
        BE::read_u32(&self.fixed[AZIMUTH_RANGE])
    }

    /// Height of the viewport through its centre, in units of 2^-16 degrees.
    #[inline]
    pub fn elevation_range(&self) -> u32 {
        BE::read_u32(&self.fixed[ELEVATION_RANGE])
    }

    /// The last word, where there is one: the flag and its zero padding.
    #[inline]
    pub fn stereoscopic_word(&self) -> Option<[u8; 4]> {
        self.stereoscopic.copied()
    }

    /// Whether the viewport is stereoscopic: any bit of the last word's first byte; `None` without that word.
    #[inline]
    pub fn stereoscopic(&self) -> Option<bool> {
        self.stereoscopic.map(|&[flag, ..]| flag != 0)
    }
}

/// Validates the whole packet.
#[inline]
pub(crate) fn vp(i: &[u8]) -> Step<'_, Vp<'_>> {
    let (rest, common) = feedback_of(PacketType::PSFB, PayloadFeedbackFormat::VP.0)(i)?;
    let refused = |at, have| {
        let kind = ErrorKind::Length { found: common.fci.len(), have };
        Err(Fail::field("viewport", at, kind))
    };
    let Some((fixed, left)) = common.fci.split_first_chunk() else {
        return refused(common.fci, FIXED_LEN);
    };
    let stereoscopic = match left.split_first_chunk() {
        None if left.is_empty() => None,
        None => return refused(left, FIXED_LEN),
        Some((word, [])) => Some(word),
        Some((_, left)) => return refused(left, FIXED_LEN + 4),
    };
    Ok((rest, Vp { common, fixed, stereoscopic }))
}

/// Degrees, out of units of 2^-16, to three decimals.
struct Degrees(i64);

impl fmt::Display for Degrees {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let thousandths = (self.0.unsigned_abs() * 1000 + (1 << 15)) >> 16;
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:03}", thousandths / 1000, thousandths % 1000)
    }
}

/// `VP sender=0x00000001 media=0x00000002 azimuth=-90.000 elevation=45.500 tilt=0.000 range=90.000x60.000`: degrees.
impl fmt::Display for Vp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display_start(f, &self.common)?;
        write!(f, " azimuth={}", Degrees(self.azimuth().into()))?;
        write!(f, " elevation={}", Degrees(self.elevation().into()))?;
        write!(f, " tilt={}", Degrees(self.tilt().into()))?;
        write!(f, " range={}", Degrees(self.azimuth_range().into()))?;
        write!(f, "x{}", Degrees(self.elevation_range().into()))?;
        match self.stereoscopic() {
            Some(true) => f.write_str(" stereoscopic"),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Vp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug_start(f, "Vp", &self.common)
            .field("azimuth", &self.azimuth())
            .field("elevation", &self.elevation())
            .field("tilt", &self.tilt())
            .field("azimuth_range", &self.azimuth_range())
            .field("elevation_range", &self.elevation_range())
            .field("stereoscopic_word", &self.stereoscopic_word())
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Vp<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        super::common::serialize_start(&mut map, &self.common)?;
        map.serialize_entry("azimuth", &self.azimuth())?;
        map.serialize_entry("elevation", &self.elevation())?;
        map.serialize_entry("tilt", &self.tilt())?;
        map.serialize_entry("azimuth_range", &self.azimuth_range())?;
        map.serialize_entry("elevation_range", &self.elevation_range())?;
        if let Some(stereoscopic) = self.stereoscopic() {
            map.serialize_entry("stereoscopic", &stereoscopic)?;
        }
        map.end()
    }
}

/// A viewport to be written: fill in the fields, or take a view's by `From`; then `write`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VpBuilder<'a> {
    /// As [`Vp::sender_ssrc`]; every field points to its accessor so.
    pub sender_ssrc: u32,
    /// As [`Vp::media_ssrc`].
    pub media_ssrc: u32,
    /// As [`Vp::azimuth`].
    pub azimuth: i32,
    /// As [`Vp::elevation`].
    pub elevation: i32,
    /// As [`Vp::tilt`].
    pub tilt: i32,
    /// As [`Vp::azimuth_range`].
    pub azimuth_range: u32,
    /// As [`Vp::elevation_range`].
    pub elevation_range: u32,
    /// As [`Vp::stereoscopic_word`].
    pub stereoscopic_word: Option<[u8; 4]>,
    /// As [`Vp::padding`].
    pub padding: &'a [u8],
}

impl<'a> From<Vp<'a>> for VpBuilder<'a> {
    fn from(packet: Vp<'a>) -> Self {
        Self {
            sender_ssrc: packet.sender_ssrc(),
            media_ssrc: packet.media_ssrc(),
            azimuth: packet.azimuth(),
            elevation: packet.elevation(),
            tilt: packet.tilt(),
            azimuth_range: packet.azimuth_range(),
            elevation_range: packet.elevation_range(),
            stereoscopic_word: packet.stereoscopic_word(),
            padding: packet.padding(),
        }
    }
}

impl Encode for VpBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        let word = self.stereoscopic_word.map_or(0, |word| word.len());
        START_LEN + FIXED_LEN + word + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let format = (PacketType::PSFB, PayloadFeedbackFormat::VP.0);
        let ssrcs = (self.sender_ssrc, self.media_ssrc);
        write_start(out, format, ssrcs, self.encoded_len(), self.padding)?;
        let fixed = out.array::<FIXED_LEN>()?;
        BE::write_i32(&mut fixed[AZIMUTH], self.azimuth);
        BE::write_i32(&mut fixed[ELEVATION], self.elevation);
        BE::write_i32(&mut fixed[TILT], self.tilt);
        BE::write_u32(&mut fixed[AZIMUTH_RANGE], self.azimuth_range);
        BE::write_u32(&mut fixed[ELEVATION_RANGE], self.elevation_range);
        if let Some(word) = self.stereoscopic_word {
            *out.array()? = word;
        }
        out.bytes(self.padding)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;

    use super::*;
    use crate::testing::{PADDINGS, refuses_every_truncation, words};

    // psfb_formats.csv, the layout of VP; the units are those of TS 26.114 section Y.7.2.
    const VP: [u32; 8] = [
        0x8bce_0007, // V=2 P=0 FMT=11 PT=206 length=7
        0x0000_0001, // SSRC of packet sender
        0x0000_0002, // SSRC of media source
        0xffa6_0000, // azimuth, -90 × 2^16
        0x002d_8000, // elevation, 45.5 × 2^16
        0x0000_0001, // tilt, 2^-16
        0x005a_0000, // azimuth range, 90 × 2^16
        0x003c_0000, // elevation range, 60 × 2^16
    ];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(VP);
        let packet = Vp::parse(&bytes).unwrap();
        assert_eq!((packet.sender_ssrc(), packet.media_ssrc()), (1, 2));
        assert_eq!((packet.azimuth(), packet.elevation()), (-90 << 16, 91 << 15));
        assert_eq!(packet.tilt(), 1);
        assert_eq!((packet.azimuth_range(), packet.elevation_range()), (90 << 16, 60 << 16));
        assert_eq!((packet.stereoscopic(), packet.stereoscopic_word()), (None, None));
        let line = "VP sender=0x00000001 media=0x00000002 \
                    azimuth=-90.000 elevation=45.500 tilt=0.000 range=90.000x60.000";
        assert_eq!(packet.to_string(), line);
        assert_eq!(VpBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn the_stereoscopic_word_may_be_there() {
        for (word, flag) in [(0x0100_0000, true), (0x8000_0000, true), (0, false)] {
            let bytes = words([&[0x8bce_0008], &VP[1..], &[word]].concat());
            let packet = Vp::parse(&bytes).unwrap();
            assert_eq!(packet.stereoscopic(), Some(flag));
            assert_eq!(packet.to_string().ends_with(" stereoscopic"), flag);
            assert_eq!(VpBuilder::from(packet).to_vec().unwrap(), bytes);
        }
    }

    #[test]
    fn refuses_every_truncation_and_another_length() {
        refuses_every_truncation(&words(VP), Vp::parse);
        let refused = |rows: &[u32]| {
            let error = Vp::parse(&words(rows)).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let kind = ErrorKind::Length { found: 16, have: 20 };
        assert_eq!(refused(&[0x8bce_0006, 1, 2, 3, 4, 5, 6]), ("viewport", 12, kind));
        let kind = ErrorKind::Length { found: 28, have: 24 };
        let long = [0x8bce_0009, 1, 2, 3, 4, 5, 6, 7, 8, 9];
        assert_eq!(refused(&long), ("viewport", 36, kind));
        // Padding of two bytes leaves half a word.
        let kind = ErrorKind::Length { found: 22, have: 20 };
        let half = [0xabce_0008, 1, 2, 3, 4, 5, 6, 7, 2];
        assert_eq!(refused(&half), ("viewport", 32, kind));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn its_json_names_the_fields_of_the_layout() {
        let json = serde_json::to_string(&Vp::parse(&words(VP)).unwrap()).unwrap();
        let end = r#""type":"vp","fmt":11,"sender_ssrc":1,"media_ssrc":2,"azimuth":-5898240,"elevation":2981888,"tilt":1,"azimuth_range":5898240,"elevation_range":3932160}"#;
        assert!(json.ends_with(end), "{json}");
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (sender_ssrc, media_ssrc) in any::<(u32, u32)>(),
            (azimuth, elevation, tilt) in any::<(i32, i32, i32)>(),
            (azimuth_range, elevation_range) in any::<(u32, u32)>(),
            stereoscopic_word in any::<Option<[u8; 4]>>(),
            padding in prop::sample::select(PADDINGS),
        ) {
            let builder = VpBuilder {
                sender_ssrc,
                media_ssrc,
                azimuth,
                elevation,
                tilt,
                azimuth_range,
                elevation_range,
                stereoscopic_word,
                padding,
            };
            let bytes = builder.to_vec().unwrap();
            let packet = Vp::parse(&bytes).unwrap();
            prop_assert!(!packet.to_string().is_empty());
            prop_assert_eq!(VpBuilder::from(packet), builder);
        }
    }
}
