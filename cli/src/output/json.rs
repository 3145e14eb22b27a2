//! JSON Lines: the public interface that inspect-json.md describes.

use std::io;
use std::net::{IpAddr, SocketAddr};

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::{Body, Head, Hex, Object, Stamp};
use crate::units::Via;

/// The fields of every object, and those of its body behind them.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    frame: u64,
    index: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transport: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    src: Option<End>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dst: Option<End>,
    offset: usize,
    size: usize,
    kind: &'static str,
    #[serde(skip_serializing_if = "is_outermost")]
    via: Via,
    #[serde(skip_serializing_if = "is_false")]
    snapped: bool,
    #[serde(flatten)]
    body: Body<'a>,
    #[serde(flatten)]
    payload: Payload<'a>,
}

#[derive(Serialize)]
struct End {
    address: IpAddr,
    port: u16,
}

impl From<SocketAddr> for End {
    fn from(end: SocketAddr) -> Self {
        Self { address: end.ip(), port: end.port() }
    }
}

/// One more field, or none.
struct Payload<'a>(Option<(&'static str, &'a [u8])>);

impl Serialize for Payload<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some((name, bytes)) = self.0 {
            map.serialize_entry(name, &Hex(bytes))?;
        }
        map.end()
    }
}

fn is_outermost(via: &Via) -> bool {
    via.is_empty()
}

fn is_false(value: &bool) -> bool {
    !value
}

impl<'a> Line<'a> {
    pub(super) fn new(
        stamp: &'a mut Stamp,
        head: &Head<'a>,
        object: &'a Object<'a>,
        payload: bool,
    ) -> Self {
        Self {
            file: head.file,
            frame: head.frame,
            index: object.index,
            time: head.time.and_then(|time| stamp.text(time)),
            transport: head.ends.map(|(_, transport)| transport),
            src: head.ends.map(|(ends, _)| ends.src.into()),
            dst: head.ends.map(|(ends, _)| ends.dst.into()),
            offset: object.offset,
            size: object.size,
            kind: object.body.kind().name(),
            via: object.via,
            snapped: head.snapped,
            body: object.body,
            payload: Payload(object.body.payload().filter(|_| payload)),
        }
    }
}

#[inline]
pub(super) fn write(
    out: &mut Vec<u8>,
    stamp: &mut Stamp,
    head: &Head<'_>,
    object: &Object<'_>,
    payload: bool,
) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Line::new(stamp, head, object, payload))?;
    out.push(b'\n');
    Ok(())
}
