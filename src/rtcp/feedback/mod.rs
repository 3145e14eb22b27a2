//! Feedback messages (RFC 4585 section 6): transport layer (205) and payload-specific (206), one file a format.
//!
//! The five bits behind the padding bit are the format, FMT; behind the header stand the SSRCs of the packet's sender
//! and of the media source, then the feedback control information, FCI, in the format's own layout.

mod common;
mod format;
mod nack;
mod order;
mod raw;
mod tmmb_entry;
mod tmmbn;
mod tmmbr;

pub use format::{PayloadFeedbackFormat, TransportFeedbackFormat};
pub use raw::{Feedback, FeedbackBuilder};

// Transport layer, in the registry's order.
pub use nack::{LostSequenceNumbers, Nack, NackBuilder, NackPair, NackPairs};
pub use tmmb_entry::TmmbEntry;
pub use tmmbn::{Tmmbn, TmmbnBuilder};
pub use tmmbr::{Tmmbr, TmmbrBuilder};

pub(crate) use nack::nack;
pub(crate) use raw::feedback;
pub(crate) use tmmbn::tmmbn;
pub(crate) use tmmbr::tmmbr;
