//! Frame marking (RFC 9626 section 3).
//!
//! ```text
//! |S|E|I|D|B| TID |      LID      |   TL0PICIDX   |  long form; TL0PICIDX, or it and LID, may be missing
//!
//! |S|E|I|D|0|0|0|0|  short form, of streams without layers
//! ```

use core::fmt;

use super::value::{ended, value};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};

const START: u8 = 0x80;
const END: u8 = 0x40;
const INDEPENDENT: u8 = 0x20;
const DISCARDABLE: u8 = 0x10;
const BASE_LAYER_SYNC: u8 = 8;
const TEMPORAL_ID: u8 = 7;

/// What a packet is to its frame, and the frame to others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FrameMarking {
    /// First packet of a frame within a layer (S).
    pub start: bool,
    /// Last packet of a frame within a layer (E).
    pub end: bool,
    /// The frame can be decoded without any before it (I).
    pub independent: bool,
    /// No frame needs this one (D).
    pub discardable: bool,
    /// With a temporal layer above 0: it depends on the base temporal layer alone (B). False in the short form.
    pub base_layer_sync: bool,
    /// The temporal layer, 0 to 7; 0 is the base. 0 in the short form.
    pub temporal_id: u8,
    /// Spatial or quality layer: what its bits mean is the codec's business (RFC 9626 section 3.3).
    pub layer_id: Option<u8>,
    /// A count of the frames of the base temporal layer, modulo 2^8; only together with a layer.
    pub tl0_pic_idx: Option<u8>,
}

value!(FrameMarking: FRAME_MARKING, FRAME_MARKING_07);

impl FrameMarking {
    /// Reads the data of an element, all of it.
    ///
    /// # Errors
    /// It is not 1 to 3 bytes.
    #[inline]
    pub fn parse(data: &[u8]) -> Result<Self, ParseError> {
        run("frame-marking", data, frame_marking)
    }
}

#[inline]
fn frame_marking(i: &[u8]) -> Step<'_, FrameMarking> {
    let Some((&flags, mut rest)) = i.split_first() else {
        return Err(Fail::field("flags", i, ErrorKind::Truncated { need: 1, have: 0 }));
    };
    let mut next = || {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        Some(byte)
    };
    let (layer_id, tl0_pic_idx) = (next(), next());
    ended(i, rest)?;
    let value = FrameMarking {
        start: flags & START != 0,
        end: flags & END != 0,
        independent: flags & INDEPENDENT != 0,
        discardable: flags & DISCARDABLE != 0,
        base_layer_sync: flags & BASE_LAYER_SYNC != 0,
        temporal_id: flags & TEMPORAL_ID,
        layer_id,
        tl0_pic_idx,
    };
    Ok((rest, value))
}

impl Encode for FrameMarking {
    #[inline]
    fn encoded_len(&self) -> usize {
        1 + usize::from(self.layer_id.is_some()) + usize::from(self.tl0_pic_idx.is_some())
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if self.temporal_id > TEMPORAL_ID {
            return Err(BuildError::OutOfRange { field: "temporal id" });
        }
        let flags = [
            (self.start, START),
            (self.end, END),
            (self.independent, INDEPENDENT),
            (self.discardable, DISCARDABLE),
            (self.base_layer_sync, BASE_LAYER_SYNC),
        ];
        let set = flags.iter().filter(|flag| flag.0);
        *out.array()? = [set.fold(self.temporal_id, |byte, flag| byte | flag.1)];
        match (self.layer_id, self.tl0_pic_idx) {
            (None, None) => {}
            (Some(layer), None) => *out.array()? = [layer],
            (Some(layer), Some(index)) => *out.array()? = [layer, index],
            // It would be read as the layer.
            (None, Some(_)) => return Err(BuildError::OutOfRange { field: "TL0PICIDX" }),
        }
        Ok(())
    }
}

/// `frame-marking SI tid=2 lid=1 tl0picidx=7`
impl fmt::Display for FrameMarking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("frame-marking ")?;
        let flags = [
            (self.start, "S"),
            (self.end, "E"),
            (self.independent, "I"),
            (self.discardable, "D"),
            (self.base_layer_sync, "B"),
        ];
        flags.iter().filter(|flag| flag.0).try_for_each(|flag| f.write_str(flag.1))?;
        write!(f, " tid={}", self.temporal_id)?;
        if let Some(layer) = self.layer_id {
            write!(f, " lid={layer}")?;
        }
        match self.tl0_pic_idx {
            Some(index) => write!(f, " tl0picidx={index}"),
            None => Ok(()),
        }
    }
}

#[cfg(feature = "serde")]
impl super::value::Fields for FrameMarking {
    fn fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("s", &self.start)?;
        map.serialize_entry("e", &self.end)?;
        map.serialize_entry("i", &self.independent)?;
        map.serialize_entry("d", &self.discardable)?;
        map.serialize_entry("b", &self.base_layer_sync)?;
        map.serialize_entry("tid", &self.temporal_id)?;
        if let Some(layer) = self.layer_id {
            map.serialize_entry("lid", &layer)?;
        }
        match self.tl0_pic_idx {
            Some(index) => map.serialize_entry("tl0picidx", &index),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::check::{both_ways, not_written, takes_only_lengths};
    use super::*;

    #[test]
    fn reads_and_writes_each_length() {
        // RFC 9626 section 3.1 and 3.2, its fields filled in.
        let key = FrameMarking { start: true, independent: true, ..Default::default() };
        both_ways(&[0b1010_0000], key);
        let layered = FrameMarking {
            end: true,
            discardable: true,
            base_layer_sync: true,
            temporal_id: 5,
            ..Default::default()
        };
        both_ways(&[0b0101_1101], layered);
        both_ways(&[0b0101_1101, 9], FrameMarking { layer_id: Some(9), ..layered });
        let full = FrameMarking { layer_id: Some(0), tl0_pic_idx: Some(255), ..layered };
        both_ways(&[0b0101_1101, 0, 255], full);
        takes_only_lengths(0xff, &[1, 2, 3], FrameMarking::parse);
    }

    #[test]
    fn every_bit_survives() {
        for byte in 0..=255 {
            both_ways(&[byte, !byte], FrameMarking::parse(&[byte, !byte]).unwrap());
        }
    }

    #[test]
    fn an_index_without_a_layer_is_not_written() {
        not_written(&FrameMarking { tl0_pic_idx: Some(1), ..Default::default() }, "TL0PICIDX");
        not_written(&FrameMarking { temporal_id: 8, ..Default::default() }, "temporal id");
    }

    #[test]
    fn is_known_by_both_uris() {
        use super::super::{Uri, Value};

        assert_eq!(FrameMarking::URIS, [Uri::FRAME_MARKING, Uri::FRAME_MARKING_07]);
    }
}
