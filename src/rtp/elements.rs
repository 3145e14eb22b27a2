//! Extension elements (RFC 8285 sections 4.2 and 4.3).
//!
//! ```text
//! |  ID   | len-1 |      data, 1 to 16 bytes ...     one-byte form, ID 1 to 14
//!
//! |      ID       |      len      |      data, 0 to 255 bytes ...     two-byte form, ID 1 to 255
//!
//! |0 0 0 0 0 0 0 0|      padding, in either form: before, between and after elements
//! ```
//!
//! An area is read as far as it makes sense (RFC 8285 section 4.1.2): what ends its elements early leaves those before
//! it as they are, and the packet too.

use core::iter::FusedIterator;
use core::mem::take;

use nom::Parser;
use nom::error::context;

use crate::error::{ErrorKind, Fail, ParseError, Step, placed};
use crate::wire::{announced, byte};

/// An extension element: a local identifier and its data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Element<'a> {
    /// What signalling binds to an extension: 1 to 14 in the one-byte form, 1 to 255 in the two-byte form.
    pub id: u8,
    /// The value: 1 to 16 bytes in the one-byte form, 0 to 255 in the two-byte form.
    pub data: &'a [u8],
}

/// Which of the two forms the elements of a packet have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// Identifier and length share a byte (RFC 8285 section 4.2).
    OneByte,
    /// A byte each (RFC 8285 section 4.3).
    TwoByte,
}

/// `area` without the padding at its front.
#[inline]
fn unpadded(mut area: &[u8]) -> &[u8] {
    while let [0, rest @ ..] = area {
        area = rest;
    }
    area
}

/// The element at the front of an area that does not begin with padding.
#[inline]
fn element(form: Form, i: &[u8]) -> Step<'_, Element<'_>> {
    let (body, first) = byte(i)?;
    let (body, id, len) = match form {
        Form::OneByte => (body, first >> 4, (first & 15) + 1),
        Form::TwoByte => {
            let (body, len) = context("element length", byte).parse(body)?;
            (body, first, len)
        }
    };
    // 15 is reserved, 0 with a length forbidden: both end the elements. In the two-byte form 0 is a byte of padding.
    if form == Form::OneByte && (id == 0 || id == 15) {
        let kind = ErrorKind::Value { found: id.into() };
        return Err(Fail::field("element id", i, kind));
    }
    let (rest, data) = context("element data", announced(len.into())).parse(body)?;
    Ok((rest, Element { id, data }))
}

/// Where an element lies in its area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) id: u8,
    /// Its first byte, that of the identifier.
    pub(super) start: usize,
    /// The first byte of its data.
    pub(super) data: usize,
    /// Behind its data, always within the area.
    pub(super) end: usize,
}

/// The element at the place `at` of `area`, or behind the padding there: what [`Elements`] gives, by places, for those who
/// write to the area as they go. `Err` is where the elements end.
#[inline]
pub(super) fn place(form: Form, area: &[u8], at: usize) -> Result<Place, usize> {
    let mut start = at;
    let first = loop {
        match area.get(start) {
            Some(0) => start += 1,
            Some(&first) => break first,
            None => return Err(start),
        }
    };
    let (id, data, len) = match form {
        Form::OneByte => (first >> 4, start + 1, (first & 15) + 1),
        Form::TwoByte => (first, start + 2, *area.get(start + 1).ok_or(start)?),
    };
    let stops = form == Form::OneByte && (id == 0 || id == 15);
    let end = data + usize::from(len);
    if stops || end > area.len() { Err(start) } else { Ok(Place { id, start, data, end }) }
}

/// The first element with this identifier: the first [`place`] that has it.
#[inline]
pub(super) fn find(form: Form, area: &[u8], id: u8) -> Option<Place> {
    match form {
        Form::OneByte => find_one_byte(area, id),
        Form::TwoByte => find_two_byte(area, id),
    }
}

/// A step over an element takes three comparisons: its end is compared with the area's only if it is the one, as the next
/// step sees an end behind that of the area.
#[inline]
fn find_one_byte(area: &[u8], id: u8) -> Option<Place> {
    if !(1..=14).contains(&id) {
        return None;
    }
    let mut start = 0;
    while let Some(&first) = area.get(start) {
        let (data, len) = (start + 1, usize::from(first & 15) + 1);
        if first >> 4 == id {
            return within(area, Place { id, start, data, end: data + len });
        }
        start = match first {
            0x10..=0xEF => data + len,
            0 => data,
            // 15, or 0 with a length.
            _ => return None,
        };
    }
    None
}

#[inline]
fn find_two_byte(area: &[u8], id: u8) -> Option<Place> {
    let mut start = 0;
    while let Some(&first) = area.get(start) {
        if first == 0 {
            start += 1;
            continue;
        }
        let (data, len) = (start + 2, usize::from(*area.get(start + 1)?));
        if first == id {
            return within(area, Place { id, start, data, end: data + len });
        }
        start = data + len;
    }
    None
}

/// The place, if it ends within the area.
#[inline]
fn within(area: &[u8], place: Place) -> Option<Place> {
    if place.end <= area.len() { Some(place) } else { None }
}

/// The elements of a packet, in wire order; padding between them is skipped.
///
/// It ends with the area, or before the first thing in it that is no element; [`finish`](Self::finish) tells which.
#[derive(Clone, Debug)]
pub struct Elements<'a> {
    form: Form,
    rest: &'a [u8],
    /// Where the area ends in the packet.
    end: usize,
}

impl<'a> Elements<'a> {
    /// Those of `area`, which ends at the packet's byte `end`.
    #[inline]
    pub(crate) const fn new(form: Form, area: &'a [u8], end: usize) -> Self {
        Self { form, rest: area, end }
    }

    /// None.
    #[inline]
    pub(crate) const fn empty() -> Self {
        Self::new(Form::OneByte, &[], 0)
    }

    /// Whether the elements end where their area does: walks over those that are left.
    ///
    /// # Errors
    /// What ended them early, with its place in the packet: an element longer than the area (`Length`), an identifier
    /// without the byte for the length (`Truncated`), in the one-byte form the identifier 15, or 0 with a length
    /// (`Value`). The elements before it stand, as RFC 8285 section 4.1.2 has it.
    pub fn finish(mut self) -> Result<(), ParseError> {
        for _ in self.by_ref() {}
        if self.rest.is_empty() {
            return Ok(());
        }
        match element(self.form, self.rest) {
            Ok(_) => Ok(()),
            Err(error) => {
                let start = self.end.saturating_sub(self.rest.len());
                let error = placed("RTP header extension", self.rest, error);
                Err(ParseError { offset: start.saturating_add(error.offset), ..error })
            }
        }
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    #[inline]
    fn next(&mut self) -> Option<Element<'a>> {
        // Left at what is no element, so that every further call, and `finish`, sees the same.
        self.rest = unpadded(self.rest);
        let (rest, element) = element(self.form, self.rest).ok()?;
        self.rest = rest;
        Some(element)
    }
}

impl FusedIterator for Elements<'_> {}

/// The elements of a packet, their data to be changed in place.
///
/// Each step gives the identifier and the data of one; otherwise as [`Elements`].
#[derive(Debug)]
pub struct ElementsMut<'a> {
    form: Form,
    rest: &'a mut [u8],
}

impl<'a> ElementsMut<'a> {
    /// Those of `area`.
    #[inline]
    pub(crate) const fn new(form: Form, area: &'a mut [u8]) -> Self {
        Self { form, rest: area }
    }

    /// None.
    #[inline]
    pub(crate) const fn empty() -> Self {
        Self::new(Form::OneByte, &mut [])
    }
}

impl<'a> Iterator for ElementsMut<'a> {
    type Item = (u8, &'a mut [u8]);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let (rest, element) = element(self.form, unpadded(self.rest)).ok()?;
        let (id, len, left) = (element.id, element.data.len(), rest.len());
        let area = take(&mut self.rest);
        let (head, rest) = area.split_at_mut_checked(area.len().checked_sub(left)?)?;
        self.rest = rest;
        let (_, data) = head.split_at_mut_checked(head.len().checked_sub(len)?)?;
        Some((id, data))
    }
}

impl FusedIterator for ElementsMut<'_> {}

#[cfg(feature = "serde")]
impl serde::Serialize for Element<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;

        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("id", &self.id)?;
        map.serialize_entry("data", &crate::ser::Hex(self.data))?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::vec::Vec;

    use super::*;

    /// The elements of an area that ends at byte 100 of its packet, and how it ends.
    fn read(form: Form, area: &[u8]) -> (Vec<Element<'_>>, Result<(), ParseError>) {
        let elements = Elements::new(form, area, 100);
        let list: Vec<_> = elements.clone().collect();
        let mut copy = area.to_vec();
        let seen: Vec<_> =
            ElementsMut::new(form, &mut copy).map(|(id, data)| (id, data.to_vec())).collect();
        assert!(list.iter().map(|e| (e.id, e.data)).eq(seen.iter().map(|e| (e.0, &e.1[..]))));
        let mut at = 0;
        for element in &list {
            let place = place(form, area, at).unwrap();
            assert_eq!((place.id, &area[place.data..place.end]), (element.id, element.data));
            at = place.end;
        }
        let stop = place(form, area, at).unwrap_err();
        for id in 0..=u8::MAX {
            let found = find(form, area, id).map(|place| &area[place.data..place.end]);
            assert_eq!(found, list.iter().find(|element| element.id == id).map(|e| e.data));
        }
        assert_eq!(stop == area.len(), elements.clone().finish().is_ok());
        assert_eq!(&area[stop..], unpadded(&area[at..]));
        (list, elements.finish())
    }

    fn refused(field: &'static str, offset: usize, kind: ErrorKind) -> Result<(), ParseError> {
        Err(ParseError { what: "RTP header extension", field, offset, kind })
    }

    const fn el(id: u8, data: &[u8]) -> Element<'_> {
        Element { id, data }
    }

    #[test]
    fn the_example_of_rfc_8285_section_4_2() {
        // The figure, its letters filled in: three elements, two bytes of padding between the second and the third.
        let area = [0x10, 0xa1, 0x21, 0xb1, 0xb2, 0, 0, 0x33, 0xc1, 0xc2, 0xc3, 0xc4];
        let elements = [el(1, &[0xa1]), el(2, &[0xb1, 0xb2]), el(3, &[0xc1, 0xc2, 0xc3, 0xc4])];
        assert_eq!(read(Form::OneByte, &area), (elements.to_vec(), Ok(())));
    }

    #[test]
    fn the_example_of_rfc_8285_section_4_3() {
        // The figure, its letters filled in: an element without data, one of 1 byte, padding, one of 4 bytes.
        let area = [1, 0, 2, 1, 0xb1, 0, 3, 4, 0xc1, 0xc2, 0xc3, 0xc4];
        let elements = [el(1, &[]), el(2, &[0xb1]), el(3, &[0xc1, 0xc2, 0xc3, 0xc4])];
        assert_eq!(read(Form::TwoByte, &area), (elements.to_vec(), Ok(())));
    }

    #[test]
    fn id_15_ends_the_one_byte_form() {
        // Its length is not looked at; what follows is no element.
        let area = [0x10, 0xaa, 0xf0, 0xbb, 0x20, 0xcc, 0, 0];
        let end = refused("element id", 94, ErrorKind::Value { found: 15 });
        assert_eq!(read(Form::OneByte, &area), ([el(1, &[0xaa])].to_vec(), end));
        let first = refused("element id", 96, ErrorKind::Value { found: 15 });
        assert_eq!(read(Form::OneByte, &[0xff, 0x10, 0xaa, 0]), (Vec::new(), first));
        // In the two-byte form it is an identifier like any other.
        let elements = [el(15, &[9]), el(255, &[])].to_vec();
        assert_eq!(read(Form::TwoByte, &[15, 1, 9, 255, 0]), (elements, Ok(())));
    }

    #[test]
    fn id_0_with_a_length_ends_the_one_byte_form() {
        let area = [0x10, 0xaa, 0, 0x01, 0xbb, 0xbb, 0x20, 0xcc];
        let end = refused("element id", 95, ErrorKind::Value { found: 0 });
        assert_eq!(read(Form::OneByte, &area), ([el(1, &[0xaa])].to_vec(), end));
    }

    #[test]
    fn id_0_is_a_byte_of_padding_in_the_two_byte_form() {
        // RFC 8285 section 4.3: 0 supplies no length; the 1 behind it is an identifier.
        let area = [0, 1, 1, 0xaa, 0, 0, 2, 0];
        let elements = [el(1, &[0xaa]), el(2, &[])].to_vec();
        assert_eq!(read(Form::TwoByte, &area), (elements, Ok(())));
    }

    #[test]
    fn an_element_longer_than_the_area_leaves_those_before_it() {
        let kind = ErrorKind::Length { found: 3, have: 2 };
        let area = [0x10, 0xaa, 0, 0, 0, 0x22, 0xbb, 0xbb];
        let end = refused("element data", 98, kind);
        assert_eq!(read(Form::OneByte, &area), ([el(1, &[0xaa])].to_vec(), end));
        let area = [1, 0, 0, 0, 2, 3, 0xbb, 0xbb];
        let end = refused("element data", 98, kind);
        assert_eq!(read(Form::TwoByte, &area), ([el(1, &[])].to_vec(), end));
        let kind = ErrorKind::Length { found: 1, have: 0 };
        let end = refused("element data", 100, kind);
        assert_eq!(read(Form::OneByte, &[0, 0, 0, 0x20]), (Vec::new(), end));
    }

    #[test]
    fn an_identifier_at_the_very_end_has_no_length_in_the_two_byte_form() {
        let end = refused("element length", 100, ErrorKind::Truncated { need: 1, have: 0 });
        assert_eq!(read(Form::TwoByte, &[1, 1, 9, 2]), ([el(1, &[9])].to_vec(), end));
    }

    #[test]
    fn an_empty_element_at_the_very_end_is_there() {
        let elements = [el(1, &[9, 9]), el(2, &[]), el(3, &[])].to_vec();
        assert_eq!(read(Form::TwoByte, &[1, 2, 9, 9, 2, 0, 3, 0]), (elements, Ok(())));
    }

    #[test]
    fn padding_alone_is_no_element() {
        for area in [&[][..], &[0; 4], &[0; 16]] {
            assert_eq!(read(Form::OneByte, area), (Vec::new(), Ok(())));
            assert_eq!(read(Form::TwoByte, area), (Vec::new(), Ok(())));
        }
    }

    #[test]
    fn the_longest_elements_are_read() {
        let mut area = [0xaa; 17];
        area[0] = 0xef;
        assert_eq!(read(Form::OneByte, &area), ([el(14, &[0xaa; 16])].to_vec(), Ok(())));
        let mut area = [0xaa; 257];
        area[1] = 255;
        assert_eq!(read(Form::TwoByte, &area), ([el(0xaa, &[0xaa; 255])].to_vec(), Ok(())));
    }

    proptest! {
        #[test]
        fn any_area_is_used_up_or_ends_with_a_place(area in prop::collection::vec(0u8..40, 0..40)) {
            for form in [Form::OneByte, Form::TwoByte] {
                let (elements, end) = read(form, &area);
                // By a plain walk over places: where the elements end.
                let mut at = 0;
                for element in &elements {
                    while area[at] == 0 {
                        at += 1;
                    }
                    at += element.data.len() + if form == Form::OneByte { 1 } else { 2 };
                }
                while area.get(at) == Some(&0) {
                    at += 1;
                }
                let start = 100 - area.len();
                match end {
                    Ok(()) => prop_assert_eq!(at, area.len()),
                    Err(error) => prop_assert!((start + at..=start + at + 2).contains(&error.offset)),
                }
            }
        }
    }
}
