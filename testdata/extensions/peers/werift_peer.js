// Reads lines as elements.py prints them with werift-rtp (npm), and prints what it makes of them.
const { readFileSync } = require("fs");
const { rtpHeaderExtensionsParser, RTP_EXTENSION_URI } = require("werift-rtp");
for (const line of readFileSync(0, "utf8").trim().split("\n")) {
  const [name, data] = line.split("\t");
  if (name !== "video-orientation") continue;
  const uri = RTP_EXTENSION_URI.videoOrientation;
  const value = rtpHeaderExtensionsParser([{ id: 1, payload: Buffer.from(data, "hex") }], { 1: uri })[uri];
  const { c, f, r1, r0 } = value;
  console.log([name, data, "werift", JSON.stringify({ c: !!c, f: !!f, r1, r0 })].join("\t"));
}
