//! Payload headers of the codecs that a server forwards: where frames begin and end, which are key frames, of which
//! layer they are, and what they refer to. The media itself is not decoded.
//!
//! | to | take | in |
//! |---|---|---|
//! | read any of them, by its name in SDP | [`Codec`], [`Payload`] | `codec.rs` |
//! | AV1 | [`av1`] | `av1/` (RTP Payload Format For AV1) |
//! | H.264 | [`h264`] | `h264/` (RFC 6184) |
//! | H.265 | [`h265`] | `h265/` (RFC 7798) |
//! | Opus | [`opus`] | `opus/` (RFC 7587, RFC 6716) |
//! | VP8 | [`vp8`] | `vp8/` (RFC 7741) |
//! | VP9 | [`vp9`] | `vp9/` (RFC 9628) |
//! | number the pictures of VP8 and VP9 | [`PictureId`] | `picture_id.rs` |
//!
//! Nothing in an RTP packet says which codec its payload is of: the payload type stands for what signalling gave it.
//! Payloads that are encrypted (SRTP, or end to end) cannot be read; a server then has the header extensions.
//!
//! # Forward from a key frame on
//!
//! ```
//! use mediawire::rtp::{Packet, payload::{Codec, Payload}};
//!
//! # let datagram = [0x80, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0x10, 0x10, 2, 0, 0x9d, 1, 0x2a];
//! let codec = Codec::from_encoding_name("VP8").expect("one of ours"); // a=rtpmap:96 VP8/90000
//! let packet = Packet::parse(&datagram)?;
//! // A packet that only probes for bandwidth is empty, and no frame begins with it.
//! let payload = Payload::parse(codec, packet.payload());
//! if payload.is_ok_and(|payload| payload.starts_key_frame()) {
//!     // From here on a new receiver can decode.
//! }
//! # Ok::<(), mediawire::ParseError>(())
//! ```
//!
//! # Renumber in place
//!
//! A server that switches between encodings, or leaves frames out, gives the frames running numbers of its own:
//! [`vp8::DescriptorMut`], [`vp9::DescriptorMut`].

mod codec;
mod picture_id;

pub mod av1;
pub mod h264;
pub mod h265;
pub mod opus;
pub mod vp8;
pub mod vp9;

pub use codec::{Codec, Payload};
pub use picture_id::PictureId;
