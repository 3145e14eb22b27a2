//! Feedback messages (RFC 4585 section 6): transport layer (205) and payload-specific (206), one file a format.
//!
//! The five bits behind the padding bit are the format, FMT; behind the header stand the SSRCs of the packet's sender
//! and of the media source, then the feedback control information, FCI, in the format's own layout.

mod common;
mod format;
mod raw;

pub use format::{PayloadFeedbackFormat, TransportFeedbackFormat};
pub use raw::{Feedback, FeedbackBuilder};

pub(crate) use raw::feedback;
