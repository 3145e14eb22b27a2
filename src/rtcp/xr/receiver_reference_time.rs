//! Receiver reference time report block, RRT (RFC 3611 section 4.4).
//!
//! ```text
//! |     BT=4      |   reserved    |       block length = 2        |
//! |              NTP timestamp, most significant word             |
//! |             NTP timestamp, least significant word             |
//! ```

use super::fixed::fixed_block;
use crate::ntp::NtpTime;

fixed_block! {
    /// The clock of a participant that does not send media, read in place: others answer it with a
    /// [`Dlrr`](super::Dlrr), and the round trip comes out as with SR and RR.
    ReceiverReferenceTime, ReceiverReferenceTimeBuilder: RECEIVER_REFERENCE_TIME,
    "receiver reference time block", length 2;

    /// Wall clock when the block was sent; time since joining from a sender that has none, or 0.
    ntp_timestamp as "ntp_seconds" "ntp_fraction": NtpTime = 1: 0..64;
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::string::ToString;

    use super::*;

    // The block of pion-rtcp-stun.pcap, frame 20.
    const BLOCK: [u32; 3] = [0x0400_0002, 0x0102_0304, 0x0506_0708];

    #[test]
    fn reads_every_field() {
        let bytes = crate::testing::words(BLOCK);
        let block = ReceiverReferenceTime::parse(&bytes).unwrap();
        assert_eq!(block.ntp_timestamp(), NtpTime(72_623_859_790_382_856));
        // 0x05060708 / 2^32 = 0.019623222
        assert_eq!(block.to_string(), "RRT ntp_timestamp=16909060.019623222");
    }

    super::super::fixed::fixed_block_tests!(
        ReceiverReferenceTime,
        ReceiverReferenceTimeBuilder,
        BLOCK
    );
}
