//! VoIP metrics report block (RFC 3611 section 4.7).
//!
//! ```text
//! |     BT=7      |   reserved    |       block length = 8        |
//! |                        SSRC of source                         |
//! |   loss rate   | discard rate  | burst density |  gap density  |
//! |       burst duration          |         gap duration          |
//! |     round trip delay          |       end system delay        |
//! | signal level  |  noise level  |     RERL      |     Gmin      |
//! |   R factor    | ext. R factor |    MOS-LQ     |    MOS-CQ     |
//! |   RX config   |   reserved    |          JB nominal           |
//! |          JB maximum           |          JB abs max           |
//! ```

use core::time::Duration;

use super::fixed::fixed_block;
use crate::error::BuildError;

/// What stands in place of a level, an R factor or a MOS that is not known.
const UNAVAILABLE: u8 = 127;
/// The gap threshold that the standard recommends.
const GMIN: u8 = 16;

fixed_block! {
    /// The quality of a voice call, read in place: the numbers of the wire, and beside them those in human units.
    ///
    /// A new builder has 127, "unavailable", where the standard has that, and a Gmin of 16.
    VoipMetrics, VoipMetricsBuilder: VOIP_METRICS, "VoIP metrics block", length 8, refuse forbidden;

    /// The source that it reports on.
    ssrc: u32 = 1: 0..32;
    /// The part of the packets lost since the beginning, in 1/256; section 4.7.1.
    loss_rate: u8 = 2: 0..8;
    /// The part of the packets discarded for coming late or early, in 1/256.
    discard_rate: u8 = 2: 8..16;
    /// The part lost or discarded within bursts, in 1/256; section 4.7.2.
    burst_density: u8 = 2: 16..24;
    /// The part lost or discarded within the gaps between bursts, in 1/256.
    gap_density: u8 = 2: 24..32;
    /// The mean length of the bursts, in ms.
    burst_duration: u16 = 3: 0..16;
    /// The mean length of the gaps, in ms.
    gap_duration: u16 = 3: 16..32;
    /// The last round-trip time between the RTP interfaces, in ms; 0 while there is none. Section 4.7.3.
    round_trip_delay: u16 = 4: 0..16;
    /// The delay of encoding, jitter buffer and decoding together, in ms; 0 if it is not known.
    end_system_delay: u16 = 4: 16..32;
    /// The level of the voice, in dBm0; 127 if it is not known. Section 4.7.4.
    signal_level: i8 = 5: 0..8, default UNAVAILABLE.cast_signed();
    /// The level of the noise in silence, in dBm0; 127 if it is not known.
    noise_level: i8 = 5: 8..16, default UNAVAILABLE.cast_signed();
    /// Residual echo return loss, in dB; 127 if it is not known.
    rerl: u8 = 5: 16..24, default UNAVAILABLE;
    /// The gap threshold: so many packets received one behind the other end a burst; not 0. Section 4.7.6.
    gmin: u8 = 5: 24..32, default GMIN;
    /// R factor, 0 to 100; 127 if it is not known. Section 4.7.5.
    r_factor: u8 = 6: 0..8, default UNAVAILABLE;
    /// R factor of a network beyond the RTP session, 0 to 100; 127 if it is not known.
    ext_r_factor: u8 = 6: 8..16, default UNAVAILABLE;
    /// Mean opinion score for listening, times 10: 10 to 50; 127 if it is not known.
    mos_lq: u8 = 6: 16..24, default UNAVAILABLE;
    /// Mean opinion score for conversation, times 10: 10 to 50; 127 if it is not known.
    mos_cq: u8 = 6: 24..32, default UNAVAILABLE;
    /// Packet loss concealment: unspecified (0), disabled (1), enhanced (2), standard (3). Section 4.7.6.
    plc: u8 = 7: 0..2;
    /// The jitter buffer: unknown (0), reserved (1), non-adaptive (2), adaptive (3).
    jba: u8 = 7: 2..4;
    /// How fast an adaptive jitter buffer adjusts: 2 × this × frame length; 0 if it is not known.
    jb_rate: u8 = 7: 4..8;
    /// The nominal delay of the jitter buffer, in ms. Section 4.7.7.
    jb_nominal: u16 = 7: 16..32;
    /// Its maximum delay as it is now, in ms.
    jb_maximum: u16 = 8: 0..16;
    /// The maximum delay that it can ever reach, in ms; 65,535 for that and more.
    jb_abs_max: u16 = 8: 16..32;
}

impl VoipMetrics<'_> {
    /// The round-trip time; `None` while there is no estimate.
    #[inline]
    pub fn round_trip_time(&self) -> Option<Duration> {
        milliseconds(self.round_trip_delay())
    }

    /// The end system's delay; `None` if it is not known.
    #[inline]
    pub fn end_system_time(&self) -> Option<Duration> {
        milliseconds(self.end_system_delay())
    }

    /// The level of the voice, in dBm0; `None` if it is not known.
    #[inline]
    pub fn signal_level_dbm(&self) -> Option<i8> {
        Some(self.signal_level()).filter(|&level| level != UNAVAILABLE.cast_signed())
    }

    /// The level of the noise, in dBm0; `None` if it is not known.
    #[inline]
    pub fn noise_level_dbm(&self) -> Option<i8> {
        Some(self.noise_level()).filter(|&level| level != UNAVAILABLE.cast_signed())
    }

    /// Residual echo return loss, in dB; `None` if it is not known.
    #[inline]
    pub fn rerl_db(&self) -> Option<u8> {
        Some(self.rerl()).filter(|&loss| loss != UNAVAILABLE)
    }

    /// R factor, 0 to 100; `None` if it is not known, or a value that the standard has a receiver ignore.
    #[inline]
    pub fn r_factor_score(&self) -> Option<u8> {
        r_factor(self.r_factor())
    }

    /// R factor beyond the RTP session, 0 to 100; `None` as with [`r_factor_score`](Self::r_factor_score).
    #[inline]
    pub fn ext_r_factor_score(&self) -> Option<u8> {
        r_factor(self.ext_r_factor())
    }

    /// Mean opinion score for listening, 1.0 to 5.0; `None` as with [`r_factor_score`](Self::r_factor_score).
    #[inline]
    pub fn mos_lq_score(&self) -> Option<f32> {
        mos(self.mos_lq())
    }

    /// Mean opinion score for conversation, 1.0 to 5.0; `None` as with [`r_factor_score`](Self::r_factor_score).
    #[inline]
    pub fn mos_cq_score(&self) -> Option<f32> {
        mos(self.mos_cq())
    }
}

/// Milliseconds, of which 0 are none.
#[inline]
fn milliseconds(delay: u16) -> Option<Duration> {
    (delay != 0).then(|| Duration::from_millis(delay.into()))
}

#[inline]
fn r_factor(score: u8) -> Option<u8> {
    Some(score).filter(|score| (0..=100).contains(score))
}

#[inline]
fn mos(tenths: u8) -> Option<f32> {
    (10..=50).contains(&tenths).then(|| f32::from(tenths) / 10.0)
}

/// What RFC 3611 forbids: scores out of their scale, a Gmin of 0.
fn forbidden(block: &VoipMetricsBuilder) -> Result<(), BuildError> {
    let scores = [
        ("gmin", block.gmin != 0),
        ("r_factor", matches!(block.r_factor, 0..=100 | UNAVAILABLE)),
        ("ext_r_factor", matches!(block.ext_r_factor, 0..=100 | UNAVAILABLE)),
        ("mos_lq", matches!(block.mos_lq, 10..=50 | UNAVAILABLE)),
        ("mos_cq", matches!(block.mos_cq, 10..=50 | UNAVAILABLE)),
    ];
    match scores.into_iter().find(|&(_, allowed)| !allowed) {
        Some((field, _)) => Err(BuildError::OutOfRange { field }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::encode::Encode;
    use crate::testing::words;

    // The block of pion-rtcp-stun.pcap, frame 24, with pion's print of it in the file beside it.
    const BLOCK: [u32; 9] = [
        0x0700_0008,
        0xbc5e_9a40,
        0x1022_3344,
        0x1111_2222,
        0x3333_4444,
        0xeebb_7f10,
        0x5d7f_2c2b,
        0xe500_1122,
        0x3344_5566,
    ];

    #[test]
    fn reads_every_field() {
        let bytes = words(BLOCK);
        let block = VoipMetrics::parse(&bytes).unwrap();
        assert_eq!(block.ssrc(), 0xbc5e_9a40);
        assert_eq!((block.loss_rate(), block.discard_rate()), (16, 34));
        assert_eq!((block.burst_density(), block.gap_density()), (51, 68));
        assert_eq!((block.burst_duration(), block.gap_duration()), (4369, 8738));
        assert_eq!((block.round_trip_delay(), block.end_system_delay()), (13_107, 17_476));
        // 238 and 187 without sign.
        assert_eq!((block.signal_level(), block.noise_level()), (-18, -69));
        assert_eq!((block.rerl(), block.gmin()), (127, 16));
        assert_eq!((block.r_factor(), block.ext_r_factor()), (93, 127));
        assert_eq!((block.mos_lq(), block.mos_cq()), (44, 43));
        assert_eq!((block.plc(), block.jba(), block.jb_rate()), (3, 2, 5)); // 229 = 11 10 0101
        assert_eq!(
            (block.jb_nominal(), block.jb_maximum(), block.jb_abs_max()),
            (4386, 13_124, 21_862)
        );
    }

    #[test]
    fn unavailable_is_none() {
        let bytes = words(BLOCK);
        let block = VoipMetrics::parse(&bytes).unwrap();
        assert_eq!(block.round_trip_time(), Some(Duration::from_millis(13_107)));
        assert_eq!(block.end_system_time(), Some(Duration::from_millis(17_476)));
        assert_eq!((block.signal_level_dbm(), block.noise_level_dbm()), (Some(-18), Some(-69)));
        assert_eq!((block.rerl_db(), block.r_factor_score()), (None, Some(93)));
        assert_eq!(block.ext_r_factor_score(), None);
        assert_eq!((block.mos_lq_score(), block.mos_cq_score()), (Some(4.4), Some(4.3)));
        let nothing = VoipMetricsBuilder::default().to_vec().unwrap();
        let nothing = VoipMetrics::parse(&nothing).unwrap();
        assert_eq!((nothing.round_trip_time(), nothing.end_system_time()), (None, None));
        assert_eq!((nothing.signal_level_dbm(), nothing.noise_level_dbm()), (None, None));
        assert_eq!((nothing.rerl_db(), nothing.r_factor_score()), (None, None));
        assert_eq!((nothing.mos_lq_score(), nothing.mos_cq_score()), (None, None));
    }

    #[test]
    fn a_score_out_of_its_scale_is_kept_but_counts_for_nothing() {
        let mut bytes = words(BLOCK);
        // RFC 3611 section 4.7.5: R factors from 0 to 100, MOS from 10 to 50.
        bytes[24..28].copy_from_slice(&[0, 100, 10, 50]);
        let block = VoipMetrics::parse(&bytes).unwrap();
        assert_eq!((block.r_factor_score(), block.ext_r_factor_score()), (Some(0), Some(100)));
        assert_eq!((block.mos_lq_score(), block.mos_cq_score()), (Some(1.0), Some(5.0)));
        bytes[22] = 55;
        assert_eq!(VoipMetrics::parse(&bytes).unwrap().rerl_db(), Some(55));
        bytes[24..28].copy_from_slice(&[101, 126, 9, 51]);
        let block = VoipMetrics::parse(&bytes).unwrap();
        assert_eq!((block.r_factor(), block.r_factor_score()), (101, None));
        assert_eq!((block.ext_r_factor(), block.ext_r_factor_score()), (126, None));
        assert_eq!((block.mos_lq_score(), block.mos_cq_score()), (None, None));
        assert_eq!(block.to_vec().unwrap(), bytes);
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        let refused = |block: VoipMetricsBuilder| match block.to_vec() {
            Err(BuildError::OutOfRange { field }) => field,
            other => panic!("{other:?}"),
        };
        let block = VoipMetricsBuilder::default();
        assert_eq!(refused(VoipMetricsBuilder { gmin: 0, ..block }), "gmin");
        assert_eq!(refused(VoipMetricsBuilder { r_factor: 101, ..block }), "r_factor");
        assert_eq!(refused(VoipMetricsBuilder { ext_r_factor: 128, ..block }), "ext_r_factor");
        assert_eq!(refused(VoipMetricsBuilder { mos_lq: 9, ..block }), "mos_lq");
        assert_eq!(refused(VoipMetricsBuilder { mos_cq: 51, ..block }), "mos_cq");
        assert_eq!(refused(VoipMetricsBuilder { plc: 4, ..block }), "plc");
        assert_eq!(refused(VoipMetricsBuilder { jb_rate: 16, ..block }), "jb_rate");
    }

    super::super::fixed::fixed_block_tests!(VoipMetrics, VoipMetricsBuilder, BLOCK);
}
