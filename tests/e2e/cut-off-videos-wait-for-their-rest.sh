#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Half a video waits as incomplete, and its note says so, whether its index comes first (all looks whole until it is read to its end), last or
# is spread over it. When the whole file comes under the same name, it takes its place in the same submission. Half an MPEG-TS is a whole
# shorter one, since that format says nowhere how long it is; the whole is then a submission of its own.
. tests/e2e/lib.sh
mkdir -p "$TMPDIR/profiles"
for p in x.video yt.thumb; do cp "$ROOT/profiles/$p.profile" "$TMPDIR/profiles/"; done
configure paths.profiles="$TMPDIR/profiles"
department Water water '[intake]
quiet = 3s'
cd "$TMPDIR"
# within the hard limits of a placement, so that it is decoded whole before it is planned
ffmpeg -nostdin -v error -y -i "$(media clip.mp4)" -map_metadata -1 -c copy -movflags +faststart fast.mp4
for f in last.mp4 spread.mkv stream.ts; do ffmpeg -nostdin -v error -y -i fast.mp4 -map_metadata -1 -c copy $f; done
cd "$ROOT"
start
drop=$T/srv/drop/Water
for f in fast.mp4 last.mp4 spread.mkv stream.ts; do
    head -c $(($(stat -c %s "$TMPDIR/$f") * 6 / 10)) "$TMPDIR/$f" >"$TMPDIR/half.$f"
    mv "$TMPDIR/half.$f" "$drop/$f"
done
step "they wait, and the officer is told"
declare -A half
for f in fast.mp4 last.mp4 spread.mkv; do
    within 120 "the note of $f says that it seems incomplete" grep -q 'seems incomplete' "$drop/Status/$f.txt"
    note_says "$drop/Status/$f.txt" 'অসম্পূর্ণ মনে হচ্ছে'
    half[$f]=$(number_of $f)
    [ -z "$(find "$T/srv/staging/${half[$f]}" -type f 2>/dev/null)" ] || die "half of $f is staged"
    cp "$TMPDIR/$f" "$drop/$f"
done
step "the whole takes its place"
for f in fast.mp4 last.mp4 spread.mkv; do
    arrives $f staged 180
    same "submission of $f" "$ID" "${half[$f]}"
    same "submissions of $f" "$(list "map(select(.name == \"$f\")) | length")" 1
    for out in "$T/srv/staging/$ID/"x.video/*.mp4; do
        s=$(ffprobe -v error -show_entries format=duration -of csv=p=0 "$out")
        awk -v s="$s" 'BEGIN { exit !(s > 5.8 && s < 6.2) }' || die "$out lasts $s s"
    done
    note_says "$drop/Status/$f.txt" 'waiting for approval'
done
step "a cut MPEG-TS"
arrives stream.ts staged 120
cut=$ID
mv "$TMPDIR/stream.ts" "$drop/stream.ts"
own() { [ "$(list '[.[] | select(.name == "stream.ts" and .state == "staged")] | length')" = 2 ]; }
within 120 "the whole stream is a submission of its own" own
[ "$(number_of stream.ts)" != "$cut" ] || die "it replaced the other"
