#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A folder that holds no photo and no video is set aside as a whole; one bad file beside a good one does not spoil the folder.
. tests/e2e/lib.sh
configure
department Water water
start
drop=$T/srv/drop/Water
mkdir "$drop/Minutes" "$drop/Mixed"
printf 'Minutes of the meeting\n' >"$drop/Minutes/notes.doc"
head -c 3000 /dev/urandom >"$drop/Minutes/scan.jpg"
arrives Minutes quarantined
within 10 "the note asks for something else" grep -qi 'send' "$drop/Status/Minutes.txt"
cp "$(media photo.jpg)" "$drop/Mixed/good.jpg"
head -c 3000 /dev/urandom >"$drop/Mixed/bad.jpg"
arrives Mixed staged
item "$ID" '.files[] | select(.name == "bad.jpg") | .reason' >/dev/null || die "no reason for the bad file"
within 10 "the note names the bad file" grep -q 'bad.jpg' "$drop/Status/Mixed.txt"
