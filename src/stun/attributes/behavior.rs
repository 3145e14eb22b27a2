//! NAT behaviour discovery (RFC 5780 section 7): CHANGE-REQUEST (also RFC 3489 section 11.2.4), RESPONSE-PORT, PADDING,
//! CACHE-TIMEOUT.
//!
//! ```text
//! |0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 A B 0|  CHANGE-REQUEST
//! |             Port              |            Padding            |  RESPONSE-PORT
//! ```

use core::time::Duration;

use super::{bytes_attribute, fixed_attribute, number_attribute};
use crate::encode::Sink;
use crate::error::{BuildError, ErrorKind, ParseError};
use crate::stun::{AttributeType, TypedAttribute};

/// CHANGE-REQUEST: from where the response is to be sent (RFC 5780 section 7.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChangeRequest {
    /// A: from another IP address than the request was sent to.
    pub change_ip: bool,
    /// B: from another port.
    pub change_port: bool,
}

fixed_attribute!(
    ChangeRequest,
    CHANGE_REQUEST,
    "CHANGE-REQUEST",
    4,
    |value| Self { change_ip: value[3] & 4 != 0, change_port: value[3] & 2 != 0 },
    |change| Ok([0, 0, 0, u8::from(change.change_ip) << 2 | u8::from(change.change_port) << 1])
);

/// RESPONSE-PORT: the port to send the response to (RFC 5780 section 7.5).
///
/// The RFC's two bytes of padding are part of the value for coturn and re, whose length field says 4; taken as the padding
/// behind any value, the length is 2. Both are read, and 4 is written, as deployed software expects it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResponsePort(pub u16);

impl TypedAttribute<'_> for ResponsePort {
    const TYPE: AttributeType = AttributeType::RESPONSE_PORT;

    #[inline]
    fn parse(value: &[u8], _: &[u8; 16]) -> Result<Self, ParseError> {
        match *value {
            [a, b] | [a, b, _, _] => Ok(Self(u16::from_be_bytes([a, b]))),
            _ => {
                let kind = ErrorKind::Length { found: value.len(), have: 4 };
                Err(ParseError { what: "RESPONSE-PORT", field: "value", offset: 0, kind })
            }
        }
    }

    #[inline]
    fn value_len(&self) -> usize {
        4
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>, _: &[u8; 16]) -> Result<(), BuildError> {
        let [a, b] = self.0.to_be_bytes();
        *out.array()? = [a, b, 0, 0];
        Ok(())
    }
}

bytes_attribute! {
    /// PADDING: bytes that mean nothing and make the datagram so long that it is fragmented (RFC 5780 section 7.6).
    Padding, PADDING
}
number_attribute! {
    /// CACHE-TIMEOUT: for how many seconds a server keeps what it knows of the client. RFC 5780 section 9.1 registers it
    /// without a format; 32 bits are what decoders take it to be.
    CacheTimeout(u32), CACHE_TIMEOUT, "CACHE-TIMEOUT", 4
}

impl CacheTimeout {
    /// The same.
    #[inline]
    pub fn duration(self) -> Duration {
        Duration::from_secs(self.0.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flags_that_the_classic_client_sends() {
        // stun-classic-rfc3489.pcap has 0, 2, 4.
        for (last, change_ip, change_port) in
            [(0, false, false), (2, false, true), (4, true, false), (6, true, true)]
        {
            let change = ChangeRequest { change_ip, change_port };
            assert_eq!(ChangeRequest::parse(&[0, 0, 0, last], &[0; 16]), Ok(change));
            assert_eq!(
                ChangeRequest::parse(&[0xFF, 0xFF, 0xFF, last | 0xF9], &[0; 16]),
                Ok(change)
            );
            let mut out = [0xFF; 4];
            change.encode(&mut Sink::new(&mut out), &[0; 16]).unwrap();
            assert_eq!(out, [0, 0, 0, last]);
        }
        assert!(ChangeRequest::parse(&[0; 8], &[0; 16]).is_err());
    }

    #[test]
    fn a_response_port_of_2_or_4_bytes_is_read_and_4_are_written() {
        // coturn-stun-rfc5780.pcap, frame 3, has 4; RFC 5780 may be read as 2.
        let bytes = [0x85, 0x44, 0, 0];
        assert_eq!(ResponsePort::parse(&bytes, &[0; 16]), Ok(ResponsePort(0x8544)));
        assert_eq!(ResponsePort::parse(&bytes[..2], &[0; 16]), Ok(ResponsePort(0x8544)));
        let mut out = [0xFF; 4];
        ResponsePort(0x8544).encode(&mut Sink::new(&mut out), &[0; 16]).unwrap();
        assert_eq!(out, bytes);
        for len in [0, 1, 3, 5, 8] {
            let error = ResponsePort::parse(&[0; 8][..len], &[0; 16]).unwrap_err();
            assert_eq!((error.what, error.field, error.offset), ("RESPONSE-PORT", "value", 0));
            assert_eq!(error.kind, ErrorKind::Length { found: len, have: 4 });
        }
    }

    #[test]
    fn padding_and_cache_timeout() {
        assert_eq!(Padding::parse(b"anything", &[0; 16]), Ok(Padding(b"anything")));
        let timeout = CacheTimeout::parse(&[0, 0, 0, 10], &[0; 16]).unwrap();
        assert_eq!((timeout, timeout.duration().as_secs()), (CacheTimeout(10), 10));
        assert!(CacheTimeout::parse(&[0; 2], &[0; 16]).is_err());
    }
}
