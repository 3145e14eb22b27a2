//! Transport-layer third-party loss early indication, TLLEI (RFC 6642 section 5.1).
//!
//! ```text
//! |V=2|P|  FMT=7  |    PT=205     |         length=2+N            |  raw.rs
//! |                    SSRC of packet sender                      |
//! |                    SSRC of media source                       |
//! |            PID                |             BLP               |  pairs, one or more, as in nack.rs
//! ```
//!
//! It names packets that a receiver need not ask for: the loss is known upstream.

use core::fmt;

use super::common::{display_start, list_format};
use super::nack::{LostSequenceNumbers, NackPair, display_lost};

list_format! {
    /// Losses that are known already, read in place.
    view Tllei, parsed by tllei, named "TLLEI";
    /// PID and BLP as they are on the wire, one pair or more.
    list pairs: NackPair, at least 1;
    /// A TLLEI to be written; its pairs out of lost sequence numbers by [`NackPairs`](super::NackPairs).
    builder TlleiBuilder of RTPFB TransportFeedbackFormat::TLLEI;
}

impl<'a> Tllei<'a> {
    /// The sequence numbers that were lost: those of each pair in order, pair by pair as they stand.
    #[inline]
    pub fn lost_sequence_numbers(&self) -> LostSequenceNumbers<'a> {
        LostSequenceNumbers::new(self.pairs)
    }
}

/// `TLLEI sender=0x00000001 media=0x00000002 lost=65535,0`.
impl fmt::Display for Tllei<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display_start(f, &self.common)?;
        display_lost(f, self.lost_sequence_numbers())
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Tllei<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        super::common::serialize_entries(serializer, &self.common, self.pairs())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;

    use super::*;
    use crate::encode::Encode;
    use crate::error::{BuildError, ErrorKind};
    use crate::testing::{PADDINGS, refuses_every_truncation, words};

    // RFC 6642 section 5.1, two entries.
    const TLLEI: [u32; 5] = [
        0x87cd_0004, // V=2 P=0 FMT=7 PT=205 length=2+2
        1,           // SSRC of packet sender
        2,           // SSRC of media source
        0xffff_0001, // PID 65535, and 0
        0x0010_8000, // PID 16, and 32
    ];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(TLLEI);
        let packet = Tllei::parse(&bytes).unwrap();
        assert_eq!((packet.sender_ssrc(), packet.media_ssrc()), (1, 2));
        let second = NackPair { pid: 16, blp: 0x8000 };
        assert!(packet.pairs().eq([NackPair { pid: 65535, blp: 1 }, second]));
        assert!(packet.lost_sequence_numbers().eq([65535, 0, 16, 32]));
        let line = "TLLEI sender=0x00000001 media=0x00000002 lost=65535,0,16,32";
        assert_eq!(packet.to_string(), line);
        assert_eq!(TlleiBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn refuses_what_is_not_an_indication() {
        refuses_every_truncation(&words(TLLEI), Tllei::parse);
        let refused = |bytes: &[u32]| {
            let error = Tllei::parse(&words(bytes)).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let kind = ErrorKind::Length { found: 0, have: 4 };
        assert_eq!(refused(&[0x87cd_0002, 1, 2]), ("pairs", 12, kind));
        let kind = ErrorKind::Value { found: 1 };
        assert_eq!(refused(&[0x81cd_0003, 1, 2, 3]), ("format", 0, kind));
        let none = TlleiBuilder::default().to_vec();
        assert_eq!(none, Err(BuildError::OutOfRange { field: "pairs" }));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn its_json_is_that_of_the_inspector() {
        let bytes = words([0x87cd_0003, 1, 2, 0xffff_0001]);
        let json = r#"{"version":2,"padding":false,"packet_type":205,"length":3,"padding_size":0,"type":"tllei","fmt":7,"sender_ssrc":1,"media_ssrc":2,"entries":[{"pid":65535,"blp":1}]}"#;
        assert_eq!(serde_json::to_string(&Tllei::parse(&bytes).unwrap()).unwrap(), json);
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (sender_ssrc, media_ssrc) in any::<(u32, u32)>(),
            pairs in prop::collection::vec(any::<[u8; 4]>(), 1..8),
            padding in prop::sample::select(PADDINGS),
        ) {
            let builder = TlleiBuilder { sender_ssrc, media_ssrc, pairs: &pairs, padding };
            let bytes = builder.to_vec().unwrap();
            prop_assert_eq!(TlleiBuilder::from(Tllei::parse(&bytes).unwrap()), builder);
        }
    }
}
