//! Every generic function of mediawire, called with types of which the compiler knows as little as it can: the proof of no
//! panic (`cargo run -p mediawire-tools -- panics`) looks at what comes out, and says if one is missing here.
#![no_std]
#![allow(missing_docs)] // nobody calls these
#![allow(clippy::needless_lifetimes, clippy::extra_unused_lifetimes)] // that of one type in a list, and not of another

#[cfg(feature = "serde")]
pub mod nowhere;
#[cfg(feature = "serde")]
pub mod serde_instances;

use core::net::SocketAddr;
use core::time::Duration;

use mediawire::framing::{
    Deframer, Frames, InterleavedBuilder, Rfc4571, Rfc4571Builder, Rtsp, Turn,
};
use mediawire::net::{
    DatagramBuilder, EthernetBuilder, IcmpBuilder, IpProtocol, Ipv4Builder, Ipv6Builder,
    MacAddress, NullBuilder, Sll2Builder, SllBuilder, TcpBuilder, UdpBuilder, VlanBuilder,
};
use mediawire::rtcp::xr::{
    Block, BlockType, DiscardRleBuilder, DuplicateRleBuilder, LossRleBuilder, Metric,
    PostRepairLossRleBuilder,
};
use mediawire::rtcp::{
    CompoundWriter, Foreign, ForeignBuilder, Mark, Packet, PacketType, PayloadFeedbackFormat,
    TransportFeedbackFormat,
};
use mediawire::rtp::ext::{
    AbsSendTime, AudioLevel, ElementList, ExtensionMap, ExtensionMapError, Mid, TransportCc, Uri,
    Value,
};
use mediawire::rtp::{
    self, FlexFecRepair, PacketEditor, PacketMut, Recovered, RecoveryError, UlpFec, UlpFecLevel,
};
#[cfg(feature = "integrity")]
use mediawire::stun::agent::{Action, Authentication, Received, Timing, Transaction, Transport};
use mediawire::stun::{
    Attribute, AttributeType, ErrorCode, Message, MessageWriter, TypedAttribute, Username,
    XorMappedAddress,
};
use mediawire::{BuildError, Encode, ErrorKind, ParseError, Sink};

/// A format that says nothing about itself: neither its length nor whether it can be read or written.
#[derive(Clone, Copy)]
pub struct Opaque<'a>(&'a dyn Encode, &'a [u8]);

impl Encode for Opaque<'_> {
    #[inline(never)]
    fn encoded_len(&self) -> usize {
        self.0.encoded_len()
    }

    #[inline(never)]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        self.0.encode(out)
    }
}

impl<'a> Opaque<'a> {
    #[inline(never)]
    fn read(bytes: &'a [u8]) -> Result<Self, ParseError> {
        match bytes {
            [0, ..] => Ok(Self(&NOTHING, bytes)),
            [found, ..] => {
                let (found, offset) = ((*found).into(), bytes.len());
                let (what, field, kind) = ("opaque", "first", ErrorKind::Value { found });
                Err(ParseError { what, field, offset, kind })
            }
            [] => Ok(Self(&NOTHING, bytes)),
        }
    }
}

struct Nothing;
const NOTHING: Nothing = Nothing;

impl Encode for Nothing {
    fn encoded_len(&self) -> usize {
        0
    }

    fn encode(&self, _: &mut Sink<'_>) -> Result<(), BuildError> {
        Ok(())
    }
}

impl AsRef<[u8]> for Opaque<'_> {
    #[inline(never)]
    fn as_ref(&self) -> &[u8] {
        self.1
    }
}

impl<'a> TypedAttribute<'a> for Opaque<'a> {
    const TYPE: AttributeType = AttributeType(0xC0DE);

    #[inline(never)]
    fn parse(value: &'a [u8], _: &[u8; 16]) -> Result<Self, ParseError> {
        Self::read(value)
    }

    #[inline(never)]
    fn value_len(&self) -> usize {
        self.0.encoded_len()
    }

    #[inline(never)]
    fn encode(&self, out: &mut Sink<'_>, _: &[u8; 16]) -> Result<(), BuildError> {
        self.0.encode(out)
    }
}

impl<'a> Value<'a> for Opaque<'a> {
    const URIS: &'static [Uri] = &[Uri::MID, Uri::CSRC_AUDIO_LEVEL];

    #[inline(never)]
    fn parse(data: &'a [u8]) -> Result<Self, ParseError> {
        Self::read(data)
    }
}

type Written = Result<usize, BuildError>;

/// Builders around any payload, and around bytes.
macro_rules! around_payloads {
    ($($name:ident: $builder:ty, $bytes:ty;)+) => {
        $(pub mod $name {
            use super::*;

            pub fn opaque(builder: &$builder, out: &mut [u8]) -> Written {
                (&builder).write(out)
            }

            pub fn bytes(builder: &$bytes, out: &mut [u8]) -> Written {
                builder.write(out)
            }
        })+
    };
}

around_payloads! {
    udp: UdpBuilder<Opaque<'_>>, UdpBuilder<&[u8]>;
    tcp: TcpBuilder<'_, Opaque<'_>>, TcpBuilder<'_, &[u8]>;
    icmp: IcmpBuilder<Opaque<'_>>, IcmpBuilder<&[u8]>;
    ipv4: Ipv4Builder<'_, Opaque<'_>>, Ipv4Builder<'_, &[u8]>;
    ipv6: Ipv6Builder<'_, Opaque<'_>>, Ipv6Builder<'_, &[u8]>;
    ethernet: EthernetBuilder<Opaque<'_>>, EthernetBuilder<&[u8]>;
    vlan: VlanBuilder<Opaque<'_>>, VlanBuilder<&[u8]>;
    null: NullBuilder<Opaque<'_>>, NullBuilder<&[u8]>;
    sll: SllBuilder<Opaque<'_>>, SllBuilder<&[u8]>;
    sll2: Sll2Builder<Opaque<'_>>, Sll2Builder<&[u8]>;
    datagram: DatagramBuilder<Opaque<'_>>, DatagramBuilder<&[u8]>;
    framed: EthernetBuilder<DatagramBuilder<Opaque<'_>>>, EthernetBuilder<Ipv4Builder<'_, UdpBuilder<&[u8]>>>;
    rfc4571: Rfc4571Builder<Opaque<'_>>, Rfc4571Builder<&[u8]>;
    interleaved: InterleavedBuilder<Opaque<'_>>, InterleavedBuilder<&[u8]>;
}

pub fn datagram_of<'a>(
    (source, destination): (SocketAddr, SocketAddr),
    payload: Opaque<'a>,
    addresses: (MacAddress, MacAddress),
) -> EthernetBuilder<DatagramBuilder<Opaque<'a>>> {
    DatagramBuilder::new(source, destination, payload).in_ethernet(addresses.0, addresses.1)
}

pub fn ipv4_of<'a>(
    addresses: (core::net::Ipv4Addr, core::net::Ipv4Addr),
    protocol: IpProtocol,
    payload: Opaque<'a>,
) -> Ipv4Builder<'a, Opaque<'a>> {
    Ipv4Builder::new(addresses.0, addresses.1, protocol, payload)
}

pub fn ipv6_of<'a>(
    addresses: (core::net::Ipv6Addr, core::net::Ipv6Addr),
    protocol: IpProtocol,
    payload: Opaque<'a>,
) -> Ipv6Builder<'a, Opaque<'a>> {
    Ipv6Builder::new(addresses.0, addresses.1, protocol, payload)
}

#[inline(never)]
fn frames<D: Deframer>(deframer: &mut D, buffer: &[u8], ending: bool) -> (usize, usize, usize) {
    let mut walk =
        if ending { Frames::ending(deframer, buffer) } else { Frames::new(deframer, buffer) };
    let mut count = 0usize;
    while walk.next().is_some() {
        count = count.saturating_add(1);
    }
    (count, walk.used(), walk.need())
}

pub fn turn(turn: &mut Turn, buffer: &[u8], ending: bool) -> (usize, usize, usize) {
    frames(turn, buffer, ending)
}

pub fn rfc4571_frames(
    deframer: &mut Rfc4571,
    buffer: &[u8],
    ending: bool,
) -> (usize, usize, usize) {
    frames(deframer, buffer, ending)
}

pub fn rtsp(rtsp: &mut Rtsp, buffer: &[u8], ending: bool) -> (usize, usize, usize) {
    frames(rtsp, buffer, ending)
}

pub fn sink_array<'a>(sink: &mut Sink<'a>) -> Result<&'a mut [u8; 6], BuildError> {
    sink.array()
}

/// A format of one's own for each kind of mark.
macro_rules! foreign {
    ($($name:ident: $mark:expr;)+) => {
        $(pub mod $name {
            use super::*;

            pub struct Own<'a>(Opaque<'a>, u8);

            impl Encode for Own<'_> {
                fn encoded_len(&self) -> usize {
                    self.0.encoded_len()
                }

                fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
                    Encode::encode(&self.0, out)
                }
            }

            impl<'a> Foreign<'a> for Own<'a> {
                const MARK: Mark = $mark;

                fn parse(bits: u8, bytes: &'a [u8]) -> Result<Self, ParseError> {
                    Opaque::read(bytes).map(|read| Self(read, bits))
                }

                fn bits(&self) -> u8 {
                    self.1
                }
            }

            pub fn packet<'a>(packet: &Packet<'a>) -> Option<Result<Own<'a>, ParseError>> {
                packet.foreign()
            }

            pub fn block<'a>(block: &Block<'a>) -> Option<Result<Own<'a>, ParseError>> {
                block.foreign()
            }

            pub fn builder<'a>(own: Own<'a>, padding: &'a [u8]) -> ForeignBuilder<'a, Own<'a>> {
                ForeignBuilder { padding, ..ForeignBuilder::new(own) }
            }

            pub fn write(builder: &ForeignBuilder<'_, Own<'_>>, out: &mut [u8]) -> Written {
                builder.write(out)
            }
        })+
    };
}

foreign! {
    own_packet: Mark::Packet(PacketType(220));
    own_transport_feedback: Mark::TransportFeedback(TransportFeedbackFormat(30));
    own_payload_feedback: Mark::PayloadFeedback(PayloadFeedbackFormat(30));
    own_app: Mark::App(*b"OWN ");
    own_afb: Mark::Afb(*b"OWN ");
    own_block: Mark::Block(BlockType(250));
}

pub fn compound_push(writer: &mut CompoundWriter<'_>, packet: &Opaque<'_>) -> Written {
    writer.push(packet)
}

pub fn compound_push_with(
    writer: &mut CompoundWriter<'_>,
    write: fn(&mut [u8]) -> Result<usize, BuildError>,
) -> Written {
    writer.push_with(write)
}

type Numbers<'a> = &'a mut dyn Iterator<Item = u16>;

pub fn loss_rle<'a>(
    (ssrc, begin, end, thinning): (u32, u16, u16, u8),
    numbers: Numbers<'_>,
    room: &'a mut [[u8; 2]],
) -> Result<LossRleBuilder<'a>, BuildError> {
    LossRleBuilder::from_received(ssrc, begin, end, thinning, numbers, room)
}

pub fn duplicate_rle<'a>(
    (ssrc, begin, end, thinning): (u32, u16, u16, u8),
    numbers: Numbers<'_>,
    room: &'a mut [[u8; 2]],
) -> Result<DuplicateRleBuilder<'a>, BuildError> {
    DuplicateRleBuilder::from_received(ssrc, begin, end, thinning, numbers, room)
}

pub fn discard_rle<'a>(
    (ssrc, begin, end, thinning): (u32, u16, u16, u8),
    numbers: Numbers<'_>,
    room: &'a mut [[u8; 2]],
) -> Result<DiscardRleBuilder<'a>, BuildError> {
    DiscardRleBuilder::from_discarded(ssrc, begin, end, thinning, numbers, room)
}

pub fn post_repair_loss_rle<'a>(
    (ssrc, begin, end, thinning): (u32, u16, u16, u8),
    numbers: Numbers<'_>,
    room: &'a mut [[u8; 2]],
) -> Result<PostRepairLossRleBuilder<'a>, BuildError> {
    PostRepairLossRleBuilder::from_present(ssrc, begin, end, thinning, numbers, room)
}

pub fn metric_16(
    metric: Metric<u16>,
    rate: u32,
) -> (Option<u16>, Option<Duration>, Option<Duration>) {
    (metric.value(), metric.as_millis(), metric.at_clock_rate(rate))
}

pub fn metric_32(
    metric: Metric<u32>,
    rate: u32,
) -> (Option<u32>, Option<Duration>, Option<Duration>) {
    (metric.value(), metric.as_millis(), metric.at_clock_rate(rate))
}

pub fn metric_64(
    metric: Metric<u64>,
    rate: u32,
) -> (Option<u64>, Option<Duration>, Option<Duration>) {
    (metric.value(), metric.as_millis(), metric.at_clock_rate(rate))
}

type Lookup<'p> = fn(u16) -> Option<&'p [u8]>;

pub fn ulpfec(
    fec: &UlpFec<'_>,
    ssrc: u32,
    packet: Lookup<'_>,
    out: &mut [u8],
) -> Result<Recovered, RecoveryError> {
    fec.recover(ssrc, packet, out)
}

pub fn ulpfec_level(
    level: &UlpFecLevel<'_>,
    number: u16,
    packet: Lookup<'_>,
    out: &mut [u8],
) -> Option<usize> {
    level.recover(number, packet, out)
}

pub fn flexfec(
    repair: &FlexFecRepair<'_>,
    packet: fn(u32, u16) -> Option<&'static [u8]>,
    out: &mut [u8],
) -> Result<Recovered, RecoveryError> {
    repair.recover(packet, out)
}

pub fn map_element_ids(
    editor: &mut PacketEditor<'_>,
    map: fn(u8) -> Option<u8>,
) -> Result<(), BuildError> {
    editor.map_element_ids(map)
}

pub fn retain_elements(editor: &mut PacketEditor<'_>, keep: fn(u8) -> bool) {
    editor.retain_elements(keep);
}

pub fn from_extmaps(
    values: &mut dyn Iterator<Item = &'static str>,
) -> Result<ExtensionMap, ExtensionMapError> {
    ExtensionMap::from_extmaps(values)
}

/// Kinds of header extension elements, by the map.
macro_rules! extensions {
    ($($name:ident: $value:ty;)+) => {
        $(pub mod $name {
            use super::*;

            pub fn get<'a>(
                map: &ExtensionMap,
                packet: &rtp::Packet<'a>,
            ) -> Result<Option<$value>, ParseError> {
                map.get(packet)
            }

            pub fn get_decrypted<'a>(
                map: &ExtensionMap,
                packet: &rtp::Packet<'a>,
            ) -> Result<Option<$value>, ParseError> {
                map.get_decrypted(packet)
            }

            pub fn set<'a>(
                map: &ExtensionMap,
                packet: &mut PacketMut<'_>,
                value: &'a $value,
            ) -> Result<(), BuildError> {
                map.set(packet, value)
            }

            pub fn push<'a>(
                list: &mut ElementList<'_, '_, 8>,
                value: &'a $value,
            ) -> Result<(), BuildError> {
                list.push(value)
            }
        })+
    };
}

extensions! {
    opaque_element: Opaque<'a>;
    mid: Mid<'a>;
    transport_cc: TransportCc;
    audio_level: AudioLevel;
    abs_send_time: AbsSendTime;
}

pub fn element_list<'m, 'b>(map: &'m ExtensionMap, buffer: &'b mut [u8]) -> ElementList<'m, 'b, 8> {
    ElementList::new(map, buffer)
}

pub fn element_list_extension<'a>(
    list: &'a ElementList<'_, '_, 8>,
) -> Result<rtp::ExtensionBuilder<'a>, BuildError> {
    list.extension()
}

pub fn element_list_debug(
    list: &ElementList<'_, '_, 8>,
    out: &mut dyn core::fmt::Write,
) -> core::fmt::Result {
    out.write_fmt(format_args!("{list:?}"))
}

/// Attributes of STUN messages.
macro_rules! attributes {
    ($($name:ident: $value:ty;)+) => {
        $(pub mod $name {
            use super::*;

            pub fn get<'a>(message: &Message<'a>) -> Option<Result<$value, ParseError>> {
                message.get()
            }

            pub fn has<'a>(message: &Message<'a>) -> bool {
                message.has::<$value>()
            }

            pub fn parse_as<'a>(attribute: &Attribute<'a>) -> Result<$value, ParseError> {
                attribute.parse_as()
            }

            pub fn push<'a>(
                writer: &mut MessageWriter<'_>,
                value: $value,
            ) -> Result<(), BuildError> {
                writer.push(value).map(|_| ())
            }
        })+
    };
}

attributes! {
    opaque_attribute: Opaque<'a>;
    xor_mapped_address: XorMappedAddress;
    error_code: ErrorCode<'a>;
    username: Username<'a>;
}

pub fn push_unknown_attributes(
    writer: &mut MessageWriter<'_>,
    types: core::iter::Copied<core::slice::Iter<'_, AttributeType>>,
) -> Result<(), BuildError> {
    writer.push_unknown_attributes(types).map(|_| ())
}

#[cfg(feature = "rand")]
pub fn transaction_id(random: &mut dyn rand::CryptoRng) -> mediawire::stun::TransactionId {
    mediawire::stun::TransactionId::random(random)
}

#[cfg(feature = "rand")]
pub fn stream_start(random: &mut dyn rand::CryptoRng) -> mediawire::session::StreamStart {
    mediawire::session::StreamStart::random(random)
}

/// A transaction whose request is held by this.
#[cfg(feature = "integrity")]
macro_rules! transactions {
    ($($name:ident: $request:ty;)+) => {
        $(pub mod $name {
            use super::*;

            pub fn new<'a>(
                request: $request,
                transport: Transport,
                timing: Timing,
                now: Duration,
            ) -> Result<Transaction<$request>, ParseError> {
                Transaction::new(request, transport, timing, now)
            }

            pub fn require_fingerprint<'a>(transaction: Transaction<$request>) -> Transaction<$request> {
                transaction.require_fingerprint()
            }

            pub fn poll<'a, 't>(
                transaction: &'t mut Transaction<$request>,
                now: Duration,
            ) -> Action<'t> {
                transaction.poll(now)
            }

            pub fn receive<'a, 'm>(
                transaction: &mut Transaction<$request>,
                datagram: &'m [u8],
                authentication: Authentication<'_>,
            ) -> Received<'m> {
                transaction.receive(datagram, authentication)
            }

            pub fn rest<'a, 't>(
                transaction: &'t Transaction<$request>,
                now: Duration,
            ) -> (&'t [u8], mediawire::stun::TransactionId, Option<Duration>) {
                (transaction.request(), transaction.id(), transaction.round_trip(now))
            }
        })+
    };
}

#[cfg(feature = "integrity")]
transactions! {
    opaque_transaction: Opaque<'a>;
    slice_transaction: &'a [u8];
}

#[cfg(feature = "alloc")]
pub mod growing {
    extern crate alloc;
    use super::*;
    use alloc::vec::Vec;

    pub fn append_to_vec(value: &Opaque<'_>, out: &mut Vec<u8>) -> Written {
        value.append_to(out)
    }

    #[cfg(feature = "bytes")]
    pub fn append_to_bytes(value: &Opaque<'_>, out: &mut bytes::BytesMut) -> Written {
        value.append_to(out)
    }
}
