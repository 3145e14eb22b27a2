//! The nonce cookie: what a server says in front of NONCE, so that nobody on the way can make it say less (RFC 8489
//! sections 9.2 and 9.2.1).
//!
//! ```text
//! "obMatJos2" | 24 bits of security features in 4 characters of base64 | the rest of the nonce
//! ```

use core::fmt;

use super::Nonce;
use crate::registry::registry;

/// What the cookie begins with.
const PREFIX: &[u8; 9] = b"obMatJos2";

/// All 13 characters of it.
const LEN: usize = PREFIX.len() + 4;

/// The alphabet of base64 (RFC 4648 section 4).
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

registry! {
    /// A security feature, by its number (IANA, STUN Security Features; RFC 8489 section 18.1).
    SecurityFeature(u8) {
        /// The server offers PASSWORD-ALGORITHMS.
        PASSWORD_ALGORITHMS = 0, "Password algorithms";
        /// The server wants USERHASH in place of USERNAME.
        USERNAME_ANONYMITY = 1, "Username anonymity";
    }
}

/// The set of security features that a nonce cookie tells, 24 bits (RFC 8489 section 9.2).
///
/// The text of RFC 8489 counts the bits from the left; its test vector, and erratum 6290 with it, from the right. Both are in
/// use. Bits are written as the erratum has them. [`contains`](Self::contains) takes either for set, which is no ambiguity as
/// long as the 20 features in between have no names.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecurityFeatures(u32);

impl SecurityFeatures {
    /// None of them: the server follows RFC 8489, and that is all.
    pub const NONE: Self = Self(0);

    /// The bits as they are on the wire; those beyond 24 are dropped.
    #[inline]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits & 0x00FF_FFFF)
    }

    /// The bits as they are on the wire.
    #[inline]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// These and one more; as they are for a number above 23.
    #[inline]
    pub const fn with(self, feature: SecurityFeature) -> Self {
        if feature.0 < 24 { Self(self.0 | 1 << feature.0) } else { self }
    }

    /// Whether a feature is among them, counted from either side.
    #[inline]
    pub const fn contains(self, feature: SecurityFeature) -> bool {
        feature.0 < 24 && self.0 & (1 << feature.0 | 0x0080_0000 >> feature.0) != 0
    }

    /// The cookie, for the server to put in front of its nonce.
    ///
    /// ```
    /// use mediawire::stun::{Nonce, SecurityFeature, SecurityFeatures};
    ///
    /// let features = SecurityFeatures::NONE.with(SecurityFeature::PASSWORD_ALGORITHMS);
    /// let nonce = [&features.cookie()[..], b"4f3b6bc2"].concat();
    /// assert_eq!(nonce, b"obMatJos2AAAB4f3b6bc2");
    /// assert_eq!(Nonce(&nonce).security_features(), Some(features));
    /// ```
    pub fn cookie(self) -> [u8; LEN] {
        let mut cookie = [0; LEN];
        let (prefix, digits) = cookie.split_at_mut(PREFIX.len());
        prefix.copy_from_slice(PREFIX);
        for (place, shift) in digits.iter_mut().zip([18, 12, 6, 0]) {
            *place = usize::try_from(self.0 >> shift & 63)
                .ok()
                .and_then(|digit| ALPHABET.get(digit).copied())
                .unwrap_or(b'A');
        }
        cookie
    }
}

/// `SecurityFeatures(0x000001)`
impl fmt::Debug for SecurityFeatures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecurityFeatures({:#08x})", self.0)
    }
}

impl Nonce<'_> {
    /// The security features of the nonce cookie; `None` if the nonce does not begin with one, so that the server is older
    /// than RFC 8489.
    pub fn security_features(&self) -> Option<SecurityFeatures> {
        let (digits, _) = self.0.strip_prefix(PREFIX)?.split_first_chunk::<4>()?;
        digits
            .iter()
            .try_fold(0, |bits, digit| Some(bits << 6 | value(*digit)?))
            .map(SecurityFeatures)
    }
}

/// The 6 bits of a character of base64.
fn value(digit: u8) -> Option<u32> {
    let (first, from) = match digit {
        b'A'..=b'Z' => (b'A', 0),
        b'a'..=b'z' => (b'a', 26),
        b'0'..=b'9' => (b'0', 52),
        b'+' => (b'+', 62),
        b'/' => (b'/', 63),
        _ => return None,
    };
    Some(u32::from(digit.wrapping_sub(first)) + from)
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::format;

    use super::*;

    #[test]
    fn the_cookie_of_rfc_8489_appendix_b_1() {
        let nonce = Nonce(b"obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA");
        let features = nonce.security_features().unwrap();
        assert_eq!(features.bits(), 2);
        assert!(features.contains(SecurityFeature::USERNAME_ANONYMITY));
        assert!(!features.contains(SecurityFeature::PASSWORD_ALGORITHMS));
        assert_eq!(features, SecurityFeatures::NONE.with(SecurityFeature::USERNAME_ANONYMITY));
        assert_eq!(features.cookie(), nonce.0[..13]);
        assert_eq!(format!("{features:?}"), "SecurityFeatures(0x000002)");
    }

    #[test]
    fn bits_counted_from_the_left_are_read_too() {
        // RFC 8489 section 18.1 as printed: bit 0 is the leftmost.
        for (nonce, algorithms, anonymity) in [
            (&b"obMatJos2gAAAx"[..], true, false),
            (b"obMatJos2QAAAx", false, true),
            (b"obMatJos2wAAAx", true, true),
            (b"obMatJos2AAAAx", false, false),
            (b"obMatJos2AAAD", true, true),
        ] {
            let features = Nonce(nonce).security_features().unwrap();
            let has = |feature| features.contains(feature);
            assert_eq!(has(SecurityFeature::PASSWORD_ALGORITHMS), algorithms, "{features:?}");
            assert_eq!(has(SecurityFeature::USERNAME_ANONYMITY), anonymity, "{features:?}");
        }
    }

    #[test]
    fn a_nonce_without_the_whole_cookie_has_none() {
        // The nonces of coturn and of RFC 5769; cookies cut short or with something else than base64.
        for nonce in [
            &b""[..],
            b"e2130821351ef7f3",
            b"f//499k954d6OL34oL9FSTvy64sA",
            b"obMatJos2",
            b"obMatJos2AAA",
            b"obMatJos2AAA=",
            b"obMatJos2AA-Ax",
            b"obMatJos3AAAA",
            b" obMatJos2AAAA",
        ] {
            assert_eq!(Nonce(nonce).security_features(), None, "{nonce:?}");
        }
    }

    #[test]
    fn every_set_of_features_is_read_as_it_is_written() {
        for bits in (0..0x0100_0000).step_by(0x1235).chain([0x00FF_FFFF]) {
            let features = SecurityFeatures::from_bits(bits);
            assert_eq!(features.bits(), bits);
            assert_eq!(Nonce(&features.cookie()).security_features(), Some(features));
        }
        assert_eq!(SecurityFeatures::from_bits(u32::MAX).bits(), 0x00FF_FFFF);
        assert_eq!(SecurityFeatures::NONE.with(SecurityFeature(24)), SecurityFeatures::NONE);
        assert!(!SecurityFeatures::from_bits(u32::MAX).contains(SecurityFeature(24)));
        assert!(!SecurityFeatures::from_bits(u32::MAX).contains(SecurityFeature(255)));
    }
}
