//! IDMS report block, inter-destination media synchronisation (RFC 7272 section 6).
//!
//! ```text
//! |     BT=12     | SPST  |Resrv|P|         block length=7        |
//! |     PT      |               Resrv                             |
//! |              Media Stream Correlation Identifier              |
//! |                     SSRC of media source                      |
//! |      Packet Received NTP timestamp, most significant word     |
//! |      Packet Received NTP timestamp, least significant word    |
//! |              Packet Received RTP timestamp                    |
//! |              Packet Presented NTP timestamp                   |
//! ```

use super::fixed::{fixed_block, registry_field};
use crate::error::BuildError;
use crate::ntp::{NtpShort, NtpTime};
use crate::registry::registry;

registry! {
    /// SPST: who sends the report (IANA, IDMS XR Block SPST); 0 is reserved.
    SyncPacketSenderType(u8) {
        /// A synchronisation client, RFC 7272.
        SC = 1, "SC";
        /// A media synchronisation application server, ETSI TS 183 063.
        MSAS = 2, "MSAS";
        /// The input of an SC', ETSI TS 183 063.
        SC_PRIME_INPUT = 3, "SC' input";
        /// The output of an SC', ETSI TS 183 063.
        SC_PRIME_OUTPUT = 4, "SC' output";
    }
}

registry_field!(SyncPacketSenderType);

fixed_block! {
    /// When a receiver got a packet and when it presented it, read in place.
    Idms, IdmsBuilder: IDMS, "IDMS block", length 7, refuse forbidden;

    /// SPST: who sends the report.
    spst: SyncPacketSenderType = 0: 8..12, default SyncPacketSenderType::SC;
    /// P: there is a time of presentation.
    is_presented as "p": bool = 0: 15..16;
    /// PT: the payload type of the packet.
    payload_type as "pt": u8 = 1: 0..7;
    /// The synchronisation group; 0 for none, all bits 1 are reserved.
    media_stream_correlation_id: u32 = 2: 0..32;
    /// The media source.
    media_ssrc: u32 = 3: 0..32;
    /// Wall clock when the packet's first byte came.
    received_ntp as "received_ntp_sec" "received_ntp_frac": NtpTime = 4: 0..64;
    /// The packet's RTP timestamp.
    received_rtp_timestamp: u32 = 6: 0..32;
    /// Wall clock when the packet was presented, its middle 32 bits; 0 without P.
    presented_ntp: NtpShort = 7: 0..32;
}

impl Idms<'_> {
    /// Wall clock when the packet was presented, its middle 32 bits, if that is known.
    #[inline]
    pub fn presented(&self) -> Option<NtpShort> {
        self.is_presented().then(|| self.presented_ntp())
    }

    /// From the packet's arrival to its presentation, if that is known: the standard has it follow within 2^16 s.
    #[inline]
    pub fn presentation_delay(&self) -> Option<NtpShort> {
        Some(self.presented()?.wrapping_sub(self.received_ntp().middle()))
    }
}

/// What RFC 7272 forbids.
fn forbidden(block: &IdmsBuilder) -> Result<(), BuildError> {
    let field = if block.spst.0 == 0 {
        "spst"
    } else if block.media_stream_correlation_id == u32::MAX {
        "media_stream_correlation_id"
    } else if !block.is_presented && block.presented_ntp.0 != 0 {
        "presented_ntp"
    } else {
        return Ok(());
    };
    Err(BuildError::OutOfRange { field })
}

#[cfg(test)]
mod tests {
    extern crate std;
    use core::time::Duration;

    use super::*;
    use crate::encode::Encode;
    use crate::testing::words;

    // RFC 7272 section 6, row by row; every field another value.
    const BLOCK: [u32; 8] = [
        0x0c11_0007, // SPST=1, P=1
        0xc000_0000, // PT=96
        0x0102_0304, // media stream correlation identifier
        0x1112_1314, // SSRC of media source
        0xb44d_b705, // packet received, NTP timestamp
        0x2000_0000,
        0x3132_3334, // packet received, RTP timestamp
        0xb705_a000, // packet presented, half a second later
    ];

    #[test]
    fn reads_every_field() {
        let bytes = words(BLOCK);
        let block = Idms::parse(&bytes).unwrap();
        assert_eq!((block.spst(), block.is_presented()), (SyncPacketSenderType::SC, true));
        assert_eq!((block.payload_type(), block.media_stream_correlation_id()), (96, 0x0102_0304));
        assert_eq!(block.media_ssrc(), 0x1112_1314);
        assert_eq!(block.received_ntp(), NtpTime::new(0xb44d_b705, 0x2000_0000));
        assert_eq!(block.received_rtp_timestamp(), 0x3132_3334);
        assert_eq!(block.presented(), Some(NtpShort(0xb705_a000)));
        let delay = block.presentation_delay().map(NtpShort::duration);
        assert_eq!(delay, Some(Duration::from_millis(500)));
    }

    #[test]
    fn a_presentation_without_its_flag_is_none() {
        let mut bytes = words(BLOCK);
        bytes[1] = 0x10;
        let block = Idms::parse(&bytes).unwrap();
        assert_eq!((block.presented(), block.presentation_delay()), (None, None));
        assert_eq!(block.presented_ntp(), NtpShort(0xb705_a000));
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        let refused = |block: IdmsBuilder| match block.to_vec() {
            Err(BuildError::OutOfRange { field }) => field,
            other => panic!("{other:?}"),
        };
        let block = IdmsBuilder::default();
        assert_eq!(refused(IdmsBuilder { spst: SyncPacketSenderType(0), ..block }), "spst");
        assert_eq!(refused(IdmsBuilder { spst: SyncPacketSenderType(16), ..block }), "spst");
        assert_eq!(refused(IdmsBuilder { payload_type: 128, ..block }), "payload_type");
        assert_eq!(refused(IdmsBuilder { presented_ntp: NtpShort(1), ..block }), "presented_ntp");
        let block = IdmsBuilder { media_stream_correlation_id: u32::MAX, ..block };
        assert_eq!(refused(block), "media_stream_correlation_id");
    }

    super::super::fixed::fixed_block_tests!(Idms, IdmsBuilder, BLOCK);
}
