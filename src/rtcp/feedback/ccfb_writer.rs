//! Arrivals into CCFB packets: where a block and a packet end is chosen here (layout in ccfb.rs).

use super::ccfb::{
    BLOCK_HEAD, CcfbArrival, HEAD_LEN, MAX_METRICS, METRIC_LEN, PacketMetric, TIMESTAMP_LEN,
    write_block_head, write_head,
};
use super::order::once_in_sequence_order;
use crate::encode::Sink;
use crate::error::BuildError;
use crate::ntp::NtpShort;

/// Congestion experienced, among the ECN marks.
const CE: u8 = 3;

/// The arrivals of one stream, to be reported in as many blocks and packets as they take.
#[derive(Clone, Debug)]
pub struct CcfbStream<'a> {
    ssrc: u32,
    next: u16,
    arrivals: &'a [CcfbArrival],
}

impl<'a> CcfbStream<'a> {
    /// Of arrivals in any order, across the wrap; they are sorted in place.
    ///
    /// Of a packet that came several times the first arrival counts, with the mark CE if any of them had it.
    #[inline]
    pub fn new(ssrc: u32, arrivals: &'a mut [CcfbArrival]) -> Self {
        let number = |arrival: &CcfbArrival| arrival.sequence_number;
        let count = once_in_sequence_order(arrivals, number, number, |kept, other| {
            let congested = kept.ecn == CE || other.ecn == CE;
            if is_earlier(other.arrival, kept.arrival) {
                *kept = *other;
            }
            if congested {
                kept.ecn = CE;
            }
        });
        let arrivals = arrivals.get(..count).unwrap_or_default();
        let next = arrivals.first().map_or(0, number);
        Self { ssrc, next, arrivals }
    }

    /// Begins at `number`, which is what the last report said of [`next_sequence_number`](Self::next_sequence_number),
    /// so that packets lost before the first arrival are reported. A late arrival from before `number` stays the first.
    ///
    /// Without arrivals it is the highest number received so far, for a block without reports.
    #[inline]
    #[must_use]
    pub fn begin_at(mut self, number: u16) -> Self {
        let first = self.arrivals.first();
        if first.is_none_or(|first| first.sequence_number.wrapping_sub(number) < 0x8000) {
            self.next = number;
        }
        self
    }

    /// The number behind the last one that was reported: where the next block begins.
    #[inline]
    pub const fn next_sequence_number(&self) -> u16 {
        self.next
    }

    /// The arrivals that no packet has yet, in the order of the sequence space.
    #[inline]
    pub const fn left(&self) -> &'a [CcfbArrival] {
        self.arrivals
    }
}

/// Whether the first time is known to come before the second; a known one comes before one that is not.
#[inline]
fn is_earlier(one: Option<NtpShort>, other: Option<NtpShort>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.wrapping_sub(other).0 >= 1 << 31,
        (one, other) => one.is_some() && other.is_none(),
    }
}

/// Writes a CCFB packet out of the arrivals of one or more streams.
///
/// What does not fit stays in its stream, for the next packet, which goes on where this one stopped:
///
/// ```
/// use mediawire::ntp::NtpShort;
/// use mediawire::rtcp::{Ccfb, CcfbArrival, CcfbStream, CcfbWriter};
///
/// let at = |sequence_number, time| {
///     CcfbArrival { sequence_number, arrival: Some(NtpShort(time)), ecn: 0 }
/// };
/// let mut arrivals = [at(0, 0x8000), at(65535, 0x7800), at(2, 0x8800)];
/// let mut stream = CcfbStream::new(0x2222, &mut arrivals).begin_at(65534);
/// let mut buffer = [0; 1200];
/// while !stream.left().is_empty() {
///     let mut packet = CcfbWriter::new(&mut buffer, 0x1111, NtpShort(0x9000))?;
///     packet.push(&mut stream)?; // and the other streams
///     let packet = Ccfb::parse(packet.finish()?).unwrap();
///     let block = packet.report_blocks().next().unwrap();
///     assert_eq!((block.begin_sequence(), block.num_reports()), (65534, 5));
/// }
/// # Ok::<(), mediawire::BuildError>(())
/// ```
#[derive(Debug)]
pub struct CcfbWriter<'a> {
    out: &'a mut [u8],
    len: usize,
    sender_ssrc: u32,
    report_timestamp: NtpShort,
}

impl<'a> CcfbWriter<'a> {
    /// Writes into `out`; its length is the most that the packet may have.
    ///
    /// # Errors
    /// No room for a packet without blocks, 12 bytes.
    #[inline]
    pub fn new(
        out: &'a mut [u8],
        sender_ssrc: u32,
        report_timestamp: NtpShort,
    ) -> Result<Self, BuildError> {
        let (need, have) = (HEAD_LEN + TIMESTAMP_LEN, out.len());
        if have < need {
            return Err(BuildError::BufferTooSmall { need, have });
        }
        Ok(Self { out, len: HEAD_LEN, sender_ssrc, report_timestamp })
    }

    /// Writes a block with as much of the stream as fits, at most 16384 packets, and gives how many those are. A stream
    /// without arrivals gets a block without reports.
    ///
    /// # Errors
    /// No room for a block with one packet; an ECN mark over 3. The packet and the stream stay as they were.
    pub fn push(&mut self, stream: &mut CcfbStream<'_>) -> Result<usize, BuildError> {
        let wanted = match stream.arrivals.last() {
            Some(last) => usize::from(last.sequence_number.wrapping_sub(stream.next)) + 1,
            None => 0,
        };
        let free = self.out.get_mut(self.len..).unwrap_or_default();
        let have = free.len().saturating_sub(TIMESTAMP_LEN);
        let room = have.checked_sub(BLOCK_HEAD).map_or(0, |room| room / 4 * 2);
        let need = BLOCK_HEAD + if wanted == 0 { 0 } else { 2 * METRIC_LEN };
        if have < need {
            return Err(BuildError::BufferTooSmall { need, have });
        }
        let count = wanted.min(room).min(MAX_METRICS);
        let block_len = BLOCK_HEAD + (count * METRIC_LEN).next_multiple_of(4);
        let mut block = Sink::new(free.get_mut(..block_len).unwrap_or_default());
        write_block_head(block.array()?, stream.ssrc, stream.next, count)?;
        let metrics = block.take(block.remaining())?;
        metrics.fill(0);
        let metrics = metrics.as_chunks_mut().0.get_mut(..count).unwrap_or_default();
        let mut left = stream.arrivals;
        while let Some((arrival, rest)) = left.split_first() {
            let place = arrival.sequence_number.wrapping_sub(stream.next);
            let Some(metric) = metrics.get_mut(usize::from(place)) else { break };
            let offset = arrival_time_offset(arrival.arrival, self.report_timestamp);
            *metric = PacketMetric::new(arrival.ecn, offset)?.to_bytes();
            left = rest;
        }
        stream.next = stream.next.wrapping_add(u16::try_from(count).unwrap_or(0));
        stream.arrivals = left;
        self.len += block_len;
        Ok(count)
    }

    /// Ends the packet and gives it.
    ///
    /// # Errors
    /// More bytes than the length field can say, 262144.
    #[inline]
    pub fn finish(self) -> Result<&'a mut [u8], BuildError> {
        let len = self.len + TIMESTAMP_LEN;
        let packet = self.out.get_mut(..len).unwrap_or_default();
        let mut out = Sink::new(packet);
        write_head(&mut out, self.sender_ssrc, len, &[])?;
        out.take(self.len - HEAD_LEN)?;
        *out.array()? = self.report_timestamp.0.to_be_bytes();
        Ok(packet)
    }
}

/// ATO of an arrival, as the standard has it at the ends of its range.
#[inline]
fn arrival_time_offset(arrival: Option<NtpShort>, report_timestamp: NtpShort) -> u16 {
    let Some(arrival) = arrival else { return PacketMetric::UNAVAILABLE };
    let span = report_timestamp.wrapping_sub(arrival).0;
    if span >= 1 << 31 {
        return PacketMetric::UNAVAILABLE;
    }
    // 64/65536 s is 1/1024 s.
    u16::try_from(span >> 6).unwrap_or(u16::MAX).min(PacketMetric::OVER_RANGE)
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::vec;
    use std::vec::Vec;

    use super::*;
    use crate::encode::Encode;
    use crate::rtcp::{Ccfb, CcfbBlockBuilder, CcfbBlockList, CcfbBuilder};
    use crate::testing::words;

    fn at(sequence_number: u16, time: u32) -> CcfbArrival {
        CcfbArrival { sequence_number, arrival: Some(NtpShort(time)), ecn: 0 }
    }

    #[test]
    fn arrivals_become_the_packet_that_chromium_writes() {
        // chromium-ccfb.pcap; times by the offsets: 64/65536 s for each 1/1024 s.
        let now = 0x7452_f5bd;
        let ago = |number, offset: u32| at(number, now - 64 * offset);
        let mut first = [ago(15213, 16)];
        let mut second = [ago(6742, 0), ago(6741, 0)];
        let mut third = [ago(3159, 4), ago(3157, 19), ago(3158, 9)];
        let mut buffer = [0xEE; 60];
        let mut packet = CcfbWriter::new(&mut buffer, 0x4bd7_3ce9, NtpShort(now)).unwrap();
        for (ssrc, arrivals) in
            [(0x232c_23f0, &mut first[..]), (0x2a18_966d, &mut second), (0x43c4_ddf0, &mut third)]
        {
            let mut stream = CcfbStream::new(ssrc, arrivals);
            let count = stream.left().len();
            assert_eq!(packet.push(&mut stream), Ok(count));
            assert!(stream.left().is_empty());
        }
        let expected = words([
            0x8bcd_000c,
            0x4bd7_3ce9,
            0x232c_23f0,
            0x3b6d_0001,
            0x8010_0000,
            0x2a18_966d,
            0x1a55_0002,
            0x8000_8000,
            0x43c4_ddf0,
            0x0c55_0003,
            0x8013_8009,
            0x8004_0000,
            0x7452_f5bd,
        ]);
        assert_eq!(packet.finish().unwrap(), expected);
    }

    #[test]
    fn offsets_at_the_ends_of_their_range() {
        // RFC 8888 section 3.1: up to 8189/1024 s, then 0x1FFE; not known or in the future 0x1FFF.
        let now = NtpShort(0x10_0000);
        let offset = |time| arrival_time_offset(Some(NtpShort(time)), now);
        assert_eq!(offset(0x10_0000), 0);
        assert_eq!(offset(0x10_0000 - 63), 0);
        assert_eq!(offset(0x10_0000 - 64), 1);
        assert_eq!(offset(0x0F_8000), 512);
        assert_eq!(offset(0x10_0000 - 8189 * 64), 0x1FFD);
        assert_eq!(offset(0x10_0000 - 8190 * 64), 0x1FFE);
        assert_eq!(offset(0), 0x1FFE);
        assert_eq!(offset(0x10_0001), 0x1FFF);
        assert_eq!(arrival_time_offset(None, now), 0x1FFF);
        assert_eq!(arrival_time_offset(Some(NtpShort(0xFFFF_FFC0)), NtpShort(0)), 1);
    }

    #[test]
    fn of_several_copies_the_first_counts_and_any_congestion() {
        let copy = |time, ecn| CcfbArrival { ecn, ..at(7, time) };
        let unknown = CcfbArrival { arrival: None, ..at(7, 0) };
        let merged = |mut copies: Vec<_>| CcfbStream::new(1, &mut copies).left().to_vec();
        assert_eq!(merged(vec![copy(5, 1), copy(3, 2), copy(4, 0)]), [copy(3, 2)]);
        assert_eq!(merged(vec![copy(3, 1), copy(5, 3)]), [copy(3, 3)]);
        assert_eq!(merged(vec![copy(5, 3), copy(3, 1)]), [copy(3, 3)]);
        assert_eq!(merged(vec![unknown, copy(5, 1)]), [copy(5, 1)]);
        assert_eq!(merged(vec![copy(2, 0), copy(0xFFFF_FFFF, 1)]), [copy(0xFFFF_FFFF, 1)]);
    }

    #[test]
    fn what_does_not_fit_goes_into_the_next_packet() {
        let mut arrivals = [at(10, 0), at(11, 0), at(14, 0)];
        let mut stream = CcfbStream::new(2, &mut arrivals).begin_at(9);
        let mut buffer = [0; 27];
        // 27 bytes: head 8, block 8, two words of metrics do not fit with the timestamp.
        let mut packet = CcfbWriter::new(&mut buffer, 1, NtpShort(0)).unwrap();
        assert_eq!(packet.push(&mut stream), Ok(2));
        assert_eq!((stream.next_sequence_number(), stream.left().len()), (11, 2));
        let error = BuildError::BufferTooSmall { need: 12, have: 3 };
        assert_eq!(packet.push(&mut stream), Err(error));
        let first = packet.finish().unwrap().to_vec();
        assert_eq!(first, words([0x8bcd_0005, 1, 2, 0x0009_0002, 0x0000_8000, 0]));
        let mut packet = CcfbWriter::new(&mut buffer, 1, NtpShort(0)).unwrap();
        assert_eq!(packet.push(&mut stream), Ok(2));
        assert_eq!(
            packet.finish().unwrap(),
            words([0x8bcd_0005, 1, 2, 0x000b_0002, 0x8000_0000, 0])
        );
        assert_eq!((stream.next_sequence_number(), stream.left().len()), (13, 1));
        let error = BuildError::BufferTooSmall { need: 12, have: 11 };
        assert_eq!(CcfbWriter::new(&mut [0; 11], 1, NtpShort(0)).unwrap_err(), error);
    }

    #[test]
    fn a_stream_without_arrivals_gets_a_block_without_reports() {
        let mut stream = CcfbStream::new(2, &mut []).begin_at(77);
        let mut buffer = [0; 20];
        let mut packet = CcfbWriter::new(&mut buffer, 1, NtpShort(9)).unwrap();
        assert_eq!(packet.push(&mut stream), Ok(0));
        assert_eq!(packet.finish().unwrap(), words([0x8bcd_0004, 1, 2, 0x004d_0000, 9]));
    }

    #[test]
    fn a_block_never_has_more_than_a_quarter_of_the_space() {
        let mut arrivals = [at(0, 0), at(20_000, 0)];
        let mut stream = CcfbStream::new(2, &mut arrivals);
        let mut buffer = vec![0; 50_000];
        let mut packet = CcfbWriter::new(&mut buffer, 1, NtpShort(0)).unwrap();
        assert_eq!(packet.push(&mut stream), Ok(16_384));
        assert_eq!(packet.push(&mut stream), Ok(3_617));
        assert!(stream.left().is_empty());
    }

    #[test]
    fn an_ecn_mark_over_3_is_refused() {
        let mut arrivals = [CcfbArrival { ecn: 4, ..at(1, 0) }];
        let mut stream = CcfbStream::new(2, &mut arrivals);
        let mut buffer = [0; 100];
        let mut packet = CcfbWriter::new(&mut buffer, 1, NtpShort(0)).unwrap();
        assert_eq!(packet.push(&mut stream), Err(BuildError::OutOfRange { field: "ECN" }));
        assert_eq!(stream.left().len(), 1);
        assert_eq!(packet.finish().unwrap().len(), 12);
    }

    proptest! {
        #[test]
        fn every_arrival_is_reported_once(
            start in any::<u16>(),
            now in any::<u32>(),
            steps in prop::collection::vec((prop_oneof![9 => Just(1u16), 1 => 2u16..300], 0u32..500_000, 0u8..4), 0..60),
            mtu in 24usize..200,
            before in 0u16..40,
        ) {
            let mut number = start;
            let mut arrivals: Vec<CcfbArrival> = steps.iter().map(|&(gap, ago, ecn)| {
                number = number.wrapping_add(gap);
                CcfbArrival { ecn, ..at(number, now.wrapping_sub(ago)) }
            }).collect();
            let expected: BTreeMap<u16, CcfbArrival> =
                arrivals.iter().map(|&arrival| (arrival.sequence_number, arrival)).collect();
            arrivals.reverse();
            let begin = arrivals.last().map_or(0, |first| first.sequence_number.wrapping_sub(before));
            let mut stream = CcfbStream::new(2, &mut arrivals).begin_at(begin);
            let (mut next, mut seen) = (begin, 0);
            while !stream.left().is_empty() {
                let mut buffer = vec![0xEE; mtu];
                let mut packet = CcfbWriter::new(&mut buffer, 1, NtpShort(now)).unwrap();
                let count = packet.push(&mut stream).unwrap();
                let bytes = packet.finish().unwrap();
                let packet = Ccfb::parse(bytes).unwrap();
                let block = packet.report_blocks().next().unwrap();
                prop_assert_eq!(usize::from(block.num_reports()), count);
                for (number, arrival) in block.arrivals() {
                    prop_assert_eq!(number, next);
                    next = next.wrapping_add(1);
                    let wanted = expected.get(&number);
                    prop_assert_eq!(arrival.is_some(), wanted.is_some());
                    if let (Some(got), Some(wanted)) = (arrival, wanted) {
                        seen += 1;
                        prop_assert_eq!((got.sequence_number, got.ecn), (number, wanted.ecn));
                        let late = got.arrival.unwrap().wrapping_sub(wanted.arrival.unwrap());
                        prop_assert!(late.0 < 64, "{}", late.0);
                    }
                }
                prop_assert_eq!(stream.next_sequence_number(), next);
                let blocks = [CcfbBlockBuilder::from(block)];
                let report_blocks = CcfbBlockList::Built(&blocks);
                let again = CcfbBuilder { report_blocks, ..packet.into() };
                prop_assert_eq!(again.to_vec().unwrap(), bytes.to_vec());
            }
            prop_assert_eq!(seen, expected.len());
        }
    }
}
