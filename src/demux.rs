//! Which protocol a datagram is of, where several share a port (RFC 7983 as updated by RFC 9443; RFC 5761).
//!
//! ```
//! use mediawire::demux::{Protocol, demux};
//!
//! assert_eq!(demux(&[0x80, 0x60, 0, 1])?, Protocol::Rtp);
//! assert_eq!(demux(&[0x80, 0xC8, 0, 6])?, Protocol::Rtcp);
//! # Ok::<(), mediawire::ParseError>(())
//! ```

use core::fmt;

use crate::error::{ErrorKind, ParseError};
use crate::stun::MAGIC_COOKIE;

/// What [`demux`] tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// STUN with its magic cookie (RFC 5389 and later).
    Stun,
    /// STUN without a cookie (RFC 3489): the first byte is STUN's, and the length field says what is left.
    ClassicStun,
    /// ZRTP (RFC 6189).
    Zrtp,
    /// DTLS.
    Dtls,
    /// ChannelData of TURN: the length field says what is left, but for at most 3 bytes of padding.
    TurnChannel,
    /// QUIC.
    Quic,
    /// RTP, SRTP.
    Rtp,
    /// RTCP, SRTCP.
    Rtcp,
    /// A first byte, or a datagram under 4, that belongs to none of them.
    Unknown,
}

/// The name as one writes it.
impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Stun => "STUN",
            Self::ClassicStun => "classic STUN",
            Self::Zrtp => "ZRTP",
            Self::Dtls => "DTLS",
            Self::TurnChannel => "TURN channel",
            Self::Quic => "QUIC",
            Self::Rtp => "RTP",
            Self::Rtcp => "RTCP",
            Self::Unknown => "unknown",
        })
    }
}

/// Tells the protocol by the first two bytes, STUN by its cookie, and ChannelData by its length. What it says is where to
/// look, not that the datagram parses.
///
/// A first byte of 64 to 79 is ChannelData from a TURN server and QUIC from anybody else (RFC 9443): one who knows the
/// sender knows better than the length.
///
/// # Errors
/// Fewer than two bytes (`Truncated`): too short for any of them.
#[inline]
pub fn demux(datagram: &[u8]) -> Result<Protocol, ParseError> {
    let [first, second, rest @ ..] = datagram else {
        let kind = ErrorKind::Truncated { need: 2, have: datagram.len() };
        return Err(ParseError { what: "datagram", field: "first two bytes", offset: 0, kind });
    };
    Ok(match first {
        0..=3 => stun(rest),
        16..=19 => Protocol::Zrtp,
        20..=63 => Protocol::Dtls,
        64..=79 => match rest {
            [a, b, data @ ..] if is_all_but_padding(u16::from_be_bytes([*a, *b]), data.len()) => {
                Protocol::TurnChannel
            }
            _ => Protocol::Quic,
        },
        80..=127 | 192..=255 => Protocol::Quic,
        128..=191 => match second {
            192..=223 => Protocol::Rtcp,
            _ => Protocol::Rtp,
        },
        4..=15 => Protocol::Unknown,
    })
}

/// STUN, by what follows the message type: length, cookie, transaction id.
#[inline]
fn stun(rest: &[u8]) -> Protocol {
    let Some((&[l0, l1, c0, c1, c2, c3], rest)) = rest.split_first_chunk() else {
        return Protocol::Unknown;
    };
    if u32::from_be_bytes([c0, c1, c2, c3]) == MAGIC_COOKIE {
        return Protocol::Stun;
    }
    match rest.split_at_checked(12) {
        Some((_, body)) if body.len() == usize::from(u16::from_be_bytes([l0, l1])) => {
            Protocol::ClassicStun
        }
        _ => Protocol::Unknown,
    }
}

/// Whether `have` bytes are `length` and at most 3 of padding.
#[inline]
fn is_all_but_padding(length: u16, have: usize) -> bool {
    matches!(have.checked_sub(usize::from(length)), Some(0..=3))
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::format;
    use std::vec;

    use super::*;

    /// RFC 7983 section 7 and RFC 9443 section 2 by first byte; RFC 9443's word where they differ.
    const FIRST_BYTE: [(u8, u8, Protocol); 8] = [
        (0, 3, Protocol::Stun),
        (4, 15, Protocol::Unknown),
        (16, 19, Protocol::Zrtp),
        (20, 63, Protocol::Dtls),
        (64, 79, Protocol::TurnChannel),
        (80, 127, Protocol::Quic),
        (128, 191, Protocol::Rtp),
        (192, 255, Protocol::Quic),
    ];

    /// RFC 5761 section 4 by second byte, where the first is 128 to 191.
    const SECOND_BYTE: [(u8, u8, Protocol); 6] = [
        (0, 63, Protocol::Rtp),
        (64, 95, Protocol::Rtp),
        (96, 127, Protocol::Rtp),
        (128, 191, Protocol::Rtp),
        (192, 223, Protocol::Rtcp),
        (224, 255, Protocol::Rtp),
    ];

    fn by_table(table: &[(u8, u8, Protocol)], byte: u8) -> Protocol {
        table.iter().find(|(low, high, _)| (*low..=*high).contains(&byte)).unwrap().2
    }

    #[test]
    fn protocols_have_their_names() {
        use Protocol as P;
        let all =
            [P::Stun, P::ClassicStun, P::Zrtp, P::Dtls, P::TurnChannel, P::Quic, P::Rtp, P::Rtcp];
        let names = "STUN, classic STUN, ZRTP, DTLS, TURN channel, QUIC, RTP, RTCP";
        assert_eq!(all.map(|protocol| std::format!("{protocol}")).join(", "), names);
        assert_eq!(std::format!("{:>9}", P::Unknown), "  unknown");
    }

    #[test]
    fn every_pair_of_first_bytes_by_the_tables() {
        for first in 0..=255 {
            for second in 0..=255 {
                // With the cookie where STUN has it, and 16 bytes left behind a length of 16.
                let mut datagram = [0; 20];
                datagram[..8].copy_from_slice(&[first, second, 0, 16, 0x21, 0x12, 0xa4, 0x42]);
                let expected = match by_table(&FIRST_BYTE, first) {
                    Protocol::Rtp => by_table(&SECOND_BYTE, second),
                    protocol => protocol,
                };
                assert_eq!(demux(&datagram), Ok(expected), "{first} {second}");
            }
        }
    }

    #[test]
    fn two_bytes_are_enough_and_fewer_are_too_short() {
        for have in 0..2 {
            let error = demux(&[0x80, 0xC8][..have]).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Truncated { need: 2, have });
            assert!(format!("{error}").contains("cut short, 2 bytes needed"));
        }
        for first in 0..=255 {
            let expected = match by_table(&FIRST_BYTE, first) {
                Protocol::Stun => Protocol::Unknown,
                Protocol::TurnChannel => Protocol::Quic,
                protocol => protocol,
            };
            assert_eq!(demux(&[first, 0]), Ok(expected), "{first}");
        }
    }

    #[test]
    fn stun_is_told_by_its_cookie_and_classic_stun_by_its_length() {
        // RFC 5389 section 6: a Binding request without attributes.
        let mut datagram = *b"\0\x01\0\0\x21\x12\xa4\x42abcdefghijkl....";
        assert_eq!(demux(&datagram), Ok(Protocol::Stun), "whatever follows");
        assert_eq!(demux(&datagram[..8]), Ok(Protocol::Stun), "even cut short");
        assert_eq!(demux(&datagram[..7]), Ok(Protocol::Unknown));
        datagram[4] = 0x20;
        assert_eq!(demux(&datagram[..20]), Ok(Protocol::ClassicStun));
        assert_eq!(demux(&datagram), Ok(Protocol::Unknown), "4 bytes more than it says");
        datagram[3] = 4;
        assert_eq!(demux(&datagram), Ok(Protocol::ClassicStun));
        assert_eq!(demux(&datagram[..23]), Ok(Protocol::Unknown));
        // The payload that turnutils_uclient relays begins with 0 and is no STUN (coturn-turn-udp.pcap, frame 42).
        let mut uclient = [7; 117];
        uclient[..4].copy_from_slice(&[0; 4]);
        assert_eq!(demux(&uclient), Ok(Protocol::Unknown));
    }

    #[test]
    fn channel_data_is_told_by_its_length() {
        for (length, left, expected) in [
            (0, 0, Protocol::TurnChannel),
            (5, 5, Protocol::TurnChannel),
            (5, 8, Protocol::TurnChannel),
            (5, 9, Protocol::Quic),
            (5, 4, Protocol::Quic),
            (0xFFFF, 4, Protocol::Quic),
        ] {
            for first in [64, 79] {
                let mut datagram = vec![0; 4 + left];
                datagram[0] = first;
                datagram[2..4].copy_from_slice(&u16::to_be_bytes(length));
                assert_eq!(demux(&datagram), Ok(expected), "{first} {length} {left}");
            }
        }
    }
}
