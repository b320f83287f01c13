#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every limit of ghat.conf refuses what is beyond it, and names itself; what is within it passes. Headers first, then what is decoded.
. tests/hostile/lib.sh
with() { printf '%s\n' "$@" >"$GHAT_CONF"; }
p=$(photo) c=$(clip)
vips copy "$p" "$IN/p.png" && vips copy "$p" "$IN/prog.jpg[interlace]" && vips copy "$p" "$IN/p.webp" || die vips
check() { # KEY=VALUE PATTERN FILE PLACEMENT [SECTION]
    with "[${5:-limits}]" "$1"
    P=$4 refused "$2" "$3"
}
P=fb.photo accepted "$p" "$IN/p.png"
P=x.video accepted "$c"
check jpeg_pixels=300000 '640 × 480 pixels are more than the 0 megapixels allowed' "$p" fb.photo
check photo_pixels=300000 'pixels are more than the' "$IN/p.png" fb.photo
check photo_pixels=300000 'pixels are more than the' "$IN/p.webp" fb.photo
check photo_pixels=300000 'pixels are more than the' "$IN/prog.jpg" fb.photo
with '[limits]' photo_pixels=300000
P=fb.photo accepted "$p" # a JPEG has its own
check video_pixels=70000 '320x240 is larger than the limit of 70000 pixels' "$c" x.video
check duration=2s 'is longer than the limit of 2 s' "$c" x.video
check frames=50 'more than 50 frames' "$c" x.video
check streams=1 'more than 1 streams, the limit' "$c" x.video
check max_bytes=10000 'larger than the limit of 10000|at most 10000 are taken' "$c" x.video intake
check max_bytes=10000 'at most 10000 are taken' "$p" fb.photo intake
# An output is as large as its profile allows, or as this: the smaller counts.
check output_bytes=3000 'an output would be larger than|larger than' "$p" fb.photo
if [ -z "${SAN:-}" ]; then # a sanitizer has no limit of memory
    ff -f lavfi -i color=c=red:s=6000x5000 -frames:v 1 -c:v libwebp -lossless 0 -q:v 10 -compression_level 0 "$IN/large.webp"
    check memory=70M 'more memory|than 70 MB of memory|needs more' "$IN/large.webp" fb.photo
fi
# Processor and clock have a worker that spins and one that never ends: m07-m08-m09-m15-a-bad-worker-costs-one-file.sh.
done_
