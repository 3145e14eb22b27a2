//! Whether the integrity of STUN messages is that of a key that is known.
//!
//! A key applies to a message by its USERNAME: that of ICE begins with the username fragment of the one who checks, whose
//! password is the key (RFC 8445 section 7.2.2); that of a long-term credential is the user's. A response has the key of its
//! request. To a message that names nobody, and has no request, every key applies, and so does a password that was given
//! without a name to every message.

use mediawire::stun::{
    Attribute, AttributeType, Class, Key, Message, Realm, TransactionId, Username,
};

use crate::recent::Recent;

/// How many requests are remembered at least.
const REMEMBERED: usize = 32_768;

/// The attributes that are integrity, and what they are called in the text.
const KINDS: [(AttributeType, &str); 3] = [
    (AttributeType::MESSAGE_INTEGRITY, "MI"),
    (AttributeType::MESSAGE_INTEGRITY_SHA256, "MI-SHA256"),
    (AttributeType::GOOG_MESSAGE_INTEGRITY_32, "GOOG-MI-32"),
];

/// `--stun-user`: `USER:REALM:PASSWORD`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StunUser {
    user: String,
    realm: String,
    password: String,
}

impl StunUser {
    /// The password may have colons in it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = text.splitn(3, ':').map(str::to_owned);
        match (parts.next(), parts.next(), parts.next()) {
            (Some(user), Some(realm), Some(password)) => Ok(Self { user, realm, password }),
            _ => Err("not like USER:REALM:PASSWORD".to_owned()),
        }
    }
}

/// Whose key it is.
#[derive(Debug)]
enum Owner {
    Anyone,
    /// The agent with this username fragment.
    Agent(String),
    User {
        name: String,
        realm: String,
    },
}

#[derive(Debug)]
struct Credential {
    owner: Owner,
    /// One for each algorithm by which the password may have become a key.
    keys: Vec<Key>,
}

/// What is known of a request.
#[derive(Debug)]
enum Request {
    /// The credential that its integrity has.
    Has(usize),
    /// None that is known; what it says of its sender.
    Names(Option<Vec<u8>>),
}

/// The credentials, and the requests that wait for responses.
#[derive(Debug)]
pub(crate) struct Integrity {
    credentials: Vec<Credential>,
    requests: Recent<TransactionId, Request>,
}

/// What was found out about the attributes of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks(pub(crate) Vec<Mark>);

/// The same about one of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    /// It is integrity, and has been checked: its short name, and whether it is right.
    pub(crate) checked: Option<(&'static str, bool)>,
    /// No integrity covers it.
    pub(crate) is_unprotected: bool,
}

impl Integrity {
    pub(crate) fn new() -> Self {
        Self { credentials: Vec::new(), requests: Recent::new(REMEMBERED) }
    }

    fn add(&mut self, owner: Owner, keys: Vec<Key>) {
        self.credentials.push(Credential { owner, keys });
    }

    /// A password of ICE: that of a username fragment, or of whomever.
    pub(crate) fn add_password(&mut self, ufrag: Option<&str>, password: &str) {
        let owner = ufrag.map_or(Owner::Anyone, |ufrag| Owner::Agent(ufrag.to_owned()));
        self.add(owner, vec![Key::short_term(password.as_bytes())]);
    }

    /// A user; one without a realm has a short-term credential.
    pub(crate) fn add_user(&mut self, user: &StunUser) {
        let [name, realm, password] =
            [&user.user, &user.realm, &user.password].map(|text| text.as_bytes());
        let keys = if realm.is_empty() {
            vec![Key::short_term(password)]
        } else {
            let md5 = Key::long_term(name, realm, password);
            vec![md5, Key::long_term_sha256(name, realm, password)]
        };
        let (name, realm) = (user.user.clone(), user.realm.clone());
        self.add(Owner::User { name, realm }, keys);
    }

    /// Checks a message, in the order of the capture. `None` without any key.
    pub(crate) fn check(&mut self, message: &Message<'_>) -> Option<Marks> {
        if self.credentials.is_empty() {
            return None;
        }
        let is_response = matches!(message.class(), Class::SuccessResponse | Class::ErrorResponse);
        let request = is_response.then(|| self.requests.peek(&message.transaction_id())).flatten();
        let (applying, is_named) = match request {
            Some(&Request::Has(index)) => (vec![index], true),
            Some(Request::Names(name)) => self.applying(name.as_deref(), None),
            None => {
                let name = message.get::<Username<'_>>().and_then(Result::ok).map(|name| name.0);
                let realm = message.get::<Realm<'_>>().and_then(Result::ok).map(|realm| realm.0);
                self.applying(name, realm)
            }
        };
        let mut fits = None;
        let mark = |attribute: Attribute<'_>| {
            let checked = kind(message, &attribute).and_then(|(kind, name)| {
                let fit = applying.iter().copied().find(|&at| self.fits(at, message, kind));
                fits = fits.or(fit);
                (fit.is_some() || is_named).then_some((name, fit.is_some()))
            });
            Mark { checked, is_unprotected: attribute.is_after_integrity() }
        };
        let marks = message.attributes().map(mark).collect();
        if message.class() == Class::Request {
            let request = match fits {
                Some(index) => Request::Has(index),
                None => {
                    let name = message.get::<Username<'_>>().and_then(Result::ok);
                    Request::Names(name.map(|name| name.0.to_owned()))
                }
            };
            *self.requests.get(message.transaction_id(), || Request::Names(None)) = request;
        }
        Some(Marks(marks))
    }

    /// The credentials to try for a message of this sender, and whether one of them has to fit.
    fn applying(&self, name: Option<&[u8]>, realm: Option<&[u8]>) -> (Vec<usize>, bool) {
        let all = || (0..self.credentials.len()).collect();
        let Some(name) = name else { return (all(), true) };
        let agent =
            name.split(|&byte| byte == b':').next().filter(|agent| agent.len() < name.len());
        let is_of = |owner: &Owner| match owner {
            Owner::Anyone => true,
            Owner::Agent(ufrag) => agent == Some(ufrag.as_bytes()),
            Owner::User { name: user, realm: place } => {
                user.as_bytes() == name && realm.is_none_or(|realm| realm == place.as_bytes())
            }
        };
        let of: Vec<_> = all_of(&self.credentials, |credential| is_of(&credential.owner)).collect();
        // Who is not known may still have given a key that is.
        if of.is_empty() { (all(), false) } else { (of, true) }
    }

    fn fits(&self, index: usize, message: &Message<'_>, kind: AttributeType) -> bool {
        let Some(credential) = self.credentials.get(index) else { return false };
        credential.keys.iter().any(|key| match kind {
            AttributeType::MESSAGE_INTEGRITY => {
                message.verify_integrity(key).is_ok()
                    || (!message.has_cookie() && message.verify_integrity_rfc3489(key).is_ok())
            }
            AttributeType::MESSAGE_INTEGRITY_SHA256 => {
                message.verify_integrity_sha256(key, 16).is_ok()
            }
            _ => message.verify_goog_integrity_32(key).is_ok(),
        })
    }
}

/// Which integrity an attribute is; only the first of its type counts.
fn kind(message: &Message<'_>, attribute: &Attribute<'_>) -> Option<(AttributeType, &'static str)> {
    let kind = KINDS.into_iter().find(|(kind, _)| *kind == attribute.attribute_type())?;
    let is_first = message.find(kind.0).is_some_and(|first| first.offset() == attribute.offset());
    is_first.then_some(kind)
}

/// The places of those for which `is` holds.
fn all_of<T>(items: &[T], is: impl Fn(&T) -> bool) -> impl Iterator<Item = usize> {
    items.iter().enumerate().filter(move |(_, item)| is(item)).map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 5769 section 2.1: a request of ICE, USERNAME "evtj:h6vY", password VOkJxbRl1RmTxUk/WvJxBt; the vector's bytes.
    const REQUEST: &[u8] = b"\x00\x01\x00\x58\x21\x12\xa4\x42\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae\
        \x80\x22\x00\x10STUN test client\x00\x24\x00\x04\x6e\x00\x01\xff\x80\x29\x00\x08\x93\x2f\xf9\xb1\x51\x26\x3b\x36\
        \x00\x06\x00\x09\x65\x76\x74\x6a\x3a\x68\x36\x76\x59\x20\x20\x20\x00\x08\x00\x14\x9a\xea\xa7\x0c\xbf\xd8\xcb\x56\
        \x78\x1e\xf2\xb5\xb2\xd3\xf2\x49\xc1\xb5\x71\xa2\x80\x28\x00\x04\xe5\x7a\x3b\xcf";
    /// Section 2.2: its response.
    const RESPONSE: &[u8] = b"\x01\x01\x00\x3c\x21\x12\xa4\x42\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae\
        \x80\x22\x00\x0b\x74\x65\x73\x74\x20\x76\x65\x63\x74\x6f\x72\x20\x00\x20\x00\x08\x00\x01\xa1\x47\xe1\x12\xa6\x43\
        \x00\x08\x00\x14\x2b\x91\xf5\x99\xfd\x9e\x90\xc3\x8c\x74\x89\xf9\x2a\xf9\xba\x53\xf0\x6b\xe7\xd7\
        \x80\x28\x00\x04\xc0\x7d\x4c\x96";
    const PASSWORD: &str = "VOkJxbRl1RmTxUk/WvJxBt";

    fn checked(integrity: &mut Integrity, bytes: &[u8]) -> Option<bool> {
        let marks = integrity.check(&Message::parse(bytes).unwrap()).unwrap();
        marks.0.iter().find_map(|mark| mark.checked).map(|(_, valid)| valid)
    }

    fn with(ufrag: Option<&str>, password: &str) -> Integrity {
        let mut integrity = Integrity::new();
        integrity.add_password(ufrag, password);
        integrity
    }

    #[test]
    fn a_key_applies_by_its_owner() {
        assert_eq!(Integrity::new().check(&Message::parse(REQUEST).unwrap()), None);
        for (ufrag, password, request, response) in [
            (None, PASSWORD, Some(true), Some(true)),
            (None, "other", Some(false), Some(false)),
            (Some("evtj"), PASSWORD, Some(true), Some(true)),
            (Some("evtj"), "other", Some(false), Some(false)),
            // The other agent's password; what is not known is not called wrong.
            (Some("h6vY"), "other", None, None),
        ] {
            let mut integrity = with(ufrag, password);
            assert_eq!(checked(&mut integrity, REQUEST), request, "{ufrag:?}");
            assert_eq!(checked(&mut integrity, RESPONSE), response, "{ufrag:?}");
        }
        // The right password under the wrong name is not what the owner of the name has.
        let mut integrity = with(Some("h6vY"), PASSWORD);
        integrity.add_password(Some("evtj"), "other");
        assert_eq!(checked(&mut integrity, REQUEST), Some(false));
        // A response without its request is tried with every key.
        assert_eq!(checked(&mut with(Some("x"), PASSWORD), RESPONSE), Some(true));
    }

    #[test]
    fn users_are_known_by_name_and_realm() {
        let user = StunUser::parse("alice:wonder.example:a:b").unwrap();
        let expected = ["alice", "wonder.example", "a:b"].map(str::to_owned);
        assert_eq!([user.user, user.realm, user.password], expected);
        assert!(StunUser::parse("alice:secret").is_err());
        let mut integrity = Integrity::new();
        integrity.add_user(&StunUser::parse(&format!("evtj:h6vY::{PASSWORD}")).unwrap());
        assert_eq!(checked(&mut integrity, REQUEST), None, "another user");
    }
}
