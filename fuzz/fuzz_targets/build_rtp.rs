//! RTP packets of random content, whatever rides on them, and the parity that brings lost ones back. What the standards
//! allow is written and reads the same; what they forbid is refused.
#![no_main]

use bumpalo::Bump;
use libfuzzer_sys::fuzz_target;
use mediawire::Encode;
use mediawire::rtp::ext::{AnyValue, ElementList, ExtensionMap, TransportCc};
use mediawire::rtp::{
    Element, ExtensionBuilder, FlexFec, FlexFecProtection, FlexFecStream, Packet, PacketBuilder,
    PacketMut, Padding, PayloadType, Profile, RecoveryError, UlpFec, UlpFecProtectedLevel,
    UlpFecProtection,
};
use mediawire_fuzz::build::model::Model;
use mediawire_fuzz::build::rtp;
use mediawire_fuzz::build::source::{Source, tried};
use mediawire_fuzz::{show, writes};

const HEADERS: [fn(&mut Source<'_>); 9] = [
    rtp::vp8,
    rtp::vp9,
    rtp::h264,
    rtp::h265,
    rtp::av1,
    rtp::opus,
    rtp::generic_frame_descriptor,
    rtp::layers_allocation,
    rtp::dependency_descriptor,
];

fuzz_target!(|input: &[u8]| {
    let arena = Bump::new();
    let mut s = Source::new(input, &arena);
    match s.below(5) {
        0 => packet(&mut s),
        1 => extended(&mut s),
        2 => protected(&mut s),
        3 => drop(s.one_of(rtp::FORMATS)(&mut s)),
        _ => s.one_of(&HEADERS)(&mut s),
    }
});

/// Elements in a form, or an area as it is; the same as the model has it.
fn packet(s: &mut Source<'_>) {
    let two_byte: bool = s.any();
    let elements = s.list(6, |s| {
        let id = match s.any::<u8>() {
            id if s.rarely() => id,
            id => 1 + id % 14,
        };
        let data = if s.rarely() { s.text(40) } else { s.bytes(15) };
        let allowed = match two_byte {
            true => id > 0 && data.len() < 256,
            false => (1..15).contains(&id) && (1..17).contains(&data.len()),
        };
        s.forbid(!allowed);
        Element { id, data }
    });
    let listed = s.was_forbidden();
    let extension = match s.below(4) {
        0 => ExtensionBuilder::None,
        1 => ExtensionBuilder::Raw { profile: Profile(s.any()), data: s.words(6) },
        _ => {
            s.forbid(listed);
            match two_byte {
                true => ExtensionBuilder::TwoByte { appbits: s.up_to(15), elements },
                false => ExtensionBuilder::OneByte(elements),
            }
        }
    };
    let most = if s.rarely() { 20 } else { 15 };
    let csrc = s.chunks(most);
    s.forbid(csrc.len() > 15);
    let padding = s.padding();
    let built = PacketBuilder {
        marker: s.any(),
        payload_type: PayloadType(s.up_to(127)),
        sequence_number: s.any(),
        timestamp: s.any(),
        ssrc: s.any(),
        csrc,
        extension,
        payload: s.bytes(40),
        padding: if padding.is_empty() { Padding::None } else { Padding::Bytes(padding) },
    };
    let allowed = !s.was_forbidden();
    let Some(bytes) = tried(&built, allowed) else { return };
    let packet = Packet::parse(&bytes).expect("what is written parses");
    let area = match extension {
        ExtensionBuilder::None => None,
        ExtensionBuilder::Raw { profile, data } => Some((profile.0, data.to_vec())),
        _ => {
            assert!(packet.elements().eq(elements.iter().copied()));
            packet.extension().map(|area| (area.profile().0, area.data().to_vec()))
        }
    };
    let model = Model {
        marker: built.marker,
        payload_type: built.payload_type.0,
        sequence_number: built.sequence_number,
        timestamp: built.timestamp,
        ssrc: built.ssrc,
        csrc: csrc.to_vec(),
        extension: area,
        payload: built.payload.to_vec(),
        padded: !padding.is_empty(),
        padding: padding.to_vec(),
    };
    model.check(&packet);
    assert_eq!(model.bytes(), bytes);
    show(&packet);
    writes(&PacketBuilder::from(packet), &bytes);
}

/// Values under the identifiers that a session bound them to.
fn extended(s: &mut Source<'_>) {
    let mut map = ExtensionMap::new();
    map.set_allow_mixed(s.any());
    let mut values = Vec::new();
    while !s.is_empty() && values.len() < 8 {
        let (uri, made) = rtp::value(s);
        let id = match s.any::<u8>() {
            id @ ..240 => 1 + id % 14,
            id => id,
        };
        let Some(data) = made.bytes else { continue };
        if map.bind(id, uri).is_ok() {
            values.push((uri, Element { id, data }));
        }
    }
    let number = TransportCc(s.any());
    let bound = map.id(mediawire::rtp::ext::Uri::TRANSPORT_CC);
    if let Some((_, element)) = values.iter_mut().find(|(_, element)| Some(element.id) == bound) {
        element.data = s.keep([0; 2]);
    }
    let elements: Vec<_> = values.iter().map(|(_, element)| *element).collect();
    let extension = match map.extension(&elements) {
        Ok(extension) => extension,
        Err(_) => return,
    };
    let built = PacketBuilder { extension, payload: &[1, 2, 3], ..Default::default() };
    let mut bytes = built.to_vec().expect("the map has chosen the form");
    let mut packet = PacketMut::parse(&mut bytes).expect("what is written parses");
    assert_eq!(map.set(&mut packet, &number).is_ok(), bound.is_some());
    let packet = Packet::parse(&bytes).expect("what is written parses");
    assert_eq!(map.get::<TransportCc>(&packet), Ok(bound.map(|_| number)));
    let named: Vec<_> = map.elements(&packet).collect();
    assert_eq!(named.len(), values.len());
    for (named, (uri, element)) in named.iter().zip(&values) {
        assert_eq!((named.uri, named.element.id), (Some(*uri), element.id));
        let value = AnyValue::parse(*uri, named.element.data).expect("known").expect("written so");
        show(&value);
        assert_eq!(value.to_vec().as_deref(), Ok(named.element.data));
        if Some(element.id) != bound {
            assert_eq!(named.element.data, element.data);
        }
    }
    let mut room = [0; 64];
    let mut list = ElementList::<4>::new(&map, &mut room);
    assert_eq!(list.push(&number).is_ok(), bound.is_some());
    let pushed = bound.map(|id| (id, number.0.to_be_bytes().to_vec()));
    let listed = list.elements().first().map(|element| (element.id, element.data.to_vec()));
    assert_eq!(listed, pushed);
}

/// Packets of one source; any one of them comes back out of the parity of all.
fn protected(s: &mut Source<'_>) {
    let ssrc = s.any();
    let mut sequence_number: u16 = s.any();
    let mut list = Vec::new();
    while !s.is_empty() && list.len() < 8 {
        let padding = s.padding();
        let built = PacketBuilder {
            marker: s.any(),
            payload_type: PayloadType(s.any::<u8>() & 0x7F),
            sequence_number,
            timestamp: s.any(),
            ssrc,
            csrc: s.chunks(3),
            extension: match s.any() {
                true => ExtensionBuilder::None,
                false => ExtensionBuilder::Raw { profile: Profile(s.any()), data: s.words(3) },
            },
            payload: s.bytes(60),
            padding: if padding.is_empty() { Padding::None } else { Padding::Bytes(padding) },
        };
        if s.was_forbidden() {
            continue;
        }
        list.push((sequence_number, built.to_vec().expect("it is allowed")));
        sequence_number = sequence_number.wrapping_add(1 + s.below(5) as u16);
    }
    if list.is_empty() {
        return;
    }
    let packets: Vec<&[u8]> = list.iter().map(|(_, packet)| &packet[..]).collect();
    let lost = s.below(list.len());
    let also = s.below(list.len());
    let received = |gone: &[usize], number: u16| {
        let place = list.iter().position(|(known, _)| *known == number)?;
        (!gone.contains(&place)).then(|| packets[place])
    };
    let whole = packets[lost];
    let mut out = vec![0; 400];

    let levels = [UlpFecProtectedLevel::whole(&packets)];
    let bytes = tried(&UlpFecProtection { levels: &levels }, true).expect("it is allowed");
    let fec = UlpFec::parse(&bytes).expect("what is written parses");
    show(&fec);
    assert!(fec.level_0().sequence_numbers().eq(list.iter().map(|(number, _)| *number)));
    let found =
        fec.recover(ssrc, |number| received(&[lost], number), &mut out).expect("one is lost");
    assert!(found.is_complete());
    assert_eq!((found.ssrc, found.sequence_number), (ssrc, list[lost].0));
    assert_eq!(out[..found.len], *whole);
    let none = fec.recover(ssrc, |number| received(&[], number), &mut out);
    assert_eq!(none, Err(RecoveryError::NothingLost));
    if lost != also {
        let two = fec.recover(ssrc, |number| received(&[lost, also], number), &mut out);
        assert_eq!(two, Err(RecoveryError::TooManyLost));
    }
    let (need, have) = (whole.len(), s.below(whole.len()));
    let short = fec.recover(ssrc, |number| received(&[lost], number), &mut vec![0; have]);
    assert_eq!(short, Err(RecoveryError::BufferTooSmall { need, have }));

    let other = PacketBuilder { ssrc: !ssrc, payload: s.bytes(40), ..Default::default() };
    let other = other.to_vec().expect("it is allowed");
    let others = [&other[..]];
    let streams = [
        FlexFecStream { packets: &packets, columns_and_rows: None },
        FlexFecStream { packets: &others, columns_and_rows: None },
    ];
    let protection = FlexFecProtection { streams: &streams[..1 + s.below(2)] };
    let bytes = tried(&protection, true).expect("it is allowed");
    let csrc: Vec<_> = protection.csrc().map(u32::to_be_bytes).collect();
    let Ok(FlexFec::Repair(fec)) = FlexFec::parse(&bytes, &csrc) else { panic!("{bytes:02x?}") };
    show(&fec);
    let find = |gone: &[usize], from: u32, number: u16| match from == ssrc {
        true => received(gone, number),
        false => Some(&other[..]),
    };
    let found =
        fec.recover(|from, number| find(&[lost], from, number), &mut out).expect("one is lost");
    assert_eq!((found.ssrc, found.sequence_number), (ssrc, list[lost].0));
    assert_eq!(out[..found.len], *whole);
    let none = fec.recover(|from, number| find(&[], from, number), &mut out);
    assert_eq!(none, Err(RecoveryError::NothingLost));
}
