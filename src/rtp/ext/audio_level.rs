//! Audio levels: of the packet (RFC 6464), of each contributing source (RFC 6465), of comfort noise within the payload
//! (libwebrtc, rtp-hdrext/inband-cn).
//!
//! ```text
//! |V|    level    |  RFC 6464: voice activity, level in -dBov
//!
//! |0|   level 1   |0|   level 2   | ...   RFC 6465: a byte for each CSRC
//!
//! |N| noise level |  inband-cn: comfort noise or not, level in -dBov
//! ```

use core::fmt;

use super::value::{exactly, value};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};

/// The bit V, or N.
const FLAG: u8 = 0x80;

/// The byte of a flag and a level.
fn flag_and_level(flag: bool, level: u8) -> Result<[u8; 1], BuildError> {
    match level {
        0..FLAG => Ok([if flag { FLAG | level } else { level }]),
        _ => Err(BuildError::OutOfRange { field: "level" }),
    }
}

/// The level of the audio in the packet, and whether it is voice (RFC 6464).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AudioLevel {
    /// The sender takes it for voice (V). Without meaning where signalling says `vad=off`.
    pub voice: bool,
    /// How far below overload, in dB: 0 is the loudest, 127 silence.
    pub level: u8,
}

value!(AudioLevel: AUDIO_LEVEL);

impl AudioLevel {
    /// Reads the data of an element, all of it.
    ///
    /// # Errors
    /// It is not 1 byte.
    #[inline]
    pub fn parse(data: &[u8]) -> Result<Self, ParseError> {
        let &[byte] = run("audio-level", data, exactly)?;
        Ok(Self { voice: byte & FLAG != 0, level: byte & !FLAG })
    }

    /// The level in dBov: -127 to 0.
    #[inline]
    pub const fn dbov(self) -> i8 {
        self.level.cast_signed().wrapping_neg()
    }
}

impl Encode for AudioLevel {
    #[inline]
    fn encoded_len(&self) -> usize {
        1
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        *out.array()? = flag_and_level(self.voice, self.level)?;
        Ok(())
    }
}

/// `audio-level -10 dBov voice`
impl fmt::Display for AudioLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let voice = if self.voice { " voice" } else { "" };
        write!(f, "audio-level {} dBov{voice}", self.dbov())
    }
}

#[cfg(feature = "serde")]
impl super::value::Fields for AudioLevel {
    fn fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("v", &self.voice)?;
        map.serialize_entry("level", &self.level)
    }
}

/// The levels of the contributing sources, in the order of the packet's CSRC list (RFC 6465).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CsrcAudioLevels<'a>(
    /// A byte for each, 1 to 15 of them: 0 is the loudest, 127 silence.
    pub &'a [u8],
);

value!(CsrcAudioLevels<'a>: CSRC_AUDIO_LEVEL);

impl<'a> CsrcAudioLevels<'a> {
    /// Reads the data of an element, all of it. A first bit that is not 0, as it should be, is kept.
    ///
    /// # Errors
    /// It is empty, or longer than a CSRC list can be.
    #[inline]
    pub fn parse(data: &'a [u8]) -> Result<Self, ParseError> {
        run("csrc-audio-level", data, csrc_audio_levels)
    }

    /// How far each is below overload, in dB: 0 is the loudest, 127 silence.
    #[inline]
    pub fn levels(&self) -> impl ExactSizeIterator<Item = u8> + Clone + fmt::Debug + use<'a> {
        self.0.iter().map(|byte| byte & !FLAG)
    }
}

/// 1 to 15 bytes.
#[inline]
fn csrc_audio_levels(i: &[u8]) -> Step<'_, CsrcAudioLevels<'_>> {
    match i.len() {
        1..=15 => Ok((&[], CsrcAudioLevels(i))),
        0 => Err(Fail::field("levels", i, ErrorKind::Truncated { need: 1, have: 0 })),
        found => Err(Fail::field("element length", i, ErrorKind::Length { found, have: 15 })),
    }
}

impl Encode for CsrcAudioLevels<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        self.0.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        match self.0.len() {
            1..=15 => out.bytes(self.0),
            _ => Err(BuildError::OutOfRange { field: "levels" }),
        }
    }
}

/// `csrc-audio-level [-10,-127] dBov`
impl fmt::Display for CsrcAudioLevels<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("csrc-audio-level [")?;
        for (index, level) in self.levels().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{}", level.cast_signed().wrapping_neg())?;
        }
        f.write_str("] dBov")
    }
}

impl fmt::Debug for CsrcAudioLevels<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CsrcAudioLevels").field(&crate::show::DebugList(self.levels())).finish()
    }
}

#[cfg(feature = "serde")]
impl super::value::Fields for CsrcAudioLevels<'_> {
    fn fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("levels", &crate::ser::List(self.levels()))
    }
}

/// Whether the payload is comfort noise of the codec's own, and how loud (libwebrtc, rtp-hdrext/inband-cn).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct InbandComfortNoise {
    /// The payload is comfort noise (N).
    pub comfort_noise: bool,
    /// How far the noise is below overload, in dB, 0 to 127.
    pub noise_level: u8,
}

value!(InbandComfortNoise: INBAND_CN);

impl InbandComfortNoise {
    /// Reads the data of an element, all of it.
    ///
    /// # Errors
    /// It is not 1 byte.
    #[inline]
    pub fn parse(data: &[u8]) -> Result<Self, ParseError> {
        let &[byte] = run("inband-cn", data, exactly)?;
        Ok(Self { comfort_noise: byte & FLAG != 0, noise_level: byte & !FLAG })
    }

    /// The noise level in dBov: -127 to 0.
    #[inline]
    pub const fn dbov(self) -> i8 {
        self.noise_level.cast_signed().wrapping_neg()
    }
}

impl Encode for InbandComfortNoise {
    #[inline]
    fn encoded_len(&self) -> usize {
        1
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        *out.array()? = flag_and_level(self.comfort_noise, self.noise_level)?;
        Ok(())
    }
}

/// `inband-cn noise -40 dBov`
impl fmt::Display for InbandComfortNoise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.comfort_noise { "noise" } else { "no noise" };
        write!(f, "inband-cn {kind} {} dBov", self.dbov())
    }
}

#[cfg(feature = "serde")]
impl super::value::Fields for InbandComfortNoise {
    fn fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("n", &self.comfort_noise)?;
        map.serialize_entry("noise_level", &self.noise_level)
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::check::{both_ways, not_written, refuses, takes_only_lengths};
    use super::*;

    #[test]
    fn level_and_voice_bit_survive() {
        // libwebrtc, rtp_packet_unittest.cc: voice, level 0x5a.
        both_ways(&[0xda], AudioLevel { voice: true, level: 0x5a });
        // GStreamer 1.22.0, gst-avp-pcmu-l16-csrc-level-bye.pcap frame 1; aiortc 1.16.0 reads (False, 4).
        both_ways(&[0x04], AudioLevel { voice: false, level: 4 });
        for byte in 0..=255 {
            let value = AudioLevel { voice: byte >= 0x80, level: byte % 0x80 };
            both_ways(&[byte], value);
            assert_eq!(i16::from(value.dbov()), -i16::from(byte % 0x80));
        }
        takes_only_lengths(0xff, &[1], AudioLevel::parse);
        not_written(&AudioLevel { voice: false, level: 128 }, "level");
    }

    #[test]
    fn one_level_for_each_contributing_source() {
        // RFC 6465 figure 2: three levels.
        let data = [10, 0x7f, 0];
        both_ways(&data, CsrcAudioLevels(&data));
        assert!(CsrcAudioLevels(&data).levels().eq([10, 127, 0]));
        let lengths: [usize; 15] = core::array::from_fn(|index| index + 1);
        takes_only_lengths(0, &lengths, |data| CsrcAudioLevels::parse(data).map(|_| ()));
        let kind = ErrorKind::Length { found: 16, have: 15 };
        refuses::<CsrcAudioLevels<'_>>(&[0; 16], "element length", 0, kind);
        not_written(&CsrcAudioLevels(&[]), "levels");
        not_written(&CsrcAudioLevels(&[0; 16]), "levels");
        // The reserved bit is kept and is no part of the level.
        both_ways(&[0x8a], CsrcAudioLevels(&[0x8a]));
        assert!(CsrcAudioLevels(&[0x8a]).levels().eq([10]));
    }

    #[test]
    fn comfort_noise_flag_and_level_survive() {
        // The layout of libwebrtc's document: N, then 7 bits of -dBov.
        for byte in 0..=255 {
            let value =
                InbandComfortNoise { comfort_noise: byte >= 0x80, noise_level: byte % 0x80 };
            both_ways(&[byte], value);
            assert_eq!(i16::from(value.dbov()), -i16::from(byte % 0x80));
        }
        takes_only_lengths(0, &[1], InbandComfortNoise::parse);
        not_written(&InbandComfortNoise { comfort_noise: true, noise_level: 200 }, "level");
    }

    #[test]
    #[cfg(feature = "serde")]
    fn serialises_as_the_layout_names_the_fields() {
        use super::super::value::check::json;

        assert_eq!(json(&AudioLevel { voice: true, level: 3 }), r#"{"v":true,"level":3}"#);
        assert_eq!(json(&CsrcAudioLevels(&[1, 2])), r#"{"levels":[1,2]}"#);
        let noise = InbandComfortNoise { comfort_noise: false, noise_level: 40 };
        assert_eq!(json(&noise), r#"{"n":false,"noise_level":40}"#);
    }
}
