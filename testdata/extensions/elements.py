#!/usr/bin/env python3
"""Lists the header extension elements of the captures in testdata, one distinct value a line:

    elements.py            name, tab, data in hex: every element but dependency descriptors
    elements.py --count    how many there are of each name
    elements.py --dd       capture/frame, tab, stream, tab, data: dependency descriptors, stream by stream in their order

tshark gives the UDP payloads; the rest is RFC 3550 section 5 and RFC 8285 section 4. The names are the last parts of the URIs that
the .sdp.json beside a capture, or MANIFEST.md, binds to the identifiers."""
import collections
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent.parent
# What MANIFEST.md says of the captures without an .sdp.json.
GSTREAMER = {
    'gst-vp8-opusred-exts-ipv6': {1: 'transport-wide-cc', 2: 'rid', 5: 'color-space'},
    'gst-avp-pcmu-l16-csrc-level-bye': {1: 'audio-level'},
    'gst-avpf-h264-opus-nack-rtx': {1: 'transport-wide-cc', 2: 'mid', 3: 'ntp-64'},
}
NAMES = {
    'ssrc-audio-level': 'audio-level', 'draft-holmer-rmcat-transport-wide-cc-extensions-01': 'transport-wide-cc',
    'rtp-stream-id': 'rid', 'repaired-rtp-stream-id': 'rrid', 'video-layers-allocation00': 'video-layers-allocation',
    '#dependency-descriptor-rtp-header-extension': 'dependency-descriptor',
}
CAPTURES = sorted(GSTREAMER) + ['aiortc-dtls-srtp'] + sorted(
    path.name.removesuffix('.sdp.json') for path in HERE.glob('chromium-*.sdp.json'))


def names(capture):
    if capture in GSTREAMER:
        return GSTREAMER[capture]
    table = {}
    for section in json.load(open(HERE / f'{capture}.sdp.json'))['media_as_offered']:
        for number, uri in section.get('extmap', {}).items():
            last = uri.split()[-1].split('/')[-1].split(':')[-1]
            table[int(number)] = NAMES.get(last, last)
    return table


def packets(capture):
    """Frame and bytes of each RTP packet that lies in UDP by itself."""
    command = ['tshark', '-r', str(HERE / f'{capture}.pcap'), '-Y', 'udp', '-T', 'fields', '-e', 'frame.number', '-e', 'udp.payload']
    for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
        frame, _, payload = line.partition('\t')
        data = bytes.fromhex(payload.split(',')[0])
        if len(data) >= 12 and data[0] >> 6 == 2 and not 192 <= data[1] <= 223:
            yield int(frame), data


def elements(data):
    """Identifier and data of each element."""
    at = 12 + 4 * (data[0] & 15)
    if not data[0] & 16:
        return
    profile, words = data[at:at + 2].hex(), int.from_bytes(data[at + 2:at + 4], 'big')
    area = data[at + 4:at + 4 + 4 * words]
    while area:
        if area[0] == 0:
            area = area[1:]
            continue
        if profile == 'bede':
            number, size, head = area[0] >> 4, (area[0] & 15) + 1, 1
        else:
            number, size, head = area[0], area[1], 2
        yield number, area[head:head + size]
        area = area[head + size:]


if __name__ == '__main__':
    seen, streams, counts = set(), {}, collections.Counter()
    for capture in CAPTURES:
        table = names(capture)
        for frame, data in packets(capture):
            for number, value in elements(data):
                name = table[number]
                counts[name] += 1
                if name == 'dependency-descriptor':
                    stream = f'{capture}/{data[8:12].hex()}'
                    streams.setdefault(stream, []).append((f'{capture}/{frame}', value))
                else:
                    seen.add((name, value))
    if '--count' in sys.argv:
        print(dict(sorted(counts.items())), sum(counts.values()))
    elif '--dd' in sys.argv:
        for stream, values in streams.items():
            for place, value in values:
                print(place, stream, value.hex(), sep='\t')
    else:
        for name, value in sorted(seen):
            print(name, value.hex(), sep='\t')
