#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# M2: a picture that claims more pixels than are allowed is refused by its header: quickly, in little memory, naming the limit.
. tests/hostile/lib.sh
craft png_huge 65536.png
craft jpeg_huge sof-65500.jpg "$(photo)"
vips copy "$(photo)" "$TMPDIR/base/a.avif" 2>/dev/null && craft ispe_17000 17000.avif "$TMPDIR/base/a.avif"
vips copy "$(photo)" "$TMPDIR/base/a.heic" 2>/dev/null && craft ispe_17000 17000.heic "$TMPDIR/base/a.heic"
ff -f lavfi -i testsrc2=s=64x48:r=25:d=1 -c:v libx264 -preset ultrafast -pix_fmt yuv420p "$TMPDIR/base/tiny.mp4"
craft mov_stsd_size 65535.mp4 "$TMPDIR/base/tiny.mp4"
for f in 65536.png sof-65500.jpg; do
    refused 'pixels are more than the [0-9]+ megapixels allowed' "$IN/$f"
    within_mb 90
    within_s 2
done
for f in "$IN"/17000.*; do
    refused '.' "$f"
    within_mb 90
    within_s 2
done
survived "$IN/65535.mp4" # what counts is what is decoded: 64×48
within_mb 250
corpus=$ROOT/../shared/corpus/hostile
if [ -e "$corpus/65536-uint32-limit.png" ]; then
    refused 'megapixels' "$corpus/65536-uint32-limit.png"
    within_mb 90
    within_s 2
fi
done_
