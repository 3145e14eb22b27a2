//! Target bitrate block, as libwebrtc sends it under a type that IANA has not assigned.
//!
//! ```text
//! |     BT=42     |   reserved    |     block length = number     |
//! |   S   |   T   |                target bitrate                 |  entry
//! |                              ...                              |  more of them
//! ```

use core::fmt;

use super::BlockType;
use super::raw::{HEADER_LEN, block_header, listed};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::show::DebugList;

/// The bitrates that a sender aims at, layer by layer, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TargetBitrate<'a> {
    header: &'a [u8; HEADER_LEN],
    entries: &'a [[u8; 4]],
}

impl<'a> TargetBitrate<'a> {
    /// Reads the block at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another block type, fewer bytes than the block length says.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("target bitrate block", bytes, Self::block)
    }

    /// The block, its length checked: after this no accessor and no iterator can fail.
    #[inline]
    pub(crate) fn block(i: &'a [u8]) -> Step<'a, Self> {
        let (rest, (header, entries)) = listed(BlockType::TARGET_BITRATE)(i)?;
        Ok((rest, Self { header, entries }))
    }

    /// One a layer.
    #[inline]
    pub fn entries(&self) -> impl ExactSizeIterator<Item = TargetBitrateEntry> + Clone + use<'a> {
        self.entries.iter().map(|&bytes| TargetBitrateEntry::new(bytes))
    }
}

/// The target of one layer, read or to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TargetBitrateEntry {
    /// S, the spatial layer: 0 to 15.
    pub spatial_layer: u8,
    /// T, the temporal layer: 0 to 15.
    pub temporal_layer: u8,
    /// The bitrate in units of 1000 bits per second; 24 bits.
    pub target_bitrate_kbps: u32,
}

impl TargetBitrateEntry {
    /// Its bytes on the wire.
    pub const LEN: usize = 4;

    /// Any 4 bytes are an entry.
    #[inline]
    pub const fn new([layers, a, b, c]: [u8; Self::LEN]) -> Self {
        let target_bitrate_kbps = u32::from_be_bytes([0, a, b, c]);
        Self { spatial_layer: layers >> 4, temporal_layer: layers & 15, target_bitrate_kbps }
    }

    /// The bitrate in bits per second.
    #[inline]
    pub fn bits_per_second(&self) -> u64 {
        u64::from(self.target_bitrate_kbps) * 1000
    }

    /// As it is on the wire.
    ///
    /// # Errors
    /// A layer over 15, a bitrate that does not fit 24 bits.
    #[inline]
    pub fn to_bytes(self) -> Result<[u8; Self::LEN], BuildError> {
        let [high, a, b, c] = self.target_bitrate_kbps.to_be_bytes();
        let field = if self.spatial_layer > 15 {
            "spatial_layer"
        } else if self.temporal_layer > 15 {
            "temporal_layer"
        } else if high > 0 {
            "target_bitrate_kbps"
        } else {
            return Ok([self.spatial_layer << 4 | self.temporal_layer, a, b, c]);
        };
        Err(BuildError::OutOfRange { field })
    }
}

/// `S1T0=500kbps`.
impl fmt::Display for TargetBitrateEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S{}T{}", self.spatial_layer, self.temporal_layer)?;
        write!(f, "={}kbps", self.target_bitrate_kbps)
    }
}

impl fmt::Display for TargetBitrate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TARGET-BITRATE")?;
        self.entries().try_for_each(|entry| write!(f, " {entry}"))
    }
}

impl fmt::Debug for TargetBitrate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TargetBitrate").field("entries", &DebugList(self.entries())).finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for TargetBitrateEntry {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("spatial_layer", &self.spatial_layer)?;
        map.serialize_entry("temporal_layer", &self.temporal_layer)?;
        map.serialize_entry("target_bitrate_kbps", &self.target_bitrate_kbps)?;
        map.end()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for TargetBitrate<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(Some(4))?;
        let (block_type, len) = (BlockType::TARGET_BITRATE, self.encoded_len());
        super::raw::serialize_block_header(&mut map, block_type, len)?;
        map.serialize_entry("entries", &crate::ser::List(self.entries()))?;
        map.end()
    }
}

/// Byte for byte as it was read.
impl Encode for TargetBitrate<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        HEADER_LEN + self.entries.as_flattened().len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        *out.array()? = *self.header;
        out.bytes(self.entries.as_flattened())
    }
}

/// A [`TargetBitrate`] to be written, or a view's by `From`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TargetBitrateBuilder<'a> {
    /// In wire form: from [`TargetBitrateEntry::to_bytes`], or from a view.
    pub entries: &'a [[u8; TargetBitrateEntry::LEN]],
}

impl<'a> From<TargetBitrate<'a>> for TargetBitrateBuilder<'a> {
    fn from(block: TargetBitrate<'a>) -> Self {
        Self { entries: block.entries }
    }
}

impl Encode for TargetBitrateBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        HEADER_LEN + self.entries.as_flattened().len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        *out.array()? = block_header(BlockType::TARGET_BITRATE, 0, self.encoded_len())?;
        out.bytes(self.entries.as_flattened())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;
    use crate::testing::{refuses_every_truncation, words};

    // The packet of libwebrtc's target_bitrate_unittest.cc.
    const BLOCK: [u32; 5] = [
        0x2a00_0004,
        0x0001_0203, // S0T0 0x010203 kbps
        0x0102_0304, // S0T1 0x020304 kbps
        0x1003_0405, // S1T0 0x030405 kbps
        0x1104_0506, // S1T1 0x040506 kbps
    ];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(BLOCK);
        let block = TargetBitrate::parse(&bytes).unwrap();
        let seen: Vec<_> = block
            .entries()
            .map(|entry| (entry.spatial_layer, entry.temporal_layer, entry.target_bitrate_kbps))
            .collect();
        assert_eq!(seen, [(0, 0, 0x1_0203), (0, 1, 0x2_0304), (1, 0, 0x3_0405), (1, 1, 0x4_0506)]);
        assert_eq!(block.entries().next().unwrap().bits_per_second(), 66_051_000);
        assert!(block.to_string().starts_with("TARGET-BITRATE S0T0=66051kbps S0T1="), "{block}");
        assert_eq!(TargetBitrateBuilder::from(block).to_vec().unwrap(), bytes);
        refuses_every_truncation(&bytes, TargetBitrate::parse);
    }

    #[test]
    fn none_is_valid() {
        // The same file, ParseNullBitratePacket.
        let bytes = words([0x2a00_0000]);
        assert_eq!(TargetBitrate::parse(&bytes).unwrap().entries().len(), 0);
        assert_eq!(TargetBitrateBuilder::default().to_vec().unwrap(), bytes);
    }

    #[test]
    fn refuses_to_build_what_has_no_room() {
        let entry = TargetBitrateEntry { target_bitrate_kbps: 0xFF_FFFF, ..Default::default() };
        assert_eq!(entry.to_bytes(), Ok([0, 0xFF, 0xFF, 0xFF]));
        let refused = |entry: TargetBitrateEntry| match entry.to_bytes() {
            Err(BuildError::OutOfRange { field }) => field,
            other => panic!("{other:?}"),
        };
        let high = TargetBitrateEntry { target_bitrate_kbps: 0x100_0000, ..entry };
        assert_eq!(refused(high), "target_bitrate_kbps");
        assert_eq!(refused(TargetBitrateEntry { spatial_layer: 16, ..entry }), "spatial_layer");
        assert_eq!(refused(TargetBitrateEntry { temporal_layer: 16, ..entry }), "temporal_layer");
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(values in prop::collection::vec(any::<[u8; 4]>(), 0..20)) {
            let bytes = TargetBitrateBuilder { entries: &values }.to_vec().unwrap();
            let block = TargetBitrate::parse(&bytes).unwrap();
            let entries: Vec<_> = block.entries().map(|entry| entry.to_bytes().unwrap()).collect();
            prop_assert_eq!(entries, values);
        }
    }
}
