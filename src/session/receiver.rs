//! What a receiver keeps of a source, and says of it in report blocks (RFC 3550 section 6.4).

use core::time::Duration;

use super::{Arrival, Jitter, LastReport, Limits, Source, ticks};
use crate::ntp::NtpTime;
use crate::rtcp::ReportBlockBuilder;

/// A source as its receiver sees it: give it every packet and sender report, and it gives report blocks.
///
/// Times are spans from any instant, by a clock that does not jump: that of the first packet, of the start of the
/// program, or of the machine. The page of the [module](super) has an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receiver {
    ssrc: u32,
    clock_rate: u32,
    source: Source,
    jitter: Jitter,
    last_sr: LastReport,
}

impl Receiver {
    /// A source of which nothing was received, with the limits of RFC 3550.
    ///
    /// `clock_rate` is that of its RTP timestamps in Hz: signalled, or
    /// [`PayloadType::clock_rate`](crate::rtp::PayloadType::clock_rate).
    #[inline]
    pub const fn new(ssrc: u32, clock_rate: u32) -> Self {
        Self::with_limits(ssrc, clock_rate, Limits::RFC_3550)
    }

    /// The same with other limits.
    #[inline]
    pub const fn with_limits(ssrc: u32, clock_rate: u32, limits: Limits) -> Self {
        Self {
            ssrc,
            clock_rate,
            source: Source::with_limits(limits),
            jitter: Jitter::new(),
            last_sr: LastReport::NONE,
        }
    }

    /// An RTP packet of the source was received at `arrival`.
    #[inline]
    pub fn received(&mut self, sequence_number: u16, timestamp: u32, arrival: Duration) -> Arrival {
        let kind = self.source.received(sequence_number);
        if kind.is_counted() {
            self.jitter.received(ticks(arrival, self.clock_rate), timestamp);
        }
        kind
    }

    /// A sender report of the source was received at `arrival`, with this NTP timestamp.
    #[inline]
    pub fn sender_report(&mut self, ntp_timestamp: NtpTime, arrival: Duration) {
        self.last_sr.received(ntp_timestamp, arrival);
    }

    /// The report block that is sent `now`; `None` while the source is not valid. The next fraction lost is counted from
    /// here.
    #[inline]
    pub fn report(&mut self, now: Duration) -> Option<ReportBlockBuilder> {
        if !self.source.is_valid() {
            return None;
        }
        let (last_sr, delay_since_last_sr) = self.last_sr.answer(now);
        Some(ReportBlockBuilder {
            ssrc: self.ssrc,
            fraction_lost: self.source.fraction_lost(),
            cumulative_lost: self.source.cumulative_lost(),
            extended_highest_sequence_number: self.source.extended_highest_sequence_number(),
            jitter: self.jitter.jitter(),
            last_sr,
            delay_since_last_sr,
        })
    }

    /// Packets were counted since the last report: only then does RFC 3550 want another block.
    #[inline]
    pub const fn is_active(&self) -> bool {
        self.source.is_active()
    }

    /// The source.
    #[inline]
    pub const fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// Its sequence numbers and losses.
    #[inline]
    pub const fn source(&self) -> &Source {
        &self.source
    }

    /// Its jitter.
    #[inline]
    pub const fn jitter(&self) -> &Jitter {
        &self.jitter
    }
}
