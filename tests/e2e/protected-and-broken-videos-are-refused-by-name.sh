#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A video that is protected against copying is refused, and says so, in MP4, Matroska and WMV; a film most of whose pictures are broken is not staged; the officer reads why.
. tests/e2e/lib.sh
configure
department Water water
start
drop=$T/srv/drop/Water
cd "$T"
quiet='-nostdin -v error -y'
src='-f lavfi -i testsrc2=s=320x180:r=30:d=4 -f lavfi -i sine=440:d=4 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac'
# shellcheck disable=SC2086
ffmpeg $quiet $src -encryption_scheme cenc-aes-ctr -encryption_key 00112233445566778899aabbccddeeff -encryption_kid 00112233445566778899aabbccddeeff protected.mp4
# shellcheck disable=SC2086
ffmpeg $quiet $src -movflags frag_keyframe+empty_moov whole.mp4
python3 - <<'PY'
data = bytearray(open("whole.mp4", "rb").read())
for old, new in ((b"avc1", b"encv"), (b"mp4a", b"enca")): # as the header of a protected stream has them
    i = data.index(b"stsd", data.index(new and b"moov"))
    while data[i + 16:i + 20] != old and i >= 0:
        i = data.find(b"stsd", i + 4)
    data[i + 16:i + 20] = new
open("stream.mp4", "wb").write(data)
PY
# shellcheck disable=SC2086
ffmpeg $quiet -f lavfi -i testsrc2=s=320x180:r=30:d=4 -c:v libvpx -deadline realtime -b:v 500k -f webm -live 1 - >plain.webm
python3 - <<'PY'
data = open("plain.webm", "rb").read()

def size(at): # of an element: its length, and how many bytes say so
    n = 1
    while not data[at] & 0x80 >> n - 1 and n < 9:
        n += 1
    value = data[at] & (0x80 >> n - 1) - 1
    for byte in data[at + 1:at + n]:
        value = value << 8 | byte
    return value, n

def element(name, body):
    return bytes.fromhex(name) + (1 << 56 | len(body)).to_bytes(8, "big") + body

encryption = element("5035", element("47e1", b"\5") + element("47e2", bytes(range(16))))
encodings = element("6d80", element("6240", element("5031", b"\0") + element("5032", b"\1") + element("5033", b"\1") + encryption))
at = data.index(bytes.fromhex("1654ae6b"), data.index(b"WA")) # the tracks, behind the information
length, n = size(at + 4)
entry = at + 4 + n
while data[entry] != 0xae: # a checksum or a void comes first
    inner, m = size(entry + 1)
    entry += 1 + m + inner
inner, m = size(entry + 1)
track = element("ae", data[entry + 1 + m:entry + 1 + m + inner] + encodings)
open("protected.webm", "wb").write(data[:at] + element("1654ae6b", track) + data[at + 4 + n + length:]) # without the checksum
PY
# shellcheck disable=SC2086
ffmpeg $quiet -f lavfi -i testsrc2=s=320x180:r=30:d=4 -c:v wmv2 plain.wmv
python3 - <<'PY'
import struct
data = bytearray(open("plain.wmv", "rb").read())
size, count = struct.unpack("<QI", data[16:28])
encryption = bytes.fromhex("fbb31122 23bd d211 b4b7 00a0c955fc6e") + struct.pack("<Q", 24 + 16) + bytes(16)
data[size:size] = encryption # the header's last object
data[16:28] = struct.pack("<QI", size + len(encryption), count + 1)
open("protected.wmv", "wb").write(data)
PY
for f in protected.mp4 stream.mp4 protected.webm protected.wmv; do
    cp $f "$drop/$f"
    arrives $f quarantined
    note_says "$drop/Status/$f.txt" 'This video is protected against copying'
    note_says "$drop/Status/$f.txt" 'কপি করা থেকে সুরক্ষিত'
done

step "most pictures broken"
python3 - <<'PY'
import random, subprocess
random.seed(1)
data = bytearray(open("whole.mp4", "rb").read())
lines = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=pos,size", "-of", "csv=p=0", "whole.mp4"],
                       capture_output=True, text=True).stdout.split()
for n, line in enumerate(lines):
    length, pos = (int(x) for x in line.split(",")[:2])
    if length > 60 and n % 8:
        data[pos + 40:pos + length] = random.randbytes(length - 40)
open("broken.mp4", "wb").write(data)
PY
cp broken.mp4 "$drop/broken.mp4"
arrives broken.mp4 quarantined
note_says "$drop/Status/broken.mp4.txt" "Most of the video's pictures are broken"
note_says "$drop/Status/broken.mp4.txt" 'বেশির ভাগ দৃশ্য নষ্ট'
