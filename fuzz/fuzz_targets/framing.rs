//! The two directions of a stream: the first byte tells the framing, the second how it is split. What comes out whole
//! and what comes out of the pieces is the same, and every byte is used once.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mediawire::framing::{
    Deframer, Frames, InterleavedBuilder, Next, Rfc4571, Rfc4571Builder, Rtsp, RtspFrame, Turn,
    TurnFrame,
};
use mediawire::stun::{ChannelDataBuilder, Message};
use mediawire_fuzz::{debug, fault, show, writes};

fuzz_target!(|input: &[u8]| {
    let Some((&[framing, step], stream)) = input.split_first_chunk() else { return };
    let step = usize::from(step) + 1;
    let turn = if framing / 3 % 2 == 0 { Turn::new } else { Turn::lost };
    let rtsp = if framing / 3 % 2 == 0 { Rtsp::new } else { Rtsp::lost };
    match framing % 3 {
        0 => check(turn, stream, step, |frame, bytes| match frame {
            TurnFrame::Stun(message) => {
                assert_eq!(message, bytes);
                match Message::parse(message) {
                    Ok(message) => show(&message),
                    Err(error) => fault(&error, message.len()),
                }
            }
            TurnFrame::ChannelData(message) => {
                show(&message);
                let builder = ChannelDataBuilder { rfc5766: true, ..message.into() };
                writes(&builder, bytes);
            }
        }),
        1 => check(
            || Rfc4571,
            stream,
            step,
            |packet, bytes| {
                writes(&Rfc4571Builder { packet }, bytes);
                let header = Rfc4571Builder::header(packet.len()).expect("16 bits");
                assert_eq!([&header[..], packet].concat(), bytes);
            },
        ),
        _ => check(rtsp, stream, step, |frame, bytes| match frame {
            RtspFrame::Interleaved { channel, data } => {
                writes(&InterleavedBuilder { channel, data }, bytes);
                let header = InterleavedBuilder::header(channel, data.len()).expect("16 bits");
                assert_eq!([&header[..], data].concat(), bytes);
            }
            RtspFrame::Message { head, body } => {
                assert!(head.len() + body.len() == bytes.len() && bytes.starts_with(head));
            }
        }),
    }
});

fn check<D: Deframer>(
    new: impl Fn() -> D,
    stream: &[u8],
    step: usize,
    each: impl for<'b> Fn(D::Frame<'b>, &'b [u8]),
) {
    let whole = places(new(), stream, stream.len(), &each);
    assert_eq!(whole, places(new(), stream, step, &each));
    let mut deframer = new();
    let mut frames = Frames::ending(&mut deframer, stream);
    assert_eq!(frames.by_ref().filter(Result::is_ok).count(), whole.len());
    assert_eq!(frames.used(), stream.len());
    // Where more may come, what is there of a frame waits for it.
    let mut deframer = new();
    let mut frames = Frames::new(&mut deframer, stream);
    let count = frames.by_ref().filter(Result::is_ok).count();
    assert!(count <= whole.len() && frames.used() <= stream.len());
    assert!(frames.need() > 0 && frames.need() <= D::LONGEST);
    debug(&(frames.used(), frames.need()));
}

/// Where the frames lie in the stream.
fn places<D: Deframer>(
    mut deframer: D,
    stream: &[u8],
    step: usize,
    each: &impl for<'b> Fn(D::Frame<'b>, &'b [u8]),
) -> Vec<(usize, usize)> {
    let (mut places, mut front, mut end) = (Vec::new(), 0, 0);
    while end < stream.len() {
        end = (end + step).min(stream.len());
        loop {
            let buffer = &stream[front..end];
            let next = match end == stream.len() {
                true => deframer.last(buffer),
                false => deframer.next(buffer),
            };
            match next {
                Next::Frame { frame, used } => {
                    each(frame, &buffer[..used]);
                    places.push((front, used));
                    front += used;
                }
                Next::Skip { used, error } => {
                    assert!(used > 0 && used <= buffer.len());
                    fault(&error, buffer.len());
                    front += used;
                }
                Next::Need(more) => {
                    assert!(more > 0 && buffer.len() + more <= D::LONGEST);
                    break;
                }
            }
        }
    }
    assert_eq!(front, stream.len());
    places
}
