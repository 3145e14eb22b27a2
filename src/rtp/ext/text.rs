//! SDES items as header extensions: text (RFC 7941).
//!
//! ```text
//! |  text, UTF-8, without a length or a null byte: it takes the whole element
//! ```

use core::fmt;

use super::value::value;
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::show::Text;

/// Longest data of an element.
const MAX: usize = 255;

/// 1 to 255 bytes.
#[inline]
fn text(i: &[u8]) -> Step<'_, &[u8]> {
    match i.len() {
        1..=MAX => Ok((&[], i)),
        0 => Err(Fail::field("text", i, ErrorKind::Truncated { need: 1, have: 0 })),
        found => Err(Fail::field("element length", i, ErrorKind::Length { found, have: MAX })),
    }
}

/// Any text is an item's.
fn is_utf8(text: &[u8]) -> bool {
    core::str::from_utf8(text).is_ok()
}

/// An SDP token (RFC 4566 section 9).
fn is_token(text: &[u8]) -> bool {
    text.iter().all(|byte| match byte {
        b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'~' => *byte != 0x7F,
        _ => byte.is_ascii_alphanumeric(),
    })
}

/// RFC 8852 section 3 leaves no doubt: letters and digits. The `-` and `_` that the grammar of RFC 8851 section 10 has more
/// are read, and not written.
fn is_stream_id(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_alphanumeric)
}

macro_rules! text_value {
    ($(#[$doc:meta])* $type:ident, $uri:ident, $what:literal, $allowed:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $type<'a>(
            /// The text as it is on the wire.
            pub &'a [u8],
        );

        value!($type<'a>: $uri);

        impl<'a> $type<'a> {
            /// Reads the data of an element, all of it. What characters it has is not looked at.
            ///
            /// # Errors
            /// It is empty, or longer than an element can be.
            #[inline]
            pub fn parse(data: &'a [u8]) -> Result<Self, ParseError> {
                run($what, data, text).map(Self)
            }

            /// The text, where it is UTF-8.
            #[inline]
            pub fn as_str(&self) -> Option<&'a str> {
                core::str::from_utf8(self.0).ok()
            }
        }

        impl Encode for $type<'_> {
            #[inline]
            fn encoded_len(&self) -> usize {
                self.0.len()
            }

            #[inline]
            fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
                match self.0.len() {
                    1..=MAX if $allowed(self.0) => out.bytes(self.0),
                    _ => Err(BuildError::OutOfRange { field: $what }),
                }
            }
        }

        impl fmt::Display for $type<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($what, " {}"), Text(self.0))
            }
        }

        impl fmt::Debug for $type<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($type), "({})"), Text(self.0))
            }
        }

        #[cfg(feature = "serde")]
        impl super::value::Fields for $type<'_> {
            fn fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
                crate::ser::text(map, ("text", "text_hex"), self.0)
            }
        }
    };
}

text_value! {
    /// The canonical name of the source, 1 to 255 bytes of UTF-8 (RFC 7941, RFC 3550 section 6.5.1).
    Cname, CNAME, "sdes-cname", is_utf8
}
text_value! {
    /// The media section that the packet belongs to, an SDP token (RFC 9143 section 15).
    Mid, MID, "mid", is_token
}
text_value! {
    /// Which of the encodings of a source the stream is: letters and digits (RFC 8852 section 3).
    RtpStreamId, RTP_STREAM_ID, "rid", is_stream_id
}
text_value! {
    /// Which stream the packet repairs, as its [`RtpStreamId`]: letters and digits (RFC 8852 section 3).
    RepairedRtpStreamId, REPAIRED_RTP_STREAM_ID, "rrid", is_stream_id
}
text_value! {
    /// Which CLUE capture the packet carries, an XML identifier; `-` for none any more (RFC 8849 section 5).
    CaptureId, CAPTURE_ID, "captid", is_utf8
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::{format, vec};

    use super::super::value::check::{both_ways, not_written, refuses};
    use super::*;

    #[test]
    fn reads_and_writes_text() {
        // libwebrtc, rtp_packet_unittest.cc: "mid", "streamid".
        both_ways(b"mid", Mid(b"mid"));
        both_ways(b"streamid", RtpStreamId(b"streamid"));
        both_ways(b"streamid", RepairedRtpStreamId(b"streamid"));
        // GStreamer 1.22.0, gst-vp8-opusred-exts-ipv6.pcap frame 108.
        both_ways(&[0x68, 0x69, 0x67, 0x68], RtpStreamId(b"high"));
        both_ways(b"user@example.com", Cname(b"user@example.com"));
        both_ways("Grüße".as_bytes(), Cname("Grüße".as_bytes()));
        both_ways(b"VC3", CaptureId(b"VC3"));
        assert_eq!(Mid(b"audio").as_str(), Some("audio"));
    }

    #[test]
    fn nothing_and_too_much_are_refused() {
        let (empty, long) = (ErrorKind::Truncated { need: 1, have: 0 }, vec![b'a'; 256]);
        refuses::<Mid<'_>>(&[], "text", 0, empty);
        let kind = ErrorKind::Length { found: 256, have: 255 };
        refuses::<RtpStreamId<'_>>(&long, "element length", 0, kind);
        both_ways(&long[..255], Cname(&long[..255]));
        not_written(&Mid(b""), "mid");
        not_written(&RtpStreamId(&long), "rid");
    }

    #[test]
    fn what_others_send_is_read_and_kept_but_not_written() {
        // A null behind the text, as C programs send, and text that is not UTF-8.
        assert_eq!(Mid::parse(b"0\0").unwrap(), Mid(b"0\0"));
        assert_eq!(Cname::parse(&[0xff]).unwrap().as_str(), None);
        assert_eq!(format!("{}", Cname(b"a\n\xff")), "sdes-cname a\\n\u{fffd}");
        not_written(&Mid(b"0\0"), "mid");
        not_written(&Mid(b"a b"), "mid");
        not_written(&RtpStreamId(b"a.b"), "rid");
        not_written(&RepairedRtpStreamId("ö".as_bytes()), "rrid");
        not_written(&Cname(&[0xff]), "sdes-cname");
        assert_eq!(RtpStreamId::parse(b"r_1-A"), Ok(RtpStreamId(b"r_1-A")));
        not_written(&RtpStreamId(b"r_1"), "rid");
        not_written(&RtpStreamId(b"r-1"), "rid");
    }

    #[test]
    fn tokens_are_those_of_rfc_4566() {
        // token-char = %x21 / %x23-27 / %x2A-2B / %x2D-2E / %x30-39 / %x41-5A / %x5E-7E
        for byte in 0..=255 {
            let allowed = matches!(
                byte,
                0x21 | 0x23..=0x27 | 0x2A..=0x2B | 0x2D..=0x2E | 0x30..=0x39 | 0x41..=0x5A | 0x5E..=0x7E
            );
            assert_eq!(is_token(&[byte]), allowed, "{byte:#x}");
        }
    }

    #[test]
    #[cfg(feature = "serde")]
    fn serialises_text_or_hex() {
        use super::super::value::check::json;

        assert_eq!(json(&Mid(b"0")), r#"{"text":"0"}"#);
        assert_eq!(json(&Cname(&[0xff])), r#"{"text_hex":"ff"}"#);
    }
}
