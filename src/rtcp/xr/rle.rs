//! What the run length encoded blocks share: chunks, the trace they hold, and the way to make them (RFC 3611
//! section 4.1).
//!
//! ```text
//! |    BT=1, …    | rsvd. |   T   |         block length          |
//! |                        SSRC of source                         |
//! |          begin_seq            |             end_seq           |
//! |          chunk 1              |             chunk 2           |
//! :                              ...                              :
//! ```
//!
//! The trace has a bit for each reported sequence number from begin_seq up to but not with end_seq: with thinning T,
//! those are the multiples of 2^T.

use core::fmt;

use crate::error::BuildError;

/// Sixteen bits of a trace's encoding (RFC 3611 sections 4.1.1 to 4.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chunk {
    /// So many equal bits, one behind the other.
    RunLength {
        /// The bit, R.
        value: bool,
        /// How many: 1 to 16,383. 0 is against the standard but for the terminating null; it stands for no bits.
        length: u16,
    },
    /// Fifteen bits, the first of them highest.
    BitVector(u16),
    /// Fills the last word, where the number of chunks would be odd.
    TerminatingNull,
}

impl Chunk {
    /// Its two bytes read.
    #[inline]
    pub const fn from_bytes(bytes: [u8; 2]) -> Self {
        match u16::from_be_bytes(bytes) {
            0 => Self::TerminatingNull,
            chunk if chunk & 0x8000 != 0 => Self::BitVector(chunk & 0x7FFF),
            chunk => Self::RunLength { value: chunk & 0x4000 != 0, length: chunk & 0x3FFF },
        }
    }

    /// As it is on the wire; a length or a vector is cut to its width.
    #[inline]
    pub const fn to_bytes(self) -> [u8; 2] {
        let chunk = match self {
            Self::RunLength { value: false, length } => length & 0x3FFF,
            Self::RunLength { value: true, length } => 0x4000 | length & 0x3FFF,
            Self::BitVector(bits) => 0x8000 | bits & 0x7FFF,
            Self::TerminatingNull => 0,
        };
        chunk.to_be_bytes()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Chunk {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        match *self {
            Self::RunLength { value, length } => {
                map.serialize_entry("chunk", "run_length")?;
                map.serialize_entry("run_type", &u8::from(value))?;
                map.serialize_entry("run_length", &length)?;
            }
            Self::BitVector(bits) => {
                map.serialize_entry("chunk", "bit_vector")?;
                map.serialize_entry("bit_vector", &bits)?;
            }
            Self::TerminatingNull => map.serialize_entry("chunk", "terminating_null")?,
        }
        map.end()
    }
}

/// Equal bits of a trace, one behind the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RleRun {
    /// The bit.
    pub value: bool,
    /// The first sequence number that it stands for.
    pub first_sequence: u16,
    /// How many reported packets it stands for, 1 or more: with thinning T every 2^T-th sequence number.
    pub packets: u16,
}

/// Which sequence numbers a block reports on.
#[derive(Clone, Copy)]
pub(crate) struct Reported {
    /// The first of them, if there is one.
    pub(crate) first: u16,
    /// How many there are.
    pub(crate) count: u16,
    /// From one to the next.
    pub(crate) step: u16,
}

impl Reported {
    /// Those of `begin..end` that are multiples of 2^`thinning`; across the wrap where `end` is below `begin`.
    #[inline]
    pub(crate) const fn new(begin: u16, end: u16, thinning: u8) -> Self {
        let step = 1 << (thinning & 15);
        // 2^16 is a multiple of every step: the wrap changes nothing.
        let skipped = begin.wrapping_neg() & (step - 1);
        let count = match end.wrapping_sub(begin).checked_sub(skipped) {
            Some(span) => span.div_ceil(step),
            None => 0,
        };
        Self { first: begin.wrapping_add(skipped), count, step }
    }

    /// The sequence number at this place among them.
    #[inline]
    pub(crate) const fn sequence(self, index: u16) -> u16 {
        self.first.wrapping_add(self.step.wrapping_mul(index))
    }

    /// All of them, in order.
    #[inline]
    pub(crate) fn sequences(self) -> impl Iterator<Item = u16> + Clone {
        (0..self.count).map(move |index| self.sequence(index))
    }
}

/// The chunks, up to and with the terminating null; bytes behind that are none.
#[inline]
pub(crate) fn chunks(list: &[[u8; 2]]) -> impl Iterator<Item = Chunk> + Clone + use<'_> {
    let mut ended = false;
    list.iter().map_while(move |&bytes| {
        let chunk = Chunk::from_bytes(bytes);
        let is_behind = ended;
        ended |= chunk == Chunk::TerminatingNull; // and for good: every further call sees the end too
        (!is_behind).then_some(chunk)
    })
}

/// The runs of a trace, the longest possible; no further than the sequence numbers and the chunks go.
#[derive(Clone)]
pub(crate) struct Runs<'a> {
    chunks: &'a [[u8; 2]],
    /// What is left of the chunk that was begun: so many bits, of a run or the highest of a vector.
    begun: Option<(Chunk, u16)>,
    reported: Reported,
    /// How many of the reported sequence numbers lie behind.
    done: u16,
}

impl<'a> Runs<'a> {
    #[inline]
    pub(crate) const fn new(chunks: &'a [[u8; 2]], reported: Reported) -> Self {
        Self { chunks, begun: None, reported, done: 0 }
    }

    /// The equal bits at the front of the next chunk.
    #[inline]
    fn piece(&mut self) -> Option<(bool, u16)> {
        loop {
            let (chunk, left) = match self.begun.take() {
                Some(begun) => begun,
                None => {
                    let (&bytes, rest) = self.chunks.split_first()?;
                    self.chunks = rest;
                    match Chunk::from_bytes(bytes) {
                        Chunk::TerminatingNull => {
                            self.chunks = &[];
                            return None;
                        }
                        run @ Chunk::RunLength { length, .. } => (run, length),
                        Chunk::BitVector(bits) => (Chunk::BitVector(bits << 1), 15),
                    }
                }
            };
            match chunk {
                Chunk::RunLength { value, .. } if left > 0 => return Some((value, left)),
                Chunk::BitVector(bits) => {
                    let value = bits & 0x8000 != 0;
                    let equal = if value { bits.leading_ones() } else { bits.leading_zeros() };
                    let equal = u16::try_from(equal).unwrap_or(left).min(left);
                    if left > equal {
                        self.begun = Some((Chunk::BitVector(bits << equal), left - equal));
                    }
                    return Some((value, equal));
                }
                _ => {}
            }
        }
    }
}

impl Iterator for Runs<'_> {
    type Item = RleRun;

    #[inline]
    fn next(&mut self) -> Option<RleRun> {
        let left = self.reported.count - self.done;
        if left == 0 {
            return None;
        }
        let (value, mut packets) = self.piece()?;
        while packets < left {
            match self.piece() {
                Some((same, more)) if same == value => packets = packets.saturating_add(more),
                Some((other, more)) => {
                    // Back with it: a run of its own has the same bits.
                    let rest = match self.begun {
                        // A vector's piece is put back in front of what is left of the vector.
                        Some((Chunk::BitVector(bits), behind)) => {
                            let bits = bits >> more | if other { !(0xFFFF >> more) } else { 0 };
                            (Chunk::BitVector(bits), behind + more)
                        }
                        _ => (Chunk::RunLength { value: other, length: more }, more),
                    };
                    self.begun = Some(rest);
                    break;
                }
                None => break,
            }
        }
        let packets = packets.min(left);
        let first_sequence = self.reported.sequence(self.done);
        self.done += packets;
        Some(RleRun { value, first_sequence, packets })
    }
}

/// Every reported sequence number that the chunks reach, with its bit.
#[inline]
pub(crate) fn packets(
    chunks: &[[u8; 2]],
    reported: Reported,
) -> impl Iterator<Item = (u16, bool)> + Clone + use<'_> {
    Runs::new(chunks, reported).flat_map(move |run| {
        let sequences = Reported { first: run.first_sequence, count: run.packets, ..reported };
        sequences.sequences().map(move |sequence| (sequence, run.value))
    })
}

/// One bit for each sequence number.
pub(crate) struct SequenceSet([u64; 1024]);

impl SequenceSet {
    pub(crate) const fn new() -> Self {
        Self([0; 1024])
    }

    /// With all of these in it.
    pub(crate) fn of(sequences: impl IntoIterator<Item = u16>) -> Self {
        let mut set = Self::new();
        sequences.into_iter().for_each(|sequence| {
            set.insert(sequence);
        });
        set
    }

    /// Puts it in, and says whether it was new.
    #[inline]
    pub(crate) fn insert(&mut self, sequence: u16) -> bool {
        let bit = 1 << (sequence % 64);
        match self.0.get_mut(usize::from(sequence / 64)) {
            Some(word) => {
                let new = *word & bit == 0;
                *word |= bit;
                new
            }
            None => false,
        }
    }

    #[inline]
    pub(crate) fn contains(&self, sequence: u16) -> bool {
        let word = self.0.get(usize::from(sequence / 64)).copied().unwrap_or(0);
        word & 1 << (sequence % 64) != 0
    }
}

/// The fewest chunks for a trace: `bit` tells the bit of each reported sequence number. Gives the part of `room` that
/// they take.
pub(crate) fn write_chunks(
    room: &mut [[u8; 2]],
    reported: Reported,
    bit: impl Fn(u16) -> bool,
) -> Result<&[[u8; 2]], BuildError> {
    let at = |index: u16| bit(reported.sequence(index));
    let (mut done, mut written) = (0, 0);
    while done < reported.count {
        let (value, left) = (at(done), (reported.count - done).min(0x3FFF));
        let run = (1..left).find(|&ahead| at(done + ahead) != value).unwrap_or(left);
        // A vector reaches fifteen bits far, so a run has to reach at least as far, or to the end.
        let (chunk, reach) = if run >= 15 || run == reported.count - done {
            (Chunk::RunLength { value, length: run }, run)
        } else {
            let reach = (reported.count - done).min(15);
            let bits = (0..15)
                .fold(0, |bits, ahead| bits << 1 | u16::from(ahead < reach && at(done + ahead)));
            (Chunk::BitVector(bits), reach)
        };
        if let Some(place) = room.get_mut(written) {
            *place = chunk.to_bytes();
        }
        done += reach;
        written += 1;
    }
    let have = room.len();
    room.get(..written).ok_or(BuildError::BufferTooSmall { need: written * 2, have: have * 2 })
}

/// Refuses a span of 65,534 sequence numbers or more (RFC 3611 section 4.1), and a thinning that has no four bits.
pub(crate) fn check_span(begin: u16, end: u16, thinning: u8) -> Result<(), BuildError> {
    if thinning > 15 {
        return Err(BuildError::OutOfRange { field: "thinning" });
    }
    if end.wrapping_sub(begin) >= 65_534 {
        return Err(BuildError::OutOfRange { field: "end_seq" });
    }
    Ok(())
}

/// Refuses what RFC 3611 forbids among chunks: a run of no packets (section 4.1.1), and a null but as the last one, where
/// it makes their number even (section 4.1).
#[inline]
pub(crate) fn check_chunks(list: &[[u8; 2]]) -> Result<(), BuildError> {
    let filled = match list {
        [filled @ .., [0, 0]] if list.len().is_multiple_of(2) => filled,
        all => all,
    };
    // Such a run of zeros is a null.
    if filled.iter().any(|chunk| matches!(chunk, [0 | 0x40, 0])) {
        return Err(BuildError::OutOfRange { field: "chunks" });
    }
    Ok(())
}

/// `packets=40 zeros=3`, of the reported packets.
pub(crate) fn show(f: &mut fmt::Formatter<'_>, runs: Runs<'_>) -> fmt::Result {
    let (mut packets, mut zeros) = (0u32, 0u32);
    for run in runs {
        packets += u32::from(run.packets);
        zeros += if run.value { 0 } else { u32::from(run.packets) };
    }
    write!(f, " packets={packets} zeros={zeros}")
}

/// Writes the view and the builder of a run length encoded block: its type, its name in errors, the JSON keys of
/// thinning and of the two sequence numbers; then the extra flags of the header's second byte, if it has any.
macro_rules! rle_block {
    (
        $(#[$doc:meta])*
        $view:ident, $builder:ident: $block_type:ident, $what:literal, keys $keys:expr;
        $(
            $(#[$flag_doc:meta])*
            $flag:ident as $key:literal = $mask:literal;
        )*
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq)]
        pub struct $view<'a> {
            head: &'a [u8; 12],
            chunks: &'a [[u8; 2]],
        }

        impl<'a> $view<'a> {
            /// Reads the block at the front of `bytes`, header included; what follows it is ignored.
            ///
            /// # Errors
            /// Another block type, a block length below 2, fewer bytes than it says.
            #[inline]
            pub fn parse(bytes: &'a [u8]) -> Result<Self, $crate::error::ParseError> {
                $crate::error::run($what, bytes, Self::block)
            }

            /// The block, its length checked: after this no accessor and no iterator can fail.
            #[inline]
            pub(crate) fn block(i: &'a [u8]) -> $crate::error::Step<'a, Self> {
                let block_type = $crate::rtcp::xr::BlockType::$block_type;
                let (rest, (head, chunks)) = $crate::rtcp::xr::raw::listed(block_type)(i)?;
                Ok((rest, Self { head, chunks }))
            }

            $(
                $(#[$flag_doc])*
                #[inline]
                pub const fn $flag(&self) -> bool {
                    let [_, type_specific, ..] = *self.head;
                    type_specific & $mask != 0
                }
            )*

            /// T: only the sequence numbers that are multiples of 2^T are reported on; 0 to 15.
            #[inline]
            pub const fn thinning(&self) -> u8 {
                let [_, type_specific, ..] = *self.head;
                type_specific & 15
            }

            /// The source that it reports on.
            #[inline]
            pub const fn ssrc(&self) -> u32 {
                let [_, _, _, _, a, b, c, d, ..] = *self.head;
                u32::from_be_bytes([a, b, c, d])
            }

            /// The first sequence number of the range.
            #[inline]
            pub const fn begin_sequence(&self) -> u16 {
                let [.., high, low, _, _] = *self.head;
                u16::from_be_bytes([high, low])
            }

            /// The last sequence number of the range and one more; below the first where the range wraps.
            #[inline]
            pub const fn end_sequence(&self) -> u16 {
                let [.., high, low] = *self.head;
                u16::from_be_bytes([high, low])
            }

            /// The chunks, up to and with the terminating null, if there is one.
            #[inline]
            pub fn chunks(&self) -> impl Iterator<Item = Chunk> + Clone + use<'a> {
                $crate::rtcp::xr::rle::chunks(self.chunks)
            }

            /// The bits of the trace, equal ones taken together, as far as range and chunks both go.
            #[inline]
            pub fn runs(&self) -> impl Iterator<Item = RleRun> + Clone + use<'a> {
                $crate::rtcp::xr::rle::Runs::new(self.chunks, self.reported())
            }

            /// Every reported sequence number with its bit, in order, as far as range and chunks both go.
            #[inline]
            pub fn packets(&self) -> impl Iterator<Item = (u16, bool)> + Clone + use<'a> {
                $crate::rtcp::xr::rle::packets(self.chunks, self.reported())
            }

            #[inline]
            const fn reported(&self) -> $crate::rtcp::xr::rle::Reported {
                let (begin, end) = (self.begin_sequence(), self.end_sequence());
                $crate::rtcp::xr::rle::Reported::new(begin, end, self.thinning())
            }
        }

        impl core::fmt::Display for $view<'_> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, "{}", $crate::rtcp::xr::BlockType::$block_type)?;
                $(write!(f, " {}={}", stringify!($flag), self.$flag())?;)*
                write!(f, " ssrc={:#010x} thinning={}", self.ssrc(), self.thinning())?;
                write!(f, " begin={} end={}", self.begin_sequence(), self.end_sequence())?;
                $crate::rtcp::xr::rle::show(f, $crate::rtcp::xr::rle::Runs::new(self.chunks, self.reported()))
            }
        }

        impl core::fmt::Debug for $view<'_> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_struct(stringify!($view))
                    $(.field(stringify!($flag), &self.$flag()))*
                    .field("thinning", &self.thinning())
                    .field("ssrc", &self.ssrc())
                    .field("begin_sequence", &self.begin_sequence())
                    .field("end_sequence", &self.end_sequence())
                    .field("chunks", &$crate::show::DebugList(self.chunks()))
                    .finish()
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $view<'_> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use $crate::rtcp::xr::{BlockType, raw::serialize_block_header};
                use serde::ser::SerializeMap;
                let (thinning, begin, end): (&str, &str, &str) = $keys;
                let mut map = serializer.serialize_map(None)?;
                let len = $crate::encode::Encode::encoded_len(self);
                serialize_block_header(&mut map, BlockType::$block_type, len)?;
                $(map.serialize_entry($key, &self.$flag())?;)*
                map.serialize_entry(thinning, &self.thinning())?;
                map.serialize_entry("ssrc", &self.ssrc())?;
                map.serialize_entry(begin, &self.begin_sequence())?;
                map.serialize_entry(end, &self.end_sequence())?;
                map.serialize_entry("chunks", &$crate::ser::List(self.chunks()))?;
                map.end()
            }
        }

        /// Byte for byte as it was read.
        impl $crate::encode::Encode for $view<'_> {
            #[inline]
            fn encoded_len(&self) -> usize {
                self.head.len() + self.chunks.as_flattened().len()
            }

            #[inline]
            fn encode(
                &self,
                out: &mut $crate::encode::Sink<'_>,
            ) -> Result<(), $crate::error::BuildError> {
                *out.array()? = *self.head;
                out.bytes(self.chunks.as_flattened())
            }
        }

        #[doc = concat!("A [`", stringify!($view), "`] to be written, or a view's by `From`.")]
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $builder<'a> {
            $(
                #[doc = concat!("As [`", stringify!($view), "::", stringify!($flag), "`].")]
                pub $flag: bool,
            )*
            #[doc = concat!("As [`", stringify!($view), "::thinning`]; every field points to its accessor so.")]
            pub thinning: u8,
            #[doc = concat!("As [`", stringify!($view), "::ssrc`].")]
            pub ssrc: u32,
            #[doc = concat!("As [`", stringify!($view), "::begin_sequence`].")]
            pub begin_sequence: u16,
            #[doc = concat!("As [`", stringify!($view), "::end_sequence`]; at most 65,533 further on.")]
            pub end_sequence: u16,
            /// In wire form: from [`Chunk::to_bytes`], or from a view. Where their number is odd, the terminating null
            /// is added; a null elsewhere and a run of no packets are refused.
            pub chunks: &'a [[u8; 2]],
        }

        impl<'a> From<$view<'a>> for $builder<'a> {
            fn from(block: $view<'a>) -> Self {
                Self {
                    $($flag: block.$flag(),)*
                    thinning: block.thinning(),
                    ssrc: block.ssrc(),
                    begin_sequence: block.begin_sequence(),
                    end_sequence: block.end_sequence(),
                    chunks: block.chunks,
                }
            }
        }

        impl $crate::encode::Encode for $builder<'_> {
            #[inline]
            fn encoded_len(&self) -> usize {
                12 + self.chunks.as_flattened().len().next_multiple_of(4)
            }

            #[inline]
            fn encode(
                &self,
                out: &mut $crate::encode::Sink<'_>,
            ) -> Result<(), $crate::error::BuildError> {
                use $crate::rtcp::xr::{BlockType, raw::block_header};
                let (begin, end) = (self.begin_sequence, self.end_sequence);
                $crate::rtcp::xr::rle::check_span(begin, end, self.thinning)?;
                $crate::rtcp::xr::rle::check_chunks(self.chunks)?;
                let type_specific = self.thinning $(| if self.$flag { $mask } else { 0 })*;
                *out.array()? = block_header(BlockType::$block_type, type_specific, self.encoded_len())?;
                *out.array()? = self.ssrc.to_be_bytes();
                *out.array()? = begin.to_be_bytes();
                *out.array()? = end.to_be_bytes();
                let chunks = self.chunks.as_flattened();
                out.bytes(chunks)?;
                out.zeros(chunks.len() % 4)
            }
        }
    };
}

pub(crate) use rle_block;

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::vec;
    use std::vec::Vec;

    use super::*;

    /// The trace of RFC 3611 section 4.1: 45 packets, the 22nd and the 24th lost; the first is 13,821.
    const TRACE: &str = "1111 1111 1111 1111 1111 1010 1111 1111 1111 1111 1111 1";

    fn bits(text: &str) -> Vec<bool> {
        text.bytes().filter(|&byte| byte != b' ').map(|byte| byte == b'1').collect()
    }

    fn vector(text: &str) -> [u8; 2] {
        let bits = bits(text).iter().fold(0, |bits, &bit| bits << 1 | u16::from(bit));
        Chunk::BitVector(bits).to_bytes()
    }

    fn run(value: bool, length: u16) -> [u8; 2] {
        Chunk::RunLength { value, length }.to_bytes()
    }

    fn trace(chunks: &[[u8; 2]], reported: Reported) -> Vec<bool> {
        packets(chunks, reported).map(|(_, bit)| bit).collect()
    }

    #[test]
    fn a_chunk_is_told_by_its_first_bits() {
        assert_eq!(Chunk::from_bytes([0x40, 0x06]), Chunk::RunLength { value: true, length: 6 });
        assert_eq!(
            Chunk::from_bytes([0x3F, 0xFF]),
            Chunk::RunLength { value: false, length: 16_383 }
        );
        assert_eq!(Chunk::from_bytes([0x87, 0x65]), Chunk::BitVector(0x765));
        assert_eq!(Chunk::from_bytes([0, 0]), Chunk::TerminatingNull);
        for bytes in (0..=u16::MAX).map(u16::to_be_bytes) {
            assert_eq!(Chunk::from_bytes(bytes).to_bytes(), bytes);
        }
    }

    #[test]
    fn both_encodings_of_rfc_3611_give_its_trace() {
        let reported = Reported::new(13_821, 13_866, 0);
        let vectors = [
            vector("1111 1111 1111 111"),
            vector("1111 1101 0111 111"),
            vector("1111 1111 1111 111"),
            [0, 0],
        ];
        let runs = [run(true, 21), vector("0101 1111 1111 111"), run(true, 9), [0, 0]];
        assert_eq!(trace(&vectors, reported), bits(TRACE));
        assert_eq!(trace(&runs, reported), bits(TRACE));
        let seen: Vec<_> = Runs::new(&vectors, reported)
            .map(|run| (run.value, run.first_sequence, run.packets))
            .collect();
        let expected = [
            (true, 13_821, 21),
            (false, 13_842, 1),
            (true, 13_843, 1),
            (false, 13_844, 1),
            (true, 13_845, 21),
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn bits_beyond_the_range_are_ignored() {
        // The same section: the 44th is lost too, and the last vector runs five bits too far.
        let chunks =
            [run(true, 21), vector("0101 1111 1111 111"), vector("1111 1110 1000 000"), [0, 0]];
        let expected = bits("1111 1111 1111 1111 1111 1010 1111 1111 1111 1111 1110 1");
        assert_eq!(trace(&chunks, Reported::new(13_821, 13_866, 0)), expected);
    }

    #[test]
    fn thinning_reports_on_multiples_only() {
        // The same section: T=2 leaves eleven packets, of which the sixth and the eleventh are lost.
        let reported = Reported::new(13_821, 13_866, 2);
        let chunks = [vector("1111 1011 1100 000"), [0, 0]];
        let seen: Vec<_> = packets(&chunks, reported).collect();
        let sequences = [
            13_824, 13_828, 13_832, 13_836, 13_840, 13_844, 13_848, 13_852, 13_856, 13_860, 13_864,
        ];
        let expected: Vec<_> = sequences.into_iter().zip(bits("1 1 1 1 1 0 1 1 1 1 0")).collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn the_range_wraps_and_may_hold_nothing_to_report() {
        let count = |begin, end, thinning| {
            let Reported { first, count, .. } = Reported::new(begin, end, thinning);
            (first, count)
        };
        assert_eq!(count(65_530, 4, 0), (65_530, 10));
        assert_eq!(count(65_530, 4, 2), (65_532, 2)); // 65,532 and 0
        assert_eq!(count(1, 4, 2).1, 0);
        assert_eq!(count(5, 5, 0).1, 0);
        assert_eq!(count(0, 65_535, 15), (0, 2));
        assert_eq!(count(0, 65_535, 0), (0, 65_535));
    }

    #[test]
    fn chunks_end_at_the_null() {
        let list = [run(true, 2), [0, 0], run(false, 3), [0, 0]];
        assert_eq!(chunks(&list).count(), 2);
        assert_eq!(trace(&list, Reported::new(0, 10, 0)), [true, true]);
    }

    #[test]
    fn a_run_of_none_stands_for_nothing() {
        let list = [run(true, 0), run(true, 1), run(true, 0), run(false, 1)];
        assert_eq!(trace(&list, Reported::new(0, 10, 0)), [true, false]);
    }

    #[test]
    fn a_null_only_rounds_out_a_block_that_is_written() {
        let run = run(true, 3);
        for list in [&[][..], &[run], &[run, run], &[run, [0, 0]], &[run, run, run, [0, 0]]] {
            assert_eq!(check_chunks(list), Ok(()), "{list:?}");
        }
        // A run of no packets, of either kind: that of zeros is the null.
        for none in [[0x40, 0], [0, 0]] {
            for list in [&[none][..], &[none, run], &[run, run, none], &[run, run, none, none]] {
                let error = Err(BuildError::OutOfRange { field: "chunks" });
                assert_eq!(check_chunks(list), error, "{list:?}");
            }
        }
    }

    #[test]
    fn the_fewest_chunks_are_written() {
        let reported = Reported::new(13_821, 13_866, 0);
        let trace = bits(TRACE);
        let mut room = [[0; 2]; 8];
        let bit = |sequence: u16| trace[usize::from(sequence - 13_821)];
        let chunks = write_chunks(&mut room, reported, bit).unwrap();
        // The second encoding of the RFC.
        assert_eq!(chunks, [run(true, 21), vector("0101 1111 1111 111"), run(true, 9)]);
        let error = BuildError::BufferTooSmall { need: 6, have: 4 };
        assert_eq!(write_chunks(&mut room[..2], reported, bit), Err(error));
    }

    proptest! {
        #[test]
        fn any_trace_comes_back(
            begin in any::<u16>(),
            thinning in 0u8..16,
            pieces in prop::collection::vec((any::<bool>(), prop_oneof![1u16..40, 1u16..20_000]), 0..12),
        ) {
            let trace: Vec<bool> =
                pieces.iter().flat_map(|&(bit, count)| vec![bit; count.into()]).take(65_533).collect();
            let end = begin.wrapping_add(u16::try_from(trace.len()).unwrap());
            let bit = |sequence: u16| trace[usize::from(sequence.wrapping_sub(begin))];
            let reported = Reported::new(begin, end, thinning);
            let mut room = vec![[0; 2]; 5000];
            let chunks = write_chunks(&mut room, reported, bit).unwrap();
            let expected: Vec<_> = (0..trace.len())
                .map(|ahead| begin.wrapping_add(u16::try_from(ahead).unwrap()))
                .filter(|sequence| sequence % (1 << thinning) == 0)
                .map(|sequence| (sequence, bit(sequence)))
                .collect();
            prop_assert_eq!(packets(chunks, reported).collect::<Vec<_>>(), expected);
            let mut last = None;
            for run in Runs::new(chunks, reported) {
                prop_assert!(run.packets > 0 && last != Some(run.value));
                last = Some(run.value);
            }
        }

        #[test]
        fn any_chunks_give_a_trace_within_the_range(
            list in prop::collection::vec(any::<[u8; 2]>(), 0..50),
            (begin, end) in any::<(u16, u16)>(),
            thinning in 0u8..16,
        ) {
            let reported = Reported::new(begin, end, thinning);
            let runs = Runs::new(&list, reported).map(|run| usize::from(run.packets)).sum::<usize>();
            prop_assert_eq!(packets(&list, reported).count(), runs);
            prop_assert!(runs <= reported.count.into());
            // Bit by bit, without runs.
            let plain: Vec<bool> = chunks(&list).flat_map(|chunk| match chunk {
                Chunk::RunLength { value, length } => vec![value; length.into()],
                Chunk::BitVector(bits) => (0..15).map(|place| bits << place & 0x4000 != 0).collect(),
                Chunk::TerminatingNull => vec![],
            }).take(reported.count.into()).collect();
            prop_assert_eq!(trace(&list, reported), plain);
        }
    }
}
