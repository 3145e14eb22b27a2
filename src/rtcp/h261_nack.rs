//! Negative acknowledgement of H.261, NACK (RFC 2032 section 5.2.2; historic).
//!
//! ```text
//! |V=2|P|   MBZ   |    PT=193     |           length=2            |  header.rs
//! |                            SSRC                               |  body
//! |             FSN               |             BLP               |
//! ```
//!
//! Not the NACK of RFC 4585, which is transport layer feedback; but FSN and BLP mean what PID and BLP do there.

use byteorder::{BE, ByteOrder};
use core::fmt;
use core::ops::Range;

use super::header::{body_of, packet_of, write_header};
use super::{Header, PacketType};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};

// Places in the body, for reading and for writing.
const SSRC: Range<usize> = 0..4;
const FSN: Range<usize> = 4..6;
const BLP: Range<usize> = 6..8;
const BODY_LEN: usize = BLP.end;

/// Packets of an H.261 stream that were lost, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct H261Nack<'a> {
    header: Header,
    body: &'a [u8; BODY_LEN],
    padding: &'a [u8],
}

impl<'a> H261Nack<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type, a version other than 2, a length or padding beyond the packet; a body of another length.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("H.261 NACK", bytes, h261_nack)
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

    /// Who has lost them.
    #[inline]
    pub fn ssrc(&self) -> u32 {
        BE::read_u32(&self.body[SSRC])
    }

    /// FSN: the first sequence number lost.
    #[inline]
    pub fn fsn(&self) -> u16 {
        BE::read_u16(&self.body[FSN])
    }

    /// BLP: bit i, counted from the lowest, for FSN + i + 1.
    #[inline]
    pub fn blp(&self) -> u16 {
        BE::read_u16(&self.body[BLP])
    }

    /// The sequence numbers that were lost, in order, in 16-bit arithmetic: 1 to 17.
    #[inline]
    pub fn lost_sequence_numbers(&self) -> impl Iterator<Item = u16> + Clone + use<> {
        let (fsn, lost) = (self.fsn(), (u32::from(self.blp()) << 1) | 1);
        (0..17u16).filter(move |&place| (lost >> place) & 1 != 0).map(move |i| fsn.wrapping_add(i))
    }

    /// All bytes of the padding, the count at its end included; empty without padding.
    #[inline]
    pub const fn padding(&self) -> &'a [u8] {
        self.padding
    }
}

/// Validates the whole packet.
#[inline]
pub(crate) fn h261_nack(i: &[u8]) -> Step<'_, H261Nack<'_>> {
    let (rest, packet) = packet_of(PacketType::H261_NACK)(i)?;
    let body = body_of(packet.body)?;
    Ok((rest, H261Nack { header: packet.header, body, padding: packet.padding }))
}

/// `H.261 NACK ssrc=0x00000001 lost=65535,0`.
impl fmt::Display for H261Nack<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "H.261 NACK ssrc={:#010x} lost={}", self.ssrc(), self.fsn())?;
        self.lost_sequence_numbers().skip(1).try_for_each(|number| write!(f, ",{number}"))
    }
}

impl fmt::Debug for H261Nack<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("H261Nack")
            .field("reserved", &self.reserved())
            .field("ssrc", &self.ssrc())
            .field("fsn", &self.fsn())
            .field("blp", &self.blp())
            .field("padding", &self.padding())
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for H261Nack<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        super::header::serialize_header(&mut map, self.header, self.padding, "h261_nack", "count")?;
        map.serialize_entry("ssrc", &self.ssrc())?;
        map.serialize_entry("fsn", &self.fsn())?;
        map.serialize_entry("blp", &self.blp())?;
        map.end()
    }
}

/// An H.261 NACK to be written: fill in the fields, or take a view's by `From`; then `write`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct H261NackBuilder<'a> {
    /// As [`H261Nack::reserved`]; every field points to its accessor so.
    pub reserved: u8,
    /// As [`H261Nack::ssrc`].
    pub ssrc: u32,
    /// As [`H261Nack::fsn`].
    pub fsn: u16,
    /// As [`H261Nack::blp`].
    pub blp: u16,
    /// As [`H261Nack::padding`].
    pub padding: &'a [u8],
}

impl<'a> From<H261Nack<'a>> for H261NackBuilder<'a> {
    fn from(packet: H261Nack<'a>) -> Self {
        Self {
            reserved: packet.reserved(),
            ssrc: packet.ssrc(),
            fsn: packet.fsn(),
            blp: packet.blp(),
            padding: packet.padding,
        }
    }
}

impl Encode for H261NackBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        Header::LEN + BODY_LEN + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let (reserved, len) = (self.reserved.into(), self.encoded_len());
        write_header(out.array()?, PacketType::H261_NACK, reserved, len, self.padding)?;
        let body = out.array::<BODY_LEN>()?;
        BE::write_u32(&mut body[SSRC], self.ssrc);
        BE::write_u16(&mut body[FSN], self.fsn);
        BE::write_u16(&mut body[BLP], self.blp);
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

    // RFC 2032 section 5.2.2, row by row; tshark 4.0.17 reads the same. BLP 1: the packet that follows FSN is lost too.
    const NACK: [u32; 3] = [
        0x80c1_0002, // V=2 P=0 MBZ PT=193 length=2
        0x0102_0304, // SSRC
        0xffff_0001, // FSN, BLP
    ];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(NACK);
        let packet = H261Nack::parse(&bytes).unwrap();
        assert_eq!((packet.reserved(), packet.ssrc()), (0, 0x0102_0304));
        assert_eq!((packet.fsn(), packet.blp()), (65_535, 1));
        assert_eq!(packet.lost_sequence_numbers().collect::<Vec<_>>(), [65_535, 0]);
        assert_eq!(packet.to_string(), "H.261 NACK ssrc=0x01020304 lost=65535,0");
        assert_eq!(H261NackBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn the_bitmask_reaches_sixteen_packets_far() {
        let lost = |row| {
            let bytes = words([0x80c1_0002, 1, row]);
            let packet = H261Nack::parse(&bytes).unwrap();
            packet.lost_sequence_numbers().collect::<Vec<_>>()
        };
        assert_eq!(lost(0x000a_0000), [10]);
        assert_eq!(lost(0x000a_8000), [10, 26]);
        assert_eq!(lost(0x000a_ffff), (10..27).collect::<Vec<_>>());
    }

    #[test]
    fn refuses_every_truncation_and_another_length() {
        refuses_every_truncation(&words(NACK), H261Nack::parse);
        let refused = |rows: &[u32]| {
            let error = H261Nack::parse(&words(rows)).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let kind = ErrorKind::Length { found: 4, have: 8 };
        assert_eq!(refused(&[0x80c1_0001, 1]), ("body", 4, kind));
        let kind = ErrorKind::Length { found: 12, have: 8 };
        assert_eq!(refused(&[0x80c1_0003, 1, 2, 3]), ("body", 12, kind));
        let wide = H261NackBuilder { reserved: 32, ..Default::default() };
        assert_eq!(wide.to_vec(), Err(BuildError::OutOfRange { field: "count" }));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn its_json_names_the_fields_of_the_layout() {
        let json = r#"{"version":2,"padding":false,"packet_type":193,"length":2,"padding_size":0,"type":"h261_nack","count":0,"ssrc":16909060,"fsn":65535,"blp":1}"#;
        let bytes = words(NACK);
        assert_eq!(serde_json::to_string(&H261Nack::parse(&bytes).unwrap()).unwrap(), json);
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (reserved, ssrc, fsn, blp) in (0u8..32, any::<u32>(), any::<u16>(), any::<u16>()),
            padding in prop::sample::select(PADDINGS),
        ) {
            let builder = H261NackBuilder { reserved, ssrc, fsn, blp, padding };
            let bytes = builder.to_vec().unwrap();
            prop_assert_eq!(H261NackBuilder::from(H261Nack::parse(&bytes).unwrap()), builder);
        }
    }
}
