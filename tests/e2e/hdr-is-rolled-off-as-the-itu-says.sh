#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Greys and colours of known light, in PQ and in HLG, against a reference in Python: SMPTE ST 2084 and BT.2100 decoded, the roll-off of BT.2390
# section 5.4 to a white of 240 cd/m2, BT.2020 to BT.709 primaries, BT.1886. Greys come out within two levels of 255; colours keep their hue and
# come near one of the two ways to roll them off, all components together or each by itself.
. tests/e2e/lib.sh
unset GHAT_CONF
ffmpeg -hide_banner -encoders 2>/dev/null | seen libx265 || skip "this ffmpeg has no x265"
cd "$TMPDIR"
cat >reference.py <<'P'
import math, sys
WHITE, PEAK, SIZE = 240.0, 1000.0, 64  # cd/m2; pixels of a patch; 8x4 patches
M1, M2, C1, C2, C3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128


def pq(nits):
    p = (max(nits, 0) / 10000) ** M1
    return ((C1 + C2 * p) / (1 + C3 * p)) ** M2


def light(code):
    p = code ** (1 / M2)
    return 10000 * (max(p - C1, 0) / (C2 - C3 * p)) ** (1 / M1)


def roll_off(nits):
    top = pq(PEAK)
    e, most = min(pq(nits) / top, 1), pq(WHITE) / top
    knee = 1.5 * most - 0.5
    if e > knee:
        t = (e - knee) / (1 - knee)
        e = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (-2 * t**3 + 3 * t**2) * most
    return light(e * top)


def hlg(scene):
    return math.sqrt(3 * scene) if scene <= 1 / 12 else 0.17883277 * math.log(12 * scene - 0.28466892) + 0.55991073


def signal(curve, rgb):
    if curve == 'pq':
        return [pq(v) for v in rgb]
    y = sum(k * v for k, v in zip((0.2627, 0.6780, 0.0593), rgb)) / PEAK
    return [hlg(v / PEAK * y ** (1 / 1.2 - 1)) if y else 0 for v in rgb]


# Greys of 0 to 1000 cd/m2, then colours, as light of BT.2020 primaries.
GREYS = [0, 1, 5, 10, 20, 40, 60, 80, 100, 130, 160, 203, 260, 350, 500, 700, 900, 1000]
COLOURS = [(120, 60, 50), (60, 110, 60), (50, 60, 130), (200, 160, 60), (60, 150, 160), (150, 80, 150), (300, 200, 150), (400, 420, 700),
           (700, 600, 300), (90, 80, 40), (20, 30, 25), (500, 300, 200), (250, 260, 240), (160, 150, 130)]
PATCHES = [(g, g, g) for g in GREYS] + COLOURS


def codes(curve, rgb):
    r, g, b = signal(curve, rgb)
    y = 0.2627 * r + 0.6780 * g + 0.0593 * b
    return [round(64 + 876 * y), round(512 + 896 * (b - y) / 1.8814), round(512 + 896 * (r - y) / 1.4746)]


def write(curve, out):
    values = [codes(curve, p) for p in PATCHES]
    for plane in range(3):
        n = SIZE if plane == 0 else SIZE // 2
        for row in range(4):
            line = b''.join(values[row * 8 + i][plane].to_bytes(2, 'little') * n for i in range(8))
            out.write(line * n)


def shown(rgb, together):
    gain = lambda v: roll_off(v) / v if v > 0 else 1
    rgb = [v * gain(max(rgb) if together else v) / WHITE for v in rgb]
    m = ((1.6605, -0.5876, -0.0728), (-0.1246, 1.1329, -0.0083), (-0.0182, -0.1006, 1.1187))
    return [255 * min(max(sum(a * b for a, b in zip(row, rgb)), 0), 1) ** (1 / 2.4) for row in m]


def judge(curve, data):
    bad = 0
    for i, patch in enumerate(PATCHES):
        x0, y0 = i % 8 * SIZE, i // 8 * SIZE
        px = [data[((y0 + y) * 8 * SIZE + x0 + x) * 3:][:3] for y in range(16, 48, 4) for x in range(16, 48, 4)]
        got = [sum(p[k] for p in px) / len(px) for k in range(3)]
        one, other = shown(patch, True), shown(patch, False)
        slack = 2.5 if i < len(GREYS) else 9
        if any(not min(a, b) - slack <= g <= max(a, b) + slack for g, a, b in zip(got, one, other)):
            bad += 1
            print(f'{curve} {patch} cd/m2: {[round(v) for v in got]}, together {[round(v) for v in one]}, by itself {[round(v) for v in other]}')
    return bad


if sys.argv[1] == 'make':
    write(sys.argv[2], sys.stdout.buffer)
else:
    sys.exit(judge(sys.argv[2], sys.stdin.buffer.read()) > 0)
P
for curve in pq=smpte2084 hlg=arib-std-b67; do
    name=${curve%=*}
    step "$name"
    python3 reference.py make "$name" >patches.yuv
    ffmpeg -nostdin -v error -y -f rawvideo -pix_fmt yuv420p10le -s 512x256 -i patches.yuv -vf loop=24:1:0,fps=25 -c:v libx265 -preset ultrafast -tag:v hvc1 \
        -x265-params "log-level=error:lossless=1:max-cll=1000,400:hdr10=$([ "$name" = pq ] && echo 1 || echo 0)" \
        -color_primaries bt2020 -color_trc "${curve#*=}" -colorspace bt2020nc -color_range tv "$name.mp4"
    ghat render -p yt.video -o out "$name.mp4" >lines 2>&1 || { cat lines; die "$name"; }
    python3 "$ROOT/tests/e2e/video_judge.py" "out/yt.video/$name.mp4" size=512x256 sound=no || die "$name"
    ffmpeg -nostdin -v error -ss 0.5 -i "out/yt.video/$name.mp4" -frames:v 1 -vf "scale=in_color_matrix=bt709:in_range=tv:out_range=pc:flags=accurate_rnd+full_chroma_int,format=rgb24" -f rawvideo - |
        python3 reference.py judge "$name" || die "the light of $name"
done
