//! Zero-copy, allocation-free parsers and builders for RTP, RTCP, STUN and TURN.
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::as_conversions))]

#[cfg(feature = "alloc")]
extern crate alloc;

mod encode;
mod error;
mod registry;
#[cfg(feature = "serde")]
mod ser;
mod show;
#[cfg(test)]
mod testing;
mod wire;

pub mod demux;
pub mod net;
pub mod ntp;
pub mod rtcp;
pub mod rtp;
pub mod session;
pub mod stun;

#[cfg(feature = "alloc")]
pub use encode::Append;
pub use encode::{Encode, Sink};
pub use error::{BuildError, ErrorKind, ParseError};
