#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# ghat freeze: nothing goes out, urgent or not, over a restart too; approvals are taken and can be undone; what is out can be withdrawn.
# ghat thaw lets out what was approved and not undone. Both are in the record, and ghat status shows who froze it and why.
. tests/e2e/lib.sh
configure publish.undo=1s
department Water water
start
for f in out one two; do cp "$(another $f.jpg $f)" "$T/srv/drop/Water/$f.jpg"; done
arrives out.jpg staged
out=$ID
ghat urgent "$out" >/dev/null
ghat approve --whatever-is-there "$out" >/dev/null
within 20 "one is out before" in_outbox "$out"
arrives one.jpg staged
one=$ID
arrives two.jpg staged
two=$ID
ghat approve --whatever-is-there "$one" >/dev/null # its time ends while all is frozen

step "frozen"
ghat freeze 'Flood: the control room only' --as rina >/dev/null
! ghat freeze 'once more' 2>/dev/null || die "frozen twice"
ghat status >"$TMPDIR/status"
grep -q '^FROZEN .*rina.*: Flood: the control room only' "$TMPDIR/status" || die "$(cat "$TMPDIR/status")"
ghat urgent "$two" >/dev/null
ghat approve --whatever-is-there "$two" -p fb.photo,x.photo >"$TMPDIR/said"
grep -q 'all publication is frozen (Flood: the control room only)' "$TMPDIR/said" || die "$(cat "$TMPDIR/said")"
sleep 3
crash
start
sleep 3
same "folders in the outbox" "$(find "$T/srv/outbox" -mindepth 2 -maxdepth 2 -printf '%f ')" "water-$out "
ghat withdraw "$out" -p fb.photo --reason 'wrong date' >/dev/null
gone() { [ -z "$(find "$(outbox_of "$out")" -path '*/fb.photo/*')" ]; }
within 10 "what is out can be withdrawn" gone
ghat undo "$two" >/dev/null
ghat approve --whatever-is-there "$two" -p x.photo >/dev/null

step "thawed"
ghat thaw >/dev/null
! ghat thaw 2>/dev/null || die "thawed twice"
within 20 "what was approved is out" in_outbox "$one"
within 20 "what was approved meanwhile, too" in_outbox "$two"
same "what is out of the third" "$(jq -r '[.files[].placement] | join(" ")' "$(outbox_of "$two")/manifest.json")" x.photo
same "in the record" "$(sql "SELECT group_concat(action || ': ' || detail, '; ') FROM audit WHERE action IN ('freeze','thaw')")" \
    'freeze: Flood: the control room only; thaw: '
ghat verify >/dev/null || die "ghat verify"
