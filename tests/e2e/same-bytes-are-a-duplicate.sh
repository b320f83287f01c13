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
theirs=$ID
made_once() { # every output of theirs is one of ours under another name
    local f
    for f in "$T/srv/staging/$theirs"/*/*; do
        find "$T/srv/staging/$first" -samefile "$f" | seen . || return 1
    done
}
made_once || die "the same outputs were made again for another department"
step "the same bytes with new words: a revision of the first"
cp "$photo" "$T/srv/drop/Water/first.jpg"
printf 'new words' >"$T/srv/drop/Water/first.txt"
revised() { [ "$(item "$first" .caption)" = 'new words' ] && [ "$(item "$first" .revision)" = 2 ]; }
within 60 "the first has the new caption" revised
step "after a rejection the same bytes may come again"
ghat reject "$first" --reason 'too early'
cp "$photo" "$T/srv/drop/Water/later.jpg"
arrives later.jpg staged
