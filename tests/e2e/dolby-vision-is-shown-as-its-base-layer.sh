#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A phone's Dolby Vision clip (profile 8.4: HLG with a layer of metadata) is tone-mapped like the same clip without that layer, picture for
# picture, and nothing of the layer leaves: no dvcC or dvvC box, no RPU, no such side data.
. tests/e2e/lib.sh
unset GHAT_CONF
ffmpeg -hide_banner -encoders 2>/dev/null | seen libx265 || skip "this ffmpeg has no x265"
cd "$TMPDIR"
quiet='-nostdin -v error -y'
make_mp4() { # make_mp4 IN.hevc OUT.mp4
    ffmpeg $quiet -fflags +genpts -r 25 -i "$1" -f lavfi -i sine=d=3 -map 0 -map 1 -c:v copy -tag:v hvc1 -c:a aac "$2"
}
ffmpeg $quiet -f lavfi -i testsrc2=s=640x360:r=25:d=3 -vf format=yuv420p10le -c:v libx265 -preset ultrafast -x265-params log-level=error:bframes=0 \
    -color_primaries bt2020 -color_trc arib-std-b67 -colorspace bt2020nc -f hevc plain.hevc
python3 "$ROOT/tests/e2e/dolby.py" rpu plain.hevc layered.hevc
make_mp4 plain.hevc plain.mp4
make_mp4 layered.hevc layered.mp4
python3 "$ROOT/tests/e2e/dolby.py" box layered.mp4 dolby.mp4

step "the clip is one that FFmpeg takes for Dolby Vision"
ffprobe -v error -select_streams v -show_entries stream_side_data=dv_profile,dv_bl_signal_compatibility_id -of default=nw=1 dolby.mp4 | tr '\n' ' ' >said
has said "dv_profile=8 dv_bl_signal_compatibility_id=4"
same "pictures with an RPU" "$(ffprobe -v error -select_streams v -show_frames dolby.mp4 | grep -c 'side_data_type=Dolby Vision RPU Data')" 75

step "what comes out is what the plain clip gives"
ghat render -o out plain.mp4 dolby.mp4 >lines 2>&1 || { cat lines; die "ghat render"; }
! seen "passed through" <lines || { cat lines; die "HDR was passed through"; }
n=0
for plain in out/*.video/plain.mp4; do
    dolby=${plain%/*}/dolby.mp4
    python3 "$ROOT/tests/e2e/video_judge.py" "$dolby" seconds=3 || die "$dolby"
    same_pictures "$dolby" "$dolby" "$plain"
    for word in dvcC dvvC dvwC dvh1 hvc1 DOVI; do ! grep -q $word "$dolby" || die "$word in $dolby"; done
    same "side data of $dolby" "$(ffprobe -v error -show_frames -show_streams "$dolby" | grep -c 'side_data_type')" 0
    n=$((n + 1))
done
[ $n -ge 4 ] || die "only $n placements were made"
cmp out/yt.thumb/plain.jpg out/yt.thumb/dolby.jpg || die "the thumbnails differ"
