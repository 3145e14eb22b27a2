//! One line a message, for people.

use std::io::{self, Write};

use super::{Body, Head, Object};
use crate::capture::Time;

/// `    12     0.123456 192.0.2.1:5004 → 192.0.2.2:5004 RTP pt=96 …`
pub(super) fn write(
    out: &mut Vec<u8>,
    start: Option<Time>,
    head: &Head<'_>,
    object: &Object<'_>,
) -> io::Result<()> {
    if let Some(file) = head.file {
        write!(out, "{file}:")?;
    }
    write!(out, "{:>6} ", head.frame)?;
    match head.time {
        Some(time) => {
            let (negative, seconds, nanos) = time.relative_to(start.unwrap_or(time));
            let sign = if negative { "-" } else { "" };
            write!(out, "{sign}{seconds:>5}.{:06} ", nanos / 1000)?;
        }
        None => write!(out, "{:>12} ", "-")?,
    }
    if let Some((ends, _)) = head.ends {
        write!(out, "{} → {} ", ends.src, ends.dst)?;
    }
    for name in object.via.names() {
        write!(out, "{} › ", if name == "stun" { "STUN" } else { "ChannelData" })?;
    }
    match object.body {
        Body::Rtp(packet) => write!(out, "{packet}")?,
        Body::Rtcp(packet) => write!(out, "RTCP {packet}")?,
        Body::Stun(message) => write!(out, "{message}")?,
        Body::ChannelData(message) => write!(out, "{message}")?,
        Body::Malformed(malformed) => {
            let protocol = malformed.protocol.to_uppercase();
            write!(out, "MALFORMED {protocol}: {}", malformed.detail.0)?;
        }
    }
    if head.snapped {
        out.extend(b" (snapped)");
    }
    out.push(b'\n');
    Ok(())
}
