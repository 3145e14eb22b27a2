//! UNKNOWN-ATTRIBUTES (RFC 8489 section 14.13).
//!
//! ```text
//! |      Attribute 1 Type         |       Attribute 2 Type        |  …
//! ```

use byteorder::{BE, ByteOrder};

use crate::encode::Sink;
use crate::error::{BuildError, ErrorKind, ParseError};
use crate::stun::{AttributeType, TypedAttribute};

/// UNKNOWN-ATTRIBUTES: what the server did not understand (RFC 8489 section 14.13). RFC 3489 repeated one of an odd
/// number of types; since RFC 5389 the list is padded like any value.
///
/// To write one out of a list use
/// [`MessageWriter::push_unknown_attributes`](crate::stun::MessageWriter::push_unknown_attributes).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnknownAttributes<'a> {
    /// In wire form.
    pub types: &'a [[u8; 2]],
}

impl<'a> UnknownAttributes<'a> {
    /// The types, in wire order.
    #[inline]
    pub fn types(&self) -> impl ExactSizeIterator<Item = AttributeType> + Clone + use<'a> {
        self.types.iter().map(|bytes| AttributeType(BE::read_u16(bytes)))
    }
}

impl<'a> TypedAttribute<'a> for UnknownAttributes<'a> {
    const TYPE: AttributeType = AttributeType::UNKNOWN_ATTRIBUTES;

    #[inline]
    fn parse(value: &'a [u8], _: &[u8; 16]) -> Result<Self, ParseError> {
        match value.as_chunks() {
            (types, []) => Ok(Self { types }),
            _ => {
                let kind = ErrorKind::Length { found: value.len(), have: value.len() & !1 };
                Err(ParseError { what: "UNKNOWN-ATTRIBUTES", field: "types", offset: 0, kind })
            }
        }
    }

    #[inline]
    fn value_len(&self) -> usize {
        self.types.as_flattened().len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>, _: &[u8; 16]) -> Result<(), BuildError> {
        out.bytes(self.types.as_flattened())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &[u8; 16] = &[0; 16];

    #[test]
    fn any_number_of_types_is_read_and_written() {
        let bytes = [0, 3, 0, 0x24, 0x80, 0x29];
        for count in 0..=3 {
            let unknown = UnknownAttributes::parse(&bytes[..count * 2], ID).unwrap();
            let types = [3, 0x24, 0x8029].map(AttributeType);
            assert!(unknown.types().eq(types.into_iter().take(count)));
            assert_eq!(unknown.value_len(), count * 2);
            let mut out = [0xFF; 6];
            unknown.encode(&mut Sink::new(&mut out[..count * 2]), ID).unwrap();
            assert_eq!(out[..count * 2], bytes[..count * 2]);
        }
    }

    #[test]
    fn half_a_type_is_refused() {
        let error = UnknownAttributes::parse(&[0, 3, 0], ID).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Length { found: 3, have: 2 });
    }
}
