//! A source and its sequence numbers: is it one, and what was lost (RFC 3550 appendices A.1 and A.3).

/// What a source is allowed to do (RFC 3550 appendix A.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Packets in sequence before a source is taken as one: `MIN_SEQUENTIAL`, 2. With 0 or 1 the first packet counts.
    pub min_sequential: u16,
    /// How far the sequence number may jump ahead: less than `MAX_DROPOUT`, 3000.
    pub max_dropout: u16,
    /// How far behind the highest a packet may come: less than `MAX_MISORDER`, 100.
    pub max_misorder: u16,
}

impl Limits {
    /// The values of RFC 3550.
    pub const RFC_3550: Self = Self { min_sequential: 2, max_dropout: 3000, max_misorder: 100 };
}

/// [`Limits::RFC_3550`].
impl Default for Limits {
    fn default() -> Self {
        Self::RFC_3550
    }
}

/// What a packet was to its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arrival {
    /// The source is not one yet; the packet is not counted.
    Probation,
    /// The source is valid from this packet on, which is the first that counts.
    Validated,
    /// The highest sequence number so far: the next, or one behind a gap that losses explain.
    Ahead,
    /// A duplicate, or a packet that comes late.
    Behind,
    /// Too far from the highest to be of the sequence. It is not counted; if the next one follows it, the source has
    /// restarted.
    Jumped,
    /// The second packet of a new sequence: the counts begin again with it.
    Restarted,
}

impl Arrival {
    /// The packet counts as one of the source's.
    #[inline]
    pub const fn is_counted(self) -> bool {
        !matches!(self, Self::Probation | Self::Jumped)
    }
}

/// The sequence numbers of a source: whether it is one, and what was lost of it (RFC 3550 appendices A.1 and A.3).
///
/// ```
/// use mediawire::session::{Arrival, Source};
///
/// let mut source = Source::new();
/// assert_eq!(source.received(65534), Arrival::Probation);
/// assert_eq!(source.received(65535), Arrival::Validated);
/// assert_eq!(source.received(1), Arrival::Ahead); // 0 is missing
/// assert_eq!(source.extended_highest_sequence_number(), 0x1_0001);
/// assert_eq!((source.expected(), source.received_count(), source.cumulative_lost()), (3, 2, 1));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    limits: Limits,
    /// The highest sequence number, `max_seq`, below the wraps before it, `cycles`.
    highest: u32,
    /// The first that counted, `base_seq`.
    base: u32,
    /// Packets still to come in sequence; [`NEW`](Self::NEW) before the first.
    probation: u16,
    /// The one that follows the last jump, `bad_seq`.
    bad: Option<u16>,
    received: u32,
    expected_prior: u32,
    received_prior: u32,
}

impl Default for Source {
    fn default() -> Self {
        Self::new()
    }
}

impl Source {
    /// As `probation`: nothing was received.
    const NEW: u16 = u16::MAX;

    /// A source of which nothing was received, with the limits of RFC 3550.
    #[inline]
    pub const fn new() -> Self {
        Self::with_limits(Limits::RFC_3550)
    }

    /// The same with other limits.
    #[inline]
    pub const fn with_limits(limits: Limits) -> Self {
        Self {
            limits,
            highest: 0,
            base: 0,
            probation: Self::NEW,
            bad: None,
            received: 0,
            expected_prior: 0,
            received_prior: 0,
        }
    }

    /// A packet was received.
    #[inline]
    pub fn received(&mut self, sequence_number: u16) -> Arrival {
        if self.probation != 0 {
            return self.on_probation(sequence_number);
        }
        let ahead = sequence_number.wrapping_sub(low(self.highest));
        if ahead < self.limits.max_dropout {
            // Carries into the cycles where the number wraps. A repetition of the highest is one too.
            self.highest = self.highest.wrapping_add(ahead.into());
            self.received = self.received.wrapping_add(1);
            return if ahead == 0 { Arrival::Behind } else { Arrival::Ahead };
        }
        // 1 to 65535 behind.
        if ahead.wrapping_neg() < self.limits.max_misorder {
            self.received = self.received.wrapping_add(1);
            return Arrival::Behind;
        }
        self.jumped(sequence_number)
    }

    /// The packet of a source that is not valid yet.
    #[cold]
    fn on_probation(&mut self, sequence_number: u16) -> Arrival {
        let wanted = self.limits.min_sequential.min(Self::NEW - 1);
        let follows = sequence_number == low(self.highest).wrapping_add(1);
        self.probation = match self.probation {
            Self::NEW => wanted.saturating_sub(1),
            left if follows => left.saturating_sub(1),
            _ => wanted.saturating_sub(1),
        };
        self.highest = sequence_number.into();
        if self.probation != 0 {
            return Arrival::Probation;
        }
        self.begin(sequence_number);
        Arrival::Validated
    }

    /// The packet that lies out of the window.
    #[cold]
    fn jumped(&mut self, sequence_number: u16) -> Arrival {
        if self.bad == Some(sequence_number) {
            self.begin(sequence_number);
            return Arrival::Restarted;
        }
        self.bad = Some(sequence_number.wrapping_add(1));
        Arrival::Jumped
    }

    /// `init_seq`, and the packet that counts.
    fn begin(&mut self, sequence_number: u16) {
        *self = Self {
            highest: sequence_number.into(),
            base: sequence_number.into(),
            probation: 0,
            received: 1,
            ..Self::with_limits(self.limits)
        };
    }

    /// Enough packets came in sequence.
    #[inline]
    pub const fn is_valid(&self) -> bool {
        self.probation == 0
    }

    /// The highest sequence number received below the number of its wraps, as report blocks have it.
    #[inline]
    pub const fn extended_highest_sequence_number(&self) -> u32 {
        self.highest
    }

    /// Packets that the sender has sent, from the first that counted to the highest; 0 before that. Modulo 2^32.
    #[inline]
    pub const fn expected(&self) -> u32 {
        if !self.is_valid() {
            return 0;
        }
        self.highest.wrapping_sub(self.base).wrapping_add(1)
    }

    /// Packets that counted, late ones and duplicates too. Modulo 2^32.
    #[inline]
    pub const fn received_count(&self) -> u32 {
        self.received
    }

    /// Packets lost: below zero where duplicates outnumber losses, at most the 24 bits that a report block has.
    #[inline]
    pub fn cumulative_lost(&self) -> i32 {
        let lost = self.expected().wrapping_sub(self.received).cast_signed();
        lost.clamp(-0x80_0000, 0x7F_FFFF)
    }

    /// The part of the packets lost since the last call, in 1/256; 0 where there were more duplicates than losses.
    #[inline]
    pub fn fraction_lost(&mut self) -> u8 {
        let expected = self.expected().wrapping_sub(self.expected_prior);
        let received = self.received.wrapping_sub(self.received_prior);
        (self.expected_prior, self.received_prior) = (self.expected(), self.received);
        match u64::from(expected).checked_sub(received.into()) {
            Some(lost @ 1..) => {
                let fraction = (lost << 8).checked_div(expected.into()).unwrap_or_default();
                u8::try_from(fraction).unwrap_or(u8::MAX)
            }
            _ => 0,
        }
    }

    /// Packets came since the last call of [`fraction_lost`](Self::fraction_lost).
    #[inline]
    pub const fn is_active(&self) -> bool {
        self.received != self.received_prior
    }
}

/// The low 16 bits.
#[inline]
const fn low(extended: u32) -> u16 {
    let [.., a, b] = extended.to_be_bytes();
    u16::from_be_bytes([a, b])
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::vec::Vec;

    use super::*;

    /// The C code of RFC 3550 appendix A.1 and A.3, its names kept; with the comparison of `seq` with `max_seq + 1`
    /// taken modulo 2^16, which it lacks.
    #[derive(Clone, Copy, Default)]
    struct Reference {
        max_seq: u16,
        cycles: u32,
        base_seq: u32,
        bad_seq: u32,
        probation: u32,
        received: u32,
        expected_prior: u32,
        received_prior: u32,
    }

    impl Reference {
        fn new(seq: u16) -> Self {
            let mut s = Self::default();
            s.init_seq(seq);
            s.max_seq = seq.wrapping_sub(1);
            s.probation = 2;
            s
        }

        fn init_seq(&mut self, seq: u16) {
            self.base_seq = seq.into();
            self.max_seq = seq;
            self.bad_seq = 65_536 + 1;
            self.cycles = 0;
            self.received = 0;
            self.received_prior = 0;
            self.expected_prior = 0;
        }

        fn update_seq(&mut self, seq: u16) -> bool {
            let udelta = seq.wrapping_sub(self.max_seq);
            if self.probation != 0 {
                if seq == self.max_seq.wrapping_add(1) {
                    self.probation -= 1;
                    self.max_seq = seq;
                    if self.probation == 0 {
                        self.init_seq(seq);
                        self.received += 1;
                        return true;
                    }
                } else {
                    self.probation = 1;
                    self.max_seq = seq;
                }
                return false;
            } else if udelta < 3000 {
                if seq < self.max_seq {
                    self.cycles += 65_536;
                }
                self.max_seq = seq;
            } else if u32::from(udelta) <= 65_536 - 100 {
                if u32::from(seq) == self.bad_seq {
                    self.init_seq(seq);
                } else {
                    self.bad_seq = (u32::from(seq) + 1) & 65_535;
                    return false;
                }
            }
            self.received += 1;
            true
        }

        fn lost(&mut self) -> (i32, u8) {
            let extended_max = self.cycles + u32::from(self.max_seq);
            let expected = extended_max - self.base_seq + 1;
            let lost = i64::from(expected) - i64::from(self.received);
            let expected_interval = expected - self.expected_prior;
            self.expected_prior = expected;
            let received_interval = self.received - self.received_prior;
            self.received_prior = self.received;
            let lost_interval = i64::from(expected_interval) - i64::from(received_interval);
            let fraction = if expected_interval == 0 || lost_interval <= 0 {
                0
            } else {
                (lost_interval << 8) / i64::from(expected_interval)
            };
            (lost as i32, fraction as u8)
        }
    }

    fn arrivals(source: &mut Source, numbers: &[u16]) -> Vec<Arrival> {
        numbers.iter().map(|&number| source.received(number)).collect()
    }

    #[test]
    fn two_packets_in_sequence_make_a_source() {
        use Arrival::{Probation, Validated};
        let mut source = Source::new();
        assert!(!source.is_valid() && source.expected() == 0);
        assert_eq!(arrivals(&mut source, &[10, 20, 19]), [Probation; 3]);
        assert_eq!(arrivals(&mut source, &[20]), [Validated]);
        assert_eq!((source.expected(), source.received_count()), (1, 1));
        let mut source = Source::new();
        assert_eq!(arrivals(&mut source, &[65_535, 0]), [Probation, Validated], "across the wrap");
        let mut source = Source::with_limits(Limits { min_sequential: 1, ..Limits::RFC_3550 });
        assert_eq!(arrivals(&mut source, &[7]), [Validated]);
        let mut source = Source::with_limits(Limits { min_sequential: 0, ..Limits::RFC_3550 });
        assert_eq!(arrivals(&mut source, &[7]), [Validated]);
        let mut source = Source::with_limits(Limits { min_sequential: 4, ..Limits::RFC_3550 });
        assert_eq!(arrivals(&mut source, &[1, 2, 3]), [Probation; 3]);
        assert_eq!(arrivals(&mut source, &[4]), [Validated]);
    }

    #[test]
    fn the_window_is_that_of_appendix_a_1() {
        use Arrival::{Ahead, Behind, Jumped, Restarted};
        let mut valid = Source::new();
        arrivals(&mut valid, &[999, 1000]);
        // udelta < 3000 is a gap; udelta > 65536 − 100, at most 99 behind, is late; between them is a jump.
        for (number, arrival) in [
            (1001, Ahead),
            (3999, Ahead),
            (4000, Jumped),
            (901, Behind),
            (900, Jumped),
            (1000, Behind),
        ] {
            let mut source = valid;
            assert_eq!(source.received(number), arrival, "{number}");
            assert_eq!(source.received_count(), 1 + u32::from(arrival.is_counted()));
        }
        let mut source = valid;
        assert_eq!(arrivals(&mut source, &[30_000, 1001, 30_001]), [Jumped, Ahead, Restarted]);
        assert_eq!((source.expected(), source.extended_highest_sequence_number()), (1, 30_001));
    }

    #[test]
    fn losses_by_hand() {
        // 100 to 109 without 103, 104 and 107: 9 expected from 101 on, 6 received, 3 × 256 / 9 = 85.
        let mut source = Source::new();
        arrivals(&mut source, &[100, 101, 102, 105, 106, 108, 109]);
        assert_eq!(
            (source.expected(), source.received_count(), source.cumulative_lost()),
            (9, 6, 3)
        );
        assert!(source.is_active());
        assert_eq!(source.fraction_lost(), 85);
        // Nothing new, then what was lost comes late: no loss in the interval.
        assert!(!source.is_active());
        assert_eq!(source.fraction_lost(), 0);
        arrivals(&mut source, &[103, 104, 107, 107, 107]);
        assert_eq!((source.cumulative_lost(), source.fraction_lost()), (-2, 0));
        // 110 to 119 with only the last: 10 expected, 1 received, 9 × 256 / 10 = 230.
        arrivals(&mut source, &[119]);
        assert_eq!((source.cumulative_lost(), source.fraction_lost()), (7, 230));
    }

    #[test]
    fn cumulative_loss_stays_within_24_bits() {
        let mut source = Source::new();
        arrivals(&mut source, &[0, 1]);
        let mut number = 1u16;
        for _ in 0..3000 {
            number = number.wrapping_add(2999);
            source.received(number);
        }
        assert_eq!(source.expected(), 3000 * 2999 + 1);
        assert_eq!(source.cumulative_lost(), 0x7F_FFFF);
        assert_eq!(source.fraction_lost(), 255);
    }

    proptest! {
        #[test]
        fn the_code_of_rfc_3550_says_the_same(
            first in any::<u16>(),
            steps in prop::collection::vec(
                (prop_oneof![Just(1u16), 0u16..5, 65_400u16..=65_535, any::<u16>()], 0u8..20), 0..200),
        ) {
            let (mut source, mut reference) = (Source::new(), Reference::new(first));
            prop_assert_eq!(source.received(first).is_counted(), reference.update_seq(first));
            let mut number = first;
            for (step, report) in steps {
                number = number.wrapping_add(step);
                prop_assert_eq!(source.received(number).is_counted(), reference.update_seq(number));
                prop_assert_eq!(source.is_valid(), reference.probation == 0);
                if source.is_valid() {
                    let extended = reference.cycles + u32::from(reference.max_seq);
                    prop_assert_eq!(source.extended_highest_sequence_number(), extended);
                    if report == 0 {
                        let lost = source.cumulative_lost();
                        prop_assert_eq!((lost, source.fraction_lost()), reference.lost());
                    }
                }
            }
        }
    }
}
