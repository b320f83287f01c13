#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# [publish] undo holds for holds and rejections, too: until then the officer's note does not say so, and ghat undo takes them back. Then the
# department is told, and nothing can be undone.
. tests/e2e/lib.sh
configure publish.undo=4s
department Water water
start
cp "$(another a.jpg one)" "$T/srv/drop/Water/a.jpg"
arrives a.jpg staged
note=$T/srv/drop/Water/Status/a.jpg.txt
note_says "$note" 'waiting for approval'

step "rejected, and nobody is told"
ghat reject "$ID" --reason 'The banner is last year’s' >"$TMPDIR/said"
grep -q "the department is told at [0-2][0-9]:[0-5][0-9]; until then: ghat undo $ID\$" "$TMPDIR/said" || die "$(cat "$TMPDIR/said")"
same "inside" "$(item "$ID" '.placements["x.photo"]')" rejected
sleep 1
grep -q 'waiting for approval' "$note" && ! grep -q 'banner' "$note" || die "the officer was told: $(cat "$note")"
ghat undo "$ID" >"$TMPDIR/said"
grep -q "undone" "$TMPDIR/said" || die "$(cat "$TMPDIR/said")"
same "after undo" "$(item "$ID" '[.placements[]] | unique | join(" ")')" staged
sleep 5
grep -q 'waiting for approval' "$note" || die "told though it was undone"

step "held, one of them released, and the rest told after its time, over a restart"
ghat hold "$ID" -p x.photo,fb.photo --reason 'Ask the Mayor' >/dev/null
ghat release "$ID" -p fb.photo >/dev/null
crash
start
grep -q 'Ask the Mayor' "$note" && die "told before its time"
note_says "$note" 'Ask the Mayor'
! ghat undo "$ID" 2>"$TMPDIR/e" || die "undone after the department was told"
grep -q 'ghat release' "$TMPDIR/e" || die "$(cat "$TMPDIR/e")"
same "held" "$(item "$ID" '.placements["x.photo"]')" held

step "frozen, nobody is told"
ghat freeze flood >/dev/null
ghat reject "$ID" -p tg.photo --reason 'Too dark' >/dev/null
sleep 6
grep -q 'Too dark' "$note" && die "told while all is frozen"
ghat thaw >/dev/null
note_says "$note" 'Too dark'
ghat verify >/dev/null || die "ghat verify"
