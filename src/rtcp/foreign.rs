//! Formats of one's own, read and built by the same walk and the same writers as those of the crate.
//!
//! A packet type, a feedback format, an APP name, an application of AFB or an XR block that the crate does not know comes
//! out of the walk as its bytes ([`Packet::Other`], [`Packet::Feedback`], [`Packet::App`], [`Packet::Afb`],
//! [`xr::Block::Other`](super::xr::Block::Other)). [`Packet::foreign`] reads them as a type of the caller's that
//! implements [`Foreign`]; [`ForeignBuilder`] writes it.
//!
//! ```
//! use mediawire::rtcp::{Compound, CompoundWriter, Foreign, ForeignBuilder, Mark};
//! use mediawire::{BuildError, Encode, ErrorKind, ParseError, Sink};
//!
//! /// Feedback of an experiment: how full the receiver's buffer is, in per cent.
//! #[derive(Debug, PartialEq)]
//! struct BufferLevel(u8);
//!
//! impl Foreign<'_> for BufferLevel {
//!     const MARK: Mark = Mark::Afb(*b"BUFL");
//!
//!     fn parse(_: u8, message: &[u8]) -> Result<Self, ParseError> {
//!         match message {
//!             [b'B', b'U', b'F', b'L', level @ 0..=100, 0, 0, 0] => Ok(Self(*level)),
//!             _ => {
//!                 let kind = ErrorKind::Length { found: message.len(), have: 8 };
//!                 Err(ParseError { what: "buffer level", field: "message", offset: 0, kind })
//!             }
//!         }
//!     }
//! }
//!
//! impl Encode for BufferLevel {
//!     fn encoded_len(&self) -> usize {
//!         8
//!     }
//!
//!     fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
//!         out.bytes(b"BUFL")?;
//!         out.bytes(&[self.0, 0, 0, 0])
//!     }
//! }
//!
//! let mut datagram = [0; 100];
//! let mut compound = CompoundWriter::new(&mut datagram);
//! compound.push(&ForeignBuilder { ssrc: 1, media_ssrc: 2, ..ForeignBuilder::new(BufferLevel(80)) })?;
//!
//! let packet = Compound::new(compound.written()).next().unwrap()?;
//! assert_eq!(packet.foreign(), Some(Ok(BufferLevel(80))));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use super::header::write_header;
use super::xr::{Block, BlockType};
use super::{Header, Packet, PacketType, PayloadFeedbackFormat, TransportFeedbackFormat};
use crate::encode::{Encode, Sink, narrow};
use crate::error::{BuildError, ParseError};

/// A format of one's own. `Encode` writes what [`parse`](Self::parse) reads.
pub trait Foreign<'a>: Sized + Encode {
    /// What it is told by.
    const MARK: Mark;

    /// Reads what [`MARK`](Self::MARK) says; `bits` are those beside it: the five of the packet's first byte, or the
    /// type-specific byte of an XR block.
    ///
    /// # Errors
    /// Bytes that are not of the format. Places count from the front of `bytes`.
    fn parse(bits: u8, bytes: &'a [u8]) -> Result<Self, ParseError>;

    /// The `bits` to be written; 0 unless said otherwise. Of feedback they are the format.
    fn bits(&self) -> u8 {
        0
    }
}

/// Where a format of one's own stands, what it is told by, and which bytes are its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mark {
    /// A packet type; what follows the header.
    Packet(PacketType),
    /// A format of transport layer feedback (205); its FCI.
    TransportFeedback(TransportFeedbackFormat),
    /// A format of payload-specific feedback (206); its FCI.
    PayloadFeedback(PayloadFeedbackFormat),
    /// The name of an APP packet; its data. The bits are its subtype.
    App([u8; 4]),
    /// The first four bytes of application layer feedback (206, 15); its message, these four included.
    Afb([u8; 4]),
    /// An XR block type; what follows the block's header.
    Block(BlockType),
}

impl<'a> Packet<'a> {
    /// The packet as a format of one's own; `None` if it is none, or one that the crate knows.
    ///
    /// # Errors
    /// Those of [`Foreign::parse`].
    pub fn foreign<T: Foreign<'a>>(&self) -> Option<Result<T, ParseError>> {
        let bits = self.header().count();
        let bytes = match (T::MARK, self) {
            (Mark::Packet(mark), Self::Other(packet)) => {
                (packet.header().packet_type() == mark).then_some(packet.body())
            }
            (Mark::TransportFeedback(mark), Self::Feedback(packet)) => {
                let is = packet.header().packet_type() == PacketType::RTPFB;
                (is && packet.format() == mark.0).then_some(packet.fci())
            }
            (Mark::PayloadFeedback(mark), Self::Feedback(packet)) => {
                let is = packet.header().packet_type() == PacketType::PSFB;
                (is && packet.format() == mark.0).then_some(packet.fci())
            }
            (Mark::App(mark), Self::App(packet)) => {
                (*packet.name() == mark).then_some(packet.data())
            }
            (Mark::Afb(mark), Self::Afb(packet)) => {
                (packet.identifier() == Some(&mark)).then_some(packet.data())
            }
            _ => None,
        };
        bytes.map(|bytes| T::parse(bits, bytes))
    }
}

impl<'a> Block<'a> {
    /// The block as a format of one's own; `None` if it is none, or one that the crate knows.
    ///
    /// # Errors
    /// Those of [`Foreign::parse`].
    pub fn foreign<T: Foreign<'a>>(&self) -> Option<Result<T, ParseError>> {
        match (T::MARK, self) {
            (Mark::Block(mark), Self::Other(block)) if block.block_type() == mark => {
                Some(T::parse(block.type_specific(), block.data()))
            }
            _ => None,
        }
    }
}

/// A packet, or an XR block, of one's own to be written. A block goes into
/// [`xr::BlockList::Built`](super::xr::BlockList::Built).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForeignBuilder<'a, T> {
    /// Who sends it: of feedback and APP. Not written with [`Mark::Packet`] and [`Mark::Block`].
    pub ssrc: u32,
    /// The media source that it is about: of feedback.
    pub media_ssrc: u32,
    /// What it says; with the padding a multiple of 4 bytes.
    pub content: T,
    /// All of the padding, the count at its end included; empty without, and for a block.
    pub padding: &'a [u8],
}

impl<T> ForeignBuilder<'_, T> {
    /// With SSRCs of 0 and without padding.
    pub const fn new(content: T) -> Self {
        Self { ssrc: 0, media_ssrc: 0, content, padding: &[] }
    }
}

impl<'a, T: Foreign<'a>> Encode for ForeignBuilder<'a, T> {
    #[inline]
    fn encoded_len(&self) -> usize {
        let start = match T::MARK {
            Mark::Packet(_) | Mark::Block(_) => 0,
            _ => 8,
        };
        Header::LEN + start + self.content.encoded_len() + self.padding.len()
    }

    fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let (packet_type, bits, after_ssrc) = match T::MARK {
            Mark::Packet(packet_type) => (packet_type, self.content.bits(), None),
            Mark::TransportFeedback(format) => (PacketType::RTPFB, format.0, Some(self.media_ssrc)),
            Mark::PayloadFeedback(format) => (PacketType::PSFB, format.0, Some(self.media_ssrc)),
            Mark::App(name) => {
                (PacketType::APP, self.content.bits(), Some(u32::from_be_bytes(name)))
            }
            Mark::Afb(_) => (PacketType::PSFB, PayloadFeedbackFormat::AFB.0, Some(self.media_ssrc)),
            Mark::Block(block_type) => return self.encode_block(block_type, out),
        };
        write_header(out.array()?, packet_type, bits.into(), self.encoded_len(), self.padding)?;
        if let Some(word) = after_ssrc {
            *out.array()? = self.ssrc.to_be_bytes();
            *out.array()? = word.to_be_bytes();
        }
        self.content.encode(out)?;
        out.bytes(self.padding)
    }
}

impl<'a, T: Foreign<'a>> ForeignBuilder<'a, T> {
    fn encode_block(&self, block_type: BlockType, out: &mut Sink<'_>) -> Result<(), BuildError> {
        let len = self.content.encoded_len();
        if !len.is_multiple_of(4) || !self.padding.is_empty() {
            return Err(BuildError::OutOfRange { field: "block length, a multiple of 4 bytes" });
        }
        let [high, low] = narrow::<_, u16>("block length", len / 4)?.to_be_bytes();
        *out.array()? = [block_type.0, self.content.bits(), high, low];
        self.content.encode(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::rtcp::xr::BlockList;
    use crate::rtcp::{Compound, CompoundWriter, ExtendedReportBuilder};

    /// A word that borrows from the packet, told by whatever mark.
    macro_rules! foreign {
        ($name:ident, $mark:expr, $prefix:literal) => {
            #[derive(Clone, Copy, Debug, PartialEq)]
            struct $name<'a>(u8, &'a [u8]);

            impl<'a> Foreign<'a> for $name<'a> {
                const MARK: Mark = $mark;

                fn parse(bits: u8, bytes: &'a [u8]) -> Result<Self, ParseError> {
                    match bytes.strip_prefix($prefix) {
                        Some(word) if word.len() == 4 => Ok(Self(bits, word)),
                        _ => {
                            let kind = ErrorKind::Length { found: bytes.len(), have: 4 };
                            let (what, field) = (stringify!($name), "word");
                            Err(ParseError { what, field, offset: 0, kind })
                        }
                    }
                }

                fn bits(&self) -> u8 {
                    self.0
                }
            }

            impl Encode for $name<'_> {
                fn encoded_len(&self) -> usize {
                    $prefix.len() + self.1.len()
                }

                fn encode(&self, out: &mut Sink<'_>) -> Result<(), BuildError> {
                    out.bytes($prefix)?;
                    out.bytes(self.1)
                }
            }
        };
    }

    foreign!(OwnPacket, Mark::Packet(PacketType(220)), b"");
    foreign!(OwnTransport, Mark::TransportFeedback(TransportFeedbackFormat(20)), b"");
    foreign!(OwnPayload, Mark::PayloadFeedback(PayloadFeedbackFormat(20)), b"");
    foreign!(OwnApp, Mark::App(*b"PING"), b"");
    foreign!(OwnAfb, Mark::Afb(*b"OWN "), b"OWN ");
    foreign!(OwnBlock, Mark::Block(BlockType(200)), b"");

    const WORD: &[u8] = b"word";

    /// What was written, read by the walk as `T`; and as another type of the same form, which it is not.
    fn read_back<'a, T: Foreign<'a>, U: Foreign<'a>>(datagram: &'a [u8]) -> Option<T> {
        let packet = Compound::new(datagram).next().unwrap().unwrap();
        assert!(packet.foreign::<U>().is_none());
        packet.foreign::<T>().map(Result::unwrap)
    }

    fn written<'a>(packet: &impl Encode, out: &'a mut [u8]) -> &'a [u8] {
        let mut compound = CompoundWriter::new(out);
        compound.push(packet).unwrap();
        compound.finish()
    }

    #[test]
    fn each_kind_is_written_and_read_by_the_same_walk() {
        let mut out = [0; 64];
        let packet = ForeignBuilder::new(OwnPacket(3, WORD));
        let bytes = written(&packet, &mut out);
        assert_eq!(bytes, [&[0x83, 220, 0, 1], WORD].concat());
        assert_eq!(read_back::<_, OwnApp<'_>>(bytes), Some(OwnPacket(3, WORD)));

        let transport = ForeignBuilder {
            ssrc: 1,
            media_ssrc: 2,
            ..ForeignBuilder::new(OwnTransport(20, WORD))
        };
        let bytes = written(&transport, &mut out);
        assert_eq!(bytes, [&[0x94, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2], WORD].concat());
        assert_eq!(read_back::<_, OwnPayload<'_>>(bytes), Some(OwnTransport(20, WORD)));

        let payload = ForeignBuilder::new(OwnPayload(20, WORD));
        let bytes = written(&payload, &mut out);
        assert_eq!(bytes[..2], [0x94, 206]);
        assert_eq!(read_back::<_, OwnTransport<'_>>(bytes), Some(OwnPayload(20, WORD)));

        let app = ForeignBuilder { ssrc: 1, ..ForeignBuilder::new(OwnApp(5, WORD)) };
        let bytes = written(&app, &mut out);
        assert_eq!(bytes, b"\x85\xcc\0\x03\0\0\0\x01PINGword");
        assert_eq!(read_back::<_, OwnAfb<'_>>(bytes), Some(OwnApp(5, WORD)));

        let padding = &[0, 0, 0, 4];
        let afb = ForeignBuilder { padding, ..ForeignBuilder::new(OwnAfb(15, WORD)) };
        let bytes = written(&afb, &mut out);
        assert_eq!(bytes, b"\xaf\xce\0\x05\0\0\0\0\0\0\0\0OWN word\0\0\0\x04");
        assert_eq!(read_back::<_, OwnApp<'_>>(bytes), Some(OwnAfb(15, WORD)));
    }

    #[test]
    fn a_block_goes_into_an_extended_report() {
        let block = ForeignBuilder::new(OwnBlock(9, WORD));
        let report = ExtendedReportBuilder {
            ssrc: 1,
            blocks: BlockList::Built(&[&block]),
            ..Default::default()
        };
        let mut out = [0; 64];
        let bytes = written(&report, &mut out);
        assert_eq!(bytes, b"\x80\xcf\0\x03\0\0\0\x01\xc8\x09\0\x01word");
        let packet = Compound::new(bytes).next().unwrap().unwrap();
        assert!(packet.foreign::<OwnBlock<'_>>().is_none(), "a block is no packet");
        let Packet::ExtendedReport(report) = packet else { panic!("{packet:?}") };
        let block = report.blocks().next().unwrap().unwrap();
        assert_eq!(block.foreign(), Some(Ok(OwnBlock(9, WORD))));
        assert_eq!(block.foreign::<OwnPacket<'_>>(), None);
    }

    #[test]
    fn what_is_not_of_the_form_is_refused() {
        let mut out = [0; 64];
        let bytes = written(&ForeignBuilder::new(OwnPacket(0, b"words, 2")), &mut out);
        let packet = Compound::new(bytes).next().unwrap().unwrap();
        let error = packet.foreign::<OwnPacket<'_>>().unwrap().unwrap_err();
        assert_eq!(error.kind, ErrorKind::Length { found: 8, have: 4 });
        assert!(ForeignBuilder::new(OwnPacket(32, WORD)).write(&mut out).is_err());
        assert!(ForeignBuilder::new(OwnPacket(0, b"odd")).write(&mut out).is_err());
        assert!(ForeignBuilder::new(OwnBlock(0, b"odd")).write(&mut out).is_err());
    }
}
