//! Full intra request, FIR (RFC 5104 section 4.3.1).
//!
//! ```text
//! |V=2|P|  FMT=4  |    PT=206     |         length=2+2N           |  header.rs
//! |                    SSRC of packet sender                      |  sender_ssrc
//! |             SSRC of media source, not used: 0                 |  media_ssrc
//! |                            SSRC                               |  N entries
//! |    seq nr.    |                   reserved                    |
//! ```
//!
//! Not the FIR of H.261, which is packet type 192.

use core::fmt;

use super::common::{display_start, list_format};

list_format! {
    /// Media senders that have to send a decoder refresh point, read in place.
    view Fir, parsed by fir, named "FIR";
    /// The requests, one or more.
    list entries: FirEntry, at least 1;
    /// A FIR to be written. The standard has 0 for the SSRC of the media source, yet some senders name one there.
    builder FirBuilder of PSFB PayloadFeedbackFormat::FIR;
}

/// A request to one media sender.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FirEntry {
    /// The media sender that is asked.
    pub ssrc: u32,
    /// Command sequence number: one more, modulo 256, for each new command; the same in a repetition.
    pub sequence_number: u8,
}

impl FirEntry {
    /// Its bytes on the wire.
    pub const LEN: usize = 8;

    /// Any eight bytes are an entry; the reserved ones are ignored.
    #[inline]
    pub const fn from_bytes([a, b, c, d, sequence_number, ..]: [u8; Self::LEN]) -> Self {
        Self { ssrc: u32::from_be_bytes([a, b, c, d]), sequence_number }
    }

    /// The entry as it is on the wire, reserved bits 0.
    #[inline]
    pub const fn to_bytes(self) -> [u8; Self::LEN] {
        let [a, b, c, d] = self.ssrc.to_be_bytes();
        [a, b, c, d, self.sequence_number, 0, 0, 0]
    }
}

/// `ssrc=0x00000002 seq=66`.
impl fmt::Display for FirEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ssrc={:#010x} seq={}", self.ssrc, self.sequence_number)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for FirEntry {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("ssrc", &self.ssrc)?;
        map.serialize_entry("command_sequence_number", &self.sequence_number)?;
        map.end()
    }
}

/// `FIR sender=0x00000001 media=0x00000000 [ssrc=0x00000002 seq=66]`.
impl fmt::Display for Fir<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display_start(f, &self.common)?;
        self.entries().try_for_each(|entry| write!(f, " [{entry}]"))
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Fir<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        super::common::serialize_entries(serializer, &self.common, self.entries())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;
    use crate::encode::Encode;
    use crate::error::{BuildError, ErrorKind};
    use crate::testing::{PADDINGS, refuses_every_truncation, words};

    // GStreamer's, frame 66 of gst-vp8-opusred-exts-ipv6.pcap.
    const FIR: [u32; 5] = [
        0x84ce_0004, // V=2 P=0 FMT=4 PT=206 length=4
        0x0e87_0d0c, // SSRC of packet sender
        0x0000_0000, // SSRC of media source, not used
        0x9e5e_fed9, // SSRC
        0x0100_0000, // seq nr., reserved
    ];

    // pion's, frame 8 of pion-rtcp-stun.pcap; its fields are in pion-rtcp-stun.fields.txt.
    const PION: [u32; 7] = [
        0x84ce_0006,
        0x902f_9e2e,
        0xbc5e_9a40, // SSRC of media source, which the standard has 0
        0xbc5e_9a40,
        0xff00_0000,
        0x0000_0009,
        0x0000_0000,
    ];

    fn entry(ssrc: u32, sequence_number: u8) -> FirEntry {
        FirEntry { ssrc, sequence_number }
    }

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(FIR);
        let packet = Fir::parse(&bytes).unwrap();
        assert_eq!((packet.sender_ssrc(), packet.media_ssrc()), (0x0e87_0d0c, 0));
        assert_eq!(packet.entries().collect::<Vec<_>>(), [entry(0x9e5e_fed9, 1)]);
        let line = "FIR sender=0x0e870d0c media=0x00000000 [ssrc=0x9e5efed9 seq=1]";
        assert_eq!(packet.to_string(), line);
        assert_eq!(FirBuilder::from(packet).to_vec().unwrap(), bytes);
        let entries = [entry(0x9e5e_fed9, 1).to_bytes()];
        let builder =
            FirBuilder { sender_ssrc: 0x0e87_0d0c, entries: &entries, ..Default::default() };
        assert_eq!(builder.to_vec().unwrap(), bytes);
    }

    #[test]
    fn reads_several_entries_and_a_media_ssrc_that_should_be_0() {
        let bytes = words(PION);
        let packet = Fir::parse(&bytes).unwrap();
        assert_eq!(packet.media_ssrc(), 0xbc5e_9a40);
        let entries: Vec<_> = packet.entries().collect();
        assert_eq!(entries, [entry(0xbc5e_9a40, 255), entry(9, 0)]);
        assert_eq!(FirBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn reserved_bits_are_ignored_and_kept() {
        let mut bytes = words(FIR);
        bytes[17..].fill(0xFF);
        let packet = Fir::parse(&bytes).unwrap();
        assert_eq!(packet.entries().collect::<Vec<_>>(), [entry(0x9e5e_fed9, 1)]);
        assert_eq!(FirBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn refuses_every_truncation_and_what_is_no_entry() {
        refuses_every_truncation(&words(PION), Fir::parse);
        let refused = |rows: &[u32]| {
            let error = Fir::parse(&words(rows)).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let kind = ErrorKind::Length { found: 0, have: 8 };
        assert_eq!(refused(&[0x84ce_0002, 1, 0]), ("entries", 12, kind));
        let kind = ErrorKind::Length { found: 12, have: 8 };
        assert_eq!(refused(&[0x84ce_0005, 1, 0, 2, 0, 3]), ("entries", 20, kind));
        let empty = FirBuilder::default();
        assert_eq!(empty.to_vec(), Err(BuildError::OutOfRange { field: "entries" }));
    }

    #[test]
    fn padding_is_no_entry() {
        let bytes = words([0xa4ce_0006, 1, 0, 2, 0x0100_0000, 0, 8]);
        let packet = Fir::parse(&bytes).unwrap();
        assert_eq!((packet.entries().len(), packet.padding().len()), (1, 8));
    }

    #[test]
    #[cfg(feature = "serde")]
    fn is_shown_as_the_inspector_shows_it() {
        // inspect-json.md, frame 5, index 7.
        let json = r#"{"version":2,"padding":false,"packet_type":206,"length":4,"padding_size":0,"type":"fir","fmt":4,"sender_ssrc":1,"media_ssrc":0,"entries":[{"ssrc":2,"command_sequence_number":66}]}"#;
        let bytes = words([0x84ce_0004, 1, 0, 2, 0x4200_0000]);
        let packet = Fir::parse(&bytes).unwrap();
        assert_eq!(serde_json::to_string(&packet).unwrap(), json);
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (sender_ssrc, media_ssrc) in any::<(u32, u32)>(),
            list in prop::collection::vec(any::<(u32, u8)>(), 1..20),
            padding in prop::sample::select(PADDINGS),
        ) {
            let list: Vec<_> = list.into_iter().map(|(ssrc, number)| entry(ssrc, number)).collect();
            let entries: Vec<_> = list.iter().copied().map(FirEntry::to_bytes).collect();
            let builder =
                FirBuilder { sender_ssrc, media_ssrc, entries: &entries, padding };
            let bytes = builder.to_vec().unwrap();
            let packet = Fir::parse(&bytes).unwrap();
            prop_assert_eq!(packet.entries().collect::<Vec<_>>(), list);
            prop_assert_eq!(FirBuilder::from(packet), builder);
        }
    }
}
