"""The body of a congestion control feedback packet (CCFB, RTPFB format 11), read from the text of RFC 8888 alone.

tshark 4.0 has no dissector for it. This is a second reading, made apart from the library and without sight of it,
so that two readers of the same text can be compared. expected.py uses it; nothing else does.

    0                   1                   2                   3
    |                   SSRC of 1st RTP stream                      |   a report block:
    |          begin_seq            |          num_reports          |     num_reports metric blocks of 16 bits,
    |R|ECN|  arrival time offset    | ...                           |     filled up to 32 bits
    .                                                               .
    |                 report timestamp (32 bits)                    |   the last word of the packet

Section 3.1 says in words that the metric blocks run from begin_seq to begin_seq + num_reports inclusive, and also that
num_reports may be 0 for "no packet metric blocks". Erratum 8166 settles it: num_reports is their number.
"""


def read(body, padded):
    """Fields of the packet from the bytes that follow the sender's SSRC; `padded` is the header's padding bit."""
    # RFC 3550 section 6.4.1: the last byte of the padding counts all of it.
    padding = body[-1] if padded else 0
    body = body[:len(body) - padding]
    blocks, timestamp = body[:-4], body[-4:]
    report_blocks = []
    while blocks:
        ssrc, begin, count = uint(blocks[:4]), uint(blocks[4:6]), uint(blocks[6:8])
        end = 8 + 2 * count
        metrics = [metric_block(begin + i, uint(blocks[8 + 2 * i:10 + 2 * i])) for i in range(count)]
        # An odd number of metric blocks is followed by 16 bits of zero.
        rest = end + end % 4
        if rest > len(blocks):
            raise ValueError(f"{count} metric blocks do not fit in the packet")
        report_blocks.append({
            "ssrc": ssrc, "begin_sequence": begin, "num_reports": count, "metric_blocks": metrics})
        blocks = blocks[rest:]
    return {"padding_size": padding, "report_blocks": report_blocks, "report_timestamp": uint(timestamp)}


def metric_block(sequence_number, word):
    """R (1 bit), ECN (2 bits), arrival time offset (13 bits); without R the other bits must be ignored."""
    fields = {"sequence_number": sequence_number % 0x10000, "received": word >= 0x8000}
    if fields["received"]:
        fields["ecn"] = word >> 13 & 3
        fields["arrival_time_offset"] = word & 0x1FFF
    return fields


def uint(data):
    return int.from_bytes(data, "big")
