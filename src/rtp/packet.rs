//! RTP data packet (RFC 3550 section 5.1).
//!
//! ```text
//! |V=2|P|X|  CC   |M|     PT      |       sequence number         |  fixed header
//! |                           timestamp                           |
//! |                             SSRC                              |
//! |                     CSRC, CC words, 0 to 15                   |  csrc
//! |             header extension if X, see extension.rs           |  extension
//! |                            payload                            |  payload
//! |                padding if P: its last byte counts it          |  padding
//! ```

use core::fmt;
use core::ops::Range;

use byteorder::{BE, ByteOrder};
use nom::Parser;
use nom::error::context;

use super::extension::{HEADER_LEN, extension};
use super::{Elements, Extension, PayloadType};
use crate::error::{ErrorKind, Fail, ParseError, Step, run};
use crate::wire::{array, bytes};

// Places in the fixed header.
pub(crate) const FIRST: usize = 0;
pub(crate) const SECOND: usize = 1;
pub(crate) const SEQUENCE_NUMBER: Range<usize> = 2..4;
pub(crate) const TIMESTAMP: Range<usize> = 4..8;
pub(crate) const SSRC: Range<usize> = 8..12;
pub(crate) const FIXED_LEN: usize = SSRC.end;

// Bits of the first byte and of the second.
pub(crate) const VERSION_2: u8 = 0x80;
pub(crate) const PADDING: u8 = 0x20;
pub(crate) const EXTENSION: u8 = 0x10;
pub(crate) const CSRC_COUNT: u8 = 0x0F;
pub(crate) const MARKER: u8 = 0x80;
pub(crate) const PAYLOAD_TYPE: u8 = 0x7F;

const WHAT: &str = "RTP packet";

/// An RTP packet, read in place.
///
/// ```
/// use mediawire::rtp::Packet;
///
/// let datagram = [0x80, 0x60, 0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 2, 0xAA, 0xBB];
/// let packet = Packet::parse(&datagram)?;
/// assert_eq!((packet.sequence_number(), packet.ssrc()), (0x1234, 2));
/// assert_eq!(packet.payload(), [0xAA, 0xBB]);
/// # Ok::<(), mediawire::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    pub(crate) fixed: &'a [u8; FIXED_LEN],
    pub(crate) csrc: &'a [[u8; 4]],
    pub(crate) extension: Option<Extension<'a>>,
    pub(crate) payload: &'a [u8],
    pub(crate) padding: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Reads `datagram`, all of it: RTP has no length field of its own.
    ///
    /// # Errors
    /// A version other than 2; a fixed header, CSRC list or extension beyond the datagram; with the P bit a padding
    /// count of 0, or of more than follows the header. That of an SRTP packet with padding is encrypted and mostly
    /// refused: read those by [`parse_lenient`](Self::parse_lenient).
    #[inline]
    pub fn parse(datagram: &'a [u8]) -> Result<Self, ParseError> {
        run(WHAT, datagram, packet)
    }

    /// As [`parse`](Self::parse), but a padding count that cannot be is no error: the padding is then taken as 0 bytes,
    /// all that follows the header as payload, and [`padding_is_malformed`](Self::padding_is_malformed) says so.
    ///
    /// For SRTP before it is decrypted, where the count is ciphertext, even one that looks right means nothing.
    ///
    /// # Errors
    /// As [`parse`](Self::parse) but for the padding.
    #[inline]
    pub fn parse_lenient(datagram: &'a [u8]) -> Result<Self, ParseError> {
        run(WHAT, datagram, lenient)
    }

    /// The version: 2.
    #[inline]
    pub const fn version(&self) -> u8 {
        self.fixed[FIRST] >> 6
    }

    /// The P bit: the packet ends with padding.
    #[inline]
    pub const fn has_padding(&self) -> bool {
        self.fixed[FIRST] & PADDING != 0
    }

    /// The X bit: an extension follows the CSRC list.
    #[inline]
    pub const fn has_extension(&self) -> bool {
        self.fixed[FIRST] & EXTENSION != 0
    }

    /// The number of CSRCs, 0 to 15.
    #[inline]
    pub const fn csrc_count(&self) -> u8 {
        self.fixed[FIRST] & CSRC_COUNT
    }

    /// The M bit, which the profile gives its meaning: often the end of a frame, or the start of a talkspurt.
    #[inline]
    pub const fn marker(&self) -> bool {
        self.fixed[SECOND] & MARKER != 0
    }

    /// The format of the payload, 0 to 127.
    #[inline]
    pub const fn payload_type(&self) -> PayloadType {
        PayloadType(self.fixed[SECOND] & PAYLOAD_TYPE)
    }

    /// Goes up by one a packet, modulo 2^16.
    #[inline]
    pub fn sequence_number(&self) -> u16 {
        BE::read_u16(&self.fixed[SEQUENCE_NUMBER])
    }

    /// When the first byte of the payload was sampled, in ticks of the format's clock, modulo 2^32.
    #[inline]
    pub fn timestamp(&self) -> u32 {
        BE::read_u32(&self.fixed[TIMESTAMP])
    }

    /// The synchronization source.
    #[inline]
    pub fn ssrc(&self) -> u32 {
        BE::read_u32(&self.fixed[SSRC])
    }

    /// The contributing sources, as a mixer listed them.
    #[inline]
    pub fn csrc(&self) -> impl ExactSizeIterator<Item = u32> + Clone + fmt::Debug + use<'a> {
        self.csrc.iter().map(|&source| u32::from_be_bytes(source))
    }

    /// The contributing sources in wire form, as [`PacketBuilder::csrc`](super::PacketBuilder::csrc) takes them.
    #[inline]
    pub const fn csrc_bytes(&self) -> &'a [[u8; 4]] {
        self.csrc
    }

    /// The header extension, if there is one.
    #[inline]
    pub const fn extension(&self) -> Option<Extension<'a>> {
        self.extension
    }

    /// The extension's elements in wire order; none without an extension of RFC 8285. See [`Extension::elements`].
    #[inline]
    pub fn elements(&self) -> Elements<'a> {
        match &self.extension {
            Some(extension) => extension.elements(),
            None => Elements::empty(),
        }
    }

    /// The data of the first extension element with this identifier.
    #[inline]
    pub fn element(&self, id: u8) -> Option<&'a [u8]> {
        self.extension.as_ref()?.get(id)
    }

    /// The bytes before the payload: 12 to 262,216.
    #[inline]
    pub fn header_len(&self) -> usize {
        let extension = self.extension.map_or(0, |extension| HEADER_LEN + extension.data().len());
        FIXED_LEN + self.csrc.as_flattened().len() + extension
    }

    /// What is carried, without the padding.
    #[inline]
    pub const fn payload(&self) -> &'a [u8] {
        self.payload
    }

    /// The padding, its count included: 1 to 255 bytes; empty without the P bit.
    #[inline]
    pub const fn padding(&self) -> &'a [u8] {
        self.padding
    }

    /// The P bit is set, but what [`parse_lenient`](Self::parse_lenient) found was no padding.
    #[inline]
    pub const fn padding_is_malformed(&self) -> bool {
        self.has_padding() && self.padding.is_empty()
    }
}

/// The whole of `i`, padding checked.
#[inline]
pub(super) fn packet(i: &[u8]) -> Step<'_, Packet<'_>> {
    let (rest, packet) = headed(i)?;
    if !packet.has_padding() {
        return Ok((rest, packet));
    }
    match split_padding(packet.payload) {
        Some((payload, padding)) => Ok((rest, Packet { payload, padding, ..packet })),
        None => Err(bad_padding(packet.payload)),
    }
}

/// The whole of `i`; padding that cannot be is payload.
#[inline]
fn lenient(i: &[u8]) -> Step<'_, Packet<'_>> {
    let (rest, packet) = headed(i)?;
    let padded = if packet.has_padding() { split_padding(packet.payload) } else { None };
    let (payload, padding) = padded.unwrap_or((packet.payload, packet.padding));
    Ok((rest, Packet { payload, padding, ..packet }))
}

/// All but the padding: the payload goes to the end of `i`.
#[inline]
fn headed(i: &[u8]) -> Step<'_, Packet<'_>> {
    let (rest, fixed) = context("fixed header", array::<FIXED_LEN>).parse(i)?;
    let first = fixed[FIRST];
    if first >> 6 != 2 {
        return Err(Fail::field("version", i, ErrorKind::Version { found: first >> 6 }));
    }
    let csrc_len = usize::from(first & CSRC_COUNT) * 4;
    let (rest, csrc) = context("CSRC list", bytes(csrc_len)).parse(rest)?;
    let (payload, extension) = if first & EXTENSION == 0 {
        (rest, None)
    } else {
        let (payload, (header, data)) = extension(rest)?;
        let end = FIXED_LEN + csrc_len + HEADER_LEN + data.len();
        (payload, Some(Extension::new(header, data, end)))
    };
    let csrc = csrc.as_chunks().0;
    Ok((&[], Packet { fixed, csrc, extension, payload, padding: &[] }))
}

/// Cuts off the padding that the last byte counts; `None` if it counts none, or more than there is.
#[inline]
fn split_padding(area: &[u8]) -> Option<(&[u8], &[u8])> {
    let count = area.last().copied().filter(|&count| count != 0)?;
    area.split_at_checked(area.len().checked_sub(count.into())?)
}

/// Padding that cannot be. The place is that of the count, or where it would be if nothing follows the header.
#[cold]
fn bad_padding(area: &[u8]) -> nom::Err<Fail<'_>> {
    let (before, found) = match area.split_last() {
        Some((&count, before)) => (before.len(), count),
        None => (0, 0),
    };
    let kind = ErrorKind::Padding { found, have: area.len() };
    Fail::field("padding", area.get(before..).unwrap_or(area), kind)
}

/// One line: `RTP pt=96 seq=1234 ts=3000 ssrc=0x1234abcd len=1100 M ext=[1,3]`.
impl fmt::Display for Packet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let payload_type = self.payload_type();
        write!(f, "RTP pt={}", payload_type.0)?;
        if let Some(name) = payload_type.name() {
            write!(f, " ({name})")?;
        }
        let (seq, ts, ssrc) = (self.sequence_number(), self.timestamp(), self.ssrc());
        write!(f, " seq={seq} ts={ts} ssrc={ssrc:#010x} len={}", self.payload.len())?;
        if self.marker() {
            f.write_str(" M")?;
        }
        if self.has_padding() {
            write!(f, " pad={}", self.padding.len())?;
        }
        if !self.csrc.is_empty() {
            list(f, " csrc=", self.csrc(), |f, source| write!(f, "{source:#010x}"))?;
        }
        match &self.extension {
            None => Ok(()),
            Some(extension) if extension.profile().form().is_some() => {
                let ids = extension.elements().map(|element| element.id);
                list(f, " ext=", ids, |f, id| write!(f, "{id}"))
            }
            Some(extension) => {
                let profile = extension.profile();
                write!(f, " ext={:#06x}:{}", profile.0, extension.data().len())
            }
        }
    }
}

/// `name[item,item]`
fn list<T>(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    items: impl Iterator<Item = T>,
    show: impl Fn(&mut fmt::Formatter<'_>, T) -> fmt::Result,
) -> fmt::Result {
    write!(f, "{name}[")?;
    for (index, item) in items.enumerate() {
        f.write_str(if index == 0 { "" } else { "," })?;
        show(f, item)?;
    }
    f.write_str("]")
}

impl fmt::Debug for Packet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Packet")
            .field("marker", &self.marker())
            .field("payload_type", &self.payload_type())
            .field("sequence_number", &self.sequence_number())
            .field("timestamp", &self.timestamp())
            .field("ssrc", &self.ssrc())
            .field("csrc", &self.csrc)
            .field("extension", &self.extension)
            .field("payload", &self.payload)
            .field("padding", &self.padding)
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Packet<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use crate::ser::{Hex, List};
        use serde::ser::SerializeMap;

        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("version", &self.version())?;
        map.serialize_entry("padding", &self.has_padding())?;
        map.serialize_entry("extension", &self.has_extension())?;
        map.serialize_entry("csrc_count", &self.csrc_count())?;
        map.serialize_entry("marker", &self.marker())?;
        map.serialize_entry("payload_type", &self.payload_type().0)?;
        map.serialize_entry("sequence_number", &self.sequence_number())?;
        map.serialize_entry("timestamp", &self.timestamp())?;
        map.serialize_entry("ssrc", &self.ssrc())?;
        map.serialize_entry("csrc", &List(self.csrc()))?;
        if let Some(extension) = self.extension {
            map.serialize_entry("extension_profile", &extension.profile().0)?;
            map.serialize_entry("extension_length", &extension.length())?;
            match extension.profile().form() {
                Some(_) => {
                    map.serialize_entry("extension_elements", &List(extension.elements()))?;
                }
                None => map.serialize_entry("extension_data", &Hex(extension.data()))?,
            }
        }
        map.serialize_entry("payload_size", &self.payload.len())?;
        map.serialize_entry("padding_size", &self.padding.len())?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec::Vec;

    use super::super::vectors::{VECTORS, hex};
    use super::super::{Element, Profile};
    use super::*;

    /// The first packet of inspect-json.md: V=2 P=1 X=1 CC=1, M=1 PT=100, one element, 4 bytes of payload, 4 of padding.
    const FULL: [[u8; 4]; 8] = [
        [0xb1, 0xe4, 0, 1],       // V=2 P=1 X=1 CC=1, M=1 PT=100, sequence number 1
        [0, 0, 0, 100],           // timestamp
        [0x12, 0x34, 0x56, 0x78], // SSRC
        [0, 0, 0, 10],            // CSRC
        [0xbe, 0xde, 0, 1],       // one-byte elements, 1 word
        [0x12, 1, 2, 3],          // id 1, 3 bytes
        [0xaa, 0xbb, 0xcc, 0xdd], // payload
        [0, 0, 0, 4],             // padding
    ];

    fn refused(bytes: &[u8], field: &'static str, offset: usize, kind: ErrorKind) {
        let error = ParseError { what: "RTP packet", field, offset, kind };
        assert_eq!(Packet::parse(bytes), Err(error), "{bytes:02x?}");
    }

    #[test]
    fn reads_every_field() {
        let packet = Packet::parse(FULL.as_flattened()).unwrap();
        assert_eq!((packet.version(), packet.csrc_count()), (2, 1));
        assert!(packet.has_padding() && packet.has_extension() && packet.marker());
        assert_eq!(packet.payload_type(), PayloadType(100));
        assert_eq!((packet.sequence_number(), packet.timestamp()), (1, 100));
        assert_eq!(packet.ssrc(), 0x1234_5678);
        assert!(packet.csrc().eq([10]));
        assert_eq!((packet.csrc().len(), packet.csrc_bytes()), (1, &[[0, 0, 0, 10]][..]));
        let extension = packet.extension().unwrap();
        assert_eq!((extension.profile(), extension.length()), (Profile::ONE_BYTE, 1));
        assert_eq!(extension.data(), [0x12, 1, 2, 3]);
        assert_eq!((extension.get(1), packet.element(1)), (Some(&[1, 2, 3][..]), extension.get(1)));
        assert_eq!(packet.element(2), None);
        assert!(packet.elements().eq([Element { id: 1, data: &[1, 2, 3] }]));
        assert_eq!(packet.header_len(), 24);
        assert_eq!(packet.payload(), [0xaa, 0xbb, 0xcc, 0xdd]);
        assert_eq!(packet.padding(), [0, 0, 0, 4]);
        assert!(!packet.padding_is_malformed());
    }

    #[test]
    fn reads_what_others_wrote() {
        for vector in VECTORS {
            let bytes = vector.bytes();
            let packet = Packet::parse(&bytes).unwrap();
            let source = vector.source;
            assert_eq!(packet.version(), 2, "{source}");
            assert_eq!(packet.marker(), vector.marker, "{source}");
            assert_eq!(packet.payload_type().0, vector.payload_type, "{source}");
            assert_eq!(packet.sequence_number(), vector.sequence_number, "{source}");
            assert_eq!(packet.timestamp(), vector.timestamp, "{source}");
            assert_eq!(packet.ssrc(), vector.ssrc, "{source}");
            assert_eq!(packet.csrc().collect::<Vec<_>>(), vector.csrc, "{source}");
            assert_eq!(usize::from(packet.csrc_count()), vector.csrc.len(), "{source}");
            let extension = packet.extension().map(|x| (x.profile().0, x.length()));
            assert_eq!(extension, vector.extension, "{source}");
            assert_eq!(packet.has_extension(), vector.extension.is_some(), "{source}");
            let elements: Vec<_> = packet.elements().map(|e| (e.id, e.data.to_vec())).collect();
            let expected: Vec<_> = vector.elements.iter().map(|e| (e.0, hex(e.1))).collect();
            assert_eq!(elements, expected, "{source}");
            assert_eq!(packet.elements().finish(), Ok(()), "{source}");
            assert_eq!(packet.payload().len(), vector.payload_size, "{source}");
            assert_eq!(packet.padding().len(), vector.padding_size, "{source}");
            assert_eq!(packet.has_padding(), vector.padding_size > 0, "{source}");
        }
        let sentence = VECTORS.iter().find(|vector| vector.source.starts_with("RFC 7714")).unwrap();
        let bytes = sentence.bytes();
        let payload = Packet::parse(&bytes).unwrap().payload();
        assert_eq!(payload, b"Gallia est omnis divisa in partes tres");
    }

    #[test]
    fn refuses_every_truncation() {
        let bytes = FULL.as_flattened();
        for len in 0..24 {
            let (field, offset, need) = match len {
                0..12 => ("fixed header", 0, 12),
                12..16 => ("CSRC list", 12, 4),
                16..20 => ("extension header", 16, 4),
                _ => ("extension", 20, 4),
            };
            let kind = ErrorKind::Truncated { need, have: len - offset };
            refused(&bytes[..len], field, offset, kind);
        }
        // Behind the header a cut changes payload and padding: the byte that is then the last one counts.
        refused(&bytes[..24], "padding", 24, ErrorKind::Padding { found: 0, have: 0 });
        refused(&bytes[..28], "padding", 27, ErrorKind::Padding { found: 0xdd, have: 4 });
        refused(&bytes[..31], "padding", 30, ErrorKind::Padding { found: 0, have: 7 });
    }

    #[test]
    fn says_too_short_of_an_empty_datagram_and_of_one_byte() {
        refused(&[], "fixed header", 0, ErrorKind::Truncated { need: 12, have: 0 });
        for byte in 0..=255 {
            refused(&[byte], "fixed header", 0, ErrorKind::Truncated { need: 12, have: 1 });
        }
        let line = Packet::parse(&[]).unwrap_err().to_string();
        assert_eq!(line, "RTP packet: fixed header cut short, 12 bytes needed, 0 there (byte 0)");
    }

    #[test]
    fn refuses_other_versions() {
        for found in [0, 1, 3] {
            let mut bytes = [0; 12];
            bytes[0] = found << 6;
            refused(&bytes, "version", 0, ErrorKind::Version { found });
            assert!(Packet::parse_lenient(&bytes).is_err());
        }
    }

    #[test]
    fn refuses_padding_that_cannot_be_and_the_lenient_parse_takes_it_as_payload() {
        // V=2 P=1, M=0 PT=96, all else 1; the count is the last byte.
        let header = [0xa0, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1];
        let check = |bytes: &[u8], offset, found| {
            let have = bytes.len() - 12;
            refused(bytes, "padding", offset, ErrorKind::Padding { found, have });
            let packet = Packet::parse_lenient(bytes).unwrap();
            assert!(packet.has_padding() && packet.padding_is_malformed());
            assert_eq!((packet.payload(), packet.padding()), (&bytes[12..], &[][..]));
        };
        check(&header, 12, 0); // nothing behind the header
        let mut bytes = [0; 20];
        bytes[..12].copy_from_slice(&header);
        check(&bytes, 19, 0); // a count of 0
        bytes[19] = 9;
        check(&bytes, 19, 9); // one more than there is
        bytes[19] = 255;
        check(&bytes, 19, 255);
        // inspect-json.md, frame 12.
        check(&hex("a0600001000000010000000105"), 12, 5);
        // As much as there is, and all of it.
        for (count, payload) in [(8, 0), (1, 7)] {
            bytes[19] = count;
            let packet = Packet::parse(&bytes).unwrap();
            assert_eq!((packet.payload().len(), packet.padding().len()), (payload, count.into()));
            assert_eq!(Packet::parse_lenient(&bytes), Ok(packet));
        }
        // Without the P bit the last byte is payload.
        bytes[0] = 0x80;
        assert_eq!(Packet::parse(&bytes).unwrap().payload().len(), 8);
    }

    #[test]
    fn fifteen_sources_are_read() {
        let mut bytes = [0; 12 + 60];
        bytes[0] = 0x8f;
        bytes[71] = 9;
        let packet = Packet::parse(&bytes).unwrap();
        assert_eq!((packet.csrc().len(), packet.csrc().last()), (15, Some(9)));
        assert!(packet.payload().is_empty());
        let kind = ErrorKind::Truncated { need: 60, have: 59 };
        refused(&bytes[..71], "CSRC list", 12, kind);
    }

    #[test]
    fn the_longest_extension_is_read() {
        let mut bytes = std::vec![0; 16 + 65_535 * 4 + 1];
        bytes[0] = 0x90;
        bytes[14..16].fill(0xff);
        let packet = Packet::parse(&bytes).unwrap();
        assert_eq!((packet.header_len(), packet.payload().len()), (bytes.len() - 1, 1));
        assert_eq!(packet.extension().unwrap().length(), 65_535);
        let kind = ErrorKind::Truncated { need: 262_140, have: 262_139 };
        refused(&bytes[..bytes.len() - 2], "extension", 16, kind);
    }

    #[test]
    fn an_unknown_profile_is_given_with_its_bytes() {
        // The second packet of inspect-json.md.
        let bytes = hex("90000002 00000104 12345678 13570001 00000001 1112131415161718");
        let packet = Packet::parse(&bytes).unwrap();
        let extension = packet.extension().unwrap();
        assert_eq!((extension.profile(), extension.length()), (Profile(0x1357), 1));
        assert_eq!(extension.data(), [0, 0, 0, 1]);
        assert_eq!((packet.elements().count(), packet.element(0)), (0, None));
        assert_eq!(packet.elements().finish(), Ok(()));
        assert_eq!(packet.payload().len(), 8);
    }

    #[test]
    fn two_byte_elements_are_read_with_any_appbits() {
        for appbits in 0..=15 {
            let mut bytes = hex("900f1236 decafbad cafebabe 10000001 05020002");
            bytes[13] = appbits;
            let packet = Packet::parse(&bytes).unwrap();
            assert_eq!(packet.extension().unwrap().profile().appbits(), Some(appbits));
            assert_eq!(packet.element(5), Some(&[0, 2][..]));
        }
    }

    #[test]
    fn the_payload_starts_behind_the_whole_area_whatever_ends_the_elements() {
        // Two words of area; the walk over it ends at byte 18 of the packet, but the payload begins at 24.
        let check = |profile: &str, area: &str, field, offset, kind| {
            let bytes = hex(&std::format!("90600001 00000001 00000001 {profile} 0002 {area} ee"));
            let packet = Packet::parse(&bytes).unwrap();
            assert!(packet.elements().eq([Element { id: 1, data: &[0xaa] }]));
            assert_eq!(packet.payload(), [0xee]);
            let error = ParseError { what: "RTP header extension", field, offset, kind };
            assert_eq!(packet.elements().finish(), Err(error));
        };
        let value = |found| ErrorKind::Value { found };
        check("bede", "10aa f0bb 20cc 0000", "element id", 18, value(15));
        check("bede", "10aa 01bb bbbb 0000", "element id", 18, value(0));
        let length = |found, have| ErrorKind::Length { found, have };
        check("bede", "10aa 27bb bbbb bbbb", "element data", 19, length(8, 5));
        check("1000", "0101aa 02 04 bbbbbb", "element data", 21, length(4, 3));
    }

    #[test]
    fn an_element_seen_twice_is_given_twice_and_got_once() {
        let bytes = hex("90600001 00000001 00000001 bede0002 30aa 40bb 30cc 0000");
        let packet = Packet::parse(&bytes).unwrap();
        let ids = packet.elements().map(|element| (element.id, element.data[0]));
        assert!(ids.eq([(3, 0xaa), (4, 0xbb), (3, 0xcc)]));
        assert_eq!(packet.element(3), Some(&[0xaa][..]));
    }

    #[test]
    fn shows_one_line() {
        let line = |bytes: &[u8]| Packet::parse(bytes).unwrap().to_string();
        assert_eq!(
            line(FULL.as_flattened()),
            "RTP pt=100 seq=1 ts=100 ssrc=0x12345678 len=4 M pad=4 csrc=[0x0000000a] ext=[1]"
        );
        assert_eq!(
            line(&hex("90000002 00000104 12345678 13570001 00000001 11")),
            "RTP pt=0 (PCMU) seq=2 ts=260 ssrc=0x12345678 len=1 ext=0x1357:4"
        );
        assert_eq!(
            line(&hex("90600002 00000104 12345678 bede0000")),
            "RTP pt=96 seq=2 ts=260 ssrc=0x12345678 len=0 ext=[]"
        );
        let debug = std::format!("{:?}", Packet::parse(FULL.as_flattened()).unwrap());
        assert!(debug.contains("sequence_number: 1,") && debug.contains("Profile(48862 one-byte)"));
    }

    #[test]
    #[cfg(feature = "serde")]
    fn serialises_as_the_inspector_prints_it() {
        // The two packets of inspect-json.md, from "version" on.
        let json = |bytes: &[u8]| serde_json::to_string(&Packet::parse(bytes).unwrap()).unwrap();
        assert_eq!(
            json(FULL.as_flattened()),
            r#"{"version":2,"padding":true,"extension":true,"csrc_count":1,"marker":true,"payload_type":100,"sequence_number":1,"timestamp":100,"ssrc":305419896,"csrc":[10],"extension_profile":48862,"extension_length":1,"extension_elements":[{"id":1,"data":"010203"}],"payload_size":4,"padding_size":4}"#
        );
        assert_eq!(
            json(&hex("90000002 00000104 12345678 13570001 00000001 1112131415161718")),
            r#"{"version":2,"padding":false,"extension":true,"csrc_count":0,"marker":false,"payload_type":0,"sequence_number":2,"timestamp":260,"ssrc":305419896,"csrc":[],"extension_profile":4951,"extension_length":1,"extension_data":"00000001","payload_size":8,"padding_size":0}"#
        );
        assert_eq!(
            json(&hex("80000002 00000104 12345678")),
            r#"{"version":2,"padding":false,"extension":false,"csrc_count":0,"marker":false,"payload_type":0,"sequence_number":2,"timestamp":260,"ssrc":305419896,"csrc":[],"payload_size":0,"padding_size":0}"#
        );
    }

    /// Calls everything and checks that the parts make up the whole.
    fn exercise(bytes: &[u8]) {
        let lenient = Packet::parse_lenient(bytes);
        match (Packet::parse(bytes), lenient) {
            (Ok(strict), lenient) => assert_eq!(lenient, Ok(strict)),
            (Err(error), Ok(packet)) => {
                assert_eq!((error.field, packet.padding_is_malformed()), ("padding", true));
                assert!(error.offset <= bytes.len() && error.offset >= packet.header_len());
            }
            (Err(error), Err(other)) => {
                assert_eq!(error, other);
                assert!(error.offset <= bytes.len());
            }
        }
        let Ok(packet) = lenient else { return };
        let parts = packet.header_len() + packet.payload().len() + packet.padding().len();
        assert_eq!(parts, bytes.len());
        assert_eq!(packet.csrc().len(), usize::from(packet.csrc_count()));
        for element in packet.elements() {
            assert!(packet.element(element.id).is_some());
        }
        if let Err(error) = packet.elements().finish() {
            assert!(error.offset >= 16 && error.offset <= packet.header_len());
        }
        let mut elements = packet.elements();
        let count = elements.by_ref().count();
        assert!(elements.next().is_none() && count <= packet.header_len());
        assert!(packet.to_string().starts_with("RTP pt="));
    }

    #[test]
    fn nothing_panics_for_any_first_byte_and_any_small_length() {
        for first in 0..=255 {
            for len in 0..64 {
                // The words of an extension at any place, and counts of padding.
                for fill in [0, 1, 2, 3, 4, 0x10, 0x31, 0xbe, 0xf0, 0xff] {
                    let mut bytes = std::vec![fill; len];
                    if let Some(byte) = bytes.first_mut() {
                        *byte = first;
                    }
                    let at = 12 + usize::from(first & 15) * 4;
                    for profile in [[0xbe, 0xde, 0, 3], [0x10, 0x0f, 0, 2]] {
                        if let Some(header) = bytes.get_mut(at..at + 4) {
                            header.copy_from_slice(&profile);
                        }
                        exercise(&bytes);
                    }
                }
            }
        }
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..120)) {
            exercise(&bytes);
            if let Some(first) = bytes.first_mut() {
                *first = *first & 0x33 | 0x80; // version 2 and few sources
            }
            exercise(&bytes);
        }

        #[test]
        fn random_areas_never_panic(
            profile in prop::sample::select(&[0xbede, 0x1000, 0x1003, 0xc0de][..]),
            words in 0u8..12,
            area in prop::collection::vec(prop_oneof![any::<u8>(), 0u8..4], 0..64),
        ) {
            let mut bytes = hex("90600001 00000001 00000001");
            bytes.extend(u16::to_be_bytes(profile));
            bytes.extend([0, words]);
            bytes.extend(area);
            exercise(&bytes);
        }
    }
}
