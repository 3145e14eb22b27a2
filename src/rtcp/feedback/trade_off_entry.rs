//! The entry that TSTR and TSTN have in common (RFC 5104 sections 4.3.2 and 4.3.3).
//!
//! ```text
//! |                            SSRC                               |
//! |    seq nr.    |              reserved               |  index  |
//! ```

use core::fmt;

use crate::error::BuildError;

/// A trade-off between spatial quality and frame rate, as requested or as applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TradeOffEntry {
    /// In a request the media sender that is asked, in a notification the source of the request.
    pub ssrc: u32,
    /// The request's sequence number: one more, modulo 256, for each new one; the same in a repetition.
    pub sequence_number: u8,
    /// 0, the best spatial quality, to 31, the highest frame rate.
    pub index: u8,
}

impl TradeOffEntry {
    /// Its bytes on the wire.
    pub const LEN: usize = 8;

    /// Any eight bytes are an entry; the reserved bits are ignored.
    #[inline]
    pub const fn from_bytes([a, b, c, d, sequence_number, .., last]: [u8; Self::LEN]) -> Self {
        Self { ssrc: u32::from_be_bytes([a, b, c, d]), sequence_number, index: last & 0x1F }
    }

    /// The entry as it is on the wire, reserved bits 0.
    ///
    /// # Errors
    /// An index above 31.
    #[inline]
    pub const fn to_bytes(self) -> Result<[u8; Self::LEN], BuildError> {
        if self.index > 31 {
            return Err(BuildError::OutOfRange { field: "index" });
        }
        let [a, b, c, d] = self.ssrc.to_be_bytes();
        Ok([a, b, c, d, self.sequence_number, 0, 0, self.index])
    }
}

/// `ssrc=0x00000002 seq=1 index=21`
impl fmt::Display for TradeOffEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ssrc, sequence_number, index } = self;
        write!(f, "ssrc={ssrc:#010x} seq={sequence_number} index={index}")
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for TradeOffEntry {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("ssrc", &self.ssrc)?;
        map.serialize_entry("command_sequence_number", &self.sequence_number)?;
        map.serialize_entry("index", &self.index)?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_lie_where_figure_5_draws_them() {
        // 32 bits, 8 bits, 19 reserved, 5 bits.
        let entry = TradeOffEntry::from_bytes([1, 2, 3, 4, 5, 0xFF, 0xFF, 0b111_10101]);
        let expected = TradeOffEntry { ssrc: 0x0102_0304, sequence_number: 5, index: 21 };
        assert_eq!(entry, expected);
        assert_eq!(entry.to_bytes(), Ok([1, 2, 3, 4, 5, 0, 0, 21]));
        let wide = TradeOffEntry { index: 32, ..entry };
        assert_eq!(wide.to_bytes(), Err(BuildError::OutOfRange { field: "index" }));
    }
}
