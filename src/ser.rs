//! What the `Serialize` implementations share: bytes as hex, and text that may not be text.
//!
//! The form is that of the inspector's JSON: numbers as numbers, bytes as lower-case hex, text from the network as a
//! string under its own key, or as hex under the key with `_hex` if it is not UTF-8.

use core::fmt;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

/// Bytes as lower-case hex.
#[derive(Clone, Copy)]
pub(crate) struct Hex<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0');
        // A piece at a time: a call per byte costs more than the conversion.
        for piece in self.0.chunks(64) {
            let mut text = [0; 128];
            for (pair, byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(piece) {
                *pair = [digit(byte >> 4), digit(byte & 15)];
            }
            let digits = text.get(..piece.len() * 2).unwrap_or_default();
            f.write_str(core::str::from_utf8(digits).map_err(|_| fmt::Error)?)?;
        }
        Ok(())
    }
}

impl Serialize for Hex<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// An entry `key` with the text, or `hex_key` with the bytes where they are not UTF-8.
pub(crate) fn text<M: SerializeMap>(
    map: &mut M,
    (key, hex_key): (&'static str, &'static str),
    bytes: &[u8],
) -> Result<(), M::Error> {
    match core::str::from_utf8(bytes) {
        Ok(text) => map.serialize_entry(key, text),
        Err(_) => map.serialize_entry(hex_key, &Hex(bytes)),
    }
}

/// A list out of an iterator that can be had again.
pub(crate) struct List<I>(pub(crate) I);

impl<I> Serialize for List<I>
where
    I: Iterator<Item: Serialize> + Clone,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for item in self.0.clone() {
            list.serialize_element(&item)?;
        }
        list.end()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::string::ToString;

    use super::*;

    #[test]
    fn hex_of_any_length() {
        assert_eq!(Hex(&[]).to_string(), "");
        assert_eq!(Hex(&[0x00, 0x9f, 0xff]).to_string(), "009fff");
        assert_eq!(Hex(&[0xab; 200]).to_string(), "ab".repeat(200));
    }
}
