//! What rides in an RTP packet: the first byte chooses how the rest is read, as a payload of some codec or as a format of
//! RTP's own. Everything is shown, and written again byte for byte; parity brings back what was lost.
#![no_main]

use std::collections::HashMap;

use libfuzzer_sys::fuzz_target;
use mediawire::Encode;
use mediawire::rtp::payload::{Codec, Payload, av1, h264, h265, opus, vp8, vp9};
use mediawire::rtp::{
    ComfortNoise, ComfortNoiseBuilder, FlexFec, FlexFecProtection, FlexFecRepairBuilder,
    FlexFecStream, Packet, PacketBuilder, PayloadType, Red, RedBuilder, Rtx, RtxBuilder,
    RtxPacketBuilder, TelephoneEvent, TelephoneEvents, TelephoneEventsBuilder, TelephonyEvent,
    Tone, ToneBuilder, UlpFec, UlpFecBuilder, UlpFecProtectedLevel, UlpFecProtection,
};
use mediawire_fuzz::{again, call, debug, end, fault, line, show, text, writes, written};

const CODECS: [Codec; 6] =
    [Codec::H264, Codec::H265, Codec::Vp8, Codec::Vp9, Codec::Av1, Codec::Opus];

/// More protected packets than these are not made up.
const PROTECTED: usize = 200;

fuzz_target!(|input: &[u8]| {
    let Some((&choice, data)) = input.split_first() else { return };
    let choice = usize::from(choice);
    if let Some(&codec) = CODECS.get(choice) {
        match Payload::parse(codec, data) {
            Ok(payload) => {
                assert_eq!(payload.codec(), codec);
                check(&payload, data);
            }
            Err(error) => fault(&error, data.len()),
        }
        return;
    }
    match choice - CODECS.len() {
        0 => rtx(data),
        1 => {
            if let Some(red) = again!(data, Red, RedBuilder) {
                writes(&RedBuilder::from(red), data);
                end(red.redundant(), data.len() / 4);
                let rest: usize = red.redundant().map(|block| block.payload.len()).sum();
                assert_eq!(red.header_len() + rest + red.payload().len(), data.len());
                red.redundant().for_each(|block| text(&block));
            }
        }
        2 => ulpfec(data),
        3 => flexfec(data),
        4 => {
            if let Some(events) = again!(data, TelephoneEvents, TelephoneEventsBuilder) {
                end(events.events(), data.len() / 4);
                assert_eq!(events.events().next(), Some(events.first()));
                for event in events.events() {
                    show(&event);
                    if let Ok(bytes) = event.to_bytes() {
                        assert_eq!(TelephoneEvent::from_bytes(bytes), event);
                    }
                    call!(event.event; rfc2833_name);
                    if let Some(key) = event.event.key() {
                        assert_eq!(TelephonyEvent::from_key(key), Some(event.event));
                    }
                }
            }
        }
        5 => {
            if let Some(noise) = again!(data, ComfortNoise, ComfortNoiseBuilder) {
                writes(&ComfortNoiseBuilder::from(noise), data);
                assert_eq!(end(noise.reflection_coefficients(), data.len()), data.len() - 1);
            }
        }
        6 => {
            if let Some(tone) = again!(data, Tone, ToneBuilder) {
                end(tone.frequencies(), data.len() / 2);
            }
        }
        7 => match h265::Payload::parse_with_don(data) {
            Ok(payload) => h265(&payload, data),
            Err(error) => fault(&error, data.len()),
        },
        8 => match vp9::ScalabilityStructure::parse(data) {
            Ok(structure) => scalability(&structure, data),
            Err(error) => fault(&error, data.len()),
        },
        9 => both_ways(data),
        _ => {}
    }
});

fn check(payload: &Payload<'_>, data: &[u8]) {
    show(payload);
    call!(payload; starts_frame, ends_frame, starts_key_frame, layer_ids);
    match payload {
        Payload::H264(payload) => h264(payload, data),
        Payload::H265(payload) => h265(payload, data),
        Payload::Vp8(descriptor) => vp8(descriptor, data),
        Payload::Vp9(descriptor) => vp9(descriptor, data),
        Payload::Av1(payload) => av1(payload, data),
        Payload::Opus(packet) => opus(packet, data),
        other => panic!("{other} is not looked at"),
    }
}

/// Asserts that a header's builder, if the standard allows what it says, writes the header that `payload` follows.
fn headed(builder: &impl Encode, payload: &[u8], data: &[u8]) {
    if let Some(header) = written(builder) {
        assert_eq!([&header[..], payload].concat(), data);
    }
}

/// The same of a builder of the whole payload.
fn whole(builder: &impl Encode, data: &[u8]) {
    headed(builder, &[], data);
}

fn h264(payload: &h264::Payload<'_>, data: &[u8]) {
    call!(payload; nal_unit_type, starts_frame, starts_key_frame);
    line(&payload.nal_unit_type());
    let header = |header: h264::NalHeader| {
        let again =
            h264::NalHeader::new(header.is_forbidden(), header.nri(), header.nal_unit_type());
        assert_eq!(again, Some(header));
    };
    match payload {
        h264::Payload::Single(unit) => {
            assert_eq!(unit.as_bytes(), data);
            header(unit.header());
            call!(unit; nal_unit_type, starts_frame, starts_key_frame);
        }
        h264::Payload::Aggregation(aggregation) => {
            whole(&h264::AggregationBuilder::from(*aggregation), data);
            header(aggregation.header());
            end(aggregation.units(), data.len());
            assert!(aggregation.units_bytes().len() < data.len());
            call!(aggregation; starts_frame, starts_key_frame, don, nal_unit_type);
            for unit in aggregation.units() {
                debug(&unit);
                header(unit.nal.header());
                assert_eq!(h264::NalUnit::new(unit.nal.as_bytes()), Some(unit.nal));
                call!(unit.nal; starts_frame, starts_key_frame);
            }
            // One by one.
            let units: Vec<_> = aggregation.units().collect();
            let list = h264::UnitsBuilder::List(&units);
            let builder = h264::AggregationBuilder {
                units: list,
                ..h264::AggregationBuilder::from(*aggregation)
            };
            whole(&builder, data);
        }
        h264::Payload::Fragment(fragment) => {
            headed(&h264::FragmentBuilder::from(*fragment), fragment.payload(), data);
            header(fragment.indicator());
            header(fragment.nal_header());
            call!(fragment; reserved_bit, starts_frame, starts_key_frame);
        }
        other => panic!("{other} is not looked at"),
    }
}

fn h265(payload: &h265::Payload<'_>, data: &[u8]) {
    show(payload);
    call!(payload; starts_frame, starts_key_frame);
    let header = payload.header();
    call!(header; is_forbidden, temporal_id, temporal_id_plus1);
    line(&header.nal_unit_type());
    if let Some(again) =
        h265::NalHeader::new(header.nal_unit_type(), header.layer_id(), header.temporal_id())
        && !header.is_forbidden()
        && header.temporal_id_plus1() > 0
    {
        assert_eq!(again, header);
    }
    match payload {
        h265::Payload::Single(unit) => {
            whole(unit, data);
            call!(unit; nal_unit_type, starts_frame, starts_key_frame);
            assert!(unit.size() <= data.len());
        }
        h265::Payload::Aggregation(aggregation) => {
            whole(&h265::AggregationBuilder::from(*aggregation), data);
            end(aggregation.units(), data.len());
            assert!(aggregation.units_bytes().len() < data.len());
            call!(aggregation; starts_frame, starts_key_frame);
            for unit in aggregation.units() {
                debug(&unit);
                call!(unit; starts_frame, starts_key_frame, size);
            }
            let units: Vec<_> = aggregation.units().collect();
            let list = h265::UnitsBuilder::List(&units);
            let builder = h265::AggregationBuilder {
                units: list,
                ..h265::AggregationBuilder::from(*aggregation)
            };
            whole(&builder, data);
        }
        h265::Payload::Fragment(fragment) => {
            headed(&h265::FragmentBuilder::from(*fragment), fragment.payload(), data);
            call!(fragment; nal_header, starts_frame, starts_key_frame);
        }
        h265::Payload::Paci(paci) => {
            whole(paci, data);
            call!(paci; f0, reserved, phes, tsci, content_header, content_type, starts_frame, starts_key_frame);
        }
        other => panic!("{other} is not looked at"),
    }
}

fn vp8(descriptor: &vp8::Descriptor<'_>, data: &[u8]) {
    headed(&vp8::DescriptorBuilder::from(*descriptor), descriptor.payload(), data);
    call!(descriptor; starts_frame, starts_key_frame);
    if let Some(header) = descriptor.frame_header() {
        debug(&header);
        call!(header; has_start_code, dimensions, scaling);
    }
    if let Some(id) = descriptor.picture_id() {
        assert_eq!(id.wrapping_add(1).wrapping_sub(id), 1);
        assert_eq!(id.with_value(id.max()).wrapping_add(1), id.with_value(0));
    }
    let mut copy = data.to_vec();
    let mut editor = vp8::DescriptorMut::parse(&mut copy).expect("it parsed before");
    let id = descriptor.picture_id().map(|id| id.value());
    assert_eq!(editor.set_picture_id(id.unwrap_or(1)).is_ok(), id.is_some());
    let tl0 = descriptor.tl0picidx();
    assert_eq!(editor.set_tl0picidx(tl0.unwrap_or(1)).is_ok(), tl0.is_some());
    let key = descriptor.keyidx();
    assert_eq!(editor.set_keyidx(key.unwrap_or(1)).is_ok(), key.is_some());
    assert_eq!(editor.as_descriptor(), *descriptor);
    for value in [0, 0x7F, 0x7FFF] {
        // Of the value as many bits as it has.
        if editor.set_picture_id(value).is_ok() {
            let id = editor.as_descriptor().picture_id().expect("it has one");
            assert_eq!(id.value(), value & id.max());
        }
    }
}

fn vp9(descriptor: &vp9::Descriptor<'_>, data: &[u8]) {
    headed(&vp9::DescriptorBuilder::from(*descriptor), descriptor.payload(), data);
    end(descriptor.p_diffs(), 3);
    call!(descriptor; starts_frame, ends_frame, starts_key_frame);
    if let Some(layer) = descriptor.layer_indices() {
        debug(&layer);
    }
    if let Some(structure) = descriptor.scalability_structure() {
        let bytes = structure.to_vec().expect("as it was read");
        scalability(&structure, &bytes);
    }
    let mut copy = data.to_vec();
    let mut editor = vp9::DescriptorMut::parse(&mut copy).expect("it parsed before");
    let id = descriptor.picture_id().map(|id| id.value());
    assert_eq!(editor.set_picture_id(id.unwrap_or(1)).is_ok(), id.is_some());
    let tl0 = descriptor.tl0picidx();
    assert_eq!(editor.set_tl0picidx(tl0.unwrap_or(1)).is_ok(), tl0.is_some());
    assert_eq!(editor.as_descriptor(), *descriptor);
}

fn scalability(structure: &vp9::ScalabilityStructure<'_>, data: &[u8]) {
    debug(structure);
    let bytes = written(structure).expect("as it was read");
    assert!(data.starts_with(&bytes));
    assert_eq!(vp9::ScalabilityStructure::parse(&bytes).as_ref(), Ok(structure));
    end(structure.resolutions(), 8);
    assert_eq!(end(structure.pictures(), 255), usize::from(structure.picture_count()));
    call!(structure; spatial_layer_count, has_picture_group);
    for picture in structure.pictures() {
        debug(&picture);
        call!(picture; tid, switching_up_point, references);
    }
}

fn av1(payload: &av1::Payload<'_>, data: &[u8]) {
    whole(&av1::PayloadBuilder::from(*payload), data);
    end(payload.elements(), data.len());
    call!(payload; elements_bytes, starts_frame, starts_key_frame, layer_ids, reserved, w);
    for element in payload.elements() {
        debug(&element);
        if let Some(header) = element.header() {
            debug(&header);
            call!(header; is_forbidden, obu_type, has_size_field, temporal_id, spatial_id);
        }
    }
}

fn opus(packet: &opus::Packet<'_>, data: &[u8]) {
    whole(&opus::PacketBuilder::from(*packet), data);
    assert_eq!(end(packet.frames(), 48), usize::from(packet.frame_count()));
    let toc = packet.toc();
    assert_eq!(opus::Toc::new(toc.config(), toc.is_stereo(), toc.code()), Some(toc));
    call!(toc; channels, mode, bandwidth, frame_samples, frame_duration);
    call!(packet; samples, duration, is_variable, padding_len);
    let frames: usize = packet.frames().map(<[u8]>::len).sum();
    assert!(frames + packet.padding_len() < data.len());
}

fn rtx(data: &[u8]) {
    let Some(rtx) = again!(data, Rtx, RtxBuilder) else { return };
    writes(&RtxBuilder::from(rtx), data);
    // The same in a packet: what was sent again, and that sent again once more.
    let sent = PacketBuilder { ssrc: 2, sequence_number: 9, payload: data, ..Default::default() };
    let bytes = sent.to_vec().expect("a packet");
    let packet = Packet::parse(&bytes).expect("what is written parses");
    let original = rtx.original(&packet, PayloadType(96), 1).to_vec().expect("a packet");
    let original = Packet::parse(&original).expect("what is written parses");
    assert_eq!(original.sequence_number(), rtx.original_sequence_number());
    assert_eq!(original.payload(), rtx.payload());
    let again =
        RtxPacketBuilder { original, payload_type: PayloadType(0), sequence_number: 9, ssrc: 2 };
    writes(&again, &bytes);
}

fn ulpfec(data: &[u8]) {
    let Some(fec) = again!(data, UlpFec, UlpFecBuilder) else { return };
    writes(&UlpFecBuilder::from(fec), data);
    end(fec.levels(), data.len());
    assert_eq!(fec.levels().next(), Some(fec.level_0()));
    for level in fec.levels() {
        text(&level);
        assert_eq!(end(level.sequence_numbers(), 48), level.mask().count_ones() as usize);
    }
    let numbers: Vec<u16> = fec.level_0().sequence_numbers().collect();
    let packets: HashMap<_, _> =
        numbers.iter().map(|&number| (number, protected(7, number))).collect();
    let mut out = [0; 2000];
    for lost in numbers.first().iter().chain(&numbers.last()) {
        let known =
            |number| packets.get(&number).filter(|_| number != **lost).map(|packet| &packet[..]);
        match fec.recover(7, known, &mut out) {
            Ok(recovered) => {
                call!(recovered; is_complete);
                assert_eq!((recovered.ssrc, recovered.sequence_number), (7, **lost));
                assert!(recovered.recovered_len <= recovered.len && recovered.len <= out.len());
            }
            Err(error) => text(&error),
        }
    }
    let all = |number| packets.get(&number).map(|packet| &packet[..]);
    assert!(fec.recover(7, all, &mut out).is_err());
    let _ = fec.level_0().recover(numbers.first().copied().unwrap_or(0), all, &mut out);
}

fn flexfec(data: &[u8]) {
    let csrc = [[0, 0, 0, 1], [0, 0, 0, 2]];
    let fec = match FlexFec::parse(data, &csrc) {
        Ok(fec) => fec,
        Err(error) => return fault(&error, data.len()),
    };
    let FlexFec::Repair(repair) = fec else { return show(&fec) };
    writes(&FlexFecRepairBuilder::from(repair), data);
    assert_eq!(end(repair.sources(), 2), 2);
    let mut packets = HashMap::new();
    for source in repair.sources() {
        for number in source.sequence_numbers().take(PROTECTED + 1) {
            packets.insert((source.ssrc, number), protected(source.ssrc, number));
        }
    }
    // Rows and columns of 255 are 65,025 packets.
    if packets.len() > PROTECTED {
        return line(&fec);
    }
    show(&fec);
    repair.sources().for_each(|source| {
        end(source.sequence_numbers(), PROTECTED + 1);
        debug(&source);
    });
    let mut out = [0; 2000];
    let lost = packets.keys().min().copied();
    let known = |ssrc, number| {
        packets
            .get(&(ssrc, number))
            .filter(|_| Some((ssrc, number)) != lost)
            .map(|packet| &packet[..])
    };
    match repair.recover(known, &mut out) {
        Ok(recovered) => {
            assert_eq!(Some((recovered.ssrc, recovered.sequence_number)), lost);
            assert!(recovered.recovered_len <= recovered.len && recovered.len <= out.len());
        }
        Err(error) => text(&error),
    }
}

/// A packet of this source and number.
fn protected(ssrc: u32, sequence_number: u16) -> Vec<u8> {
    let payload = &[1, 2, 3, 4, 5, 6, 7, 8][..usize::from(sequence_number % 9).min(8)];
    PacketBuilder { ssrc, sequence_number, payload, ..Default::default() }
        .to_vec()
        .expect("a packet")
}

/// Packets cut out of the data, protected; any of them is recovered from the others. The first byte says which is lost,
/// and how long they are.
fn both_ways(data: &[u8]) {
    let Some((&first, data)) = data.split_first() else { return };
    let packets: Vec<Vec<u8>> = data
        .chunks(usize::from(first & 31) + 1)
        .take(16)
        .zip((0xFFF8_u16..=0xFFFF).chain(0..))
        .map(|(payload, number)| {
            let (marker, timestamp) = (payload.len() % 2 == 0, u32::from(payload[0]) << 20);
            let sequence_number = number;
            PacketBuilder {
                ssrc: 7,
                sequence_number,
                marker,
                timestamp,
                payload,
                ..Default::default()
            }
            .to_vec()
            .expect("a packet")
        })
        .collect();
    let Some(lost) = usize::from(first >> 5).checked_rem(packets.len()) else { return };
    let list: Vec<&[u8]> = packets.iter().map(|packet| &packet[..]).collect();
    let find = |number: u16| {
        let known = list.iter().enumerate().filter(|&(index, _)| index != lost);
        known.map(|(_, packet)| *packet).find(|packet| packet[2..4] == number.to_be_bytes())
    };
    let mut out = [0; 100];

    let levels = [UlpFecProtectedLevel::whole(&list)];
    let bytes = written(&UlpFecProtection { levels: &levels }).expect("few packets of one source");
    let fec = UlpFec::parse(&bytes).expect("what is written parses");
    let recovered = fec.recover(7, find, &mut out).expect("one is lost");
    assert!(recovered.is_complete());
    assert_eq!(out[..recovered.len], packets[lost]);

    let streams = [FlexFecStream { packets: &list, columns_and_rows: None }];
    let protection = FlexFecProtection { streams: &streams };
    let bytes = written(&protection).expect("few packets of one source");
    let csrc: Vec<_> = protection.csrc().map(u32::to_be_bytes).collect();
    let Ok(FlexFec::Repair(repair)) = FlexFec::parse(&bytes, &csrc) else { panic!("it is one") };
    let recovered = repair.recover(|_, number| find(number), &mut out).expect("one is lost");
    assert_eq!(out[..recovered.len], packets[lost]);
}
