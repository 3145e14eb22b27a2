//! Classic captures: a header, then records (draft-ietf-opsawg-pcap).

use pcap_parser::pcap::{
    LegacyPcapBlock, PcapHeader, parse_pcap_frame, parse_pcap_frame_be, parse_pcap_frame_modified,
    parse_pcap_header,
};

use super::window::Window;
use super::{Cause, Fault, MAX_PACKET, Packet, Time};

/// The file header's bytes.
const HEADER_LEN: usize = 24;

/// What the file header says.
pub(super) struct Pcap {
    header: PcapHeader,
}

impl Pcap {
    /// Whether a file that begins with these bytes is one.
    pub(super) fn is_magic(magic: [u8; 4]) -> bool {
        matches!(
            u32::from_le_bytes(magic),
            0xa1b2_c3d4 | 0xa1b2_3c4d | 0xa1b2_cd34 | 0xd4c3_b2a1 | 0x4d3c_b2a1
        )
    }

    /// Reads the file header.
    pub(super) fn open(window: &mut Window) -> Result<Self, Fault> {
        if !window.fill(HEADER_LEN).map_err(|e| Fault::read(window, e))? {
            return Err(Fault::cut(window, "file header", HEADER_LEN));
        }
        match parse_pcap_header(window.take(HEADER_LEN)) {
            Ok((_, header)) => Ok(Self { header }),
            Err(_) => Err(Fault { offset: 0, cause: Cause::NotACapture }),
        }
    }

    /// The next record, or `None` where the capture ends.
    #[inline]
    pub(super) fn next<'w>(
        &self,
        window: &'w mut Window,
        frame: u64,
    ) -> Result<Option<Packet<'w>>, Fault> {
        let header_len = if self.header.is_modified_format() { 24 } else { 16 };
        if !window.fill(header_len).map_err(|e| Fault::read(window, e))? {
            if window.is_drained() {
                return Ok(None);
            }
            return Err(Fault::cut(window, "packet header", header_len));
        }
        let captured = self.captured_len(window.data());
        if captured > MAX_PACKET {
            let cause = Cause::TooLong { what: "packet", length: captured as u64 };
            return Err(Fault { offset: window.offset(), cause });
        }
        let record_len = header_len + captured;
        if !window.fill(record_len).map_err(|e| Fault::read(window, e))? {
            return Err(Fault::cut(window, "packet", record_len));
        }
        let offset = window.offset();
        let record = self.record(window.take(record_len));
        let record = record.ok_or(Fault { offset, cause: Cause::Block("packet header") })?;
        Ok(Some(Packet {
            frame,
            time: Some(Time::from_parts(
                record.ts_sec,
                record.ts_usec,
                self.header.is_nanosecond_precision(),
            )),
            // The upper bits say whether a frame check sequence follows each packet.
            link_type: self.header.network.0 as u32 & 0xffff,
            wire_len: record.origlen as usize,
            data: record.data,
        }))
    }

    /// The length of the packet whose record begins with `record`.
    #[inline]
    fn captured_len(&self, record: &[u8]) -> usize {
        let Some(&length) = record.get(8..).and_then(|rest| rest.first_chunk()) else { return 0 };
        let length = if self.header.is_bigendian() {
            u32::from_be_bytes(length)
        } else {
            u32::from_le_bytes(length)
        };
        length as usize
    }

    #[inline]
    fn record<'w>(&self, bytes: &'w [u8]) -> Option<LegacyPcapBlock<'w>> {
        let parse = if self.header.is_modified_format() {
            parse_pcap_frame_modified
        } else if self.header.is_bigendian() {
            parse_pcap_frame_be
        } else {
            parse_pcap_frame
        };
        parse(bytes).ok().map(|(_, record)| record)
    }
}
