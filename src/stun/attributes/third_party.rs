//! Third-party authorization: THIRD-PARTY-AUTHORIZATION, ACCESS-TOKEN (RFC 7635 section 6).
//!
//! ```text
//! |         nonce_length          |  nonce …                         ACCESS-TOKEN
//! |  encrypted_block …
//!
//! |          key_length           |  mac_key …                       the block, once it is decrypted
//! |                      timestamp, 8 bytes                       |
//! |                           lifetime                            |
//! ```

use byteorder::{BE, ByteOrder};
use core::fmt;
use core::ops::Range;
use core::time::Duration;
use nom::Parser;
use nom::error::context;

use super::text::{check_utf8, text_attribute};
use crate::encode::{Encode, Sink, narrow};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::stun::{AttributeType, TypedAttribute};
use crate::wire::{announced, be_u16};

text_attribute! {
    /// THIRD-PARTY-AUTHORIZATION: the server's name, for which the client asks the authorization server for a token (RFC
    /// 7635 section 6.1).
    ThirdPartyAuthorization, THIRD_PARTY_AUTHORIZATION, "THIRD-PARTY-AUTHORIZATION", check_utf8
}

/// ACCESS-TOKEN: what the authorization server gave the client for the STUN server (RFC 7635 section 6.2).
///
/// A client passes the token on as it got it: out of its bytes comes the value by
/// [`TypedAttribute::parse`], or they are pushed by [`push_raw`](crate::stun::MessageWriter::push_raw). The server decrypts
/// the block with the key that it shares with the authorization server and reads [`AccessTokenBlock`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccessToken<'a> {
    /// The nonce of the encryption.
    pub nonce: &'a [u8],
    /// The ciphertext, with what authenticates it.
    pub encrypted_block: &'a [u8],
}

impl<'a> TypedAttribute<'a> for AccessToken<'a> {
    const TYPE: AttributeType = AttributeType::ACCESS_TOKEN;

    #[inline]
    fn parse(value: &'a [u8], _: &[u8; 16]) -> Result<Self, ParseError> {
        run("ACCESS-TOKEN", value, |i| {
            let (rest, len) = length_field("nonce length", i)?;
            let (encrypted_block, nonce) = context("nonce", announced(len)).parse(rest)?;
            Ok((&[], Self { nonce, encrypted_block }))
        })
    }

    #[inline]
    fn value_len(&self) -> usize {
        self.nonce.len().saturating_add(self.encrypted_block.len()).saturating_add(2)
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>, _: &[u8; 16]) -> Result<(), BuildError> {
        let len: u16 = narrow("nonce", self.nonce.len())?;
        *out.array()? = len.to_be_bytes();
        out.bytes(self.nonce)?;
        out.bytes(self.encrypted_block)
    }
}

/// A 16-bit length in front of something.
#[inline]
fn length_field<'a>(field: &'static str, i: &'a [u8]) -> Step<'a, usize> {
    match be_u16(i) {
        Ok((rest, len)) => Ok((rest, len.into())),
        Err(_) => Err(Fail::field(field, i, ErrorKind::Length { found: 2, have: i.len() })),
    }
}

// Places behind the key.
const TIMESTAMP: Range<usize> = 0..8;
const LIFETIME: Range<usize> = 8..12;
const TAIL_LEN: usize = LIFETIME.end;

/// What an ACCESS-TOKEN holds, once its block is decrypted (RFC 7635 section 6.2). The decryption is the caller's.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AccessTokenBlock<'a> {
    /// The session key: [`Key::from_bytes`](crate::stun::Key::from_bytes) prepares it.
    pub mac_key: &'a [u8],
    /// When the token was made, since 1970: seconds in the high 48 bits, 1/64000 s in the low 16.
    pub timestamp: u64,
    /// For how long it is good, in seconds.
    pub lifetime: u32,
}

impl<'a> AccessTokenBlock<'a> {
    /// Reads a decrypted block.
    ///
    /// # Errors
    /// The block is not as long as the key's length says.
    #[inline]
    pub fn parse(block: &'a [u8]) -> Result<Self, ParseError> {
        run("access token block", block, |i| {
            let (rest, len) = length_field("key length", i)?;
            let (tail, mac_key) = context("key", announced(len)).parse(rest)?;
            let Ok(fields) = <&[u8; TAIL_LEN]>::try_from(tail) else {
                let kind = ErrorKind::Length { found: tail.len(), have: TAIL_LEN };
                return Err(Fail::field("timestamp and lifetime", tail, kind));
            };
            let timestamp = BE::read_u64(&fields[TIMESTAMP]);
            Ok((&[], Self { mac_key, timestamp, lifetime: BE::read_u32(&fields[LIFETIME]) }))
        })
    }

    /// [`timestamp`](Self::timestamp) as the time since 1970.
    #[inline]
    pub fn since_1970(&self) -> Duration {
        // 1/64000 s are 15625 ns; 65535 of them are more than a second, which the sum carries over.
        let fraction = Duration::from_nanos((self.timestamp & 0xFFFF) * 15625);
        Duration::from_secs(self.timestamp >> 16) + fraction
    }

    /// The time since 1970 as a [`timestamp`](Self::timestamp), rounded down.
    #[inline]
    pub fn timestamp_of(since_1970: Duration) -> u64 {
        since_1970.as_secs() << 16 | u64::from(since_1970.subsec_nanos() / 15625)
    }
}

/// Nothing of the key is shown.
impl fmt::Debug for AccessTokenBlock<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessTokenBlock")
            .field("mac_key", &format_args!(".."))
            .field("timestamp", &self.timestamp)
            .field("lifetime", &self.lifetime)
            .finish()
    }
}

impl Encode for AccessTokenBlock<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        self.mac_key.len().saturating_add(2 + TAIL_LEN)
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let len: u16 = narrow("key", self.mac_key.len())?;
        *out.array()? = len.to_be_bytes();
        out.bytes(self.mac_key)?;
        let tail = out.array::<TAIL_LEN>()?;
        BE::write_u64(&mut tail[TIMESTAMP], self.timestamp);
        BE::write_u32(&mut tail[LIFETIME], self.lifetime);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::format;

    use super::*;

    const ID: &[u8; 16] = &[0; 16];

    #[test]
    fn the_token_of_rfc_7635_figure_4() {
        let bytes = [
            0, 3, 1, 2, 3, // nonce_length, nonce
            9, 9, 9, 9, 9, // encrypted_block
        ];
        let token = AccessToken::parse(&bytes, ID).unwrap();
        assert_eq!((token.nonce, token.encrypted_block), (&[1, 2, 3][..], &[9; 5][..]));
        let mut out = [0xFF; 10];
        assert_eq!(token.value_len(), 10);
        token.encode(&mut Sink::new(&mut out), ID).unwrap();
        assert_eq!(out, bytes);
        assert_eq!(AccessToken::parse(&[0, 0], ID), Ok(AccessToken::default()));
        for (len, field, offset, kind) in [
            (0, "nonce length", 0, ErrorKind::Length { found: 2, have: 0 }),
            (1, "nonce length", 0, ErrorKind::Length { found: 2, have: 1 }),
            (4, "nonce", 2, ErrorKind::Length { found: 3, have: 2 }),
        ] {
            let error = AccessToken::parse(&bytes[..len], ID).unwrap_err();
            assert_eq!((error.field, error.offset, error.kind), (field, offset, kind));
        }
        let token = AccessToken { nonce: &[0; 0x1_0000], encrypted_block: &[] };
        let refused = Err(BuildError::OutOfRange { field: "nonce" });
        assert_eq!(token.encode(&mut Sink::new(&mut [0; 8]), ID), refused);
    }

    #[test]
    fn the_block_of_rfc_7635_figure_4() {
        let bytes = [
            0, 4, b'k', b'e', b'y', b'!', // key_length, mac_key
            0, 0, 0, 0, 0, 10, 0x7D, 0, // timestamp: 10 s and 32000/64000 s
            0, 0, 0x0E, 0x10, // lifetime: one hour, the RFC's example
        ];
        let block = AccessTokenBlock::parse(&bytes).unwrap();
        assert_eq!((block.mac_key, block.lifetime), (&b"key!"[..], 3600));
        assert_eq!(block.since_1970(), Duration::from_millis(10_500));
        assert_eq!(AccessTokenBlock::timestamp_of(block.since_1970()), block.timestamp);
        let mut out = [0xFF; 18];
        assert_eq!(block.write(&mut out), Ok(18));
        assert_eq!(out, bytes);
        assert!(!format!("{block:?}").contains("107"), "the key is not shown: {block:?}");
        for len in 0..18 {
            assert_eq!(AccessTokenBlock::parse(&bytes[..len]).unwrap_err().kind.name(), "length");
        }
        assert!(AccessTokenBlock::parse(&[&bytes[..], &[0]].concat()).is_err());
        let last = AccessTokenBlock { mac_key: &[], timestamp: u64::MAX, lifetime: 0 };
        assert!(last.since_1970().as_secs() >= u64::MAX >> 16, "no overflow");
    }
}
