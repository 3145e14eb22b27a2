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
/// let mut structure: Option<TemplateStructure> = None;
///
/// // L1T2, its structure attached; then a frame of its second template.
/// let key = [0xc0, 0x00, 0x01, 0x80, 0x01, 0x4e, 0xd4, 0x48, 0x91, 0x01, 0x00];
/// let frame = DependencyDescriptor::parse(&key)?.read(&mut structure)?;
/// assert_eq!((frame.temporal_id(), frame.fdiffs().count()), (0, 0));
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
