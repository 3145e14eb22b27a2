//! Header extensions: a profile, what ids are bound to, and the elements' area, which a packet is put around. Every value
//! is read by its type and as any, shown, written in place and into a new packet. Dependency descriptors keep their
//! structure from one element to the next.
//!
//! `profile (2 bytes) | pairs (0 to 15) and flags | id, URI by its number ... | area`
#![no_main]

use libfuzzer_sys::fuzz_target;
use mediawire::ntp::NtpTime;
use mediawire::rtp::ext::*;
use mediawire::rtp::{
    Element, Extension, ExtensionBuilder, Packet, PacketBuilder, PacketMut, Profile,
};
use mediawire::{BuildError, Encode};
use mediawire_fuzz::{call, debug, end, fault, json, line, show, writes, written};

const MIXED: u8 = 0x80;
/// Bit 7 of a URI's number: it is encrypted.
const ENCRYPTED: u8 = 0x80;

fuzz_target!(|input: &[u8]| {
    let Some((&[high, low, counts], rest)) = input.split_first_chunk() else { return };
    let pairs = 2 * usize::from(counts & 15);
    let (Some(bound), Some(area)) = (rest.get(..pairs), rest.get(pairs..)) else { return };
    let map = map(bound.as_chunks().0, counts & MIXED != 0);

    // An RTP packet with the area, and 4 bytes of payload.
    let mut area = area[..area.len().min(1200)].to_vec();
    area.resize(area.len().next_multiple_of(4), 0);
    let words = u16::try_from(area.len() / 4).expect("short").to_be_bytes();
    let head = [0x90, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, high, low, words[0], words[1]];
    let bytes = [&head[..], &area, &[1, 2, 3, 4]].concat();
    let packet = Packet::parse(&bytes).expect("a packet");
    let extension = packet.extension().expect("it has one");
    header(&packet, &extension);

    let count = end(packet.elements(), area.len() / 2 + 1);
    assert_eq!(end(map.elements(&packet), count), count);
    let mut kept = None;
    for named in map.elements(&packet) {
        let Element { id, data } = named.element;
        debug(&named);
        json(&named);
        json(&named.element);
        assert_eq!((named.uri, named.encrypted), (map.uri(id), map.is_encrypted(id)));
        match named.value() {
            Some(Ok(value)) => check(&value, data, &mut kept),
            Some(Err(error)) => fault(&error, data.len()),
            None => assert!(
                named.encrypted || named.uri.is_none_or(|uri| AnyValue::parse(uri, data).is_none())
            ),
        }
    }
    match packet.elements().finish() {
        Ok(()) => {}
        Err(error) => fault(&error, packet.header_len()),
    }
    typed(&map, &packet);
    anew(&map, &packet);
});

/// The map, bound and partly unbound again.
fn map(pairs: &[[u8; 2]], mixed: bool) -> ExtensionMap {
    let mut map = ExtensionMap::new();
    map.set_allow_mixed(mixed);
    assert_eq!(map.allow_mixed(), mixed);
    for &[id, number] in pairs {
        let uri = Uri::ALL.get(usize::from(number & !ENCRYPTED)).copied();
        let text = uri.map_or("urn:of:nobody", Uri::as_str);
        let encrypted = number & ENCRYPTED != 0;
        let extmap =
            Extmap { id: id.into(), encrypted, uri: text, direction: None, attributes: "" };
        // The URI that says "encrypted" is followed by another.
        if uri != Some(Uri::ENCRYPT) {
            assert_eq!(Extmap::parse(&extmap.to_string()), Ok(extmap));
        }
        let bound = match uri {
            Some(uri) if !encrypted => map.bind(id, uri),
            _ => map.bind_extmap(&extmap),
        };
        match bound {
            Ok(()) => {
                assert!(
                    map.is_bound(id) && map.uri(id) == uri && map.is_encrypted(id) == encrypted
                );
                if let Some(uri) = uri {
                    assert_eq!(
                        if encrypted { map.encrypted_id(uri) } else { map.id(uri) },
                        Some(id)
                    );
                }
                line(&map.direction(id).as_str());
            }
            Err(error) => {
                line(&error);
                // Both are free for the next pair.
                map.unbind(id);
                assert!(!map.is_bound(id) && map.uri(id).is_none() && !map.is_encrypted(id));
            }
        }
    }
    debug(&map);
    end(map.iter(), 255);
    map
}

/// The extension of a packet as such.
fn header(packet: &Packet<'_>, extension: &Extension<'_>) {
    show(packet);
    debug(extension);
    let profile = extension.profile();
    line(&profile);
    call!(profile; form, is_cryptex, appbits);
    assert_eq!(profile.appbits().and_then(Profile::two_byte), profile.appbits().map(|_| profile));
    assert_eq!(4 * usize::from(extension.length()), extension.data().len());
    assert!(extension.elements().eq(packet.elements()));
    for Element { id, .. } in packet.elements() {
        let first = packet.elements().find(|element| element.id == id).map(|element| element.data);
        assert_eq!((packet.element(id), extension.get(id)), (first, first));
    }
    let builder = ExtensionBuilder::from(*extension);
    debug(&builder);
    assert_eq!(builder.encoded_len(), 4 + extension.data().len());
    writes(&PacketBuilder::from(*packet), &[&packet_bytes(packet)[..]].concat());
}

/// The bytes of a packet: its builder's.
fn packet_bytes(packet: &Packet<'_>) -> Vec<u8> {
    PacketBuilder::from(*packet).to_vec().expect("it was read")
}

/// A value: shown, every accessor called, written byte for byte.
fn check(value: &AnyValue<'_>, data: &[u8], kept: &mut Option<TemplateStructure>) {
    show(value);
    // A stream's name may have been read that the standard forbids to write.
    if let Some(bytes) = written(value) {
        assert_eq!(bytes, data);
    }
    let read = AnyValue::parse(value.uri(), data).expect("a value of its own");
    assert_eq!(read.as_ref(), Ok(value));
    let reference = NtpTime::new(0xEA00_0000, 0x8000_0000);
    match value {
        AnyValue::AbsSendTime(time) => {
            call!(time; duration);
            let time = AbsSendTime(time.0 & 0xFF_FFFF);
            assert_eq!(AbsSendTime::from_ntp(time.to_ntp(reference)), time);
        }
        AnyValue::AbsCaptureTime(time) => {
            call!(time; sender_time, clock_offset_nanos);
        }
        AnyValue::Ntp56(time) => assert_eq!(Ntp56::from_ntp(time.to_ntp(reference)), *time),
        AnyValue::SplicingInterval(interval) => {
            let again = SplicingInterval::new(interval.out_ntp(), interval.in_ntp);
            assert_eq!(again, *interval);
        }
        AnyValue::CorruptionDetection(detection) => {
            if let Some(samples) = detection.samples {
                call!(samples; standard_deviation);
            }
        }
        AnyValue::TransmissionOffset(offset) => {
            let _ = (offset.micros(0), offset.micros(1), offset.micros(u32::MAX));
        }
        AnyValue::VideoOrientation6(orientation) => {
            call!(orientation; degrees_64ths);
        }
        AnyValue::VideoTiming(timing) => {
            call!(timing; triggered_by_timer, triggered_by_size);
        }
        AnyValue::VideoLayersAllocation(allocation) => {
            assert_eq!(allocation.is_empty(), allocation.layers().len() == 0);
            let active = (0..=u8::MAX).map(|stream| allocation.active_spatial_layers(stream));
            let active: u32 = active.map(u8::count_ones).sum();
            assert_eq!(end(allocation.layers(), 16), active as usize);
            for layer in allocation.layers() {
                debug(&layer);
                json(&layer);
                assert_eq!(layer.bitrates().len(), usize::from(layer.temporal_layers));
            }
            allocation_again(allocation);
        }
        AnyValue::GenericFrameDescriptor(descriptor) => {
            end(descriptor.frame_diffs(), data.len());
            descriptor_again(descriptor, data);
        }
        AnyValue::DependencyDescriptor(descriptor) => dependencies(descriptor, data, kept),
        _ => {}
    }
}

/// The same layers, written by the builder.
fn allocation_again(allocation: &VideoLayersAllocation<'_>) {
    let layers: Vec<_> = allocation.layers().collect();
    let builder = VideoLayersAllocationBuilder {
        rtp_stream_index: allocation.rtp_stream_index(),
        rtp_streams: allocation.rtp_streams(),
        layers: &layers,
    };
    if let Some(bytes) = written(&builder) {
        let read = VideoLayersAllocation::parse(&bytes).expect("what is written parses");
        assert!(read.layers().eq(allocation.layers()), "{read:?} {allocation:?}");
    }
}

/// The same fields, written by the builder.
fn descriptor_again(descriptor: &GenericFrameDescriptor<'_>, data: &[u8]) {
    let diffs: Vec<u16> = descriptor.frame_diffs().collect();
    let start = descriptor.frame_id().map(|frame_id| GenericFrameStart {
        temporal_layer: descriptor.temporal_layer(),
        spatial_layers: descriptor.spatial_layers().expect("as the frame's id"),
        frame_id,
        resolution: descriptor.resolution(),
        frame_diffs: &diffs,
    });
    let builder = GenericFrameDescriptorBuilder {
        last_packet: descriptor.last_packet(),
        first_sub_frame: descriptor.first_sub_frame(),
        last_sub_frame: descriptor.last_sub_frame(),
        start,
    };
    if let Some(bytes) = written(&builder) {
        assert!(bytes.len() <= data.len());
        let read = GenericFrameDescriptor::parse(&bytes).expect("what is written parses");
        assert!(read.frame_diffs().eq(descriptor.frame_diffs()));
        assert_eq!(read.frame_id(), descriptor.frame_id());
        assert_eq!(read.resolution(), descriptor.resolution());
    }
}

/// With the structure of this descriptor or of one before it.
fn dependencies(
    descriptor: &DependencyDescriptor<'_>,
    data: &[u8],
    kept: &mut Option<TemplateStructure>,
) {
    assert_eq!(descriptor.as_bytes(), data);
    match descriptor.structure() {
        Ok(structure) => {
            assert_eq!(structure.is_some(), descriptor.has_structure());
            if let Some(structure) = structure {
                check_structure(&structure);
                // With an older structure, or none, it is read by that.
                let before = kept.as_ref().map(|kept| descriptor.frame(kept).is_ok());
                debug(&before);
            }
        }
        Err(error) => fault(&error, data.len()),
    }
    let frame = match descriptor.read(kept) {
        Ok(frame) => frame,
        Err(error) => return fault(&error, data.len()),
    };
    line(&frame);
    debug(&frame);
    json(&frame);
    let structure = frame.structure();
    call!(frame; descriptor, spatial_id, temporal_id, active_decode_targets, resolution);
    assert_eq!(end(frame.dtis(), 32), usize::from(structure.decode_targets()));
    assert_eq!(end(frame.chain_fdiffs(), 32), usize::from(structure.chains()));
    let fdiffs: Vec<u16> = frame.fdiffs().collect();
    end(frame.fdiffs(), data.len() * 8);
    assert!(fdiffs.iter().all(|diff| (1..=4096).contains(diff)));
    assert!(structure.template(descriptor.template_id()).is_some());
    // With a structure that is there already, the same.
    let again = descriptor.frame(structure).expect("as before");
    assert!(again.fdiffs().eq(frame.fdiffs()) && again.dtis().eq(frame.dtis()));

    // Written anew, by the fields.
    let dtis: Vec<Dti> = frame.dtis().collect();
    let chains: Vec<u8> = frame.chain_fdiffs().collect();
    let plain = DependencyDescriptorBuilder::new(
        structure,
        descriptor.template_id(),
        descriptor.frame_number(),
    );
    let builder = DependencyDescriptorBuilder {
        start_of_frame: descriptor.start_of_frame(),
        end_of_frame: descriptor.end_of_frame(),
        attach_structure: descriptor.has_structure(),
        active_decode_targets: frame.active_decode_targets(),
        dtis: descriptor.has_custom_dtis().then_some(&dtis),
        fdiffs: descriptor.has_custom_fdiffs().then_some(&fdiffs),
        chain_fdiffs: descriptor.has_custom_chains().then_some(&chains),
        ..plain
    };
    for builder in [plain, builder] {
        let Some(bytes) = written(&builder) else { continue };
        let read = DependencyDescriptor::parse(&bytes).expect("what is written parses");
        let read = read.frame(structure).expect("what is written parses");
        assert_eq!(
            (read.spatial_id(), read.temporal_id()),
            (frame.spatial_id(), frame.temporal_id())
        );
        if builder.fdiffs.is_some() == descriptor.has_custom_fdiffs()
            && builder.dtis.is_some() == descriptor.has_custom_dtis()
            && builder.chain_fdiffs.is_some() == descriptor.has_custom_chains()
        {
            assert!(read.fdiffs().eq(frame.fdiffs()) && read.dtis().eq(frame.dtis()));
            assert!(read.chain_fdiffs().eq(frame.chain_fdiffs()));
        }
    }
}

/// A structure: every template, target and layer; and built anew the same.
fn check_structure(structure: &TemplateStructure) {
    debug(structure);
    json(structure);
    let targets = structure.decode_targets();
    assert_eq!(structure.all_decode_targets().count_ones(), u32::from(targets));
    for target in [0, targets - 1, targets, u8::MAX] {
        assert_eq!(structure.decode_target_layer(target).is_some(), target < targets);
        assert_eq!(
            structure.protected_by(target).is_some(),
            structure.chains() > 0 && target < targets
        );
    }
    let highest = structure.max_spatial_id();
    let _ = (structure.resolution(highest), structure.resolution(u8::MAX));
    let templates: Vec<_> = structure.templates().collect();
    assert_eq!(end(structure.templates(), 64), templates.len());
    let lists: Vec<(Vec<Dti>, Vec<u8>, Vec<u8>)> = templates
        .iter()
        .map(|template| {
            debug(template);
            json(template);
            (
                template.dtis().collect(),
                template.fdiffs().collect(),
                template.chain_fdiffs().collect(),
            )
        })
        .collect();
    for (index, template) in templates.iter().enumerate() {
        let id = structure.template_id_offset() as usize + index;
        let found = structure.template(id as u8 & 63).expect("it is there");
        assert_eq!(found.spatial_id(), template.spatial_id());
        assert_eq!(found.temporal_id(), template.temporal_id());
    }
    let templates: Vec<_> = templates
        .iter()
        .zip(&lists)
        .map(|(template, (dtis, fdiffs, chain_fdiffs))| TemplateBuilder {
            spatial_id: template.spatial_id(),
            temporal_id: template.temporal_id(),
            dtis,
            fdiffs,
            chain_fdiffs,
        })
        .collect();
    let protected_by: Vec<u8> =
        (0..targets).filter_map(|target| structure.protected_by(target)).collect();
    let resolutions: Vec<_> =
        (0..=highest).filter_map(|layer| structure.resolution(layer)).collect();
    let builder = TemplateStructureBuilder {
        template_id_offset: structure.template_id_offset(),
        decode_targets: targets,
        chains: structure.chains(),
        protected_by: &protected_by,
        templates: &templates,
        resolutions: &resolutions,
    };
    // What no structure may have is read nevertheless: more chains than targets, a chain that is none.
    if let Ok(built) = builder.build() {
        assert_eq!(&built, structure);
    }
}

/// Each type by the map, written back in place: nothing changes.
fn typed(map: &ExtensionMap, packet: &Packet<'_>) {
    let bytes = packet_bytes(packet);
    macro_rules! each {
        ($($Type:ident),+ $(,)?) => {$(
            let _ = map.get_decrypted::<$Type>(packet);
            match map.get::<$Type>(packet) {
                Ok(Some(value)) => {
                    let mut copy = bytes.clone();
                    let mut editor = PacketMut::parse(&mut copy).expect("it parsed before");
                    // Refused or not.
                    let _ = map.set(&mut editor, &value);
                    assert_eq!(copy, bytes);
                }
                Ok(None) => {}
                Err(error) => fault(&error, packet.header_len()),
            }
        )+};
    }
    each!(
        TransmissionOffset,
        SmpteTimeCode,
        Ntp64,
        Ntp56,
        AudioLevel,
        CsrcAudioLevels,
        VideoOrientation,
        VideoOrientation6,
        RoiSent,
        PredefinedRoiSent,
        SplicingInterval,
        FrameMarking,
        Cname,
        Mid,
        RtpStreamId,
        RepairedRtpStreamId,
        CaptureId,
        AbsSendTime,
        AbsCaptureTime,
        TransportCc,
        TransportCc02,
        PlayoutDelay,
        VideoContentType,
        VideoTiming,
        ColorSpace,
        VideoLayersAllocation,
        DependencyDescriptor,
        GenericFrameDescriptor,
        InbandComfortNoise,
        VideoFrameTrackingId,
        CorruptionDetection,
    );
}

/// The elements in a new packet, in the form that the map says; values that the list takes are the same there.
fn anew(map: &ExtensionMap, packet: &Packet<'_>) {
    let elements: Vec<_> = packet.elements().collect();
    if let Ok(extension) = map.extension(&elements) {
        let form = map.form(&elements).expect("it was just used");
        assert!(map.allow_mixed() || form == map.stream_form());
        let builder = PacketBuilder { extension, ..PacketBuilder::from(*packet) };
        // Too long in the other form.
        let Ok(bytes) = builder.to_vec() else { return };
        let read = Packet::parse(&bytes).expect("what is written parses");
        assert!(read.elements().eq(packet.elements()));
        assert_eq!(read.elements().finish(), Ok(()));
    }
    let mut room = [0; 512];
    let mut list = ElementList::<4>::new(map, &mut room);
    let mut pushed = 0;
    for named in map.elements(packet) {
        let Some(Ok(value)) = named.value() else { continue };
        macro_rules! push {
            ($($Type:ident),+) => {
                match value {
                    $(AnyValue::$Type(value) => list.push(&value),)+
                    _ => Err(BuildError::OutOfRange { field: "another kind" }),
                }
            };
        }
        let result = push!(
            Mid,
            RtpStreamId,
            AbsSendTime,
            TransportCc,
            AudioLevel,
            DependencyDescriptor,
            VideoLayersAllocation,
            CorruptionDetection,
            ColorSpace,
            PlayoutDelay,
            GenericFrameDescriptor
        );
        pushed += usize::from(result.is_ok());
        assert_eq!(list.elements().len(), pushed);
        if result.is_ok() {
            assert_eq!(list.elements()[pushed - 1].data, named.element.data);
        }
    }
    debug(&list);
    let _ = list.extension();
}
