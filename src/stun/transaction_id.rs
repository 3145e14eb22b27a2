//! The transaction id (RFC 8489 section 5).

use core::fmt;

/// The 96 bits that tie a response to its request (RFC 8489 section 5).
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransactionId(pub [u8; 12]);

impl TransactionId {
    /// A new one. An attacker who could guess it could answer in the server's place, hence the cryptographic source.
    #[cfg(feature = "rand")]
    #[inline]
    pub fn random<R: rand::CryptoRng + ?Sized>(random: &mut R) -> Self {
        let mut id = [0; 12];
        random.fill_bytes(&mut id);
        Self(id)
    }
}

/// 24 hex digits.
impl fmt::Display for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TransactionId({self})")
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::format;

    use super::*;

    #[test]
    fn shows_its_hex_digits() {
        let id =
            TransactionId([0xb7, 0xe7, 0xa7, 1, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae]);
        assert_eq!(
            format!("{id} {id:?}"),
            "b7e7a701bc34d686fa87dfae TransactionId(b7e7a701bc34d686fa87dfae)"
        );
    }

    #[test]
    #[cfg(feature = "rand")]
    fn random_ids_differ() {
        let mut random = rand::rng();
        assert_ne!(TransactionId::random(&mut random), TransactionId::random(&mut random));
    }
}
