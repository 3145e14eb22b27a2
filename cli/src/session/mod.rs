//! What is known of the session besides its packets: what identifiers of extension elements and payload types stand for, and the
//! keys of STUN. It comes from the command line and from session descriptions.

mod integrity;
mod media;
mod notes;
mod payload;
mod sdp;

use std::collections::HashSet;
use std::path::Path;

use mediawire::rtp;
use mediawire::stun::Message;

use crate::args::Inspect;
use crate::flows::Ends;
use integrity::Integrity;
use media::Media;
use sdp::Descriptions;

pub(crate) use integrity::{Marks, StunUser};
pub(crate) use notes::RtpNotes;
pub(crate) use sdp::{Binding, Format, extmap_option, payload_type_option};

/// The session, and what its packets have told so far.
#[derive(Debug)]
pub(crate) struct Session {
    /// `None` if nothing is known about RTP.
    media: Option<Media>,
    integrity: Integrity,
    /// What the descriptions vouch for.
    pub(crate) ports: Vec<u16>,
    pub(crate) ssrcs: HashSet<u32>,
    /// What could not be read in the descriptions, a line for people about each.
    pub(crate) faults: Vec<String>,
}

impl Session {
    /// Reads the files of the session; the error is a line for people.
    pub(crate) fn new(args: &Inspect) -> Result<Self, String> {
        let session = &args.session;
        let mut integrity = Integrity::new();
        let mut media = Media::new(&session.extmap, &session.pt);
        let (mut ports, mut ssrcs, mut faults) = (Vec::new(), HashSet::new(), Vec::new());
        for path in &session.sdp {
            let name = path.display();
            let found = read(path).map_err(|error| format!("{name}: {error}"))?;
            faults.extend(found.faults.iter().map(|fault| format!("{name}: {fault}")));
            for (ufrag, password) in &found.ice {
                integrity.add_password(Some(ufrag), password);
            }
            ports.extend(&found.candidate_ports);
            for section in found.media {
                ports.extend(section.real_port());
                ssrcs.extend(&section.ssrcs);
                media.add(section);
            }
        }
        for password in &session.ice_pwd {
            integrity.add_password(None, password);
        }
        for user in &session.stun_user {
            integrity.add_user(user);
        }
        let media = (!media.is_empty()).then_some(media);
        Ok(Self { media, integrity, ports, ssrcs, faults })
    }

    /// What can be said of an RTP packet; packets are to come in the order of the capture.
    pub(crate) fn rtp(&mut self, packet: &rtp::Packet<'_>, ends: Option<Ends>) -> Option<RtpNotes> {
        Some(self.media.as_mut()?.notes(packet, ends))
    }

    /// The same of a STUN message.
    pub(crate) fn stun(&mut self, message: &Message<'_>) -> Option<Marks> {
        self.integrity.check(message)
    }
}

/// The descriptions in a file.
fn read(path: &Path) -> Result<Descriptions, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    Descriptions::read(&String::from_utf8_lossy(&bytes))
}
