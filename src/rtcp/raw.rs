//! A packet of any type, as its header and its bytes: what is unknown is kept.

use core::fmt;

use super::header::{Framed, framed, write_header};
use super::{Header, PacketType};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};

/// An RTCP packet of any type: header, body, padding.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RawPacket<'a> {
    header: Header,
    body: &'a [u8],
    padding: &'a [u8],
}

impl<'a> RawPacket<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another version than 2, a length or padding beyond the packet.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("RTCP packet", bytes, raw_packet)
    }

    /// Its first four bytes.
    #[inline]
    pub const fn header(&self) -> Header {
        self.header
    }

    /// What lies between the header and the padding.
    #[inline]
    pub const fn body(&self) -> &'a [u8] {
        self.body
    }

    /// All bytes of the padding, the count at its end included; empty without padding.
    #[inline]
    pub const fn padding(&self) -> &'a [u8] {
        self.padding
    }
}

#[inline]
pub(crate) fn raw_packet(i: &[u8]) -> Step<'_, RawPacket<'_>> {
    let (rest, Framed { header, body, padding }) = framed(i)?;
    Ok((rest, RawPacket { header, body, padding }))
}

impl fmt::Display for RawPacket<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RTCP {} count={}", self.header.packet_type(), self.header.count())?;
        write!(f, " body={} bytes", self.body.len())
    }
}

impl fmt::Debug for RawPacket<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawPacket")
            .field("header", &self.header)
            .field("body", &self.body)
            .field("padding", &self.padding)
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for RawPacket<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let type_name = match self.header.packet_type() {
            PacketType::H261_FIR => "h261_fir",
            PacketType::H261_NACK => "h261_nack",
            PacketType::SMPTETC => "smptetc",
            PacketType::IJ => "ij",
            PacketType::AVB => "avb",
            PacketType::RSI => "rsi",
            PacketType::TOKEN => "token",
            PacketType::IDMS => "idms",
            PacketType::RGRS => "rgrs",
            PacketType::SNM => "snm",
            _ => "other",
        };
        let mut map = serializer.serialize_map(None)?;
        let (header, padding) = (self.header, self.padding);
        super::header::serialize_header(&mut map, header, padding, type_name, "count")?;
        map.serialize_entry("data", &crate::ser::Hex(self.body))?;
        map.end()
    }
}

/// A packet of any type to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawPacketBuilder<'a> {
    /// The packet type.
    pub packet_type: PacketType,
    /// The five bits behind the padding bit, 0 to 31.
    pub count: u8,
    /// What lies between the header and the padding; with the padding a multiple of 4 bytes.
    pub body: &'a [u8],
    /// As [`RawPacket::padding`].
    pub padding: &'a [u8],
}

impl<'a> From<RawPacket<'a>> for RawPacketBuilder<'a> {
    fn from(packet: RawPacket<'a>) -> Self {
        let RawPacket { header, body, padding } = packet;
        Self { packet_type: header.packet_type(), count: header.count(), body, padding }
    }
}

impl Encode for RawPacketBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        Header::LEN + self.body.len() + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let (count, len) = (self.count.into(), self.encoded_len());
        write_header(out.array()?, self.packet_type, count, len, self.padding)?;
        out.bytes(self.body)?;
        out.bytes(self.padding)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_parses_is_written_again(mut bytes in prop::collection::vec(any::<u8>(), 4..64)) {
            // A length that fits, so that most inputs are packets.
            bytes.truncate(bytes.len() / 4 * 4);
            let words = u8::try_from(bytes.len() / 4 - 1).unwrap();
            (bytes[0], bytes[2], bytes[3]) = (bytes[0] & 0x3F | 0x80, 0, words);
            if let Ok(packet) = RawPacket::parse(&bytes) {
                crate::testing::shows(&packet);
                prop_assert_eq!(RawPacketBuilder::from(packet).to_vec().unwrap(), bytes);
            }
        }
    }
}
