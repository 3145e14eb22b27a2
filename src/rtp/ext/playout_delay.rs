//! Playout delay limits (libwebrtc, rtp-hdrext/playout-delay).
//!
//! ```text
//! |       min delay       |       max delay       |  12 bits each, 10 ms
//! ```

use core::fmt;
use core::time::Duration;

use super::value::{exactly, value};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, run};

/// Between which limits the receiver shall delay the frame, from capture to playout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PlayoutDelay {
    /// The least, in units of 10 ms, 0 to 4095.
    pub min_delay: u16,
    /// The most, in units of 10 ms, 0 to 4095; by the document not below the least.
    pub max_delay: u16,
}

value!(PlayoutDelay: PLAYOUT_DELAY);

impl PlayoutDelay {
    /// The largest value of either limit: 40.95 s.
    pub const MAX: u16 = 0xFFF;

    /// Reads the data of an element, all of it. A minimum above the maximum is read as it is.
    ///
    /// # Errors
    /// It is not 3 bytes.
    #[inline]
    pub fn parse(data: &[u8]) -> Result<Self, ParseError> {
        let &[a, b, c] = run("playout-delay", data, exactly)?;
        let (min, max) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([b, c]));
        Ok(Self { min_delay: min >> 4, max_delay: max & Self::MAX })
    }

    /// Out of spans, in whole units of 10 ms; `None` if one is longer than 40.95 s.
    #[inline]
    pub fn from_durations(min: Duration, max: Duration) -> Option<Self> {
        let units = |span: Duration| {
            let units = u16::try_from(span.as_millis() / 10).ok()?;
            (units <= Self::MAX).then_some(units)
        };
        Some(Self { min_delay: units(min)?, max_delay: units(max)? })
    }

    /// The least delay.
    #[inline]
    pub fn min(self) -> Duration {
        Duration::from_millis(u64::from(self.min_delay) * 10)
    }

    /// The most delay.
    #[inline]
    pub fn max(self) -> Duration {
        Duration::from_millis(u64::from(self.max_delay) * 10)
    }
}

impl Encode for PlayoutDelay {
    #[inline]
    fn encoded_len(&self) -> usize {
        3
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if self.min_delay > Self::MAX {
            return Err(BuildError::OutOfRange { field: "min delay" });
        }
        if self.max_delay > Self::MAX {
            return Err(BuildError::OutOfRange { field: "max delay" });
        }
        let both = u32::from(self.min_delay) << 12 | u32::from(self.max_delay);
        let [_, bytes @ ..] = both.to_be_bytes();
        *out.array()? = bytes;
        Ok(())
    }
}

/// `playout-delay 30..340 ms`
impl fmt::Display for PlayoutDelay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "playout-delay {}..{} ms", self.min().as_millis(), self.max().as_millis())
    }
}

#[cfg(feature = "serde")]
impl super::value::Fields for PlayoutDelay {
    fn fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("min_delay", &self.min_delay)?;
        map.serialize_entry("max_delay", &self.max_delay)
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::check::{both_ways, not_written, takes_only_lengths};
    use super::*;

    #[test]
    fn reads_and_writes_both_limits() {
        // libwebrtc, rtp_packet_unittest.cc: 30 ms and 340 ms.
        let value = PlayoutDelay { min_delay: 3, max_delay: 34 };
        both_ways(&[0x00, 0x30, 0x22], value);
        assert_eq!(value.min(), Duration::from_millis(30));
        assert_eq!(value.max(), Duration::from_millis(340));
        assert_eq!(PlayoutDelay::from_durations(value.min(), value.max()), Some(value));
        both_ways(&[0xff, 0xf0, 0x00], PlayoutDelay { min_delay: 0xfff, max_delay: 0 });
        both_ways(&[0x00, 0x0f, 0xff], PlayoutDelay { min_delay: 0, max_delay: 0xfff });
        takes_only_lengths(0xff, &[3], PlayoutDelay::parse);
    }

    #[test]
    fn limits_of_more_than_12_bits_are_not_written() {
        not_written(&PlayoutDelay { min_delay: 0x1000, max_delay: 0 }, "min delay");
        not_written(&PlayoutDelay { min_delay: 0, max_delay: 0x1000 }, "max delay");
        let long = Duration::from_millis(40_960);
        assert_eq!(PlayoutDelay::from_durations(Duration::ZERO, long), None);
        assert_eq!(PlayoutDelay::from_durations(Duration::MAX, long), None);
        let most = PlayoutDelay::from_durations(Duration::ZERO, Duration::from_millis(40_959));
        assert_eq!(most.map(|value| value.max_delay), Some(4095));
    }
}
