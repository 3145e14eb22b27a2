//! VP8 payload descriptor (RFC 7741 section 4.2).
//!
//! ```text
//! |X|R|N|S|R| PID |  first
//! |I|L|T|K|  RSV  |  control, if X
//! |M| picture ID  |  if I; a second byte if M
//! |   TL0PICIDX   |  if L
//! |TID|Y| KEYIDX  |  layer, if T or K
//! |     the payload: the frame's bytes, or some of them
//! ```

use core::fmt;

use nom::Parser;
use nom::error::context;

use super::FrameHeader;
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::rtp::payload::picture_id::{PictureId, picture_id};
use crate::wire::byte;

// Bits of the first byte, and of the control byte.
const X: u8 = 0x80;
const N: u8 = 0x20;
const S: u8 = 0x10;
const PID: u8 = 0x07;
pub(super) const I: u8 = 0x80;
pub(super) const L: u8 = 0x40;
const T: u8 = 0x20;
pub(super) const K: u8 = 0x10;
// Of the byte that T and K share.
const TID_SHIFT: u8 = 6;
const Y: u8 = 0x20;
pub(super) const KEYIDX: u8 = 0x1F;

/// What a VP8 packet says of itself, and the payload behind it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Descriptor<'a> {
    first: u8,
    /// 0 without X.
    control: u8,
    picture_id: Option<PictureId>,
    /// 0 without L.
    tl0picidx: u8,
    /// 0 without T and K.
    layer: u8,
    payload: &'a [u8],
}

/// The temporal layer of a frame (RFC 7741 section 4.2, TID and Y).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TemporalLayer {
    /// TID: 0, the base, to 3.
    pub tid: u8,
    /// Y: the frame depends only on the base layer, so that one may begin with this layer here.
    pub layer_sync: bool,
}

impl<'a> Descriptor<'a> {
    /// A descriptor of one byte that says nothing.
    pub(super) const NOTHING: Self =
        Self { first: 0, control: 0, picture_id: None, tl0picidx: 0, layer: 0, payload: &[] };

    /// Reads the descriptor at the front of an RTP payload.
    ///
    /// # Errors
    /// A descriptor cut short. An empty payload has none: a packet that only probes for bandwidth.
    #[inline]
    pub fn parse(payload: &'a [u8]) -> Result<Self, ParseError> {
        run("VP8 payload descriptor", payload, descriptor)
    }

    /// The N bit: the frame may be left out, no other depends on it.
    #[inline]
    pub const fn is_non_reference(&self) -> bool {
        self.first & N != 0
    }

    /// The S bit: the payload begins with the first byte of a partition.
    #[inline]
    pub const fn starts_partition(&self) -> bool {
        self.first & S != 0
    }

    /// PID: which partition the payload begins with, 0 to 7.
    #[inline]
    pub const fn partition_index(&self) -> u8 {
        self.first & PID
    }

    /// The picture ID, the same in all packets of a frame.
    #[inline]
    pub const fn picture_id(&self) -> Option<PictureId> {
        self.picture_id
    }

    /// TL0PICIDX: a running number of the frames of the base layer; in other layers that of the frame they depend on.
    #[inline]
    pub const fn tl0picidx(&self) -> Option<u8> {
        if self.control & L != 0 { Some(self.tl0picidx) } else { None }
    }

    /// TID and Y.
    #[inline]
    pub const fn temporal_layer(&self) -> Option<TemporalLayer> {
        if self.control & T == 0 {
            return None;
        }
        Some(TemporalLayer { tid: self.layer >> TID_SHIFT, layer_sync: self.layer & Y != 0 })
    }

    /// KEYIDX: a running number of the key frames, 0 to 31; in other frames that of the key frame they depend on.
    #[inline]
    pub const fn keyidx(&self) -> Option<u8> {
        if self.control & K != 0 { Some(self.layer & KEYIDX) } else { None }
    }

    /// The first packet of a frame: S is set and PID is 0.
    #[inline]
    pub const fn starts_frame(&self) -> bool {
        self.first & (S | PID) == S
    }

    /// The first packet of a key frame: a decoder may begin here.
    #[inline]
    pub const fn starts_key_frame(&self) -> bool {
        matches!(*self.payload, [first, ..] if self.starts_frame() && first & 1 == 0)
    }

    /// The header of the frame, in its first packet; `None` in others.
    #[inline]
    pub fn frame_header(&self) -> Option<FrameHeader<'a>> {
        if self.starts_frame() { FrameHeader::new(self.payload) } else { None }
    }

    /// What follows the descriptor.
    #[inline]
    pub const fn payload(&self) -> &'a [u8] {
        self.payload
    }

    /// The bits without a meaning.
    #[inline]
    fn reserved(&self) -> Reserved {
        let mut layer = self.layer;
        if self.control & T != 0 {
            layer &= KEYIDX;
        }
        if self.control & K != 0 {
            layer &= !KEYIDX;
        }
        let extended = self.first & X != 0 && self.control & (I | L | T | K) == 0;
        let control = self.control & !(I | L | T | K);
        Reserved { first: self.first & !(X | N | S | PID), extended, control, layer }
    }
}

/// The descriptor at the front of `i`, the rest as its payload.
#[inline]
fn descriptor(i: &[u8]) -> Step<'_, Descriptor<'_>> {
    let (mut rest, first) = context("first byte", byte).parse(i)?;
    let mut descriptor =
        Descriptor { first, control: 0, picture_id: None, tl0picidx: 0, layer: 0, payload: rest };
    if first & X != 0 {
        (rest, descriptor.control) = context("control bits", byte).parse(rest)?;
    }
    let control = descriptor.control;
    if control & I != 0 {
        let id;
        (rest, id) = picture_id(rest)?;
        descriptor.picture_id = Some(id);
    }
    if control & L != 0 {
        (rest, descriptor.tl0picidx) = context("TL0PICIDX", byte).parse(rest)?;
    }
    if control & (T | K) != 0 {
        (rest, descriptor.layer) = context("TID and KEYIDX", byte).parse(rest)?;
    }
    descriptor.payload = rest;
    Ok((&[], descriptor))
}

/// One line: `VP8 S pid=0 picture=17 tl0=3 tid=0 keyidx=1 key frame 320x180 len=10`.
impl fmt::Display for Descriptor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VP8")?;
        if self.starts_partition() {
            f.write_str(" S")?;
        }
        if self.is_non_reference() {
            f.write_str(" N")?;
        }
        write!(f, " pid={}", self.partition_index())?;
        if let Some(picture_id) = self.picture_id {
            write!(f, " picture={picture_id}")?;
        }
        if let Some(tl0picidx) = self.tl0picidx() {
            write!(f, " tl0={tl0picidx}")?;
        }
        if let Some(layer) = self.temporal_layer() {
            write!(f, " tid={}{}", layer.tid, if layer.layer_sync { " Y" } else { "" })?;
        }
        if let Some(keyidx) = self.keyidx() {
            write!(f, " keyidx={keyidx}")?;
        }
        if let Some(header) = self.frame_header() {
            write!(f, " {header}")?;
        }
        write!(f, " len={}", self.payload.len())
    }
}

impl fmt::Debug for Descriptor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Descriptor")
            .field("is_non_reference", &self.is_non_reference())
            .field("starts_partition", &self.starts_partition())
            .field("partition_index", &self.partition_index())
            .field("picture_id", &self.picture_id())
            .field("tl0picidx", &self.tl0picidx())
            .field("temporal_layer", &self.temporal_layer())
            .field("keyidx", &self.keyidx())
            .field("frame_header", &self.frame_header())
            .field("payload", &self.payload)
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Descriptor<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("non_reference", &self.is_non_reference())?;
        map.serialize_entry("start_of_partition", &self.starts_partition())?;
        map.serialize_entry("partition_index", &self.partition_index())?;
        if let Some(picture_id) = self.picture_id {
            map.serialize_entry("picture_id", &picture_id.value())?;
        }
        if let Some(tl0picidx) = self.tl0picidx() {
            map.serialize_entry("tl0picidx", &tl0picidx)?;
        }
        if let Some(layer) = self.temporal_layer() {
            map.serialize_entry("tid", &layer.tid)?;
            map.serialize_entry("layer_sync", &layer.layer_sync)?;
        }
        if let Some(keyidx) = self.keyidx() {
            map.serialize_entry("keyidx", &keyidx)?;
        }
        if let Some(header) = self.frame_header() {
            map.serialize_entry("frame_header", &header)?;
        }
        map.serialize_entry("size", &self.payload.len())?;
        map.end()
    }
}

/// Bits of a descriptor that have no meaning, so that what is forwarded stays as it came. All 0 by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reserved {
    /// The two R bits, in their places.
    first: u8,
    /// X is set though the control byte announces nothing.
    extended: bool,
    /// RSV.
    control: u8,
    /// The half of the byte of TID, Y and KEYIDX that only the other half is there for.
    layer: u8,
}

/// A VP8 payload descriptor to be written, before the payload: fill in the fields, or take a view's by `From`.
///
/// ```
/// use mediawire::Encode;
/// use mediawire::rtp::payload::{PictureId, vp8::DescriptorBuilder};
///
/// let descriptor = DescriptorBuilder {
///     start_of_partition: true,
///     picture_id: Some(PictureId::Long(4711)),
///     ..Default::default()
/// };
/// let mut buffer = [0; 1200];
/// let len = descriptor.write(&mut buffer)?; // the payload goes behind it
/// assert_eq!(buffer[..len], [0x90, 0x80, 0x92, 0x67]);
/// # Ok::<(), mediawire::BuildError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DescriptorBuilder {
    /// As [`Descriptor::is_non_reference`].
    pub non_reference: bool,
    /// As [`Descriptor::starts_partition`].
    pub start_of_partition: bool,
    /// As [`Descriptor::partition_index`]: 0 to 7.
    pub partition_index: u8,
    /// As [`Descriptor::picture_id`].
    pub picture_id: Option<PictureId>,
    /// As [`Descriptor::tl0picidx`]. The standard wants a temporal layer beside it.
    pub tl0picidx: Option<u8>,
    /// As [`Descriptor::temporal_layer`].
    pub temporal_layer: Option<TemporalLayer>,
    /// As [`Descriptor::keyidx`]: 0 to 31.
    pub keyidx: Option<u8>,
    /// What a view had in the bits without a meaning.
    pub reserved: Reserved,
}

impl From<Descriptor<'_>> for DescriptorBuilder {
    /// What is written is the descriptor that was read, byte for byte.
    #[inline]
    fn from(descriptor: Descriptor<'_>) -> Self {
        Self {
            non_reference: descriptor.is_non_reference(),
            start_of_partition: descriptor.starts_partition(),
            partition_index: descriptor.partition_index(),
            picture_id: descriptor.picture_id(),
            tl0picidx: descriptor.tl0picidx(),
            temporal_layer: descriptor.temporal_layer(),
            keyidx: descriptor.keyidx(),
            reserved: descriptor.reserved(),
        }
    }
}

impl DescriptorBuilder {
    /// The bits that announce what follows.
    #[inline]
    fn control(&self) -> u8 {
        let bit = |set: bool, bit: u8| if set { bit } else { 0 };
        bit(self.picture_id.is_some(), I)
            | bit(self.tl0picidx.is_some(), L)
            | bit(self.temporal_layer.is_some(), T)
            | bit(self.keyidx.is_some(), K)
            | self.reserved.control
    }

    #[inline]
    fn is_extended(&self) -> bool {
        self.control() != 0 || self.reserved.extended
    }

    /// The byte of TID, Y and KEYIDX.
    #[inline]
    fn layer(&self) -> Result<Option<u8>, BuildError> {
        if self.temporal_layer.is_none() && self.keyidx.is_none() {
            return Ok(None);
        }
        let mut byte = self.reserved.layer;
        if let Some(layer) = self.temporal_layer {
            if layer.tid > 3 {
                return Err(BuildError::OutOfRange { field: "TID" });
            }
            byte = byte & KEYIDX | layer.tid << TID_SHIFT | if layer.layer_sync { Y } else { 0 };
        }
        if let Some(keyidx) = self.keyidx {
            if keyidx > KEYIDX {
                return Err(BuildError::OutOfRange { field: "KEYIDX" });
            }
            byte = byte & !KEYIDX | keyidx;
        }
        Ok(Some(byte))
    }
}

impl Encode for DescriptorBuilder {
    #[inline]
    fn encoded_len(&self) -> usize {
        let picture_id = self.picture_id.map_or(0, PictureId::len);
        let layer = self.temporal_layer.is_some() || self.keyidx.is_some();
        let tl0picidx = usize::from(self.tl0picidx.is_some());
        1 + usize::from(self.is_extended()) + picture_id + tl0picidx + usize::from(layer)
    }

    /// # Errors
    /// A number that its field has no room for.
    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        if self.partition_index > PID {
            return Err(BuildError::OutOfRange { field: "partition index" });
        }
        let extended = self.is_extended();
        let mut first = self.reserved.first | self.partition_index;
        for (set, bit) in [(extended, X), (self.non_reference, N), (self.start_of_partition, S)] {
            first |= if set { bit } else { 0 };
        }
        out.bytes(&[first])?;
        if extended {
            out.bytes(&[self.control()])?;
        }
        if let Some(picture_id) = self.picture_id {
            picture_id.encode(out)?;
        }
        if let Some(tl0picidx) = self.tl0picidx {
            out.bytes(&[tl0picidx])?;
        }
        match self.layer()? {
            Some(layer) => out.bytes(&[layer]),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec::Vec;

    use super::*;
    use crate::testing::unhex;

    fn parse(bytes: &[u8]) -> Descriptor<'_> {
        Descriptor::parse(bytes).unwrap()
    }

    // Every field of RFC 7741 section 4.2, each with another value.
    const FULL: [u8; 8] = [
        0xB3, // X=1 R=0 N=1 S=1 R=0 PID=3
        0xF0, // I=1 L=1 T=1 K=1
        0x92, 0x67, // M=1, picture ID 4711
        0xFE, // TL0PICIDX
        0xA5, // TID=2 Y=1 KEYIDX=5
        0xAA, 0xBB, // payload
    ];

    #[test]
    fn reads_every_field() {
        let view = parse(&FULL);
        assert!(view.is_non_reference() && view.starts_partition());
        assert_eq!(view.partition_index(), 3);
        assert_eq!(view.picture_id(), Some(PictureId::Long(4711)));
        assert_eq!(view.tl0picidx(), Some(0xFE));
        assert_eq!(view.temporal_layer(), Some(TemporalLayer { tid: 2, layer_sync: true }));
        assert_eq!(view.keyidx(), Some(5));
        assert!(!view.starts_frame() && !view.starts_key_frame(), "another partition");
        assert_eq!(view.payload(), [0xAA, 0xBB]);
        assert_eq!(view.to_string(), "VP8 S N pid=3 picture=4711 tl0=254 tid=2 Y keyidx=5 len=2");
    }

    #[test]
    fn reads_each_optional_field_alone() {
        // The control byte with one bit, and the byte that it announces.
        let optional = |control, byte| {
            let bytes = [0x80, control, byte, 9];
            let view = parse(&bytes);
            assert_eq!(view.payload(), [9]);
            (view.picture_id(), view.tl0picidx(), view.temporal_layer(), view.keyidx())
        };
        assert_eq!(optional(I, 0x11), (Some(PictureId::Short(17)), None, None, None));
        assert_eq!(optional(L, 0x11), (None, Some(17), None, None));
        let layer = TemporalLayer { tid: 3, layer_sync: false };
        assert_eq!(optional(T, 0xDF), (None, None, Some(layer), None));
        assert_eq!(optional(K, 0xFF), (None, None, None, Some(31)));
        assert!(parse(&[0x10]).payload().is_empty(), "no control byte");
    }

    #[test]
    fn the_first_packets_of_a_chromium_stream() {
        // chromium-vp8-rtx-twcc.pcap, frames 6, 9 and 32: their first bytes. Values as tshark 4.0.17 gives them.
        let key = unhex("9080be8cb02f009d012a4001b400394b00221c22");
        let view = parse(&key);
        assert_eq!(view.picture_id(), Some(PictureId::Long(16012)));
        assert!(view.starts_frame() && view.starts_key_frame());
        let header = view.frame_header().unwrap();
        assert_eq!((header.version(), header.show_frame()), (0, true));
        assert_eq!(header.first_partition_size(), 381);
        assert_eq!((header.dimensions(), header.scaling()), (Some((320, 180)), Some((0, 0))));
        assert_eq!(view.to_string(), "VP8 S pid=0 picture=16012 key frame 320x180 len=16");

        let next = unhex("8080be8c34166682aaf6");
        assert_eq!(parse(&next).picture_id(), Some(PictureId::Long(16012)));
        assert!(!parse(&next).starts_frame() && parse(&next).frame_header().is_none());

        let inter = unhex("9080be8d110f00e4e0af");
        let view = parse(&inter);
        assert!(view.starts_frame() && !view.starts_key_frame());
        let header = view.frame_header().unwrap();
        assert_eq!((header.first_partition_size(), header.dimensions()), (120, None));
    }

    #[test]
    fn the_first_packet_of_a_gstreamer_stream() {
        // gst-vp8-opusred-exts-ipv6.pcap, frame 5: a descriptor of one byte.
        let bytes = unhex("107036009d012aa0007800004708858599");
        let view = parse(&bytes);
        assert_eq!((view.picture_id(), view.tl0picidx(), view.keyidx()), (None, None, None));
        assert!(view.starts_key_frame());
        assert_eq!(view.frame_header().unwrap().dimensions(), Some((160, 120)));
    }

    #[test]
    fn a_key_frame_cut_short_is_one_without_dimensions() {
        let bytes = unhex("10b02f009d012a4001b400");
        for len in 2..bytes.len() {
            let view = parse(&bytes[..len]);
            assert!(view.starts_key_frame());
            assert_eq!(view.frame_header().and_then(|header| header.dimensions()), None);
        }
        let other_code = unhex("10b02f009d012b4001b400");
        assert_eq!(parse(&other_code).frame_header().unwrap().dimensions(), None);
        assert!(!parse(&[0x10]).starts_key_frame(), "nothing behind the descriptor");
    }

    #[test]
    fn refuses_every_truncation_of_the_descriptor() {
        for len in 0..6 {
            let error = Descriptor::parse(&FULL[..len]).unwrap_err();
            assert_eq!((error.offset, error.kind.name()), (len, "truncated"), "{error}");
        }
        let error = Descriptor::parse(&[]).unwrap_err();
        let line = "VP8 payload descriptor: first byte cut short, 1 bytes needed, 0 there (byte 0)";
        assert_eq!(error.to_string(), line);
    }

    #[test]
    fn refuses_to_write_what_has_no_room() {
        let refuses = |builder: DescriptorBuilder, field| {
            assert_eq!(builder.write(&mut [0; 9]), Err(BuildError::OutOfRange { field }));
        };
        let builder = DescriptorBuilder::default;
        refuses(DescriptorBuilder { partition_index: 8, ..builder() }, "partition index");
        let picture_id = Some(PictureId::Short(128));
        refuses(DescriptorBuilder { picture_id, ..builder() }, "picture ID");
        let picture_id = Some(PictureId::Long(0x8000));
        refuses(DescriptorBuilder { picture_id, ..builder() }, "picture ID");
        let temporal_layer = Some(TemporalLayer { tid: 4, layer_sync: false });
        refuses(DescriptorBuilder { temporal_layer, ..builder() }, "TID");
        refuses(DescriptorBuilder { keyidx: Some(32), ..builder() }, "KEYIDX");
    }

    #[cfg(feature = "serde")]
    #[test]
    fn json_has_the_names_of_the_standard() {
        assert_eq!(
            serde_json::to_string(&parse(&FULL)).unwrap(),
            r#"{"non_reference":true,"start_of_partition":true,"partition_index":3,"picture_id":4711,"tl0picidx":254,"tid":2,"layer_sync":true,"keyidx":5,"size":2}"#
        );
        let key = unhex("9080be8cb02f009d012a4001b400");
        assert_eq!(
            serde_json::to_string(&parse(&key).frame_header()).unwrap(),
            r#"{"key_frame":true,"version":0,"show_frame":true,"first_partition_size":381,"width":320,"height":180,"horizontal_scale":0,"vertical_scale":0}"#
        );
    }

    fn picture_ids() -> impl Strategy<Value = Option<PictureId>> {
        prop_oneof![
            Just(None),
            (0u8..128).prop_map(|value| Some(PictureId::Short(value))),
            (0u16..0x8000).prop_map(|value| Some(PictureId::Long(value))),
        ]
    }

    fn layers() -> impl Strategy<Value = Option<TemporalLayer>> {
        let layer = (0u8..4, any::<bool>());
        prop::option::of(layer.prop_map(|(tid, layer_sync)| TemporalLayer { tid, layer_sync }))
    }

    proptest! {
        #[test]
        fn what_is_built_is_read(
            (non_reference, start_of_partition, partition_index) in (any::<bool>(), any::<bool>(), 0u8..8),
            picture_id in picture_ids(),
            tl0picidx in any::<Option<u8>>(),
            temporal_layer in layers(),
            keyidx in prop::option::of(0u8..32),
        ) {
            let builder = DescriptorBuilder {
                non_reference, start_of_partition, partition_index, picture_id, tl0picidx, temporal_layer, keyidx,
                reserved: Reserved::default(),
            };
            let mut bytes = [0xEE; 16];
            let len = builder.write(&mut bytes).unwrap();
            let view = parse(&bytes);
            prop_assert_eq!(view.payload(), &bytes[len..]);
            prop_assert_eq!(DescriptorBuilder::from(view), builder);
        }

        #[test]
        fn any_descriptor_is_written_as_it_was_read(bytes in prop::collection::vec(any::<u8>(), 0..10)) {
            if let Ok(view) = Descriptor::parse(&bytes) {
                let mut written: Vec<_> = std::vec![0; 10];
                let len = DescriptorBuilder::from(view).write(&mut written).unwrap();
                prop_assert_eq!(&written[..len], &bytes[..bytes.len() - view.payload().len()]);
            }
        }
    }
}
