//! One attribute as it lies in a message, the walk over all of them, and what a typed value is (RFC 8489 section 14).
//!
//! ```text
//! |         Type                  |            Length             |
//! |                         Value (variable)                   ....  padding to 4 bytes
//! ```

use byteorder::{BE, ByteOrder};
use core::fmt;
use core::ops::Range;
use nom::Parser;
use nom::error::context;

use super::{AttributeType, HEADER_LEN};
use crate::encode::Sink;
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step};
use crate::wire::announced;

const TYPE: Range<usize> = 0..2;
const LENGTH: Range<usize> = 2..4;
pub(crate) const ATTRIBUTE_HEADER_LEN: usize = LENGTH.end;

/// The zeros that a sender pads with.
pub(crate) const ZEROS: &[u8; 3] = &[0; 3];

/// Bytes that bring `len` to a multiple of 4.
#[inline]
pub(crate) const fn padding_len(len: usize) -> usize {
    len.wrapping_neg() & 3
}

/// The value of one type of attribute: it can be read from an [`Attribute`] and pushed to a
/// [`MessageWriter`](super::MessageWriter).
///
/// `id` is what the XOR addresses are masked with: the magic cookie and the transaction id, bytes 4 to 19 of the
/// message. An attribute of your own is an implementation of this trait:
///
/// ```
/// use mediawire::stun::{AttributeType, Message, TypedAttribute};
/// use mediawire::{BuildError, ErrorKind, ParseError, Sink};
///
/// /// Two numbers under a number of our own.
/// struct Pair(u16, u16);
///
/// impl TypedAttribute<'_> for Pair {
///     const TYPE: AttributeType = AttributeType(0xC0DE);
///
///     fn parse(value: &[u8], _id: &[u8; 16]) -> Result<Self, ParseError> {
///         let [a, b, c, d] = *value else {
///             let kind = ErrorKind::Length { found: value.len(), have: 4 };
///             return Err(ParseError { what: "PAIR", field: "value", offset: 0, kind });
///         };
///         Ok(Self(u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])))
///     }
///
///     fn value_len(&self) -> usize {
///         4
///     }
///
///     fn encode(&self, out: &mut Sink<'_>, _id: &[u8; 16]) -> Result<(), BuildError> {
///         out.bytes(&self.0.to_be_bytes())?;
///         out.bytes(&self.1.to_be_bytes())
///     }
/// }
///
/// let bytes = b"\0\x01\0\x08\x21\x12\xa4\x42abcdefghijkl\xc0\xde\0\x04\0\x01\x03\x84";
/// let Pair(first, second) = Message::parse(bytes)?.get().unwrap()?;
/// assert_eq!((first, second), (1, 900));
/// # Ok::<(), ParseError>(())
/// ```
pub trait TypedAttribute<'a>: Sized {
    /// The type under which it is looked for and written.
    const TYPE: AttributeType;

    /// Reads a value. The offset of an error counts from the front of `value`.
    ///
    /// # Errors
    /// The value is not of this type's form.
    fn parse(value: &'a [u8], id: &[u8; 16]) -> Result<Self, ParseError>;

    /// The bytes that the value takes, without padding.
    fn value_len(&self) -> usize;

    /// Writes [`value_len`](Self::value_len) bytes.
    ///
    /// # Errors
    /// A value that the standard forbids; no room.
    fn encode(&self, out: &mut Sink<'_>, id: &[u8; 16]) -> Result<(), BuildError>;
}

/// An attribute as it lies in a message, of whatever type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Attribute<'a> {
    attribute_type: AttributeType,
    value: &'a [u8],
    padding: &'a [u8],
    offset: usize,
    after_integrity: bool,
    id: &'a [u8; 16],
}

impl<'a> Attribute<'a> {
    /// Its type.
    #[inline]
    pub const fn attribute_type(&self) -> AttributeType {
        self.attribute_type
    }

    /// Its value, without padding.
    #[inline]
    pub const fn value(&self) -> &'a [u8] {
        self.value
    }

    /// What stands between the value and the next attribute: 0 to 3 bytes, which mean nothing.
    #[inline]
    pub const fn padding(&self) -> &'a [u8] {
        self.padding
    }

    /// Where its type begins, in bytes from the front of the message.
    #[inline]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// True if it lies behind MESSAGE-INTEGRITY or MESSAGE-INTEGRITY-SHA256, where only MESSAGE-INTEGRITY-SHA256 and
    /// FINGERPRINT may stand: no key protects it, and a receiver must ignore it (RFC 8489 section 9). The same goes for
    /// what lies behind GOOG-MESSAGE-INTEGRITY-32 and is neither of the three.
    #[inline]
    pub const fn is_after_integrity(&self) -> bool {
        self.after_integrity
    }

    /// The value read as `T`, whatever the attribute's own type.
    ///
    /// # Errors
    /// The value is not of `T`'s form; the offset counts from the front of the message.
    #[inline]
    pub fn parse_as<T: TypedAttribute<'a>>(&self) -> Result<T, ParseError> {
        let value_at = self.offset.saturating_add(ATTRIBUTE_HEADER_LEN);
        T::parse(self.value, self.id)
            .map_err(|error| ParseError { offset: value_at.saturating_add(error.offset), ..error })
    }
}

impl fmt::Debug for Attribute<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attribute")
            .field("attribute_type", &self.attribute_type)
            .field("value", &self.value)
            .field("padding", &self.padding)
            .field("offset", &self.offset)
            .field("is_after_integrity", &self.after_integrity)
            .finish()
    }
}

/// How attributes follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Each ends on a multiple of 4 bytes; the message may end before the last one's padding.
    Padded,
    /// No padding, as RFC 3489 has none.
    Packed,
}

/// What lies in one attribute: type, value, padding.
type Parts<'a> = (AttributeType, &'a [u8], &'a [u8]);

/// One attribute off the front.
#[inline]
fn attribute<'a>(i: &'a [u8], layout: Layout) -> Step<'a, Parts<'a>> {
    let Some((header, rest)) = i.split_first_chunk::<ATTRIBUTE_HEADER_LEN>() else {
        let kind = ErrorKind::Length { found: ATTRIBUTE_HEADER_LEN, have: i.len() };
        return Err(Fail::field("attribute header", i, kind));
    };
    let len = usize::from(BE::read_u16(&header[LENGTH]));
    let (rest, value) = announced(len)(rest)?;
    let (padding, rest) = match layout {
        Layout::Padded => rest.split_at_checked(padding_len(len)).unwrap_or((rest, &[])),
        Layout::Packed => (&[][..], rest),
    };
    Ok((rest, (AttributeType(BE::read_u16(&header[TYPE])), value, padding)))
}

/// Where the attributes stand that are looked for in every message and cost a check: seen while the message is parsed,
/// so that nobody walks for them again. Counted from the front of the attributes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Places {
    integrity: u16,
    integrity_sha256: u16,
    fingerprint: u16,
}

/// No attribute can begin there: 4 bytes of it would not fit.
const NOWHERE: u16 = u16::MAX;

impl Places {
    pub(crate) const NONE: Self =
        Self { integrity: NOWHERE, integrity_sha256: NOWHERE, fingerprint: NOWHERE };

    /// The first of each counts; MESSAGE-INTEGRITY only before MESSAGE-INTEGRITY-SHA256, as [`Seal`] has it.
    #[inline]
    fn note(&mut self, attribute_type: AttributeType, place: usize) {
        let first = match attribute_type {
            AttributeType::MESSAGE_INTEGRITY if self.integrity_sha256 == NOWHERE => {
                &mut self.integrity
            }
            AttributeType::MESSAGE_INTEGRITY_SHA256 => &mut self.integrity_sha256,
            AttributeType::FINGERPRINT => &mut self.fingerprint,
            _ => return,
        };
        if *first == NOWHERE {
            *first = u16::try_from(place).unwrap_or(NOWHERE);
        }
    }

    /// Where the first of a type is that counts, `Some(None)` if there is none; `None` if no account is kept of it.
    #[inline]
    pub(crate) fn of(self, attribute_type: AttributeType) -> Option<Option<usize>> {
        let place = match attribute_type {
            AttributeType::MESSAGE_INTEGRITY => self.integrity,
            AttributeType::MESSAGE_INTEGRITY_SHA256 => self.integrity_sha256,
            AttributeType::FINGERPRINT => self.fingerprint,
            _ => return None,
        };
        Some(if place == NOWHERE { None } else { Some(usize::from(place)) })
    }
}

/// Checks that attributes fill `area` to its end.
#[inline]
pub(crate) fn attributes(area: &[u8], layout: Layout) -> Step<'_, Places> {
    let (mut rest, mut places) = (area, Places::NONE);
    while !rest.is_empty() {
        let place = area.len().saturating_sub(rest.len());
        let (next, (attribute_type, _, _)) =
            context("attribute value", |i| attribute(i, layout)).parse(rest)?;
        places.note(attribute_type, place);
        rest = next;
    }
    Ok((rest, places))
}

/// Which integrity attribute has gone by: what may still come (RFC 8489 section 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seal {
    /// None: anything may come.
    Open,
    /// GOOG-MESSAGE-INTEGRITY-32: the stronger ones or FINGERPRINT.
    Integrity32,
    /// MESSAGE-INTEGRITY: MESSAGE-INTEGRITY-SHA256 or FINGERPRINT.
    Integrity,
    /// MESSAGE-INTEGRITY-SHA256: FINGERPRINT.
    IntegritySha256,
    /// FINGERPRINT: nothing. A reader does not use this one.
    Fingerprint,
}

impl Seal {
    /// Whether `next` may come.
    #[inline]
    pub(crate) const fn admits(self, next: AttributeType) -> bool {
        match self {
            Self::Open => true,
            Self::Integrity32 => matches!(
                next,
                AttributeType::MESSAGE_INTEGRITY
                    | AttributeType::MESSAGE_INTEGRITY_SHA256
                    | AttributeType::FINGERPRINT
            ),
            Self::Integrity => {
                matches!(next, AttributeType::MESSAGE_INTEGRITY_SHA256 | AttributeType::FINGERPRINT)
            }
            Self::IntegritySha256 => matches!(next, AttributeType::FINGERPRINT),
            Self::Fingerprint => false,
        }
    }

    /// What it is behind `attribute_type`, but for FINGERPRINT, which seals for a writer only.
    #[inline]
    pub(crate) const fn behind(self, attribute_type: AttributeType) -> Self {
        match attribute_type {
            AttributeType::MESSAGE_INTEGRITY => Self::Integrity,
            AttributeType::MESSAGE_INTEGRITY_SHA256 => Self::IntegritySha256,
            AttributeType::GOOG_MESSAGE_INTEGRITY_32 => Self::Integrity32,
            _ => self,
        }
    }
}

/// The attributes of a message, in wire order. It cannot fail: the message was checked when it was parsed.
#[derive(Clone, Debug)]
pub struct Attributes<'a> {
    rest: &'a [u8],
    offset: usize,
    layout: Layout,
    seal: Seal,
    id: &'a [u8; 16],
}

impl<'a> Attributes<'a> {
    /// Over an area that [`attributes`] has checked.
    #[inline]
    pub(crate) const fn new(area: &'a [u8], layout: Layout, id: &'a [u8; 16]) -> Self {
        Self { rest: area, offset: HEADER_LEN, layout, seal: Seal::Open, id }
    }

    /// From the attribute on that begins at `place`, one that counts.
    #[inline]
    pub(crate) fn skip_to(mut self, place: usize) -> Self {
        self.rest = self.rest.get(place..).unwrap_or_default();
        self.offset = self.offset.saturating_add(place);
        self
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Attribute<'a>;

    #[inline]
    fn next(&mut self) -> Option<Attribute<'a>> {
        let before = self.rest.len();
        let (rest, (attribute_type, value, padding)) = attribute(self.rest, self.layout).ok()?;
        let offset = self.offset;
        self.rest = rest;
        self.offset = offset.saturating_add(before.saturating_sub(rest.len()));
        let after_integrity = !self.seal.admits(attribute_type);
        if !after_integrity {
            self.seal = self.seal.behind(attribute_type);
        }
        Some(Attribute { attribute_type, value, padding, offset, after_integrity, id: self.id })
    }
}

impl core::iter::FusedIterator for Attributes<'_> {}
