//! RTP by the other crates, each in its fastest way.
//!
//! rtp-types and rtp-rs give the extension as bytes: its elements are read and written by the floor's functions there.

use bytes::Bytes;
use rtc_shared::marshal::{Marshal as _, Unmarshal as _};
use rtp_types::{RtpPacket, RtpPacketBuilder, RtpPacketMut};
use webrtc_util::marshal::{Marshal as _, Unmarshal as _};

use super::{
    AUDIO_LEVEL, Fields, MID, Parts, Rewrite, SEND_TIME, TRANSPORT_CC, WithElements, floor,
};
use crate::workload::{Reading, Writing};

#[inline]
fn rtp_types_fields(packet: &RtpPacket<'_>) -> Fields {
    Fields {
        padding: packet.padding_bit(),
        extension: packet.extension_bit(),
        csrc_count: packet.n_csrcs(),
        marker: packet.marker_bit(),
        payload_type: packet.payload_type(),
        sequence_number: packet.sequence_number(),
        timestamp: packet.timestamp(),
        ssrc: packet.ssrc(),
        payload_len: packet.payload_len(),
    }
}

#[inline]
fn rtp_rs_fields(packet: &rtp_rs::RtpReader<'_>) -> Fields {
    Fields {
        padding: packet.padding().is_some(),
        extension: packet.extension().is_some(),
        csrc_count: packet.csrc_count(),
        marker: packet.mark(),
        payload_type: packet.payload_type(),
        sequence_number: packet.sequence_number().into(),
        timestamp: packet.timestamp(),
        ssrc: packet.ssrc(),
        payload_len: packet.payload().len(),
    }
}

/// The packets of both webrtc-rs crates have the same fields and no type in common.
macro_rules! webrtc_fields {
    ($packet:expr) => {
        Fields {
            padding: $packet.header.padding,
            extension: $packet.header.extension,
            csrc_count: u8::try_from($packet.header.csrc.len()).ok()?,
            marker: $packet.header.marker,
            payload_type: $packet.header.payload_type,
            sequence_number: $packet.header.sequence_number,
            timestamp: $packet.header.timestamp,
            ssrc: $packet.header.ssrc,
            payload_len: $packet.payload.len(),
        }
    };
}

pub(super) fn plain<'b>(
    workload: Reading<'b, Bytes, Option<Fields>>,
) -> Reading<'b, Bytes, Option<Fields>> {
    workload
        .contestant("rtp-types", |bytes| Some(rtp_types_fields(&RtpPacket::parse(bytes).ok()?)))
        .contestant("rtp-rs", |bytes| Some(rtp_rs_fields(&rtp_rs::RtpReader::new(bytes).ok()?)))
        .contestant("rtp", |bytes| {
            let packet = webrtc_rtp::packet::Packet::unmarshal(&mut bytes.clone()).ok()?;
            Some(webrtc_fields!(packet))
        })
        .contestant("rtc-rtp", |bytes| {
            let packet = rtc_rtp::packet::Packet::unmarshal(&mut bytes.clone()).ok()?;
            Some(webrtc_fields!(packet))
        })
}

#[inline]
fn with_elements(fields: Fields, transport_cc: u16, level: u8) -> WithElements {
    WithElements { fields, transport_cc, voice: level & 0x80 != 0, level: level & 0x7f }
}

#[inline]
fn by_hand(fields: Fields, (profile, area): (u16, &[u8])) -> Option<WithElements> {
    if profile != 0xbede {
        return None;
    }
    let (transport_cc, level) = floor::two_elements(area)?;
    Some(with_elements(fields, transport_cc, level))
}

#[inline]
fn by_bytes(fields: Fields, transport_cc: Bytes, level: Bytes) -> Option<WithElements> {
    let (&[a, b], &[level]) = (&*transport_cc, &*level) else { return None };
    Some(with_elements(fields, u16::from_be_bytes([a, b]), level))
}

pub(super) fn elements<'b>(
    workload: Reading<'b, Bytes, Option<WithElements>>,
) -> Reading<'b, Bytes, Option<WithElements>> {
    workload
        .contestant("rtp-types", |bytes| {
            let packet = RtpPacket::parse(bytes).ok()?;
            by_hand(rtp_types_fields(&packet), packet.extension()?)
        })
        .contestant("rtp-rs", |bytes| {
            let packet = rtp_rs::RtpReader::new(bytes).ok()?;
            by_hand(rtp_rs_fields(&packet), packet.extension()?)
        })
        .contestant("rtp", |bytes| {
            let packet = webrtc_rtp::packet::Packet::unmarshal(&mut bytes.clone()).ok()?;
            let header = &packet.header;
            let level = header.get_extension(AUDIO_LEVEL)?;
            by_bytes(webrtc_fields!(packet), header.get_extension(TRANSPORT_CC)?, level)
        })
        .contestant("rtc-rtp", |bytes| {
            let packet = rtc_rtp::packet::Packet::unmarshal(&mut bytes.clone()).ok()?;
            let header = &packet.header;
            let level = header.get_extension(AUDIO_LEVEL)?;
            by_bytes(webrtc_fields!(packet), header.get_extension(TRANSPORT_CC)?, level)
        })
}

/// The packet of both webrtc-rs crates, from the same parts.
macro_rules! webrtc_packet {
    ($of:ident, $parts:expr) => {{
        let parts: &Parts = $parts;
        let element = |id, payload| $of::header::Extension { id, payload };
        let elements = vec![
            element(SEND_TIME, Bytes::copy_from_slice(&parts.send_time)),
            element(TRANSPORT_CC, Bytes::copy_from_slice(&parts.transport_cc.to_be_bytes())),
            element(MID, Bytes::from_static(b"1")),
            element(AUDIO_LEVEL, Bytes::copy_from_slice(&[0x80 | parts.level])),
        ];
        let header = $of::header::Header {
            version: 2,
            extension: true,
            marker: parts.marker,
            payload_type: parts.payload_type,
            sequence_number: parts.sequence_number,
            timestamp: parts.timestamp,
            ssrc: parts.ssrc,
            extension_profile: 0xbede,
            extensions: elements,
            ..Default::default()
        };
        $of::packet::Packet { header, payload: parts.payload.clone() }
    }};
}

pub(super) fn build<'b>(workload: Writing<'b, Parts>) -> Writing<'b, Parts> {
    workload
        .contestant("rtp-types", |parts, out| {
            let area = floor::area(parts);
            let packet = RtpPacketBuilder::<&[u8], &[u8]>::new()
                .marker_bit(parts.marker)
                .payload_type(parts.payload_type)
                .sequence_number(parts.sequence_number)
                .timestamp(parts.timestamp)
                .ssrc(parts.ssrc)
                .extension(0xbede, &area[..])
                .payload(&parts.payload[..]);
            packet.write_into(out).expect("room")
        })
        .contestant("rtp-rs", |parts, out| {
            let area = floor::area(parts);
            let packet = rtp_rs::RtpPacketBuilder::new()
                .marked(parts.marker)
                .payload_type(parts.payload_type)
                .sequence(parts.sequence_number.into())
                .timestamp(parts.timestamp)
                .ssrc(parts.ssrc)
                .extension(0xbede, &area)
                .payload(&parts.payload);
            packet.build_into(out).expect("room")
        })
        .contestant("rtp", |parts, out| {
            webrtc_packet!(webrtc_rtp, parts).marshal_to(out).expect("room")
        })
        .contestant("rtc-rtp", |parts, out| {
            webrtc_packet!(rtc_rtp, parts).marshal_to(out).expect("room")
        })
}

#[inline]
fn rtp_types_rewrite<'a>(values: &Rewrite, bytes: &'a mut [u8]) -> RtpPacketMut<'a> {
    let mut packet = RtpPacketMut::parse(bytes).expect("a packet");
    packet.set_payload_type(values.payload_type).expect("a payload type");
    packet.set_sequence_number(values.sequence_number);
    packet.set_timestamp(values.timestamp);
    packet.set_ssrc(values.ssrc);
    packet
}

#[inline]
fn rtp_rs_rewrite<'a>(
    values: &Rewrite,
    packet: &rtp_rs::RtpReader<'a>,
) -> rtp_rs::RtpPacketBuilder<'a> {
    packet
        .create_builder()
        .payload_type(values.payload_type)
        .sequence(values.sequence_number.into())
        .timestamp(values.timestamp)
        .ssrc(values.ssrc)
}

/// The packet as it came, read by one of the webrtc-rs crates and changed.
macro_rules! webrtc_rewrite {
    ($of:ident, $values:expr) => {{
        let mut bytes = $values.packet.clone();
        let mut packet = $of::packet::Packet::unmarshal(&mut bytes).expect("a packet");
        packet.header.payload_type = $values.payload_type;
        packet.header.sequence_number = $values.sequence_number;
        packet.header.timestamp = $values.timestamp;
        packet.header.ssrc = $values.ssrc;
        packet
    }};
}

/// Only rtp-types changes a packet in place; the others write it anew.
pub(super) fn forward<'b>(workload: Writing<'b, Rewrite>) -> Writing<'b, Rewrite> {
    workload
        .contestant("rtp-types", |values, bytes| {
            rtp_types_rewrite(values, bytes);
            bytes.len()
        })
        .contestant("rtp-rs", |values, out| {
            let packet = rtp_rs::RtpReader::new(&values.packet).expect("a packet");
            rtp_rs_rewrite(values, &packet).build_into(out).expect("room")
        })
        .contestant("rtp", |values, out| {
            webrtc_rewrite!(webrtc_rtp, values).marshal_to(out).expect("room")
        })
        .contestant("rtc-rtp", |values, out| {
            webrtc_rewrite!(rtc_rtp, values).marshal_to(out).expect("room")
        })
}

pub(super) fn forward_with_element<'b>(workload: Writing<'b, Rewrite>) -> Writing<'b, Rewrite> {
    workload
        .contestant("rtp-types", |values, bytes| {
            let mut packet = rtp_types_rewrite(values, bytes);
            assert_eq!(packet.extension().expect("an extension").0, 0xbede);
            let area = packet.extension_mut().expect("an extension");
            let (at, size) = floor::find(area, TRANSPORT_CC).expect("the element");
            area[at..at + size].copy_from_slice(&values.transport_cc.to_be_bytes());
            bytes.len()
        })
        .contestant("rtp-rs", |values, out| {
            let packet = rtp_rs::RtpReader::new(&values.packet).expect("a packet");
            let (profile, found) = packet.extension().expect("an extension");
            let (at, size) = floor::find(found, TRANSPORT_CC).expect("the element");
            let mut area = [0; 64];
            let area = &mut area[..found.len()];
            area.copy_from_slice(found);
            area[at..at + size].copy_from_slice(&values.transport_cc.to_be_bytes());
            let packet = rtp_rs_rewrite(values, &packet).extension(profile, area);
            packet.build_into(out).expect("room")
        })
        .contestant("rtp", |values, out| {
            let mut packet = webrtc_rewrite!(webrtc_rtp, values);
            let number = Bytes::copy_from_slice(&values.transport_cc.to_be_bytes());
            packet.header.set_extension(TRANSPORT_CC, number).expect("an element");
            packet.marshal_to(out).expect("room")
        })
        .contestant("rtc-rtp", |values, out| {
            let mut packet = webrtc_rewrite!(rtc_rtp, values);
            let number = Bytes::copy_from_slice(&values.transport_cc.to_be_bytes());
            packet.header.set_extension(TRANSPORT_CC, number).expect("an element");
            packet.marshal_to(out).expect("room")
        })
}
