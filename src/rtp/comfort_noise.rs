//! Comfort noise payload, CN (RFC 3389 section 3).
//!
//! ```text
//! |0|    level    |  the noise level
//! |      N1       |      N2       |      ...      |      NM       |  spectral information, any number M
//! ```
//!
//! With several channels the payload is one of these for each, all of the same length.

use core::fmt;

use nom::Parser;
use nom::error::context;

use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::show::DebugList;
use crate::wire::byte;

const LEVEL: u8 = 0x7F;

/// A comfort noise payload, read in place.
///
/// ```
/// use mediawire::rtp::ComfortNoise;
///
/// let noise = ComfortNoise::parse(&[0x4e, 0x7f, 0x80])?;
/// assert_eq!(noise.level(), 78); // -78 dBov
/// assert!(noise.reflection_coefficients().eq([Some(0), Some(258)]));
/// # Ok::<(), mediawire::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ComfortNoise<'a> {
    first: u8,
    spectral: &'a [u8],
}

impl<'a> ComfortNoise<'a> {
    /// Reads the payload of an RTP packet of one channel, without its padding.
    ///
    /// # Errors
    /// An empty payload.
    #[inline]
    pub fn parse(payload: &'a [u8]) -> Result<Self, ParseError> {
        run("comfort noise payload", payload, comfort_noise)
    }

    /// The noise level below the overload point, in dB: 0 to 127 stand for 0 to -127 dBov.
    #[inline]
    pub const fn level(&self) -> u8 {
        self.first & LEVEL
    }

    /// The bit before the level: a sender has it 0.
    #[inline]
    pub const fn reserved(&self) -> bool {
        self.first & !LEVEL != 0
    }

    /// The spectral information: the quantised reflection coefficients, 0 to 254 each. Their number is the model's order.
    #[inline]
    pub const fn spectral(&self) -> &'a [u8] {
        self.spectral
    }

    /// The reflection coefficients in units of 1/32768, -32766 to 32766; `None` for the reserved index 255.
    #[inline]
    pub fn reflection_coefficients(
        &self,
    ) -> impl ExactSizeIterator<Item = Option<i16>> + Clone + use<'a> {
        let coefficient = |index: u8| (i16::from(index) - 127) * 258;
        self.spectral.iter().map(move |&index| (index != 255).then(|| coefficient(index)))
    }
}

#[inline]
fn comfort_noise(i: &[u8]) -> Step<'_, ComfortNoise<'_>> {
    let (spectral, first) = context("level", byte).parse(i)?;
    Ok((&[], ComfortNoise { first, spectral }))
}

/// One line: `CN -78 dBov order=10`.
impl fmt::Display for ComfortNoise<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CN -{} dBov order={}", self.level(), self.spectral.len())
    }
}

impl fmt::Debug for ComfortNoise<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ComfortNoise")
            .field("level", &self.level())
            .field("reserved", &self.reserved())
            .field("spectral", &self.spectral)
            .field("reflection_coefficients", &DebugList(self.reflection_coefficients()))
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for ComfortNoise<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;

        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("level", &self.level())?;
        map.serialize_entry("spectral", &crate::ser::List(self.spectral.iter()))?;
        map.end()
    }
}

/// A comfort noise payload to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ComfortNoiseBuilder<'a> {
    /// As [`ComfortNoise::level`]: 0 to 127.
    pub level: u8,
    /// As [`ComfortNoise::reserved`].
    pub reserved: bool,
    /// As [`ComfortNoise::spectral`].
    pub spectral: &'a [u8],
}

impl<'a> From<ComfortNoise<'a>> for ComfortNoiseBuilder<'a> {
    #[inline]
    fn from(noise: ComfortNoise<'a>) -> Self {
        Self { level: noise.level(), reserved: noise.reserved(), spectral: noise.spectral }
    }
}

impl Encode for ComfortNoiseBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        self.spectral.len().saturating_add(1)
    }

    /// # Errors
    /// A level above 127.
    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if self.level > LEVEL {
            return Err(BuildError::OutOfRange { field: "level" });
        }
        *out.array()? = [if self.reserved { !LEVEL } else { 0 } | self.level];
        out.bytes(self.spectral)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec;
    use std::vec::Vec;

    use super::*;
    use crate::testing::refuses_every_truncation;

    fn written(builder: &ComfortNoiseBuilder<'_>) -> Result<Vec<u8>, BuildError> {
        let mut out = vec![0xee; builder.encoded_len()];
        builder.write(&mut out).map(|len| out[..len].to_vec())
    }

    #[test]
    fn reads_level_and_coefficients() {
        // RFC 3389 figures 1 and 2, and the formula of section 3.2: 258 × (N - 127) / 32768.
        let bytes = [0xce, 0, 127, 128, 254, 255];
        let noise = ComfortNoise::parse(&bytes).unwrap();
        assert_eq!((noise.level(), noise.reserved()), (78, true));
        assert_eq!(noise.spectral(), &bytes[1..]);
        let expected = [Some(-32766), Some(0), Some(258), Some(32766), None];
        assert!(noise.reflection_coefficients().eq(expected));
        crate::testing::shows(&noise);
        assert_eq!(noise.to_string(), "CN -78 dBov order=5");
        assert_eq!(written(&noise.into()), Ok(bytes.to_vec()));
    }

    #[test]
    fn nothing_is_refused_and_too_high_a_level() {
        refuses_every_truncation(&[0x4e], ComfortNoise::parse);
        let builder = ComfortNoiseBuilder { level: 128, ..Default::default() };
        assert_eq!(written(&builder), Err(BuildError::OutOfRange { field: "level" }));
        let builder = ComfortNoiseBuilder { level: 127, ..Default::default() };
        assert_eq!(written(&builder), Ok(vec![127]));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn serialises_every_field() {
        let json = serde_json::to_string(&ComfortNoise::parse(&[0x4e, 1, 2]).unwrap()).unwrap();
        assert_eq!(json, r#"{"level":78,"spectral":[1,2]}"#);
    }

    proptest! {
        #[test]
        fn whatever_parses_is_written_again(bytes in prop::collection::vec(any::<u8>(), 1..20)) {
            let noise = ComfortNoise::parse(&bytes).unwrap();
            prop_assert_eq!(noise.reflection_coefficients().len(), noise.spectral().len());
            prop_assert_eq!(written(&noise.into()), Ok(bytes));
        }
    }
}
