//! Packets that others made, for the tests of this folder; each says who.

extern crate std;
use std::vec::Vec;

/// Bytes out of hex text; blanks carry no meaning.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.chars().filter_map(|c| c.to_digit(16)).map(|d| d as u8).collect();
    digits.as_chunks().0.iter().map(|[high, low]| high << 4 | low).collect()
}

/// A packet and what it says. The fields are those of the document, or what tshark 4.0.17 reads.
pub(crate) struct Vector {
    pub(crate) source: &'static str,
    pub(crate) bytes: &'static str,
    pub(crate) marker: bool,
    pub(crate) payload_type: u8,
    pub(crate) sequence_number: u16,
    pub(crate) timestamp: u32,
    pub(crate) ssrc: u32,
    pub(crate) csrc: &'static [u32],
    /// Profile and words.
    pub(crate) extension: Option<(u16, u16)>,
    pub(crate) elements: &'static [(u8, &'static str)],
    pub(crate) payload_size: usize,
    pub(crate) padding_size: usize,
}

impl Vector {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        hex(self.bytes)
    }
}

const NONE: Vector = Vector {
    source: "",
    bytes: "",
    marker: false,
    payload_type: 0,
    sequence_number: 0,
    timestamp: 0,
    ssrc: 0,
    csrc: &[],
    extension: None,
    elements: &[],
    payload_size: 0,
    padding_size: 0,
};

/// What the packets of RFC 9335 appendix A.1 have in common.
const RFC_9335: Vector = Vector {
    payload_type: 15,
    timestamp: 0xdeca_fbad,
    ssrc: 0xcafe_babe,
    payload_size: 16,
    ..NONE
};

pub(crate) const VECTORS: &[Vector] = &[
    Vector {
        source: "RFC 9335 A.1.1",
        bytes: "900f1235 decafbad cafebabe bede0001 51000200 abababab abababab abababab abababab",
        sequence_number: 0x1235,
        extension: Some((0xbede, 1)),
        elements: &[(5, "0002")],
        ..RFC_9335
    },
    Vector {
        source: "RFC 9335 A.1.2",
        bytes: "900f1236 decafbad cafebabe 10000001 05020002 abababab abababab abababab abababab",
        sequence_number: 0x1236,
        extension: Some((0x1000, 1)),
        elements: &[(5, "0002")],
        ..RFC_9335
    },
    Vector {
        source: "RFC 9335 A.1.3",
        bytes: "920f1238 decafbad cafebabe 0001e240 0000b26e bede0001 51000200
                abababab abababab abababab abababab",
        sequence_number: 0x1238,
        csrc: &[0x0001_e240, 0x0000_b26e],
        extension: Some((0xbede, 1)),
        elements: &[(5, "0002")],
        ..RFC_9335
    },
    Vector {
        source: "RFC 9335 A.1.4",
        bytes: "920f1239 decafbad cafebabe 0001e240 0000b26e 10000001 05020002
                abababab abababab abababab abababab",
        sequence_number: 0x1239,
        csrc: &[0x0001_e240, 0x0000_b26e],
        extension: Some((0x1000, 1)),
        elements: &[(5, "0002")],
        ..RFC_9335
    },
    Vector {
        source: "RFC 9335 A.1.5",
        bytes: "920f123a decafbad cafebabe 0001e240 0000b26e bede0000 abababab abababab abababab abababab",
        sequence_number: 0x123a,
        csrc: &[0x0001_e240, 0x0000_b26e],
        extension: Some((0xbede, 0)),
        ..RFC_9335
    },
    Vector {
        source: "RFC 9335 A.1.6",
        bytes: "920f123b decafbad cafebabe 0001e240 0000b26e 10000000 abababab abababab abababab abababab",
        sequence_number: 0x123b,
        csrc: &[0x0001_e240, 0x0000_b26e],
        extension: Some((0x1000, 0)),
        ..RFC_9335
    },
    Vector {
        source: "RFC 9335 A.1.1, encrypted: what it carries is kept as it is",
        bytes: "900f1235 decafbad cafebabe c0de0001 eb923652 51c3e036 f8de27e9 c27ee3e0 b4651d9f bc4218a7
                0244522f 34a5",
        sequence_number: 0x1235,
        extension: Some((0xc0de, 1)),
        payload_size: 26,
        ..RFC_9335
    },
    Vector {
        source: "RFC 7714 section 16",
        bytes: "8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976 69736120 696e2070
                61727465 73207472 6573",
        payload_type: 64,
        sequence_number: 0xf17b,
        timestamp: 0x8041_f8d3,
        ssrc: 0x5501_a0b2,
        payload_size: 38,
        ..NONE
    },
    Vector {
        source: "gst-avp-pcmu-l16-csrc-level-bye.pcap frame 1 (GStreamer 1.22.0)",
        bytes: "91801c21c004fcb398c077169274fe92bede0001100400009e8f898686898e9cd21f100a0606090e1b44a2918a87
                86888d99bb26120b0706080d1835a9948b8786888c97af2c150c0706070c152caf978c8886878b94a935180d0806
                070b1226bb998d8886878a91a2441b0e0906060a101fd29c8e898686898f9eff1e0f090606090e1c529f908a8686
                898e9bc422110a0706080d193ba6928b8786888d98b529140b0706080c172fac958c8786878c95ac2f170c080607",
        marker: true,
        sequence_number: 7201,
        timestamp: 3_221_552_307,
        ssrc: 0x98c0_7716,
        csrc: &[0x9274_fe92],
        extension: Some((0xbede, 1)),
        elements: &[(1, "04")],
        payload_size: 160,
        ..NONE
    },
    Vector {
        source: "gst-vp8-opusred-exts-ipv6.pcap frame 108 (GStreamer 1.22.0)",
        bytes: "90e044c525d722e29e5efed9bede000411002d23686967685306060610000000808086e9ff2d5fe9fd478133a038
                735b59b8f71022f18e2583998bf080",
        marker: true,
        payload_type: 96,
        sequence_number: 17605,
        timestamp: 634_856_162,
        ssrc: 0x9e5e_fed9,
        extension: Some((0xbede, 4)),
        elements: &[(1, "002d"), (2, "68696768"), (5, "06060610")],
        payload_size: 29,
        ..NONE
    },
    Vector {
        source: "chromium-vp8-rtx-twcc.pcap frame 9 (Chromium 156), its payload cut to 12 bytes",
        bytes: "90e02a50b9f767ccb8e77f2dbede0008225f2f1731000440318306060610d0007c03000f00100010001f00000000
                00008080be8c34166682aaf610d1",
        marker: true,
        payload_type: 96,
        sequence_number: 10832,
        timestamp: 3_119_998_924,
        ssrc: 0xb8e7_7f2d,
        extension: Some((0xbede, 8)),
        elements: &[
            (2, "5f2f17"),
            (3, "0004"),
            (4, "31"),
            (8, "06060610"),
            (13, "00"),
            (7, "03000f00100010001f00000000"),
        ],
        payload_size: 12,
        ..NONE
    },
    Vector {
        source: "chromium-vp9-svc-dd.pcap frame 51 (Chromium 156), its payload cut to 16 bytes",
        bytes: "90621e455aa30bb7030f6340100000060203cfc600030200210401311108c300041a201008000000fdd398500287
                000000027e0167027f01",
        payload_type: 98,
        sequence_number: 7749,
        timestamp: 1_520_634_807,
        ssrc: 0x030f_6340,
        extension: Some((0x1000, 6)),
        elements: &[(2, "cfc600"), (3, "0021"), (4, "31"), (17, "c300041a20100800")],
        payload_size: 16,
        ..NONE
    },
    Vector {
        source: "chromium-ccfb.pcap frame 20 (Chromium 156): a packet of padding alone",
        bytes: "b0610c040000000043c4ddf0bede00024031223ed761000000000000000000000000000000000000000000000000
                00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000
                00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000
                00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000
                00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000
                00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000
                0000ff",
        payload_type: 97,
        sequence_number: 3076,
        ssrc: 0x43c4_ddf0,
        extension: Some((0xbede, 2)),
        elements: &[(4, "31"), (2, "3ed761")],
        padding_size: 255,
        ..NONE
    },
    Vector {
        source: "sipp-g711-dtmf.pcap frame 477 (SIPp 3.6.1)",
        bytes: "80e51f30000033e00e05384e010a0000",
        marker: true,
        payload_type: 101,
        sequence_number: 7984,
        timestamp: 13280,
        ssrc: 0x0e05_384e,
        payload_size: 4,
        ..NONE
    },
];
