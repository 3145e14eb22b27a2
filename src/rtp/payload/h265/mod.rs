//! H.265 (RFC 7798): NAL units, whole, several in a packet, or in fragments.
//!
//! | to | take | in |
//! |---|---|---|
//! | read a payload | [`Payload`] | `payload.rs` (RFC 7798 section 4.4) |
//! | read and name a NAL unit | [`NalUnit`], [`NalHeader`], [`NalUnitType`], [`NalUnitBuilder`] | `nal.rs` (sections 1.1.4 and 4.4.1) |
//! | several in a packet, AP | [`Aggregation`], [`AggregationBuilder`] | `aggregation.rs` (section 4.4.2) |
//! | a fragment of one, FU | [`Fragment`], [`FragmentBuilder`] | `fragment.rs` (section 4.4.3) |
//! | one with a header of its own, PACI | [`Paci`], [`Tsci`] | `paci.rs` (sections 4.4.4 and 4.5) |
//!
//! Where signalling says `sprop-max-don-diff` above 0, payloads have decoding order numbers, which nothing in them
//! tells: [`Payload::parse_with_don`] reads those. The last packet of a frame has the RTP marker; the payload does not
//! tell.
//!
//! ```
//! use mediawire::rtp::payload::h265::{NalUnitType, Payload};
//!
//! // The first fragment of an IDR picture's first slice.
//! let payload = Payload::parse(&[0x62, 0x01, 0x93, 0xaf, 0x1a])?;
//! let Payload::Fragment(fragment) = payload else { panic!("no fragment") };
//! assert_eq!(fragment.nal_unit_type(), NalUnitType::IDR_W_RADL);
//! assert!(payload.starts_frame() && payload.starts_key_frame());
//! # Ok::<(), mediawire::ParseError>(())
//! ```

mod aggregation;
mod fragment;
mod nal;
mod paci;
mod payload;

pub use aggregation::{
    Aggregation, AggregationBuilder, AggregationUnit, AggregationUnits, UnitsBuilder,
};
pub use fragment::{Fragment, FragmentBuilder};
pub use nal::{NalHeader, NalUnit, NalUnitBuilder, NalUnitType};
pub use paci::{Paci, Tsci};
pub use payload::Payload;
