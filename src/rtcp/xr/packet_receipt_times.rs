//! Packet receipt times report block (RFC 3611 section 4.3).
//!
//! ```text
//! |     BT=3      | rsvd. |   T   |         block length          |
//! |                        SSRC of source                         |
//! |          begin_seq            |             end_seq           |
//! |       Receipt time of packet begin_seq                        |
//! |       Receipt time of packet (begin_seq + 1) mod 65536        |
//! :                              ...                              :
//! |       Receipt time of packet (end_seq - 1) mod 65536          |
//! ```
//!
//! With thinning T there is a time for each multiple of 2^T in the range.

use byteorder::{BE, ByteOrder};
use core::fmt;
use core::ops::Range;

use super::BlockType;
use super::raw::{block_header, listed};
use super::rle::{Reported, check_span};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::show::DebugList;

// Places in the fixed part, for reading and for writing.
const TYPE_SPECIFIC: usize = 1;
const SSRC: Range<usize> = 4..8;
const BEGIN: Range<usize> = 8..10;
const END: Range<usize> = 10..12;
const HEAD_LEN: usize = END.end;

/// When packets came, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PacketReceiptTimes<'a> {
    head: &'a [u8; HEAD_LEN],
    times: &'a [[u8; 4]],
}

impl<'a> PacketReceiptTimes<'a> {
    /// Reads the block at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another block type, a block length below 2, fewer bytes than it says.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("packet receipt times block", bytes, Self::block)
    }

    /// The block, its length checked: after this no accessor and no iterator can fail.
    #[inline]
    pub(crate) fn block(i: &'a [u8]) -> Step<'a, Self> {
        let (rest, (head, times)) = listed(BlockType::PACKET_RECEIPT_TIMES)(i)?;
        Ok((rest, Self { head, times }))
    }

    /// T: only the sequence numbers that are multiples of 2^T are reported on; 0 to 15.
    #[inline]
    pub fn thinning(&self) -> u8 {
        self.head[TYPE_SPECIFIC] & 15
    }

    /// The source that it reports on.
    #[inline]
    pub fn ssrc(&self) -> u32 {
        BE::read_u32(&self.head[SSRC])
    }

    /// The first sequence number of the range.
    #[inline]
    pub fn begin_sequence(&self) -> u16 {
        BE::read_u16(&self.head[BEGIN])
    }

    /// The last sequence number of the range and one more; below the first where the range wraps.
    #[inline]
    pub fn end_sequence(&self) -> u16 {
        BE::read_u16(&self.head[END])
    }

    /// The times, in units of the RTP timestamp, from an offset of the receiver's own: as many as there are.
    #[inline]
    pub fn receipt_times(&self) -> impl ExactSizeIterator<Item = u32> + Clone + use<'a> {
        self.times.iter().map(|&time| u32::from_be_bytes(time))
    }

    /// Each reported sequence number with its time, as far as range and times both go.
    #[inline]
    pub fn packets(&self) -> impl Iterator<Item = (u16, u32)> + Clone + use<'a> {
        let (begin, end) = (self.begin_sequence(), self.end_sequence());
        Reported::new(begin, end, self.thinning()).sequences().zip(self.receipt_times())
    }
}

impl fmt::Display for PacketReceiptTimes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PRT ssrc={:#010x} thinning={}", self.ssrc(), self.thinning())?;
        write!(f, " begin={} end={}", self.begin_sequence(), self.end_sequence())?;
        write!(f, " times={}", self.times.len())
    }
}

impl fmt::Debug for PacketReceiptTimes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PacketReceiptTimes")
            .field("thinning", &self.thinning())
            .field("ssrc", &self.ssrc())
            .field("begin_sequence", &self.begin_sequence())
            .field("end_sequence", &self.end_sequence())
            .field("receipt_times", &DebugList(self.receipt_times()))
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for PacketReceiptTimes<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        let (block_type, len) = (BlockType::PACKET_RECEIPT_TIMES, self.encoded_len());
        super::raw::serialize_block_header(&mut map, block_type, len)?;
        map.serialize_entry("thinning", &self.thinning())?;
        map.serialize_entry("ssrc", &self.ssrc())?;
        map.serialize_entry("begin_sequence", &self.begin_sequence())?;
        map.serialize_entry("end_sequence", &self.end_sequence())?;
        map.serialize_entry("receipt_times", &crate::ser::List(self.receipt_times()))?;
        map.end()
    }
}

/// Byte for byte as it was read.
impl Encode for PacketReceiptTimes<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        HEAD_LEN + self.times.as_flattened().len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        *out.array()? = *self.head;
        out.bytes(self.times.as_flattened())
    }
}

/// A [`PacketReceiptTimes`] to be written, or a view's by `From`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PacketReceiptTimesBuilder<'a> {
    /// As [`PacketReceiptTimes::thinning`]; every field points to its accessor so.
    pub thinning: u8,
    /// As [`PacketReceiptTimes::ssrc`].
    pub ssrc: u32,
    /// As [`PacketReceiptTimes::begin_sequence`].
    pub begin_sequence: u16,
    /// As [`PacketReceiptTimes::end_sequence`]; at most 65,533 further on.
    pub end_sequence: u16,
    /// In wire form, big endian: one for each reported packet of the range, all of which were received.
    pub receipt_times: &'a [[u8; 4]],
}

impl<'a> From<PacketReceiptTimes<'a>> for PacketReceiptTimesBuilder<'a> {
    fn from(block: PacketReceiptTimes<'a>) -> Self {
        Self {
            thinning: block.thinning(),
            ssrc: block.ssrc(),
            begin_sequence: block.begin_sequence(),
            end_sequence: block.end_sequence(),
            receipt_times: block.times,
        }
    }
}

impl Encode for PacketReceiptTimesBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        HEAD_LEN + self.receipt_times.as_flattened().len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        check_span(self.begin_sequence, self.end_sequence, self.thinning)?;
        let reported = Reported::new(self.begin_sequence, self.end_sequence, self.thinning);
        if self.receipt_times.len() != usize::from(reported.count) {
            return Err(BuildError::OutOfRange { field: "number of receipt times" });
        }
        let (block_type, len) = (BlockType::PACKET_RECEIPT_TIMES, self.encoded_len());
        *out.array()? = block_header(block_type, self.thinning, len)?;
        *out.array()? = self.ssrc.to_be_bytes();
        *out.array()? = self.begin_sequence.to_be_bytes();
        *out.array()? = self.end_sequence.to_be_bytes();
        out.bytes(self.receipt_times.as_flattened())
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
    use crate::testing::{refuses_every_truncation, words};

    // The block of pion-rtcp-stun.pcap, frame 19. Its range would have 19 times; it has 5.
    const BLOCK: [u32; 8] = [
        0x0303_0007,
        0xbc5e_9a40,
        0x3c48_3cd9,
        0x1111_1111,
        0x2222_2222,
        0x3333_3333,
        0x4444_4444,
        0x5555_5555,
    ];

    #[test]
    fn reads_every_field_and_keeps_the_bytes() {
        let bytes = words(BLOCK);
        let block = PacketReceiptTimes::parse(&bytes).unwrap();
        assert_eq!((block.thinning(), block.ssrc()), (3, 0xbc5e_9a40));
        assert_eq!((block.begin_sequence(), block.end_sequence()), (15_432, 15_577));
        let times = [286_331_153, 572_662_306, 858_993_459, 1_145_324_612, 1_431_655_765];
        assert!(block.receipt_times().eq(times));
        let sequences = [15_432, 15_440, 15_448, 15_456, 15_464];
        assert!(block.packets().eq(sequences.into_iter().zip(times)));
        let line = "PRT ssrc=0xbc5e9a40 thinning=3 begin=15432 end=15577 times=5";
        assert_eq!(block.to_string(), line);
        assert_eq!(block.to_vec().unwrap(), bytes);
        refuses_every_truncation(&bytes, PacketReceiptTimes::parse);
    }

    #[test]
    fn refuses_a_length_without_a_range() {
        let bytes = words([0x0300_0001, 1]);
        let error = PacketReceiptTimes::parse(&bytes).unwrap_err();
        let kind = ErrorKind::Length { found: 8, have: 12 };
        assert_eq!((error.field, error.offset, error.kind), ("block length", 2, kind));
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        let times = [[0; 4]; 3];
        let three = PacketReceiptTimesBuilder {
            begin_sequence: 65_535,
            end_sequence: 2,
            receipt_times: &times,
            ..Default::default()
        };
        assert!(three.to_vec().is_ok());
        let field = "number of receipt times";
        let few = PacketReceiptTimesBuilder { end_sequence: 3, ..three };
        assert_eq!(few.to_vec(), Err(BuildError::OutOfRange { field }));
        let thinned = PacketReceiptTimesBuilder { thinning: 1, ..three };
        assert_eq!(thinned.to_vec(), Err(BuildError::OutOfRange { field }));
        let wide = PacketReceiptTimesBuilder { thinning: 16, ..three };
        assert_eq!(wide.to_vec(), Err(BuildError::OutOfRange { field: "thinning" }));
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (ssrc, begin_sequence) in any::<(u32, u16)>(),
            (span, thinning) in (0u16..500, 0u8..16),
            times in prop::collection::vec(any::<[u8; 4]>(), 500),
        ) {
            let end_sequence = begin_sequence.wrapping_add(span);
            let sequences: Vec<u16> = (0..span).map(|ahead| begin_sequence.wrapping_add(ahead))
                .filter(|sequence| sequence % (1 << thinning) == 0).collect();
            let receipt_times = &times[..sequences.len()];
            let builder = PacketReceiptTimesBuilder { thinning, ssrc, begin_sequence, end_sequence, receipt_times };
            let bytes = builder.to_vec().unwrap();
            let block = PacketReceiptTimes::parse(&bytes).unwrap();
            prop_assert_eq!(PacketReceiptTimesBuilder::from(block), builder);
            prop_assert!(block.packets().map(|(sequence, _)| sequence).eq(sequences));
        }
    }
}
