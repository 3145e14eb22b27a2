//! Transmission Control Protocol: the header (RFC 9293 section 3.1) and its options (section 3.2; RFC 7323, RFC
//! 2018).
//!
//! ```text
//! |          source port          |       destination port        |
//! |                        sequence number                        |
//! |                     acknowledgment number                     |
//! |offset | rsrvd |C|E|U|A|P|R|S|F|            window             |
//! |           checksum            |        urgent pointer         |
//! |         options, offset × 4 − 20 bytes, see options.rs        |
//! ```

use core::ops::BitOr;
use core::{fmt, ops::Range};

use byteorder::{BE, ByteOrder};
use nom::Parser;
use nom::error::context;

use super::options::{NO_OPERATION, RawOptions};
use super::{Checksum, ChecksumField, ChecksumStatus, IpProtocol, PseudoHeader};
use crate::encode::{Encode, Sink, narrow};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::registry::registry;
use crate::wire::array;

// Places in the header, for reading and for writing.
const SOURCE: Range<usize> = 0..2;
const DESTINATION: Range<usize> = 2..4;
const SEQUENCE: Range<usize> = 4..8;
const ACKNOWLEDGMENT: Range<usize> = 8..12;
const OFFSET: usize = 12;
const FLAGS: usize = 13;
const WINDOW: Range<usize> = 14..16;
const CHECKSUM: Range<usize> = 16..18;
const URGENT: Range<usize> = 18..20;
const HEADER_LEN: usize = URGENT.end;

/// What the data offset can say: 15 words, the header included.
const MAX_OPTIONS: usize = 40;

registry! {
    /// The kind of a TCP option (IANA, TCP Option Kind Numbers).
    TcpOptionKind(u8) {
        /// End of option list.
        END = 0, "end";
        /// No operation.
        NO_OPERATION = 1, "no operation";
        /// Maximum segment size.
        MSS = 2, "maximum segment size";
        /// Window scale, RFC 7323.
        WINDOW_SCALE = 3, "window scale";
        /// SACK permitted, RFC 2018.
        SACK_PERMITTED = 4, "SACK permitted";
        /// SACK, RFC 2018.
        SACK = 5, "SACK";
        /// Timestamps, RFC 7323.
        TIMESTAMPS = 8, "timestamps";
        /// MD5 signature, RFC 2385.
        MD5 = 19, "MD5 signature";
        /// User timeout, RFC 5482.
        USER_TIMEOUT = 28, "user timeout";
        /// Authentication, RFC 5925.
        AUTHENTICATION = 29, "authentication";
        /// Multipath TCP, RFC 8684.
        MULTIPATH = 30, "multipath";
        /// Fast open cookie, RFC 7413.
        FAST_OPEN = 34, "fast open";
    }
}

/// The control bits. `Display` is `SYN,ACK`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TcpFlags(pub u8);

impl TcpFlags {
    /// No more data from the sender.
    pub const FIN: Self = Self(1);
    /// Synchronise sequence numbers.
    pub const SYN: Self = Self(1 << 1);
    /// Reset the connection.
    pub const RST: Self = Self(1 << 2);
    /// Push.
    pub const PSH: Self = Self(1 << 3);
    /// The acknowledgment number counts.
    pub const ACK: Self = Self(1 << 4);
    /// The urgent pointer counts.
    pub const URG: Self = Self(1 << 5);
    /// ECN echo, RFC 3168.
    pub const ECE: Self = Self(1 << 6);
    /// Congestion window reduced, RFC 3168.
    pub const CWR: Self = Self(1 << 7);

    const NAMES: [&'static str; 8] = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"];

    /// All of `flags` are set.
    #[inline]
    pub const fn contains(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }
}

impl BitOr for TcpFlags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl fmt::Display for TcpFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between = "";
        for (bit, name) in Self::NAMES.iter().enumerate() {
            if self.0 >> bit & 1 == 1 {
                write!(f, "{between}{name}")?;
                between = ",";
            }
        }
        Ok(())
    }
}

/// A TCP segment, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tcp<'a> {
    header: &'a [u8; HEADER_LEN],
    options: &'a [u8],
    payload: &'a [u8],
    missing: usize,
}

impl<'a> Tcp<'a> {
    /// Reads a segment: all of `bytes`, the payload of an IP packet.
    ///
    /// # Errors
    /// Fewer than 20 bytes, a data offset below 20 bytes or beyond the segment.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("TCP", bytes, |i| tcp(i, 0))
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

    /// The number of the payload's first byte; with SYN, the initial sequence number.
    #[inline]
    pub fn sequence_number(&self) -> u32 {
        BE::read_u32(&self.header[SEQUENCE])
    }

    /// The next sequence number that the sender expects, with ACK.
    #[inline]
    pub fn acknowledgment_number(&self) -> u32 {
        BE::read_u32(&self.header[ACKNOWLEDGMENT])
    }

    /// The header's bytes, 20 to 60, options included: the data offset.
    #[inline]
    pub fn header_len(&self) -> usize {
        usize::from(self.header[OFFSET] >> 4) << 2
    }

    /// The four bits between data offset and flags: reserved.
    #[inline]
    pub fn reserved(&self) -> u8 {
        self.header[OFFSET] & 15
    }

    /// The control bits.
    #[inline]
    pub fn flags(&self) -> TcpFlags {
        TcpFlags(self.header[FLAGS])
    }

    /// Bytes that the sender can take, before scaling.
    #[inline]
    pub fn window(&self) -> u16 {
        BE::read_u16(&self.header[WINDOW])
    }

    /// The checksum as it is on the wire.
    #[inline]
    pub fn checksum(&self) -> u16 {
        BE::read_u16(&self.header[CHECKSUM])
    }

    /// Where urgent data ends, from the sequence number on, with URG.
    #[inline]
    pub fn urgent_pointer(&self) -> u16 {
        BE::read_u16(&self.header[URGENT])
    }

    /// The bytes of the options, 0 to 40, with their padding.
    #[inline]
    pub fn options_bytes(&self) -> &'a [u8] {
        self.options
    }

    /// The options, in order.
    #[inline]
    pub fn options(&self) -> TcpOptions<'a> {
        TcpOptions(RawOptions(self.options))
    }

    /// What the segment carries.
    #[inline]
    pub fn payload(&self) -> &'a [u8] {
        self.payload
    }

    /// Bytes at the segment's end that the capture lacks; 0 unless it comes from
    /// [`Packet::parse_captured`](super::Packet::parse_captured).
    #[inline]
    pub fn missing(&self) -> usize {
        self.missing
    }

    /// Whether the checksum is right between these addresses.
    #[inline]
    pub fn verify_checksum(&self, addresses: PseudoHeader) -> ChecksumStatus {
        if self.missing > 0 {
            return ChecksumStatus::Unknown;
        }
        let mut sum = Checksum::new();
        let length = self.header_len().saturating_add(self.payload.len());
        sum.add_pseudo_header(addresses, IpProtocol::TCP, length);
        sum.add(self.header);
        sum.add(self.options);
        sum.add(self.payload);
        sum.status(self.checksum())
    }
}

/// The segment that is all of `i`; up to `beyond` bytes at its end may be ones that the capture lacks behind `i`.
#[inline]
pub(crate) fn tcp(i: &[u8], beyond: usize) -> Step<'_, Tcp<'_>> {
    let (body, header) = context("header", array::<HEADER_LEN>).parse(i)?;
    let header_len = usize::from(header[OFFSET] >> 4) << 2;
    let Some(need) = header_len.checked_sub(HEADER_LEN) else {
        let at = i.get(OFFSET..).unwrap_or_default();
        let kind = ErrorKind::Length { found: header_len, have: HEADER_LEN };
        return Err(Fail::field("data offset", at, kind));
    };
    if need > body.len().saturating_add(beyond) {
        let kind = ErrorKind::Truncated { need, have: body.len() };
        return Err(Fail::field("options", body, kind));
    }
    let end = body.get(body.len()..).unwrap_or_default();
    let (options, payload) = body.split_at_checked(need).unwrap_or((body, end));
    Ok((&[], Tcp { header, options, payload, missing: beyond }))
}

/// One line: `TCP 38593 -> 3478 SYN seq=1284586954 ack=0 window=65495 payload=0`.
impl fmt::Display for Tcp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (source, destination) = (self.source_port(), self.destination_port());
        write!(f, "TCP {source} -> {destination} {}", self.flags())?;
        write!(f, " seq={} ack={}", self.sequence_number(), self.acknowledgment_number())?;
        write!(f, " window={} payload={}", self.window(), self.payload.len())
    }
}

impl fmt::Debug for Tcp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tcp")
            .field("source_port", &self.source_port())
            .field("destination_port", &self.destination_port())
            .field("sequence_number", &self.sequence_number())
            .field("acknowledgment_number", &self.acknowledgment_number())
            .field("header_len", &self.header_len())
            .field("reserved", &self.reserved())
            .field("flags", &self.flags())
            .field("window", &self.window())
            .field("checksum", &self.checksum())
            .field("urgent_pointer", &self.urgent_pointer())
            .field("options", &self.options())
            .field("payload", &self.payload())
            .field("missing", &self.missing())
            .finish()
    }
}

/// One option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TcpOption<'a> {
    /// Nothing, to align what follows.
    NoOperation,
    /// The largest segment that the sender can take, bytes of payload; with SYN.
    MaximumSegmentSize(u16),
    /// The sender's windows are to be shifted left by this; with SYN.
    WindowScale(u8),
    /// The sender takes SACK; with SYN.
    SackPermitted,
    /// What the sender has beyond its acknowledgment number.
    Sack(SackBlocks<'a>),
    /// Timestamps.
    Timestamps {
        /// The sender's clock.
        value: u32,
        /// The value that the peer sent last; it counts with ACK.
        echo_reply: u32,
    },
    /// Any other one, and one of those above whose length is not its own.
    Other {
        /// Which one.
        kind: TcpOptionKind,
        /// What follows kind and length.
        data: &'a [u8],
    },
}

impl<'a> TcpOption<'a> {
    fn new(kind: u8, data: &'a [u8]) -> Self {
        match (TcpOptionKind(kind), data) {
            (TcpOptionKind::NO_OPERATION, _) => Self::NoOperation,
            (TcpOptionKind::MSS, &[a, b]) => Self::MaximumSegmentSize(u16::from_be_bytes([a, b])),
            (TcpOptionKind::WINDOW_SCALE, &[shift]) => Self::WindowScale(shift),
            (TcpOptionKind::SACK_PERMITTED, &[]) => Self::SackPermitted,
            (TcpOptionKind::SACK, data) if !data.is_empty() && data.len().is_multiple_of(8) => {
                Self::Sack(SackBlocks(data.as_chunks().0))
            }
            (TcpOptionKind::TIMESTAMPS, &[a, b, c, d, e, f, g, h]) => Self::Timestamps {
                value: u32::from_be_bytes([a, b, c, d]),
                echo_reply: u32::from_be_bytes([e, f, g, h]),
            },
            (kind, data) => Self::Other { kind, data },
        }
    }

    /// Which one.
    #[inline]
    pub const fn kind(&self) -> TcpOptionKind {
        match self {
            Self::NoOperation => TcpOptionKind::NO_OPERATION,
            Self::MaximumSegmentSize(_) => TcpOptionKind::MSS,
            Self::WindowScale(_) => TcpOptionKind::WINDOW_SCALE,
            Self::SackPermitted => TcpOptionKind::SACK_PERMITTED,
            Self::Sack(_) => TcpOptionKind::SACK,
            Self::Timestamps { .. } => TcpOptionKind::TIMESTAMPS,
            Self::Other { kind, .. } => *kind,
        }
    }

    #[inline]
    fn data_len(&self) -> usize {
        match self {
            Self::NoOperation | Self::SackPermitted => 0,
            Self::MaximumSegmentSize(_) => 2,
            Self::WindowScale(_) => 1,
            Self::Sack(blocks) => blocks.0.as_flattened().len(),
            Self::Timestamps { .. } => 8,
            Self::Other { data, .. } => data.len(),
        }
    }
}

/// Writes one option. Of [`TcpOption::Other`] the kinds 0 and 1, which have no length, are refused.
impl Encode for TcpOption<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        match self {
            Self::NoOperation => 1,
            option => option.data_len().saturating_add(2),
        }
    }

    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if matches!(self, Self::NoOperation) {
            return out.bytes(&[NO_OPERATION]);
        }
        let kind = self.kind();
        if matches!(kind, TcpOptionKind::END | TcpOptionKind::NO_OPERATION) {
            return Err(BuildError::OutOfRange { field: "option kind" });
        }
        *out.array()? = [kind.0, narrow("option", self.encoded_len())?];
        match self {
            Self::NoOperation | Self::SackPermitted => Ok(()),
            Self::MaximumSegmentSize(size) => out.bytes(&size.to_be_bytes()),
            Self::WindowScale(shift) => out.bytes(&[*shift]),
            Self::Sack(blocks) => out.bytes(blocks.0.as_flattened()),
            Self::Timestamps { value, echo_reply } => {
                out.bytes(&value.to_be_bytes())?;
                out.bytes(&echo_reply.to_be_bytes())
            }
            Self::Other { data, .. } => out.bytes(data),
        }
    }
}

/// The options of a segment: an iterator up to the end-of-list option, the end of the header, or the first
/// option that does not fit there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TcpOptions<'a>(RawOptions<'a>);

impl<'a> TcpOptions<'a> {
    /// What has not been read yet. At the iterator's end that is nothing, or the end-of-list option and
    /// padding, or an option that does not fit.
    #[inline]
    pub fn rest(&self) -> &'a [u8] {
        self.0.0
    }
}

impl<'a> Iterator for TcpOptions<'a> {
    type Item = TcpOption<'a>;

    #[inline]
    fn next(&mut self) -> Option<TcpOption<'a>> {
        self.0.next().map(|(kind, data)| TcpOption::new(kind, data))
    }
}

impl fmt::Debug for TcpOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

/// The blocks of a SACK option (RFC 2018 section 3): an iterator over left and right edge, the latter one past
/// the block.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SackBlocks<'a>(&'a [[u8; 8]]);

impl<'a> SackBlocks<'a> {
    /// To be written: each block in wire form, left edge then right edge.
    #[inline]
    pub const fn new(blocks: &'a [[u8; 8]]) -> Self {
        Self(blocks)
    }
}

impl Iterator for SackBlocks<'_> {
    type Item = (u32, u32);

    #[inline]
    fn next(&mut self) -> Option<(u32, u32)> {
        let (&[a, b, c, d, e, f, g, h], rest) = self.0.split_first()?;
        self.0 = rest;
        Some((u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h])))
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.0.len(), Some(self.0.len()))
    }
}

impl ExactSizeIterator for SackBlocks<'_> {}

impl fmt::Debug for SackBlocks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

/// A list of options to be written, filled up with zeros to a multiple of 4: what [`TcpBuilder::options`] takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcpOptionsBuilder<'a> {
    /// In order; 40 bytes together at most.
    pub options: &'a [TcpOption<'a>],
}

impl TcpOptionsBuilder<'_> {
    fn len(&self) -> usize {
        self.options.iter().map(Encode::encoded_len).fold(0, usize::saturating_add)
    }
}

impl Encode for TcpOptionsBuilder<'_> {
    fn encoded_len(&self) -> usize {
        self.len().saturating_add(3) & !3
    }

    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if self.len() > MAX_OPTIONS {
            return Err(BuildError::OutOfRange { field: "options" });
        }
        for option in self.options {
            option.encode(out)?;
        }
        out.zeros(self.encoded_len().saturating_sub(self.len()))
    }
}

/// A TCP segment to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcpBuilder<'a, P> {
    /// As [`Tcp::source_port`].
    pub source_port: u16,
    /// As [`Tcp::destination_port`].
    pub destination_port: u16,
    /// As [`Tcp::sequence_number`].
    pub sequence_number: u32,
    /// As [`Tcp::acknowledgment_number`].
    pub acknowledgment_number: u32,
    /// As [`Tcp::reserved`], 4 bits: 0, but for a segment that is written again.
    pub reserved: u8,
    /// As [`Tcp::flags`].
    pub flags: TcpFlags,
    /// As [`Tcp::window`].
    pub window: u16,
    /// A given 0 by default, which is no right one.
    pub checksum: ChecksumField,
    /// As [`Tcp::urgent_pointer`].
    pub urgent_pointer: u16,
    /// As [`Tcp::options_bytes`]: 0 to 40 bytes, a multiple of 4. See [`TcpOptionsBuilder`].
    pub options: &'a [u8],
    /// Any builder, or bytes.
    pub payload: P,
}

/// The checksum is kept as it was. Of a segment that the capture cut short there is only what is there.
impl<'a> From<Tcp<'a>> for TcpBuilder<'a, &'a [u8]> {
    fn from(view: Tcp<'a>) -> Self {
        Self {
            source_port: view.source_port(),
            destination_port: view.destination_port(),
            sequence_number: view.sequence_number(),
            acknowledgment_number: view.acknowledgment_number(),
            reserved: view.reserved(),
            flags: view.flags(),
            window: view.window(),
            checksum: ChecksumField::Given(view.checksum()),
            urgent_pointer: view.urgent_pointer(),
            options: view.options_bytes(),
            payload: view.payload(),
        }
    }
}

impl<P: Encode> Encode for TcpBuilder<'_, P> {
    #[inline]
    fn encoded_len(&self) -> usize {
        let body = self.options.len().saturating_add(self.payload.encoded_len());
        HEADER_LEN.saturating_add(body)
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if self.reserved > 15 {
            return Err(BuildError::OutOfRange { field: "reserved" });
        }
        if self.options.len() > MAX_OPTIONS || !self.options.len().is_multiple_of(4) {
            return Err(BuildError::OutOfRange { field: "options" });
        }
        // 5 to 15 words.
        let words: u8 = narrow("options", HEADER_LEN.saturating_add(self.options.len()) >> 2)?;
        let header = out.array::<HEADER_LEN>()?;
        out.bytes(self.options)?;
        let payload = out.take(self.payload.encoded_len())?;
        self.payload.encode(&mut Sink::new(payload))?;
        BE::write_u16(&mut header[SOURCE], self.source_port);
        BE::write_u16(&mut header[DESTINATION], self.destination_port);
        BE::write_u32(&mut header[SEQUENCE], self.sequence_number);
        BE::write_u32(&mut header[ACKNOWLEDGMENT], self.acknowledgment_number);
        header[OFFSET] = words << 4 | self.reserved;
        header[FLAGS] = self.flags.0;
        BE::write_u16(&mut header[WINDOW], self.window);
        BE::write_u16(&mut header[CHECKSUM], 0);
        BE::write_u16(&mut header[URGENT], self.urgent_pointer);
        let checksum = match self.checksum {
            ChecksumField::Given(checksum) => checksum,
            ChecksumField::For(addresses) => {
                let mut sum = Checksum::new();
                sum.add_pseudo_header(addresses, IpProtocol::TCP, self.encoded_len());
                sum.add(header);
                sum.add(self.options);
                sum.add(payload);
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
    use std::net::Ipv4Addr;
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;

    /// coturn-turn-tcp.pcap, frame 1: the segment.
    const SYN: [u8; 40] = [
        0x96, 0xc1, 0x0d, 0x96, // 38593 to 3478
        0x4c, 0x91, 0x3d, 0xca, // sequence number
        0x00, 0x00, 0x00, 0x00, // acknowledgment number
        0xa0, 0x02, 0xff, 0xd7, // 10 words, SYN, window 65495
        0x14, 0xd4, 0x00, 0x00, // checksum, urgent pointer
        0x02, 0x04, 0xff, 0xd7, // maximum segment size 65495
        0x04, 0x02, 0x08, 0x0a, // SACK permitted; timestamps
        0xd9, 0xef, 0x7e, 0xe9, // value
        0x00, 0x00, 0x00, 0x00, // echo reply
        0x01, 0x03, 0x03, 0x01, // no operation; window scale 1
    ];

    /// coturn-turn-tcp.pcap, frame 106: a reset. Its checksum is right.
    const RESET: [u8; 20] = [
        0xbb, 0x1d, 0x0d, 0x96, 0x8e, 0xc4, 0xc1, 0xa6, 0x00, 0x00, 0x00, 0x00, 0x50, 0x04, 0x00,
        0x00, 0x82, 0x1c, 0x00, 0x00,
    ];
    const ADDRESSES: PseudoHeader = PseudoHeader::V4 {
        source: Ipv4Addr::new(10, 77, 0, 11),
        destination: Ipv4Addr::new(10, 77, 0, 1),
    };

    fn refused(bytes: &[u8]) -> (&'static str, usize, ErrorKind) {
        let error = Tcp::parse(bytes).unwrap_err();
        assert_eq!(error.what, "TCP");
        (error.field, error.offset, error.kind)
    }

    fn options(bytes: &[u8]) -> (Vec<TcpOption<'_>>, &[u8]) {
        let mut options = TcpOptions(RawOptions(bytes));
        (options.by_ref().collect(), options.rest())
    }

    #[test]
    fn reads_every_field() {
        let tcp = Tcp::parse(&SYN).unwrap();
        assert_eq!((tcp.source_port(), tcp.destination_port()), (38593, 3478));
        assert_eq!((tcp.sequence_number(), tcp.acknowledgment_number()), (0x4c91_3dca, 0));
        assert_eq!((tcp.header_len(), tcp.reserved()), (40, 0));
        assert_eq!((tcp.flags(), tcp.window()), (TcpFlags::SYN, 65495));
        assert_eq!((tcp.checksum(), tcp.urgent_pointer()), (0x14d4, 0));
        assert_eq!((tcp.options_bytes(), tcp.payload()), (&SYN[20..], &[][..]));
        let line = "TCP 38593 -> 3478 SYN seq=1284586954 ack=0 window=65495 payload=0";
        assert_eq!(tcp.to_string(), line);
        assert_eq!((TcpFlags::SYN | TcpFlags::ACK).to_string(), "SYN,ACK");
        assert!((TcpFlags::SYN | TcpFlags::ACK).contains(TcpFlags::ACK));
    }

    #[test]
    fn reads_the_options_of_a_real_syn() {
        let expected = [
            TcpOption::MaximumSegmentSize(65495),
            TcpOption::SackPermitted,
            TcpOption::Timestamps { value: 0xd9ef_7ee9, echo_reply: 0 },
            TcpOption::NoOperation,
            TcpOption::WindowScale(1),
        ];
        assert_eq!(options(&SYN[20..]), (expected.to_vec(), &[][..]));
        let mut out = [0xff; 20];
        assert_eq!(TcpOptionsBuilder { options: &expected }.write(&mut out), Ok(20));
        assert_eq!(out, SYN[20..]);
    }

    #[test]
    fn reads_sack_blocks() {
        // RFC 2018 section 4, case 3: 5500 and 6500 arrived, acknowledged up to 5500, blocks 7000 to 7500, 6000
        // to 6500.
        #[rustfmt::skip]
        let bytes = [
            1, 1, 5, 18,
            0x00, 0x00, 0x1b, 0x58, 0x00, 0x00, 0x1d, 0x4c,
            0x00, 0x00, 0x17, 0x70, 0x00, 0x00, 0x19, 0x64,
        ];
        let (read, _) = options(&bytes);
        let TcpOption::Sack(blocks) = read[2] else { panic!("{read:?}") };
        crate::testing::counts(blocks);
        crate::testing::debugs_list(&blocks);
        let wire = [[0, 0, 0x1b, 0x58, 0, 0, 0x1d, 0x4c], [0, 0, 0x17, 0x70, 0, 0, 0x19, 0x64]];
        assert_eq!(SackBlocks::new(&wire), blocks);
        assert_eq!(blocks.collect::<Vec<_>>(), [(7000, 7500), (6000, 6500)]);
        let mut out = [0; 20];
        assert_eq!(TcpOptionsBuilder { options: &read }.write(&mut out), Ok(20));
        assert_eq!(out, bytes);
    }

    #[test]
    fn unknown_options_and_odd_lengths_are_kept() {
        let other = |kind, data| TcpOption::Other { kind: TcpOptionKind(kind), data };
        let bytes = [2, 3, 9, 5, 2, 5, 9, 1, 2, 3, 4, 5, 6, 7, 253, 4, 0xf9, 0x89, 0, 7];
        let expected = [
            other(2, &[9]),
            other(5, &[]),
            other(5, &[1, 2, 3, 4, 5, 6, 7]),
            other(253, &[0xf9, 0x89]),
        ];
        assert_eq!(options(&bytes), (expected.to_vec(), &[0, 7][..]));
        assert_eq!(
            options(&[3, 3, 7, 8, 10, 1]),
            ([TcpOption::WindowScale(7)].to_vec(), &[8, 10, 1][..])
        );
    }

    #[test]
    fn refuses_every_truncation() {
        for have in 0..SYN.len() {
            let (field, offset, need, have) = match have {
                0..20 => ("header", 0, 20, have),
                _ => ("options", 20, 20, have - 20),
            };
            let kind = ErrorKind::Truncated { need, have };
            assert_eq!(refused(&SYN[..offset + have]), (field, offset, kind));
        }
    }

    #[test]
    fn refuses_a_data_offset_within_the_header() {
        for words in 0..5u8 {
            let mut bytes = SYN;
            bytes[12] = words << 4;
            let kind = ErrorKind::Length { found: usize::from(words) * 4, have: 20 };
            assert_eq!(refused(&bytes), ("data offset", 12, kind));
        }
        let mut bytes = SYN;
        bytes[12] = 0xf5;
        let kind = ErrorKind::Truncated { need: 40, have: 20 };
        assert_eq!(refused(&bytes), ("options", 20, kind));
        bytes[12] = 0x55;
        let tcp = Tcp::parse(&bytes).unwrap();
        assert_eq!((tcp.payload(), tcp.reserved()), (&bytes[20..], 5));
    }

    #[test]
    fn the_checksum_of_a_real_segment() {
        let tcp = Tcp::parse(&RESET).unwrap();
        assert_eq!(tcp.verify_checksum(ADDRESSES), ChecksumStatus::Valid);
        let mut out = [0xff; 20];
        let builder = TcpBuilder { checksum: ChecksumField::For(ADDRESSES), ..tcp.into() };
        assert_eq!(builder.write(&mut out), Ok(20));
        assert_eq!(out, RESET);
        out[16] = 0;
        let status = ChecksumStatus::Invalid { expected: 0x821c, found: 0x001c };
        assert_eq!(Tcp::parse(&out).unwrap().verify_checksum(ADDRESSES), status);
    }

    #[test]
    fn refuses_to_build_what_is_forbidden() {
        let mut out = [0; 80];
        let good = TcpBuilder::from(Tcp::parse(&RESET).unwrap());
        let mut refused = |builder: TcpBuilder<'_, &[u8]>| match builder.write(&mut out) {
            Err(BuildError::OutOfRange { field }) => Some(field),
            _ => None,
        };
        assert_eq!(refused(TcpBuilder { reserved: 16, ..good }), Some("reserved"));
        assert_eq!(refused(TcpBuilder { options: &[1; 44], ..good }), Some("options"));
        assert_eq!(refused(TcpBuilder { options: &[1; 5], ..good }), Some("options"));
        assert_eq!(refused(TcpBuilder { options: &[1; 40], ..good }), None);
        let write = |options: &[TcpOption<'_>]| TcpOptionsBuilder { options }.write(&mut [0; 300]);
        let other = |kind, data| TcpOption::Other { kind: TcpOptionKind(kind), data };
        let refused = |field| Err(BuildError::OutOfRange { field });
        assert_eq!(write(&[other(0, &[])]), refused("option kind"));
        assert_eq!(write(&[other(1, &[])]), refused("option kind"));
        assert_eq!(write(&[other(9, &[0; 39])]), refused("options"));
        assert_eq!(write(&[other(9, &[0; 38])]), Ok(40));
        assert_eq!(write(&[other(9, &[0; 35])]), Ok(40));
        assert_eq!(other(9, &[0; 254]).write(&mut [0; 300]), refused("option"));
    }

    proptest! {
        #[test]
        fn what_parses_is_written_again(mut bytes in proptest::collection::vec(any::<u8>(), 0..90), words in 4u8..16, beyond in 0usize..60) {
            if let Some(offset) = bytes.get_mut(12) {
                *offset = words << 4 | *offset & 15;
            }
            if let Ok(view) = Tcp::parse(&bytes) {
                let mut out = [0; 90];
                let len = TcpBuilder::from(view).write(&mut out).unwrap();
                prop_assert_eq!(&out[..len], &bytes[..]);
            }
            if let Ok((_, view)) = tcp(&bytes, beyond) {
                crate::testing::shows(&view);
                let _ = format!("{:?}", view.verify_checksum(ADDRESSES));
            }
        }

        #[test]
        fn options_that_are_read_are_written_again(bytes in proptest::collection::vec(0u8..12, 0..40)) {
            let (read, rest) = options(&bytes);
            let mut out = [0; 40];
            let builder = TcpOptionsBuilder { options: &read };
            let len = builder.write(&mut out).unwrap();
            let used = bytes.len() - rest.len();
            prop_assert_eq!(&out[..used], &bytes[..used]);
            prop_assert!(out[used..len].iter().all(|byte| *byte == 0));
        }
    }
}
