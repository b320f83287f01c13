#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A video encoded in three lanes at the same time, and interrupted: the outputs show no seam.
. tests/e2e/lib.sh
expect_log 'event=(crashed|interrupted) '
configure workers.keep=5s workers.lanes=3
department Water water
start
work=$T/srv/staging/.work
# clip NAME TONE: 6 s, with a key picture at 0 only
clip() {
    ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=640x360:r=30:d=6 -f lavfi -i "sine=$2:d=6" -c:v libx264 -preset ultrafast -crf 20 \
        -pix_fmt yuv420p -c:a aac -f mp4 "$TMPDIR/$1"
}

clip a.mp4 330
clip b.mp4 440
step "in one go"
cp "$TMPDIR/a.mp4" "$T/srv/drop/Water/a.mp4"
arrives a.mp4 staged
same strikes "$(item "$ID" '.files[0].strikes')" 0
seamless 180 "$TMPDIR/a.mp4"

step "kill the worker in the middle"
cp "$TMPDIR/b.mp4" "$T/srv/drop/Water/b.mp4"
arrives b.mp4 rendering
within 240 "half of it is made" half
kill -KILL "$(busiest)"
within 300 "the video is staged" staged
same strikes "$(item "$ID" '.files[0].strikes')" 1
seamless 180 "$TMPDIR/b.mp4"
[ -z "$(find "$work" -type f)" ] || die "something is left: $(ls -la "$work")"
