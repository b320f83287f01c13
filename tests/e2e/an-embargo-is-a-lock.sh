#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# ghat embargo: before its time nothing of a submission is outside, whatever was approved, urgent or not: no folder, no temporary name, not a
# word in the officer's note. A restart, and a clock that is not trusted, end no embargo; it can be lifted, and not be given to what is out.
. tests/e2e/lib.sh
expect_log 'event=clock-not-trusted '
configure publish.undo=1s
department Water water
start
for f in one two; do cp "$(another $f.jpg $f)" "$T/srv/drop/Water/$f.jpg"; done
arrives one.jpg staged
one=$ID
arrives two.jpg staged
two=$ID
inside() { [ -z "$(find "$T/srv/outbox" -mindepth 1)" ]; }
at() { date -d "@$(($(date +%s) + $1))" '+%Y-%m-%d %H:%M:%S'; }

step "under embargo"
! ghat embargo "$one" '2020-01-01 10:00' 2>"$TMPDIR/e" || die "an embargo that is over"
grep -q 'is over' "$TMPDIR/e" || die "$(cat "$TMPDIR/e")"
! ghat embargo "$one" 'some day' 2>/dev/null || die "no time was taken for one"
until=$(($(date +%s) + 30 * GHAT_SLOW))
ghat embargo "$one" "$(date -d "@$until" '+%Y-%m-%d %H:%M:%S')" --as rina | seen 'nothing of it goes out before' || die "it says nothing"
ghat embargo "$two" "$(at 86400)" >/dev/null
ghat urgent "$one" >/dev/null
ghat approve --whatever-is-there "$one" -p fb.photo,x.photo >"$TMPDIR/said"
grep -q "they go out at .*; until then: ghat undo $one\$" "$TMPDIR/said" || die "$(cat "$TMPDIR/said")"
ghat approve --whatever-is-there "$two" -p x.photo >/dev/null
ghat show "$one" | seen '^embargo .*nothing of it goes out before' || die "show says nothing"
sleep 3
inside || die "something is out: $(find "$T/srv/outbox")"
grep -q 'waiting for approval' "$T/srv/drop/Water/Status/one.jpg.txt" || die "the officer was told"

step "over a restart with a clock that is not trusted"
crash
sqlite3 "$T/state/ledger.db" "INSERT OR REPLACE INTO meta(key, value) VALUES('clock', CAST((strftime('%s', 'now') - 11 * 86400) * 1000 AS TEXT))"
start
while [ "$(date +%s)" -le "$((until + 1))" ]; do sleep 0.5; done
inside || die "it ended while the clock was not trusted"
ghat doctor --confirm-clock >/dev/null || :
within 20 "it is out when the clock is confirmed" in_outbox "$one"
[ "$(date +%s)" -ge "$until" ] || die "it ended early"
same "what is out" "$(jq -r '[.files[].placement] | join(" ")' "$(outbox_of "$one")/manifest.json")" "fb.photo x.photo"
! ghat embargo "$one" "$(at 600)" 2>"$TMPDIR/e" || die "an embargo of what is out"
grep -q 'something of it is out' "$TMPDIR/e" || die "$(cat "$TMPDIR/e")"

step "undone and lifted"
same "the other" "$(item "$two" '.placements["x.photo"]')" approved
ghat undo "$two" >/dev/null
ghat approve --whatever-is-there "$two" -p tg.photo >/dev/null
sleep 2
[ -z "$(outbox_of "$two")" ] || die "the other is out"
ghat embargo "$two" off >/dev/null
within 20 "it is out when the embargo is lifted" in_outbox "$two"
same "what is out" "$(jq -r '[.files[].placement] | join(" ")' "$(outbox_of "$two")/manifest.json")" tg.photo
same "in the record" "$(sql "SELECT count(*) FROM audit WHERE action = 'embargo'")" 3
ghat verify >/dev/null || die "ghat verify"
