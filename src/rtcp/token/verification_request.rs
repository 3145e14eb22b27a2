//! Token verification request (RFC 6284 section 4.3).
//!
//! ```text
//! |V=2|P|  SMT=3  |    PT=210     |            length             |  header.rs
//! |                    SSRC of packet sender                      |  start
//! |                  associated nonce, 8 bytes                    |
//! |                 token element, see element.rs                 |  token
//! |   associated absolute expiration time, NTP, 8 bytes           |  expiration
//! ```

use byteorder::{BE, ByteOrder};
use core::fmt;
use core::ops::Range;

use super::element::token_element;
use super::{TokenElement, TokenMessageType, message_of, nothing_left};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, Fail, ParseError, Step, run};
use crate::ntp::NtpTime;
use crate::rtcp::header::{Framed, write_header};
use crate::rtcp::{Header, PacketType};
use crate::wire::{array, context};

// Places before the token, for reading and for writing.
const SENDER: Range<usize> = 0..4;
const NONCE: Range<usize> = 4..12;
const START_LEN: usize = NONCE.end;
/// The bytes behind it.
const EXPIRATION_LEN: usize = 8;

/// A client shows its token, for the other packets of the compound; read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenVerificationRequest<'a> {
    header: Header,
    start: &'a [u8; START_LEN],
    token: TokenElement<'a>,
    expiration: &'a [u8; EXPIRATION_LEN],
    padding: &'a [u8],
}

impl<'a> TokenVerificationRequest<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type or sub-message type, a version other than 2, a length or padding beyond the packet; a token
    /// that does not lie within the packet, bytes behind the last field.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("token verification request", bytes, token_verification_request)
    }

    /// The packet's first four bytes.
    #[inline]
    pub const fn header(&self) -> Header {
        self.header
    }

    /// The client.
    #[inline]
    pub fn sender_ssrc(&self) -> u32 {
        BE::read_u32(&self.start[SENDER])
    }

    /// The nonce that goes with the token.
    #[inline]
    pub fn associated_nonce(&self) -> u64 {
        BE::read_u64(&self.start[NONCE])
    }

    /// The token, as the server gave it.
    #[inline]
    pub const fn token(&self) -> TokenElement<'a> {
        self.token
    }

    /// When the token expires, as the server gave it.
    #[inline]
    pub const fn associated_absolute_expiration(&self) -> NtpTime {
        NtpTime(u64::from_be_bytes(*self.expiration))
    }

    /// All bytes of the padding, the count at its end included; empty without padding.
    #[inline]
    pub const fn padding(&self) -> &'a [u8] {
        self.padding
    }
}

#[inline]
fn token_verification_request(i: &[u8]) -> Step<'_, TokenVerificationRequest<'_>> {
    let (rest, packet) = message_of(TokenMessageType::TOKEN_VERIFICATION_REQUEST)(i)?;
    Ok((rest, of_packet(&packet)?))
}

/// Validates the body.
#[inline]
pub(super) fn of_packet<'a>(
    packet: &Framed<'a>,
) -> Result<TokenVerificationRequest<'a>, nom::Err<Fail<'a>>> {
    let (left, start) = context("SSRC and nonce", array)(packet.body)?;
    let (left, token) = token_element(left)?;
    let (left, expiration) = context("expiration time", array)(left)?;
    nothing_left(packet.body, left)?;
    let (header, padding) = (packet.header, packet.padding);
    Ok(TokenVerificationRequest { header, start, token, expiration, padding })
}

/// `TOKEN verification request sender=0x00000001 nonce=0x0000000000000002 token=5 bytes`.
impl fmt::Display for TokenVerificationRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TOKEN verification request sender={:#010x}", self.sender_ssrc())?;
        write!(f, " nonce={:#018x}", self.associated_nonce())?;
        write!(f, " token={} bytes", self.token.value.len())
    }
}

impl fmt::Debug for TokenVerificationRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenVerificationRequest")
            .field("sender_ssrc", &self.sender_ssrc())
            .field("associated_nonce", &self.associated_nonce())
            .field("token", &self.token())
            .field("associated_absolute_expiration", &self.associated_absolute_expiration())
            .field("padding", &self.padding())
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for TokenVerificationRequest<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use crate::ser::Hex;
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        super::serialize_start(&mut map, self.header, self.padding, self.sender_ssrc())?;
        map.serialize_entry("associated_nonce", &Hex(&self.start[NONCE]))?;
        map.serialize_entry("token", &Hex(self.token.value))?;
        let absolute = self.associated_absolute_expiration();
        map.serialize_entry("associated_absolute_expiration_seconds", &absolute.seconds())?;
        map.serialize_entry("associated_absolute_expiration_fraction", &absolute.fraction())?;
        map.end()
    }
}

/// A token verification request to be written: fill in the fields, or take a view's by `From`; then `write`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenVerificationRequestBuilder<'a> {
    /// As [`TokenVerificationRequest::sender_ssrc`]; every field points to its accessor so.
    pub sender_ssrc: u32,
    /// As [`TokenVerificationRequest::associated_nonce`].
    pub associated_nonce: u64,
    /// As [`TokenVerificationRequest::token`]; at most 65,535 bytes.
    pub token: TokenElement<'a>,
    /// As [`TokenVerificationRequest::associated_absolute_expiration`].
    pub associated_absolute_expiration: NtpTime,
    /// As [`TokenVerificationRequest::padding`].
    pub padding: &'a [u8],
}

impl<'a> From<TokenVerificationRequest<'a>> for TokenVerificationRequestBuilder<'a> {
    fn from(message: TokenVerificationRequest<'a>) -> Self {
        Self {
            sender_ssrc: message.sender_ssrc(),
            associated_nonce: message.associated_nonce(),
            token: message.token,
            associated_absolute_expiration: message.associated_absolute_expiration(),
            padding: message.padding,
        }
    }
}

impl Encode for TokenVerificationRequestBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        Header::LEN + START_LEN + self.token.len(2) + EXPIRATION_LEN + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let (smt, len) = (TokenMessageType::TOKEN_VERIFICATION_REQUEST.0, self.encoded_len());
        write_header(out.array()?, PacketType::TOKEN, smt.into(), len, self.padding)?;
        let start = out.array::<START_LEN>()?;
        BE::write_u32(&mut start[SENDER], self.sender_ssrc);
        BE::write_u64(&mut start[NONCE], self.associated_nonce);
        self.token.encode_token(out)?;
        *out.array::<EXPIRATION_LEN>()? = self.associated_absolute_expiration.0.to_be_bytes();
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

    // RFC 6284 figure 6, row by row.
    const REQUEST: [u32; 8] = [
        0x83d2_0007, // V=2 P=0 SMT=3 PT=210 length=7
        0x0000_0001, // SSRC of packet sender
        0x0011_2233, // associated nonce
        0x4455_6677,
        0x0006_abcd, // token element: length 6, value up to the boundary
        0xef01_2345,
        0xe717_2f27, // associated absolute expiration time
        0x8000_0000,
    ];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(REQUEST);
        let packet = TokenVerificationRequest::parse(&bytes).unwrap();
        assert_eq!((packet.sender_ssrc(), packet.associated_nonce()), (1, 0x0011_2233_4455_6677));
        let token = TokenElement::new(&[0xAB, 0xCD, 0xEF, 0x01, 0x23, 0x45]);
        assert_eq!(packet.token(), token);
        let expiration = NtpTime::new(0xe717_2f27, 0x8000_0000);
        assert_eq!(packet.associated_absolute_expiration(), expiration);
        let line = "TOKEN verification request sender=0x00000001 \
                    nonce=0x0011223344556677 token=6 bytes";
        assert_eq!(packet.to_string(), line);
        assert_eq!(TokenVerificationRequestBuilder::from(packet).to_vec().unwrap(), bytes);
        assert_eq!(Token::parse(&bytes), Ok(Token::TokenVerificationRequest(packet)));
    }

    #[test]
    fn refuses_every_truncation_and_a_token_beyond_the_packet() {
        refuses_every_truncation(&words(REQUEST), TokenVerificationRequest::parse);
        let refused = |rows: &[u32]| {
            let error = TokenVerificationRequest::parse(&words(rows)).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let kind = ErrorKind::Length { found: 11, have: 10 };
        let token = [0x83d2_0006, 1, 2, 3, 0x000b_0000, 4, 5];
        assert_eq!(refused(&token), ("token", 18, kind));
        let kind = ErrorKind::Truncated { need: 8, have: 4 };
        let expiration = [0x83d2_0005, 1, 2, 3, 0x0002_0000, 4];
        assert_eq!(refused(&expiration), ("expiration time", 20, kind));
        let kind = ErrorKind::Length { found: 28, have: 24 };
        let behind = [0x83d2_0007, 1, 2, 3, 0x0002_0000, 4, 5, 6];
        assert_eq!(refused(&behind), ("bytes behind the last field", 28, kind));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn its_json_names_the_fields_of_the_layout() {
        let json = r#"{"version":2,"padding":false,"packet_type":210,"length":7,"padding_size":0,"type":"token","count":3,"smt":3,"sender_ssrc":1,"associated_nonce":"0011223344556677","token":"abcdef012345","associated_absolute_expiration_seconds":3877056295,"associated_absolute_expiration_fraction":2147483648}"#;
        let bytes = words(REQUEST);
        let packet = TokenVerificationRequest::parse(&bytes).unwrap();
        assert_eq!(serde_json::to_string(&packet).unwrap(), json);
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (sender_ssrc, associated_nonce, expiration) in any::<(u32, u64, u64)>(),
            token in prop::collection::vec(any::<u8>(), 0..20),
            padding in prop::sample::select(PADDINGS),
        ) {
            let builder = TokenVerificationRequestBuilder {
                sender_ssrc,
                associated_nonce,
                token: TokenElement::new(&token),
                associated_absolute_expiration: NtpTime(expiration),
                padding,
            };
            let bytes = builder.to_vec().unwrap();
            let packet = TokenVerificationRequest::parse(&bytes).unwrap();
            prop_assert_eq!(packet.token().value, &token[..]);
            let again = TokenVerificationRequestBuilder::from(packet);
            let token = builder.token;
            prop_assert_eq!(TokenVerificationRequestBuilder { token, ..again }, builder);
            prop_assert_eq!(again.to_vec().unwrap(), bytes);
        }
    }
}
