#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The same bytes again from the same department are a duplicate and rendered once; from another department they are its own.
. tests/e2e/lib.sh
configure
department Water water
department Roads roads
start
photo=$(media photo.jpg)
cp "$photo" "$T/srv/drop/Water/first.jpg"
arrives first.jpg staged
first=$ID
cp "$photo" "$T/srv/drop/Water/again.jpg"
arrives again.jpg duplicate
same "duplicate of" "$(item "$ID" .duplicate_of)" "$first"
[ ! -e "$T/srv/drop/Water/again.jpg" ] || die "the duplicate is still in the drop folder"
within 10 "the officer is told" grep -qi 'before' "$T/srv/drop/Water/Status/again.jpg.txt"
cp "$photo" "$T/srv/drop/Roads/theirs.jpg"
arrives theirs.jpg staged
same department "$(item "$ID" .department)" roads
same "bytes kept once" "$(find "$T/srv/spool" "$T/srv/archive" -type f -name "*$(hash_of "$photo")*" -printf '%i\n' | sort -u | wc -l)" 1
step "after a rejection the same bytes may come again"
ghat reject "$first" --reason 'too early'
cp "$photo" "$T/srv/drop/Water/later.jpg"
arrives later.jpg staged
