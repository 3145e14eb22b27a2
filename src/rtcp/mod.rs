//! RTCP: control packets of RTP (RFC 3550 section 6), and their extensions.
//!
//! A datagram holds one or more packets; [`Compound`] walks them, [`CompoundWriter`] writes them. Each is a view over
//! the datagram, and turns into a builder of the same fields.
//!
//! ```
//! use mediawire::rtcp::{Compound, Packet};
//!
//! let datagram = [
//!     0x80, 201, 0, 1, 0, 0, 0, 1, // receiver report without blocks
//!     0x81, 202, 0, 3, 0, 0, 0, 1, 1, 5, b'a', b'l', b'i', b'c', b'e', 0, // SDES, CNAME
//! ];
//! for packet in Compound::new(&datagram) {
//!     match packet {
//!         Ok(Packet::ReceiverReport(report)) => assert_eq!(report.ssrc(), 1),
//!         Ok(Packet::SourceDescription(sdes)) => {
//!             let item = sdes.chunks().flat_map(|chunk| chunk.items()).next().unwrap();
//!             assert_eq!(item.value_str(), Some("alice"));
//!         }
//!         Ok(other) => println!("{other}"),
//!         Err(error) => eprintln!("{error}"),
//!     }
//! }
//! ```

mod app;
mod avb;
mod bye;
mod compound;
mod feedback;
mod foreign;
mod h261_fir;
mod h261_nack;
mod header;
mod idms;
mod ij;
mod packet;
mod packet_type;
mod raw;
mod report_block;
mod rgrs;
mod rr;
mod rsi;
mod sdes;
mod sdes_item_type;
mod smptetc;
mod snm;
mod sr;
mod srtcp;
mod token;
mod validate;
pub mod xr;

pub use compound::{Compound, CompoundWriter};
pub use foreign::{Foreign, ForeignBuilder, Mark};
pub use header::Header;
pub use packet::Packet;
pub use packet_type::PacketType;
pub use raw::{RawPacket, RawPacketBuilder};
pub use srtcp::Srtcp;
pub use validate::{Rule, Violation};

// The registry's order: 200 to 207.
pub use report_block::{ReportBlock, ReportBlockBuilder};
pub use rr::{ReceiverReport, ReceiverReportBuilder};
pub use sdes::{
    SdesChunk, SdesChunkBuilder, SdesChunkList, SdesChunks, SdesItem, SourceDescription,
    SourceDescriptionBuilder,
};
pub use sdes_item_type::SdesItemType;
pub use sr::{SenderReport, SenderReportBuilder};

pub use app::{App, AppBuilder};
pub use bye::{Bye, ByeBuilder};
pub use feedback::{Feedback, FeedbackBuilder, PayloadFeedbackFormat, TransportFeedbackFormat};
// Transport layer feedback, in the registry's order.
pub use feedback::{
    Ccfb, CcfbArrival, CcfbBlock, CcfbBlockBuilder, CcfbBlockList, CcfbBlocks, CcfbBuilder,
    CcfbStream, CcfbWriter, PacketMetric,
};
pub use feedback::{
    Dbi, DbiBuilder, EcnFeedback, EcnFeedbackBuilder, PauseResume, PauseResumeBuilder,
    PauseResumeEntries, PauseResumeEntry, PauseResumeList, PauseResumeType,
};
pub use feedback::{
    LostSequenceNumbers, Nack, NackBuilder, NackPair, NackPairs, TmmbEntry, Tmmbn, TmmbnBuilder,
    Tmmbr, TmmbrBuilder,
};
pub use feedback::{
    PacketStatus, PacketStatuses, TransportCc, TransportCcArrivals, TransportCcBuilder,
    TransportCcPart,
};
pub use feedback::{
    Rams, RamsBuilder, RamsResponse, RamsSubFormat, RamsTlv, RamsTlvList, RamsTlvType, RamsTlvs,
    SrReq, SrReqBuilder, Tllei, TlleiBuilder,
};
// Payload-specific feedback.
pub use feedback::{
    Afb, AfbBuilder, Fir, FirBuilder, FirEntry, Lntf, LntfBuilder, Lrr, LrrBuilder, LrrEntry,
    MsAfb, MsAfbBuilder, MsAfbMessage, MsAfbType, Pli, PliBuilder, PredefinedRoiForm, Pslei,
    PsleiBuilder, Remb, RembBuilder, Roi, RoiBuilder, RoiRegion, Rpsi, RpsiBuilder, Sli,
    SliBuilder, SliEntry, TradeOffEntry, Tstn, TstnBuilder, Tstr, TstrBuilder, Vbcm, VbcmBuilder,
    VbcmEntries, VbcmEntry, VbcmEntryList, VideoSourceRequest, Vp, VpBuilder,
};
pub use xr::{ExtendedReport, ExtendedReportBuilder};

// The rest of the registry: 192 to 195, 208 to 213.
pub use h261_fir::{H261Fir, H261FirBuilder};
pub use h261_nack::{H261Nack, H261NackBuilder};
pub use ij::{Ij, IjBuilder};
pub use smptetc::{CompactTimeCode, SmpteTimeCode, Smptetc, SmptetcBuilder};

pub use avb::{Avb, AvbBuilder};
pub use idms::{Idms, IdmsBuilder};
pub use rgrs::{Rgrs, RgrsBuilder};
pub use rsi::{
    Distribution, DistributionBuckets, FeedbackTarget, GeneralStatistics,
    GroupAndAveragePacketSize, Rsi, RsiBuilder, RsiSubReport, RsiSubReportList, RsiSubReportType,
    RsiSubReports, RtcpBandwidth,
};
pub use snm::{Snm, SnmBuilder};
pub use token::{
    PortMappingRequest, PortMappingRequestBuilder, PortMappingResponse, PortMappingResponseBuilder,
    Token, TokenBuilder, TokenElement, TokenMessageType, TokenVerificationFailure,
    TokenVerificationFailureBuilder, TokenVerificationRequest, TokenVerificationRequestBuilder,
};
