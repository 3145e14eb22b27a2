//! Small machines that every RTP server needs: what is kept of a source between its packets (RFC 3550).
//!
//! Each is a plain value of fixed size; nothing allocates, and nothing reads a clock: times come from the caller.
//!
//! | to | take | in |
//! |---|---|---|
//! | tell numbers apart that wrap | [`SequenceUnwrapper`], [`TimestampUnwrapper`] | `unwrap.rs` |
//! | know a source from stray packets, count its losses | [`Source`], [`Limits`], [`Arrival`] | `source.rs` (RFC 3550 appendices A.1 and A.3) |
//! | measure the jitter | [`Jitter`], [`ticks`] | `jitter.rs` (appendix A.8) |
//! | report on what was received | [`Receiver`] | `receiver.rs` (section 6.4) |
//! | answer sender reports and reference times | [`LastReport`] | `last_report.rs` (section 6.4.1, RFC 3611 section 4.5) |
//! | know the round-trip time | [`round_trip_time`], [`round_trip_time_of_dlrr`] | `round_trip.rs` |
//! | tell the time of a packet | [`SenderClock`] | `sender_clock.rs` (section 6.4.1) |
//! | begin a stream | [`StreamStart`] | `stream_start.rs` (section 5.1) |
//!
//! # A receiver
//!
//! ```
//! use core::time::Duration;
//! use mediawire::Encode;
//! use mediawire::ntp::NtpTime;
//! use mediawire::rtcp::ReceiverReportBuilder;
//! use mediawire::session::Receiver;
//!
//! let mut receiver = Receiver::new(0x1234_5678, 8000);
//! // Sequence number, timestamp, and when it came by any clock that does not jump. Number 3 is lost.
//! for (sequence_number, timestamp, ms) in [(1, 0, 0), (2, 160, 20), (4, 480, 60)] {
//!     receiver.received(sequence_number, timestamp, Duration::from_millis(ms));
//! }
//! receiver.sender_report(NtpTime::new(100, 0), Duration::from_millis(70));
//!
//! let block = receiver.report(Duration::from_millis(1070)).expect("a valid source");
//! assert_eq!(block.cumulative_lost, 1);
//! assert_eq!(block.delay_since_last_sr.duration(), Duration::from_secs(1));
//! let report = ReceiverReportBuilder { ssrc: 1, blocks: &[block.to_bytes()?], ..Default::default() };
//! let mut buffer = [0; 100];
//! let len = report.write(&mut buffer)?;
//! assert_eq!(len, 32);
//! # Ok::<(), mediawire::BuildError>(())
//! ```

mod jitter;
mod last_report;
mod receiver;
mod round_trip;
mod sender_clock;
mod source;
mod stream_start;
mod unwrap;

pub use jitter::{Jitter, ticks};
pub use last_report::LastReport;
pub use receiver::Receiver;
pub use round_trip::{round_trip_time, round_trip_time_of_dlrr};
pub use sender_clock::SenderClock;
pub use source::{Arrival, Limits, Source};
pub use stream_start::StreamStart;
pub use unwrap::{SequenceUnwrapper, TimestampUnwrapper};
