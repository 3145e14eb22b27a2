//! From a packet to the objects that are printed.

use std::io::{self, Write};

use mediawire::ParseError;
use mediawire::rtcp::{self, Compound};
use mediawire::rtp;

use crate::args::Inspect;
use crate::filter::Filter;
use crate::flows::Flows;
use crate::hold::{Item, What};
use crate::output::{Body, Form, Head, Malformed, Object, Printer};
use crate::summary::{Label, Summary};
use crate::units::{Content, Unit, Via, Widened};

/// Decodes, counts, filters and prints.
pub(crate) struct Show<W> {
    widened: Widened,
    filter: Filter,
    /// How many more messages may be printed.
    left: Option<u64>,
    /// The capture's name, where there are several.
    pub(crate) file: Option<String>,
    /// The frame shown last, and how many objects it has had.
    last: Option<(u64, u64)>,
    pub(crate) summary: Summary,
    pub(crate) printer: Printer<W>,
}

impl<W: Write> Show<W> {
    pub(crate) fn new(args: &Inspect, out: W) -> Self {
        let form = match args {
            Inspect { json: true, .. } => Form::Json,
            Inspect { verbose: true, .. } => Form::Verbose,
            _ => Form::Text,
        };
        let filter = Filter::new(args);
        let mut summary = Summary::default();
        summary.filtered = !filter.is_open();
        Self {
            widened: Widened { rfc3489: args.rfc3489, rfc5766: args.rfc5766 },
            left: args.max,
            file: None,
            last: None,
            summary,
            filter,
            printer: Printer::new(form, args.payload, out),
        }
    }

    /// Another capture begins.
    pub(crate) fn restart(&mut self) {
        self.last = None;
        self.printer.restart();
    }

    /// Whether as many messages were printed as were asked for.
    pub(crate) fn is_done(&self) -> bool {
        self.left == Some(0)
    }

    /// Prints what is in a packet. RTP and RTCP that their flow does not bear out by now is counted as other traffic.
    pub(crate) fn item(&mut self, item: &Item<'_>, flows: &mut Flows) -> io::Result<()> {
        let file = self.file.take();
        let &Item { frame, time, snapped, what, bytes } = item;
        let ends = what.ends();
        let head = Head { file: file.as_deref(), frame, time, ends, snapped };
        // A packet may end several messages of a stream, which come one by one.
        let (_, mut index) = self.last.filter(|&(last, _)| last == frame).unwrap_or_default();
        let mut result = Ok(());
        match (what, ends) {
            (What::Broken { protocol, offset, error }, _) => {
                self.summary.malformed(protocol);
                let body = Body::Malformed(Malformed::new(protocol, error, 0, bytes));
                let (size, via) = (bytes.len(), Via::default());
                result = self.object(&head, &Object { index, offset, size, via, body });
            }
            (_, Some((ends, transport))) => {
                let is_vouched = what.is_vouched();
                self.widened.units(item, &mut |unit: &Unit<'_>| {
                    if result.is_err() {
                        return;
                    }
                    result = match unit.content {
                        Content::Rtp if !is_vouched && !flows.bears_out(ends, unit) => {
                            self.summary.other(Label::Name(match transport {
                                "tcp" => "TCP frames that only begin like RTP",
                                _ => "UDP that only begins like RTP",
                            }));
                            Ok(())
                        }
                        Content::Rtcp if !is_vouched && !flows.bears_out(ends, unit) => {
                            self.summary.other(Label::Name(match transport {
                                "tcp" => "TCP frames that only begin like RTCP",
                                _ => "UDP that only begins like RTCP",
                            }));
                            Ok(())
                        }
                        Content::Rtcp => self.compound(&head, &mut index, unit),
                        _ => self.unit(&head, &mut index, unit),
                    };
                });
            }
            (_, None) => {}
        }
        self.last = Some((frame, index));
        self.file = file;
        result
    }

    /// One message.
    #[inline]
    fn unit(&mut self, head: &Head<'_>, index: &mut u64, unit: &Unit<'_>) -> io::Result<()> {
        match &unit.content {
            Content::Rtp => match rtp::Packet::parse(unit.bytes) {
                Ok(packet) => self.message(head, index, unit, unit.bytes.len(), Body::Rtp(&packet)),
                Err(error) => self.malformed(head, index, unit, "rtp", error),
            },
            Content::Stun(Ok(message)) => {
                let size = 20 + usize::from(message.length());
                if size < unit.bytes.len() {
                    self.summary.other(Label::Name("STUN messages with bytes behind them"));
                }
                self.message(head, index, unit, size, Body::Stun(message))
            }
            Content::ChannelData(Ok(message)) => {
                let size = 4 + usize::from(message.length());
                self.message(head, index, unit, size, Body::ChannelData(message))
            }
            &Content::Stun(Err(error)) => self.malformed(head, index, unit, "stun", error),
            &Content::ChannelData(Err(error)) => {
                self.malformed(head, index, unit, "channel_data", error)
            }
            Content::Other(name) => {
                self.summary.other(Label::Name(name));
                Ok(())
            }
            Content::Rtcp => self.compound(head, index, unit),
        }
    }

    /// The packets of an RTCP datagram, each for itself.
    fn compound(&mut self, head: &Head<'_>, index: &mut u64, unit: &Unit<'_>) -> io::Result<()> {
        let mut packets = Compound::new(unit.bytes);
        loop {
            let start = packets.offset();
            let Some(packet) = packets.next() else { return Ok(()) };
            // The packet's own bytes.
            let bytes = unit.bytes.get(start..packets.offset()).unwrap_or_default();
            let part = Unit { offset: unit.offset + start, bytes, ..*unit };
            match packet.and_then(|packet| with_good_blocks(packet, start)) {
                Ok(packet) => {
                    if matches!(packet, rtcp::Packet::Other(_) | rtcp::Packet::Feedback(_)) {
                        self.summary.not_decoded += 1;
                    }
                    self.message(head, index, &part, bytes.len(), Body::Rtcp(&packet))?;
                }
                Err(error) => {
                    self.summary.malformed("rtcp");
                    let body = Malformed::new("rtcp", error, unit.offset, bytes);
                    self.message(head, index, &part, bytes.len(), Body::Malformed(body))?;
                }
            }
        }
    }

    /// What does not parse, to the end of what holds it.
    #[cold]
    fn malformed(
        &mut self,
        head: &Head<'_>,
        index: &mut u64,
        unit: &Unit<'_>,
        protocol: &'static str,
        error: ParseError,
    ) -> io::Result<()> {
        self.summary.malformed(protocol);
        let body = Malformed::new(protocol, error, unit.offset, unit.bytes);
        self.message(head, index, unit, unit.bytes.len(), Body::Malformed(body))
    }

    #[inline]
    fn message(
        &mut self,
        head: &Head<'_>,
        index: &mut u64,
        unit: &Unit<'_>,
        size: usize,
        body: Body<'_>,
    ) -> io::Result<()> {
        self.summary.message(body.kind());
        let object = Object { index: *index, offset: unit.offset, size, via: unit.via, body };
        *index += 1;
        self.object(head, &object)
    }

    #[inline]
    fn object(&mut self, head: &Head<'_>, object: &Object<'_>) -> io::Result<()> {
        if self.is_done() || !self.filter.lets_pass(head, &object.body) {
            return Ok(());
        }
        self.left = self.left.map(|left| left - 1);
        self.summary.shown += 1;
        self.printer.print(head, object)
    }
}

/// An extended report is right if all of its blocks are: the JSON has no place for a broken one.
fn with_good_blocks(
    packet: rtcp::Packet<'_>,
    start: usize,
) -> Result<rtcp::Packet<'_>, mediawire::ParseError> {
    if let rtcp::Packet::ExtendedReport(report) = packet {
        let placed = |error: mediawire::ParseError| mediawire::ParseError {
            offset: error.offset + start,
            ..error
        };
        report.check_blocks().map_err(placed)?;
    }
    Ok(packet)
}
