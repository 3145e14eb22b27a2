//! Compound packets: one datagram, several RTCP packets (RFC 3550 section 6.1), or one alone (RFC 5506).

use super::{Header, Packet};
use crate::encode::Encode;
use crate::error::{BuildError, ParseError};

/// The packets of a datagram, walked by their headers.
///
/// Each step gives a packet, or what is wrong with it and where in the datagram. One bad packet does not hide the
/// next: the walk goes on wherever the length field of the bad one still lies within the datagram. Where it does not,
/// the error is the last step.
///
/// ```
/// use mediawire::rtcp::{Compound, Packet};
///
/// // A receiver report that announces a block it does not have, and a BYE behind it.
/// let datagram = [0x81, 201, 0, 1, 0, 0, 0, 1, 0x81, 203, 0, 1, 0, 0, 0, 1];
/// let mut packets = Compound::new(&datagram);
/// let error = packets.next().unwrap().unwrap_err();
/// assert_eq!(error.to_string(), "receiver report: report blocks need 24 bytes, 0 are there (byte 8)");
/// assert_eq!(packets.offset(), 8);
/// assert!(matches!(packets.next(), Some(Ok(Packet::Bye(_)))));
/// assert_eq!(packets.next(), None);
/// ```
#[derive(Clone, Debug)]
pub struct Compound<'a> {
    datagram: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Compound<'a> {
    /// A walk over `datagram`, from its first byte.
    #[inline]
    pub const fn new(datagram: &'a [u8]) -> Self {
        Self { datagram, rest: datagram }
    }

    /// Where the next packet begins: bytes from the front of the datagram.
    #[inline]
    pub const fn offset(&self) -> usize {
        self.datagram.len() - self.rest.len()
    }

    /// What has not been walked yet.
    #[inline]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

impl<'a> Iterator for Compound<'a> {
    type Item = Result<Packet<'a>, ParseError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        // The length is believed whatever else is wrong with the packet, as long as it lies within the datagram.
        let len =
            self.rest.first_chunk().map_or(usize::MAX, |&first| Header::of(first).packet_len());
        let (packet, rest) = self.rest.split_at_checked(len).unwrap_or((self.rest, &[]));
        self.rest = rest;
        Some(Packet::parse_in(self.datagram, packet))
    }
}

impl core::iter::FusedIterator for Compound<'_> {}

/// Writes packets one behind the other into a datagram of limited size.
///
/// ```
/// use mediawire::rtcp::{CompoundWriter, ReceiverReportBuilder, SdesChunkBuilder, SdesChunkList};
/// use mediawire::rtcp::{SdesItem, SdesItemType, SourceDescriptionBuilder};
///
/// let mut datagram = [0; 1200];
/// let mut compound = CompoundWriter::new(&mut datagram);
/// compound.push(&ReceiverReportBuilder { ssrc: 1, ..Default::default() })?;
/// let cname = [SdesItem::new(SdesItemType::CNAME, b"alice")];
/// let chunks = [SdesChunkBuilder { ssrc: 1, items: &cname }];
/// compound.push(&SourceDescriptionBuilder { chunks: SdesChunkList::Built(&chunks), padding: &[] })?;
/// assert_eq!(compound.written().len(), 8 + 16);
/// # Ok::<(), mediawire::BuildError>(())
/// ```
#[derive(Debug)]
pub struct CompoundWriter<'a> {
    out: &'a mut [u8],
    len: usize,
    /// The last packet ends with padding: nothing may stand behind it.
    padded: bool,
}

impl<'a> CompoundWriter<'a> {
    /// Writes into `out`; its length is the most that the datagram may have.
    #[inline]
    pub const fn new(out: &'a mut [u8]) -> Self {
        Self { out, len: 0, padded: false }
    }

    /// Appends a packet and gives its length. After an error the packets before it stand, ready to be sent.
    ///
    /// # Errors
    /// No room for it; a value that the standard forbids; a packet with padding before it, as only the last one may have
    /// some (RFC 3550 section 6.4.1).
    #[inline]
    pub fn push(&mut self, packet: &impl Encode) -> Result<usize, BuildError> {
        self.push_with(|free| packet.write(free))
    }

    /// Lets `write` write a packet to the front of the free bytes, and appends as many of them as it says; for what
    /// fits a packet to the room there is, such as [`TransportCcArrivals`](super::TransportCcArrivals).
    ///
    /// # Errors
    /// Those of `write`; the packets before it stand then.
    #[inline]
    pub fn push_with(
        &mut self,
        write: impl FnOnce(&mut [u8]) -> Result<usize, BuildError>,
    ) -> Result<usize, BuildError> {
        if self.padded {
            return Err(BuildError::OutOfRange { field: "packet behind one with padding" });
        }
        let free = self.out.get_mut(self.len..).unwrap_or_default();
        let room = free.len();
        let written = write(free)?.min(room);
        let first = self.out.get(self.len).filter(|_| written > 0);
        self.padded = first.is_some_and(|first| first & 0x20 != 0);
        self.len += written;
        Ok(written)
    }

    /// Appends all packets of another datagram, as a mixer or a translator does with those that it forwards (RFC 3550
    /// section 7), and gives their length. After an error the packets before them stand, and none of them is there.
    ///
    /// # Errors
    /// No room for them; a packet among them that cannot be read, or has padding and is not the last.
    pub fn join(&mut self, datagram: &[u8]) -> Result<usize, BuildError> {
        let mut walk = Compound::new(datagram);
        let mut padded = false;
        while let Some(packet) = walk.next() {
            padded = packet.is_ok_and(|packet| packet.header().has_padding());
            if packet.is_err() || (padded && !walk.rest().is_empty()) {
                return Err(BuildError::OutOfRange { field: "datagram to be joined" });
            }
        }
        let written = self.push_with(|free| datagram.write(free))?;
        self.padded = padded;
        Ok(written)
    }

    /// The packets written so far.
    #[inline]
    pub fn written(&self) -> &[u8] {
        self.out.get(..self.len).unwrap_or_default()
    }

    /// The bytes that are still free.
    #[inline]
    pub const fn remaining(&self) -> usize {
        self.out.len() - self.len
    }

    /// Ends the writing and gives the datagram.
    #[inline]
    pub fn finish(self) -> &'a mut [u8] {
        self.out.get_mut(..self.len).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::vec::Vec;

    use super::*;
    use crate::error::ErrorKind;
    use crate::rtcp::{ByeBuilder, PacketType, ReceiverReportBuilder};
    use crate::testing::words;

    type Seen = (usize, Result<PacketType, (usize, ErrorKind)>);

    fn walk(datagram: &[u8]) -> Vec<Seen> {
        let mut packets = Compound::new(datagram);
        let mut seen = Vec::new();
        loop {
            let offset = packets.offset();
            match packets.next() {
                Some(Ok(packet)) => seen.push((offset, Ok(packet.header().packet_type()))),
                Some(Err(error)) => seen.push((offset, Err((error.offset, error.kind)))),
                None => return seen,
            }
        }
    }

    #[test]
    fn a_bad_packet_does_not_hide_the_next() {
        let datagram = words([
            0x80c9_0001,
            1, // a receiver report
            0x81c9_0001,
            1, // one that lacks its block
            0x40c9_0001,
            1,           // version 1
            0xa0cb_0000, // padding without a byte for it
            0x80dc_0001,
            7, // an unknown type
            0x81cb_0001,
            1, // BYE
        ]);
        let expected = [
            (0, Ok(PacketType::RR)),
            (8, Err((16, ErrorKind::Count { need: 24, have: 0 }))),
            (16, Err((16, ErrorKind::Version { found: 1 }))),
            (24, Err((28, ErrorKind::Padding { found: 0, have: 0 }))),
            (28, Ok(PacketType(220))),
            (36, Ok(PacketType::BYE)),
        ];
        assert_eq!(walk(&datagram), expected);
    }

    #[test]
    fn the_packets_before_a_cut_stand() {
        let datagram = words([0x80c9_0001, 1, 0x80c9_ffff, 1]);
        let kind = ErrorKind::Truncated { need: 0x40000, have: 8 };
        assert_eq!(walk(&datagram), [(0, Ok(PacketType::RR)), (8, Err((8, kind)))]);
        let kind = ErrorKind::Truncated { need: 4, have: 3 };
        assert_eq!(walk(&datagram[..11]), [(0, Ok(PacketType::RR)), (8, Err((8, kind)))]);
        assert_eq!(walk(&[]), []);
    }

    #[test]
    fn what_does_not_fit_is_refused_and_the_rest_stands() {
        let mut out = [0; 12];
        let mut compound = CompoundWriter::new(&mut out);
        let report = ReceiverReportBuilder { ssrc: 7, ..Default::default() };
        assert_eq!(compound.push(&report), Ok(8));
        let error = BuildError::BufferTooSmall { need: 8, have: 4 };
        assert_eq!(compound.push(&report), Err(error));
        assert_eq!((compound.written().len(), compound.remaining()), (8, 4));
        assert_eq!(compound.push(&ByeBuilder::default()), Ok(4));
        assert_eq!(compound.finish(), words([0x80c9_0001, 7, 0x80cb_0000]));
    }

    #[test]
    fn what_fits_itself_to_the_room_is_given_the_room_that_is_left() {
        let mut out = [0; 12];
        let mut compound = CompoundWriter::new(&mut out);
        assert_eq!(compound.push(&ReceiverReportBuilder { ssrc: 7, ..Default::default() }), Ok(8));
        let bye = words([0x80cb_0000]);
        let pushed = compound.push_with(|free| {
            free.copy_from_slice(&bye);
            Ok(free.len())
        });
        assert_eq!(pushed, Ok(4));
        let error = BuildError::BufferTooSmall { need: 4, have: 0 };
        assert_eq!(compound.push_with(|_| Err(error)), Err(error));
        assert_eq!(compound.push_with(|_| Ok(9)), Ok(0), "more than there was");
        assert_eq!(compound.finish(), words([0x80c9_0001, 7, 0x80cb_0000]));
    }

    #[test]
    fn nothing_stands_behind_padding() {
        let mut out = [0; 64];
        let mut compound = CompoundWriter::new(&mut out);
        let padded = ByeBuilder { padding: &[0, 0, 0, 4], ..Default::default() };
        assert_eq!(compound.push(&padded), Ok(8));
        let error = BuildError::OutOfRange { field: "packet behind one with padding" };
        assert_eq!(compound.push(&ByeBuilder::default()), Err(error));
        assert_eq!(compound.join(&words([0x80cb_0000])), Err(error));
        assert_eq!(compound.written().len(), 8);
    }

    #[test]
    fn the_packets_of_another_datagram_join_or_none_of_them() {
        let other = words([0x80c9_0001, 1, 0x81cb_0001, 1]);
        let mut out = [0; 24];
        let mut compound = CompoundWriter::new(&mut out);
        assert_eq!(compound.join(&other), Ok(16));
        assert_eq!(compound.join(&other), Err(BuildError::BufferTooSmall { need: 16, have: 8 }));
        let broken = BuildError::OutOfRange { field: "datagram to be joined" };
        assert_eq!(compound.join(&words([0x80c9_0002, 1])), Err(broken));
        assert_eq!(compound.join(&words([0xa0cb_0001, 4, 0x80cb_0000])), Err(broken));
        assert_eq!(compound.join(&words([0xa0cb_0001, 4])), Ok(8));
        assert!(compound.push(&ByeBuilder::default()).is_err(), "padding joined last");
        assert_eq!(compound.finish(), [other, words([0xa0cb_0001, 4])].concat());
    }

    proptest! {
        #[test]
        fn every_walk_ends_and_covers_the_datagram(
            datagram in prop::collection::vec(prop::sample::select(&[0u8, 1, 2, 0x80, 0x81, 0xA0, 200, 201, 202, 203, 204, 205, 255][..]), 0..200),
        ) {
            let mut packets = Compound::new(&datagram);
            let mut offset = 0;
            while packets.next().is_some() {
                prop_assert!(packets.offset() > offset);
                offset = packets.offset();
            }
            prop_assert_eq!(offset, datagram.len());
        }
    }
}
