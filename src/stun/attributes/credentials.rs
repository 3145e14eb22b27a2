//! PASSWORD-ALGORITHM, PASSWORD-ALGORITHMS, USERHASH (RFC 8489 sections 14.4, 14.11, 14.12); PASSWORD (RFC 3489).
//!
//! ```text
//! |         Algorithm             |  Algorithm Parameters Length  |
//! |                    Algorithm Parameters (variable)            |  padding to 4 bytes
//! ```

use super::fixed_attribute;
use crate::encode::{Sink, narrow};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::registry::registry;
use crate::stun::attribute::padding_len;
use crate::stun::{AttributeType, TypedAttribute};
use crate::wire::{announced, be_u16};

registry! {
    /// How a long-term key is made of a password (IANA, STUN Password Algorithms; RFC 8489 section 18.5).
    PasswordAlgorithmId(u16) {
        /// MD5 of user, realm and password.
        MD5 = 0x0001, "MD5";
        /// SHA-256 of user, realm and password.
        SHA256 = 0x0002, "SHA-256";
    }
}

/// PASSWORD-ALGORITHM: the algorithm that the client chose (RFC 8489 section 14.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordAlgorithm<'a> {
    /// Its number.
    pub algorithm: PasswordAlgorithmId,
    /// Its parameters; MD5 and SHA-256 have none.
    pub parameters: &'a [u8],
}

impl<'a> PasswordAlgorithm<'a> {
    /// An algorithm without parameters.
    #[inline]
    pub const fn new(algorithm: PasswordAlgorithmId) -> Self {
        Self { algorithm, parameters: &[] }
    }

    /// The bytes that it takes.
    #[inline]
    fn len(&self) -> usize {
        let parameters = self.parameters.len();
        parameters.saturating_add(4).saturating_add(padding_len(parameters))
    }

    #[inline]
    fn write(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let len: u16 = narrow("algorithm parameters", self.parameters.len())?;
        out.bytes(&self.algorithm.0.to_be_bytes())?;
        out.bytes(&len.to_be_bytes())?;
        out.bytes(self.parameters)?;
        out.zeros(padding_len(self.parameters.len()))
    }
}

/// One algorithm off the front. The last one's padding may be missing.
#[inline]
fn algorithm(i: &[u8]) -> Step<'_, PasswordAlgorithm<'_>> {
    let short = |_| {
        let kind = ErrorKind::Length { found: 4, have: i.len() };
        Fail::field("algorithm", i, kind)
    };
    let (rest, algorithm) = be_u16(i).map_err(short)?;
    let (rest, len) = be_u16(rest).map_err(short)?;
    let (rest, parameters) = nom::Parser::parse(
        &mut nom::error::context("algorithm parameters", announced(usize::from(len))),
        rest,
    )?;
    let rest = rest.get(padding_len(parameters.len())..).unwrap_or_default();
    Ok((rest, PasswordAlgorithm { algorithm: PasswordAlgorithmId(algorithm), parameters }))
}

impl<'a> TypedAttribute<'a> for PasswordAlgorithm<'a> {
    const TYPE: AttributeType = AttributeType::PASSWORD_ALGORITHM;

    #[inline]
    fn parse(value: &'a [u8], _: &[u8; 16]) -> Result<Self, ParseError> {
        run("PASSWORD-ALGORITHM", value, |i| match algorithm(i)? {
            (&[], found) => Ok((&[], found)),
            (rest, _) => {
                let have = value.len().saturating_sub(rest.len());
                let kind = ErrorKind::Length { found: value.len(), have };
                Err(Fail::field("value", rest, kind))
            }
        })
    }

    #[inline]
    fn value_len(&self) -> usize {
        self.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>, _: &[u8; 16]) -> Result<(), BuildError> {
        self.write(out)
    }
}

/// PASSWORD-ALGORITHMS: the algorithms that the server offers (RFC 8489 section 14.11).
#[derive(Clone, Copy, Debug)]
pub struct PasswordAlgorithms<'a> {
    list: List<'a>,
}

/// A list to read, or one to write.
#[derive(Clone, Copy, Debug)]
enum List<'a> {
    Wire(&'a [u8]),
    Own(&'a [PasswordAlgorithm<'a>]),
}

impl<'a> PasswordAlgorithms<'a> {
    /// A list to be written.
    #[inline]
    pub const fn new(algorithms: &'a [PasswordAlgorithm<'a>]) -> Self {
        Self { list: List::Own(algorithms) }
    }

    /// The algorithms in wire order: that of the server's preference.
    #[inline]
    pub fn algorithms(&self) -> impl Iterator<Item = PasswordAlgorithm<'a>> + Clone + use<'a> {
        let (mut wire, own) = match self.list {
            List::Wire(bytes) => (bytes, &[][..]),
            List::Own(own) => (&[][..], own),
        };
        let mut own = own.iter().copied();
        core::iter::from_fn(move || match algorithm(wire) {
            Ok((rest, found)) => {
                wire = rest;
                Some(found)
            }
            Err(_) => own.next(),
        })
    }
}

/// A list that was read is equal to one that holds the same algorithms.
impl PartialEq for PasswordAlgorithms<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.algorithms().eq(other.algorithms())
    }
}

impl Eq for PasswordAlgorithms<'_> {}

impl<'a> TypedAttribute<'a> for PasswordAlgorithms<'a> {
    const TYPE: AttributeType = AttributeType::PASSWORD_ALGORITHMS;

    #[inline]
    fn parse(value: &'a [u8], _: &[u8; 16]) -> Result<Self, ParseError> {
        run("PASSWORD-ALGORITHMS", value, |i| {
            let mut rest = i;
            while !rest.is_empty() {
                (rest, _) = algorithm(rest)?;
            }
            Ok((rest, Self { list: List::Wire(i) }))
        })
    }

    #[inline]
    fn value_len(&self) -> usize {
        match self.list {
            List::Wire(bytes) => bytes.len(),
            List::Own(own) => own.iter().fold(0, |sum, a| sum.saturating_add(a.len())),
        }
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>, _: &[u8; 16]) -> Result<(), BuildError> {
        match self.list {
            List::Wire(bytes) => out.bytes(bytes),
            List::Own(own) => own.iter().try_for_each(|algorithm| algorithm.write(out)),
        }
    }
}

/// USERHASH: SHA-256 of user and realm, in place of USERNAME (RFC 8489 section 14.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserHash(pub [u8; 32]);

impl UserHash {
    /// The hash of `username ":" realm`, both as they are: OpaqueString preparation is the caller's.
    #[cfg(feature = "integrity")]
    pub fn new(username: &[u8], realm: &[u8]) -> Self {
        use sha2::{Digest, Sha256};
        Self(
            Sha256::new()
                .chain_update(username)
                .chain_update(b":")
                .chain_update(realm)
                .finalize()
                .into(),
        )
    }

    /// Whether it is that of `username` in `realm`, both as they are: OpaqueString preparation is the caller's.
    #[cfg(feature = "integrity")]
    pub fn is_of(&self, username: &[u8], realm: &[u8]) -> bool {
        *self == Self::new(username, realm)
    }
}

fixed_attribute!(UserHash, USERHASH, "USERHASH", 32, |value| Self(*value), |hash| Ok(hash.0));

/// PASSWORD: what a server of RFC 3489 gives out in a Shared Secret response (RFC 3489 section 11.2.7). Only a multiple
/// of 4 bytes can be written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Password<'a>(pub &'a [u8]);

impl<'a> TypedAttribute<'a> for Password<'a> {
    const TYPE: AttributeType = AttributeType::PASSWORD;

    #[inline]
    fn parse(value: &'a [u8], _: &[u8; 16]) -> Result<Self, ParseError> {
        Ok(Self(value))
    }

    #[inline]
    fn value_len(&self) -> usize {
        self.0.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>, _: &[u8; 16]) -> Result<(), BuildError> {
        if padding_len(self.0.len()) != 0 {
            return Err(BuildError::OutOfRange { field: "PASSWORD" });
        }
        out.bytes(self.0)
    }
}

/// Nothing of the password is shown.
impl core::fmt::Debug for Password<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Password(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &[u8; 16] = &[0; 16];

    #[test]
    fn the_algorithm_of_rfc_8489_appendix_b_1() {
        let sha256 = PasswordAlgorithm::new(PasswordAlgorithmId::SHA256);
        assert_eq!(PasswordAlgorithm::parse(&[0, 2, 0, 0], ID), Ok(sha256)); // errata 6268
        let mut out = [0xFF; 4];
        sha256.encode(&mut Sink::new(&mut out), ID).unwrap();
        assert_eq!(out, [0, 2, 0, 0]);
    }

    #[test]
    fn parameters_are_padded_and_the_padding_is_no_parameter() {
        // Figure 8: two algorithms, the first with 5 bytes of parameters.
        let bytes = [0, 9, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0, 0, 1, 0, 0];
        let list = PasswordAlgorithms::parse(&bytes, ID).unwrap();
        let odd =
            PasswordAlgorithm { algorithm: PasswordAlgorithmId(9), parameters: &[1, 2, 3, 4, 5] };
        let own = [odd, PasswordAlgorithm::new(PasswordAlgorithmId::MD5)];
        assert!(list.algorithms().eq(own));
        assert_eq!(list, PasswordAlgorithms::new(&own));
        for list in [list, PasswordAlgorithms::new(&own)] {
            assert!(list.algorithms().eq(own));
            assert_eq!(list.value_len(), bytes.len());
            let mut out = [0xFF; 16];
            list.encode(&mut Sink::new(&mut out), ID).unwrap();
            assert_eq!(out, bytes);
        }
        // One alone, with its padding and without.
        assert_eq!(PasswordAlgorithm::parse(&bytes[..12], ID), Ok(odd));
        assert_eq!(PasswordAlgorithm::parse(&bytes[..9], ID), Ok(odd));
    }

    #[test]
    fn lengths_that_do_not_fit_are_refused_at_their_place() {
        let bytes = [0, 1, 0, 0, 0, 2, 0, 1];
        let error = PasswordAlgorithms::parse(&bytes, ID).unwrap_err();
        assert_eq!((error.field, error.offset), ("algorithm parameters", 8));
        assert_eq!(error.kind, ErrorKind::Length { found: 1, have: 0 });
        let error = PasswordAlgorithms::parse(&bytes[..6], ID).unwrap_err();
        assert_eq!((error.field, error.offset), ("algorithm", 4));
        let error = PasswordAlgorithm::parse(&bytes, ID).unwrap_err();
        assert_eq!((error.field, error.offset), ("value", 4));
        assert_eq!(error.kind, ErrorKind::Length { found: 8, have: 4 });
        assert_eq!(PasswordAlgorithms::parse(&[], ID).unwrap().algorithms().count(), 0);
    }

    #[test]
    #[cfg(feature = "integrity")]
    fn the_hash_of_rfc_8489_appendix_b_1() {
        let hash = UserHash::new("マトリックス".as_bytes(), b"example.org");
        assert_eq!(hash.0[..4], [0x4a, 0x3c, 0xf3, 0x8f]);
        assert_eq!(hash.0[28..], [0x40, 0x7f, 0x17, 0x04]);
        assert_eq!(UserHash::parse(&hash.0, ID), Ok(hash));
        assert!(hash.is_of("マトリックス".as_bytes(), b"example.org"));
        assert!(!hash.is_of("マトリックス".as_bytes(), b"example.com"));
        assert!(!hash.is_of("マトリックス:".as_bytes(), b"xample.org"));
    }

    #[test]
    fn a_password_is_read_whatever_its_length_and_written_in_words_and_never_shown() {
        extern crate std;
        for len in 0..9 {
            let password = Password::parse(&b"secretse"[..len.min(8)], ID).unwrap();
            let written = password.encode(&mut Sink::new(&mut [0; 8]), ID);
            let refused = BuildError::OutOfRange { field: "PASSWORD" };
            assert_eq!(written, if len % 4 == 0 { Ok(()) } else { Err(refused) });
            assert_eq!(std::format!("{password:?}"), "Password(..)");
        }
    }
}
