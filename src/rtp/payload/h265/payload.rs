//! RTP payload of H.265: which of its structures it is (RFC 7798 section 4.4).

use core::fmt;

use nom::Parser;

use super::aggregation::aggregation;
use super::fragment::fragment;
use super::nal::{nal_unit, nal_unit_with_don};
use super::paci::paci;
use super::{Aggregation, Fragment, NalHeader, NalUnit, NalUnitType, Paci};
use crate::error::{ParseError, Step, run};

const WHAT: &str = "H.265 payload";

/// An H.265 payload, read in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Payload<'a> {
    /// A whole NAL unit; also one of a type that RFC 7798 leaves undefined: 51 to 63.
    Single(NalUnit<'a>),
    /// Several of them.
    Aggregation(Aggregation<'a>),
    /// A part of one.
    Fragment(Fragment<'a>),
    /// Any of these, with information on it.
    Paci(Paci<'a>),
}

impl<'a> Payload<'a> {
    /// Reads an RTP payload without decoding order numbers: `sprop-max-don-diff` is 0 or not signalled.
    ///
    /// # Errors
    /// A payload cut short; a NAL unit in an aggregation packet that is shorter than its header or longer than what is
    /// left. An empty payload has no NAL unit: a packet that only probes for bandwidth.
    #[inline]
    pub fn parse(payload: &'a [u8]) -> Result<Self, ParseError> {
        run(WHAT, payload, h265_payload)
    }

    /// Reads an RTP payload with decoding order numbers (DONL, DOND): `sprop-max-don-diff` is above 0.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    #[inline]
    pub fn parse_with_don(payload: &'a [u8]) -> Result<Self, ParseError> {
        run(WHAT, payload, h265_payload_with_don)
    }

    /// The first two bytes: the header of the unit, or of the structure around it.
    #[inline]
    pub const fn header(&self) -> NalHeader {
        match self {
            Self::Single(unit) => unit.header,
            Self::Aggregation(packet) => packet.header(),
            Self::Fragment(fragment) => fragment.header(),
            Self::Paci(packet) => packet.header(),
        }
    }

    /// A picture begins here: the first bytes of its first slice segment. See [`NalUnit::starts_frame`].
    ///
    /// Parameter sets and SEI of the picture may come in packets before it, with the same timestamp.
    #[inline]
    pub fn starts_frame(&self) -> bool {
        match self {
            Self::Single(unit) => unit.starts_frame(),
            Self::Aggregation(packet) => packet.starts_frame(),
            Self::Fragment(fragment) => fragment.starts_frame(),
            Self::Paci(packet) => packet.starts_frame(),
        }
    }

    /// A decoder may begin here: the first bytes of a slice of an IRAP picture, or a video or sequence parameter set.
    #[inline]
    pub fn starts_key_frame(&self) -> bool {
        match self {
            Self::Single(unit) => unit.starts_key_frame(),
            Self::Aggregation(packet) => packet.starts_key_frame(),
            Self::Fragment(fragment) => fragment.starts_key_frame(),
            Self::Paci(packet) => packet.starts_key_frame(),
        }
    }
}

/// The type in the first byte.
#[inline]
fn kind(i: &[u8]) -> NalUnitType {
    NalUnitType(i.first().map_or(0, |first| first >> 1 & 0x3F))
}

/// All of `i`.
#[inline]
fn h265_payload(i: &[u8]) -> Step<'_, Payload<'_>> {
    match kind(i) {
        NalUnitType::AP => aggregation(false).map(Payload::Aggregation).parse(i),
        NalUnitType::FU => fragment(false).map(Payload::Fragment).parse(i),
        NalUnitType::PACI => paci.map(Payload::Paci).parse(i),
        _ => nal_unit.map(Payload::Single).parse(i),
    }
}

/// All of `i`.
#[inline]
fn h265_payload_with_don(i: &[u8]) -> Step<'_, Payload<'_>> {
    match kind(i) {
        NalUnitType::AP => aggregation(true).map(Payload::Aggregation).parse(i),
        NalUnitType::FU => fragment(true).map(Payload::Fragment).parse(i),
        NalUnitType::PACI => paci.map(Payload::Paci).parse(i),
        _ => nal_unit_with_don.map(Payload::Single).parse(i),
    }
}

/// One line: `H265 AP [VPS 23] [SPS 42] [PPS 7]`.
impl fmt::Display for Payload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Single(unit) => write!(f, "H265 {unit}"),
            Self::Aggregation(packet) => write!(f, "H265 {packet}"),
            Self::Fragment(fragment) => write!(f, "H265 {fragment}"),
            Self::Paci(packet) => write!(f, "H265 {packet}"),
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
            Self::Paci(packet) => packet.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec::Vec;

    use super::super::{AggregationBuilder, FragmentBuilder, Tsci, UnitsBuilder};
    use super::*;
    use crate::encode::Encode;
    use crate::error::{BuildError, ErrorKind};
    use crate::testing::unhex;

    fn parse(bytes: &[u8]) -> Payload<'_> {
        let payload = Payload::parse(bytes).unwrap();
        crate::testing::shows_any(&payload);
        payload
    }

    fn parse_with_don(bytes: &[u8]) -> Payload<'_> {
        Payload::parse_with_don(bytes).unwrap()
    }

    /// What the builder of a view writes.
    fn rewritten(payload: Payload<'_>) -> Result<Vec<u8>, BuildError> {
        let mut out = std::vec![0; 100];
        let len = match payload {
            Payload::Single(unit) => unit.write(&mut out)?,
            Payload::Aggregation(packet) => AggregationBuilder::from(packet).write(&mut out)?,
            Payload::Paci(packet) => packet.write(&mut out)?,
            Payload::Fragment(fragment) => {
                let len = FragmentBuilder::from(fragment).write(&mut out)?;
                out.truncate(len);
                out.extend(fragment.payload());
                out.len()
            }
        };
        out.truncate(len);
        Ok(out)
    }

    #[test]
    fn the_first_packets_of_an_ffmpeg_stream() {
        // ffmpeg-many-codecs-ipv6.pcap, port 6060, frames 421 to 423: their first bytes. Types as tshark 4.0.17 gives
        // them.
        let sets = unhex(
            "6001001740010c01ffff0408000003009e0800000300003c959409002c4201010408000003009e0800000300003c90014101e2cb2b2a5261780b7020200040000003004000000303c200084401c07318301890",
        );
        let payload = parse(&sets);
        assert_eq!(payload.to_string(), "H265 AP [VPS 23] [SPS 44] [PPS 8]");
        assert!(payload.starts_key_frame() && !payload.starts_frame());
        assert_eq!(rewritten(payload), Ok(sets.clone()));

        let first = unhex("6201a705ffffffffffffff");
        assert_eq!(parse(&first).to_string(), "H265 FU S PREFIX_SEI len=8");
        assert!(!parse(&first).starts_frame() && !parse(&first).starts_key_frame());
        let middle = unhex("6201277570206e6f");
        assert_eq!(parse(&middle).to_string(), "H265 FU PREFIX_SEI len=5");
    }

    // RFC 7798 figure 8 filled in: DONL, two units, DOND.
    const AP_DON: [u8; 16] =
        [0x60, 0x01, 0xFF, 0xFF, 0, 3, 0x40, 0x01, 0x0C, 4, 0, 4, 0x26, 0x01, 0x80, 0xAA];
    // RFC 7798 figures 11 and 13 filled in: F=0, LayerId 1, TID 2, A=0, cType=19, PHSsize=3, F0=1; TSCI; a slice.
    const PACI: [u8; 9] = [0x64, 0x0A, 0x26, 0x38, 0xFE, 0x07, 0x80, 0x80, 0xAA];

    #[test]
    fn decoding_order_numbers_where_told() {
        let Payload::Aggregation(packet) = parse_with_don(&AP_DON) else { panic!("no AP") };
        let units: Vec<_> = packet.units().map(|unit| (unit.don, unit.size())).collect();
        // DON = DON of the unit before + DOND + 1, modulo 2^16.
        assert_eq!(units, [(Some(65_535), 3), (Some(4), 4)]);
        assert!(packet.starts_frame() && packet.starts_key_frame());
        let list: Vec<_> = packet.units().collect();
        let builder = AggregationBuilder { units: UnitsBuilder::List(&list), ..packet.into() };
        let mut out = [0; AP_DON.len()];
        assert_eq!(builder.write(&mut out), Ok(AP_DON.len()));
        assert_eq!(out, AP_DON);

        let single = [0x26, 0x01, 0x12, 0x34, 0x80];
        let payload = parse_with_don(&single);
        let Payload::Single(unit) = payload else { panic!("{payload}") };
        assert_eq!((unit.don, unit.payload), (Some(0x1234), &[0x80][..]));
        assert_eq!(rewritten(payload), Ok(single.to_vec()));

        let first = [0x62, 0x01, 0x93, 0x12, 0x34, 0x80];
        let payload = parse_with_don(&first);
        let Payload::Fragment(fragment) = payload else { panic!("{payload}") };
        assert_eq!((fragment.don(), fragment.payload()), (Some(0x1234), &[0x80][..]));
        assert_eq!(rewritten(payload), Ok(first.to_vec()));
        let Payload::Fragment(next) = parse_with_don(&[0x62, 0x01, 0x13, 0x12]) else { panic!() };
        assert_eq!((next.don(), next.payload()), (None, &[0x12][..]));
    }

    #[test]
    fn content_information_of_a_slice() {
        let payload = parse(&PACI);
        let Payload::Paci(packet) = payload else { panic!("{payload}") };
        assert_eq!((packet.header().layer_id(), packet.header().temporal_id()), (1, 1));
        assert_eq!(packet.content_type(), NalUnitType::IDR_W_RADL);
        assert_eq!(packet.content_header(), NalHeader([0x26, 0x0A]));
        assert_eq!((packet.phes().len(), packet.reserved()), (3, 0));
        let tsci = Tsci { tl0picidx: 0xFE, irap_pic_id: 7, start: true, end: false, reserved: 0 };
        assert_eq!(packet.tsci(), Some(tsci));
        assert!(packet.starts_frame() && packet.starts_key_frame());
        assert_eq!(packet.payload(), [0x80, 0xAA]);
        assert_eq!(payload.to_string(), "H265 PACI IDR_W_RADL phes=3 len=2");
        // cType FU: its first fragment, then another.
        let of = |fu_header| {
            let bytes = [0x64, 0x01, 0x62, 0x00, fu_header, 0x80];
            (parse(&bytes).starts_frame(), parse(&bytes).starts_key_frame())
        };
        assert_eq!((of(0x93), of(0x13), of(0x81)), ((true, true), (false, false), (true, false)));
    }

    #[test]
    fn types_that_the_standard_leaves_undefined_are_kept() {
        let payload = parse(&[0x7E, 0x01, 9]);
        assert!(matches!(payload, Payload::Single(_)));
        assert_eq!(payload.to_string(), "H265 type 63 3");
    }

    #[test]
    fn refuses_every_truncation() {
        let fu = [0x62, 0x01, 0x93, 0x12, 0x34];
        // A packet may end behind a unit: a list without a count is whole there.
        for (whole, least) in [(&AP_DON[..], 9), (&PACI, 7), (&fu, 5), (&[0x26, 0x01, 1, 2], 4)] {
            assert!(Payload::parse_with_don(whole).is_ok());
            let ap = whole[0] == 0x60;
            let whole_too = |len: usize| len == least || (!ap && len > least);
            for len in (0..whole.len()).filter(|&len| !whole_too(len)) {
                let error = Payload::parse_with_don(&whole[..len]).unwrap_err();
                assert!(matches!(error.kind.name(), "truncated" | "length"), "{len}: {error}");
                assert!(error.offset <= len, "{len}: {error}");
            }
        }
    }

    #[test]
    fn refuses_units_that_do_not_fit() {
        let refused = |bytes: &[u8], field, offset, kind| {
            let error = Payload::parse(bytes).unwrap_err();
            assert_eq!((error.field, error.offset, error.kind), (field, offset, kind), "{error}");
        };
        let cut = |need, have| ErrorKind::Truncated { need, have };
        refused(&[], "NAL unit header", 0, cut(2, 0));
        refused(&[0x60, 1], "NALU size", 2, cut(2, 0));
        refused(&[0x60, 1, 0, 1, 0x40], "NAL unit header", 4, cut(2, 1));
        let length = ErrorKind::Length { found: 3, have: 2 };
        refused(&[0x60, 1, 0, 3, 0x40, 1], "NAL unit", 4, length);
        refused(&[0x64, 1, 0x27, 0xF0], "PHES", 4, ErrorKind::Length { found: 31, have: 0 });
    }

    #[test]
    fn refuses_to_write_what_the_standard_forbids() {
        let refused = |field| Err(BuildError::OutOfRange { field });
        assert_eq!(rewritten(parse(&[0x62, 1, 0xD3])), refused("FU header"), "S and E");
        let don = FragmentBuilder { don: Some(1), ..Default::default() };
        assert_eq!(don.write(&mut [0; 9]), Err(BuildError::OutOfRange { field: "DONL" }));
        let refuses = |header, units: &[NalUnit<'_>], field| {
            let units = UnitsBuilder::List(units);
            let error = Err(BuildError::OutOfRange { field });
            assert_eq!(AggregationBuilder { header, units }.write(&mut [0; 70_000]), error);
        };
        let header = NalHeader::new(NalUnitType::AP, 0, 0).unwrap();
        let unit = NalUnit { header: NalHeader([0x40, 1]), don: None, payload: &[] };
        refuses(unit.header, &[unit; 2], "payload header");
        refuses(header, &[], "number of NAL units");
        refuses(header, &[unit], "number of NAL units");
        let with = |don| NalUnit { don: Some(don), ..unit };
        refuses(header, &[unit, with(1)], "DON");
        refuses(header, &[with(1), unit], "DON");
        refuses(header, &[with(1), with(1)], "DON");
        refuses(header, &[with(1), with(258)], "DON");
        let long = std::vec![0; 65_534];
        refuses(header, &[unit, NalUnit { payload: &long, ..unit }], "NALU size");
    }

    #[cfg(feature = "serde")]
    #[test]
    fn json_has_the_names_of_the_standard() {
        let json = |payload: Payload<'_>| serde_json::to_string(&payload).unwrap();
        assert_eq!(
            json(parse(&[0x62, 1, 0x93, 0x80])),
            r#"{"forbidden_zero_bit":false,"nal_unit_type":49,"name":"FU","nuh_layer_id":0,"nuh_temporal_id_plus1":1,"start":true,"end":false,"fu_type":19,"size":1}"#
        );
        assert_eq!(
            json(parse_with_don(&AP_DON[..9])),
            r#"{"forbidden_zero_bit":false,"nal_unit_type":48,"name":"AP","nuh_layer_id":0,"nuh_temporal_id_plus1":1,"nal_units":[{"forbidden_zero_bit":false,"nal_unit_type":32,"name":"VPS","nuh_layer_id":0,"nuh_temporal_id_plus1":1,"don":65535,"size":3}]}"#
        );
        assert_eq!(
            json(parse(&PACI)),
            r#"{"forbidden_zero_bit":false,"nal_unit_type":50,"name":"PACI","nuh_layer_id":1,"nuh_temporal_id_plus1":2,"a":false,"c_type":19,"phes":"fe0780","tl0picidx":254,"irap_pic_id":7,"start":true,"end":false,"size":2}"#
        );
    }

    proptest! {
        #[test]
        fn any_payload_is_written_as_it_was_read(
            kind in 45u8..53,
            with_don in any::<bool>(),
            mut bytes in prop::collection::vec(prop_oneof![0u8..4, any::<u8>()], 1..60),
        ) {
            bytes[0] = bytes[0] & 0x81 | kind << 1;
            let parse = if with_don { Payload::parse_with_don } else { Payload::parse };
            if let Ok(payload) = parse(&bytes) {
                // Fragments that the standard forbids are read, and not written.
                if let Ok(written) = rewritten(payload) {
                    prop_assert_eq!(&written, &bytes);
                }
            }
        }

        #[test]
        fn units_that_are_built_are_read(
            units in prop::collection::vec((any::<[u8; 2]>(), prop::collection::vec(any::<u8>(), 0..9), 1u16..257), 2..5),
            first in prop::option::of(any::<u16>()),
        ) {
            let mut don = first;
            let units: Vec<_> = units.iter().map(|(header, payload, step)| {
                let unit = NalUnit { header: NalHeader(*header), don, payload };
                don = don.map(|don| don.wrapping_add(*step));
                unit
            }).collect();
            let header = NalHeader::new(NalUnitType::AP, 0, 0).unwrap();
            let builder = AggregationBuilder { header, units: UnitsBuilder::List(&units) };
            let mut out = std::vec![0; builder.encoded_len()];
            builder.write(&mut out).unwrap();
            let payload = if first.is_some() { parse_with_don(&out) } else { parse(&out) };
            let Payload::Aggregation(packet) = payload else { panic!("no AP") };
            prop_assert_eq!(packet.units().collect::<Vec<_>>(), &units[..]);
        }
    }
}
