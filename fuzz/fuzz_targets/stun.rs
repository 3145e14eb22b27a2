//! A datagram of STUN or TURN: demultiplexed, read, every attribute decoded, shown, written again, verified; the rules asked
//! and the machines of the agent fed with it.
#![no_main]

use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use mediawire::demux::{Protocol, demux};
use mediawire::stun::agent::{
    Action, Authentication, BindingServer, Credentials, LongTerm, Nonces, Received, Timing,
    Transaction, Transport, User,
};
use mediawire::stun::{
    AccessTokenBlock, Attribute, AttributeType, AttributeValue, ChannelData, ChannelDataBuilder,
    Class, Code, IceRole, Key, Message, MessageBuilder, MessageWriter, Method, Nonce,
    PasswordAlgorithms, SecurityFeatures,
};
use mediawire_fuzz::{call, debug, end, fault, line, read, show, text, writes};

const USERNAME: &[u8] = b"user";
const REALM: &str = "realm";
const SOURCE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 9);

/// Deriving keys takes longer than all the rest.
struct Keys {
    short: Key,
    nonces: Nonces,
    users: [User<'static>; 1],
}

static KEYS: LazyLock<Keys> = LazyLock::new(|| Keys {
    short: Key::short_term(b"secret"),
    nonces: Nonces::new(&[7; 20], Duration::from_secs(600)),
    users: [User::new(USERNAME, REALM.as_bytes(), b"secret")],
});

fuzz_target!(|datagram: &[u8]| {
    let protocol = demux(datagram);
    match &protocol {
        Ok(protocol) => line(protocol),
        Err(error) => fault(error, datagram.len()),
    }
    assert_eq!(protocol.is_err(), datagram.len() < 2);
    match Message::parse_prefix(datagram) {
        Ok((message, rest)) => {
            // Methods from 0x80 on have first bytes that RFC 7983 gives to others.
            assert_eq!(protocol == Ok(Protocol::Stun), datagram[0] <= 3);
            let bytes = &datagram[..datagram.len() - rest.len()];
            let before = bytes.to_vec();
            assert_eq!(Message::parse(bytes), Ok(message));
            check(&message, bytes);
            rules(&message, bytes);
            verify(&message);
            assert_eq!(bytes, before, "verifying writes nothing");
            signed(&message, bytes);
            answers(&message);
            agents(&message, bytes);
        }
        Err(error) => fault(&error, datagram.len()),
    }
    if let Err(error) = Message::parse(datagram) {
        fault(&error, datagram.len());
    }
    match Message::parse_rfc3489(datagram) {
        Ok(message) => {
            // One with the cookie is read so too, but written only in the form that goes with the cookie.
            let bytes = &datagram[..20 + usize::from(message.length())];
            if !message.has_cookie() || Message::parse(bytes).is_ok() {
                check(&message, bytes);
            }
            let _ = message.verify_integrity_rfc3489(&KEYS.short);
        }
        Err(error) => fault(&error, datagram.len()),
    }
    serve(datagram);
    read!(datagram, ChannelData);
    match ChannelData::parse_rfc5766(datagram) {
        Ok(data) => {
            show(&data);
            let builder = ChannelDataBuilder::from(data);
            debug(&builder);
            writes(&builder, datagram);
            call!(data; channel_number, length, padding);
        }
        Err(error) => fault(&error, datagram.len()),
    }
    match ChannelData::parse_stream(datagram) {
        Ok((data, rest)) => {
            show(&data);
            // Padded with zeros; the channels of RFC 5766 are read too.
            let mut bytes = datagram[..datagram.len() - rest.len()].to_vec();
            bytes[4 + data.data().len()..].fill(0);
            let padded = ChannelDataBuilder::for_stream(data.channel_number(), data.data());
            writes(&ChannelDataBuilder { rfc5766: true, ..padded }, &bytes);
        }
        Err(error) => fault(&error, datagram.len()),
    }
});

fn check(message: &Message<'_>, bytes: &[u8]) {
    show(message);
    let builder = MessageBuilder::from(*message);
    debug(&builder);
    writes(&builder, bytes);
    call!(message; cookie, rfc3489_transaction_id, transaction_id, attribute_bytes);
    call!(message.class(); is_response, name);
    line(&message.method());
    end(message.attributes(), bytes.len() / 4);
    for attribute in message.attributes() {
        check_attribute(&attribute, bytes);
        // What stands behind the integrity is not asked for.
        let found = message.find(attribute.attribute_type());
        assert!(
            found.map_or(attribute.is_after_integrity(), |found| found.offset()
                <= attribute.offset())
        );
    }
    for error in [message.check_order().err()].into_iter().flatten() {
        fault(&error, bytes.len());
    }
    if let Err(error) = message.check_fingerprint() {
        line(&error);
    }
    end(message.unknown_required(AttributeType::TYPED), bytes.len() / 4);
    end(message.unknown_required(&[]), bytes.len() / 4);
}

fn check_attribute(attribute: &Attribute<'_>, bytes: &[u8]) {
    text(attribute);
    line(&attribute.attribute_type());
    call!(attribute.attribute_type(); is_comprehension_required, name);
    call!(attribute; padding, is_after_integrity);
    assert!(attribute.offset() < bytes.len());
    let value = match attribute.decode() {
        Ok(value) => value,
        Err(error) => return fault(&error, bytes.len()),
    };
    debug(&value);
    match value {
        AttributeValue::ErrorCode(error) => {
            let _ = error.reason_str();
            line(&error.code);
        }
        AttributeValue::AddressErrorCode(error) => {
            let _ = error.reason_str();
        }
        AttributeValue::Nonce(nonce) => {
            if let Some(features) = nonce.security_features() {
                assert_eq!(SecurityFeatures::from_bits(features.bits()), features);
                assert_eq!(Nonce(&features.cookie()).security_features(), Some(features));
                debug(&features);
            }
        }
        AttributeValue::PasswordAlgorithms(list) => {
            end(list.algorithms(), bytes.len() / 4);
        }
        AttributeValue::UnknownAttributes(list) => {
            end(list.types(), bytes.len() / 2);
        }
        AttributeValue::UserHash(hash) => {
            let _ = hash.is_of(USERNAME, REALM.as_bytes());
        }
        AttributeValue::Lifetime(lifetime) => {
            call!(lifetime; duration);
        }
        AttributeValue::CacheTimeout(timeout) => {
            call!(timeout; duration);
        }
        AttributeValue::GoogMiscInfo(info) => {
            call!(info; goog_ping_version);
        }
        AttributeValue::MetaDtlsInStunAcknowledgement(list) => {
            let _ = list.acknowledges(bytes);
        }
        _ => {}
    }
    // What an access token holds once it is decrypted may be anything.
    match AccessTokenBlock::parse(attribute.value()) {
        Ok(block) => {
            debug(&block);
            // A fraction of a second or more is carried.
            if block.timestamp & 0xFFFF < 64_000 {
                assert_eq!(AccessTokenBlock::timestamp_of(block.since_1970()), block.timestamp);
            }
        }
        Err(error) => fault(&error, attribute.value().len()),
    }
}

fn rules(message: &Message<'_>, bytes: &[u8]) {
    for broken in [
        message.check_comprehended(AttributeType::TYPED),
        message.check_values(),
        message.check_method(),
        message.check_short_term(),
        message.check_long_term(),
        message.check_bid_down(),
        message.check_ice(),
    ] {
        if let Err(rule) = broken {
            text(&rule);
            call!(rule; code);
            assert!(rule.offset() <= bytes.len());
        }
    }
    for role in [IceRole::Controlling, IceRole::Controlled] {
        if let Err(conflict) = message.check_role(role, 1) {
            debug(&conflict);
            call!(conflict; code);
        }
    }
    if let Some(Ok(offered)) = message.get::<PasswordAlgorithms<'_>>() {
        let _ = message.password_algorithm(&offered).map(|algorithm| debug(&algorithm));
    }
}

fn verify(message: &Message<'_>) {
    let key = &KEYS.short;
    for result in [
        message.verify_integrity(key),
        message.verify_integrity_sha256(key, 16),
        message.verify_integrity_sha256(key, 0),
        message.verify(key, 32),
        message.verify_integrity_rfc3489(key),
        message.verify_goog_integrity_32(key),
    ] {
        if let Err(error) = result {
            line(&error);
        }
    }
}

/// With an integrity and a fingerprint of its own it verifies.
fn signed(message: &Message<'_>, bytes: &[u8]) {
    let key = &KEYS.short;
    let is_proof = |attribute: &Attribute<'_>| {
        matches!(
            attribute.attribute_type(),
            AttributeType::MESSAGE_INTEGRITY
                | AttributeType::MESSAGE_INTEGRITY_SHA256
                | AttributeType::FINGERPRINT
        )
    };
    let mut out = vec![0; bytes.len() + 128];
    for kind in 0..3 {
        let Ok(mut writer) = MessageWriter::new(
            &mut out,
            message.class(),
            message.method(),
            message.transaction_id(),
        ) else {
            return;
        };
        let mut plain = message.attributes().take_while(|attribute| !is_proof(attribute));
        let copied = plain.all(|attribute| {
            let (kind, value) = (attribute.attribute_type(), attribute.value());
            writer.push_padded(kind, value, attribute.padding()).is_ok()
        });
        let proved = match kind {
            0 => writer.push_integrity(key).is_ok(),
            1 => writer.push_integrity_sha256(key, 20).is_ok(),
            _ => writer.push_goog_integrity_32(key).is_ok(),
        };
        if !copied || !proved || writer.push_fingerprint().is_err() {
            continue;
        }
        let len = writer.finish();
        let signed = Message::parse(&out[..len]).expect("what is written parses");
        match kind {
            0 => signed.verify_integrity(key),
            1 => signed.verify_integrity_sha256(key, 16),
            _ => signed.verify_goog_integrity_32(key),
        }
        .expect("verifies");
        signed.check_fingerprint().expect("is right");
    }
}

/// Replies of every kind to it are messages, and have its transaction.
fn answers(message: &Message<'_>) {
    let mut out = [0; 1000];
    let mut check = |write: &dyn for<'b> Fn(&'b mut [u8]) -> Option<usize>| {
        if let Some(len) = write(&mut out) {
            let reply = Message::parse(&out[..len]).expect("what is written parses");
            assert_eq!(reply.transaction_id(), message.transaction_id());
            assert!(reply.class().is_response());
            show(&reply);
        }
    };
    let key = &KEYS.short;
    check(&|out| Some(MessageWriter::success(out, message).ok()?.finish()));
    check(&|out| {
        let mut writer = MessageWriter::binding_success(out, message, SOURCE).ok()?;
        writer.push_integrity_like(message, key).ok()?;
        writer.push_fingerprint().ok()?;
        Some(writer.finish())
    });
    check(&|out| Some(MessageWriter::error(out, message, Code::BAD_REQUEST).ok()?.finish()));
    check(&|out| {
        Some(MessageWriter::unknown_attributes(out, message, AttributeType::TYPED).ok()?.finish())
    });
    check(&|out| Some(MessageWriter::reply(out, message, Class::SuccessResponse).ok()?.finish()));
}

/// As a request of ours, and as the answer to one of ours.
fn agents(message: &Message<'_>, bytes: &[u8]) {
    let start = Duration::from_secs(1);
    let key = &KEYS.short;
    for transport in [Transport::Unreliable, Transport::Reliable] {
        // Sent to its end.
        if let Ok(mut ours) = Transaction::new(bytes, transport, Timing::default(), start) {
            assert_eq!((ours.request(), ours.id()), (bytes, message.transaction_id()));
            let (mut now, mut sent) = (start, 0);
            loop {
                match ours.poll(now) {
                    Action::Send(request) => {
                        assert_eq!(request, bytes);
                        sent += 1;
                    }
                    Action::Wait { until } => {
                        assert!(until > now);
                        now = until;
                    }
                    Action::Failed(failure) => break text(&failure),
                    Action::Done => panic!("nothing was received"),
                }
                assert!(sent <= 7);
            }
        }
        // A request of ours with its transaction and method, which this answers.
        let mut out = [0; 100];
        let (method, id) = (message.method(), message.transaction_id());
        let Ok(mut writer) = MessageWriter::request(&mut out, method, id) else { return };
        writer.push_integrity(key).expect("there is room");
        let len = writer.finish();
        for authentication in
            [Authentication::None, Authentication::ShortTerm(key), Authentication::LongTerm(key)]
        {
            let timing = Timing::default();
            let ours = Transaction::new(&out[..len], transport, timing, start).expect("a request");
            for mut ours in [ours.clone(), ours.require_fingerprint()] {
                assert_eq!(ours.receive(bytes, authentication), Received::NotOurs, "not sent yet");
                assert!(matches!(ours.poll(start), Action::Send(_)));
                debug(&ours.receive(bytes, authentication));
                let _ = ours.round_trip(start);
                debug(&ours.poll(Duration::MAX));
                debug(&ours.receive(bytes, authentication));
            }
        }
    }
    // A challenge, met twice.
    let mut out = [0; 100];
    let Ok(writer) = MessageWriter::request(&mut out, message.method(), message.transaction_id())
    else {
        return;
    };
    let len = writer.finish();
    let mut user = LongTerm::new(USERNAME, b"secret");
    let request = Message::parse(&out[..len]).expect("what is written parses");
    match user.challenge(&request, message) {
        Ok(()) => {
            let mut second = [0; 4000];
            let writer =
                MessageWriter::request(&mut second, Method::BINDING, message.transaction_id());
            let mut writer = writer.expect("there is room");
            if user.sign(&mut writer).is_ok() {
                let len = writer.finish();
                let request = Message::parse(&second[..len]).expect("what is written parses");
                let key = user.key().expect("it was challenged");
                request.verify(key, 32).expect("our own");
                debug(user.realm());
                if let Err(refused) = user.challenge(&request, message) {
                    text(&refused);
                }
            }
        }
        Err(refused) => text(&refused),
    }
}

/// Servers of every kind: an answer is a message with its transaction, and silence has a reason.
fn serve(datagram: &[u8]) {
    let keys = &*KEYS;
    let (users, nonces) = (&keys.users[..], &keys.nonces);
    for credentials in [
        Credentials::None,
        Credentials::ShortTerm { username: USERNAME, key: &keys.short },
        Credentials::Ice { ufrag: USERNAME, key: &keys.short },
        Credentials::LongTerm { realm: REALM, users, nonces, offer_algorithms: false },
        Credentials::LongTerm { realm: REALM, users, nonces, offer_algorithms: true },
    ] {
        for open in [false, true] {
            let server = BindingServer {
                credentials,
                software: open.then_some("server"),
                require_fingerprint: !open,
                rfc3489: open,
            };
            let mut out = [0; 2000];
            match server.answer(datagram, SOURCE, Duration::from_secs(1000), &mut out) {
                Ok(answer) => {
                    let reply = Message::parse_rfc3489(&out[..answer.len]).expect("an answer");
                    let request = Message::parse_rfc3489(datagram).expect("what was answered");
                    assert_eq!(reply.rfc3489_transaction_id(), request.rfc3489_transaction_id());
                    assert_eq!(answer.error.is_some(), reply.class() == Class::ErrorResponse);
                    show(&reply);
                }
                Err(silent) => text(&silent),
            }
        }
    }
}
