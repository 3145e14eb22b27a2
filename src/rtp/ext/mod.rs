//! Typed header extensions: what the elements of RFC 8285 mean.
//!
//! An [`ExtensionMap`] is filled once a session out of its `a=extmap` attributes; then it reads and writes elements by their
//! type. Without one, each type reads the data of an element by its `parse`, and is written by [`Encode`](crate::Encode).
//!
//! | to | take | in |
//! |---|---|---|
//! | bind identifiers, read and write by type | [`ExtensionMap`], [`ExtensionMapError`], [`NamedElement`], [`NamedElements`] | `map.rs` (RFC 8285 sections 4.1.2, 5, 6; RFC 6904) |
//! | write several elements | [`ElementList`] | `list.rs` |
//! | read an `a=extmap` value | [`Extmap`], [`Direction`] | `extmap.rs` (RFC 8285 section 8) |
//! | name an extension | [`Uri`] | `uri.rs` |
//! | write code for any kind | [`Value`], [`AnyValue`] | `value.rs`, `any.rs` |
//!
//! | extension | type | in |
//! |---|---|---|
//! | toffset | [`TransmissionOffset`] | `transmission_offset.rs` (RFC 5450) |
//! | smpte-tc | [`SmpteTimeCode`], [`ShortTimeCode`] | `smpte.rs` (RFC 5484) |
//! | ntp-64, ntp-56 | [`Ntp64`], [`Ntp56`] | `ntp_time.rs` (RFC 6051) |
//! | splicing-interval | [`SplicingInterval`] | `ntp_time.rs` (RFC 8286) |
//! | ssrc-audio-level, csrc-audio-level | [`AudioLevel`], [`CsrcAudioLevels`] | `audio_level.rs` (RFC 6464, RFC 6465) |
//! | inband-cn | [`InbandComfortNoise`] | `audio_level.rs` (libwebrtc) |
//! | video-orientation, video-orientation:6 | [`VideoOrientation`], [`VideoOrientation6`] | `video_orientation.rs` (3GPP TS 26.114) |
//! | roi-sent, predefined-roi-sent | [`RoiSent`], [`PredefinedRoiSent`] | `region.rs` (3GPP TS 26.114) |
//! | framemarking | [`FrameMarking`] | `frame_marking.rs` (RFC 9626) |
//! | sdes:cname, mid, rtp-stream-id, repaired-rtp-stream-id, CaptId | [`Cname`], [`Mid`], [`RtpStreamId`], [`RepairedRtpStreamId`], [`CaptureId`] | `text.rs` (RFC 7941, RFC 9143, RFC 8852, RFC 8849) |
//! | abs-send-time | [`AbsSendTime`] | `abs_send_time.rs` (libwebrtc) |
//! | abs-capture-time | [`AbsCaptureTime`] | `abs_capture_time.rs` (libwebrtc) |
//! | transport-wide-cc 01 and 02 | [`TransportCc`], [`TransportCc02`], [`FeedbackRequest`] | `transport_cc.rs` (draft-holmer-rmcat-transport-wide-cc-extensions-01, libwebrtc) |
//! | playout-delay | [`PlayoutDelay`] | `playout_delay.rs` (libwebrtc) |
//! | video-content-type, video-frame-tracking-id | [`VideoContentType`], [`VideoFrameTrackingId`] | `video_content_type.rs` (libwebrtc) |
//! | video-timing | [`VideoTiming`] | `video_timing.rs` (libwebrtc) |
//! | color-space | [`ColorSpace`], [`HdrMetadata`], [`Chromaticity`], [`ColorRange`], [`ChromaSiting`] | `color_space.rs` (libwebrtc) |
//! | video-layers-allocation00 | [`VideoLayersAllocation`], [`LayerAllocation`], [`LayerResolution`], [`VideoLayersAllocationBuilder`] | `video_layers_allocation.rs` (libwebrtc) |
//! | dependency-descriptor | [`DependencyDescriptor`], [`FrameDependencies`], [`DependencyDescriptorBuilder`] | `dependency_descriptor.rs` (AV1 RTP specification, appendix A) |
//! | its template structure | [`TemplateStructure`], [`Template`], [`Dti`], [`TemplateStructureBuilder`], [`TemplateBuilder`] | `template_structure.rs` |
//! | generic-frame-descriptor-00 | [`GenericFrameDescriptor`], [`GenericFrameDescriptorBuilder`], [`GenericFrameStart`] | `generic_frame_descriptor.rs` (libwebrtc) |
//! | corruption-detection | [`CorruptionDetection`], [`Samples`] | `corruption_detection.rs` (libwebrtc) |
//!
//! Elements that are encrypted one by one (RFC 6904) are told by the map and passed over until they are decrypted. Those of
//! a packet under Cryptex (RFC 9335) are none before it is decrypted: its extension has a
//! [profile](crate::rtp::Profile::is_cryptex) of its own, and its bytes are kept.

mod abs_capture_time;
mod abs_send_time;
mod any;
mod audio_level;
mod bits;
mod color_space;
mod corruption_detection;
mod dependency_descriptor;
mod extmap;
mod frame_marking;
mod generic_frame_descriptor;
mod list;
mod map;
mod ntp_time;
mod playout_delay;
mod region;
mod smpte;
mod template_structure;
mod text;
mod transmission_offset;
mod transport_cc;
mod uri;
mod value;
mod video_content_type;
mod video_layers_allocation;
mod video_orientation;
mod video_timing;

pub use abs_capture_time::AbsCaptureTime;
pub use abs_send_time::AbsSendTime;
pub use any::AnyValue;
pub use audio_level::{AudioLevel, CsrcAudioLevels, InbandComfortNoise};
pub use color_space::{ChromaSiting, Chromaticity, ColorRange, ColorSpace, HdrMetadata};
pub use corruption_detection::{CorruptionDetection, Samples};
pub use dependency_descriptor::{
    DependencyDescriptor, DependencyDescriptorBuilder, Fdiffs, FrameDependencies,
};
pub use extmap::{Direction, Extmap};
pub use frame_marking::FrameMarking;
pub use generic_frame_descriptor::{
    FrameDiffs, GenericFrameDescriptor, GenericFrameDescriptorBuilder, GenericFrameStart,
};
pub use list::ElementList;
pub use map::{ExtensionMap, ExtensionMapError, NamedElement, NamedElements};
pub use ntp_time::{Ntp56, Ntp64, SplicingInterval};
pub use playout_delay::PlayoutDelay;
pub use region::{PredefinedRoiSent, RoiSent};
pub use smpte::{ShortTimeCode, SmpteTimeCode};
pub use template_structure::{
    ChainFdiffs, Dti, Dtis, Template, TemplateBuilder, TemplateStructure, TemplateStructureBuilder,
};
pub use text::{CaptureId, Cname, Mid, RepairedRtpStreamId, RtpStreamId};
pub use transmission_offset::TransmissionOffset;
pub use transport_cc::{FeedbackRequest, TransportCc, TransportCc02};
pub use uri::Uri;
pub use value::Value;
pub use video_content_type::{VideoContentType, VideoFrameTrackingId};
pub use video_layers_allocation::{
    AllocatedLayers, LayerAllocation, LayerResolution, VideoLayersAllocation,
    VideoLayersAllocationBuilder,
};
pub use video_orientation::{VideoOrientation, VideoOrientation6};
pub use video_timing::VideoTiming;
