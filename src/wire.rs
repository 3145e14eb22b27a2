//! Reading: the few leaf parsers that every file uses.
//!
//! nom gives the structure (`Parser`, `context`, `IResult`). The leaves are ours, as nom's own are
//! calls into another crate that are not inlined without link-time optimisation, and do not keep
//! the length in the type. All of them take complete input. [`context`] is ours for the first reason.

use nom::error::ContextError;

use crate::error::{ErrorKind, Fail, Step};

/// `N` bytes: the proof of their number stays in the type.
#[inline]
pub(crate) fn array<const N: usize>(i: &[u8]) -> Step<'_, &[u8; N]> {
    match i.split_first_chunk() {
        Some((head, rest)) => Ok((rest, head)),
        None => Err(Fail::new(i, ErrorKind::Truncated { need: N, have: i.len() })),
    }
}

/// One byte.
#[inline]
pub(crate) fn byte(i: &[u8]) -> Step<'_, u8> {
    let (rest, &[byte]) = array(i)?;
    Ok((rest, byte))
}

/// Two bytes, big endian.
#[inline]
pub(crate) fn be_u16(i: &[u8]) -> Step<'_, u16> {
    let (rest, &bytes) = array(i)?;
    Ok((rest, u16::from_be_bytes(bytes)))
}

/// `count` items of `N` bytes, where a count field announced them.
#[inline]
pub(crate) fn counted<'a, const N: usize>(
    count: usize,
) -> impl Fn(&'a [u8]) -> Step<'a, &'a [[u8; N]]> {
    move |i| {
        let need = count.saturating_mul(N);
        match i.split_at_checked(need) {
            Some((items, rest)) => Ok((rest, items.as_chunks().0)),
            None => Err(Fail::new(i, ErrorKind::Count { need, have: i.len() })),
        }
    }
}

/// `count` bytes.
#[inline]
pub(crate) fn bytes<'a>(count: usize) -> impl Fn(&'a [u8]) -> Step<'a, &'a [u8]> {
    move |i| match i.split_at_checked(count) {
        Some((head, rest)) => Ok((rest, head)),
        None => Err(Fail::new(i, ErrorKind::Truncated { need: count, have: i.len() })),
    }
}

/// `count` bytes, where a length field announced them.
#[inline]
pub(crate) fn announced<'a>(count: usize) -> impl Fn(&'a [u8]) -> Step<'a, &'a [u8]> {
    move |i| match i.split_at_checked(count) {
        Some((head, rest)) => Ok((rest, head)),
        None => Err(Fail::new(i, ErrorKind::Length { found: count, have: i.len() })),
    }
}

/// The same parser, whose failure names the field where it has no name yet: nom's `context`, inlined everywhere.
#[inline]
pub(crate) fn context<'a, T>(
    field: &'static str,
    parser: impl Fn(&'a [u8]) -> Step<'a, T>,
) -> impl Fn(&'a [u8]) -> Step<'a, T> {
    move |i| match parser(i) {
        Ok(step) => Ok(step),
        Err(error) => Err(error.map(|fail| Fail::add_context(i, field, fail))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_take_their_bytes_and_leave_the_rest() {
        let input = [1, 2, 3, 4, 5];
        assert_eq!(array::<2>(&input), Ok((&input[2..], &[1, 2])));
        assert_eq!(byte(&input), Ok((&input[1..], 1)));
        assert_eq!(be_u16(&input), Ok((&input[2..], 0x0102)));
        assert_eq!(bytes(5)(&input), Ok((&input[5..], &input[..])));
        assert_eq!(announced(1)(&input), Ok((&input[1..], &input[..1])));
        assert_eq!(counted::<2>(2)(&input), Ok((&input[4..], &[[1, 2], [3, 4]][..])));
        assert_eq!(counted::<2>(0)(&input), Ok((&input[..], &[][..])));
    }

    #[test]
    fn leaves_say_what_was_needed() {
        let input = [1, 2, 3];
        let truncated = |need| ErrorKind::Truncated { need, have: 3 };
        assert_eq!(array::<4>(&input), Err(Fail::new(&input, truncated(4))));
        assert_eq!(bytes(4)(&input), Err(Fail::new(&input, truncated(4))));
        let length = ErrorKind::Length { found: 4, have: 3 };
        assert_eq!(announced(4)(&input), Err(Fail::new(&input, length)));
        let count = |need| Err(Fail::new(&input[..], ErrorKind::Count { need, have: 3 }));
        assert_eq!(counted::<2>(2)(&input), count(4));
        assert_eq!(counted::<2>(usize::MAX)(&input), count(usize::MAX));
    }
}
