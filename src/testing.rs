//! What the unit tests share.

extern crate std;
use std::vec::Vec;

use crate::error::{ErrorKind, ParseError};

/// 32-bit words as they go on the wire: the rows of an RFC's figure.
pub(crate) fn words(words: impl AsRef<[u32]>) -> Vec<u8> {
    words.as_ref().iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// The bytes that hex digits stand for.
pub(crate) fn unhex(digits: &str) -> Vec<u8> {
    let value = |digit: &u8| char::from(*digit).to_digit(16).unwrap() as u8;
    digits
        .as_bytes()
        .as_chunks()
        .0
        .iter()
        .map(|[high, low]| value(high) << 4 | value(low))
        .collect()
}

/// Asserts that `parse` takes the whole message, and refuses each of its beginnings as cut short.
pub(crate) fn refuses_every_truncation(
    message: &[u8],
    parse: impl Fn(&[u8]) -> Result<(), ParseError>,
) {
    assert_eq!(parse(message), Ok(()));
    for len in 0..message.len() {
        let error = parse(&message[..len]).unwrap_err();
        assert!(matches!(error.kind, ErrorKind::Truncated { .. }), "{len}: {error}");
        assert!(error.offset <= len, "{len}: {error}");
    }
}

/// Padding that an RTCP packet may end with.
pub(crate) const PADDINGS: &[&[u8]] = &[&[], &[0, 0, 0, 4], &[9, 9, 9, 9, 9, 9, 9, 8]];
