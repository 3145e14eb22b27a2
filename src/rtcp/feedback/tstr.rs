//! Temporal-spatial trade-off request, TSTR (RFC 5104 section 4.3.2).
//!
//! ```text
//! |V=2|P|  FMT=5  |    PT=206     |         length=2+2N           |  header.rs
//! |                    SSRC of packet sender                      |  sender_ssrc
//! |             SSRC of media source, not used: 0                 |  media_ssrc
//! |              N entries of 8 bytes, see trade_off_entry.rs     |  entries
//! ```

use core::fmt;

use super::TradeOffEntry;
use super::common::{display_start, list_format};

list_format! {
    /// Media senders that are asked for another trade-off of spatial quality and frame rate, read in place.
    view Tstr, parsed by tstr, named "TSTR";
    /// What is asked of whom, one or more.
    list entries: TradeOffEntry, at least 1;
    /// A TSTR to be written. The standard has 0 for the SSRC of the media source.
    builder TstrBuilder of PSFB PayloadFeedbackFormat::TSTR;
}

/// `TSTR sender=0x00000001 media=0x00000000 [ssrc=0x00000002 seq=1 index=21]`.
impl fmt::Display for Tstr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display_start(f, &self.common)?;
        self.entries().try_for_each(|entry| write!(f, " [{entry}]"))
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Tstr<'_> {
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

    // RFC 5104 figure 5, row by row.
    const TSTR: [u32; 7] = [
        0x85ce_0006, // V=2 P=0 FMT=5 PT=206 length=6
        0x0000_0001, // SSRC of packet sender
        0x0000_0000, // SSRC of media source, not used
        0x0000_0002, // SSRC
        0x0100_0015, // seq nr. 1, reserved, index 21
        0x0000_0003, // SSRC
        0xffff_ffff, // seq nr. 255, reserved bits set, index 31
    ];

    fn entry(ssrc: u32, sequence_number: u8, index: u8) -> TradeOffEntry {
        TradeOffEntry { ssrc, sequence_number, index }
    }

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(TSTR);
        let packet = Tstr::parse(&bytes).unwrap();
        assert_eq!((packet.sender_ssrc(), packet.media_ssrc()), (1, 0));
        let entries: Vec<_> = packet.entries().collect();
        assert_eq!(entries, [entry(2, 1, 21), entry(3, 255, 31)]);
        let line = "TSTR sender=0x00000001 media=0x00000000 [ssrc=0x00000002 seq=1 index=21] [ssrc=0x00000003 seq=255 index=31]";
        assert_eq!(packet.to_string(), line);
        let builder = TstrBuilder::from(packet);
        assert_eq!(builder.to_vec().unwrap(), bytes);
    }

    #[test]
    fn refuses_every_truncation_and_what_is_no_entry() {
        refuses_every_truncation(&words(TSTR), Tstr::parse);
        let refused = |rows: &[u32]| {
            let error = Tstr::parse(&words(rows)).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let kind = ErrorKind::Length { found: 0, have: 8 };
        assert_eq!(refused(&[0x85ce_0002, 1, 0]), ("entries", 12, kind));
        let kind = ErrorKind::Length { found: 12, have: 8 };
        assert_eq!(refused(&[0x85ce_0005, 1, 0, 2, 0, 3]), ("entries", 20, kind));
        let kind = ErrorKind::Value { found: 4 };
        assert_eq!(refused(&[0x84ce_0004, 1, 0, 2, 0]), ("format", 0, kind));
        let empty = TstrBuilder::default();
        assert_eq!(empty.to_vec(), Err(BuildError::OutOfRange { field: "entries" }));
    }

    #[test]
    fn padding_is_no_entry() {
        let bytes = words([0xa5ce_0006, 1, 0, 2, 0x0100_0000, 0, 8]);
        let packet = Tstr::parse(&bytes).unwrap();
        assert_eq!((packet.entries().len(), packet.padding().len()), (1, 8));
    }

    #[test]
    #[cfg(feature = "serde")]
    fn is_shown_as_the_inspector_shows_it() {
        // inspect-json.md, frame 5, index 8.
        let json = r#"{"version":2,"padding":false,"packet_type":206,"length":4,"padding_size":0,"type":"tstr","fmt":5,"sender_ssrc":1,"media_ssrc":0,"entries":[{"ssrc":2,"command_sequence_number":1,"index":21}]}"#;
        let bytes = words([0x85ce_0004, 1, 0, 2, 0x0100_0015]);
        let packet = Tstr::parse(&bytes).unwrap();
        assert_eq!(serde_json::to_string(&packet).unwrap(), json);
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (sender_ssrc, media_ssrc) in any::<(u32, u32)>(),
            list in prop::collection::vec((any::<u32>(), any::<u8>(), 0u8..32), 1..20),
            padding in prop::sample::select(PADDINGS),
        ) {
            let list: Vec<_> =
                list.into_iter().map(|(ssrc, number, index)| entry(ssrc, number, index)).collect();
            let entries: Vec<_> = list.iter().map(|entry| entry.to_bytes().unwrap()).collect();
            let entries = &entries[..];
            let builder = TstrBuilder {
                sender_ssrc,
                media_ssrc,
                entries,
                padding,
            };
            let bytes = builder.to_vec().unwrap();
            let packet = Tstr::parse(&bytes).unwrap();
            prop_assert_eq!(packet.entries().collect::<Vec<_>>(), list);
            prop_assert_eq!(TstrBuilder::from(packet), builder);
        }
    }
}
