#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A department that fills its folder with folders and touches them all the time: ghatd answers as before, another department's photos are
# staged as fast, and the kernel's watches are not used up.
. tests/e2e/lib.sh
configure intake.scan=2s
department Water water
department Flood flood
nuisance() { python3 "$ROOT/tests/e2e/nuisance.py" "$@"; }
nuisance folders "$T/srv/drop/Flood" 16 4000
start
nuisance touch "$T/srv/drop/Flood" 25 7 &
touching=$!
pause 3

step "it answers"
nuisance ask "$T/c.sock" 10 >"$TMPDIR/asked.json" || die "nobody answers"
cat "$TMPDIR/asked.json"
jq -e ".asked > 60 and .p50 < $((100 * GHAT_SLOW)) and .p99 < $((600 * GHAT_SLOW))" "$TMPDIR/asked.json" >/dev/null || die "answers take too long"

step "others are served"
for i in 1 2 3; do
    cp "$(another $i.jpg "flood $i")" "$T/srv/drop/Water/$i.jpg"
    mkdir "$T/srv/drop/Water/Event$i"
    cp "$(another e$i.jpg "event $i")" "$T/srv/drop/Water/Event$i/e$i.jpg"
done
before=$SECONDS
for i in 1 2 3; do arrives $i.jpg staged; arrives Event$i staged; done
[ $((SECONDS - before)) -le $((25 * GHAT_SLOW)) ] || die "staged after $((SECONDS - before)) s"

step "watches are left"
most=$(cat /proc/sys/fs/inotify/max_user_watches)
have=$({ cat /proc/$DAEMON/fdinfo/* 2>/dev/null || :; } | grep -c ^inotify) || die "there are no watches"
[ "$have" -le $((most / 8 + 100)) ] || die "$have of $most watches are in use"
kill $touching 2>/dev/null || :
wait $touching || :
