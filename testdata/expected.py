#!/usr/bin/env python3
"""Expected decodings: what tshark reads in a capture, in the shape of `mediawire inspect --json --rtp always`.

    python3 testdata/expected.py testdata/X.pcap     print the JSON Lines of one capture
    python3 testdata/expected.py --all               write testdata/expected/NAME.jsonl.gz for every capture
    python3 testdata/expected.py --check             make all of them again and compare with what is stored
    python3 testdata/expected.py --tcp testdata/X.pcap    the messages of its TCP streams, as `--tcp` adds them

`--all` and `--check` take in testdata/expected/NAME.tcp.jsonl.gz, the messages of the TCP streams, for the captures in STREAMS.

It needs tshark; the stored files were made with 4.0.17, another version may read more or less. No byte of a
message is interpreted here, but for the first two (which protocol is this?): every value is one that tshark shows.
Where tshark shows nothing, the field is left out; where it is wrong, its value stands here. Both are listed in
differences.csv. The one exception are the bodies of CCFB, which tshark 4.0 does not know: see ccfb_reference.py.

How tshark is made to read everything: the UDP payloads are taken out of the capture, sorted by protocol, and given
to tshark again as the packets of a temporary capture whose link type is the protocol itself. So no port, no heuristic
and no earlier packet decides how a datagram is read, and tshark's positions are offsets in the datagram. Messages
inside ChannelData and DATA attributes go round once more.
"""

import argparse
import collections
import datetime
import gzip
import io
import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

import ccfb_reference

HERE = pathlib.Path(__file__).resolve().parent
EXPECTED = HERE / "expected"

# What follows the first 8 bytes of an RTCP packet in these captures is ciphertext.
ENCRYPTED = {"aiortc-dtls-srtp.pcap", "chromium-dtls-srtp-datachannel.pcap"}

# The captures whose TCP streams are read.
STREAMS = {"coturn-turn-tcp.pcap", "ffmpeg-rtsp-tcp-interleaved.pcap"}

# The dissector that reads each kind of message.
DISSECTORS = {"rtp": "rtp", "rtcp": "rtcp", "stun": "stun-udp", "channel_data": "stun-udp"}

LINKTYPE_USER0 = 147


class NotShown(Exception):
    """A field that tshark does not show."""


class Message:
    """One datagram, or a message inside another one, on its way through tshark."""

    def __init__(self, envelope, kind, offset, data, via):
        self.envelope = envelope  # frame, time, transport, src, dst, snapped
        self.kind = kind
        self.offset = offset
        self.data = data
        self.via = via
        self.objects = []  # what it is decoded to
        self.children = []  # the messages inside it, shown after it

    def add(self, fields, offset=None, size=None, kind=None):
        """Adds an object; `offset` counts from the front of this message."""
        item = dict(self.envelope, offset=self.offset + (offset or 0))
        if size is not None:
            item["size"] = size
        item["kind"] = kind or self.kind
        if self.via:
            item["via"] = self.via
        item.update(fields)
        self.objects.append(item)

    def add_malformed(self, offset, size):
        data = self.data[offset:offset + size]
        self.add({"protocol": self.kind, "data": data.hex()}, offset, size, "malformed")

    def nest(self, offset, data, via):
        """Adds what lies inside this message, if it is of a protocol that we know."""
        kind = protocol(data)
        if kind:
            self.children.append(Message(self.envelope, kind, self.offset + offset, data, self.via + [via]))

    def all_objects(self):
        yield from self.objects
        for child in self.children:
            yield from child.all_objects()


def protocol(data):
    """The kind of a datagram by its first two bytes (RFC 7983, RFC 5761), or None."""
    if len(data) < 2:
        return None
    if data[0] <= 3 and data[4:8] == bytes.fromhex("2112a442"):
        return "stun"
    if 64 <= data[0] <= 79 and len(data) >= 4:
        length = int.from_bytes(data[2:4], "big")
        return "channel_data" if 0 <= len(data) - 4 - length <= 3 else None
    if 128 <= data[0] <= 191:
        return "rtcp" if 192 <= data[1] <= 223 else "rtp"
    return None


# ---- tshark ----


def run_tshark(arguments, config):
    """tshark's standard output. `config` is an empty folder, so that no setting of the user's counts."""
    environment = dict(os.environ, WIRESHARK_CONFIG_DIR=config, TZ="UTC", LC_ALL="C.UTF-8")
    command = ["tshark", "-n", *arguments]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    # A capture that ends in the middle of a packet is one of our captures, and no failure.
    if done.returncode and b"cut short in the middle of a packet" not in done.stderr:
        raise SystemExit(f"{' '.join(command)}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def read_datagrams(capture, config):
    """The UDP datagrams that the capture holds whole, as Messages of the kinds we know."""
    columns = ["frame.number", "frame.time_epoch", "frame.len", "frame.cap_len", "ip.src", "ip.dst", "ipv6.src",
               "ipv6.dst", "udp.srcport", "udp.dstport", "udp.length", "udp.payload"]
    arguments = ["-r", str(capture), "-o", "ip.defragment:FALSE", "-d", "udp.port==1-65535,data",
                 # no fragments, and nothing that an ICMP error quotes
                 "-Y", "udp && !icmp && !icmpv6 && !(ip.flags.mf == 1) && !(ip.frag_offset > 0) && !ipv6.fraghdr",
                 "-T", "fields", "-E", "separator=/t", "-E", "occurrence=f"]
    for column in columns:
        arguments += ["-e", column]
    messages = []
    for line in run_tshark(arguments, config).decode().splitlines():
        row = dict(zip(columns, line.split("\t")))
        data = bytes.fromhex(row["udp.payload"])
        if len(data) < int(row["udp.length"]) - 8:  # cut by the snap length
            continue
        envelope = {
            "frame": int(row["frame.number"]),
            **timestamp(row["frame.time_epoch"]),
            "transport": "udp",
            "src": {"address": row["ip.src"] or row["ipv6.src"], "port": int(row["udp.srcport"])},
            "dst": {"address": row["ip.dst"] or row["ipv6.dst"], "port": int(row["udp.dstport"])},
        }
        if int(row["frame.cap_len"]) < int(row["frame.len"]):
            envelope["snapped"] = True
        kind = protocol(data)
        if kind:
            messages.append(Message(envelope, kind, 0, data, []))
    return messages


def read_streams(capture, config):
    """The messages that tshark finds in the TCP streams, as Messages: it puts the segments together, and says where in a
    frame a message lies. Only of messages that lie in one segment; tshark's RTSP messages, which may not, are not ours."""
    arguments = ["-r", str(capture), "-o", "tcp.relative_sequence_numbers:TRUE", "-Y", "tcp.len > 0", "-T", "pdml"]
    messages = []
    for packet in ElementTree.fromstring(run_tshark(arguments, config)).iter("packet"):
        layers = {layer.get("name"): layer for layer in packet}
        frame, ip, tcp = layers["frame"], layers.get("ip", layers.get("ipv6")), layers["tcp"]
        payload = raw(find(tcp, "tcp.payload"))
        start = place(tcp) + int(tcp.get("size"))  # of the payload in the frame
        first = value(tcp, "tcp.seq") - 1  # of the payload in the stream: tshark counts the SYN
        envelope = {
            "frame": value(frame, "frame.number"),
            **timestamp(find(frame, "frame.time_epoch").get("show")),
            "transport": "tcp",
            "src": {"address": find(ip, ip.get("name") + ".src").get("show"), "port": value(tcp, "tcp.srcport")},
            "dst": {"address": find(ip, ip.get("name") + ".dst").get("show"), "port": value(tcp, "tcp.dstport")},
        }
        for layer in packet:
            at = place(layer) - start if layer.get("pos") else 0
            if layer.get("name") == "stun":
                is_channel = find(layer, "stun.channel") is not None
                size = value(layer, "stun.length") + (4 if is_channel else 20)
                kind = "channel_data" if is_channel else "stun"
            elif layer.get("name") == "rtsp" and find(layer, "rtsp.magic") is not None:
                at, size = at + 4, value(layer, "rtsp.length")
                kind = protocol(payload[at:at + size])
            else:
                continue
            if at + size > len(payload) or find(tcp, "tcp.segments") is not None:
                raise SystemExit(f"frame {envelope['frame']}: a message in several segments")
            if kind:
                messages.append(Message(envelope, kind, first + at, payload[at:at + size], []))
    return messages


def timestamp(epoch):
    """The time as RFC 3339 has it, from tshark's seconds and nanoseconds; nothing for a packet without a time."""
    if not epoch:
        return {}
    seconds, _, fraction = epoch.partition(".")
    moment = datetime.datetime.fromtimestamp(int(seconds), datetime.timezone.utc)
    return {"time": f"{moment:%Y-%m-%dT%H:%M:%S}.{fraction:0<9}Z"}


def dissect(kind, messages, config):
    """For each message the list of what tshark shows of it: elements of its PDML."""
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, LINKTYPE_USER0))
        for message in messages:
            file.write(struct.pack("<IIII", 0, 0, len(message.data), len(message.data)) + message.data)
        file.flush()
        link_type = f'uat:user_dlts:"User 0 (DLT=147)","{DISSECTORS[kind]}","0","","0",""'
        # RTP payloads are not our concern, and their dissectors would only add noise.
        arguments = ["-r", file.name, "-o", link_type, "-d", "rtp.pt==0-127,data", "-T", "pdml"]
        pdml = run_tshark(arguments, config)
    packets = [list(packet) for packet in ElementTree.fromstring(pdml).iter("packet")]
    if len(packets) != len(messages):
        raise SystemExit(f"{len(messages)} {kind} messages became {len(packets)} packets")
    return packets


def number(element):
    return int(element.get("show"), 0)


def raw(element):
    """The bytes that the element stands on. Only for fields of whole bytes."""
    return bytes.fromhex(element.get("value") or "")


def place(element):
    return int(element.get("pos"))


def find(element, name):
    """The first field of that name, at any depth, or None."""
    return next((field for field in element.iter("field") if field.get("name") == name), None)


def value(element, name):
    """The number in the first field of that name."""
    field = find(element, name)
    if field is None:
        raise NotShown(f"tshark shows no {name}: {ElementTree.tostring(element).decode()[:2000]}")
    return number(field)


def titled(element, title):
    """The direct children without a name whose text begins with `title`: tshark's groups."""
    return [child for child in element if not child.get("name") and child.get("show", "").startswith(title)]


def text(name, data):
    """A text field: as a string if it is UTF-8, else as hex under another name."""
    try:
        return {name: data.decode()}
    except UnicodeDecodeError:
        return {name + "_hex": data.hex()}


# ---- RTP ----


def read_rtp(message, layers):
    size = len(message.data)
    if any(layer.get("name") == "_ws.malformed" for layer in layers):
        message.add_malformed(0, size)
        return
    (rtp,) = [layer for layer in layers if layer.get("name") == "rtp"]
    fields = {
        "version": value(rtp, "rtp.version"),
        "padding": value(rtp, "rtp.padding") == 1,
        "extension": value(rtp, "rtp.ext") == 1,
        "csrc_count": value(rtp, "rtp.cc"),
        "marker": value(rtp, "rtp.marker") == 1,
        "payload_type": value(rtp, "rtp.p_type"),
        "sequence_number": value(rtp, "rtp.seq"),
        "timestamp": value(rtp, "rtp.timestamp"),
        "ssrc": value(rtp, "rtp.ssrc"),
        "csrc": [number(item) for item in rtp.iter("field") if item.get("name") == "rtp.csrc.item"],
    }
    end = 12 + 4 * fields["csrc_count"]
    if fields["extension"]:
        fields.update(header_extension(rtp))
        end += 4 + 4 * fields["extension_length"]
    if end > size:  # tshark takes a shorter extension than the one that is announced (RFC 3550 section 5.3.1)
        message.add_malformed(0, size)
        return
    fields["padding_size"] = 0
    if fields["padding"]:
        count = find(rtp, "rtp.padding.count")
        fields["padding_size"] = number(count) if count is not None else 0
        if not 1 <= fields["padding_size"] <= size - end:
            # RFC 3550 section 5.1: the count includes itself, and cannot be more than what there is.
            message.add_malformed(0, size)
            return
    payload = find(rtp, "rtp.payload")
    fields["payload_size"] = int(payload.get("size")) if payload is not None else 0
    if end + fields["payload_size"] + fields["padding_size"] != size:
        raise SystemExit(f"frame {message.envelope['frame']}: tshark's parts of the RTP packet do not add up")
    message.add(fields, size=size)


def header_extension(rtp):
    fields = {
        "extension_profile": value(rtp, "rtp.ext.profile"),
        "extension_length": value(rtp, "rtp.ext.len"),
    }
    area = find(rtp, "rtp.hdr_exts")
    groups = [] if area is None else [group for group in area if group.get("name") != "rtp.padding.data"]
    if fields["extension_profile"] == 0xBEDE or 0x1000 <= fields["extension_profile"] <= 0x100F:
        fields["extension_elements"] = []
        for group in groups:
            data = find(group, "rtp.ext.rfc5285.data")
            item = {"id": value(group, "rtp.ext.rfc5285.id"), "data": "" if data is None else raw(data).hex()}
            fields["extension_elements"].append(item)
    else:
        fields["extension_data"] = b"".join(raw(word) for word in groups).hex()
    return fields


# ---- RTCP ----

PACKET_TYPES = {200: "sr", 201: "rr", 202: "sdes", 203: "bye", 204: "app", 207: "xr"}
TRANSPORT_FORMATS = {1: "nack", 3: "tmmbr", 4: "tmmbn", 5: "sr_req", 11: "ccfb", 15: "transport_cc"}
PAYLOAD_FORMATS = {1: "pli", 2: "sli", 3: "rpsi", 4: "fir", 5: "tstr", 6: "tstn", 7: "vbcm"}


def read_rtcp(message, layers):
    packets = [layer for layer in layers if layer.get("name") == "rtcp"]
    broken = any(layer.get("name") == "_ws.malformed" for layer in layers)
    end = 0  # of what has been read
    for packet in packets:
        length = find(packet, "rtcp.length")
        size = 4 * (number(length) + 1) if length is not None else 0
        if size == 0 or end + size > len(message.data):
            break
        gave_up = broken and packet is packets[-1]
        fields = packet_header(packet)
        if gave_up and impossible(fields, message.data[end:end + size]):
            message.add_malformed(end, size)
        else:
            read_body(fields, packet, gave_up)
            message.add(fields, end, size)
        end += size
    if end < len(message.data):
        read_rest(message, end, broken)


def read_rest(message, end, broken):
    """What tshark leaves unread of a compound."""
    rest = message.data[end:]
    size = 4 * (int.from_bytes(rest[2:4], "big") + 1)
    if len(rest) < 4 or size > len(rest):
        # No packet, and its length field does not tell where to go on either (RFC 3550 section 6.4.1).
        message.add_malformed(end, len(rest))
        return
    if not broken:
        if protocol(rest) != "rtcp":
            raise SystemExit(f"frame {message.envelope['frame']}: neither RTCP nor the end at byte {end}")
        message.add({}, end)  # a packet type that tshark does not know: it reads nothing of it, nor of what follows
        end += size
    if end < len(message.data):
        message.children.append(
            Message(message.envelope, "rtcp", message.offset + end, message.data[end:], message.via))


def impossible(fields, data):
    """Whether tshark gave up on a packet with reason. It also does on some that are right."""
    if fields["padding"] and not 1 <= data[-1] <= len(data) - 4:
        return True  # RFC 3550 section 6.4.1: the padding's count includes itself
    blocks = {"sr": 28, "rr": 8}
    return fields["type"] in blocks and blocks[fields["type"]] + 24 * fields["count"] > len(data)


def read_srtcp(message, layers):
    """Only the first 8 bytes of an SRTCP packet are in the clear. See the manifest for how these objects compare."""
    packet = next(layer for layer in layers if layer.get("name") == "rtcp")
    fields = {
        "version": value(packet, "rtcp.version"),
        "padding": value(packet, "rtcp.padding") == 1,
        "packet_type": value(packet, "rtcp.pt"),
        "length": value(packet, "rtcp.length"),
        "ssrc": value(packet, "rtcp.senderssrc"),
        "first_bytes": message.data[:8].hex(),
    }
    message.add(fields, kind="srtcp")


def packet_header(packet):
    packet_type = value(packet, "rtcp.pt")
    fields = {
        "version": value(packet, "rtcp.version"),
        "padding": value(packet, "rtcp.padding") == 1,
        "packet_type": packet_type,
        "length": value(packet, "rtcp.length"),
    }
    if padding_size(packet) is not None:
        fields["padding_size"] = padding_size(packet)
    if packet_type in (200, 201):
        fields["count"] = value(packet, "rtcp.rc")
    elif packet_type in (202, 203):
        fields["count"] = value(packet, "rtcp.sc")
    elif packet_type == 204:
        fields["subtype"] = value(packet, "rtcp.app.subtype")
    elif packet_type == 205:
        fields["fmt"] = value(packet, "rtcp.rtpfb.fmt")
    elif packet_type == 206:
        fields["fmt"] = value(packet, "rtcp.psfb.fmt")
    if packet_type == 205:
        fields["type"] = TRANSPORT_FORMATS.get(fields["fmt"], "other")
    elif packet_type == 206 and fields["fmt"] == 15:
        fields["type"] = "remb" if find(packet, "rtcp.psfb.remb.identifier") is not None else "afb"
    elif packet_type == 206:
        fields["type"] = PAYLOAD_FORMATS.get(fields["fmt"], "other")
    else:
        fields["type"] = PACKET_TYPES[packet_type]
    return fields


def padding_size(packet):
    """The count of padding bytes; None where tshark does not show it."""
    if value(packet, "rtcp.padding") == 0:
        return 0
    # In transport-cc, tshark calls all that is left after the last delta the padding of the deltas.
    for name in ("rtcp.padding.count", "rtcp.rtpfb.transportcc.recv_delta.padding"):
        field = find(packet, name)
        if field is not None:
            return number(field) & 0xFF
    return None


# pli and sr_req have no body; of the others tshark shows nothing but bytes, or reads them as what they are not.
NO_BODY = {"pli", "sr_req", "rpsi", "tstr", "tstn", "vbcm", "afb"}


def read_body(fields, packet, gave_up):
    """Adds what is particular to the packet's type; only the SSRCs where tshark gave up on it."""
    kind = fields["type"]
    if kind in ("sr", "rr", "xr"):
        fields["ssrc"] = value(packet, "rtcp.senderssrc")
    elif kind == "app":
        fields["ssrc"] = value(packet, "rtcp.ssrc.identifier")
    elif fields["packet_type"] in (205, 206):
        fields["sender_ssrc"] = value(packet, "rtcp.senderssrc")
        if kind != "ccfb":
            fields["media_ssrc"] = value(packet, "rtcp.mediassrc")
    if kind == "sr":
        read_sender_info(fields, packet)
    if kind == "sr" or kind == "rr":
        fields["report_blocks"] = [report_block(group) for group in titled(packet, "Source ")]
    elif kind == "ccfb":
        # tshark takes the first block's SSRC for a media source, and the rest for bytes, padding and all.
        body = raw(find(packet, "rtcp.mediassrc")) + raw(find(packet, "rtcp.fci"))
        fields.update(ccfb_reference.read(body, fields["padding"]))
    elif kind == "transport_cc":
        read_transport_cc(fields, packet, gave_up)
    elif gave_up:
        pass
    elif kind == "sdes":
        fields["chunks"] = [chunk(group) for group in titled(packet, "Chunk ")]
    elif kind == "bye":
        fields["ssrcs"] = [number(item) for item in packet if item.get("name") == "rtcp.ssrc.identifier"]
        if find(packet, "rtcp.sdes.length") is not None:
            fields.update(text("reason", raw(find(packet, "rtcp.sdes.text"))))
    elif kind == "app":
        # Data that are all printable have another name in tshark.
        data = next((item for item in packet if item.get("name") in ("rtcp.app.data", "rtcp.app.data_str")), None)
        fields.update(text("name", raw(find(packet, "rtcp.app.name"))))
        fields["data"] = "" if data is None else raw(data).hex()
    elif kind == "nack":
        read_nack(fields, packet)
    elif kind in ("tmmbr", "tmmbn"):
        fields["entries"] = [bitrate_entry(group) for group in titled(packet, "TMMB")]
    elif kind == "sli":
        fields["entries"] = [
            {"first": value(group, "rtcp.psfb.fir.sli.first"), "number": value(group, "rtcp.psfb.fir.sli.number"),
             "picture_id": value(group, "rtcp.psfb.fir.sli.picture_id")}
            for group in titled(packet, "SLI ")]
    elif kind == "fir":
        fields["entries"] = [
            {"ssrc": value(group, "rtcp.psfb.fir.fci.ssrc"),
             "command_sequence_number": value(group, "rtcp.psfb.fir.fci.csn")}
            for group in titled(packet, "FIR ")]
    elif kind == "remb":
        read_remb(fields, packet)
    elif kind == "xr":
        fields["blocks"] = [xr_block(group) for group in titled(packet, "Block ")]
    elif kind == "other":
        data = find(packet, "rtcp.fci")
        fields["data"] = "" if data is None else raw(data).hex()
    elif kind not in NO_BODY:
        raise SystemExit(f"no translation of RTCP {kind} yet")


def read_sender_info(fields, packet):
    fields["ntp_seconds"] = value(packet, "rtcp.timestamp.ntp.msw")
    fields["ntp_fraction"] = value(packet, "rtcp.timestamp.ntp.lsw")
    fields["rtp_timestamp"] = value(packet, "rtcp.timestamp.rtp")
    fields["packet_count"] = value(packet, "rtcp.sender.packetcount")
    fields["octet_count"] = value(packet, "rtcp.sender.octetcount")


def report_block(group):
    return {
        "ssrc": value(group, "rtcp.ssrc.identifier"),
        "fraction_lost": value(group, "rtcp.ssrc.fraction"),
        "cumulative_lost": value(group, "rtcp.ssrc.cum_nr"),
        "extended_highest_sequence_number": value(group, "rtcp.ssrc.ext_high"),
        "jitter": value(group, "rtcp.ssrc.jitter"),
        "lsr": value(group, "rtcp.ssrc.lsr"),
        "dlsr": value(group, "rtcp.ssrc.dlsr"),
    }


def chunk(group):
    """An SDES chunk. tshark shows its items as one flat run of fields, each begun by a type; type 0 ends them."""
    items = []
    for field in titled(group, "SDES items")[0]:
        name = field.get("name")
        if name == "rtcp.sdes.type" and number(field) == 0:
            break
        if name == "rtcp.sdes.type":
            items.append({"type": number(field), "value": ""})  # an empty text has no field of its own
            title = re.fullmatch(r"Type: (\S+).* \(\d+\)", field.get("showname")).group(1)
            if title != "Unknown":
                items[-1]["name"] = title
        elif name == "rtcp.sdes.prefix.length":
            items[-1]["prefix"] = ""
        elif name == "rtcp.sdes.prefix.string":
            del items[-1]["prefix"]
            items[-1].update(text("prefix", raw(field)))
        elif name == "rtcp.sdes.text":
            del items[-1]["value"]
            items[-1].update(text("value", raw(field)))
    return {"ssrc": value(group, "rtcp.ssrc.identifier"), "items": items}


def read_nack(fields, packet):
    fields["nacks"] = []
    fields["lost_sequence_numbers"] = []
    for field in packet:
        if field.get("name") == "rtcp.rtpfb.nack_pid":
            fields["nacks"].append({"pid": number(field)})
            fields["lost_sequence_numbers"].append(number(field))
        elif field.get("name") == "rtcp.rtpfb.nack_blp":
            fields["nacks"][-1]["blp"] = number(field)
            fields["lost_sequence_numbers"] += [number(also) for also in field]


def bitrate_entry(group):
    fields = {
        "ssrc": value(group, "rtcp.rtpfb.tmmbr.fci.ssrc"),
        "exponent": value(group, "rtcp.rtpfb.tmmbr.fci.exp"),
        "mantissa": value(group, "rtcp.rtpfb.tmmbr.fci.mantissa"),
        "overhead": value(group, "rtcp.rtpfb.tmmbr.fci.measuredoverhead"),
    }
    # tshark writes it as a formula.
    shown = find(group, "rtcp.rtpfb.tmmbr.fci.bitrate").get("showname")
    mantissa, exponent = re.search(r"(\d+)\*2\^(\d+)", shown).groups()
    if int(mantissa) << int(exponent) < 2**53:
        fields["bitrate_bps"] = int(mantissa) << int(exponent)
    return fields


# tshark's words for the symbols of a transport-cc chunk.
RUN_STATUSES = {
    "Packet not received": "not_received",
    "Small Delta": "small_delta",
    "Large or Negative Delta": "large_delta",
}
VECTOR_STATUSES = {
    "N": "not_received", "R": "small_delta",
    "NR": "not_received", "SD": "small_delta", "LD": "large_delta", "WO": "reserved",
    "_": None, "__": None,  # beyond the status count
}


def read_transport_cc(fields, packet, gave_up):
    fields["base_sequence_number"] = value(packet, "rtcp.rtpfb.transportcc.baseseq")
    fields["packet_status_count"] = value(packet, "rtcp.rtpfb.transportcc.statuscount")
    fields["reference_time"] = value(packet, "rtcp.rtpfb.transportcc.reftime")
    fields["feedback_packet_count"] = value(packet, "rtcp.rtpfb.transportcc.pktcount")
    if gave_up:
        return
    statuses = []
    deltas = {}
    for field in packet.iter("field"):
        shown = field.get("showname", "")
        if field.get("name") == "rtcp.rtpfb.transportcc.pktchunk":
            run = re.search(r"\[Run Length Chunk\] (.+)\. Length : (\d+)", shown)
            if run:
                statuses += [RUN_STATUSES[run.group(1)]] * int(run.group(2))
            else:
                symbols = shown.partition("Status Vector Chunk]: |")[2].split("|")[:-1]
                statuses += [VECTOR_STATUSES[symbol.strip()] for symbol in symbols]
        elif field.get("name") == "rtcp.rtpfb.transportcc.recv_delta":
            sequence, milliseconds = re.search(r"\[seq: (\d+)\] (-?[\d.]+) ms", shown).groups()
            deltas[int(sequence) % 0x10000] = round(float(milliseconds) * 1000)
    statuses = [status for status in statuses if status]
    fields["packets"] = []
    for index, status in enumerate(statuses):
        item = {"sequence_number": (fields["base_sequence_number"] + index) % 0x10000, "status": status}
        if item["sequence_number"] in deltas:
            item["delta_us"] = deltas[item["sequence_number"]]
        fields["packets"].append(item)


def read_remb(fields, packet):
    fields["exponent"] = value(packet, "rtcp.psfb.remb.fci.br_exp")
    fields["mantissa"] = value(packet, "rtcp.psfb.remb.fci.br_mantissa")
    shown = find(packet, "rtcp.psfb.remb.fci.bitrate").get("showname")
    fields["bitrate_bps"] = int(shown.rpartition(": ")[2])
    fields["ssrcs"] = [number(item) for item in packet.iter("field") if item.get("name") == "rtcp.psfb.remb.fci.ssrc"]


XR_TYPES = {1: "loss_rle", 2: "duplicate_rle", 3: "packet_receipt_times", 4: "receiver_reference_time", 5: "dlrr",
            6: "statistics_summary", 7: "voip_metrics"}

STATISTICS_SUMMARY = {
    "ssrc": "rtcp.ssrc.identifier", "begin_sequence": "rtcp.xr.beginseq", "end_sequence": "rtcp.xr.endseq",
    "lost_packets": "rtcp.xr.stats.lost", "dup_packets": "rtcp.xr.stats.dups",
    "min_jitter": "rtcp.xr.stats.minjitter", "max_jitter": "rtcp.xr.stats.maxjitter",
    "mean_jitter": "rtcp.xr.stats.meanjitter", "dev_jitter": "rtcp.xr.stats.devjitter",
    "min_ttl_or_hl": "rtcp.xr.stats.minttl", "max_ttl_or_hl": "rtcp.xr.stats.maxttl",
    "mean_ttl_or_hl": "rtcp.xr.stats.meanttl", "dev_ttl_or_hl": "rtcp.xr.stats.devttl",
}

VOIP_METRICS = {
    "ssrc": "rtcp.ssrc.identifier", "loss_rate": "rtcp.ssrc.fraction", "discard_rate": "rtcp.ssrc.discarded",
    "burst_density": "rtcp.xr.voipmetrics.burstdensity", "gap_density": "rtcp.xr.voipmetrics.gapdensity",
    "burst_duration": "rtcp.xr.voipmetrics.burstduration", "gap_duration": "rtcp.xr.voipmetrics.gapduration",
    "round_trip_delay": "rtcp.xr.voipmetrics.rtdelay", "end_system_delay": "rtcp.xr.voipmetrics.esdelay",
    "signal_level": "rtcp.xr.voipmetrics.signallevel", "noise_level": "rtcp.xr.voipmetrics.noiselevel",
    "rerl": "rtcp.xr.voipmetrics.rerl", "gmin": "rtcp.xr.voipmetrics.gmin",
    "r_factor": "rtcp.xr.voipmetrics.rfactor", "ext_r_factor": "rtcp.xr.voipmetrics.extrfactor",
    "plc": "rtcp.xr.voipmetrics.plc", "jba": "rtcp.xr.voipmetrics.jba", "jb_rate": "rtcp.xr.voipmetrics.jbrate",
    "jb_nominal": "rtcp.xr.voipmetrics.jbnominal", "jb_maximum": "rtcp.xr.voipmetrics.jbmax",
    "jb_abs_max": "rtcp.xr.voipmetrics.jbabsmax",
}


def xr_block(group):
    block_type = value(group, "rtcp.xr.bt")
    fields = {"block_type": block_type, "type": XR_TYPES.get(block_type, "other"),
              "block_length": value(group, "rtcp.xr.bl")}
    if block_type <= 3:
        fields["thinning"] = value(group, "rtcp.xr.tf")
        fields["ssrc"] = value(group, "rtcp.ssrc.identifier")
        fields["begin_sequence"] = value(group, "rtcp.xr.beginseq")
        fields["end_sequence"] = value(group, "rtcp.xr.endseq")
    if block_type <= 2:
        fields["chunks"] = rle_chunks(group)
    elif block_type == 3:
        fields["receipt_times"] = [
            number(field) for field in group.iter("field") if field.get("name") == "rtcp.xr.receipt_time_seq"]
    elif block_type == 4:
        # tshark shows the NTP time as a date; its bytes are the two halves.
        fields["ntp_seconds"], fields["ntp_fraction"] = struct.unpack(">II", raw(find(group, "rtcp.xr.timestamp")))
    elif block_type == 5:
        fields["sub_blocks"] = [
            {"ssrc": value(source, "rtcp.ssrc.identifier"), "lrr": value(source, "rtcp.xr.lrr"),
             "dlrr": value(source, "rtcp.xr.dlrr")}
            for source in titled(titled(group, "Contents")[0], "Source ")]
    elif block_type == 6:
        fields["loss_report"] = value(group, "rtcp.xr.stats.lrflag") == 1
        fields["duplicate_report"] = value(group, "rtcp.xr.stats.dupflag") == 1
        fields["jitter_report"] = value(group, "rtcp.xr.stats.jitterflag") == 1
        fields["ttl_or_hop_limit"] = value(group, "rtcp.xr.stats.ttl")
        fields.update({name: value(group, field) for name, field in STATISTICS_SUMMARY.items()})
    elif block_type == 7:
        fields.update({name: value(group, field) for name, field in VOIP_METRICS.items()})
        for name, field in (("mos_lq", "rtcp.xr.voipmetrics.moslq"), ("mos_cq", "rtcp.xr.voipmetrics.moscq")):
            fields[name] = round(float(find(group, field).get("show")) * 10)
    elif 8 <= block_type <= 36 or block_type == 42:
        raise SystemExit(f"no translation of XR block type {block_type} yet")
    else:
        fields["type_specific"] = value(group, "rtcp.xr.bs")
        contents = titled(group, "Contents")
        fields["data"] = raw(contents[0]).hex() if contents else ""
    return fields


def rle_chunks(group):
    chunks = []
    for field in group.iter("field"):
        if field.get("name") == "rtcp.xr.chunk.length":
            run_type = int(re.search(r"Length Run ([01])s", field.get("showname")).group(1))
            chunks.append({"chunk": "run_length", "run_type": run_type, "run_length": number(field)})
        elif field.get("name") == "rtcp.xr.chunk.bit_vector":
            chunks.append({"chunk": "bit_vector", "bit_vector": number(field)})
        elif field.get("name") == "rtcp.xr.chunk.null_terminator":
            chunks.append({"chunk": "terminating_null"})
            break
    return chunks


# ---- STUN and ChannelData ----

CLASSES = {0x00: "request", 0x01: "indication", 0x10: "success_response", 0x11: "error_response"}
FAMILIES = {1: "ipv4", 2: "ipv6"}

ADDRESSES = {0x0001, 0x0002, 0x0004, 0x0005, 0x000B, 0x0012, 0x0016, 0x0020, 0x8023, 0x802B, 0x802C}
TEXTS = {0x0006: "value", 0x0014: "value", 0x0015: "value", 0x8022: "value", 0x802E: "server_name"}
# Attributes of one number or one run of bytes: name of the field, tshark's name.
NUMBERS = {
    0x000C: ("channel_number", "stun.att.channelnum"),
    0x000D: ("lifetime", "stun.att.lifetime"),
    0x0019: ("protocol", "stun.att.transp"),
    0x0024: ("priority", "stun.att.priority"),
    0x8027: ("seconds", "stun.att.cache-timeout"),
}
BYTES = {
    0x0007: ("password", "stun.att.password"),
    0x0008: ("hmac", "stun.att.hmac"),
    0x0022: ("token", "stun.att.token"),
    0x0026: ("padding", "stun.att.padding"),
    0x8030: ("ticket", "stun.value"),
    0xC058: ("transaction_id", "stun.value"),
    0xC05D: ("ack", "stun.value"),
    0xC060: ("hmac", "stun.value"),
    0x8029: ("tie_breaker", "stun.att.tie-breaker"),
    0x802A: ("tie_breaker", "stun.att.tie-breaker"),
}
EMPTY = {0x001A, 0x0025}
# Attributes with fields in our JSON, of which tshark shows nothing but bytes, or another form (0x0027).
ONLY_BYTES = {0x001B, 0x001C, 0x001E, 0x0027, 0x002A, 0x8000, 0x8001, 0x8003, 0x8025, 0x802D, 0xC059}
DATA = 0x0013


def read_stun(message, layers):
    stun = next((layer for layer in layers if layer.get("name") == "stun"), None)
    if stun is None:  # tshark does not take it for STUN
        if 20 + int.from_bytes(message.data[2:4], "big") > len(message.data):  # RFC 8489 section 5
            message.add_malformed(0, len(message.data))
        else:
            message.add({})
        return
    if any("goes past the end of the message" in field.get("showname", "") for field in stun.iter("field")):
        message.add_malformed(0, len(message.data))
        return
    fields = {
        "class": CLASSES[value(stun, "stun.type.class")],
        "method": value(stun, "stun.type.method"),
        "length": value(stun, "stun.length"),
        "cookie": raw(find(stun, "stun.cookie")).hex(),
        "transaction_id": raw(find(stun, "stun.id")).hex(),
        "attributes": [],
    }
    shown = find(stun, "stun.type.method").get("showname")
    name = re.search(r"Message Method: 0x[0-9a-f]+ (\S+)", shown).group(1)
    if name != "Unknown":
        fields["method_name"] = name
    area = next((child for child in stun if child.get("name") == "stun.attributes"), [])
    for attribute in area:
        fields["attributes"].append(read_attribute(attribute))
        if fields["attributes"][-1]["type"] == DATA:
            message.nest(place(attribute) + 4, attribute_value(attribute), "stun")
    message.add(fields, size=20 + fields["length"])


def attribute_value(attribute):
    return raw(attribute)[4:4 + value(attribute, "stun.att.length")]


def read_attribute(attribute):
    length = value(attribute, "stun.att.length")
    if not attribute.get("name"):  # tshark's group for a type it does not know: its bytes are those of the type
        data = find(attribute, "stun.value")
        data = b"" if data is None else raw(data)
        return {"type": int.from_bytes(raw(attribute), "big"), "length": length, "data": data.hex()}
    kind = value(attribute, "stun.att.type")
    shown = find(attribute, "stun.att.type").get("showname").partition(": ")[2]
    fields = {"type": kind, "name": shown, "length": length}
    try:
        fields.update(attribute_fields(kind, attribute))
    except NotShown:  # the value is not of the attribute's form
        fields["data"] = attribute_value(attribute).hex()
    return fields


def family(attribute):
    number_of_family = value(attribute, "stun.att.family")
    if number_of_family not in FAMILIES:
        raise NotShown(f"no address of family {number_of_family}")
    return FAMILIES[number_of_family]


def attribute_fields(kind, attribute):
    fields = {}
    if kind in ADDRESSES:
        fields["family"] = family(attribute)
        fields["address"] = find(attribute, "stun.att." + fields["family"]).get("show")
        fields["port"] = value(attribute, "stun.att.port")
    elif kind in TEXTS:
        fields.update(text(TEXTS[kind], attribute_value(attribute)))
    elif kind in NUMBERS:
        name, field = NUMBERS[kind]
        fields[name] = value(attribute, field)
    elif kind in BYTES:
        name, field = BYTES[kind]
        found = find(attribute, field)
        fields[name] = "" if found is None else raw(found).hex()
    elif kind == 0x0003:
        fields["change_ip"] = value(attribute, "stun.att.change-ip") == 1
        fields["change_port"] = value(attribute, "stun.att.change-port") == 1
    elif kind == 0x0009:
        fields["code"] = 100 * value(attribute, "stun.att.error.class") + value(attribute, "stun.att.error")
        reason = find(attribute, "stun.att.error.reason")
        fields.update(text("reason", b"" if reason is None else raw(reason)))
    elif kind == 0x000A:
        fields["unknown_types"] = [
            number(field) for field in attribute.iter("field") if field.get("name") == "stun.att.unknown"]
    elif kind == 0x0017:
        fields["family"] = family(attribute)
    elif kind == 0x0018:
        fields["reserve"] = value(attribute, "stun.att.even-port.reserve-next") == 1
    elif kind == 0xC057:
        fields["network_id"] = value(attribute, "stun.att.google.network_id")
        fields["network_cost"] = value(attribute, "stun.att.google.network_cost")
    elif kind == 0x8028:
        fields["crc32"] = raw(find(attribute, "stun.att.crc32")).hex()
        fields["valid"] = value(attribute, "stun.att.crc32.status") == 1
    elif kind == 0x001D:
        (fields,) = algorithms(attribute)
    elif kind == 0x8002:
        fields["algorithms"] = algorithms(attribute)
    elif kind not in EMPTY and kind not in ONLY_BYTES:
        fields["data"] = attribute_value(attribute).hex()
    return fields


def algorithms(attribute):
    found = []
    for field in attribute:
        if field.get("name") == "stun.att.pw_alg":
            found.append({"algorithm": number(field), "parameters": ""})
        elif field.get("name") == "stun.att.pw_alg_data":
            found[-1]["parameters"] = raw(field).hex()
    return found


def read_channel_data(message, layers):
    stun = next(layer for layer in layers if layer.get("name") == "stun")
    fields = {"channel_number": value(stun, "stun.channel"), "length": value(stun, "stun.length")}
    message.add(fields, size=4 + fields["length"])
    message.nest(4, message.data[4:4 + fields["length"]], "channel_data")


# ---- all together ----

READERS = {"rtp": read_rtp, "rtcp": read_rtcp, "stun": read_stun, "channel_data": read_channel_data}


def expected_lines(capture, find_messages=read_datagrams):
    """The JSON Lines of one capture."""
    readers = dict(READERS)
    if capture.name in ENCRYPTED:
        readers["rtcp"] = read_srtcp
    with tempfile.TemporaryDirectory() as config:
        datagrams = find_messages(capture, config)
        pending = datagrams
        while pending:
            inside = []
            for kind, reader in readers.items():
                messages = [message for message in pending if message.kind == kind]
                if not messages:
                    continue
                for message, layers in zip(messages, dissect(kind, messages, config)):
                    reader(message, layers)
                    inside += message.children
            pending = inside
    lines = []
    counts = collections.Counter()  # of a frame's objects: a segment may end several messages
    for datagram in datagrams:
        for item in datagram.all_objects():
            frame = item.pop("frame")
            item = {"frame": frame, "index": counts[frame], **item}
            counts[frame] += 1
            lines.append(json.dumps(item, ensure_ascii=False, separators=(",", ":")) + "\n")
    return "".join(lines).encode()


def captures():
    return sorted(path for path in HERE.iterdir() if re.search(r"\.pcap(ng)?(\.gz)?$", path.name))


def stored(capture, end=".jsonl.gz"):
    """Where the expected lines of a capture are kept."""
    return EXPECTED / (re.sub(r"\.pcap(ng)?(\.gz)?$", "", capture.name) + end)


def all_expected():
    """Every stored file with the capture it is of and what finds the messages in that."""
    for capture in captures():
        yield stored(capture), capture, read_datagrams
        if capture.name in STREAMS:
            yield stored(capture, ".tcp.jsonl.gz"), capture, read_streams


def compress(lines):
    """gzip without a time and a name, so that the same lines give the same file."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0) as file:
        file.write(lines)
    return buffer.getvalue()


def check():
    """The captures whose stored lines are missing or differ, each with the first difference."""
    wrong = []
    for path, capture, find_messages in all_expected():
        old = gzip.decompress(path.read_bytes()) if path.exists() else b""
        new = expected_lines(capture, find_messages)
        if old != new:
            pairs = zip(old.splitlines() + [b"(no line)"], new.splitlines() + [b"(no line)"])
            first = next((pair for pair in pairs if pair[0] != pair[1]), (b"(another number of lines)", b""))
            wrong.append(f"{path.name}: stored {first[0].decode()}\n  tshark now {first[1].decode()}")
    kept = {path for path, _, _ in all_expected()}
    wrong += [f"{path.name}: no such capture" for path in sorted(EXPECTED.iterdir()) if path not in kept]
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("capture", nargs="?", type=pathlib.Path)
    parser.add_argument("--tcp", action="store_true")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if options.check:
        wrong = check()
        print("\n".join(wrong) or f"{len(captures())} captures: as stored")
        sys.exit(1 if wrong else 0)
    elif options.all:
        EXPECTED.mkdir(exist_ok=True)
        for path, capture, find_messages in all_expected():
            path.write_bytes(compress(expected_lines(capture, find_messages)))
    elif options.capture:
        find_messages = read_streams if options.tcp else read_datagrams
        sys.stdout.buffer.write(expected_lines(options.capture, find_messages))
    else:
        parser.error("a capture, --all or --check")


if __name__ == "__main__":
    main()
