//! Reporting group reporting sources, RGRS (RFC 8861 section 3.2.2).
//!
//! ```text
//! |V=2|P|   SC    |    PT=212     |         length=SC+1           |  header.rs
//! |                    SSRC of packet sender                      |  sender_ssrc
//! |                SSRC of a reporting source                     |  SC reporting_sources
//! ```

use core::fmt;

use super::header::{nothing_behind, packet_of, write_header};
use super::{Header, PacketType};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::show::DebugList;
use crate::wire::{array, context, counted};

/// The sources that report in place of the packet's sender, which belongs to their group; read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Rgrs<'a> {
    header: Header,
    sender_ssrc: &'a [u8; 4],
    reporting_sources: &'a [[u8; 4]],
    padding: &'a [u8],
}

impl<'a> Rgrs<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type, a version other than 2, a length or padding beyond the packet; no source, or a count that
    /// differs from the sources that are there.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("RGRS", bytes, rgrs)
    }

    /// The packet's first four bytes.
    #[inline]
    pub const fn header(&self) -> Header {
        self.header
    }

    /// Who sends the packet: a member of the group that does not report itself.
    #[inline]
    pub const fn sender_ssrc(&self) -> u32 {
        u32::from_be_bytes(*self.sender_ssrc)
    }

    /// SSRCs of those that report for the group, 1 to 31.
    #[inline]
    pub fn reporting_sources(&self) -> impl ExactSizeIterator<Item = u32> + Clone + use<'a> {
        self.reporting_sources.iter().map(|&ssrc| u32::from_be_bytes(ssrc))
    }

    /// All bytes of the padding, the count at its end included; empty without padding.
    #[inline]
    pub const fn padding(&self) -> &'a [u8] {
        self.padding
    }
}

/// Validates the whole packet: after this no accessor and no iterator can fail.
#[inline]
pub(crate) fn rgrs(i: &[u8]) -> Step<'_, Rgrs<'_>> {
    let (rest, packet) = packet_of(PacketType::RGRS)(i)?;
    if packet.count() == 0 {
        return Err(Fail::field("source count", i, ErrorKind::Value { found: 0 }));
    }
    let (list, sender_ssrc) = context("SSRC of packet sender", array)(packet.body)?;
    let (left, reporting_sources) = context("reporting sources", counted(packet.count()))(list)?;
    nothing_behind(list, left)?;
    let (header, padding) = (packet.header, packet.padding);
    Ok((rest, Rgrs { header, sender_ssrc, reporting_sources, padding }))
}

/// `RGRS sender=0x00000001 ssrc=0x00000002`.
impl fmt::Display for Rgrs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RGRS sender={:#010x}", self.sender_ssrc())?;
        self.reporting_sources().try_for_each(|ssrc| write!(f, " ssrc={ssrc:#010x}"))
    }
}

impl fmt::Debug for Rgrs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rgrs")
            .field("sender_ssrc", &self.sender_ssrc())
            .field("reporting_sources", &DebugList(self.reporting_sources()))
            .field("padding", &self.padding())
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Rgrs<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        super::header::serialize_header(&mut map, self.header, self.padding, "rgrs", "count")?;
        map.serialize_entry("sender_ssrc", &self.sender_ssrc())?;
        let list = crate::ser::List(self.reporting_sources());
        map.serialize_entry("reporting_source_ssrcs", &list)?;
        map.end()
    }
}

/// An RGRS packet to be written: fill in the fields, or take a view's by `From`; then `write`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RgrsBuilder<'a> {
    /// As [`Rgrs::sender_ssrc`]; every field points to its accessor so.
    pub sender_ssrc: u32,
    /// As [`Rgrs::reporting_sources`], in wire form: from `u32::to_be_bytes`, or from a view.
    pub reporting_sources: &'a [[u8; 4]],
    /// As [`Rgrs::padding`].
    pub padding: &'a [u8],
}

impl<'a> From<Rgrs<'a>> for RgrsBuilder<'a> {
    fn from(packet: Rgrs<'a>) -> Self {
        let Rgrs { reporting_sources, padding, .. } = packet;
        Self { sender_ssrc: packet.sender_ssrc(), reporting_sources, padding }
    }
}

impl Encode for RgrsBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        Header::LEN + 4 + self.reporting_sources.as_flattened().len() + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let (count, len) = (self.reporting_sources.len(), self.encoded_len());
        if count == 0 {
            return Err(BuildError::OutOfRange { field: "reporting sources" });
        }
        write_header(out.array()?, PacketType::RGRS, count, len, self.padding)?;
        *out.array()? = self.sender_ssrc.to_be_bytes();
        out.bytes(self.reporting_sources.as_flattened())?;
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

    // RFC 8861 section 3.2.2, row by row.
    const RGRS: [u32; 4] = [
        0x82d4_0003, // V=2 P=0 SC=2 PT=212 length=3
        0x0000_0001, // SSRC of packet sender
        0x0000_0002, // SSRC of a reporting source
        0xdead_beef, // SSRC of a reporting source
    ];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(RGRS);
        let packet = Rgrs::parse(&bytes).unwrap();
        assert_eq!(packet.sender_ssrc(), 1);
        assert_eq!(packet.reporting_sources().collect::<Vec<_>>(), [2, 0xdead_beef]);
        let line = "RGRS sender=0x00000001 ssrc=0x00000002 ssrc=0xdeadbeef";
        assert_eq!(packet.to_string(), line);
        assert_eq!(RgrsBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn refuses_every_truncation_and_a_count_that_differs_from_the_sources() {
        refuses_every_truncation(&words(RGRS), Rgrs::parse);
        let refused = |rows: &[u32]| {
            let error = Rgrs::parse(&words(rows)).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let kind = ErrorKind::Count { need: 8, have: 4 };
        assert_eq!(refused(&[0x82d4_0002, 1, 2]), ("reporting sources", 8, kind));
        let kind = ErrorKind::Count { need: 4, have: 8 };
        let more = [0x81d4_0003, 1, 2, 3];
        assert_eq!(refused(&more), ("bytes behind the last entry", 12, kind));
        let kind = ErrorKind::Value { found: 0 };
        assert_eq!(refused(&[0x80d4_0001, 1]), ("source count", 0, kind));
        let kind = ErrorKind::Truncated { need: 4, have: 0 };
        assert_eq!(refused(&[0x81d4_0000]), ("SSRC of packet sender", 4, kind));
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        let out_of_range = |field| Err(BuildError::OutOfRange { field });
        assert_eq!(RgrsBuilder::default().to_vec(), out_of_range("reporting sources"));
        let many = RgrsBuilder { reporting_sources: &[[0; 4]; 32], ..Default::default() };
        assert_eq!(many.to_vec(), out_of_range("count"));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn its_json_names_the_fields_of_the_layout() {
        let json = r#"{"version":2,"padding":false,"packet_type":212,"length":3,"padding_size":0,"type":"rgrs","count":2,"sender_ssrc":1,"reporting_source_ssrcs":[2,3735928559]}"#;
        let bytes = words(RGRS);
        assert_eq!(serde_json::to_string(&Rgrs::parse(&bytes).unwrap()).unwrap(), json);
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            sender_ssrc in any::<u32>(),
            reporting_sources in prop::collection::vec(any::<[u8; 4]>(), 1..32),
            padding in prop::sample::select(PADDINGS),
        ) {
            let reporting_sources = &reporting_sources[..];
            let builder = RgrsBuilder { sender_ssrc, reporting_sources, padding };
            let bytes = builder.to_vec().unwrap();
            prop_assert_eq!(RgrsBuilder::from(Rgrs::parse(&bytes).unwrap()), builder);
        }
    }
}
