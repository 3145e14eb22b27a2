//! The header that every RTCP packet begins with, and the padding that one may end with (RFC 3550 section 6.4.1).
//!
//! ```text
//! |V=2|P|  count  |      PT       |            length             |
//! |                     body, 4 × length bytes                    |
//! |                   less the padding, where P=1                 |
//! ```

use core::fmt;

use super::PacketType;
use crate::encode::narrow;
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::wire::{array, context};

/// The first four bytes of an RTCP packet, taken as they are: [`RawPacket`](super::RawPacket) has them checked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Header([u8; Self::LEN]);

impl Header {
    /// Its bytes on the wire.
    pub const LEN: usize = 4;

    /// Reads the header at the front of `bytes`.
    ///
    /// # Errors
    /// Fewer than four bytes; a version other than 2.
    #[inline]
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        run("RTCP packet", bytes, header)
    }

    /// The header that these bytes are, right or wrong.
    #[inline]
    pub(crate) const fn of(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// The padding bit.
    #[inline]
    pub const fn has_padding(self) -> bool {
        let [first, ..] = self.0;
        first & 0x20 != 0
    }

    /// The five bits behind the padding bit: a count, a subtype or a feedback format, by packet type; 0 to 31.
    #[inline]
    pub const fn count(self) -> u8 {
        let [first, ..] = self.0;
        first & 0x1F
    }

    /// The packet type.
    #[inline]
    pub const fn packet_type(self) -> PacketType {
        let [_, packet_type, ..] = self.0;
        PacketType(packet_type)
    }

    /// The length field: 32-bit words of the packet, without the first.
    #[inline]
    pub const fn length(self) -> u16 {
        let [.., high, low] = self.0;
        u16::from_be_bytes([high, low])
    }

    /// The bytes of the whole packet, header and padding included: 4 to 262,144.
    #[inline]
    pub fn packet_len(self) -> usize {
        (usize::from(self.length()) + 1) * 4
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Header")
            .field("has_padding", &self.has_padding())
            .field("count", &self.count())
            .field("packet_type", &self.packet_type())
            .field("length", &self.length())
            .finish()
    }
}

/// A packet taken apart as far as every type has it.
pub(crate) struct Framed<'a> {
    pub(crate) header: Header,
    /// What lies between the header and the padding.
    pub(crate) body: &'a [u8],
    /// The padding with its count, the last byte; empty without.
    pub(crate) padding: &'a [u8],
}

impl Framed<'_> {
    /// The header's count, to be multiplied.
    #[inline]
    pub(crate) fn count(&self) -> usize {
        self.header.count().into()
    }
}

#[inline]
pub(crate) fn header(i: &[u8]) -> Step<'_, Header> {
    let (rest, &bytes) = context("header", array::<{ Header::LEN }>)(i)?;
    let [first, ..] = bytes;
    match first >> 6 {
        2 => Ok((rest, Header(bytes))),
        found => Err(Fail::field("version", i, ErrorKind::Version { found })),
    }
}

/// A packet of any type: its header, its body and its padding.
#[inline]
pub(crate) fn framed(i: &[u8]) -> Step<'_, Framed<'_>> {
    let (after, header) = header(i)?;
    let need = header.packet_len();
    let Some((content, rest)) = after.split_at_checked(need - Header::LEN) else {
        let kind = ErrorKind::Truncated { need, have: i.len() };
        return Err(Fail::field("packet", i, kind));
    };
    let (body, padding) =
        if header.has_padding() { without_padding(content)? } else { (content, &[][..]) };
    Ok((rest, Framed { header, body, padding }))
}

/// Takes the padding off: its last byte says how many bytes it has, itself included.
#[inline]
fn without_padding(content: &[u8]) -> Result<(&[u8], &[u8]), nom::Err<Fail<'_>>> {
    let refused = |at, found| {
        let kind = ErrorKind::Padding { found, have: content.len() };
        Err(Fail::field("padding", at, kind))
    };
    let Some((&count, before)) = content.split_last() else { return refused(content, 0) };
    match content.len().checked_sub(count.into()) {
        Some(body) if count > 0 => Ok(content.split_at_checked(body).unwrap_or((content, &[]))),
        _ => refused(content.get(before.len()..).unwrap_or_default(), count),
    }
}

/// A packet of this type.
#[inline]
pub(crate) fn packet_of<'a>(packet_type: PacketType) -> impl Fn(&'a [u8]) -> Step<'a, Framed<'a>> {
    move |i| {
        let (rest, packet) = framed(i)?;
        let found = packet.header.packet_type();
        if found != packet_type {
            let kind = ErrorKind::Value { found: found.0.into() };
            return Err(Fail::field("packet type", i.get(1..).unwrap_or_default(), kind));
        }
        Ok((rest, packet))
    }
}

/// All of a packet's body as the `N` bytes that its type has, no fewer and no more.
#[inline]
pub(crate) fn body_of<const N: usize>(body: &[u8]) -> Result<&[u8; N], nom::Err<Fail<'_>>> {
    match body.split_first_chunk() {
        Some((body, [])) => Ok(body),
        found => {
            let at = found.map_or(body, |(_, left)| left);
            Err(Fail::field("body", at, ErrorKind::Length { found: body.len(), have: N }))
        }
    }
}

/// Nothing but what was announced: `left` is what remains of `list`.
#[inline]
pub(crate) fn nothing_behind<'a>(list: &[u8], left: &'a [u8]) -> Result<(), nom::Err<Fail<'a>>> {
    if left.is_empty() {
        return Ok(());
    }
    let kind = ErrorKind::Count { need: list.len() - left.len(), have: list.len() };
    Err(Fail::field("bytes behind the last entry", left, kind))
}

/// Writes the header of a packet of `len` bytes, after a check of what every packet has to keep.
///
/// `padding` is all of the padding: its last byte has to be its length.
#[inline]
pub(crate) fn write_header(
    out: &mut [u8; Header::LEN],
    packet_type: PacketType,
    count: usize,
    len: usize,
    padding: &[u8],
) -> Result<(), BuildError> {
    if count > 31 {
        return Err(BuildError::OutOfRange { field: "count" });
    }
    if !len.is_multiple_of(4) {
        return Err(BuildError::OutOfRange { field: "length, a multiple of 4 bytes" });
    }
    let padded = match padding.last() {
        Some(&last) if usize::from(last) == padding.len() => 0x20,
        Some(_) => return Err(BuildError::OutOfRange { field: "padding" }),
        None => 0,
    };
    let length: u16 = narrow("length", (len / 4).wrapping_sub(1))?;
    let [high, low] = length.to_be_bytes();
    *out = [0x80 | padded | narrow::<_, u8>("count", count)?, packet_type.0, high, low];
    Ok(())
}

/// The header's entries of a packet's JSON; `count` under the name that the type gives to the five bits.
#[cfg(feature = "serde")]
pub(crate) fn serialize_header<M: serde::ser::SerializeMap>(
    map: &mut M,
    header: Header,
    padding: &[u8],
    type_name: &str,
    count: &'static str,
) -> Result<(), M::Error> {
    serialize_packet_header(map, header, padding, type_name)?;
    map.serialize_entry(count, &header.count())
}

/// The same for a type that gives the five bits no name.
#[cfg(feature = "serde")]
pub(crate) fn serialize_packet_header<M: serde::ser::SerializeMap>(
    map: &mut M,
    header: Header,
    padding: &[u8],
    type_name: &str,
) -> Result<(), M::Error> {
    map.serialize_entry("version", &2)?;
    map.serialize_entry("padding", &header.has_padding())?;
    map.serialize_entry("packet_type", &header.packet_type().0)?;
    map.serialize_entry("length", &header.length())?;
    map.serialize_entry("padding_size", &padding.len())?;
    map.serialize_entry("type", type_name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtcp::RawPacket;

    fn refused(bytes: &[u8]) -> (&'static str, usize, ErrorKind) {
        let error = RawPacket::parse(bytes).unwrap_err();
        (error.field, error.offset, error.kind)
    }

    #[test]
    fn reads_every_field() {
        let header = Header::parse(&[0xBF, 201, 0xFF, 0xFF]).unwrap();
        assert!(header.has_padding());
        assert_eq!((header.count(), header.packet_type()), (31, PacketType::RR));
        assert_eq!((header.length(), header.packet_len()), (0xFFFF, 0x40000));
        crate::testing::debugs(&header);
    }

    #[test]
    fn refuses_what_is_not_a_header() {
        assert_eq!(refused(&[]), ("header", 0, ErrorKind::Truncated { need: 4, have: 0 }));
        assert_eq!(
            refused(&[0x80, 0, 0]),
            ("header", 0, ErrorKind::Truncated { need: 4, have: 3 })
        );
        assert_eq!(refused(&[0x40, 201, 0, 0]), ("version", 0, ErrorKind::Version { found: 1 }));
    }

    #[test]
    fn the_longest_length_does_not_overflow() {
        let kind = ErrorKind::Truncated { need: 0x40000, have: 8 };
        assert_eq!(refused(&[0x80, 201, 0xFF, 0xFF, 0, 0, 0, 0]), ("packet", 0, kind));
    }

    #[test]
    fn padding_is_taken_off_checked_and_kept() {
        let bytes = [0xA0, 220, 0, 2, 1, 2, 3, 4, 5, 0, 0, 3];
        let packet = RawPacket::parse(&bytes).unwrap();
        assert_eq!((packet.body(), packet.padding()), (&bytes[4..9], &bytes[9..]));
        let all = [0xA0, 220, 0, 1, 0, 0, 0, 4];
        assert!(RawPacket::parse(&all).unwrap().body().is_empty());
    }

    #[test]
    fn wrong_padding_is_refused_at_its_count() {
        let padding = |found, have| ErrorKind::Padding { found, have };
        assert_eq!(refused(&[0xA0, 220, 0, 1, 0, 0, 0, 0]), ("padding", 7, padding(0, 4)));
        assert_eq!(refused(&[0xA0, 220, 0, 1, 0, 0, 0, 5]), ("padding", 7, padding(5, 4)));
        assert_eq!(refused(&[0xA0, 220, 0, 0]), ("padding", 4, padding(0, 0)));
    }

    #[test]
    fn writes_only_what_is_allowed() {
        let write = |count, len, padding: &[u8]| {
            let mut out = [0; 4];
            write_header(&mut out, PacketType::BYE, count, len, padding).map(|()| out)
        };
        assert_eq!(write(31, 0x40000, &[]), Ok([0x9F, 203, 0xFF, 0xFF]));
        assert_eq!(write(0, 8, &[0, 0, 0, 4]), Ok([0xA0, 203, 0, 1]));
        for (count, len, padding) in
            [(32, 4, &[][..]), (0, 6, &[]), (0, 0x40004, &[]), (0, 8, &[0, 0, 0, 3]), (0, 8, &[0])]
        {
            assert!(write(count, len, padding).is_err(), "{count} {len} {padding:?}");
        }
    }
}
