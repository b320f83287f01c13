#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# P5: a file that kills its worker twice is quarantined with a reason that can be read; its neighbours in the same folder, and other
# departments, are staged as ever. The worker is the real one; while it has the marked file open, it is killed as a decoder's bug would.
. tests/e2e/lib.sh
expect_log 'event=crashed '
configure workers.count=2
export ASAN_OPTIONS=${ASAN_OPTIONS:-}:handle_segv=0 # a sanitizer shall not explain the signal that is sent
department Water water
department Roads roads
start
drop=$T/srv/drop
crasher=$TMPDIR/crasher.mp4
cp "$(media long.mp4)" "$crasher"
sha=$(hash_of "$crasher")
# A child of the nursery that has the marked original open dies.
shot=$TMPDIR/shot
: >"$shot"
(
    while :; do
        nursery=$(pgrep -P "$DAEMON" -f ghat-worker | first) || { pause 0.05; continue; }
        for p in $(pgrep -P "$nursery"); do
            [ "$(readlink "/proc/$p/fd/"* 2>/dev/null | grep -c "/spool/$sha")" = 0 ] || { kill -SEGV "$p" 2>/dev/null && echo "$p" >>"$shot"; }
        done
        pause 0.05
    done
) &
HELPERS="$HELPERS $!"
mkdir "$TMPDIR/Event"
cp "$crasher" "$TMPDIR/Event/bomb.mp4"
cp "$(another n1.jpg one)" "$TMPDIR/Event/n1.jpg"
cp "$(another n2.jpg two)" "$TMPDIR/Event/n2.jpg"
echo 'Opening of the pump' >"$TMPDIR/Event/caption.txt"
mv "$TMPDIR/Event" "$drop/Water/Event"
cp "$(another r.jpg three)" "$drop/Roads/r.jpg"
cp "$(another w.jpg four)" "$drop/Water/w.jpg"
arrives r.jpg staged
arrives w.jpg staged
arrives Event staged 180
[ "$(sort -u "$shot" | wc -l)" -ge 2 ] || die "the worker was not killed twice"
step "what became of the file, and of its neighbours"
same "strikes" "$(item "$ID" '.files[] | select(.name | endswith("bomb.mp4")) | .strikes')" 2
same "the file" "$(item "$ID" '.files[] | select(.name | endswith("bomb.mp4")) | .work')" bad
item "$ID" '.files[] | select(.name | endswith("bomb.mp4")) | .reason' | seen -F 'broke the decoder twice' || die "no reason"
same "neighbours" "$(item "$ID" '[.renditions[] | select(.state == "staged") | .file] | unique | length')" 2
has "$T/srv/quarantine/$ID/reason.txt" 'broke the decoder twice'
note_says "$drop/Water/Status/Event.txt" bomb.mp4
within 30 "its bytes are kept" test "$(find "$T/srv/quarantine/$ID" -type f -size +0 | wc -l)" -ge 2
kill -0 "$DAEMON" || die "ghatd died"
