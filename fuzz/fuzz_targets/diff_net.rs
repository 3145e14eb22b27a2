//! A captured frame, read by another crate too.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mediawire_fuzz::diff::net;

fuzz_target!(init: net::check_known(), |input: &[u8]| net::check(input));
