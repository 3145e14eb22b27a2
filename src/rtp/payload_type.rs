//! Payload types (RFC 3551 section 6; IANA, RTP Payload Types).

use crate::registry::registry;

registry! {
    /// A payload type, 0 to 127: which format a packet's payload has (RFC 3551 section 6).
    ///
    /// The static ones have names. All others, 96 to 127 first, mean what signalling gives them; with RTCP on the same
    /// port 64 to 95 cannot be used (RFC 5761 section 4).
    PayloadType(u8) {
        /// G.711 µ-law, 8000 Hz, 1 channel.
        PCMU = 0, "PCMU";
        /// GSM full rate, 8000 Hz, 1 channel.
        GSM = 3, "GSM";
        /// G.723.1, 8000 Hz, 1 channel.
        G723 = 4, "G723";
        /// DVI ADPCM, 8000 Hz, 1 channel.
        DVI4_8000 = 5, "DVI4";
        /// DVI ADPCM, 16000 Hz, 1 channel.
        DVI4_16000 = 6, "DVI4";
        /// Linear predictive coding, 8000 Hz, 1 channel.
        LPC = 7, "LPC";
        /// G.711 A-law, 8000 Hz, 1 channel.
        PCMA = 8, "PCMA";
        /// G.722, 1 channel: sampled at 16000 Hz, but its RTP clock runs at 8000 Hz.
        G722 = 9, "G722";
        /// 16-bit linear, 44100 Hz, 2 channels.
        L16_STEREO = 10, "L16";
        /// 16-bit linear, 44100 Hz, 1 channel.
        L16_MONO = 11, "L16";
        /// Qualcomm PureVoice, 8000 Hz, 1 channel.
        QCELP = 12, "QCELP";
        /// Comfort noise (RFC 3389), 8000 Hz, 1 channel.
        CN = 13, "CN";
        /// MPEG audio (RFC 2250), clock of 90000 Hz.
        MPA = 14, "MPA";
        /// G.728, 8000 Hz, 1 channel.
        G728 = 15, "G728";
        /// DVI ADPCM, 11025 Hz, 1 channel.
        DVI4_11025 = 16, "DVI4";
        /// DVI ADPCM, 22050 Hz, 1 channel.
        DVI4_22050 = 17, "DVI4";
        /// G.729, 8000 Hz, 1 channel.
        G729 = 18, "G729";
        /// Sun CellB video (RFC 2029), clock of 90000 Hz.
        CELB = 25, "CelB";
        /// JPEG video (RFC 2435), clock of 90000 Hz.
        JPEG = 26, "JPEG";
        /// The video of the program "nv", clock of 90000 Hz.
        NV = 28, "nv";
        /// H.261 video (RFC 4587), clock of 90000 Hz.
        H261 = 31, "H261";
        /// MPEG-1 and MPEG-2 video (RFC 2250), clock of 90000 Hz.
        MPV = 32, "MPV";
        /// MPEG-2 transport stream (RFC 2250), clock of 90000 Hz.
        MP2T = 33, "MP2T";
        /// H.263 video, clock of 90000 Hz.
        H263 = 34, "H263";
    }
}

impl PayloadType {
    /// The largest value that the field's 7 bits hold.
    pub const MAX: Self = Self(127);

    /// The RTP clock in Hz of a static payload type; `None` for a value that has none assigned.
    pub const fn clock_rate(self) -> Option<u32> {
        match self {
            Self::DVI4_16000 => Some(16_000),
            Self::L16_STEREO | Self::L16_MONO => Some(44_100),
            Self::DVI4_11025 => Some(11_025),
            Self::DVI4_22050 => Some(22_050),
            Self::MPA | Self::CELB | Self::JPEG | Self::NV | Self::H261 => Some(90_000),
            Self::MPV | Self::MP2T | Self::H263 => Some(90_000),
            _ if self.name().is_some() => Some(8000),
            _ => None,
        }
    }
}

/// 0, for builders whose other fields are filled in.
impl Default for PayloadType {
    fn default() -> Self {
        Self(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of the IANA registry that have a name: number, encoding, clock.
    const ROWS: [(u8, &str, u32); 24] = [
        (0, "PCMU", 8000),
        (3, "GSM", 8000),
        (4, "G723", 8000),
        (5, "DVI4", 8000),
        (6, "DVI4", 16_000),
        (7, "LPC", 8000),
        (8, "PCMA", 8000),
        (9, "G722", 8000),
        (10, "L16", 44_100),
        (11, "L16", 44_100),
        (12, "QCELP", 8000),
        (13, "CN", 8000),
        (14, "MPA", 90_000),
        (15, "G728", 8000),
        (16, "DVI4", 11_025),
        (17, "DVI4", 22_050),
        (18, "G729", 8000),
        (25, "CelB", 90_000),
        (26, "JPEG", 90_000),
        (28, "nv", 90_000),
        (31, "H261", 90_000),
        (32, "MPV", 90_000),
        (33, "MP2T", 90_000),
        (34, "H263", 90_000),
    ];

    #[test]
    fn static_types_have_their_name_and_clock_and_no_others_do() {
        for number in 0..=255 {
            let row = ROWS.iter().find(|row| row.0 == number);
            assert_eq!(PayloadType(number).name(), row.map(|row| row.1), "{number}");
            assert_eq!(PayloadType(number).clock_rate(), row.map(|row| row.2), "{number}");
        }
    }
}
