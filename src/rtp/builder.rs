//! Writing RTP packets (RFC 3550 section 5.1). The layout is in packet.rs.

use byteorder::{BE, ByteOrder};

use super::packet::{
    CSRC_COUNT, EXTENSION, FIRST, FIXED_LEN, MARKER, PADDING, SECOND, SEQUENCE_NUMBER, SSRC,
    TIMESTAMP, VERSION_2,
};
use super::{ExtensionBuilder, Packet, PayloadType};
use crate::encode::{Encode, Sink, narrow};
use crate::error::BuildError;

/// An RTP packet to be written: fill in the fields, or take a view's by `From`; then `write`.
///
/// ```
/// use mediawire::rtp::{Element, ExtensionBuilder, PacketBuilder, Padding, PayloadType};
/// use mediawire::Encode;
///
/// let packet = PacketBuilder {
///     marker: true,
///     payload_type: PayloadType(96),
///     sequence_number: 1,
///     timestamp: 3000,
///     ssrc: 0x1234_5678,
///     extension: ExtensionBuilder::OneByte(&[Element { id: 3, data: &[0, 7] }]),
///     payload: b"payload",
///     padding: Padding::Zeros(1),
///     ..Default::default()
/// };
/// let mut buffer = [0; 1500];
/// let len = packet.write(&mut buffer)?;
/// assert_eq!(len, 12 + 8 + 7 + 1);
/// # Ok::<(), mediawire::BuildError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PacketBuilder<'a> {
    /// As [`Packet::marker`].
    pub marker: bool,
    /// As [`Packet::payload_type`]: 0 to 127.
    pub payload_type: PayloadType,
    /// As [`Packet::sequence_number`].
    pub sequence_number: u16,
    /// As [`Packet::timestamp`].
    pub timestamp: u32,
    /// As [`Packet::ssrc`].
    pub ssrc: u32,
    /// In wire form, at most 15: from [`u32::to_be_bytes`], or a view's [`Packet::csrc_bytes`].
    pub csrc: &'a [[u8; 4]],
    /// The header extension, if any.
    pub extension: ExtensionBuilder<'a>,
    /// As [`Packet::payload`].
    pub payload: &'a [u8],
    /// The padding, if any.
    pub padding: Padding<'a>,
}

/// The padding of a packet to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Padding<'a> {
    /// None: the P bit is 0.
    #[default]
    None,
    /// So many bytes, all 0 but the last, which is the count. 0 is the same as `None`.
    Zeros(u8),
    /// Bytes as they stand on the wire, 1 to 255; the last is their count.
    Bytes(&'a [u8]),
    /// The P bit is 1, and the payload ends with the padding already, as it does in an SRTP packet. It is not looked at.
    InPayload,
}

impl Padding<'_> {
    /// The bytes that it adds to the packet.
    #[inline]
    fn len(&self) -> usize {
        match *self {
            Self::None | Self::InPayload => 0,
            Self::Zeros(count) => count.into(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }

    /// The P bit.
    #[inline]
    fn flag(&self) -> Result<u8, BuildError> {
        match *self {
            Self::None | Self::Zeros(0) => Ok(0),
            Self::Zeros(_) | Self::InPayload => Ok(PADDING),
            Self::Bytes(bytes) => match bytes.last() {
                Some(&count) if usize::from(count) == bytes.len() => Ok(PADDING),
                _ => Err(BuildError::OutOfRange { field: "padding" }),
            },
        }
    }
}

impl<'a> From<Packet<'a>> for PacketBuilder<'a> {
    /// What is written is what was read, byte for byte: extension area and padding as they are, malformed or not.
    #[inline]
    fn from(packet: Packet<'a>) -> Self {
        Self {
            marker: packet.marker(),
            payload_type: packet.payload_type(),
            sequence_number: packet.sequence_number(),
            timestamp: packet.timestamp(),
            ssrc: packet.ssrc(),
            csrc: packet.csrc_bytes(),
            extension: packet.extension().map_or(ExtensionBuilder::None, Into::into),
            payload: packet.payload(),
            padding: match packet.padding() {
                [] if packet.has_padding() => Padding::InPayload,
                [] => Padding::None,
                bytes => Padding::Bytes(bytes),
            },
        }
    }
}

impl PacketBuilder<'_> {
    /// The bytes before the payload: fixed header, CSRC list and extension.
    #[inline(always)] // as `ExtensionBuilder::encode`
    pub fn header_len(&self) -> usize {
        let lists = self.csrc.as_flattened().len().saturating_add(self.extension.encoded_len());
        lists.saturating_add(FIXED_LEN)
    }

    /// Writes what comes before the payload to the front of `out`, and gives the number of bytes written.
    ///
    /// This is for a payload that lies in its place already, with [`header_len`](Self::header_len) bytes of headroom:
    /// the field `payload` is not looked at, and of `padding` only the P bit is written.
    ///
    /// ```
    /// use mediawire::rtp::{PacketBuilder, PayloadType};
    ///
    /// let mut buffer = *b"................................media";
    /// let header = PacketBuilder { payload_type: PayloadType(96), ..Default::default() };
    /// let start = 32 - header.header_len();
    /// header.write_header(&mut buffer[start..32])?;
    /// let packet = &buffer[start..]; // ready to be sent
    /// assert_eq!(packet, b"\x80\x60\0\0\0\0\0\0\0\0\0\0media");
    /// # Ok::<(), mediawire::BuildError>(())
    /// ```
    ///
    /// # Errors
    /// A value that the standard forbids; no room.
    #[inline]
    pub fn write_header(&self, out: &mut [u8]) -> Result<usize, BuildError> {
        let (need, have) = (self.header_len(), out.len());
        let room = out.get_mut(..need).ok_or(BuildError::BufferTooSmall { need, have })?;
        self.encode_header(&mut Sink::new(room))?;
        Ok(need)
    }

    #[inline(always)] // as `ExtensionBuilder::encode`
    fn encode_header(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let csrc_count: u8 = narrow("CSRC count", self.csrc.len())?;
        if csrc_count > CSRC_COUNT {
            return Err(BuildError::OutOfRange { field: "CSRC count" });
        }
        if self.payload_type > PayloadType::MAX {
            return Err(BuildError::OutOfRange { field: "payload type" });
        }
        let extension = if self.extension.is_some() { EXTENSION } else { 0 };
        let marker = if self.marker { MARKER } else { 0 };
        let fixed = out.array::<FIXED_LEN>()?;
        fixed[FIRST] = VERSION_2 | self.padding.flag()? | extension | csrc_count;
        fixed[SECOND] = marker | self.payload_type.0;
        BE::write_u16(&mut fixed[SEQUENCE_NUMBER], self.sequence_number);
        BE::write_u32(&mut fixed[TIMESTAMP], self.timestamp);
        BE::write_u32(&mut fixed[SSRC], self.ssrc);
        if csrc_count != 0 {
            out.bytes(self.csrc.as_flattened())?;
        }
        self.extension.encode(out)
    }
}

impl Encode for PacketBuilder<'_> {
    #[inline(always)] // as `ExtensionBuilder::encode`
    fn encoded_len(&self) -> usize {
        let body = self.payload.len().saturating_add(self.padding.len());
        self.header_len().saturating_add(body)
    }

    /// # Errors
    /// More than 15 CSRCs, a payload type above 127, an extension that its form forbids, padding whose last byte is not
    /// its length.
    #[inline(always)] // as `ExtensionBuilder::encode`
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        self.encode_header(out)?;
        out.bytes(self.payload)?;
        match self.padding {
            Padding::None | Padding::InPayload => Ok(()),
            Padding::Bytes(bytes) => out.bytes(bytes),
            Padding::Zeros(count) => match out.take(count.into())? {
                [zeros @ .., last] => {
                    zeros.fill(0);
                    *last = count;
                    Ok(())
                }
                [] => Ok(()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::vec;
    use std::vec::Vec;

    use super::super::vectors::{VECTORS, hex};
    use super::super::{Element, Profile};
    use super::*;

    fn written(builder: &PacketBuilder<'_>) -> Result<Vec<u8>, BuildError> {
        let mut out = vec![0xEE; builder.encoded_len()];
        let len = builder.write(&mut out)?;
        assert_eq!(len, out.len());
        Ok(out)
    }

    /// Whatever parses is written again byte for byte, in whole and as a header.
    fn rewritten(bytes: &[u8]) {
        let Ok(packet) = Packet::parse_lenient(bytes) else { return };
        let builder = PacketBuilder::from(packet);
        assert_eq!(written(&builder).unwrap(), bytes);
        let mut out = vec![0xEE; builder.header_len()];
        assert_eq!(builder.write_header(&mut out), Ok(packet.header_len()));
        assert_eq!(out, bytes[..packet.header_len()]);
    }

    #[test]
    fn writes_every_field() {
        // The first packet of inspect-json.md.
        let builder = PacketBuilder {
            marker: true,
            payload_type: PayloadType(100),
            sequence_number: 1,
            timestamp: 100,
            ssrc: 0x1234_5678,
            csrc: &[[0, 0, 0, 10]],
            extension: ExtensionBuilder::OneByte(&[Element { id: 1, data: &[1, 2, 3] }]),
            payload: &[0xaa, 0xbb, 0xcc, 0xdd],
            padding: Padding::Zeros(4),
        };
        let bytes = hex("b1e40001 00000064 12345678 0000000a bede0001 12010203 aabbccdd 00000004");
        assert_eq!(written(&builder).unwrap(), bytes);
    }

    #[test]
    fn writes_the_packets_of_rfc_9335() {
        // Appendix A.1.3 and A.1.4, from their fields.
        let elements = [Element { id: 5, data: &[0, 2] }];
        let one_byte = PacketBuilder {
            payload_type: PayloadType(15),
            sequence_number: 0x1238,
            timestamp: 0xdeca_fbad,
            ssrc: 0xcafe_babe,
            csrc: &[0x0001_e240u32.to_be_bytes(), 0x0000_b26eu32.to_be_bytes()],
            extension: ExtensionBuilder::OneByte(&elements),
            payload: &[0xab; 16],
            ..Default::default()
        };
        let extension = ExtensionBuilder::TwoByte { appbits: 0, elements: &elements };
        let two_byte = PacketBuilder { sequence_number: 0x1239, extension, ..one_byte };
        let bytes = |source| VECTORS.iter().find(|v| v.source == source).unwrap().bytes();
        assert_eq!(written(&one_byte).unwrap(), bytes("RFC 9335 A.1.3"));
        assert_eq!(written(&two_byte).unwrap(), bytes("RFC 9335 A.1.4"));
    }

    #[test]
    fn writes_what_it_reads() {
        for vector in VECTORS {
            rewritten(&vector.bytes());
        }
        // Padding that is not all zeros; a lone P bit; an area that ends in the middle of an element.
        rewritten(&hex("a0600001 00000001 00000001 aabb 112203"));
        rewritten(&hex("a0600001 00000001 00000001 aabb 112200"));
        rewritten(&hex("a0600001 00000001 00000001"));
        rewritten(&hex("90600001 00000001 00000001 bede0001 10aa00ff ee"));
    }

    #[test]
    fn padding_is_written_as_asked_for() {
        let with = |padding| PacketBuilder { payload: &[0xaa], padding, ..Default::default() };
        let tail = |padding| written(&with(padding)).map(|bytes| (bytes[0], bytes[12..].to_vec()));
        assert_eq!(tail(Padding::None), Ok((0x80, vec![0xaa])));
        assert_eq!(tail(Padding::Zeros(0)), Ok((0x80, vec![0xaa])));
        assert_eq!(tail(Padding::Zeros(1)), Ok((0xa0, vec![0xaa, 1])));
        assert_eq!(tail(Padding::Zeros(3)), Ok((0xa0, vec![0xaa, 0, 0, 3])));
        assert_eq!(tail(Padding::Zeros(255)).unwrap().1.len(), 256);
        assert_eq!(tail(Padding::Bytes(&[7, 2])), Ok((0xa0, vec![0xaa, 7, 2])));
        assert_eq!(tail(Padding::InPayload), Ok((0xa0, vec![0xaa])));
        let refused = Err(BuildError::OutOfRange { field: "padding" });
        for bytes in [&[][..], &[0], &[2], &[0, 0, 2], &[0; 256]] {
            assert_eq!(tail(Padding::Bytes(bytes)), refused);
        }
    }

    #[test]
    fn what_the_standard_forbids_is_not_written() {
        let refused = |builder: PacketBuilder<'_>, field| {
            assert_eq!(written(&builder), Err(BuildError::OutOfRange { field }));
            let mut out = [0; 1500];
            let error = Err(BuildError::OutOfRange { field });
            assert_eq!(builder.write_header(&mut out), error);
        };
        let valid = PacketBuilder::default();
        for number in [128, 255] {
            let payload_type = PayloadType(number);
            refused(PacketBuilder { payload_type, ..valid }, "payload type");
        }
        for count in [16, 255, 256] {
            refused(PacketBuilder { csrc: &vec![[0; 4]; count], ..valid }, "CSRC count");
        }
        let elements = [Element { id: 15, data: &[1] }];
        let extension = ExtensionBuilder::OneByte(&elements);
        refused(PacketBuilder { extension, ..valid }, "element id");
        let most = PacketBuilder { csrc: &[[9; 4]; 15], payload_type: PayloadType(127), ..valid };
        assert_eq!(written(&most).unwrap()[..2], [0x8f, 127]);
    }

    #[test]
    fn no_room_is_said_before_anything_is_written() {
        let builder = PacketBuilder { payload: &[1, 2], ..Default::default() };
        for have in 0..14 {
            let mut out = vec![0xEE; have];
            let error = BuildError::BufferTooSmall { need: 14, have };
            assert_eq!(builder.write(&mut out), Err(error));
            assert_eq!(out, vec![0xEE; have]);
        }
        let error = BuildError::BufferTooSmall { need: 12, have: 11 };
        assert_eq!(builder.write_header(&mut [0; 11]), Err(error));
    }

    /// An element that both forms can hold, or only the two-byte form.
    fn element(one_byte: bool) -> impl Strategy<Value = (u8, Vec<u8>)> {
        let (ids, sizes) = if one_byte { (1..=14u8, 1..=16usize) } else { (1..=255, 0..=255) };
        (ids, prop::collection::vec(any::<u8>(), sizes))
    }

    /// What to ask of an [`ExtensionBuilder`]: kind, appbits or profile, elements, words.
    type Asked = (u8, u16, Vec<(u8, Vec<u8>)>, Vec<[u8; 4]>);

    fn extension() -> impl Strategy<Value = Asked> {
        (0u8..4, any::<u16>(), prop::collection::vec(any::<[u8; 4]>(), 0..8)).prop_flat_map(
            |(kind, number, words)| {
                let elements = prop::collection::vec(element(kind == 1), 0..6);
                elements.prop_map(move |elements| (kind, number, elements, words.clone()))
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_built_is_read_back(
            (marker, number, sequence_number) in (any::<bool>(), 0u8..128, any::<u16>()),
            (timestamp, ssrc) in (any::<u32>(), any::<u32>()),
            csrc in prop::collection::vec(any::<[u8; 4]>(), 0..=15),
            (kind, profile, elements, words) in extension(),
            payload in prop::collection::vec(any::<u8>(), 0..64),
            padding in any::<u8>(),
        ) {
            let list: Vec<_> = elements.iter().map(|(id, data)| Element { id: *id, data }).collect();
            let appbits = (profile & 15) as u8;
            let extension = match kind {
                0 => ExtensionBuilder::None,
                1 => ExtensionBuilder::OneByte(&list),
                2 => ExtensionBuilder::TwoByte { appbits, elements: &list },
                _ => ExtensionBuilder::Raw { profile: Profile(profile), data: words.as_flattened() },
            };
            let payload_type = PayloadType(number);
            let builder = PacketBuilder {
                marker, payload_type, sequence_number, timestamp, ssrc, csrc: &csrc, extension,
                payload: &payload, padding: Padding::Zeros(padding),
            };
            let bytes = written(&builder).unwrap();
            let packet = Packet::parse(&bytes).unwrap();
            prop_assert_eq!((packet.marker(), packet.payload_type()), (marker, payload_type));
            prop_assert_eq!(packet.sequence_number(), sequence_number);
            prop_assert_eq!((packet.timestamp(), packet.ssrc()), (timestamp, ssrc));
            prop_assert_eq!(packet.csrc_bytes(), &csrc[..]);
            prop_assert_eq!(packet.payload(), &payload[..]);
            prop_assert_eq!(packet.padding().len(), usize::from(padding));
            prop_assert_eq!(packet.has_padding(), padding != 0);
            prop_assert_eq!(packet.header_len(), builder.header_len());
            let area = packet.extension();
            let profile = area.map(|extension| extension.profile());
            match kind {
                0 => prop_assert_eq!(area, None),
                1 => prop_assert_eq!(profile, Some(Profile::ONE_BYTE)),
                2 => prop_assert_eq!(profile, Profile::two_byte(appbits)),
                _ => prop_assert_eq!(area.map(|x| x.data()), Some(words.as_flattened())),
            }
            if kind == 1 || kind == 2 {
                prop_assert!(packet.elements().eq(list.iter().copied()));
                prop_assert_eq!(packet.elements().finish(), Ok(()));
            }
            rewritten(&bytes);
        }

        #[test]
        fn whatever_parses_is_written_again(bytes in prop::collection::vec(any::<u8>(), 12..120)) {
            let mut bytes = bytes;
            rewritten(&bytes);
            bytes[0] = bytes[0] & 0x33 | 0x80; // version 2 and few sources
            rewritten(&bytes);
            // A short extension as well.
            bytes[0] = bytes[0] & 0xb0 | 0x10;
            if let Some(length) = bytes.get_mut(14..16) {
                length.copy_from_slice(&[0, 3]);
            }
            rewritten(&bytes);
        }
    }
}
