//! STUN and TURN messages (RFC 8489, RFC 8656, RFC 8445; classic STUN, RFC 3489).
//!
//! [`Message`] reads in place; [`MessageWriter`] writes one, attribute by attribute, into a buffer of yours. Values have
//! types: [`XorMappedAddress`], [`Username`], [`ErrorCode`] and so on, all of them [`TypedAttribute`]s; numbers that IANA does
//! not have are in [`unregistered`]. `Key` makes and checks MESSAGE-INTEGRITY and its kin. What a receiver may enforce are
//! functions of [`Message`] whose names begin with `check`; they give a [`BrokenRule`]. [`ChannelData`] is TURN's short form
//! for data.
//!
//! A Binding request is read and verified, as an ICE agent does it (the request of RFC 5769 section 2.1):
//!
//! ```
//! # #[cfg(feature = "integrity")] {
//! use mediawire::stun::{AttributeType, Class, Key, Message, Method, Priority, Username};
//!
//! # let datagram = &[
//! #     0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86,
//! #     0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x10, 0x53, 0x54, 0x55, 0x4e, 0x20, 0x74, 0x65, 0x73,
//! #     0x74, 0x20, 0x63, 0x6c, 0x69, 0x65, 0x6e, 0x74, 0x00, 0x24, 0x00, 0x04, 0x6e, 0x00, 0x01, 0xff,
//! #     0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9, 0xb1, 0x51, 0x26, 0x3b, 0x36, 0x00, 0x06, 0x00, 0x09,
//! #     0x65, 0x76, 0x74, 0x6a, 0x3a, 0x68, 0x36, 0x76, 0x59, 0x20, 0x20, 0x20, 0x00, 0x08, 0x00, 0x14,
//! #     0x9a, 0xea, 0xa7, 0x0c, 0xbf, 0xd8, 0xcb, 0x56, 0x78, 0x1e, 0xf2, 0xb5, 0xb2, 0xd3, 0xf2, 0x49,
//! #     0xc1, 0xb5, 0x71, 0xa2, 0x80, 0x28, 0x00, 0x04, 0xe5, 0x7a, 0x3b, 0xcf,
//! # ][..];
//! let key = Key::short_term(b"VOkJxbRl1RmTxUk/WvJxBt"); // once for each peer
//!
//! let request = Message::parse(datagram)?;
//! assert_eq!((request.class(), request.method()), (Class::Request, Method::BINDING));
//! request.check_fingerprint()?;
//! request.verify_integrity(&key)?;
//! assert_eq!(request.unknown_required(AttributeType::TYPED).count(), 0);
//!
//! let username: Username = request.get().ok_or("no USERNAME")??;
//! assert_eq!(username.value_str()?, "evtj:h6vY");
//! let Priority(priority) = request.get().ok_or("no PRIORITY")??;
//! assert_eq!(priority, 0x6e00_01ff);
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! And it is answered:
//!
//! ```
//! # #[cfg(feature = "integrity")] {
//! # use mediawire::stun::*;
//! # let datagram = &b"\0\x01\0\0\x21\x12\xa4\x42abcdefghijkl"[..];
//! # let key = Key::short_term(b"VOkJxbRl1RmTxUk/WvJxBt");
//! let source = "192.0.2.1:32853".parse()?;
//! let request = Message::parse(datagram)?;
//!
//! let mut buffer = [0; 128];
//! let mut response = MessageWriter::binding_success(&mut buffer, &request, source)?;
//! response.push_integrity(&key)?.push_fingerprint()?;
//! let len = response.finish();
//!
//! let response = Message::parse(&buffer[..len])?;
//! assert_eq!(response.transaction_id(), request.transaction_id());
//! assert_eq!(response.get().transpose()?, Some(XorMappedAddress(source)));
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(feature = "integrity")]
pub mod agent;
mod attribute;
mod attribute_type;
mod attributes;
mod builder;
mod channel_data;
mod class;
mod code;
mod fingerprint;
#[cfg(feature = "integrity")]
mod integrity;
#[cfg(feature = "serde")]
mod json;
mod message;
mod method;
mod nonce_cookie;
#[cfg(feature = "prepare")]
pub mod prepare;
mod rules;
mod transaction_id;

#[cfg(test)]
mod tests;

pub use attribute::{Attribute, Attributes, TypedAttribute};
pub use attribute_type::AttributeType;
pub use attributes::{
    AccessToken, AccessTokenBlock, AdditionalAddressFamily, AddressErrorCode, AddressFamily,
    AlternateDomain, AlternateServer, AttributeValue, CacheTimeout, ChangeRequest, ChangedAddress,
    ChannelNumber, CiscoStunFlowdata, CiscoWebexFlowInfo, CitrixTransactionId, ConnectionId, Data,
    DontFragment, EcnCheck, EnfFlowDescription, EnfNetworkStatus, ErrorCode, EvenPort, Fingerprint,
    GoogConnectionId, GoogDelta, GoogDeltaAck, GoogDeltaSyncReq, GoogLastIceCheckReceived,
    GoogMessageIntegrity32, GoogMiscInfo, GoogNetworkInfo, GoogObsolete1, IceControlled,
    IceControlling, Icmp, Lifetime, MappedAddress, MessageIntegrity, MessageIntegritySha256,
    MetaDtlsInStun, MetaDtlsInStunAcknowledgement, MobilityTicket, Nonce, OtherAddress, Padding,
    Password, PasswordAlgorithm, PasswordAlgorithmId, PasswordAlgorithms, Priority, Realm,
    ReflectedFrom, RequestedAddressFamily, RequestedTransport, ReservationToken, ResponseAddress,
    ResponseOrigin, ResponsePort, Software, SourceAddress, ThirdPartyAuthorization,
    TransactionTransmitCounter, UnknownAttributes, UseCandidate, UserHash, Username,
    XorMappedAddress, XorPeerAddress, XorRelayedAddress, unregistered,
};
pub use builder::MessageWriter;
pub(crate) use channel_data::HEADER_LEN as CHANNEL_DATA_HEADER_LEN;
pub use channel_data::{ChannelData, ChannelDataBuilder};
pub use class::Class;
pub use code::Code;
pub use fingerprint::CheckError;
#[cfg(feature = "integrity")]
pub use integrity::Key;
pub(crate) use message::HEADER_LEN;
pub use message::{MAGIC_COOKIE, Message, MessageBuilder};
pub use method::Method;
pub use nonce_cookie::{SecurityFeature, SecurityFeatures};
pub use rules::{BrokenRule, IceRole, RoleConflict};
pub use transaction_id::TransactionId;
