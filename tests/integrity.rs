//! MESSAGE-INTEGRITY and FINGERPRINT of the captures, with the keys that their programs used.
//!
//! The numbers are those of testdata/MANIFEST.md, counted apart from this library with Python's hmac and zlib.

#![cfg(feature = "integrity")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // a test may panic

mod common;

use common::{testdata, udp_payloads};
use mediawire::demux::{Protocol, demux};
use mediawire::stun::{AttributeType, BrokenRule, CheckError, Class, Key, Message};

/// The passwords of both sides and of every round, from the `.sdp.json` beside the capture.
fn ice(capture: &str) -> Vec<Key> {
    let text = std::fs::read_to_string(testdata(capture).with_extension("sdp.json")).unwrap();
    let sdp: serde_json::Value = serde_json::from_str(&text).unwrap();
    let sides = sdp["ice"].as_array().unwrap().iter();
    sides.map(|side| Key::short_term(side["pwd"].as_str().unwrap().as_bytes())).collect()
}

fn long_term(realm: &str, users: &[(&str, &str)]) -> Vec<Key> {
    let key = |&(user, password): &(&str, &str)| {
        Key::long_term(user.as_bytes(), realm.as_bytes(), password.as_bytes())
    };
    users.iter().map(key).collect()
}

/// How many messages verify with one of the keys, have no MESSAGE-INTEGRITY, and have a right FINGERPRINT.
fn count(capture: &str, keys: &[Key]) -> (usize, usize, usize) {
    let (mut verified, mut absent, mut fingerprints) = (0, 0, 0);
    for payload in udp_payloads(capture) {
        if demux(&payload) != Ok(Protocol::Stun) {
            continue;
        }
        let before = payload.clone();
        let message = Message::parse(&payload).unwrap();
        match message.verify_integrity(&Key::short_term(b"not the password")) {
            Err(CheckError::Missing) => absent += 1,
            Err(CheckError::Wrong { .. }) => {
                let key = keys.iter().find(|key| message.verify_integrity(key).is_ok());
                let key = key.unwrap_or_else(|| panic!("{capture}: {message} does not verify"));
                verified += 1;
                notices_a_changed_bit(&payload, key);
            }
            other => panic!("{capture}: {other:?}"),
        }
        fingerprints += usize::from(message.check_fingerprint().is_ok());
        assert_eq!(payload, before, "verifying writes nothing");
    }
    (verified, absent, fingerprints)
}

/// With a bit of any byte under the HMAC turned, the message does not verify.
fn notices_a_changed_bit(message: &[u8], key: &Key) {
    let integrity =
        Message::parse(message).unwrap().find(AttributeType::MESSAGE_INTEGRITY).unwrap().offset();
    let mut changed = message.to_vec();
    for at in 0..integrity {
        // One bit of each byte, another one from byte to byte: all of them would take minutes.
        let bit = 1 << (at % 8);
        changed[at] ^= bit;
        let is_length = at == 2 || at == 3; // only where the message ends: the HMAC's own length is put in
        if let (Ok(changed), false) = (Message::parse(&changed), is_length) {
            assert!(changed.verify_integrity(key).is_err(), "byte {at} bit {bit:#04x}");
        }
        changed[at] ^= bit;
    }
}

#[test]
fn ice_checks_of_chromium_and_aiortc_verify() {
    for (capture, verified) in [
        ("aiortc-dtls-srtp.pcap", 4),
        ("chromium-ccfb.pcap", 25),
        ("chromium-dtls-srtp-datachannel.pcap", 67),
        ("chromium-h264-remb.pcap", 30),
        ("chromium-vp8-loss-pli.pcap", 38),
        ("chromium-vp8-rtx-twcc.pcap", 36),
        ("chromium-vp8-simulcast.pcap", 28),
        ("chromium-vp8-ulpfec-red-nonack.pcap", 42),
        ("chromium-vp9-svc-dd.pcap", 24),
        ("chromium-xr-audionack.pcap", 34),
    ] {
        assert_eq!(count(capture, &ice(capture)), (verified, 0, verified), "{capture}");
    }
}

#[test]
fn turn_messages_of_coturn_and_chromium_verify() {
    let both = [("alice", "rabbit-hole-9"), ("bob", "tea-party-3")];
    let wonder = long_term("wonder.example", &both);
    assert_eq!(count("coturn-turn-udp.pcap", &wonder), (116, 30, 146));
    assert_eq!(count("coturn-turn-ipv6.pcap", &wonder), (132, 38, 170));
    assert_eq!(count("coturn-stun-rfc5780.pcap", &wonder), (0, 45, 0));
    // The requests of clients that have a wrong password verify with that.
    let wrong = [("alice", "wrong-password"), ("nobody", "wrong-password"), both[0], both[1]];
    assert_eq!(
        count("coturn-turn-errors.pcap", &long_term("wonder.example", &wrong)),
        (72, 74, 146)
    );
    let dan = long_term("fmt.example", &[("dan", "dan-secret")]);
    for capture in ["fmt-nano.pcap", "fmt-sll.pcap", "fmt-sll2.pcap", "fmt-vlan.pcap"] {
        assert_eq!(count(capture, &dan), (52, 12, 62), "{capture}");
    }
    // Chromium through coturn: ICE's checks lie inside Send and Data and are not counted here.
    let alice = long_term("wonder.example", &[("alice", "wonderland-7")]);
    let mut keys = ice("chromium-turn-udp.pcap");
    keys.extend(alice);
    assert_eq!(count("chromium-turn-udp.pcap", &keys), (37, 29, 21));
}

/// The rules that need no key and are broken, one a message.
fn broken_rules(capture: &str) -> Vec<BrokenRule> {
    let mut broken = Vec::new();
    for payload in udp_payloads(capture) {
        if demux(&payload) != Ok(Protocol::Stun) {
            continue;
        }
        let message = Message::parse(&payload).unwrap();
        let checked = message
            .check_comprehended(AttributeType::TYPED)
            .and_then(|()| message.check_values())
            .and_then(|()| message.check_method())
            .and_then(|()| message.check_bid_down());
        assert_eq!(message.check_order(), Ok(()), "{capture}: {message}");
        broken.extend(checked.err());
    }
    broken
}

#[test]
fn what_real_programs_send_keeps_the_rules_but_for_channel_numbers_of_rfc_5766() {
    // The numbers above 0x4FFF in requests, counted by tshark: testdata/expected.
    for (capture, channels) in [
        ("aiortc-dtls-srtp.pcap", 0),
        ("chromium-vp8-rtx-twcc.pcap", 0),
        ("coturn-turn-errors.pcap", 0),
        ("coturn-turn-udp.pcap", 15),
        ("coturn-turn-ipv6.pcap", 11),
        ("coturn-stun-rfc5780.pcap", 0),
        ("chromium-turn-udp.pcap", 0),
    ] {
        let channel = BrokenRule::Value { attribute: AttributeType::CHANNEL_NUMBER, offset: 20 };
        assert_eq!(broken_rules(capture), vec![channel; channels], "{capture}");
    }
}

#[test]
fn checks_of_chromium_and_aiortc_are_checks_of_ice() {
    let mut checks = 0;
    for capture in ["aiortc-dtls-srtp.pcap", "chromium-vp8-rtx-twcc.pcap", "chromium-ccfb.pcap"] {
        for payload in udp_payloads(capture) {
            if demux(&payload) != Ok(Protocol::Stun) {
                continue;
            }
            let message = Message::parse(&payload).unwrap();
            if message.class() == Class::Request {
                assert_eq!(message.check_ice(), Ok(()), "{capture}: {message}");
                checks += 1;
            }
        }
    }
    assert!(checks > 30, "{checks}");
}
