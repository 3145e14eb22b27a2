//! A packet of whatever type its header says.

use core::fmt;

use super::app::app;
use super::bye::bye;
use super::feedback::{Feedback, feedback};
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
            PacketType::RTPFB | PacketType::PSFB => {
                run_in("feedback", whole, at, feedback).map(Self::Feedback)
            }
            _ => run_in("RTCP packet", whole, at, raw_packet).map(Self::Other),
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
            Self::Feedback(packet) => packet.header(),
            Self::Other(packet) => packet.header(),
        }
    }
}

impl<'a> Packet<'a> {
    /// All bytes of the padding, the count at its end included; empty without padding.
    #[inline]
    pub const fn padding(&self) -> &'a [u8] {
        match self {
            Self::SenderReport(packet) => packet.padding(),
            Self::ReceiverReport(packet) => packet.padding(),
            Self::SourceDescription(packet) => packet.padding(),
            Self::Bye(packet) => packet.padding(),
            Self::App(packet) => packet.padding(),
            Self::Feedback(packet) => packet.padding(),
            Self::Other(packet) => packet.padding(),
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
            Self::Feedback(packet) => packet.serialize(serializer),
            Self::Other(packet) => packet.serialize(serializer),
        }
    }
}
