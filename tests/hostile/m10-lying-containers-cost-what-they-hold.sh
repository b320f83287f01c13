#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# M10: a container's header may lie of sizes, times, frames, edits and streams: what counts is what is decoded, and limits are
# named.
. tests/hostile/lib.sh
c=$(clip)
for kind in tkhd stsd_size no_timescale frames no_time chunks offsets elst elst_many no_stsd long mdat; do craft mov_$kind $kind.mp4 "$c"; done
craft mov_streams streams.mp4 "$c"
P=x.video
for f in "$IN"/*.mp4; do
    survived "$f"
    within_mb 700
    within_s 40
done
refused 'more than 16 streams' "$IN/streams.mp4"
within_s 5
refused 'edit list has 100000 entries, more than the limit' "$IN/elst_many.mp4"
refused 'no picture|damaged|cannot be' "$IN/no_stsd.mp4" "$IN/chunks.mp4"
# thirty hours, says every header: what is there is measured, made, and no second more (limits on what is really there: limits-are-kept-and-named)
accepted "$IN/long.mp4"
made=$(find "$OUT" -name '*.mp4')
lasts() { ffprobe -v quiet -show_entries format=duration -of csv=p=0 "$1"; }
awk -v a="$(lasts "$made")" -v b="$(lasts "$c")" 'BEGIN { exit !(a > b - 0.3 && a < b + 0.3) }' || fail "long.mp4 came out as $(lasts "$made") s of $(lasts "$c") s"
within_s 20
corpus=$ROOT/../shared/corpus/videos
if [ -d "$corpus" ]; then
    survived "$corpus/sample_empty_track.mp4"
    accepted "$corpus/sample_without_stss.mp4"
fi
done_
