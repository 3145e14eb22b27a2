//! Port mapping response (RFC 6284 section 4.2).
//!
//! ```text
//! |V=2|P|  SMT=2  |    PT=210     |            length             |  header.rs
//! |                    SSRC of packet sender                      |  start
//! |                  SSRC of requesting client                    |
//! |                  associated nonce, 8 bytes                    |
//! |                 token element, see element.rs                 |  token
//! |         absolute expiration time, NTP, 8 bytes                |  times
//! |                 relative expiration time                      |
//! |              packet types element, see element.rs             |  packet_types
//! ```

use byteorder::{BE, ByteOrder};
use core::fmt;
use core::ops::Range;
use core::time::Duration;

use super::element::{packet_types_element, token_element};
use super::{TokenElement, TokenMessageType, message_of, nothing_left};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, Fail, ParseError, Step, run};
use crate::ntp::NtpTime;
use crate::rtcp::header::{Framed, write_header};
use crate::rtcp::{Header, PacketType};
use crate::show::DebugList;
use crate::wire::{array, context};

// Places before the token, for reading and for writing.
const SENDER: Range<usize> = 0..4;
const CLIENT: Range<usize> = 4..8;
const NONCE: Range<usize> = 8..16;
const START_LEN: usize = NONCE.end;
// And behind it.
const ABSOLUTE: Range<usize> = 0..8;
const RELATIVE: Range<usize> = 8..12;
const TIMES_LEN: usize = RELATIVE.end;

/// A server gives a client a token, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PortMappingResponse<'a> {
    header: Header,
    start: &'a [u8; START_LEN],
    token: TokenElement<'a>,
    times: &'a [u8; TIMES_LEN],
    packet_types: TokenElement<'a>,
    padding: &'a [u8],
}

impl<'a> PortMappingResponse<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type or sub-message type, a version other than 2, a length or padding beyond the packet; an
    /// element that does not lie within the packet, bytes behind the last one.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("port mapping response", bytes, port_mapping_response)
    }

    /// The packet's first four bytes.
    #[inline]
    pub const fn header(&self) -> Header {
        self.header
    }

    /// The server.
    #[inline]
    pub fn sender_ssrc(&self) -> u32 {
        BE::read_u32(&self.start[SENDER])
    }

    /// The client that has asked.
    #[inline]
    pub fn requesting_client_ssrc(&self) -> u32 {
        BE::read_u32(&self.start[CLIENT])
    }

    /// The nonce of the request.
    #[inline]
    pub fn associated_nonce(&self) -> u64 {
        BE::read_u64(&self.start[NONCE])
    }

    /// The token, in the server's own form.
    #[inline]
    pub const fn token(&self) -> TokenElement<'a> {
        self.token
    }

    /// When the token expires, on the server's clock; to be sent back with it.
    #[inline]
    pub fn absolute_expiration(&self) -> NtpTime {
        NtpTime(BE::read_u64(&self.times[ABSOLUTE]))
    }

    /// How long after it was made the token expires, in seconds; 0: no token is granted.
    #[inline]
    pub fn relative_expiration(&self) -> u32 {
        BE::read_u32(&self.times[RELATIVE])
    }

    /// The same as a span.
    #[inline]
    pub fn relative_expiration_duration(&self) -> Duration {
        Duration::from_secs(self.relative_expiration().into())
    }

    /// The types of packets that need a token, one a byte of the element.
    #[inline]
    pub const fn packet_types_element(&self) -> TokenElement<'a> {
        self.packet_types
    }

    /// The types of packets that need a token.
    #[inline]
    pub fn packet_types(&self) -> impl ExactSizeIterator<Item = PacketType> + Clone + use<'a> {
        self.packet_types.value.iter().copied().map(PacketType)
    }

    /// All bytes of the padding, the count at its end included; empty without padding.
    #[inline]
    pub const fn padding(&self) -> &'a [u8] {
        self.padding
    }
}

#[inline]
fn port_mapping_response(i: &[u8]) -> Step<'_, PortMappingResponse<'_>> {
    let (rest, packet) = message_of(TokenMessageType::PORT_MAPPING_RESPONSE)(i)?;
    Ok((rest, of_packet(&packet)?))
}

/// Validates the body.
#[inline]
pub(super) fn of_packet<'a>(
    packet: &Framed<'a>,
) -> Result<PortMappingResponse<'a>, nom::Err<Fail<'a>>> {
    let (left, start) = context("SSRCs and nonce", array)(packet.body)?;
    let (left, token) = token_element(left)?;
    let (left, times) = context("expiration times", array)(left)?;
    let (left, packet_types) = packet_types_element(left)?;
    nothing_left(packet.body, left)?;
    let (header, padding) = (packet.header, packet.padding);
    Ok(PortMappingResponse { header, start, token, times, packet_types, padding })
}

/// `TOKEN port mapping response sender=0x00000001 client=0x00000002 token=5 bytes expires=60 types=RTPFB,BYE`.
impl fmt::Display for PortMappingResponse<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TOKEN port mapping response sender={:#010x}", self.sender_ssrc())?;
        write!(f, " client={:#010x}", self.requesting_client_ssrc())?;
        write!(f, " token={} bytes", self.token.value.len())?;
        write!(f, " expires={} types=", self.relative_expiration())?;
        for (index, packet_type) in self.packet_types().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{packet_type}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for PortMappingResponse<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PortMappingResponse")
            .field("sender_ssrc", &self.sender_ssrc())
            .field("requesting_client_ssrc", &self.requesting_client_ssrc())
            .field("associated_nonce", &self.associated_nonce())
            .field("token", &self.token())
            .field("absolute_expiration", &self.absolute_expiration())
            .field("relative_expiration", &self.relative_expiration())
            .field("packet_types", &DebugList(self.packet_types()))
            .field("padding", &self.padding())
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for PortMappingResponse<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use crate::ser::{Hex, List};
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        super::serialize_start(&mut map, self.header, self.padding, self.sender_ssrc())?;
        map.serialize_entry("requesting_client_ssrc", &self.requesting_client_ssrc())?;
        map.serialize_entry("associated_nonce", &Hex(&self.start[NONCE]))?;
        map.serialize_entry("token", &Hex(self.token.value))?;
        let absolute = self.absolute_expiration();
        map.serialize_entry("absolute_expiration_seconds", &absolute.seconds())?;
        map.serialize_entry("absolute_expiration_fraction", &absolute.fraction())?;
        map.serialize_entry("relative_expiration", &self.relative_expiration())?;
        map.serialize_entry("packet_types", &List(self.packet_types.value.iter()))?;
        map.end()
    }
}

/// A port mapping response to be written: fill in the fields, or take a view's by `From`; then `write`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PortMappingResponseBuilder<'a> {
    /// As [`PortMappingResponse::sender_ssrc`]; every field points to its accessor so.
    pub sender_ssrc: u32,
    /// As [`PortMappingResponse::requesting_client_ssrc`].
    pub requesting_client_ssrc: u32,
    /// As [`PortMappingResponse::associated_nonce`].
    pub associated_nonce: u64,
    /// As [`PortMappingResponse::token`]; at most 65,535 bytes.
    pub token: TokenElement<'a>,
    /// As [`PortMappingResponse::absolute_expiration`].
    pub absolute_expiration: NtpTime,
    /// As [`PortMappingResponse::relative_expiration`].
    pub relative_expiration: u32,
    /// As [`PortMappingResponse::packet_types_element`]; at most 255 types.
    pub packet_types: TokenElement<'a>,
    /// As [`PortMappingResponse::padding`].
    pub padding: &'a [u8],
}

impl<'a> From<PortMappingResponse<'a>> for PortMappingResponseBuilder<'a> {
    fn from(message: PortMappingResponse<'a>) -> Self {
        Self {
            sender_ssrc: message.sender_ssrc(),
            requesting_client_ssrc: message.requesting_client_ssrc(),
            associated_nonce: message.associated_nonce(),
            token: message.token,
            absolute_expiration: message.absolute_expiration(),
            relative_expiration: message.relative_expiration(),
            packet_types: message.packet_types,
            padding: message.padding,
        }
    }
}

impl Encode for PortMappingResponseBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        let elements = self.token.len(2) + self.packet_types.len(1);
        Header::LEN + START_LEN + TIMES_LEN + elements + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let (smt, len) = (TokenMessageType::PORT_MAPPING_RESPONSE.0, self.encoded_len());
        write_header(out.array()?, PacketType::TOKEN, smt.into(), len, self.padding)?;
        let start = out.array::<START_LEN>()?;
        BE::write_u32(&mut start[SENDER], self.sender_ssrc);
        BE::write_u32(&mut start[CLIENT], self.requesting_client_ssrc);
        BE::write_u64(&mut start[NONCE], self.associated_nonce);
        self.token.encode_token(out)?;
        let times = out.array::<TIMES_LEN>()?;
        BE::write_u64(&mut times[ABSOLUTE], self.absolute_expiration.0);
        BE::write_u32(&mut times[RELATIVE], self.relative_expiration);
        self.packet_types.encode_packet_types(out)?;
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
    use crate::error::ErrorKind;
    use crate::rtcp::Token;
    use crate::testing::{PADDINGS, refuses_every_truncation, words};

    // RFC 6284 figure 4, row by row, with the packet types of figure 5.
    const RESPONSE: [u32; 12] = [
        0x82d2_000b, // V=2 P=0 SMT=2 PT=210 length=11
        0x0000_0001, // SSRC of packet sender
        0x0000_0002, // SSRC of requesting client
        0x0011_2233, // associated nonce
        0x4455_6677,
        0x0005_abcd, // token element: length 5, value
        0xef01_2300, // and a byte of zeros
        0xe717_2f27, // absolute expiration time
        0x8000_0000,
        0x0000_003c, // relative expiration time
        0x04cd_cecb, // packet types element: length 4, 205, 206, 203
        0xcc00_0000, // 204, three bytes of zeros
    ];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(RESPONSE);
        let packet = PortMappingResponse::parse(&bytes).unwrap();
        assert_eq!((packet.sender_ssrc(), packet.requesting_client_ssrc()), (1, 2));
        assert_eq!(packet.associated_nonce(), 0x0011_2233_4455_6677);
        assert_eq!(packet.token().value, [0xAB, 0xCD, 0xEF, 0x01, 0x23]);
        assert_eq!(packet.absolute_expiration(), NtpTime::new(0xe717_2f27, 0x8000_0000));
        assert_eq!(packet.relative_expiration_duration(), Duration::from_secs(60));
        let types: Vec<_> = packet.packet_types().map(|packet_type| packet_type.0).collect();
        assert_eq!(types, [205, 206, 203, 204]);
        let line = "TOKEN port mapping response sender=0x00000001 client=0x00000002 \
                    token=5 bytes expires=60 types=RTPFB,PSFB,BYE,APP";
        assert_eq!(packet.to_string(), line);
        let builder = PortMappingResponseBuilder::from(packet);
        assert_eq!(builder.to_vec().unwrap(), bytes);
        let token = TokenElement::new(&[0xAB, 0xCD, 0xEF, 0x01, 0x23]);
        let packet_types = TokenElement::new(&[205, 206, 203, 204]);
        let builder = PortMappingResponseBuilder { token, packet_types, ..builder };
        assert_eq!(builder.to_vec().unwrap(), bytes);
        assert_eq!(Token::parse(&bytes), Ok(Token::PortMappingResponse(packet)));
    }

    #[test]
    fn empty_elements_are_valid_and_fill_is_kept() {
        // A token of length 0 has two bytes behind its length, no packet types have three; here they are not zeros.
        let bytes = words([0x82d2_0009, 1, 2, 0, 0, 0x0000_ffff, 0, 0, 0, 0x00aa_bbcc]);
        let packet = PortMappingResponse::parse(&bytes).unwrap();
        assert_eq!((packet.token().value.len(), packet.packet_types().len()), (0, 0));
        assert_eq!(PortMappingResponseBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn refuses_every_truncation_and_elements_beyond_the_packet() {
        refuses_every_truncation(&words(RESPONSE), PortMappingResponse::parse);
        let refused = |rows: &[u32]| {
            let error = PortMappingResponse::parse(&words(rows)).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let kind = ErrorKind::Length { found: 255, have: 2 };
        let token = [0x82d2_0005, 1, 2, 0, 0, 0x00ff_0000];
        assert_eq!(refused(&token), ("token", 22, kind));
        let kind = ErrorKind::Truncated { need: 12, have: 4 };
        let times = [0x82d2_0006, 1, 2, 0, 0, 0, 0];
        assert_eq!(refused(&times), ("expiration times", 24, kind));
        let kind = ErrorKind::Length { found: 4, have: 3 };
        let types = [0x82d2_0009, 1, 2, 0, 0, 0, 0, 0, 0, 0x0400_0000];
        assert_eq!(refused(&types), ("packet types", 37, kind));
        let kind = ErrorKind::Length { found: 40, have: 36 };
        let behind = [0x82d2_000a, 1, 2, 0, 0, 0, 0, 0, 0, 0, 7];
        assert_eq!(refused(&behind), ("bytes behind the last field", 40, kind));
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        let out_of_range = |field| Err(BuildError::OutOfRange { field });
        let long = PortMappingResponseBuilder {
            token: TokenElement::new(&[0; 65_536]),
            ..Default::default()
        };
        assert_eq!(long.to_vec(), out_of_range("token length"));
        let many = PortMappingResponseBuilder {
            packet_types: TokenElement::new(&[0; 256]),
            ..Default::default()
        };
        assert_eq!(many.to_vec(), out_of_range("packet types length"));
        let fill = PortMappingResponseBuilder {
            token: TokenElement { value: &[], fill: &[0] },
            ..Default::default()
        };
        assert_eq!(fill.to_vec(), out_of_range("fill of an element"));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn its_json_names_the_fields_of_the_layout() {
        let json = r#"{"version":2,"padding":false,"packet_type":210,"length":11,"padding_size":0,"type":"token","count":2,"smt":2,"sender_ssrc":1,"requesting_client_ssrc":2,"associated_nonce":"0011223344556677","token":"abcdef0123","absolute_expiration_seconds":3877056295,"absolute_expiration_fraction":2147483648,"relative_expiration":60,"packet_types":[205,206,203,204]}"#;
        let bytes = words(RESPONSE);
        let packet = PortMappingResponse::parse(&bytes).unwrap();
        assert_eq!(serde_json::to_string(&packet).unwrap(), json);
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (sender_ssrc, requesting_client_ssrc) in any::<(u32, u32)>(),
            (associated_nonce, absolute, relative_expiration) in any::<(u64, u64, u32)>(),
            token in prop::collection::vec(any::<u8>(), 0..20),
            types in prop::collection::vec(any::<u8>(), 0..20),
            padding in prop::sample::select(PADDINGS),
        ) {
            let builder = PortMappingResponseBuilder {
                sender_ssrc,
                requesting_client_ssrc,
                associated_nonce,
                token: TokenElement::new(&token),
                absolute_expiration: NtpTime(absolute),
                relative_expiration,
                packet_types: TokenElement::new(&types),
                padding,
            };
            let bytes = builder.to_vec().unwrap();
            let packet = PortMappingResponse::parse(&bytes).unwrap();
            prop_assert_eq!(packet.token().value, &token[..]);
            prop_assert_eq!(packet.packet_types_element().value, &types[..]);
            let again = PortMappingResponseBuilder::from(packet);
            let (token, packet_types) = (builder.token, builder.packet_types);
            prop_assert_eq!(PortMappingResponseBuilder { token, packet_types, ..again }, builder);
            prop_assert_eq!(again.to_vec().unwrap(), bytes);
        }
    }
}
