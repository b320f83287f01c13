#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# M11: a stream whose pictures change their size is decoded on, each picture against the limits; one that grows beyond them ends
# the job.
. tests/hostile/lib.sh
es() { ff -f lavfi -i "testsrc2=s=$1:r=25:d=3" -c:v libx264 -preset ultrafast -pix_fmt yuv420p -f h264 "$TMPDIR/base/$1.h264"; }
es 320x240
es 1280x720
cat "$TMPDIR"/base/{320x240,1280x720}.h264 >"$TMPDIR/base/up.h264"
cat "$TMPDIR"/base/{1280x720,320x240}.h264 >"$TMPDIR/base/down.h264"
for f in up down; do
    ff -r 25 -i "$TMPDIR/base/$f.h264" -c copy -f mpegts "$IN/$f.ts"
    ff -r 25 -i "$TMPDIR/base/$f.h264" -c copy "$IN/$f.mp4"
done
P=x.video accepted "$IN"/*.ts "$IN"/*.mp4
printf '[limits]\nvideo_pixels = 500000\n' >"$GHAT_CONF"
P=x.video refused 'larger than the limit of 500000 pixels' "$IN"/*
done_
