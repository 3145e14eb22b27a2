//! Template dependency structure (AV1 RTP specification, appendix A.8): what a dependency descriptor's template id means.
//!
//! ```text
//! | template id offset, 6 bits | decode targets - 1, 5 bits |
//! | next layer, 2 bits for each template: the same, next temporal, next spatial, none
//! | decode target indication, 2 bits for each template and decode target
//! | frame differences of each template: 1 and difference - 1 in 4 bits, ..., 0
//! | number of chains, ns(decode targets + 1); if there are any,
//! |     chain of each decode target, ns(chains); chain difference, 4 bits for each template and chain
//! | resolutions? | width - 1, height - 1, 16 bits each for each spatial layer |
//! ```

use core::fmt;
use core::iter::FusedIterator;
use core::slice;

use super::bits::{BitReader, BitWriter};
use crate::error::{BuildError, ErrorKind, Fail};
use crate::show::DebugList;

/// Templates in a structure, at most: as many as there are identifiers.
const MAX_TEMPLATES: usize = 64;
/// Decode targets, and chains, at most.
const MAX_TARGETS: usize = 32;
/// The frame differences that there is room for in an element: 5 bits each, less what cannot be missing beside them.
const MAX_FDIFFS: usize = 398;

/// What a frame is to a decode target (table A.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Dti {
    /// No payload for this decode target.
    #[default]
    NotPresent,
    /// For it, and no later frame of it needs this one.
    Discardable,
    /// For it, and a receiver of it may begin here.
    Switch,
    /// For it, neither discardable nor a place to begin.
    Required,
}

impl Dti {
    /// The low two bits.
    #[inline]
    pub(crate) const fn new(bits: u16) -> Self {
        match bits & 3 {
            0 => Self::NotPresent,
            1 => Self::Discardable,
            2 => Self::Switch,
            _ => Self::Required,
        }
    }

    /// The two bits.
    #[inline]
    pub(crate) const fn bits(self) -> u16 {
        match self {
            Self::NotPresent => 0,
            Self::Discardable => 1,
            Self::Switch => 2,
            Self::Required => 3,
        }
    }
}

/// The specification's symbol: `-`, `D`, `S` or `R`.
impl fmt::Display for Dti {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotPresent => "-",
            Self::Discardable => "D",
            Self::Switch => "S",
            Self::Required => "R",
        })
    }
}

/// What the templates of a stream are: sent with its key frames, and kept by the receiver until the next one.
///
/// It has room for any structure that fits an element (about 3 kB), so that none allocates.
#[derive(Clone, PartialEq, Eq)]
pub struct TemplateStructure {
    template_id_offset: u8,
    decode_targets: u8,
    chains: u8,
    template_count: u8,
    resolutions_present: bool,
    protected_by: [u8; MAX_TARGETS],
    templates: [Entry; MAX_TEMPLATES],
    fdiffs: [u8; MAX_FDIFFS],
    /// Width and height less 1 of each spatial layer.
    resolutions: [(u16, u16); MAX_TEMPLATES],
}

/// A template, packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    /// 4 bits for each chain, the first one lowest.
    chain_fdiffs: u128,
    /// 2 bits for each decode target, the first one lowest.
    pub(crate) dtis: u64,
    /// Where its differences lie among those of all templates.
    fdiffs: (u16, u16),
    pub(crate) spatial_id: u8,
    pub(crate) temporal_id: u8,
}

impl TemplateStructure {
    const EMPTY: Self = Self {
        template_id_offset: 0,
        decode_targets: 1,
        chains: 0,
        template_count: 0,
        resolutions_present: false,
        protected_by: [0; MAX_TARGETS],
        templates: [Entry {
            chain_fdiffs: 0,
            dtis: 0,
            fdiffs: (0, 0),
            spatial_id: 0,
            temporal_id: 0,
        }; MAX_TEMPLATES],
        fdiffs: [0; MAX_FDIFFS],
        resolutions: [(0, 0); MAX_TEMPLATES],
    };

    /// The identifier of the first template, 0 to 63; the others follow, modulo 64.
    #[inline]
    pub const fn template_id_offset(&self) -> u8 {
        self.template_id_offset
    }

    /// The number of decode targets, 1 to 32.
    #[inline]
    pub const fn decode_targets(&self) -> u8 {
        self.decode_targets
    }

    /// A bit for each decode target: what is active where nothing else is said.
    #[inline]
    pub const fn all_decode_targets(&self) -> u32 {
        u32::MAX >> (32 - self.decode_targets)
    }

    /// The number of chains, 0 to 32.
    #[inline]
    pub const fn chains(&self) -> u8 {
        self.chains
    }

    /// The chain that protects this decode target; `None` without chains, or without such a target.
    #[inline]
    pub fn protected_by(&self, decode_target: u8) -> Option<u8> {
        if self.chains == 0 || decode_target >= self.decode_targets {
            return None;
        }
        self.protected_by.get(usize::from(decode_target)).copied()
    }

    /// The highest spatial and the highest temporal layer of a decode target (`decode_target_layers` of the
    /// specification); `None` without such a target.
    #[inline]
    pub fn decode_target_layer(&self, decode_target: u8) -> Option<(u8, u8)> {
        if decode_target >= self.decode_targets {
            return None;
        }
        let part = |entry: &&Entry| entry.dtis >> (decode_target * 2) & 3 != 0;
        let highest = |(spatial, temporal): (u8, u8), entry: &Entry| {
            (spatial.max(entry.spatial_id), temporal.max(entry.temporal_id))
        };
        Some(self.entries().iter().filter(part).fold((0, 0), highest))
    }

    /// The templates, in the order of their identifiers.
    #[inline]
    pub fn templates(&self) -> impl ExactSizeIterator<Item = Template<'_>> + Clone + fmt::Debug {
        self.entries().iter().map(|entry| Template { structure: self, entry })
    }

    /// The template with this identifier, if there is one.
    #[inline]
    pub fn template(&self, template_id: u8) -> Option<Template<'_>> {
        Some(Template { structure: self, entry: self.entry(template_id)? })
    }

    /// Width and height of a spatial layer in pixels, 1 to 65536 each; `None` where they are not said.
    #[inline]
    pub fn resolution(&self, spatial_id: u8) -> Option<(u32, u32)> {
        if !self.resolutions_present || spatial_id > self.max_spatial_id() {
            return None;
        }
        let &(width, height) = self.resolutions.get(usize::from(spatial_id))?;
        Some((u32::from(width) + 1, u32::from(height) + 1))
    }

    /// The highest spatial layer: that of the last template.
    #[inline]
    pub fn max_spatial_id(&self) -> u8 {
        self.entries().last().map_or(0, |entry| entry.spatial_id)
    }

    #[inline]
    fn entries(&self) -> &[Entry] {
        self.templates.get(..self.template_count.into()).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn entry(&self, template_id: u8) -> Option<&Entry> {
        let index = template_id.wrapping_sub(self.template_id_offset) & 63;
        self.entries().get(usize::from(index))
    }

    #[inline]
    fn fdiffs(&self, entry: &Entry) -> &[u8] {
        let (start, end) = entry.fdiffs;
        self.fdiffs.get(usize::from(start)..usize::from(end)).unwrap_or_default()
    }

    /// Reads one. The failure is that of the first bit that is missing, or of what no structure has.
    pub(crate) fn read<'a>(reader: &mut BitReader<'a>) -> Result<Self, nom::Err<Fail<'a>>> {
        let mut it = Self::EMPTY;
        it.template_id_offset = reader.small("template id offset", 6)?;
        it.decode_targets = reader.small("decode targets", 5)? + 1;
        it.read_layers(reader)?;
        let (templates, targets) = (usize::from(it.template_count), usize::from(it.decode_targets));
        for entry in it.templates.iter_mut().take(templates) {
            for target in 0..targets {
                let dti = reader.bits("template DTI", 2)?;
                entry.dtis |= u64::from(dti) << (target * 2);
            }
        }
        let mut fdiffs = it.fdiffs.iter_mut();
        let mut count = 0;
        for entry in it.templates.iter_mut().take(templates) {
            let start = count;
            while reader.flag("template frame diff")? {
                let rest = reader.rest();
                let kind = ErrorKind::Count { need: MAX_FDIFFS + 1, have: MAX_FDIFFS };
                let place = fdiffs.next().ok_or(Fail::field("template frame diff", rest, kind))?;
                *place = reader.small("template frame diff", 4)? + 1;
                count += 1;
            }
            entry.fdiffs = (start, count);
        }
        it.chains = reader.non_symmetric("number of chains", it.decode_targets + 1)?;
        if it.chains != 0 {
            for chain in it.protected_by.iter_mut().take(targets) {
                *chain = reader.non_symmetric("chain of a decode target", it.chains)?;
            }
            for entry in it.templates.iter_mut().take(templates) {
                for chain in 0..usize::from(it.chains) {
                    let diff = reader.bits("template chain diff", 4)?;
                    entry.chain_fdiffs |= u128::from(diff) << (chain * 4);
                }
            }
        }
        it.resolutions_present = reader.flag("resolutions")?;
        if it.resolutions_present {
            let layers = usize::from(it.max_spatial_id()) + 1;
            for (width, height) in it.resolutions.iter_mut().take(layers) {
                *width = reader.bits("resolutions", 16)?;
                *height = reader.bits("resolutions", 16)?;
            }
        }
        Ok(it)
    }

    /// The layers of the templates, and so their number.
    fn read_layers<'a>(&mut self, reader: &mut BitReader<'a>) -> Result<(), nom::Err<Fail<'a>>> {
        let (mut spatial, mut temporal) = (0, 0);
        for entry in &mut self.templates {
            (entry.spatial_id, entry.temporal_id) = (spatial, temporal);
            self.template_count += 1;
            match reader.bits("next layer", 2)? {
                0 => {}
                1 => temporal += 1,
                2 => (spatial, temporal) = (spatial + 1, 0),
                _ => return Ok(()),
            }
        }
        let kind = ErrorKind::Count { need: MAX_TEMPLATES + 1, have: MAX_TEMPLATES };
        Err(Fail::field("templates", reader.rest(), kind))
    }

    pub(crate) fn write(&self, out: &mut BitWriter<'_>) -> Result<(), BuildError> {
        out.bits("template id offset", 6, self.template_id_offset.into())?;
        out.bits("decode targets", 5, u16::from(self.decode_targets) - 1)?;
        let entries = self.entries();
        for (entry, next) in entries.iter().zip(entries.iter().skip(1)) {
            let spatial = next.spatial_id != entry.spatial_id;
            let temporal = next.temporal_id != entry.temporal_id;
            out.bits("next layer", 2, if spatial { 2 } else { temporal.into() })?;
        }
        out.bits("next layer", 2, 3)?;
        for template in self.templates() {
            template.dtis().try_for_each(|dti| out.bits("template DTI", 2, dti.bits()))?;
        }
        for entry in entries {
            for &diff in self.fdiffs(entry) {
                out.flag(true)?;
                out.bits("template frame diff", 4, u16::from(diff).saturating_sub(1))?;
            }
            out.flag(false)?;
        }
        out.non_symmetric("number of chains", self.decode_targets + 1, self.chains)?;
        if self.chains != 0 {
            for &chain in self.protected_by.iter().take(self.decode_targets.into()) {
                out.non_symmetric("chain of a decode target", self.chains, chain)?;
            }
            for template in self.templates() {
                for diff in template.chain_fdiffs() {
                    out.bits("template chain diff", 4, diff.into())?;
                }
            }
        }
        out.flag(self.resolutions_present)?;
        if self.resolutions_present {
            let layers = usize::from(self.max_spatial_id()) + 1;
            for &(width, height) in self.resolutions.iter().take(layers) {
                out.bits("resolutions", 16, width)?;
                out.bits("resolutions", 16, height)?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for TemplateStructure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let targets = 0..self.decode_targets;
        let protected_by = targets.filter_map(|target| self.protected_by(target));
        let layers = 0..=self.max_spatial_id();
        let resolutions = layers.filter_map(|layer| self.resolution(layer));
        f.debug_struct("TemplateStructure")
            .field("template_id_offset", &self.template_id_offset)
            .field("decode_targets", &self.decode_targets)
            .field("chains", &self.chains)
            .field("protected_by", &DebugList(protected_by))
            .field("templates", &DebugList(self.templates()))
            .field("resolutions", &DebugList(resolutions))
            .finish()
    }
}

/// A template of a [`TemplateStructure`]: what most frames of its kind say.
#[derive(Clone, Copy)]
pub struct Template<'a> {
    structure: &'a TemplateStructure,
    entry: &'a Entry,
}

impl<'a> Template<'a> {
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
        Dtis { packed: self.entry.dtis, left: self.structure.decode_targets }
    }

    /// How far back the frames are that this one depends on, 1 to 16 each.
    #[inline]
    pub fn fdiffs(&self) -> impl ExactSizeIterator<Item = u8> + Clone + fmt::Debug + use<'a> {
        self.structure.fdiffs(self.entry).iter().copied()
    }

    /// How far back the last frame of each chain is, 0 to 15; 0 if the frame needs none before it.
    #[inline]
    pub fn chain_fdiffs(&self) -> ChainFdiffs<'a> {
        ChainFdiffs { packed: self.entry.chain_fdiffs, custom: None, left: self.structure.chains }
    }

    /// The differences, as they lie in the structure.
    #[inline]
    pub(crate) fn fdiffs_of(
        structure: &'a TemplateStructure,
        entry: &Entry,
    ) -> slice::Iter<'a, u8> {
        structure.fdiffs(entry).iter()
    }

    /// The chain differences of an entry.
    #[inline]
    pub(crate) const fn chains_of(structure: &TemplateStructure, entry: &Entry) -> ChainFdiffs<'a> {
        ChainFdiffs { packed: entry.chain_fdiffs, custom: None, left: structure.chains }
    }
}

impl fmt::Debug for Template<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Template")
            .field("spatial_id", &self.spatial_id())
            .field("temporal_id", &self.temporal_id())
            .field("dtis", &DebugList(self.dtis()))
            .field("fdiffs", &DebugList(self.fdiffs()))
            .field("chain_fdiffs", &DebugList(self.chain_fdiffs()))
            .finish()
    }
}

/// What a frame is to each decode target, in their order.
#[derive(Clone, Debug)]
pub struct Dtis {
    pub(crate) packed: u64,
    pub(crate) left: u8,
}

impl Iterator for Dtis {
    type Item = Dti;

    #[inline]
    fn next(&mut self) -> Option<Dti> {
        self.left = self.left.checked_sub(1)?;
        let [.., low] = self.packed.to_be_bytes();
        self.packed >>= 2;
        Some(Dti::new(low.into()))
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left.into(), Some(self.left.into()))
    }
}

impl ExactSizeIterator for Dtis {}
impl FusedIterator for Dtis {}

/// The symbols in a row: `SSR-`.
impl fmt::Display for Dtis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.clone().try_for_each(|dti| dti.fmt(f))
    }
}

/// How far back the last frame of each chain is, in the order of the chains.
#[derive(Clone, Debug)]
pub struct ChainFdiffs<'a> {
    packed: u128,
    /// Those of a frame that has its own, 8 bits each.
    custom: Option<BitReader<'a>>,
    left: u8,
}

impl<'a> ChainFdiffs<'a> {
    /// Those of a frame that has its own.
    #[inline]
    pub(crate) const fn custom(reader: BitReader<'a>, chains: u8) -> Self {
        Self { packed: 0, custom: Some(reader), left: chains }
    }
}

impl Iterator for ChainFdiffs<'_> {
    type Item = u8;

    #[inline]
    fn next(&mut self) -> Option<u8> {
        self.left = self.left.checked_sub(1)?;
        match &mut self.custom {
            Some(reader) => reader.small("chain diff", 8).ok(),
            None => {
                let [.., low] = self.packed.to_be_bytes();
                self.packed >>= 4;
                Some(low & 15)
            }
        }
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left.into(), Some(self.left.into()))
    }
}

impl ExactSizeIterator for ChainFdiffs<'_> {}
impl FusedIterator for ChainFdiffs<'_> {}

/// A template structure to be made: fill in the fields, then [`build`](Self::build).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TemplateStructureBuilder<'a> {
    /// As [`TemplateStructure::template_id_offset`].
    pub template_id_offset: u8,
    /// As [`TemplateStructure::decode_targets`].
    pub decode_targets: u8,
    /// As [`TemplateStructure::chains`]; at most as many as decode targets.
    pub chains: u8,
    /// For each decode target the chain that protects it; empty without chains.
    pub protected_by: &'a [u8],
    /// 1 to 64 templates, the first of the layers 0 and 0, each other one of the same layers as the one before, of the next
    /// temporal layer, or of the next spatial and the lowest temporal one.
    pub templates: &'a [TemplateBuilder<'a>],
    /// Width and height of each spatial layer, 1 to 65536; empty if they are not to be said.
    pub resolutions: &'a [(u32, u32)],
}

/// A template of a [`TemplateStructureBuilder`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TemplateBuilder<'a> {
    /// As [`Template::spatial_id`].
    pub spatial_id: u8,
    /// As [`Template::temporal_id`].
    pub temporal_id: u8,
    /// As [`Template::dtis`]: one for each decode target.
    pub dtis: &'a [Dti],
    /// As [`Template::fdiffs`].
    pub fdiffs: &'a [u8],
    /// As [`Template::chain_fdiffs`]: one for each chain.
    pub chain_fdiffs: &'a [u8],
}

impl TemplateStructureBuilder<'_> {
    /// Makes the structure.
    ///
    /// # Errors
    /// A number or a list that is not as its field says.
    pub fn build(&self) -> Result<TemplateStructure, BuildError> {
        let refuse = |field| BuildError::OutOfRange { field };
        let (targets, chains) = (usize::from(self.decode_targets), usize::from(self.chains));
        if self.template_id_offset > 63 {
            return Err(refuse("template id offset"));
        }
        if !(1..=MAX_TARGETS).contains(&targets) {
            return Err(refuse("decode targets"));
        }
        if chains > targets {
            return Err(refuse("number of chains"));
        }
        let protected = if chains == 0 { 0 } else { targets };
        if self.protected_by.len() != protected
            || self.protected_by.iter().any(|&chain| chain >= self.chains)
        {
            return Err(refuse("chain of a decode target"));
        }
        let mut it = TemplateStructure {
            template_id_offset: self.template_id_offset,
            decode_targets: self.decode_targets,
            chains: self.chains,
            template_count: crate::encode::narrow("templates", self.templates.len())?,
            resolutions_present: !self.resolutions.is_empty(),
            ..TemplateStructure::EMPTY
        };
        if !(1..=MAX_TEMPLATES).contains(&self.templates.len()) {
            return Err(refuse("templates"));
        }
        for (place, &chain) in it.protected_by.iter_mut().zip(self.protected_by) {
            *place = chain;
        }
        let mut fdiffs = it.fdiffs.iter_mut();
        let mut count = 0;
        let mut allowed = [(0, 0); 3];
        for (entry, template) in it.templates.iter_mut().zip(self.templates) {
            let (spatial, temporal) = (template.spatial_id, template.temporal_id);
            if !allowed.contains(&(spatial, temporal)) {
                return Err(refuse("layer of a template"));
            }
            allowed = [(spatial, temporal), (spatial, temporal + 1), (spatial + 1, 0)];
            (entry.spatial_id, entry.temporal_id) = (spatial, temporal);
            if template.dtis.len() != targets {
                return Err(refuse("template DTI"));
            }
            entry.dtis = packed(template.dtis);
            entry.fdiffs.0 = count;
            for &diff in template.fdiffs {
                let place = fdiffs.next().filter(|_| (1..=16).contains(&diff));
                *place.ok_or(refuse("template frame diff"))? = diff;
                count += 1;
            }
            entry.fdiffs.1 = count;
            if template.chain_fdiffs.len() != chains
                || template.chain_fdiffs.iter().any(|&diff| diff > 15)
            {
                return Err(refuse("template chain diff"));
            }
            let chain_fdiffs = template.chain_fdiffs.iter().rev();
            entry.chain_fdiffs = chain_fdiffs.fold(0, |all, &diff| all << 4 | u128::from(diff));
        }
        let layers = usize::from(it.max_spatial_id()) + 1;
        if it.resolutions_present && self.resolutions.len() != layers {
            return Err(refuse("resolutions"));
        }
        for (place, &(width, height)) in it.resolutions.iter_mut().zip(self.resolutions) {
            let less =
                |pixels: u32| pixels.checked_sub(1).and_then(|less| u16::try_from(less).ok());
            *place = less(width).zip(less(height)).ok_or(refuse("resolutions"))?;
        }
        Ok(it)
    }
}

/// 2 bits for each, the first one lowest.
#[inline]
pub(crate) fn packed(dtis: &[Dti]) -> u64 {
    dtis.iter().rev().fold(0, |all, dti| all << 2 | u64::from(dti.bits()))
}

#[cfg(feature = "serde")]
mod json {
    use serde::ser::{Serialize, SerializeMap, Serializer};

    use super::{Template, TemplateStructure};
    use crate::ser::List;

    impl Serialize for TemplateStructure {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let targets = 0..self.decode_targets;
            let layers = 0..=self.max_spatial_id();
            let mut map = serializer.serialize_map(None)?;
            map.serialize_entry("template_id_offset", &self.template_id_offset)?;
            map.serialize_entry("decode_targets", &self.decode_targets)?;
            map.serialize_entry("chains", &self.chains)?;
            let protected_by = targets.filter_map(|target| self.protected_by(target));
            map.serialize_entry("protected_by", &List(protected_by))?;
            map.serialize_entry("templates", &List(self.templates()))?;
            let resolutions = layers.filter_map(|layer| self.resolution(layer));
            map.serialize_entry("resolutions", &List(resolutions))?;
            map.end()
        }
    }

    impl Serialize for Template<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            map.serialize_entry("spatial_id", &self.spatial_id())?;
            map.serialize_entry("temporal_id", &self.temporal_id())?;
            map.serialize_entry("dtis", &format_args!("{}", self.dtis()))?;
            map.serialize_entry("fdiffs", &List(self.fdiffs()))?;
            map.serialize_entry("chain_fdiffs", &List(self.chain_fdiffs()))?;
            map.end()
        }
    }
}
