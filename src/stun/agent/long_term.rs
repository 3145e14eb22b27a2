//! A client's side of long-term credentials (RFC 8489 sections 9.2.3 and 9.2.5).

use core::fmt;

use crate::error::BuildError;
use crate::stun::{
    AttributeType, Code, ErrorCode, Key, Message, MessageWriter, Nonce, PasswordAlgorithm,
    PasswordAlgorithmId, PasswordAlgorithms, SecurityFeature, UserHash, Username,
};

/// What REALM and NONCE take at most: RFC 5389 lets them have 763 bytes, RFC 8489 fewer.
const MAX_TEXT: usize = 763;

/// More than any list of algorithms takes: two are registered, of 4 bytes each.
const MAX_ALGORITHMS: usize = 64;

/// Bytes of the server's, kept.
#[derive(Clone, Copy)]
struct Kept<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Kept<N> {
    const NONE: Self = Self { bytes: [0; N], len: 0 };

    fn get(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    fn set(&mut self, from: &[u8]) -> Result<(), Refused> {
        let room = self.bytes.get_mut(..from.len()).ok_or(Refused::TooLong)?;
        room.copy_from_slice(from);
        self.len = from.len();
        Ok(())
    }
}

/// What a client knows of one server that asks for long-term credentials: realm, nonce, algorithm, and the key, which is
/// made once for all of the requests.
///
/// The first request goes out without credentials. The server answers with a 401, [`challenge`](Self::challenge) takes it,
/// and the next request, a new transaction, is [signed](Self::sign). A 438 brings a new nonce in the same way.
///
/// Username and password go in as they are: where they may be other than ASCII, the caller prepares them first
/// (OpaqueString, RFC 8265).
#[derive(Clone)]
pub struct LongTerm<'c> {
    username: &'c [u8],
    password: &'c [u8],
    realm: Kept<MAX_TEXT>,
    nonce: Kept<MAX_TEXT>,
    /// The value of PASSWORD-ALGORITHMS, which goes back as it came.
    offered: Kept<MAX_ALGORITHMS>,
    /// The one chosen out of them.
    algorithm: Option<PasswordAlgorithmId>,
    /// The server wants USERHASH in place of USERNAME.
    hash: Option<UserHash>,
    key: Option<Key>,
}

/// Why a request is not to be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refused {
    /// The response is no 401 and no 438.
    NotAChallenge,
    /// The credentials were not accepted, and there are no others; or the new nonce is the old one.
    NothingNew,
    /// REALM or NONCE is missing.
    Missing(AttributeType),
    /// The nonce says that there are PASSWORD-ALGORITHMS, and there are none: somebody took them out.
    BidDown,
    /// None of the algorithms offered is MD5 or SHA-256, or their list cannot be read.
    NoAlgorithm,
    /// REALM, NONCE or PASSWORD-ALGORITHMS is longer than the standard lets it be.
    TooLong,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAChallenge => f.write_str("no challenge"),
            Self::NothingNew => f.write_str("the credentials were not accepted"),
            Self::Missing(attribute_type) => write!(f, "{attribute_type} is missing"),
            Self::BidDown => f.write_str("PASSWORD-ALGORITHMS was taken out"),
            Self::NoAlgorithm => f.write_str("no known password algorithm"),
            Self::TooLong => f.write_str("an attribute is too long"),
        }
    }
}

impl core::error::Error for Refused {}

impl<'c> LongTerm<'c> {
    /// Before the server's first word.
    pub const fn new(username: &'c [u8], password: &'c [u8]) -> Self {
        Self {
            username,
            password,
            realm: Kept::NONE,
            nonce: Kept::NONE,
            offered: Kept::NONE,
            algorithm: None,
            hash: None,
            key: None,
        }
    }

    /// Takes a 401 or a 438. If it is `Ok`, the request is to be sent again: with a new transaction id, and
    /// [signed](Self::sign). After an error nothing has changed but that a longer attribute may have been dropped.
    ///
    /// # Errors
    /// Sending it again would lead nowhere, or the standard forbids it.
    pub fn challenge(
        &mut self,
        request: &Message<'_>,
        response: &Message<'_>,
    ) -> Result<(), Refused> {
        let code = response.get::<ErrorCode<'_>>().and_then(Result::ok).map(|error| error.code);
        let is_stale = match code {
            Some(Code::UNAUTHENTICATED) => false,
            Some(Code::STALE_NONCE) => true,
            _ => return Err(Refused::NotAChallenge),
        };
        let value = |attribute_type| response.find(attribute_type).map(|found| found.value());
        let nonce = value(AttributeType::NONCE).ok_or(Refused::Missing(AttributeType::NONCE))?;
        // The realm may not change with the nonce.
        let known = self.key.is_some().then_some(self.realm.get()).filter(|_| is_stale);
        let realm =
            value(AttributeType::REALM).or(known).ok_or(Refused::Missing(AttributeType::REALM))?;
        if response.check_bid_down().is_err() {
            return Err(Refused::BidDown);
        }
        let offered = value(AttributeType::PASSWORD_ALGORITHMS);
        let algorithm = match response.get::<PasswordAlgorithms<'_>>() {
            None => None,
            Some(list) => {
                let list = list.map_err(|_| Refused::NoAlgorithm)?;
                let chosen = list.algorithms().find(is_known).ok_or(Refused::NoAlgorithm)?;
                Some(chosen.algorithm)
            }
        };
        let is_anonymous = Nonce(nonce)
            .security_features()
            .is_some_and(|features| features.contains(SecurityFeature::USERNAME_ANONYMITY));
        let is_same = self.key.is_some()
            && realm == self.realm.get()
            && algorithm == self.algorithm
            && is_anonymous == self.hash.is_some();
        let was_signed = request.find(AttributeType::NONCE);
        let is_pointless = match was_signed {
            None => false,
            Some(sent) if is_stale => sent.value() == nonce,
            Some(_) => is_same,
        };
        if is_pointless {
            return Err(Refused::NothingNew);
        }
        let too_long = realm.len().max(nonce.len()) > MAX_TEXT;
        if too_long || offered.is_some_and(|list| list.len() > MAX_ALGORITHMS) {
            return Err(Refused::TooLong);
        }
        if !is_same {
            let make = match algorithm {
                Some(PasswordAlgorithmId::SHA256) => Key::long_term_sha256,
                _ => Key::long_term,
            };
            self.key = Some(make(self.username, realm, self.password));
            self.hash = is_anonymous.then(|| UserHash::new(self.username, realm));
            let mut kept = Kept::NONE;
            kept.set(realm)?;
            self.realm = kept;
        }
        self.algorithm = algorithm;
        self.nonce.set(nonce)?;
        self.offered.set(offered.unwrap_or_default())
    }

    /// Ends a request with what the server wants: USERNAME or USERHASH, REALM, NONCE, the algorithm where several are
    /// offered, and the integrity. Nothing before the first challenge. FINGERPRINT may follow.
    ///
    /// # Errors
    /// No room; a username that the standard forbids; the message has an integrity already.
    pub fn sign(&self, request: &mut MessageWriter<'_>) -> Result<(), BuildError> {
        let Some(key) = &self.key else { return Ok(()) };
        match self.hash {
            Some(hash) => request.push(hash)?,
            None => request.push(Username(self.username))?,
        };
        // As they came, whatever is in them.
        request.push_raw(AttributeType::REALM, self.realm.get())?;
        request.push_raw(AttributeType::NONCE, self.nonce.get())?;
        match self.algorithm {
            Some(algorithm) => {
                request.push_raw(AttributeType::PASSWORD_ALGORITHMS, self.offered.get())?;
                request.push(PasswordAlgorithm::new(algorithm))?;
                request.push_integrity_sha256(key, 32)?;
            }
            None => {
                request.push_integrity(key)?;
            }
        }
        Ok(())
    }

    /// The key, once the server has told its realm.
    pub const fn key(&self) -> Option<&Key> {
        self.key.as_ref()
    }

    /// The realm that the server told; empty before.
    pub fn realm(&self) -> &[u8] {
        self.realm.get()
    }
}

/// One that keys can be made with.
fn is_known(offered: &PasswordAlgorithm<'_>) -> bool {
    matches!(offered.algorithm, PasswordAlgorithmId::MD5 | PasswordAlgorithmId::SHA256)
        && offered.parameters.is_empty()
}

/// Nothing of the password is shown.
impl fmt::Debug for LongTerm<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LongTerm")
            .field("username", &Username(self.username))
            .field("algorithm", &self.algorithm)
            .field("is_challenged", &self.key.is_some())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::string::ToString;
    use std::vec;

    use super::*;
    use crate::stun::{Method, TransactionId};

    /// A server's first word, 401, with a realm and a nonce of this many bytes.
    fn challenged(realm: usize, nonce: usize) -> Result<(), Refused> {
        offered(realm, nonce, 0)
    }

    /// The same, which offers SHA-256 so many times.
    fn offered(realm: usize, nonce: usize, algorithms: usize) -> Result<(), Refused> {
        let (mut request, mut response) = ([0; 20], vec![0; 4000]);
        let id = TransactionId([7; 12]);
        MessageWriter::request(&mut request, Method::BINDING, id).unwrap();
        let request = Message::parse(&request).unwrap();
        let mut writer =
            MessageWriter::error(&mut response, &request, Code::UNAUTHENTICATED).unwrap();
        writer.push_raw(AttributeType::REALM, &vec![b'r'; realm]).unwrap();
        writer.push_raw(AttributeType::NONCE, &vec![b'n'; nonce]).unwrap();
        if algorithms > 0 {
            let list = [0, 2, 0, 0].repeat(algorithms);
            writer.push_raw(AttributeType::PASSWORD_ALGORITHMS, &list).unwrap();
        }
        let mut session = LongTerm::new(b"user", b"password");
        let response = Message::parse(writer.as_bytes()).unwrap();
        session.challenge(&request, &response)?;
        assert_eq!(session.realm().len(), realm);
        Ok(())
    }

    #[test]
    fn a_realm_and_a_nonce_are_at_most_763_bytes() {
        // RFC 8489 sections 14.9 and 14.10: fewer than 128 characters, which can be as long as 763 bytes.
        assert_eq!(challenged(763, 763), Ok(()));
        assert_eq!(challenged(764, 1), Err(Refused::TooLong));
        assert_eq!(challenged(1, 764), Err(Refused::TooLong));
    }

    #[test]
    fn a_list_of_algorithms_is_at_most_64_bytes() {
        // RFC 8489 section 18.5 has registered two; each takes four bytes here.
        assert_eq!(offered(5, 5, 16), Ok(()));
        assert_eq!(offered(5, 5, 17), Err(Refused::TooLong));
    }

    #[test]
    fn a_refusal_says_why() {
        for (refused, line) in [
            (Refused::NotAChallenge, "no challenge"),
            (Refused::NothingNew, "the credentials were not accepted"),
            (Refused::Missing(AttributeType::REALM), "REALM is missing"),
            (Refused::BidDown, "PASSWORD-ALGORITHMS was taken out"),
            (Refused::NoAlgorithm, "no known password algorithm"),
            (Refused::TooLong, "an attribute is too long"),
        ] {
            assert_eq!(refused.to_string(), line);
        }
    }

    #[test]
    fn debug_does_not_show_the_password() {
        let shown = std::format!("{:?}", LongTerm::new(b"user", b"secret"));
        assert!(shown.starts_with("LongTerm { username: ") && !shown.contains("secret"), "{shown}");
    }
}
