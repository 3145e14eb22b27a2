//! Feedback of any format, with its control information as bytes (RFC 4585 section 6.1).
//!
//! ```text
//! |V=2|P|   FMT   | PT=205 or 206 |            length             |  header.rs
//! |                    SSRC of packet sender                      |  sender_ssrc
//! |                    SSRC of media source                       |  media_ssrc
//! |            feedback control information (FCI)                 |  fci
//! ```

use core::fmt;

#[cfg(feature = "serde")]
use super::common::serialize_start;
use super::common::{START_LEN, write_start};
use super::{PayloadFeedbackFormat, TransportFeedbackFormat};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::rtcp::header::framed;
use crate::rtcp::{Header, PacketType};
use crate::wire::{array, context};

/// A feedback message of any format, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Feedback<'a> {
    pub(crate) header: Header,
    pub(crate) sender_ssrc: &'a [u8; 4],
    pub(crate) media_ssrc: &'a [u8; 4],
    pub(crate) fci: &'a [u8],
    pub(crate) padding: &'a [u8],
}

impl<'a> Feedback<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// A packet type other than 205 and 206, a version other than 2, a length or padding beyond the packet.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("feedback", bytes, feedback)
    }

    /// The packet's first four bytes.
    #[inline]
    pub const fn header(&self) -> Header {
        self.header
    }

    /// FMT, the format: 0 to 31, of two registries by the packet type.
    #[inline]
    pub const fn format(&self) -> u8 {
        self.header.count()
    }

    /// The registered name of the format; `None` if it has none.
    #[inline]
    pub const fn format_name(&self) -> Option<&'static str> {
        match self.header.packet_type() {
            PacketType::RTPFB => TransportFeedbackFormat(self.format()).name(),
            _ => PayloadFeedbackFormat(self.format()).name(),
        }
    }

    /// The format's word in JSON.
    #[cfg(feature = "serde")]
    pub(crate) fn type_name(&self) -> &'static str {
        use {PayloadFeedbackFormat as Psfb, TransportFeedbackFormat as Rtpfb};
        match self.header.packet_type() {
            PacketType::RTPFB => match Rtpfb(self.format()) {
                Rtpfb::NACK => "nack",
                Rtpfb::TMMBR => "tmmbr",
                Rtpfb::TMMBN => "tmmbn",
                Rtpfb::SR_REQ => "sr_req",
                Rtpfb::RAMS => "rams",
                Rtpfb::TLLEI => "tllei",
                Rtpfb::ECN => "ecn",
                Rtpfb::PAUSE_RESUME => "pause_resume",
                Rtpfb::DBI => "dbi",
                Rtpfb::CCFB => "ccfb",
                Rtpfb::TRANSPORT_CC => "transport_cc",
                _ => "other",
            },
            _ => match Psfb(self.format()) {
                Psfb::PLI => "pli",
                Psfb::SLI => "sli",
                Psfb::RPSI => "rpsi",
                Psfb::FIR => "fir",
                Psfb::TSTR => "tstr",
                Psfb::TSTN => "tstn",
                Psfb::VBCM => "vbcm",
                Psfb::PSLEI => "pslei",
                Psfb::ROI => "roi",
                Psfb::LRR => "lrr",
                Psfb::VP => "vp",
                Psfb::AFB if self.fci.starts_with(b"REMB") => "remb",
                Psfb::AFB => "afb",
                _ => "other",
            },
        }
    }

    /// Who sends the feedback.
    #[inline]
    pub const fn sender_ssrc(&self) -> u32 {
        u32::from_be_bytes(*self.sender_ssrc)
    }

    /// The source that it is about. Some formats leave it 0 and name their sources in the FCI.
    #[inline]
    pub const fn media_ssrc(&self) -> u32 {
        u32::from_be_bytes(*self.media_ssrc)
    }

    /// Feedback control information: what follows the two SSRCs, without the padding.
    #[inline]
    pub const fn fci(&self) -> &'a [u8] {
        self.fci
    }

    /// All bytes of the padding, the count at its end included; empty without padding.
    #[inline]
    pub const fn padding(&self) -> &'a [u8] {
        self.padding
    }
}

#[inline]
pub(crate) fn feedback(i: &[u8]) -> Step<'_, Feedback<'_>> {
    let (rest, packet) = framed(i)?;
    let packet_type = packet.header.packet_type();
    if !matches!(packet_type, PacketType::RTPFB | PacketType::PSFB) {
        let kind = ErrorKind::Value { found: packet_type.0.into() };
        return Err(Fail::field("packet type", i.get(1..).unwrap_or_default(), kind));
    }
    let (body, sender_ssrc) = context("SSRC of packet sender", array)(packet.body)?;
    let (fci, media_ssrc) = context("SSRC of media source", array)(body)?;
    let (header, padding) = (packet.header, packet.padding);
    Ok((rest, Feedback { header, sender_ssrc, media_ssrc, fci, padding }))
}

impl fmt::Display for Feedback<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.header.packet_type())?;
        match self.format_name() {
            Some(name) => f.write_str(name)?,
            None => write!(f, "fmt={}", self.format())?,
        }
        write!(f, " sender={:#010x} media={:#010x}", self.sender_ssrc(), self.media_ssrc())?;
        write!(f, " fci={} bytes", self.fci.len())
    }
}

impl fmt::Debug for Feedback<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feedback")
            .field("header", &self.header())
            .field("sender_ssrc", &self.sender_ssrc())
            .field("media_ssrc", &self.media_ssrc())
            .field("fci", &self.fci())
            .field("padding", &self.padding())
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Feedback<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        serialize_start(&mut map, self)?;
        map.serialize_entry("data", &crate::ser::Hex(self.fci))?;
        map.end()
    }
}

/// A feedback message of any format to be written, or a view's by `From`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedbackBuilder<'a> {
    /// 205 or 206.
    pub packet_type: PacketType,
    /// As [`Feedback::format`]; every field points to its accessor so.
    pub format: u8,
    /// As [`Feedback::sender_ssrc`].
    pub sender_ssrc: u32,
    /// As [`Feedback::media_ssrc`].
    pub media_ssrc: u32,
    /// As [`Feedback::fci`]; with the padding a multiple of 4 bytes.
    pub fci: &'a [u8],
    /// As [`Feedback::padding`].
    pub padding: &'a [u8],
}

impl<'a> From<Feedback<'a>> for FeedbackBuilder<'a> {
    fn from(feedback: Feedback<'a>) -> Self {
        Self {
            packet_type: feedback.header.packet_type(),
            format: feedback.format(),
            sender_ssrc: feedback.sender_ssrc(),
            media_ssrc: feedback.media_ssrc(),
            fci: feedback.fci,
            padding: feedback.padding,
        }
    }
}

impl Encode for FeedbackBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        START_LEN + self.fci.len() + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if !matches!(self.packet_type, PacketType::RTPFB | PacketType::PSFB) {
            return Err(BuildError::OutOfRange { field: "packet type" });
        }
        let ssrcs = (self.sender_ssrc, self.media_ssrc);
        write_start(out, (self.packet_type, self.format), ssrcs, self.encoded_len(), self.padding)?;
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
    use crate::testing::{PADDINGS, refuses_every_truncation, words};

    // RFC 4585 section 6.1 with one generic NACK: PID 65535 and bit 0 of BLP.
    const NACK: [u32; 4] = [0x81cd_0003, 1, 2, 0xffff_0001];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(NACK);
        let packet = Feedback::parse(&bytes).unwrap();
        assert_eq!((packet.format(), packet.format_name()), (1, Some("NACK")));
        assert_eq!((packet.sender_ssrc(), packet.media_ssrc()), (1, 2));
        assert_eq!(packet.fci(), [0xFF, 0xFF, 0, 1]);
        let line = "RTPFB NACK sender=0x00000001 media=0x00000002 fci=4 bytes";
        assert_eq!(packet.to_string(), line);
        assert_eq!(FeedbackBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn the_same_number_is_another_format_by_packet_type() {
        let name = |first| Feedback::parse(&words([first, 1, 2])).unwrap().format_name();
        assert_eq!(name(0x81cd_0002), Some("NACK"));
        assert_eq!(name(0x81ce_0002), Some("PLI"));
        assert_eq!(name(0x8fcd_0002), Some("TRANSPORT-CC"));
        assert_eq!(name(0x8fce_0002), Some("AFB"));
        assert_eq!(name(0x94ce_0002), None);
    }

    #[test]
    fn refuses_what_is_not_feedback() {
        refuses_every_truncation(&words(NACK), Feedback::parse);
        let refused = |bytes: &[u8]| {
            let error = Feedback::parse(bytes).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let kind = ErrorKind::Value { found: 204 };
        assert_eq!(refused(&words([0x80cc_0002, 1, 2])), ("packet type", 1, kind));
        let kind = ErrorKind::Truncated { need: 4, have: 0 };
        assert_eq!(refused(&words([0x80cd_0001, 1])), ("SSRC of media source", 8, kind));
        assert_eq!(refused(&words([0x80cd_0000])), ("SSRC of packet sender", 4, kind));
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (psfb, format, sender_ssrc, media_ssrc) in (any::<bool>(), 0u8..32, any::<u32>(), any::<u32>()),
            fci in prop::collection::vec(any::<[u8; 4]>(), 0..8),
            padding in prop::sample::select(PADDINGS),
        ) {
            let packet_type = if psfb { PacketType::PSFB } else { PacketType::RTPFB };
            let fci = fci.as_flattened();
            let builder = FeedbackBuilder { packet_type, format, sender_ssrc, media_ssrc, fci, padding };
            let bytes = builder.to_vec().unwrap();
            prop_assert_eq!(FeedbackBuilder::from(Feedback::parse(&bytes).unwrap()), builder);
        }
    }
}
