//! An RTP packet: read, shown, written again, changed in place and changed back. The machines that keep account of a
//! stream are fed with the datagram as a row of numbers and times.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use mediawire::BuildError;
use mediawire::demux::{Protocol, demux};
use mediawire::ntp::NtpTime;
use mediawire::rtp::{Packet, PacketBuilder, PacketMut, PayloadType};
use mediawire::session::{Limits, Receiver, SequenceUnwrapper, TimestampUnwrapper, ticks};
use mediawire_fuzz::{call, debug, end, fault, line, show, text, writes};

fuzz_target!(|datagram: &[u8]| {
    stream(datagram);
    let strict = Packet::parse(datagram);
    if let Err(error) = &strict {
        fault(error, datagram.len());
    }
    let Ok(packet) = Packet::parse_lenient(datagram) else {
        assert!(strict.is_err());
        return;
    };
    assert_eq!(strict.is_err(), packet.padding_is_malformed());
    // RFC 7983 gives the second bytes of RTCP to that.
    assert!(matches!(demux(datagram), Ok(Protocol::Rtp | Protocol::Rtcp)));
    show(&packet);
    assert_eq!(end(packet.csrc(), 15), usize::from(packet.csrc_count()));
    assert_eq!(packet.csrc_bytes().len(), packet.csrc().len());
    let parts = packet.header_len() + packet.payload().len() + packet.padding().len();
    assert_eq!(parts, datagram.len());
    end(packet.elements(), datagram.len());
    for element in packet.elements() {
        debug(&element);
        let first = packet.elements().find(|other| other.id == element.id);
        assert_eq!(packet.element(element.id), first.map(|first| first.data));
    }
    if let Err(error) = packet.elements().finish() {
        fault(&error, packet.header_len());
    }
    assert_eq!(packet.extension().is_some(), packet.has_extension());
    if let Some(extension) = packet.extension() {
        debug(&extension);
        call!(extension.profile(); form, is_cryptex, appbits);
        assert!(extension.elements().eq(packet.elements()));
    }
    line(&packet.payload_type());
    call!(packet.payload_type(); clock_rate, name);

    let builder = PacketBuilder::from(packet);
    debug(&builder);
    writes(&builder, datagram);
    let mut header = vec![0; builder.header_len()];
    assert_eq!(builder.write_header(&mut header), Ok(packet.header_len()));
    assert_eq!(header, datagram[..packet.header_len()]);
    edited(datagram, &packet);
});

/// Every bit that a setter touches is turned and turned back; nothing else changes.
fn edited(datagram: &[u8], packet: &Packet<'_>) {
    let mut copy = datagram.to_vec();
    assert_eq!(PacketMut::parse(&mut copy).is_err(), packet.padding_is_malformed());
    let mut editor = PacketMut::parse_lenient(&mut copy).expect("it parsed before");
    text(&editor);
    turn(&mut editor);
    assert_eq!(editor.marker(), !packet.marker());
    assert_eq!(editor.payload_type().0, packet.payload_type().0 ^ 0x7F);
    assert_eq!(editor.sequence_number(), !packet.sequence_number());
    assert_eq!((editor.timestamp(), editor.ssrc()), (!packet.timestamp(), !packet.ssrc()));
    assert_eq!(editor.as_packet().elements().count(), packet.elements().count());
    assert_eq!(editor.as_bytes().len(), datagram.len());
    turn(&mut editor);
    assert_eq!(editor.as_packet(), *packet);

    // The same by the other setters; what does not fit changes nothing.
    for (index, source) in packet.csrc().enumerate() {
        assert_eq!(editor.set_csrc(index, source), Ok(()));
    }
    assert!(editor.set_csrc(packet.csrc().len(), 1).is_err());
    assert!(editor.set_payload_type(PayloadType(0x80)).is_err());
    for element in packet.elements() {
        let first = packet.element(element.id).expect("it is there");
        assert_eq!(editor.element_mut(element.id).as_deref(), Some(first));
        assert_eq!(editor.set_element(element.id, first), Ok(()));
        let longer = [first, &[0]].concat();
        assert!(matches!(
            editor.set_element(element.id, &longer),
            Err(BuildError::OutOfRange { .. })
        ));
    }
    let data = packet.extension().map_or(&[][..], |extension| extension.data());
    assert_eq!(editor.extension_data_mut(), data);
    assert_eq!(editor.into_bytes(), datagram);
}

fn turn(editor: &mut PacketMut<'_>) {
    editor.set_marker(!editor.marker());
    let payload_type = PayloadType(editor.payload_type().0 ^ 0x7F);
    editor.set_payload_type(payload_type).expect("7 bits");
    editor.set_sequence_number(!editor.sequence_number());
    editor.set_timestamp(!editor.timestamp());
    editor.set_ssrc(!editor.ssrc());
    for (_, data) in editor.elements_mut() {
        data.iter_mut().for_each(|byte| *byte = !*byte);
    }
    for byte in editor.csrc_mut().as_flattened_mut() {
        *byte = !*byte;
    }
    editor.payload_mut().iter_mut().for_each(|byte| *byte = !*byte);
}

/// Eight bytes are a packet: its number, its timestamp, and the milliseconds since the one before it.
fn stream(datagram: &[u8]) {
    let (steps, rest) = datagram.as_chunks::<8>();
    let rate = rest.first().map_or(90_000, |&rate| u32::from(rate) << 12);
    let strict = Limits { max_dropout: 1, max_misorder: 1, ..Limits::default() };
    let mut receivers = [Receiver::new(1, rate), Receiver::with_limits(1, rate, strict)];
    let (mut numbers, mut timestamps) = (SequenceUnwrapper::new(), TimestampUnwrapper::new());
    let mut now = Duration::ZERO;
    for &[a, b, c, d, e, f, g, h] in steps {
        let (number, timestamp) = (u16::from_be_bytes([a, b]), u32::from_be_bytes([c, d, e, f]));
        now += Duration::from_millis(u16::from_be_bytes([g, h]).into());
        let _ = ticks(now, rate);
        let peeked = (numbers.peek(number), timestamps.peek(timestamp));
        assert_eq!((numbers.unwrap(number), timestamps.unwrap(timestamp)), peeked);
        assert_eq!(peeked.0.rem_euclid(1 << 16), i64::from(number));
        assert_eq!(peeked.1.rem_euclid(1 << 32), i64::from(timestamp));
        assert!(numbers.highest() >= Some(peeked.0) && timestamps.highest() >= Some(peeked.1));
        for receiver in &mut receivers {
            call!(receiver.received(number, timestamp, now); is_counted);
            call!(receiver; is_active, ssrc);
            call!(receiver.jitter(); jitter);
            call!(receiver.source(); is_valid, extended_highest_sequence_number, expected, received_count, cumulative_lost);
            if h & 7 == 0 {
                receiver.sender_report(NtpTime::new(timestamp, timestamp), now);
            }
            if h & 3 == 0
                && let Some(block) = receiver.report(now)
            {
                block.to_bytes().expect("a block that can be sent");
            }
        }
    }
}
