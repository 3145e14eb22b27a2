//! Writing a message attribute by attribute into the caller's buffer.

use byteorder::{BE, ByteOrder};
use core::net::SocketAddr;

use super::attribute::{ATTRIBUTE_HEADER_LEN, Seal, ZEROS, padding_len};
use super::fingerprint::Crc;
#[cfg(feature = "integrity")]
use super::integrity::Key;
use super::message::{HEADER_LEN, LENGTH, MAGIC_COOKIE, write_header, write_id};
use super::{
    Attribute, AttributeType, Class, Code, ErrorCode, Fingerprint, MappedAddress, Message, Method,
    TransactionId, TypedAttribute, XorMappedAddress,
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

    /// The beginning of a request.
    ///
    /// # Errors
    /// Those of [`new`](Self::new).
    #[inline]
    pub fn request(
        buffer: &'b mut [u8],
        method: Method,
        transaction_id: TransactionId,
    ) -> Result<Self, BuildError> {
        Self::new(buffer, Class::Request, method, transaction_id)
    }

    /// The beginning of an indication.
    ///
    /// # Errors
    /// Those of [`new`](Self::new).
    #[inline]
    pub fn indication(
        buffer: &'b mut [u8],
        method: Method,
        transaction_id: TransactionId,
    ) -> Result<Self, BuildError> {
        Self::new(buffer, Class::Indication, method, transaction_id)
    }

    /// The beginning of a response: the request's method and transaction id, and what it has in the cookie's place,
    /// which a client of RFC 3489 wants to see again.
    ///
    /// # Errors
    /// A class other than the two responses; a message that is no request; `buffer` shorter than a header, 20 bytes.
    #[inline]
    pub fn reply(
        buffer: &'b mut [u8],
        request: &Message<'_>,
        class: Class,
    ) -> Result<Self, BuildError> {
        if !class.is_response() || request.class() != Class::Request {
            return Err(BuildError::OutOfRange { field: "class" });
        }
        Self::with_id(buffer, class, request.method(), *request.rfc3489_transaction_id())
    }

    /// The beginning of a success response; what the method wants to have in it is to be pushed.
    ///
    /// # Errors
    /// Those of [`reply`](Self::reply).
    #[inline]
    pub fn success(buffer: &'b mut [u8], request: &Message<'_>) -> Result<Self, BuildError> {
        Self::reply(buffer, request, Class::SuccessResponse)
    }

    /// A success response to a Binding request that came from `source`: XOR-MAPPED-ADDRESS, or MAPPED-ADDRESS where the
    /// request is one of RFC 3489 (RFC 8489 sections 6.3.1.1 and 11).
    ///
    /// ```
    /// use mediawire::stun::{Message, MessageWriter, XorMappedAddress};
    ///
    /// # let datagram = b"\0\x01\0\0\x21\x12\xa4\x42abcdefghijkl";
    /// let source = "192.0.2.1:32853".parse()?;
    /// let request = Message::parse(datagram)?;
    /// let mut buffer = [0; 64];
    /// let mut response = MessageWriter::binding_success(&mut buffer, &request, source)?;
    /// response.push_fingerprint()?;
    /// let len = response.finish();
    ///
    /// let response = Message::parse(&buffer[..len])?;
    /// assert_eq!(response.get().transpose()?, Some(XorMappedAddress(source)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`reply`](Self::reply); no room.
    #[inline]
    pub fn binding_success(
        buffer: &'b mut [u8],
        request: &Message<'_>,
        source: SocketAddr,
    ) -> Result<Self, BuildError> {
        let mut writer = Self::success(buffer, request)?;
        if request.has_cookie() {
            writer.push(XorMappedAddress(source))?;
        } else {
            writer.push(MappedAddress(source))?;
        }
        Ok(writer)
    }

    /// The beginning of an error response: ERROR-CODE with the code's own phrase. What else belongs to the code is to be
    /// pushed: ALTERNATE-SERVER to 300, REALM and NONCE to 401 and 438.
    ///
    /// # Errors
    /// A code outside of 300 to 699; those of [`reply`](Self::reply); no room.
    pub fn error(
        buffer: &'b mut [u8],
        request: &Message<'_>,
        code: Code,
    ) -> Result<Self, BuildError> {
        let mut writer = Self::reply(buffer, request, Class::ErrorResponse)?;
        let (error, id) = (ErrorCode::new(code), writer.id);
        if request.has_cookie() {
            writer.push(error)?;
        } else {
            // RFC 3489 knows no padding behind a value: the phrase is filled up with spaces (section 11.2.9).
            let spaces = b"   ".get(..padding_len(error.value_len())).unwrap_or_default();
            let len = error.value_len().saturating_add(spaces.len());
            writer.append(AttributeType::ERROR_CODE, len, &[], |out| {
                error.encode(out, &id)?;
                out.bytes(spaces)
            })?;
        }
        Ok(writer)
    }

    /// The beginning of a 420: ERROR-CODE, and UNKNOWN-ATTRIBUTES with the request's attributes that must be understood
    /// and whose type `known` does not hold (RFC 8489 section 6.3.1).
    ///
    /// # Errors
    /// A request without such attributes; those of [`reply`](Self::reply); no room.
    pub fn unknown_attributes(
        buffer: &'b mut [u8],
        request: &Message<'_>,
        known: &[AttributeType],
    ) -> Result<Self, BuildError> {
        let unknown = request.unknown_required(known);
        if unknown.clone().next().is_none() {
            return Err(BuildError::OutOfRange { field: "UNKNOWN-ATTRIBUTES" });
        }
        let mut writer = Self::error(buffer, request, Code::UNKNOWN_ATTRIBUTE)?;
        writer.push_unknown_attributes(unknown)?;
        Ok(writer)
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

    /// Adds MESSAGE-INTEGRITY as RFC 3489 makes it, over all that is there filled up with zeros to a multiple of 64 bytes.
    /// Nothing is to follow it there.
    ///
    /// # Errors
    /// Those of [`push_integrity`](Self::push_integrity).
    #[cfg(feature = "integrity")]
    #[inline]
    pub fn push_integrity_rfc3489(&mut self, key: &Key) -> Result<&mut Self, BuildError> {
        const LEN: usize = 20;
        let (header, covered) = self.up_to_next(AttributeType::MESSAGE_INTEGRITY, LEN)?;
        let hmac = key.integrity_rfc3489(&header, covered);
        self.push(hmac)
    }

    /// Adds GOOG-MESSAGE-INTEGRITY-32 over all that is there, as GOOG-PING has it. Only integrity that is stronger, and
    /// [`push_fingerprint`](Self::push_fingerprint), may follow.
    ///
    /// # Errors
    /// Integrity or FINGERPRINT is there already; no room.
    #[cfg(feature = "integrity")]
    #[inline]
    pub fn push_goog_integrity_32(&mut self, key: &Key) -> Result<&mut Self, BuildError> {
        const LEN: usize = 4;
        let (header, covered) = self.up_to_next(AttributeType::GOOG_MESSAGE_INTEGRITY_32, LEN)?;
        let hmac = key.goog_integrity_32(&header, covered);
        self.push(hmac)
    }

    /// Adds the integrity that a response to `request` must have, which is that of the request: MESSAGE-INTEGRITY-SHA256 in
    /// full if it has that, else MESSAGE-INTEGRITY (padded as RFC 3489 does if it is one of those), else
    /// GOOG-MESSAGE-INTEGRITY-32, else none (RFC 8489 sections 9.1.3 and 9.2.4).
    ///
    /// # Errors
    /// Those of the function that adds it.
    #[cfg(feature = "integrity")]
    pub fn push_integrity_like(
        &mut self,
        request: &Message<'_>,
        key: &Key,
    ) -> Result<&mut Self, BuildError> {
        let has = |attribute_type| request.find(attribute_type).is_some();
        if has(AttributeType::MESSAGE_INTEGRITY_SHA256) {
            self.push_integrity_sha256(key, 32)
        } else if has(AttributeType::MESSAGE_INTEGRITY) && request.has_cookie() {
            self.push_integrity(key)
        } else if has(AttributeType::MESSAGE_INTEGRITY) {
            self.push_integrity_rfc3489(key)
        } else if has(AttributeType::GOOG_MESSAGE_INTEGRITY_32) {
            self.push_goog_integrity_32(key)
        } else {
            Ok(self)
        }
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
            AttributeType::FINGERPRINT => Seal::Fingerprint,
            _ => self.seal.behind(attribute_type),
        };
        Ok(self)
    }
}

/// The padding of a value.
#[inline]
fn zeros(value_len: usize) -> &'static [u8] {
    ZEROS.get(..padding_len(value_len)).unwrap_or_default()
}
