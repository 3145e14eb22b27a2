//! RTP packets, as rtp-types and rtc-rtp read them.

use mediawire::Encode;
use mediawire::rtp::ext::{AbsSendTime, AudioLevel, PlayoutDelay, TransportCc, VideoOrientation};
use mediawire::rtp::{Element, ExtensionBuilder, Form, Packet, PacketBuilder, Padding};
use rtc_rtp::extension::{
    abs_send_time_extension::AbsSendTimeExtension, audio_level_extension::AudioLevelExtension,
    playout_delay_extension::PlayoutDelayExtension, transport_cc_extension::TransportCcExtension,
    video_orientation_extension::VideoOrientationExtension,
};
use rtc_shared::marshal::{Marshal, Unmarshal};

use super::{Difference, Found, Others, REFUSED};

static PACKET: Others =
    Others { compare: &[("rtp-types", rtp_types), ("rtc-rtp", rtc_rtp)], known: KNOWN };

/// A datagram: one packet.
pub fn check(datagram: &[u8]) {
    PACKET.check(datagram);
}

/// Whether each known difference is still one.
pub fn check_known() {
    PACKET.check_known();
}

/// An element that one reads as a value and the other does not.
const VALUE_REFUSED: &str = "value refused";

const KNOWN: &[Difference] = &[
    Difference {
        other: "rtc-rtp",
        fields: &[REFUSED],
        why: "It reads every version as 2. RFC 3550 section 5.1 and appendix A.1: it must be 2",
        when: |bytes| bytes[0] >> 6 != 2,
        example: &[0x40, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3],
    },
    Difference {
        other: "rtc-rtp",
        fields: &[REFUSED],
        why: "It reads a padding count of 0 as no padding. RFC 3550 section 5.1: the count includes itself",
        when: |bytes| bytes[0] & 0x20 != 0 && bytes.last() == Some(&0),
        example: &[0xA0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0],
    },
    Difference {
        other: "rtc-rtp",
        fields: &["payload", "elements", "first element of its id", "built", REFUSED],
        why: "Where an extension's elements end early (identifier 15, or 0 with a length, or one longer than the \
              area), its payload begins there, or behind that element, not behind the area. RFC 3550 section 5.3.1: \
              the length field says where; RFC 8285 sections 4.1.2 and 4.2: the rest of the area is ignored",
        when: |bytes| {
            let packet = Packet::parse_lenient(bytes);
            packet.is_ok_and(|packet| packet.elements().finish().is_err())
        },
        example: &[
            0x90, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, // X=1
            0xBE, 0xDE, 0, 1, 0xF0, 0xAA, 0xBB, 0xCC, // identifier 15
            1,
        ],
    },
    Difference {
        other: "rtc-rtp",
        fields: &["elements", "first element of its id", "built"],
        why: "It takes an extension with appbits other than 0 for one of another profile. RFC 8285 section 4.3: any \
              of 0x1000 to 0x100F is the two-byte form",
        when: |bytes| {
            let extension = Packet::parse_lenient(bytes).ok().and_then(|packet| packet.extension());
            extension.is_some_and(|e| {
                e.profile().form() == Some(Form::TwoByte) && e.profile().0 != 0x1000
            })
        },
        example: &[
            0x90, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, // X=1
            0x10, 0x01, 0, 1, 7, 2, 0xAA, 0xBB,
        ],
    },
    Difference {
        other: "rtc-rtp",
        fields: &[VALUE_REFUSED],
        why: "It reads the front of an element that is longer than the value. RFC 6464 section 3, and what defines \
              the others: each has the one length",
        when: |bytes| {
            Packet::parse_lenient(bytes).is_ok_and(|p| p.elements().any(|e| e.data.len() > 1))
        },
        example: &[
            0x90, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, // X=1
            0xBE, 0xDE, 0, 1, 0x11, 0xAA, 0xBB, 0, // 2 bytes: too long for a level
        ],
    },
];

fn rtp_types(bytes: &[u8], found: &mut Found) {
    let theirs = found.call(|| rtp_types::RtpPacket::parse(bytes));
    let Some((ours, theirs)) = found.both(REFUSED, Packet::parse(bytes), theirs) else { return };
    found.same("version", ours.version(), theirs.version());
    found.same("padding bit", ours.has_padding(), theirs.padding_bit());
    found.same("extension bit", ours.has_extension(), theirs.extension_bit());
    found.same("CSRC count", ours.csrc_count(), theirs.n_csrcs());
    found.same("marker", ours.marker(), theirs.marker_bit());
    found.same("payload type", ours.payload_type().0, theirs.payload_type());
    found.same("sequence number", ours.sequence_number(), theirs.sequence_number());
    found.same("timestamp", ours.timestamp(), theirs.timestamp());
    found.same("SSRC", ours.ssrc(), theirs.ssrc());
    found.list("CSRC", ours.csrc(), theirs.csrc());
    let extension = ours.extension().map(|extension| (extension.profile().0, extension.data()));
    found.same("extension", extension, theirs.extension());
    found.same("header length", ours.header_len(), theirs.payload_offset());
    found.same("payload", ours.payload(), theirs.payload());
    found.same("padding", ours.padding().len(), usize::from(theirs.padding().unwrap_or(0)));

    let padding = Padding::Zeros(theirs.padding().unwrap_or(0));
    let ours = PacketBuilder { padding, ..ours.into() }.to_vec();
    let Some(theirs) = found.call(|| theirs.as_builder().write_vec()) else { return };
    if let Ok(theirs) = theirs {
        found.same("built", ours, Ok(theirs));
    }
}

fn rtc_rtp(bytes: &[u8], found: &mut Found) {
    let theirs = found.call(|| rtc_rtp::packet::Packet::unmarshal(&mut &bytes[..]));
    let Some((ours, theirs)) = found.both(REFUSED, Packet::parse(bytes), theirs) else { return };
    let header = &theirs.header;
    found.same("version", ours.version(), header.version);
    found.same("padding bit", ours.has_padding(), header.padding);
    found.same("extension bit", ours.has_extension(), header.extension);
    found.same("marker", ours.marker(), header.marker);
    found.same("payload type", ours.payload_type().0, header.payload_type);
    found.same("sequence number", ours.sequence_number(), header.sequence_number);
    found.same("timestamp", ours.timestamp(), header.timestamp);
    found.same("SSRC", ours.ssrc(), header.ssrc);
    found.list("CSRC", ours.csrc(), header.csrc.iter().copied());
    found.same("payload", ours.payload(), &theirs.payload[..]);

    let elements: Vec<_> = ours.elements().collect();
    let mut extension = ExtensionBuilder::None;
    if let Some(of_ours) = ours.extension() {
        found.same("profile", of_ours.profile().0, header.extension_profile);
        let (read, built) = match of_ours.profile().form() {
            Some(Form::OneByte) => (elements.clone(), ExtensionBuilder::OneByte(&elements)),
            Some(Form::TwoByte) => {
                (elements.clone(), ExtensionBuilder::TwoByte { appbits: 0, elements: &elements })
            }
            None => (vec![Element { id: 0, data: of_ours.data() }], of_ours.into()),
        };
        extension = built;
        let theirs = header.extensions.iter();
        found.list("elements", read, theirs.map(|e| Element { id: e.id, data: &e.payload }));
    }
    for element in &elements {
        found.same(
            "first element of its id",
            ours.element(element.id),
            header.get_extension(element.id).as_deref(),
        );
        values(element.data, found);
    }

    // Its builder pads to whole words only.
    let built = PacketBuilder { extension, padding: Padding::None, ..ours.into() }.to_vec();
    let mut theirs = theirs.clone();
    theirs.header.padding = false;
    if let Some(Ok(theirs)) = found.call(|| theirs.marshal()) {
        found.same("built", built, Ok(theirs.to_vec()));
    }
}

/// The data of an element, as each extension that rtc-rtp knows.
fn values(data: &[u8], found: &mut Found) {
    let theirs = found.call(|| AbsSendTimeExtension::unmarshal(&mut &data[..]));
    if let Some((ours, theirs)) = found.both(VALUE_REFUSED, AbsSendTime::parse(data), theirs) {
        found.same("abs-send-time", u64::from(ours.0), theirs.timestamp);
    }
    let theirs = found.call(|| AudioLevelExtension::unmarshal(&mut &data[..]));
    if let Some((ours, theirs)) = found.both(VALUE_REFUSED, AudioLevel::parse(data), theirs) {
        found.same("audio level", (ours.level, ours.voice), (theirs.level, theirs.voice));
    }
    let theirs = found.call(|| PlayoutDelayExtension::unmarshal(&mut &data[..]));
    if let Some((ours, theirs)) = found.both(VALUE_REFUSED, PlayoutDelay::parse(data), theirs) {
        found.same(
            "playout delay",
            (ours.min_delay, ours.max_delay),
            (theirs.min_delay, theirs.max_delay),
        );
    }
    let theirs = found.call(|| TransportCcExtension::unmarshal(&mut &data[..]));
    if let Some((ours, theirs)) = found.both(VALUE_REFUSED, TransportCc::parse(data), theirs) {
        found.same("transport-cc", ours.0, theirs.transport_sequence);
    }
    let theirs = found.call(|| VideoOrientationExtension::unmarshal(&mut &data[..]));
    if let Some((ours, theirs)) = found.both(VALUE_REFUSED, VideoOrientation::parse(data), theirs) {
        let theirs = (theirs.direction as u8, theirs.flip, theirs.rotation as u8);
        found.same("orientation", (u8::from(ours.back_camera), ours.flip, ours.rotation), theirs);
    }
}
