//! Feedback target address (RFC 5760 section 7.1.8).
//!
//! ```text
//! | SRBT=0, 1, 2  |    length     |             port              |  sub_report.rs
//! |         address: 4 bytes, 16 bytes, or a DNS name and         |
//! |               null bytes up to a 32-bit boundary              |
//! ```
//!
//! For a DNS name the RFC says once that the length counts the whole block, and once that it counts the words of the
//! string and a null byte. The first is true of all other blocks and is what is read and built; a null byte behind the
//! name is built, and need not be there.

use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};

use crate::encode::Sink;
use crate::error::BuildError;
use crate::show::Text;

/// Where receivers have to send their feedback, read or to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FeedbackTarget<'a> {
    /// An IPv4 address.
    Ipv4 {
        /// Not 0 by the standard.
        port: u16,
        /// The address.
        address: Ipv4Addr,
    },
    /// An IPv6 address.
    Ipv6 {
        /// Not 0 by the standard.
        port: u16,
        /// The address.
        address: Ipv6Addr,
    },
    /// A name to be resolved.
    DnsName {
        /// Not 0 by the standard.
        port: u16,
        /// The name, UTF-8 by the standard.
        name: &'a [u8],
        /// The null bytes behind the name, up to a 32-bit boundary.
        fill: &'a [u8],
    },
}

impl<'a> FeedbackTarget<'a> {
    /// A name, with one to four null bytes behind it.
    #[inline]
    pub fn dns_name(port: u16, name: &'a [u8]) -> Self {
        const NULLS: &[u8] = &[0; 4];
        let fill = NULLS.get(name.len() % 4..).unwrap_or_default();
        Self::DnsName { port, name, fill }
    }

    /// The name, where it is one, in UTF-8.
    #[inline]
    pub fn name_str(&self) -> Option<&'a str> {
        match self {
            Self::DnsName { name, .. } => core::str::from_utf8(name).ok(),
            _ => None,
        }
    }

    /// The port.
    #[inline]
    pub const fn port(&self) -> u16 {
        match *self {
            Self::Ipv4 { port, .. } | Self::Ipv6 { port, .. } | Self::DnsName { port, .. } => port,
        }
    }

    /// A name out of what follows type, length and port.
    #[inline]
    pub(super) fn name_of(port: u16, bytes: &'a [u8]) -> Self {
        let nulls = bytes.iter().rev().take_while(|&&byte| byte == 0).count();
        let (name, fill) = bytes.split_at_checked(bytes.len() - nulls).unwrap_or((bytes, &[]));
        Self::DnsName { port, name, fill }
    }

    /// Bytes of what follows type, length and port.
    #[inline]
    pub(super) const fn address_len(&self) -> usize {
        match self {
            Self::Ipv4 { .. } => 4,
            Self::Ipv6 { .. } => 16,
            Self::DnsName { name, fill, .. } => name.len() + fill.len(),
        }
    }

    /// Writes what follows type and length.
    #[inline]
    pub(super) fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let out_of_range = |field| Err(BuildError::OutOfRange { field });
        if self.port() == 0 {
            return out_of_range("port");
        }
        *out.array()? = self.port().to_be_bytes();
        match self {
            Self::Ipv4 { address, .. } => out.bytes(&address.octets()),
            Self::Ipv6 { address, .. } => out.bytes(&address.octets()),
            Self::DnsName { name, .. } if name.last() == Some(&0) => out_of_range("DNS name"),
            Self::DnsName { name, fill, .. } => {
                if fill.iter().any(|&byte| byte != 0) {
                    return out_of_range("null bytes behind the DNS name");
                }
                out.bytes(name)?;
                out.bytes(fill)
            }
        }
    }
}

/// `feedback to 192.0.2.1:5000`.
impl fmt::Display for FeedbackTarget<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ipv4 { port, address } => write!(f, "feedback to {address}:{port}"),
            Self::Ipv6 { port, address } => write!(f, "feedback to [{address}]:{port}"),
            Self::DnsName { port, name, .. } => write!(f, "feedback to {}:{port}", Text(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::string::ToString;

    use super::*;

    fn built(target: &FeedbackTarget<'_>) -> Result<std::vec::Vec<u8>, BuildError> {
        let mut room = std::vec![0; 2 + target.address_len()];
        target.encode(&mut Sink::new(&mut room))?;
        Ok(room)
    }

    #[test]
    fn a_name_ends_at_its_null_bytes() {
        // "abcd" fills its word: one more holds the null byte.
        let name = FeedbackTarget::dns_name(5000, b"abcd");
        assert_eq!(built(&name).unwrap(), b"\x13\x88abcd\0\0\0\0");
        assert_eq!(FeedbackTarget::name_of(5000, b"abcd\0\0\0\0"), name);
        // One that has none is read all the same.
        let FeedbackTarget::DnsName { name, fill, .. } = FeedbackTarget::name_of(1, b"abcd") else {
            panic!()
        };
        assert_eq!((name, fill), (&b"abcd"[..], &[][..]));
        assert_eq!(FeedbackTarget::dns_name(5000, b"abc").to_string(), "feedback to abc:5000");
        assert_eq!(FeedbackTarget::dns_name(5000, b"a\xff").name_str(), None);
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        let out_of_range = |field| Err(BuildError::OutOfRange { field });
        let none = FeedbackTarget::Ipv4 { port: 0, address: Ipv4Addr::LOCALHOST };
        assert_eq!(built(&none), out_of_range("port"));
        assert_eq!(built(&FeedbackTarget::dns_name(1, b"abc\0")), out_of_range("DNS name"));
        let fill = FeedbackTarget::DnsName { port: 1, name: b"abc", fill: b"x" };
        assert_eq!(built(&fill), out_of_range("null bytes behind the DNS name"));
    }
}
