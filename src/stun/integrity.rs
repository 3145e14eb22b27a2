//! MESSAGE-INTEGRITY and its kin: keys, checking, and the HMACs themselves (RFC 8489 sections 9, 14.5
//! and 14.6).
//!
//! The HMAC covers the message up to the attribute, with a length field that ends at the attribute: the header is fed
//! with that length put in, so the message is neither copied nor written to.

use core::fmt;
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::attribute::ATTRIBUTE_HEADER_LEN;
use super::attributes::is_sha256_len;
use super::message::LENGTH;
use super::{
    Attribute, AttributeType, CheckError, GoogMessageIntegrity32, HEADER_LEN, Message,
    MessageIntegrity, MessageIntegritySha256, PasswordAlgorithmId,
};
use crate::error::{ErrorKind, ParseError};

/// The block that SHA-1 and SHA-256 take in at once.
const BLOCK: usize = 64;

/// A key, prepared once: the HMAC states after it has gone in. Checking or making an HMAC starts from a copy of them.
///
/// Names and passwords go in as they are: where they may be other than ASCII, the caller prepares them first (OpaqueString,
/// RFC 8265), with the feature `prepare` by the functions of `stun::prepare`.
#[derive(Clone)]
pub struct Key {
    sha1: Hmac<Sha1>,
    sha256: Hmac<Sha256>,
}

impl Key {
    /// Out of the key's bytes.
    pub fn from_bytes(key: &[u8]) -> Self {
        Self {
            sha1: keyed(key, |key| Sha1::digest(key).into()),
            sha256: keyed(key, |key| Sha256::digest(key).into()),
        }
    }

    /// Of a short-term credential, such as ICE's: the password itself (RFC 8489 section 9.1.1).
    pub fn short_term(password: &[u8]) -> Self {
        Self::from_bytes(password)
    }

    /// Of a long-term credential with the algorithm MD5, which is that of TURN as deployed (RFC 8489 section 9.2.2).
    pub fn long_term(username: &[u8], realm: &[u8], password: &[u8]) -> Self {
        Self::from_bytes(&joined(Md5::new(), [username, realm, password]))
    }

    /// Of a long-term credential with the algorithm SHA-256 (RFC 8489 section 9.2.2).
    pub fn long_term_sha256(username: &[u8], realm: &[u8], password: &[u8]) -> Self {
        Self::from_bytes(&joined(Sha256::new(), [username, realm, password]))
    }

    /// Of a long-term credential with the algorithm that PASSWORD-ALGORITHM names (RFC 8489 section 14.12); none for one
    /// that is not known.
    pub fn long_term_with(
        algorithm: PasswordAlgorithmId,
        username: &[u8],
        realm: &[u8],
        password: &[u8],
    ) -> Option<Self> {
        match algorithm {
            PasswordAlgorithmId::MD5 => Some(Self::long_term(username, realm, password)),
            PasswordAlgorithmId::SHA256 => Some(Self::long_term_sha256(username, realm, password)),
            _ => None,
        }
    }

    /// The HMAC-SHA1 of a message's first bytes in two pieces.
    #[inline]
    fn sha1_of(&self, header: &[u8; HEADER_LEN], covered: &[u8]) -> Hmac<Sha1> {
        let mut mac = self.sha1.clone();
        mac.update(header);
        mac.update(covered);
        mac
    }

    /// The HMAC-SHA256 of the same.
    #[inline]
    fn sha256_of(&self, header: &[u8; HEADER_LEN], covered: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.sha256.clone();
        mac.update(header);
        mac.update(covered);
        mac
    }

    /// MESSAGE-INTEGRITY behind a header, its length put right, and the attributes before.
    #[inline]
    pub(crate) fn integrity(&self, header: &[u8; HEADER_LEN], covered: &[u8]) -> MessageIntegrity {
        MessageIntegrity(self.sha1_of(header, covered).finalize().into_bytes().into())
    }

    /// The HMAC-SHA1 of the same, filled up with zeros to whole blocks, as RFC 3489 section 11.2.8 has it.
    #[inline]
    fn padded_sha1_of(&self, header: &[u8; HEADER_LEN], covered: &[u8]) -> Hmac<Sha1> {
        let mut mac = self.sha1_of(header, covered);
        let over = HEADER_LEN.wrapping_add(covered.len()).wrapping_neg() % BLOCK;
        mac.update([0; BLOCK].get(..over).unwrap_or_default());
        mac
    }

    /// MESSAGE-INTEGRITY of RFC 3489 behind the same.
    #[inline]
    pub(crate) fn integrity_rfc3489(
        &self,
        header: &[u8; HEADER_LEN],
        covered: &[u8],
    ) -> MessageIntegrity {
        MessageIntegrity(self.padded_sha1_of(header, covered).finalize().into_bytes().into())
    }

    /// GOOG-MESSAGE-INTEGRITY-32 behind the same.
    #[inline]
    pub(crate) fn goog_integrity_32(
        &self,
        header: &[u8; HEADER_LEN],
        covered: &[u8],
    ) -> GoogMessageIntegrity32 {
        let MessageIntegrity([a, b, c, d, ..]) = self.integrity(header, covered);
        GoogMessageIntegrity32([a, b, c, d])
    }

    /// MESSAGE-INTEGRITY-SHA256, at full length, behind the same.
    #[inline]
    pub(crate) fn integrity_sha256(&self, header: &[u8; HEADER_LEN], covered: &[u8]) -> [u8; 32] {
        self.sha256_of(header, covered).finalize().into_bytes().into()
    }
}

/// An HMAC with its key in. A key longer than a block is hashed, a shorter one filled up with zeros (RFC 2104).
fn keyed<M: KeyInit<KeySize = hmac::digest::consts::U64>, const N: usize>(
    key: &[u8],
    digest: impl FnOnce(&[u8]) -> [u8; N],
) -> M {
    let mut block = [0; BLOCK];
    let digested;
    let key = if key.len() > BLOCK {
        digested = digest(key);
        &digested[..]
    } else {
        key
    };
    block.iter_mut().zip(key).for_each(|(place, byte)| *place = *byte);
    M::new(&block.into())
}

/// The hash of the three with colons between them.
fn joined<D: Digest>(digest: D, [a, b, c]: [&[u8]; 3]) -> hmac::digest::Output<D> {
    [a, b":", b, b":", c].into_iter().fold(digest, Digest::chain_update).finalize()
}

/// Nothing of the key is shown.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

impl Message<'_> {
    /// Whether the message's MESSAGE-INTEGRITY is there, and that of `key`: HMAC-SHA1, compared in constant time.
    ///
    /// What it says holds for the attributes before it. [`find`](Self::find) and [`get`](Self::get) give no others;
    /// in [`attributes`](Self::attributes) they bear a [mark](super::Attribute::is_after_integrity).
    ///
    /// # Errors
    /// It is missing, of another length than 20, or wrong.
    #[inline]
    pub fn verify_integrity(&self, key: &Key) -> Result<(), CheckError> {
        let attribute = self.find(AttributeType::MESSAGE_INTEGRITY).ok_or(CheckError::Missing)?;
        let found: MessageIntegrity = attribute.parse_as().map_err(CheckError::Malformed)?;
        let (header, covered) = self.up_to(&attribute);
        key.sha1_of(&header, covered)
            .verify_slice(&found.0)
            .map_err(|_| CheckError::Wrong { offset: attribute.offset() })
    }

    /// Whether the message's MESSAGE-INTEGRITY-SHA256 is there, and that of `key`, compared in constant time.
    ///
    /// `shortest` is the number of bytes that the usage lets the HMAC be cut to: 32, but where a usage says that it may
    /// be fewer, then at least 16.
    ///
    /// # Errors
    /// It is missing, of a length that it may not have, or wrong.
    #[inline]
    pub fn verify_integrity_sha256(&self, key: &Key, shortest: usize) -> Result<(), CheckError> {
        let attribute =
            self.find(AttributeType::MESSAGE_INTEGRITY_SHA256).ok_or(CheckError::Missing)?;
        let found: MessageIntegritySha256<'_> =
            attribute.parse_as().map_err(CheckError::Malformed)?;
        if found.0.len() < shortest || !is_sha256_len(found.0.len()) {
            let kind = ErrorKind::Length { found: found.0.len(), have: shortest };
            let offset = attribute.offset().saturating_add(ATTRIBUTE_HEADER_LEN);
            let what = "MESSAGE-INTEGRITY-SHA256";
            return Err(CheckError::Malformed(ParseError { what, field: "value", offset, kind }));
        }
        let (header, covered) = self.up_to(&attribute);
        key.sha256_of(&header, covered)
            .verify_truncated_left(found.0)
            .map_err(|_| CheckError::Wrong { offset: attribute.offset() })
    }

    /// [`verify_integrity_sha256`](Self::verify_integrity_sha256) if the message has MESSAGE-INTEGRITY-SHA256, else
    /// [`verify_integrity`](Self::verify_integrity): what a receiver does that knows both (RFC 8489 sections 9.1.3 and
    /// 9.2.4).
    ///
    /// # Errors
    /// Those of the function that is called; `Missing` if there is neither attribute.
    #[inline]
    pub fn verify(&self, key: &Key, shortest: usize) -> Result<(), CheckError> {
        match self.verify_integrity_sha256(key, shortest) {
            Err(CheckError::Missing) => self.verify_integrity(key),
            other => other,
        }
    }

    /// As [`verify_integrity`](Self::verify_integrity), by the rules of RFC 3489: the HMAC is over the message before it
    /// filled up with zeros to a multiple of 64 bytes. Clients and servers of RFC 3489 and of MS-TURN make it so.
    ///
    /// # Errors
    /// It is missing, of another length than 20, or wrong.
    #[inline]
    pub fn verify_integrity_rfc3489(&self, key: &Key) -> Result<(), CheckError> {
        let attribute = self.find(AttributeType::MESSAGE_INTEGRITY).ok_or(CheckError::Missing)?;
        let found: MessageIntegrity = attribute.parse_as().map_err(CheckError::Malformed)?;
        let (header, covered) = self.up_to(&attribute);
        key.padded_sha1_of(&header, covered)
            .verify_slice(&found.0)
            .map_err(|_| CheckError::Wrong { offset: attribute.offset() })
    }

    /// Whether the message's GOOG-MESSAGE-INTEGRITY-32 is there, and that of `key`. Its 32 bits are little: libwebrtc takes
    /// them for GOOG-PING only, which says no more than that the sender is still there.
    ///
    /// # Errors
    /// It is missing, of another length than 4, or wrong.
    #[inline]
    pub fn verify_goog_integrity_32(&self, key: &Key) -> Result<(), CheckError> {
        let attribute =
            self.find(AttributeType::GOOG_MESSAGE_INTEGRITY_32).ok_or(CheckError::Missing)?;
        let found: GoogMessageIntegrity32 = attribute.parse_as().map_err(CheckError::Malformed)?;
        let (header, covered) = self.up_to(&attribute);
        key.sha1_of(&header, covered)
            .verify_truncated_left(&found.0)
            .map_err(|_| CheckError::Wrong { offset: attribute.offset() })
    }

    /// The header with a length that ends behind `attribute`, and the attributes before it.
    #[inline]
    fn up_to(&self, attribute: &Attribute<'_>) -> ([u8; HEADER_LEN], &[u8]) {
        let (head, id, covered) = self.before(attribute.offset());
        let len = covered.len() + ATTRIBUTE_HEADER_LEN + attribute.value().len();
        let mut header = [0; HEADER_LEN];
        let (start, rest) = header.split_at_mut(head.len());
        start.copy_from_slice(head);
        rest.copy_from_slice(id);
        // The attribute lies within a message whose length has 16 bits.
        header[LENGTH].copy_from_slice(&u16::try_from(len).unwrap_or(u16::MAX).to_be_bytes());
        (header, covered)
    }
}
