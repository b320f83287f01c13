#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# ghat render without a daemon: 0 all made, 1 some input failed and the rest was made, 2 the command line is wrong; one line an error.
. tests/e2e/lib.sh
unset GHAT_CONF
cd "$TMPDIR"
run() { rc=0; "$B/ghat" "$@" >out 2>err || rc=$?; }
cp "$(media photo.jpg)" photo.jpg
cp "$(media short.mp4)" short.mp4
head -c 4000 photo.jpg >half.jpg
printf 'hello\n' >letter.jpg

step "0: all made, one line an output, nothing on stderr"
run render -o o photo.jpg
same code $rc 0
same outputs "$(find o -type f | wc -l)" 7
same lines "$(wc -l <out)" 7
same complaints "$(cat err)" ""
for p in $PHOTOS; do [ -s o/$p/photo.jpg ] || die "no o/$p/photo.jpg"; grep -q "$p" out || die "$p is not in the output"; done

step "0: a placement that cannot be served is skipped, with its reason"
run render -o o2 -p vertical.short,x.video short.mp4
same code $rc 0
[ -s o2/x.video/short.mp4 ] || die "x.video was not made"
[ ! -e o2/vertical.short/short.mp4 ] || die "one second became a reel"
grep -E 'vertical\.short' out | seen -iE 'skip|short' || { cat out err; die "no reason for the skipped placement"; }

step "1: bad inputs are named, one line each, the rest is made"
run render -o o3 -p wa.photo half.jpg photo.jpg letter.jpg missing.jpg
same code $rc 1
[ -s o3/wa.photo/photo.jpg ] || die "the good one was not made"
same files "$(find o3 -type f | wc -l)" 1
for f in half.jpg letter.jpg missing.jpg; do same "lines about $f" "$(grep -c "$f" err)" 1; done
same "lines on stderr" "$(wc -l <err)" 3

step "2: usage"
for words in 'render' 'render -p no.such.placement photo.jpg' 'render -m publish photo.jpg' 'render -j none photo.jpg' 'render --wrong photo.jpg' \
    'nonsense' '' 'plan' 'probe'; do
    run $words
    same "code of: ghat $words" $rc 2
    [ -s err ] || die "ghat $words: nothing on stderr"
done

step "policies"
run render -o strip -m strip -p fb.photo photo.jpg
same code $rc 0
same "date under strip" "$(exiftool -s3 -DateTimeOriginal strip/fb.photo/photo.jpg)" ""
run render -o credit -m credit -p fb.photo photo.jpg
same "date under credit" "$(exiftool -s3 -DateTimeOriginal credit/fb.photo/photo.jpg)" "2026:11:23 09:15:00"
for d in strip credit; do same "position under $d" "$(exiftool -s3 -GPSLatitude $d/fb.photo/photo.jpg)" ""; done

step "--json: one object a line"
run render --json -o o4 -p wa.photo,ig.photo photo.jpg half.jpg
same code $rc 1
jq -es 'length >= 2' out >/dev/null || { cat out; die "no JSON lines"; }
for p in wa.photo ig.photo; do grep -q "$p" out || die "$p is not in the JSON"; done
