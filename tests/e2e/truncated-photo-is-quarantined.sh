#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# F8: a photo cut off half-way is not published with a grey half. Its rest is waited for; then it is set aside, and the officer
# is asked to send it again. The whole file under the same name takes its place, in the same submission.
. tests/e2e/lib.sh
configure
department Water water
department Roads roads '[intake]
quiet = 5s'
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
step "the whole photo under the same name takes its place"
half=$(number_of half.jpg)
cp "$photo" "$drop/half.jpg"
arrives half.jpg staged
same submission "$ID" "$half"
same submissions "$(list length)" 3
same "bytes that were made use of" "$(sql "SELECT sha256 FROM file WHERE submission = $ID AND work = 'done'")" "$(hash_of "$photo")"
same "the half in the quarantine" "$(find "$T/srv/quarantine/$ID" -type f 2>/dev/null)" ''
note_says "$drop/Status/half.jpg.txt" 'waiting for approval'
for f in "$T"/srv/staging/"$ID"/*/*; do
    vips copy "$f[fail_on=warning]" "$TMPDIR/whole.png[strip]" || die "$f does not decode to its end"
done

step "while its rest is waited for, the note says so; a client that goes on is in time"
whole=$(another late.jpg late)
head -c $(($(stat -c %s "$whole") / 2)) "$whole" >"$T/srv/drop/Roads/late.jpg"
within 60 "the note says that it seems incomplete" grep -q 'seems incomplete' "$T/srv/drop/Roads/Status/late.jpg.txt"
state_is late.jpg rendering || die "not waited for"
late=$(number_of late.jpg)
cp "$whole" "$T/srv/drop/Roads/late.jpg"
arrives late.jpg staged
same submission "$ID" "$late"

step "the quiet time of each department is shown: Roads has learnt that its clients are slow"
same "quiet time" "$(ghat status --json | jq -c '.intake.quiet_seconds | [.water, .roads]')" '[1,10]'
ghat status | seen -F 'roads 10 s' || die "ghat status does not show the quiet time"
