//! A datagram of RTCP: walked, shown, written again packet by packet; the walk covers it whole.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mediawire::rtcp::{Compound, SourceDescription, Srtcp};
use mediawire_fuzz::{show, writes};

fuzz_target!(|datagram: &[u8]| {
    let mut walk = Compound::new(datagram);
    loop {
        let from = walk.offset();
        let Some(step) = walk.next() else { break };
        let bytes = &datagram[from..walk.offset()];
        assert!(!bytes.is_empty(), "each step uses bytes up");
        match step {
            Ok(packet) => {
                show(&packet);
                assert_eq!(packet.header().packet_len(), bytes.len());
                writes(&packet, bytes);
            }
            Err(error) => {
                assert!((from..=walk.offset()).contains(&error.offset), "{error}");
                assert!(!error.to_string().contains('\n'));
                if let Ok(chunks) = SourceDescription::lenient_chunks(bytes) {
                    chunks.for_each(|chunk| drop(format!("{chunk:?}")));
                }
            }
        }
    }
    assert_eq!(walk.offset(), datagram.len());
    if let Err(violation) = Compound::new(datagram).validate() {
        assert!(violation.offset <= datagram.len(), "{violation}");
    }
    if let Ok(packet) = Srtcp::parse(datagram, 10) {
        assert_eq!(packet.content().len() + 22, datagram.len(), "{packet} {packet:?}");
    }
});
