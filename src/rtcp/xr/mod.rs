//! Extended reports, XR (RFC 3611, and the RFCs of later blocks): a packet of blocks, one file a block.
//!
//! [`ExtendedReport`] walks the blocks of a packet; each is a [`Block`], or an error with its place that does not hide
//! the next. [`ExtendedReportBuilder`] takes any of the builders, and any view as it was read. A block's builder writes
//! reserved bits as 0; to keep those of a block that was read, write the view itself.
//!
//! Beside the packet and the enum of its blocks stand:
//! - `fixed.rs`, how a block of fixed size is written down after its RFC's figure,
//! - `rle.rs`, what the run length encoded blocks share,
//! - `raw.rs`, a block of any type, as its bytes.

mod block;
mod block_type;
mod extended_report;
mod fixed;
mod raw;
mod rle;

mod dlrr;
mod duplicate_rle;
mod loss_rle;
mod packet_receipt_times;
mod receiver_reference_time;
mod statistics_summary;
mod voip_metrics;

pub use block::Block;
pub use block_type::BlockType;
pub use extended_report::{BlockList, Blocks, ExtendedReport, ExtendedReportBuilder};
pub use raw::{RawBlock, RawBlockBuilder};
pub use rle::{Chunk, RleRun};

// The registry's order: 1 to 7.
pub use dlrr::{Dlrr, DlrrBuilder, DlrrSubBlock};
pub use duplicate_rle::{DuplicateRle, DuplicateRleBuilder};
pub use loss_rle::{LossRle, LossRleBuilder};
pub use packet_receipt_times::{PacketReceiptTimes, PacketReceiptTimesBuilder};
pub use receiver_reference_time::{ReceiverReferenceTime, ReceiverReferenceTimeBuilder};
pub use statistics_summary::{StatisticsSummary, StatisticsSummaryBuilder};
pub use voip_metrics::{VoipMetrics, VoipMetricsBuilder};

pub(crate) use extended_report::extended_report;
