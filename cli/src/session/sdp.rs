//! What session descriptions say of the media and of ICE: SDP (RFC 8866), or JSON that holds SDP.
//!
//! Only the lines that tell how packets are to be read are looked at; any other line, and any order of lines, is let pass, so
//! that a few lines out of a log serve as well as a whole description.

use std::collections::BTreeMap;
use std::fmt;

use mediawire::rtp::PayloadType;
use mediawire::rtp::ext::{Extmap, Uri};
use serde_json::{Map, Value};

/// All that was found in a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Descriptions {
    /// In the order of the file, each once.
    pub(super) media: Vec<Media>,
    /// Username fragments and passwords.
    pub(super) ice: Vec<(String, String)>,
    /// Ports of ICE candidates.
    pub(super) candidate_ports: Vec<u16>,
    /// Values that could not be read, a line for people about each.
    pub(crate) faults: Vec<String>,
}

/// A media section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Media {
    pub(super) mid: Option<String>,
    /// 0 and 9 stand for none yet.
    pub(super) port: u16,
    /// The profile is a secure one: payloads are ciphertext.
    pub(super) is_secure: bool,
    pub(super) formats: BTreeMap<u8, Format>,
    pub(super) extmap: BTreeMap<u8, Binding>,
    pub(super) ssrcs: Vec<u32>,
}

impl Media {
    /// Its port, unless that is a dummy (RFC 8839 section 4.2.2, RFC 3264 section 6).
    pub(super) fn real_port(&self) -> Option<u16> {
        (self.port != 0 && self.port != 9).then_some(self.port)
    }
}

/// What a payload type stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Format {
    /// The encoding name, as spelt there.
    pub(super) name: String,
    /// Whose retransmissions these are (RFC 4588 section 8.6).
    pub(super) apt: Option<u8>,
    /// H.265 with decoding order numbers (RFC 7798 section 7.1).
    pub(super) has_don: bool,
}

impl Format {
    /// Of `VP8/90000`, or of a static payload type.
    fn new(rtpmap: &str) -> Self {
        Self::named(rtpmap.split('/').next().unwrap_or_default().trim())
    }

    /// One without parameters.
    pub(super) fn named(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Takes what matters out of `apt=96;rtx-time=3000`.
    fn take_fmtp(&mut self, parameters: &str) {
        for parameter in parameters.split(';') {
            match parameter.trim().split_once('=') {
                Some(("apt", value)) => self.apt = value.trim().parse().ok(),
                Some(("sprop-max-don-diff", value)) => self.has_don = value.trim() != "0",
                _ => {}
            }
        }
    }
}

/// What an identifier of an extension element stands for.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Binding {
    /// As signalled.
    text: String,
    pub(super) uri: Option<Uri>,
    pub(super) is_encrypted: bool,
}

impl Binding {
    /// The short name of an extension that the library knows, else its URI.
    pub(super) fn name(&self) -> &str {
        match self.uri {
            Some(uri) => uri.name(),
            None => &self.text,
        }
    }
}

impl fmt::Debug for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_encrypted { "encrypted " } else { "" })?;
        f.write_str(self.name())
    }
}

/// `3 urn:…`, as in a=extmap; 4096 and on are no identifiers of elements.
fn extmap(value: &str) -> Result<Option<(u8, Binding)>, String> {
    let extmap = Extmap::parse(value).map_err(|error| error.to_string())?;
    let uri = extmap.known();
    let binding = Binding { text: extmap.uri.to_owned(), uri, is_encrypted: extmap.encrypted };
    Ok(u8::try_from(extmap.id).ok().filter(|&id| id != 0).map(|id| (id, binding)))
}

/// `--extmap`: `3=urn:…`, `3=mid`, or the value of a=extmap.
pub(crate) fn extmap_option(text: &str) -> Result<(u8, Binding), String> {
    let value = match text.split_once('=') {
        Some((id, name)) if !id.contains(' ') => {
            let of_name = Uri::ALL.iter().find(|uri| uri.name() == name);
            format!("{id} {}", of_name.map_or(name, |uri| uri.as_str()))
        }
        _ => text.to_owned(),
    };
    extmap(&value)?.ok_or_else(|| "the id is none of 1 to 255".to_owned())
}

/// `--pt`: `96=VP8/90000`, `97=rtx/90000;apt=96`.
pub(crate) fn payload_type_option(text: &str) -> Result<(u8, Format), String> {
    let (number, format) = text.split_once('=').ok_or("not like 96=VP8/90000")?;
    let number = number.trim().parse().ok().filter(|number| *number < 128);
    let number = number.ok_or("the payload type is none of 0 to 127")?;
    let (rtpmap, fmtp) = format.split_once(';').unwrap_or((format, ""));
    let mut format = Format::new(rtpmap);
    if format.name.is_empty() {
        return Err("the encoding has no name".to_owned());
    }
    format.take_fmtp(fmtp);
    Ok((number, format))
}

impl Descriptions {
    /// Out of a file's text: SDP, or JSON with SDP in it.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let mut all = Self::default();
        if text.trim_start().starts_with(['{', '[']) {
            let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
            let mut found = false;
            each_string(&value, &mut |string| {
                if is_sdp(string) {
                    found = true;
                    all.take_sdp(string);
                } else if let Some(candidate) = string.strip_prefix("candidate:") {
                    all.take_candidate(candidate);
                }
            });
            all.take_objects(&value, !found);
        } else {
            all.take_sdp(text);
        }
        if all.media.is_empty() && all.ice.is_empty() {
            return Err("no session description".to_owned());
        }
        Ok(all)
    }

    fn take_sdp(&mut self, text: &str) {
        let mut session = Media::default();
        let mut media: Option<Media> = None;
        let (mut ufrag, mut password) = (None, None);
        for line in text.lines() {
            let Some((kind, value)) = line.trim().split_once('=') else { continue };
            match kind {
                "v" => {
                    self.end(&mut media, &session);
                    session = Media::default();
                    (ufrag, password) = (None, None);
                }
                "m" => {
                    self.end(&mut media, &session);
                    media = Some(media_line(value));
                    (ufrag, password) = (None, None);
                }
                "a" => {
                    let (name, value) = value.split_once(':').unwrap_or((value, ""));
                    let value = value.trim();
                    match name {
                        "ice-ufrag" => ufrag = Some(value),
                        "ice-pwd" => password = Some(value),
                        "candidate" => self.take_candidate(value),
                        _ => self.attribute(media.as_mut().unwrap_or(&mut session), name, value),
                    }
                    if let (Some(ufrag), Some(password)) = (ufrag, password) {
                        self.take_ice(ufrag, password);
                    }
                }
                _ => {}
            }
        }
        // A few attributes without a media line are a section too.
        let is_bare = self.media.is_empty() && media.is_none();
        if is_bare && (!session.extmap.is_empty() || !session.formats.is_empty()) {
            self.take_media(session.clone());
        }
        self.end(&mut media, &session);
    }

    /// The end of a section, if there is one: what the session says holds for it too, unless it says otherwise.
    fn end(&mut self, media: &mut Option<Media>, session: &Media) {
        let Some(mut media) = media.take() else { return };
        for (id, binding) in &session.extmap {
            media.extmap.entry(*id).or_insert_with(|| binding.clone());
        }
        self.take_media(media);
    }

    fn take_media(&mut self, media: Media) {
        if !self.media.contains(&media) {
            self.media.push(media);
        }
    }

    fn take_ice(&mut self, ufrag: &str, password: &str) {
        let pair = (ufrag.to_owned(), password.to_owned());
        if !self.ice.contains(&pair) {
            self.ice.push(pair);
        }
    }

    /// `3919322013 1 udp 2122194687 10.77.0.1 49771 typ host …`
    fn take_candidate(&mut self, value: &str) {
        let port = value.split_whitespace().nth(5).and_then(|port| port.parse().ok());
        if let Some(port) = port.filter(|port| *port != 0 && *port != 9) {
            self.candidate_ports.push(port);
        }
    }

    fn attribute(&mut self, media: &mut Media, name: &str, value: &str) {
        let (first, rest) = value.split_once(' ').unwrap_or((value, ""));
        let payload_type = || first.parse::<u8>().ok().filter(|number| *number < 128);
        match name {
            "mid" => media.mid = Some(value.to_owned()),
            "extmap" => match extmap(value) {
                Ok(Some((id, binding))) => {
                    media.extmap.entry(id).or_insert(binding);
                }
                Ok(None) => {}
                Err(error) => self.faults.push(format!("a=extmap:{value}: {error}")),
            },
            "rtpmap" => match payload_type() {
                Some(number) => {
                    media.formats.entry(number).or_default().name = Format::new(rest).name;
                }
                None => self.faults.push(format!("a=rtpmap:{value}: no payload type")),
            },
            "fmtp" => {
                if let Some(number) = payload_type() {
                    media.formats.entry(number).or_default().take_fmtp(rest);
                }
            }
            "ssrc" => {
                let ssrc = first.parse().ok().filter(|ssrc| !media.ssrcs.contains(ssrc));
                media.ssrcs.extend(ssrc);
            }
            // A description without a secure profile may still be of SRTP (RFC 5939, and those that only offer so).
            "crypto" => media.is_secure = true,
            _ => {}
        }
    }

    /// Objects with the parts of a description taken apart: those with `ufrag` and `pwd`, and where no SDP was found those with
    /// `extmap` or `payload_types`.
    fn take_objects(&mut self, value: &Value, with_media: bool) {
        match value {
            Value::Object(fields) => {
                let text = |name: &str| fields.get(name).and_then(Value::as_str);
                if let (Some(ufrag), Some(password)) = (text("ufrag"), text("pwd")) {
                    self.take_ice(ufrag, password);
                }
                let is_media =
                    fields.contains_key("extmap") || fields.contains_key("payload_types");
                if with_media && is_media {
                    self.take_media_object(fields);
                }
                fields.values().for_each(|value| self.take_objects(value, with_media));
            }
            Value::Array(items) => {
                items.iter().for_each(|value| self.take_objects(value, with_media));
            }
            _ => {}
        }
    }

    fn take_media_object(&mut self, fields: &Map<String, Value>) {
        let line = fields.get("m").and_then(Value::as_str).unwrap_or_default();
        let mut media = media_line(line.strip_prefix("m=").unwrap_or(line));
        media.mid = fields.get("mid").and_then(Value::as_str).map(str::to_owned);
        let entries = |name: &str| {
            let object = fields.get(name).and_then(Value::as_object);
            object.into_iter().flatten().filter_map(|(key, value)| Some((key, value.as_str()?)))
        };
        for (id, uri) in entries("extmap") {
            self.attribute(&mut media, "extmap", &format!("{id} {uri}"));
        }
        for (number, format) in entries("payload_types") {
            let (rtpmap, fmtp) = format.split_once(';').unwrap_or((format, ""));
            self.attribute(&mut media, "rtpmap", &format!("{number} {rtpmap}"));
            self.attribute(&mut media, "fmtp", &format!("{number} {}", fmtp.trim()));
        }
        for ssrc in fields.get("ssrcs").and_then(Value::as_array).into_iter().flatten() {
            let text = ssrc.as_str().map_or_else(|| ssrc.to_string(), str::to_owned);
            self.attribute(&mut media, "ssrc", &text);
        }
        self.take_media(media);
    }
}

/// `audio 9 RTP/AVPF 111 0`: the static payload types have their names already.
fn media_line(value: &str) -> Media {
    let mut words = value.split_whitespace().skip(1);
    let port = words.next().and_then(|port| port.split('/').next()?.parse().ok());
    let is_secure = words.next().is_some_and(|profile| profile.contains("SAVP"));
    let format = |number: u8| {
        let name = PayloadType(number).name().unwrap_or_default();
        (number, Format::new(name))
    };
    let numbers = words.filter_map(|word| word.parse().ok()).filter(|number| *number < 128);
    let formats = numbers.map(format).collect();
    Media { port: port.unwrap_or_default(), is_secure, formats, ..Media::default() }
}

/// Several lines, one of them about media: a media line alone stands in lists of what a description says.
fn is_sdp(text: &str) -> bool {
    text.contains("\nm=") || (text.starts_with("m=") && text.trim_end().contains('\n'))
}

/// Every string inside, in order.
fn each_string(value: &Value, each: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => each(text),
        Value::Array(items) => items.iter().for_each(|item| each_string(item, each)),
        Value::Object(fields) => fields.values().for_each(|item| each_string(item, each)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Media {
        let [media] = &Descriptions::read(text).unwrap().media[..] else { panic!("{text}") };
        media.clone()
    }

    #[test]
    fn a_description_is_read_line_by_line() {
        // RFC 8866 section 5 for the lines; RFC 4588 section 8.8, RFC 8285 section 8, RFC 8839 section 5 for the attributes.
        let text = "v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n\
            a=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid\r\n\
            a=ice-ufrag:A\r\na=ice-pwd:one\r\n\
            m=audio 5004 RTP/AVP 0 96\r\na=rtpmap:96 opus/48000/2\r\na=mid:a\r\na=ssrc:7 cname:x\r\na=ssrc:7 msid:y\r\n\
            m=video 9 UDP/TLS/RTP/SAVPF 97 98\r\na=ice-pwd:two\r\na=ice-ufrag:B\r\n\
            a=rtpmap:97 VP8/90000\r\na=rtpmap:98 rtx/90000\r\na=fmtp:98 apt=97;rtx-time=3000\r\n\
            a=extmap:3/sendonly urn:ietf:params:rtp-hdrext:encrypt urn:example:x some thing\r\na=extmap:4099 urn:x\r\n\
            a=candidate:1 1 udp 2122194687 192.0.2.1 49771 typ host\r\n";
        let all = Descriptions::read(text).unwrap();
        let [audio, video] = &all.media[..] else { panic!("{all:?}") };
        let ice = [("A", "one"), ("B", "two")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(all.ice, ice);
        assert_eq!((all.candidate_ports, all.faults), (vec![49_771], vec![]));
        assert_eq!(
            (audio.mid.as_deref(), audio.real_port(), audio.is_secure),
            (Some("a"), Some(5004), false)
        );
        assert_eq!(audio.ssrcs, [7]);
        let names = |media: &Media| -> Vec<_> {
            media.formats.iter().map(|(number, format)| (*number, format.name.clone())).collect()
        };
        assert_eq!(names(audio), [(0, "PCMU".to_owned()), (96, "opus".to_owned())]);
        assert_eq!(format!("{:?}", audio.extmap), "{9: mid}");
        assert_eq!((video.real_port(), video.is_secure), (None, true));
        assert_eq!(names(video), [(97, "VP8".to_owned()), (98, "rtx".to_owned())]);
        assert_eq!(video.formats[&98].apt, Some(97));
        assert_eq!(format!("{:?}", video.extmap), "{3: encrypted urn:example:x, 9: mid}");
    }

    #[test]
    fn a_few_lines_are_enough_and_wrong_ones_are_told() {
        let media =
            one("  a=extmap:3 urn:3gpp:video-orientation\nnonsense\na=rtpmap:96 H264/90000\n");
        assert_eq!(format!("{:?}", media.extmap), "{3: video-orientation}");
        assert_eq!(media.formats[&96].name, "H264");
        let all = Descriptions::read("m=video 1 RTP/AVP 96\na=extmap:x urn:y\na=rtpmap:300 z/1\n")
            .unwrap();
        assert_eq!(all.faults.len(), 2, "{all:?}");
        for wrong in ["", "hello", "{}", "{\"a\": 1", "v=0\r\ns=-\r\n"] {
            assert!(Descriptions::read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn json_holds_descriptions_or_their_parts() {
        let media = one(r#"[{"type":"offer","sdp":"v=0\r\nm=audio 9 RTP/AVP 8\r\na=mid:0\r\n"}]"#);
        assert_eq!((media.mid.as_deref(), &media.formats[&8].name[..]), (Some("0"), "PCMA"));
        let parts = r#"{"ice":[{"ufrag":"A","pwd":"one"}],"media":[{"m":"m=video 9 RTP/SAVPF 97","mid":"1",
            "extmap":{"4":"urn:ietf:params:rtp-hdrext:sdes:mid"},"payload_types":{"97":"rtx/90000 ; apt=96"},"ssrcs":["5",6]}]}"#;
        let media = one(parts);
        assert_eq!(
            (media.is_secure, &media.ssrcs[..], media.formats[&97].apt),
            (true, &[5, 6][..], Some(96))
        );
        assert_eq!(Descriptions::read(parts).unwrap().ice.len(), 1);
    }

    #[test]
    fn options_name_extensions_and_payload_types() {
        for text in [
            "3=urn:ietf:params:rtp-hdrext:sdes:mid",
            "3=mid",
            "3 urn:ietf:params:rtp-hdrext:sdes:mid",
        ] {
            let (id, binding) = extmap_option(text).unwrap();
            assert_eq!((id, binding.name()), (3, "mid"), "{text}");
        }
        assert_eq!(extmap_option("9=urn:x").unwrap().1.name(), "urn:x");
        for wrong in ["mid", "0=mid", "256=mid", "x=mid", "3=", ""] {
            assert!(extmap_option(wrong).is_err(), "{wrong}");
        }
        let (number, format) = payload_type_option("97=rtx/90000;apt=96").unwrap();
        assert_eq!((number, &format.name[..], format.apt), (97, "rtx", Some(96)));
        for wrong in ["96", "128=VP8", "x=VP8", "96=", "-1=VP8"] {
            assert!(payload_type_option(wrong).is_err(), "{wrong}");
        }
    }
}
