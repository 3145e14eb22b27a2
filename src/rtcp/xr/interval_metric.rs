//! The flag I of the later blocks: what span a value is of (RFC 6792 section 4.1).

use core::fmt;

use super::fixed::Field;
use crate::error::BuildError;

/// I, the interval metric flag: over which span the values of a block were measured.
///
/// Each block allows some of them; the standards have a receiver discard one with another. A view gives what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IntervalMetric {
    /// 0: reserved.
    Reserved,
    /// 1: at one instant.
    Sampled,
    /// 2: since the last report.
    Interval,
    /// 3: since the beginning.
    Cumulative,
}

impl IntervalMetric {
    /// For a block whose values are of a span of time: an interval, or all since the beginning.
    #[inline]
    pub(crate) fn of_a_span(self) -> Result<(), BuildError> {
        Self::allowed(matches!(self, Self::Interval | Self::Cumulative))
    }

    /// For a block whose values are of an instant.
    #[inline]
    pub(crate) fn of_an_instant(self) -> Result<(), BuildError> {
        Self::allowed(self == Self::Sampled)
    }

    /// For a block whose values can be of either.
    #[inline]
    pub(crate) fn of_either(self) -> Result<(), BuildError> {
        Self::allowed(self != Self::Reserved)
    }

    #[inline]
    fn allowed(yes: bool) -> Result<(), BuildError> {
        if yes { Ok(()) } else { Err(BuildError::OutOfRange { field: "interval_metric" }) }
    }
}

impl Field for IntervalMetric {
    #[inline]
    fn from_bits(bits: u64, _: usize) -> Self {
        match bits {
            1 => Self::Sampled,
            2 => Self::Interval,
            3 => Self::Cumulative,
            _ => Self::Reserved,
        }
    }

    #[inline]
    fn to_bits(self, _: usize) -> Option<u64> {
        Some(match self {
            Self::Reserved => 0,
            Self::Sampled => 1,
            Self::Interval => 2,
            Self::Cumulative => 3,
        })
    }

    fn show(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reserved => "reserved",
            Self::Sampled => "sampled",
            Self::Interval => "interval",
            Self::Cumulative => "cumulative",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_values_of_rfc_6776() {
        for (bits, value) in [
            (0, IntervalMetric::Reserved),
            (1, IntervalMetric::Sampled),
            (2, IntervalMetric::Interval),
            (3, IntervalMetric::Cumulative),
        ] {
            assert_eq!(IntervalMetric::from_bits(bits, 2), value);
            assert_eq!(value.to_bits(2), Some(bits));
        }
    }
}
