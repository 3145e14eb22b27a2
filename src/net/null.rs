//! BSD loopback: the address family, 4 bytes, in front of the packet (`LINKTYPE_NULL`, 0, and `LINKTYPE_LOOP`,
//! 108, of the pcap link types).
//!
//! `LINKTYPE_NULL` has it in the order of bytes of the machine that captured, which the file does not tell;
//! OpenBSD's `LINKTYPE_LOOP` in network order. Both are read alike: the order is the one in which the family is
//! known.

use core::fmt;

use nom::Parser;
use nom::error::context;

use super::EtherType;
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::registry::registry;
use crate::wire::array;

const HEADER_LEN: usize = 4;

registry! {
    /// An address family, `AF_` of the capturing machine. IPv6 has a number on each system.
    AddressFamily(u32) {
        /// IPv4, everywhere.
        IPV4 = 2, "IPv4";
        /// IPv6 on Linux.
        IPV6_LINUX = 10, "IPv6";
        /// IPv6 on NetBSD, OpenBSD and BSD/OS.
        IPV6_NETBSD = 24, "IPv6";
        /// IPv6 on FreeBSD and DragonFly BSD.
        IPV6_FREEBSD = 28, "IPv6";
        /// IPv6 on macOS and iOS.
        IPV6_DARWIN = 30, "IPv6";
    }
}

impl AddressFamily {
    /// What the payload is; `None` for another family.
    #[inline]
    pub const fn ether_type(self) -> Option<EtherType> {
        match self {
            Self::IPV4 => Some(EtherType::IPV4),
            Self::IPV6_LINUX | Self::IPV6_NETBSD | Self::IPV6_FREEBSD | Self::IPV6_DARWIN => {
                Some(EtherType::IPV6)
            }
            _ => None,
        }
    }
}

/// The order of bytes in which the family was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FamilyOrder {
    /// Network order: `LINKTYPE_LOOP`, and machines of that order.
    #[default]
    BigEndian,
    /// Most machines.
    LittleEndian,
}

/// A packet captured on a BSD loopback device, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Null<'a> {
    header: &'a [u8; HEADER_LEN],
    payload: &'a [u8],
}

impl<'a> Null<'a> {
    /// Reads a whole packet.
    ///
    /// # Errors
    /// Fewer than 4 bytes.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("loopback", bytes, null)
    }

    /// The order in which the family is a known one; of an unknown family the order that gives the smaller number.
    #[inline]
    pub fn order(&self) -> FamilyOrder {
        let (big, little) = (u32::from_be_bytes(*self.header), u32::from_le_bytes(*self.header));
        // Known families are small: the smaller of the two is the known one, if one of them is.
        if big <= little { FamilyOrder::BigEndian } else { FamilyOrder::LittleEndian }
    }

    /// The address family.
    #[inline]
    pub fn family(&self) -> AddressFamily {
        AddressFamily(u32::from_be_bytes(*self.header).min(u32::from_le_bytes(*self.header)))
    }

    /// All behind the header.
    #[inline]
    pub fn payload(&self) -> &'a [u8] {
        self.payload
    }
}

/// The header; the payload is all that is left.
#[inline]
pub(crate) fn null(i: &[u8]) -> Step<'_, Null<'_>> {
    let (payload, header) = context("address family", array).parse(i)?;
    Ok((&[], Null { header, payload }))
}

impl fmt::Display for Null<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "loopback {}", self.family())
    }
}

impl fmt::Debug for Null<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Null")
            .field("family", &self.family())
            .field("order", &self.order())
            .field("payload", &self.payload())
            .finish()
    }
}

/// A packet of a BSD loopback device to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NullBuilder<P> {
    /// As [`Null::family`].
    pub family: AddressFamily,
    /// As [`Null::order`].
    pub order: FamilyOrder,
    /// The next header, or bytes.
    pub payload: P,
}

impl<'a> From<Null<'a>> for NullBuilder<&'a [u8]> {
    fn from(view: Null<'a>) -> Self {
        Self { family: view.family(), order: view.order(), payload: view.payload() }
    }
}

impl<P: Encode> Encode for NullBuilder<P> {
    #[inline]
    fn encoded_len(&self) -> usize {
        HEADER_LEN.saturating_add(self.payload.encoded_len())
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        *out.array()? = match self.order {
            FamilyOrder::BigEndian => self.family.0.to_be_bytes(),
            FamilyOrder::LittleEndian => self.family.0.to_le_bytes(),
        };
        self.payload.encode(out)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;

    use super::*;
    use crate::error::ErrorKind;

    // The families are those of the description of LINKTYPE_NULL on the pcap link type page.

    #[test]
    fn the_order_is_the_one_in_which_the_family_is_known() {
        for (number, ether_type) in [
            (2u32, EtherType::IPV4),
            (10, EtherType::IPV6),
            (24, EtherType::IPV6),
            (28, EtherType::IPV6),
            (30, EtherType::IPV6),
        ] {
            for (bytes, order) in [
                (number.to_be_bytes(), FamilyOrder::BigEndian),
                (number.to_le_bytes(), FamilyOrder::LittleEndian),
            ] {
                let packet = Null::parse(&bytes).unwrap();
                assert_eq!((packet.family(), packet.order()), (AddressFamily(number), order));
                assert_eq!(packet.family().ether_type(), Some(ether_type));
            }
        }
        let packet = Null::parse(&[30, 0, 0, 0, 0x60]).unwrap();
        assert_eq!(packet.payload(), [0x60]);
        assert_eq!(packet.to_string(), "loopback IPv6");
    }

    #[test]
    fn another_family_is_a_value() {
        let packet = Null::parse(&[7, 0, 0, 0, 0xaa]).unwrap(); // AF_OSI
        assert_eq!(
            (packet.family(), packet.order()),
            (AddressFamily(7), FamilyOrder::LittleEndian)
        );
        assert_eq!(packet.family().ether_type(), None);
    }

    #[test]
    fn refuses_every_truncation() {
        for have in 0..4 {
            let error = Null::parse(&[2, 0, 0, 0][..have]).unwrap_err();
            let kind = ErrorKind::Truncated { need: 4, have };
            let field = "address family";
            assert_eq!(error, ParseError { what: "loopback", field, offset: 0, kind });
        }
    }

    proptest! {
        #[test]
        fn writes_what_it_reads(bytes in proptest::collection::vec(any::<u8>(), 0..16)) {
            let mut out = [0; 16];
            if let Ok(view) = Null::parse(&bytes) {
                let len = NullBuilder::from(view).write(&mut out).unwrap();
                prop_assert_eq!(&out[..len], &bytes[..]);
                crate::testing::shows(&view);
            }
        }
    }
}
