//! Internet Protocol version 4 (RFC 791 section 3.1; DSCP and ECN: RFC 2474, RFC 3168).
//!
//! ```text
//! |Version|  IHL  |   DSCP    |ECN|         total length          |
//! |        identification         |R|D|M|     fragment offset     |
//! | time to live  |   protocol    |        header checksum        |
//! |                        source address                         |
//! |                      destination address                      |
//! |            options, IHL × 4 − 20 bytes, see options.rs        |
//! ```

use core::net::Ipv4Addr;
use core::{fmt, ops::Range};

use byteorder::{BE, ByteOrder};
use nom::Parser;
use nom::error::context;

use super::options::RawOptions;
use super::{Checksum, ChecksumStatus, Fragment, IpProtocol, PseudoHeader};
use crate::encode::{Encode, Sink, narrow};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::registry::registry;
use crate::wire::array;

// Places in the header, for reading and for writing.
const VERSION_IHL: usize = 0;
const TRAFFIC: usize = 1;
const TOTAL_LENGTH: Range<usize> = 2..4;
const IDENTIFICATION: Range<usize> = 4..6;
const FRAGMENT: Range<usize> = 6..8;
const TTL: usize = 8;
const PROTOCOL: usize = 9;
const CHECKSUM: Range<usize> = 10..12;
const SOURCE: Range<usize> = 12..16;
const DESTINATION: Range<usize> = 16..20;
pub(super) const HEADER_LEN: usize = DESTINATION.end;

// Bits of the fragment field.
const RESERVED: u16 = 0x8000;
const DONT_FRAGMENT: u16 = 0x4000;
const MORE_FRAGMENTS: u16 = 0x2000;
const OFFSET: u16 = 0x1fff;

/// What IHL can say: 15 words, the header included.
const MAX_OPTIONS: usize = 40;

registry! {
    /// The kind of an IPv4 option, with its copied flag and class (IANA, IP Option Numbers).
    Ipv4OptionKind(u8) {
        /// End of option list.
        END = 0, "end";
        /// No operation.
        NO_OPERATION = 1, "no operation";
        /// Record route.
        RECORD_ROUTE = 7, "record route";
        /// Internet timestamp.
        TIMESTAMP = 68, "timestamp";
        /// Security, RFC 1108.
        SECURITY = 130, "security";
        /// Loose source and record route.
        LOOSE_SOURCE_ROUTE = 131, "loose source route";
        /// Stream identifier.
        STREAM_ID = 136, "stream id";
        /// Strict source and record route.
        STRICT_SOURCE_ROUTE = 137, "strict source route";
        /// Router alert, RFC 2113.
        ROUTER_ALERT = 148, "router alert";
    }
}

/// An IPv4 packet, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Ipv4<'a> {
    header: &'a [u8; HEADER_LEN],
    options: &'a [u8],
    payload: &'a [u8],
    missing: usize,
}

impl<'a> Ipv4<'a> {
    /// The packet of this header and of what follows it, if it has no options, is no fragment, carries `protocol` and is
    /// all there; and what is left.
    #[inline]
    pub(super) fn plain(
        header: &'a [u8; HEADER_LEN],
        protocol: IpProtocol,
        behind: &'a [u8],
    ) -> Option<(Self, &'a [u8])> {
        // Version 4, five words.
        if header[VERSION_IHL] != 0x45 {
            return None;
        }
        let total = usize::from(BE::read_u16(&header[TOTAL_LENGTH]));
        let (payload, rest) = behind.split_at_checked(total.checked_sub(HEADER_LEN)?)?;
        let ip = Self { header, options: &[], payload, missing: 0 };
        if ip.protocol() == protocol && ip.fragment().is_none() { Some((ip, rest)) } else { None }
    }

    /// Reads the packet at the front of `bytes`; what follows its total length is ignored, as it is padding.
    ///
    /// A total length of 0 is what a capture on the sender has of a packet that the network card cuts up later (TCP
    /// segmentation offload): then the packet is all of `bytes`.
    ///
    /// # Errors
    /// Fewer bytes than the total length says, a version other than 4, a header length below 20, a total length
    /// below the header length.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("IPv4", bytes, |i| ipv4(i, 0))
    }

    /// The header's bytes, 20 to 60, options included.
    #[inline]
    pub fn header_len(&self) -> usize {
        usize::from(self.header[VERSION_IHL] & 15) << 2
    }

    /// Differentiated services code point, 6 bits.
    #[inline]
    pub fn dscp(&self) -> u8 {
        self.header[TRAFFIC] >> 2
    }

    /// Explicit congestion notification, 2 bits.
    #[inline]
    pub fn ecn(&self) -> u8 {
        self.header[TRAFFIC] & 3
    }

    /// Bytes of header and payload as the sender says, or 0: see [`parse`](Self::parse).
    #[inline]
    pub fn total_length(&self) -> u16 {
        BE::read_u16(&self.header[TOTAL_LENGTH])
    }

    /// The same for all fragments of a packet.
    #[inline]
    pub fn identification(&self) -> u16 {
        BE::read_u16(&self.header[IDENTIFICATION])
    }

    #[inline]
    fn fragment_field(&self) -> u16 {
        BE::read_u16(&self.header[FRAGMENT])
    }

    /// The reserved flag, which must be 0.
    #[inline]
    pub fn reserved_flag(&self) -> bool {
        self.fragment_field() & RESERVED != 0
    }

    /// It must not be cut up.
    #[inline]
    pub fn dont_fragment(&self) -> bool {
        self.fragment_field() & DONT_FRAGMENT != 0
    }

    /// More fragments of the packet follow.
    #[inline]
    pub fn more_fragments(&self) -> bool {
        self.fragment_field() & MORE_FRAGMENTS != 0
    }

    /// Where the payload belongs in the whole packet's, in units of 8 bytes; 13 bits.
    #[inline]
    pub fn fragment_offset(&self) -> u16 {
        self.fragment_field() & OFFSET
    }

    /// Where it belongs, if it is a part of a packet.
    #[inline]
    pub fn fragment(&self) -> Option<Fragment> {
        if self.fragment_field() & (MORE_FRAGMENTS | OFFSET) == 0 {
            return None;
        }
        Some(Fragment {
            identification: self.identification().into(),
            offset: self.fragment_offset(),
            more: self.more_fragments(),
        })
    }

    /// Time to live, hops.
    #[inline]
    pub fn ttl(&self) -> u8 {
        self.header[TTL]
    }

    /// What the payload is.
    #[inline]
    pub fn protocol(&self) -> IpProtocol {
        IpProtocol(self.header[PROTOCOL])
    }

    /// The header's checksum as it is on the wire.
    #[inline]
    pub fn checksum(&self) -> u16 {
        BE::read_u16(&self.header[CHECKSUM])
    }

    /// The sender.
    #[inline]
    pub fn source(&self) -> Ipv4Addr {
        Ipv4Addr::from_bits(BE::read_u32(&self.header[SOURCE]))
    }

    /// Where it goes to: with a source route, the next stop.
    #[inline]
    pub fn destination(&self) -> Ipv4Addr {
        Ipv4Addr::from_bits(BE::read_u32(&self.header[DESTINATION]))
    }

    /// The bytes of the options, 0 to 40, with their padding.
    #[inline]
    pub fn options_bytes(&self) -> &'a [u8] {
        self.options
    }

    /// The options, in order.
    #[inline]
    pub fn options(&self) -> Ipv4Options<'a> {
        Ipv4Options(RawOptions(self.options))
    }

    /// What the packet carries.
    #[inline]
    pub fn payload(&self) -> &'a [u8] {
        self.payload
    }

    /// Bytes at the packet's end that the capture lacks; 0 unless it comes from
    /// [`Packet::parse_captured`](super::Packet::parse_captured).
    #[inline]
    pub fn missing(&self) -> usize {
        self.missing
    }

    /// Whether the header's checksum is right.
    #[inline]
    pub fn verify_checksum(&self) -> ChecksumStatus {
        if self.options_missing() > 0 {
            return ChecksumStatus::Unknown;
        }
        let mut sum = Checksum::new();
        sum.add_array(self.header);
        if !self.options.is_empty() {
            sum.add(self.options);
        }
        sum.status(self.checksum())
    }

    /// Its addresses, for the checksum of what it carries. `None` if a source route sends it on to another
    /// destination.
    #[inline]
    pub fn pseudo_header(&self) -> Option<PseudoHeader> {
        if !self.options.is_empty() && self.is_routed_on() {
            return None;
        }
        Some(PseudoHeader::V4 { source: self.source(), destination: self.destination() })
    }

    /// A source route has stops left: its pointer, which counts from 1 at the option's kind, is not past its end.
    fn is_routed_on(&self) -> bool {
        self.options().any(|option| {
            let is_route = matches!(
                option.kind,
                Ipv4OptionKind::LOOSE_SOURCE_ROUTE | Ipv4OptionKind::STRICT_SOURCE_ROUTE
            );
            let pointer = option.data.first().copied().map_or(0, usize::from);
            is_route && pointer <= option.data.len().saturating_add(2)
        })
    }

    /// Bytes of options that the header length announces and the capture lacks.
    #[inline]
    fn options_missing(&self) -> usize {
        self.header_len().saturating_sub(HEADER_LEN).saturating_sub(self.options.len())
    }
}

/// The packet at the front of `i`; up to `beyond` bytes at its end may be ones that the capture lacks behind `i`.
#[inline]
pub(crate) fn ipv4(i: &[u8], beyond: usize) -> Step<'_, Ipv4<'_>> {
    let (_, header) = context("header", array::<HEADER_LEN>).parse(i)?;
    let found = header[VERSION_IHL] >> 4;
    if found != 4 {
        return Err(Fail::field("version", i, ErrorKind::Version { found }));
    }
    let header_len = usize::from(header[VERSION_IHL] & 15) << 2;
    if header_len < HEADER_LEN {
        let kind = ErrorKind::Length { found: header_len, have: HEADER_LEN };
        return Err(Fail::field("header length", i, kind));
    }
    let total = match usize::from(BE::read_u16(&header[TOTAL_LENGTH])) {
        // Segmentation offload: all there is, and a whole header at least.
        0 => i.len().saturating_add(beyond).max(header_len),
        found if found < header_len => {
            let at = i.get(TOTAL_LENGTH.start..).unwrap_or_default();
            let kind = ErrorKind::Length { found, have: header_len };
            return Err(Fail::field("total length", at, kind));
        }
        total => total,
    };
    let (packet, rest) = i.split_at_checked(total).unwrap_or((i, &[]));
    let end = packet.get(packet.len()..).unwrap_or_default();
    let (head, payload) = packet.split_at_checked(header_len).unwrap_or((packet, end));
    let options = head.get(HEADER_LEN..).unwrap_or_default();
    let missing = total.saturating_sub(packet.len());
    if missing > beyond {
        let (field, at, need) = if head.len() < header_len {
            ("options", options, header_len.saturating_sub(HEADER_LEN))
        } else {
            ("payload", payload, total.saturating_sub(header_len))
        };
        let kind = ErrorKind::Truncated { need, have: at.len() };
        return Err(Fail::field(field, at, kind));
    }
    Ok((rest, Ipv4 { header, options, payload, missing }))
}

/// One line: `IPv4 10.77.0.1 -> 10.77.0.2 UDP ttl=64 length=44`.
impl fmt::Display for Ipv4<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IPv4 {} -> {} {}", self.source(), self.destination(), self.protocol())?;
        write!(f, " ttl={} length={}", self.ttl(), self.total_length())?;
        self.fragment().map_or(Ok(()), |fragment| write!(f, " {fragment}"))
    }
}

impl fmt::Debug for Ipv4<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ipv4")
            .field("header_len", &self.header_len())
            .field("dscp", &self.dscp())
            .field("ecn", &self.ecn())
            .field("total_length", &self.total_length())
            .field("identification", &self.identification())
            .field("reserved_flag", &self.reserved_flag())
            .field("dont_fragment", &self.dont_fragment())
            .field("more_fragments", &self.more_fragments())
            .field("fragment_offset", &self.fragment_offset())
            .field("ttl", &self.ttl())
            .field("protocol", &self.protocol())
            .field("checksum", &self.checksum())
            .field("source", &self.source())
            .field("destination", &self.destination())
            .field("options", &self.options())
            .field("payload", &self.payload())
            .field("missing", &self.missing())
            .finish()
    }
}

/// One option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ipv4Option<'a> {
    /// Which one.
    pub kind: Ipv4OptionKind,
    /// What follows kind and length: nothing for a no-operation.
    pub data: &'a [u8],
}

/// The options of a packet: an iterator up to the end-of-list option, the end of the header, or the first
/// option that does not fit there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Ipv4Options<'a>(RawOptions<'a>);

impl<'a> Ipv4Options<'a> {
    /// What has not been read yet. At the iterator's end that is nothing, or the end-of-list option and
    /// padding, or an option that does not fit.
    #[inline]
    pub fn rest(&self) -> &'a [u8] {
        self.0.0
    }
}

impl<'a> Iterator for Ipv4Options<'a> {
    type Item = Ipv4Option<'a>;

    #[inline]
    fn next(&mut self) -> Option<Ipv4Option<'a>> {
        let (kind, data) = self.0.next()?;
        Some(Ipv4Option { kind: Ipv4OptionKind(kind), data })
    }
}

impl fmt::Debug for Ipv4Options<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

/// An IPv4 packet to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ipv4Builder<'a, P> {
    /// As [`Ipv4::dscp`], 0 to 63.
    pub dscp: u8,
    /// As [`Ipv4::ecn`], 0 to 3.
    pub ecn: u8,
    /// As [`Ipv4::identification`].
    pub identification: u16,
    /// As [`Ipv4::reserved_flag`]: false, but for a packet that is written again.
    pub reserved_flag: bool,
    /// As [`Ipv4::dont_fragment`].
    pub dont_fragment: bool,
    /// As [`Ipv4::more_fragments`]: then the payload is a multiple of 8 bytes.
    pub more_fragments: bool,
    /// As [`Ipv4::fragment_offset`], in units of 8 bytes, 0 to 8191.
    pub fragment_offset: u16,
    /// As [`Ipv4::ttl`].
    pub ttl: u8,
    /// As [`Ipv4::protocol`].
    pub protocol: IpProtocol,
    /// `None` for the right one; otherwise as [`Ipv4::checksum`].
    pub checksum: Option<u16>,
    /// As [`Ipv4::source`].
    pub source: Ipv4Addr,
    /// As [`Ipv4::destination`].
    pub destination: Ipv4Addr,
    /// As [`Ipv4::options_bytes`]: 0 to 40 bytes, a multiple of 4.
    pub options: &'a [u8],
    /// The next header, or bytes.
    pub payload: P,
}

impl<P> Ipv4Builder<'_, P> {
    /// A packet of time to live 64 that must not be cut up, without options.
    pub const fn new(
        source: Ipv4Addr,
        destination: Ipv4Addr,
        protocol: IpProtocol,
        payload: P,
    ) -> Self {
        Self {
            dscp: 0,
            ecn: 0,
            identification: 0,
            reserved_flag: false,
            dont_fragment: true,
            more_fragments: false,
            fragment_offset: 0,
            ttl: 64,
            protocol,
            checksum: None,
            source,
            destination,
            options: &[],
            payload,
        }
    }
}

/// The checksum is kept as it was. A total length of 0 becomes the right one. Of a packet that the capture cut
/// short there is only what is there.
impl<'a> From<Ipv4<'a>> for Ipv4Builder<'a, &'a [u8]> {
    fn from(view: Ipv4<'a>) -> Self {
        Self {
            dscp: view.dscp(),
            ecn: view.ecn(),
            identification: view.identification(),
            reserved_flag: view.reserved_flag(),
            dont_fragment: view.dont_fragment(),
            more_fragments: view.more_fragments(),
            fragment_offset: view.fragment_offset(),
            ttl: view.ttl(),
            protocol: view.protocol(),
            checksum: Some(view.checksum()),
            source: view.source(),
            destination: view.destination(),
            options: view.options_bytes(),
            payload: view.payload(),
        }
    }
}

impl<P: Encode> Ipv4Builder<'_, P> {
    #[inline]
    fn header_len(&self) -> usize {
        HEADER_LEN.saturating_add(self.options.len())
    }

    /// The fields that can be out of range, in their narrower form: traffic, fragment, total length.
    #[inline]
    fn checked(&self) -> Result<(u8, u16, u16), BuildError> {
        let out_of_range = |field| Err(BuildError::OutOfRange { field });
        if self.dscp > 63 {
            return out_of_range("DSCP");
        }
        if self.ecn > 3 {
            return out_of_range("ECN");
        }
        if self.options.len() > MAX_OPTIONS || !self.options.len().is_multiple_of(4) {
            return out_of_range("options");
        }
        let payload = self.payload.encoded_len();
        let total = narrow("payload", self.header_len().saturating_add(payload))?;
        // RFC 791 section 3.2: only the last fragment may end between two units, and none beyond the longest
        // packet.
        if self.more_fragments && !payload.is_multiple_of(8) {
            return out_of_range("payload");
        }
        let start = usize::from(self.fragment_offset) << 3;
        let end = start.saturating_add(payload).saturating_add(self.header_len());
        if self.fragment_offset > OFFSET || start > 0 && end > usize::from(u16::MAX) {
            return out_of_range("fragment offset");
        }
        let flag = |set, bit| if set { bit } else { 0 };
        let fragment = flag(self.reserved_flag, RESERVED)
            | flag(self.dont_fragment, DONT_FRAGMENT)
            | flag(self.more_fragments, MORE_FRAGMENTS)
            | self.fragment_offset;
        Ok((self.dscp << 2 | self.ecn, fragment, total))
    }
}

impl<P: Encode> Encode for Ipv4Builder<'_, P> {
    #[inline]
    fn encoded_len(&self) -> usize {
        self.header_len().saturating_add(self.payload.encoded_len())
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let (traffic, fragment, total) = self.checked()?;
        // 5 to 15 words, as `checked` made sure.
        let ihl: u8 = narrow("options", self.header_len() >> 2)?;
        let header = out.array::<HEADER_LEN>()?;
        header[VERSION_IHL] = 0x40 | ihl;
        header[TRAFFIC] = traffic;
        BE::write_u16(&mut header[TOTAL_LENGTH], total);
        BE::write_u16(&mut header[IDENTIFICATION], self.identification);
        BE::write_u16(&mut header[FRAGMENT], fragment);
        header[TTL] = self.ttl;
        header[PROTOCOL] = self.protocol.0;
        BE::write_u16(&mut header[CHECKSUM], 0);
        BE::write_u32(&mut header[SOURCE], self.source.to_bits());
        BE::write_u32(&mut header[DESTINATION], self.destination.to_bits());
        let checksum = self.checksum.unwrap_or_else(|| {
            let mut sum = Checksum::new();
            sum.add(header);
            sum.add(self.options);
            sum.finish()
        });
        BE::write_u16(&mut header[CHECKSUM], checksum);
        out.bytes(self.options)?;
        self.payload.encode(out)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::format;
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;

    /// sipp-g711-dtmf.pcap, frame 477: the IP packet.
    const PACKET: [u8; 44] = [
        0x45, 0x00, 0x00, 0x2c, // version 4, 5 words, total length 44
        0xdf, 0x92, 0x40, 0x00, // identification, don't fragment
        0x40, 0x11, 0x46, 0x92, // TTL 64, UDP, checksum
        0x0a, 0x4d, 0x00, 0x01, // 10.77.0.1
        0x0a, 0x4d, 0x00, 0x02, // 10.77.0.2
        0x17, 0x70, 0x17, 0x70, 0x00, 0x18, 0xa0, 0xee, // UDP
        0x80, 0xe5, 0x1f, 0x30, 0x00, 0x00, 0x33, 0xe0, // RTP
        0x0e, 0x05, 0x38, 0x4e, 0x01, 0x0a, 0x00, 0x00,
    ];

    /// After RFC 791 appendix A, example 3: options of every form, shortened.
    const WITH_OPTIONS: [u8; 44] = [
        0x48, 0x00, 0x00, 0x2c, // version 4, 8 words, total length 44 here
        0x00, 0x6f, 0x00, 0x00, // identification 111
        0x7b, 0x06, 0x00, 0x00, // TTL 123, TCP, checksum not given
        0xc0, 0x00, 0x02, 0x01, // 192.0.2.1
        0xc0, 0x00, 0x02, 0x02, // 192.0.2.2
        0x07, 0x03, 0x04, 0x44, // record route of length 3, pointer 4; option code x
        0x04, 0x09, 0x09, 0x01, // of length 4; option code 1
        0x00, 0x00, 0x00, 0x00, // end of list, padding
        0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55,
    ];

    fn refused(bytes: &[u8]) -> (&'static str, usize, ErrorKind) {
        let error = Ipv4::parse(bytes).unwrap_err();
        assert_eq!(error.what, "IPv4");
        (error.field, error.offset, error.kind)
    }

    #[test]
    fn reads_every_field() {
        let ip = Ipv4::parse(&PACKET).unwrap();
        assert_eq!((ip.header_len(), ip.total_length(), ip.missing()), (20, 44, 0));
        assert_eq!((ip.dscp(), ip.ecn(), ip.identification()), (0, 0, 0xdf92));
        assert!(ip.dont_fragment() && !ip.more_fragments() && !ip.reserved_flag());
        assert_eq!((ip.fragment_offset(), ip.fragment()), (0, None));
        assert_eq!((ip.ttl(), ip.protocol(), ip.checksum()), (64, IpProtocol::UDP, 0x4692));
        assert_eq!(ip.source(), Ipv4Addr::new(10, 77, 0, 1));
        assert_eq!(ip.destination(), Ipv4Addr::new(10, 77, 0, 2));
        assert_eq!((ip.options_bytes(), ip.payload()), (&[][..], &PACKET[20..]));
        assert_eq!(ip.verify_checksum(), ChecksumStatus::Valid);
        assert_eq!(ip.to_string(), "IPv4 10.77.0.1 -> 10.77.0.2 UDP ttl=64 length=44");
        // coturn-turn-tcp.pcap, frame 1, has a traffic class byte of 0x20.
        let mut bytes = PACKET;
        bytes[1] = 0x22;
        let ip = Ipv4::parse(&bytes).unwrap();
        assert_eq!((ip.dscp(), ip.ecn()), (8, 2));
        let invalid = ChecksumStatus::Invalid { expected: 0x4670, found: 0x4692 };
        assert_eq!(ip.verify_checksum(), invalid);
    }

    #[test]
    fn reads_options_in_order() {
        let ip = Ipv4::parse(&WITH_OPTIONS).unwrap();
        assert_eq!((ip.header_len(), ip.payload()), (32, &WITH_OPTIONS[32..]));
        let mut options = ip.options();
        let kinds: Vec<_> = options.by_ref().map(|option| (option.kind.0, option.data)).collect();
        assert_eq!(kinds, [(7, &[4][..]), (0x44, &[9, 9]), (1, &[])]);
        assert_eq!(options.rest(), [0, 0, 0, 0]);
    }

    #[test]
    fn an_option_that_does_not_fit_ends_the_options_alone() {
        let mut bytes = WITH_OPTIONS;
        bytes[24] = 200;
        let ip = Ipv4::parse(&bytes).unwrap();
        let mut options = ip.options();
        assert_eq!(options.by_ref().count(), 1);
        assert_eq!(options.rest(), &bytes[23..32]);
        assert_eq!(ip.payload(), &bytes[32..]);
    }

    #[test]
    fn tells_the_fragments_of_a_packet() {
        // gst-rawvideo-ip-fragments.pcap, frames 5, 6 and 8.
        let fragment = |length: u16, field: u16| {
            let mut header = [0; 20];
            header.copy_from_slice(&PACKET[..20]);
            header[2..4].copy_from_slice(&length.to_be_bytes());
            header[4..6].copy_from_slice(&[0xd3, 0x58]);
            header[6..8].copy_from_slice(&field.to_be_bytes());
            let mut bytes = [0; 1500];
            bytes[..20].copy_from_slice(&header);
            Ipv4::parse(&bytes).unwrap().fragment().unwrap()
        };
        let part = |offset, more| Fragment { identification: 0xd358, offset, more };
        assert_eq!(fragment(0x05dc, 0x2000), part(0, true));
        assert_eq!(fragment(0x05dc, 0x20b9), part(185, true));
        assert_eq!(fragment(0x024a, 0x022b), part(555, false));
        assert_eq!(part(185, true).offset_bytes(), 1480);
    }

    #[test]
    fn padding_is_no_payload() {
        let mut bytes = [0; 60];
        bytes[..44].copy_from_slice(&PACKET);
        assert_eq!(Ipv4::parse(&bytes).unwrap(), Ipv4::parse(&PACKET).unwrap());
    }

    #[test]
    fn refuses_every_truncation() {
        for have in 0..PACKET.len() {
            let (field, offset, need, have) = match have {
                0..20 => ("header", 0, 20, have),
                _ => ("payload", 20, 24, have - 20),
            };
            let kind = ErrorKind::Truncated { need, have };
            assert_eq!(refused(&PACKET[..offset + have]), (field, offset, kind));
        }
        for have in 0..12 {
            let kind = ErrorKind::Truncated { need: 12, have };
            assert_eq!(refused(&WITH_OPTIONS[..20 + have]), ("options", 20, kind));
        }
    }

    #[test]
    fn refuses_lengths_that_contradict_each_other() {
        let changed = |place: usize, value: u8| {
            let mut bytes = WITH_OPTIONS;
            bytes[place] = value;
            bytes
        };
        assert_eq!(refused(&changed(0, 0x65)), ("version", 0, ErrorKind::Version { found: 6 }));
        for words in 0..5 {
            let kind = ErrorKind::Length { found: usize::from(words) * 4, have: 20 };
            assert_eq!(refused(&changed(0, 0x40 | words)), ("header length", 0, kind));
        }
        let kind = ErrorKind::Length { found: 31, have: 32 };
        assert_eq!(refused(&changed(3, 31)), ("total length", 2, kind));
        assert!(Ipv4::parse(&changed(3, 32)).unwrap().payload().is_empty());
        let kind = ErrorKind::Truncated { need: 13, have: 12 };
        assert_eq!(refused(&changed(3, 45)), ("payload", 32, kind));
        // The greatest header length, beyond the packet.
        let kind = ErrorKind::Length { found: 44, have: 60 };
        assert_eq!(refused(&changed(0, 0x4f)), ("total length", 2, kind));
    }

    #[test]
    fn a_total_length_of_0_takes_what_is_there() {
        let mut bytes = WITH_OPTIONS;
        bytes[3] = 0;
        let ip = Ipv4::parse(&bytes).unwrap();
        assert_eq!((ip.total_length(), ip.payload()), (0, &bytes[32..]));
        let kind = ErrorKind::Truncated { need: 12, have: 4 };
        assert_eq!(refused(&bytes[..24]), ("options", 20, kind));
    }

    #[test]
    fn a_source_route_hides_the_destination() {
        let mut bytes = WITH_OPTIONS;
        assert!(Ipv4::parse(&bytes).unwrap().pseudo_header().is_some());
        // RFC 791 section 3.1: loose source route of one stop, pointer at it; then past it.
        bytes[20..28].copy_from_slice(&[131, 7, 4, 192, 0, 2, 9, 0]);
        assert_eq!(Ipv4::parse(&bytes).unwrap().pseudo_header(), None);
        bytes[22] = 8;
        assert!(Ipv4::parse(&bytes).unwrap().pseudo_header().is_some());
    }

    #[test]
    fn computes_the_checksum_of_a_real_packet() {
        let mut out = [0; 44];
        let view = Ipv4::parse(&PACKET).unwrap();
        let builder = Ipv4Builder { checksum: None, ..view.into() };
        assert_eq!(builder.write(&mut out), Ok(44));
        assert_eq!(out, PACKET);
        let (source, destination) = (view.source(), view.destination());
        let short = Ipv4Builder::new(source, destination, IpProtocol::UDP, &PACKET[20..]);
        assert_eq!(Ipv4Builder { identification: 0xdf92, ..short }, builder);
    }

    #[test]
    fn refuses_to_build_what_is_forbidden() {
        let address = Ipv4Addr::LOCALHOST;
        let good = Ipv4Builder::new(address, address, IpProtocol::UDP, &[0; 65_515][..]);
        let mut out = std::vec![0; 70_000];
        let mut refused = |builder: Ipv4Builder<'_, &[u8]>| match builder.write(&mut out) {
            Err(BuildError::OutOfRange { field }) => Some(field),
            _ => None,
        };
        assert_eq!(refused(good), None);
        assert_eq!(refused(Ipv4Builder { dscp: 64, ..good }), Some("DSCP"));
        assert_eq!(refused(Ipv4Builder { ecn: 4, ..good }), Some("ECN"));
        assert_eq!(refused(Ipv4Builder { options: &[1; 4], ..good }), Some("payload"));
        let good = Ipv4Builder { payload: &[0; 12][..], ..good };
        assert_eq!(refused(Ipv4Builder { options: &[1; 40], ..good }), None);
        assert_eq!(refused(Ipv4Builder { options: &[1; 44], ..good }), Some("options"));
        assert_eq!(refused(Ipv4Builder { options: &[1; 3], ..good }), Some("options"));
        assert_eq!(refused(Ipv4Builder { more_fragments: true, ..good }), Some("payload"));
        let place = |fragment_offset| Ipv4Builder { fragment_offset, ..good };
        assert_eq!(refused(place(8187)), None);
        assert_eq!(refused(place(8188)), Some("fragment offset"));
        assert_eq!(refused(place(8192)), Some("fragment offset"));
    }

    proptest! {
        #[test]
        fn what_parses_is_written_again(
            mut bytes in proptest::collection::vec(any::<u8>(), 20..100),
            words in 5u8..16,
            slack in 0usize..30,
        ) {
            bytes[0] = 0x40 | words;
            let total = bytes.len().saturating_sub(slack).max(1);
            bytes[2..4].copy_from_slice(&u16::try_from(total).unwrap().to_be_bytes());
            let mut out = [0; 100];
            if let Ok(view) = Ipv4::parse(&bytes) {
                crate::testing::shows(&view);
                let _ = format!("{:?}", view.verify_checksum());
                match Ipv4Builder::from(view).write(&mut out) {
                    Ok(len) => prop_assert_eq!(&out[..len], &bytes[..total]),
                    Err(_) => prop_assert!(view.fragment().is_some()),
                }
            }
        }

        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80), beyond in 0usize..80) {
            if let Ok((_, view)) = ipv4(&bytes, beyond) {
                crate::testing::shows(&view);
                let _ = format!("{:?} {:?}", view.verify_checksum(), view.pseudo_header());
            }
        }
    }
}
