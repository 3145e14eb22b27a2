//! Writing: the trait [`Encode`] that every builder has, and the [`Sink`] it writes into.

use crate::error::BuildError;

/// A message, or a part of one, that can be written.
///
/// ```
/// use mediawire::{Encode, rtcp::ReceiverReportBuilder};
///
/// let mut buffer = [0; 64];
/// let len = ReceiverReportBuilder { ssrc: 1, ..Default::default() }.write(&mut buffer)?;
/// assert_eq!(buffer[..len], [0x80, 201, 0, 1, 0, 0, 0, 1]);
/// # Ok::<(), mediawire::BuildError>(())
/// ```
pub trait Encode {
    /// The bytes that it takes on the wire.
    fn encoded_len(&self) -> usize;

    /// Writes [`encoded_len`](Self::encoded_len) bytes into `out`. For callers, [`write`](Self::write) is handier.
    ///
    /// # Errors
    /// A value that the standard forbids; no room.
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError>;

    /// Writes it to the front of `out` and gives the number of bytes written.
    ///
    /// # Errors
    /// A value that the standard forbids; `out` shorter than [`encoded_len`](Self::encoded_len).
    #[inline(always)] // three lines, where `encode` decides for itself
    fn write(&self, out: &mut [u8]) -> Result<usize, BuildError> {
        let (need, have) = (self.encoded_len(), out.len());
        let room = out.get_mut(..need).ok_or(BuildError::BufferTooSmall { need, have })?;
        self.encode(&mut Sink::new(room))?;
        Ok(need)
    }

    /// Appends it to `out` and gives the number of bytes written. After an error `out` is as before.
    ///
    /// # Errors
    /// A value that the standard forbids.
    #[cfg(feature = "alloc")]
    #[inline]
    fn append_to<B: Append>(&self, out: &mut B) -> Result<usize, BuildError>
    where
        Self: Sized,
    {
        out.append(self.encoded_len(), |room| self.write(room))
    }

    /// Writes it into a vector of its own.
    ///
    /// # Errors
    /// A value that the standard forbids.
    #[cfg(feature = "alloc")]
    fn to_vec(&self) -> Result<alloc::vec::Vec<u8>, BuildError>
    where
        Self: Sized,
    {
        let mut out = alloc::vec::Vec::new();
        self.append_to(&mut out)?;
        Ok(out)
    }

    /// Writes it into a `Bytes` of its own.
    ///
    /// # Errors
    /// A value that the standard forbids.
    #[cfg(feature = "bytes")]
    fn to_bytes(&self) -> Result<bytes::Bytes, BuildError>
    where
        Self: Sized,
    {
        self.to_vec().map(bytes::Bytes::from)
    }
}

/// Bytes that are written already: the innermost payload, where a builder takes any [`Encode`].
impl Encode for [u8] {
    #[inline]
    fn encoded_len(&self) -> usize {
        self.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        out.bytes(self)
    }
}

// Not for arrays: `array.to_vec()` would then be this trait's, not the slice's.

impl<E: Encode + ?Sized> Encode for &E {
    #[inline]
    fn encoded_len(&self) -> usize {
        (**self).encoded_len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        (**self).encode(out)
    }
}

/// A buffer that grows: `Vec<u8>`, and `BytesMut` with the feature `bytes`.
///
/// A general `BufMut` is not among them: without `unsafe` it lends no room to write into.
#[cfg(feature = "alloc")]
pub trait Append {
    /// Lets `write` fill `need` more bytes, and keeps as many as it says; none after an error.
    ///
    /// # Errors
    /// Those of `write`.
    fn append(
        &mut self,
        need: usize,
        write: impl FnOnce(&mut [u8]) -> Result<usize, BuildError>,
    ) -> Result<usize, BuildError>;
}

/// Both growing buffers have the same three methods and no trait in common.
#[cfg(feature = "alloc")]
macro_rules! append_by_resizing {
    ($buffer:ty) => {
        impl Append for $buffer {
            #[inline]
            fn append(
                &mut self,
                need: usize,
                write: impl FnOnce(&mut [u8]) -> Result<usize, BuildError>,
            ) -> Result<usize, BuildError> {
                let before = self.len();
                self.resize(before.saturating_add(need), 0);
                let written = write(self.get_mut(before..).unwrap_or_default());
                self.truncate(before.saturating_add(written.unwrap_or(0)));
                written
            }
        }
    };
}

#[cfg(feature = "alloc")]
append_by_resizing!(alloc::vec::Vec<u8>);
#[cfg(feature = "bytes")]
append_by_resizing!(bytes::BytesMut);

/// The room that an [`Encode`] fills, front to back: the mirror of reading.
#[derive(Debug)]
pub struct Sink<'a> {
    free: &'a mut [u8],
}

impl<'a> Sink<'a> {
    /// All of `room` is to be filled.
    #[inline]
    pub fn new(room: &'a mut [u8]) -> Self {
        Self { free: room }
    }

    /// The bytes that are left.
    #[inline]
    pub fn remaining(&self) -> usize {
        self.free.len()
    }

    /// The next `N` bytes, to be filled by the caller.
    ///
    /// # Errors
    /// Fewer than `N` bytes are left.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Result<&'a mut [u8; N], BuildError> {
        let (have, free) = (self.free.len(), core::mem::take(&mut self.free));
        let (head, rest) =
            free.split_first_chunk_mut().ok_or(BuildError::BufferTooSmall { need: N, have })?;
        self.free = rest;
        Ok(head)
    }

    /// The next `need` bytes, to be filled by the caller.
    ///
    /// # Errors
    /// Fewer than `need` bytes are left.
    #[inline]
    pub fn take(&mut self, need: usize) -> Result<&'a mut [u8], BuildError> {
        let (have, free) = (self.free.len(), core::mem::take(&mut self.free));
        let (head, rest) =
            free.split_at_mut_checked(need).ok_or(BuildError::BufferTooSmall { need, have })?;
        self.free = rest;
        Ok(head)
    }

    /// Writes `bytes`.
    ///
    /// # Errors
    /// There is no room for them.
    #[inline]
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), BuildError> {
        self.take(bytes.len())?.copy_from_slice(bytes);
        Ok(())
    }

    /// Writes `bytes`, of which there are few as a rule: without a call where they are at most 16.
    ///
    /// # Errors
    /// There is no room for them.
    #[inline]
    pub(crate) fn few(&mut self, bytes: &[u8]) -> Result<(), BuildError> {
        let place = self.take(bytes.len())?;
        match bytes.len() {
            0 => {}
            1 => copy_ends::<1>(place, bytes),
            2..=3 => copy_ends::<2>(place, bytes),
            4..=7 => copy_ends::<4>(place, bytes),
            8..=16 => copy_ends::<8>(place, bytes),
            _ => place.copy_from_slice(bytes),
        }
        Ok(())
    }

    /// Writes `count` zeros.
    ///
    /// # Errors
    /// There is no room for them.
    #[inline]
    pub fn zeros(&mut self, count: usize) -> Result<(), BuildError> {
        self.take(count)?.fill(0);
        Ok(())
    }
}

/// The first `N` bytes and the last `N`, which meet or overlap: all of them, where there are `N` to 2 × `N`.
#[inline]
fn copy_ends<const N: usize>(to: &mut [u8], from: &[u8]) {
    if let (Some(to), Some(from)) = (to.first_chunk_mut::<N>(), from.first_chunk()) {
        *to = *from;
    }
    if let (Some(to), Some(from)) = (to.last_chunk_mut::<N>(), from.last_chunk()) {
        *to = *from;
    }
}

/// A number for a narrower field.
///
/// # Errors
/// It does not fit.
#[inline]
pub(crate) fn narrow<T, N: TryFrom<T>>(field: &'static str, value: T) -> Result<N, BuildError> {
    N::try_from(value).map_err(|_| BuildError::OutOfRange { field })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes a byte and three zeros, or refuses.
    struct Four(u16);

    impl Encode for Four {
        fn encoded_len(&self) -> usize {
            4
        }

        fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
            *out.array()? = [narrow("first byte", self.0)?];
            out.bytes(&[0xAA])?;
            out.zeros(2)
        }
    }

    #[test]
    fn write_fills_the_front_and_leaves_the_rest() {
        let mut out = [0xFF; 6];
        assert_eq!(Four(7).write(&mut out), Ok(4));
        assert_eq!(out, [7, 0xAA, 0, 0, 0xFF, 0xFF]);
    }

    #[test]
    fn write_refuses_a_short_buffer_before_it_writes() {
        let mut out = [0xFF; 3];
        let error = BuildError::BufferTooSmall { need: 4, have: 3 };
        assert_eq!(Four(7).write(&mut out), Err(error));
        assert_eq!(out, [0xFF; 3]);
    }

    #[test]
    fn a_sink_never_gives_more_than_it_has() {
        let mut room = [0; 3];
        let mut sink = Sink::new(&mut room);
        assert!(sink.array::<2>().is_ok());
        assert_eq!(sink.remaining(), 1);
        let error = BuildError::BufferTooSmall { need: 2, have: 1 };
        assert_eq!(sink.bytes(&[1, 2]), Err(error));
        let mut sink = Sink::new(&mut room);
        assert_eq!(sink.array::<4>(), Err(BuildError::BufferTooSmall { need: 4, have: 3 }));
    }

    #[test]
    fn few_bytes_are_written_as_many_are() {
        let bytes: [u8; 40] = core::array::from_fn(|place| place as u8 + 1);
        for len in 0..=bytes.len() {
            let (mut one, mut other) = ([0; 41], [0; 41]);
            Sink::new(&mut one).few(&bytes[..len]).unwrap();
            Sink::new(&mut other).bytes(&bytes[..len]).unwrap();
            assert_eq!(one, other);
            let error = BuildError::BufferTooSmall { need: 40, have: len };
            if len < 40 {
                assert_eq!(Sink::new(&mut one[..len]).few(&bytes), Err(error));
            }
        }
    }

    #[test]
    #[cfg(feature = "bytes")]
    fn growing_buffers_keep_what_they_had() {
        let refused = Err(BuildError::OutOfRange { field: "first byte" });
        let mut vec = alloc::vec![1, 2];
        assert_eq!(Four(300).append_to(&mut vec), refused);
        assert_eq!(vec, [1, 2]);
        assert_eq!(Four(3).append_to(&mut vec), Ok(4));
        assert_eq!(vec, [1, 2, 3, 0xAA, 0, 0]);
        let mut bytes = bytes::BytesMut::from(&[9][..]);
        assert_eq!(Four(300).append_to(&mut bytes), refused);
        assert_eq!(Four(4).append_to(&mut bytes), Ok(4));
        assert_eq!(bytes[..], [9, 4, 0xAA, 0, 0]);
        assert_eq!(Four(5).to_bytes().unwrap()[..], [5, 0xAA, 0, 0]);
    }
}
