//! Layer refresh request, LRR (RFC 9627 section 3.1).
//!
//! ```text
//! |V=2|P| FMT=10  |    PT=206     |         length=2+3N           |  raw.rs
//! |                    SSRC of packet sender                      |
//! |             SSRC of media source: unused, 0                   |
//! |                            SSRC                               |  entries, one or more
//! |    seq nr.    |C| payload type|           reserved            |
//! |   RES   | TTID|     TLID      |   RES   | CTID|     CLID      |
//! ```

use core::fmt;

use super::common::{display_start, list_format};
use crate::error::BuildError;

list_format! {
    /// Media senders that have to refresh layers of a scalable stream, read in place.
    view Lrr, parsed by lrr, named "LRR";
    /// The requests, one or more.
    list entries: LrrEntry, at least 1;
    /// An LRR to be written. The standard has 0 for the SSRC of the media source.
    builder LrrBuilder of PSFB PayloadFeedbackFormat::LRR;
}

/// A request to one media sender, read or to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LrrEntry {
    /// The media sender that is asked.
    pub ssrc: u32,
    /// Command sequence number: one more, modulo 256, for each new command; the same in a repetition.
    pub sequence_number: u8,
    /// C: whether the fields of the current layer mean anything; they are 0 without it. Without it all layers up to the
    /// target are asked for.
    pub current: bool,
    /// The RTP payload type in whose terms the layers are numbered; 7 bits.
    pub payload_type: u8,
    /// TTID, the temporal layer that the receiver wants to decode; 3 bits.
    pub target_temporal_layer_id: u8,
    /// TLID, the spatial or quality layer that it wants to decode.
    pub target_layer_id: u8,
    /// CTID, the temporal layer that it decodes now; 3 bits.
    pub current_temporal_layer_id: u8,
    /// CLID, the spatial or quality layer that it decodes now.
    pub current_layer_id: u8,
}

impl LrrEntry {
    /// Its bytes on the wire.
    pub const LEN: usize = 12;

    /// Any twelve bytes are an entry; the reserved bits are ignored, and without C so is the current layer.
    #[inline]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        let [a, b, c, d, sequence_number, payload_type, _, _, ttid, tlid, ctid, clid] = bytes;
        let current = payload_type & 0x80 != 0;
        let (ctid, clid) = if current { (ctid, clid) } else { (0, 0) };
        Self {
            ssrc: u32::from_be_bytes([a, b, c, d]),
            sequence_number,
            current,
            payload_type: payload_type & 0x7F,
            target_temporal_layer_id: ttid & 7,
            target_layer_id: tlid,
            current_temporal_layer_id: ctid & 7,
            current_layer_id: clid,
        }
    }

    /// Whether the target is above the current layer, if there is a current one: neither of its numbers lower, and one
    /// higher. A media sender discards a request with a lower one.
    #[inline]
    pub const fn is_upgrade(self) -> bool {
        let (ttid, tlid) = (self.target_temporal_layer_id, self.target_layer_id);
        let (ctid, clid) = (self.current_temporal_layer_id, self.current_layer_id);
        !self.current || (ttid >= ctid && tlid >= clid && (ttid > ctid || tlid > clid))
    }

    /// The entry as it is on the wire, reserved bits 0.
    ///
    /// # Errors
    /// A payload type or a temporal layer wider than its field; a current layer without C; a target that is no upgrade.
    #[inline]
    pub fn to_bytes(self) -> Result<[u8; Self::LEN], BuildError> {
        let refused = |field| Err(BuildError::OutOfRange { field });
        if self.payload_type > 0x7F {
            return refused("payload type");
        }
        if self.target_temporal_layer_id > 7 {
            return refused("TTID");
        }
        if self.current_temporal_layer_id > 7 {
            return refused("CTID");
        }
        let (ctid, clid) = (self.current_temporal_layer_id, self.current_layer_id);
        if !self.current && (ctid, clid) != (0, 0) {
            return refused("current layer without C");
        }
        if !self.is_upgrade() {
            return refused("target layer");
        }
        let [a, b, c, d] = self.ssrc.to_be_bytes();
        let payload_type = (u8::from(self.current) << 7) | self.payload_type;
        let (ttid, tlid) = (self.target_temporal_layer_id, self.target_layer_id);
        Ok([a, b, c, d, self.sequence_number, payload_type, 0, 0, ttid, tlid, ctid, clid])
    }
}

/// `ssrc=0x00000002 seq=1 pt=96 target=3/2 current=1/0`: temporal layer, then the other; the current one if it means
/// anything.
impl fmt::Display for LrrEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ssrc={:#010x} seq={}", self.ssrc, self.sequence_number)?;
        write!(f, " pt={} target=", self.payload_type)?;
        write!(f, "{}/{}", self.target_temporal_layer_id, self.target_layer_id)?;
        if !self.current {
            return Ok(());
        }
        write!(f, " current={}/{}", self.current_temporal_layer_id, self.current_layer_id)
    }
}

/// `LRR sender=0x00000001 media=0x00000000 [ssrc=0x00000002 seq=1 pt=96 target=3/2]`.
impl fmt::Display for Lrr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display_start(f, &self.common)?;
        self.entries().try_for_each(|entry| write!(f, " [{entry}]"))
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for LrrEntry {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("ssrc", &self.ssrc)?;
        map.serialize_entry("seq_nr", &self.sequence_number)?;
        map.serialize_entry("c", &self.current)?;
        map.serialize_entry("payload_type", &self.payload_type)?;
        map.serialize_entry("ttid", &self.target_temporal_layer_id)?;
        map.serialize_entry("tlid", &self.target_layer_id)?;
        if self.current {
            map.serialize_entry("ctid", &self.current_temporal_layer_id)?;
            map.serialize_entry("clid", &self.current_layer_id)?;
        }
        map.end()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Lrr<'_> {
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
    use crate::error::ErrorKind;
    use crate::testing::{PADDINGS, refuses_every_truncation, words};

    // RFC 9627 figure 5, row by row.
    const LRR: [u32; 9] = [
        0x8ace_0008, // V=2 P=0 FMT=10 PT=206 length=2+3×2
        0x0000_0001, // SSRC of packet sender
        0x0000_0000, // SSRC of media source, not used
        0x0000_0002, // SSRC
        0x01e0_0000, // seq nr. 1, C=1, payload type 96, reserved
        0x0302_0100, // RES, TTID 3, TLID 2, RES, CTID 1, CLID 0
        0xdead_beef, // SSRC
        0xff7f_ffff, // seq nr. 255, C=0, payload type 127, reserved bits set
        0xfaff_fbfe, // reserved bits set, TTID 2, TLID 255, reserved bits set, CTID 3 and CLID 254, ignored without C
    ];

    const FIRST: LrrEntry = LrrEntry {
        ssrc: 2,
        sequence_number: 1,
        current: true,
        payload_type: 96,
        target_temporal_layer_id: 3,
        target_layer_id: 2,
        current_temporal_layer_id: 1,
        current_layer_id: 0,
    };

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(LRR);
        let packet = Lrr::parse(&bytes).unwrap();
        assert_eq!((packet.sender_ssrc(), packet.media_ssrc()), (1, 0));
        let entries: Vec<_> = packet.entries().collect();
        let second = LrrEntry {
            ssrc: 0xdead_beef,
            sequence_number: 255,
            current: false,
            payload_type: 127,
            target_temporal_layer_id: 2,
            target_layer_id: 255,
            current_temporal_layer_id: 0,
            current_layer_id: 0,
        };
        assert_eq!(entries, [FIRST, second]);
        let line = "LRR sender=0x00000001 media=0x00000000 \
                    [ssrc=0x00000002 seq=1 pt=96 target=3/2 current=1/0] \
                    [ssrc=0xdeadbeef seq=255 pt=127 target=2/255]";
        assert_eq!(packet.to_string(), line);
        assert_eq!(LrrBuilder::from(packet).to_vec().unwrap(), bytes);
        assert_eq!(FIRST.to_bytes().unwrap()[..], bytes[12..24]);
    }

    #[test]
    fn refuses_every_truncation_and_what_is_no_entry() {
        refuses_every_truncation(&words(LRR), Lrr::parse);
        let refused = |rows: &[u32]| {
            let error = Lrr::parse(&words(rows)).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let kind = ErrorKind::Length { found: 0, have: 12 };
        assert_eq!(refused(&[0x8ace_0002, 1, 0]), ("entries", 12, kind));
        let kind = ErrorKind::Length { found: 16, have: 12 };
        assert_eq!(refused(&[0x8ace_0006, 1, 0, 2, 0, 0, 3]), ("entries", 24, kind));
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        let refused = |entry: LrrEntry| entry.to_bytes();
        let out_of_range = |field| Err(BuildError::OutOfRange { field });
        assert_eq!(refused(LrrEntry { payload_type: 128, ..FIRST }), out_of_range("payload type"));
        let wide = LrrEntry { target_temporal_layer_id: 8, ..FIRST };
        assert_eq!(refused(wide), out_of_range("TTID"));
        let wide = LrrEntry { current_temporal_layer_id: 8, ..FIRST };
        assert_eq!(refused(wide), out_of_range("CTID"));
        let without_c = LrrEntry { current: false, ..FIRST };
        assert_eq!(refused(without_c), out_of_range("current layer without C"));
        let lower = LrrEntry { target_temporal_layer_id: 0, ..FIRST };
        assert_eq!(refused(lower), out_of_range("target layer"));
        assert_eq!(
            LrrBuilder::default().to_vec(),
            Err(BuildError::OutOfRange { field: "entries" })
        );
    }

    #[test]
    fn a_target_is_an_upgrade_if_no_number_is_lower_and_one_is_higher() {
        // RFC 9627 section 3.1: <TTID, TLID> against <CTID, CLID>.
        let is_upgrade = |target: (u8, u8), current: (u8, u8)| {
            LrrEntry {
                target_temporal_layer_id: target.0,
                target_layer_id: target.1,
                current_temporal_layer_id: current.0,
                current_layer_id: current.1,
                ..FIRST
            }
            .is_upgrade()
        };
        assert!(
            is_upgrade((1, 0), (0, 0))
                && is_upgrade((0, 1), (0, 0))
                && is_upgrade((7, 255), (6, 254))
        );
        assert!(
            !is_upgrade((1, 1), (1, 1))
                && !is_upgrade((0, 9), (1, 0))
                && !is_upgrade((2, 0), (1, 1))
        );
        assert!(LrrEntry { current: false, ..LrrEntry::default() }.is_upgrade());
    }

    #[cfg(feature = "serde")]
    #[test]
    fn its_json_names_the_fields_of_the_layout() {
        let bytes = words([&[0x8ace_0005], &LRR[1..6]].concat());
        let json = r#"{"version":2,"padding":false,"packet_type":206,"length":5,"padding_size":0,"type":"lrr","fmt":10,"sender_ssrc":1,"media_ssrc":0,"entries":[{"ssrc":2,"seq_nr":1,"c":true,"payload_type":96,"ttid":3,"tlid":2,"ctid":1,"clid":0}]}"#;
        assert_eq!(serde_json::to_string(&Lrr::parse(&bytes).unwrap()).unwrap(), json);
        let bytes = words([&[0x8ace_0005, 1, 0], &LRR[6..]].concat());
        let json = r#""entries":[{"ssrc":3735928559,"seq_nr":255,"c":false,"payload_type":127,"ttid":2,"tlid":255}]}"#;
        assert!(serde_json::to_string(&Lrr::parse(&bytes).unwrap()).unwrap().ends_with(json));
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (sender_ssrc, media_ssrc) in any::<(u32, u32)>(),
            entries in prop::collection::vec(any::<[u8; 12]>(), 1..8),
            padding in prop::sample::select(PADDINGS),
        ) {
            let builder = LrrBuilder { sender_ssrc, media_ssrc, entries: &entries, padding };
            let bytes = builder.to_vec().unwrap();
            let packet = Lrr::parse(&bytes).unwrap();
            for entry in packet.entries() {
                match entry.to_bytes() {
                    Ok(bytes) => prop_assert_eq!(LrrEntry::from_bytes(bytes), entry),
                    Err(_) => prop_assert!(!entry.is_upgrade()),
                }
            }
            prop_assert_eq!(LrrBuilder::from(packet), builder);
        }
    }
}
