#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What is no photo or video is set aside with a reason, whatever its name says; nothing else stops.
. tests/e2e/lib.sh
configure
department Water water
start
drop=$T/srv/drop/Water
secret=$T/secret.mp4
cp "$(media clip.mp4)" "$secret"
printf 'MZ this is a program' >"$drop/program.jpg"
printf '%%PDF-1.4\n%%%%EOF\n' >"$drop/paper.pdf"
printf '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>' >"$drop/drawing.svg"
printf '#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile://%s\n#EXT-X-ENDLIST\n' "$secret" >"$drop/playlist.mp4"
printf 'ffconcat version 1.0\nfile %s\n' "$secret" >"$drop/concat.mp4"
cp "$(media photo.jpg)" "$drop/good.jpg"
for f in program.jpg paper.pdf drawing.svg playlist.mp4 concat.mp4; do
    arrives $f quarantined
    item "$ID" .reason >/dev/null || die "$f: no reason"
    within 10 "note of $f" test -s "$drop/Status/$f.txt"
    [ ! -e "$drop/$f" ] || die "$f is still in the drop folder"
    box=$(find "$T/srv/quarantine" -mindepth 1 -maxdepth 1 -name "*$ID*")
    [ -s "$box/reason.txt" ] || die "$f: no reason.txt in quarantine"
    ! ghat approve --whatever-is-there "$ID" 2>/dev/null || die "$f was approved"
done
arrives good.jpg staged
same staged "$(list '[.[] | select(.state == "staged")] | length')" 1
