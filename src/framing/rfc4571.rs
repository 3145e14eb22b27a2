//! RTP and RTCP on a stream, each packet behind its length (RFC 4571 section 2).
//!
//! ```text
//! |             LENGTH            |  RTP or RTCP packet ...       |
//! ```

use super::{Deframer, Next};
use crate::encode::{Encode, Sink, narrow};
use crate::error::BuildError;

const HEADER_LEN: usize = 2;

/// Finds the packets of a stream that is framed by RFC 4571. ICE over TCP sends STUN and DTLS so, too (RFC 6544 section 3);
/// what a packet is, [`demux`](crate::demux::demux) tells.
///
/// A frame is the packet; an empty one is the null packet, which means nothing. Every row of bytes is a row of frames, so
/// nothing is ever skipped but a frame cut short by the stream's end, and a receiver that has lost its place cannot find
/// it again: where packets stop being what they should be, close the connection.
///
/// ```
/// use mediawire::framing::{Deframer, Next, Rfc4571};
///
/// let mut deframer = Rfc4571;
/// assert_eq!(deframer.next(&[0, 3, 0x80]), Next::Need(2));
/// assert_eq!(deframer.next(&[0, 3, 0x80, 0x60, 7, 0]), Next::Frame { frame: &[0x80, 0x60, 7][..], used: 5 });
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Rfc4571;

impl Deframer for Rfc4571 {
    type Frame<'b> = &'b [u8];

    const LONGEST: usize = HEADER_LEN + 0xFFFF;

    #[inline]
    fn next<'b>(&mut self, buffer: &'b [u8]) -> Next<&'b [u8]> {
        let Some((length, rest)) = buffer.split_first_chunk::<HEADER_LEN>() else {
            return Next::Need(HEADER_LEN.saturating_sub(buffer.len()));
        };
        let len = usize::from(u16::from_be_bytes(*length));
        match rest.get(..len) {
            Some(frame) => Next::Frame { frame, used: len.saturating_add(HEADER_LEN) },
            None => Next::Need(len.saturating_sub(rest.len())),
        }
    }
}

/// A packet to be written with its length before it (RFC 4571 section 2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rfc4571Builder<P> {
    /// The packet, of at most 65535 bytes: any builder, or bytes. Without bytes it is the null packet.
    pub packet: P,
}

impl Rfc4571Builder<()> {
    /// The two bytes before a packet that is written by other means.
    ///
    /// # Errors
    /// More than 65535 bytes.
    #[inline]
    pub fn header(packet_len: usize) -> Result<[u8; HEADER_LEN], BuildError> {
        narrow("packet", packet_len).map(u16::to_be_bytes)
    }
}

impl<P: Encode> Encode for Rfc4571Builder<P> {
    #[inline]
    fn encoded_len(&self) -> usize {
        self.packet.encoded_len().saturating_add(HEADER_LEN)
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        *out.array()? = Rfc4571Builder::header(self.packet.encoded_len())?;
        self.packet.encode(out)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::vec;
    use std::vec::Vec;

    use super::super::testing::feed;
    use super::*;

    #[test]
    fn a_null_packet_is_a_frame_and_the_longest_one_too() {
        assert_eq!(Rfc4571.next(&[0, 0, 9]), Next::Frame { frame: &[][..], used: 2 });
        let mut longest = vec![7; 2 + 0xFFFF];
        longest[..2].fill(0xFF);
        assert_eq!(Rfc4571.next(&longest[..0xFFFF]), Next::Need(2));
        assert_eq!(Rfc4571.next(&longest), Next::Frame { frame: &longest[2..], used: 2 + 0xFFFF });
    }

    #[test]
    fn what_is_missing_is_said_byte_by_byte() {
        let stream = [0, 3, 1, 2, 3];
        let need: Vec<_> = (0..5).map(|len| Rfc4571.next(&stream[..len])).collect();
        assert_eq!(need, [2, 1, 3, 2, 1].map(Next::Need));
        let Next::Skip { used: 4, error } = Rfc4571.last(&stream[..4]) else { panic!() };
        assert_eq!(error.kind.name(), "truncated");
        assert_eq!(Rfc4571.last(&[]), Next::Need(2));
    }

    #[test]
    fn a_packet_that_is_too_long_is_not_written() {
        let mut out = [0xFF; 5];
        assert_eq!(Rfc4571Builder { packet: &[1, 2, 3][..] }.write(&mut out), Ok(5));
        assert_eq!(out, [0, 3, 1, 2, 3]);
        assert_eq!(Rfc4571Builder::header(0xFFFF), Ok([0xFF; 2]));
        let refused = BuildError::OutOfRange { field: "packet" };
        assert_eq!(Rfc4571Builder::header(0x1_0000), Err(refused));
    }

    proptest! {
        #[test]
        fn any_split_gives_the_packets_that_were_written(
            packets in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 0..10),
            cuts in prop::collection::vec(0usize..500, 0..20),
        ) {
            let mut stream = Vec::new();
            for packet in &packets {
                let at = stream.len();
                stream.resize(at + 2 + packet.len(), 0);
                Rfc4571Builder { packet: &packet[..] }.write(&mut stream[at..]).unwrap();
            }
            let (frames, skipped) = feed(Rfc4571, &stream, &cuts, <[u8]>::to_vec);
            prop_assert_eq!((frames, skipped), (packets, 0));
        }
    }
}
