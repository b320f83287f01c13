#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the agency has collected is delivered, with the time of every step; what it could not have collected is refused.
. tests/e2e/lib.sh
configure
department Water water
start
cp "$(media photo.jpg)" "$T/srv/drop/Water/Opening.jpg"
arrives Opening.jpg staged
! ghat collected "$ID" 2>"$TMPDIR/e" || die "collected before it was approved"
[ -s "$TMPDIR/e" ] || die "no reason was given"
ghat approve --whatever-is-there "$ID"
within 30 "the outbox has it" in_outbox "$ID"
ghat collected "$ID" --as agency
same state "$(item "$ID" .state)" delivered
same placements "$(item "$ID" '[.placements[]] | unique | join(" ")')" collected
item "$ID" '.times | [.dropped, .received, .staged, .approved, .collected] | all' >/dev/null || die "a time is missing"
item "$ID" '.times | [.dropped, .received, .staged, .approved, .collected] | . == sort' >/dev/null || die "the times are out of order"
within 10 "the officer reads it" grep -q 'collected' "$T/srv/drop/Water/Status/Opening.jpg.txt"
ghat status >/dev/null
