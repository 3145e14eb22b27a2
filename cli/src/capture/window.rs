//! What has been read of an input and not been used yet.

use std::io::{self, Read};

/// How much is read at once.
const CHUNK: usize = 256 * 1024;

/// How much at first: a short capture takes little.
const FIRST: usize = 4096;

/// A window that slides over an input. It holds at most what was asked for and a chunk, whatever the input's size.
pub(super) struct Window {
    input: Box<dyn Read>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Where `start` lies in the input.
    offset: u64,
}

impl Window {
    pub(super) fn new(input: Box<dyn Read>) -> Self {
        Self { input, buffer: Vec::new(), start: 0, end: 0, offset: 0 }
    }

    /// Where in the input the first byte of [`data`](Self::data) lies.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// What was read and not taken yet.
    #[inline]
    pub(super) fn data(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Whether the next bytes have to come out of the input.
    pub(super) fn is_drained(&self) -> bool {
        self.start == self.end
    }

    /// Reads until `data` holds at least `need` bytes. `false` if the input ends before that.
    #[inline]
    pub(super) fn fill(&mut self, need: usize) -> io::Result<bool> {
        if self.end - self.start >= need { Ok(true) } else { self.read_on(need) }
    }

    #[cold]
    fn read_on(&mut self, need: usize) -> io::Result<bool> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        while self.end < need {
            // Room is made as bytes arrive: a length field alone takes no memory.
            let room = self.buffer.len().clamp(FIRST, CHUNK);
            if self.buffer.len() - self.end < room {
                self.buffer.resize(self.end + room, 0);
            }
            match self.input.read(self.buffer.get_mut(self.end..).unwrap_or_default()) {
                Ok(0) => return Ok(false),
                Ok(count) => self.end += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// The first `count` bytes of `data`, which go out of the window; what there is if that is less.
    #[inline]
    pub(super) fn take(&mut self, count: usize) -> &[u8] {
        let from = self.start;
        self.start = self.end.min(from.saturating_add(count));
        self.offset += (self.start - from) as u64;
        self.buffer.get(from..self.start).unwrap_or_default()
    }

    /// Passes over `count` bytes without keeping them. `false` if the input ends before that.
    pub(super) fn skip(&mut self, mut count: u64) -> io::Result<bool> {
        loop {
            let piece = count.min(CHUNK as u64) as usize;
            self.fill(piece)?;
            let taken = self.take(piece).len();
            count -= taken as u64;
            if count == 0 || taken < piece {
                return Ok(count == 0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives the bytes 0, 1, 2, … a few at a time, and now and then an interruption.
    struct Dribble {
        next: u8,
        left: usize,
    }

    impl Read for Dribble {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let count = usize::from(self.next % 4).min(self.left).min(out.len());
            if count == 0 && self.left > 0 {
                self.next = self.next.wrapping_add(1);
                self.left -= 1;
                out[0] = self.next.wrapping_sub(1);
                return Ok(1);
            }
            if self.next % 7 == 3 {
                let byte = self.next;
                self.next = self.next.wrapping_add(1);
                self.left -= 1;
                out[0] = byte;
                return Ok(1);
            }
            for place in &mut out[..count] {
                *place = self.next;
                self.next = self.next.wrapping_add(1);
            }
            self.left -= count;
            Ok(count)
        }
    }

    #[test]
    fn bytes_come_in_order_however_they_are_read() {
        let mut window = Window::new(Box::new(Dribble { next: 0, left: 200 }));
        assert!(window.fill(10).unwrap());
        assert_eq!(window.take(3), [0, 1, 2]);
        assert_eq!((window.offset(), window.data()[0]), (3, 3));
        assert!(window.skip(90).unwrap());
        assert!(window.fill(20).unwrap());
        assert_eq!(window.take(2), [93, 94]);
        assert!(!window.fill(200).unwrap());
        assert_eq!(window.take(1000).len(), 105);
        assert!(window.is_drained());
        assert!(!window.skip(1).unwrap());
        assert_eq!(window.offset(), 200);
    }

    #[test]
    fn a_huge_length_takes_no_memory() {
        let mut window = Window::new(Box::new(io::repeat(7).take(1000)));
        assert!(!window.fill(4 << 30).unwrap());
        assert!(window.buffer.len() <= 2 * CHUNK);
        assert_eq!(window.data().len(), 1000);
    }
}
