//! What goes wrong, and where: [`ParseError`] for reading, [`BuildError`] for writing.

use core::fmt;

/// Why bytes are not the message they were read as, and at which byte that was seen.
///
/// `Display` is one line for a log: `sender report: report blocks need 24 bytes, 0 are there (byte 28)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// What was being read: `"sender report"`, `"UDP header"`.
    pub what: &'static str,
    /// Which of its fields: `"report blocks"`, `"checksum"`.
    pub field: &'static str,
    /// The byte, counted from 0, in the input of the outermost call that failed.
    pub offset: usize,
    /// What is wrong there.
    pub kind: ErrorKind,
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The input ends within the field.
    Truncated {
        /// Bytes that the field takes.
        need: usize,
        /// Bytes that are there.
        have: usize,
    },
    /// Another version of the protocol.
    Version {
        /// The version that the bytes claim.
        found: u8,
    },
    /// A length field contradicts what holds it, or the rules for it.
    Length {
        /// The length that the bytes claim, in bytes.
        found: usize,
        /// The length that there is room for, or that the rules ask for, in bytes.
        have: usize,
    },
    /// The padding count is 0, or more than there is to take it from.
    Padding {
        /// The padding count on the wire.
        found: u8,
        /// The bytes that it may cover.
        have: usize,
    },
    /// A count field announces more items than there are bytes for.
    Count {
        /// Bytes that the announced items take.
        need: usize,
        /// Bytes that are there.
        have: usize,
    },
    /// A value that is not allowed here.
    Value {
        /// The value on the wire.
        found: u32,
    },
}

impl ErrorKind {
    /// A word for programs: `truncated`, `version`, `length`, `padding`, `count`, `value`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Truncated { .. } => "truncated",
            Self::Version { .. } => "version",
            Self::Length { .. } => "length",
            Self::Padding { .. } => "padding",
            Self::Count { .. } => "count",
            Self::Value { .. } => "value",
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ", self.what, self.field)?;
        match self.kind {
            ErrorKind::Truncated { need, have } => {
                write!(f, "cut short, {need} bytes needed, {have} there")
            }
            ErrorKind::Version { found } => write!(f, "{found} is not supported"),
            ErrorKind::Length { found, have } => {
                write!(f, "of {found} bytes does not fit, {have} would")
            }
            ErrorKind::Padding { found, have } => {
                write!(f, "count {found} does not fit, {have} bytes there")
            }
            ErrorKind::Count { need, have } => write!(f, "need {need} bytes, {have} are there"),
            ErrorKind::Value { found } => write!(f, "{found} ({found:#x}) is not allowed"),
        }?;
        write!(f, " (byte {})", self.offset)
    }
}

impl core::error::Error for ParseError {}

/// Why a message was not written. Nothing is said about the bytes of the buffer after an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildError {
    /// The buffer has no room for the message.
    BufferTooSmall {
        /// Bytes that the message takes.
        need: usize,
        /// Bytes that the buffer has left.
        have: usize,
    },
    /// A value that the standard, or the width of its field, forbids.
    OutOfRange {
        /// The field.
        field: &'static str,
    },
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::BufferTooSmall { need, have } => {
                write!(f, "buffer too small: {need} bytes needed, {have} there")
            }
            Self::OutOfRange { field } => write!(f, "{field} is out of range"),
        }
    }
}

impl core::error::Error for BuildError {}

/// What a parser inside the crate gives: the input left and a value, or a [`Fail`].
pub(crate) type Step<'a, T> = nom::IResult<&'a [u8], T, Fail<'a>>;

/// A failure on its way out. It keeps the input where it was seen, so that [`run`] can tell the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fail<'a> {
    at: &'a [u8],
    field: &'static str,
    kind: ErrorKind,
}

impl<'a> Fail<'a> {
    /// A failure seen at the front of `at`; [`nom::error::context`] names the field.
    pub(crate) const fn new(at: &'a [u8], kind: ErrorKind) -> nom::Err<Self> {
        nom::Err::Error(Self { at, field: "", kind })
    }

    /// The same with the field's name, which no outer `context` changes.
    pub(crate) const fn field(
        field: &'static str,
        at: &'a [u8],
        kind: ErrorKind,
    ) -> nom::Err<Self> {
        nom::Err::Error(Self { at, field, kind })
    }
}

impl<'a> nom::error::ParseError<&'a [u8]> for Fail<'a> {
    fn from_error_kind(at: &'a [u8], _: nom::error::ErrorKind) -> Self {
        Self { at, field: "", kind: ErrorKind::Truncated { need: 0, have: at.len() } }
    }

    fn append(_: &'a [u8], _: nom::error::ErrorKind, other: Self) -> Self {
        other
    }
}

impl<'a> nom::error::ContextError<&'a [u8]> for Fail<'a> {
    /// The innermost name stands: it says most.
    #[inline]
    fn add_context(_: &'a [u8], field: &'static str, other: Self) -> Self {
        if other.field.is_empty() { Self { field, ..other } } else { other }
    }
}

/// The public edge of a parser: runs it over `bytes` and gives its failure a name and a place.
#[inline]
pub(crate) fn run<'a, T>(
    what: &'static str,
    bytes: &'a [u8],
    parser: impl FnOnce(&'a [u8]) -> Step<'a, T>,
) -> Result<T, ParseError> {
    run_in(what, bytes, bytes, parser)
}

/// The same at `at`, which lies within `whole`: places are counted from the front of `whole`.
#[inline]
pub(crate) fn run_in<'a, T>(
    what: &'static str,
    whole: &[u8],
    at: &'a [u8],
    parser: impl FnOnce(&'a [u8]) -> Step<'a, T>,
) -> Result<T, ParseError> {
    match parser(at) {
        Ok((_, value)) => Ok(value),
        Err(error) => Err(placed(what, whole, error)),
    }
}

/// Turns a failure inside `whole` into an error with its offset from the front of `whole`.
#[cold]
pub(crate) fn placed(what: &'static str, whole: &[u8], error: nom::Err<Fail<'_>>) -> ParseError {
    match error {
        nom::Err::Error(fail) | nom::Err::Failure(fail) => {
            // `at` lies within `whole`, or just behind it.
            let offset = fail.at.as_ptr().addr().wrapping_sub(whole.as_ptr().addr());
            let offset = offset.min(whole.len());
            ParseError { what, field: fail.field, offset, kind: fail.kind }
        }
        // No parser of this crate is a streaming one.
        nom::Err::Incomplete(_) => {
            let have = whole.len();
            let kind = ErrorKind::Truncated { need: have.saturating_add(1), have };
            ParseError { what, field: "input", offset: have, kind }
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::string::ToString;

    use nom::Parser;
    use nom::error::context;

    use super::*;
    use crate::wire::{array, bytes};

    #[test]
    fn the_place_is_that_of_the_outermost_input() {
        let input = [0; 10];
        let nested = |i| {
            let (rest, inner) = bytes(8).parse(i)?;
            let (inner, _) = array::<6>(inner)?;
            let (_, value) = context("outer", context("inner", array::<4>)).parse(inner)?;
            Ok((rest, *value))
        };
        let error = run("test", &input, nested).unwrap_err();
        let kind = ErrorKind::Truncated { need: 4, have: 2 };
        assert_eq!(error, ParseError { what: "test", field: "inner", offset: 6, kind });
        assert_eq!(error.to_string(), "test: inner cut short, 4 bytes needed, 2 there (byte 6)");
    }

    #[test]
    fn every_kind_has_a_word_and_a_line() {
        let kinds = [
            (ErrorKind::Truncated { need: 4, have: 1 }, "truncated", "4 bytes needed, 1 there"),
            (ErrorKind::Version { found: 1 }, "version", "1 is not supported"),
            (ErrorKind::Length { found: 9, have: 8 }, "length", "of 9 bytes does not fit, 8 would"),
            (ErrorKind::Padding { found: 0, have: 8 }, "padding", "count 0 does not fit"),
            (ErrorKind::Count { need: 24, have: 0 }, "count", "need 24 bytes, 0 are there"),
            (ErrorKind::Value { found: 255 }, "value", "255 (0xff) is not allowed"),
        ];
        for (kind, name, line) in kinds {
            let error = ParseError { what: "message", field: "field", offset: 7, kind };
            assert_eq!(kind.name(), name);
            let text = error.to_string();
            assert!(text.starts_with("message: field ") && text.ends_with(" (byte 7)"), "{text}");
            assert!(text.contains(line), "{text}");
        }
        let small = BuildError::BufferTooSmall { need: 8, have: 4 };
        assert_eq!(small.to_string(), "buffer too small: 8 bytes needed, 4 there");
        let range = BuildError::OutOfRange { field: "payload type" };
        assert_eq!(range.to_string(), "payload type is out of range");
    }
}
