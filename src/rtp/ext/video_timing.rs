//! Video timing (libwebrtc, rtp-hdrext/video-timing).
//!
//! ```text
//! |     flags     |  missing in the old form of 12 bytes
//! |         encode start          |         encode finish         |  ms since the capture, each
//! |    packetization complete     |          pacer exit           |
//! |            network            |           network 2           |
//! ```

use core::fmt;
use core::ops::Range;

use byteorder::{BE, ByteOrder};

use super::value::{ended, value};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::wire::array;

// Places behind the flags.
const ENCODE_START: Range<usize> = 0..2;
const ENCODE_FINISH: Range<usize> = 2..4;
const PACKETIZATION_COMPLETE: Range<usize> = 4..6;
const PACER_EXIT: Range<usize> = 6..8;
const NETWORK: Range<usize> = 8..10;
const NETWORK2: Range<usize> = 10..12;
const TIMES_LEN: usize = NETWORK2.end;

/// When the frame passed the stages of its way, in milliseconds since it was captured; sent with its last packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct VideoTiming {
    /// Why it is sent: bits of [`TIMER`](Self::TIMER) and [`SIZE`](Self::SIZE), 0xFF for "invalid". `None`: the old form
    /// without them.
    pub flags: Option<u8>,
    /// The encoder began.
    pub encode_start: u16,
    /// The encoder was done.
    pub encode_finish: u16,
    /// The frame was cut into packets.
    pub packetization_complete: u16,
    /// The last packet left the pacer.
    pub pacer_exit: u16,
    /// For a network element on the way to fill in; 0 if none did.
    pub network: u16,
    /// As [`network`](Self::network), for a second one.
    pub network2: u16,
}

value!(VideoTiming: VIDEO_TIMING);

impl VideoTiming {
    /// Flag: sent because it was time for it.
    pub const TIMER: u8 = 1;
    /// Flag: sent because the frame is much larger than others.
    pub const SIZE: u8 = 2;

    /// Reads the data of an element, all of it.
    ///
    /// # Errors
    /// It is neither 13 bytes nor the 12 of the old form.
    #[inline]
    pub fn parse(data: &[u8]) -> Result<Self, ParseError> {
        run("video-timing", data, video_timing)
    }

    /// Sent because it was time for it.
    #[inline]
    pub fn triggered_by_timer(&self) -> bool {
        self.flag(Self::TIMER)
    }

    /// Sent because the frame is much larger than others.
    #[inline]
    pub fn triggered_by_size(&self) -> bool {
        self.flag(Self::SIZE)
    }

    #[inline]
    fn flag(&self, flag: u8) -> bool {
        self.flags.is_some_and(|flags| flags != 0xFF && flags & flag != 0)
    }
}

#[inline]
fn video_timing(i: &[u8]) -> Step<'_, VideoTiming> {
    let (times, flags) = match *i {
        [flags, ref rest @ ..] if i.len() != TIMES_LEN => (rest, Some(flags)),
        _ => (i, None),
    };
    let (rest, times) = array::<TIMES_LEN>(times)?;
    ended(i, rest)?;
    let value = VideoTiming {
        flags,
        encode_start: BE::read_u16(&times[ENCODE_START]),
        encode_finish: BE::read_u16(&times[ENCODE_FINISH]),
        packetization_complete: BE::read_u16(&times[PACKETIZATION_COMPLETE]),
        pacer_exit: BE::read_u16(&times[PACER_EXIT]),
        network: BE::read_u16(&times[NETWORK]),
        network2: BE::read_u16(&times[NETWORK2]),
    };
    Ok((rest, value))
}

impl Encode for VideoTiming {
    #[inline]
    fn encoded_len(&self) -> usize {
        TIMES_LEN + usize::from(self.flags.is_some())
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if let Some(flags) = self.flags {
            *out.array()? = [flags];
        }
        let times = out.array::<TIMES_LEN>()?;
        BE::write_u16(&mut times[ENCODE_START], self.encode_start);
        BE::write_u16(&mut times[ENCODE_FINISH], self.encode_finish);
        BE::write_u16(&mut times[PACKETIZATION_COMPLETE], self.packetization_complete);
        BE::write_u16(&mut times[PACER_EXIT], self.pacer_exit);
        BE::write_u16(&mut times[NETWORK], self.network);
        BE::write_u16(&mut times[NETWORK2], self.network2);
        Ok(())
    }
}

/// `video-timing encode 1..9 packetized 9 paced 14 network 0 0 ms flags 1`
impl fmt::Display for VideoTiming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, finish, packetized) =
            (self.encode_start, self.encode_finish, self.packetization_complete);
        write!(f, "video-timing encode {start}..{finish} packetized {packetized}")?;
        write!(f, " paced {} network {} {} ms", self.pacer_exit, self.network, self.network2)?;
        match self.flags {
            Some(flags) => write!(f, " flags {flags}"),
            None => Ok(()),
        }
    }
}

#[cfg(feature = "serde")]
impl super::value::Fields for VideoTiming {
    fn fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        if let Some(flags) = self.flags {
            map.serialize_entry("flags", &flags)?;
        }
        map.serialize_entry("encode_start", &self.encode_start)?;
        map.serialize_entry("encode_finish", &self.encode_finish)?;
        map.serialize_entry("packetization_complete", &self.packetization_complete)?;
        map.serialize_entry("pacer_exit", &self.pacer_exit)?;
        map.serialize_entry("network", &self.network)?;
        map.serialize_entry("network2", &self.network2)
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::check::{both_ways, takes_only_lengths};
    use super::*;

    #[test]
    fn reads_and_writes_all_times() {
        // Chromium 156, chromium-vp8-rtx-twcc.pcap frame 9, by the layout of libwebrtc's document.
        let data = [3, 0, 15, 0, 16, 0, 16, 0, 31, 0, 0, 0, 0];
        let value = VideoTiming {
            flags: Some(3),
            encode_start: 15,
            encode_finish: 16,
            packetization_complete: 16,
            pacer_exit: 31,
            network: 0,
            network2: 0,
        };
        both_ways(&data, value);
        assert!(value.triggered_by_timer() && value.triggered_by_size());
        takes_only_lengths(0xff, &[12, 13], VideoTiming::parse);
    }

    #[test]
    fn the_old_form_has_no_flags() {
        // libwebrtc, rtp_packet_unittest.cc, "legacy timing": 1, 2, 3, 4 ms, nothing from the network.
        let data = [0, 1, 0, 2, 0, 3, 0, 4, 0, 0, 0, 0];
        let value = VideoTiming {
            flags: None,
            encode_start: 1,
            encode_finish: 2,
            packetization_complete: 3,
            pacer_exit: 4,
            network: 0,
            network2: 0,
        };
        both_ways(&data, value);
        assert!(!value.triggered_by_timer() && !value.triggered_by_size());
        let invalid = VideoTiming { flags: Some(0xFF), ..value };
        assert!(!invalid.triggered_by_timer() && !invalid.triggered_by_size());
    }
}
