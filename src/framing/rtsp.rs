//! RTP and RTCP between RTSP messages (RFC 7826 section 14; RFC 2326 section 10.12).
//!
//! ```text
//! | "$" = 24      | Channel ID    | Length in bytes               |
//! :  Binary data (Length according to Length field)               :
//!
//! RTSP/2.0 200 OK  CRLF
//! CSeq: 4          CRLF           the head, up to an empty line
//! Content-Length: 9 CRLF CRLF     and as many bytes of body
//! ```

use super::{Deframer, Next};
use crate::encode::{Encode, Sink, narrow};
use crate::error::{BuildError, ErrorKind, ParseError};

/// What an interleaved frame begins with.
const DOLLAR: u8 = b'$';
const HEADER_LEN: usize = 4;

/// The version without its digits, which the first line of every message has.
const VERSION: &[u8] = b"RTSP/";
const CONTENT_LENGTH: &[u8] = b"content-length";

/// Finds the interleaved frames of an RTSP connection, and the RTSP messages between them.
///
/// Of a message no more is read than what tells its end: the empty line behind its head, and Content-Length. Lines end with
/// CRLF, or with LF alone; empty lines before a message belong to it. A message that is longer than the longest frame is
/// skipped, its body too, and what follows is read.
///
/// Bytes that begin neither are garbage, and so is a message without `RTSP/` in its first line, up to that line's end. After
/// garbage it goes on at the next frame whose data begin as RTP and RTCP do, or at the next `RTSP/`, with which a response
/// begins.
#[derive(Clone, Debug, Default)]
pub struct Rtsp {
    state: State,
}

/// A frame, or a message, of [`Rtsp`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RtspFrame<'b> {
    /// An interleaved frame.
    Interleaved {
        /// By the Transport headers of SETUP it belongs to the RTP, or the RTCP, of one medium.
        channel: u8,
        /// A packet.
        data: &'b [u8],
    },
    /// A request or a response.
    Message {
        /// Its lines, the empty one at the end included.
        head: &'b [u8],
        /// As many bytes as its Content-Length says.
        body: &'b [u8],
    },
}

/// What has been learned about the bytes at the front of the buffer.
#[derive(Clone, Copy, Debug, Default)]
enum State {
    /// Nothing.
    #[default]
    Front,
    /// They begin a message, whose lines have been read up to `line`, and its bytes up to `scanned`.
    Head { line: usize, scanned: usize, first_line_seen: bool, content_length: Option<usize> },
    /// They begin a message with a head and a body of so many bytes.
    Body { head: usize, body: usize },
    /// So many of them, and of those to come, are a message that is too long.
    TooLong(usize),
    /// They are garbage.
    Lost,
}

impl Rtsp {
    /// At the front of a stream.
    #[inline]
    pub const fn new() -> Self {
        Self { state: State::Front }
    }

    /// Somewhere in a stream, as after a gap: bytes are skipped up to what garbage ends at.
    #[inline]
    pub const fn lost() -> Self {
        Self { state: State::Lost }
    }

    /// An interleaved frame at the front.
    #[inline]
    fn interleaved<'b>(&mut self, buffer: &'b [u8]) -> Next<RtspFrame<'b>> {
        let Some((&[_, channel, l0, l1], rest)) = buffer.split_first_chunk::<HEADER_LEN>() else {
            return Next::Need(HEADER_LEN.saturating_sub(buffer.len()));
        };
        let len = usize::from(u16::from_be_bytes([l0, l1]));
        match rest.get(..len) {
            Some(data) => {
                self.state = State::Front;
                let frame = RtspFrame::Interleaved { channel, data };
                Next::Frame { frame, used: len.saturating_add(HEADER_LEN) }
            }
            None => Next::Need(len.saturating_sub(rest.len())),
        }
    }

    /// Reads the lines of a message's head that are not read yet.
    fn head<'b>(&mut self, buffer: &'b [u8]) -> Next<RtspFrame<'b>> {
        let (mut line, mut scanned, mut first_line_seen, mut content_length) = match self.state {
            State::Head { line, scanned, first_line_seen, content_length } => {
                (line, scanned, first_line_seen, content_length)
            }
            _ => (0, 0, false, None),
        };
        // Wherever the stream was cut, a head may be so long and no longer.
        let readable = buffer.get(..Self::LONGEST).unwrap_or(buffer);
        loop {
            let unread = readable.get(scanned..).unwrap_or_default();
            let Some(end) = unread.iter().position(|&byte| byte == b'\n') else { break };
            scanned = scanned.saturating_add(end).saturating_add(1);
            let text = buffer.get(line..scanned).unwrap_or_default().trim_ascii_end();
            let line_start = core::mem::replace(&mut line, scanned);
            if text.is_empty() {
                if first_line_seen {
                    return self.body(buffer, scanned, content_length.unwrap_or(0));
                }
            } else if !first_line_seen {
                first_line_seen = true;
                if !text.windows(VERSION.len()).any(|window| window == VERSION) {
                    return self.skip(buffer, scanned, wrong("first line", line_start, text));
                }
            } else if let Some(value) = header_value(text, CONTENT_LENGTH) {
                match number(value) {
                    // The first one counts.
                    Some(length) => content_length = content_length.or(Some(length)),
                    None => {
                        let error = wrong("Content-Length", line_start, value);
                        return self.skip(buffer, scanned, error);
                    }
                }
            }
        }
        scanned = readable.len();
        if scanned == Self::LONGEST {
            let kind = ErrorKind::Length { found: scanned.saturating_add(1), have: scanned };
            let error = ParseError { what: "RTSP stream", field: "message head", offset: 0, kind };
            return self.skip(buffer, scanned, error);
        }
        self.state = State::Head { line, scanned, first_line_seen, content_length };
        Next::Need(1)
    }

    /// A message of which the head is there.
    fn body<'b>(&mut self, buffer: &'b [u8], head: usize, body: usize) -> Next<RtspFrame<'b>> {
        let used = head.saturating_add(body);
        if used > Self::LONGEST {
            self.state = State::TooLong(used);
            return self.pass(buffer, used);
        }
        match buffer.get(..used).and_then(|message| message.split_at_checked(head)) {
            Some((head, body)) => {
                self.state = State::Front;
                Next::Frame { frame: RtspFrame::Message { head, body }, used }
            }
            None => {
                self.state = State::Body { head, body };
                Next::Need(used.saturating_sub(buffer.len()))
            }
        }
    }

    /// Skips a message that is too long, or as much of it as is there.
    fn pass<T>(&mut self, buffer: &[u8], left: usize) -> Next<T> {
        let used = left.min(buffer.len());
        self.state = match left.saturating_sub(used) {
            0 => State::Front,
            more => State::TooLong(more),
        };
        if used == 0 {
            return Next::Need(1);
        }
        let kind = ErrorKind::Length { found: left, have: Self::LONGEST };
        let error = ParseError { what: "RTSP stream", field: "Content-Length", offset: 0, kind };
        Next::Skip { used, error }
    }

    /// The first `least` bytes are no frames, and those behind them are none up to the next thing that is known by its
    /// marks, or to what may become one.
    ///
    /// What was searched for its lines is dropped as a whole: else it might be searched again from its next mark on, and so
    /// forth.
    #[cold]
    fn skip<T>(&mut self, buffer: &[u8], least: usize, error: ParseError) -> Next<T> {
        let behind = buffer.get(least..).unwrap_or_default();
        let used = match behind.windows(VERSION.len()).position(is_mark) {
            Some(place) => {
                self.state = State::Front;
                least.saturating_add(place)
            }
            None => {
                self.state = State::Lost;
                buffer.len().saturating_sub(VERSION.len() - 1).max(least)
            }
        };
        Next::Skip { used, error }
    }
}

/// Whether a frame begins here whose data begin as RTP and RTCP do, and are long enough for one; or a response.
#[inline]
fn is_mark(window: &[u8]) -> bool {
    match *window {
        [DOLLAR, _, l0, l1, version] => version >> 6 == 2 && u16::from_be_bytes([l0, l1]) >= 8,
        _ => window == VERSION,
    }
}

/// The value of a header line, if it is this header's.
fn header_value<'b>(line: &'b [u8], name: &[u8]) -> Option<&'b [u8]> {
    let (found, value) = line.split_at_checked(name.len())?;
    let value = value.trim_ascii_start().strip_prefix(b":")?;
    found.eq_ignore_ascii_case(name).then(|| value.trim_ascii())
}

/// A decimal number; one that is too large to be told is the largest there is.
fn number(digits: &[u8]) -> Option<usize> {
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| usize::from(byte & 15));
    let add = |sum: usize, byte| Some(sum.saturating_mul(10).saturating_add(digit(byte)?));
    if digits.is_empty() { None } else { digits.iter().try_fold(0, add) }
}

/// An error at a line, whose first byte it shows.
fn wrong(field: &'static str, offset: usize, text: &[u8]) -> ParseError {
    let found = text.first().copied().unwrap_or_default().into();
    ParseError { what: "RTSP stream", field, offset, kind: ErrorKind::Value { found } }
}

impl Deframer for Rtsp {
    type Frame<'b> = RtspFrame<'b>;

    const LONGEST: usize = HEADER_LEN + 0xFFFF;

    #[inline]
    fn next<'b>(&mut self, buffer: &'b [u8]) -> Next<RtspFrame<'b>> {
        match (self.state, buffer.first()) {
            (State::TooLong(left), _) => self.pass(buffer, left),
            (State::Body { head, body }, _) => self.body(buffer, head, body),
            (State::Head { .. }, _) => self.head(buffer),
            (_, None) => Next::Need(HEADER_LEN),
            (State::Front, Some(&DOLLAR)) => self.interleaved(buffer),
            // A method, or the version. Either may come behind an empty line.
            (State::Front, Some(b'A'..=b'Z' | b'a'..=b'z' | b'\r' | b'\n')) => self.head(buffer),
            (State::Front, Some(_)) => self.skip(buffer, 1, wrong("first byte", 0, buffer)),
            (State::Lost, Some(_)) => match buffer.first_chunk::<5>() {
                Some(window) if is_mark(window) => {
                    self.state = State::Front;
                    self.next(buffer)
                }
                None => Next::Need(VERSION.len().saturating_sub(buffer.len())),
                Some(_) => self.skip(buffer, 1, wrong("first byte", 0, buffer)),
            },
        }
    }
}

/// An interleaved frame to be written (RFC 7826 section 14).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InterleavedBuilder<P> {
    /// As in [`RtspFrame::Interleaved`].
    pub channel: u8,
    /// The packet, of at most 65535 bytes: any builder, or bytes.
    pub data: P,
}

impl InterleavedBuilder<()> {
    /// The four bytes before a packet that is written by other means.
    ///
    /// # Errors
    /// More than 65535 bytes.
    #[inline]
    pub fn header(channel: u8, data_len: usize) -> Result<[u8; HEADER_LEN], BuildError> {
        let [l0, l1] = narrow("data", data_len).map(u16::to_be_bytes)?;
        Ok([DOLLAR, channel, l0, l1])
    }
}

impl<P: Encode> Encode for InterleavedBuilder<P> {
    #[inline]
    fn encoded_len(&self) -> usize {
        self.data.encoded_len().saturating_add(HEADER_LEN)
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        *out.array()? = InterleavedBuilder::header(self.channel, self.data.encoded_len())?;
        self.data.encode(out)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::vec::Vec;
    use std::{format, vec};

    use super::super::testing::feed;
    use super::*;

    /// A frame with its bytes copied: the channel, or that it is a message; its data, or its head and its body.
    type Owned = (Option<u8>, Vec<u8>, Vec<u8>);

    fn own(frame: RtspFrame<'_>) -> Owned {
        match frame {
            RtspFrame::Interleaved { channel, data } => (Some(channel), data.to_vec(), Vec::new()),
            RtspFrame::Message { head, body } => (None, head.to_vec(), body.to_vec()),
        }
    }

    fn whole(stream: &[u8]) -> (Vec<Owned>, usize) {
        feed(Rtsp::new(), stream, &[], own)
    }

    /// RFC 2326 section 10.12: a response, a frame of 24 bytes on channel 0, one on channel 1 (shortened).
    const RESPONSE: &[u8] = b"RTSP/1.0 200 OK\r\nCSeq: 3\r\nSession: 12345678\r\n\r\n";
    const FRAME: &[u8] = b"$\x01\x00\x08\x80\xc9\x00\x01abcd";
    const ANNOUNCE: &[u8] = b"ANNOUNCE rtsp://192.0.2.1/live RTSP/1.0\r\nCSeq: 2\r\n\
        content-LENGTH:  7 \r\n\r\n$\x01\x00\x08\x80\xc9\x00";

    fn frame() -> Owned {
        (Some(1), FRAME[4..].to_vec(), Vec::new())
    }

    #[test]
    fn frames_and_messages_follow_one_another() {
        // What looks like a frame within a body is none.
        let (head, body) = ANNOUNCE.split_at(ANNOUNCE.len() - 7);
        let stream = [FRAME, RESPONSE, FRAME, FRAME, ANNOUNCE, FRAME].concat();
        let expected = vec![
            frame(),
            (None, RESPONSE.to_vec(), vec![]),
            frame(),
            frame(),
            (None, head.to_vec(), body.to_vec()),
            frame(),
        ];
        assert_eq!(whole(&stream), (expected, 0));
    }

    #[test]
    fn lines_may_end_without_cr_and_empty_ones_come_before_a_message() {
        let stream =
            b"\r\n\nTEARDOWN * RTSP/1.0\nCSeq: 9\nContent-Length: 1\nContent-Length: 9\n\n!$\0\0\0";
        let (head, rest) = stream.split_at(stream.len() - 5);
        let expected = vec![(None, head.to_vec(), rest[..1].to_vec()), (Some(0), vec![], vec![])];
        assert_eq!(whole(stream), (expected, 0));
    }

    #[test]
    fn what_is_missing_is_said() {
        let mut rtsp = Rtsp::new();
        let need: Vec<_> = (0..FRAME.len()).map(|len| rtsp.next(&FRAME[..len])).collect();
        assert_eq!(need, [4, 3, 2, 1, 8, 7, 6, 5, 4, 3, 2, 1].map(Next::Need));
        let head = ANNOUNCE.len() - 7;
        for len in 1..ANNOUNCE.len() {
            let more = if len < head { 1 } else { ANNOUNCE.len() - len };
            assert_eq!(rtsp.next(&ANNOUNCE[..len]), Next::Need(more), "{len}");
        }
        assert!(matches!(rtsp.next(ANNOUNCE), Next::Frame { .. }));
    }

    #[test]
    fn garbage_is_skipped_up_to_a_mark() {
        for garbage in [
            &b"\x80"[..],
            b"GET / HTTP/1.1\r\n",
            b"DESCRIBE * RTSP/1.0\r\nContent-Length: x\r\n",
            b"OPTIONS * RTSP/1.0\r\nContent-Length:\r\n",
            &[0xFF; 100],
            b"01$\0\0\x07\x80$\0\0\x08\x40",
        ] {
            for (mark, expected) in
                [(FRAME, frame()), (RESPONSE, (None, RESPONSE.to_vec(), vec![]))]
            {
                let stream = [garbage, mark].concat();
                assert_eq!(whole(&stream), (vec![expected], garbage.len()), "{garbage:?}");
            }
        }
        let Next::Skip { error, .. } = Rtsp::new().next(b"GET / HTTP/1.1\r\n") else { panic!() };
        assert_eq!((error.field, error.offset, error.kind.name()), ("first line", 0, "value"));
        let stream = b"PLAY * RTSP/1.0\r\nContent-Length: 1e9\r\n\r\n";
        let Next::Skip { error, .. } = Rtsp::new().next(stream) else { panic!() };
        assert_eq!((error.field, error.offset), ("Content-Length", 17));
    }

    #[test]
    fn in_the_middle_of_a_stream_only_marks_count() {
        let stream = [b"PLAY\r\n", &FRAME[1..6], FRAME, RESPONSE].concat();
        let (frames, skipped) = feed(Rtsp::lost(), &stream, &[], own);
        assert_eq!((frames, skipped), (vec![frame(), (None, RESPONSE.to_vec(), vec![])], 11));
        assert_eq!(feed(Rtsp::lost(), FRAME, &[], own), (vec![frame()], 0));
    }

    #[test]
    fn a_message_that_is_too_long_is_passed_over_with_its_body() {
        for length in [0xFFFF_usize, 1 << 20] {
            let head = format!("PLAY * RTSP/1.0\r\nContent-Length: {length}\r\n\r\n");
            let mut stream = head.clone().into_bytes();
            stream.extend(FRAME.iter().cycle().take(length));
            stream.extend(FRAME);
            for cuts in [&[][..], &[10, 50_000, 50_000, 60_000], &[head.len()]] {
                let expected = (vec![frame()], head.len() + length);
                assert_eq!(feed(Rtsp::new(), &stream, cuts, own), expected);
            }
        }
        let huge = "9".repeat(99);
        let stream =
            [b"PLAY * RTSP/1.0\nContent-Length: ", huge.as_bytes(), b"\n\n", FRAME].concat();
        assert_eq!(whole(&stream), (vec![], stream.len()));
    }

    #[test]
    fn a_head_without_an_end_is_given_up() {
        // Were it searched again from each RTSP/ on, this would take minutes.
        let mut stream = "RTSP/1.0".repeat(300_000).into_bytes();
        let cuts: Vec<_> = (0..stream.len()).step_by(1000).collect();
        let (frames, skipped) = feed(Rtsp::new(), &stream, &cuts, own);
        assert_eq!((frames.len(), skipped), (0, stream.len()));
        stream.truncate(2 * Rtsp::LONGEST);
        stream.extend(b"$");
        stream.extend(FRAME);
        assert_eq!(whole(&stream), feed(Rtsp::new(), &stream, &cuts, own));
    }

    #[test]
    fn a_frame_is_written_with_its_channel_and_length() {
        let mut out = [0xFF; 12];
        let builder = InterleavedBuilder { channel: 1, data: &FRAME[4..] };
        assert_eq!(builder.write(&mut out), Ok(12));
        assert_eq!(out, FRAME);
        assert_eq!(InterleavedBuilder::header(255, 0xFFFF), Ok([b'$', 255, 255, 255]));
        let refused = BuildError::OutOfRange { field: "data" };
        assert_eq!(InterleavedBuilder::header(0, 0x1_0000), Err(refused));
    }

    proptest! {
        #[test]
        fn any_split_gives_the_frames_that_were_written(
            frames in prop::collection::vec((any::<Option<u8>>(), prop::collection::vec(any::<u8>(), 0..40)), 0..12),
            cuts in prop::collection::vec(0usize..600, 0..30),
        ) {
            let (mut stream, mut expected) = (Vec::new(), Vec::new());
            for (channel, data) in frames {
                match channel {
                    Some(channel) => {
                        let mut out = vec![0; 4 + data.len()];
                        InterleavedBuilder { channel, data: &data[..] }.write(&mut out).unwrap();
                        stream.extend(out);
                        expected.push((Some(channel), data, Vec::new()));
                    }
                    None => {
                        let head = format!("SET_PARAMETER * RTSP/2.0\r\nCSeq: 1\r\nContent-Length: {}\r\n\r\n", data.len());
                        stream.extend(head.as_bytes());
                        stream.extend(&data);
                        expected.push((None, head.into_bytes(), data));
                    }
                }
            }
            prop_assert_eq!(feed(Rtsp::new(), &stream, &cuts, own), (expected, 0));
        }

        #[test]
        fn any_bytes_give_the_same_whatever_the_split(
            pieces in prop::collection::vec(prop_oneof![
                Just(FRAME.to_vec()), Just(RESPONSE.to_vec()), Just(b"RTSP/".to_vec()), Just(b"\r\n\r\n".to_vec()),
                Just(b"\nContent-Length: 3\n".to_vec()),
                prop::collection::vec(prop::sample::select(&b"$\0\x01\x09\x80aR\r\n:5"[..]), 0..12),
            ], 0..12),
            cuts in prop::collection::vec(0usize..200, 0..30),
        ) {
            let stream = pieces.concat();
            let each: Vec<usize> = (0..stream.len()).collect();
            let expected = whole(&stream);
            prop_assert_eq!(feed(Rtsp::new(), &stream, &cuts, own), expected.clone());
            prop_assert_eq!(feed(Rtsp::new(), &stream, &each, own), expected);
        }
    }
}
