//! Rules that a receiver may want to enforce, each a function of [`Message`] that says what is broken, and where.
//!
//! | function | rule |
//! |---|---|
//! | [`check_comprehended`](Message::check_comprehended) | no unknown attribute that must be understood (RFC 8489 section 6.3) |
//! | [`check_fingerprint`](Message::check_fingerprint) | FINGERPRINT is there, and right (section 7) |
//! | [`check_short_term`](Message::check_short_term), [`check_long_term`](Message::check_long_term) | what goes with the integrity (sections 9.1.3, 9.2.4) |
//! | `verify` | the integrity is there, and right |
//! | [`check_bid_down`](Message::check_bid_down), [`password_algorithm`](Message::password_algorithm) | nobody took stronger algorithms away (section 9.2.1) |
//! | [`check_method`](Message::check_method) | what a method's request, response or indication must have, and may not have |
//! | [`check_values`](Message::check_values) | every known attribute has the form of its type |
//! | [`check_ice`](Message::check_ice), [`check_role`](Message::check_role) | a check of ICE (RFC 8445) |
//! | [`check_order`](Message::check_order) | nothing behind the integrity and FINGERPRINT |
//!
//! None of them looks at what lies after the integrity, but for the last.

use core::fmt;

use super::channel_data::CHANNEL_NUMBERS;
use super::{
    AdditionalAddressFamily, AddressFamily, Attribute, AttributeType, ChannelNumber, Class, Code,
    EvenPort, HEADER_LEN, IceControlled, IceControlling, Message, Method, Nonce, PasswordAlgorithm,
    PasswordAlgorithmId, PasswordAlgorithms, RequestedTransport, SecurityFeature, TypedAttribute,
};
use crate::error::ParseError;

use AttributeType as T;

/// Which rule a message breaks. [`offset`](Self::offset) is the place, [`code`](Self::code) the error to answer with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BrokenRule {
    /// An attribute that must be understood, and is not.
    NotComprehended {
        /// Its type.
        attribute: AttributeType,
        /// Where it begins.
        offset: usize,
    },
    /// An attribute that must be there is not.
    Missing {
        /// Its type; one of them where there is a choice.
        attribute: AttributeType,
        /// The message's end.
        offset: usize,
    },
    /// The request has no integrity, so that it is to be asked for.
    Unauthenticated {
        /// The message's end.
        offset: usize,
    },
    /// An attribute's value is not of the form of its type.
    Malformed(ParseError),
    /// An attribute's value is not one that is allowed here.
    Value {
        /// Its type.
        attribute: AttributeType,
        /// Where it begins.
        offset: usize,
    },
    /// Two attributes of which the one may not be where the other is.
    Both {
        /// The type of the one.
        attribute: AttributeType,
        /// The type of the other.
        other: AttributeType,
        /// Where the one begins.
        offset: usize,
    },
    /// The method has no messages of this class.
    Class {
        /// The class.
        class: Class,
        /// The method.
        method: Method,
    },
    /// What the nonce cookie promises is not there: somebody on the way took stronger algorithms away.
    BidDown {
        /// Where the attribute begins that contradicts.
        offset: usize,
    },
}

impl BrokenRule {
    /// Where it is seen, in bytes from the front of the message; its end for what is missing.
    pub const fn offset(&self) -> usize {
        match *self {
            Self::NotComprehended { offset, .. }
            | Self::Missing { offset, .. }
            | Self::Unauthenticated { offset }
            | Self::Value { offset, .. }
            | Self::Both { offset, .. }
            | Self::BidDown { offset } => offset,
            Self::Malformed(error) => error.offset,
            Self::Class { .. } => 0,
        }
    }

    /// The error that a server answers a request with; `None` where RFC 8489 section 6.3 has the message dropped. An
    /// indication or a response that breaks a rule is dropped in any case.
    pub const fn code(&self) -> Option<Code> {
        match self {
            Self::NotComprehended { .. } => Some(Code::UNKNOWN_ATTRIBUTE),
            Self::Unauthenticated { .. } => Some(Code::UNAUTHENTICATED),
            Self::Missing { .. }
            | Self::Malformed(_)
            | Self::Value { .. }
            | Self::Both { .. }
            | Self::BidDown { .. } => Some(Code::BAD_REQUEST),
            Self::Class { .. } => None,
        }
    }
}

impl fmt::Display for BrokenRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotComprehended { attribute, .. } => {
                write!(f, "unknown attribute {:#06x} must be understood", attribute.0)
            }
            Self::Missing { attribute, .. } => write!(f, "{attribute} is missing"),
            Self::Unauthenticated { .. } => f.write_str("there is no message integrity"),
            Self::Malformed(error) => return error.fmt(f),
            Self::Value { attribute, .. } => write!(f, "value of {attribute} is not allowed here"),
            Self::Both { attribute, other, .. } => write!(f, "{attribute} beside {other}"),
            Self::Class { class, method } => write!(f, "{method} has no {class}"),
            Self::BidDown { .. } => f.write_str("password algorithms are not those of the nonce"),
        }?;
        write!(f, " (byte {})", self.offset())
    }
}

impl core::error::Error for BrokenRule {}

/// An agent's role (RFC 8445 section 6.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IceRole {
    /// It nominates.
    Controlling,
    /// It does not.
    Controlled,
}

/// Both agents have the same role: who has to change it (RFC 8445 section 7.3.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleConflict {
    /// The other agent: the request is to be answered with 487 (Role Conflict).
    Refuse {
        /// Where its ICE-CONTROLLED or ICE-CONTROLLING begins.
        offset: usize,
    },
    /// This one: it takes the other role, and goes on with the request.
    Switch {
        /// The role to take.
        to: IceRole,
        /// Where the request's ICE-CONTROLLED or ICE-CONTROLLING begins.
        offset: usize,
    },
    /// The attribute is not of its form: a bad request.
    Malformed(ParseError),
}

impl RoleConflict {
    /// The error that the request is to be answered with, if it is.
    pub const fn code(&self) -> Option<Code> {
        match self {
            Self::Refuse { .. } => Some(Code::ROLE_CONFLICT),
            Self::Switch { .. } => None,
            Self::Malformed(_) => Some(Code::BAD_REQUEST),
        }
    }
}

impl fmt::Display for RoleConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refuse { offset } => {
                write!(f, "role conflict: the other agent has to switch (byte {offset})")
            }
            Self::Switch { offset, .. } => {
                write!(f, "role conflict: this agent has to switch (byte {offset})")
            }
            Self::Malformed(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for RoleConflict {}

/// Requests and their responses.
const TRANSACTION: &[Class] = &[Class::Request, Class::SuccessResponse, Class::ErrorResponse];

/// All four.
const ANY: &[Class] =
    &[Class::Request, Class::Indication, Class::SuccessResponse, Class::ErrorResponse];

/// The classes that a method has messages of.
const fn classes(method: Method) -> &'static [Class] {
    match method {
        Method::SHARED_SECRET
        | Method::ALLOCATE
        | Method::REFRESH
        | Method::CREATE_PERMISSION
        | Method::CHANNEL_BIND
        | Method::CONNECT
        | Method::CONNECTION_BIND
        | Method::GOOG_PING => TRANSACTION,
        Method::SEND | Method::DATA | Method::CONNECTION_ATTEMPT => &[Class::Indication],
        // Binding, which ICE keeps paths alive with; and whatever we do not know.
        _ => ANY,
    }
}

/// What a message must have.
const fn required(class: Class, method: Method) -> &'static [AttributeType] {
    match (method, class) {
        (_, Class::ErrorResponse) => &[T::ERROR_CODE],
        (Method::BINDING, Class::SuccessResponse) => &[T::XOR_MAPPED_ADDRESS],
        (Method::SHARED_SECRET, Class::SuccessResponse) => &[T::USERNAME, T::PASSWORD],
        (Method::ALLOCATE, Class::Request) => &[T::REQUESTED_TRANSPORT],
        (Method::ALLOCATE, Class::SuccessResponse) => {
            &[T::XOR_RELAYED_ADDRESS, T::LIFETIME, T::XOR_MAPPED_ADDRESS]
        }
        (Method::REFRESH, Class::SuccessResponse) => &[T::LIFETIME],
        (Method::SEND, Class::Indication) => &[T::XOR_PEER_ADDRESS, T::DATA],
        (Method::DATA, Class::Indication)
        | (Method::CREATE_PERMISSION | Method::CONNECT, Class::Request) => &[T::XOR_PEER_ADDRESS],
        (Method::CHANNEL_BIND, Class::Request) => &[T::CHANNEL_NUMBER, T::XOR_PEER_ADDRESS],
        (Method::CONNECT, Class::SuccessResponse) | (Method::CONNECTION_BIND, Class::Request) => {
            &[T::CONNECTION_ID]
        }
        (Method::CONNECTION_ATTEMPT, Class::Indication) => &[T::CONNECTION_ID, T::XOR_PEER_ADDRESS],
        _ => &[],
    }
}

/// Pairs of which an Allocate request may have one only (RFC 8656 section 7.2).
const ALLOCATE_ALTERNATIVES: &[(AttributeType, AttributeType)] = &[
    (T::EVEN_PORT, T::RESERVATION_TOKEN),
    (T::REQUESTED_ADDRESS_FAMILY, T::RESERVATION_TOKEN),
    (T::ADDITIONAL_ADDRESS_FAMILY, T::RESERVATION_TOKEN),
    (T::ADDITIONAL_ADDRESS_FAMILY, T::REQUESTED_ADDRESS_FAMILY),
];

/// What an Allocate request for TCP may not have (RFC 6062 section 5.1).
const NOT_FOR_TCP: &[AttributeType] = &[T::DONT_FRAGMENT, T::EVEN_PORT, T::RESERVATION_TOKEN];

impl<'a> Message<'a> {
    /// That it has no attribute that must be understood and whose type `known` does not hold: the first one that it has.
    /// [`unknown_required`](Self::unknown_required) gives all of them.
    ///
    /// # Errors
    /// [`BrokenRule::NotComprehended`]: a request is answered with
    /// [a 420](super::MessageWriter::unknown_attributes), anything else is dropped (RFC 8489 section 6.3).
    pub fn check_comprehended(&self, known: &[AttributeType]) -> Result<(), BrokenRule> {
        let unknown = self.attributes().find(|a| {
            let attribute_type = a.attribute_type();
            attribute_type.is_comprehension_required()
                && !a.is_after_integrity()
                && !known.contains(&attribute_type)
        });
        unknown.map_or(Ok(()), |a| {
            let (attribute, offset) = (a.attribute_type(), a.offset());
            Err(BrokenRule::NotComprehended { attribute, offset })
        })
    }

    /// That every attribute of a type that this crate knows has the form of its type.
    ///
    /// # Errors
    /// [`BrokenRule::Malformed`] for the first that has not.
    pub fn check_values(&self) -> Result<(), BrokenRule> {
        self.protected().try_for_each(|a| well_formed(&a))
    }

    /// That it has what its method and class must have, well formed, and nothing that may not be there: Binding (RFC 8489
    /// sections 6.3.3 and 6.3.4, RFC 5780 section 7.5), the methods of TURN (RFC 8656 sections 7 to 12), of TURN over TCP
    /// (RFC 6062 sections 4 and 5), and Shared Secret (RFC 3489). Of any other method only that an error response has
    /// ERROR-CODE.
    ///
    /// What depends on the server's state, such as whether there is an allocation, is not looked at.
    ///
    /// # Errors
    /// The first rule that is broken. A channel number out of range comes last of ChannelBind's, so that a server that
    /// takes those of RFC 5766 knows that all else holds.
    pub fn check_method(&self) -> Result<(), BrokenRule> {
        let (class, method) = (self.class(), self.method());
        if !classes(method).contains(&class) {
            return Err(BrokenRule::Class { class, method });
        }
        for &attribute in required(class, method) {
            let attribute = match attribute {
                T::XOR_MAPPED_ADDRESS if !self.has_cookie() => T::MAPPED_ADDRESS,
                other => other,
            };
            well_formed(&self.must_have(attribute)?)?;
        }
        match (method, class) {
            // RFC 5780 section 7.5.
            (Method::BINDING, Class::Request) => self.not_both(T::RESPONSE_PORT, T::PADDING),
            (Method::ALLOCATE, Class::Request) => self.check_allocate(),
            (Method::DATA, Class::Indication) if self.find(T::ICMP).is_none() => {
                self.must_have(T::DATA).map(|_| ())
            }
            (Method::CREATE_PERMISSION, Class::Request) => self
                .protected()
                .filter(|a| a.attribute_type() == T::XOR_PEER_ADDRESS)
                .try_for_each(|a| well_formed(&a)),
            (Method::CHANNEL_BIND, Class::Request) => {
                self.allows(|&ChannelNumber(number)| CHANNEL_NUMBERS.contains(&number))
            }
            _ => Ok(()),
        }
    }

    /// Allocate requests: RFC 8656 section 7.2, RFC 6062 section 5.1.
    fn check_allocate(&self) -> Result<(), BrokenRule> {
        for &(attribute, other) in ALLOCATE_ALTERNATIVES {
            self.not_both(attribute, other)?;
        }
        self.allows(|&AdditionalAddressFamily(family)| family == AddressFamily::Ipv6)?;
        if let Some(Ok(EvenPort { reserve: true })) = self.get() {
            self.not_both(T::ADDITIONAL_ADDRESS_FAMILY, T::EVEN_PORT)?;
        }
        if self.get() == Some(Ok(RequestedTransport::TCP)) {
            for &attribute in NOT_FOR_TCP {
                self.not_both(attribute, T::REQUESTED_TRANSPORT)?;
            }
        }
        Ok(())
    }

    /// That a request or an indication of short-term credentials has integrity and USERNAME (RFC 8489 section 9.1.3).
    /// Whether the integrity is right `verify` says.
    ///
    /// # Errors
    /// [`BrokenRule::Missing`].
    pub fn check_short_term(&self) -> Result<(), BrokenRule> {
        if !self.has_integrity() {
            return Err(self.missing(T::MESSAGE_INTEGRITY));
        }
        self.must_have(T::USERNAME).map(|_| ())
    }

    /// That a request of long-term credentials has integrity, and with it USERNAME or USERHASH, REALM, and NONCE (RFC 8489
    /// section 9.2.4). Whether the integrity is right `verify` says.
    ///
    /// # Errors
    /// [`BrokenRule::Unauthenticated`] without integrity: the request is answered with a 401 that has REALM and NONCE.
    /// [`BrokenRule::Missing`] with it.
    pub fn check_long_term(&self) -> Result<(), BrokenRule> {
        if !self.has_integrity() {
            return Err(BrokenRule::Unauthenticated { offset: self.end() });
        }
        if self.find(T::USERHASH).is_none() {
            self.must_have(T::USERNAME)?;
        }
        self.must_have(T::REALM)?;
        self.must_have(T::NONCE).map(|_| ())
    }

    /// For a client: that a response whose nonce cookie says so has PASSWORD-ALGORITHMS. If not, somebody may have taken
    /// them away to have the password used with a weaker algorithm: a 401 or 438 must not be followed by another request,
    /// any other response is ignored (RFC 8489 section 9.2.5).
    ///
    /// # Errors
    /// [`BrokenRule::BidDown`].
    pub fn check_bid_down(&self) -> Result<(), BrokenRule> {
        match self.find(T::NONCE) {
            Some(nonce) if promises_algorithms(&nonce) && !self.has_any(T::PASSWORD_ALGORITHMS) => {
                Err(BrokenRule::BidDown { offset: nonce.offset() })
            }
            _ => Ok(()),
        }
    }

    /// For a server: the algorithm that the key of this request is made with. `offered` is what the response had in
    /// PASSWORD-ALGORITHMS that gave out the request's nonce; the request must repeat it (RFC 8489 section 9.2.4).
    ///
    /// # Errors
    /// The nonce cookie promises algorithms, and the request has only one of PASSWORD-ALGORITHMS and PASSWORD-ALGORITHM
    /// (`Missing`), others than were offered or one that is not among them (`BidDown`), or one not of its form.
    pub fn password_algorithm(
        &self,
        offered: &PasswordAlgorithms<'_>,
    ) -> Result<PasswordAlgorithm<'a>, BrokenRule> {
        let md5 = PasswordAlgorithm::new(PasswordAlgorithmId::MD5);
        if !self.find(T::NONCE).is_some_and(|nonce| promises_algorithms(&nonce)) {
            return Ok(md5);
        }
        let (list, chosen) =
            match (self.find(T::PASSWORD_ALGORITHMS), self.find(T::PASSWORD_ALGORITHM)) {
                (None, None) => return Ok(md5),
                (Some(_), None) => return Err(self.missing(T::PASSWORD_ALGORITHM)),
                (None, Some(_)) => return Err(self.missing(T::PASSWORD_ALGORITHMS)),
                (Some(list), Some(chosen)) => (list, chosen),
            };
        let repeated: PasswordAlgorithms<'a> = list.parse_as().map_err(BrokenRule::Malformed)?;
        if repeated != *offered {
            return Err(BrokenRule::BidDown { offset: list.offset() });
        }
        let algorithm: PasswordAlgorithm<'a> = chosen.parse_as().map_err(BrokenRule::Malformed)?;
        if !repeated.algorithms().any(|one| one == algorithm) {
            return Err(BrokenRule::BidDown { offset: chosen.offset() });
        }
        Ok(algorithm)
    }

    /// That a Binding request is a check of ICE: it has USERNAME, integrity, PRIORITY, one of ICE-CONTROLLING and
    /// ICE-CONTROLLED, and FINGERPRINT, well formed, and nominates only if it controls (RFC 8445 sections 7.1, 7.2.2 and
    /// 7.2.4). Whether integrity and FINGERPRINT are right is for their own functions to say.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn check_ice(&self) -> Result<(), BrokenRule> {
        self.check_short_term()?;
        well_formed(&self.must_have(T::PRIORITY)?)?;
        self.must_have(T::FINGERPRINT)?;
        match self.find(T::ICE_CONTROLLING) {
            Some(controlling) => {
                self.not_both(T::ICE_CONTROLLED, T::ICE_CONTROLLING)?;
                well_formed(&controlling)
            }
            None => {
                well_formed(&self.must_have(T::ICE_CONTROLLED)?)?;
                self.not_both(T::USE_CANDIDATE, T::ICE_CONTROLLED)
            }
        }
    }

    /// Whether a check of ICE comes from an agent that has the same role as this one, and who is to change it: the one with
    /// the lower tie-breaker is controlled in the end (RFC 8445 section 7.3.1.1).
    ///
    /// ```
    /// use mediawire::stun::{IceRole, Message, RoleConflict};
    ///
    /// // ICE-CONTROLLING with the tie-breaker 5.
    /// let check = b"\0\x01\0\x0c\x21\x12\xa4\x42abcdefghijkl\x80\x2a\0\x08\0\0\0\0\0\0\0\x05";
    /// let check = Message::parse(check)?;
    /// assert_eq!(check.check_role(IceRole::Controlled, 7), Ok(()));
    /// assert_eq!(check.check_role(IceRole::Controlling, 7), Err(RoleConflict::Refuse { offset: 20 }));
    /// let switch = RoleConflict::Switch { to: IceRole::Controlled, offset: 20 };
    /// assert_eq!(check.check_role(IceRole::Controlling, 4), Err(switch));
    /// # Ok::<(), mediawire::ParseError>(())
    /// ```
    ///
    /// # Errors
    /// The roles conflict, or the attribute is not of its form.
    pub fn check_role(&self, role: IceRole, tie_breaker: u64) -> Result<(), RoleConflict> {
        let attribute = self.find(match role {
            IceRole::Controlling => T::ICE_CONTROLLING,
            IceRole::Controlled => T::ICE_CONTROLLED,
        });
        let Some(attribute) = attribute else { return Ok(()) };
        let theirs = match role {
            IceRole::Controlling => attribute.parse_as().map(|IceControlling(number)| number),
            IceRole::Controlled => attribute.parse_as().map(|IceControlled(number)| number),
        };
        let theirs = theirs.map_err(RoleConflict::Malformed)?;
        let offset = attribute.offset();
        Err(match (role, tie_breaker >= theirs) {
            (IceRole::Controlling, true) | (IceRole::Controlled, false) => {
                RoleConflict::Refuse { offset }
            }
            (IceRole::Controlling, false) => {
                RoleConflict::Switch { to: IceRole::Controlled, offset }
            }
            (IceRole::Controlled, true) => {
                RoleConflict::Switch { to: IceRole::Controlling, offset }
            }
        })
    }

    /// The attributes that count.
    fn protected(&self) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
        self.attributes().filter(|a| !a.is_after_integrity())
    }

    /// Whether it has either integrity that RFC 8489 knows.
    fn has_integrity(&self) -> bool {
        self.has_any(T::MESSAGE_INTEGRITY) || self.has_any(T::MESSAGE_INTEGRITY_SHA256)
    }

    fn has_any(&self, attribute: AttributeType) -> bool {
        self.find(attribute).is_some()
    }

    /// Where the message ends.
    fn end(&self) -> usize {
        HEADER_LEN.saturating_add(self.length().into())
    }

    fn missing(&self, attribute: AttributeType) -> BrokenRule {
        BrokenRule::Missing { attribute, offset: self.end() }
    }

    fn must_have(&self, attribute: AttributeType) -> Result<Attribute<'a>, BrokenRule> {
        self.find(attribute).ok_or_else(|| self.missing(attribute))
    }

    /// That `attribute` is not there if `other` is.
    fn not_both(&self, attribute: AttributeType, other: AttributeType) -> Result<(), BrokenRule> {
        match self.find(attribute) {
            Some(found) if self.has_any(other) => {
                Err(BrokenRule::Both { attribute, other, offset: found.offset() })
            }
            _ => Ok(()),
        }
    }

    /// That an attribute, if it is there, is well formed and has one of the values that are allowed.
    fn allows<V: TypedAttribute<'a>>(
        &self,
        allowed: impl FnOnce(&V) -> bool,
    ) -> Result<(), BrokenRule> {
        let Some(found) = self.find(V::TYPE) else { return Ok(()) };
        let value = found.parse_as().map_err(BrokenRule::Malformed)?;
        if allowed(&value) {
            return Ok(());
        }
        Err(BrokenRule::Value { attribute: V::TYPE, offset: found.offset() })
    }
}

/// That an attribute has the form of its type.
fn well_formed(attribute: &Attribute<'_>) -> Result<(), BrokenRule> {
    attribute.decode().map(|_| ()).map_err(BrokenRule::Malformed)
}

/// Whether a NONCE has a cookie that says that the server offers algorithms.
fn promises_algorithms(nonce: &Attribute<'_>) -> bool {
    Nonce(nonce.value())
        .security_features()
        .is_some_and(|features| features.contains(SecurityFeature::PASSWORD_ALGORITHMS))
}
