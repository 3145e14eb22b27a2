//! Pausing and resuming of streams, PAUSE-RESUME (RFC 7728 section 7).
//!
//! ```text
//! |V=2|P|  FMT=9  |    PT=205     |            length             |  raw.rs
//! |                    SSRC of packet sender                      |
//! |                SSRC of media source: unused, 0                |
//! |                          Target SSRC                          |  entries, one or more
//! | Type  |  Res  | Parameter Len |           PauseID             |
//! |           Type Specific, Parameter Len words                  |
//! ```

use core::fmt;

use super::TransportFeedbackFormat;
use super::common::{
    START_LEN, common_accessors, debug_start, display_start, feedback_of, write_start,
};
use super::raw::Feedback;
use crate::encode::{Encode, Sink, narrow};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::registry::registry;
use crate::rtcp::PacketType;
use crate::wire::{announced, array, context};

const FORMAT: (PacketType, u8) = (PacketType::RTPFB, TransportFeedbackFormat::PAUSE_RESUME.0);
const HEAD_LEN: usize = 8;

registry! {
    /// What a PAUSE-RESUME entry says, 4 bits (RFC 7728 section 7).
    PauseResumeType(u8) {
        /// Asks that the stream be paused.
        PAUSE = 0, "PAUSE";
        /// Asks that it be resumed.
        RESUME = 1, "RESUME";
        /// The stream is paused.
        PAUSED = 2, "PAUSED";
        /// The request is not granted.
        REFUSED = 3, "REFUSED";
    }
}

/// Requests to pause and resume streams, and the answers to them; read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PauseResume<'a> {
    common: Feedback<'a>,
}

impl<'a> PauseResume<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type or format, a version other than 2, a length or padding beyond the packet; no entry, an entry
    /// beyond the packet.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("PAUSE-RESUME", bytes, pause_resume)
    }

    common_accessors!();

    /// One entry or more, in the order of the wire.
    #[inline]
    pub const fn entries(&self) -> PauseResumeEntries<'a> {
        PauseResumeEntries { bytes: self.common.fci }
    }
}

/// Validates the whole packet: after this no accessor and no iterator can fail.
#[inline]
pub(crate) fn pause_resume(i: &[u8]) -> Step<'_, PauseResume<'_>> {
    let (rest, common) = feedback_of(FORMAT.0, FORMAT.1)(i)?;
    if common.fci.is_empty() {
        let kind = ErrorKind::Length { found: 0, have: HEAD_LEN };
        return Err(Fail::field("entries", common.fci, kind));
    }
    let mut left = common.fci;
    while !left.is_empty() {
        (left, _) = entry(left)?;
    }
    Ok((rest, PauseResume { common }))
}

#[inline]
fn entry(i: &[u8]) -> Step<'_, PauseResumeEntry<'_>> {
    let (rest, &head) = context("entry", array::<HEAD_LEN>)(i)?;
    let [a, b, c, d, kind, words, id_high, id_low] = head;
    let len = usize::from(words) * 4;
    let (rest, type_specific) = context("type specific", announced(len))(rest)?;
    let entry = PauseResumeEntry {
        target_ssrc: u32::from_be_bytes([a, b, c, d]),
        entry_type: PauseResumeType(kind >> 4),
        reserved: kind & 0xF,
        pause_id: u16::from_be_bytes([id_high, id_low]),
        type_specific,
    };
    Ok((rest, entry))
}

/// The entries of a PAUSE-RESUME packet; what [`PauseResume::entries`] gives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PauseResumeEntries<'a> {
    bytes: &'a [u8],
}

impl<'a> Iterator for PauseResumeEntries<'a> {
    type Item = PauseResumeEntry<'a>;

    #[inline]
    fn next(&mut self) -> Option<PauseResumeEntry<'a>> {
        let (rest, entry) = entry(self.bytes).ok()?;
        self.bytes = rest;
        Some(entry)
    }
}

impl core::iter::FusedIterator for PauseResumeEntries<'_> {}

impl fmt::Debug for PauseResumeEntries<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

/// One request or answer, read or to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PauseResumeEntry<'a> {
    /// The stream that it is about.
    pub target_ssrc: u32,
    /// What it says; 4 bits. A type without a name is to be ignored.
    pub entry_type: PauseResumeType,
    /// Res, 4 bits, 0 by the standard.
    pub reserved: u8,
    /// PauseID: which pause of this stream it is about.
    pub pause_id: u16,
    /// Type Specific: whole words, at most 255. PAUSED has the last sequence number in it.
    pub type_specific: &'a [u8],
}

impl PauseResumeEntry<'_> {
    /// Of PAUSED: the extended sequence number of the last packet before the pause.
    #[inline]
    pub fn last_sequence_number(&self) -> Option<u32> {
        match self.type_specific.first_chunk() {
            Some(&number) if self.entry_type == PauseResumeType::PAUSED => {
                Some(u32::from_be_bytes(number))
            }
            _ => None,
        }
    }
}

impl Encode for PauseResumeEntry<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        HEAD_LEN + self.type_specific.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let refused = |field| Err(BuildError::OutOfRange { field });
        if self.entry_type.name().is_none() {
            return refused("type of a PAUSE-RESUME entry");
        }
        if self.reserved > 0xF {
            return refused("reserved");
        }
        let (words, rest) = self.type_specific.as_chunks::<4>();
        let lacks = self.entry_type == PauseResumeType::PAUSED && words.is_empty();
        if lacks || !rest.is_empty() {
            return refused("type specific");
        }
        *out.array()? = self.target_ssrc.to_be_bytes();
        let kind = self.entry_type.0 << 4 | self.reserved;
        *out.array()? = [kind, narrow("type specific", words.len())?];
        *out.array()? = self.pause_id.to_be_bytes();
        out.bytes(self.type_specific)
    }
}

/// `PAUSED target=0x00000001 id=5 last=66051`.
impl fmt::Display for PauseResumeEntry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} target={:#010x}", self.entry_type, self.target_ssrc)?;
        write!(f, " id={}", self.pause_id)?;
        self.last_sequence_number().map_or(Ok(()), |number| write!(f, " last={number}"))
    }
}

/// `PAUSE-RESUME sender=0x00000001 media=0x00000000 [PAUSE target=0x00000002 id=5]`.
impl fmt::Display for PauseResume<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display_start(f, &self.common)?;
        self.entries().try_for_each(|entry| write!(f, " [{entry}]"))
    }
}

impl fmt::Debug for PauseResume<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug_start(f, "PauseResume", &self.common).field("entries", &self.entries()).finish()
    }
}

#[cfg(feature = "serde")]
mod json {
    use serde::ser::{Serialize, SerializeMap, Serializer};

    use super::{PauseResume, PauseResumeEntry};
    use crate::rtcp::feedback::common::serialize_entries;
    use crate::ser::Hex;

    impl Serialize for PauseResume<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serialize_entries(serializer, &self.common, self.entries())
        }
    }

    impl Serialize for PauseResumeEntry<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(Some(5))?;
            map.serialize_entry("target_ssrc", &self.target_ssrc)?;
            map.serialize_entry("type", &self.entry_type.0)?;
            map.serialize_entry("parameter_len", &(self.type_specific.len() / 4))?;
            map.serialize_entry("pause_id", &self.pause_id)?;
            map.serialize_entry("type_specific", &Hex(self.type_specific))?;
            map.end()
        }
    }
}

/// A PAUSE-RESUME packet to be written: fill in the fields, or take a view's by `From`; then `write`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PauseResumeBuilder<'a> {
    /// As [`PauseResume::sender_ssrc`]; every field points to its accessor so.
    pub sender_ssrc: u32,
    /// As [`PauseResume::media_ssrc`]; the standard has 0.
    pub media_ssrc: u32,
    /// As [`PauseResume::entries`].
    pub entries: PauseResumeList<'a>,
    /// As [`PauseResume::padding`].
    pub padding: &'a [u8],
}

/// The entries of a [`PauseResumeBuilder`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PauseResumeList<'a> {
    /// New ones, at least one.
    Built(&'a [PauseResumeEntry<'a>]),
    /// Those of a view, byte for byte.
    Read(PauseResumeEntries<'a>),
}

impl<'a> From<PauseResume<'a>> for PauseResumeBuilder<'a> {
    fn from(view: PauseResume<'a>) -> Self {
        Self {
            sender_ssrc: view.sender_ssrc(),
            media_ssrc: view.media_ssrc(),
            entries: PauseResumeList::Read(view.entries()),
            padding: view.padding(),
        }
    }
}

impl Encode for PauseResumeBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        let entries = match self.entries {
            PauseResumeList::Built(entries) => entries.iter().map(Encode::encoded_len).sum(),
            PauseResumeList::Read(entries) => entries.bytes.len(),
        };
        START_LEN + entries + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let ssrcs = (self.sender_ssrc, self.media_ssrc);
        write_start(out, FORMAT, ssrcs, self.encoded_len(), self.padding)?;
        match self.entries {
            PauseResumeList::Built([]) => Err(BuildError::OutOfRange { field: "entries" }),
            PauseResumeList::Built(entries) => {
                entries.iter().try_for_each(|entry| entry.encode(out))
            }
            PauseResumeList::Read(entries) => out.bytes(entries.bytes),
        }?;
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

    // RFC 7728 figures 5 and 6.
    const PAUSE: [u32; 10] = [
        0x89cd_0009, // V=2 P=0 FMT=9 PT=205 length=9
        1,           // SSRC of packet sender
        0,           // SSRC of media source, unused
        2,           // Target SSRC
        0x0000_fffe, // PAUSE, Res 0, no parameter, PauseID 65534
        3,           // Target SSRC
        0x2501_0007, // PAUSED, Res 5, one word, PauseID 7
        0x0001_0203, // extended sequence number of the last packet
        4,           // Target SSRC
        0xf000_0001, // a reserved type
    ];

    fn refused(bytes: &[u32]) -> (&'static str, usize, ErrorKind) {
        let error = PauseResume::parse(&words(bytes)).unwrap_err();
        (error.field, error.offset, error.kind)
    }

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(PAUSE);
        let packet = PauseResume::parse(&bytes).unwrap();
        assert_eq!((packet.sender_ssrc(), packet.media_ssrc()), (1, 0));
        let entries: Vec<_> = packet.entries().collect();
        let pause = PauseResumeEntry {
            target_ssrc: 2,
            entry_type: PauseResumeType::PAUSE,
            reserved: 0,
            pause_id: 65534,
            type_specific: &[],
        };
        assert_eq!((entries.len(), entries[0]), (3, pause));
        let paused = PauseResumeEntry {
            target_ssrc: 3,
            entry_type: PauseResumeType::PAUSED,
            reserved: 5,
            pause_id: 7,
            type_specific: &[0, 1, 2, 3],
        };
        assert_eq!((entries[1], entries[1].last_sequence_number()), (paused, Some(0x1_0203)));
        assert_eq!((entries[2].entry_type, entries[2].pause_id), (PauseResumeType(15), 1));
        let line = "PAUSE-RESUME sender=0x00000001 media=0x00000000 \
                    [PAUSE target=0x00000002 id=65534] \
                    [PAUSED target=0x00000003 id=7 last=66051] [15 target=0x00000004 id=1]";
        assert_eq!(packet.to_string(), line);
        assert_eq!(PauseResumeBuilder::from(packet).to_vec().unwrap(), bytes);
        let list = PauseResumeList::Built(&entries[..2]);
        let built = PauseResumeBuilder { entries: list, ..packet.into() }.to_vec().unwrap();
        assert_eq!(built[4..], bytes[4..32]);
    }

    #[test]
    fn refuses_what_does_not_add_up_at_its_place() {
        refuses_every_truncation(&words(PAUSE), PauseResume::parse);
        let kind = ErrorKind::Length { found: 0, have: 8 };
        assert_eq!(refused(&[0x89cd_0002, 1, 0]), ("entries", 12, kind));
        let kind = ErrorKind::Truncated { need: 8, have: 4 };
        assert_eq!(refused(&[0x89cd_0003, 1, 0, 2]), ("entry", 12, kind));
        let kind = ErrorKind::Length { found: 1020, have: 4 };
        let found = refused(&[0x89cd_0005, 1, 0, 2, 0x00ff_0000, 3]);
        assert_eq!(found, ("type specific", 20, kind));
        let kind = ErrorKind::Value { found: 8 };
        assert_eq!(refused(&[0x88cd_0002, 1, 0]), ("format", 0, kind));
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        let entry = PauseResumeEntry {
            target_ssrc: 1,
            entry_type: PauseResumeType::RESUME,
            reserved: 0,
            pause_id: 0,
            type_specific: &[],
        };
        let refused = |entry: PauseResumeEntry<'_>| match entry.to_vec() {
            Err(BuildError::OutOfRange { field }) => field,
            other => panic!("{other:?}"),
        };
        let field = "type of a PAUSE-RESUME entry";
        assert_eq!(refused(PauseResumeEntry { entry_type: PauseResumeType(4), ..entry }), field);
        assert_eq!(refused(PauseResumeEntry { reserved: 16, ..entry }), "reserved");
        let paused = PauseResumeEntry { entry_type: PauseResumeType::PAUSED, ..entry };
        assert_eq!(refused(paused), "type specific");
        assert_eq!(refused(PauseResumeEntry { type_specific: &[1], ..entry }), "type specific");
        let long = PauseResumeEntry { type_specific: &[0; 1024], ..entry };
        assert_eq!(refused(long), "type specific");
        let entries = PauseResumeList::Built(&[]);
        let none = PauseResumeBuilder { sender_ssrc: 1, media_ssrc: 0, entries, padding: &[] };
        assert_eq!(none.to_vec(), Err(BuildError::OutOfRange { field: "entries" }));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn its_json_is_named_as_the_registry_names_its_fields() {
        let bytes = words([&[0x89cd_0005], &PAUSE[1..3], &PAUSE[5..8]].concat());
        let json = r#"{"version":2,"padding":false,"packet_type":205,"length":5,"padding_size":0,"type":"pause_resume","fmt":9,"sender_ssrc":1,"media_ssrc":0,"entries":[{"target_ssrc":3,"type":2,"parameter_len":1,"pause_id":7,"type_specific":"00010203"}]}"#;
        assert_eq!(serde_json::to_string(&PauseResume::parse(&bytes).unwrap()).unwrap(), json);
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (sender_ssrc, media_ssrc) in any::<(u32, u32)>(),
            values in prop::collection::vec(
                (any::<(u32, u16)>(), 0u8..4, 0u8..16, prop::collection::vec(any::<[u8; 4]>(), 1..4)), 1..5),
            padding in prop::sample::select(PADDINGS),
        ) {
            let entries: Vec<_> = values.iter().map(|((target_ssrc, pause_id), number, reserved, specific)| {
                let (entry_type, type_specific) = (PauseResumeType(*number), specific.as_flattened());
                PauseResumeEntry {
                    target_ssrc: *target_ssrc, entry_type, reserved: *reserved, pause_id: *pause_id, type_specific,
                }
            }).collect();
            let list = PauseResumeList::Built(&entries);
            let builder = PauseResumeBuilder { sender_ssrc, media_ssrc, entries: list, padding };
            let bytes = builder.to_vec().unwrap();
            let packet = PauseResume::parse(&bytes).unwrap();
            prop_assert!(packet.entries().eq(entries.iter().copied()));
            prop_assert_eq!(PauseResumeBuilder::from(packet).to_vec().unwrap(), bytes);
        }

        #[test]
        fn what_parses_is_written_again(mut fci in prop::collection::vec(0u8..3, 8..64)) {
            fci.truncate(fci.len() / 4 * 4);
            let mut bytes = words([0x89cd_0002 + u32::try_from(fci.len() / 4).unwrap(), 1, 0]);
            bytes.extend(&fci);
            if let Ok(packet) = PauseResume::parse(&bytes) {
                let all: usize = packet.entries().map(|entry| entry.encoded_len()).sum();
                prop_assert_eq!(all, fci.len());
                prop_assert_eq!(PauseResumeBuilder::from(packet).to_vec().unwrap(), bytes);
            }
        }
    }
}
