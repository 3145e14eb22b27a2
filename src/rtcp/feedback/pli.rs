//! Picture loss indication, PLI (RFC 4585 section 6.3.1).
//!
//! ```text
//! |V=2|P|  FMT=1  |    PT=206     |           length=2            |  header.rs
//! |                    SSRC of packet sender                      |  sender_ssrc
//! |                    SSRC of media source                       |  media_ssrc
//! ```
//!
//! The standard has no control information here. Microsoft's has (MS-RTP section 2.2.12.1): it is read and kept.

use core::fmt;

use super::common::{
    START_LEN, common_accessors, debug_start, display_start, feedback_of, write_start,
};
use super::{Feedback, PayloadFeedbackFormat};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::rtcp::PacketType;

/// A decoder has lost coded video of one or more pictures, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Pli<'a> {
    common: Feedback<'a>,
}

impl<'a> Pli<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type or format, a version other than 2, a length or padding beyond the packet.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("PLI", bytes, pli)
    }

    common_accessors!();

    /// Control information: none by the standard; a request id and flags from Microsoft's clients.
    #[inline]
    pub const fn fci(&self) -> &'a [u8] {
        self.common.fci
    }
}

/// Validates the whole packet.
#[inline]
pub(crate) fn pli(i: &[u8]) -> Step<'_, Pli<'_>> {
    let (rest, common) = feedback_of(PacketType::PSFB, PayloadFeedbackFormat::PLI.0)(i)?;
    Ok((rest, Pli { common }))
}

impl fmt::Display for Pli<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display_start(f, &self.common)
    }
}

impl fmt::Debug for Pli<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug_start(f, "Pli", &self.common).field("fci", &self.fci()).finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Pli<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        super::common::serialize_start(&mut map, &self.common)?;
        map.end()
    }
}

/// A picture loss indication to be written: fill in the fields, or take a view's by `From`; then `write`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PliBuilder<'a> {
    /// As [`Pli::sender_ssrc`]; every field points to its accessor so.
    pub sender_ssrc: u32,
    /// As [`Pli::media_ssrc`].
    pub media_ssrc: u32,
    /// As [`Pli::fci`]: empty, but to write again what a client of Microsoft's sent.
    pub fci: &'a [u8],
    /// As [`Pli::padding`].
    pub padding: &'a [u8],
}

impl<'a> From<Pli<'a>> for PliBuilder<'a> {
    fn from(packet: Pli<'a>) -> Self {
        Self {
            sender_ssrc: packet.sender_ssrc(),
            media_ssrc: packet.media_ssrc(),
            fci: packet.fci(),
            padding: packet.padding(),
        }
    }
}

impl Encode for PliBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        START_LEN + self.fci.len() + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let format = (PacketType::PSFB, PayloadFeedbackFormat::PLI.0);
        let ssrcs = (self.sender_ssrc, self.media_ssrc);
        write_start(out, format, ssrcs, self.encoded_len(), self.padding)?;
        out.bytes(self.fci)?;
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

    // Chromium's, frame 369 of chromium-vp8-loss-pli.pcap.
    const PLI: [u32; 3] = [
        0x81ce_0002, // V=2 P=0 FMT=1 PT=206 length=2
        0x0000_0001, // SSRC of packet sender
        0xe5d3_07bf, // SSRC of media source
    ];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(PLI);
        let packet = Pli::parse(&bytes).unwrap();
        assert_eq!((packet.sender_ssrc(), packet.media_ssrc()), (1, 0xe5d3_07bf));
        assert!(packet.padding().is_empty());
        assert_eq!(packet.to_string(), "PLI sender=0x00000001 media=0xe5d307bf");
        assert_eq!(PliBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn refuses_every_truncation_and_another_format() {
        refuses_every_truncation(&words(PLI), Pli::parse);
        let refused = |rows: &[u32]| {
            let error = Pli::parse(&words(rows)).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let kind = ErrorKind::Value { found: 2 };
        assert_eq!(refused(&[0x82ce_0002, 1, 2]), ("format", 0, kind));
        let kind = ErrorKind::Value { found: 205 };
        assert_eq!(refused(&[0x81cd_0002, 1, 2]), ("packet type", 1, kind));
    }

    #[test]
    fn control_information_that_should_not_be_there_is_kept() {
        // MS-RTP section 2.2.12.1: request id 5, then a flag for each of 64 streams and reserved bits; tshark 4.0.17
        // reads the same id out of it.
        let bytes = words([0x81ce_0005, 1, 2, 0x0005_0000, 0x0000_0000, 0x0000_0001]);
        let packet = Pli::parse(&bytes).unwrap();
        assert_eq!(packet.fci(), &bytes[12..]);
        assert_eq!(PliBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn padding_is_no_control_information() {
        let bytes = words([0xa1ce_0003, 1, 2, 4]);
        let packet = Pli::parse(&bytes).unwrap();
        assert_eq!((packet.fci(), packet.padding()), (&[][..], &[0, 0, 0, 4][..]));
        assert_eq!(PliBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    #[cfg(feature = "serde")]
    fn is_shown_as_the_inspector_shows_it() {
        // inspect-json.md, frame 5, index 4.
        let json = r#"{"version":2,"padding":false,"packet_type":206,"length":2,"padding_size":0,"type":"pli","fmt":1,"sender_ssrc":1,"media_ssrc":2}"#;
        let bytes = words([0x81ce_0002, 1, 2]);
        let packet = Pli::parse(&bytes).unwrap();
        assert_eq!(serde_json::to_string(&packet).unwrap(), json);
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (sender_ssrc, media_ssrc) in any::<(u32, u32)>(),
            padding in prop::sample::select(PADDINGS),
        ) {
            let fci = &[][..];
            let builder = PliBuilder { sender_ssrc, media_ssrc, fci, padding };
            let bytes = builder.to_vec().unwrap();
            let packet = Pli::parse(&bytes).unwrap();
            prop_assert_eq!(PliBuilder::from(packet), builder);
        }
    }
}
