//! Delay budget information, DBI (3GPP TS 26.114 section 7.3.8).
//!
//! ```text
//! |V=2|P| FMT=10  |    PT=205     |           length=3            |  raw.rs
//! |                    SSRC of packet sender                      |
//! |                    SSRC of media source                       |
//! |             delay             |s|q|       zero padding        |  budget
//! ```

use core::fmt;

use super::TransportFeedbackFormat;
use super::common::{
    START_LEN, common_accessors, debug_start, display_start, exactly, feedback_of, write_start,
};
use super::raw::Feedback;
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::rtcp::PacketType;

const FORMAT: (PacketType, u8) = (PacketType::RTPFB, TransportFeedbackFormat::DBI.0);
const BUDGET_LEN: usize = 4;

/// How much more delay a receiver can bear, or a sender asks for; read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Dbi<'a> {
    common: Feedback<'a>,
    budget: &'a [u8; BUDGET_LEN],
}

impl<'a> Dbi<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type or format, a version other than 2, a length or padding beyond the packet; an FCI of another
    /// size.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("DBI", bytes, dbi)
    }

    common_accessors!();

    /// The additional delay without its sign, ms.
    #[inline]
    pub const fn delay(&self) -> u16 {
        let [high, low, ..] = *self.budget;
        u16::from_be_bytes([high, low])
    }

    /// s: the additional delay is positive. Without it the budget has been reduced.
    #[inline]
    pub const fn is_positive(&self) -> bool {
        let [_, _, flags, _] = *self.budget;
        flags & 0x80 != 0
    }

    /// q: a media sender asks for the delay. Without it a media receiver offers it.
    #[inline]
    pub const fn is_query(&self) -> bool {
        let [_, _, flags, _] = *self.budget;
        flags & 0x40 != 0
    }

    /// The additional delay with its sign, ms.
    #[inline]
    pub fn signed_delay(&self) -> i32 {
        let delay = i32::from(self.delay());
        if self.is_positive() { delay } else { -delay }
    }

    /// The 14 bits behind the flags, zero by the standard.
    #[inline]
    pub const fn reserved(&self) -> u16 {
        let [_, _, high, low] = *self.budget;
        u16::from_be_bytes([high & 0x3F, low])
    }
}

/// Validates the whole packet: after this no accessor can fail.
#[inline]
pub(crate) fn dbi(i: &[u8]) -> Step<'_, Dbi<'_>> {
    let (rest, common) = feedback_of(FORMAT.0, FORMAT.1)(i)?;
    let budget = exactly("delay budget", common.fci)?;
    Ok((rest, Dbi { common, budget }))
}

/// `DBI sender=0x00000001 media=0x00000002 offers=40 ms`, or `asks=`.
impl fmt::Display for Dbi<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display_start(f, &self.common)?;
        let does = if self.is_query() { "asks" } else { "offers" };
        write!(f, " {does}={} ms", self.signed_delay())
    }
}

impl fmt::Debug for Dbi<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug_start(f, "Dbi", &self.common)
            .field("delay", &self.delay())
            .field("is_positive", &self.is_positive())
            .field("is_query", &self.is_query())
            .field("reserved", &self.reserved())
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Dbi<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        super::common::serialize_start(&mut map, &self.common)?;
        map.serialize_entry("delay", &self.delay())?;
        map.serialize_entry("s", &self.is_positive())?;
        map.serialize_entry("q", &self.is_query())?;
        map.end()
    }
}

/// A DBI packet to be written: fill in the fields, or take a view's by `From`; then `write`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DbiBuilder<'a> {
    /// As [`Dbi::sender_ssrc`]; every field points to its accessor so.
    pub sender_ssrc: u32,
    /// As [`Dbi::media_ssrc`].
    pub media_ssrc: u32,
    /// As [`Dbi::delay`].
    pub delay: u16,
    /// As [`Dbi::is_positive`].
    pub is_positive: bool,
    /// As [`Dbi::is_query`].
    pub is_query: bool,
    /// As [`Dbi::reserved`]; 14 bits.
    pub reserved: u16,
    /// As [`Dbi::padding`].
    pub padding: &'a [u8],
}

impl<'a> From<Dbi<'a>> for DbiBuilder<'a> {
    fn from(view: Dbi<'a>) -> Self {
        Self {
            sender_ssrc: view.sender_ssrc(),
            media_ssrc: view.media_ssrc(),
            delay: view.delay(),
            is_positive: view.is_positive(),
            is_query: view.is_query(),
            reserved: view.reserved(),
            padding: view.padding(),
        }
    }
}

impl Encode for DbiBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        START_LEN + BUDGET_LEN + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if self.reserved > 0x3FFF {
            return Err(BuildError::OutOfRange { field: "reserved" });
        }
        let ssrcs = (self.sender_ssrc, self.media_ssrc);
        write_start(out, FORMAT, ssrcs, self.encoded_len(), self.padding)?;
        let flags = u16::from(self.is_positive) << 15 | u16::from(self.is_query) << 14;
        *out.array()? = self.delay.to_be_bytes();
        *out.array()? = (flags | self.reserved).to_be_bytes();
        out.bytes(self.padding)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;

    use super::*;
    use crate::error::ErrorKind;
    use crate::testing::{PADDINGS, refuses_every_truncation, words};

    // 3GPP TS 26.114 section 7.3.8.
    const DBI: [u32; 4] = [
        0x8acd_0003, // V=2 P=0 FMT=10 PT=205 length=3
        1,           // SSRC of packet sender
        2,           // SSRC of media source
        0x0128_4000, // delay 296 ms, s=0: negative, q=1
    ];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(DBI);
        let packet = Dbi::parse(&bytes).unwrap();
        assert_eq!((packet.sender_ssrc(), packet.media_ssrc()), (1, 2));
        assert_eq!((packet.delay(), packet.signed_delay()), (296, -296));
        assert!(packet.is_query() && !packet.is_positive());
        assert_eq!(packet.reserved(), 0);
        assert_eq!(packet.to_string(), "DBI sender=0x00000001 media=0x00000002 asks=-296 ms");
        assert_eq!(DbiBuilder::from(packet).to_vec().unwrap(), bytes);
        // Positive and no query; a bit in the padding.
        let bytes = words([0x8acd_0003, 1, 2, 0x0028_8001]);
        let packet = Dbi::parse(&bytes).unwrap();
        assert_eq!((packet.signed_delay(), packet.is_query(), packet.reserved()), (40, false, 1));
        assert_eq!(packet.to_string(), "DBI sender=0x00000001 media=0x00000002 offers=40 ms");
    }

    #[test]
    fn refuses_what_has_another_size() {
        refuses_every_truncation(&words(DBI), Dbi::parse);
        let refused = |bytes: &[u32]| {
            let error = Dbi::parse(&words(bytes)).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let kind = ErrorKind::Length { found: 0, have: 4 };
        assert_eq!(refused(&[0x8acd_0002, 1, 2]), ("delay budget", 12, kind));
        let kind = ErrorKind::Length { found: 8, have: 4 };
        assert_eq!(refused(&[0x8acd_0004, 1, 2, 3, 4]), ("delay budget", 16, kind));
        let wide = DbiBuilder { reserved: 0x4000, ..Default::default() };
        assert_eq!(wide.to_vec(), Err(BuildError::OutOfRange { field: "reserved" }));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn its_json_is_named_as_the_registry_names_its_fields() {
        let bytes = words(DBI);
        let json = r#"{"version":2,"padding":false,"packet_type":205,"length":3,"padding_size":0,"type":"dbi","fmt":10,"sender_ssrc":1,"media_ssrc":2,"delay":296,"s":false,"q":true}"#;
        assert_eq!(serde_json::to_string(&Dbi::parse(&bytes).unwrap()).unwrap(), json);
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (sender_ssrc, media_ssrc, delay) in any::<(u32, u32, u16)>(),
            (is_positive, is_query, reserved) in (any::<bool>(), any::<bool>(), 0u16..0x4000),
            padding in prop::sample::select(PADDINGS),
        ) {
            let builder = DbiBuilder {
                sender_ssrc, media_ssrc, delay, is_positive, is_query, reserved, padding,
            };
            let bytes = builder.to_vec().unwrap();
            prop_assert_eq!(DbiBuilder::from(Dbi::parse(&bytes).unwrap()), builder);
        }
    }
}
