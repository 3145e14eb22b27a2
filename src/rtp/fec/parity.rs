//! Parity of RTP packets, as ULPFEC and FlexFEC take it (RFC 5109 section 8, RFC 8627 section 6).

use byteorder::{BE, ByteOrder};

use super::recovery::RecoveryError;
use crate::error::BuildError;
use crate::rtp::packet::{FIRST, FIXED_LEN, SECOND, SEQUENCE_NUMBER, SSRC, TIMESTAMP, VERSION_2};

/// The bits of the first byte that are protected: P, X, CC.
pub(super) const FIRST_BITS: u8 = 0x3F;

/// Adds `from` to `into`, as far as both go.
#[inline]
pub(super) fn add(into: &mut [u8], from: &[u8]) {
    for (sum, byte) in into.iter_mut().zip(from) {
        *sum ^= byte;
    }
}

/// The fixed header of a packet, and the length of all that follows it.
#[inline]
pub(super) fn split(packet: &[u8]) -> Option<(&[u8; FIXED_LEN], &[u8], u16)> {
    let (fixed, body) = packet.split_first_chunk()?;
    Some((fixed, body, u16::try_from(body.len()).ok()?))
}

/// Sequence number and SSRC of a fixed header.
#[inline]
pub(super) fn name(fixed: &[u8; FIXED_LEN]) -> (u16, u32) {
    (BE::read_u16(&fixed[SEQUENCE_NUMBER]), BE::read_u32(&fixed[SSRC]))
}

/// The parity of fixed headers: what a recovery field each stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct HeaderParity {
    /// P, X, CC.
    pub(super) first: u8,
    /// M, PT.
    pub(super) second: u8,
    /// Of all that follows the fixed header.
    pub(super) length: u16,
    pub(super) timestamp: u32,
}

impl HeaderParity {
    #[inline]
    pub(super) fn add(&mut self, fixed: &[u8; FIXED_LEN], length: u16) {
        self.first ^= fixed[FIRST] & FIRST_BITS;
        self.second ^= fixed[SECOND];
        self.length ^= length;
        self.timestamp ^= BE::read_u32(&fixed[TIMESTAMP]);
    }

    /// The fixed header of the packet that this is the parity of.
    #[inline]
    fn fixed(&self, sequence_number: u16, ssrc: u32) -> [u8; FIXED_LEN] {
        let mut fixed = [0; FIXED_LEN];
        fixed[FIRST] = VERSION_2 | self.first & FIRST_BITS;
        fixed[SECOND] = self.second;
        BE::write_u16(&mut fixed[SEQUENCE_NUMBER], sequence_number);
        BE::write_u32(&mut fixed[TIMESTAMP], self.timestamp);
        BE::write_u32(&mut fixed[SSRC], ssrc);
        fixed
    }
}

/// The lost packet of a set, its header known and written.
pub(super) struct Lost {
    pub(super) sequence_number: u16,
    pub(super) ssrc: u32,
    /// Its length.
    pub(super) len: usize,
}

/// Finds the one packet of `protected` that `packet` does not have, and what its header is: `parity` is that of them
/// all.
#[inline]
pub(super) fn find_lost<'p>(
    protected: impl Iterator<Item = (u32, u16)>,
    packet: &mut impl FnMut(u32, u16) -> Option<&'p [u8]>,
    mut parity: HeaderParity,
) -> Result<(Lost, [u8; FIXED_LEN]), RecoveryError> {
    let mut lost = None;
    for (ssrc, sequence_number) in protected {
        match packet(ssrc, sequence_number) {
            Some(bytes) => {
                let error = RecoveryError::WrongPacket { sequence_number };
                let (fixed, _, length) = split(bytes).ok_or(error)?;
                if name(fixed) != (sequence_number, ssrc) {
                    return Err(error);
                }
                parity.add(fixed, length);
            }
            None if lost.is_some() => return Err(RecoveryError::TooManyLost),
            None => lost = Some((sequence_number, ssrc)),
        }
    }
    let (sequence_number, ssrc) = lost.ok_or(RecoveryError::NothingLost)?;
    let len = FIXED_LEN + usize::from(parity.length);
    Ok((Lost { sequence_number, ssrc, len }, parity.fixed(sequence_number, ssrc)))
}

/// Writes what `parity`, that of `protected` from the byte `offset` behind the fixed header on, gives of the lost packet
/// `out`, and says up to where.
///
/// `None` if another packet of the set is lost.
#[inline]
pub(super) fn add_all<'p>(
    others: impl Iterator<Item = (u32, u16)>,
    packet: &mut impl FnMut(u32, u16) -> Option<&'p [u8]>,
    parity: &[u8],
    offset: usize,
    out: &mut [u8],
) -> Option<usize> {
    let start = FIXED_LEN + offset;
    let end = out.len().min(start + parity.len());
    let place = out.get_mut(start..end)?;
    place.copy_from_slice(parity.get(..end.checked_sub(start)?)?);
    for (ssrc, sequence_number) in others {
        add(place, packet(ssrc, sequence_number)?.get(start..).unwrap_or_default());
    }
    Some(end)
}

/// Checks a packet that is to be protected.
#[inline]
pub(super) fn checked(packet: &[u8]) -> Result<(&[u8; FIXED_LEN], &[u8], u16), BuildError> {
    let error = BuildError::OutOfRange { field: "protected packet" };
    split(packet).filter(|(fixed, ..)| fixed[FIRST] >> 6 == 2).ok_or(error)
}

/// The lowest of sequence numbers, and how far the highest is above it.
#[inline]
pub(super) fn span(numbers: impl Iterator<Item = u16> + Clone) -> Option<(u16, u16)> {
    let mut base = numbers.clone().next()?;
    for number in numbers.clone() {
        // Below: less than half the space before it.
        if number.wrapping_sub(base) >= 1 << 15 {
            base = number;
        }
    }
    let last = numbers.map(|number| number.wrapping_sub(base)).max()?;
    Some((base, last))
}

/// The sequence number of a packet; 0 of one too short to have any, which is refused elsewhere.
#[inline]
pub(super) fn sequence_number(packet: &[u8]) -> u16 {
    split(packet).map_or(0, |(fixed, ..)| name(fixed).0)
}
