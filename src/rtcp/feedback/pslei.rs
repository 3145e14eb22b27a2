//! Payload-specific third-party loss early indication, PSLEI (RFC 6642 section 5.2).
//!
//! ```text
//! |V=2|P|  FMT=8  |    PT=206     |          length=2+N           |  raw.rs
//! |                    SSRC of packet sender                      |
//! |             SSRC of media source: unused, 0                   |
//! |                            SSRC                               |  ssrcs, one or more
//! ```

use core::fmt;

use super::common::{
    START_LEN, common_accessors, debug_start, display_start, entries, feedback_of, write_start,
};
use super::{Feedback, PayloadFeedbackFormat};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::rtcp::PacketType;
use crate::show::DebugList;

/// Media senders that know, or are about to know, of a loss: receivers need send them no FIR or PLI. Read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Pslei<'a> {
    common: Feedback<'a>,
    ssrcs: &'a [[u8; 4]],
}

impl<'a> Pslei<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type or format, a version other than 2, a length or padding beyond the packet; no SSRC, or bytes
    /// that are not a whole one.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("PSLEI", bytes, pslei)
    }

    common_accessors!();

    /// The media senders, one or more.
    #[inline]
    pub fn ssrcs(&self) -> impl ExactSizeIterator<Item = u32> + Clone + use<'a> {
        self.ssrcs.iter().map(|&ssrc| u32::from_be_bytes(ssrc))
    }
}

/// Validates the whole packet: after this no accessor and no iterator can fail.
#[inline]
pub(crate) fn pslei(i: &[u8]) -> Step<'_, Pslei<'_>> {
    let (rest, common) = feedback_of(PacketType::PSFB, PayloadFeedbackFormat::PSLEI.0)(i)?;
    let ssrcs = entries("SSRCs", 1, common.fci)?;
    Ok((rest, Pslei { common, ssrcs }))
}

/// `PSLEI sender=0x00000001 media=0x00000000 ssrc=0x00000002`.
impl fmt::Display for Pslei<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display_start(f, &self.common)?;
        self.ssrcs().try_for_each(|ssrc| write!(f, " ssrc={ssrc:#010x}"))
    }
}

impl fmt::Debug for Pslei<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug_start(f, "Pslei", &self.common).field("ssrcs", &DebugList(self.ssrcs())).finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Pslei<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        super::common::serialize_start(&mut map, &self.common)?;
        map.serialize_entry("ssrcs", &crate::ser::List(self.ssrcs()))?;
        map.end()
    }
}

/// A PSLEI to be written: fill in the fields, or take a view's by `From`; then `write`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PsleiBuilder<'a> {
    /// As [`Pslei::sender_ssrc`]; every field points to its accessor so.
    pub sender_ssrc: u32,
    /// As [`Pslei::media_ssrc`]: 0 by the standard.
    pub media_ssrc: u32,
    /// As [`Pslei::ssrcs`], in wire form, at least one: from `u32::to_be_bytes`, or from a view.
    pub ssrcs: &'a [[u8; 4]],
    /// As [`Pslei::padding`].
    pub padding: &'a [u8],
}

impl<'a> From<Pslei<'a>> for PsleiBuilder<'a> {
    fn from(packet: Pslei<'a>) -> Self {
        Self {
            sender_ssrc: packet.sender_ssrc(),
            media_ssrc: packet.media_ssrc(),
            ssrcs: packet.ssrcs,
            padding: packet.padding(),
        }
    }
}

impl Encode for PsleiBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        START_LEN + self.ssrcs.as_flattened().len() + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if self.ssrcs.is_empty() {
            return Err(BuildError::OutOfRange { field: "SSRCs" });
        }
        let format = (PacketType::PSFB, PayloadFeedbackFormat::PSLEI.0);
        let ssrcs = (self.sender_ssrc, self.media_ssrc);
        write_start(out, format, ssrcs, self.encoded_len(), self.padding)?;
        out.bytes(self.ssrcs.as_flattened())?;
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
    use crate::error::ErrorKind;
    use crate::testing::{PADDINGS, refuses_every_truncation, words};

    // RFC 6642 figure 2, row by row, with two entries.
    const PSLEI: [u32; 5] = [
        0x88ce_0004, // V=2 P=0 FMT=8 PT=206 length=2+2
        0x0000_0001, // SSRC of packet sender
        0x0000_0000, // SSRC of media source, not used
        0x0000_0002, // SSRC
        0xdead_beef, // SSRC
    ];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(PSLEI);
        let packet = Pslei::parse(&bytes).unwrap();
        assert_eq!((packet.sender_ssrc(), packet.media_ssrc()), (1, 0));
        assert_eq!(packet.ssrcs().collect::<Vec<_>>(), [2, 0xdead_beef]);
        let line = "PSLEI sender=0x00000001 media=0x00000000 ssrc=0x00000002 ssrc=0xdeadbeef";
        assert_eq!(packet.to_string(), line);
        assert_eq!(PsleiBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn refuses_every_truncation_and_a_packet_without_an_ssrc() {
        refuses_every_truncation(&words(PSLEI), Pslei::parse);
        let error = Pslei::parse(&words([0x88ce_0002, 1, 0])).unwrap_err();
        let kind = ErrorKind::Length { found: 0, have: 4 };
        assert_eq!((error.field, error.offset, error.kind), ("SSRCs", 12, kind));
        let none = PsleiBuilder::default().to_vec();
        assert_eq!(none, Err(BuildError::OutOfRange { field: "SSRCs" }));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn its_json_names_the_fields_of_the_layout() {
        let bytes = words(PSLEI);
        let json = r#"{"version":2,"padding":false,"packet_type":206,"length":4,"padding_size":0,"type":"pslei","fmt":8,"sender_ssrc":1,"media_ssrc":0,"ssrcs":[2,3735928559]}"#;
        assert_eq!(serde_json::to_string(&Pslei::parse(&bytes).unwrap()).unwrap(), json);
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (sender_ssrc, media_ssrc) in any::<(u32, u32)>(),
            ssrcs in prop::collection::vec(any::<[u8; 4]>(), 1..8),
            padding in prop::sample::select(PADDINGS),
        ) {
            let builder = PsleiBuilder { sender_ssrc, media_ssrc, ssrcs: &ssrcs, padding };
            let bytes = builder.to_vec().unwrap();
            prop_assert_eq!(PsleiBuilder::from(Pslei::parse(&bytes).unwrap()), builder);
        }
    }
}
