//! Interarrival jitter (RFC 3550 section 6.4.1 and appendix A.8).

use core::time::Duration;

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// A time in ticks of an RTP clock, cut off to a whole one, modulo 2^32: for differences between arrivals.
///
/// ```
/// use core::time::Duration;
/// assert_eq!(mediawire::session::ticks(Duration::from_millis(20), 48_000), 960);
/// ```
#[inline]
pub fn ticks(time: Duration, clock_rate: u32) -> u32 {
    let rate = u64::from(clock_rate);
    let fraction = u64::from(time.subsec_nanos()).wrapping_mul(rate) / NANOS_PER_SECOND;
    let ticks = time.as_secs().wrapping_mul(rate).wrapping_add(fraction);
    let [.., a, b, c, d] = ticks.to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}

/// The interarrival jitter of a source: a mean deviation, smoothed over some 16 packets, in ticks of its clock.
///
/// It is the integer arithmetic of RFC 3550 appendix A.8, so that it agrees with other receivers tick for tick. The first
/// packet makes no difference to another and only begins the measurement.
///
/// ```
/// use mediawire::session::Jitter;
///
/// let mut jitter = Jitter::new();
/// jitter.received(1000, 0); // arrival and timestamp, in ticks
/// jitter.received(1240, 160); // 80 ticks late
/// assert_eq!(jitter.jitter(), 5); // a 16th of it
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Jitter {
    /// Of the last packet: arrival − timestamp.
    transit: Option<u32>,
    /// 16 times the jitter; up to 2^35.
    scaled: u64,
}

impl Jitter {
    /// Nothing was received yet.
    #[inline]
    pub const fn new() -> Self {
        Self { transit: None, scaled: 0 }
    }

    /// A packet was received: when, in ticks of the RTP clock from any instant ([`ticks`]), and its timestamp.
    ///
    /// Packets are to be given in the order in which they come, which need not be that of their numbers.
    #[inline]
    pub fn received(&mut self, arrival: u32, timestamp: u32) {
        let transit = arrival.wrapping_sub(timestamp);
        if let Some(last) = self.transit {
            let difference = transit.wrapping_sub(last).cast_signed().unsigned_abs();
            // Never below zero: 16 times the jitter holds a 16th of itself, rounded.
            let decay = self.scaled.wrapping_add(8) >> 4;
            self.scaled = self.scaled.wrapping_add(difference.into()).wrapping_sub(decay);
        }
        self.transit = Some(transit);
    }

    /// The jitter, as report blocks have it.
    #[inline]
    pub fn jitter(&self) -> u32 {
        u32::try_from(self.scaled >> 4).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ticks_are_whole_and_wrap() {
        assert_eq!(ticks(Duration::from_micros(124), 8000), 0, "not a whole one yet");
        assert_eq!(ticks(Duration::from_micros(125), 8000), 1);
        assert_eq!(
            ticks(Duration::new(47_722, 0), 90_000),
            (47_722u64 * 90_000 % (1 << 32)) as u32
        );
        assert_eq!(ticks(Duration::new(1, 999_999_999), u32::MAX), (2u64 * 0xFFFF_FFFF - 5) as u32);
        ticks(Duration::MAX, u32::MAX);
    }

    #[test]
    fn a_steady_stream_has_none_and_one_that_wanders_a_16th_of_each_step() {
        let mut jitter = Jitter::new();
        for packet in 0..100u32 {
            jitter.received(packet.wrapping_mul(160).wrapping_sub(500), packet * 160);
        }
        assert_eq!(jitter.jitter(), 0);
        // By hand, J' = J + d − ((J + 8) >> 4): 160; 160 + 160 − 10 = 310; 310 − 19 = 291.
        for (late, scaled) in [(160, 160), (0, 310), (0, 291)] {
            jitter.received(100_000 - 500 + late, 100_000);
            assert_eq!((jitter.scaled, jitter.jitter()), (scaled, (scaled >> 4) as u32));
        }
    }

    proptest! {
        #[test]
        fn the_code_of_appendix_a_8_says_the_same(packets in prop::collection::vec((any::<u32>(), 0u32..100_000), 1..100)) {
            // int transit, d; the differences here fit its 32 bits.
            let (mut jitter, mut reference, mut last) = (Jitter::new(), 0i64, None);
            let base = packets[0].0;
            for (timestamp, late) in packets {
                let arrival = timestamp.wrapping_add(base).wrapping_add(late);
                jitter.received(arrival, timestamp);
                let transit = i64::from(late);
                if let Some(last) = last {
                    let d: i64 = transit - last;
                    reference += d.abs() - ((reference + 8) >> 4);
                }
                last = Some(transit);
                prop_assert_eq!(i64::from(jitter.jitter()), reference >> 4);
            }
        }

        #[test]
        fn no_clock_breaks_it(packets in prop::collection::vec(any::<(u32, u32)>(), 0..200)) {
            let mut jitter = Jitter::new();
            for (arrival, timestamp) in packets {
                jitter.received(arrival, timestamp);
                prop_assert!(jitter.scaled <= 1 << 35 | 8);
            }
        }
    }
}
