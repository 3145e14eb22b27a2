//! Loss notification, LNTF: application layer feedback of libwebrtc.
//!
//! ```text
//! |V=2|P| FMT=15  |    PT=206     |           length=4            |  raw.rs
//! |                    SSRC of packet sender                      |
//! |                    SSRC of media source                       |
//! |                 identifier "L" "N" "T" "F"                    |  info
//! | last decoded sequence number  |     last received, delta    |D|
//! ```
//!
//! No document defines it: the layout is that of libwebrtc's code. [`Packet`](crate::rtcp::Packet) gives it as
//! [`Afb`], whose [`loss_notification`](Afb::loss_notification) reads it.

use byteorder::{BE, ByteOrder};
use core::fmt;
use core::ops::Range;

use super::common::{START_LEN, common_accessors, debug_start, exactly, feedback_of, write_start};
use super::{Afb, Feedback, PayloadFeedbackFormat};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::rtcp::PacketType;

const IDENTIFIER: [u8; 4] = *b"LNTF";
// Places in the control information, for reading and for writing.
const LAST_DECODED: Range<usize> = 4..6;
const DELTA: Range<usize> = 6..8;
const INFO_LEN: usize = DELTA.end;

/// How far a decoder came before a loss, and whether it can go on; read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Lntf<'a> {
    common: Feedback<'a>,
    info: &'a [u8; INFO_LEN],
}

impl<'a> Lntf<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type, format or identifier, a version other than 2, a length or padding beyond the packet;
    /// control information of another length.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("LNTF", bytes, lntf)
    }

    common_accessors!();

    /// The sequence number of the last packet of the last frame that was decoded.
    #[inline]
    pub fn last_decoded(&self) -> u16 {
        BE::read_u16(&self.info[LAST_DECODED])
    }

    /// How far behind it the last packet is that was received; 15 bits.
    #[inline]
    pub fn last_received_delta(&self) -> u16 {
        BE::read_u16(&self.info[DELTA]) >> 1
    }

    /// The sequence number of the last packet that was received.
    #[inline]
    pub fn last_received(&self) -> u16 {
        self.last_decoded().wrapping_add(self.last_received_delta())
    }

    /// D: whether the last frame received depends on none that was lost, so that it can be decoded.
    #[inline]
    pub fn decodability(&self) -> bool {
        BE::read_u16(&self.info[DELTA]) & 1 != 0
    }
}

impl<'a> Afb<'a> {
    /// The message as a loss notification; `None` if it is not one.
    #[inline]
    pub fn loss_notification(&self) -> Option<Lntf<'a>> {
        of_feedback(self.common).ok()
    }
}

fn lntf(i: &[u8]) -> Step<'_, Lntf<'_>> {
    let (rest, common) = feedback_of(PacketType::PSFB, PayloadFeedbackFormat::AFB.0)(i)?;
    Ok((rest, of_feedback(common)?))
}

#[inline]
fn of_feedback(common: Feedback<'_>) -> Result<Lntf<'_>, nom::Err<Fail<'_>>> {
    if let Some(&found) = common.fci.first_chunk()
        && found != IDENTIFIER
    {
        let kind = ErrorKind::Value { found: u32::from_be_bytes(found) };
        return Err(Fail::field("identifier", common.fci, kind));
    }
    let info = exactly("loss notification", common.fci)?;
    Ok(Lntf { common, info })
}

/// `LNTF sender=0x00000001 media=0x00000002 decoded=15483 received=28444 decodable`.
impl fmt::Display for Lntf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LNTF sender={:#010x} media={:#010x}", self.sender_ssrc(), self.media_ssrc())?;
        write!(f, " decoded={} received={}", self.last_decoded(), self.last_received())?;
        if self.decodability() { f.write_str(" decodable") } else { Ok(()) }
    }
}

impl fmt::Debug for Lntf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug_start(f, "Lntf", &self.common)
            .field("last_decoded", &self.last_decoded())
            .field("last_received_delta", &self.last_received_delta())
            .field("decodability", &self.decodability())
            .finish()
    }
}

/// A loss notification to be written: fill in the fields, or take a view's by `From`; then `write`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LntfBuilder<'a> {
    /// As [`Lntf::sender_ssrc`]; every field points to its accessor so.
    pub sender_ssrc: u32,
    /// As [`Lntf::media_ssrc`].
    pub media_ssrc: u32,
    /// As [`Lntf::last_decoded`].
    pub last_decoded: u16,
    /// As [`Lntf::last_received`]; at most 32,767 behind the last decoded one.
    pub last_received: u16,
    /// As [`Lntf::decodability`].
    pub decodability: bool,
    /// As [`Lntf::padding`].
    pub padding: &'a [u8],
}

impl<'a> From<Lntf<'a>> for LntfBuilder<'a> {
    fn from(packet: Lntf<'a>) -> Self {
        Self {
            sender_ssrc: packet.sender_ssrc(),
            media_ssrc: packet.media_ssrc(),
            last_decoded: packet.last_decoded(),
            last_received: packet.last_received(),
            decodability: packet.decodability(),
            padding: packet.padding(),
        }
    }
}

impl Encode for LntfBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        START_LEN + INFO_LEN + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let delta = self.last_received.wrapping_sub(self.last_decoded);
        if delta > 0x7FFF {
            return Err(BuildError::OutOfRange { field: "last received sequence number" });
        }
        let format = (PacketType::PSFB, PayloadFeedbackFormat::AFB.0);
        let ssrcs = (self.sender_ssrc, self.media_ssrc);
        write_start(out, format, ssrcs, self.encoded_len(), self.padding)?;
        *out.array()? = IDENTIFIER;
        *out.array()? = self.last_decoded.to_be_bytes();
        *out.array()? = ((delta << 1) | u16::from(self.decodability)).to_be_bytes();
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

    // The message of inspect-json.md (frame 9, index 5), in the rows of psfb_formats.csv.
    const LNTF: [u32; 5] = [
        0x8fce_0004, // V=2 P=0 FMT=15 PT=206 length=4
        0x0000_0001, // SSRC of packet sender
        0x0000_0000, // SSRC of media source
        0x4c4e_5446, // "LNTF"
        0x3c7b_6543, // last decoded 0x3c7b, delta 0x6543 >> 1 = 0x32a1, decodability 1
    ];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(LNTF);
        let packet = Lntf::parse(&bytes).unwrap();
        assert_eq!((packet.sender_ssrc(), packet.media_ssrc()), (1, 0));
        assert_eq!((packet.last_decoded(), packet.last_received_delta()), (0x3c7b, 0x32a1));
        assert_eq!((packet.last_received(), packet.decodability()), (0x6f1c, true));
        let line = "LNTF sender=0x00000001 media=0x00000000 decoded=15483 received=28444 decodable";
        assert_eq!(packet.to_string(), line);
        assert_eq!(LntfBuilder::from(packet).to_vec().unwrap(), bytes);
        assert_eq!(Afb::parse(&bytes).unwrap().loss_notification(), Some(packet));
    }

    #[test]
    fn the_last_received_may_lie_beyond_the_wrap() {
        let bytes = words([&LNTF[..4], &[0xffff_0004]].concat());
        let packet = Lntf::parse(&bytes).unwrap();
        assert_eq!((packet.last_decoded(), packet.last_received()), (65_535, 1));
        assert_eq!(LntfBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn refuses_every_truncation_and_what_is_no_loss_notification() {
        refuses_every_truncation(&words(LNTF), Lntf::parse);
        let refused = |rows: &[u32]| {
            let bytes = words(rows);
            assert_eq!(Afb::parse(&bytes).unwrap().loss_notification(), None);
            let error = Lntf::parse(&bytes).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let kind = ErrorKind::Value { found: 0x5245_4d42 };
        assert_eq!(refused(&[0x8fce_0004, 1, 0, 0x5245_4d42, 0]), ("identifier", 12, kind));
        let kind = ErrorKind::Length { found: 4, have: 8 };
        assert_eq!(refused(&[0x8fce_0003, 1, 0, 0x4c4e_5446]), ("loss notification", 12, kind));
        let kind = ErrorKind::Length { found: 12, have: 8 };
        let long = [0x8fce_0005, 1, 0, 0x4c4e_5446, 0, 0];
        assert_eq!(refused(&long), ("loss notification", 20, kind));
        let kind = ErrorKind::Length { found: 0, have: 8 };
        assert_eq!(refused(&[0x8fce_0002, 1, 0]), ("loss notification", 12, kind));
        let behind = LntfBuilder { last_decoded: 1, last_received: 0, ..Default::default() };
        let field = "last received sequence number";
        assert_eq!(behind.to_vec(), Err(BuildError::OutOfRange { field }));
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (sender_ssrc, media_ssrc) in any::<(u32, u32)>(),
            (last_decoded, delta, decodability) in (any::<u16>(), 0u16..0x8000, any::<bool>()),
            padding in prop::sample::select(PADDINGS),
        ) {
            let last_received = last_decoded.wrapping_add(delta);
            let builder = LntfBuilder {
                sender_ssrc,
                media_ssrc,
                last_decoded,
                last_received,
                decodability,
                padding,
            };
            let bytes = builder.to_vec().unwrap();
            prop_assert_eq!(LntfBuilder::from(Lntf::parse(&bytes).unwrap()), builder);
        }
    }
}
