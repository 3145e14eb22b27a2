//! An RTP packet: read, shown, written again, changed in place and changed back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mediawire::rtp::{Packet, PacketBuilder, PacketMut};
use mediawire_fuzz::{show, writes};

fuzz_target!(|datagram: &[u8]| {
    let strict = Packet::parse(datagram);
    if let Err(error) = strict {
        assert!(error.offset <= datagram.len(), "{error}");
    }
    let Ok(packet) = Packet::parse_lenient(datagram) else {
        assert!(strict.is_err());
        return;
    };
    assert_eq!(strict.is_err(), packet.padding_is_malformed());
    show(&packet);
    writes(&PacketBuilder::from(packet), datagram);
    assert_eq!(packet.csrc().len(), usize::from(packet.csrc_count()));
    let parts = packet.header_len() + packet.payload().len() + packet.padding().len();
    assert_eq!(parts, datagram.len());
    for element in packet.elements() {
        let first = packet.elements().find(|other| other.id == element.id);
        assert_eq!(packet.element(element.id), first.map(|first| first.data));
    }
    if let Err(error) = packet.elements().finish() {
        assert!(error.offset <= packet.header_len(), "{error}");
    }

    // Every bit that a setter touches is turned and turned back; nothing else changes.
    let mut copy = datagram.to_vec();
    let mut editor = PacketMut::parse_lenient(&mut copy).expect("it parsed before");
    editor.set_marker(!packet.marker());
    editor.set_sequence_number(!packet.sequence_number());
    editor.set_timestamp(!packet.timestamp());
    editor.set_ssrc(!packet.ssrc());
    for (_, data) in editor.elements_mut() {
        data.iter_mut().for_each(|byte| *byte = !*byte);
    }
    editor.payload_mut().iter_mut().for_each(|byte| *byte = !*byte);
    assert_eq!(editor.as_packet().elements().count(), packet.elements().count());
    editor.payload_mut().iter_mut().for_each(|byte| *byte = !*byte);
    for (_, data) in editor.elements_mut() {
        data.iter_mut().for_each(|byte| *byte = !*byte);
    }
    editor.set_marker(packet.marker());
    editor.set_sequence_number(packet.sequence_number());
    editor.set_timestamp(packet.timestamp());
    editor.set_ssrc(packet.ssrc());
    assert_eq!(copy, datagram);
});
