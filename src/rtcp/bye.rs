//! Goodbye, BYE (RFC 3550 section 6.6).
//!
//! ```text
//! |V=2|P|   SC    |    PT=203     |            length             |  header.rs
//! |                      SC × SSRC/CSRC                           |  sources
//! |    length     |       reason for leaving (optional)        ...|  reason
//! |                 null bytes up to a 32-bit boundary            |  fill
//! ```

use core::fmt;

use super::header::{packet_of, write_header};
use super::{Header, PacketType};
use crate::encode::{Encode, Sink, narrow};
use crate::error::{BuildError, ParseError, Step, run};
use crate::show::{DebugList, Text};
use crate::wire::{announced, byte, context, counted};

/// Sources that leave, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Bye<'a> {
    header: Header,
    sources: &'a [[u8; 4]],
    reason: Option<&'a [u8]>,
    fill: &'a [u8],
    padding: &'a [u8],
}

impl<'a> Bye<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type, a version other than 2; a length, count, reason or padding beyond the packet.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("BYE", bytes, bye)
    }

    /// The packet's first four bytes.
    #[inline]
    pub const fn header(&self) -> Header {
        self.header
    }

    /// The SSRCs and CSRCs that leave, 0 to 31.
    #[inline]
    pub fn sources(&self) -> impl ExactSizeIterator<Item = u32> + Clone + use<'a> {
        self.sources.iter().map(|&ssrc| u32::from_be_bytes(ssrc))
    }

    /// Why, in UTF-8 by the standard, 0 to 255 bytes; `None` where the packet ends behind its sources.
    #[inline]
    pub const fn reason(&self) -> Option<&'a [u8]> {
        self.reason
    }

    /// The reason, where there is one in UTF-8.
    #[inline]
    pub fn reason_str(&self) -> Option<&'a str> {
        core::str::from_utf8(self.reason?).ok()
    }

    /// What lies between the reason and the padding: null bytes up to the 32-bit boundary.
    #[inline]
    pub const fn fill(&self) -> &'a [u8] {
        self.fill
    }

    /// All bytes of the padding, the count at its end included; empty without padding.
    #[inline]
    pub const fn padding(&self) -> &'a [u8] {
        self.padding
    }
}

/// Validates the whole packet: after this no accessor and no iterator can fail.
#[inline]
pub(crate) fn bye(i: &[u8]) -> Step<'_, Bye<'_>> {
    let (rest, packet) = packet_of(PacketType::BYE)(i)?;
    let (header, padding) = (packet.header, packet.padding);
    let (left, sources) = context("sources", counted(packet.count()))(packet.body)?;
    let (fill, reason) = if left.is_empty() {
        (left, None)
    } else {
        let (left, length) = context("reason length", byte)(left)?;
        let (fill, reason) = context("reason", announced(length.into()))(left)?;
        (fill, Some(reason))
    };
    Ok((rest, Bye { header, sources, reason, fill, padding }))
}

impl fmt::Display for Bye<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BYE")?;
        self.sources().try_for_each(|ssrc| write!(f, " ssrc={ssrc:#010x}"))?;
        match self.reason {
            Some(reason) => write!(f, " reason={}", Text(reason)),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Bye<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bye")
            .field("sources", &DebugList(self.sources()))
            .field("reason", &self.reason())
            .field("fill", &self.fill())
            .field("padding", &self.padding())
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Bye<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        super::header::serialize_header(&mut map, self.header, self.padding, "bye", "count")?;
        map.serialize_entry("ssrcs", &crate::ser::List(self.sources()))?;
        if let Some(reason) = self.reason {
            crate::ser::text(&mut map, ("reason", "reason_hex"), reason)?;
        }
        map.end()
    }
}

/// A BYE to be written: fill in the fields, or take a view's by `From`; then `write`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByeBuilder<'a> {
    /// As [`Bye::sources`], in wire form: from `u32::to_be_bytes`, or from a view; at most 31.
    pub sources: &'a [[u8; 4]],
    /// As [`Bye::reason`].
    pub reason: Option<&'a [u8]>,
    /// As [`Bye::fill`]; `None`: as many null bytes as it takes.
    pub fill: Option<&'a [u8]>,
    /// As [`Bye::padding`].
    pub padding: &'a [u8],
}

impl ByeBuilder<'_> {
    /// Null bytes to be written behind the reason.
    #[inline]
    fn zeros(&self) -> usize {
        match self.reason {
            Some(reason) if self.fill.is_none() => (reason.len() + 1).wrapping_neg() % 4,
            _ => 0,
        }
    }
}

impl<'a> From<Bye<'a>> for ByeBuilder<'a> {
    fn from(bye: Bye<'a>) -> Self {
        let Bye { sources, reason, fill, padding, .. } = bye;
        Self { sources, reason, fill: reason.map(|_| fill), padding }
    }
}

impl Encode for ByeBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        let reason = self.reason.map_or(0, |reason| 1 + reason.len() + self.zeros());
        let sources = self.sources.as_flattened().len();
        let fill = self.fill.unwrap_or_default().len();
        Header::LEN + sources + reason + fill + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if self.reason.is_none() && self.fill.is_some() {
            return Err(BuildError::OutOfRange { field: "fill without a reason" });
        }
        let len = self.encoded_len();
        write_header(out.array()?, PacketType::BYE, self.sources.len(), len, self.padding)?;
        out.bytes(self.sources.as_flattened())?;
        if let Some(reason) = self.reason {
            *out.array()? = [narrow("reason length", reason.len())?];
            out.bytes(reason)?;
            out.bytes(self.fill.unwrap_or_default())?;
            out.zeros(self.zeros())?;
        }
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
    use crate::testing::{PADDINGS, refuses_every_truncation};

    // RFC 3550 section 6.6.
    const BYE: [u8; 20] = [
        0x82, 203, 0, 4, // V=2 P=0 SC=2 PT=203 length=4
        0, 0, 0, 1, // SSRC
        0xFF, 0, 0, 2, // CSRC
        6, b'c', b'a', b'm', b'e', b'r', b'a', 0, // reason, up to the boundary
    ];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let packet = Bye::parse(&BYE).unwrap();
        assert_eq!(packet.sources().collect::<Vec<_>>(), [1, 0xFF00_0002]);
        assert_eq!(packet.reason_str(), Some("camera"));
        assert_eq!(packet.fill(), [0]);
        assert_eq!(packet.to_string(), "BYE ssrc=0x00000001 ssrc=0xff000002 reason=camera");
        assert_eq!(ByeBuilder::from(packet).to_vec().unwrap(), BYE);
        let sources = [1u32.to_be_bytes(), 0xFF00_0002u32.to_be_bytes()];
        let builder =
            ByeBuilder { sources: &sources, reason: Some(b"camera"), ..Default::default() };
        assert_eq!(builder.to_vec().unwrap(), BYE);
    }

    #[test]
    fn no_source_no_reason_and_an_empty_reason_are_valid() {
        let nothing = Bye::parse(&[0x80, 203, 0, 0]).unwrap();
        assert_eq!((nothing.sources().len(), nothing.reason()), (0, None));
        let empty = [0x81, 203, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0];
        let empty = Bye::parse(&empty).unwrap();
        assert_eq!((empty.reason(), empty.fill()), (Some(&[][..]), &[0, 0, 0][..]));
    }

    #[test]
    fn refuses_every_truncation_and_what_lies_beyond() {
        refuses_every_truncation(&BYE, Bye::parse);
        let refused = |bytes: &[u8]| {
            let error = Bye::parse(bytes).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let mut beyond = BYE;
        beyond[12] = 8;
        assert_eq!(refused(&beyond), ("reason", 13, ErrorKind::Length { found: 8, have: 7 }));
        let few = [0x82, 203, 0, 1, 0, 0, 0, 1];
        assert_eq!(refused(&few), ("sources", 4, ErrorKind::Count { need: 8, have: 4 }));
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        let long = ByeBuilder { reason: Some(&[b'a'; 256]), ..Default::default() };
        assert_eq!(long.to_vec(), Err(BuildError::OutOfRange { field: "reason length" }));
        let many = ByeBuilder { sources: &[[0; 4]; 32], ..Default::default() };
        assert_eq!(many.to_vec(), Err(BuildError::OutOfRange { field: "count" }));
        let fill = ByeBuilder { fill: Some(&[0; 4]), ..Default::default() };
        assert!(fill.to_vec().is_err());
    }

    #[test]
    fn odd_padding_behind_a_reason_is_written_again() {
        let bytes = [0xA1, 203, 0, 3, 0, 0, 0, 7, 4, b'l', b'e', b'f', b't', 0, 0, 3];
        let packet = Bye::parse(&bytes).unwrap();
        assert_eq!((packet.fill(), packet.padding()), (&[][..], &[0, 0, 3][..]));
        assert_eq!(ByeBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            sources in prop::collection::vec(any::<[u8; 4]>(), 0..32),
            reason in prop::option::of(prop::collection::vec(any::<u8>(), 0..256)),
            padding in prop::sample::select(PADDINGS),
        ) {
            let (sources, reason) = (&sources[..], reason.as_deref());
            let bytes = ByeBuilder { sources, reason, fill: None, padding }.to_vec().unwrap();
            let packet = Bye::parse(&bytes).unwrap();
            prop_assert_eq!((packet.sources, packet.reason, packet.padding), (sources, reason, padding));
            prop_assert!(packet.fill().len() < 4 && packet.fill().iter().all(|&byte| byte == 0));
            prop_assert_eq!(ByeBuilder::from(packet).to_vec().unwrap(), bytes);
        }
    }
}
