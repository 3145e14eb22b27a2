//! Ethernet, IPv4 and UDP by hand, for this one combination of headers.

use std::net::Ipv4Addr;

use super::Fields;

/// The parts of a frame, every length checked.
struct Parsed<'a> {
    /// The header and its options.
    ip: &'a [u8],
    header: &'a [u8; 20],
    udp: &'a [u8; 8],
    payload: &'a [u8],
}

#[inline]
fn parse(frame: &[u8]) -> Option<Parsed<'_>> {
    let (ethernet, packet) = frame.split_first_chunk::<14>()?;
    if ethernet[12..14] != [8, 0] {
        return None;
    }
    let header = packet.first_chunk::<20>()?;
    let header_len = usize::from(header[0] & 15) * 4;
    let total = usize::from(u16::from_be_bytes([header[2], header[3]]));
    if header[0] >> 4 != 4 || header_len < 20 || total < header_len {
        return None;
    }
    let is_fragment = u16::from_be_bytes([header[6], header[7]]) & 0x3fff != 0;
    if is_fragment || header[9] != 17 {
        return None;
    }
    let (ip, datagram) = packet.get(..total)?.split_at_checked(header_len)?;
    let (udp, body) = datagram.split_first_chunk::<8>()?;
    let length = usize::from(u16::from_be_bytes([udp[4], udp[5]]));
    let payload = body.get(..length.checked_sub(8)?)?;
    Some(Parsed { ip, header, udp, payload })
}

#[inline]
fn fields(parsed: &Parsed<'_>) -> Fields {
    let &[.., a, b, c, d, e, f, g, h] = parsed.header;
    let &[s0, s1, d0, d1, ..] = parsed.udp;
    Fields {
        source: Ipv4Addr::new(a, b, c, d),
        destination: Ipv4Addr::new(e, f, g, h),
        source_port: u16::from_be_bytes([s0, s1]),
        destination_port: u16::from_be_bytes([d0, d1]),
        payload: parsed.payload.as_ptr(),
        payload_len: parsed.payload.len(),
    }
}

#[inline]
pub(super) fn walk(frame: &[u8]) -> Option<Fields> {
    Some(fields(&parse(frame)?))
}

/// The sum of the words in the machine's order: 32 bits at a time in four sums of 64, which cannot overflow below 16 GiB,
/// so that the compiler may take vectors for them.
#[inline]
fn sum(bytes: &[u8]) -> u64 {
    let (blocks, rest) = bytes.as_chunks::<32>();
    let mut sums = [0_u64; 8];
    for block in blocks {
        for (sum, word) in sums.iter_mut().zip(block.as_chunks::<4>().0) {
            *sum += u64::from(u32::from_ne_bytes(*word));
        }
    }
    let (words, rest) = rest.as_chunks::<4>();
    let mut sum: u64 = sums.iter().sum();
    for word in words {
        sum += u64::from(u32::from_ne_bytes(*word));
    }
    let mut last = [0; 4];
    last[..rest.len()].copy_from_slice(rest);
    sum + u64::from(u32::from_ne_bytes(last))
}

/// The sum in 16 bits: 0xffff if the checksum that it covers is right.
#[inline]
fn fold(sum: u64) -> u16 {
    let sum = (sum & 0xffff_ffff) + (sum >> 32);
    let sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
    let sum = (sum & 0xffff) + (sum >> 16);
    ((sum & 0xffff) + (sum >> 16)) as u16
}

/// The walk, and both checksums verified.
#[inline]
pub(super) fn verify(frame: &[u8]) -> Option<Fields> {
    let parsed = parse(frame)?;
    // Without options the header is five words.
    let header = match parsed.ip.len() {
        20 => sum(parsed.header),
        _ => sum(parsed.ip),
    };
    if fold(header) != 0xffff {
        return None;
    }
    let &[_, _, _, _, l0, l1, c0, c1] = parsed.udp;
    let addresses: &[u8; 8] = parsed.header.last_chunk()?;
    let pseudo = sum(addresses) + u64::from(u16::from_ne_bytes([0, 17]));
    let pseudo = pseudo + u64::from(u16::from_ne_bytes([l0, l1]));
    if [c0, c1] == [0, 0] || fold(pseudo + sum(parsed.udp) + sum(parsed.payload)) != 0xffff {
        return None;
    }
    Some(fields(&parsed))
}
