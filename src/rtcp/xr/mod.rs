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
mod interval_metric;
mod metric;
mod raw;
mod rle;

mod bt_xnq;
mod burst_gap_discard;
mod burst_gap_discard_summary;
mod burst_gap_loss;
mod burst_gap_loss_summary;
mod bytes_discarded;
mod concealed_seconds;
mod de_jitter_buffer;
mod delay_metrics;
mod discard_count;
mod discard_rle;
mod dlrr;
mod duplicate_rle;
mod ecn_summary;
mod frame_impairment_summary;
mod idms;
mod independent_burst_gap_discard;
mod initial_sync_delay;
mod loss_concealment;
mod loss_rle;
mod measurement_information;
mod mos_metrics;
mod multicast_acquisition;
mod packet_delay_variation;
mod packet_receipt_times;
mod post_repair_loss_count;
mod post_repair_loss_rle;
mod receiver_reference_time;
mod statistics_summary;
mod sync_offset;
mod target_bitrate;
mod ts_psi;
mod ts_psi_independent;
mod video_loss_concealment;
mod voip_metrics;

pub use block::Block;
pub use block_type::BlockType;
pub use extended_report::{BlockList, Blocks, ExtendedReport, ExtendedReportBuilder};
pub use interval_metric::IntervalMetric;
pub use metric::Metric;
pub use raw::{RawBlock, RawBlockBuilder};
pub use rle::{Chunk, RleRun};

// The types 1 to 8, 10 to 35 and 42, by name. 9 and 36 have no published layout: they are raw blocks.
pub use bt_xnq::{BtXnq, BtXnqBuilder};
pub use burst_gap_discard::{BurstGapDiscard, BurstGapDiscardBuilder};
pub use burst_gap_discard_summary::{BurstGapDiscardSummary, BurstGapDiscardSummaryBuilder};
pub use burst_gap_loss::{BurstGapLoss, BurstGapLossBuilder};
pub use burst_gap_loss_summary::{BurstGapLossSummary, BurstGapLossSummaryBuilder};
pub use bytes_discarded::{BytesDiscarded, BytesDiscardedBuilder};
pub use concealed_seconds::{ConcealedSeconds, ConcealedSecondsBuilder};
pub use de_jitter_buffer::{DeJitterBuffer, DeJitterBufferBuilder};
pub use delay_metrics::{DelayMetrics, DelayMetricsBuilder};
pub use discard_count::{DiscardCount, DiscardCountBuilder, DiscardType};
pub use discard_rle::{DiscardRle, DiscardRleBuilder};
pub use dlrr::{Dlrr, DlrrBuilder, DlrrSubBlock};
pub use duplicate_rle::{DuplicateRle, DuplicateRleBuilder};
pub use ecn_summary::{EcnEntry, EcnSummary, EcnSummaryBuilder};
pub use frame_impairment_summary::{FrameImpairmentSummary, FrameImpairmentSummaryBuilder};
pub use idms::{Idms, IdmsBuilder, SyncPacketSenderType};
pub use independent_burst_gap_discard::{
    IndependentBurstGapDiscard, IndependentBurstGapDiscardBuilder,
};
pub use initial_sync_delay::{InitialSyncDelay, InitialSyncDelayBuilder};
pub use loss_concealment::{ConcealmentMethod, LossConcealment, LossConcealmentBuilder};
pub use loss_rle::{LossRle, LossRleBuilder};
pub use measurement_information::{MeasurementInformation, MeasurementInformationBuilder};
pub use mos_metrics::{MosMetrics, MosMetricsBuilder, MosSegment};
pub use multicast_acquisition::{
    MaElement, MaElementList, MaElementType, MaElements, MaMethod, MaStatus, MulticastAcquisition,
    MulticastAcquisitionBuilder,
};
pub use packet_delay_variation::{
    PacketDelayVariation, PacketDelayVariationBuilder, PdvType, PdvValue,
};
pub use packet_receipt_times::{PacketReceiptTimes, PacketReceiptTimesBuilder};
pub use post_repair_loss_count::{PostRepairLossCount, PostRepairLossCountBuilder};
pub use post_repair_loss_rle::{PostRepairLossRle, PostRepairLossRleBuilder};
pub use receiver_reference_time::{ReceiverReferenceTime, ReceiverReferenceTimeBuilder};
pub use statistics_summary::{StatisticsSummary, StatisticsSummaryBuilder};
pub use sync_offset::{NtpOffset, SyncOffset, SyncOffsetBuilder};
pub use target_bitrate::{TargetBitrate, TargetBitrateBuilder, TargetBitrateEntry};
pub use ts_psi::{TsPsi, TsPsiBuilder};
pub use ts_psi_independent::{TsPsiIndependent, TsPsiIndependentBuilder};
pub use video_loss_concealment::{
    VideoConcealmentMethod, VideoLossConcealment, VideoLossConcealmentBuilder,
};
pub use voip_metrics::{VoipMetrics, VoipMetricsBuilder};

pub(crate) use extended_report::extended_report;
