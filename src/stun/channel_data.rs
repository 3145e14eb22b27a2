//! ChannelData of TURN (RFC 8656 section 12.4): data for a bound channel behind 4 bytes of header.
//!
//! ```text
//! |         Channel Number        |            Length             |  header
//! |                       Application Data                        |  data
//! ```

use byteorder::{BE, ByteOrder};
use core::fmt;
use core::ops::{Range, RangeInclusive};

use super::attribute::{ZEROS, padding_len};
use crate::encode::{Encode, Sink, narrow};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::wire::bytes;

/// The numbers that a channel may have (RFC 8656 section 12).
pub(crate) const CHANNEL_NUMBERS: RangeInclusive<u16> = 0x4000..=0x4FFF;

/// The numbers that it might have before (RFC 5766 section 11).
pub(crate) const RFC5766_CHANNEL_NUMBERS: RangeInclusive<u16> = 0x4000..=0x7FFF;

const NUMBER: Range<usize> = 0..2;
const LENGTH: Range<usize> = 2..4;
pub(crate) const HEADER_LEN: usize = LENGTH.end;

/// A ChannelData message, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ChannelData<'a> {
    header: &'a [u8; HEADER_LEN],
    data: &'a [u8],
    padding: &'a [u8],
}

impl<'a> ChannelData<'a> {
    /// Reads a datagram: the data is what is left of it, but for at most 3 bytes of padding.
    ///
    /// # Errors
    /// A channel number outside of 0x4000 to 0x4FFF (`Value`); a datagram that is shorter than the length says
    /// (`Truncated`) or more than 3 bytes longer (`Length`).
    #[inline]
    pub fn parse(datagram: &'a [u8]) -> Result<Self, ParseError> {
        run("ChannelData", datagram, |i| datagram_message(i, CHANNEL_NUMBERS))
    }

    /// As [`parse`](Self::parse) with the numbers of RFC 5766, 0x4000 to 0x7FFF: those above 0x4FFF are QUIC's today.
    ///
    /// # Errors
    /// A channel number outside of that; the lengths as with [`parse`](Self::parse).
    #[inline]
    pub fn parse_rfc5766(datagram: &'a [u8]) -> Result<Self, ParseError> {
        run("ChannelData", datagram, |i| datagram_message(i, RFC5766_CHANNEL_NUMBERS))
    }

    /// Reads the message at the front of a stream, TCP or TLS, where each is padded to a multiple of 4 bytes, and gives
    /// what follows it. The numbers are those of RFC 5766, as on a stream there is nothing to confuse them with.
    ///
    /// # Errors
    /// A channel number outside of 0x4000 to 0x7FFF; the message with its padding is not there in full (`Truncated`).
    #[inline]
    pub fn parse_stream(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), ParseError> {
        run("ChannelData", bytes, |i| {
            stream_message(i).map(|(rest, message)| (rest, (message, rest)))
        })
    }

    /// The channel's number.
    #[inline]
    pub fn channel_number(&self) -> u16 {
        BE::read_u16(&self.header[NUMBER])
    }

    /// The length field: bytes of data.
    #[inline]
    pub fn length(&self) -> u16 {
        BE::read_u16(&self.header[LENGTH])
    }

    /// What goes to, or comes from, the peer.
    #[inline]
    pub const fn data(&self) -> &'a [u8] {
        self.data
    }

    /// What stands behind the data: 0 to 3 bytes, which mean nothing.
    #[inline]
    pub const fn padding(&self) -> &'a [u8] {
        self.padding
    }
}

/// Header and data; the padding is the caller's.
#[inline]
fn unpadded(i: &[u8], numbers: RangeInclusive<u16>) -> Step<'_, ChannelData<'_>> {
    let Some((header, rest)) = i.split_first_chunk::<HEADER_LEN>() else {
        let kind = ErrorKind::Truncated { need: HEADER_LEN, have: i.len() };
        return Err(Fail::field("header", i, kind));
    };
    let number = BE::read_u16(&header[NUMBER]);
    if !numbers.contains(&number) {
        return Err(Fail::field("channel number", i, ErrorKind::Value { found: number.into() }));
    }
    let length = usize::from(BE::read_u16(&header[LENGTH]));
    let (rest, data) = nom::Parser::parse(&mut nom::error::context("data", bytes(length)), rest)?;
    Ok((rest, ChannelData { header, data, padding: &[] }))
}

#[inline]
fn datagram_message(i: &[u8], numbers: RangeInclusive<u16>) -> Step<'_, ChannelData<'_>> {
    let (padding, message) = unpadded(i, numbers)?;
    if padding.len() > ZEROS.len() {
        let at = i.get(LENGTH.start..).unwrap_or_default();
        let found = message.data.len();
        let kind = ErrorKind::Length { found, have: found.saturating_add(padding.len()) };
        return Err(Fail::field("length", at, kind));
    }
    Ok((&[], ChannelData { padding, ..message }))
}

#[inline]
fn stream_message(i: &[u8]) -> Step<'_, ChannelData<'_>> {
    let (rest, message) = unpadded(i, RFC5766_CHANNEL_NUMBERS)?;
    let (rest, padding) = nom::Parser::parse(
        &mut nom::error::context("padding", bytes(padding_len(message.data.len()))),
        rest,
    )?;
    Ok((rest, ChannelData { padding, ..message }))
}

/// `ChannelData channel=0x4000 length=20`
impl fmt::Display for ChannelData<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChannelData channel={:#06x} length={}", self.channel_number(), self.length())
    }
}

impl fmt::Debug for ChannelData<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChannelData")
            .field("channel_number", &format_args!("{:#06x}", self.channel_number()))
            .field("data", &self.data)
            .field("padding", &self.padding)
            .finish()
    }
}

/// As the inspector prints it, without the data.
#[cfg(feature = "serde")]
impl serde::Serialize for ChannelData<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("channel_number", &self.channel_number())?;
        map.serialize_entry("length", &self.length())?;
        map.end()
    }
}

/// A ChannelData message to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelDataBuilder<'a> {
    /// 0x4000 to 0x4FFF.
    pub channel_number: u16,
    /// What goes to the peer, up to 65535 bytes.
    pub data: &'a [u8],
    /// Behind the data, at most 3 bytes: over UDP none is needed.
    pub padding: &'a [u8],
    /// Lets the channel number be one of RFC 5766, up to 0x7FFF.
    pub rfc5766: bool,
}

impl<'a> ChannelDataBuilder<'a> {
    /// For a datagram: no padding.
    #[inline]
    pub const fn new(channel_number: u16, data: &'a [u8]) -> Self {
        Self { channel_number, data, padding: &[], rfc5766: false }
    }

    /// For a stream: padded with zeros to a multiple of 4 bytes.
    #[inline]
    pub fn for_stream(channel_number: u16, data: &'a [u8]) -> Self {
        let padding = ZEROS.get(..padding_len(data.len())).unwrap_or_default();
        Self { padding, ..Self::new(channel_number, data) }
    }
}

impl<'a> From<ChannelData<'a>> for ChannelDataBuilder<'a> {
    #[inline]
    fn from(message: ChannelData<'a>) -> Self {
        Self {
            channel_number: message.channel_number(),
            data: message.data,
            padding: message.padding,
            rfc5766: !CHANNEL_NUMBERS.contains(&message.channel_number()),
        }
    }
}

impl Encode for ChannelDataBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        self.data.len().saturating_add(self.padding.len()).saturating_add(HEADER_LEN)
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let numbers = if self.rfc5766 { RFC5766_CHANNEL_NUMBERS } else { CHANNEL_NUMBERS };
        if !numbers.contains(&self.channel_number) {
            return Err(BuildError::OutOfRange { field: "channel number" });
        }
        if self.padding.len() > ZEROS.len() {
            return Err(BuildError::OutOfRange { field: "padding" });
        }
        let length = narrow("data", self.data.len())?;
        let header = out.array::<HEADER_LEN>()?;
        BE::write_u16(&mut header[NUMBER], self.channel_number);
        BE::write_u16(&mut header[LENGTH], length);
        out.bytes(self.data)?;
        out.bytes(self.padding)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec;

    use super::*;

    /// RFC 8656 figure 5 by rows: channel 0x4001 with 5 bytes, padded as over TCP.
    const PADDED: &[u8; 12] = &[
        0x40, 0x01, 0x00, 0x05, // channel number, length
        b'h', b'e', b'l', b'l', // application data
        b'o', 0xAA, 0xBB, 0xCC, // and 3 bytes of padding
    ];

    #[test]
    fn reads_every_field() {
        let message = ChannelData::parse(PADDED).unwrap();
        assert_eq!((message.channel_number(), message.length()), (0x4001, 5));
        assert_eq!((message.data(), message.padding()), (&b"hello"[..], &PADDED[9..]));
        crate::testing::shows(&message);
        assert_eq!(message.to_string(), "ChannelData channel=0x4001 length=5");
    }

    #[test]
    fn padding_over_udp_is_0_to_3_bytes_and_no_data() {
        for len in 9..=12 {
            let message = ChannelData::parse(&PADDED[..len]).unwrap();
            assert_eq!((message.data(), message.padding()), (&b"hello"[..], &PADDED[9..len]));
            let mut out = [0; 12];
            assert_eq!(ChannelDataBuilder::from(message).write(&mut out), Ok(len));
            assert_eq!(out[..len], PADDED[..len]);
        }
        let mut long = [0; 13];
        long[..12].copy_from_slice(PADDED);
        let error = ChannelData::parse(&long).unwrap_err();
        assert_eq!((error.field, error.offset), ("length", 2));
        assert_eq!(error.kind, ErrorKind::Length { found: 5, have: 9 });
    }

    #[test]
    fn an_empty_message_is_valid() {
        let message = ChannelData::parse(&[0x40, 0, 0, 0]).unwrap();
        assert_eq!((message.data(), message.padding()), (&[][..], &[][..]));
    }

    #[test]
    fn every_truncation_is_refused() {
        for len in 0..9 {
            let error = ChannelData::parse(&PADDED[..len]).unwrap_err();
            assert_eq!(error.kind.name(), "truncated", "{len}");
            assert_eq!(error.field, if len < 4 { "header" } else { "data" });
            assert_eq!(error.offset, if len < 4 { 0 } else { 4 });
        }
    }

    #[test]
    fn numbers_outside_the_range_are_no_channel_data() {
        for (number, rfc8656, rfc5766) in [
            (0x3FFF, false, false),
            (0x4000, true, true),
            (0x4FFF, true, true),
            (0x5000, false, true),
            (0x7FFF, false, true),
            (0x8000, false, false),
        ] {
            let bytes = [(number >> 8) as u8, number as u8, 0, 0];
            let strict = ChannelData::parse(&bytes);
            assert_eq!(strict.is_ok(), rfc8656, "{number:#x}");
            if let Err(error) = strict {
                assert_eq!((error.field, error.offset), ("channel number", 0));
                assert_eq!(error.kind, ErrorKind::Value { found: number.into() });
            }
            assert_eq!(ChannelData::parse_rfc5766(&bytes).is_ok(), rfc5766, "{number:#x}");
            assert_eq!(ChannelData::parse_stream(&bytes).is_ok(), rfc5766, "{number:#x}");
            let mut builder = ChannelDataBuilder::new(number, b"");
            assert_eq!(builder.write(&mut [0; 4]).is_ok(), rfc8656, "{number:#x}");
            builder.rfc5766 = true;
            assert_eq!(builder.write(&mut [0; 4]).is_ok(), rfc5766, "{number:#x}");
        }
    }

    #[test]
    fn on_a_stream_the_length_decides_and_the_padding_belongs_to_the_message() {
        let mut stream = [0; 24];
        stream[..12].copy_from_slice(PADDED);
        stream[12..].copy_from_slice(PADDED);
        let (first, rest) = ChannelData::parse_stream(&stream).unwrap();
        assert_eq!((first.data(), rest), (&b"hello"[..], &stream[12..]));
        assert_eq!(first.padding(), &PADDED[9..]);
        let (_, rest) = ChannelData::parse_stream(rest).unwrap();
        assert_eq!(rest, b"");
        for len in 0..12 {
            let error = ChannelData::parse_stream(&stream[..len]).unwrap_err();
            assert_eq!(error.kind.name(), "truncated", "{len}");
        }
        let mut out = [0xFF; 12];
        assert_eq!(ChannelDataBuilder::for_stream(0x4001, b"hello").write(&mut out), Ok(12));
        assert_eq!(out[..9], PADDED[..9]);
        assert_eq!(out[9..], [0; 3]);
    }

    #[test]
    fn a_length_of_0xffff_is_no_trouble() {
        let mut bytes = vec![7; 4 + 0xFFFF];
        bytes[..4].copy_from_slice(&[0x40, 0, 0xFF, 0xFF]);
        assert_eq!(ChannelData::parse(&bytes).unwrap().data().len(), 0xFFFF);
        let error = ChannelData::parse(&bytes[..0xFFFF]).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Truncated { need: 0xFFFF, have: 0xFFFB });
        assert_eq!(ChannelData::parse_stream(&bytes).unwrap_err().field, "padding");
        let long = vec![0; 0x1_0000];
        let refused = Err(BuildError::OutOfRange { field: "data" });
        assert_eq!(ChannelDataBuilder::new(0x4000, &long).write(&mut vec![0; 0x1_0004]), refused);
        let builder =
            ChannelDataBuilder { padding: &[0; 4], ..ChannelDataBuilder::new(0x4000, b"") };
        let refused = Err(BuildError::OutOfRange { field: "padding" });
        assert_eq!(builder.write(&mut [0; 8]), refused);
    }

    #[test]
    #[cfg(feature = "serde")]
    fn serialises_as_inspect_json_says() {
        let json = serde_json::to_string(&ChannelData::parse(&[0x40, 0, 0, 0]).unwrap()).unwrap();
        assert_eq!(json, r#"{"channel_number":16384,"length":0}"#);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            channel_number in RFC5766_CHANNEL_NUMBERS,
            data: std::vec::Vec<u8>,
            padding in 0usize..4,
        ) {
            let rfc5766 = channel_number > 0x4FFF;
            let builder = ChannelDataBuilder { channel_number, data: &data, padding: &[9; 3][..padding], rfc5766 };
            let mut out = vec![0; builder.encoded_len()];
            builder.write(&mut out).unwrap();
            prop_assert_eq!(ChannelDataBuilder::from(ChannelData::parse_rfc5766(&out).unwrap()), builder);
        }

        #[test]
        fn what_parses_is_written_again(bytes: std::vec::Vec<u8>, number in 0x3FFE_u16..0x8002, short in 0usize..6) {
            let mut bytes = bytes;
            if bytes.len() >= 4 {
                bytes[..2].copy_from_slice(&number.to_be_bytes());
                let length = (bytes.len() - 4).saturating_sub(short) as u16;
                bytes[2..4].copy_from_slice(&length.to_be_bytes());
            }
            let mut out = vec![0; bytes.len()];
            for message in [ChannelData::parse(&bytes), ChannelData::parse_rfc5766(&bytes)].into_iter().flatten() {
                prop_assert_eq!(ChannelDataBuilder::from(message).write(&mut out), Ok(bytes.len()));
                prop_assert_eq!(&out, &bytes);
            }
            let _ = ChannelData::parse_stream(&bytes);
        }
    }
}
