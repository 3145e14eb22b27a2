//! Forward error correction by parity: packets out of which one lost packet of a set can be had again.
//!
//! ULPFEC (RFC 5109) protects the packets of one source, with more protection for their beginnings where asked for; as a
//! rule it rides in RED. FlexFEC (RFC 8627) is a stream of its own and protects packets of up to 15 sources.
//!
//! A packet is had again out of the parity packet and of all others that it protects, which the caller looks up; it
//! goes into the caller's buffer.

mod flexfec;
mod parity;
mod recovery;
mod ulpfec;

pub use flexfec::{
    FlexFec, FlexFecProtection, FlexFecRepair, FlexFecRepairBuilder, FlexFecSet, FlexFecSource,
    FlexFecSources, FlexFecStream,
};
pub use recovery::{Recovered, RecoveryError, SequenceNumbers};
pub use ulpfec::{
    UlpFec, UlpFecBuilder, UlpFecLevel, UlpFecLevels, UlpFecProtectedLevel, UlpFecProtection,
};
