//! What was in the captures, for the line at the end: nothing is dropped in silence.

use std::collections::BTreeMap;
use std::fmt;

use mediawire::net::{EtherType, IpProtocol};

use crate::args::Kind;

/// Counts of everything that was read.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    /// Packets of the captures.
    pub(crate) packets: u64,
    rtp: u64,
    rtcp: u64,
    stun: u64,
    channel_data: u64,
    /// RTCP packets of which no more than the header, and the SSRCs of feedback, was understood.
    pub(crate) not_decoded: u64,
    /// By what they were read as.
    malformed: BTreeMap<&'static str, u64>,
    /// By what it was.
    other: BTreeMap<Label, u64>,
    /// Messages that were printed.
    pub(crate) shown: u64,
    /// Whether a filter may have left out some.
    pub(crate) filtered: bool,
    /// Reading ended by `--max`.
    pub(crate) stopped: bool,
}

/// What other traffic was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Label {
    Name(&'static str),
    IpProtocol(IpProtocol),
    EtherType(EtherType),
    LinkType(u32),
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::IpProtocol(IpProtocol::IPV4 | IpProtocol::IPV6) => f.write_str("IP in IP"),
            Self::IpProtocol(protocol) => match protocol.name() {
                Some(name) => f.write_str(name),
                None => write!(f, "IP protocol {}", protocol.0),
            },
            Self::EtherType(ether_type) => match ether_type.name() {
                Some(name) => f.write_str(name),
                None => write!(f, "EtherType {:#06x}", ether_type.0),
            },
            Self::LinkType(number) => write!(f, "link type {number} (not read)"),
        }
    }
}

impl Summary {
    /// A message of a kind; for `Malformed` see [`malformed`](Self::malformed).
    #[inline]
    pub(crate) fn message(&mut self, kind: Kind) {
        match kind {
            Kind::Rtp => self.rtp += 1,
            Kind::Rtcp => self.rtcp += 1,
            Kind::Stun => self.stun += 1,
            Kind::ChannelData => self.channel_data += 1,
            Kind::Malformed => {}
        }
    }

    /// A message that does not parse as what it was read as.
    pub(crate) fn malformed(&mut self, protocol: &'static str) {
        *self.malformed.entry(protocol).or_default() += 1;
    }

    /// Anything else.
    pub(crate) fn other(&mut self, label: Label) {
        *self.other.entry(label).or_default() += 1;
    }
}

/// One line: `1000 packets: rtp 711, rtcp 264, stun 25, channel_data 0, malformed 3 (rtcp 3); other traffic: DTLS 12`.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { packets, rtp, rtcp, stun, channel_data, .. } = self;
        write!(f, "{packets} packets: rtp {rtp}, rtcp {rtcp}")?;
        if self.not_decoded > 0 {
            write!(f, " (not decoded further {})", self.not_decoded)?;
        }
        let malformed: u64 = self.malformed.values().sum();
        write!(f, ", stun {stun}, channel_data {channel_data}, malformed {malformed}")?;
        if !self.malformed.is_empty() {
            list(f, " (", &self.malformed)?;
            f.write_str(")")?;
        }
        if !self.other.is_empty() {
            list(f, "; other traffic: ", &self.other)?;
        }
        if self.filtered {
            write!(f, "; shown {}", self.shown)?;
        }
        if self.stopped {
            f.write_str("; stopped by --max")?;
        }
        Ok(())
    }
}

/// The greatest count first.
fn list<L: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    before: &str,
    counts: &BTreeMap<L, u64>,
) -> fmt::Result {
    let mut counts: Vec<_> = counts.iter().collect();
    counts.sort_by_key(|&(_, &count)| std::cmp::Reverse(count));
    for (index, (label, count)) in counts.into_iter().enumerate() {
        f.write_str(if index == 0 { before } else { ", " })?;
        write!(f, "{label} {count}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_counted_is_in_the_line() {
        let mut summary = Summary { packets: 9, ..Summary::default() };
        for kind in [Kind::Rtp, Kind::Rtp, Kind::Rtcp, Kind::ChannelData] {
            summary.message(kind);
        }
        let empty = "9 packets: rtp 2, rtcp 1, stun 0, channel_data 1, malformed 0";
        assert_eq!(summary.to_string(), empty);
        summary.malformed("rtcp");
        summary.malformed("ip");
        summary.malformed("rtcp");
        summary.other(Label::EtherType(EtherType(0x1234)));
        summary.other(Label::Name("DTLS"));
        summary.other(Label::Name("DTLS"));
        summary.other(Label::LinkType(220));
        summary.other(Label::IpProtocol(IpProtocol(253)));
        (summary.filtered, summary.stopped, summary.not_decoded) = (true, true, 1);
        let full = "9 packets: rtp 2, rtcp 1 (not decoded further 1), stun 0, channel_data 1, \
                    malformed 3 (rtcp 2, ip 1); other traffic: DTLS 2, IP protocol 253 1, \
                    EtherType 0x1234 1, link type 220 (not read) 1; shown 0; stopped by --max";
        assert_eq!(summary.to_string(), full);
    }
}
