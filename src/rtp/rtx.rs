//! Retransmission payload, RTX (RFC 4588 section 4).
//!
//! ```text
//! |    original sequence number   |                               |  osn
//! |              payload of the original packet ...               |  payload
//! ```
//!
//! All else of the original is in the RTP header: marker, timestamp, CSRCs and extension as they were; payload type,
//! sequence number and SSRC of the retransmission stream.

use core::fmt;

use nom::Parser;
use nom::error::context;

use super::{Packet, PacketBuilder, Padding, PayloadType};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::wire::array;

const OSN_LEN: usize = 2;

/// The payload of a retransmission, read in place.
///
/// ```
/// use mediawire::rtp::{Packet, PayloadType, Rtx};
///
/// let datagram = [0x80, 0x61, 0, 9, 0, 0, 0, 1, 0, 0, 0, 3, 0x12, 0x34, 0xAA];
/// let retransmission = Packet::parse(&datagram)?;
/// let rtx = Rtx::parse(retransmission.payload())?;
/// assert_eq!((rtx.original_sequence_number(), rtx.payload()), (0x1234, &[0xAA][..]));
/// let original = rtx.original(&retransmission, PayloadType(96), 2);
/// assert_eq!((original.sequence_number, original.ssrc), (0x1234, 2));
/// # Ok::<(), mediawire::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Rtx<'a> {
    osn: [u8; OSN_LEN],
    payload: &'a [u8],
}

impl<'a> Rtx<'a> {
    /// The bytes that a retransmission has more than the original.
    pub const HEADER_LEN: usize = OSN_LEN;

    /// Reads the payload of an RTP packet, without its padding.
    ///
    /// # Errors
    /// Less than 2 bytes, as in the packets of padding alone that probe for bandwidth.
    #[inline]
    pub fn parse(payload: &'a [u8]) -> Result<Self, ParseError> {
        run("RTX payload", payload, rtx)
    }

    /// The sequence number of the packet that is sent again.
    #[inline]
    pub const fn original_sequence_number(&self) -> u16 {
        u16::from_be_bytes(self.osn)
    }

    /// The payload of the packet that is sent again.
    #[inline]
    pub const fn payload(&self) -> &'a [u8] {
        self.payload
    }

    /// The packet that `retransmission`, whose payload this is, sends again. Its payload type and SSRC are what signalling
    /// binds to those of the retransmission. The retransmission's padding is its own and goes.
    #[inline]
    pub fn original(
        &self,
        retransmission: &Packet<'a>,
        payload_type: PayloadType,
        ssrc: u32,
    ) -> PacketBuilder<'a> {
        PacketBuilder {
            payload_type,
            sequence_number: self.original_sequence_number(),
            ssrc,
            payload: self.payload,
            padding: Padding::None,
            ..(*retransmission).into()
        }
    }
}

#[inline]
fn rtx(i: &[u8]) -> Step<'_, Rtx<'_>> {
    let (payload, &osn) = context("original sequence number", array).parse(i)?;
    Ok((&[], Rtx { osn, payload }))
}

/// One line: `RTX osn=4660 len=1100`.
impl fmt::Display for Rtx<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RTX osn={} len={}", self.original_sequence_number(), self.payload.len())
    }
}

impl fmt::Debug for Rtx<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rtx")
            .field("original_sequence_number", &self.original_sequence_number())
            .field("payload", &self.payload)
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Rtx<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;

        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("original_sequence_number", &self.original_sequence_number())?;
        map.serialize_entry("payload_size", &self.payload.len())?;
        map.end()
    }
}

/// The payload of a retransmission to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RtxBuilder<'a> {
    /// As [`Rtx::original_sequence_number`].
    pub original_sequence_number: u16,
    /// As [`Rtx::payload`].
    pub payload: &'a [u8],
}

impl<'a> From<Rtx<'a>> for RtxBuilder<'a> {
    #[inline]
    fn from(rtx: Rtx<'a>) -> Self {
        let original_sequence_number = rtx.original_sequence_number();
        Self { original_sequence_number, payload: rtx.payload }
    }
}

impl Encode for RtxBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        self.payload.len().saturating_add(OSN_LEN)
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        *out.array()? = self.original_sequence_number.to_be_bytes();
        out.bytes(self.payload)
    }
}

/// A whole retransmission to be written, out of the packet that is sent again.
///
/// Where that packet lies in a buffer with room around it, [`PacketEditor::wrap_rtx`](super::PacketEditor::wrap_rtx) does
/// the same without copying the payload.
///
/// ```
/// use mediawire::Encode;
/// use mediawire::rtp::{Packet, PayloadType, RtxPacketBuilder};
///
/// let sent = [0x80, 0xE0, 0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 2, 0xAA];
/// let retransmission = RtxPacketBuilder {
///     original: Packet::parse(&sent)?,
///     payload_type: PayloadType(97),
///     sequence_number: 9,
///     ssrc: 3,
/// };
/// let mut buffer = [0; 1500];
/// let len = retransmission.write(&mut buffer)?;
/// assert_eq!(buffer[..len], [0x80, 0xE1, 0, 9, 0, 0, 0, 1, 0, 0, 0, 3, 0x12, 0x34, 0xAA]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RtxPacketBuilder<'a> {
    /// The packet that is sent again. Its padding is left out.
    pub original: Packet<'a>,
    /// That of the retransmission stream: 0 to 127.
    pub payload_type: PayloadType,
    /// That of the retransmission stream.
    pub sequence_number: u16,
    /// That of the retransmission stream; where it is a session of its own, that of the original.
    pub ssrc: u32,
}

impl Encode for RtxPacketBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        self.original.header_len() + OSN_LEN + self.original.payload().len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let header = PacketBuilder {
            payload_type: self.payload_type,
            sequence_number: self.sequence_number,
            ssrc: self.ssrc,
            payload: &[],
            padding: Padding::None,
            ..self.original.into()
        };
        header.encode(out)?;
        let original_sequence_number = self.original.sequence_number();
        RtxBuilder { original_sequence_number, payload: self.original.payload() }.encode(out)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec;
    use std::vec::Vec;

    use super::super::vectors::hex;
    use super::*;
    use crate::testing::refuses_every_truncation;

    /// CC=1, X=1, M=1, padding; as a sender would keep it.
    const ORIGINAL: &str =
        "b1e01234 00000005 00000002 00000007 bede0001 10aa0000 11223344 00000004";
    /// RFC 4588 section 4: marker, timestamp, CSRC and extension as they were; no padding; the OSN behind the extension.
    const RETRANSMISSION: &str =
        "91e10009 00000005 00000003 00000007 bede0001 10aa0000 1234 11223344";

    fn written(builder: &impl Encode) -> Vec<u8> {
        let mut out = vec![0xee; builder.encoded_len()];
        assert_eq!(builder.write(&mut out), Ok(out.len()));
        out
    }

    #[test]
    fn wraps_as_the_rfc_says_and_unwraps() {
        let (original, retransmission) = (hex(ORIGINAL), hex(RETRANSMISSION));
        let original = Packet::parse(&original).unwrap();
        let wrapped = written(&RtxPacketBuilder {
            original,
            payload_type: PayloadType(97),
            sequence_number: 9,
            ssrc: 3,
        });
        assert_eq!(wrapped, retransmission);
        let packet = Packet::parse(&retransmission).unwrap();
        let rtx = Rtx::parse(packet.payload()).unwrap();
        assert_eq!(rtx.original_sequence_number(), 0x1234);
        assert_eq!(rtx.payload(), [0x11, 0x22, 0x33, 0x44]);
        assert_eq!(rtx.to_string(), "RTX osn=4660 len=4");
        assert_eq!(
            std::format!("{rtx:?}"),
            "Rtx { original_sequence_number: 4660, payload: [17, 34, 51, 68] }"
        );
        let unwrapped = rtx.original(&packet, PayloadType(96), 2);
        assert_eq!(unwrapped, PacketBuilder { padding: Padding::None, ..original.into() });
    }

    #[test]
    fn a_payload_type_that_cannot_be_is_refused() {
        let original = hex(ORIGINAL);
        let builder = RtxPacketBuilder {
            original: Packet::parse(&original).unwrap(),
            payload_type: PayloadType(128),
            sequence_number: 0,
            ssrc: 0,
        };
        let error = Err(BuildError::OutOfRange { field: "payload type" });
        assert_eq!(builder.write(&mut [0; 100]), error);
    }

    #[test]
    fn less_than_a_sequence_number_is_refused() {
        refuses_every_truncation(&[0x12, 0x34], Rtx::parse);
        let error = Rtx::parse(&[1]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "RTX payload: original sequence number cut short, 2 bytes needed, 1 there (byte 0)"
        );
    }

    proptest! {
        #[test]
        fn what_is_read_is_written(bytes in prop::collection::vec(any::<u8>(), 0..20)) {
            match Rtx::parse(&bytes) {
                Ok(rtx) => prop_assert_eq!(written(&RtxBuilder::from(rtx)), bytes),
                Err(_) => prop_assert!(bytes.len() < 2),
            }
        }
    }
}
