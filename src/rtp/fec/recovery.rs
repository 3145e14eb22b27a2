//! What came of a recovery, and which packets it takes.

use core::fmt;
use core::iter::FusedIterator;

/// A lost packet that lies in the caller's buffer again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// The source of the packet.
    pub ssrc: u32,
    /// The sequence number of the packet.
    pub sequence_number: u16,
    /// The length of the packet.
    pub len: usize,
    /// How many of its bytes, from the first, are in the buffer: fewer than `len` where ULPFEC protects the beginnings
    /// alone, or protects what comes behind with packets that are lost too.
    pub recovered_len: usize,
}

impl Recovered {
    /// The whole packet is there.
    #[inline]
    pub const fn is_complete(&self) -> bool {
        self.recovered_len == self.len
    }
}

/// Why there is no packet to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecoveryError {
    /// All packets that are protected are there.
    NothingLost,
    /// More than one of them is lost.
    TooManyLost,
    /// What was given as this packet is shorter than an RTP header, or has another sequence number or SSRC.
    WrongPacket {
        /// The sequence number asked for.
        sequence_number: u16,
    },
    /// The recovered length is more than the parity protects: it does not belong to these packets.
    Length {
        /// The length of the packet, as recovered.
        found: usize,
        /// The length that is protected.
        have: usize,
    },
    /// The buffer has no room for the packet.
    BufferTooSmall {
        /// Bytes that the packet takes.
        need: usize,
        /// Bytes that the buffer has.
        have: usize,
    },
}

impl fmt::Display for RecoveryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NothingLost => f.write_str("no packet is lost"),
            Self::TooManyLost => f.write_str("more than one packet is lost"),
            Self::WrongPacket { sequence_number } => {
                write!(f, "what was given is not packet {sequence_number}")
            }
            Self::Length { found, have } => {
                write!(f, "{found} bytes recovered where {have} are protected")
            }
            Self::BufferTooSmall { need, have } => {
                write!(f, "buffer too small: {need} bytes needed, {have} there")
            }
        }
    }
}

impl core::error::Error for RecoveryError {}

/// The sequence numbers of protected packets, in the order of their space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SequenceNumbers(Numbers);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Numbers {
    /// The first bit, the most significant one, stands for `base`.
    Mask { base: u16, bits: u128 },
    /// `left` of them.
    Steps { next: u16, step: u16, left: u8 },
}

impl SequenceNumbers {
    /// Those whose bits are set in a mask of so many bits; the most significant one stands for `base`.
    #[inline]
    pub(super) const fn of_mask(base: u16, mask: u128, len: u32) -> Self {
        let bits = match 128u32.checked_sub(len) {
            Some(shift) if shift < 128 => mask << shift,
            _ => 0,
        };
        Self(Numbers::Mask { base, bits })
    }

    /// `count` of them, each `step` after the one before.
    #[inline]
    pub(super) const fn of_steps(base: u16, step: u16, count: u8) -> Self {
        Self(Numbers::Steps { next: base, step, left: count })
    }
}

impl Iterator for SequenceNumbers {
    type Item = u16;

    #[inline]
    fn next(&mut self) -> Option<u16> {
        match &mut self.0 {
            Numbers::Mask { base, bits } => {
                let place = bits.leading_zeros();
                *bits &= !(1u128 << 127).checked_shr(place)?;
                Some(base.wrapping_add(u16::try_from(place).unwrap_or_default()))
            }
            Numbers::Steps { next, step, left } => {
                *left = left.checked_sub(1)?;
                let number = *next;
                *next = next.wrapping_add(*step);
                Some(number)
            }
        }
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = match self.0 {
            Numbers::Mask { bits, .. } => usize::try_from(bits.count_ones()).unwrap_or_default(),
            Numbers::Steps { left, .. } => left.into(),
        };
        (left, Some(left))
    }
}

impl ExactSizeIterator for SequenceNumbers {}
impl FusedIterator for SequenceNumbers {}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;

    #[test]
    fn numbers_of_masks_and_steps_go_across_the_wrap() {
        let numbers = SequenceNumbers::of_mask(65534, 0b1011 << 12, 16);
        crate::testing::counts(numbers);
        assert_eq!(numbers.collect::<Vec<_>>(), [65534, 0, 1]);
        let numbers = SequenceNumbers::of_mask(1, 1 << 109 | 1, 110);
        assert_eq!(numbers.collect::<Vec<_>>(), [1, 110]);
        assert_eq!(SequenceNumbers::of_mask(1, u128::MAX, 128).count(), 128);
        assert_eq!(SequenceNumbers::of_mask(1, 0, 16).next(), None);
        let numbers = SequenceNumbers::of_steps(65530, 4, 3);
        crate::testing::counts(numbers);
        assert_eq!(numbers.collect::<Vec<_>>(), [65530, 65534, 2]);
    }

    #[test]
    fn every_error_has_a_line() {
        let lines = [
            (RecoveryError::NothingLost, "no packet is lost"),
            (RecoveryError::TooManyLost, "more than one packet is lost"),
            (RecoveryError::WrongPacket { sequence_number: 7 }, "what was given is not packet 7"),
            (
                RecoveryError::Length { found: 9, have: 8 },
                "9 bytes recovered where 8 are protected",
            ),
            (
                RecoveryError::BufferTooSmall { need: 9, have: 8 },
                "buffer too small: 9 bytes needed, 8 there",
            ),
        ];
        for (error, line) in lines {
            assert_eq!(error.to_string(), line);
        }
    }
}
