#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A copy that was cut off is refused and says where it ends; a video whose sound merely outlasts its picture is not: the last picture stays.
. tests/e2e/lib.sh
unset GHAT_CONF
cd "$TMPDIR"
quiet='-nostdin -v error -y'
ffmpeg $quiet -f lavfi -i testsrc2=s=320x240:r=25:d=10 -f lavfi -i sine=d=10 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac whole.mkv
ffmpeg $quiet -i whole.mkv -c copy -movflags +faststart whole.mp4
for e in mkv mp4; do
    head -c $(($(stat -c %s whole.$e) * 55 / 100)) whole.$e >half.$e
    rc=0
    ghat render -p x.video -o out half.$e >/dev/null 2>err || rc=$?
    same "exit for half.$e" $rc 1
    grep -qE 'cut off: it ends after 5\.[0-9] of 10\.[0-9] s' err || { cat err; die "half.$e: the reason"; }
done
[ -z "$(find out -type f)" ] || die "something was made of a half"

ffmpeg $quiet -f lavfi -i "color=white:s=320x240:r=25:d=3" -f lavfi -i sine=d=6 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac tail.mkv
ghat render -p x.video -o out tail.mkv >/dev/null || die "sound that outlasts the picture"
python3 "$ROOT/tests/e2e/video_judge.py" out/x.video/tail.mp4 seconds=6 || die "its output"
last=$(ffmpeg $quiet -ss 5.8 -i out/x.video/tail.mp4 -frames:v 1 -vf scale=1:1,format=gray -f rawvideo - | od -An -tu1)
[ "$last" -gt 240 ] || die "the last picture did not stay"
