//! RTP by hand, for these workloads and no others: the same checks, the same errors told apart by nothing but `None`.

use super::{AUDIO_LEVEL, Fields, MID, Parts, Rewrite, SEND_TIME, TRANSPORT_CC, WithElements};

/// The fixed header's fields, what lies between it and the payload, and the payload without padding.
struct Parsed<'a> {
    fixed: &'a [u8; 12],
    profile: u16,
    area: &'a [u8],
    payload: &'a [u8],
}

/// Version, CSRC count, extension length and padding count checked.
#[inline]
fn parse(bytes: &[u8]) -> Option<Parsed<'_>> {
    let (fixed, rest) = bytes.split_first_chunk::<12>()?;
    let first = fixed[0];
    if first >> 6 != 2 {
        return None;
    }
    let (_, mut payload) = rest.split_at_checked(usize::from(first & 15) * 4)?;
    let (mut profile, mut area) = (0, &[][..]);
    if first & 0x10 != 0 {
        let (&[a, b, c, d], rest) = payload.split_first_chunk::<4>()?;
        profile = u16::from_be_bytes([a, b]);
        (area, payload) = rest.split_at_checked(usize::from(u16::from_be_bytes([c, d])) * 4)?;
    }
    if first & 0x20 != 0 {
        let count = usize::from(*payload.last()?);
        if count == 0 {
            return None;
        }
        payload = payload.get(..payload.len().checked_sub(count)?)?;
    }
    Some(Parsed { fixed, profile, area, payload })
}

#[inline]
fn fields(packet: &Parsed<'_>) -> Fields {
    let &[first, second, a, b, c, d, e, f, g, h, i, j] = packet.fixed;
    Fields {
        padding: first & 0x20 != 0,
        extension: first & 0x10 != 0,
        csrc_count: first & 15,
        marker: second & 0x80 != 0,
        payload_type: second & 0x7f,
        sequence_number: u16::from_be_bytes([a, b]),
        timestamp: u32::from_be_bytes([c, d, e, f]),
        ssrc: u32::from_be_bytes([g, h, i, j]),
        payload_len: packet.payload.len(),
    }
}

#[inline]
pub(super) fn plain(bytes: &[u8]) -> Option<Fields> {
    Some(fields(&parse(bytes)?))
}

/// Place and length of the data of an area's one-byte elements, in order, to the first that is none.
#[inline]
pub(super) fn find(area: &[u8], wanted: u8) -> Option<(usize, usize)> {
    let mut at = 0;
    while let Some(&first) = area.get(at) {
        let (id, len) = (first >> 4, usize::from(first & 15) + 1);
        if first == 0 {
            at += 1;
            continue;
        }
        if id == 0 || id == 15 || area.len() - at - 1 < len {
            return None;
        }
        if id == wanted {
            return Some((at + 1, len));
        }
        at += 1 + len;
    }
    None
}

/// The first transport-cc number and the first audio level of one-byte elements, in one pass.
#[inline]
pub(super) fn two_elements(area: &[u8]) -> Option<(u16, u8)> {
    let (mut number, mut level) = (None, None);
    let mut rest = area;
    while let [first, after @ ..] = rest {
        if *first == 0 {
            rest = after;
            continue;
        }
        let (id, len) = (first >> 4, usize::from(first & 15) + 1);
        if id == 0 || id == 15 {
            break;
        }
        let Some((data, after)) = after.split_at_checked(len) else { break };
        if id == TRANSPORT_CC && number.is_none() {
            let &[a, b] = data else { return None };
            number = Some(u16::from_be_bytes([a, b]));
        } else if id == AUDIO_LEVEL && level.is_none() {
            let &[byte] = data else { return None };
            level = Some(byte);
        }
        if let (Some(number), Some(level)) = (number, level) {
            return Some((number, level));
        }
        rest = after;
    }
    None
}

#[inline]
pub(super) fn elements(bytes: &[u8]) -> Option<WithElements> {
    let packet = parse(bytes)?;
    if packet.profile != 0xbede {
        return None;
    }
    let (transport_cc, level) = two_elements(packet.area)?;
    let (voice, level) = (level & 0x80 != 0, level & 0x7f);
    Some(WithElements { fields: fields(&packet), transport_cc, voice, level })
}

#[cfg(feature = "others")]
/// The elements as they stand on the wire, of four whose sizes are known: 3, 2, 1 and 1 bytes.
#[inline]
pub(super) fn area(parts: &Parts) -> [u8; 12] {
    let [a, b, c] = parts.send_time;
    let [d, e] = parts.transport_cc.to_be_bytes();
    let level = 0x80 | parts.level;
    [
        SEND_TIME << 4 | 2,
        a,
        b,
        c,
        TRANSPORT_CC << 4 | 1,
        d,
        e,
        MID << 4,
        b'1',
        AUDIO_LEVEL << 4,
        level,
        0,
    ]
}

/// The packet of these parts: their elements as a list whose sizes and identifiers are checked, as a caller has it.
#[inline]
pub(super) fn build(parts: &Parts, out: &mut [u8]) -> Option<usize> {
    let transport_cc = parts.transport_cc.to_be_bytes();
    let level = [0x80 | parts.level];
    let elements: [(u8, &[u8]); 4] = [
        (SEND_TIME, &parts.send_time),
        (TRANSPORT_CC, &transport_cc),
        (MID, b"1"),
        (AUDIO_LEVEL, &level),
    ];
    let area: usize = elements.iter().map(|(_, data)| 1 + data.len()).sum();
    let area = area.next_multiple_of(4);
    let len = 16 + area + parts.payload.len();
    let out = out.get_mut(..len)?;
    if parts.payload_type > 127 {
        return None;
    }
    let (header, rest) = out.split_first_chunk_mut::<16>()?;
    header[0] = 0x90;
    header[1] = u8::from(parts.marker) << 7 | parts.payload_type;
    header[2..4].copy_from_slice(&parts.sequence_number.to_be_bytes());
    header[4..8].copy_from_slice(&parts.timestamp.to_be_bytes());
    header[8..12].copy_from_slice(&parts.ssrc.to_be_bytes());
    header[12..14].copy_from_slice(&[0xbe, 0xde]);
    header[14..].copy_from_slice(&u16::try_from(area / 4).ok()?.to_be_bytes());
    let (mut area, payload) = rest.split_at_mut_checked(area)?;
    for (id, data) in elements {
        if !(1..=14).contains(&id) || !(1..=16).contains(&data.len()) {
            return None;
        }
        let (first, rest) = area.split_first_mut()?;
        *first = id << 4 | u8::try_from(data.len() - 1).ok()?;
        let (place, rest) = rest.split_at_mut_checked(data.len())?;
        place.copy_from_slice(data);
        area = rest;
    }
    area.fill(0);
    payload.copy_from_slice(&parts.payload);
    Some(len)
}

/// Checks the packet, then stores four fields.
#[inline]
pub(super) fn forward(values: &Rewrite, bytes: &mut [u8]) -> Option<usize> {
    parse(bytes)?;
    store(values, bytes)?;
    Some(bytes.len())
}

/// Checks the packet, then stores four fields and the data of one element.
#[inline]
pub(super) fn forward_with_element(values: &Rewrite, bytes: &mut [u8]) -> Option<usize> {
    let packet = parse(bytes)?;
    if packet.profile != 0xbede {
        return None;
    }
    let (at, len) = find(packet.area, TRANSPORT_CC)?;
    let at = at + 16 + usize::from(packet.fixed[0] & 15) * 4;
    store(values, bytes)?;
    let place = bytes.get_mut(at..at + len)?;
    if place.len() != 2 {
        return None;
    }
    place.copy_from_slice(&values.transport_cc.to_be_bytes());
    Some(bytes.len())
}

#[inline]
fn store(values: &Rewrite, bytes: &mut [u8]) -> Option<()> {
    let fixed = bytes.first_chunk_mut::<12>()?;
    if values.payload_type > 127 {
        return None;
    }
    fixed[1] = fixed[1] & 0x80 | values.payload_type;
    fixed[2..4].copy_from_slice(&values.sequence_number.to_be_bytes());
    fixed[4..8].copy_from_slice(&values.timestamp.to_be_bytes());
    fixed[8..12].copy_from_slice(&values.ssrc.to_be_bytes());
    Some(())
}
