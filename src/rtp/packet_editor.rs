//! RTP packets whose shape changes, within a buffer that has room around them (RFC 3550 section 5.1, RFC 8285).
//!
//! ```text
//! buffer: | headroom | fixed, csrc, extension | payload | padding | tailroom |
//!                    ^ range().start                              ^ range().end
//! ```
//!
//! A part that grows or shrinks has a front and a back of the packet on its two sides. The shorter of them moves, if
//! there is room on its side: for the header that is the header, a few dozen bytes, and never the payload.

use core::fmt;
use core::ops::Range;

use super::elements::{Element, Form, Place, place};
use super::extension::{HEADER_LEN, PROFILE, WORDS, one_byte_header, two_byte_header};
use super::packet::{CSRC_COUNT, EXTENSION, FIRST, FIXED_LEN, PADDING};
use super::packet_mut::Layout;
use super::{Packet, PacketMut, PayloadType, Profile, Rtx};
use crate::encode::narrow;
use crate::error::{BuildError, ErrorKind, ParseError};

/// An RTP packet whose shape is changed in place: header extension elements, CSRC list, padding and payload header come,
/// go and change their size.
///
/// It lies in a caller's buffer, with headroom before it or tailroom behind it to grow into. What changes values alone
/// is in [`PacketMut`], which [`as_packet_mut`](Self::as_packet_mut) gives.
///
/// Every change is done whole or not at all: after an error the packet is as before. [`BuildError::BufferTooSmall`]
/// says how many bytes the packet would take, and how many the buffer has, before, in and behind it.
///
/// # The extension's area
///
/// A change of shape leaves the elements in wire order, one right after the other, and the area as few words long as
/// they need: what [`PacketBuilder`](super::PacketBuilder) would write for them. Padding between them goes.
///
/// An area may be malformed: an element longer than the area, or the identifier 15 in the one-byte form, ends its
/// elements early. The bytes from there on mean nothing to any receiver. Setting, inserting and removing keep them at the
/// end of the area, behind the padding, so that they go on to mean nothing. Where the elements get another meaning
/// ([`map_element_ids`](Self::map_element_ids), [`set_form`](Self::set_form)) or a choice is made of them
/// ([`retain_elements`](Self::retain_elements)) they go.
///
/// ```
/// use mediawire::rtp::PacketEditor;
///
/// // 16 bytes of headroom, then a packet with one element: id 3, transport-cc.
/// let mut buffer = [0; 16 + 24];
/// buffer[16..].copy_from_slice(b"\x90\x60\x12\x34\0\0\0\x01\0\0\0\x02\xbe\xde\0\x01\x31\0\x07\0data");
/// let mut packet = PacketEditor::parse(&mut buffer, 16..40)?;
/// packet.map_element_ids(|id| if id == 3 { Some(5) } else { None })?;
/// packet.set_element(1, b"mid0")?;
/// packet.as_packet_mut().set_ssrc(9);
/// assert_eq!(packet.range(), 12..40); // the header moved, the payload did not
/// assert_eq!(packet.as_packet().to_string(), "RTP pt=96 seq=4660 ts=1 ssrc=0x00000009 len=4 ext=[5,1]");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct PacketEditor<'a> {
    buffer: &'a mut [u8],
    /// Where the packet lies in the buffer, always within it.
    start: usize,
    end: usize,
    layout: Layout,
}

/// What an extension's area holds.
struct Survey {
    profile: Profile,
    form: Form,
    /// Bytes of the elements, headers included, without the padding between them.
    packed: usize,
    /// Behind the last element.
    end: usize,
    /// Bytes from where the elements stop early, at the end of the area.
    stopped: usize,
    /// The first element with the identifier that was looked for, and where it begins without the padding before it.
    found: Option<(Place, usize)>,
}

impl Survey {
    #[inline]
    fn of(profile: Profile, form: Form, area: &[u8], wanted: Option<u8>) -> Self {
        let (mut packed, mut end, mut found) = (0, 0, None);
        loop {
            match place(form, area, end) {
                Ok(place) => {
                    if wanted == Some(place.id) && found.is_none() {
                        found = Some((place, packed));
                    }
                    packed += place.end - place.start;
                    end = place.end;
                }
                Err(stop) => {
                    let stopped = area.len().saturating_sub(stop);
                    return Self { profile, form, packed, end, stopped, found };
                }
            }
        }
    }
}

/// What becomes of an area's elements once they have new identifiers.
struct Plan {
    /// Bytes of those that stay, in the new form.
    content: usize,
    /// The same in the old form.
    packed: usize,
    /// One of them goes.
    gone: bool,
    /// Bytes from where the elements stop early.
    stopped: usize,
}

impl Plan {
    #[inline]
    fn of(
        area: &[u8],
        form: Form,
        new_form: Form,
        map: impl Fn(u8) -> Option<u8>,
    ) -> Result<Self, BuildError> {
        let (mut at, mut content, mut packed, mut gone) = (0, 0, 0, false);
        loop {
            let place = match place(form, area, at) {
                Ok(place) => place,
                Err(stop) => {
                    let stopped = area.len().saturating_sub(stop);
                    return Ok(Self { content, packed, gone, stopped });
                }
            };
            at = place.end;
            let Some(id) = map(place.id) else {
                gone = true;
                continue;
            };
            let len = place.end - place.data;
            // Checks what the new form wants.
            match new_form {
                Form::OneByte => one_byte_header(id, len).map(|_| ())?,
                Form::TwoByte => two_byte_header(id, len).map(|_| ())?,
            }
            content += header_len(new_form) + len;
            packed += place.end - place.start;
        }
    }
}

/// The bytes before an element's data.
#[inline]
const fn header_len(form: Form) -> usize {
    match form {
        Form::OneByte => 1,
        Form::TwoByte => 2,
    }
}

/// Moves `from` to begin at `to`, both within `bytes`.
// Not inlined, as its callers' inlining would leave `copy_within` a call that does not know of the checks.
#[inline(never)]
fn slide(bytes: &mut [u8], from: Range<usize>, to: usize) {
    // Each way in the bytes that it touches alone: so the compiler sees that `copy_within` cannot panic.
    let (Range { start, end }, len) = (from.clone(), from.len());
    if let Some(gap) = start.checked_sub(to) {
        if let Some(bytes) = bytes.get_mut(to..end)
            && gap > 0
            && gap <= bytes.len()
        {
            bytes.copy_within(gap.., 0);
        }
    } else if let Some(bytes) = bytes.get_mut(start..to.saturating_add(len))
        && let Some(gap) = bytes.len().checked_sub(len)
    {
        bytes.copy_within(..len, gap);
    }
}

impl<'a> PacketEditor<'a> {
    /// Reads the packet at the place `packet` of `buffer`, all of it, as [`Packet::parse`] does.
    ///
    /// # Errors
    /// As [`Packet::parse`], offsets counted from the front of the buffer; a place that is not within the buffer.
    #[inline]
    pub fn parse(buffer: &'a mut [u8], packet: Range<usize>) -> Result<Self, ParseError> {
        Self::parse_as(buffer, packet, |bytes| Ok(Layout::of(&Packet::parse(bytes)?)))
    }

    /// Reads the packet at the place `packet` of `buffer`, all of it, as [`Packet::parse_lenient`] does.
    ///
    /// # Errors
    /// As [`parse`](Self::parse) but for the padding.
    #[inline]
    pub fn parse_lenient(buffer: &'a mut [u8], packet: Range<usize>) -> Result<Self, ParseError> {
        Self::parse_as(buffer, packet, |bytes| Ok(Layout::of(&Packet::parse_lenient(bytes)?)))
    }

    #[inline]
    fn parse_as(
        buffer: &'a mut [u8],
        Range { start, end }: Range<usize>,
        parse: impl FnOnce(&[u8]) -> Result<Layout, ParseError>,
    ) -> Result<Self, ParseError> {
        let have = buffer.len();
        let bytes = buffer.get(start..end).ok_or(ParseError {
            what: "RTP packet",
            field: "place in the buffer",
            offset: have,
            kind: ErrorKind::Truncated { need: end.max(start), have },
        })?;
        let placed = |error: ParseError| ParseError { offset: error.offset + start, ..error };
        let layout = parse(bytes).map_err(placed)?;
        Ok(Self { buffer, start, end, layout })
    }

    /// The packet as it is now, with every accessor of the view.
    #[inline]
    pub fn as_packet(&self) -> Packet<'_> {
        self.layout.view(self.as_bytes())
    }

    /// The packet as it is now, with every setter that keeps its shape. Nothing is read again.
    #[inline]
    pub fn as_packet_mut(&mut self) -> PacketMut<'_> {
        let bytes = self.buffer.get_mut(self.start..self.end).unwrap_or_default();
        PacketMut::new(bytes, self.layout)
    }

    /// The bytes of the packet.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Where in the buffer the packet lies now.
    #[inline]
    pub const fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    /// The bytes of the buffer before the packet.
    #[inline]
    pub const fn headroom(&self) -> usize {
        self.start
    }

    /// The bytes of the buffer behind the packet.
    #[inline]
    pub const fn tailroom(&self) -> usize {
        self.buffer.len().saturating_sub(self.end)
    }

    /// Gives the bytes of the packet back.
    #[inline]
    pub fn into_bytes(self) -> &'a mut [u8] {
        self.buffer.get_mut(self.start..self.end).unwrap_or_default()
    }

    /// Puts this list in the place of the contributing sources: in wire form, at most 15.
    ///
    /// # Errors
    /// More than 15 sources; no room.
    pub fn set_csrc(&mut self, csrc: &[[u8; 4]]) -> Result<(), BuildError> {
        let error = BuildError::OutOfRange { field: "CSRC count" };
        let count = u8::try_from(csrc.len()).ok().filter(|&count| count <= CSRC_COUNT);
        let count = count.ok_or(error)?;
        let (old, new) = (self.layout.csrc_end, FIXED_LEN + csrc.as_flattened().len());
        self.resize(FIXED_LEN..old, new - FIXED_LEN)?;
        let moved = |place: usize| (place + new).saturating_sub(old);
        let Layout { csrc_end, payload, padding } = self.layout;
        self.layout =
            Layout { csrc_end: moved(csrc_end), payload: moved(payload), padding: moved(padding) };
        self.set_first(CSRC_COUNT, count);
        if let Some(list) = self.part_mut(FIXED_LEN..new) {
            list.copy_from_slice(csrc.as_flattened());
        }
        Ok(())
    }

    /// Adds an extension of this form without elements, if the packet has no extension yet.
    ///
    /// [`set_element`](Self::set_element) and [`insert_element`](Self::insert_element) add one of the one-byte form by
    /// themselves; this is for the two-byte form.
    ///
    /// # Errors
    /// No room.
    pub fn add_extension(&mut self, form: Form) -> Result<(), BuildError> {
        if self.has_extension() {
            return Ok(());
        }
        let at = self.layout.payload;
        self.resize(at..at, HEADER_LEN)?;
        self.layout.payload += HEADER_LEN;
        self.layout.padding += HEADER_LEN;
        self.set_first(EXTENSION, EXTENSION);
        let profile = match form {
            Form::OneByte => Profile::ONE_BYTE,
            Form::TwoByte => Profile::TWO_BYTE,
        };
        self.set_extension_header(profile, 0);
        Ok(())
    }

    /// Removes the whole extension, of whatever profile.
    pub fn remove_extension(&mut self) {
        let Layout { csrc_end, payload, padding } = self.layout;
        // To make a part smaller takes no room.
        if self.resize(csrc_end..payload, 0).is_ok() {
            self.layout.payload = csrc_end;
            self.layout.padding = (padding + csrc_end).saturating_sub(payload);
            self.set_first(EXTENSION, 0);
        }
    }

    /// Gives the first element with this identifier this data, of whatever size; adds one behind the others if there is
    /// none, and an extension of the one-byte form to a packet that has none.
    ///
    /// Data of equal size is written in its place, and nothing else changes.
    ///
    /// # Errors
    /// An identifier or a size that the extension's form forbids; an extension that has no elements, by its profile; no
    /// room.
    pub fn set_element(&mut self, id: u8, data: &[u8]) -> Result<(), BuildError> {
        self.put_element(Element { id, data }, true)
    }

    /// Adds an element behind the others, even if there is one with the same identifier; an extension of the one-byte
    /// form to a packet that has none.
    ///
    /// # Errors
    /// As [`set_element`](Self::set_element).
    pub fn insert_element(&mut self, element: Element<'_>) -> Result<(), BuildError> {
        self.put_element(element, false)
    }

    /// Removes every element with this identifier, and says whether there was one.
    ///
    /// The extension stays, if without elements: see [`remove_extension`](Self::remove_extension).
    pub fn remove_element(&mut self, id: u8) -> bool {
        // What only removes is never refused.
        self.rewrite(None, true, |other| (other != id).then_some(other)) == Ok(true)
    }

    /// Removes every element whose identifier `keep` does not want, and what a malformed area has behind them.
    ///
    /// An extension of a profile without elements stays as it is.
    pub fn retain_elements(&mut self, keep: impl Fn(u8) -> bool) {
        // What only removes is never refused.
        let _: Result<bool, BuildError> = self.rewrite(None, false, |id| keep(id).then_some(id));
    }

    /// Gives every element the identifier that `map` has for its own, as between the two sessions that a forwarding server
    /// joins. Elements for which it has none go, and what a malformed area has behind them.
    ///
    /// An extension of a profile without elements stays as it is.
    ///
    /// # Errors
    /// A new identifier that the extension's form forbids.
    pub fn map_element_ids(&mut self, map: impl Fn(u8) -> Option<u8>) -> Result<(), BuildError> {
        self.rewrite(None, false, map).map(|_| ())
    }

    /// Writes all elements in this form, with appbits 0. What a malformed area has behind them goes.
    ///
    /// Nothing is done where the extension has the form already, and where there is no extension.
    ///
    /// # Errors
    /// An identifier or a size that the form forbids; an extension that has no elements, by its profile; no room.
    pub fn set_form(&mut self, form: Form) -> Result<(), BuildError> {
        match self.as_packet().extension().map(|extension| extension.profile().form()) {
            None => Ok(()),
            Some(None) => Err(BuildError::OutOfRange { field: "extension profile" }),
            Some(Some(old)) if old == form => Ok(()),
            Some(Some(_)) => self.rewrite(Some(form), false, Some).map(|_| ()),
        }
    }

    /// Puts padding of `count` bytes in the place of that which is there: zeros and the count. 0 takes it off.
    ///
    /// Where [`Packet::padding_is_malformed`] there is none to take off: all stays payload, and the P bit is as asked for.
    ///
    /// # Errors
    /// No room.
    pub fn set_padding(&mut self, count: u8) -> Result<(), BuildError> {
        let padding = self.layout.padding;
        self.resize(padding..self.len(), count.into())?;
        self.set_first(PADDING, if count == 0 { 0 } else { PADDING });
        if let Some([zeros @ .., last]) = self.part_mut(padding..self.len()) {
            zeros.fill(0);
            *last = count;
        }
        Ok(())
    }

    /// Puts `header` before the payload, as a part of it: of RTX, of RED, of a codec.
    ///
    /// # Errors
    /// No room.
    pub fn insert_payload_header(&mut self, header: &[u8]) -> Result<(), BuildError> {
        let at = self.layout.payload;
        self.resize(at..at, header.len())?;
        self.layout.padding += header.len();
        if let Some(place) = self.part_mut(at..at + header.len()) {
            place.copy_from_slice(header);
        }
        Ok(())
    }

    /// Takes the first `len` bytes off the payload.
    ///
    /// # Errors
    /// The payload is shorter.
    pub fn remove_payload_header(&mut self, len: usize) -> Result<(), BuildError> {
        let Layout { payload, padding, .. } = self.layout;
        if padding.saturating_sub(payload) < len {
            return Err(BuildError::OutOfRange { field: "payload header" });
        }
        self.resize(payload..payload + len, 0)?;
        self.layout.padding -= len;
        Ok(())
    }

    /// Makes the packet a retransmission of itself (RFC 4588 section 4): its sequence number goes before the payload, the
    /// padding goes, and payload type, sequence number and SSRC are those of the retransmission stream.
    ///
    /// # Errors
    /// A payload type above 127; no room for 2 bytes more, less the padding.
    pub fn wrap_rtx(
        &mut self,
        payload_type: PayloadType,
        sequence_number: u16,
        ssrc: u32,
    ) -> Result<(), BuildError> {
        if payload_type > PayloadType::MAX {
            return Err(BuildError::OutOfRange { field: "payload type" });
        }
        let (need, have) = (self.layout.padding + Rtx::HEADER_LEN, self.buffer.len());
        if need > have {
            return Err(BuildError::BufferTooSmall { need, have });
        }
        self.set_padding(0)?;
        let original = self.as_packet_mut().sequence_number();
        self.insert_payload_header(&original.to_be_bytes())?;
        self.renumber(payload_type, sequence_number, ssrc)
    }

    /// Makes the retransmission the packet that it repeats (RFC 4588 section 4), of this payload type and SSRC: the
    /// original sequence number goes back to its place, and the retransmission's own padding goes.
    ///
    /// # Errors
    /// A payload type above 127; no original sequence number: less than 2 bytes of payload, as in the packets of padding
    /// alone that probe for bandwidth.
    pub fn unwrap_rtx(&mut self, payload_type: PayloadType, ssrc: u32) -> Result<(), BuildError> {
        if payload_type > PayloadType::MAX {
            return Err(BuildError::OutOfRange { field: "payload type" });
        }
        let Ok(original) = Rtx::parse(self.as_packet().payload()) else {
            return Err(BuildError::OutOfRange { field: "original sequence number" });
        };
        let original = original.original_sequence_number();
        self.remove_payload_header(Rtx::HEADER_LEN)?;
        self.set_padding(0)?;
        self.renumber(payload_type, original, ssrc)
    }

    fn renumber(
        &mut self,
        payload_type: PayloadType,
        sequence_number: u16,
        ssrc: u32,
    ) -> Result<(), BuildError> {
        let mut packet = self.as_packet_mut();
        packet.set_payload_type(payload_type)?;
        packet.set_sequence_number(sequence_number);
        packet.set_ssrc(ssrc);
        Ok(())
    }

    /// The length of the packet.
    #[inline]
    const fn len(&self) -> usize {
        self.end.saturating_sub(self.start)
    }

    #[inline]
    const fn has_extension(&self) -> bool {
        self.layout.payload > self.layout.csrc_end
    }

    /// A part of the packet.
    #[inline]
    fn part_mut(&mut self, part: Range<usize>) -> Option<&mut [u8]> {
        self.buffer.get_mut(self.start..self.end)?.get_mut(part)
    }

    /// The area of the extension; empty without one.
    #[inline]
    fn area_mut(&mut self) -> &mut [u8] {
        self.part_mut(self.layout.extension()).unwrap_or_default()
    }

    /// Sets the bits `mask` of the first byte to those of `bits`.
    #[inline]
    fn set_first(&mut self, mask: u8, bits: u8) {
        if let Some(first) = self.buffer.get_mut(self.start + FIRST) {
            *first = *first & !mask | bits;
        }
    }

    fn set_extension_header(&mut self, profile: Profile, words: u16) {
        let at = self.layout.csrc_end;
        if let Some(header) = self.part_mut(at..at + HEADER_LEN)
            && let Some(header) = header.first_chunk_mut::<HEADER_LEN>()
        {
            header[PROFILE].copy_from_slice(&profile.0.to_be_bytes());
            header[WORDS].copy_from_slice(&words.to_be_bytes());
        }
    }

    /// Whether the packet could have `len` bytes.
    #[inline]
    const fn room_for(&self, len: usize) -> Result<(), BuildError> {
        let have = self.buffer.len();
        if len > have { Err(BuildError::BufferTooSmall { need: len, have }) } else { Ok(()) }
    }

    /// Gives the part `gap` of the packet another length. What it holds then is not defined, and `layout` is the
    /// caller's to set right.
    ///
    /// The shorter of the two sides moves if its room is enough, else the other, else both. To shrink is never refused.
    #[inline]
    fn resize(&mut self, gap: Range<usize>, len: usize) -> Result<(), BuildError> {
        if gap.len() == len { Ok(()) } else { self.move_around(gap, len) }
    }

    fn move_around(&mut self, gap: Range<usize>, len: usize) -> Result<(), BuildError> {
        let (start, end) = (self.start, self.end);
        let (front, back) = (gap.start, self.len().saturating_sub(gap.end));
        let back_start = end - back;
        match len.checked_sub(gap.len()) {
            Some(grow) => {
                self.room_for(self.len() + grow)?;
                let (head, tail) = (self.headroom(), self.tailroom());
                let by_head = match () {
                    () if front <= back && grow <= head => grow,
                    () if grow <= tail => 0,
                    () => grow.min(head),
                };
                let by_tail = grow - by_head;
                slide(self.buffer, start..start + front, start - by_head);
                slide(self.buffer, back_start..end, back_start + by_tail);
                self.start -= by_head;
                self.end += by_tail;
            }
            None => {
                let shrink = gap.len() - len;
                if front <= back {
                    slide(self.buffer, start..start + front, start + shrink);
                    self.start += shrink;
                } else {
                    slide(self.buffer, back_start..end, back_start - shrink);
                    self.end -= shrink;
                }
            }
        }
        Ok(())
    }

    /// What the area holds, and where the first element `wanted` is; `None` if there is no extension, or one that has no
    /// elements by its profile.
    #[inline]
    fn survey(&self, wanted: Option<u8>) -> Option<Survey> {
        let profile = self.profile();
        Some(Survey::of(profile, profile.form()?, self.area(), wanted))
    }

    /// The words of an area for elements of `content` bytes before `stopped` bytes; an error if there can be no such
    /// packet.
    fn words(&self, content: usize, stopped: usize) -> Result<u16, BuildError> {
        let words = (content + stopped).div_ceil(4);
        let words_field = narrow("extension length", words)?;
        self.room_for((self.len() + words * 4).saturating_sub(self.layout.extension().len()))?;
        Ok(words_field)
    }

    /// Makes the area, whose elements are its first `content` bytes, as long as `words` says, keeps the last `stopped`
    /// bytes of it and zeroes all behind `new_content`.
    fn fit(
        &mut self,
        profile: Profile,
        (content, new_content): (usize, usize),
        stopped: usize,
        words: u16,
    ) -> Result<(), BuildError> {
        let Range { start, end } = self.layout.extension();
        let len = usize::from(words) * 4;
        self.resize(start + content..end - stopped, len.saturating_sub(content + stopped))?;
        self.layout.padding = (self.layout.padding + start + len).saturating_sub(end);
        self.layout.payload = start + len;
        self.set_extension_header(profile, words);
        if let Some(fill) = self.area_mut().get_mut(new_content..len.saturating_sub(stopped)) {
            fill.fill(0);
        }
        Ok(())
    }

    /// Writes an element over the first with the same identifier, if `replace` and there is one; else behind the others.
    fn put_element(&mut self, element: Element<'_>, replace: bool) -> Result<(), BuildError> {
        let Element { id, data } = element;
        if !self.has_extension() {
            let len = one_byte_header(id, data.len())?.len() + data.len();
            self.room_for(self.len() + HEADER_LEN + len.next_multiple_of(4))?;
            self.add_extension(Form::OneByte)?;
        }
        let error = BuildError::OutOfRange { field: "extension profile" };
        let survey = self.survey(replace.then_some(id)).ok_or(error)?;
        if let Some((Place { data: start, end, .. }, _)) = survey.found
            && let Some(place) = self.area_mut().get_mut(start..end)
            && place.len() == data.len()
        {
            place.copy_from_slice(data);
            return Ok(());
        }
        let mut header = [id; 2];
        match survey.form {
            Form::OneByte => header[..1].copy_from_slice(&one_byte_header(id, data.len())?),
            Form::TwoByte => header = two_byte_header(id, data.len())?,
        }
        let header = header.get(..header_len(survey.form)).unwrap_or_default();
        let new = header.len() + data.len();
        let old = match survey.found {
            Some((place, start)) => start..start + (place.end - place.start),
            None => survey.packed..survey.packed,
        };
        let content = (survey.packed + new).saturating_sub(old.len());
        let words = self.words(content, survey.stopped)?;
        // From here on nothing is refused.
        if survey.packed != survey.end {
            pack(self.area_mut(), survey.form, Some);
        }
        let behind = old.end..survey.packed;
        let profile = survey.profile;
        if new <= old.len() {
            slide(self.area_mut(), behind, old.start + new);
            self.fit(profile, (content, content), survey.stopped, words)?;
        } else {
            self.fit(profile, (survey.packed, content), survey.stopped, words)?;
            slide(self.area_mut(), behind, old.start + new);
        }
        if let Some(place) = self.area_mut().get_mut(old.start..old.start + new)
            && let Some((first, rest)) = place.split_at_mut_checked(header.len())
        {
            first.copy_from_slice(header);
            rest.copy_from_slice(data);
        }
        Ok(())
    }

    /// Writes every element again, with the identifier that `map` gives it, in the form `form` or that which they have;
    /// those go for which it gives none. Says whether one went.
    #[inline]
    fn rewrite(
        &mut self,
        form: Option<Form>,
        keep_stopped: bool,
        map: impl Fn(u8) -> Option<u8>,
    ) -> Result<bool, BuildError> {
        let profile = self.profile();
        let Some(old_form) = profile.form() else { return Ok(false) };
        let new_form = form.unwrap_or(old_form);
        let plan = Plan::of(self.area(), old_form, new_form, &map)?;
        let Plan { content, packed, gone, stopped: all_stopped } = plan;
        let stopped = if keep_stopped { all_stopped } else { 0 };
        if !gone && new_form == old_form && stopped == all_stopped {
            // Identifiers alone.
            relabel(self.area_mut(), old_form, map);
            return Ok(false);
        }
        let words = self.words(content, stopped)?;
        // From here on nothing is refused.
        if new_form == old_form {
            pack(self.area_mut(), old_form, map);
            self.fit(profile, (content, content), stopped, words)?;
            return Ok(gone);
        }
        if new_form == Form::OneByte {
            convert(self.area_mut(), 0, old_form, new_form, map);
            self.fit(Profile::ONE_BYTE, (content, content), stopped, words)?;
            return Ok(gone);
        }
        // Every element gets longer: they move to the end of the new area and are written from there to its front, which
        // never overtakes what is still to be read.
        pack(self.area_mut(), old_form, map);
        self.fit(Profile::TWO_BYTE, (packed, packed), stopped, words)?;
        let area = self.area_mut();
        let from = area.len().saturating_sub(packed);
        slide(area, 0..packed, from);
        let end = convert(area, from, old_form, new_form, Some);
        if let Some(fill) = area.get_mut(end..) {
            fill.fill(0);
        }
        Ok(gone)
    }

    /// The area of the extension; empty without one.
    #[inline]
    fn area(&self) -> &[u8] {
        self.as_bytes().get(self.layout.extension()).unwrap_or_default()
    }

    /// What the extension is; 0 without one, which has no elements either.
    #[inline]
    fn profile(&self) -> Profile {
        let extension = self.layout.csrc_end..self.layout.payload; // the profile comes first
        let bytes = self.as_bytes().get(extension).and_then(<[u8]>::first_chunk);
        Profile(bytes.copied().map_or(0, u16::from_be_bytes))
    }
}

/// Writes the new identifiers over the old ones. All of them suit the form.
#[inline]
fn relabel(area: &mut [u8], form: Form, map: impl Fn(u8) -> Option<u8>) {
    let mut at = 0;
    while let Ok(place) = place(form, area, at) {
        at = place.end;
        label(area, place, form, map(place.id));
    }
}

/// Writes a new identifier over that of the element at `place`.
#[inline]
fn label(area: &mut [u8], place: Place, form: Form, id: Option<u8>) {
    if let (Some(id), Some(byte)) = (id, area.get_mut(place.start)) {
        *byte = match form {
            Form::OneByte => id << 4 | *byte & 15,
            Form::TwoByte => id,
        };
    }
}

/// Moves the elements that `map` wants to the front of the area, one right after the other, with the identifiers that it
/// gives.
#[inline]
fn pack(area: &mut [u8], form: Form, map: impl Fn(u8) -> Option<u8>) {
    let (mut at, mut written) = (0, 0);
    // Those that lie one right after the other move together.
    let mut run = 0..0;
    while let Ok(place) = place(form, area, at) {
        at = place.end;
        let Some(id) = map(place.id) else { continue };
        label(area, place, form, Some(id));
        if place.start != run.end {
            slide(area, run.clone(), written);
            written += run.len();
            run.start = place.start;
        }
        run.end = place.end;
    }
    slide(area, run, written);
}

/// Reads elements in `form` from the place `at` of the area on and writes those that `map` wants in `new_form` to its
/// front; gives the place behind the last of them.
///
/// What is written must not overtake what is read: the caller sees to it.
fn convert(
    area: &mut [u8],
    mut at: usize,
    form: Form,
    new_form: Form,
    map: impl Fn(u8) -> Option<u8>,
) -> usize {
    let mut written = 0;
    while let Ok(place) = place(form, area, at) {
        at = place.end;
        let Some(id) = map(place.id) else { continue };
        let (len, header_len) = (place.end - place.data, header_len(new_form));
        slide(area, place.data..place.end, written + header_len);
        let header = match new_form {
            Form::OneByte => one_byte_header(id, len).map(|[byte]| [byte; 2]),
            Form::TwoByte => two_byte_header(id, len),
        };
        let header = header.unwrap_or_default();
        for (byte, value) in area.iter_mut().skip(written).take(header_len).zip(header) {
            *byte = value;
        }
        written += header_len + len;
    }
    written
}

/// As that of the view.
impl fmt::Display for PacketEditor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_packet().fmt(f)
    }
}

/// As that of the view, and the place in the buffer.
impl fmt::Debug for PacketEditor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PacketEditor")
            .field("range", &self.range())
            .field("packet", &self.as_packet())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec;
    use std::vec::Vec;

    use super::super::vectors::{VECTORS, hex};
    use super::super::{ExtensionBuilder, PacketBuilder, Padding, RtxPacketBuilder};
    use super::*;
    use crate::encode::Encode;

    /// P=1 X=1 CC=2; elements 1, 9, 2 in 3 words with 3 bytes of padding; 3 bytes of payload; 3 of padding.
    const FULL: &str = "b2e00102 00000003 00000004 00000005 00000006
                        bede0003 10aa 92010203 21bbcc 000000 112233 770203";

    /// A packet in a buffer with this much room before and behind it.
    fn roomy(packet: &[u8], head: usize, tail: usize) -> (Vec<u8>, Range<usize>) {
        let mut buffer = vec![0xee; head + packet.len() + tail];
        buffer[head..head + packet.len()].copy_from_slice(packet);
        (buffer, head..head + packet.len())
    }

    /// What an edit makes of a packet in a buffer with room on both sides, and that the same comes out of a buffer with
    /// room on one side only.
    fn edited(
        packet: &str,
        edit: impl Fn(&mut PacketEditor<'_>) -> Result<(), BuildError>,
    ) -> Result<Vec<u8>, BuildError> {
        let packet = hex(packet);
        let [both, head, tail] = [(64, 64), (64, 0), (0, 64)].map(|(head, tail)| {
            let (mut buffer, range) = roomy(&packet, head, tail);
            let mut editor = PacketEditor::parse_lenient(&mut buffer, range).unwrap();
            let result = edit(&mut editor);
            let now = editor.as_packet();
            assert_eq!(Packet::parse_lenient(editor.as_bytes()), Ok(now), "the places are right");
            if result.is_err() {
                assert_eq!(editor.as_bytes(), packet, "after an error all is as before");
            }
            result.map(|()| editor.as_bytes().to_vec())
        });
        assert_eq!(both, head);
        assert_eq!(both, tail);
        both
    }

    fn refused(field: &'static str) -> Result<Vec<u8>, BuildError> {
        Err(BuildError::OutOfRange { field })
    }

    #[test]
    fn an_element_comes_goes_and_changes_its_size() {
        let grown = edited(FULL, |packet| packet.set_element(9, &[1, 2, 3, 4, 5, 6, 7]));
        let expected = "b2e00102 00000003 00000004 00000005 00000006
                        bede0004 10aa 9601020304050607 21bbcc 000000 112233 770203";
        assert_eq!(grown, Ok(hex(expected)));
        let shrunk = edited(FULL, |packet| packet.set_element(9, &[1]));
        let expected = "b2e00102 00000003 00000004 00000005 00000006
                        bede0002 10aa 9001 21bbcc 00 112233 770203";
        assert_eq!(shrunk, Ok(hex(expected)));
        let added = edited(FULL, |packet| packet.set_element(3, &[7, 8]));
        let expected = "b2e00102 00000003 00000004 00000005 00000006
                        bede0003 10aa 92010203 21bbcc 310708 112233 770203";
        assert_eq!(added, Ok(hex(expected)));
        let removed = edited(FULL, |packet| {
            assert!(packet.remove_element(1) && packet.remove_element(2));
            assert!(!packet.remove_element(1));
            Ok(())
        });
        let expected = "b2e00102 00000003 00000004 00000005 00000006
                        bede0001 92010203 112233 770203";
        assert_eq!(removed, Ok(hex(expected)));
    }

    #[test]
    fn identifiers_are_mapped_and_those_without_a_new_one_go() {
        let mapped =
            edited(FULL, |packet| packet.map_element_ids(|id| (id != 9).then_some(id + 4)));
        let expected = "b2e00102 00000003 00000004 00000005 00000006
                        bede0002 50aa 61bbcc 000000 112233 770203";
        assert_eq!(mapped, Ok(hex(expected)));
        // Where none goes, the padding between them stays.
        let packet = "90600001 00000001 00000001 bede0002 10aa0000 20bb0000 99";
        let swapped = edited(packet, |packet| packet.map_element_ids(|id| Some(3 - id)));
        assert_eq!(swapped, Ok(hex("90600001 00000001 00000001 bede0002 20aa0000 10bb0000 99")));
        for id in [0, 15, 16, 255] {
            let mapped = edited(FULL, |packet| packet.map_element_ids(|_| Some(id)));
            assert_eq!(mapped, refused("element id"));
        }
        let packet = "90600001 00000001 00000001 10030002 10010122 00ff0000 99";
        let mapped = edited(packet, |packet| packet.map_element_ids(|id| Some(id - 1)));
        assert_eq!(mapped, Ok(hex("90600001 00000001 00000001 10030002 0f010121 00fe0000 99")));
    }

    #[test]
    fn only_listed_elements_stay() {
        let kept = edited(FULL, |packet| {
            packet.retain_elements(|id| id == 2);
            Ok(())
        });
        let expected = "b2e00102 00000003 00000004 00000005 00000006
                        bede0001 21bbcc 00 112233 770203";
        assert_eq!(kept, Ok(hex(expected)));
        let none = edited(FULL, |packet| {
            packet.retain_elements(|_| false);
            Ok(())
        });
        let expected = "b2e00102 00000003 00000004 00000005 00000006 bede0000 112233 770203";
        assert_eq!(none, Ok(hex(expected)));
    }

    #[test]
    fn the_forms_are_switched() {
        let two_byte = "b2e00102 00000003 00000004 00000005 00000006
                        10000003 0101aa 0903010203 0202bbcc 112233 770203";
        let switched = edited(FULL, |packet| packet.set_form(Form::TwoByte));
        assert_eq!(switched, Ok(hex(two_byte)));
        let one_byte = "b2e00102 00000003 00000004 00000005 00000006
                        bede0003 10aa 92010203 21bbcc 000000 112233 770203";
        let back = edited(two_byte, |packet| packet.set_form(Form::OneByte));
        assert_eq!(back, Ok(hex(one_byte)));
        // Padding between the elements goes: 2 words are enough for what took 3.
        let packet = "90600001 00000001 00000001 bede0003 10aa0000 00000000 20bb0000 99";
        let switched = edited(packet, |packet| packet.set_form(Form::TwoByte));
        assert_eq!(switched, Ok(hex("90600001 00000001 00000001 10000002 0101aa02 01bb0000 99")));
        // Appbits stay where nothing is to be done.
        let packet = "90600001 00000001 00000001 10050001 01010200 99";
        let same = edited(packet, |packet| packet.set_form(Form::TwoByte));
        assert_eq!(same, Ok(hex(packet)));
        for (area, field) in [("0f010100", "element id"), ("01000000", "element data")] {
            let packet = std::format!("90600001 00000001 00000001 10000001 {area}");
            let switched = edited(&packet, |packet| packet.set_form(Form::OneByte));
            assert_eq!(switched, refused(field));
        }
        let packet =
            "90600001 00000001 00000001 10000005 0111 0102030405060708090a0b0c0d0e0f1011 00";
        let switched = edited(packet, |packet| packet.set_form(Form::OneByte));
        assert_eq!(switched, refused("element data"));
    }

    #[test]
    fn what_stops_the_elements_is_kept_at_the_end_or_goes() {
        fn area(area: &str) -> Vec<u8> {
            let mut packet = hex("90600001 00000001 00000001");
            let (profile, data) = area.split_at(4);
            packet.extend(hex(profile));
            packet.extend((hex(data).len() as u16 / 4).to_be_bytes());
            packet.extend(hex(data));
            packet.push(0x99);
            packet
        }
        // The area before; then its first element one byte longer; another behind it; the first removed.
        let rows = [
            // Identifier 15 stops, whatever length it claims and whatever looks like an element behind it.
            [
                "10aa00 f031bbccdd",
                "110102 f031bbccdd",
                "10aa21 0304 0000 f031bbccdd",
                "000000 f031bbccdd",
            ],
            // An element that claims 16 bytes and has 4.
            [
                "10aa00 4faabbccdd",
                "110102 4faabbccdd",
                "10aa21 0304 0000 4faabbccdd",
                "000000 4faabbccdd",
            ],
            // Identifier 0 with a length.
            [
                "10aa00 03aabbccdd",
                "110102 03aabbccdd",
                "10aa21 0304 0000 03aabbccdd",
                "000000 03aabbccdd",
            ],
            // Less of it, so that the words change.
            ["10aa 4faa", "110102 000000 4faa", "10aa21 0304 00 4faa", "0000 4faa"],
        ];
        for [before, longer, another, removed] in rows {
            let [before, longer, another, removed] =
                [before, longer, another, removed].map(|data| area(&std::format!("bede{data}")));
            let before: std::string::String =
                before.iter().map(|byte| std::format!("{byte:02x}")).collect();
            assert_eq!(edited(&before, |packet| packet.set_element(1, &[1, 2])), Ok(longer));
            assert_eq!(edited(&before, |packet| packet.set_element(2, &[3, 4])), Ok(another));
            let gone = edited(&before, |packet| {
                assert!(packet.remove_element(1));
                Ok(())
            });
            assert_eq!(gone, Ok(removed));
            // Where the elements get another meaning, or are chosen from, it goes.
            let mapped = edited(&before, |packet| packet.map_element_ids(Some));
            assert_eq!(mapped, Ok(area("bede 10aa0000")));
            let kept = edited(&before, |packet| {
                packet.retain_elements(|_| true);
                Ok(())
            });
            assert_eq!(kept, mapped);
            let switched = edited(&before, |packet| packet.set_form(Form::TwoByte));
            assert_eq!(switched, Ok(area("1000 0101aa00")));
        }
        // In the two-byte form an identifier without a length stops, and an element that is too long.
        let before = "90600001 00000001 00000001 10000002 0101aa 02ff bbccdd 99";
        let set = edited(before, |packet| packet.set_element(1, &[]));
        let expected = "90600001 00000001 00000001 10000002 0100 00 02ff bbccdd 99";
        assert_eq!(set, Ok(hex(expected)));
        let before = "90600001 00000001 00000001 10000001 00010003 99";
        let set = edited(before, |packet| packet.set_element(1, &[7, 8]));
        let expected = "90600001 00000001 00000001 10000002 01020708 00000003 99";
        assert_eq!(set, Ok(hex(expected)));
    }

    #[test]
    fn an_extension_comes_and_goes() {
        let plain = "81600001 00000001 00000001 00000007 1122";
        let added = edited(plain, |packet| packet.insert_element(Element { id: 3, data: &[1, 2] }));
        assert_eq!(added, Ok(hex("91600001 00000001 00000001 00000007 bede0001 31010200 1122")));
        let added = edited(plain, |packet| {
            packet.add_extension(Form::TwoByte)?;
            packet.add_extension(Form::OneByte)?; // there is one
            packet.set_element(200, &[])
        });
        assert_eq!(added, Ok(hex("91600001 00000001 00000001 00000007 10000001 c8000000 1122")));
        let bare = edited(FULL, |packet| {
            packet.remove_extension();
            Ok(())
        });
        let expected = "a2e00102 00000003 00000004 00000005 00000006 112233 770203";
        assert_eq!(bare, Ok(hex(expected)));
        // Nothing to be done without an extension.
        let same = edited(plain, |packet| {
            packet.remove_extension();
            packet.retain_elements(|_| false);
            packet.map_element_ids(|_| None)?;
            assert!(!packet.remove_element(1));
            packet.set_form(Form::TwoByte)
        });
        assert_eq!(same, Ok(hex(plain)));
    }

    #[test]
    fn another_profile_has_no_elements_to_edit() {
        let packet = "90600001 00000001 00000001 c0de0001 10aa0000 99";
        let set = edited(packet, |packet| packet.set_element(1, &[1]));
        assert_eq!(set, refused("extension profile"));
        let switched = edited(packet, |packet| packet.set_form(Form::OneByte));
        assert_eq!(switched, refused("extension profile"));
        let same = edited(packet, |packet| {
            packet.retain_elements(|_| false);
            packet.map_element_ids(|_| None)
        });
        assert_eq!(same, Ok(hex(packet)));
    }

    #[test]
    fn what_the_forms_forbid_is_refused() {
        for (id, data, field) in [
            (0, &[1][..], "element id"),
            (15, &[1], "element id"),
            (3, &[], "element data"),
            (3, &[0; 17], "element data"),
        ] {
            assert_eq!(edited(FULL, |packet| packet.set_element(id, data)), refused(field));
            let plain = "80600001 00000001 00000001";
            assert_eq!(edited(plain, |packet| packet.set_element(id, data)), refused(field));
        }
        let set = edited(FULL, |packet| packet.set_csrc(&[[0; 4]; 16]));
        assert_eq!(set, refused("CSRC count"));
    }

    #[test]
    fn the_list_of_sources_gets_another_length() {
        let set = edited(FULL, |packet| packet.set_csrc(&[[1; 4], [2; 4], [3; 4]]));
        let expected = "b3e00102 00000003 00000004 01010101 02020202 03030303
                        bede0003 10aa 92010203 21bbcc 000000 112233 770203";
        assert_eq!(set, Ok(hex(expected)));
        let none = edited(FULL, |packet| packet.set_csrc(&[]));
        let expected =
            "b0e00102 00000003 00000004 bede0003 10aa 92010203 21bbcc 000000 112233 770203";
        assert_eq!(none, Ok(hex(expected)));
    }

    #[test]
    fn padding_is_set_and_taken_off() {
        let set = edited(FULL, |packet| packet.set_padding(5)).unwrap();
        assert!(set.ends_with(&[0x33, 0, 0, 0, 0, 5]) && set[0] == 0xb2);
        let off = edited(FULL, |packet| packet.set_padding(0)).unwrap();
        assert!(off.ends_with(&[0x11, 0x22, 0x33]) && off[0] == 0x92);
        // Of an SRTP packet none is known: all stays, but for the bit.
        let off = edited("a0600001 00000001 00000001 aabb00", |packet| packet.set_padding(0));
        assert_eq!(off, Ok(hex("80600001 00000001 00000001 aabb00")));
    }

    #[test]
    fn the_shorter_side_moves() {
        let packet = hex("80600001 00000001 00000001 00112233445566778899aabbccddeeff");
        let (mut buffer, range) = roomy(&packet, 8, 8);
        let mut editor = PacketEditor::parse(&mut buffer, range).unwrap();
        editor.set_element(1, &[1]).unwrap();
        assert_eq!(editor.range(), 0..36); // the header, to the front
        editor.remove_extension();
        assert_eq!(editor.range(), 8..36); // and back
        editor.set_padding(3).unwrap();
        assert_eq!(editor.range(), 8..39); // nothing but the padding
        assert_eq!((editor.headroom(), editor.tailroom()), (8, 5));
        editor.set_padding(0).unwrap();
        // 4 bytes of payload are less than the header.
        editor.remove_payload_header(12).unwrap();
        assert_eq!(editor.range(), 8..24);
        editor.insert_payload_header(&[7; 2]).unwrap();
        assert_eq!(editor.range(), 8..26);
        assert_eq!(editor.into_bytes()[12..], [7, 7, 0xcc, 0xdd, 0xee, 0xff]);
    }

    #[test]
    fn room_on_both_sides_is_used_together() {
        let packet = hex("80600001 00000001 00000001 0011");
        let (mut buffer, range) = roomy(&packet, 5, 3);
        let mut editor = PacketEditor::parse(&mut buffer, range).unwrap();
        editor.set_element(1, &[1]).unwrap();
        assert_eq!(editor.range(), 0..22);
        assert_eq!(editor.as_bytes(), hex("90600001 00000001 00000001 bede0001 10010000 0011"));
        let error = Err(BuildError::BufferTooSmall { need: 24, have: 22 });
        assert_eq!(editor.insert_payload_header(&[1, 2]), error);
        assert_eq!(editor.wrap_rtx(PayloadType(97), 1, 2), error);
        let error = Err(BuildError::BufferTooSmall { need: 26, have: 22 });
        assert_eq!(editor.set_element(2, &[1, 2]), error);
        assert_eq!(editor.set_csrc(&[[0; 4]]), error);
        assert_eq!(editor.set_padding(4), error);
    }

    #[test]
    fn a_place_outside_of_the_buffer_is_refused() {
        let mut buffer = [0x80; 20];
        for range in [0..21, 21..21, Range { start: 3, end: 2 }] {
            let error = PacketEditor::parse(&mut buffer, range).unwrap_err();
            assert_eq!((error.field, error.offset), ("place in the buffer", 20));
        }
        let error = PacketEditor::parse(&mut buffer, 4..15).unwrap_err();
        assert_eq!((error.field, error.offset), ("fixed header", 4));
        assert_eq!(
            error.to_string(),
            "RTP packet: fixed header cut short, 12 bytes needed, 11 there (byte 4)"
        );
    }

    #[test]
    fn packets_of_others_become_retransmissions_and_come_back() {
        for vector in VECTORS {
            let (mut buffer, range) = roomy(&vector.bytes(), 2, 0);
            let mut editor = PacketEditor::parse(&mut buffer, range).unwrap();
            editor.wrap_rtx(PayloadType(99), 7, 8).unwrap();
            let original = vector.bytes();
            let original = Packet::parse(&original).unwrap();
            let built = RtxPacketBuilder {
                original,
                payload_type: PayloadType(99),
                sequence_number: 7,
                ssrc: 8,
            };
            let mut expected = vec![0; built.encoded_len()];
            built.write(&mut expected).unwrap();
            assert_eq!(editor.as_bytes(), expected, "{}", vector.source);
            editor.unwrap_rtx(original.payload_type(), original.ssrc()).unwrap();
            let back = editor.as_packet();
            let unpadded = PacketBuilder { padding: Padding::None, ..original.into() };
            assert_eq!(PacketBuilder::from(back), unpadded, "{}", vector.source);
        }
    }

    #[test]
    fn what_is_no_retransmission_is_not_unwrapped() {
        let packet = "80600001 00000001 00000001 11";
        let unwrapped = edited(packet, |packet| packet.unwrap_rtx(PayloadType(1), 1));
        assert_eq!(unwrapped, refused("original sequence number"));
        for payload_type in [PayloadType(128), PayloadType(255)] {
            let wrapped = edited(packet, |packet| packet.wrap_rtx(payload_type, 1, 1));
            assert_eq!(wrapped, refused("payload type"));
            let unwrapped = edited(FULL, |packet| packet.unwrap_rtx(payload_type, 1));
            assert_eq!(unwrapped, refused("payload type"));
        }
    }

    /// Identifiers and data.
    type List = Vec<(u8, Vec<u8>)>;

    /// A packet as a list of its parts.
    #[derive(Clone, Debug)]
    struct Model {
        csrc: Vec<[u8; 4]>,
        extension: Option<(Form, List)>,
        payload: Vec<u8>,
        padding: u8,
        header: PacketBuilder<'static>,
    }

    impl Model {
        /// The packet, built from scratch; `None` if it cannot be.
        fn built(&self) -> Option<Vec<u8>> {
            let elements = self.extension.iter().flat_map(|(_, elements)| elements);
            let elements: Vec<_> =
                elements.map(|(id, data)| Element { id: *id, data: &data[..] }).collect();
            let builder = PacketBuilder {
                csrc: &self.csrc,
                extension: match &self.extension {
                    None => ExtensionBuilder::None,
                    Some((Form::OneByte, _)) => ExtensionBuilder::OneByte(&elements),
                    Some((Form::TwoByte, _)) => {
                        ExtensionBuilder::TwoByte { appbits: 0, elements: &elements }
                    }
                },
                payload: &self.payload,
                padding: Padding::Zeros(self.padding),
                ..self.header
            };
            let mut bytes = vec![0; builder.encoded_len()];
            builder.write(&mut bytes).ok().map(|_| bytes)
        }

        fn elements(&mut self) -> &mut List {
            &mut self.extension.get_or_insert((Form::OneByte, Vec::new())).1
        }
    }

    #[derive(Clone, Debug)]
    enum Edit {
        Set(u8, Vec<u8>),
        Insert(u8, Vec<u8>),
        Remove(u8),
        Retain(u16),
        Map(Vec<Option<u8>>),
        Switch(Form),
        Add(Form),
        Bare,
        Csrc(Vec<[u8; 4]>),
        Padding(u8),
        Header(Vec<u8>),
        Behead(usize),
        Wrap(u8, u16, u32),
        Unwrap(u8, u32),
        Fields(bool, u8, u16, u32, u32),
    }

    fn edit() -> impl Strategy<Value = Edit> {
        let data = || prop::collection::vec(any::<u8>(), 0..20);
        let form = || prop_oneof![Just(Form::OneByte), Just(Form::TwoByte)];
        prop_oneof![
            (0u8..17, data()).prop_map(|(id, data)| Edit::Set(id, data)),
            (1u8..15, prop::collection::vec(any::<u8>(), 1..6))
                .prop_map(|(id, data)| Edit::Set(id, data)),
            (0u8..17, data()).prop_map(|(id, data)| Edit::Insert(id, data)),
            (0u8..17).prop_map(Edit::Remove),
            any::<u16>().prop_map(Edit::Retain),
            prop::collection::vec(prop::option::weighted(0.8, 1u8..16), 17).prop_map(Edit::Map),
            form().prop_map(Edit::Switch),
            form().prop_map(Edit::Add),
            Just(Edit::Bare),
            prop::collection::vec(any::<[u8; 4]>(), 0..17).prop_map(Edit::Csrc),
            (0u8..12).prop_map(Edit::Padding),
            prop::collection::vec(any::<u8>(), 0..6).prop_map(Edit::Header),
            (0usize..6).prop_map(Edit::Behead),
            (0u8..130, any::<u16>(), any::<u32>()).prop_map(|(a, b, c)| Edit::Wrap(a, b, c)),
            (0u8..130, any::<u32>()).prop_map(|(a, b)| Edit::Unwrap(a, b)),
            (any::<bool>(), 0u8..128, any::<u16>(), any::<u32>(), any::<u32>())
                .prop_map(|(a, b, c, d, e)| Edit::Fields(a, b, c, d, e)),
        ]
    }

    /// The model after an edit.
    fn after(mut model: Model, edit: &Edit) -> Option<Model> {
        match edit.clone() {
            Edit::Set(id, data) => match model.elements().iter_mut().find(|e| e.0 == id) {
                Some(element) => element.1 = data,
                None => model.elements().push((id, data)),
            },
            Edit::Insert(id, data) => model.elements().push((id, data)),
            Edit::Remove(id) => {
                if model.extension.is_some() {
                    model.elements().retain(|e| e.0 != id);
                }
            }
            Edit::Retain(mask) => {
                if model.extension.is_some() {
                    model.elements().retain(|e| e.0 < 16 && mask >> e.0 & 1 != 0);
                }
            }
            Edit::Map(table) => {
                if model.extension.is_some() {
                    let old = std::mem::take(model.elements());
                    let new = old
                        .into_iter()
                        .filter_map(|(id, data)| Some((table[usize::from(id)]?, data)));
                    *model.elements() = new.collect();
                }
            }
            Edit::Switch(form) => {
                if let Some(extension) = &mut model.extension {
                    extension.0 = form;
                }
            }
            Edit::Add(form) => {
                model.extension.get_or_insert((form, Vec::new()));
            }
            Edit::Bare => model.extension = None,
            Edit::Csrc(list) => model.csrc = list,
            Edit::Padding(count) => model.padding = count,
            Edit::Header(header) => drop(model.payload.splice(..0, header)),
            Edit::Behead(len) => {
                model.payload.get(..len)?;
                model.payload.drain(..len);
            }
            Edit::Wrap(payload_type, sequence_number, ssrc) => {
                model.payload.splice(..0, model.header.sequence_number.to_be_bytes());
                model.header = PacketBuilder {
                    payload_type: PayloadType(payload_type),
                    sequence_number,
                    ssrc,
                    ..model.header
                };
                model.padding = 0;
            }
            Edit::Unwrap(payload_type, ssrc) => {
                let osn = *model.payload.first_chunk()?;
                model.payload.drain(..2);
                model.header = PacketBuilder {
                    payload_type: PayloadType(payload_type),
                    sequence_number: u16::from_be_bytes(osn),
                    ssrc,
                    ..model.header
                };
                model.padding = 0;
            }
            Edit::Fields(marker, payload_type, sequence_number, timestamp, ssrc) => {
                model.header = PacketBuilder {
                    marker,
                    payload_type: PayloadType(payload_type),
                    sequence_number,
                    timestamp,
                    ssrc,
                    ..model.header
                };
            }
        }
        Some(model)
    }

    fn apply(packet: &mut PacketEditor<'_>, edit: &Edit) -> Result<(), BuildError> {
        match edit {
            Edit::Set(id, data) => packet.set_element(*id, data),
            Edit::Insert(id, data) => packet.insert_element(Element { id: *id, data }),
            Edit::Remove(id) => {
                let found = packet.as_packet().element(*id).is_some();
                assert_eq!(packet.remove_element(*id), found);
                Ok(())
            }
            Edit::Retain(mask) => {
                packet.retain_elements(|id| id < 16 && mask >> id & 1 != 0);
                Ok(())
            }
            Edit::Map(table) => packet.map_element_ids(|id| table[usize::from(id)]),
            Edit::Switch(form) => packet.set_form(*form),
            Edit::Add(form) => packet.add_extension(*form),
            Edit::Bare => {
                packet.remove_extension();
                Ok(())
            }
            Edit::Csrc(list) => packet.set_csrc(list),
            Edit::Padding(count) => packet.set_padding(*count),
            Edit::Header(header) => packet.insert_payload_header(header),
            Edit::Behead(len) => packet.remove_payload_header(*len),
            Edit::Wrap(payload_type, sequence_number, ssrc) => {
                packet.wrap_rtx(PayloadType(*payload_type), *sequence_number, *ssrc)
            }
            Edit::Unwrap(payload_type, ssrc) => {
                packet.unwrap_rtx(PayloadType(*payload_type), *ssrc)
            }
            Edit::Fields(marker, payload_type, sequence_number, timestamp, ssrc) => {
                let mut packet = packet.as_packet_mut();
                packet.set_marker(*marker);
                packet.set_sequence_number(*sequence_number);
                packet.set_timestamp(*timestamp);
                packet.set_ssrc(*ssrc);
                packet.set_payload_type(PayloadType(*payload_type))
            }
        }
    }

    proptest! {
        #[test]
        fn after_any_edits_the_packet_is_the_one_built_from_scratch(
            (csrc, payload, padding) in (
                prop::collection::vec(any::<[u8; 4]>(), 0..4),
                prop::collection::vec(any::<u8>(), 0..60),
                0u8..5,
            ),
            elements in prop::collection::vec((1u8..15, prop::collection::vec(any::<u8>(), 1..8)), 0..5),
            form in prop::option::of(prop_oneof![Just(Form::OneByte), Just(Form::TwoByte)]),
            (head, tail) in (0usize..40, 0usize..40),
            edits in prop::collection::vec(edit(), 1..12),
        ) {
            let extension = form.map(|form| (form, elements));
            let header = PacketBuilder::default();
            let mut model = Model { csrc, extension, payload, padding, header };
            let (mut buffer, range) = roomy(&model.built().unwrap(), head, tail);
            let have = buffer.len();
            let mut packet = PacketEditor::parse(&mut buffer, range).unwrap();
            for edit in &edits {
                let before = packet.as_bytes().to_vec();
                let result = apply(&mut packet, edit);
                let next = after(model.clone(), edit);
                match next.as_ref().and_then(Model::built) {
                    Some(built) if built.len() <= have => {
                        prop_assert_eq!(result, Ok(()), "{:?}", edit);
                        prop_assert_eq!(packet.as_bytes(), &built[..], "{:?}", edit);
                        model = next.unwrap();
                    }
                    Some(built) => {
                        let need = built.len();
                        prop_assert_eq!(result, Err(BuildError::BufferTooSmall { need, have }));
                        prop_assert_eq!(packet.as_bytes(), &before[..]);
                    }
                    None => {
                        prop_assert!(matches!(result, Err(BuildError::OutOfRange { .. })), "{:?}", edit);
                        prop_assert_eq!(packet.as_bytes(), &before[..]);
                    }
                }
                let read = Packet::parse(packet.as_bytes()).unwrap();
                prop_assert_eq!(packet.as_packet(), read);
            }
        }

        #[test]
        fn any_area_keeps_its_elements_its_stop_and_all_around_it(
            area in prop::collection::vec(prop_oneof![any::<u8>(), 0u8..0x40, Just(0)], 0..40),
            payload in prop::collection::vec(any::<u8>(), 0..20),
            one_byte in any::<bool>(),
            (head, tail) in (0usize..24, 0usize..24),
            edits in prop::collection::vec(edit(), 1..5),
        ) {
            let words = area.len() / 4;
            let profile = if one_byte { 0xbede_0000u32 } else { 0x1000_0000 };
            let mut bytes = hex("90600001 00000001 00000001");
            bytes.extend((profile + words as u32).to_be_bytes());
            bytes.extend(&area[..words * 4]);
            bytes.extend(&payload);
            let (mut buffer, range) = roomy(&bytes, head, tail);
            let mut packet = PacketEditor::parse(&mut buffer, range).unwrap();
            for edit in edits {
                let elements = |packet: &PacketEditor<'_>| -> Option<List> {
                    let list = packet.as_packet().elements();
                    packet.as_packet().extension().map(|_| list.map(|e| (e.id, e.data.to_vec())).collect())
                };
                let stop = |packet: &PacketEditor<'_>| {
                    let extension = packet.as_packet().extension();
                    let stopped = packet.survey(None).map_or(0, |survey| survey.stopped);
                    extension.map(|x| x.data()[x.data().len() - stopped..].to_vec()).unwrap_or_default()
                };
                if !matches!(
                    edit,
                    Edit::Set(..) | Edit::Insert(..) | Edit::Remove(_) | Edit::Retain(_) | Edit::Map(_)
                        | Edit::Switch(_) | Edit::Bare
                ) {
                    continue;
                }
                let before = (elements(&packet), stop(&packet), packet.as_bytes().to_vec());
                let form = packet.as_packet().extension().and_then(|x| x.profile().form());
                let model = Model {
                    csrc: Vec::new(),
                    extension: form.zip(before.0.clone()),
                    payload: Vec::new(),
                    padding: 0,
                    header: PacketBuilder::default(),
                };
                if let Edit::Map(table) = &edit
                    && before.0.iter().flatten().any(|e| usize::from(e.0) >= table.len())
                {
                    continue;
                }
                let result = apply(&mut packet, &edit);
                prop_assert_eq!(packet.as_packet().payload(), &payload[..]);
                let read = Packet::parse(packet.as_bytes()).unwrap();
                prop_assert_eq!(packet.as_packet(), read);
                if result.is_err() {
                    prop_assert_eq!(packet.as_bytes(), &before.2[..]);
                    continue;
                }
                let expected = after(model, &edit).unwrap();
                prop_assert_eq!(elements(&packet), expected.extension.map(|x| x.1), "{:?}", edit);
                match edit {
                    Edit::Set(..) | Edit::Insert(..) | Edit::Remove(_) => {
                        prop_assert_eq!(stop(&packet), before.1);
                    }
                    Edit::Switch(to) if form == Some(to) => prop_assert_eq!(packet.as_bytes(), &before.2[..]),
                    _ => prop_assert_eq!(packet.as_packet().elements().finish(), Ok(())),
                }
            }
        }
    }
}
