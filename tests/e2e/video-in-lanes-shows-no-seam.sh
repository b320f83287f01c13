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
workers() { pgrep -P "$(pgrep -P "$DAEMON" -f ghat-worker | head -n 1)"; }
busiest() { workers | xargs -I{} sh -c 'echo $(awk "{print \$14+\$15}" /proc/{}/stat) {}' | sort -n | tail -n 1 | cut -d' ' -f2; }
half() { ghat status --json | jq -e --argjson id "$ID" '.running[] | select(.id == $id) | .progress >= 0.5' >/dev/null; }
staged() { [ "$(item "$ID" .state)" = staged ]; }
seamless() {
    local placement stage file frames irregular ssim
    while IFS=$'\t' read -r placement stage; do
        file=$T/srv/staging/$stage
        frames=$(ffprobe -v error -select_streams v:0 -count_frames -show_entries stream=nb_read_frames -of csv=p=0 "$file")
        same "pictures of $placement" "$frames" 180
        irregular=$(ffprobe -v error -select_streams v:0 -show_entries packet=pts_time -of csv=p=0 "$file" | sort -n |
            awk 'NR > 1 && ($1 - last < 0.0330 || $1 - last > 0.0337) { n++ } { last = $1 } END { print n + 0 }')
        same "irregular pictures of $placement" "$irregular" 0
        ffprobe -v error -show_entries stream=duration -of json "$file" | jq -e '[.streams[].duration | tonumber] | (max - min) < 0.04' >/dev/null ||
            die "$placement: picture and sound differ in length"
        [ $# -gt 0 ] || continue
        case $placement in vertical.short | story.video) continue ;; esac
        ssim=$(ffmpeg -nostdin -v info -i "$file" -i "$1" -lavfi '[1:v]scale=640:360[r];[0:v]scale=640:360[o];[o][r]ssim=shortest=1' -f null - 2>&1 |
            sed -n 's/.*All:\([0-9.]*\).*/\1/p')
        jq -en "$ssim > 0.95" >/dev/null || die "$placement: SSIM $ssim"
        ffprobe -v error -select_streams v:0 -show_entries packet=dts -of csv=p=0 "$file" | awk -F, 'NR > 1 && $1 <= last { exit 1 } { last = $1 }' ||
            die "$placement: decoding goes back in time"
    done < <(ghat show "$ID" --json | jq -r '.renditions[] | select(.placement != "yt.thumb" and .state == "staged") | [.placement, .stage] | @tsv')
}

clip a.mp4 330
clip b.mp4 440
step "in one go"
cp "$TMPDIR/a.mp4" "$T/srv/drop/Water/a.mp4"
arrives a.mp4 staged
same strikes "$(item "$ID" '.files[0].strikes')" 0
seamless "$TMPDIR/a.mp4"

step "kill the worker in the middle"
cp "$TMPDIR/b.mp4" "$T/srv/drop/Water/b.mp4"
arrives b.mp4 rendering
within 240 "half of it is made" half
kill -KILL "$(busiest)"
within 300 "the video is staged" staged
same strikes "$(item "$ID" '.files[0].strikes')" 1
seamless "$TMPDIR/b.mp4"
[ -z "$(find "$work" -type f)" ] || die "something is left: $(ls -la "$work")"
