//! Congestion control feedback, CCFB (RFC 8888 section 3.1).
//!
//! ```text
//! |V=2|P| FMT=11  |    PT=205     |            length             |  header.rs
//! |                 SSRC of RTCP packet sender                    |  sender_ssrc
//! |                   SSRC of 1st RTP stream                      |  blocks
//! |          begin_seq            |          num_reports          |
//! |R|ECN|  Arrival time offset    |R|ECN|  Arrival time offset    |  up to a 32-bit boundary
//! |                   SSRC of nth RTP stream                      |
//! |          begin_seq            |          num_reports          |
//! |R|ECN|  Arrival time offset    |             zero              |
//! |                 Report timestamp (32 bits)                    |  report_timestamp
//! ```
//!
//! The first stream's SSRC stands where other feedback has that of the media source; with no block at all, the report
//! timestamp does. `num_reports` is a count (erratum 8166), though the RFC's text calls it the distance to the last.

use byteorder::{BE, ByteOrder};
use core::fmt;
use core::ops::Range;

use super::TransportFeedbackFormat;
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::ntp::NtpShort;
use crate::rtcp::header::{packet_of, write_header};
use crate::rtcp::{Header, PacketType};
use crate::wire::{array, bytes, context, counted};

// Places in a report block, for reading and for writing.
const SSRC: Range<usize> = 0..4;
const BEGIN_SEQUENCE: Range<usize> = 4..6;
const NUM_REPORTS: Range<usize> = 6..8;
/// The bytes of a block before its metrics.
pub(crate) const BLOCK_HEAD: usize = NUM_REPORTS.end;

pub(crate) const METRIC_LEN: usize = 2;
/// What the standard allows in one block: a quarter of the sequence space.
pub(crate) const MAX_METRICS: usize = 16384;
/// The bytes before the first block, and those behind the last.
pub(crate) const HEAD_LEN: usize = Header::LEN + 4;
pub(crate) const TIMESTAMP_LEN: usize = 4;

/// What arrived when, stream by stream, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Ccfb<'a> {
    header: Header,
    sender_ssrc: &'a [u8; 4],
    blocks: &'a [u8],
    report_timestamp: NtpShort,
    padding: &'a [u8],
}

impl<'a> Ccfb<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type or format, a version other than 2, a length or padding beyond the packet; a block that is cut
    /// short, or has fewer metric blocks than it announces; no report timestamp.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("CCFB", bytes, ccfb)
    }

    /// The packet's first four bytes.
    #[inline]
    pub const fn header(&self) -> Header {
        self.header
    }

    /// Who sends the feedback.
    #[inline]
    pub const fn sender_ssrc(&self) -> u32 {
        u32::from_be_bytes(*self.sender_ssrc)
    }

    /// The report blocks: one for each stream, or for a part of it.
    #[inline]
    pub fn report_blocks(&self) -> CcfbBlocks<'a> {
        CcfbBlocks { bytes: self.blocks, report_timestamp: self.report_timestamp }
    }

    /// What arrival time offsets count back from: on the clock of the NTP timestamps in this sender's SR.
    #[inline]
    pub const fn report_timestamp(&self) -> NtpShort {
        self.report_timestamp
    }

    /// All bytes of the padding, the count at its end included; empty without padding.
    #[inline]
    pub const fn padding(&self) -> &'a [u8] {
        self.padding
    }
}

/// Validates the whole packet: after this no accessor and no iterator can fail.
#[inline]
pub(crate) fn ccfb(i: &[u8]) -> Step<'_, Ccfb<'_>> {
    let (rest, packet) = packet_of(PacketType::RTPFB)(i)?;
    let (header, padding) = (packet.header, packet.padding);
    if header.count() != TransportFeedbackFormat::CCFB.0 {
        return Err(Fail::field("format", i, ErrorKind::Value { found: header.count().into() }));
    }
    let (body, sender_ssrc) = context("SSRC of packet sender", array)(packet.body)?;
    let blocks_len = body.len().saturating_sub(TIMESTAMP_LEN);
    let (timestamp, blocks) = bytes(blocks_len)(body)?;
    let (_, &timestamp) = context("report timestamp", array)(timestamp)?;
    let report_timestamp = NtpShort(u32::from_be_bytes(timestamp));
    let mut left = blocks;
    while !left.is_empty() {
        (left, _) = block(left)?;
    }
    Ok((rest, Ccfb { header, sender_ssrc, blocks, report_timestamp, padding }))
}

/// One report block, up to the 32-bit boundary.
#[inline]
fn block(i: &[u8]) -> Step<'_, (&[u8; BLOCK_HEAD], &[[u8; METRIC_LEN]])> {
    let (rest, head) = context("report block", array)(i)?;
    let count = usize::from(BE::read_u16(&head[NUM_REPORTS]));
    let (rest, metrics) = context("packet metric blocks", counted(count))(rest)?;
    let (rest, _) = context("zeros behind a report block", bytes(count % 2 * METRIC_LEN))(rest)?;
    Ok((rest, (head, metrics)))
}

/// The report blocks of a CCFB packet; what [`Ccfb::report_blocks`] gives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CcfbBlocks<'a> {
    bytes: &'a [u8],
    report_timestamp: NtpShort,
}

impl<'a> Iterator for CcfbBlocks<'a> {
    type Item = CcfbBlock<'a>;

    #[inline]
    fn next(&mut self) -> Option<CcfbBlock<'a>> {
        let (rest, (head, metrics)) = block(self.bytes).ok()?;
        self.bytes = rest;
        Some(CcfbBlock { head, metrics, report_timestamp: self.report_timestamp })
    }
}

impl core::iter::FusedIterator for CcfbBlocks<'_> {}

impl fmt::Debug for CcfbBlocks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

/// What is said of one stream, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CcfbBlock<'a> {
    head: &'a [u8; BLOCK_HEAD],
    metrics: &'a [[u8; METRIC_LEN]],
    report_timestamp: NtpShort,
}

impl<'a> CcfbBlock<'a> {
    /// The stream.
    #[inline]
    pub fn ssrc(&self) -> u32 {
        BE::read_u32(&self.head[SSRC])
    }

    /// begin_seq, the sequence number of the first packet; without metric blocks the highest one received so far.
    #[inline]
    pub fn begin_sequence(&self) -> u16 {
        BE::read_u16(&self.head[BEGIN_SEQUENCE])
    }

    /// num_reports, how many packets it tells of; the standard allows 16384.
    #[inline]
    pub fn num_reports(&self) -> u16 {
        BE::read_u16(&self.head[NUM_REPORTS])
    }

    /// Every packet from the first one on, with its metric block as it is on the wire.
    #[inline]
    pub fn metrics(&self) -> impl ExactSizeIterator<Item = (u16, PacketMetric)> + Clone + use<'a> {
        let mut next = self.begin_sequence();
        self.metrics.iter().map(move |&bytes| {
            let number = next;
            next = next.wrapping_add(1);
            (number, PacketMetric(u16::from_be_bytes(bytes)))
        })
    }

    /// Every packet from the first one on, and how it arrived; `None` if it did not, so far.
    #[inline]
    pub fn arrivals(
        &self,
    ) -> impl ExactSizeIterator<Item = (u16, Option<CcfbArrival>)> + Clone + use<'a> {
        let report_timestamp = self.report_timestamp;
        self.metrics().map(move |(sequence_number, metric)| {
            let arrival = metric.received().then(|| CcfbArrival {
                sequence_number,
                arrival: metric.arrival(report_timestamp),
                ecn: metric.ecn(),
            });
            (sequence_number, arrival)
        })
    }

    /// The metric blocks in wire form.
    #[inline]
    pub const fn as_metrics(&self) -> &'a [[u8; METRIC_LEN]] {
        self.metrics
    }
}

/// What is said of one packet: the received bit, the ECN mark and the arrival time offset, 16 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PacketMetric(pub u16);

impl PacketMetric {
    /// The packet was not received.
    pub const NOT_RECEIVED: Self = Self(0);

    /// ATO of an arrival more than 8189/1024 s before the report.
    pub const OVER_RANGE: u16 = 0x1FFE;
    /// ATO of an arrival at a time not known, or after the report.
    pub const UNAVAILABLE: u16 = 0x1FFF;

    /// A received packet.
    ///
    /// # Errors
    /// An ECN mark over 3, an offset over 13 bits.
    #[inline]
    pub const fn new(ecn: u8, arrival_time_offset: u16) -> Result<Self, BuildError> {
        if ecn > 3 {
            return Err(BuildError::OutOfRange { field: "ECN" });
        }
        if arrival_time_offset > Self::UNAVAILABLE {
            return Err(BuildError::OutOfRange { field: "arrival time offset" });
        }
        let [high, low] = arrival_time_offset.to_be_bytes();
        Ok(Self(u16::from_be_bytes([0x80 | ecn << 5 | high, low])))
    }

    /// R: the packet was received. If not, the other bits say nothing.
    #[inline]
    pub const fn received(self) -> bool {
        self.0 >> 15 != 0
    }

    /// The ECN mark, 2 bits as in the IP header: 3 is congestion experienced, CE.
    #[inline]
    pub const fn ecn(self) -> u8 {
        let [high, _] = self.0.to_be_bytes();
        high >> 5 & 3
    }

    /// ATO: how long before the report timestamp it arrived, in 1/1024 s, up to 8189.
    #[inline]
    pub const fn arrival_time_offset(self) -> u16 {
        self.0 & 0x1FFF
    }

    /// When it arrived, in a report of that timestamp; `None` if it did not, or if the offset does not tell.
    #[inline]
    pub fn arrival(self, report_timestamp: NtpShort) -> Option<NtpShort> {
        let offset = self.arrival_time_offset();
        let told = self.received() && offset < Self::OVER_RANGE;
        // 1/1024 s is 64/65536 s.
        told.then(|| report_timestamp.wrapping_sub(NtpShort(u32::from(offset) << 6)))
    }

    /// The metric block as it is on the wire.
    #[inline]
    pub const fn to_bytes(self) -> [u8; METRIC_LEN] {
        self.0.to_be_bytes()
    }
}

/// A packet that arrived; read from a CCFB packet, or to be reported in one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CcfbArrival {
    /// Its RTP sequence number.
    pub sequence_number: u16,
    /// When, on the clock of the report timestamp; read in steps of 1/1024 s. `None` if that is not known.
    pub arrival: Option<NtpShort>,
    /// The ECN mark of its IP header, 0 to 3.
    pub ecn: u8,
}

/// `CCFB sender=0x00000001 [ssrc=0x00000002 begin=65535 packets=2 received=1] report_timestamp=0.000015`.
impl fmt::Display for Ccfb<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CCFB sender={:#010x}", self.sender_ssrc())?;
        self.report_blocks().try_for_each(|block| write!(f, " [{block}]"))?;
        write!(f, " report_timestamp={}", self.report_timestamp)
    }
}

/// `ssrc=0x00000002 begin=65535 packets=2 received=1`.
impl fmt::Display for CcfbBlock<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let received = self.metrics().filter(|(_, metric)| metric.received()).count();
        write!(f, "ssrc={:#010x} begin={}", self.ssrc(), self.begin_sequence())?;
        write!(f, " packets={} received={received}", self.num_reports())
    }
}

impl fmt::Debug for Ccfb<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ccfb")
            .field("sender_ssrc", &self.sender_ssrc())
            .field("report_blocks", &self.report_blocks())
            .field("report_timestamp", &self.report_timestamp())
            .field("padding", &self.padding())
            .finish()
    }
}

impl fmt::Debug for CcfbBlock<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CcfbBlock")
            .field("ssrc", &self.ssrc())
            .field("begin_sequence", &self.begin_sequence())
            .field("metrics", &crate::show::DebugList(self.metrics()))
            .finish()
    }
}

#[cfg(feature = "serde")]
mod json {
    use serde::ser::{Serialize, SerializeMap, Serializer};

    use super::{Ccfb, CcfbBlock, PacketMetric};
    use crate::rtcp::header::serialize_header;
    use crate::ser::List;

    impl Serialize for Ccfb<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            serialize_header(&mut map, self.header, self.padding, "ccfb", "fmt")?;
            map.serialize_entry("sender_ssrc", &self.sender_ssrc())?;
            map.serialize_entry("report_blocks", &List(self.report_blocks()))?;
            map.serialize_entry("report_timestamp", &self.report_timestamp().0)?;
            map.end()
        }
    }

    impl Serialize for CcfbBlock<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(Some(4))?;
            map.serialize_entry("ssrc", &self.ssrc())?;
            map.serialize_entry("begin_sequence", &self.begin_sequence())?;
            map.serialize_entry("num_reports", &self.num_reports())?;
            map.serialize_entry("metric_blocks", &List(self.metrics().map(Entry)))?;
            map.end()
        }
    }

    struct Entry((u16, PacketMetric));

    impl Serialize for Entry {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let Self((number, metric)) = self;
            let mut map = serializer.serialize_map(None)?;
            map.serialize_entry("sequence_number", number)?;
            map.serialize_entry("received", &metric.received())?;
            if metric.received() {
                map.serialize_entry("ecn", &metric.ecn())?;
                map.serialize_entry("arrival_time_offset", &metric.arrival_time_offset())?;
            }
            map.end()
        }
    }
}

/// A CCFB packet to be written with metric blocks in wire form, or a view's by `From`; [`CcfbWriter`](super::CcfbWriter)
/// makes packets out of arrivals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CcfbBuilder<'a> {
    /// As [`Ccfb::sender_ssrc`]; every field points to its accessor so.
    pub sender_ssrc: u32,
    /// As [`Ccfb::report_blocks`].
    pub report_blocks: CcfbBlockList<'a>,
    /// As [`Ccfb::report_timestamp`].
    pub report_timestamp: NtpShort,
    /// As [`Ccfb::padding`].
    pub padding: &'a [u8],
}

/// The report blocks of a [`CcfbBuilder`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CcfbBlockList<'a> {
    /// New ones.
    Built(&'a [CcfbBlockBuilder<'a>]),
    /// Those of a view, byte for byte.
    Read(CcfbBlocks<'a>),
}

/// A report block to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CcfbBlockBuilder<'a> {
    /// As [`CcfbBlock::ssrc`].
    pub ssrc: u32,
    /// As [`CcfbBlock::begin_sequence`].
    pub begin_sequence: u16,
    /// As [`CcfbBlock::metrics`], in wire form: from [`PacketMetric::to_bytes`], or from a view; at most 16384.
    pub metrics: &'a [[u8; METRIC_LEN]],
}

impl<'a> From<CcfbBlock<'a>> for CcfbBlockBuilder<'a> {
    fn from(block: CcfbBlock<'a>) -> Self {
        let (ssrc, begin_sequence) = (block.ssrc(), block.begin_sequence());
        Self { ssrc, begin_sequence, metrics: block.metrics }
    }
}

impl Encode for CcfbBlockBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        BLOCK_HEAD + self.metrics.as_flattened().len().next_multiple_of(4)
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        write_block_head(out.array()?, self.ssrc, self.begin_sequence, self.metrics.len())?;
        out.bytes(self.metrics.as_flattened())?;
        out.zeros(self.metrics.len() % 2 * METRIC_LEN)
    }
}

/// Writes what stands before the metric blocks.
#[inline]
pub(crate) fn write_block_head(
    out: &mut [u8; BLOCK_HEAD],
    ssrc: u32,
    begin_sequence: u16,
    count: usize,
) -> Result<(), BuildError> {
    let refused = BuildError::OutOfRange { field: "num_reports" };
    let count = u16::try_from(count).map_err(|_| refused)?;
    if usize::from(count) > MAX_METRICS {
        return Err(refused);
    }
    BE::write_u32(&mut out[SSRC], ssrc);
    BE::write_u16(&mut out[BEGIN_SEQUENCE], begin_sequence);
    BE::write_u16(&mut out[NUM_REPORTS], count);
    Ok(())
}

/// Writes what stands before the blocks of a packet of `len` bytes, padding included.
#[inline]
pub(crate) fn write_head(
    out: &mut Sink<'_>,
    sender_ssrc: u32,
    len: usize,
    padding: &[u8],
) -> Result<(), BuildError> {
    let format = TransportFeedbackFormat::CCFB.0.into();
    write_header(out.array()?, PacketType::RTPFB, format, len, padding)?;
    *out.array()? = sender_ssrc.to_be_bytes();
    Ok(())
}

impl<'a> From<Ccfb<'a>> for CcfbBuilder<'a> {
    fn from(view: Ccfb<'a>) -> Self {
        Self {
            sender_ssrc: view.sender_ssrc(),
            report_blocks: CcfbBlockList::Read(view.report_blocks()),
            report_timestamp: view.report_timestamp,
            padding: view.padding,
        }
    }
}

impl Encode for CcfbBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        let blocks = match &self.report_blocks {
            CcfbBlockList::Built(blocks) => blocks.iter().map(Encode::encoded_len).sum(),
            CcfbBlockList::Read(blocks) => blocks.bytes.len(),
        };
        HEAD_LEN + blocks + TIMESTAMP_LEN + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        write_head(out, self.sender_ssrc, self.encoded_len(), self.padding)?;
        match &self.report_blocks {
            CcfbBlockList::Built(blocks) => {
                blocks.iter().try_for_each(|block| block.encode(out))?
            }
            CcfbBlockList::Read(blocks) => out.bytes(blocks.bytes)?,
        }
        *out.array()? = self.report_timestamp.0.to_be_bytes();
        out.bytes(self.padding)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;
    use crate::testing::{PADDINGS, refuses_every_truncation, words};

    // chromium-ccfb.pcap; RFC 8888 figure 1, read by hand.
    const CHROMIUM: [u32; 13] = [
        0x8bcd_000c, // V=2 P=0 FMT=11 PT=205 length=12
        0x4bd7_3ce9, // SSRC of packet sender
        0x232c_23f0, // SSRC of 1st stream
        0x3b6d_0001, // begin_seq 15213, num_reports 1
        0x8010_0000, // received, not ECN, ATO 16; zeros
        0x2a18_966d, // SSRC of 2nd stream
        0x1a55_0002, // begin_seq 6741, num_reports 2
        0x8000_8000, // both received at the report's time
        0x43c4_ddf0, // SSRC of 3rd stream
        0x0c55_0003, // begin_seq 3157, num_reports 3
        0x8013_8009, // ATO 19 and 9
        0x8004_0000, // ATO 4; zeros
        0x7452_f5bd, // report timestamp
    ];

    // The example of inspect-json.md.
    const SHORT: [u32; 6] = [
        0x8bcd_0005, // V=2 P=0 FMT=11 PT=205 length=5
        1,           // SSRC of packet sender
        2,           // SSRC of 1st stream
        0xffff_0002, // begin_seq 65535, num_reports 2
        0x9ffd_0000, // received, not ECN, ATO 8189; not received
        1,           // report timestamp
    ];

    fn refused(bytes: &[u32]) -> (&'static str, usize, ErrorKind) {
        let error = Ccfb::parse(&words(bytes)).unwrap_err();
        (error.field, error.offset, error.kind)
    }

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(CHROMIUM);
        let packet = Ccfb::parse(&bytes).unwrap();
        assert_eq!((packet.header().count(), packet.sender_ssrc()), (11, 0x4bd7_3ce9));
        assert_eq!(packet.report_timestamp(), NtpShort(0x7452_f5bd));
        let blocks: Vec<_> = packet.report_blocks().collect();
        let heads: Vec<_> = blocks
            .iter()
            .map(|block| (block.ssrc(), block.begin_sequence(), block.num_reports()))
            .collect();
        let expected = [(0x232c_23f0, 15213, 1), (0x2a18_966d, 6741, 2), (0x43c4_ddf0, 3157, 3)];
        assert_eq!(heads, expected);
        let metric = |offset| PacketMetric::new(0, offset).unwrap();
        assert!(blocks[0].metrics().eq([(15213, metric(16))]));
        assert!(blocks[1].metrics().eq([(6741, metric(0)), (6742, metric(0))]));
        assert!(blocks[2].metrics().eq([(3157, metric(19)), (3158, metric(9)), (3159, metric(4))]));
        // 19/1024 s before 0x7452.f5bd: 0xf5bd − 19 × 64 = 0xf0fd.
        let (number, arrival) = blocks[2].arrivals().next().unwrap();
        let expected =
            CcfbArrival { sequence_number: 3157, arrival: Some(NtpShort(0x7452_f0fd)), ecn: 0 };
        assert_eq!((number, arrival), (3157, Some(expected)));
        // 0x7452 = 29778, 0xf5bd / 65536 = 0.959915.
        let line = "CCFB sender=0x4bd73ce9 [ssrc=0x232c23f0 begin=15213 packets=1 received=1] \
                    [ssrc=0x2a18966d begin=6741 packets=2 received=2] \
                    [ssrc=0x43c4ddf0 begin=3157 packets=3 received=3] report_timestamp=29778.959915";
        assert_eq!(packet.to_string(), line);
        assert_eq!(CcfbBuilder::from(packet).to_vec().unwrap(), bytes);
        let builders: Vec<_> = blocks.into_iter().map(CcfbBlockBuilder::from).collect();
        let report_blocks = CcfbBlockList::Built(&builders);
        let again = CcfbBuilder { report_blocks, ..packet.into() };
        assert_eq!(again.to_vec().unwrap(), bytes);
    }

    #[test]
    fn a_metric_has_three_fields() {
        let metric = PacketMetric(0xE001);
        assert!(metric.received());
        assert_eq!((metric.ecn(), metric.arrival_time_offset()), (3, 1));
        assert_eq!(PacketMetric::new(3, 1), Ok(metric));
        assert_eq!(metric.arrival(NtpShort(0)), Some(NtpShort(0xFFFF_FFC0)));
        // RFC 8888: 512 is half a second.
        let half = PacketMetric::new(0, 512).unwrap().arrival(NtpShort(0x1_0000));
        assert_eq!(half, Some(NtpShort(0x8000)));
        for offset in [PacketMetric::OVER_RANGE, PacketMetric::UNAVAILABLE] {
            assert_eq!(PacketMetric::new(1, offset).unwrap().arrival(NtpShort(0)), None);
        }
        let error = |field| Err(BuildError::OutOfRange { field });
        assert_eq!(PacketMetric::new(4, 0), error("ECN"));
        assert_eq!(PacketMetric::new(0, 0x2000), error("arrival time offset"));
    }

    #[test]
    fn a_packet_not_received_keeps_its_other_bits() {
        let mut bytes = words(SHORT);
        bytes[18..20].copy_from_slice(&[0x7F, 0xFF]);
        let packet = Ccfb::parse(&bytes).unwrap();
        let block = packet.report_blocks().next().unwrap();
        let (number, metric) = block.metrics().nth(1).unwrap();
        assert_eq!((number, metric, metric.received()), (0, PacketMetric(0x7FFF), false));
        assert_eq!(block.arrivals().nth(1), Some((0, None)));
        assert_eq!(CcfbBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn no_report_and_no_block_are_valid() {
        let bytes = words([0x8bcd_0004, 1, 2, 0x1234_0000, 9]);
        let packet = Ccfb::parse(&bytes).unwrap();
        let block = packet.report_blocks().next().unwrap();
        assert_eq!((block.begin_sequence(), block.num_reports()), (0x1234, 0));
        assert_eq!(block.metrics().len(), 0);
        assert_eq!(CcfbBuilder::from(packet).to_vec().unwrap(), bytes);
        let bytes = words([0x8bcd_0002, 1, 9]);
        let packet = Ccfb::parse(&bytes).unwrap();
        assert_eq!((packet.report_blocks().count(), packet.report_timestamp()), (0, NtpShort(9)));
        assert_eq!(CcfbBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn the_report_timestamp_comes_before_the_padding() {
        let mut bytes = words([&SHORT[..], &[0x0000_0004]].concat());
        (bytes[0], bytes[3]) = (0xAB, 6);
        let packet = Ccfb::parse(&bytes).unwrap();
        assert_eq!(packet.report_timestamp(), NtpShort(1));
        assert_eq!((packet.report_blocks().count(), packet.padding()), (1, &[0, 0, 0, 4][..]));
        assert_eq!(CcfbBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn the_zeros_behind_a_block_are_kept_whatever_they_are() {
        let mut bytes = words(CHROMIUM);
        bytes[18] = 0xEE;
        let packet = Ccfb::parse(&bytes).unwrap();
        assert_eq!(packet.report_blocks().next().unwrap().metrics().len(), 1);
        assert_eq!(CcfbBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn refuses_what_does_not_add_up_at_its_place() {
        refuses_every_truncation(&words(CHROMIUM), Ccfb::parse);
        // 3 reports where 2 and the timestamp are.
        let kind = ErrorKind::Count { need: 6, have: 4 };
        assert_eq!(refused(&[0x8bcd_0005, 1, 2, 3, 4, 5]), ("packet metric blocks", 16, kind));
        let kind = ErrorKind::Count { need: 0x1_FFFE, have: 0 };
        let found = refused(&[0x8bcd_0004, 1, 2, 0xFFFF, 5]);
        assert_eq!(found, ("packet metric blocks", 16, kind));
        // Two reports leave one word, which is no block.
        let kind = ErrorKind::Truncated { need: 8, have: 4 };
        assert_eq!(refused(&[0x8bcd_0006, 1, 2, 2, 4, 5, 6]), ("report block", 20, kind));
        let kind = ErrorKind::Truncated { need: 4, have: 0 };
        assert_eq!(refused(&[0x8bcd_0001, 1]), ("report timestamp", 8, kind));
        assert_eq!(refused(&[0x8bcd_0000]), ("SSRC of packet sender", 4, kind));
        let kind = ErrorKind::Value { found: 15 };
        assert_eq!(refused(&[0x8fcd_0002, 1, 2]), ("format", 0, kind));
        // An odd count, and padding of 2 bytes in the place of the zeros.
        let kind = ErrorKind::Truncated { need: 2, have: 0 };
        let found = refused(&[0xabcd_0005, 1, 2, 1, 0x8000_0000, 0x0005_0002]);
        assert_eq!(found, ("zeros behind a report block", 18, kind));
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        let metrics = [[0; 2]; MAX_METRICS + 1];
        let block = CcfbBlockBuilder { metrics: &metrics, ..Default::default() };
        assert_eq!(block.to_vec(), Err(BuildError::OutOfRange { field: "num_reports" }));
        let metrics = [[0; 2]; MAX_METRICS];
        let block = CcfbBlockBuilder { metrics: &metrics, ..Default::default() };
        assert_eq!(block.to_vec().unwrap().len(), 8 + 2 * MAX_METRICS);
    }

    #[cfg(feature = "serde")]
    #[test]
    fn its_json_is_that_of_the_inspector() {
        let bytes = words(SHORT);
        let json = r#"{"version":2,"padding":false,"packet_type":205,"length":5,"padding_size":0,"type":"ccfb","fmt":11,"sender_ssrc":1,"report_blocks":[{"ssrc":2,"begin_sequence":65535,"num_reports":2,"metric_blocks":[{"sequence_number":65535,"received":true,"ecn":0,"arrival_time_offset":8189},{"sequence_number":0,"received":false}]}],"report_timestamp":1}"#;
        assert_eq!(serde_json::to_string(&Ccfb::parse(&bytes).unwrap()).unwrap(), json);
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (sender_ssrc, timestamp) in any::<(u32, u32)>(),
            values in prop::collection::vec(
                (any::<(u32, u16)>(), prop::collection::vec(any::<[u8; 2]>(), 0..20)), 0..5),
            padding in prop::sample::select(PADDINGS),
        ) {
            let blocks: Vec<_> = values.iter().map(|((ssrc, begin_sequence), metrics)| {
                CcfbBlockBuilder { ssrc: *ssrc, begin_sequence: *begin_sequence, metrics }
            }).collect();
            let (report_blocks, report_timestamp) = (CcfbBlockList::Built(&blocks), NtpShort(timestamp));
            let builder = CcfbBuilder { sender_ssrc, report_blocks, report_timestamp, padding };
            let bytes = builder.to_vec().unwrap();
            let packet = Ccfb::parse(&bytes).unwrap();
            prop_assert_eq!((packet.sender_ssrc(), packet.report_timestamp()), (sender_ssrc, report_timestamp));
            prop_assert!(packet.report_blocks().map(CcfbBlockBuilder::from).eq(blocks));
            prop_assert_eq!(CcfbBuilder::from(packet).to_vec().unwrap(), bytes);
        }

        #[test]
        fn what_parses_is_written_again(mut body in prop::collection::vec(0u8..4, 0..80)) {
            body.truncate(body.len() / 4 * 4);
            let mut bytes = words([0x8bcd_0001 + u32::try_from(body.len() / 4).unwrap(), 7]);
            bytes.extend(&body);
            if let Ok(packet) = Ccfb::parse(&bytes) {
                let counted: usize = packet.report_blocks().map(|block| {
                    assert_eq!(block.metrics().count(), usize::from(block.num_reports()));
                    8 + (block.metrics().len() * 2).next_multiple_of(4)
                }).sum();
                prop_assert_eq!(counted + 12, bytes.len());
                prop_assert_eq!(CcfbBuilder::from(packet).to_vec().unwrap(), bytes);
            }
        }
    }
}
