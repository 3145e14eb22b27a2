//! Messages on a stream (TCP, TLS), where nothing but their own lengths tells one from the next.
//!
//! A [`Deframer`] looks at the bytes that have come in and not been used yet. It says that there is a [frame](Next::Frame),
//! and how many bytes it takes; or how many more bytes are [needed](Next::Need); or that bytes have to be
//! [skipped](Next::Skip) because they are no frame. The bytes stay in the caller's buffer, frames borrow from it, and it does
//! not matter where the stream was cut into segments. Each byte is looked at a bounded number of times, whatever the bytes
//! and however few come at once.
//!
//! | | on the stream | after garbage |
//! |---|---|---|
//! | [`Turn`] | STUN (RFC 8489 section 6.2.2) and ChannelData (RFC 8656 section 12.5) | goes on at the next STUN header, which the cookie marks |
//! | [`Rfc4571`] | RTP, RTCP, and with ICE also STUN and DTLS, each behind its length (RFC 4571 section 2) | any bytes are frames: it cannot tell |
//! | [`Rtsp`] | RTSP messages, and RTP and RTCP in frames behind a `$` (RFC 7826 section 14) | goes on at the next frame with RTP or RTCP, or where it says `RTSP/` |
//!
//! [`Frames`] walks over all that there is in a buffer:
//!
//! ```
//! use mediawire::framing::{Frames, Turn, TurnFrame};
//!
//! let mut deframer = Turn::new();
//! // A ChannelData message of 2 bytes with its padding, and the beginning of a STUN message.
//! let mut buffer = vec![0x40, 0x00, 0, 2, 0xAA, 0xBB, 0, 0, 0x00, 0x01, 0x00];
//!
//! let mut frames = Frames::new(&mut deframer, &buffer);
//! for frame in &mut frames {
//!     match frame? {
//!         TurnFrame::ChannelData(message) => assert_eq!(message.data(), [0xAA, 0xBB]),
//!         TurnFrame::Stun(bytes) => unreachable!("{bytes:?}"),
//!     }
//! }
//! let (used, need) = (frames.used(), frames.need());
//! assert_eq!((used, need), (8, 17)); // the rest of the header, at least
//! buffer.drain(..used); // and read more behind what is left
//! # Ok::<(), mediawire::ParseError>(())
//! ```

mod rfc4571;
mod rtsp;
mod turn;

pub use rfc4571::{Rfc4571, Rfc4571Builder};
pub use rtsp::{InterleavedBuilder, Rtsp, RtspFrame};
pub use turn::{Turn, TurnFrame};

use crate::error::{ErrorKind, ParseError};

/// What is at the front of a stream's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next<T> {
    /// A whole frame.
    Frame {
        /// What it is, in place.
        frame: T,
        /// The bytes that it takes, all that belongs to it included: drop them before the next call.
        used: usize,
    },
    /// Not a whole frame yet: at least so many more bytes are needed.
    Need(usize),
    /// Bytes that are no frame, and why. Drop them before the next call. A long row of them may take several calls.
    Skip {
        /// How many, 1 or more.
        used: usize,
        /// What is wrong; its offset counts from the front of the buffer.
        error: ParseError,
    },
}

/// Finds the frames of one direction of a stream.
///
/// It remembers what it has learned about the bytes that it was shown, so that none is searched again and again. So it has
/// to be shown, at each call, the bytes behind those that it has [used](Next::Frame::used) or [skipped](Next::Skip::used):
/// the same as before, and more of them after [`Next::Need`]. After a gap in the stream start with a new one that is
/// [lost](Turn::lost).
pub trait Deframer {
    /// A frame in the caller's buffer.
    type Frame<'b>;

    /// The bytes of the longest frame: a buffer of that size is never too short.
    const LONGEST: usize;

    /// Looks at the front of `buffer`.
    fn next<'b>(&mut self, buffer: &'b [u8]) -> Next<Self::Frame<'b>>;

    /// The same where nothing more will come, as the stream has ended: [`Next::Need`] only for an empty `buffer`. A frame
    /// that is cut short is skipped, `Truncated`.
    #[inline]
    fn last<'b>(&mut self, buffer: &'b [u8]) -> Next<Self::Frame<'b>> {
        match self.next(buffer) {
            Next::Need(more) if !buffer.is_empty() => cut_short(buffer, more),
            next => next,
        }
    }
}

/// A frame of which `more` bytes are missing for ever.
#[cold]
fn cut_short<T>(buffer: &[u8], more: usize) -> Next<T> {
    let have = buffer.len();
    let kind = ErrorKind::Truncated { need: have.saturating_add(more), have };
    Next::Skip { used: have, error: ParseError { what: "stream", field: "frame", offset: 0, kind } }
}

/// The frames in a buffer, one after the other, and an error for bytes that are skipped.
#[derive(Debug)]
pub struct Frames<'d, 'b, D> {
    deframer: &'d mut D,
    buffer: &'b [u8],
    used: usize,
    need: usize,
    has_ended: bool,
}

impl<'d, 'b, D: Deframer> Frames<'d, 'b, D> {
    /// A walk over `buffer`: what was left of the last one, and what has come in since.
    #[inline]
    pub const fn new(deframer: &'d mut D, buffer: &'b [u8]) -> Self {
        Self { deframer, buffer, used: 0, need: 0, has_ended: false }
    }

    /// The last walk of a stream that has ended: what is cut short is an error, see [`Deframer::last`].
    #[inline]
    pub const fn ending(deframer: &'d mut D, buffer: &'b [u8]) -> Self {
        Self { deframer, buffer, used: 0, need: 0, has_ended: true }
    }

    /// The bytes that have been walked over, to be dropped when the walk has ended.
    #[inline]
    pub const fn used(&self) -> usize {
        self.used
    }

    /// How many more bytes, at least, the next frame needs: known when the walk has ended.
    #[inline]
    pub const fn need(&self) -> usize {
        self.need
    }
}

impl<'b, D: Deframer> Iterator for Frames<'_, 'b, D> {
    type Item = Result<D::Frame<'b>, ParseError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.buffer.get(self.used..).unwrap_or_default();
        let next = if self.has_ended { self.deframer.last(rest) } else { self.deframer.next(rest) };
        match next {
            Next::Frame { frame, used } => {
                self.used = self.used.saturating_add(used);
                Some(Ok(frame))
            }
            Next::Skip { used, error } => {
                let offset = self.used.saturating_add(error.offset);
                self.used = self.used.saturating_add(used);
                Some(Err(ParseError { offset, ..error }))
            }
            Next::Need(more) => {
                self.need = more;
                None
            }
        }
    }
}

#[cfg(test)]
mod testing {
    //! What the tests of the deframers share.
    extern crate std;
    use std::vec::Vec;

    use super::{Deframer, Next};

    /// Feeds a stream in pieces that end at `cuts`, and gives what `own` makes of each frame, and the bytes skipped.
    pub(super) fn feed<D: Deframer, T>(
        mut deframer: D,
        stream: &[u8],
        cuts: &[usize],
        own: impl for<'b> Fn(D::Frame<'b>) -> T,
    ) -> (Vec<T>, usize) {
        let (mut frames, mut skipped, mut front) = (Vec::new(), 0, 0);
        let mut cuts: Vec<_> = cuts.iter().map(|cut| (*cut).min(stream.len())).collect();
        cuts.push(stream.len());
        cuts.sort_unstable();
        for (index, &end) in cuts.iter().enumerate() {
            let is_last = index + 1 == cuts.len();
            loop {
                let buffer = &stream[front..end];
                let next = if is_last { deframer.last(buffer) } else { deframer.next(buffer) };
                match next {
                    Next::Frame { frame, used } => {
                        assert!(used >= 1 && used <= D::LONGEST && used <= buffer.len());
                        frames.push(own(frame));
                        front += used;
                    }
                    Next::Skip { used, error } => {
                        assert!(used >= 1 && used <= buffer.len(), "{error}");
                        assert!(error.offset <= buffer.len(), "{error}");
                        skipped += used;
                        front += used;
                    }
                    Next::Need(more) => {
                        assert!(more >= 1 && buffer.len() + more <= D::LONGEST);
                        assert!(!is_last || buffer.is_empty());
                        break;
                    }
                }
            }
        }
        assert_eq!(front, stream.len(), "nothing is left");
        (frames, skipped)
    }
}
