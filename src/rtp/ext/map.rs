//! Which identifier an extension has in a session, and typed access by it (RFC 8285 sections 4.1.2, 5 and 6).

use core::fmt;

use super::extmap::{Direction, Extmap};
use super::{AnyValue, Uri, Value};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError};
use crate::rtp::{Element, Elements, ExtensionBuilder, Form, Packet, PacketMut};

/// Identifiers of the one-byte form.
const ONE_BYTE_IDS: core::ops::RangeInclusive<u8> = 1..=14;
/// Lengths of the one-byte form.
const ONE_BYTE_LENGTHS: core::ops::RangeInclusive<usize> = 1..=16;

/// What an identifier is bound to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bound {
    /// Nothing.
    Free,
    /// A URI that this crate does not know.
    Unknown,
    /// This one.
    Known(Uri),
}

/// Why an extension was not bound; the map is then as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExtensionMapError {
    /// The text is no `a=extmap` value.
    Extmap(ParseError),
    /// An identifier that no element can have. 4096 to 4351 are for offers: choose another one.
    Id {
        /// The identifier.
        id: u16,
    },
    /// The identifier is bound to another extension.
    DuplicateId {
        /// The identifier.
        id: u8,
        /// What it is bound to; `None` for a URI that this crate does not know.
        bound: Option<Uri>,
    },
    /// The extension has an identifier already.
    DuplicateUri {
        /// The extension.
        uri: Uri,
        /// The identifier that it has.
        id: u8,
    },
}

impl fmt::Display for ExtensionMapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Extmap(error) => error.fmt(f),
            Self::Id { id } => write!(f, "extension id {id} is none of 1 to 255"),
            Self::DuplicateId { id, bound: Some(uri) } => {
                write!(f, "extension id {id} is bound to {uri}")
            }
            Self::DuplicateId { id, bound: None } => write!(f, "extension id {id} is bound"),
            Self::DuplicateUri { uri, id } => write!(f, "{uri} has the extension id {id}"),
        }
    }
}

impl core::error::Error for ExtensionMapError {}

/// Which identifier each extension has, for one media section or for the sections of a BUNDLE group.
///
/// It is filled once a session, from `a=extmap` values; then it reads and writes elements by their type. It takes 1 kB and
/// never allocates.
///
/// ```
/// use mediawire::rtp::Packet;
/// use mediawire::rtp::ext::{AudioLevel, ExtensionMap, Mid, TransportCc};
///
/// let map = ExtensionMap::from_extmaps([
///     "3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
///     "1 urn:ietf:params:rtp-hdrext:ssrc-audio-level vad=on",
///     "4 urn:ietf:params:rtp-hdrext:sdes:mid",
/// ])?;
/// let datagram = [
///     0x90, 0x6f, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, // V=2 X=1, PT=111
///     0xbe, 0xde, 0, 2, 0x31, 0x01, 0x02, 0x10, 0x8a, 0x40, 0x30, 0,
/// ];
/// let packet = Packet::parse(&datagram)?;
/// assert_eq!(map.get(&packet)?, Some(TransportCc(0x0102)));
/// assert_eq!(map.get(&packet)?, Some(AudioLevel { voice: true, level: 10 }));
/// assert_eq!(map.get::<Mid>(&packet)?.and_then(|mid| mid.as_str()), Some("0"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ExtensionMap {
    bound: [Bound; 256],
    /// The other way round: the identifier of each extension, and the one under which it is encrypted; 0 without.
    ids: [[u8; 2]; Uri::COUNT],
    /// Two bits for each identifier: who sends it.
    directions: [u8; 256],
    /// A bit for each identifier whose elements are encrypted.
    encrypted: [u32; 8],
    /// How many identifiers above 14 are bound.
    high_ids: u8,
    mixed: bool,
}

/// Nothing is bound.
impl Default for ExtensionMap {
    fn default() -> Self {
        Self::new()
    }
}

impl ExtensionMap {
    /// A map in which nothing is bound, and forms are not mixed.
    pub const fn new() -> Self {
        Self {
            bound: [Bound::Free; 256],
            ids: [[0; 2]; Uri::COUNT],
            directions: [0; 256],
            encrypted: [0; 8],
            high_ids: 0,
            mixed: false,
        }
    }

    /// Out of `a=extmap` values, each as [`Extmap::parse`] takes it.
    ///
    /// # Errors
    /// As [`bind_extmap`](Self::bind_extmap), for the first value that is refused.
    pub fn from_extmaps<'a>(
        values: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, ExtensionMapError> {
        let mut map = Self::new();
        for value in values {
            let extmap = Extmap::parse(value).map_err(ExtensionMapError::Extmap)?;
            map.bind_extmap(&extmap)?;
        }
        Ok(map)
    }

    /// Binds an extension to the identifier that its description gives. One that this crate does not know is bound too: its
    /// identifier is then taken, and [`is_bound`](Self::is_bound) says so.
    ///
    /// The same binding once more changes nothing, so that the sections of a BUNDLE group, which share their identifiers,
    /// can be given one after another.
    ///
    /// # Errors
    /// An identifier that is not 1 to 255, or is bound to another extension; an extension that has another identifier, even
    /// if it differs in its attributes.
    pub fn bind_extmap(&mut self, extmap: &Extmap<'_>) -> Result<(), ExtensionMapError> {
        let id = match u8::try_from(extmap.id) {
            Ok(id @ 1..) => id,
            _ => return Err(ExtensionMapError::Id { id: extmap.id }),
        };
        let bound = extmap.known().map_or(Bound::Unknown, Bound::Known);
        self.set_bound(id, bound, extmap.encrypted)?;
        if let Some(place) = self.directions.get_mut(usize::from(id)) {
            *place = match extmap.direction.unwrap_or_default() {
                Direction::SendRecv => 0,
                Direction::SendOnly => 1,
                Direction::RecvOnly => 2,
                Direction::Inactive => 3,
            };
        }
        Ok(())
    }

    /// Binds an extension that is not encrypted, in both directions.
    ///
    /// # Errors
    /// As [`bind_extmap`](Self::bind_extmap).
    pub fn bind(&mut self, id: u8, uri: Uri) -> Result<(), ExtensionMapError> {
        if id == 0 {
            return Err(ExtensionMapError::Id { id: 0 });
        }
        self.set_bound(id, Bound::Known(uri), false)
    }

    fn set_bound(
        &mut self,
        id: u8,
        bound: Bound,
        encrypted: bool,
    ) -> Result<(), ExtensionMapError> {
        let before = self.bound(id);
        let same = before == bound && self.is_encrypted(id) == encrypted;
        if before != Bound::Free {
            let bound = self.uri(id);
            return if same { Ok(()) } else { Err(ExtensionMapError::DuplicateId { id, bound }) };
        }
        // RFC 6904 section 4.1 lets the same extension be offered encrypted and not.
        if let Bound::Known(uri) = bound {
            match self.id_place(uri, encrypted) {
                Some(&mut other @ 1..) => {
                    return Err(ExtensionMapError::DuplicateUri { uri, id: other });
                }
                Some(free) => *free = id,
                None => {}
            }
        }
        if !ONE_BYTE_IDS.contains(&id) {
            self.high_ids = self.high_ids.saturating_add(1);
        }
        if let Some(place) = self.bound.get_mut(usize::from(id)) {
            *place = bound;
        }
        if let Some(word) = self.encrypted.get_mut(usize::from(id / 32)) {
            *word |= u32::from(encrypted) << (id % 32);
        }
        Ok(())
    }

    /// Takes back what an identifier was bound to.
    pub fn unbind(&mut self, id: u8) {
        if let Bound::Known(uri) = self.bound(id)
            && let Some(place) = self.id_place(uri, self.is_encrypted(id))
        {
            *place = 0;
        }
        if self.is_bound(id) && !ONE_BYTE_IDS.contains(&id) {
            self.high_ids = self.high_ids.saturating_sub(1);
        }
        if let Some(place) = self.bound.get_mut(usize::from(id)) {
            *place = Bound::Free;
        }
        if let Some(place) = self.directions.get_mut(usize::from(id)) {
            *place = 0;
        }
        if let Some(word) = self.encrypted.get_mut(usize::from(id / 32)) {
            *word &= !(1 << (id % 32));
        }
    }

    /// Both sides said `a=extmap-allow-mixed`: a stream may have packets of either form (RFC 8285 section 6).
    #[inline]
    pub const fn set_allow_mixed(&mut self, mixed: bool) {
        self.mixed = mixed;
    }

    /// Packets of either form may be in a stream.
    #[inline]
    pub const fn allow_mixed(&self) -> bool {
        self.mixed
    }

    #[inline]
    fn bound(&self, id: u8) -> Bound {
        self.bound.get(usize::from(id)).copied().unwrap_or(Bound::Free)
    }

    /// The extension that has this identifier; `None` if none has, or one that this crate does not know.
    #[inline]
    pub fn uri(&self, id: u8) -> Option<Uri> {
        match self.bound(id) {
            Bound::Known(uri) => Some(uri),
            _ => None,
        }
    }

    /// Some extension has this identifier, known to this crate or not.
    #[inline]
    pub fn is_bound(&self, id: u8) -> bool {
        self.bound(id) != Bound::Free
    }

    /// The elements with this identifier are encrypted on the wire (RFC 6904).
    #[inline]
    pub fn is_encrypted(&self, id: u8) -> bool {
        let word = self.encrypted.get(usize::from(id / 32)).copied().unwrap_or_default();
        word >> (id % 32) & 1 != 0
    }

    /// Who sends elements with this identifier.
    #[inline]
    pub fn direction(&self, id: u8) -> Direction {
        match self.directions.get(usize::from(id)) {
            Some(1) => Direction::SendOnly,
            Some(2) => Direction::RecvOnly,
            Some(3) => Direction::Inactive,
            _ => Direction::SendRecv,
        }
    }

    /// The identifier of an extension that is not encrypted.
    #[inline]
    pub fn id(&self, uri: Uri) -> Option<u8> {
        let [id, _] = self.ids_of(Some(&uri));
        (id != 0).then_some(id)
    }

    /// The identifier under which an extension is sent encrypted (RFC 6904).
    #[inline]
    pub fn encrypted_id(&self, uri: Uri) -> Option<u8> {
        let [_, id] = self.ids_of(Some(&uri));
        (id != 0).then_some(id)
    }

    /// The identifier of an extension, and the one under which it is encrypted; 0 without, which no element has.
    #[inline]
    fn ids_of(&self, uri: Option<&Uri>) -> [u8; 2] {
        let ids = uri.and_then(|uri| self.ids.get(usize::from(uri.index())));
        ids.copied().unwrap_or_default()
    }

    #[inline]
    fn id_place(&mut self, uri: Uri, encrypted: bool) -> Option<&mut u8> {
        let [plain, hidden] = self.ids.get_mut(usize::from(uri.index()))?;
        Some(if encrypted { hidden } else { plain })
    }

    /// The identifier of a kind, under the first of its URIs that is bound.
    #[inline]
    pub(crate) fn id_of<'a, T: Value<'a>>(&self) -> Option<u8> {
        T::URIS.iter().find_map(|&uri| self.id(uri))
    }

    /// The identifiers of a kind that are not encrypted, one for each of its URIs; 0 without.
    #[inline]
    fn plain_ids<'a, T: Value<'a>>(&self) -> [u8; 2] {
        let [[a, _], [b, _]] = [self.ids_of(T::URIS.first()), self.ids_of(T::URIS.get(1))];
        [a, b]
    }

    /// What is bound, in the order of identifiers; extensions that this crate does not know have no URI here.
    pub fn iter(&self) -> impl Iterator<Item = (u8, Option<Uri>)> + Clone + '_ {
        (1..=u8::MAX).filter(|&id| self.is_bound(id)).map(|id| (id, self.uri(id)))
    }

    /// The element of the packet that has this kind of value, read; the first one, if there are several.
    ///
    /// Elements that are encrypted are passed over: once they are decrypted, [`get_decrypted`](Self::get_decrypted) reads
    /// them too. So are those of a packet under Cryptex (RFC 9335), whose extension has no elements before it is decrypted.
    ///
    /// # Errors
    /// Its data is not what the kind has; places are counted from the front of the packet.
    #[inline]
    pub fn get<'a, T: Value<'a>>(&self, packet: &Packet<'a>) -> Result<Option<T>, ParseError> {
        let [a, b] = self.plain_ids::<T>();
        read(packet, |id| id == a || id == b)
    }

    /// As [`get`](Self::get) from a packet whose elements were decrypted, if they were encrypted.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    #[inline]
    pub fn get_decrypted<'a, T: Value<'a>>(
        &self,
        packet: &Packet<'a>,
    ) -> Result<Option<T>, ParseError> {
        let [[a, b], [c, d]] = [self.ids_of(T::URIS.first()), self.ids_of(T::URIS.get(1))];
        read(packet, |id| [a, b, c, d].contains(&id))
    }

    /// Writes a value over the packet's element of its kind, which has to have the same size.
    ///
    /// # Errors
    /// The packet has no such element, or one of another size; a value that its kind forbids. The packet is then unchanged.
    #[inline]
    pub fn set<'v, T: Value<'v>>(
        &self,
        packet: &mut PacketMut<'_>,
        value: &T,
    ) -> Result<(), BuildError> {
        let [a, b] = self.plain_ids::<T>();
        let place = packet.elements_mut().find(|&(id, _)| id == a || id == b);
        let (_, data) = place.ok_or(BuildError::OutOfRange { field: "element id" })?;
        let len = value.encoded_len();
        if data.len() != len {
            return Err(BuildError::OutOfRange { field: "element data" });
        }
        // Into a place of its own first, so that a value that is refused half way leaves the packet as it was; the small one is
        // for what nearly all kinds are.
        if len <= 16 { write_over::<16>(value, data) } else { write_over::<255>(value, data) }
    }

    /// The packet's elements in wire order, each with what the map knows of it.
    #[inline]
    pub fn elements<'m, 'a>(&'m self, packet: &Packet<'a>) -> NamedElements<'m, 'a> {
        NamedElements { map: self, elements: packet.elements() }
    }

    /// What the map knows of an element.
    #[inline]
    pub fn name<'a>(&self, element: Element<'a>) -> NamedElement<'a> {
        let (uri, encrypted) = (self.uri(element.id), self.is_encrypted(element.id));
        NamedElement { element, uri, encrypted }
    }

    /// The form that a packet with these elements has to have: the one-byte form wherever it can and may be.
    ///
    /// Where forms are not mixed, one form is that of the whole stream: the two-byte form if any identifier of the map is
    /// above 14, else the one-byte form.
    ///
    /// # Errors
    /// `element id`, `element data`: an element that the stream's form, or either form, cannot hold.
    pub fn form(&self, elements: &[Element<'_>]) -> Result<Form, BuildError> {
        let mut one_byte = true;
        for element in elements {
            if element.id == 0 {
                return Err(BuildError::OutOfRange { field: "element id" });
            }
            if element.data.len() > 255 {
                return Err(BuildError::OutOfRange { field: "element data" });
            }
            let id = ONE_BYTE_IDS.contains(&element.id);
            let data = ONE_BYTE_LENGTHS.contains(&element.data.len());
            if !self.mixed && self.stream_form() == Form::OneByte && !(id && data) {
                let field = if id { "element data" } else { "element id" };
                return Err(BuildError::OutOfRange { field });
            }
            one_byte &= id && data;
        }
        Ok(match self.mixed {
            true if one_byte => Form::OneByte,
            true => Form::TwoByte,
            false => self.stream_form(),
        })
    }

    /// The form of all packets of a stream, where forms are not mixed.
    #[inline]
    pub fn stream_form(&self) -> Form {
        if self.high_ids == 0 { Form::OneByte } else { Form::TwoByte }
    }

    /// An extension with these elements, in the form that they have to have.
    ///
    /// # Errors
    /// As [`form`](Self::form).
    pub fn extension<'a>(
        &self,
        elements: &'a [Element<'a>],
    ) -> Result<ExtensionBuilder<'a>, BuildError> {
        if elements.is_empty() {
            return Ok(ExtensionBuilder::None);
        }
        Ok(match self.form(elements)? {
            Form::OneByte => ExtensionBuilder::OneByte(elements),
            Form::TwoByte => ExtensionBuilder::TwoByte { appbits: 0, elements },
        })
    }
}

/// Writes a value over data of its size, at most `N` bytes; after an error the data is as it was.
#[inline]
fn write_over<const N: usize>(value: &impl Encode, data: &mut [u8]) -> Result<(), BuildError> {
    let mut copy = [0; N];
    let copy =
        copy.get_mut(..data.len()).ok_or(BuildError::OutOfRange { field: "element data" })?;
    value.encode(&mut Sink::new(copy))?;
    data.copy_from_slice(copy);
    Ok(())
}

/// The value of the first element whose identifier is wanted.
#[inline]
fn read<'a, T: Value<'a>>(
    packet: &Packet<'a>,
    is_wanted: impl Fn(u8) -> bool,
) -> Result<Option<T>, ParseError> {
    let Some(element) = packet.elements().find(|element| is_wanted(element.id)) else {
        return Ok(None);
    };
    match T::parse(element.data) {
        Ok(value) => Ok(Some(value)),
        Err(error) => Err(in_packet(packet, element.data, error)),
    }
}

/// The place of an error within its packet, out of that within its element.
#[cold]
fn in_packet(packet: &Packet<'_>, data: &[u8], error: ParseError) -> ParseError {
    let start = data.as_ptr().addr().wrapping_sub(packet.fixed.as_ptr().addr());
    ParseError { offset: start.saturating_add(error.offset), ..error }
}

/// What is bound: `{1: Uri(audio-level), 9: encrypted Uri(corruption-detection), 12: unknown}`.
impl fmt::Debug for ExtensionMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (id, uri) in self.iter() {
            let encrypted = if self.is_encrypted(id) { "encrypted " } else { "" };
            match uri {
                Some(uri) => map.entry(&id, &format_args!("{encrypted}{uri:?}")),
                None => map.entry(&id, &format_args!("{encrypted}unknown")),
            };
        }
        map.finish()
    }
}

/// The elements of a packet, each with what an [`ExtensionMap`] knows of it.
#[derive(Clone, Debug)]
pub struct NamedElements<'m, 'a> {
    map: &'m ExtensionMap,
    elements: Elements<'a>,
}

impl<'a> Iterator for NamedElements<'_, 'a> {
    type Item = NamedElement<'a>;

    #[inline]
    fn next(&mut self) -> Option<NamedElement<'a>> {
        Some(self.map.name(self.elements.next()?))
    }
}

impl core::iter::FusedIterator for NamedElements<'_, '_> {}

/// An element, and what an [`ExtensionMap`] knows of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedElement<'a> {
    /// Identifier and data.
    pub element: Element<'a>,
    /// What it is, if this crate knows it.
    pub uri: Option<Uri>,
    /// It is encrypted on the wire (RFC 6904).
    pub encrypted: bool,
}

impl<'a> NamedElement<'a> {
    /// Its value; `None` if this crate does not know it, or if it is encrypted.
    ///
    /// # Errors
    /// Its data is not what the kind has; places are counted from the front of the data.
    #[inline]
    pub fn value(&self) -> Option<Result<AnyValue<'a>, ParseError>> {
        match self.uri {
            Some(uri) if !self.encrypted => AnyValue::parse(uri, self.element.data),
            _ => None,
        }
    }
}

/// `id`, `data`, and of what is known `name`, `encrypted` where it is so, and the fields of its value.
#[cfg(feature = "serde")]
impl serde::Serialize for NamedElement<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use super::value::Fields;
        use serde::ser::SerializeMap;

        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.element.id)?;
        map.serialize_entry("data", &crate::ser::Hex(self.element.data))?;
        if let Some(uri) = self.uri {
            map.serialize_entry("name", uri.name())?;
        }
        if self.encrypted {
            map.serialize_entry("encrypted", &true)?;
        }
        if let Some(Ok(value)) = self.value() {
            value.fields(&mut map)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::format;
    use std::string::ToString;
    use std::vec::Vec;

    use super::super::{
        AbsSendTime, AudioLevel, CorruptionDetection, FrameMarking, Mid, PlayoutDelay,
        SmpteTimeCode, TransmissionOffset, TransportCc,
    };
    use super::*;
    use crate::error::ErrorKind;
    use crate::rtp::PacketBuilder;

    const MIXED: &str = "http://www.webrtc.org/experiments/rtp-hdrext/corruption-detection";

    /// As Chromium 156 offers for video (chromium-vp8-simulcast.sdp.json), some of them.
    fn chromium() -> ExtensionMap {
        ExtensionMap::from_extmaps([
            "14 urn:ietf:params:rtp-hdrext:toffset",
            "2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
            "3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
            "4 urn:ietf:params:rtp-hdrext:sdes:mid",
            &format!("12 urn:ietf:params:rtp-hdrext:encrypt {MIXED}"),
            "17/sendonly http://example.com/unknown",
        ])
        .unwrap()
    }

    fn packet(extension: ExtensionBuilder<'_>) -> Vec<u8> {
        PacketBuilder { extension, payload: &[1, 2], ..Default::default() }.to_vec().unwrap()
    }

    #[test]
    fn binds_both_ways() {
        let map = chromium();
        assert_eq!((map.id(Uri::MID), map.uri(4)), (Some(4), Some(Uri::MID)));
        assert_eq!((map.id(Uri::CNAME), map.uri(5)), (None, None));
        assert_eq!(map.id(Uri::CORRUPTION_DETECTION), None);
        assert_eq!(map.encrypted_id(Uri::CORRUPTION_DETECTION), Some(12));
        assert!(map.is_encrypted(12) && !map.is_encrypted(4));
        assert!(map.is_bound(17) && !map.is_bound(18) && map.uri(17).is_none());
        assert_eq!(map.direction(17), Direction::SendOnly);
        assert_eq!(map.direction(4), Direction::SendRecv);
        assert_eq!(map.iter().map(|(id, _)| id).collect::<Vec<_>>(), [2, 3, 4, 12, 14, 17]);
        let text = "{2: Uri(abs-send-time), 3: Uri(transport-wide-cc), 4: Uri(mid), \
                    12: encrypted Uri(corruption-detection), 14: Uri(toffset), 17: unknown}";
        assert_eq!(format!("{map:?}"), text);
    }

    #[test]
    fn duplicates_are_refused_and_change_nothing() {
        let mut map = chromium();
        let before = map.clone();
        let mut bind = |value: &str| {
            let result = map.bind_extmap(&Extmap::parse(value).unwrap());
            assert!(map == before || result.is_ok());
            result
        };
        let taken = |bound| Err(ExtensionMapError::DuplicateId { id: 4, bound });
        assert_eq!(bind("4 urn:ietf:params:rtp-hdrext:toffset"), taken(Some(Uri::MID)));
        assert_eq!(bind("4 http://example.com/other"), taken(Some(Uri::MID)));
        let error = ExtensionMapError::DuplicateId { id: 17, bound: None };
        assert_eq!(bind("17 urn:ietf:params:rtp-hdrext:smpte-tc"), Err(error));
        let error = ExtensionMapError::DuplicateUri { uri: Uri::MID, id: 4 };
        assert_eq!(bind("5 urn:ietf:params:rtp-hdrext:sdes:mid"), Err(error));
        for id in [0, 256, 4096, 65535] {
            let value = format!("{id} urn:ietf:params:rtp-hdrext:smpte-tc");
            assert_eq!(bind(&value), Err(ExtensionMapError::Id { id }));
        }
        // The same once more, as the next section of a BUNDLE group says it.
        assert_eq!(bind("4 urn:ietf:params:rtp-hdrext:sdes:mid"), Ok(()));
        // The same extension in the clear, beside the encrypted one (RFC 6904 section 4.1).
        assert_eq!(bind(&format!("13 {MIXED}")), Ok(()));
        assert_eq!(bind("255 urn:ietf:params:rtp-hdrext:smpte-tc"), Ok(()));
        assert_eq!(
            (map.id(Uri::CORRUPTION_DETECTION), map.id(Uri::SMPTE_TC)),
            (Some(13), Some(255))
        );
        assert_eq!(map.bind(0, Uri::CNAME), Err(ExtensionMapError::Id { id: 0 }));
    }

    #[test]
    fn errors_are_one_line() {
        let error = ExtensionMap::from_extmaps(["x y"]).unwrap_err();
        assert_eq!(error.to_string(), "extmap: id 4294967295 (0xffffffff) is not allowed (byte 0)");
        let mut map = chromium();
        let line = map.bind(4, Uri::CNAME).unwrap_err().to_string();
        assert_eq!(line, "extension id 4 is bound to urn:ietf:params:rtp-hdrext:sdes:mid");
        let line = map.bind(5, Uri::MID).unwrap_err().to_string();
        assert_eq!(line, "urn:ietf:params:rtp-hdrext:sdes:mid has the extension id 4");
        assert_eq!(map.bind(17, Uri::CNAME).unwrap_err().to_string(), "extension id 17 is bound");
        let line = map.bind(0, Uri::CNAME).unwrap_err().to_string();
        assert_eq!(line, "extension id 0 is none of 1 to 255");
    }

    #[test]
    fn what_was_bound_can_be_taken_back() {
        let mut map = chromium();
        for id in 1..=255 {
            map.unbind(id);
        }
        assert!(map == ExtensionMap::new());
        assert_eq!(map.stream_form(), Form::OneByte);
    }

    #[test]
    fn reads_by_kind_in_either_form() {
        let map = chromium();
        let elements = [
            Element { id: 2, data: &[0x5f, 0x2f, 0x17] },
            Element { id: 3, data: &[0, 4] },
            Element { id: 4, data: b"1" },
            Element { id: 3, data: &[0, 5] },
        ];
        for extension in [
            ExtensionBuilder::OneByte(&elements),
            ExtensionBuilder::TwoByte { appbits: 7, elements: &elements },
        ] {
            let bytes = packet(extension);
            let packet = Packet::parse(&bytes).unwrap();
            assert_eq!(map.get(&packet), Ok(Some(AbsSendTime(0x5f_2f17))));
            assert_eq!(map.get(&packet), Ok(Some(TransportCc(4))), "the first of two");
            assert_eq!(map.get(&packet), Ok(Some(Mid(b"1"))));
            assert_eq!(map.get::<TransmissionOffset>(&packet), Ok(None), "not sent");
            assert_eq!(map.get::<AudioLevel>(&packet), Ok(None), "not bound");
        }
        let bytes = packet(ExtensionBuilder::None);
        assert_eq!(map.get::<Mid<'_>>(&Packet::parse(&bytes).unwrap()), Ok(None));
    }

    #[test]
    fn a_malformed_value_has_its_place_in_the_packet() {
        let elements = [
            Element { id: 4, data: b"1" },
            Element { id: 3, data: &[1] },
            Element { id: 2, data: &[1; 4] },
        ];
        let bytes = packet(ExtensionBuilder::OneByte(&elements));
        let (map, packet) = (chromium(), Packet::parse(&bytes).unwrap());
        // 12 bytes of header, 4 of the extension's, 2 of the first element, 1 of the second one's header.
        let kind = ErrorKind::Truncated { need: 2, have: 1 };
        let error = map.get::<TransportCc>(&packet).unwrap_err();
        assert_eq!((error.what, error.offset, error.kind), ("transport-wide-cc", 19, kind));
        let error = map.get::<AbsSendTime>(&packet).unwrap_err();
        let kind = ErrorKind::Length { found: 4, have: 3 };
        assert_eq!((error.field, error.offset, error.kind), ("element length", 24, kind));
        let mut bytes = bytes.clone();
        let mut packet = PacketMut::parse(&mut bytes).unwrap();
        let error = BuildError::OutOfRange { field: "element data" };
        assert_eq!(map.set(&mut packet, &TransportCc(1)), Err(error));
    }

    #[test]
    fn the_draft_uri_of_frame_marking_is_the_same_kind() {
        let mut map = ExtensionMap::new();
        map.bind(5, Uri::FRAME_MARKING_07).unwrap();
        let elements = [Element { id: 5, data: &[0xa0] }];
        let mut bytes = packet(ExtensionBuilder::OneByte(&elements));
        let marking = FrameMarking { start: true, independent: true, ..Default::default() };
        assert_eq!(map.get(&Packet::parse(&bytes).unwrap()), Ok(Some(marking)));
        let end = FrameMarking { end: true, ..Default::default() };
        map.set(&mut PacketMut::parse(&mut bytes).unwrap(), &end).unwrap();
        assert_eq!(map.get(&Packet::parse(&bytes).unwrap()), Ok(Some(end)));
    }

    #[test]
    fn encrypted_elements_are_recognised_and_kept() {
        let elements = [Element { id: 12, data: &[0x81] }, Element { id: 4, data: b"1" }];
        let mut bytes = packet(ExtensionBuilder::OneByte(&elements));
        let before = bytes.clone();
        let map = chromium();
        let mut packet = PacketMut::parse(&mut bytes).unwrap();
        let value = CorruptionDetection { sequence_index: 1, ..Default::default() };
        let error = BuildError::OutOfRange { field: "element id" };
        assert_eq!(map.set(&mut packet, &value), Err(error));
        let packet = packet.as_packet();
        assert_eq!(map.get::<CorruptionDetection<'_>>(&packet), Ok(None));
        let value = CorruptionDetection { most_significant: true, ..value };
        assert_eq!(map.get_decrypted(&packet), Ok(Some(value)));
        assert_eq!(map.get_decrypted(&packet), Ok(Some(Mid(b"1"))));
        let named: Vec<_> = map.elements(&packet).collect();
        assert!(named[0].encrypted && named[0].value().is_none());
        assert_eq!(named[0].uri, Some(Uri::CORRUPTION_DETECTION));
        assert_eq!(named[1].value(), Some(Ok(Mid(b"1").into())));
        assert_eq!(bytes, before);
    }

    #[test]
    fn a_packet_under_cryptex_has_no_elements_and_keeps_its_bytes() {
        // RFC 9335 appendix A.1.1, encrypted; as vectors.rs has it.
        let vectors = crate::rtp::vectors::VECTORS;
        let vector = vectors.iter().find(|vector| vector.source.contains("encrypted")).unwrap();
        let bytes = vector.bytes();
        let packet = Packet::parse(&bytes).unwrap();
        assert!(packet.extension().unwrap().profile().is_cryptex());
        let mut map = ExtensionMap::new();
        map.bind(14, Uri::TRANSPORT_CC).unwrap();
        assert_eq!(map.elements(&packet).count(), 0);
        assert_eq!(map.get::<TransportCc>(&packet), Ok(None));
        assert_eq!(map.get_decrypted::<TransportCc>(&packet), Ok(None));
    }

    #[test]
    fn writes_over_an_element_of_the_same_size() {
        let map = chromium();
        let elements = [Element { id: 2, data: &[1; 3] }, Element { id: 3, data: &[0, 4] }];
        let mut bytes = packet(ExtensionBuilder::OneByte(&elements));
        let before = bytes.clone();
        let mut packet = PacketMut::parse(&mut bytes).unwrap();
        let refused = |field| Err(BuildError::OutOfRange { field });
        assert_eq!(map.set(&mut packet, &Mid(b"1")), refused("element id"));
        assert_eq!(map.set(&mut packet, &AudioLevel::default()), refused("element id"));
        let wide = AbsSendTime(1 << 24);
        assert_eq!(map.set(&mut packet, &wide), refused("abs-send-time"));
        assert_eq!(packet.as_bytes(), before);
        map.set(&mut packet, &TransportCc(0x0102)).unwrap();
        assert_eq!(map.get(&packet.as_packet()), Ok(Some(TransportCc(0x0102))));
        // Twelve bytes of header, four of the extension's, one and three, one.
        let expected = [&before[..21], &[1, 2], &before[23..]].concat();
        assert_eq!(bytes, expected);
    }

    #[test]
    fn the_form_follows_from_ids_lengths_and_mixing() {
        let (small, long) = (Element { id: 14, data: &[1] }, Element { id: 1, data: &[0; 17] });
        let (high, empty) = (Element { id: 16, data: &[1] }, Element { id: 1, data: &[] });
        let most = Element { id: 1, data: &[0; 16] };
        let refused = |field| Err(BuildError::OutOfRange { field });
        let mut map = ExtensionMap::new();
        // Low identifiers alone, not mixed: one-byte, and nothing that it cannot hold.
        map.bind(14, Uri::MID).unwrap();
        assert_eq!(map.stream_form(), Form::OneByte);
        assert_eq!(map.form(&[small, most]), Ok(Form::OneByte));
        assert_eq!(map.form(&[small, long]), refused("element data"));
        assert_eq!(map.form(&[empty]), refused("element data"));
        assert_eq!(map.form(&[high]), refused("element id"));
        // A high one among them, not mixed: two-byte throughout.
        map.bind(16, Uri::CNAME).unwrap();
        assert_eq!(map.stream_form(), Form::TwoByte);
        assert_eq!(map.form(&[small]), Ok(Form::TwoByte));
        assert_eq!(map.form(&[small, long, high, empty]), Ok(Form::TwoByte));
        // RFC 8285 section 4.3: the length is one byte.
        assert_eq!(map.form(&[Element { id: 1, data: &[0; 255] }]), Ok(Form::TwoByte));
        assert_eq!(map.form(&[Element { id: 1, data: &[0; 256] }]), refused("element data"));
        // Mixed: each packet by itself.
        map.set_allow_mixed(true);
        assert!(map.allow_mixed());
        assert_eq!(map.form(&[small, most]), Ok(Form::OneByte));
        for other in [long, high, empty, Element { id: 15, data: &[1] }] {
            assert_eq!(map.form(&[small, other]), Ok(Form::TwoByte), "{other:?}");
        }
        assert_eq!(map.form(&[Element { id: 0, data: &[1] }]), refused("element id"));
        let huge = [0; 256];
        assert_eq!(map.form(&[Element { id: 1, data: &huge }]), refused("element data"));
        assert_eq!(map.extension(&[]), Ok(ExtensionBuilder::None));
        let elements = [small, high];
        let two_byte = ExtensionBuilder::TwoByte { appbits: 0, elements: &elements };
        assert_eq!(map.extension(&elements), Ok(two_byte));
    }

    #[test]
    fn every_uri_has_a_value_but_two() {
        for &uri in Uri::ALL {
            let none = [Uri::ENCRYPT, Uri::SDES].contains(&uri);
            assert_eq!(AnyValue::parse(uri, &[0; 255]).is_none(), none, "{uri}");
        }
        let delay = AnyValue::parse(Uri::PLAYOUT_DELAY, &[0, 0x30, 0x22]).unwrap().unwrap();
        assert_eq!(delay, AnyValue::from(PlayoutDelay { min_delay: 3, max_delay: 34 }));
        assert_eq!((delay.uri(), delay.encoded_len()), (Uri::PLAYOUT_DELAY, 3));
        assert_eq!(delay.to_string(), "playout-delay 30..340 ms");
        let code = AnyValue::parse(Uri::SMPTE_TC, &[0; 3]).unwrap().unwrap();
        assert!(matches!(code, AnyValue::SmpteTimeCode(SmpteTimeCode::Short(_))));
    }

    #[test]
    #[cfg(feature = "serde")]
    fn elements_serialise_with_name_and_fields() {
        use super::super::value::check::json;

        let elements = [
            Element { id: 3, data: &[0, 4] },
            Element { id: 12, data: &[0x81] },
            Element { id: 5, data: &[9] },
            Element { id: 2, data: &[9] },
        ];
        let bytes = packet(ExtensionBuilder::OneByte(&elements));
        let packet = Packet::parse(&bytes).unwrap();
        let lines: Vec<_> = chromium().elements(&packet).map(|element| json(&element)).collect();
        assert_eq!(
            lines,
            [
                r#"{"id":3,"data":"0004","name":"transport-wide-cc","transport_seq":4}"#,
                r#"{"id":12,"data":"81","name":"corruption-detection","encrypted":true}"#,
                r#"{"id":5,"data":"09"}"#,
                r#"{"id":2,"data":"09","name":"abs-send-time"}"#,
            ]
        );
    }
}
