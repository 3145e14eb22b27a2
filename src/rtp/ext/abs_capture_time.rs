//! Absolute capture time (libwebrtc, rtp-hdrext/abs-capture-time).
//!
//! ```text
//! |          absolute capture timestamp, NTP, 8 bytes             |  capture
//! |   estimated capture clock offset, 32.32 bits signed, 8 bytes  |  offset, optional
//! ```

use core::fmt;

use super::value::{ended, value};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::ntp::NtpTime;
use crate::wire::array;

/// When the first frame of the packet was captured, by the capturer's clock, and how far that is from the sender's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AbsCaptureTime {
    /// The capturer's wall clock.
    pub capture: NtpTime,
    /// What to add to it for the sender's own wall clock: seconds with 32 bits of fraction, signed.
    pub estimated_clock_offset: Option<i64>,
}

value!(AbsCaptureTime: ABS_CAPTURE_TIME);

impl AbsCaptureTime {
    /// Reads the data of an element, all of it.
    ///
    /// # Errors
    /// It is neither 8 nor 16 bytes.
    #[inline]
    pub fn parse(data: &[u8]) -> Result<Self, ParseError> {
        run("abs-capture-time", data, abs_capture_time)
    }

    /// The offset in nanoseconds, rounded down; `None` without one.
    #[inline]
    pub fn clock_offset_nanos(&self) -> Option<i64> {
        let offset = i128::from(self.estimated_clock_offset?);
        // 2^31 s are 2.1 × 10^18 ns: never out of range.
        i64::try_from((offset * 1_000_000_000) >> 32).ok()
    }

    /// The capture time by the sender's clock, the one of its sender reports; `None` without an offset.
    #[inline]
    pub fn sender_time(&self) -> Option<NtpTime> {
        Some(NtpTime(self.capture.0.wrapping_add_signed(self.estimated_clock_offset?)))
    }
}

#[inline]
fn abs_capture_time(i: &[u8]) -> Step<'_, AbsCaptureTime> {
    let (rest, &capture) = array(i)?;
    let capture = NtpTime(u64::from_be_bytes(capture));
    if rest.is_empty() {
        return Ok((rest, AbsCaptureTime { capture, estimated_clock_offset: None }));
    }
    let (rest, &offset) = array(rest)?;
    ended(i, rest)?;
    let estimated_clock_offset = Some(i64::from_be_bytes(offset));
    Ok((rest, AbsCaptureTime { capture, estimated_clock_offset }))
}

impl Encode for AbsCaptureTime {
    #[inline]
    fn encoded_len(&self) -> usize {
        if self.estimated_clock_offset.is_some() { 16 } else { 8 }
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        *out.array()? = self.capture.0.to_be_bytes();
        if let Some(offset) = self.estimated_clock_offset {
            *out.array()? = offset.to_be_bytes();
        }
        Ok(())
    }
}

/// `abs-capture-time 3877076839.123456000 offset -250000000 ns`
impl fmt::Display for AbsCaptureTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "abs-capture-time {}", self.capture)?;
        match self.clock_offset_nanos() {
            Some(nanos) => write!(f, " offset {nanos} ns"),
            None => Ok(()),
        }
    }
}

/// The timestamp in its two halves; of the offset, whole seconds rounded down and the fraction above them.
#[cfg(feature = "serde")]
impl super::value::Fields for AbsCaptureTime {
    fn fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("capture_ntp_seconds", &self.capture.seconds())?;
        map.serialize_entry("capture_ntp_fraction", &self.capture.fraction())?;
        if let Some(offset) = self.estimated_clock_offset {
            let fraction = NtpTime(offset.cast_unsigned()).fraction();
            map.serialize_entry("estimated_clock_offset_seconds", &(offset >> 32))?;
            map.serialize_entry("estimated_clock_offset_fraction", &fraction)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::check::{both_ways, refuses, takes_only_lengths};
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn reads_and_writes_both_forms() {
        // The layout of libwebrtc's document, its fields filled in.
        let data = [0xe5, 0x1c, 0xa4, 0x00, 0x80, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0xc0, 0, 0, 0];
        let capture = NtpTime::new(0xe51c_a400, 0x8000_0001);
        both_ways(&data[..8], AbsCaptureTime { capture, estimated_clock_offset: None });
        let value = AbsCaptureTime { capture, estimated_clock_offset: Some(-(1 << 30)) };
        both_ways(&data, value);
        assert_eq!(value.clock_offset_nanos(), Some(-250_000_000));
        assert_eq!(value.sender_time(), Some(NtpTime::new(0xe51c_a400, 0x4000_0001)));
        takes_only_lengths(0xff, &[8, 16], AbsCaptureTime::parse);
        let kind = ErrorKind::Truncated { need: 8, have: 4 };
        refuses::<AbsCaptureTime>(&data[..12], "", 8, kind);
    }

    #[test]
    fn offsets_at_the_edges() {
        let nanos = |offset| {
            let value =
                AbsCaptureTime { estimated_clock_offset: Some(offset), ..Default::default() };
            value.clock_offset_nanos()
        };
        assert_eq!(nanos(i64::MIN), Some(-2_147_483_648_000_000_000));
        assert_eq!(nanos(i64::MAX), Some(2_147_483_647_999_999_999));
        assert_eq!(nanos(-1), Some(-1));
        assert_eq!(AbsCaptureTime::default().clock_offset_nanos(), None);
    }

    #[test]
    #[cfg(feature = "serde")]
    fn serialises_in_halves() {
        let value =
            AbsCaptureTime { capture: NtpTime::new(7, 8), estimated_clock_offset: Some(-1) };
        let json = r#"{"capture_ntp_seconds":7,"capture_ntp_fraction":8,"estimated_clock_offset_seconds":-1,"estimated_clock_offset_fraction":4294967295}"#;
        assert_eq!(super::super::value::check::json(&value), json);
    }
}
