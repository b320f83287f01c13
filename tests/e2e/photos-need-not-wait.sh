#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A department whose photos are whole when they were closed does not wait for the quiet time; the dropped file stays where it is until
# then, what is written to it meanwhile is taken in, too, and the department waits again.
. tests/e2e/lib.sh
configure intake.quiet=8s intake.quiet_max=60s intake.scan=60s
department Water water
start
drop=$T/srv/drop/Water
cd "$TMPDIR"
all_gone() { ! compgen -G "$drop/*.jpg" >/dev/null; }

step "eight photos that wait"
for k in 1 2 3 4 5 6 7 8; do
    another $k.jpg "photo $k" >/dev/null
    cp $k.jpg "$drop/$k.jpg"
done
for k in 1 2 3 4 5 6 7 8; do arrives $k.jpg staged; done
within 60 "they are moved away" all_gone
learnt() { [ "$(sql "SELECT value FROM meta WHERE key = 'at-once:water'")" = "$1" ]; }
within 30 "it is learnt" learnt +8

step "the ninth is recorded while it still lies there, and moved away in time"
another 9.jpg "photo 9" >/dev/null
known() { [ -n "$(number_of "$1")" ]; }
cp 9.jpg "$drop/9.jpg"
within 60 "it is known" known 9.jpg
[ "$(sql "SELECT count(*) FROM file WHERE submission = $(number_of 9.jpg) AND source = 'present'")" = 1 ] || die "it waited for its quiet time"
arrives 9.jpg staged
within 60 "it is moved away" all_gone
same "bytes" "$(item "$ID" '.files[0].sha256')" "$(hash_of 9.jpg)"
learnt +8 || die "forgotten without a reason"

step "one that is written to after it was closed: both are taken in, and the next ones wait"
another 10.jpg "photo 10" >/dev/null
cp 10.jpg "$drop/10.jpg"
within 60 "it is known" known 10.jpg
first=$(number_of 10.jpg)
printf 'more of it' >>"$drop/10.jpg"
again() { [ "$(number_of 10.jpg)" != "$first" ]; }
within 60 "what it became is taken in" again
arrives 10.jpg staged
same "bytes of the first" "$(item "$first" '.files[0].sha256')" "$(hash_of 10.jpg)"
same "bytes of the second" "$(item "$ID" '.files[0].sha256')" "$({ cat 10.jpg; printf 'more of it'; } | sha256sum | cut -d' ' -f1)"
within 30 "what was learnt is forgotten" learnt 16
grep -q 'event=not-whole-when-closed' "$LOG" || die "the log does not say so"
