//! A datagram of STUN or TURN: demultiplexed, read, every attribute decoded, shown, written again, verified.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mediawire::demux::{Protocol, demux};
use mediawire::stun::{
    AttributeType, ChannelData, ChannelDataBuilder, IceRole, Key, Message, MessageBuilder,
    MessageWriter,
};
use mediawire_fuzz::{show, writes};

fuzz_target!(|datagram: &[u8]| {
    let protocol = demux(datagram);
    assert_eq!(protocol.is_err(), datagram.len() < 2);
    let before = datagram.to_vec();
    if let Ok((message, rest)) = Message::parse_prefix(datagram) {
        // Methods from 0x80 on have first bytes that RFC 7983 gives to others.
        assert_eq!(protocol == Ok(Protocol::Stun), datagram[0] <= 3);
        let bytes = &datagram[..datagram.len() - rest.len()];
        check(&message, bytes);
        let key = Key::short_term(b"secret");
        let _ = message.verify_integrity(&key);
        let _ = message.verify_integrity_sha256(&key, 16);
        let _ = message.verify_integrity_rfc3489(&key);
        let _ = message.verify_goog_integrity_32(&key);
        for broken in [
            message.check_comprehended(AttributeType::TYPED),
            message.check_values(),
            message.check_method(),
            message.check_long_term(),
            message.check_bid_down(),
            message.check_ice(),
        ] {
            assert!(broken.err().is_none_or(|rule| rule.offset() <= bytes.len()));
        }
        let _ = message.check_role(IceRole::Controlling, 1);
        assert_eq!(datagram, before, "verifying writes nothing");
        // With an integrity and a fingerprint of its own it verifies.
        let mut out = vec![0; bytes.len() + 64];
        if let Ok(mut writer) = MessageWriter::new(
            &mut out,
            message.class(),
            message.method(),
            message.transaction_id(),
        ) {
            let plain = message.attributes().take_while(|a| {
                !matches!(
                    a.attribute_type(),
                    AttributeType::MESSAGE_INTEGRITY
                        | AttributeType::MESSAGE_INTEGRITY_SHA256
                        | AttributeType::FINGERPRINT
                )
            });
            let copied =
                plain.into_iter().all(|attribute| writer.push_attribute(&attribute).is_ok());
            if copied && writer.push_integrity(&key).is_ok() && writer.push_fingerprint().is_ok() {
                let len = writer.finish();
                let signed = Message::parse(&out[..len]).expect("what is written parses");
                signed.verify_integrity(&key).expect("verifies");
                signed.check_fingerprint().expect("is right");
            }
        }
    }
    if let Ok(message) = Message::parse_rfc3489(datagram) {
        // One with the cookie is read so too, but written only in the form that goes with the cookie.
        let bytes = &datagram[..20 + usize::from(message.length())];
        if !message.has_cookie() || Message::parse(bytes).is_ok() {
            check(&message, bytes);
        }
    }
    if let Ok(data) = ChannelData::parse_rfc5766(datagram) {
        show(&data);
        writes(&ChannelDataBuilder::from(data), datagram);
    }
    if let Ok((data, rest)) = ChannelData::parse_stream(datagram) {
        assert!(data.data().len() + 4 + rest.len() <= datagram.len());
    }
});

fn check(message: &Message<'_>, bytes: &[u8]) {
    show(message);
    writes(&MessageBuilder::from(*message), bytes);
    for attribute in message.attributes() {
        let _ = format!("{attribute:?} {:?}", attribute.decode());
        assert!(attribute.offset() < bytes.len());
    }
    let _ = message.check_fingerprint();
    let _ = message.check_order();
    let _ = message.unknown_required(AttributeType::TYPED).count();
}
