//! Telephone-event payload: DTMF and other telephony events (RFC 4733 section 2.3, and RFC 2833 before it).
//!
//! ```text
//! |     event     |E|R|  volume   |           duration            |  one or more, each beginning where the one before ends
//! ```
//!
//! RFC 2833 has the same layout. It has one event a packet, and a volume of DTMF events alone.

use core::fmt;

use nom::Parser;
use nom::error::context;

use super::TelephonyEvent;
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::show::DebugList;
use crate::wire::array;

// Bits of the second byte.
const END: u8 = 0x80;
const RESERVED: u8 = 0x40;
const VOLUME: u8 = 0x3F;

/// An event, or as much of it as has passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TelephoneEvent {
    /// Which event.
    pub event: TelephonyEvent,
    /// The E bit: it has ended.
    pub end: bool,
    /// The R bit: a sender has it 0.
    pub reserved: bool,
    /// The level of the tone below 0 dBm0, in dB, 0 to 63; 0 for an event that is no tone.
    pub volume: u8,
    /// How long it has lasted since the packet's timestamp, or since the end of the event before it in the packet, in
    /// units of the RTP clock; 0 for a state that lasts until further notice.
    pub duration: u16,
}

impl TelephoneEvent {
    /// The bytes of an event.
    pub const LEN: usize = 4;

    /// An event out of its wire form.
    #[inline]
    pub const fn from_bytes([event, bits, high, low]: [u8; Self::LEN]) -> Self {
        Self {
            event: TelephonyEvent(event),
            end: bits & END != 0,
            reserved: bits & RESERVED != 0,
            volume: bits & VOLUME,
            duration: u16::from_be_bytes([high, low]),
        }
    }

    /// The wire form of the event.
    ///
    /// # Errors
    /// A volume above 63.
    #[inline]
    pub const fn to_bytes(self) -> Result<[u8; Self::LEN], BuildError> {
        if self.volume > VOLUME {
            return Err(BuildError::OutOfRange { field: "volume" });
        }
        let end = if self.end { END } else { 0 };
        let reserved = if self.reserved { RESERVED } else { 0 };
        let [high, low] = self.duration.to_be_bytes();
        Ok([self.event.0, end | reserved | self.volume, high, low])
    }
}

/// A telephone-event payload, read in place.
///
/// ```
/// use mediawire::rtp::{TelephoneEvents, TelephonyEvent};
///
/// // RFC 4733 figure 3: the key 1 has ended, after 220 ms.
/// let payload = TelephoneEvents::parse(&[0x01, 0x94, 0x06, 0xe0])?;
/// let event = payload.events().next().expect("one at least");
/// assert_eq!((event.event, event.end), (TelephonyEvent::DTMF_1, true));
/// assert_eq!((event.volume, event.duration), (20, 1760));
/// # Ok::<(), mediawire::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TelephoneEvents<'a> {
    first: &'a [u8; TelephoneEvent::LEN],
    more: &'a [[u8; TelephoneEvent::LEN]],
}

impl<'a> TelephoneEvents<'a> {
    /// Reads the payload of an RTP packet, without its padding.
    ///
    /// # Errors
    /// No event, or part of one at the end.
    #[inline]
    pub fn parse(payload: &'a [u8]) -> Result<Self, ParseError> {
        run("telephone-event payload", payload, telephone_events)
    }

    /// The events, one at least, in the order in which they happened.
    #[inline]
    pub fn events(&self) -> impl Iterator<Item = TelephoneEvent> + Clone + use<'a> {
        let all = core::iter::once(self.first).chain(self.more);
        all.map(|&bytes| TelephoneEvent::from_bytes(bytes))
    }

    /// The first event, in most packets the only one.
    #[inline]
    pub const fn first(&self) -> TelephoneEvent {
        TelephoneEvent::from_bytes(*self.first)
    }
}

#[inline]
fn telephone_events(i: &[u8]) -> Step<'_, TelephoneEvents<'_>> {
    let (rest, first) = context("event", array).parse(i)?;
    let (more, odd) = rest.as_chunks();
    if !odd.is_empty() {
        context("event", array::<{ TelephoneEvent::LEN }>).parse(odd)?;
    }
    Ok((&[], TelephoneEvents { first, more }))
}

/// `DTMF digit "1" 1760 end`
impl fmt::Display for TelephoneEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.event.name().or(self.event.rfc2833_name()) {
            Some(name) => f.write_str(name)?,
            None => write!(f, "{}", self.event.0)?,
        }
        write!(f, " {}{}", self.duration, if self.end { " end" } else { "" })
    }
}

/// One line: `telephone-event [DTMF digit "1" 1760 end]`.
impl fmt::Display for TelephoneEvents<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("telephone-event")?;
        self.events().try_for_each(|event| write!(f, " [{event}]"))
    }
}

impl fmt::Debug for TelephoneEvents<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TelephoneEvents").field("events", &DebugList(self.events())).finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for TelephoneEvent {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;

        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("event", &self.event.0)?;
        if let Some(name) = self.event.name().or(self.event.rfc2833_name()) {
            map.serialize_entry("name", name)?;
        }
        map.serialize_entry("end", &self.end)?;
        map.serialize_entry("volume", &self.volume)?;
        map.serialize_entry("duration", &self.duration)?;
        map.end()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for TelephoneEvents<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;

        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("events", &crate::ser::List(self.events()))?;
        map.end()
    }
}

/// A telephone-event payload to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TelephoneEventsBuilder<'a> {
    /// The first event.
    pub first: TelephoneEvent,
    /// Those that follow it without a pause, in wire form: from [`TelephoneEvent::to_bytes`], or from a view.
    pub more: &'a [[u8; TelephoneEvent::LEN]],
}

impl<'a> From<TelephoneEvents<'a>> for TelephoneEventsBuilder<'a> {
    #[inline]
    fn from(payload: TelephoneEvents<'a>) -> Self {
        Self { first: payload.first(), more: payload.more }
    }
}

impl Encode for TelephoneEventsBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        self.more.as_flattened().len().saturating_add(TelephoneEvent::LEN)
    }

    /// # Errors
    /// A volume above 63.
    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        *out.array()? = self.first.to_bytes()?;
        out.bytes(self.more.as_flattened())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;
    use std::vec;
    use std::vec::Vec;

    use super::super::Packet;
    use super::super::vectors::hex;
    use super::*;
    use crate::testing::refuses_every_truncation;

    fn written(builder: &TelephoneEventsBuilder<'_>) -> Result<Vec<u8>, BuildError> {
        let mut out = vec![0xee; builder.encoded_len()];
        builder.write(&mut out).map(|len| out[..len].to_vec())
    }

    const ONE: TelephoneEvent = TelephoneEvent {
        event: TelephonyEvent::DTMF_1,
        end: true,
        reserved: false,
        volume: 20,
        duration: 1760,
    };

    #[test]
    fn the_figure_of_rfc_4733_section_5() {
        // Figure 3.
        let bytes = hex("8064001200002bc0005234a8 019406e0");
        let packet = Packet::parse(&bytes).unwrap();
        assert_eq!((packet.sequence_number(), packet.timestamp()), (18, 11200));
        let payload = TelephoneEvents::parse(packet.payload()).unwrap();
        assert!(payload.events().eq([ONE]));
        assert_eq!(payload.first(), ONE);
        crate::testing::shows(&payload);
        assert_eq!(payload.to_string(), "telephone-event [DTMF digit \"1\" 1760 end]");
        let builder = TelephoneEventsBuilder { first: ONE, more: &[] };
        assert_eq!(written(&builder), Ok(packet.payload().to_vec()));
    }

    #[test]
    fn several_events_in_a_packet() {
        // RFC 4733 section 2.5.1.5: contiguous events, here bits of V.21.
        let payload = hex("288a001b 270a001a 00400000");
        let events = TelephoneEvents::parse(&payload).unwrap();
        let all: Vec<_> =
            events.events().map(|e| (e.event.0, e.end, e.volume, e.duration)).collect();
        assert_eq!(all, [(40, true, 10, 27), (39, false, 10, 26), (0, false, 0, 0)]);
        assert!(events.events().last().unwrap().reserved);
        assert_eq!(written(&events.into()), Ok(payload.clone()));
        assert_eq!(
            events.to_string(),
            "telephone-event [V.21 channel 2, '1' bit 27 end] [V.21 channel 2, '0' bit 26] [DTMF digit \"0\" 0]"
        );
        let old = TelephoneEvents::parse(&[66, 0, 0, 1, 255, 0, 0, 1]).unwrap();
        assert_eq!(old.to_string(), "telephone-event [Dial tone 1] [255 1]");
    }

    #[test]
    fn what_is_cut_short_is_refused_with_its_place() {
        refuses_every_truncation(&[1, 2, 3, 4], TelephoneEvents::parse);
        let error = TelephoneEvents::parse(&[0; 6]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "telephone-event payload: event cut short, 4 bytes needed, 2 there (byte 4)"
        );
    }

    #[test]
    fn a_volume_that_does_not_fit_is_refused() {
        let first = TelephoneEvent { volume: 64, ..ONE };
        let error = Err(BuildError::OutOfRange { field: "volume" });
        assert_eq!(written(&TelephoneEventsBuilder { first, more: &[] }), error);
    }

    #[cfg(feature = "serde")]
    #[test]
    fn serialises_its_events() {
        let payload = hex("019406e0 fa000001");
        let json = serde_json::to_string(&TelephoneEvents::parse(&payload).unwrap()).unwrap();
        let expected = r#"{"events":[{"event":1,"name":"DTMF digit \"1\"","end":true,"volume":20,"duration":1760},{"event":250,"end":false,"volume":0,"duration":1}]}"#;
        assert_eq!(json, expected);
    }

    proptest! {
        #[test]
        fn whatever_parses_is_written_again(bytes in prop::collection::vec(any::<u8>(), 0..20)) {
            match TelephoneEvents::parse(&bytes) {
                Ok(payload) => prop_assert_eq!(written(&payload.into()), Ok(bytes)),
                Err(_) => prop_assert!(bytes.is_empty() || bytes.len() % 4 != 0),
            }
        }

        #[test]
        fn any_event_is_read_again(
            (event, end, reserved) in (any::<u8>(), any::<bool>(), any::<bool>()),
            (volume, duration) in (0u8..64, any::<u16>()),
        ) {
            let first = TelephoneEvent { event: TelephonyEvent(event), end, reserved, volume, duration };
            let bytes = written(&TelephoneEventsBuilder { first, more: &[] }).unwrap();
            prop_assert_eq!(TelephoneEvents::parse(&bytes).unwrap().first(), first);
        }
    }
}
