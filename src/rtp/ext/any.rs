//! A value of any kind.

use core::fmt;

use super::*;
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError};

macro_rules! any_value {
    ($($type:ident $(<$life:lifetime>)?: $uri:ident $(| $other:ident)*;)*) => {
        /// A value of any of the kinds that this crate knows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum AnyValue<'a> {
            $(
                #[doc = concat!("[`", stringify!($type), "`].")]
                $type($type $(<$life>)?),
            )*
        }

        impl<'a> AnyValue<'a> {
            /// Reads the data of an element of this extension, all of it; `None` for a URI without a value of its own.
            ///
            /// # Errors
            /// Data that the kind does not have; places are counted from its front.
            #[inline]
            pub fn parse(uri: Uri, data: &'a [u8]) -> Option<Result<Self, ParseError>> {
                Some(match uri {
                    $(Uri::$uri $(| Uri::$other)* => $type::parse(data).map(Self::$type),)*
                    _ => return None,
                })
            }

            /// The URI of its kind: the one to offer, where there are two.
            pub const fn uri(&self) -> Uri {
                match self {
                    $(Self::$type(_) => Uri::$uri,)*
                }
            }
        }

        impl Encode for AnyValue<'_> {
            #[inline]
            fn encoded_len(&self) -> usize {
                match self {
                    $(Self::$type(value) => value.encoded_len(),)*
                }
            }

            #[inline]
            fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
                match self {
                    $(Self::$type(value) => value.encode(out),)*
                }
            }
        }

        /// As that of the value.
        impl fmt::Display for AnyValue<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$type(value) => fmt::Display::fmt(value, f),)*
                }
            }
        }

        $(
            impl<'a> From<$type $(<$life>)?> for AnyValue<'a> {
                #[inline]
                fn from(value: $type $(<$life>)?) -> Self {
                    Self::$type(value)
                }
            }
        )*

        #[cfg(feature = "serde")]
        impl super::value::Fields for AnyValue<'_> {
            fn fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
                match self {
                    $(Self::$type(value) => super::value::Fields::fields(value, map),)*
                }
            }
        }

        #[cfg(feature = "serde")]
        super::value::serialize!(AnyValue<'a>);
    };
}

any_value! {
    TransmissionOffset: TOFFSET;
    SmpteTimeCode: SMPTE_TC;
    Ntp64: NTP_64;
    Ntp56: NTP_56;
    AudioLevel: AUDIO_LEVEL;
    CsrcAudioLevels<'a>: CSRC_AUDIO_LEVEL;
    VideoOrientation: VIDEO_ORIENTATION;
    VideoOrientation6: VIDEO_ORIENTATION_6;
    RoiSent: ROI_SENT;
    PredefinedRoiSent: PREDEFINED_ROI_SENT;
    SplicingInterval: SPLICING_INTERVAL;
    FrameMarking: FRAME_MARKING | FRAME_MARKING_07;
    Cname<'a>: CNAME;
    Mid<'a>: MID;
    RtpStreamId<'a>: RTP_STREAM_ID;
    RepairedRtpStreamId<'a>: REPAIRED_RTP_STREAM_ID;
    CaptureId<'a>: CAPTURE_ID;
    AbsSendTime: ABS_SEND_TIME;
    AbsCaptureTime: ABS_CAPTURE_TIME;
    TransportCc: TRANSPORT_CC;
    TransportCc02: TRANSPORT_CC_02;
    PlayoutDelay: PLAYOUT_DELAY;
    VideoContentType: VIDEO_CONTENT_TYPE;
    VideoTiming: VIDEO_TIMING;
    ColorSpace: COLOR_SPACE;
    VideoLayersAllocation<'a>: VIDEO_LAYERS_ALLOCATION;
    DependencyDescriptor<'a>: DEPENDENCY_DESCRIPTOR;
    GenericFrameDescriptor<'a>: GENERIC_FRAME_DESCRIPTOR;
    InbandComfortNoise: INBAND_CN;
    VideoFrameTrackingId: VIDEO_FRAME_TRACKING_ID;
    CorruptionDetection<'a>: CORRUPTION_DETECTION;
}
