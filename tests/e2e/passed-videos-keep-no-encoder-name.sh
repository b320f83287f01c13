#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A video that passes through keeps its pictures and its sound as they decode, and nothing in which its encoders named themselves: neither
# x264's settings in the bitstream nor the fill elements of AAC.
. tests/e2e/lib.sh
unset GHAT_CONF
cd "$TMPDIR"
ffmpeg -nostdin -v error -y -f lavfi -i testsrc2=s=640x360:r=25:d=8 -f lavfi -i "aevalsrc='0.2*sin(2*PI*300*t*t)':s=48000:d=8" -ac 2 \
    -c:v libx264 -preset ultrafast -pix_fmt yuv420p -color_primaries bt709 -color_trc bt709 -colorspace bt709 -bf 0 -g 50 -c:a aac named.mp4
for word in x264 Lavc; do grep -q $word named.mp4 || die "the clip has no $word in it"; done
step "nothing of them is left"
ghat render -p yt.video -o out named.mp4 >lines 2>&1 || { cat lines; die "ghat render"; }
seen "passed through" <lines || { cat lines; die "it was encoded"; }
python3 "$ROOT/tests/e2e/video_judge.py" out/yt.video/named.mp4 seconds=8 || die "the output"
for word in x264 Lavc Lavf; do ! grep -q $word out/yt.video/named.mp4 || die "$word is left"; done

step "it decodes to the same"
# Priming is gone from the beginning, as long as a packet; compared is what follows.
hashes() { ffmpeg -nostdin -v error -i "$1" -map "0:$2" -f framemd5 - | sed -n 's/.*, //p' | tail -n "$3" | md5sum; }
same sound "$(hashes out/yt.video/named.mp4 a 370)" "$(hashes named.mp4 a 370)"
same pictures "$(hashes out/yt.video/named.mp4 v 200)" "$(hashes named.mp4 v 200)"
