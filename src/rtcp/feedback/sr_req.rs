//! Rapid resynchronisation request, RTCP-SR-REQ (RFC 6051 section 3.2).
//!
//! ```text
//! |V=2|P|  FMT=5  |    PT=205     |           length=2            |  raw.rs
//! |                    SSRC of packet sender                      |
//! |                    SSRC of media source                       |
//! ```

use core::fmt;

use super::TransportFeedbackFormat;
use super::common::{
    START_LEN, common_accessors, debug_start, display_start, exactly, feedback_of, write_start,
};
use super::raw::Feedback;
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::rtcp::PacketType;

const FORMAT: (PacketType, u8) = (PacketType::RTPFB, TransportFeedbackFormat::SR_REQ.0);

/// A request for a sender report, to synchronise by; read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SrReq<'a> {
    common: Feedback<'a>,
}

impl<'a> SrReq<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type or format, a version other than 2, a length or padding beyond the packet; an FCI that is not
    /// empty.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("RTCP-SR-REQ", bytes, sr_req)
    }

    common_accessors!();
}

/// Validates the whole packet.
#[inline]
pub(crate) fn sr_req(i: &[u8]) -> Step<'_, SrReq<'_>> {
    let (rest, common) = feedback_of(FORMAT.0, FORMAT.1)(i)?;
    exactly::<0>("FCI", common.fci)?;
    Ok((rest, SrReq { common }))
}

/// `RTCP-SR-REQ sender=0x00000001 media=0x00000002`.
impl fmt::Display for SrReq<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display_start(f, &self.common)
    }
}

impl fmt::Debug for SrReq<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug_start(f, "SrReq", &self.common).finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for SrReq<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        super::common::serialize_start(&mut map, &self.common)?;
        map.end()
    }
}

/// An RTCP-SR-REQ to be written: fill in the fields, or take a view's by `From`; then `write`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SrReqBuilder<'a> {
    /// As [`SrReq::sender_ssrc`]; every field points to its accessor so.
    pub sender_ssrc: u32,
    /// As [`SrReq::media_ssrc`]: the sender whose report is asked for.
    pub media_ssrc: u32,
    /// As [`SrReq::padding`].
    pub padding: &'a [u8],
}

impl<'a> From<SrReq<'a>> for SrReqBuilder<'a> {
    fn from(view: SrReq<'a>) -> Self {
        let (sender_ssrc, media_ssrc) = (view.sender_ssrc(), view.media_ssrc());
        Self { sender_ssrc, media_ssrc, padding: view.padding() }
    }
}

impl Encode for SrReqBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        START_LEN + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let ssrcs = (self.sender_ssrc, self.media_ssrc);
        write_start(out, FORMAT, ssrcs, self.encoded_len(), self.padding)?;
        out.bytes(self.padding)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;

    use super::*;
    use crate::error::ErrorKind;
    use crate::testing::{PADDINGS, refuses_every_truncation, words};

    // pion-rtcp-stun.pcap: RapidResynchronizationRequest 902f9e2e bc5e9a40.
    const SR_REQ: [u32; 3] = [0x85cd_0002, 0x902f_9e2e, 0xbc5e_9a40];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(SR_REQ);
        let packet = SrReq::parse(&bytes).unwrap();
        assert_eq!((packet.sender_ssrc(), packet.media_ssrc()), (0x902f_9e2e, 0xbc5e_9a40));
        assert_eq!(packet.to_string(), "RTCP-SR-REQ sender=0x902f9e2e media=0xbc5e9a40");
        assert_eq!(SrReqBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn refuses_what_is_not_an_empty_request() {
        refuses_every_truncation(&words(SR_REQ), SrReq::parse);
        let refused = |bytes: &[u32]| {
            let error = SrReq::parse(&words(bytes)).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let kind = ErrorKind::Length { found: 4, have: 0 };
        assert_eq!(refused(&[0x85cd_0003, 1, 2, 3]), ("FCI", 12, kind));
        let kind = ErrorKind::Value { found: 6 };
        assert_eq!(refused(&[0x86cd_0002, 1, 2]), ("format", 0, kind));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn its_json_is_that_of_the_inspector() {
        let bytes = words([0x85cd_0002, 1, 2]);
        let json = r#"{"version":2,"padding":false,"packet_type":205,"length":2,"padding_size":0,"type":"sr_req","fmt":5,"sender_ssrc":1,"media_ssrc":2}"#;
        assert_eq!(serde_json::to_string(&SrReq::parse(&bytes).unwrap()).unwrap(), json);
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (sender_ssrc, media_ssrc) in any::<(u32, u32)>(),
            padding in prop::sample::select(PADDINGS),
        ) {
            let builder = SrReqBuilder { sender_ssrc, media_ssrc, padding };
            let bytes = builder.to_vec().unwrap();
            prop_assert_eq!(SrReqBuilder::from(SrReq::parse(&bytes).unwrap()), builder);
        }
    }
}
