//! Transmission time offset (RFC 5450 section 3).
//!
//! ```text
//! |          transmission offset, 24 bits, signed         |
//! ```

use core::fmt;

use super::value::{exactly, value};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, run};

/// How much later than its RTP timestamp says the packet was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TransmissionOffset(
    /// In ticks of the RTP clock, -8388608 to 8388607.
    pub i32,
);

value!(TransmissionOffset: TOFFSET);

impl TransmissionOffset {
    /// Reads the data of an element, all of it.
    ///
    /// # Errors
    /// It is not 3 bytes.
    #[inline]
    pub fn parse(data: &[u8]) -> Result<Self, ParseError> {
        let &[a, b, c] = run("toffset", data, exactly)?;
        Ok(Self(i32::from_be_bytes([a, b, c, 0]) >> 8))
    }

    /// In microseconds, rounded towards zero, with a clock of `clock_rate` Hz; `None` if that is 0.
    #[inline]
    pub fn micros(self, clock_rate: u32) -> Option<i64> {
        (i64::from(self.0) * 1_000_000).checked_div(clock_rate.into())
    }
}

impl Encode for TransmissionOffset {
    #[inline]
    fn encoded_len(&self) -> usize {
        3
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if !(-0x80_0000..0x80_0000).contains(&self.0) {
            return Err(BuildError::OutOfRange { field: "transmission offset" });
        }
        let [_, bytes @ ..] = self.0.to_be_bytes();
        *out.array()? = bytes;
        Ok(())
    }
}

/// `toffset -7 ticks`
impl fmt::Display for TransmissionOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "toffset {} ticks", self.0)
    }
}

#[cfg(feature = "serde")]
impl super::value::Fields for TransmissionOffset {
    fn fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("transmission_offset", &self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::check::{both_ways, not_written, takes_only_lengths};
    use super::*;

    #[test]
    fn is_signed_both_ways() {
        // libwebrtc, rtp_packet_unittest.cc: 0x56ce. The negative ones: two's complement, RFC 5450 section 3.
        both_ways(&[0x00, 0x56, 0xce], TransmissionOffset(0x56ce));
        both_ways(&[0xff, 0xff, 0xff], TransmissionOffset(-1));
        both_ways(&[0x80, 0, 0], TransmissionOffset(-8_388_608));
        both_ways(&[0x7f, 0xff, 0xff], TransmissionOffset(8_388_607));
        both_ways(&[0xff, 0xfe, 0x0c], TransmissionOffset(-500));
        takes_only_lengths(0xff, &[3], TransmissionOffset::parse);
        not_written(&TransmissionOffset(8_388_608), "transmission offset");
        not_written(&TransmissionOffset(-8_388_609), "transmission offset");
    }

    #[test]
    fn ticks_become_microseconds() {
        assert_eq!(TransmissionOffset(-45).micros(90_000), Some(-500));
        assert_eq!(TransmissionOffset(8_388_607).micros(1), Some(8_388_607_000_000));
        assert_eq!(TransmissionOffset(1).micros(0), None);
    }
}
