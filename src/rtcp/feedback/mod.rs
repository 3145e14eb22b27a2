//! Feedback messages (RFC 4585 section 6): transport layer (205) and payload-specific (206), one file a format.
//!
//! The five bits behind the padding bit are the format, FMT; behind the header stand the SSRCs of the packet's sender
//! and of the media source, then the feedback control information, FCI, in the format's own layout.

mod afb;
mod ccfb;
mod ccfb_writer;
mod common;
mod dbi;
mod ecn;
mod fir;
mod format;
mod lntf;
mod lrr;
mod ms_afb;
mod nack;
mod order;
mod pause_resume;
mod pli;
#[cfg(test)]
mod psfb_tests;
mod pslei;
mod rams;
mod rams_registries;
mod raw;
mod remb;
mod roi;
mod rpsi;
mod sli;
mod sr_req;
mod tllei;
mod tmmb_entry;
mod tmmbn;
mod tmmbr;
mod trade_off_entry;
mod transport_cc;
mod transport_cc_arrivals;
mod tstn;
mod tstr;
mod vbcm;
mod vp;

pub use format::{PayloadFeedbackFormat, TransportFeedbackFormat};
pub use raw::{Feedback, FeedbackBuilder};

// Transport layer, in the registry's order.
pub use nack::{LostSequenceNumbers, Nack, NackBuilder, NackPair, NackPairs};
pub use tmmb_entry::TmmbEntry;
pub use tmmbn::{Tmmbn, TmmbnBuilder};
pub use tmmbr::{Tmmbr, TmmbrBuilder};

pub use rams::{Rams, RamsBuilder, RamsTlv, RamsTlvList, RamsTlvs};
pub use rams_registries::{RamsResponse, RamsSubFormat, RamsTlvType};
pub use sr_req::{SrReq, SrReqBuilder};
pub use tllei::{Tllei, TlleiBuilder};

pub use dbi::{Dbi, DbiBuilder};
pub use ecn::{EcnFeedback, EcnFeedbackBuilder};
pub use pause_resume::{
    PauseResume, PauseResumeBuilder, PauseResumeEntries, PauseResumeEntry, PauseResumeList,
    PauseResumeType,
};

pub use ccfb::{
    Ccfb, CcfbArrival, CcfbBlock, CcfbBlockBuilder, CcfbBlockList, CcfbBlocks, CcfbBuilder,
    PacketMetric,
};
pub use ccfb_writer::{CcfbStream, CcfbWriter};
pub use transport_cc::{PacketStatus, PacketStatuses, TransportCc, TransportCcBuilder};
pub use transport_cc_arrivals::{TransportCcArrivals, TransportCcPart};

// Payload-specific.
pub use fir::{Fir, FirBuilder, FirEntry};
pub use lrr::{Lrr, LrrBuilder, LrrEntry};
pub use pli::{Pli, PliBuilder};
pub use pslei::{Pslei, PsleiBuilder};
pub use roi::{PredefinedRoiForm, Roi, RoiBuilder, RoiRegion};
pub use rpsi::{Rpsi, RpsiBuilder};
pub use sli::{Sli, SliBuilder, SliEntry};
pub use trade_off_entry::TradeOffEntry;
pub use tstn::{Tstn, TstnBuilder};
pub use tstr::{Tstr, TstrBuilder};
pub use vbcm::{Vbcm, VbcmBuilder, VbcmEntries, VbcmEntry, VbcmEntryList};
pub use vp::{Vp, VpBuilder};

// Application layer feedback, and the applications that are known.
pub use afb::{Afb, AfbBuilder};
pub use lntf::{Lntf, LntfBuilder};
pub use ms_afb::{MsAfb, MsAfbBuilder, MsAfbMessage, MsAfbType, VideoSourceRequest};
pub use remb::{Remb, RembBuilder};

pub(crate) use ccfb::ccfb;
pub(crate) use dbi::dbi;
pub(crate) use ecn::ecn;
pub(crate) use nack::nack;
pub(crate) use pause_resume::pause_resume;
pub(crate) use rams::rams;
pub(crate) use raw::feedback;
pub(crate) use sr_req::sr_req;
pub(crate) use tllei::tllei;
pub(crate) use tmmbn::tmmbn;
pub(crate) use tmmbr::tmmbr;

pub(crate) use afb::afb;
pub(crate) use fir::fir;
pub(crate) use lrr::lrr;
pub(crate) use pli::pli;
pub(crate) use pslei::pslei;
pub(crate) use remb::{is_remb, remb_of};
pub(crate) use roi::roi;
pub(crate) use rpsi::rpsi;
pub(crate) use sli::sli;
pub(crate) use transport_cc::transport_cc;
pub(crate) use tstn::tstn;
pub(crate) use tstr::tstr;
pub(crate) use vbcm::vbcm;
pub(crate) use vp::vp;
