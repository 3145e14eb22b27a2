//! AV1 (RTP Payload Format For AV1, Alliance for Open Media, version 1.0): OBUs, whole or in fragments.
//!
//! | to | take | in |
//! |---|---|---|
//! | read a payload, walk over its OBU elements | [`Payload`], [`ObuElement`] | `payload.rs` (sections 4.4 and 4.5) |
//! | write one | [`PayloadBuilder`], [`ElementsBuilder`] | `payload.rs` |
//! | the header and type of an OBU | [`ObuHeader`], [`ObuType`] | `obu.rs` (AV1 bitstream, sections 5.3.2 and 6.2.2) |
//!
//! Layers and references of a frame are in the dependency descriptor, a header extension; here there are only the layer
//! ids of an OBU. The last packet of a temporal unit has the RTP marker.
//!
//! ```
//! use mediawire::rtp::payload::av1::{ObuType, Payload};
//!
//! // N=1, W=2: a sequence header of 3 bytes, and a frame to the end.
//! let payload = Payload::parse(&[0x28, 3, 0x08, 0, 0, 0x30, 0x10])?;
//! let types: Vec<_> = payload.elements().filter_map(|e| Some(e.header()?.obu_type())).collect();
//! assert_eq!(types, [ObuType::SEQUENCE_HEADER, ObuType::FRAME]);
//! assert!(payload.starts_key_frame());
//! # Ok::<(), mediawire::ParseError>(())
//! ```

mod obu;
mod payload;

pub use obu::{ObuHeader, ObuType};
pub use payload::{ElementsBuilder, ObuElement, ObuElements, Payload, PayloadBuilder};
