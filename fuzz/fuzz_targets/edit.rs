//! Sequences of edits of an RTP packet, in place and of its shape, each held against a packet of plain vectors: after
//! every edit the bytes are the same. An edit is refused for what RFC 3550 and RFC 8285 forbid or for want of room, and
//! leaves the packet as it was.
#![no_main]

use arbitrary::{Arbitrary, Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use mediawire::BuildError;
use mediawire::rtp::{
    Element, Form, Packet, PacketEditor, PacketMut, PayloadType, Rtx, RtxPacketBuilder,
};
use mediawire_fuzz::build::model::{self, Content, Model};
use mediawire_fuzz::writes;

/// A few bytes; now and then more than an element of the one-byte form can have.
#[derive(Clone, Copy, Debug)]
struct Short<'a>(&'a [u8]);

impl<'a> Arbitrary<'a> for Short<'a> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let len = match u.arbitrary::<u8>()? {
            len @ 0..250 => len % 18,
            len => len,
        };
        u.bytes(usize::from(len).min(u.len())).map(Self)
    }
}

/// An identifier of an element: mostly one that either form can have.
#[derive(Clone, Copy, Debug)]
struct Id(u8);

impl<'a> Arbitrary<'a> for Id {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        u.arbitrary().map(|id: u8| Self(if id < 240 { id % 17 } else { id }))
    }
}

#[derive(Clone, Copy, Debug, Arbitrary)]
enum Piece<'a> {
    Element(Id, Short<'a>),
    Another(Id, Short<'a>),
    Gap(u8),
    Junk(Short<'a>),
}

/// Where the edits begin.
#[derive(Debug, Arbitrary)]
struct Start<'a> {
    fields: (bool, u8, u16, u32, u32),
    csrc: Short<'a>,
    profile: u8,
    area: Vec<Piece<'a>>,
    payload: Short<'a>,
    padding: u8,
    lenient: bool,
    headroom: u8,
    tailroom: u8,
}

impl Start<'_> {
    fn model(&self) -> Model {
        let (marker, payload_type, sequence_number, timestamp, ssrc) = self.fields;
        let profile = match self.profile % 8 {
            0 => None,
            1..=3 => Some(0xBEDE),
            4..=6 => Some(0x1000 | u16::from(self.profile >> 4)),
            _ => Some(u16::from(self.profile)),
        };
        let extension = profile.map(|profile| (profile, self.area(profile)));
        let padding = match self.padding {
            0..128 => Vec::new(),
            count @ ..252 => {
                let mut padding = vec![count & 64; usize::from(count & 7)];
                padding.push(count & 7);
                padding.drain(..1);
                padding
            }
            count => [vec![0; usize::from(count) - 1], vec![count]].concat(),
        };
        // A P bit without padding: nothing follows the header, or a count of 0 is there.
        let lone = self.lenient && padding.is_empty();
        let mut payload = self.payload.0.to_vec();
        if lone && let Some(last) = payload.last_mut() {
            *last = 0;
        }
        Model {
            marker,
            payload_type: payload_type % 128,
            sequence_number,
            timestamp,
            ssrc,
            csrc: self.csrc.0.as_chunks().0.iter().copied().take(15).collect(),
            extension,
            payload,
            padded: lone || !padding.is_empty(),
            padding,
        }
    }

    fn area(&self, profile: u16) -> Vec<u8> {
        let form = model::form(profile).unwrap_or(Form::OneByte);
        let mut area = Vec::new();
        for piece in &self.area {
            match piece {
                Piece::Element(Id(id), Short(data)) | Piece::Another(Id(id), Short(data)) => {
                    area.extend(model::element(form, *id, data).unwrap_or_default());
                }
                Piece::Gap(len) => area.resize(area.len() + usize::from(len % 8), 0),
                Piece::Junk(Short(bytes)) => area.extend(*bytes),
            }
        }
        area.resize(area.len().next_multiple_of(4), 0);
        area
    }
}

#[derive(Clone, Copy, Debug, Arbitrary)]
enum Edit<'a> {
    // Of the shape.
    Set(Id, Short<'a>),
    Insert(Id, Short<'a>),
    Remove(Id),
    Retain(u16),
    Map([Id; 16]),
    MapSome([Option<Id>; 16]),
    Switch(bool),
    AddExtension(bool),
    RemoveExtension,
    Csrc(Short<'a>),
    Padding(u8),
    InsertHeader(Short<'a>),
    RemoveHeader(u8),
    Wrap(u8, u16, u32),
    Unwrap(u8, u32),
    // In place.
    Fields(bool, u16, u32, u32),
    PayloadType(u8),
    OneCsrc(u8, u32),
    SetInPlace(Id, Short<'a>),
    TurnElement(Id),
    TurnElements,
    TurnArea(u16),
    TurnPayload,
    TurnCsrc,
}

fn form(two_byte: bool) -> Form {
    if two_byte { Form::TwoByte } else { Form::OneByte }
}

fn turn(bytes: &mut [u8]) {
    bytes.iter_mut().for_each(|byte| *byte = !*byte);
}

/// Bytes read as a CSRC list, which may be too long.
fn sources(bytes: &[u8]) -> Vec<[u8; 4]> {
    bytes.iter().map(|&byte| [byte, 0, 1, byte]).collect()
}

/// The same to the model; `None` where the standards forbid it, or the packet has nothing to do it to.
fn expected(before: &Model, edit: &Edit<'_>) -> Option<Model> {
    let mut model = before.clone();
    match *edit {
        Edit::Set(Id(id), Short(data)) => {
            let (profile, area) = model.extension.get_or_insert((0xBEDE, Vec::new()));
            let form = model::form(*profile)?;
            let mut content = model::content(form, area);
            match content.elements.iter_mut().find(|element| element.0 == id) {
                Some((_, at, old)) if old.len() == data.len() => {
                    area[*at..*at + data.len()].copy_from_slice(data);
                    return Some(model);
                }
                Some(element) => element.2 = data.to_vec(),
                None => content.elements.push((id, 0, data.to_vec())),
            }
            *area = content.packed(form)?;
        }
        Edit::Insert(Id(id), Short(data)) => {
            let (profile, area) = model.extension.get_or_insert((0xBEDE, Vec::new()));
            let form = model::form(*profile)?;
            let mut content = model::content(form, area);
            content.elements.push((id, 0, data.to_vec()));
            *area = content.packed(form)?;
        }
        Edit::Remove(Id(id)) => {
            if let Some((form, mut content)) = model.content() {
                let count = content.elements.len();
                content.elements.retain(|element| element.0 != id);
                if content.elements.len() != count {
                    model.extension.as_mut()?.1 = content.packed(form)?;
                }
            }
        }
        Edit::Retain(mask) => renumber(&mut model, |id| retained(mask, id).then_some(id))?,
        Edit::Map(ids) => renumber(&mut model, |id| Some(mapped(ids, id).0))?,
        Edit::MapSome(ids) => renumber(&mut model, |id| Some(mapped(ids, id)?.0))?,
        Edit::Switch(two_byte) => {
            if let Some((profile, area)) = &mut model.extension {
                let old = model::form(*profile)?;
                let new = form(two_byte);
                if old != new {
                    let elements = model::content(old, area).elements;
                    *area = Content { elements, stopped: Vec::new() }.packed(new)?;
                    *profile = if two_byte { 0x1000 } else { 0xBEDE };
                }
            }
        }
        Edit::AddExtension(two_byte) => {
            let profile = if two_byte { 0x1000 } else { 0xBEDE };
            model.extension.get_or_insert((profile, Vec::new()));
        }
        Edit::RemoveExtension => model.extension = None,
        Edit::Csrc(Short(bytes)) => {
            model.csrc = sources(bytes);
            (model.csrc.len() <= 15).then_some(())?;
        }
        Edit::Padding(count) => {
            model.padding = vec![0; count.into()];
            if let Some(last) = model.padding.last_mut() {
                *last = count;
            }
            model.padded = count != 0;
        }
        Edit::InsertHeader(Short(header)) => drop(model.payload.splice(..0, header.to_vec())),
        Edit::RemoveHeader(len) => {
            model.payload = model.payload.get(usize::from(len)..)?.to_vec();
        }
        Edit::Wrap(payload_type, sequence_number, ssrc) => {
            (payload_type <= 127).then_some(())?;
            model.payload.splice(..0, model.sequence_number.to_be_bytes());
            let padding = Vec::new();
            let padded = false;
            model = Model { payload_type, sequence_number, ssrc, padding, padded, ..model };
        }
        Edit::Unwrap(payload_type, ssrc) => {
            (payload_type <= 127).then_some(())?;
            let sequence_number = u16::from_be_bytes(*model.payload.first_chunk()?);
            model.payload.drain(..2);
            let padding = Vec::new();
            let padded = false;
            model = Model { payload_type, sequence_number, ssrc, padding, padded, ..model };
        }
        Edit::Fields(marker, sequence_number, timestamp, ssrc) => {
            model = Model { marker, sequence_number, timestamp, ssrc, ..model };
        }
        Edit::PayloadType(payload_type) => {
            (payload_type <= 127).then_some(())?;
            model.payload_type = payload_type;
        }
        Edit::OneCsrc(index, source) => {
            *model.csrc.get_mut(usize::from(index % 16))? = source.to_be_bytes();
        }
        Edit::SetInPlace(Id(id), Short(data)) => {
            let (_, content) = model.content()?;
            let (_, at, old) = content.elements.iter().find(|element| element.0 == id)?;
            (old.len() == data.len()).then_some(())?;
            model.extension.as_mut()?.1[*at..*at + data.len()].copy_from_slice(data);
        }
        Edit::TurnElement(Id(id)) => {
            if let Some((_, at, old)) = model.elements().iter().find(|element| element.0 == id) {
                turn(&mut model.extension.as_mut()?.1[*at..*at + old.len()]);
            }
        }
        Edit::TurnElements => {
            for (_, at, old) in model.elements() {
                turn(&mut model.extension.as_mut()?.1[at..at + old.len()]);
            }
        }
        Edit::TurnArea(place) => {
            if let Some((_, area)) = &mut model.extension {
                turn_one(area, place);
            }
        }
        Edit::TurnPayload => turn(&mut model.payload),
        Edit::TurnCsrc => turn(model.csrc.as_flattened_mut()),
    }
    Some(model)
}

fn retained(mask: u16, id: u8) -> bool {
    mask >> (id % 16) & 1 != 0
}

fn mapped<T: Copy>(ids: [T; 16], id: u8) -> T {
    ids[usize::from(id % 16)]
}

fn turn_one(area: &mut [u8], place: u16) {
    if !area.is_empty() {
        let place = usize::from(place) % area.len();
        turn(&mut area[place..=place]);
    }
}

/// New identifiers. Where all elements stay and nothing is behind them, nothing moves.
fn renumber(model: &mut Model, map: impl Fn(u8) -> Option<u8>) -> Option<()> {
    let Some((form, content)) = model.content() else { return Some(()) };
    let area = &mut model.extension.as_mut()?.1;
    let elements: Vec<_> = content
        .elements
        .iter()
        .filter_map(|(id, at, data)| Some((map(*id)?, *at, data.clone())))
        .collect();
    let all = elements.len() == content.elements.len() && content.stopped.is_empty();
    let packed = Content { elements: elements.clone(), stopped: Vec::new() }.packed(form)?;
    if !all {
        *area = packed;
        return Some(());
    }
    for (id, at, _) in elements {
        match form {
            Form::OneByte => area[at - 1] = id << 4 | area[at - 1] % 16,
            Form::TwoByte => area[at - 2] = id,
        }
    }
    Some(())
}

fn apply(packet: &mut PacketEditor<'_>, edit: &Edit<'_>) -> Result<(), BuildError> {
    match *edit {
        Edit::Set(Id(id), Short(data)) => packet.set_element(id, data),
        Edit::Insert(Id(id), Short(data)) => packet.insert_element(Element { id, data }),
        Edit::Remove(Id(id)) => {
            let there = packet.as_packet().element(id).is_some();
            assert_eq!(packet.remove_element(id), there);
            Ok(())
        }
        Edit::Retain(mask) => {
            packet.retain_elements(|id| retained(mask, id));
            Ok(())
        }
        Edit::Map(ids) => packet.map_element_ids(|id| Some(mapped(ids, id).0)),
        Edit::MapSome(ids) => packet.map_element_ids(|id| Some(mapped(ids, id)?.0)),
        Edit::Switch(two_byte) => packet.set_form(form(two_byte)),
        Edit::AddExtension(two_byte) => packet.add_extension(form(two_byte)),
        Edit::RemoveExtension => {
            packet.remove_extension();
            Ok(())
        }
        Edit::Csrc(Short(bytes)) => packet.set_csrc(&sources(bytes)),
        Edit::Padding(count) => packet.set_padding(count),
        Edit::InsertHeader(Short(header)) => packet.insert_payload_header(header),
        Edit::RemoveHeader(len) => packet.remove_payload_header(len.into()),
        Edit::Wrap(payload_type, sequence_number, ssrc) => {
            packet.wrap_rtx(PayloadType(payload_type), sequence_number, ssrc)
        }
        Edit::Unwrap(payload_type, ssrc) => packet.unwrap_rtx(PayloadType(payload_type), ssrc),
        _ => apply_in_place(&mut packet.as_packet_mut(), edit),
    }
}

fn apply_in_place(packet: &mut PacketMut<'_>, edit: &Edit<'_>) -> Result<(), BuildError> {
    match *edit {
        Edit::Fields(marker, sequence_number, timestamp, ssrc) => {
            packet.set_marker(marker);
            packet.set_sequence_number(sequence_number);
            packet.set_timestamp(timestamp);
            packet.set_ssrc(ssrc);
            assert_eq!((packet.marker(), packet.sequence_number()), (marker, sequence_number));
            assert_eq!((packet.timestamp(), packet.ssrc()), (timestamp, ssrc));
        }
        Edit::PayloadType(payload_type) => packet.set_payload_type(PayloadType(payload_type))?,
        Edit::OneCsrc(index, source) => packet.set_csrc(usize::from(index % 16), source)?,
        Edit::SetInPlace(Id(id), Short(data)) => packet.set_element(id, data)?,
        Edit::TurnElement(Id(id)) => packet.element_mut(id).into_iter().for_each(turn),
        Edit::TurnElements => packet.elements_mut().for_each(|(_, data)| turn(data)),
        Edit::TurnArea(place) => turn_one(packet.extension_data_mut(), place),
        Edit::TurnPayload => turn(packet.payload_mut()),
        Edit::TurnCsrc => turn(packet.csrc_mut().as_flattened_mut()),
        _ => unreachable!("it changes the shape"),
    }
    Ok(())
}

/// What the editor does to a packet in its buffer, the builders write out of the packet.
fn check_rtx(packet: &Packet<'_>, edit: &Edit<'_>, after: &Model) {
    match *edit {
        Edit::Wrap(payload_type, sequence_number, ssrc) => {
            let payload_type = PayloadType(payload_type);
            let original = *packet;
            writes(
                &RtxPacketBuilder { original, payload_type, sequence_number, ssrc },
                &after.bytes(),
            );
        }
        Edit::Unwrap(payload_type, ssrc) => {
            let rtx = Rtx::parse(packet.payload()).expect("it is unwrapped");
            writes(&rtx.original(packet, PayloadType(payload_type), ssrc), &after.bytes());
        }
        _ => {}
    }
}

fn check(packet: &PacketEditor<'_>, model: &Model, bytes: &[u8], have: usize) {
    assert_eq!(packet.as_bytes(), bytes);
    assert_eq!(packet.range().len(), bytes.len());
    assert_eq!(packet.headroom() + bytes.len() + packet.tailroom(), have);
    model.check(&packet.as_packet());
    model.with_builder(|builder| {
        assert_eq!(builder.header_len(), model.header_len());
        writes(&builder, bytes);
    });
    // A P bit without padding may have come to stand before bytes that look like one.
    if !packet.as_packet().padding_is_malformed() {
        assert_eq!(Packet::parse(bytes), Ok(packet.as_packet()));
    }
}

fuzz_target!(|input: (Start<'_>, Vec<Edit<'_>>)| {
    let (start, edits) = input;
    let mut model = start.model();
    let mut bytes = model.bytes();
    let from = usize::from(start.headroom);
    let mut buffer = vec![0xA5; from];
    buffer.extend(&bytes);
    buffer.resize(buffer.len() + usize::from(start.tailroom), 0xA5);
    let (have, place) = (buffer.len(), from..from + bytes.len());
    let mut packet = match model.padded && model.padding.is_empty() {
        true => PacketEditor::parse_lenient(&mut buffer, place),
        false => PacketEditor::parse(&mut buffer, place),
    }
    .expect("a packet");
    check(&packet, &model, &bytes, have);
    for edit in &edits {
        let after = expected(&model, edit);
        if let Some(after) = &after {
            check_rtx(&packet.as_packet(), edit, after);
        }
        let after = after.map(|after| (after.bytes(), after));
        let result = apply(&mut packet, edit);
        match after {
            Some((written, after)) if written.len() <= have => {
                assert_eq!(result, Ok(()), "{edit:?} of {model:?}");
                (bytes, model) = (written, after);
            }
            Some((written, _)) => {
                let need = written.len();
                assert_eq!(result, Err(BuildError::BufferTooSmall { need, have }), "{edit:?}");
            }
            None => assert!(matches!(result, Err(BuildError::OutOfRange { .. })), "{edit:?}"),
        }
        check(&packet, &model, &bytes, have);
    }
});
