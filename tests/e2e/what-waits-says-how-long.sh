#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How long an item still takes is told while it waits, too: in list, show and status, and in the officer's note in both languages. Nothing
# is said before anything of its kind was made; what was learnt survives a restart.
. tests/e2e/lib.sh
mkdir -p "$TMPDIR/profiles"
cp "$ROOT/profiles/x.video.profile" "$TMPDIR/profiles/"
configure workers.count=1 paths.profiles="$TMPDIR/profiles" placements.also=all
department Water water
department Roads roads
start
drop=$T/srv/drop
lefts() { ghat list --json | jq -se '[.[] | select(.state == "received" or .state == "rendering") | .left_seconds]'; }

step "nothing is known, and nothing is said"
same "queue" "$(ghat status --json | jq -c .queue)" '{"photos":0,"videos":0,"left_seconds":0}'
cp "$(media long.mp4)" "$drop/Water/long.mp4"
arrives long.mp4 rendering
same "a first video" "$(item "$ID" '.left_seconds == null or (.running | length) > 0')" true
arrives long.mp4 staged 300
same "made" "$(ghat show "$ID" --json | jq .left_seconds)" null

step "videos behind others wait as long as those take"
for i in 1 2 3; do
    # Long enough that none is made while the others are looked at.
    ffmpeg -nostdin -v error -y -stream_loop 7 -i "$(media long.mp4)" -c copy -metadata comment=$i -f mp4 "$TMPDIR/v$i.mp4"
done
mv "$TMPDIR"/v?.mp4 "$drop/Roads/"
three() { lefts | jq -e 'length == 3 and all(. != null and . > 0) and (sort | .[2] > .[0] * 1.5)'; }
within 60 "each of three says how long, the last waits for the others" three
# The queue is read again once a second: what came since is in an item's own estimate, not yet in the sum.
queue_told() { ghat status --json | jq -e '.queue.videos > 0 and .queue.left_seconds > 0'; }
within 10 "status sums up the queue" queue_told
ghat status | seen -E '^waiting +0 photos, [12] videos: about [0-9]+ (s|min)' || die "status says nothing in words"
ghat list | seen -E 'received.* about [0-9]+ (s|min)' || die "the table says nothing"
note=$(grep -l 'Still takes: about [0-9]* minutes\?, until about [0-9][0-9]:[0-9][0-9]' "$drop"/Roads/Status/v*.txt | first)
[ -n "$note" ] || die "no note says how long"
grep -Eq 'তৈরি হতে বাকি: প্রায় [^ 0-9]+ মিনিট, আনুমানিক সময় [^ 0-9]+:[^ 0-9]+' "$note" || { cat "$note"; die "not in Bengali"; }

step "a restart forgets nothing"
stop
start
again() { lefts | jq -e 'length >= 2 and all(. != null)'; }
within 60 "known at once" again
