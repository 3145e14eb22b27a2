//! VP9 scalability structure, SS (RFC 9628 section 4.2.1).
//!
//! ```text
//! | N_S |Y|G|-|-|-|  first
//! |             width             |  resolutions, if Y: N_S + 1 times
//! |            height             |
//! |      N_G      |  if G
//! | TID |U| R |-|-|  pictures: N_G times
//! |    P_DIFF     |  R times
//! ```

use core::fmt;
use core::iter::FusedIterator;
use core::ops::Range;

use byteorder::{BE, ByteOrder};
use nom::Parser;
use nom::error::context;

use crate::encode::{Encode, Sink, narrow};
use crate::error::{BuildError, ParseError, Step, run};
use crate::show::DebugList;
use crate::wire::{byte, bytes, counted};

const WIDTH: Range<usize> = 0..2;
const HEIGHT: Range<usize> = 2..4;

// Bits of the first byte, and of a picture's.
const N_S_SHIFT: u8 = 5;
const Y: u8 = 0x10;
const G: u8 = 0x08;
const TID_SHIFT: u8 = 5;
const U: u8 = 0x10;
const R_SHIFT: u8 = 2;

/// Which layers a stream has, and by what pattern its pictures refer to each other; read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ScalabilityStructure<'a> {
    first: u8,
    resolutions: &'a [[u8; 4]],
    picture_count: u8,
    pictures: &'a [u8],
}

/// A picture of the group that repeats, in non-flexible mode.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct GroupPicture<'a> {
    first: u8,
    references: &'a [u8],
}

impl<'a> ScalabilityStructure<'a> {
    /// Reads the structure at the front of `bytes`; what follows it is ignored.
    ///
    /// # Errors
    /// A structure cut short.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("VP9 scalability structure", bytes, scalability_structure)
    }

    /// N_S + 1: the spatial layers, 1 to 8.
    #[inline]
    pub const fn spatial_layer_count(&self) -> u8 {
        (self.first >> N_S_SHIFT) + 1
    }

    /// Width and height of each spatial layer in pixels, the lowest first; none if the Y bit is 0.
    #[inline]
    pub fn resolutions(&self) -> impl ExactSizeIterator<Item = (u16, u16)> + Clone + use<'a> {
        self.resolutions
            .iter()
            .map(|size| (BE::read_u16(&size[WIDTH]), BE::read_u16(&size[HEIGHT])))
    }

    /// The G bit: the pattern of the pictures is there.
    #[inline]
    pub const fn has_picture_group(&self) -> bool {
        self.first & G != 0
    }

    /// N_G: the pictures of the pattern.
    #[inline]
    pub const fn picture_count(&self) -> u8 {
        self.picture_count
    }

    /// The pictures of the pattern, in its order.
    #[inline]
    pub const fn pictures(&self) -> GroupPictures<'a> {
        GroupPictures(self.pictures)
    }
}

/// The structure at the front of `i`, every picture of it checked.
#[inline]
pub(super) fn scalability_structure(i: &[u8]) -> Step<'_, ScalabilityStructure<'_>> {
    let (mut rest, first) = context("scalability structure", byte).parse(i)?;
    let layers = usize::from(first >> N_S_SHIFT) + 1;
    let (mut resolutions, mut picture_count) = (&[][..], 0);
    if first & Y != 0 {
        (rest, resolutions) = context("resolutions", counted(layers)).parse(rest)?;
    }
    if first & G != 0 {
        (rest, picture_count) = context("number of pictures", byte).parse(rest)?;
    }
    let group = rest;
    for _ in 0..picture_count {
        (rest, _) = group_picture(rest)?;
    }
    // `rest` is the end of `group`.
    let pictures = group.get(..group.len().saturating_sub(rest.len())).unwrap_or_default();
    Ok((rest, ScalabilityStructure { first, resolutions, picture_count, pictures }))
}

/// The picture at the front of `i`.
#[inline]
fn group_picture(i: &[u8]) -> Step<'_, GroupPicture<'_>> {
    let (rest, first) = context("picture of the group", byte).parse(i)?;
    let count = usize::from(first >> R_SHIFT & 3);
    let (rest, references) = context("references", bytes(count)).parse(rest)?;
    Ok((rest, GroupPicture { first, references }))
}

/// The pictures of a group, in its order.
#[derive(Clone, Copy)]
pub struct GroupPictures<'a>(&'a [u8]);

impl<'a> Iterator for GroupPictures<'a> {
    type Item = GroupPicture<'a>;

    #[inline]
    fn next(&mut self) -> Option<GroupPicture<'a>> {
        let (rest, picture) = group_picture(self.0).ok()?;
        self.0 = rest;
        Some(picture)
    }
}

impl FusedIterator for GroupPictures<'_> {}

impl fmt::Debug for GroupPictures<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        DebugList(*self).fmt(f)
    }
}

impl<'a> GroupPicture<'a> {
    /// TID: its temporal layer, 0 to 7.
    #[inline]
    pub const fn tid(&self) -> u8 {
        self.first >> TID_SHIFT
    }

    /// U: a receiver may go up to this temporal layer here.
    #[inline]
    pub const fn switching_up_point(&self) -> bool {
        self.first & U != 0
    }

    /// P_DIFF of each reference, at most 3: how many pictures before this one it is.
    #[inline]
    pub const fn references(&self) -> &'a [u8] {
        self.references
    }
}

impl fmt::Debug for GroupPicture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupPicture")
            .field("tid", &self.tid())
            .field("switching_up_point", &self.switching_up_point())
            .field("references", &self.references)
            .finish()
    }
}

/// `layers=3[320x180,640x360,1280x720] pictures=4`
impl fmt::Display for ScalabilityStructure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "layers={}", self.spatial_layer_count())?;
        for (index, (width, height)) in self.resolutions().enumerate() {
            write!(f, "{}{width}x{height}", if index == 0 { '[' } else { ',' })?;
        }
        if !self.resolutions.is_empty() {
            f.write_str("]")?;
        }
        if self.has_picture_group() {
            write!(f, " pictures={}", self.picture_count)?;
        }
        Ok(())
    }
}

impl fmt::Debug for ScalabilityStructure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScalabilityStructure")
            .field("spatial_layer_count", &self.spatial_layer_count())
            .field("resolutions", &DebugList(self.resolutions()))
            .field("has_picture_group", &self.has_picture_group())
            .field("pictures", &self.pictures())
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for GroupPicture<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("tid", &self.tid())?;
        map.serialize_entry("switching_up_point", &self.switching_up_point())?;
        map.serialize_entry("p_diffs", self.references)?;
        map.end()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for ScalabilityStructure<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use crate::ser::List;
        use serde::ser::SerializeMap;

        /// Width and height of a layer.
        struct Resolution((u16, u16));

        impl serde::Serialize for Resolution {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(Some(2))?;
                map.serialize_entry("width", &self.0.0)?;
                map.serialize_entry("height", &self.0.1)?;
                map.end()
            }
        }

        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("spatial_layer_count", &self.spatial_layer_count())?;
        map.serialize_entry("resolutions", &List(self.resolutions().map(Resolution)))?;
        if self.has_picture_group() {
            map.serialize_entry("pictures", &List(self.pictures()))?;
        }
        map.end()
    }
}

/// Byte for byte as it was read.
impl Encode for ScalabilityStructure<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        let group = if self.has_picture_group() { 1 + self.pictures.len() } else { 0 };
        1 + self.resolutions.as_flattened().len() + group
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        out.bytes(&[self.first])?;
        out.bytes(self.resolutions.as_flattened())?;
        if self.has_picture_group() {
            out.bytes(&[self.picture_count])?;
        }
        out.bytes(self.pictures)
    }
}

/// A [`ScalabilityStructure`] to be written.
///
/// ```
/// use mediawire::Encode;
/// use mediawire::rtp::payload::vp9::ScalabilityStructureBuilder;
///
/// let structure = ScalabilityStructureBuilder {
///     spatial_layer_count: 2,
///     resolutions: &[(320, 180), (640, 360)],
///     // The base layer refers one group back, the other picture to the base layer.
///     pictures: Some(&[(0, true, &[2]), (1, true, &[1])]),
/// };
/// let mut buffer = [0; 32];
/// assert_eq!(structure.write(&mut buffer)?, 1 + 8 + 1 + 4);
/// # Ok::<(), mediawire::BuildError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScalabilityStructureBuilder<'a> {
    /// As [`ScalabilityStructure::spatial_layer_count`]: 1 to 8.
    pub spatial_layer_count: u8,
    /// Width and height: one for each spatial layer, or none at all.
    pub resolutions: &'a [(u16, u16)],
    /// The pattern, if any, at most 255 pictures: [`tid`](GroupPicture::tid),
    /// [`switching_up_point`](GroupPicture::switching_up_point) and [`references`](GroupPicture::references) of each.
    pub pictures: Option<&'a [(u8, bool, &'a [u8])]>,
}

impl Encode for ScalabilityStructureBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        let picture = |picture: &(u8, bool, &[u8])| picture.2.len().saturating_add(1);
        let group = self
            .pictures
            .map_or(0, |pictures| pictures.iter().map(picture).fold(1, usize::saturating_add));
        self.resolutions.len().saturating_mul(4).saturating_add(1).saturating_add(group)
    }

    /// # Errors
    /// No spatial layer, or more than 8; another number of resolutions; more than 255 pictures; a temporal layer above
    /// 7; more than 3 references.
    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let Some(n_s @ 0..8) = self.spatial_layer_count.checked_sub(1) else {
            return Err(BuildError::OutOfRange { field: "number of spatial layers" });
        };
        let mut first = n_s << N_S_SHIFT;
        if !self.resolutions.is_empty() {
            if self.resolutions.len() != usize::from(self.spatial_layer_count) {
                return Err(BuildError::OutOfRange { field: "number of resolutions" });
            }
            first |= Y;
        }
        if self.pictures.is_some() {
            first |= G;
        }
        out.bytes(&[first])?;
        for &(width, height) in self.resolutions {
            let size = out.array::<4>()?;
            BE::write_u16(&mut size[WIDTH], width);
            BE::write_u16(&mut size[HEIGHT], height);
        }
        let Some(pictures) = self.pictures else { return Ok(()) };
        out.bytes(&[narrow("number of pictures", pictures.len())?])?;
        for &(tid, switching_up_point, references) in pictures {
            let count: u8 = narrow("number of references", references.len())?;
            if count > 3 {
                return Err(BuildError::OutOfRange { field: "number of references" });
            }
            if tid > 7 {
                return Err(BuildError::OutOfRange { field: "TID" });
            }
            let up = if switching_up_point { U } else { 0 };
            out.bytes(&[tid << TID_SHIFT | up | count << R_SHIFT])?;
            out.bytes(references)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;
    use crate::error::ErrorKind;

    // RFC 9628 section 4.2.1, row by row.
    const FULL: [u8; 17] = [
        0x38, // N_S=1 Y=1 G=1
        0x01, 0x40, 0x00, 0xB4, // 320x180
        0x02, 0x80, 0x01, 0x68, // 640x360
        0x03, // N_G=3
        0x14, 0x04, // TID=0 U=1 R=1, P_DIFF 4
        0x54, 0x01, // TID=2 U=1 R=1, P_DIFF 1
        0x28, 0x02, 0x01, // TID=1 U=0 R=2, P_DIFF 2 and 1
    ];

    #[test]
    fn reads_every_field() {
        let view = ScalabilityStructure::parse(&FULL).unwrap();
        assert_eq!(view.spatial_layer_count(), 2);
        assert_eq!(view.resolutions().collect::<Vec<_>>(), [(320, 180), (640, 360)]);
        assert!(view.has_picture_group());
        let pictures: Vec<_> =
            view.pictures().map(|p| (p.tid(), p.switching_up_point(), p.references())).collect();
        let expected: [(u8, bool, &[u8]); 3] =
            [(0, true, &[4]), (2, true, &[1]), (1, false, &[2, 1])];
        assert_eq!(pictures, expected);
        assert_eq!(view.to_string(), "layers=2[320x180,640x360] pictures=3");
        let builder = ScalabilityStructureBuilder {
            spatial_layer_count: 2,
            resolutions: &[(320, 180), (640, 360)],
            pictures: Some(&expected),
        };
        let mut out = [0; FULL.len()];
        assert_eq!(builder.write(&mut out), Ok(FULL.len()));
        assert_eq!(out, FULL);
    }

    #[test]
    fn a_group_may_be_empty() {
        let view = ScalabilityStructure::parse(&[0x08, 0, 0xAA]).unwrap();
        assert_eq!((view.spatial_layer_count(), view.picture_count()), (1, 0));
        assert!(view.has_picture_group() && view.pictures().next().is_none());
        assert_eq!(view.encoded_len(), 2);
    }

    #[test]
    fn refuses_every_truncation() {
        for len in 0..FULL.len() {
            let error = ScalabilityStructure::parse(&FULL[..len]).unwrap_err();
            assert!(error.offset <= len, "{error}");
        }
        let error = ScalabilityStructure::parse(&FULL[..8]).unwrap_err();
        assert_eq!((error.field, error.offset), ("resolutions", 1));
        assert_eq!(error.kind, ErrorKind::Count { need: 8, have: 7 });
    }

    #[test]
    fn refuses_to_write_what_has_no_room() {
        let refuses = |builder: ScalabilityStructureBuilder<'_>, field| {
            assert_eq!(builder.write(&mut [0; 2000]), Err(BuildError::OutOfRange { field }));
        };
        let one = ScalabilityStructureBuilder { spatial_layer_count: 1, ..Default::default() };
        for spatial_layer_count in [0, 9] {
            let builder = ScalabilityStructureBuilder { spatial_layer_count, ..one };
            refuses(builder, "number of spatial layers");
        }
        let builder = ScalabilityStructureBuilder { resolutions: &[(1, 1), (2, 2)], ..one };
        refuses(builder, "number of resolutions");
        let builder = ScalabilityStructureBuilder { pictures: Some(&[(8, false, &[])]), ..one };
        refuses(builder, "TID");
        let pictures: &[(u8, bool, &[u8])] = &[(0, false, &[1, 2, 3, 4])];
        refuses(
            ScalabilityStructureBuilder { pictures: Some(pictures), ..one },
            "number of references",
        );
        let pictures: &[(u8, bool, &[u8])] = &[(0, false, &[][..]); 256];
        refuses(
            ScalabilityStructureBuilder { pictures: Some(pictures), ..one },
            "number of pictures",
        );
    }

    proptest! {
        #[test]
        fn any_structure_is_written_as_it_was_read(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            if let Ok(view) = ScalabilityStructure::parse(&bytes) {
                let mut out: Vec<_> = std::vec![0; view.encoded_len()];
                view.write(&mut out).unwrap();
                prop_assert!(bytes.starts_with(&out));
                prop_assert_eq!(view.pictures().count(), usize::from(view.picture_count()));
            }
        }
    }
}
