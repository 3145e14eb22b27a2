//! What the unit tests share.

extern crate std;
use core::fmt;
use std::format;
use std::string::ToString;
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

/// Asserts that `parse` takes the whole message and shows it, and refuses each of its beginnings as cut short.
pub(crate) fn refuses_every_truncation<'a, T: fmt::Debug + fmt::Display>(
    message: &'a [u8],
    parse: impl Fn(&'a [u8]) -> Result<T, ParseError>,
) {
    shows(&parse(message).unwrap());
    for len in 0..message.len() {
        let error = parse(&message[..len]).unwrap_err();
        assert!(matches!(error.kind, ErrorKind::Truncated { .. }), "{len}: {error}");
        assert!(error.offset <= len, "{len}: {error}");
    }
}

/// Asserts that a message shows itself in one line, and to those who debug with every part.
pub(crate) fn shows<T: fmt::Debug + fmt::Display>(message: &T) {
    shows_any(message);
    debugs(message);
}

/// The same for what shows another type's name: an enum the one that it holds.
pub(crate) fn shows_any(message: &(impl fmt::Debug + fmt::Display)) {
    let line = message.to_string();
    assert!(!line.is_empty() && !line.contains('\n'), "{line}");
    parts(&format!("{message:#?}"));
}

/// Asserts that an iterator says at every step how many items are left.
pub(crate) fn counts(mut items: impl Iterator + Clone) {
    loop {
        let left = items.clone().count();
        assert_eq!(items.size_hint(), (left, Some(left)));
        if items.next().is_none() {
            return;
        }
    }
}

/// Asserts that `Debug` names the type, and that no part of it writes nothing.
pub(crate) fn debugs<T: fmt::Debug>(value: &T) {
    let text = format!("{value:#?}");
    let path = core::any::type_name::<T>();
    let path = path.split_once('<').map_or(path, |(path, _)| path);
    let name = path.rsplit_once("::").map_or(path, |(_, name)| name);
    assert!(text.starts_with(name), "{name}: {text}");
    parts(&text);
}

/// The same for a list, which has no name.
pub(crate) fn debugs_list(list: &impl fmt::Debug) {
    let text = format!("{list:#?}");
    assert!(text.starts_with("[\n") && text.ends_with(']'), "{text}");
    parts(&text);
}

/// In the long form, what writes nothing leaves the comma behind it.
fn parts(text: &str) {
    assert!(!text.is_empty());
    for line in text.lines().map(str::trim) {
        assert!(line != "," && !line.ends_with(": ,"), "{text}");
    }
}

/// Padding that an RTCP packet may end with.
pub(crate) const PADDINGS: &[&[u8]] = &[&[], &[0, 0, 0, 4], &[9, 9, 9, 9, 9, 9, 9, 8]];
