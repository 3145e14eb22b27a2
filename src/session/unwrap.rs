//! Sequence numbers and timestamps made into numbers that do not wrap.

/// Sequence numbers of 16 bits made into 64.
///
/// Each is taken as the nearest to the highest so far, at most 32767 ahead of it or 32768 behind: packets may be
/// reordered or lost. The low 16 bits stay what is on the wire. Numbers from before the first one seen may be negative.
///
/// ```
/// use mediawire::session::SequenceUnwrapper;
///
/// let mut numbers = SequenceUnwrapper::new();
/// let seen = [65534, 0, 65535, 1].map(|number| numbers.unwrap(number));
/// assert_eq!(seen, [65534, 65536, 65535, 65537]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SequenceUnwrapper {
    highest: Option<i64>,
}

impl SequenceUnwrapper {
    /// Nothing was seen yet.
    #[inline]
    pub const fn new() -> Self {
        Self { highest: None }
    }

    /// The number of the next packet.
    #[inline]
    pub fn unwrap(&mut self, sequence_number: u16) -> i64 {
        let number = self.peek(sequence_number);
        self.highest = self.highest.max(Some(number));
        number
    }

    /// The same, for a number that is only to be looked at, as those in NACKs are.
    #[inline]
    pub fn peek(&self, sequence_number: u16) -> i64 {
        let Some(highest) = self.highest else { return sequence_number.into() };
        let [.., a, b] = highest.to_be_bytes();
        let ahead = sequence_number.wrapping_sub(u16::from_be_bytes([a, b])).cast_signed();
        highest.wrapping_add(ahead.into())
    }

    /// The highest so far.
    #[inline]
    pub const fn highest(&self) -> Option<i64> {
        self.highest
    }
}

/// Timestamps of 32 bits made into 64, as [`SequenceUnwrapper`] does with sequence numbers.
///
/// Each is taken as the nearest to the highest so far, at most 2^31 − 1 ticks ahead of it or 2^31 behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimestampUnwrapper {
    highest: Option<i64>,
}

impl TimestampUnwrapper {
    /// Nothing was seen yet.
    #[inline]
    pub const fn new() -> Self {
        Self { highest: None }
    }

    /// The timestamp of the next packet.
    #[inline]
    pub fn unwrap(&mut self, timestamp: u32) -> i64 {
        let time = self.peek(timestamp);
        self.highest = self.highest.max(Some(time));
        time
    }

    /// The same, for a timestamp that is only to be looked at.
    #[inline]
    pub fn peek(&self, timestamp: u32) -> i64 {
        let Some(highest) = self.highest else { return timestamp.into() };
        let [.., a, b, c, d] = highest.to_be_bytes();
        let ahead = timestamp.wrapping_sub(u32::from_be_bytes([a, b, c, d])).cast_signed();
        highest.wrapping_add(ahead.into())
    }

    /// The highest so far.
    #[inline]
    pub const fn highest(&self) -> Option<i64> {
        self.highest
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn half_the_space_is_behind() {
        let mut numbers = SequenceUnwrapper::new();
        assert_eq!((numbers.highest(), numbers.peek(40_000)), (None, 40_000));
        assert_eq!(numbers.unwrap(0), 0);
        assert_eq!((numbers.peek(32_767), numbers.peek(32_768)), (32_767, -32_768));
        assert_eq!(numbers.unwrap(65_535), -1, "before the first");
        assert_eq!(numbers.highest(), Some(0));
        let mut times = TimestampUnwrapper::new();
        assert_eq!(times.unwrap(0xFFFF_FFF0), 0xFFFF_FFF0);
        assert_eq!(times.unwrap(0x10), 0x1_0000_0010);
        assert_eq!(times.unwrap(0xFFFF_FFFF), 0xFFFF_FFFF);
        assert_eq!(times.peek(0x8000_0010), 0x8000_0010);
        assert_eq!(times.highest(), Some(0x1_0000_0010));
    }

    proptest! {
        #[test]
        fn a_walk_with_reordering_is_followed(
            start in any::<u16>(),
            steps in prop::collection::vec((0i64..30_000, -2000i64..0), 1..300),
        ) {
            // The true numbers, and for each an older one that comes late.
            let (mut numbers, mut times) = (SequenceUnwrapper::new(), TimestampUnwrapper::new());
            let mut number = i64::from(start);
            let mut time = number * 65_536;
            for (ahead, late) in steps {
                prop_assert_eq!(numbers.unwrap(number as u16), number);
                prop_assert_eq!(numbers.unwrap((number + late) as u16), number + late);
                prop_assert_eq!(times.unwrap(time as u32), time);
                prop_assert_eq!(times.unwrap((time + late * 65_536) as u32), time + late * 65_536);
                number += ahead;
                time += ahead * 65_536;
            }
        }
    }
}
