//! Nonces that a server need not remember (RFC 8489 section 9.2.4).
//!
//! ```text
//! | nonce cookie, see nonce_cookie.rs | seconds, 8 hex digits | HMAC-SHA1 of all that and the source, 32 hex digits |
//! ```

use core::fmt;
use core::net::{IpAddr, SocketAddr};
use core::ops::Range;
use core::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use crate::stun::{Nonce, SecurityFeatures};

const COOKIE: Range<usize> = 0..13;
const SECONDS: Range<usize> = 13..21;
const MAC: Range<usize> = 21..53;
const LEN: usize = MAC.end;

/// Makes nonces and knows them again, without a memory of them: each has its time in it, and an HMAC that binds it to that
/// time and to the client's address.
#[derive(Clone)]
pub struct Nonces {
    mac: Hmac<Sha1>,
    lifetime: Duration,
}

impl Nonces {
    /// `secret` is random and only the server's own; a nonce is good for `lifetime`.
    pub fn new(secret: &[u8; 20], lifetime: Duration) -> Self {
        let mut block = [0; 64];
        block.iter_mut().zip(secret).for_each(|(place, byte)| *place = *byte);
        Self { mac: Hmac::new(&block.into()), lifetime }
    }

    /// A new one for this source.
    pub(super) fn make(
        &self,
        source: SocketAddr,
        now: Duration,
        features: SecurityFeatures,
    ) -> [u8; LEN] {
        let seconds = seconds(now);
        let mut nonce = [0; LEN];
        nonce[COOKIE].copy_from_slice(&features.cookie());
        nonce[SECONDS].copy_from_slice(&hex::<4, 8>(&seconds.to_be_bytes()));
        let mac = self.mac(source, seconds, features).finalize().into_bytes();
        let (mac, _) = mac.split_first_chunk::<16>().unwrap_or((&[0; 16], &[]));
        nonce[MAC].copy_from_slice(&hex::<16, 32>(mac));
        nonce
    }

    /// Whether it was made for this source, and not too long ago.
    pub(super) fn is_valid(&self, nonce: &[u8], source: SocketAddr, now: Duration) -> bool {
        let Ok(nonce) = <&[u8; LEN]>::try_from(nonce) else { return false };
        let features = Nonce(nonce).security_features();
        let (Some(features), Some(made), Some(mac)) =
            (features, unhex::<4>(&nonce[SECONDS]), unhex::<16>(&nonce[MAC]))
        else {
            return false;
        };
        let made = u32::from_be_bytes(made);
        let age = seconds(now).wrapping_sub(made);
        self.mac(source, made, features).verify_truncated_left(&mac).is_ok()
            && u64::from(age) <= self.lifetime.as_secs()
    }

    fn mac(&self, source: SocketAddr, seconds: u32, features: SecurityFeatures) -> Hmac<Sha1> {
        let mut mac = self.mac.clone();
        mac.update(&seconds.to_be_bytes());
        mac.update(&features.bits().to_be_bytes());
        mac.update(&source.port().to_be_bytes());
        match source.ip() {
            IpAddr::V4(address) => mac.update(&address.octets()),
            IpAddr::V6(address) => mac.update(&address.octets()),
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

/// The clock's seconds, 32 bits of them.
fn seconds(now: Duration) -> u32 {
    let [_, _, _, _, a, b, c, d] = now.as_secs().to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
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
    use crate::stun::SecurityFeature;

    #[test]
    fn a_nonce_is_good_for_its_source_and_its_time() {
        let nonces = Nonces::new(&[7; 20], Duration::from_secs(60));
        let source = "192.0.2.1:5000".parse().unwrap();
        let start = Duration::from_secs((1 << 32) - 20); // the seconds wrap
        let features = SecurityFeatures::NONE.with(SecurityFeature::PASSWORD_ALGORITHMS);
        let nonce = nonces.make(source, start, features);
        assert_eq!(Nonce(&nonce).security_features(), Some(features));
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
            assert!(!nonces.is_valid(&changed, source, start), "{at}");
        }
        assert!(!nonces.is_valid(&nonce[1..], source, start));
        assert!(!Nonces::new(&[8; 20], Duration::MAX).is_valid(&nonce, source, start));
    }
}
