//! The registries of STUN and TURN, row by row: every row has its name, and a reader and a writer for values built out of
//! the row's own layout. The tables are those of `tests/registry/`; how they are to be read says its README.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)] // a test may panic

use mediawire::stun::unregistered::{Dialect, Value};
use mediawire::stun::{
    AddressFamily, Attribute, AttributeType, AttributeValue, Class, Code, ErrorCode, MAGIC_COOKIE,
    Message, MessageWriter, Method, Nonce, PasswordAlgorithm, PasswordAlgorithmId, SecurityFeature,
    SecurityFeatures, TransactionId,
};
use mediawire::{BuildError, Sink};

type Row = std::collections::HashMap<String, String>;

fn rows(table: &str) -> Vec<Row> {
    let path = format!("{}/tests/registry/{table}.csv", env!("CARGO_MANIFEST_DIR"));
    let rows: Vec<Row> =
        csv::Reader::from_path(path).unwrap().deserialize().map(Result::unwrap).collect();
    assert!(!rows.is_empty());
    rows
}

/// A number in decimal, hexadecimal or binary.
fn number(text: &str) -> u16 {
    for (prefix, radix) in [("0x", 16), ("0b", 2)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            return u16::from_str_radix(digits, radix).unwrap();
        }
    }
    text.parse().unwrap()
}

/// The name without what the table says about it in parentheses; none if it is all in parentheses.
fn name(row: &Row) -> Option<&str> {
    let name = row["name"].split(" (").next().unwrap();
    (!name.starts_with('(')).then_some(name)
}

/// The values that a row stands for: one, or a range.
fn values(row: &Row) -> std::ops::RangeInclusive<u16> {
    let (first, last) = row["value"].split_once('-').unwrap_or((&row["value"], &row["value"]));
    number(first)..=number(last)
}

/// Bits, one after the other.
#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    fn push(&mut self, value: u64, width: usize) {
        self.0.extend((0..width).rev().map(|bit| bit < 64 && value >> bit & 1 == 1));
    }

    fn bytes(&self) -> Vec<u8> {
        assert_eq!(self.0.len() % 8, 0, "whole bytes");
        let byte = |bits: &[bool]| bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
        self.0.chunks(8).map(byte).collect()
    }
}

/// A value of `len` bytes by the row's layout: fields that must be so are so, what is reserved is 0, anything else is
/// a pattern that tells its bytes apart.
fn build(row: &Row, len: usize) -> Vec<u8> {
    let layout = match row["value_layout"].as_str() {
        "unknown" => "bytes:variable",
        known => known,
    };
    let mut bits = Bits::default();
    let mut pattern = 0x1D_u8; // not 0, not all ones, and below 0x80 where a sign or a top bit would matter
    // "N x {a:16; b:16}" and "N x a:16": the group over and over; a group with a part that varies takes all at once.
    let repeated = layout.starts_with("N x ");
    let layout = layout.trim_start_matches("N x ").trim_start_matches('{').trim_end_matches('}');
    while bits.0.len() < len * 8 {
        for field in layout.split("; ").filter(|field| field.contains(':')) {
            let (name, width) = field.split_once(':').unwrap();
            let left = len * 8 - bits.0.len();
            // "32|128", "128..256" and "variable" are what is left.
            let fixed: Option<usize> = width.split(' ').next().unwrap().parse().ok();
            // Bytes of whatever length are possible where the layout gives the usual one.
            let fixed = fixed.filter(|_| row["value_type"] != "bytes" || layout.contains("; "));
            let value = match name.trim_start_matches('{') {
                "zero" | "reserved" | "rffu" | "padding" if fixed.is_some() => Some(0),
                "family" if len == 20 => Some(2),
                "family" => Some(1),
                "class" => Some(4),
                "number" => Some(38),
                "channel" => Some(0x4A5A),
                "cookie" => Some(0x72c6_4bc6),
                "nonce_length" => Some(if len > 8 { 5 } else { 0 }),
                "parameters_length" => Some(u64::try_from(left / 8 - 2).unwrap()),
                _ => None,
            };
            match (value, fixed) {
                (_, Some(width)) if width > left => break, // RESPONSE-PORT of 2 bytes
                (Some(value), Some(width)) => bits.push(value, width),
                (None, Some(width)) if width <= 64 => {
                    bits.push(u64::from_be_bytes([pattern; 8]) >> (64 - width), width);
                }
                (_, width) => {
                    let text = matches!(
                        row["value_type"].as_str(),
                        "utf8" | "error_code" | "address_error_code"
                    );
                    for _ in 0..width.unwrap_or(left).min(left) / 8 {
                        bits.push(if text { b'a'.into() } else { pattern.into() }, 8);
                        pattern = pattern.wrapping_add(1) & 0x7F;
                    }
                }
            }
            pattern = pattern.wrapping_add(0x11) & 0x7F;
            if name == "nonce_length" && len > 8 {
                bits.push(0x01_02_03_04_05, 40);
            }
        }
        assert!(repeated || bits.0.len() == len * 8, "{row:?}: {} bits", bits.0.len());
    }
    let bytes = bits.bytes();
    assert_eq!(bytes.len(), len, "{row:?}");
    bytes
}

/// The lengths to try: of the shortest and the longest value that is read, and the longest that a sender may write.
fn lengths(row: &Row) -> Vec<usize> {
    let [min, max] = ["min_len", "max_len"].map(|column| row[column].parse::<usize>().unwrap());
    let mut lengths = vec![min, max];
    for (rule, limit) in [("fewer than 509 octets", 508), ("fewer than 128 characters", 127)] {
        if row["value_layout"].contains(rule) {
            lengths.push(limit);
        }
    }
    if row["value_layout"].contains("reason:variable") {
        lengths.push(4 + 127);
    }
    lengths
}

/// A message with one attribute.
fn message(attribute_type: u16, value: &[u8]) -> Vec<u8> {
    let padded = value.len().next_multiple_of(4);
    let mut bytes = vec![0, 1];
    bytes.extend(u16::try_from(padded + 4).unwrap().to_be_bytes());
    bytes.extend(MAGIC_COOKIE.to_be_bytes());
    bytes.extend(b"abcdefghijkl");
    bytes.extend(attribute_type.to_be_bytes());
    bytes.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
    bytes.extend(value);
    bytes.resize(24 + padded, 0);
    bytes
}

/// A function that writes a value.
type Write<'a> = dyn Fn(&mut Sink<'_>, &[u8; 16]) -> Result<(), BuildError> + 'a;

/// Reads values of every length that the row allows, and writes them back. `read` gives the value's length and writer.
fn read_and_write(row: &Row, read: impl Fn(&Attribute<'_>, &mut dyn FnMut(usize, &Write<'_>))) {
    let attribute_type = number(&row["value"]);
    let [min, max] = ["min_len", "max_len"].map(|column| row[column].parse::<usize>().unwrap());
    let mut written_back = 0;
    for len in lengths(row) {
        let value = build(row, len);
        let bytes = message(attribute_type, &value);
        let message = Message::parse(&bytes).unwrap_or_else(|error| panic!("{row:?}: {error}"));
        let attribute = message.attributes().next().unwrap();
        assert_eq!((attribute.attribute_type().0, attribute.value()), (attribute_type, &value[..]));
        let id = message.rfc3489_transaction_id();
        read(&attribute, &mut |value_len, write| {
            let mut out = vec![0xFF; value_len];
            match write(&mut Sink::new(&mut out), id) {
                // RESPONSE-PORT is read with 2 bytes and written with 4.
                Ok(()) if row["name"] == "RESPONSE-PORT" => assert_eq!(out[..len], value),
                Ok(()) => assert_eq!(out, value, "{row:?}"),
                // Longer than a sender may make it.
                Err(error) if len == max && len > 127 => {
                    assert!(matches!(error, BuildError::OutOfRange { .. }), "{row:?}: {error}");
                    return;
                }
                Err(error) => panic!("{row:?}, {len} bytes: {error}"),
            }
            written_back += 1;
        });
        // As bytes it is written whatever it holds.
        let mut out = vec![0xFF; bytes.len()];
        let id = message.transaction_id();
        let mut writer = MessageWriter::request(&mut out, Method::BINDING, id).unwrap();
        writer.push_attribute(&attribute).unwrap();
        assert_eq!(writer.as_bytes(), bytes, "{row:?}");
    }
    assert!(written_back >= if min == max { 1 } else { 2 }, "{row:?}: {written_back} written");
}

#[test]
fn every_registered_attribute_has_a_name_a_reader_and_a_writer() {
    let mut named = Vec::new();
    for row in rows("stun_attributes") {
        let Some(name) = name(&row) else {
            for value in values(&row) {
                assert_eq!(AttributeType(value).name(), None, "{row:?}");
            }
            continue;
        };
        let attribute_type = AttributeType(number(&row["value"]));
        assert_eq!(attribute_type.name(), Some(name));
        let required = row["comprehension"] == "required";
        assert_eq!(attribute_type.is_comprehension_required(), required, "{row:?}");
        assert!(AttributeType::TYPED.contains(&attribute_type), "{name} has no type");
        read_and_write(&row, |attribute, written| {
            let value = attribute.decode().unwrap_or_else(|error| panic!("{row:?}: {error}"));
            assert!(!matches!(value, AttributeValue::Other(_)), "{name} is not read");
            written(value.value_len(), &|out, id| value.encode(out, id));
        });
        named.push(attribute_type);
    }
    assert_eq!(named, AttributeType::TYPED, "in the registry's order, and no others");
}

const DIALECTS: [Dialect; 4] =
    [Dialect::Microsoft, Dialect::Google, Dialect::Coturn, Dialect::Drafts];

/// Reads and writes a row's values in the dialects that have a number under a name.
fn in_dialects(row: &Row, name: &str) {
    let attribute_type = AttributeType(number(&row["value"]));
    let speak = |dialect: &Dialect| dialect.name(attribute_type) == Some(name);
    let dialects: Vec<_> = DIALECTS.into_iter().filter(speak).collect();
    assert!(!dialects.is_empty(), "{name} is in no dialect");
    for dialect in dialects {
        read_and_write(row, |attribute, written| {
            let value =
                dialect.decode(attribute).unwrap_or_else(|error| panic!("{row:?}: {error}"));
            assert!(!matches!(value, Value::Other(_)), "{name} is not read");
            written(value.value_len(), &|out, id| value.encode(out, id));
        });
    }
}

#[test]
fn every_unregistered_attribute_has_a_name_a_reader_and_a_writer_in_some_dialect() {
    let table = rows("stun_attributes_unregistered");
    for row in &table {
        in_dialects(row, name(row).unwrap());
    }
    // Reserved numbers of old drafts.
    let mut was = 0;
    for row in rows("stun_attributes") {
        if let Some(name) = row["name"].strip_prefix("(reserved, was ") {
            in_dialects(&row, name.trim_end_matches(')'));
            was += 1;
        }
    }
    assert_eq!(was, 2);
    // And there is nothing in the dialects that no table has, but for coturn's old number.
    for number in 0..=0xFFFF {
        for dialect in DIALECTS {
            let Some(found) = dialect.name(AttributeType(number)) else { continue };
            let row = table
                .iter()
                .any(|row| self::number(&row["value"]) == number && name(row) == Some(found));
            let known = matches!((number, found), (0x0021, "TIMER-VAL"))
                || (dialect, number) == (Dialect::Coturn, 0x8032);
            assert!(row || known, "{dialect:?} {number:#06x} {found}");
        }
    }
}

#[test]
fn every_method_has_a_name_and_is_read_and_written_in_every_class() {
    for row in rows("stun_methods") {
        for value in values(&row) {
            let method = Method(value);
            assert_eq!(method.name(), name(&row), "{row:?}");
            for class in
                [Class::Request, Class::Indication, Class::SuccessResponse, Class::ErrorResponse]
            {
                let mut buffer = [0; 20];
                let id = TransactionId(*b"abcdefghijkl");
                MessageWriter::new(&mut buffer, class, method, id).unwrap();
                let message = Message::parse(&buffer).unwrap();
                assert_eq!((message.class(), message.method()), (class, method));
            }
        }
    }
    assert_eq!(Method::SHARED_SECRET, Method(2));
}

#[test]
fn every_error_code_has_a_name_and_is_read_and_written() {
    let mut named = Vec::new();
    let request = message(0x8022, b"test");
    let request = Message::parse(&request).unwrap();
    for row in rows("stun_error_codes") {
        let code = Code(number(&row["code"]));
        assert_eq!(code.name(), Some(row["name"].as_str()));
        let mut buffer = [0; 128];
        let len = MessageWriter::error(&mut buffer, &request, code).unwrap().finish();
        let response = Message::parse(&buffer[..len]).unwrap();
        let error: ErrorCode<'_> = response.get().unwrap().unwrap();
        assert_eq!((error.code, error.reason_str()), (code, Ok(row["name"].as_str())));
        named.push(code);
    }
    let all = (0..=u16::MAX).map(Code).filter(|code| code.name().is_some());
    named.sort();
    assert!(all.eq(named));
}

#[test]
fn every_row_of_the_smaller_registries() {
    let mut seen = 0;
    for row in rows("stun_subregistries") {
        let known = name(&row);
        match row["registry"].as_str() {
            "Security features (nonce cookie bit)" => {
                for value in values(&row) {
                    let feature = SecurityFeature(u8::try_from(value).unwrap());
                    assert_eq!(feature.name(), known, "{row:?}");
                    let features = SecurityFeatures::NONE.with(feature);
                    assert_eq!(features.bits(), 1 << value);
                    let cookie = features.cookie();
                    let read = Nonce(&cookie).security_features().unwrap();
                    assert!(read.contains(feature));
                }
            }
            "Password algorithms" => {
                for value in values(&row) {
                    let algorithm = PasswordAlgorithmId(value);
                    assert_eq!(algorithm.name(), known, "{row:?}");
                    let bytes = message(0x001D, &[value.to_be_bytes(), [0; 2]].concat());
                    let chosen = Message::parse(&bytes).unwrap().get().unwrap();
                    assert_eq!(chosen, Ok(PasswordAlgorithm::new(algorithm)));
                }
            }
            "Message class" => {
                let mut buffer = [0; 20];
                let bits = number(&row["value"]);
                let first = u16::to_be_bytes((bits & 2) << 7 | (bits & 1) << 4 | 1);
                buffer[..8].copy_from_slice(&[first[0], first[1], 0, 0, 0x21, 0x12, 0xA4, 0x42]);
                let message = Message::parse(&buffer).unwrap();
                assert_eq!(message.class().to_string(), row["name"]);
                let mut written = [0; 20];
                let id = message.transaction_id();
                MessageWriter::new(&mut written, message.class(), Method::BINDING, id).unwrap();
                assert_eq!(written, buffer);
            }
            "Address family" => {
                let family =
                    AddressFamily::from_number(u8::try_from(number(&row["value"])).unwrap())
                        .unwrap();
                assert_eq!(family.name(), row["name"].to_lowercase());
                assert_eq!(u16::from(family.number()), number(&row["value"]));
            }
            other => panic!("nothing reads {other}"),
        }
        seen += 1;
    }
    assert_eq!(seen, 13);
}

#[test]
fn the_test_builds_the_layouts_as_they_are_written() {
    let row = |layout: &str, value_type: &str| {
        let columns = [("value_layout", layout), ("value_type", value_type)];
        Row::from(columns.map(|(column, value)| (column.to_owned(), value.to_owned())))
    };
    let flags = row("zero:29; change_ip:1; change_port:1; zero:1", "flags32");
    assert_eq!(build(&flags, 4)[..3], [0; 3]);
    let address = row("zero:8; family:8 (1 IPv4, 2 IPv6); port:16; address:32|128", "address");
    assert_eq!((build(&address, 8)[..2].to_vec(), build(&address, 20)[1]), (vec![0, 1], 2));
    let list = row("N x type:16", "u16_list");
    assert_eq!((build(&list, 0).len(), build(&list, 6).len()), (0, 6));
    assert_eq!(build(&row("text:variable", "utf8"), 3), b"aaa");
}
