//! Extended inter-arrival jitter report, IJ (RFC 5450 section 4).
//!
//! ```text
//! |V=2|P|   RC    |    PT=195     |          length=RC            |  header.rs
//! |                    inter-arrival jitter                       |  RC jitters
//! ```
//!
//! There is no SSRC: the packet stands behind a receiver report in the same compound, with the same RC, and its values
//! go with that report's blocks in order.

use core::fmt;

use super::header::{nothing_behind, packet_of, write_header};
use super::{Header, PacketType};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::show::DebugList;
use crate::wire::{context, counted};

/// Jitter without that part which the sender put in, for the blocks of the report before it; read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Ij<'a> {
    header: Header,
    jitters: &'a [[u8; 4]],
    padding: &'a [u8],
}

impl<'a> Ij<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type, a version other than 2, a length or padding beyond the packet; a count that differs from
    /// the values that are there.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("IJ", bytes, ij)
    }

    /// The packet's first four bytes.
    #[inline]
    pub const fn header(&self) -> Header {
        self.header
    }

    /// Inter-arrival jitters, 0 to 31, in units of the RTP timestamp of each stream.
    #[inline]
    pub fn jitters(&self) -> impl ExactSizeIterator<Item = u32> + Clone + use<'a> {
        self.jitters.iter().map(|&jitter| u32::from_be_bytes(jitter))
    }

    /// All bytes of the padding, the count at its end included; empty without padding.
    #[inline]
    pub const fn padding(&self) -> &'a [u8] {
        self.padding
    }
}

/// Validates the whole packet: after this no accessor and no iterator can fail.
#[inline]
pub(crate) fn ij(i: &[u8]) -> Step<'_, Ij<'_>> {
    let (rest, packet) = packet_of(PacketType::IJ)(i)?;
    let (left, jitters) = context("jitters", counted(packet.count()))(packet.body)?;
    nothing_behind(packet.body, left)?;
    Ok((rest, Ij { header: packet.header, jitters, padding: packet.padding }))
}

/// `IJ jitter=7 jitter=9`.
impl fmt::Display for Ij<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IJ")?;
        self.jitters().try_for_each(|jitter| write!(f, " jitter={jitter}"))
    }
}

impl fmt::Debug for Ij<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ij")
            .field("jitters", &DebugList(self.jitters()))
            .field("padding", &self.padding())
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Ij<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        super::header::serialize_header(&mut map, self.header, self.padding, "ij", "count")?;
        map.serialize_entry("jitters", &crate::ser::List(self.jitters()))?;
        map.end()
    }
}

/// An extended jitter report to be written: fill in the fields, or take a view's by `From`; then `write`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IjBuilder<'a> {
    /// As [`Ij::jitters`], in wire form: from `u32::to_be_bytes`, or from a view; at most 31, and as many as the report
    /// before it has blocks.
    pub jitters: &'a [[u8; 4]],
    /// As [`Ij::padding`].
    pub padding: &'a [u8],
}

impl<'a> From<Ij<'a>> for IjBuilder<'a> {
    fn from(packet: Ij<'a>) -> Self {
        Self { jitters: packet.jitters, padding: packet.padding }
    }
}

impl Encode for IjBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        Header::LEN + self.jitters.as_flattened().len() + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let len = self.encoded_len();
        write_header(out.array()?, PacketType::IJ, self.jitters.len(), len, self.padding)?;
        out.bytes(self.jitters.as_flattened())?;
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

    // RFC 5450 section 4, row by row.
    const IJ: [u32; 3] = [
        0x82c3_0002, // V=2 P=0 RC=2 PT=195 length=2
        0x0000_0007, // inter-arrival jitter
        0xffff_ffff, // inter-arrival jitter
    ];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(IJ);
        let packet = Ij::parse(&bytes).unwrap();
        assert_eq!(packet.jitters().collect::<Vec<_>>(), [7, u32::MAX]);
        assert_eq!(packet.to_string(), "IJ jitter=7 jitter=4294967295");
        assert_eq!(IjBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn a_report_without_blocks_has_no_jitter() {
        let bytes = words([0x80c3_0000]);
        assert_eq!(Ij::parse(&bytes).unwrap().jitters().len(), 0);
    }

    #[test]
    fn refuses_every_truncation_and_a_count_that_differs_from_the_values() {
        refuses_every_truncation(&words(IJ), Ij::parse);
        let refused = |rows: &[u32]| {
            let error = Ij::parse(&words(rows)).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let kind = ErrorKind::Count { need: 8, have: 4 };
        assert_eq!(refused(&[0x82c3_0001, 7]), ("jitters", 4, kind));
        let kind = ErrorKind::Count { need: 4, have: 8 };
        let more = [0x81c3_0002, 7, 9];
        assert_eq!(refused(&more), ("bytes behind the last entry", 8, kind));
        let many = IjBuilder { jitters: &[[0; 4]; 32], padding: &[] };
        assert_eq!(many.to_vec(), Err(BuildError::OutOfRange { field: "count" }));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn its_json_names_the_fields_of_the_layout() {
        let json = r#"{"version":2,"padding":false,"packet_type":195,"length":2,"padding_size":0,"type":"ij","count":2,"jitters":[7,4294967295]}"#;
        let bytes = words(IJ);
        assert_eq!(serde_json::to_string(&Ij::parse(&bytes).unwrap()).unwrap(), json);
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            jitters in prop::collection::vec(any::<[u8; 4]>(), 0..32),
            padding in prop::sample::select(PADDINGS),
        ) {
            let builder = IjBuilder { jitters: &jitters, padding };
            let bytes = builder.to_vec().unwrap();
            prop_assert_eq!(IjBuilder::from(Ij::parse(&bytes).unwrap()), builder);
        }
    }
}
