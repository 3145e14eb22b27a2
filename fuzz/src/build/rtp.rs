//! What rides in and on RTP packets, with random content, each tried by itself: values of header extensions, payload
//! formats, payload headers of codecs.

use mediawire::rtp::ext::*;
use mediawire::rtp::payload::{PictureId, av1, h264, h265, opus, vp8, vp9};
use mediawire::rtp::*;

use crate::build::source::{Made, Source, tried};
use crate::{made_of, random_newtypes};

random_newtypes!(TelephonyEvent, VideoContentType);

/// The values, and what signalling calls them.
macro_rules! values {
    ($($name:ident { $($fields:tt)* } $(, if |$b:ident| $rule:expr)?;)*) => {
        made_of! {
            /// Values of extension elements.
            VALUES in 1:
            $($name = $name { $($fields)* } $(, if |$b| $rule)?;)*
        }
        /// The URI of each of them.
        pub const URIS: &[Uri] = &[$(<$name as Value>::URIS[0]),*];
    };
}

values! {
    AbsCaptureTime { capture: any(), estimated_clock_offset: any() };
    AbsSendTime { 0: up_to(0xFF_FFFFu32) };
    AudioLevel { voice: any(), level: up_to(127u8) };
    CsrcAudioLevels { 0: levels() }, if |b| (1..=15).contains(&b.0.len());
    InbandComfortNoise { comfort_noise: any(), noise_level: up_to(127u8) };
    ColorSpace {
        primaries: any(), transfer: any(), matrix: any(), range: range(), horizontal: siting(), vertical: siting(),
        hdr: hdr(),
    };
    CorruptionDetection { most_significant: any(), sequence_index: up_to(127u8), samples: samples() };
    FrameMarking {
        start: any(), end: any(), independent: any(), discardable: any(), base_layer_sync: any(),
        temporal_id: up_to(7u8), layer_id: any(), tl0_pic_idx: any(),
    }, if |b| b.layer_id.is_some() || b.tl0_pic_idx.is_none();
    Ntp64 { 0: any() };
    Ntp56 { 0: up_to(0xFF_FFFF_FFFF_FFFFu64) };
    SplicingInterval { out_ntp_low56: up_to(0xFF_FFFF_FFFF_FFFFu64), in_ntp: any() };
    PlayoutDelay { min_delay: up_to(0xFFFu16), max_delay: up_to(0xFFFu16) };
    RoiSent { position_x: any(), position_y: any(), size_x: any(), size_y: any() };
    PredefinedRoiSent { 0: any() };
    TransmissionOffset { 0: signed_24() };
    TransportCc { 0: any() };
    TransportCc02 { sequence_number: any(), feedback_request: feedback_request() };
    VideoContentType { 0: any() };
    VideoFrameTrackingId { 0: any() };
    VideoOrientation { back_camera: any(), flip: any(), rotation: up_to(3u8), reserved: up_to(15u8) };
    VideoOrientation6 { back_camera: any(), flip: any(), rotation: up_to(63u8) };
    VideoTiming {
        flags: any(), encode_start: any(), encode_finish: any(), packetization_complete: any(), pacer_exit: any(),
        network: any(), network2: any(),
    };
    Cname { 0: name() }, if |b| (1..=255).contains(&b.0.len());
    Mid { 0: name() }, if |b| (1..=255).contains(&b.0.len());
    RtpStreamId { 0: name() }, if |b| (1..=255).contains(&b.0.len());
    RepairedRtpStreamId { 0: name() }, if |b| (1..=255).contains(&b.0.len());
}

impl<'a> Source<'a> {
    fn levels(&mut self) -> &'a [u8] {
        let levels: Vec<u8> = self.bytes(17).iter().map(|level| level & 0x7F).collect();
        self.keep_list(&levels)
    }

    fn range(&mut self) -> ColorRange {
        ColorRange(self.up_to(15))
    }

    fn siting(&mut self) -> ChromaSiting {
        ChromaSiting(self.up_to(3))
    }

    fn hdr(&mut self) -> Option<HdrMetadata> {
        let mut point = || Chromaticity { x: self.any(), y: self.any() };
        let (red, green, blue, white) = (point(), point(), point(), point());
        self.any::<bool>().then(|| HdrMetadata {
            luminance_max: self.any(),
            luminance_min: self.any(),
            red,
            green,
            blue,
            white,
            max_content_light: self.any(),
            max_frame_average_light: self.any(),
        })
    }

    fn samples(&mut self) -> Option<Samples<'a>> {
        self.any::<bool>().then(|| {
            let samples = self.bytes(14);
            self.forbid(!(1..=13).contains(&samples.len()));
            Samples {
                std_dev: self.any(),
                luma_error: self.up_to(15),
                chroma_error: self.up_to(15),
                samples,
            }
        })
    }

    fn feedback_request(&mut self) -> Option<FeedbackRequest> {
        self.any::<bool>().then(|| FeedbackRequest {
            include_timestamps: self.any(),
            sequence_count: self.up_to(0x7FFF),
        })
    }

    pub fn signed_24(&mut self) -> i32 {
        match self.any::<i32>() {
            far if self.rarely() => {
                self.forbid(far != far << 8 >> 8);
                far
            }
            near => near >> 8,
        }
    }

    /// Letters, which every kind of name may have.
    fn name(&mut self) -> &'a [u8] {
        let name: Vec<u8> = self.text(20).iter().map(|letter| b'a' + letter % 26).collect();
        self.keep_list(&name)
    }

    fn payload_type(&mut self) -> PayloadType {
        PayloadType(self.up_to(127))
    }

    fn event(&mut self) -> TelephoneEvent {
        TelephoneEvent {
            event: self.any(),
            end: self.any(),
            reserved: self.any(),
            volume: self.up_to(63),
            duration: self.any(),
        }
    }

    fn redundant_blocks(&mut self) -> RedundantBlocks<'a> {
        let most = if self.rarely() { 1 } else { 0 };
        RedundantBlocks::List(self.list(4, |s| {
            let payload = if most == 0 { s.bytes(20) } else { s.keep_list(&[1; 1024]) };
            s.forbid(payload.len() > 1023);
            RedBlock { payload_type: s.payload_type(), timestamp_offset: s.up_to(0x3FFF), payload }
        }))
    }

    fn picture_id(&mut self) -> Option<PictureId> {
        match self.below(3) {
            0 => None,
            1 => Some(PictureId::Short(self.up_to(0x7F))),
            _ => Some(PictureId::Long(self.up_to(0x7FFF))),
        }
    }

    fn temporal_layer(&mut self) -> Option<vp8::TemporalLayer> {
        self.any::<bool>()
            .then(|| vp8::TemporalLayer { tid: self.up_to(3), layer_sync: self.any() })
    }

    fn keyidx(&mut self) -> Option<u8> {
        self.any::<bool>().then(|| self.up_to(31))
    }

    fn layer_indices(&mut self) -> Option<vp9::LayerIndices> {
        self.any::<bool>().then(|| vp9::LayerIndices {
            tid: self.up_to(7),
            switching_up_point: self.any(),
            sid: self.up_to(7),
            inter_layer_dependency: self.any(),
        })
    }
}

made_of! {
    /// Formats of RTP's own.
    FORMATS in 1:
    Rtx = RtxBuilder { original_sequence_number: any(), payload: bytes(30) };
    Red = RedBuilder { redundant: redundant_blocks(), payload_type: payload_type(), payload: bytes(30) },
        same |read, b| (read.payload_type(), read.payload()) == (b.payload_type, b.payload)
            && matches!(b.redundant, RedundantBlocks::List(list) if read.redundant().eq(list.iter().copied()));
    ComfortNoise = ComfortNoiseBuilder { level: up_to(127u8), reserved: any(), spectral: bytes(12) };
    TelephoneEvents = TelephoneEventsBuilder { first: event(), more: chunks(3) };
    Tone = ToneBuilder {
        modulation: up_to(511u16), thirds: any(), volume: up_to(63u8), duration: any(), frequencies: chunks(4),
    }, if |b| b.duration != 0;
}

/// A header is tried, and read again with a payload behind it.
fn header<'a, B: mediawire::Encode + std::fmt::Debug>(
    s: &mut Source<'a>,
    built: B,
    read: impl FnOnce(&'a [u8], &'a [u8]),
) {
    let allowed = !s.was_forbidden();
    if let Some(mut bytes) = tried(&built, allowed) {
        let payload = s.exactly(1 + usize::from(bytes.len() as u8 % 3));
        bytes.extend(payload);
        read(s.keep_list(&bytes), payload);
    }
}

/// Of VP8 (RFC 7741 section 4.2).
pub fn vp8(s: &mut Source<'_>) {
    let built = vp8::DescriptorBuilder {
        non_reference: s.any(),
        start_of_partition: s.any(),
        partition_index: s.up_to(7),
        picture_id: s.picture_id(),
        tl0picidx: s.any(),
        temporal_layer: s.temporal_layer(),
        keyidx: s.keyidx(),
        ..Default::default()
    };
    header(s, built, |bytes, payload| {
        let read = vp8::Descriptor::parse(bytes).expect("what is written parses");
        assert_eq!((vp8::DescriptorBuilder::from(read), read.payload()), (built, payload));
        let mut copy = bytes.to_vec();
        let mut edited = vp8::DescriptorMut::parse(&mut copy).expect("it parsed");
        assert_eq!(edited.set_picture_id(0x9234).is_ok(), built.picture_id.is_some());
        assert_eq!(edited.set_tl0picidx(9).is_ok(), built.tl0picidx.is_some());
        assert_eq!(edited.set_keyidx(9).is_ok(), built.keyidx.is_some());
        let picture_id = built.picture_id.map(|id| match id {
            PictureId::Short(_) => PictureId::Short(0x34),
            PictureId::Long(_) => PictureId::Long(0x1234),
        });
        let after = vp8::DescriptorBuilder {
            picture_id,
            tl0picidx: built.tl0picidx.map(|_| 9),
            keyidx: built.keyidx.map(|_| 9),
            ..built
        };
        assert_eq!(vp8::DescriptorBuilder::from(edited.as_descriptor()), after);
    });
}

/// Of VP9 (RFC 9628 section 4.2).
pub fn vp9(s: &mut Source<'_>) {
    let layers = 1 + s.below(8) as u8;
    let structure = vp9::ScalabilityStructureBuilder {
        spatial_layer_count: layers,
        resolutions: match s.any() {
            true => s.list(0, |_| (0, 0)),
            false => {
                let list: Vec<(u16, u16)> = (0..layers).map(|_| (s.any(), s.any())).collect();
                s.keep_list(&list)
            }
        },
        pictures: s.any::<bool>().then(|| {
            s.list(5, |s| {
                let references = s.bytes(4);
                s.forbid(references.len() > 3);
                (s.up_to(7), s.any::<bool>(), references)
            })
        }),
    };
    let allowed = !s.was_forbidden();
    let structure = tried(&structure, allowed).map(|bytes| {
        let bytes = s.keep_list(&bytes);
        let read = vp9::ScalabilityStructure::parse(bytes).expect("what is written parses");
        assert_eq!(read.spatial_layer_count(), layers);
        assert!(read.resolutions().eq(structure.resolutions.iter().copied()));
        let pictures: Vec<_> = read
            .pictures()
            .map(|picture| (picture.tid(), picture.switching_up_point(), picture.references()))
            .collect();
        assert_eq!(pictures, structure.pictures.unwrap_or_default());
        read
    });
    let (flexible, predicted, layer_indices) =
        (s.any::<bool>(), s.any::<bool>(), s.layer_indices());
    let picture_id = s.picture_id();
    s.forbid(flexible && picture_id.is_none());
    let tl0picidx = match layer_indices.is_some() && !flexible {
        wanted if s.rarely() => {
            s.forbid(wanted);
            None
        }
        wanted => wanted.then(|| s.any()),
    };
    let mut p_diffs = [None; 3];
    let count = if flexible && predicted { 1 + s.below(3) } else { usize::from(s.rarely()) };
    p_diffs.iter_mut().take(count).for_each(|p_diff| *p_diff = Some(s.up_to(127)));
    s.forbid(count > 0 && !(flexible && predicted));
    let built = vp9::DescriptorBuilder {
        picture_id,
        inter_picture_predicted: predicted,
        flexible,
        start_of_frame: s.any(),
        end_of_frame: s.any(),
        not_inter_layer_reference: s.any(),
        layer_indices,
        tl0picidx,
        p_diffs,
        scalability_structure: structure.filter(|_| s.any()),
    };
    header(s, built, |bytes, payload| {
        let read = vp9::Descriptor::parse(bytes).expect("what is written parses");
        assert_eq!((vp9::DescriptorBuilder::from(read), read.payload()), (built, payload));
    });
}

/// Of H.264 (RFC 6184 sections 5.7 and 5.8).
pub fn h264(s: &mut Source<'_>) {
    let nal = h264::NalHeader(s.any());
    if s.any() {
        let built = h264::FragmentBuilder {
            nal_header: nal,
            start: s.any(),
            end: s.any(),
            reserved_bit: s.any(),
            don: s.any(),
        };
        s.forbid(built.start && built.end || built.don.is_some() && !built.start);
        header(s, built, |bytes, payload| match h264::Payload::parse(bytes) {
            Ok(h264::Payload::Fragment(read)) => {
                assert_eq!((h264::FragmentBuilder::from(read), read.payload()), (built, payload));
            }
            other => panic!("{other:?} is not {built:?}"),
        });
        return;
    }
    let kind = 24 + s.below(4) as u8;
    let units = s.list(4, |s| {
        let bytes = [&[s.any::<u8>()], s.bytes(12)].concat();
        let bytes = s.keep_list(&bytes);
        let dond = if kind > 25 || s.rarely() { s.any() } else { 0 };
        let timestamp_offset = match kind {
            26 => s.up_to(0xFFFFu32),
            27 => s.up_to(0xFF_FFFFu32),
            _ => 0,
        };
        s.forbid(kind < 26 && dond != 0);
        h264::AggregationUnit {
            nal: h264::NalUnit::new(bytes).expect("not empty"),
            dond,
            timestamp_offset,
        }
    });
    let don = if kind == 24 && !s.rarely() { None } else { Some(s.any()) };
    s.forbid(units.is_empty() || kind == 24 && don.is_some());
    let header = h264::NalHeader(nal.0 & 0xE0 | kind);
    let built = h264::AggregationBuilder { header, don, units: h264::UnitsBuilder::List(units) };
    let allowed = !s.was_forbidden();
    if let Some(bytes) = tried(&built, allowed) {
        match h264::Payload::parse(&bytes) {
            Ok(h264::Payload::Aggregation(read)) => {
                assert_eq!((read.header(), read.don()), (header, don));
                assert!(read.units().eq(units.iter().copied()), "{read:?} is not {built:?}");
            }
            other => panic!("{other:?} is not {built:?}"),
        }
    }
}

/// Of H.265 (RFC 7798 sections 4.4.2 and 4.4.3).
pub fn h265(s: &mut Source<'_>) {
    let with_don: bool = s.any();
    let nal =
        |s: &mut Source<'_>, kind: u8| h265::NalHeader([kind << 1 | s.any::<u8>() & 1, s.any()]);
    if s.any() {
        let kind = s.any::<u8>() & 63;
        let start = s.any();
        let built = h265::FragmentBuilder {
            nal_header: nal(s, kind),
            start,
            end: s.any(),
            don: (with_don && start).then(|| s.any()),
        };
        s.forbid(built.start && built.end);
        header(s, built, |bytes, payload| match parse_h265(with_don, bytes) {
            Ok(h265::Payload::Fragment(read)) => {
                assert_eq!((h265::FragmentBuilder::from(read), read.payload()), (built, payload));
            }
            other => panic!("{other:?} is not {built:?}"),
        });
        return;
    }
    let mut don: u16 = s.any();
    let units = s.list(4, |s| {
        let kind = s.any::<u8>() % 48;
        let unit = h265::NalUnit {
            header: nal(s, kind),
            don: with_don.then_some(don),
            payload: s.bytes(12),
        };
        don = don.wrapping_add(1 + u16::from(s.any::<u8>()));
        unit
    });
    s.forbid(units.len() < 2);
    let header = nal(s, 48);
    let built = h265::AggregationBuilder { header, units: h265::UnitsBuilder::List(units) };
    let allowed = !s.was_forbidden();
    if let Some(bytes) = tried(&built, allowed) {
        match parse_h265(with_don, &bytes) {
            Ok(h265::Payload::Aggregation(read)) => {
                assert_eq!(read.header(), header);
                assert!(read.units().eq(units.iter().copied()), "{read:?} is not {built:?}");
            }
            other => panic!("{other:?} is not {built:?}"),
        }
    }
}

fn parse_h265(with_don: bool, bytes: &[u8]) -> Result<h265::Payload<'_>, mediawire::ParseError> {
    if with_don { h265::Payload::parse_with_don(bytes) } else { h265::Payload::parse(bytes) }
}

/// Of AV1 (section 4.4 of its RTP payload specification).
pub fn av1(s: &mut Source<'_>) {
    let elements = s.list(5, |s| {
        let element = s.bytes(16);
        s.forbid(element.is_empty());
        element
    });
    let built = av1::PayloadBuilder {
        continues: s.any(),
        is_continued: s.any(),
        starts_sequence: s.rarely(),
        reserved: s.up_to(7),
        elements: av1::ElementsBuilder::List(elements),
    };
    s.forbid(elements.is_empty() || built.continues && built.starts_sequence);
    let allowed = !s.was_forbidden();
    if let Some(bytes) = tried(&built, allowed) {
        let read = av1::Payload::parse(&bytes).expect("what is written parses");
        assert_eq!((read.continues(), read.is_continued()), (built.continues, built.is_continued));
        assert_eq!(
            (read.starts_sequence(), read.reserved()),
            (built.starts_sequence, built.reserved)
        );
        assert!(read.elements().map(|element| element.data).eq(elements.iter().copied()));
    }
}

/// Of Opus (RFC 6716 section 3).
pub fn opus(s: &mut Source<'_>) {
    let toc = opus::Toc(s.any());
    let equal = s.any::<bool>();
    let frames = s.list(6, |s| match s.any::<u8>() {
        0..180 if equal => s.exactly(5),
        0..180 => s.bytes(20),
        200..250 => {
            let len = usize::from(s.any::<u16>()) % 1280;
            s.keep_list(&vec![1; len])
        }
        byte => s.keep_list(&vec![byte; 250 + usize::from(byte) % 8]),
    });
    let padding = match s.any::<u8>() {
        0..128 => 0,
        count => usize::from(count - 127) * 5,
    };
    // RFC 6716 section 3.2: a frame has at most 1275 bytes, a packet at most 120 ms, at 48 kHz.
    let samples =
        [480, 960, 1920, 2880, 480, 960, 1920, 2880, 480, 960, 1920, 2880, 480, 960, 480, 960];
    let samples = match toc.0 >> 3 {
        config @ ..16 => samples[usize::from(config)],
        config => 120 << (config & 3),
    };
    let too_long = frames.iter().any(|frame| frame.len() > 1275);
    s.forbid(frames.is_empty() || too_long || frames.len() * samples > 5760);
    let built = opus::PacketBuilder { toc, frames: opus::FramesBuilder::List { frames, padding } };
    let allowed = !s.was_forbidden();
    if let Some(bytes) = tried(&built, allowed) {
        let read = opus::Packet::parse(&bytes).expect("what is written parses");
        assert_eq!((read.toc().0 >> 2, read.padding_len()), (toc.0 >> 2, padding));
        assert_eq!(usize::from(read.toc().frame_samples()), samples);
        assert!(read.frames().eq(frames.iter().copied()), "{read:?} is not {built:?}");
    }
}

/// The first packet of a sub-frame, or another (Generic Frame Descriptor, version 0).
pub fn generic_frame_descriptor(s: &mut Source<'_>) {
    let start = s.any::<bool>().then(|| {
        let frame_diffs = s.list(5, |s| {
            let diff = if s.any() { s.up_to(0x3FFFu16) } else { s.any::<u16>() & 63 };
            diff
        });
        let resolution = s.any::<bool>().then(|| (s.any(), s.any()));
        s.forbid(!frame_diffs.is_empty() && resolution.is_some());
        let spatial_layers = s.any();
        GenericFrameStart {
            temporal_layer: s.up_to(7),
            spatial_layers,
            frame_id: s.any(),
            resolution,
            frame_diffs,
        }
    });
    let built = GenericFrameDescriptorBuilder {
        last_packet: s.any(),
        first_sub_frame: s.any(),
        last_sub_frame: s.any(),
        start,
    };
    let allowed = !s.was_forbidden();
    let Some(bytes) = tried(&built, allowed) else { return };
    let read = GenericFrameDescriptor::parse(&bytes).expect("what is written parses");
    assert_eq!(read.last_packet(), built.last_packet);
    assert_eq!(read.first_packet(), start.is_some());
    if let Some(start) = start {
        assert_eq!(
            (read.spatial_layers(), read.frame_id()),
            (Some(start.spatial_layers), Some(start.frame_id))
        );
        assert_eq!(
            (read.temporal_layer(), read.resolution()),
            (start.temporal_layer, start.resolution)
        );
        assert!(read.frame_diffs().eq(start.frame_diffs.iter().copied()));
    }
}

/// Dependency descriptor: a structure, and a frame that keeps to its template or has values of its own.
pub fn dependency_descriptor(s: &mut Source<'_>) {
    let decode_targets = 1 + s.below(5) as u8;
    let chains = s.below(usize::from(decode_targets) + 1) as u8;
    let targets = usize::from(decode_targets);
    let dti = |s: &mut Source<'_>| {
        s.one_of(&[Dti::NotPresent, Dti::Discardable, Dti::Switch, Dti::Required])
    };
    let mut layer = (0, 0);
    let templates = s.list(5, |s| {
        // The same layer, the next temporal one, or the next spatial one.
        let next = [layer, (layer.0, layer.1 + 1), (layer.0 + 1, 0)];
        let template = s.one_of(&next);
        layer = template;
        TemplateBuilder {
            spatial_id: template.0,
            temporal_id: template.1,
            dtis: s.exactly_of(targets, dti),
            fdiffs: s.list(3, |s| 1 + s.below(16) as u8),
            chain_fdiffs: s.exactly_of(chains.into(), |s| s.below(16) as u8),
        }
    });
    // The first is of the layers 0 and 0.
    let first_is_base = templates.first().is_some_and(|t| (t.spatial_id, t.temporal_id) == (0, 0));
    let layers = usize::from(layer.0) + 1;
    let built = TemplateStructureBuilder {
        template_id_offset: s.up_to(63),
        decode_targets,
        chains,
        protected_by: match chains {
            0 => &[],
            _ => s.exactly_of(targets, |s| s.below(chains.into()) as u8),
        },
        templates,
        resolutions: match s.any() {
            true => s.exactly_of(layers, |s| {
                (1 + s.below(256) as u32 * 256, 1 + u32::from(s.any::<u16>()))
            }),
            false => &[],
        },
    };
    s.forbid(!first_is_base);
    let allowed = !s.was_forbidden();
    let structure = built.build();
    assert_eq!(structure.is_ok(), allowed, "{structure:?}: {built:?}");
    let Ok(structure) = structure else { return };
    let place = s.below(templates.len());
    let template = templates[place];
    let dtis = s.any::<bool>().then(|| s.exactly_of(targets, dti));
    let fdiffs = s.any::<bool>().then(|| s.list(4, |s| 1 + s.any::<u16>() % 4096));
    let chain_fdiffs = s.any::<bool>().then(|| s.exactly_of(chains.into(), |s| s.any::<u8>()));
    let active = s.any::<bool>().then(|| s.any::<u32>() & ((1 << decode_targets) - 1));
    let built = DependencyDescriptorBuilder {
        start_of_frame: s.any(),
        end_of_frame: s.any(),
        template_id: (structure.template_id_offset() + place as u8) % 64,
        frame_number: s.any(),
        structure: &structure,
        attach_structure: s.any(),
        active_decode_targets: active,
        dtis,
        fdiffs,
        chain_fdiffs,
    };
    if mediawire::Encode::encoded_len(&built) > 255 {
        return;
    }
    let bytes = tried(&built, true).expect("it is allowed");
    let read = DependencyDescriptor::parse(&bytes).expect("what is written parses");
    assert_eq!(
        (read.start_of_frame(), read.end_of_frame()),
        (built.start_of_frame, built.end_of_frame)
    );
    assert_eq!((read.template_id(), read.frame_number()), (built.template_id, built.frame_number));
    assert_eq!(read.has_structure(), built.attach_structure);
    let mut kept = (!built.attach_structure).then(|| structure.clone());
    let frame = read.read(&mut kept).expect("it has its structure");
    assert_eq!(
        (frame.spatial_id(), frame.temporal_id()),
        (template.spatial_id, template.temporal_id)
    );
    assert!(frame.dtis().eq(dtis.unwrap_or(template.dtis).iter().copied()), "{built:?}");
    match fdiffs {
        Some(fdiffs) => assert!(frame.fdiffs().eq(fdiffs.iter().copied()), "{built:?}"),
        None => assert!(frame.fdiffs().eq(template.fdiffs.iter().map(|&diff| u16::from(diff)))),
    }
    let wanted = chain_fdiffs.unwrap_or(template.chain_fdiffs);
    assert!(frame.chain_fdiffs().eq(wanted.iter().copied()), "{built:?}");
    if active.is_some() {
        assert_eq!(frame.active_decode_targets(), active);
    }
    assert_eq!(kept.as_ref(), Some(&structure));
}

/// Video layers allocation, version 0.
pub fn layers_allocation(s: &mut Source<'_>) {
    let rtp_streams = 1 + s.below(4) as u8;
    let with_resolution: bool = s.any();
    let mut layers = Vec::new();
    for place in 0..rtp_streams * 4 {
        if s.any() {
            let temporal_layers = 1 + s.below(4) as u8;
            let mut target_bitrates = [0; 4];
            for bitrate in target_bitrates.iter_mut().take(temporal_layers.into()) {
                *bitrate = s.any::<u32>() >> s.below(32);
            }
            layers.push(LayerAllocation {
                rtp_stream_index: place / 4,
                spatial_id: place % 4,
                temporal_layers,
                target_bitrates,
                resolution: with_resolution.then(|| LayerResolution {
                    width: 1 + u32::from(s.any::<u16>()),
                    height: 1 + u32::from(s.any::<u16>()),
                    max_framerate: s.any(),
                }),
            });
        }
    }
    let rtp_stream_index = s.below(rtp_streams.into()) as u8;
    let built = VideoLayersAllocationBuilder { rtp_stream_index, rtp_streams, layers: &layers };
    let bytes = tried(&built, true).expect("it is allowed");
    let read = VideoLayersAllocation::parse(&bytes).expect("what is written parses");
    assert!(read.layers().eq(layers.iter().copied()), "{read:?} is not {built:?}");
    if !layers.is_empty() {
        assert_eq!((read.rtp_stream_index(), read.rtp_streams()), (rtp_stream_index, rtp_streams));
    }
}

/// A value of any kind, with its URI.
pub fn value<'a>(s: &mut Source<'a>) -> (Uri, Made<'a>) {
    let number = s.below(VALUES.len());
    (URIS[number], VALUES[number](s))
}
