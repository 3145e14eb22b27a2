//! ECN summary report block (RFC 6679 section 5.2).
//!
//! ```text
//! |     BT=13     |   Reserved    |   Block Length = 5 × number   |
//! |                     SSRC of Media Sender                      |  entry
//! |                        ECT (0) Counter                        |
//! |                        ECT (1) Counter                        |
//! |        ECN-CE Counter         |        not-ECT Counter        |
//! |     Lost Packets Counter      |      Duplication Counter      |
//! |                              ...                              |  more of them
//! ```

use byteorder::{BE, ByteOrder};
use core::fmt;
use core::ops::Range;

use super::BlockType;
use super::raw::{HEADER_LEN, block_header, listed};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::show::DebugList;

// Places in an entry, for reading and for writing.
const SSRC: Range<usize> = 0..4;
const ECT0: Range<usize> = 4..8;
const ECT1: Range<usize> = 8..12;
const ECN_CE: Range<usize> = 12..14;
const NOT_ECT: Range<usize> = 14..16;
const LOST: Range<usize> = 16..18;
const DUPLICATION: Range<usize> = 18..20;
const ENTRY_LEN: usize = DUPLICATION.end;

/// How the packets of each sender were marked for congestion, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct EcnSummary<'a> {
    header: &'a [u8; HEADER_LEN],
    entries: &'a [[u8; ENTRY_LEN]],
}

impl<'a> EcnSummary<'a> {
    /// Reads the block at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another block type, a block length that is not a multiple of 5, fewer bytes than it says.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("ECN summary block", bytes, Self::block)
    }

    /// The block, its length checked: after this no accessor and no iterator can fail.
    #[inline]
    pub(crate) fn block(i: &'a [u8]) -> Step<'a, Self> {
        let (rest, (header, entries)) = listed(BlockType::ECN)(i)?;
        Ok((rest, Self { header, entries }))
    }

    /// One a sender. None says only that ECN can be reported.
    #[inline]
    pub fn entries(&self) -> impl ExactSizeIterator<Item = EcnEntry> + Clone + use<'a> {
        self.entries.iter().map(EcnEntry::new)
    }
}

/// The counters of one sender since the beginning, read or to be written; they wrap at the ends of their fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EcnEntry {
    /// The media sender.
    pub ssrc: u32,
    /// Packets marked ECT(0).
    pub ect0_count: u32,
    /// Packets marked ECT(1).
    pub ect1_count: u32,
    /// Packets marked CE: the network was congested.
    pub ecn_ce_count: u16,
    /// Packets not marked.
    pub not_ect_count: u16,
    /// Packets expected less packets received.
    pub lost_packets: u16,
    /// Packets that came again.
    pub duplication: u16,
}

impl EcnEntry {
    /// Its bytes on the wire.
    pub const LEN: usize = ENTRY_LEN;

    /// Any 20 bytes are an entry.
    #[inline]
    pub fn new(bytes: &[u8; ENTRY_LEN]) -> Self {
        Self {
            ssrc: BE::read_u32(&bytes[SSRC]),
            ect0_count: BE::read_u32(&bytes[ECT0]),
            ect1_count: BE::read_u32(&bytes[ECT1]),
            ecn_ce_count: BE::read_u16(&bytes[ECN_CE]),
            not_ect_count: BE::read_u16(&bytes[NOT_ECT]),
            lost_packets: BE::read_u16(&bytes[LOST]),
            duplication: BE::read_u16(&bytes[DUPLICATION]),
        }
    }

    /// As it is on the wire.
    #[inline]
    pub fn to_bytes(self) -> [u8; ENTRY_LEN] {
        let mut bytes = [0; ENTRY_LEN];
        BE::write_u32(&mut bytes[SSRC], self.ssrc);
        BE::write_u32(&mut bytes[ECT0], self.ect0_count);
        BE::write_u32(&mut bytes[ECT1], self.ect1_count);
        BE::write_u16(&mut bytes[ECN_CE], self.ecn_ce_count);
        BE::write_u16(&mut bytes[NOT_ECT], self.not_ect_count);
        BE::write_u16(&mut bytes[LOST], self.lost_packets);
        BE::write_u16(&mut bytes[DUPLICATION], self.duplication);
        bytes
    }
}

impl fmt::Display for EcnEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ssrc={:#010x} ect0={} ect1={}", self.ssrc, self.ect0_count, self.ect1_count)?;
        write!(f, " ce={} not_ect={}", self.ecn_ce_count, self.not_ect_count)?;
        write!(f, " lost={} duplication={}", self.lost_packets, self.duplication)
    }
}

impl fmt::Display for EcnSummary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ECN")?;
        self.entries().try_for_each(|entry| write!(f, " [{entry}]"))
    }
}

impl fmt::Debug for EcnSummary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EcnSummary").field("entries", &DebugList(self.entries())).finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for EcnEntry {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(Some(7))?;
        map.serialize_entry("ssrc", &self.ssrc)?;
        map.serialize_entry("ect0_count", &self.ect0_count)?;
        map.serialize_entry("ect1_count", &self.ect1_count)?;
        map.serialize_entry("ecn_ce_count", &self.ecn_ce_count)?;
        map.serialize_entry("not_ect_count", &self.not_ect_count)?;
        map.serialize_entry("lost_packets", &self.lost_packets)?;
        map.serialize_entry("duplication", &self.duplication)?;
        map.end()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for EcnSummary<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(Some(4))?;
        super::raw::serialize_block_header(&mut map, BlockType::ECN, self.encoded_len())?;
        map.serialize_entry("entries", &crate::ser::List(self.entries()))?;
        map.end()
    }
}

/// Byte for byte as it was read.
impl Encode for EcnSummary<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        HEADER_LEN + self.entries.as_flattened().len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        *out.array()? = *self.header;
        out.bytes(self.entries.as_flattened())
    }
}

/// An [`EcnSummary`] to be written, or a view's by `From`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EcnSummaryBuilder<'a> {
    /// In wire form: from [`EcnEntry::to_bytes`], or from a view.
    pub entries: &'a [[u8; EcnEntry::LEN]],
}

impl<'a> From<EcnSummary<'a>> for EcnSummaryBuilder<'a> {
    fn from(block: EcnSummary<'a>) -> Self {
        Self { entries: block.entries }
    }
}

impl Encode for EcnSummaryBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        HEADER_LEN + self.entries.as_flattened().len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        *out.array()? = block_header(BlockType::ECN, 0, self.encoded_len())?;
        out.bytes(self.entries.as_flattened())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::vec::Vec;

    use super::*;
    use crate::error::ErrorKind;
    use crate::testing::{refuses_every_truncation, words};

    // RFC 6679 figures 3 and 4, row by row; every field another value.
    const BLOCK: [u32; 6] = [
        0x0d00_0005,
        0x0102_0304, // SSRC of media sender
        0x1112_1314, // ECT(0) counter
        0x2122_2324, // ECT(1) counter
        0x3132_4142, // ECN-CE, not-ECT counter
        0x5152_6162, // lost packets, duplication counter
    ];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(BLOCK);
        let block = EcnSummary::parse(&bytes).unwrap();
        let expected = EcnEntry {
            ssrc: 0x0102_0304,
            ect0_count: 0x1112_1314,
            ect1_count: 0x2122_2324,
            ecn_ce_count: 0x3132,
            not_ect_count: 0x4142,
            lost_packets: 0x5152,
            duplication: 0x6162,
        };
        assert!(block.entries().eq([expected]));
        assert_eq!(EcnSummaryBuilder::from(block).to_vec().unwrap(), bytes);
        assert_eq!(EcnSummaryBuilder { entries: &[expected.to_bytes()] }.to_vec().unwrap(), bytes);
        refuses_every_truncation(&bytes, EcnSummary::parse);
    }

    #[test]
    fn none_is_valid_and_a_length_that_is_no_multiple_of_five_is_not() {
        let bytes = words([0x0d00_0000]);
        assert_eq!(EcnSummary::parse(&bytes).unwrap().entries().len(), 0);
        assert_eq!(EcnSummaryBuilder::default().to_vec().unwrap(), bytes);
        let bytes = words([&[0x0d00_0006], &BLOCK[1..], &[0]].concat());
        let error = EcnSummary::parse(&bytes).unwrap_err();
        let kind = ErrorKind::Length { found: 28, have: 24 };
        assert_eq!((error.field, error.offset, error.kind), ("block length", 2, kind));
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(values in prop::collection::vec(any::<[u8; 20]>(), 0..6)) {
            let entries: Vec<_> = values.iter().map(|bytes| EcnEntry::new(bytes).to_bytes()).collect();
            prop_assert_eq!(&entries, &values);
            let bytes = EcnSummaryBuilder { entries: &entries }.to_vec().unwrap();
            let block = EcnSummary::parse(&bytes).unwrap();
            prop_assert_eq!(EcnSummaryBuilder::from(block), EcnSummaryBuilder { entries: &entries });
        }
    }
}
