//! The TOC byte of an Opus packet (RFC 6716 section 3.1).
//!
//! ```text
//! | config  |s| c |
//! ```

use core::fmt;
use core::time::Duration;

const CONFIG_SHIFT: u8 = 3;
const S: u8 = 0x04;
const C: u8 = 0x03;

/// What an Opus packet is: configuration, channels, and how its frames are told apart (RFC 6716 section 3.1).
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Toc(pub u8);

/// Which of the codec's two layers are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// SILK only: speech.
    Silk,
    /// Both: SILK below 8 kHz, CELT above.
    Hybrid,
    /// CELT only: music, and low delay.
    Celt,
}

/// The audio bandwidth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bandwidth {
    /// NB, 4 kHz.
    Narrowband,
    /// MB, 6 kHz.
    Mediumband,
    /// WB, 8 kHz.
    Wideband,
    /// SWB, 12 kHz.
    SuperWideband,
    /// FB, 20 kHz.
    Fullband,
}

impl Toc {
    /// Out of its parts; `None` for a configuration above 31, or a code above 3.
    #[inline]
    pub const fn new(config: u8, stereo: bool, code: u8) -> Option<Self> {
        if config > 31 || code > C {
            return None;
        }
        Some(Self(config << CONFIG_SHIFT | if stereo { S } else { 0 } | code))
    }

    /// The configuration, 0 to 31: mode, bandwidth and frame size in one.
    #[inline]
    pub const fn config(self) -> u8 {
        self.0 >> CONFIG_SHIFT
    }

    /// The s bit: two channels.
    #[inline]
    pub const fn is_stereo(self) -> bool {
        self.0 & S != 0
    }

    /// The channels that are coded, 1 or 2. A decoder gives what it was asked for.
    #[inline]
    pub const fn channels(self) -> u8 {
        if self.is_stereo() { 2 } else { 1 }
    }

    /// The frame count code: 0 one frame, 1 two of equal size, 2 two, 3 any number.
    #[inline]
    pub const fn code(self) -> u8 {
        self.0 & C
    }

    /// The mode of the configuration.
    #[inline]
    pub const fn mode(self) -> Mode {
        match self.config() {
            0..=11 => Mode::Silk,
            12..=15 => Mode::Hybrid,
            _ => Mode::Celt,
        }
    }

    /// The bandwidth of the configuration.
    #[inline]
    pub const fn bandwidth(self) -> Bandwidth {
        match self.config() {
            0..=3 | 16..=19 => Bandwidth::Narrowband,
            4..=7 => Bandwidth::Mediumband,
            8..=11 | 20..=23 => Bandwidth::Wideband,
            12 | 13 | 24..=27 => Bandwidth::SuperWideband,
            _ => Bandwidth::Fullband,
        }
    }

    /// The size of a frame in samples of 48 kHz, which are ticks of the RTP clock: 120 to 2880.
    #[inline]
    pub const fn frame_samples(self) -> u16 {
        let size = self.config() & 3;
        match self.mode() {
            Mode::Silk if size == 3 => 2880,
            Mode::Silk => 480 << size,
            Mode::Hybrid => 480 << (size & 1),
            Mode::Celt => 120 << size,
        }
    }

    /// The size of a frame: 2.5, 5, 10, 20, 40 or 60 ms.
    #[inline]
    pub fn frame_duration(self) -> Duration {
        samples(self.frame_samples().into())
    }

    /// The same configuration and channels with another frame count code.
    #[inline]
    pub(super) const fn with_code(self, code: u8) -> Self {
        Self(self.0 & !C | code & C)
    }
}

/// A span of samples of 48 kHz.
#[inline]
pub(super) fn samples(count: u32) -> Duration {
    // 120 samples, the smallest frame, are 2.5 ms.
    Duration::from_micros(u64::from(count) * 125 / 6)
}

impl Mode {
    /// `SILK`, `hybrid` or `CELT`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Silk => "SILK",
            Self::Hybrid => "hybrid",
            Self::Celt => "CELT",
        }
    }
}

impl Bandwidth {
    /// `NB`, `MB`, `WB`, `SWB` or `FB`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Narrowband => "NB",
            Self::Mediumband => "MB",
            Self::Wideband => "WB",
            Self::SuperWideband => "SWB",
            Self::Fullband => "FB",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Bandwidth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// `hybrid FB stereo 20ms`
impl fmt::Display for Toc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let channels = if self.is_stereo() { "stereo" } else { "mono" };
        write!(f, "{} {} {channels} {:?}", self.mode(), self.bandwidth(), self.frame_duration())
    }
}

impl fmt::Debug for Toc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Toc")
            .field("config", &self.config())
            .field("is_stereo", &self.is_stereo())
            .field("code", &self.code())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::string::ToString;

    use super::*;

    #[test]
    fn the_configurations_of_rfc_6716_table_2() {
        // First configuration, mode, bandwidth, frame sizes in tenths of a millisecond.
        let rows: [(u8, Mode, Bandwidth, &[u64]); 10] = [
            (0, Mode::Silk, Bandwidth::Narrowband, &[100, 200, 400, 600]),
            (4, Mode::Silk, Bandwidth::Mediumband, &[100, 200, 400, 600]),
            (8, Mode::Silk, Bandwidth::Wideband, &[100, 200, 400, 600]),
            (12, Mode::Hybrid, Bandwidth::SuperWideband, &[100, 200]),
            (14, Mode::Hybrid, Bandwidth::Fullband, &[100, 200]),
            (16, Mode::Celt, Bandwidth::Narrowband, &[25, 50, 100, 200]),
            (20, Mode::Celt, Bandwidth::Wideband, &[25, 50, 100, 200]),
            (24, Mode::Celt, Bandwidth::SuperWideband, &[25, 50, 100, 200]),
            (28, Mode::Celt, Bandwidth::Fullband, &[25, 50, 100, 200]),
            (32, Mode::Celt, Bandwidth::Fullband, &[]),
        ];
        let mut next = 0;
        for (first, mode, bandwidth, sizes) in rows {
            assert_eq!(next, first);
            for &size in sizes {
                let toc = Toc::new(next, true, 3).unwrap();
                assert_eq!((toc.config(), toc.is_stereo(), toc.code()), (next, true, 3));
                assert_eq!((toc.mode(), toc.bandwidth()), (mode, bandwidth), "{next}");
                assert_eq!(toc.frame_duration(), Duration::from_micros(size * 100), "{next}");
                next += 1;
            }
        }
        assert_eq!(Toc::new(32, false, 0), None);
        assert_eq!(Toc::new(0, false, 4), None);
        assert_eq!(Toc(0x78).to_string(), "hybrid FB mono 20ms");
        assert_eq!(Toc(0xE4).to_string(), "CELT FB stereo 2.5ms");
    }
}
