//! A datagram of STUN, read by other crates too.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mediawire_fuzz::diff::stun;

fuzz_target!(init: stun::check_known(), |datagram: &[u8]| stun::check(datagram));
