//! Names and passwords that are not plain ASCII, brought into the one form that keys and hashes are made of.
//!
//! Two forms are in use. RFC 8489 asks for OpaqueString (RFC 8265), RFC 5389 for SASLprep (RFC 4013), which also writes
//! compatibility characters out and leaves out what is not seen. They agree on ASCII, and on most of what people type. RFC
//! 8489 took over the password of RFC 5769 for its test vector with the result that SASLprep has; OpaqueString refuses it.
//!
//! ```
//! use mediawire::stun::prepare::{opaque_string, sasl_prep};
//! # #[cfg(feature = "integrity")]
//! use mediawire::stun::Key;
//!
//! assert_eq!(sasl_prep("The\u{AD}M\u{AA}tr\u{2168}")?, "TheMatrIX");
//!
//! let password = opaque_string("pass\u{A0}word")?; // a no-break space becomes a space
//! assert_eq!(password, "pass word");
//! # #[cfg(feature = "integrity")]
//! let key = Key::long_term(b"user", opaque_string("example.org")?.as_bytes(), password.as_bytes());
//! # Ok::<(), mediawire::stun::prepare::PrepareError>(())
//! ```

use alloc::borrow::Cow;
use core::fmt;

use precis_profiles::OpaqueString;
use precis_profiles::precis_core::profile::Profile;

/// The text has no form that a key may be made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrepareError {
    profile: &'static str,
}

impl fmt::Display for PrepareError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the text is empty, or has a character that {} does not allow", self.profile)
    }
}

impl core::error::Error for PrepareError {}

/// A username, realm or password as OpaqueString has it (RFC 8265 section 4.2): for RFC 8489.
///
/// # Errors
/// The text is empty, or has a character that may not be in it, such as a control character.
pub fn opaque_string(text: &str) -> Result<Cow<'_, str>, PrepareError> {
    OpaqueString::new().enforce(text).map_err(|_| PrepareError { profile: "OpaqueString" })
}

/// A username, realm or password as SASLprep has it (RFC 4013): for RFC 5389, and so for TURN as deployed.
///
/// # Errors
/// The text has a character that may not be in it, such as a control character, or mixes directions of writing.
pub fn sasl_prep(text: &str) -> Result<Cow<'_, str>, PrepareError> {
    stringprep::saslprep(text).map_err(|_| PrepareError { profile: "SASLprep" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_says_by_which_profile() {
        let line = alloc::format!("{}", opaque_string("").unwrap_err());
        assert_eq!(line, "the text is empty, or has a character that OpaqueString does not allow");
    }

    #[test]
    fn the_password_and_the_username_of_rfc_5769_section_2_4() {
        assert_eq!(sasl_prep("The\u{AD}M\u{AA}tr\u{2168}").unwrap(), "TheMatrIX");
        assert_eq!(sasl_prep("マトリックス").unwrap(), "マトリックス");
        // RFC 8489 appendix B.1 says the same of OpaqueString, but RFC 8264 section 9.13 disallows the soft hyphen.
        assert!(opaque_string("The\u{AD}M\u{AA}tr\u{2168}").is_err());
        assert_eq!(opaque_string("マトリックス").unwrap(), "マトリックス");
    }

    #[test]
    fn the_examples_of_rfc_4013_section_3() {
        for (text, prepared) in [
            ("I\u{AD}X", Some("IX")),
            ("user", Some("user")),
            ("USER", Some("USER")),
            ("\u{AA}", Some("a")),
            ("\u{2168}", Some("IX")),
            ("\u{7}", None),
            ("\u{627}\u{31}", None),
        ] {
            assert_eq!(sasl_prep(text).ok().as_deref(), prepared, "{text:?}");
        }
    }

    #[test]
    fn the_examples_of_rfc_8265_section_4_3() {
        for text in [
            "correct horse battery staple",
            "Correct Horse Battery Staple",
            "πßå",
            "Jack of \u{2666}s",
        ] {
            assert_eq!(opaque_string(text).unwrap(), text);
        }
        // OGHAM SPACE MARK becomes a space.
        assert_eq!(opaque_string("foo\u{1680}bar").unwrap(), "foo bar");
        assert!(opaque_string("").is_err());
        assert!(opaque_string("my cat is a \u{9}by").is_err());
    }
}
