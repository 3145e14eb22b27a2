//! RTCP bandwidth indication (RFC 5760 section 7.1.11).
//!
//! ```text
//! |    SRBT=11    |   length=2    |S|R|         reserved          |  sub_report.rs
//! |            RTCP bandwidth, kbit/s, 16.16 fixed point          |
//! ```

use core::fmt;

/// The bits of the flags.
const SENDERS: u8 = 0x80;
const RECEIVERS: u8 = 0x40;

/// How much RTCP each may send, read or to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RtcpBandwidth {
    /// S: it holds for each media sender.
    pub senders: bool,
    /// R: it holds for each receiver.
    pub receivers: bool,
    /// In units of 2^-16 kbit/s.
    pub bandwidth: u32,
}

impl RtcpBandwidth {
    /// The bandwidth in bits per second, rounded down.
    #[inline]
    pub fn bits_per_second(&self) -> u32 {
        u32::try_from((u64::from(self.bandwidth) * 1000) >> 16).unwrap_or(u32::MAX)
    }

    /// From what follows type and length.
    #[inline]
    pub(super) const fn from_bytes([flags, _, a, b, c, d]: [u8; 6]) -> Self {
        let bandwidth = u32::from_be_bytes([a, b, c, d]);
        let (senders, receivers) = (flags & SENDERS != 0, flags & RECEIVERS != 0);
        Self { senders, receivers, bandwidth }
    }

    /// What follows type and length, reserved bits 0.
    #[inline]
    pub(super) const fn to_bytes(self) -> [u8; 6] {
        let senders = if self.senders { SENDERS } else { 0 };
        let receivers = if self.receivers { RECEIVERS } else { 0 };
        let [a, b, c, d] = self.bandwidth.to_be_bytes();
        [senders | receivers, 0, a, b, c, d]
    }
}

/// `bandwidth 1500 bit/s for receivers`.
impl fmt::Display for RtcpBandwidth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whom = match (self.senders, self.receivers) {
            (true, true) => "senders and receivers",
            (true, false) => "senders",
            (false, true) => "receivers",
            (false, false) => "none",
        };
        write!(f, "bandwidth {} bit/s for {whom}", self.bits_per_second())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::string::ToString;

    use super::*;

    #[test]
    fn the_binary_point_lies_between_the_second_and_the_third_byte() {
        let half = RtcpBandwidth::from_bytes([0x40, 0, 0, 1, 0x80, 0]);
        assert_eq!((half.senders, half.receivers, half.bits_per_second()), (false, true, 1500));
        assert_eq!(half.to_string(), "bandwidth 1500 bit/s for receivers");
        let most = RtcpBandwidth::from_bytes([0x80, 0, 0xFF, 0xFF, 0xFF, 0xFF]);
        assert_eq!((most.senders, most.bits_per_second()), (true, 65_535_999));
        assert_eq!(most.to_bytes(), [0x80, 0, 0xFF, 0xFF, 0xFF, 0xFF]);
    }
}
