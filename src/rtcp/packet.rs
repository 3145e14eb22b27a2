//! A packet of whatever type its header says.

use core::fmt;

use super::app::app;
use super::bye::bye;
use super::feedback::{
    ccfb, dbi, ecn, feedback, nack, pause_resume, rams, sr_req, tllei, tmmbn, tmmbr, transport_cc,
};
use super::header::header;
use super::raw::raw_packet;
use super::rr::receiver_report;
use super::sdes::source_description;
use super::sr::sender_report;
use super::{
    App, Bye, Ccfb, Dbi, EcnFeedback, Feedback, Header, Nack, PacketType, PauseResume, Rams,
    RawPacket, ReceiverReport, SenderReport, SourceDescription, SrReq, Tllei, Tmmbn, Tmmbr,
    TransportCc, TransportFeedbackFormat,
};
use crate::error::{ParseError, run_in};

/// An RTCP packet of any type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Packet<'a> {
    /// Sender report.
    SenderReport(SenderReport<'a>),
    /// Receiver report.
    ReceiverReport(ReceiverReport<'a>),
    /// Source description.
    SourceDescription(SourceDescription<'a>),
    /// Goodbye.
    Bye(Bye<'a>),
    /// Application-defined.
    App(App<'a>),
    /// Generic negative acknowledgement.
    Nack(Nack<'a>),
    /// Temporary maximum media stream bit rate request.
    Tmmbr(Tmmbr<'a>),
    /// Temporary maximum media stream bit rate notification.
    Tmmbn(Tmmbn<'a>),
    /// Rapid resynchronisation request.
    SrReq(SrReq<'a>),
    /// Rapid acquisition of multicast sessions.
    Rams(Rams<'a>),
    /// Transport-layer third-party loss early indication.
    Tllei(Tllei<'a>),
    /// ECN feedback.
    EcnFeedback(EcnFeedback<'a>),
    /// Pausing and resuming of streams.
    PauseResume(PauseResume<'a>),
    /// Delay budget information.
    Dbi(Dbi<'a>),
    /// Congestion control feedback.
    Ccfb(Ccfb<'a>),
    /// Transport-wide congestion control feedback.
    TransportCc(TransportCc<'a>),
    /// Feedback in a format that has no view of its own.
    Feedback(Feedback<'a>),
    /// A type that has no view of its own.
    Other(RawPacket<'a>),
}

impl<'a> Packet<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Those of the type that the header says.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        Self::parse_in(bytes, bytes)
    }

    /// Reads the packet at the front of `at`, which lies within `whole`: an error counts its place from there.
    #[inline]
    pub(crate) fn parse_in(whole: &'a [u8], at: &'a [u8]) -> Result<Self, ParseError> {
        match run_in("RTCP packet", whole, at, header)?.packet_type() {
            PacketType::SR => {
                run_in("sender report", whole, at, sender_report).map(Self::SenderReport)
            }
            PacketType::RR => {
                run_in("receiver report", whole, at, receiver_report).map(Self::ReceiverReport)
            }
            PacketType::SDES => run_in("source description", whole, at, source_description)
                .map(Self::SourceDescription),
            PacketType::BYE => run_in("BYE", whole, at, bye).map(Self::Bye),
            PacketType::APP => run_in("APP", whole, at, app).map(Self::App),
            PacketType::RTPFB => Self::parse_transport_feedback(whole, at),
            PacketType::PSFB => run_in("feedback", whole, at, feedback).map(Self::Feedback),
            _ => run_in("RTCP packet", whole, at, raw_packet).map(Self::Other),
        }
    }

    /// The same for transport layer feedback, by its format.
    #[inline]
    fn parse_transport_feedback(whole: &'a [u8], at: &'a [u8]) -> Result<Self, ParseError> {
        use TransportFeedbackFormat as Format;
        match Format(run_in("RTCP packet", whole, at, header)?.count()) {
            Format::NACK => run_in("NACK", whole, at, nack).map(Self::Nack),
            Format::TMMBR => run_in("TMMBR", whole, at, tmmbr).map(Self::Tmmbr),
            Format::TMMBN => run_in("TMMBN", whole, at, tmmbn).map(Self::Tmmbn),
            Format::SR_REQ => run_in("RTCP-SR-REQ", whole, at, sr_req).map(Self::SrReq),
            Format::RAMS => run_in("RAMS", whole, at, rams).map(Self::Rams),
            Format::TLLEI => run_in("TLLEI", whole, at, tllei).map(Self::Tllei),
            Format::ECN => run_in("RTCP-ECN-FB", whole, at, ecn).map(Self::EcnFeedback),
            Format::PAUSE_RESUME => {
                run_in("PAUSE-RESUME", whole, at, pause_resume).map(Self::PauseResume)
            }
            Format::DBI => run_in("DBI", whole, at, dbi).map(Self::Dbi),
            Format::CCFB => run_in("CCFB", whole, at, ccfb).map(Self::Ccfb),
            Format::TRANSPORT_CC => {
                run_in("transport-cc", whole, at, transport_cc).map(Self::TransportCc)
            }
            _ => run_in("feedback", whole, at, feedback).map(Self::Feedback),
        }
    }

    /// The packet's first four bytes.
    #[inline]
    pub const fn header(&self) -> Header {
        match self {
            Self::SenderReport(packet) => packet.header(),
            Self::ReceiverReport(packet) => packet.header(),
            Self::SourceDescription(packet) => packet.header(),
            Self::Bye(packet) => packet.header(),
            Self::App(packet) => packet.header(),
            Self::Nack(packet) => packet.header(),
            Self::Tmmbr(packet) => packet.header(),
            Self::Tmmbn(packet) => packet.header(),
            Self::SrReq(packet) => packet.header(),
            Self::Rams(packet) => packet.header(),
            Self::Tllei(packet) => packet.header(),
            Self::EcnFeedback(packet) => packet.header(),
            Self::PauseResume(packet) => packet.header(),
            Self::Dbi(packet) => packet.header(),
            Self::Ccfb(packet) => packet.header(),
            Self::TransportCc(packet) => packet.header(),
            Self::Feedback(packet) => packet.header(),
            Self::Other(packet) => packet.header(),
        }
    }
}

impl fmt::Display for Packet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SenderReport(packet) => packet.fmt(f),
            Self::ReceiverReport(packet) => packet.fmt(f),
            Self::SourceDescription(packet) => packet.fmt(f),
            Self::Bye(packet) => packet.fmt(f),
            Self::App(packet) => packet.fmt(f),
            Self::Nack(packet) => packet.fmt(f),
            Self::Tmmbr(packet) => packet.fmt(f),
            Self::Tmmbn(packet) => packet.fmt(f),
            Self::SrReq(packet) => packet.fmt(f),
            Self::Rams(packet) => packet.fmt(f),
            Self::Tllei(packet) => packet.fmt(f),
            Self::EcnFeedback(packet) => packet.fmt(f),
            Self::PauseResume(packet) => packet.fmt(f),
            Self::Dbi(packet) => packet.fmt(f),
            Self::Ccfb(packet) => packet.fmt(f),
            Self::TransportCc(packet) => packet.fmt(f),
            Self::Feedback(packet) => packet.fmt(f),
            Self::Other(packet) => packet.fmt(f),
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Packet<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::SenderReport(packet) => packet.serialize(serializer),
            Self::ReceiverReport(packet) => packet.serialize(serializer),
            Self::SourceDescription(packet) => packet.serialize(serializer),
            Self::Bye(packet) => packet.serialize(serializer),
            Self::App(packet) => packet.serialize(serializer),
            Self::Nack(packet) => packet.serialize(serializer),
            Self::Tmmbr(packet) => packet.serialize(serializer),
            Self::Tmmbn(packet) => packet.serialize(serializer),
            Self::SrReq(packet) => packet.serialize(serializer),
            Self::Rams(packet) => packet.serialize(serializer),
            Self::Tllei(packet) => packet.serialize(serializer),
            Self::EcnFeedback(packet) => packet.serialize(serializer),
            Self::PauseResume(packet) => packet.serialize(serializer),
            Self::Dbi(packet) => packet.serialize(serializer),
            Self::Ccfb(packet) => packet.serialize(serializer),
            Self::TransportCc(packet) => packet.serialize(serializer),
            Self::Feedback(packet) => packet.serialize(serializer),
            Self::Other(packet) => packet.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;
    use crate::error::ErrorKind;
    use crate::rtcp::Compound;
    use crate::testing::words;

    #[test]
    fn every_registered_format_of_transport_feedback_has_its_view() {
        // The FCI that each of them takes; the registry's names in front of its line.
        let formats: [(u32, &[u32], &str); 11] = [
            (1, &[3], "NACK"),
            (3, &[3, 4], "TMMBR"),
            (4, &[], "TMMBN"),
            (5, &[], "RTCP-SR-REQ"),
            (6, &[0x0300_0000], "RAMS"),
            (7, &[3], "TLLEI"),
            (8, &[1, 2, 3, 4, 5], "RTCP-ECN-FB"),
            (9, &[3, 0], "PAUSE-RESUME"),
            (10, &[0], "DBI"),
            (11, &[], "CCFB"),
            (15, &[0, 0], "TRANSPORT-CC"),
        ];
        for (format, fci, name) in formats {
            let length = 2 + u32::try_from(fci.len()).unwrap();
            let header = 0x80cd_0000 | format << 24 | length;
            let bytes = words([&[header, 1, 2], fci].concat());
            let packet = Packet::parse(&bytes).unwrap();
            assert!(!matches!(packet, Packet::Feedback(_)), "{packet:?}");
            assert_eq!(u32::from(packet.header().count()), format);
            let line = packet.to_string();
            assert!(line.starts_with(name) && line.contains("sender=0x00000001"), "{line}");
        }
        // Formats 0, 2, 12 and 31 have no layout.
        for format in [0, 2, 12, 31] {
            let bytes = words([0x80cd_0003 | format << 24, 1, 2, 3]);
            assert!(matches!(Packet::parse(&bytes), Ok(Packet::Feedback(_))), "{format}");
        }
    }

    #[test]
    fn malformed_feedback_does_not_hide_what_follows() {
        // A NACK; transport-cc that announces a packet and has no chunk; CCFB with a report too many; a NACK.
        let datagram = words([
            0x81cd_0003,
            1,
            2,
            7, //
            0x8fcd_0004,
            1,
            2,
            1,
            0, //
            0x8bcd_0005,
            1,
            2,
            3,
            0,
            5, //
            0x81cd_0003,
            1,
            2,
            9,
        ]);
        let seen: Vec<_> = Compound::new(&datagram)
            .map(|packet| match packet {
                Ok(packet) => Ok(packet.header().count()),
                Err(error) => Err((error.what, error.field, error.offset, error.kind)),
            })
            .collect();
        let count = |need, have| ErrorKind::Count { need, have };
        let expected = [
            Ok(1),
            Err(("transport-cc", "packet chunks", 36, count(2, 0))),
            Err(("CCFB", "packet metric blocks", 52, count(6, 4))),
            Ok(1),
        ];
        assert_eq!(seen, expected);
    }
}
