//! The value of an SDP attribute `a=extmap` (RFC 8285 sections 5 and 8, RFC 6904 section 4).
//!
//! ```text
//! 3/sendonly urn:ietf:params:rtp-hdrext:encrypt urn:ietf:params:rtp-hdrext:smpte-tc 25@600/24
//! id direction, optional   encrypted, optional   URI                                attributes, optional
//! ```

use core::fmt;

use super::Uri;
use crate::error::{ErrorKind, ParseError};

const WHAT: &str = "extmap";

/// Who sends the elements, seen from the side whose description it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Both, which is also meant where nothing is said.
    #[default]
    SendRecv,
    /// That side.
    SendOnly,
    /// The other one.
    RecvOnly,
    /// Neither.
    Inactive,
}

impl Direction {
    /// The word of SDP.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SendRecv => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::RecvOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }

    fn find(word: &str) -> Option<Self> {
        let all = [Self::SendRecv, Self::SendOnly, Self::RecvOnly, Self::Inactive];
        all.into_iter().find(|direction| direction.as_str() == word)
    }
}

/// The value of an attribute `a=extmap`: which identifier an extension has.
///
/// ```
/// use mediawire::rtp::ext::{Direction, Extmap, Uri};
///
/// let extmap = Extmap::parse("3/sendonly urn:ietf:params:rtp-hdrext:ssrc-audio-level vad=on")?;
/// assert_eq!((extmap.id, extmap.direction), (3, Some(Direction::SendOnly)));
/// assert_eq!(extmap.known(), Some(Uri::AUDIO_LEVEL));
/// assert_eq!(extmap.attributes, "vad=on");
/// # Ok::<(), mediawire::ParseError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Extmap<'a> {
    /// The identifier: 1 to 255 on the wire; 4096 to 4351 in an offer that leaves the choice to the answer.
    pub id: u16,
    /// Who sends it; `None` where nothing is said.
    pub direction: Option<Direction>,
    /// Its elements are encrypted (RFC 6904): the URI of that stands before this one's.
    pub encrypted: bool,
    /// The URI of the extension.
    pub uri: &'a str,
    /// What follows it: a format of the extension's own. Empty, mostly.
    pub attributes: &'a str,
}

impl<'a> Extmap<'a> {
    /// Reads a value. `a=extmap:` in front and a line end behind it may be there.
    ///
    /// # Errors
    /// An identifier that is no number of 16 bits, a direction that is none of the four words, no URI. Places are bytes of
    /// `value`.
    pub fn parse(value: &'a str) -> Result<Self, ParseError> {
        let text = value.trim_end_matches(['\r', '\n']);
        let text = text.strip_prefix("a=").unwrap_or(text);
        let text = text.strip_prefix("extmap:").unwrap_or(text);
        let refuse = |field, at: &str, kind| {
            let offset = at.as_ptr().addr().wrapping_sub(value.as_ptr().addr());
            ParseError { what: WHAT, field, offset, kind }
        };
        let missing = |field, at| refuse(field, at, ErrorKind::Truncated { need: 1, have: 0 });
        let (entry, rest) = word(text);
        let slash = entry.bytes().position(|byte| byte == b'/');
        let (number, direction) = match slash.and_then(|at| entry.split_at_checked(at)) {
            Some((number, direction)) => (number, direction.strip_prefix('/')),
            None => (entry, None),
        };
        if number.is_empty() {
            return Err(missing("id", number));
        }
        // Only digits: `parse` would take a sign as well.
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        let id = number.parse().ok().filter(|_| digits);
        let found = number.parse().unwrap_or(u32::MAX);
        let id = id.ok_or_else(|| refuse("id", number, ErrorKind::Value { found }))?;
        let direction = match direction {
            None => None,
            Some(word) => {
                let found = word.bytes().next().unwrap_or_default().into();
                let error = || refuse("direction", word, ErrorKind::Value { found });
                Some(Direction::find(word).ok_or_else(error)?)
            }
        };
        let (mut uri, mut rest) = word(rest);
        let encrypted = uri == Uri::ENCRYPT.as_str();
        if encrypted {
            (uri, rest) = word(rest);
        }
        if uri.is_empty() {
            return Err(missing("URI", uri));
        }
        Ok(Self { id, direction, encrypted, uri, attributes: rest.trim_start_matches(' ') })
    }

    /// The URI, if this crate knows it.
    #[inline]
    pub fn known(&self) -> Option<Uri> {
        Uri::find(self.uri)
    }
}

/// Up to the next blank, after those in front, and what follows.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start_matches(' ');
    let end = text.bytes().position(|byte| byte == b' ').unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// The value, as it stands behind `a=extmap:`.
impl fmt::Display for Extmap<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.id)?;
        if let Some(direction) = self.direction {
            write!(f, "/{}", direction.as_str())?;
        }
        if self.encrypted {
            write!(f, " {}", Uri::ENCRYPT)?;
        }
        write!(f, " {}", self.uri)?;
        if self.attributes.is_empty() { Ok(()) } else { write!(f, " {}", self.attributes) }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::format;
    use std::string::ToString;

    use super::*;

    #[test]
    fn the_examples_of_the_standards() {
        // RFC 8285 section 5, RFC 6464 section 4, RFC 6904 figure 4.
        let examples = [
            ("1 http://example.com/082005/ext.htm#ttime", 1, None, false, ""),
            (
                "2/sendrecv http://example.com/082005/ext.htm#xmeta short",
                2,
                Some(Direction::SendRecv),
                false,
                "short",
            ),
            ("6 urn:ietf:params:rtp-hdrext:ssrc-audio-level vad=on", 6, None, false, "vad=on"),
            (
                "1 urn:ietf:params:rtp-hdrext:encrypt urn:ietf:params:rtp-hdrext:smpte-tc 25@600/24",
                1,
                None,
                true,
                "25@600/24",
            ),
            ("4096 URI-gps-string", 4096, None, false, ""),
        ];
        for (value, id, direction, encrypted, attributes) in examples {
            let extmap = Extmap::parse(value).unwrap();
            assert_eq!((extmap.id, extmap.direction), (id, direction), "{value}");
            assert_eq!((extmap.encrypted, extmap.attributes), (encrypted, attributes), "{value}");
            assert_eq!(extmap.to_string(), value);
            assert_eq!(Extmap::parse(&format!("a=extmap:{value}\r\n")), Ok(extmap));
        }
        let smpte = Extmap::parse(examples[3].0).unwrap();
        assert_eq!(smpte.known(), Some(Uri::SMPTE_TC));
        assert_eq!(Extmap::parse(examples[0].0).unwrap().known(), None);
    }

    #[test]
    fn what_is_no_extmap_is_refused_at_its_place() {
        let refused = |value: &str, field, offset, kind| {
            let error = Extmap::parse(value).unwrap_err();
            assert_eq!((error.field, error.offset, error.kind), (field, offset, kind), "{value}");
        };
        let missing = ErrorKind::Truncated { need: 1, have: 0 };
        refused("", "id", 0, missing);
        refused("a=extmap:", "id", 9, missing);
        refused("/sendrecv urn:x", "id", 0, missing);
        refused("x urn:x", "id", 0, ErrorKind::Value { found: u32::MAX });
        refused("+1 urn:x", "id", 0, ErrorKind::Value { found: 1 });
        refused("65536 urn:x", "id", 0, ErrorKind::Value { found: 65_536 });
        refused("1/both urn:x", "direction", 2, ErrorKind::Value { found: 98 });
        refused("1/ urn:x", "direction", 2, ErrorKind::Value { found: 0 });
        refused("1", "URI", 1, missing);
        refused("1 ", "URI", 2, missing);
        refused("1 urn:ietf:params:rtp-hdrext:encrypt", "URI", 36, missing);
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_is_read_is_shown_again(value in ".{0,40}") {
            if let Ok(extmap) = Extmap::parse(&value) {
                let text = extmap.to_string();
                prop_assert_eq!(Extmap::parse(&text), Ok(extmap));
            }
        }
    }
}
