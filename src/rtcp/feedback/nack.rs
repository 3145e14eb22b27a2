//! Generic negative acknowledgement, NACK (RFC 4585 section 6.2.1).
//!
//! ```text
//! |V=2|P|  FMT=1  |    PT=205     |            length             |  raw.rs
//! |                    SSRC of packet sender                      |
//! |                    SSRC of media source                       |
//! |            PID                |             BLP               |  pairs, one or more
//! ```
//!
//! PID is a packet that was lost; bit i of BLP, counted from the lowest, tells that PID + i + 1 was lost too, in
//! 16-bit arithmetic.

use core::fmt;

use super::common::{display_start, list_format};
use super::order::in_sequence_order;
use crate::error::BuildError;

list_format! {
    /// Packets that were lost, read in place.
    view Nack, parsed by nack, named "NACK";
    /// PID and BLP as they are on the wire, one pair or more.
    list pairs: NackPair, at least 1;
    /// A NACK to be written; its pairs out of lost sequence numbers by [`NackPairs`].
    builder NackBuilder of RTPFB TransportFeedbackFormat::NACK;
}

impl<'a> Nack<'a> {
    /// The sequence numbers that were lost: those of each pair in order, pair by pair as they stand.
    #[inline]
    pub fn lost_sequence_numbers(&self) -> LostSequenceNumbers<'a> {
        LostSequenceNumbers::new(self.pairs)
    }
}

/// A packet that was lost, and which of the 16 behind it were lost too; read or to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct NackPair {
    /// PID, a sequence number that was lost.
    pub pid: u16,
    /// BLP: bit i, counted from the lowest, for PID + i + 1.
    pub blp: u16,
}

impl NackPair {
    /// Its bytes on the wire.
    pub const LEN: usize = 4;

    /// Any four bytes are a pair.
    #[inline]
    pub const fn from_bytes([a, b, c, d]: [u8; Self::LEN]) -> Self {
        Self { pid: u16::from_be_bytes([a, b]), blp: u16::from_be_bytes([c, d]) }
    }

    /// The pair as it is on the wire.
    #[inline]
    pub const fn to_bytes(self) -> [u8; Self::LEN] {
        let ([a, b], [c, d]) = (self.pid.to_be_bytes(), self.blp.to_be_bytes());
        [a, b, c, d]
    }
}

/// The sequence numbers that pairs of PID and BLP name; what [`Nack::lost_sequence_numbers`] gives.
#[derive(Clone, Debug)]
pub struct LostSequenceNumbers<'a> {
    pairs: core::slice::Iter<'a, [u8; NackPair::LEN]>,
    pid: u16,
    /// Bit i for PID + i, those that are still to be given.
    left: u32,
}

impl<'a> LostSequenceNumbers<'a> {
    #[inline]
    pub(crate) fn new(pairs: &'a [[u8; NackPair::LEN]]) -> Self {
        Self { pairs: pairs.iter(), pid: 0, left: 0 }
    }
}

impl Iterator for LostSequenceNumbers<'_> {
    type Item = u16;

    #[inline]
    fn next(&mut self) -> Option<u16> {
        if self.left == 0 {
            let NackPair { pid, blp } = NackPair::from_bytes(*self.pairs.next()?);
            (self.pid, self.left) = (pid, u32::from(blp) << 1 | 1);
        }
        let place = self.left.trailing_zeros();
        self.left &= self.left.wrapping_sub(1);
        Some(self.pid.wrapping_add(u16::try_from(place).unwrap_or(0)))
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let begun = usize::try_from(self.left.count_ones()).unwrap_or(0);
        let pairs = self.pairs.len();
        (begun + pairs, Some(begun + 17 * pairs))
    }
}

impl core::iter::FusedIterator for LostSequenceNumbers<'_> {}

/// The fewest pairs of PID and BLP that name a set of sequence numbers, in the order of the sequence space.
///
/// The space is a ring: the pairs begin behind the widest gap that the numbers leave. (Should every gap be less than
/// 17, which takes 4096 numbers all around the ring, there may be one pair more than the fewest.)
///
/// ```
/// use mediawire::{Encode, rtcp::{Nack, NackBuilder, NackPair, NackPairs}};
///
/// let mut lost = [2, 65535, 0, 100, 2];
/// let mut pairs = [[0; NackPair::LEN]; 5];
/// let pairs = NackPairs::new(&mut lost).write_into(&mut pairs)?;
/// assert_eq!(pairs.len(), 2);
/// let mut packet = [0; 20];
/// NackBuilder { sender_ssrc: 1, media_ssrc: 2, pairs, padding: &[] }.write(&mut packet)?;
/// assert!(Nack::parse(&packet).unwrap().lost_sequence_numbers().eq([65535, 0, 2, 100]));
/// # Ok::<(), mediawire::BuildError>(())
/// ```
#[derive(Clone, Debug)]
pub struct NackPairs<'a> {
    numbers: &'a [u16],
}

impl<'a> NackPairs<'a> {
    /// Out of any numbers: in any order, repeated, across the wrap. They are sorted in place.
    #[inline]
    pub fn new(numbers: &'a mut [u16]) -> Self {
        in_sequence_order(numbers, |&number| number, |&number| number);
        Self { numbers }
    }

    /// Writes the pairs to the front of `out`, as a builder takes them; there are never more pairs than numbers.
    ///
    /// # Errors
    /// More pairs than `out` holds.
    #[inline]
    pub fn write_into(
        self,
        out: &mut [[u8; NackPair::LEN]],
    ) -> Result<&[[u8; NackPair::LEN]], BuildError> {
        let (mut count, have) = (0, out.len() * NackPair::LEN);
        for pair in self {
            let place = out.get_mut(count);
            *place.ok_or(BuildError::BufferTooSmall { need: have + NackPair::LEN, have })? =
                pair.to_bytes();
            count += 1;
        }
        Ok(out.get(..count).unwrap_or_default())
    }
}

impl Iterator for NackPairs<'_> {
    type Item = NackPair;

    #[inline]
    fn next(&mut self) -> Option<NackPair> {
        let (&pid, mut rest) = self.numbers.split_first()?;
        let mut bits = 0u32;
        while let Some((number, after)) = rest.split_first() {
            let distance = number.wrapping_sub(pid);
            if distance > 16 {
                break;
            }
            bits |= 1 << distance;
            rest = after;
        }
        self.numbers = rest;
        // Bit 0 is PID itself, repeated.
        Some(NackPair { pid, blp: u16::try_from(bits >> 1).unwrap_or(0) })
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (usize::from(!self.numbers.is_empty()), Some(self.numbers.len()))
    }
}

impl core::iter::FusedIterator for NackPairs<'_> {}

/// `NACK sender=0x00000001 media=0x00000002 lost=65535,0`.
impl fmt::Display for Nack<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display_start(f, &self.common)?;
        display_lost(f, self.lost_sequence_numbers())
    }
}

/// The lost numbers at the end of a line.
pub(crate) fn display_lost(
    f: &mut fmt::Formatter<'_>,
    lost: LostSequenceNumbers<'_>,
) -> fmt::Result {
    f.write_str(" lost=")?;
    lost.enumerate().try_for_each(|(place, number)| {
        f.write_str(if place == 0 { "" } else { "," })?;
        write!(f, "{number}")
    })
}

#[cfg(feature = "serde")]
mod json {
    use serde::ser::{Serialize, SerializeMap, Serializer};

    use super::{Nack, NackPair};
    use crate::rtcp::feedback::common::serialize_start;
    use crate::ser::List;

    impl Serialize for Nack<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            serialize_start(&mut map, &self.common)?;
            map.serialize_entry("nacks", &List(self.pairs()))?;
            map.serialize_entry("lost_sequence_numbers", &List(self.lost_sequence_numbers()))?;
            map.end()
        }
    }

    impl Serialize for NackPair {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(Some(2))?;
            map.serialize_entry("pid", &self.pid)?;
            map.serialize_entry("blp", &self.blp)?;
            map.end()
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::collections::BTreeSet;
    use std::string::ToString;
    use std::vec;
    use std::vec::Vec;

    use super::*;
    use crate::encode::Encode;
    use crate::error::ErrorKind;
    use crate::testing::{PADDINGS, refuses_every_truncation, words};

    // pion-rtcp-stun.pcap; its text names the bits of BLP that are set.
    const NACK: [u32; 7] = [
        0x81cd_0006, // V=2 P=0 FMT=1 PT=205 length=2+4
        0x902f_9e2e, // SSRC of packet sender
        0xbc5e_9a40, // SSRC of media source
        0xfffa_0178, // PID 65530, BLP 101111000
        0x0064_c000, // PID 100, BLP 1100000000000000
        0x0075_0000, // PID 117
        0x0fa0_0000, // PID 4000
    ];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(NACK);
        let packet = Nack::parse(&bytes).unwrap();
        assert_eq!((packet.sender_ssrc(), packet.media_ssrc()), (0x902f_9e2e, 0xbc5e_9a40));
        let pairs: Vec<_> = packet.pairs().collect();
        assert_eq!(pairs[0], NackPair { pid: 65530, blp: 0b1_0111_1000 });
        assert_eq!(pairs[3], NackPair { pid: 4000, blp: 0 });
        // 65530, then bits 3, 4, 5, 6 and 8; 100, then bits 14 and 15.
        let lost = [65530, 65534, 65535, 0, 1, 3, 100, 115, 116, 117, 4000];
        assert!(packet.lost_sequence_numbers().eq(lost));
        let line = "NACK sender=0x902f9e2e media=0xbc5e9a40 \
                    lost=65530,65534,65535,0,1,3,100,115,116,117,4000";
        assert_eq!(packet.to_string(), line);
        assert_eq!(NackBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn pid_65535_and_the_lowest_bit_name_0() {
        let bytes = words([0x81cd_0003, 1, 2, 0xffff_0001]);
        assert!(Nack::parse(&bytes).unwrap().lost_sequence_numbers().eq([65535, 0]));
        let all = words([0x81cd_0003, 1, 2, 0xfff8_ffff]);
        let lost: Vec<_> = Nack::parse(&all).unwrap().lost_sequence_numbers().collect();
        assert_eq!((lost.len(), lost[0], lost[8], lost[16]), (17, 0xfff8, 0, 8));
    }

    #[test]
    fn packets_of_chromium_and_gstreamer() {
        // chromium-vp8-simulcast.pcap, gst-avpf-h264-opus-nack-rtx.pcap; the numbers are tshark's.
        let bytes = words([0x81cd_0003, 1, 0x1603_e6d4, 0x5355_0000]);
        assert!(Nack::parse(&bytes).unwrap().lost_sequence_numbers().eq([21333]));
        let bytes = words([0x81cd_0003, 0x3811_7c3e, 0xec12_246a, 0x1e2a_00f7]);
        let lost = [7722, 7723, 7724, 7725, 7727, 7728, 7729, 7730];
        assert!(Nack::parse(&bytes).unwrap().lost_sequence_numbers().eq(lost));
    }

    #[test]
    fn padding_is_no_pair() {
        let bytes = words([0xa1cd_0004, 1, 2, 0x0007_0000, 0x0000_0004]);
        let packet = Nack::parse(&bytes).unwrap();
        assert!(packet.lost_sequence_numbers().eq([7]));
        assert_eq!(packet.padding(), [0, 0, 0, 4]);
        assert_eq!(NackBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn refuses_what_is_not_a_nack() {
        refuses_every_truncation(&words(NACK), Nack::parse);
        let refused = |bytes: &[u32]| {
            let error = Nack::parse(&words(bytes)).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let kind = ErrorKind::Length { found: 0, have: 4 };
        assert_eq!(refused(&[0x81cd_0002, 1, 2]), ("pairs", 12, kind));
        // Padding of 3 bytes leaves a pair and one byte.
        let kind = ErrorKind::Length { found: 5, have: 4 };
        assert_eq!(refused(&[0xa1cd_0004, 1, 2, 3, 3]), ("pairs", 16, kind));
        let kind = ErrorKind::Value { found: 7 };
        assert_eq!(refused(&[0x87cd_0003, 1, 2, 3]), ("format", 0, kind));
        let none = NackBuilder::default().to_vec();
        assert_eq!(none, Err(BuildError::OutOfRange { field: "pairs" }));
    }

    #[test]
    fn numbers_unsorted_repeated_and_across_the_wrap_become_the_fewest_pairs() {
        let pairs = |mut numbers: Vec<u16>| {
            NackPairs::new(&mut numbers).map(|pair| (pair.pid, pair.blp)).collect::<Vec<_>>()
        };
        assert_eq!(pairs(vec![0, 65535]), [(65535, 1)]);
        assert_eq!(pairs(vec![3, 1, 2, 2, 1]), [(1, 0b11)]);
        assert_eq!(pairs(vec![17, 1]), [(1, 0x8000)]);
        assert_eq!(pairs(vec![18, 1]), [(1, 0), (18, 0)]);
        assert!(pairs(vec![]).is_empty());
        // The numbers of pion's packet above: the last of its pairs but one was one too many.
        let numbers = vec![4000, 117, 116, 115, 100, 3, 1, 0, 65535, 65534, 65530];
        let fewest = [(65530, 0x0178), (100, 0xc000), (117, 0), (4000, 0)];
        assert_eq!(pairs(numbers), fewest);
    }

    #[test]
    fn pairs_that_do_not_fit_are_refused() {
        let mut numbers = [1, 100];
        let error = BuildError::BufferTooSmall { need: 8, have: 4 };
        let mut out = [[0; 4]];
        assert_eq!(NackPairs::new(&mut numbers).write_into(&mut out), Err(error));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn its_json_is_that_of_the_inspector() {
        let bytes = words([0x81cd_0003, 1, 2, 0xffff_0001]);
        let json = r#"{"version":2,"padding":false,"packet_type":205,"length":3,"padding_size":0,"type":"nack","fmt":1,"sender_ssrc":1,"media_ssrc":2,"nacks":[{"pid":65535,"blp":1}],"lost_sequence_numbers":[65535,0]}"#;
        assert_eq!(serde_json::to_string(&Nack::parse(&bytes).unwrap()).unwrap(), json);
    }

    /// The fewest pairs, found by trying every number as the one to begin with.
    fn fewest(numbers: &BTreeSet<u16>) -> usize {
        let ring: Vec<u16> = numbers.iter().copied().collect();
        let from = |start: usize| {
            let (mut pairs, mut covered) = (0, None::<u16>);
            for &number in ring[start..].iter().chain(&ring[..start]) {
                if covered.is_none_or(|pid| number.wrapping_sub(pid) > 16) {
                    (pairs, covered) = (pairs + 1, Some(number));
                }
            }
            pairs
        };
        (0..ring.len()).map(from).min().unwrap_or(0)
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (sender_ssrc, media_ssrc) in any::<(u32, u32)>(),
            pairs in prop::collection::vec(any::<[u8; 4]>(), 1..8),
            padding in prop::sample::select(PADDINGS),
        ) {
            let builder = NackBuilder { sender_ssrc, media_ssrc, pairs: &pairs, padding };
            let bytes = builder.to_vec().unwrap();
            let packet = Nack::parse(&bytes).unwrap();
            prop_assert_eq!(NackBuilder::from(packet), builder);
            // A pair names its PID, and up to 16 more.
            let bounds = (pairs.len(), Some(17 * pairs.len()));
            prop_assert_eq!(packet.lost_sequence_numbers().size_hint(), bounds);
            let (mut left, mut lost) = (packet.lost_sequence_numbers().count(), packet.lost_sequence_numbers());
            while lost.next().is_some() {
                left -= 1;
                let (least, most) = lost.size_hint();
                prop_assert!(least <= left && most.unwrap() >= left);
            }
        }

        #[test]
        fn pairs_name_the_numbers_and_are_the_fewest(
            start in any::<u16>(),
            mut numbers in prop::collection::vec(prop_oneof![0u16..60, 0u16..2000, any::<u16>()], 0..80),
        ) {
            numbers.iter_mut().for_each(|number| *number = number.wrapping_add(start));
            let wanted: BTreeSet<u16> = numbers.iter().copied().collect();
            let mut out = [[0; 4]; 80];
            let bounds = (usize::from(!numbers.is_empty()), Some(numbers.len()));
            prop_assert_eq!(NackPairs::new(&mut numbers).size_hint(), bounds);
            let pairs = NackPairs::new(&mut numbers).write_into(&mut out).unwrap();
            let named: Vec<u16> = LostSequenceNumbers::new(pairs).collect();
            prop_assert_eq!(pairs.len(), fewest(&wanted));
            prop_assert_eq!(named.len(), wanted.len());
            prop_assert_eq!(named.into_iter().collect::<BTreeSet<_>>(), wanted);
        }
    }
}
