#!/usr/bin/env python3
"""A second reading of what no program at hand reads: written from the documents alone, apart from the library.

    reference.py < elements    color-space, corruption-detection and ntp-64 of lines as elements.py prints them
    reference.py --dd < ...    dependency descriptors: AV1 RTP specification, appendix A.8.2, step by step

Prints name, data (of descriptors capture/frame), "reference", and the fields as JSON."""
import json
import sys


class Bits:
    def __init__(self, data):
        self.bits = ''.join(f'{byte:08b}' for byte in data)
        self.at = 0

    def f(self, n):
        if self.at + n > len(self.bits):
            raise EOFError
        self.at += n
        return int(self.bits[self.at - n:self.at] or '0', 2)

    def ns(self, n):
        w, x = 0, n
        while x:
            x >>= 1
            w += 1
        m = (1 << w) - n
        v = self.f(w - 1)
        return v if v < m else (v << 1) - m + self.f(1)


def template_structure(b):
    s = {'template_id_offset': b.f(6), 'decode_targets': b.f(5) + 1}
    templates, spatial, temporal = [], 0, 0
    while True:
        templates.append({'spatial_id': spatial, 'temporal_id': temporal})
        step = b.f(2)
        if step == 3:
            break
        if step == 1:
            temporal += 1
        elif step == 2:
            spatial, temporal = spatial + 1, 0
    for t in templates:
        t['dtis'] = ''.join('-DSR'[b.f(2)] for _ in range(s['decode_targets']))
    for t in templates:
        t['fdiffs'] = []
        while b.f(1):
            t['fdiffs'].append(b.f(4) + 1)
    s['chains'] = b.ns(s['decode_targets'] + 1)
    s['protected_by'] = [b.ns(s['chains']) for _ in range(s['decode_targets'])] if s['chains'] else []
    for t in templates:
        t['chain_fdiffs'] = [b.f(4) for _ in range(s['chains'])]
    s['templates'] = templates
    s['resolutions'] = [[b.f(16) + 1, b.f(16) + 1] for _ in range(spatial + 1)] if b.f(1) else []
    return s


def dependency_descriptor(data, kept):
    b = Bits(data)
    d = {'start_of_frame': bool(b.f(1)), 'end_of_frame': bool(b.f(1)), 'template_id': b.f(6), 'frame_number': b.f(16)}
    flags = dict.fromkeys(['structure_present', 'active_targets_present', 'custom_dtis', 'custom_fdiffs', 'custom_chains'], False)
    active = None
    if len(data) > 3:
        flags = {name: bool(b.f(1)) for name in flags}
        d.update(flags)
        if flags['structure_present']:
            kept['structure'] = d['structure'] = template_structure(b)
            active = (1 << kept['structure']['decode_targets']) - 1
    s = kept.get('structure')
    if s is None:
        return None
    if flags['active_targets_present']:
        active = b.f(s['decode_targets'])
    index = (d['template_id'] + 64 - s['template_id_offset']) % 64
    if index >= len(s['templates']):
        return None
    t = s['templates'][index]
    d['spatial_id'], d['temporal_id'] = t['spatial_id'], t['temporal_id']
    d['dtis'] = ''.join('-DSR'[b.f(2)] for _ in range(s['decode_targets'])) if flags['custom_dtis'] else t['dtis']
    d['fdiffs'] = t['fdiffs']
    if flags['custom_fdiffs']:
        d['fdiffs'] = []
        while size := b.f(2):
            d['fdiffs'].append(b.f(4 * size) + 1)
    d['chain_fdiffs'] = [b.f(8) for _ in range(s['chains'])] if flags['custom_chains'] else t['chain_fdiffs']
    if active is not None:
        d['active_decode_targets'] = active
    if s['resolutions']:
        d['width'], d['height'] = s['resolutions'][t['spatial_id']]
    return d


def color_space(data):
    value = dict(zip(('primaries', 'transfer', 'matrix'), data))
    return value | {'range': data[3] >> 4, 'horizontal': data[3] >> 2 & 3, 'vertical': data[3] & 3}


def corruption_detection(data):
    value = {'b': data[0] >= 128, 'seq_index': data[0] % 128}
    if data[1:]:
        value |= {'std_dev': data[1], 'luma_error': data[2] // 16, 'chroma_error': data[2] % 16, 'samples': list(data[3:])}
    return value


def ntp_64(data):
    return {'ntp_sec': int.from_bytes(data[:4], 'big'), 'ntp_frac': int.from_bytes(data[4:], 'big')}


def show(*columns):
    print(*columns[:2], 'reference', json.dumps(columns[2], separators=(',', ':')), sep='\t')


if '--dd' in sys.argv:
    streams = {}
    for line in sys.stdin:
        place, stream, data = line.split()
        show('dependency-descriptor', place, dependency_descriptor(bytes.fromhex(data), streams.setdefault(stream, {})))
else:
    readers = {'color-space': color_space, 'corruption-detection': corruption_detection, 'ntp-64': ntp_64}
    for line in sys.stdin:
        name, data = line.split()
        if name in readers:
            show(name, data, readers[name](bytes.fromhex(data)))
