//! A STUN message (RFC 8489 section 5; without the cookie, RFC 3489 section 11.1).
//!
//! ```text
//! |0 0|     STUN Message Type     |         Message Length        |  head
//! |                         Magic Cookie                          |  id
//! |                     Transaction ID (96 bits)                  |
//! |                  attributes, see attribute.rs                 |  attributes
//! ```

use byteorder::{BE, ByteOrder};
use core::fmt;
use core::ops::Range;
use nom::Parser;
use nom::error::context;

use super::attribute::{Layout, Places, attributes};
use super::class::{join_type, split_type};
use super::{Attribute, AttributeType, Attributes, Class, Method, TransactionId, TypedAttribute};
use crate::encode::{Encode, Sink, narrow};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::wire::{array, bytes};

/// What bytes 4 to 7 of every message say since RFC 5389.
pub const MAGIC_COOKIE: u32 = 0x2112_A442;

/// The bytes before the attributes.
pub(crate) const HEADER_LEN: usize = 20;

// Places in the first 4 bytes.
const TYPE: Range<usize> = 0..2;
pub(crate) const LENGTH: Range<usize> = 2..4;

// Places in the 16 bytes behind them.
const COOKIE: Range<usize> = 0..4;
const TRANSACTION_ID: Range<usize> = 4..16;

/// A STUN message, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Message<'a> {
    head: &'a [u8; 4],
    id: &'a [u8; 16],
    attributes: &'a [u8],
    layout: Layout,
    places: Places,
}

impl<'a> Message<'a> {
    /// Reads the message at the front of `bytes`; what follows it is ignored, see [`parse_prefix`](Self::parse_prefix).
    ///
    /// The values of the attributes are not looked at: one that is not of its form does not make the message wrong.
    ///
    /// # Errors
    /// The first two bits are not 0, or the cookie is another (`Value`); the length is no multiple of 4, or an
    /// attribute goes beyond it (`Length`); the input ends before the message does (`Truncated`).
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("STUN message", bytes, message)
    }

    /// As [`parse`](Self::parse), and gives what follows the message.
    ///
    /// # Errors
    /// Those of [`parse`](Self::parse).
    #[inline]
    pub fn parse_prefix(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), ParseError> {
        run("STUN message", bytes, |i| message(i).map(|(rest, message)| (rest, (message, rest))))
    }

    /// Reads a message of classic STUN (RFC 3489), which has no cookie: what stands there is part of its transaction
    /// id, see [`rfc3489_transaction_id`](Self::rfc3489_transaction_id). What follows the message is ignored.
    ///
    /// Attributes are taken to be padded to 4 bytes, as they are by every sender of values that are not a multiple of
    /// 4 long; where they do not fit so, they are read one right behind the other, which is what RFC 3489 says.
    ///
    /// # Errors
    /// The first two bits are not 0; an attribute goes beyond the message; the input ends before it does.
    #[inline]
    pub fn parse_rfc3489(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("classic STUN message", bytes, rfc3489_message)
    }

    /// The class.
    #[inline]
    pub fn class(&self) -> Class {
        split_type(BE::read_u16(&self.head[TYPE])).0
    }

    /// The method.
    #[inline]
    pub fn method(&self) -> Method {
        split_type(BE::read_u16(&self.head[TYPE])).1
    }

    /// The length field: bytes of attributes, so the message less its header of 20.
    #[inline]
    pub fn length(&self) -> u16 {
        BE::read_u16(&self.head[LENGTH])
    }

    /// [`MAGIC_COOKIE`], but for a message of RFC 3489.
    #[inline]
    pub fn cookie(&self) -> u32 {
        BE::read_u32(&self.id[COOKIE])
    }

    /// Whether the cookie is there, which tells RFC 5389 and later from RFC 3489.
    #[inline]
    pub fn has_cookie(&self) -> bool {
        self.cookie() == MAGIC_COOKIE
    }

    /// The transaction id: the last 12 bytes of the header.
    #[inline]
    pub fn transaction_id(&self) -> TransactionId {
        let [_, _, _, _, id @ ..] = *self.id;
        TransactionId(id)
    }

    /// The transaction id as RFC 3489 counts it, 128 bits: the cookie's place and [`transaction_id`](Self::transaction_id).
    #[inline]
    pub const fn rfc3489_transaction_id(&self) -> &'a [u8; 16] {
        self.id
    }

    /// The attributes in wire order, every one.
    #[inline]
    pub const fn attributes(&self) -> Attributes<'a> {
        Attributes::new(self.attributes, self.layout, self.id)
    }

    /// The attributes as they are on the wire.
    #[inline]
    pub const fn attribute_bytes(&self) -> &'a [u8] {
        self.attributes
    }

    /// The first attribute of a type; those that [lie after the integrity](Attribute::is_after_integrity) do not count.
    #[inline]
    pub fn find(&self, attribute_type: AttributeType) -> Option<Attribute<'a>> {
        match self.places.of(attribute_type) {
            Some(place) => self.attributes().skip_to(place?).next(),
            None => self
                .attributes()
                .find(|a| a.attribute_type() == attribute_type && !a.is_after_integrity()),
        }
    }

    /// The first attribute of type `T` and its value, or why it has none, with the place in the message.
    ///
    /// As with [`find`](Self::find), those that lie after the integrity do not count.
    ///
    /// ```
    /// use mediawire::stun::{Message, Priority, UseCandidate};
    ///
    /// let bytes = b"\0\x01\0\x08\x21\x12\xa4\x42abcdefghijkl\0\x24\0\x04\x6e\0\x01\xff";
    /// let message = Message::parse(bytes)?;
    /// assert_eq!(message.get().transpose()?, Some(Priority(0x6e00_01ff)));
    /// assert!(!message.has::<UseCandidate>());
    /// # Ok::<(), mediawire::ParseError>(())
    /// ```
    #[inline]
    pub fn get<T: TypedAttribute<'a>>(&self) -> Option<Result<T, ParseError>> {
        self.find(T::TYPE).map(|attribute| attribute.parse_as())
    }

    /// Whether it has an attribute of type `T` before the integrity, of its form or not.
    #[inline]
    pub fn has<T: TypedAttribute<'a>>(&self) -> bool {
        self.find(T::TYPE).is_some()
    }

    /// The attributes that must be understood and whose type `known` does not hold, in wire order: what the
    /// UNKNOWN-ATTRIBUTES of a 420 response lists (RFC 8489 section 6.3.1).
    ///
    /// [`AttributeType::TYPED`] holds those that this crate reads. Attributes after the integrity are not listed; a
    /// type that is there twice is listed twice.
    #[inline]
    pub fn unknown_required<'k>(
        &self,
        known: &'k [AttributeType],
    ) -> impl Iterator<Item = AttributeType> + Clone + use<'a, 'k> {
        self.attributes()
            .filter(|a| !a.is_after_integrity())
            .map(|a| a.attribute_type())
            .filter(move |t| t.is_comprehension_required() && !known.contains(t))
    }

    /// The rules for the order of attributes: nothing after FINGERPRINT, and after the integrity nothing but
    /// MESSAGE-INTEGRITY-SHA256 and FINGERPRINT (RFC 8489 sections 9 and 14.7). Receivers need not enforce the second:
    /// they ignore what stands there.
    ///
    /// # Errors
    /// The first attribute that may not stand where it does: its type and place.
    pub fn check_order(&self) -> Result<(), ParseError> {
        let mut fingerprint = false;
        for attribute in self.attributes() {
            let field = if fingerprint {
                "attribute after FINGERPRINT"
            } else if attribute.is_after_integrity() {
                "attribute after the integrity"
            } else {
                fingerprint = attribute.attribute_type() == AttributeType::FINGERPRINT;
                continue;
            };
            let kind = ErrorKind::Value { found: attribute.attribute_type().0.into() };
            return Err(ParseError {
                what: "STUN message",
                field,
                offset: attribute.offset(),
                kind,
            });
        }
        Ok(())
    }

    /// The header as it is, and as much of the attributes as stand before `end`, which counts from the message's front.
    #[inline]
    pub(crate) fn before(&self, end: usize) -> (&'a [u8; 4], &'a [u8; 16], &'a [u8]) {
        let covered = self.attributes.get(..end.saturating_sub(HEADER_LEN)).unwrap_or_default();
        (self.head, self.id, covered)
    }
}

/// Header, then whether the rest of the input holds as many bytes of attributes as it says.
#[inline]
fn header_and_attributes<'a>(
    i: &'a [u8],
    check: impl FnOnce(&'a [u8], u16, &'a [u8; 16]) -> Result<(), nom::Err<Fail<'a>>>,
) -> Step<'a, Message<'a>> {
    if i.len() < HEADER_LEN {
        let kind = ErrorKind::Truncated { need: HEADER_LEN, have: i.len() };
        return Err(Fail::field("header", i, kind));
    }
    let (rest, head) = array::<4>(i)?;
    let (rest, id) = array::<16>(rest)?;
    let message_type = BE::read_u16(&head[TYPE]);
    if message_type >= 0x4000 {
        let kind = ErrorKind::Value { found: message_type.into() };
        return Err(Fail::field("message type", i, kind));
    }
    let length = BE::read_u16(&head[LENGTH]);
    check(i, length, id)?;
    let (rest, attributes) = context("attributes", bytes(usize::from(length))).parse(rest)?;
    Ok((rest, Message { head, id, attributes, layout: Layout::Padded, places: Places::NONE }))
}

/// A message by the rules of RFC 8489.
#[inline]
pub(crate) fn message(i: &[u8]) -> Step<'_, Message<'_>> {
    let (rest, message) = header_and_attributes(i, |i, length, id| {
        let cookie = BE::read_u32(&id[COOKIE]);
        if cookie != MAGIC_COOKIE {
            let at = i.get(4..).unwrap_or_default();
            return Err(Fail::field("magic cookie", at, ErrorKind::Value { found: cookie }));
        }
        if length & 3 != 0 {
            let at = i.get(LENGTH.start..).unwrap_or_default();
            let kind = ErrorKind::Length { found: length.into(), have: (length & !3).into() };
            return Err(Fail::field("message length", at, kind));
        }
        Ok(())
    })?;
    let (_, places) = attributes(message.attributes, Layout::Padded)?;
    Ok((rest, Message { places, ..message }))
}

/// A message by the rules of RFC 3489.
fn rfc3489_message(i: &[u8]) -> Step<'_, Message<'_>> {
    let (rest, message) = header_and_attributes(i, |_, _, _| Ok(()))?;
    let (layout, places) = match attributes(message.attributes, Layout::Padded) {
        Ok((_, places)) => (Layout::Padded, places),
        Err(padded) => match attributes(message.attributes, Layout::Packed) {
            Ok((_, places)) => (Layout::Packed, places),
            Err(_) => return Err(padded),
        },
    };
    Ok((rest, Message { layout, places, ..message }))
}

/// `STUN Binding request tid=b7e7a701bc34d686fa87dfae USERNAME=evtj:h6vY MI FP`
impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// More than any real message has: a log line stays a line.
        const SHOWN: usize = 24;
        let classic = if self.has_cookie() { "" } else { "classic " };
        write!(
            f,
            "{classic}STUN {} {} tid={}",
            self.method(),
            self.class(),
            self.transaction_id()
        )?;
        for attribute in self.attributes().take(SHOWN) {
            write!(f, " {attribute}")?;
        }
        match self.attributes().count().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// The attributes, each with its value or its bytes.
        struct List<'a>(Attributes<'a>);
        impl fmt::Debug for List<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_list()
                    .entries(self.0.clone().map(|a| (a.attribute_type(), a.decode())))
                    .finish()
            }
        }
        f.debug_struct("Message")
            .field("class", &self.class())
            .field("method", &self.method())
            .field("length", &self.length())
            .field("cookie", &format_args!("{:#010x}", self.cookie()))
            .field("transaction_id", &self.transaction_id())
            .field("attributes", &List(self.attributes()))
            .finish()
    }
}

/// A message to be written out of attributes in wire form: a view's, byte for byte, or those that a
/// [`MessageWriter`](super::MessageWriter) made. For a message of your own the writer is handier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageBuilder<'a> {
    /// The class.
    pub class: Class,
    /// The method, up to 0xFFF.
    pub method: Method,
    /// [`MAGIC_COOKIE`]; in answer to a message of RFC 3489 what that has there.
    pub cookie: u32,
    /// The transaction id.
    pub transaction_id: TransactionId,
    /// The attributes, with the padding of each: a multiple of 4 bytes where the cookie is there.
    pub attributes: &'a [u8],
}

impl Default for MessageBuilder<'_> {
    fn default() -> Self {
        Self {
            class: Class::Request,
            method: Method::BINDING,
            cookie: MAGIC_COOKIE,
            transaction_id: TransactionId::default(),
            attributes: &[],
        }
    }
}

impl<'a> From<Message<'a>> for MessageBuilder<'a> {
    #[inline]
    fn from(message: Message<'a>) -> Self {
        Self {
            class: message.class(),
            method: message.method(),
            cookie: message.cookie(),
            transaction_id: message.transaction_id(),
            attributes: message.attributes,
        }
    }
}

impl Encode for MessageBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        HEADER_LEN.saturating_add(self.attributes.len())
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let wrong = |_| BuildError::OutOfRange { field: "attributes" };
        let length = narrow("message length", self.attributes.len())?;
        if self.cookie == MAGIC_COOKIE {
            if length & 3 != 0 {
                return Err(BuildError::OutOfRange { field: "message length" });
            }
            attributes(self.attributes, Layout::Padded).map_err(wrong)?;
        } else {
            attributes(self.attributes, Layout::Padded)
                .or_else(|_| attributes(self.attributes, Layout::Packed))
                .map_err(wrong)?;
        }
        write_header(out.array()?, self.class, self.method, length)?;
        write_id(out.array()?, self.cookie, self.transaction_id);
        out.bytes(self.attributes)
    }
}

/// The first 4 bytes.
#[inline]
pub(crate) fn write_header(
    head: &mut [u8; 4],
    class: Class,
    method: Method,
    length: u16,
) -> Result<(), BuildError> {
    if method > Method::MAX {
        return Err(BuildError::OutOfRange { field: "method" });
    }
    BE::write_u16(&mut head[TYPE], join_type(class, method));
    BE::write_u16(&mut head[LENGTH], length);
    Ok(())
}

/// The 16 bytes behind them.
#[inline]
pub(crate) fn write_id(id: &mut [u8; 16], cookie: u32, transaction_id: TransactionId) {
    BE::write_u32(&mut id[COOKIE], cookie);
    id[TRANSACTION_ID].copy_from_slice(&transaction_id.0);
}
