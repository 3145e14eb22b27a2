//! Every `Serialize`: those of the parts are called by these.

use mediawire::rtp::{ext, payload};
use mediawire::{rtcp, rtp, stun};
use serde::Serialize;

use crate::nowhere::{Nowhere, Refused};

macro_rules! serialized {
    ($($name:ident: $view:ty;)+) => {
        $(pub fn $name(view: &$view) -> Result<(), Refused> {
            view.serialize(Nowhere)
        })+
    };
}

serialized! {
    rtcp_packet: rtcp::Packet<'_>;
    rtp_packet: rtp::Packet<'_>;
    element: rtp::Element<'_>;
    named_element: ext::NamedElement<'_>;
    value: ext::AnyValue<'_>;
    frame_dependencies: ext::FrameDependencies<'_>;
    template_structure: ext::TemplateStructure;
    predefined_roi_sent: ext::PredefinedRoiSent;
    roi_sent: ext::RoiSent;
    layer_allocation: ext::LayerAllocation;
    abs_capture_time: ext::AbsCaptureTime;
    abs_send_time: ext::AbsSendTime;
    audio_level: ext::AudioLevel;
    csrc_audio_levels: ext::CsrcAudioLevels<'_>;
    inband_comfort_noise: ext::InbandComfortNoise;
    color_space: ext::ColorSpace;
    corruption_detection: ext::CorruptionDetection<'_>;
    dependency_descriptor: ext::DependencyDescriptor<'_>;
    frame_marking: ext::FrameMarking;
    generic_frame_descriptor: ext::GenericFrameDescriptor<'_>;
    ntp64: ext::Ntp64;
    ntp56: ext::Ntp56;
    splicing_interval: ext::SplicingInterval;
    playout_delay: ext::PlayoutDelay;
    smpte_time_code: ext::SmpteTimeCode;
    cname: ext::Cname<'_>;
    mid: ext::Mid<'_>;
    rtp_stream_id: ext::RtpStreamId<'_>;
    repaired_rtp_stream_id: ext::RepairedRtpStreamId<'_>;
    capture_id: ext::CaptureId<'_>;
    transmission_offset: ext::TransmissionOffset;
    transport_cc: ext::TransportCc;
    transport_cc02: ext::TransportCc02;
    video_content_type: ext::VideoContentType;
    video_frame_tracking_id: ext::VideoFrameTrackingId;
    video_layers_allocation: ext::VideoLayersAllocation<'_>;
    video_orientation: ext::VideoOrientation;
    video_orientation6: ext::VideoOrientation6;
    video_timing: ext::VideoTiming;
    payload_of_codec: payload::Payload<'_>;
    comfort_noise: rtp::ComfortNoise<'_>;
    flexfec: rtp::FlexFec<'_>;
    ulpfec: rtp::UlpFec<'_>;
    red: rtp::Red<'_>;
    rtx: rtp::Rtx<'_>;
    telephone_events: rtp::TelephoneEvents<'_>;
    tone: rtp::Tone<'_>;
    message: stun::Message<'_>;
    channel_data: stun::ChannelData<'_>;
}
