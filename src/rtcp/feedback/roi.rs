//! Video region of interest, ROI (3GPP TS 26.114 section 7.3.7).
//!
//! ```text
//! |V=2|P|  FMT=9  |    PT=206     |         length=4 or 3         |  raw.rs
//! |                    SSRC of packet sender                      |
//! |                    SSRC of media source                       |
//! |          position X           |          position Y           |  arbitrary, length 4
//! |            size X             |            size Y             |
//!
//! |                24 one bits                    |    ROI ID     |  pre-defined, length 3
//! ```
//!
//! The standard has a receiver tell the two apart by the first 24 bits. Here the length does: a rectangle that begins
//! with 24 one bits lies outside any picture, and stays readable so. A word with the number in front and 24 zero bits
//! behind it, another reading of the standard, is read and kept; it is built only where asked for.

use core::fmt;

use super::common::{
    START_LEN, common_accessors, debug_start, display_start, feedback_of, write_start,
};
use super::{Feedback, PayloadFeedbackFormat};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::rtcp::PacketType;

/// The part of the picture that a receiver wants to see, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Roi<'a> {
    common: Feedback<'a>,
    region: RoiRegion,
}

impl<'a> Roi<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type or format, a version other than 2, a length or padding beyond the packet; control
    /// information of neither length, or a single word of neither form.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("ROI", bytes, roi)
    }

    common_accessors!();

    /// The region, by one layout or the other.
    #[inline]
    pub const fn region(&self) -> RoiRegion {
        self.region
    }
}

/// A region of interest, read or to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RoiRegion {
    /// Any rectangle, in pixels of the whole picture.
    Arbitrary {
        /// From the left edge of the picture to that of the region.
        position_x: u16,
        /// From the upper edge of the picture to that of the region.
        position_y: u16,
        /// Width.
        size_x: u16,
        /// Height.
        size_y: u16,
    },
    /// One of those that the sender has offered.
    Predefined {
        /// Its number in the offer.
        roi_id: u8,
        /// Where in the word it is.
        form: PredefinedRoiForm,
    },
}

/// Where the word of a pre-defined region has its number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PredefinedRoiForm {
    /// Behind 24 one bits, by the standard.
    #[default]
    OnesFirst,
    /// Before 24 zero bits. Not to be built but to write again what was read.
    IdFirst,
}

/// Validates the whole packet.
#[inline]
pub(crate) fn roi(i: &[u8]) -> Step<'_, Roi<'_>> {
    let (rest, common) = feedback_of(PacketType::PSFB, PayloadFeedbackFormat::ROI.0)(i)?;
    let region = match *common.fci {
        [a, b, c, d, e, f, g, h] => RoiRegion::Arbitrary {
            position_x: u16::from_be_bytes([a, b]),
            position_y: u16::from_be_bytes([c, d]),
            size_x: u16::from_be_bytes([e, f]),
            size_y: u16::from_be_bytes([g, h]),
        },
        [0xFF, 0xFF, 0xFF, roi_id] => {
            RoiRegion::Predefined { roi_id, form: PredefinedRoiForm::OnesFirst }
        }
        [roi_id, 0, 0, 0] => RoiRegion::Predefined { roi_id, form: PredefinedRoiForm::IdFirst },
        [a, b, c, d] => {
            let found = u32::from_be_bytes([a, b, c, d]);
            return Err(Fail::field("pre-defined region", common.fci, ErrorKind::Value { found }));
        }
        _ => {
            let have = if common.fci.len() < 8 { 4 } else { 8 };
            let at = common.fci.get(have..).unwrap_or(common.fci);
            let kind = ErrorKind::Length { found: common.fci.len(), have };
            return Err(Fail::field("region", at, kind));
        }
    };
    Ok((rest, Roi { common, region }))
}

/// `ROI sender=0x00000001 media=0x00000002 x=10 y=20 width=640 height=360`, or `… id=7`.
impl fmt::Display for Roi<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display_start(f, &self.common)?;
        match self.region {
            RoiRegion::Arbitrary { position_x, position_y, size_x, size_y } => {
                write!(f, " x={position_x} y={position_y} width={size_x} height={size_y}")
            }
            RoiRegion::Predefined { roi_id, .. } => write!(f, " id={roi_id}"),
        }
    }
}

impl fmt::Debug for Roi<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug_start(f, "Roi", &self.common).field("region", &self.region).finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Roi<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        super::common::serialize_start(&mut map, &self.common)?;
        match &self.region {
            RoiRegion::Arbitrary { position_x, position_y, size_x, size_y } => {
                map.serialize_entry("position_x", position_x)?;
                map.serialize_entry("position_y", position_y)?;
                map.serialize_entry("size_x", size_x)?;
                map.serialize_entry("size_y", size_y)?;
            }
            RoiRegion::Predefined { roi_id, .. } => map.serialize_entry("roi_id", roi_id)?,
        }
        map.end()
    }
}

/// A region of interest to be written: fill in the fields, or take a view's by `From`; then `write`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoiBuilder<'a> {
    /// As [`Roi::sender_ssrc`]; every field points to its accessor so.
    pub sender_ssrc: u32,
    /// As [`Roi::media_ssrc`].
    pub media_ssrc: u32,
    /// As [`Roi::region`].
    pub region: RoiRegion,
    /// As [`Roi::padding`].
    pub padding: &'a [u8],
}

impl<'a> From<Roi<'a>> for RoiBuilder<'a> {
    fn from(packet: Roi<'a>) -> Self {
        Self {
            sender_ssrc: packet.sender_ssrc(),
            media_ssrc: packet.media_ssrc(),
            region: packet.region,
            padding: packet.padding(),
        }
    }
}

impl Encode for RoiBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        let region = match self.region {
            RoiRegion::Arbitrary { .. } => 8,
            RoiRegion::Predefined { .. } => 4,
        };
        START_LEN + region + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let format = (PacketType::PSFB, PayloadFeedbackFormat::ROI.0);
        let ssrcs = (self.sender_ssrc, self.media_ssrc);
        write_start(out, format, ssrcs, self.encoded_len(), self.padding)?;
        match self.region {
            RoiRegion::Arbitrary { position_x, position_y, size_x, size_y } => {
                for number in [position_x, position_y, size_x, size_y] {
                    *out.array()? = number.to_be_bytes();
                }
            }
            RoiRegion::Predefined { roi_id, form: PredefinedRoiForm::OnesFirst } => {
                *out.array()? = [0xFF, 0xFF, 0xFF, roi_id];
            }
            RoiRegion::Predefined { roi_id, form: PredefinedRoiForm::IdFirst } => {
                *out.array()? = [roi_id, 0, 0, 0];
            }
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

    // TS 26.114 V16.13.0 section 7.3.7, the format for an arbitrary region.
    const ARBITRARY: [u32; 5] = [
        0x89ce_0004, // V=2 P=0 FMT=9 PT=206 length=4
        0x0000_0001, // SSRC of packet sender
        0x0000_0002, // SSRC of media source
        0x000a_0014, // position X 10, position Y 20
        0x0280_0168, // size X 640, size Y 360
    ];

    // The same section, the format for a pre-defined one: 24 one bits, ROI_ID 7.
    const PREDEFINED: [u32; 4] = [0x89ce_0003, 1, 2, 0xffff_ff07];

    // The number in front, 24 zero bits behind it.
    const ID_FIRST: [u32; 4] = [0x89ce_0003, 1, 2, 0x0700_0000];

    #[test]
    fn reads_every_field_of_either_layout_and_writes_it_again() {
        let bytes = words(ARBITRARY);
        let packet = Roi::parse(&bytes).unwrap();
        assert_eq!((packet.sender_ssrc(), packet.media_ssrc()), (1, 2));
        let region =
            RoiRegion::Arbitrary { position_x: 10, position_y: 20, size_x: 640, size_y: 360 };
        assert_eq!(packet.region(), region);
        let line = "ROI sender=0x00000001 media=0x00000002 x=10 y=20 width=640 height=360";
        assert_eq!(packet.to_string(), line);
        assert_eq!(RoiBuilder::from(packet).to_vec().unwrap(), bytes);
        for (rows, form) in
            [(PREDEFINED, PredefinedRoiForm::OnesFirst), (ID_FIRST, PredefinedRoiForm::IdFirst)]
        {
            let bytes = words(rows);
            let packet = Roi::parse(&bytes).unwrap();
            assert_eq!(packet.region(), RoiRegion::Predefined { roi_id: 7, form });
            assert_eq!(packet.to_string(), "ROI sender=0x00000001 media=0x00000002 id=7");
            assert_eq!(RoiBuilder::from(packet).to_vec().unwrap(), bytes);
        }
    }

    #[test]
    fn a_word_is_a_predefined_region_by_its_one_bits_or_its_zero_bits() {
        let read = |word| match Roi::parse(&words([0x89ce_0003, 1, 2, word])) {
            Ok(packet) => Ok(packet.region()),
            Err(error) => Err((error.field, error.offset, error.kind)),
        };
        let predefined = |roi_id, form| Ok(RoiRegion::Predefined { roi_id, form });
        assert_eq!(read(0xffff_ff00), predefined(0, PredefinedRoiForm::OnesFirst));
        assert_eq!(read(0xffff_ffff), predefined(255, PredefinedRoiForm::OnesFirst));
        assert_eq!(read(0xff00_0000), predefined(255, PredefinedRoiForm::IdFirst));
        assert_eq!(read(0), predefined(0, PredefinedRoiForm::IdFirst));
        for word in [0xffff_fe07, 0x0700_0001] {
            let kind = ErrorKind::Value { found: word };
            assert_eq!(read(word), Err(("pre-defined region", 12, kind)));
        }
    }

    #[test]
    fn refuses_every_truncation_and_another_length() {
        refuses_every_truncation(&words(ARBITRARY), Roi::parse);
        refuses_every_truncation(&words(PREDEFINED), Roi::parse);
        refuses_every_truncation(&words(ID_FIRST), Roi::parse);
        let refused = |rows: &[u32]| {
            let error = Roi::parse(&words(rows)).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let kind = ErrorKind::Length { found: 0, have: 4 };
        assert_eq!(refused(&[0x89ce_0002, 1, 2]), ("region", 12, kind));
        let kind = ErrorKind::Length { found: 12, have: 8 };
        assert_eq!(refused(&[0x89ce_0005, 1, 2, 3, 4, 5]), ("region", 20, kind));
        // Padding of two bytes leaves six.
        let kind = ErrorKind::Length { found: 6, have: 4 };
        assert_eq!(refused(&[0xa9ce_0004, 1, 2, 3, 2]), ("region", 16, kind));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn its_json_names_the_fields_of_the_layout() {
        let json =
            |rows: &[u32]| serde_json::to_string(&Roi::parse(&words(rows)).unwrap()).unwrap();
        let arbitrary = r#""sender_ssrc":1,"media_ssrc":2,"position_x":10,"position_y":20,"size_x":640,"size_y":360}"#;
        assert!(json(&ARBITRARY).ends_with(arbitrary));
        assert!(
            json(&PREDEFINED)
                .ends_with(r#""type":"roi","fmt":9,"sender_ssrc":1,"media_ssrc":2,"roi_id":7}"#)
        );
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (sender_ssrc, media_ssrc) in any::<(u32, u32)>(),
            region in prop_oneof![
                any::<(u16, u16, u16, u16)>().prop_map(|(position_x, position_y, size_x, size_y)| {
                    RoiRegion::Arbitrary { position_x, position_y, size_x, size_y }
                }),
                any::<(u8, bool)>().prop_map(|(roi_id, id_first)| {
                    let form = if id_first {
                        PredefinedRoiForm::IdFirst
                    } else {
                        PredefinedRoiForm::OnesFirst
                    };
                    RoiRegion::Predefined { roi_id, form }
                }),
            ],
            padding in prop::sample::select(PADDINGS),
        ) {
            let builder = RoiBuilder { sender_ssrc, media_ssrc, region, padding };
            let bytes = builder.to_vec().unwrap();
            prop_assert_eq!(RoiBuilder::from(Roi::parse(&bytes).unwrap()), builder);
        }
    }
}
