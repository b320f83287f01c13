#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# [publish] undo: an approval commits at once and goes out later. Until then the outside sees nothing of it: no folder, no name, not in the
# officer's note; it can be undone, and what is undone never goes out. A restart ends no time early. Urgent ones, and a bare command where
# nothing is configured, go out at once.
. tests/e2e/lib.sh
configure publish.undo=4s
department Water water
start
cp "$(another a.jpg one)" "$T/srv/drop/Water/a.jpg"
arrives a.jpg staged
note=$T/srv/drop/Water/Status/a.jpg.txt
inside() { [ -z "$(find "$T/srv/outbox" -mindepth 1)" ]; }

step "approved, and nothing outside has seen it"
ghat approve --whatever-is-there "$ID" -p fb.photo >"$TMPDIR/said"
grep -q "^approved: a.jpg for fb.photo; they go out at [0-2][0-9]:[0-5][0-9]; until then: ghat undo $ID\$" "$TMPDIR/said" || die "$(cat "$TMPDIR/said")"
same state "$(item "$ID" '.placements["fb.photo"]')" approved
sleep 1
inside || die "something is out: $(find "$T/srv/outbox")"
grep -q 'waiting for approval' "$note" || die "the officer was told: $(cat "$note")"

step "undone: it never goes out"
ghat undo "$ID" >/dev/null
same state "$(item "$ID" '.placements["fb.photo"]')" staged
sleep 5
inside || die "it went out though it was undone"
! ghat undo "$ID" 2>/dev/null || die "undone twice"

step "a restart ends no time early, and it goes out in the end"
ghat approve --whatever-is-there "$ID" -p x.photo >/dev/null
sleep 2
crash
start
inside || die "out before its time"
began=$(date +%s%N)
within 20 "it is out" in_outbox "$ID"
[ $((($(date +%s%N) - began) / 1000000)) -ge 2500 ] || die "the restart shortened its time"
same "what is out" "$(jq -r '[.files[].placement] | join(" ")' "$(outbox_of "$ID")/manifest.json")" x.photo
! ghat undo "$ID" 2>"$TMPDIR/e" || die "undone after it was out"
grep -q 'withdraw' "$TMPDIR/e" || die "$(cat "$TMPDIR/e")"
grep -q 'Approved:' "$note" || die "the officer was not told"

step "urgent ones wait for nothing"
ghat urgent "$ID" >/dev/null
ghat approve --whatever-is-there "$ID" -p fb.photo >"$TMPDIR/said"
grep -q '; now in outbox/' "$TMPDIR/said" || die "$(cat "$TMPDIR/said")"
within 3 "it is out" in_outbox "$ID"
ghat verify >/dev/null || die "ghat verify"

step "where nothing is configured the command waits only if it is asked to"
stop
sed -i '/^undo/d; /^\[publish\]/d' "$T/etc/ghat.conf"
start
ghat urgent "$ID" --off >/dev/null
ghat approve --whatever-is-there "$ID" -p tg.photo >"$TMPDIR/said"
grep -q '; now in outbox/' "$TMPDIR/said" || die "it waits"
within 10 "it is out" in_outbox "$ID"
ghat approve --whatever-is-there "$ID" -p wa.photo --undo >"$TMPDIR/said"
grep -q 'until then: ghat undo' "$TMPDIR/said" || die "it does not wait"
sleep 1
same "what is out" "$(jq -r '[.files[].placement] | sort | join(" ")' "$(outbox_of "$ID")/manifest.json")" "fb.photo tg.photo x.photo"
ghat undo "$ID" >/dev/null
