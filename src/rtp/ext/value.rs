//! What every kind of extension element has in common.

use super::Uri;
use crate::encode::Encode;
use crate::error::{ErrorKind, Fail, ParseError, Step};
use crate::wire::array;

/// A kind of extension element: what signalling calls it, and how its data is read and, by [`Encode`], written.
///
/// [`ExtensionMap::get`](super::ExtensionMap::get) reads by it, [`ExtensionMap::set`](super::ExtensionMap::set) and
/// [`ElementList`](super::ElementList) write by it.
pub trait Value<'a>: Encode + Sized {
    /// The URIs that name it: one, or two where a draft's is still in use. The first is the one to offer.
    const URIS: &'static [Uri];

    /// Reads the data of an element, all of it.
    ///
    /// # Errors
    /// Data that this kind does not have; places are counted from its front.
    fn parse(data: &'a [u8]) -> Result<Self, ParseError>;
}

/// Makes a type that has a `parse` of its own a [`Value`], and with `serde` gives it the fields of its `Fields`.
macro_rules! value {
    ($type:ident $(<$life:lifetime>)?: $($uri:ident),+) => {
        impl<'a> $crate::rtp::ext::Value<'a> for $type $(<$life>)? {
            const URIS: &'static [$crate::rtp::ext::Uri] = &[$($crate::rtp::ext::Uri::$uri),+];

            #[inline]
            fn parse(data: &'a [u8]) -> Result<Self, $crate::error::ParseError> {
                Self::parse(data)
            }
        }

        #[cfg(feature = "serde")]
        $crate::rtp::ext::value::serialize!($type $(<$life>)?);
    };
}

/// An object of the fields that `Fields` gives.
#[cfg(feature = "serde")]
macro_rules! serialize {
    ($type:ident $(<$life:lifetime>)?) => {
        impl $(<$life>)? serde::Serialize for $type $(<$life>)? {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap;

                let mut map = serializer.serialize_map(None)?;
                $crate::rtp::ext::value::Fields::fields(self, &mut map)?;
                map.end()
            }
        }
    };
}

#[cfg(feature = "serde")]
pub(crate) use serialize;
pub(crate) use value;

/// The fields of a value, as the registry's layout names them: an object of their own, or a part of another.
#[cfg(feature = "serde")]
pub(crate) trait Fields {
    fn fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;
}

/// Data of `N` bytes, no fewer and no more.
#[inline]
pub(crate) fn exactly<const N: usize>(i: &[u8]) -> Step<'_, &[u8; N]> {
    let (rest, head) = array(i)?;
    ended(i, rest)?;
    Ok((rest, head))
}

/// Nothing may be left of `data`.
#[inline]
pub(crate) fn ended<'a>(data: &[u8], rest: &'a [u8]) -> Result<(), nom::Err<Fail<'a>>> {
    if rest.is_empty() {
        return Ok(());
    }
    let found = data.len();
    let kind = ErrorKind::Length { found, have: found.saturating_sub(rest.len()) };
    Err(Fail::field("element length", rest, kind))
}

/// What the tests of this folder share.
#[cfg(test)]
pub(crate) mod check {
    extern crate std;
    use std::fmt::{Debug, Display};
    use std::string::String;
    use std::vec;

    use super::Value;
    use crate::encode::Encode;
    use crate::error::{BuildError, ErrorKind, ParseError};
    use crate::testing::shows_any;

    /// Reads `data` as `value`, writes the same bytes out of it, and shows it in one line.
    pub(crate) fn both_ways<'a, T>(data: &'a [u8], value: T)
    where
        T: Value<'a> + PartialEq + Debug + Display,
    {
        assert_eq!(T::parse(data).as_ref(), Ok(&value), "{data:02x?}");
        assert_eq!(value.encoded_len(), data.len(), "{value:?}");
        let mut out = vec![0xEE; data.len() + 1];
        assert_eq!(value.write(&mut out), Ok(data.len()), "{value:?}");
        assert_eq!(out, [data, &[0xEE]].concat(), "{value:?}");
        let short = &mut out[..data.len() - 1];
        let error = BuildError::BufferTooSmall { need: data.len(), have: data.len() - 1 };
        assert_eq!(value.write(short), Err(error));
        shows_any(&value);
    }

    /// Asserts that `data` is refused at this field and place.
    pub(crate) fn refuses<'a, T>(data: &'a [u8], field: &str, offset: usize, kind: ErrorKind)
    where
        T: Value<'a> + Debug,
    {
        let error = T::parse(data).unwrap_err();
        assert_eq!((error.field, error.offset, error.kind), (field, offset, kind), "{error}");
    }

    /// Asserts that the only lengths that this kind takes are `lengths`, whatever the bytes are; those of `fill`.
    pub(crate) fn takes_only_lengths<T>(
        fill: u8,
        lengths: &[usize],
        parse: impl Fn(&[u8]) -> Result<T, ParseError>,
    ) {
        let data = [fill; 64];
        for len in 0..=data.len() {
            let result = parse(&data[..len]).map(|_| ());
            assert_eq!(result.is_ok(), lengths.contains(&len), "{len}: {result:?}");
            let Err(error) = result else { continue };
            assert!(error.offset <= len, "{error}");
            let longer = lengths.iter().any(|&length| length > len);
            match error.kind {
                ErrorKind::Truncated { need, have } => assert!(longer && need > have, "{error}"),
                ErrorKind::Length { .. } => assert!(len > 0, "{error}"),
                _ => panic!("{error}"),
            }
        }
    }

    /// Asserts that the value is not written, for this field.
    pub(crate) fn not_written(value: &(impl Encode + Debug), field: &'static str) {
        let error = BuildError::OutOfRange { field };
        assert_eq!(value.write(&mut [0; 300]), Err(error), "{value:?}");
    }

    /// What is read out of any bytes is written again byte for byte.
    pub(crate) fn lossless<'a, T: Value<'a> + Debug + Display>(data: &'a [u8]) {
        if let Ok(value) = T::parse(data) {
            let mut out = vec![0; value.encoded_len()];
            assert_eq!(value.write(&mut out), Ok(data.len()), "{value:?}");
            assert_eq!(out, data, "{value:?}");
            shows_any(&value);
        }
    }

    /// The JSON of a value.
    #[cfg(feature = "serde")]
    pub(crate) fn json(value: &impl serde::Serialize) -> String {
        serde_json::to_string(value).unwrap()
    }
}
