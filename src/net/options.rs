//! The list of options of IPv4 (RFC 791 section 3.1) and TCP (RFC 9293 section 3.1), which have the same form.
//!
//! ```text
//! | 0 |                  the end: what follows is padding
//! | 1 |                  no operation
//! | kind | length | …    length counts kind and length too
//! ```

/// The options up to the end of the list or the first one that does not fit: an iterator over kind and data.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct RawOptions<'a>(pub(crate) &'a [u8]);

pub(crate) const END: u8 = 0;
pub(crate) const NO_OPERATION: u8 = 1;

impl<'a> Iterator for RawOptions<'a> {
    type Item = (u8, &'a [u8]);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let (&kind, behind) = self.0.split_first()?;
        if kind == END {
            return None;
        }
        if kind == NO_OPERATION {
            self.0 = behind;
            return Some((kind, &[]));
        }
        let (&length, behind) = behind.split_first()?;
        let (data, rest) = behind.split_at_checked(usize::from(length).checked_sub(2)?)?;
        self.0 = rest;
        Some((kind, data))
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec::Vec;

    use super::*;

    #[test]
    fn stops_at_the_end_and_at_what_does_not_fit() {
        let read = |bytes| {
            let mut options = RawOptions(bytes);
            let read: Vec<_> = options.by_ref().collect();
            (read, options.0)
        };
        assert_eq!(read(&[]), (Vec::new(), &[][..]));
        assert_eq!(read(&[1, 0, 9, 9]), ([(1, &[][..])].to_vec(), &[0, 9, 9][..]));
        assert_eq!(read(&[8, 2, 7, 3, 5]), ([(8, &[][..]), (7, &[5])].to_vec(), &[][..]));
        // A kind without a length, a length below its own two bytes, one beyond the area.
        for bad in [&[8][..], &[8, 0, 1], &[8, 1, 1], &[8, 4, 1], &[8, 255, 1]] {
            assert_eq!(read(bad), (Vec::new(), bad));
        }
    }
}
