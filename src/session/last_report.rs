//! When the last report of a peer came: LSR and DLSR (RFC 3550 section 6.4.1), LRR and DLRR (RFC 3611 section 4.5).

use core::time::Duration;

use crate::ntp::{NtpShort, NtpTime, span};
use crate::rtcp::xr::DlrrSubBlock;

/// The last sender report of a source, or the last reference time of a receiver: what the peer needs of it to know the
/// round-trip time.
///
/// ```
/// use core::time::Duration;
/// use mediawire::{ntp::NtpTime, session::LastReport};
///
/// let mut last = LastReport::default();
/// last.received(NtpTime::new(0xb44d_b705, 0x2000_0000), Duration::from_millis(100));
/// let (lsr, dlsr) = last.answer(Duration::from_millis(5350));
/// assert_eq!((lsr.0, dlsr.duration()), (0xb705_2000, Duration::from_millis(5250)));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LastReport(Option<(NtpShort, Duration)>);

impl LastReport {
    /// None was received.
    pub(super) const NONE: Self = Self(None);

    /// A report with this NTP timestamp was received; `arrival` is by the same clock as `now` of the other calls.
    #[inline]
    pub fn received(&mut self, ntp_timestamp: NtpTime, arrival: Duration) {
        self.0 = Some((ntp_timestamp.middle(), arrival));
    }

    /// LSR and DLSR, or LRR and DLRR, of a report that is sent `now`; both 0 if none was received.
    #[inline]
    pub fn answer(&self, now: Duration) -> (NtpShort, NtpShort) {
        let Some((middle, arrival)) = self.0 else { return Default::default() };
        (middle, NtpShort::from_duration(span(arrival, now)))
    }

    /// The answer to the reference times of `ssrc`; `None` if none was received.
    #[inline]
    pub fn dlrr(&self, ssrc: u32, now: Duration) -> Option<DlrrSubBlock> {
        let (last_rr, delay_since_last_rr) = self.answer(now);
        self.0.map(|_| DlrrSubBlock { ssrc, last_rr, delay_since_last_rr })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_3550_figure_2() {
        let mut last = LastReport::default();
        assert_eq!(last.answer(Duration::from_secs(9)), Default::default());
        assert_eq!(last.dlrr(1, Duration::from_secs(9)), None);
        // n received the SR at 0xb706_8000 of its clock and held it for 5.25 s.
        last.received(NtpTime::new(0xb44d_b705, 0x2000_0000), Duration::from_secs(3));
        let answer = (NtpShort(0xb705_2000), NtpShort(0x0005_4000));
        assert_eq!(last.answer(Duration::from_millis(8250)), answer);
        let sub_block = DlrrSubBlock { ssrc: 7, last_rr: answer.0, delay_since_last_rr: answer.1 };
        assert_eq!(last.dlrr(7, Duration::from_millis(8250)), Some(sub_block));
        assert_eq!(last.answer(Duration::ZERO).1, NtpShort(0), "a clock that goes back");
    }
}
