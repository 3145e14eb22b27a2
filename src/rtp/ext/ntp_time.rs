//! NTP timestamps that map RTP time to the wall clock (RFC 6051 section 3.3), and the interval of a splice
//! (RFC 8286 section 3.1).
//!
//! ```text
//! |     NTP seconds, 4 bytes      |     NTP fraction, 4 bytes     |  ntp-64
//!
//! |  NTP seconds, low 3 bytes |     NTP fraction, 4 bytes     |  ntp-56
//!
//! |  out, the low 7 bytes of an NTP timestamp  |  in, 8 bytes  |  splicing-interval
//! ```

use core::fmt;

use super::value::{ended, exactly, value};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::ntp::NtpTime;
use crate::wire::array;

/// The bits of the short form.
const LOW: u64 = (1 << 56) - 1;

/// The low 56 bits out of 7 bytes.
#[inline]
const fn low(&[a, b, c, d, e, f, g]: &[u8; 7]) -> u64 {
    u64::from_be_bytes([0, a, b, c, d, e, f, g])
}

/// Writes the low 56 bits; the high 8 must be 0.
#[inline]
fn write_low(out: &mut Sink<'_>, low: u64, field: &'static str) -> Result<(), BuildError> {
    let [0, bytes @ ..] = low.to_be_bytes() else {
        return Err(BuildError::OutOfRange { field });
    };
    *out.array()? = bytes;
    Ok(())
}

/// The wall clock of the packet's RTP timestamp, 64 bits (RFC 6051 variant A).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ntp64(
    /// By the clock of the sender reports.
    pub NtpTime,
);

value!(Ntp64: NTP_64);

impl Ntp64 {
    /// Reads the data of an element, all of it.
    ///
    /// # Errors
    /// It is not 8 bytes.
    #[inline]
    pub fn parse(data: &[u8]) -> Result<Self, ParseError> {
        let &time = run("ntp-64", data, exactly)?;
        Ok(Self(NtpTime(u64::from_be_bytes(time))))
    }
}

impl Encode for Ntp64 {
    #[inline]
    fn encoded_len(&self) -> usize {
        8
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        *out.array()? = self.0.0.to_be_bytes();
        Ok(())
    }
}

/// `ntp-64 3877076839.123456000`
impl fmt::Display for Ntp64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ntp-64 {}", self.0)
    }
}

#[cfg(feature = "serde")]
impl super::value::Fields for Ntp64 {
    fn fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("ntp_sec", &self.0.seconds())?;
        map.serialize_entry("ntp_frac", &self.0.fraction())
    }
}

/// The wall clock of the packet's RTP timestamp without the high 8 bits of its seconds (RFC 6051 variant B).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ntp56(
    /// 24 bits of seconds, which wrap after 194 days, and 32 of fraction.
    pub u64,
);

value!(Ntp56: NTP_56);

impl Ntp56 {
    /// Reads the data of an element, all of it.
    ///
    /// # Errors
    /// It is not 7 bytes.
    #[inline]
    pub fn parse(data: &[u8]) -> Result<Self, ParseError> {
        Ok(Self(low(run("ntp-56", data, exactly)?)))
    }

    /// The low 56 bits of a wall clock.
    #[inline]
    pub const fn from_ntp(time: NtpTime) -> Self {
        Self(time.0 & LOW)
    }

    /// The wall clock that is nearest to `reference` among those that it may stand for; they are 194 days apart.
    #[inline]
    pub const fn to_ntp(self, reference: NtpTime) -> NtpTime {
        // The distance modulo 2^56, as a signed number in the high bits of 64.
        let distance = (self.0.wrapping_sub(reference.0) << 8).cast_signed() >> 8;
        NtpTime(reference.0.wrapping_add_signed(distance))
    }
}

impl Encode for Ntp56 {
    #[inline]
    fn encoded_len(&self) -> usize {
        7
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        write_low(out, self.0, "ntp-56")
    }
}

/// `ntp-56 1862247.123456000`
impl fmt::Display for Ntp56 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ntp-56 {}", NtpTime(self.0))
    }
}

#[cfg(feature = "serde")]
impl super::value::Fields for Ntp56 {
    fn fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("ntp_sec_low", &NtpTime(self.0).seconds())?;
        map.serialize_entry("ntp_frac", &NtpTime(self.0).fraction())
    }
}

/// When other media may be spliced into the stream (RFC 8286).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SplicingInterval {
    /// When the other media leave again, the low 56 bits; [`out_ntp`](Self::out_ntp) has all of them.
    pub out_ntp_low56: u64,
    /// When the other media enter.
    pub in_ntp: NtpTime,
}

value!(SplicingInterval: SPLICING_INTERVAL);

impl SplicingInterval {
    /// Reads the data of an element, all of it.
    ///
    /// # Errors
    /// It is not 15 bytes.
    #[inline]
    pub fn parse(data: &[u8]) -> Result<Self, ParseError> {
        run("splicing-interval", data, splicing_interval)
    }

    /// Out of both times.
    #[inline]
    pub const fn new(out_ntp: NtpTime, in_ntp: NtpTime) -> Self {
        Self { out_ntp_low56: out_ntp.0 & LOW, in_ntp }
    }

    /// When the other media leave again: later than they enter, by less than 2^25 s, and so with the high 8 bits of that
    /// time, plus 1 if the low 56 wrapped in between (RFC 8286 section 3.1).
    #[inline]
    pub const fn out_ntp(&self) -> NtpTime {
        let high = self.in_ntp.0 & !LOW;
        let carry = if self.out_ntp_low56 < self.in_ntp.0 & LOW { 1 << 56 } else { 0 };
        NtpTime(high.wrapping_add(carry) | self.out_ntp_low56)
    }
}

#[inline]
fn splicing_interval(i: &[u8]) -> Step<'_, SplicingInterval> {
    let (rest, out_ntp) = array(i)?;
    let (rest, &in_ntp) = array(rest)?;
    ended(i, rest)?;
    let in_ntp = NtpTime(u64::from_be_bytes(in_ntp));
    Ok((rest, SplicingInterval { out_ntp_low56: low(out_ntp), in_ntp }))
}

impl Encode for SplicingInterval {
    #[inline]
    fn encoded_len(&self) -> usize {
        15
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        write_low(out, self.out_ntp_low56, "out NTP timestamp")?;
        *out.array()? = self.in_ntp.0.to_be_bytes();
        Ok(())
    }
}

/// `splicing-interval out 1862240.000000000 in 3877076839.123456000`, the first without its high 8 bits.
impl fmt::Display for SplicingInterval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "splicing-interval out {} in {}", NtpTime(self.out_ntp_low56), self.in_ntp)
    }
}

#[cfg(feature = "serde")]
impl super::value::Fields for SplicingInterval {
    fn fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let out = NtpTime(self.out_ntp_low56);
        map.serialize_entry("out_ntp_low56_seconds", &out.seconds())?;
        map.serialize_entry("out_ntp_low56_fraction", &out.fraction())?;
        map.serialize_entry("in_ntp_seconds", &self.in_ntp.seconds())?;
        map.serialize_entry("in_ntp_fraction", &self.in_ntp.fraction())
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::super::value::check::{both_ways, not_written, takes_only_lengths};
    use super::*;

    #[test]
    fn reads_and_writes_64_bits() {
        // RFC 6051 figure 5, its fields filled in.
        let data = [0xe7, 0x17, 0x76, 0xa7, 0x1f, 0x9a, 0xcf, 0x22];
        both_ways(&data, Ntp64(NtpTime::new(0xe717_76a7, 0x1f9a_cf22)));
        takes_only_lengths(0xff, &[8], Ntp64::parse);
    }

    #[test]
    fn reads_and_writes_the_low_56_bits() {
        // RFC 6051 figure 6, its fields filled in.
        let data = [0x17, 0x76, 0xa7, 0x1f, 0x9a, 0xcf, 0x22];
        both_ways(&data, Ntp56(0x17_76a7_1f9a_cf22));
        takes_only_lengths(0xff, &[7], Ntp56::parse);
        not_written(&Ntp56(1 << 56), "ntp-56");
        let time = NtpTime::new(0xe717_76a7, 0x1f9a_cf22);
        assert_eq!(Ntp56::from_ntp(time), Ntp56(0x17_76a7_1f9a_cf22));
        // 90 days before and after, across the wrap of the low bits and of the era.
        for days in [0, 1, 90] {
            let span = Duration::from_secs(days * 86_400);
            assert_eq!(Ntp56::from_ntp(time).to_ntp(time.wrapping_add(span)), time);
            assert_eq!(
                Ntp56::from_ntp(time.wrapping_add(span)).to_ntp(time),
                time.wrapping_add(span)
            );
        }
        let end = NtpTime::new(u32::MAX, 5);
        let later = end.wrapping_add(Duration::from_secs(2));
        assert_eq!(Ntp56::from_ntp(later).to_ntp(end), later);
    }

    #[test]
    fn reads_and_writes_a_splicing_interval() {
        // RFC 8286 figure 1, its fields filled in.
        let data = [0x17, 0x76, 0xa8, 0, 0, 0, 1, 0xe7, 0x17, 0x76, 0xa7, 0, 0, 0, 2];
        let value = SplicingInterval {
            out_ntp_low56: 0x17_76a8_0000_0001,
            in_ntp: NtpTime::new(0xe717_76a7, 2),
        };
        both_ways(&data, value);
        takes_only_lengths(0xff, &[15], SplicingInterval::parse);
        let wide = SplicingInterval { out_ntp_low56: 1 << 56, ..value };
        not_written(&wide, "out NTP timestamp");
    }

    #[test]
    fn the_high_bits_of_the_end_are_inferred_as_the_rfc_has_it() {
        // RFC 8286 section 3.1: those of the in time; plus 1 if the 56 bits are smaller than its own.
        let start = NtpTime::new(0xe717_76a7, 2);
        let value = |low| SplicingInterval { out_ntp_low56: low, in_ntp: start };
        assert_eq!(value(0x17_76a7_0000_0002).out_ntp(), start);
        assert_eq!(value(0x17_76a7_0000_0003).out_ntp(), NtpTime::new(0xe717_76a7, 3));
        assert_eq!(value(0x17_76a7_0000_0001).out_ntp(), NtpTime::new(0xe817_76a7, 1));
        let value = SplicingInterval::new(NtpTime::new(0xe800_0001, 0), start);
        assert_eq!(value.out_ntp(), NtpTime::new(0xe800_0001, 0));
    }
}
