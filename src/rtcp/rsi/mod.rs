//! Receiver summary information, RSI (RFC 5760 section 7.1.1), and its sub-reports, one file a layout.
//!
//! ```text
//! |V=2|P|reserved |    PT=209     |            length             |  header.rs
//! |                            SSRC                               |  info
//! |                       summarized SSRC                         |
//! |                    NTP timestamp, 8 bytes                     |
//! |          sub-report blocks, see sub_report.rs                 |  sub_reports
//! ```

mod bandwidth;
mod distribution;
mod feedback_target;
mod group_size;
mod statistics;
mod sub_report;

pub use bandwidth::RtcpBandwidth;
pub use distribution::{Distribution, DistributionBuckets};
pub use feedback_target::FeedbackTarget;
pub use group_size::GroupAndAveragePacketSize;
pub use statistics::GeneralStatistics;
pub use sub_report::{RsiSubReport, RsiSubReportList, RsiSubReportType, RsiSubReports};

use byteorder::{BE, ByteOrder};
use core::fmt;
use core::ops::Range;

use super::header::{packet_of, write_header};
use super::{Header, PacketType};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::ntp::NtpTime;
use crate::wire::{array, context};

// Places before the sub-reports, for reading and for writing.
const SSRC: Range<usize> = 0..4;
const SUMMARIZED: Range<usize> = 4..8;
const NTP: Range<usize> = 8..16;
const INFO_LEN: usize = NTP.end;

/// What all receivers of a stream together report, as its distribution source sums it up; read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Rsi<'a> {
    header: Header,
    info: &'a [u8; INFO_LEN],
    sub_reports: &'a [u8],
    padding: &'a [u8],
}

impl<'a> Rsi<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type, a version other than 2, a length or padding beyond the packet; a sub-report that does not
    /// lie within the packet, or whose length is not that of its type.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("RSI", bytes, rsi)
    }

    /// The packet's first four bytes.
    #[inline]
    pub const fn header(&self) -> Header {
        self.header
    }

    /// The five reserved bits of the header.
    #[inline]
    pub const fn reserved(&self) -> u8 {
        self.header.count()
    }

    /// The distribution source.
    #[inline]
    pub fn ssrc(&self) -> u32 {
        BE::read_u32(&self.info[SSRC])
    }

    /// The media sender that the summary is about.
    #[inline]
    pub fn summarized_ssrc(&self) -> u32 {
        BE::read_u32(&self.info[SUMMARIZED])
    }

    /// Wall clock at sending.
    #[inline]
    pub fn ntp_timestamp(&self) -> NtpTime {
        NtpTime(BE::read_u64(&self.info[NTP]))
    }

    /// The sub-reports, in the order of the wire.
    #[inline]
    pub const fn sub_reports(&self) -> RsiSubReports<'a> {
        RsiSubReports::new(self.sub_reports)
    }

    /// All bytes of the padding, the count at its end included; empty without padding.
    #[inline]
    pub const fn padding(&self) -> &'a [u8] {
        self.padding
    }
}

/// Validates the whole packet: after this no accessor and no iterator can fail.
#[inline]
pub(crate) fn rsi(i: &[u8]) -> Step<'_, Rsi<'_>> {
    let (rest, packet) = packet_of(PacketType::RSI)(i)?;
    let (sub_reports, info) = context("SSRCs and NTP timestamp", array)(packet.body)?;
    let mut left = sub_reports;
    while !left.is_empty() {
        (left, _) = sub_report::sub_report(left)?;
    }
    let (header, padding) = (packet.header, packet.padding);
    Ok((rest, Rsi { header, info, sub_reports, padding }))
}

/// `RSI ssrc=0x00000001 summarized=0x00000002 ntp=0.000000000 [group of 100, packets of 64 bytes]`.
impl fmt::Display for Rsi<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RSI ssrc={:#010x} summarized={:#010x}", self.ssrc(), self.summarized_ssrc())?;
        write!(f, " ntp={}", self.ntp_timestamp())?;
        self.sub_reports().try_for_each(|report| write!(f, " [{report}]"))
    }
}

impl fmt::Debug for Rsi<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rsi")
            .field("reserved", &self.reserved())
            .field("ssrc", &self.ssrc())
            .field("summarized_ssrc", &self.summarized_ssrc())
            .field("ntp_timestamp", &self.ntp_timestamp())
            .field("sub_reports", &self.sub_reports())
            .field("padding", &self.padding())
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Rsi<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        super::header::serialize_header(&mut map, self.header, self.padding, "rsi", "count")?;
        map.serialize_entry("ssrc", &self.ssrc())?;
        map.serialize_entry("summarized_ssrc", &self.summarized_ssrc())?;
        map.serialize_entry("ntp_seconds", &self.ntp_timestamp().seconds())?;
        map.serialize_entry("ntp_fraction", &self.ntp_timestamp().fraction())?;
        map.serialize_entry("sub_reports", &crate::ser::List(self.sub_reports()))?;
        map.end()
    }
}

/// Receiver summary information to be written: fill in the fields, or take a view's by `From`; then `write`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RsiBuilder<'a> {
    /// As [`Rsi::reserved`]; every field points to its accessor so.
    pub reserved: u8,
    /// As [`Rsi::ssrc`].
    pub ssrc: u32,
    /// As [`Rsi::summarized_ssrc`].
    pub summarized_ssrc: u32,
    /// As [`Rsi::ntp_timestamp`].
    pub ntp_timestamp: NtpTime,
    /// New ones have to have one of [`RsiSubReport::GroupSize`] and [`RsiSubReport::Bandwidth`], and no two feedback
    /// targets of one kind.
    pub sub_reports: RsiSubReportList<'a>,
    /// As [`Rsi::padding`].
    pub padding: &'a [u8],
}

impl<'a> From<Rsi<'a>> for RsiBuilder<'a> {
    fn from(packet: Rsi<'a>) -> Self {
        Self {
            reserved: packet.reserved(),
            ssrc: packet.ssrc(),
            summarized_ssrc: packet.summarized_ssrc(),
            ntp_timestamp: packet.ntp_timestamp(),
            sub_reports: RsiSubReportList::Read(packet.sub_reports()),
            padding: packet.padding,
        }
    }
}

impl Encode for RsiBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        Header::LEN + INFO_LEN + self.sub_reports.encoded_len() + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let (reserved, len) = (self.reserved.into(), self.encoded_len());
        write_header(out.array()?, PacketType::RSI, reserved, len, self.padding)?;
        let info = out.array::<INFO_LEN>()?;
        BE::write_u32(&mut info[SSRC], self.ssrc);
        BE::write_u32(&mut info[SUMMARIZED], self.summarized_ssrc);
        BE::write_u64(&mut info[NTP], self.ntp_timestamp.0);
        self.sub_reports.encode(out)?;
        out.bytes(self.padding)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use core::net::{Ipv4Addr, Ipv6Addr};
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;
    use crate::error::ErrorKind;
    use crate::testing::{PADDINGS, refuses_every_truncation, words};

    // RFC 5760 sections 7.1.1 to 7.1.12, row by row.
    const RSI: [u32; 40] = [
        0x80d1_0027, // V=2 P=0 reserved PT=209 length=39
        0x0000_0001, // SSRC
        0x0000_0002, // summarized SSRC
        0xe717_2f27, // NTP timestamp: 3877056295
        0x8000_0000, // and a half
        0x0002_1388, // SRBT 0, length 2, port 5000
        0xc000_0201, // 192.0.2.1
        0x0105_1389, // SRBT 1, length 5, port 5001
        0x2001_0db8, // 2001:db8::1
        0x0000_0000,
        0x0000_0000,
        0x0000_0001,
        0x0203_138a, // SRBT 2, length 3, port 5002
        0x612e_6578, // "a.ex"
        0x6100_0000, // "a", null bytes up to the boundary
        0x0405_0109, // SRBT 4, length 5, NDB 16, MF 9: the first method of appendix B.4
        0x0000_0000, // minimum
        0x0000_0027, // maximum 39
        0x49c2_0000, // buckets of four bits: 4 9 12 2 0 0 0 0
        0x1811_1000, // 1 8 1 1 1 0 0 0
        0x0804_0000, // SRBT 8, length 4, reserved
        0x0000_000a, // collision SSRC
        0x0000_000b, // collision SSRC
        0x0000_000c, // collision SSRC
        0x0a03_0000, // SRBT 10, length 3, reserved
        0x40ff_ffff, // MFL 64, HCNL not provided
        0x0000_0063, // median inter-arrival jitter 99
        0x0b02_4000, // SRBT 11, length 2, R
        0x0001_8000, // 1.5 kbit/s
        0x0c02_0040, // SRBT 12, length 2, average packet size 64
        0x0000_0064, // receiver group size 100
        0x0504_0010, // SRBT 5, length 4, NDB 1, MF 0
        0x0000_0000, // minimum
        0x0000_0001, // maximum
        0x0000_0007, // one bucket of 32 bits
        0x0902_abcd, // SRBT 9, length 2, which is reserved
        0xdead_beef,
        0x0603_0000, // SRBT 6, length 3, NDB 0
        0x0000_0000, // minimum
        0x0000_0001, // maximum
    ];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(RSI);
        let packet = Rsi::parse(&bytes).unwrap();
        assert_eq!((packet.ssrc(), packet.summarized_ssrc()), (1, 2));
        assert_eq!(packet.ntp_timestamp(), NtpTime::new(0xe717_2f27, 0x8000_0000));
        let reports: Vec<_> = packet.sub_reports().collect();
        assert_eq!(reports.len(), 11);
        let ipv4 = FeedbackTarget::Ipv4 { port: 5000, address: Ipv4Addr::new(192, 0, 2, 1) };
        assert_eq!(reports[0], RsiSubReport::FeedbackTarget(ipv4));
        let address = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
        let ipv6 = FeedbackTarget::Ipv6 { port: 5001, address };
        assert_eq!(reports[1], RsiSubReport::FeedbackTarget(ipv6));
        let name = FeedbackTarget::DnsName { port: 5002, name: b"a.exa", fill: &[0, 0, 0] };
        assert_eq!(reports[2], RsiSubReport::FeedbackTarget(name));
        let RsiSubReport::Loss(loss) = reports[3] else { panic!("{:?}", reports[3]) };
        assert_eq!((loss.min, loss.max, loss.multiplicative_factor), (0, 39, 9));
        let values: Vec<_> = loss.values().collect();
        assert_eq!(values, [4, 9, 12, 2, 0, 0, 0, 0, 1, 8, 1, 1, 1, 0, 0, 0]);
        let ssrcs: Vec<_> = reports[4].collisions().collect();
        assert_eq!(ssrcs, [10, 11, 12]);
        let RsiSubReport::GeneralStatistics(statistics) = reports[5] else { panic!() };
        assert_eq!(statistics.median_fraction_lost(), Some(64));
        assert_eq!(statistics.highest_cumulative_lost(), None);
        assert_eq!(statistics.median_jitter(), Some(99));
        let bandwidth = RtcpBandwidth { senders: false, receivers: true, bandwidth: 0x0001_8000 };
        assert_eq!(reports[6], RsiSubReport::Bandwidth(bandwidth));
        let group = GroupAndAveragePacketSize { average_packet_size: 64, receiver_group_size: 100 };
        assert_eq!(reports[7], RsiSubReport::GroupSize(group));
        let RsiSubReport::Jitter(jitter) = reports[8] else { panic!() };
        assert_eq!(jitter.values().collect::<Vec<_>>(), [7]);
        let data = &[0xAB, 0xCD, 0xDE, 0xAD, 0xBE, 0xEF];
        let other = RsiSubReport::Other { report_type: RsiSubReportType(9), data };
        assert_eq!(reports[9], other);
        let RsiSubReport::RoundTripTime(empty) = reports[10] else { panic!() };
        assert_eq!((empty.bucket_bits(), empty.values().len()), (0, 0));
    }

    #[test]
    fn writes_what_it_reads() {
        let bytes = words(RSI);
        let packet = Rsi::parse(&bytes).unwrap();
        let builder = RsiBuilder::from(packet);
        assert_eq!(builder.to_vec().unwrap(), bytes);
        let reports: Vec<_> = packet.sub_reports().collect();
        let sub_reports = RsiSubReportList::Built(&reports);
        assert_eq!(RsiBuilder { sub_reports, ..builder }.to_vec().unwrap(), bytes);
        let line = "RSI ssrc=0x00000001 summarized=0x00000002 ntp=3877056295.500000000 \
                    [feedback to 192.0.2.1:5000] [feedback to [2001:db8::1]:5001] \
                    [feedback to a.exa:5002] \
                    [loss 0 to 39: 4 9 12 2 0 0 0 0 1 8 1 1 1 0 0 0 x 512] \
                    [collisions 0x0000000a 0x0000000b 0x0000000c] \
                    [statistics fraction_lost=64/256 jitter=99] \
                    [bandwidth 1500 bit/s for receivers] [group of 100, packets of 64 bytes] \
                    [jitter 0 to 1: 7 x 1] [sub-report 9 of 6 bytes] [round-trip time 0 to 1: x 1]";
        assert_eq!(packet.to_string(), line);
    }

    #[test]
    fn refuses_every_truncation_and_sub_reports_beyond_the_packet() {
        refuses_every_truncation(&words(RSI), Rsi::parse);
        let refused = |reports: &[u32]| {
            let length = u32::try_from(reports.len() + 4).unwrap();
            let bytes = words([&[0x80d1_0000 + length, 1, 2, 3, 4], reports].concat());
            let error = Rsi::parse(&bytes).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let length = |found, have| ErrorKind::Length { found, have };
        // Length 0 would never end, length 2 is beyond, and each layout has its own.
        assert_eq!(refused(&[0x0c00_0000]), ("sub-report length", 21, length(0, 4)));
        assert_eq!(refused(&[0x0c02_0000]), ("sub-report length", 21, length(8, 4)));
        assert_eq!(refused(&[0x0001_1388]), ("sub-report length", 21, length(4, 8)));
        assert_eq!(refused(&[0x0102_1388, 0]), ("sub-report length", 21, length(8, 20)));
        assert_eq!(refused(&[0x0a02_0000, 0]), ("sub-report length", 21, length(8, 12)));
        assert_eq!(refused(&[0x0b03_0000, 0, 0]), ("sub-report length", 21, length(12, 8)));
        assert_eq!(refused(&[0x0c01_0000]), ("sub-report length", 21, length(4, 8)));
        assert_eq!(refused(&[0x0702_0000, 0]), ("sub-report length", 21, length(8, 12)));
        // 17 buckets in 32 bits would have less than two bits each.
        let kind = ErrorKind::Count { need: 5, have: 4 };
        assert_eq!(refused(&[0x0404_0110, 0, 1, 0]), ("distribution buckets", 32, kind));
        // A second sub-report has its place too.
        assert_eq!(
            refused(&[0x0c02_0000, 0, 0x0c00_0000]),
            ("sub-report length", 29, length(0, 4))
        );
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        let build = |reports: &[RsiSubReport<'_>]| {
            RsiBuilder {
                reserved: 0,
                ssrc: 1,
                summarized_ssrc: 2,
                ntp_timestamp: NtpTime(3),
                sub_reports: RsiSubReportList::Built(reports),
                padding: &[],
            }
            .to_vec()
        };
        let out_of_range = |field| Err(BuildError::OutOfRange { field });
        let group = GroupAndAveragePacketSize { average_packet_size: 64, receiver_group_size: 100 };
        let group = RsiSubReport::GroupSize(group);
        assert!(build(&[group]).is_ok());
        assert_eq!(build(&[]), out_of_range("sub-reports"));
        let target = FeedbackTarget::Ipv4 { port: 1, address: Ipv4Addr::LOCALHOST };
        let target = RsiSubReport::FeedbackTarget(target);
        assert!(build(&[group, target]).is_ok());
        assert_eq!(build(&[group, target, target]), out_of_range("feedback targets"));
        let long = RsiSubReport::Collisions(&[[0; 4]; 255]);
        assert_eq!(build(&[group, long]), out_of_range("sub-report length"));
        let short = RsiSubReport::Other { report_type: RsiSubReportType(3), data: &[1, 2, 3] };
        let field = "length, a multiple of 4 bytes";
        assert_eq!(build(&[group, short]), out_of_range(field));
    }

    #[cfg(feature = "serde")]
    #[test]
    fn its_json_names_the_fields_of_the_layout() {
        let bytes = words(RSI);
        let packet = Rsi::parse(&bytes).unwrap();
        let json: serde_json::Value = serde_json::to_value(packet).unwrap();
        let expected = serde_json::json!({
            "version": 2, "padding": false, "packet_type": 209, "length": 39, "padding_size": 0,
            "type": "rsi", "count": 0, "ssrc": 1, "summarized_ssrc": 2,
            "ntp_seconds": 3_877_056_295u32, "ntp_fraction": 2_147_483_648u32,
            "sub_reports": [
                {"srbt": 0, "type": "ipv4_feedback_target_address", "length": 2, "port": 5000, "address": "192.0.2.1"},
                {"srbt": 1, "type": "ipv6_feedback_target_address", "length": 5, "port": 5001, "address": "2001:db8::1"},
                {"srbt": 2, "type": "dns_name_of_the_feedback_target", "length": 3, "port": 5002, "name": "a.exa"},
                {"srbt": 4, "type": "loss_distribution", "length": 5, "ndb": 16, "mf": 9, "min": 0, "max": 39,
                 "buckets": [4, 9, 12, 2, 0, 0, 0, 0, 1, 8, 1, 1, 1, 0, 0, 0]},
                {"srbt": 8, "type": "ssrc_collision_list", "length": 4, "ssrcs": [10, 11, 12]},
                {"srbt": 10, "type": "general_statistics", "length": 3, "mfl": 64, "hcnl": 0xFF_FFFF, "median_jitter": 99},
                {"srbt": 11, "type": "rtcp_bandwidth_indication", "length": 2, "s": false, "r": true, "rtcp_bandwidth": 98_304},
                {"srbt": 12, "type": "rtcp_group_and_average_packet_size", "length": 2, "average_packet_size": 64, "receiver_group_size": 100},
                {"srbt": 5, "type": "jitter_distribution", "length": 4, "ndb": 1, "mf": 0, "min": 0, "max": 1, "buckets": [7]},
                {"srbt": 9, "type": "other", "length": 2, "data": "abcddeadbeef"},
                {"srbt": 6, "type": "round_trip_time_distribution", "length": 3, "ndb": 0, "mf": 0, "min": 0, "max": 1,
                 "buckets": []},
            ],
        });
        assert_eq!(json, expected);

        // The last one as SRBT 7 (RFC 5760 section 7.1.7).
        let mut bytes = bytes;
        let srbt = bytes.len() - 12;
        assert_eq!(bytes[srbt], 6);
        bytes[srbt] = 7;
        let json = serde_json::to_value(Rsi::parse(&bytes).unwrap()).unwrap();
        assert_eq!(json["sub_reports"][10]["type"], "cumulative_loss_distribution");
    }

    proptest! {
        #[test]
        fn what_parses_is_written_again(
            mut body in prop::collection::vec(prop_oneof![4 => 0u8..13, 1 => any::<u8>()], 16..80),
            padding in any::<bool>(),
        ) {
            body.truncate(body.len() / 4 * 4);
            let length = u8::try_from(body.len() / 4).unwrap();
            let mut bytes = std::vec![0x80 | (u8::from(padding) << 5), 209, 0, length];
            bytes.extend(body);
            if let Ok(packet) = Rsi::parse(&bytes) {
                prop_assert!(!packet.to_string().is_empty());
                prop_assert_eq!(RsiBuilder::from(packet).to_vec().unwrap(), bytes);
            }
        }

        #[test]
        fn reads_the_sub_reports_that_it_writes(
            (port, address, name) in (1u16.., any::<u128>(), "[a-z.]{0,12}"),
            (average_packet_size, receiver_group_size) in any::<(u16, u32)>(),
            (senders, receivers, bandwidth) in any::<(bool, bool, u32)>(),
            ssrcs in prop::collection::vec(any::<[u8; 4]>(), 0..5),
            padding in prop::sample::select(PADDINGS),
        ) {
            let address = Ipv6Addr::from(address);
            let reports = [
                RsiSubReport::FeedbackTarget(FeedbackTarget::Ipv6 { port, address }),
                RsiSubReport::FeedbackTarget(FeedbackTarget::dns_name(port, name.as_bytes())),
                RsiSubReport::GroupSize(GroupAndAveragePacketSize { average_packet_size, receiver_group_size }),
                RsiSubReport::Bandwidth(RtcpBandwidth { senders, receivers, bandwidth }),
                RsiSubReport::Collisions(&ssrcs),
            ];
            let builder = RsiBuilder {
                reserved: 0,
                ssrc: 1,
                summarized_ssrc: 2,
                ntp_timestamp: NtpTime(3),
                sub_reports: RsiSubReportList::Built(&reports),
                padding,
            };
            let bytes = builder.to_vec().unwrap();
            let packet = Rsi::parse(&bytes).unwrap();
            prop_assert_eq!(packet.padding(), padding);
            prop_assert!(packet.sub_reports().eq(reports));
        }
    }
}
