//! What the files of the formats share: the packet's start, read, written, shown; lists in the FCI; bit rates.
//!
//! A format's view holds the common part as `common: Feedback`, and beside it what its FCI was taken apart into.

use core::fmt;

use super::Feedback;
use super::raw::feedback;
use crate::encode::Sink;
use crate::error::{BuildError, ErrorKind, Fail, Step};
use crate::rtcp::header::write_header;
use crate::rtcp::{Header, PacketType};

/// The bytes before the FCI: header, SSRC of the packet's sender, SSRC of the media source.
pub(crate) const START_LEN: usize = Header::LEN + 8;

/// The accessors of the common part, for the `impl` of a view that has it in the field `common`.
macro_rules! common_accessors {
    () => {
        /// The packet's first four bytes.
        #[inline]
        pub const fn header(&self) -> $crate::rtcp::Header {
            self.common.header()
        }

        /// Who sends the feedback.
        #[inline]
        pub const fn sender_ssrc(&self) -> u32 {
            self.common.sender_ssrc()
        }

        /// The source that it is about; 0 in a format that names its sources in the FCI.
        #[inline]
        pub const fn media_ssrc(&self) -> u32 {
            self.common.media_ssrc()
        }

        /// All bytes of the padding, the count at its end included; empty without padding.
        #[inline]
        pub const fn padding(&self) -> &'a [u8] {
            self.common.padding()
        }
    };
}
pub(crate) use common_accessors;

/// A feedback message of this packet type and format.
#[inline]
pub(crate) fn feedback_of<'a>(
    packet_type: PacketType,
    format: u8,
) -> impl Fn(&'a [u8]) -> Step<'a, Feedback<'a>> {
    move |i| {
        let (rest, packet) = feedback(i)?;
        let found = packet.header().packet_type();
        if found != packet_type {
            let kind = ErrorKind::Value { found: found.0.into() };
            return Err(Fail::field("packet type", i.get(1..).unwrap_or_default(), kind));
        }
        if packet.format() != format {
            let kind = ErrorKind::Value { found: packet.format().into() };
            return Err(Fail::field("format", i, kind));
        }
        Ok((rest, packet))
    }
}

/// All of `fci` as entries of `N` bytes, at least `min` of them; more bytes or fewer are an error at their place.
#[inline]
pub(crate) fn entries<'a, const N: usize>(
    field: &'static str,
    min: usize,
    fci: &'a [u8],
) -> Result<&'a [[u8; N]], nom::Err<Fail<'a>>> {
    let (entries, left) = fci.as_chunks();
    if entries.len() < min {
        let kind = ErrorKind::Length { found: fci.len(), have: min.saturating_mul(N) };
        return Err(Fail::field(field, fci, kind));
    }
    if !left.is_empty() {
        let kind = ErrorKind::Length { found: fci.len(), have: fci.len() - left.len() };
        return Err(Fail::field(field, left, kind));
    }
    Ok(entries)
}

/// All of `fci` as the `N` bytes that the format has, no fewer and no more; `N` may be 0.
#[inline]
pub(crate) fn exactly<'a, const N: usize>(
    field: &'static str,
    fci: &'a [u8],
) -> Result<&'a [u8; N], nom::Err<Fail<'a>>> {
    match fci.split_first_chunk() {
        Some((fci, [])) => Ok(fci),
        found => {
            let at = found.map_or(fci, |(_, left)| left);
            Err(Fail::field(field, at, ErrorKind::Length { found: fci.len(), have: N }))
        }
    }
}

/// Writes what stands before the FCI of a packet of `len` bytes, padding included.
#[inline]
pub(crate) fn write_start(
    out: &mut Sink<'_>,
    (packet_type, format): (PacketType, u8),
    (sender_ssrc, media_ssrc): (u32, u32),
    len: usize,
    padding: &[u8],
) -> Result<(), BuildError> {
    write_header(out.array()?, packet_type, format.into(), len, padding)?;
    *out.array()? = sender_ssrc.to_be_bytes();
    *out.array()? = media_ssrc.to_be_bytes();
    Ok(())
}

/// `NACK sender=0x00000001 media=0x00000002`: how the line of a format begins.
pub(crate) fn display_start(f: &mut fmt::Formatter<'_>, packet: &Feedback<'_>) -> fmt::Result {
    match packet.format_name() {
        Some(name) => f.write_str(name)?,
        None => write!(f, "{} fmt={}", packet.header().packet_type(), packet.format())?,
    }
    write!(f, " sender={:#010x} media={:#010x}", packet.sender_ssrc(), packet.media_ssrc())
}

/// The `Debug` of a view, with the fields of the common part.
pub(crate) fn debug_start<'a, 'b>(
    f: &'a mut fmt::Formatter<'b>,
    name: &str,
    packet: &Feedback<'_>,
) -> fmt::DebugStruct<'a, 'b> {
    let mut debug = f.debug_struct(name);
    debug
        .field("sender_ssrc", &packet.sender_ssrc())
        .field("media_ssrc", &packet.media_ssrc())
        .field("padding", &packet.padding());
    debug
}

/// The entries that the JSON of every format begins with.
#[cfg(feature = "serde")]
pub(crate) fn serialize_start<M: serde::ser::SerializeMap>(
    map: &mut M,
    packet: &Feedback<'_>,
) -> Result<(), M::Error> {
    let (header, padding) = (packet.header(), packet.padding());
    crate::rtcp::header::serialize_header(map, header, padding, packet.type_name(), "fmt")?;
    map.serialize_entry("sender_ssrc", &packet.sender_ssrc())?;
    map.serialize_entry("media_ssrc", &packet.media_ssrc())
}

/// The entries of a bit rate in JSON; the product is left out where a JSON number may not hold it.
#[cfg(feature = "serde")]
pub(crate) fn serialize_bitrate<M: serde::ser::SerializeMap>(
    map: &mut M,
    exponent: u8,
    mantissa: u32,
) -> Result<(), M::Error> {
    map.serialize_entry("exponent", &exponent)?;
    map.serialize_entry("mantissa", &mantissa)?;
    match bitrate(exponent, mantissa) {
        Some(bitrate) if bitrate < 1 << 53 => map.serialize_entry("bitrate_bps", &bitrate),
        _ => Ok(()),
    }
}

/// Mantissa × 2^exponent, bits per second; `None` beyond 64 bits.
#[inline]
pub(crate) fn bitrate(exponent: u8, mantissa: u32) -> Option<u64> {
    let mantissa = u64::from(mantissa);
    match mantissa {
        0 => Some(0),
        _ if mantissa.leading_zeros() < u32::from(exponent) => None,
        _ => Some(mantissa << exponent),
    }
}

/// The smallest exponent, and the greatest mantissa of `bits` bits, whose product is not above `bitrate`.
#[inline]
pub(crate) fn exponent_and_mantissa(bitrate: u64, bits: u32) -> (u8, u32) {
    let exponent = (u64::BITS - bitrate.leading_zeros()).saturating_sub(bits);
    let mantissa = u32::try_from(bitrate >> exponent).unwrap_or(u32::MAX);
    (u8::try_from(exponent).unwrap_or(u8::MAX), mantissa)
}

/// A format whose FCI is a list of entries of one size: the view, its parser, its `Debug`; the builder.
///
/// `Display` and the JSON are left to the format's file. The entry has `LEN`, `from_bytes`, and `to_bytes` for those
/// who fill the builder.
macro_rules! list_format {
    (
        $(#[$view_doc:meta])*
        view $view:ident, parsed by $parser:ident, named $name:literal;
        $(#[$list_doc:meta])*
        list $list:ident: $entry:ident, at least $min:literal;
        $(#[$builder_doc:meta])*
        builder $builder:ident of $packet_type:ident $registry:ident::$format:ident;
    ) => {
        $(#[$view_doc])*
        #[derive(Clone, Copy, PartialEq, Eq)]
        pub struct $view<'a> {
            common: $crate::rtcp::Feedback<'a>,
            $list: &'a [[u8; $entry::LEN]],
        }

        impl<'a> $view<'a> {
            /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
            ///
            /// # Errors
            /// Another packet type or format, a version other than 2, a length or padding beyond the packet; an FCI
            /// that is no whole number of entries, or has too few.
            #[inline]
            pub fn parse(bytes: &'a [u8]) -> Result<Self, $crate::error::ParseError> {
                $crate::error::run($name, bytes, $parser)
            }

            $crate::rtcp::feedback::common::common_accessors!();

            $(#[$list_doc])*
            #[inline]
            pub fn $list(&self) -> impl ExactSizeIterator<Item = $entry> + Clone + use<'a> {
                self.$list.iter().map(|&entry| $entry::from_bytes(entry))
            }
        }

        /// Validates the whole packet: after this no accessor and no iterator can fail.
        #[inline]
        pub(crate) fn $parser(i: &[u8]) -> $crate::error::Step<'_, $view<'_>> {
            use $crate::rtcp::feedback::common::{entries, feedback_of};
            let packet_type = $crate::rtcp::PacketType::$packet_type;
            let format = $crate::rtcp::$registry::$format.0;
            let (rest, common) = feedback_of(packet_type, format)(i)?;
            let $list = entries(stringify!($list), $min, common.fci)?;
            Ok((rest, $view { common, $list }))
        }

        impl core::fmt::Debug for $view<'_> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                let name = stringify!($view);
                $crate::rtcp::feedback::common::debug_start(f, name, &self.common)
                    .field(stringify!($list), &$crate::show::DebugList(self.$list()))
                    .finish()
            }
        }

        $(#[$builder_doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $builder<'a> {
            #[doc = concat!("As [`", stringify!($view), "::sender_ssrc`]; every field points to its accessor so.")]
            pub sender_ssrc: u32,
            #[doc = concat!("As [`", stringify!($view), "::media_ssrc`].")]
            pub media_ssrc: u32,
            #[doc = concat!("As [`", stringify!($view), "::", stringify!($list), "`], in wire form: from")]
            #[doc = concat!("[`", stringify!($entry), "::to_bytes`], or from a view.")]
            pub $list: &'a [[u8; $entry::LEN]],
            #[doc = concat!("As [`", stringify!($view), "::padding`].")]
            pub padding: &'a [u8],
        }

        impl<'a> From<$view<'a>> for $builder<'a> {
            fn from(view: $view<'a>) -> Self {
                Self {
                    sender_ssrc: view.sender_ssrc(),
                    media_ssrc: view.media_ssrc(),
                    $list: view.$list,
                    padding: view.padding(),
                }
            }
        }

        impl $crate::encode::Encode for $builder<'_> {
            #[inline]
            fn encoded_len(&self) -> usize {
                let list = self.$list.as_flattened().len();
                $crate::rtcp::feedback::common::START_LEN + list + self.padding.len()
            }

            #[inline]
            fn encode(&self, out: &mut $crate::encode::Sink<'_>) -> Result<(), $crate::error::BuildError> {
                if !($min..).contains(&self.$list.len()) {
                    return Err($crate::error::BuildError::OutOfRange { field: stringify!($list) });
                }
                let packet_type = $crate::rtcp::PacketType::$packet_type;
                let format = (packet_type, $crate::rtcp::$registry::$format.0);
                let ssrcs = (self.sender_ssrc, self.media_ssrc);
                let len = self.encoded_len();
                $crate::rtcp::feedback::common::write_start(out, format, ssrcs, len, self.padding)?;
                out.bytes(self.$list.as_flattened())?;
                out.bytes(self.padding)
            }
        }
    };
}
pub(crate) use list_format;

/// The whole JSON of a format that is made of `entries`.
#[cfg(feature = "serde")]
pub(crate) fn serialize_entries<S: serde::Serializer>(
    serializer: S,
    packet: &Feedback<'_>,
    entries: impl Iterator<Item: serde::Serialize> + Clone,
) -> Result<S::Ok, S::Error> {
    use serde::ser::SerializeMap;
    let mut map = serializer.serialize_map(None)?;
    serialize_start(&mut map, packet)?;
    map.serialize_entry("entries", &crate::ser::List(entries))?;
    map.end()
}
