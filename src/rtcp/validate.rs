//! Rules for a whole datagram that a receiver may want to enforce: the compound rules of RFC 3550 (sections 6.1 and A.2),
//! and what RFC 5506 leaves of them for reduced-size RTCP.
//!
//! The walk does not ask for any of them: it reads what is there.

use core::fmt;

use super::{Compound, Header, Packet, PacketType, SdesItemType};
use crate::error::ParseError;

/// A rule that a datagram breaks, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule.
    pub rule: Rule,
    /// The packet that breaks it, counted from 0.
    pub packet: usize,
    /// The byte of the datagram at which it is seen.
    pub offset: usize,
}

/// What [`Compound::validate`] and [`Compound::validate_reduced_size`] ask of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// There is a packet (RFC 3550 section 6.1).
    NotEmpty,
    /// Each packet can be read: version 2, lengths that add up to the datagram's (RFC 3550 section A.2).
    Readable(ParseError),
    /// The first packet is SR or RR (RFC 3550 sections 6.1 and A.2).
    ReportFirst,
    /// Only the last packet is padded (RFC 3550 section 6.4.1: P).
    PaddingInLastOnly,
    /// Padding is a multiple of four bytes (RFC 3550 section 6.4.1: P).
    PaddingInWords,
    /// A packet of source descriptions holds a CNAME (RFC 3550 section 6.1).
    Cname,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rule {
            Rule::NotEmpty => f.write_str("no RTCP packet in the datagram")?,
            Rule::Readable(error) => return write!(f, "packet {}: {error}", self.packet),
            Rule::ReportFirst => f.write_str("the first packet is neither SR nor RR")?,
            Rule::PaddingInLastOnly => {
                write!(f, "packet {} is padded, and is not the last", self.packet)?;
            }
            Rule::PaddingInWords => {
                write!(f, "packet {} has padding that is not a multiple of 4 bytes", self.packet)?;
            }
            Rule::Cname => f.write_str("no SDES packet with a CNAME")?,
        }
        write!(f, " (byte {})", self.offset)
    }
}

impl core::error::Error for Violation {}

impl Compound<'_> {
    /// Holds what is left of the walk against the rules for a compound packet (RFC 3550 sections 6.1 and A.2).
    ///
    /// # Errors
    /// The first rule that is broken, in the order of the bytes.
    pub fn validate(&self) -> Result<(), Violation> {
        self.check(true)
    }

    /// Holds what is left of the walk against the rules for reduced-size RTCP: any packet may come first, and no
    /// CNAME is needed (RFC 5506 section 4.1).
    ///
    /// # Errors
    /// The first rule that is broken, in the order of the bytes.
    pub fn validate_reduced_size(&self) -> Result<(), Violation> {
        self.check(false)
    }

    fn check(&self, compound: bool) -> Result<(), Violation> {
        let mut walk = self.clone();
        let (mut index, mut cname) = (0, false);
        loop {
            let offset = walk.offset();
            let violation = |rule, offset| Err(Violation { rule, packet: index, offset });
            let packet = match walk.next() {
                Some(Ok(packet)) => packet,
                Some(Err(error)) => return violation(Rule::Readable(error), error.offset),
                None if index == 0 => return violation(Rule::NotEmpty, offset),
                None if compound && !cname => return violation(Rule::Cname, offset),
                None => return Ok(()),
            };
            let header: Header = packet.header();
            let report = matches!(header.packet_type(), PacketType::SR | PacketType::RR);
            if compound && index == 0 && !report {
                return violation(Rule::ReportFirst, offset);
            }
            if header.has_padding() {
                if !walk.rest().is_empty() {
                    return violation(Rule::PaddingInLastOnly, offset);
                }
                // The last byte of the packet, which ends where the walk has come to.
                if !packet.padding().len().is_multiple_of(4) {
                    return violation(Rule::PaddingInWords, walk.offset().saturating_sub(1));
                }
            }
            if let Packet::SourceDescription(sdes) = packet {
                cname |= sdes.chunks().any(|chunk| chunk.get(SdesItemType::CNAME).is_some());
            }
            index += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;
    use crate::testing::words;

    const RR: [u32; 2] = [0x80c9_0001, 1];
    const SDES: [u32; 4] = [0x81ca_0003, 1, 0x0103_6140, 0x6200_0000]; // CNAME a@b
    const PLI: [u32; 3] = [0x81ce_0002, 1, 2];
    const PADDED_BYE: [u32; 2] = [0xa0cb_0001, 4];

    fn rules(packets: &[&[u32]]) -> (Option<(Rule, usize, usize)>, Option<Rule>) {
        let datagram: Vec<u8> = packets.iter().flat_map(words).collect();
        let compound = Compound::new(&datagram);
        let broken = compound.validate().err();
        broken.iter().for_each(crate::testing::shows);
        let reduced = compound.validate_reduced_size().err();
        (broken.map(|v| (v.rule, v.packet, v.offset)), reduced.map(|v| v.rule))
    }

    #[test]
    fn each_rule_has_its_line() {
        for (rule, line) in [
            (Rule::NotEmpty, "no RTCP packet in the datagram (byte 8)"),
            (Rule::ReportFirst, "the first packet is neither SR nor RR (byte 8)"),
            (Rule::PaddingInLastOnly, "packet 2 is padded, and is not the last (byte 8)"),
            (
                Rule::PaddingInWords,
                "packet 2 has padding that is not a multiple of 4 bytes (byte 8)",
            ),
            (Rule::Cname, "no SDES packet with a CNAME (byte 8)"),
        ] {
            assert_eq!(Violation { rule, packet: 2, offset: 8 }.to_string(), line);
        }
    }

    #[test]
    fn a_compound_begins_with_a_report_and_has_a_cname() {
        assert_eq!(rules(&[&RR, &SDES]), (None, None));
        assert_eq!(rules(&[&RR, &SDES, &PLI, &PADDED_BYE]), (None, None));
        assert_eq!(rules(&[&SDES, &RR]), (Some((Rule::ReportFirst, 0, 0)), None));
        assert_eq!(rules(&[&RR, &PLI]), (Some((Rule::Cname, 2, 20)), None));
        assert_eq!(rules(&[]), (Some((Rule::NotEmpty, 0, 0)), Some(Rule::NotEmpty)));
    }

    #[test]
    fn only_the_last_packet_is_padded_and_in_words() {
        let early = Some((Rule::PaddingInLastOnly, 2, 24));
        assert_eq!(rules(&[&RR, &SDES, &PADDED_BYE, &PLI]), (early, Some(Rule::PaddingInLastOnly)));
        let odd = [0xa0dc_0001, 3];
        let expected = (Some((Rule::PaddingInWords, 2, 31)), Some(Rule::PaddingInWords));
        assert_eq!(rules(&[&RR, &SDES, &odd]), expected);
    }

    #[test]
    fn what_cannot_be_read_is_said_with_its_error() {
        let datagram: Vec<u8> = [&RR[..], &SDES, &[0x40c9_0000]].iter().flat_map(words).collect();
        let violation = Compound::new(&datagram).validate_reduced_size().unwrap_err();
        assert_eq!((violation.packet, violation.offset), (2, 24));
        let line = "packet 2: RTCP packet: version 1 is not supported (byte 24)";
        assert_eq!(violation.to_string(), line);
    }
}
