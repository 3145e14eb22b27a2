//! IDMS settings: inter-destination media synchronization (RFC 7272 section 7).
//!
//! ```text
//! |V=2|P|reserved |    PT=211     |           length=8            |  header.rs
//! |                    SSRC of packet sender                      |  body
//! |                    SSRC of media source                       |
//! |             media stream correlation identifier               |
//! |           packet received, NTP timestamp, 8 bytes             |
//! |                packet received, RTP timestamp                 |
//! |           packet presented, NTP timestamp, 8 bytes            |
//! ```
//!
//! The RFC says that the packet "consists of 7 32-bit words"; its figure has nine, header included, and so has this.

use byteorder::{BE, ByteOrder};
use core::fmt;
use core::ops::Range;

use super::header::{body_of, packet_of, write_header};
use super::{Header, PacketType};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::ntp::NtpTime;

// Places in the body, for reading and for writing.
const SENDER: Range<usize> = 0..4;
const MEDIA: Range<usize> = 4..8;
const IDENTIFIER: Range<usize> = 8..12;
const RECEIVED_NTP: Range<usize> = 12..20;
const RECEIVED_RTP: Range<usize> = 20..24;
const PRESENTED_NTP: Range<usize> = 24..32;
const BODY_LEN: usize = PRESENTED_NTP.end;

/// When one packet was received and is to be shown, for receivers to keep in step by; read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Idms<'a> {
    header: Header,
    body: &'a [u8; BODY_LEN],
    padding: &'a [u8],
}

impl<'a> Idms<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type, a version other than 2, a length or padding beyond the packet; a body of another length.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("IDMS settings", bytes, idms)
    }

    /// The packet's first four bytes.
    #[inline]
    pub const fn header(&self) -> Header {
        self.header
    }

    /// The five reserved bits of the header.
    #[inline]
    pub const fn reserved(&self) -> u8 {
        self.header.count()
    }

    /// Who sends the settings.
    #[inline]
    pub fn sender_ssrc(&self) -> u32 {
        BE::read_u32(&self.body[SENDER])
    }

    /// The source of the packet that the times are of.
    #[inline]
    pub fn media_ssrc(&self) -> u32 {
        BE::read_u32(&self.body[MEDIA])
    }

    /// The group that is synchronized; 0 for none, 2^32 − 1 is reserved.
    #[inline]
    pub fn media_stream_correlation_identifier(&self) -> u32 {
        BE::read_u32(&self.body[IDENTIFIER])
    }

    /// When the reference client received the packet's first byte.
    #[inline]
    pub fn received_ntp(&self) -> NtpTime {
        NtpTime(BE::read_u64(&self.body[RECEIVED_NTP]))
    }

    /// The packet's RTP timestamp.
    #[inline]
    pub fn received_rtp_timestamp(&self) -> u32 {
        BE::read_u32(&self.body[RECEIVED_RTP])
    }

    /// When the reference client presented what the packet's first byte belongs to; 0 if that is not known.
    #[inline]
    pub fn presented_ntp(&self) -> NtpTime {
        NtpTime(BE::read_u64(&self.body[PRESENTED_NTP]))
    }

    /// All bytes of the padding, the count at its end included; empty without padding.
    #[inline]
    pub const fn padding(&self) -> &'a [u8] {
        self.padding
    }
}

/// Validates the whole packet.
#[inline]
pub(crate) fn idms(i: &[u8]) -> Step<'_, Idms<'_>> {
    let (rest, packet) = packet_of(PacketType::IDMS)(i)?;
    let body = body_of(packet.body)?;
    Ok((rest, Idms { header: packet.header, body, padding: packet.padding }))
}

/// `IDMS sender=0x00000001 media=0x00000002 group=7 received=3877056295.500000000 rtp=8 presented=0.000000000`.
impl fmt::Display for Idms<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IDMS sender={:#010x} media={:#010x}", self.sender_ssrc(), self.media_ssrc())?;
        write!(f, " group={}", self.media_stream_correlation_identifier())?;
        write!(f, " received={} rtp={}", self.received_ntp(), self.received_rtp_timestamp())?;
        write!(f, " presented={}", self.presented_ntp())
    }
}

impl fmt::Debug for Idms<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let identifier = self.media_stream_correlation_identifier();
        f.debug_struct("Idms")
            .field("reserved", &self.reserved())
            .field("sender_ssrc", &self.sender_ssrc())
            .field("media_ssrc", &self.media_ssrc())
            .field("media_stream_correlation_identifier", &identifier)
            .field("received_ntp", &self.received_ntp())
            .field("received_rtp_timestamp", &self.received_rtp_timestamp())
            .field("presented_ntp", &self.presented_ntp())
            .field("padding", &self.padding())
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Idms<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        super::header::serialize_header(&mut map, self.header, self.padding, "idms", "count")?;
        map.serialize_entry("sender_ssrc", &self.sender_ssrc())?;
        map.serialize_entry("media_ssrc", &self.media_ssrc())?;
        let identifier = self.media_stream_correlation_identifier();
        map.serialize_entry("media_stream_correlation_id", &identifier)?;
        map.serialize_entry("received_ntp_seconds", &self.received_ntp().seconds())?;
        map.serialize_entry("received_ntp_fraction", &self.received_ntp().fraction())?;
        map.serialize_entry("received_rtp_timestamp", &self.received_rtp_timestamp())?;
        map.serialize_entry("presented_ntp_seconds", &self.presented_ntp().seconds())?;
        map.serialize_entry("presented_ntp_fraction", &self.presented_ntp().fraction())?;
        map.end()
    }
}

/// IDMS settings to be written: fill in the fields, or take a view's by `From`; then `write`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IdmsBuilder<'a> {
    /// As [`Idms::reserved`]; every field points to its accessor so.
    pub reserved: u8,
    /// As [`Idms::sender_ssrc`].
    pub sender_ssrc: u32,
    /// As [`Idms::media_ssrc`].
    pub media_ssrc: u32,
    /// As [`Idms::media_stream_correlation_identifier`].
    pub media_stream_correlation_identifier: u32,
    /// As [`Idms::received_ntp`].
    pub received_ntp: NtpTime,
    /// As [`Idms::received_rtp_timestamp`].
    pub received_rtp_timestamp: u32,
    /// As [`Idms::presented_ntp`].
    pub presented_ntp: NtpTime,
    /// As [`Idms::padding`].
    pub padding: &'a [u8],
}

impl<'a> From<Idms<'a>> for IdmsBuilder<'a> {
    fn from(packet: Idms<'a>) -> Self {
        Self {
            reserved: packet.reserved(),
            sender_ssrc: packet.sender_ssrc(),
            media_ssrc: packet.media_ssrc(),
            media_stream_correlation_identifier: packet.media_stream_correlation_identifier(),
            received_ntp: packet.received_ntp(),
            received_rtp_timestamp: packet.received_rtp_timestamp(),
            presented_ntp: packet.presented_ntp(),
            padding: packet.padding,
        }
    }
}

impl Encode for IdmsBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        Header::LEN + BODY_LEN + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let (reserved, len) = (self.reserved.into(), self.encoded_len());
        write_header(out.array()?, PacketType::IDMS, reserved, len, self.padding)?;
        let body = out.array::<BODY_LEN>()?;
        BE::write_u32(&mut body[SENDER], self.sender_ssrc);
        BE::write_u32(&mut body[MEDIA], self.media_ssrc);
        BE::write_u32(&mut body[IDENTIFIER], self.media_stream_correlation_identifier);
        BE::write_u64(&mut body[RECEIVED_NTP], self.received_ntp.0);
        BE::write_u32(&mut body[RECEIVED_RTP], self.received_rtp_timestamp);
        BE::write_u64(&mut body[PRESENTED_NTP], self.presented_ntp.0);
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

    // RFC 7272 section 7, row by row.
    const IDMS: [u32; 9] = [
        0x80d3_0008, // V=2 P=0 reserved PT=211 length=8
        0x0000_0001, // SSRC of packet sender
        0x0000_0002, // SSRC of media source
        0x0000_0007, // media stream correlation identifier
        0xe717_2f27, // packet received NTP timestamp, most significant word: 3877056295
        0x8000_0000, // packet received NTP timestamp, least significant word: half a second
        0x0000_0008, // packet received RTP timestamp
        0xe717_2f28, // packet presented NTP timestamp, most significant word
        0x4000_0000, // packet presented NTP timestamp, least significant word
    ];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(IDMS);
        let packet = Idms::parse(&bytes).unwrap();
        assert_eq!(packet.reserved(), 0);
        assert_eq!((packet.sender_ssrc(), packet.media_ssrc()), (1, 2));
        assert_eq!(packet.media_stream_correlation_identifier(), 7);
        assert_eq!(packet.received_ntp(), NtpTime::new(0xe717_2f27, 0x8000_0000));
        assert_eq!(packet.received_rtp_timestamp(), 8);
        assert_eq!(packet.presented_ntp(), NtpTime::new(0xe717_2f28, 0x4000_0000));
        let line = "IDMS sender=0x00000001 media=0x00000002 group=7 \
                    received=3877056295.500000000 rtp=8 presented=3877056296.250000000";
        assert_eq!(packet.to_string(), line);
        assert_eq!(IdmsBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn refuses_every_truncation_and_another_length() {
        refuses_every_truncation(&words(IDMS), Idms::parse);
        let refused = |rows: &[u32]| {
            let error = Idms::parse(&words(rows)).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let kind = ErrorKind::Length { found: 24, have: 32 };
        assert_eq!(refused(&[0x80d3_0006, 1, 2, 3, 4, 5, 6]), ("body", 4, kind));
        let kind = ErrorKind::Length { found: 36, have: 32 };
        assert_eq!(refused(&[0x80d3_0009, 1, 2, 3, 4, 5, 6, 7, 8, 9]), ("body", 36, kind));
        let wide = IdmsBuilder { reserved: 32, ..Default::default() };
        assert_eq!(wide.to_vec(), Err(BuildError::OutOfRange { field: "count" }));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn its_json_has_the_timestamps_in_two_halves() {
        let json = r#"{"version":2,"padding":false,"packet_type":211,"length":8,"padding_size":0,"type":"idms","count":0,"sender_ssrc":1,"media_ssrc":2,"media_stream_correlation_id":7,"received_ntp_seconds":3877056295,"received_ntp_fraction":2147483648,"received_rtp_timestamp":8,"presented_ntp_seconds":3877056296,"presented_ntp_fraction":1073741824}"#;
        let bytes = words(IDMS);
        assert_eq!(serde_json::to_string(&Idms::parse(&bytes).unwrap()).unwrap(), json);
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (reserved, sender_ssrc, media_ssrc) in (0u8..32, any::<u32>(), any::<u32>()),
            (identifier, received_rtp_timestamp) in any::<(u32, u32)>(),
            (received, presented) in any::<(u64, u64)>(),
            padding in prop::sample::select(PADDINGS),
        ) {
            let builder = IdmsBuilder {
                reserved,
                sender_ssrc,
                media_ssrc,
                media_stream_correlation_identifier: identifier,
                received_ntp: NtpTime(received),
                received_rtp_timestamp,
                presented_ntp: NtpTime(presented),
                padding,
            };
            let bytes = builder.to_vec().unwrap();
            prop_assert_eq!(IdmsBuilder::from(Idms::parse(&bytes).unwrap()), builder);
        }
    }
}
