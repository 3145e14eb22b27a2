//! RTP flows initial synchronisation delay metrics block (RFC 7244 section 3).
//!
//! ```text
//! |     BT=27     |   Reserved    |         Block length=2        |
//! |                      SSRC of Source                           |
//! |               Initial Synchronization Delay                   |
//! ```

use core::time::Duration;

use super::fixed::fixed_block;
use crate::ntp::NtpShort;

fixed_block! {
    /// How long it took until all flows of a session could be synchronised, read in place.
    InitialSyncDelay, InitialSyncDelayBuilder: INITIAL_SYNC_DELAY, "initial synchronization delay block", length 2;

    /// Any source of the session.
    ssrc: u32 = 1: 0..32;
    /// From the session's beginning until RTCP had come on all flows, in 1/65536 s; `None` if it is not available.
    initial_sync_delay: Option<NtpShort> = 2: 0..32;
}

impl InitialSyncDelay<'_> {
    /// From the session's beginning until RTCP had come on all flows.
    #[inline]
    pub fn delay(&self) -> Option<Duration> {
        self.initial_sync_delay().map(NtpShort::duration)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::testing::words;

    // RFC 7244 figure 1, row by row: SSRC; 1.5 s.
    const BLOCK: [u32; 3] = [0x1b00_0002, 0x0102_0304, 0x0001_8000];

    #[test]
    fn reads_every_field() {
        let bytes = words(BLOCK);
        let block = InitialSyncDelay::parse(&bytes).unwrap();
        assert_eq!(
            (block.ssrc(), block.initial_sync_delay()),
            (0x0102_0304, Some(NtpShort(0x1_8000)))
        );
        assert_eq!(block.delay(), Some(Duration::from_millis(1500)));
        let bytes = words([0x1b00_0002, 1, u32::MAX]);
        assert_eq!(InitialSyncDelay::parse(&bytes).unwrap().delay(), None);
    }

    super::super::fixed::fixed_block_tests!(InitialSyncDelay, InitialSyncDelayBuilder, BLOCK);
}
