//! `mediawire inspect`: captures in, messages out.

use std::io::{self, Read, Write};
use std::path::Path;
use std::process::ExitCode;

use crate::args::{Inspect, Rtp};
use crate::capture::{Capture, Fault, Packet, Time};
use crate::flows::Flows;
use crate::hold::{Hold, Item, What};
use crate::session::Session;
use crate::show::Show;
use crate::summary::Label;
use crate::tcp::{Connections, Event, TcpSegment};
use crate::transport::{self, Found};
use crate::units::{Content, Unit, Widened};

/// How many faults of a capture are told one by one.
const FAULTS_TOLD: usize = 10;

/// The exit status for that, also of what the options name.
const WRONG_USAGE: u8 = 2;

/// Runs it, and gives the program's exit status.
pub(crate) fn run(args: &Inspect) -> ExitCode {
    let session = match Session::new(args) {
        Ok(session) => session,
        Err(error) => {
            tell(&error);
            return ExitCode::from(WRONG_USAGE);
        }
    };
    session.faults.iter().for_each(|fault| tell(fault));
    let mut show = Show::new(args, session, io::stdout().lock());
    match captures(args, &mut show).and_then(|whole| show.printer.flush().map(|()| whole)) {
        Ok(whole) => {
            tell(&show.summary);
            if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        // Whoever read our output has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            tell(&format_args!("standard output cannot be written: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// What was in a capture besides the messages that were shown.
#[derive(Debug)]
pub struct Outcome {
    /// The lines that end the program's output.
    pub summary: String,
    /// The first places that cannot be read.
    pub faults: Vec<Fault>,
    /// How many more there are.
    pub more_faults: u64,
}

/// Shows the messages of one capture: what `options` name as files is not read.
///
/// # Errors
/// The session of `options` cannot be read, the input is no capture, or `out` cannot be written.
pub fn inspect(options: &Inspect, input: Box<dyn Read>, out: impl Write) -> io::Result<Outcome> {
    let mut show = Show::new(options, Session::new(options).map_err(io::Error::other)?, out);
    let capture =
        Capture::new(input).map_err(|fault| io::Error::new(io::ErrorKind::InvalidData, fault))?;
    let (faults, more_faults) = packets(options, capture, false, &mut show)?;
    Ok(Outcome { summary: show.summary.to_string(), faults, more_faults })
}

/// A line for people. That standard error cannot be written is nothing to fail for.
fn tell(message: &dyn std::fmt::Display) {
    let _ = writeln!(io::stderr(), "mediawire: {message}");
}

/// Shows one capture after the other. Whether all of them could be read to their end; the error is one of writing.
fn captures<W: Write>(args: &Inspect, show: &mut Show<W>) -> io::Result<bool> {
    let mut whole = true;
    for path in &args.files {
        // The names of the packets begin anew with each capture.
        let several = args.files.len() > 1;
        show.file = several.then(|| path.display().to_string());
        show.restart();
        whole &= capture(args, path, show)?;
        if show.is_done() {
            show.summary.stopped = true;
            break;
        }
    }
    Ok(whole)
}

/// Shows a capture. It is whole if all of it could be read.
fn capture<W: Write>(args: &Inspect, path: &Path, show: &mut Show<W>) -> io::Result<bool> {
    let is_stdin = path.as_os_str() == "-";
    let name = if is_stdin { "standard input".into() } else { path.display().to_string() };
    let capture = match Capture::open(path) {
        Ok(capture) => capture,
        Err(fault) => {
            tell(&format_args!("{name}: {fault}"));
            return Ok(false);
        }
    };
    let (faults, more) = packets(args, capture, is_stdin, show)?;
    for fault in &faults {
        tell(&format_args!("{name}: {fault}"));
    }
    if more > 0 {
        tell(&format_args!("{name}: {more} more places that cannot be read"));
    }
    Ok(faults.is_empty())
}

/// Shows what is in a capture. Gives what cannot be read in it: the first faults, and the number of the others.
fn packets<W: Write>(
    args: &Inspect,
    mut capture: Capture,
    is_watched: bool,
    show: &mut Show<W>,
) -> io::Result<(Vec<Fault>, u64)> {
    let mut inspector = Inspector::new(args, show);
    let (mut faults, mut more) = (Vec::new(), 0);
    while !inspector.show.is_done() {
        match capture.next_packet() {
            Some(Ok(packet)) => inspector.packet(&packet)?,
            Some(Err(fault)) if faults.len() < FAULTS_TOLD => faults.push(fault),
            Some(Err(_)) => more += 1,
            None => break,
        }
        // Somebody may be watching packets come in.
        if is_watched && capture.is_drained() {
            inspector.show.printer.flush()?;
        }
    }
    inspector.finish()?;
    // What could be read goes before what is said of the rest.
    show.printer.flush()?;
    Ok((faults, more))
}

/// What is known of flows beforehand.
fn flows(args: &Inspect, session: &Session) -> Flows {
    let ports = [&args.rtp_port[..], &session.ports].concat();
    let mut flows = Flows::new(args.rtp == Rtp::Always, ports);
    flows.vouched_ssrcs = session.ssrcs.clone();
    flows
}

/// A capture on its way from packets to messages.
struct Inspector<'s, W> {
    widened: Widened,
    flows: Flows,
    /// Where TCP is to be read.
    connections: Option<Connections>,
    hold: Hold,
    show: &'s mut Show<W>,
}

impl<'s, W: Write> Inspector<'s, W> {
    fn new(args: &Inspect, show: &'s mut Show<W>) -> Self {
        Self {
            widened: Widened { rfc3489: args.rfc3489, rfc5766: args.rfc5766 },
            flows: flows(args, &show.session),
            connections: args.tcp.then(Connections::default),
            hold: Hold::default(),
            show,
        }
    }

    #[inline]
    fn packet(&mut self, packet: &Packet<'_>) -> io::Result<()> {
        self.show.summary.packets += 1;
        self.show.printer.saw(packet.time);
        match transport::read(packet) {
            Found::Item(item) => self.item(&item)?,
            Found::Segment { snapped, segment } => self.segment(packet, snapped, &segment)?,
            Found::Other(label) => self.show.summary.other(label),
            Found::Front { ends, bytes, label } => {
                self.flows.observe_front(ends, bytes);
                self.show.summary.other(label);
            }
        }
        if self.hold.is_empty() { Ok(()) } else { self.release(packet.time) }
    }

    /// The messages that end with a segment, one by one.
    fn segment(
        &mut self,
        packet: &Packet<'_>,
        snapped: bool,
        segment: &TcpSegment<'_>,
    ) -> io::Result<()> {
        let Some(mut connections) = self.connections.take() else {
            self.show.summary.other(Label::Name("TCP"));
            return Ok(());
        };
        let mut result = Ok(());
        connections.segment(segment, &mut |event| match event {
            Event::Other(name) => self.show.summary.other(Label::Name(name)),
            Event::Message { form, offset, bytes } => {
                let offset = usize::try_from(offset).unwrap_or(usize::MAX);
                let what = What::Streamed { ends: segment.ends, form, offset };
                let item = Item { frame: packet.frame, time: packet.time, snapped, what, bytes };
                if result.is_ok() {
                    result = self.item(&item);
                }
            }
        });
        self.connections = Some(connections);
        result
    }

    /// Shows it, or puts it behind those that wait.
    #[inline]
    fn item(&mut self, item: &Item<'_>) -> io::Result<()> {
        let (mut is_message, mut waits) = (true, false);
        if let Some((ends, _)) = item.what.ends() {
            is_message = false;
            let (flows, is_vouched) = (&mut self.flows, item.what.is_vouched());
            self.widened.units(item, &mut |unit: &Unit<'_>| {
                if !matches!(unit.content, Content::Other(_)) {
                    is_message = true;
                    waits |= !flows.observe(ends, unit) && !is_vouched;
                }
            });
        }
        // What only has to be counted need not wait for its turn.
        if !is_message || (self.hold.is_empty() && !waits) {
            self.show.item(item, &mut self.flows)
        } else {
            self.hold.push(item);
            Ok(())
        }
    }

    /// Shows those that need not wait any longer.
    fn release(&mut self, now: Option<Time>) -> io::Result<()> {
        while let Some(item) = self.hold.front() {
            let is_decided = self.hold.is_overdue(now)
                || (self.hold.is_worth_a_look()
                    && is_borne_out(self.widened, &mut self.flows, &item));
            if !is_decided {
                self.hold.looked();
                break;
            }
            self.show.item(&item, &mut self.flows)?;
            self.hold.pop();
        }
        Ok(())
    }

    /// The capture has ended: what waits is decided.
    fn finish(mut self) -> io::Result<()> {
        while let Some(item) = self.hold.front() {
            self.show.item(&item, &mut self.flows)?;
            self.hold.pop();
        }
        for _ in 0..self.connections.map_or(0, |connections| connections.cut()) {
            self.show
                .summary
                .other(Label::Name("TCP streams that the capture ends in a message of"));
        }
        Ok(())
    }
}

/// Whether all RTP and RTCP of a packet is known to be that.
fn is_borne_out(widened: Widened, flows: &mut Flows, item: &Item<'_>) -> bool {
    let Some((ends, _)) = item.what.ends().filter(|_| !item.what.is_vouched()) else {
        return true;
    };
    let mut all = true;
    widened.units(item, &mut |unit: &Unit<'_>| all &= flows.bears_out(ends, unit));
    all
}
