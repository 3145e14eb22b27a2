//! Microsoft's application layer feedback, and its video source request (MS-RTP section 2.2.12).
//!
//! ```text
//! |V=2|P| FMT=15  |    PT=206     |            length             |  raw.rs
//! |                    SSRC of packet sender                      |
//! |                    SSRC of media source                       |
//! |             type              |  length, bytes, with these 4  |  start
//!
//! |                 MSI, requested media source                   |  type 1, fixed
//! |          request id           |           reserved            |
//! |    version    |K|  reserved   |  num entries  | entry length  |
//! |                           reserved                            |
//! |              entries, each of entry length bytes              |  entries
//! ```
//!
//! The fields are those that Wireshark's dissector reads; the widths of the reserved ones between them are inferred. K is
//! the first bit by the figure of MS-RTP and the last of its byte to Wireshark: either is read, the first is built.
//! Nothing but the type and a length that fits tells such a message from another application's: ask for it where it is agreed on.
//! [`Packet`](crate::rtcp::Packet) gives it as [`Afb`], whose [`microsoft`](Afb::microsoft) reads it.

use byteorder::{BE, ByteOrder};
use core::fmt;
use core::ops::Range;

use super::common::{START_LEN, common_accessors, debug_start, feedback_of, write_start};
use super::{Afb, Feedback, PayloadFeedbackFormat};
use crate::encode::{Encode, Sink, narrow};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::registry::registry;
use crate::rtcp::PacketType;
use crate::wire::{announced, array, context};

/// The bytes of type and length.
const MESSAGE_START: usize = 4;

// Places in a video source request, for reading and for writing.
const MSI: Range<usize> = 0..4;
const REQUEST_ID: Range<usize> = 4..6;
const VERSION: usize = 8;
const KEY_FRAME: usize = 9;
const KEY_FRAME_BITS: u8 = 0x81;
const COUNT: usize = 10;
const ENTRY_LEN: usize = 11;
const FIXED_LEN: usize = 16;

registry! {
    /// The type of a Microsoft application layer feedback message (MS-RTP section 2.2.12).
    MsAfbType(u16) {
        /// Video source request.
        VIDEO_SOURCE_REQUEST = 1, "video source request";
    }
}

/// A message of Microsoft's, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MsAfb<'a> {
    common: Feedback<'a>,
    afb_type: MsAfbType,
    body: &'a [u8],
    request: Option<VideoSourceRequest<'a>>,
}

impl<'a> MsAfb<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type or format, a version other than 2, a length or padding beyond the packet; a message length
    /// that differs from that of the control information; a video source request whose entries do not fit it.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("Microsoft AFB", bytes, ms_afb)
    }

    common_accessors!();

    /// The type of the message.
    #[inline]
    pub const fn afb_type(&self) -> MsAfbType {
        self.afb_type
    }

    /// What follows type and length.
    #[inline]
    pub const fn body(&self) -> &'a [u8] {
        self.body
    }

    /// The body as a video source request, if the type says so.
    #[inline]
    pub const fn video_source_request(&self) -> Option<VideoSourceRequest<'a>> {
        self.request
    }
}

impl<'a> Afb<'a> {
    /// The message as one of Microsoft's; `None` if it cannot be one.
    #[inline]
    pub fn microsoft(&self) -> Option<MsAfb<'a>> {
        of_feedback(self.common).ok()
    }
}

fn ms_afb(i: &[u8]) -> Step<'_, MsAfb<'_>> {
    let (rest, common) = feedback_of(PacketType::PSFB, PayloadFeedbackFormat::AFB.0)(i)?;
    Ok((rest, of_feedback(common)?))
}

fn of_feedback(common: Feedback<'_>) -> Result<MsAfb<'_>, nom::Err<Fail<'_>>> {
    let fci = common.fci;
    let (body, start) = context("type and length", array::<MESSAGE_START>)(fci)?;
    let [a, b, c, d] = *start;
    let afb_type = MsAfbType(u16::from_be_bytes([a, b]));
    let found = usize::from(u16::from_be_bytes([c, d]));
    if found != fci.len() {
        let kind = ErrorKind::Length { found, have: fci.len() };
        return Err(Fail::field("message length", fci.get(2..).unwrap_or_default(), kind));
    }
    let request = match afb_type {
        MsAfbType::VIDEO_SOURCE_REQUEST => Some(video_source_request(body)?),
        _ => None,
    };
    Ok(MsAfb { common, afb_type, body, request })
}

/// All of `body` as a video source request.
fn video_source_request(body: &[u8]) -> Result<VideoSourceRequest<'_>, nom::Err<Fail<'_>>> {
    let (rest, fixed) = context("video source request", array::<FIXED_LEN>)(body)?;
    let len = usize::from(fixed[COUNT]) * usize::from(fixed[ENTRY_LEN]);
    let (left, entries) = context("entries", announced(len))(rest)?;
    if !left.is_empty() {
        let kind = ErrorKind::Length { found: len, have: rest.len() };
        return Err(Fail::field("bytes behind the last entry", left, kind));
    }
    Ok(VideoSourceRequest {
        msi: BE::read_u32(&fixed[MSI]),
        request_id: BE::read_u16(&fixed[REQUEST_ID]),
        version: fixed[VERSION],
        key_frame_request: fixed[KEY_FRAME] & KEY_FRAME_BITS != 0,
        num_entries: fixed[COUNT],
        entry_length: fixed[ENTRY_LEN],
        entries,
    })
}

/// A receiver's request for a source of video in one of several forms, read or to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VideoSourceRequest<'a> {
    /// MSI, the media source that is asked for; 0xFFFFFFFF none, 0xFFFFFFFE any.
    pub msi: u32,
    /// The number of the request.
    pub request_id: u16,
    /// The version of the entries.
    pub version: u8,
    /// K: a key frame is asked for.
    pub key_frame_request: bool,
    /// How many entries there are.
    pub num_entries: u8,
    /// The bytes of each.
    pub entry_length: u8,
    /// The entries, one behind the other, in MS-RTP's own layout.
    pub entries: &'a [u8],
}

impl<'a> VideoSourceRequest<'a> {
    /// The entries one by one.
    #[inline]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'a [u8]> + Clone + use<'a> {
        self.entries.chunks_exact(usize::from(self.entry_length).max(1))
    }
}

impl Encode for VideoSourceRequest<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        FIXED_LEN + self.entries.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if usize::from(self.num_entries) * usize::from(self.entry_length) != self.entries.len() {
            return Err(BuildError::OutOfRange { field: "entries" });
        }
        let fixed = out.array::<FIXED_LEN>()?;
        fixed.fill(0);
        BE::write_u32(&mut fixed[MSI], self.msi);
        BE::write_u16(&mut fixed[REQUEST_ID], self.request_id);
        fixed[VERSION] = self.version;
        fixed[KEY_FRAME] = u8::from(self.key_frame_request) << 7;
        fixed[COUNT] = self.num_entries;
        fixed[ENTRY_LEN] = self.entry_length;
        out.bytes(self.entries)
    }
}

/// `MS AFB sender=0x00000001 media=0x00000002 video source request msi=0x00000003 entries=1`.
impl fmt::Display for MsAfb<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MS AFB sender={:#010x} media={:#010x}", self.sender_ssrc(), self.media_ssrc())?;
        match self.request {
            Some(VideoSourceRequest { msi, num_entries, key_frame_request, .. }) => {
                let key_frame = if key_frame_request { " key_frame" } else { "" };
                let afb_type = self.afb_type;
                write!(f, " {afb_type} msi={msi:#010x} entries={num_entries}{key_frame}")
            }
            None => write!(f, " type={} body={} bytes", self.afb_type, self.body.len()),
        }
    }
}

impl fmt::Debug for MsAfb<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = debug_start(f, "MsAfb", &self.common);
        debug.field("afb_type", &self.afb_type);
        match &self.request {
            Some(request) => debug.field("video_source_request", request),
            None => debug.field("body", &self.body),
        };
        debug.finish()
    }
}

/// A message of Microsoft's to be written: fill in the fields, or take a view's by `From`; then `write`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MsAfbBuilder<'a> {
    /// As [`MsAfb::sender_ssrc`]; every field points to its accessor so.
    pub sender_ssrc: u32,
    /// As [`MsAfb::media_ssrc`].
    pub media_ssrc: u32,
    /// What is said.
    pub message: MsAfbMessage<'a>,
    /// As [`MsAfb::padding`].
    pub padding: &'a [u8],
}

/// The message of a [`MsAfbBuilder`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MsAfbMessage<'a> {
    /// A video source request; its reserved bits are written as 0.
    VideoSourceRequest(VideoSourceRequest<'a>),
    /// A message of any type, byte for byte.
    Raw {
        /// As [`MsAfb::afb_type`].
        afb_type: MsAfbType,
        /// As [`MsAfb::body`].
        body: &'a [u8],
    },
}

impl<'a> From<MsAfb<'a>> for MsAfbBuilder<'a> {
    fn from(packet: MsAfb<'a>) -> Self {
        let MsAfb { afb_type, body, .. } = packet;
        Self {
            sender_ssrc: packet.sender_ssrc(),
            media_ssrc: packet.media_ssrc(),
            message: MsAfbMessage::Raw { afb_type, body },
            padding: packet.padding(),
        }
    }
}

impl MsAfbBuilder<'_> {
    /// The message, type and length included.
    #[inline]
    fn message_len(&self) -> usize {
        MESSAGE_START
            + match self.message {
                MsAfbMessage::VideoSourceRequest(request) => request.encoded_len(),
                MsAfbMessage::Raw { body, .. } => body.len(),
            }
    }
}

impl Encode for MsAfbBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        START_LEN + self.message_len() + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let length: u16 = narrow("message length", self.message_len())?;
        let format = (PacketType::PSFB, PayloadFeedbackFormat::AFB.0);
        let ssrcs = (self.sender_ssrc, self.media_ssrc);
        write_start(out, format, ssrcs, self.encoded_len(), self.padding)?;
        let afb_type = match self.message {
            MsAfbMessage::VideoSourceRequest(_) => MsAfbType::VIDEO_SOURCE_REQUEST,
            MsAfbMessage::Raw { afb_type, .. } => afb_type,
        };
        *out.array()? = afb_type.0.to_be_bytes();
        *out.array()? = length.to_be_bytes();
        match self.message {
            MsAfbMessage::VideoSourceRequest(request) => request.encode(out)?,
            MsAfbMessage::Raw { body, .. } => out.bytes(body)?,
        }
        out.bytes(self.padding)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;
    use crate::testing::{PADDINGS, refuses_every_truncation, words};

    // psfb_formats.csv, the layout of AFB:MS row by row, with two entries of four bytes. tshark 4.0.17 reads the same
    // values out of it, but for K, which it has in the last bit of the byte.
    const REQUEST: [u32; 10] = [
        0x8fce_0009, // V=2 P=0 FMT=15 PT=206 length=9
        0x0000_0001, // SSRC of packet sender
        0x0000_0002, // SSRC of media source
        0x0001_001c, // type 1, length 28
        0x0000_0003, // MSI
        0x0005_0000, // request id 5, reserved
        0x0180_0204, // version 1, K, reserved, 2 entries of 4 bytes
        0x0000_0000, // reserved
        0x0a0b_0c0d, // entry
        0x1a1b_1c1d, // entry
    ];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(REQUEST);
        let packet = MsAfb::parse(&bytes).unwrap();
        assert_eq!((packet.sender_ssrc(), packet.media_ssrc()), (1, 2));
        assert_eq!(packet.afb_type(), MsAfbType::VIDEO_SOURCE_REQUEST);
        let request = packet.video_source_request().unwrap();
        assert_eq!((request.msi, request.request_id, request.version), (3, 5, 1));
        assert!(request.key_frame_request);
        let entries: Vec<_> = request.iter().collect();
        assert_eq!(entries, [[10, 11, 12, 13], [26, 27, 28, 29]]);
        let line = "MS AFB sender=0x00000001 media=0x00000002 video source request \
                    msi=0x00000003 entries=2 key_frame";
        assert_eq!(packet.to_string(), line);
        assert_eq!(Afb::parse(&bytes).unwrap().microsoft(), Some(packet));
        let builder = MsAfbBuilder::from(packet);
        assert_eq!(builder.to_vec().unwrap(), bytes);
        let message = MsAfbMessage::VideoSourceRequest(request);
        assert_eq!(MsAfbBuilder { message, ..builder }.to_vec().unwrap(), bytes);
    }

    #[test]
    fn a_key_frame_may_be_asked_for_in_either_bit() {
        for (row, asked) in [(0x0180_0204, true), (0x0101_0204, true), (0x017e_0204, false)] {
            let mut rows = REQUEST;
            rows[6] = row;
            let bytes = words(rows);
            let request = MsAfb::parse(&bytes).unwrap().video_source_request().unwrap();
            assert_eq!(request.key_frame_request, asked, "{row:#x}");
        }
    }

    #[test]
    fn another_type_is_kept_as_its_bytes() {
        let bytes = words([0x8fce_0004, 1, 2, 0x0003_0008, 0xdead_beef]);
        let packet = MsAfb::parse(&bytes).unwrap();
        assert_eq!((packet.afb_type().0, packet.video_source_request()), (3, None));
        assert_eq!(packet.body(), [0xDE, 0xAD, 0xBE, 0xEF]);
        assert_eq!(MsAfbBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn refuses_every_truncation_and_lengths_that_do_not_fit() {
        refuses_every_truncation(&words(REQUEST), MsAfb::parse);
        let refused = |rows: &[u32]| {
            let bytes = words(rows);
            assert_eq!(Afb::parse(&bytes).unwrap().microsoft(), None);
            let error = MsAfb::parse(&bytes).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let kind = ErrorKind::Length { found: 12, have: 8 };
        assert_eq!(refused(&[0x8fce_0004, 1, 2, 0x0003_000c, 0]), ("message length", 14, kind));
        let kind = ErrorKind::Truncated { need: 4, have: 0 };
        assert_eq!(refused(&[0x8fce_0002, 1, 2]), ("type and length", 12, kind));
        let kind = ErrorKind::Truncated { need: 16, have: 4 };
        let short = [0x8fce_0004, 1, 2, 0x0001_0008, 3];
        assert_eq!(refused(&short), ("video source request", 16, kind));
        let kind = ErrorKind::Length { found: 4, have: 0 };
        let none = [0x8fce_0007, 1, 2, 0x0001_0014, 3, 0, 0x0100_0104, 0];
        assert_eq!(refused(&none), ("entries", 32, kind));
        let kind = ErrorKind::Length { found: 4, have: 8 };
        let more = [0x8fce_0009, 1, 2, 0x0001_001c, 3, 0, 0x0100_0104, 0, 1, 2];
        assert_eq!(refused(&more), ("bytes behind the last entry", 36, kind));
    }

    #[test]
    fn refuses_to_build_entries_that_do_not_fit_their_count() {
        let request = VideoSourceRequest { num_entries: 1, entry_length: 8, ..Default::default() };
        let message = MsAfbMessage::VideoSourceRequest(request);
        let builder = MsAfbBuilder { sender_ssrc: 1, media_ssrc: 2, message, padding: &[] };
        assert_eq!(builder.to_vec(), Err(BuildError::OutOfRange { field: "entries" }));
        let body = &[0; 65_532];
        let message = MsAfbMessage::Raw { afb_type: MsAfbType(9), body };
        let long = MsAfbBuilder { message, ..builder };
        assert_eq!(long.to_vec(), Err(BuildError::OutOfRange { field: "message length" }));
        // Entries of no bytes: none is given, and nothing divides by 0.
        let request = VideoSourceRequest { num_entries: 3, ..Default::default() };
        assert_eq!(request.iter().len(), 0);
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (msi, request_id, version, key_frame_request) in any::<(u32, u16, u8, bool)>(),
            entries in prop::collection::vec(any::<[u8; 12]>(), 0..4),
            padding in prop::sample::select(PADDINGS),
        ) {
            let request = VideoSourceRequest {
                msi,
                request_id,
                version,
                key_frame_request,
                num_entries: u8::try_from(entries.len()).unwrap(),
                entry_length: 12,
                entries: entries.as_flattened(),
            };
            let message = MsAfbMessage::VideoSourceRequest(request);
            let bytes =
                MsAfbBuilder { sender_ssrc: 1, media_ssrc: 2, message, padding }.to_vec().unwrap();
            let packet = MsAfb::parse(&bytes).unwrap();
            prop_assert_eq!(packet.video_source_request(), Some(request));
            prop_assert_eq!(packet.padding(), padding);
            prop_assert_eq!(MsAfbBuilder::from(packet).to_vec().unwrap(), bytes);
        }

        #[test]
        fn what_parses_is_written_again(
            body in prop::collection::vec(any::<[u8; 4]>(), 0..8),
            afb_type in 0u16..4,
        ) {
            let length = u32::try_from(body.len() * 4 + 4).unwrap();
            let header = 0x8fce_0002 + length / 4;
            let mut bytes = words([header, 1, 2, u32::from(afb_type) << 16 | length]);
            bytes.extend(body.as_flattened());
            if let Ok(packet) = MsAfb::parse(&bytes) {
                prop_assert_eq!(MsAfbBuilder::from(packet).to_vec().unwrap(), bytes);
            }
        }
    }
}
