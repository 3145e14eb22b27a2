//! Transport-cc feedback, its header put in front: what follows the first eight bytes of the FCI is chunks and deltas.
//! Compared with a reading in the words of draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1, bit by bit;
//! and its arrivals, written anew, are the same arrivals.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mediawire::rtcp::{
    Header, Packet, PacketStatus, TransportCc, TransportCcArrivals, TransportCcBuilder,
};
use mediawire_fuzz::{again, call, debug, end, fault, show, writes};

/// More packets are read, but not shown nor written anew: text of 65,535 is slow to make, and says nothing new.
const SHOWN: usize = 2048;

fuzz_target!(|fci: &[u8]| {
    let fci = &fci[..fci.len().min(2000) / 4 * 4];
    let words = u16::try_from(2 + fci.len() / 4).expect("short");
    let [high, low] = words.to_be_bytes();
    let packet = [&[0x80 | 15, 205, high, low, 0, 0, 0, 1, 0, 0, 0, 2], fci].concat();
    let naive = read(fci);
    let view = match TransportCc::parse(&packet) {
        Ok(view) => view,
        Err(error) => {
            fault(&error, packet.len());
            assert_eq!(naive, None);
            return;
        }
    };
    let naive = naive.expect("what the library takes");
    assert!(view.statuses().eq(naive.iter().copied()));
    let count = usize::from(view.packet_status_count());
    assert_eq!((end(view.statuses(), count), end(view.arrivals(), count)), (count, count));
    call!(view; header, sender_ssrc, media_ssrc, chunks, deltas, fill, padding);
    let parts = view.chunks().as_flattened().len() + view.deltas().len() + view.fill().len();
    assert_eq!(parts + 8, fci.len());
    let received: usize = naive.iter().filter(|(_, status)| status.delta().is_some()).count();
    assert!(received <= view.deltas().len());

    writes(&TransportCcBuilder::from(view), &packet);
    if count <= SHOWN {
        again!(&packet, TransportCc, TransportCcBuilder);
        show(&Packet::parse(&packet).expect("the same in a compound"));
        debug(&view.statuses());
        rewritten(&view);
    }
    assert_eq!(view.header(), Header::parse(&packet).expect("it was just made"));
});

/// Arrivals into packets again, which say the same; the room of a packet is what the first one had, or half of that.
fn rewritten(view: &TransportCc<'_>) {
    let known: Vec<_> =
        view.arrivals().filter_map(|(number, time)| Some((number, time?))).collect();
    for room in [64 + 16 * known.len(), view.header().packet_len() / 2] {
        // From the last one on, so that they are sorted again.
        let mut arrivals: Vec<_> = known.iter().rev().copied().collect();
        let mut report = TransportCcArrivals::new(1, 2, &mut arrivals);
        report = report.begin_at(view.base_sequence_number());
        let mut out = vec![0; room];
        let (mut found, mut next) = (Vec::new(), report.next_sequence_number());
        loop {
            match report.write_next(&mut out) {
                Ok(Some(part)) => {
                    let packet = TransportCc::parse(&out[..part.len]).expect("what is written");
                    assert_eq!(packet.base_sequence_number(), next);
                    assert_eq!(packet.packet_status_count(), part.packet_status_count);
                    found.extend(
                        packet.arrivals().filter_map(|(number, time)| Some((number, time?))),
                    );
                    next = report.next_sequence_number();
                    assert_eq!(
                        next,
                        part.base_sequence_number.wrapping_add(part.packet_status_count)
                    );
                    assert_eq!(report.left().len() + found.len(), known.len());
                }
                Ok(None) => break,
                // No room for what one arrival takes, as behind many lost ones. Nothing is used up.
                Err(_) => {
                    assert!(room < 64 + 16 * known.len());
                    assert_eq!(report.next_sequence_number(), next);
                    return;
                }
            }
        }
        // Reference times have 24 bits, by which a time beyond them comes round.
        let wrap = 250 * 256 * (1_i64 << 24);
        let same = |a: &(u16, i64), b: &(u16, i64)| a.0 == b.0 && (a.1 - b.1) % wrap == 0;
        assert_eq!(found.len(), known.len());
        assert!(found.iter().zip(&known).all(|(a, b)| same(a, b)), "{found:?} {known:?}");
    }
}

/// The statuses that an FCI has, one symbol after the other; `None` if it is malformed.
fn read(fci: &[u8]) -> Option<Vec<(u16, PacketStatus)>> {
    let base = u16::from_be_bytes([*fci.first()?, *fci.get(1)?]);
    let count = usize::from(u16::from_be_bytes([*fci.get(2)?, *fci.get(3)?]));
    let mut at = 8;
    fci.get(..at)?;
    let mut symbols = Vec::new();
    while symbols.len() < count {
        let chunk = u16::from_be_bytes([*fci.get(at)?, *fci.get(at + 1)?]);
        at += 2;
        let bit = |index: u16| chunk >> (15 - index) & 1;
        if bit(0) == 0 {
            // Run length chunk: symbol in bits 1 and 2, length in the 13 that follow.
            let (symbol, length) = (bit(1) << 1 | bit(2), chunk & 0b1_1111_1111_1111);
            symbols.extend((0..length).map(|_| symbol));
        } else if bit(1) == 0 {
            // Status vector chunk of 14 one-bit symbols: not received, or received with a small delta.
            symbols.extend((2..16).map(bit));
        } else {
            // Of 7 two-bit symbols.
            symbols.extend((0..7).map(|index| bit(2 + 2 * index) << 1 | bit(3 + 2 * index)));
        }
    }
    let mut statuses = Vec::with_capacity(count);
    for symbol in symbols.into_iter().take(count) {
        let status = match symbol {
            0 => PacketStatus::NotReceived,
            1 => {
                at += 1;
                PacketStatus::SmallDelta(*fci.get(at - 1)?)
            }
            2 => {
                at += 2;
                PacketStatus::LargeDelta(i16::from_be_bytes([*fci.get(at - 2)?, *fci.get(at - 1)?]))
            }
            _ => return None, // reserved
        };
        let index = u16::try_from(statuses.len()).expect("at most 65,535");
        statuses.push((base.wrapping_add(index), status));
    }
    Some(statuses)
}
