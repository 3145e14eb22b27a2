//! Which payload format an RTP payload type stands for, and a payload of any of them.

use core::fmt;

use super::{av1, h264, h265, opus, vp8, vp9};
use crate::error::ParseError;

/// A payload format whose header is read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Codec {
    /// H.264 (RFC 6184).
    H264,
    /// H.265 (RFC 7798), without decoding order numbers.
    H265,
    /// VP8 (RFC 7741).
    Vp8,
    /// VP9 (RFC 9628).
    Vp9,
    /// AV1.
    Av1,
    /// Opus (RFC 7587).
    Opus,
}

impl Codec {
    /// That of an encoding name in SDP's `a=rtpmap`, in whatever case: `VP8`, `opus`.
    ///
    /// ```
    /// use mediawire::rtp::payload::Codec;
    ///
    /// assert_eq!(Codec::from_encoding_name("vp8"), Some(Codec::Vp8));
    /// assert_eq!(Codec::from_encoding_name("PCMU"), None);
    /// ```
    pub fn from_encoding_name(name: &str) -> Option<Self> {
        const ALL: [Codec; 6] =
            [Codec::H264, Codec::H265, Codec::Vp8, Codec::Vp9, Codec::Av1, Codec::Opus];
        ALL.into_iter().find(|codec| codec.encoding_name().eq_ignore_ascii_case(name))
    }

    /// The registered encoding name.
    pub const fn encoding_name(self) -> &'static str {
        match self {
            Self::H264 => "H264",
            Self::H265 => "H265",
            Self::Vp8 => "VP8",
            Self::Vp9 => "VP9",
            Self::Av1 => "AV1",
            Self::Opus => "opus",
        }
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.encoding_name())
    }
}

/// A payload of any format, with what a server asks of all of them.
///
/// ```
/// use mediawire::rtp::payload::{Codec, Payload};
///
/// let payload = Payload::parse(Codec::Vp8, &[0x10, 0xb0, 0x2f, 0, 0x9d, 1, 0x2a, 0x40, 1, 0xb4, 0])?;
/// assert!(payload.starts_frame() && payload.starts_key_frame());
/// assert_eq!(payload.to_string(), "VP8 S pid=0 key frame 320x180 len=10");
/// # Ok::<(), mediawire::ParseError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Payload<'a> {
    /// H.264.
    H264(h264::Payload<'a>),
    /// H.265.
    H265(h265::Payload<'a>),
    /// VP8.
    Vp8(vp8::Descriptor<'a>),
    /// VP9.
    Vp9(vp9::Descriptor<'a>),
    /// AV1.
    Av1(av1::Payload<'a>),
    /// Opus.
    Opus(opus::Packet<'a>),
}

impl<'a> Payload<'a> {
    /// Reads an RTP payload of this format.
    ///
    /// # Errors
    /// Those of the format.
    #[inline]
    pub fn parse(codec: Codec, payload: &'a [u8]) -> Result<Self, ParseError> {
        match codec {
            Codec::H264 => h264::Payload::parse(payload).map(Self::H264),
            Codec::H265 => h265::Payload::parse(payload).map(Self::H265),
            Codec::Vp8 => vp8::Descriptor::parse(payload).map(Self::Vp8),
            Codec::Vp9 => vp9::Descriptor::parse(payload).map(Self::Vp9),
            Codec::Av1 => av1::Payload::parse(payload).map(Self::Av1),
            Codec::Opus => opus::Packet::parse(payload).map(Self::Opus),
        }
    }

    /// The format.
    #[inline]
    pub const fn codec(&self) -> Codec {
        match self {
            Self::H264(_) => Codec::H264,
            Self::H265(_) => Codec::H265,
            Self::Vp8(_) => Codec::Vp8,
            Self::Vp9(_) => Codec::Vp9,
            Self::Av1(_) => Codec::Av1,
            Self::Opus(_) => Codec::Opus,
        }
    }

    /// A frame begins here. What that is in each format, its own method says; an Opus packet always begins one.
    #[inline]
    pub fn starts_frame(&self) -> bool {
        match self {
            Self::H264(payload) => payload.starts_frame(),
            Self::H265(payload) => payload.starts_frame(),
            Self::Vp8(descriptor) => descriptor.starts_frame(),
            Self::Vp9(descriptor) => descriptor.starts_frame(),
            Self::Av1(payload) => payload.starts_frame(),
            Self::Opus(_) => true,
        }
    }

    /// A frame ends here, as far as the payload tells: VP9 and Opus do, the others leave it to the RTP marker.
    #[inline]
    pub const fn ends_frame(&self) -> Option<bool> {
        match self {
            Self::Vp9(descriptor) => Some(descriptor.ends_frame()),
            Self::Opus(_) => Some(true),
            _ => None,
        }
    }

    /// A decoder may begin here. In Opus it may anywhere.
    #[inline]
    pub fn starts_key_frame(&self) -> bool {
        match self {
            Self::H264(payload) => payload.starts_key_frame(),
            Self::H265(payload) => payload.starts_key_frame(),
            Self::Vp8(descriptor) => descriptor.starts_key_frame(),
            Self::Vp9(descriptor) => descriptor.starts_key_frame(),
            Self::Av1(payload) => payload.starts_key_frame(),
            Self::Opus(_) => true,
        }
    }

    /// Temporal and spatial layer, 0 being the base, where the payload tells.
    #[inline]
    pub fn layer_ids(&self) -> Option<(u8, u8)> {
        match self {
            Self::H265(payload) => {
                let header = payload.header();
                Some((header.temporal_id(), header.layer_id()))
            }
            Self::Vp8(descriptor) => descriptor.temporal_layer().map(|layer| (layer.tid, 0)),
            Self::Vp9(descriptor) => descriptor.layer_indices().map(|layer| (layer.tid, layer.sid)),
            Self::Av1(payload) => payload.layer_ids(),
            Self::H264(_) | Self::Opus(_) => None,
        }
    }
}

/// One line: that of the format.
impl fmt::Display for Payload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::H264(payload) => payload.fmt(f),
            Self::H265(payload) => payload.fmt(f),
            Self::Vp8(descriptor) => descriptor.fmt(f),
            Self::Vp9(descriptor) => descriptor.fmt(f),
            Self::Av1(payload) => payload.fmt(f),
            Self::Opus(packet) => packet.fmt(f),
        }
    }
}

/// The object of the format.
#[cfg(feature = "serde")]
impl serde::Serialize for Payload<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::H264(payload) => payload.serialize(serializer),
            Self::H265(payload) => payload.serialize(serializer),
            Self::Vp8(descriptor) => descriptor.serialize(serializer),
            Self::Vp9(descriptor) => descriptor.serialize(serializer),
            Self::Av1(payload) => payload.serialize(serializer),
            Self::Opus(packet) => packet.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;

    use super::*;

    const ALL: [Codec; 6] =
        [Codec::H264, Codec::H265, Codec::Vp8, Codec::Vp9, Codec::Av1, Codec::Opus];

    #[test]
    fn frames_begin_and_end_where_the_payload_tells() {
        // As in the files of the formats: an IDR slice of H.264 and of H.265, VP8 with S and a key frame's first byte,
        // VP9 with B and E, AV1 with a sequence header and a frame, Opus of one frame.
        let frames = |codec, bytes: &[u8]| {
            let payload = Payload::parse(codec, bytes).unwrap();
            (payload.starts_frame(), payload.starts_key_frame(), payload.ends_frame())
        };
        assert_eq!(frames(Codec::H264, &[0x65, 0x88]), (true, true, None));
        assert_eq!(frames(Codec::H264, &[0x68, 0xce]), (false, false, None));
        assert_eq!(frames(Codec::Vp9, &[0x0c]).2, Some(true));
        assert_eq!(frames(Codec::Vp9, &[0x08]).2, Some(false));
        assert_eq!(frames(Codec::Opus, &[0x80, 1]), (true, true, Some(true)));
        assert_eq!(Codec::Opus.to_string(), Codec::Opus.encoding_name());
    }

    #[test]
    fn names_are_those_of_rtpmap() {
        for codec in ALL {
            let name = codec.encoding_name();
            assert_eq!(Codec::from_encoding_name(name), Some(codec));
            assert_eq!(Codec::from_encoding_name(&name.to_ascii_lowercase()), Some(codec));
        }
        assert_eq!(Codec::from_encoding_name("rtx"), None);
    }

    #[test]
    fn layers_where_the_payload_tells() {
        // Laid out in the files of the formats: TID=2 of VP8, TID=2 SID=1 of VP9, TID 2 and SID 2 of AV1, LayerId 1 and
        // TID 1 of H.265.
        let layers = |codec, bytes: &[u8]| Payload::parse(codec, bytes).unwrap().layer_ids();
        assert_eq!(layers(Codec::Vp8, &[0x80, 0x20, 0x80]), Some((2, 0)));
        assert_eq!(layers(Codec::Vp8, &[0x10]), None);
        assert_eq!(layers(Codec::Vp9, &[0x30, 0x42]), Some((2, 1)));
        assert_eq!(layers(Codec::Av1, &[0x10, 0x34, 0x50]), Some((2, 2)));
        assert_eq!(layers(Codec::H265, &[0x02, 0x0A]), Some((1, 1)));
        assert_eq!(layers(Codec::H264, &[0x65]), None);
    }

    #[test]
    fn an_empty_payload_is_none() {
        for codec in ALL {
            let error = Payload::parse(codec, &[]).unwrap_err();
            assert_eq!((error.offset, error.kind.name()), (0, "truncated"), "{codec}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            for codec in ALL {
                if let Ok(payload) = Payload::parse(codec, &bytes) {
                    prop_assert_eq!(payload.codec(), codec);
                    payload.starts_frame();
                    payload.starts_key_frame();
                    payload.layer_ids();
                    let name = codec.encoding_name().to_ascii_uppercase();
                    prop_assert!(payload.to_string().to_ascii_uppercase().starts_with(&name));
                    crate::testing::shows_any(&payload);
                }
            }
        }
    }
}
