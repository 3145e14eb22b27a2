//! Extended report, XR (RFC 3611 section 2).
//!
//! ```text
//! |V=2|P|reserved |   PT=XR=207   |             length            |  header.rs
//! |                              SSRC                             |
//! :                         report blocks                         :  blocks, each with its own length
//! ```

use core::fmt;

use super::raw::{raw_block, whole_blocks};
use super::{Block, RawBlock};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::rtcp::header::{packet_of, write_header};
use crate::rtcp::{Header, PacketType};
use crate::show::DebugList;
use crate::wire::{array, context};

/// An extended report, read in place.
///
/// The packet is refused where its blocks cannot be told apart: a block length beyond the packet. A block that is not
/// of its type's form is an error of its own among [`blocks`](Self::blocks), and does not hide the next.
///
/// ```
/// use mediawire::rtcp::{ExtendedReport, xr::Block};
///
/// let packet = [
///     0x80, 207, 0, 5, 0, 0, 0, 1, // XR
///     200, 0, 0, 0, // a block of an unknown type, without contents
///     4, 0, 0, 2, 0xb4, 0x4d, 0xb7, 0x05, 0x20, 0, 0, 0, // receiver reference time
/// ];
/// for block in ExtendedReport::parse(&packet)?.blocks() {
///     match block {
///         Ok(Block::ReceiverReferenceTime(block)) => println!("{}", block.ntp_timestamp()),
///         Ok(other) => println!("{other}"),
///         Err(error) => eprintln!("{error}"),
///     }
/// }
/// # Ok::<(), mediawire::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ExtendedReport<'a> {
    header: Header,
    ssrc: &'a [u8; 4],
    blocks: &'a [u8],
    padding: &'a [u8],
    /// All of it: blocks count the places of their errors from its front.
    packet: &'a [u8],
}

impl<'a> ExtendedReport<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type, a version other than 2, a length or padding beyond the packet; no room for the SSRC; a
    /// block whose length goes beyond the packet.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("extended report", bytes, extended_report)
    }

    /// The packet's first four bytes.
    #[inline]
    pub const fn header(&self) -> Header {
        self.header
    }

    /// The reporter.
    #[inline]
    pub const fn ssrc(&self) -> u32 {
        u32::from_be_bytes(*self.ssrc)
    }

    /// The blocks, in the order of the wire: each as its type has it, or what is wrong with it and where in the packet.
    #[inline]
    pub const fn blocks(&self) -> Blocks<'a> {
        Blocks { packet: self.packet, rest: self.blocks }
    }

    /// The blocks as their bytes, whatever is wrong with their contents.
    #[inline]
    pub fn raw_blocks(&self) -> impl Iterator<Item = RawBlock<'a>> + Clone + use<'a> {
        let mut left = self.blocks;
        core::iter::from_fn(move || {
            let (rest, block) = raw_block(left).ok()?;
            left = rest;
            Some(block)
        })
    }

    /// Whether every block is of its type's form, for one who wants all of the packet or none.
    ///
    /// # Errors
    /// The first error among [`blocks`](Self::blocks).
    #[inline]
    pub fn check_blocks(&self) -> Result<(), ParseError> {
        self.blocks().try_for_each(|block| block.map(drop))
    }

    /// All bytes of the padding, the count at its end included; empty without padding.
    #[inline]
    pub const fn padding(&self) -> &'a [u8] {
        self.padding
    }
}

/// Validates the packet as far as the blocks' lengths.
#[inline]
pub(crate) fn extended_report(i: &[u8]) -> Step<'_, ExtendedReport<'_>> {
    let (rest, packet) = packet_of(PacketType::XR)(i)?;
    let (blocks, ssrc) = context("SSRC", array)(packet.body)?;
    whole_blocks(blocks)?;
    let (header, padding) = (packet.header, packet.padding);
    let packet = i.get(..header.packet_len()).unwrap_or(i);
    Ok((rest, ExtendedReport { header, ssrc, blocks, padding, packet }))
}

/// The blocks of an extended report; what [`ExtendedReport::blocks`] gives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Blocks<'a> {
    packet: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Iterator for Blocks<'a> {
    type Item = Result<Block<'a>, ParseError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let (rest, block) = raw_block(self.rest).ok()?;
        self.rest = rest;
        Some(Block::parse_in(self.packet, block.as_bytes()))
    }
}

impl core::iter::FusedIterator for Blocks<'_> {}

impl fmt::Debug for Blocks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

impl fmt::Display for ExtendedReport<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "XR ssrc={:#010x}", self.ssrc())?;
        self.blocks().try_for_each(|block| match block {
            Ok(block) => write!(f, " [{block}]"),
            Err(error) => write!(f, " [malformed: {error}]"),
        })
    }
}

impl fmt::Debug for ExtendedReport<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExtendedReport")
            .field("ssrc", &self.ssrc())
            .field("blocks", &DebugList(self.blocks()))
            .field("padding", &self.padding())
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for ExtendedReport<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        // A block that is not of its type's form keeps its bytes.
        let blocks =
            self.raw_blocks().map(|raw| Block::parse(raw.as_bytes()).unwrap_or(Block::Other(raw)));
        let mut map = serializer.serialize_map(None)?;
        crate::rtcp::header::serialize_packet_header(&mut map, self.header, self.padding, "xr")?;
        map.serialize_entry("ssrc", &self.ssrc())?;
        map.serialize_entry("blocks", &crate::ser::List(blocks))?;
        map.end()
    }
}

/// An extended report to be written.
///
/// ```
/// use mediawire::Encode;
/// use mediawire::ntp::NtpTime;
/// use mediawire::rtcp::ExtendedReportBuilder;
/// use mediawire::rtcp::xr::{BlockList, BlockType, RawBlockBuilder, ReceiverReferenceTimeBuilder};
///
/// let time = ReceiverReferenceTimeBuilder { ntp_timestamp: NtpTime::new(0xb44d_b705, 0x2000_0000) };
/// let own = RawBlockBuilder { block_type: BlockType(200), type_specific: 0, data: &[1, 2, 3, 4] };
/// let blocks = BlockList::Built(&[&time, &own]);
/// let report = ExtendedReportBuilder { ssrc: 1, blocks, ..Default::default() };
/// let mut buffer = [0; 64];
/// assert_eq!(report.write(&mut buffer)?, 8 + 12 + 8);
/// # Ok::<(), mediawire::BuildError>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ExtendedReportBuilder<'a> {
    /// The five bits behind the padding bit, 0 to 31: 0, as long as the standard gives them no meaning.
    pub reserved: u8,
    /// As [`ExtendedReport::ssrc`].
    pub ssrc: u32,
    /// What is reported.
    pub blocks: BlockList<'a>,
    /// As [`ExtendedReport::padding`].
    pub padding: &'a [u8],
}

/// The blocks of an [`ExtendedReportBuilder`].
#[derive(Clone, Copy)]
pub enum BlockList<'a> {
    /// New ones, and single ones of a view, in any order: every builder and every view of this module can stand here.
    Built(&'a [&'a dyn Encode]),
    /// All those of a view, byte for byte.
    Read(Blocks<'a>),
}

impl BlockList<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        match self {
            Self::Built(blocks) => blocks.iter().map(|block| block.encoded_len()).sum(),
            Self::Read(blocks) => blocks.rest.len(),
        }
    }
}

/// No blocks.
impl Default for BlockList<'_> {
    fn default() -> Self {
        Self::Built(&[])
    }
}

/// Of new blocks their number.
impl fmt::Debug for BlockList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Built(blocks) => f.debug_tuple("Built").field(&blocks.len()).finish(),
            Self::Read(blocks) => f.debug_tuple("Read").field(blocks).finish(),
        }
    }
}

impl<'a> From<ExtendedReport<'a>> for ExtendedReportBuilder<'a> {
    fn from(report: ExtendedReport<'a>) -> Self {
        let blocks = BlockList::Read(report.blocks());
        let (reserved, padding) = (report.header.count(), report.padding);
        Self { reserved, ssrc: report.ssrc(), blocks, padding }
    }
}

impl Encode for ExtendedReportBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        Header::LEN + 4 + self.blocks.encoded_len() + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let (reserved, blocks_len) = (self.reserved.into(), self.blocks.encoded_len());
        let len = Header::LEN + 4 + blocks_len + self.padding.len();
        write_header(out.array()?, PacketType::XR, reserved, len, self.padding)?;
        *out.array()? = self.ssrc.to_be_bytes();
        match &self.blocks {
            BlockList::Built(blocks) => {
                let room = out.take(blocks_len)?;
                let mut sink = Sink::new(room);
                blocks.iter().try_for_each(|block| block.encode(&mut sink))?;
                // Anything can be encoded: what is no block must not hide the others.
                if sink.remaining() > 0 || whole_blocks(room).is_err() {
                    return Err(BuildError::OutOfRange { field: "blocks" });
                }
            }
            BlockList::Read(blocks) => out.bytes(blocks.rest)?,
        }
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
    use crate::error::ErrorKind;
    use crate::rtcp::xr::{
        BlockType, DlrrBuilder, DlrrSubBlock, RawBlockBuilder, ReceiverReferenceTimeBuilder,
    };
    use crate::rtcp::{Compound, Packet, SdesItem, SdesItemType};
    use crate::testing::{PADDINGS, refuses_every_truncation, words};

    // chromium-xr-audionack.pcap, frame 302, the second packet: a clock, and the answer to another.
    const CHROMIUM: [u32; 9] = [
        0x80cf_0008,
        0x3fae_626f,
        0x0400_0002,
        0xeeaa_79ff,
        0xb52a_8438,
        0x0500_0003,
        0x35a9_9710,
        0x79fe_f15a,
        0x0000_c3a3,
    ];

    fn refused(bytes: &[u8]) -> (&'static str, usize, ErrorKind) {
        let error = ExtendedReport::parse(bytes).unwrap_err();
        (error.field, error.offset, error.kind)
    }

    fn types(report: ExtendedReport<'_>) -> Vec<u8> {
        report.raw_blocks().map(|block| block.block_type().0).collect()
    }

    #[test]
    fn reads_a_report_of_chromium_and_writes_it_again() {
        let bytes = words(CHROMIUM);
        let report = ExtendedReport::parse(&bytes).unwrap();
        assert_eq!((report.ssrc(), report.header().count()), (0x3fae_626f, 0));
        let blocks: Vec<_> = report.blocks().collect::<Result<_, _>>().unwrap();
        let [Block::ReceiverReferenceTime(time), Block::Dlrr(dlrr)] = blocks[..] else {
            panic!("{blocks:?}")
        };
        assert_eq!(time.ntp_timestamp().seconds(), 0xeeaa_79ff);
        let answer = dlrr.sub_blocks().next().unwrap();
        assert_eq!((answer.ssrc, answer.last_rr.0), (0x35a9_9710, 0x79fe_f15a));
        // 0xc3a3 / 65536 = 0.764206
        let end = "[DLRR [ssrc=0x35a99710 lrr=0x79fef15a dlrr=0.764206]]";
        assert!(report.to_string().ends_with(end), "{report}");
        assert_eq!(ExtendedReportBuilder::from(report).to_vec().unwrap(), bytes);
        crate::testing::debugs_list(&report.blocks());
        let debug = std::format!("{:?}", ExtendedReportBuilder::from(report).blocks);
        assert!(debug.starts_with("Read([Ok(ReceiverReferenceTime("), "{debug}");
        let Some(Ok(Packet::ExtendedReport(same))) = Compound::new(&bytes).next() else { panic!() };
        assert_eq!(same, report);
    }

    #[test]
    fn a_report_is_built_of_new_blocks_and_of_those_of_a_view() {
        let bytes = words(CHROMIUM);
        let report = ExtendedReport::parse(&bytes).unwrap();
        let time = report.blocks().next().unwrap().unwrap();
        let answer = DlrrSubBlock::new(bytes[24..].try_into().unwrap()).to_bytes();
        let answer = DlrrBuilder { sub_blocks: &[answer] };
        let blocks = BlockList::Built(&[&time, &answer]);
        let report = ExtendedReportBuilder { ssrc: 0x3fae_626f, blocks, ..Default::default() };
        assert_eq!(report.to_vec().unwrap(), bytes);
    }

    #[test]
    fn refuses_every_truncation_and_another_type() {
        refuses_every_truncation(&words(CHROMIUM), ExtendedReport::parse);
        let kind = ErrorKind::Value { found: 204 };
        assert_eq!(refused(&words([0x80cc_0001, 1])), ("packet type", 1, kind));
        let kind = ErrorKind::Truncated { need: 4, have: 0 };
        assert_eq!(refused(&words([0x80cf_0000])), ("SSRC", 4, kind));
    }

    #[test]
    fn no_blocks_are_valid() {
        // pion-rtcp-stun.pcap, frame 27.
        let bytes = words([0x80cf_0001, 0x902f_9e2e]);
        let report = ExtendedReport::parse(&bytes).unwrap();
        assert_eq!(report.blocks().count(), 0);
        assert_eq!(ExtendedReportBuilder::from(report).to_vec().unwrap(), bytes);
    }

    #[test]
    fn an_unknown_block_does_not_hide_the_next() {
        let bytes = words([0x80cf_0006, 1, 0xc85a_0001, 0xdead_beef, 0x0400_0002, 3, 4]);
        let report = ExtendedReport::parse(&bytes).unwrap();
        let blocks: Vec<_> = report.blocks().collect::<Result<_, _>>().unwrap();
        assert!(matches!(blocks[..], [Block::Other(_), Block::ReceiverReferenceTime(_)]));
        assert_eq!(ExtendedReportBuilder::from(report).to_vec().unwrap(), bytes);
    }

    #[test]
    fn a_bad_block_does_not_hide_the_next() {
        // A DLRR block of four words, which is no multiple of three.
        let bytes = words([0x80cf_0009, 1, 0x0500_0004, 2, 3, 4, 5, 0x0400_0002, 6, 7]);
        let report = ExtendedReport::parse(&bytes).unwrap();
        let mut blocks = report.blocks();
        let error = blocks.next().unwrap().unwrap_err();
        let kind = ErrorKind::Length { found: 20, have: 16 };
        assert_eq!((error.field, error.offset, error.kind), ("block length", 10, kind));
        assert!(matches!(blocks.next(), Some(Ok(Block::ReceiverReferenceTime(_)))));
        assert_eq!(blocks.next(), None);
        assert_eq!(report.check_blocks(), Err(error));
        let line = "DLRR block: block length of 20 bytes does not fit, 16 would (byte 10)";
        assert!(report.to_string().contains(line), "{report}");
        assert_eq!(ExtendedReportBuilder::from(report).to_vec().unwrap(), bytes);
    }

    #[test]
    fn a_block_length_beyond_the_packet_is_refused_at_its_place() {
        let bytes = words([0x80cf_0005, 1, 0xc800_0000, 0x0400_0003, 3, 4]);
        let kind = ErrorKind::Length { found: 12, have: 8 };
        assert_eq!(refused(&bytes), ("block", 16, kind));
        let bytes = words([0x80cf_0002, 1, 0x05ff_ffff]);
        let kind = ErrorKind::Length { found: 0x3_FFFC, have: 0 };
        assert_eq!(refused(&bytes), ("block", 12, kind));
    }

    #[test]
    fn padding_becomes_no_block() {
        let bytes = words([0xa0cf_0005, 1, 0x0400_0002, 6, 7, 0x0000_0004]);
        let report = ExtendedReport::parse(&bytes).unwrap();
        assert_eq!((types(report), report.padding()), (std::vec![4], &[0, 0, 0, 4][..]));
        assert_eq!(ExtendedReportBuilder::from(report).to_vec().unwrap(), bytes);
    }

    #[test]
    fn reserved_bits_are_kept() {
        let bytes = words([0x9fcf_0001, 1]);
        let report = ExtendedReport::parse(&bytes).unwrap();
        assert_eq!(ExtendedReportBuilder::from(report).to_vec().unwrap(), bytes);
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        let none = ExtendedReportBuilder::default();
        let refused = Err(BuildError::OutOfRange { field: "blocks" });
        // An SDES item of four bytes is no block: "ab" would be its length.
        let item = SdesItem::new(SdesItemType::CNAME, b"ab");
        let list: [&dyn Encode; 1] = [&item];
        assert_eq!(
            ExtendedReportBuilder { blocks: BlockList::Built(&list), ..none }.to_vec(),
            refused
        );
        let many = ExtendedReportBuilder { reserved: 32, ..none };
        assert_eq!(many.to_vec(), Err(BuildError::OutOfRange { field: "count" }));
    }

    #[test]
    #[cfg(feature = "serde")]
    fn the_examples_of_the_inspector() {
        let json = |words: &[u32]| {
            let bytes = crate::testing::words(words);
            let report = ExtendedReport::parse(&bytes).unwrap();
            serde_json::to_value(report).unwrap()
        };
        let parse = |text| serde_json::from_str::<serde_json::Value>(text).unwrap();
        // inspect-json.md, the section on xr: its objects without what the inspector adds.
        let first = [
            0x80cf_000f,
            1,
            0x0100_0004,
            2,
            0x0005_000c,
            0x4006_8765,
            0x0000_0000,
            0x0400_0002,
            1,
            2,
            0x0500_0003,
            2,
            3,
            4,
            0xc807_0001,
            0,
        ];
        let expected = r#"{"version":2,"padding":false,"packet_type":207,"length":15,"padding_size":0,"type":"xr","ssrc":1,"blocks":[{"block_type":1,"type":"loss_rle","block_length":4,"thinning":0,"ssrc":2,"begin_sequence":5,"end_sequence":12,"chunks":[{"chunk":"run_length","run_type":1,"run_length":6},{"chunk":"bit_vector","bit_vector":1893},{"chunk":"terminating_null"}]},{"block_type":4,"type":"receiver_reference_time","block_length":2,"ntp_seconds":1,"ntp_fraction":2},{"block_type":5,"type":"dlrr","block_length":3,"sub_blocks":[{"ssrc":2,"lrr":3,"dlrr":4}]},{"block_type":200,"type":"other","block_length":1,"type_specific":7,"data":"00000000"}]}"#;
        assert_eq!(json(&first), parse(expected));
        let second = [
            0x80cf_000a,
            1,
            0x0700_0008,
            2,
            0x0100_0000,
            0,
            0x0014_001e,
            0xe2ba_7f10,
            0x5d7f_2b2a,
            0xe000_0028,
            0x0050_0078,
        ];
        let expected = r#"{"version":2,"padding":false,"packet_type":207,"length":10,"padding_size":0,"type":"xr","ssrc":1,"blocks":[{"block_type":7,"type":"voip_metrics","block_length":8,"ssrc":2,"loss_rate":1,"discard_rate":0,"burst_density":0,"gap_density":0,"burst_duration":0,"gap_duration":0,"round_trip_delay":20,"end_system_delay":30,"signal_level":-30,"noise_level":-70,"rerl":127,"gmin":16,"r_factor":93,"ext_r_factor":127,"mos_lq":43,"mos_cq":42,"plc":3,"jba":2,"jb_rate":0,"jb_nominal":40,"jb_maximum":80,"jb_abs_max":120}]}"#;
        assert_eq!(json(&second), parse(expected));
        let third = [0x80cf_000b, 1, 0x06a8_0009, 2, 0x0001_0009, 1, 0, 1, 4, 2, 1, 0x3c40_3e01];
        let expected = r#"{"version":2,"padding":false,"packet_type":207,"length":11,"padding_size":0,"type":"xr","ssrc":1,"blocks":[{"block_type":6,"type":"statistics_summary","block_length":9,"loss_report":true,"duplicate_report":false,"jitter_report":true,"ttl_or_hop_limit":1,"ssrc":2,"begin_sequence":1,"end_sequence":9,"lost_packets":1,"dup_packets":0,"min_jitter":1,"max_jitter":4,"mean_jitter":2,"dev_jitter":1,"min_ttl_or_hl":60,"max_ttl_or_hl":64,"mean_ttl_or_hl":62,"dev_ttl_or_hl":1}]}"#;
        assert_eq!(json(&third), parse(expected));
        let bad = json(&[0x80cf_0003, 1, 0x0503_0001, 9]);
        let expected = r#"[{"block_type":5,"type":"dlrr","block_length":1,"type_specific":3,"data":"00000009"}]"#;
        assert_eq!(bad["blocks"], parse(expected));
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (reserved, ssrc) in (0u8..32, any::<u32>()),
            values in prop::collection::vec((any::<u8>(), any::<u8>(), prop::collection::vec(any::<[u8; 4]>(), 0..12)), 0..6),
            ntp in any::<u64>(),
            padding in prop::sample::select(PADDINGS),
        ) {
            let raw: Vec<_> = values.iter().map(|(block_type, type_specific, data)| RawBlockBuilder {
                block_type: BlockType(*block_type),
                type_specific: *type_specific,
                data: data.as_flattened(),
            }).collect();
            let time = ReceiverReferenceTimeBuilder { ntp_timestamp: crate::ntp::NtpTime(ntp) };
            let mut list: Vec<&dyn Encode> = raw.iter().map(|block| -> &dyn Encode { block }).collect();
            list.push(&time);
            let builder = ExtendedReportBuilder { reserved, ssrc, blocks: BlockList::Built(&list), padding };
            let bytes = builder.to_vec().unwrap();
            let report = ExtendedReport::parse(&bytes).unwrap();
            prop_assert_eq!((report.header().count(), report.ssrc(), report.padding()), (reserved, ssrc, padding));
            prop_assert_eq!(report.raw_blocks().count(), raw.len() + 1);
            for (read, written) in report.raw_blocks().zip(&raw) {
                prop_assert_eq!(RawBlockBuilder::from(read), *written);
            }
            prop_assert_eq!(report.blocks().count(), raw.len() + 1);
            prop_assert_eq!(ExtendedReportBuilder::from(report).to_vec().unwrap(), bytes);
        }

        /// Blocks of known types and any contents: nothing panics, and what is read is written again.
        #[test]
        fn any_blocks_are_kept(
            values in prop::collection::vec((0u8..48, any::<u8>(), prop::collection::vec(any::<[u8; 4]>(), 0..16)), 0..6),
        ) {
            let mut bytes = words([0x80cf_0001, 1]);
            for (block_type, type_specific, data) in &values {
                bytes.extend([*block_type, *type_specific, 0, u8::try_from(data.len()).unwrap()]);
                bytes.extend(data.as_flattened());
            }
            bytes[3] = u8::try_from(bytes.len() / 4 - 1).unwrap();
            let report = ExtendedReport::parse(&bytes).unwrap();
            crate::testing::shows(&report);
            #[cfg(feature = "serde")]
            prop_assert!(serde_json::to_string(&report).is_ok());
            for (block, raw) in report.blocks().zip(report.raw_blocks()) {
                if let Ok(block) = block {
                    // RFC 7003 prints the discard block with the type of the loss block.
                    let discard = (BlockType::BURST_GAP_DISCARD, BlockType::BURST_GAP_LOSS);
                    let types = (block.block_type(), raw.block_type());
                    prop_assert!(types.0 == types.1 || types == discard);
                    prop_assert_eq!(block.to_vec().unwrap(), raw.as_bytes());
                }
            }
            prop_assert_eq!(report.blocks().count(), values.len());
        }

        #[test]
        fn random_bytes_never_panic(mut bytes in prop::collection::vec(any::<u8>(), 8..200)) {
            let words = bytes.len() / 4;
            bytes.truncate(words * 4);
            bytes[..4].copy_from_slice(&[0x80, 207, 0, u8::try_from(words - 1).unwrap()]);
            for place in (10..bytes.len()).step_by(4) {
                bytes[place] = 0;
            }
            if let Ok(report) = ExtendedReport::parse(&bytes) {
                crate::testing::shows(&report);
                prop_assert_eq!(ExtendedReportBuilder::from(report).to_vec().unwrap(), bytes);
            }
        }
    }
}
