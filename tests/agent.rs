//! The client and the server of `stun::agent` against each other, and against what coturn and its clients said to one
//! another in the captures of `testdata/`.

#![cfg(feature = "integrity")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // a test may panic

mod common;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use mediawire::framing::{Frames, Rfc4571, Rtsp, Turn};
use mediawire::net::Packet;
use mediawire::stun::agent::{
    Action, Authentication, BindingServer, Credentials, LongTerm, Nonces, Received, Refused,
    Silent, Timing, Transaction, Transport, User,
};
use mediawire::stun::{
    AttributeType, Class, Code, ErrorCode, Fingerprint, IceControlling, Key, MappedAddress,
    Message, MessageWriter, Method, Nonce, PasswordAlgorithm, PasswordAlgorithmId,
    PasswordAlgorithms, Priority, Realm, Software, TransactionId, UnknownAttributes, UseCandidate,
    UserHash, Username, XorMappedAddress,
};

/// The UDP datagrams of a capture with the addresses that they went between.
fn datagrams(capture: &str) -> Vec<(SocketAddr, SocketAddr, Vec<u8>)> {
    let read = |(link, frame): (_, Vec<u8>)| {
        let packet = Packet::parse(link, &frame).ok()?;
        let (src, dst) = packet.endpoints()?;
        Some((src, dst, packet.udp()?.payload().to_vec()))
    };
    common::frames(capture).into_iter().filter_map(read).collect()
}

const NOW: Duration = Duration::from_secs(1_000);

fn source() -> SocketAddr {
    "192.0.2.1:32853".parse().unwrap()
}

fn binding<'b>(buffer: &'b mut [u8]) -> MessageWriter<'b> {
    let id = TransactionId(*b"abcdefghijkl");
    MessageWriter::new(buffer, Class::Request, Method::BINDING, id).unwrap()
}

fn answer(server: &BindingServer<'_>, request: &[u8]) -> (Option<Code>, Vec<u8>) {
    let mut out = [0; 512];
    let answer = server.answer(request, source(), NOW, &mut out).unwrap();
    (answer.error, out[..answer.len].to_vec())
}

fn has(message: &[u8], attribute_type: AttributeType) -> bool {
    Message::parse(message).unwrap().find(attribute_type).is_some()
}

#[test]
fn the_server_tells_coturns_clients_what_coturn_told_them() {
    let (mut same, mut refused) = (0, 0);
    for capture in ["coturn-stun-rfc5780.pcap", "fmt-nano.pcap"] {
        let mut asked = BTreeMap::new();
        for (src, _, datagram) in datagrams(capture) {
            let Ok(message) = Message::parse(&datagram) else { continue };
            let id = message.transaction_id();
            match (message.class(), message.method()) {
                (Class::Request, Method::BINDING) => drop(asked.insert(id, (src, datagram))),
                (Class::SuccessResponse, Method::BINDING) => {
                    let Some((src, request)) = asked.remove(&id) else { continue };
                    let mut out = [0; 256];
                    let server =
                        BindingServer { software: Some("mediawire"), ..Default::default() };
                    let ours = server.answer(&request, src, NOW, &mut out).unwrap();
                    let answered = Message::parse(&out[..ours.len]).unwrap();
                    assert_eq!(answered.transaction_id(), id);
                    assert_eq!(answered.has::<Software<'_>>(), message.has::<Software<'_>>());
                    // coturn also does NAT behaviour discovery, which we do not.
                    let wants_more = [
                        AttributeType::CHANGE_REQUEST,
                        AttributeType::PADDING,
                        AttributeType::RESPONSE_PORT,
                    ]
                    .into_iter()
                    .filter(|t| has(&request, *t))
                    .collect::<Vec<_>>();
                    if wants_more.is_empty() {
                        assert_eq!(ours.error, None);
                        let theirs: XorMappedAddress = message.get().unwrap().unwrap();
                        assert_eq!(answered.get().unwrap().ok(), Some(theirs));
                        same += 1;
                    } else {
                        assert_eq!(ours.error, Some(Code::UNKNOWN_ATTRIBUTE));
                        let list: UnknownAttributes<'_> = answered.get().unwrap().unwrap();
                        let mut listed: Vec<_> = list.types().collect();
                        listed.sort();
                        assert_eq!(listed, wants_more);
                        refused += 1;
                    }
                }
                _ => {}
            }
        }
    }
    // By hand out of what tshark lists: the exchanges without and with one of the three.
    assert_eq!((same, refused), (11, 12));
}

#[test]
fn the_client_takes_coturns_challenge_and_signs_what_coturn_verifies() {
    // testdata/MANIFEST.md: alice / rabbit-hole-9 and bob / tea-party-3, realm wonder.example.
    let key = Key::long_term(b"alice", b"wonder.example", b"rabbit-hole-9");
    let mut challenged = 0;
    let all = datagrams("coturn-turn-udp.pcap");
    let of = |id, class| {
        all.iter().map(|(_, _, datagram)| datagram).find(|datagram| {
            let message = Message::parse(datagram);
            message.is_ok_and(|m| m.transaction_id() == id && m.class() == class)
        })
    };
    for (src, dst, refused) in &all {
        let Ok(message) = Message::parse(refused) else { continue };
        let code = message.get::<ErrorCode<'_>>().and_then(Result::ok).map(|e| e.code);
        if code != Some(Code::UNAUTHENTICATED) {
            continue;
        }
        // The refusal, as our client sees it.
        let request = of(message.transaction_id(), Class::Request).unwrap();
        let timing = Timing::default();
        let mut transaction =
            Transaction::new(request, Transport::Unreliable, timing, NOW).unwrap();
        assert_eq!(transaction.poll(NOW), Action::Send(request));
        let received = transaction.receive(refused, Authentication::None);
        assert_eq!(received, Received::Error(message, Code::UNAUTHENTICATED));
        let first = Message::parse(transaction.request()).unwrap();
        let mut session = LongTerm::new(b"alice", b"rabbit-hole-9");
        session.challenge(&first, &message).unwrap();

        // What it sends next.
        let mut buffer = [0; 512];
        let id = TransactionId(*b"another one!");
        let mut writer =
            MessageWriter::new(&mut buffer, Class::Request, Method::ALLOCATE, id).unwrap();
        for attribute in
            first.attributes().filter(|a| a.attribute_type() != AttributeType::FINGERPRINT)
        {
            writer.push_attribute(&attribute).unwrap();
        }
        session.sign(&mut writer).unwrap();
        writer.push_fingerprint().unwrap();
        let ours = Message::parse(writer.as_bytes()).unwrap();
        ours.verify_integrity(&key).unwrap();
        ours.check_fingerprint().unwrap();
        ours.check_order().unwrap();
        assert_eq!(ours.get::<Username<'_>>(), Some(Ok(Username(b"alice"))));
        assert_eq!(ours.get::<Realm<'_>>(), message.get::<Realm<'_>>());
        assert_eq!(ours.get::<Nonce<'_>>(), message.get::<Nonce<'_>>());

        // coturn's own client did the same, and what coturn answered it is authentic to ours.
        let theirs = all.iter().find(|(from, to, datagram)| {
            let theirs = Message::parse(datagram);
            (from, to) == (dst, src)
                && theirs.is_ok_and(|m| {
                    m.method() == Method::ALLOCATE
                        && m.get::<Nonce<'_>>() == ours.get::<Nonce<'_>>()
                })
        });
        let (_, _, theirs) = theirs.unwrap();
        let sent = Message::parse(theirs).unwrap();
        assert_eq!(sent.get::<Realm<'_>>(), ours.get::<Realm<'_>>());
        let user: Username<'_> = sent.get().unwrap().unwrap();
        let accepted = of(sent.transaction_id(), Class::SuccessResponse).unwrap();
        let mut transaction = Transaction::new(theirs, Transport::Unreliable, timing, NOW).unwrap();
        assert_eq!(transaction.poll(NOW), Action::Send(theirs));
        let received =
            transaction.receive(accepted, Authentication::LongTerm(session.key().unwrap()));
        if user == Username(b"alice") {
            sent.verify_integrity(session.key().unwrap()).unwrap();
            assert_eq!(received, Received::Success(Message::parse(accepted).unwrap()));
        } else {
            assert!(matches!(received, Received::Discarded(_)), "{received:?}");
        }
        challenged += 1;
    }
    assert_eq!(challenged, 10);
}

#[test]
fn a_wrong_password_is_not_tried_twice() {
    // coturn-turn-errors.pcap: coturn answers a signed request of alice's with 401, over and over.
    let all = datagrams("coturn-turn-errors.pcap");
    let mut refused = 0;
    let mut session = LongTerm::new(b"alice", b"wrong-password");
    let mut last = None;
    for (_, _, datagram) in &all {
        let message = Message::parse(datagram).unwrap();
        if message.class() == Class::Request {
            last = Some(message);
            continue;
        }
        let request = last.filter(|request| request.transaction_id() == message.transaction_id());
        let (Some(request), Some(Ok(error))) = (request, message.get::<ErrorCode<'_>>()) else {
            continue;
        };
        let challenged = session.challenge(&request, &message);
        match (error.code, request.has::<Nonce<'_>>()) {
            (Code::UNAUTHENTICATED, false) => assert_eq!(challenged, Ok(())),
            (Code::UNAUTHENTICATED, true) => {
                assert_eq!(challenged, Err(Refused::NothingNew));
                refused += 1;
            }
            _ => assert_eq!(challenged, Err(Refused::NotAChallenge)),
        }
    }
    assert!(refused > 50, "{refused}");
}

/// Client and server to the end: the codes on the way, and the last request.
fn talk(
    server: &BindingServer<'_>,
    session: &mut LongTerm<'_>,
    now: Duration,
) -> (Vec<Code>, Vec<u8>) {
    let mut codes = Vec::new();
    for attempt in 0..4 {
        let mut buffer = [0; 512];
        let id = TransactionId([attempt; 12]);
        let mut writer =
            MessageWriter::new(&mut buffer, Class::Request, Method::BINDING, id).unwrap();
        session.sign(&mut writer).unwrap();
        writer.push_fingerprint().unwrap();
        let len = writer.finish();
        let timing = Timing::default();
        let mut transaction = Transaction::new(&buffer[..len], Transport::Unreliable, timing, now)
            .unwrap()
            .require_fingerprint();
        let Action::Send(request) = transaction.poll(now) else { panic!() };
        let request = request.to_vec();
        let mut out = [0; 512];
        let answer = server.answer(&request, source(), now, &mut out).unwrap();
        let key = session.key().cloned();
        let authentication = key.as_ref().map_or(Authentication::None, Authentication::LongTerm);
        match transaction.receive(&out[..answer.len], authentication) {
            Received::Success(message) => {
                assert_eq!(message.get::<XorMappedAddress>(), Some(Ok(XorMappedAddress(source()))));
                assert_eq!(answer.error, None);
                return (codes, request);
            }
            Received::Error(message, code) => {
                assert_eq!(answer.error, Some(code));
                codes.push(code);
                if session.challenge(&Message::parse(&request).unwrap(), &message).is_err() {
                    return (codes, request);
                }
            }
            other => panic!("{other:?}"),
        }
    }
    panic!("{codes:?}")
}

#[test]
fn long_term_credentials_with_either_algorithm() {
    let users = [
        User::new(b"bob", b"wonder.example", b"tea-party-3"),
        User::new(b"alice", b"wonder.example", b"rabbit-hole-9"),
    ];
    let nonces = Nonces::new(&[9; 20], Duration::from_secs(600));
    for offer_algorithms in [false, true] {
        let credentials = Credentials::LongTerm {
            realm: "wonder.example",
            users: &users,
            nonces: &nonces,
            offer_algorithms,
        };
        let server =
            BindingServer { credentials, software: Some("mediawire"), ..Default::default() };
        let mut session = LongTerm::new(b"alice", b"rabbit-hole-9");
        let (codes, request) = talk(&server, &mut session, NOW);
        assert_eq!(codes, [Code::UNAUTHENTICATED]);
        assert_eq!(has(&request, AttributeType::MESSAGE_INTEGRITY_SHA256), offer_algorithms);
        assert_eq!(has(&request, AttributeType::MESSAGE_INTEGRITY), !offer_algorithms);
        assert_eq!(has(&request, AttributeType::PASSWORD_ALGORITHMS), offer_algorithms);
        // The next request needs no challenge, until the nonce is too old.
        assert_eq!(talk(&server, &mut session, NOW + Duration::from_secs(600)).0, []);
        let later = NOW + Duration::from_secs(601);
        assert_eq!(talk(&server, &mut session, later).0, [Code::STALE_NONCE]);
        assert_eq!(talk(&server, &mut session, later).0, []);
        // A nonce of somebody else's address is as good as an old one.
        let mut out = [0; 512];
        let other = "192.0.2.1:32854".parse().unwrap();
        let stale = server.answer(&request, other, NOW, &mut out).unwrap();
        assert_eq!(stale.error, Some(Code::STALE_NONCE));
        // A wrong password, a wrong name.
        for (user, password) in [("alice", "wrong"), ("nobody", "rabbit-hole-9")] {
            let mut session = LongTerm::new(user.as_bytes(), password.as_bytes());
            let codes = talk(&server, &mut session, NOW).0;
            assert_eq!(codes, [Code::UNAUTHENTICATED, Code::UNAUTHENTICATED]);
        }
    }
}

#[test]
fn requests_that_break_the_rules_of_long_term_credentials_are_bad() {
    let users = [User::new(b"alice", b"r", b"p")];
    let nonces = Nonces::new(&[9; 20], Duration::from_secs(600));
    let credentials = Credentials::LongTerm {
        realm: "r",
        users: &users,
        nonces: &nonces,
        offer_algorithms: true,
    };
    let server = BindingServer { credentials, ..Default::default() };
    let mut session = LongTerm::new(b"alice", b"p");
    let (_, good) = talk(&server, &mut session, NOW);
    let good = Message::parse(&good).unwrap();
    let (md5, sha256) =
        (Key::long_term(b"alice", b"r", b"p"), Key::long_term_sha256(b"alice", b"r", b"p"));
    // The same request, changed and signed again.
    let changed = |without: &[AttributeType], key: &Key, more: &[(AttributeType, &[u8])]| {
        let mut buffer = [0; 512];
        let mut writer = binding(&mut buffer);
        for attribute in good.attributes().filter(|a| {
            let t = a.attribute_type();
            t != AttributeType::MESSAGE_INTEGRITY_SHA256
                && t != AttributeType::FINGERPRINT
                && !without.contains(&t)
        }) {
            writer.push_attribute(&attribute).unwrap();
        }
        for (attribute_type, value) in more {
            writer.push_raw(*attribute_type, value).unwrap();
        }
        writer.push_integrity_sha256(key, 32).unwrap();
        answer(&server, writer.as_bytes())
    };
    use AttributeType as A;
    let hash = UserHash::new(b"alice", b"r").0;
    let (list, one) = (A::PASSWORD_ALGORITHMS, A::PASSWORD_ALGORITHM);
    let md5_chosen: &[(A, &[u8])] = &[(one, &[0, 1, 0, 0])];
    for (without, key, more, expected) in [
        (&[][..], &sha256, &[][..], None),
        (&[A::USERNAME], &sha256, &[(A::USERHASH, &hash[..])], None),
        (&[one], &md5, md5_chosen, None),
        // Section 9.2.4: neither of the two is an older client, whose key is that of MD5.
        (&[list, one], &md5, &[], None),
        (&[list, one], &sha256, &[], Some(Code::UNAUTHENTICATED)),
        (&[one], &sha256, md5_chosen, Some(Code::UNAUTHENTICATED)),
        (&[list], &sha256, &[], Some(Code::BAD_REQUEST)),
        (&[one], &sha256, &[], Some(Code::BAD_REQUEST)),
        (&[one], &sha256, &[(one, &[0, 9, 0, 0])], Some(Code::BAD_REQUEST)),
        (&[list], &sha256, &[(list, &[0, 1, 0, 0])], Some(Code::BAD_REQUEST)),
        (&[A::USERNAME], &sha256, &[], Some(Code::BAD_REQUEST)),
        (&[A::REALM], &sha256, &[], Some(Code::BAD_REQUEST)),
        (&[A::NONCE], &sha256, &[], Some(Code::BAD_REQUEST)),
        (&[], &sha256, &[(A(0x7FFF), &[])], Some(Code::UNKNOWN_ATTRIBUTE)),
    ] {
        let (code, bytes) = changed(without, key, more);
        assert_eq!(code, expected, "{without:?} {more:?}");
        let challenged = code == Some(Code::UNAUTHENTICATED);
        assert_eq!((has(&bytes, A::NONCE), has(&bytes, A::REALM)), (challenged, challenged));
        // Only what was authenticated is answered with an integrity, of the kind that goes with the algorithm.
        let is_authentic = matches!(code, None | Some(Code::UNKNOWN_ATTRIBUTE));
        let message = Message::parse(&bytes).unwrap();
        let integrity = [
            message.verify_integrity(&md5).is_ok(),
            message.verify_integrity_sha256(key, 32).is_ok(),
        ];
        let is_old = without == [list, one];
        assert_eq!(integrity, [is_authentic && is_old, is_authentic && !is_old], "{without:?}");
    }
}

#[test]
fn a_challenge_that_cannot_be_met_is_refused() {
    let mut buffer = [0; 64];
    let writer = binding(&mut buffer);
    let request = writer.as_bytes().to_vec();
    let request = Message::parse(&request).unwrap();
    let response = |code: Code, attributes: &[(AttributeType, &[u8])]| {
        let mut out = vec![0; 2048];
        let mut writer = MessageWriter::reply(&mut out, &request, Class::ErrorResponse).unwrap();
        writer.push(ErrorCode::new(code)).unwrap();
        for (attribute_type, value) in attributes {
            writer.push_raw(*attribute_type, value).unwrap();
        }
        writer.as_bytes().to_vec()
    };
    use AttributeType as A;
    let cookie = (A::NONCE, &b"obMatJos2AAABx"[..]);
    let realm = (A::REALM, &b"r"[..]);
    let long = [b'n'; 764];
    for (code, attributes, expected) in [
        (Code::UNAUTHENTICATED, &[realm, (A::NONCE, b"n")][..], Ok(())),
        (Code::FORBIDDEN, &[realm, (A::NONCE, b"n")], Err(Refused::NotAChallenge)),
        (Code::UNAUTHENTICATED, &[realm], Err(Refused::Missing(A::NONCE))),
        (Code::UNAUTHENTICATED, &[cookie], Err(Refused::Missing(A::REALM))),
        (Code::STALE_NONCE, &[cookie], Err(Refused::Missing(A::REALM))),
        (Code::UNAUTHENTICATED, &[realm, cookie], Err(Refused::BidDown)),
        (
            Code::UNAUTHENTICATED,
            &[realm, cookie, (A::PASSWORD_ALGORITHMS, &[0, 9, 0, 0])],
            Err(Refused::NoAlgorithm),
        ),
        (
            Code::UNAUTHENTICATED,
            &[realm, cookie, (A::PASSWORD_ALGORITHMS, &[0, 1, 0, 9])],
            Err(Refused::NoAlgorithm),
        ),
        (
            Code::UNAUTHENTICATED,
            &[realm, cookie, (A::PASSWORD_ALGORITHMS, &[0, 9, 0, 0, 0, 1, 0, 0])],
            Ok(()),
        ),
        (Code::UNAUTHENTICATED, &[realm, (A::NONCE, &long)], Err(Refused::TooLong)),
        (Code::UNAUTHENTICATED, &[realm, (A::NONCE, &long[1..])], Ok(())),
    ] {
        let mut session = LongTerm::new(b"u", b"p");
        let response = response(code, attributes);
        let challenged = session.challenge(&request, &Message::parse(&response).unwrap());
        assert_eq!(challenged, expected, "{attributes:?}");
        assert_eq!(session.key().is_some(), expected.is_ok());
    }
    // RFC 8489 section 9.2 with erratum 6290: bit 1 of the cookie asks for USERHASH.
    let response = response(
        Code::UNAUTHENTICATED,
        &[realm, (A::NONCE, b"obMatJos2AAADx"), (A::PASSWORD_ALGORITHMS, &[0, 2, 0, 0])],
    );
    let mut session = LongTerm::new(b"u", b"p");
    session.challenge(&request, &Message::parse(&response).unwrap()).unwrap();
    let mut buffer = [0; 256];
    let mut writer = binding(&mut buffer);
    session.sign(&mut writer).unwrap();
    let signed = Message::parse(writer.as_bytes()).unwrap();
    assert_eq!(signed.get(), Some(Ok(UserHash::new(b"u", b"r"))));
    assert!(!signed.has::<Username<'_>>());
    let chosen = PasswordAlgorithm::new(PasswordAlgorithmId::SHA256);
    assert_eq!(signed.get(), Some(Ok(chosen)));
    assert_eq!(signed.get(), Some(Ok(PasswordAlgorithms::new(&[chosen]))));
    signed.verify_integrity_sha256(&Key::long_term_sha256(b"u", b"r", b"p"), 32).unwrap();
}

#[test]
fn short_term_credentials_are_checked_in_the_rfcs_order() {
    let (key, wrong) = (Key::short_term(b"password"), Key::short_term(b"other"));
    let credentials = Credentials::ShortTerm { username: b"user", key: &key };
    let server = BindingServer { credentials, ..Default::default() };
    let ice =
        BindingServer { credentials: Credentials::Ice { ufrag: b"user", key: &key }, ..server };
    for (name, signed_by, sha256, expected) in [
        (Some(&b"user"[..]), Some(&key), false, None),
        (Some(b"user"), Some(&key), true, None),
        (Some(b"user"), Some(&wrong), false, Some(Code::UNAUTHENTICATED)),
        (Some(b"user"), Some(&wrong), true, Some(Code::UNAUTHENTICATED)),
        (Some(b"other"), Some(&key), false, Some(Code::UNAUTHENTICATED)),
        (Some(b"user"), None, false, Some(Code::BAD_REQUEST)),
        (None, Some(&key), false, Some(Code::BAD_REQUEST)),
    ] {
        for (server, suffix) in [(&server, &b""[..]), (&ice, b":peer")] {
            let mut buffer = [0; 256];
            let mut writer = binding(&mut buffer);
            if let Some(name) = name {
                writer.push(Username(&[name, suffix].concat())).unwrap();
            }
            match (signed_by, sha256) {
                (Some(key), false) => writer.push_integrity(key).unwrap(),
                (Some(key), true) => writer.push_integrity_sha256(key, 32).unwrap(),
                (None, _) => &mut writer,
            };
            let (code, bytes) = answer(server, writer.as_bytes());
            assert_eq!(code, expected);
            let message = Message::parse(&bytes).unwrap();
            assert_eq!(message.verify_integrity(&key).is_ok(), code.is_none() && !sha256);
            assert_eq!(message.verify_integrity_sha256(&key, 32).is_ok(), code.is_none() && sha256);
            assert!(!message.has::<Username<'_>>());
        }
    }
    // The fragment alone, or another that begins so, is no username of ICE's.
    for name in ["user", "user2:peer", ":user"] {
        let mut buffer = [0; 256];
        let mut writer = binding(&mut buffer);
        writer.push(Username::from(name)).unwrap().push_integrity(&key).unwrap();
        assert_eq!(answer(&ice, writer.as_bytes()).0, Some(Code::UNAUTHENTICATED));
    }
    // RFC 8445 section 7.1: what an ICE agent understands; a server does not.
    let mut buffer = [0; 256];
    let mut writer = binding(&mut buffer);
    writer.push(Username(b"user:peer")).unwrap().push(Priority(1)).unwrap();
    writer
        .push(UseCandidate)
        .unwrap()
        .push(IceControlling(7))
        .unwrap()
        .push_integrity(&key)
        .unwrap();
    assert_eq!(answer(&ice, writer.as_bytes()).0, None);
    assert_eq!(
        answer(&BindingServer::default(), writer.as_bytes()).0,
        Some(Code::UNKNOWN_ATTRIBUTE)
    );
}

#[test]
fn the_server_is_silent_where_there_is_nothing_to_say() {
    let server = BindingServer::default();
    let ask = |server: &BindingServer<'_>, datagram: &[u8]| {
        server.answer(datagram, source(), NOW, &mut [0; 256]).unwrap_err()
    };
    let mut buffer = [0; 256];
    assert!(matches!(ask(&server, b"\x80\x60"), Silent::Malformed(_)));
    let id = TransactionId::default();
    for (class, method) in [
        (Class::Indication, Method::BINDING),
        (Class::SuccessResponse, Method::BINDING),
        (Class::Request, Method::ALLOCATE),
    ] {
        let writer = MessageWriter::new(&mut buffer, class, method, id).unwrap();
        assert_eq!(ask(&server, writer.as_bytes()), Silent::NotABindingRequest(class, method));
    }
    let mut writer = binding(&mut buffer);
    writer.push_fingerprint().unwrap();
    let mut request = writer.as_bytes().to_vec();
    let (error, bytes) = answer(&server, &request);
    assert!(error.is_none() && Message::parse(&bytes).unwrap().has::<Fingerprint>());
    *request.last_mut().unwrap() ^= 1;
    assert!(matches!(ask(&server, &request), Silent::Fingerprint(_)));
    let strict = BindingServer { require_fingerprint: true, ..server };
    let plain = binding(&mut buffer).as_bytes().to_vec();
    assert!(matches!(ask(&strict, &plain), Silent::Fingerprint(_)));
    assert!(!Message::parse(&answer(&server, &plain).1).unwrap().has::<Fingerprint>());
    let short = server.answer(&plain, source(), NOW, &mut [0; 31]).unwrap_err();
    assert!(matches!(short, Silent::Build(_)));
    assert!(server.answer(&plain, source(), NOW, &mut [0; 32]).is_ok());
}

#[test]
fn an_address_of_both_versions_is_one_of_ipv4() {
    let plain = binding(&mut [0; 64]).as_bytes().to_vec();
    let mut out = [0; 64];
    let mapped = "[::ffff:192.0.2.1]:32853".parse().unwrap();
    let len = BindingServer::default().answer(&plain, mapped, NOW, &mut out).unwrap().len;
    let message = Message::parse(&out[..len]).unwrap();
    assert_eq!(message.get(), Some(Ok(XorMappedAddress(source()))));
}

#[test]
fn classic_clients_are_answered_where_asked_for() {
    // RFC 3489 sections 8.1 and 11.1, and the clients of stun-classic-rfc3489.pcap.
    let classic = BindingServer { rfc3489: true, ..Default::default() };
    let key = Key::short_term(b"p");
    let guarded = BindingServer {
        credentials: Credentials::ShortTerm { username: b"u", key: &key },
        ..classic
    };
    let mut answered = 0;
    for (src, _, datagram) in datagrams("stun-classic-rfc3489.pcap") {
        let mut out = [0; 64];
        for silent in [&BindingServer::default(), &guarded] {
            assert!(matches!(
                silent.answer(&datagram, src, NOW, &mut out),
                Err(Silent::Malformed(_))
            ));
        }
        let Ok(request) = Message::parse_rfc3489(&datagram) else { continue };
        let Ok(answer) = classic.answer(&datagram, src, NOW, &mut out) else {
            assert_ne!((request.class(), request.method()), (Class::Request, Method::BINDING));
            continue;
        };
        let message = Message::parse_rfc3489(&out[..answer.len]).unwrap();
        assert_eq!(message.get(), Some(Ok(MappedAddress(src))));
        assert_eq!(message.rfc3489_transaction_id(), request.rfc3489_transaction_id());
        answered += 1;
    }
    assert!(answered > 3, "{answered}");
}

#[test]
fn neither_the_client_nor_the_server_nor_a_deframer_allocates() {
    let users = [User::new(b"alice", b"wonder.example", b"rabbit-hole-9")];
    let nonces = Nonces::new(&[9; 20], Duration::from_secs(600));
    let credentials = Credentials::LongTerm {
        realm: "wonder.example",
        users: &users,
        nonces: &nonces,
        offer_algorithms: true,
    };
    let server = BindingServer { credentials, software: Some("mediawire"), ..Default::default() };
    let mut codes = [None; 2];
    let measured = allocation_counter::measure(|| {
        let mut session = LongTerm::new(b"alice", b"rabbit-hole-9");
        for code in &mut codes {
            let (mut buffer, mut out) = ([0; 512], [0; 512]);
            let mut writer = binding(&mut buffer);
            session.sign(&mut writer).unwrap();
            writer.push_fingerprint().unwrap();
            let len = writer.finish();
            let timing = Timing::default();
            let mut transaction =
                Transaction::new(&buffer[..len], Transport::Unreliable, timing, NOW).unwrap();
            assert!(matches!(transaction.poll(NOW), Action::Send(_)));
            let answer = server.answer(&buffer[..len], source(), NOW, &mut out).unwrap();
            let key = session.key().cloned();
            let authentication =
                key.as_ref().map_or(Authentication::None, Authentication::LongTerm);
            if let Received::Error(message, found) =
                transaction.receive(&out[..answer.len], authentication)
            {
                *code = Some(found);
                session
                    .challenge(&Message::parse(transaction.request()).unwrap(), &message)
                    .unwrap();
            }
        }
    });
    assert_eq!(codes, [Some(Code::UNAUTHENTICATED), None]);
    assert_eq!(measured.count_total, 0);

    let mut streams = 0;
    for capture in ["coturn-turn-tcp.pcap", "ffmpeg-rtsp-tcp-interleaved.pcap"] {
        for (link, frame) in common::frames(capture) {
            let packet = Packet::parse(link, &frame).unwrap();
            let Some(tcp) = packet.tcp() else { continue };
            let measured = allocation_counter::measure(|| {
                let (mut turn, mut rtsp) = (Turn::new(), Rtsp::new());
                streams += Frames::ending(&mut turn, tcp.payload()).flatten().count();
                streams += Frames::ending(&mut rtsp, tcp.payload()).flatten().count();
                streams += Frames::ending(&mut Rfc4571, tcp.payload()).flatten().count();
            });
            assert_eq!(measured.count_total, 0);
        }
    }
    assert!(streams > 170, "{streams}");
}
