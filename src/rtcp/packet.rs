//! A packet of whatever type its header says.

use core::fmt;

use super::app::app;
use super::bye::bye;
use super::feedback::{
    Afb, Fir, PayloadFeedbackFormat, Pli, Remb, Rpsi, Sli, Tstn, Tstr, Vbcm, afb, fir, is_remb,
    pli, remb_of, rpsi, sli, tstn, tstr, vbcm,
};
use super::feedback::{
    Feedback, Nack, Tmmbn, Tmmbr, TransportFeedbackFormat, feedback, nack, tmmbn, tmmbr,
};
use super::header::header;
use super::raw::raw_packet;
use super::rr::receiver_report;
use super::sdes::source_description;
use super::sr::sender_report;
use super::{
    App, Bye, Header, PacketType, RawPacket, ReceiverReport, SenderReport, SourceDescription,
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
    /// Picture loss indication.
    Pli(Pli<'a>),
    /// Slice loss indication.
    Sli(Sli<'a>),
    /// Reference picture selection indication.
    Rpsi(Rpsi<'a>),
    /// Full intra request.
    Fir(Fir<'a>),
    /// Temporal-spatial trade-off request.
    Tstr(Tstr<'a>),
    /// Temporal-spatial trade-off notification.
    Tstn(Tstn<'a>),
    /// Video back channel message.
    Vbcm(Vbcm<'a>),
    /// Application layer feedback that is not REMB.
    Afb(Afb<'a>),
    /// Receiver estimated maximum bitrate.
    Remb(Remb<'a>),
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
            PacketType::PSFB => Self::parse_payload_feedback(whole, at),
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
            Self::Pli(packet) => packet.header(),
            Self::Sli(packet) => packet.header(),
            Self::Rpsi(packet) => packet.header(),
            Self::Fir(packet) => packet.header(),
            Self::Tstr(packet) => packet.header(),
            Self::Tstn(packet) => packet.header(),
            Self::Vbcm(packet) => packet.header(),
            Self::Afb(packet) => packet.header(),
            Self::Remb(packet) => packet.header(),
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
            Self::Pli(packet) => packet.fmt(f),
            Self::Sli(packet) => packet.fmt(f),
            Self::Rpsi(packet) => packet.fmt(f),
            Self::Fir(packet) => packet.fmt(f),
            Self::Tstr(packet) => packet.fmt(f),
            Self::Tstn(packet) => packet.fmt(f),
            Self::Vbcm(packet) => packet.fmt(f),
            Self::Afb(packet) => packet.fmt(f),
            Self::Remb(packet) => packet.fmt(f),
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
            Self::Pli(packet) => packet.serialize(serializer),
            Self::Sli(packet) => packet.serialize(serializer),
            Self::Rpsi(packet) => packet.serialize(serializer),
            Self::Fir(packet) => packet.serialize(serializer),
            Self::Tstr(packet) => packet.serialize(serializer),
            Self::Tstn(packet) => packet.serialize(serializer),
            Self::Vbcm(packet) => packet.serialize(serializer),
            Self::Afb(packet) => packet.serialize(serializer),
            Self::Remb(packet) => packet.serialize(serializer),
            Self::Feedback(packet) => packet.serialize(serializer),
            Self::Other(packet) => packet.serialize(serializer),
        }
    }
}
