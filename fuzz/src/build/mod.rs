//! What the structure-aware targets build with: random values in plain ranges, and what the standards say of them.

pub mod model;
pub mod rtcp;
pub mod rtp;
pub mod source;
pub mod stun;
pub mod xr;
