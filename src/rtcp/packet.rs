//! A packet of whatever type its header says.

use core::fmt;

use super::app::app;
use super::avb::avb;
use super::bye::bye;
use super::feedback::{
    afb, ccfb, dbi, ecn, feedback, fir, is_remb, lrr, nack, pause_resume, pli, pslei, rams,
    remb_of, roi, rpsi, sli, sr_req, tllei, tmmbn, tmmbr, transport_cc, tstn, tstr, vbcm, vp,
};
use super::h261_fir::h261_fir;
use super::h261_nack::h261_nack;
use super::header::header;
use super::idms::idms;
use super::ij::ij;
use super::raw::raw_packet;
use super::rgrs::rgrs;
use super::rr::receiver_report;
use super::rsi::rsi;
use super::sdes::source_description;
use super::smptetc::smptetc;
use super::snm::snm;
use super::sr::sender_report;
use super::token::token;
use super::xr::extended_report;
use super::*;
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, run_in};

/// The types of packets: their variants, and what is the same for all of them.
macro_rules! packets {
    ($($(#[$doc:meta])* $view:ident => $builder:ident;)*) => {
        /// An RTCP packet of any type.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Packet<'a> {
            $($(#[$doc])* $view($view<'a>),)*
            /// A type that has no view of its own.
            Other(RawPacket<'a>),
        }

        impl<'a> Packet<'a> {
            /// The packet's first four bytes.
            #[inline]
            pub const fn header(&self) -> Header {
                match self {
                    $(Self::$view(packet) => packet.header(),)*
                    Self::Other(packet) => packet.header(),
                }
            }

            /// All bytes of the padding, the count at its end included; empty without padding.
            #[inline]
            pub const fn padding(&self) -> &'a [u8] {
                match self {
                    $(Self::$view(packet) => packet.padding(),)*
                    Self::Other(packet) => packet.padding(),
                }
            }
        }

        /// A packet that was read is written again byte for byte, by its builder.
        impl Encode for Packet<'_> {
            #[inline]
            fn encoded_len(&self) -> usize {
                self.header().packet_len()
            }

            #[inline]
            fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
                match *self {
                    $(Self::$view(packet) => $builder::from(packet).encode(out),)*
                    Self::Other(packet) => RawPacketBuilder::from(packet).encode(out),
                }
            }
        }

        /// One line, that of the packet's view.
        impl fmt::Display for Packet<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$view(packet) => packet.fmt(f),)*
                    Self::Other(packet) => packet.fmt(f),
                }
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for Packet<'_> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$view(packet) => packet.serialize(serializer),)*
                    Self::Other(packet) => packet.serialize(serializer),
                }
            }
        }
    };
}

packets! {
    /// Sender report.
    SenderReport => SenderReportBuilder;
    /// Receiver report.
    ReceiverReport => ReceiverReportBuilder;
    /// Source description.
    SourceDescription => SourceDescriptionBuilder;
    /// Goodbye.
    Bye => ByeBuilder;
    /// Application-defined.
    App => AppBuilder;
    /// Generic negative acknowledgement.
    Nack => NackBuilder;
    /// Temporary maximum media stream bit rate request.
    Tmmbr => TmmbrBuilder;
    /// Temporary maximum media stream bit rate notification.
    Tmmbn => TmmbnBuilder;
    /// Rapid resynchronisation request.
    SrReq => SrReqBuilder;
    /// Rapid acquisition of multicast sessions.
    Rams => RamsBuilder;
    /// Transport-layer third-party loss early indication.
    Tllei => TlleiBuilder;
    /// Explicit congestion notification feedback.
    EcnFeedback => EcnFeedbackBuilder;
    /// Pausing and resuming of media.
    PauseResume => PauseResumeBuilder;
    /// Delay budget information.
    Dbi => DbiBuilder;
    /// Congestion control feedback.
    Ccfb => CcfbBuilder;
    /// Transport-wide congestion control feedback.
    TransportCc => TransportCcBuilder;
    /// Picture loss indication.
    Pli => PliBuilder;
    /// Slice loss indication.
    Sli => SliBuilder;
    /// Reference picture selection indication.
    Rpsi => RpsiBuilder;
    /// Full intra request.
    Fir => FirBuilder;
    /// Temporal-spatial trade-off request.
    Tstr => TstrBuilder;
    /// Temporal-spatial trade-off notification.
    Tstn => TstnBuilder;
    /// Video back channel message.
    Vbcm => VbcmBuilder;
    /// Payload-specific third-party loss early indication.
    Pslei => PsleiBuilder;
    /// Video region of interest.
    Roi => RoiBuilder;
    /// Layer refresh request.
    Lrr => LrrBuilder;
    /// Viewport.
    Vp => VpBuilder;
    /// Application layer feedback that is not REMB.
    Afb => AfbBuilder;
    /// Receiver estimated maximum bitrate.
    Remb => RembBuilder;
    /// Feedback in a format that has no view of its own.
    Feedback => FeedbackBuilder;
    /// Extended report.
    ExtendedReport => ExtendedReportBuilder;
    /// Full intra-frame request of H.261.
    H261Fir => H261FirBuilder;
    /// Negative acknowledgement of H.261.
    H261Nack => H261NackBuilder;
    /// SMPTE time-code mapping.
    Smptetc => SmptetcBuilder;
    /// Extended inter-arrival jitter report.
    Ij => IjBuilder;
    /// AVB RTCP packet.
    Avb => AvbBuilder;
    /// Receiver summary information.
    Rsi => RsiBuilder;
    /// Port mapping, any of its messages.
    Token => TokenBuilder;
    /// IDMS settings.
    Idms => IdmsBuilder;
    /// Reporting group reporting sources.
    Rgrs => RgrsBuilder;
    /// Splicing notification message.
    Snm => SnmBuilder;
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
            PacketType::PSFB => Self::parse_payload_feedback(whole, at),
            PacketType::XR => {
                run_in("extended report", whole, at, extended_report).map(Self::ExtendedReport)
            }
            PacketType::H261_FIR => run_in("H.261 FIR", whole, at, h261_fir).map(Self::H261Fir),
            PacketType::H261_NACK => run_in("H.261 NACK", whole, at, h261_nack).map(Self::H261Nack),
            PacketType::SMPTETC => run_in("SMPTETC", whole, at, smptetc).map(Self::Smptetc),
            PacketType::IJ => run_in("IJ", whole, at, ij).map(Self::Ij),
            PacketType::AVB => run_in("AVB", whole, at, avb).map(Self::Avb),
            PacketType::RSI => run_in("RSI", whole, at, rsi).map(Self::Rsi),
            PacketType::TOKEN => run_in("TOKEN", whole, at, token).map(Self::Token),
            PacketType::IDMS => run_in("IDMS settings", whole, at, idms).map(Self::Idms),
            PacketType::RGRS => run_in("RGRS", whole, at, rgrs).map(Self::Rgrs),
            PacketType::SNM => run_in("SNM", whole, at, snm).map(Self::Snm),
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

    /// The same for payload-specific feedback, by its format.
    #[inline]
    fn parse_payload_feedback(whole: &'a [u8], at: &'a [u8]) -> Result<Self, ParseError> {
        use PayloadFeedbackFormat as Format;
        match Format(run_in("RTCP packet", whole, at, header)?.count()) {
            Format::PLI => run_in("PLI", whole, at, pli).map(Self::Pli),
            Format::SLI => run_in("SLI", whole, at, sli).map(Self::Sli),
            Format::RPSI => run_in("RPSI", whole, at, rpsi).map(Self::Rpsi),
            Format::FIR => run_in("FIR", whole, at, fir).map(Self::Fir),
            Format::TSTR => run_in("TSTR", whole, at, tstr).map(Self::Tstr),
            Format::TSTN => run_in("TSTN", whole, at, tstn).map(Self::Tstn),
            Format::VBCM => run_in("VBCM", whole, at, vbcm).map(Self::Vbcm),
            Format::PSLEI => run_in("PSLEI", whole, at, pslei).map(Self::Pslei),
            Format::ROI => run_in("ROI", whole, at, roi).map(Self::Roi),
            Format::LRR => run_in("LRR", whole, at, lrr).map(Self::Lrr),
            Format::VP => run_in("VP", whole, at, vp).map(Self::Vp),
            Format::AFB => {
                let packet = run_in("AFB", whole, at, afb)?;
                if !is_remb(packet.data()) {
                    return Ok(Self::Afb(packet));
                }
                run_in("REMB", whole, at, |_| remb_of(packet.common)).map(Self::Remb)
            }
            _ => run_in("feedback", whole, at, feedback).map(Self::Feedback),
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
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

    /// A packet of any type and format with a body of small numbers, so that counts and lengths often fit.
    fn some_packet() -> impl Strategy<Value = std::vec::Vec<u8>> {
        let byte = prop_oneof![8 => 0u8..8, 1 => any::<u8>()];
        let body = prop::collection::vec(byte, 0..16 * 4);
        (any::<bool>(), 0u8..32, 190u8..216, body).prop_map(|(padding, count, number, mut body)| {
            body.truncate(body.len() / 4 * 4);
            let length = u8::try_from(body.len() / 4).unwrap();
            let header = [0x80 | u8::from(padding) << 5 | count, number, 0, length];
            [&header[..], &body].concat()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]
        #[test]
        fn what_parses_is_written_again_whatever_its_type(bytes in some_packet()) {
            if let Ok(packet) = Packet::parse(&bytes) {
                crate::testing::shows_any(&packet);
                prop_assert_eq!(packet.to_vec(), Ok(bytes));
            }
        }
    }
}
