//! The Internet checksum (RFC 1071), and the pseudo-headers that it covers for UDP, TCP and ICMPv6.
//!
//! A message's checksum is the ones' complement of the ones' complement sum of its 16-bit words. That sum has
//! the same value whatever the width of the words that are added and whatever the order of their bytes (RFC
//! 1071 section 2), so that eight bytes are added at a time here, in the machine's own order, and of many bytes
//! several words side by side.
//!
//! ```
//! use mediawire::net::checksum::{self, Checksum};
//!
//! // The example of RFC 1071 section 3: the words add up to 0xddf2.
//! let bytes = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
//! assert_eq!(checksum::of(&bytes), !0xddf2);
//!
//! // In pieces of any length, odd ones too.
//! let mut sum = Checksum::new();
//! sum.add(&bytes[..3]);
//! sum.add(&bytes[3..]);
//! assert_eq!(sum.finish(), !0xddf2);
//! ```

#![expect(clippy::disallowed_methods, reason = "the sum is the same in any order of bytes")]

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::IpProtocol;

/// The checksum of `bytes`, which have zeros in place of their checksum field. 0 if they have the right checksum.
#[inline]
pub fn of(bytes: &[u8]) -> u16 {
    let mut sum = Checksum::new();
    sum.add(bytes);
    sum.finish()
}

/// A checksum under way: bytes are added in as many pieces as they come in (RFC 1071 section 2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checksum {
    /// Ones' complement sum of the words in the machine's own order of bytes.
    sum: u64,
    /// An odd number of bytes was added so far.
    odd: bool,
}

impl Checksum {
    /// Of no byte.
    #[inline]
    pub const fn new() -> Self {
        Self { sum: 0, odd: false }
    }

    /// Adds the bytes that come next.
    #[inline]
    pub fn add(&mut self, bytes: &[u8]) {
        self.add_sum(sum_of(bytes));
        self.odd ^= bytes.len() & 1 == 1;
    }

    /// Adds a header, or the part of it that is always there.
    #[inline(always)]
    pub(crate) fn add_array<const N: usize>(&mut self, bytes: &[u8; N]) {
        self.add_sum(sum_of_words(0, bytes));
        self.odd ^= N & 1 == 1;
    }

    /// Adds a sum of words that begin here.
    #[inline]
    fn add_sum(&mut self, mut sum: u64) {
        if self.odd {
            // The first byte is the second one of a word: all words are seen with their bytes swapped.
            sum = u64::from(fold(sum).swap_bytes());
        }
        self.sum = add_words(self.sum, sum);
    }

    /// Adds the pseudo-header of a message of `length` bytes, checksum field and payload included.
    ///
    /// `length` is cut to the 16 bits that UDP and TCP over IPv4 have for it, and to 32 over IPv6.
    #[inline(always)] // with addresses of a known version there is little of it
    pub fn add_pseudo_header(&mut self, pseudo: PseudoHeader, protocol: IpProtocol, length: usize) {
        // RFC 768, RFC 9293 section 3.1 and RFC 8200 section 8.1 put length and protocol into words of different
        // places and widths. The sum is the same.
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        let [.., a, b, c, d] = length.to_be_bytes();
        let protocol = u64::from(u16::from_ne_bytes([0, protocol.0]));
        let low = u64::from(u16::from_ne_bytes([c, d]));
        let sum = match pseudo {
            PseudoHeader::V4 { source, destination } => {
                let [source, destination] = [source, destination]
                    .map(|address| u64::from(u32::from_ne_bytes(address.octets())));
                // Far below 64 bits.
                source.wrapping_add(destination).wrapping_add(low).wrapping_add(protocol)
            }
            PseudoHeader::V6 { source, destination } => {
                let high = u64::from(u16::from_ne_bytes([a, b]));
                let rest = low.wrapping_add(high).wrapping_add(protocol);
                let addresses = add_words(sum_of(&source.octets()), sum_of(&destination.octets()));
                add_words(addresses, rest)
            }
        };
        self.add_sum(sum);
    }

    /// The checksum of what was added: what goes into the field, or 0 if that field was added with its right value.
    #[inline]
    pub fn finish(self) -> u16 {
        !u16::from_be(fold(self.sum))
    }

    /// What `found`, which was added with everything else, should have been.
    #[cold]
    fn expected(self, found: u16) -> u16 {
        let mut without = self;
        without.odd = false; // the field begins at an even place
        without.add(&(!found).to_be_bytes());
        without.finish()
    }

    /// Compares the field `found`, which was added with everything else.
    #[inline]
    pub(crate) fn status(self, found: u16) -> ChecksumStatus {
        // Right if all words add up to 0xffff, which is zero too: 0 and 0xffff are the same in the field.
        if self.finish() == 0 {
            return ChecksumStatus::Valid;
        }
        ChecksumStatus::Invalid { expected: self.expected(found), found }
    }
}

/// Whether a checksum is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChecksumStatus {
    /// It is right.
    Valid,
    /// It is wrong. On packets captured by their sender that is common: the network card computes it later.
    Invalid {
        /// What it should be.
        expected: u16,
        /// What the field holds.
        found: u16,
    },
    /// The sender computed none: a UDP checksum of 0.
    Absent,
    /// It covers bytes that are not there: the capture cut the packet short, it is a fragment, or a routing header
    /// or a source route hides the final destination.
    Unknown,
}

impl fmt::Display for ChecksumStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Valid => f.write_str("valid"),
            Self::Invalid { expected, found } => {
                write!(f, "invalid, {found:#06x} in place of {expected:#06x}")
            }
            Self::Absent => f.write_str("absent"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

/// The addresses that the checksums of UDP, TCP and ICMPv6 cover beside the message (RFC 9293 section 3.1, RFC 8200
/// section 8.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PseudoHeader {
    /// Over IPv4.
    V4 {
        /// Source address.
        source: Ipv4Addr,
        /// Destination address: the last one, should the packet carry a source route.
        destination: Ipv4Addr,
    },
    /// Over IPv6.
    V6 {
        /// Source address.
        source: Ipv6Addr,
        /// Destination address: the last one, should the packet carry a routing header.
        destination: Ipv6Addr,
    },
}

impl PseudoHeader {
    /// `None` if the two addresses are not of the same version.
    #[inline]
    pub const fn new(source: IpAddr, destination: IpAddr) -> Option<Self> {
        match (source, destination) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => Some(Self::V4 { source, destination }),
            (IpAddr::V6(source), IpAddr::V6(destination)) => Some(Self::V6 { source, destination }),
            _ => None,
        }
    }
}

/// What a builder of UDP, TCP or ICMPv6 writes into the checksum field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChecksumField {
    /// The right one for a packet between these addresses.
    For(PseudoHeader),
    /// This value, right or wrong: what a view had, or 0, which is UDP's way to have none.
    Given(u16),
}

impl Default for ChecksumField {
    fn default() -> Self {
        Self::Given(0)
    }
}

/// Ones' complement sum of two sums.
#[inline]
const fn add_words(a: u64, b: u64) -> u64 {
    let (sum, carry) = a.overflowing_add(b);
    // Where there is a carry, `sum` is below both: this cannot overflow.
    if carry { sum.wrapping_add(1) } else { sum }
}

/// Down to 16 bits.
#[inline]
fn fold(sum: u64) -> u16 {
    // The sum of both halves is in both halves; the upper one has got the carry out of the lower.
    let [a, b, c, d, ..] = sum.wrapping_add(sum.rotate_left(32)).to_be_bytes();
    let sum = u32::from_be_bytes([a, b, c, d]);
    let [a, b, ..] = sum.wrapping_add(sum.rotate_left(16)).to_be_bytes();
    u16::from_be_bytes([a, b])
}

/// Bytes whose words are added side by side: as many as the vectors of plain x86-64 have room for.
const BLOCK: usize = 64;

/// Ones' complement sum of the bytes, the last one filled up with a zero.
///
/// Vectors have no carry. Each word is added as it is, carries lost, and its high half by itself; what the low halves
/// add up to is the difference. Neither can overflow below 32 GiB.
#[inline(never)] // long, and worth a call
fn sum_of(bytes: &[u8]) -> u64 {
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    let (mut whole, mut high) = ([0_u64; BLOCK / 8], [0_u64; BLOCK / 8]);
    for block in blocks {
        let words = block.as_chunks::<8>().0;
        for ((whole, high), word) in whole.iter_mut().zip(&mut high).zip(words) {
            let word = u64::from_ne_bytes(*word);
            *whole = whole.wrapping_add(word);
            *high = high.wrapping_add(word >> 32);
        }
    }
    let whole = whole.into_iter().fold(0, u64::wrapping_add);
    let high = high.into_iter().fold(0, u64::wrapping_add);
    sum_of_words(add_words(whole.wrapping_sub(high << 32), high), rest)
}

/// The same of few bytes, added to `sum`.
#[inline(always)]
fn sum_of_words(mut sum: u64, bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        sum = add_words(sum, u64::from_ne_bytes(*word));
    }
    // The last bytes, in their places of a word: an even number of bytes stands before each piece.
    let (fours, rest) = rest.as_chunks::<4>();
    for four in fours {
        sum = add_words(sum, u64::from(u32::from_ne_bytes(*four)));
    }
    let (pairs, rest) = rest.as_chunks::<2>();
    for pair in pairs {
        sum = add_words(sum, u64::from(u16::from_ne_bytes(*pair)));
    }
    for &byte in rest {
        sum = add_words(sum, u64::from(u16::from_ne_bytes([byte, 0])));
    }
    sum
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;

    /// The sum as RFC 1071 section 4.1 has it, a word at a time.
    fn by_the_book(bytes: &[u8]) -> u16 {
        let mut sum: u64 = 0;
        for pair in bytes.chunks(2) {
            sum += u64::from(pair[0]) << 8 | u64::from(*pair.get(1).unwrap_or(&0));
        }
        while sum > 0xffff {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        !u16::try_from(sum).unwrap()
    }

    #[test]
    fn statuses_have_their_words() {
        let found = ChecksumStatus::Invalid { expected: 0x1234, found: 5 };
        for (status, word) in [
            (ChecksumStatus::Valid, "valid"),
            (ChecksumStatus::Absent, "absent"),
            (ChecksumStatus::Unknown, "unknown"),
            (found, "invalid, 0x0005 in place of 0x1234"),
        ] {
            assert_eq!(status.to_string(), word);
        }
    }

    #[test]
    fn the_example_of_rfc_1071_section_3() {
        // Two's complement sum 2ddf0, folded to ddf2.
        let bytes = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        assert_eq!(of(&bytes), !0xddf2);
    }

    #[test]
    fn the_header_of_a_real_packet() {
        // sipp-g711-dtmf.pcap, frame 477: the IPv4 header with its checksum 0x4692.
        let mut header = [
            0x45, 0x00, 0x00, 0x2c, 0xdf, 0x92, 0x40, 0x00, 0x40, 0x11, 0x46, 0x92, 0x0a, 0x4d,
            0x00, 0x01, 0x0a, 0x4d, 0x00, 0x02,
        ];
        assert_eq!(of(&header), 0);
        header[10..12].fill(0);
        assert_eq!(of(&header), 0x4692);
    }

    #[test]
    fn nothing_and_one_byte() {
        assert_eq!(of(&[]), 0xffff);
        assert_eq!(of(&[0x12]), !0x1200);
        assert_eq!(of(&[0xff; 2]), 0);
        assert_eq!(of(&[0xff; 100_001]), by_the_book(&[0xff; 100_001]));
    }

    #[test]
    fn a_wrong_checksum_says_what_it_should_be() {
        let mut sum = Checksum::new();
        sum.add(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7, 0x12, 0x34]);
        let status = sum.status(0x1234);
        assert_eq!(status, ChecksumStatus::Invalid { expected: !0xddf2, found: 0x1234 });
        assert_eq!(status.to_string(), "invalid, 0x1234 in place of 0x220d");
    }

    #[test]
    fn a_pseudo_header_needs_one_version() {
        let (four, six) = (Ipv4Addr::LOCALHOST, Ipv6Addr::LOCALHOST);
        assert_eq!(PseudoHeader::new(four.into(), six.into()), None);
        let pseudo = PseudoHeader::V6 { source: six, destination: six };
        assert_eq!(PseudoHeader::new(six.into(), six.into()), Some(pseudo));
    }

    proptest! {
        #[test]
        fn agrees_with_the_book_however_it_is_cut(
            bytes in proptest::collection::vec(any::<u8>(), 0..300),
            mut cuts in proptest::collection::vec(0usize..300, 0..6),
        ) {
            let expected = by_the_book(&bytes);
            prop_assert_eq!(of(&bytes), expected);
            cuts.extend([0, bytes.len()]);
            let mut cuts: Vec<_> = cuts.iter().map(|&cut| cut.min(bytes.len())).collect();
            cuts.sort_unstable();
            let mut sum = Checksum::new();
            for pair in cuts.windows(2) {
                sum.add(&bytes[pair[0]..pair[1]]);
            }
            prop_assert_eq!(sum.finish(), expected);
        }
    }
}
