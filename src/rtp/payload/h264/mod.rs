//! H.264 (RFC 6184): NAL units, whole, several in a packet, or in fragments.
//!
//! | to | take | in |
//! |---|---|---|
//! | read a payload | [`Payload`] | `payload.rs` (RFC 6184 section 5.2) |
//! | read and name a NAL unit | [`NalUnit`], [`NalHeader`], [`NalUnitType`] | `nal.rs` (sections 1.3 and 5.3) |
//! | several in a packet: STAP-A, STAP-B, MTAP16, MTAP24 | [`Aggregation`], [`AggregationBuilder`] | `aggregation.rs` (section 5.7) |
//! | a fragment of one: FU-A, FU-B | [`Fragment`], [`FragmentBuilder`] | `fragment.rs` (section 5.8) |
//!
//! The last packet of a frame has the RTP marker; the payload does not tell.
//!
//! ```
//! use mediawire::rtp::payload::h264::{NalUnitType, Payload};
//!
//! // A STAP-A of a sequence parameter set and a picture parameter set.
//! let payload = [0x78, 0, 4, 0x67, 0x42, 0xc0, 0x15, 0, 2, 0x68, 0xce];
//! let Payload::Aggregation(packet) = Payload::parse(&payload)? else { panic!("no aggregation") };
//! let types: Vec<_> = packet.units().map(|unit| unit.nal.nal_unit_type()).collect();
//! assert_eq!(types, [NalUnitType::SPS, NalUnitType::PPS]);
//! assert!(Payload::Aggregation(packet).starts_key_frame());
//! # Ok::<(), mediawire::ParseError>(())
//! ```

mod aggregation;
mod fragment;
mod nal;
mod payload;

pub use aggregation::{
    Aggregation, AggregationBuilder, AggregationUnit, AggregationUnits, UnitsBuilder,
};
pub use fragment::{Fragment, FragmentBuilder};
pub use nal::{NalHeader, NalUnit, NalUnitType};
pub use payload::Payload;
