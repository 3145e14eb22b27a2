//! Report block of SR and RR (RFC 3550 section 6.4.1).
//!
//! ```text
//! |                       SSRC of the source                      |
//! | fraction lost |       cumulative number of packets lost       |
//! |           extended highest sequence number received           |
//! |                      interarrival jitter                      |
//! |                         last SR (LSR)                         |
//! |                   delay since last SR (DLSR)                  |
//! ```

use byteorder::{BE, ByteOrder};
use core::fmt;
use core::ops::Range;

use crate::encode::{Encode, Sink};
use crate::error::BuildError;
use crate::ntp::NtpShort;

// Places in the block, for reading and for writing.
const SSRC: Range<usize> = 0..4;
const FRACTION_LOST: usize = 4;
const CUMULATIVE_LOST: Range<usize> = 5..8;
const HIGHEST_SEQUENCE: Range<usize> = 8..12;
const JITTER: Range<usize> = 12..16;
const LSR: Range<usize> = 16..20;
const DLSR: Range<usize> = 20..24;
const LEN: usize = DLSR.end;

/// What a receiver has to say of one source, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ReportBlock<'a>(&'a [u8; LEN]);

impl<'a> ReportBlock<'a> {
    /// Its bytes on the wire.
    pub const LEN: usize = LEN;

    /// Any 24 bytes are a report block.
    #[inline]
    pub const fn new(bytes: &'a [u8; LEN]) -> Self {
        Self(bytes)
    }

    /// The block as it is on the wire.
    #[inline]
    pub const fn as_bytes(&self) -> &'a [u8; LEN] {
        self.0
    }

    /// The source that it reports on.
    #[inline]
    pub fn ssrc(&self) -> u32 {
        BE::read_u32(&self.0[SSRC])
    }

    /// The part of the packets lost since the last report, in 1/256.
    #[inline]
    pub fn fraction_lost(&self) -> u8 {
        self.0[FRACTION_LOST]
    }

    /// Packets lost since the beginning: −8,388,608 to 8,388,607, below zero where duplicates outnumber losses.
    #[inline]
    pub fn cumulative_lost(&self) -> i32 {
        BE::read_i24(&self.0[CUMULATIVE_LOST])
    }

    /// Cycles of the sequence number in the high 16 bits, the highest sequence number received in the low.
    #[inline]
    pub fn extended_highest_sequence_number(&self) -> u32 {
        BE::read_u32(&self.0[HIGHEST_SEQUENCE])
    }

    /// Interarrival jitter, in units of the RTP timestamp (RFC 3550 section 6.4.1, appendix A.8).
    #[inline]
    pub fn jitter(&self) -> u32 {
        BE::read_u32(&self.0[JITTER])
    }

    /// LSR: the middle of the last SR's NTP timestamp; 0 if none was received.
    #[inline]
    pub fn last_sr(&self) -> NtpShort {
        NtpShort(BE::read_u32(&self.0[LSR]))
    }

    /// DLSR: from receiving that SR to sending this block; 0 if none was received.
    #[inline]
    pub fn delay_since_last_sr(&self) -> NtpShort {
        NtpShort(BE::read_u32(&self.0[DLSR]))
    }
}

impl fmt::Display for ReportBlock<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ssrc={:#010x} lost={}/256", self.ssrc(), self.fraction_lost())?;
        write!(f, " total_lost={} jitter={}", self.cumulative_lost(), self.jitter())
    }
}

impl fmt::Debug for ReportBlock<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReportBlock")
            .field("ssrc", &self.ssrc())
            .field("fraction_lost", &self.fraction_lost())
            .field("cumulative_lost", &self.cumulative_lost())
            .field("extended_highest_sequence_number", &self.extended_highest_sequence_number())
            .field("jitter", &self.jitter())
            .field("last_sr", &self.last_sr())
            .field("delay_since_last_sr", &self.delay_since_last_sr())
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for ReportBlock<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(Some(7))?;
        map.serialize_entry("ssrc", &self.ssrc())?;
        map.serialize_entry("fraction_lost", &self.fraction_lost())?;
        map.serialize_entry("cumulative_lost", &self.cumulative_lost())?;
        let highest = self.extended_highest_sequence_number();
        map.serialize_entry("extended_highest_sequence_number", &highest)?;
        map.serialize_entry("jitter", &self.jitter())?;
        map.serialize_entry("lsr", &self.last_sr().0)?;
        map.serialize_entry("dlsr", &self.delay_since_last_sr().0)?;
        map.end()
    }
}

/// The end of the JSON of SR and RR: the blocks, and what follows them.
#[cfg(feature = "serde")]
pub(crate) fn serialize_reports<'a, M: serde::ser::SerializeMap>(
    mut map: M,
    blocks: impl Iterator<Item = ReportBlock<'a>> + Clone,
    extension: &[u8],
) -> Result<M::Ok, M::Error> {
    map.serialize_entry("report_blocks", &crate::ser::List(blocks))?;
    if !extension.is_empty() {
        map.serialize_entry("profile_extensions", &crate::ser::Hex(extension))?;
    }
    map.end()
}

/// A report block to be written: `to_bytes` makes the wire form that the builders of SR and RR take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReportBlockBuilder {
    /// As [`ReportBlock::ssrc`]; every field points to its accessor so.
    pub ssrc: u32,
    /// As [`ReportBlock::fraction_lost`].
    pub fraction_lost: u8,
    /// As [`ReportBlock::cumulative_lost`]; 24 bits with sign.
    pub cumulative_lost: i32,
    /// As [`ReportBlock::extended_highest_sequence_number`].
    pub extended_highest_sequence_number: u32,
    /// As [`ReportBlock::jitter`].
    pub jitter: u32,
    /// As [`ReportBlock::last_sr`].
    pub last_sr: NtpShort,
    /// As [`ReportBlock::delay_since_last_sr`].
    pub delay_since_last_sr: NtpShort,
}

impl ReportBlockBuilder {
    /// The block as it is on the wire.
    ///
    /// # Errors
    /// A cumulative loss that does not fit 24 bits. A receiver that has lost so many sends the nearest that does.
    #[inline]
    pub fn to_bytes(&self) -> Result<[u8; ReportBlock::LEN], BuildError> {
        if !(-0x80_0000..=0x7F_FFFF).contains(&self.cumulative_lost) {
            return Err(BuildError::OutOfRange { field: "cumulative number of packets lost" });
        }
        let mut block = [0; ReportBlock::LEN];
        BE::write_u32(&mut block[SSRC], self.ssrc);
        block[FRACTION_LOST] = self.fraction_lost;
        BE::write_i24(&mut block[CUMULATIVE_LOST], self.cumulative_lost);
        BE::write_u32(&mut block[HIGHEST_SEQUENCE], self.extended_highest_sequence_number);
        BE::write_u32(&mut block[JITTER], self.jitter);
        BE::write_u32(&mut block[LSR], self.last_sr.0);
        BE::write_u32(&mut block[DLSR], self.delay_since_last_sr.0);
        Ok(block)
    }
}

impl From<ReportBlock<'_>> for ReportBlockBuilder {
    fn from(block: ReportBlock<'_>) -> Self {
        Self {
            ssrc: block.ssrc(),
            fraction_lost: block.fraction_lost(),
            cumulative_lost: block.cumulative_lost(),
            extended_highest_sequence_number: block.extended_highest_sequence_number(),
            jitter: block.jitter(),
            last_sr: block.last_sr(),
            delay_since_last_sr: block.delay_since_last_sr(),
        }
    }
}

impl Encode for ReportBlockBuilder {
    #[inline]
    fn encoded_len(&self) -> usize {
        ReportBlock::LEN
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        *out.array()? = self.to_bytes()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // RFC 3550 section 6.4.1, row by row; every field another value.
    const BLOCK: [u8; 24] = [
        0x11, 0x22, 0x33, 0x44, // SSRC
        0x55, 0xFF, 0xFF, 0xFE, // fraction lost, cumulative number of packets lost: -2
        0x00, 0x01, 0x67, 0x89, // one cycle, sequence number 0x6789
        0x00, 0x00, 0x01, 0x02, // jitter
        0xB7, 0x05, 0x20, 0x00, // LSR
        0x00, 0x05, 0x40, 0x00, // DLSR, 5.25 s
    ];

    #[test]
    fn reads_every_field() {
        let block = ReportBlock::new(&BLOCK);
        assert_eq!(block.ssrc(), 0x1122_3344);
        assert_eq!(block.fraction_lost(), 0x55);
        assert_eq!(block.cumulative_lost(), -2);
        assert_eq!(block.extended_highest_sequence_number(), 0x1_6789);
        assert_eq!(block.jitter(), 0x102);
        assert_eq!(block.last_sr(), NtpShort(0xB705_2000));
        assert_eq!(block.delay_since_last_sr(), NtpShort(0x5_4000));
        assert_eq!(block.as_bytes(), &BLOCK);
        let mut out = [0; 24];
        assert_eq!(ReportBlockBuilder::from(block).write(&mut out), Ok(24));
        assert_eq!(out, BLOCK);
    }

    #[test]
    fn cumulative_loss_is_24_bits_with_sign() {
        for (lost, ok) in
            [(-0x80_0000, true), (0x7F_FFFF, true), (-0x80_0001, false), (0x80_0000, false)]
        {
            let block = ReportBlockBuilder { cumulative_lost: lost, ..Default::default() };
            assert_eq!(block.to_bytes().is_ok(), ok, "{lost}");
            if let Ok(bytes) = block.to_bytes() {
                assert_eq!(ReportBlock::new(&bytes).cumulative_lost(), lost);
            }
        }
    }

    proptest! {
        #[test]
        fn writes_what_it_reads(bytes in any::<[u8; 24]>()) {
            let builder = ReportBlockBuilder::from(ReportBlock::new(&bytes));
            prop_assert_eq!(builder.to_bytes(), Ok(bytes));
        }
    }
}
