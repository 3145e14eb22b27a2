//! Elements of a packet to be written, out of typed values.

use super::{ExtensionMap, Value};
use crate::error::BuildError;
use crate::rtp::{Element, ExtensionBuilder};

/// Elements to be written, at most `N` of them, their data in a buffer of the caller's.
///
/// ```
/// use mediawire::Encode;
/// use mediawire::rtp::{PacketBuilder, PayloadType};
/// use mediawire::rtp::ext::{AudioLevel, ElementList, ExtensionMap, TransportCc, Uri};
///
/// let mut map = ExtensionMap::new();
/// map.bind(1, Uri::AUDIO_LEVEL)?;
/// map.bind(3, Uri::TRANSPORT_CC)?;
/// let mut data = [0; 64];
/// let mut elements = ElementList::<4>::new(&map, &mut data);
/// elements.push(&TransportCc(7))?;
/// elements.push(&AudioLevel { voice: true, level: 10 })?;
/// let packet = PacketBuilder {
///     payload_type: PayloadType(111),
///     extension: elements.extension()?,
///     ..Default::default()
/// };
/// let mut buffer = [0; 1500];
/// let len = packet.write(&mut buffer)?;
/// assert_eq!(buffer[12..len], [0xbe, 0xde, 0, 2, 0x31, 0, 7, 0x10, 0x8a, 0, 0, 0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ElementList<'m, 'b, const N: usize> {
    map: &'m ExtensionMap,
    elements: [Element<'b>; N],
    len: usize,
    free: &'b mut [u8],
}

impl<'m, 'b, const N: usize> ElementList<'m, 'b, N> {
    /// An empty list; data goes to the front of `buffer`.
    #[inline]
    pub fn new(map: &'m ExtensionMap, buffer: &'b mut [u8]) -> Self {
        Self { map, elements: [Element { id: 0, data: &[] }; N], len: 0, free: buffer }
    }

    /// Adds an element with this value.
    ///
    /// # Errors
    /// `element id`: the map has no identifier for its kind; `elements`: there are `N` already; a value that its kind
    /// forbids; no room for its data. The list is then as it was.
    #[inline]
    pub fn push<'v, T: Value<'v>>(&mut self, value: &T) -> Result<(), BuildError> {
        let refused = BuildError::OutOfRange { field: "elements" };
        let place = self.elements.get_mut(self.len).ok_or(refused)?;
        let unbound = BuildError::OutOfRange { field: "element id" };
        let id = self.map.id_of::<T>().ok_or(unbound)?;
        let len = value.write(self.free)?;
        let free = core::mem::take(&mut self.free);
        let (data, rest) = free.split_at_mut_checked(len).ok_or(refused)?;
        self.free = rest;
        *place = Element { id, data };
        self.len = self.len.saturating_add(1);
        Ok(())
    }

    /// The elements, in the order in which they were added.
    #[inline]
    pub fn elements(&self) -> &[Element<'b>] {
        self.elements.get(..self.len).unwrap_or_default()
    }

    /// An extension with the elements, in the form that they have to have.
    ///
    /// # Errors
    /// As [`ExtensionMap::form`].
    #[inline]
    pub fn extension(&self) -> Result<ExtensionBuilder<'_>, BuildError> {
        self.map.extension(self.elements())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{AbsSendTime, AudioLevel, Mid, TransportCc, Uri};
    use super::*;

    #[test]
    fn a_value_that_is_refused_leaves_the_list_as_it_was() {
        let mut map = ExtensionMap::new();
        map.bind(1, Uri::AUDIO_LEVEL).unwrap();
        map.bind(3, Uri::TRANSPORT_CC).unwrap();
        let mut data = [0; 4];
        let mut list = ElementList::<2>::new(&map, &mut data);
        assert_eq!(list.extension(), Ok(ExtensionBuilder::None));
        list.push(&TransportCc(0x0102)).unwrap();
        let refused = |field| Err(BuildError::OutOfRange { field });
        assert_eq!(list.push(&AbsSendTime(1)), refused("element id"));
        assert_eq!(list.push(&AudioLevel { voice: true, level: 128 }), refused("level"));
        let first = Element { id: 3, data: &[1, 2] };
        assert_eq!(list.elements(), [first]);
        list.push(&AudioLevel { voice: true, level: 1 }).unwrap();
        assert_eq!(list.elements(), [first, Element { id: 1, data: &[0x81] }]);
        assert_eq!(list.push(&TransportCc(1)), refused("elements"));
        assert!(
            matches!(list.extension(), Ok(ExtensionBuilder::OneByte(elements)) if elements.len() == 2)
        );
    }

    #[test]
    fn a_buffer_that_is_too_small_leaves_the_list_as_it_was() {
        let mut map = ExtensionMap::new();
        map.bind(4, Uri::MID).unwrap();
        let mut data = [0; 4];
        let mut list = ElementList::<3>::new(&map, &mut data);
        list.push(&Mid(b"abc")).unwrap();
        let error = BuildError::BufferTooSmall { need: 2, have: 1 };
        assert_eq!(list.push(&Mid(b"de")), Err(error));
        list.push(&Mid(b"f")).unwrap();
        assert_eq!(list.elements().len(), 2);
    }
}
