#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Files of ../shared/corpus/field, stills with what they must look like: HDR and wide gamut by code points, alpha, 37 megapixels of WebP; and what
# recorders write: a program stream behind a head, a bare stream. The judge finds nothing wrong with any of it.
. tests/corpus/lib.sh
F=$S/corpus/field
[ -d "$F" ] || { echo "no ../shared/corpus/field"; exit 77; }
bad=0
# shows FILE X R G B SLACK: the colour in the middle row, X percent from the left
shows() {
    local out=$OUT/fb.photo/${1%.*}.jpg
    [ -e "$out" ] || "$B/ghat" render -p fb.photo -o "$OUT" "$F/$1" >"$TMPDIR/lines" || { bad=1; return; }
    djpeg -ppm "$out" >"$TMPDIR/p.ppm"
    python3 - "$TMPDIR/p.ppm" "${@:2}" <<'PY' || { echo "$1"; bad=1; }
import sys
data = open(sys.argv[1], 'rb').read()
w, h = (int(v) for v in data.split(b'\n')[1].split())
x, r, g, b, slack = (int(v) for v in sys.argv[2:])
at = 3 * (h // 2 * w + w * x // 100) - w * h * 3
got = data[at:at + 3]
if any(abs(p - q) > slack for p, q in zip(got, (r, g, b))):
    print('%d %% from the left: %s, must be %d %d %d' % (x, tuple(got), r, g, b))
    sys.exit(1)
PY
}
says() { "$B/ghat" probe "$F/$1" | grep -q "$2" || { echo "$1: probe does not say $2"; bad=1; }; }
# What the same code values come out as in a video.
shows still_pq.avif 15 214 214 214 4
shows still_pq.avif 50 251 251 251 4
shows still_pq.avif 85 138 138 138 4
shows still_hlg.avif 15 153 153 153 4
shows still_hlg.avif 50 210 210 210 4
shows still_hlg.avif 85 120 120 120 4
shows still_p3.avif 50 215 93 97 3
shows alpha8.heic 25 254 0 0 3
shows alpha8.heic 75 255 255 255 1
shows large.webp 50 0 0 0 2
says still_pq.avif colour=PQ
says still_hlg.avif colour=HLG
says still_p3.avif 'colour_profile=Display P3'
for f in hik.mp4 cctv.264; do
    "$B/ghat" render -p x.video,yt.thumb -o "$OUT" "$F/$f" >"$TMPDIR/lines" || { cat "$TMPDIR/lines"; bad=1; }
    python3 "$ROOT/tests/e2e/video_judge.py" "$OUT/x.video/${f%.*}.mp4" seconds=2 fps=25 sound=no || bad=1
done
judge_out || bad=1
exit $bad
