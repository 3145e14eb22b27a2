//! What libwebrtc registered: the GOOG- attributes, and DTLS inside STUN (IANA, STUN Attributes 0xC057 to 0xC071).
//!
//! ```text
//! |          network id           |         network cost          |  GOOG-NETWORK-INFO
//! |            value 0            |            value 1            |  GOOG-MISC-INFO …
//! |                             CRC-32                            |  META-DTLS-IN-STUN-ACKNOWLEDGEMENT …
//! ```

use byteorder::{BE, ByteOrder};

use super::{bytes_attribute, fixed_attribute, number_attribute};
use crate::encode::Sink;
use crate::error::{BuildError, ErrorKind, ParseError};
use crate::stun::{AttributeType, TypedAttribute};

/// GOOG-NETWORK-INFO: the sender's network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GoogNetworkInfo {
    /// Names the interface; 0 if it is not known.
    pub network_id: u16,
    /// What it costs to use it, up to 999: more where it is metered or weak.
    pub network_cost: u16,
}

fixed_attribute!(
    GoogNetworkInfo,
    GOOG_NETWORK_INFO,
    "GOOG-NETWORK-INFO",
    4,
    |&[a, b, c, d]| {
        Self { network_id: u16::from_be_bytes([a, b]), network_cost: u16::from_be_bytes([c, d]) }
    },
    |info| {
        let ([a, b], [c, d]) = (info.network_id.to_be_bytes(), info.network_cost.to_be_bytes());
        Ok([a, b, c, d])
    }
);

bytes_attribute! {
    /// GOOG-LAST-ICE-CHECK-RECEIVED: the transaction id of the last check that the sender got.
    GoogLastIceCheckReceived, GOOG_LAST_ICE_CHECK_RECEIVED
}

/// Writes an attribute that is a list of numbers of the same width.
macro_rules! list_attribute {
    (
        $(#[$doc:meta])* $type:ident, $constant:ident, $name:literal,
        $(#[$field_doc:meta])* $field:ident: $int:ty, $len:literal, $read:path
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $type<'a> {
            /// In wire form.
            pub $field: &'a [[u8; $len]],
        }

        impl<'a> $type<'a> {
            $(#[$field_doc])*
            #[inline]
            pub fn $field(&self) -> impl ExactSizeIterator<Item = $int> + Clone + use<'a> {
                self.$field.iter().map(|bytes| $read(bytes))
            }
        }

        impl<'a> TypedAttribute<'a> for $type<'a> {
            const TYPE: AttributeType = AttributeType::$constant;

            #[inline]
            fn parse(value: &'a [u8], _: &[u8; 16]) -> Result<Self, ParseError> {
                match value.as_chunks() {
                    ($field, []) => Ok(Self { $field }),
                    (whole, _) => {
                        let have = whole.as_flattened().len();
                        let kind = ErrorKind::Length { found: value.len(), have };
                        Err(ParseError { what: $name, field: "value", offset: 0, kind })
                    }
                }
            }

            #[inline]
            fn value_len(&self) -> usize {
                self.$field.as_flattened().len()
            }

            #[inline]
            fn encode(&self, out: &mut Sink<'_>, _: &[u8; 16]) -> Result<(), BuildError> {
                out.bytes(self.$field.as_flattened())
            }
        }
    };
}

list_attribute! {
    /// GOOG-MISC-INFO: numbers, of which the first says which version of GOOG-PING the sender supports.
    GoogMiscInfo, GOOG_MISC_INFO, "GOOG-MISC-INFO",
    /// The numbers, in wire order.
    values: u16, 2, BE::read_u16
}

impl GoogMiscInfo<'_> {
    /// The version of GOOG-PING that the sender supports; none if it is 0, or the list is empty.
    #[inline]
    pub fn goog_ping_version(&self) -> Option<u16> {
        self.values().next().filter(|&version| version != 0)
    }
}

bytes_attribute! {
    /// GOOG-OBSOLETE-1: bytes, no longer sent.
    GoogObsolete1, GOOG_OBSOLETE_1
}
bytes_attribute! {
    /// GOOG-CONNECTION-ID: bytes without a published format.
    GoogConnectionId, GOOG_CONNECTION_ID
}
bytes_attribute! {
    /// GOOG-DELTA: bytes that an application sends along with checks.
    GoogDelta, GOOG_DELTA
}
number_attribute! {
    /// GOOG-DELTA-ACK: says which GOOG-DELTA was received.
    GoogDeltaAck(u64), GOOG_DELTA_ACK, "GOOG-DELTA-ACK", 8
}
bytes_attribute! {
    /// GOOG-DELTA-SYNC-REQ: bytes without a published format.
    GoogDeltaSyncReq, GOOG_DELTA_SYNC_REQ
}

/// GOOG-MESSAGE-INTEGRITY-32: the first 4 bytes of the HMAC-SHA1 of what is before it, in GOOG-PING.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GoogMessageIntegrity32(pub [u8; 4]);

fixed_attribute!(
    GoogMessageIntegrity32,
    GOOG_MESSAGE_INTEGRITY_32,
    "GOOG-MESSAGE-INTEGRITY-32",
    4,
    |value| Self(*value),
    |hmac| Ok(hmac.0)
);

bytes_attribute! {
    /// META-DTLS-IN-STUN: a DTLS packet of the handshake that goes along with a check; empty to say that the sender
    /// supports it, or is done.
    MetaDtlsInStun, META_DTLS_IN_STUN
}
list_attribute! {
    /// META-DTLS-IN-STUN-ACKNOWLEDGEMENT: the CRC-32 of each DTLS packet that was received.
    MetaDtlsInStunAcknowledgement, META_DTLS_IN_STUN_ACKNOWLEDGEMENT, "META-DTLS-IN-STUN-ACKNOWLEDGEMENT",
    /// The CRCs, in wire order.
    crc32s: u32, 4, BE::read_u32
}

impl MetaDtlsInStunAcknowledgement<'_> {
    /// Whether it says that `packet` was received.
    pub fn acknowledges(&self, packet: &[u8]) -> bool {
        let crc32 = crc32fast::hash(packet);
        self.crc32s().any(|received| received == crc32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &[u8; 16] = &[0; 16];

    #[test]
    fn the_network_info_that_chromium_sends() {
        // chromium-vp8-rtx-twcc.pcap, frame 1: network 1, cost 0.
        let info = GoogNetworkInfo { network_id: 1, network_cost: 0 };
        assert_eq!(GoogNetworkInfo::parse(&[0, 1, 0, 0], ID), Ok(info));
        let info = GoogNetworkInfo { network_id: 0x0102, network_cost: 900 };
        let mut out = [0xFF; 4];
        info.encode(&mut Sink::new(&mut out), ID).unwrap();
        assert_eq!(out, [1, 2, 0x03, 0x84]);
        assert!(GoogNetworkInfo::parse(&[0; 2], ID).is_err());
    }

    #[test]
    fn lists_of_numbers() {
        let bytes = [0, 1, 0, 0, 0xAB, 0x0C];
        let info = GoogMiscInfo::parse(&bytes, ID).unwrap();
        assert!(info.values().eq([1, 0, 0xAB0C]));
        assert_eq!(info.goog_ping_version(), Some(1));
        assert_eq!(GoogMiscInfo::default().goog_ping_version(), None);
        assert_eq!(GoogMiscInfo { values: &[[0, 0]] }.goog_ping_version(), None);
        let mut out = [0xFF; 6];
        info.encode(&mut Sink::new(&mut out), ID).unwrap();
        assert_eq!((info.value_len(), out), (6, bytes));
        let kind = ErrorKind::Length { found: 5, have: 4 };
        assert_eq!(GoogMiscInfo::parse(&bytes[..5], ID).unwrap_err().kind, kind);
        assert_eq!(MetaDtlsInStunAcknowledgement::parse(&bytes[..5], ID).unwrap_err().kind, kind);
    }

    #[test]
    fn an_acknowledgement_is_of_packets_by_their_crc() {
        // The check value of CRC-32: that of the nine digits is 0xcbf43926.
        let bytes = [0, 0, 0, 0, 0xCB, 0xF4, 0x39, 0x26];
        let acknowledgement = MetaDtlsInStunAcknowledgement::parse(&bytes, ID).unwrap();
        assert!(acknowledgement.crc32s().eq([0, 0xCBF4_3926]));
        assert!(acknowledgement.acknowledges(b"123456789"));
        assert!(!acknowledgement.acknowledges(b"12345678"));
        assert!(!MetaDtlsInStunAcknowledgement::default().acknowledges(b"123456789"));
    }
}
