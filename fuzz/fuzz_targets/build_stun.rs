//! STUN messages of random attributes, with integrity and fingerprint or without, and the framings of a stream. What the
//! standards allow is written and reads the same; what they forbid is refused, and the message stays as it was. Integrity
//! holds for the right key alone, and for no message in which a bit is another.
#![no_main]

use bumpalo::Bump;
use libfuzzer_sys::fuzz_target;
use mediawire::framing::{
    Deframer, InterleavedBuilder, Next, Rfc4571, Rfc4571Builder, Rtsp, RtspFrame, Turn, TurnFrame,
};
use mediawire::stun::{
    AttributeType, ChannelData, ChannelDataBuilder, CheckError, Class, Key, Message,
    MessageBuilder, MessageWriter, Method, PasswordAlgorithms, TypedAttribute,
};
use mediawire::{BuildError, Encode};
use mediawire_fuzz::build::source::{Source, tried};
use mediawire_fuzz::build::stun::{ATTRIBUTES, Pushed};
use mediawire_fuzz::{show, writes};

const CLASSES: [Class; 4] =
    [Class::Request, Class::Indication, Class::SuccessResponse, Class::ErrorResponse];
const MI: AttributeType = AttributeType::MESSAGE_INTEGRITY;
const MI_SHA256: AttributeType = AttributeType::MESSAGE_INTEGRITY_SHA256;
const MI_32: AttributeType = AttributeType::GOOG_MESSAGE_INTEGRITY_32;
const FINGERPRINT: AttributeType = AttributeType::FINGERPRINT;

/// RFC 8489 sections 14.5 to 14.7: what may follow what.
fn may_follow(put: &[Pushed<'_>], next: AttributeType) -> bool {
    put.iter().all(|before| match before.attribute_type {
        MI_32 => [MI, MI_SHA256, FINGERPRINT].contains(&next),
        MI => [MI_SHA256, FINGERPRINT].contains(&next),
        MI_SHA256 => next == FINGERPRINT,
        before => before != FINGERPRINT,
    })
}

fuzz_target!(|input: &[u8]| {
    let arena = Bump::new();
    let mut s = Source::new(input, &arena);
    if s.below(4) == 0 {
        framed(&mut s);
        return;
    }
    let room = 20 + usize::from(s.any::<u16>() % 1000);
    let mut buffer = vec![0xA5; room];
    let key = Key::short_term(s.bytes(9));
    let wrong = Key::short_term(b"of another length");
    let (class, method) = (s.one_of(&CLASSES), s.up_to(0xFFFu16));
    let fits = !s.was_forbidden();
    let classic = s.below(5) == 0;
    let id = s.any();

    // A message of RFC 3489 is written as the answer to one.
    let mut request = MessageBuilder { method: Method(1), ..Default::default() };
    request.transaction_id = id;
    request.cookie = if classic { s.any::<u32>() >> 4 } else { request.cookie };
    let request = request.to_vec().expect("a request");
    let request = Message::parse_rfc3489(&request).expect("a request");
    let writer = match classic {
        false => MessageWriter::new(&mut buffer, class, Method(method), id),
        true => MessageWriter::reply(&mut buffer, &request, class),
    };
    let refused = if classic { !class.is_response() } else { !fits };
    if refused {
        assert!(matches!(writer, Err(BuildError::OutOfRange { .. })));
        return;
    }
    let mut writer = writer.expect("room for the header");

    let mut put: Vec<Pushed<'_>> = Vec::new();
    let mut short = 32;
    while !s.is_empty() {
        let before = writer.as_bytes().to_vec();
        let pushed = match s.below(12) {
            0 => sealed(
                MI,
                20,
                true,
                match classic {
                    true => writer.push_integrity_rfc3489(&key).map(drop),
                    false => writer.push_integrity(&key).map(drop),
                },
            ),
            1 => {
                let len = if s.rarely() { s.below(40) } else { 16 + 4 * s.below(5) };
                let allowed = len % 4 == 0 && (16..=32).contains(&len);
                let result = writer.push_integrity_sha256(&key, len).map(drop);
                short = if result.is_ok() { len } else { short };
                sealed(MI_SHA256, len, allowed, result)
            }
            2 if s.any() => sealed(MI_32, 4, true, writer.push_goog_integrity_32(&key).map(drop)),
            2 => sealed(FINGERPRINT, 4, true, writer.push_fingerprint().map(drop)),
            3 => {
                let (attribute_type, value) =
                    (AttributeType(0x7F00 | s.any::<u16>() & 0x80FF), s.bytes(30));
                let result = writer.push_raw(attribute_type, value).map(drop);
                let same =
                    Box::new(move |read: &mediawire::stun::Attribute<'_>| read.value() == value);
                Pushed { attribute_type, value_len: value.len(), allowed: true, result, same }
            }
            4 => {
                let list = s.list(3, |s| mediawire::stun::PasswordAlgorithm {
                    algorithm: s.any(),
                    parameters: s.bytes(6),
                });
                let value = PasswordAlgorithms::new(list);
                let result = writer.push(value).map(drop);
                Pushed {
                    attribute_type: PasswordAlgorithms::TYPE,
                    value_len: value.value_len(),
                    allowed: true,
                    result,
                    same: Box::new(move |read| {
                        let read = read.parse_as::<PasswordAlgorithms<'_>>().expect("its form");
                        read.algorithms().eq(list.iter().copied())
                    }),
                }
            }
            _ => s.one_of(ATTRIBUTES)(&mut s, &mut writer),
        };
        let end = before.len() + 4 + pushed.value_len.next_multiple_of(4);
        let ordered = may_follow(&put, pushed.attribute_type);
        match pushed.result {
            Ok(()) => {
                assert!(ordered && pushed.allowed && end <= room);
                assert_eq!(writer.as_bytes().len(), end);
                put.push(pushed);
            }
            Err(BuildError::BufferTooSmall { need, have }) => {
                assert!(ordered);
                assert!(!pushed.allowed || (end > room && need == end));
                assert_eq!((have, writer.as_bytes()), (room, &before[..]));
            }
            Err(_) => {
                assert!(!ordered || !pushed.allowed, "{:?}", pushed.attribute_type);
                assert_eq!(writer.as_bytes(), before);
            }
        }
    }
    let len = writer.finish();
    let bytes = &buffer[..len];
    let message = match classic {
        true => Message::parse_rfc3489(bytes),
        false => Message::parse(bytes),
    }
    .expect("what is written parses");
    show(&message);
    writes(&MessageBuilder::from(message), bytes);
    assert_eq!(message.class(), class);
    assert_eq!(message.method(), if classic { Method(1) } else { Method(method) });
    assert_eq!(message.has_cookie(), request.has_cookie());
    assert_eq!(message.rfc3489_transaction_id(), request.rfc3489_transaction_id());
    assert_eq!(message.attributes().count(), put.len());
    for (read, put) in message.attributes().zip(&put) {
        assert_eq!(read.attribute_type(), put.attribute_type);
        assert!((put.same)(&read), "{read:?}");
    }
    let unknown = put.iter().filter(|put| {
        put.attribute_type.0 < 0x8000 && !AttributeType::TYPED.contains(&put.attribute_type)
    });
    assert_eq!(message.unknown_required(AttributeType::TYPED).count(), unknown.count());
    assert_eq!(message.check_order(), Ok(()));
    check_seals(&mut s, &message, bytes, &put, (&key, &wrong), short, classic);
});

fn sealed<'a>(
    attribute_type: AttributeType,
    value_len: usize,
    allowed: bool,
    result: Result<(), BuildError>,
) -> Pushed<'a> {
    let same =
        Box::new(move |read: &mediawire::stun::Attribute<'_>| read.value().len() == value_len);
    Pushed { attribute_type, value_len, allowed, result, same }
}

type Verify = fn(&Message<'_>, &Key) -> Result<(), CheckError>;

/// The right key, another one, and every seal again with one bit turned among those that it covers.
fn check_seals(
    s: &mut Source<'_>,
    message: &Message<'_>,
    bytes: &[u8],
    put: &[Pushed<'_>],
    (key, wrong): (&Key, &Key),
    len: usize,
    classic: bool,
) {
    let integrity: Verify = match classic {
        true => |message, key| message.verify_integrity_rfc3489(key),
        false => |message, key| message.verify_integrity(key),
    };
    let all: [(AttributeType, Verify); 4] = [
        (MI, integrity),
        (MI_SHA256, |message, key| message.verify_integrity_sha256(key, 16)),
        (MI_32, |message, key| message.verify_goog_integrity_32(key)),
        (FINGERPRINT, |message, _| message.check_fingerprint()),
    ];
    for (attribute_type, verify) in all {
        if !put.iter().any(|put| put.attribute_type == attribute_type) {
            assert_eq!(verify(message, key), Err(CheckError::Missing));
            continue;
        }
        assert_eq!(verify(message, key), Ok(()));
        assert_eq!(verify(message, wrong).is_ok(), attribute_type == FINGERPRINT);
        let seal = message.find(attribute_type).expect("it is there");
        let covered = seal.offset() + 4 + seal.value().len();
        let bit = usize::from(s.any::<u16>()) % (covered * 8);
        let mut turned = bytes.to_vec();
        turned[bit / 8] ^= 0x80 >> (bit % 8);
        let read = if classic { Message::parse_rfc3489(&turned) } else { Message::parse(&turned) };
        // The integrity is computed as if the message ended with it: a smaller length may leave it right.
        if let Ok(read) = read
            && read.attribute_bytes().len() + 20 == bytes.len()
        {
            assert!(verify(&read, key).is_err(), "{attribute_type}: bit {bit}");
        }
    }
    if put.iter().any(|put| put.attribute_type == MI_SHA256) {
        assert_eq!(message.verify_integrity_sha256(key, 32).is_ok(), len == 32);
    }
}

/// Frames that were built, read out of a stream in random pieces.
fn framed(s: &mut Source<'_>) {
    let kind = s.below(3);
    let (mut stream, mut frames) = (Vec::new(), Vec::new());
    while !s.is_empty() && frames.len() < 12 {
        let data = s.bytes(60);
        let bytes = match kind {
            0 if s.any() => {
                let mut buffer = [0; 100];
                let method = Method(s.any::<u16>() & 0xFFF);
                let mut writer =
                    MessageWriter::request(&mut buffer, method, s.any()).expect("room");
                writer.push_raw(AttributeType::DATA, data).expect("room");
                let len = writer.finish();
                Some(buffer[..len].to_vec())
            }
            0 => {
                let builder = ChannelDataBuilder::for_stream(s.channel(), data);
                let allowed = !s.was_forbidden();
                let bytes = tried(&builder, allowed);
                if let Some(bytes) = &bytes {
                    let (read, rest) = ChannelData::parse_stream(bytes).expect("it parses");
                    assert_eq!(
                        (read.channel_number(), read.data()),
                        (builder.channel_number, data)
                    );
                    assert!(rest.is_empty());
                }
                bytes
            }
            1 => tried(&Rfc4571Builder { packet: data }, true),
            _ if s.any() => tried(&InterleavedBuilder { channel: s.any(), data }, true),
            _ => {
                let head = format!("OPTIONS * RTSP/1.0\r\nContent-Length: {}\r\n\r\n", data.len());
                Some([head.as_bytes(), data].concat())
            }
        };
        if let Some(bytes) = bytes {
            stream.extend(&bytes);
            frames.push((bytes, data));
        }
    }
    match kind {
        0 => read(Turn::new(), &stream, s, &frames, |frame, (bytes, data)| match frame {
            TurnFrame::Stun(message) => assert_eq!(message, bytes),
            TurnFrame::ChannelData(read) => assert_eq!(read.data(), *data),
        }),
        1 => read(Rfc4571, &stream, s, &frames, |frame, (_, data)| assert_eq!(frame, *data)),
        _ => read(Rtsp::new(), &stream, s, &frames, |frame, (bytes, data)| match frame {
            RtspFrame::Interleaved { channel, data: read } => {
                assert_eq!((channel, read), (bytes[1], *data));
            }
            RtspFrame::Message { head, body } => {
                assert_eq!((&[head, body].concat(), body), (bytes, *data));
            }
        }),
    }
}

type Frame<'a> = (Vec<u8>, &'a [u8]);

fn read<D: Deframer>(
    mut deframer: D,
    stream: &[u8],
    s: &mut Source<'_>,
    frames: &[Frame<'_>],
    same: impl for<'b> Fn(D::Frame<'b>, &'b Frame<'b>),
) {
    let (mut front, mut end, mut count) = (0, 0, 0);
    while end < stream.len() {
        end = (end + 1 + s.below(30)).min(stream.len());
        loop {
            match deframer.next(&stream[front..end]) {
                Next::Frame { frame, used } => {
                    let put = &frames[count];
                    assert_eq!(stream[front..front + used], put.0);
                    same(frame, put);
                    front += used;
                    count += 1;
                }
                Next::Need(more) => {
                    assert!(more > 0);
                    break;
                }
                Next::Skip { .. } => panic!("there is nothing to skip"),
            }
        }
    }
    assert_eq!((front, count), (stream.len(), frames.len()));
}
