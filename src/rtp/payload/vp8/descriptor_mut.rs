//! VP8 payload descriptors renumbered in place. The layout is in descriptor.rs.

use core::fmt;

use super::Descriptor;
use super::descriptor::{I, K, KEYIDX, L};
use crate::error::{BuildError, ParseError};
use crate::rtp::payload::picture_id::PictureId;

/// A VP8 payload descriptor, changed in place: what a server does that joins streams, or leaves frames out.
///
/// The fields keep their width and their place; one that is not there cannot be set.
///
/// ```
/// use mediawire::rtp::{PacketMut, payload::vp8};
///
/// # let mut datagram = [0x80, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0x90, 0x80, 0x92, 0x67, 0x10];
/// let mut packet = PacketMut::parse(&mut datagram)?;
/// let mut descriptor = vp8::DescriptorMut::parse(packet.payload_mut())?;
/// descriptor.set_picture_id(4712)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct DescriptorMut<'a> {
    payload: &'a mut [u8],
    /// Where the byte of TID and KEYIDX lies, or would lie.
    layer: usize,
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
        let layer = 2 + picture_id + usize::from(view.tl0picidx().is_some());
        Ok(Self { payload, layer })
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
        self.announced(I, "picture ID")?;
        PictureId::overwrite(self.payload.get_mut(2..).unwrap_or_default(), picture_id);
        Ok(())
    }

    /// Sets TL0PICIDX.
    ///
    /// # Errors
    /// There is none.
    #[inline]
    pub fn set_tl0picidx(&mut self, tl0picidx: u8) -> Result<(), BuildError> {
        self.announced(L, "TL0PICIDX")?;
        // Behind the picture ID, before TID and KEYIDX.
        if let Some(place) = self.payload.get_mut(self.layer.saturating_sub(1)) {
            *place = tl0picidx;
        }
        Ok(())
    }

    /// Sets KEYIDX, 0 to 31.
    ///
    /// # Errors
    /// There is none; it is above 31.
    #[inline]
    pub fn set_keyidx(&mut self, keyidx: u8) -> Result<(), BuildError> {
        self.announced(K, "KEYIDX")?;
        if keyidx > KEYIDX {
            return Err(BuildError::OutOfRange { field: "KEYIDX" });
        }
        if let Some(place) = self.payload.get_mut(self.layer) {
            *place = *place & !KEYIDX | keyidx;
        }
        Ok(())
    }

    /// Whether the control byte has a bit.
    #[inline]
    fn announced(&self, bit: u8, field: &'static str) -> Result<(), BuildError> {
        match *self.payload {
            [first, control, ..] if first & 0x80 != 0 && control & bit != 0 => Ok(()),
            _ => Err(BuildError::OutOfRange { field }),
        }
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
        // RFC 7741 section 4.2: X N S PID=3, I L T K, a long picture ID, TL0PICIDX, TID=2 Y KEYIDX=5, payload.
        let mut bytes = [0xB3, 0xF0, 0x92, 0x67, 0xFE, 0xA5, 0xAA];
        let mut descriptor = DescriptorMut::parse(&mut bytes).unwrap();
        let view = descriptor.as_descriptor();
        let shown = std::format!("{view} {view:?}");
        assert_eq!(std::format!("{descriptor} {descriptor:?}"), shown);
        descriptor.set_picture_id(0x8001).unwrap();
        descriptor.set_tl0picidx(7).unwrap();
        descriptor.set_keyidx(31).unwrap();
        let refused = Err(BuildError::OutOfRange { field: "KEYIDX" });
        assert_eq!(descriptor.set_keyidx(32), refused);
        assert_eq!(descriptor.as_descriptor().picture_id(), Some(PictureId::Long(1)));
        assert_eq!(bytes, [0xB3, 0xF0, 0x80, 0x01, 7, 0xBF, 0xAA]);
    }

    #[test]
    fn refuses_what_is_not_there() {
        for mut bytes in [[0x10, 0xFF, 0xFF, 0xFF], [0x90, 0x20, 0xFF, 0xFF]] {
            let before = bytes;
            let mut descriptor = DescriptorMut::parse(&mut bytes).unwrap();
            let none = |field| Err(BuildError::OutOfRange { field });
            assert_eq!(descriptor.set_picture_id(1), none("picture ID"));
            assert_eq!(descriptor.set_tl0picidx(1), none("TL0PICIDX"));
            assert_eq!(descriptor.set_keyidx(1), none("KEYIDX"));
            assert_eq!(bytes, before);
        }
    }

    proptest! {
        #[test]
        fn edited_is_what_is_built_with_the_new_numbers(
            mut bytes in prop::collection::vec(any::<u8>(), 0..12),
            (picture_id, tl0picidx, keyidx) in (any::<u16>(), any::<u8>(), 0u8..32),
        ) {
            let before = bytes.clone();
            let Ok(view) = Descriptor::parse(&before) else { return Ok(()) };
            let built = DescriptorBuilder {
                picture_id: view.picture_id().map(|id| id.with_value(picture_id)),
                tl0picidx: view.tl0picidx().map(|_| tl0picidx),
                keyidx: view.keyidx().map(|_| keyidx),
                ..view.into()
            };
            let mut expected: Vec<_> = std::vec![0; built.encoded_len()];
            built.write(&mut expected).unwrap();
            expected.extend(view.payload());
            let mut descriptor = DescriptorMut::parse(&mut bytes).unwrap();
            prop_assert_eq!(descriptor.set_picture_id(picture_id).is_ok(), view.picture_id().is_some());
            prop_assert_eq!(descriptor.set_tl0picidx(tl0picidx).is_ok(), view.tl0picidx().is_some());
            prop_assert_eq!(descriptor.set_keyidx(keyidx).is_ok(), view.keyidx().is_some());
            prop_assert_eq!(bytes, expected);
        }
    }
}
