//! An RTP packet, read by other crates too.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mediawire_fuzz::diff::rtp;

fuzz_target!(init: rtp::check_known(), |datagram: &[u8]| rtp::check(datagram));
