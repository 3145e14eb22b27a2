//! Which media section a packet belongs to, and with that what its numbers stand for.

use std::collections::HashMap;

use mediawire::rtp::ext::{AnyValue, TemplateStructure, Uri};
use mediawire::rtp::{self, Element, PayloadType};
use serde_json::Value;

use super::notes::{ElementNote, RtpNotes};
use super::payload::{self, Formats};
use super::sdp::{self, Binding, Format};
use crate::flows::Ends;
use crate::recent::Recent;

/// How many sources are remembered at least, with the media section and the template structure of each.
const REMEMBERED: usize = 1024;

/// What is known about RTP.
#[derive(Debug)]
pub(super) struct Media {
    /// Of the command line: they count before those of descriptions.
    extmap: HashMap<u8, Binding>,
    formats: HashMap<u8, Format>,
    sections: Vec<sdp::Media>,
    /// The mid of a source, which its first packets tell.
    mids: Recent<u32, String>,
    /// Of dependency descriptors. A source may change it; the packets after that are read with the new one.
    structures: Recent<u32, Option<TemplateStructure>>,
}

/// The sections that a packet may belong to, the likeliest first, and then all others.
struct Candidates<'s> {
    extmap: &'s HashMap<u8, Binding>,
    formats: &'s HashMap<u8, Format>,
    likely: Vec<&'s sdp::Media>,
    all: &'s [sdp::Media],
}

impl Media {
    pub(super) fn new(extmap: &[(u8, Binding)], formats: &[(u8, Format)]) -> Self {
        Self {
            extmap: extmap.iter().cloned().collect(),
            formats: formats.iter().cloned().collect(),
            sections: Vec::new(),
            mids: Recent::new(REMEMBERED),
            structures: Recent::new(REMEMBERED),
        }
    }

    pub(super) fn add(&mut self, section: sdp::Media) {
        if !self.sections.contains(&section) {
            self.sections.push(section);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.extmap.is_empty() && self.formats.is_empty() && self.sections.is_empty()
    }

    pub(super) fn notes(&mut self, packet: &rtp::Packet<'_>, ends: Option<Ends>) -> RtpNotes {
        let (ssrc, payload_type) = (packet.ssrc(), packet.payload_type().0);
        let mut likely: Vec<_> = self.sections.iter().collect();
        // From the surest sign to the weakest; one that no section bears says nothing.
        narrow(&mut likely, |section| section.ssrcs.contains(&ssrc));
        narrow(&mut likely, |section| {
            let port = section.real_port();
            ends.is_some_and(|ends| [ends.src, ends.dst].iter().any(|e| Some(e.port()) == port))
        });
        narrow(&mut likely, |section| section.formats.contains_key(&payload_type));
        if let Some(mid) = likely.iter().find_map(|section| mid_in(packet, section)) {
            // The rest of the packets need not say it again.
            *self.mids.get(ssrc, String::new) = mid.to_owned();
            narrow(&mut likely, |section| mid_in(packet, section).is_some());
        } else if let Some(mid) = self.mids.peek(&ssrc) {
            narrow(&mut likely, |section| section.mid.as_ref() == Some(mid));
        }
        let all = &self.sections[..];
        let candidates = Candidates { extmap: &self.extmap, formats: &self.formats, likely, all };
        let is_secure = candidates.likely.first().is_some_and(|section| section.is_secure);
        let structures = &mut self.structures;
        let elements = packet.elements().map(|element| {
            let binding = candidates.binding(element.id)?;
            // A session without SRTP cannot encrypt, whatever it says.
            let is_open = !binding.is_encrypted || (!is_secure && !candidates.likely.is_empty());
            Some(element_note(binding, is_open, &element, || structures.get(ssrc, || None)))
        });
        let elements = elements.collect();
        let payload = payload::read(&candidates, packet, !is_secure);
        RtpNotes { elements, payload }
    }
}

impl<'s> Candidates<'s> {
    fn in_order(&self) -> impl Iterator<Item = &'s sdp::Media> {
        self.likely.iter().copied().chain(self.all)
    }

    fn binding(&self, id: u8) -> Option<&'s Binding> {
        self.extmap.get(&id).or_else(|| self.in_order().find_map(|section| section.extmap.get(&id)))
    }
}

impl Formats for Candidates<'_> {
    fn format(&self, payload_type: u8) -> Option<Format> {
        let found = self
            .formats
            .get(&payload_type)
            .or_else(|| self.in_order().find_map(|section| section.formats.get(&payload_type)))
            .filter(|format| !format.name.is_empty());
        let of_old = || PayloadType(payload_type).name().map(Format::named);
        found.cloned().or_else(of_old)
    }
}

/// Keeps those for which `is` holds, if there are any.
fn narrow(sections: &mut Vec<&sdp::Media>, is: impl Fn(&sdp::Media) -> bool) {
    if sections.iter().any(|section| is(section)) {
        sections.retain(|section| is(section));
    }
}

/// The section's mid, if the packet has it in the element that the section says.
fn mid_in<'s>(packet: &rtp::Packet<'_>, section: &'s sdp::Media) -> Option<&'s str> {
    let mid = section.mid.as_deref()?;
    let is_mid = |binding: &Binding| binding.uri == Some(Uri::MID);
    let (id, _) = section.extmap.iter().find(|(_, binding)| is_mid(binding))?;
    (packet.element(*id)? == mid.as_bytes()).then_some(mid)
}

fn element_note<'k>(
    binding: &Binding,
    is_open: bool,
    element: &Element<'_>,
    structure: impl FnOnce() -> &'k mut Option<TemplateStructure>,
) -> ElementNote {
    let mut note = ElementNote {
        name: binding.name().to_owned(),
        is_encrypted: !is_open,
        ..ElementNote::default()
    };
    if !is_open {
        return note;
    }
    match binding.uri.and_then(|uri| AnyValue::parse(uri, element.data)) {
        None => {}
        Some(Ok(AnyValue::DependencyDescriptor(descriptor))) => {
            note.value = match descriptor.read(structure()) {
                Ok(frame) => value(&frame),
                // Its structure is not there: what needs none.
                Err(error) if error.field == "template id" => value(&descriptor),
                Err(error) => {
                    note.error = Some(error.kind.name());
                    None
                }
            };
        }
        Some(Ok(any)) => note.value = value(&any),
        Some(Err(error)) => note.error = Some(error.kind.name()),
    }
    note
}

/// The fields, as the library has them.
pub(super) fn value(fields: &impl serde::Serialize) -> Option<Value> {
    serde_json::to_value(fields).ok()
}
