//! The entry of TMMBR and TMMBN: a bit rate and the overhead that goes with it (RFC 5104 sections 4.2.1.1, 4.2.2.1).
//!
//! ```text
//! |                              SSRC                             |
//! | MxTBR Exp |  MxTBR Mantissa                 |Measured Overhead|
//! ```

use core::fmt;

use super::common::{bitrate, exponent_and_mantissa};
use crate::error::BuildError;

/// Bits of the mantissa and of the overhead; the exponent has the 6 before them.
const MANTISSA_BITS: u32 = 17;
const OVERHEAD_BITS: u32 = 9;

/// A bit rate limit and the overhead per packet that it counts in; read or to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TmmbEntry {
    /// In TMMBR the media sender that is asked, in TMMBN the owner of the limit.
    pub ssrc: u32,
    /// MxTBR Exp, 0 to 63.
    pub exponent: u8,
    /// MxTBR Mantissa, 17 bits.
    pub mantissa: u32,
    /// Measured overhead, bytes per packet, 9 bits.
    pub overhead: u16,
}

impl TmmbEntry {
    /// Its bytes on the wire.
    pub const LEN: usize = 8;

    /// An entry for this bit rate, bits per second: the finest mantissa, rounded down, as the rate is an upper limit.
    #[inline]
    pub fn with_bitrate(ssrc: u32, bitrate_bps: u64, overhead: u16) -> Self {
        let (exponent, mantissa) = exponent_and_mantissa(bitrate_bps, MANTISSA_BITS);
        Self { ssrc, exponent, mantissa, overhead }
    }

    /// Mantissa × 2^exponent, bits per second; `None` beyond 64 bits, where the limit limits nothing.
    #[inline]
    pub fn bitrate_bps(&self) -> Option<u64> {
        bitrate(self.exponent, self.mantissa)
    }

    /// Any eight bytes are an entry.
    #[inline]
    pub fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        let [a, b, c, d, e, f, g, h] = bytes;
        let mantissa = u32::from_be_bytes([e & 3, f, g, h]) >> OVERHEAD_BITS;
        let overhead = u16::from_be_bytes([g & 1, h]);
        Self { ssrc: u32::from_be_bytes([a, b, c, d]), exponent: e >> 2, mantissa, overhead }
    }

    /// The entry as it is on the wire.
    ///
    /// # Errors
    /// An exponent, mantissa or overhead wider than its field.
    #[inline]
    pub fn to_bytes(self) -> Result<[u8; Self::LEN], BuildError> {
        let refused = |field| Err(BuildError::OutOfRange { field });
        if self.exponent > 63 {
            return refused("MxTBR exponent");
        }
        if self.mantissa >> MANTISSA_BITS != 0 {
            return refused("MxTBR mantissa");
        }
        if self.overhead >> OVERHEAD_BITS != 0 {
            return refused("measured overhead");
        }
        let [a, b, c, d] = self.ssrc.to_be_bytes();
        let exponent = u32::from(self.exponent) << (MANTISSA_BITS + OVERHEAD_BITS);
        let word = exponent | self.mantissa << OVERHEAD_BITS | u32::from(self.overhead);
        let [e, f, g, h] = word.to_be_bytes();
        Ok([a, b, c, d, e, f, g, h])
    }
}

/// `ssrc=0x00000002 bitrate=300000 overhead=40`.
impl fmt::Display for TmmbEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ssrc={:#010x} bitrate=", self.ssrc)?;
        match self.bitrate_bps() {
            Some(bitrate) => write!(f, "{bitrate}")?,
            None => write!(f, "{}*2^{}", self.mantissa, self.exponent)?,
        }
        write!(f, " overhead={}", self.overhead)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for TmmbEntry {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("ssrc", &self.ssrc)?;
        super::common::serialize_bitrate(&mut map, self.exponent, self.mantissa)?;
        map.serialize_entry("overhead", &self.overhead)?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_bit_has_its_field() {
        // RFC 5104 section 4.2.1.1: 6 bits of exponent, 17 of mantissa, 9 of overhead.
        let all = TmmbEntry::from_bytes([0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF]);
        let (exponent, mantissa, overhead) = (63, 0x1_FFFF, 0x1FF);
        assert_eq!(all, TmmbEntry { ssrc: 1, exponent, mantissa, overhead });
        assert_eq!(all.bitrate_bps(), None);
        let entry = TmmbEntry::from_bytes([0, 0, 0, 1, 0b0000_0100, 0, 0b10, 1]);
        assert_eq!((entry.exponent, entry.mantissa, entry.overhead), (1, 1, 1));
        assert_eq!(entry.bitrate_bps(), Some(2));
    }

    #[test]
    fn what_is_wider_than_its_field_is_refused() {
        let entry = TmmbEntry::default();
        let refused = |entry: TmmbEntry| match entry.to_bytes() {
            Err(BuildError::OutOfRange { field }) => field,
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(TmmbEntry { exponent: 64, ..entry }), "MxTBR exponent");
        assert_eq!(refused(TmmbEntry { mantissa: 1 << 17, ..entry }), "MxTBR mantissa");
        assert_eq!(refused(TmmbEntry { overhead: 512, ..entry }), "measured overhead");
    }

    #[test]
    fn a_bit_rate_becomes_the_finest_mantissa_below_it() {
        let entry = |bitrate| TmmbEntry::with_bitrate(1, bitrate, 40);
        assert_eq!((entry(0).exponent, entry(0).mantissa), (0, 0));
        assert_eq!((entry(131_071).exponent, entry(131_071).mantissa), (0, 131_071));
        assert_eq!((entry(131_072).exponent, entry(131_072).mantissa), (1, 65_536));
        // 300000 = 75000 × 2^2.
        assert_eq!((entry(300_000).exponent, entry(300_000).mantissa), (2, 75_000));
        assert_eq!((entry(u64::MAX).exponent, entry(u64::MAX).mantissa), (47, 0x1_FFFF));
    }

    proptest! {
        #[test]
        fn writes_what_it_reads(bytes in any::<[u8; 8]>()) {
            prop_assert_eq!(TmmbEntry::from_bytes(bytes).to_bytes(), Ok(bytes));
        }

        #[test]
        fn a_bit_rate_is_kept_to_one_in_65536(bits in any::<u64>(), shift in 0u32..64) {
            let wanted = bits >> shift;
            let entry = TmmbEntry::with_bitrate(1, wanted, 0);
            let got = entry.bitrate_bps().unwrap();
            prop_assert!(got <= wanted && wanted - got <= wanted >> 16, "{} for {}", got, wanted);
            prop_assert!(entry.to_bytes().is_ok());
        }
    }
}
