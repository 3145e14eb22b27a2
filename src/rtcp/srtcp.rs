//! Secure RTCP, SRTCP, as far as it can be read without its keys (RFC 3711 section 3.4, RFC 7714 section 17).
//!
//! ```text
//! |V=2|P|   RC    |       PT      |            length             |  header, of the first packet
//! |                         SSRC of sender                        |  ssrc
//! |      the rest of the compound, encrypted where E=1         ...|  content
//! |E|                         SRTCP index                         |  index
//! |                MKI, authentication tag             ...        |  trailer
//! ```
//!
//! An AEAD's authentication tag stands at the end of `content` instead (RFC 7714 section 17.1).

use core::fmt;

use super::Header;
use super::header::header;
use crate::error::{ErrorKind, Fail, ParseError, run};
use crate::wire::{array, context};

/// A datagram of SRTCP: its clear parts, with the rest as bytes.
///
/// Nothing in a datagram tells SRTCP from RTCP; the session knows. [`Compound`](super::Compound) would read the
/// ciphertext behind the first SSRC as packets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Srtcp<'a> {
    header: Header,
    ssrc: &'a [u8; 4],
    content: &'a [u8],
    index: &'a [u8; 4],
    trailer: &'a [u8],
}

impl<'a> Srtcp<'a> {
    /// Reads a datagram whose index is followed by `trailer_len` bytes: the MKI, if the session has one, and the
    /// authentication tag. That is 10 with the profiles of RFC 3711 (HMAC-SHA1-80), 4 with HMAC-SHA1-32 where it is
    /// used for RTCP, and 0 with AEAD.
    ///
    /// # Errors
    /// A version other than 2; fewer bytes than the clear parts take.
    #[inline]
    pub fn parse(datagram: &'a [u8], trailer_len: usize) -> Result<Self, ParseError> {
        run("SRTCP packet", datagram, |i| {
            let (rest, header) = header(i)?;
            let (rest, ssrc) = context("SSRC", array)(rest)?;
            let have = rest.len();
            let split = have.checked_sub(trailer_len).map(|len| rest.split_at_checked(len));
            let parts = split.flatten().and_then(|(body, trailer)| {
                body.split_last_chunk().map(|(content, index)| (content, index, trailer))
            });
            let Some((content, index, trailer)) = parts else {
                let kind = ErrorKind::Truncated { need: trailer_len.saturating_add(4), have };
                return Err(Fail::field("index and what follows it", rest, kind));
            };
            Ok((&[], Self { header, ssrc, content, index, trailer }))
        })
    }

    /// The header of the first packet, which is never encrypted.
    #[inline]
    pub const fn header(&self) -> Header {
        self.header
    }

    /// The sender of the first packet, which is never encrypted.
    #[inline]
    pub const fn ssrc(&self) -> u32 {
        u32::from_be_bytes(*self.ssrc)
    }

    /// The E-flag: whether [`content`](Self::content) is encrypted.
    #[inline]
    pub const fn is_encrypted(&self) -> bool {
        let [first, ..] = *self.index;
        first & 0x80 != 0
    }

    /// The SRTCP index, 31 bits.
    #[inline]
    pub const fn index(&self) -> u32 {
        u32::from_be_bytes(*self.index) & 0x7FFF_FFFF
    }

    /// The compound behind its first eight bytes; with AEAD, its tag too.
    #[inline]
    pub const fn content(&self) -> &'a [u8] {
        self.content
    }

    /// What follows the index: MKI and authentication tag.
    #[inline]
    pub const fn trailer(&self) -> &'a [u8] {
        self.trailer
    }
}

impl fmt::Display for Srtcp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SRTCP {} ssrc={:#010x}", self.header.packet_type(), self.ssrc())?;
        write!(f, " index={} encrypted={}", self.index(), self.is_encrypted())
    }
}

impl fmt::Debug for Srtcp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Srtcp")
            .field("header", &self.header())
            .field("ssrc", &self.ssrc())
            .field("is_encrypted", &self.is_encrypted())
            .field("index", &self.index())
            .field("content", &self.content())
            .field("trailer", &self.trailer())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::string::ToString;

    use super::*;
    use crate::rtcp::PacketType;

    // RFC 3711 figure 2: a receiver report, encrypted, with an 80-bit tag.
    const SRTCP: [u8; 30] = [
        0x81, 201, 0, 7, 0x11, 0x22, 0x33, 0x44, // first header and SSRC, clear
        0xC0, 0xC1, 0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7, // ciphertext
        0x80, 0, 0, 42, // E=1, index 42
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, // authentication tag
    ];

    #[test]
    fn reads_the_clear_parts_and_leaves_the_rest() {
        let packet = Srtcp::parse(&SRTCP, 10).unwrap();
        assert_eq!((packet.header().packet_type(), packet.header().count()), (PacketType::RR, 1));
        assert_eq!((packet.ssrc(), packet.is_encrypted(), packet.index()), (0x1122_3344, true, 42));
        assert_eq!(packet.content(), &SRTCP[8..16]);
        assert_eq!(packet.trailer(), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        crate::testing::shows(&packet);
        assert_eq!(packet.to_string(), "SRTCP RR ssrc=0x11223344 index=42 encrypted=true");
    }

    #[test]
    fn an_aead_has_its_index_last() {
        let packet = Srtcp::parse(&SRTCP[..20], 0).unwrap();
        assert_eq!((packet.index(), packet.content().len(), packet.trailer()), (42, 8, &[][..]));
    }

    #[test]
    fn refuses_what_is_too_short() {
        for len in 0..22 {
            let error = Srtcp::parse(&SRTCP[..len], 10).unwrap_err();
            assert!(matches!(error.kind, ErrorKind::Truncated { .. }), "{len}: {error}");
        }
        assert!(Srtcp::parse(&SRTCP[..22], 10).is_ok(), "nothing but the clear parts");
        assert!(Srtcp::parse(&SRTCP, usize::MAX).is_err());
        assert!(Srtcp::parse(&[0x40; 30], 10).is_err());
    }
}
