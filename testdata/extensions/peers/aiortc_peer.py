#!/usr/bin/env python3
"""Reads lines as elements.py prints them with aiortc (PyPI, 1.16.0), and prints what it makes of them."""
import json
import sys

from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import HeaderExtensionsMap, pack_header_extensions

URIS = {
    'mid': ('urn:ietf:params:rtp-hdrext:sdes:mid', lambda v: {'text': v.mid}),
    'rid': ('urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id', lambda v: {'text': v.rtp_stream_id}),
    'rrid': ('urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id', lambda v: {'text': v.repaired_rtp_stream_id}),
    'abs-send-time': ('http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time', lambda v: {'abs_send_time': v.abs_send_time}),
    'audio-level': ('urn:ietf:params:rtp-hdrext:ssrc-audio-level', lambda v: {'v': v.audio_level[0], 'level': v.audio_level[1]}),
    'transport-wide-cc': ('http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
                          lambda v: {'transport_seq': v.transport_sequence_number}),
}
for line in sys.stdin:
    name, data = line.split()
    if name in URIS:
        uri, fields = URIS[name]
        table = HeaderExtensionsMap()
        table.configure(RTCRtpParameters(headerExtensions=[RTCRtpHeaderExtensionParameters(id=1, uri=uri)]))
        values = table.get(*pack_header_extensions([(1, bytes.fromhex(data))]))
        print(name, data, 'aiortc', json.dumps(fields(values), separators=(',', ':')), sep='\t')
