//! Transport-wide sequence numbers (draft-holmer-rmcat-transport-wide-cc-extensions-01; libwebrtc,
//! rtp-hdrext/transport-wide-cc-02).
//!
//! ```text
//! |   transport-wide sequence number   |T|     sequence count     |  the second half optional, in 02 only
//! ```

use core::fmt;

use super::value::{ended, exactly, value};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::wire::be_u16;

/// Transport-wide sequence number: one count for all streams of a transport, always in two bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TransportCc(
    /// Goes up by one a packet, modulo 2^16.
    pub u16,
);

value!(TransportCc: TRANSPORT_CC);

impl TransportCc {
    /// Reads the data of an element, all of it.
    ///
    /// # Errors
    /// It is not 2 bytes.
    #[inline]
    pub fn parse(data: &[u8]) -> Result<Self, ParseError> {
        let &number = run("transport-wide-cc", data, exactly)?;
        Ok(Self(u16::from_be_bytes(number)))
    }
}

impl Encode for TransportCc {
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

/// `transport-wide-cc 7`
impl fmt::Display for TransportCc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "transport-wide-cc {}", self.0)
    }
}

#[cfg(feature = "serde")]
impl super::value::Fields for TransportCc {
    fn fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("transport_seq", &self.0)
    }
}

/// Transport-wide sequence number, version 2: the packet may ask for feedback on the latest ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TransportCc02 {
    /// Goes up by one a packet, modulo 2^16.
    pub sequence_number: u16,
    /// What feedback is asked for, if any.
    pub feedback_request: Option<FeedbackRequest>,
}

/// What feedback a [`TransportCc02`] asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FeedbackRequest {
    /// The feedback shall have arrival times (T).
    pub include_timestamps: bool,
    /// On how many packets, this one included, back from this one: 0 to 32767; 0 asks for none.
    pub sequence_count: u16,
}

value!(TransportCc02: TRANSPORT_CC_02);

/// The bit T.
const TIMESTAMPS: u16 = 0x8000;

impl TransportCc02 {
    /// Reads the data of an element, all of it.
    ///
    /// # Errors
    /// It is neither 2 nor 4 bytes.
    #[inline]
    pub fn parse(data: &[u8]) -> Result<Self, ParseError> {
        run("transport-wide-cc-02", data, transport_cc_02)
    }
}

#[inline]
fn transport_cc_02(i: &[u8]) -> Step<'_, TransportCc02> {
    let (rest, sequence_number) = be_u16(i)?;
    if rest.is_empty() {
        return Ok((rest, TransportCc02 { sequence_number, feedback_request: None }));
    }
    let (rest, request) = be_u16(rest)?;
    ended(i, rest)?;
    let include_timestamps = request & TIMESTAMPS != 0;
    let request = FeedbackRequest { include_timestamps, sequence_count: request & !TIMESTAMPS };
    Ok((rest, TransportCc02 { sequence_number, feedback_request: Some(request) }))
}

impl Encode for TransportCc02 {
    #[inline]
    fn encoded_len(&self) -> usize {
        if self.feedback_request.is_some() { 4 } else { 2 }
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        *out.array()? = self.sequence_number.to_be_bytes();
        let Some(request) = self.feedback_request else { return Ok(()) };
        if request.sequence_count & TIMESTAMPS != 0 {
            return Err(BuildError::OutOfRange { field: "sequence count" });
        }
        let timestamps = if request.include_timestamps { TIMESTAMPS } else { 0 };
        *out.array()? = (timestamps | request.sequence_count).to_be_bytes();
        Ok(())
    }
}

/// `transport-wide-cc-02 7 request 4 with timestamps`
impl fmt::Display for TransportCc02 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "transport-wide-cc-02 {}", self.sequence_number)?;
        let Some(request) = self.feedback_request else { return Ok(()) };
        write!(f, " request {}", request.sequence_count)?;
        f.write_str(if request.include_timestamps { " with timestamps" } else { "" })
    }
}

#[cfg(feature = "serde")]
impl super::value::Fields for TransportCc02 {
    fn fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("transport_seq", &self.sequence_number)?;
        if let Some(request) = self.feedback_request {
            map.serialize_entry("t", &request.include_timestamps)?;
            map.serialize_entry("seq_count", &request.sequence_count)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::check::{both_ways, not_written, refuses, takes_only_lengths};
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn the_number_takes_two_bytes_even_below_256() {
        // Chromium 156, chromium-vp8-rtx-twcc.pcap frame 9, as aiortc 1.16.0 reads it: 4.
        both_ways(&[0, 4], TransportCc(4));
        both_ways(&[0, 0], TransportCc(0));
        both_ways(&[0xff, 0xfe], TransportCc(0xfffe));
        takes_only_lengths(0xff, &[2], TransportCc::parse);
        let kind = ErrorKind::Length { found: 3, have: 2 };
        refuses::<TransportCc>(&[0, 4, 0], "element length", 2, kind);
    }

    #[test]
    fn version_2_may_ask_for_feedback() {
        // The two figures of libwebrtc's document, their fields filled in.
        both_ways(&[0, 9], TransportCc02 { sequence_number: 9, feedback_request: None });
        let request = |include_timestamps, sequence_count| TransportCc02 {
            sequence_number: 0x0102,
            feedback_request: Some(FeedbackRequest { include_timestamps, sequence_count }),
        };
        both_ways(&[1, 2, 0x80, 5], request(true, 5));
        both_ways(&[1, 2, 0x7f, 0xff], request(false, 0x7fff));
        both_ways(&[1, 2, 0, 0], request(false, 0));
        takes_only_lengths(0xff, &[2, 4], TransportCc02::parse);
        not_written(&request(false, 0x8000), "sequence count");
    }

    #[test]
    #[cfg(feature = "serde")]
    fn serialises_as_the_layout_names_the_fields() {
        use super::super::value::check::json;

        assert_eq!(json(&TransportCc(4)), r#"{"transport_seq":4}"#);
        let value = TransportCc02::parse(&[0, 9, 0x80, 5]).unwrap();
        assert_eq!(json(&value), r#"{"transport_seq":9,"t":true,"seq_count":5}"#);
    }
}
