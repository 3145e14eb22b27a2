//! A datagram of RTCP, read by other crates too.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mediawire_fuzz::diff::rtcp;

fuzz_target!(init: rtcp::check_known(), |datagram: &[u8]| rtcp::check(datagram));
