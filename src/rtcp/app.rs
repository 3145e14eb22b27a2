//! Application-defined packet, APP (RFC 3550 section 6.7).
//!
//! ```text
//! |V=2|P| subtype |    PT=204     |            length             |  header.rs
//! |                           SSRC/CSRC                           |  ssrc
//! |                         name (ASCII)                          |  name
//! |                  application-dependent data                   |  data
//! ```

use core::fmt;

use super::header::{packet_of, write_header};
use super::{Header, PacketType};
use crate::encode::{Encode, Sink};
use crate::error::{BuildError, ParseError, Step, run};
use crate::show::Text;
use crate::wire::{array, context};

/// A packet that an application has defined for itself, read in place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct App<'a> {
    header: Header,
    ssrc: &'a [u8; 4],
    name: &'a [u8; 4],
    data: &'a [u8],
    padding: &'a [u8],
}

impl<'a> App<'a> {
    /// Reads the packet at the front of `bytes`, header included; what follows it is ignored.
    ///
    /// # Errors
    /// Another packet type, a version other than 2, a length or padding beyond the packet.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        run("APP", bytes, app)
    }

    /// The packet's first four bytes.
    #[inline]
    pub const fn header(&self) -> Header {
        self.header
    }

    /// The application's own number for the kind of packet, 0 to 31.
    #[inline]
    pub const fn subtype(&self) -> u8 {
        self.header.count()
    }

    /// Who sends it, or whom it is about.
    #[inline]
    pub const fn ssrc(&self) -> u32 {
        u32::from_be_bytes(*self.ssrc)
    }

    /// The application's name: four ASCII characters, upper and lower case being different.
    #[inline]
    pub const fn name(&self) -> &'a [u8; 4] {
        self.name
    }

    /// What the application has to say.
    #[inline]
    pub const fn data(&self) -> &'a [u8] {
        self.data
    }

    /// All bytes of the padding, the count at its end included; empty without padding.
    #[inline]
    pub const fn padding(&self) -> &'a [u8] {
        self.padding
    }
}

/// Validates the whole packet.
#[inline]
pub(crate) fn app(i: &[u8]) -> Step<'_, App<'_>> {
    let (rest, packet) = packet_of(PacketType::APP)(i)?;
    let (body, ssrc) = context("SSRC", array)(packet.body)?;
    let (data, name) = context("name", array)(body)?;
    Ok((rest, App { header: packet.header, ssrc, name, data, padding: packet.padding }))
}

impl fmt::Display for App<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "APP ssrc={:#010x} name={}", self.ssrc(), Text(self.name))?;
        write!(f, " subtype={} data={} bytes", self.subtype(), self.data.len())
    }
}

impl fmt::Debug for App<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("subtype", &self.subtype())
            .field("ssrc", &self.ssrc())
            .field("name", &self.name())
            .field("data", &self.data())
            .field("padding", &self.padding())
            .finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for App<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        super::header::serialize_header(&mut map, self.header, self.padding, "app", "subtype")?;
        map.serialize_entry("ssrc", &self.ssrc())?;
        crate::ser::text(&mut map, ("name", "name_hex"), self.name)?;
        map.serialize_entry("data", &crate::ser::Hex(self.data))?;
        map.end()
    }
}

/// An APP packet to be written: fill in the fields, or take a view's by `From`; then `write`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AppBuilder<'a> {
    /// As [`App::subtype`]; every field points to its accessor so.
    pub subtype: u8,
    /// As [`App::ssrc`].
    pub ssrc: u32,
    /// As [`App::name`].
    pub name: [u8; 4],
    /// As [`App::data`]; a multiple of 4 bytes.
    pub data: &'a [u8],
    /// As [`App::padding`].
    pub padding: &'a [u8],
}

impl<'a> From<App<'a>> for AppBuilder<'a> {
    fn from(app: App<'a>) -> Self {
        let (subtype, ssrc, name) = (app.subtype(), app.ssrc(), *app.name);
        Self { subtype, ssrc, name, data: app.data, padding: app.padding }
    }
}

impl Encode for AppBuilder<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        Header::LEN + 8 + self.data.len() + self.padding.len()
    }

    #[inline]
    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let (subtype, len) = (self.subtype.into(), self.encoded_len());
        write_header(out.array()?, PacketType::APP, subtype, len, self.padding)?;
        *out.array()? = self.ssrc.to_be_bytes();
        *out.array()? = self.name;
        out.bytes(self.data)?;
        out.bytes(self.padding)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::prelude::*;
    use std::string::ToString;

    use super::*;
    use crate::error::ErrorKind;
    use crate::testing::{PADDINGS, refuses_every_truncation};

    // RFC 3550 section 6.7.
    const APP: [u8; 16] = [
        0x9F, 204, 0, 3, // V=2 P=0 subtype=31 PT=204 length=3
        0, 0, 0, 1, // SSRC
        b'N', b'A', b'M', b'E', // name
        0x41, 0x42, 0x43, 0x44, // data
    ];

    #[test]
    fn reads_every_field_and_writes_it_again() {
        let packet = App::parse(&APP).unwrap();
        assert_eq!((packet.subtype(), packet.ssrc()), (31, 1));
        assert_eq!((packet.name(), packet.data()), (b"NAME", &b"ABCD"[..]));
        assert_eq!(packet.to_string(), "APP ssrc=0x00000001 name=NAME subtype=31 data=4 bytes");
        assert_eq!(AppBuilder::from(packet).to_vec().unwrap(), APP);
    }

    #[test]
    fn refuses_every_truncation_and_a_length_below_its_name() {
        refuses_every_truncation(&APP, App::parse);
        let error = App::parse(&[0x80, 204, 0, 1, 0, 0, 0, 1]).unwrap_err();
        let kind = ErrorKind::Truncated { need: 4, have: 0 };
        assert_eq!((error.field, error.offset, error.kind), ("name", 8, kind));
    }

    #[test]
    fn refuses_to_build_what_the_standard_forbids() {
        assert!(AppBuilder { subtype: 32, ..Default::default() }.to_vec().is_err());
        assert!(AppBuilder { data: &[1, 2, 3], ..Default::default() }.to_vec().is_err());
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(
            (subtype, ssrc, name) in (0u8..32, any::<u32>(), any::<[u8; 4]>()),
            data in prop::collection::vec(any::<[u8; 4]>(), 0..8),
            padding in prop::sample::select(PADDINGS),
        ) {
            let builder = AppBuilder { subtype, ssrc, name, data: data.as_flattened(), padding };
            let bytes = builder.to_vec().unwrap();
            prop_assert_eq!(AppBuilder::from(App::parse(&bytes).unwrap()), builder);
        }
    }
}
