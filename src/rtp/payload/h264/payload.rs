//! RTP payload of H.264: which of its structures it is (RFC 6184 section 5.2).

use core::fmt;

use nom::Parser;

use super::aggregation::aggregation;
use super::fragment::fragment;
use super::{Aggregation, Fragment, NalUnit, NalUnitType};
use crate::error::{ErrorKind, Fail, ParseError, Step, run};

/// An H.264 payload, read in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Payload<'a> {
    /// A whole NAL unit; also one of a type that RFC 6184 leaves undefined: 0, 30 and 31.
    Single(NalUnit<'a>),
    /// Several of them.
    Aggregation(Aggregation<'a>),
    /// A part of one.
    Fragment(Fragment<'a>),
}

impl<'a> Payload<'a> {
    /// Reads an RTP payload.
    ///
    /// # Errors
    /// A payload cut short; a NAL unit in an aggregation packet that is empty or longer than what is left. An empty
    /// payload has no NAL unit: a packet that only probes for bandwidth.
    #[inline]
    pub fn parse(payload: &'a [u8]) -> Result<Self, ParseError> {
        run("H.264 payload", payload, h264_payload)
    }

    /// The type of the first byte: of the unit, or of the structure around it.
    #[inline]
    pub const fn nal_unit_type(&self) -> NalUnitType {
        match self {
            Self::Single(unit) => unit.nal_unit_type(),
            Self::Aggregation(packet) => packet.nal_unit_type(),
            Self::Fragment(fragment) => fragment.indicator().nal_unit_type(),
        }
    }

    /// A picture begins here: the first bytes of its first slice. See [`NalUnit::starts_frame`].
    ///
    /// Parameter sets and SEI of the picture may come in packets before it, with the same timestamp.
    #[inline]
    pub fn starts_frame(&self) -> bool {
        match self {
            Self::Single(unit) => unit.starts_frame(),
            Self::Aggregation(packet) => packet.starts_frame(),
            Self::Fragment(fragment) => fragment.starts_frame(),
        }
    }

    /// A decoder may begin here: the first bytes of a slice of an IDR picture, or a sequence parameter set.
    #[inline]
    pub fn starts_key_frame(&self) -> bool {
        match self {
            Self::Single(unit) => unit.starts_key_frame(),
            Self::Aggregation(packet) => packet.starts_key_frame(),
            Self::Fragment(fragment) => fragment.starts_key_frame(),
        }
    }
}

/// All of `i`.
#[inline]
fn h264_payload(i: &[u8]) -> Step<'_, Payload<'_>> {
    let Some(unit) = NalUnit::new(i) else {
        return Err(Fail::field("NAL unit header", i, ErrorKind::Truncated { need: 1, have: 0 }));
    };
    match unit.nal_unit_type() {
        NalUnitType::STAP_A | NalUnitType::STAP_B | NalUnitType::MTAP16 | NalUnitType::MTAP24 => {
            aggregation.map(Payload::Aggregation).parse(i)
        }
        NalUnitType::FU_A | NalUnitType::FU_B => fragment.map(Payload::Fragment).parse(i),
        _ => Ok((&[], Payload::Single(unit))),
    }
}

/// One line: `H264 STAP-A [SPS 19] [PPS 4]`.
impl fmt::Display for Payload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Single(unit) => write!(f, "H264 {unit}"),
            Self::Aggregation(packet) => write!(f, "H264 {packet}"),
            Self::Fragment(fragment) => write!(f, "H264 {fragment}"),
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Payload<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Single(unit) => unit.serialize(serializer),
            Self::Aggregation(packet) => packet.serialize(serializer),
            Self::Fragment(fragment) => fragment.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec::Vec;

    use super::super::{
        AggregationBuilder, AggregationUnit, FragmentBuilder, NalHeader, UnitsBuilder,
    };
    use super::*;
    use crate::encode::Encode;
    use crate::error::BuildError;
    use crate::testing::unhex;

    fn parse(bytes: &[u8]) -> Payload<'_> {
        let payload = Payload::parse(bytes).unwrap();
        crate::testing::shows_any(&payload);
        payload
    }

    /// What the builder of a view writes; nothing for a single unit.
    fn rewritten(payload: Payload<'_>) -> Option<Result<Vec<u8>, BuildError>> {
        let mut out = std::vec![0; 100];
        let written = match payload {
            Payload::Single(_) => return None,
            Payload::Aggregation(packet) => AggregationBuilder::from(packet).write(&mut out),
            Payload::Fragment(fragment) => {
                let builder = FragmentBuilder::from(fragment);
                builder.write(&mut out).map(|len| {
                    out.truncate(len);
                    out.extend(fragment.payload());
                    out.len()
                })
            }
        };
        Some(written.map(|len| out[..len].to_vec()))
    }

    #[test]
    fn the_first_packets_of_a_chromium_stream() {
        // chromium-h264-remb.pcap, frames 11 to 13 and 30: their first bytes, the first one whole. Types and sizes as
        // tshark 4.0.17 gives them.
        let sets = unhex("7800136742c0158c8d40a0cbcf350606060784423500000468ce3c80");
        let payload = parse(&sets);
        assert_eq!(payload.to_string(), "H264 STAP-A [SPS 19] [PPS 4]");
        assert!(payload.starts_key_frame() && !payload.starts_frame());
        assert_eq!(rewritten(payload), Some(Ok(sets.clone())));

        let first = unhex("7c85b80004000005388c5000");
        let payload = parse(&first);
        assert!(payload.starts_key_frame() && payload.starts_frame());
        assert_eq!(payload.to_string(), "H264 FU-A S IDR slice len=10");
        let Payload::Fragment(fragment) = payload else { panic!("{payload}") };
        assert_eq!(fragment.nal_header(), NalHeader(0x65));

        let last = unhex("7c45b65cf5f4a172748dcfe5");
        let payload = parse(&last);
        assert!(!payload.starts_key_frame() && !payload.starts_frame());
        assert_eq!(payload.to_string(), "H264 FU-A E IDR slice len=10");

        let slice = unhex("61e0004000be40539f9b");
        let payload = parse(&slice);
        assert!(payload.starts_frame() && !payload.starts_key_frame());
        assert_eq!(payload.to_string(), "H264 non-IDR slice 10");
    }

    // RFC 6184 section 5.7, figures 8, 10 and 11, filled in: two units each, the second of 2 bytes.
    const STAP_B: [u8; 12] = [0x79, 0x12, 0x34, 0, 3, 0x65, 0xB8, 0xAA, 0, 2, 0x68, 0xBB];
    const MTAP16: [u8; 18] =
        [0x7A, 0x12, 0x34, 0, 3, 1, 0x01, 0x02, 0x65, 0x38, 0xAA, 0, 2, 2, 0xFF, 0xFF, 0x68, 0xBB];
    const MTAP24: [u8; 20] = [
        0x7B, 0x12, 0x34, 0, 3, 1, 0x01, 0x02, 0x03, 0x65, 0xB8, 0xAA, 0, 2, 2, 0xFF, 0xFF, 0xFF,
        0x68, 0xBB,
    ];

    #[test]
    fn aggregation_packets_with_decoding_order_and_times() {
        let units = |bytes: &[u8]| {
            let Payload::Aggregation(packet) = parse(bytes) else { panic!("{bytes:?}") };
            assert_eq!(packet.don(), Some(0x1234));
            let units = packet.units();
            units.map(|u| (u.nal.as_bytes().len(), u.dond, u.timestamp_offset)).collect::<Vec<_>>()
        };
        assert_eq!(units(&STAP_B), [(3, 0, 0), (2, 0, 0)]);
        assert_eq!(units(&MTAP16), [(3, 1, 0x0102), (2, 2, 0xFFFF)]);
        assert_eq!(units(&MTAP24), [(3, 1, 0x01_0203), (2, 2, 0xFF_FFFF)]);
        assert!(parse(&STAP_B).starts_frame() && !parse(&MTAP16).starts_frame());
        assert!(parse(&MTAP16).starts_key_frame());
    }

    #[test]
    fn aggregation_packets_are_built_out_of_units() {
        for bytes in [&STAP_B[..], &MTAP16, &MTAP24, &[0x78, 0, 2, 0x67, 0x42, 0, 1, 0x68]] {
            let Payload::Aggregation(packet) = parse(bytes) else { panic!("{bytes:?}") };
            let units: Vec<_> = packet.units().collect();
            let list = UnitsBuilder::List(&units);
            let builder = AggregationBuilder { units: list, ..packet.into() };
            let mut out = [0; 20];
            assert_eq!(builder.write(&mut out), Ok(bytes.len()));
            assert_eq!(&out[..bytes.len()], bytes);
        }
    }

    #[test]
    fn an_fu_b_has_a_decoding_order_number() {
        let bytes = [0x7D, 0x85, 0x12, 0x34, 0xB8, 0xAA];
        let Payload::Fragment(fragment) = parse(&bytes) else { panic!("no fragment") };
        assert_eq!((fragment.don(), fragment.payload()), (Some(0x1234), &[0xB8, 0xAA][..]));
        assert_eq!(rewritten(parse(&bytes)), Some(Ok(bytes.to_vec())));
    }

    #[test]
    fn types_that_the_standard_leaves_undefined_are_kept() {
        for first in [0x60, 0x7E, 0x7F] {
            assert!(matches!(parse(&[first, 1]), Payload::Single(_)), "{first:#x}");
        }
        assert_eq!(parse(&[0x7F, 1]).to_string(), "H264 type 31 2");
    }

    #[test]
    fn refuses_every_truncation() {
        let fu_b = [0x7D, 0x85, 0x12, 0x34];
        // A packet may end behind a unit: a list without a count is whole there.
        for (whole, first_unit) in [(&STAP_B[..], 8), (&MTAP16, 11), (&MTAP24, 12), (&fu_b, 4)] {
            assert!(Payload::parse(whole).is_ok());
            for len in (0..whole.len()).filter(|&len| len != first_unit) {
                let error = Payload::parse(&whole[..len]).unwrap_err();
                assert!(matches!(error.kind.name(), "truncated" | "length"), "{len}: {error}");
                assert!(error.offset <= len, "{len}: {error}");
            }
        }
    }

    #[test]
    fn refuses_units_that_do_not_fit() {
        let error = Payload::parse(&[0x78, 0, 1, 0x67, 0, 3, 0x68, 0xCE]).unwrap_err();
        assert_eq!((error.field, error.offset), ("NAL unit", 6));
        assert_eq!(error.kind, ErrorKind::Length { found: 3, have: 2 });
        let error = Payload::parse(&[0x78, 0, 1, 0x67, 0, 0, 0x68]).unwrap_err();
        assert_eq!((error.field, error.offset), ("NALU size", 4));
        assert_eq!(error.kind, ErrorKind::Length { found: 0, have: 1 });
        let error = Payload::parse(&[0x78]).unwrap_err();
        assert_eq!((error.field, error.offset), ("NALU size", 1));
    }

    #[test]
    fn refuses_to_write_what_the_standard_forbids() {
        let refused = |field| Some(Err(BuildError::OutOfRange { field }));
        assert_eq!(rewritten(parse(&[0x7C, 0xC5, 1])), refused("FU header"), "S and E");
        assert_eq!(rewritten(parse(&[0x7D, 0x05, 1, 2])), refused("DON"), "FU-B without S");
        let refuses = |builder: AggregationBuilder<'_>, field| {
            assert_eq!(builder.write(&mut [0; 70_000]), Err(BuildError::OutOfRange { field }));
        };
        let of = |first, don, units| AggregationBuilder { header: NalHeader(first), don, units };
        let raw = UnitsBuilder::Raw(&[0, 1, 0x67]);
        refuses(of(0x67, None, raw), "payload header");
        refuses(of(0x78, Some(1), raw), "DON");
        refuses(of(0x79, None, raw), "DON");
        refuses(of(0x78, None, UnitsBuilder::default()), "number of NAL units");
        refuses(of(0x78, None, UnitsBuilder::Raw(&[])), "number of NAL units");
        let nal = |bytes| NalUnit::new(bytes).unwrap();
        let late = [AggregationUnit { nal: nal(&[0x67]), dond: 0, timestamp_offset: 0x1_0000 }];
        refuses(of(0x7A, Some(1), UnitsBuilder::List(&late)), "TS offset");
        refuses(of(0x78, None, UnitsBuilder::List(&late)), "TS offset");
        let long = std::vec![0x67; 65_536];
        let long = [AggregationUnit { nal: nal(&long), dond: 0, timestamp_offset: 0 }];
        refuses(of(0x78, None, UnitsBuilder::List(&long)), "NALU size");
    }

    #[cfg(feature = "serde")]
    #[test]
    fn json_has_the_names_of_the_standard() {
        let json = |bytes: &[u8]| serde_json::to_string(&parse(bytes)).unwrap();
        assert_eq!(
            json(&[0x65, 0xB8]),
            r#"{"forbidden_zero_bit":false,"nal_ref_idc":3,"nal_unit_type":5,"name":"IDR slice","size":2}"#
        );
        assert_eq!(
            json(&[0x7A, 0x12, 0x34, 0, 1, 1, 0, 2, 0x68]),
            r#"{"forbidden_zero_bit":false,"nal_ref_idc":3,"nal_unit_type":26,"name":"MTAP16","don":4660,"nal_units":[{"dond":1,"ts_offset":2,"forbidden_zero_bit":false,"nal_ref_idc":3,"nal_unit_type":8,"name":"PPS","size":1}]}"#
        );
        assert_eq!(
            json(&[0x7C, 0x85, 0xB8]),
            r#"{"forbidden_zero_bit":false,"nal_ref_idc":3,"nal_unit_type":28,"name":"FU-A","start":true,"end":false,"fragmented_nal_unit_type":5,"size":1}"#
        );
    }

    proptest! {
        #[test]
        fn any_payload_is_written_as_it_was_read(
            kind in 24u8..30,
            mut bytes in prop::collection::vec(prop_oneof![0u8..4, any::<u8>()], 1..60),
        ) {
            bytes[0] = bytes[0] & 0xE0 | kind;
            if let Ok(payload) = Payload::parse(&bytes) {
                // Fragments that the standard forbids are read, and not written.
                if let Some(Ok(written)) = rewritten(payload) {
                    prop_assert_eq!(written, bytes);
                }
            }
        }

        #[test]
        fn units_that_are_built_are_read(
            units in prop::collection::vec((prop::collection::vec(any::<u8>(), 1..9), any::<u8>(), 0u32..0x1_0000), 1..5),
            kind in 24u8..28,
        ) {
            let timed = kind > 25;
            let units: Vec<_> = units.iter().map(|(bytes, dond, offset)| AggregationUnit {
                nal: NalUnit::new(bytes).unwrap(),
                dond: if timed { *dond } else { 0 },
                timestamp_offset: if timed { *offset } else { 0 },
            }).collect();
            let builder = AggregationBuilder {
                header: NalHeader(kind),
                don: (kind != 24).then_some(7),
                units: UnitsBuilder::List(&units),
            };
            let mut out = std::vec![0; builder.encoded_len()];
            builder.write(&mut out).unwrap();
            let Payload::Aggregation(packet) = parse(&out) else { panic!("no aggregation") };
            prop_assert_eq!(packet.units().collect::<Vec<_>>(), &units[..]);
            prop_assert_eq!(packet.don(), builder.don);
        }
    }
}
