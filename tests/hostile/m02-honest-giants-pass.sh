#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# M2: what is large but honest passes: a JPEG of 200 megapixels, one of 280, the widest WebP there is, an 8K clip, a phone's HEIC
# of dozens of tiles.
. tests/hostile/lib.sh
vips black "$TMPDIR/base/b.v" 16320 12240 --bands 3 && vips copy "$TMPDIR/base/b.v" "$IN/200mp.jpg[Q=60]" || die "vips"
P=fb.photo accepted "$IN/200mp.jpg"
within_mb 400
rm -f "$TMPDIR/base/b.v" "$IN/200mp.jpg"
vips black "$TMPDIR/base/w.v" 16383 64 --bands 3 && vips copy "$TMPDIR/base/w.v" "$IN/wide.webp" || die "vips"
P=tg.photo survived "$IN/wide.webp"
[ "$RC" = 0 ] || fail "the widest WebP is refused"
ff -f lavfi -i testsrc2=s=7680x4320:r=24 -frames:v 8 -c:v libx264 -preset ultrafast -crf 35 -pix_fmt yuv420p "$IN/8k.mp4"
P=yt.thumb LIMIT_S=120 accepted "$IN/8k.mp4"
within_mb 2500
corpus=$ROOT/../shared/corpus
if [ -d "$corpus" ]; then
    P=fb.photo accepted "$corpus/hostile/giant-image.jpg" "$corpus/photos/IMG_5195.HEIC" "$corpus/photos/IMG_2682.heic"
fi
done_
