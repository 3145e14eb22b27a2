//! Round-trip times out of what a peer reports (RFC 3550 section 6.4.1, RFC 3611 section 4.5).

use core::time::Duration;

use crate::ntp::{self, NtpShort, NtpTime};
use crate::rtcp::ReportBlock;
use crate::rtcp::xr::DlrrSubBlock;

/// The round-trip time that a report block gives, to 1/65536 s.
///
/// `now` is when the block was received, by the clock that the own sender reports are stamped with. `None` if the peer
/// has had none yet; zero where drifting clocks would give less. See [`ntp::round_trip_time`].
///
/// ```
/// use core::time::Duration;
/// use mediawire::ntp::{NtpShort, NtpTime};
/// use mediawire::rtcp::{ReportBlock, ReportBlockBuilder};
/// use mediawire::session::round_trip_time;
///
/// // The example of RFC 3550 section 6.4.1, figure 2.
/// let bytes = ReportBlockBuilder {
///     last_sr: NtpShort(0xb705_2000),
///     delay_since_last_sr: NtpShort(0x0005_4000),
///     ..Default::default()
/// }
/// .to_bytes()?;
/// let now = NtpTime::new(0xb44d_b710, 0x8000_0000);
/// assert_eq!(round_trip_time(&ReportBlock::new(&bytes), now), Some(Duration::from_millis(6125)));
/// # Ok::<(), mediawire::BuildError>(())
/// ```
#[inline]
pub fn round_trip_time(block: &ReportBlock<'_>, now: NtpTime) -> Option<Duration> {
    span(now, block.last_sr(), block.delay_since_last_sr())
}

/// The round-trip time that a DLRR sub-block gives to a receiver, to 1/65536 s.
///
/// `now` is when the sub-block was received, by the clock that the own reference times are stamped with. `None` if the
/// peer has had none yet.
#[inline]
pub fn round_trip_time_of_dlrr(sub_block: &DlrrSubBlock, now: NtpTime) -> Option<Duration> {
    span(now, sub_block.last_rr, sub_block.delay_since_last_rr)
}

#[inline]
fn span(now: NtpTime, last: NtpShort, delay: NtpShort) -> Option<Duration> {
    ntp::round_trip_time(now.middle(), last, delay).map(NtpShort::duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dlrr_gives_what_a_report_block_gives() {
        // The numbers of RFC 3550 figure 2.
        let mut sub_block = DlrrSubBlock {
            ssrc: 1,
            last_rr: NtpShort(0xb705_2000),
            delay_since_last_rr: NtpShort(0x0005_4000),
        };
        let now = NtpTime::new(0xb44d_b710, 0x8000_0000);
        assert_eq!(round_trip_time_of_dlrr(&sub_block, now), Some(Duration::from_millis(6125)));
        let mut bytes = [0; ReportBlock::LEN];
        bytes[16..].copy_from_slice(&[0xb7, 0x05, 0x20, 0x00, 0x00, 0x05, 0x40, 0x00]);
        assert_eq!(
            round_trip_time(&ReportBlock::new(&bytes), now),
            Some(Duration::from_millis(6125))
        );
        sub_block.last_rr = NtpShort(0);
        assert_eq!(round_trip_time_of_dlrr(&sub_block, now), None);
    }
}
