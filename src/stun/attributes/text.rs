//! Text: USERNAME, REALM, NONCE, SOFTWARE, ALTERNATE-DOMAIN (RFC 8489 section 14).
//!
//! On the wire text is bytes, and bytes it stays. What is written must be UTF-8 and no longer than the RFC allows.

use core::fmt::{self, Write};

use crate::error::BuildError;

/// What USERNAME is shorter than, in bytes (RFC 8489 section 14.3).
const MAX_LEN: usize = 509;

/// Whether `text` is UTF-8 and shorter than 128 characters, which take at most 508 bytes.
#[inline]
pub(super) fn check_text(field: &'static str, text: &[u8]) -> Result<(), BuildError> {
    match core::str::from_utf8(text) {
        Ok(text) if text.chars().nth(127).is_none() => Ok(()),
        _ => Err(BuildError::OutOfRange { field }),
    }
}

/// Text from the network, for a log: control characters escaped, long text cut off.
pub(crate) struct Text<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 64;
        match core::str::from_utf8(self.0) {
            Ok(text) => text.chars().take(SHOWN).try_for_each(|c| match c {
                '\'' | '"' => f.write_char(c),
                _ => write!(f, "{}", c.escape_debug()),
            })?,
            Err(_) => write!(f, "{}", self.0.get(..SHOWN).unwrap_or(self.0).escape_ascii())?,
        }
        if self.0.len() > SHOWN { f.write_str("...") } else { Ok(()) }
    }
}

/// Writes an attribute that is nothing but text.
macro_rules! text_attribute {
    ($(#[$doc:meta])* $type:ident, $constant:tt, $name:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type<'a>(pub &'a [u8]);

        impl<'a> $type<'a> {
            /// The value as text.
            ///
            /// # Errors
            /// It is not UTF-8.
            #[inline]
            pub fn value_str(&self) -> Result<&'a str, core::str::Utf8Error> {
                core::str::from_utf8(self.0)
            }
        }

        impl<'a> crate::stun::TypedAttribute<'a> for $type<'a> {
            const TYPE: crate::stun::AttributeType =
                crate::stun::attributes::attribute_type!($constant);

            #[inline]
            fn parse(value: &'a [u8], _: &[u8; 16]) -> Result<Self, crate::ParseError> {
                Ok(Self(value))
            }

            #[inline]
            fn value_len(&self) -> usize {
                self.0.len()
            }

            #[inline]
            fn encode(
                &self,
                out: &mut crate::Sink<'_>,
                _: &[u8; 16],
            ) -> Result<(), crate::BuildError> {
                let check: fn(&'static str, &[u8]) -> Result<(), crate::BuildError> = $check;
                check($name, self.0)?;
                out.bytes(self.0)
            }
        }

        impl<'a> From<&'a str> for $type<'a> {
            fn from(text: &'a str) -> Self {
                Self(text.as_bytes())
            }
        }

        impl core::fmt::Debug for $type<'_> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                let text = crate::stun::attributes::Text(self.0);
                write!(f, "{}(\"{text}\")", stringify!($type))
            }
        }
    };
}
pub(super) use text_attribute;

/// Whether `text` is UTF-8, where no rule says how long it may be.
#[inline]
pub(super) fn check_utf8(field: &'static str, text: &[u8]) -> Result<(), BuildError> {
    core::str::from_utf8(text).map(|_| ()).map_err(|_| BuildError::OutOfRange { field })
}

text_attribute! {
    /// USERNAME: whose credentials the integrity is made with; in ICE both user fragments (RFC 8489 section 14.3).
    /// Fewer than 509 bytes.
    Username, USERNAME, "USERNAME", |field, text| {
        match core::str::from_utf8(text) {
            Ok(text) if text.len() < MAX_LEN => Ok(()),
            _ => Err(BuildError::OutOfRange { field }),
        }
    }
}
text_attribute! {
    /// REALM: what the long-term credentials are for (RFC 8489 section 14.9). Fewer than 128 characters.
    Realm, REALM, "REALM", check_text
}
text_attribute! {
    /// NONCE: what the server wants to see again (RFC 8489 section 14.10). Fewer than 128 characters.
    Nonce, NONCE, "NONCE", check_text
}
text_attribute! {
    /// SOFTWARE: the sender's program, for people (RFC 8489 section 14.14). Fewer than 128 characters.
    Software, SOFTWARE, "SOFTWARE", check_text
}
text_attribute! {
    /// ALTERNATE-DOMAIN: the name that the certificate of ALTERNATE-SERVER must bear (RFC 8489 section 14.16). At most
    /// 255 ASCII characters.
    AlternateDomain, ALTERNATE_DOMAIN, "ALTERNATE-DOMAIN", |field, text| {
        if text.len() <= 255 && text.is_ascii() { Ok(()) } else { Err(BuildError::OutOfRange { field }) }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::{format, vec};

    use super::*;
    use crate::encode::Sink;
    use crate::stun::TypedAttribute;

    const ID: &[u8; 16] = &[0; 16];

    fn write<'a, T: TypedAttribute<'a>>(value: &T) -> Result<(), BuildError> {
        value.encode(&mut Sink::new(&mut vec![0; value.value_len()]), ID)
    }

    #[test]
    fn bytes_that_are_no_text_are_read_and_not_written() {
        let name = Username::parse(b"a\xFF", ID).unwrap();
        assert_eq!(name.0, b"a\xFF");
        assert!(name.value_str().is_err());
        assert_eq!(write(&name), Err(BuildError::OutOfRange { field: "USERNAME" }));
        assert_eq!(Software(b"caf\xC3\xA9").value_str(), Ok("café"));
    }

    #[test]
    fn the_limits_of_rfc_8489() {
        let ascii = "a".repeat(600);
        assert_eq!(write(&Username(&ascii.as_bytes()[..508])), Ok(()));
        assert!(write(&Username(&ascii.as_bytes()[..509])).is_err());
        assert_eq!(write(&Realm(&ascii.as_bytes()[..127])), Ok(()));
        assert!(write(&Realm(&ascii.as_bytes()[..128])).is_err());
        assert_eq!(write(&AlternateDomain(&ascii.as_bytes()[..255])), Ok(()));
        assert!(write(&AlternateDomain(&ascii.as_bytes()[..256])).is_err());
        assert!(write(&AlternateDomain::from("é.example")).is_err());
        let wide = "\u{1F600}".repeat(127); // 508 bytes
        assert_eq!(write(&Nonce::from(wide.as_str())), Ok(()));
        assert!(write(&Software::from("é".repeat(128).as_str())).is_err());
    }

    #[test]
    fn a_log_line_stays_a_line() {
        assert_eq!(format!("{}", Text(b"'a'\nb\x1b[31m")), "'a'\\nb\\u{1b}[31m");
        assert_eq!(format!("{}", Text(b"\xFF\n")), "\\xff\\n");
        assert_eq!(format!("{}", Text(&[b'x'; 65])), format!("{}...", "x".repeat(64)));
        assert_eq!(format!("{:?}", Realm(b"example.org")), "Realm(\"example.org\")");
    }
}
