//! The messages in a datagram, told by their first bytes: one, and those that lie inside of it.

use mediawire::ParseError;
use mediawire::demux::{Protocol, demux};
use mediawire::stun::{AttributeType, ChannelData, Message};
use serde::ser::{Serialize, Serializer};

use crate::hold::{Item, What};
use crate::tcp::Form;

/// How deep messages are looked for inside messages. Real ones lie two deep.
const MAX_DEPTH: u8 = 8;

/// The bytes of ChannelData, and of an attribute of STUN, before what they carry.
const CHANNEL_DATA_HEADER: usize = 4;
const ATTRIBUTE_HEADER: usize = 4;

/// A message, or what is none, and where it lies in the datagram.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unit<'a> {
    /// Where `bytes` begin in the datagram, or in the stream.
    pub(crate) offset: usize,
    /// From the first byte of the message to the end of what holds it.
    pub(crate) bytes: &'a [u8],
    pub(crate) via: Via,
    pub(crate) content: Content<'a>,
}

/// What a unit is, and for STUN and ChannelData what it says.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Content<'a> {
    Rtp,
    Rtcp,
    Stun(Result<Message<'a>, ParseError>),
    ChannelData(Result<ChannelData<'a>, ParseError>),
    /// None of those: by its name, for the summary.
    Other(&'static str),
}

/// The messages that a message lies in, outermost first: a bit for each, set for STUN, else ChannelData.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Via {
    is_stun: u8,
    len: u8,
}

impl Via {
    /// `stun` or `channel_data` for each.
    pub(crate) fn names(self) -> impl Iterator<Item = &'static str> {
        (0..self.len).map(move |n| if self.is_stun >> n & 1 == 1 { "stun" } else { "channel_data" })
    }

    /// Whether it lies in no other message.
    #[inline]
    pub(crate) fn is_empty(self) -> bool {
        self.len == 0
    }

    /// The same and one more, if there is room for it.
    fn and(self, is_stun: bool) -> Option<Self> {
        let bit = u8::from(is_stun).checked_shl(self.len.into())?;
        Some(Self { is_stun: self.is_stun | bit, len: self.len + 1 })
    }
}

impl Serialize for Via {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}

/// What else than the standards' present form is read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Widened {
    /// STUN without the cookie.
    pub(crate) rfc3489: bool,
    /// ChannelData of channels from 0x5000 on.
    pub(crate) rfc5766: bool,
}

impl Widened {
    /// Shows `each` the messages of a datagram, or the message of a stream, those inside another one right after it.
    #[inline]
    pub(crate) fn units<'a>(self, item: &Item<'a>, each: &mut dyn FnMut(&Unit<'a>)) {
        let (offset, content) = match item.what {
            What::Datagram(_) => (0, self.content(item.bytes)),
            What::Streamed { offset, form, .. } => (offset, self.streamed(form, item.bytes)),
            What::Broken { .. } => return,
        };
        self.walk(Unit { offset, bytes: item.bytes, via: Via::default(), content }, each);
    }

    fn walk<'a>(self, unit: Unit<'a>, each: &mut dyn FnMut(&Unit<'a>)) {
        each(&unit);
        let Unit { offset, via, content, .. } = unit;
        match content {
            Content::ChannelData(Ok(message)) => {
                self.inside(offset + CHANNEL_DATA_HEADER, message.data(), via.and(false), each);
            }
            Content::Stun(Ok(message)) => {
                for attribute in message.attributes() {
                    if attribute.attribute_type() == AttributeType::DATA {
                        let at = offset + attribute.offset() + ATTRIBUTE_HEADER;
                        self.inside(at, attribute.value(), via.and(true), each);
                    }
                }
            }
            _ => {}
        }
    }

    /// What a message carries.
    fn inside<'a>(
        self,
        offset: usize,
        bytes: &'a [u8],
        via: Option<Via>,
        each: &mut dyn FnMut(&Unit<'a>),
    ) {
        match via {
            _ if bytes.is_empty() => {}
            Some(via) => {
                let content = self.content(bytes);
                self.walk(Unit { offset, bytes, via, content }, each);
            }
            None => {
                let content = Content::Other("data too deep inside messages");
                each(&Unit { offset, bytes, via: Via { is_stun: 0, len: MAX_DEPTH }, content });
            }
        }
    }

    /// By the first bytes, and what the stream's framing has told already.
    fn streamed(self, form: Form, bytes: &[u8]) -> Content<'_> {
        match (form, bytes.first()) {
            (Form::Turn, Some(0x40..)) => Content::ChannelData(ChannelData::parse_rfc5766(bytes)),
            (Form::Turn, _) => Content::Stun(Message::parse(bytes)),
            (Form::Packet | Form::Interleaved, _) => self.content(bytes),
        }
    }

    /// By the first bytes: RFC 7983, RFC 5761.
    #[inline]
    fn content(self, bytes: &[u8]) -> Content<'_> {
        match demux(bytes) {
            Ok(Protocol::Rtp) => Content::Rtp,
            Ok(Protocol::Rtcp) => Content::Rtcp,
            Ok(Protocol::Stun) => Content::Stun(Message::parse(bytes)),
            Ok(Protocol::TurnChannel) => Content::ChannelData(ChannelData::parse(bytes)),
            Ok(other) => self.other(bytes, other),
            Err(_) if bytes.is_empty() => Content::Other("empty datagrams"),
            Err(_) => Content::Other("datagrams of one byte"),
        }
    }

    fn other(self, bytes: &[u8], protocol: Protocol) -> Content<'_> {
        match protocol {
            Protocol::ClassicStun if self.rfc3489 => Content::Stun(Message::parse_rfc3489(bytes)),
            Protocol::ClassicStun => Content::Other("classic STUN (see --rfc3489)"),
            Protocol::Quic if self.rfc5766 => match ChannelData::parse_rfc5766(bytes) {
                Ok(message) => Content::ChannelData(Ok(message)),
                Err(_) => Content::Other(QUIC),
            },
            Protocol::Quic => Content::Other(QUIC),
            Protocol::Dtls => Content::Other("DTLS"),
            Protocol::Zrtp => Content::Other("ZRTP"),
            _ => Content::Other("UDP of unknown content"),
        }
    }
}

/// By the first byte alone, which many another protocol has too.
const QUIC: &str = "QUIC or unknown";

#[cfg(test)]
mod tests {
    use super::*;

    const INDICATION: &[u8] = b"\x00\x16\x00\x0c\x21\x12\xa4\x42abcdefghijkl";

    fn seen(widened: Widened, datagram: &[u8]) -> Vec<(usize, usize, String, String)> {
        let mut seen = Vec::new();
        widened.units(&Item::datagram(datagram), &mut |unit: &Unit<'_>| {
            let content = match unit.content {
                Content::Stun(Ok(_)) => "stun".to_owned(),
                Content::ChannelData(Ok(_)) => "channel_data".to_owned(),
                other => format!("{other:?}"),
            };
            let via = unit.via.names().collect::<Vec<_>>().join(" ");
            seen.push((unit.offset, unit.bytes.len(), via, content));
        });
        seen
    }

    fn row(offset: usize, len: usize, via: &str, content: &str) -> (usize, usize, String, String) {
        (offset, len, via.to_owned(), content.to_owned())
    }

    #[test]
    fn messages_inside_messages_come_after_them_with_their_place() {
        // RFC 8656: a Send indication, DATA with ChannelData, and in that an RTP packet.
        let datagram =
            [INDICATION, b"\x00\x13\x00\x08", b"\x40\x01\x00\x04\x80\x60\x00\x01"].concat();
        let expected = [
            row(0, 32, "", "stun"),
            row(24, 8, "stun", "channel_data"),
            row(28, 4, "stun channel_data", "Rtp"),
        ];
        assert_eq!(seen(Widened::default(), &datagram), expected);
    }

    #[test]
    fn channels_in_channels_end_somewhere() {
        let mut datagram = Vec::new();
        for length in (0..200_u16).map(|n| n * 4) {
            datagram.splice(0..0, [[0x40, 0], length.to_be_bytes()].concat());
        }
        let seen = seen(Widened::default(), &datagram);
        assert_eq!(seen.len(), usize::from(MAX_DEPTH) + 2);
        assert!(seen.last().unwrap().3.contains("too deep"), "{seen:?}");
    }

    #[test]
    fn older_forms_are_read_where_asked_for() {
        let classic = b"\0\x01\0\0abcdefghijklmnop";
        let channel = b"\x7f\xff\0\x02\x80\x60";
        let plain = Widened::default();
        let wide = Widened { rfc3489: true, rfc5766: true };
        assert!(seen(plain, classic)[0].3.contains("classic STUN"));
        assert_eq!(seen(wide, classic)[0].3, "stun");
        assert!(seen(plain, channel)[0].3.contains("QUIC"));
        assert_eq!(seen(wide, channel).len(), 2);
        assert!(seen(wide, b"\x7f\xff\0\x09\x80\x60")[0].3.contains("QUIC"));
    }

    #[test]
    fn every_datagram_is_something() {
        assert_eq!(seen(Widened::default(), &[]).len(), 1);
        for first in 0..=255 {
            assert!(!seen(Widened::default(), &[first]).is_empty());
            assert!(!seen(Widened::default(), &[first, 0, 0, 0, 0, 0]).is_empty());
        }
    }
}
