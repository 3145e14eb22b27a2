//! Measurement information report block (RFC 6776 section 4).
//!
//! ```text
//! |     BT=14     |    Reserved   |      block length = 7         |
//! |                    SSRC of stream source                      |
//! |            Reserved           |    first sequence number      |
//! |           extended first sequence number of interval          |
//! |                 extended last sequence number                 |
//! |              Measurement Duration (Interval)                  |
//! |     Measurement Duration (Cumulative) - Seconds (bit 0-31)    |
//! |     Measurement Duration (Cumulative) - Fraction (bit 0-31)   |
//! ```

use core::time::Duration;

use super::fixed::fixed_block;
use crate::ntp::{NtpShort, NtpTime};

fixed_block! {
    /// The spans that the values of the other blocks of a source are of, read in place.
    MeasurementInformation, MeasurementInformationBuilder: MEASUREMENT_INFORMATION,
    "measurement information block", length 7;

    /// The source that it reports on.
    ssrc: u32 = 1: 0..32;
    /// The first sequence number received in the session.
    first_sequence as "first_seq": u16 = 2: 16..32;
    /// The first one of the interval, with its cycles in the high 16 bits.
    extended_first_sequence_of_interval as "ext_first_seq_interval": u32 = 3: 0..32;
    /// The last one, with its cycles in the high 16 bits.
    extended_last_sequence as "ext_last_seq": u32 = 4: 0..32;
    /// The interval's length, in 1/65536 s.
    duration_interval: NtpShort = 5: 0..32;
    /// The time since the beginning, in the form of an NTP timestamp.
    duration_cumulative as "duration_cumulative_sec" "duration_cumulative_frac": NtpTime = 6: 0..64;
}

impl MeasurementInformation<'_> {
    /// The interval's length, to the nearest nanosecond.
    #[inline]
    pub fn interval(&self) -> Duration {
        self.duration_interval().duration()
    }

    /// The time since the beginning, to the nearest nanosecond.
    #[inline]
    pub fn cumulative(&self) -> Duration {
        self.duration_cumulative().since_1900()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::testing::words;

    // RFC 6776 section 4.1, row by row; every field another value.
    const BLOCK: [u32; 8] = [
        0x0e00_0007,
        0x0102_0304, // SSRC
        0x0000_1112, // first sequence number
        0x0001_2122, // extended first sequence number of interval
        0x0001_3132, // extended last sequence number
        0x0005_4000, // interval, 5.25 s
        0x0000_0e10, // cumulative, 3600.5 s
        0x8000_0000,
    ];

    #[test]
    fn reads_every_field() {
        let bytes = words(BLOCK);
        let block = MeasurementInformation::parse(&bytes).unwrap();
        assert_eq!((block.ssrc(), block.first_sequence()), (0x0102_0304, 0x1112));
        assert_eq!(block.extended_first_sequence_of_interval(), 0x1_2122);
        assert_eq!(block.extended_last_sequence(), 0x1_3132);
        assert_eq!(block.duration_interval(), NtpShort(0x5_4000));
        assert_eq!(block.duration_cumulative(), NtpTime::new(3600, 1 << 31));
        assert_eq!(block.interval(), Duration::from_millis(5250));
        assert_eq!(block.cumulative(), Duration::from_millis(3_600_500));
    }

    super::super::fixed::fixed_block_tests!(
        MeasurementInformation,
        MeasurementInformationBuilder,
        BLOCK
    );
}
