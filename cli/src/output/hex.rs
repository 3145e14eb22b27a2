//! Bytes as lower-case hex.

use std::fmt;

use serde::ser::{Serialize, Serializer};

/// Shown without separators.
#[derive(Clone, Copy)]
pub(crate) struct Hex<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digit = |nibble: u8| nibble + if nibble < 10 { b'0' } else { b'a' - 10 };
        // A piece at a time: a call per byte costs more than the conversion.
        for piece in self.0.chunks(256) {
            let mut text = [0; 512];
            for (pair, &byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(piece) {
                *pair = [digit(byte >> 4), digit(byte & 15)];
            }
            let digits = text.get(..2 * piece.len()).unwrap_or_default();
            f.write_str(str::from_utf8(digits).unwrap_or_default())?;
        }
        Ok(())
    }
}

impl Serialize for Hex<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_in_any_length() {
        let bytes: Vec<u8> = (0..=255).cycle().take(1000).collect();
        let expected: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        for len in [0, 1, 255, 256, 257, 1000] {
            assert_eq!(Hex(&bytes[..len]).to_string(), expected[..2 * len]);
        }
    }
}
