//! Packets of every type with random content, put into a datagram of random size. Each one is written if the standard
//! allows what it holds and there is room, and reads the same; what is refused leaves those before it as they are. The
//! rules for compounds are held against what was put in.
#![no_main]

use bumpalo::Bump;
use libfuzzer_sys::fuzz_target;
use mediawire::rtcp::{
    Ccfb, CcfbArrival, CcfbStream, CcfbWriter, Compound, CompoundWriter, Nack, NackBuilder,
    NackPair, NackPairs, Rule, TransportCc, TransportCcArrivals, Violation,
};
use mediawire::{BuildError, Encode};
use mediawire_fuzz::build::rtcp;
use mediawire_fuzz::build::source::Source;
use mediawire_fuzz::{show, writes};

/// What the rules ask about a packet.
#[derive(Clone, Copy)]
struct Put<'a> {
    bytes: &'a [u8],
    cname: bool,
}

impl Put<'_> {
    fn padding(&self) -> usize {
        if self.bytes[0] & 0x20 == 0 { 0 } else { usize::from(self.bytes[self.bytes.len() - 1]) }
    }
}

fuzz_target!(|input: &[u8]| {
    let arena = Bump::new();
    let mut s = Source::new(input, &arena);
    let room = usize::from(s.any::<u16>() % 1500);
    let mut out = vec![0; room];
    let mut writer = CompoundWriter::new(&mut out);
    let mut put: Vec<Put<'_>> = Vec::new();
    let mut before = Vec::new();
    while !s.is_empty() {
        let free = room - before.len();
        let padded = put.last().is_some_and(|put| put.padding() > 0);
        let behind = Err(BuildError::OutOfRange { field: "packet behind one with padding" });
        let made = rtcp::packet(&mut s);
        let need = made.builder.encoded_len();
        let (result, bytes) = match (s.below(8), made.bytes) {
            // All that is there already, once more.
            (0, _) => (writer.join(&before), Some(s.keep_list(&before))),
            (1, Some(bytes)) => (writer.join(bytes), made.bytes),
            _ => (writer.push(&made.builder), made.bytes),
        };
        match bytes {
            _ if padded => assert!(matches!(result, Err(BuildError::OutOfRange { .. }))),
            Some(bytes) if bytes.len() > free => {
                let need = bytes.len();
                assert_eq!(result, Err(BuildError::BufferTooSmall { need, have: free }));
            }
            Some(bytes) => {
                assert_eq!(result, Ok(bytes.len()));
                let cname = s.cname;
                before.extend(bytes);
                match made.bytes {
                    Some(one) if one == bytes => put.push(Put { bytes, cname }),
                    _ => put.extend(put.clone()),
                }
            }
            None if need > free => {
                assert_eq!(result, Err(BuildError::BufferTooSmall { need, have: free }));
            }
            None => assert!(matches!(result, Err(BuildError::OutOfRange { .. })), "{result:?}"),
        }
        if padded && made.bytes.is_some_and(|bytes| bytes.len() <= free) {
            assert_eq!(writer.push(&made.builder), behind);
        }
        assert_eq!(writer.written(), before);
        assert_eq!(writer.remaining(), room - before.len());
    }
    let datagram = writer.finish();
    assert_eq!(datagram, before);
    let mut walk = Compound::new(datagram);
    for put in &put {
        let packet = walk.next().expect("as many as were put in").expect("they parse");
        show(&packet);
        writes(&packet, put.bytes);
        assert_eq!(packet.padding().len(), put.padding());
    }
    assert_eq!(walk.next(), None);
    for (compound, found) in [
        (true, Compound::new(datagram).validate()),
        (false, Compound::new(datagram).validate_reduced_size()),
    ] {
        assert_eq!(found.err(), violation(&put, compound));
    }
    from_lists(&mut Source::new(input, &arena));
});

/// RFC 3550 sections 6.1 and A.2, RFC 5506 section 4.1.
fn violation(put: &[Put<'_>], compound: bool) -> Option<Violation> {
    let broken = |rule, packet, offset| Some(Violation { rule, packet, offset });
    let len = put.iter().map(|put| put.bytes.len()).sum();
    let first = put.first().map(|put| put.bytes[1]);
    match put.last() {
        None => broken(Rule::NotEmpty, 0, 0),
        Some(_) if compound && !matches!(first, Some(200 | 201)) => broken(Rule::ReportFirst, 0, 0),
        Some(last) if last.padding() % 4 != 0 => {
            broken(Rule::PaddingInWords, put.len() - 1, len - 1)
        }
        Some(_) if compound && !put.iter().any(|put| put.cname) => {
            broken(Rule::Cname, put.len(), len)
        }
        Some(_) => None,
    }
}

/// What is made out of lists of sequence numbers and times says of each number what the list does.
fn from_lists(s: &mut Source<'_>) {
    let mut out = vec![0; 16 + usize::from(s.any::<u8>()) * 2];
    let base: u16 = s.any();
    let mut times: Vec<(u16, i64)> = Vec::new();
    while !s.is_empty() && times.len() < 60 {
        let near: u8 = s.any();
        let far = if s.rarely() { 3000 } else { 0 };
        let time = i64::from(s.any::<i16>()) << s.below(18);
        times.push((base.wrapping_add(u16::from(near) + far), time));
    }

    let mut numbers: Vec<u16> = times.iter().map(|time| time.0).collect();
    let mut pairs = [[0; NackPair::LEN]; 64];
    let pairs = NackPairs::new(&mut numbers).write_into(&mut pairs).expect("room for each");
    if !pairs.is_empty() {
        let nack = NackBuilder { pairs, ..Default::default() };
        let bytes = nack.to_vec().expect("a pair at least");
        let nack = Nack::parse(&bytes).expect("what is written parses");
        let mut lost: Vec<_> = nack.lost_sequence_numbers().collect();
        let mut wanted: Vec<_> = times.iter().map(|time| time.0).collect();
        lost.sort_unstable();
        wanted.sort_unstable();
        wanted.dedup();
        assert_eq!(lost, wanted);
    }

    let mut list = times.clone();
    let mut arrivals = TransportCcArrivals::new(1, 2, &mut list);
    let sorted = arrivals.left().to_vec();
    for &(number, time) in &sorted {
        let earliest = times.iter().filter(|other| other.0 == number).map(|other| other.1).min();
        assert_eq!(Some(time), earliest);
    }
    let mut reported = Vec::new();
    while let Ok(Some(part)) = arrivals.write_next(&mut out) {
        let packet = TransportCc::parse(&out[..part.len]).expect("what is written parses");
        assert_eq!(packet.base_sequence_number(), part.base_sequence_number);
        assert_eq!(packet.packet_status_count(), part.packet_status_count);
        reported.extend(packet.arrivals().filter_map(|(number, time)| Some((number, time?))));
    }
    assert_eq!(reported.len() + arrivals.left().len(), sorted.len());
    // Rounded to 250 µs; the reference time has 24 bits of 64 ms.
    for ((number, time), (sent, at)) in reported.into_iter().zip(sorted) {
        assert_eq!(number, sent);
        let wrap = 64_000 << 24;
        let apart = (time - at).rem_euclid(wrap);
        assert!(apart <= 250 || apart >= wrap - 250, "{time} is not {at}");
    }

    let now = mediawire::ntp::NtpShort(s.any());
    let mut list: Vec<_> = times
        .iter()
        .map(|&(sequence_number, time)| CcfbArrival {
            sequence_number,
            arrival: Some(mediawire::ntp::NtpShort(now.0.wrapping_sub((time as u32) & 0x7F_FFFF))),
            ecn: (time & 3) as u8,
        })
        .collect();
    let mut stream = CcfbStream::new(7, &mut list);
    let count = stream.left().len();
    let Ok(mut writer) = CcfbWriter::new(&mut out, 1, now) else { return };
    let written = writer.push(&mut stream);
    let left = stream.left().len();
    let packet = writer.finish().expect("it has room");
    let packet = Ccfb::parse(packet).expect("what is written parses");
    let metrics = packet.report_blocks().flat_map(|block| block.metrics());
    let received = metrics.filter(|(_, metric)| metric.received());
    match written {
        Ok(_) => assert_eq!(received.count(), count - left),
        Err(_) => assert_eq!((received.count(), left), (0, count)),
    }
}
