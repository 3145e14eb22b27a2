#!/usr/bin/env python3
"""Makes payload_headers.tsv.gz: what tshark reads in the payloads of RTP, under the names of `payload_header` in
docs/inspect-json.md. A line is capture, frame, name of the object, fields as JSON.

    python3 testdata/payload_headers.py            make it
    python3 testdata/payload_headers.py --check    make it and compare

Only the standard library and tshark (4.0.17) are needed. tshark is told the payload types: it does not read these SDP files.
"""
import gzip
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
OUT = HERE / "payload_headers.tsv.gz"
CAPTURES = {
    "chromium-ccfb": {96: "vp8", 111: "opus"},
    "chromium-h264-remb": {102: "h264", 126: "rtpevent"},
    "chromium-vp8-loss-pli": {96: "vp8", 111: "opus"},
    "chromium-vp8-rtx-twcc": {96: "vp8", 111: "opus"},
    "chromium-vp8-simulcast": {96: "vp8", 111: "opus"},
    "chromium-vp8-ulpfec-red-nonack": {126: "rtpevent"},
    "chromium-vp9-svc-dd": {111: "opus"},
    "chromium-xr-audionack": {96: "vp8", 111: "opus"},
}
FIELDS = """vp8.pld.n vp8.pld.s vp8.pld.partid vp8.pld.pictureid vp8.pld.tl0picidx vp8.pld.tid vp8.pld.y vp8.pld.keyidx
vp8.hdr.frametype vp8.hdr.version vp8.hdr.show vp8.hdr.partition_size vp8.keyframe.width vp8.keyframe.height
h264.f h264.nal_nri h264.nal_unit_hdr h264.nal_unit_type h264.start.bit h264.end.bit h264.nalu_size
opus.TOC.config opus.TOC.s opus.TOC.c
rtpevent.event_id rtpevent.end_of_event rtpevent.volume rtpevent.duration""".split()


def number(text):
    return int(text, 0) if text not in ("True", "False") else int(text == "True")


def row(values):
    """The object and its fields, of tshark's lists of values by field."""
    first = lambda name: number(values[name][0])
    out = {}

    def put(into, key, name, as_bool=False):
        if values[name]:
            into[key] = bool(first(name)) if as_bool else first(name)

    if values["vp8.pld.s"]:
        put(out, "non_reference", "vp8.pld.n", True)
        put(out, "start_of_partition", "vp8.pld.s", True)
        put(out, "partition_index", "vp8.pld.partid")
        put(out, "picture_id", "vp8.pld.pictureid")
        put(out, "tl0picidx", "vp8.pld.tl0picidx")
        put(out, "tid", "vp8.pld.tid")
        put(out, "layer_sync", "vp8.pld.y", True)
        put(out, "keyidx", "vp8.pld.keyidx")
        if values["vp8.hdr.frametype"]:
            frame = out["frame_header"] = {"key_frame": first("vp8.hdr.frametype") == 0}
            put(frame, "version", "vp8.hdr.version")
            put(frame, "show_frame", "vp8.hdr.show", True)
            put(frame, "first_partition_size", "vp8.hdr.partition_size")
            put(frame, "width", "vp8.keyframe.width")
            put(frame, "height", "vp8.keyframe.height")
        return "payload_header", out
    if values["h264.nal_unit_hdr"]:
        put(out, "forbidden_zero_bit", "h264.f", True)
        put(out, "nal_ref_idc", "h264.nal_nri")
        put(out, "nal_unit_type", "h264.nal_unit_hdr")
        put(out, "start", "h264.start.bit", True)
        put(out, "end", "h264.end.bit", True)
        put(out, "fragmented_nal_unit_type", "h264.nal_unit_type")
        if values["h264.nalu_size"]:
            lists = values["h264.nal_unit_hdr"][1:], values["h264.nalu_size"], values["h264.nal_nri"][1:]
            out["nal_units"] = [
                {"nal_unit_type": number(kind), "size": number(size), "nal_ref_idc": number(nri)}
                for kind, size, nri in zip(*lists, strict=True)
            ]
            out.pop("fragmented_nal_unit_type", None)
        return "payload_header", out
    if values["opus.TOC.config"]:
        put(out, "config", "opus.TOC.config")
        put(out, "stereo", "opus.TOC.s", True)
        put(out, "code", "opus.TOC.c")
        return "payload_header", out
    if values["rtpevent.event_id"]:
        event = {"event": first("rtpevent.event_id"), "end": bool(first("rtpevent.end_of_event"))}
        put(event, "volume", "rtpevent.volume")
        put(event, "duration", "rtpevent.duration")
        return "telephone_event", {"events": [event]}
    return None


def made():
    for capture, formats in CAPTURES.items():
        command = ["tshark", "-n", "-r", HERE / f"{capture}.pcap", "--enable-heuristic", "rtp_udp", "-T", "fields", "-e", "frame.number"]
        command += [part for pt, name in formats.items() for part in ("-d", f"rtp.pt=={pt},{name}")]
        command += [part for field in FIELDS for part in ("-e", field)] + ["-E", "aggregator=|"]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        for line in text.splitlines():
            frame, *cells = line.split("\t")
            values = {name: cell.split("|") if cell else [] for name, cell in zip(FIELDS, cells, strict=True)}
            if found := row(values):
                yield f"{capture}\t{frame}\t{found[0]}\t{json.dumps(found[1], separators=(',', ':'))}\n"


if __name__ == "__main__":
    lines = "".join(made())
    if "--check" in sys.argv[1:]:
        sys.exit(gzip.decompress(OUT.read_bytes()).decode() != lines)
    OUT.write_bytes(gzip.compress(lines.encode(), mtime=0))
