#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A logo and a label lie in their corners on every picture of a video, in their colours, whatever its shape; such a video is never passed
# through, and nothing else of its picture changes.
. tests/e2e/lib.sh
unset GHAT_CONF
cd "$TMPDIR"
quiet='-nostdin -v error -y'
ffmpeg $quiet -f lavfi -i color=red:s=200x200 -frames:v 1 logo.png
ffmpeg $quiet -f lavfi -i color=0x305090:s=1280x720:r=25:d=3 -f lavfi -i sine=d=3 -c:v libx264 -preset ultrafast -bf 0 -g 50 -pix_fmt yuv420p -profile:v baseline \
    -c:a aac -color_primaries bt709 -color_trc bt709 -colorspace bt709 plain.mp4
ghat plan -p x.video plain.mp4 | seen -i pass || die "the clip would not pass through without a logo"
ghat render -p x.video,story.video --logo logo.png --label Water -o out plain.mp4 >lines 2>&1 || { cat lines; die "rendering"; }
grep "x.video/plain.mp4" lines | seen encoded || { cat lines; die "it was passed through"; }
# Mean colour of a square of 24 pixels at a place, at a time: "r g b".
at() { ffmpeg $quiet -ss "$2" -i "$1" -frames:v 1 -vf "crop=24:24:$3:$4,scale=1:1:flags=area,format=gbrp,format=rgb24" -f rawvideo - | od -An -tu1; }
is() { awk -v w="$2" -v g="$1" 'BEGIN { split(g, a, " "); split(w, b, " "); for (i = 1; i <= 3; i++) if (a[i] - b[i] > 14 || b[i] - a[i] > 14) exit 1 }' || die "$3 is $1, should be $2"; }
# 14 % of the shorter edge, 3 % from the edges, opacity 85 %: 100 pixels of 720, 151 of 1080.
for t in 0 1.5 2.9; do
    is "$(at out/x.video/plain.mp4 $t 1280-22-62 720-22-62)" "224 12 22" "the logo at $t s"
    is "$(at out/x.video/plain.mp4 $t 640 360)" "48 80 144" "the middle at $t s"
    is "$(at out/x.video/plain.mp4 $t 20 20)" "48 80 144" "the other corner at $t s"
    is "$(at out/story.video/plain.mp4 $t 1080-32-90 1920-32-90)" "224 12 22" "the story's logo at $t s"
done
# The label: something in the lower left corner that is not the picture.
ffmpeg $quiet -i out/x.video/plain.mp4 -frames:v 1 -vf "crop=200:40:22:660,format=gray" -f rawvideo - | od -An -v -tu1 -w1 | awk '$1 > 200 { light++ } $1 < 60 { dark++ } END { exit !(light > 60 && dark > 200) }' || die "there is no label"
python3 "$ROOT/tests/e2e/video_judge.py" out/x.video/plain.mp4 size=1280x720 seconds=3 fps=25 || die "x.video"
python3 "$ROOT/tests/e2e/video_judge.py" out/story.video/plain.mp4 size=1080x1920 seconds=3 fps=25 || die "story.video"
