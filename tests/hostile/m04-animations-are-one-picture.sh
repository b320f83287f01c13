#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# M4: an animation of any length, or that claims any, gives its first picture, in bounded memory and time.
. tests/hostile/lib.sh
craft gif_frames frames.gif
craft apng_frames apng.png
ff -f lavfi -i testsrc2=s=320x240:r=25:d=8 -c:v libwebp_anim -lossless 0 -q:v 10 "$IN/anim.webp"
for f in frames.gif apng.png anim.webp; do
    P=fb.photo survived "$IN/$f"
    within_mb 400
    within_s 20
    [ "$RC" != 0 ] || [ "$N" = 1 ] || fail "$f gave $N outputs"
done
P=fb.photo accepted "$IN/apng.png" "$IN/anim.webp"
done_
