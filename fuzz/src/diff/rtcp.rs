//! RTCP, as rtcp-types and rtc-rtcp read it: the walk over a datagram, and each packet by itself.

use mediawire::rtcp::xr::{Block, Chunk};
use mediawire::rtcp::{Compound, Packet, PacketStatus, ReportBlock, SdesItemType};
use rtc_rtcp::extended_report as rtc_xr;
use rtc_rtcp::packet::Packet as RtcPacket;
use rtc_rtcp::payload_feedbacks::{
    full_intra_request::FullIntraRequest, picture_loss_indication::PictureLossIndication,
    receiver_estimated_maximum_bitrate::ReceiverEstimatedMaximumBitrate,
    slice_loss_indication::SliceLossIndication,
};
use rtc_rtcp::transport_feedbacks::{
    cc_feedback_report::CcFeedbackReport,
    rapid_resynchronization_request::RapidResynchronizationRequest,
    transport_layer_cc::{PacketStatusChunk, SymbolTypeTcc, TransportLayerCc},
    transport_layer_nack::TransportLayerNack,
};
use rtc_rtcp::{
    goodbye::Goodbye, raw_packet::RawPacket, reception_report::ReceptionReport, source_description,
};
use rtc_shared::marshal::Unmarshal;
use rtcp_types::prelude::*;

use super::{Difference, Found, Others, PANICS, REFUSED};

/// A datagram: the walk over it.
static COMPOUND: Others =
    Others { compare: &[("rtcp-types", types_compound), ("rtc-rtcp", rtc_compound)], known: &[] };

/// One packet, header included, and nothing behind it.
static PACKET: Others =
    Others { compare: &[("rtcp-types", types), ("rtc-rtcp", rtc)], known: KNOWN };

/// A datagram, and the packets in it.
pub fn check(datagram: &[u8]) {
    COMPOUND.check(datagram);
    let mut walk = Compound::new(datagram);
    loop {
        let from = walk.offset();
        if walk.next().is_none() {
            return;
        }
        PACKET.check(&datagram[from..walk.offset()]);
    }
}

/// Whether each known difference is still one.
pub fn check_known() {
    PACKET.check_known();
}

/// An XR block that only the other reads.
const BLOCK_REFUSED: &str = "block refused";

const KNOWN: &[Difference] = &[
    Difference {
        other: "rtcp-types",
        fields: &[],
        why: "It reads padding as more of the packet, but in APP. RFC 3550 section 6.4.1: it is no part of the control \
              information",
        when: |bytes| bytes[0] & 0x20 != 0,
        example: &[
            0xA1, 205, 0, 4, 0, 0, 0, 1, 0, 0, 0, 2, // NACK, P=1
            0, 3, 0, 0, 0, 0, 0, 4, // 4 bytes of padding
        ],
    },
    Difference {
        other: "rtcp-types",
        fields: &["DLRR", "receipt times of packets"],
        why: "It reads the blocks behind this one as more of its list. RFC 3611 section 3: the block length ends it",
        when: |bytes| bytes[1] == 207,
        example: &[
            0x80, 207, 0, 8, 0, 0, 0, 1, //
            5, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, // DLRR, 1 sub-block
            200, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0, 6,
        ],
    },
    Difference {
        other: "rtcp-types",
        fields: &["RLE chunks"],
        why: "It leaves out the last chunk, and goes on behind a terminating null. RFC 3611 section 4.1: the chunks \
              fill the block; section 4.1.3: the null ends them",
        when: |bytes| bytes[1] == 207,
        example: &[
            0x80, 207, 0, 5, 0, 0, 0, 1, //
            1, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0x80, 1, 0x80, 2, // loss RLE, 2 chunks
        ],
    },
    Difference {
        other: "rtcp-types",
        fields: &[BLOCK_REFUSED, PANICS],
        why: "It does not hold the block length against what the type needs, and panics where the fields of packet \
              receipt times are cut short. RFC 3611 section 4.3: at least 2; section 4.4: always 2",
        when: |bytes| bytes[1] == 207,
        example: &[0x80, 207, 0, 2, 0, 0, 0, 1, 3, 0, 0, 0],
    },
    Difference {
        other: "rtcp-types",
        fields: &[REFUSED],
        why: "It reads a NACK without pairs. RFC 4585 section 6.2.1: at least one",
        when: |bytes| refused(bytes, "NACK", &["pairs"]),
        example: &[0x81, 205, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2],
    },
    Difference {
        other: "rtcp-types",
        fields: &[REFUSED],
        why: "It does not count the chunks, takes words of nulls for the end of one, and needs no null at the end. RFC \
              3550 section 6.5: the count tells them, each ends with a null, and nulls fill no more than its word",
        when: |bytes| {
            let fields =
                ["chunks", "bytes behind the last chunk", "null byte at the end of a chunk"];
            // Behind such words it reads chunks at other places, so that anything may be wrong with ours.
            let elsewhere = bytes.windows(4).any(|word| word == [0; 4]);
            Packet::parse(bytes).is_err_and(|error| {
                error.what == "source description" && (elsewhere || fields.contains(&error.field))
            })
        },
        example: &[0x81, 202, 0, 0],
    },
    Difference {
        other: "rtcp-types",
        fields: &["chunks"],
        why: "The nulls at the end of a chunk go on into a next SSRC that begins with 0. RFC 3550 section 6.5: they \
              fill the last word and no more",
        when: |bytes| {
            let packet = Packet::parse(bytes);
            let Ok(Packet::SourceDescription(packet)) = packet else { return false };
            packet.chunks().skip(1).any(|chunk| chunk.ssrc() >> 24 == 0)
        },
        example: &[
            0x82, 202, 0, 5, 0x11, 0, 0, 1, 0, 0, 0, 0, // no items
            0, 0, 0, 0, 7, 4, b'b', b'c', 1, 0, 0, 0, // SSRC 0: NOTE
        ],
    },
    Difference {
        other: "rtcp-types",
        fields: &[REFUSED],
        why: "It lets the prefix of PRIV go on behind the item. RFC 3550 section 6.5.8: it lies within",
        when: |bytes| refused(bytes, "source description", &["PRIV prefix"]),
        example: &[
            0x81, 202, 0, 4, 0, 0, 0, 1, 1, 3, b'a', b'@', b'b', //
            8, 1, 2, 0, 0, 0, 0, // a prefix of 2 bytes in an item of 1
        ],
    },
    Difference {
        other: "rtcp-types",
        fields: &[REFUSED],
        why: "It leaves out half an entry at the end of FIR. RFC 5104 section 4.3.1.2: the length is 2 + 2 * N words",
        when: |bytes| refused(bytes, "FIR", &["entries"]),
        example: &[
            0x84, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, //
            0, 0, 0, 2, 3, 0, 0, 0, 0, 0, 0, 4,
        ],
    },
    Difference {
        other: "rtcp-types",
        fields: &[REFUSED],
        why: "It counts whole bytes of padding bits alone. RFC 4585 section 6.3.3.2: no more of them than there are",
        when: |bytes| refused(bytes, "RPSI", &["padding bits"]),
        example: &[0x83, 206, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 23, 96, 0, 0],
    },
    Difference {
        other: "rtcp-types",
        fields: &[REFUSED],
        why: "It reads transport-cc whose chunks are too few for its count. draft-holmer-rmcat-transport-wide-cc-\
              extensions-01 section 3.1: each packet has a status",
        when: |bytes| refused(bytes, "transport-cc", &["packet chunks"]),
        example: &[0x8F, 205, 0, 4, 0, 0, 0, 1, 0, 0, 0, 2, 0, 3, 0, 1, 0, 0, 0, 0],
    },
    Difference {
        other: "rtc-rtcp",
        fields: &[],
        why: "It reads padding as more of the packet. RFC 3550 section 6.4.1: it is no part of the control information",
        when: |bytes| bytes[0] & 0x20 != 0,
        example: &[
            0xA1, 205, 0, 4, 0, 0, 0, 1, 0, 0, 0, 2, // NACK, P=1
            0, 3, 0, 0, 0, 0, 0, 4, // 4 bytes of padding
        ],
    },
    Difference {
        other: "rtc-rtcp",
        fields: &["RLE chunks"],
        why: "It goes on behind a terminating null chunk. RFC 3611 section 4.1.3: the null ends the chunks",
        when: |bytes| bytes[1] == 207,
        example: &[
            0x80, 207, 0, 5, 0, 0, 0, 1, //
            1, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0x80, 2, // loss RLE: null, vector
        ],
    },
    Difference {
        other: "rtc-rtcp",
        fields: &["bitrate"],
        why: "A mantissa of 0 is 2^23 times the exponent's power to it. draft-alvestrand-rmcat-remb-03 section 2.2: \
              the bitrate is mantissa × 2^exponent",
        when: |bytes| matches!(Packet::parse(bytes), Ok(Packet::Remb(remb)) if remb.mantissa() == 0),
        example: &[
            0x8F, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, b'R', b'E', b'M', b'B', //
            1, 0, 0, 0, 0, 0, 0, 2,
        ],
    },
    Difference {
        other: "rtc-rtcp",
        fields: &[REFUSED],
        why: "It reads REMB with more bytes than its SSRCs. draft-alvestrand-rmcat-remb-03 section 2.2: Num SSRC \
              counts what is there",
        when: |bytes| refused(bytes, "REMB", &["bytes behind the last SSRC"]),
        example: &[
            0x8F, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, b'R', b'E', b'M', b'B', //
            0, 0, 0, 1, 0, 0, 0, 2,
        ],
    },
    Difference {
        other: "rtc-rtcp",
        fields: &[REFUSED],
        why: "It reads RTCP-SR-REQ with control information. RFC 6051 section 3.2: there is none, the length is 2",
        when: |bytes| refused(bytes, "RTCP-SR-REQ", &["FCI"]),
        example: &[0x85, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3],
    },
    Difference {
        other: "rtc-rtcp",
        fields: &["chunks", REFUSED],
        why: "An item of a type above 8 ends its chunk. RFC 3550 section 6.5: the list ends with a null; RFC 7941 \
              section 4.1 and RFC 8843 section 15.2 register types above 8",
        when: |bytes| bytes[1] == 202 && has_item_above_8(bytes),
        example: &[0x81, 202, 0, 2, 0, 0, 0, 1, 15, 1, b'0', 0],
    },
    Difference {
        other: "rtc-rtcp",
        fields: &[REFUSED],
        why: "It does not look into PRIV. RFC 3550 section 6.5.8: the prefix lies within the item",
        when: |bytes| refused(bytes, "source description", &["PRIV prefix", "PRIV prefix length"]),
        example: &[0x81, 202, 0, 2, 0, 0, 0, 1, 8, 1, 2, 0],
    },
    Difference {
        other: "rtc-rtcp",
        fields: &["deltas"],
        why: "Symbols beyond the packet status count take deltas. draft-holmer-rmcat-transport-wide-cc-extensions-01 \
              section 3.1: each received packet has one",
        when: |bytes| {
            let Ok(Packet::TransportCc(packet)) = Packet::parse(bytes) else { return false };
            // Only a vector can have more of them than it needs.
            packet.chunks().last().is_some_and(|last| last[0] & 0x80 != 0)
        },
        example: &[
            0x8F, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, //
            0, 3, 0, 1, 0, 0, 0, 0, 0xB0, 0, 5, 7, // 1 packet; a vector with 2 received
        ],
    },
    Difference {
        other: "rtc-rtcp",
        fields: &[REFUSED],
        why: "It reads the symbol 3. draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1.1: reserved",
        when: |bytes| refused(bytes, "transport-cc", &["packet status symbol"]),
        example: &[
            0x8F, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, //
            0, 3, 0, 1, 0, 0, 0, 0, 0x60, 1, 0, 0,
        ],
    },
    Difference {
        other: "rtc-rtcp",
        fields: &[REFUSED],
        why: "It reads a large delta of which one byte is left as a small one. draft-holmer-rmcat-transport-wide-cc-\
              extensions-01 section 3.1.5: it has two",
        when: |bytes| refused(bytes, "transport-cc", &["receive deltas"]),
        example: &[
            0x8F, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, //
            0, 3, 0, 2, 0, 0, 0, 0, 0xD8, 0, 1, 2, // small, large: 3 bytes needed
        ],
    },
];

/// Whether we refuse the packet, and for one of these fields.
fn refused(bytes: &[u8], what: &str, fields: &[&str]) -> bool {
    Packet::parse(bytes).is_err_and(|error| error.what == what && fields.contains(&error.field))
}

/// Whether an item of a source description, up to where it can be read, is of a type above 8.
fn has_item_above_8(bytes: &[u8]) -> bool {
    let mut at = 8;
    while let [item_type, rest @ ..] = bytes.get(at..).unwrap_or(&[]) {
        match (item_type, rest) {
            (0, _) => at = (at + 4 & !3) + 4, // to the next word, and over the next chunk's SSRC
            (1..=8, [len, ..]) => at += 2 + usize::from(*len),
            (1..=8, []) => return false,
            _ => return true,
        }
    }
    false
}

/// Type, count and length of each packet up to the first that is refused.
fn headers(datagram: &[u8]) -> impl Iterator<Item = (u8, u8, usize)> {
    let headers = Compound::new(datagram).map_while(Result::ok).map(|packet| packet.header());
    headers.map(|header| (header.packet_type().0, header.count(), header.packet_len()))
}

fn types_compound(datagram: &[u8], found: &mut Found) {
    let theirs = found.call(|| {
        let packets = rtcp_types::Compound::parse(datagram).ok()?.map_while(Result::ok);
        Some(packets.map(|packet| (packet.type_(), packet.count(), packet.length())).collect())
    });
    let Some(Some(theirs)) = theirs else { return };
    let theirs: Vec<_> = theirs;
    let both = headers(datagram).zip(theirs);
    both.for_each(|(ours, theirs)| found.same("header", ours, theirs));
}

fn rtc_compound(datagram: &[u8], found: &mut Found) {
    let theirs = found.call(|| rtc_rtcp::packet::unmarshal(&mut &datagram[..]));
    if let Some(Ok(theirs)) = theirs
        && Compound::new(datagram).all(|packet| packet.is_ok())
    {
        found.same("packets", headers(datagram).count(), theirs.len());
    }
}

fn types(bytes: &[u8], found: &mut Found) {
    use rtcp_types::Packet as Theirs;
    let theirs = found.call(|| Theirs::parse(bytes).ok().filter(whole).ok_or(()));
    let ours = Packet::parse(bytes);
    if ours.is_err() && theirs.as_ref().is_some_and(|packet| packet.as_ref().is_ok_and(is_unread)) {
        return;
    }
    let Some((ours, theirs)) = found.both(REFUSED, ours, theirs) else { return };
    let header = ours.header();
    found.same("type", header.packet_type().0, theirs.type_());
    found.same("count", header.count(), theirs.count());
    found.same("length", header.packet_len(), theirs.length());
    match (ours, &theirs) {
        (Packet::SenderReport(ours), Theirs::Sr(theirs)) => {
            found.same("SSRC", ours.ssrc(), theirs.ssrc());
            found.same("NTP timestamp", ours.ntp_timestamp().0, theirs.ntp_timestamp());
            found.same("RTP timestamp", ours.rtp_timestamp(), theirs.rtp_timestamp());
            found.same("packet count", ours.packet_count(), theirs.packet_count());
            found.same("octet count", ours.octet_count(), theirs.octet_count());
            found.list("blocks", ours.blocks().map(block), theirs.report_blocks().map(types_block));
            found.same("padding", ours.padding().len(), usize::from(theirs.padding().unwrap_or(0)));
        }
        (Packet::ReceiverReport(ours), Theirs::Rr(theirs)) => {
            found.same("SSRC", ours.ssrc(), theirs.ssrc());
            found.list("blocks", ours.blocks().map(block), theirs.report_blocks().map(types_block));
        }
        (Packet::SourceDescription(ours), Theirs::Sdes(theirs)) => {
            let ours = ours.chunks().map(|chunk| {
                let items = chunk.items().map(|item| (item.item_type.0, item.prefix, item.value));
                (chunk.ssrc(), items.collect::<Vec<_>>())
            });
            let theirs = theirs.chunks().map(|chunk| {
                let items = chunk.items().map(|item| {
                    let private = item.type_() == rtcp_types::SdesItem::PRIV;
                    (item.type_(), if private { item.priv_prefix() } else { &[] }, item.value())
                });
                (chunk.ssrc(), items.collect())
            });
            let Some(theirs) = found.call(|| theirs.collect::<Vec<_>>()) else { return };
            found.list("chunks", ours, theirs);
        }
        (Packet::Bye(ours), Theirs::Bye(theirs)) => {
            found.list("sources", ours.sources(), theirs.ssrcs());
            found.same("reason", ours.reason(), theirs.reason());
        }
        (Packet::App(ours), Theirs::App(theirs)) => {
            found.same("SSRC", ours.ssrc(), theirs.ssrc());
            found.same("name", *ours.name(), theirs.name());
            let Some(data) = found.call(|| theirs.data()) else { return };
            found.same("data", ours.data(), data);
        }
        (ours, Theirs::TransportFeedback(theirs)) => {
            types_transport_feedback(ours, theirs, found);
        }
        (ours, Theirs::PayloadFeedback(theirs)) => types_payload_feedback(ours, theirs, found),
        (Packet::ExtendedReport(ours), Theirs::Xr(theirs)) => {
            found.same("SSRC", ours.ssrc(), theirs.sender_ssrc());
            let raw: Vec<_> = ours.raw_blocks().collect();
            let blocks: Vec<_> = theirs.block_iter().collect();
            found.list(
                "blocks",
                raw.iter().map(|b| (b.block_type().0, b.type_specific(), b.as_bytes().len())),
                blocks.iter().map(|b| (b.block_type(), b.type_specific_byte(), b.length())),
            );
            for (ours, theirs) in raw.iter().zip(&blocks) {
                types_xr(Block::parse(ours.as_bytes()), theirs, found);
            }
        }
        (_, Theirs::Unknown(theirs)) => found.same("data", bytes, theirs.data()),
        (ours, theirs) => found.same("kind", format!("{ours}"), format!("{theirs:?}")),
    }
}

/// Whether rtcp-types reads no more than the header.
fn is_unread(packet: &rtcp_types::Packet<'_>) -> bool {
    use rtcp_types::Packet;
    match packet {
        Packet::Unknown(_) => true,
        Packet::TransportFeedback(packet) => !matches!(packet.count(), 1 | 15),
        Packet::PayloadFeedback(packet) => !matches!(packet.count(), 1..=4),
        _ => false,
    }
}

/// Whether what rtcp-types reads only when asked can be read too.
fn whole(packet: &rtcp_types::Packet<'_>) -> bool {
    use rtcp_types::{Fir, Nack, Packet, Pli, Rpsi, Sli, Twcc};
    match packet {
        Packet::TransportFeedback(packet) => match packet.count() {
            1 => packet.parse_fci::<Nack>().is_ok(),
            15 => packet.parse_fci::<Twcc>().is_ok_and(|fci| fci.packets().all(|p| p.is_ok())),
            _ => true,
        },
        Packet::PayloadFeedback(packet) => match packet.count() {
            1 => packet.parse_fci::<Pli>().is_ok(),
            2 => packet.parse_fci::<Sli>().is_ok(),
            3 => packet.parse_fci::<Rpsi>().is_ok(),
            4 => packet.parse_fci::<Fir>().is_ok(),
            _ => true,
        },
        _ => true,
    }
}

type BlockFields = (u32, u8, u32, u32, u32, u32, u32);

fn block(block: ReportBlock<'_>) -> BlockFields {
    (
        block.ssrc(),
        block.fraction_lost(),
        block.cumulative_lost() as u32 & 0xFF_FFFF,
        block.extended_highest_sequence_number(),
        block.jitter(),
        block.last_sr().0,
        block.delay_since_last_sr().0,
    )
}

fn types_block(block: rtcp_types::ReportBlock<'_>) -> BlockFields {
    (
        block.ssrc(),
        block.fraction_lost(),
        block.cumulative_lost(),
        block.extended_sequence_number(),
        block.interarrival_jitter(),
        block.last_sender_report_timestamp(),
        block.delay_since_last_sender_report_timestamp(),
    )
}

fn rtc_block(block: &ReceptionReport) -> BlockFields {
    (
        block.ssrc,
        block.fraction_lost,
        block.total_lost,
        block.last_sequence_number,
        block.jitter,
        block.last_sender_report,
        block.delay,
    )
}

fn types_transport_feedback(
    ours: Packet<'_>,
    theirs: &rtcp_types::TransportFeedback<'_>,
    found: &mut Found,
) {
    found.same("padding", ours.padding().len(), usize::from(theirs.padding().unwrap_or(0)));
    let ssrcs = (theirs.sender_ssrc(), theirs.media_ssrc());
    match ours {
        Packet::Nack(ours) => {
            found.same("SSRCs", (ours.sender_ssrc(), ours.media_ssrc()), ssrcs);
            let theirs = theirs.parse_fci::<rtcp_types::Nack>().expect("parsed before");
            found.list("lost", ours.lost_sequence_numbers(), theirs.entries());
        }
        Packet::TransportCc(ours) => {
            found.same("SSRCs", (ours.sender_ssrc(), ours.media_ssrc()), ssrcs);
            let theirs = theirs.parse_fci::<rtcp_types::Twcc>().expect("parsed before");
            found.same("base", ours.base_sequence_number(), theirs.base_sequence_number());
            let reference = ours.reference_time() as u32 & 0xFF_FFFF;
            found.same("reference time", reference, theirs.reference_time());
            let count = (ours.feedback_packet_count(), theirs.feedback_packet_count());
            found.same("feedback packet count", count.0, count.1);
            let theirs = theirs.packets().flatten().map(|(number, status)| match status {
                rtcp_types::TwccPacketStatus::NotReceived => (number, None),
                rtcp_types::TwccPacketStatus::Received { delta } => (number, Some(delta)),
            });
            let ours = ours.statuses().map(|(number, status)| (number, status.delta()));
            found.list("statuses", ours, theirs);
        }
        // Some formats have something else in the places of the SSRCs.
        _ => {}
    }
}

fn types_payload_feedback(
    ours: Packet<'_>,
    theirs: &rtcp_types::PayloadFeedback<'_>,
    found: &mut Found,
) {
    found.same("padding", ours.padding().len(), usize::from(theirs.padding().unwrap_or(0)));
    let ssrcs = (theirs.sender_ssrc(), theirs.media_ssrc());
    match ours {
        Packet::Pli(ours) => {
            found.same("SSRCs", (ours.sender_ssrc(), ours.media_ssrc()), ssrcs);
        }
        Packet::Sli(ours) => {
            found.same("SSRCs", (ours.sender_ssrc(), ours.media_ssrc()), ssrcs);
            let theirs = theirs.parse_fci::<rtcp_types::Sli>().expect("parsed before");
            // The fields of its entries cannot be read; its builder takes none either.
            let Some(theirs) = found.call(|| theirs.lost_macroblocks().count()) else { return };
            found.same("entries", ours.entries().len(), theirs);
        }
        Packet::Rpsi(ours) => {
            found.same("SSRCs", (ours.sender_ssrc(), ours.media_ssrc()), ssrcs);
            let theirs = theirs.parse_fci::<rtcp_types::Rpsi>().expect("parsed before");
            found.same("payload type", ours.payload_type(), theirs.payload_type());
            let (bits, padding) = theirs.bit_string();
            // Its string ends with the last byte that has a bit of it.
            found.same("bits", ours.bit_len(), bits.len() * 8 - padding);
            let len = ours.bit_len().div_ceil(8);
            found.same("bit string", &ours.bit_string()[..len], bits);
        }
        Packet::Fir(ours) => {
            found.same("SSRCs", (ours.sender_ssrc(), ours.media_ssrc()), ssrcs);
            let theirs = theirs.parse_fci::<rtcp_types::Fir>().expect("parsed before");
            let ours = ours.entries().map(|entry| (entry.ssrc, entry.sequence_number));
            found.list("entries", ours, theirs.entries().map(|e| (e.ssrc(), e.sequence())));
        }
        _ => {}
    }
}

fn types_xr<E: std::fmt::Debug>(
    ours: Result<Block<'_>, E>,
    theirs: &rtcp_types::XrBlock<'_>,
    found: &mut Found,
) {
    use rtcp_types::{DelaySinceLastReceiverReport, PacketReceiptTimes, ReceiverReferenceTime};
    fn chunk(chunk: rtcp_types::RleChunk) -> Chunk {
        match chunk {
            rtcp_types::RleChunk::RunLength(length) => Chunk::RunLength { value: true, length },
            rtcp_types::RleChunk::SkipLength(length) => Chunk::RunLength { value: false, length },
            rtcp_types::RleChunk::BitVector(bits) => Chunk::BitVector(bits),
            rtcp_types::RleChunk::Null => Chunk::TerminatingNull,
        }
    }
    /// What both say of an RLE block of either type.
    macro_rules! rle {
        ($ours:ident, $theirs:ident) => {{
            let from_ours =
                ($ours.thinning(), $ours.ssrc(), $ours.begin_sequence(), $ours.end_sequence());
            let from_theirs =
                ($theirs.thinning(), $theirs.media_ssrc(), $theirs.begin(), $theirs.end());
            found.same("RLE", from_ours, from_theirs);
            found.list("RLE chunks", $ours.chunks(), $theirs.chunk_iter().map(chunk));
        }};
    }
    match theirs.block_type() {
        1 => {
            let theirs = found.call(|| theirs.parse_into::<rtcp_types::LossRle>());
            if let Some((Block::LossRle(ours), theirs)) = found.both(BLOCK_REFUSED, ours, theirs) {
                rle!(ours, theirs);
            }
        }
        2 => {
            let theirs = found.call(|| theirs.parse_into::<rtcp_types::DuplicateRle>());
            if let Some((Block::DuplicateRle(ours), theirs)) =
                found.both(BLOCK_REFUSED, ours, theirs)
            {
                rle!(ours, theirs);
            }
        }
        3 => {
            let theirs = found.call(|| theirs.parse_into::<PacketReceiptTimes>());
            let Some((Block::PacketReceiptTimes(ours), theirs)) =
                found.both(BLOCK_REFUSED, ours, theirs)
            else {
                return;
            };
            let from_ours =
                (ours.thinning(), ours.ssrc(), ours.begin_sequence(), ours.end_sequence());
            let from_theirs =
                (theirs.thinning(), theirs.media_ssrc(), theirs.begin(), theirs.end());
            found.same("receipt times", from_ours, from_theirs);
            let Some(times) = found.call(|| theirs.sequence_iter().collect::<Vec<_>>()) else {
                return;
            };
            found.list("receipt times of packets", ours.packets(), times);
        }
        4 => {
            let theirs = found.call(|| theirs.parse_into::<ReceiverReferenceTime>());
            if let Some((Block::ReceiverReferenceTime(ours), theirs)) =
                found.both(BLOCK_REFUSED, ours, theirs)
            {
                found.same("reference", ours.ntp_timestamp().0, theirs.ntp_timestamp());
            }
        }
        5 => {
            let theirs = found.call(|| theirs.parse_into::<DelaySinceLastReceiverReport>());
            if let Some((Block::Dlrr(ours), theirs)) = found.both(BLOCK_REFUSED, ours, theirs) {
                let from_ours = ours
                    .sub_blocks()
                    .map(|sub| (sub.ssrc, sub.last_rr.0, sub.delay_since_last_rr.0));
                let from_theirs = theirs.block_iter().map(|sub| {
                    let delay = sub.delay_since_last_receiver_report_timestamp();
                    (sub.ssrc(), sub.last_receiver_report(), delay)
                });
                found.list("DLRR", from_ours, from_theirs);
            }
        }
        _ => {}
    }
}

fn rtc(bytes: &[u8], found: &mut Found) {
    // Its dispatch expects SLI under another packet type than RFC 4585 section 6.3.2 and its own parser of SLI.
    if let Ok(Packet::Sli(ours)) = Packet::parse(bytes) {
        let mut patched = bytes.to_vec();
        patched[1] = 205;
        if let Some(Ok(theirs)) = found.call(|| SliceLossIndication::unmarshal(&mut &patched[..])) {
            let ssrcs = (theirs.sender_ssrc, theirs.media_ssrc);
            found.same("SSRCs", (ours.sender_ssrc(), ours.media_ssrc()), ssrcs);
            let ours = ours.entries().map(|entry| (entry.first, entry.number, entry.picture_id));
            let theirs = theirs.sli_entries.iter();
            found.list("entries", ours, theirs.map(|e| (e.first, e.number, e.picture)));
        }
        return;
    }
    let theirs = found.call(|| {
        rtc_rtcp::packet::unmarshal(&mut &bytes[..]).ok().and_then(|mut packets| packets.pop())
    });
    // Of a type that it does not know it reads the header alone.
    let theirs =
        theirs.map(|packet| packet.filter(|packet| !packet.as_any().is::<RawPacket>()).ok_or(()));
    let Some((ours, theirs)) = found.both(REFUSED, Packet::parse(bytes), theirs) else { return };
    rtc_same(ours, &*theirs, found);
}

fn rtc_same(ours: Packet<'_>, theirs: &dyn RtcPacket, found: &mut Found) {
    use rtc_rtcp::receiver_report::ReceiverReport;
    use rtc_rtcp::sender_report::SenderReport;
    let any = theirs.as_any();
    match ours {
        Packet::SenderReport(ours) => {
            let Some(theirs) = any.downcast_ref::<SenderReport>() else { return };
            found.same("SSRC", ours.ssrc(), theirs.ssrc);
            found.same("NTP timestamp", ours.ntp_timestamp().0, theirs.ntp_time);
            found.same("RTP timestamp", ours.rtp_timestamp(), theirs.rtp_time);
            found.same("packet count", ours.packet_count(), theirs.packet_count);
            found.same("octet count", ours.octet_count(), theirs.octet_count);
            found.list("blocks", ours.blocks().map(block), theirs.reports.iter().map(rtc_block));
            found.same("extension", ours.extension(), &theirs.profile_extensions[..]);
        }
        Packet::ReceiverReport(ours) => {
            let Some(theirs) = any.downcast_ref::<ReceiverReport>() else { return };
            found.same("SSRC", ours.ssrc(), theirs.ssrc);
            found.list("blocks", ours.blocks().map(block), theirs.reports.iter().map(rtc_block));
            found.same("extension", ours.extension(), &theirs.profile_extensions[..]);
        }
        Packet::SourceDescription(ours) => {
            use source_description::SourceDescription;
            let Some(theirs) = any.downcast_ref::<SourceDescription>() else { return };
            let ours = ours.chunks().map(|chunk| {
                let items = chunk.items().map(|item| {
                    let mut text = item.value.to_vec();
                    if item.item_type == SdesItemType::PRIV {
                        let front = [&[item.prefix.len() as u8], item.prefix].concat();
                        text.splice(..0, front);
                    }
                    (item.item_type.0, text)
                });
                (chunk.ssrc(), items.collect::<Vec<_>>())
            });
            let theirs = theirs.chunks.iter().map(|chunk| {
                let items = chunk.items.iter();
                let items = items.map(|item| (item.sdes_type as u8, item.text.to_vec()));
                (chunk.source, items.collect())
            });
            found.list("chunks", ours, theirs);
        }
        Packet::Bye(ours) => {
            let Some(theirs) = any.downcast_ref::<Goodbye>() else { return };
            found.list("sources", ours.sources(), theirs.sources.iter().copied());
            found.same("reason", ours.reason().unwrap_or(&[]), &theirs.reason[..]);
        }
        Packet::Nack(ours) => {
            let Some(theirs) = any.downcast_ref::<TransportLayerNack>() else { return };
            let ssrcs = (theirs.sender_ssrc, theirs.media_ssrc);
            found.same("SSRCs", (ours.sender_ssrc(), ours.media_ssrc()), ssrcs);
            let pairs = ours.pairs().map(|pair| (pair.pid, pair.blp));
            found.list("pairs", pairs, theirs.nacks.iter().map(|p| (p.packet_id, p.lost_packets)));
            let lost = theirs.nacks.iter().flat_map(|pair| pair.packet_list());
            found.list("lost", ours.lost_sequence_numbers(), lost);
        }
        Packet::SrReq(ours) => {
            let Some(theirs) = any.downcast_ref::<RapidResynchronizationRequest>() else { return };
            let ssrcs = (theirs.sender_ssrc, theirs.media_ssrc);
            found.same("SSRCs", (ours.sender_ssrc(), ours.media_ssrc()), ssrcs);
        }
        Packet::TransportCc(ours) => {
            let Some(theirs) = any.downcast_ref::<TransportLayerCc>() else { return };
            let ssrcs = (theirs.sender_ssrc, theirs.media_ssrc);
            found.same("SSRCs", (ours.sender_ssrc(), ours.media_ssrc()), ssrcs);
            found.same("base", ours.base_sequence_number(), theirs.base_sequence_number);
            let reference = ours.reference_time() as u32 & 0xFF_FFFF;
            found.same("reference time", reference, theirs.reference_time);
            let count = ours.feedback_packet_count();
            found.same("feedback packet count", count, theirs.fb_pkt_count);
            let symbols = theirs.packet_chunks.iter().flat_map(|chunk| match chunk {
                PacketStatusChunk::RunLengthChunk(chunk) => {
                    vec![chunk.packet_status_symbol; chunk.run_length.into()]
                }
                PacketStatusChunk::StatusVectorChunk(chunk) => chunk.symbol_list.clone(),
            });
            let statuses: Vec<_> = ours.statuses().map(|(_, status)| status).collect();
            let symbols = symbols.take(theirs.packet_status_count.into());
            let kinds = statuses.iter().map(|status| match status {
                PacketStatus::NotReceived => SymbolTypeTcc::PacketNotReceived,
                PacketStatus::SmallDelta(_) => SymbolTypeTcc::PacketReceivedSmallDelta,
                PacketStatus::LargeDelta(_) => SymbolTypeTcc::PacketReceivedLargeDelta,
            });
            found.list("statuses", kinds, symbols);
            let deltas = statuses.iter().filter_map(|status| status.delta_us()).map(i64::from);
            found.list("deltas", deltas, theirs.recv_deltas.iter().map(|delta| delta.delta));
        }
        Packet::Ccfb(ours) => {
            let Some(theirs) = any.downcast_ref::<CcFeedbackReport>() else { return };
            found.same("SSRC", ours.sender_ssrc(), theirs.sender_ssrc);
            found.same("report timestamp", ours.report_timestamp().0, theirs.report_timestamp);
            let ours = ours.report_blocks().map(|block| {
                // What else a metric says is no value where the packet was not received: there, 0.
                let metrics = block.metrics().map(|(_, metric)| match metric.received() {
                    true => (true, metric.ecn(), metric.arrival_time_offset()),
                    false => (false, 0, 0),
                });
                (block.ssrc(), block.begin_sequence(), metrics.collect::<Vec<_>>())
            });
            let theirs = theirs.report_blocks.iter().map(|block| {
                let metrics = block.metric_blocks.iter();
                let metrics = metrics.map(|m| (m.received, m.ecn as u8, m.arrival_time_offset));
                (block.media_ssrc, block.begin_sequence, metrics.collect())
            });
            found.list("blocks", ours, theirs);
        }
        Packet::Pli(ours) => {
            let Some(theirs) = any.downcast_ref::<PictureLossIndication>() else { return };
            let ssrcs = (theirs.sender_ssrc, theirs.media_ssrc);
            found.same("SSRCs", (ours.sender_ssrc(), ours.media_ssrc()), ssrcs);
        }
        Packet::Fir(ours) => {
            let Some(theirs) = any.downcast_ref::<FullIntraRequest>() else { return };
            let ssrcs = (theirs.sender_ssrc, theirs.media_ssrc);
            found.same("SSRCs", (ours.sender_ssrc(), ours.media_ssrc()), ssrcs);
            let entries = ours.entries().map(|entry| (entry.ssrc, entry.sequence_number));
            found.list("entries", entries, theirs.fir.iter().map(|e| (e.ssrc, e.sequence_number)));
        }
        Packet::Remb(ours) => {
            let Some(theirs) = any.downcast_ref::<ReceiverEstimatedMaximumBitrate>() else {
                return;
            };
            found.same("SSRC", ours.sender_ssrc(), theirs.sender_ssrc);
            let bitrate = ours.mantissa() as f32 * 2f32.powi(ours.exponent().into());
            found.same("bitrate", bitrate, theirs.bitrate);
            found.list("SSRCs", ours.ssrcs(), theirs.ssrcs.iter().copied());
        }
        Packet::ExtendedReport(ours) => {
            let Some(theirs) = any.downcast_ref::<rtc_xr::ExtendedReport>() else { return };
            found.same("SSRC", ours.ssrc(), theirs.sender_ssrc);
            found.same("blocks", ours.raw_blocks().count(), theirs.reports.len());
            for (ours, theirs) in ours.raw_blocks().zip(&theirs.reports) {
                rtc_xr_same(Block::parse(ours.as_bytes()), &**theirs, found);
            }
        }
        _ => {}
    }
}

fn rtc_xr_same<E: std::fmt::Debug>(
    ours: Result<Block<'_>, E>,
    theirs: &dyn RtcPacket,
    found: &mut Found,
) {
    let any = theirs.as_any();
    if any.is::<rtc_xr::UnknownReportBlock>() {
        return;
    }
    let Some((ours, ())) = found.both(BLOCK_REFUSED, ours, Some(Ok::<_, ()>(()))) else { return };
    /// What both say of an RLE block of either type.
    macro_rules! rle {
        ($ours:ident) => {{
            let Some(theirs) = any.downcast_ref::<rtc_xr::RLEReportBlock>() else { return };
            let from_ours =
                ($ours.thinning(), $ours.ssrc(), $ours.begin_sequence(), $ours.end_sequence());
            let from_theirs = (theirs.t, theirs.ssrc, theirs.begin_seq, theirs.end_seq);
            found.same("RLE", from_ours, from_theirs);
            let chunks = theirs.chunks.iter().map(|chunk| Chunk::from_bytes(chunk.0.to_be_bytes()));
            found.list("RLE chunks", $ours.chunks(), chunks);
        }};
    }
    match ours {
        Block::LossRle(ours) => rle!(ours),
        Block::DuplicateRle(ours) => rle!(ours),
        Block::PacketReceiptTimes(ours) => {
            let Some(theirs) = any.downcast_ref::<rtc_xr::PacketReceiptTimesReportBlock>() else {
                return;
            };
            let from_ours =
                (ours.thinning(), ours.ssrc(), ours.begin_sequence(), ours.end_sequence());
            let from_theirs = (theirs.t, theirs.ssrc, theirs.begin_seq, theirs.end_seq);
            found.same("receipt times", from_ours, from_theirs);
            let times = theirs.receipt_time.iter().copied();
            found.list("receipt times of packets", ours.receipt_times(), times);
        }
        Block::ReceiverReferenceTime(ours) => {
            let Some(theirs) = any.downcast_ref::<rtc_xr::ReceiverReferenceTimeReportBlock>()
            else {
                return;
            };
            found.same("reference", ours.ntp_timestamp().0, theirs.ntp_timestamp);
        }
        Block::Dlrr(ours) => {
            let Some(theirs) = any.downcast_ref::<rtc_xr::DLRRReportBlock>() else { return };
            let from_ours =
                ours.sub_blocks().map(|sub| (sub.ssrc, sub.last_rr.0, sub.delay_since_last_rr.0));
            let from_theirs = theirs.reports.iter().map(|sub| (sub.ssrc, sub.last_rr, sub.dlrr));
            found.list("DLRR", from_ours, from_theirs);
        }
        Block::StatisticsSummary(ours) => {
            let Some(theirs) = any.downcast_ref::<rtc_xr::StatisticsSummaryReportBlock>() else {
                return;
            };
            let reports = (ours.loss_report(), ours.duplicate_report(), ours.jitter_report());
            let theirs_of = (theirs.loss_reports, theirs.duplicate_reports, theirs.jitter_reports);
            found.same("summary flags", reports, theirs_of);
            found.same("TTL or HL", ours.ttl_or_hop_limit(), theirs.ttl_or_hop_limit as u8);
            let range = (ours.ssrc(), ours.begin_sequence(), ours.end_sequence());
            found.same("summary range", range, (theirs.ssrc, theirs.begin_seq, theirs.end_seq));
            found.same(
                "summary",
                [
                    ours.lost_packets(),
                    ours.dup_packets(),
                    ours.min_jitter(),
                    ours.max_jitter(),
                    ours.mean_jitter(),
                    ours.dev_jitter(),
                ],
                [
                    theirs.lost_packets,
                    theirs.dup_packets,
                    theirs.min_jitter,
                    theirs.max_jitter,
                    theirs.mean_jitter,
                    theirs.dev_jitter,
                ],
            );
            let hops = [
                ours.min_ttl_or_hl(),
                ours.max_ttl_or_hl(),
                ours.mean_ttl_or_hl(),
                ours.dev_ttl_or_hl(),
            ];
            let theirs = [
                theirs.min_ttl_or_hl,
                theirs.max_ttl_or_hl,
                theirs.mean_ttl_or_hl,
                theirs.dev_ttl_or_hl,
            ];
            found.same("summary hops", hops, theirs);
        }
        Block::VoipMetrics(ours) => {
            let Some(theirs) = any.downcast_ref::<rtc_xr::VoIPMetricsReportBlock>() else {
                return;
            };
            found.same("VoIP SSRC", ours.ssrc(), theirs.ssrc);
            found.same(
                "VoIP bytes",
                [
                    ours.loss_rate(),
                    ours.discard_rate(),
                    ours.burst_density(),
                    ours.gap_density(),
                    ours.signal_level().cast_unsigned(),
                    ours.noise_level().cast_unsigned(),
                    ours.rerl(),
                    ours.gmin(),
                    ours.r_factor(),
                    ours.ext_r_factor(),
                    ours.mos_lq(),
                    ours.mos_cq(),
                    ours.plc() << 6 | ours.jba() << 4 | ours.jb_rate(),
                ],
                [
                    theirs.loss_rate,
                    theirs.discard_rate,
                    theirs.burst_density,
                    theirs.gap_density,
                    theirs.signal_level,
                    theirs.noise_level,
                    theirs.rerl,
                    theirs.gmin,
                    theirs.rfactor,
                    theirs.ext_rfactor,
                    theirs.mos_lq,
                    theirs.mos_cq,
                    theirs.rx_config,
                ],
            );
            found.same(
                "VoIP times",
                [
                    ours.burst_duration(),
                    ours.gap_duration(),
                    ours.round_trip_delay(),
                    ours.end_system_delay(),
                    ours.jb_nominal(),
                    ours.jb_maximum(),
                    ours.jb_abs_max(),
                ],
                [
                    theirs.burst_duration,
                    theirs.gap_duration,
                    theirs.round_trip_delay,
                    theirs.end_system_delay,
                    theirs.jb_nominal,
                    theirs.jb_maximum,
                    theirs.jb_abs_max,
                ],
            );
        }
        _ => {}
    }
}
