//! User Datagram Protocol (RFC 768; over IPv6: RFC 8200 section 8.1; jumbograms: RFC 2675 section 4).
//!
//! ```text
//! |          source port          |       destination port        |
//! |            length             |           checksum            |
//! ```

use core::{fmt, ops::Range};

use byteorder::{BE, ByteOrder};
use nom::Parser;
use nom::error::context;

use super::{Checksum, ChecksumField, ChecksumStatus, IpProtocol, PseudoHeader};
use crate::encode::{Encode, Sink, narrow};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::wire::array;

// Places in the header, for reading and for writing.
const SOURCE: Range<usize> = 0..2;
const DESTINATION: Range<usize> = 2..4;
const LENGTH: Range<usize> = 4..6;
const CHECKSUM: Range<usize> = 6..8;
pub(super) const HEADER_LEN: usize = CHECKSUM.end;

/// A UDP datagram, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Udp<'a> {
    header: &'a [u8; HEADER_LEN],
    payload: &'a [u8],
    trailing: &'a [u8],
    missing: usize,
}

impl<'a> Udp<'a> {
    /// The datagram at the front of `bytes`, if all of it is there.
    #[inline]
    pub(super) fn whole(bytes: &'a [u8]) -> Option<Self> {
        let (header, body) = bytes.split_first_chunk::<HEADER_LEN>()?;
        let length = usize::from(BE::read_u16(&header[LENGTH]));
        let (payload, trailing) = body.split_at_checked(length.checked_sub(HEADER_LEN)?)?;
        Some(Self { header, payload, trailing, missing: 0 })
    }

    /// Reads the datagram at the front of `bytes`, the payload of an IP packet.
    ///
    /// A length of 0 is refused: it is that of a datagram longer than 65535 bytes, and only in an IPv6
    /// jumbogram, which [`Packet::parse`](super::Packet::parse) knows.
    ///
    /// # Errors
    /// Fewer bytes than the length says, a length below 8.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("UDP", bytes, |i| udp(i, 0, false))
    }

    /// The sender's port.
    #[inline]
    pub fn source_port(&self) -> u16 {
        BE::read_u16(&self.header[SOURCE])
    }

    /// The receiver's port.
    #[inline]
    pub fn destination_port(&self) -> u16 {
        BE::read_u16(&self.header[DESTINATION])
    }

    /// Bytes of header and payload as the sender says; 0 in a jumbogram.
    #[inline]
    pub fn length(&self) -> u16 {
        BE::read_u16(&self.header[LENGTH])
    }

    /// The checksum as it is on the wire; 0 if the sender computed none.
    #[inline]
    pub fn checksum(&self) -> u16 {
        BE::read_u16(&self.header[CHECKSUM])
    }

    /// What the datagram carries.
    #[inline]
    pub fn payload(&self) -> &'a [u8] {
        self.payload
    }

    /// What follows the datagram in the IP packet, which is not part of it: nothing as a rule.
    #[inline]
    pub fn trailing(&self) -> &'a [u8] {
        self.trailing
    }

    /// Bytes of the payload that the capture lacks; 0 unless it comes from
    /// [`Packet::parse_captured`](super::Packet::parse_captured).
    #[inline]
    pub fn missing(&self) -> usize {
        self.missing
    }

    /// Bytes of the payload as it was sent: those that are there, and those that the capture lacks.
    #[inline]
    pub fn payload_len(&self) -> usize {
        self.payload.len().saturating_add(self.missing)
    }

    /// Whether the checksum is right between these addresses.
    ///
    /// Over IPv6 too a checksum of 0 is [`Absent`](ChecksumStatus::Absent), though there only tunnels may do
    /// without (RFC 8200 section 8.1, RFC 6935).
    #[inline(always)] // with addresses of a known version there is little of it
    pub fn verify_checksum(&self, addresses: PseudoHeader) -> ChecksumStatus {
        let found = self.checksum();
        if found == 0 {
            return ChecksumStatus::Absent;
        }
        if self.missing > 0 {
            return ChecksumStatus::Unknown;
        }
        let mut sum = Checksum::new();
        let length = HEADER_LEN.saturating_add(self.payload.len());
        sum.add_pseudo_header(addresses, IpProtocol::UDP, length);
        sum.add_array(self.header);
        sum.add(self.payload);
        match sum.status(found) {
            ChecksumStatus::Invalid { expected, found } => {
                ChecksumStatus::Invalid { expected: not_absent(expected), found }
            }
            status => status,
        }
    }
}

/// 0 means that there is no checksum: one that comes out as 0 is sent as its other form (RFC 768).
#[inline]
const fn not_absent(checksum: u16) -> u16 {
    if checksum == 0 { u16::MAX } else { checksum }
}

/// The datagram at the front of `i`; up to `beyond` bytes at its end may be ones that the capture lacks behind `i`.
/// In a jumbogram a length of 0 is all of it.
#[inline(always)]
pub(crate) fn udp(i: &[u8], beyond: usize, is_jumbogram: bool) -> Step<'_, Udp<'_>> {
    let (body, header) = context("header", array::<HEADER_LEN>).parse(i)?;
    let length = match usize::from(BE::read_u16(&header[LENGTH])) {
        0 if is_jumbogram => i.len().saturating_add(beyond),
        length => length,
    };
    let Some(length) = length.checked_sub(HEADER_LEN) else {
        let at = i.get(LENGTH.start..).unwrap_or_default();
        let kind = ErrorKind::Length { found: length, have: HEADER_LEN };
        return Err(Fail::field("length", at, kind));
    };
    let (payload, trailing) = body.split_at_checked(length).unwrap_or((body, &[]));
    let missing = length.saturating_sub(payload.len());
    if missing > beyond {
        let kind = ErrorKind::Truncated { need: length, have: payload.len() };
        return Err(Fail::field("payload", payload, kind));
    }
    Ok((&[], Udp { header, payload, trailing, missing }))
}

/// One line: `UDP 6000 -> 6000 length=24`.
impl fmt::Display for Udp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (source, destination) = (self.source_port(), self.destination_port());
        write!(f, "UDP {source} -> {destination} length={}", self.length())
    }
}

impl fmt::Debug for Udp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Udp")
            .field("source_port", &self.source_port())
            .field("destination_port", &self.destination_port())
            .field("length", &self.length())
            .field("checksum", &self.checksum())
            .field("payload", &self.payload())
            .field("trailing", &self.trailing())
            .field("missing", &self.missing())
            .finish()
    }
}

/// A UDP datagram to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UdpBuilder<P> {
    /// As [`Udp::source_port`].
    pub source_port: u16,
    /// As [`Udp::destination_port`].
    pub destination_port: u16,
    /// None by default.
    pub checksum: ChecksumField,
    /// The message, of at most 65527 bytes: any builder, or bytes.
    pub payload: P,
}

/// The checksum is kept as it was. What follows the datagram is not part of it. Of one that the capture cut
/// short there is only what is there; a jumbogram's can't be built.
impl<'a> From<Udp<'a>> for UdpBuilder<&'a [u8]> {
    fn from(view: Udp<'a>) -> Self {
        Self {
            source_port: view.source_port(),
            destination_port: view.destination_port(),
            checksum: ChecksumField::Given(view.checksum()),
            payload: view.payload(),
        }
    }
}

impl<P: Encode> Encode for UdpBuilder<P> {
    #[inline]
    fn encoded_len(&self) -> usize {
        HEADER_LEN.saturating_add(self.payload.encoded_len())
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let body = self.payload.encoded_len();
        let len = HEADER_LEN.saturating_add(body);
        let length = narrow("payload", len)?;
        let header = out.array::<HEADER_LEN>()?;
        let payload = out.take(body)?;
        self.payload.encode(&mut Sink::new(payload))?;
        BE::write_u16(&mut header[SOURCE], self.source_port);
        BE::write_u16(&mut header[DESTINATION], self.destination_port);
        BE::write_u16(&mut header[LENGTH], length);
        BE::write_u16(&mut header[CHECKSUM], 0);
        let checksum = match self.checksum {
            ChecksumField::Given(checksum) => checksum,
            ChecksumField::For(addresses) => {
                let mut sum = Checksum::new();
                sum.add_pseudo_header(addresses, IpProtocol::UDP, len);
                sum.add(header);
                sum.add(payload);
                not_absent(sum.finish())
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
    use std::net::{Ipv4Addr, Ipv6Addr};
    use std::string::ToString;

    use super::*;

    /// sipp-g711-dtmf.pcap, frame 477: the datagram. Its checksum is right.
    const DATAGRAM: [u8; 24] = [
        0x17, 0x70, 0x17, 0x70, // 6000 to 6000
        0x00, 0x18, 0xa0, 0xee, // length 24, checksum
        0x80, 0xe5, 0x1f, 0x30, 0x00, 0x00, 0x33, 0xe0, // RTP
        0x0e, 0x05, 0x38, 0x4e, 0x01, 0x0a, 0x00, 0x00,
    ];
    const ADDRESSES: PseudoHeader = PseudoHeader::V4 {
        source: Ipv4Addr::new(10, 77, 0, 1),
        destination: Ipv4Addr::new(10, 77, 0, 2),
    };

    fn refused(bytes: &[u8]) -> (&'static str, usize, ErrorKind) {
        let error = Udp::parse(bytes).unwrap_err();
        assert_eq!(error.what, "UDP");
        (error.field, error.offset, error.kind)
    }

    #[test]
    fn reads_every_field() {
        let udp = Udp::parse(&DATAGRAM).unwrap();
        assert_eq!((udp.source_port(), udp.destination_port()), (6000, 6000));
        assert_eq!((udp.length(), udp.checksum()), (24, 0xa0ee));
        assert_eq!((udp.payload(), udp.trailing()), (&DATAGRAM[8..], &[][..]));
        assert_eq!((udp.payload_len(), udp.missing()), (16, 0));
        assert_eq!(udp.verify_checksum(ADDRESSES), ChecksumStatus::Valid);
        assert_eq!(udp.to_string(), "UDP 6000 -> 6000 length=24");
    }

    #[test]
    fn what_follows_the_length_is_no_payload() {
        let mut bytes = [0x55; 30];
        bytes[..24].copy_from_slice(&DATAGRAM);
        let udp = Udp::parse(&bytes).unwrap();
        assert_eq!((udp.payload(), udp.trailing()), (&DATAGRAM[8..], &[0x55; 6][..]));
        assert_eq!(udp.verify_checksum(ADDRESSES), ChecksumStatus::Valid);
    }

    #[test]
    fn refuses_every_truncation() {
        for have in 0..DATAGRAM.len() {
            let (field, offset, need, have) = match have {
                0..8 => ("header", 0, 8, have),
                _ => ("payload", 8, 16, have - 8),
            };
            let kind = ErrorKind::Truncated { need, have };
            assert_eq!(refused(&DATAGRAM[..offset + have]), (field, offset, kind));
        }
    }

    #[test]
    fn refuses_a_length_below_its_own_header() {
        for length in 0..8 {
            let mut bytes = DATAGRAM;
            bytes[5] = length;
            let kind = ErrorKind::Length { found: length.into(), have: 8 };
            assert_eq!(refused(&bytes), ("length", 4, kind));
        }
        let mut bytes = DATAGRAM;
        bytes[5] = 8;
        assert!(Udp::parse(&bytes).unwrap().payload().is_empty());
    }

    #[test]
    fn a_length_of_0_is_all_of_a_jumbogram() {
        // RFC 2675 section 4.
        let mut bytes = DATAGRAM;
        bytes[5] = 0;
        let (_, udp) = udp(&bytes, 0, true).unwrap();
        assert_eq!((udp.payload(), udp.length()), (&DATAGRAM[8..], 0));
    }

    #[test]
    fn says_what_the_checksum_should_be() {
        let mut bytes = DATAGRAM;
        bytes[6..8].copy_from_slice(&[0x17, 0xc9]);
        let status = ChecksumStatus::Invalid { expected: 0xa0ee, found: 0x17c9 };
        assert_eq!(Udp::parse(&bytes).unwrap().verify_checksum(ADDRESSES), status);
        bytes[6..8].fill(0);
        let absent = ChecksumStatus::Absent;
        assert_eq!(Udp::parse(&bytes).unwrap().verify_checksum(ADDRESSES), absent);
    }

    #[test]
    fn computes_the_checksum_of_a_real_datagram() {
        let mut out = [0xff; 24];
        let view = Udp::parse(&DATAGRAM).unwrap();
        let builder = UdpBuilder { checksum: ChecksumField::For(ADDRESSES), ..view.into() };
        assert_eq!(builder.write(&mut out), Ok(24));
        assert_eq!(out, DATAGRAM);
    }

    #[test]
    fn over_ipv6_as_tshark_computes_it() {
        // ffmpeg-many-codecs-ipv6.pcap, frame 657, fd77::1 to itself: the capture has 0xfb22, which its sender
        // left to the network card; tshark 4.0.17 says that 0x3afa is right.
        let datagram = [
            0x92, 0xd1, 0x17, 0xca, 0x00, 0x20, 0xfb, 0x22, 0x80, 0xe0, 0x0c, 0xdf, 0x9b, 0x5b,
            0x46, 0xc9, 0x09, 0x0f, 0x07, 0xaf, 0x00, 0x00, 0xc0, 0x65, 0xde, 0x3d, 0xff, 0xff,
            0xff, 0xff, 0xff, 0xe0,
        ];
        let address = Ipv6Addr::new(0xfd77, 0, 0, 0, 0, 0, 0, 1);
        let addresses = PseudoHeader::V6 { source: address, destination: address };
        let udp = Udp::parse(&datagram).unwrap();
        let status = ChecksumStatus::Invalid { expected: 0x3afa, found: 0xfb22 };
        assert_eq!(udp.verify_checksum(addresses), status);
    }

    #[test]
    fn a_checksum_of_0_is_sent_as_ffff() {
        // RFC 768. The words of pseudo-header, header and payload add up to 0xffff: 17 + 10 + 10 + 0xffda.
        let unspecified = Ipv4Addr::UNSPECIFIED;
        let addresses = PseudoHeader::V4 { source: unspecified, destination: unspecified };
        let builder = UdpBuilder {
            checksum: ChecksumField::For(addresses),
            payload: &[0xff, 0xda][..],
            ..UdpBuilder::default()
        };
        let mut out = [0; 10];
        assert_eq!(builder.write(&mut out), Ok(10));
        assert_eq!(out[6..8], [0xff, 0xff]);
        let udp = Udp::parse(&out).unwrap();
        assert_eq!(udp.verify_checksum(addresses), ChecksumStatus::Valid);
        out[6..8].copy_from_slice(&[0x12, 0x34]);
        let status = ChecksumStatus::Invalid { expected: 0xffff, found: 0x1234 };
        assert_eq!(Udp::parse(&out).unwrap().verify_checksum(addresses), status);
    }

    #[test]
    fn refuses_to_build_more_than_its_length_can_say() {
        let mut out = std::vec![0; 70_000];
        let payload = std::vec![0; 65_528];
        let builder = UdpBuilder { payload: &payload[1..], ..UdpBuilder::default() };
        assert_eq!(builder.write(&mut out), Ok(65_535));
        let refused = Err(BuildError::OutOfRange { field: "payload" });
        assert_eq!(UdpBuilder { payload: &payload[..], ..builder }.write(&mut out), refused);
    }

    proptest! {
        #[test]
        fn what_is_built_is_read(source_port: u16, destination_port: u16, payload in proptest::collection::vec(any::<u8>(), 0..40), source: [u8; 16], destination: [u8; 16]) {
            let (source, destination) = (source.into(), destination.into());
            let addresses = PseudoHeader::V6 { source, destination };
            let checksum = ChecksumField::For(addresses);
            let builder = UdpBuilder { source_port, destination_port, checksum, payload: &payload[..] };
            let mut out = [0; 48];
            let len = builder.write(&mut out).unwrap();
            let view = Udp::parse(&out[..len]).unwrap();
            prop_assert_eq!(view.verify_checksum(addresses), ChecksumStatus::Valid);
            let checksum = ChecksumField::Given(view.checksum());
            prop_assert_eq!(UdpBuilder::from(view), UdpBuilder { checksum, ..builder });
        }

        #[test]
        fn what_parses_is_written_again(mut bytes in proptest::collection::vec(any::<u8>(), 0..60), beyond in 0usize..60, length in 0u8..60) {
            if let Some(field) = bytes.get_mut(4..6) {
                field.copy_from_slice(&[0, length]);
            }
            if let Ok((_, view)) = udp(&bytes, beyond, length % 2 == 0) {
                crate::testing::shows(&view);
                let _ = format!("{:?}", view.verify_checksum(ADDRESSES));
                let mut out = [0; 60];
                let len = UdpBuilder::from(view).write(&mut out).unwrap();
                if view.missing() == 0 && view.length() > 0 {
                    prop_assert_eq!(&out[..len], &bytes[..bytes.len() - view.trailing().len()]);
                }
            }
        }
    }
}
