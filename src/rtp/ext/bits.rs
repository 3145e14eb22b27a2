//! Fields that do not end with a byte: read and written bit by bit, the high ones first.

use crate::error::{BuildError, ErrorKind, Fail};

/// Reads bits out of a slice.
#[derive(Clone, Debug)]
pub(crate) struct BitReader<'a> {
    bytes: &'a [u8],
    /// The next bit, counted from the front of `bytes`.
    at: usize,
}

impl<'a> BitReader<'a> {
    /// From the bit `at` of `bytes` on.
    #[inline]
    pub(crate) const fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// The byte of the next bit, and those behind it.
    #[inline]
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at / 8..).unwrap_or_default()
    }

    /// `count` bits, at most 16.
    #[inline]
    pub(crate) fn bits(
        &mut self,
        field: &'static str,
        count: usize,
    ) -> Result<u16, nom::Err<Fail<'a>>> {
        let first = self.at / 8;
        let end = self.at.saturating_add(count);
        let bytes = self.bytes.get(first..end.div_ceil(8));
        let Some(bytes) = bytes else {
            let (need, have) = (end.div_ceil(8).saturating_sub(first), self.rest().len());
            return Err(Fail::field(field, self.rest(), ErrorKind::Truncated { need, have }));
        };
        // At most 7 bits in front of 16: three bytes hold them.
        let all = bytes.iter().fold(0u32, |all, &byte| all << 8 | u32::from(byte));
        let unused = end.wrapping_neg() & 7;
        self.at = end;
        let value = all >> unused & !(u32::MAX << count);
        Ok(u16::try_from(value).unwrap_or_default())
    }

    /// `count` bits, at most 8.
    #[inline]
    pub(crate) fn small(
        &mut self,
        field: &'static str,
        count: usize,
    ) -> Result<u8, nom::Err<Fail<'a>>> {
        let [_, value] = self.bits(field, count)?.to_be_bytes();
        Ok(value)
    }

    /// One bit.
    #[inline]
    pub(crate) fn flag(&mut self, field: &'static str) -> Result<bool, nom::Err<Fail<'a>>> {
        Ok(self.bits(field, 1)? != 0)
    }

    /// A number below `values`, 1 to 255 of them, with a bit less for the low ones.
    #[inline]
    pub(crate) fn non_symmetric(
        &mut self,
        field: &'static str,
        values: u8,
    ) -> Result<u8, nom::Err<Fail<'a>>> {
        let (width, short) = non_symmetric(values);
        let value = self.bits(field, width.saturating_sub(1))?;
        if value < short {
            let [_, value] = value.to_be_bytes();
            return Ok(value);
        }
        let value = (value << 1 | self.bits(field, 1)?).saturating_sub(short);
        let [_, value] = value.to_be_bytes();
        Ok(value)
    }
}

/// Of a number below `values`: the bits of a long one, and how many are a bit shorter.
#[inline]
fn non_symmetric(values: u8) -> (usize, u16) {
    let width = u8::BITS - values.leading_zeros();
    let short = (1u16 << width) - u16::from(values);
    (usize::try_from(width).unwrap_or_default(), short)
}

/// Writes bits into a slice, or counts them where there is none.
#[derive(Debug)]
pub(crate) struct BitWriter<'a> {
    /// Zeros at first; `None` counts only.
    bytes: Option<&'a mut [u8]>,
    at: usize,
}

impl<'a> BitWriter<'a> {
    /// Into the front of `bytes`, all of which become zeros first.
    #[inline]
    pub(crate) fn new(bytes: &'a mut [u8]) -> Self {
        bytes.fill(0);
        Self { bytes: Some(bytes), at: 0 }
    }

    /// Counts what would be written.
    #[inline]
    pub(crate) const fn counting() -> Self {
        Self { bytes: None, at: 0 }
    }

    /// The bytes written, the last one not always full.
    #[inline]
    pub(crate) const fn len(&self) -> usize {
        self.at.div_ceil(8)
    }

    /// The low `count` bits of `value`, at most 16; the others must be 0.
    #[inline]
    pub(crate) fn bits(
        &mut self,
        field: &'static str,
        count: usize,
        value: u16,
    ) -> Result<(), BuildError> {
        if u32::from(value) >> count != 0 {
            return Err(BuildError::OutOfRange { field });
        }
        let first = self.at / 8;
        let end = self.at.saturating_add(count);
        self.at = end;
        let Some(bytes) = self.bytes.as_deref_mut() else { return Ok(()) };
        let (need, have) = (end.div_ceil(8), bytes.len());
        let error = BuildError::BufferTooSmall { need, have };
        let place = bytes.get_mut(first..need).ok_or(error)?;
        let unused = end.wrapping_neg() & 7;
        let mut left = u32::from(value) << unused;
        for byte in place.iter_mut().rev() {
            let [.., low] = left.to_be_bytes();
            *byte |= low;
            left >>= 8;
        }
        Ok(())
    }

    /// One bit.
    #[inline]
    pub(crate) fn flag(&mut self, value: bool) -> Result<(), BuildError> {
        self.bits("flag", 1, value.into())
    }

    /// A number below `values`, with a bit less for the low ones.
    #[inline]
    pub(crate) fn non_symmetric(
        &mut self,
        field: &'static str,
        values: u8,
        value: u8,
    ) -> Result<(), BuildError> {
        if value >= values {
            return Err(BuildError::OutOfRange { field });
        }
        let (width, short) = non_symmetric(values);
        let value = u16::from(value);
        if value < short {
            self.bits(field, width.saturating_sub(1), value)
        } else {
            self.bits(field, width, value + short)
        }
    }
}

#[cfg(test)]
#[allow(clippy::unusual_byte_groupings, reason = "they are those of the fields")]
mod tests {
    extern crate std;
    use std::vec::Vec;

    use super::*;

    #[test]
    fn bits_come_back_across_bytes() {
        let fields = [(1, 1), (2, 2), (16, 0xabcd), (0, 0), (7, 0x55), (16, 0xffff), (12, 0x123)];
        let mut bytes = [0xEE; 8];
        let mut writer = BitWriter::new(&mut bytes);
        for (count, value) in fields {
            writer.bits("field", count, value).unwrap();
        }
        assert_eq!(writer.len(), 7);
        assert_eq!(bytes[7], 0);
        let mut reader = BitReader::new(&bytes, 0);
        for (count, value) in fields {
            assert_eq!(reader.bits("field", count).unwrap(), value);
        }
        assert_eq!(reader.at, 54);
        assert!(reader.bits("field", 16).is_err());
        assert_eq!(reader.at, 54, "left where it was");
        assert_eq!(
            BitWriter::counting().bits("field", 3, 8).unwrap_err(),
            BuildError::OutOfRange { field: "field" }
        );
    }

    #[test]
    fn numbers_below_five_are_those_of_the_specification() {
        // AV1 RTP specification, appendix A.8.2: 00, 01, 10, 110, 111.
        let mut bytes = [0; 2];
        let mut writer = BitWriter::new(&mut bytes);
        for value in 0..5 {
            writer.non_symmetric("n", 5, value).unwrap();
        }
        assert!(writer.non_symmetric("n", 5, 5).is_err());
        assert_eq!(bytes, [0b00_01_10_11, 0b0_111_0000]);
        let mut reader = BitReader::new(&bytes, 0);
        let values: Vec<_> = (0..5).map(|_| reader.non_symmetric("n", 5).unwrap()).collect();
        assert_eq!(values, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn every_number_comes_back_whatever_their_count() {
        for values in 1..=255 {
            for value in 0..values {
                let mut bytes = [0; 1];
                let mut writer = BitWriter::new(&mut bytes);
                writer.non_symmetric("n", values, value).unwrap();
                let mut reader = BitReader::new(&bytes, 0);
                assert_eq!(reader.non_symmetric("n", values).unwrap(), value, "of {values}");
            }
        }
    }
}
