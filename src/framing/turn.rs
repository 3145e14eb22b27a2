//! STUN and ChannelData on a stream (RFC 8489 section 6.2.2, RFC 8656 sections 3.1 and 12.5).
//!
//! ```text
//! |0 0|     STUN Message Type     |         Message Length        |  20 + length bytes
//! |                         Magic Cookie                          |
//!
//! |0 1 Channel Number             |            Length             |  4 + length bytes, rounded up to a multiple of 4
//! ```

use super::{Deframer, Next};
use crate::error::{ErrorKind, ParseError};
use crate::stun::{CHANNEL_DATA_HEADER_LEN, ChannelData, HEADER_LEN, MAGIC_COOKIE};

/// The bytes of a STUN header by which it is known: type, length, cookie.
const MARK_LEN: usize = 8;

/// Finds the messages of a stream between a TURN client and its server, or between a STUN client and its server.
///
/// The first two bits tell STUN from ChannelData; the numbers of channels are those of RFC 5766, 0x4000 to 0x7FFF, as there
/// is nothing on a stream to confuse them with. A STUN header has to have the cookie, and a length that is a multiple of 4.
/// Where neither can be, bytes are skipped up to the next STUN header; ChannelData has no mark to find it by.
///
/// The padding of ChannelData belongs to its frame, and is waited for; at the [end](Deframer::last) of the stream it may be
/// missing. A sender that does not pad at all breaks RFC 8656: its next message is looked for some bytes too late.
#[derive(Clone, Debug, Default)]
pub struct Turn {
    is_lost: bool,
}

/// A message on a stream of [`Turn`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnFrame<'b> {
    /// The bytes of a STUN message, its length complete; what is in it, [`Message::parse`](crate::stun::Message::parse)
    /// tells.
    Stun(&'b [u8]),
    /// A ChannelData message.
    ChannelData(ChannelData<'b>),
}

/// What begins where a message should.
enum Front {
    /// A message of so many bytes.
    Message(usize),
    /// Too few bytes to tell; a message that begins so takes at least so many.
    Short(usize),
    Neither(ParseError),
}

impl Turn {
    /// At the front of a stream.
    #[inline]
    pub const fn new() -> Self {
        Self { is_lost: false }
    }

    /// Somewhere in a stream, as after a gap: bytes are skipped up to the first STUN header.
    #[inline]
    pub const fn lost() -> Self {
        Self { is_lost: true }
    }

    /// The bytes before the next STUN header, or before what may become one, are no frames.
    #[cold]
    fn skip<T>(&mut self, buffer: &[u8], error: ParseError) -> Next<T> {
        self.is_lost = true;
        let is_mark = |window: &[u8]| matches!(stun(window), Front::Message(_));
        // The first byte is known to be none.
        let behind = buffer.get(1..).unwrap_or_default();
        let used = match behind.windows(MARK_LEN).position(is_mark) {
            Some(place) => {
                self.is_lost = false;
                place.saturating_add(1)
            }
            None => buffer.len().saturating_sub(MARK_LEN - 1).max(1),
        };
        Next::Skip { used, error }
    }

    #[inline]
    fn front(&self, buffer: &[u8]) -> Front {
        match buffer.first() {
            Some(0x40..=0x7F) if !self.is_lost => channel_data(buffer),
            _ => stun(buffer),
        }
    }
}

/// What the first bytes of a STUN message say.
#[inline]
fn stun(buffer: &[u8]) -> Front {
    let Some(&[first, _, l0, l1, c0, c1, c2, c3]) = buffer.first_chunk::<MARK_LEN>() else {
        return match buffer.first() {
            Some(&first @ 0x40..) => Front::Neither(wrong("message type", 0, first.into())),
            _ => Front::Short(HEADER_LEN),
        };
    };
    let (length, cookie) = (u16::from_be_bytes([l0, l1]), u32::from_be_bytes([c0, c1, c2, c3]));
    if first >= 0x40 {
        return Front::Neither(wrong("message type", 0, first.into()));
    }
    if cookie != MAGIC_COOKIE {
        return Front::Neither(wrong("magic cookie", 4, cookie));
    }
    if length & 3 != 0 {
        let kind = ErrorKind::Length { found: length.into(), have: (length & !3).into() };
        return Front::Neither(ParseError {
            what: "STUN stream",
            field: "message length",
            offset: 2,
            kind,
        });
    }
    Front::Message(usize::from(length).saturating_add(HEADER_LEN))
}

/// What the header of ChannelData says.
#[inline]
fn channel_data(buffer: &[u8]) -> Front {
    match buffer.first_chunk() {
        Some(&[_, _, l0, l1]) => {
            let data = usize::from(u16::from_be_bytes([l0, l1]));
            Front::Message(data.saturating_add(CHANNEL_DATA_HEADER_LEN).next_multiple_of(4))
        }
        None => Front::Short(CHANNEL_DATA_HEADER_LEN),
    }
}

fn wrong(field: &'static str, offset: usize, found: u32) -> ParseError {
    ParseError { what: "STUN stream", field, offset, kind: ErrorKind::Value { found } }
}

impl Deframer for Turn {
    type Frame<'b> = TurnFrame<'b>;

    const LONGEST: usize = HEADER_LEN + 0xFFFC;

    #[inline]
    fn next<'b>(&mut self, buffer: &'b [u8]) -> Next<TurnFrame<'b>> {
        let Some(&first) = buffer.first() else { return Next::Need(CHANNEL_DATA_HEADER_LEN) };
        let used = match self.front(buffer) {
            Front::Message(len) | Front::Short(len) if len > buffer.len() => {
                return Next::Need(len.saturating_sub(buffer.len()));
            }
            Front::Message(len) | Front::Short(len) => len,
            Front::Neither(error) => return self.skip(buffer, error),
        };
        self.is_lost = false;
        if first < 0x40 {
            return Next::Frame {
                frame: TurnFrame::Stun(buffer.get(..used).unwrap_or_default()),
                used,
            };
        }
        match ChannelData::parse_stream(buffer) {
            Ok((message, _)) => Next::Frame { frame: TurnFrame::ChannelData(message), used },
            Err(error) => self.skip(buffer, error),
        }
    }

    /// As [`Deframer::last`]; the padding behind the last ChannelData message may be missing.
    fn last<'b>(&mut self, buffer: &'b [u8]) -> Next<TurnFrame<'b>> {
        match self.next(buffer) {
            Next::Need(more) if !buffer.is_empty() => match ChannelData::parse_rfc5766(buffer) {
                Ok(message) if !self.is_lost => {
                    Next::Frame { frame: TurnFrame::ChannelData(message), used: buffer.len() }
                }
                _ => super::cut_short(buffer, more),
            },
            next => next,
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::vec::Vec;
    use std::{format, vec};

    use super::super::Frames;
    use super::super::testing::feed;
    use super::*;
    use crate::encode::Encode;
    use crate::stun::{ChannelDataBuilder, Message, MessageBuilder};

    /// RFC 8489 section 5: a Binding request without attributes.
    const BINDING: &[u8; 20] = b"\0\x01\0\0\x21\x12\xa4\x42abcdefghijkl";

    /// RFC 8656 section 12.5: 1 byte on channel 0x4001, and 3 of padding.
    const CHANNEL: &[u8; 8] = b"\x40\x01\0\x01!\0\0\0";

    /// A frame with its bytes copied: whether it is STUN, and the message or the data.
    fn own(frame: TurnFrame<'_>) -> (bool, Vec<u8>) {
        match frame {
            TurnFrame::Stun(bytes) => (true, bytes.to_vec()),
            TurnFrame::ChannelData(message) => (false, message.data().to_vec()),
        }
    }

    fn whole(stream: &[u8]) -> (Vec<(bool, Vec<u8>)>, usize) {
        feed(Turn::new(), stream, &[], own)
    }

    #[test]
    fn messages_of_both_kinds_follow_one_another() {
        let stream = [&CHANNEL[..], BINDING, CHANNEL].concat();
        let data = (false, b"!".to_vec());
        let expected = vec![data.clone(), (true, BINDING.to_vec()), data];
        assert_eq!(whole(&stream), (expected, 0));
    }

    #[test]
    fn the_padding_of_channel_data_is_waited_for_but_not_at_the_end() {
        let mut turn = Turn::new();
        for len in 5..8 {
            assert_eq!(turn.next(&CHANNEL[..len]), Next::Need(8 - len));
            let Next::Frame { frame: TurnFrame::ChannelData(message), used } =
                turn.last(&CHANNEL[..len])
            else {
                panic!("{len}")
            };
            assert_eq!((message.data(), used), (&b"!"[..], len));
        }
        // Cut within the data, or within the header, it is none.
        for len in 1..5 {
            let Next::Skip { used, error } = turn.last(&CHANNEL[..len]) else { panic!("{len}") };
            assert_eq!((used, error.kind.name()), (len, "truncated"));
        }
    }

    #[test]
    fn what_is_missing_is_said() {
        let mut turn = Turn::new();
        assert_eq!(turn.next(&[]), Next::Need(4));
        for len in 1..20 {
            assert_eq!(turn.next(&BINDING[..len]), Next::Need(20 - len));
        }
        for len in 1..4 {
            assert_eq!(turn.next(&CHANNEL[..len]), Next::Need(4 - len));
        }
        // The longest of both.
        assert_eq!(turn.next(b"\0\x01\xFF\xFC\x21\x12\xa4\x42"), Next::Need(Turn::LONGEST - 8));
        assert_eq!(turn.next(b"\x7F\xFF\xFF\xFF"), Next::Need(0x1_0000));
    }

    #[test]
    fn garbage_is_skipped_up_to_the_next_cookie() {
        let not_padded_to_4 = [0, 1, 0, 2, 0x21, 0x12, 0xa4, 0x42];
        for garbage in [&b"\x80"[..], &[0xFF; 100], &[0; 9], &not_padded_to_4] {
            let stream = [garbage, BINDING, CHANNEL].concat();
            let expected = vec![(true, BINDING.to_vec()), (false, b"!".to_vec())];
            assert_eq!(whole(&stream), (expected, garbage.len()), "{garbage:?}");
        }
    }

    #[test]
    fn in_the_middle_of_a_stream_channel_data_is_not_believed() {
        let stream = [&CHANNEL[4..], CHANNEL, BINDING, CHANNEL].concat();
        let expected = vec![(true, BINDING.to_vec()), (false, b"!".to_vec())];
        assert_eq!(feed(Turn::lost(), &stream, &[], own), (expected.clone(), 12));
        assert_eq!(feed(Turn::lost(), &stream[12..], &[3], own), (expected, 0));
    }

    #[test]
    fn what_is_wrong_with_a_header_is_said() {
        for (at, byte, field, offset) in
            [(0, 0x80, "message type", 0), (3, 2, "message length", 2), (7, 0, "magic cookie", 4)]
        {
            let mut stream = *BINDING;
            stream[at] = byte;
            let Next::Skip { used, error } = Turn::new().next(&stream) else { panic!("{at}") };
            assert_eq!((used, error.field, error.offset), (13, field, offset));
        }
    }

    #[test]
    fn a_walk_gives_frames_and_errors_with_their_place() {
        let stream = [&CHANNEL[..], &[0x80; 3], BINDING, &CHANNEL[..6]].concat();
        let mut turn = Turn::new();
        let mut frames = Frames::new(&mut turn, &stream);
        let seen: Vec<_> =
            frames.by_ref().map(|frame| frame.map_err(|error| error.offset)).collect();
        assert_eq!(seen.len(), 3);
        assert_eq!(seen[1], Err(8));
        assert_eq!((frames.used(), frames.need()), (31, 2));
        let mut frames = Frames::ending(&mut turn, &stream[31..]);
        assert_eq!((frames.by_ref().count(), frames.used()), (1, 6));
    }

    proptest! {
        #[test]
        fn any_split_gives_the_messages_that_were_written(
            messages in prop::collection::vec((any::<bool>(), 0x4000_u16..0x5000, prop::collection::vec(any::<u8>(), 0..40)), 0..12),
            cuts in prop::collection::vec(0usize..600, 0..30),
            is_padded: bool,
        ) {
            let (mut stream, mut expected) = (Vec::new(), Vec::new());
            for (is_stun, number, data) in &messages {
                let at = stream.len();
                let mut out = vec![0; 100];
                let len = if *is_stun {
                    let attribute = [&[0x80, 0x22, 0, data.len() as u8][..], data, &[0; 3]].concat();
                    let attributes = &attribute[..(4 + data.len()).next_multiple_of(4)];
                    MessageBuilder { attributes, ..Default::default() }.write(&mut out).unwrap()
                } else {
                    ChannelDataBuilder::for_stream(*number, data).write(&mut out).unwrap()
                };
                stream.extend_from_slice(&out[..len]);
                expected.push((*is_stun, if *is_stun { stream[at..].to_vec() } else { data.clone() }));
            }
            if let (Some((false, _, data)), false) = (messages.last(), is_padded) {
                stream.truncate(stream.len() - data.len().wrapping_neg() % 4);
            }
            prop_assert_eq!(feed(Turn::new(), &stream, &cuts, own), (expected.clone(), 0));
            for (is_stun, bytes) in expected {
                prop_assert!(!is_stun || Message::parse(&bytes).is_ok());
            }
        }

        #[test]
        fn any_bytes_give_the_same_whatever_the_split(
            pieces in prop::collection::vec(prop_oneof![
                Just(BINDING.to_vec()), Just(CHANNEL.to_vec()), Just(vec![0x21, 0x12, 0xa4, 0x42]),
                prop::collection::vec(prop::sample::select(&[0_u8, 1, 4, 0x21, 0x12, 0xa4, 0x42, 0x40, 0x80][..]), 0..12),
            ], 0..12),
            cuts in prop::collection::vec(0usize..200, 0..30),
        ) {
            let stream = pieces.concat();
            let each: Vec<usize> = (0..stream.len()).collect();
            let expected = whole(&stream);
            prop_assert_eq!(feed(Turn::new(), &stream, &cuts, own), expected.clone());
            prop_assert_eq!(feed(Turn::new(), &stream, &each, own), expected.clone(), "{}", format!("{stream:02x?}"));
        }
    }
}
