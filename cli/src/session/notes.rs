//! What is said of an RTP packet beyond its own fields.

use std::fmt::{self, Write};

use mediawire::rtp;
use serde::ser::{Error, Serialize, Serializer};
use serde_json::{Map, Value};

use super::Marks;
use super::payload::Payload;

/// Additions to the fields of an RTP packet.
#[derive(Clone, Debug, Default)]
pub(crate) struct RtpNotes {
    /// One for each element; `None` where its identifier stands for nothing that is known.
    pub(super) elements: Vec<Option<ElementNote>>,
    pub(super) payload: Payload,
}

/// An element of the header extension.
#[derive(Clone, Debug, Default)]
pub(crate) struct ElementNote {
    pub(super) name: String,
    pub(super) is_encrypted: bool,
    pub(super) value: Option<Value>,
    /// The rule that the data breaks.
    pub(super) error: Option<&'static str>,
}

/// The fields of a message, those of the notes among them.
pub(crate) fn serialize<S: Serializer>(
    fields: &impl Serialize,
    add: impl FnOnce(&mut Map<String, Value>),
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut value = serde_json::to_value(fields).map_err(S::Error::custom)?;
    if let Value::Object(fields) = &mut value {
        add(fields);
    }
    value.serialize(serializer)
}

/// Calls `each` with the objects of a list that is a field, and their notes.
fn for_each<N>(
    fields: &mut Map<String, Value>,
    name: &str,
    notes: &[N],
    each: impl Fn(&mut Map<String, Value>, &N),
) {
    let list = fields.get_mut(name).and_then(Value::as_array_mut);
    for (item, note) in list.into_iter().flatten().zip(notes) {
        if let Value::Object(item) = item {
            each(item, note);
        }
    }
}

impl RtpNotes {
    pub(crate) fn serialize<S: Serializer>(
        &self,
        packet: &rtp::Packet<'_>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let add = |fields: &mut Map<String, Value>| {
            for_each(fields, "extension_elements", &self.elements, |element, note| {
                let Some(note) = note else { return };
                element.insert("name".into(), note.name.as_str().into());
                if note.is_encrypted {
                    element.insert("encrypted".into(), true.into());
                }
                if let Some(value) = &note.value {
                    element.insert("value".into(), value.clone());
                }
                if let Some(error) = note.error {
                    element.insert("error".into(), error.into());
                }
            });
            fields.extend(self.payload.fields.clone());
        };
        serialize(packet, add, serializer)
    }

    /// The line for people: that of the packet, with names in place of numbers.
    pub(crate) fn line(&self, packet: &rtp::Packet<'_>) -> String {
        let mut line = packet.to_string();
        if let Some(name) = &self.payload.name {
            let number = format!("RTP pt={}", packet.payload_type().0);
            if let Some(rest) = line.strip_prefix(&number) {
                // A static one has its name there already.
                let rest = rest.split_once(" (").filter(|_| rest.starts_with(" ("));
                let rest = rest.and_then(|(_, rest)| rest.split_once(')')).map(|(_, rest)| rest);
                let rest = rest.or_else(|| line.strip_prefix(&number)).unwrap_or_default();
                line = format!("{number} ({}){rest}", Plain(name));
            }
        }
        if !self.elements.is_empty()
            && let Some((front, _)) = line.split_once(" ext=[")
        {
            let mut named = format!("{front} ext=[");
            for (index, (element, note)) in packet.elements().zip(&self.elements).enumerate() {
                named.push_str(if index == 0 { "" } else { "," });
                // Writing to a String does not fail.
                let _ = match note {
                    Some(note) => write!(named, "{}", Plain(&note.name)),
                    None => write!(named, "{}", element.id),
                };
            }
            named.push(']');
            line = named;
        }
        line + &self.payload.text
    }
}

/// Text of a description, kept to its line.
struct Plain<'a>(&'a str);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|char| match char.is_control() {
            true => write!(f, "{}", char.escape_default()),
            false => f.write_char(char),
        })
    }
}

impl Marks {
    pub(crate) fn serialize<S: Serializer>(
        &self,
        message: &impl Serialize,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let add = |fields: &mut Map<String, Value>| {
            for_each(fields, "attributes", &self.0, |attribute, mark| {
                if let Some((_, valid)) = mark.checked {
                    attribute.insert("valid".into(), valid.into());
                }
                if mark.is_unprotected {
                    attribute.insert("unprotected".into(), true.into());
                }
            });
        };
        serialize(message, add, serializer)
    }
}

/// What stands behind the line of a message: ` [MI valid]`.
impl fmt::Display for Marks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, valid) in self.0.iter().filter_map(|mark| mark.checked) {
            write!(f, " [{name} {}]", if valid { "valid" } else { "INVALID" })?;
        }
        Ok(())
    }
}
