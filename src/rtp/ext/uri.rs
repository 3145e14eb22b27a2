//! The URIs of header extensions (IANA, RTP Compact Header Extensions; libwebrtc's experiments).

use core::fmt;

macro_rules! uris {
    ($($(#[$doc:meta])* $constant:ident = $uri:literal, $name:literal;)*) => {
        /// The URI of a header extension that this crate knows.
        ///
        /// ```
        /// use mediawire::rtp::ext::Uri;
        ///
        /// assert_eq!(Uri::find("urn:ietf:params:rtp-hdrext:sdes:mid"), Some(Uri::MID));
        /// assert_eq!(Uri::MID.name(), "mid");
        /// assert_eq!(Uri::find("urn:example:other"), None);
        /// ```
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct Uri(Index);

        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "named as the constants are")]
        enum Index {
            $($constant,)*
        }

        impl Uri {
            $($(#[$doc])* pub const $constant: Self = Self(Index::$constant);)*

            /// All of them, those without a value of their own too.
            pub const ALL: &'static [Self] = &[$(Self::$constant,)*];

            /// The URI, as signalling has it.
            pub const fn as_str(self) -> &'static str {
                match self.0 {
                    $(Index::$constant => $uri,)*
                }
            }

            /// A short name, for logs and the inspector.
            pub const fn name(self) -> &'static str {
                match self.0 {
                    $(Index::$constant => $name,)*
                }
            }
        }
    };
}

uris! {
    /// Transmission time offset (RFC 5450): [`TransmissionOffset`](super::TransmissionOffset).
    TOFFSET = "urn:ietf:params:rtp-hdrext:toffset", "toffset";
    /// SMPTE time-code (RFC 5484): [`SmpteTimeCode`](super::SmpteTimeCode).
    SMPTE_TC = "urn:ietf:params:rtp-hdrext:smpte-tc", "smpte-tc";
    /// NTP timestamp, 64 bits (RFC 6051): [`Ntp64`](super::Ntp64).
    NTP_64 = "urn:ietf:params:rtp-hdrext:ntp-64", "ntp-64";
    /// NTP timestamp, its low 56 bits (RFC 6051): [`Ntp56`](super::Ntp56).
    NTP_56 = "urn:ietf:params:rtp-hdrext:ntp-56", "ntp-56";
    /// Level of the packet's audio (RFC 6464): [`AudioLevel`](super::AudioLevel).
    AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level", "audio-level";
    /// Level of each contributing source (RFC 6465): [`CsrcAudioLevels`](super::CsrcAudioLevels).
    CSRC_AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:csrc-audio-level", "csrc-audio-level";
    /// An extension whose elements are encrypted (RFC 6904). It has no value: the URI behind it in the signalling says
    /// what was encrypted.
    ENCRYPT = "urn:ietf:params:rtp-hdrext:encrypt", "encrypt";
    /// Orientation of the video, in steps of 90° (3GPP TS 26.114): [`VideoOrientation`](super::VideoOrientation).
    VIDEO_ORIENTATION = "urn:3gpp:video-orientation", "video-orientation";
    /// Orientation of the video, in 64 steps (3GPP TS 26.114): [`VideoOrientation6`](super::VideoOrientation6).
    VIDEO_ORIENTATION_6 = "urn:3gpp:video-orientation:6", "video-orientation-6";
    /// Region of interest that is sent (3GPP TS 26.114): [`RoiSent`](super::RoiSent).
    ROI_SENT = "urn:3gpp:roi-sent", "roi-sent";
    /// Predefined region of interest that is sent (3GPP TS 26.114): [`PredefinedRoiSent`](super::PredefinedRoiSent).
    PREDEFINED_ROI_SENT = "urn:3gpp:predefined-roi-sent", "predefined-roi-sent";
    /// The base of the URIs of SDES items (RFC 7941), which is none itself.
    SDES = "urn:ietf:params:rtp-hdrext:sdes", "sdes";
    /// Splicing interval (RFC 8286): [`SplicingInterval`](super::SplicingInterval).
    SPLICING_INTERVAL = "urn:ietf:params:rtp-hdrext:splicing-interval", "splicing-interval";
    /// Frame marking (RFC 9626): [`FrameMarking`](super::FrameMarking).
    FRAME_MARKING = "urn:ietf:params:rtp-hdrext:framemarking", "frame-marking";
    /// Frame marking, as draft 07 named it: [`FrameMarking`](super::FrameMarking).
    FRAME_MARKING_07 = "http://tools.ietf.org/html/draft-ietf-avtext-framemarking-07", "frame-marking";
    /// SDES item CNAME (RFC 7941): [`Cname`](super::Cname).
    CNAME = "urn:ietf:params:rtp-hdrext:sdes:cname", "sdes-cname";
    /// SDES item MID (RFC 9143): [`Mid`](super::Mid).
    MID = "urn:ietf:params:rtp-hdrext:sdes:mid", "mid";
    /// SDES item RtpStreamId (RFC 8852): [`RtpStreamId`](super::RtpStreamId).
    RTP_STREAM_ID = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id", "rid";
    /// SDES item RepairedRtpStreamId (RFC 8852): [`RepairedRtpStreamId`](super::RepairedRtpStreamId).
    REPAIRED_RTP_STREAM_ID = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id", "rrid";
    /// SDES item CCID, the identifier of a CLUE capture (RFC 8849): [`CaptureId`](super::CaptureId).
    CAPTURE_ID = "urn:ietf:params:rtp-hdrext:sdes:CaptId", "captid";
    /// Absolute send time: [`AbsSendTime`](super::AbsSendTime).
    ABS_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time", "abs-send-time";
    /// Absolute capture time: [`AbsCaptureTime`](super::AbsCaptureTime).
    ABS_CAPTURE_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time", "abs-capture-time";
    /// Transport-wide sequence number: [`TransportCc`](super::TransportCc).
    TRANSPORT_CC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01", "transport-wide-cc";
    /// Transport-wide sequence number that may ask for feedback: [`TransportCc02`](super::TransportCc02).
    TRANSPORT_CC_02 = "http://www.webrtc.org/experiments/rtp-hdrext/transport-wide-cc-02", "transport-wide-cc-02";
    /// Limits of the playout delay: [`PlayoutDelay`](super::PlayoutDelay).
    PLAYOUT_DELAY = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay", "playout-delay";
    /// What the video shows: [`VideoContentType`](super::VideoContentType).
    VIDEO_CONTENT_TYPE = "http://www.webrtc.org/experiments/rtp-hdrext/video-content-type", "video-content-type";
    /// When a frame passed the stages of its sender: [`VideoTiming`](super::VideoTiming).
    VIDEO_TIMING = "http://www.webrtc.org/experiments/rtp-hdrext/video-timing", "video-timing";
    /// Color space, and HDR metadata: [`ColorSpace`](super::ColorSpace).
    COLOR_SPACE = "http://www.webrtc.org/experiments/rtp-hdrext/color-space", "color-space";
    /// Target bitrates, sizes and frame rates of the layers: [`VideoLayersAllocation`](super::VideoLayersAllocation).
    VIDEO_LAYERS_ALLOCATION = "http://www.webrtc.org/experiments/rtp-hdrext/video-layers-allocation00", "video-layers-allocation";
    /// How the frame depends on others (AV1 RTP specification, appendix A):
    /// [`DependencyDescriptor`](super::DependencyDescriptor).
    DEPENDENCY_DESCRIPTOR = "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension", "dependency-descriptor";
    /// How the frame depends on others, before the dependency descriptor:
    /// [`GenericFrameDescriptor`](super::GenericFrameDescriptor).
    GENERIC_FRAME_DESCRIPTOR = "http://www.webrtc.org/experiments/rtp-hdrext/generic-frame-descriptor-00", "generic-frame-descriptor";
    /// Comfort noise within the payload: [`InbandComfortNoise`](super::InbandComfortNoise).
    INBAND_CN = "http://www.webrtc.org/experiments/rtp-hdrext/inband-cn", "inband-cn";
    /// Which frame a packet belongs to, for measurements: [`VideoFrameTrackingId`](super::VideoFrameTrackingId).
    VIDEO_FRAME_TRACKING_ID = "http://www.webrtc.org/experiments/rtp-hdrext/video-frame-tracking-id", "video-frame-tracking-id";
    /// Samples of the picture, to find corrupted decoding: [`CorruptionDetection`](super::CorruptionDetection).
    CORRUPTION_DETECTION = "http://www.webrtc.org/experiments/rtp-hdrext/corruption-detection", "corruption-detection";
}

impl Uri {
    /// How many there are.
    pub(crate) const COUNT: usize = Self::ALL.len();

    /// Its place among all of them.
    #[expect(clippy::as_conversions, reason = "the number of a variant, below 256")]
    pub(crate) const fn index(self) -> u8 {
        self.0 as u8
    }

    /// The one that `text` is, letter for letter; `None` for any other URI.
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|uri| uri.as_str() == text)
    }
}

/// The URI.
impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The short name.
impl fmt::Debug for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Uri({})", self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_uri_finds_itself() {
        for &uri in Uri::ALL {
            assert_eq!(Uri::find(uri.as_str()), Some(uri));
        }
        assert_eq!(Uri::find("urn:ietf:params:rtp-hdrext:sdes:MID"), None);
        assert_eq!(Uri::find(""), None);
    }
}
