//! When a packet was captured.

/// A time as captures have it: seconds since 1970, and nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time {
    /// Negative before 1970.
    pub seconds: i64,
    /// Below 10⁹.
    pub nanos: u32,
}

impl Time {
    /// The nanoseconds since `earlier`; 0 if that is later.
    pub(crate) fn nanos_since(self, earlier: Self) -> u128 {
        let nanos = |time: Self| i128::from(time.seconds) * 1_000_000_000 + i128::from(time.nanos);
        (nanos(self) - nanos(earlier)).try_into().unwrap_or(0)
    }

    /// The same counted from `start`: negative where it lies before that.
    pub(crate) fn relative_to(self, start: Self) -> (bool, u64, u32) {
        let negative = self < start;
        let (late, early) = if negative { (start, self) } else { (self, start) };
        let borrow = late.nanos < early.nanos;
        let seconds = late.seconds.abs_diff(early.seconds).saturating_sub(borrow.into());
        let nanos = if borrow { late.nanos + 1_000_000_000 } else { late.nanos } - early.nanos;
        (negative, seconds, nanos)
    }

    /// Out of a classic capture's record. A fraction of more than a second, which no sound capture has, is carried.
    pub(super) fn from_parts(seconds: u32, fraction: u32, nanosecond: bool) -> Self {
        let (unit, factor) = if nanosecond { (1_000_000_000, 1) } else { (1_000_000, 1_000) };
        Self {
            seconds: i64::from(seconds) + i64::from(fraction / unit),
            nanos: fraction % unit * factor,
        }
    }
}

/// How an interface of a pcapng capture counts time: its `if_tsresol` and `if_tsoffset`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    /// Below 128 the power of 10, else (less 128) the power of 2, of the ticks in a second.
    pub(super) resolution: u8,
    /// Seconds to be added.
    pub(super) offset: i64,
}

impl Default for Clock {
    fn default() -> Self {
        Self { resolution: 6, offset: 0 }
    }
}

impl Clock {
    /// The time of a count of ticks. What is finer than a nanosecond is cut off.
    #[inline]
    pub(super) fn time(self, ticks: u64) -> Time {
        let (seconds, nanos) = match self.resolution {
            6 => (ticks / 1_000_000, ticks % 1_000_000 * 1_000),
            9 => (ticks / 1_000_000_000, ticks % 1_000_000_000),
            other => rare(other, ticks),
        };
        let seconds = i64::try_from(seconds).unwrap_or(i64::MAX).saturating_add(self.offset);
        Time { seconds, nanos: nanos as u32 }
    }
}

/// Seconds and nanoseconds of any resolution.
#[cold]
fn rare(resolution: u8, ticks: u64) -> (u64, u64) {
    let power = u32::from(resolution & 0x7f);
    let unit =
        if resolution & 0x80 == 0 { 10_u128.checked_pow(power) } else { 1_u128.checked_shl(power) };
    // With more ticks to a second than 128 bits count, 64 bits of them are no time at all.
    let Some(unit) = unit else { return (0, 0) };
    let ticks = u128::from(ticks);
    ((ticks / unit) as u64, (ticks % unit * 1_000_000_000 / unit) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(resolution: u8, ticks: u64) -> (i64, u32) {
        let time = Clock { resolution, offset: 0 }.time(ticks);
        (time.seconds, time.nanos)
    }

    #[test]
    fn ticks_of_every_resolution() {
        assert_eq!(at(6, 1_700_000_000_123_456), (1_700_000_000, 123_456_000));
        assert_eq!(at(9, 1_700_000_000_123_456_789), (1_700_000_000, 123_456_789));
        assert_eq!(at(0, 1_700_000_000), (1_700_000_000, 0));
        assert_eq!(at(3, 1_700_000_000_123), (1_700_000_000, 123_000_000));
        assert_eq!(at(12, 1_700_000_123_456_789_999), (1_700_000, 123_456_789));
        assert_eq!(at(19, u64::MAX), (1, 844_674_407));
        assert_eq!(at(30, u64::MAX), (0, 0));
        assert_eq!(at(127, u64::MAX), (0, 0));
        // Powers of 2: a quarter of a second.
        assert_eq!(at(0x80 | 2, 5), (1, 250_000_000));
        assert_eq!(at(0x80 | 32, (7 << 32) | (1 << 31)), (7, 500_000_000));
        assert_eq!(at(0xff, u64::MAX), (0, 0));
    }

    #[test]
    fn the_offset_is_added_whatever_it_is() {
        let clock = |offset| Clock { resolution: 0, offset };
        assert_eq!(clock(-5).time(3).seconds, -2);
        assert_eq!(clock(i64::MAX).time(u64::MAX).seconds, i64::MAX);
        assert_eq!(clock(i64::MIN).time(0).seconds, i64::MIN);
    }

    #[test]
    fn classic_records_in_both_units() {
        let parts = |fraction, nano| {
            let time = Time::from_parts(9, fraction, nano);
            (time.seconds, time.nanos)
        };
        assert_eq!(parts(123_456, false), (9, 123_456_000));
        assert_eq!(parts(123_456_789, true), (9, 123_456_789));
        assert_eq!(parts(1_500_000, false), (10, 500_000_000));
    }

    #[test]
    fn differences_in_both_directions() {
        let time = |seconds, nanos| Time { seconds, nanos };
        assert_eq!(time(3, 100).relative_to(time(1, 200)), (false, 1, 999_999_900));
        assert_eq!(time(1, 200).relative_to(time(3, 100)), (true, 1, 999_999_900));
        assert_eq!(time(3, 100).nanos_since(time(1, 200)), 1_999_999_900);
        assert_eq!(time(1, 200).nanos_since(time(3, 100)), 0);
        let (negative, seconds, nanos) = time(i64::MIN, 0).relative_to(time(i64::MAX, 1));
        assert_eq!((negative, seconds, nanos), (true, u64::MAX, 1));
    }
}
