#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A file system that grants watches and then tells nothing: the self-test at the start finds out, ghatd says so once and scans.
. tests/e2e/lib.sh
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0" # LeakSanitizer does not work under strace
configure intake.scan=1s
department Water water
expect_log 'event=scanning'
mkdir -p "$T/srv/drop/Water/Event"
# the call is not made, and seems to have worked
strace -f -qq -o /dev/null -e trace=inotify_add_watch -e inject=inotify_add_watch:retval=1 "$B/ghatd" -c "$CONF" >>"$LOG" 2>&1 &
TRACER=$!
HELPERS="$HELPERS $TRACER"
within 90 "ghatd answers on its socket" ghat status
deaf() { ghat status --json | jq -e '.scanning | test("no event came")' >/dev/null; }
within 60 "ghat status says that events do not come" deaf
cp "$(media photo.jpg)" "$T/srv/drop/Water/a.jpg"
cp "$(another b.jpg b)" "$T/srv/drop/Water/Event/b.jpg"
arrives a.jpg staged 180
arrives Event staged 180
same warnings "$(grep -c 'event=scanning' "$LOG")" 1
kill -TERM "$(pgrep -P "$TRACER" -x ghatd)"
timeout 60 tail --pid="$TRACER" -f /dev/null || die "ghatd does not stop"
