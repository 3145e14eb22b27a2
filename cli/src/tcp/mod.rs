//! TCP streams: their segments in order, and the messages in them.
//!
//! A stream is taken for one of media by its first bytes, see `detect`; one direction of a connection speaks for the other.
//! Where the capture has a gap, or begins in the middle of a stream, the messages are found again by their marks. A stream
//! that is none of media costs no memory but for its place in the table.
//!
//! Memory is bounded: the 4096 connections used last are remembered, or some more, and they hold 64 MiB at most.

mod detect;
mod reassembly;

use std::net::SocketAddr;

use mediawire::framing::{Deframer, Next, RtspFrame, TurnFrame};
use mediawire::net::TcpFlags;

use crate::flows::Ends;
use crate::recent::Recent;
use detect::{AnyDeframer, Detected, Framing, detect};
use reassembly::{Budget, Segment, Stream};

/// How many connections are remembered at least.
const REMEMBERED: usize = 4096;

/// What all of them may hold.
const MAX_BYTES: usize = 64 << 20;

/// A TCP segment of the capture.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TcpSegment<'a> {
    pub(crate) ends: Ends,
    pub(crate) flags: TcpFlags,
    pub(crate) sequence_number: u32,
    pub(crate) acknowledgment_number: u32,
    pub(crate) payload: &'a [u8],
    /// Bytes behind the payload that the capture lacks.
    pub(crate) missing: usize,
}

/// What a message of a stream is, as far as its framing tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// STUN or ChannelData.
    Turn,
    /// What a datagram might be.
    Packet,
    /// The same, where RTSP vouches for it.
    Interleaved,
}

/// What a stream gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event<'a> {
    /// A message, and where in the stream it begins.
    Message { form: Form, offset: u64, bytes: &'a [u8] },
    /// Something to be counted.
    Other(&'static str),
}

/// One direction of a connection.
#[derive(Debug)]
struct Direction {
    stream: Stream,
    deframer: Option<AnyDeframer>,
    /// The bytes in order begin where the stream, or what the capture has of it, begins.
    at_front: bool,
    /// What its receiver has acknowledged.
    acknowledged: Option<u32>,
}

impl Direction {
    fn new(budget: &Budget) -> Self {
        Self { stream: Stream::new(budget), deframer: None, at_front: true, acknowledged: None }
    }
}

/// Both directions; the first is that from the lesser end.
#[derive(Debug)]
struct Connection {
    directions: [Direction; 2],
    framing: Option<Framing>,
}

/// The connections of a capture.
#[derive(Debug)]
pub(crate) struct Connections {
    connections: Recent<(SocketAddr, SocketAddr), Connection>,
    budget: Budget,
}

impl Default for Connections {
    fn default() -> Self {
        Self { connections: Recent::new(REMEMBERED), budget: Budget::new(MAX_BYTES) }
    }
}

impl Connections {
    /// Takes a segment, and gives the messages that end with it.
    pub(crate) fn segment(&mut self, segment: &TcpSegment<'_>, each: &mut dyn FnMut(Event<'_>)) {
        let Ends { src, dst } = segment.ends;
        let is_forward = src <= dst;
        let key = if is_forward { (src, dst) } else { (dst, src) };
        let budget = &self.budget;
        let connection = self.connections.get(key, || Connection {
            directions: [Direction::new(budget), Direction::new(budget)],
            framing: None,
        });
        let is_syn = segment.flags.contains(TcpFlags::SYN);
        let [a, b] = &mut connection.directions;
        let (ours, theirs) = if is_forward { (a, b) } else { (b, a) };
        let mut sequence_number = segment.sequence_number;
        if is_syn {
            if ours.stream.is_new_syn(sequence_number) {
                finish(ours, each);
                *ours = Direction::new(budget);
                // The other direction's SYN comes later, or came just now.
                if !segment.flags.contains(TcpFlags::ACK) {
                    finish(theirs, each);
                    *theirs = Direction::new(budget);
                    connection.framing = None;
                }
            }
            sequence_number = sequence_number.wrapping_add(1);
            ours.stream.begin(sequence_number);
        }
        let framing = &mut connection.framing;
        if segment.flags.contains(TcpFlags::ACK) {
            theirs.acknowledged = Some(segment.acknowledgment_number);
            pass_gaps(theirs, framing, false, each);
        }
        if segment.payload.is_empty() && segment.missing == 0 {
            each(Event::Other("TCP segments without data"));
        } else {
            data(ours, framing, sequence_number, segment, each);
        }
        let has_ended =
            segment.flags.contains(TcpFlags::FIN) || segment.flags.contains(TcpFlags::RST);
        if has_ended {
            pass_gaps(ours, framing, true, each);
            // What follows may only be the same again.
            if !ours.stream.is_waiting() {
                finish(ours, each);
            }
        }
    }
}

/// The bytes of a segment.
fn data(
    direction: &mut Direction,
    framing: &mut Option<Framing>,
    sequence_number: u32,
    segment: &TcpSegment<'_>,
    each: &mut dyn FnMut(Event<'_>),
) {
    match direction.stream.push(sequence_number, segment.payload) {
        Segment::Again => each(Event::Other("TCP segments seen before")),
        Segment::Waits => {}
        Segment::Next => read(direction, framing, each),
        Segment::TooMuch => {
            each(Event::Other("TCP segments that there was no room for"));
            lose(direction, *framing);
        }
    }
    if segment.missing > 0 && !direction.stream.is_waiting() {
        let dropped = direction.stream.skip(segment.missing);
        gap(direction, *framing, dropped, each);
        read(direction, framing, each);
    }
    pass_gaps(direction, framing, false, each);
    if direction.deframer.is_none() {
        each(Event::Other("TCP"));
    }
}

/// Gives up waiting for what will not come.
fn pass_gaps(
    direction: &mut Direction,
    framing: &mut Option<Framing>,
    has_ended: bool,
    each: &mut dyn FnMut(Event<'_>),
) {
    while direction.stream.has_gap(direction.acknowledged)
        || (has_ended && direction.stream.is_waiting())
    {
        let dropped = direction.stream.pass_gap();
        gap(direction, *framing, dropped, each);
        read(direction, framing, each);
    }
}

/// A gap: the next bytes are somewhere in the stream.
fn gap(
    direction: &mut Direction,
    framing: Option<Framing>,
    dropped: usize,
    each: &mut dyn FnMut(Event<'_>),
) {
    if direction.deframer.is_some() {
        each(Event::Other("gaps in TCP streams"));
    }
    if dropped > 0 && direction.deframer.is_some() {
        each(Event::Other("messages cut by a gap in a TCP stream"));
    }
    lose(direction, framing);
}

/// The direction has lost its place.
fn lose(direction: &mut Direction, framing: Option<Framing>) {
    direction.at_front = false;
    if direction.deframer.is_some() {
        direction.deframer = framing.and_then(AnyDeframer::lost);
    }
}

impl Connections {
    /// The capture has ended: how many directions ended in the middle of a message.
    pub(crate) fn cut(&self) -> u64 {
        let directions = self.connections.values().flat_map(|connection| &connection.directions);
        let is_cut = |direction: &&Direction| {
            let (_, bytes) = direction.stream.bytes();
            direction.deframer.is_some() && (!bytes.is_empty() || direction.stream.is_waiting())
        };
        directions.filter(is_cut).count() as u64
    }
}

/// The direction has ended: what is left of it is no message, but ChannelData whose padding is missing.
fn finish(direction: &mut Direction, each: &mut dyn FnMut(Event<'_>)) {
    if let Some(deframer) = &mut direction.deframer {
        take(&mut direction.stream, deframer, true, each);
    }
}

/// The messages in the bytes that are in order.
fn read(direction: &mut Direction, framing: &mut Option<Framing>, each: &mut dyn FnMut(Event<'_>)) {
    if direction.deframer.is_none() {
        let (_, bytes) = direction.stream.bytes();
        match find_deframer(bytes, direction.at_front, framing) {
            Found::Deframer(deframer) => direction.deframer = Some(deframer),
            Found::Undecided => return,
            Found::Nothing => {
                let all = bytes.len();
                direction.stream.used(all);
            }
        }
        direction.at_front = false;
    }
    if let Some(deframer) = &mut direction.deframer {
        take(&mut direction.stream, deframer, false, each);
    }
}

/// What the bytes of a direction are to be read with.
enum Found {
    Deframer(AnyDeframer),
    Undecided,
    /// The next segment may tell.
    Nothing,
}

/// By the bytes, or by what the other direction has told.
fn find_deframer(bytes: &[u8], at_front: bool, framing: &mut Option<Framing>) -> Found {
    match *framing {
        None => match detect(bytes, at_front) {
            Detected::Known(found) => {
                *framing = Some(found);
                Found::Deframer(AnyDeframer::new(found))
            }
            Detected::Undecided => Found::Undecided,
            Detected::Other => Found::Nothing,
        },
        Some(known) if at_front => Found::Deframer(AnyDeframer::new(known)),
        Some(known) => match AnyDeframer::lost(known) {
            Some(lost) => Found::Deframer(lost),
            // Without marks it can only be hoped that frames begin where segments do.
            None => match detect(bytes, true) {
                Detected::Known(found) if found == known => {
                    Found::Deframer(AnyDeframer::new(known))
                }
                Detected::Undecided => Found::Undecided,
                _ => Found::Nothing,
            },
        },
    }
}

/// Takes messages off the front.
fn take(
    stream: &mut Stream,
    deframer: &mut AnyDeframer,
    has_ended: bool,
    each: &mut dyn FnMut(Event<'_>),
) {
    let (front, bytes) = stream.bytes();
    let message =
        |form, at: usize, bytes| Event::Message { form, offset: front + at as u64, bytes };
    let used = match deframer {
        AnyDeframer::Turn(turn) => {
            walk(turn, bytes, has_ended, each, |frame, at, whole| match frame {
                TurnFrame::Stun(_) | TurnFrame::ChannelData(_) => message(Form::Turn, at, whole),
            })
        }
        AnyDeframer::Rfc4571(rfc4571) => {
            walk(rfc4571, bytes, has_ended, each, |packet, at, _| match packet {
                [] => Event::Other("null packets on TCP streams"),
                packet => message(Form::Packet, at + 2, packet),
            })
        }
        AnyDeframer::Rtsp(rtsp) => walk(rtsp, bytes, has_ended, each, |frame, at, _| match frame {
            RtspFrame::Interleaved { data, .. } => message(Form::Interleaved, at + 4, data),
            RtspFrame::Message { .. } => Event::Other("RTSP messages"),
        }),
    };
    stream.used(used);
}

/// Shows what `event` makes of each frame, its place and all of its bytes. Gives how many bytes have been used.
fn walk<'b, D: Deframer>(
    deframer: &mut D,
    bytes: &'b [u8],
    has_ended: bool,
    each: &mut dyn FnMut(Event<'_>),
    event: impl Fn(D::Frame<'b>, usize, &'b [u8]) -> Event<'b>,
) -> usize {
    let mut at = 0;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let next = if has_ended { deframer.last(rest) } else { deframer.next(rest) };
        match next {
            Next::Frame { frame, used } => {
                each(event(frame, at, rest.get(..used).unwrap_or_default()));
                at += used;
            }
            Next::Skip { used, .. } => {
                each(Event::Other("rows of bytes on TCP streams that are no message"));
                at += used;
            }
            Next::Need(_) => return at,
        }
    }
}
