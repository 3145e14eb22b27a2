//! ECN feedback, RTCP-ECN-FB (RFC 6679 section 5.1).
//!
//! ```text
//! |V=2|P|  FMT=8  |    PT=205     |           length=7            |  raw.rs
//! |                    SSRC of packet sender                      |
//! |                    SSRC of media source                       |
//! |              Extended Highest Sequence Number                 |  report
//! |                        ECT (0) Counter                        |
//! |                        ECT (1) Counter                        |
//! |        ECN-CE Counter         |        not-ECT Counter        |
//! |     Lost Packets Counter      |      Duplication Counter      |
//! ```

use byteorder::{BE, ByteOrder};
use core::fmt;
use core::ops::Range;

use super::TransportFeedbackFormat;
use super::common::{
    START_LEN, common_accessors, debug_start, display_start, exactly, feedback_of, write_start,
};
use super::raw::Feedback;
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::rtcp::PacketType;

// Places in the report, for reading and for writing.
const HIGHEST_SEQUENCE: Range<usize> = 0..4;
const ECT0: Range<usize> = 4..8;
const ECT1: Range<usize> = 8..12;
const ECN_CE: Range<usize> = 12..14;
const NOT_ECT: Range<usize> = 14..16;
const LOST: Range<usize> = 16..18;
const DUPLICATION: Range<usize> = 18..20;
const REPORT_LEN: usize = DUPLICATION.end;

const FORMAT: (PacketType, u8) = (PacketType::RTPFB, TransportFeedbackFormat::ECN.0);

/// Which ECN marks the packets of a source arrived with, read in place.
///
/// The counters count from the beginning and wrap at their width.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct EcnFeedback<'a> {
    common: Feedback<'a>,
    report: &'a [u8; REPORT_LEN],
}

impl<'a> EcnFeedback<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type or format, a version other than 2, a length or padding beyond the packet; an FCI of another
    /// size.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("RTCP-ECN-FB", bytes, ecn)
    }

    common_accessors!();

    /// Cycles of the sequence number in the high 16 bits, the highest sequence number received in the low.
    #[inline]
    pub fn extended_highest_sequence_number(&self) -> u32 {
        BE::read_u32(&self.report[HIGHEST_SEQUENCE])
    }

    /// Packets received with the mark ECT(0), modulo 2^32.
    #[inline]
    pub fn ect0_count(&self) -> u32 {
        BE::read_u32(&self.report[ECT0])
    }

    /// Packets received with the mark ECT(1), modulo 2^32.
    #[inline]
    pub fn ect1_count(&self) -> u32 {
        BE::read_u32(&self.report[ECT1])
    }

    /// Packets received with the mark CE, duplicates too, modulo 65536.
    #[inline]
    pub fn ecn_ce_count(&self) -> u16 {
        BE::read_u16(&self.report[ECN_CE])
    }

    /// Packets received with the mark not-ECT, modulo 65536.
    #[inline]
    pub fn not_ect_count(&self) -> u16 {
        BE::read_u16(&self.report[NOT_ECT])
    }

    /// Packets expected less those received, duplicates not counted, modulo 65536.
    #[inline]
    pub fn lost_packets(&self) -> u16 {
        BE::read_u16(&self.report[LOST])
    }

    /// Packets received that had been received before, modulo 65536.
    #[inline]
    pub fn duplication(&self) -> u16 {
        BE::read_u16(&self.report[DUPLICATION])
    }
}

/// Validates the whole packet: after this no accessor can fail.
#[inline]
pub(crate) fn ecn(i: &[u8]) -> Step<'_, EcnFeedback<'_>> {
    let (rest, common) = feedback_of(FORMAT.0, FORMAT.1)(i)?;
    let report = exactly("ECN feedback report", common.fci)?;
    Ok((rest, EcnFeedback { common, report }))
}

/// `RTCP-ECN-FB sender=… media=… highest=… ect0=… ect1=… ce=… not_ect=… lost=… duplicates=…`.
impl fmt::Display for EcnFeedback<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display_start(f, &self.common)?;
        write!(f, " highest={}", self.extended_highest_sequence_number())?;
        write!(f, " ect0={} ect1={}", self.ect0_count(), self.ect1_count())?;
        write!(f, " ce={} not_ect={}", self.ecn_ce_count(), self.not_ect_count())?;
        write!(f, " lost={} duplicates={}", self.lost_packets(), self.duplication())
    }
}

impl fmt::Debug for EcnFeedback<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug_start(f, "EcnFeedback", &self.common)
            .field("extended_highest_sequence_number", &self.extended_highest_sequence_number())
            .field("ect0_count", &self.ect0_count())
            .field("ect1_count", &self.ect1_count())
            .field("ecn_ce_count", &self.ecn_ce_count())
            .field("not_ect_count", &self.not_ect_count())
            .field("lost_packets", &self.lost_packets())
            .field("duplication", &self.duplication())
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for EcnFeedback<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        super::common::serialize_start(&mut map, &self.common)?;
        map.serialize_entry("ext_highest_seq", &self.extended_highest_sequence_number())?;
        map.serialize_entry("ect0_count", &self.ect0_count())?;
        map.serialize_entry("ect1_count", &self.ect1_count())?;
        map.serialize_entry("ecn_ce_count", &self.ecn_ce_count())?;
        map.serialize_entry("not_ect_count", &self.not_ect_count())?;
        map.serialize_entry("lost_packets", &self.lost_packets())?;
        map.serialize_entry("duplication", &self.duplication())?;
        map.end()
    }
}

/// An RTCP-ECN-FB packet to be written: fill in the fields, or take a view's by `From`; then `write`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EcnFeedbackBuilder<'a> {
    /// As [`EcnFeedback::sender_ssrc`]; every field points to its accessor so.
    pub sender_ssrc: u32,
    /// As [`EcnFeedback::media_ssrc`].
    pub media_ssrc: u32,
    /// As [`EcnFeedback::extended_highest_sequence_number`].
    pub extended_highest_sequence_number: u32,
    /// As [`EcnFeedback::ect0_count`].
    pub ect0_count: u32,
    /// As [`EcnFeedback::ect1_count`].
    pub ect1_count: u32,
    /// As [`EcnFeedback::ecn_ce_count`].
    pub ecn_ce_count: u16,
    /// As [`EcnFeedback::not_ect_count`].
    pub not_ect_count: u16,
    /// As [`EcnFeedback::lost_packets`].
    pub lost_packets: u16,
    /// As [`EcnFeedback::duplication`].
    pub duplication: u16,
    /// As [`EcnFeedback::padding`].
    pub padding: &'a [u8],
}

impl<'a> From<EcnFeedback<'a>> for EcnFeedbackBuilder<'a> {
    fn from(view: EcnFeedback<'a>) -> Self {
        Self {
            sender_ssrc: view.sender_ssrc(),
            media_ssrc: view.media_ssrc(),
            extended_highest_sequence_number: view.extended_highest_sequence_number(),
            ect0_count: view.ect0_count(),
            ect1_count: view.ect1_count(),
            ecn_ce_count: view.ecn_ce_count(),
            not_ect_count: view.not_ect_count(),
            lost_packets: view.lost_packets(),
            duplication: view.duplication(),
            padding: view.padding(),
        }
    }
}

impl Encode for EcnFeedbackBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        START_LEN + REPORT_LEN + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let ssrcs = (self.sender_ssrc, self.media_ssrc);
        write_start(out, FORMAT, ssrcs, self.encoded_len(), self.padding)?;
        let report = out.array::<REPORT_LEN>()?;
        BE::write_u32(&mut report[HIGHEST_SEQUENCE], self.extended_highest_sequence_number);
        BE::write_u32(&mut report[ECT0], self.ect0_count);
        BE::write_u32(&mut report[ECT1], self.ect1_count);
        BE::write_u16(&mut report[ECN_CE], self.ecn_ce_count);
        BE::write_u16(&mut report[NOT_ECT], self.not_ect_count);
        BE::write_u16(&mut report[LOST], self.lost_packets);
        BE::write_u16(&mut report[DUPLICATION], self.duplication);
        out.bytes(self.padding)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;

    use super::*;
    use crate::error::ErrorKind;
    use crate::testing::{PADDINGS, refuses_every_truncation, words};

    // RFC 6679 figures 1 and 2; every field another value.
    const ECN: [u32; 8] = [
        0x88cd_0007, // V=2 P=0 FMT=8 PT=205 length=7
        1,           // SSRC of packet sender
        2,           // SSRC of media source
        0x0001_0203, // extended highest sequence number
        0x0405_0607, // ECT (0) counter
        0x0809_0a0b, // ECT (1) counter
        0x0c0d_0e0f, // ECN-CE counter, not-ECT counter
        0x1011_1213, // lost packets counter, duplication counter
    ];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(ECN);
        let packet = EcnFeedback::parse(&bytes).unwrap();
        assert_eq!((packet.sender_ssrc(), packet.media_ssrc()), (1, 2));
        assert_eq!(packet.extended_highest_sequence_number(), 0x1_0203);
        assert_eq!((packet.ect0_count(), packet.ect1_count()), (0x0405_0607, 0x0809_0a0b));
        assert_eq!((packet.ecn_ce_count(), packet.not_ect_count()), (0x0c0d, 0x0e0f));
        assert_eq!((packet.lost_packets(), packet.duplication()), (0x1011, 0x1213));
        let line = "RTCP-ECN-FB sender=0x00000001 media=0x00000002 highest=66051 ect0=67438087 \
                    ect1=134810123 ce=3085 not_ect=3599 lost=4113 duplicates=4627";
        assert_eq!(packet.to_string(), line);
        assert_eq!(EcnFeedbackBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn refuses_what_has_another_size() {
        refuses_every_truncation(&words(ECN), EcnFeedback::parse);
        let refused = |bytes: &[u32]| {
            let error = EcnFeedback::parse(&words(bytes)).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let field = "ECN feedback report";
        let kind = ErrorKind::Length { found: 16, have: 20 };
        assert_eq!(refused(&[0x88cd_0006, 1, 2, 3, 4, 5, 6]), (field, 12, kind));
        let kind = ErrorKind::Length { found: 24, have: 20 };
        assert_eq!(refused(&[0x88cd_0008, 1, 2, 3, 4, 5, 6, 7, 8]), (field, 32, kind));
        let kind = ErrorKind::Value { found: 9 };
        assert_eq!(refused(&[0x89cd_0002, 1, 2]), ("format", 0, kind));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn its_json_is_named_as_the_registry_names_its_fields() {
        let bytes = words(ECN);
        let json = r#"{"version":2,"padding":false,"packet_type":205,"length":7,"padding_size":0,"type":"ecn","fmt":8,"sender_ssrc":1,"media_ssrc":2,"ext_highest_seq":66051,"ect0_count":67438087,"ect1_count":134810123,"ecn_ce_count":3085,"not_ect_count":3599,"lost_packets":4113,"duplication":4627}"#;
        assert_eq!(serde_json::to_string(&EcnFeedback::parse(&bytes).unwrap()).unwrap(), json);
    }

    proptest! {
        #[test]
        fn writes_what_it_reads(
            (sender_ssrc, media_ssrc, report) in any::<(u32, u32, [u8; 20])>(),
            padding in prop::sample::select(PADDINGS),
        ) {
            let format = TransportFeedbackFormat::ECN.0;
            let bytes = crate::rtcp::FeedbackBuilder {
                packet_type: PacketType::RTPFB, format, sender_ssrc, media_ssrc, fci: &report, padding,
            }.to_vec().unwrap();
            let packet = EcnFeedback::parse(&bytes).unwrap();
            prop_assert_eq!(EcnFeedbackBuilder::from(packet).to_vec().unwrap(), bytes);
        }
    }
}
