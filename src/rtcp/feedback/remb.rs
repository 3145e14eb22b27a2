//! Receiver estimated maximum bitrate, REMB: application layer feedback (draft-alvestrand-rmcat-remb-03 section 2).
//!
//! ```text
//! |V=2|P| FMT=15  |    PT=206     |         length=4+N            |  header.rs
//! |                    SSRC of packet sender                      |  sender_ssrc
//! |                SSRC of media source, not used: 0              |  media_ssrc
//! |                 identifier "R" "E" "M" "B"                    |  info
//! |      N        |  BR exp   |           BR mantissa             |
//! |                            SSRC                               |  N ssrcs
//! ```

use core::fmt;

use super::common::{
    START_LEN, bitrate, common_accessors, debug_start, exponent_and_mantissa, feedback_of,
    write_start,
};
use super::{Feedback, PayloadFeedbackFormat};
use crate::encode::{Encode, Sink, narrow};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, run};
use crate::rtcp::PacketType;
use crate::show::DebugList;
use crate::wire::{array, context, counted};

const IDENTIFIER: [u8; 4] = *b"REMB";
const INFO_LEN: usize = 8;
const MANTISSA_BITS: u32 = 18;

/// The bitrate that a receiver estimates a path to carry, for the sources that share it; read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Remb<'a> {
    common: Feedback<'a>,
    info: &'a [u8; INFO_LEN],
    ssrcs: &'a [[u8; 4]],
}

impl<'a> Remb<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type, format or identifier, a version other than 2, a length or padding beyond the packet; more
    /// SSRCs announced than there are, or bytes behind the last of them.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("REMB", bytes, remb)
    }

    common_accessors!();

    /// The exponent of the bitrate, 0 to 63.
    #[inline]
    pub const fn exponent(&self) -> u8 {
        let [.., high, _, _] = *self.info;
        high >> 2
    }

    /// The mantissa of the bitrate, 18 bits.
    #[inline]
    pub const fn mantissa(&self) -> u32 {
        let [.., high, middle, low] = *self.info;
        u32::from_be_bytes([0, high & 3, middle, low])
    }

    /// Mantissa × 2^exponent, in bits per second; `None` where that is beyond 64 bits.
    #[inline]
    pub fn bitrate_bps(&self) -> Option<u64> {
        bitrate(self.exponent(), self.mantissa())
    }

    /// The bitrate in bits per second; `u64::MAX` where [`bitrate_bps`](Self::bitrate_bps) has no number for it.
    #[inline]
    pub fn saturating_bitrate_bps(&self) -> u64 {
        self.bitrate_bps().unwrap_or(u64::MAX)
    }

    /// The sources that share the bitrate, 0 to 255.
    #[inline]
    pub fn ssrcs(&self) -> impl ExactSizeIterator<Item = u32> + Clone + use<'a> {
        self.ssrcs.iter().map(|&ssrc| u32::from_be_bytes(ssrc))
    }
}

#[inline]
fn remb(i: &[u8]) -> Step<'_, Remb<'_>> {
    let (rest, common) = feedback_of(PacketType::PSFB, PayloadFeedbackFormat::AFB.0)(i)?;
    let (_, remb) = remb_of(common)?;
    Ok((rest, remb))
}

/// Whether this control information is that of a REMB, right or wrong.
#[inline]
pub(crate) fn is_remb(fci: &[u8]) -> bool {
    fci.starts_with(&IDENTIFIER)
}

/// Validates the control information: after this no accessor and no iterator can fail.
#[inline]
pub(crate) fn remb_of(common: Feedback<'_>) -> Step<'_, Remb<'_>> {
    let fci = common.fci();
    let (list, info) = context("bitrate", array::<INFO_LEN>)(fci)?;
    if !is_remb(info) {
        let [a, b, c, d, ..] = *info;
        let kind = ErrorKind::Value { found: u32::from_be_bytes([a, b, c, d]) };
        return Err(Fail::field("identifier", fci, kind));
    }
    let [_, _, _, _, count, ..] = *info;
    let (rest, ssrcs) = context("SSRCs", counted(count.into()))(list)?;
    if !rest.is_empty() {
        let kind = ErrorKind::Count { need: list.len() - rest.len(), have: list.len() };
        return Err(Fail::field("bytes behind the last SSRC", rest, kind));
    }
    Ok((rest, Remb { common, info, ssrcs }))
}

impl fmt::Display for Remb<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "REMB sender={:#010x} media={:#010x}", self.sender_ssrc(), self.media_ssrc())?;
        match self.bitrate_bps() {
            Some(bitrate) => write!(f, " bitrate={bitrate}")?,
            None => write!(f, " bitrate={}*2^{}", self.mantissa(), self.exponent())?,
        }
        self.ssrcs().try_for_each(|ssrc| write!(f, " ssrc={ssrc:#010x}"))
    }
}

impl fmt::Debug for Remb<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug_start(f, "Remb", &self.common)
            .field("exponent", &self.exponent())
            .field("mantissa", &self.mantissa())
            .field("ssrcs", &DebugList(self.ssrcs()))
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Remb<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        super::common::serialize_start(&mut map, &self.common)?;
        super::common::serialize_bitrate(&mut map, self.exponent(), self.mantissa())?;
        map.serialize_entry("ssrcs", &crate::ser::List(self.ssrcs()))?;
        map.end()
    }
}

/// A REMB to be written: fill in the fields, or take a view's by `From`; then `write`.
///
/// ```
/// use mediawire::{Encode, rtcp::RembBuilder};
///
/// let ssrcs = [0x1234_5678u32.to_be_bytes()];
/// let remb = RembBuilder { sender_ssrc: 1, ssrcs: &ssrcs, ..Default::default() };
/// let mut buffer = [0; 64];
/// assert_eq!(remb.with_bitrate(2_500_000).write(&mut buffer)?, 24);
/// # Ok::<(), mediawire::BuildError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RembBuilder<'a> {
    /// As [`Remb::sender_ssrc`]; every field points to its accessor so.
    pub sender_ssrc: u32,
    /// As [`Remb::media_ssrc`]: 0 by the draft.
    pub media_ssrc: u32,
    /// As [`Remb::exponent`].
    pub exponent: u8,
    /// As [`Remb::mantissa`]; it need not be normalised.
    pub mantissa: u32,
    /// As [`Remb::ssrcs`], in wire form: from `u32::to_be_bytes`, or from a view.
    pub ssrcs: &'a [[u8; 4]],
    /// As [`Remb::padding`].
    pub padding: &'a [u8],
}

impl RembBuilder<'_> {
    /// The same with the mantissa and the smallest exponent that come nearest to `bitrate` from below; bits per second.
    #[inline]
    #[must_use]
    pub fn with_bitrate(self, bitrate: u64) -> Self {
        let (exponent, mantissa) = exponent_and_mantissa(bitrate, MANTISSA_BITS);
        Self { exponent, mantissa, ..self }
    }
}

impl<'a> From<Remb<'a>> for RembBuilder<'a> {
    fn from(packet: Remb<'a>) -> Self {
        Self {
            sender_ssrc: packet.sender_ssrc(),
            media_ssrc: packet.media_ssrc(),
            exponent: packet.exponent(),
            mantissa: packet.mantissa(),
            ssrcs: packet.ssrcs,
            padding: packet.padding(),
        }
    }
}

impl Encode for RembBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        START_LEN + INFO_LEN + self.ssrcs.as_flattened().len() + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if self.exponent > 0x3F {
            return Err(BuildError::OutOfRange { field: "exponent" });
        }
        if self.mantissa >> MANTISSA_BITS != 0 {
            return Err(BuildError::OutOfRange { field: "mantissa" });
        }
        let count = narrow("SSRCs", self.ssrcs.len())?;
        let [_, high, middle, low] = self.mantissa.to_be_bytes();
        let format = (PacketType::PSFB, PayloadFeedbackFormat::AFB.0);
        let ssrcs = (self.sender_ssrc, self.media_ssrc);
        write_start(out, format, ssrcs, self.encoded_len(), self.padding)?;
        *out.array()? = IDENTIFIER;
        *out.array()? = [count, (self.exponent << 2) | high, middle, low];
        out.bytes(self.ssrcs.as_flattened())?;
        out.bytes(self.padding)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;
    use crate::testing::{PADDINGS, refuses_every_truncation, words};

    // Chromium's, frame 25 of chromium-h264-remb.pcap; tshark reads exponent 4, mantissa 140256 out of it.
    const REMB: [u32; 7] = [
        0x8fce_0006, // V=2 P=0 FMT=15 PT=206 length=6
        0x0000_0001, // SSRC of packet sender
        0x0000_0000, // SSRC of media source, not used
        0x5245_4d42, // "REMB"
        0x0212_23e0, // 2 SSRCs, exponent 4, mantissa 140256
        0x4456_7f29, // SSRC
        0xa932_7cfc, // SSRC
    ];

    /// A REMB without SSRCs, with these exponent and mantissa bits.
    fn rate(bits: u32) -> Vec<u8> {
        words([0x8fce_0004, 1, 0, 0x5245_4d42, bits])
    }

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let bytes = words(REMB);
        let packet = Remb::parse(&bytes).unwrap();
        assert_eq!((packet.sender_ssrc(), packet.media_ssrc()), (1, 0));
        assert_eq!((packet.exponent(), packet.mantissa()), (4, 140_256));
        assert_eq!(packet.bitrate_bps(), Some(2_244_096)); // 140256 × 16
        assert_eq!(packet.ssrcs().collect::<Vec<_>>(), [0x4456_7f29, 0xa932_7cfc]);
        let line = "REMB sender=0x00000001 media=0x00000000 bitrate=2244096 ssrc=0x44567f29 ssrc=0xa9327cfc";
        assert_eq!(packet.to_string(), line);
        let builder = RembBuilder::from(packet);
        assert_eq!(builder.to_vec().unwrap(), bytes);
        let builder = RembBuilder { exponent: 0, mantissa: 0, ..builder }.with_bitrate(2_244_096);
        assert_eq!(builder.to_vec().unwrap(), bytes);
    }

    #[test]
    fn what_pion_wrote_means_what_pion_says() {
        // The rates of frames 11 to 16 of pion-rtcp-stun.pcap, as they are in pion-rtcp-stun.fields.txt.
        for (bits, bitrate) in [
            (0x0000_0000, Some(0)),         // 0.00 b/s
            (0x0000_7530, Some(30_000)),    // 30.00 Kb/s
            (0x001a_20df, Some(8_927_168)), // 8.93 Mb/s; 139487 × 2^6
            (0x0003_ffff, Some(262_143)),   // 262.14 Kb/s
            (0x0006_0000, Some(262_144)),   // 262.14 Kb/s
            (0x00be_0000, None), // 18.45 Eb/s; 131072 × 2^47 = 2^64, one more than 64 bits hold
        ] {
            assert_eq!(Remb::parse(&rate(bits)).unwrap().bitrate_bps(), bitrate, "{bits:#x}");
        }
    }

    #[test]
    fn a_rate_beyond_64_bits_saturates_and_says_so() {
        let bytes = rate(0x00ff_ffff);
        let packet = Remb::parse(&bytes).unwrap();
        assert_eq!((packet.exponent(), packet.mantissa()), (63, 0x3_FFFF));
        assert_eq!((packet.bitrate_bps(), packet.saturating_bitrate_bps()), (None, u64::MAX));
        assert!(packet.to_string().ends_with(" bitrate=262143*2^63"), "{packet}");
        // 0 is 0 whatever the exponent; 1 × 2^63 still fits.
        assert_eq!(Remb::parse(&rate(0x00fc_0000)).unwrap().bitrate_bps(), Some(0));
        assert_eq!(Remb::parse(&rate(0x00fc_0001)).unwrap().bitrate_bps(), Some(1 << 63));
        assert_eq!(Remb::parse(&rate(0x00fc_0002)).unwrap().bitrate_bps(), None);
    }

    #[test]
    fn keeps_a_mantissa_that_is_not_normalised_and_a_media_ssrc_that_should_be_0() {
        // Exponent 6, mantissa 1: 64 could be said with exponent 0.
        let bytes = words([0x8fce_0004, 1, 7, 0x5245_4d42, 0x0018_0001]);
        let packet = Remb::parse(&bytes).unwrap();
        assert_eq!((packet.exponent(), packet.mantissa(), packet.bitrate_bps()), (6, 1, Some(64)));
        assert_eq!(packet.media_ssrc(), 7);
        assert_eq!(RembBuilder::from(packet).to_vec().unwrap(), bytes);
    }

    #[test]
    fn a_bitrate_becomes_the_nearest_from_below() {
        let parts = |bitrate| {
            let builder = RembBuilder::default().with_bitrate(bitrate);
            (builder.exponent, builder.mantissa)
        };
        assert_eq!(parts(0), (0, 0));
        assert_eq!(parts(262_143), (0, 262_143));
        assert_eq!(parts(262_144), (1, 131_072));
        assert_eq!(parts(262_145), (1, 131_072));
        assert_eq!(parts(8_927_168), (6, 139_487));
        assert_eq!(parts(u64::MAX), (46, 0x3_FFFF));
    }

    #[test]
    fn refuses_every_truncation_and_a_count_that_differs_from_the_ssrcs() {
        refuses_every_truncation(&words(REMB), Remb::parse);
        let refused = |rows: &[u32]| {
            let error = Remb::parse(&words(rows)).unwrap_err();
            (error.field, error.offset, error.kind)
        };
        let kind = ErrorKind::Count { need: 8, have: 4 };
        assert_eq!(refused(&[0x8fce_0005, 1, 0, 0x5245_4d42, 0x0200_0000, 3]), ("SSRCs", 20, kind));
        let kind = ErrorKind::Count { need: 4, have: 8 };
        let more = [0x8fce_0006, 1, 0, 0x5245_4d42, 0x0100_0000, 3, 4];
        assert_eq!(refused(&more), ("bytes behind the last SSRC", 24, kind));
        let kind = ErrorKind::Value { found: 0x4c4e_5446 };
        assert_eq!(refused(&[0x8fce_0004, 1, 0, 0x4c4e_5446, 0]), ("identifier", 12, kind));
        let kind = ErrorKind::Truncated { need: 8, have: 4 };
        assert_eq!(refused(&[0x8fce_0003, 1, 0, 0x5245_4d42]), ("bitrate", 12, kind));
    }

    #[test]
    fn padding_is_no_ssrc() {
        let bytes = words([0xafce_0005, 1, 0, 0x5245_4d42, 0x0000_0001, 4]);
        let packet = Remb::parse(&bytes).unwrap();
        assert_eq!((packet.ssrcs().len(), packet.padding()), (0, &[0, 0, 0, 4][..]));
    }

    #[test]
    fn refuses_to_build_what_the_draft_forbids() {
        let out_of_range = |field| Err(BuildError::OutOfRange { field });
        let wide = RembBuilder { exponent: 64, ..Default::default() };
        assert_eq!(wide.to_vec(), out_of_range("exponent"));
        let wide = RembBuilder { mantissa: 1 << 18, ..Default::default() };
        assert_eq!(wide.to_vec(), out_of_range("mantissa"));
        let many = RembBuilder { ssrcs: &[[0; 4]; 256], ..Default::default() };
        assert_eq!(many.to_vec(), out_of_range("SSRCs"));
    }

    #[test]
    #[cfg(feature = "serde")]
    fn is_shown_as_the_inspector_shows_it() {
        // inspect-json.md, frame 5, index 10.
        let json = r#"{"version":2,"padding":false,"packet_type":206,"length":5,"padding_size":0,"type":"remb","fmt":15,"sender_ssrc":1,"media_ssrc":0,"exponent":6,"mantissa":139487,"bitrate_bps":8927168,"ssrcs":[1215622422]}"#;
        let bytes = words([0x8fce_0005, 1, 0, 0x5245_4d42, 0x011a_20df, 1_215_622_422]);
        let packet = Remb::parse(&bytes).unwrap();
        assert_eq!(serde_json::to_string(&packet).unwrap(), json);
        // 2^53 is left out; 0 is shown.
        let shown = |bits| serde_json::to_string(&Remb::parse(&rate(bits)).unwrap()).unwrap();
        assert!(!shown(0x00d4_0001).contains("bitrate_bps"));
        assert!(shown(0x00d0_0001).contains(r#""bitrate_bps":4503599627370496"#));
        assert!(shown(0x0000_0000).contains(r#""bitrate_bps":0"#));
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (sender_ssrc, media_ssrc) in any::<(u32, u32)>(),
            (exponent, mantissa) in (0u8..64, 0u32..1 << 18),
            ssrcs in prop::collection::vec(any::<[u8; 4]>(), 0..256),
            padding in prop::sample::select(PADDINGS),
        ) {
            let ssrcs = &ssrcs[..];
            let builder = RembBuilder { sender_ssrc, media_ssrc, exponent, mantissa, ssrcs, padding };
            let bytes = builder.to_vec().unwrap();
            prop_assert_eq!(RembBuilder::from(Remb::parse(&bytes).unwrap()), builder);
        }

        #[test]
        fn a_bitrate_is_never_exceeded_and_lost_by_less_than_one_part_in_131072(bitrate in any::<u64>()) {
            let bytes = RembBuilder::default().with_bitrate(bitrate).to_vec().unwrap();
            let found = Remb::parse(&bytes).unwrap().bitrate_bps().unwrap();
            prop_assert!(found <= bitrate && bitrate - found <= bitrate >> 17);
        }
    }
}
