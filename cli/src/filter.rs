//! Which messages are shown: `--kind`, `--ssrc`, `--port`.

use serde_json::Value;

use crate::args::{Inspect, Kind};
use crate::output::{Body, Head};

/// What was asked for; an empty list asks for all.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    kinds: Vec<Kind>,
    ssrcs: Vec<u32>,
    ports: Vec<u16>,
}

impl Filter {
    pub(crate) fn new(args: &Inspect) -> Self {
        let (kinds, ssrcs, ports) = (args.kind.clone(), args.ssrc.clone(), args.port.clone());
        Self { kinds, ssrcs, ports }
    }

    /// Whether it leaves out nothing.
    pub(crate) fn is_open(&self) -> bool {
        self.kinds.is_empty() && self.ssrcs.is_empty() && self.ports.is_empty()
    }

    #[inline]
    pub(crate) fn lets_pass(&self, head: &Head<'_>, body: &Body<'_>) -> bool {
        self.is_open() || (self.kind(body) && self.port(head) && self.ssrc(body))
    }

    fn kind(&self, body: &Body<'_>) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&body.kind())
    }

    fn port(&self, head: &Head<'_>) -> bool {
        let has = |port| self.ports.contains(&port);
        self.ports.is_empty()
            || head.ends.is_some_and(|(ends, _)| has(ends.src.port()) || has(ends.dst.port()))
    }

    fn ssrc(&self, body: &Body<'_>) -> bool {
        if self.ssrcs.is_empty() {
            return true;
        }
        match body {
            Body::Rtp(packet) => {
                self.ssrcs.contains(&packet.ssrc())
                    || packet.csrc().any(|csrc| self.ssrcs.contains(&csrc))
            }
            // Whatever the type of the packet, its fields say which SSRCs it names.
            Body::Rtcp(packet) => {
                serde_json::to_value(packet).is_ok_and(|value| self.is_named_in(&value))
            }
            Body::Stun(_) | Body::ChannelData(_) | Body::Malformed(_) => false,
        }
    }

    fn is_named_in(&self, value: &Value) -> bool {
        match value {
            Value::Object(fields) => fields.iter().any(|(name, value)| {
                if name.ends_with("ssrc") || name == "ssrcs" {
                    self.is(value)
                } else {
                    self.is_named_in(value)
                }
            }),
            Value::Array(items) => items.iter().any(|item| self.is_named_in(item)),
            _ => false,
        }
    }

    /// Whether it is one of the SSRCs, or a list that holds one.
    fn is(&self, value: &Value) -> bool {
        match value {
            Value::Array(items) => items.iter().any(|item| self.is(item)),
            value => {
                value.as_u64().is_some_and(|ssrc| self.ssrcs.iter().any(|&s| u64::from(s) == ssrc))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use mediawire::rtcp;

    use super::*;

    #[test]
    fn every_ssrc_of_an_rtcp_packet_counts() {
        // RFC 3550 section 6.4.2: an RR of SSRC 7 with a block for SSRC 0x010203; section 6.6: BYE of 5 and 6.
        let report = [&[0x81, 201, 0, 7, 0, 0, 0, 7, 0, 1, 2, 3][..], &[0; 20]].concat();
        let bye = [0x82, 203, 0, 2, 0, 0, 0, 5, 0, 0, 0, 6];
        for (bytes, ssrc, expected) in [
            (&report[..], 7, true),
            (&report, 0x01_0203, true),
            (&report, 0, false),
            (&bye, 6, true),
            (&bye, 2, false),
        ] {
            let packet = rtcp::Packet::parse(bytes).unwrap();
            let filter = Filter { ssrcs: vec![99, ssrc], ..Filter::default() };
            assert_eq!(filter.ssrc(&Body::Rtcp(&packet)), expected, "{ssrc}");
        }
    }
}
