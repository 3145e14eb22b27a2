//! Splicing notification message, SNM (RFC 8286 section 3.2).
//!
//! ```text
//! |V=2|P|reserved |    PT=213     |           length=5            |  header.rs
//! |                            SSRC                               |  body
//! |                  IN NTP timestamp, 8 bytes                    |
//! |                  OUT NTP timestamp, 8 bytes                   |
//! ```
//!
//! The figure of the RFC draws the packet type one bit short; its text and the fields it counts give the usual header.

use byteorder::{BE, ByteOrder};
use core::fmt;
use core::ops::Range;

use super::header::{body_of, packet_of, write_header};
use super::{Header, PacketType};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::ntp::NtpTime;

// Places in the body, for reading and for writing.
const SSRC: Range<usize> = 0..4;
const IN_NTP: Range<usize> = 4..12;
const OUT_NTP: Range<usize> = 12..20;
const BODY_LEN: usize = OUT_NTP.end;

/// When another stream is to be spliced into the main one, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Snm<'a> {
    header: Header,
    body: &'a [u8; BODY_LEN],
    padding: &'a [u8],
}

impl<'a> Snm<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type, a version other than 2, a length or padding beyond the packet; a body of another length.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("SNM", bytes, snm)
    }

    /// The packet's first four bytes.
    #[inline]
    pub const fn header(&self) -> Header {
        self.header
    }

    /// The five reserved bits of the header: 0 by the standard.
    #[inline]
    pub const fn reserved(&self) -> u8 {
        self.header.count()
    }

    /// The main RTP sender.
    #[inline]
    pub fn ssrc(&self) -> u32 {
        BE::read_u32(&self.body[SSRC])
    }

    /// When the splicing starts.
    #[inline]
    pub fn in_ntp(&self) -> NtpTime {
        NtpTime(BE::read_u64(&self.body[IN_NTP]))
    }

    /// When the splicing ends.
    #[inline]
    pub fn out_ntp(&self) -> NtpTime {
        NtpTime(BE::read_u64(&self.body[OUT_NTP]))
    }

    /// All bytes of the padding, the count at its end included; empty without padding.
    #[inline]
    pub const fn padding(&self) -> &'a [u8] {
        self.padding
    }
}

/// Validates the whole packet.
#[inline]
pub(crate) fn snm(i: &[u8]) -> Step<'_, Snm<'_>> {
    let (rest, packet) = packet_of(PacketType::SNM)(i)?;
    let body = body_of(packet.body)?;
    Ok((rest, Snm { header: packet.header, body, padding: packet.padding }))
}

/// `SNM ssrc=0x00000001 in=3877076839.123456000 out=3877076899.000000000`.
impl fmt::Display for Snm<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SNM ssrc={:#010x} in={} out={}", self.ssrc(), self.in_ntp(), self.out_ntp())
    }
}

impl fmt::Debug for Snm<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snm")
            .field("reserved", &self.reserved())
            .field("ssrc", &self.ssrc())
            .field("in_ntp", &self.in_ntp())
            .field("out_ntp", &self.out_ntp())
            .field("padding", &self.padding())
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Snm<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        super::header::serialize_header(&mut map, self.header, self.padding, "snm", "count")?;
        map.serialize_entry("ssrc", &self.ssrc())?;
        map.serialize_entry("in_ntp_seconds", &self.in_ntp().seconds())?;
        map.serialize_entry("in_ntp_fraction", &self.in_ntp().fraction())?;
        map.serialize_entry("out_ntp_seconds", &self.out_ntp().seconds())?;
        map.serialize_entry("out_ntp_fraction", &self.out_ntp().fraction())?;
        map.end()
    }
}

/// A splicing notification to be written: fill in the fields, or take a view's by `From`; then `write`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SnmBuilder<'a> {
    /// As [`Snm::reserved`]; every field points to its accessor so.
    pub reserved: u8,
    /// As [`Snm::ssrc`].
    pub ssrc: u32,
    /// As [`Snm::in_ntp`].
    pub in_ntp: NtpTime,
    /// As [`Snm::out_ntp`].
    pub out_ntp: NtpTime,
    /// As [`Snm::padding`].
    pub padding: &'a [u8],
}

impl<'a> From<Snm<'a>> for SnmBuilder<'a> {
    fn from(packet: Snm<'a>) -> Self {
        Self {
            reserved: packet.reserved(),
            ssrc: packet.ssrc(),
            in_ntp: packet.in_ntp(),
            out_ntp: packet.out_ntp(),
            padding: packet.padding,
        }
    }
}

impl Encode for SnmBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        Header::LEN + BODY_LEN + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let (reserved, len) = (self.reserved.into(), self.encoded_len());
        write_header(out.array()?, PacketType::SNM, reserved, len, self.padding)?;
        let body = out.array::<BODY_LEN>()?;
        BE::write_u32(&mut body[SSRC], self.ssrc);
        BE::write_u64(&mut body[IN_NTP], self.in_ntp.0);
        BE::write_u64(&mut body[OUT_NTP], self.out_ntp.0);
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

    // RFC 8286 figure 3, row by row.
    const SNM: [u32; 6] = [
        0x80d5_0005, // V=2 P=0 reserved PT=213 length=5
        0x0102_0304, // SSRC
        0xe717_2f27, // IN NTP timestamp, most significant word: 3877056295
        0x8000_0000, // IN NTP timestamp, least significant word: half a second
        0xe717_2f63, // OUT NTP timestamp, most significant word
        0x4000_0000, // OUT NTP timestamp, least significant word
    ];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(SNM);
        let packet = Snm::parse(&bytes).unwrap();
        assert_eq!((packet.reserved(), packet.ssrc()), (0, 0x0102_0304));
        assert_eq!(packet.in_ntp(), NtpTime::new(0xe717_2f27, 0x8000_0000));
        assert_eq!(packet.out_ntp(), NtpTime::new(0xe717_2f63, 0x4000_0000));
        let line = "SNM ssrc=0x01020304 in=3877056295.500000000 out=3877056355.250000000";
        assert_eq!(packet.to_string(), line);
        assert_eq!(SnmBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn refuses_every_truncation_and_another_length() {
        refuses_every_truncation(&words(SNM), Snm::parse);
        let refused = |rows: &[u32]| {
            let error = Snm::parse(&words(rows)).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let kind = ErrorKind::Length { found: 16, have: 20 };
        assert_eq!(refused(&[0x80d5_0004, 1, 2, 3, 4]), ("body", 4, kind));
        let kind = ErrorKind::Length { found: 24, have: 20 };
        assert_eq!(refused(&[0x80d5_0006, 1, 2, 3, 4, 5, 6]), ("body", 24, kind));
        let wide = SnmBuilder { reserved: 32, ..Default::default() };
        assert_eq!(wide.to_vec(), Err(BuildError::OutOfRange { field: "count" }));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn its_json_has_the_timestamps_in_two_halves() {
        let json = r#"{"version":2,"padding":false,"packet_type":213,"length":5,"padding_size":0,"type":"snm","count":0,"ssrc":16909060,"in_ntp_seconds":3877056295,"in_ntp_fraction":2147483648,"out_ntp_seconds":3877056355,"out_ntp_fraction":1073741824}"#;
        let bytes = words(SNM);
        assert_eq!(serde_json::to_string(&Snm::parse(&bytes).unwrap()).unwrap(), json);
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (reserved, ssrc, in_ntp, out_ntp) in (0u8..32, any::<u32>(), any::<u64>(), any::<u64>()),
            padding in prop::sample::select(PADDINGS),
        ) {
            let (in_ntp, out_ntp) = (NtpTime(in_ntp), NtpTime(out_ntp));
            let builder = SnmBuilder { reserved, ssrc, in_ntp, out_ntp, padding };
            let bytes = builder.to_vec().unwrap();
            prop_assert_eq!(SnmBuilder::from(Snm::parse(&bytes).unwrap()), builder);
        }
    }
}
