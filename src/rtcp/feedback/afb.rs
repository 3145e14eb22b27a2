//! Application layer feedback, AFB (RFC 4585 section 6.4).
//!
//! ```text
//! |V=2|P| FMT=15  |    PT=206     |            length             |  header.rs
//! |                    SSRC of packet sender                      |  sender_ssrc
//! |                    SSRC of media source                       |  media_ssrc
//! |              application message, 32-bit words                |  data
//! ```
//!
//! Nothing says whose message it is: an application has to know its own. REMB (remb.rs) is told by its first word.

use core::fmt;

use super::common::{
    START_LEN, common_accessors, debug_start, display_start, feedback_of, write_start,
};
use super::{Feedback, PayloadFeedbackFormat};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::rtcp::PacketType;

/// A message from a receiver's application to a sender's, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Afb<'a> {
    pub(crate) common: Feedback<'a>,
}

impl<'a> Afb<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type or format, a version other than 2, a length or padding beyond the packet.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("AFB", bytes, afb)
    }

    common_accessors!();

    /// The application's message.
    #[inline]
    pub const fn data(&self) -> &'a [u8] {
        self.common.fci()
    }

    /// Its first word, by which some applications know theirs: `*b"REMB"`, `*b"LNTF"`.
    #[inline]
    pub fn identifier(&self) -> Option<&'a [u8; 4]> {
        self.data().first_chunk()
    }
}

/// Validates the whole packet.
#[inline]
pub(crate) fn afb(i: &[u8]) -> Step<'_, Afb<'_>> {
    let (rest, common) = feedback_of(PacketType::PSFB, PayloadFeedbackFormat::AFB.0)(i)?;
    Ok((rest, Afb { common }))
}

impl fmt::Display for Afb<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display_start(f, &self.common)?;
        write!(f, " data={} bytes", self.data().len())
    }
}

impl fmt::Debug for Afb<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug_start(f, "Afb", &self.common).field("data", &self.data()).finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Afb<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        super::common::serialize_start(&mut map, &self.common)?;
        map.serialize_entry("data", &crate::ser::Hex(self.data()))?;
        map.end()
    }
}

/// Application layer feedback to be written: fill in the fields, or take a view's by `From`; then `write`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AfbBuilder<'a> {
    /// As [`Afb::sender_ssrc`]; every field points to its accessor so.
    pub sender_ssrc: u32,
    /// As [`Afb::media_ssrc`].
    pub media_ssrc: u32,
    /// As [`Afb::data`]; with the padding a multiple of 4 bytes.
    pub data: &'a [u8],
    /// As [`Afb::padding`].
    pub padding: &'a [u8],
}

impl<'a> From<Afb<'a>> for AfbBuilder<'a> {
    fn from(packet: Afb<'a>) -> Self {
        Self {
            sender_ssrc: packet.sender_ssrc(),
            media_ssrc: packet.media_ssrc(),
            data: packet.data(),
            padding: packet.padding(),
        }
    }
}

impl Encode for AfbBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        START_LEN + self.data.len() + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let format = (PacketType::PSFB, PayloadFeedbackFormat::AFB.0);
        let ssrcs = (self.sender_ssrc, self.media_ssrc);
        write_start(out, format, ssrcs, self.encoded_len(), self.padding)?;
        out.bytes(self.data)?;
        out.bytes(self.padding)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;

    use super::*;
    use crate::error::ErrorKind;
    use crate::testing::{PADDINGS, refuses_every_truncation, words};

    // inspect-json.md, frame 9, index 5.
    const AFB: [u32; 5] = [
        0x8fce_0004, // V=2 P=0 FMT=15 PT=206 length=4
        0x0000_0001, // SSRC of packet sender
        0x0000_0000, // SSRC of media source
        0x4c4e_5446, // application message: "LNTF"
        0x3c7b_6543,
    ];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(AFB);
        let packet = Afb::parse(&bytes).unwrap();
        assert_eq!((packet.sender_ssrc(), packet.media_ssrc()), (1, 0));
        assert_eq!(packet.identifier(), Some(b"LNTF"));
        assert_eq!(packet.data(), &bytes[12..]);
        assert_eq!(packet.to_string(), "AFB sender=0x00000001 media=0x00000000 data=8 bytes");
        assert_eq!(AfbBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn any_message_is_kept() {
        let empty = words([0x8fce_0002, 1, 2]);
        let packet = Afb::parse(&empty).unwrap();
        assert_eq!((packet.identifier(), packet.data()), (None, &[][..]));
        // Padding of three bytes leaves one of the message.
        let odd = words([0xafce_0003, 1, 2, 0xff00_0003]);
        let packet = Afb::parse(&odd).unwrap();
        assert_eq!((packet.data(), packet.padding()), (&[0xFF][..], &[0, 0, 3][..]));
        assert_eq!(AfbBuilder::from(packet).to_vec().unwrap(), odd);
    }

    #[test]
    fn refuses_every_truncation_and_another_packet_type() {
        refuses_every_truncation(&words(AFB), Afb::parse);
        // FMT 15 of RTPFB is transport-cc.
        let error = Afb::parse(&words([0x8fcd_0002, 1, 2])).unwrap_err();
        let kind = ErrorKind::Value { found: 205 };
        assert_eq!((error.field, error.offset, error.kind), ("packet type", 1, kind));
        let odd = AfbBuilder { data: &[1, 2], ..Default::default() };
        assert!(odd.to_vec().is_err());
    }

    #[test]
    #[cfg(feature = "serde")]
    fn is_shown_as_the_inspector_shows_it() {
        // inspect-json.md, frame 9, index 5.
        let json = r#"{"version":2,"padding":false,"packet_type":206,"length":4,"padding_size":0,"type":"afb","fmt":15,"sender_ssrc":1,"media_ssrc":0,"data":"4c4e54463c7b6543"}"#;
        let bytes = words(AFB);
        let packet = Afb::parse(&bytes).unwrap();
        assert_eq!(serde_json::to_string(&packet).unwrap(), json);
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (sender_ssrc, media_ssrc) in any::<(u32, u32)>(),
            data in prop::collection::vec(any::<[u8; 4]>(), 0..8),
            padding in prop::sample::select(PADDINGS),
        ) {
            let data = data.as_flattened();
            let builder = AfbBuilder { sender_ssrc, media_ssrc, data, padding };
            let bytes = builder.to_vec().unwrap();
            let packet = Afb::parse(&bytes).unwrap();
            prop_assert_eq!(AfbBuilder::from(packet), builder);
        }
    }
}
