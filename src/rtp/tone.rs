//! Tone payload: tones by their frequencies (RFC 4733 section 4.3.3).
//!
//! ```text
//! |   modulation    |T|  volume   |           duration            |  header
//! |R R R R|       frequency       |R R R R|       frequency       |  frequencies, any number
//! ```

use core::fmt;
use core::ops::Range;

use byteorder::{BE, ByteOrder};
use nom::Parser;
use nom::error::context;

use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::show::DebugList;
use crate::wire::array;

// Places in the header.
const BITS: Range<usize> = 0..2;
const DURATION: Range<usize> = 2..4;
const HEADER_LEN: usize = DURATION.end;

// Bits of the first two bytes.
const MODULATION: u32 = 7;
const THIRDS: u16 = 0x40;
const VOLUME: u16 = 0x3F;

const MAX_MODULATION: u16 = 511;
const FREQUENCY: u16 = 0x0FFF;

/// A tone payload, read in place.
///
/// ```
/// use mediawire::rtp::Tone;
///
/// // RFC 4733 figure 4: 697 Hz and 1209 Hz, the key 1, for 20 ms.
/// let tone = Tone::parse(&[0x00, 0x14, 0x00, 0xa0, 0x02, 0xb9, 0x04, 0xb9])?;
/// assert_eq!((tone.volume(), tone.duration()), (20, 160));
/// assert!(tone.frequencies().eq([697, 1209]));
/// # Ok::<(), mediawire::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tone<'a> {
    header: &'a [u8; HEADER_LEN],
    frequencies: &'a [[u8; 2]],
}

impl<'a> Tone<'a> {
    /// Reads the payload of an RTP packet, without its padding.
    ///
    /// # Errors
    /// Less than 4 bytes; half a frequency at the end.
    #[inline]
    pub fn parse(payload: &'a [u8]) -> Result<Self, ParseError> {
        run("tone payload", payload, tone)
    }

    /// The modulation frequency, 0 to 511, in Hz, or with [`thirds`](Self::thirds) in thirds of a Hz; 0 without one.
    #[inline]
    pub fn modulation(&self) -> u16 {
        self.bits() >> MODULATION
    }

    /// The T bit: the modulation frequency is to be divided by three.
    #[inline]
    pub fn thirds(&self) -> bool {
        self.bits() & THIRDS != 0
    }

    /// The level of the tone below 0 dBm0, in dB, 0 to 63.
    #[inline]
    pub fn volume(&self) -> u8 {
        self.header[1] & 0x3F
    }

    /// How long it lasts from the packet's timestamp on, in units of the RTP clock. A tone of 0 is to be ignored.
    #[inline]
    pub fn duration(&self) -> u16 {
        BE::read_u16(&self.header[DURATION])
    }

    /// The frequencies that are added up, in Hz, 0 to 4095: 0 is silence, as is none at all.
    #[inline]
    pub fn frequencies(&self) -> impl ExactSizeIterator<Item = u16> + Clone + use<'a> {
        self.frequencies.iter().map(|&bytes| u16::from_be_bytes(bytes) & FREQUENCY)
    }

    #[inline]
    fn bits(&self) -> u16 {
        BE::read_u16(&self.header[BITS])
    }
}

#[inline]
fn tone(i: &[u8]) -> Step<'_, Tone<'_>> {
    let (rest, header) = context("tone", array).parse(i)?;
    let (frequencies, odd) = rest.as_chunks();
    if !odd.is_empty() {
        context("frequency", array::<2>).parse(odd)?;
    }
    Ok((&[], Tone { header, frequencies }))
}

/// One line: `tone 697+1209 Hz 160`, with `*15` behind it for a modulation, `*50/3` for one in thirds.
impl fmt::Display for Tone<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tone ")?;
        for (index, frequency) in self.frequencies().enumerate() {
            write!(f, "{}{frequency}", if index == 0 { "" } else { "+" })?;
        }
        f.write_str(if self.frequencies.is_empty() { "silence" } else { " Hz" })?;
        if self.modulation() != 0 {
            write!(f, " *{}{}", self.modulation(), if self.thirds() { "/3" } else { "" })?;
        }
        write!(f, " {}", self.duration())
    }
}

impl fmt::Debug for Tone<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tone")
            .field("modulation", &self.modulation())
            .field("thirds", &self.thirds())
            .field("volume", &self.volume())
            .field("duration", &self.duration())
            .field("frequencies", &DebugList(self.frequencies()))
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Tone<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;

        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("modulation", &self.modulation())?;
        map.serialize_entry("t", &self.thirds())?;
        map.serialize_entry("volume", &self.volume())?;
        map.serialize_entry("duration", &self.duration())?;
        map.serialize_entry("frequencies", &crate::ser::List(self.frequencies()))?;
        map.end()
    }
}

/// A tone payload to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ToneBuilder<'a> {
    /// As [`Tone::modulation`]: 0 to 511.
    pub modulation: u16,
    /// As [`Tone::thirds`].
    pub thirds: bool,
    /// As [`Tone::volume`]: 0 to 63.
    pub volume: u8,
    /// As [`Tone::duration`]: not 0.
    pub duration: u16,
    /// In wire form: from [`u16::to_be_bytes`], or from a view, which keeps the reserved bits of each.
    pub frequencies: &'a [[u8; 2]],
}

impl<'a> From<Tone<'a>> for ToneBuilder<'a> {
    #[inline]
    fn from(tone: Tone<'a>) -> Self {
        Self {
            modulation: tone.modulation(),
            thirds: tone.thirds(),
            volume: tone.volume(),
            duration: tone.duration(),
            frequencies: tone.frequencies,
        }
    }
}

impl Encode for ToneBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        self.frequencies.as_flattened().len().saturating_add(HEADER_LEN)
    }

    /// # Errors
    /// A modulation above 511, a volume above 63, a duration of 0.
    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let refused = |field| Err(BuildError::OutOfRange { field });
        if self.modulation > MAX_MODULATION {
            return refused("modulation");
        }
        let volume = u16::from(self.volume);
        if volume > VOLUME {
            return refused("volume");
        }
        if self.duration == 0 {
            return refused("duration");
        }
        let thirds = if self.thirds { THIRDS } else { 0 };
        let header = out.array::<HEADER_LEN>()?;
        BE::write_u16(&mut header[BITS], self.modulation << MODULATION | thirds | volume);
        BE::write_u16(&mut header[DURATION], self.duration);
        out.bytes(self.frequencies.as_flattened())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec;
    use std::vec::Vec;

    use super::super::Packet;
    use super::super::vectors::hex;
    use super::*;
    use crate::testing::refuses_every_truncation;

    fn written(builder: &ToneBuilder<'_>) -> Result<Vec<u8>, BuildError> {
        let mut out = vec![0xee; builder.encoded_len()];
        builder.write(&mut out).map(|len| out[..len].to_vec())
    }

    #[test]
    fn the_figure_of_rfc_4733_section_5() {
        // Figure 4.
        let bytes = hex("8065000e00003200005234a8 001400a002b904b9");
        let packet = Packet::parse(&bytes).unwrap();
        assert_eq!((packet.sequence_number(), packet.timestamp()), (14, 12800));
        let tone = Tone::parse(packet.payload()).unwrap();
        assert_eq!((tone.modulation(), tone.thirds()), (0, false));
        assert_eq!((tone.volume(), tone.duration()), (20, 160));
        assert!(tone.frequencies().eq([697, 1209]));
        crate::testing::shows(&tone);
        assert_eq!(tone.to_string(), "tone 697+1209 Hz 160");
        let frequencies = [697u16.to_be_bytes(), 1209u16.to_be_bytes()];
        let builder = ToneBuilder {
            volume: 20,
            duration: 160,
            frequencies: &frequencies,
            ..Default::default()
        };
        assert_eq!(written(&builder), Ok(packet.payload().to_vec()));
    }

    #[test]
    fn every_bit_is_read_and_written() {
        // Figure 2: 9 bits of modulation, T, 6 of volume, 16 of duration, R and 12 of frequency.
        let bytes = hex("ffff ffff ffff 1001");
        let tone = Tone::parse(&bytes).unwrap();
        assert_eq!((tone.modulation(), tone.thirds(), tone.volume()), (511, true, 63));
        assert!(tone.frequencies().eq([4095, 1]));
        assert_eq!(tone.to_string(), "tone 4095+1 Hz *511/3 65535");
        assert_eq!(written(&tone.into()), Ok(bytes.clone()));
        let bytes = hex("0085 0001");
        let silence = Tone::parse(&bytes).unwrap();
        assert_eq!((silence.modulation(), silence.thirds(), silence.volume()), (1, false, 5));
        assert_eq!(silence.to_string(), "tone silence *1 1");
        assert_eq!(written(&silence.into()), Ok(bytes.clone()));
    }

    #[test]
    fn what_is_cut_short_is_refused_with_its_place() {
        refuses_every_truncation(&[1, 2, 3, 4], Tone::parse);
        let error = Tone::parse(&[0; 7]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "tone payload: frequency cut short, 2 bytes needed, 1 there (byte 6)"
        );
    }

    #[test]
    fn what_the_fields_cannot_hold_is_refused() {
        let refused = |builder: ToneBuilder<'_>, field| {
            assert_eq!(written(&builder), Err(BuildError::OutOfRange { field }));
        };
        let builder = ToneBuilder { duration: 1, ..Default::default() };
        refused(ToneBuilder { modulation: 512, ..builder }, "modulation");
        refused(ToneBuilder { volume: 64, ..builder }, "volume");
        refused(ToneBuilder { duration: 0, ..builder }, "duration");
    }

    #[cfg(feature = "serde")]
    #[test]
    fn serialises_every_field() {
        let json = serde_json::to_string(&Tone::parse(&hex("001400a002b904b9")).unwrap()).unwrap();
        let expected =
            r#"{"modulation":0,"t":false,"volume":20,"duration":160,"frequencies":[697,1209]}"#;
        assert_eq!(json, expected);
    }

    proptest! {
        #[test]
        fn whatever_parses_is_written_again(bytes in prop::collection::vec(any::<u8>(), 0..20)) {
            match Tone::parse(&bytes) {
                Ok(tone) if tone.duration() != 0 => prop_assert_eq!(written(&tone.into()), Ok(bytes)),
                Ok(_) => {}
                Err(_) => prop_assert!(bytes.len() < 4 || bytes.len() % 2 != 0),
            }
        }
    }
}
