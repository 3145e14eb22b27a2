//! Corruption detection (libwebrtc, rtp-hdrext/corruption-detection).
//!
//! ```text
//! |B|  seq index  |    std dev    | Y err | UV err|   sample 0    |  all behind the first byte optional
//! |   sample 1    |   ... up to sample 12         |
//! ```

use core::fmt;

use nom::Parser;
use nom::error::context;

use super::value::value;
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::show::DebugList;
use crate::wire::{array, byte};

/// The bit B.
const MOST_SIGNIFICANT: u8 = 0x80;
/// Samples in an element, at most.
const MAX_SAMPLES: usize = 13;

/// Filtered samples of the picture that was encoded, to be compared with the one that was decoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CorruptionDetection<'a> {
    /// [`sequence_index`](Self::sequence_index) is the high 7 bits of 14, the low ones being 0; if not, the low 7 (B).
    pub most_significant: bool,
    /// Where in the Halton sequence the places of the samples begin: 7 of 14 bits.
    pub sequence_index: u8,
    /// The samples; `None` in a message that only keeps both sides in step.
    pub samples: Option<Samples<'a>>,
}

/// The samples of a [`CorruptionDetection`], and how they are to be compared.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Samples<'a> {
    /// Standard deviation of the Gaussian filter: 0 to 255 for 0.0 to 40.0.
    pub std_dev: u8,
    /// Difference to allow in luma, 0 to 15.
    pub luma_error: u8,
    /// Difference to allow in chroma, 0 to 15.
    pub chroma_error: u8,
    /// The samples, 1 to 13 of them.
    pub samples: &'a [u8],
}

value!(CorruptionDetection<'a>: CORRUPTION_DETECTION);

impl<'a> CorruptionDetection<'a> {
    /// Reads the data of an element, all of it.
    ///
    /// # Errors
    /// It is neither 1 byte nor 4 to 16.
    #[inline]
    pub fn parse(data: &'a [u8]) -> Result<Self, ParseError> {
        run("corruption-detection", data, corruption_detection)
    }
}

impl Samples<'_> {
    /// The standard deviation of the filter, in pixels: 0.0 to 40.0.
    #[inline]
    pub fn standard_deviation(&self) -> f32 {
        f32::from(self.std_dev) * 40.0 / 255.0
    }
}

#[inline]
fn corruption_detection(i: &[u8]) -> Step<'_, CorruptionDetection<'_>> {
    let (rest, first) = context("sequence index", byte).parse(i)?;
    let (most_significant, sequence_index) =
        (first & MOST_SIGNIFICANT != 0, first & !MOST_SIGNIFICANT);
    let mut value = CorruptionDetection { most_significant, sequence_index, samples: None };
    if rest.is_empty() {
        return Ok((rest, value));
    }
    let (samples, &[std_dev, errors]) = context("filter settings", array).parse(rest)?;
    match samples.len() {
        1..=MAX_SAMPLES => {}
        0 => {
            return Err(Fail::field("samples", samples, ErrorKind::Truncated { need: 1, have: 0 }));
        }
        _ => {
            let have = i.len().saturating_sub(samples.len()).saturating_add(MAX_SAMPLES);
            let surplus = samples.get(MAX_SAMPLES..).unwrap_or_default();
            let kind = ErrorKind::Length { found: i.len(), have };
            return Err(Fail::field("element length", surplus, kind));
        }
    }
    let (luma_error, chroma_error) = (errors >> 4, errors & 15);
    value.samples = Some(Samples { std_dev, luma_error, chroma_error, samples });
    Ok((&[], value))
}

impl Encode for CorruptionDetection<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        1 + self.samples.map_or(0, |samples| samples.samples.len().saturating_add(2))
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if self.sequence_index & MOST_SIGNIFICANT != 0 {
            return Err(BuildError::OutOfRange { field: "sequence index" });
        }
        let flag = if self.most_significant { MOST_SIGNIFICANT } else { 0 };
        *out.array()? = [flag | self.sequence_index];
        let Some(Samples { std_dev, luma_error, chroma_error, samples }) = self.samples else {
            return Ok(());
        };
        if luma_error > 15 || chroma_error > 15 {
            return Err(BuildError::OutOfRange { field: "error threshold" });
        }
        if !(1..=MAX_SAMPLES).contains(&samples.len()) {
            return Err(BuildError::OutOfRange { field: "samples" });
        }
        *out.array()? = [std_dev, luma_error << 4 | chroma_error];
        out.bytes(samples)
    }
}

/// `corruption-detection index 111 high std-dev 220 errors 14,15 samples [1,2]`
impl fmt::Display for CorruptionDetection<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let half = if self.most_significant { "high" } else { "low" };
        write!(f, "corruption-detection index {} {half}", self.sequence_index)?;
        let Some(Samples { std_dev, luma_error, chroma_error, samples }) = self.samples else {
            return Ok(());
        };
        write!(f, " std-dev {std_dev} errors {luma_error},{chroma_error} samples {samples:?}")
    }
}

impl fmt::Debug for Samples<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Samples")
            .field("std_dev", &self.std_dev)
            .field("luma_error", &self.luma_error)
            .field("chroma_error", &self.chroma_error)
            .field("samples", &DebugList(self.samples.iter()))
            .finish()
    }
}

#[cfg(feature = "serde")]
impl super::value::Fields for CorruptionDetection<'_> {
    fn fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("b", &self.most_significant)?;
        map.serialize_entry("seq_index", &self.sequence_index)?;
        if let Some(samples) = self.samples {
            map.serialize_entry("std_dev", &samples.std_dev)?;
            map.serialize_entry("luma_error", &samples.luma_error)?;
            map.serialize_entry("chroma_error", &samples.chroma_error)?;
            map.serialize_entry("samples", &crate::ser::List(samples.samples.iter()))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::check::{both_ways, not_written, takes_only_lengths};
    use super::*;

    const SAMPLES: [u8; 13] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13];

    const FULL: Samples<'_> =
        Samples { std_dev: 220, luma_error: 14, chroma_error: 15, samples: &SAMPLES };

    // libwebrtc, corruption_detection_extension_unittest.cc.

    #[test]
    fn a_message_that_keeps_in_step_is_one_byte() {
        let value = CorruptionDetection {
            most_significant: true,
            sequence_index: 0b0110_1111,
            samples: None,
        };
        both_ways(&[0b1110_1111], value);
    }

    #[test]
    fn reads_and_writes_samples() {
        let mut data = [0; 16];
        data[..3].copy_from_slice(&[0b1100_0100, 220, 0b1110_1111]);
        data[3..].copy_from_slice(&SAMPLES);
        let value = CorruptionDetection {
            most_significant: true,
            sequence_index: 0b0100_0100,
            samples: Some(FULL),
        };
        both_ways(&data, value);
        data[0] = 0b0100_0100;
        both_ways(&data, CorruptionDetection { most_significant: false, ..value });
        assert!((FULL.standard_deviation() - 34.509_804).abs() < 1e-5);
    }

    #[test]
    fn settings_without_samples_are_refused() {
        let lengths: [usize; 14] =
            core::array::from_fn(|index| if index == 0 { 1 } else { index + 3 });
        takes_only_lengths(0, &lengths, |data| CorruptionDetection::parse(data).map(|_| ()));
    }

    #[test]
    fn what_does_not_fit_is_not_written() {
        let value = |samples| CorruptionDetection { samples: Some(samples), ..Default::default() };
        not_written(&value(Samples { luma_error: 16, ..FULL }), "error threshold");
        not_written(&value(Samples { chroma_error: 16, ..FULL }), "error threshold");
        not_written(&value(Samples { samples: &[], ..FULL }), "samples");
        not_written(&value(Samples { samples: &[0; 14], ..FULL }), "samples");
        let index = CorruptionDetection { sequence_index: 128, ..Default::default() };
        not_written(&index, "sequence index");
    }

    #[test]
    #[cfg(feature = "serde")]
    fn serialises_as_the_layout_names_the_fields() {
        let value = CorruptionDetection::parse(&[0b1110_1111, 51, 0x12, 7]).unwrap();
        let text = r#"{"b":true,"seq_index":111,"std_dev":51,"luma_error":1,"chroma_error":2,"samples":[7]}"#;
        assert_eq!(super::super::value::check::json(&value), text);
    }
}
