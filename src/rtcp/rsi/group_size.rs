//! RTCP group and average packet size (RFC 5760 section 7.1.12).
//!
//! ```text
//! |    SRBT=12    |   length=2    |      average packet size      |  sub_report.rs
//! |                      receiver group size                      |
//! ```

use core::fmt;

/// How many receivers there are and how much they send, read or to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct GroupAndAveragePacketSize {
    /// The average RTCP packet, in bytes.
    pub average_packet_size: u16,
    /// How many receivers the session has.
    pub receiver_group_size: u32,
}

impl GroupAndAveragePacketSize {
    /// From what follows type and length.
    #[inline]
    pub(super) const fn from_bytes([a, b, c, d, e, f]: [u8; 6]) -> Self {
        Self {
            average_packet_size: u16::from_be_bytes([a, b]),
            receiver_group_size: u32::from_be_bytes([c, d, e, f]),
        }
    }

    /// What follows type and length.
    #[inline]
    pub(super) const fn to_bytes(self) -> [u8; 6] {
        let [a, b] = self.average_packet_size.to_be_bytes();
        let [c, d, e, f] = self.receiver_group_size.to_be_bytes();
        [a, b, c, d, e, f]
    }
}

/// `group of 100, packets of 64 bytes`.
impl fmt::Display for GroupAndAveragePacketSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { average_packet_size, receiver_group_size } = self;
        write!(f, "group of {receiver_group_size}, packets of {average_packet_size} bytes")
    }
}
