//! Dependency descriptor (AV1 RTP specification, appendix A.8).
//!
//! ```text
//! |S|E| template |          frame number          |  3 bytes, in every packet
//! |T|A|D|F|C|  what follows, if the element is longer: a structure (T), a mask of active decode targets (A), and, of the
//!              frame's own, indications (D), differences (F), chain differences (C); bit by bit, zeros at the end
//! ```
//!
//! What a packet says depends on the structure that came with the last key frame: see template_structure.rs.

use core::fmt;
use core::iter::FusedIterator;
use core::ops::Range;
use core::slice;

use byteorder::{BE, ByteOrder};
use nom::Parser;
use nom::error::context;

use super::bits::{BitReader, BitWriter};
use super::template_structure::{
    ChainFdiffs, Dti, Dtis, Entry, Template, TemplateStructure, packed,
};
use super::value::value;
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ErrorKind, Fail, ParseError, Step, placed, run};
use crate::show::DebugList;
use crate::wire::array;

// Places in the part that every packet has.
const FIRST: usize = 0;
const FRAME_NUMBER: Range<usize> = 1..3;
const MANDATORY_LEN: usize = FRAME_NUMBER.end;

const START_OF_FRAME: u8 = 0x80;
const END_OF_FRAME: u8 = 0x40;
const TEMPLATE_ID: u8 = 0x3F;

// Flags of the byte behind it.
const STRUCTURE: u8 = 0x80;
const ACTIVE_TARGETS: u8 = 0x40;
const CUSTOM_DTIS: u8 = 0x20;
const CUSTOM_FDIFFS: u8 = 0x10;
const CUSTOM_CHAINS: u8 = 8;
/// The bit behind the flags.
const FLAGS_END: usize = MANDATORY_LEN * 8 + 5;

/// Longest data of an element.
const MAX: usize = 255;
const WHAT: &str = "dependency descriptor";

/// Which frame a packet belongs to, and what that frame depends on, read in place.
///
/// What is the same in all packets has accessors here. The rest is read with the structure of the stream:
///
/// ```
/// use mediawire::rtp::ext::{DependencyDescriptor, TemplateStructure};
///
/// // Kept for as long as the stream lasts.
/// let mut kept: Option<TemplateStructure> = None;
///
/// // The first packet of a key frame, its structure attached; then a frame of the third template.
/// let key = [
///     0x80, 0x01, 0x2f, 0x80, 0x02, 0x14, 0xea, 0xa8, 0x60, 0x41, 0x4d, 0x14, 0x10, 0x20, 0x84, 0x26,
/// ];
/// let frame = DependencyDescriptor::parse(&key)?.read(&mut kept)?;
/// assert_eq!((frame.temporal_id(), frame.fdiffs().count()), (0, 0));
///
/// let frame = DependencyDescriptor::parse(&[0xc2, 0x01, 0x30])?.read(&mut kept)?;
/// assert_eq!((frame.descriptor().frame_number(), frame.temporal_id()), (304, 1));
/// assert_eq!(frame.dtis().to_string(), "-DS");
/// assert!(frame.fdiffs().eq([2]));
/// # Ok::<(), mediawire::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DependencyDescriptor<'a> {
    mandatory: &'a [u8; MANDATORY_LEN],
    /// The flags; 0 in an element of 3 bytes.
    flags: u8,
    bytes: &'a [u8],
}

value!(DependencyDescriptor<'a>: DEPENDENCY_DESCRIPTOR);

impl<'a> DependencyDescriptor<'a> {
    /// Reads the part that needs no structure. What is behind it is looked at by [`read`](Self::read).
    ///
    /// # Errors
    /// It is shorter than 3 bytes, or longer than an element can be.
    #[inline]
    pub fn parse(data: &'a [u8]) -> Result<Self, ParseError> {
        run(WHAT, data, descriptor)
    }

    /// First packet of the frame.
    #[inline]
    pub const fn start_of_frame(&self) -> bool {
        self.mandatory[FIRST] & START_OF_FRAME != 0
    }

    /// Last packet of the frame.
    #[inline]
    pub const fn end_of_frame(&self) -> bool {
        self.mandatory[FIRST] & END_OF_FRAME != 0
    }

    /// The identifier of the frame's template, 0 to 63.
    #[inline]
    pub const fn template_id(&self) -> u8 {
        self.mandatory[FIRST] & TEMPLATE_ID
    }

    /// Goes up with every frame in the order of decoding, modulo 2^16.
    #[inline]
    pub fn frame_number(&self) -> u16 {
        BE::read_u16(&self.mandatory[FRAME_NUMBER])
    }

    /// A template structure is attached: the coded video sequence begins here.
    #[inline]
    pub const fn has_structure(&self) -> bool {
        self.flags & STRUCTURE != 0
    }

    /// It says which decode targets are active.
    #[inline]
    pub const fn has_active_decode_targets(&self) -> bool {
        self.flags & ACTIVE_TARGETS != 0
    }

    /// The frame has decode target indications of its own.
    #[inline]
    pub const fn has_custom_dtis(&self) -> bool {
        self.flags & CUSTOM_DTIS != 0
    }

    /// The frame has differences of its own.
    #[inline]
    pub const fn has_custom_fdiffs(&self) -> bool {
        self.flags & CUSTOM_FDIFFS != 0
    }

    /// The frame has chain differences of its own.
    #[inline]
    pub const fn has_custom_chains(&self) -> bool {
        self.flags & CUSTOM_CHAINS != 0
    }

    /// The bytes of the element.
    #[inline]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The template structure that is attached, if one is.
    ///
    /// # Errors
    /// It is cut short, or has more than 64 templates.
    pub fn structure(&self) -> Result<Option<TemplateStructure>, ParseError> {
        if !self.has_structure() {
            return Ok(None);
        }
        let read = TemplateStructure::read(&mut BitReader::new(self.bytes, FLAGS_END));
        read.map(Some).map_err(|error| placed(WHAT, self.bytes, error))
    }

    /// What the frame depends on. A structure that is attached is first taken into `kept`, where the next packets of the
    /// stream find it.
    ///
    /// # Errors
    /// The structure has no such template, because it was lost or another one was sent since, or there is none at all;
    /// fields that end too early. A structure that was read whole is kept even so.
    #[inline]
    pub fn read<'s>(
        &self,
        kept: &'s mut Option<TemplateStructure>,
    ) -> Result<FrameDependencies<'s>, ParseError>
    where
        'a: 's,
    {
        let mut reader = BitReader::new(self.bytes, FLAGS_END);
        if self.has_structure() {
            let structure = TemplateStructure::read(&mut reader);
            *kept = Some(structure.map_err(|error| placed(WHAT, self.bytes, error))?);
        }
        let frame = match kept {
            Some(structure) => frame(*self, structure, reader),
            None => Err(self.unknown_template()),
        };
        frame.map_err(|error| placed(WHAT, self.bytes, error))
    }

    /// As [`read`](Self::read) with a structure that stays as it is, even if another one is attached.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    #[inline]
    pub fn frame<'s>(
        &self,
        structure: &'s TemplateStructure,
    ) -> Result<FrameDependencies<'s>, ParseError>
    where
        'a: 's,
    {
        let mut reader = BitReader::new(self.bytes, FLAGS_END);
        let attached = match self.has_structure() {
            true => TemplateStructure::read(&mut reader).map(|_| ()),
            false => Ok(()),
        };
        let frame = attached.and_then(|()| frame(*self, structure, reader));
        frame.map_err(|error| placed(WHAT, self.bytes, error))
    }

    #[cold]
    fn unknown_template(&self) -> nom::Err<Fail<'a>> {
        let kind = ErrorKind::Value { found: self.template_id().into() };
        Fail::field("template id", self.bytes, kind)
    }
}

#[inline]
fn descriptor(i: &[u8]) -> Step<'_, DependencyDescriptor<'_>> {
    let (rest, mandatory) = context("mandatory fields", array).parse(i)?;
    if let Some(surplus) = i.get(MAX..).filter(|surplus| !surplus.is_empty()) {
        let kind = ErrorKind::Length { found: i.len(), have: MAX };
        return Err(Fail::field("element length", surplus, kind));
    }
    let flags = rest.first().copied().unwrap_or_default();
    Ok((&[], DependencyDescriptor { mandatory, flags, bytes: i }))
}

/// The part behind the structure, checked whole.
#[inline]
fn frame<'s>(
    descriptor: DependencyDescriptor<'s>,
    structure: &'s TemplateStructure,
    mut reader: BitReader<'s>,
) -> Result<FrameDependencies<'s>, nom::Err<Fail<'s>>> {
    let template_id = descriptor.template_id();
    let entry = structure.entry(template_id).ok_or_else(|| descriptor.unknown_template())?;
    let mut it = FrameDependencies {
        descriptor,
        structure,
        entry,
        active: None,
        dtis: entry.dtis,
        fdiffs: None,
        chains: None,
    };
    if descriptor.flags == 0 {
        return Ok(it);
    }
    if descriptor.has_structure() {
        it.active = Some(structure.all_decode_targets());
    }
    if descriptor.has_active_decode_targets() {
        let mut mask = 0;
        // The high ones first, at most 16 at a time.
        let targets = usize::from(structure.decode_targets());
        for count in [targets.saturating_sub(16), targets.min(16)] {
            mask = mask << count | u32::from(reader.bits("active decode targets", count)?);
        }
        it.active = Some(mask);
    }
    if descriptor.has_custom_dtis() {
        it.dtis = 0;
        for target in 0..usize::from(structure.decode_targets()) {
            it.dtis |= u64::from(reader.bits("DTI", 2)?) << (target * 2);
        }
    }
    if descriptor.has_custom_fdiffs() {
        it.fdiffs = Some(reader.clone());
        while custom_fdiff(&mut reader)?.is_some() {}
    }
    if descriptor.has_custom_chains() {
        it.chains = Some(reader.clone());
        for _ in 0..structure.chains() {
            reader.bits("chain diff", 8)?;
        }
    }
    Ok(it)
}

/// The next difference of a frame's own, 1 to 4096; `None` at their end.
#[inline]
fn custom_fdiff<'a>(reader: &mut BitReader<'a>) -> Result<Option<u16>, nom::Err<Fail<'a>>> {
    let size = usize::from(reader.bits("frame diff", 2)?);
    if size == 0 {
        return Ok(None);
    }
    Ok(Some(reader.bits("frame diff", size * 4)? + 1))
}

/// What a frame depends on: its template, and what its descriptor says otherwise.
#[derive(Clone)]
pub struct FrameDependencies<'a> {
    descriptor: DependencyDescriptor<'a>,
    structure: &'a TemplateStructure,
    entry: &'a Entry,
    active: Option<u32>,
    dtis: u64,
    fdiffs: Option<BitReader<'a>>,
    chains: Option<BitReader<'a>>,
}

impl<'a> FrameDependencies<'a> {
    /// What the same descriptor says without the structure.
    #[inline]
    pub const fn descriptor(&self) -> DependencyDescriptor<'a> {
        self.descriptor
    }

    /// The structure that it was read with.
    #[inline]
    pub const fn structure(&self) -> &'a TemplateStructure {
        self.structure
    }

    /// The spatial layer.
    #[inline]
    pub const fn spatial_id(&self) -> u8 {
        self.entry.spatial_id
    }

    /// The temporal layer.
    #[inline]
    pub const fn temporal_id(&self) -> u8 {
        self.entry.temporal_id
    }

    /// What the frame is to each decode target.
    #[inline]
    pub const fn dtis(&self) -> Dtis {
        Dtis { packed: self.dtis, left: self.structure.decode_targets() }
    }

    /// How far back the frames are that this one depends on, by [`frame_number`](DependencyDescriptor::frame_number): 1 to
    /// 4096 each.
    #[inline]
    pub fn fdiffs(&self) -> Fdiffs<'a> {
        match &self.fdiffs {
            Some(reader) => Fdiffs(FdiffsFrom::Custom(reader.clone())),
            None => Fdiffs(FdiffsFrom::Template(Template::fdiffs_of(self.structure, self.entry))),
        }
    }

    /// How far back the last frame of each chain is, 0 to 255; 0 if the frame needs none before it.
    #[inline]
    pub fn chain_fdiffs(&self) -> ChainFdiffs<'a> {
        match &self.chains {
            Some(reader) => ChainFdiffs::custom(reader.clone(), self.structure.chains()),
            None => Template::chains_of(self.structure, self.entry),
        }
    }

    /// Which decode targets are active from here on, a bit for each, target 0 lowest; `None`: those that were.
    ///
    /// All of them, where a structure is attached and nothing else said.
    #[inline]
    pub const fn active_decode_targets(&self) -> Option<u32> {
        self.active
    }

    /// Width and height of the frame at most, in pixels, where the structure says them.
    #[inline]
    pub fn resolution(&self) -> Option<(u32, u32)> {
        self.structure.resolution(self.entry.spatial_id)
    }
}

/// The differences of a frame.
#[derive(Clone, Debug)]
pub struct Fdiffs<'a>(FdiffsFrom<'a>);

#[derive(Clone, Debug)]
enum FdiffsFrom<'a> {
    Template(slice::Iter<'a, u8>),
    Custom(BitReader<'a>),
}

impl Iterator for Fdiffs<'_> {
    type Item = u16;

    #[inline]
    fn next(&mut self) -> Option<u16> {
        match &mut self.0 {
            FdiffsFrom::Template(diffs) => diffs.next().copied().map(u16::from),
            FdiffsFrom::Custom(reader) => {
                let at = reader.clone();
                let diff = custom_fdiff(reader).ok()?;
                if diff.is_none() {
                    *reader = at; // so that every further call sees the end too
                }
                diff
            }
        }
    }
}

impl FusedIterator for Fdiffs<'_> {}

/// The bytes as they were read.
impl Encode for DependencyDescriptor<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        self.bytes.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        out.bytes(self.bytes)
    }
}

/// `dependency-descriptor SE template=3 frame=17 structure`
impl fmt::Display for DependencyDescriptor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = if self.start_of_frame() { "S" } else { "" };
        let end = if self.end_of_frame() { "E" } else { "" };
        let (template, number) = (self.template_id(), self.frame_number());
        write!(f, "dependency-descriptor {start}{end} template={template} frame={number}")?;
        let flags = [
            (self.has_structure(), " structure"),
            (self.has_active_decode_targets(), " active-targets"),
            (self.has_custom_dtis(), " dtis"),
            (self.has_custom_fdiffs(), " fdiffs"),
            (self.has_custom_chains(), " chains"),
        ];
        flags.iter().filter(|flag| flag.0).try_for_each(|flag| f.write_str(flag.1))
    }
}

impl fmt::Debug for DependencyDescriptor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DependencyDescriptor")
            .field("start_of_frame", &self.start_of_frame())
            .field("end_of_frame", &self.end_of_frame())
            .field("template_id", &self.template_id())
            .field("frame_number", &self.frame_number())
            .field("has_structure", &self.has_structure())
            .field("has_active_decode_targets", &self.has_active_decode_targets())
            .field("has_custom_dtis", &self.has_custom_dtis())
            .field("has_custom_fdiffs", &self.has_custom_fdiffs())
            .field("has_custom_chains", &self.has_custom_chains())
            .finish()
    }
}

/// `dependency-descriptor S template=3 frame=17 layer=1/2 dtis=-SR fdiffs=[1] chains=[1,2]`
impl fmt::Display for FrameDependencies<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (spatial, temporal) = (self.spatial_id(), self.temporal_id());
        write!(f, "{} layer={spatial}/{temporal} dtis={}", self.descriptor, self.dtis())?;
        write!(f, " fdiffs={:?}", DebugList(self.fdiffs()))?;
        write!(f, " chains={:?}", DebugList(self.chain_fdiffs()))?;
        match self.active {
            Some(active) => write!(f, " active={active:#b}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for FrameDependencies<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrameDependencies")
            .field("descriptor", &self.descriptor)
            .field("spatial_id", &self.spatial_id())
            .field("temporal_id", &self.temporal_id())
            .field("dtis", &DebugList(self.dtis()))
            .field("fdiffs", &DebugList(self.fdiffs()))
            .field("chain_fdiffs", &DebugList(self.chain_fdiffs()))
            .field("active_decode_targets", &self.active_decode_targets())
            .field("resolution", &self.resolution())
            .finish()
    }
}

#[cfg(feature = "serde")]
mod json {
    use serde::ser::SerializeMap;

    use super::super::value::{Fields, serialize};
    use super::{DependencyDescriptor, FrameDependencies};
    use crate::ser::List;

    impl Fields for DependencyDescriptor<'_> {
        fn fields<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
            map.serialize_entry("start_of_frame", &self.start_of_frame())?;
            map.serialize_entry("end_of_frame", &self.end_of_frame())?;
            map.serialize_entry("template_id", &self.template_id())?;
            map.serialize_entry("frame_number", &self.frame_number())?;
            if self.bytes.len() > super::MANDATORY_LEN {
                map.serialize_entry("structure_present", &self.has_structure())?;
                map.serialize_entry("active_targets_present", &self.has_active_decode_targets())?;
                map.serialize_entry("custom_dtis", &self.has_custom_dtis())?;
                map.serialize_entry("custom_fdiffs", &self.has_custom_fdiffs())?;
                map.serialize_entry("custom_chains", &self.has_custom_chains())?;
            }
            Ok(())
        }
    }

    impl Fields for FrameDependencies<'_> {
        fn fields<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
            self.descriptor.fields(map)?;
            if self.descriptor.has_structure() {
                map.serialize_entry("structure", self.structure)?;
            }
            map.serialize_entry("spatial_id", &self.spatial_id())?;
            map.serialize_entry("temporal_id", &self.temporal_id())?;
            map.serialize_entry("dtis", &format_args!("{}", self.dtis()))?;
            map.serialize_entry("fdiffs", &List(self.fdiffs()))?;
            map.serialize_entry("chain_fdiffs", &List(self.chain_fdiffs()))?;
            if let Some(active) = self.active {
                map.serialize_entry("active_decode_targets", &active)?;
            }
            if let Some((width, height)) = self.resolution() {
                map.serialize_entry("width", &width)?;
                map.serialize_entry("height", &height)?;
            }
            Ok(())
        }
    }

    serialize!(FrameDependencies<'a>);
}

/// A dependency descriptor to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DependencyDescriptorBuilder<'a> {
    /// As [`DependencyDescriptor::start_of_frame`].
    pub start_of_frame: bool,
    /// As [`DependencyDescriptor::end_of_frame`].
    pub end_of_frame: bool,
    /// As [`DependencyDescriptor::template_id`]: of one of the structure's templates.
    pub template_id: u8,
    /// As [`DependencyDescriptor::frame_number`].
    pub frame_number: u16,
    /// The structure of the stream.
    pub structure: &'a TemplateStructure,
    /// The structure goes along: with the first packet of a key frame.
    pub attach_structure: bool,
    /// As [`FrameDependencies::active_decode_targets`], to be said.
    pub active_decode_targets: Option<u32>,
    /// As [`FrameDependencies::dtis`], where they are not those of the template: one for each decode target.
    pub dtis: Option<&'a [Dti]>,
    /// As [`FrameDependencies::fdiffs`], where they are not those of the template.
    pub fdiffs: Option<&'a [u16]>,
    /// As [`FrameDependencies::chain_fdiffs`], where they are not those of the template: one for each chain.
    pub chain_fdiffs: Option<&'a [u8]>,
}

impl<'a> DependencyDescriptorBuilder<'a> {
    /// Of a frame that is as its template says.
    #[inline]
    pub const fn new(structure: &'a TemplateStructure, template_id: u8, frame_number: u16) -> Self {
        Self {
            start_of_frame: true,
            end_of_frame: true,
            template_id,
            frame_number,
            structure,
            attach_structure: false,
            active_decode_targets: None,
            dtis: None,
            fdiffs: None,
            chain_fdiffs: None,
        }
    }

    fn write_bits(&self, out: &mut BitWriter<'_>) -> Result<(), BuildError> {
        let structure = self.structure;
        let refuse = |field| Err(BuildError::OutOfRange { field });
        if structure.entry(self.template_id).is_none() || self.template_id > TEMPLATE_ID {
            return refuse("template id");
        }
        out.flag(self.start_of_frame)?;
        out.flag(self.end_of_frame)?;
        out.bits("template id", 6, self.template_id.into())?;
        out.bits("frame number", 16, self.frame_number)?;
        let flags = [
            self.attach_structure,
            self.active_decode_targets.is_some(),
            self.dtis.is_some(),
            self.fdiffs.is_some(),
            self.chain_fdiffs.is_some(),
        ];
        if !flags.contains(&true) {
            return Ok(());
        }
        flags.iter().try_for_each(|&flag| out.flag(flag))?;
        if self.attach_structure {
            structure.write(out)?;
        }
        let targets = usize::from(structure.decode_targets());
        if let Some(active) = self.active_decode_targets {
            if active & !structure.all_decode_targets() != 0 {
                return refuse("active decode targets");
            }
            let [a, b, c, d] = active.to_be_bytes();
            let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
            out.bits("active decode targets", targets.saturating_sub(16), high)?;
            out.bits("active decode targets", targets.min(16), low)?;
        }
        if let Some(dtis) = self.dtis {
            if dtis.len() != targets {
                return refuse("DTI");
            }
            let dtis = Dtis { packed: packed(dtis), left: structure.decode_targets() };
            dtis.map(Dti::bits).try_for_each(|bits| out.bits("DTI", 2, bits))?;
        }
        if let Some(fdiffs) = self.fdiffs {
            for &diff in fdiffs {
                let less = diff.wrapping_sub(1);
                let size = match less {
                    0..=0xF => 1,
                    0x10..=0xFF => 2,
                    0x100..=0xFFF => 3,
                    _ => return refuse("frame diff"),
                };
                out.bits("frame diff", 2, size)?;
                out.bits("frame diff", usize::from(size) * 4, less)?;
            }
            out.bits("frame diff", 2, 0)?;
        }
        if let Some(chains) = self.chain_fdiffs {
            if chains.len() != usize::from(structure.chains()) {
                return refuse("chain diff");
            }
            chains.iter().try_for_each(|&diff| out.bits("chain diff", 8, diff.into()))?;
        }
        Ok(())
    }
}

impl Encode for DependencyDescriptorBuilder<'_> {
    fn encoded_len(&self) -> usize {
        let mut bits = BitWriter::counting();
        // What is refused here is refused again by `encode`, which says why.
        let _ = self.write_bits(&mut bits);
        bits.len()
    }

    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let len = self.encoded_len();
        if len > MAX {
            self.write_bits(&mut BitWriter::counting())?;
            return Err(BuildError::OutOfRange { field: "element length" });
        }
        self.write_bits(&mut BitWriter::new(out.take(len)?))
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::{String, ToString};
    use std::vec::Vec;

    use super::super::value::check::{both_ways, lossless, not_written, refuses};
    use super::super::{TemplateBuilder, TemplateStructureBuilder};
    use super::*;

    type Builder<'a> = DependencyDescriptorBuilder<'a>;

    /// The first packet of a key frame of L1T3, published with its decoding in issues.webrtc.org/issues/42225660 and in
    /// mediasoup's TestDependencyDescriptor.cpp.
    const KEY: [u8; 16] = [
        0x80, 0x01, 0x2f, 0x80, 0x02, 0x14, 0xea, 0xa8, 0x60, 0x41, 0x4d, 0x14, 0x10, 0x20, 0x84,
        0x26,
    ];

    /// What the issue says of its templates: temporal layer, indications, differences, chain difference.
    const TEMPLATES: [(u8, &str, &[u8], u8); 5] = [
        (0, "SSS", &[], 0),
        (0, "SSS", &[4], 4),
        (1, "-DS", &[2], 2),
        (2, "--D", &[1], 1),
        (2, "--D", &[1], 3),
    ];

    /// Bytes out of bits; zeros fill the last one.
    fn bits(text: &str) -> Vec<u8> {
        let bits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).map(|b| b - b'0').collect();
        bits.chunks(8).map(|c| (0..8).fold(0, |b, i| b << 1 | c.get(i).unwrap_or(&0))).collect()
    }

    fn structure() -> TemplateStructure {
        DependencyDescriptor::parse(&KEY).unwrap().structure().unwrap().unwrap()
    }

    #[test]
    fn reads_the_published_structure() {
        let descriptor = DependencyDescriptor::parse(&KEY).unwrap();
        both_ways(&KEY, descriptor);
        crate::testing::debugs(&structure());
        crate::testing::debugs(&structure().template(0).unwrap());
        let structure = structure();
        let frame = descriptor.frame(&structure).unwrap();
        assert_eq!(frame.descriptor(), descriptor);
        crate::testing::shows(&frame);
        crate::testing::counts(frame.dtis());
        let template = structure.template(1).unwrap();
        crate::testing::counts(template.dtis());
        crate::testing::counts(template.fdiffs());
        crate::testing::counts(template.chain_fdiffs());
        assert_eq!(descriptor.as_bytes(), KEY);
        assert!(descriptor.start_of_frame() && !descriptor.end_of_frame());
        assert_eq!((descriptor.template_id(), descriptor.frame_number()), (0, 303));
        assert!(descriptor.has_structure() && !descriptor.has_active_decode_targets());
        let mut kept = None;
        let frame = descriptor.read(&mut kept).unwrap();
        assert_eq!((frame.spatial_id(), frame.temporal_id()), (0, 0));
        assert_eq!(frame.active_decode_targets(), Some(0b111));
        assert_eq!(frame.fdiffs().count(), 0);
        let structure = kept.unwrap();
        assert_eq!(structure.template_id_offset(), 0);
        assert_eq!((structure.decode_targets(), structure.chains()), (3, 1));
        assert_eq!(structure.max_spatial_id(), 0);
        for target in 0..3 {
            assert_eq!(structure.protected_by(target), Some(0));
            assert_eq!(structure.decode_target_layer(target), Some((0, target)));
        }
        assert_eq!((structure.protected_by(3), structure.decode_target_layer(3)), (None, None));
        assert_eq!((structure.resolution(0), structure.template(5).is_some()), (None, false));
        assert_eq!(structure.templates().len(), 5);
        for (template, (temporal, dtis, fdiffs, chain)) in structure.templates().zip(TEMPLATES) {
            assert_eq!((template.spatial_id(), template.temporal_id()), (0, temporal));
            assert_eq!(template.dtis().to_string(), dtis);
            assert!(template.fdiffs().eq(fdiffs.iter().copied()));
            assert!(template.chain_fdiffs().eq([chain]));
        }
    }

    #[test]
    fn writes_the_published_structure() {
        let dtis = [
            [Dti::Switch; 3],
            [Dti::Switch; 3],
            [Dti::NotPresent, Dti::Discardable, Dti::Switch],
            [Dti::NotPresent, Dti::NotPresent, Dti::Discardable],
            [Dti::NotPresent, Dti::NotPresent, Dti::Discardable],
        ];
        let chains = TEMPLATES.map(|template| [template.3]);
        let templates: Vec<_> = (0..5)
            .map(|at| TemplateBuilder {
                spatial_id: 0,
                temporal_id: TEMPLATES[at].0,
                dtis: &dtis[at],
                fdiffs: TEMPLATES[at].2,
                chain_fdiffs: &chains[at],
            })
            .collect();
        let builder = TemplateStructureBuilder {
            template_id_offset: 0,
            decode_targets: 3,
            chains: 1,
            protected_by: &[0; 3],
            templates: &templates,
            resolutions: &[],
        };
        let built = builder.build().unwrap();
        assert!(built == structure());
        let descriptor =
            Builder { end_of_frame: false, attach_structure: true, ..Builder::new(&built, 0, 303) };
        let mut out = [0xEE; 20];
        assert_eq!(descriptor.write(&mut out), Ok(16));
        assert_eq!(out, *[&KEY[..], &[0xEE; 4]].concat());
        let short = BuildError::BufferTooSmall { need: 16, have: 15 };
        assert_eq!(descriptor.write(&mut out[..15]), Err(short));
    }

    #[test]
    fn a_frame_as_its_template_says_takes_three_bytes() {
        // S=0 E=1, template 3, frame number 305.
        let data = [0x43, 0x01, 0x31];
        let structure = structure();
        let frame = DependencyDescriptor::parse(&data).unwrap().frame(&structure).unwrap();
        assert_eq!((frame.spatial_id(), frame.temporal_id()), (0, 2));
        assert_eq!(frame.dtis().to_string(), "--D");
        assert!(frame.fdiffs().eq([1]) && frame.chain_fdiffs().eq([1]));
        assert_eq!((frame.active_decode_targets(), frame.resolution()), (None, None));
        let builder = Builder { start_of_frame: false, ..Builder::new(&structure, 3, 305) };
        let mut out = [0; 3];
        assert_eq!(builder.write(&mut out), Ok(3));
        assert_eq!(out, data);
        let line =
            "dependency-descriptor E template=3 frame=305 layer=0/2 dtis=--D fdiffs=[1] chains=[1]";
        assert_eq!(frame.to_string(), line);
    }

    /// All that a frame can have of its own, by the syntax of appendix A.8.2.
    const CUSTOM: &str = "1 1 000001  0000000100110010  01111
        011
        10 01 00
        01 0011  10 00011111  11 111111111111  00
        11001000";

    #[test]
    fn a_frame_may_have_values_of_its_own() {
        let (structure, data) = (structure(), bits(CUSTOM));
        let descriptor = DependencyDescriptor::parse(&data).unwrap();
        assert!(descriptor.has_active_decode_targets() && descriptor.has_custom_dtis());
        assert!(descriptor.has_custom_fdiffs() && descriptor.has_custom_chains());
        let frame = descriptor.frame(&structure).unwrap();
        assert_eq!(frame.active_decode_targets(), Some(0b011));
        assert_eq!(frame.dtis().to_string(), "SD-");
        assert_eq!(frame.fdiffs().collect::<Vec<_>>(), [4, 32, 4096]);
        let mut fdiffs = frame.fdiffs();
        assert_eq!(fdiffs.by_ref().count(), 3);
        assert_eq!((fdiffs.next(), fdiffs.next()), (None, None));
        assert!(frame.chain_fdiffs().eq([200]));
        assert_eq!(frame.chain_fdiffs().len(), 1);
        let builder = Builder {
            active_decode_targets: Some(0b011),
            dtis: Some(&[Dti::Switch, Dti::Discardable, Dti::NotPresent]),
            fdiffs: Some(&[4, 32, 4096]),
            chain_fdiffs: Some(&[200]),
            ..Builder::new(&structure, 1, 306)
        };
        let mut out = [0; 32];
        let len = builder.write(&mut out).unwrap();
        assert_eq!(out[..len], data);
    }

    #[test]
    fn every_truncation_of_a_frame_of_its_own_is_refused() {
        let (structure, data) = (structure(), bits(CUSTOM));
        for len in 4..data.len() {
            let descriptor = DependencyDescriptor::parse(&data[..len]).unwrap();
            let error = descriptor.frame(&structure).unwrap_err();
            assert!(matches!(error.kind, ErrorKind::Truncated { .. }), "{len}: {error}");
            assert!(error.offset <= len, "{len}: {error}");
        }
        for len in 4..KEY.len() {
            let mut kept = None;
            let descriptor = DependencyDescriptor::parse(&KEY[..len]).unwrap();
            let error = descriptor.read(&mut kept).unwrap_err();
            assert!(matches!(error.kind, ErrorKind::Truncated { .. }), "{len}: {error}");
            assert!(error.offset <= len && kept.is_none(), "{len}: {error}");
            assert_eq!(descriptor.structure().unwrap_err(), error);
        }
        for len in 0..3 {
            let kind = ErrorKind::Truncated { need: 3, have: len };
            refuses::<DependencyDescriptor<'_>>(&KEY[..len], "mandatory fields", 0, kind);
        }
        let kind = ErrorKind::Length { found: 256, have: 255 };
        refuses::<DependencyDescriptor<'_>>(&[0; 256], "element length", 255, kind);
    }

    #[test]
    fn a_template_that_the_structure_does_not_have_is_refused() {
        let mut kept = None;
        let unknown = |data: &[u8], kept: &mut Option<TemplateStructure>| {
            DependencyDescriptor::parse(data).unwrap().read(kept).map(|_| ()).unwrap_err()
        };
        let error = unknown(&[0xc1, 0, 1], &mut kept);
        assert_eq!((error.field, error.offset), ("template id", 0));
        assert_eq!(error.kind, ErrorKind::Value { found: 1 });
        kept = Some(structure());
        for id in 5..64 {
            assert_eq!(
                unknown(&[0xc0 | id, 0, 1], &mut kept).kind,
                ErrorKind::Value { found: id.into() }
            );
        }
        assert!(kept.is_some(), "a bad packet does not lose the structure");
    }

    #[test]
    fn identifiers_wrap_at_64() {
        let mut key = KEY;
        // Template id and template_id_offset 62: templates 62, 63, 0, 1, 2. The offset lies across bytes 3 and 4.
        key[0] = 0x80 | 62;
        key[3] = 0x80 | 62 >> 3;
        key[4] |= (62 & 7) << 5;
        let mut kept = None;
        assert!(DependencyDescriptor::parse(&key).unwrap().read(&mut kept).is_ok());
        let structure = kept.unwrap();
        assert_eq!(structure.template_id_offset(), 62);
        let temporal = |id| structure.template(id).map(|template| template.temporal_id());
        assert_eq!(
            [62, 63, 0, 1, 2, 3, 61].map(temporal).map(|t| t.unwrap_or(9)),
            [0, 0, 1, 2, 2, 9, 9]
        );
    }

    #[test]
    fn thirty_two_decode_targets_have_a_mask_of_32_bits() {
        let dtis = [Dti::Required; 32];
        let templates = [TemplateBuilder { dtis: &dtis, ..Default::default() }];
        let builder = TemplateStructureBuilder {
            decode_targets: 32,
            templates: &templates,
            ..Default::default()
        };
        let structure = builder.build().unwrap();
        assert_eq!(structure.all_decode_targets(), u32::MAX);
        let active = Some(0x8123_4567);
        let builder = Builder {
            active_decode_targets: active,
            attach_structure: true,
            ..Builder::new(&structure, 0, 1)
        };
        let mut out = [0; 255];
        let len = builder.write(&mut out).unwrap();
        let mut kept = None;
        let frame = DependencyDescriptor::parse(&out[..len]).unwrap();
        assert_eq!(frame.read(&mut kept).unwrap().active_decode_targets(), active);
        assert!(kept.unwrap() == structure);
    }

    #[test]
    fn more_than_64_templates_are_refused() {
        // Template id offset 0, one decode target, then "same layer" without end.
        let data = [&[0x80, 0, 1, 0x80][..], &[0; 60]].concat();
        let error = DependencyDescriptor::parse(&data).unwrap().structure().unwrap_err();
        assert_eq!(
            (error.field, error.kind),
            ("templates", ErrorKind::Count { need: 65, have: 64 })
        );
    }

    #[test]
    fn what_the_syntax_cannot_hold_is_not_written() {
        let structure = structure();
        let plain = Builder::new(&structure, 0, 0);
        not_written(&Builder { template_id: 5, ..plain }, "template id");
        not_written(&Builder { template_id: 64, ..plain }, "template id");
        let targets = Builder { active_decode_targets: Some(8), ..plain };
        not_written(&targets, "active decode targets");
        not_written(&Builder { dtis: Some(&[Dti::Switch; 2]), ..plain }, "DTI");
        not_written(&Builder { fdiffs: Some(&[0]), ..plain }, "frame diff");
        not_written(&Builder { fdiffs: Some(&[4097]), ..plain }, "frame diff");
        not_written(&Builder { chain_fdiffs: Some(&[]), ..plain }, "chain diff");
        not_written(&Builder { fdiffs: Some(&[4096; 146]), ..plain }, "element length");
    }

    #[test]
    fn structures_that_cannot_be_are_not_built() {
        let (dtis, wrong) = ([Dti::Switch; 2], [Dti::Switch; 3]);
        let template = TemplateBuilder { dtis: &dtis, chain_fdiffs: &[1], ..Default::default() };
        let good = TemplateStructureBuilder {
            template_id_offset: 63,
            decode_targets: 2,
            chains: 1,
            protected_by: &[0, 0],
            templates: &[template],
            resolutions: &[(65_536, 1)],
        };
        assert!(good.build().is_ok());
        let refused = |builder: TemplateStructureBuilder<'_>, field| {
            assert_eq!(builder.build().err(), Some(BuildError::OutOfRange { field }));
        };
        type Structure<'a> = TemplateStructureBuilder<'a>;
        refused(Structure { template_id_offset: 64, ..good }, "template id offset");
        refused(Structure { decode_targets: 0, ..good }, "decode targets");
        refused(Structure { decode_targets: 33, ..good }, "decode targets");
        refused(Structure { chains: 3, ..good }, "number of chains");
        refused(Structure { protected_by: &[0], ..good }, "chain of a decode target");
        refused(Structure { protected_by: &[0, 1], ..good }, "chain of a decode target");
        refused(Structure { templates: &[], ..good }, "templates");
        refused(Structure { templates: &[template; 65], ..good }, "templates");
        refused(Structure { resolutions: &[(1, 1); 2], ..good }, "resolutions");
        refused(Structure { resolutions: &[(0, 1)], ..good }, "resolutions");
        refused(Structure { resolutions: &[(1, 65_537)], ..good }, "resolutions");
        let one = |change: TemplateBuilder<'_>, field| {
            refused(Structure { templates: &[change], ..good }, field);
        };
        one(TemplateBuilder { spatial_id: 1, ..template }, "layer of a template");
        one(TemplateBuilder { temporal_id: 1, ..template }, "layer of a template");
        one(TemplateBuilder { dtis: &wrong, ..template }, "template DTI");
        one(TemplateBuilder { fdiffs: &[0], ..template }, "template frame diff");
        one(TemplateBuilder { fdiffs: &[17], ..template }, "template frame diff");
        one(TemplateBuilder { fdiffs: &[1; 399], ..template }, "template frame diff");
        one(TemplateBuilder { chain_fdiffs: &[16], ..template }, "template chain diff");
        one(TemplateBuilder { chain_fdiffs: &[1; 2], ..template }, "template chain diff");
    }

    #[test]
    #[cfg(feature = "serde")]
    fn serialises_what_the_structure_makes_of_it() {
        use super::super::value::check::json;

        let structure = structure();
        let descriptor = DependencyDescriptor::parse(&[0x43, 0x01, 0x31]).unwrap();
        let plain =
            r#""start_of_frame":false,"end_of_frame":true,"template_id":3,"frame_number":305"#;
        assert_eq!(json(&descriptor), ["{", plain, "}"].concat());
        let frame = descriptor.frame(&structure).unwrap();
        let more =
            r#","spatial_id":0,"temporal_id":2,"dtis":"--D","fdiffs":[1],"chain_fdiffs":[1]}"#;
        assert_eq!(json(&frame), ["{", plain, more].concat());
        let mut kept = None;
        let key: String =
            json(&DependencyDescriptor::parse(&KEY).unwrap().read(&mut kept).unwrap());
        assert!(key.contains(r#""structure":{"template_id_offset":0,"decode_targets":3,"chains":1,"protected_by":[0,0,0],"templates":[{"spatial_id":0,"temporal_id":0,"dtis":"SSS","fdiffs":[],"chain_fdiffs":[0]},"#), "{key}");
    }

    fn dti() -> impl Strategy<Value = Dti> {
        (0u16..4).prop_map(Dti::new)
    }

    proptest! {
        #[test]
        fn whatever_is_built_comes_back(
            (offset, targets) in (0u8..64, 1u8..=32),
            steps in prop::collection::vec((0u8..3, prop::collection::vec(1u8..=16, 0..4)), 1..6),
            (chain_seed, template, frame_number) in (any::<u8>(), any::<u8>(), any::<u16>()),
            dtis in prop::collection::vec(dti(), 32),
            fdiffs in prop::option::of(prop::collection::vec(1u16..=4096, 0..5)),
            chains in prop::option::of(prop::collection::vec(any::<u8>(), 32)),
            (active, custom, attach) in (any::<Option<u32>>(), any::<bool>(), any::<bool>()),
        ) {
            let chain_count = chain_seed % (targets + 1).min(6);
            let dtis = &dtis[..usize::from(targets)];
            let template_chains: Vec<u8> = (0..chain_count).map(|chain| chain % 16).collect();
            let (mut spatial, mut temporal) = (0, 0);
            let mut templates = Vec::new();
            for (at, (step, diffs)) in steps.iter().enumerate() {
                (spatial, temporal) = match (at, step) {
                    (0, _) | (_, 0) => (spatial, temporal),
                    (_, 1) => (spatial, temporal + 1),
                    _ => (spatial + 1, 0),
                };
                templates.push(TemplateBuilder {
                    spatial_id: spatial,
                    temporal_id: temporal,
                    dtis,
                    fdiffs: diffs,
                    chain_fdiffs: &template_chains,
                });
            }
            let protected_by: Vec<u8> = match chain_count {
                0 => Vec::new(),
                count => (0..targets).map(|target| target % count).collect(),
            };
            let resolutions: Vec<_> = (0..=u32::from(spatial)).map(|s| (s * 9 + 1, 65_536 - s)).collect();
            let resolutions = if chain_seed & 1 == 0 { &resolutions[..] } else { &[] };
            let structure = TemplateStructureBuilder {
                template_id_offset: offset,
                decode_targets: targets,
                chains: chain_count,
                protected_by: &protected_by,
                templates: &templates,
                resolutions,
            };
            let structure = structure.build().unwrap();
            let index = template % u8::try_from(templates.len()).unwrap();
            let chains = chains.map(|chains| chains[..usize::from(chain_count)].to_vec());
            let builder = Builder {
                attach_structure: attach,
                active_decode_targets: active.map(|mask| mask & structure.all_decode_targets()),
                dtis: custom.then_some(dtis),
                fdiffs: fdiffs.as_deref(),
                chain_fdiffs: chains.as_deref(),
                ..Builder::new(&structure, (offset + index) % 64, frame_number)
            };
            let mut out = [0; 255];
            let Ok(len) = builder.write(&mut out) else {
                prop_assert!(builder.encoded_len() > 255);
                return Ok(());
            };
            let descriptor = DependencyDescriptor::parse(&out[..len]).unwrap();
            let mut kept = if attach { None } else { Some(structure.clone()) };
            let frame = descriptor.read(&mut kept).unwrap();
            let from = &templates[usize::from(index)];
            prop_assert!(frame.structure() == &structure);
            prop_assert_eq!(frame.spatial_id(), from.spatial_id);
            prop_assert_eq!(frame.temporal_id(), from.temporal_id);
            prop_assert!(frame.dtis().eq(dtis.iter().copied()));
            match &fdiffs {
                Some(fdiffs) => prop_assert!(frame.fdiffs().eq(fdiffs.iter().copied())),
                None => prop_assert!(frame.fdiffs().eq(from.fdiffs.iter().map(|&d| u16::from(d)))),
            }
            let expected = chains.as_ref().unwrap_or(&template_chains);
            prop_assert!(frame.chain_fdiffs().eq(expected.iter().copied()));
            let implied = if attach { Some(structure.all_decode_targets()) } else { None };
            prop_assert_eq!(frame.active_decode_targets(), builder.active_decode_targets.or(implied));
            let resolution = resolutions.get(usize::from(from.spatial_id)).copied();
            prop_assert_eq!(frame.resolution(), resolution);
        }

        #[test]
        fn any_bytes_are_read_or_refused(
            data in prop::collection::vec(prop_oneof![any::<u8>(), Just(0x80), Just(0xff)], 0..120),
            known in any::<bool>(),
        ) {
            lossless::<DependencyDescriptor<'_>>(&data);
            let Ok(descriptor) = DependencyDescriptor::parse(&data) else { return Ok(()) };
            let mut kept = known.then(structure);
            if let Ok(frame) = descriptor.read(&mut kept) {
                // What was read can be written, and read again as the same.
                let dtis: Vec<_> = frame.dtis().collect();
                let fdiffs: Vec<_> = frame.fdiffs().collect();
                let chains: Vec<_> = frame.chain_fdiffs().collect();
                let builder = Builder {
                    start_of_frame: descriptor.start_of_frame(),
                    end_of_frame: descriptor.end_of_frame(),
                    attach_structure: descriptor.has_structure(),
                    active_decode_targets: frame.active_decode_targets(),
                    dtis: Some(&dtis),
                    fdiffs: Some(&fdiffs),
                    chain_fdiffs: Some(&chains),
                    ..Builder::new(frame.structure(), descriptor.template_id(), descriptor.frame_number())
                };
                let mut out = [0; 255];
                if let Ok(len) = builder.write(&mut out) {
                    let again = DependencyDescriptor::parse(&out[..len]).unwrap();
                    let mut structure = Some(frame.structure().clone());
                    let again = again.read(&mut structure).unwrap();
                    prop_assert!(again.structure() == frame.structure());
                    prop_assert!(again.dtis().eq(dtis));
                    prop_assert!(again.fdiffs().eq(fdiffs));
                    prop_assert!(again.chain_fdiffs().eq(chains));
                }
            }
        }
    }
}
