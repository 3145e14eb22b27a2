//! General statistics (RFC 5760 section 7.1.10).
//!
//! ```text
//! |    SRBT=10    |   length=3    |           reserved            |  sub_report.rs
//! |      MFL      |                     HCNL                      |
//! |                  median inter-arrival jitter                  |
//! ```

use core::fmt;

use crate::error::BuildError;

/// Values over all receivers; a field whose bits are all set is not provided. Read or to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GeneralStatistics {
    /// MFL: median fraction lost, in 1/256.
    pub mfl: u8,
    /// HCNL: the highest cumulative number of packets lost, 24 bits.
    pub hcnl: u32,
    /// Median inter-arrival jitter, in units of the RTP timestamp.
    pub median_interarrival_jitter: u32,
}

/// Nothing is provided.
impl Default for GeneralStatistics {
    fn default() -> Self {
        Self { mfl: u8::MAX, hcnl: Self::HCNL_MAX, median_interarrival_jitter: u32::MAX }
    }
}

impl GeneralStatistics {
    const HCNL_MAX: u32 = 0xFF_FFFF;

    /// The median fraction lost, in 1/256; `None` if it is not provided.
    #[inline]
    pub const fn median_fraction_lost(&self) -> Option<u8> {
        if self.mfl == u8::MAX { None } else { Some(self.mfl) }
    }

    /// The highest cumulative number of packets lost; `None` if it is not provided.
    #[inline]
    pub const fn highest_cumulative_lost(&self) -> Option<u32> {
        if self.hcnl == Self::HCNL_MAX { None } else { Some(self.hcnl) }
    }

    /// The median inter-arrival jitter, in units of the RTP timestamp; `None` if it is not provided.
    #[inline]
    pub const fn median_jitter(&self) -> Option<u32> {
        if self.median_interarrival_jitter == u32::MAX {
            None
        } else {
            Some(self.median_interarrival_jitter)
        }
    }

    /// From what follows type and length; the reserved bits are ignored.
    #[inline]
    pub(super) const fn from_bytes([_, _, mfl, a, b, c, d, e, f, g]: [u8; 10]) -> Self {
        Self {
            mfl,
            hcnl: u32::from_be_bytes([0, a, b, c]),
            median_interarrival_jitter: u32::from_be_bytes([d, e, f, g]),
        }
    }

    /// What follows type and length, reserved bits 0.
    #[inline]
    pub(super) const fn to_bytes(self) -> Result<[u8; 10], BuildError> {
        let [wide, a, b, c] = self.hcnl.to_be_bytes();
        if wide != 0 {
            return Err(BuildError::OutOfRange { field: "HCNL" });
        }
        let [d, e, f, g] = self.median_interarrival_jitter.to_be_bytes();
        Ok([0, 0, self.mfl, a, b, c, d, e, f, g])
    }
}

/// `statistics fraction_lost=64/256 lost=1000 jitter=99`: those that are provided.
impl fmt::Display for GeneralStatistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("statistics")?;
        if let Some(lost) = self.median_fraction_lost() {
            write!(f, " fraction_lost={lost}/256")?;
        }
        if let Some(lost) = self.highest_cumulative_lost() {
            write!(f, " lost={lost}")?;
        }
        match self.median_jitter() {
            Some(jitter) => write!(f, " jitter={jitter}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::string::ToString;

    use super::*;

    #[test]
    fn all_ones_are_not_provided() {
        let none = GeneralStatistics::from_bytes([0xFF; 10]);
        assert_eq!(none, GeneralStatistics::default());
        assert_eq!((none.median_fraction_lost(), none.highest_cumulative_lost()), (None, None));
        assert_eq!(none.median_jitter(), None);
        assert_eq!(none.to_string(), "statistics");
        let some = GeneralStatistics { mfl: 64, hcnl: 0xFF_FFFE, median_interarrival_jitter: 0 };
        assert_eq!(some.to_bytes(), Ok([0, 0, 64, 0xFF, 0xFF, 0xFE, 0, 0, 0, 0]));
        assert_eq!(some.to_string(), "statistics fraction_lost=64/256 lost=16777214 jitter=0");
        let wide = GeneralStatistics { hcnl: 1 << 24, ..some };
        assert_eq!(wide.to_bytes(), Err(BuildError::OutOfRange { field: "HCNL" }));
    }
}
