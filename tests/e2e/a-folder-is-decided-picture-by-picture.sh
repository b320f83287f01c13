#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A folder of ten photos and a clip at the command: four pictures for X with shorter words, all but one for Facebook, one rejected, an approval
# undone, all of it under embargo over a crash, then frozen and thawed, then corrected by a later photo. After each step ghat verify finds nothing
# wrong, and nothing is outside before it may be. (What forgeries it finds: forgeries-are-found-and-named.sh.)
. tests/e2e/lib.sh
configure publish.undo=2s placements.make=fb.photo,x.photo,fb.video,x.video placements.not=yt.thumb
department Water water
start
mkdir "$TMPDIR/Fair"
ffmpeg -nostdin -v error -f lavfi -i testsrc=s=640x480:r=1 -frames:v 10 "$TMPDIR/Fair/p%02d.png"
cp "$(media clip.mp4)" "$TMPDIR/Fair/clip.mp4"
printf 'The winter fair, in all its length' >"$TMPDIR/Fair/caption.txt"
mv "$TMPDIR/Fair" "$T/srv/drop/Water/"
arrives Fair staged 300
fair=$ID
whole() { ghat verify >"$TMPDIR/verify" 2>&1 || die "$1: ghat verify: $(cat "$TMPDIR/verify")"; }
out() { [ -n "$(find "$T/srv/outbox" -mindepth 1)" ]; }
inside() { [ -z "$(find "$T/srv/outbox" -mindepth 1)" ] || die "$1: outside are $(find "$T/srv/outbox" -mindepth 1)"; }
handle() { ghat show "$1" --json | jq -er .handle; }
# states PLACEMENT: the state of each of its outputs, in order of the files
states() { item "$fair" "[.renditions[] | select(.placement == \"$1\") | \"\(.number):\(.state)\"] | sort_by(split(\":\")[0] | tonumber) | join(\" \")"; }
# every STATE FIRST LAST: what states prints when they are all in that one
every() { for n in $(seq "$2" "$3"); do printf '%s ' "$n:$1"; done; }
number() { item "$fair" "[.files[] | select(.name == \"$1\") | .number][0]"; }
# numbers NAME…: what ghatd calls those files, "1,2,3"
numbers() { for name; do number "$name"; done | paste -sd,; }
first=$(number p01.png)
same "pictures are counted in order of their names" "$(numbers p01.png p02.png p03.png p04.png)" "$first,$((first + 1)),$((first + 2)),$((first + 3))"
last=$(number p10.png)
four=$(numbers p01.png p02.png p03.png p04.png)
whole staged

step "shorter words for X, and one picture rejected"
ghat caption "$fair" 'The winter fair' -p x.photo >/dev/null
ghat reject "$fair" -f "$last" --reason 'a face of a child' >/dev/null
same "the rejected one" "$(item "$fair" "[.renditions[] | select(.number == $last) | .state] | unique | join(\" \")")" rejected
told() { grep -q 'a face of a child' "$T/srv/drop/Water/Status/Fair.txt"; }
within 30 "the department is told" told
whole rejected

step "under embargo; approved for X with a wrong one among them, undone, and approved again"
ghat embargo "$fair" "$(date -d tomorrow '+%Y-%m-%d %H:%M')" >/dev/null
ghat approve "$(handle "$fair")" -p x.photo -f "$(numbers p01.png p02.png p03.png p05.png)" >"$TMPDIR/said"
has "$TMPDIR/said" "until then: ghat undo $fair"
ghat undo "$fair" >/dev/null
same "for X after undo" "$(states x.photo)" "$(every staged "$first" $((last - 1)))$last:rejected"
whole undone
ghat approve "$(handle "$fair")" -p x.photo -f "$four" >/dev/null
ghat approve "$(handle "$fair")" -p fb.photo,fb.video >/dev/null
same "for X" "$(states x.photo)" "$(every approved "$first" $((first + 3)))$(every staged $((first + 4)) $((last - 1)))$last:rejected"
same "for Facebook" "$(states fb.photo)" "$(every approved "$first" $((last - 1)))$last:rejected"
whole approved
inside "under embargo"

step "over a crash"
crash
start
never 4 "something is out of what is under embargo" out
inside "after the crash"
same "for Facebook" "$(states fb.photo)" "$(every approved "$first" $((last - 1)))$last:rejected"
whole "after the crash"

step "frozen: the end of the embargo lets nothing out"
ghat freeze 'Rain over the fair' >/dev/null
ghat embargo "$fair" off >/dev/null
never 4 "something is out while all is frozen" out
whole frozen

step "thawed: four pictures for X, nine and the clip for Facebook"
ghat thaw >/dev/null
within 60 "it is out" in_outbox "$fair"
m=$(outbox_of "$fair")/manifest.json
same "for X" "$(jq -r '[.files[] | select(.placement == "x.photo") | .original_name] | join(" ")' "$m")" 'p01.png p02.png p03.png p04.png'
same "for Facebook" "$(jq -r '[.files[] | select(.placement == "fb.photo" or .placement == "fb.video") | .original_name] | sort | join(" ")' "$m")" \
    'clip.mp4 p01.png p02.png p03.png p04.png p05.png p06.png p07.png p08.png p09.png'
same "files outside" "$(find "$(outbox_of "$fair")" -name '*.jpg' -o -name '*.mp4' | wc -l)" 14
has "$(outbox_of "$fair")/caption.txt" 'The winter fair, in all its length'
same "words for X" "$(jq -r '[.files[] | select(.placement == "x.photo") | .caption] | unique | join("|")' "$m")" 'The winter fair'
whole published

step "corrected by a later photo: the old ones go when the new one comes"
cp "$(another right.jpg right)" "$T/srv/drop/Water/right.jpg"
arrives right.jpg staged 120
right=$ID
ghat replaces "$right" "$fair" >/dev/null
ghat approve "$(handle "$right")" -p fb.photo,x.photo >/dev/null
whole "the correction is approved"
within 60 "the correction is out" in_outbox "$right"
gone() { [ -z "$(find "$(outbox_of "$fair")" -name '*.jpg' -o -name '*.mp4')" ] && in_outbox "$fair"; }
within 60 "the old ones are withdrawn" gone
same "both manifests" "$(jq -r .replaced_by.id "$m") $(jq -r .replaces.id "$(outbox_of "$right")/manifest.json")" "$right $fair"
same "what is withdrawn" "$(jq -r '.withdrawn | length' "$m")" 14
whole corrected
