//! One direction of a TCP connection, put in order.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// How many segments wait behind a gap, and how many bytes of them, before the gap is taken for one of the capture's.
const MAX_WAITING: usize = 64;
const MAX_WAITING_BYTES: usize = 256 << 10;

/// Segments that wait behind a gap which the receiver has acknowledged are late in the capture if they are fewer, and the
/// gap is the capture's if there are so many.
const ACKNOWLEDGED: usize = 3;

/// What all streams together may hold.
#[derive(Clone, Debug)]
pub(super) struct Budget(Rc<Cell<usize>>);

impl Budget {
    pub(super) fn new(bytes: usize) -> Self {
        Self(Rc::new(Cell::new(bytes)))
    }
}

/// Bytes out of the budget, and back when they go.
#[derive(Debug)]
struct Bytes {
    bytes: Vec<u8>,
    budget: Budget,
}

impl Bytes {
    fn new(budget: &Budget) -> Self {
        Self { bytes: Vec::new(), budget: budget.clone() }
    }

    /// Whether there was room for more.
    fn extend(&mut self, more: &[u8]) -> bool {
        let left = &self.budget.0;
        let Some(rest) = left.get().checked_sub(more.len()) else { return false };
        left.set(rest);
        self.bytes.extend_from_slice(more);
        true
    }

    fn drop_front(&mut self, count: usize) {
        let count = count.min(self.bytes.len());
        self.bytes.drain(..count);
        self.budget.0.set(self.budget.0.get() + count);
    }
}

impl Drop for Bytes {
    fn drop(&mut self) {
        self.drop_front(usize::MAX);
    }
}

/// What a segment was, to the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    /// It goes on.
    Next,
    /// It is there already.
    Again,
    /// Something before it is missing: it waits.
    Waits,
    /// It could not be kept.
    TooMuch,
}

/// The bytes of a stream that are in order and not read yet, and those that wait for others.
#[derive(Debug)]
pub(super) struct Stream {
    /// The sequence number of the byte at `end`.
    next: Option<u32>,
    /// Bytes in order, counted from the stream's first.
    end: u64,
    in_order: Bytes,
    /// By their place in the stream.
    waiting: BTreeMap<u64, Bytes>,
    waiting_bytes: usize,
}

impl Stream {
    pub(super) fn new(budget: &Budget) -> Self {
        let in_order = Bytes::new(budget);
        Self { next: None, end: 0, in_order, waiting: BTreeMap::new(), waiting_bytes: 0 }
    }

    /// A SYN: whether it begins another stream than the one that is known.
    pub(super) fn is_new_syn(&self, sequence_number: u32) -> bool {
        // The front of the stream, as far as it is known.
        let first = |next: u32| {
            let [.., a, b, c, d] = self.end.to_be_bytes();
            next.wrapping_sub(u32::from_be_bytes([a, b, c, d]))
        };
        self.next.is_some_and(|next| first(next) != sequence_number.wrapping_add(1))
    }

    /// The first byte will have this sequence number.
    pub(super) fn begin(&mut self, sequence_number: u32) {
        self.next.get_or_insert(sequence_number);
    }

    /// The bytes in order, and the place of their first in the stream.
    pub(super) fn bytes(&self) -> (u64, &[u8]) {
        let bytes = &self.in_order.bytes[..];
        (self.end.saturating_sub(bytes.len() as u64), bytes)
    }

    /// The first of them have been read.
    pub(super) fn used(&mut self, count: usize) {
        self.in_order.drop_front(count);
    }

    /// Takes a segment's bytes.
    pub(super) fn push(&mut self, sequence_number: u32, bytes: &[u8]) -> Segment {
        let next = *self.next.get_or_insert(sequence_number);
        let ahead = sequence_number.wrapping_sub(next).cast_signed();
        match usize::try_from(ahead) {
            Ok(0) => self.append(bytes),
            Ok(ahead) => self.wait(self.end + ahead as u64, bytes),
            // It begins before the end, and may go beyond it.
            Err(_) => match bytes.get(ahead.unsigned_abs() as usize..) {
                Some(new @ [_, ..]) => self.append(new),
                _ => Segment::Again,
            },
        }
    }

    fn append(&mut self, bytes: &[u8]) -> Segment {
        if !self.in_order.extend(bytes) {
            return Segment::TooMuch;
        }
        self.advance(bytes.len() as u64);
        self.join();
        Segment::Next
    }

    fn advance(&mut self, by: u64) {
        self.end += by;
        // Sequence numbers are 32 bits of it.
        let [.., a, b, c, d] = by.to_be_bytes();
        self.next = self.next.map(|next| next.wrapping_add(u32::from_be_bytes([a, b, c, d])));
    }

    fn wait(&mut self, place: u64, bytes: &[u8]) -> Segment {
        if self.waiting.get(&place).is_some_and(|held| held.bytes.len() >= bytes.len()) {
            return Segment::Again;
        }
        let mut held = Bytes::new(&self.in_order.budget);
        if !held.extend(bytes) {
            return Segment::TooMuch;
        }
        self.waiting_bytes += bytes.len();
        if let Some(shorter) = self.waiting.insert(place, held) {
            self.waiting_bytes -= shorter.bytes.len();
        }
        Segment::Waits
    }

    /// Appends what has waited and goes on now.
    fn join(&mut self) {
        while let Some(first) = self.waiting.first_entry() {
            let Some(overlap) = self.end.checked_sub(*first.key()) else { return };
            let held = first.remove();
            self.waiting_bytes -= held.bytes.len();
            let new = usize::try_from(overlap).ok().and_then(|overlap| held.bytes.get(overlap..));
            if let Some(new @ [_, ..]) = new {
                // It is in the budget twice for a moment; where that is too much, there is a gap.
                let added = self.in_order.extend(new) as u64;
                self.advance(new.len() as u64 * added);
            }
        }
    }

    /// Whether what is missing will never come: too much waits for it, or the receiver has it.
    pub(super) fn has_gap(&self, acknowledged: Option<u32>) -> bool {
        let Some((&place, _)) = self.waiting.first_key_value() else { return false };
        let is_acknowledged = acknowledged.zip(self.next).is_some_and(|(number, next)| {
            let ahead = number.wrapping_sub(next).cast_signed();
            u64::try_from(ahead).is_ok_and(|ahead| self.end + ahead >= place)
        });
        self.waiting.len() > MAX_WAITING
            || self.waiting_bytes > MAX_WAITING_BYTES
            || (is_acknowledged && self.waiting.len() >= ACKNOWLEDGED)
    }

    /// Whether anything waits.
    pub(super) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Goes on behind the gap; what is in order before it, and was not read, is dropped. Gives how much that is.
    pub(super) fn pass_gap(&mut self) -> usize {
        let dropped = self.in_order.bytes.len();
        self.in_order.drop_front(dropped);
        if let Some((&place, _)) = self.waiting.first_key_value() {
            self.advance(place.saturating_sub(self.end));
            self.join();
        }
        dropped
    }

    /// Bytes that the capture does not have, right behind those in order. Gives how many of those were not read.
    pub(super) fn skip(&mut self, missing: usize) -> usize {
        let dropped = self.in_order.bytes.len();
        self.in_order.drop_front(dropped);
        self.advance(missing as u64);
        self.join();
        dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream() -> Stream {
        Stream::new(&Budget::new(1 << 20))
    }

    #[test]
    fn segments_in_any_order_give_the_stream() {
        // Across the wrap of the sequence numbers.
        let first = u32::MAX - 5;
        let data: Vec<u8> = (0..40).collect();
        let at = |place: u32, len: usize| {
            (first.wrapping_add(place), data[place as usize..place as usize + len].to_vec())
        };
        let mut stream = stream();
        stream.begin(first);
        for ((number, bytes), expected) in [
            (at(0, 10), Segment::Next),
            (at(0, 10), Segment::Again),
            (at(5, 3), Segment::Again),
            (at(15, 5), Segment::Waits),
            (at(15, 5), Segment::Again),
            (at(12, 6), Segment::Waits),
            (at(30, 10), Segment::Waits),
            (at(8, 4), Segment::Next), // overlaps what is there, and lets two of those that wait go on
            (at(18, 12), Segment::Next),
        ] {
            assert_eq!(stream.push(number, &bytes), expected, "{number}");
        }
        assert_eq!(stream.bytes(), (0, &data[..]));
        assert!(!stream.is_waiting() && stream.waiting_bytes == 0);
        stream.used(33);
        assert_eq!(stream.bytes(), (33, &data[33..]));
    }

    #[test]
    fn a_gap_is_passed_when_it_will_not_be_filled() {
        let mut stream = stream();
        stream.begin(100);
        stream.push(100, b"ab");
        for n in 0..3 {
            assert_eq!(stream.push(105 + 2 * n, b"xy"), Segment::Waits);
            let is_acknowledged = n == 2;
            assert_eq!(stream.has_gap(Some(111)), is_acknowledged);
            assert!(!stream.has_gap(Some(104)) && !stream.has_gap(None));
        }
        assert_eq!(stream.pass_gap(), 2);
        assert_eq!(stream.bytes(), (5, &b"xyxyxy"[..]));
        assert_eq!(stream.push(111, b"z"), Segment::Next);

        for n in 0..=MAX_WAITING as u32 {
            assert!(!stream.has_gap(None), "{n}");
            stream.push(1000 + 2 * n, b"w");
        }
        assert!(stream.has_gap(None));
        stream.push(500, &vec![0; MAX_WAITING_BYTES + 1]);
        assert!(stream.has_gap(None));
        // Part of a segment that was cut short.
        let mut stream = self::stream();
        stream.push(7, b"ab");
        stream.push(12, b"cd");
        assert_eq!(stream.skip(3), 2);
        assert_eq!(stream.bytes(), (5, &b"cd"[..]));
    }

    #[test]
    fn a_syn_with_another_number_is_another_stream() {
        let mut stream = stream();
        assert!(!stream.is_new_syn(99));
        stream.begin(100);
        stream.push(100, b"abc");
        assert!(!stream.is_new_syn(99));
        assert!(stream.is_new_syn(98));
    }

    #[test]
    fn what_all_streams_hold_is_bounded() {
        let budget = Budget::new(10);
        let mut one = Stream::new(&budget);
        let mut two = Stream::new(&budget);
        assert_eq!(one.push(0, b"12345"), Segment::Next);
        assert_eq!(two.push(9, b"1234"), Segment::Next);
        assert_eq!(two.push(20, b"12"), Segment::TooMuch);
        assert_eq!(one.push(5, b"12"), Segment::TooMuch);
        one.used(3);
        assert_eq!(two.push(20, b"12"), Segment::Waits);
        drop(one);
        drop(two);
        assert_eq!(budget.0.get(), 10);
    }
}
