//! Port mapping request (RFC 6284 section 4.1).
//!
//! ```text
//! |V=2|P|  SMT=1  |    PT=210     |           length=3            |  header.rs
//! |                    SSRC of packet sender                      |  body
//! |                    random nonce, 8 bytes                      |
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
const SSRC: Range<usize> = 0..4;
const NONCE: Range<usize> = 4..12;
const BODY_LEN: usize = NONCE.end;

/// A client asks a server for a token, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PortMappingRequest<'a> {
    header: Header,
    body: &'a [u8; BODY_LEN],
    padding: &'a [u8],
}

impl<'a> PortMappingRequest<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type or sub-message type, a version other than 2, a length or padding beyond the packet; a body
    /// of another length.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("port mapping request", bytes, port_mapping_request)
    }

    /// The packet's first four bytes.
    #[inline]
    pub const fn header(&self) -> Header {
        self.header
    }

    /// The client.
    #[inline]
    pub fn sender_ssrc(&self) -> u32 {
        BE::read_u32(&self.body[SSRC])
    }

    /// A random number of the client's, the same in a repetition.
    #[inline]
    pub fn random_nonce(&self) -> u64 {
        BE::read_u64(&self.body[NONCE])
    }

    /// All bytes of the padding, the count at its end included; empty without padding.
    #[inline]
    pub const fn padding(&self) -> &'a [u8] {
        self.padding
    }
}

#[inline]
fn port_mapping_request(i: &[u8]) -> Step<'_, PortMappingRequest<'_>> {
    let (rest, packet) = message_of(TokenMessageType::PORT_MAPPING_REQUEST)(i)?;
    Ok((rest, of_packet(&packet)?))
}

/// Validates the body.
#[inline]
pub(super) fn of_packet<'a>(
    packet: &Framed<'a>,
) -> Result<PortMappingRequest<'a>, nom::Err<Fail<'a>>> {
    let body = body_of(packet.body)?;
    Ok(PortMappingRequest { header: packet.header, body, padding: packet.padding })
}

/// `TOKEN port mapping request sender=0x00000001 nonce=0x0000000000000002`.
impl fmt::Display for PortMappingRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TOKEN port mapping request sender={:#010x}", self.sender_ssrc())?;
        write!(f, " nonce={:#018x}", self.random_nonce())
    }
}

impl fmt::Debug for PortMappingRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PortMappingRequest")
            .field("sender_ssrc", &self.sender_ssrc())
            .field("random_nonce", &self.random_nonce())
            .field("padding", &self.padding())
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for PortMappingRequest<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        super::serialize_start(&mut map, self.header, self.padding, self.sender_ssrc())?;
        map.serialize_entry("random_nonce", &crate::ser::Hex(&self.body[NONCE]))?;
        map.end()
    }
}

/// A port mapping request to be written: fill in the fields, or take a view's by `From`; then `write`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PortMappingRequestBuilder<'a> {
    /// As [`PortMappingRequest::sender_ssrc`]; every field points to its accessor so.
    pub sender_ssrc: u32,
    /// As [`PortMappingRequest::random_nonce`].
    pub random_nonce: u64,
    /// As [`PortMappingRequest::padding`].
    pub padding: &'a [u8],
}

impl<'a> From<PortMappingRequest<'a>> for PortMappingRequestBuilder<'a> {
    fn from(message: PortMappingRequest<'a>) -> Self {
        Self {
            sender_ssrc: message.sender_ssrc(),
            random_nonce: message.random_nonce(),
            padding: message.padding,
        }
    }
}

impl Encode for PortMappingRequestBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        Header::LEN + BODY_LEN + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let (smt, len) = (TokenMessageType::PORT_MAPPING_REQUEST.0, self.encoded_len());
        write_header(out.array()?, PacketType::TOKEN, smt.into(), len, self.padding)?;
        let body = out.array::<BODY_LEN>()?;
        BE::write_u32(&mut body[SSRC], self.sender_ssrc);
        BE::write_u64(&mut body[NONCE], self.random_nonce);
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

    // RFC 6284 figure 3, row by row.
    const REQUEST: [u32; 4] = [
        0x81d2_0003, // V=2 P=0 SMT=1 PT=210 length=3
        0x0000_0001, // SSRC of packet sender
        0x0011_2233, // random nonce
        0x4455_6677,
    ];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(REQUEST);
        let packet = PortMappingRequest::parse(&bytes).unwrap();
        assert_eq!((packet.sender_ssrc(), packet.random_nonce()), (1, 0x0011_2233_4455_6677));
        let line = "TOKEN port mapping request sender=0x00000001 nonce=0x0011223344556677";
        assert_eq!(packet.to_string(), line);
        assert_eq!(PortMappingRequestBuilder::from(packet).to_vec().unwrap(), bytes);
        assert_eq!(Token::parse(&bytes), Ok(Token::PortMappingRequest(packet)));
    }

    #[test]
    fn refuses_every_truncation_another_message_and_another_length() {
        refuses_every_truncation(&words(REQUEST), PortMappingRequest::parse);
        let refused = |rows: &[u32]| {
            let error = PortMappingRequest::parse(&words(rows)).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let kind = ErrorKind::Value { found: 2 };
        assert_eq!(refused(&[0x82d2_0003, 1, 2, 3]), ("sub-message type", 0, kind));
        let kind = ErrorKind::Length { found: 8, have: 12 };
        assert_eq!(refused(&[0x81d2_0002, 1, 2]), ("body", 4, kind));
        let kind = ErrorKind::Length { found: 16, have: 12 };
        assert_eq!(refused(&[0x81d2_0004, 1, 2, 3, 4]), ("body", 16, kind));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn its_json_names_the_fields_of_the_layout() {
        let json = r#"{"version":2,"padding":false,"packet_type":210,"length":3,"padding_size":0,"type":"token","count":1,"smt":1,"sender_ssrc":1,"random_nonce":"0011223344556677"}"#;
        let bytes = words(REQUEST);
        assert_eq!(
            serde_json::to_string(&PortMappingRequest::parse(&bytes).unwrap()).unwrap(),
            json
        );
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (sender_ssrc, random_nonce) in any::<(u32, u64)>(),
            padding in prop::sample::select(PADDINGS),
        ) {
            let builder = PortMappingRequestBuilder { sender_ssrc, random_nonce, padding };
            let bytes = builder.to_vec().unwrap();
            let packet = PortMappingRequest::parse(&bytes).unwrap();
            prop_assert_eq!(PortMappingRequestBuilder::from(packet), builder);
        }
    }
}
