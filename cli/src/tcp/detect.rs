//! Which framing a TCP stream has, by its first bytes.

use mediawire::framing::{Rfc4571, Rtsp, Turn};

/// The bytes of a STUN header by which it is known.
const MARK: usize = 8;

/// No first line of an RTSP message is longer.
const FIRST_LINE: usize = 1024;

/// The framings that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    Turn,
    Rfc4571,
    Rtsp,
}

/// What the bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detected {
    Known(Framing),
    /// More bytes may tell.
    Undecided,
    /// None of them.
    Other,
}

/// The deframer of a stream, one direction of it.
#[derive(Clone, Debug)]
pub(super) enum AnyDeframer {
    Turn(Turn),
    Rfc4571(Rfc4571),
    Rtsp(Rtsp),
}

impl AnyDeframer {
    pub(super) fn new(framing: Framing) -> Self {
        match framing {
            Framing::Turn => Self::Turn(Turn::new()),
            Framing::Rfc4571 => Self::Rfc4571(Rfc4571),
            Framing::Rtsp => Self::Rtsp(Rtsp::new()),
        }
    }

    /// One that has first to find its place; `None` where the framing has no marks to find it by.
    pub(super) fn lost(framing: Framing) -> Option<Self> {
        match framing {
            Framing::Turn => Some(Self::Turn(Turn::lost())),
            Framing::Rfc4571 => None,
            Framing::Rtsp => Some(Self::Rtsp(Rtsp::lost())),
        }
    }
}

/// Tells by the bytes at the front of a stream or, if it is not `at_front`, of a segment in the middle of one: there only
/// what cannot be an accident counts.
pub(super) fn detect(bytes: &[u8], at_front: bool) -> Detected {
    let text = detect_text(bytes);
    if text != Detected::Other {
        return text;
    }
    if is_stun(bytes).is_some() {
        return Detected::Known(Framing::Turn);
    }
    let (Some(&[l0, l1]), Some(packet)) = (bytes.first_chunk(), bytes.get(2..)) else {
        return Detected::Undecided;
    };
    let length = usize::from(u16::from_be_bytes([l0, l1]));
    // ICE, whose first packets are STUN.
    if is_stun(packet) == Some(length) {
        return Detected::Known(Framing::Rfc4571);
    }
    if bytes.len() < 2 + MARK {
        return Detected::Undecided;
    }
    if at_front { detect_media(bytes) } else { Detected::Other }
}

/// RTP or RTCP behind a length, and behind that another. Once may be an accident; what twice is one has to show a sequence
/// that goes on, as UDP has to.
fn detect_media(bytes: &[u8]) -> Detected {
    let (mut rest, mut seen) = (bytes, 0);
    // Null packets do not count, but there are not many of them.
    for _ in 0..8 {
        let Some((&length, packet)) = rest.split_first_chunk() else { return Detected::Undecided };
        let length = usize::from(u16::from_be_bytes(length));
        match packet.first() {
            _ if length == 0 => {}
            None => return Detected::Undecided,
            Some(first) if length >= 8 && first >> 6 == 2 => seen += 1,
            Some(_) => return Detected::Other,
        }
        if seen == 2 {
            return Detected::Known(Framing::Rfc4571);
        }
        match packet.get(length..) {
            Some(next) => rest = next,
            None => return Detected::Undecided,
        }
    }
    Detected::Other
}

/// RTSP: a request, a response; of frames only those within the stream count.
fn detect_text(bytes: &[u8]) -> Detected {
    let version = b"RTSP/";
    if bytes.starts_with(version) {
        return Detected::Known(Framing::Rtsp);
    }
    let is_method = |byte: &u8| byte.is_ascii_uppercase() || *byte == b'_';
    let method = bytes.iter().take_while(|byte| is_method(byte)).count();
    let is_method_or_its_front = match bytes.get(method) {
        Some(b' ') => method >= 3,
        Some(b'/') => version.starts_with(bytes.get(..method + 1).unwrap_or_default()),
        Some(_) => false,
        None => method > 0,
    };
    if !is_method_or_its_front || method > 32 {
        return Detected::Other;
    }
    let line = bytes.iter().take(FIRST_LINE).position(|&byte| byte == b'\n');
    match line.and_then(|end| bytes.get(..end)) {
        Some(line) if line.windows(version.len()).any(|window| window == version) => {
            Detected::Known(Framing::Rtsp)
        }
        None if bytes.len() < FIRST_LINE => Detected::Undecided,
        _ => Detected::Other,
    }
}

/// The length of the STUN message that begins here.
fn is_stun(bytes: &[u8]) -> Option<usize> {
    match *bytes.first_chunk::<MARK>()? {
        [0..=0x3F, _, l0, l1, 0x21, 0x12, 0xa4, 0x42] if l1 % 4 == 0 => {
            Some(20 + usize::from(u16::from_be_bytes([l0, l1])))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_told_by_their_first_bytes() {
        use Detected::{Known, Other, Undecided};
        let stun = b"\0\x01\0\0\x21\x12\xa4\x42abcdefghijkl";
        let framed = [&[0, 20][..], stun].concat();
        let rtp = [&[0, 12, 0x80, 96][..], &[0; 10]].concat();
        for (bytes, expected) in [
            (&b""[..], Undecided),
            (stun, Known(Framing::Turn)),
            (&stun[..7], Undecided),
            (&framed, Known(Framing::Rfc4571)),
            (&framed[..9], Undecided),
            (&rtp.repeat(2), Known(Framing::Rfc4571)),
            (&rtp.repeat(2)[..16], Undecided),
            (&[&rtp[..], &[0, 12, 0, 0, 0]].concat(), Other),
            (&[&rtp[..], &[0, 0], &rtp[..3]].concat(), Known(Framing::Rfc4571)),
            (&[&rtp[..], &[0, 0, 0]].concat(), Undecided),
            (b"OPTIONS rtsp://192.0.2.1/ RTSP/1.0\r\n", Known(Framing::Rtsp)),
            (b"OPTIONS rtsp://192.0.2.1/", Undecided),
            (b"SET_PARA", Undecided),
            (b"RTSP/1.0 200 OK\r\n", Known(Framing::Rtsp)),
            (b"RTS", Undecided),
            (b"GET / HTTP/1.1\r\n", Other),
            (b"SSH-2.0-OpenSSH_9.2p1", Other),
            (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03", Other),
            (&[0; 20], Other),
        ] {
            assert_eq!(detect(bytes, true), expected, "{bytes:02x?}");
        }
        assert_eq!(detect(&rtp.repeat(2), false), Other);
        assert_eq!(detect(stun, false), Known(Framing::Turn));
        assert_eq!(detect(&[b'A'; FIRST_LINE + 1], true), Other);
    }
}
