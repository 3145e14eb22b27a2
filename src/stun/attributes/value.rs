//! Any attribute, read by its type.

use core::fmt;

use super::*;
use crate::encode::Sink;
use crate::error::{BuildError, ParseError};
use crate::stun::{Attribute, AttributeType, Code, TypedAttribute};

/// Writes the enum and what walks over its variants: the one list of the attributes that have a type.
macro_rules! attribute_values {
    ($($constant:ident => $variant:ident($type:ty),)*) => {
        /// The value of any attribute, for walks over all of them; for one type [`Message::get`](crate::stun::Message::get)
        /// is handier.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum AttributeValue<'a> {
            $(
                #[doc = concat!("See [`", stringify!($variant), "`].")]
                $variant($type),
            )*
            /// Of a type that this crate has no form for: the bytes.
            Other(&'a [u8]),
        }

        impl<'a> Attribute<'a> {
            /// The value, read by the attribute's type.
            ///
            /// # Errors
            /// The value is not of its type's form; the offset counts from the front of the message.
            #[inline]
            pub fn decode(&self) -> Result<AttributeValue<'a>, ParseError> {
                Ok(match self.attribute_type() {
                    $(AttributeType::$constant => AttributeValue::$variant(self.parse_as()?),)*
                    _ => AttributeValue::Other(self.value()),
                })
            }
        }

        impl AttributeValue<'_> {
            /// The bytes that the value takes, without padding.
            #[inline]
            pub fn value_len(&self) -> usize {
                match self {
                    $(Self::$variant(value) => value.value_len(),)*
                    Self::Other(bytes) => bytes.len(),
                }
            }

            /// Writes the value; `id` is bytes 4 to 19 of the message.
            ///
            /// # Errors
            /// A value that the standard forbids; no room.
            pub fn encode(&self, out: &mut Sink<'_>, id: &[u8; 16]) -> Result<(), BuildError> {
                match self {
                    $(Self::$variant(value) => value.encode(out, id),)*
                    Self::Other(bytes) => out.bytes(bytes),
                }
            }
        }

        $(
            impl<'a> From<$type> for AttributeValue<'a> {
                #[inline]
                fn from(value: $type) -> Self {
                    Self::$variant(value)
                }
            }
        )*

        impl AttributeType {
            /// Those that this crate reads into a type of their own.
            pub const TYPED: &'static [Self] = &[$(Self::$constant),*];
        }
    };
}

attribute_values! {
    MAPPED_ADDRESS => MappedAddress(MappedAddress),
    RESPONSE_ADDRESS => ResponseAddress(ResponseAddress),
    CHANGE_REQUEST => ChangeRequest(ChangeRequest),
    SOURCE_ADDRESS => SourceAddress(SourceAddress),
    CHANGED_ADDRESS => ChangedAddress(ChangedAddress),
    USERNAME => Username(Username<'a>),
    PASSWORD => Password(Password<'a>),
    MESSAGE_INTEGRITY => MessageIntegrity(MessageIntegrity),
    ERROR_CODE => ErrorCode(ErrorCode<'a>),
    UNKNOWN_ATTRIBUTES => UnknownAttributes(UnknownAttributes<'a>),
    REFLECTED_FROM => ReflectedFrom(ReflectedFrom),
    CHANNEL_NUMBER => ChannelNumber(ChannelNumber),
    LIFETIME => Lifetime(Lifetime),
    XOR_PEER_ADDRESS => XorPeerAddress(XorPeerAddress),
    DATA => Data(Data<'a>),
    REALM => Realm(Realm<'a>),
    NONCE => Nonce(Nonce<'a>),
    XOR_RELAYED_ADDRESS => XorRelayedAddress(XorRelayedAddress),
    REQUESTED_ADDRESS_FAMILY => RequestedAddressFamily(RequestedAddressFamily),
    EVEN_PORT => EvenPort(EvenPort),
    REQUESTED_TRANSPORT => RequestedTransport(RequestedTransport),
    DONT_FRAGMENT => DontFragment(DontFragment),
    ACCESS_TOKEN => AccessToken(AccessToken<'a>),
    MESSAGE_INTEGRITY_SHA256 => MessageIntegritySha256(MessageIntegritySha256<'a>),
    PASSWORD_ALGORITHM => PasswordAlgorithm(PasswordAlgorithm<'a>),
    USERHASH => UserHash(UserHash),
    XOR_MAPPED_ADDRESS => XorMappedAddress(XorMappedAddress),
    RESERVATION_TOKEN => ReservationToken(ReservationToken),
    PRIORITY => Priority(Priority),
    USE_CANDIDATE => UseCandidate(UseCandidate),
    PADDING => Padding(Padding<'a>),
    RESPONSE_PORT => ResponsePort(ResponsePort),
    CONNECTION_ID => ConnectionId(ConnectionId),
    ADDITIONAL_ADDRESS_FAMILY => AdditionalAddressFamily(AdditionalAddressFamily),
    ADDRESS_ERROR_CODE => AddressErrorCode(AddressErrorCode<'a>),
    PASSWORD_ALGORITHMS => PasswordAlgorithms(PasswordAlgorithms<'a>),
    ALTERNATE_DOMAIN => AlternateDomain(AlternateDomain<'a>),
    ICMP => Icmp(Icmp),
    SOFTWARE => Software(Software<'a>),
    ALTERNATE_SERVER => AlternateServer(AlternateServer),
    TRANSACTION_TRANSMIT_COUNTER => TransactionTransmitCounter(TransactionTransmitCounter),
    CACHE_TIMEOUT => CacheTimeout(CacheTimeout),
    FINGERPRINT => Fingerprint(Fingerprint),
    ICE_CONTROLLED => IceControlled(IceControlled),
    ICE_CONTROLLING => IceControlling(IceControlling),
    RESPONSE_ORIGIN => ResponseOrigin(ResponseOrigin),
    OTHER_ADDRESS => OtherAddress(OtherAddress),
    ECN_CHECK_STUN => EcnCheck(EcnCheck),
    THIRD_PARTY_AUTHORIZATION => ThirdPartyAuthorization(ThirdPartyAuthorization<'a>),
    MOBILITY_TICKET => MobilityTicket(MobilityTicket<'a>),
    CISCO_STUN_FLOWDATA => CiscoStunFlowdata(CiscoStunFlowdata<'a>),
    ENF_FLOW_DESCRIPTION => EnfFlowDescription(EnfFlowDescription<'a>),
    ENF_NETWORK_STATUS => EnfNetworkStatus(EnfNetworkStatus<'a>),
    CISCO_WEBEX_FLOW_INFO => CiscoWebexFlowInfo(CiscoWebexFlowInfo<'a>),
    CITRIX_TRANSACTION_ID => CitrixTransactionId(CitrixTransactionId<'a>),
    GOOG_NETWORK_INFO => GoogNetworkInfo(GoogNetworkInfo),
    GOOG_LAST_ICE_CHECK_RECEIVED => GoogLastIceCheckReceived(GoogLastIceCheckReceived<'a>),
    GOOG_MISC_INFO => GoogMiscInfo(GoogMiscInfo<'a>),
    GOOG_OBSOLETE_1 => GoogObsolete1(GoogObsolete1<'a>),
    GOOG_CONNECTION_ID => GoogConnectionId(GoogConnectionId<'a>),
    GOOG_DELTA => GoogDelta(GoogDelta<'a>),
    GOOG_DELTA_ACK => GoogDeltaAck(GoogDeltaAck),
    GOOG_DELTA_SYNC_REQ => GoogDeltaSyncReq(GoogDeltaSyncReq<'a>),
    GOOG_MESSAGE_INTEGRITY_32 => GoogMessageIntegrity32(GoogMessageIntegrity32),
    META_DTLS_IN_STUN => MetaDtlsInStun(MetaDtlsInStun<'a>),
    META_DTLS_IN_STUN_ACKNOWLEDGEMENT => MetaDtlsInStunAcknowledgement(MetaDtlsInStunAcknowledgement<'a>),
}

/// `PRIORITY=1845494271`, `MI`, `FP`; a value that is not of its form as `PRIORITY=?`, an unknown type as `0xc057[4]`
/// with its length.
impl fmt::Display for Attribute<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use AttributeValue as V;
        let value = match (self.decode(), self.attribute_type().name()) {
            (Ok(value), _) => value,
            (Err(_), Some(name)) => return write!(f, "{name}=?"),
            (Err(_), None) => V::Other(self.value()),
        };
        let name = self.attribute_type();
        match value {
            V::MessageIntegrity(_) => f.write_str("MI"),
            V::MessageIntegritySha256(_) => f.write_str("MI-SHA256"),
            V::GoogMessageIntegrity32(_) => f.write_str("MI-32"),
            V::Fingerprint(_) => f.write_str("FP"),
            V::UseCandidate(_)
            | V::DontFragment(_)
            | V::EcnCheck(EcnCheck { valid: false, .. }) => write!(f, "{name}"),
            V::MappedAddress(MappedAddress(address))
            | V::ResponseAddress(ResponseAddress(address))
            | V::SourceAddress(SourceAddress(address))
            | V::ChangedAddress(ChangedAddress(address))
            | V::ReflectedFrom(ReflectedFrom(address))
            | V::XorPeerAddress(XorPeerAddress(address))
            | V::XorRelayedAddress(XorRelayedAddress(address))
            | V::XorMappedAddress(XorMappedAddress(address))
            | V::AlternateServer(AlternateServer(address))
            | V::ResponseOrigin(ResponseOrigin(address))
            | V::OtherAddress(OtherAddress(address)) => write!(f, "{name}={address}"),
            V::Username(Username(text))
            | V::Realm(Realm(text))
            | V::Nonce(Nonce(text))
            | V::Software(Software(text))
            | V::AlternateDomain(AlternateDomain(text))
            | V::ThirdPartyAuthorization(ThirdPartyAuthorization(text)) => {
                write!(f, "{name}={}", Text(text))
            }
            V::ErrorCode(ErrorCode { code: Code(code), reason }) => {
                write!(f, "{name}={code} {}", Text(reason))
            }
            V::AddressErrorCode(AddressErrorCode { family, code: Code(code), reason }) => {
                write!(f, "{name}={} {code} {}", family.name(), Text(reason))
            }
            V::UnknownAttributes(list) => {
                write!(f, "{name}=")?;
                for (n, unknown) in list.types().take(8).enumerate() {
                    write!(f, "{}{:#06x}", if n == 0 { "" } else { "," }, unknown.0)?;
                }
                Ok(())
            }
            V::ChangeRequest(ChangeRequest { change_ip, change_port }) => {
                write!(
                    f,
                    "{name}={}",
                    match (change_ip, change_port) {
                        (false, false) => "none",
                        (true, false) => "ip",
                        (false, true) => "port",
                        (true, true) => "ip,port",
                    }
                )
            }
            V::ChannelNumber(ChannelNumber(number)) => write!(f, "{name}={number:#06x}"),
            V::Lifetime(Lifetime(seconds)) | V::CacheTimeout(CacheTimeout(seconds)) => {
                write!(f, "{name}={seconds}")
            }
            V::Priority(Priority(priority)) => write!(f, "{name}={priority}"),
            V::ResponsePort(ResponsePort(port)) => write!(f, "{name}={port}"),
            V::ConnectionId(ConnectionId(id)) => write!(f, "{name}={id:#010x}"),
            V::TransactionTransmitCounter(TransactionTransmitCounter { req, resp }) => {
                write!(f, "{name}={req},{resp}")
            }
            V::EcnCheck(EcnCheck { ecf, valid: true }) => write!(f, "{name}={ecf}"),
            V::GoogNetworkInfo(GoogNetworkInfo { network_id, network_cost }) => {
                write!(f, "{name}={network_id},{network_cost}")
            }
            V::GoogDeltaAck(GoogDeltaAck(number))
            | V::IceControlled(IceControlled(number))
            | V::IceControlling(IceControlling(number)) => {
                write!(f, "{name}={number:016x}")
            }
            V::RequestedTransport(RequestedTransport(protocol)) => write!(f, "{name}={protocol}"),
            V::RequestedAddressFamily(RequestedAddressFamily(family))
            | V::AdditionalAddressFamily(AdditionalAddressFamily(family)) => {
                write!(f, "{name}={}", family.name())
            }
            V::EvenPort(EvenPort { reserve }) => {
                write!(f, "{name}{}", if reserve { "=R" } else { "" })
            }
            V::Icmp(Icmp { icmp_type, icmp_code, icmp_data }) => {
                write!(f, "{name}={icmp_type}/{icmp_code}/{icmp_data}")
            }
            V::PasswordAlgorithm(chosen) => write!(f, "{name}={}", chosen.algorithm),
            V::PasswordAlgorithms(list) => {
                write!(f, "{name}=")?;
                for (n, offered) in list.algorithms().take(8).enumerate() {
                    write!(f, "{}{}", if n == 0 { "" } else { "," }, offered.algorithm)?;
                }
                Ok(())
            }
            // Of these the length says enough.
            V::ReservationToken(_)
            | V::UserHash(_)
            | V::Password(_)
            | V::AccessToken(_)
            | V::Data(_)
            | V::Padding(_)
            | V::MobilityTicket(_)
            | V::CiscoStunFlowdata(_)
            | V::EnfFlowDescription(_)
            | V::EnfNetworkStatus(_)
            | V::CiscoWebexFlowInfo(_)
            | V::CitrixTransactionId(_)
            | V::GoogLastIceCheckReceived(_)
            | V::GoogMiscInfo(_)
            | V::GoogObsolete1(_)
            | V::GoogConnectionId(_)
            | V::GoogDelta(_)
            | V::GoogDeltaSyncReq(_)
            | V::MetaDtlsInStun(_)
            | V::MetaDtlsInStunAcknowledgement(_)
            | V::Other(_) => match name.name() {
                Some(name) => write!(f, "{name}[{}]", self.value().len()),
                None => write!(f, "{:#06x}[{}]", name.0, self.value().len()),
            },
        }
    }
}
