//! Every RTCP packet with random content, each tried by itself.

use std::net::{Ipv4Addr, Ipv6Addr};

use mediawire::rtcp::*;

use crate::build::source::{Made, Source};
use crate::{made_of, random_newtypes};

random_newtypes!(PacketType, RamsResponse);

/// Lists of entries in wire form.
#[macro_export]
macro_rules! lists_of {
    ($($method:ident: $entry:ident { $($field:ident: $how:ident($($argument:expr),*)),* $(,)? } $(if |$e:ident| $rule:expr)?, $to:expr, $from:expr;)*) => {
        impl<'a> $crate::build::source::Source<'a> {$(
            fn $method(&mut self) -> &'a [[u8; $entry::LEN]] {
                self.entries(
                    5,
                    |s| {
                        let entry = $entry { $($field: s.$how($($argument),*)),* };
                        $(let $e = &entry; s.forbid(!$rule);)?
                        entry
                    },
                    $to,
                    $from,
                )
            }
        )*}
    };
}

lists_of! {
    nack_pairs: NackPair { pid: any(), blp: any() }, |entry| Ok(entry.to_bytes()), NackPair::from_bytes;
    tmmb_entries: TmmbEntry {
        ssrc: any(), exponent: up_to(63u8), mantissa: up_to(0x1_FFFFu32), overhead: up_to(511u16),
    }, TmmbEntry::to_bytes, TmmbEntry::from_bytes;
    sli_entries: SliEntry {
        first: up_to(0x1FFFu16), number: up_to(0x1FFFu16), picture_id: up_to(63u8),
    }, SliEntry::to_bytes, SliEntry::from_bytes;
    fir_entries: FirEntry { ssrc: any(), sequence_number: any() }, |entry| Ok(entry.to_bytes()), FirEntry::from_bytes;
    trade_off_entries: TradeOffEntry {
        ssrc: any(), sequence_number: any(), index: up_to(31u8),
    }, TradeOffEntry::to_bytes, TradeOffEntry::from_bytes;
    // RFC 9627 section 3.1: the target is above the current layer in one of the two, and below it in none.
    lrr_entries: LrrEntry {
        ssrc: any(), sequence_number: any(), current: any(), payload_type: up_to(127u8),
        target_temporal_layer_id: up_to(7u8), target_layer_id: any(),
        current_temporal_layer_id: up_to(7u8), current_layer_id: any(),
    } if |e| {
        let target = (e.target_temporal_layer_id, e.target_layer_id);
        let current = (e.current_temporal_layer_id, e.current_layer_id);
        match e.current {
            true => target != current && target.0 >= current.0 && target.1 >= current.1,
            false => current == (0, 0),
        }
    }, LrrEntry::to_bytes, LrrEntry::from_bytes;
}

impl<'a> Source<'a> {
    /// About as many as a count of five bits can say.
    fn too_many<T: Copy>(&mut self, one: T) -> &'a [T] {
        let count = 30 + self.below(6);
        self.keep_list(&vec![one; count])
    }

    fn reason(&mut self) -> Option<&'a [u8]> {
        self.any::<bool>().then(|| self.text(20))
    }

    fn unknown_type(&mut self) -> PacketType {
        PacketType(self.one_of(&[0, 127, 191, 196, 199, 214, 223, 255]))
    }

    fn unknown_format(&mut self) -> u8 {
        let format = self.one_of(&[0, 2, 12, 20, 30, 31, 32]);
        self.forbid(format > 31);
        format
    }

    fn afb_data(&mut self) -> &'a [u8] {
        match self.words(6) {
            data if data.starts_with(b"REMB") => &[],
            data => data,
        }
    }

    fn region(&mut self) -> RoiRegion {
        match self.any() {
            true => RoiRegion::Arbitrary {
                position_x: self.any(),
                position_y: self.any(),
                size_x: self.any(),
                size_y: self.any(),
            },
            false => {
                RoiRegion::Predefined { roi_id: self.any(), form: PredefinedRoiForm::OnesFirst }
            }
        }
    }

    fn bit_len(&mut self) -> usize {
        usize::from(self.any::<u16>() % 330)
    }

    fn time_code(&mut self) -> SmpteTimeCode {
        match self.any() {
            true => SmpteTimeCode::Short(self.any()),
            false => SmpteTimeCode::Full(self.any()),
        }
    }

    fn element(&mut self) -> TokenElement<'a> {
        TokenElement::new(self.text(20))
    }

    fn metric_blocks(&mut self) -> CcfbBlockList<'a> {
        CcfbBlockList::Built(self.list(3, |s| CcfbBlockBuilder {
            ssrc: s.any(),
            begin_sequence: s.any(),
            metrics: s.chunks(9),
        }))
    }

    fn pauses(&mut self) -> PauseResumeList<'a> {
        let list = self.list(3, |s| {
            let entry = PauseResumeEntry {
                target_ssrc: s.any(),
                // RFC 7728 section 8: PAUSE, RESUME, PAUSED, REFUSED.
                entry_type: PauseResumeType(s.up_to(3)),
                reserved: s.up_to(15),
                pause_id: s.any(),
                type_specific: s.words(2),
            };
            s.forbid(entry.entry_type.0 == 2 && entry.type_specific.is_empty());
            entry
        });
        self.forbid(list.is_empty());
        PauseResumeList::Built(list)
    }

    fn commands(&mut self) -> VbcmEntryList<'a> {
        VbcmEntryList::Built(self.list(3, |s| VbcmEntry {
            ssrc: s.any(),
            sequence_number: s.any(),
            payload_type: s.up_to(127),
            octets: s.bytes(20),
        }))
    }

    /// RAMS-R, RAMS-I, RAMS-T: others may have something else than TLV elements.
    fn rams_format(&mut self) -> RamsSubFormat {
        RamsSubFormat(1 + self.below(3) as u8)
    }

    fn tlvs(&mut self) -> RamsTlvList<'a> {
        RamsTlvList::Built(self.list(5, |s| match s.below(14) {
            0 | 1 => RamsTlv::RequestedMediaSenders(s.chunks(3)),
            2 => RamsTlv::MinBufferFill(s.any()),
            3 => RamsTlv::MaxBufferFill(s.any()),
            4 => RamsTlv::MaxReceiveBitrate(s.any()),
            5 => RamsTlv::PreambleOnly,
            6 => RamsTlv::EnterpriseNumbers(s.chunks(3)),
            7 => RamsTlv::MediaSenderSsrc(s.any()),
            8 => RamsTlv::FirstSequenceNumber(s.any()),
            9 => RamsTlv::EarliestJoinTime(s.any()),
            10 => RamsTlv::BurstDuration(s.any()),
            11 => RamsTlv::MaxTransmitBitrate(s.any()),
            12 => RamsTlv::FirstMulticastSequenceNumber(s.any()),
            _ if s.any() => {
                let tlv_type = 120 + s.any::<u8>() % 136;
                s.forbid(!(128..=254).contains(&tlv_type));
                let tlv_type = RamsTlvType(tlv_type);
                RamsTlv::Private { tlv_type, enterprise: s.any(), value: s.bytes(9) }
            }
            _ => {
                RamsTlv::Other { tlv_type: RamsTlvType(64 + s.any::<u8>() % 64), value: s.bytes(9) }
            }
        }))
    }

    fn ms_message(&mut self) -> MsAfbMessage<'a> {
        if self.any() {
            let body = self.words(4);
            return MsAfbMessage::Raw { afb_type: MsAfbType(self.any::<u16>() | 0x100), body };
        }
        let entries = self.words(4);
        let wrong = u8::from(self.rarely());
        self.forbid(wrong != 0 && !entries.is_empty());
        MsAfbMessage::VideoSourceRequest(VideoSourceRequest {
            msi: self.any(),
            request_id: self.any(),
            version: self.any(),
            key_frame_request: self.any(),
            num_entries: entries.len() as u8 / 4 + wrong,
            entry_length: if entries.is_empty() { 0 } else { 4 },
            entries,
        })
    }

    fn sub_reports(&mut self) -> RsiSubReportList<'a> {
        RsiSubReportList::Built(self.list(4, |s| match s.below(11) {
            0 => RsiSubReport::FeedbackTarget(s.target()),
            1 => RsiSubReport::Loss(s.distribution(255)),
            2 => RsiSubReport::Jitter(s.distribution(u32::MAX)),
            3 => RsiSubReport::RoundTripTime(s.distribution(u32::MAX)),
            4 => RsiSubReport::CumulativeLoss(s.distribution(255)),
            5 => RsiSubReport::Collisions(s.chunks(4)),
            6 => RsiSubReport::GeneralStatistics(GeneralStatistics {
                mfl: s.any(),
                hcnl: s.up_to(0xFF_FFFF),
                median_interarrival_jitter: s.any(),
            }),
            7 | 8 => RsiSubReport::Bandwidth(RtcpBandwidth {
                senders: s.any(),
                receivers: s.any(),
                bandwidth: s.any(),
            }),
            9 => RsiSubReport::GroupSize(GroupAndAveragePacketSize {
                average_packet_size: s.any(),
                receiver_group_size: s.any(),
            }),
            _ => {
                let data = s.chunks::<2>(5).as_flattened();
                s.forbid(data.len() % 4 != 2);
                RsiSubReport::Other { report_type: RsiSubReportType(64 + s.any::<u8>() % 64), data }
            }
        }))
    }

    /// RFC 5760 section 7.1.3.
    fn distribution(&mut self, most: u32) -> Distribution<'a> {
        let min = self.any::<u32>() % most;
        let max = match self.rarely() {
            true => self.any(),
            false => min + 1 + self.any::<u32>() % (most - min),
        };
        self.forbid(max <= min || max > most);
        let buckets = self.words(5);
        let bucket_count = match buckets.len() * 4 {
            0 => 0,
            // A bucket has 2 bits at least.
            most => self.below(most + 1) as u16,
        };
        Distribution { min, max, multiplicative_factor: self.up_to(15), bucket_count, buckets }
    }

    fn target(&mut self) -> FeedbackTarget<'a> {
        let port = self.any::<u16>();
        self.forbid(port == 0);
        match self.below(3) {
            0 => FeedbackTarget::Ipv4 { port, address: Ipv4Addr::from(self.any::<u32>()) },
            1 => FeedbackTarget::Ipv6 { port, address: Ipv6Addr::from(self.any::<u128>()) },
            _ => {
                let name = self.bytes(12);
                self.forbid(name.last() == Some(&0));
                FeedbackTarget::dns_name(port, name)
            }
        }
    }

    fn sdes_chunks(&mut self) -> SdesChunkList<'a> {
        if self.rarely() {
            return SdesChunkList::Built(self.too_many(SdesChunkBuilder { ssrc: 1, items: &[] }));
        }
        let mut cname = false;
        let chunks = self.list(3, |s| SdesChunkBuilder {
            ssrc: s.any(),
            items: s.list(4, |s| {
                let item = s.sdes_item();
                cname |= item.item_type == SdesItemType::CNAME;
                item
            }),
        });
        self.cname = cname;
        SdesChunkList::Built(chunks)
    }

    fn sdes_item(&mut self) -> SdesItem<'a> {
        let item_type = match self.any::<u8>() {
            0 => 0,
            1..100 => 1,
            number @ 100..240 => number % 16 + 1,
            number => number,
        };
        let private = item_type == 8;
        let prefix = if private || self.rarely() { self.bytes(9) } else { &[] };
        let value = self.text(24);
        let len = usize::from(private) + prefix.len() + value.len();
        self.forbid(item_type == 0 || len > 255 || !private && !prefix.is_empty());
        SdesItem { item_type: SdesItemType(item_type), prefix, value }
    }

    fn blocks(&mut self) -> xr::BlockList<'a> {
        let before = self.was_forbidden();
        let blocks = self.list(4, |s| crate::build::xr::block(s));
        self.forbid(before);
        let blocks: Vec<_> =
            blocks.iter().filter(|made| made.bytes.is_some()).map(|made| made.builder).collect();
        xr::BlockList::Built(self.keep_list(&blocks))
    }

    fn reports(&mut self) -> &'a [[u8; ReportBlock::LEN]] {
        if self.rarely() {
            return self.too_many([7; 24]);
        }
        let one = |s: &mut Self| ReportBlockBuilder {
            ssrc: s.any(),
            fraction_lost: s.any(),
            cumulative_lost: s.signed_24(),
            extended_highest_sequence_number: s.any(),
            jitter: s.any(),
            last_sr: s.any(),
            delay_since_last_sr: s.any(),
        };
        self.entries(4, one, |block| block.to_bytes(), |bytes| ReportBlock::new(&bytes).into())
    }

    /// SSRCs; rarely more than a count of five bits can say.
    fn sources(&mut self) -> &'a [[u8; 4]] {
        if self.rarely() { self.too_many([1; 4]) } else { self.chunks(5) }
    }

    /// Packed by the target's own arithmetic (RFC transport-wide-cc-extensions-01 section 3.1): chunks, the status count
    /// they stand for, and the bytes that the deltas take.
    fn statuses(&mut self) -> (&'a [[u8; 2]], u16, &'a [u8]) {
        let (mut symbols, mut last) = (Vec::new(), 1);
        let chunks = self.list(5, |s| {
            let bits: u16 = s.any();
            let before = symbols.len();
            let chunk = match s.below(3) {
                0 => {
                    let (symbol, run) = (bits % 3, bits >> 2 & 63 | 1);
                    symbols.extend(std::iter::repeat_n(symbol, run.into()));
                    symbol << 13 | run
                }
                1 => {
                    symbols.extend((0..14).rev().map(|bit| bits >> bit & 1));
                    0x8000 | bits & 0x3FFF
                }
                _ => {
                    // Without the symbol that is reserved.
                    let bits = bits & !(bits << 1 & 0x2AAA) & 0x3FFF;
                    symbols.extend((0..7).rev().map(|place| bits >> (2 * place) & 3));
                    0xC000 | bits
                }
            };
            last = symbols.len() - before;
            chunk.to_be_bytes()
        });
        symbols.truncate(symbols.len() - self.below(last));
        let len: usize = symbols.iter().map(|&symbol| usize::from(symbol)).sum();
        let mut deltas: Vec<u8> = (0..len).map(|_| self.any()).collect();
        if self.rarely() {
            deltas.push(0);
            self.forbid(true);
        }
        (chunks, symbols.len() as u16, self.keep_list(&deltas))
    }
}

made_of! {
    /// Of fixed layout, or with one list.
    PACKETS in 4:
    SenderReport = SenderReportBuilder {
        ssrc: any(), ntp_timestamp: any(), rtp_timestamp: any(), packet_count: any(), octet_count: any(),
        blocks: reports(), extension: words(4), padding: padding(),
    }, if |b| b.blocks.len() <= 31;
    ReceiverReport = ReceiverReportBuilder {
        ssrc: any(), blocks: reports(), extension: words(4), padding: padding(),
    }, if |b| b.blocks.len() <= 31;
    Bye = ByeBuilder { sources: sources(), reason: reason(), fill: of(None), padding: padding() },
        if |b| b.sources.len() <= 31 && b.reason.is_none_or(|reason| reason.len() <= 255),
        same |read, b| read.sources().eq(b.sources.iter().map(|&source| u32::from_be_bytes(source)))
            && read.reason() == b.reason && read.padding() == b.padding
            && read.fill().len() < 4 && read.fill().iter().all(|&byte| byte == 0);
    App = AppBuilder { subtype: up_to(31u8), ssrc: any(), name: any(), data: words(6), padding: padding() };
    Avb = AvbBuilder {
        subtype: up_to(31u8), ssrc: any(), name: any(), gm_timebase_indicator: any(), gm_identity: any(),
        stream_id: any(), as_timestamp: any(), rtp_timestamp: any(), padding: padding(),
    };
    Nack = NackBuilder { sender_ssrc: any(), media_ssrc: any(), pairs: nack_pairs(), padding: padding() },
        if |b| !b.pairs.is_empty();
    Tmmbr = TmmbrBuilder { sender_ssrc: any(), media_ssrc: any(), entries: tmmb_entries(), padding: padding() },
        if |b| !b.entries.is_empty();
    Tmmbn = TmmbnBuilder { sender_ssrc: any(), media_ssrc: any(), entries: tmmb_entries(), padding: padding() };
    SrReq = SrReqBuilder { sender_ssrc: any(), media_ssrc: any(), padding: padding() };
    EcnFeedback = EcnFeedbackBuilder {
        sender_ssrc: any(), media_ssrc: any(), extended_highest_sequence_number: any(), ect0_count: any(),
        ect1_count: any(), ecn_ce_count: any(), not_ect_count: any(), lost_packets: any(), duplication: any(),
        padding: padding(),
    };
    Dbi = DbiBuilder {
        sender_ssrc: any(), media_ssrc: any(), delay: any(), is_positive: any(), is_query: any(),
        reserved: up_to(0x3FFFu16), padding: padding(),
    };
    Pli = PliBuilder { sender_ssrc: any(), media_ssrc: any(), fci: words(1), padding: padding() };
    Sli = SliBuilder { sender_ssrc: any(), media_ssrc: any(), entries: sli_entries(), padding: padding() },
        if |b| !b.entries.is_empty();
    Fir = FirBuilder { sender_ssrc: any(), media_ssrc: any(), entries: fir_entries(), padding: padding() },
        if |b| !b.entries.is_empty();
    Tstr = TstrBuilder { sender_ssrc: any(), media_ssrc: any(), entries: trade_off_entries(), padding: padding() },
        if |b| !b.entries.is_empty();
    Tstn = TstnBuilder { sender_ssrc: any(), media_ssrc: any(), entries: trade_off_entries(), padding: padding() },
        if |b| !b.entries.is_empty();
    Lrr = LrrBuilder { sender_ssrc: any(), media_ssrc: any(), entries: lrr_entries(), padding: padding() },
        if |b| !b.entries.is_empty();
    Tllei = TlleiBuilder { sender_ssrc: any(), media_ssrc: any(), pairs: nack_pairs(), padding: padding() },
        if |b| !b.pairs.is_empty();
    Pslei = PsleiBuilder { sender_ssrc: any(), media_ssrc: any(), ssrcs: chunks(5), padding: padding() },
        if |b| !b.ssrcs.is_empty();
    Roi = RoiBuilder { sender_ssrc: any(), media_ssrc: any(), region: region(), padding: padding() };
    Vp = VpBuilder {
        sender_ssrc: any(), media_ssrc: any(), azimuth: any(), elevation: any(), tilt: any(),
        azimuth_range: any(), elevation_range: any(), stereoscopic_word: any(), padding: padding(),
    };
    Rpsi = RpsiBuilder {
        sender_ssrc: any(), media_ssrc: any(), reserved: any(), payload_type: up_to(127u8),
        bit_string: bytes(40), bit_len: bit_len(), padding: padding(),
    }, if |b| {
        let zeros = (2 + b.bit_string.len() + b.padding.len()).wrapping_neg() % 4;
        let bits = (b.bit_string.len() + zeros) * 8;
        b.bit_len <= b.bit_string.len() * 8 && bits - b.bit_len <= 255
    }, same |read, b| {
        let bit = |index: usize| b.bit_string[index / 8] >> (7 - index % 8) & 1 != 0;
        let builder = RpsiBuilder { bit_string: b.bit_string, ..RpsiBuilder::from(*read) };
        builder == *b && read.bits().eq((0..b.bit_len).map(bit))
    };
    Remb = RembBuilder {
        sender_ssrc: any(), media_ssrc: any(), exponent: up_to(63u8), mantissa: up_to(0x3_FFFFu32),
        ssrcs: chunks(5), padding: padding(),
    };
    Lntf = LntfBuilder {
        sender_ssrc: any(), media_ssrc: any(), last_decoded: any(), last_received: any(), decodability: any(),
        padding: padding(),
    }, if |b| b.last_received.wrapping_sub(b.last_decoded) < 0x8000;
    H261Fir = H261FirBuilder { reserved: up_to(31u8), ssrc: any(), padding: padding() };
    H261Nack = H261NackBuilder { reserved: up_to(31u8), ssrc: any(), fsn: any(), blp: any(), padding: padding() };
    Smptetc = SmptetcBuilder {
        reserved: up_to(31u8), ssrc: any(), rtp_timestamp: any(), time_code: time_code(), padding: padding(),
    };
    Ij = IjBuilder { jitters: sources(), padding: padding() }, if |b| b.jitters.len() <= 31;
    Idms = IdmsBuilder {
        reserved: up_to(31u8), sender_ssrc: any(), media_ssrc: any(), media_stream_correlation_identifier: any(),
        received_ntp: any(), received_rtp_timestamp: any(), presented_ntp: any(), padding: padding(),
    };
    Rgrs = RgrsBuilder { sender_ssrc: any(), reporting_sources: sources(), padding: padding() },
        if |b| (1..=31).contains(&b.reporting_sources.len());
    Snm = SnmBuilder { reserved: up_to(31u8), ssrc: any(), in_ntp: any(), out_ntp: any(), padding: padding() };
    PortMappingRequest = PortMappingRequestBuilder { sender_ssrc: any(), random_nonce: any(), padding: padding() };
    PortMappingResponse = PortMappingResponseBuilder {
        sender_ssrc: any(), requesting_client_ssrc: any(), associated_nonce: any(), token: element(),
        absolute_expiration: any(), relative_expiration: any(), packet_types: element(), padding: padding(),
    }, if |b| b.packet_types.value.len() <= 255, same |read, b| {
        let read = PortMappingResponseBuilder::from(*read);
        let (token, packet_types) = (bare(read.token), bare(read.packet_types));
        PortMappingResponseBuilder { token, packet_types, ..read } == *b
    };
    TokenVerificationRequest = TokenVerificationRequestBuilder {
        sender_ssrc: any(), associated_nonce: any(), token: element(), associated_absolute_expiration: any(),
        padding: padding(),
    }, same |read, b| {
        let read = TokenVerificationRequestBuilder::from(*read);
        TokenVerificationRequestBuilder { token: bare(read.token), ..read } == *b
    };
    TokenVerificationFailure = TokenVerificationFailureBuilder {
        sender_ssrc: any(), requesting_client_ssrc: any(), failed_packet_type: any(), format: up_to(31u8),
        reserved: up_to(0x7_FFFFu32), associated_nonce: any(), padding: padding(),
    };
    // Of no type that has a layout.
    RawPacket = RawPacketBuilder {
        packet_type: unknown_type(), count: up_to(31u8), body: words(6), padding: padding(),
    };
    Feedback = FeedbackBuilder {
        packet_type: of(PacketType::RTPFB), format: unknown_format(), sender_ssrc: any(), media_ssrc: any(),
        fci: words(6), padding: padding(),
    };
    Afb = AfbBuilder { sender_ssrc: any(), media_ssrc: any(), data: afb_data(), padding: padding() };
    Ccfb = CcfbBuilder {
        sender_ssrc: any(), report_blocks: metric_blocks(), report_timestamp: any(), padding: padding(),
    }, same |read, b| match &b.report_blocks {
        CcfbBlockList::Built(blocks) => {
            read.report_blocks().map(CcfbBlockBuilder::from).eq(blocks.iter().copied())
                && (read.sender_ssrc(), read.report_timestamp()) == (b.sender_ssrc, b.report_timestamp)
        }
        _ => false,
    };
    PauseResume = PauseResumeBuilder {
        sender_ssrc: any(), media_ssrc: any(), entries: pauses(), padding: padding(),
    }, same |read, b| matches!(b.entries, PauseResumeList::Built(entries) if read.entries().eq(entries.iter().copied()))
        && (read.sender_ssrc(), read.media_ssrc(), read.padding()) == (b.sender_ssrc, b.media_ssrc, b.padding);
    Vbcm = VbcmBuilder { sender_ssrc: any(), media_ssrc: any(), entries: commands(), padding: padding() },
        if |b| !matches!(b.entries, VbcmEntryList::Built([])),
        same |read, b| matches!(b.entries, VbcmEntryList::Built(list) if read.entries().eq(list.iter().copied()))
            && (read.sender_ssrc(), read.media_ssrc(), read.padding()) == (b.sender_ssrc, b.media_ssrc, b.padding);
    Rams = RamsBuilder {
        sender_ssrc: any(), media_ssrc: any(), sub_format: rams_format(), message_sequence_number: any(),
        response: any(), tlvs: tlvs(), padding: padding(),
    }, if |b| match b.tlvs {
        RamsTlvList::Built(tlvs) => {
            let once = |(place, tlv): (usize, &RamsTlv<'_>)| {
                tlvs[..place].iter().all(|other| other.tlv_type() != tlv.tlv_type())
            };
            // RFC 6285 section 7.2: a request names the senders it wants.
            let requested = tlvs.iter().any(|tlv| tlv.tlv_type().0 == 1);
            tlvs.iter().enumerate().all(once) && (b.sub_format.0 != 1 || requested)
        }
        RamsTlvList::Read(_) => false,
    }, same |read, b| matches!(b.tlvs, RamsTlvList::Built(tlvs) if read.tlvs().eq(tlvs.iter().copied()))
        && (read.sender_ssrc(), read.media_ssrc(), read.padding()) == (b.sender_ssrc, b.media_ssrc, b.padding)
        && (read.sub_format(), read.message_sequence_number(), read.response())
            == (b.sub_format, b.message_sequence_number, b.response);
    MsAfb = MsAfbBuilder {
        sender_ssrc: any(), media_ssrc: any(), message: ms_message(), padding: padding(),
    }, same |read, b| (read.sender_ssrc(), read.media_ssrc(), read.padding()) == (b.sender_ssrc, b.media_ssrc, b.padding)
        && match b.message {
            MsAfbMessage::VideoSourceRequest(request) => read.video_source_request() == Some(request),
            MsAfbMessage::Raw { afb_type, body } => (read.afb_type(), read.body()) == (afb_type, body),
        };
    Rsi = RsiBuilder {
        reserved: up_to(31u8), ssrc: any(), summarized_ssrc: any(), ntp_timestamp: any(),
        sub_reports: sub_reports(), padding: padding(),
    }, if |b| {
        let list = match b.sub_reports {
            RsiSubReportList::Built(list) => list,
            RsiSubReportList::Read(_) => &[],
        };
        let count = |number: u8| list.iter().filter(|report| report.report_type().0 == number).count();
        // RFC 5760 section 7.1: the group's size or a bandwidth, and one target of a kind.
        count(11) + count(12) > 0 && (0..3).all(|target| count(target) < 2)
    }, same |read, b| matches!(b.sub_reports, RsiSubReportList::Built(list) if read.sub_reports().eq(list.iter().copied()))
        && (read.reserved(), read.ssrc(), read.summarized_ssrc(), read.ntp_timestamp(), read.padding())
            == (b.reserved, b.ssrc, b.summarized_ssrc, b.ntp_timestamp, b.padding);
    SourceDescription = SourceDescriptionBuilder { chunks: sdes_chunks(), padding: padding() },
        if |b| matches!(b.chunks, SdesChunkList::Built(list) if list.len() <= 31),
        same |read, b| read.padding() == b.padding && matches!(b.chunks, SdesChunkList::Built(list) if {
            read.chunks().len() == list.len() && read.chunks().zip(list).all(|(read, built)| {
                read.ssrc() == built.ssrc && read.items().eq(built.items.iter().copied())
            })
        });
    ExtendedReport = ExtendedReportBuilder { reserved: up_to(31u8), ssrc: any(), blocks: blocks(), padding: padding() },
        same |read, b| (read.ssrc(), read.padding(), read.header().count()) == (b.ssrc, b.padding, b.reserved)
            && matches!(b.blocks, xr::BlockList::Built(list) if {
                read.check_blocks() == Ok(()) && read.blocks().count() == list.len()
            });
}

fn bare(element: TokenElement<'_>) -> TokenElement<'_> {
    assert!(element.fill.len() < 4 && element.fill.iter().all(|&byte| byte == 0));
    TokenElement { fill: &[], ..element }
}

/// A packet of any type.
pub fn packet<'a>(s: &mut Source<'a>) -> Made<'a> {
    s.cname = false;
    match s.below(PACKETS.len() + 2) {
        number if number < PACKETS.len() => PACKETS[number](s),
        _ => transport_cc(s),
    }
}

fn transport_cc<'a>(s: &mut Source<'a>) -> Made<'a> {
    let (chunks, packet_status_count, deltas) = s.statuses();
    let built = TransportCcBuilder {
        sender_ssrc: s.any(),
        media_ssrc: s.any(),
        base_sequence_number: s.any(),
        packet_status_count,
        reference_time: s.signed_24(),
        feedback_packet_count: s.any(),
        chunks,
        deltas,
        fill: &[],
        padding: s.padding(),
    };
    s.made(built, |bytes, built| {
        let view = TransportCc::parse(bytes).expect("what is written parses");
        assert!(view.fill().len() < 4 && view.fill().iter().all(|&byte| byte == 0));
        assert_eq!(TransportCcBuilder { fill: &[], ..view.into() }, *built);
        assert_eq!(view.statuses().count(), usize::from(packet_status_count));
    })
}
