//! Every field, one a line, made of the same data as the JSON.

use std::io::{self, Write};

use serde_json::Value;

use super::json::Line;
use super::{Head, Object, Stamp};

pub(super) fn write(
    out: &mut Vec<u8>,
    stamp: &mut Stamp,
    head: &Head<'_>,
    object: &Object<'_>,
    payload: bool,
) -> io::Result<()> {
    let value = serde_json::to_value(Line::new(stamp, head, object, payload))?;
    let mut path = String::from("    ");
    fields(out, &mut path, &value)?;
    out.push(b'\n');
    Ok(())
}

/// The fields of an object with their paths: `report_blocks[0].ssrc: 7`.
fn fields(out: &mut Vec<u8>, path: &mut String, value: &Value) -> io::Result<()> {
    let len = path.len();
    match value {
        Value::Object(entries) => {
            for (name, value) in entries {
                if path.ends_with(|last| last != ' ') {
                    path.push('.');
                }
                path.push_str(name);
                fields(out, path, value)?;
                path.truncate(len);
            }
            Ok(())
        }
        // Numbers and the like fit on a line.
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            for (index, item) in items.iter().enumerate() {
                path.push_str(&format!("[{index}]"));
                fields(out, path, item)?;
                path.truncate(len);
            }
            Ok(())
        }
        Value::Array(items) => {
            write!(out, "{path}:")?;
            for (index, item) in items.iter().enumerate() {
                out.extend(if index == 0 { &b" "[..] } else { b", " });
                scalar(out, item)?;
            }
            out.push(b'\n');
            Ok(())
        }
        value => {
            write!(out, "{path}: ")?;
            scalar(out, value)?;
            out.push(b'\n');
            Ok(())
        }
    }
}

/// Text without quotes; what could leave its line or steer a terminal as an escape.
fn scalar(out: &mut Vec<u8>, value: &Value) -> io::Result<()> {
    let Value::String(text) = value else { return write!(out, "{value}") };
    for char in text.chars() {
        if char.is_control() {
            write!(out, "{}", char.escape_default())?;
        } else {
            write!(out, "{char}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_fields_have_paths_and_text_stays_on_its_line() {
        let value = serde_json::json!({
            "frame": 1,
            "src": {"address": "::1", "port": 9},
            "list": [{"a": [1, 2], "b": []}, {"a": true}],
            "value": "x\u{1b}[2J\n",
        });
        let mut out = Vec::new();
        fields(&mut out, &mut "  ".to_owned(), &value).unwrap();
        let expected = "  frame: 1\n  src.address: ::1\n  src.port: 9\n  list[0].a: 1, 2\n  \
                        list[0].b:\n  list[1].a: true\n  value: x\\u{1b}[2J\\n\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
