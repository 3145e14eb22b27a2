//! Video content type (libwebrtc, rtp-hdrext/video-content-type), and the frame tracking identifier
//! (rtp-hdrext/video-frame-tracking-id).
//!
//! ```text
//! | content type  |
//!
//! |          tracking id          |
//! ```

use core::fmt;

use super::value::{exactly, value};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, run};
use crate::registry::registry;

registry! {
    /// What the video shows; sent with the last packet of a frame.
    VideoContentType(u8) {
        /// Nothing in particular: a camera, mostly.
        UNSPECIFIED = 0, "unspecified";
        /// A screen that is shared.
        SCREENSHARE = 1, "screenshare";
    }
}

value!(VideoContentType: VIDEO_CONTENT_TYPE);

impl VideoContentType {
    /// Reads the data of an element, all of it.
    ///
    /// # Errors
    /// It is not 1 byte.
    #[inline]
    pub fn parse(data: &[u8]) -> Result<Self, ParseError> {
        let &[byte] = run("video-content-type", data, exactly)?;
        Ok(Self(byte))
    }
}

impl Encode for VideoContentType {
    #[inline]
    fn encoded_len(&self) -> usize {
        1
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        *out.array()? = [self.0];
        Ok(())
    }
}

#[cfg(feature = "serde")]
impl super::value::Fields for VideoContentType {
    fn fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("content_type", &self.0)
    }
}

/// Which frame the packet belongs to, so that measurements know it again behind encoder and decoder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct VideoFrameTrackingId(
    /// Any number, modulo 2^16.
    pub u16,
);

value!(VideoFrameTrackingId: VIDEO_FRAME_TRACKING_ID);

impl VideoFrameTrackingId {
    /// Reads the data of an element, all of it.
    ///
    /// # Errors
    /// It is not 2 bytes.
    #[inline]
    pub fn parse(data: &[u8]) -> Result<Self, ParseError> {
        let &id = run("video-frame-tracking-id", data, exactly)?;
        Ok(Self(u16::from_be_bytes(id)))
    }
}

impl Encode for VideoFrameTrackingId {
    #[inline]
    fn encoded_len(&self) -> usize {
        2
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        *out.array()? = self.0.to_be_bytes();
        Ok(())
    }
}

/// `video-frame-tracking-id 7`
impl fmt::Display for VideoFrameTrackingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "video-frame-tracking-id {}", self.0)
    }
}

#[cfg(feature = "serde")]
impl super::value::Fields for VideoFrameTrackingId {
    fn fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("tracking_id", &self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::check::{both_ways, takes_only_lengths};
    use super::*;

    // The layouts of libwebrtc's documents.

    #[test]
    fn reads_and_writes_the_content_type() {
        both_ways(&[0], VideoContentType::UNSPECIFIED);
        both_ways(&[1], VideoContentType::SCREENSHARE);
        both_ways(&[0x80], VideoContentType(0x80));
        takes_only_lengths(0xff, &[1], VideoContentType::parse);
    }

    #[test]
    fn reads_and_writes_the_tracking_id() {
        both_ways(&[1, 2], VideoFrameTrackingId(0x0102));
        takes_only_lengths(0xff, &[2], VideoFrameTrackingId::parse);
    }
}
