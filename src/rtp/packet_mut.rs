//! RTP packets changed in place (RFC 3550 section 5.1). The layout is in packet.rs.

use core::fmt;
use core::ops::Range;

use byteorder::{BE, ByteOrder};

use super::elements::{ElementsMut, Form, find};
use super::extension::{HEADER_LEN, PROFILE};
use super::packet::{FIXED_LEN, MARKER, PAYLOAD_TYPE, SECOND, SEQUENCE_NUMBER, SSRC, TIMESTAMP};
use super::{Extension, Packet, PayloadType, Profile};
use crate::error::{BuildError, ParseError};

/// Where the parts of a packet lie in its buffer.
///
/// In this order, each within the buffer, as a parser has seen; nothing that an editor does to the bytes moves them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// Behind the CSRC list, which begins at [`FIXED_LEN`].
    pub(super) csrc_end: usize,
    /// Behind the extension, which begins at `csrc_end`; the same place if there is none.
    pub(super) payload: usize,
    /// Behind the payload.
    pub(super) padding: usize,
}

impl Layout {
    #[inline]
    pub(super) fn of(packet: &Packet<'_>) -> Self {
        let csrc_end = FIXED_LEN + packet.csrc_bytes().as_flattened().len();
        let payload = packet.header_len();
        Self { csrc_end, payload, padding: payload + packet.payload().len() }
    }

    /// The packet `bytes` that is laid out so.
    #[inline]
    pub(super) fn view<'a>(&self, bytes: &'a [u8]) -> Packet<'a> {
        let &Self { csrc_end, payload, padding } = self;
        // None of the fallbacks is ever taken: the places lie within the packet.
        let part = |range: Range<usize>| bytes.get(range).unwrap_or_default();
        let extension = part(csrc_end..payload).split_first_chunk();
        Packet {
            fixed: bytes.first_chunk().unwrap_or(&[0; FIXED_LEN]),
            csrc: part(FIXED_LEN..csrc_end).as_chunks().0,
            extension: extension.map(|(header, data)| Extension::new(header, data, payload)),
            payload: part(payload..padding),
            padding: part(padding..bytes.len()),
        }
    }

    /// The data of the extension; empty without one.
    #[inline]
    pub(super) fn extension(&self) -> Range<usize> {
        (self.csrc_end + HEADER_LEN).min(self.payload)..self.payload
    }
}

/// An RTP packet, changed in place: what a forwarding server does to each.
///
/// It is checked once, when it is read. The setters change values and never the shape: lengths, padding and unknown
/// elements stay as they are.
///
/// ```
/// use mediawire::rtp::PacketMut;
///
/// let mut datagram = [0x80, 0x60, 0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 2, 0xAA, 0xBB];
/// let mut packet = PacketMut::parse(&mut datagram)?;
/// packet.set_ssrc(0x0102_0304);
/// packet.set_sequence_number(packet.sequence_number().wrapping_add(1));
/// assert_eq!(datagram[2..4], [0x12, 0x35]);
/// assert_eq!(datagram[8..12], [1, 2, 3, 4]);
/// # Ok::<(), mediawire::ParseError>(())
/// ```
pub struct PacketMut<'a> {
    bytes: &'a mut [u8],
    layout: Layout,
}

impl<'a> PacketMut<'a> {
    /// Reads `datagram`, all of it, as [`Packet::parse`] does.
    ///
    /// # Errors
    /// As [`Packet::parse`].
    #[inline]
    pub fn parse(datagram: &'a mut [u8]) -> Result<Self, ParseError> {
        let layout = Layout::of(&Packet::parse(datagram)?);
        Ok(Self { bytes: datagram, layout })
    }

    /// Out of parts that belong together.
    #[inline]
    pub(super) const fn new(bytes: &'a mut [u8], layout: Layout) -> Self {
        Self { bytes, layout }
    }

    /// Reads `datagram`, all of it, as [`Packet::parse_lenient`] does: for SRTP, whose padding is encrypted.
    ///
    /// # Errors
    /// As [`Packet::parse_lenient`].
    #[inline]
    pub fn parse_lenient(datagram: &'a mut [u8]) -> Result<Self, ParseError> {
        let layout = Layout::of(&Packet::parse_lenient(datagram)?);
        Ok(Self { bytes: datagram, layout })
    }

    /// The packet as it is now, with every accessor of the view.
    #[inline]
    pub fn as_packet(&self) -> Packet<'_> {
        self.layout.view(self.bytes)
    }

    /// The bytes of the whole packet.
    #[inline]
    pub const fn as_bytes(&self) -> &[u8] {
        self.bytes
    }

    /// Gives the buffer back.
    #[inline]
    pub fn into_bytes(self) -> &'a mut [u8] {
        self.bytes
    }

    /// As [`Packet::marker`].
    #[inline]
    pub fn marker(&self) -> bool {
        self.second() & MARKER != 0
    }

    /// As [`Packet::payload_type`].
    #[inline]
    pub fn payload_type(&self) -> PayloadType {
        PayloadType(self.second() & PAYLOAD_TYPE)
    }

    /// As [`Packet::sequence_number`].
    #[inline]
    pub fn sequence_number(&self) -> u16 {
        BE::read_u16(&self.fixed()[SEQUENCE_NUMBER])
    }

    /// As [`Packet::timestamp`].
    #[inline]
    pub fn timestamp(&self) -> u32 {
        BE::read_u32(&self.fixed()[TIMESTAMP])
    }

    /// As [`Packet::ssrc`].
    #[inline]
    pub fn ssrc(&self) -> u32 {
        BE::read_u32(&self.fixed()[SSRC])
    }

    /// Sets the M bit.
    #[inline]
    pub fn set_marker(&mut self, marker: bool) {
        let second = self.second() & PAYLOAD_TYPE;
        self.put(SECOND, [if marker { MARKER | second } else { second }]);
    }

    /// Sets the payload type and leaves the marker.
    ///
    /// # Errors
    /// It is above 127; the packet is then unchanged.
    #[inline]
    pub fn set_payload_type(&mut self, payload_type: PayloadType) -> Result<(), BuildError> {
        if payload_type > PayloadType::MAX {
            return Err(BuildError::OutOfRange { field: "payload type" });
        }
        self.put(SECOND, [self.second() & MARKER | payload_type.0]);
        Ok(())
    }

    /// Sets the sequence number.
    #[inline]
    pub fn set_sequence_number(&mut self, sequence_number: u16) {
        self.put(SEQUENCE_NUMBER.start, sequence_number.to_be_bytes());
    }

    /// Sets the timestamp.
    #[inline]
    pub fn set_timestamp(&mut self, timestamp: u32) {
        self.put(TIMESTAMP.start, timestamp.to_be_bytes());
    }

    /// Sets the synchronization source.
    #[inline]
    pub fn set_ssrc(&mut self, ssrc: u32) {
        self.put(SSRC.start, ssrc.to_be_bytes());
    }

    /// Sets the contributing source with this place in the list, from 0.
    ///
    /// # Errors
    /// The list is shorter.
    #[inline]
    pub fn set_csrc(&mut self, index: usize, source: u32) -> Result<(), BuildError> {
        let error = BuildError::OutOfRange { field: "CSRC index" };
        *self.csrc_mut().get_mut(index).ok_or(error)? = source.to_be_bytes();
        Ok(())
    }

    /// The contributing sources in wire form.
    #[inline]
    pub fn csrc_mut(&mut self) -> &mut [[u8; 4]] {
        self.part_mut(FIXED_LEN..self.layout.csrc_end).as_chunks_mut().0
    }

    /// Everything behind the four bytes of the extension's header; empty without an extension.
    #[inline]
    pub fn extension_data_mut(&mut self) -> &mut [u8] {
        self.part_mut(self.layout.extension())
    }

    /// Identifier and data of each extension element, in wire order. See [`Extension::elements`].
    #[inline]
    pub fn elements_mut(&mut self) -> ElementsMut<'_> {
        match self.elements_area() {
            Some((form, area)) => ElementsMut::new(form, area),
            None => ElementsMut::empty(),
        }
    }

    /// The data of the first extension element with this identifier.
    #[inline]
    pub fn element_mut(&mut self, id: u8) -> Option<&mut [u8]> {
        let (form, area) = self.elements_area()?;
        let place = find(form, area, id)?;
        area.get_mut(place.data..place.end)
    }

    /// Writes `data` over that of the first extension element with this identifier.
    ///
    /// # Errors
    /// There is no such element, or its size is not that of `data`; the packet is then unchanged.
    #[inline]
    pub fn set_element(&mut self, id: u8, data: &[u8]) -> Result<(), BuildError> {
        match self.element_mut(id) {
            None => Err(BuildError::OutOfRange { field: "element id" }),
            Some(place) if place.len() != data.len() => {
                Err(BuildError::OutOfRange { field: "element data" })
            }
            Some(place) => {
                place.copy_from_slice(data);
                Ok(())
            }
        }
    }

    /// The payload, without the padding.
    #[inline]
    pub fn payload_mut(&mut self) -> &mut [u8] {
        self.part_mut(self.layout.payload..self.layout.padding)
    }

    /// The fixed header, which is always there.
    #[inline]
    fn fixed(&self) -> &[u8; FIXED_LEN] {
        self.bytes.first_chunk().unwrap_or(&[0; FIXED_LEN])
    }

    /// The byte of marker and payload type.
    #[inline]
    fn second(&self) -> u8 {
        self.fixed()[SECOND]
    }

    /// The form of the elements and the bytes that hold them, if the extension is one that has elements.
    #[inline]
    fn elements_area(&mut self) -> Option<(Form, &mut [u8])> {
        let extension = self.part_mut(self.layout.csrc_end..self.layout.payload);
        let (header, area) = extension.split_first_chunk_mut::<HEADER_LEN>()?;
        Some((Profile(BE::read_u16(&header[PROFILE])).form()?, area))
    }

    /// A part of the packet. The fallback is never taken: `Layout` says why.
    #[inline]
    fn part_mut(&mut self, range: Range<usize>) -> &mut [u8] {
        self.bytes.get_mut(range).unwrap_or_default()
    }

    /// Writes a field of the fixed header, which is always there.
    #[inline]
    fn put<const N: usize>(&mut self, at: usize, value: [u8; N]) {
        if let Some(fixed) = self.bytes.first_chunk_mut::<FIXED_LEN>()
            && let Some(place) = fixed.get_mut(at..at + N)
        {
            place.copy_from_slice(&value);
        }
    }
}

/// As that of the view.
impl fmt::Display for PacketMut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_packet().fmt(f)
    }
}

/// As that of the view.
impl fmt::Debug for PacketMut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.as_packet(), f)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec::Vec;

    use super::super::vectors::{VECTORS, hex};
    use super::super::{ExtensionBuilder, PacketBuilder};
    use super::*;
    use crate::encode::Encode;
    use crate::error::ErrorKind;

    /// P=1 X=1 CC=2; two known elements around one of an unknown id; 3 bytes of payload; padding that is not all zeros.
    fn full() -> Vec<u8> {
        hex("b2e00102 00000003 00000004 00000005 00000006
             bede0003 10aa 92010203 21bbcc 000000 112233 770203")
    }

    #[test]
    fn changes_every_field_and_nothing_else() {
        let mut bytes = full();
        let mut packet = PacketMut::parse(&mut bytes).unwrap();
        packet.set_marker(false);
        packet.set_payload_type(PayloadType(100)).unwrap();
        packet.set_sequence_number(0xf1f2);
        packet.set_timestamp(0xd1d2_d3d4);
        packet.set_ssrc(0xe1e2_e3e4);
        packet.set_csrc(1, 0xc1c2_c3c4).unwrap();
        packet.set_element(2, &[0xdd, 0xee]).unwrap();
        packet.payload_mut()[0] = 0x99;
        assert_eq!((packet.marker(), packet.payload_type()), (false, PayloadType(100)));
        assert_eq!((packet.sequence_number(), packet.timestamp()), (0xf1f2, 0xd1d2_d3d4));
        assert_eq!(packet.ssrc(), 0xe1e2_e3e4);
        let expected = hex("b264f1f2 d1d2d3d4 e1e2e3e4 00000005 c1c2c3c4
                            bede0003 10aa 92010203 21ddee 000000 992233 770203");
        assert_eq!(packet.as_bytes(), expected);
        assert_eq!(packet.into_bytes(), expected);
        assert_eq!(bytes, expected);
    }

    #[test]
    fn reads_as_the_view_does() {
        for vector in VECTORS {
            let (mut bytes, copy) = (vector.bytes(), vector.bytes());
            let view = Packet::parse(&copy).unwrap();
            let packet = PacketMut::parse(&mut bytes).unwrap();
            assert_eq!(packet.as_packet(), view, "{}", vector.source);
            assert_eq!(packet.to_string(), view.to_string());
            assert_eq!(std::format!("{packet:?}"), std::format!("{view:?}"));
            // The place of an error is the same as well.
            let extension = |packet: Packet<'_>| packet.extension().map(|x| x.elements().finish());
            assert_eq!(extension(packet.as_packet()), extension(view));
        }
    }

    #[test]
    fn refuses_what_the_view_refuses() {
        let error = PacketMut::parse(&mut [0xa0; 11]).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Truncated { need: 12, have: 11 });
        let mut bytes = hex("a0600001 00000001 00000001 aabb00");
        assert_eq!(PacketMut::parse(&mut bytes).unwrap_err().offset, 14);
        let mut packet = PacketMut::parse_lenient(&mut bytes).unwrap();
        assert!(packet.as_packet().padding_is_malformed());
        assert_eq!(packet.payload_mut(), [0xaa, 0xbb, 0]);
    }

    #[test]
    fn values_that_do_not_fit_change_nothing() {
        let (mut bytes, before) = (full(), full());
        let mut packet = PacketMut::parse(&mut bytes).unwrap();
        let refused = |field| Err(BuildError::OutOfRange { field });
        assert_eq!(packet.set_payload_type(PayloadType(128)), refused("payload type"));
        assert_eq!(packet.set_csrc(2, 1), refused("CSRC index"));
        assert_eq!(packet.set_element(3, &[1]), refused("element id"));
        assert_eq!(packet.set_element(1, &[]), refused("element data"));
        assert_eq!(packet.set_element(1, &[1, 2]), refused("element data"));
        assert_eq!(bytes, before);
    }

    #[test]
    fn gives_its_parts_to_be_changed() {
        let mut bytes = full();
        let mut packet = PacketMut::parse(&mut bytes).unwrap();
        assert_eq!(packet.csrc_mut(), [[0, 0, 0, 5], [0, 0, 0, 6]]);
        assert_eq!(packet.extension_data_mut().len(), 12);
        assert_eq!(packet.payload_mut(), [0x11, 0x22, 0x33]);
        let ids: Vec<_> = packet.elements_mut().map(|(id, data)| (id, data.len())).collect();
        assert_eq!(ids, [(1, 1), (9, 3), (2, 2)]);
        for (_, data) in packet.elements_mut() {
            data.fill(0);
        }
        assert_eq!(packet.as_packet().element(9), Some(&[0; 3][..]));
        assert_eq!(packet.element_mut(9), Some(&mut [0; 3][..]));
        assert_eq!(packet.element_mut(3), None);
        let expected = hex("bede0003 1000 92000000 210000 000000 112233 770203");
        assert_eq!(bytes[20..], expected);
    }

    #[test]
    fn a_packet_without_extension_or_with_another_profile_has_no_elements() {
        for bytes in
            ["80600001 00000001 00000001 10aa0000", "9060000100000001000000010000000110aa0000"]
        {
            let mut bytes = hex(bytes);
            let mut packet = PacketMut::parse(&mut bytes).unwrap();
            assert_eq!(packet.elements_mut().count(), 0);
            assert_eq!(packet.element_mut(1), None);
        }
        let mut bytes = hex("80600001 00000001 00000001 10aa0000");
        let mut packet = PacketMut::parse(&mut bytes).unwrap();
        assert!(packet.extension_data_mut().is_empty() && packet.csrc_mut().is_empty());
    }

    #[test]
    fn the_first_of_two_elements_with_the_same_id_is_changed() {
        let mut bytes = hex("90600001 00000001 00000001 bede0001 30aa 30bb");
        PacketMut::parse(&mut bytes).unwrap().set_element(3, &[0xcc]).unwrap();
        assert_eq!(bytes[16..], [0x30, 0xcc, 0x30, 0xbb]);
    }

    proptest! {
        #[test]
        fn any_packet_after_any_change_is_the_one_built_from_scratch(
            mut bytes in prop::collection::vec(prop_oneof![any::<u8>(), 0u8..4], 0..100),
            one_byte in any::<bool>(),
            (marker, number, sequence_number) in (any::<bool>(), any::<u8>(), any::<u16>()),
            (timestamp, ssrc, index, id) in (any::<u32>(), any::<u32>(), 0usize..17, 0u8..16),
            fill in any::<u8>(),
        ) {
            if let Some(first) = bytes.first_mut() {
                *first = *first & 0x33 | 0x80;
                let at = 12 + usize::from(*first & 15) * 4;
                if let Some(header) = bytes.get_mut(at..at + 4) {
                    let profile = if one_byte { 0xbede_0005u32 } else { 0x1000_0005 };
                    header.copy_from_slice(&profile.to_be_bytes());
                }
            }
            let before = bytes.clone();
            let Ok(mut packet) = PacketMut::parse_lenient(&mut bytes) else { return Ok(()) };
            let old = Packet::parse_lenient(&before).unwrap();
            prop_assert_eq!(packet.as_packet(), old);
            packet.set_marker(marker);
            let payload_type = PayloadType(number);
            let set = packet.set_payload_type(payload_type).is_ok();
            prop_assert_eq!(set, number < 128);
            packet.set_sequence_number(sequence_number);
            packet.set_timestamp(timestamp);
            packet.set_ssrc(ssrc);
            let mut csrc = old.csrc_bytes().to_vec();
            if packet.set_csrc(index, ssrc).is_ok() {
                csrc[index] = ssrc.to_be_bytes();
            } else {
                prop_assert!(index >= csrc.len());
            }
            packet.payload_mut().fill(fill);
            // The area by the view's own places: the element's data within it.
            let mut area = old.extension().map_or(Vec::new(), |x| x.data().to_vec());
            if let (Some(data), Some(extension)) = (old.element(id), old.extension()) {
                let start = data.as_ptr().addr() - extension.data().as_ptr().addr();
                area[start..start + data.len()].fill(fill);
                packet.set_element(id, &std::vec![fill; data.len()]).unwrap();
            } else {
                prop_assert!(packet.set_element(id, &[fill]).is_err());
            }
            let built = PacketBuilder {
                marker,
                payload_type: if set { payload_type } else { old.payload_type() },
                sequence_number,
                timestamp,
                ssrc,
                csrc: &csrc,
                extension: match old.extension() {
                    Some(extension) => ExtensionBuilder::Raw { profile: extension.profile(), data: &area },
                    None => ExtensionBuilder::None,
                },
                payload: &std::vec![fill; old.payload().len()],
                ..old.into()
            };
            let mut expected = std::vec![0; built.encoded_len()];
            built.write(&mut expected).unwrap();
            prop_assert_eq!(bytes, expected);
        }
    }
}
