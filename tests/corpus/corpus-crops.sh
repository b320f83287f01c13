#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Crops keep what a photo is of: faces of groups whole (at most one of those that could be kept is lost), and a flower among dry leaves,
# which have the colour of skin. Judges: ../shared/judge/crops.py and judge.py, djpeg.
. tests/corpus/lib.sh
[ -d "$S/corpus/faces" ] || { echo "no ../shared/corpus/faces"; exit 77; }
"$B/ghat" render -p yt.thumb,ig.photo -o "$OUT" "$S"/corpus/faces/*.jpg >"$TMPDIR/lines" || exit 1
python3 "$S/judge/crops.py" "$OUT" yt.thumb ig.photo | tail -n 1 >"$TMPDIR/faces"
read -r _ _ _ kept _ possible <"$TMPDIR/faces"
cat "$TMPDIR/faces"
[ "$possible" = 82 ] && [ "$kept" -ge 81 ] || { echo "$kept of $possible possible faces were kept"; exit 1; }
judge_out || exit 1

"$B/ghat" render -p yt.thumb -o "$OUT" "$S/corpus/photos/IMG_5195.HEIC" >"$TMPDIR/lines" || exit 1
djpeg -scale 1/4 -ppm "$OUT/yt.thumb/IMG_5195.jpg" >"$TMPDIR/flower.ppm"
# The flower is between 0.48 and 0.92 of the photo's height: 0.44 of it, of which a crop to 16:9 shows 0.42.
python3 - "$TMPDIR/flower.ppm" <<'PY'
import sys
data = open(sys.argv[1], 'rb').read()
w, h = (int(v) for v in data.split(b'\n')[1].split())
px = data[-w * h * 3:]
violet = sum(px[i + 2] > px[i + 1] + 40 and px[i] > px[i + 1] + 15 for i in range(0, len(px), 3)) / (w * h)
print('violet: %.3f of the crop' % violet)
sys.exit(violet < 0.12)
PY
