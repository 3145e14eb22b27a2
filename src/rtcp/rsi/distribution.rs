//! Distributions: loss, jitter, round-trip time, cumulative loss (RFC 5760 sections 7.1.3 to 7.1.7).
//!
//! ```text
//! |  SRBT=4 to 7  |    length     |         NDB           |  MF   |  sub_report.rs
//! |                 minimum distribution value                    |
//! |                 maximum distribution value                    |
//! |    NDB buckets of equal size, packed, highest bit first       |  buckets
//! ```
//!
//! No field says how many bits a bucket has: it is what the bytes and NDB give, rounded down, and "must always be
//! divisible by 2".

use byteorder::{BE, ByteOrder};
use core::fmt;
use core::ops::Range;

use crate::encode::Sink;
use crate::error::{BuildError, ErrorKind, Fail};

// Places in what follows type and length, for reading and for writing.
const NDB_MF: Range<usize> = 0..2;
const MIN: Range<usize> = 2..6;
const MAX: Range<usize> = 6..10;
pub(super) const FIXED_LEN: usize = MAX.end;

/// How many receivers report a value of each of equal ranges, read or to be written.
///
/// ```
/// use mediawire::rtcp::Distribution;
///
/// let mut room = [0; 8];
/// let buckets = Distribution::pack(&[1, 2, 3, 4], 16, &mut room)?;
/// let loss = Distribution { min: 0, max: 40, multiplicative_factor: 1, bucket_count: 4, buckets };
/// assert!(loss.values().eq([1, 2, 3, 4]));
/// assert!(loss.receivers().eq([2, 4, 6, 8]));
/// # Ok::<(), mediawire::BuildError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Distribution<'a> {
    /// The lower end of the first range, in the unit of the sub-report's type.
    pub min: u32,
    /// The upper end of the last range; more than `min` by the standard.
    pub max: u32,
    /// MF: the values are to be multiplied by 2^MF; 0 to 15.
    pub multiplicative_factor: u8,
    /// NDB: how many buckets there are; 12 bits.
    pub bucket_count: u16,
    /// The packed buckets: from [`pack`](Self::pack), or from a view; a multiple of 4 bytes.
    pub buckets: &'a [u8],
}

impl<'a> Distribution<'a> {
    /// The bits of one bucket: an even number; 0 without buckets.
    #[inline]
    pub fn bucket_bits(&self) -> usize {
        match self.bucket_count {
            0 => 0,
            count => (self.buckets.len() * 8 / usize::from(count)) & !1,
        }
    }

    /// The buckets as they are on the wire; one that is wider than 64 bits and does not fit them is `u64::MAX`.
    #[inline]
    pub fn values(&self) -> DistributionBuckets<'a> {
        let bits = self.bucket_bits();
        DistributionBuckets { bytes: self.buckets, at: 0, bits, left: self.bucket_count }
    }

    /// The buckets, multiplied by 2^MF: numbers of receivers; `u64::MAX` for more than that.
    #[inline]
    pub fn receivers(&self) -> impl ExactSizeIterator<Item = u64> + Clone + use<'a> {
        let factor = 1 << (self.multiplicative_factor & 0xF);
        self.values().map(move |value| value.saturating_mul(factor))
    }

    /// Packs values of `bits` each into `out`, up to the next 32-bit boundary; gives what it wrote.
    ///
    /// # Errors
    /// A value of more bits; bits that are not an even number; more values than NDB can count; bytes up to the boundary
    /// that would make a reader take the buckets for wider ones; no room.
    pub fn pack<'b>(
        values: &[u64],
        bits: usize,
        out: &'b mut [u8],
    ) -> Result<&'b [u8], BuildError> {
        let out_of_range = |field| Err(BuildError::OutOfRange { field });
        if bits == 0 || !bits.is_multiple_of(2) {
            return out_of_range("bits of a bucket");
        }
        if values.len() > 0xFFF {
            return out_of_range("NDB");
        }
        if values.iter().any(|&value| bits < 64 && value >> bits != 0) {
            return out_of_range("value of a bucket");
        }
        let (need, have) =
            (values.len().saturating_mul(bits).div_ceil(32).saturating_mul(4), out.len());
        // The bits that a reader makes of it.
        if !values.is_empty() && (need * 8 / values.len()) & !1 != bits {
            return out_of_range("bits of a bucket");
        }
        let room = out.get_mut(..need).ok_or(BuildError::BufferTooSmall { need, have })?;
        room.fill(0);
        for (index, &value) in values.iter().enumerate() {
            for bit in 0..bits.min(64) {
                let place = (index + 1) * bits - 1 - bit;
                if (value >> bit) & 1 != 0
                    && let Some(byte) = room.get_mut(place / 8)
                {
                    *byte |= 0x80 >> (place % 8);
                }
            }
        }
        Ok(room)
    }

    /// All of what follows type and length.
    #[inline]
    pub(super) fn of<'i: 'a>(
        fixed: &'i [u8; FIXED_LEN],
        buckets: &'i [u8],
    ) -> Result<Self, nom::Err<Fail<'i>>> {
        let ndb_mf = BE::read_u16(&fixed[NDB_MF]);
        let distribution = Self {
            min: BE::read_u32(&fixed[MIN]),
            max: BE::read_u32(&fixed[MAX]),
            multiplicative_factor: u8::try_from(ndb_mf & 0xF).unwrap_or_default(),
            bucket_count: ndb_mf >> 4,
            buckets,
        };
        if distribution.bucket_count > 0 && distribution.bucket_bits() == 0 {
            let need = usize::from(distribution.bucket_count).div_ceil(4);
            let kind = ErrorKind::Count { need, have: buckets.len() };
            return Err(Fail::field("distribution buckets", buckets, kind));
        }
        Ok(distribution)
    }

    /// Writes what follows type and length.
    #[inline]
    pub(super) fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let out_of_range = |field| Err(BuildError::OutOfRange { field });
        if self.multiplicative_factor > 0xF {
            return out_of_range("MF");
        }
        if self.bucket_count > 0xFFF {
            return out_of_range("NDB");
        }
        if self.bucket_count > 0 && self.bucket_bits() == 0 {
            return out_of_range("distribution buckets");
        }
        if self.min >= self.max {
            return out_of_range("minimum distribution value");
        }
        let fixed = out.array::<FIXED_LEN>()?;
        let ndb_mf = (self.bucket_count << 4) | u16::from(self.multiplicative_factor);
        BE::write_u16(&mut fixed[NDB_MF], ndb_mf);
        BE::write_u32(&mut fixed[MIN], self.min);
        BE::write_u32(&mut fixed[MAX], self.max);
        out.bytes(self.buckets)
    }
}

/// `0 to 39: 4 9 12 2 x 512`.
impl fmt::Display for Distribution<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}:", self.min, self.max)?;
        self.values().try_for_each(|value| write!(f, " {value}"))?;
        write!(f, " x {}", 1u32 << (self.multiplicative_factor & 0xF))
    }
}

impl fmt::Debug for Distribution<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Distribution")
            .field("min", &self.min)
            .field("max", &self.max)
            .field("multiplicative_factor", &self.multiplicative_factor)
            .field("values", &self.values())
            .finish()
    }
}

/// The buckets of a distribution; what [`Distribution::values`] gives.
#[derive(Clone, PartialEq, Eq)]
pub struct DistributionBuckets<'a> {
    bytes: &'a [u8],
    /// The bit at which the next one begins.
    at: usize,
    bits: usize,
    left: u16,
}

impl Iterator for DistributionBuckets<'_> {
    type Item = u64;

    #[inline]
    fn next(&mut self) -> Option<u64> {
        self.left = self.left.checked_sub(1)?;
        let end = self.at + self.bits;
        let mut value = 0u64;
        for place in self.at..end {
            let byte = self.bytes.get(place / 8).copied().unwrap_or_default();
            let bit = u64::from((byte >> (7 - place % 8)) & 1);
            // Once a bit would fall off on the left, all are set, and stay so.
            value = if value >> 63 == 0 { (value << 1) | bit } else { u64::MAX };
        }
        self.at = end;
        Some(value)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left.into(), Some(self.left.into()))
    }
}

impl ExactSizeIterator for DistributionBuckets<'_> {}
impl core::iter::FusedIterator for DistributionBuckets<'_> {}

impl fmt::Debug for DistributionBuckets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;

    // The data set of RFC 5760 appendix B.4.
    const DATA: [u64; 40] = [
        1000, 800, 6, 1800, 2600, 3120, 2300, 1100, 200, 103, 74, 21, 30, 65, 60, 80, 6, 7, 4, 5,
        2, 10, 870, 2300, 1162, 270, 234, 211, 196, 205, 163, 174, 103, 94, 76, 52, 68, 79, 42, 4,
    ];

    #[test]
    fn the_second_method_of_appendix_b_takes_60_bytes_in_buckets_of_12_bits() {
        let mut room = [0xFF; 64];
        let buckets = Distribution::pack(&DATA, 12, &mut room).unwrap();
        assert_eq!(buckets.len(), 60);
        // 1000 is 0x3e8, 800 is 0x320, 6 is 0x006.
        assert_eq!(buckets[..5], [0x3e, 0x83, 0x20, 0x00, 0x67]);
        let distribution =
            Distribution { min: 0, max: 39, multiplicative_factor: 0, bucket_count: 40, buckets };
        assert_eq!(distribution.bucket_bits(), 12);
        assert_eq!(distribution.values().collect::<Vec<_>>(), DATA);
        assert_eq!(distribution.receivers().collect::<Vec<_>>(), DATA);
    }

    #[test]
    fn the_factor_of_the_first_method_gives_back_numbers_of_receivers() {
        // 16 buckets of four bits, MF 9: 4 × 512, 9 × 512, 12 × 512, 2 × 512, …
        let buckets = &[0x49, 0xC2, 0, 0, 0x18, 0x11, 0x10, 0];
        let distribution =
            Distribution { min: 0, max: 39, multiplicative_factor: 9, bucket_count: 16, buckets };
        assert_eq!(distribution.bucket_bits(), 4);
        let receivers: Vec<_> = distribution.receivers().take(4).collect();
        assert_eq!(receivers, [2048, 4608, 6144, 1024]);
        let line = "0 to 39: 4 9 12 2 0 0 0 0 1 8 1 1 1 0 0 0 x 512";
        assert_eq!(distribution.to_string(), line);
    }

    #[test]
    fn a_bucket_may_be_wider_than_a_number() {
        let mut buckets = [0; 12];
        buckets[11] = 7;
        let wide = |buckets: &[u8]| {
            let distribution =
                Distribution { min: 0, max: 1, multiplicative_factor: 0, bucket_count: 1, buckets };
            (distribution.bucket_bits(), distribution.values().next())
        };
        assert_eq!(wide(&buckets), (96, Some(7)));
        buckets[0] = 1;
        assert_eq!(wide(&buckets), (96, Some(u64::MAX)));
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        let out_of_range = |field| Err(BuildError::OutOfRange { field });
        let mut room = [0; 8];
        assert_eq!(Distribution::pack(&[1], 3, &mut room), out_of_range("bits of a bucket"));
        assert_eq!(Distribution::pack(&[1], 0, &mut room), out_of_range("bits of a bucket"));
        assert_eq!(Distribution::pack(&[4], 2, &mut room), out_of_range("value of a bucket"));
        // Four buckets of twelve bits are padded to 64: a reader would take sixteen for each.
        assert_eq!(Distribution::pack(&[1; 4], 12, &mut room), out_of_range("bits of a bucket"));
        let small = BuildError::BufferTooSmall { need: 12, have: 8 };
        assert_eq!(Distribution::pack(&[0; 48], 2, &mut room), Err(small));
        let built = |distribution: Distribution<'_>| {
            let mut room = [0; 64];
            distribution.encode(&mut Sink::new(&mut room))
        };
        let refused = |field| Err(BuildError::OutOfRange { field });
        let good = Distribution {
            min: 0,
            max: 255,
            multiplicative_factor: 15,
            bucket_count: 16,
            buckets: &[0; 4],
        };
        assert_eq!(built(good), Ok(()));
        assert_eq!(built(Distribution { multiplicative_factor: 16, ..good }), refused("MF"));
        assert_eq!(built(Distribution { bucket_count: 4096, ..good }), refused("NDB"));
        let narrow = Distribution { bucket_count: 17, ..good };
        assert_eq!(built(narrow), refused("distribution buckets"));
        let empty = Distribution { min: 255, ..good };
        assert_eq!(built(empty), refused("minimum distribution value"));
    }

    proptest! {
        #[test]
        fn values_survive_where_their_size_can_be_told(
            values in prop::collection::vec(0u64..1 << 16, 1..40),
            words in 1usize..4,
        ) {
            // 32 bits a bucket: no bytes up to the boundary.
            let bits = 32 * words;
            let mut room = [0; 40 * 16];
            let buckets = Distribution::pack(&values, bits, &mut room).unwrap();
            let bucket_count = u16::try_from(values.len()).unwrap();
            let distribution =
                Distribution { min: 0, max: 1, multiplicative_factor: 0, bucket_count, buckets };
            prop_assert_eq!(distribution.bucket_bits(), bits);
            prop_assert_eq!(distribution.values().collect::<Vec<_>>(), values);
        }
    }
}
