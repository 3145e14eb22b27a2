//! SMPTE time-codes (RFC 5484 sections 6.1, 6.2 and 6.4).
//!
//! ```text
//! |S|  hours  |  minutes  |  seconds  |  frames   |  short form, 3 bytes
//!
//! |        SMPTE 12M time-code, 8 bytes           |  long form, 12 bytes
//! |        offset, signed, 4 bytes                |
//! ```

use core::fmt;

use super::value::{ended, value};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::wire::array;

/// The SMPTE time-code of an RTP time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SmpteTimeCode {
    /// Of the packet's RTP timestamp, in binary.
    Short(ShortTimeCode),
    /// Of the packet's RTP timestamp plus `offset`, as SMPTE 12M has it.
    Long {
        /// The 64 bits of SMPTE 12M sections 7 and 8, without the sync word.
        smpte_12m: [u8; 8],
        /// Ticks of the RTP clock to add to the packet's timestamp. `None`: the element ends before it, as in the
        /// example of RFC 6904 section 3.1, and the time-code is that of the timestamp itself.
        offset: Option<i32>,
    },
}

/// A time-code in binary, 24 bits (RFC 5484 section 6.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ShortTimeCode {
    /// The sign bit: the time is before zero.
    pub negative: bool,
    /// 0 to 23; 24 to 31 are reserved.
    pub hours: u8,
    /// 0 to 59; 60 to 63 are reserved.
    pub minutes: u8,
    /// 0 to 59; 60 to 63 are reserved.
    pub seconds: u8,
    /// 0 to 63, below the number of frames in a second.
    pub frames: u8,
}

value!(SmpteTimeCode: SMPTE_TC);

impl SmpteTimeCode {
    /// Reads the data of an element, all of it. Reserved hours, minutes and seconds are read as they are.
    ///
    /// # Errors
    /// It is not 3, 8 or 12 bytes.
    #[inline]
    pub fn parse(data: &[u8]) -> Result<Self, ParseError> {
        run("smpte-tc", data, smpte_time_code)
    }
}

#[inline]
fn smpte_time_code(i: &[u8]) -> Step<'_, SmpteTimeCode> {
    if let Ok((rest, &smpte_12m)) = array(i) {
        if rest.is_empty() {
            return Ok((rest, SmpteTimeCode::Long { smpte_12m, offset: None }));
        }
        let (rest, &offset) = array(rest)?;
        ended(i, rest)?;
        let offset = Some(i32::from_be_bytes(offset));
        return Ok((rest, SmpteTimeCode::Long { smpte_12m, offset }));
    }
    let (rest, &[a, b, c]) = array(i)?;
    ended(i, rest)?;
    let short = ShortTimeCode {
        negative: a & 0x80 != 0,
        hours: a >> 2 & 0x1F,
        minutes: (a & 3) << 4 | b >> 4,
        seconds: (b & 15) << 2 | c >> 6,
        frames: c & 0x3F,
    };
    Ok((rest, SmpteTimeCode::Short(short)))
}

impl ShortTimeCode {
    /// The three bytes; what the standard reserves is refused.
    fn to_bytes(self) -> Result<[u8; 3], BuildError> {
        let limits = [
            (self.hours, 23, "hours"),
            (self.minutes, 59, "minutes"),
            (self.seconds, 59, "seconds"),
            (self.frames, 63, "frames"),
        ];
        for (value, most, field) in limits {
            if value > most {
                return Err(BuildError::OutOfRange { field });
            }
        }
        let sign = if self.negative { 0x80 } else { 0 };
        Ok([
            sign | self.hours << 2 | self.minutes >> 4,
            self.minutes << 4 | self.seconds >> 2,
            self.seconds << 6 | self.frames,
        ])
    }
}

impl Encode for SmpteTimeCode {
    #[inline]
    fn encoded_len(&self) -> usize {
        match self {
            Self::Short(_) => 3,
            Self::Long { offset: None, .. } => 8,
            Self::Long { offset: Some(_), .. } => 12,
        }
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        match *self {
            Self::Short(short) => *out.array()? = short.to_bytes()?,
            Self::Long { smpte_12m, offset } => {
                *out.array()? = smpte_12m;
                if let Some(offset) = offset {
                    *out.array()? = offset.to_be_bytes();
                }
            }
        }
        Ok(())
    }
}

/// `smpte-tc -01:02:03:04`, or `smpte-tc 0x0011223344556677 offset -7 ticks`
impl fmt::Display for SmpteTimeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Short(ShortTimeCode { negative, hours, minutes, seconds, frames }) => {
                let sign = if negative { "-" } else { "" };
                write!(f, "smpte-tc {sign}{hours:02}:{minutes:02}:{seconds:02}:{frames:02}")
            }
            Self::Long { smpte_12m, offset } => {
                write!(f, "smpte-tc {:#018x}", u64::from_be_bytes(smpte_12m))?;
                match offset {
                    Some(offset) => write!(f, " offset {offset} ticks"),
                    None => Ok(()),
                }
            }
        }
    }
}

#[cfg(feature = "serde")]
impl super::value::Fields for SmpteTimeCode {
    fn fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        match *self {
            Self::Short(short) => {
                map.serialize_entry("s", &short.negative)?;
                map.serialize_entry("hours", &short.hours)?;
                map.serialize_entry("minutes", &short.minutes)?;
                map.serialize_entry("seconds", &short.seconds)?;
                map.serialize_entry("frames", &short.frames)
            }
            Self::Long { smpte_12m, offset } => {
                map.serialize_entry("smpte_12m", &crate::ser::Hex(&smpte_12m))?;
                match offset {
                    Some(offset) => map.serialize_entry("offset", &offset),
                    None => Ok(()),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::check::{both_ways, not_written, takes_only_lengths};
    use super::*;

    const SHORT: ShortTimeCode =
        ShortTimeCode { negative: true, hours: 23, minutes: 59, seconds: 58, frames: 24 };

    #[test]
    fn reads_and_writes_the_short_form() {
        // RFC 5484 section 6.1, filled in: 1 10111 111011 111010 011000.
        both_ways(&[0b1101_1111, 0b1011_1110, 0b1001_1000], SmpteTimeCode::Short(SHORT));
        both_ways(&[0, 0, 0], SmpteTimeCode::Short(ShortTimeCode::default()));
    }

    #[test]
    fn reads_and_writes_the_long_form_with_and_without_its_offset() {
        // RFC 5484 section 6.4; 8 bytes are the example of RFC 6904 section 3.1.
        let data = [0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0xff, 0xff, 0xff, 0xf9];
        let smpte_12m = [0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77];
        both_ways(&data, SmpteTimeCode::Long { smpte_12m, offset: Some(-7) });
        both_ways(&data[..8], SmpteTimeCode::Long { smpte_12m, offset: None });
        takes_only_lengths(0, &[3, 8, 12], SmpteTimeCode::parse);
    }

    #[test]
    fn reserved_values_are_read_but_not_written() {
        let refused = |short, field| not_written(&SmpteTimeCode::Short(short), field);
        refused(ShortTimeCode { hours: 24, ..SHORT }, "hours");
        refused(ShortTimeCode { minutes: 60, ..SHORT }, "minutes");
        refused(ShortTimeCode { seconds: 60, ..SHORT }, "seconds");
        refused(ShortTimeCode { frames: 64, ..SHORT }, "frames");
        let all = ShortTimeCode { negative: true, hours: 31, minutes: 63, seconds: 63, frames: 63 };
        assert_eq!(SmpteTimeCode::parse(&[0xff; 3]), Ok(SmpteTimeCode::Short(all)));
    }
}
