//! An RTP packet in plain vectors, as RFC 3550 section 5 and RFC 8285 lay it out: what every editor has to agree with.

use mediawire::rtp::{Element, ExtensionBuilder, Form, Packet, PacketBuilder, Padding};
use mediawire::rtp::{PayloadType, Profile};

/// Profile and data of a header extension.
pub type Area = (u16, Vec<u8>);

/// A packet. Nothing in it is checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Model {
    pub marker: bool,
    pub payload_type: u8,
    pub sequence_number: u16,
    pub timestamp: u32,
    pub ssrc: u32,
    pub csrc: Vec<[u8; 4]>,
    pub extension: Option<Area>,
    pub payload: Vec<u8>,
    /// With its count; with `padded` alone, the P bit stands without any.
    pub padding: Vec<u8>,
    pub padded: bool,
}

/// What an area holds: identifier, place and data of each element, and the bytes that are no elements any more.
#[derive(Clone, Debug, Default)]
pub struct Content {
    pub elements: Vec<(u8, usize, Vec<u8>)>,
    pub stopped: Vec<u8>,
}

pub fn form(profile: u16) -> Option<Form> {
    match profile {
        0xBEDE => Some(Form::OneByte),
        0x1000..=0x100F => Some(Form::TwoByte),
        _ => None,
    }
}

/// Reads an area as RFC 8285 sections 4.2 and 4.3 have it.
pub fn content(form: Form, area: &[u8]) -> Content {
    let (mut elements, mut at) = (Vec::new(), 0);
    while at < area.len() {
        let first = area[at];
        if first == 0 {
            at += 1;
            continue;
        }
        let (id, start, len) = match form {
            Form::OneByte => (first >> 4, at + 1, Some(first % 16 + 1)),
            Form::TwoByte => (first, at + 2, area.get(at + 1).copied()),
        };
        let data = len.and_then(|len| area.get(start..start + usize::from(len)));
        match data {
            Some(data) if form == Form::TwoByte || (1..15).contains(&id) => {
                elements.push((id, start, data.to_vec()));
                at = start + data.len();
            }
            _ => break,
        }
    }
    Content { elements, stopped: area[at..].to_vec() }
}

impl Content {
    /// The same in as few words as it takes, `stopped` at the end; `None` if the form forbids an element.
    pub fn packed(&self, form: Form) -> Option<Vec<u8>> {
        let mut area = Vec::new();
        for (id, _, data) in &self.elements {
            area.extend(element(form, *id, data)?);
        }
        let len = (area.len() + self.stopped.len()).next_multiple_of(4);
        area.resize(len - self.stopped.len(), 0);
        area.extend(&self.stopped);
        Some(area)
    }
}

/// An element; `None` if the form forbids it.
pub fn element(form: Form, id: u8, data: &[u8]) -> Option<Vec<u8>> {
    let header = match form {
        Form::OneByte if (1..15).contains(&id) && (1..17).contains(&data.len()) => {
            vec![id << 4 | (data.len() as u8 - 1)]
        }
        Form::TwoByte if id != 0 && data.len() < 256 => vec![id, data.len() as u8],
        _ => return None,
    };
    Some([&header, data].concat())
}

impl Model {
    pub fn header_len(&self) -> usize {
        12 + self.csrc.len() * 4 + self.extension.as_ref().map_or(0, |(_, area)| 4 + area.len())
    }

    /// The packet on the wire.
    pub fn bytes(&self) -> Vec<u8> {
        let bits = [(self.padded, 0x20), (self.extension.is_some(), 0x10)];
        let bits: u8 = bits.into_iter().filter(|(set, _)| *set).map(|(_, bit)| bit).sum();
        let mut bytes = vec![0x80 | bits | self.csrc.len() as u8];
        bytes.push(u8::from(self.marker) << 7 | self.payload_type);
        bytes.extend(self.sequence_number.to_be_bytes());
        bytes.extend(self.timestamp.to_be_bytes());
        bytes.extend(self.ssrc.to_be_bytes());
        bytes.extend(self.csrc.as_flattened());
        if let Some((profile, area)) = &self.extension {
            bytes.extend(profile.to_be_bytes());
            bytes.extend((area.len() as u16 / 4).to_be_bytes());
            bytes.extend(area);
        }
        bytes.extend(&self.payload);
        bytes.extend(&self.padding);
        bytes
    }

    pub fn content(&self) -> Option<(Form, Content)> {
        let (profile, area) = self.extension.as_ref()?;
        let form = form(*profile)?;
        Some((form, content(form, area)))
    }

    pub fn elements(&self) -> Vec<(u8, usize, Vec<u8>)> {
        self.content().map(|(_, content)| content.elements).unwrap_or_default()
    }

    /// Lends the builder that writes this packet: the elements one by one where that gives the same area.
    pub fn with_builder<T>(&self, then: impl FnOnce(PacketBuilder<'_>) -> T) -> T {
        let elements = self.elements();
        let elements: Vec<_> =
            elements.iter().map(|(id, _, data)| Element { id: *id, data }).collect();
        let listed = self.content().filter(|(form, content)| {
            let area = self.extension.as_ref().map(|(_, area)| area);
            content.stopped.is_empty() && content.packed(*form).as_ref() == area
        });
        then(PacketBuilder {
            marker: self.marker,
            payload_type: PayloadType(self.payload_type),
            sequence_number: self.sequence_number,
            timestamp: self.timestamp,
            ssrc: self.ssrc,
            csrc: &self.csrc,
            extension: match (&self.extension, listed) {
                (None, _) => ExtensionBuilder::None,
                (Some(_), Some((Form::OneByte, _))) => ExtensionBuilder::OneByte(&elements),
                (Some((profile, _)), Some((Form::TwoByte, _))) => {
                    let appbits = (profile % 16) as u8;
                    ExtensionBuilder::TwoByte { appbits, elements: &elements }
                }
                (Some((profile, data)), None) => {
                    ExtensionBuilder::Raw { profile: Profile(*profile), data }
                }
            },
            payload: &self.payload,
            padding: match &self.padding[..] {
                [] if self.padded => Padding::InPayload,
                [] => Padding::None,
                [zeros @ .., count] if zeros.iter().all(|&byte| byte == 0) => {
                    Padding::Zeros(*count)
                }
                bytes => Padding::Bytes(bytes),
            },
        })
    }

    /// Asserts that a view reads just this.
    pub fn check(&self, packet: &Packet<'_>) {
        assert_eq!(packet.version(), 2);
        assert_eq!((packet.marker(), packet.payload_type().0), (self.marker, self.payload_type));
        assert_eq!(packet.sequence_number(), self.sequence_number);
        assert_eq!((packet.timestamp(), packet.ssrc()), (self.timestamp, self.ssrc));
        assert_eq!(packet.csrc_bytes(), self.csrc);
        assert!(packet.csrc().eq(self.csrc.iter().map(|&source| u32::from_be_bytes(source))));
        assert_eq!(usize::from(packet.csrc_count()), self.csrc.len());
        assert_eq!(packet.has_extension(), self.extension.is_some());
        let area = packet.extension().map(|area| (area.profile().0, area.data().to_vec()));
        assert_eq!(area, self.extension);
        assert_eq!(packet.header_len(), self.header_len());
        assert_eq!((packet.payload(), packet.padding()), (&self.payload[..], &self.padding[..]));
        assert_eq!(packet.has_padding(), self.padded);
        assert_eq!(packet.padding_is_malformed(), self.padded && self.padding.is_empty());
        let content = self.content().map(|(_, content)| content).unwrap_or_default();
        let elements = content.elements.iter().map(|(id, _, data)| Element { id: *id, data });
        assert!(packet.elements().eq(elements), "{packet:?} is not {self:?}");
        assert_eq!(packet.elements().finish().is_ok(), content.stopped.is_empty());
        for id in 0..=16 {
            let first = content.elements.iter().find(|element| element.0 == id);
            assert_eq!(packet.element(id), first.map(|(_, _, data)| &data[..]));
        }
    }
}
