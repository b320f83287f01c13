#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A long video interrupted in the middle, by the end of its worker or of ghatd, goes on where it was: what was encoded is not encoded again, and
# the outputs show no seam.
. tests/e2e/lib.sh
expect_log 'event=(crashed|interrupted) '
configure workers.keep=5s
department Water water
start
work=$T/srv/staging/.work
# clip NAME TONE: 9 s, with a key picture at 0 and at 8.3 s only
clip() {
    ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=640x360:r=30:d=9 -f lavfi -i "sine=$2:d=9" -c:v libx264 -preset ultrafast -crf 20 \
        -pix_fmt yuv420p -c:a aac -f mp4 "$TMPDIR/$1"
}
kept() { [ "$(find "$work" -name '*.made' -size +20k | wc -l)" -ge 1 ] || { ls -la "$work"; die "nothing was kept"; }; }
resumed() { # the child that made it says how much was there already; the attempt before was past the middle
    grep -E "event=resumed .*id=$ID .*attempt=2 " "$LOG" || die "attempt 2 began anew"
    if grep -E "event=resumed .*id=$ID " "$LOG" | seen -vE 'at_ms=[1-9][0-9]{3}$'; then die "too little was kept"; fi
    if ls "$work"/*.made 2>/dev/null; then die "what was kept is still there"; fi
}

clip a.mp4 330
clip b.mp4 440
step "kill the worker"
cp "$TMPDIR/a.mp4" "$T/srv/drop/Water/a.mp4"
arrives a.mp4 rendering
within 240 "half of it is made" half
kill -KILL "$(busiest)"
within 300 "the video is staged" staged
same strikes "$(item "$ID" '.files[0].strikes')" 1
resumed
seamless 270 "$TMPDIR/a.mp4"

step "kill ghatd"
cp "$TMPDIR/b.mp4" "$T/srv/drop/Water/b.mp4"
arrives b.mp4 rendering
within 240 "half of it is made" half
orphans=$(workers)
crash
# Whoever starts it again ends what is left of it first, as systemd does.
gone() { for pid in $orphans; do if kill -0 "$pid" 2>/dev/null; then return 1; fi; done; }
within 30 "its workers are gone" gone
kept
start
within 300 "the video is staged" staged
same strikes "$(item "$ID" '.files[0].strikes')" 0
resumed
seamless 270
