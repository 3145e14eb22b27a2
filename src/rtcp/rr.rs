//! Receiver report, RR (RFC 3550 section 6.4.2).
//!
//! ```text
//! |V=2|P|   RC    |    PT=201     |            length             |  header.rs
//! |                     SSRC of packet sender                     |
//! |           RC blocks of 24 bytes, see report_block.rs          |  blocks
//! |                  profile-specific extension                   |  extension
//! ```

use core::fmt;

use super::header::{packet_of, write_header};
use super::{Header, PacketType, ReportBlock};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::show::DebugList;
use crate::wire::{array, context, counted};

/// A receiver report, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ReceiverReport<'a> {
    header: Header,
    ssrc: &'a [u8; 4],
    blocks: &'a [[u8; ReportBlock::LEN]],
    extension: &'a [u8],
    padding: &'a [u8],
}

impl<'a> ReceiverReport<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type, a version other than 2, a length, count or padding beyond the packet.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("receiver report", bytes, receiver_report)
    }

    /// The packet's first four bytes.
    #[inline]
    pub const fn header(&self) -> Header {
        self.header
    }

    /// Who sends the report.
    #[inline]
    pub const fn ssrc(&self) -> u32 {
        u32::from_be_bytes(*self.ssrc)
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
pub(crate) fn receiver_report(i: &[u8]) -> Step<'_, ReceiverReport<'_>> {
    let (rest, packet) = packet_of(PacketType::RR)(i)?;
    let (body, ssrc) = context("SSRC", array)(packet.body)?;
    let (extension, blocks) = context("report blocks", counted(packet.count()))(body)?;
    let (header, padding) = (packet.header, packet.padding);
    Ok((rest, ReceiverReport { header, ssrc, blocks, extension, padding }))
}

impl fmt::Display for ReceiverReport<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RR ssrc={:#010x}", self.ssrc())?;
        self.blocks().try_for_each(|block| write!(f, " [{block}]"))
    }
}

impl fmt::Debug for ReceiverReport<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceiverReport")
            .field("ssrc", &self.ssrc())
            .field("blocks", &DebugList(self.blocks()))
            .field("extension", &self.extension())
            .field("padding", &self.padding())
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for ReceiverReport<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        super::header::serialize_header(&mut map, self.header, self.padding, "rr", "count")?;
        map.serialize_entry("ssrc", &self.ssrc())?;
        super::report_block::serialize_reports(map, self.blocks(), self.extension)
    }
}

/// A receiver report to be written: fill in the fields, or take a view's by `From`; then `write`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReceiverReportBuilder<'a> {
    /// As [`ReceiverReport::ssrc`]; every field points to its accessor so.
    pub ssrc: u32,
    /// In wire form, at most 31: from `ReportBlockBuilder::to_bytes`, or from a view.
    pub blocks: &'a [[u8; ReportBlock::LEN]],
    /// As [`ReceiverReport::extension`]; a multiple of 4 bytes.
    pub extension: &'a [u8],
    /// As [`ReceiverReport::padding`].
    pub padding: &'a [u8],
}

impl<'a> From<ReceiverReport<'a>> for ReceiverReportBuilder<'a> {
    fn from(report: ReceiverReport<'a>) -> Self {
        let ReceiverReport { blocks, extension, padding, .. } = report;
        Self { ssrc: report.ssrc(), blocks, extension, padding }
    }
}

impl Encode for ReceiverReportBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        let lists = self.blocks.as_flattened().len() + self.extension.len() + self.padding.len();
        Header::LEN + 4 + lists
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let len = self.encoded_len();
        write_header(out.array()?, PacketType::RR, self.blocks.len(), len, self.padding)?;
        *out.array()? = self.ssrc.to_be_bytes();
        out.bytes(self.blocks.as_flattened())?;
        out.bytes(self.extension)?;
        out.bytes(self.padding)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::error::ErrorKind;
    use crate::ntp::NtpShort;
    use crate::rtcp::ReportBlockBuilder;
    use crate::testing::{PADDINGS, refuses_every_truncation, words};

    // RFC 3550 section 6.4.2, two blocks and an extension word.
    const RR: [u32; 15] = [
        0x82c9_000e, // V=2 P=0 RC=2 PT=201 length=14
        0x0000_0001, // SSRC of packet sender
        0x0000_0002,
        0x4000_0003,
        0x0001_0004,
        5,
        6,
        7, // first block
        0x0000_000a,
        0xffff_ffff,
        0x0002_0001,
        0,
        0,
        0,           // second block
        0x0a0b_0c0d, // profile-specific extension
    ];

    #[test]
    fn reads_every_field() {
        let bytes = words(RR);
        let report = ReceiverReport::parse(&bytes).unwrap();
        assert_eq!((report.ssrc(), report.blocks().len()), (1, 2));
        let mut blocks = report.blocks().map(ReportBlockBuilder::from);
        let first = ReportBlockBuilder {
            ssrc: 2,
            fraction_lost: 0x40,
            cumulative_lost: 3,
            extended_highest_sequence_number: 0x1_0004,
            jitter: 5,
            last_sr: NtpShort(6),
            delay_since_last_sr: NtpShort(7),
        };
        assert_eq!(blocks.next(), Some(first));
        assert_eq!(blocks.next().map(|block| (block.ssrc, block.cumulative_lost)), Some((10, -1)));
        assert_eq!(report.extension(), [10, 11, 12, 13]);
        assert_eq!(ReceiverReportBuilder::from(report).to_vec().unwrap(), bytes);
    }

    #[test]
    fn a_report_without_blocks_is_valid() {
        let bytes = words([0x80c9_0001, 1]);
        assert_eq!(ReceiverReport::parse(&bytes).unwrap().blocks().len(), 0);
    }

    #[test]
    fn refuses_every_truncation_and_missing_parts() {
        refuses_every_truncation(&words(RR), ReceiverReport::parse);
        let error = ReceiverReport::parse(&words([0x81c9_0001, 1])).unwrap_err();
        let kind = ErrorKind::Count { need: 24, have: 0 };
        assert_eq!((error.field, error.offset, error.kind), ("report blocks", 8, kind));
        let error = ReceiverReport::parse(&words([0x80c9_0000])).unwrap_err();
        assert_eq!((error.field, error.offset), ("SSRC", 4));
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            ssrc in any::<u32>(),
            blocks in prop::collection::vec(any::<[u8; 24]>(), 0..32),
            extension in prop::collection::vec(any::<[u8; 4]>(), 0..4),
            padding in prop::sample::select(PADDINGS),
        ) {
            let extension = extension.as_flattened();
            let builder = ReceiverReportBuilder { ssrc, blocks: &blocks, extension, padding };
            let bytes = builder.to_vec().unwrap();
            let report = ReceiverReport::parse(&bytes).unwrap();
            prop_assert_eq!(ReceiverReportBuilder::from(report), builder);
        }
    }
}
