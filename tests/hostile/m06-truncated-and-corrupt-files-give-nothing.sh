#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# M6: a file of any format that is cut off is refused as damaged; no output with a grey half is made.
. tests/hostile/lib.sh
for e in png webp tiff heic avif; do vips copy "$(photo)" "$TMPDIR/base/a.$e" 2>/dev/null || echo "no $e from vips here"; done
vips copy "$(photo)" "$TMPDIR/base/prog.jpg[interlace]"
ff -i "$(photo)" -frames:v 1 "$TMPDIR/base/a.gif"
ff -i "$(photo)" "$TMPDIR/base/a.bmp"
cp "$(photo)" "$TMPDIR/base/a.jpg"
for f in "$TMPDIR"/base/{a,prog}.*; do
    size=$(stat -c %s "$f") n=$(basename "$f")
    for part in 50 90; do
        head -c $((size * part / 100)) "$f" >"$IN/$part-$n"
        P=fb.photo refused 'damaged|incomplete|truncated|Premature|end of' "$IN/$part-$n"
    done
done
head -c $(($(stat -c %s "$(clip)") / 2)) "$(clip)" >"$IN/half.mp4" # its moov lies at the end
refused 'damaged|incomplete' "$IN/half.mp4"
python3 - "$(photo)" "$IN/holes.jpg" <<'PY'
import sys
j = bytearray(open(sys.argv[1], 'rb').read())
for at in range(len(j) // 2, len(j) - 300, 997):
    j[at:at + 4] = b'\xff\x13\x37\xc4'
open(sys.argv[2], 'wb').write(j)
PY
P=fb.photo refused 'damaged' "$IN/holes.jpg"
done_
