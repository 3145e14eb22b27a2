//! Ethernet II frames, and IEEE 802.3 ones told apart from them (IEEE 802.3 clause 3, RFC 894).
//!
//! ```text
//! |                    destination, 6 bytes                       |
//! |                       source, 6 bytes                         |
//! |       type or length          |  payload, padding to 60 bytes
//! ```

use core::{fmt, ops::Range};

use byteorder::{BE, ByteOrder};
use nom::Parser;
use nom::error::context;

use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::registry::registry;
use crate::wire::array;

// Places in the header, for reading and for writing.
const DESTINATION: Range<usize> = 0..6;
const SOURCE: Range<usize> = 6..12;
const TYPE: Range<usize> = 12..14;
pub(super) const HEADER_LEN: usize = TYPE.end;

/// The smallest value that is a type (IEEE 802.3 clause 3.2.6).
const FIRST_TYPE: u16 = 1536;
/// The greatest value that is a length.
const LAST_LENGTH: u16 = 1500;

registry! {
    /// What a frame carries (IANA, IEEE 802 Numbers).
    EtherType(u16) {
        /// Internet Protocol version 4.
        IPV4 = 0x0800, "IPv4";
        /// Address Resolution Protocol.
        ARP = 0x0806, "ARP";
        /// Customer VLAN tag, IEEE 802.1Q.
        VLAN = 0x8100, "802.1Q";
        /// Internet Protocol version 6.
        IPV6 = 0x86DD, "IPv6";
        /// MPLS, unicast.
        MPLS = 0x8847, "MPLS";
        /// MPLS, upstream-assigned label.
        MPLS_UPSTREAM = 0x8848, "MPLS upstream";
        /// PPPoE, discovery stage.
        PPPOE_DISCOVERY = 0x8863, "PPPoE discovery";
        /// PPPoE, session stage.
        PPPOE_SESSION = 0x8864, "PPPoE session";
        /// EAP over LAN, IEEE 802.1X.
        EAPOL = 0x888E, "EAPOL";
        /// Service VLAN tag, IEEE 802.1ad.
        SERVICE_VLAN = 0x88A8, "802.1ad";
        /// Link Layer Discovery Protocol.
        LLDP = 0x88CC, "LLDP";
        /// Precision Time Protocol, IEEE 1588.
        PTP = 0x88F7, "PTP";
        /// Ethernet loopback test.
        LOOPBACK = 0x9000, "loopback";
        /// Outer VLAN tag of equipment from before IEEE 802.1ad.
        OLD_SERVICE_VLAN = 0x9100, "QinQ";
    }
}

impl EtherType {
    /// `None` for what is a length, or neither: below 1536.
    #[inline]
    pub(crate) const fn new(type_or_length: u16) -> Option<Self> {
        if type_or_length < FIRST_TYPE { None } else { Some(Self(type_or_length)) }
    }

    /// A VLAN tag follows: [`Vlan`](super::Vlan).
    #[inline]
    pub const fn is_vlan(self) -> bool {
        matches!(self, Self::VLAN | Self::SERVICE_VLAN | Self::OLD_SERVICE_VLAN)
    }
}

/// A hardware address of 48 bits. `Display` is `42:8f:fb:92:53:f3`.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MacAddress(pub [u8; 6]);

impl MacAddress {
    /// All stations.
    pub const BROADCAST: Self = Self([0xff; 6]);

    /// A group of stations, or all of them.
    #[inline]
    pub const fn is_multicast(self) -> bool {
        let [first, ..] = self.0;
        first & 1 == 1
    }
}

impl fmt::Display for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl fmt::Debug for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MacAddress({self})")
    }
}

/// An Ethernet frame without preamble, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Ethernet<'a> {
    header: &'a [u8; HEADER_LEN],
    payload: &'a [u8],
}

impl<'a> Ethernet<'a> {
    /// Out of parts that belong together.
    #[inline]
    pub(super) const fn new(header: &'a [u8; HEADER_LEN], payload: &'a [u8]) -> Self {
        Self { header, payload }
    }

    /// Reads a whole frame.
    ///
    /// # Errors
    /// Fewer than 14 bytes.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("Ethernet", bytes, ethernet)
    }

    /// The station or group that it goes to.
    #[inline]
    pub fn destination(&self) -> MacAddress {
        let [a, b, c, d, e, f, ..] = *self.header;
        MacAddress([a, b, c, d, e, f])
    }

    /// The station that sent it.
    #[inline]
    pub fn source(&self) -> MacAddress {
        let [_, _, _, _, _, _, a, b, c, d, e, f, ..] = *self.header;
        MacAddress([a, b, c, d, e, f])
    }

    /// The field as it is on the wire: a type from 1536, a length up to 1500.
    #[inline]
    pub fn type_or_length(&self) -> u16 {
        BE::read_u16(&self.header[TYPE])
    }

    /// What the payload is; `None` for an IEEE 802.3 frame, which has a length there and LLC behind it.
    #[inline]
    pub fn ether_type(&self) -> Option<EtherType> {
        EtherType::new(self.type_or_length())
    }

    /// The payload's bytes without padding, as an IEEE 802.3 frame says it; `None` for Ethernet II, where the
    /// payload itself knows.
    #[inline]
    pub fn length(&self) -> Option<u16> {
        Some(self.type_or_length()).filter(|length| *length <= LAST_LENGTH)
    }

    /// All behind the header: the payload, padding, and a frame check sequence where the capture has one.
    #[inline]
    pub fn payload(&self) -> &'a [u8] {
        self.payload
    }
}

/// The header; the payload is all that is left.
#[inline]
pub(crate) fn ethernet(i: &[u8]) -> Step<'_, Ethernet<'_>> {
    let (payload, header) = context("header", array).parse(i)?;
    Ok((&[], Ethernet { header, payload }))
}

impl fmt::Display for Ethernet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ethernet {} -> {}", self.source(), self.destination())?;
        match self.ether_type() {
            Some(ether_type) => write!(f, " {ether_type}"),
            None => write!(f, " 802.3 length={}", self.type_or_length()),
        }
    }
}

impl fmt::Debug for Ethernet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ethernet")
            .field("destination", &self.destination())
            .field("source", &self.source())
            .field("type_or_length", &self.type_or_length())
            .field("payload", &self.payload())
            .finish()
    }
}

/// An Ethernet frame to be written. Padding is the caller's: a network card adds it by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EthernetBuilder<P> {
    /// As [`Ethernet::destination`].
    pub destination: MacAddress,
    /// As [`Ethernet::source`].
    pub source: MacAddress,
    /// What the payload is. A value up to 1500 is the payload's length, which then must be there; what lies between
    /// that and 1536 is refused.
    pub ether_type: EtherType,
    /// The next header, or bytes.
    pub payload: P,
}

impl<'a> From<Ethernet<'a>> for EthernetBuilder<&'a [u8]> {
    fn from(view: Ethernet<'a>) -> Self {
        Self {
            destination: view.destination(),
            source: view.source(),
            ether_type: EtherType(view.type_or_length()),
            payload: view.payload(),
        }
    }
}

impl<P: Encode> Encode for EthernetBuilder<P> {
    #[inline]
    fn encoded_len(&self) -> usize {
        HEADER_LEN.saturating_add(self.payload.encoded_len())
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let length = self.ether_type.0;
        let fits = length <= LAST_LENGTH && usize::from(length) <= self.payload.encoded_len();
        if length < FIRST_TYPE && !fits {
            return Err(BuildError::OutOfRange { field: "ether type" });
        }
        let header = out.array::<HEADER_LEN>()?;
        header[DESTINATION].copy_from_slice(&self.destination.0);
        header[SOURCE].copy_from_slice(&self.source.0);
        BE::write_u16(&mut header[TYPE], length);
        self.payload.encode(out)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::format;
    use std::string::ToString;

    use super::*;
    use crate::error::ErrorKind;

    /// fmt-multi.pcapng, frame 27, an ARP request, up to its sender's hardware address.
    const ARP: [u8; 28] = [
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, // destination
        0x82, 0x6e, 0xb7, 0x12, 0x8f, 0xd6, // source
        0x08, 0x06, // ARP
        0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x01, 0x82, 0x6e, 0xb7, 0x12, 0x8f, 0xd6,
    ];

    #[test]
    fn reads_every_field() {
        let frame = Ethernet::parse(&ARP).unwrap();
        assert_eq!(frame.destination(), MacAddress::BROADCAST);
        assert!(frame.destination().is_multicast());
        assert_eq!(frame.source(), MacAddress([0x82, 0x6e, 0xb7, 0x12, 0x8f, 0xd6]));
        assert!(!frame.source().is_multicast());
        assert_eq!((frame.ether_type(), frame.length()), (Some(EtherType::ARP), None));
        assert_eq!(frame.payload(), &ARP[14..]);
        assert_eq!(frame.to_string(), "Ethernet 82:6e:b7:12:8f:d6 -> ff:ff:ff:ff:ff:ff ARP");
        assert!(format!("{frame:?}").contains("source: MacAddress(82:6e:b7:12:8f:d6)"));
    }

    #[test]
    fn refuses_every_truncation_of_the_header() {
        for have in 0..14 {
            let error = Ethernet::parse(&ARP[..have]).unwrap_err();
            let kind = ErrorKind::Truncated { need: 14, have };
            assert_eq!(error, ParseError { what: "Ethernet", field: "header", offset: 0, kind });
        }
        assert!(Ethernet::parse(&ARP[..14]).unwrap().payload().is_empty());
    }

    #[test]
    fn a_length_is_no_type() {
        let mut bytes = ARP;
        let mut fields = |value: u16| {
            bytes[12..14].copy_from_slice(&value.to_be_bytes());
            let frame = Ethernet::parse(&bytes).unwrap();
            (frame.ether_type(), frame.length())
        };
        assert_eq!(fields(0), (None, Some(0)));
        assert_eq!(fields(1500), (None, Some(1500)));
        assert_eq!(fields(1501), (None, None));
        assert_eq!(fields(1535), (None, None));
        assert_eq!(fields(1536), (Some(EtherType(1536)), None));
    }

    #[test]
    fn builds_no_length_that_is_not_there() {
        let mut out = [0; 32];
        let build = |value| EthernetBuilder {
            destination: MacAddress::BROADCAST,
            source: MacAddress::default(),
            ether_type: EtherType(value),
            payload: &[1, 2, 3][..],
        };
        let refused = Err(BuildError::OutOfRange { field: "ether type" });
        assert_eq!(build(4).write(&mut out), refused);
        assert_eq!(build(1501).write(&mut out), refused);
        assert_eq!(build(1535).write(&mut out), refused);
        assert_eq!(build(3).write(&mut out), Ok(17));
        assert_eq!(build(1536).write(&mut out), Ok(17));
    }

    proptest! {
        #[test]
        fn writes_what_it_reads(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let mut out = [0; 64];
            if let Ok(view) = Ethernet::parse(&bytes) {
                let builder = EthernetBuilder::from(view);
                match builder.write(&mut out) {
                    Ok(len) => prop_assert_eq!(&out[..len], &bytes[..]),
                    Err(_) => prop_assert!(view.ether_type().is_none()),
                }
                crate::testing::shows(&view);
            }
        }
    }
}
