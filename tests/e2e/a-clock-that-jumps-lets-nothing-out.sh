#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# While ghatd runs, its clock jumps ahead over the end of an embargo and of an undo time, and back, and the settings are read again with a
# shorter undo time: nothing goes out early, and what is approved can still be undone.
. tests/e2e/lib.sh
[ -z "$SAN" ] || skip "the clock is preloaded, which a sanitizer does not like"
[ -e "$B/tests/faults.so" ] || skip "faults.so is not built"
expect_log 'event=clock-not-trusted '
configure publish.undo=1h
department Water water
export GHAT_FAULT_CLOCK=$TMPDIR/clock
clock() { echo "$1" >"$TMPDIR/.clock" && mv "$TMPDIR/.clock" "$GHAT_FAULT_CLOCK"; }
clock 0
LD_PRELOAD=$B/tests/faults.so "$B/ghatd" -c "$CONF" >>"$LOG" 2>&1 &
DAEMON=$!
within 60 "ghatd answers on its socket" ghat status
for f in waits locked; do cp "$(another $f.jpg $f)" "$T/srv/drop/Water/$f.jpg"; done
arrives waits.jpg staged
waits=$ID
arrives locked.jpg staged
locked=$ID
ghat approve --whatever-is-there "$waits" -p x.photo >/dev/null
ghat embargo "$locked" "$(date -d '+2 hours' '+%Y-%m-%d %H:%M')" >/dev/null
ghat urgent "$locked" >/dev/null
ghat approve --whatever-is-there "$locked" -p x.photo >/dev/null
out() { [ -n "$(find "$T/srv/outbox" -mindepth 1)" ]; }

for ahead in 10800 90000 -10800; do
    step "the clock is $ahead s off"
    clock $ahead
    ghat sweep >/dev/null
    never 2 "something is out" out
done

step "the settings are read again"
clock 10800
sed -i 's/^undo = .*/undo = 1s/; s/^undo=.*/undo=1s/' "$CONF"
kill -HUP "$DAEMON"
within 30 "the reload is in the log" grep -q event=reloaded "$LOG"
never 3 "something is out" out
same "one waits" "$(item "$waits" '.placements["x.photo"]')" approved
same "the other one, too" "$(item "$locked" '.placements["x.photo"]')" approved

step "and can be undone"
ghat undo "$waits" >/dev/null
ghat undo "$locked" >/dev/null
same "one" "$(item "$waits" '.placements["x.photo"]')" staged
same "the other one" "$(item "$locked" '.placements["x.photo"]')" staged
never 2 "something is out" out
clock 0
ghat verify >/dev/null || die "ghat verify"
