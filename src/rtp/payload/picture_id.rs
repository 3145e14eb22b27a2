//! The picture ID of VP8 and VP9 descriptors (RFC 7741 section 4.2, RFC 9628 section 4.2).
//!
//! ```text
//! |0| 7 bits      |
//!
//! |1| 15 bits, high byte first    |
//! ```

use core::fmt;

use nom::Parser;
use nom::error::context;

use crate::encode::Sink;
use crate::error::{BuildError, Step};
use crate::wire::byte;

/// The M bit: a second byte follows.
const M: u8 = 0x80;

/// A picture ID in the width that its sender chose. It goes up by one a picture and wraps in that width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PictureId {
    /// 0 to 127, in one byte.
    Short(u8),
    /// 0 to 32767, in two bytes.
    Long(u16),
}

impl PictureId {
    /// The number, whatever its width.
    #[inline]
    pub const fn value(self) -> u16 {
        match self {
            Self::Short(value) => u16::from_be_bytes([0, value]),
            Self::Long(value) => value,
        }
    }

    /// The largest number of this width: 127 or 32767.
    #[inline]
    pub const fn max(self) -> u16 {
        match self {
            Self::Short(_) => 0x7F,
            Self::Long(_) => 0x7FFF,
        }
    }

    /// Another number in the same width: as many of its low bits as that has.
    #[inline]
    #[must_use]
    pub const fn with_value(self, value: u16) -> Self {
        let [high, low] = value.to_be_bytes();
        match self {
            Self::Short(_) => Self::Short(low & 0x7F),
            Self::Long(_) => Self::Long(u16::from_be_bytes([high & 0x7F, low])),
        }
    }

    /// This number and `count` more, modulo the width.
    #[inline]
    #[must_use]
    pub const fn wrapping_add(self, count: u16) -> Self {
        self.with_value(self.value().wrapping_add(count))
    }

    /// How many pictures this is after `earlier`, modulo this number's width.
    #[inline]
    pub const fn wrapping_sub(self, earlier: Self) -> u16 {
        self.value().wrapping_sub(earlier.value()) & self.max()
    }

    /// The bytes that it takes: 1 or 2.
    #[inline]
    pub(super) const fn len(self) -> usize {
        match self {
            Self::Short(_) => 1,
            Self::Long(_) => 2,
        }
    }

    #[inline]
    pub(super) fn encode(self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if self.value() > self.max() {
            return Err(BuildError::OutOfRange { field: "picture ID" });
        }
        match self {
            Self::Short(value) => *out.array()? = [value],
            Self::Long(value) => *out.array()? = (u16::from(M) << 8 | value).to_be_bytes(),
        }
        Ok(())
    }

    /// Writes the low bits of `value` over the picture ID at the front of `place`, in the width that is there.
    #[inline]
    pub(super) fn overwrite(place: &mut [u8], value: u16) {
        let [high, low] = value.to_be_bytes();
        match place {
            [first, second, ..] if *first & M != 0 => (*first, *second) = (M | high, low),
            [first, ..] => *first = low & !M,
            [] => {}
        }
    }
}

/// The number.
impl fmt::Display for PictureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.value(), f)
    }
}

/// The picture ID at the front of `i`.
#[inline]
pub(super) fn picture_id(i: &[u8]) -> Step<'_, PictureId> {
    let (rest, first) = context("picture ID", byte).parse(i)?;
    if first & M == 0 {
        return Ok((rest, PictureId::Short(first)));
    }
    let (rest, second) = context("picture ID", byte).parse(rest)?;
    Ok((rest, PictureId::Long(u16::from_be_bytes([first & !M, second]))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_wrap_in_their_width() {
        assert_eq!(PictureId::Short(127).wrapping_add(1), PictureId::Short(0));
        assert_eq!(PictureId::Long(127).wrapping_add(1), PictureId::Long(128));
        assert_eq!(PictureId::Long(0x7FFF).wrapping_add(1), PictureId::Long(0));
        assert_eq!(PictureId::Short(5).with_value(300), PictureId::Short(44), "300 modulo 128");
        assert_eq!(PictureId::Short(1).wrapping_sub(PictureId::Short(126)), 3);
        assert_eq!(PictureId::Long(1).wrapping_sub(PictureId::Long(0x7FFE)), 3);
    }

    #[test]
    fn overwriting_keeps_the_width() {
        let mut short = [0x11, 0xAA];
        PictureId::overwrite(&mut short, 4711);
        assert_eq!(short, [4711u16.to_be_bytes()[1] & 0x7F, 0xAA]);
        let mut long = [0x80, 0x11];
        PictureId::overwrite(&mut long, 4711); // 0x1267
        assert_eq!(long, [0x92, 0x67]);
        PictureId::overwrite(&mut long, 0xFFFF);
        assert_eq!(picture_id(&long), Ok((&[][..], PictureId::Long(0x7FFF))));
    }
}
