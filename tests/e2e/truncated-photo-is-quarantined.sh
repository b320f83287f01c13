#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A photo cut off half-way is not published with a grey half: it is set aside, and the officer is asked to send it again.
. tests/e2e/lib.sh
configure
department Water water
start
drop=$T/srv/drop/Water
photo=$(media photo.jpg)
png=$(media small.png)
head -c $(($(stat -c %s "$photo") * 6 / 10)) "$photo" >"$drop/half.jpg"
head -c $(($(stat -c %s "$png") / 2)) "$png" >"$drop/half.png"
head -c $(($(stat -c %s "$(media clip.mp4)") / 2)) "$(media clip.mp4)" >"$drop/half.mp4"
for f in half.jpg half.png half.mp4; do
    arrives $f quarantined
    within 10 "note of $f" grep -qi 'again' "$drop/Status/$f.txt"
    [ -z "$(find "$T/srv/staging" -path "*/$ID/*" -type f)" ] || die "$f left something in staging"
done
step "the whole photo under the same name is a new submission"
cp "$photo" "$drop/half.jpg"
arrives half.jpg staged
same submissions "$(list length)" 4
