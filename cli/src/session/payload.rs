//! The headers of payloads, by the format that their payload type stands for.

use std::fmt::{Display, Write};

use mediawire::ParseError;
use mediawire::rtp::payload::{av1, h264, h265, opus, vp8, vp9};
use mediawire::rtp::{self, ComfortNoise, FlexFec, Red, Rtx, TelephoneEvents, UlpFec};
use serde::Serialize;
use serde_json::{Map, Value};

use super::media::value;
use super::sdp::Format;

/// How deep payloads are looked for inside payloads: a retransmission of RED of something.
const MAX_DEPTH: u8 = 3;

/// What payload types stand for.
pub(super) trait Formats {
    fn format(&self, payload_type: u8) -> Option<Format>;
}

/// What is known of a payload.
#[derive(Clone, Debug, Default)]
pub(crate) struct Payload {
    /// Of its format.
    pub(super) name: Option<String>,
    pub(super) fields: Map<String, Value>,
    /// ` › VP8 S …`
    pub(super) text: String,
}

impl Payload {
    fn add(&mut self, key: &str, fields: impl Into<Value>) {
        self.fields.insert(key.to_owned(), fields.into());
    }

    /// Takes a header that was read, or says why it was not; gives it back.
    fn take<T: Serialize + Display>(
        &mut self,
        key: &str,
        read: Result<T, ParseError>,
    ) -> Option<T> {
        match read {
            Ok(header) => {
                if let Some(fields) = value(&header) {
                    self.add(key, fields);
                }
                // Writing to a String does not fail.
                let _ = write!(self.text, " › {header}");
                Some(header)
            }
            Err(error) => {
                self.add("payload_error", error.kind.name());
                let _ = write!(self.text, " › {error}");
                None
            }
        }
    }

    /// Puts what lies inside a header among its fields.
    fn put_inside(&mut self, key: &str, inner: Self) {
        if let Some(Value::Object(fields)) = self.fields.get_mut(key) {
            fields.extend(inner.fields);
        }
        self.text.push_str(&inner.text);
    }
}

/// Names the payload's format, and reads its header unless it is ciphertext.
pub(super) fn read(formats: &impl Formats, packet: &rtp::Packet<'_>, is_open: bool) -> Payload {
    let payload = if is_open { packet.payload() } else { &[] };
    header(formats, packet, packet.payload_type().0, payload, 0)
}

fn header(
    formats: &impl Formats,
    packet: &rtp::Packet<'_>,
    payload_type: u8,
    payload: &[u8],
    depth: u8,
) -> Payload {
    let mut it = Payload::default();
    let Some(format) = formats.format(payload_type) else { return it };
    it.add("payload_type_name", format.name.as_str());
    it.name = Some(format.name.clone());
    // Packets of nothing but padding are sent to find out what the path can carry.
    if payload.is_empty() || depth == MAX_DEPTH {
        return it;
    }
    match &*format.name.to_ascii_lowercase() {
        "vp8" => _ = it.take("payload_header", vp8::Descriptor::parse(payload)),
        "vp9" => _ = it.take("payload_header", vp9::Descriptor::parse(payload)),
        "h264" => _ = it.take("payload_header", h264::Payload::parse(payload)),
        "h265" if format.has_don => {
            _ = it.take("payload_header", h265::Payload::parse_with_don(payload));
        }
        "h265" => _ = it.take("payload_header", h265::Payload::parse(payload)),
        "av1" => _ = it.take("payload_header", av1::Payload::parse(payload)),
        "opus" => _ = it.take("payload_header", opus::Packet::parse(payload)),
        "telephone-event" => _ = it.take("telephone_event", TelephoneEvents::parse(payload)),
        "cn" => _ = it.take("comfort_noise", ComfortNoise::parse(payload)),
        "ulpfec" => _ = it.take("ulpfec", UlpFec::parse(payload)),
        "flexfec" => _ = it.take("flexfec", FlexFec::parse(payload, packet.csrc_bytes())),
        "rtx" => {
            if let Some(rtx) = it.take("rtx", Rtx::parse(payload))
                && let Some(original) = format.apt
            {
                let mut inner = header(formats, packet, original, rtx.payload(), depth + 1);
                inner.add("payload_type", original);
                it.put_inside("rtx", inner);
            }
        }
        "red" => {
            if let Some(red) = it.take("red", Red::parse(payload)) {
                let primary = red.payload_type().0;
                let inner = header(formats, packet, primary, red.payload(), depth + 1);
                it.put_inside("red", inner);
            }
        }
        _ => {}
    }
    it
}
