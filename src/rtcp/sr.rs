//! Sender report, SR (RFC 3550 section 6.4.1).
//!
//! ```text
//! |V=2|P|   RC    |    PT=200     |            length             |  header.rs
//! |                        SSRC of sender                         |  info
//! |                    NTP timestamp, 8 bytes                     |
//! |                         RTP timestamp                         |
//! |                     sender's packet count                     |
//! |                     sender's octet count                      |
//! |           RC blocks of 24 bytes, see report_block.rs          |  blocks
//! |                  profile-specific extension                   |  extension
//! ```

use byteorder::{BE, ByteOrder};
use core::fmt;
use core::ops::Range;

use super::header::{packet_of, write_header};
use super::{Header, PacketType, ReportBlock};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::ntp::NtpTime;
use crate::show::DebugList;
use crate::wire::{array, context, counted};

// Places in the sender info, for reading and for writing.
const SSRC: Range<usize> = 0..4;
const NTP: Range<usize> = 4..12;
const RTP: Range<usize> = 12..16;
const PACKETS: Range<usize> = 16..20;
const OCTETS: Range<usize> = 20..24;
const INFO_LEN: usize = OCTETS.end;

/// A sender report, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SenderReport<'a> {
    header: Header,
    info: &'a [u8; INFO_LEN],
    blocks: &'a [[u8; ReportBlock::LEN]],
    extension: &'a [u8],
    padding: &'a [u8],
}

impl<'a> SenderReport<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type, a version other than 2, a length, count or padding beyond the packet.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("sender report", bytes, sender_report)
    }

    /// The packet's first four bytes.
    #[inline]
    pub const fn header(&self) -> Header {
        self.header
    }

    /// The sender.
    #[inline]
    pub fn ssrc(&self) -> u32 {
        BE::read_u32(&self.info[SSRC])
    }

    /// Wall clock at sending; 0 from a sender that has none.
    #[inline]
    pub fn ntp_timestamp(&self) -> NtpTime {
        NtpTime(BE::read_u64(&self.info[NTP]))
    }

    /// The same instant on the clock of the RTP timestamps.
    #[inline]
    pub fn rtp_timestamp(&self) -> u32 {
        BE::read_u32(&self.info[RTP])
    }

    /// RTP packets sent since the beginning, modulo 2^32.
    #[inline]
    pub fn packet_count(&self) -> u32 {
        BE::read_u32(&self.info[PACKETS])
    }

    /// Bytes of payload sent since the beginning, without headers and padding, modulo 2^32.
    #[inline]
    pub fn octet_count(&self) -> u32 {
        BE::read_u32(&self.info[OCTETS])
    }

    /// The report blocks, 0 to 31.
    #[inline]
    pub fn blocks(&self) -> impl ExactSizeIterator<Item = ReportBlock<'a>> + Clone + use<'a> {
        self.blocks.iter().map(ReportBlock::new)
    }

    /// The profile-specific extension: what follows the last block.
    #[inline]
    pub const fn extension(&self) -> &'a [u8] {
        self.extension
    }

    /// All bytes of the padding, the count at its end included; empty without padding.
    #[inline]
    pub const fn padding(&self) -> &'a [u8] {
        self.padding
    }
}

/// Validates the whole packet: after this no accessor and no iterator can fail.
#[inline]
pub(crate) fn sender_report(i: &[u8]) -> Step<'_, SenderReport<'_>> {
    let (rest, packet) = packet_of(PacketType::SR)(i)?;
    let (body, info) = context("sender info", array)(packet.body)?;
    let (extension, blocks) = context("report blocks", counted(packet.count()))(body)?;
    let (header, padding) = (packet.header, packet.padding);
    Ok((rest, SenderReport { header, info, blocks, extension, padding }))
}

impl fmt::Display for SenderReport<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SR ssrc={:#010x} ntp={}", self.ssrc(), self.ntp_timestamp())?;
        write!(f, " rtp={} packets={}", self.rtp_timestamp(), self.packet_count())?;
        write!(f, " octets={}", self.octet_count())?;
        self.blocks().try_for_each(|block| write!(f, " [{block}]"))
    }
}

impl fmt::Debug for SenderReport<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SenderReport")
            .field("ssrc", &self.ssrc())
            .field("ntp_timestamp", &self.ntp_timestamp())
            .field("rtp_timestamp", &self.rtp_timestamp())
            .field("packet_count", &self.packet_count())
            .field("octet_count", &self.octet_count())
            .field("blocks", &DebugList(self.blocks()))
            .field("extension", &self.extension())
            .field("padding", &self.padding())
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for SenderReport<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        super::header::serialize_header(&mut map, self.header, self.padding, "sr", "count")?;
        map.serialize_entry("ssrc", &self.ssrc())?;
        map.serialize_entry("ntp_seconds", &self.ntp_timestamp().seconds())?;
        map.serialize_entry("ntp_fraction", &self.ntp_timestamp().fraction())?;
        map.serialize_entry("rtp_timestamp", &self.rtp_timestamp())?;
        map.serialize_entry("packet_count", &self.packet_count())?;
        map.serialize_entry("octet_count", &self.octet_count())?;
        super::report_block::serialize_reports(map, self.blocks(), self.extension)
    }
}

/// A sender report to be written: fill in the fields, or take a view's by `From`; then `write`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SenderReportBuilder<'a> {
    /// As [`SenderReport::ssrc`]; every field points to its accessor so.
    pub ssrc: u32,
    /// As [`SenderReport::ntp_timestamp`].
    pub ntp_timestamp: NtpTime,
    /// As [`SenderReport::rtp_timestamp`].
    pub rtp_timestamp: u32,
    /// As [`SenderReport::packet_count`].
    pub packet_count: u32,
    /// As [`SenderReport::octet_count`].
    pub octet_count: u32,
    /// In wire form, at most 31: from `ReportBlockBuilder::to_bytes`, or from a view.
    pub blocks: &'a [[u8; ReportBlock::LEN]],
    /// As [`SenderReport::extension`]; a multiple of 4 bytes.
    pub extension: &'a [u8],
    /// As [`SenderReport::padding`].
    pub padding: &'a [u8],
}

impl<'a> From<SenderReport<'a>> for SenderReportBuilder<'a> {
    fn from(report: SenderReport<'a>) -> Self {
        Self {
            ssrc: report.ssrc(),
            ntp_timestamp: report.ntp_timestamp(),
            rtp_timestamp: report.rtp_timestamp(),
            packet_count: report.packet_count(),
            octet_count: report.octet_count(),
            blocks: report.blocks,
            extension: report.extension,
            padding: report.padding,
        }
    }
}

impl Encode for SenderReportBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        let lists = self.blocks.as_flattened().len() + self.extension.len() + self.padding.len();
        Header::LEN + INFO_LEN + lists
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let len = self.encoded_len();
        write_header(out.array()?, PacketType::SR, self.blocks.len(), len, self.padding)?;
        let info = out.array::<INFO_LEN>()?;
        BE::write_u32(&mut info[SSRC], self.ssrc);
        BE::write_u64(&mut info[NTP], self.ntp_timestamp.0);
        BE::write_u32(&mut info[RTP], self.rtp_timestamp);
        BE::write_u32(&mut info[PACKETS], self.packet_count);
        BE::write_u32(&mut info[OCTETS], self.octet_count);
        out.bytes(self.blocks.as_flattened())?;
        out.bytes(self.extension)?;
        out.bytes(self.padding)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;

    use super::*;
    use crate::error::ErrorKind;
    use crate::testing::{PADDINGS, refuses_every_truncation, words};

    // RFC 7714 section 17, with the length that the packet really has (12 words and the first).
    const SR: [u32; 13] = [
        0x81c8_000c, // V=2 P=0 RC=1 PT=200 length=12
        0x4d61_7273, // SSRC "Mars"
        0x4e54_5031, // NTP timestamp, seconds
        0x4e54_5032, // NTP timestamp, fraction
        0x5254_5020, // RTP timestamp
        0x0000_042a, // packet count
        0x0000_e930, // octet count
        0x4c75_6e61, // report block: SSRC "Luna"
        0xdead_beef,
        0xdead_beef,
        0xdead_beef,
        0xdead_beef,
        0xdead_beef,
    ];

    #[test]
    fn reads_every_field() {
        let bytes = words(SR);
        let report = SenderReport::parse(&bytes).unwrap();
        assert_eq!(report.header().packet_type(), PacketType::SR);
        assert_eq!(report.ssrc(), u32::from_be_bytes(*b"Mars"));
        assert_eq!(report.ntp_timestamp(), NtpTime::new(0x4e54_5031, 0x4e54_5032));
        assert_eq!(report.rtp_timestamp(), 0x5254_5020);
        assert_eq!((report.packet_count(), report.octet_count()), (0x42a, 0xe930));
        let blocks = report.blocks();
        assert_eq!(blocks.len(), 1);
        for block in blocks {
            assert_eq!(block.ssrc(), u32::from_be_bytes(*b"Luna"));
            assert_eq!((block.fraction_lost(), block.cumulative_lost()), (0xde, -0x52_4111));
            assert_eq!(block.jitter(), 0xdead_beef);
        }
        assert_eq!((report.extension(), report.padding()), (&[][..], &[][..]));
        // 0x4e545032 / 2^32 = 0.305974018
        let line = "SR ssrc=0x4d617273 ntp=1314148401.305974018 rtp=1381257248 packets=1066";
        assert!(report.to_string().starts_with(line), "{report}");
    }

    #[test]
    fn the_packet_as_rfc_7714_prints_it_is_cut_short() {
        let bytes = words([&[0x81c8_000d], &SR[1..]].concat());
        let error = SenderReport::parse(&bytes).unwrap_err();
        let kind = ErrorKind::Truncated { need: 56, have: 52 };
        assert_eq!((error.field, error.offset, error.kind), ("packet", 0, kind));
    }

    #[test]
    fn refuses_every_truncation_and_another_type() {
        refuses_every_truncation(&words(SR), SenderReport::parse);
        let bytes = words([0x80c9_0001, 1]);
        let error = SenderReport::parse(&bytes).unwrap_err();
        let kind = ErrorKind::Value { found: 201 };
        assert_eq!((error.field, error.offset, error.kind), ("packet type", 1, kind));
    }

    #[test]
    fn refuses_more_blocks_than_the_length_holds() {
        let mut bytes = words(&SR[..7]);
        (bytes[0], bytes[3]) = (0x81, 6);
        let error = SenderReport::parse(&bytes).unwrap_err();
        let kind = ErrorKind::Count { need: 24, have: 0 };
        assert_eq!((error.field, error.offset, error.kind), ("report blocks", 28, kind));
        let text = "sender report: report blocks need 24 bytes, 0 are there (byte 28)";
        assert_eq!(error.to_string(), text);
    }

    #[test]
    fn refuses_a_length_below_the_sender_info() {
        let bytes = words([0x80c8_0005, 1, 2, 3, 4, 5, 6]);
        let error = SenderReport::parse(&bytes).unwrap_err();
        let kind = ErrorKind::Truncated { need: 24, have: 20 };
        assert_eq!((error.field, error.offset, error.kind), ("sender info", 4, kind));
    }

    #[test]
    fn keeps_extension_and_padding() {
        let mut bytes = words([&SR[..], &[0x0102_0304, 0x0000_0004]].concat());
        (bytes[0], bytes[3]) = (0xA1, 14);
        let report = SenderReport::parse(&bytes).unwrap();
        assert_eq!(report.extension(), [1, 2, 3, 4]);
        assert_eq!(report.padding(), [0, 0, 0, 4]);
        assert_eq!(SenderReportBuilder::from(report).to_vec().unwrap(), bytes);
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        let blocks = [[0; 24]; 32];
        let many = SenderReportBuilder { blocks: &blocks, ..Default::default() };
        assert_eq!(many.to_vec(), Err(BuildError::OutOfRange { field: "count" }));
        let odd = SenderReportBuilder { extension: &[1], ..Default::default() };
        assert!(odd.to_vec().is_err());
        let padding = SenderReportBuilder { padding: &[0, 0, 0, 8], ..Default::default() };
        assert_eq!(padding.to_vec(), Err(BuildError::OutOfRange { field: "padding" }));
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (ssrc, ntp) in any::<(u32, u64)>(),
            (rtp_timestamp, packet_count, octet_count) in any::<(u32, u32, u32)>(),
            blocks in prop::collection::vec(any::<[u8; 24]>(), 0..32),
            extension in prop::collection::vec(any::<[u8; 4]>(), 0..4),
            padding in prop::sample::select(PADDINGS),
        ) {
            let builder = SenderReportBuilder {
                ssrc,
                ntp_timestamp: NtpTime(ntp),
                rtp_timestamp,
                packet_count,
                octet_count,
                blocks: &blocks,
                extension: extension.as_flattened(),
                padding,
            };
            let bytes = builder.to_vec().unwrap();
            let report = SenderReport::parse(&bytes).unwrap();
            prop_assert_eq!(SenderReportBuilder::from(report), builder);
        }
    }
}
