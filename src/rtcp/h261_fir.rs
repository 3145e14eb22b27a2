//! Full intra-frame request of H.261, FIR (RFC 2032 section 5.2.1; historic).
//!
//! ```text
//! |V=2|P|   MBZ   |    PT=192     |           length=1            |  header.rs
//! |                            SSRC                               |  ssrc
//! ```
//!
//! Not the FIR of RFC 5104, which is payload-specific feedback.

use core::fmt;

use super::header::{body_of, packet_of, write_header};
use super::{Header, PacketType};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};

/// A receiver asks for a whole H.261 picture, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct H261Fir<'a> {
    header: Header,
    ssrc: &'a [u8; 4],
    padding: &'a [u8],
}

impl<'a> H261Fir<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type, a version other than 2, a length or padding beyond the packet; a body of another length.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("H.261 FIR", bytes, h261_fir)
    }

    /// The packet's first four bytes.
    #[inline]
    pub const fn header(&self) -> Header {
        self.header
    }

    /// MBZ: five bits that are 0 by the standard.
    #[inline]
    pub const fn reserved(&self) -> u8 {
        self.header.count()
    }

    /// Who asks.
    #[inline]
    pub const fn ssrc(&self) -> u32 {
        u32::from_be_bytes(*self.ssrc)
    }

    /// All bytes of the padding, the count at its end included; empty without padding.
    #[inline]
    pub const fn padding(&self) -> &'a [u8] {
        self.padding
    }
}

/// Validates the whole packet.
#[inline]
pub(crate) fn h261_fir(i: &[u8]) -> Step<'_, H261Fir<'_>> {
    let (rest, packet) = packet_of(PacketType::H261_FIR)(i)?;
    let ssrc = body_of(packet.body)?;
    Ok((rest, H261Fir { header: packet.header, ssrc, padding: packet.padding }))
}

/// `H.261 FIR ssrc=0x00000001`.
impl fmt::Display for H261Fir<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "H.261 FIR ssrc={:#010x}", self.ssrc())
    }
}

impl fmt::Debug for H261Fir<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("H261Fir")
            .field("reserved", &self.reserved())
            .field("ssrc", &self.ssrc())
            .field("padding", &self.padding())
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for H261Fir<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        super::header::serialize_header(&mut map, self.header, self.padding, "h261_fir", "count")?;
        map.serialize_entry("ssrc", &self.ssrc())?;
        map.end()
    }
}

/// An H.261 FIR to be written: fill in the fields, or take a view's by `From`; then `write`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct H261FirBuilder<'a> {
    /// As [`H261Fir::reserved`]; every field points to its accessor so.
    pub reserved: u8,
    /// As [`H261Fir::ssrc`].
    pub ssrc: u32,
    /// As [`H261Fir::padding`].
    pub padding: &'a [u8],
}

impl<'a> From<H261Fir<'a>> for H261FirBuilder<'a> {
    fn from(packet: H261Fir<'a>) -> Self {
        Self { reserved: packet.reserved(), ssrc: packet.ssrc(), padding: packet.padding }
    }
}

impl Encode for H261FirBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        Header::LEN + 4 + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let (reserved, len) = (self.reserved.into(), self.encoded_len());
        write_header(out.array()?, PacketType::H261_FIR, reserved, len, self.padding)?;
        *out.array()? = self.ssrc.to_be_bytes();
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

    // RFC 2032 section 5.2.1, row by row; tshark 4.0.17 reads the same.
    const FIR: [u32; 2] = [
        0x80c0_0001, // V=2 P=0 MBZ PT=192 length=1
        0x0102_0304, // SSRC
    ];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(FIR);
        let packet = H261Fir::parse(&bytes).unwrap();
        assert_eq!((packet.reserved(), packet.ssrc()), (0, 0x0102_0304));
        assert_eq!(packet.to_string(), "H.261 FIR ssrc=0x01020304");
        assert_eq!(H261FirBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn refuses_every_truncation_another_type_and_another_length() {
        refuses_every_truncation(&words(FIR), H261Fir::parse);
        let refused = |rows: &[u32]| {
            let error = H261Fir::parse(&words(rows)).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let kind = ErrorKind::Value { found: 193 };
        assert_eq!(refused(&[0x80c1_0001, 1]), ("packet type", 1, kind));
        assert_eq!(refused(&[0x80c0_0000]), ("body", 4, ErrorKind::Length { found: 0, have: 4 }));
        let kind = ErrorKind::Length { found: 8, have: 4 };
        assert_eq!(refused(&[0x80c0_0002, 1, 2]), ("body", 8, kind));
        let wide = H261FirBuilder { reserved: 32, ..Default::default() };
        assert_eq!(wide.to_vec(), Err(BuildError::OutOfRange { field: "count" }));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn its_json_names_the_fields_of_the_layout() {
        let json = r#"{"version":2,"padding":false,"packet_type":192,"length":1,"padding_size":0,"type":"h261_fir","count":0,"ssrc":16909060}"#;
        let bytes = words(FIR);
        assert_eq!(serde_json::to_string(&H261Fir::parse(&bytes).unwrap()).unwrap(), json);
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (reserved, ssrc) in (0u8..32, any::<u32>()),
            padding in prop::sample::select(PADDINGS),
        ) {
            let builder = H261FirBuilder { reserved, ssrc, padding };
            let bytes = builder.to_vec().unwrap();
            prop_assert_eq!(H261FirBuilder::from(H261Fir::parse(&bytes).unwrap()), builder);
        }
    }
}
