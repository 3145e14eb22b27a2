//! Reference picture selection indication, RPSI (RFC 4585 section 6.3.3).
//!
//! ```text
//! |V=2|P|  FMT=3  |    PT=206     |            length             |  header.rs
//! |                    SSRC of packet sender                      |  sender_ssrc
//! |                    SSRC of media source                       |  media_ssrc
//! |      PB       |0| payload type|  native RPSI bit string    ...|  bit_string
//! |   ... defined per codec                    | PB padding bits  |
//! ```

use core::fmt;

use super::common::{
    START_LEN, common_accessors, debug_start, display_start, feedback_of, write_start,
};
use super::{Feedback, PayloadFeedbackFormat};
use crate::encode::{Encode, Sink, narrow};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::rtcp::PacketType;
use crate::wire::{array, context};

/// The bytes before the bit string.
const START: usize = 2;

/// The reference pictures that a decoder has, or lacks, in the codec's own terms, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Rpsi<'a> {
    common: Feedback<'a>,
    start: &'a [u8; START],
    bit_string: &'a [u8],
}

impl<'a> Rpsi<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type or format, a version other than 2, a length or padding beyond the packet; no control
    /// information, or more padding bits than there are bits.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("RPSI", bytes, rpsi)
    }

    common_accessors!();

    /// PB: the unused bits at the end of the bit string.
    #[inline]
    pub const fn padding_bits(&self) -> u8 {
        let [padding_bits, _] = *self.start;
        padding_bits
    }

    /// The RTP payload type whose codec defines the bit string; 7 bits.
    #[inline]
    pub const fn payload_type(&self) -> u8 {
        let [_, payload_type] = *self.start;
        payload_type & 0x7F
    }

    /// The bit before the payload type: 0 by the standard, and to be ignored.
    #[inline]
    pub const fn reserved(&self) -> bool {
        let [_, payload_type] = *self.start;
        payload_type & 0x80 != 0
    }

    /// The bytes of the native bit string, its padding bits among them; the first bit is the highest of the first byte.
    #[inline]
    pub const fn bit_string(&self) -> &'a [u8] {
        self.bit_string
    }

    /// The bits of the native bit string, without its padding bits.
    #[inline]
    pub fn bit_len(&self) -> usize {
        // A packet has at most 2^18 bytes, and no fewer bits than padding bits.
        (self.bit_string.len() * 8).saturating_sub(self.padding_bits().into())
    }

    /// The native bit string, bit by bit, without its padding bits.
    #[inline]
    pub fn bits(&self) -> impl Iterator<Item = bool> + Clone + use<'a> {
        let bits = |byte: &u8| {
            let byte = *byte;
            (0..8).map(move |bit| byte & (0x80 >> bit) != 0)
        };
        self.bit_string.iter().flat_map(bits).take(self.bit_len())
    }
}

/// Validates the whole packet: after this no accessor and no iterator can fail.
#[inline]
pub(crate) fn rpsi(i: &[u8]) -> Step<'_, Rpsi<'_>> {
    let (rest, common) = feedback_of(PacketType::PSFB, PayloadFeedbackFormat::RPSI.0)(i)?;
    let (bit_string, start) = context("padding bits", array::<START>)(common.fci())?;
    let [found, _] = *start;
    if usize::from(found) > bit_string.len() * 8 {
        let kind = ErrorKind::Padding { found, have: bit_string.len() };
        return Err(Fail::field("padding bits", common.fci(), kind));
    }
    Ok((rest, Rpsi { common, start, bit_string }))
}

impl fmt::Display for Rpsi<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display_start(f, &self.common)?;
        write!(f, " pt={} bit_string={} bits", self.payload_type(), self.bit_len())
    }
}

impl fmt::Debug for Rpsi<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug_start(f, "Rpsi", &self.common)
            .field("padding_bits", &self.padding_bits())
            .field("reserved", &self.reserved())
            .field("payload_type", &self.payload_type())
            .field("bit_string", &self.bit_string())
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Rpsi<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        super::common::serialize_start(&mut map, &self.common)?;
        map.serialize_entry("padding_bits", &self.padding_bits())?;
        map.serialize_entry("payload_type", &self.payload_type())?;
        map.serialize_entry("bit_string", &crate::ser::Hex(self.bit_string))?;
        map.end()
    }
}

/// A reference picture selection indication to be written: fill in the fields, or take a view's by `From`; then
/// `write`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RpsiBuilder<'a> {
    /// As [`Rpsi::sender_ssrc`]; every field points to its accessor so.
    pub sender_ssrc: u32,
    /// As [`Rpsi::media_ssrc`].
    pub media_ssrc: u32,
    /// As [`Rpsi::reserved`]: `false` by the standard.
    pub reserved: bool,
    /// As [`Rpsi::payload_type`].
    pub payload_type: u8,
    /// The bytes that the bits are in. The zeros up to the 32-bit boundary are added, and counted as padding bits.
    pub bit_string: &'a [u8],
    /// As [`Rpsi::bit_len`]: how many bits of `bit_string` are meant.
    pub bit_len: usize,
    /// As [`Rpsi::padding`].
    pub padding: &'a [u8],
}

impl RpsiBuilder<'_> {
    /// Zeros to be written behind the bit string, unless the packet's padding already leads to the boundary.
    #[inline]
    fn zeros(&self) -> usize {
        (START + self.bit_string.len() + self.padding.len()).wrapping_neg() % 4
    }
}

impl<'a> From<Rpsi<'a>> for RpsiBuilder<'a> {
    fn from(packet: Rpsi<'a>) -> Self {
        Self {
            sender_ssrc: packet.sender_ssrc(),
            media_ssrc: packet.media_ssrc(),
            reserved: packet.reserved(),
            payload_type: packet.payload_type(),
            bit_string: packet.bit_string,
            bit_len: packet.bit_len(),
            padding: packet.padding(),
        }
    }
}

impl Encode for RpsiBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        START_LEN + START + self.bit_string.len() + self.zeros() + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if self.payload_type > 0x7F {
            return Err(BuildError::OutOfRange { field: "payload type" });
        }
        let bits = self.bit_string.len().saturating_mul(8);
        let Some(unused) = bits.checked_sub(self.bit_len) else {
            return Err(BuildError::OutOfRange { field: "bit length" });
        };
        let padding_bits = narrow("padding bits", unused.saturating_add(self.zeros() * 8))?;
        let format = (PacketType::PSFB, PayloadFeedbackFormat::RPSI.0);
        let ssrcs = (self.sender_ssrc, self.media_ssrc);
        write_start(out, format, ssrcs, self.encoded_len(), self.padding)?;
        *out.array()? = [padding_bits, (u8::from(self.reserved) << 7) | self.payload_type];
        out.bytes(self.bit_string)?;
        out.zeros(self.zeros())?;
        out.bytes(self.padding)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;
    use crate::testing::{PADDINGS, refuses_every_truncation, words};

    // inspect-json.md, frame 5, index 6, in the rows of RFC 4585 figure 7: four bits, all set.
    const RPSI: [u32; 4] = [
        0x83ce_0003, // V=2 P=0 FMT=3 PT=206 length=3
        1,           // SSRC of packet sender
        2,           // SSRC of media source
        0x0c60_f000, // PB=12, 0, payload type 96, bit string 1111, 12 padding bits
    ];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(RPSI);
        let packet = Rpsi::parse(&bytes).unwrap();
        assert_eq!((packet.sender_ssrc(), packet.media_ssrc()), (1, 2));
        assert_eq!((packet.padding_bits(), packet.payload_type()), (12, 96));
        assert!(!packet.reserved());
        assert_eq!((packet.bit_string(), packet.bit_len()), (&[0xF0, 0][..], 4));
        assert_eq!(packet.bits().collect::<Vec<_>>(), [true; 4]);
        let line = "RPSI sender=0x00000001 media=0x00000002 pt=96 bit_string=4 bits";
        assert_eq!(packet.to_string(), line);
        let builder = RpsiBuilder::from(packet);
        assert_eq!(builder.to_vec().unwrap(), bytes);
        // The same from the bits alone: one byte, four bits of it.
        let builder = RpsiBuilder { bit_string: &[0xF0], ..builder };
        assert_eq!(builder.to_vec().unwrap(), bytes);
    }

    #[test]
    fn the_bit_string_is_exact_to_the_bit() {
        // 0 padding bits: all sixteen are meant.
        let bytes = words([0x83ce_0003, 1, 2, 0x0060_8001]);
        let packet = Rpsi::parse(&bytes).unwrap();
        let bits: Vec<_> = packet.bits().collect();
        assert_eq!((bits.len(), bits[0], bits[1], bits[15]), (16, true, false, true));
        // 17 bits in two words: 31 padding bits.
        let bytes = words([0x83ce_0004, 1, 2, 0x1f60_8001, 0x8000_0000]);
        let packet = Rpsi::parse(&bytes).unwrap();
        assert_eq!((packet.bit_len(), packet.bits().count()), (17, 17));
        // As many padding bits as bits: an empty string.
        let bytes = words([0x83ce_0003, 1, 2, 0x1060_ffff]);
        let packet = Rpsi::parse(&bytes).unwrap();
        assert_eq!((packet.bit_len(), packet.bits().count()), (0, 0));
        let builder = RpsiBuilder::from(packet);
        assert_eq!(builder.to_vec().unwrap(), bytes, "padding bits that are not 0 are kept");
    }

    #[test]
    fn the_reserved_bit_is_no_part_of_the_payload_type() {
        let bytes = words([0x83ce_0003, 1, 2, 0x0ce0_f000]);
        let packet = Rpsi::parse(&bytes).unwrap();
        assert_eq!((packet.reserved(), packet.payload_type()), (true, 96));
        let builder = RpsiBuilder::from(packet);
        assert_eq!(builder.to_vec().unwrap(), bytes);
    }

    #[test]
    fn refuses_every_truncation_and_padding_bits_beyond_the_string() {
        refuses_every_truncation(&words(RPSI), Rpsi::parse);
        let refused = |rows: &[u32]| {
            let error = Rpsi::parse(&words(rows)).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let kind = ErrorKind::Padding { found: 17, have: 2 };
        assert_eq!(refused(&[0x83ce_0003, 1, 2, 0x1160_0000]), ("padding bits", 12, kind));
        let kind = ErrorKind::Truncated { need: 2, have: 0 };
        assert_eq!(refused(&[0x83ce_0002, 1, 2]), ("padding bits", 12, kind));
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        let builder = RpsiBuilder { bit_string: &[0xFF], bit_len: 8, ..Default::default() };
        assert!(builder.to_vec().is_ok());
        let out_of_range = |field| Err(BuildError::OutOfRange { field });
        let wide = RpsiBuilder { payload_type: 128, ..builder };
        assert_eq!(wide.to_vec(), out_of_range("payload type"));
        let long = RpsiBuilder { bit_len: 9, ..builder };
        assert_eq!(long.to_vec(), out_of_range("bit length"));
        let short = RpsiBuilder { bit_string: &[0; 34], bit_len: 0, ..builder };
        assert_eq!(short.to_vec(), out_of_range("padding bits"));
    }

    #[test]
    #[cfg(feature = "serde")]
    fn is_shown_as_the_inspector_shows_it() {
        // inspect-json.md, frame 5, index 6.
        let json = r#"{"version":2,"padding":false,"packet_type":206,"length":3,"padding_size":0,"type":"rpsi","fmt":3,"sender_ssrc":1,"media_ssrc":2,"padding_bits":12,"payload_type":96,"bit_string":"f000"}"#;
        let bytes = words(RPSI);
        let packet = Rpsi::parse(&bytes).unwrap();
        assert_eq!(serde_json::to_string(&packet).unwrap(), json);
    }

    proptest! {
        #[test]
        fn reads_the_bits_that_it_writes(
            (sender_ssrc, media_ssrc, reserved) in any::<(u32, u32, bool)>(),
            payload_type in 0u8..128,
            bit_string in prop::collection::vec(any::<u8>(), 0..20),
            unused in 0usize..8,
            padding in prop::sample::select(PADDINGS),
        ) {
            let bit_len = (bit_string.len() * 8).saturating_sub(unused);
            let builder = RpsiBuilder {
                sender_ssrc,
                media_ssrc,
                reserved,
                payload_type,
                bit_string: &bit_string,
                bit_len,
                padding,
            };
            let bytes = builder.to_vec().unwrap();
            let packet = Rpsi::parse(&bytes).unwrap();
            prop_assert_eq!((packet.bit_len(), packet.padding()), (bit_len, padding));
            prop_assert_eq!(packet.bit_string()[..bit_string.len()].to_vec(), bit_string.clone());
            let again = RpsiBuilder::from(packet);
            prop_assert_eq!((again.payload_type, again.reserved), (payload_type, reserved));
            prop_assert_eq!(again.to_vec().unwrap(), bytes);
        }
    }
}
