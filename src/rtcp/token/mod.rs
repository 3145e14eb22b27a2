//! Port mapping, TOKEN (RFC 6284 section 4): four messages, told apart by SMT, the five bits behind the padding bit.

mod element;
mod request;
mod response;
mod verification_failure;
mod verification_request;

pub use element::TokenElement;
pub use request::{PortMappingRequest, PortMappingRequestBuilder};
pub use response::{PortMappingResponse, PortMappingResponseBuilder};
pub use verification_failure::{TokenVerificationFailure, TokenVerificationFailureBuilder};
pub use verification_request::{TokenVerificationRequest, TokenVerificationRequestBuilder};

use core::fmt;

use super::header::{Framed, packet_of};
use super::raw::raw_packet;
use super::{Header, PacketType, RawPacket, RawPacketBuilder};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::registry::registry;

registry! {
    /// SMT, the sub-message type of a TOKEN packet (IANA, Sub-Message Type Values for the TOKEN Payload Type).
    TokenMessageType(u8) {
        /// Port mapping request, RFC 6284 section 4.1.
        PORT_MAPPING_REQUEST = 1, "port mapping request";
        /// Port mapping response, RFC 6284 section 4.2.
        PORT_MAPPING_RESPONSE = 2, "port mapping response";
        /// Token verification request, RFC 6284 section 4.3.
        TOKEN_VERIFICATION_REQUEST = 3, "token verification request";
        /// Token verification failure, RFC 6284 section 4.4.
        TOKEN_VERIFICATION_FAILURE = 4, "token verification failure";
    }
}

/// A port mapping message of any type, read in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Token<'a> {
    /// A client asks for a token.
    PortMappingRequest(PortMappingRequest<'a>),
    /// A server gives one.
    PortMappingResponse(PortMappingResponse<'a>),
    /// A client shows it.
    TokenVerificationRequest(TokenVerificationRequest<'a>),
    /// A server does not accept it.
    TokenVerificationFailure(TokenVerificationFailure<'a>),
    /// A sub-message type that has no view of its own.
    Other(RawPacket<'a>),
}

impl<'a> Token<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type, a version other than 2, a length or padding beyond the packet; those of the message.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("TOKEN", bytes, token)
    }

    /// The packet's first four bytes.
    #[inline]
    pub const fn header(&self) -> Header {
        match self {
            Self::PortMappingRequest(message) => message.header(),
            Self::PortMappingResponse(message) => message.header(),
            Self::TokenVerificationRequest(message) => message.header(),
            Self::TokenVerificationFailure(message) => message.header(),
            Self::Other(packet) => packet.header(),
        }
    }

    /// SMT: which message it is.
    #[inline]
    pub const fn message_type(&self) -> TokenMessageType {
        TokenMessageType(self.header().count())
    }

    /// All bytes of the padding, the count at its end included; empty without padding.
    #[inline]
    pub const fn padding(&self) -> &'a [u8] {
        match self {
            Self::PortMappingRequest(message) => message.padding(),
            Self::PortMappingResponse(message) => message.padding(),
            Self::TokenVerificationRequest(message) => message.padding(),
            Self::TokenVerificationFailure(message) => message.padding(),
            Self::Other(packet) => packet.padding(),
        }
    }
}

/// Validates the whole packet.
#[inline]
pub(crate) fn token(i: &[u8]) -> Step<'_, Token<'_>> {
    let (rest, packet) = packet_of(PacketType::TOKEN)(i)?;
    Ok((
        rest,
        match TokenMessageType(packet.header.count()) {
            TokenMessageType::PORT_MAPPING_REQUEST => {
                Token::PortMappingRequest(request::of_packet(&packet)?)
            }
            TokenMessageType::PORT_MAPPING_RESPONSE => {
                Token::PortMappingResponse(response::of_packet(&packet)?)
            }
            TokenMessageType::TOKEN_VERIFICATION_REQUEST => {
                Token::TokenVerificationRequest(verification_request::of_packet(&packet)?)
            }
            TokenMessageType::TOKEN_VERIFICATION_FAILURE => {
                Token::TokenVerificationFailure(verification_failure::of_packet(&packet)?)
            }
            _ => Token::Other(raw_packet(i)?.1),
        },
    ))
}

/// A TOKEN packet of this sub-message type.
#[inline]
fn message_of<'a>(message_type: TokenMessageType) -> impl Fn(&'a [u8]) -> Step<'a, Framed<'a>> {
    move |i| {
        let (rest, packet) = packet_of(PacketType::TOKEN)(i)?;
        let found = packet.header.count();
        if found != message_type.0 {
            let kind = ErrorKind::Value { found: found.into() };
            return Err(Fail::field("sub-message type", i, kind));
        }
        Ok((rest, packet))
    }
}

/// The message's last field ends where the body does: `left` is what remains of it.
#[inline]
fn nothing_left<'a>(body: &[u8], left: &'a [u8]) -> Result<(), nom::Err<Fail<'a>>> {
    if left.is_empty() {
        return Ok(());
    }
    let kind = ErrorKind::Length { found: body.len(), have: body.len() - left.len() };
    Err(Fail::field("bytes behind the last field", left, kind))
}

/// One line, that of the message.
impl fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PortMappingRequest(message) => message.fmt(f),
            Self::PortMappingResponse(message) => message.fmt(f),
            Self::TokenVerificationRequest(message) => message.fmt(f),
            Self::TokenVerificationFailure(message) => message.fmt(f),
            Self::Other(packet) => packet.fmt(f),
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Token<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::PortMappingRequest(message) => message.serialize(serializer),
            Self::PortMappingResponse(message) => message.serialize(serializer),
            Self::TokenVerificationRequest(message) => message.serialize(serializer),
            Self::TokenVerificationFailure(message) => message.serialize(serializer),
            Self::Other(packet) => packet.serialize(serializer),
        }
    }
}

/// The entries that the JSON of every message begins with.
#[cfg(feature = "serde")]
fn serialize_start<M: serde::ser::SerializeMap>(
    map: &mut M,
    header: Header,
    padding: &[u8],
    sender_ssrc: u32,
) -> Result<(), M::Error> {
    super::header::serialize_header(map, header, padding, "token", "count")?;
    map.serialize_entry("smt", &header.count())?;
    map.serialize_entry("sender_ssrc", &sender_ssrc)
}

/// A port mapping message of any type to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenBuilder<'a> {
    /// A client asks for a token.
    PortMappingRequest(PortMappingRequestBuilder<'a>),
    /// A server gives one.
    PortMappingResponse(PortMappingResponseBuilder<'a>),
    /// A client shows it.
    TokenVerificationRequest(TokenVerificationRequestBuilder<'a>),
    /// A server does not accept it.
    TokenVerificationFailure(TokenVerificationFailureBuilder<'a>),
    /// A sub-message type that has no builder of its own.
    Other(RawPacketBuilder<'a>),
}

impl<'a> From<Token<'a>> for TokenBuilder<'a> {
    fn from(token: Token<'a>) -> Self {
        match token {
            Token::PortMappingRequest(message) => Self::PortMappingRequest(message.into()),
            Token::PortMappingResponse(message) => Self::PortMappingResponse(message.into()),
            Token::TokenVerificationRequest(message) => {
                Self::TokenVerificationRequest(message.into())
            }
            Token::TokenVerificationFailure(message) => {
                Self::TokenVerificationFailure(message.into())
            }
            Token::Other(packet) => Self::Other(packet.into()),
        }
    }
}

impl Encode for TokenBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        match self {
            Self::PortMappingRequest(message) => message.encoded_len(),
            Self::PortMappingResponse(message) => message.encoded_len(),
            Self::TokenVerificationRequest(message) => message.encoded_len(),
            Self::TokenVerificationFailure(message) => message.encoded_len(),
            Self::Other(packet) => packet.encoded_len(),
        }
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        match self {
            Self::PortMappingRequest(message) => message.encode(out),
            Self::PortMappingResponse(message) => message.encode(out),
            Self::TokenVerificationRequest(message) => message.encode(out),
            Self::TokenVerificationFailure(message) => message.encode(out),
            Self::Other(packet) => packet.encode(out),
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;

    use super::*;
    use crate::testing::words;

    #[test]
    fn an_unknown_message_is_kept() {
        let bytes = words([0x85d2_0002, 1, 0xdead_beef]);
        let packet = Token::parse(&bytes).unwrap();
        assert_eq!((packet.message_type().0, packet.message_type().name()), (5, None));
        let Token::Other(raw) = packet else { panic!("{packet:?}") };
        assert_eq!(raw.body(), &bytes[4..]);
        assert_eq!(TokenBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    proptest! {
        #[test]
        fn what_parses_is_written_again(
            message_type in 0u8..6,
            mut body in prop::collection::vec(prop_oneof![4 => 0u8..9, 1 => any::<u8>()], 0..72),
            padding in any::<bool>(),
        ) {
            body.truncate(body.len() / 4 * 4);
            let length = u8::try_from(body.len() / 4).unwrap();
            let mut bytes = std::vec![0x80 | (u8::from(padding) << 5) | message_type, 210, 0, length];
            bytes.extend(body);
            if let Ok(packet) = Token::parse(&bytes) {
                prop_assert_eq!(TokenBuilder::from(packet).to_vec().unwrap(), bytes);
            }
        }
    }
}
