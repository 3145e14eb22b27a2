//! Temporary maximum media stream bit rate notification, TMMBN (RFC 5104 section 4.2.2).
//!
//! ```text
//! |V=2|P|  FMT=4  |    PT=205     |            length             |  raw.rs
//! |                    SSRC of packet sender                      |
//! |                SSRC of media source: unused, 0                |
//! |             8 bytes each, see tmmb_entry.rs                   |  entries, maybe none
//! ```

use core::fmt;

use super::TmmbEntry;
use super::common::{display_start, list_format};

list_format! {
    /// The bit rate limits that a media sender keeps to, read in place.
    view Tmmbn, parsed by tmmbn, named "TMMBN";
    /// The bounding set: one entry for each limit, with the SSRC of who asked for it; none where nothing limits.
    list entries: TmmbEntry, at least 0;
    /// A TMMBN to be written. The standard has 0 for the SSRC of the media source.
    builder TmmbnBuilder of RTPFB TransportFeedbackFormat::TMMBN;
}

/// `TMMBN sender=0x00000001 media=0x00000000 [ssrc=0x00000002 bitrate=300000 overhead=40]`.
impl fmt::Display for Tmmbn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display_start(f, &self.common)?;
        self.entries().try_for_each(|entry| write!(f, " [{entry}]"))
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Tmmbn<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        super::common::serialize_entries(serializer, &self.common, self.entries())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;

    use super::*;
    use crate::encode::Encode;
    use crate::error::ErrorKind;
    use crate::testing::{PADDINGS, refuses_every_truncation, words};

    // RFC 5104 section 4.2.2.1.
    const TMMBN: [u32; 5] = [
        0x84cd_0004, // V=2 P=0 FMT=4 PT=205 length=2+2×1
        1,           // SSRC of packet sender
        0,           // SSRC of media source, unused
        2,           // SSRC of the limit's owner
        0x0802_0050, // exponent 2, mantissa 0x100, overhead 0x50
    ];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(TMMBN);
        let packet = Tmmbn::parse(&bytes).unwrap();
        assert_eq!((packet.sender_ssrc(), packet.media_ssrc()), (1, 0));
        let entry = TmmbEntry { ssrc: 2, exponent: 2, mantissa: 0x100, overhead: 0x50 };
        assert!(packet.entries().eq([entry]));
        let line =
            "TMMBN sender=0x00000001 media=0x00000000 [ssrc=0x00000002 bitrate=1024 overhead=80]";
        assert_eq!(packet.to_string(), line);
        assert_eq!(TmmbnBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn an_empty_bounding_set_is_valid() {
        let bytes = words([0x84cd_0002, 1, 0]);
        let packet = Tmmbn::parse(&bytes).unwrap();
        assert_eq!(packet.entries().len(), 0);
        assert_eq!(TmmbnBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn refuses_what_is_not_a_notification() {
        refuses_every_truncation(&words(TMMBN), Tmmbn::parse);
        let refused = |bytes: &[u32]| {
            let error = Tmmbn::parse(&words(bytes)).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let kind = ErrorKind::Length { found: 4, have: 0 };
        assert_eq!(refused(&[0x84cd_0003, 1, 0, 2]), ("entries", 12, kind));
        let kind = ErrorKind::Value { found: 3 };
        assert_eq!(refused(&[0x83cd_0004, 1, 0, 2, 3]), ("format", 0, kind));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn its_json_is_that_of_the_inspector() {
        let bytes = words(TMMBN);
        let json = r#"{"version":2,"padding":false,"packet_type":205,"length":4,"padding_size":0,"type":"tmmbn","fmt":4,"sender_ssrc":1,"media_ssrc":0,"entries":[{"ssrc":2,"exponent":2,"mantissa":256,"bitrate_bps":1024,"overhead":80}]}"#;
        assert_eq!(serde_json::to_string(&Tmmbn::parse(&bytes).unwrap()).unwrap(), json);
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (sender_ssrc, media_ssrc) in any::<(u32, u32)>(),
            entries in prop::collection::vec(any::<[u8; 8]>(), 0..8),
            padding in prop::sample::select(PADDINGS),
        ) {
            let builder = TmmbnBuilder { sender_ssrc, media_ssrc, entries: &entries, padding };
            let bytes = builder.to_vec().unwrap();
            prop_assert_eq!(TmmbnBuilder::from(Tmmbn::parse(&bytes).unwrap()), builder);
        }
    }
}
