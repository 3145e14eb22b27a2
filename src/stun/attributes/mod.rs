//! The typed values, one file a family, and [`AttributeValue`], which is any of them.

mod address;
mod behavior;
mod credentials;
mod error_code;
mod google;
mod ice;
mod integrity;
mod opaque;
mod path;
mod text;
mod third_party;
mod turn;
mod unknown_attributes;
pub mod unregistered;
mod value;

pub use address::{
    AlternateServer, ChangedAddress, MappedAddress, OtherAddress, ReflectedFrom, ResponseAddress,
    ResponseOrigin, SourceAddress, XorMappedAddress, XorPeerAddress, XorRelayedAddress,
};
pub use behavior::{CacheTimeout, ChangeRequest, Padding, ResponsePort};
pub use credentials::{
    Password, PasswordAlgorithm, PasswordAlgorithmId, PasswordAlgorithms, UserHash,
};
pub use error_code::{AddressErrorCode, ErrorCode};
pub use google::{
    GoogConnectionId, GoogDelta, GoogDeltaAck, GoogDeltaSyncReq, GoogLastIceCheckReceived,
    GoogMessageIntegrity32, GoogMiscInfo, GoogNetworkInfo, GoogObsolete1, MetaDtlsInStun,
    MetaDtlsInStunAcknowledgement,
};
pub use ice::{IceControlled, IceControlling, Priority, UseCandidate};
#[cfg(feature = "integrity")]
pub(crate) use integrity::is_sha256_len;
pub use integrity::{Fingerprint, MessageIntegrity, MessageIntegritySha256};
pub use opaque::{
    CiscoStunFlowdata, CiscoWebexFlowInfo, CitrixTransactionId, EnfFlowDescription,
    EnfNetworkStatus,
};
pub use path::{EcnCheck, TransactionTransmitCounter};
pub(crate) use text::Text;
pub use text::{AlternateDomain, Nonce, Realm, Software, Username};
pub use third_party::{AccessToken, AccessTokenBlock, ThirdPartyAuthorization};
pub use turn::{
    AdditionalAddressFamily, AddressFamily, ChannelNumber, ConnectionId, Data, DontFragment,
    EvenPort, Icmp, Lifetime, MobilityTicket, RequestedAddressFamily, RequestedTransport,
    ReservationToken,
};
pub use unknown_attributes::UnknownAttributes;
pub use value::AttributeValue;

use crate::error::{ErrorKind, Fail, Step};

/// The whole value, where the form has a fixed length.
#[inline]
fn exactly<const N: usize>(value: &[u8]) -> Step<'_, &[u8; N]> {
    match value.try_into() {
        Ok(array) => Ok((&[], array)),
        Err(_) => {
            let kind = ErrorKind::Length { found: value.len(), have: N };
            Err(Fail::field("value", value, kind))
        }
    }
}

/// The type of an attribute: a constant of the registry, or the number of one that has none.
macro_rules! attribute_type {
    ($constant:ident) => {
        crate::stun::AttributeType::$constant
    };
    ($number:literal) => {
        crate::stun::AttributeType($number)
    };
}
use attribute_type;

/// Writes the `TypedAttribute` of a value of fixed length out of two functions: from its bytes, and to them.
macro_rules! fixed_attribute {
    ($type:ident, $constant:tt, $name:literal, $len:literal, $read:expr, $write:expr) => {
        impl crate::stun::TypedAttribute<'_> for $type {
            const TYPE: crate::stun::AttributeType =
                crate::stun::attributes::attribute_type!($constant);

            #[inline]
            fn parse(value: &[u8], _: &[u8; 16]) -> Result<Self, crate::ParseError> {
                let read: fn(&[u8; $len]) -> Self = $read;
                crate::error::run($name, value, crate::stun::attributes::exactly::<$len>).map(read)
            }

            #[inline]
            fn value_len(&self) -> usize {
                $len
            }

            #[inline]
            fn encode(
                &self,
                out: &mut crate::Sink<'_>,
                _: &[u8; 16],
            ) -> Result<(), crate::BuildError> {
                let write: fn(&Self) -> Result<[u8; $len], crate::BuildError> = $write;
                *out.array()? = write(self)?;
                Ok(())
            }
        }
    };
}
use fixed_attribute;

/// Writes an attribute that is one number.
macro_rules! number_attribute {
    ($(#[$doc:meta])* $type:ident($int:ty), $constant:tt, $name:literal, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(pub $int);

        crate::stun::attributes::fixed_attribute!(
            $type,
            $constant,
            $name,
            $len,
            |value| Self(<$int>::from_be_bytes(*value)),
            |number| Ok(number.0.to_be_bytes())
        );
    };
}
use number_attribute;

/// Writes an attribute that is bytes, any of them.
macro_rules! bytes_attribute {
    ($(#[$doc:meta])* $type:ident, $constant:tt) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type<'a>(pub &'a [u8]);

        impl<'a> crate::stun::TypedAttribute<'a> for $type<'a> {
            const TYPE: crate::stun::AttributeType =
                crate::stun::attributes::attribute_type!($constant);

            #[inline]
            fn parse(value: &'a [u8], _: &[u8; 16]) -> Result<Self, crate::ParseError> {
                Ok(Self(value))
            }

            #[inline]
            fn value_len(&self) -> usize {
                self.0.len()
            }

            #[inline]
            fn encode(
                &self,
                out: &mut crate::Sink<'_>,
                _: &[u8; 16],
            ) -> Result<(), crate::BuildError> {
                out.bytes(self.0)
            }
        }
    };
}
use bytes_attribute;
