//! The attributes of TURN that are no addresses (RFC 8656 section 18), with those of TURN over TCP (RFC 6062) and of
//! mobility (RFC 8016).

use core::net::IpAddr;
use core::time::Duration;

use super::{bytes_attribute, fixed_attribute, number_attribute};
use crate::error::BuildError;
use crate::stun::channel_data::CHANNEL_NUMBERS;

/// An address family (RFC 8489 section 14.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AddressFamily {
    /// 1
    Ipv4,
    /// 2
    Ipv6,
}

impl AddressFamily {
    /// That of an address.
    #[inline]
    pub const fn of(address: &IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::Ipv4,
            IpAddr::V6(_) => Self::Ipv6,
        }
    }

    /// The number on the wire.
    #[inline]
    pub const fn number(self) -> u8 {
        match self {
            Self::Ipv4 => 1,
            Self::Ipv6 => 2,
        }
    }

    /// From the number on the wire.
    #[inline]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Ipv4),
            2 => Some(Self::Ipv6),
            _ => None,
        }
    }

    /// `ipv4`, `ipv6`
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
        }
    }
}

/// CHANNEL-NUMBER: the channel to bind, 0x4000 to 0x4FFF (RFC 8656 section 18.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelNumber(pub u16);

fixed_attribute!(
    ChannelNumber,
    CHANNEL_NUMBER,
    "CHANNEL-NUMBER",
    4,
    |&[a, b, _, _]| Self(u16::from_be_bytes([a, b])),
    |channel| {
        if !CHANNEL_NUMBERS.contains(&channel.0) {
            return Err(BuildError::OutOfRange { field: "CHANNEL-NUMBER" });
        }
        let [a, b] = channel.0.to_be_bytes();
        Ok([a, b, 0, 0])
    }
);

/// LIFETIME: how long an allocation stands without a refresh, in seconds (RFC 8656 section 18.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lifetime(pub u32);

impl Lifetime {
    /// The same.
    #[inline]
    pub const fn duration(self) -> Duration {
        let [a, b, c, d] = self.0.to_be_bytes();
        Duration::from_secs(u64::from_be_bytes([0, 0, 0, 0, a, b, c, d]))
    }
}

fixed_attribute!(
    Lifetime,
    LIFETIME,
    "LIFETIME",
    4,
    |value| Self(u32::from_be_bytes(*value)),
    |lifetime| Ok(lifetime.0.to_be_bytes())
);

/// REQUESTED-TRANSPORT: an IP protocol number, 17 for UDP, 6 for TCP (RFC 8656 section 18.8, RFC 6062 section 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestedTransport(pub u8);

impl RequestedTransport {
    /// UDP.
    pub const UDP: Self = Self(17);
    /// TCP (RFC 6062).
    pub const TCP: Self = Self(6);
}

fixed_attribute!(
    RequestedTransport,
    REQUESTED_TRANSPORT,
    "REQUESTED-TRANSPORT",
    4,
    |value| Self(value[0]),
    |transport| Ok([transport.0, 0, 0, 0])
);

/// EVEN-PORT: an even port is wanted (RFC 8656 section 18.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EvenPort {
    /// R: and the next higher one is to be kept for another allocation.
    pub reserve: bool,
}

fixed_attribute!(
    EvenPort,
    EVEN_PORT,
    "EVEN-PORT",
    1,
    |value| Self { reserve: value[0] & 0x80 != 0 },
    |even| Ok([if even.reserve { 0x80 } else { 0 }])
);

/// RESERVATION-TOKEN: names a port that the server keeps (RFC 8656 section 18.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReservationToken(pub [u8; 8]);

fixed_attribute!(
    ReservationToken,
    RESERVATION_TOKEN,
    "RESERVATION-TOKEN",
    8,
    |value| Self(*value),
    |token| Ok(token.0)
);

/// DONT-FRAGMENT: the DF bit is to be set towards the peer; it has no value (RFC 8656 section 18.9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DontFragment;

fixed_attribute!(DontFragment, DONT_FRAGMENT, "DONT-FRAGMENT", 0, |_| Self, |_| Ok([]));

/// ICMP: why a datagram to the peer was dropped (RFC 8656 section 18.13).
///
/// ```text
/// |  Reserved                     |  ICMP Type    |  ICMP Code    |
/// |                          Error Data                           |
/// ```
///
/// The RFC's figure draws type and code 7 and 9 bits wide, and its text gives no width. Types above 127 (ICMPv6's
/// informational ones) would not fit so, and implementations carry the two bytes that ICMP itself has; so does this.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Icmp {
    /// Type, by the family of XOR-PEER-ADDRESS that of ICMP or of ICMPv6.
    pub icmp_type: u8,
    /// Code.
    pub icmp_code: u8,
    /// Error data: the next link's MTU in bytes where the datagram was too big for it, else 0.
    pub icmp_data: u32,
}

fixed_attribute!(
    Icmp,
    ICMP,
    "ICMP",
    8,
    |&[_, _, icmp_type, icmp_code, a, b, c, d]| {
        Self { icmp_type, icmp_code, icmp_data: u32::from_be_bytes([a, b, c, d]) }
    },
    |icmp| {
        let [a, b, c, d] = icmp.icmp_data.to_be_bytes();
        Ok([0, 0, icmp.icmp_type, icmp.icmp_code, a, b, c, d])
    }
);

/// Writes an attribute that is an address family and three reserved bytes.
macro_rules! family_attribute {
    ($(#[$doc:meta])* $type:ident, $constant:tt, $name:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(pub crate::stun::AddressFamily);

        impl crate::stun::TypedAttribute<'_> for $type {
            const TYPE: crate::stun::AttributeType =
                crate::stun::attributes::attribute_type!($constant);

            #[inline]
            fn parse(value: &[u8], _: &[u8; 16]) -> Result<Self, crate::ParseError> {
                use crate::ErrorKind;
                let refused =
                    |field, kind| crate::ParseError { what: $name, field, offset: 0, kind };
                let &[number, _, _, _] = value else {
                    let kind = ErrorKind::Length { found: value.len(), have: 4 };
                    return Err(refused("value", kind));
                };
                let kind = ErrorKind::Value { found: number.into() };
                let family = crate::stun::AddressFamily::from_number(number);
                family.map(Self).ok_or_else(|| refused("address family", kind))
            }

            #[inline]
            fn value_len(&self) -> usize {
                4
            }

            #[inline]
            fn encode(
                &self,
                out: &mut crate::Sink<'_>,
                _: &[u8; 16],
            ) -> Result<(), crate::BuildError> {
                *out.array()? = [self.0.number(), 0, 0, 0];
                Ok(())
            }
        }
    };
}
pub(super) use family_attribute;

family_attribute! {
    /// REQUESTED-ADDRESS-FAMILY: the family of the relayed address that is wanted (RFC 8656 section 18.6).
    RequestedAddressFamily, REQUESTED_ADDRESS_FAMILY, "REQUESTED-ADDRESS-FAMILY"
}
family_attribute! {
    /// ADDITIONAL-ADDRESS-FAMILY: an address of this family is wanted as well (RFC 8656 section 18.11). An Allocate
    /// request may ask for IPv6 only. For coturn's old number see
    /// [`CoturnAdditionalAddressFamily`](crate::stun::unregistered::CoturnAdditionalAddressFamily).
    AdditionalAddressFamily, ADDITIONAL_ADDRESS_FAMILY, "ADDITIONAL-ADDRESS-FAMILY"
}

bytes_attribute! {
    /// DATA: what goes to, or comes from, the peer (RFC 8656 section 18.4).
    Data, DATA
}
number_attribute! {
    /// CONNECTION-ID: names a connection to a peer, to be bound to one of the client's (RFC 6062 section 6.2.1).
    ConnectionId(u32), CONNECTION_ID, "CONNECTION-ID", 4
}
bytes_attribute! {
    /// MOBILITY-TICKET: what lets a client keep its allocation after its address has changed; empty in the Allocate
    /// request that asks for one (RFC 8016 section 3.3).
    MobilityTicket, MOBILITY_TICKET
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::Sink;
    use crate::error::ErrorKind;
    use crate::stun::TypedAttribute;

    const ID: &[u8; 16] = &[0; 16];

    /// Reads `bytes`, and writes what it reads.
    #[track_caller]
    fn round<'a, T: TypedAttribute<'a> + PartialEq + core::fmt::Debug>(bytes: &'a [u8], value: T) {
        assert_eq!(T::parse(bytes, ID), Ok(value));
        let mut out = [0xFF; 16];
        let out = &mut out[..bytes.len()];
        T::parse(bytes, ID).unwrap().encode(&mut Sink::new(out), ID).unwrap();
        assert_eq!(out, bytes);
    }

    #[test]
    fn reads_and_writes_the_figures_of_rfc_8656_section_18() {
        round(&[0x40, 0x01, 0, 0], ChannelNumber(0x4001));
        round(&[0, 0, 2, 0x58], Lifetime(600));
        round(&[17, 0, 0, 0], RequestedTransport::UDP);
        round(&[0x80], EvenPort { reserve: true });
        round(&[0], EvenPort { reserve: false });
        round(&[1, 2, 3, 4, 5, 6, 7, 8], ReservationToken([1, 2, 3, 4, 5, 6, 7, 8]));
        round(&[], DontFragment);
        round(&[1, 0, 0, 0], RequestedAddressFamily(AddressFamily::Ipv4));
        round(&[2, 0, 0, 0], AdditionalAddressFamily(AddressFamily::Ipv6));
        round(&[9; 5], Data(&[9; 5]));
        round(&[0x12, 0x34, 0x56, 0x78], ConnectionId(0x1234_5678)); // RFC 6062 section 6.2.1
        round(&[], MobilityTicket(&[])); // RFC 8016 section 3.1.1: in the first Allocate request
        round(&[1, 2, 3], MobilityTicket(&[1, 2, 3]));
        round(&[0, 0, 3, 4, 0, 0, 5, 0xdc], Icmp { icmp_type: 3, icmp_code: 4, icmp_data: 1500 });
        assert_eq!(Lifetime(u32::MAX).duration().as_secs(), 4_294_967_295);
    }

    #[test]
    fn reserved_bits_are_ignored() {
        assert_eq!(ChannelNumber::parse(&[0x40, 0, 9, 9], ID), Ok(ChannelNumber(0x4000)));
        assert_eq!(RequestedTransport::parse(&[6, 9, 9, 9], ID), Ok(RequestedTransport::TCP));
        assert_eq!(EvenPort::parse(&[0x7F], ID), Ok(EvenPort { reserve: false }));
        let family = RequestedAddressFamily(AddressFamily::Ipv6);
        assert_eq!(RequestedAddressFamily::parse(&[2, 9, 9, 9], ID), Ok(family));
        let icmp = Icmp { icmp_type: 255, icmp_code: 1, icmp_data: 0 };
        assert_eq!(Icmp::parse(&[9, 9, 255, 1, 0, 0, 0, 0], ID), Ok(icmp));
    }

    #[test]
    fn values_of_another_form_are_refused() {
        for len in [0, 1, 3, 5, 8] {
            let kind = ErrorKind::Length { found: len, have: 4 };
            assert_eq!(ChannelNumber::parse(&[1; 8][..len], ID).unwrap_err().kind, kind);
            assert_eq!(RequestedAddressFamily::parse(&[1; 8][..len], ID).unwrap_err().kind, kind);
        }
        let error = AdditionalAddressFamily::parse(&[3, 0, 0, 0], ID).unwrap_err();
        assert_eq!((error.field, error.kind), ("address family", ErrorKind::Value { found: 3 }));
        assert!(DontFragment::parse(&[0], ID).is_err());
        assert!(ReservationToken::parse(&[0; 7], ID).is_err());
    }

    #[test]
    fn a_channel_number_outside_the_range_is_read_and_not_written() {
        // 0x4c9b + 0x1000 × n: coturn-turn-udp.pcap binds numbers up to 0x7FFF.
        for number in [0x3FFF, 0x5000, 0x7C9B] {
            assert_eq!(
                ChannelNumber::parse(&[(number >> 8) as u8, number as u8, 0, 0], ID),
                Ok(ChannelNumber(number))
            );
            let refused = Err(BuildError::OutOfRange { field: "CHANNEL-NUMBER" });
            assert_eq!(ChannelNumber(number).encode(&mut Sink::new(&mut [0; 4]), ID), refused);
        }
    }
}
