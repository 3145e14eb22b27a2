//! H.271 video back channel message, VBCM (RFC 5104 section 4.3.4).
//!
//! ```text
//! |V=2|P|  FMT=7  |    PT=206     |            length             |  header.rs
//! |                    SSRC of packet sender                      |  sender_ssrc
//! |             SSRC of media source, not used: 0                 |  media_ssrc
//! |                            SSRC                               |  one or more entries
//! |    seq nr.    |0| payload type|       length, in bytes        |
//! |         octet string          |  zeros to a 32-bit boundary   |
//! ```

use core::fmt;

use super::common::{
    START_LEN, common_accessors, debug_start, display_start, feedback_of, write_start,
};
use super::{Feedback, PayloadFeedbackFormat};
use crate::encode::{Encode, Sink, narrow};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::rtcp::PacketType;
use crate::wire::{announced, array, context};

/// The bytes of an entry before its octet string.
const ENTRY_START: usize = 8;

/// What a decoder has to say to encoders in the terms of H.271, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Vbcm<'a> {
    common: Feedback<'a>,
}

impl<'a> Vbcm<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type or format, a version other than 2, a length or padding beyond the packet; no entry, or one
    /// that does not lie within the packet.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("VBCM", bytes, vbcm)
    }

    common_accessors!();

    /// The messages, one or more.
    #[inline]
    pub const fn entries(&self) -> VbcmEntries<'a> {
        VbcmEntries { bytes: self.common.fci() }
    }
}

/// Validates the whole packet: after this no accessor and no iterator can fail.
#[inline]
pub(crate) fn vbcm(i: &[u8]) -> Step<'_, Vbcm<'_>> {
    let (rest, common) = feedback_of(PacketType::PSFB, PayloadFeedbackFormat::VBCM.0)(i)?;
    let mut left = common.fci();
    if left.is_empty() {
        let kind = ErrorKind::Length { found: 0, have: ENTRY_START };
        return Err(Fail::field("entries", left, kind));
    }
    while !left.is_empty() {
        (left, _) = entry(left)?;
    }
    Ok((rest, Vbcm { common }))
}

/// One entry up to the 32-bit boundary behind its octet string; `i` begins at such a boundary.
#[inline]
fn entry(i: &[u8]) -> Step<'_, VbcmEntry<'_>> {
    let (rest, start) = context("entry", array::<ENTRY_START>)(i)?;
    let [a, b, c, d, sequence_number, payload_type, high, low] = *start;
    let length = usize::from(u16::from_be_bytes([high, low]));
    let (rest, octets) = context("octet string", announced(length))(rest)?;
    // The zeros may be missing at the end, where the packet's padding stands in for them.
    let rest = rest.get(length.wrapping_neg() % 4..).unwrap_or_default();
    let ssrc = u32::from_be_bytes([a, b, c, d]);
    let payload_type = payload_type & 0x7F;
    Ok((rest, VbcmEntry { ssrc, sequence_number, payload_type, octets }))
}

/// The entries of a video back channel message; what [`Vbcm::entries`] gives.
#[derive(Clone, PartialEq, Eq)]
pub struct VbcmEntries<'a> {
    bytes: &'a [u8],
}

impl<'a> Iterator for VbcmEntries<'a> {
    type Item = VbcmEntry<'a>;

    #[inline]
    fn next(&mut self) -> Option<VbcmEntry<'a>> {
        let (rest, entry) = entry(self.bytes).ok()?;
        self.bytes = rest;
        Some(entry)
    }
}

impl core::iter::FusedIterator for VbcmEntries<'_> {}

impl fmt::Debug for VbcmEntries<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

/// A message to one media sender, read or to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VbcmEntry<'a> {
    /// The media sender that it is for.
    pub ssrc: u32,
    /// Command sequence number: one more, modulo 256, for each new command; the same in a repetition.
    pub sequence_number: u8,
    /// The RTP payload type in whose terms the octets are to be read; 7 bits.
    pub payload_type: u8,
    /// The octet string, a message of H.271; at most 65,535 bytes.
    pub octets: &'a [u8],
}

impl Encode for VbcmEntry<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        ENTRY_START + self.octets.len().next_multiple_of(4)
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if self.payload_type > 0x7F {
            return Err(BuildError::OutOfRange { field: "payload type" });
        }
        let length: u16 = narrow("length", self.octets.len())?;
        *out.array()? = self.ssrc.to_be_bytes();
        *out.array()? = [self.sequence_number, self.payload_type];
        *out.array()? = length.to_be_bytes();
        out.bytes(self.octets)?;
        out.zeros(self.octets.len().wrapping_neg() % 4)
    }
}

impl fmt::Display for Vbcm<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display_start(f, &self.common)?;
        self.entries().try_for_each(|entry| {
            let VbcmEntry { ssrc, sequence_number, payload_type, octets } = entry;
            write!(f, " [ssrc={ssrc:#010x} seq={sequence_number} pt={payload_type}")?;
            write!(f, " octets={}]", octets.len())
        })
    }
}

impl fmt::Debug for Vbcm<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug_start(f, "Vbcm", &self.common).field("entries", &self.entries()).finish()
    }
}

#[cfg(feature = "serde")]
mod json {
    use serde::ser::{Serialize, SerializeMap, Serializer};

    use super::{Vbcm, VbcmEntry};
    use crate::rtcp::feedback::common::serialize_start;
    use crate::ser::{Hex, List};

    impl Serialize for Vbcm<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            serialize_start(&mut map, &self.common)?;
            map.serialize_entry("entries", &List(self.entries()))?;
            map.end()
        }
    }

    impl Serialize for VbcmEntry<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(Some(4))?;
            map.serialize_entry("ssrc", &self.ssrc)?;
            map.serialize_entry("command_sequence_number", &self.sequence_number)?;
            map.serialize_entry("payload_type", &self.payload_type)?;
            map.serialize_entry("data", &Hex(self.octets))?;
            map.end()
        }
    }
}

/// A video back channel message to be written: fill in the fields, or take a view's by `From`; then `write`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VbcmBuilder<'a> {
    /// As [`Vbcm::sender_ssrc`]; every field points to its accessor so.
    pub sender_ssrc: u32,
    /// As [`Vbcm::media_ssrc`]: 0 by the standard.
    pub media_ssrc: u32,
    /// At least one.
    pub entries: VbcmEntryList<'a>,
    /// As [`Vbcm::padding`].
    pub padding: &'a [u8],
}

/// The entries of a [`VbcmBuilder`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VbcmEntryList<'a> {
    /// New ones.
    Built(&'a [VbcmEntry<'a>]),
    /// Those of a view, byte for byte.
    Read(VbcmEntries<'a>),
}

impl<'a> From<Vbcm<'a>> for VbcmBuilder<'a> {
    fn from(packet: Vbcm<'a>) -> Self {
        Self {
            sender_ssrc: packet.sender_ssrc(),
            media_ssrc: packet.media_ssrc(),
            entries: VbcmEntryList::Read(packet.entries()),
            padding: packet.padding(),
        }
    }
}

impl Encode for VbcmEntryList<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        match self {
            Self::Built(entries) => entries.iter().map(Encode::encoded_len).sum(),
            Self::Read(entries) => entries.bytes.len(),
        }
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        match self {
            Self::Built(entries) => entries.iter().try_for_each(|entry| entry.encode(out)),
            Self::Read(entries) => out.bytes(entries.bytes),
        }
    }
}

impl Encode for VbcmBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        START_LEN + self.entries.encoded_len() + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let len = self.encoded_len();
        if len == START_LEN + self.padding.len() {
            return Err(BuildError::OutOfRange { field: "entries" });
        }
        let format = (PacketType::PSFB, PayloadFeedbackFormat::VBCM.0);
        write_start(out, format, (self.sender_ssrc, self.media_ssrc), len, self.padding)?;
        self.entries.encode(out)?;
        out.bytes(self.padding)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;
    use crate::testing::{PADDINGS, refuses_every_truncation, words};

    // RFC 5104 figure 7, row by row: the entry of inspect-json.md (frame 5, index 9), then one of four octets, then an
    // empty one.
    const VBCM: [u32; 11] = [
        0x87ce_000a, // V=2 P=0 FMT=7 PT=206 length=10
        0x0000_0001, // SSRC of packet sender
        0x0000_0000, // SSRC of media source, not used
        0x0000_0002, // SSRC
        0x0160_0003, // seq nr. 1, 0, payload type 96, length 3
        0x0102_0300, // octets, one byte of zeros
        0x0000_0003, // SSRC
        0xffff_0004, // seq nr. 255, 1, payload type 127, length 4
        0x0a0b_0c0d, // octets
        0x0000_0004, // SSRC
        0x0000_0000, // seq nr. 0, 0, payload type 0, length 0
    ];

    const ENTRIES: [VbcmEntry<'static>; 3] = [
        VbcmEntry { ssrc: 2, sequence_number: 1, payload_type: 96, octets: &[1, 2, 3] },
        VbcmEntry { ssrc: 3, sequence_number: 255, payload_type: 127, octets: &[10, 11, 12, 13] },
        VbcmEntry { ssrc: 4, sequence_number: 0, payload_type: 0, octets: &[] },
    ];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(VBCM);
        let packet = Vbcm::parse(&bytes).unwrap();
        assert_eq!((packet.sender_ssrc(), packet.media_ssrc()), (1, 0));
        assert_eq!(packet.entries().collect::<Vec<_>>(), ENTRIES);
        let line = "VBCM sender=0x00000001 media=0x00000000 [ssrc=0x00000002 seq=1 pt=96 octets=3]";
        assert!(packet.to_string().starts_with(line), "{packet}");
        let builder = VbcmBuilder::from(packet);
        assert_eq!(builder.to_vec().unwrap(), bytes, "with the reserved bit of the second entry");
        let entries = VbcmEntryList::Built(&ENTRIES);
        let mut expected = bytes.clone();
        expected[29] = 0x7F; // the reserved bit is not built
        let builder = VbcmBuilder { entries, ..builder };
        assert_eq!(builder.to_vec().unwrap(), expected);
    }

    #[test]
    fn refuses_every_truncation_and_entries_beyond_the_packet() {
        refuses_every_truncation(&words(VBCM), Vbcm::parse);
        let refused = |rows: &[u32]| {
            let error = Vbcm::parse(&words(rows)).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let kind = ErrorKind::Length { found: 0, have: 8 };
        assert_eq!(refused(&[0x87ce_0002, 1, 0]), ("entries", 12, kind));
        let kind = ErrorKind::Length { found: 5, have: 4 };
        let beyond = [0x87ce_0005, 1, 0, 2, 0x0160_0005, 0];
        assert_eq!(refused(&beyond), ("octet string", 20, kind));
        let kind = ErrorKind::Truncated { need: 8, have: 4 };
        let half = [0x87ce_0006, 1, 0, 2, 0x0160_0004, 0, 3];
        assert_eq!(refused(&half), ("entry", 24, kind));
    }

    #[test]
    fn padding_is_no_entry() {
        let bytes = words([0xa7ce_0006, 1, 0, 2, 0x0160_0000, 0, 8]);
        let packet = Vbcm::parse(&bytes).unwrap();
        assert_eq!((packet.entries().count(), packet.padding().len()), (1, 8));
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        let build = |entries: &[VbcmEntry<'_>]| {
            VbcmBuilder {
                sender_ssrc: 1,
                media_ssrc: 0,
                entries: VbcmEntryList::Built(entries),
                padding: &[],
            }
            .to_vec()
        };
        let out_of_range = |field| Err(BuildError::OutOfRange { field });
        assert_eq!(build(&[]), out_of_range("entries"));
        let wide = VbcmEntry { payload_type: 128, ..ENTRIES[0] };
        assert_eq!(build(&[wide]), out_of_range("payload type"));
        let long = VbcmEntry { octets: &[0; 65_536], ..ENTRIES[0] };
        assert_eq!(build(&[long]), out_of_range("length"));
    }

    #[test]
    #[cfg(feature = "serde")]
    fn is_shown_as_the_inspector_shows_it() {
        // inspect-json.md, frame 5, index 9.
        let json = r#"{"version":2,"padding":false,"packet_type":206,"length":5,"padding_size":0,"type":"vbcm","fmt":7,"sender_ssrc":1,"media_ssrc":0,"entries":[{"ssrc":2,"command_sequence_number":1,"payload_type":96,"data":"010203"}]}"#;
        let bytes = words([0x87ce_0005, 1, 0, 2, 0x0160_0003, 0x0102_0300]);
        let packet = Vbcm::parse(&bytes).unwrap();
        assert_eq!(serde_json::to_string(&packet).unwrap(), json);
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (sender_ssrc, media_ssrc) in any::<(u32, u32)>(),
            list in prop::collection::vec(
                (any::<u32>(), any::<u8>(), 0u8..128, prop::collection::vec(any::<u8>(), 0..12)),
                1..6,
            ),
            padding in prop::sample::select(PADDINGS),
        ) {
            let list: Vec<_> = list
                .iter()
                .map(|&(ssrc, sequence_number, payload_type, ref octets)| {
                    VbcmEntry { ssrc, sequence_number, payload_type, octets }
                })
                .collect();
            let entries = VbcmEntryList::Built(&list);
            let builder =
                VbcmBuilder { sender_ssrc, media_ssrc, entries, padding };
            let bytes = builder.to_vec().unwrap();
            let packet = Vbcm::parse(&bytes).unwrap();
            prop_assert_eq!(packet.entries().collect::<Vec<_>>(), list.clone());
            prop_assert_eq!((packet.sender_ssrc(), packet.media_ssrc()), (sender_ssrc, media_ssrc));
            let again = VbcmBuilder::from(packet);
            prop_assert_eq!(again.padding, padding);
            prop_assert_eq!(again.to_vec().unwrap(), bytes);
        }
    }
}
