//! Writing a message attribute by attribute into the caller's buffer.

use byteorder::{BE, ByteOrder};

use super::attribute::{ATTRIBUTE_HEADER_LEN, Seal, ZEROS, padding_len};
use super::fingerprint::Crc;
#[cfg(feature = "integrity")]
use super::integrity::Key;
use super::message::{HEADER_LEN, LENGTH, MAGIC_COOKIE, write_header, write_id};
use super::{
    Attribute, AttributeType, Class, Fingerprint, Message, Method, TransactionId, TypedAttribute,
};
use crate::encode::{Sink, narrow};
use crate::error::BuildError;

/// Writes a message into a buffer: attributes in the order in which they are pushed, then the integrity, then
/// FINGERPRINT. What may not stand behind what is there already is refused; after an error the message is as it was
/// before the call.
///
/// ```
/// use mediawire::stun::{Class, Message, MessageWriter, Method, Software, TransactionId};
///
/// let mut buffer = [0; 64];
/// let id = TransactionId(*b"abcdefghijkl");
/// let mut writer = MessageWriter::new(&mut buffer, Class::Request, Method::BINDING, id)?;
/// writer.push(Software(b"mediawire"))?.push_fingerprint()?;
/// let len = writer.finish();
///
/// let message = Message::parse(&buffer[..len]).unwrap();
/// assert_eq!(message.to_string(), "STUN Binding request tid=6162636465666768696a6b6c SOFTWARE=mediawire FP");
/// # Ok::<(), mediawire::BuildError>(())
/// ```
#[derive(Debug)]
pub struct MessageWriter<'b> {
    buffer: &'b mut [u8],
    len: usize,
    seal: Seal,
    id: [u8; 16],
}

impl<'b> MessageWriter<'b> {
    /// A message without attributes at the front of `buffer`.
    ///
    /// # Errors
    /// A method of more than 12 bits; `buffer` shorter than a header, 20 bytes.
    #[inline]
    pub fn new(
        buffer: &'b mut [u8],
        class: Class,
        method: Method,
        transaction_id: TransactionId,
    ) -> Result<Self, BuildError> {
        let mut id = [0; 16];
        write_id(&mut id, MAGIC_COOKIE, transaction_id);
        Self::with_id(buffer, class, method, id)
    }

    /// The beginning of a response: the request's method and transaction id, and what it has in the cookie's place,
    /// which a client of RFC 3489 wants to see again.
    ///
    /// # Errors
    /// A class other than the two responses; `buffer` shorter than a header, 20 bytes.
    #[inline]
    pub fn reply(
        buffer: &'b mut [u8],
        request: &Message<'_>,
        class: Class,
    ) -> Result<Self, BuildError> {
        if !class.is_response() {
            return Err(BuildError::OutOfRange { field: "class" });
        }
        Self::with_id(buffer, class, request.method(), *request.rfc3489_transaction_id())
    }

    #[inline]
    fn with_id(
        buffer: &'b mut [u8],
        class: Class,
        method: Method,
        id: [u8; 16],
    ) -> Result<Self, BuildError> {
        let have = buffer.len();
        let Some(header) = buffer.first_chunk_mut::<HEADER_LEN>() else {
            return Err(BuildError::BufferTooSmall { need: HEADER_LEN, have });
        };
        let mut sink = Sink::new(header);
        write_header(sink.array()?, class, method, 0)?;
        *sink.array()? = id;
        Ok(Self { buffer, len: HEADER_LEN, seal: Seal::Open, id })
    }

    /// Adds an attribute, padded with zeros.
    ///
    /// # Errors
    /// A value that the standard forbids; an attribute that may not stand here; a message longer than its length field
    /// can say; no room.
    #[inline]
    pub fn push<'v, T: TypedAttribute<'v>>(&mut self, value: T) -> Result<&mut Self, BuildError> {
        let (len, id) = (value.value_len(), self.id);
        self.append(T::TYPE, len, zeros(len), |out| value.encode(out, &id))
    }

    /// Adds an attribute of any type out of the bytes of its value, padded with zeros.
    ///
    /// # Errors
    /// An attribute that may not stand here; a message longer than its length field can say; no room.
    #[inline]
    pub fn push_raw(
        &mut self,
        attribute_type: AttributeType,
        value: &[u8],
    ) -> Result<&mut Self, BuildError> {
        self.push_padded(attribute_type, value, zeros(value.len()))
    }

    /// Adds an attribute of any type with its padding, to write a message again byte for byte. (RFC 5389 let padding
    /// have any value; since RFC 8489 it is zeros.)
    ///
    /// # Errors
    /// `padding` does not fill up to a multiple of 4 bytes; and those of [`push_raw`](Self::push_raw).
    #[inline]
    pub fn push_padded(
        &mut self,
        attribute_type: AttributeType,
        value: &[u8],
        padding: &[u8],
    ) -> Result<&mut Self, BuildError> {
        if padding.len() != padding_len(value.len()) {
            return Err(BuildError::OutOfRange { field: "padding" });
        }
        self.append(attribute_type, value.len(), padding, |out| out.bytes(value))
    }

    /// Adds an attribute of another message byte for byte. An XOR address of a message with another transaction id
    /// becomes another address so.
    ///
    /// # Errors
    /// As [`push_padded`](Self::push_padded).
    #[inline]
    pub fn push_attribute(&mut self, attribute: &Attribute<'_>) -> Result<&mut Self, BuildError> {
        self.push_padded(attribute.attribute_type(), attribute.value(), attribute.padding())
    }

    /// Adds UNKNOWN-ATTRIBUTES out of a list of types, such as [`Message::unknown_required`] gives.
    ///
    /// # Errors
    /// As [`push_raw`](Self::push_raw).
    pub fn push_unknown_attributes<I>(&mut self, types: I) -> Result<&mut Self, BuildError>
    where
        I: Iterator<Item = AttributeType> + Clone,
    {
        let len = types.clone().count().saturating_mul(2);
        self.append(AttributeType::UNKNOWN_ATTRIBUTES, len, zeros(len), |out| {
            types.into_iter().try_for_each(|t| out.bytes(&t.0.to_be_bytes()))
        })
    }

    /// Adds MESSAGE-INTEGRITY over all that is there. Only [`push_integrity_sha256`](Self::push_integrity_sha256) and
    /// [`push_fingerprint`](Self::push_fingerprint) may follow.
    ///
    /// # Errors
    /// Integrity or FINGERPRINT is there already; no room.
    #[cfg(feature = "integrity")]
    #[inline]
    pub fn push_integrity(&mut self, key: &Key) -> Result<&mut Self, BuildError> {
        const LEN: usize = 20;
        let (header, covered) = self.up_to_next(AttributeType::MESSAGE_INTEGRITY, LEN)?;
        let hmac = key.integrity(&header, covered);
        self.push(hmac)
    }

    /// Adds MESSAGE-INTEGRITY-SHA256 over all that is there, cut to its first `len` bytes: 32, but where the usage
    /// allows for 16, 20, 24 or 28. Only [`push_fingerprint`](Self::push_fingerprint) may follow.
    ///
    /// # Errors
    /// Another `len`; MESSAGE-INTEGRITY-SHA256 or FINGERPRINT is there already; no room.
    #[cfg(feature = "integrity")]
    #[inline]
    pub fn push_integrity_sha256(
        &mut self,
        key: &Key,
        len: usize,
    ) -> Result<&mut Self, BuildError> {
        let (header, covered) = self.up_to_next(AttributeType::MESSAGE_INTEGRITY_SHA256, len)?;
        let hmac = key.integrity_sha256(&header, covered);
        self.push(super::MessageIntegritySha256(hmac.get(..len).unwrap_or_default()))
    }

    /// Adds FINGERPRINT. Nothing may follow.
    ///
    /// # Errors
    /// It is there already; no room.
    #[inline]
    pub fn push_fingerprint(&mut self) -> Result<&mut Self, BuildError> {
        const LEN: usize = 4;
        let (header, covered) = self.up_to_next(AttributeType::FINGERPRINT, LEN)?;
        let mut crc = Crc::new();
        crc.update(&header);
        crc.update(covered);
        let fingerprint: Fingerprint = crc.fingerprint();
        self.push(fingerprint)
    }

    /// The message as it stands.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        self.buffer.get(..self.len).unwrap_or_default()
    }

    /// The message is done: its bytes are so many at the front of the buffer.
    #[inline]
    pub const fn finish(self) -> usize {
        self.len
    }

    /// The header with a length that takes in one more attribute, and the attributes that are there.
    #[inline]
    fn up_to_next(
        &self,
        next: AttributeType,
        value_len: usize,
    ) -> Result<([u8; HEADER_LEN], &[u8]), BuildError> {
        self.admit(next)?;
        let (header, covered) =
            self.as_bytes().split_first_chunk().unwrap_or((&[0; HEADER_LEN], &[]));
        let (mut header, len) = (*header, covered.len() + ATTRIBUTE_HEADER_LEN);
        let len = narrow("message length", len.saturating_add(value_len))?;
        BE::write_u16(&mut header[LENGTH], len);
        Ok((header, covered))
    }

    /// Whether an attribute may stand behind what is there.
    #[inline]
    const fn admit(&self, next: AttributeType) -> Result<(), BuildError> {
        if self.seal.admits(next) {
            Ok(())
        } else {
            Err(BuildError::OutOfRange { field: "order of attributes" })
        }
    }

    /// One more attribute, whose value `fill` writes.
    #[inline]
    fn append(
        &mut self,
        attribute_type: AttributeType,
        value_len: usize,
        padding: &[u8],
        fill: impl FnOnce(&mut Sink<'_>) -> Result<(), BuildError>,
    ) -> Result<&mut Self, BuildError> {
        self.admit(attribute_type)?;
        let type_len: u16 = narrow("attribute length", value_len)?;
        let (have, start) = (self.buffer.len(), self.len);
        let end = start + ATTRIBUTE_HEADER_LEN + value_len + padding.len();
        let length: u16 = narrow("message length", end - HEADER_LEN)?;
        let Some(room) = self.buffer.get_mut(start..end) else {
            return Err(BuildError::BufferTooSmall { need: end, have });
        };
        let mut out = Sink::new(room);
        let [t0, t1] = attribute_type.0.to_be_bytes();
        let [l0, l1] = type_len.to_be_bytes();
        *out.array()? = [t0, t1, l0, l1];
        fill(&mut out)?;
        if out.remaining() != padding.len() {
            return Err(BuildError::OutOfRange { field: "attribute length" });
        }
        out.bytes(padding)?;
        if let Some(header) = self.buffer.first_chunk_mut::<HEADER_LEN>() {
            BE::write_u16(&mut header[LENGTH], length);
        }
        self.len = end;
        self.seal = match attribute_type {
            AttributeType::MESSAGE_INTEGRITY => Seal::Integrity,
            AttributeType::MESSAGE_INTEGRITY_SHA256 => Seal::IntegritySha256,
            AttributeType::FINGERPRINT => Seal::Fingerprint,
            _ => self.seal,
        };
        Ok(self)
    }
}

/// The padding of a value.
#[inline]
fn zeros(value_len: usize) -> &'static [u8] {
    ZEROS.get(..padding_len(value_len)).unwrap_or_default()
}
