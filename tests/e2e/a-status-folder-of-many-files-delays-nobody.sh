#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The sweep of a Status/ folder with very many old notes (NOTES; 50,000) goes in slices: they all go, and ghatd answers while they do.
. tests/e2e/lib.sh
N=${NOTES:-50000}
configure intake.scan=60s
department Water water
nuisance() { python3 "$ROOT/tests/e2e/nuisance.py" "$@"; }
status=$T/srv/drop/Water/Status
start
nuisance notes "$status" "$N"
printf 'of today' >"$status/new.jpg.txt"

step "it sweeps, and answers all the time"
ghat sweep || die "it does not sweep"
nuisance watch_notes "$T/c.sock" "$status" "$N" $((600 * GHAT_SLOW)) >"$TMPDIR/asked.json" || die "nobody answers"
cat "$TMPDIR/asked.json"
jq -e '.left == 0' "$TMPDIR/asked.json" >/dev/null || die "old notes are left"
jq -e '.between >= 3' "$TMPDIR/asked.json" >/dev/null || die "nobody was answered while they went"
jq -e ".max < $((20000 * GHAT_SLOW))" "$TMPDIR/asked.json" >/dev/null || die "an answer took too long"
[ -z "${P99:-}" ] || jq -e ".p99 < $P99" "$TMPDIR/asked.json" >/dev/null || die "ghat status takes too long"
[ -e "$status/new.jpg.txt" ] || die "a note of today went, too"

step "a department of that size is served"
cp "$(another a.jpg "after the sweep")" "$T/srv/drop/Water/a.jpg"
arrives a.jpg staged
