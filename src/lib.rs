//! Zero-copy, allocation-free parsers and builders for the wire protocols of real-time media: RTP, RTCP, STUN and TURN,
//! and the link, IP, UDP and TCP headers around them.
//!
//! A media server reads each datagram in place, changes what it must, and writes what it has to say into a buffer of its
//! own. Whatever the bytes, nothing here panics; nothing allocates; errors say what is wrong and at which byte.
//!
//! # A datagram comes in
//!
//! ```
//! use mediawire::demux::{Protocol, demux};
//! use mediawire::{rtcp, rtp, stun};
//!
//! # let datagram = &[0x80, 0x60, 0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 2, 0xAA];
//! match demux(datagram)? {
//!     Protocol::Rtp => {
//!         let packet = rtp::Packet::parse(datagram)?;
//!         println!("{} {} bytes", packet.sequence_number(), packet.payload().len());
//!     }
//!     Protocol::Rtcp => {
//!         for packet in rtcp::Compound::new(datagram) {
//!             match packet {
//!                 Ok(rtcp::Packet::SenderReport(report)) => println!("{}", report.ntp_timestamp()),
//!                 Ok(rtcp::Packet::Nack(nack)) => {
//!                     nack.lost_sequence_numbers().for_each(|number| println!("lost: {number}"));
//!                 }
//!                 Ok(other) => println!("{other}"),
//!                 Err(error) => println!("{error}"), // and the walk goes on
//!             }
//!         }
//!     }
//!     Protocol::Stun => {
//!         let message = stun::Message::parse(datagram)?;
//!         println!("{message}");
//!     }
//!     _ => {}
//! }
//! # Ok::<(), mediawire::ParseError>(())
//! ```
//!
//! # A packet goes on
//!
//! ```
//! use mediawire::rtp::{PacketMut, PayloadType};
//!
//! # let mut datagram = [0x80, 0x60, 0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 2, 0xAA];
//! let mut packet = PacketMut::parse(&mut datagram)?;
//! packet.set_ssrc(0x1234_5678);
//! packet.set_sequence_number(7);
//! packet.set_payload_type(PayloadType(111))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A report goes out
//!
//! ```
//! use mediawire::Encode;
//! use mediawire::rtcp::{ReceiverReportBuilder, ReportBlockBuilder};
//!
//! let block = ReportBlockBuilder { ssrc: 2, jitter: 30, ..Default::default() }.to_bytes()?;
//! let report = ReceiverReportBuilder { ssrc: 1, blocks: &[block], ..Default::default() };
//! let mut buffer = [0; 1200];
//! let len = report.write(&mut buffer)?;
//! assert_eq!(len, 32);
//! # Ok::<(), mediawire::BuildError>(())
//! ```
//!
//! # What is true of every message
//!
//! - **A view and a builder.** A view (`rtcp::SenderReport`) borrows the datagram and is `Copy`; `parse` checks all that its
//!   accessors and iterators rely on, after it nothing can fail. A builder (`rtcp::SenderReportBuilder`) is a plain struct
//!   with public fields, and [`Encode`]. A view turns into its builder by `From`.
//! - **Nothing is lost.** What was read is written again byte for byte: extensions, padding, unknown types, reserved bits.
//!   Unknown is a value, not an error: a registry is a newtype with named constants.
//! - **One bad packet does not hide the next.** [`rtcp::Compound`] gives a packet or an error at each step, and goes on.
//! - **Tolerant to read, strict to write.** What deployed senders do is read; what the standard forbids is not written. Rules
//!   that a receiver may want to enforce are functions of their own, such as [`rtcp::Compound::validate`].
//! - **Errors have a place.** [`ParseError`] names the message, the field, the byte, and what was needed there.
//!
//! # Features
//!
//! None of them is needed to read and write into slices; without them nom, byteorder and crc32fast are all that is linked.
//!
//! - `alloc` (default): builders append to a `Vec<u8>`.
//! - `bytes` (default): builders append to `BytesMut` and give `Bytes`.
//! - `integrity` (default): `stun::Key`, and with it MESSAGE-INTEGRITY is verified and added.
//! - `prepare`: `stun::prepare`, which brings usernames and passwords other than ASCII into the form that keys are made of.
//!   The crates behind it link std.
//! - `rand` (default): random transaction ids.
//! - `serde`: every view serialises; the JSON of `mediawire inspect` is made of it.
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
pub mod framing;
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
