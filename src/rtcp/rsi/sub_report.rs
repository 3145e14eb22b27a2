//! Sub-report blocks of RSI (RFC 5760 section 7.1.2).
//!
//! ```text
//! |     SRBT      |    length     |                               |
//! |              SRBT-specific data, 4 × length − 2 bytes         |
//! ```

use core::fmt;

use super::distribution::FIXED_LEN;
use super::{
    Distribution, FeedbackTarget, GeneralStatistics, GroupAndAveragePacketSize, RtcpBandwidth,
};
use crate::encode::{Encode, Sink, narrow};
use crate::error::{BuildError, ErrorKind, Fail, Step};
use crate::registry::registry;
use crate::wire::{array, context};

/// The bytes of type and length.
const START: usize = 2;

registry! {
    /// SRBT, the type of a sub-report block of RSI (IANA, Sub-Report Block Type Values for the RSI Packet).
    RsiSubReportType(u8) {
        /// IPv4 feedback target address, RFC 5760 section 7.1.8.
        IPV4_FEEDBACK_TARGET = 0, "IPv4 feedback target address";
        /// IPv6 feedback target address, RFC 5760 section 7.1.8.
        IPV6_FEEDBACK_TARGET = 1, "IPv6 feedback target address";
        /// DNS name of the feedback target, RFC 5760 section 7.1.8.
        DNS_FEEDBACK_TARGET = 2, "DNS name of the feedback target";
        /// Loss distribution, RFC 5760 section 7.1.4.
        LOSS = 4, "loss distribution";
        /// Jitter distribution, RFC 5760 section 7.1.5.
        JITTER = 5, "jitter distribution";
        /// Round-trip time distribution, RFC 5760 section 7.1.6.
        ROUND_TRIP_TIME = 6, "round-trip time distribution";
        /// Cumulative loss distribution, RFC 5760 section 7.1.7.
        CUMULATIVE_LOSS = 7, "cumulative loss distribution";
        /// SSRC collision list, RFC 5760 section 7.1.9.
        COLLISIONS = 8, "SSRC collision list";
        /// General statistics, RFC 5760 section 7.1.10.
        GENERAL_STATISTICS = 10, "general statistics";
        /// RTCP bandwidth indication, RFC 5760 section 7.1.11.
        BANDWIDTH = 11, "RTCP bandwidth indication";
        /// RTCP group and average packet size, RFC 5760 section 7.1.12.
        GROUP_SIZE = 12, "RTCP group and average packet size";
    }
}

/// A sub-report of any type, read or to be written; reserved bits are written as 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RsiSubReport<'a> {
    /// Where feedback is to be sent.
    FeedbackTarget(FeedbackTarget<'a>),
    /// Fractions lost, in 1/256: `min` up to 254, `max` up to 255.
    Loss(Distribution<'a>),
    /// Inter-arrival jitters, in units of the RTP timestamp.
    Jitter(Distribution<'a>),
    /// Round-trip times, in 1/65536 s.
    RoundTripTime(Distribution<'a>),
    /// Fractions lost over the long term, in 1/256: `min` up to 254, `max` up to 255.
    CumulativeLoss(Distribution<'a>),
    /// SSRCs that more than one receiver has, in wire form: from `u32::to_be_bytes`, or from a view.
    Collisions(&'a [[u8; 4]]),
    /// Values over all receivers.
    GeneralStatistics(GeneralStatistics),
    /// How much RTCP each may send.
    Bandwidth(RtcpBandwidth),
    /// How many receivers there are and how much they send.
    GroupSize(GroupAndAveragePacketSize),
    /// A type that has no layout here.
    Other {
        /// Its type.
        report_type: RsiSubReportType,
        /// What follows type and length: two bytes more than a multiple of 4.
        data: &'a [u8],
    },
}

impl<'a> RsiSubReport<'a> {
    /// SRBT: the type.
    #[inline]
    pub const fn report_type(&self) -> RsiSubReportType {
        use RsiSubReportType as Type;
        match self {
            Self::FeedbackTarget(FeedbackTarget::Ipv4 { .. }) => Type::IPV4_FEEDBACK_TARGET,
            Self::FeedbackTarget(FeedbackTarget::Ipv6 { .. }) => Type::IPV6_FEEDBACK_TARGET,
            Self::FeedbackTarget(FeedbackTarget::DnsName { .. }) => Type::DNS_FEEDBACK_TARGET,
            Self::Loss(_) => Type::LOSS,
            Self::Jitter(_) => Type::JITTER,
            Self::RoundTripTime(_) => Type::ROUND_TRIP_TIME,
            Self::CumulativeLoss(_) => Type::CUMULATIVE_LOSS,
            Self::Collisions(_) => Type::COLLISIONS,
            Self::GeneralStatistics(_) => Type::GENERAL_STATISTICS,
            Self::Bandwidth(_) => Type::BANDWIDTH,
            Self::GroupSize(_) => Type::GROUP_SIZE,
            Self::Other { report_type, .. } => *report_type,
        }
    }

    /// The SSRCs of [`Collisions`](Self::Collisions); none for any other.
    #[inline]
    pub fn collisions(&self) -> impl ExactSizeIterator<Item = u32> + Clone + use<'a> {
        let ssrcs = match *self {
            Self::Collisions(ssrcs) => ssrcs,
            _ => &[],
        };
        ssrcs.iter().map(|&ssrc| u32::from_be_bytes(ssrc))
    }
}

/// One sub-report; `i` is not empty.
#[inline]
pub(super) fn sub_report(i: &[u8]) -> Step<'_, RsiSubReport<'_>> {
    use RsiSubReportType as Type;
    let (_, &[report_type, length]) = context("sub-report", array::<START>)(i)?;
    let len = usize::from(length) * 4;
    let refused = |have| {
        let kind = ErrorKind::Length { found: len, have };
        Fail::field("sub-report length", i.get(1..).unwrap_or_default(), kind)
    };
    if len < 4 {
        return Err(refused(4));
    }
    let Some((block, rest)) = i.split_at_checked(len) else { return Err(refused(i.len())) };
    let data = block.get(START..).unwrap_or_default();
    let distribution = || match data.split_first_chunk::<FIXED_LEN>() {
        Some((fixed, buckets)) => Distribution::of(fixed, buckets),
        None => Err(refused(START + FIXED_LEN)),
    };
    let report = match Type(report_type) {
        Type::IPV4_FEEDBACK_TARGET => match *data {
            [p, q, a, b, c, d] => RsiSubReport::FeedbackTarget(FeedbackTarget::Ipv4 {
                port: u16::from_be_bytes([p, q]),
                address: [a, b, c, d].into(),
            }),
            _ => return Err(refused(8)),
        },
        Type::IPV6_FEEDBACK_TARGET => {
            let parts = data
                .split_first_chunk()
                .and_then(|(port, left)| Some((port, <[u8; 16]>::try_from(left).ok()?)));
            let Some((&port, address)) = parts else { return Err(refused(20)) };
            let (port, address) = (u16::from_be_bytes(port), address.into());
            RsiSubReport::FeedbackTarget(FeedbackTarget::Ipv6 { port, address })
        }
        Type::DNS_FEEDBACK_TARGET => match data.split_first_chunk() {
            Some((&port, name)) => {
                let target = FeedbackTarget::name_of(u16::from_be_bytes(port), name);
                RsiSubReport::FeedbackTarget(target)
            }
            None => return Err(refused(4)),
        },
        Type::LOSS => RsiSubReport::Loss(distribution()?),
        Type::JITTER => RsiSubReport::Jitter(distribution()?),
        Type::ROUND_TRIP_TIME => RsiSubReport::RoundTripTime(distribution()?),
        Type::CUMULATIVE_LOSS => RsiSubReport::CumulativeLoss(distribution()?),
        Type::COLLISIONS => {
            let (ssrcs, _) = data.get(START..).unwrap_or_default().as_chunks();
            RsiSubReport::Collisions(ssrcs)
        }
        Type::GENERAL_STATISTICS => match data.try_into() {
            Ok(data) => RsiSubReport::GeneralStatistics(GeneralStatistics::from_bytes(data)),
            Err(_) => return Err(refused(12)),
        },
        Type::BANDWIDTH => match data.try_into() {
            Ok(data) => RsiSubReport::Bandwidth(RtcpBandwidth::from_bytes(data)),
            Err(_) => return Err(refused(8)),
        },
        Type::GROUP_SIZE => match data.try_into() {
            Ok(data) => RsiSubReport::GroupSize(GroupAndAveragePacketSize::from_bytes(data)),
            Err(_) => return Err(refused(8)),
        },
        report_type => RsiSubReport::Other { report_type, data },
    };
    Ok((rest, report))
}

impl Encode for RsiSubReport<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        START
            + match self {
                Self::FeedbackTarget(target) => 2 + target.address_len(),
                Self::Loss(distribution)
                | Self::Jitter(distribution)
                | Self::RoundTripTime(distribution)
                | Self::CumulativeLoss(distribution) => FIXED_LEN + distribution.buckets.len(),
                Self::Collisions(ssrcs) => 2 + ssrcs.as_flattened().len(),
                Self::GeneralStatistics(_) => 10,
                Self::Bandwidth(_) | Self::GroupSize(_) => 6,
                Self::Other { data, .. } => data.len(),
            }
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        const FIELD: &str = "sub-report length";
        let len = self.encoded_len();
        if !len.is_multiple_of(4) {
            return Err(BuildError::OutOfRange { field: FIELD });
        }
        *out.array()? = [self.report_type().0, narrow(FIELD, len / 4)?];
        match self {
            Self::FeedbackTarget(target) => target.encode(out),
            Self::Loss(distribution) | Self::CumulativeLoss(distribution)
                if distribution.max > 255 =>
            {
                Err(BuildError::OutOfRange { field: "maximum distribution value" })
            }
            Self::Loss(distribution)
            | Self::Jitter(distribution)
            | Self::RoundTripTime(distribution)
            | Self::CumulativeLoss(distribution) => distribution.encode(out),
            Self::Collisions(ssrcs) => {
                out.zeros(2)?;
                out.bytes(ssrcs.as_flattened())
            }
            Self::GeneralStatistics(statistics) => out.bytes(&statistics.to_bytes()?),
            Self::Bandwidth(bandwidth) => out.bytes(&bandwidth.to_bytes()),
            Self::GroupSize(group_size) => out.bytes(&group_size.to_bytes()),
            Self::Other { data, .. } => out.bytes(data),
        }
    }
}

/// `group of 100, packets of 64 bytes`.
impl fmt::Display for RsiSubReport<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FeedbackTarget(target) => target.fmt(f),
            Self::Loss(distribution) => write!(f, "loss {distribution}"),
            Self::Jitter(distribution) => write!(f, "jitter {distribution}"),
            Self::RoundTripTime(distribution) => write!(f, "round-trip time {distribution}"),
            Self::CumulativeLoss(distribution) => write!(f, "cumulative loss {distribution}"),
            Self::Collisions(_) => {
                f.write_str("collisions")?;
                self.collisions().try_for_each(|ssrc| write!(f, " {ssrc:#010x}"))
            }
            Self::GeneralStatistics(statistics) => statistics.fmt(f),
            Self::Bandwidth(bandwidth) => bandwidth.fmt(f),
            Self::GroupSize(group_size) => group_size.fmt(f),
            Self::Other { report_type, data } => {
                write!(f, "sub-report {report_type} of {} bytes", data.len())
            }
        }
    }
}

/// The sub-reports of an RSI packet; what [`Rsi::sub_reports`](super::Rsi::sub_reports) gives.
#[derive(Clone, PartialEq, Eq)]
pub struct RsiSubReports<'a> {
    bytes: &'a [u8],
}

impl<'a> RsiSubReports<'a> {
    #[inline]
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }
}

impl<'a> Iterator for RsiSubReports<'a> {
    type Item = RsiSubReport<'a>;

    #[inline]
    fn next(&mut self) -> Option<RsiSubReport<'a>> {
        let (rest, report) = sub_report(self.bytes).ok()?;
        self.bytes = rest;
        Some(report)
    }
}

impl core::iter::FusedIterator for RsiSubReports<'_> {}

impl fmt::Debug for RsiSubReports<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

/// The sub-reports of a [`RsiBuilder`](super::RsiBuilder).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RsiSubReportList<'a> {
    /// New ones.
    Built(&'a [RsiSubReport<'a>]),
    /// Those of a view, byte for byte.
    Read(RsiSubReports<'a>),
}

/// Refuses what RFC 5760 sections 7 and 7.1.8 do not allow among the sub-reports of a packet.
#[inline]
fn check(reports: &[RsiSubReport<'_>]) -> Result<(), BuildError> {
    use RsiSubReportType as Type;
    let count =
        |report_type| reports.iter().filter(|report| report.report_type() == report_type).count();
    if count(Type::BANDWIDTH) + count(Type::GROUP_SIZE) == 0 {
        return Err(BuildError::OutOfRange { field: "sub-reports" });
    }
    let targets =
        [Type::IPV4_FEEDBACK_TARGET, Type::IPV6_FEEDBACK_TARGET, Type::DNS_FEEDBACK_TARGET];
    if targets.into_iter().any(|target| count(target) > 1) {
        return Err(BuildError::OutOfRange { field: "feedback targets" });
    }
    Ok(())
}

impl Encode for RsiSubReportList<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        match self {
            Self::Built(reports) => reports.iter().map(Encode::encoded_len).sum(),
            Self::Read(reports) => reports.bytes.len(),
        }
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        match self {
            Self::Built(reports) => {
                check(reports)?;
                reports.iter().try_for_each(|report| report.encode(out))
            }
            Self::Read(reports) => out.bytes(reports.bytes),
        }
    }
}

#[cfg(feature = "serde")]
mod json {
    use serde::ser::{Serialize, SerializeMap, Serializer};

    use super::{Distribution, FeedbackTarget, RsiSubReport, RsiSubReportType as Type};
    use crate::encode::Encode;
    use crate::ser::{Hex, List, text};

    impl Serialize for RsiSubReport<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            map.serialize_entry("srbt", &self.report_type().0)?;
            map.serialize_entry("type", type_name(self.report_type()))?;
            map.serialize_entry("length", &(self.encoded_len() / 4))?;
            match self {
                Self::FeedbackTarget(target) => {
                    map.serialize_entry("port", &target.port())?;
                    match target {
                        FeedbackTarget::Ipv4 { address, .. } => {
                            map.serialize_entry("address", &Text(address))?;
                        }
                        FeedbackTarget::Ipv6 { address, .. } => {
                            map.serialize_entry("address", &Text(address))?;
                        }
                        FeedbackTarget::DnsName { name, .. } => {
                            text(&mut map, ("name", "name_hex"), name)?;
                        }
                    }
                }
                Self::Loss(distribution)
                | Self::Jitter(distribution)
                | Self::RoundTripTime(distribution)
                | Self::CumulativeLoss(distribution) => buckets(&mut map, distribution)?,
                Self::Collisions(_) => map.serialize_entry("ssrcs", &List(self.collisions()))?,
                Self::GeneralStatistics(statistics) => {
                    map.serialize_entry("mfl", &statistics.mfl)?;
                    map.serialize_entry("hcnl", &statistics.hcnl)?;
                    let jitter = statistics.median_interarrival_jitter;
                    map.serialize_entry("median_jitter", &jitter)?;
                }
                Self::Bandwidth(bandwidth) => {
                    map.serialize_entry("s", &bandwidth.senders)?;
                    map.serialize_entry("r", &bandwidth.receivers)?;
                    map.serialize_entry("rtcp_bandwidth", &bandwidth.bandwidth)?;
                }
                Self::GroupSize(group) => {
                    map.serialize_entry("average_packet_size", &group.average_packet_size)?;
                    map.serialize_entry("receiver_group_size", &group.receiver_group_size)?;
                }
                Self::Other { data, .. } => map.serialize_entry("data", &Hex(data))?,
            }
            map.end()
        }
    }

    /// What `Display` writes, as a string.
    struct Text<T>(T);

    impl<T: core::fmt::Display> Serialize for Text<T> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(&self.0)
        }
    }

    /// Buckets that may hold more than a JSON number can are shown as bytes.
    fn buckets<M: SerializeMap>(
        map: &mut M,
        distribution: &Distribution<'_>,
    ) -> Result<(), M::Error> {
        map.serialize_entry("ndb", &distribution.bucket_count)?;
        map.serialize_entry("mf", &distribution.multiplicative_factor)?;
        map.serialize_entry("min", &distribution.min)?;
        map.serialize_entry("max", &distribution.max)?;
        if distribution.bucket_bits() > 53 {
            return map.serialize_entry("data", &Hex(distribution.buckets));
        }
        map.serialize_entry("buckets", &List(distribution.values()))
    }

    /// The registered name in snake case.
    fn type_name(report_type: Type) -> &'static str {
        match report_type {
            Type::IPV4_FEEDBACK_TARGET => "ipv4_feedback_target_address",
            Type::IPV6_FEEDBACK_TARGET => "ipv6_feedback_target_address",
            Type::DNS_FEEDBACK_TARGET => "dns_name_of_the_feedback_target",
            Type::LOSS => "loss_distribution",
            Type::JITTER => "jitter_distribution",
            Type::ROUND_TRIP_TIME => "round_trip_time_distribution",
            Type::CUMULATIVE_LOSS => "cumulative_loss_distribution",
            Type::COLLISIONS => "ssrc_collision_list",
            Type::GENERAL_STATISTICS => "general_statistics",
            Type::BANDWIDTH => "rtcp_bandwidth_indication",
            Type::GROUP_SIZE => "rtcp_group_and_average_packet_size",
            _ => "other",
        }
    }
}
