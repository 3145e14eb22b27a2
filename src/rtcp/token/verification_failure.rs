//! Token verification failure (RFC 6284 section 4.4).
//!
//! ```text
//! |V=2|P|  SMT=4  |    PT=210     |           length=5            |  header.rs
//! |                    SSRC of packet sender                      |  body
//! |                  SSRC of requesting client                    |
//! |   failed PT   |   FMT   |              reserved               |
//! |                  associated nonce, 8 bytes                    |
//! ```

use byteorder::{BE, ByteOrder};
use core::fmt;
use core::ops::Range;

use super::{TokenMessageType, message_of};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, Fail, ParseError, Step, run};
use crate::rtcp::header::{Framed, body_of, write_header};
use crate::rtcp::{Header, PacketType};

// Places in the body, for reading and for writing.
const SENDER: Range<usize> = 0..4;
const CLIENT: Range<usize> = 4..8;
const FAILED_PT: usize = 8;
/// FMT in the high five bits, and what is reserved.
const FMT: Range<usize> = 9..12;
const NONCE: Range<usize> = 12..20;
const BODY_LEN: usize = NONCE.end;
const RESERVED_BITS: u32 = 19;

/// A server does not accept a client's token, or misses one; read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenVerificationFailure<'a> {
    header: Header,
    body: &'a [u8; BODY_LEN],
    padding: &'a [u8],
}

impl<'a> TokenVerificationFailure<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type or sub-message type, a version other than 2, a length or padding beyond the packet; a body
    /// of another length.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("token verification failure", bytes, token_verification_failure)
    }

    /// The packet's first four bytes.
    #[inline]
    pub const fn header(&self) -> Header {
        self.header
    }

    /// The server.
    #[inline]
    pub fn sender_ssrc(&self) -> u32 {
        BE::read_u32(&self.body[SENDER])
    }

    /// The client.
    #[inline]
    pub fn requesting_client_ssrc(&self) -> u32 {
        BE::read_u32(&self.body[CLIENT])
    }

    /// The type of the packet that had no valid token.
    #[inline]
    pub fn failed_packet_type(&self) -> PacketType {
        PacketType(self.body[FAILED_PT])
    }

    /// Its feedback format, 0 to 31; 0 where it has none.
    #[inline]
    pub fn format(&self) -> u8 {
        self.body[FMT.start] >> 3
    }

    /// The 19 bits behind the format: 0 by the standard.
    #[inline]
    pub fn reserved(&self) -> u32 {
        BE::read_u24(&self.body[FMT]) & ((1 << RESERVED_BITS) - 1)
    }

    /// The nonce of the client's token verification request; 0 if there was none.
    #[inline]
    pub fn associated_nonce(&self) -> u64 {
        BE::read_u64(&self.body[NONCE])
    }

    /// All bytes of the padding, the count at its end included; empty without padding.
    #[inline]
    pub const fn padding(&self) -> &'a [u8] {
        self.padding
    }
}

#[inline]
fn token_verification_failure(i: &[u8]) -> Step<'_, TokenVerificationFailure<'_>> {
    let (rest, packet) = message_of(TokenMessageType::TOKEN_VERIFICATION_FAILURE)(i)?;
    Ok((rest, of_packet(&packet)?))
}

/// Validates the body.
#[inline]
pub(super) fn of_packet<'a>(
    packet: &Framed<'a>,
) -> Result<TokenVerificationFailure<'a>, nom::Err<Fail<'a>>> {
    let body = body_of(packet.body)?;
    Ok(TokenVerificationFailure { header: packet.header, body, padding: packet.padding })
}

/// `TOKEN verification failure sender=0x00000001 client=0x00000002 failed=RTPFB fmt=1`.
impl fmt::Display for TokenVerificationFailure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TOKEN verification failure sender={:#010x}", self.sender_ssrc())?;
        write!(f, " client={:#010x}", self.requesting_client_ssrc())?;
        write!(f, " failed={} fmt={}", self.failed_packet_type(), self.format())
    }
}

impl fmt::Debug for TokenVerificationFailure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenVerificationFailure")
            .field("sender_ssrc", &self.sender_ssrc())
            .field("requesting_client_ssrc", &self.requesting_client_ssrc())
            .field("failed_packet_type", &self.failed_packet_type())
            .field("format", &self.format())
            .field("reserved", &self.reserved())
            .field("associated_nonce", &self.associated_nonce())
            .field("padding", &self.padding())
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for TokenVerificationFailure<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        super::serialize_start(&mut map, self.header, self.padding, self.sender_ssrc())?;
        map.serialize_entry("requesting_client_ssrc", &self.requesting_client_ssrc())?;
        map.serialize_entry("failed_pt", &self.failed_packet_type().0)?;
        map.serialize_entry("fmt", &self.format())?;
        map.serialize_entry("associated_nonce", &crate::ser::Hex(&self.body[NONCE]))?;
        map.end()
    }
}

/// A token verification failure to be written: fill in the fields, or take a view's by `From`; then `write`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenVerificationFailureBuilder<'a> {
    /// As [`TokenVerificationFailure::sender_ssrc`]; every field points to its accessor so.
    pub sender_ssrc: u32,
    /// As [`TokenVerificationFailure::requesting_client_ssrc`].
    pub requesting_client_ssrc: u32,
    /// As [`TokenVerificationFailure::failed_packet_type`].
    pub failed_packet_type: PacketType,
    /// As [`TokenVerificationFailure::format`].
    pub format: u8,
    /// As [`TokenVerificationFailure::reserved`].
    pub reserved: u32,
    /// As [`TokenVerificationFailure::associated_nonce`].
    pub associated_nonce: u64,
    /// As [`TokenVerificationFailure::padding`].
    pub padding: &'a [u8],
}

impl<'a> From<TokenVerificationFailure<'a>> for TokenVerificationFailureBuilder<'a> {
    fn from(message: TokenVerificationFailure<'a>) -> Self {
        Self {
            sender_ssrc: message.sender_ssrc(),
            requesting_client_ssrc: message.requesting_client_ssrc(),
            failed_packet_type: message.failed_packet_type(),
            format: message.format(),
            reserved: message.reserved(),
            associated_nonce: message.associated_nonce(),
            padding: message.padding,
        }
    }
}

impl Encode for TokenVerificationFailureBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        Header::LEN + BODY_LEN + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if self.format > 31 {
            return Err(BuildError::OutOfRange { field: "FMT" });
        }
        if self.reserved >> RESERVED_BITS != 0 {
            return Err(BuildError::OutOfRange { field: "reserved bits" });
        }
        let (smt, len) = (TokenMessageType::TOKEN_VERIFICATION_FAILURE.0, self.encoded_len());
        write_header(out.array()?, PacketType::TOKEN, smt.into(), len, self.padding)?;
        let body = out.array::<BODY_LEN>()?;
        BE::write_u32(&mut body[SENDER], self.sender_ssrc);
        BE::write_u32(&mut body[CLIENT], self.requesting_client_ssrc);
        body[FAILED_PT] = self.failed_packet_type.0;
        BE::write_u24(&mut body[FMT], (u32::from(self.format) << RESERVED_BITS) | self.reserved);
        BE::write_u64(&mut body[NONCE], self.associated_nonce);
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
    use crate::rtcp::Token;
    use crate::testing::{PADDINGS, refuses_every_truncation, words};

    // RFC 6284 figure 7, row by row, with the example of section 4.4: a NACK without a valid token.
    const FAILURE: [u32; 6] = [
        0x84d2_0005, // V=2 P=0 SMT=4 PT=210 length=5
        0x0000_0001, // SSRC of packet sender
        0x0000_0002, // SSRC of requesting client
        0xcd08_0000, // failed PT 205, FMT 1, reserved
        0x0011_2233, // associated nonce
        0x4455_6677,
    ];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(FAILURE);
        let packet = TokenVerificationFailure::parse(&bytes).unwrap();
        assert_eq!((packet.sender_ssrc(), packet.requesting_client_ssrc()), (1, 2));
        assert_eq!((packet.failed_packet_type(), packet.format()), (PacketType::RTPFB, 1));
        assert_eq!((packet.reserved(), packet.associated_nonce()), (0, 0x0011_2233_4455_6677));
        let line =
            "TOKEN verification failure sender=0x00000001 client=0x00000002 failed=RTPFB fmt=1";
        assert_eq!(packet.to_string(), line);
        assert_eq!(TokenVerificationFailureBuilder::from(packet).to_vec().unwrap(), bytes);
        assert_eq!(Token::parse(&bytes), Ok(Token::TokenVerificationFailure(packet)));
    }

    #[test]
    fn reserved_bits_are_no_part_of_the_format_and_kept() {
        let mut rows = FAILURE;
        rows[3] = 0xcbff_ffff; // failed PT 203, FMT 31, reserved bits set
        let bytes = words(rows);
        let packet = TokenVerificationFailure::parse(&bytes).unwrap();
        assert_eq!((packet.format(), packet.reserved()), (31, 0x7_FFFF));
        assert_eq!(TokenVerificationFailureBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn refuses_every_truncation_and_another_length() {
        refuses_every_truncation(&words(FAILURE), TokenVerificationFailure::parse);
        let refused = |rows: &[u32]| {
            let error = TokenVerificationFailure::parse(&words(rows)).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let kind = ErrorKind::Length { found: 16, have: 20 };
        assert_eq!(refused(&[0x84d2_0004, 1, 2, 3, 4]), ("body", 4, kind));
        let kind = ErrorKind::Length { found: 24, have: 20 };
        assert_eq!(refused(&[0x84d2_0006, 1, 2, 3, 4, 5, 6]), ("body", 24, kind));
        let bytes = words(FAILURE);
        let builder =
            TokenVerificationFailureBuilder::from(TokenVerificationFailure::parse(&bytes).unwrap());
        let out_of_range = |field| Err(BuildError::OutOfRange { field });
        let wide = TokenVerificationFailureBuilder { format: 32, ..builder };
        assert_eq!(wide.to_vec(), out_of_range("FMT"));
        let wide = TokenVerificationFailureBuilder { reserved: 1 << 19, ..builder };
        assert_eq!(wide.to_vec(), out_of_range("reserved bits"));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn its_json_names_the_fields_of_the_layout() {
        let json = r#"{"version":2,"padding":false,"packet_type":210,"length":5,"padding_size":0,"type":"token","count":4,"smt":4,"sender_ssrc":1,"requesting_client_ssrc":2,"failed_pt":205,"fmt":1,"associated_nonce":"0011223344556677"}"#;
        let bytes = words(FAILURE);
        let packet = TokenVerificationFailure::parse(&bytes).unwrap();
        assert_eq!(serde_json::to_string(&packet).unwrap(), json);
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (sender_ssrc, requesting_client_ssrc) in any::<(u32, u32)>(),
            (failed, format, reserved) in (any::<u8>(), 0u8..32, 0u32..1 << 19),
            associated_nonce in any::<u64>(),
            padding in prop::sample::select(PADDINGS),
        ) {
            let builder = TokenVerificationFailureBuilder {
                sender_ssrc,
                requesting_client_ssrc,
                failed_packet_type: PacketType(failed),
                format,
                reserved,
                associated_nonce,
                padding,
            };
            let bytes = builder.to_vec().unwrap();
            let packet = TokenVerificationFailure::parse(&bytes).unwrap();
            prop_assert_eq!(TokenVerificationFailureBuilder::from(packet), builder);
        }
    }
}
