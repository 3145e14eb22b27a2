//! Rapid acquisition of multicast sessions, RAMS (RFC 6285 section 7).
//!
//! ```text
//! |V=2|P|  FMT=6  |    PT=205     |            length             |  raw.rs
//! |                    SSRC of packet sender                      |
//! |                    SSRC of media source                       |
//! |    SFMT=1     |                    Reserved                   |  RAMS-R, request
//! |    SFMT=2     |      MSN      |          Response             |  RAMS-I, information
//! |    SFMT=3     |                    Reserved                   |  RAMS-T, termination
//! |     Type      |   Reserved    |            Length             |  tlvs
//! |                  Value, up to a 32-bit boundary               |
//! ```

use core::fmt;

use super::common::{
    START_LEN, common_accessors, debug_start, display_start, feedback_of, write_start,
};
use super::raw::Feedback;
use super::{RamsResponse, RamsSubFormat, RamsTlvType, TransportFeedbackFormat};
use crate::encode::{Encode, Sink, narrow};
use crate::error::{BuildError, ParseError, Step, run};
use crate::rtcp::PacketType;
use crate::wire::{announced, array, bytes, context};

const FORMAT: (PacketType, u8) = (PacketType::RTPFB, TransportFeedbackFormat::RAMS.0);
const HEAD_LEN: usize = 4;
const TLV_HEAD_LEN: usize = 4;

/// A message between a receiver and the server that helps it into a multicast session, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Rams<'a> {
    common: Feedback<'a>,
    head: &'a [u8; HEAD_LEN],
    content: &'a [u8],
}

impl<'a> Rams<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type or format, a version other than 2, a length or padding beyond the packet; an FCI without
    /// SFMT; in a message of a known SFMT a TLV element beyond the packet.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("RAMS", bytes, rams)
    }

    common_accessors!();

    /// SFMT: which message it is.
    #[inline]
    pub const fn sub_format(&self) -> RamsSubFormat {
        let [sub_format, ..] = *self.head;
        RamsSubFormat(sub_format)
    }

    /// MSN, the message sequence number of RAMS-I; reserved in the others.
    #[inline]
    pub const fn message_sequence_number(&self) -> u8 {
        let [_, number, ..] = *self.head;
        number
    }

    /// The response code of RAMS-I; reserved in the others.
    #[inline]
    pub const fn response(&self) -> RamsResponse {
        let [_, _, high, low] = *self.head;
        RamsResponse(u16::from_be_bytes([high, low]))
    }

    /// The TLV elements, in the order of the wire; none where SFMT is not known.
    #[inline]
    pub const fn tlvs(&self) -> RamsTlvs<'a> {
        match self.sub_format().name() {
            Some(_) => RamsTlvs { bytes: self.content },
            None => RamsTlvs { bytes: &[] },
        }
    }

    /// What follows the first word, in wire form: the TLV elements, or what another SFMT has.
    #[inline]
    pub const fn content(&self) -> &'a [u8] {
        self.content
    }
}

/// Validates the whole packet: after this no accessor and no iterator can fail.
#[inline]
pub(crate) fn rams(i: &[u8]) -> Step<'_, Rams<'_>> {
    let (rest, common) = feedback_of(FORMAT.0, FORMAT.1)(i)?;
    let (content, head) = context("SFMT", array)(common.fci)?;
    let message = Rams { common, head, content };
    let mut left = message.tlvs().bytes;
    while !left.is_empty() {
        (left, _) = tlv(left)?;
    }
    Ok((rest, message))
}

/// One TLV element, up to the 32-bit boundary behind it.
#[inline]
fn tlv(i: &[u8]) -> Step<'_, RamsTlv<'_>> {
    let (rest, &head) = context("TLV element", array::<TLV_HEAD_LEN>)(i)?;
    let [tlv_type, _, high, low] = head;
    let len = usize::from(u16::from_be_bytes([high, low]));
    let (rest, value) = context("TLV value", announced(len))(rest)?;
    let (rest, _) = context("zeros behind a TLV value", bytes(fill_of(len)))(rest)?;
    Ok((rest, RamsTlv::of(RamsTlvType(tlv_type), value)))
}

/// Bytes from the end of a value to the 32-bit boundary.
#[inline]
const fn fill_of(len: usize) -> usize {
    len.wrapping_neg() % 4
}

/// The TLV elements of a RAMS packet; what [`Rams::tlvs`] gives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RamsTlvs<'a> {
    bytes: &'a [u8],
}

impl<'a> Iterator for RamsTlvs<'a> {
    type Item = RamsTlv<'a>;

    #[inline]
    fn next(&mut self) -> Option<RamsTlv<'a>> {
        let (rest, tlv) = tlv(self.bytes).ok()?;
        self.bytes = rest;
        Some(tlv)
    }
}

impl core::iter::FusedIterator for RamsTlvs<'_> {}

impl fmt::Debug for RamsTlvs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

/// A TLV element, read or to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RamsTlv<'a> {
    /// SSRCs of the media senders asked for, in wire form; none for the whole session.
    RequestedMediaSenders(&'a [[u8; 4]]),
    /// The least that the receiver wants in its buffer, ms.
    MinBufferFill(u32),
    /// The most that the receiver can buffer, ms.
    MaxBufferFill(u32),
    /// The most that the receiver can take, bits per second.
    MaxReceiveBitrate(u64),
    /// The receiver is content with the preamble.
    PreambleOnly,
    /// Enterprise numbers whose private extensions the receiver may know, in wire form.
    EnterpriseNumbers(&'a [[u8; 4]]),
    /// SSRC of the burst's sender.
    MediaSenderSsrc(u32),
    /// RTP sequence number of the burst's first packet.
    FirstSequenceNumber(u16),
    /// When the receiver may join, counted from the burst's first packet, ms.
    EarliestJoinTime(u32),
    /// How long the burst lasts, ms.
    BurstDuration(u32),
    /// The most that the server sends, bits per second.
    MaxTransmitBitrate(u64),
    /// Extended RTP sequence number of the first multicast packet received.
    FirstMulticastSequenceNumber(u32),
    /// A private extension.
    Private {
        /// 128 to 254.
        tlv_type: RamsTlvType,
        /// Whose extension it is, by IANA's list.
        enterprise: u32,
        /// Its value.
        value: &'a [u8],
    },
    /// A type that is not known, or a value that has not the size of its type.
    Other {
        /// Its type.
        tlv_type: RamsTlvType,
        /// Its value.
        value: &'a [u8],
    },
}

impl<'a> RamsTlv<'a> {
    #[inline]
    fn of(tlv_type: RamsTlvType, value: &'a [u8]) -> Self {
        Self::known(tlv_type, value).unwrap_or(Self::Other { tlv_type, value })
    }

    /// `None` where the value has not the size of its type.
    #[inline]
    fn known(tlv_type: RamsTlvType, value: &'a [u8]) -> Option<Self> {
        use RamsTlvType as Type;
        let four = || value.try_into().ok().map(u32::from_be_bytes);
        let eight = || value.try_into().ok().map(u64::from_be_bytes);
        let list = || match value.as_chunks() {
            (list, []) => Some(list),
            _ => None,
        };
        match tlv_type {
            Type::REQUESTED_MEDIA_SENDERS => list().map(Self::RequestedMediaSenders),
            Type::MIN_BUFFER_FILL => four().map(Self::MinBufferFill),
            Type::MAX_BUFFER_FILL => four().map(Self::MaxBufferFill),
            Type::MAX_RECEIVE_BITRATE => eight().map(Self::MaxReceiveBitrate),
            Type::PREAMBLE_ONLY => value.is_empty().then_some(Self::PreambleOnly),
            Type::ENTERPRISE_NUMBERS => list().map(Self::EnterpriseNumbers),
            Type::MEDIA_SENDER_SSRC => four().map(Self::MediaSenderSsrc),
            Type::FIRST_SEQUENCE_NUMBER => {
                value.try_into().ok().map(u16::from_be_bytes).map(Self::FirstSequenceNumber)
            }
            Type::EARLIEST_JOIN_TIME => four().map(Self::EarliestJoinTime),
            Type::BURST_DURATION => four().map(Self::BurstDuration),
            Type::MAX_TRANSMIT_BITRATE => eight().map(Self::MaxTransmitBitrate),
            Type::FIRST_MULTICAST_SEQUENCE_NUMBER => four().map(Self::FirstMulticastSequenceNumber),
            _ if tlv_type.is_private() => {
                let (&enterprise, value) = value.split_first_chunk()?;
                let enterprise = u32::from_be_bytes(enterprise);
                Some(Self::Private { tlv_type, enterprise, value })
            }
            _ => None,
        }
    }

    /// Its type.
    #[inline]
    pub const fn tlv_type(&self) -> RamsTlvType {
        match self {
            Self::RequestedMediaSenders(_) => RamsTlvType::REQUESTED_MEDIA_SENDERS,
            Self::MinBufferFill(_) => RamsTlvType::MIN_BUFFER_FILL,
            Self::MaxBufferFill(_) => RamsTlvType::MAX_BUFFER_FILL,
            Self::MaxReceiveBitrate(_) => RamsTlvType::MAX_RECEIVE_BITRATE,
            Self::PreambleOnly => RamsTlvType::PREAMBLE_ONLY,
            Self::EnterpriseNumbers(_) => RamsTlvType::ENTERPRISE_NUMBERS,
            Self::MediaSenderSsrc(_) => RamsTlvType::MEDIA_SENDER_SSRC,
            Self::FirstSequenceNumber(_) => RamsTlvType::FIRST_SEQUENCE_NUMBER,
            Self::EarliestJoinTime(_) => RamsTlvType::EARLIEST_JOIN_TIME,
            Self::BurstDuration(_) => RamsTlvType::BURST_DURATION,
            Self::MaxTransmitBitrate(_) => RamsTlvType::MAX_TRANSMIT_BITRATE,
            Self::FirstMulticastSequenceNumber(_) => RamsTlvType::FIRST_MULTICAST_SEQUENCE_NUMBER,
            Self::Private { tlv_type, .. } | Self::Other { tlv_type, .. } => *tlv_type,
        }
    }

    /// The length field: bytes of the value, without those up to the boundary.
    #[inline]
    fn value_len(&self) -> usize {
        match self {
            Self::RequestedMediaSenders(list) | Self::EnterpriseNumbers(list) => {
                list.as_flattened().len()
            }
            Self::PreambleOnly => 0,
            Self::FirstSequenceNumber(_) => 2,
            Self::MaxReceiveBitrate(_) | Self::MaxTransmitBitrate(_) => 8,
            Self::Private { value, .. } => 4 + value.len(),
            Self::Other { value, .. } => value.len(),
            Self::MinBufferFill(_)
            | Self::MaxBufferFill(_)
            | Self::MediaSenderSsrc(_)
            | Self::EarliestJoinTime(_)
            | Self::BurstDuration(_)
            | Self::FirstMulticastSequenceNumber(_) => 4,
        }
    }
}

impl Encode for RamsTlv<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        TLV_HEAD_LEN + self.value_len().next_multiple_of(4)
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let len = self.value_len();
        *out.array()? = [self.tlv_type().0, 0];
        *out.array()? = narrow::<_, u16>("TLV length", len)?.to_be_bytes();
        match *self {
            Self::RequestedMediaSenders(list) | Self::EnterpriseNumbers(list) => {
                out.bytes(list.as_flattened())?;
            }
            Self::PreambleOnly => {}
            Self::FirstSequenceNumber(number) => *out.array()? = number.to_be_bytes(),
            Self::MaxReceiveBitrate(bitrate) | Self::MaxTransmitBitrate(bitrate) => {
                *out.array()? = bitrate.to_be_bytes();
            }
            Self::MinBufferFill(number)
            | Self::MaxBufferFill(number)
            | Self::MediaSenderSsrc(number)
            | Self::EarliestJoinTime(number)
            | Self::BurstDuration(number)
            | Self::FirstMulticastSequenceNumber(number) => *out.array()? = number.to_be_bytes(),
            Self::Private { tlv_type, enterprise, value } => {
                if !tlv_type.is_private() {
                    return Err(BuildError::OutOfRange { field: "type of a private TLV element" });
                }
                *out.array()? = enterprise.to_be_bytes();
                out.bytes(value)?;
            }
            Self::Other { value, .. } => out.bytes(value)?,
        }
        out.zeros(fill_of(len))
    }
}

/// `RAMS-I sender=0x00000001 media=0x00000002 msn=0 response=200 [Burst Duration]`.
impl fmt::Display for Rams<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display_start(f, &self.common)?;
        write!(f, " {}", self.sub_format())?;
        if self.sub_format() == RamsSubFormat::INFORMATION {
            write!(f, " msn={} response={}", self.message_sequence_number(), self.response().0)?;
        }
        self.tlvs().try_for_each(|tlv| write!(f, " [{tlv}]"))
    }
}

/// `Burst Duration=2000`; SSRCs as hex, enterprise numbers as they are, other values by their size.
impl fmt::Display for RamsTlv<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.tlv_type())?;
        match *self {
            Self::RequestedMediaSenders(list) => {
                list.iter().try_for_each(|&ssrc| write!(f, " {:#010x}", u32::from_be_bytes(ssrc)))
            }
            Self::EnterpriseNumbers(list) => {
                list.iter().try_for_each(|&number| write!(f, " {}", u32::from_be_bytes(number)))
            }
            Self::PreambleOnly => Ok(()),
            Self::MediaSenderSsrc(ssrc) => write!(f, " {ssrc:#010x}"),
            Self::FirstSequenceNumber(number) => write!(f, "={number}"),
            Self::FirstMulticastSequenceNumber(number) => write!(f, "={number}"),
            Self::MinBufferFill(time)
            | Self::MaxBufferFill(time)
            | Self::EarliestJoinTime(time)
            | Self::BurstDuration(time) => write!(f, "={time} ms"),
            Self::MaxReceiveBitrate(bitrate) | Self::MaxTransmitBitrate(bitrate) => {
                write!(f, "={bitrate} bit/s")
            }
            Self::Private { enterprise, value, .. } => {
                write!(f, " enterprise={enterprise} {} bytes", value.len())
            }
            Self::Other { value, .. } => write!(f, " {} bytes", value.len()),
        }
    }
}

impl fmt::Debug for Rams<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug_start(f, "Rams", &self.common)
            .field("sub_format", &self.sub_format())
            .field("message_sequence_number", &self.message_sequence_number())
            .field("response", &self.response())
            .field("tlvs", &self.tlvs())
            .field("content", &self.content())
            .finish()
    }
}

#[cfg(feature = "serde")]
mod json {
    use serde::ser::{Serialize, SerializeMap, Serializer};

    use super::{Rams, RamsTlv};
    use crate::rtcp::RamsSubFormat;
    use crate::rtcp::feedback::common::serialize_start;
    use crate::ser::{Hex, List};

    impl Serialize for Rams<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            serialize_start(&mut map, &self.common)?;
            map.serialize_entry("sfmt", &self.sub_format().0)?;
            if self.sub_format() == RamsSubFormat::INFORMATION {
                map.serialize_entry("msn", &self.message_sequence_number())?;
                map.serialize_entry("response", &self.response().0)?;
            }
            match self.sub_format().name() {
                Some(_) => map.serialize_entry("tlvs", &List(self.tlvs()))?,
                None => map.serialize_entry("data", &Hex(self.content()))?,
            }
            map.end()
        }
    }

    fn numbers(list: &[[u8; 4]]) -> List<impl Iterator<Item = u32> + Clone> {
        List(list.iter().map(|&number| u32::from_be_bytes(number)))
    }

    impl Serialize for RamsTlv<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            map.serialize_entry("type", &self.tlv_type().0)?;
            if let Some(name) = self.tlv_type().name() {
                map.serialize_entry("name", name)?;
            }
            map.serialize_entry("length", &self.value_len())?;
            match *self {
                Self::RequestedMediaSenders(list) => {
                    map.serialize_entry("ssrcs", &numbers(list))?
                }
                Self::EnterpriseNumbers(list) => {
                    map.serialize_entry("enterprises", &numbers(list))?
                }
                Self::PreambleOnly => {}
                Self::MinBufferFill(time)
                | Self::MaxBufferFill(time)
                | Self::EarliestJoinTime(time)
                | Self::BurstDuration(time) => map.serialize_entry("milliseconds", &time)?,
                // JSON holds no greater number exactly.
                Self::MaxReceiveBitrate(bitrate) | Self::MaxTransmitBitrate(bitrate) => {
                    if bitrate < 1 << 53 {
                        map.serialize_entry("bits_per_second", &bitrate)?;
                    } else {
                        map.serialize_entry("value", &Hex(&bitrate.to_be_bytes()))?;
                    }
                }
                Self::MediaSenderSsrc(ssrc) => map.serialize_entry("ssrc", &ssrc)?,
                Self::FirstSequenceNumber(number) => map.serialize_entry("seq", &number)?,
                Self::FirstMulticastSequenceNumber(number) => {
                    map.serialize_entry("ext_seq", &number)?;
                }
                Self::Private { enterprise, value, .. } => {
                    map.serialize_entry("enterprise", &enterprise)?;
                    map.serialize_entry("value", &Hex(value))?;
                }
                Self::Other { value, .. } => map.serialize_entry("value", &Hex(value))?,
            }
            map.end()
        }
    }
}

/// A RAMS packet to be written: fill in the fields, or take a view's by `From`; then `write`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RamsBuilder<'a> {
    /// As [`Rams::sender_ssrc`]; every field points to its accessor so.
    pub sender_ssrc: u32,
    /// As [`Rams::media_ssrc`].
    pub media_ssrc: u32,
    /// As [`Rams::sub_format`].
    pub sub_format: RamsSubFormat,
    /// As [`Rams::message_sequence_number`]; 0 by the standard in the others.
    pub message_sequence_number: u8,
    /// As [`Rams::response`]; 0 by the standard in the others.
    pub response: RamsResponse,
    /// As [`Rams::tlvs`].
    pub tlvs: RamsTlvList<'a>,
    /// As [`Rams::padding`].
    pub padding: &'a [u8],
}

/// What follows the first word of a [`RamsBuilder`]'s message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RamsTlvList<'a> {
    /// New TLV elements: no type twice; in a RAMS-R the one of the requested media senders.
    Built(&'a [RamsTlv<'a>]),
    /// As [`Rams::content`], byte for byte.
    Read(&'a [u8]),
}

impl RamsBuilder<'_> {
    /// What the standard asks of the TLV elements together.
    fn check(&self, tlvs: &[RamsTlv<'_>]) -> Result<(), BuildError> {
        let mut before = tlvs.iter();
        while let Some(tlv) = before.next_back() {
            if before.clone().any(|other| other.tlv_type() == tlv.tlv_type()) {
                return Err(BuildError::OutOfRange { field: "TLV element, a type twice" });
            }
        }
        let requested = RamsTlvType::REQUESTED_MEDIA_SENDERS;
        let request = self.sub_format == RamsSubFormat::REQUEST;
        if request && !tlvs.iter().any(|tlv| tlv.tlv_type() == requested) {
            return Err(BuildError::OutOfRange { field: "requested media senders" });
        }
        Ok(())
    }
}

impl<'a> From<Rams<'a>> for RamsBuilder<'a> {
    fn from(view: Rams<'a>) -> Self {
        Self {
            sender_ssrc: view.sender_ssrc(),
            media_ssrc: view.media_ssrc(),
            sub_format: view.sub_format(),
            message_sequence_number: view.message_sequence_number(),
            response: view.response(),
            tlvs: RamsTlvList::Read(view.content),
            padding: view.padding(),
        }
    }
}

impl Encode for RamsBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        let tlvs = match self.tlvs {
            RamsTlvList::Built(tlvs) => tlvs.iter().map(Encode::encoded_len).sum(),
            RamsTlvList::Read(content) => content.len(),
        };
        START_LEN + HEAD_LEN + tlvs + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let ssrcs = (self.sender_ssrc, self.media_ssrc);
        write_start(out, FORMAT, ssrcs, self.encoded_len(), self.padding)?;
        *out.array()? = [self.sub_format.0, self.message_sequence_number];
        *out.array()? = self.response.0.to_be_bytes();
        match self.tlvs {
            RamsTlvList::Built(tlvs) => {
                self.check(tlvs)?;
                tlvs.iter().try_for_each(|tlv| tlv.encode(out))?;
            }
            RamsTlvList::Read(content) => out.bytes(content)?,
        }
        out.bytes(self.padding)
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
    use crate::testing::{PADDINGS, refuses_every_truncation, words};

    // RFC 6285 figures 4, 5, 6 and 7.
    const REQUEST: [u32; 15] = [
        0x86cd_000e, // V=2 P=0 FMT=6 PT=205 length=14
        1,           // SSRC of packet sender
        1,           // SSRC of media source, the same in a request
        0x0100_0000, // SFMT=1, reserved
        0x0100_0008, // TLV 1, length 8
        0x1111_1111, // two requested media senders
        0x2222_2222,
        0x0400_0008, // TLV 4, length 8
        0x0000_0001, // max receive bitrate 2^32
        0x0000_0000,
        0x0500_0000, // TLV 5, length 0
        0x8000_0006, // TLV 128, length 6
        0x0000_8000, // enterprise number
        0xabcd_0000, // value of two bytes, zeros
        0x4000_0000, // TLV 64, not known, empty
    ];

    // RFC 6285 figure 8.
    const INFORMATION: [u32; 11] = [
        0x86cd_000a, // V=2 P=0 FMT=6 PT=205 length=10
        7,           // SSRC of packet sender
        7,           // SSRC of media source
        0x0203_00c8, // SFMT=2, MSN 3, response 200
        0x2000_0002, // TLV 32, length 2
        0xffff_0000, // first sequence number, zeros
        0x2100_0004, // TLV 33
        250,         // earliest join time
        0x2200_0004, // TLV 34
        2000,        // burst duration
        0x1f00_0000, // TLV 31 with a length that is not its own
    ];

    fn refused(bytes: &[u32]) -> (&'static str, usize, ErrorKind) {
        let error = Rams::parse(&words(bytes)).unwrap_err();
        (error.field, error.offset, error.kind)
    }

    #[test]
    fn reads_a_request_and_writes_it_again() {
        let bytes = words(REQUEST);
        let packet = Rams::parse(&bytes).unwrap();
        assert_eq!(packet.sub_format(), RamsSubFormat::REQUEST);
        let tlvs: Vec<_> = packet.tlvs().collect();
        let expected = [
            RamsTlv::RequestedMediaSenders(&[[0x11; 4], [0x22; 4]]),
            RamsTlv::MaxReceiveBitrate(1 << 32),
            RamsTlv::PreambleOnly,
            RamsTlv::Private {
                tlv_type: RamsTlvType(128),
                enterprise: 0x8000,
                value: &[0xAB, 0xCD],
            },
            RamsTlv::Other { tlv_type: RamsTlvType(64), value: &[] },
        ];
        assert_eq!(tlvs, expected);
        let line = "RAMS sender=0x00000001 media=0x00000001 RAMS-R \
                    [Requested Media Sender SSRC(s) 0x11111111 0x22222222] \
                    [Max Receive Bitrate=4294967296 bit/s] [Request for Preamble Only] \
                    [128 enterprise=32768 2 bytes] [64 0 bytes]";
        assert_eq!(packet.to_string(), line);
        assert_eq!(RamsBuilder::from(packet).to_vec().unwrap(), bytes);
        let built = RamsBuilder { tlvs: RamsTlvList::Built(&tlvs), ..packet.into() };
        assert_eq!(built.to_vec().unwrap(), bytes);
    }

    #[test]
    fn reads_information_and_writes_it_again() {
        let bytes = words(INFORMATION);
        let packet = Rams::parse(&bytes).unwrap();
        assert_eq!(packet.sub_format(), RamsSubFormat::INFORMATION);
        assert_eq!(
            (packet.message_sequence_number(), packet.response()),
            (3, RamsResponse::ACCEPTED)
        );
        let expected = [
            RamsTlv::FirstSequenceNumber(65535),
            RamsTlv::EarliestJoinTime(250),
            RamsTlv::BurstDuration(2000),
            RamsTlv::Other { tlv_type: RamsTlvType::MEDIA_SENDER_SSRC, value: &[] },
        ];
        assert!(packet.tlvs().eq(expected));
        assert_eq!(RamsBuilder::from(packet).to_vec().unwrap(), bytes);
        let built = RamsBuilder { tlvs: RamsTlvList::Built(&expected), ..packet.into() };
        assert_eq!(built.to_vec().unwrap(), bytes);
    }

    #[test]
    fn reads_a_termination() {
        // RFC 6285 figure 9 with TLV 61.
        let bytes = words([0x86cd_0005, 1, 7, 0x0300_0000, 0x3d00_0004, 0x0001_0203]);
        let packet = Rams::parse(&bytes).unwrap();
        assert_eq!(packet.sub_format(), RamsSubFormat::TERMINATION);
        assert!(packet.tlvs().eq([RamsTlv::FirstMulticastSequenceNumber(0x1_0203)]));
    }

    #[test]
    fn another_sub_format_is_kept_as_it_is() {
        let bytes = words([0x86cd_0004, 1, 7, 0x0901_0203, 0x0000_ffff]);
        let packet = Rams::parse(&bytes).unwrap();
        assert_eq!((packet.sub_format(), packet.tlvs().count()), (RamsSubFormat(9), 0));
        assert_eq!(packet.content(), [0, 0, 0xFF, 0xFF]);
        assert_eq!(RamsBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn every_type_of_element_is_read_as_it_was_written() {
        let tlvs = [
            RamsTlv::RequestedMediaSenders(&[]),
            RamsTlv::MinBufferFill(1),
            RamsTlv::MaxBufferFill(2),
            RamsTlv::MaxReceiveBitrate(3),
            RamsTlv::PreambleOnly,
            RamsTlv::EnterpriseNumbers(&[[0, 0, 0, 9]]),
            RamsTlv::MediaSenderSsrc(4),
            RamsTlv::FirstSequenceNumber(5),
            RamsTlv::EarliestJoinTime(6),
            RamsTlv::BurstDuration(7),
            RamsTlv::MaxTransmitBitrate(8),
            RamsTlv::FirstMulticastSequenceNumber(9),
            RamsTlv::Private { tlv_type: RamsTlvType(254), enterprise: 1, value: &[1, 2, 3] },
        ];
        let builder = RamsBuilder {
            sender_ssrc: 1,
            media_ssrc: 1,
            sub_format: RamsSubFormat::REQUEST,
            message_sequence_number: 0,
            response: RamsResponse(0),
            tlvs: RamsTlvList::Built(&tlvs),
            padding: &[],
        };
        let bytes = builder.to_vec().unwrap();
        assert!(Rams::parse(&bytes).unwrap().tlvs().eq(tlvs));
    }

    #[test]
    fn refuses_what_does_not_add_up_at_its_place() {
        refuses_every_truncation(&words(REQUEST), Rams::parse);
        let kind = ErrorKind::Truncated { need: 4, have: 0 };
        assert_eq!(refused(&[0x86cd_0002, 1, 2]), ("SFMT", 12, kind));
        let kind = ErrorKind::Length { found: 5, have: 4 };
        let found = refused(&[0x86cd_0005, 1, 2, 0x0100_0000, 0x0100_0005, 3]);
        assert_eq!(found, ("TLV value", 20, kind));
        // RTCP padding of 3 bytes where an element begins.
        let kind = ErrorKind::Truncated { need: 4, have: 1 };
        assert_eq!(refused(&[0xa6cd_0004, 1, 2, 0x0300_0000, 3]), ("TLV element", 16, kind));
        // And where the zeros behind a value are.
        let kind = ErrorKind::Truncated { need: 2, have: 0 };
        let found = refused(&[0xa6cd_0005, 1, 2, 0x0300_0000, 0x4000_0002, 0xabcd_0002]);
        assert_eq!(found, ("zeros behind a TLV value", 22, kind));
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        let refused = |sub_format, tlvs: &[RamsTlv<'_>]| {
            let builder = RamsBuilder {
                sender_ssrc: 1,
                media_ssrc: 1,
                sub_format,
                message_sequence_number: 0,
                response: RamsResponse(0),
                tlvs: RamsTlvList::Built(tlvs),
                padding: &[],
            };
            match builder.to_vec() {
                Err(BuildError::OutOfRange { field }) => field,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(refused(RamsSubFormat::REQUEST, &[]), "requested media senders");
        let twice = [RamsTlv::BurstDuration(1), RamsTlv::BurstDuration(2)];
        assert_eq!(refused(RamsSubFormat::INFORMATION, &twice), "TLV element, a type twice");
        let private = [RamsTlv::Private { tlv_type: RamsTlvType(255), enterprise: 1, value: &[] }];
        assert_eq!(refused(RamsSubFormat::INFORMATION, &private), "type of a private TLV element");
        let long = [RamsTlv::Other { tlv_type: RamsTlvType(70), value: &[0; 65536] }];
        assert_eq!(refused(RamsSubFormat::INFORMATION, &long), "TLV length");
    }

    #[cfg(feature = "serde")]
    #[test]
    fn its_json_is_named_as_the_registry_names_its_fields() {
        let json =
            |bytes: &[u32]| serde_json::to_string(&Rams::parse(&words(bytes)).unwrap()).unwrap();
        let expected = r#"{"version":2,"padding":false,"packet_type":205,"length":10,"padding_size":0,"type":"rams","fmt":6,"sender_ssrc":7,"media_ssrc":7,"sfmt":2,"msn":3,"response":200,"tlvs":[{"type":32,"name":"RTP Seqnum of the First Packet","length":2,"seq":65535},{"type":33,"name":"Earliest Multicast Join Time","length":4,"milliseconds":250},{"type":34,"name":"Burst Duration","length":4,"milliseconds":2000},{"type":31,"name":"Media Sender SSRC","length":0,"value":""}]}"#;
        assert_eq!(json(&INFORMATION), expected);
        let tail = r#""sfmt":1,"tlvs":[{"type":1,"name":"Requested Media Sender SSRC(s)","length":8,"ssrcs":[286331153,572662306]},{"type":4,"name":"Max Receive Bitrate","length":8,"bits_per_second":4294967296},{"type":5,"name":"Request for Preamble Only","length":0},{"type":128,"length":6,"enterprise":32768,"value":"abcd"},{"type":64,"length":0,"value":""}]}"#;
        assert!(json(&REQUEST).ends_with(tail), "{}", json(&REQUEST));
        let other = json(&[0x86cd_0004, 1, 7, 0x0901_0203, 0x0000_ffff]);
        assert!(other.ends_with(r#""sfmt":9,"data":"0000ffff"}"#), "{other}");
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (sender_ssrc, media_ssrc) in any::<(u32, u32)>(),
            (sub_format, message_sequence_number, response) in any::<(u8, u8, u16)>(),
            content in prop::collection::vec(any::<[u8; 4]>(), 0..8),
            padding in prop::sample::select(PADDINGS),
        ) {
            let builder = RamsBuilder {
                sender_ssrc, media_ssrc, message_sequence_number, padding,
                sub_format: RamsSubFormat(sub_format | 4), // none that has TLV elements
                response: RamsResponse(response),
                tlvs: RamsTlvList::Read(content.as_flattened()),
            };
            let bytes = builder.to_vec().unwrap();
            prop_assert_eq!(RamsBuilder::from(Rams::parse(&bytes).unwrap()), builder);
        }

        #[test]
        fn what_parses_is_written_again(
            sub_format in 0u8..5,
            mut fci in prop::collection::vec(prop::sample::select(&[0u8, 1, 2, 4, 8, 31, 61, 128][..]), 4..64),
        ) {
            fci.truncate(fci.len() / 4 * 4);
            fci[0] = sub_format;
            let mut bytes = words([0x86cd_0002 + u32::try_from(fci.len() / 4).unwrap(), 1, 0]);
            bytes.extend(&fci);
            if let Ok(packet) = Rams::parse(&bytes) {
                let all: usize = packet.tlvs().map(|tlv| tlv.encoded_len()).sum();
                let known = packet.sub_format().name().is_some();
                prop_assert_eq!(all, if known { fci.len() - 4 } else { 0 });
                prop_assert_eq!(RamsBuilder::from(packet).to_vec().unwrap(), bytes);
            }
        }
    }
}
