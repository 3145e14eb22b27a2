//! What the later blocks have for a measured value: a number, or that there is none (RFC 6792 section 6).

use core::fmt;
use core::time::Duration;

use super::fixed::{Field, largest};

/// A measured value: the two highest numbers that its field could hold say that there is none.
///
/// ```
/// use core::time::Duration;
/// use mediawire::rtcp::xr::Metric;
///
/// assert_eq!(Metric::Value(20u16).as_millis(), Some(Duration::from_millis(20)));
/// assert_eq!(Metric::Value(960u32).at_clock_rate(48_000), Some(Duration::from_millis(20)));
/// assert_eq!(Metric::<u16>::Unavailable.value(), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Metric<T> {
    /// The value.
    Value(T),
    /// More than the field can say.
    OverRange,
    /// Not measured.
    #[default]
    Unavailable,
}

impl<T> Metric<T> {
    /// The value, if there is one.
    #[inline]
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::OverRange | Self::Unavailable => None,
        }
    }
}

impl<T: Into<u64>> Metric<T> {
    /// The span, for a field in milliseconds.
    #[inline]
    pub fn as_millis(self) -> Option<Duration> {
        self.value().map(|value| Duration::from_millis(value.into()))
    }

    /// The span, for a field in units of the RTP timestamp, of which there are so many in a second. `None` for a rate of 0 too.
    #[inline]
    pub fn at_clock_rate(self, hertz: u32) -> Option<Duration> {
        let units: u64 = self.value()?.into();
        let seconds = units.checked_div(hertz.into())?;
        // Below 2^32 × 10^9: it fits.
        let nanos = (units % u64::from(hertz)) * 1_000_000_000 / u64::from(hertz);
        Some(Duration::from_secs(seconds) + Duration::from_nanos(nanos))
    }
}

impl<T: Field> Field for Metric<T> {
    #[inline]
    fn from_bits(bits: u64, width: usize) -> Self {
        match largest(width) - bits {
            0 => Self::Unavailable,
            1 => Self::OverRange,
            _ => Self::Value(T::from_bits(bits, width)),
        }
    }

    #[inline]
    fn to_bits(self, width: usize) -> Option<u64> {
        match self {
            Self::Value(value) => value.to_bits(width).filter(|&bits| bits < largest(width) - 1),
            Self::OverRange => Some(largest(width) - 1),
            Self::Unavailable => Some(largest(width)),
        }
    }

    fn show(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => value.show(f),
            Self::OverRange => f.write_str("over-range"),
            Self::Unavailable => f.write_str("unavailable"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_highest_numbers_are_no_values() {
        // RFC 6958 section 3.2: 0xFFFFFE and 0xFFFFFF of 24 bits.
        let read = |bits| Metric::<u32>::from_bits(bits, 24);
        assert_eq!(read(0xFF_FFFD), Metric::Value(0xFF_FFFD));
        assert_eq!((read(0xFF_FFFE), read(0xFF_FFFF)), (Metric::OverRange, Metric::Unavailable));
        assert_eq!(read(0xFF_FFFE).to_bits(24), Some(0xFF_FFFE));
        assert_eq!(Metric::Value(0xFF_FFFEu32).to_bits(24), None, "it would be read as over-range");
        assert_eq!(Metric::Value(0xFF_FFFFu32).to_bits(24), None);
    }

    #[test]
    fn units_become_spans() {
        assert_eq!(
            Metric::Value(u32::MAX).at_clock_rate(1),
            Some(Duration::from_secs(4_294_967_295))
        );
        assert_eq!(Metric::Value(1u32).at_clock_rate(90_000), Some(Duration::from_nanos(11_111)));
        assert_eq!(Metric::Value(1u32).at_clock_rate(0), None);
        assert_eq!(Metric::<u32>::OverRange.at_clock_rate(8000), None);
    }
}
