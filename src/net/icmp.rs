//! Internet Control Message Protocol: the part that all messages have (RFC 792, and RFC 4443 section 2.1 for
//! version 6).
//!
//! ```text
//! |     type      |     code      |           checksum            |
//! |            the rest, of a form that the type knows            |
//! ```

use core::net::Ipv6Addr;
use core::{fmt, ops::Range};

use byteorder::{BE, ByteOrder};
use nom::Parser;
use nom::error::context;

use super::{Checksum, ChecksumStatus, IpProtocol, PseudoHeader};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::wire::array;

// Places in the header, for reading and for writing.
const TYPE: usize = 0;
const CODE: usize = 1;
const CHECKSUM: Range<usize> = 2..4;
const HEADER_LEN: usize = CHECKSUM.end;

/// Which ICMP it is: they have the same form, other types, and another checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IcmpVersion {
    /// ICMP, over IPv4. The checksum covers the message alone.
    V4,
    /// ICMPv6. The checksum covers the addresses too.
    V6 {
        /// The packet's source.
        source: Ipv6Addr,
        /// The packet's destination.
        destination: Ipv6Addr,
    },
}

/// An ICMP message of either version, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Icmp<'a> {
    header: &'a [u8; HEADER_LEN],
    rest: &'a [u8],
    missing: usize,
}

impl<'a> Icmp<'a> {
    /// Reads a message: all of `bytes`, the payload of an IP packet.
    ///
    /// # Errors
    /// Fewer than 4 bytes.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("ICMP", bytes, |i| icmp(i, 0))
    }

    /// What the message is: of IPv6 from 128 informational, below that an error.
    #[inline]
    pub fn message_type(&self) -> u8 {
        self.header[TYPE]
    }

    /// A variety of the type.
    #[inline]
    pub fn code(&self) -> u8 {
        self.header[CODE]
    }

    /// The checksum as it is on the wire.
    #[inline]
    pub fn checksum(&self) -> u16 {
        BE::read_u16(&self.header[CHECKSUM])
    }

    /// All behind the checksum.
    #[inline]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Bytes at the message's end that the capture lacks; 0 unless it comes from
    /// [`Packet::parse_captured`](super::Packet::parse_captured).
    #[inline]
    pub fn missing(&self) -> usize {
        self.missing
    }

    /// Whether the checksum is right.
    #[inline]
    pub fn verify_checksum(&self, version: IcmpVersion) -> ChecksumStatus {
        if self.missing > 0 {
            return ChecksumStatus::Unknown;
        }
        let mut sum = sum(version, HEADER_LEN.saturating_add(self.rest.len()));
        sum.add(self.header);
        sum.add(self.rest);
        sum.status(self.checksum())
    }
}

/// A checksum of what a message of `length` bytes has before its header.
#[inline]
fn sum(version: IcmpVersion, length: usize) -> Checksum {
    let mut sum = Checksum::new();
    if let IcmpVersion::V6 { source, destination } = version {
        let addresses = PseudoHeader::V6 { source, destination };
        sum.add_pseudo_header(addresses, IpProtocol::ICMPV6, length);
    }
    sum
}

/// The message that is all of `i`; `beyond` bytes at its end are ones that the capture lacks behind `i`.
#[inline]
pub(crate) fn icmp(i: &[u8], beyond: usize) -> Step<'_, Icmp<'_>> {
    let (rest, header) = context("header", array).parse(i)?;
    Ok((&[], Icmp { header, rest, missing: beyond }))
}

impl fmt::Display for Icmp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, code) = (self.message_type(), self.code());
        write!(f, "ICMP type={kind} code={code} size={}", self.rest.len())
    }
}

impl fmt::Debug for Icmp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Icmp")
            .field("message_type", &self.message_type())
            .field("code", &self.code())
            .field("checksum", &self.checksum())
            .field("rest", &self.rest())
            .field("missing", &self.missing())
            .finish()
    }
}

/// What an ICMP builder writes into the checksum field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IcmpChecksum {
    /// The right one.
    For(IcmpVersion),
    /// This value, right or wrong.
    Given(u16),
}

/// An ICMP message to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IcmpBuilder<P> {
    /// As [`Icmp::message_type`].
    pub message_type: u8,
    /// As [`Icmp::code`].
    pub code: u8,
    /// What is written into the checksum field.
    pub checksum: IcmpChecksum,
    /// As [`Icmp::rest`].
    pub rest: P,
}

/// The checksum is kept as it was.
impl<'a> From<Icmp<'a>> for IcmpBuilder<&'a [u8]> {
    fn from(view: Icmp<'a>) -> Self {
        Self {
            message_type: view.message_type(),
            code: view.code(),
            checksum: IcmpChecksum::Given(view.checksum()),
            rest: view.rest(),
        }
    }
}

impl<P: Encode> Encode for IcmpBuilder<P> {
    #[inline]
    fn encoded_len(&self) -> usize {
        HEADER_LEN.saturating_add(self.rest.encoded_len())
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let header = out.array::<HEADER_LEN>()?;
        let rest = out.take(self.rest.encoded_len())?;
        self.rest.encode(&mut Sink::new(rest))?;
        *header = [self.message_type, self.code, 0, 0];
        let checksum = match self.checksum {
            IcmpChecksum::Given(checksum) => checksum,
            IcmpChecksum::For(version) => {
                let mut sum = sum(version, self.encoded_len());
                sum.add(header);
                sum.add(rest);
                sum.finish()
            }
        };
        BE::write_u16(&mut header[CHECKSUM], checksum);
        Ok(())
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

    /// gst-rawvideo-ip-fragments.pcap, frame 2: a neighbor solicitation, RFC 4861 section 4.3, from :: to
    /// ff02::1:ff66:6106. Linux computed the checksum.
    const SOLICITATION: [u8; 32] = [
        0x87, 0x00, 0xf7, 0x0f, // type 135, code 0, checksum
        0x00, 0x00, 0x00, 0x00, // reserved
        0xfe, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, // target
        0x0c, 0x83, 0x19, 0xff, 0xfe, 0x66, 0x61, 0x06, //
        0x0e, 0x01, 0xea, 0x61, 0x27, 0x5c, 0x7d, 0xf4, // nonce
    ];
    const VERSION: IcmpVersion = IcmpVersion::V6 {
        source: Ipv6Addr::UNSPECIFIED,
        destination: Ipv6Addr::new(0xff02, 0, 0, 0, 0, 1, 0xff66, 0x6106),
    };

    #[test]
    fn reads_every_field() {
        let icmp = Icmp::parse(&SOLICITATION).unwrap();
        assert_eq!((icmp.message_type(), icmp.code(), icmp.checksum()), (135, 0, 0xf70f));
        assert_eq!((icmp.rest(), icmp.missing()), (&SOLICITATION[4..], 0));
        assert_eq!(icmp.verify_checksum(VERSION), ChecksumStatus::Valid);
        assert!(matches!(icmp.verify_checksum(IcmpVersion::V4), ChecksumStatus::Invalid { .. }));
        assert_eq!(icmp.to_string(), "ICMP type=135 code=0 size=28");
    }

    #[test]
    fn computes_the_checksum_of_a_real_message() {
        let view = Icmp::parse(&SOLICITATION).unwrap();
        let builder = IcmpBuilder { checksum: IcmpChecksum::For(VERSION), ..view.into() };
        let mut out = [0; 32];
        assert_eq!(builder.write(&mut out), Ok(32));
        assert_eq!(out, SOLICITATION);
    }

    #[test]
    fn version_4_covers_the_message_alone() {
        // The words of RFC 1071 section 3 with 0x0800 for type and code: 0x0800 + 0xddf2 = 0xe5f2.
        let builder = IcmpBuilder {
            message_type: 8,
            code: 0,
            checksum: IcmpChecksum::For(IcmpVersion::V4),
            rest: &[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7][..],
        };
        let mut out = [0; 12];
        assert_eq!(builder.write(&mut out), Ok(12));
        assert_eq!(out[..4], [8, 0, 0x1a, 0x0d]);
        let status = Icmp::parse(&out).unwrap().verify_checksum(IcmpVersion::V4);
        assert_eq!(status, ChecksumStatus::Valid);
    }

    #[test]
    fn refuses_every_truncation_of_the_header() {
        for have in 0..4 {
            let error = Icmp::parse(&SOLICITATION[..have]).unwrap_err();
            let kind = ErrorKind::Truncated { need: 4, have };
            assert_eq!(error, ParseError { what: "ICMP", field: "header", offset: 0, kind });
        }
    }

    proptest! {
        #[test]
        fn what_parses_is_written_again(bytes in proptest::collection::vec(any::<u8>(), 0..40), beyond in 0usize..9) {
            let mut out = [0; 40];
            if let Ok((_, view)) = icmp(&bytes, beyond) {
                let len = IcmpBuilder::from(view).write(&mut out).unwrap();
                prop_assert_eq!(&out[..len], &bytes[..]);
                crate::testing::shows(&view);
                let _ = format!("{:?}", view.verify_checksum(VERSION));
            }
        }
    }
}
