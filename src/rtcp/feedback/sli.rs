//! Slice loss indication, SLI (RFC 4585 section 6.3.2).
//!
//! ```text
//! |V=2|P|  FMT=2  |    PT=206     |          length=2+N           |  header.rs
//! |                    SSRC of packet sender                      |  sender_ssrc
//! |                    SSRC of media source                       |  media_ssrc
//! |          first          |         number          | pictureID |  N entries
//! ```

use core::fmt;

use super::common::{display_start, list_format};
use crate::error::BuildError;

list_format! {
    /// Macroblocks that a decoder has lost, read in place.
    view Sli, parsed by sli, named "SLI";
    /// The losses, one or more.
    list entries: SliEntry, at least 1;
    /// An SLI to be written.
    builder SliBuilder of PSFB PayloadFeedbackFormat::SLI;
}

/// Macroblocks lost in one picture, consecutive in scan order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SliEntry {
    /// The address of the first, counted from 1 at the upper left corner; 13 bits.
    pub first: u16,
    /// How many; 13 bits.
    pub number: u16,
    /// The low six bits of the codec's own number for the picture.
    pub picture_id: u8,
}

impl SliEntry {
    /// Its bytes on the wire.
    pub const LEN: usize = 4;

    /// Any four bytes are an entry.
    #[inline]
    pub const fn from_bytes([a, b, c, d]: [u8; Self::LEN]) -> Self {
        // aaaaaaaa aaaaabbb bbbbbbbb bbcccccc
        let first = u16::from_be_bytes([a, b]) >> 3;
        let number = (u16::from_be_bytes([b & 7, c]) << 2) | u16::from_be_bytes([0, d >> 6]);
        Self { first, number, picture_id: d & 0x3F }
    }

    /// The entry as it is on the wire.
    ///
    /// # Errors
    /// `first` or `number` of more than 13 bits, `picture_id` of more than 6.
    #[inline]
    pub fn to_bytes(self) -> Result<[u8; Self::LEN], BuildError> {
        for (field, wide) in [
            ("first", self.first > 0x1FFF),
            ("number", self.number > 0x1FFF),
            ("picture id", self.picture_id > 0x3F),
        ] {
            if wide {
                return Err(BuildError::OutOfRange { field });
            }
        }
        let (first, number) = (u32::from(self.first), u32::from(self.number));
        Ok(((first << 19) | (number << 6) | u32::from(self.picture_id)).to_be_bytes())
    }
}

/// `first=582 number=4441 picture=56`.
impl fmt::Display for SliEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, number, picture_id } = self;
        write!(f, "first={first} number={number} picture={picture_id}")
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for SliEntry {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("first", &self.first)?;
        map.serialize_entry("number", &self.number)?;
        map.serialize_entry("picture_id", &self.picture_id)?;
        map.end()
    }
}

/// `SLI sender=0x00000001 media=0x00000002 [first=582 number=4441 picture=56]`.
impl fmt::Display for Sli<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display_start(f, &self.common)?;
        self.entries().try_for_each(|entry| write!(f, " [{entry}]"))
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Sli<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        super::common::serialize_entries(serializer, &self.common, self.entries())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;
    use crate::encode::Encode;
    use crate::error::ErrorKind;
    use crate::testing::{PADDINGS, refuses_every_truncation, words};

    // inspect-json.md, frame 5, index 5: 0001001000110 1000101011001 111000.
    const SLI: [u32; 4] = [
        0x82ce_0003, // V=2 P=0 FMT=2 PT=206 length=3
        1,           // SSRC of packet sender
        2,           // SSRC of media source
        0b0001_0010_0011_0100_0101_0110_0111_1000,
    ];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(SLI);
        let packet = Sli::parse(&bytes).unwrap();
        assert_eq!((packet.sender_ssrc(), packet.media_ssrc()), (1, 2));
        let entries: Vec<_> = packet.entries().collect();
        assert_eq!(entries, [SliEntry { first: 582, number: 4441, picture_id: 56 }]);
        let line = "SLI sender=0x00000001 media=0x00000002 [first=582 number=4441 picture=56]";
        assert_eq!(packet.to_string(), line);
        assert_eq!(SliBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn the_fields_lie_where_figure_6_draws_them() {
        // 13 bits, 13 bits, 6 bits.
        let entry = |bits: u32| SliEntry::from_bytes(bits.to_be_bytes());
        let all = |first, number, picture_id| SliEntry { first, number, picture_id };
        assert_eq!(entry(0b1111_1111_1111_1000_0000_0000_0000_0000), all(0x1FFF, 0, 0));
        assert_eq!(entry(0b0000_0000_0000_0111_1111_1111_1100_0000), all(0, 0x1FFF, 0));
        assert_eq!(entry(0b0000_0000_0000_0000_0000_0000_0011_1111), all(0, 0, 0x3F));
        assert_eq!(all(0x1FFF, 0, 0).to_bytes(), Ok([0xFF, 0xF8, 0, 0]));
        assert_eq!(all(0, 0x1FFF, 0).to_bytes(), Ok([0, 7, 0xFF, 0xC0]));
        assert_eq!(all(0, 0, 0x3F).to_bytes(), Ok([0, 0, 0, 0x3F]));
    }

    #[test]
    fn is_payload_specific_and_never_transport_feedback() {
        // pion 1.2.10 writes it as 205; that is no SLI.
        let error = Sli::parse(&words([0x82cd_0003, 1, 2, 3])).unwrap_err();
        let kind = ErrorKind::Value { found: 205 };
        assert_eq!((error.field, error.offset, error.kind), ("packet type", 1, kind));
    }

    #[test]
    fn refuses_every_truncation_and_a_packet_without_an_entry() {
        refuses_every_truncation(&words(SLI), Sli::parse);
        let error = Sli::parse(&words([0x82ce_0002, 1, 2])).unwrap_err();
        let kind = ErrorKind::Length { found: 0, have: 4 };
        assert_eq!((error.field, error.offset, error.kind), ("entries", 12, kind));
        // Padding of two bytes leaves half an entry behind the first.
        let bytes = words([0xa2ce_0004, 1, 2, 3, 0x0000_0002]);
        let error = Sli::parse(&bytes).unwrap_err();
        let kind = ErrorKind::Length { found: 6, have: 4 };
        assert_eq!((error.field, error.offset, error.kind), ("entries", 16, kind));
    }

    #[test]
    fn padding_is_no_entry() {
        let bytes = words([0xa2ce_0004, 1, 2, 3, 4]);
        let packet = Sli::parse(&bytes).unwrap();
        assert_eq!((packet.entries().len(), packet.padding()), (1, &[0, 0, 0, 4][..]));
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        let out_of_range = |field| Err(BuildError::OutOfRange { field });
        assert_eq!(
            SliBuilder::default().to_vec(),
            Err(BuildError::OutOfRange { field: "entries" })
        );
        let wide = SliEntry { first: 0x2000, ..Default::default() };
        assert_eq!(wide.to_bytes(), out_of_range("first"));
        let wide = SliEntry { number: 0x2000, ..Default::default() };
        assert_eq!(wide.to_bytes(), out_of_range("number"));
        let wide = SliEntry { picture_id: 0x40, ..Default::default() };
        assert_eq!(wide.to_bytes(), out_of_range("picture id"));
    }

    #[test]
    #[cfg(feature = "serde")]
    fn is_shown_as_the_inspector_shows_it() {
        // inspect-json.md, frame 5, index 5.
        let json = r#"{"version":2,"padding":false,"packet_type":206,"length":3,"padding_size":0,"type":"sli","fmt":2,"sender_ssrc":1,"media_ssrc":2,"entries":[{"first":582,"number":4441,"picture_id":56}]}"#;
        let bytes = words(SLI);
        let packet = Sli::parse(&bytes).unwrap();
        assert_eq!(serde_json::to_string(&packet).unwrap(), json);
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (sender_ssrc, media_ssrc) in any::<(u32, u32)>(),
            list in prop::collection::vec((0u16..0x2000, 0u16..0x2000, 0u8..0x40), 1..20),
            padding in prop::sample::select(PADDINGS),
        ) {
            let list: Vec<_> = list
                .into_iter()
                .map(|(first, number, picture_id)| SliEntry { first, number, picture_id })
                .collect();
            let entries: Vec<_> = list.iter().map(|entry| entry.to_bytes().unwrap()).collect();
            let builder =
                SliBuilder { sender_ssrc, media_ssrc, entries: &entries, padding };
            let bytes = builder.to_vec().unwrap();
            let packet = Sli::parse(&bytes).unwrap();
            prop_assert_eq!(packet.entries().collect::<Vec<_>>(), list);
            prop_assert_eq!(SliBuilder::from(packet), builder);
        }
    }
}
