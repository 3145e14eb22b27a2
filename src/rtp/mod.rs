//! RTP data packets: read, changed in place, and written (RFC 3550 section 5, RFC 8285).
//!
//! | to | take | in |
//! |---|---|---|
//! | read a packet | [`Packet`] | `packet.rs` (RFC 3550 section 5.1) |
//! | change one in place | [`PacketMut`] | `packet_mut.rs` |
//! | change its shape too, in a buffer with room around it | [`PacketEditor`] | `packet_editor.rs` |
//! | write one | [`PacketBuilder`], [`Padding`] | `builder.rs` |
//! | read and write a header extension | [`Extension`], [`ExtensionBuilder`], [`Profile`] | `extension.rs` (RFC 3550 section 5.3.1) |
//! | walk over its elements | [`Elements`], [`ElementsMut`], [`Element`] | `elements.rs` (RFC 8285) |
//! | read and write what an element means | [`ext`] | `ext/` |
//! | name a payload type | [`PayloadType`] | `payload_type.rs` (RFC 3551 section 6) |
//! | read what a payload begins with: VP8, VP9, AV1, H.264, H.265, Opus | [`payload`] | `payload/` |
//!
//! What rides on it, each with its builder:
//!
//! | payload | take | in |
//! |---|---|---|
//! | retransmission, RTX | [`Rtx`], [`RtxPacketBuilder`], [`PacketEditor::wrap_rtx`] | `rtx.rs` (RFC 4588) |
//! | redundant data, RED | [`Red`], [`RedBlock`] | `red.rs` (RFC 2198) |
//! | parity of one source | [`UlpFec`], [`UlpFecProtection`] | `fec/ulpfec.rs` (RFC 5109) |
//! | parity of several sources | [`FlexFec`], [`FlexFecProtection`] | `fec/flexfec.rs` (RFC 8627) |
//! | DTMF and other telephony events | [`TelephoneEvents`], [`TelephonyEvent`] | `telephone_event.rs` (RFC 4733) |
//! | tones by frequency | [`Tone`] | `tone.rs` (RFC 4733 section 4) |
//! | comfort noise | [`ComfortNoise`] | `comfort_noise.rs` (RFC 3389) |
//!
//! A datagram holds one packet. Whether it is RTP at all is told by [`demux`](crate::demux).
//!
//! # Read
//!
//! ```
//! use mediawire::rtp::{Packet, PayloadType, Profile};
//!
//! let datagram = [
//!     0x90, 0x80, 0x04, 0xd2, // V=2 X=1, M=1 PT=0, sequence number
//!     0x00, 0x00, 0x03, 0x20, // timestamp
//!     0x12, 0x34, 0xab, 0xcd, // SSRC
//!     0xbe, 0xde, 0x00, 0x01, // one-byte elements, 1 word
//!     0x10, 0xaa, 0x20, 0x05, // id 1: aa, id 2: 05
//!     0x01, 0x02, 0x03, 0x04, // payload
//! ];
//! let packet = Packet::parse(&datagram)?;
//! assert_eq!(packet.payload_type(), PayloadType::PCMU);
//! assert_eq!((packet.marker(), packet.sequence_number()), (true, 1234));
//! assert_eq!(packet.extension().map(|extension| extension.profile()), Some(Profile::ONE_BYTE));
//! assert_eq!(packet.element(2), Some(&[5][..]));
//! assert_eq!(packet.elements().map(|element| element.id).collect::<Vec<_>>(), [1, 2]);
//! assert_eq!(packet.payload(), [1, 2, 3, 4]);
//! assert_eq!(
//!     packet.to_string(),
//!     "RTP pt=0 (PCMU) seq=1234 ts=800 ssrc=0x1234abcd len=4 M ext=[1,2]"
//! );
//!
//! let error = Packet::parse(&datagram[..18]).unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "RTP packet: extension cut short, 4 bytes needed, 2 there (byte 16)"
//! );
//! # Ok::<(), mediawire::ParseError>(())
//! ```
//!
//! # Change in place
//!
//! ```
//! use mediawire::rtp::{PacketMut, PayloadType};
//!
//! # let mut datagram = [
//! #     0x90, 0x80, 0x04, 0xd2, 0, 0, 3, 0x20, 0x12, 0x34, 0xab, 0xcd,
//! #     0xbe, 0xde, 0, 1, 0x10, 0xaa, 0x20, 5, 1, 2, 3, 4,
//! # ];
//! // The datagram from above, on its way to the next hop.
//! let mut packet = PacketMut::parse(&mut datagram)?;
//! packet.set_ssrc(0x0102_0304);
//! packet.set_sequence_number(9);
//! packet.set_timestamp(packet.timestamp().wrapping_add(160));
//! packet.set_payload_type(PayloadType(111))?;
//! packet.set_element(2, &[6])?;
//! assert_eq!(
//!     packet.to_string(),
//!     "RTP pt=111 seq=9 ts=960 ssrc=0x01020304 len=4 M ext=[1,2]"
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Write
//!
//! ```
//! use mediawire::rtp::{Element, ExtensionBuilder, Packet, PacketBuilder, PayloadType};
//! use mediawire::Encode;
//!
//! let elements = [Element { id: 1, data: &[0xaa] }, Element { id: 2, data: &[5] }];
//! let packet = PacketBuilder {
//!     marker: true,
//!     payload_type: PayloadType::PCMU,
//!     sequence_number: 1234,
//!     timestamp: 800,
//!     ssrc: 0x1234_abcd,
//!     extension: ExtensionBuilder::OneByte(&elements),
//!     payload: &[1, 2, 3, 4],
//!     ..Default::default()
//! };
//! let mut buffer = [0; 1500];
//! let len = packet.write(&mut buffer)?;
//!
//! // What was read is written again byte for byte, here with another SSRC.
//! let received = Packet::parse(&buffer[..len])?;
//! let forwarded = PacketBuilder { ssrc: 7, ..received.into() };
//! let mut buffer = [0; 1500];
//! assert_eq!(forwarded.write(&mut buffer)?, len);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Where the payload lies in the buffer already: [`PacketBuilder::write_header`].

mod builder;
mod comfort_noise;
mod elements;
pub mod ext;
mod extension;
mod fec;
mod packet;
mod packet_editor;
mod packet_mut;
pub mod payload;
mod payload_type;
mod red;
mod rtx;
mod telephone_event;
mod telephony_event;
mod tone;

pub use builder::{PacketBuilder, Padding};
pub use comfort_noise::{ComfortNoise, ComfortNoiseBuilder};
pub use elements::{Element, Elements, ElementsMut, Form};
pub use extension::{Extension, ExtensionBuilder, Profile};
pub use fec::{
    FlexFec, FlexFecProtection, FlexFecRepair, FlexFecRepairBuilder, FlexFecSet, FlexFecSource,
    FlexFecSources, FlexFecStream, Recovered, RecoveryError, SequenceNumbers, UlpFec,
    UlpFecBuilder, UlpFecLevel, UlpFecLevels, UlpFecProtectedLevel, UlpFecProtection,
};
pub use packet::Packet;
pub use packet_editor::PacketEditor;
pub use packet_mut::PacketMut;
pub use payload_type::PayloadType;
pub use red::{Red, RedBlock, RedBlocks, RedBuilder, RedundantBlocks};
pub use rtx::{Rtx, RtxBuilder, RtxPacketBuilder};
pub use telephone_event::{TelephoneEvent, TelephoneEvents, TelephoneEventsBuilder};
pub use telephony_event::TelephonyEvent;
pub use tone::{Tone, ToneBuilder};
#[cfg(test)]
mod vectors;
