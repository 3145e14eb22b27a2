#!/usr/bin/env python3
"""Makes made-messages.pcap: messages laid out by hand, of the kinds and at the edges that no program's traffic has.

    python3 testdata/made.py           write it beside this file
    python3 testdata/made.py --check   fail if what is there is not what would be written

One UDP datagram a row, in raw IPv4 packets a millisecond apart. Values are made up, or a published vector's.
"""

import struct
import sys

import derive

SSRC = "12345678"
SENDER, MEDIA, NO_MEDIA = "00000001", "00000002", "00000000"
COOKIE = "2112a442"
TRANSACTION = "000102030405060708090a0b"

RTP = [
    # fixed header, [CSRCs,] [header extension,] payload [and padding]
    ("every part", "b1 e4 0001 00000064" + SSRC + "0000000a bede0001 12010203 deadbeef 00000004"),
    ("a profile of nobody's", "90 00 0002 00000104" + SSRC + "1357 0001 00000001 0102030405060708"),
    ("one-byte, id 15 ends the list", "90 60 0003 00000000" + SSRC + "bede 0002 10aa 00 f0 20bb 0000 01"),
    ("one-byte, id 0 with a length", "90 60 0004 00000000" + SSRC + "bede 0002 10aa 02 bbbbbb 20cc 01"),
    ("one-byte, longer than the area", "90 60 0005 00000000" + SSRC + "bede 0001 10aa 2fbb 01"),
    ("one-byte, the same id twice", "90 60 0006 00000000" + SSRC + "bede 0001 10aa 10bb 01"),
    ("one-byte, no words", "90 60 0007 00000000" + SSRC + "bede 0000 01"),
    ("two-byte, appbits, an empty one", "90 60 0008 00000000" + SSRC + "1005 0002 0100 00 0203aabbcc 01"),
    ("two-byte, empty at the very end", "90 60 0009 00000000" + SSRC + "1000 0001 0000 0700 01"),
    ("15 CSRCs, no payload", "8f 60 000a 00000000" + SSRC + "".join(f"{n:08x}" for n in range(15))),
    ("nothing but padding", "a0 60 000b 00000000" + SSRC + "000003"),
    ("padding of 0", "a0 60 000c 00000000" + SSRC + "010000"),
    ("more padding than there is", "a0 60 000d 00000000" + SSRC + "0105"),
    ("padding bit, nothing after the header", "a0 60 000e 00000000" + SSRC),
    ("fewer CSRCs than counted", "83 60 000f 00000000" + SSRC + "0000000a"),
    ("an extension past the end", "90 60 0010 00000000" + SSRC + "bede 0002 10aa10bb"),
    ("too short", "80 60 0011 00000000 1234"),
    ("second byte 64: no RTCP", "80 40 0012 00000000" + SSRC + "01"),
    ("second byte 191: no RTCP", "80 bf 0013 00000000" + SSRC + "01"),
    ("second byte 224: no RTCP", "80 e0 0014 00000000" + SSRC + "01"),
]

REPORT_BLOCK = "00000000 00 ffffff 00000000 00000000 00000000 00000000"  # cumulative lost: -1

RTCP = [
    ("SR, and an RR with a profile's extension",
     "81c8 000c 5d931534 dd3ac170 4d614df8 00007d00 000000c8 00007d00" + REPORT_BLOCK
     + "80c9 0002 00000001 0a0b0c0d"),
    ("SDES with a text that is not UTF-8, BYE, APP",
     "81ca 0004 00000001 0103614062 0803 01 78 ff 0000 81cb 0002 00000001 03464f4f"
     "9fcc 0003 00000001 4e414d45 41424344"),
    ("SDES items 9 to 15 and an unknown one; empty ones; the second chunk's SSRC begins with a zero",
     "82ca 000d 00000001 090161 0a0162 0b0163 0c0164 0d0165 0e0166 0f0167 c80168 00000000"
     "00000002 0100 0600 0805 03616263 64 0700 000000"),
    ("BYE without a source, APP without data", "80cb 0000 80cc 0002 00000001 4e414d45"),
    ("NACK over the wrap, TMMBR, TMMBN without and with an entry",
     "81cd 0003" + SENDER + MEDIA + "ffff 0001"
     "83cd 0004" + SENDER + NO_MEDIA + "00000002 0a49f028"
     "84cd 0002" + SENDER + NO_MEDIA +
     "84cd 0004" + SENDER + NO_MEDIA + "00000002 fffffe00"),
    ("transport-cc: a negative reference time, the wrap, a negative delta, padding",
     "afcd 0006" + SENDER + MEDIA + "ffff 0003 ffffff 07 d200 04 fffc 000003"),
    ("transport-cc: all lost",
     "8fcd 0005" + SENDER + MEDIA + "0064 0009 000001 00 0009 0000"),
    ("transport-cc: no packet at all",
     "8fcd 0004" + SENDER + MEDIA + "0064 0000 000001 01"),
    ("transport-cc: a run of large deltas, symbols beyond the status count",
     "8fcd 0007" + SENDER + MEDIA + "0001 0004 800000 ff 4003 b800 8000 7fff 0000 08 00"),
    ("CCFB: three streams, the wrap, an odd number, R=0 with other bits, no reports",
     "8bcd 000b" + SENDER + "00000002 ffff 0003 9ffd 7fff fffe 0000 00000003 0005 0000"
     "00000004 0001 0002 9fff 8000 00000001"),
    ("CCFB with padding", "abcd 0006" + SENDER + "00000002 0001 0001 8001 0000 00000007 00000004"),
    ("PLI, SLI, RPSI, FIR",
     "81ce 0002" + SENDER + MEDIA +
     "82ce 0003" + SENDER + MEDIA + "12345678"
     "83ce 0003" + SENDER + MEDIA + "0c 60 f000"
     "84ce 0004" + SENDER + NO_MEDIA + "00000002 42 000000"),
    ("TSTR, TSTN, VBCM",
     "85ce 0004" + SENDER + NO_MEDIA + "00000002 01 000015"
     "86ce 0004" + SENDER + NO_MEDIA + "00000002 02 00001f"
     "87ce 0005" + SENDER + NO_MEDIA + "00000002 01 60 0003 010203 00"),
    ("REMB, and application layer feedback that is none",
     "8fce 0005" + SENDER + NO_MEDIA + "52454d42 01 1a20df 4874ed16"
     "8fce 0004" + SENDER + NO_MEDIA + "4c4e5446 3c7b6543"),
    ("a format and a packet type that nobody registered",
     "94ce 0003" + SENDER + MEDIA + "00010203 81dc 0002 00000005 00010203"),
    ("XR: loss RLE, reference time, DLRR, unknown",
     "80cf 000f 00000001 01 00 0004 00000002 0005 000c 4006 8765 0000 0000"
     "04 00 0002 00000001 00000002 05 00 0003 00000002 00000003 00000004 c8 07 0001 00000000"),
    ("XR: VoIP metrics",
     "80cf 000a 00000001 07 00 0008 00000002 01 00 00 00 0000 0000 0014 001e e2 ba 7f 10 5d 7f 2b 2a e0 00"
     "0028 0050 0078"),
    ("XR: statistics summary",
     "80cf 000b 00000001 06 a8 0009 00000002 0001 0009 00000001 00000000 00000001 00000004 00000002 00000001"
     "3c 40 3e 01"),
    ("padding on the last packet of a compound",
     "80c9 0001 00000001 a1ce 0003" + SENDER + MEDIA + "00000004"),
    ("padding of 0", "a0c9 0002 00000001 00000000"),
    ("an RR that counts a block which is not there", "80c9 0001 00000001 81c9 0001 00000001"),
    ("a length past the end", "80c9 0001 00000001 80c9 ffff 00000001"),
]

STUN = [
    ("RFC 5769 section 2.1",
     "0001 0058" + COOKIE + "b7e7a701bc34d686fa87dfae 8022 0010 5354554e207465737420636c69656e74 0024 0004 6e0001ff"
     "8029 0008 932ff9b151263b36 0006 0009 6576746a3a68367659 202020 0008 0014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2"
     "8028 0004 e57a3bcf"),
    ("RFC 5769 section 2.3",
     "0101 0048" + COOKIE + "b7e7a701bc34d686fa87dfae 8022 000b 7465737420766563746f72 20 0020 0014 0002 a147"
     "0113a9faa5d3f179bc25f4b5bed2b9d9 0008 0014 a382954e4be67bf11784c97c8292c275bfe3ed41 8028 0004 c8fb0b4c"),
    ("an error with all its parts, a PRIORITY of the wrong size, an unknown attribute",
     "0113 0048" + COOKIE + TRANSACTION + "0009 0010 0000 04 01 556e617574686f72697a6564 000a 0002 0020 0000"
     "0016 0008 0001 a147 e112a643 000d 0004 00000258 000c 0004 4000 0000 0024 0002 0001 0000 c0ff 0004 0001000a"),
    ("a wrong FINGERPRINT, and an attribute after it",
     "0001 0010" + COOKIE + TRANSACTION + "8028 0004 00000000 8022 0004 61626364"),
    ("USERHASH, PASSWORD-ALGORITHM, PASSWORD-ALGORITHMS, ALTERNATE-DOMAIN, a cut MESSAGE-INTEGRITY-SHA256",
     "0001 0058" + COOKIE + TRANSACTION + "001e 0020" + "ab" * 32 + "001d 0004 0002 0000"
     "8002 0008 0001 0000 0002 0000 8003 0007 6578616d706c65 00 001c 0010" + "cd" * 16),
    ("ADDITIONAL-ADDRESS-FAMILY, ADDRESS-ERROR-CODE, EVEN-PORT without R",
     "0103 001c" + COOKIE + TRANSACTION + "8000 0004 02 000000 8001 0008 02 00 04 28 6e6f2036 0018 0001 00 000000"),
    ("an error code of 700, an address of family 3",
     "0111 0014" + COOKIE + TRANSACTION + "0009 0004 0000 07 00 0001 0008 0003 0001 c0000201"),
    ("a text that is not UTF-8, in an indication of a method that nobody registered",
     "001d 0008" + COOKIE + TRANSACTION + "8022 0003 c32861 00"),
    ("bytes after the message", "0001 0000" + COOKIE + TRANSACTION + "ffff"),
    ("a length beyond the datagram", "0001 0010" + COOKIE + TRANSACTION + "8022 0004 61626364"),
    ("an attribute beyond the message", "0001 0008" + COOKIE + TRANSACTION + "8022 0008 61626364"),
    ("ChannelData with STUN inside", "4000 0014 0001 0000" + COOKIE + TRANSACTION),
    ("ChannelData with 3 bytes of padding", "4fff 0001 ff 000000"),
    ("4 bytes too many for ChannelData: of no protocol", "4000 0001 ff 00000000"),
    ("a Send indication with ChannelData in it",
     "0016 000c" + COOKIE + TRANSACTION + "0013 0008 4001 0004 01020304"),
]


def ipv4(payload):
    """An IPv4 and a UDP header before `payload`."""
    udp = struct.pack(">HHHH", 5004, 5006, 8 + len(payload), 0)
    size = 20 + len(udp) + len(payload)
    header = struct.pack(">BBHHHBBH", 0x45, 0, size, 0, 0x4000, 64, 17, 0) + bytes([192, 0, 2, 1, 192, 0, 2, 2])
    total = sum(struct.unpack(">10H", header))
    checksum = 0xFFFF - (total % 0xFFFF or 0xFFFF)
    return header[:10] + struct.pack(">H", checksum) + header[12:] + udp + payload


def made():
    start = 1_600_000_000 * 10**9
    records = []
    for index, (_, text) in enumerate(RTP + RTCP + STUN):
        records.append((start + index * 10**6, ipv4(bytes.fromhex(text)), 0))
    return derive.pcap("<", derive.LINKTYPE_RAW, records)


def main():
    path = derive.HERE / "made-messages.pcap"
    if sys.argv[1:] == ["--check"]:
        if not path.exists() or path.read_bytes() != made():
            sys.exit(f"{path.name}: not what made.py makes")
        print(f"{path.name}: as made")
    else:
        path.write_bytes(made())


if __name__ == "__main__":
    main()
