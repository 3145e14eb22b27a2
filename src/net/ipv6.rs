//! Internet Protocol version 6 (RFC 8200 section 3) and its extension headers (section 4).
//!
//! ```text
//! |Version| traffic class |              flow label               |
//! |        payload length         |  next header  |   hop limit   |
//! |                   source address, 16 bytes                    |
//! |                 destination address, 16 bytes                 |
//! ```
//!
//! Each extension header tells what follows it:
//!
//! ```text
//! |  next header  |    length     |  data …    length × 8 + 8 bytes (AH: × 4)
//! |  next header  |   reserved    |  fragment offset        |Res|M|  fragment
//! |                        identification                         |
//! ```
//!
//! Hop-by-hop and destination options, routing, mobility, HIP and Shim6 have the first form; AH too, with
//! another unit (RFC 4302 section 2.2). Behind the header of a true fragment stands a part of something: there
//! the walk ends. It ends at ESP and at "no next header" too, as these are no extension headers of the first
//! form.

use core::net::Ipv6Addr;
use core::{fmt, ops::Range};

use byteorder::{BE, ByteOrder};
use nom::Parser;
use nom::error::context;

use super::{Fragment, IpProtocol, PseudoHeader};
use crate::encode::{Encode, Sink, narrow};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::registry::registry;
use crate::wire::array;

// Places in the header, for reading and for writing.
const FIRST_WORD: Range<usize> = 0..4;
const PAYLOAD_LENGTH: Range<usize> = 4..6;
const NEXT_HEADER: usize = 6;
const HOP_LIMIT: usize = 7;
const SOURCE: Range<usize> = 8..24;
const DESTINATION: Range<usize> = 24..40;
const HEADER_LEN: usize = DESTINATION.end;

// Places in a fragment header.
const FRAGMENT_PLACE: Range<usize> = 2..4;
const FRAGMENT_ID: Range<usize> = 4..8;
const FRAGMENT_LEN: usize = FRAGMENT_ID.end;

/// The unit of extension headers, and the least that one takes.
const UNIT: usize = 8;
/// The least of AH: its fixed fields (RFC 4302 section 2).
const AH_MIN: usize = 12;

registry! {
    /// An option of the hop-by-hop or destination options header (IANA, Destination Options and Hop-by-Hop
    /// Options).
    Ipv6OptionKind(u8) {
        /// One byte of padding, without length.
        PAD1 = 0, "Pad1";
        /// Padding of two bytes and more.
        PADN = 1, "PadN";
        /// Tunnel encapsulation limit, RFC 2473.
        TUNNEL_LIMIT = 4, "tunnel encapsulation limit";
        /// Router alert, RFC 2711.
        ROUTER_ALERT = 5, "router alert";
        /// Jumbo payload, RFC 2675.
        JUMBO_PAYLOAD = 0xC2, "jumbo payload";
        /// Home address, RFC 6275.
        HOME_ADDRESS = 0xC9, "home address";
    }
}

/// An IPv6 packet, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Ipv6<'a> {
    header: &'a [u8; HEADER_LEN],
    extensions: &'a [u8],
    protocol: IpProtocol,
    payload: &'a [u8],
    fragment: Option<&'a [u8; FRAGMENT_LEN]>,
    missing: usize,
}

impl<'a> Ipv6<'a> {
    /// Reads the packet at the front of `bytes` and all its extension headers; what follows its payload length
    /// is ignored, as it is padding.
    ///
    /// A payload length of 0 is that of a jumbogram, whose hop-by-hop header has the true length (RFC 2675), or
    /// of a packet whose next header says that there is none. Otherwise it is what a capture on the sender has
    /// of a packet that the network card cuts up later: then the packet is all of `bytes`.
    ///
    /// # Errors
    /// Fewer bytes than the payload length says, a version other than 6, an extension header beyond the
    /// payload, an AH shorter than 12 bytes, a jumbo payload length below 65536.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("IPv6", bytes, |i| ipv6(i, 0))
    }

    #[inline]
    fn first_word(&self) -> u32 {
        BE::read_u32(&self.header[FIRST_WORD])
    }

    /// DSCP and ECN together.
    #[inline]
    pub fn traffic_class(&self) -> u8 {
        let [class, ..] = (self.first_word() << 4).to_be_bytes(); // the version shifted out
        class
    }

    /// Differentiated services code point, 6 bits.
    #[inline]
    pub fn dscp(&self) -> u8 {
        self.traffic_class() >> 2
    }

    /// Explicit congestion notification, 2 bits.
    #[inline]
    pub fn ecn(&self) -> u8 {
        self.traffic_class() & 3
    }

    /// 20 bits, the same for all packets of a flow.
    #[inline]
    pub fn flow_label(&self) -> u32 {
        self.first_word() & 0xf_ffff
    }

    /// Bytes behind the fixed header as the sender says, extension headers included; or 0: see
    /// [`parse`](Self::parse).
    #[inline]
    pub fn payload_length(&self) -> u16 {
        BE::read_u16(&self.header[PAYLOAD_LENGTH])
    }

    /// What follows the fixed header: an extension header maybe.
    #[inline]
    pub fn next_header(&self) -> IpProtocol {
        IpProtocol(self.header[NEXT_HEADER])
    }

    /// Hops that are left.
    #[inline]
    pub fn hop_limit(&self) -> u8 {
        self.header[HOP_LIMIT]
    }

    /// The sender.
    #[inline]
    pub fn source(&self) -> Ipv6Addr {
        Ipv6Addr::from_bits(BE::read_u128(&self.header[SOURCE]))
    }

    /// Where it goes to: with a routing header, the next stop.
    #[inline]
    pub fn destination(&self) -> Ipv6Addr {
        Ipv6Addr::from_bits(BE::read_u128(&self.header[DESTINATION]))
    }

    /// The bytes of all extension headers.
    #[inline]
    pub fn extension_bytes(&self) -> &'a [u8] {
        self.extensions
    }

    /// The extension headers, in order.
    #[inline]
    pub fn extension_headers(&self) -> ExtensionHeaders<'a> {
        ExtensionHeaders { next: self.next_header(), rest: self.extensions }
    }

    /// What the payload is, after the extension headers.
    #[inline]
    pub fn protocol(&self) -> IpProtocol {
        self.protocol
    }

    /// What follows the extension headers.
    #[inline]
    pub fn payload(&self) -> &'a [u8] {
        self.payload
    }

    /// Where the payload belongs, if it is a part of a packet. A fragment header on a whole packet (RFC 6946)
    /// does not count.
    #[inline]
    pub fn fragment(&self) -> Option<Fragment> {
        self.fragment.map(fragment_of)
    }

    /// The packet is longer than its payload length can say (RFC 2675).
    #[inline]
    pub fn is_jumbogram(&self) -> bool {
        let there = self.extensions.len().saturating_add(self.payload.len());
        self.payload_length() == 0 && there.saturating_add(self.missing) > usize::from(u16::MAX)
    }

    /// Bytes at the packet's end that the capture lacks; 0 unless it comes from
    /// [`Packet::parse_captured`](super::Packet::parse_captured).
    #[inline]
    pub fn missing(&self) -> usize {
        self.missing
    }

    /// Its addresses, for the checksum of what it carries. `None` if a routing header sends it on to another
    /// destination.
    #[inline]
    pub fn pseudo_header(&self) -> Option<PseudoHeader> {
        if !self.extensions.is_empty() && self.is_routed_on() {
            return None;
        }
        Some(PseudoHeader::V6 { source: self.source(), destination: self.destination() })
    }

    fn is_routed_on(&self) -> bool {
        self.extension_headers().any(|header| header.segments_left().is_some_and(|left| left > 0))
    }
}

/// The packet at the front of `i`; up to `beyond` bytes at its end may be ones that the capture lacks behind `i`.
#[inline]
pub(crate) fn ipv6(i: &[u8], beyond: usize) -> Step<'_, Ipv6<'_>> {
    let (behind, header) = context("header", array::<HEADER_LEN>).parse(i)?;
    let [first, ..] = header;
    if first >> 4 != 6 {
        return Err(Fail::field("version", i, ErrorKind::Version { found: first >> 4 }));
    }
    let next = IpProtocol(header[NEXT_HEADER]);
    let length = match usize::from(BE::read_u16(&header[PAYLOAD_LENGTH])) {
        0 => length_of_zero(next, behind, beyond)?,
        length => length,
    };
    let (body, rest) = behind.split_at_checked(length).unwrap_or((behind, &[]));
    let missing = length.saturating_sub(body.len());
    if missing > beyond {
        let kind = ErrorKind::Truncated { need: length, have: body.len() };
        return Err(Fail::field("payload", body, kind));
    }
    let mut packet =
        Ipv6 { header, extensions: &[], protocol: next, payload: body, fragment: None, missing };
    if next.is_extension_header() {
        walk(&mut packet)?;
    }
    Ok((rest, packet))
}

/// What a payload length of 0 means: see [`Ipv6::parse`].
#[cold]
fn length_of_zero<'a>(
    next: IpProtocol,
    behind: &'a [u8],
    beyond: usize,
) -> Result<usize, nom::Err<Fail<'a>>> {
    if next == IpProtocol::NO_NEXT_HEADER {
        return Ok(0);
    }
    let all = Ok(behind.len().saturating_add(beyond));
    let mut headers = ExtensionHeaders { next, rest: behind };
    let Some(hop_by_hop) = headers.next().filter(|first| first.kind == IpProtocol::HOP_BY_HOP)
    else {
        return all;
    };
    let mut options = hop_by_hop.options().into_iter().flatten();
    let jumbo = options.find(|option| option.kind == Ipv6OptionKind::JUMBO_PAYLOAD);
    // An option of another length is not one of RFC 2675.
    let Some((at, length)) =
        jumbo.and_then(|jumbo| Some((jumbo.data, <[u8; 4]>::try_from(jumbo.data).ok()?)))
    else {
        return all;
    };
    let found = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    let least = usize::from(u16::MAX).saturating_add(1);
    if found < least {
        let kind = ErrorKind::Length { found, have: least };
        return Err(Fail::field("jumbo payload length", at, kind));
    }
    Ok(found)
}

/// Takes the extension headers off the payload. Where the capture ends within one, the payload begins with it.
fn walk<'a>(packet: &mut Ipv6<'a>) -> Result<(), nom::Err<Fail<'a>>> {
    let body = packet.payload;
    let mut rest = body;
    while packet.protocol.is_extension_header() {
        let length = extension_length(packet.protocol, rest);
        let Some((header, behind)) = length.and_then(|length| rest.split_at_checked(length)) else {
            match length {
                // The capture's end, not the packet's.
                Some(need) if need.saturating_sub(rest.len()) <= packet.missing => break,
                None if packet.missing >= UNIT.saturating_sub(rest.len()) => break,
                Some(found) => {
                    let have = rest.len().saturating_add(packet.missing);
                    let kind = ErrorKind::Length { found, have };
                    return Err(Fail::field("extension header", rest, kind));
                }
                None => {
                    let have = rest.len().saturating_add(packet.missing);
                    let kind = ErrorKind::Truncated { need: UNIT, have };
                    return Err(Fail::field("extension header", rest, kind));
                }
            }
        };
        let this = packet.protocol;
        if this == IpProtocol::AH && header.len() < AH_MIN {
            let kind = ErrorKind::Length { found: header.len(), have: AH_MIN };
            return Err(Fail::field("extension header", rest, kind));
        }
        packet.protocol = IpProtocol(header.first().copied().unwrap_or_default());
        rest = behind;
        if this == IpProtocol::FRAGMENT {
            packet.fragment = header.first_chunk().filter(|header| is_part(header));
            if packet.fragment.is_some() {
                break;
            }
        }
    }
    packet.payload = rest;
    (packet.extensions, _) =
        body.split_at_checked(body.len().saturating_sub(rest.len())).unwrap_or((body, &[]));
    Ok(())
}

/// The bytes that the extension header at the front of `bytes` says it takes; `None` if there are fewer than 8.
#[inline]
fn extension_length(kind: IpProtocol, bytes: &[u8]) -> Option<usize> {
    let &[_, length, ..] = bytes.first_chunk::<UNIT>()?;
    let length = usize::from(length);
    Some(match kind {
        IpProtocol::FRAGMENT => FRAGMENT_LEN,
        IpProtocol::AH => length.saturating_add(2) << 2,
        _ => length.saturating_add(1) << 3,
    })
}

/// The fragment header is that of a part, not of a whole packet.
#[inline]
fn is_part(header: &[u8; FRAGMENT_LEN]) -> bool {
    let place = BE::read_u16(&header[FRAGMENT_PLACE]);
    place >> 3 != 0 || place & 1 != 0
}

#[inline]
fn fragment_of(header: &[u8; FRAGMENT_LEN]) -> Fragment {
    let place = BE::read_u16(&header[FRAGMENT_PLACE]);
    Fragment {
        identification: BE::read_u32(&header[FRAGMENT_ID]),
        offset: place >> 3,
        more: place & 1 != 0,
    }
}

/// One line: `IPv6 fd77::1 -> fd77::2 UDP hop-limit=63 length=22`.
impl fmt::Display for Ipv6<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IPv6 {} -> {} {}", self.source(), self.destination(), self.protocol())?;
        write!(f, " hop-limit={} length={}", self.hop_limit(), self.payload_length())?;
        self.fragment().map_or(Ok(()), |fragment| write!(f, " {fragment}"))
    }
}

impl fmt::Debug for Ipv6<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ipv6")
            .field("traffic_class", &self.traffic_class())
            .field("flow_label", &self.flow_label())
            .field("payload_length", &self.payload_length())
            .field("next_header", &self.next_header())
            .field("hop_limit", &self.hop_limit())
            .field("source", &self.source())
            .field("destination", &self.destination())
            .field("extension_headers", &self.extension_headers())
            .field("protocol", &self.protocol())
            .field("payload", &self.payload())
            .field("missing", &self.missing())
            .finish()
    }
}

/// An extension header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExtensionHeader<'a> {
    /// Which one.
    pub kind: IpProtocol,
    /// All of it: 8 bytes and more.
    pub bytes: &'a [u8],
}

impl<'a> ExtensionHeader<'a> {
    /// What follows it.
    #[inline]
    pub fn next_header(&self) -> IpProtocol {
        IpProtocol(self.bytes.first().copied().unwrap_or_default())
    }

    /// What follows next header and length (of a fragment header: next header and reserved).
    #[inline]
    pub fn data(&self) -> &'a [u8] {
        self.bytes.get(2..).unwrap_or_default()
    }

    /// What a fragment header says; `None` of another one.
    #[inline]
    pub fn fragment(&self) -> Option<Fragment> {
        if self.kind != IpProtocol::FRAGMENT {
            return None;
        }
        self.bytes.first_chunk().map(fragment_of)
    }

    /// Stops that the packet still has to visit, of a routing header; `None` of another one.
    #[inline]
    pub fn segments_left(&self) -> Option<u8> {
        if self.kind != IpProtocol::ROUTING {
            return None;
        }
        self.data().get(1).copied()
    }

    /// The options of a hop-by-hop or destination options header; `None` of another one.
    #[inline]
    pub fn options(&self) -> Option<Ipv6Options<'a>> {
        match self.kind {
            IpProtocol::HOP_BY_HOP | IpProtocol::DESTINATION_OPTIONS => {
                Some(Ipv6Options { rest: self.data() })
            }
            _ => None,
        }
    }
}

/// The extension headers of a packet, in order: an iterator.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ExtensionHeaders<'a> {
    next: IpProtocol,
    rest: &'a [u8],
}

impl<'a> Iterator for ExtensionHeaders<'a> {
    type Item = ExtensionHeader<'a>;

    #[inline]
    fn next(&mut self) -> Option<ExtensionHeader<'a>> {
        if !self.next.is_extension_header() {
            return None;
        }
        // Of a packet that was parsed all headers fit; a builder is asked about any bytes.
        let (bytes, rest) = self.rest.split_at_checked(extension_length(self.next, self.rest)?)?;
        let header = ExtensionHeader { kind: self.next, bytes };
        *self = Self { next: header.next_header(), rest };
        Some(header)
    }
}

impl fmt::Debug for ExtensionHeaders<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

/// An option of a hop-by-hop or destination options header (RFC 8200 section 4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ipv6Option<'a> {
    /// Which one: the first two bits say what a node does that does not know it, the third whether it may change.
    pub kind: Ipv6OptionKind,
    /// What follows kind and length: nothing for Pad1.
    pub data: &'a [u8],
}

/// The options of a header: an iterator up to its end or the first one that does not fit there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ipv6Options<'a> {
    rest: &'a [u8],
}

impl<'a> Ipv6Options<'a> {
    /// What has not been read yet. At the iterator's end that is nothing, or an option that does not fit.
    #[inline]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

impl<'a> Iterator for Ipv6Options<'a> {
    type Item = Ipv6Option<'a>;

    #[inline]
    fn next(&mut self) -> Option<Ipv6Option<'a>> {
        let (&kind, behind) = self.rest.split_first()?;
        let kind = Ipv6OptionKind(kind);
        let (data, rest) = if kind == Ipv6OptionKind::PAD1 {
            (&[][..], behind)
        } else {
            let (&length, behind) = behind.split_first()?;
            behind.split_at_checked(usize::from(length))?
        };
        self.rest = rest;
        Some(Ipv6Option { kind, data })
    }
}

/// An IPv6 packet to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ipv6Builder<'a, P> {
    /// As [`Ipv6::traffic_class`].
    pub traffic_class: u8,
    /// As [`Ipv6::flow_label`], 20 bits.
    pub flow_label: u32,
    /// As [`Ipv6::next_header`]: the first extension header if there is one, otherwise what the payload is.
    pub next_header: IpProtocol,
    /// As [`Ipv6::hop_limit`].
    pub hop_limit: u8,
    /// As [`Ipv6::source`].
    pub source: Ipv6Addr,
    /// As [`Ipv6::destination`].
    pub destination: Ipv6Addr,
    /// As [`Ipv6::extension_bytes`]: whole headers, each telling what follows it. See [`ExtensionHeaderBuilder`].
    pub extensions: &'a [u8],
    /// The next header, or bytes.
    pub payload: P,
}

impl<P> Ipv6Builder<'_, P> {
    /// A packet of hop limit 64 without extension headers.
    pub const fn new(
        source: Ipv6Addr,
        destination: Ipv6Addr,
        next_header: IpProtocol,
        payload: P,
    ) -> Self {
        Self {
            traffic_class: 0,
            flow_label: 0,
            next_header,
            hop_limit: 64,
            source,
            destination,
            extensions: &[],
            payload,
        }
    }
}

/// A payload length of 0 becomes the right one; a jumbogram can't be built. Of a packet that the capture cut
/// short there is only what is there.
impl<'a> From<Ipv6<'a>> for Ipv6Builder<'a, &'a [u8]> {
    fn from(view: Ipv6<'a>) -> Self {
        Self {
            traffic_class: view.traffic_class(),
            flow_label: view.flow_label(),
            next_header: view.next_header(),
            hop_limit: view.hop_limit(),
            source: view.source(),
            destination: view.destination(),
            extensions: view.extension_bytes(),
            payload: view.payload(),
        }
    }
}

impl<P> Ipv6Builder<'_, P> {
    /// Each header is there to its end, and no further one is announced: but for one behind a fragment header,
    /// which is in the fragments' payload.
    #[inline]
    fn extensions_are_whole(&self) -> bool {
        let mut headers = ExtensionHeaders { next: self.next_header, rest: self.extensions };
        let last = headers.by_ref().last();
        let is_part = last.is_some_and(|last| {
            last.kind == IpProtocol::FRAGMENT && last.bytes.first_chunk().is_some_and(is_part)
        });
        headers.rest.is_empty() && (is_part || !headers.next.is_extension_header())
    }
}

impl<P: Encode> Encode for Ipv6Builder<'_, P> {
    #[inline]
    fn encoded_len(&self) -> usize {
        let body = self.extensions.len().saturating_add(self.payload.encoded_len());
        HEADER_LEN.saturating_add(body)
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if self.flow_label > 0xf_ffff {
            return Err(BuildError::OutOfRange { field: "flow label" });
        }
        if !self.extensions_are_whole() {
            return Err(BuildError::OutOfRange { field: "extension headers" });
        }
        let body = self.extensions.len().saturating_add(self.payload.encoded_len());
        let length = narrow("payload", body)?;
        let first = 0x6000_0000 | u32::from(self.traffic_class) << 20 | self.flow_label;
        let header = out.array::<HEADER_LEN>()?;
        BE::write_u32(&mut header[FIRST_WORD], first);
        BE::write_u16(&mut header[PAYLOAD_LENGTH], length);
        header[NEXT_HEADER] = self.next_header.0;
        header[HOP_LIMIT] = self.hop_limit;
        header[SOURCE].copy_from_slice(&self.source.octets());
        header[DESTINATION].copy_from_slice(&self.destination.octets());
        out.bytes(self.extensions)?;
        self.payload.encode(out)
    }
}

/// An extension header to be written, of any kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExtensionHeaderBuilder<'a> {
    /// Which one: it decides the unit of the length. It stands in the header before.
    pub kind: IpProtocol,
    /// As [`ExtensionHeader::next_header`].
    pub next_header: IpProtocol,
    /// As [`ExtensionHeader::data`]: with the two bytes before it a multiple of 8 (AH: of 4, and 12 at least).
    pub data: &'a [u8],
}

impl ExtensionHeaderBuilder<'_> {
    /// The length field.
    fn length(&self) -> Option<u8> {
        let length = self.data.len().checked_add(2)?;
        let (unit, less) = match self.kind {
            IpProtocol::FRAGMENT => return (length == FRAGMENT_LEN).then_some(0),
            IpProtocol::AH if length < AH_MIN => return None,
            IpProtocol::AH => (4, 2),
            _ => (UNIT, 1),
        };
        if !self.kind.is_extension_header() || !length.is_multiple_of(unit) {
            return None;
        }
        u8::try_from(length.checked_div(unit)?.checked_sub(less)?).ok()
    }
}

impl Encode for ExtensionHeaderBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        self.data.len().saturating_add(2)
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let length = self.length().ok_or(BuildError::OutOfRange { field: "data" })?;
        *out.array()? = [self.next_header.0, length];
        out.bytes(self.data)
    }
}

/// A fragment header to be written (RFC 8200 section 4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FragmentHeaderBuilder {
    /// As [`ExtensionHeader::next_header`].
    pub next_header: IpProtocol,
    /// The offset is 13 bits.
    pub fragment: Fragment,
}

impl Encode for FragmentHeaderBuilder {
    #[inline]
    fn encoded_len(&self) -> usize {
        FRAGMENT_LEN
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if self.fragment.offset > 0x1fff {
            return Err(BuildError::OutOfRange { field: "fragment offset" });
        }
        let place = self.fragment.offset << 3 | u16::from(self.fragment.more);
        let header = out.array::<FRAGMENT_LEN>()?;
        *header = [self.next_header.0, 0, 0, 0, 0, 0, 0, 0];
        BE::write_u16(&mut header[FRAGMENT_PLACE], place);
        BE::write_u32(&mut header[FRAGMENT_ID], self.fragment.identification);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::format;
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;

    /// gst-rawvideo-ip-fragments.pcap, frame 42: the IP packet.
    const PACKET: [u8; 62] = [
        0x60, 0x0b, 0xd7, 0xbd, // version 6, traffic class 0, flow label
        0x00, 0x16, 0x11, 0x3f, // payload length 22, UDP, hop limit 63
        0xfd, 0x77, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, // fd77:1::1
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, //
        0xfd, 0x77, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, // fd77:2::1
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, //
        0x90, 0x20, 0x13, 0x8a, 0x00, 0x16, 0xfb, 0x1b, // UDP
        0x80, 0x60, 0x2f, 0x11, 0x00, 0xbe, 0xbf, 0x37, // RTP
        0xb8, 0x06, 0x22, 0x7a, 0x09, 0x10,
    ];

    /// gst-rawvideo-ip-fragments.pcap, frame 3, the first bytes behind the fixed header: hop-by-hop with a
    /// router alert and PadN, then ICMPv6.
    const HOP_BY_HOP: [u8; 8] = [0x3a, 0x00, 0x05, 0x02, 0x00, 0x00, 0x01, 0x00];

    /// The fixed header of `PACKET` before `body`.
    fn packet(next: u8, body: &[u8]) -> Vec<u8> {
        let mut bytes = PACKET[..40].to_vec();
        bytes[4..6].copy_from_slice(&u16::try_from(body.len()).unwrap().to_be_bytes());
        bytes[6] = next;
        bytes.extend_from_slice(body);
        bytes
    }

    fn refused(bytes: &[u8]) -> (&'static str, usize, ErrorKind) {
        let error = Ipv6::parse(bytes).unwrap_err();
        assert_eq!(error.what, "IPv6");
        (error.field, error.offset, error.kind)
    }

    #[test]
    fn reads_every_field() {
        let ip = Ipv6::parse(&PACKET).unwrap();
        assert_eq!((ip.traffic_class(), ip.flow_label()), (0, 0xbd7bd));
        assert_eq!((ip.payload_length(), ip.missing()), (22, 0));
        assert_eq!((ip.next_header(), ip.protocol()), (IpProtocol::UDP, IpProtocol::UDP));
        assert_eq!(ip.hop_limit(), 63);
        assert_eq!(ip.source().to_string(), "fd77:1::1");
        assert_eq!(ip.destination().to_string(), "fd77:2::1");
        assert_eq!((ip.extension_bytes(), ip.extension_headers().count()), (&[][..], 0));
        assert_eq!((ip.payload(), ip.fragment()), (&PACKET[40..], None));
        assert!(!ip.is_jumbogram());
        assert_eq!(ip.to_string(), "IPv6 fd77:1::1 -> fd77:2::1 UDP hop-limit=63 length=22");
        let mut bytes = PACKET;
        bytes[0] = 0x6a;
        bytes[1] = 0xbb;
        let ip = Ipv6::parse(&bytes).unwrap();
        assert_eq!((ip.traffic_class(), ip.dscp(), ip.ecn()), (0xab, 0x2a, 3));
        assert_eq!(ip.flow_label(), 0xbd7bd);
    }

    #[test]
    fn walks_a_real_hop_by_hop_header() {
        let bytes = packet(0, &HOP_BY_HOP);
        let ip = Ipv6::parse(&bytes).unwrap();
        assert_eq!((ip.next_header(), ip.protocol()), (IpProtocol::HOP_BY_HOP, IpProtocol::ICMPV6));
        let headers: Vec<_> = ip.extension_headers().collect();
        assert_eq!(headers.len(), 1);
        assert_eq!(headers[0].bytes, HOP_BY_HOP);
        let mut options = headers[0].options().unwrap();
        let alert = Ipv6Option { kind: Ipv6OptionKind::ROUTER_ALERT, data: &[0, 0] };
        let padding = Ipv6Option { kind: Ipv6OptionKind::PADN, data: &[] };
        assert_eq!(options.by_ref().collect::<Vec<_>>(), [alert, padding]);
        assert!(options.rest().is_empty() && ip.payload().is_empty());
    }

    #[test]
    fn tells_the_fragments_of_a_packet() {
        // gst-rawvideo-ip-fragments.pcap, frames 54 and 56: the fragment headers.
        let first = packet(44, &[0x11, 0, 0, 1, 0x3c, 0x06, 0x63, 0x7c, 0x90, 0x20, 0x13, 0x8a]);
        let last = packet(44, &[0x11, 0, 0x0b, 0x50, 0x3c, 0x06, 0x63, 0x7c, 0xaa, 0x61]);
        let part = |offset, more| Fragment { identification: 0x3c06_637c, offset, more };
        let ip = Ipv6::parse(&first).unwrap();
        assert_eq!((ip.fragment(), ip.protocol()), (Some(part(0, true)), IpProtocol::UDP));
        assert_eq!(ip.payload(), [0x90, 0x20, 0x13, 0x8a]);
        let ip = Ipv6::parse(&last).unwrap();
        assert_eq!((ip.fragment(), ip.payload()), (Some(part(362, false)), &[0xaa, 0x61][..]));
        assert_eq!(part(362, false).offset_bytes(), 2896);
    }

    #[test]
    fn a_whole_packet_with_a_fragment_header_is_no_fragment() {
        // RFC 6946; the two reserved bits are set.
        let bytes = packet(44, &[0x3c, 0, 0, 6, 1, 2, 3, 4, 0x3b, 0, 1, 4, 0, 0, 0, 0]);
        let ip = Ipv6::parse(&bytes).unwrap();
        assert_eq!((ip.fragment(), ip.protocol()), (None, IpProtocol::NO_NEXT_HEADER));
        let headers: Vec<_> = ip.extension_headers().collect();
        let whole = Fragment { identification: 0x0102_0304, offset: 0, more: false };
        assert_eq!(headers[0].fragment(), Some(whole));
        assert_eq!((headers.len(), headers[1].kind), (2, IpProtocol::DESTINATION_OPTIONS));
    }

    #[test]
    fn every_extension_header_has_its_own_length() {
        #[rustfmt::skip]
        let bytes = packet(0, &[
            43, 0, 1, 4, 0, 0, 0, 0, // hop-by-hop, 8 bytes
            60, 2, 4, 0, 0, 0, 0, 0, // routing, 24 bytes, none left
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            51, 0, 1, 4, 0, 0, 0, 0, // destination options, 8 bytes
            135, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, // AH, (4 + 2) × 4 = 24 bytes
            9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
            139, 0, 0, 0, 0, 0, 0, 0, // mobility
            140, 0, 0, 0, 0, 0, 0, 0, // HIP
            50, 0, 0, 0, 0, 0, 0, 0, // Shim6
            1, 2, 3, 4, // ESP
        ]);
        let ip = Ipv6::parse(&bytes).unwrap();
        let headers: Vec<_> =
            ip.extension_headers().map(|header| (header.kind.0, header.bytes.len())).collect();
        let expected = [(0, 8), (43, 24), (60, 8), (51, 24), (135, 8), (139, 8), (140, 8)];
        assert_eq!(headers, expected);
        assert_eq!((ip.protocol(), ip.payload()), (IpProtocol::ESP, &[1, 2, 3, 4][..]));
        assert_eq!(ip.extension_headers().nth(3).unwrap().data()[..2], [0, 0]);
    }

    #[test]
    fn a_routing_header_hides_the_destination() {
        let mut body = [59, 2, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(Ipv6::parse(&packet(43, &body)).unwrap().pseudo_header(), None);
        body[3] = 0;
        assert!(Ipv6::parse(&packet(43, &body)).unwrap().pseudo_header().is_some());
    }

    #[test]
    fn padding_is_no_payload() {
        let bytes = packet(59, &[]);
        let mut padded = bytes.clone();
        padded.extend_from_slice(&[0; 6]);
        let ip = Ipv6::parse(&padded).unwrap();
        assert!(ip.payload().is_empty());
        assert_eq!(Ipv6::parse(&bytes), Ok(ip));
    }

    #[test]
    fn refuses_every_truncation() {
        for have in 0..PACKET.len() {
            let (field, offset, need, have) = match have {
                0..40 => ("header", 0, 40, have),
                _ => ("payload", 40, 22, have - 40),
            };
            let kind = ErrorKind::Truncated { need, have };
            assert_eq!(refused(&PACKET[..offset + have]), (field, offset, kind));
        }
        let mut bytes = PACKET;
        bytes[0] = 0x45;
        assert_eq!(refused(&bytes), ("version", 0, ErrorKind::Version { found: 4 }));
    }

    #[test]
    fn refuses_an_extension_header_beyond_the_payload() {
        let field = "extension header";
        let kind = ErrorKind::Length { found: 16, have: 8 };
        assert_eq!(refused(&packet(0, &[17, 1, 0, 0, 0, 0, 0, 0])), (field, 40, kind));
        let kind = ErrorKind::Truncated { need: 8, have: 7 };
        assert_eq!(refused(&packet(44, &[17, 0, 0, 0, 0, 0, 0])), (field, 40, kind));
        let kind = ErrorKind::Truncated { need: 8, have: 0 };
        assert_eq!(refused(&packet(0, &[60, 0, 1, 4, 0, 0, 0, 0])), (field, 48, kind));
        let kind = ErrorKind::Length { found: 8, have: 12 };
        assert_eq!(refused(&packet(51, &[17, 0, 0, 0, 0, 0, 0, 0])), (field, 40, kind));
        let kind = ErrorKind::Length { found: 1028, have: 12 };
        let body = [17, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(refused(&packet(51, &body)), (field, 40, kind));
    }

    #[test]
    fn a_long_chain_is_walked_once() {
        let mut body = Vec::new();
        for _ in 0..8190 {
            body.extend_from_slice(&[60, 0, 1, 4, 0, 0, 0, 0]);
        }
        body[65_512] = 17;
        let bytes = packet(60, &body);
        let ip = Ipv6::parse(&bytes).unwrap();
        assert_eq!((ip.extension_headers().count(), ip.protocol()), (8190, IpProtocol::UDP));
    }

    #[test]
    fn a_jumbogram_has_its_length_in_the_hop_by_hop_header() {
        // RFC 2675 section 2: option 0xc2 of length 4.
        let jumbogram = |length: u32, there: usize| {
            let mut bytes = packet(0, &[17, 0, 0xc2, 4, 0, 0, 0, 0]);
            bytes[4..6].fill(0);
            bytes[44..48].copy_from_slice(&length.to_be_bytes());
            bytes.resize(40 + there, 0);
            bytes
        };
        let bytes = jumbogram(70_000, 70_002);
        let ip = Ipv6::parse(&bytes).unwrap();
        assert!(ip.is_jumbogram());
        assert_eq!((ip.protocol(), ip.payload().len()), (IpProtocol::UDP, 69_992));
        let kind = ErrorKind::Length { found: 65_535, have: 65_536 };
        assert_eq!(refused(&jumbogram(65_535, 70_000)), ("jumbo payload length", 44, kind));
        let kind = ErrorKind::Truncated { need: 70_000, have: 69_999 };
        assert_eq!(refused(&jumbogram(70_000, 69_999)), ("payload", 40, kind));
        let kind = ErrorKind::Truncated { need: 0xffff_ffff, have: 100 };
        assert_eq!(refused(&jumbogram(0xffff_ffff, 100)), ("payload", 40, kind));
        // It can't be built: its length does not fit the header.
        let refused = Err(BuildError::OutOfRange { field: "payload" });
        assert_eq!(Ipv6Builder::from(ip).write(&mut std::vec![0; 80_000]), refused);
    }

    #[test]
    fn a_payload_length_of_0_takes_what_is_there() {
        let mut bytes = PACKET;
        bytes[5] = 0;
        let ip = Ipv6::parse(&bytes).unwrap();
        assert_eq!((ip.payload(), ip.is_jumbogram()), (&bytes[40..], false));
    }

    #[test]
    fn builds_extension_headers() {
        let mut out = [0; 64];
        let ah = ExtensionHeaderBuilder {
            kind: IpProtocol::AH,
            next_header: IpProtocol::UDP,
            data: &[7; 22],
        };
        assert_eq!(ah.write(&mut out), Ok(24));
        assert_eq!(out[..3], [17, 4, 7]);
        let options =
            ExtensionHeaderBuilder { kind: IpProtocol::DESTINATION_OPTIONS, data: &[0; 14], ..ah };
        assert_eq!(options.write(&mut out), Ok(16));
        assert_eq!(out[..3], [17, 1, 0]);
        let fragment = Fragment { identification: 0x3c06_637c, offset: 362, more: false };
        let builder = FragmentHeaderBuilder { next_header: IpProtocol::UDP, fragment };
        assert_eq!(builder.write(&mut out), Ok(8));
        assert_eq!(out[..8], [0x11, 0, 0x0b, 0x50, 0x3c, 0x06, 0x63, 0x7c]);

        let refused = Err(BuildError::OutOfRange { field: "data" });
        let mut write = |builder: ExtensionHeaderBuilder<'_>| builder.write(&mut out);
        assert_eq!(write(ExtensionHeaderBuilder { data: &[0; 21], ..ah }), refused);
        assert_eq!(write(ExtensionHeaderBuilder { data: &[0; 6], ..ah }), refused);
        assert_eq!(write(ExtensionHeaderBuilder { data: &[0; 12], ..options }), refused);
        assert_eq!(write(ExtensionHeaderBuilder { data: &[], ..options }), refused);
        assert_eq!(write(ExtensionHeaderBuilder { kind: IpProtocol::ESP, ..options }), refused);
        assert_eq!(
            write(ExtensionHeaderBuilder { kind: IpProtocol::FRAGMENT, ..options }),
            refused
        );
        let far =
            FragmentHeaderBuilder { fragment: Fragment { offset: 8192, ..fragment }, ..builder };
        let refused = Err(BuildError::OutOfRange { field: "fragment offset" });
        assert_eq!(far.write(&mut [0; 8]), refused);
    }

    #[test]
    fn refuses_to_build_what_is_forbidden() {
        let good = Ipv6Builder::from(Ipv6::parse(&PACKET).unwrap());
        let mut out = std::vec![0; 70_000];
        let mut refused = |builder: Ipv6Builder<'_, &[u8]>| match builder.write(&mut out) {
            Err(BuildError::OutOfRange { field }) => Some(field),
            _ => None,
        };
        let most = std::vec![0; 65_536];
        assert_eq!(refused(good), None);
        assert_eq!(refused(Ipv6Builder { flow_label: 0x10_0000, ..good }), Some("flow label"));
        assert_eq!(refused(Ipv6Builder { payload: &most, ..good }), Some("payload"));
        assert_eq!(refused(Ipv6Builder { payload: &most[1..], ..good }), None);
        let field = "extension headers";
        assert_eq!(refused(Ipv6Builder { extensions: &HOP_BY_HOP, ..good }), Some(field));
        let next_header = IpProtocol::HOP_BY_HOP;
        let with = |extensions| Ipv6Builder { next_header, extensions, ..good };
        assert_eq!(refused(with(&HOP_BY_HOP)), None);
        assert_eq!(refused(with(&HOP_BY_HOP[..7])), Some(field));
        assert_eq!(refused(with(&[])), Some(field));
    }

    /// Chains that hold together more often than random bytes do.
    fn chain() -> impl Strategy<Value = Vec<u8>> {
        let kind = prop_oneof![
            Just(0u8),
            Just(43),
            Just(44),
            Just(51),
            Just(60),
            Just(135),
            Just(17),
            any::<u8>()
        ];
        let header = (kind, 0u8..3, proptest::collection::vec(any::<u8>(), 6..23));
        proptest::collection::vec(header, 0..6).prop_map(|headers| {
            let write = |(kind, length, data): &(u8, u8, Vec<u8>)| {
                [&[*kind, *length][..], &data[..]].concat()
            };
            headers.iter().flat_map(write).collect()
        })
    }

    proptest! {
        #[test]
        fn what_parses_is_written_again(next in any::<u8>(), next_known in 0usize..8, body in chain(), padding in 0usize..4) {
            let next = [0, 43, 44, 51, 60, 135, 139, next][next_known];
            let mut bytes = packet(next, &body);
            let len = bytes.len();
            bytes.resize(len + padding, 0);
            if let Ok(view) = Ipv6::parse(&bytes) {
                crate::testing::shows(&view);
                let _ = format!("{:?}", view.pseudo_header());
                let total: usize = view.extension_headers().map(|header| header.bytes.len()).sum();
                prop_assert_eq!(total, view.extension_bytes().len());
                let builder = Ipv6Builder::from(view);
                let mut written = std::vec![0; builder.encoded_len()];
                builder.write(&mut written).unwrap();
                if view.payload_length() > 0 {
                    prop_assert_eq!(&written[..], &bytes[..len]);
                }
                prop_assert_eq!(Ipv6::parse(&written).unwrap().payload(), view.payload());
            }
        }

        #[test]
        fn random_bytes_never_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..120), beyond in 0usize..80) {
            for first in [None, Some(0x60)] {
                if let (Some(first), Some(byte)) = (first, bytes.first_mut()) {
                    *byte = first;
                }
                if let Ok((_, view)) = ipv6(&bytes, beyond) {
                    crate::testing::shows(&view);
                    let _ = format!("{:?}", view.pseudo_header());
                }
            }
        }
    }
}
