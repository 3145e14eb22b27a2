//! VP9 payload descriptors renumbered in place. The layout is in descriptor.rs.

use core::fmt;

use super::Descriptor;
use crate::error::{BuildError, ParseError};
use crate::rtp::payload::picture_id::PictureId;

/// A VP9 payload descriptor, changed in place: what a server does that joins streams, or leaves pictures out.
///
/// The fields keep their width and their place; one that is not there cannot be set.
///
/// ```
/// use mediawire::rtp::{PacketMut, payload::vp9};
///
/// # let mut datagram = [0x80, 98, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0xa8, 0x92, 0x67, 0, 3, 0x83];
/// let mut packet = PacketMut::parse(&mut datagram)?;
/// let mut descriptor = vp9::DescriptorMut::parse(packet.payload_mut())?;
/// descriptor.set_picture_id(4712)?;
/// descriptor.set_tl0picidx(4)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct DescriptorMut<'a> {
    payload: &'a mut [u8],
    has_picture_id: bool,
    /// Where TL0PICIDX lies.
    tl0picidx: Option<usize>,
}

impl<'a> DescriptorMut<'a> {
    /// Reads the descriptor at the front of an RTP payload, as [`Descriptor::parse`] does.
    ///
    /// # Errors
    /// As [`Descriptor::parse`].
    #[inline]
    pub fn parse(payload: &'a mut [u8]) -> Result<Self, ParseError> {
        let view = Descriptor::parse(payload)?;
        let picture_id = view.picture_id().map_or(0, PictureId::len);
        let tl0picidx = view.tl0picidx().map(|_| 2 + picture_id);
        Ok(Self { has_picture_id: view.picture_id().is_some(), tl0picidx, payload })
    }

    /// The descriptor as it is now.
    #[inline]
    pub fn as_descriptor(&self) -> Descriptor<'_> {
        // Read once and not changed in its shape since: it is one still.
        Descriptor::parse(self.payload).unwrap_or(Descriptor::NOTHING)
    }

    /// Sets the picture ID: as many of the low bits of `picture_id` as it has, 7 or 15.
    ///
    /// # Errors
    /// There is none.
    #[inline]
    pub fn set_picture_id(&mut self, picture_id: u16) -> Result<(), BuildError> {
        if !self.has_picture_id {
            return Err(BuildError::OutOfRange { field: "picture ID" });
        }
        PictureId::overwrite(self.payload.get_mut(1..).unwrap_or_default(), picture_id);
        Ok(())
    }

    /// Sets TL0PICIDX.
    ///
    /// # Errors
    /// There is none: the mode is flexible, or there are no layers.
    #[inline]
    pub fn set_tl0picidx(&mut self, tl0picidx: u8) -> Result<(), BuildError> {
        let place = self.tl0picidx.and_then(|at| self.payload.get_mut(at));
        *place.ok_or(BuildError::OutOfRange { field: "TL0PICIDX" })? = tl0picidx;
        Ok(())
    }
}

/// As that of the view.
impl fmt::Display for DescriptorMut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_descriptor().fmt(f)
    }
}

/// As that of the view.
impl fmt::Debug for DescriptorMut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.as_descriptor(), f)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::vec::Vec;

    use super::super::DescriptorBuilder;
    use super::*;
    use crate::encode::Encode;

    #[test]
    fn changes_what_is_there_and_nothing_else() {
        // RFC 9628 section 4.2, non-flexible: I L B, a picture ID of 7 or 15 bits, TID=1, TL0PICIDX, payload.
        let mut short = [0xA8, 0x11, 0x20, 0xFE, 0xAA];
        let mut descriptor = DescriptorMut::parse(&mut short).unwrap();
        let view = descriptor.as_descriptor();
        let shown = std::format!("{view} {view:?}");
        assert_eq!(std::format!("{descriptor} {descriptor:?}"), shown);
        descriptor.set_picture_id(0x81).unwrap();
        descriptor.set_tl0picidx(0xFF).unwrap();
        assert_eq!(short, [0xA8, 0x01, 0x20, 0xFF, 0xAA]);
        let mut long = [0xA8, 0x92, 0x67, 0x20, 0xFE, 0xAA];
        let mut descriptor = DescriptorMut::parse(&mut long).unwrap();
        descriptor.set_picture_id(0x81).unwrap();
        descriptor.set_tl0picidx(0xFF).unwrap();
        assert_eq!(descriptor.as_descriptor().picture_id(), Some(PictureId::Long(0x81)));
        assert_eq!(long, [0xA8, 0x80, 0x81, 0x20, 0xFF, 0xAA]);
    }

    #[test]
    fn refuses_what_is_not_there() {
        for mut bytes in [[0x08, 0xFF, 0xFF, 0xFF], [0x38, 0x20, 0xFF, 0xFF]] {
            let before = bytes;
            let mut descriptor = DescriptorMut::parse(&mut bytes).unwrap();
            let none = |field| Err(BuildError::OutOfRange { field });
            assert_eq!(descriptor.set_picture_id(1), none("picture ID"));
            assert_eq!(descriptor.set_tl0picidx(1), none("TL0PICIDX"));
            assert_eq!(bytes, before);
        }
    }

    proptest! {
        #[test]
        fn edited_is_what_is_built_with_the_new_numbers(
            mut bytes in prop::collection::vec(any::<u8>(), 0..24),
            (picture_id, tl0picidx) in (any::<u16>(), any::<u8>()),
        ) {
            let before = bytes.clone();
            let Ok(view) = Descriptor::parse(&before) else { return Ok(()) };
            prop_assume!(!view.is_flexible() || view.picture_id().is_some());
            let built = DescriptorBuilder {
                picture_id: view.picture_id().map(|id| id.with_value(picture_id)),
                tl0picidx: view.tl0picidx().map(|_| tl0picidx),
                ..view.into()
            };
            let mut expected: Vec<_> = std::vec![0; built.encoded_len()];
            built.write(&mut expected).unwrap();
            expected.extend(view.payload());
            let mut descriptor = DescriptorMut::parse(&mut bytes).unwrap();
            prop_assert_eq!(descriptor.set_picture_id(picture_id).is_ok(), view.picture_id().is_some());
            prop_assert_eq!(descriptor.set_tl0picidx(tl0picidx).is_ok(), view.tl0picidx().is_some());
            prop_assert_eq!(bytes, expected);
        }
    }
}
