//! What the integration tests share: the datagrams of the captures in `testdata/`.

#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test may panic")]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mediawire::net::{LinkType, Packet};
use pcap_parser::traits::PcapReaderIterator;
use pcap_parser::{LegacyPcapReader, PcapBlockOwned, PcapError};

pub fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name)
}

/// The UDP payloads of a pcap file, in its order; none of those that the capture has cut short.
pub fn udp_payloads(name: &str) -> Vec<Vec<u8>> {
    timed_udp_payloads(name).into_iter().map(|(_, payload)| payload).collect()
}

/// The same, and when each was captured.
pub fn timed_udp_payloads(name: &str) -> Vec<(Duration, Vec<u8>)> {
    let file = File::open(testdata(name)).expect(name);
    let mut reader = LegacyPcapReader::new(1 << 16, file).expect(name);
    let (mut link, mut nanos, mut payloads) = (LinkType(0), 1000, Vec::new());
    loop {
        match reader.next() {
            Ok((consumed, block)) => {
                match block {
                    PcapBlockOwned::LegacyHeader(header) => {
                        link = LinkType(u16::try_from(header.network.0).expect("a link type"));
                        nanos = if header.is_nanosecond_precision() { 1 } else { 1000 };
                    }
                    PcapBlockOwned::Legacy(packet) => {
                        let read = Packet::parse(link, packet.data).ok();
                        if let Some(udp) = read.as_ref().and_then(Packet::udp) {
                            let time = Duration::new(packet.ts_sec.into(), packet.ts_usec * nanos);
                            payloads.push((time, udp.payload().to_vec()));
                        }
                    }
                    PcapBlockOwned::NG(_) => panic!("{name} is not a pcap file"),
                }
                reader.consume(consumed);
            }
            Err(PcapError::Eof) => return payloads,
            Err(PcapError::Incomplete(_)) => reader.refill().expect(name),
            Err(error) => panic!("{name}: {error}"),
        }
    }
}
