#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Stills without an ICC profile say by code points what their colours are (nclx of HEIC and AVIF, cICP of PNG): Display P3 and BT.2020 are
# converted, PQ and HLG tone-mapped as in videos, with alpha and without, and a profile counts more than nclx. Judge: djpeg.
. tests/e2e/lib.sh
configure
cd "$TMPDIR"

# Three upright bars of these code values (0..65535), RGB or with alpha, in a PNG of 16 bits, with a cICP chunk where PRIMARIES is not 0.
cat >bars.py <<'PY'
import struct, sys, zlib
out, primaries, transfer, alpha = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
bars = [[float(v) for v in bar.split(',')] for bar in sys.argv[5:]]
row = b'\0'
for i, bar in enumerate(bars):
    pixel = b''.join(struct.pack('>H', round(v * 65535)) for v in bar)
    row += (pixel + (struct.pack('>H', 0 if alpha == 'last' and i == len(bars) - 1 else 65535) if alpha != 'none' else b'')) * 64
def chunk(kind, body):
    return struct.pack('>I', len(body)) + kind + body + struct.pack('>I', zlib.crc32(kind + body))
data = b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', 64 * len(bars), 96, 16, 2 if alpha == 'none' else 6, 0, 0, 0))
if primaries:
    data += chunk(b'cICP', bytes((primaries, transfer, 0, 1)))
open(out, 'wb').write(data + chunk(b'IDAT', zlib.compress(row * 96)) + chunk(b'IEND', b''))
PY
# The colr box of IN, whichever it is, becomes an nclx box with these primaries and transfer, and the matrix of the pixels.
cat >nclx.py <<'PY'
import sys
data = bytearray(open(sys.argv[1], 'rb').read())
at = data.index(b'colr') + 4
matrix = data[at + 9] if data[at:at + 4] == b'nclx' else 6
data[at:at + 11] = b'nclx' + bytes((0, int(sys.argv[3]), 0, int(sys.argv[4]), 0, matrix, 128))
open(sys.argv[2], 'wb').write(data)
PY
# shows FILE SLACK R,G,B R,G,B R,G,B: the middles of the three bars
shows() {
    local file=$1 slack=$2
    shift 2
    ghat render -p fb.photo -o out "$file" >lines || die "$file: $(cat lines)"
    djpeg -ppm "out/fb.photo/${file%.*}.jpg" >got.ppm
    python3 - got.ppm "$slack" "$@" <<'PY' || die "$file"
import sys
data = open(sys.argv[1], 'rb').read()
w, h = (int(v) for v in data.split(b'\n')[1].split())
px, slack, bad = data[-w * h * 3:], int(sys.argv[2]), 0
for i, want in enumerate(sys.argv[3:]):
    at = 3 * (h // 2 * w + w * (2 * i + 1) // (2 * len(sys.argv[3:])))
    got = tuple(px[at:at + 3])
    if any(abs(p - int(q)) > slack for p, q in zip(got, want.split(','))):
        print('bar %d is %s, must be %s' % (i, got, want))
        bad = 1
sys.exit(bad)
PY
}
says() { ghat probe "$1" | seen "$2" || die "probe of $1 does not say $2: $(ghat probe "$1")"; }
GREYS=(0.5601,0.5601,0.5601 0.7048,0.7048,0.7048 0.4478,0.4478,0.4478)
# as a video of these code values comes out
PQ=(214,214,214 253,253,253 138,138,138)
HLG=(152,152,152 210,210,210 120,120,120)
RED=(0.784314,0.392157,0.392157 0.784314,0.392157,0.392157 0.784314,0.392157,0.392157)

step "PNG: cICP"
python3 bars.py plain.png 0 0 none "${GREYS[@]}"
shows plain.png 2 143,143,143 180,180,180 114,114,114
python3 bars.py pq.png 9 16 none "${GREYS[@]}"
shows pq.png 3 "${PQ[@]}"
says pq.png colour=PQ
python3 bars.py hlg.png 9 18 none "${GREYS[@]}"
shows hlg.png 3 "${HLG[@]}"
says hlg.png colour=HLG
python3 bars.py p3.png 12 13 none "${RED[@]}"
shows p3.png 3 215,93,97 215,93,97 215,93,97
says p3.png 'colour_profile=Display P3'
python3 bars.py wide.png 9 13 none "${RED[@]}"
shows wide.png 3 240,76,97 240,76,97 240,76,97
says wide.png colour=BT.2020

step "with alpha: what was cut away is white, the rest is mapped"
python3 bars.py cut.png 9 16 last "${GREYS[@]}"
shows cut.png 3 "${PQ[0]}" "${PQ[1]}" 255,255,255

step "HEIC, 8 bits (tiles) and 10: nclx; a profile counts more"
python3 bars.py red.png 0 0 none "${RED[@]}"
vips icc_transform plain.png grey.v srgb --depth 16
vips icc_transform red.png red.v srgb
for depth in 8 10; do
    vips copy grey.v "plain$depth.heic[Q=88,bitdepth=$depth]"
    python3 nclx.py plain$depth.heic pq$depth.heic 9 16
    shows pq$depth.heic 5 "${PQ[@]}"
    says pq$depth.heic colour=PQ
    python3 nclx.py plain$depth.heic hlg$depth.heic 9 18
    shows hlg$depth.heic 5 "${HLG[@]}"
    vips copy red.v "red$depth.heic[Q=88,bitdepth=$depth]"
    shows red$depth.heic 4 200,100,100 200,100,100 200,100,100
    python3 nclx.py red$depth.heic p3-$depth.heic 12 13
    shows p3-$depth.heic 5 215,93,97 215,93,97 215,93,97
    says p3-$depth.heic 'colour_profile=Display P3'
done

step "AVIF, 8 bits and 10"
for depth in 8 10; do
    for row in "pq smpte2084 ${PQ[*]}" "hlg arib-std-b67 ${HLG[*]}"; do
        read -r name transfer one two three <<<"$row"
        ffmpeg -nostdin -v error -i plain.png -vf "scale=out_color_matrix=bt2020:out_range=pc,format=yuv420p$([ $depth = 10 ] && echo 10le)" -frames:v 1 \
            -c:v libaom-av1 -still-picture 1 -crf 8 -cpu-used 6 -color_primaries bt2020 -color_trc $transfer -colorspace bt2020nc -color_range pc $name$depth.avif
        shows $name$depth.avif 5 $one $two $three
    done
done
