//! Writes a capture of many RTP packets, to measure the program with: `make_capture FILE [PACKETS]`.
//!
//! Eight streams, as calls have them: audio of 160 bytes without an extension, video of 1100 bytes with two one-byte
//! elements and markers, each on ports of its own.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::net::SocketAddr;

use mediawire::Encode;
use mediawire::net::{DatagramBuilder, MacAddress};
use mediawire::rtp::{Element, ExtensionBuilder, PacketBuilder, PayloadType};

const STREAMS: u32 = 8;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().ok_or("make_capture FILE [PACKETS]")?;
    let packets: u32 = arguments.next().map_or(Ok(200_000), |count| count.parse())?;

    let mut out = BufWriter::new(File::create(file)?);
    for word in [0xa1b2_c3d4, 0x0004_0002, 0, 0, 262_144, 1_u32] {
        out.write_all(&word.to_le_bytes())?;
    }
    let mut frame = [0; 1500];
    for number in 0..packets {
        let len = write_frame(number, &mut frame)?;
        let (seconds, micros) = (1_700_000_000 + number / 2_000, number % 2_000 * 500);
        for word in [seconds, micros, u32::try_from(len)?, u32::try_from(len)?] {
            out.write_all(&word.to_le_bytes())?;
        }
        out.write_all(frame.get(..len).unwrap_or_default())?;
    }
    Ok(out.flush()?)
}

fn write_frame(number: u32, frame: &mut [u8]) -> Result<usize, Box<dyn Error>> {
    let (stream, index) = (number % STREAMS, number / STREAMS);
    let is_video = stream % 2 == 1;
    let twcc = (number as u16).to_be_bytes();
    let send_time = [(number >> 16) as u8, (number >> 8) as u8, number as u8];
    let elements = [Element { id: 3, data: &twcc }, Element { id: 2, data: &send_time }];
    let packet = PacketBuilder {
        marker: is_video && index % 10 == 9,
        payload_type: PayloadType(if is_video { 96 } else { 0 }),
        sequence_number: index as u16,
        timestamp: if is_video { index / 10 * 3_000 } else { index * 160 },
        ssrc: 0x1000_0000 + stream,
        extension: if is_video { ExtensionBuilder::OneByte(&elements) } else { Default::default() },
        payload: if is_video { &[0x5a; 1_100] } else { &[0xd5; 160] },
        ..Default::default()
    };
    let port = 5_000 + 2 * u16::try_from(stream)?;
    let (from, to) = ([192, 0, 2, 1], [198, 51, 100, 7]);
    let datagram =
        DatagramBuilder::new(SocketAddr::from((from, port)), SocketAddr::from((to, port)), packet);
    let ethernet =
        datagram.in_ethernet(MacAddress([2, 0, 0, 0, 0, 1]), MacAddress([2, 0, 0, 0, 0, 2]));
    Ok(ethernet.write(frame)?)
}
