//! What rides in an RTP packet: the first byte chooses how the rest is read, as a payload of some codec, as a format of
//! RTP's own, or as the data of a header extension. Everything is shown; what can be written reads the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mediawire::Encode;
use mediawire::rtp::ext::{AnyValue, Uri};
use mediawire::rtp::payload::{Codec, Payload};
use mediawire::rtp::{
    ComfortNoise, ComfortNoiseBuilder, FlexFec, FlexFecRepairBuilder, Red, RedBuilder, Rtx,
    RtxBuilder, TelephoneEvents, TelephoneEventsBuilder, Tone, ToneBuilder, UlpFec, UlpFecBuilder,
};
use mediawire_fuzz::show;

const CODECS: [Codec; 6] =
    [Codec::H264, Codec::H265, Codec::Vp8, Codec::Vp9, Codec::Av1, Codec::Opus];

macro_rules! again {
    ($bytes:expr, $view:ident, $builder:ident) => {
        if let Ok(view) = $view::parse($bytes) {
            show(&view);
            if let Ok(written) = $builder::from(view).to_vec() {
                $view::parse(&written).expect("what is written parses");
            }
        }
    };
}

fuzz_target!(|input: &[u8]| {
    let Some((&choice, data)) = input.split_first() else { return };
    let choice = usize::from(choice);
    if let Some(&codec) = CODECS.get(choice) {
        match Payload::parse(codec, data) {
            Ok(payload) => {
                show(&payload);
                let _ = (payload.starts_frame(), payload.ends_frame(), payload.layer_ids());
                let _ = payload.starts_key_frame();
            }
            Err(error) => assert!(error.offset <= data.len(), "{error}"),
        }
        return;
    }
    match choice - CODECS.len() {
        0 => again!(data, Rtx, RtxBuilder),
        1 => again!(data, Red, RedBuilder),
        2 => {
            again!(data, UlpFec, UlpFecBuilder);
            if let Ok(fec) = UlpFec::parse(data) {
                let mut out = [0; 2000];
                let packet = [0x80, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 4, 5, 6];
                let known = |number: u16| (number % 3 != 0).then_some(&packet[..]);
                let _ = fec.recover(7, known, &mut out);
            }
        }
        3 => {
            let csrc = [[0, 0, 0, 1], [0, 0, 0, 2]];
            if let Ok(fec) = FlexFec::parse(data, &csrc) {
                show(&fec);
                if let FlexFec::Repair(repair) = fec {
                    let _ = FlexFecRepairBuilder::from(repair).to_vec();
                    let mut out = [0; 2000];
                    let packet = [0x80, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 4, 5, 6];
                    let known = |_, number: u16| (number % 3 != 0).then_some(&packet[..]);
                    let _ = repair.recover(known, &mut out);
                }
            }
        }
        4 => again!(data, TelephoneEvents, TelephoneEventsBuilder),
        5 => again!(data, ComfortNoise, ComfortNoiseBuilder),
        6 => again!(data, Tone, ToneBuilder),
        other => {
            let Some(&uri) = Uri::ALL.get(other - 7) else { return };
            if let Some(Ok(value)) = AnyValue::parse(uri, data) {
                show(&value);
                if let Ok(written) = value.to_vec() {
                    AnyValue::parse(uri, &written).expect("a value").expect("written parses");
                }
            }
        }
    }
});
