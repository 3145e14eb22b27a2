//! Opus (RFC 7587, RFC 6716 section 3): an RTP payload is one Opus packet of 1 to 48 frames.
//!
//! | to | take | in |
//! |---|---|---|
//! | read a packet, walk over its frames | [`Packet`], [`Frames`] | `packet.rs` (RFC 6716 sections 3.2 and 3.4) |
//! | write one | [`PacketBuilder`], [`FramesBuilder`] | `packet.rs` |
//! | what is coded, and for how long | [`Toc`], [`Mode`], [`Bandwidth`] | `toc.rs` (section 3.1) |
//!
//! The RTP clock runs at 48000 Hz whatever the bandwidth (RFC 7587 section 4.1).
//!
//! ```
//! use core::time::Duration;
//! use mediawire::rtp::payload::opus::{Bandwidth, Mode, Packet};
//!
//! let packet = Packet::parse(&[0x79, 1, 2, 3, 4])?; // configuration 15, mono, two frames of equal size
//! assert_eq!((packet.toc().mode(), packet.toc().bandwidth()), (Mode::Hybrid, Bandwidth::Fullband));
//! assert_eq!(packet.duration(), Duration::from_millis(40));
//! assert!(packet.frames().eq([[1, 2], [3, 4]]));
//! # Ok::<(), mediawire::ParseError>(())
//! ```

mod packet;
mod toc;

pub use packet::{Frames, FramesBuilder, Packet, PacketBuilder};
pub use toc::{Bandwidth, Mode, Toc};
