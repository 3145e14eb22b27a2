//! VP9 (RFC 9628): the descriptor before the payload of every packet.
//!
//! | to | take | in |
//! |---|---|---|
//! | read the descriptor | [`Descriptor`], [`LayerIndices`] | `descriptor.rs` (RFC 9628 section 4.2) |
//! | write one | [`DescriptorBuilder`] | `descriptor.rs` |
//! | renumber in place | [`DescriptorMut`] | `descriptor_mut.rs` |
//! | the layers and their pattern | [`ScalabilityStructure`], [`ScalabilityStructureBuilder`], [`GroupPicture`] | `scalability.rs` (section 4.2.1) |
//!
//! In flexible mode (F) each frame names the pictures it refers to; otherwise they follow from the pattern that the
//! scalability structure gives, and TL0PICIDX counts the pictures of the base layer.
//!
//! The words of the standard: a *picture* is all frames of one time, a *frame* one spatial layer of it. B and E are of
//! frames; the last packet of a picture has the RTP marker.
//!
//! ```
//! use mediawire::rtp::payload::vp9::{Descriptor, DescriptorMut};
//!
//! // A key picture: I=1 L=1 F=1 B=1 E=1 V=1, picture ID, TID 0 and SID 0, one spatial layer of 320x180.
//! let mut payload = [0xbe, 0xd3, 0x96, 0x10, 0x10, 1, 0x40, 0, 0xb4, 0x83, 0x49, 0x83, 0x42];
//! let descriptor = Descriptor::parse(&payload)?;
//! assert!(descriptor.starts_key_frame());
//! let structure = descriptor.scalability_structure().unwrap();
//! assert_eq!(structure.resolutions().collect::<Vec<_>>(), [(320, 180)]);
//!
//! let mut descriptor = DescriptorMut::parse(&mut payload)?;
//! descriptor.set_picture_id(1)?;
//! assert_eq!(payload[..3], [0xbe, 0x80, 1]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod descriptor;
mod descriptor_mut;
mod scalability;

pub use descriptor::{Descriptor, DescriptorBuilder, LayerIndices};
pub use descriptor_mut::DescriptorMut;
pub use scalability::{
    GroupPicture, GroupPictures, ScalabilityStructure, ScalabilityStructureBuilder,
};
