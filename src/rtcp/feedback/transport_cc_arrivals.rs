//! Arrivals into transport-cc packets: the chunks are chosen here, and where a packet ends (layout in
//! transport_cc.rs).

use byteorder::{BE, ByteOrder};

use super::common::{START_LEN, write_start};
use super::order::once_in_sequence_order;
use super::transport_cc::{
    BASE_SEQUENCE_NUMBER, CHUNK_LEN, DELTA_US, DELTAS_PER_REFERENCE, FEEDBACK_PACKET_COUNT,
    FIXED_LEN, FORMAT, MAX_RUN, ONE_BIT, PACKET_STATUS_COUNT, REFERENCE_TIME, TWO_BIT,
};
use crate::encode::Sink;
use crate::error::BuildError;

/// The bytes before the chunks.
const HEAD_LEN: usize = START_LEN + FIXED_LEN;

/// Arrivals to be reported, in as many transport-cc packets as they take.
///
/// A packet ends before an arrival that does not fit any more: by the room for it, or by a delta of more than 8.19 s.
/// The next one goes on at the sequence number behind the last one reported, so that no lost packet is left out.
///
/// Each chunk covers as many packets as one chunk can.
///
/// ```
/// use mediawire::rtcp::{TransportCc, TransportCcArrivals};
///
/// // Sequence numbers as they came, with the time in µs; 65535 was never received.
/// let mut arrivals = [(65534, 2_000_000), (1, 2_003_000), (0, 2_003_500)];
/// let mut report = TransportCcArrivals::new(0x1111, 0x2222, &mut arrivals).begin_at(65533);
/// let mut packet = [0; 1200];
/// while let Some(part) = report.write_next(&mut packet)? {
///     let packet = TransportCc::parse(&packet[..part.len]).unwrap();
///     let expected = [
///         (65533, None),
///         (65534, Some(2_000_000)),
///         (65535, None),
///         (0, Some(2_003_500)),
///         (1, Some(2_003_000)),
///     ];
///     assert!(packet.arrivals().eq(expected));
/// }
/// assert_eq!(report.next_sequence_number(), 2);
/// # Ok::<(), mediawire::BuildError>(())
/// ```
#[derive(Clone, Debug)]
pub struct TransportCcArrivals<'a> {
    /// As [`TransportCc::sender_ssrc`](super::TransportCc::sender_ssrc).
    pub sender_ssrc: u32,
    /// As [`TransportCc::media_ssrc`](super::TransportCc::media_ssrc).
    pub media_ssrc: u32,
    /// As [`TransportCc::feedback_packet_count`](super::TransportCc::feedback_packet_count), of the next packet: each
    /// one written counts it up.
    pub feedback_packet_count: u8,
    next: u16,
    arrivals: &'a [(u16, i64)],
}

/// What one packet of [`TransportCcArrivals`] holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransportCcPart {
    /// The packet's bytes.
    pub len: usize,
    /// As [`TransportCc::base_sequence_number`](super::TransportCc::base_sequence_number).
    pub base_sequence_number: u16,
    /// As [`TransportCc::packet_status_count`](super::TransportCc::packet_status_count).
    pub packet_status_count: u16,
}

impl<'a> TransportCcArrivals<'a> {
    /// Of sequence numbers and arrival times in µs, in any order, across the wrap; they are sorted in place. Of a
    /// number that comes several times the earliest arrival counts.
    ///
    /// Times count from where the caller likes, the same for all feedback of this sender; they are rounded to 250 µs.
    #[inline]
    pub fn new(sender_ssrc: u32, media_ssrc: u32, arrivals: &'a mut [(u16, i64)]) -> Self {
        let number = |arrival: &(u16, i64)| arrival.0;
        let count = once_in_sequence_order(arrivals, number, |&arrival| arrival, |_, _| ());
        let arrivals = arrivals.get(..count).unwrap_or_default();
        let next = arrivals.first().map_or(0, |arrival| arrival.0);
        Self { sender_ssrc, media_ssrc, feedback_packet_count: 0, next, arrivals }
    }

    /// Begins at `number`, which is what the last report said of [`next_sequence_number`](Self::next_sequence_number),
    /// so that packets lost before the first arrival are reported. A late arrival from before `number` stays the first.
    #[inline]
    #[must_use]
    pub fn begin_at(mut self, number: u16) -> Self {
        let before = self.arrivals.first().map_or(0, |arrival| arrival.0.wrapping_sub(number));
        if self.arrivals.is_empty() || before < 0x8000 {
            self.next = number;
        }
        self
    }

    /// The number behind the last one that was reported: where the next packet begins.
    #[inline]
    pub const fn next_sequence_number(&self) -> u16 {
        self.next
    }

    /// The arrivals that no packet has yet, in the order of the sequence space.
    #[inline]
    pub const fn left(&self) -> &'a [(u16, i64)] {
        self.arrivals
    }

    /// Writes the next packet to the front of `out`, whose length is the most that the packet may have; `None` when all
    /// arrivals are reported. What lies behind the packet is used for the work.
    ///
    /// # Errors
    /// No room for a packet with one arrival; nothing is used up then.
    pub fn write_next(&mut self, out: &mut [u8]) -> Result<Option<TransportCcPart>, BuildError> {
        let Some(&(_, first)) = self.arrivals.first() else { return Ok(None) };
        let have = out.len();
        let reference = ticks(first).div_euclid(DELTAS_PER_REFERENCE);
        let body = out.get_mut(HEAD_LEN..).unwrap_or_default();
        let packed = match self.pack(body, reference, self.arrivals.len()) {
            // Once more with as many as fit, for their last chunk is another one.
            Err(full) if full.reported > 0 => self.pack(body, reference, full.reported),
            packed => packed,
        };
        let Packed { len, next, count, reported } = packed
            .map_err(|full| BuildError::BufferTooSmall { need: HEAD_LEN + full.need, have })?;

        let (base, len) = (self.next, HEAD_LEN + len);
        let mut out = Sink::new(out.get_mut(..len).unwrap_or_default());
        write_start(&mut out, FORMAT, (self.sender_ssrc, self.media_ssrc), len, &[])?;
        let fixed = out.array::<FIXED_LEN>()?;
        BE::write_u16(&mut fixed[BASE_SEQUENCE_NUMBER], base);
        BE::write_u16(&mut fixed[PACKET_STATUS_COUNT], count);
        let [.., a, b, c] = reference.to_be_bytes();
        fixed[REFERENCE_TIME].copy_from_slice(&[a, b, c]);
        fixed[FEEDBACK_PACKET_COUNT] = self.feedback_packet_count;

        (self.next, self.arrivals) = (next, self.arrivals.get(reported..).unwrap_or_default());
        self.feedback_packet_count = self.feedback_packet_count.wrapping_add(1);
        Ok(Some(TransportCcPart { len, base_sequence_number: base, packet_status_count: count }))
    }

    /// Writes chunks, deltas and fill of the first arrivals, at most `most` of them.
    fn pack(&self, out: &mut [u8], reference: i64, most: usize) -> Result<Packed, Full> {
        let room = out.len() / 4 * 4;
        let mut body = Packing::new(out);
        let (mut time, mut next) = (reference * DELTAS_PER_REFERENCE, self.next);
        let (mut count, mut reported) = (0u32, 0);
        for &(number, arrival) in self.arrivals.get(..most).unwrap_or_default() {
            let now = ticks(arrival);
            let Ok(delta) = i16::try_from(now - time) else { break };
            let small = u8::try_from(delta);
            let gap = number.wrapping_sub(next);
            body.push_lost(gap);
            body.push(if small.is_ok() { SMALL } else { LARGE });
            let need = body.len() + if small.is_ok() { 1 } else { 2 };
            count += u32::from(gap) + 1;
            if need > room || count > u32::from(u16::MAX) {
                return Err(Full { reported, need: need.next_multiple_of(4) });
            }
            match small {
                Ok(delta) => body.delta([delta]),
                Err(_) => body.delta(delta.to_be_bytes()),
            }
            (time, next) = (now, number.wrapping_add(1));
            reported += 1;
        }
        let count = u16::try_from(count).unwrap_or(u16::MAX);
        Ok(Packed { len: body.finish(), next, count, reported })
    }
}

/// What [`TransportCcArrivals::pack`] wrote.
struct Packed {
    /// Bytes.
    len: usize,
    /// The number behind the last one reported.
    next: u16,
    /// Packets, received or not.
    count: u16,
    /// Arrivals.
    reported: usize,
}

/// The packet ends before an arrival.
struct Full {
    /// Arrivals that fit.
    reported: usize,
    /// Bytes that one more takes.
    need: usize,
}

/// A time in µs to the nearest 250 µs.
#[inline]
const fn ticks(time_us: i64) -> i64 {
    time_us.saturating_add(DELTA_US / 2).div_euclid(DELTA_US)
}

const LOST: u32 = 0;
const SMALL: u32 = 1;
const LARGE: u32 = 2;

/// Bit 2i goes to bit i: symbols of two bits, none of them 2, become symbols of one.
#[inline]
const fn gathered(bits: u32) -> u32 {
    let bits = (bits | bits >> 1) & 0x3333_3333;
    let bits = (bits | bits >> 2) & 0x0F0F_0F0F;
    let bits = (bits | bits >> 4) & 0x00FF_00FF;
    (bits | bits >> 8) & 0xFFFF
}

/// As many bits, the lowest ones.
#[inline]
const fn low_bits(count: u32) -> u32 {
    match u32::MAX.checked_shr(u32::BITS.saturating_sub(count)) {
        Some(bits) => bits,
        None => 0,
    }
}

/// Packs symbols into chunks, from the front of the room, and their deltas behind them.
struct Packing<'a> {
    /// Until the number of chunks is known, the deltas wait at the end of the room, last one first.
    room: &'a mut [u8],
    /// Bytes of deltas.
    deltas: usize,
    /// Chunks that are done. It counts on where there is no room for them.
    chunks: usize,
    /// Symbols that are in no chunk yet, two bits each, the last one lowest: at most 14, or a run.
    bits: u32,
    /// How many of them.
    pending: u16,
    /// They are all the same.
    same: bool,
    /// One of them is a large delta.
    large: bool,
}

impl<'a> Packing<'a> {
    #[inline]
    fn new(room: &'a mut [u8]) -> Self {
        Self { room, deltas: 0, chunks: 0, bits: 0, pending: 0, same: true, large: false }
    }

    /// The bytes of all chunks, once the last one is done, and of the deltas.
    #[inline]
    fn len(&self) -> usize {
        (self.chunks + usize::from(self.pending > 0)) * CHUNK_LEN + self.deltas
    }

    /// The next delta, for which there is room.
    #[inline]
    fn delta<const N: usize>(&mut self, mut bytes: [u8; N]) {
        let free = self.room.len().saturating_sub(self.deltas);
        let free = self.room.get_mut(..free).unwrap_or_default();
        if let Some(place) = free.last_chunk_mut() {
            bytes.reverse();
            *place = bytes;
        }
        self.deltas += N;
    }

    /// Many packets that were not received.
    #[inline]
    fn push_lost(&mut self, mut count: u16) {
        while count > 0 {
            let run = self.same && (self.pending == 0 || self.bits & 3 == LOST);
            let more = if run { count.min(MAX_RUN - self.pending) } else { 0 };
            if more > 0 {
                (self.bits, self.large) = (0, false);
                self.pending += more;
                count -= more;
            } else {
                self.push(LOST);
                count -= 1;
            }
        }
    }

    /// The next symbol. In line, with what is rare out of line: this runs for each packet.
    #[inline(always)]
    fn push(&mut self, symbol: u32) {
        if !self.takes(symbol) {
            self.chunk();
        }
        self.same = self.pending == 0 || self.same && self.bits & 3 == symbol;
        self.large |= symbol == LARGE;
        self.bits = self.bits << 2 | symbol;
        self.pending += 1;
    }

    /// Whether one chunk can still hold the pending symbols and this one.
    #[inline]
    fn takes(&self, symbol: u32) -> bool {
        let Self { bits, pending, same, large, .. } = *self;
        pending < TWO_BIT
            || pending < ONE_BIT && !large && symbol != LARGE
            || pending < MAX_RUN && same && bits & 3 == symbol
    }

    /// Makes a chunk of the first of the pending symbols: of as many as one can hold.
    #[inline(never)]
    fn chunk(&mut self) {
        let Self { bits, pending, same, .. } = *self;
        if same || pending == ONE_BIT {
            return self.last_chunk();
        }
        // A run at the front may be longer than the 7 symbols of a vector of two bits.
        let places = 2 * u32::from(pending);
        let first = bits >> places.saturating_sub(2);
        let differs = bits ^ ((first * 0x5555_5555) & low_bits(places));
        let run = (differs.leading_zeros() + places).saturating_sub(u32::BITS) / 2;
        let rest = if run > u32::from(TWO_BIT) {
            self.write(0, first << 13 | run);
            places - 2 * run
        } else {
            let rest = places.saturating_sub(2 * u32::from(TWO_BIT));
            self.write(0xC000, bits >> rest);
            rest
        };
        let bits = bits & low_bits(rest);
        (self.bits, self.pending) = (bits, u16::try_from(rest / 2).unwrap_or(0));
        self.large = bits & 0xAAAA_AAAA != 0;
        self.same = bits == ((bits & 3) * 0x5555_5555) & low_bits(rest);
    }

    /// Makes a chunk of all pending symbols.
    #[inline]
    fn last_chunk(&mut self) {
        let Self { bits, pending, same, .. } = *self;
        if same {
            self.write(0, (bits & 3) << 13 | u32::from(pending));
        } else if pending <= TWO_BIT {
            self.write(0xC000, bits << (2 * (TWO_BIT - pending)));
        } else {
            self.write(0x8000, gathered(bits) << ONE_BIT.saturating_sub(pending));
        }
        (self.bits, self.pending, self.same, self.large) = (0, 0, true, false);
    }

    #[inline]
    fn write(&mut self, kind: u16, bits: u32) {
        let free = self.room.len().saturating_sub(self.deltas);
        let free = self.room.get_mut(..free).unwrap_or_default().as_chunks_mut().0;
        if let Some(chunk) = free.get_mut(self.chunks) {
            *chunk = (kind | u16::try_from(bits).unwrap_or(0)).to_be_bytes();
        }
        self.chunks += 1;
    }

    /// Ends the chunks, moves the deltas behind them, fills up with zeros and gives the bytes of it all.
    fn finish(mut self) -> usize {
        if self.pending > 0 {
            self.last_chunk();
        }
        let Self { deltas, chunks, .. } = self;
        let chunks = chunks * CHUNK_LEN;
        let start = self.room.len().saturating_sub(deltas);
        self.room.get_mut(start..).unwrap_or_default().reverse();
        if chunks <= start {
            self.room.copy_within(start.., chunks);
        }
        let len = (chunks + deltas).next_multiple_of(4);
        self.room.get_mut(chunks + deltas..len).unwrap_or_default().fill(0);
        len
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::vec;
    use std::vec::Vec;

    use super::*;
    use crate::rtcp::{PacketStatus, TransportCc, TransportCcBuilder};
    use crate::testing::unhex;
    use PacketStatus::{LargeDelta as Large, NotReceived as Lost, SmallDelta as Small};

    fn statuses(bytes: &[u8]) -> Vec<(u16, PacketStatus)> {
        TransportCc::parse(bytes).unwrap().statuses().collect()
    }

    /// All packets of a report, each no longer than `mtu`.
    fn written(mut report: TransportCcArrivals<'_>, mtu: usize) -> Vec<Vec<u8>> {
        let mut packets = Vec::new();
        let mut out = vec![0xEE; mtu];
        let (mut next, mut number) = (report.next_sequence_number(), report.feedback_packet_count);
        while let Some(part) = report.write_next(&mut out).unwrap() {
            let packet = TransportCc::parse(&out[..part.len]).unwrap();
            assert_eq!(packet.header().packet_len(), part.len);
            assert_eq!(part.base_sequence_number, next);
            assert_eq!(packet.base_sequence_number(), next);
            assert_eq!(packet.packet_status_count(), part.packet_status_count);
            assert_eq!(packet.feedback_packet_count(), number);
            assert!(packet.fill().len() < 4 && packet.fill().iter().all(|&byte| byte == 0));
            next = next.wrapping_add(part.packet_status_count);
            assert_eq!(report.next_sequence_number(), next);
            number = number.wrapping_add(1);
            packets.push(out[..part.len].to_vec());
        }
        assert_eq!(report.left(), []);
        packets
    }

    #[test]
    fn arrivals_become_the_chunks_that_chromium_writes() {
        // Every packet of another shape of the Chromium captures, without what follows the deltas.
        let packets = [
            "8fcd000afa17fa17a4dba2d70001001600b75300bfde20081237002d00290e08110008000e08000e000d0001",
            "8fcd0009fa17fa1720981a0a00140011004bbc02bbff2003311a001300110d1d1603210c12090517",
            "afcd0006fa17fa1705a3288b00ba0006004bce15d1547f501f290801",
            "afcd0008fa17fa175b01f1aa0029000c00a6d106affc141500110011080d0e0a52000003",
            "afcd000bfa17fa172aebe9f90012001700a6d0059fff2009220d09000f000d15151500000e0b0e0d0e0800000d150002",
            "8fcd00063fae626fe6938d03002d000700a63e06c555b703004d0b48",
            "afcd0006b8e77f2d64f3e2fd00110005004a0602c550b73550500002",
            "afcd0006fa17fa17984d7fbc00030004005cfa012004c24f544d0002",
            "8fcd0005fa17fa178f2e7958002f000400b75704c140713e",
        ];
        for hex in packets {
            let bytes = unhex(hex);
            let packet = TransportCc::parse(&bytes).unwrap();
            let mut arrivals: Vec<_> =
                packet.arrivals().filter_map(|(number, time)| Some((number, time?))).collect();
            arrivals.reverse();
            let (sender, media) = (packet.sender_ssrc(), packet.media_ssrc());
            let mut report = TransportCcArrivals::new(sender, media, &mut arrivals)
                .begin_at(packet.base_sequence_number());
            report.feedback_packet_count = packet.feedback_packet_count();
            let again = &written(report, 1200)[0];
            let again = TransportCcBuilder::from(TransportCc::parse(again).unwrap());
            assert_eq!(
                again,
                TransportCcBuilder { fill: again.fill, padding: &[], ..packet.into() }
            );
        }
    }

    #[test]
    fn what_does_not_fit_goes_into_further_packets() {
        // 9 s between the second and the third: more than a delta holds.
        let mut arrivals = [(10, 0), (11, 1_000), (14, 9_001_000)];
        let packets = written(TransportCcArrivals::new(1, 2, &mut arrivals), 1200);
        let got: Vec<Vec<_>> = packets
            .iter()
            .map(|bytes| TransportCc::parse(bytes).unwrap().arrivals().collect())
            .collect();
        let first = vec![(10, Some(0)), (11, Some(1_000))];
        let second = vec![(12, None), (13, None), (14, Some(9_001_000))];
        assert_eq!(got, [first, second]);
        // The least room: 20 bytes, a chunk, a delta, up to the boundary.
        let mut arrivals = [(10, 0), (11, 1_000), (12, 2_000), (13, 3_000)];
        let mut report = TransportCcArrivals::new(1, 2, &mut arrivals);
        let error = BuildError::BufferTooSmall { need: 24, have: 23 };
        assert_eq!(report.write_next(&mut [0; 23]), Err(error));
        assert_eq!(report.left().len(), 4);
        assert_eq!(written(report, 24).len(), 2);
    }

    #[test]
    fn a_report_may_begin_before_its_first_arrival() {
        let mut arrivals = [(3, 0)];
        let report = TransportCcArrivals::new(1, 2, &mut arrivals).begin_at(65535);
        let packets = written(report, 1200);
        assert!(statuses(&packets[0]).iter().map(|&(number, _)| number).eq([65535, 0, 1, 2, 3]));
        // A late arrival from before stays the first.
        let mut arrivals = [(65535, 0), (3, 0)];
        let report = TransportCcArrivals::new(1, 2, &mut arrivals).begin_at(2);
        assert_eq!(report.next_sequence_number(), 65535);
        let mut report = TransportCcArrivals::new(1, 2, &mut []).begin_at(9);
        assert_eq!(report.write_next(&mut []), Ok(None));
        assert_eq!(report.next_sequence_number(), 9);
    }

    #[test]
    fn more_packets_than_a_status_count_holds_are_split() {
        // 40001 from the first arrival to the last, 32767 lost before them.
        let mut arrivals = [(40_000, 0), (0, 0), (20_000, 0)];
        let report = TransportCcArrivals::new(1, 2, &mut arrivals).begin_at(32_769);
        let counts: Vec<_> = written(report, 1200)
            .iter()
            .map(|bytes| TransportCc::parse(bytes).unwrap().packet_status_count())
            .collect();
        assert_eq!(counts, [52_768, 20_000]);
    }

    #[test]
    fn of_several_arrivals_of_one_packet_the_earliest_counts() {
        let mut arrivals = [(1, 5_000), (0, 9_000), (1, 3_000), (1, 4_000)];
        let packets = written(TransportCcArrivals::new(1, 2, &mut arrivals), 1200);
        assert_eq!(packets.len(), 1);
        let expected = [(0, Some(9_000)), (1, Some(3_000))];
        assert!(TransportCc::parse(&packets[0]).unwrap().arrivals().eq(expected));
    }

    #[test]
    fn times_wrap_with_the_reference_time() {
        let period = (1i64 << 24) * 64_000;
        for time in [period / 2, -period, i64::MAX, i64::MIN] {
            let mut arrivals = [(0, time)];
            let packets = written(TransportCcArrivals::new(1, 2, &mut arrivals), 1200);
            let (_, got) = TransportCc::parse(&packets[0]).unwrap().arrivals().next().unwrap();
            let off = i128::from(got.unwrap()) - i128::from(time);
            let off =
                (off + i128::from(period / 2)).rem_euclid(period.into()) - i128::from(period / 2);
            assert!(off.abs() <= 250, "{off} for {time}");
        }
    }

    /// How many packets the longest chunk covers that `symbols` can begin with.
    fn longest_chunk(symbols: &[u32]) -> usize {
        let run = symbols.iter().take(8191).take_while(|&&symbol| symbol == symbols[0]).count();
        let vector = &symbols[..symbols.len().min(14)];
        let one_bit = if vector.contains(&2) { 0 } else { vector.len() };
        run.max(one_bit).max(symbols.len().min(7))
    }

    fn some_arrivals() -> impl Strategy<Value = Vec<(u16, i64)>> {
        let gap = prop_oneof![12 => Just(1u16), 3 => 2u16..5, 1 => 5u16..40, 1 => 7000u16..9000];
        let step = prop_oneof![
            10 => 0i64..40_000, 2 => -20_000i64..100_000, 1 => -9_000_000i64..9_000_000
        ];
        (any::<u16>(), any::<i32>(), prop::collection::vec((gap, step), 0..200)).prop_map(
            |(start, time, steps)| {
                let (mut number, mut time, mut span) = (start, i64::from(time), 0u32);
                let mut arrivals = Vec::new();
                for (gap, step) in steps {
                    span += u32::from(gap);
                    if span > 20_000 {
                        break;
                    }
                    (number, time) = (number.wrapping_add(gap), time + step);
                    arrivals.push((number, time));
                }
                arrivals
            },
        )
    }

    proptest! {
        #[test]
        fn every_arrival_is_reported_once_in_the_longest_chunks(
            arrivals in some_arrivals(),
            mtu in 28usize..400,
            before in 0u16..300,
            shuffle in any::<u64>(),
        ) {
            let first = arrivals.first().map_or(0, |arrival| arrival.0).wrapping_sub(before);
            let mut given = arrivals.clone();
            given.extend(arrivals.iter().step_by(3).map(|&(number, time)| (number, time + 1000)));
            given.sort_by_key(|&(number, time)| {
                shuffle.wrapping_mul(u64::from(number) * 2 + 1).wrapping_add(time as u64) >> 7
            });
            let report = TransportCcArrivals::new(1, 2, &mut given).begin_at(first);
            let expected: BTreeMap<u16, i64> = arrivals.iter().copied().collect();
            let mut next = first;
            let mut seen = 0;
            for bytes in written(report, mtu) {
                prop_assert!(bytes.len() <= mtu);
                let packet = TransportCc::parse(&bytes).unwrap();
                for (number, time) in packet.arrivals() {
                    prop_assert_eq!(number, next);
                    next = next.wrapping_add(1);
                    match (time, expected.get(&number)) {
                        (Some(got), Some(wanted)) => {
                            prop_assert!((got - wanted).abs() <= 125, "{} for {}", got, wanted);
                            seen += 1;
                        }
                        (None, None) => {}
                        other => prop_assert!(false, "{}: {:?}", number, other),
                    }
                }
                let symbols: Vec<u32> = packet.statuses().map(|(_, status)| match status {
                    Lost => LOST,
                    Small(_) => SMALL,
                    Large(_) => LARGE,
                }).collect();
                let (mut left, mut chunks) = (&symbols[..], 0);
                while !left.is_empty() {
                    left = &left[longest_chunk(left)..];
                    chunks += 1;
                }
                prop_assert_eq!(packet.chunks().len(), chunks);
            }
            prop_assert_eq!(seen, arrivals.len());
        }
    }
}
