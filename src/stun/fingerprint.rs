//! FINGERPRINT: making and checking it (RFC 8489 section 14.7), and what checks give.

use core::fmt;

use super::{AttributeType, Fingerprint, Message};
use crate::error::ParseError;

/// What the CRC-32 is XOR-ed with: "STUN".
const MASK: u32 = 0x5354_554e;

/// Why a check of FINGERPRINT, MESSAGE-INTEGRITY or MESSAGE-INTEGRITY-SHA256 did not succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckError {
    /// The message has no such attribute, or only where it does not count.
    Missing,
    /// The attribute's value has a length that it may not have.
    Malformed(ParseError),
    /// It is not right for this message (and this key).
    Wrong {
        /// Where the attribute begins, in bytes from the front of the message.
        offset: usize,
    },
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("the attribute is missing"),
            Self::Malformed(error) => error.fmt(f),
            Self::Wrong { offset } => write!(f, "the attribute is wrong (byte {offset})"),
        }
    }
}

impl core::error::Error for CheckError {}

/// The CRC of a message while it is walked: fed piece by piece, asked for at each FINGERPRINT.
#[derive(Clone)]
pub(crate) struct Crc(crc32fast::Hasher);

impl Crc {
    #[inline]
    pub(crate) fn new() -> Self {
        Self(crc32fast::Hasher::new())
    }

    #[inline]
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The FINGERPRINT behind what was fed.
    #[inline]
    pub(crate) fn fingerprint(self) -> Fingerprint {
        Fingerprint(self.0.finalize() ^ MASK)
    }
}

impl Message<'_> {
    /// Whether the message's FINGERPRINT is there, and right. It needs no key and protects from accidents only: that
    /// a datagram of another protocol is taken for STUN.
    ///
    /// # Errors
    /// It is missing, of another length than 4, or wrong. One that is not the message's last attribute is wrong unless
    /// the length field, which the CRC covers, was what it is when the CRC was made.
    #[inline]
    pub fn check_fingerprint(&self) -> Result<(), CheckError> {
        let attribute = self.find(AttributeType::FINGERPRINT).ok_or(CheckError::Missing)?;
        let found: Fingerprint = attribute.parse_as().map_err(CheckError::Malformed)?;
        let (head, id, covered) = self.before(attribute.offset());
        let mut crc = Crc::new();
        crc.update(head);
        crc.update(id);
        crc.update(covered);
        if crc.fingerprint() == found {
            Ok(())
        } else {
            Err(CheckError::Wrong { offset: attribute.offset() })
        }
    }
}
