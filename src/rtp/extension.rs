//! Header extension (RFC 3550 section 5.3.1) and what its profile says of it (RFC 8285, RFC 9335).
//!
//! ```text
//! |      defined by profile       |        length in words        |  header
//! |                  length words of 4 bytes ...                  |  data
//! ```

use core::fmt;
use core::ops::Range;

use byteorder::{BE, ByteOrder};
use nom::Parser;
use nom::error::context;

use super::elements::{Element, Elements, Form, find};
use crate::encode::{Encode, Sink, narrow};
use crate::error::{BuildError, Step};
use crate::registry::registry;
use crate::wire::{array, bytes};

// Places in the header.
pub(crate) const PROFILE: Range<usize> = 0..2;
pub(crate) const WORDS: Range<usize> = 2..4;
pub(crate) const HEADER_LEN: usize = WORDS.end;

registry! {
    /// The 16 bits "defined by profile": what form the extension has (RFC 3550 section 5.3.1).
    Profile(u16) {
        /// Elements in the one-byte form (RFC 8285 section 4.2).
        ONE_BYTE = 0xBEDE, "one-byte";
        /// Elements in the two-byte form, appbits 0 (RFC 8285 section 4.3).
        TWO_BYTE = 0x1000, "two-byte";
        /// Elements in the one-byte form, encrypted together with the CSRCs (Cryptex, RFC 9335).
        CRYPTEX_ONE_BYTE = 0xC0DE, "Cryptex one-byte";
        /// Elements in the two-byte form, encrypted together with the CSRCs (Cryptex, RFC 9335).
        CRYPTEX_TWO_BYTE = 0xC2DE, "Cryptex two-byte";
    }
}

impl Profile {
    /// The form of the elements: 0xBEDE and 0x1000 to 0x100F have one; any other profile has data of its own kind.
    #[inline]
    pub const fn form(self) -> Option<Form> {
        match self.0 {
            0xBEDE => Some(Form::OneByte),
            0x1000..=0x100F => Some(Form::TwoByte),
            _ => None,
        }
    }

    /// Data and CSRCs are encrypted together (Cryptex, RFC 9335): there are no elements before they are decrypted.
    #[inline]
    pub const fn is_cryptex(self) -> bool {
        matches!(self, Self::CRYPTEX_ONE_BYTE | Self::CRYPTEX_TWO_BYTE)
    }

    /// The four bits of the two-byte form that an application may use (RFC 8285 section 4.3); `None` in other profiles.
    #[inline]
    pub const fn appbits(self) -> Option<u8> {
        match self.0 {
            0x1000..=0x100F => Some(self.0.to_be_bytes()[1] & 15),
            _ => None,
        }
    }

    /// The two-byte form with these appbits; `None` if they are above 15.
    #[inline]
    pub const fn two_byte(appbits: u8) -> Option<Self> {
        match appbits {
            0..=15 => Some(Self(u16::from_be_bytes([0x10, appbits]))),
            _ => None,
        }
    }
}

/// A header extension, read in place.
#[derive(Clone, Copy)]
pub struct Extension<'a> {
    header: &'a [u8; HEADER_LEN],
    data: &'a [u8],
    /// Where it ends in the packet, for the place of an error.
    end: usize,
}

impl<'a> Extension<'a> {
    /// Out of parts that belong together.
    #[inline]
    pub(crate) const fn new(header: &'a [u8; HEADER_LEN], data: &'a [u8], end: usize) -> Self {
        Self { header, data, end }
    }

    /// What form the data has.
    #[inline]
    pub fn profile(&self) -> Profile {
        Profile(BE::read_u16(&self.header[PROFILE]))
    }

    /// The length field: 32-bit words of data, 0 to 65535.
    #[inline]
    pub fn length(&self) -> u16 {
        BE::read_u16(&self.header[WORDS])
    }

    /// Everything behind the four bytes of the extension's header: whole words, padding included.
    #[inline]
    pub const fn data(&self) -> &'a [u8] {
        self.data
    }

    /// The elements in wire order; none if the profile is not one of RFC 8285.
    ///
    /// The area is read as the iterator goes, not before: [`Elements::finish`] tells whether all of it made sense.
    #[inline]
    pub fn elements(&self) -> Elements<'a> {
        match self.profile().form() {
            Some(form) => Elements::new(form, self.data, self.end),
            None => Elements::empty(),
        }
    }

    /// The data of the first element with this identifier.
    #[inline]
    pub fn get(&self, id: u8) -> Option<&'a [u8]> {
        let place = find(self.profile().form()?, self.data, id)?;
        self.data.get(place.data..place.end)
    }
}

/// Equal if profile and data are, wherever in a packet they lie.
impl PartialEq for Extension<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.header, self.data) == (other.header, other.data)
    }
}

impl Eq for Extension<'_> {}

impl fmt::Debug for Extension<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Extension")
            .field("profile", &self.profile())
            .field("length", &self.length())
            .field("data", &self.data())
            .finish()
    }
}

/// The extension at the front of `i`: what is left, its header and its data.
#[inline]
pub(crate) fn extension(i: &[u8]) -> Step<'_, (&[u8; HEADER_LEN], &[u8])> {
    let (i, header) = context("extension header", array::<HEADER_LEN>).parse(i)?;
    let len = usize::from(BE::read_u16(&header[WORDS])) * 4;
    let (i, data) = context("extension", bytes(len)).parse(i)?;
    Ok((i, (header, data)))
}

/// A header extension to be written.
///
/// The two-byte form is written only where it is asked for: a session has to agree on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExtensionBuilder<'a> {
    /// None: the X bit is 0.
    #[default]
    None,
    /// Elements with identifiers 1 to 14 and 1 to 16 bytes each. Zeros fill the last word.
    OneByte(&'a [Element<'a>]),
    /// Elements with identifiers 1 to 255 and up to 255 bytes each. Zeros fill the last word.
    TwoByte {
        /// Four bits for the application, 0 to 15; 0 unless signalling gave them a meaning.
        appbits: u8,
        /// The elements, in wire order.
        elements: &'a [Element<'a>],
    },
    /// An area as it stands on the wire: of another profile, or out of a packet that was read.
    Raw {
        /// What form the data has.
        profile: Profile,
        /// Whole words of 4 bytes, at most 65535 of them.
        data: &'a [u8],
    },
}

impl<'a> From<Extension<'a>> for ExtensionBuilder<'a> {
    /// The area as it is, with its padding and with what could not be read as elements.
    #[inline]
    fn from(extension: Extension<'a>) -> Self {
        Self::Raw { profile: extension.profile(), data: extension.data() }
    }
}

impl ExtensionBuilder<'_> {
    /// The bytes of the area, padding included.
    #[inline(always)] // as `encode`
    fn data_len(&self) -> usize {
        let of_elements = |elements: &[Element<'_>], header_len: usize| {
            let data = elements.iter().map(|element| element.data.len());
            let headers = elements.len().saturating_mul(header_len);
            data.fold(headers, usize::saturating_add).saturating_add(3) & !3
        };
        match *self {
            Self::None => 0,
            Self::OneByte(elements) => of_elements(elements, 1),
            Self::TwoByte { elements, .. } => of_elements(elements, 2),
            Self::Raw { data, .. } => data.len(),
        }
    }

    /// Whether there is one at all.
    #[inline]
    pub(crate) const fn is_some(&self) -> bool {
        !matches!(self, Self::None)
    }
}

impl Encode for ExtensionBuilder<'_> {
    #[inline(always)] // as `encode`
    fn encoded_len(&self) -> usize {
        if self.is_some() { self.data_len().saturating_add(HEADER_LEN) } else { 0 }
    }

    // Inlined, so that the compiler sees the list where its caller writes it down: elements whose sizes it knows are
    // written without a loop.
    #[inline(always)]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let profile = match *self {
            Self::None => return Ok(()),
            Self::OneByte(_) => Profile::ONE_BYTE,
            Self::TwoByte { appbits, .. } => {
                Profile::two_byte(appbits).ok_or(BuildError::OutOfRange { field: "appbits" })?
            }
            Self::Raw { profile, .. } => profile,
        };
        let header = out.array::<HEADER_LEN>()?;
        // Counted on the way, so that the elements need not be walked over once more. The sink has room for all of it.
        let mut len: usize = 0;
        match *self {
            Self::None => {}
            Self::OneByte(elements) => {
                for &Element { id, data } in elements {
                    *out.array()? = one_byte_header(id, data.len())?;
                    out.few(data)?;
                    len = len.saturating_add(data.len()).saturating_add(1);
                }
            }
            Self::TwoByte { elements, .. } => {
                for &Element { id, data } in elements {
                    *out.array()? = two_byte_header(id, data.len())?;
                    out.few(data)?;
                    len = len.saturating_add(data.len()).saturating_add(2);
                }
            }
            Self::Raw { data, .. } => {
                if !data.len().is_multiple_of(4) {
                    return Err(BuildError::OutOfRange { field: "extension length" });
                }
                out.bytes(data)?;
                len = data.len();
            }
        }
        match len & 3 {
            0 => {}
            1 => *out.array()? = [0; 3],
            2 => *out.array()? = [0; 2],
            _ => *out.array()? = [0; 1],
        }
        BE::write_u16(&mut header[PROFILE], profile.0);
        BE::write_u16(&mut header[WORDS], narrow("extension length", len.div_ceil(4))?);
        Ok(())
    }
}

/// The byte before the data of an element in the one-byte form.
#[inline]
pub(super) fn one_byte_header(id: u8, len: usize) -> Result<[u8; 1], BuildError> {
    if !(1..=14).contains(&id) {
        return Err(BuildError::OutOfRange { field: "element id" });
    }
    match narrow("element data", len)? {
        len @ 1..=16 => Ok([id << 4 | (len - 1)]),
        _ => Err(BuildError::OutOfRange { field: "element data" }),
    }
}

/// The bytes before the data of an element in the two-byte form.
#[inline]
pub(super) fn two_byte_header(id: u8, len: usize) -> Result<[u8; 2], BuildError> {
    match id {
        0 => Err(BuildError::OutOfRange { field: "element id" }),
        _ => Ok([id, narrow("element data", len)?]),
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec;

    use super::*;

    const fn el(id: u8, data: &[u8]) -> Element<'_> {
        Element { id, data }
    }

    fn written(builder: ExtensionBuilder<'_>) -> Result<vec::Vec<u8>, BuildError> {
        let mut out = vec![0xEE; builder.encoded_len()];
        let len = builder.write(&mut out)?;
        assert_eq!(len, out.len());
        Ok(out)
    }

    #[test]
    fn profiles_have_their_form() {
        // RFC 8285 sections 4.2 and 4.3; RFC 9335 section 5: what is encrypted has no elements to read.
        for number in 0..=u16::MAX {
            let (form, appbits) = match number {
                0xBEDE => (Some(Form::OneByte), None),
                0x1000..=0x100F => (Some(Form::TwoByte), Some((number - 0x1000) as u8)),
                _ => (None, None),
            };
            let profile = Profile(number);
            assert_eq!((profile.form(), profile.appbits()), (form, appbits), "{number:#x}");
            assert_eq!(profile.is_cryptex(), [0xC0DE, 0xC2DE].contains(&number), "{number:#x}");
            if let Some(appbits) = appbits {
                assert_eq!(Profile::two_byte(appbits), Some(profile));
            }
        }
        assert_eq!(Profile::two_byte(16), None);
        assert_eq!(Profile(0xC0DE).name(), Some("Cryptex one-byte"));
        assert_eq!(Profile(0xC2DE).name(), Some("Cryptex two-byte"));
    }

    #[test]
    fn elements_are_written_and_the_last_word_filled() {
        // RFC 8285 figures of sections 4.2 and 4.3, with the padding at the end, where this builder puts it.
        let elements = [el(1, &[0xa1]), el(2, &[0xb1, 0xb2]), el(3, &[0xc1, 0xc2, 0xc3, 0xc4])];
        let one_byte = [
            [0xbe, 0xde, 0, 3], // profile, length 3
            [0x10, 0xa1, 0x21, 0xb1],
            [0xb2, 0x33, 0xc1, 0xc2],
            [0xc3, 0xc4, 0, 0],
        ];
        let bytes = written(ExtensionBuilder::OneByte(&elements)).unwrap();
        assert_eq!(bytes, one_byte.as_flattened());
        let elements = [el(1, &[]), el(2, &[0xb1]), el(3, &[0xc1, 0xc2, 0xc3, 0xc4])];
        let two_byte = [
            [0x10, 0x05, 0, 3], // profile, length 3
            [1, 0, 2, 1],
            [0xb1, 3, 4, 0xc1],
            [0xc2, 0xc3, 0xc4, 0],
        ];
        let builder = ExtensionBuilder::TwoByte { appbits: 5, elements: &elements };
        assert_eq!(written(builder).unwrap(), two_byte.as_flattened());
    }

    #[test]
    fn extensions_without_data_are_four_bytes() {
        let two_byte = ExtensionBuilder::TwoByte { appbits: 0, elements: &[] };
        let raw = ExtensionBuilder::Raw { profile: Profile(7), data: &[] };
        assert_eq!(written(ExtensionBuilder::OneByte(&[])).unwrap(), [0xbe, 0xde, 0, 0]);
        assert_eq!(written(two_byte).unwrap(), [0x10, 0, 0, 0]);
        assert_eq!(written(raw).unwrap(), [0, 7, 0, 0]);
        assert_eq!(written(ExtensionBuilder::None), Ok(vec![]));
    }

    #[test]
    fn what_the_forms_forbid_is_not_written() {
        fn refused(builder: ExtensionBuilder<'_>, field: &'static str) {
            assert_eq!(written(builder), Err(BuildError::OutOfRange { field }), "{builder:?}");
        }
        fn two_byte<'a>(appbits: u8, elements: &'a [Element<'a>]) -> ExtensionBuilder<'a> {
            ExtensionBuilder::TwoByte { appbits, elements }
        }
        let (short, long) = (&[1][..], &[0; 256][..]);
        for id in [0, 15, 16, 255] {
            refused(ExtensionBuilder::OneByte(&[el(id, short)]), "element id");
        }
        for data in [&[][..], &long[..17], long] {
            refused(ExtensionBuilder::OneByte(&[el(1, short), el(2, data)]), "element data");
        }
        refused(two_byte(0, &[el(0, short)]), "element id");
        refused(two_byte(0, &[el(1, long)]), "element data");
        refused(two_byte(16, &[el(1, short)]), "appbits");
        let raw = |data| ExtensionBuilder::Raw { profile: Profile(1), data };
        for len in [1, 2, 3, 5] {
            refused(raw(&long[..len]), "extension length");
        }
        let words = vec![0; 65_536 * 4];
        refused(raw(&words), "extension length");
        assert_eq!(written(raw(&words[4..])).unwrap()[..4], [0, 1, 0xff, 0xff]);
        let many = vec![el(1, &long[..255]); 1021]; // 1021 × 257 bytes are 65600 words
        refused(two_byte(0, &many), "extension length");
        assert!(written(two_byte(0, &many[..1020])).is_ok());
    }
}
