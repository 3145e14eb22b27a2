//! The typed values, one file a family, and [`AttributeValue`], which is any of them.

mod address;
mod behavior;
mod credentials;
mod error_code;
mod ice;
mod integrity;
mod text;
mod turn;
mod unknown_attributes;
mod value;

pub use address::{
    AlternateServer, ChangedAddress, MappedAddress, OtherAddress, ReflectedFrom, ResponseAddress,
    ResponseOrigin, SourceAddress, XorMappedAddress, XorPeerAddress, XorRelayedAddress,
};
pub use behavior::ChangeRequest;
pub use credentials::{PasswordAlgorithm, PasswordAlgorithmId, PasswordAlgorithms, UserHash};
pub use error_code::{AddressErrorCode, ErrorCode};
pub use ice::{IceControlled, IceControlling, Priority, UseCandidate};
#[cfg(feature = "integrity")]
pub(crate) use integrity::is_sha256_len;
pub use integrity::{Fingerprint, MessageIntegrity, MessageIntegritySha256};
pub(crate) use text::Text;
pub use text::{AlternateDomain, Nonce, Realm, Software, Username};
pub use turn::{
    AdditionalAddressFamily, AddressFamily, ChannelNumber, Data, DontFragment, EvenPort, Icmp,
    Lifetime, RequestedAddressFamily, RequestedTransport, ReservationToken,
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

/// Writes the `TypedAttribute` of a value of fixed length out of two functions: from its bytes, and to them.
macro_rules! fixed_attribute {
    ($type:ident, $constant:ident, $name:literal, $len:literal, $read:expr, $write:expr) => {
        impl crate::stun::TypedAttribute<'_> for $type {
            const TYPE: crate::stun::AttributeType = crate::stun::AttributeType::$constant;

            #[inline]
            fn parse(value: &[u8], _: &[u8; 16]) -> Result<Self, crate::ParseError> {
                let read: fn(&[u8; $len]) -> Self = $read;
                crate::error::run($name, value, super::exactly::<$len>).map(read)
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
