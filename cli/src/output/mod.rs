//! What is printed: an [`Object`] for each message, in one of three forms.

mod hex;
mod json;
mod stamp;
mod text;
mod verbose;

use std::io::{self, Write};

use mediawire::{ParseError, rtcp, rtp, stun};
use serde::Serialize;

use crate::args::Kind;
use crate::capture::Time;
use crate::flows::Ends;
use crate::units::Via;
use hex::Hex;
use stamp::Stamp;

/// How much is collected before it is written.
const FLUSH_AT: usize = 64 * 1024;

/// What all the objects of a frame have in common.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head<'a> {
    /// The capture's name, where there are several.
    pub(crate) file: Option<&'a str>,
    pub(crate) frame: u64,
    pub(crate) time: Option<Time>,
    /// With the transport's name; `None` where the fault lies below the ports.
    pub(crate) ends: Option<(Ends, &'static str)>,
    pub(crate) snapped: bool,
}

/// A message, or one that does not parse.
#[derive(Clone, Copy)]
pub(crate) struct Object<'a> {
    /// Its place among those of the frame.
    pub(crate) index: u64,
    pub(crate) offset: usize,
    pub(crate) size: usize,
    pub(crate) via: Via,
    pub(crate) body: Body<'a>,
}

/// What the message says: its own fields, as the library serialises them.
#[derive(Clone, Copy, Serialize)]
#[serde(untagged)]
pub(crate) enum Body<'a> {
    Rtp(&'a rtp::Packet<'a>),
    Rtcp(&'a rtcp::Packet<'a>),
    Stun(&'a stun::Message<'a>),
    ChannelData(&'a stun::ChannelData<'a>),
    Malformed(Malformed<'a>),
}

impl Body<'_> {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Rtp(_) => Kind::Rtp,
            Self::Rtcp(_) => Kind::Rtcp,
            Self::Stun(_) => Kind::Stun,
            Self::ChannelData(_) => Kind::ChannelData,
            Self::Malformed(_) => Kind::Malformed,
        }
    }

    /// What it carries, shown where `--payload` asks for it.
    fn payload(&self) -> Option<(&'static str, &[u8])> {
        match self {
            Self::Rtp(packet) => Some(("payload", packet.payload())),
            Self::ChannelData(message) => Some(("data", message.data())),
            _ => None,
        }
    }
}

/// What does not parse. Places count from the front of the datagram, or of the stream.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct Malformed<'a> {
    pub(crate) protocol: &'static str,
    pub(crate) error: &'static str,
    pub(crate) error_offset: usize,
    pub(crate) detail: Detail,
    pub(crate) data: Hex<'a>,
}

impl<'a> Malformed<'a> {
    /// `data` lies at `offset` in the datagram, and `error` counts its place from `from`.
    pub(crate) fn new(
        protocol: &'static str,
        error: ParseError,
        from: usize,
        data: &'a [u8],
    ) -> Self {
        let error = ParseError { offset: from.saturating_add(error.offset), ..error };
        Self {
            protocol,
            error: error.kind.name(),
            error_offset: error.offset,
            detail: Detail(error),
            data: Hex(data),
        }
    }
}

/// The error's one line of text.
#[derive(Clone, Copy)]
pub(crate) struct Detail(pub(crate) ParseError);

impl Serialize for Detail {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// The form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Text,
    Verbose,
    Json,
}

/// Writes objects, whole ones at a time.
pub(crate) struct Printer<W> {
    form: Form,
    payload: bool,
    buffer: Vec<u8>,
    out: W,
    stamp: Stamp,
    /// Of the capture's first packet.
    start: Option<Time>,
}

impl<W: Write> Printer<W> {
    pub(crate) fn new(form: Form, payload: bool, out: W) -> Self {
        let buffer = Vec::with_capacity(2 * FLUSH_AT);
        Self { form, payload, buffer, out, stamp: Stamp::default(), start: None }
    }

    /// Another capture begins.
    pub(crate) fn restart(&mut self) {
        self.start = None;
    }

    /// Tells the time of a packet, shown or not: the first is what the others are shown relative to.
    #[inline]
    pub(crate) fn saw(&mut self, time: Option<Time>) {
        if self.start.is_none() {
            self.start = time;
        }
    }

    #[inline]
    pub(crate) fn print(&mut self, head: &Head<'_>, object: &Object<'_>) -> io::Result<()> {
        let out = &mut self.buffer;
        match self.form {
            Form::Json => json::write(out, &mut self.stamp, head, object, self.payload)?,
            Form::Text => text::write(out, self.start, head, object)?,
            Form::Verbose => {
                text::write(out, self.start, head, object)?;
                verbose::write(out, &mut self.stamp, head, object, self.payload)?;
            }
        }
        if self.buffer.len() >= FLUSH_AT { self.flush() } else { Ok(()) }
    }

    /// Writes what was collected.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(&self.buffer)?;
        self.buffer.clear();
        self.out.flush()
    }
}
