//! A relay for one RTP source, as a forwarding server does it for each of its receivers: SSRC, sequence numbers and payload
//! type are the relay's own, rewritten in place; reports and feedback are translated in both directions.
//!
//!     cargo run --example rtp_relay -- --bind 127.0.0.1:5004 --to 127.0.0.1:6004 --ssrc 7 --payload-type 111
//!
//! It stops after `--seconds`, or when it has relayed as many `--datagrams`.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use mediawire::BuildError;
use mediawire::demux::{Protocol, demux};
use mediawire::rtcp::{
    Compound, CompoundWriter, NackBuilder, NackPair, Packet, PliBuilder, ReceiverReportBuilder,
    ReportBlockBuilder, SdesChunkBuilder, SdesChunkList, SdesItem, SdesItemType,
    SenderReportBuilder, SourceDescriptionBuilder,
};
use mediawire::rtp::{PacketMut, PayloadType};

/// The longest time that a socket is waited for at once.
const TICK: Duration = Duration::from_millis(2);

/// The source as it is on either side.
pub(crate) struct Relay {
    /// On the way out.
    ssrc: u32,
    payload_type: PayloadType,
    /// On the way in, once it has been heard, and what its sequence numbers are above ours.
    source: Option<(u32, u16)>,
}

impl Relay {
    pub(crate) fn new(ssrc: u32, payload_type: PayloadType) -> Self {
        Self { ssrc, payload_type, source: None }
    }

    /// What comes from the source, on its way to the receiver. Gives how many bytes of `datagram`, or of `out`, are to be
    /// sent.
    pub(crate) fn forth<'o>(
        &mut self,
        datagram: &'o mut [u8],
        out: &'o mut [u8],
    ) -> Option<&'o [u8]> {
        match demux(datagram) {
            Ok(Protocol::Rtp) => {
                // SRTP's padding count is encrypted, and none of our business.
                let mut packet = PacketMut::parse_lenient(datagram).ok()?;
                let (ssrc, ahead) = *self
                    .source
                    .get_or_insert((packet.ssrc(), packet.sequence_number().wrapping_sub(1)));
                if packet.ssrc() != ssrc {
                    return None; // there is one source
                }
                packet.set_ssrc(self.ssrc);
                packet.set_sequence_number(packet.sequence_number().wrapping_sub(ahead));
                packet.set_payload_type(self.payload_type).ok()?;
                Some(packet.into_bytes())
            }
            Ok(Protocol::Rtcp) => self.forth_rtcp(datagram, out).ok(),
            _ => None,
        }
    }

    /// Its sender reports, with our SSRC and a name of our own.
    fn forth_rtcp<'o>(&self, datagram: &[u8], out: &'o mut [u8]) -> Result<&'o [u8], BuildError> {
        let mut compound = CompoundWriter::new(out);
        for packet in Compound::new(datagram).flatten() {
            if let Packet::SenderReport(report) = packet {
                // What it reports of others is not about us.
                compound.push(&SenderReportBuilder {
                    ssrc: self.ssrc,
                    blocks: &[],
                    ..report.into()
                })?;
                let items = [SdesItem::new(SdesItemType::CNAME, b"relay")];
                let chunks = [SdesChunkBuilder { ssrc: self.ssrc, items: &items }];
                let chunks = SdesChunkList::Built(&chunks);
                compound.push(&SourceDescriptionBuilder { chunks, padding: &[] })?;
            }
        }
        Ok(compound.finish())
    }

    /// What comes from the receiver, on its way to the source: reports, and what asks for packets or pictures.
    pub(crate) fn back<'o>(&self, datagram: &[u8], out: &'o mut [u8]) -> Option<&'o [u8]> {
        let (ssrc, ahead) = self.source?;
        if demux(datagram) != Ok(Protocol::Rtcp) {
            return None;
        }
        self.back_rtcp(datagram, out, ssrc, ahead).ok()
    }

    fn back_rtcp<'o>(
        &self,
        datagram: &[u8],
        out: &'o mut [u8],
        ssrc: u32,
        ahead: u16,
    ) -> Result<&'o [u8], BuildError> {
        let mut compound = CompoundWriter::new(out);
        for packet in Compound::new(datagram).flatten() {
            match packet {
                Packet::ReceiverReport(report) => {
                    let mut blocks = Vec::new();
                    for block in report.blocks().filter(|block| block.ssrc() == self.ssrc) {
                        let highest = block.extended_highest_sequence_number();
                        let highest = highest.wrapping_add(ahead.into());
                        let block = ReportBlockBuilder {
                            ssrc,
                            extended_highest_sequence_number: highest,
                            ..block.into()
                        };
                        blocks.push(block.to_bytes()?);
                    }
                    compound.push(&ReceiverReportBuilder { blocks: &blocks, ..report.into() })?;
                }
                Packet::Nack(nack) if nack.media_ssrc() == self.ssrc => {
                    let theirs =
                        |pair: NackPair| NackPair { pid: pair.pid.wrapping_add(ahead), ..pair };
                    let pairs: Vec<_> = nack.pairs().map(|pair| theirs(pair).to_bytes()).collect();
                    compound.push(&NackBuilder {
                        media_ssrc: ssrc,
                        pairs: &pairs,
                        ..nack.into()
                    })?;
                }
                Packet::Pli(pli) if pli.media_ssrc() == self.ssrc => {
                    compound.push(&PliBuilder { media_ssrc: ssrc, ..pli.into() })?;
                }
                _ => {}
            }
        }
        Ok(compound.finish())
    }
}

/// When to stop: datagrams of both directions count.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) datagrams: u64,
    pub(crate) time: Duration,
}

/// Relays between the source, which sends to `inside`, and the receiver at `to`, which answers to `outside`. Gives the number
/// of datagrams.
pub(crate) fn run(
    mut relay: Relay,
    inside: &UdpSocket,
    outside: &UdpSocket,
    to: SocketAddr,
    limits: Limits,
) -> io::Result<u64> {
    let start = Instant::now();
    let (mut buffer, mut out) = ([0; 1500], [0; 1500]);
    let (mut source, mut relayed) = (None, 0);
    inside.set_read_timeout(Some(TICK))?;
    outside.set_read_timeout(Some(TICK))?;
    while relayed < limits.datagrams && start.elapsed() < limits.time {
        if let Some((len, from)) = receive(inside, &mut buffer)? {
            source = Some(from);
            let datagram = buffer.get_mut(..len).unwrap_or_default();
            if let Some(bytes @ [_, ..]) = relay.forth(datagram, &mut out) {
                outside.send_to(bytes, to)?;
                relayed += 1;
            }
        }
        if let (Some((len, _)), Some(source)) = (receive(outside, &mut buffer)?, source) {
            let datagram = buffer.get(..len).unwrap_or_default();
            if let Some(bytes @ [_, ..]) = relay.back(datagram, &mut out) {
                inside.send_to(bytes, source)?;
                relayed += 1;
            }
        }
    }
    Ok(relayed)
}

/// A datagram, if one comes in.
fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<Option<(usize, SocketAddr)>> {
    use io::ErrorKind::{ConnectionRefused, ConnectionReset, Interrupted, TimedOut, WouldBlock};
    match socket.recv_from(buffer) {
        Ok(received) => Ok(Some(received)),
        // Nothing came in, or what was sent before could not be delivered: no reason to stop.
        Err(error) => match error.kind() {
            WouldBlock | TimedOut | Interrupted | ConnectionReset | ConnectionRefused => Ok(None),
            _ => Err(error),
        },
    }
}

#[allow(dead_code, reason = "the test has none")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut bind = SocketAddr::from(([127, 0, 0, 1], 5004));
    let (mut to, mut ssrc, mut payload_type) = (None, 1, 96);
    let mut limits = Limits { datagrams: u64::MAX, time: Duration::MAX };
    let mut args = std::env::args().skip(1);
    while let Some(name) = args.next() {
        let value = args.next().ok_or("each option has a value")?;
        match name.as_str() {
            "--bind" => bind = value.parse()?,
            "--to" => to = Some(value.parse::<SocketAddr>()?),
            "--ssrc" => ssrc = value.parse()?,
            "--payload-type" => payload_type = value.parse()?,
            "--datagrams" => limits.datagrams = value.parse()?,
            "--seconds" => limits.time = Duration::from_secs(value.parse()?),
            _ => {
                return Err(format!("{name} is not known").into());
            }
        }
    }
    let to = to.ok_or("--to is missing")?;
    if !bind.ip().is_loopback() || !to.ip().is_loopback() {
        return Err("this example serves its own machine only".into());
    }
    let (inside, outside) = (UdpSocket::bind(bind)?, UdpSocket::bind((bind.ip(), 0))?);
    println!("{} -> {} -> {to}", inside.local_addr()?, outside.local_addr()?);
    let relay = Relay::new(ssrc, PayloadType(payload_type));
    println!("{} datagrams relayed", run(relay, &inside, &outside, to, limits)?);
    Ok(())
}
