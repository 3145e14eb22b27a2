//! A Binding server: each request is answered from what is in it (RFC 8489 sections 6.3.1, 9.1.3, 9.2.4 and 12).

use core::fmt;
use core::net::SocketAddr;
use core::time::Duration;

use super::nonce::Nonces;
use crate::error::{BuildError, ParseError};
use crate::stun::{
    AttributeType, BrokenRule, CheckError, Class, Code, Key, Message, MessageWriter, Method, Nonce,
    PasswordAlgorithm, PasswordAlgorithmId, PasswordAlgorithms, Realm, SecurityFeature,
    SecurityFeatures, Software, UserHash, Username,
};

/// What a Binding request may have that must be understood. The others of those that must be are a 420: CHANGE-REQUEST and
/// what else asks for more than this server does (RFC 5780) among them. Those of responses are known, and mean nothing.
const KNOWN: &[AttributeType] = &[
    AttributeType::USERNAME,
    AttributeType::MESSAGE_INTEGRITY,
    AttributeType::MESSAGE_INTEGRITY_SHA256,
    AttributeType::PASSWORD_ALGORITHM,
    AttributeType::USERHASH,
    AttributeType::REALM,
    AttributeType::NONCE,
    AttributeType::MAPPED_ADDRESS,
    AttributeType::XOR_MAPPED_ADDRESS,
    AttributeType::ERROR_CODE,
    AttributeType::UNKNOWN_ATTRIBUTES,
];

/// What ICE's checks have besides (RFC 8445 section 7.1).
const KNOWN_TO_ICE: [AttributeType; 2] = [AttributeType::PRIORITY, AttributeType::USE_CANDIDATE];

/// The algorithms that a server with [`Credentials::LongTerm`] may offer, the better one first.
const OFFERED: &[PasswordAlgorithm<'_>] = &[
    PasswordAlgorithm::new(PasswordAlgorithmId::SHA256),
    PasswordAlgorithm::new(PasswordAlgorithmId::MD5),
];

/// Answers Binding requests with the address that they came from.
///
/// The default is the basic server of RFC 8489 section 12: no credentials.
#[derive(Clone, Copy, Debug, Default)]
pub struct BindingServer<'c> {
    /// Who may ask.
    pub credentials: Credentials<'c>,
    /// A value for SOFTWARE in each answer.
    pub software: Option<&'c str>,
    /// A request without FINGERPRINT is not answered, as where other protocols share the port. One that is wrong never is;
    /// an answer has one if its request has.
    pub require_fingerprint: bool,
    /// Clients of RFC 3489, which send no cookie, are answered too, with MAPPED-ADDRESS. They have no credentials.
    pub rfc3489: bool,
}

/// Who may ask, and how a request shows it.
#[derive(Clone, Copy, Debug, Default)]
pub enum Credentials<'c> {
    /// Anybody.
    #[default]
    None,
    /// Who has this username and password (RFC 8489 section 9.1).
    ShortTerm {
        /// USERNAME.
        username: &'c [u8],
        /// Of the password.
        key: &'c Key,
    },
    /// A peer of this ICE agent (RFC 8445 section 7.2.2): USERNAME is the agent's fragment, a colon, and the peer's.
    Ice {
        /// The agent's own username fragment.
        ufrag: &'c [u8],
        /// Of the agent's own password.
        key: &'c Key,
    },
    /// Users of a realm (RFC 8489 section 9.2).
    LongTerm {
        /// REALM: fewer than 128 characters.
        realm: &'c str,
        /// Those who have a password.
        users: &'c [User<'c>],
        /// Where nonces come from.
        nonces: &'c Nonces,
        /// PASSWORD-ALGORITHMS is offered: SHA-256 and MD5. Without it there is MD5, which every client knows.
        offer_algorithms: bool,
    },
}

/// One who has a long-term password, with keys that were made once.
#[derive(Clone, Debug)]
pub struct User<'c> {
    username: &'c [u8],
    hash: UserHash,
    md5: Key,
    sha256: Key,
}

impl<'c> User<'c> {
    /// Username, realm and password as they are: OpaqueString preparation is the caller's.
    pub fn new(username: &'c [u8], realm: &[u8], password: &[u8]) -> Self {
        Self {
            username,
            hash: UserHash::new(username, realm),
            md5: Key::long_term(username, realm, password),
            sha256: Key::long_term_sha256(username, realm, password),
        }
    }
}

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The bytes at the front of the buffer: send them where the request came from.
    pub len: usize,
    /// `None` of a success response: then the request was authentic, where credentials are asked for.
    pub error: Option<Code>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Silent {
    /// No STUN.
    Malformed(ParseError),
    /// No request, or not of the method Binding.
    NotABindingRequest(Class, Method),
    /// FINGERPRINT is wrong, or missing where it is required: probably another protocol.
    Fingerprint(CheckError),
    /// The answer could not be written: the buffer is too short, or a value is not allowed.
    Build(BuildError),
}

impl fmt::Display for Silent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(error) => error.fmt(f),
            Self::NotABindingRequest(class, method) => write!(f, "a {method} {class}"),
            Self::Fingerprint(error) => write!(f, "FINGERPRINT: {error}"),
            Self::Build(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for Silent {}

impl From<BuildError> for Silent {
    fn from(error: BuildError) -> Self {
        Self::Build(error)
    }
}

/// With what an answer is authenticated.
#[derive(Clone, Copy)]
enum Seal<'k> {
    Sha1(&'k Key),
    Sha256(&'k Key),
}

/// Why a request is not carried out.
enum Rejection<'k> {
    /// This code alone.
    Plain(Code),
    /// This code with REALM, NONCE and the algorithms.
    Challenge(Code),
    /// What the request has and the server does not know.
    Unknown(Option<Seal<'k>>),
}

impl<'c> BindingServer<'c> {
    /// Answers a datagram that came from `source` into `out`. 256 bytes are enough, but for a long realm or many unknown
    /// attributes; a longer answer is an error and not cut short.
    ///
    /// `now` counts from a moment that the caller picks, and goes forward: nonces grow old by it.
    ///
    /// # Errors
    /// There is nothing to be said to such a datagram.
    pub fn answer(
        &self,
        datagram: &[u8],
        source: SocketAddr,
        now: Duration,
        out: &mut [u8],
    ) -> Result<Answer, Silent> {
        // A socket for both versions shows IPv4 as addresses of IPv6.
        let source = SocketAddr::new(source.ip().to_canonical(), source.port());
        let request = match Message::parse(datagram) {
            Ok(request) => request,
            Err(error) => return self.answer_rfc3489(datagram, source, out, error),
        };
        if (request.class(), request.method()) != (Class::Request, Method::BINDING) {
            return Err(Silent::NotABindingRequest(request.class(), request.method()));
        }
        let has_fingerprint = match request.check_fingerprint() {
            Ok(()) => true,
            Err(CheckError::Missing) if !self.require_fingerprint => false,
            Err(error) => return Err(Silent::Fingerprint(error)),
        };
        let (error, len) = match self.check(&request, source, now) {
            Ok(seal) => {
                let answer = MessageWriter::binding_success(out, &request, source)?;
                (None, self.close(answer, seal, has_fingerprint)?)
            }
            Err(rejection) => {
                let (code, seal) = match rejection {
                    Rejection::Plain(code) | Rejection::Challenge(code) => (code, None),
                    Rejection::Unknown(seal) => (Code::UNKNOWN_ATTRIBUTE, seal),
                };
                let mut answer = MessageWriter::error(out, &request, code)?;
                match rejection {
                    Rejection::Plain(_) => {}
                    Rejection::Challenge(_) => self.push_challenge(&mut answer, source, now)?,
                    Rejection::Unknown(_) => {
                        answer.push_unknown_attributes(self.unknown(&request))?;
                    }
                }
                (Some(code), self.close(answer, seal, has_fingerprint)?)
            }
        };
        Ok(Answer { len, error })
    }

    /// SOFTWARE, integrity, FINGERPRINT.
    fn close(
        &self,
        mut answer: MessageWriter<'_>,
        seal: Option<Seal<'_>>,
        has_fingerprint: bool,
    ) -> Result<usize, BuildError> {
        if let Some(software) = self.software {
            answer.push(Software::from(software))?;
        }
        match seal {
            Some(Seal::Sha1(key)) => {
                answer.push_integrity(key)?;
            }
            Some(Seal::Sha256(key)) => {
                answer.push_integrity_sha256(key, 32)?;
            }
            None => {}
        }
        if has_fingerprint {
            answer.push_fingerprint()?;
        }
        Ok(answer.finish())
    }

    /// What RFC 3489 section 8 says of a server with one address, where it may be said; `error` is why it is no STUN of
    /// today.
    fn answer_rfc3489(
        &self,
        datagram: &[u8],
        source: SocketAddr,
        out: &mut [u8],
        error: ParseError,
    ) -> Result<Answer, Silent> {
        let malformed = Silent::Malformed(error);
        if !self.rfc3489 || !matches!(self.credentials, Credentials::None) {
            return Err(malformed);
        }
        let request = Message::parse_rfc3489(datagram).map_err(|_| malformed)?;
        if request.has_cookie() {
            return Err(malformed);
        }
        if (request.class(), request.method()) != (Class::Request, Method::BINDING) {
            return Err(Silent::NotABindingRequest(request.class(), request.method()));
        }
        let answer = MessageWriter::binding_success(out, &request, source)?;
        Ok(Answer { len: answer.finish(), error: None })
    }

    /// The checks of RFC 8489 section 6.3 in its order: who asks, then what must be understood.
    fn check(
        &self,
        request: &Message<'_>,
        source: SocketAddr,
        now: Duration,
    ) -> Result<Option<Seal<'c>>, Rejection<'c>> {
        let seal = match self.credentials {
            Credentials::None => None,
            Credentials::ShortTerm { username, key } => {
                Some(short_term(request, key, |name| name == username)?)
            }
            Credentials::Ice { ufrag, key } => Some(short_term(request, key, |name| {
                name.strip_prefix(ufrag).is_some_and(|rest| rest.starts_with(b":"))
            })?),
            Credentials::LongTerm { users, nonces, offer_algorithms, .. } => {
                let is_valid = |nonce: &[u8]| nonces.is_valid(nonce, source, now);
                Some(long_term(request, users, offer_algorithms, is_valid)?)
            }
        };
        match self.unknown(request).next() {
            Some(_) => Err(Rejection::Unknown(seal)),
            None => Ok(seal),
        }
    }

    /// The attributes that must be understood and are not.
    fn unknown<'m>(
        &self,
        request: &Message<'m>,
    ) -> impl Iterator<Item = AttributeType> + Clone + use<'m> {
        let is_ice = matches!(self.credentials, Credentials::Ice { .. });
        request.unknown_required(KNOWN).filter(move |t| !is_ice || !KNOWN_TO_ICE.contains(t))
    }

    /// What a client needs for the next attempt.
    fn push_challenge(
        &self,
        answer: &mut MessageWriter<'_>,
        source: SocketAddr,
        now: Duration,
    ) -> Result<(), BuildError> {
        let Credentials::LongTerm { realm, nonces, offer_algorithms, .. } = self.credentials else {
            return Ok(());
        };
        let features = match offer_algorithms {
            true => SecurityFeatures::NONE.with(SecurityFeature::PASSWORD_ALGORITHMS),
            false => SecurityFeatures::NONE,
        };
        answer.push(Realm::from(realm))?.push(Nonce(&nonces.make(source, now, features)))?;
        if offer_algorithms {
            answer.push(PasswordAlgorithms::new(OFFERED))?;
        }
        Ok(())
    }
}

/// RFC 8489 section 9.1.3.
fn short_term<'k>(
    request: &Message<'_>,
    key: &'k Key,
    is_known: impl Fn(&[u8]) -> bool,
) -> Result<Seal<'k>, Rejection<'k>> {
    let has_sha256 = request.find(AttributeType::MESSAGE_INTEGRITY_SHA256).is_some();
    let (Ok(()), Some(Ok(Username(username)))) = (request.check_short_term(), request.get()) else {
        return Err(Rejection::Plain(Code::BAD_REQUEST));
    };
    let seal = if has_sha256 { Seal::Sha256(key) } else { Seal::Sha1(key) };
    if is_known(username) && verifies(request, seal) {
        Ok(seal)
    } else {
        Err(Rejection::Plain(Code::UNAUTHENTICATED))
    }
}

/// Whether the request has the integrity that its answer is to have.
fn verifies(request: &Message<'_>, seal: Seal<'_>) -> bool {
    match seal {
        Seal::Sha1(key) => request.verify_integrity(key),
        Seal::Sha256(key) => request.verify_integrity_sha256(key, 32),
    }
    .is_ok()
}

/// RFC 8489 section 9.2.4.
fn long_term<'k>(
    request: &Message<'_>,
    users: &'k [User<'k>],
    offer_algorithms: bool,
    is_valid: impl Fn(&[u8]) -> bool,
) -> Result<Seal<'k>, Rejection<'k>> {
    let bad = || Rejection::Plain(Code::BAD_REQUEST);
    let wrong = || Rejection::Challenge(Code::UNAUTHENTICATED);
    match request.check_long_term() {
        Ok(()) => {}
        Err(BrokenRule::Unauthenticated { .. }) => return Err(wrong()),
        Err(_) => return Err(bad()),
    }
    let username = request.get::<Username<'_>>().and_then(Result::ok);
    let hash = request.get::<UserHash>().and_then(Result::ok);
    let nonce = request.find(AttributeType::NONCE).ok_or_else(bad)?;
    let offered = if offer_algorithms { OFFERED } else { &[] };
    let chosen = request.password_algorithm(&PasswordAlgorithms::new(offered));
    let chosen = chosen.map_err(|_| bad())?.algorithm;
    let is_user = |user: &&User<'_>| match username {
        Some(Username(name)) => name == user.username,
        None => hash == Some(user.hash),
    };
    let user = users.iter().find(is_user).ok_or_else(wrong)?;
    let key = match chosen {
        PasswordAlgorithmId::SHA256 => &user.sha256,
        _ => &user.md5,
    };
    let has_sha256 = request.find(AttributeType::MESSAGE_INTEGRITY_SHA256).is_some();
    let found = if has_sha256 { Seal::Sha256(key) } else { Seal::Sha1(key) };
    if !verifies(request, found) {
        return Err(wrong());
    }
    if !is_valid(nonce.value()) {
        return Err(Rejection::Challenge(Code::STALE_NONCE));
    }
    // Whatever the request has: one that names no algorithm is that of an older client.
    let names_it = request.has::<PasswordAlgorithm<'_>>();
    Ok(if names_it { Seal::Sha256(key) } else { Seal::Sha1(key) })
}
