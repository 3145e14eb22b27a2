//! Attributes under numbers that IANA does not have: MS-TURN and its kin, libwebrtc's own, coturn's, old drafts'.
//!
//! Some of these numbers mean one thing to one sender and another to the next, or are registered for something else by
//! now. So [`Attribute::decode`] does not read them: who knows the sender asks for a type of this module by name, as for any
//! other ([`Message::get`](crate::stun::Message::get)), or has all of a sender's [`Dialect`] read.
//!
//! ```
//! use mediawire::stun::unregistered::{Dialect, MsXorMappedAddress, Value};
//! use mediawire::stun::Message;
//!
//! let bytes = b"\x01\x01\0\x0c\x21\x12\xa4\x42abcdefghijkl\x80\x20\0\x08\0\x01\xa1\x47\xe1\x12\xa6\x43";
//! let message = Message::parse(bytes)?;
//! let MsXorMappedAddress(address) = message.get().unwrap()?;
//! assert_eq!(address.to_string(), "192.0.2.1:32853");
//!
//! let attribute = message.attributes().next().unwrap();
//! assert_eq!(Dialect::Microsoft.name(attribute.attribute_type()), Some("MS-XOR-MAPPED-ADDRESS"));
//! assert!(matches!(Dialect::Microsoft.decode(&attribute)?, Value::MsXorMappedAddress(_)));
//! assert_eq!(Dialect::Google.name(attribute.attribute_type()), None);
//! # Ok::<(), mediawire::ParseError>(())
//! ```

use super::address::address_attribute;
use super::text::{check_utf8, text_attribute};
use super::turn::family_attribute;
use super::{bytes_attribute, fixed_attribute, number_attribute};
use crate::encode::Sink;
use crate::error::{BuildError, ParseError};
use crate::stun::{Attribute, AttributeType, TypedAttribute};

address_attribute! {
    /// MS-ALTERNATE-SERVER (MS-TURN).
    MsAlternateServer, 0x000E, "MS-ALTERNATE-SERVER", plain
}

/// MAGIC-COOKIE: what marks a message of MS-TURN and of Google's old TURN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MagicCookie(pub u32);

impl MagicCookie {
    /// The one value that can be written.
    pub const VALUE: Self = Self(0x72c6_4bc6);
}

fixed_attribute!(
    MagicCookie,
    0x000F,
    "MAGIC-COOKIE",
    4,
    |value| Self(u32::from_be_bytes(*value)),
    |cookie| match *cookie {
        MagicCookie::VALUE => Ok(cookie.0.to_be_bytes()),
        _ => Err(BuildError::OutOfRange { field: "MAGIC-COOKIE" }),
    }
);

number_attribute! {
    /// BANDWIDTH: what the client wants or gets, in kbit/s (MS-TURN, old drafts of TURN); reserved by RFC 8656.
    Bandwidth(u32), 0x0010, "BANDWIDTH", 4
}
address_attribute! {
    /// DESTINATION-ADDRESS: where data is to go (MS-TURN, Google's old TURN).
    DestinationAddress, 0x0011, "DESTINATION-ADDRESS", plain
}
number_attribute! {
    /// TIMER-VAL (old drafts of TURN); reserved by RFC 8656.
    TimerVal(u32), 0x0021, "TIMER-VAL", 4
}
address_attribute! {
    /// XOR-REFLECTED-FROM (drafts of NAT behaviour discovery).
    XorReflectedFrom, 0x0028, "XOR-REFLECTED-FROM", xor
}
number_attribute! {
    /// MS-VERSION (MS-TURN).
    MsVersion(u32), 0x8008, "MS-VERSION", 4
}
address_attribute! {
    /// MS-XOR-MAPPED-ADDRESS: the number that XOR-MAPPED-ADDRESS had in drafts (MS-TURN). Masked with what stands in the
    /// place of the cookie and the transaction id, as [`XorMappedAddress`](crate::stun::XorMappedAddress).
    MsXorMappedAddress, 0x8020, "MS-XOR-MAPPED-ADDRESS", xor
}
text_attribute! {
    /// ORIGIN: the web origin of the page that the client runs for (draft-ietf-tram-stun-origin; coturn).
    Origin, 0x802F, "ORIGIN", check_utf8
}
bytes_attribute! {
    /// MS-ALTERNATE-HOST-NAME (MS-TURN).
    MsAlternateHostName, 0x8032
}
family_attribute! {
    /// ADDITIONAL-ADDRESS-FAMILY under the number that coturn had for it up to 4.6; MS-TURN has
    /// [`MsAlternateHostName`] there.
    CoturnAdditionalAddressFamily, 0x8032, "ADDITIONAL-ADDRESS-FAMILY"
}
bytes_attribute! {
    /// MS-APP-ID (MS-TURN).
    MsAppId, 0x8037
}
bytes_attribute! {
    /// MS-SECURE-TAG (MS-TURN).
    MsSecureTag, 0x8039
}

/// MS-SEQUENCE-NUMBER: counts the messages under one key (MS-TURN).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MsSequenceNumber {
    /// Names the connection.
    pub connection_id: [u8; 20],
    /// The count.
    pub sequence_number: u32,
}

fixed_attribute!(
    MsSequenceNumber,
    0x8050,
    "MS-SEQUENCE-NUMBER",
    24,
    |&[connection_id @ .., a, b, c, d]| {
        Self { connection_id, sequence_number: u32::from_be_bytes([a, b, c, d]) }
    },
    |number| {
        let mut value = [0; 24];
        let (id, count) = value.split_at_mut(20);
        id.copy_from_slice(&number.connection_id);
        count.copy_from_slice(&number.sequence_number.to_be_bytes());
        Ok(value)
    }
);

/// Writes an attribute that is so many bytes.
macro_rules! array_attribute {
    ($(#[$doc:meta])* $type:ident, $number:literal, $name:literal, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(pub [u8; $len]);

        fixed_attribute!($type, $number, $name, $len, |value| Self(*value), |bytes| Ok(bytes.0));
    };
}

array_attribute! {
    /// MS-CANDIDATE-IDENTIFIER: the candidate's foundation (MS-ICE2).
    MsCandidateIdentifier, 0x8054, "MS-CANDIDATE-IDENTIFIER", 4
}

/// MS-SERVICE-QUALITY (MS-TURN).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MsServiceQuality {
    /// 1 audio, 2 video, 3 supplemental video, 4 data.
    pub stream_type: u16,
    /// 0 best effort, 1 reliable.
    pub service_quality: u16,
}

fixed_attribute!(
    MsServiceQuality,
    0x8055,
    "MS-SERVICE-QUALITY",
    4,
    |&[a, b, c, d]| Self {
        stream_type: u16::from_be_bytes([a, b]),
        service_quality: u16::from_be_bytes([c, d]),
    },
    |service| {
        let [a, b] = service.stream_type.to_be_bytes();
        let [c, d] = service.service_quality.to_be_bytes();
        Ok([a, b, c, d])
    }
);

/// MS-BANDWIDTH-ACM: which message of admission control it is (MS-TURNBWM).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MsBandwidthAcm {
    /// 0 reservation check, 1 commit, 2 update.
    pub message_type: u16,
}

fixed_attribute!(
    MsBandwidthAcm,
    0x8056,
    "MS-BANDWIDTH-ACM",
    4,
    |&[_, _, a, b]| Self { message_type: u16::from_be_bytes([a, b]) },
    |acm| {
        let [a, b] = acm.message_type.to_be_bytes();
        Ok([0, 0, a, b])
    }
);

array_attribute! {
    /// MS-BANDWIDTH-RSV-ID: names the reservation (MS-TURNBWM).
    MsBandwidthRsvId, 0x8057, "MS-BANDWIDTH-RSV-ID", 16
}

/// MS-BANDWIDTH-RSV-AMOUNT: the reservation, in kbit/s (MS-TURNBWM).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MsBandwidthRsvAmount {
    /// At most so much is sent.
    pub max_send: u32,
    /// At least so much is sent.
    pub min_send: u32,
    /// At most so much is received.
    pub max_receive: u32,
    /// At least so much is received.
    pub min_receive: u32,
}

fixed_attribute!(
    MsBandwidthRsvAmount,
    0x8058,
    "MS-BANDWIDTH-RSV-AMOUNT",
    16,
    |value| {
        let ([a, b, c, d], _) = value.as_chunks() else { return Self::default() };
        let [max_send, min_send, max_receive, min_receive] =
            [*a, *b, *c, *d].map(u32::from_be_bytes);
        Self { max_send, min_send, max_receive, min_receive }
    },
    |amount| {
        let mut value = [0; 16];
        let amounts = [amount.max_send, amount.min_send, amount.max_receive, amount.min_receive];
        for (place, amount) in value.as_chunks_mut().0.iter_mut().zip(amounts) {
            *place = amount.to_be_bytes();
        }
        Ok(value)
    }
);

address_attribute! {
    /// MS-REMOTE-SITE-ADDR (MS-TURNBWM).
    MsRemoteSiteAddr, 0x8059, "MS-REMOTE-SITE-ADDR", xor
}
address_attribute! {
    /// MS-REMOTE-RELAY-SITE (MS-TURNBWM).
    MsRemoteRelaySite, 0x805A, "MS-REMOTE-RELAY-SITE", xor
}
address_attribute! {
    /// MS-LOCAL-SITE-ADDR (MS-TURNBWM).
    MsLocalSiteAddr, 0x805B, "MS-LOCAL-SITE-ADDR", xor
}
address_attribute! {
    /// MS-LOCAL-RELAY-SITE (MS-TURNBWM).
    MsLocalRelaySite, 0x805C, "MS-LOCAL-RELAY-SITE", xor
}

/// Writes an attribute that says what one path of a site allows: flags, then two bandwidths.
macro_rules! site_attribute {
    (
        $(#[$doc:meta])* $type:ident, $number:literal, $name:literal,
        $($(#[$flag_doc:meta])* $flag:ident = $bit:literal),*
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type {
            $($(#[$flag_doc])* pub $flag: bool,)*
            /// At most so much is sent, in kbit/s.
            pub max_send: u32,
            /// At most so much is received, in kbit/s.
            pub max_receive: u32,
        }

        fixed_attribute!(
            $type,
            $number,
            $name,
            12,
            |&[flags, _, _, _, a, b, c, d, e, f, g, h]| Self {
                $($flag: flags & $bit != 0,)*
                max_send: u32::from_be_bytes([a, b, c, d]),
                max_receive: u32::from_be_bytes([e, f, g, h]),
            },
            |site| {
                let flags = $(if site.$flag { $bit } else { 0 })|*;
                let [a, b, c, d] = site.max_send.to_be_bytes();
                let [e, f, g, h] = site.max_receive.to_be_bytes();
                Ok([flags, 0, 0, 0, a, b, c, d, e, f, g, h])
            }
        );
    };
}

site_attribute! {
    /// MS-REMOTE-SITE-ADDR-RP (MS-TURNBWM).
    MsRemoteSiteAddrRp, 0x805D, "MS-REMOTE-SITE-ADDR-RP",
    /// A: the path is valid.
    a = 0x80,
    /// B: the path goes over the PSTN.
    b = 0x40
}
site_attribute! {
    /// MS-REMOTE-RELAY-SITE-RP (MS-TURNBWM).
    MsRemoteRelaySiteRp, 0x805E, "MS-REMOTE-RELAY-SITE-RP",
    /// A: the path is valid.
    a = 0x80
}
site_attribute! {
    /// MS-LOCAL-SITE-ADDR-RP (MS-TURNBWM).
    MsLocalSiteAddrRp, 0x805F, "MS-LOCAL-SITE-ADDR-RP",
    /// A: the path is valid.
    a = 0x80,
    /// B: the path goes over the PSTN.
    b = 0x40
}
site_attribute! {
    /// MS-LOCAL-RELAY-SITE-RP (MS-TURNBWM).
    MsLocalRelaySiteRp, 0x8060, "MS-LOCAL-RELAY-SITE-RP",
    /// A: the path is valid.
    a = 0x80
}
bytes_attribute! {
    /// MS-SIP-DIALOG-ID (MS-TURNBWM).
    MsSipDialogId, 0x8061
}
bytes_attribute! {
    /// MS-SIP-CALL-ID (MS-TURNBWM).
    MsSipCallId, 0x8062
}

/// MS-LOCATION-PROFILE: where both ends are (MS-TURNBWM).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MsLocationProfile {
    /// Where the peer is.
    pub peer_location: u8,
    /// Where the sender is.
    pub self_location: u8,
    /// Whether, and how, the peer is of another domain.
    pub federation: u8,
}

fixed_attribute!(
    MsLocationProfile,
    0x8068,
    "MS-LOCATION-PROFILE",
    4,
    |&[peer_location, self_location, federation, _]| {
        Self { peer_location, self_location, federation }
    },
    |profile| Ok([profile.peer_location, profile.self_location, profile.federation, 0])
);

number_attribute! {
    /// MS-IMPLEMENTATION-VERSION (MS-ICE2).
    MsImplementationVersion(u32), 0x8070, "MS-IMPLEMENTATION-VERSION", 4
}
address_attribute! {
    /// MS-ALT-MAPPED-ADDRESS (MS-TURN).
    MsAltMappedAddress, 0x8090, "MS-ALT-MAPPED-ADDRESS", plain
}
array_attribute! {
    /// MS-MULTIPLEXED-TURN-SESSION-ID (MS-TURN).
    MsMultiplexedTurnSessionId, 0x8095, "MS-MULTIPLEXED-TURN-SESSION-ID", 8
}
number_attribute! {
    /// NOMINATION: counts libwebrtc's nominations, of which the highest stands. IANA has the number for
    /// [`EnfFlowDescription`](crate::stun::EnfFlowDescription).
    Nomination(u32), 0xC001, "NOMINATION", 4
}
number_attribute! {
    /// RETRANSMIT-COUNT: how often libwebrtc has sent the request before.
    RetransmitCount(u32), 0xFF00, "RETRANSMIT-COUNT", 4
}
bytes_attribute! {
    /// GOOG-MULTI-MAPPING: bytes without a published format.
    GoogMultiMapping, 0xFF04
}
bytes_attribute! {
    /// GOOG-LOGGING-ID: bytes without a published format.
    GoogLoggingId, 0xFF05
}

/// Whose numbers they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// Microsoft's: MS-TURN, MS-TURNBWM, MS-ICE2.
    Microsoft,
    /// libwebrtc's, with Google's old TURN.
    Google,
    /// coturn's, up to 4.6.
    Coturn,
    /// Drafts of what became TURN and NAT behaviour discovery.
    Drafts,
}

/// Writes [`Value`] and what reads it: the one list of these attributes.
macro_rules! unregistered {
    ($($variant:ident($type:ty) $name:literal: $($dialect:ident)*,)*) => {
        /// The value of an attribute as one [`Dialect`] has it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Value<'a> {
            $(
                #[doc = concat!("See [`", stringify!($variant), "`].")]
                $variant($type),
            )*
            /// Of a type that the dialect does not have: the bytes.
            Other(&'a [u8]),
        }

        impl Dialect {
            /// The dialect's name for a number, if it is one of its own.
            pub fn name(self, attribute_type: AttributeType) -> Option<&'static str> {
                $(
                    if attribute_type == $variant::TYPE && matches!(self, $(Self::$dialect)|*) {
                        return Some($name);
                    }
                )*
                None
            }

            /// The value as the dialect has it.
            ///
            /// # Errors
            /// The value is not of its type's form; the offset counts from the front of the message.
            pub fn decode<'a>(self, attribute: &Attribute<'a>) -> Result<Value<'a>, ParseError> {
                let attribute_type = attribute.attribute_type();
                $(
                    if attribute_type == $variant::TYPE && matches!(self, $(Self::$dialect)|*) {
                        return attribute.parse_as().map(Value::$variant);
                    }
                )*
                Ok(Value::Other(attribute.value()))
            }
        }

        impl Value<'_> {
            /// The bytes that the value takes, without padding.
            pub fn value_len(&self) -> usize {
                match self {
                    $(Self::$variant(value) => value.value_len(),)*
                    Self::Other(bytes) => bytes.len(),
                }
            }

            /// Writes the value; `id` is bytes 4 to 19 of the message.
            ///
            /// # Errors
            /// A value that may not be written; no room.
            pub fn encode(&self, out: &mut Sink<'_>, id: &[u8; 16]) -> Result<(), BuildError> {
                match self {
                    $(Self::$variant(value) => value.encode(out, id),)*
                    Self::Other(bytes) => out.bytes(bytes),
                }
            }
        }
    };
}

unregistered! {
    MsAlternateServer(MsAlternateServer) "MS-ALTERNATE-SERVER": Microsoft,
    MagicCookie(MagicCookie) "MAGIC-COOKIE": Microsoft Google,
    Bandwidth(Bandwidth) "BANDWIDTH": Microsoft Google Drafts,
    DestinationAddress(DestinationAddress) "DESTINATION-ADDRESS": Microsoft Google,
    TimerVal(TimerVal) "TIMER-VAL": Drafts,
    XorReflectedFrom(XorReflectedFrom) "XOR-REFLECTED-FROM": Drafts,
    MsVersion(MsVersion) "MS-VERSION": Microsoft,
    MsXorMappedAddress(MsXorMappedAddress) "MS-XOR-MAPPED-ADDRESS": Microsoft,
    Origin(Origin<'a>) "ORIGIN": Coturn Drafts,
    MsAlternateHostName(MsAlternateHostName<'a>) "MS-ALTERNATE-HOST-NAME": Microsoft,
    CoturnAdditionalAddressFamily(CoturnAdditionalAddressFamily) "ADDITIONAL-ADDRESS-FAMILY": Coturn,
    MsAppId(MsAppId<'a>) "MS-APP-ID": Microsoft,
    MsSecureTag(MsSecureTag<'a>) "MS-SECURE-TAG": Microsoft,
    MsSequenceNumber(MsSequenceNumber) "MS-SEQUENCE-NUMBER": Microsoft,
    MsCandidateIdentifier(MsCandidateIdentifier) "MS-CANDIDATE-IDENTIFIER": Microsoft,
    MsServiceQuality(MsServiceQuality) "MS-SERVICE-QUALITY": Microsoft,
    MsBandwidthAcm(MsBandwidthAcm) "MS-BANDWIDTH-ACM": Microsoft,
    MsBandwidthRsvId(MsBandwidthRsvId) "MS-BANDWIDTH-RSV-ID": Microsoft,
    MsBandwidthRsvAmount(MsBandwidthRsvAmount) "MS-BANDWIDTH-RSV-AMOUNT": Microsoft,
    MsRemoteSiteAddr(MsRemoteSiteAddr) "MS-REMOTE-SITE-ADDR": Microsoft,
    MsRemoteRelaySite(MsRemoteRelaySite) "MS-REMOTE-RELAY-SITE": Microsoft,
    MsLocalSiteAddr(MsLocalSiteAddr) "MS-LOCAL-SITE-ADDR": Microsoft,
    MsLocalRelaySite(MsLocalRelaySite) "MS-LOCAL-RELAY-SITE": Microsoft,
    MsRemoteSiteAddrRp(MsRemoteSiteAddrRp) "MS-REMOTE-SITE-ADDR-RP": Microsoft,
    MsRemoteRelaySiteRp(MsRemoteRelaySiteRp) "MS-REMOTE-RELAY-SITE-RP": Microsoft,
    MsLocalSiteAddrRp(MsLocalSiteAddrRp) "MS-LOCAL-SITE-ADDR-RP": Microsoft,
    MsLocalRelaySiteRp(MsLocalRelaySiteRp) "MS-LOCAL-RELAY-SITE-RP": Microsoft,
    MsSipDialogId(MsSipDialogId<'a>) "MS-SIP-DIALOG-ID": Microsoft,
    MsSipCallId(MsSipCallId<'a>) "MS-SIP-CALL-ID": Microsoft,
    MsLocationProfile(MsLocationProfile) "MS-LOCATION-PROFILE": Microsoft,
    MsImplementationVersion(MsImplementationVersion) "MS-IMPLEMENTATION-VERSION": Microsoft,
    MsAltMappedAddress(MsAltMappedAddress) "MS-ALT-MAPPED-ADDRESS": Microsoft,
    MsMultiplexedTurnSessionId(MsMultiplexedTurnSessionId) "MS-MULTIPLEXED-TURN-SESSION-ID": Microsoft,
    Nomination(Nomination) "NOMINATION": Google,
    RetransmitCount(RetransmitCount) "RETRANSMIT-COUNT": Google,
    GoogMultiMapping(GoogMultiMapping<'a>) "GOOG-MULTI-MAPPING": Google,
    GoogLoggingId(GoogLoggingId<'a>) "GOOG-LOGGING-ID": Google,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stun::{AdditionalAddressFamily, AddressFamily, AttributeValue, Message};

    #[test]
    fn one_number_is_what_the_caller_takes_it_for() {
        // coturn-turn-ipv6.pcap has 0x8032 with 02000000; 0xC001 as libwebrtc sends it, nomination 1.
        let bytes =
            b"\0\x03\0\x10\x21\x12\xa4\x42abcdefghijkl\x80\x32\0\x04\x02\0\0\0\xc0\x01\0\x04\0\0\0\x01";
        let message = Message::parse(bytes).unwrap();
        let ipv6 = CoturnAdditionalAddressFamily(AddressFamily::Ipv6);
        assert_eq!(message.get(), Some(Ok(ipv6)));
        assert_eq!(message.get(), Some(Ok(MsAlternateHostName(&[2, 0, 0, 0]))));
        assert_eq!(message.get::<AdditionalAddressFamily>(), None);
        let [family, nomination] = [0, 1].map(|n| message.attributes().nth(n).unwrap());
        assert_eq!(Dialect::Coturn.decode(&family), Ok(Value::CoturnAdditionalAddressFamily(ipv6)));
        let name = MsAlternateHostName(&[2, 0, 0, 0]);
        assert_eq!(Dialect::Microsoft.decode(&family), Ok(Value::MsAlternateHostName(name)));
        assert_eq!(Dialect::Google.decode(&family), Ok(Value::Other(&[2, 0, 0, 0])));
        assert_eq!(family.decode(), Ok(AttributeValue::Other(&[2, 0, 0, 0])));
        assert_eq!(Dialect::Google.decode(&nomination), Ok(Value::Nomination(Nomination(1))));
        let registered = nomination.decode().unwrap();
        assert!(matches!(registered, AttributeValue::EnfFlowDescription(_)), "{registered:?}");
    }

    #[test]
    fn a_number_has_one_meaning_in_a_dialect_and_none_of_the_registry_s_own() {
        for number in 0..=0xFFFF {
            let attribute_type = AttributeType(number);
            let of = |dialect: Dialect| dialect.name(attribute_type);
            let names =
                [Dialect::Microsoft, Dialect::Google, Dialect::Coturn, Dialect::Drafts].map(of);
            if attribute_type.name().is_some() && number != 0xC001 {
                assert_eq!(names, [None; 4], "{number:#06x}");
            }
        }
    }

    #[test]
    fn the_magic_cookie_has_one_value() {
        let cookie = b"\x72\xc6\x4b\xc6";
        assert_eq!(MagicCookie::parse(cookie, &[0; 16]), Ok(MagicCookie::VALUE));
        assert_eq!(MagicCookie::parse(&[0; 4], &[0; 16]), Ok(MagicCookie(0)));
        let refused = Err(BuildError::OutOfRange { field: "MAGIC-COOKIE" });
        assert_eq!(MagicCookie(0).encode(&mut Sink::new(&mut [0; 4]), &[0; 16]), refused);
    }
}
