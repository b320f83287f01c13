#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# M12: what is turned by EXIF, by irot, by a display matrix, or says so twice, comes out upright once.
. tests/hostile/lib.sh
# Red above, blue below; turned by hand, and told so.
vips black "$TMPDIR/base/half.v" 320 120 --bands 3
vips linear "$TMPDIR/base/half.v" "$TMPDIR/base/red.v" 1 "220 20 20" --uchar && vips linear "$TMPDIR/base/half.v" "$TMPDIR/base/blue.v" 1 "20 20 220" --uchar
vips join "$TMPDIR/base/red.v" "$TMPDIR/base/blue.v" "$TMPDIR/base/up.png" vertical || die vips
upright() { # FILE: red above, blue below
    local w h top bottom
    w=$(vipsheader -f width "$1") h=$(vipsheader -f height "$1")
    top=$(vips getpoint "$1" $((w / 2)) $((h / 4))) bottom=$(vips getpoint "$1" $((w / 2)) $((h * 3 / 4)))
    awk -v t="$top" -v b="$bottom" 'BEGIN { split(t, x); split(b, y); exit !(x[1] > 150 && x[3] < 100 && y[3] > 150 && y[1] < 100) }' ||
        fail "$1 is not upright: $top above, $bottom below"
}
how=([1]=d0 [3]=d180 [6]=d270 [8]=d90)
for o in 1 3 6 8; do
    vips rot "$TMPDIR/base/up.png" "$TMPDIR/base/turned.png" ${how[$o]}
    for e in jpg tiff webp; do
        vips copy "$TMPDIR/base/turned.png" "$IN/$o.$e" && exiftool -q -overwrite_original -n -Orientation=$o "$IN/$o.$e" || die "$o.$e"
        P=fb.photo accepted "$IN/$o.$e"
        upright "$OUT/fb.photo/$o.jpg"
        [ -z "$(exiftool -Orientation "$OUT/fb.photo/$o.jpg")" ] || [ "$(exiftool -n -s3 -Orientation "$OUT/fb.photo/$o.jpg")" = 1 ] || fail "$o.$e says it is turned"
    done
done
# HEIC: EXIF says 6, the boxes say nothing: the boxes are right.
if vips copy "$TMPDIR/base/up.png" "$IN/lie.heic" 2>/dev/null && exiftool -q -overwrite_original -n -EXIF:Orientation=6 "$IN/lie.heic" 2>/dev/null; then
    P=fb.photo accepted "$IN/lie.heic"
    upright "$OUT/fb.photo/lie.jpg"
fi
for o in 90 180 270; do
    vips rot "$TMPDIR/base/up.png" "$TMPDIR/base/turned.png" d$o
    ff -loop 1 -i "$TMPDIR/base/turned.png" -t 4 -r 25 -c:v libx264 -preset ultrafast -pix_fmt yuv420p "$TMPDIR/base/t.mp4"
    ff -i "$TMPDIR/base/t.mp4" -c copy -metadata:s:v rotate=$o "$IN/v$o.mp4"
    P=x.video accepted "$IN/v$o.mp4"
    ff -i "$OUT/x.video/v$o.mp4" -frames:v 1 "$TMPDIR/shot$o.png"
    upright "$TMPDIR/shot$o.png"
    [ "$(ffprobe -v error -show_entries stream_side_data=rotation -of csv=p=0 "$OUT/x.video/v$o.mp4")" = "" ] || fail "v$o still says it is turned"
done
done_
