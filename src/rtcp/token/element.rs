//! The elements of a TOKEN message: a length, so many bytes, and zeros up to the 32-bit boundary.
//!
//! ```text
//! |        length, bytes          |            token           ...|  token element
//! |  length, bytes|            packet types                    ...|  packet types element
//! |                        zeros to the boundary                  |
//! ```

use crate::encode::{Sink, narrow};
use crate::error::{BuildError, Step};
use crate::wire::{announced, be_u16, byte, bytes, context};

/// The bytes of an element, read or to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenElement<'a> {
    /// What the element's length counts.
    pub value: &'a [u8],
    /// What lies between the value and the boundary: zeros by the standard. To be written, empty: as many zeros as it
    /// takes.
    pub fill: &'a [u8],
}

impl<'a> TokenElement<'a> {
    /// An element with zeros up to the boundary.
    #[inline]
    pub const fn new(value: &'a [u8]) -> Self {
        Self { value, fill: &[] }
    }

    /// Bytes on the wire with a length of `prefix` bytes.
    #[inline]
    pub(crate) fn len(&self, prefix: usize) -> usize {
        (prefix + self.value.len()).next_multiple_of(4)
    }

    /// Writes what follows the length.
    #[inline]
    fn encode(&self, prefix: usize, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let fill = self.len(prefix) - prefix - self.value.len();
        out.bytes(self.value)?;
        match self.fill.len() {
            0 => out.zeros(fill),
            len if len == fill => out.bytes(self.fill),
            _ => Err(BuildError::OutOfRange { field: "fill of an element" }),
        }
    }

    /// Writes it with a length of two bytes.
    #[inline]
    pub(crate) fn encode_token(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        *out.array()? = narrow::<_, u16>("token length", self.value.len())?.to_be_bytes();
        self.encode(2, out)
    }

    /// Writes it with a length of one byte.
    #[inline]
    pub(crate) fn encode_packet_types(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        *out.array()? = [narrow("packet types length", self.value.len())?];
        self.encode(1, out)
    }
}

/// A token element.
#[inline]
pub(crate) fn token_element(i: &[u8]) -> Step<'_, TokenElement<'_>> {
    let (rest, length) = context("token length", be_u16)(i)?;
    let (rest, value) = context("token", announced(length.into()))(rest)?;
    let fill = (2 + value.len()).wrapping_neg() % 4;
    let (rest, fill) = context("zeros behind the token", bytes(fill))(rest)?;
    Ok((rest, TokenElement { value, fill }))
}

/// A packet types element.
#[inline]
pub(crate) fn packet_types_element(i: &[u8]) -> Step<'_, TokenElement<'_>> {
    let (rest, length) = context("packet types length", byte)(i)?;
    let (rest, value) = context("packet types", announced(length.into()))(rest)?;
    let fill = (1 + value.len()).wrapping_neg() % 4;
    let (rest, fill) = context("zeros behind the packet types", bytes(fill))(rest)?;
    Ok((rest, TokenElement { value, fill }))
}
