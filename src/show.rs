//! What the `Debug` and `Display` implementations share.

use core::fmt;

/// A list out of an iterator that can be had again.
pub(crate) struct DebugList<I>(pub(crate) I);

impl<I> fmt::Debug for DebugList<I>
where
    I: Iterator<Item: fmt::Debug> + Clone,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.clone()).finish()
    }
}

/// Text from the network for a line of a log: what is not UTF-8 as replacement characters, control characters escaped,
/// so that no sender can write a line of its own or steer a terminal.
pub(crate) struct Text<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        for chunk in self.0.utf8_chunks() {
            for char in chunk.valid().chars() {
                if char.is_control() {
                    write!(f, "{}", char.escape_default())?;
                } else {
                    f.write_char(char)?;
                }
            }
            if !chunk.invalid().is_empty() {
                f.write_char(char::REPLACEMENT_CHARACTER)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::string::ToString;

    use super::*;

    #[test]
    fn text_cannot_leave_its_line() {
        assert_eq!(Text(b"a\x1b[2J\r\nb\xff").to_string(), "a\\u{1b}[2J\\r\\nb\u{fffd}");
        assert_eq!(Text("Grüße".as_bytes()).to_string(), "Grüße");
    }
}
