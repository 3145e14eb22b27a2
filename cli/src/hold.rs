//! Packets that wait until it is known what they are, and those behind them, so that the output keeps the capture's
//! order.
//!
//! The wait is bounded, in time by the capture's own clock, in packets, and in bytes: see the constants. What has
//! waited for so long is decided by what is known by then.

use std::collections::VecDeque;

use mediawire::ParseError;

use crate::capture::Time;
use crate::flows::Ends;
use crate::tcp::Form;

/// The longest wait: RTCP, which may be what vouches for a flow, is sent every 5 seconds, give or take a half.
const MAX_NANOS: u128 = 10_000_000_000;

/// The most packets that wait.
const MAX_ITEMS: usize = 65_536;

/// The most bytes that the payloads of those that wait take in memory.
const MAX_BYTES: usize = 32 << 20;

/// For each so many bytes of the one in front, another packet passes before it is looked at again. So the wait costs
/// each packet no more than that, however long the one in front is.
const LOOKED_AT: usize = 1024;

/// How many buffers are kept for the next ones.
const MAX_SPARE: usize = 256;

/// A packet out of the capture that may have something to show.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item<'a> {
    pub(crate) frame: u64,
    pub(crate) time: Option<Time>,
    /// The capture holds less of it than was on the wire.
    pub(crate) snapped: bool,
    pub(crate) what: What,
    /// A datagram's payload, or a message's bytes; else the bytes from the broken header on.
    pub(crate) bytes: &'a [u8],
}

/// What was found in a packet.
#[derive(Clone, Copy, Debug)]
pub(crate) enum What {
    /// A UDP datagram.
    Datagram(Ends),
    /// A message of a TCP stream that ends in this packet, and where in the stream it begins.
    Streamed { ends: Ends, form: Form, offset: usize },
    /// A header below the datagram that does not parse; places count from the front of the frame.
    Broken { protocol: &'static str, offset: usize, error: ParseError },
}

impl What {
    /// Between whom it went, where that is known, and over what.
    #[inline]
    pub(crate) fn ends(&self) -> Option<(Ends, &'static str)> {
        match *self {
            Self::Datagram(ends) => Some((ends, "udp")),
            Self::Streamed { ends, .. } => Some((ends, "tcp")),
            Self::Broken { .. } => None,
        }
    }

    /// Whether RTP and RTCP need no other witness.
    #[inline]
    pub(crate) fn is_vouched(&self) -> bool {
        matches!(self, Self::Streamed { form: Form::Interleaved, .. })
    }
}

#[cfg(test)]
impl<'a> Item<'a> {
    /// A datagram of no matter whom.
    pub(crate) fn datagram(bytes: &'a [u8]) -> Self {
        let any = "192.0.2.1:1".parse().unwrap();
        let what = What::Datagram(Ends { src: any, dst: any });
        Self { frame: 1, time: None, snapped: false, what, bytes }
    }
}

/// The packets that wait, first come first.
#[derive(Debug, Default)]
pub(crate) struct Hold {
    items: VecDeque<Held>,
    bytes: usize,
    /// How many packets pass before the one in front is looked at again.
    patience: usize,
    spare: Vec<Vec<u8>>,
}

#[derive(Debug)]
struct Held {
    frame: u64,
    time: Option<Time>,
    snapped: bool,
    what: What,
    bytes: Vec<u8>,
}

impl Held {
    fn item(&self) -> Item<'_> {
        let Self { frame, time, snapped, what, ref bytes } = *self;
        Item { frame, time, snapped, what, bytes }
    }
}

impl Hold {
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub(crate) fn push(&mut self, item: &Item<'_>) {
        let Item { frame, time, snapped, what, bytes: from } = *item;
        // A buffer that once held a long datagram is not kept for a short one.
        let spare = self.spare.pop().filter(|spare| spare.capacity() / 4 <= from.len());
        let mut bytes = spare.unwrap_or_default();
        bytes.clear();
        bytes.extend_from_slice(from);
        self.bytes += bytes.capacity();
        self.items.push_back(Held { frame, time, snapped, what, bytes });
    }

    /// The one that has waited longest.
    pub(crate) fn front(&self) -> Option<Item<'_>> {
        self.items.front().map(Held::item)
    }

    /// Lets go of the one in front.
    pub(crate) fn pop(&mut self) {
        self.patience = 0;
        if let Some(held) = self.items.pop_front() {
            self.bytes -= held.bytes.capacity();
            if self.spare.len() < MAX_SPARE {
                self.spare.push(held.bytes);
            }
        }
    }

    /// Whether the one in front may have become known; see [`looked`](Self::looked).
    pub(crate) fn is_worth_a_look(&self) -> bool {
        self.patience == 0
    }

    /// It waits on.
    pub(crate) fn looked(&mut self) {
        let pause = self.items.front().map_or(0, |held| held.bytes.len() / LOOKED_AT);
        self.patience = self.patience.checked_sub(1).unwrap_or(pause);
    }

    /// Whether the one in front has to be decided, `now` being the time of the latest packet.
    pub(crate) fn is_overdue(&self, now: Option<Time>) -> bool {
        let waited = |since: Time| now.is_some_and(|now| now.nanos_since(since) > MAX_NANOS);
        self.items.len() > MAX_ITEMS
            || self.bytes > MAX_BYTES
            || self.items.front().and_then(|held| held.time).is_some_and(waited)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(frame: u64, seconds: Option<i64>, bytes: &[u8]) -> Item<'_> {
        let ends = "192.0.2.1:1".parse().unwrap();
        Item {
            frame,
            time: seconds.map(|seconds| Time { seconds, nanos: 0 }),
            snapped: false,
            what: What::Datagram(Ends { src: ends, dst: ends }),
            bytes,
        }
    }

    #[test]
    fn packets_come_out_as_they_went_in() {
        let mut hold = Hold::default();
        for round in 0..3 {
            for frame in 0..1000 {
                hold.push(&item(frame, None, &vec![round; frame as usize]));
            }
            for frame in 0..1000 {
                let front = hold.front().unwrap();
                assert_eq!((front.frame, front.bytes), (frame, &vec![round; frame as usize][..]));
                hold.pop();
            }
            assert!(hold.is_empty() && hold.bytes == 0 && hold.spare.len() <= MAX_SPARE);
        }
    }

    #[test]
    fn memory_is_bounded_whatever_waited_before() {
        let taken =
            |hold: &Hold| hold.items.iter().map(|held| held.bytes.capacity()).sum::<usize>();
        let mut hold = Hold::default();
        // Long ones take turns with short ones, so that buffers go from hand to hand.
        for round in 0..4 {
            for frame in 0..MAX_ITEMS as u64 {
                let long = frame % 128 == 100 - round * 9;
                hold.push(&item(frame, None, if long { &[0; 60_000] } else { &[0; 40] }));
                while hold.is_overdue(None) {
                    hold.pop();
                }
            }
            assert!(taken(&hold) <= MAX_BYTES, "{}", taken(&hold));
        }
    }

    #[test]
    fn a_long_one_in_front_is_looked_at_seldom() {
        for (len, looks) in [(100, 1000), (1023, 1000), (1500, 500), (65_000, 16)] {
            let mut hold = Hold::default();
            hold.push(&item(1, None, &vec![0; len]));
            let look = |hold: &mut Hold| {
                let look = hold.is_worth_a_look();
                hold.looked();
                look
            };
            assert_eq!((0..1000).filter(|_| look(&mut hold)).count(), looks, "{len}");
            // The next in front has its own pace.
            hold.push(&item(2, None, &[0]));
            hold.pop();
            assert!(look(&mut hold) && look(&mut hold));
        }
    }

    #[test]
    fn waiting_ends_by_time_number_and_size() {
        let at = |seconds, nanos| Some(Time { seconds, nanos });
        let mut hold = Hold::default();
        assert!(!hold.is_overdue(at(i64::MAX, 0)));
        hold.push(&item(1, Some(100), &[]));
        assert!(!hold.is_overdue(at(110, 0)));
        assert!(!hold.is_overdue(at(50, 0)));
        assert!(!hold.is_overdue(None));
        assert!(hold.is_overdue(at(110, 1)));

        let mut hold = Hold::default();
        for frame in 0..MAX_ITEMS as u64 {
            hold.push(&item(frame, None, &[]));
            assert!(!hold.is_overdue(at(0, 0)));
        }
        hold.push(&item(0, None, &[]));
        assert!(hold.is_overdue(None));

        let mut hold = Hold::default();
        hold.push(&item(1, None, &vec![0; MAX_BYTES]));
        assert!(!hold.is_overdue(None));
        hold.push(&item(2, None, &[0]));
        assert!(hold.is_overdue(None));
    }
}
