//! VLAN tags (IEEE 802.1Q clause 9), one or stacked (IEEE 802.1ad).
//!
//! A tag stands between an EtherType that announces it and the EtherType of what it tags:
//!
//! ```text
//! | EtherType 0x8100 or 0x88a8    |  of the header before
//! | PCP |D|       VLAN id         |         EtherType             |
//! ```

use core::{fmt, ops::Range};

use byteorder::{BE, ByteOrder};
use nom::Parser;
use nom::error::context;

use super::EtherType;
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::wire::array;

// Places in the tag, for reading and for writing.
const CONTROL: Range<usize> = 0..2;
const TYPE: Range<usize> = 2..4;
const TAG_LEN: usize = TYPE.end;

/// Tag control information: priority, drop eligibility and VLAN (IEEE 802.1Q clause 9.6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TagControl(pub u16);

impl TagControl {
    /// Priority code point, 0 to 7.
    #[inline]
    pub const fn priority(self) -> u8 {
        let [high, _] = self.0.to_be_bytes();
        high >> 5
    }

    /// Drop eligible indicator (canonical format indicator in older equipment).
    #[inline]
    pub const fn drop_eligible(self) -> bool {
        self.0 & 0x1000 != 0
    }

    /// VLAN identifier, 0 to 4095: 0 is a tag for its priority alone, 4095 is reserved.
    #[inline]
    pub const fn id(self) -> u16 {
        self.0 & 0x0fff
    }
}

impl fmt::Display for TagControl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VLAN {} priority={}", self.id(), self.priority())?;
        if self.drop_eligible() { f.write_str(" drop-eligible") } else { Ok(()) }
    }
}

/// One tag and what it tags, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Vlan<'a> {
    tag: &'a [u8; TAG_LEN],
    payload: &'a [u8],
}

impl<'a> Vlan<'a> {
    /// Reads what follows an EtherType that [announces a tag](EtherType::is_vlan).
    ///
    /// # Errors
    /// Fewer than 4 bytes.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("VLAN", bytes, vlan)
    }

    /// Priority, drop eligibility and VLAN.
    #[inline]
    pub fn control(&self) -> TagControl {
        TagControl(BE::read_u16(&self.tag[CONTROL]))
    }

    /// The field as it is on the wire: a type from 1536, an IEEE 802.3 length below.
    #[inline]
    pub fn type_or_length(&self) -> u16 {
        BE::read_u16(&self.tag[TYPE])
    }

    /// What the payload is: another tag maybe. `None` for a tagged IEEE 802.3 frame.
    #[inline]
    pub fn ether_type(&self) -> Option<EtherType> {
        EtherType::new(self.type_or_length())
    }

    /// All behind the tag.
    #[inline]
    pub fn payload(&self) -> &'a [u8] {
        self.payload
    }
}

/// The tag; the payload is all that is left.
#[inline]
pub(crate) fn vlan(i: &[u8]) -> Step<'_, Vlan<'_>> {
    let (payload, tag) = context("tag", array).parse(i)?;
    Ok((&[], Vlan { tag, payload }))
}

impl fmt::Display for Vlan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.control())?;
        match self.ether_type() {
            Some(ether_type) => write!(f, " {ether_type}"),
            None => write!(f, " 802.3 length={}", self.type_or_length()),
        }
    }
}

impl fmt::Debug for Vlan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vlan")
            .field("control", &self.control())
            .field("type_or_length", &self.type_or_length())
            .field("payload", &self.payload())
            .finish()
    }
}

/// A tag of a stack, with the EtherType that announced it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VlanTag {
    /// Which tag it is: 802.1Q, 802.1ad.
    pub protocol: EtherType,
    /// Priority, drop eligibility and VLAN.
    pub control: TagControl,
}

/// The tags of a frame, outermost first: an iterator.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct VlanTags<'a> {
    /// What announces the next tag.
    protocol: u16,
    tags: &'a [[u8; TAG_LEN]],
}

impl<'a> VlanTags<'a> {
    /// No tag.
    pub(crate) const NONE: Self = Self { protocol: 0, tags: &[] };

    /// How many tags are left.
    #[inline]
    pub fn len(&self) -> usize {
        self.tags.len()
    }

    /// No tag is left.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.tags.is_empty()
    }
}

/// All tags that follow an EtherType, and the EtherType of what they tag. The last tag may be cut short: then its
/// bytes are left, and the EtherType is the one that announced it.
#[inline]
pub(crate) fn vlan_tags(protocol: u16, i: &[u8]) -> (&[u8], VlanTags<'_>, u16) {
    if !EtherType(protocol).is_vlan() {
        return (i, VlanTags::NONE, protocol);
    }
    stacked(protocol, i)
}

/// The same where there is at least one tag.
fn stacked(protocol: u16, i: &[u8]) -> (&[u8], VlanTags<'_>, u16) {
    let all = i.as_chunks().0;
    let mut inner = protocol;
    let announced = |tag: &&[u8; TAG_LEN]| {
        let this = EtherType(inner).is_vlan();
        if this {
            inner = BE::read_u16(&tag[TYPE]);
        }
        this
    };
    let count = all.iter().take_while(announced).count();
    let (tags, _) = all.split_at_checked(count).unwrap_or_default();
    let rest = i.get(tags.as_flattened().len()..).unwrap_or_default();
    (rest, VlanTags { protocol, tags }, inner)
}

impl Iterator for VlanTags<'_> {
    type Item = VlanTag;

    #[inline]
    fn next(&mut self) -> Option<VlanTag> {
        let (tag, rest) = self.tags.split_first()?;
        let control = TagControl(BE::read_u16(&tag[CONTROL]));
        let this = VlanTag { protocol: EtherType(self.protocol), control };
        *self = Self { protocol: BE::read_u16(&tag[TYPE]), tags: rest };
        Some(this)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len(), Some(self.len()))
    }
}

impl ExactSizeIterator for VlanTags<'_> {}

impl fmt::Debug for VlanTags<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

/// A tag to be written behind an EtherType that announces it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VlanBuilder<P> {
    /// As [`TagControl::priority`], 0 to 7.
    pub priority: u8,
    /// As [`TagControl::drop_eligible`].
    pub drop_eligible: bool,
    /// As [`TagControl::id`], 0 to 4094.
    pub id: u16,
    /// As [`Vlan::type_or_length`].
    pub type_or_length: u16,
    /// Another tag, the next header, or bytes.
    pub payload: P,
}

impl<'a> From<Vlan<'a>> for VlanBuilder<&'a [u8]> {
    fn from(view: Vlan<'a>) -> Self {
        Self {
            priority: view.control().priority(),
            drop_eligible: view.control().drop_eligible(),
            id: view.control().id(),
            type_or_length: view.type_or_length(),
            payload: view.payload(),
        }
    }
}

impl<P: Encode> Encode for VlanBuilder<P> {
    #[inline]
    fn encoded_len(&self) -> usize {
        TAG_LEN.saturating_add(self.payload.encoded_len())
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if self.priority > 7 {
            return Err(BuildError::OutOfRange { field: "priority" });
        }
        // IEEE 802.1Q table 9-2: 0xfff is not to be sent.
        if self.id >= 0xfff {
            return Err(BuildError::OutOfRange { field: "VLAN id" });
        }
        let tag = out.array::<TAG_LEN>()?;
        let drop_eligible = u16::from(self.drop_eligible) << 12;
        let control = u16::from(self.priority) << 13 | drop_eligible | self.id;
        BE::write_u16(&mut tag[CONTROL], control);
        BE::write_u16(&mut tag[TYPE], self.type_or_length);
        self.payload.encode(out)
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

    /// fmt-vlan.pcap, frame 228, behind the EtherType 0x8100.
    const TAGGED: [u8; 8] = [
        0x60, 0x64, // priority 3, VLAN 100
        0x08, 0x00, // IPv4
        0x45, 0x00, 0x00, 0x30,
    ];

    #[test]
    fn reads_every_field() {
        let vlan = Vlan::parse(&TAGGED).unwrap();
        let control = vlan.control();
        assert_eq!((control.priority(), control.drop_eligible(), control.id()), (3, false, 100));
        assert_eq!(vlan.ether_type(), Some(EtherType::IPV4));
        assert_eq!(vlan.payload(), &TAGGED[4..]);
        assert_eq!(vlan.to_string(), "VLAN 100 priority=3 IPv4");
        assert_eq!(TagControl(0x1fff).to_string(), "VLAN 4095 priority=0 drop-eligible");
    }

    #[test]
    fn refuses_every_truncation() {
        for have in 0..4 {
            let error = Vlan::parse(&TAGGED[..have]).unwrap_err();
            let kind = ErrorKind::Truncated { need: 4, have };
            assert_eq!(error, ParseError { what: "VLAN", field: "tag", offset: 0, kind });
        }
    }

    #[test]
    fn stacked_tags_are_walked_to_the_payload() {
        let bytes = [
            0x20, 0x07, 0x81, 0x00, // behind 0x88a8: priority 1, VLAN 7, then 802.1Q
            0x60, 0x64, 0x08, 0x00, // priority 3, VLAN 100, then IPv4
            0x45,
        ];
        let (rest, tags, inner) = vlan_tags(0x88a8, &bytes);
        assert_eq!((rest, inner), (&bytes[8..], 0x0800));
        crate::testing::counts(tags);
        crate::testing::debugs_list(&tags);
        let expected = [(EtherType::SERVICE_VLAN, 0x2007), (EtherType::VLAN, 0x6064)];
        let expected =
            expected.map(|(protocol, control)| VlanTag { protocol, control: TagControl(control) });
        assert_eq!(tags.collect::<Vec<_>>(), expected);
        // Cut within the second tag: the first one stands, and what is left was announced as a tag.
        let (rest, tags, inner) = vlan_tags(0x88a8, &bytes[..7]);
        assert_eq!((rest, tags.len(), inner), (&bytes[4..7], 1, 0x8100));
        assert_eq!(vlan_tags(0x0800, &bytes), (&bytes[..], VlanTags::NONE, 0x0800));
    }

    #[test]
    fn refuses_to_build_what_has_no_room() {
        let mut out = [0; 8];
        let good = VlanBuilder {
            id: 4094,
            priority: 7,
            drop_eligible: true,
            ..VlanBuilder::<&[u8]>::default()
        };
        assert_eq!(good.write(&mut out), Ok(4));
        assert_eq!(out[..4], [0xff, 0xfe, 0, 0]);
        let field = "VLAN id";
        assert_eq!(
            VlanBuilder { id: 4095, ..good }.write(&mut out),
            Err(BuildError::OutOfRange { field })
        );
        let field = "priority";
        assert_eq!(
            VlanBuilder { priority: 8, ..good }.write(&mut out),
            Err(BuildError::OutOfRange { field })
        );
    }

    proptest! {
        #[test]
        fn writes_what_it_reads(bytes in proptest::collection::vec(any::<u8>(), 0..32)) {
            let mut out = [0; 32];
            if let Ok(view) = Vlan::parse(&bytes) {
                match VlanBuilder::from(view).write(&mut out) {
                    Ok(len) => prop_assert_eq!(&out[..len], &bytes[..]),
                    Err(_) => prop_assert_eq!(view.control().id(), 4095),
                }
                crate::testing::shows(&view);
            }
        }
    }
}
