//! What all payload-specific formats have in common, seen from the outside: a compound.

extern crate std;
use proptest::prelude::*;
use std::string::ToString;
use std::vec::Vec;

use crate::encode::Encode;
use crate::error::{ErrorKind, ParseError};
use crate::rtcp::{Compound, Packet};
use crate::testing::words;

#[test]
fn each_format_has_its_own_view() {
    // Those of RFC 4585 and RFC 5104 as in inspect-json.md (frame 5), the later ones, and a format that has no view.
    let rows: [&[u32]; 14] = [
        &[0x81ce_0002, 1, 2],                                       // PLI
        &[0x82ce_0003, 1, 2, 0x1234_5678],                          // SLI
        &[0x83ce_0003, 1, 2, 0x0c60_f000],                          // RPSI
        &[0x84ce_0004, 1, 0, 2, 0x4200_0000],                       // FIR
        &[0x85ce_0004, 1, 0, 2, 0x0100_0015],                       // TSTR
        &[0x86ce_0004, 1, 0, 2, 0x0100_0015],                       // TSTN
        &[0x87ce_0005, 1, 0, 2, 0x0160_0003, 0x0102_0300],          // VBCM
        &[0x8fce_0005, 1, 0, 0x5245_4d42, 0x011a_20df, 1215622422], // REMB
        &[0x8fce_0004, 1, 0, 0x4c4e_5446, 0x3c7b_6543],             // AFB
        &[0x88ce_0003, 1, 0, 2],                                    // PSLEI
        &[0x89ce_0003, 1, 2, 0xffff_ff07],                          // ROI
        &[0x8ace_0005, 1, 0, 2, 0x01e0_0000, 0x0302_0100],          // LRR
        &[0x8bce_0007, 1, 2, 3, 4, 5, 6, 7],                        // VP
        &[0x94ce_0003, 1, 2, 0x0001_0203],                          // format 20
    ];
    let datagram = words(rows.concat());
    let packets: Vec<_> = Compound::new(&datagram).map(Result::unwrap).collect();
    let names: Vec<_> = packets
        .iter()
        .map(|packet| packet.to_string().split(" sender").next().unwrap_or_default().to_string())
        .collect();
    let expected = [
        "PLI",
        "SLI",
        "RPSI",
        "FIR",
        "TSTR",
        "TSTN",
        "VBCM",
        "REMB",
        "AFB",
        "PSLEI",
        "ROI",
        "LRR",
        "VP",
        "PSFB fmt=20",
    ];
    assert_eq!(names, expected);
    assert!(matches!(packets[7], Packet::Remb(_)) && matches!(packets[8], Packet::Afb(_)));
    assert!(matches!(packets[13], Packet::Feedback(_)));
    let again: Vec<_> = packets.into_iter().flat_map(|packet| packet.to_vec().unwrap()).collect();
    assert_eq!(again, datagram);
}

#[test]
fn a_broken_format_is_an_error_with_its_place_and_the_walk_goes_on() {
    let pli = [0x81ce_0002, 1, 2];
    let broken: [(&[u32], &str, usize, ErrorKind); 12] = [
        (&[0x82ce_0002, 1, 2], "entries", 12, ErrorKind::Length { found: 0, have: 4 }),
        (&[0x83ce_0002, 1, 2], "padding bits", 12, ErrorKind::Truncated { need: 2, have: 0 }),
        (&[0x84ce_0003, 1, 2, 3], "entries", 12, ErrorKind::Length { found: 4, have: 8 }),
        (&[0x85ce_0003, 1, 2, 3], "entries", 12, ErrorKind::Length { found: 4, have: 8 }),
        (&[0x86ce_0003, 1, 2, 3], "entries", 12, ErrorKind::Length { found: 4, have: 8 }),
        (&[0x87ce_0003, 1, 2, 3], "entry", 12, ErrorKind::Truncated { need: 8, have: 4 }),
        (
            &[0x8fce_0004, 1, 0, 0x5245_4d42, 0x0100_0000],
            "SSRCs",
            20,
            ErrorKind::Count { need: 4, have: 0 },
        ),
        (&[0x88ce_0002, 1, 0], "SSRCs", 12, ErrorKind::Length { found: 0, have: 4 }),
        (&[0x89ce_0002, 1, 2], "region", 12, ErrorKind::Length { found: 0, have: 4 }),
        (&[0x8ace_0003, 1, 0, 2], "entries", 12, ErrorKind::Length { found: 4, have: 12 }),
        (&[0x8bce_0003, 1, 0, 2], "viewport", 12, ErrorKind::Length { found: 4, have: 20 }),
        (&[0x88ce_0001, 1], "SSRC of media source", 8, ErrorKind::Truncated { need: 4, have: 0 }),
    ];
    for (rows, field, offset, kind) in broken {
        let datagram = words([&pli, rows, &pli].concat());
        let seen: Vec<_> = Compound::new(&datagram).collect();
        let [Ok(Packet::Pli(_)), Err(error), Ok(Packet::Pli(_))] = seen[..] else {
            panic!("{seen:?}");
        };
        let ParseError { field: found, offset: at, kind: of, .. } = error;
        assert_eq!((found, at, of), (field, 12 + offset, kind));
    }
}

#[test]
fn feedback_of_an_application_is_no_remb_unless_it_says_so() {
    // Control information that ends before the identifier would, and one whose identifier is in another case.
    for rows in [&[0x8fce_0002, 1, 2][..], &[0x8fce_0003, 1, 2, 0x5265_6d62]] {
        let bytes = words(rows);
        assert!(matches!(Packet::parse(&bytes), Ok(Packet::Afb(_))));
    }
    // "REMB" that is half padding.
    let bytes = words([0xafce_0003, 1, 2, 0x5245_4d02]);
    let Ok(Packet::Afb(packet)) = Packet::parse(&bytes) else { panic!("not AFB") };
    assert_eq!((packet.data(), packet.padding()), (&b"RE"[..], &b"M\x02"[..]));
}

proptest! {
    #[test]
    fn what_parses_is_written_again(
        format in 0u8..32,
        mut body in prop::collection::vec(
            prop::sample::select(&[0u8, 0, 0, 1, 2, 3, 4, 8, 0x80, 0xFF, b'R', b'E', b'M', b'B'][..]),
            8..80,
        ),
        remb in any::<bool>(),
        padding in any::<bool>(),
    ) {
        body.truncate(body.len() / 4 * 4);
        if remb && body.len() >= 12 {
            body[8..12].copy_from_slice(b"REMB");
        }
        let words = u8::try_from(body.len() / 4).unwrap();
        let mut bytes = std::vec![0x80 | (u8::from(padding) << 5) | format, 206, 0, words];
        bytes.extend(body);
        if let Ok(packet) = Packet::parse(&bytes) {
            prop_assert!(!packet.to_string().is_empty());
            prop_assert_eq!(packet.to_vec().unwrap(), bytes);
        }
    }
}
