//! Nonces: the cookie in front of them with the server's security features (RFC 8489 sections 9.2 and 18.1), and nonces that
//! a server need not remember.
//!
//! ```text
//! | "obMatJos2" | 24 bits in base64 | seconds, 8 hex digits | HMAC-SHA1 of seconds and source, 32 hex digits |
//! ```

use core::fmt;
use core::net::SocketAddr;
use core::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use crate::stun::{AttributeType, Message};

const COOKIE: &[u8] = b"obMatJos2";

/// Bit 0 of the features: PASSWORD-ALGORITHMS is offered.
pub(super) const PASSWORD_ALGORITHMS: u32 = 1 << 23;
/// Bit 1: USERHASH is wanted.
pub(super) const USERNAME_ANONYMITY: u32 = 1 << 22;

/// The security features that a nonce tells; none without the cookie.
pub(super) fn features(nonce: &[u8]) -> u32 {
    let digits = nonce.strip_prefix(COOKIE).and_then(|rest| rest.first_chunk::<4>());
    let add = |bits: u32, digit: &u8| {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        Some(bits << 6 | u32::from(value))
    };
    digits.and_then(|digits| digits.iter().try_fold(0, add)).unwrap_or(0)
}

/// Whether PASSWORD-ALGORITHMS, which the nonce announces, is missing.
pub(super) fn is_bid_down(response: &Message<'_>) -> bool {
    let nonce = response.find(AttributeType::NONCE);
    nonce.is_some_and(|nonce| features(nonce.value()) & PASSWORD_ALGORITHMS != 0)
        && response.find(AttributeType::PASSWORD_ALGORITHMS).is_none()
}

const FEATURES: core::ops::Range<usize> = 9..13;
const SECONDS: core::ops::Range<usize> = 13..21;
const MAC: core::ops::Range<usize> = 21..53;
const LEN: usize = MAC.end;

/// Makes nonces and knows them again, without a memory of them: each has its time in it, and an HMAC that binds it to that
/// time and to the client's address.
#[derive(Clone)]
pub struct Nonces {
    mac: Hmac<Sha1>,
    lifetime: Duration,
}

/// A nonce of [`Nonces`].
pub(super) type Nonce = [u8; LEN];

impl Nonces {
    /// `secret` is random and only the server's own; a nonce is good for `lifetime`.
    pub fn new(secret: &[u8; 20], lifetime: Duration) -> Self {
        let mut block = [0; 64];
        block.iter_mut().zip(secret).for_each(|(place, byte)| *place = *byte);
        Self { mac: Hmac::new(&block.into()), lifetime }
    }

    pub(super) fn make(&self, source: SocketAddr, now: Duration, features: u32) -> Nonce {
        let seconds = self.seconds(now);
        let mut nonce = [0; LEN];
        nonce[..FEATURES.start].copy_from_slice(COOKIE);
        nonce[FEATURES].copy_from_slice(&base64(features));
        nonce[SECONDS].copy_from_slice(&hex::<4, 8>(&seconds.to_be_bytes()));
        let mac = self.mac(source, seconds, features).finalize().into_bytes();
        let (mac, _) = mac.split_first_chunk::<16>().unwrap_or((&[0; 16], &[]));
        nonce[MAC].copy_from_slice(&hex::<16, 32>(mac));
        nonce
    }

    /// Whether it was made for this source, and not too long ago.
    pub(super) fn is_valid(&self, nonce: &[u8], source: SocketAddr, now: Duration) -> bool {
        let Ok(nonce) = <&Nonce>::try_from(nonce) else { return false };
        let (Some(seconds), Some(mac)) = (unhex::<4>(&nonce[SECONDS]), unhex::<16>(&nonce[MAC]))
        else {
            return false;
        };
        let seconds = u32::from_be_bytes(seconds);
        let age = self.seconds(now).wrapping_sub(seconds);
        self.mac(source, seconds, features(nonce)).verify_truncated_left(&mac).is_ok()
            && u64::from(age) <= self.lifetime.as_secs()
    }

    /// The clock's seconds, 32 bits of them.
    fn seconds(&self, now: Duration) -> u32 {
        let [_, _, _, _, a, b, c, d] = now.as_secs().to_be_bytes();
        u32::from_be_bytes([a, b, c, d])
    }

    fn mac(&self, source: SocketAddr, seconds: u32, features: u32) -> Hmac<Sha1> {
        let mut mac = self.mac.clone();
        mac.update(&seconds.to_be_bytes());
        mac.update(&features.to_be_bytes());
        mac.update(&source.port().to_be_bytes());
        match source.ip() {
            core::net::IpAddr::V4(address) => mac.update(&address.octets()),
            core::net::IpAddr::V6(address) => mac.update(&address.octets()),
        }
        mac
    }
}

/// Nothing of the secret is shown.
impl fmt::Debug for Nonces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nonces").field("lifetime", &self.lifetime).finish_non_exhaustive()
    }
}

/// 24 bits as 4 digits.
fn base64(bits: u32) -> [u8; 4] {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |shift: u32| {
        let value = usize::try_from(bits >> shift & 63).unwrap_or_default();
        DIGITS.get(value).copied().unwrap_or_default()
    };
    [digit(18), digit(12), digit(6), digit(0)]
}

/// `N` bytes as `M`, twice as many, digits.
fn hex<const N: usize, const M: usize>(bytes: &[u8; N]) -> [u8; M] {
    let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
    let mut digits = [0; M];
    for (pair, byte) in digits.as_chunks_mut().0.iter_mut().zip(bytes) {
        *pair = [digit(byte >> 4), digit(byte & 15)];
    }
    digits
}

/// The `N` bytes of twice as many digits.
fn unhex<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    let value = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; N];
    for (byte, [high, low]) in bytes.iter_mut().zip(digits.as_chunks().0) {
        *byte = value(*high)? << 4 | value(*low)?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_features_of_a_nonce_are_read_and_written() {
        // RFC 8489 section 9.2: "obMatJos2" and 24 bits in base64; appendix B.1's nonce says "AAAC".
        assert_eq!(features(b"obMatJos2AAAC//499k954d6OL34oL9FSTvy64sA"), 2);
        assert_eq!(features(b"obMatJos2gAAA"), PASSWORD_ALGORITHMS);
        assert_eq!(features(b"obMatJos2wAAAx"), PASSWORD_ALGORITHMS | USERNAME_ANONYMITY);
        for none in [
            &b""[..],
            b"obMatJos2",
            b"obMatJos2AAA",
            b"obMatJos2A A=",
            b"f//499k954d6OL34oL9FSTvy64sA",
        ] {
            assert_eq!(features(none), 0);
        }
        for bits in [0, 1, 0x00FF_FFFF, 0x0012_3456, PASSWORD_ALGORITHMS] {
            let nonce = [COOKIE, &base64(bits)].concat();
            assert_eq!(features(&nonce), bits);
        }
    }

    extern crate std;

    #[test]
    fn a_nonce_is_good_for_its_source_and_its_time() {
        let nonces = Nonces::new(&[7; 20], Duration::from_secs(60));
        let source = "192.0.2.1:5000".parse().unwrap();
        let start = Duration::from_secs((1 << 32) - 20); // the seconds wrap
        let nonce = nonces.make(source, start, PASSWORD_ALGORITHMS);
        assert_eq!(features(&nonce), PASSWORD_ALGORITHMS);
        let after = |seconds| start + Duration::from_secs(seconds);
        assert!(nonces.is_valid(&nonce, source, start));
        assert!(nonces.is_valid(&nonce, source, after(60)));
        assert!(!nonces.is_valid(&nonce, source, after(61)));
        assert!(!nonces.is_valid(&nonce, source, start - Duration::from_secs(1)));
        for other in ["192.0.2.1:5001", "192.0.2.2:5000", "[2001:db8::1]:5000"] {
            assert!(!nonces.is_valid(&nonce, other.parse().unwrap(), start), "{other}");
        }
        for at in 0..LEN {
            let mut changed = nonce;
            changed[at] ^= 1;
            // Of the cookie only the features count.
            assert_eq!(
                nonces.is_valid(&changed, source, start),
                at < 9 && features(&changed) == PASSWORD_ALGORITHMS,
                "{at}"
            );
        }
        assert!(!nonces.is_valid(&nonce[1..], source, start));
        assert!(!Nonces::new(&[8; 20], Duration::MAX).is_valid(&nonce, source, start));
    }
}
