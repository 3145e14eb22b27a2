//! SMPTE time-code mapping, SMPTETC (RFC 5484 section 6.3).
//!
//! ```text
//! |V=2|P|   SC    |    PT=194     |         length=3 or 4         |  header.rs
//! |                    SSRC of packet sender                      |  start
//! |                        RTP timestamp                          |
//! |S|  hours  |  minutes  |  seconds  |  frames   |   reserved    |  short form, length 3
//!
//! |                 SMPTE 12M time-code, 8 bytes                  |  full form, length 4
//! ```

use byteorder::{BE, ByteOrder};
use core::fmt;
use core::ops::Range;

use super::header::{packet_of, write_header};
use super::{Header, PacketType};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::wire::{array, context};

// Places before the time-code, for reading and for writing.
const SSRC: Range<usize> = 0..4;
const RTP: Range<usize> = 4..8;
const START_LEN: usize = RTP.end;

/// The time-code that goes with an RTP timestamp and counts on from there, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Smptetc<'a> {
    header: Header,
    start: &'a [u8; START_LEN],
    time_code: SmpteTimeCode,
    padding: &'a [u8],
}

impl<'a> Smptetc<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type, a version other than 2, a length or padding beyond the packet; a time-code that is neither
    /// of four bytes nor of eight.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("SMPTETC", bytes, smptetc)
    }

    /// The packet's first four bytes.
    #[inline]
    pub const fn header(&self) -> Header {
        self.header
    }

    /// SC: five bits to which the standard gives no meaning.
    #[inline]
    pub const fn reserved(&self) -> u8 {
        self.header.count()
    }

    /// Who sends the mapping.
    #[inline]
    pub fn ssrc(&self) -> u32 {
        BE::read_u32(&self.start[SSRC])
    }

    /// The RTP timestamp from which on the time-code holds.
    #[inline]
    pub fn rtp_timestamp(&self) -> u32 {
        BE::read_u32(&self.start[RTP])
    }

    /// The time-code at that timestamp, in one form or the other.
    #[inline]
    pub const fn time_code(&self) -> SmpteTimeCode {
        self.time_code
    }

    /// All bytes of the padding, the count at its end included; empty without padding.
    #[inline]
    pub const fn padding(&self) -> &'a [u8] {
        self.padding
    }
}

/// A time-code in one of two forms, as it is on the wire; read or to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SmpteTimeCode {
    /// The short form: a [`CompactTimeCode`] and a reserved byte.
    Short([u8; 4]),
    /// The full form: 64 bits of SMPTE 12M without the syncword.
    Full([u8; 8]),
}

impl SmpteTimeCode {
    /// The time-code of the short form; `None` in the full form.
    #[inline]
    pub const fn compact(self) -> Option<CompactTimeCode> {
        match self {
            Self::Short([a, b, c, _]) => Some(CompactTimeCode::from_bytes([a, b, c])),
            Self::Full(_) => None,
        }
    }
}

/// The compact form of a time-code (RFC 5484 section 6.1), read or to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CompactTimeCode {
    /// S: the time-code is negative.
    pub negative: bool,
    /// 0 to 23; 24 to 31 are reserved.
    pub hours: u8,
    /// 0 to 59; 60 to 63 are reserved.
    pub minutes: u8,
    /// 0 to 59; 60 to 63 are reserved.
    pub seconds: u8,
    /// From 0 to one less than the frames of a time-code second; 6 bits.
    pub frames: u8,
}

impl CompactTimeCode {
    /// Its bytes on the wire.
    pub const LEN: usize = 3;

    /// Any three bytes are a time-code, though its values may be reserved ones.
    #[inline]
    pub const fn from_bytes([a, b, c]: [u8; Self::LEN]) -> Self {
        // Shhhhhmm mmmmssss ssffffff
        Self {
            negative: a & 0x80 != 0,
            hours: (a >> 2) & 0x1F,
            minutes: ((a & 3) << 4) | (b >> 4),
            seconds: ((b & 0xF) << 2) | (c >> 6),
            frames: c & 0x3F,
        }
    }

    /// The time-code as it is on the wire.
    ///
    /// # Errors
    /// A reserved value, frames of more than 6 bits.
    #[inline]
    pub const fn to_bytes(self) -> Result<[u8; Self::LEN], BuildError> {
        let Self { negative, hours, minutes, seconds, frames } = self;
        if hours > 23 {
            return Err(BuildError::OutOfRange { field: "hours" });
        }
        if minutes > 59 {
            return Err(BuildError::OutOfRange { field: "minutes" });
        }
        if seconds > 59 {
            return Err(BuildError::OutOfRange { field: "seconds" });
        }
        if frames > 63 {
            return Err(BuildError::OutOfRange { field: "frames" });
        }
        let sign = if negative { 0x80 } else { 0 };
        let first = sign | (hours << 2) | (minutes >> 4);
        Ok([first, (minutes << 4) | (seconds >> 2), (seconds << 6) | frames])
    }

    /// The short form of it, for a packet.
    ///
    /// # Errors
    /// As [`to_bytes`](Self::to_bytes).
    #[inline]
    pub fn to_short(self) -> Result<SmpteTimeCode, BuildError> {
        let [a, b, c] = self.to_bytes()?;
        Ok(SmpteTimeCode::Short([a, b, c, 0]))
    }
}

/// `-23:59:58:24`.
impl fmt::Display for CompactTimeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { negative, hours, minutes, seconds, frames } = *self;
        let sign = if negative { "-" } else { "" };
        write!(f, "{sign}{hours:02}:{minutes:02}:{seconds:02}:{frames:02}")
    }
}

/// Validates the whole packet.
#[inline]
pub(crate) fn smptetc(i: &[u8]) -> Step<'_, Smptetc<'_>> {
    let (rest, packet) = packet_of(PacketType::SMPTETC)(i)?;
    let (left, start) = context("SSRC and RTP timestamp", array)(packet.body)?;
    let time_code = match *left {
        [a, b, c, d] => SmpteTimeCode::Short([a, b, c, d]),
        [a, b, c, d, e, f, g, h] => SmpteTimeCode::Full([a, b, c, d, e, f, g, h]),
        _ => {
            let have = if left.len() < 8 { 4 } else { 8 };
            let at = left.get(have..).unwrap_or(left);
            let kind = ErrorKind::Length { found: left.len(), have };
            return Err(Fail::field("time-code", at, kind));
        }
    };
    Ok((rest, Smptetc { header: packet.header, start, time_code, padding: packet.padding }))
}

/// `SMPTETC ssrc=0x00000001 rtp=2 time=23:59:58:24`, or the full form's bytes `… smpte_12m=0123456789abcdef`.
impl fmt::Display for Smptetc<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SMPTETC ssrc={:#010x} rtp={}", self.ssrc(), self.rtp_timestamp())?;
        match self.time_code {
            SmpteTimeCode::Short([a, b, c, _]) => {
                write!(f, " time={}", CompactTimeCode::from_bytes([a, b, c]))
            }
            SmpteTimeCode::Full(bytes) => {
                write!(f, " smpte_12m={:016x}", u64::from_be_bytes(bytes))
            }
        }
    }
}

impl fmt::Debug for Smptetc<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smptetc")
            .field("reserved", &self.reserved())
            .field("ssrc", &self.ssrc())
            .field("rtp_timestamp", &self.rtp_timestamp())
            .field("time_code", &self.time_code)
            .field("padding", &self.padding())
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Smptetc<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        super::header::serialize_header(&mut map, self.header, self.padding, "smptetc", "count")?;
        map.serialize_entry("ssrc", &self.ssrc())?;
        map.serialize_entry("rtp_timestamp", &self.rtp_timestamp())?;
        match self.time_code {
            SmpteTimeCode::Short([a, b, c, _]) => {
                let time = CompactTimeCode::from_bytes([a, b, c]);
                map.serialize_entry("s", &time.negative)?;
                map.serialize_entry("hours", &time.hours)?;
                map.serialize_entry("minutes", &time.minutes)?;
                map.serialize_entry("seconds", &time.seconds)?;
                map.serialize_entry("frames", &time.frames)?;
            }
            SmpteTimeCode::Full(bytes) => {
                map.serialize_entry("smpte_12m", &crate::ser::Hex(&bytes))?;
            }
        }
        map.end()
    }
}

/// A time-code mapping to be written: fill in the fields, or take a view's by `From`; then `write`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmptetcBuilder<'a> {
    /// As [`Smptetc::reserved`]; every field points to its accessor so.
    pub reserved: u8,
    /// As [`Smptetc::ssrc`].
    pub ssrc: u32,
    /// As [`Smptetc::rtp_timestamp`].
    pub rtp_timestamp: u32,
    /// As [`Smptetc::time_code`]: from [`CompactTimeCode::to_short`], or from a view.
    pub time_code: SmpteTimeCode,
    /// As [`Smptetc::padding`].
    pub padding: &'a [u8],
}

impl<'a> From<Smptetc<'a>> for SmptetcBuilder<'a> {
    fn from(packet: Smptetc<'a>) -> Self {
        Self {
            reserved: packet.reserved(),
            ssrc: packet.ssrc(),
            rtp_timestamp: packet.rtp_timestamp(),
            time_code: packet.time_code,
            padding: packet.padding,
        }
    }
}

impl SmptetcBuilder<'_> {
    /// The time-code's bytes.
    #[inline]
    fn time_code(&self) -> &[u8] {
        match &self.time_code {
            SmpteTimeCode::Short(bytes) => bytes,
            SmpteTimeCode::Full(bytes) => bytes,
        }
    }
}

impl Encode for SmptetcBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        Header::LEN + START_LEN + self.time_code().len() + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let (reserved, len) = (self.reserved.into(), self.encoded_len());
        write_header(out.array()?, PacketType::SMPTETC, reserved, len, self.padding)?;
        let start = out.array::<START_LEN>()?;
        BE::write_u32(&mut start[SSRC], self.ssrc);
        BE::write_u32(&mut start[RTP], self.rtp_timestamp);
        out.bytes(self.time_code())?;
        out.bytes(self.padding)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;

    use super::*;
    use crate::testing::{PADDINGS, refuses_every_truncation, words};

    // RFC 5484 figure 1, row by row.
    const SHORT: [u32; 4] = [
        0x80c2_0003,                                        // V=2 P=0 SC PT=194 length=3
        0x0102_0304,                                        // SSRC of packet sender
        0x0506_0708,                                        // RTP timestamp
        1 << 31 | 23 << 26 | 59 << 20 | 58 << 14 | 24 << 8, // S, hours, minutes, seconds, frames, reserved
    ];

    // RFC 5484 figure 2.
    const FULL: [u32; 5] = [0x80c2_0004, 0x0102_0304, 0x0506_0708, 0x0123_4567, 0x89ab_cdef];

    #[test]
    fn reads_every_field_of_the_short_form_and_writes_it_again() {
        let bytes = words(SHORT);
        let packet = Smptetc::parse(&bytes).unwrap();
        assert_eq!((packet.reserved(), packet.ssrc()), (0, 0x0102_0304));
        assert_eq!(packet.rtp_timestamp(), 0x0506_0708);
        let time =
            CompactTimeCode { negative: true, hours: 23, minutes: 59, seconds: 58, frames: 24 };
        assert_eq!(packet.time_code().compact(), Some(time));
        let line = "SMPTETC ssrc=0x01020304 rtp=84281096 time=-23:59:58:24";
        assert_eq!(packet.to_string(), line);
        let builder = SmptetcBuilder::from(packet);
        assert_eq!(builder.to_vec().unwrap(), bytes);
        let time_code = time.to_short().unwrap();
        assert_eq!(SmptetcBuilder { time_code, ..builder }.to_vec().unwrap(), bytes);
    }

    #[test]
    fn reads_the_full_form_and_writes_it_again() {
        let bytes = words(FULL);
        let packet = Smptetc::parse(&bytes).unwrap();
        let full = SmpteTimeCode::Full([0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef]);
        assert_eq!((packet.time_code(), packet.time_code().compact()), (full, None));
        assert!(packet.to_string().ends_with(" smpte_12m=0123456789abcdef"), "{packet}");
        assert_eq!(SmptetcBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn reserved_bits_and_values_are_kept() {
        let bytes = words([0x9fc2_0003, 1, 2, 0xffff_ffff]);
        let packet = Smptetc::parse(&bytes).unwrap();
        let time = packet.time_code().compact().unwrap();
        assert_eq!((time.hours, time.minutes, time.seconds, time.frames), (31, 63, 63, 63));
        assert_eq!(SmptetcBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn refuses_every_truncation_and_another_length() {
        refuses_every_truncation(&words(SHORT), Smptetc::parse);
        refuses_every_truncation(&words(FULL), Smptetc::parse);
        let refused = |rows: &[u32]| {
            let error = Smptetc::parse(&words(rows)).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let kind = ErrorKind::Length { found: 0, have: 4 };
        assert_eq!(refused(&[0x80c2_0002, 1, 2]), ("time-code", 12, kind));
        let kind = ErrorKind::Length { found: 12, have: 8 };
        assert_eq!(refused(&[0x80c2_0005, 1, 2, 3, 4, 5]), ("time-code", 20, kind));
        let kind = ErrorKind::Truncated { need: 8, have: 4 };
        assert_eq!(refused(&[0x80c2_0001, 1]), ("SSRC and RTP timestamp", 4, kind));
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        let time =
            CompactTimeCode { hours: 23, minutes: 59, seconds: 59, frames: 63, negative: false };
        assert!(time.to_bytes().is_ok());
        let out_of_range = |field| Err(BuildError::OutOfRange { field });
        assert_eq!(CompactTimeCode { hours: 24, ..time }.to_bytes(), out_of_range("hours"));
        assert_eq!(CompactTimeCode { minutes: 60, ..time }.to_bytes(), out_of_range("minutes"));
        assert_eq!(CompactTimeCode { seconds: 60, ..time }.to_bytes(), out_of_range("seconds"));
        assert_eq!(CompactTimeCode { frames: 64, ..time }.to_bytes(), out_of_range("frames"));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn its_json_names_the_fields_of_the_layout() {
        let json =
            |rows: &[u32]| serde_json::to_string(&Smptetc::parse(&words(rows)).unwrap()).unwrap();
        let short = r#"{"version":2,"padding":false,"packet_type":194,"length":3,"padding_size":0,"type":"smptetc","count":0,"ssrc":16909060,"rtp_timestamp":84281096,"s":true,"hours":23,"minutes":59,"seconds":58,"frames":24}"#;
        assert_eq!(json(&SHORT), short);
        assert!(
            json(&FULL).ends_with(r#""rtp_timestamp":84281096,"smpte_12m":"0123456789abcdef"}"#)
        );
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (reserved, ssrc, rtp_timestamp) in (0u8..32, any::<u32>(), any::<u32>()),
            time_code in prop_oneof![
                any::<[u8; 4]>().prop_map(SmpteTimeCode::Short),
                any::<[u8; 8]>().prop_map(SmpteTimeCode::Full),
            ],
            padding in prop::sample::select(PADDINGS),
        ) {
            let builder = SmptetcBuilder { reserved, ssrc, rtp_timestamp, time_code, padding };
            let bytes = builder.to_vec().unwrap();
            prop_assert_eq!(SmptetcBuilder::from(Smptetc::parse(&bytes).unwrap()), builder);
        }

        #[test]
        fn a_compact_time_code_survives(
            (negative, hours, minutes) in (any::<bool>(), 0u8..24, 0u8..60),
            (seconds, frames) in (0u8..60, 0u8..64),
        ) {
            let time = CompactTimeCode { negative, hours, minutes, seconds, frames };
            prop_assert_eq!(CompactTimeCode::from_bytes(time.to_bytes().unwrap()), time);
        }
    }
}
