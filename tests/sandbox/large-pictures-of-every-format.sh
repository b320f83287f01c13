#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A picture of 120 megapixels in every format that is taken goes through a locked-in child: no loader may put one on the disk, which libvips
# does beyond 100 MB where a format cannot be read row by row. HEIC and AVIF have 40 megapixels, since making larger ones takes minutes.
set -u
export PATH="$B:$PATH"
cd "$TMPDIR" || exit 2
vips black flat.v 12000 10000 --bands 3
vips black small.v 7000 5720 --bands 3
bad=0 n=0
# through NAME COMMAND…: make NAME, render it, remove it
through() {
    local name=$1
    shift
    nice "$@" 2>errors || { echo "cannot make $name: $(cat errors)"; return; }
    n=$((n + 1))
    timeout $((300 * GHAT_SLOW)) ghat render -p fb.photo -o out "$name" >said 2>&1 || { echo "$name:"; cat said; bad=1; }
    djpeg -fast "out/fb.photo/${name%.*}.jpg" >/dev/null || { echo "$name: no picture"; bad=1; }
    rm -rf "$name" out
}
through baseline.jpg vips copy flat.v 'baseline.jpg[Q=80]'
through progressive.jpg vips copy flat.v 'progressive.jpg[Q=80,interlace]'
through plain.png vips copy flat.v 'plain.png[compression=1]'
through interlaced.png vips copy flat.v 'interlaced.png[compression=1,interlace]'
through strips.tif vips copy flat.v 'strips.tif[compression=deflate]'
through tiles.tif vips copy flat.v 'tiles.tif[compression=deflate,tile,tile-width=256,tile-height=256]'
through plain.gif vips copy flat.v 'plain.gif[effort=1]'
through plain.webp vips copy flat.v 'plain.webp[Q=40,effort=0]'
through plain.bmp ffmpeg -v error -nostdin -y -f lavfi -i color=black:s=12000x10000:r=1 -frames:v 1 -pix_fmt bgr24 plain.bmp
vips bandjoin_const flat.v alpha.v 255
through alpha.webp vips copy alpha.v 'alpha.webp[Q=40,effort=0]'
through alpha.png vips copy alpha.v 'alpha.png[compression=1]'
vips colourspace small.v cmyk.v cmyk 2>/dev/null && through cmyk.jpg vips copy cmyk.v 'cmyk.jpg[Q=80]'
through plain.heic vips copy small.v 'plain.heic[compression=hevc,Q=40,effort=0]'
vips bandjoin_const small.v small-alpha.v 255
through alpha.heic vips copy small-alpha.v 'alpha.heic[compression=hevc,Q=40,effort=0]'
through plain.avif vips copy small.v 'plain.avif[compression=av1,Q=40,effort=0]'
echo "$n large pictures"
[ $n -ge 12 ] || bad=1
exit $bad
