#!/usr/bin/env python3
"""Makes the derived-* captures: the packets of fmt-nano.pcap under link types and in file formats that no capture has.

    python3 testdata/derive.py           write them beside this file
    python3 testdata/derive.py --check   fail if what is there is not what would be written

The IP packets stay as they are, byte for byte; only what is around them changes. The same input gives the same files.
"""

import gzip
import io
import pathlib
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent

# Frames of fmt-nano.pcap: RTP over IPv4 and IPv6; STUN; RTCP SR, SDES, BYE; ChannelData.
FRAMES = [*range(1, 25), *range(144, 158), *range(179, 196), *range(202, 205), *range(222, 230)]

LINKTYPE_NULL, LINKTYPE_ETHERNET, LINKTYPE_RAW, LINKTYPE_LOOP, LINKTYPE_IPV4, LINKTYPE_IPV6 = 0, 1, 101, 108, 228, 229
AF_INET = 2
# Every BSD has its own number for IPv6.
AF_INET6_OPENBSD, AF_INET6_FREEBSD, AF_INET6_DARWIN = 24, 28, 30


class Packet:
    def __init__(self, nanoseconds, frame):
        self.nanoseconds = nanoseconds
        self.addresses = frame[:12]
        self.ethertype = frame[12:14]
        self.ip = frame[14:]
        self.is_ipv6 = self.ethertype == b"\x86\xdd"


def read_source():
    """The chosen packets of fmt-nano.pcap, a little-endian Ethernet capture with nanoseconds."""
    data = (HERE / "fmt-nano.pcap").read_bytes()
    assert struct.unpack_from("<I", data)[0] == 0xA1B23C4D
    packets, at = [], 24
    while at < len(data):
        seconds, nanoseconds, captured, _ = struct.unpack_from("<IIII", data, at)
        packets.append(Packet(seconds * 10**9 + nanoseconds, data[at + 16:at + 16 + captured]))
        at += 16 + captured
    return [packets[number - 1] for number in FRAMES]


def pcap(order, link_type, records):
    """A pcap file with microseconds. A record is nanoseconds, bytes, and how many more bytes there were on the wire."""
    file = struct.pack(order + "IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link_type)
    for nanoseconds, frame, cut in records:
        seconds, rest = divmod(nanoseconds, 10**9)
        file += struct.pack(order + "IIII", seconds, rest // 1000, len(frame), len(frame) + cut) + frame
    return file


def whole(packets, head):
    """Records of each IP packet behind what `head` puts before it."""
    return [(packet.nanoseconds, head(packet) + packet.ip, 0) for packet in packets]


def ethernet(packet):
    return packet.addresses + packet.ethertype


def bare(packet):
    return b""


def family(order, ipv6):
    """The 4 bytes before each packet of LINKTYPE_NULL and LINKTYPE_LOOP."""
    return lambda packet: struct.pack(order + "I", ipv6 if packet.is_ipv6 else AF_INET)


def two_tags(packets):
    """An outer and an inner VLAN tag; the outer one by turns of 802.1ad and, as older switches have it, of 802.1Q."""
    records = []
    for index, packet in enumerate(packets):
        outer = struct.pack(">HH", 0x8100 if index % 2 else 0x88A8, 0x2000 | 200)
        inner = struct.pack(">HH", 0x8100, 0x6000 | 100)
        frame = packet.addresses + outer + inner + packet.ethertype + packet.ip
        records.append((packet.nanoseconds, frame, 0))
    return records


def trailers(packets):
    """Ten bytes after the IP packet, as a switch may pad; in every second frame six of them cut off by the capture."""
    records = []
    for index, packet in enumerate(packets):
        frame = ethernet(packet) + packet.ip + b"\x55" * 10
        cut = 6 if index % 2 else 0
        records.append((packet.nanoseconds, frame[:len(frame) - cut], cut))
    return records


def pcapng(packets):
    """A big-endian pcapng file: two interfaces with their own resolution of time, and a last packet without a time."""

    def block(kind, body):
        body += bytes(-len(body) % 4)
        return struct.pack(">II", kind, len(body) + 12) + body + struct.pack(">I", len(body) + 12)

    def option(code, data):
        return struct.pack(">HH", code, len(data)) + data + bytes(-len(data) % 4)

    end = option(0, b"")
    resolution = option(9, bytes([9])) + end  # if_tsresol: 10^-9 s; without it 10^-6 s
    file = block(0x0A0D0D0A, struct.pack(">IHHq", 0x1A2B3C4D, 1, 0, -1))
    file += block(1, struct.pack(">HHI", LINKTYPE_ETHERNET, 0, 0) + resolution)
    file += block(1, struct.pack(">HHI", LINKTYPE_RAW, 0, 0))
    for index, packet in enumerate(packets):
        on_raw = index % 2
        frame = packet.ip if on_raw else ethernet(packet) + packet.ip
        time = packet.nanoseconds // 1000 if on_raw else packet.nanoseconds
        head = struct.pack(">IIIII", on_raw, time >> 32, time & 0xFFFFFFFF, len(frame), len(frame))
        file += block(6, head + frame + bytes(-len(frame) % 4) + end)
    last = ethernet(packets[0]) + packets[0].ip
    return file + block(3, struct.pack(">I", len(last)) + last)  # a Simple Packet Block


def compress(data):
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0) as file:
        file.write(data)
    return buffer.getvalue()


def derived():
    packets = read_source()
    return {
        "derived-null-le.pcap": pcap("<", LINKTYPE_NULL, whole(packets, family("<", AF_INET6_DARWIN))),
        "derived-null-be.pcap": pcap(">", LINKTYPE_NULL, whole(packets, family(">", AF_INET6_FREEBSD))),
        "derived-null-swapped.pcap": pcap("<", LINKTYPE_NULL, whole(packets, family(">", AF_INET6_OPENBSD))),
        "derived-loop.pcap": pcap("<", LINKTYPE_LOOP, whole(packets, family(">", AF_INET6_OPENBSD))),
        "derived-raw.pcap": pcap("<", LINKTYPE_RAW, whole(packets, bare)),
        "derived-ipv4.pcap": pcap("<", LINKTYPE_IPV4, whole([p for p in packets if not p.is_ipv6], bare)),
        "derived-ipv6.pcap": pcap("<", LINKTYPE_IPV6, whole([p for p in packets if p.is_ipv6], bare)),
        "derived-qinq.pcap": pcap("<", LINKTYPE_ETHERNET, two_tags(packets)),
        "derived-trailers.pcap": pcap("<", LINKTYPE_ETHERNET, trailers(packets)),
        "derived-big-endian.pcap": pcap(">", LINKTYPE_ETHERNET, whole(packets, ethernet)),
        "derived-big-endian-ng.pcapng": pcapng(packets),
        "derived-gzip.pcap.gz": compress(pcap("<", LINKTYPE_ETHERNET, whole(packets, ethernet))),
    }


def same(name, data):
    """Whether the file holds `data`; a gzip file by its content, as zlib's versions differ in how they compress."""
    if not (HERE / name).exists():
        return False
    there = (HERE / name).read_bytes()
    return gzip.decompress(there) == gzip.decompress(data) if name.endswith(".gz") else there == data


def main():
    files = derived()
    if sys.argv[1:] == ["--check"]:
        wrong = [name for name, data in files.items() if not same(name, data)]
        print("\n".join(f"{name}: not what derive.py makes" for name in wrong) or f"{len(files)} files: as made")
        sys.exit(1 if wrong else 0)
    for name, data in files.items():
        (HERE / name).write_bytes(data)


if __name__ == "__main__":
    main()
