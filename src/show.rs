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

/// Text from the network for a line of a log: what is not UTF-8 as replacement characters; control characters, line
/// separators and marks of writing direction escaped, so that no sender can write a line of its own, steer a terminal or
/// turn what follows around.
pub(crate) struct Text<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        for chunk in self.0.utf8_chunks() {
            for char in chunk.valid().chars() {
                if char.is_control() || is_separator_or_direction(char) {
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

/// Line and paragraph separators, and the characters of Unicode's bidirectional algorithm (UAX #9 section 2).
const fn is_separator_or_direction(char: char) -> bool {
    matches!(char, '\u{061C}' | '\u{200E}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
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
        let turned = Text("a\u{202E}b\u{2028}c\u{2066}".as_bytes()).to_string();
        assert_eq!(turned, "a\\u{202e}b\\u{2028}c\\u{2066}");
    }
}
