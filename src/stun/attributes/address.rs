//! Transport addresses, plain and XOR-ed (RFC 8489 sections 14.1 and 14.2).
//!
//! ```text
//! |0 0 0 0 0 0 0 0|    Family     |           Port                |
//! |                 Address (32 bits or 128 bits)                 |
//! ```
//!
//! XOR-ed, the port is masked with the first half of the magic cookie, the address with the cookie and the transaction
//! id behind it.

use byteorder::{BE, ByteOrder};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use core::ops::Range;

use super::AddressFamily;
use crate::encode::Sink;
use crate::error::{BuildError, ErrorKind, Fail, Step};
use crate::wire::array;

// Places before the address. The first byte is ignored.
const FAMILY: usize = 1;
const PORT: Range<usize> = 2..4;

/// The mask of a plain address.
pub(super) const PLAIN: &[u8; 16] = &[0; 16];

/// The value, with `mask` taken off.
#[inline]
pub(super) fn address<'a>(value: &'a [u8], mask: &[u8; 16]) -> Step<'a, SocketAddr> {
    let length =
        |have| Fail::field("address", value, ErrorKind::Length { found: value.len(), have });
    let (rest, head) = array::<4>(value).map_err(|_| length(8))?;
    let [m0, m1, m2, m3, ..] = *mask;
    let port = BE::read_u16(&head[PORT]) ^ u16::from_be_bytes([m0, m1]);
    let ip: IpAddr = match AddressFamily::from_number(head[FAMILY]) {
        Some(AddressFamily::Ipv4) => {
            let bits: &[u8; 4] = rest.try_into().map_err(|_| length(8))?;
            Ipv4Addr::from_bits(u32::from_be_bytes(*bits) ^ u32::from_be_bytes([m0, m1, m2, m3]))
                .into()
        }
        Some(AddressFamily::Ipv6) => {
            let bits: &[u8; 16] = rest.try_into().map_err(|_| length(20))?;
            Ipv6Addr::from_bits(u128::from_be_bytes(*bits) ^ u128::from_be_bytes(*mask)).into()
        }
        None => {
            let at = value.get(FAMILY..).unwrap_or_default();
            let kind = ErrorKind::Value { found: head[FAMILY].into() };
            return Err(Fail::field("address family", at, kind));
        }
    };
    Ok((&[], SocketAddr::new(ip, port)))
}

/// The bytes of a value.
#[inline]
pub(super) const fn address_len(address: &SocketAddr) -> usize {
    match address {
        SocketAddr::V4(_) => 8,
        SocketAddr::V6(_) => 20,
    }
}

/// Writes a value, with `mask` put on.
#[inline]
pub(super) fn write_address(
    out: &mut Sink<'_>,
    address: &SocketAddr,
    mask: &[u8; 16],
) -> Result<(), BuildError> {
    let [m0, m1, m2, m3, ..] = *mask;
    let [p0, p1] = (address.port() ^ u16::from_be_bytes([m0, m1])).to_be_bytes();
    *out.array()? = [0, AddressFamily::of(&address.ip()).number(), p0, p1];
    match address.ip() {
        IpAddr::V4(ip) => {
            let bits = ip.to_bits() ^ u32::from_be_bytes([m0, m1, m2, m3]);
            *out.array()? = bits.to_be_bytes();
        }
        IpAddr::V6(ip) => *out.array()? = (ip.to_bits() ^ u128::from_be_bytes(*mask)).to_be_bytes(),
    }
    Ok(())
}

/// Writes an attribute that is nothing but an address. `plain` and `classic` are not masked, `classic` is IPv4 only.
macro_rules! address_attribute {
    ($(#[$doc:meta])* $type:ident, $constant:tt, $name:literal, $form:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(pub core::net::SocketAddr);

        impl crate::stun::TypedAttribute<'_> for $type {
            const TYPE: crate::stun::AttributeType =
                crate::stun::attributes::attribute_type!($constant);

            #[inline]
            fn parse(value: &[u8], id: &[u8; 16]) -> Result<Self, crate::ParseError> {
                use crate::stun::attributes::address;
                crate::error::run($name, value, |i| {
                    address::address(i, address::address_attribute!(@mask $form id))
                })
                .map(Self)
            }

            #[inline]
            fn value_len(&self) -> usize {
                crate::stun::attributes::address::address_len(&self.0)
            }

            #[inline]
            fn encode(
                &self,
                out: &mut crate::Sink<'_>,
                id: &[u8; 16],
            ) -> Result<(), crate::BuildError> {
                use crate::stun::attributes::address;
                address::address_attribute!(@check $form self);
                address::write_address(
                    out,
                    &self.0,
                    address::address_attribute!(@mask $form id),
                )
            }
        }

        impl From<core::net::SocketAddr> for $type {
            fn from(address: core::net::SocketAddr) -> Self {
                Self(address)
            }
        }
    };
    (@mask xor $id:ident) => { $id };
    (@mask $form:ident $id:ident) => {{
        let _ = $id;
        crate::stun::attributes::address::PLAIN
    }};
    (@check classic $self:ident) => {
        if $self.0.is_ipv6() {
            return Err(crate::BuildError::OutOfRange { field: "address family" });
        }
    };
    (@check $form:ident $self:ident) => {};
}
pub(super) use address_attribute;

address_attribute! {
    /// MAPPED-ADDRESS: whence the request came, for clients of RFC 3489 (RFC 8489 section 14.1).
    MappedAddress, MAPPED_ADDRESS, "MAPPED-ADDRESS", plain
}
address_attribute! {
    /// XOR-MAPPED-ADDRESS: whence the request came (RFC 8489 section 14.2).
    XorMappedAddress, XOR_MAPPED_ADDRESS, "XOR-MAPPED-ADDRESS", xor
}
address_attribute! {
    /// XOR-PEER-ADDRESS: the peer as the TURN server sees it (RFC 8656 section 18.3).
    XorPeerAddress, XOR_PEER_ADDRESS, "XOR-PEER-ADDRESS", xor
}
address_attribute! {
    /// XOR-RELAYED-ADDRESS: what the TURN server allocated (RFC 8656 section 18.5).
    XorRelayedAddress, XOR_RELAYED_ADDRESS, "XOR-RELAYED-ADDRESS", xor
}
address_attribute! {
    /// ALTERNATE-SERVER: the server to try instead (RFC 8489 section 14.15).
    AlternateServer, ALTERNATE_SERVER, "ALTERNATE-SERVER", plain
}
address_attribute! {
    /// RESPONSE-ORIGIN: whence the response was sent (RFC 5780 section 7.3).
    ResponseOrigin, RESPONSE_ORIGIN, "RESPONSE-ORIGIN", plain
}
address_attribute! {
    /// OTHER-ADDRESS: whence a response would come if CHANGE-REQUEST asked for both (RFC 5780 section 7.4).
    OtherAddress, OTHER_ADDRESS, "OTHER-ADDRESS", plain
}
address_attribute! {
    /// RESPONSE-ADDRESS: where to send the response (RFC 3489 section 11.2.2); only IPv4 can be written.
    ResponseAddress, RESPONSE_ADDRESS, "RESPONSE-ADDRESS", classic
}
address_attribute! {
    /// SOURCE-ADDRESS: whence the response was sent (RFC 3489 section 11.2.5); only IPv4 can be written.
    SourceAddress, SOURCE_ADDRESS, "SOURCE-ADDRESS", classic
}
address_attribute! {
    /// CHANGED-ADDRESS: the server's other address (RFC 3489 section 11.2.3); only IPv4 can be written.
    ChangedAddress, CHANGED_ADDRESS, "CHANGED-ADDRESS", classic
}
address_attribute! {
    /// REFLECTED-FROM: whence a request with RESPONSE-ADDRESS came (RFC 3489 section 11.2.11); only IPv4 can be written.
    ReflectedFrom, REFLECTED_FROM, "REFLECTED-FROM", classic
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stun::TypedAttribute;

    /// Bytes 4 to 19 of RFC 5769 section 2.2.
    const ID: &[u8; 16] = b"\x21\x12\xa4\x42\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae";

    /// The value of RFC 5769 section 2.2.
    const V4: &[u8; 8] = b"\0\x01\xa1\x47\xe1\x12\xa6\x43";

    /// The value of RFC 5769 section 2.3.
    const V6: &[u8; 20] =
        b"\0\x02\xa1\x47\x01\x13\xa9\xfa\xa5\xd3\xf1\x79\xbc\x25\xf4\xb5\xbe\xd2\xb9\xd9";

    fn written<T: TypedAttribute<'static>>(value: &T, out: &mut [u8]) -> Result<(), BuildError> {
        value.encode(&mut Sink::new(out.get_mut(..value.value_len()).unwrap()), ID)
    }

    #[test]
    fn the_addresses_of_rfc_5769() {
        let v4 = XorMappedAddress("192.0.2.1:32853".parse().unwrap());
        let v6 = XorMappedAddress("[2001:db8:1234:5678:11:2233:4455:6677]:32853".parse().unwrap());
        assert_eq!(XorMappedAddress::parse(V4, ID), Ok(v4));
        assert_eq!(XorMappedAddress::parse(V6, ID), Ok(v6));
        let (mut out4, mut out6) = ([0xFF; 8], [0xFF; 20]);
        written(&v4, &mut out4).unwrap();
        written(&v6, &mut out6).unwrap();
        assert_eq!((&out4, &out6), (V4, V6));
    }

    #[test]
    fn a_plain_address_is_not_masked() {
        let bytes = [0, 1, 0x0f, 0xa0, 10, 77, 0, 1]; // MAPPED-ADDRESS of stun-classic-rfc3489.pcap, frame 2
        let address = MappedAddress("10.77.0.1:4000".parse().unwrap());
        assert_eq!(MappedAddress::parse(&bytes, ID), Ok(address));
        let mut out = [0xFF; 8];
        written(&address, &mut out).unwrap();
        assert_eq!(out, bytes);
    }

    #[test]
    fn the_first_byte_is_ignored() {
        let mut bytes = *V4;
        bytes[0] = 0xFF;
        assert_eq!(XorMappedAddress::parse(&bytes, ID), XorMappedAddress::parse(V4, ID));
    }

    #[test]
    fn another_length_than_the_family_has_is_refused() {
        for value in [&V4[..], V6] {
            for len in 0..value.len() {
                let error = XorMappedAddress::parse(&value[..len], ID).unwrap_err();
                let have = if len < 4 { 8 } else { value.len() };
                assert_eq!(error.kind, ErrorKind::Length { found: len, have });
                assert_eq!(
                    (error.what, error.field, error.offset),
                    ("XOR-MAPPED-ADDRESS", "address", 0)
                );
            }
        }
        let mut long = [0; 21];
        long[..20].copy_from_slice(V6);
        let kind = ErrorKind::Length { found: 21, have: 20 };
        assert_eq!(XorMappedAddress::parse(&long, ID).unwrap_err().kind, kind);
        long[..8].copy_from_slice(V4);
        let kind = ErrorKind::Length { found: 20, have: 8 };
        assert_eq!(XorMappedAddress::parse(&long[..20], ID).unwrap_err().kind, kind);
    }

    #[test]
    fn another_family_is_refused_at_its_place() {
        for family in [0, 3, 255] {
            let mut bytes = *V4;
            bytes[FAMILY] = family;
            let error = OtherAddress::parse(&bytes, ID).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Value { found: family.into() });
            assert_eq!(
                (error.what, error.field, error.offset),
                ("OTHER-ADDRESS", "address family", 1)
            );
        }
    }

    #[test]
    fn classic_attributes_are_read_with_either_family_and_written_with_ipv4_only() {
        let v6: SocketAddr = "[2001:db8::1]:1".parse().unwrap();
        let refused = Err(BuildError::OutOfRange { field: "address family" });
        let mut out = [0; 20];
        assert_eq!(written(&ResponseAddress(v6), &mut out), refused);
        assert_eq!(written(&SourceAddress(v6), &mut out), refused);
        assert_eq!(written(&ChangedAddress(v6), &mut out), refused);
        assert_eq!(written(&ReflectedFrom(v6), &mut out), refused);
        written(&MappedAddress(v6), &mut out).unwrap();
        assert_eq!(ReflectedFrom::parse(&out, ID), Ok(ReflectedFrom(v6)));
    }
}
