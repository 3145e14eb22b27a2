//! Temporary maximum media stream bit rate request, TMMBR (RFC 5104 section 4.2.1).
//!
//! ```text
//! |V=2|P|  FMT=3  |    PT=205     |            length             |  raw.rs
//! |                    SSRC of packet sender                      |
//! |                SSRC of media source: unused, 0                |
//! |             8 bytes each, see tmmb_entry.rs                   |  entries, one or more
//! ```

use core::fmt;

use super::TmmbEntry;
use super::common::{display_start, list_format};

list_format! {
    /// A request to media senders to stay below a bit rate, read in place.
    view Tmmbr, parsed by tmmbr, named "TMMBR";
    /// One entry for each media sender that is asked.
    list entries: TmmbEntry, at least 1;
    /// A TMMBR to be written. The standard has 0 for the SSRC of the media source.
    builder TmmbrBuilder of RTPFB TransportFeedbackFormat::TMMBR;
}

/// `TMMBR sender=0x00000001 media=0x00000000 [ssrc=0x00000002 bitrate=300000 overhead=40]`.
impl fmt::Display for Tmmbr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display_start(f, &self.common)?;
        self.entries().try_for_each(|entry| write!(f, " [{entry}]"))
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Tmmbr<'_> {
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

    // RFC 5104 section 4.2.1.1, two entries; the values of the first are those of inspect-json.md.
    const TMMBR: [u32; 7] = [
        0x83cd_0006,                // V=2 P=0 FMT=3 PT=205 length=2+2×2
        1,                          // SSRC of packet sender
        0,                          // SSRC of media source, unused
        2,                          // SSRC
        2 << 26 | 75_000 << 9 | 40, // exponent, mantissa, overhead
        0xDEAD_BEEF,
        0xFFFF_FFFF,
    ];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(TMMBR);
        let packet = Tmmbr::parse(&bytes).unwrap();
        assert_eq!((packet.sender_ssrc(), packet.media_ssrc()), (1, 0));
        let entries: Vec<_> = packet.entries().collect();
        let first = TmmbEntry { ssrc: 2, exponent: 2, mantissa: 75_000, overhead: 40 };
        assert_eq!((entries.len(), entries[0]), (2, first));
        assert_eq!(entries[0].bitrate_bps(), Some(300_000));
        assert_eq!((entries[1].ssrc, entries[1].bitrate_bps()), (0xDEAD_BEEF, None));
        let line = "TMMBR sender=0x00000001 media=0x00000000 \
                    [ssrc=0x00000002 bitrate=300000 overhead=40] \
                    [ssrc=0xdeadbeef bitrate=131071*2^63 overhead=511]";
        assert_eq!(packet.to_string(), line);
        assert_eq!(TmmbrBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn refuses_what_is_not_a_request() {
        refuses_every_truncation(&words(TMMBR), Tmmbr::parse);
        let refused = |bytes: &[u32]| {
            let error = Tmmbr::parse(&words(bytes)).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let kind = ErrorKind::Length { found: 0, have: 8 };
        assert_eq!(refused(&[0x83cd_0002, 1, 0]), ("entries", 12, kind));
        let kind = ErrorKind::Length { found: 12, have: 8 };
        assert_eq!(refused(&[0x83cd_0005, 1, 0, 2, 3, 4]), ("entries", 20, kind));
        let kind = ErrorKind::Value { found: 4 };
        assert_eq!(refused(&[0x84cd_0004, 1, 0, 2, 3]), ("format", 0, kind));
        let kind = ErrorKind::Value { found: 206 };
        assert_eq!(refused(&[0x83ce_0004, 1, 0, 2, 3]), ("packet type", 1, kind));
        let none = TmmbrBuilder::default().to_vec();
        assert_eq!(none, Err(BuildError::OutOfRange { field: "entries" }));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn its_json_is_that_of_the_inspector() {
        let bytes = words([&[0x83cd_0004], &TMMBR[1..5]].concat());
        let json = r#"{"version":2,"padding":false,"packet_type":205,"length":4,"padding_size":0,"type":"tmmbr","fmt":3,"sender_ssrc":1,"media_ssrc":0,"entries":[{"ssrc":2,"exponent":2,"mantissa":75000,"bitrate_bps":300000,"overhead":40}]}"#;
        assert_eq!(serde_json::to_string(&Tmmbr::parse(&bytes).unwrap()).unwrap(), json);
        // 131071 × 2^63 is no number that JSON holds.
        let bytes = words([0x83cd_0004, 1, 0, 2, 0xFFFF_FFFF]);
        let json = serde_json::to_string(&Tmmbr::parse(&bytes).unwrap()).unwrap();
        assert!(json.ends_with(r#"{"ssrc":2,"exponent":63,"mantissa":131071,"overhead":511}]}"#));
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (sender_ssrc, media_ssrc) in any::<(u32, u32)>(),
            entries in prop::collection::vec(any::<[u8; 8]>(), 1..8),
            padding in prop::sample::select(PADDINGS),
        ) {
            let builder = TmmbrBuilder { sender_ssrc, media_ssrc, entries: &entries, padding };
            let bytes = builder.to_vec().unwrap();
            prop_assert_eq!(TmmbrBuilder::from(Tmmbr::parse(&bytes).unwrap()), builder);
        }
    }
}
