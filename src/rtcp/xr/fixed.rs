//! Blocks of fixed size, written down as their RFC's figure draws them.
//!
//! Each field stands in [`fixed_block!`] with the row of the figure, counted from 0, the block's header, and the
//! columns that are printed above the figure: `threshold: u8 = 2: 0..8` is the first byte of the third row. A field
//! that runs over the end of its row has columns beyond 32. What no field covers is reserved: it is ignored where
//! read, and written as 0 by the builder.

use core::fmt;

#[cfg(feature = "serde")]
use serde::ser::SerializeMap;

use crate::error::BuildError;
use crate::ntp::{NtpShort, NtpTime};

/// The bits `first..end` of `block`, counted as the figures do; no more than fit eight bytes.
#[inline]
pub(crate) fn bits(block: &[u8], first: usize, end: usize) -> u64 {
    let bytes = block.get(first / 8..end.div_ceil(8)).unwrap_or_default();
    let value = bytes.iter().fold(0, |value, &byte| value << 8 | u64::from(byte));
    value >> (end.next_multiple_of(8) - end) & largest(end - first)
}

/// Sets the bits `first..end` of `block`, which are 0, to `value`. `None` if it is too large.
#[inline]
pub(crate) fn set_bits(block: &mut [u8], first: usize, end: usize, value: u64) -> Option<()> {
    if value > largest(end - first) {
        return None;
    }
    let bytes = block.get_mut(first / 8..end.div_ceil(8)).unwrap_or_default();
    let shifted = value << (end.next_multiple_of(8) - end);
    for (byte, new) in bytes.iter_mut().rev().zip(shifted.to_le_bytes()) {
        *byte |= new;
    }
    Some(())
}

/// The largest number of `width` bits, 1 to 64.
#[inline]
pub(crate) const fn largest(width: usize) -> u64 {
    u64::MAX >> (64 - width)
}

/// What a field of a figure can be.
pub(crate) trait Field: Copy {
    /// Out of a field of `width` bits.
    fn from_bits(bits: u64, width: usize) -> Self;

    /// For a field of `width` bits, which may be too narrow: that is checked later. `None` for a value that none has.
    fn to_bits(self, width: usize) -> Option<u64>;

    /// For a line of a log.
    fn show(self, f: &mut fmt::Formatter<'_>) -> fmt::Result;

    /// The entry in JSON: the number that is on the wire.
    #[cfg(feature = "serde")]
    fn entry<M: SerializeMap>(
        self,
        map: &mut M,
        (key, _): (&'static str, &'static str),
        width: usize,
    ) -> Result<(), M::Error> {
        map.serialize_entry(key, &self.to_bits(width))
    }
}

/// Numbers without sign: as many of the low bytes as they have.
macro_rules! unsigned_field {
    ($($type:ident),*) => {$(
        impl Field for $type {
            #[inline]
            fn from_bits(bits: u64, _: usize) -> Self {
                Self::try_from(bits).unwrap_or(Self::MAX)
            }

            #[inline]
            fn to_bits(self, _: usize) -> Option<u64> {
                Some(self.into())
            }

            fn show(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{self}")
            }
        }
    )*};
}

unsigned_field!(u8, u16, u32, u64);

impl Field for i8 {
    #[inline]
    fn from_bits(bits: u64, width: usize) -> Self {
        u8::from_bits(bits, width).cast_signed()
    }

    #[inline]
    fn to_bits(self, _: usize) -> Option<u64> {
        Some(self.cast_unsigned().into())
    }

    fn show(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }

    #[cfg(feature = "serde")]
    fn entry<M: SerializeMap>(
        self,
        map: &mut M,
        (key, _): (&'static str, &'static str),
        _: usize,
    ) -> Result<(), M::Error> {
        map.serialize_entry(key, &self)
    }
}

impl Field for bool {
    #[inline]
    fn from_bits(bits: u64, _: usize) -> Self {
        bits != 0
    }

    #[inline]
    fn to_bits(self, _: usize) -> Option<u64> {
        Some(self.into())
    }

    fn show(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }

    #[cfg(feature = "serde")]
    fn entry<M: SerializeMap>(
        self,
        map: &mut M,
        (key, _): (&'static str, &'static str),
        _: usize,
    ) -> Result<(), M::Error> {
        map.serialize_entry(key, &self)
    }
}

impl Field for NtpShort {
    #[inline]
    fn from_bits(bits: u64, width: usize) -> Self {
        Self(u32::from_bits(bits, width))
    }

    #[inline]
    fn to_bits(self, _: usize) -> Option<u64> {
        Some(self.0.into())
    }

    fn show(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// All bits 1 stand for a value that is not available.
impl<T: Field> Field for Option<T> {
    #[inline]
    fn from_bits(bits: u64, width: usize) -> Self {
        (bits != largest(width)).then(|| T::from_bits(bits, width))
    }

    #[inline]
    fn to_bits(self, width: usize) -> Option<u64> {
        match self {
            Some(value) => value.to_bits(width).filter(|&bits| bits != largest(width)),
            None => Some(largest(width)),
        }
    }

    fn show(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Some(value) => value.show(f),
            None => f.write_str("unavailable"),
        }
    }

    #[cfg(feature = "serde")]
    fn entry<M: SerializeMap>(
        self,
        map: &mut M,
        keys: (&'static str, &'static str),
        width: usize,
    ) -> Result<(), M::Error> {
        self.unwrap_or(T::from_bits(largest(width), width)).entry(map, keys, width)
    }
}

impl Field for NtpTime {
    #[inline]
    fn from_bits(bits: u64, _: usize) -> Self {
        Self(bits)
    }

    #[inline]
    fn to_bits(self, _: usize) -> Option<u64> {
        Some(self.0)
    }

    fn show(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }

    /// Its two halves.
    #[cfg(feature = "serde")]
    fn entry<M: SerializeMap>(
        self,
        map: &mut M,
        (seconds, fraction): (&'static str, &'static str),
        _: usize,
    ) -> Result<(), M::Error> {
        map.serialize_entry(seconds, &self.seconds())?;
        map.serialize_entry(fraction, &self.fraction())
    }
}

/// Makes a registry's newtype a field.
macro_rules! registry_field {
    ($type:ident) => {
        impl $crate::rtcp::xr::fixed::Field for $type {
            #[inline]
            fn from_bits(bits: u64, width: usize) -> Self {
                Self($crate::rtcp::xr::fixed::Field::from_bits(bits, width))
            }

            #[inline]
            fn to_bits(self, _: usize) -> Option<u64> {
                Some(self.0.into())
            }

            fn show(self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, "{self}")
            }
        }
    };
}

/// Writes the view and the builder of a block of fixed size: its type, its name in errors, its block length, then
/// `field: type = row: columns;` for each field, with `as "key"` where JSON has another name for it. `or` gives another
/// type that a block of this length is read with, `refuse` a check before writing.
macro_rules! fixed_block {
    (
        $(#[$doc:meta])*
        $view:ident, $builder:ident: $block_type:ident $(or $other:ident)?, $what:literal, length $length:literal $(, refuse $check:path)?;
        $(
            $(#[$field_doc:meta])*
            $field:ident $(as $key:literal $($second:literal)?)?: $type:ty = $row:literal: $first:literal..$end:literal
                $(, default $default:expr)?;
        )*
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq)]
        pub struct $view<'a>(&'a [u8; ($length + 1) * 4]);

        impl<'a> $view<'a> {
            /// Its bytes on the wire.
            pub const LEN: usize = ($length + 1) * 4;

            /// The bits that its fields cover, counted from the front of the block.
            #[cfg(test)]
            pub(crate) const PLACES: &'static [core::ops::Range<usize>] =
                &[$($row * 32 + $first..$row * 32 + $end),*];

            /// Reads the block at the front of `bytes`, header included; what follows it is ignored.
            ///
            /// # Errors
            /// Another block type, another block length than the type has, fewer bytes than that.
            #[inline]
            pub fn parse(bytes: &'a [u8]) -> Result<Self, $crate::error::ParseError> {
                $crate::error::run($what, bytes, Self::block)
            }

            /// The block, its length checked: after this no accessor can fail.
            #[inline]
            pub(crate) fn block(i: &'a [u8]) -> $crate::error::Step<'a, Self> {
                use $crate::rtcp::xr::{BlockType, raw::fixed};
                $(if let Ok((rest, bytes)) = fixed(BlockType::$other)(i) {
                    return Ok((rest, Self(bytes)));
                })?
                let (rest, bytes) = fixed(BlockType::$block_type)(i)?;
                Ok((rest, Self(bytes)))
            }

            /// The block as it is on the wire, its header included.
            #[inline]
            pub const fn as_bytes(&self) -> &'a [u8; ($length + 1) * 4] {
                self.0
            }

            $(
                $(#[$field_doc])*
                #[inline]
                pub fn $field(&self) -> $type {
                    use $crate::rtcp::xr::fixed::{Field, bits};
                    let value = bits(self.0, $row * 32 + $first, $row * 32 + $end);
                    <$type as Field>::from_bits(value, $end - $first)
                }
            )*
        }

        impl core::fmt::Display for $view<'_> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, "{}", $crate::rtcp::xr::BlockType::$block_type)?;
                $($crate::rtcp::xr::fixed::show(f, stringify!($field), self.$field())?;)*
                Ok(())
            }
        }

        impl core::fmt::Debug for $view<'_> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_struct(stringify!($view))$(.field(stringify!($field), &self.$field()))*.finish()
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $view<'_> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use $crate::rtcp::xr::{BlockType, fixed::Field, raw::serialize_block_header_of};
                use serde::ser::SerializeMap;
                let mut map = serializer.serialize_map(None)?;
                let [number, ..] = *self.0;
                serialize_block_header_of(&mut map, BlockType::$block_type, number, Self::LEN)?;
                $(
                    let keys = $crate::rtcp::xr::fixed::keys!($field $($key $($second)?)?);
                    self.$field().entry(&mut map, keys, $end - $first)?;
                )*
                map.end()
            }
        }

        /// Byte for byte as it was read.
        impl $crate::encode::Encode for $view<'_> {
            #[inline]
            fn encoded_len(&self) -> usize {
                Self::LEN
            }

            #[inline]
            fn encode(
                &self,
                out: &mut $crate::encode::Sink<'_>,
            ) -> Result<(), $crate::error::BuildError> {
                *out.array()? = *self.0;
                Ok(())
            }
        }

        #[doc = concat!("A [`", stringify!($view), "`] to be written: fill in the fields, or take a view's by `From`.")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $builder {
            $(
                #[doc = concat!("As [`", stringify!($view), "::", stringify!($field), "`].")]
                pub $field: $type,
            )*
        }

        impl Default for $builder {
            fn default() -> Self {
                Self { $($field: $crate::rtcp::xr::fixed::or_default!($($default)?),)* }
            }
        }

        impl From<$view<'_>> for $builder {
            fn from(block: $view<'_>) -> Self {
                Self { $($field: block.$field(),)* }
            }
        }

        impl $crate::encode::Encode for $builder {
            #[inline]
            fn encoded_len(&self) -> usize {
                $view::LEN
            }

            #[inline]
            fn encode(
                &self,
                out: &mut $crate::encode::Sink<'_>,
            ) -> Result<(), $crate::error::BuildError> {
                use $crate::rtcp::xr::{BlockType, raw::block_header};
                use $crate::rtcp::xr::fixed::{Field, set_bits};
                $($check(self)?;)?
                let mut block = [0; $view::LEN];
                if let Some(header) = block.first_chunk_mut() {
                    *header = block_header(BlockType::$block_type, 0, $view::LEN)?;
                }
                $(
                    Field::to_bits(self.$field, $end - $first)
                        .and_then(|value| set_bits(&mut block, $row * 32 + $first, $row * 32 + $end, value))
                        .ok_or($crate::error::BuildError::OutOfRange { field: stringify!($field) })?;
                )*
                *out.array()? = block;
                Ok(())
            }
        }
    };
}

/// A rate in 1/32768 as a part of 1 (RFC 7004 section 3.1.2).
#[inline]
pub(crate) fn rate(value: u16) -> f32 {
    f32::from(value) / 32_768.0
}

/// Refuses a rate above 1.
pub(crate) fn check_rate(field: &'static str, rate: Option<u16>) -> Result<(), BuildError> {
    if rate.is_some_and(|rate| rate > 0x8000) {
        return Err(BuildError::OutOfRange { field });
    }
    Ok(())
}

/// ` name=value`; an SSRC in hex.
pub(crate) fn show(f: &mut fmt::Formatter<'_>, name: &str, value: impl Field) -> fmt::Result {
    match value.to_bits(32) {
        Some(ssrc) if name.ends_with("ssrc") => write!(f, " {name}={ssrc:#010x}"),
        _ => {
            write!(f, " {name}=")?;
            value.show(f)
        }
    }
}

/// The keys that a field has in JSON: its own name, or the one given; a second for a second half.
#[cfg(feature = "serde")]
macro_rules! keys {
    ($field:ident) => {
        (stringify!($field), "")
    };
    ($field:ident $key:literal) => {
        ($key, "")
    };
    ($field:ident $key:literal $second:literal) => {
        ($key, $second)
    };
}

macro_rules! or_default {
    () => {
        Default::default()
    };
    ($value:expr) => {
        $value
    };
}

/// Tests that every block of fixed size has to pass, on `$words`, a block that its builder may write.
#[cfg(test)]
macro_rules! fixed_block_tests {
    ($view:ident, $builder:ident, $words:expr) => {
        #[test]
        fn writes_what_it_reads() {
            use $crate::encode::Encode;
            let bytes = $crate::testing::words($words);
            let block = $view::parse(&bytes).unwrap();
            assert_eq!($builder::from(block).to_vec().unwrap(), bytes);
            assert_eq!(block.to_vec().unwrap(), bytes);
        }

        #[test]
        fn refuses_another_type_another_length_and_every_truncation() {
            use $crate::error::ErrorKind;
            let bytes = $crate::testing::words($words);
            $crate::testing::refuses_every_truncation(&bytes, $view::parse);
            let refused = |bytes: &[u8]| {
                let error = $view::parse(bytes).unwrap_err();
                (error.field, error.offset, error.kind)
            };
            let another = [&[255], &bytes[1..]].concat();
            assert_eq!(refused(&another), ("block type", 0, ErrorKind::Value { found: 255 }));
            let mut longer = [&bytes[..], &[0; 4]].concat();
            longer[3] += 1;
            let kind = ErrorKind::Length { found: longer.len(), have: bytes.len() };
            assert_eq!(refused(&longer), ("block length", 2, kind));
            let mut shorter = bytes.clone();
            shorter[3] -= 1;
            let kind = ErrorKind::Length { found: bytes.len() - 4, have: bytes.len() };
            assert_eq!(refused(&shorter), ("block length", 2, kind));
        }

        #[test]
        fn no_two_fields_overlap() {
            let mut places = $view::PLACES.to_vec();
            places.sort_by_key(|place| place.start);
            assert!(places.windows(2).all(|pair| pair[0].end <= pair[1].start));
            assert!(places.last().unwrap().end <= $view::LEN * 8);
        }

        proptest::proptest! {
            /// Whatever its bytes; what the builder refuses is for the block's own tests.
            #[test]
            fn what_parses_is_written_again(
                contents in proptest::prelude::any::<[u8; $view::LEN]>(),
            ) {
                use $crate::encode::Encode;
                let mut bytes = $crate::testing::words($words);
                for bit in $view::PLACES.iter().cloned().flatten() {
                    let mask = 0x80 >> (bit % 8);
                    bytes[bit / 8] = bytes[bit / 8] & !mask | contents[bit / 8] & mask;
                }
                let block = $view::parse(&bytes).unwrap();
                $crate::testing::shows(&block);
                if let Ok(written) = $builder::from(block).to_vec() {
                    proptest::prop_assert_eq!(&written, &bytes);
                }
            }
        }
    };
}

pub(crate) use fixed_block;
#[cfg(test)]
pub(crate) use fixed_block_tests;
#[cfg(feature = "serde")]
pub(crate) use keys;
pub(crate) use or_default;
pub(crate) use registry_field;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bits_are_counted_as_the_figures_do() {
        let block = [0b1010_0001, 0xFF, 0x00, 0x80, 1, 2, 3, 4];
        assert_eq!(bits(&block, 0, 3), 0b101);
        assert_eq!(bits(&block, 7, 17), 0b11_1111_1110);
        assert_eq!(bits(&block, 0, 64), 0xA1FF_0080_0102_0304);
        assert_eq!(bits(&block, 28, 64), 0x0_0102_0304);
    }

    proptest! {
        #[test]
        fn bits_come_back_and_touch_no_others(first in 0usize..64, width in 1usize..57, value in any::<u64>()) {
            let (end, value) = (first + width, value & largest(width));
            let mut block = [0; 16];
            set_bits(&mut block, first, end, value).unwrap();
            prop_assert_eq!(bits(&block, first, end), value);
            prop_assert_eq!(u128::from_be_bytes(block), u128::from(value) << (128 - end));
            prop_assert_eq!(set_bits(&mut block, first, end, largest(width) + 1), None);
        }
    }
}
