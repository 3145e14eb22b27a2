//! AVB RTCP packet (IEEE 1733-2011).
//!
//! ```text
//! |V=2|P| subtype |    PT=208     |           length=9            |  header.rs
//! |                            SSRC                               |  body
//! |                            name                               |
//! |  grandmaster timebase         |  grandmaster identity,        |
//! |  indicator                    |  10 bytes                     |
//! |                                                               |
//! |                                                               |
//! |                      stream id, 8 bytes                       |
//! |                        AS timestamp                           |
//! |                        RTP timestamp                          |
//! ```
//!
//! The layout is the one that Wireshark reads; the text of the standard was not at hand.

use byteorder::{BE, ByteOrder};
use core::fmt;
use core::ops::Range;

use super::header::{body_of, packet_of, write_header};
use super::{Header, PacketType};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::show::Text;

// Places in the body, for reading and for writing.
const SSRC: Range<usize> = 0..4;
const NAME: Range<usize> = 4..8;
const TIMEBASE: Range<usize> = 8..10;
const IDENTITY: Range<usize> = 10..20;
const STREAM: Range<usize> = 20..28;
const AS_TIMESTAMP: Range<usize> = 28..32;
const RTP_TIMESTAMP: Range<usize> = 32..36;
const BODY_LEN: usize = RTP_TIMESTAMP.end;

/// How a stream's RTP timestamps go with the common clock of an AVB network, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Avb<'a> {
    header: Header,
    body: &'a [u8; BODY_LEN],
    padding: &'a [u8],
}

/// `N` bytes of the body: its length is known, so the range is there.
#[inline]
fn part<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.first_chunk().copied().unwrap_or([0; N])
}

impl<'a> Avb<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type, a version other than 2, a length or padding beyond the packet; a body of another length.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("AVB", bytes, avb)
    }

    /// The packet's first four bytes.
    #[inline]
    pub const fn header(&self) -> Header {
        self.header
    }

    /// The kind of AVB packet, 0 to 31.
    #[inline]
    pub const fn subtype(&self) -> u8 {
        self.header.count()
    }

    /// The source of the stream.
    #[inline]
    pub fn ssrc(&self) -> u32 {
        BE::read_u32(&self.body[SSRC])
    }

    /// A name of four ASCII characters.
    #[inline]
    pub fn name(&self) -> [u8; 4] {
        part(&self.body[NAME])
    }

    /// The number of the grandmaster's timebase.
    #[inline]
    pub fn gm_timebase_indicator(&self) -> u16 {
        BE::read_u16(&self.body[TIMEBASE])
    }

    /// The grandmaster clock: its EUI-64 and its port.
    #[inline]
    pub fn gm_identity(&self) -> [u8; 10] {
        part(&self.body[IDENTITY])
    }

    /// The AVB stream: the talker's MAC address and its own number for the stream.
    #[inline]
    pub fn stream_id(&self) -> u64 {
        BE::read_u64(&self.body[STREAM])
    }

    /// A time of the common clock in nanoseconds, modulo 2^32.
    #[inline]
    pub fn as_timestamp(&self) -> u32 {
        BE::read_u32(&self.body[AS_TIMESTAMP])
    }

    /// The same instant on the clock of the RTP timestamps.
    #[inline]
    pub fn rtp_timestamp(&self) -> u32 {
        BE::read_u32(&self.body[RTP_TIMESTAMP])
    }

    /// All bytes of the padding, the count at its end included; empty without padding.
    #[inline]
    pub const fn padding(&self) -> &'a [u8] {
        self.padding
    }
}

/// Validates the whole packet.
#[inline]
pub(crate) fn avb(i: &[u8]) -> Step<'_, Avb<'_>> {
    let (rest, packet) = packet_of(PacketType::AVB)(i)?;
    let body = body_of(packet.body)?;
    Ok((rest, Avb { header: packet.header, body, padding: packet.padding }))
}

/// `AVB ssrc=0x00000001 name=ABCD stream=0x6666777788889999 as=10 rtp=11`.
impl fmt::Display for Avb<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AVB ssrc={:#010x} name={}", self.ssrc(), Text(&self.name()))?;
        write!(f, " stream={:#018x}", self.stream_id())?;
        write!(f, " as={} rtp={}", self.as_timestamp(), self.rtp_timestamp())
    }
}

impl fmt::Debug for Avb<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Avb")
            .field("subtype", &self.subtype())
            .field("ssrc", &self.ssrc())
            .field("name", &self.name())
            .field("gm_timebase_indicator", &self.gm_timebase_indicator())
            .field("gm_identity", &self.gm_identity())
            .field("stream_id", &self.stream_id())
            .field("as_timestamp", &self.as_timestamp())
            .field("rtp_timestamp", &self.rtp_timestamp())
            .field("padding", &self.padding())
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Avb<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use crate::ser::{Hex, text};
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        super::header::serialize_header(&mut map, self.header, self.padding, "avb", "count")?;
        map.serialize_entry("subtype", &self.subtype())?;
        map.serialize_entry("ssrc", &self.ssrc())?;
        text(&mut map, ("name", "name_hex"), &self.name())?;
        map.serialize_entry("gm_timebase_indicator", &self.gm_timebase_indicator())?;
        map.serialize_entry("gm_identity", &Hex(&self.gm_identity()))?;
        map.serialize_entry("stream_id", &Hex(&self.stream_id().to_be_bytes()))?;
        map.serialize_entry("as_timestamp", &self.as_timestamp())?;
        map.serialize_entry("rtp_timestamp", &self.rtp_timestamp())?;
        map.end()
    }
}

/// An AVB packet to be written: fill in the fields, or take a view's by `From`; then `write`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AvbBuilder<'a> {
    /// As [`Avb::subtype`]; every field points to its accessor so.
    pub subtype: u8,
    /// As [`Avb::ssrc`].
    pub ssrc: u32,
    /// As [`Avb::name`].
    pub name: [u8; 4],
    /// As [`Avb::gm_timebase_indicator`].
    pub gm_timebase_indicator: u16,
    /// As [`Avb::gm_identity`].
    pub gm_identity: [u8; 10],
    /// As [`Avb::stream_id`].
    pub stream_id: u64,
    /// As [`Avb::as_timestamp`].
    pub as_timestamp: u32,
    /// As [`Avb::rtp_timestamp`].
    pub rtp_timestamp: u32,
    /// As [`Avb::padding`].
    pub padding: &'a [u8],
}

impl<'a> From<Avb<'a>> for AvbBuilder<'a> {
    fn from(packet: Avb<'a>) -> Self {
        Self {
            subtype: packet.subtype(),
            ssrc: packet.ssrc(),
            name: packet.name(),
            gm_timebase_indicator: packet.gm_timebase_indicator(),
            gm_identity: packet.gm_identity(),
            stream_id: packet.stream_id(),
            as_timestamp: packet.as_timestamp(),
            rtp_timestamp: packet.rtp_timestamp(),
            padding: packet.padding,
        }
    }
}

impl Encode for AvbBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        Header::LEN + BODY_LEN + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let (subtype, len) = (self.subtype.into(), self.encoded_len());
        write_header(out.array()?, PacketType::AVB, subtype, len, self.padding)?;
        let body = out.array::<BODY_LEN>()?;
        BE::write_u32(&mut body[SSRC], self.ssrc);
        body[NAME].copy_from_slice(&self.name);
        BE::write_u16(&mut body[TIMEBASE], self.gm_timebase_indicator);
        body[IDENTITY].copy_from_slice(&self.gm_identity);
        BE::write_u64(&mut body[STREAM], self.stream_id);
        BE::write_u32(&mut body[AS_TIMESTAMP], self.as_timestamp);
        BE::write_u32(&mut body[RTP_TIMESTAMP], self.rtp_timestamp);
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

    // rtcp_packet_types.csv, the layout of AVB; the values that are asserted are those tshark 4.0.17 reads out of it.
    const AVB: [u32; 10] = [
        0x80d0_0009, // V=2 P=0 subtype=0 PT=208 length=9
        0x0000_0001, // SSRC
        0x4142_4344, // name
        0x0005_1111, // gm timebase indicator, gm identity
        0x2222_3333,
        0x4444_5555,
        0x6666_7777, // stream id
        0x8888_9999,
        0x0000_000a, // AS timestamp
        0x0000_000b, // RTP timestamp
    ];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(AVB);
        let packet = Avb::parse(&bytes).unwrap();
        assert_eq!((packet.subtype(), packet.ssrc(), &packet.name()), (0, 1, b"ABCD"));
        assert_eq!(packet.gm_timebase_indicator(), 5);
        let identity = [0x11, 0x11, 0x22, 0x22, 0x33, 0x33, 0x44, 0x44, 0x55, 0x55];
        assert_eq!(packet.gm_identity(), identity);
        assert_eq!(packet.stream_id(), 0x6666_7777_8888_9999);
        assert_eq!((packet.as_timestamp(), packet.rtp_timestamp()), (10, 11));
        let line = "AVB ssrc=0x00000001 name=ABCD stream=0x6666777788889999 as=10 rtp=11";
        assert_eq!(packet.to_string(), line);
        assert_eq!(AvbBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn refuses_every_truncation_and_another_length() {
        refuses_every_truncation(&words(AVB), Avb::parse);
        let refused = |rows: &[u32]| {
            let error = Avb::parse(&words(rows)).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let kind = ErrorKind::Length { found: 4, have: 36 };
        assert_eq!(refused(&[0x80d0_0001, 1]), ("body", 4, kind));
        let kind = ErrorKind::Length { found: 40, have: 36 };
        let long = [&[0x80d0_000a], &AVB[1..], &[0]].concat();
        assert_eq!(refused(&long), ("body", 40, kind));
        let wide = AvbBuilder { subtype: 32, ..Default::default() };
        assert_eq!(wide.to_vec(), Err(BuildError::OutOfRange { field: "count" }));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn its_json_names_the_fields_of_the_layout() {
        let json = r#"{"version":2,"padding":false,"packet_type":208,"length":9,"padding_size":0,"type":"avb","count":0,"subtype":0,"ssrc":1,"name":"ABCD","gm_timebase_indicator":5,"gm_identity":"11112222333344445555","stream_id":"6666777788889999","as_timestamp":10,"rtp_timestamp":11}"#;
        let bytes = words(AVB);
        assert_eq!(serde_json::to_string(&Avb::parse(&bytes).unwrap()).unwrap(), json);
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (subtype, ssrc, name) in (0u8..32, any::<u32>(), any::<[u8; 4]>()),
            (gm_timebase_indicator, gm_identity) in any::<(u16, [u8; 10])>(),
            (stream_id, as_timestamp, rtp_timestamp) in any::<(u64, u32, u32)>(),
            padding in prop::sample::select(PADDINGS),
        ) {
            let builder = AvbBuilder {
                subtype,
                ssrc,
                name,
                gm_timebase_indicator,
                gm_identity,
                stream_id,
                as_timestamp,
                rtp_timestamp,
                padding,
            };
            let bytes = builder.to_vec().unwrap();
            prop_assert_eq!(AvbBuilder::from(Avb::parse(&bytes).unwrap()), builder);
        }
    }
}
