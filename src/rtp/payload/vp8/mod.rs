//! VP8 (RFC 7741): the descriptor before the payload of every packet, and the header of a frame behind it.
//!
//! | to | take | in |
//! |---|---|---|
//! | read the descriptor | [`Descriptor`] | `descriptor.rs` (RFC 7741 section 4.2) |
//! | write one | [`DescriptorBuilder`] | `descriptor.rs` |
//! | renumber in place | [`DescriptorMut`] | `descriptor_mut.rs` |
//! | tell a key frame and its size | [`FrameHeader`] | `frame_header.rs` (RFC 7741 section 4.3, RFC 6386 section 9.1) |
//!
//! The last packet of a frame has the RTP marker; the payload does not tell.
//!
//! ```
//! use mediawire::rtp::payload::vp8::{Descriptor, DescriptorMut};
//!
//! // The first packet of a key frame: X=1 S=1, I=1 L=1 T=1, picture ID 17 of 15 bits, TL0PICIDX 3, TID 0.
//! let mut payload = [0x90, 0xe0, 0x80, 0x11, 3, 0x20, 0x10, 2, 0, 0x9d, 1, 0x2a, 0x40, 1, 0xb4, 0];
//! let descriptor = Descriptor::parse(&payload)?;
//! assert!(descriptor.starts_key_frame());
//! assert_eq!(descriptor.frame_header().and_then(|header| header.dimensions()), Some((320, 180)));
//!
//! // Another stream goes on behind picture 999 of the one before.
//! let mut descriptor = DescriptorMut::parse(&mut payload)?;
//! descriptor.set_picture_id(1000)?;
//! descriptor.set_tl0picidx(4)?;
//! assert_eq!(payload[..5], [0x90, 0xe0, 0x83, 0xe8, 4]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod descriptor;
mod descriptor_mut;
mod frame_header;

pub use descriptor::{Descriptor, DescriptorBuilder, Reserved, TemporalLayer};
pub use descriptor_mut::DescriptorMut;
pub use frame_header::FrameHeader;
