//! STUN messages, as stun-types and rtc-stun read them.

use std::net::SocketAddr;
use std::sync::LazyLock;

use mediawire::stun::{
    AlternateDomain, AlternateServer, Attribute, AttributeType, CheckError, Class, ErrorCode, Key,
    MappedAddress, Message, MessageIntegrity, MessageIntegritySha256, MessageWriter, Nonce,
    PasswordAlgorithm, PasswordAlgorithms, Realm, Software, TypedAttribute, UnknownAttributes,
    UserHash, Username, XorMappedAddress,
};
use rtc_stun::attributes::AttrType;
use rtc_stun::error_code::ErrorCodeAttribute;
use rtc_stun::message::{
    CLASS_ERROR_RESPONSE, CLASS_INDICATION, CLASS_REQUEST, CLASS_SUCCESS_RESPONSE, Getter,
};
use rtc_stun::textattrs::TextAttribute;
use stun_types::attribute as types;
use stun_types::message::{
    IntegrityAlgorithm, MessageClass, MessageIntegrityCredentials, ShortTermCredentials,
    StunParseError, ValidateError,
};
use stun_types::prelude::{Attribute as _, AttributeFromRaw};

use super::{Difference, Found, Others, REFUSED};

/// One message, and nothing behind it.
static MESSAGE: Others =
    Others { compare: &[("stun-types", stun_types), ("rtc-stun", rtc_stun)], known: KNOWN };

/// A datagram: the message at its front, if there is one.
pub fn check(datagram: &[u8]) {
    let behind = Message::parse_prefix(datagram).map_or(0, |(_, behind)| behind.len());
    MESSAGE.check(&datagram[..datagram.len() - behind]);
}

/// Whether each known difference is still one.
pub fn check_known() {
    MESSAGE.check_known();
}

/// A value that only the other reads.
const VALUE_REFUSED: &str = "value refused";

const PASSWORD: &str = "secret";

const KNOWN: &[Difference] = &[
    Difference {
        other: "stun-types",
        fields: &[REFUSED],
        why: "It reads a length that is no multiple of 4, and attributes behind the end that the length says. RFC 8489 \
              section 5: the last two bits are 0; the length is that of all attributes",
        when: |bytes| {
            let fields = ["message length", "attribute value", "attribute header"];
            refused(bytes, &fields)
        },
        example: &[
            0, 1, 0, 4, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, //
            0x80, 0x22, 0, 4, b'o', b'n', b'e', b'!', // behind the end
        ],
    },
    Difference {
        other: "stun-types",
        fields: &["fingerprint"],
        why: "It does not check FINGERPRINT behind an attribute that no integrity covers. RFC 8489 section 14.7",
        when: |bytes| {
            Message::parse(bytes).is_ok_and(|m| m.attributes().any(|a| a.is_after_integrity()))
        },
        example: &[
            0, 1, 0, 16, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, //
            0, 8, 0, 0, 0x80, 0x22, 0, 0, // MESSAGE-INTEGRITY, of no length; SOFTWARE
            0x80, 0x28, 0, 4, 1, 2, 3, 4, // FINGERPRINT, wrong
        ],
    },
    Difference {
        other: "stun-types",
        fields: &["attributes"],
        why: "It does not know GOOG-MESSAGE-INTEGRITY-32, and goes on behind it. It covers what is in front of it, as \
              MESSAGE-INTEGRITY does: RFC 8489 section 14.5",
        when: |bytes| has(bytes, AttributeType::GOOG_MESSAGE_INTEGRITY_32),
        example: &[
            0, 1, 0, 12, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, //
            0xC0, 0x60, 0, 4, 1, 2, 3, 4, 0x80, 0x22, 0, 0, // SOFTWARE, not covered
        ],
    },
    Difference {
        other: "stun-types",
        fields: &[VALUE_REFUSED],
        why: "It does not look behind the parameters of PASSWORD-ALGORITHM. RFC 8489 section 14.12: there is one \
              algorithm",
        when: |bytes| has(bytes, AttributeType::PASSWORD_ALGORITHM),
        example: &[
            0, 1, 0, 12, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, //
            0, 0x1D, 0, 8, 0, 2, 0, 0, 0, 1, 0, 0, // SHA-256, then MD5
        ],
    },
    Difference {
        other: "rtc-stun",
        fields: &["attributes", "value", VALUE_REFUSED],
        why: "It reads 0x8020 as XOR-MAPPED-ADDRESS. RFC 8489 section 18.3.2 does not have it; what MS-TURN has there \
              is masked otherwise",
        when: |bytes| {
            Message::parse(bytes)
                .is_ok_and(|m| m.attributes().any(|a| a.attribute_type().0 == 0x8020))
        },
        example: &[
            0, 1, 0, 4, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, //
            0x80, 0x20, 0, 0,
        ],
    },
    Difference {
        other: "rtc-stun",
        fields: &[REFUSED],
        why: "It does not look at the first two bits. RFC 8489 section 5: they are 0",
        when: |bytes| bytes[0] & 0xC0 != 0,
        example: &[0x40, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    },
    Difference {
        other: "rtc-stun",
        fields: &["value", VALUE_REFUSED],
        why: "It takes the reserved bits of ERROR-CODE for part of the class, and any class and number. RFC 8489 \
              section 14.8: 3 bits, 3 to 6; 0 to 99",
        when: |bytes| has(bytes, AttributeType::ERROR_CODE),
        example: &[
            1, 0x11, 0, 8, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, //
            0, 9, 0, 4, 0, 0, 12, 0, // 8 reserved, class 4
        ],
    },
    Difference {
        other: "rtc-stun",
        fields: &[VALUE_REFUSED],
        why: "It reads the front of an address that is too long, and fills up one that is too short. RFC 8489 section \
              14.1: 32 bits or 128",
        when: |bytes| {
            Message::parse(bytes).is_ok_and(|message| {
                message.attributes().any(|a| a.parse_as::<MappedAddress>().is_err())
            })
        },
        example: &[
            1, 1, 0, 12, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, //
            0, 1, 0, 5, 0, 1, 0, 80, 192, 0, 0, 0, // one byte of four
        ],
    },
];

/// Whether we refuse the message, and for one of these fields.
fn refused(bytes: &[u8], fields: &[&str]) -> bool {
    Message::parse(bytes).is_err_and(|error| fields.contains(&error.field))
}

/// Whether it has such an attribute, wherever.
fn has(bytes: &[u8], attribute_type: AttributeType) -> bool {
    Message::parse(bytes)
        .is_ok_and(|message| message.attributes().any(|a| a.attribute_type() == attribute_type))
}

fn stun_types(bytes: &[u8], found: &mut Found) {
    let theirs = found.call(|| stun_types::message::Message::from_bytes(bytes));
    let ours = Message::parse(bytes);
    if let (Ok(ours), Some(Err(StunParseError::FingerprintMismatch))) = (&ours, &theirs) {
        found.same("fingerprint", ours.check_fingerprint().is_ok(), false);
    }
    let Some((ours, theirs)) = found.both(REFUSED, ours, theirs) else { return };
    let class = match theirs.class() {
        MessageClass::Request => Class::Request,
        MessageClass::Indication => Class::Indication,
        MessageClass::Success => Class::SuccessResponse,
        MessageClass::Error => Class::ErrorResponse,
    };
    found.same("class", ours.class(), class);
    found.same("method", ours.method().0, theirs.method().value());
    let [a, b, c, d, e, f, g, h, i, j, k, l] = ours.transaction_id().0;
    let id = u128::from_be_bytes([0, 0, 0, 0, a, b, c, d, e, f, g, h, i, j, k, l]);
    found.same("transaction id", id, theirs.transaction_id().into());
    // It leaves out what no integrity covers, and what is behind FINGERPRINT.
    let mut last = false;
    let protected = ours.attributes().take_while(|attribute| {
        let is = !last && !attribute.is_after_integrity();
        last = attribute.attribute_type() == AttributeType::FINGERPRINT;
        is
    });
    let from_theirs = theirs.iter_attributes().map(|(offset, attribute)| {
        (offset, attribute.get_type().value(), attribute.value.to_vec())
    });
    found.list(
        "attributes",
        protected.map(|a| (a.offset(), a.attribute_type().0, a.value().to_vec())),
        from_theirs,
    );
    if ours.find(AttributeType::FINGERPRINT).is_some() {
        found.same("fingerprint", ours.check_fingerprint(), Ok(()));
    }
    for attribute in ours.attributes() {
        types_value(&ours, &attribute, found);
    }

    static KEY: LazyLock<Key> = LazyLock::new(|| Key::short_term(PASSWORD.as_bytes()));
    static THEIR_KEY: LazyLock<MessageIntegrityCredentials> =
        LazyLock::new(|| ShortTermCredentials::new(PASSWORD.into()).into());
    let verdict = ours.verify(&KEY, 16).map_err(|error| matches!(error, CheckError::Missing));
    let Some(from_theirs) = found.call(|| theirs.validate_integrity(&THEIR_KEY)) else { return };
    let from_theirs = from_theirs.map(drop).map_err(|error| {
        matches!(error, ValidateError::Parse(StunParseError::MissingAttribute(_)))
    });
    found.same("integrity", verdict, from_theirs);

    // Signed here, it is right there.
    for algorithm in [IntegrityAlgorithm::Sha1, IntegrityAlgorithm::Sha256] {
        let Some(signed) = signed(&ours, algorithm, &KEY) else { return };
        let verdict = found.call(|| {
            let message = stun_types::message::Message::from_bytes(&signed).map_err(drop)?;
            message.validate_integrity(&THEIR_KEY).map_err(drop)
        });
        found.same("signed here", Some(Ok(algorithm)), verdict);
    }
}

/// The message with an integrity and a fingerprint of ours.
fn signed(message: &Message<'_>, algorithm: IntegrityAlgorithm, key: &Key) -> Option<Vec<u8>> {
    let mut out = vec![0; 20 + usize::from(message.length()) + 64];
    let (class, method) = (message.class(), message.method());
    let mut writer = MessageWriter::new(&mut out, class, method, message.transaction_id()).ok()?;
    for attribute in message.attributes() {
        if !matches!(
            attribute.attribute_type(),
            AttributeType::MESSAGE_INTEGRITY
                | AttributeType::MESSAGE_INTEGRITY_SHA256
                | AttributeType::FINGERPRINT
        ) {
            writer.push_attribute(&attribute).ok()?;
        }
    }
    match algorithm {
        IntegrityAlgorithm::Sha1 => writer.push_integrity(key).ok()?,
        IntegrityAlgorithm::Sha256 => writer.push_integrity_sha256(key, 32).ok()?,
    };
    writer.push_fingerprint().ok()?;
    Some(writer.as_bytes().to_vec())
}

/// One value, as each attribute that stun-types knows.
fn types_value(message: &Message<'_>, attribute: &Attribute<'_>, found: &mut Found) {
    fn each<'a, O: TypedAttribute<'a>, T: AttributeFromRaw<'a>, V: PartialEq + std::fmt::Debug>(
        attribute: &Attribute<'a>,
        ours: impl FnOnce(O) -> V,
        theirs: impl FnOnce(T) -> V,
        found: &mut Found,
    ) {
        let raw = types::RawAttribute::new(attribute.attribute_type().0.into(), attribute.value());
        let read = found.call(|| T::from_raw(raw));
        if let Some((of_ours, of_theirs)) =
            found.both(VALUE_REFUSED, attribute.parse_as::<O>(), read)
        {
            found.same("value", ours(of_ours), theirs(of_theirs));
        }
    }
    fn text(text: &str) -> Vec<u8> {
        text.as_bytes().to_vec()
    }
    let [a, b, c, d, e, f, g, h, i, j, k, l] = message.transaction_id().0;
    let id = u128::from_be_bytes([0, 0, 0, 0, a, b, c, d, e, f, g, h, i, j, k, l]).into();
    match attribute.attribute_type() {
        AttributeType::USERNAME => each(
            attribute,
            |ours: Username<'_>| ours.0.to_vec(),
            |theirs: types::Username| text(theirs.username()),
            found,
        ),
        AttributeType::REALM => each(
            attribute,
            |ours: Realm<'_>| ours.0.to_vec(),
            |theirs: types::Realm| text(theirs.realm()),
            found,
        ),
        AttributeType::NONCE => each(
            attribute,
            |ours: Nonce<'_>| ours.0.to_vec(),
            |theirs: types::Nonce| text(theirs.nonce()),
            found,
        ),
        AttributeType::SOFTWARE => each(
            attribute,
            |ours: Software<'_>| ours.0.to_vec(),
            |theirs: types::Software| text(theirs.software()),
            found,
        ),
        AttributeType::ALTERNATE_DOMAIN => each(
            attribute,
            |ours: AlternateDomain<'_>| ours.0.to_vec(),
            |theirs: types::AlternateDomain| text(theirs.domain()),
            found,
        ),
        AttributeType::ALTERNATE_SERVER => each(
            attribute,
            |ours: AlternateServer| ours.0,
            |theirs: types::AlternateServer| theirs.server(),
            found,
        ),
        AttributeType::XOR_MAPPED_ADDRESS => each(
            attribute,
            |ours: XorMappedAddress| ours.0,
            |theirs: types::XorMappedAddress| theirs.addr(id),
            found,
        ),
        AttributeType::ERROR_CODE => each(
            attribute,
            |ours: ErrorCode<'_>| (ours.code.0, ours.reason.to_vec()),
            |theirs: types::ErrorCode| (theirs.code(), text(theirs.reason())),
            found,
        ),
        AttributeType::UNKNOWN_ATTRIBUTES => each(
            attribute,
            |ours: UnknownAttributes<'_>| ours.types().map(|unknown| unknown.0).collect::<Vec<_>>(),
            // It does not list them, but can be asked for each.
            |theirs: types::UnknownAttributes| {
                let all = attribute.value().chunks_exact(2).map(|two| {
                    let unknown = u16::from_be_bytes([two[0], two[1]]);
                    assert!(theirs.has_attribute(unknown.into()));
                    unknown
                });
                all.collect()
            },
            found,
        ),
        AttributeType::MESSAGE_INTEGRITY => each(
            attribute,
            |ours: MessageIntegrity| ours.0,
            |theirs: types::MessageIntegrity| *theirs.hmac(),
            found,
        ),
        AttributeType::MESSAGE_INTEGRITY_SHA256 => each(
            attribute,
            |ours: MessageIntegritySha256<'_>| ours.0.to_vec(),
            |theirs: types::MessageIntegritySha256| theirs.hmac().to_vec(),
            found,
        ),
        AttributeType::USERHASH => each(
            attribute,
            |ours: UserHash| ours.0,
            |theirs: types::Userhash| *theirs.hash(),
            found,
        ),
        AttributeType::PASSWORD_ALGORITHM => each(
            attribute,
            |ours: PasswordAlgorithm<'_>| ours.algorithm.0,
            |theirs: types::PasswordAlgorithm| number(theirs.algorithm()),
            found,
        ),
        AttributeType::PASSWORD_ALGORITHMS => each(
            attribute,
            |ours: PasswordAlgorithms<'_>| ours.algorithms().map(|a| a.algorithm.0).collect(),
            |theirs: types::PasswordAlgorithms| {
                theirs.algorithms().iter().copied().map(number).collect::<Vec<_>>()
            },
            found,
        ),
        _ => {}
    }
}

fn number(algorithm: types::PasswordAlgorithmValue) -> u16 {
    match algorithm {
        types::PasswordAlgorithmValue::MD5 => 1,
        types::PasswordAlgorithmValue::SHA256 => 2,
    }
}

fn rtc_stun(bytes: &[u8], found: &mut Found) {
    let mut theirs = rtc_stun::message::Message::new();
    let read = found.call(|| theirs.unmarshal_binary(bytes));
    let Some((ours, ())) = found.both(REFUSED, Message::parse(bytes), read) else { return };
    found.same("type", u16::from_be_bytes([bytes[0], bytes[1]]), theirs.typ.value());
    let class = match theirs.typ.class {
        CLASS_REQUEST => Some(Class::Request),
        CLASS_INDICATION => Some(Class::Indication),
        CLASS_SUCCESS_RESPONSE => Some(Class::SuccessResponse),
        CLASS_ERROR_RESPONSE => Some(Class::ErrorResponse),
        _ => None,
    };
    found.same("class", Some(ours.class()), class);
    found.same("length", u32::from(ours.length()), theirs.length);
    found.same("transaction id", ours.transaction_id().0, theirs.transaction_id.0);
    found.list(
        "attributes",
        ours.attributes().map(|a| (a.attribute_type().0, a.value())),
        theirs.attributes.0.iter().map(|a| (a.typ.0, &a.value[..])),
    );
    for attribute in ours.attributes() {
        // Its getters give the first of a type, wherever it is.
        let of_type = attribute.attribute_type();
        let first = ours.attributes().find(|other| other.attribute_type() == of_type);
        if first.is_some_and(|first| first.offset() == attribute.offset()) {
            rtc_value(&attribute, &theirs, found);
        }
    }

    // It takes what is last for FINGERPRINT; RFC 8489 section 14.7 lets nothing else be there.
    let last = ours.attributes().last();
    if let Some(last) = last
        && last.attribute_type() == AttributeType::FINGERPRINT
        && ours.find(AttributeType::FINGERPRINT).is_some_and(|a| a.offset() == last.offset())
    {
        let Some(verdict) = found.call(|| rtc_stun::fingerprint::FINGERPRINT.check(&theirs)) else {
            return;
        };
        found.same("fingerprint", ours.check_fingerprint().is_ok(), verdict.is_ok());
    }
    let key = Key::short_term(PASSWORD.as_bytes());
    let verdict = rtc_verdict(&mut theirs, found);
    found.same("integrity", Some(ours.verify_integrity(&key).is_ok()), verdict);
    let Some(signed) = signed(&ours, IntegrityAlgorithm::Sha1, &key) else { return };
    let Some(Ok(())) = found.call(|| theirs.unmarshal_binary(&signed)) else { return };
    let verdict = rtc_verdict(&mut theirs, found);
    found.same("signed here", Some(true), verdict);
}

fn rtc_verdict(theirs: &mut rtc_stun::message::Message, found: &mut Found) -> Option<bool> {
    static PROVIDER: LazyLock<rtc_stun::crypto::providers::RingProvider> =
        LazyLock::new(rtc_stun::crypto::providers::RingProvider::new);
    use rtc_stun::crypto::RTCCryptoProvider;
    use rtc_stun::integrity::MessageIntegrity;
    let check = || MessageIntegrity::check(theirs, PASSWORD.as_bytes(), PROVIDER.crypto()).is_ok();
    found.call(check)
}

/// One value, as each attribute that rtc-stun knows.
fn rtc_value(attribute: &Attribute<'_>, theirs: &rtc_stun::message::Message, found: &mut Found) {
    let attr_type = AttrType(attribute.attribute_type().0);
    match attribute.attribute_type() {
        AttributeType::USERNAME
        | AttributeType::REALM
        | AttributeType::NONCE
        | AttributeType::SOFTWARE => {
            let text = found.call(|| TextAttribute::get_from_as(theirs, attr_type));
            if let Some((_, text)) = found.both(VALUE_REFUSED, attribute.decode(), text) {
                found.same("value", attribute.value(), text.text.as_bytes());
            }
        }
        AttributeType::MAPPED_ADDRESS
        | AttributeType::ALTERNATE_SERVER
        | AttributeType::RESPONSE_ORIGIN
        | AttributeType::OTHER_ADDRESS => {
            let mut address = rtc_stun::addr::MappedAddress::default();
            let read = found.call(|| address.get_from_as(theirs, attr_type));
            // All of them have the one form.
            let ours = attribute.parse_as::<MappedAddress>();
            if let Some((ours, ())) = found.both(VALUE_REFUSED, ours, read) {
                found.same("value", ours.0, SocketAddr::new(address.ip, address.port));
            }
        }
        AttributeType::XOR_MAPPED_ADDRESS
        | AttributeType::XOR_PEER_ADDRESS
        | AttributeType::XOR_RELAYED_ADDRESS => {
            let mut address = rtc_stun::xoraddr::XorMappedAddress::default();
            let read = found.call(|| address.get_from_as(theirs, attr_type));
            let ours = attribute.parse_as::<XorMappedAddress>();
            if let Some((ours, ())) = found.both(VALUE_REFUSED, ours, read) {
                found.same("value", ours.0, SocketAddr::new(address.ip, address.port));
            }
        }
        AttributeType::ERROR_CODE => {
            let mut error = ErrorCodeAttribute::default();
            let read = found.call(|| error.get_from(theirs));
            let ours = attribute.parse_as::<ErrorCode<'_>>();
            if let Some((ours, ())) = found.both(VALUE_REFUSED, ours, read) {
                found.same("value", (ours.code.0, ours.reason), (error.code.0, &error.reason[..]));
            }
        }
        AttributeType::UNKNOWN_ATTRIBUTES => {
            let mut unknown = rtc_stun::uattrs::UnknownAttributes(Vec::new());
            let read = found.call(|| unknown.get_from(theirs));
            let ours = attribute.parse_as::<UnknownAttributes<'_>>();
            if let Some((ours, ())) = found.both(VALUE_REFUSED, ours, read) {
                found.list("value", ours.types().map(|t| t.0), unknown.0.iter().map(|t| t.0));
            }
        }
        _ => {}
    }
}
