//! Published vectors, messages of real programs, traps, and what holds of any bytes.

extern crate std;

use proptest::prelude::*;
use std::collections::BTreeSet;
use std::format;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

use super::*;
use crate::encode::Encode;
use crate::error::{BuildError, ErrorKind, ParseError};

/// Bytes out of hex digits; spaces and line ends carry no meaning.
fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.chars().filter_map(|c| c.to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// RFC 5769 section 2.1, sample request.
fn rfc5769_request() -> Vec<u8> {
    hex("00010058 2112a442 b7e7a701 bc34d686 fa87dfae 80220010 5354554e 20746573 7420636c 69656e74
         00240004 6e0001ff 80290008 932ff9b1 51263b36 00060009 6576746a 3a683676 59202020 00080014
         9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2 80280004 e57a3bcf")
}

/// RFC 5769 section 2.2, sample IPv4 response.
fn rfc5769_ipv4() -> Vec<u8> {
    hex("0101003c 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220 00200008
         0001a147 e112a643 00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7 80280004 c07d4c96")
}

/// RFC 5769 section 2.3, sample IPv6 response.
fn rfc5769_ipv6() -> Vec<u8> {
    hex("01010048 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220 00200014
         0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9 00080014 a382954e 4be67bf1 1784c97c 8292c275
         bfe3ed41 80280004 c8fb0b4c")
}

/// RFC 5769 section 2.4, sample request with long-term authentication.
fn rfc5769_long_term() -> Vec<u8> {
    hex("00010060 2112a442 78ad3433 c6ad72c0 29da412e 00060012 e3839ee3 8388e383 aae38383 e382afe3
         82b90000 0015001c 662f2f34 39396b39 35346436 4f4c3334 6f4c3946 53547679 36347341 0014000b
         6578616d 706c652e 6f726700 00080014 f6702465 6dd64a3e 02b8e071 2e85c9a2 8ca89666")
}

/// RFC 8489 appendix B.1 as errata 6268 corrects it.
fn rfc8489_b1() -> Vec<u8> {
    hex("00010090 2112a442 78ad3433 c6ad72c0 29da412e 001e0020 4a3cf38f ef6992bd a952c678 0417da0f
         24819415 569e60b2 05c46e41 407f1704 00150029 6f624d61 744a6f73 32414141 43662f2f 3439396b
         39353464 364f4c33 346f4c39 46535476 79363473 41000000 0014000b 6578616d 706c652e 6f726700
         001d0004 00020000 001c0020 b5c7bf00 5b6c52a2 1c51c5e8 92f81924 136296cb 927c4314 9309278c
         c6518e65")
}

/// RFC 8489 appendix B.1 as printed: its length counts the header, and PASSWORD-ALGORITHM is missing.
fn rfc8489_b1_as_printed() -> Vec<u8> {
    hex("0001009c 2112a442 78ad3433 c6ad72c0 29da412e 001e0020 4a3cf38f ef6992bd a952c678 0417da0f
         24819415 569e60b2 05c46e41 407f1704 00150029 6f624d61 744a6f73 32414141 43662f2f 3439396b
         39353464 364f4c33 346f4c39 46535476 79363473 41000000 0014000b 6578616d 706c652e 6f726700
         001c0020 e4686c8f 0edeb590 13e07090 010a93ef ccbccc54 4c0a45d9 f830aa6d 6f735a01")
}

/// chromium-vp8-rtx-twcc.pcap, frame 1: Chromium 156, a check.
fn chromium_check() -> Vec<u8> {
    hex("0001004c2112a442446737326e427059676d3472000600097a3845673a6f362f6e000000c057000400010000
         802900087cd7f79953d8d151002400046e7e1eff00080014743316a826831240f58e4700ae4aa91738a9e32c
         802800040b9e647d")
}

/// chromium-vp8-rtx-twcc.pcap, frame 2: the answer.
fn chromium_answer() -> Vec<u8> {
    hex("0101002c2112a442446737326e427059676d3472002000080001c4572b5fa44300080014e6a762db3e0043fc
         177820b172619d30bac402a48028000401cc49d0")
}

/// coturn-turn-udp.pcap, frame 2: coturn 4.6.1, a 401.
fn coturn_401() -> Vec<u8> {
    hex("0113005c2112a442dafc311c8dc98e7d03961dcb0009001000000401556e617574686f72697a656400150010
         653231333038323133353165663766330014000e776f6e6465722e6578616d706c65000080220014436f7475
         726e2d342e362e312027476f7273742780280004b2580c1f")
}

/// coturn-turn-udp.pcap, frame 3: turnutils_uclient, an Allocate request.
fn coturn_allocate() -> Vec<u8> {
    hex("000300742112a4426fa33a39bc10972bda0452770019000411000000000d0004000003090018000180000000
         001700040100000000060005616c69636500000000150010653231333038323133353165663766330014000e
         776f6e6465722e6578616d706c6500000008001428e6aaa752e92766d5aaad27ea96323ded8c079080280004
         a16fbb8e")
}

/// coturn-turn-udp.pcap, frame 4: the answer.
fn coturn_allocated() -> Vec<u8> {
    hex("010300642112a4426fa33a39bc10972bda045277001600080001e74e2b5fa443002000080001fa282b5fa449
         0022000898b9f7fec73ac516000d00040000030980220014436f7475726e2d342e362e312027476f72737427
         0008001430dc1336721c0b41726515c0e6f8099a7de1d9898028000462760c30")
}

/// coturn-turn-udp.pcap, frame 19: turnutils_uclient, a ChannelBind request.
fn coturn_channel_bind() -> Vec<u8> {
    hex("000900682112a442f2e855e1015cb4473d97193d000c00044c9b00000012000800012c8b2b5fa44e00060005
         616c69636500000000150010613233316666666264393864643063370014000e776f6e6465722e6578616d70
         6c6500000008001461f4da5e2dfd98af3ede230bb9a69129d65e3353802800041f9209e2")
}

/// coturn-turn-udp.pcap, frame 105: turnutils_uclient, a Send indication.
fn coturn_send() -> Vec<u8> {
    hex("001600802112a4422cfa70475bcda2e1d8b0b9990013006300000000070707078c1300000000000007070707
         0707070707070707070707070707070707070707070707070707070707070707070707070707070707070707
         0707070707070707070707070707070707070707070707070707070707070707070707000012000800012c8a
         2b5fa44e001a0000802800049af75291")
}

/// coturn-turn-udp.pcap, frame 166: coturn 4.6.1, an error that its registry has and IANA's has under another phrase.
fn coturn_443() -> Vec<u8> {
    hex("011800602112a442f19f2da5b697461443c475fa000900240000042b5065657220416464726573732046616d
         696c79204d69736d617463682028342980220014436f7475726e2d342e362e312027476f7273742700080014
         efdecb6adbcbea9fc6be640f865d403bc9ddd00780280004a26101b4")
}

/// coturn-stun-rfc5780.pcap, frame 3: turnutils_natdiscovery with RESPONSE-PORT and CHANGE-REQUEST.
fn coturn_rfc5780_request() -> Vec<u8> {
    hex("000100102112a442eb6d826a2bd0775dbf7516ed00270004854400000003000400000006")
}

/// coturn-stun-rfc5780.pcap, frame 4: the answer.
fn coturn_rfc5780_response() -> Vec<u8> {
    hex("010100482112a442eb6d826a2bd0775dbf7516ed002000080001a4512b5fa44900010008000185430a4d000b
         802b000800010d970a4d0002802c000800010d970a4d000280220014436f7475726e2d342e362e312027476f
         72737427")
}

/// stun-classic-rfc3489.pcap, frames 1 and 2: Debian's `stun` 0.97 and coturn 4.6.1.
fn classic() -> [Vec<u8>; 2] {
    [
        hex("00010008010e1153763c727a10c1333254cd002b0003000400000000"),
        hex("01010040010e1153763c727a10c1333254cd002b0001000800010fa00a4d00010004000800010d960a4d0001
             0005000800010d970a4d000280220018436f7475726e2d342e362e312027476f7273742700000000"),
    ]
}

/// Every message above that RFC 8489 lets be.
fn all() -> Vec<Vec<u8>> {
    vec![
        rfc5769_request(),
        rfc5769_ipv4(),
        rfc5769_ipv6(),
        rfc5769_long_term(),
        rfc8489_b1(),
        chromium_check(),
        chromium_answer(),
        coturn_401(),
        coturn_allocate(),
        coturn_allocated(),
        coturn_channel_bind(),
        coturn_send(),
        coturn_443(),
        coturn_rfc5780_request(),
        coturn_rfc5780_response(),
    ]
}

/// A message with the cookie around `attributes`.
fn with(attributes: &[u8]) -> Vec<u8> {
    let mut bytes = hex("00010000 2112a442 b7e7a701 bc34d686 fa87dfae");
    bytes[2..4].copy_from_slice(&(attributes.len() as u16).to_be_bytes());
    bytes.extend(attributes);
    bytes
}

/// The types of a message's attributes.
fn types(message: &Message<'_>) -> Vec<u16> {
    message.attributes().map(|a| a.attribute_type().0).collect()
}

mod reading {
    use super::*;

    #[test]
    fn a_line_shows_what_an_attribute_says() {
        // RFC 8656 sections 18.11 and 18.12, RFC 7982 section 3.1, RFC 8489 section 14.11, RFC 5780 section 7.2.
        for (attribute, value) in [
            ("80010009 02000428 6f746865 72000000", "=ipv6 440 other"),
            ("80000004 02000000", "=ipv6"),
            ("80250004 00000305", "=3,5"),
            ("80020008 00020000 00010000", "=SHA-256,MD5"),
            ("00030004 00000004", "=ip"),
            ("00030004 00000002", "=port"),
        ] {
            let attribute = hex(attribute);
            let header =
                hex(&format!("0001 {:04x} 2112a442 01020304 05060708 090a0b0c", attribute.len()));
            let bytes = [header, attribute].concat();
            let message = Message::parse(&bytes).unwrap();
            let attribute = message.attributes().next().unwrap();
            let line = attribute.to_string();
            assert!(line.ends_with(value), "{line}");
            crate::testing::debugs(&attribute);
        }
    }

    #[test]
    fn every_field_of_rfc_5769_section_2_1() {
        let bytes = rfc5769_request();
        let message = Message::parse(&bytes).unwrap();
        assert_eq!((message.class(), message.method()), (Class::Request, Method::BINDING));
        assert_eq!((message.length(), message.cookie()), (88, MAGIC_COOKIE));
        assert!(message.has_cookie());
        assert_eq!(message.transaction_id().to_string(), "b7e7a701bc34d686fa87dfae");
        assert_eq!(types(&message), [0x8022, 0x0024, 0x8029, 0x0006, 0x0008, 0x8028]);
        let places: Vec<_> = message.attributes().map(|a| a.offset()).collect();
        assert_eq!(places, [20, 40, 48, 60, 76, 100]);
        assert_eq!(message.get(), Some(Ok(Software(b"STUN test client"))));
        assert_eq!(message.get(), Some(Ok(Priority(0x6e00_01ff))));
        assert_eq!(message.get(), Some(Ok(IceControlled(0x932f_f9b1_5126_3b36))));
        assert_eq!(message.get(), Some(Ok(Username(b"evtj:h6vY"))));
        assert_eq!(message.get(), Some(Ok(Fingerprint(0xe57a_3bcf))));
        assert_eq!(message.get::<UseCandidate>(), None);
        assert_eq!(message.find(AttributeType::USERNAME).unwrap().padding(), b"   ");
        assert_eq!(message.check_order(), Ok(()));
        assert_eq!(message.check_fingerprint(), Ok(()));
    }

    #[test]
    fn the_addresses_of_rfc_5769() {
        for (bytes, address) in [
            (rfc5769_ipv4(), "192.0.2.1:32853"),
            (rfc5769_ipv6(), "[2001:db8:1234:5678:11:2233:4455:6677]:32853"),
        ] {
            let message = Message::parse(&bytes).unwrap();
            assert_eq!(message.class(), Class::SuccessResponse);
            assert_eq!(message.get(), Some(Ok(XorMappedAddress(address.parse().unwrap()))));
            assert_eq!(message.get(), Some(Ok(Software(b"test vector"))));
            assert_eq!(message.check_fingerprint(), Ok(()));
        }
    }

    #[test]
    fn an_allocation_of_coturn() {
        let bytes = coturn_allocated();
        let message = Message::parse(&bytes).unwrap();
        // What tshark 4.0.17 shows of the frame.
        let relayed = XorRelayedAddress("10.77.0.1:50780".parse().unwrap());
        assert_eq!(message.get(), Some(Ok(relayed)));
        assert_eq!(message.get(), Some(Ok(XorMappedAddress("10.77.0.11:56122".parse().unwrap()))));
        let token = [0x98, 0xb9, 0xf7, 0xfe, 0xc7, 0x3a, 0xc5, 0x16];
        assert_eq!(message.get(), Some(Ok(ReservationToken(token))));
        assert_eq!(message.get(), Some(Ok(Lifetime(777))));
        let bytes = coturn_allocate();
        let message = Message::parse(&bytes).unwrap();
        assert_eq!(message.get(), Some(Ok(RequestedTransport::UDP)));
        assert_eq!(message.get(), Some(Ok(EvenPort { reserve: true })));
        assert_eq!(message.get(), Some(Ok(RequestedAddressFamily(AddressFamily::Ipv4))));
        assert_eq!(message.get(), Some(Ok(Realm(b"wonder.example"))));
    }

    #[test]
    fn a_request_without_attributes_is_valid() {
        // RFC 8489 section 5; coturn-stun-rfc5780.pcap has one in frame 1.
        let bytes = hex("000100002112a44206eeef27634901b63b39bf07");
        let message = Message::parse(&bytes).unwrap();
        assert_eq!((message.class(), message.method()), (Class::Request, Method::BINDING));
        assert_eq!((message.length(), message.attributes().count()), (0, 0));
    }

    #[test]
    fn every_truncation_is_refused() {
        for bytes in all() {
            let whole = bytes.len();
            for len in 0..whole {
                let error = Message::parse(&bytes[..len]).unwrap_err();
                let (field, offset, need, have) = if len < 20 {
                    ("header", 0, 20, len)
                } else {
                    ("attributes", 20, whole - 20, len - 20)
                };
                assert_eq!(
                    (error.what, error.field, error.offset),
                    ("STUN message", field, offset)
                );
                assert_eq!(error.kind, ErrorKind::Truncated { need, have });
            }
        }
    }

    #[test]
    fn what_follows_the_message_is_given_and_changes_nothing() {
        let bytes = rfc5769_request();
        let mut long = bytes.clone();
        long.extend(b"more");
        let (message, rest) = Message::parse_prefix(&long).unwrap();
        assert_eq!((message, rest), (Message::parse(&bytes).unwrap(), &b"more"[..]));
        assert_eq!(message.check_fingerprint(), Ok(()));
        assert_eq!(Message::parse_prefix(&bytes).unwrap().1, b"");
    }

    #[test]
    fn the_message_of_rfc_8489_b_1_as_printed_is_refused() {
        let error = Message::parse(&rfc8489_b1_as_printed()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Truncated { need: 0x9c, have: 136 });
    }

    #[test]
    fn a_length_that_is_no_multiple_of_4_is_refused() {
        let mut bytes = rfc5769_request();
        for length in [1, 2, 3, 85, 86, 87] {
            bytes[3] = length;
            let error = Message::parse(&bytes).unwrap_err();
            assert_eq!((error.field, error.offset), ("message length", 2));
            let (found, have) = (length.into(), (length & !3).into());
            assert_eq!(error.kind, ErrorKind::Length { found, have });
        }
    }

    #[test]
    fn the_first_two_bits_and_the_cookie_must_be_right() {
        let mut bytes = rfc5769_request();
        for first in [0x40, 0x80, 0xC0] {
            bytes[0] = first;
            let error = Message::parse(&bytes).unwrap_err();
            assert_eq!((error.field, error.offset), ("message type", 0));
            assert_eq!(error.kind, ErrorKind::Value { found: u32::from(first) << 8 | 1 });
        }
        for bit in 0..32 {
            let mut bytes = rfc5769_request();
            bytes[4 + bit / 8] ^= 0x80 >> (bit % 8);
            let error = Message::parse(&bytes).unwrap_err();
            assert_eq!((error.field, error.offset), ("magic cookie", 4));
            assert_eq!(error.kind.name(), "value");
        }
    }

    #[test]
    fn an_attribute_beyond_the_message_is_refused_at_its_place() {
        // One of no bytes, one of 4 that says 5.
        let bytes = with(&[0x80, 0x22, 0, 0, 0x80, 0x22, 0, 5, 1, 2, 3, 4]);
        let error = Message::parse(&bytes).unwrap_err();
        assert_eq!((error.field, error.offset), ("attribute value", 28));
        assert_eq!(error.kind, ErrorKind::Length { found: 5, have: 4 });
        assert_eq!(
            error.to_string(),
            "STUN message: attribute value of 5 bytes does not fit, 4 would (byte 28)"
        );
    }

    #[test]
    fn lengths_near_0xffff_do_not_overflow() {
        // An attribute of 0xFFFF at the very end; one of 0xFFF8, padded, that fills the longest message.
        for len in 0xFFF0..=0xFFFF_u16 {
            let bytes = with(&[&[0, 6][..], &len.to_be_bytes()].concat());
            let kind = ErrorKind::Length { found: len.into(), have: 0 };
            assert_eq!(Message::parse(&bytes).unwrap_err().kind, kind);
            let mut bytes = with(&[0; 0xFFFC]);
            bytes[20..22].copy_from_slice(&[0x80, 0x22]);
            bytes[22..24].copy_from_slice(&len.to_be_bytes());
            let parsed = Message::parse(&bytes);
            assert_eq!(parsed.is_ok(), len <= 0xFFF8, "{len:#x}");
            if let Ok(message) = parsed {
                let first = message.attributes().next().unwrap();
                assert_eq!(
                    first.value().len() + first.padding().len(),
                    usize::from((len + 3) & !3)
                );
            }
        }
        let mut bytes = with(&[0; 0xFFFC]);
        bytes[2..4].copy_from_slice(&[0xFF, 0xFF]);
        assert_eq!(Message::parse(&bytes).unwrap_err().kind.name(), "length");
        assert_eq!(Message::parse_rfc3489(&bytes).unwrap_err().kind.name(), "truncated");
        let mut bytes = with(&[0; 0x1_0000]);
        bytes[2..4].copy_from_slice(&[0xFF, 0xFF]);
        assert!(Message::parse_rfc3489(&bytes).is_err()); // 3 bytes are left for the last attribute
    }

    #[test]
    fn of_duplicates_the_first_counts_and_all_are_seen() {
        let bytes = with(&hex("00240004 00000001 00240004 00000002"));
        let message = Message::parse(&bytes).unwrap();
        assert_eq!(message.get(), Some(Ok(Priority(1))));
        let all: Vec<_> = message.attributes().map(|a| a.parse_as::<Priority>()).collect();
        assert_eq!(all, [Ok(Priority(1)), Ok(Priority(2))]);
    }

    #[test]
    fn numbers_of_other_drafts_are_kept_apart() {
        // MS-TURN's XOR-MAPPED-ADDRESS, RESERVATION-TOKEN, SOFTWARE.
        let bytes =
            with(&hex("80200008 0001a147 e112a643 00220008 0102030405060708 80220004 74657374"));
        let message = Message::parse(&bytes).unwrap();
        assert_eq!(types(&message), [0x8020, 0x0022, 0x8022]);
        assert_eq!(message.get::<XorMappedAddress>(), None);
        let old = message.find(AttributeType(0x8020)).unwrap();
        assert_eq!(old.decode(), Ok(AttributeValue::Other(old.value())));
        let address = XorMappedAddress("192.0.2.1:32853".parse().unwrap());
        assert_eq!(old.parse_as(), Ok(address), "where one asks for it");
        assert_eq!(message.get(), Some(Ok(ReservationToken([1, 2, 3, 4, 5, 6, 7, 8]))));
        assert_eq!(message.get(), Some(Ok(Software(b"test"))));
        assert_eq!(old.attribute_type().name(), None);
    }

    #[test]
    fn a_value_of_another_form_does_not_fail_the_message() {
        // USERNAME, then PRIORITY of 2 bytes, then XOR-MAPPED-ADDRESS of family 3.
        let bytes = with(&hex("00060001 61000000 00240002 00010000 00200008 0003a147 e112a643"));
        let message = Message::parse(&bytes).unwrap();
        assert_eq!(message.get(), Some(Ok(Username(b"a"))));
        let error = message.get::<Priority>().unwrap().unwrap_err();
        assert_eq!((error.what, error.field, error.offset), ("PRIORITY", "value", 32));
        assert_eq!(error.kind, ErrorKind::Length { found: 2, have: 4 });
        let error = message.get::<XorMappedAddress>().unwrap().unwrap_err();
        assert_eq!((error.field, error.offset), ("address family", 41));
        assert_eq!(error.kind, ErrorKind::Value { found: 3 });
        assert!(message.to_string().ends_with(" USERNAME=a PRIORITY=? XOR-MAPPED-ADDRESS=?"));
    }

    #[test]
    fn what_lies_after_the_integrity_is_seen_and_does_not_count() {
        let mac = "9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2";
        let sha256 = "001c0010 00000000 00000000 00000000 00000000";
        let bytes = with(&hex(&format!(
            "00240004 00000001 00080014 {mac} 00250000 00240004 00000002 {sha256} 00080014 {mac}
             80220000 80280004 00000000 00060000"
        )));
        let message = Message::parse(&bytes).unwrap();
        let marks: Vec<_> =
            message.attributes().map(|a| (a.attribute_type().0, a.is_after_integrity())).collect();
        assert_eq!(
            marks,
            [
                (0x0024, false),
                (0x0008, false),
                (0x0025, true),
                (0x0024, true),
                (0x001c, false),
                (0x0008, true),
                (0x8022, true),
                (0x8028, false),
                (0x0006, true),
            ]
        );
        assert_eq!(message.get(), Some(Ok(Priority(1))));
        assert!(!message.has::<UseCandidate>());
        assert!(!message.has::<Username<'_>>());
        assert!(message.has::<Fingerprint>());
        let error = message.check_order().unwrap_err();
        assert_eq!((error.field, error.offset), ("attribute after the integrity", 52));
        assert_eq!(error.kind, ErrorKind::Value { found: 0x0025 });
    }

    #[test]
    fn fingerprint_must_be_last() {
        let bytes = with(&hex("80280004 00000000 80220000"));
        let message = Message::parse(&bytes).unwrap();
        let error = message.check_order().unwrap_err();
        assert_eq!((error.field, error.offset), ("attribute after FINGERPRINT", 28));
        assert_eq!(error.kind, ErrorKind::Value { found: 0x8022 });
        for bytes in all() {
            assert_eq!(Message::parse(&bytes).unwrap().check_order(), Ok(()));
        }
    }

    #[test]
    fn unknown_required_attributes_are_listed() {
        // Three that nobody knows, one of which is optional, RESPONSE-PORT, MESSAGE-INTEGRITY, and one behind it.
        let bytes = with(&hex("00310000 80ff0000 00270004 12340000 7fff0000 00310000
             00080014 0000000000000000000000000000000000000000 00320000"));
        let message = Message::parse(&bytes).unwrap();
        let unknown: Vec<_> = message.unknown_required(AttributeType::TYPED).map(|t| t.0).collect();
        assert_eq!(unknown, [0x0031, 0x7fff, 0x0031]);
        let known = [AttributeType::MESSAGE_INTEGRITY]; // a server without NAT behaviour discovery
        let unknown: Vec<_> = message.unknown_required(&known).map(|t| t.0).collect();
        assert_eq!(unknown, [0x0031, 0x0027, 0x7fff, 0x0031]);
        let known = [AttributeType::RESPONSE_PORT, AttributeType::MESSAGE_INTEGRITY];
        let unknown: Vec<_> = message.unknown_required(&known).map(|t| t.0).collect();
        assert_eq!(unknown, [0x0031, 0x7fff, 0x0031]);

        let mut buffer = [0; 128];
        let mut writer = MessageWriter::reply(&mut buffer, &message, Class::ErrorResponse).unwrap();
        writer.push(ErrorCode::new(Code::UNKNOWN_ATTRIBUTE)).unwrap();
        writer.push_unknown_attributes(message.unknown_required(&known)).unwrap();
        let len = writer.finish();
        let response = Message::parse(&buffer[..len]).unwrap();
        let list: UnknownAttributes<'_> = response.get().unwrap().unwrap();
        assert!(list.types().map(|t| t.0).eq(unknown));
        assert_eq!(response.length() % 4, 0);
        assert_eq!(response.attributes().last().unwrap().padding(), [0; 2]);
        assert_eq!(
            response.to_string(),
            "STUN Binding error response tid=b7e7a701bc34d686fa87dfae \
             ERROR-CODE=420 Unknown Attribute UNKNOWN-ATTRIBUTES=0x0031,0x7fff,0x0031"
        );
    }

    #[test]
    fn nobody_comprehends_less_than_the_captures_need() {
        for bytes in all() {
            let message = Message::parse(&bytes).unwrap();
            assert_eq!(message.unknown_required(AttributeType::TYPED).next(), None, "{message}");
            assert_eq!(message.check_comprehended(AttributeType::TYPED), Ok(()), "{message}");
        }
    }

    #[test]
    fn a_line_for_logs() {
        assert_eq!(
            Message::parse(&rfc5769_request()).unwrap().to_string(),
            "STUN Binding request tid=b7e7a701bc34d686fa87dfae SOFTWARE=STUN test client \
             PRIORITY=1845494271 ICE-CONTROLLED=932ff9b151263b36 USERNAME=evtj:h6vY MI FP"
        );
        assert_eq!(
            Message::parse(&coturn_443()).unwrap().to_string(),
            "STUN CreatePermission error response tid=f19f2da5b697461443c475fa ERROR-CODE=443 Peer \
             Address Family Mismatch (4) SOFTWARE=Coturn-4.6.1 'Gorst' MI FP"
        );
        let many = with(&hex("80ff0000").repeat(30));
        let line = Message::parse(&many).unwrap().to_string();
        assert!(line.ends_with(" 0x80ff[0] 0x80ff[0] and 6 more"), "{line}");
        let debug = format!("{:?}", Message::parse(&rfc5769_ipv4()).unwrap());
        assert!(debug.contains("length: 60, cookie: 0x2112a442"), "{debug}");
        assert!(
            debug.contains("Ok(XorMappedAddress(XorMappedAddress(192.0.2.1:32853)))"),
            "{debug}"
        );
    }
}

mod classic_stun {
    use super::*;

    #[test]
    fn reads_what_the_classic_client_and_coturn_send() {
        let [request, response] = classic();
        assert_eq!(Message::parse(&request).unwrap_err().field, "magic cookie");
        let message = Message::parse_rfc3489(&request).unwrap();
        assert_eq!((message.class(), message.method()), (Class::Request, Method::BINDING));
        assert!(!message.has_cookie());
        assert_eq!(message.rfc3489_transaction_id()[..4], [0x01, 0x0e, 0x11, 0x53]);
        let none = ChangeRequest { change_ip: false, change_port: false };
        assert_eq!(message.get(), Some(Ok(none)));
        let answer = Message::parse_rfc3489(&response).unwrap();
        assert_eq!(answer.rfc3489_transaction_id(), message.rfc3489_transaction_id());
        assert_eq!(answer.get(), Some(Ok(MappedAddress("10.77.0.1:4000".parse().unwrap()))));
        assert_eq!(answer.get(), Some(Ok(SourceAddress("10.77.0.1:3478".parse().unwrap()))));
        assert_eq!(answer.get(), Some(Ok(ChangedAddress("10.77.0.2:3479".parse().unwrap()))));
        assert!(
            answer.to_string().starts_with("classic STUN Binding success response tid=763c727a")
        );
        for bytes in classic() {
            let mut out = vec![0; bytes.len()];
            let builder = MessageBuilder::from(Message::parse_rfc3489(&bytes).unwrap());
            assert_eq!(builder.write(&mut out), Ok(bytes.len()));
            assert_eq!(out, bytes);
        }
    }

    #[test]
    fn a_length_that_is_no_multiple_of_4_is_read() {
        // USERNAME of 5 bytes, then PRIORITY right behind it; and USERNAME padded, SOFTWARE not.
        let head = "0001 0000 11111111 22222222 33333333 44444444";
        for (attributes, texts) in [
            ("00060005 6162636465 00240004 00000001", [0x0006, 0x0024]),
            ("00060005 6162636465000000 80220001 61", [0x0006, 0x8022]),
        ] {
            let mut bytes = hex(&format!("{head} {attributes}"));
            bytes[3] = (bytes.len() - 20) as u8;
            let message = Message::parse_rfc3489(&bytes).unwrap();
            assert_eq!(types(&message), texts);
            assert_eq!(message.get(), Some(Ok(Username(b"abcde"))));
            let mut out = vec![0; bytes.len()];
            assert_eq!(MessageBuilder::from(message).write(&mut out), Ok(bytes.len()));
            assert_eq!(out, bytes);
            bytes[4..8].copy_from_slice(&MAGIC_COOKIE.to_be_bytes());
            assert_eq!(Message::parse(&bytes).unwrap_err().field, "message length");
        }
    }

    #[test]
    fn an_attribute_beyond_the_message_is_refused() {
        let mut bytes = classic()[0].clone();
        bytes[23] = 5;
        let error = Message::parse_rfc3489(&bytes).unwrap_err();
        assert_eq!((error.what, error.field), ("classic STUN message", "attribute value"));
        assert_eq!((error.offset, error.kind), (24, ErrorKind::Length { found: 5, have: 4 }));
        bytes[3] = 2;
        let error = Message::parse_rfc3489(&bytes).unwrap_err();
        assert_eq!((error.field, error.offset), ("attribute header", 20));
        assert_eq!(error.kind, ErrorKind::Length { found: 4, have: 2 });
        for len in 0..28 {
            let error = Message::parse_rfc3489(&classic()[0][..len]).unwrap_err();
            assert_eq!(error.kind.name(), "truncated");
        }
    }

    #[test]
    fn a_reply_repeats_the_place_of_the_cookie() {
        // RFC 5389 section 12.2.
        let [request, _] = classic();
        let request = Message::parse_rfc3489(&request).unwrap();
        let mut buffer = [0; 64];
        let mut reply =
            MessageWriter::reply(&mut buffer, &request, Class::SuccessResponse).unwrap();
        reply.push(MappedAddress("192.0.2.1:1".parse().unwrap())).unwrap();
        let len = reply.finish();
        let reply = Message::parse_rfc3489(&buffer[..len]).unwrap();
        assert_eq!(reply.rfc3489_transaction_id(), request.rfc3489_transaction_id());
        let again = MessageWriter::reply(&mut [0; 20], &request, Class::Indication).map(|_| ());
        assert_eq!(again, Err(BuildError::OutOfRange { field: "class" }));
    }
}

mod writing {
    use super::*;

    #[test]
    fn every_message_is_written_again_byte_for_byte() {
        for bytes in all() {
            let message = Message::parse(&bytes).unwrap();
            let mut out = vec![0xFF; bytes.len()];
            assert_eq!(MessageBuilder::from(message).write(&mut out), Ok(bytes.len()));
            assert_eq!(out, bytes);
            let short = MessageBuilder::from(message).write(&mut out[1..]);
            let need = bytes.len();
            assert_eq!(short, Err(BuildError::BufferTooSmall { need, have: need - 1 }));

            // Attribute by attribute, with the padding of each, in a buffer that is not clean.
            let mut out = vec![0xFF; bytes.len()];
            let id = message.transaction_id();
            let mut writer =
                MessageWriter::new(&mut out, message.class(), message.method(), id).unwrap();
            for attribute in message.attributes() {
                writer.push_attribute(&attribute).unwrap();
            }
            assert_eq!(writer.finish(), bytes.len());
            assert_eq!(out, bytes);
        }
    }

    #[test]
    fn every_value_is_written_as_it_was_read() {
        let mut seen = BTreeSet::new();
        for bytes in all() {
            let message = Message::parse(&bytes).unwrap();
            for attribute in message.attributes() {
                let value = attribute.decode().unwrap();
                let mut out = vec![0xFF; value.value_len()];
                let id = message.rfc3489_transaction_id();
                value.encode(&mut crate::Sink::new(&mut out), id).unwrap();
                assert_eq!(out, attribute.value(), "{value:?}");
                seen.insert(attribute.attribute_type());
            }
        }
        assert!(seen.len() > 25, "{seen:?}");
    }

    #[test]
    fn a_method_beyond_12_bits_is_refused() {
        let refused = BuildError::OutOfRange { field: "method" };
        let id = TransactionId::default();
        let mut room = [0; 20];
        let error = MessageWriter::new(&mut room, Class::Request, Method(0x1000), id);
        assert_eq!(error.map(|_| ()), Err(refused));
        let builder = MessageBuilder { method: Method(0x1000), ..Default::default() };
        assert_eq!(builder.write(&mut [0; 20]), Err(refused));
        let builder = MessageBuilder { method: Method(0xFFF), ..Default::default() };
        assert_eq!(builder.write(&mut [0; 20]), Ok(20));
    }

    #[test]
    fn attributes_that_are_none_are_not_written() {
        for (attributes, cookie, field) in [
            (&[0, 6, 0, 5, 1, 2, 3, 4][..], MAGIC_COOKIE, "attributes"),
            (&[0, 6, 0, 1, 1], MAGIC_COOKIE, "message length"),
            (&[0, 6, 0, 1], 1, "attributes"),
            (&vec![0; 0x1_0000], MAGIC_COOKIE, "message length"),
        ] {
            let builder = MessageBuilder { attributes, cookie, ..Default::default() };
            let mut out = vec![0; builder.encoded_len()];
            assert_eq!(builder.write(&mut out), Err(BuildError::OutOfRange { field }));
        }
        let attributes = &[0, 6, 0, 1, 1];
        let builder = MessageBuilder { attributes, cookie: 1, ..Default::default() };
        assert_eq!(builder.write(&mut [0; 25]), Ok(25), "RFC 3489 has no padding");
    }

    #[test]
    fn nothing_stands_behind_fingerprint() {
        let mut buffer = [0; 64];
        let id = TransactionId::default();
        let mut writer =
            MessageWriter::new(&mut buffer, Class::Request, Method::BINDING, id).unwrap();
        writer.push_fingerprint().unwrap();
        let before = writer.as_bytes().to_vec();
        let refused = BuildError::OutOfRange { field: "order of attributes" };
        assert_eq!(writer.push(Priority(1)).map(|_| ()), Err(refused));
        assert_eq!(writer.push_fingerprint().map(|_| ()), Err(refused));
        assert_eq!(writer.push_raw(AttributeType(0x8099), b"").map(|_| ()), Err(refused));
        assert_eq!(writer.as_bytes(), before, "as it was");
        let message = Message::parse(&before).unwrap();
        assert_eq!(message.check_fingerprint(), Ok(()));
    }

    #[test]
    fn a_buffer_that_is_too_small_and_a_message_that_is_too_long() {
        let id = TransactionId::default();
        let mut small = [0; 19];
        let error = MessageWriter::new(&mut small, Class::Request, Method::BINDING, id);
        let too_small = |need, have| Err(BuildError::BufferTooSmall { need, have });
        assert_eq!(error.map(|_| ()), too_small(20, 19));
        let mut buffer = [0; 27];
        let mut writer =
            MessageWriter::new(&mut buffer, Class::Request, Method::BINDING, id).unwrap();
        assert_eq!(writer.push(Software(b"a")).map(|_| ()), too_small(28, 27));
        assert_eq!(writer.push_fingerprint().map(|_| ()), too_small(28, 27));
        writer.push(UseCandidate).unwrap();
        assert_eq!(writer.as_bytes(), hex("000100042112a44200000000000000000000000000250000"));

        let mut buffer = vec![0; 0x2_0000];
        let mut writer =
            MessageWriter::new(&mut buffer, Class::Request, Method::BINDING, id).unwrap();
        let too_long = |field| Err(BuildError::OutOfRange { field });
        let data = vec![0; 0x1_0000];
        assert_eq!(writer.push(Data(&data)).map(|_| ()), too_long("attribute length"));
        for len in 0xFFF9..=0xFFFF {
            let pushed = writer.push(Data(&data[..len])).map(|_| ());
            assert_eq!(pushed, too_long("message length"), "{len:#x}");
        }
        writer.push(Data(&data[..0xFFF5])).unwrap();
        assert_eq!(writer.push(UseCandidate).map(|_| ()), too_long("message length"));
        assert_eq!(writer.push_fingerprint().map(|_| ()), too_long("message length"));
        let len = writer.finish();
        assert_eq!(len, 20 + 0xFFFC);
        assert_eq!(Message::parse(&buffer[..len]).unwrap().length(), 0xFFFC);
    }

    #[test]
    fn padding_fills_up_or_is_refused() {
        let mut buffer = [0; 64];
        let id = TransactionId::default();
        let mut writer =
            MessageWriter::new(&mut buffer, Class::Request, Method::BINDING, id).unwrap();
        let refused = Err(BuildError::OutOfRange { field: "padding" });
        for padding in [&b""[..], b"  ", b"    "] {
            let pushed = writer.push_padded(AttributeType::USERNAME, b"abc", padding);
            assert_eq!(pushed.map(|_| ()), refused);
        }
        writer.push_padded(AttributeType::USERNAME, b"abc", b" ").unwrap();
        assert_eq!(writer.as_bytes()[20..], *b"\0\x06\0\x03abc ");
    }

    /// A value that says another length than it writes.
    struct Liar(usize);

    impl TypedAttribute<'_> for Liar {
        const TYPE: AttributeType = AttributeType(0x8099);

        fn parse(_: &[u8], _: &[u8; 16]) -> Result<Self, ParseError> {
            Ok(Self(0))
        }

        fn value_len(&self) -> usize {
            4
        }

        fn encode(&self, out: &mut crate::Sink<'_>, _: &[u8; 16]) -> Result<(), BuildError> {
            out.zeros(self.0)
        }
    }

    #[test]
    fn a_value_that_lies_about_its_length_is_refused() {
        let mut buffer = [0; 64];
        let id = TransactionId::default();
        let mut writer =
            MessageWriter::new(&mut buffer, Class::Request, Method::BINDING, id).unwrap();
        assert!(writer.push(Liar(3)).is_err());
        assert!(writer.push(Liar(5)).is_err());
        assert_eq!(writer.as_bytes().len(), 20);
        writer.push(Liar(4)).unwrap();
    }
}

#[cfg(feature = "integrity")]
mod integrity {
    use super::*;

    fn short_term() -> Key {
        Key::short_term(b"VOkJxbRl1RmTxUk/WvJxBt")
    }

    /// Of RFC 5769 section 2.4, the password as OpaqueString prepares it.
    fn long_term() -> Key {
        Key::long_term("マトリックス".as_bytes(), b"example.org", b"TheMatrIX")
    }

    fn long_term_sha256() -> Key {
        Key::long_term_sha256("マトリックス".as_bytes(), b"example.org", b"TheMatrIX")
    }

    fn alice() -> Key {
        Key::long_term(b"alice", b"wonder.example", b"rabbit-hole-9")
    }

    fn chromium() -> Key {
        // The pwd of the side whose ufrag comes first in USERNAME, z8Eg (chromium-vp8-rtx-twcc.sdp.json).
        Key::short_term(b"McFlSaPWYFEd03vB4WkkT2VA")
    }

    /// Messages with MESSAGE-INTEGRITY, and their keys.
    fn signed() -> Vec<(Vec<u8>, Key)> {
        vec![
            (rfc5769_request(), short_term()),
            (rfc5769_ipv4(), short_term()),
            (rfc5769_ipv6(), short_term()),
            (rfc5769_long_term(), long_term()),
            (chromium_check(), chromium()),
            (chromium_answer(), chromium()),
            (coturn_allocate(), alice()),
            (coturn_allocated(), alice()),
            (coturn_channel_bind(), alice()),
            (coturn_443(), Key::long_term(b"bob", b"wonder.example", b"tea-party-3")),
        ]
    }

    #[test]
    fn vectors_and_captures_verify_with_their_keys() {
        for (bytes, key) in signed() {
            let message = Message::parse(&bytes).unwrap();
            assert_eq!(message.verify_integrity(&key), Ok(()), "{message}");
            let other = Key::short_term(b"VOkJxbRl1RmTxUk/WvJxBu");
            let offset = message.find(AttributeType::MESSAGE_INTEGRITY).unwrap().offset();
            assert_eq!(message.verify_integrity(&other), Err(CheckError::Wrong { offset }));
            let sha256 = message.verify_integrity_sha256(&key, 16);
            assert_eq!(sha256, Err(CheckError::Missing));
        }
        for bytes in all() {
            let message = Message::parse(&bytes).unwrap();
            if message.has::<Fingerprint>() {
                assert_eq!(message.check_fingerprint(), Ok(()), "{message}");
            } else {
                assert_eq!(message.check_fingerprint(), Err(CheckError::Missing));
            }
        }
    }

    #[test]
    fn the_sha256_of_rfc_8489_appendix_b_1() {
        let bytes = rfc8489_b1();
        let message = Message::parse(&bytes).unwrap();
        assert_eq!(message.verify_integrity_sha256(&long_term_sha256(), 32), Ok(()));
        let wrong = CheckError::Wrong { offset: 128 };
        assert_eq!(message.verify_integrity_sha256(&long_term(), 32), Err(wrong));
        assert_eq!(message.verify_integrity(&long_term_sha256()), Err(CheckError::Missing));
        let hash = UserHash::new("マトリックス".as_bytes(), b"example.org");
        assert_eq!(message.get(), Some(Ok(hash)));
        let sha256 = PasswordAlgorithm::new(PasswordAlgorithmId::SHA256);
        assert_eq!(message.get(), Some(Ok(sha256)));
        // As printed, but with a length that lets it be parsed: the MAC was made over another length.
        let mut printed = rfc8489_b1_as_printed();
        printed[3] = 136;
        let message = Message::parse(&printed).unwrap();
        let wrong = CheckError::Wrong { offset: 120 };
        assert_eq!(message.verify_integrity_sha256(&long_term_sha256(), 32), Err(wrong));
    }

    #[test]
    fn the_bytes_of_a_key() {
        // The keys that vectors.md verifies for RFC 5769 section 2.4 and RFC 8489 appendix B.1.
        let md5 = Key::from_bytes(&hex("e8ca7ad59d5eb0518e312911d2dab2a9"));
        let bytes = rfc5769_long_term();
        assert_eq!(Message::parse(&bytes).unwrap().verify_integrity(&md5), Ok(()));
        let sha256 = Key::from_bytes(&hex(
            "dd295a613b9058c3c23d6dc7165bda072304d989c9d0af3a8c7e184b4f9bb4a1",
        ));
        let bytes = rfc8489_b1();
        let message = Message::parse(&bytes).unwrap();
        assert_eq!(message.verify_integrity_sha256(&sha256, 32), Ok(()));
        assert_eq!(format!("{sha256:?}"), "Key(..)");
    }

    #[test]
    fn keys_of_any_length_are_those_of_rfc_2104() {
        use hmac::{Hmac, KeyInit, Mac};
        for len in [0, 1, 63, 64, 65, 200] {
            let secret = vec![b'k'; len];
            let mut sha1 = Hmac::<sha1::Sha1>::new_from_slice(&secret).unwrap();
            let mut sha256 = Hmac::<sha2::Sha256>::new_from_slice(&secret).unwrap();
            sha1.update(&[7; 30]);
            sha256.update(&[7; 30]);
            let key = Key::from_bytes(&secret);
            let made = key.integrity(&[7; 20], &[7; 10]);
            assert_eq!(made.0[..], sha1.finalize().into_bytes()[..], "{len}");
            let made = key.integrity_sha256(&[7; 20], &[7; 10]);
            assert_eq!(made[..], sha256.finalize().into_bytes()[..], "{len}");
        }
    }

    #[test]
    fn one_bit_anywhere_under_the_mac_is_noticed() {
        let bytes = rfc5769_request();
        let end = 100; // of MESSAGE-INTEGRITY
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 0x80 >> (bit % 8);
            let Ok(message) = Message::parse(&flipped) else { continue };
            let verified = message.verify_integrity(&short_term());
            // The length field is not under the MAC: one that ends the message right behind MESSAGE-INTEGRITY says
            // no more than that FINGERPRINT is gone. Nor is FINGERPRINT.
            let shorter = message.length() == 80;
            assert_eq!(verified.is_ok(), shorter || bit / 8 >= end, "bit {bit}");
            assert!(message.check_fingerprint().is_err(), "bit {bit}");
        }
    }

    #[test]
    fn verifying_leaves_what_follows_out() {
        for (mut bytes, key) in signed() {
            bytes.extend(b"trailing");
            let message = Message::parse(&bytes).unwrap();
            assert_eq!(message.verify_integrity(&key), Ok(()));
        }
    }

    #[test]
    fn missing_wrong_and_bad_form_are_told_apart() {
        let key = short_term();
        let none = with(b"");
        let message = Message::parse(&none).unwrap();
        assert_eq!(message.verify_integrity(&key), Err(CheckError::Missing));
        assert_eq!(message.check_fingerprint(), Err(CheckError::Missing));
        let short = with(&hex(
            "00080004 00000000 001c000c 000000000000000000000000 80280008 0000000000000000",
        ));
        let message = Message::parse(&short).unwrap();
        let malformed = |error: Result<(), CheckError>| match error {
            Err(CheckError::Malformed(error)) => (error.what, error.offset, error.kind),
            other => panic!("{other:?}"),
        };
        let kind = ErrorKind::Length { found: 4, have: 20 };
        assert_eq!(malformed(message.verify_integrity(&key)), ("MESSAGE-INTEGRITY", 24, kind));
        let kind = ErrorKind::Length { found: 12, have: 32 };
        let sha256 = malformed(message.verify_integrity_sha256(&key, 0));
        assert_eq!(sha256, ("MESSAGE-INTEGRITY-SHA256", 32, kind));
        let kind = ErrorKind::Length { found: 8, have: 4 };
        assert_eq!(malformed(message.check_fingerprint()), ("FINGERPRINT", 48, kind));
        assert_eq!(CheckError::Missing.to_string(), "the attribute is missing");
        let wrong = CheckError::Wrong { offset: 76 };
        assert_eq!(wrong.to_string(), "the attribute is wrong (byte 76)");
    }

    #[test]
    fn the_vectors_are_built_byte_for_byte() {
        let id = |bytes: &[u8]| TransactionId(bytes[8..20].try_into().unwrap());
        let write = |bytes: &[u8], class, fill: &dyn Fn(&mut MessageWriter<'_>)| {
            let mut out = vec![0xFF; bytes.len()];
            let mut writer =
                MessageWriter::new(&mut out, class, Method::BINDING, id(bytes)).unwrap();
            fill(&mut writer);
            assert_eq!(writer.finish(), bytes.len());
            assert_eq!(out, bytes);
        };
        write(&rfc5769_request(), Class::Request, &|writer| {
            writer.push(Software(b"STUN test client")).unwrap();
            writer.push(Priority(0x6e00_01ff)).unwrap();
            writer.push(IceControlled(0x932f_f9b1_5126_3b36)).unwrap();
            writer.push_padded(AttributeType::USERNAME, b"evtj:h6vY", b"   ").unwrap();
            writer.push_integrity(&short_term()).unwrap().push_fingerprint().unwrap();
        });
        for (bytes, address) in [
            (rfc5769_ipv4(), "192.0.2.1:32853"),
            (rfc5769_ipv6(), "[2001:db8:1234:5678:11:2233:4455:6677]:32853"),
        ] {
            write(&bytes, Class::SuccessResponse, &|writer| {
                writer.push_padded(AttributeType::SOFTWARE, b"test vector", b" ").unwrap();
                writer.push(XorMappedAddress(address.parse().unwrap())).unwrap();
                writer.push_integrity(&short_term()).unwrap().push_fingerprint().unwrap();
            });
        }
        write(&rfc5769_long_term(), Class::Request, &|writer| {
            writer.push(Username::from("マトリックス")).unwrap();
            writer.push(Nonce(b"f//499k954d6OL34oL9FSTvy64sA")).unwrap();
            writer.push(Realm(b"example.org")).unwrap();
            writer.push_integrity(&long_term()).unwrap();
        });
        write(&rfc8489_b1(), Class::Request, &|writer| {
            writer.push(UserHash::new("マトリックス".as_bytes(), b"example.org")).unwrap();
            writer.push(Nonce(b"obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA")).unwrap();
            writer.push(Realm(b"example.org")).unwrap();
            writer.push(PasswordAlgorithm::new(PasswordAlgorithmId::SHA256)).unwrap();
            writer.push_integrity_sha256(&long_term_sha256(), 32).unwrap();
        });
    }

    #[test]
    fn messages_of_coturn_and_chromium_are_built_byte_for_byte() {
        let id = |bytes: &[u8]| TransactionId(bytes[8..20].try_into().unwrap());
        let check = chromium_check();
        let mut out = vec![0; check.len()];
        let mut writer =
            MessageWriter::new(&mut out, Class::Request, Method::BINDING, id(&check)).unwrap();
        writer.push(Username(b"z8Eg:o6/n")).unwrap();
        writer.push_raw(AttributeType::GOOG_NETWORK_INFO, &[0, 1, 0, 0]).unwrap();
        writer.push(IceControlled(0x7cd7_f799_53d8_d151)).unwrap();
        writer.push(Priority(0x6e7e_1eff)).unwrap();
        writer.push_integrity(&chromium()).unwrap().push_fingerprint().unwrap();
        assert_eq!(writer.finish(), check.len());
        assert_eq!(out, check);

        let answer = chromium_answer();
        let request = Message::parse(&check).unwrap();
        let mut out = vec![0; answer.len()];
        let mut writer = MessageWriter::reply(&mut out, &request, Class::SuccessResponse).unwrap();
        let address = Message::parse(&answer).unwrap().get::<XorMappedAddress>().unwrap().unwrap();
        writer.push(address).unwrap();
        writer.push_integrity(&chromium()).unwrap().push_fingerprint().unwrap();
        assert_eq!(writer.finish(), answer.len());
        assert_eq!(out, answer);

        let allocate = coturn_allocate();
        let mut out = vec![0; allocate.len()];
        let mut writer =
            MessageWriter::new(&mut out, Class::Request, Method::ALLOCATE, id(&allocate)).unwrap();
        writer.push(RequestedTransport::UDP).unwrap();
        writer.push(Lifetime(777)).unwrap();
        writer.push(EvenPort { reserve: true }).unwrap();
        writer.push(RequestedAddressFamily(AddressFamily::Ipv4)).unwrap();
        writer.push(Username(b"alice")).unwrap();
        writer.push(Nonce(b"e2130821351ef7f3")).unwrap();
        writer.push(Realm(b"wonder.example")).unwrap();
        writer.push_integrity(&alice()).unwrap().push_fingerprint().unwrap();
        assert_eq!(writer.finish(), allocate.len());
        assert_eq!(out, allocate);
    }

    #[test]
    fn both_integrities_and_every_cut() {
        let key = short_term();
        for len in [16, 20, 24, 28, 32] {
            let mut buffer = [0xFF; 128];
            let id = TransactionId([9; 12]);
            let mut writer =
                MessageWriter::new(&mut buffer, Class::Request, Method::BINDING, id).unwrap();
            writer.push(Username(b"abc")).unwrap();
            writer.push_integrity(&key).unwrap();
            writer.push_integrity_sha256(&key, len).unwrap().push_fingerprint().unwrap();
            let size = writer.finish();
            let message = Message::parse(&buffer[..size]).unwrap();
            assert_eq!(message.check_order(), Ok(()));
            assert_eq!(message.check_fingerprint(), Ok(()));
            assert_eq!(message.verify_integrity(&key), Ok(()));
            assert_eq!(message.verify_integrity_sha256(&key, 16), Ok(()));
            assert_eq!(message.verify_integrity_sha256(&key, len), Ok(()));
            if len < 32 {
                let error = message.verify_integrity_sha256(&key, 32).unwrap_err();
                assert!(matches!(error, CheckError::Malformed(_)), "{error:?}");
            }
            // The second covers the first.
            buffer[33] ^= 1;
            let message = Message::parse(&buffer[..size]).unwrap();
            assert!(message.verify_integrity(&key).is_err());
            assert!(message.verify_integrity_sha256(&key, 16).is_err());
        }
        let mut buffer = [0; 128];
        let id = TransactionId::default();
        let mut writer =
            MessageWriter::new(&mut buffer, Class::Request, Method::BINDING, id).unwrap();
        for len in [0, 12, 15, 17, 36, usize::MAX] {
            assert!(writer.push_integrity_sha256(&key, len).is_err(), "{len}");
        }
        assert_eq!(writer.as_bytes().len(), 20);
    }

    #[test]
    fn nothing_but_sha256_and_fingerprint_stands_behind_the_integrity() {
        let key = short_term();
        let mut buffer = [0; 256];
        let id = TransactionId::default();
        let mut writer =
            MessageWriter::new(&mut buffer, Class::Request, Method::BINDING, id).unwrap();
        let refused = Err(BuildError::OutOfRange { field: "order of attributes" });
        writer.push_integrity(&key).unwrap();
        assert_eq!(writer.push(UseCandidate).map(|_| ()), refused);
        assert_eq!(writer.push_integrity(&key).map(|_| ()), refused);
        writer.push_integrity_sha256(&key, 32).unwrap();
        assert_eq!(writer.push_integrity_sha256(&key, 32).map(|_| ()), refused);
        assert_eq!(writer.push_integrity(&key).map(|_| ()), refused);
        assert_eq!(writer.push(UseCandidate).map(|_| ()), refused);
        writer.push_fingerprint().unwrap();
        assert_eq!(writer.push_integrity(&key).map(|_| ()), refused);
        assert_eq!(writer.push_integrity_sha256(&key, 32).map(|_| ()), refused);
    }

    /// libwebrtc, api/transport/stun_unittest.cc: the request of RFC 5769 with GOOG-MESSAGE-INTEGRITY-32 in place of
    /// MESSAGE-INTEGRITY. Its FINGERPRINT is the other request's.
    fn libwebrtc_goog_32() -> Vec<u8> {
        hex("00010048 2112a442 b7e7a701 bc34d686 fa87dfae 80220010 5354554e 20746573 7420636c 69656e74
             00240004 6e0001ff 80290008 932ff9b1 51263b36 00060009 6576746a 3a683676 59202020 c0600004
             4545ce7c 80280004 e57a3bcf")
    }

    #[test]
    fn goog_message_integrity_32_of_libwebrtc() {
        let bytes = libwebrtc_goog_32();
        let message = Message::parse(&bytes).unwrap();
        assert_eq!(message.verify_goog_integrity_32(&short_term()), Ok(()));
        assert_eq!(message.verify_integrity(&short_term()), Err(CheckError::Missing));
        assert_eq!(message.verify(&short_term(), 32), Err(CheckError::Missing), "too little");
        assert_eq!(message.check_order(), Ok(()));
        let wrong = CheckError::Wrong { offset: 76 };
        let other = Key::short_term(b"VOkJxbRl1RmTxUk/WvJxBu");
        assert_eq!(message.verify_goog_integrity_32(&other), Err(wrong));
        for bit in 0..84 * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 0x80 >> (bit % 8);
            let Ok(message) = Message::parse(&flipped) else { continue };
            let shorter = message.length() == 64; // it ends behind the attribute then, as the HMAC has it
            let verified = message.verify_goog_integrity_32(&short_term());
            assert_eq!(verified.is_ok(), shorter, "bit {bit}");
        }
        let mut out = [0xFF; 92];
        let id = message.transaction_id();
        let mut writer = MessageWriter::request(&mut out, Method::BINDING, id).unwrap();
        for attribute in message.attributes().take(4) {
            writer.push_attribute(&attribute).unwrap();
        }
        writer.push_goog_integrity_32(&short_term()).unwrap();
        assert_eq!(writer.as_bytes()[20..], bytes[20..84]);
        let refused = Err(BuildError::OutOfRange { field: "order of attributes" });
        assert_eq!(writer.push(UseCandidate).map(|_| ()), refused);
        assert_eq!(writer.push_goog_integrity_32(&short_term()).map(|_| ()), refused);
        writer.push_fingerprint().unwrap();
        let len = writer.finish();
        assert_eq!(Message::parse(&out[..len]).unwrap().check_fingerprint(), Ok(()));
    }

    #[test]
    fn what_follows_goog_message_integrity_32_does_not_count_but_for_stronger_integrity() {
        let mut bytes = libwebrtc_goog_32();
        bytes.truncate(84);
        bytes.extend(hex("00250000"));
        bytes[3] = 68;
        let message = Message::parse(&bytes).unwrap();
        assert_eq!(message.verify_goog_integrity_32(&short_term()), Ok(()));
        assert!(!message.has::<UseCandidate>());
        assert!(message.attributes().last().unwrap().is_after_integrity());
        let mut buffer = [0; 256];
        let key = short_term();
        let id = TransactionId::default();
        let mut writer = MessageWriter::request(&mut buffer, Method::GOOG_PING, id).unwrap();
        writer.push_goog_integrity_32(&key).unwrap().push_integrity(&key).unwrap();
        writer.push_integrity_sha256(&key, 32).unwrap().push_fingerprint().unwrap();
        let len = writer.finish();
        let message = Message::parse(&buffer[..len]).unwrap();
        assert!(message.attributes().all(|a| !a.is_after_integrity()));
        assert_eq!(message.verify_goog_integrity_32(&key), Ok(()));
        assert_eq!(message.verify_integrity(&key), Ok(()));
        assert_eq!(message.verify(&key, 32), Ok(()));
    }

    #[test]
    fn the_integrity_of_rfc_3489_is_over_whole_blocks() {
        use hmac::{Hmac, KeyInit, Mac};
        // RFC 3489 section 11.2.8 by hand: the message with its own length, up to the attribute, and zeros.
        for name in [
            "",
            "user",
            "12345678",
            "a name of 40 bytes that fills one block.",
            "and one of 44 bytes, which goes over a block",
        ] {
            let head = hex("0001 0000 11111111 22222222 33333333 44444444");
            let mut text = [&head[..], &[0, 6, 0, name.len() as u8], name.as_bytes()].concat();
            let length = text.len() - 20 + 24;
            text[3] = length as u8;
            let mut padded = text.clone();
            padded.resize(text.len().next_multiple_of(64), 0);
            let mut mac = Hmac::<sha1::Sha1>::new_from_slice(b"password").unwrap();
            mac.update(&padded);
            let hmac = mac.finalize().into_bytes();
            let bytes = [&text[..], &[0, 8, 0, 20], &hmac[..]].concat();

            let key = Key::short_term(b"password");
            let message = Message::parse_rfc3489(&bytes).unwrap();
            assert_eq!(message.verify_integrity_rfc3489(&key), Ok(()), "{name}");
            // A text of whole blocks needs no zeros.
            assert_eq!(message.verify_integrity(&key).is_ok(), text.len() % 64 == 0, "{name}");
            let other = Key::short_term(b"passwort");
            let wrong = CheckError::Wrong { offset: text.len() };
            assert_eq!(message.verify_integrity_rfc3489(&other), Err(wrong));

            let mut out = [0; 256];
            let mut writer =
                MessageWriter::reply(&mut out, &message, Class::SuccessResponse).unwrap();
            writer.push(Username::from(name)).unwrap();
            writer.push_integrity_like(&message, &key).unwrap();
            let len = writer.finish();
            let answer = Message::parse_rfc3489(&out[..len]).unwrap();
            assert_eq!(answer.verify_integrity_rfc3489(&key), Ok(()));
        }
        let none = hex("00010000 11111111 22222222 33333333 44444444");
        let message = Message::parse_rfc3489(&none).unwrap();
        let missing = Err(CheckError::Missing);
        assert_eq!(message.verify_integrity_rfc3489(&short_term()), missing);
    }

    #[test]
    fn the_key_that_password_algorithm_asks_for() {
        let with = |algorithm| {
            Key::long_term_with(algorithm, "マトリックス".as_bytes(), b"example.org", b"TheMatrIX")
        };
        let bytes = rfc5769_long_term();
        let message = Message::parse(&bytes).unwrap();
        assert_eq!(message.verify(&with(PasswordAlgorithmId::MD5).unwrap(), 32), Ok(()));
        let bytes = rfc8489_b1();
        let message = Message::parse(&bytes).unwrap();
        let PasswordAlgorithm { algorithm, .. } = message.get().unwrap().unwrap();
        assert_eq!(message.verify(&with(algorithm).unwrap(), 32), Ok(()));
        assert!(with(PasswordAlgorithmId(0)).is_none());
        assert!(with(PasswordAlgorithmId(3)).is_none());
    }

    #[test]
    #[cfg(feature = "prepare")]
    fn the_key_of_rfc_5769_section_2_4_from_the_password_as_it_is_typed() {
        use super::prepare::{opaque_string, sasl_prep};
        let username = opaque_string("マトリックス").unwrap();
        let password = sasl_prep("The\u{AD}M\u{AA}tr\u{2168}").unwrap();
        let key = Key::long_term(username.as_bytes(), b"example.org", password.as_bytes());
        let bytes = rfc5769_long_term();
        assert_eq!(Message::parse(&bytes).unwrap().verify_integrity(&key), Ok(()));
        let key = Key::long_term_sha256(username.as_bytes(), b"example.org", password.as_bytes());
        let bytes = rfc8489_b1();
        assert_eq!(Message::parse(&bytes).unwrap().verify_integrity_sha256(&key, 32), Ok(()));
    }

    #[test]
    fn a_response_has_the_integrity_of_its_request() {
        let key = short_term();
        let mut request = [0; 128];
        let mut response = [0; 128];
        let mut answered = |push: &dyn Fn(&mut MessageWriter<'_>)| {
            let id = TransactionId([3; 12]);
            let mut writer = MessageWriter::request(&mut request, Method::BINDING, id).unwrap();
            push(&mut writer);
            let len = writer.finish();
            let request = Message::parse(&request[..len]).unwrap();
            let mut writer = MessageWriter::success(&mut response, &request).unwrap();
            writer.push_integrity_like(&request, &key).unwrap();
            let len = writer.finish();
            types(&Message::parse(&response[..len]).unwrap())
        };
        assert!(answered(&|_| {}).is_empty());
        let sha1 = |writer: &mut MessageWriter<'_>| {
            writer.push_integrity(&key).unwrap();
        };
        assert_eq!(answered(&sha1), [0x0008]);
        let sha256 = |writer: &mut MessageWriter<'_>| {
            writer.push_integrity(&key).unwrap().push_integrity_sha256(&key, 16).unwrap();
        };
        assert_eq!(answered(&sha256), [0x001c]);
        let goog = |writer: &mut MessageWriter<'_>| {
            writer.push_goog_integrity_32(&key).unwrap();
        };
        assert_eq!(answered(&goog), [0xc060]);
    }

    #[test]
    fn the_stronger_integrity_decides() {
        // Both, and one bit of MESSAGE-INTEGRITY-SHA256 wrong: MESSAGE-INTEGRITY alone would do.
        let key = short_term();
        let mut buffer = [0; 128];
        let id = TransactionId::default();
        let mut writer = MessageWriter::request(&mut buffer, Method::BINDING, id).unwrap();
        writer.push_integrity(&key).unwrap().push_integrity_sha256(&key, 32).unwrap();
        let len = writer.finish();
        assert_eq!(Message::parse(&buffer[..len]).unwrap().verify(&key, 32), Ok(()));
        buffer[len - 1] ^= 1;
        let message = Message::parse(&buffer[..len]).unwrap();
        assert_eq!(message.verify_integrity(&key), Ok(()));
        assert_eq!(message.verify(&key, 32), Err(CheckError::Wrong { offset: 44 }));
    }

    #[test]
    fn an_attribute_slipped_in_behind_the_integrity_is_not_believed() {
        let key = short_term();
        let mut bytes = rfc5769_request();
        bytes.truncate(100); // FINGERPRINT off
        bytes.extend(hex("00250000")); // USE-CANDIDATE on
        bytes[3] = 84;
        let message = Message::parse(&bytes).unwrap();
        assert_eq!(message.verify_integrity(&key), Ok(()));
        assert!(!message.has::<UseCandidate>());
        let seen = message.attributes().last().unwrap();
        assert_eq!(seen.attribute_type(), AttributeType::USE_CANDIDATE);
        assert!(seen.is_after_integrity());
    }
}

/// Answers and indications, built.
mod answers {
    use super::*;

    #[test]
    fn a_binding_request_is_answered_as_coturn_and_chromium_do() {
        // Frame 2 of chromium-vp8-rtx-twcc.pcap answers frame 1; the key plays no part here.
        let (check, answer) = (chromium_check(), chromium_answer());
        let request = Message::parse(&check).unwrap();
        let XorMappedAddress(source) = Message::parse(&answer).unwrap().get().unwrap().unwrap();
        let mut out = [0xFF; 32];
        let len = MessageWriter::binding_success(&mut out, &request, source).unwrap().finish();
        assert_eq!((len, &out[4..]), (32, &answer[4..32]));
        // Frame 2 of stun-classic-rfc3489.pcap answers frame 1, with MAPPED-ADDRESS first.
        let [request, answer] = classic();
        let request = Message::parse_rfc3489(&request).unwrap();
        let mut out = [0xFF; 32];
        let source = "10.77.0.1:4000".parse().unwrap();
        let len = MessageWriter::binding_success(&mut out, &request, source).unwrap().finish();
        assert_eq!((len, &out[4..]), (32, &answer[4..32]));
    }

    #[test]
    fn a_401_is_built_as_coturn_does() {
        let expected = coturn_401();
        // The request that it answers, frame 1: an Allocate without credentials.
        let head = [&[0, 3, 0, 0][..], &expected[4..20]].concat();
        let request = Message::parse(&head).unwrap();
        let mut out = [0xFF; 112];
        let mut writer = MessageWriter::reply(&mut out, &request, Class::ErrorResponse).unwrap();
        writer.push(ErrorCode { code: Code(401), reason: b"Unauthorized" }).unwrap();
        writer.push(Nonce(b"e2130821351ef7f3")).unwrap();
        writer.push(Realm(b"wonder.example")).unwrap();
        writer.push(Software(b"Coturn-4.6.1 'Gorst'")).unwrap();
        writer.push_fingerprint().unwrap();
        assert_eq!(writer.finish(), expected.len());
        assert_eq!(out[..], expected);
        // The same by its code: the phrase is the registry's of today.
        let writer = MessageWriter::error(&mut out, &request, Code::UNAUTHENTICATED).unwrap();
        let len = writer.finish();
        let error = Message::parse(&out[..len]).unwrap();
        assert_eq!((error.class(), error.method()), (Class::ErrorResponse, Method::ALLOCATE));
        assert_eq!(
            error.get(),
            Some(Ok(ErrorCode { code: Code(401), reason: b"Unauthenticated" }))
        );
        let refused = Err(BuildError::OutOfRange { field: "error code" });
        assert_eq!(MessageWriter::error(&mut out, &request, Code(299)).map(|_| ()), refused);
        let small = MessageWriter::error(&mut out[..40], &request, Code(401)).map(|_| ());
        assert_eq!(small, Err(BuildError::BufferTooSmall { need: 44, have: 40 }));
    }

    #[test]
    fn a_420_lists_what_is_not_understood() {
        let bytes = with(&hex("00310000 80ff0000 7fff0000 00330000"));
        let request = Message::parse(&bytes).unwrap();
        let mut out = [0; 128];
        let known = AttributeType::TYPED;
        let writer = MessageWriter::unknown_attributes(&mut out, &request, known).unwrap();
        let len = writer.finish();
        let response = Message::parse(&out[..len]).unwrap();
        assert_eq!(response.transaction_id(), request.transaction_id());
        assert_eq!(response.get(), Some(Ok(ErrorCode::new(Code::UNKNOWN_ATTRIBUTE))));
        let list: UnknownAttributes<'_> = response.get().unwrap().unwrap();
        assert!(
            list.types().eq([0x0031, 0x7fff, 0x0033].map(AttributeType)),
            "padded, not doubled"
        );
        assert_eq!(response.check_method(), Ok(()));
        let bytes = rfc5769_request();
        let request = Message::parse(&bytes).unwrap();
        let none = MessageWriter::unknown_attributes(&mut out, &request, known).map(|_| ());
        assert_eq!(none, Err(BuildError::OutOfRange { field: "UNKNOWN-ATTRIBUTES" }));
    }

    #[test]
    fn the_phrase_of_an_error_for_a_classic_client_is_a_multiple_of_4_long() {
        // RFC 3489 section 11.2.9: spaces may be added to the end of the text.
        let [request, _] = classic();
        let request = Message::parse_rfc3489(&request).unwrap();
        for code in (300..700).map(Code).filter(|code| code.name().is_some()) {
            let mut out = [0xFF; 128];
            let len = MessageWriter::error(&mut out, &request, code).unwrap().finish();
            let response = Message::parse_rfc3489(&out[..len]).unwrap();
            let error: ErrorCode<'_> = response.get().unwrap().unwrap();
            assert_eq!((error.code, error.reason.len() % 4), (code, 0));
            assert_eq!(error.reason.trim_ascii_end(), code.name().unwrap().as_bytes());
            assert!(response.attributes().all(|a| a.padding().is_empty()));
        }
    }

    #[test]
    fn only_requests_are_answered() {
        for bytes in all() {
            let message = Message::parse(&bytes).unwrap();
            let built = MessageWriter::success(&mut [0; 20], &message).map(|_| ());
            let refused = Err(BuildError::OutOfRange { field: "class" });
            assert_eq!(built, if message.class() == Class::Request { Ok(()) } else { refused });
        }
    }

    #[test]
    fn a_send_indication_is_built_as_turnutils_does() {
        let expected = coturn_send();
        let message = Message::parse(&expected).unwrap();
        let mut out = [0xFF; 256];
        let id = message.transaction_id();
        let mut writer = MessageWriter::indication(&mut out, Method::SEND, id).unwrap();
        writer.push(message.get::<Data<'_>>().unwrap().unwrap()).unwrap();
        writer.push(XorPeerAddress("10.77.0.12:3480".parse().unwrap())).unwrap();
        assert_eq!(writer.as_bytes()[..4], [0, 0x16, 0, 0x74]);
        assert_eq!(writer.as_bytes()[4..124], expected[4..124], "Data with its padding");
    }
}

/// What a receiver may enforce.
mod rules {
    use super::*;

    /// A message of a class and method around attributes in hex.
    fn message(class: Class, method: Method, attributes: &str) -> Vec<u8> {
        let attributes = hex(attributes);
        let builder =
            MessageBuilder { class, method, attributes: &attributes, ..Default::default() };
        let mut out = vec![0; builder.encoded_len()];
        builder.write(&mut out).unwrap();
        out
    }

    // Attributes, each well formed.
    const PEER: &str = "00120008 0001a147 e112a643";
    const DATA: &str = "00130000";
    const TRANSPORT_UDP: &str = "00190004 11000000";
    const TRANSPORT_TCP: &str = "00190004 06000000";
    const EVEN: &str = "00180001 00000000";
    const EVEN_R: &str = "00180001 80000000";
    const TOKEN: &str = "00220008 0102030405060708";
    const FAMILY: &str = "00170004 02000000";
    const BOTH_FAMILIES: &str = "80000004 02000000";
    const DONT_FRAGMENT: &str = "001a0000";
    const CHANNEL: &str = "000c0004 40000000";
    const CONNECTION: &str = "002a0004 00000007";
    const LIFETIME: &str = "000d0004 00000258";
    const RELAYED: &str = "00160008 0001a147 e112a643";
    const MAPPED: &str = "00200008 0001a147 e112a643";
    const ERROR: &str = "00090004 00000401";
    const ICMP: &str = "80040008 00000304 000005dc";

    use AttributeType as T;
    use Class::{ErrorResponse, Indication, Request, SuccessResponse};

    #[test]
    fn every_message_of_the_vectors_and_captures_has_what_its_method_must_have() {
        for bytes in all() {
            let message = Message::parse(&bytes).unwrap();
            assert_eq!(message.check_method(), Ok(()), "{message}");
            assert_eq!(message.check_values(), Ok(()), "{message}");
        }
    }

    #[test]
    fn what_a_method_must_have() {
        for (class, method, attributes) in [
            (Request, Method::BINDING, &[][..]),
            (Indication, Method::BINDING, &[]),
            (SuccessResponse, Method::BINDING, &[(MAPPED, T::XOR_MAPPED_ADDRESS)][..]),
            (ErrorResponse, Method::BINDING, &[(ERROR, T::ERROR_CODE)]),
            (Request, Method::ALLOCATE, &[(TRANSPORT_UDP, T::REQUESTED_TRANSPORT)]),
            (
                SuccessResponse,
                Method::ALLOCATE,
                &[
                    (RELAYED, T::XOR_RELAYED_ADDRESS),
                    (LIFETIME, T::LIFETIME),
                    (MAPPED, T::XOR_MAPPED_ADDRESS),
                ],
            ),
            (ErrorResponse, Method::ALLOCATE, &[(ERROR, T::ERROR_CODE)]),
            (Request, Method::REFRESH, &[]),
            (SuccessResponse, Method::REFRESH, &[(LIFETIME, T::LIFETIME)]),
            (Indication, Method::SEND, &[(PEER, T::XOR_PEER_ADDRESS), (DATA, T::DATA)]),
            (Indication, Method::DATA, &[(PEER, T::XOR_PEER_ADDRESS), (DATA, T::DATA)]),
            (Request, Method::CREATE_PERMISSION, &[(PEER, T::XOR_PEER_ADDRESS)]),
            (SuccessResponse, Method::CREATE_PERMISSION, &[]),
            (
                Request,
                Method::CHANNEL_BIND,
                &[(CHANNEL, T::CHANNEL_NUMBER), (PEER, T::XOR_PEER_ADDRESS)],
            ),
            (SuccessResponse, Method::CHANNEL_BIND, &[]),
            (Request, Method::CONNECT, &[(PEER, T::XOR_PEER_ADDRESS)]),
            (SuccessResponse, Method::CONNECT, &[(CONNECTION, T::CONNECTION_ID)]),
            (Request, Method::CONNECTION_BIND, &[(CONNECTION, T::CONNECTION_ID)]),
            (SuccessResponse, Method::CONNECTION_BIND, &[]),
            (
                Indication,
                Method::CONNECTION_ATTEMPT,
                &[(CONNECTION, T::CONNECTION_ID), (PEER, T::XOR_PEER_ADDRESS)],
            ),
            (
                SuccessResponse,
                Method::SHARED_SECRET,
                &[("00060004 61626364", T::USERNAME), ("00070004 61626364", T::PASSWORD)],
            ),
            (ErrorResponse, Method(0x7F), &[(ERROR, T::ERROR_CODE)]),
            (Request, Method(0x7F), &[]),
        ] {
            let text = |without: Option<usize>| -> std::string::String {
                let kept = attributes.iter().enumerate().filter(|(n, _)| Some(*n) != without);
                kept.map(|(_, (text, _))| *text).collect()
            };
            let bytes = message(class, method, &text(None));
            let whole = Message::parse(&bytes).unwrap();
            assert_eq!(whole.check_method(), Ok(()), "{whole}");
            for (n, &(_, attribute)) in attributes.iter().enumerate() {
                let bytes = message(class, method, &text(Some(n)));
                let broken = BrokenRule::Missing { attribute, offset: bytes.len() };
                assert_eq!(Message::parse(&bytes).unwrap().check_method(), Err(broken));
                assert_eq!(broken.code(), Some(Code::BAD_REQUEST));
                // There, but not of its form: half of what it is.
                let number = attribute.0;
                if matches!(attribute, T::DATA | T::USERNAME | T::PASSWORD) {
                    continue;
                }
                let bytes =
                    message(class, method, &format!("{}{number:04x}0002ffff0000", text(Some(n))));
                let error = Message::parse(&bytes).unwrap().check_method().unwrap_err();
                let BrokenRule::Malformed(error) = error else { panic!("{error:?}") };
                assert_eq!(error.what, attribute.name().unwrap());
                assert!(error.offset >= bytes.len() - 4, "{error}");
            }
        }
    }

    #[test]
    fn a_data_indication_may_have_icmp_in_place_of_data() {
        // RFC 8656 section 11.4.
        let bytes = message(Indication, Method::DATA, &[PEER, ICMP].concat());
        assert_eq!(Message::parse(&bytes).unwrap().check_method(), Ok(()));
        let bytes = message(Indication, Method::SEND, &[PEER, ICMP].concat());
        let broken = BrokenRule::Missing { attribute: T::DATA, offset: 44 };
        assert_eq!(Message::parse(&bytes).unwrap().check_method(), Err(broken));
    }

    #[test]
    fn a_classic_response_has_mapped_address() {
        let [_, response] = classic();
        assert_eq!(Message::parse_rfc3489(&response).unwrap().check_method(), Ok(()));
        let none = hex("01010000 11111111 22222222 33333333 44444444");
        let broken = BrokenRule::Missing { attribute: T::MAPPED_ADDRESS, offset: 20 };
        assert_eq!(Message::parse_rfc3489(&none).unwrap().check_method(), Err(broken));
    }

    #[test]
    fn a_class_that_a_method_does_not_have_is_dropped() {
        for (class, method) in [
            (Request, Method::SEND),
            (SuccessResponse, Method::DATA),
            (ErrorResponse, Method::CONNECTION_ATTEMPT),
            (Indication, Method::ALLOCATE),
            (Indication, Method::CHANNEL_BIND),
        ] {
            let bytes = message(class, method, &[PEER, DATA, ERROR].concat());
            let broken = Message::parse(&bytes).unwrap().check_method().unwrap_err();
            assert_eq!(broken, BrokenRule::Class { class, method });
            assert_eq!((broken.code(), broken.offset()), (None, 0));
        }
        let broken = BrokenRule::Class { class: Request, method: Method::SEND };
        assert_eq!(broken.to_string(), "Send has no request (byte 0)");
    }

    #[test]
    fn what_an_allocate_request_may_not_have_beside_what() {
        for (attributes, attribute, other) in [
            // RFC 8656 section 7.2, items 5, 6, 8.
            (&[TRANSPORT_UDP, TOKEN, EVEN][..], T::EVEN_PORT, T::RESERVATION_TOKEN),
            (&[TRANSPORT_UDP, TOKEN, FAMILY], T::REQUESTED_ADDRESS_FAMILY, T::RESERVATION_TOKEN),
            (
                &[TRANSPORT_UDP, TOKEN, BOTH_FAMILIES],
                T::ADDITIONAL_ADDRESS_FAMILY,
                T::RESERVATION_TOKEN,
            ),
            (
                &[TRANSPORT_UDP, FAMILY, BOTH_FAMILIES],
                T::ADDITIONAL_ADDRESS_FAMILY,
                T::REQUESTED_ADDRESS_FAMILY,
            ),
            (&[TRANSPORT_UDP, EVEN_R, BOTH_FAMILIES], T::ADDITIONAL_ADDRESS_FAMILY, T::EVEN_PORT),
            // RFC 6062 section 5.1, item 3.
            (&[TRANSPORT_TCP, DONT_FRAGMENT], T::DONT_FRAGMENT, T::REQUESTED_TRANSPORT),
            (&[TRANSPORT_TCP, EVEN], T::EVEN_PORT, T::REQUESTED_TRANSPORT),
            (&[TRANSPORT_TCP, TOKEN], T::RESERVATION_TOKEN, T::REQUESTED_TRANSPORT),
        ] {
            let bytes = message(Request, Method::ALLOCATE, &attributes.concat());
            let message = Message::parse(&bytes).unwrap();
            let offset = message.find(attribute).unwrap().offset();
            let broken = BrokenRule::Both { attribute, other, offset };
            assert_eq!(message.check_method(), Err(broken), "{message}");
            assert_eq!((broken.code(), broken.offset()), (Some(Code::BAD_REQUEST), offset));
        }
        for attributes in [
            &[TRANSPORT_UDP, TOKEN][..],
            &[TRANSPORT_UDP, EVEN_R, DONT_FRAGMENT, FAMILY, LIFETIME],
            &[TRANSPORT_UDP, EVEN, BOTH_FAMILIES],
            &[TRANSPORT_TCP, LIFETIME, FAMILY],
        ] {
            let bytes = message(Request, Method::ALLOCATE, &attributes.concat());
            assert_eq!(Message::parse(&bytes).unwrap().check_method(), Ok(()));
        }
        // RFC 8656 section 7.2, item 9: an additional address is one of IPv6.
        let ipv4 = [TRANSPORT_UDP, "80000004 01000000"].concat();
        let bytes = message(Request, Method::ALLOCATE, &ipv4);
        let broken = BrokenRule::Value { attribute: T::ADDITIONAL_ADDRESS_FAMILY, offset: 28 };
        assert_eq!(Message::parse(&bytes).unwrap().check_method(), Err(broken));
        let line = "value of ADDITIONAL-ADDRESS-FAMILY is not allowed here (byte 28)";
        assert_eq!(broken.to_string(), line);
    }

    #[test]
    fn every_peer_of_create_permission_must_be_well_formed() {
        let bytes = message(Request, Method::CREATE_PERMISSION, &[PEER, PEER].concat());
        assert_eq!(Message::parse(&bytes).unwrap().check_method(), Ok(()));
        let second = "00120004 0001a147";
        let bytes = message(Request, Method::CREATE_PERMISSION, &[PEER, second].concat());
        let broken = Message::parse(&bytes).unwrap().check_method().unwrap_err();
        assert_eq!((broken.offset(), broken.code()), (36, Some(Code::BAD_REQUEST)));
    }

    #[test]
    fn a_channel_number_out_of_range_is_the_last_of_the_rules() {
        // RFC 8656 section 12.2; turnutils_uclient goes on to 0x7FFF, as RFC 5766 had it.
        for (number, allowed) in
            [(0x3FFF, false), (0x4000, true), (0x4FFF, true), (0x5000, false), (0x7C9B, false)]
        {
            let channel = format!("000c0004 {number:04x}0000");
            let bytes = message(Request, Method::CHANNEL_BIND, &[&channel, PEER].concat());
            let broken = BrokenRule::Value { attribute: T::CHANNEL_NUMBER, offset: 20 };
            let checked = Message::parse(&bytes).unwrap().check_method();
            assert_eq!(checked, if allowed { Ok(()) } else { Err(broken) }, "{number:#x}");
            let bytes = message(Request, Method::CHANNEL_BIND, &channel);
            let checked = Message::parse(&bytes).unwrap().check_method();
            let broken = BrokenRule::Missing { attribute: T::XOR_PEER_ADDRESS, offset: 28 };
            assert_eq!(checked, Err(broken));
        }
    }

    #[test]
    fn response_port_and_padding_exclude_each_other() {
        // RFC 5780 section 7.5.
        let bytes = message(Request, Method::BINDING, "00270004 0fa00000 00260000");
        let (attribute, other) = (T::RESPONSE_PORT, T::PADDING);
        let broken = BrokenRule::Both { attribute, other, offset: 20 };
        assert_eq!(Message::parse(&bytes).unwrap().check_method(), Err(broken));
        assert_eq!(broken.to_string(), "RESPONSE-PORT beside PADDING (byte 20)");
    }

    #[test]
    fn what_is_not_understood_is_told_with_its_place() {
        let bytes = with(&hex("80ff0000 00310000 7fff0000"));
        let message = Message::parse(&bytes).unwrap();
        let attribute = AttributeType(0x0031);
        let broken = BrokenRule::NotComprehended { attribute, offset: 24 };
        assert_eq!(message.check_comprehended(T::TYPED), Err(broken));
        assert_eq!((broken.offset(), broken.code()), (24, Some(Code::UNKNOWN_ATTRIBUTE)));
        assert_eq!(broken.to_string(), "unknown attribute 0x0031 must be understood (byte 24)");
        let known = [0x0031, 0x7fff].map(AttributeType);
        assert_eq!(message.check_comprehended(&known), Ok(()));
        // Behind the integrity nothing counts.
        let mac = "00080014 0000000000000000000000000000000000000000";
        let bytes = with(&hex(&format!("{mac} 00310000")));
        assert_eq!(Message::parse(&bytes).unwrap().check_comprehended(T::TYPED), Ok(()));
    }

    #[test]
    fn a_value_of_another_form_is_told_with_its_place() {
        let bytes = with(&hex("00060001 61000000 00240002 00010000"));
        let broken = Message::parse(&bytes).unwrap().check_values().unwrap_err();
        assert_eq!((broken.offset(), broken.code()), (32, Some(Code::BAD_REQUEST)));
        let line = "PRIORITY: value of 2 bytes does not fit, 4 would (byte 32)";
        assert_eq!(broken.to_string(), line);
    }

    const MAC: &str = "00080014 0000000000000000000000000000000000000000";
    const SHA256: &str = "001c0010 00000000000000000000000000000000";
    const USERNAME: &str = "00060004 61626364";
    const REALM: &str = "00140004 61626364";
    const NONCE: &str = "00150004 61626364";

    #[test]
    fn what_goes_with_the_integrity() {
        let bytes = |attributes: &[&str]| with(&hex(&attributes.concat()));
        let missing = |attribute, bytes: &Vec<u8>| {
            Err(BrokenRule::Missing { attribute, offset: bytes.len() })
        };
        // RFC 8489 section 9.1.3.
        for integrity in [MAC, SHA256] {
            let whole = bytes(&[USERNAME, integrity]);
            assert_eq!(Message::parse(&whole).unwrap().check_short_term(), Ok(()));
            for other in [&[integrity][..], &[integrity, USERNAME]] {
                let other = bytes(other);
                let checked = Message::parse(&other).unwrap().check_short_term();
                assert_eq!(checked, missing(T::USERNAME, &other), "only what is protected counts");
            }
        }
        let none = bytes(&[USERNAME]);
        let checked = Message::parse(&none).unwrap().check_short_term();
        assert_eq!(checked, missing(T::MESSAGE_INTEGRITY, &none));
        // RFC 8489 section 9.2.4.
        let hash = format!("001e0020 {}", "ab".repeat(32));
        for whole in [&[USERNAME, REALM, NONCE, MAC][..], &[&hash, REALM, NONCE, SHA256]] {
            let whole = bytes(whole);
            assert_eq!(Message::parse(&whole).unwrap().check_long_term(), Ok(()));
        }
        for (attributes, attribute) in [
            (&[REALM, NONCE, MAC][..], T::USERNAME),
            (&[USERNAME, NONCE, MAC], T::REALM),
            (&[USERNAME, REALM, MAC], T::NONCE),
        ] {
            let bytes = bytes(attributes);
            let checked = Message::parse(&bytes).unwrap().check_long_term();
            assert_eq!(checked, missing(attribute, &bytes));
        }
        let none = bytes(&[USERNAME, REALM, NONCE]);
        let broken = Message::parse(&none).unwrap().check_long_term().unwrap_err();
        assert_eq!(broken, BrokenRule::Unauthenticated { offset: none.len() });
        assert_eq!(broken.code(), Some(Code::UNAUTHENTICATED));
        assert_eq!(broken.to_string(), "there is no message integrity (byte 44)");
        let bytes = rfc5769_long_term();
        assert_eq!(Message::parse(&bytes).unwrap().check_long_term(), Ok(()));
        let bytes = rfc8489_b1();
        assert_eq!(Message::parse(&bytes).unwrap().check_long_term(), Ok(()));
    }

    /// NONCE with a cookie that promises algorithms, 16 bytes.
    fn promising() -> std::string::String {
        let features = SecurityFeatures::NONE.with(SecurityFeature::PASSWORD_ALGORITHMS);
        let digits = features.cookie().map(|byte| format!("{byte:02x}")).concat();
        format!("00150010 {digits} 616263")
    }

    #[test]
    fn a_response_that_lost_its_algorithms_is_a_bid_down() {
        // RFC 8489 section 9.2.5.
        let offer = "80020008 00020000 00010000";
        let nonce = promising();
        let bytes = message(ErrorResponse, Method::ALLOCATE, &[ERROR, &nonce, offer].concat());
        assert_eq!(Message::parse(&bytes).unwrap().check_bid_down(), Ok(()));
        let bytes = message(ErrorResponse, Method::ALLOCATE, &[ERROR, &nonce].concat());
        let broken = BrokenRule::BidDown { offset: 28 };
        assert_eq!(Message::parse(&bytes).unwrap().check_bid_down(), Err(broken));
        let line = "password algorithms are not those of the nonce (byte 28)";
        assert_eq!(broken.to_string(), line);
        for nonce in ["", NONCE, "0015000d 6f624d61744a6f733241414141000000"] {
            let bytes = message(ErrorResponse, Method::ALLOCATE, &[ERROR, nonce].concat());
            assert_eq!(Message::parse(&bytes).unwrap().check_bid_down(), Ok(()));
        }
        let bytes = coturn_401();
        assert_eq!(Message::parse(&bytes).unwrap().check_bid_down(), Ok(()));
    }

    #[test]
    fn a_request_must_repeat_the_algorithms_that_were_offered() {
        // RFC 8489 section 9.2.4.
        let [sha256, md5] =
            [PasswordAlgorithmId::SHA256, PasswordAlgorithmId::MD5].map(PasswordAlgorithm::new);
        let offered = [sha256, md5];
        let offered = PasswordAlgorithms::new(&offered);
        let (list, chosen) = ("80020008 00020000 00010000", "001d0004 00020000");
        let nonce = promising();
        let checked = |attributes: &[&str]| {
            let bytes = with(&hex(&attributes.concat()));
            let message = Message::parse(&bytes).unwrap();
            message.password_algorithm(&offered).map(|chosen| chosen.algorithm)
        };
        assert_eq!(checked(&[&nonce, list, chosen]), Ok(PasswordAlgorithmId::SHA256));
        assert_eq!(checked(&[&nonce]), Ok(PasswordAlgorithmId::MD5));
        assert_eq!(checked(&[NONCE, chosen]), Ok(PasswordAlgorithmId::MD5));
        let missing = |attribute, offset| Err(BrokenRule::Missing { attribute, offset });
        assert_eq!(checked(&[&nonce, list]), missing(T::PASSWORD_ALGORITHM, 52));
        assert_eq!(checked(&[&nonce, chosen]), missing(T::PASSWORD_ALGORITHMS, 48));
        // The stronger one taken out of the list, its order changed, and one chosen that was not offered.
        let bid_down = |offset| Err(BrokenRule::BidDown { offset });
        assert_eq!(checked(&[&nonce, "80020004 00010000", "001d0004 00010000"]), bid_down(40));
        assert_eq!(checked(&[&nonce, "80020008 00010000 00020000", chosen]), bid_down(40));
        assert_eq!(checked(&[&nonce, list, "001d0004 00030000"]), bid_down(52));
        let malformed = checked(&[&nonce, list, "001d0002 00030000"]).unwrap_err();
        assert!(matches!(malformed, BrokenRule::Malformed(_)));
        assert_eq!(malformed.code(), Some(Code::BAD_REQUEST));
    }

    #[test]
    fn a_check_of_ice() {
        for bytes in [rfc5769_request(), chromium_check()] {
            assert_eq!(Message::parse(&bytes).unwrap().check_ice(), Ok(()));
        }
        let (priority, controlling) = ("00240004 6e0001ff", "802a0008 0000000000000001");
        let (controlled, nominate) = ("80290008 0000000000000001", "00250000");
        let fingerprint = "80280004 00000000";
        let check = |attributes: &[&str]| {
            let bytes = with(&hex(&attributes.concat()));
            Message::parse(&bytes).unwrap().check_ice()
        };
        let tail = [MAC, fingerprint].concat();
        assert_eq!(check(&[USERNAME, priority, controlling, nominate, &tail]), Ok(()));
        let missing = |attribute, offset| Err(BrokenRule::Missing { attribute, offset });
        assert_eq!(check(&[USERNAME, controlling, &tail]), missing(T::PRIORITY, 72));
        assert_eq!(check(&[priority, controlling, &tail]), missing(T::USERNAME, 72));
        assert_eq!(check(&[USERNAME, priority, &tail]), missing(T::ICE_CONTROLLED, 68));
        assert_eq!(check(&[USERNAME, priority, controlled, MAC]), missing(T::FINGERPRINT, 72));
        let (attribute, other) = (T::USE_CANDIDATE, T::ICE_CONTROLLED);
        let both = Err(BrokenRule::Both { attribute, other, offset: 48 });
        assert_eq!(check(&[USERNAME, priority, controlled, nominate, &tail]), both);
        let (attribute, other) = (T::ICE_CONTROLLED, T::ICE_CONTROLLING);
        let both = Err(BrokenRule::Both { attribute, other, offset: 36 });
        assert_eq!(check(&[USERNAME, priority, controlled, controlling, &tail]), both);
        let short = check(&[USERNAME, "00240002 6e000000", controlled, &tail]).unwrap_err();
        assert_eq!(short.offset(), 32);
    }

    #[test]
    fn role_conflicts_as_rfc_8445_section_7_3_1_1_resolves_them() {
        use IceRole::{Controlled, Controlling};
        let check =
            |number: u16, theirs: u64| with(&hex(&format!("{number:04x}0008{theirs:016x}")));
        for (role, ours, number, theirs, expected) in [
            (Controlling, 5, 0x802A, 4, Err(RoleConflict::Refuse { offset: 20 })),
            (Controlling, 5, 0x802A, 5, Err(RoleConflict::Refuse { offset: 20 })),
            (Controlling, 5, 0x802A, 6, Err(RoleConflict::Switch { to: Controlled, offset: 20 })),
            (Controlled, 5, 0x8029, 4, Err(RoleConflict::Switch { to: Controlling, offset: 20 })),
            (Controlled, 5, 0x8029, 5, Err(RoleConflict::Switch { to: Controlling, offset: 20 })),
            (Controlled, 5, 0x8029, 6, Err(RoleConflict::Refuse { offset: 20 })),
            (Controlling, 5, 0x8029, 6, Ok(())),
            (Controlled, 5, 0x802A, 4, Ok(())),
            (Controlled, u64::MAX, 0x8024, 4, Ok(())),
        ] {
            let bytes = check(number, theirs);
            assert_eq!(Message::parse(&bytes).unwrap().check_role(role, ours), expected);
            let code = expected.err().and_then(|conflict| conflict.code());
            let refused = matches!(expected, Err(RoleConflict::Refuse { .. }));
            assert_eq!(code, refused.then_some(Code::ROLE_CONFLICT));
        }
        let bytes = with(&hex("802a0004 00000001"));
        let message = Message::parse(&bytes).unwrap();
        let conflict = message.check_role(Controlling, 1).unwrap_err();
        assert!(matches!(conflict, RoleConflict::Malformed(error) if error.offset == 24));
        assert_eq!(conflict.code(), Some(Code::BAD_REQUEST));
        let line = "ICE-CONTROLLING: value of 4 bytes does not fit, 8 would (byte 24)";
        assert_eq!(conflict.to_string(), line);
        let line = RoleConflict::Refuse { offset: 20 }.to_string();
        assert_eq!(line, "role conflict: the other agent has to switch (byte 20)");
    }
}

#[cfg(feature = "serde")]
mod json {
    use serde_json::Value;

    use super::*;

    /// The examples of the inspector's page, from `class` on.
    #[test]
    fn the_examples_of_inspect_json() {
        let message = rfc5769_request();
        let json = serde_json::to_string(&Message::parse(&message).unwrap()).unwrap();
        assert_eq!(
            json,
            r#"{"class":"request","method":1,"method_name":"Binding","length":88,"cookie":"2112a442","transaction_id":"b7e7a701bc34d686fa87dfae","attributes":[{"type":32802,"name":"SOFTWARE","length":16,"value":"STUN test client"},{"type":36,"name":"PRIORITY","length":4,"priority":1845494271},{"type":32809,"name":"ICE-CONTROLLED","length":8,"tie_breaker":"932ff9b151263b36"},{"type":6,"name":"USERNAME","length":9,"value":"evtj:h6vY"},{"type":8,"name":"MESSAGE-INTEGRITY","length":20,"hmac":"9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2"},{"type":32808,"name":"FINGERPRINT","length":4,"crc32":"e57a3bcf","valid":true}]}"#
        );

        let mut buffer = [0; 128];
        let id = TransactionId([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
        let mut writer =
            MessageWriter::new(&mut buffer, Class::ErrorResponse, Method::ALLOCATE, id).unwrap();
        writer.push(ErrorCode { code: Code(401), reason: b"Unauthorized" }).unwrap();
        writer.push(UnknownAttributes { types: &[[0, 32]] }).unwrap();
        writer.push(XorRelayedAddress("192.0.2.1:32853".parse().unwrap())).unwrap();
        writer.push(Lifetime(600)).unwrap();
        writer.push(ChannelNumber(16384)).unwrap();
        writer.push_raw(AttributeType::PRIORITY, &[0, 1]).unwrap();
        writer.push_raw(AttributeType(49407), &[0, 1, 0, 10]).unwrap();
        let len = writer.finish();
        assert_eq!(len, 92);
        let json = serde_json::to_string(&Message::parse(&buffer[..len]).unwrap()).unwrap();
        assert_eq!(
            json,
            r#"{"class":"error_response","method":3,"method_name":"Allocate","length":72,"cookie":"2112a442","transaction_id":"000102030405060708090a0b","attributes":[{"type":9,"name":"ERROR-CODE","length":16,"code":401,"reason":"Unauthorized"},{"type":10,"name":"UNKNOWN-ATTRIBUTES","length":2,"unknown_types":[32]},{"type":22,"name":"XOR-RELAYED-ADDRESS","length":8,"family":"ipv4","address":"192.0.2.1","port":32853},{"type":13,"name":"LIFETIME","length":4,"lifetime":600},{"type":12,"name":"CHANNEL-NUMBER","length":4,"channel_number":16384},{"type":36,"name":"PRIORITY","length":2,"data":"0001"},{"type":49407,"length":4,"data":"0001000a"}]}"#
        );
    }

    /// The attributes of `bytes`, each without type and length.
    fn fields(attributes: &str) -> Vec<Value> {
        let bytes = with(&hex(attributes));
        let json = serde_json::to_value(Message::parse(&bytes).unwrap()).unwrap();
        let list = json["attributes"].as_array().unwrap();
        list.iter()
            .map(|attribute| {
                let mut map = attribute.as_object().unwrap().clone();
                map.remove("type");
                map.remove("length");
                Value::Object(map)
            })
            .collect()
    }

    fn value(json: &str) -> Value {
        serde_json::from_str(json).unwrap()
    }

    /// Every row of the inspector's table that the examples do not have.
    #[test]
    fn every_row_of_the_table() {
        for (attribute, expected) in [
            (
                "00010008 00010fa0 0a4d0001",
                r#"{"address":"10.77.0.1","family":"ipv4","name":"MAPPED-ADDRESS","port":4000}"#,
            ),
            (
                "80230014 00020fa0 20010db8000000000000000000000001",
                r#"{"address":"2001:db8::1","family":"ipv6","name":"ALTERNATE-SERVER","port":4000}"#,
            ),
            ("80030003 612e6200", r#"{"name":"ALTERNATE-DOMAIN","value":"a.b"}"#),
            ("00060002 61ff0000", r#"{"name":"USERNAME","value_hex":"61ff"}"#),
            (
                "00090006 00000401 61ff0000",
                r#"{"code":401,"name":"ERROR-CODE","reason_hex":"61ff"}"#,
            ),
            (
                "80010006 02000428 61620000",
                r#"{"code":440,"family":"ipv6","name":"ADDRESS-ERROR-CODE","reason":"ab"}"#,
            ),
            ("000a0000", r#"{"name":"UNKNOWN-ATTRIBUTES","unknown_types":[]}"#),
            (
                "001c0010 000102030405060708090a0b0c0d0e0f",
                r#"{"hmac":"000102030405060708090a0b0c0d0e0f","name":"MESSAGE-INTEGRITY-SHA256"}"#,
            ),
            (
                "802a0008 00000000000000ff",
                r#"{"name":"ICE-CONTROLLING","tie_breaker":"00000000000000ff"}"#,
            ),
            ("00190004 11000000", r#"{"name":"REQUESTED-TRANSPORT","protocol":17}"#),
            ("00170004 01000000", r#"{"family":"ipv4","name":"REQUESTED-ADDRESS-FAMILY"}"#),
            ("80000004 02000000", r#"{"family":"ipv6","name":"ADDITIONAL-ADDRESS-FAMILY"}"#),
            ("00180001 80000000", r#"{"name":"EVEN-PORT","reserve":true}"#),
            (
                "00220008 0102030405060708",
                r#"{"name":"RESERVATION-TOKEN","token":"0102030405060708"}"#,
            ),
            (
                "00030004 00000004",
                r#"{"change_ip":true,"change_port":false,"name":"CHANGE-REQUEST"}"#,
            ),
            ("001d0004 00020000", r#"{"algorithm":2,"name":"PASSWORD-ALGORITHM","parameters":""}"#),
            (
                "8002000c 00020001 ff000000 00010000",
                r#"{"algorithms":[{"algorithm":2,"parameters":"ff"},{"algorithm":1,"parameters":""}],"name":"PASSWORD-ALGORITHMS"}"#,
            ),
            (
                "80040008 00000304 000005dc",
                r#"{"icmp_code":4,"icmp_data":1500,"icmp_type":3,"name":"ICMP"}"#,
            ),
            ("00250000", r#"{"name":"USE-CANDIDATE"}"#),
            ("001a0000", r#"{"name":"DONT-FRAGMENT"}"#),
            ("00130003 01020300", r#"{"data":"010203","name":"DATA"}"#),
            (
                "000b0008 00010fa0 0a4d0001",
                r#"{"address":"10.77.0.1","family":"ipv4","name":"REFLECTED-FROM","port":4000}"#,
            ),
            ("00070004 70617373", r#"{"name":"PASSWORD","password":"70617373"}"#),
            (
                "001b0005 0002aabb cc000000",
                r#"{"encrypted_block":"cc","name":"ACCESS-TOKEN","nonce":"aabb"}"#,
            ),
            ("00260002 ffff0000", r#"{"name":"PADDING","padding":"ffff"}"#),
            ("00270004 0fa00000", r#"{"name":"RESPONSE-PORT","port":4000}"#),
            ("00270002 0fa00000", r#"{"name":"RESPONSE-PORT","port":4000}"#),
            ("002a0004 00000007", r#"{"connection_id":7,"name":"CONNECTION-ID"}"#),
            ("80250004 00000302", r#"{"name":"TRANSACTION_TRANSMIT_COUNTER","req":3,"resp":2}"#),
            ("80270004 0000000a", r#"{"name":"CACHE-TIMEOUT","seconds":10}"#),
            ("802d0004 00000005", r#"{"ecf":2,"name":"ECN-CHECK STUN","v":true}"#),
            ("802e0001 61000000", r#"{"name":"THIRD-PARTY-AUTHORIZATION","server_name":"a"}"#),
            ("80300002 aabb0000", r#"{"name":"MOBILITY-TICKET","ticket":"aabb"}"#),
            ("c0010002 aabb0000", r#"{"data":"aabb","name":"ENF-FLOW-DESCRIPTION"}"#),
            (
                "c0570004 0001000a",
                r#"{"name":"GOOG-NETWORK-INFO","network_cost":10,"network_id":1}"#,
            ),
            (
                "c0580002 aabb0000",
                r#"{"name":"GOOG-LAST-ICE-CHECK-RECEIVED","transaction_id":"aabb"}"#,
            ),
            ("c0590004 00010002", r#"{"name":"GOOG-MISC-INFO","values":[1,2]}"#),
            ("c05c0002 aabb0000", r#"{"data":"aabb","name":"GOOG-DELTA"}"#),
            ("c05d0008 0000000000000001", r#"{"ack":"0000000000000001","name":"GOOG-DELTA-ACK"}"#),
            ("c0600004 01020304", r#"{"hmac":"01020304","name":"GOOG-MESSAGE-INTEGRITY-32"}"#),
            ("c0700002 16fe0000", r#"{"dtls_packet":"16fe","name":"META-DTLS-IN-STUN"}"#),
            (
                "c0710008 0000000101020304",
                r#"{"crc32s":["00000001","01020304"],"name":"META-DTLS-IN-STUN-ACKNOWLEDGEMENT"}"#,
            ),
            ("80320004 02000000", r#"{"data":"02000000"}"#),
            ("80280004 00000000", r#"{"crc32":"00000000","name":"FINGERPRINT","valid":false}"#),
            // Not of their form.
            ("00010005 0001000000000000", r#"{"data":"0001000000","name":"MAPPED-ADDRESS"}"#),
            (
                "00200008 0003a147 e112a643",
                r#"{"data":"0003a147e112a643","name":"XOR-MAPPED-ADDRESS"}"#,
            ),
            ("00090004 00000700", r#"{"data":"00000700","name":"ERROR-CODE"}"#),
            ("000a0003 00010200", r#"{"data":"000102","name":"UNKNOWN-ATTRIBUTES"}"#),
            ("80280002 00000000", r#"{"data":"0000","name":"FINGERPRINT"}"#),
        ] {
            assert_eq!(fields(attribute), [value(expected)]);
        }
    }

    #[test]
    fn attributes_behind_fingerprint_are_shown_and_every_fingerprint_is_checked_for_itself() {
        let shown = fields("80280004 00000000 00250000 80280004 00000000");
        let wrong = value(r#"{"crc32":"00000000","name":"FINGERPRINT","valid":false}"#);
        assert_eq!(shown, [wrong.clone(), value(r#"{"name":"USE-CANDIDATE"}"#), wrong]);
        for bytes in all() {
            let message = Message::parse(&bytes).unwrap();
            let json = serde_json::to_value(message).unwrap();
            let list = json["attributes"].as_array().unwrap();
            assert_eq!(list.len(), message.attributes().count());
            if message.has::<Fingerprint>() {
                assert_eq!(list[list.len() - 1]["valid"], true);
            }
        }
    }
}

mod any_bytes {
    use super::*;

    /// Every accessor there is. It is enough that none panics, and that what parsed is written again.
    fn exercise(bytes: &[u8]) {
        for parsed in [Message::parse(bytes), Message::parse_rfc3489(bytes)] {
            let Ok(message) = parsed else { continue };
            let size = 20 + usize::from(message.length());
            let mut walked = 20;
            for attribute in message.attributes() {
                assert_eq!(attribute.offset(), walked);
                walked += 4 + attribute.value().len() + attribute.padding().len();
                assert_eq!(
                    attribute.value(),
                    &bytes[attribute.offset() + 4..][..attribute.value().len()]
                );
                match attribute.decode() {
                    Ok(value) => {
                        let mut out = vec![0; value.value_len()];
                        let id = message.rfc3489_transaction_id();
                        let _ = value.encode(&mut crate::Sink::new(&mut out), id);
                        crate::testing::debugs(&attribute);
                        let _ = format!("{value:?}");
                    }
                    Err(error) => {
                        let end = attribute.offset() + 4 + attribute.value().len();
                        assert!((attribute.offset() + 4..=end).contains(&error.offset));
                    }
                }
                let _ = attribute.parse_as::<XorMappedAddress>();
                use unregistered::Dialect;
                for dialect in
                    [Dialect::Microsoft, Dialect::Google, Dialect::Coturn, Dialect::Drafts]
                {
                    let Ok(value) = dialect.decode(&attribute) else { continue };
                    let mut out = vec![0; value.value_len()];
                    let id = message.rfc3489_transaction_id();
                    let _ = value.encode(&mut crate::Sink::new(&mut out), id);
                }
                let _ = attribute
                    .parse_as::<PasswordAlgorithms<'_>>()
                    .map(|list| list.algorithms().count());
            }
            assert_eq!(walked, size);
            for wanted in AttributeType::TYPED.iter().copied().chain([AttributeType(0x0031)]) {
                let first = message
                    .attributes()
                    .find(|a| a.attribute_type() == wanted && !a.is_after_integrity());
                assert_eq!(message.find(wanted), first, "{wanted}");
            }
            let _ = (message.check_order(), message.check_fingerprint());
            let _ = message.unknown_required(AttributeType::TYPED).count();
            crate::testing::shows(&message);
            let places = [
                message.check_comprehended(AttributeType::TYPED),
                message.check_values(),
                message.check_method(),
                message.check_short_term(),
                message.check_long_term(),
                message.check_bid_down(),
                message.password_algorithm(&PasswordAlgorithms::new(&[])).map(|_| ()),
                message.check_ice(),
            ];
            for broken in places.into_iter().filter_map(Result::err) {
                assert!(broken.offset() <= size, "{broken}");
            }
            let _ = message.check_role(IceRole::Controlling, 1 << 63);
            let _ = message.check_role(IceRole::Controlled, 1 << 63);
            #[cfg(feature = "integrity")]
            {
                let key = Key::short_term(b"VOkJxbRl1RmTxUk/WvJxBt");
                let _ = message.verify_integrity(&key);
                let _ = message.verify_integrity_sha256(&key, 16);
                let _ = message.verify_integrity_rfc3489(&key);
                let _ = message.verify_goog_integrity_32(&key);
            }
            #[cfg(feature = "serde")]
            serde_json::to_string(&message).unwrap();
            let mut out = vec![0; size];
            if !message.has_cookie() || size % 4 == 0 {
                assert_eq!(MessageBuilder::from(message).write(&mut out), Ok(size));
                assert_eq!(out, bytes[..size]);
            }
        }
    }

    /// A header that says what is there, in front of attributes that may be anything.
    fn framed() -> impl Strategy<Value = Vec<u8>> {
        let attribute = (
            prop_oneof![prop::sample::select(AttributeType::TYPED).prop_map(|t| t.0), any::<u16>(),],
            prop_oneof![
                prop::collection::vec(any::<u8>(), 0..40),
                prop::sample::select(vec![0, 1, 4, 8, 16, 20, 32])
                    .prop_flat_map(|len| prop::collection::vec(any::<u8>(), len)),
                prop::sample::select(vec![8, 20]).prop_flat_map(|len| {
                    prop::collection::vec(any::<u8>(), len).prop_map(|mut value| {
                        value[1] = if value.len() == 8 { 1 } else { 2 };
                        value
                    })
                }),
            ],
        );
        (prop::collection::vec(attribute, 0..8), any::<[u8; 16]>(), 0u16..0x4000, any::<bool>())
            .prop_map(|(attributes, id, message_type, cookie)| {
                let mut bytes = vec![];
                bytes.extend(message_type.to_be_bytes());
                bytes.extend([0, 0]);
                bytes.extend(id);
                if cookie {
                    bytes[4..8].copy_from_slice(&MAGIC_COOKIE.to_be_bytes());
                }
                for (attribute_type, value) in attributes {
                    bytes.extend(attribute_type.to_be_bytes());
                    bytes.extend((value.len() as u16).to_be_bytes());
                    bytes.extend(&value);
                    while bytes.len() % 4 != 0 {
                        bytes.push(0x20);
                    }
                }
                let length = (bytes.len() - 20) as u16;
                bytes[2..4].copy_from_slice(&length.to_be_bytes());
                bytes
            })
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes: Vec<u8>) {
            exercise(&bytes);
            let mut bytes = bytes;
            if bytes.len() >= 8 {
                bytes[0] &= 3;
                bytes[4..8].copy_from_slice(&MAGIC_COOKIE.to_be_bytes());
                exercise(&bytes);
                let length = (bytes.len().saturating_sub(20) & !3) as u16;
                bytes[2..4].copy_from_slice(&length.to_be_bytes());
                exercise(&bytes);
            }
        }

        #[test]
        fn framed_attributes_never_panic(bytes in framed()) {
            exercise(&bytes);
        }

        #[test]
        fn mutated_messages_never_panic(
            which in 0..15_usize,
            flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
            cut in any::<Option<prop::sample::Index>>(),
        ) {
            let mut bytes = all()[which].clone();
            for (place, value) in flips {
                let place = place.index(bytes.len());
                bytes[place] = value;
            }
            if let Some(cut) = cut {
                bytes.truncate(cut.index(bytes.len()));
            }
            exercise(&bytes);
        }

        #[test]
        fn what_the_writer_wrote_is_read(
            priority in 1..0x8000_0000_u32,
            tie_breaker: u64,
            address: std::net::SocketAddr,
            username in "\\PC{0,100}",
            data in prop::collection::vec(any::<u8>(), 0..200),
            id: [u8; 12],
            method in 0..0x1000_u16,
        ) {
            // The wire has no flow label and no scope.
            let address = std::net::SocketAddr::new(address.ip(), address.port());
            let mut buffer = [0xFF; 1500];
            let id = TransactionId(id);
            let mut writer = MessageWriter::new(&mut buffer, Class::Indication, Method(method), id).unwrap();
            writer.push(Priority(priority)).unwrap();
            writer.push(IceControlling(tie_breaker)).unwrap();
            writer.push(XorPeerAddress(address)).unwrap();
            writer.push(MappedAddress(address)).unwrap();
            writer.push(Username::from(username.as_str())).unwrap();
            writer.push(Data(&data)).unwrap();
            writer.push_fingerprint().unwrap();
            let len = writer.finish();
            let (message, rest) = Message::parse_prefix(&buffer).unwrap();
            prop_assert_eq!(rest.len(), 1500 - len);
            prop_assert_eq!((message.class(), message.method()), (Class::Indication, Method(method)));
            prop_assert_eq!(message.transaction_id(), id);
            prop_assert_eq!(message.get(), Some(Ok(Priority(priority))));
            prop_assert_eq!(message.get(), Some(Ok(IceControlling(tie_breaker))));
            prop_assert_eq!(message.get(), Some(Ok(XorPeerAddress(address))));
            prop_assert_eq!(message.get(), Some(Ok(MappedAddress(address))));
            prop_assert_eq!(message.get(), Some(Ok(Username(username.as_bytes()))));
            prop_assert_eq!(message.get(), Some(Ok(Data(&data))));
            prop_assert_eq!(message.check_fingerprint(), Ok(()));
            prop_assert_eq!(message.check_order(), Ok(()));
            exercise(&buffer[..len]);
        }

        #[test]
        fn every_value_that_decodes_and_may_be_written_decodes_again(bytes in framed()) {
            let Ok(message) = Message::parse_rfc3489(&bytes) else { return Ok(()) };
            let id = message.rfc3489_transaction_id();
            for attribute in message.attributes() {
                let Ok(value) = attribute.decode() else { continue };
                let mut out = vec![0; value.value_len()];
                if value.encode(&mut crate::Sink::new(&mut out), id).is_err() {
                    continue;
                }
                let mut again = [&bytes[..20], &attribute.attribute_type().0.to_be_bytes(),
                    &(out.len() as u16).to_be_bytes(), &out].concat();
                again[2..4].copy_from_slice(&((out.len() + 4) as u16).to_be_bytes());
                let again = Message::parse_rfc3489(&again).unwrap().attributes().next().unwrap().decode().unwrap();
                prop_assert_eq!(again, value);
            }
        }
    }
}

/// The rows of IANA's registries as of 2024-12-20 (STUN Attributes, STUN Methods, STUN Error Codes).
mod registries {
    use super::*;

    #[test]
    fn attributes_are_named_as_iana_spells_them() {
        for (number, name) in [
            (0x0001, Some("MAPPED-ADDRESS")),
            (0x0002, Some("RESPONSE-ADDRESS")),
            (0x0003, Some("CHANGE-REQUEST")),
            (0x0007, Some("PASSWORD")),
            (0x001e, Some("USERHASH")),
            (0x0027, Some("RESPONSE-PORT")),
            (0x8025, Some("TRANSACTION_TRANSMIT_COUNTER")),
            (0x802d, Some("ECN-CHECK STUN")),
            (0xc001, Some("ENF-FLOW-DESCRIPTION")),
            (0xc060, Some("GOOG-MESSAGE-INTEGRITY-32")),
            (0xc071, Some("META-DTLS-IN-STUN-ACKNOWLEDGEMENT")),
            (0x0000, None),
            (0x0010, None),
            (0x0021, None),
            (0x8020, None),
            (0xffff, None),
        ] {
            assert_eq!(AttributeType(number).name(), name, "{number:#06x}");
        }
        assert_eq!((0..=0xFFFF).filter(|n| AttributeType(*n).name().is_some()).count(), 66);
        assert!(AttributeType(0x7FFF).is_comprehension_required());
        assert!(!AttributeType(0x8000).is_comprehension_required());
    }

    #[test]
    fn methods_and_codes() {
        let named: Vec<_> = (0..=0xFFF).filter(|n| Method(*n).name().is_some()).collect();
        assert_eq!(named, [1, 3, 4, 6, 7, 8, 9, 10, 11, 12, 128]);
        assert_eq!(
            (Method(0x8).name(), Method::SHARED_SECRET.name()),
            (Some("CreatePermission"), None)
        );
        let named: Vec<_> = (0..1000).filter(|n| Code(*n).name().is_some()).collect();
        assert_eq!(
            named,
            [
                300, 400, 401, 403, 405, 420, 430, 431, 432, 433, 434, 435, 436, 437, 438, 440,
                441, 442, 443, 446, 447, 486, 487, 500, 508, 600
            ]
        );
        assert_eq!(Code::UNAUTHENTICATED.to_string(), "Unauthenticated");
    }

    #[test]
    fn every_typed_attribute_has_a_name() {
        assert!(AttributeType::TYPED.iter().all(|t| t.name().is_some()));
        assert_eq!(AttributeType::TYPED.len(), 66, "every one that IANA names");
    }
}
