//! The program on a capture: the first byte chooses its options, the rest is the file. The reader gives packets and
//! faults in their order and ends; what is shown is lines of text or of JSON, and the second time the same.
#![no_main]

use std::io::Cursor;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use mediawire_cli::capture::{Capture, Cause, MAX_PACKET};
use mediawire_cli::{Inspect, inspect};
use mediawire_fuzz::{debug, line};

/// Options, and whether their output is JSON.
const OPTIONS: [(&str, bool); 5] = [
    ("", false),
    ("--json", true),
    ("--verbose --payload --tcp --rfc3489 --rfc5766", false),
    (
        "--json --payload --tcp --rtp always --extmap 1=mid --extmap 3=transport-cc \
      --pt 96=VP8/90000 --pt 97=rtx/90000;apt=96 --pt 102=H264/90000 --pt 98=VP9/90000 --pt 45=AV1/90000 \
      --pt 111=opus/48000 --pt 63=red/48000 --pt 127=ulpfec/90000 --pt 35=flexfec-03/90000 \
      --pt 126=telephone-event/48000 --pt 13=CN/8000 --ice-pwd secret --stun-user user:realm:password",
        true,
    ),
    ("--verbose --rtp always --rfc3489 --rtp-port 5004 --kind rtp,malformed --max 3", false),
];

static ARGUMENTS: LazyLock<Vec<Inspect>> = LazyLock::new(|| {
    let parse = |(words, _): (&'static str, _)| {
        Inspect::new(words.split_whitespace().chain(["-"])).expect("right usage")
    };
    OPTIONS.map(parse).into()
});

fuzz_target!(|input: &[u8]| {
    let Some((&choice, file)) = input.split_first() else { return };
    let choice = usize::from(choice) % OPTIONS.len();
    // Gzip makes much out of little: a packet of the greatest length out of 16 KiB.
    if file.starts_with(&[0x1f, 0x8b]) && file.len() > 2048 {
        return;
    }
    let is_capture = read(file);
    let mut out = Vec::new();
    match inspect(&ARGUMENTS[choice], Box::new(Cursor::new(file.to_vec())), &mut out) {
        Ok(outcome) => {
            assert!(is_capture);
            assert!(!outcome.summary.is_empty() && outcome.faults.len() <= 10);
            outcome.faults.iter().for_each(|fault| line(fault));
        }
        Err(error) => assert!(!is_capture, "{error}"),
    }
    let text = String::from_utf8(out).expect("UTF-8");
    assert!(text.is_empty() || text.ends_with('\n'));
    for shown in text.lines() {
        line(shown);
        if OPTIONS[choice].1 {
            serde_json::from_str::<serde::de::IgnoredAny>(shown).expect("JSON");
        }
    }
});

/// Reads all packets. Whether it is a capture.
fn read(file: &[u8]) -> bool {
    let mut capture = match Capture::new(Box::new(Cursor::new(file.to_vec()))) {
        Ok(capture) => capture,
        Err(fault) => {
            line(&fault);
            return false;
        }
    };
    let (mut frame, mut offset, mut records) = (0, None, 0);
    while let Some(next) = capture.next_packet() {
        match next {
            Ok(packet) => {
                assert!(packet.frame > frame, "frames are counted up");
                assert!(packet.data.len() <= MAX_PACKET + 65_536);
                assert!(
                    packet.time.is_none_or(|time| time.nanos < 1_000_000_000),
                    "{:?}",
                    packet.time
                );
                frame = packet.frame;
                debug(&packet);
            }
            Err(fault) => {
                line(&fault);
                debug(&fault);
                let is_read = matches!(fault.cause, Cause::Read(_));
                assert!(is_read || offset.is_none_or(|offset| offset < fault.offset), "{fault}");
                offset = Some(fault.offset);
            }
        }
        records += 1;
        // A record has 12 bytes or more; gzip takes a byte for a thousand.
        assert!(records <= file.len() * 100 + 1);
    }
    assert!(capture.next_packet().is_none());
    let _ = capture.is_drained();
    true
}
