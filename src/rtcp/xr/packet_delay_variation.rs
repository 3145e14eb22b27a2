//! Packet delay variation metrics block (RFC 6798 section 3).
//!
//! ```text
//! |     BT=15     | I |pdvtyp |Rsv|       block length=4          |
//! |                        SSRC of Source                         |
//! |    Pos PDV Threshold/Peak     |     Pos PDV Percentile        |
//! |    Neg PDV Threshold/Peak     |     Neg PDV Percentile        |
//! |          Mean PDV             |           Reserved            |
//! ```

use core::fmt;

use super::IntervalMetric;
use super::fixed::{Field, fixed_block, registry_field};
use crate::error::BuildError;
use crate::registry::registry;

registry! {
    /// How delay variation is measured (IANA, RTCP XR PDV block: PDV types).
    PdvType(u8) {
        /// MAPDV2, ITU-T G.1020 clause 6.2.3.2.
        MAPDV2 = 0, "MAPDV2";
        /// 2-point PDV, ITU-T Y.1540 clause 6.2.4.
        TWO_POINT = 1, "2-point PDV";
    }
}

registry_field!(PdvType);

/// A delay variation in 1/16 ms, with sign; or why there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PdvValue {
    /// In 1/16 ms: −32,767 to 32,765.
    Value(i16),
    /// Below −2047.9375 ms.
    UnderRange,
    /// Above 2047.8125 ms.
    OverRange,
    /// Not measured.
    #[default]
    Unavailable,
}

impl PdvValue {
    /// In milliseconds, if there is a value.
    #[inline]
    pub fn as_millis(self) -> Option<f32> {
        match self {
            Self::Value(sixteenths) => Some(f32::from(sixteenths) / 16.0),
            _ => None,
        }
    }
}

impl Field for PdvValue {
    #[inline]
    fn from_bits(bits: u64, width: usize) -> Self {
        match u16::from_bits(bits, width) {
            0x8000 => Self::UnderRange,
            0x7FFE => Self::OverRange,
            0x7FFF => Self::Unavailable,
            value => Self::Value(value.cast_signed()),
        }
    }

    #[inline]
    fn to_bits(self, _: usize) -> Option<u64> {
        let value: u16 = match self {
            Self::Value(value @ -0x7FFF..=0x7FFD) => value.cast_unsigned(),
            Self::Value(_) => return None,
            Self::UnderRange => 0x8000,
            Self::OverRange => 0x7FFE,
            Self::Unavailable => 0x7FFF,
        };
        Some(value.into())
    }

    fn show(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(sixteenths) => write!(f, "{}ms", f32::from(sixteenths) / 16.0),
            Self::UnderRange => f.write_str("under-range"),
            Self::OverRange => f.write_str("over-range"),
            Self::Unavailable => f.write_str("unavailable"),
        }
    }

    /// With sign, as the RFC has it.
    #[cfg(feature = "serde")]
    fn entry<M: serde::ser::SerializeMap>(
        self,
        map: &mut M,
        (key, _): (&'static str, &'static str),
        width: usize,
    ) -> Result<(), M::Error> {
        let bits = u16::from_bits(self.to_bits(width).unwrap_or_default(), width);
        map.serialize_entry(key, &bits.cast_signed())
    }
}

fixed_block! {
    /// How much the delay of packets varies, read in place.
    PacketDelayVariation, PacketDelayVariationBuilder: PACKET_DELAY_VARIATION,
    "packet delay variation block", length 4, refuse forbidden;

    /// I: any but 0.
    interval_metric as "i": IntervalMetric = 0: 8..10, default IntervalMetric::Interval;
    /// How it is measured.
    pdv_type as "pdvtyp": PdvType = 0: 10..14, default PdvType::MAPDV2;
    /// The source that it reports on.
    ssrc: u32 = 1: 0..32;
    /// The threshold of packets that come late, in 1/16 ms; the peak where the percentile is 100.
    pos_pdv_threshold_or_peak: PdvValue = 2: 0..16;
    /// The part of the packets below that threshold, in 1/256 of a percent.
    pos_pdv_percentile: Option<u16> = 2: 16..32;
    /// The threshold of packets that come early, in 1/16 ms; the peak where the percentile is 100.
    neg_pdv_threshold_or_peak: PdvValue = 3: 0..16;
    /// The part of the packets above that threshold, in 1/256 of a percent.
    neg_pdv_percentile: Option<u16> = 3: 16..32;
    /// The mean, in 1/16 ms.
    mean_pdv: PdvValue = 4: 0..16;
}

impl PacketDelayVariation<'_> {
    /// The part of the packets below the threshold of late ones, in percent.
    #[inline]
    pub fn pos_percentile(&self) -> Option<f32> {
        self.pos_pdv_percentile().map(|part| f32::from(part) / 256.0)
    }

    /// The part of the packets above the threshold of early ones, in percent.
    #[inline]
    pub fn neg_percentile(&self) -> Option<f32> {
        self.neg_pdv_percentile().map(|part| f32::from(part) / 256.0)
    }
}

/// What RFC 6798 forbids.
fn forbidden(block: &PacketDelayVariationBuilder) -> Result<(), BuildError> {
    block.interval_metric.of_either()
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::encode::Encode;
    use crate::testing::words;

    // RFC 6798 section 3.1, row by row, with the values of example (b) in section 3.4: 60 ms, 96.3 percent, 0, 0.
    const BLOCK: [u32; 5] = [
        0x0f84_0004, // I=10, pdvtyp=1
        0x0102_0304, // SSRC
        0x03c0_604c, // 60 ms in 1/16 ms, 96.3 percent in 1/256 of one: 24652.8, cut off
        0x0000_0000,
        0xfff8_0000, // mean: -0.5 ms
    ];

    #[test]
    fn reads_every_field() {
        let bytes = words(BLOCK);
        let block = PacketDelayVariation::parse(&bytes).unwrap();
        assert_eq!(block.interval_metric(), IntervalMetric::Interval);
        assert_eq!((block.pdv_type(), block.ssrc()), (PdvType::TWO_POINT, 0x0102_0304));
        assert_eq!(block.pos_pdv_threshold_or_peak(), PdvValue::Value(960));
        assert_eq!(block.pos_pdv_threshold_or_peak().as_millis(), Some(60.0));
        assert_eq!(block.pos_pdv_percentile(), Some(24_652));
        assert!((block.pos_percentile().unwrap() - 96.3).abs() < 0.01);
        assert_eq!(block.neg_pdv_threshold_or_peak(), PdvValue::Value(0));
        assert_eq!((block.neg_pdv_percentile(), block.neg_percentile()), (Some(0), Some(0.0)));
        // In 1/256 of a percent (RFC 6798 section 3.2): 384 are 1.5 percent.
        let mut bytes = words(BLOCK);
        bytes[14..16].copy_from_slice(&384u16.to_be_bytes());
        let block = PacketDelayVariation::parse(&bytes).unwrap();
        assert_eq!(block.neg_percentile(), Some(1.5));
        assert_eq!(block.mean_pdv().as_millis(), Some(-0.5));
    }

    #[test]
    fn special_values_are_those_of_the_rfc() {
        let bytes = words([0x0f80_0004, 1, 0x8000_ffff, 0x7ffe_0000, 0x7fff_0000]);
        let block = PacketDelayVariation::parse(&bytes).unwrap();
        assert_eq!(block.pos_pdv_threshold_or_peak(), PdvValue::UnderRange);
        assert_eq!(block.pos_percentile(), None);
        assert_eq!(block.neg_pdv_threshold_or_peak(), PdvValue::OverRange);
        assert_eq!(block.mean_pdv(), PdvValue::Unavailable);
        assert_eq!(block.mean_pdv().as_millis(), None);
        assert_eq!(PacketDelayVariationBuilder::from(block).to_vec().unwrap(), bytes);
        let limits =
            [(-0x7FFF, true), (0x7FFD, true), (-0x8000, false), (0x7FFE, false), (0x7FFF, false)];
        for (value, allowed) in limits {
            let block = PacketDelayVariationBuilder {
                mean_pdv: PdvValue::Value(value),
                ..Default::default()
            };
            assert_eq!(block.to_vec().is_ok(), allowed, "{value}");
        }
    }

    #[test]
    fn refuses_to_build_the_reserved_interval() {
        let block = PacketDelayVariationBuilder {
            interval_metric: IntervalMetric::Reserved,
            ..Default::default()
        };
        assert_eq!(block.to_vec(), Err(BuildError::OutOfRange { field: "interval_metric" }));
    }

    super::super::fixed::fixed_block_tests!(
        PacketDelayVariation,
        PacketDelayVariationBuilder,
        BLOCK
    );
}
