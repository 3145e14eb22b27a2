//! The values of MESSAGE-INTEGRITY, MESSAGE-INTEGRITY-SHA256 and FINGERPRINT (RFC 8489 sections 14.5 to 14.7).
//!
//! What they are checked against is in `integrity.rs` and `fingerprint.rs` of the folder above.

use core::fmt;

use super::fixed_attribute;
use crate::encode::Sink;
use crate::error::{BuildError, ErrorKind, ParseError};
use crate::stun::{AttributeType, TypedAttribute};

/// MESSAGE-INTEGRITY: the HMAC-SHA1 of what is before it (RFC 8489 section 14.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageIntegrity(pub [u8; 20]);

fixed_attribute!(
    MessageIntegrity,
    MESSAGE_INTEGRITY,
    "MESSAGE-INTEGRITY",
    20,
    |value| Self(*value),
    |hmac| Ok(hmac.0)
);

/// MESSAGE-INTEGRITY-SHA256: the HMAC-SHA256 of what is before it, or its first 16 to 28 bytes, a multiple of 4 (RFC
/// 8489 section 14.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageIntegritySha256<'a>(pub &'a [u8]);

/// Whether the HMAC may be cut to so many bytes.
pub(crate) const fn is_sha256_len(len: usize) -> bool {
    matches!(len, 16 | 20 | 24 | 28 | 32)
}

impl<'a> TypedAttribute<'a> for MessageIntegritySha256<'a> {
    const TYPE: AttributeType = AttributeType::MESSAGE_INTEGRITY_SHA256;

    #[inline]
    fn parse(value: &'a [u8], _: &[u8; 16]) -> Result<Self, ParseError> {
        if is_sha256_len(value.len()) {
            return Ok(Self(value));
        }
        let kind = ErrorKind::Length { found: value.len(), have: 32 };
        Err(ParseError { what: "MESSAGE-INTEGRITY-SHA256", field: "value", offset: 0, kind })
    }

    #[inline]
    fn value_len(&self) -> usize {
        self.0.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>, _: &[u8; 16]) -> Result<(), BuildError> {
        if !is_sha256_len(self.0.len()) {
            return Err(BuildError::OutOfRange { field: "MESSAGE-INTEGRITY-SHA256" });
        }
        out.bytes(self.0)
    }
}

/// FINGERPRINT: the CRC-32 of what is before it, XOR-ed with 0x5354554e (RFC 8489 section 14.7).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(pub u32);

fixed_attribute!(
    Fingerprint,
    FINGERPRINT,
    "FINGERPRINT",
    4,
    |value| Self(u32::from_be_bytes(*value)),
    |crc| Ok(crc.0.to_be_bytes())
);

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({:#010x})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_lengths_of_the_rfc_are_values() {
        for len in 0..40 {
            let bytes = [7; 40];
            let parsed = MessageIntegritySha256::parse(&bytes[..len], &[0; 16]);
            assert_eq!(parsed.is_ok(), len % 4 == 0 && (16..=32).contains(&len), "{len}");
            let value = MessageIntegritySha256(&bytes[..len]);
            let written = value.encode(&mut Sink::new(&mut [0; 40]), &[0; 16]);
            assert_eq!(written.is_ok(), parsed.is_ok(), "{len}");
            assert_eq!(MessageIntegrity::parse(&bytes[..len], &[0; 16]).is_ok(), len == 20);
            assert_eq!(Fingerprint::parse(&bytes[..len], &[0; 16]).is_ok(), len == 4);
        }
    }
}
