#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Ghat's disk fills up: intake pauses before it is full, says so to the admin and the officers, leaves the drop where it is; what is staged can
# still be approved when not a byte is free; room again, and all goes on by itself. Root only (a small file system of its own).
. tests/e2e/lib.sh
[ "$(id -u)" = 0 ] || skip "mounting takes root"
mkdir -p "$T"
mount -t tmpfs -o size=96M none "$T" 2>/dev/null || skip "nothing can be mounted here"
MOUNTED=$T
LOG=$TMPDIR/ghatd.log
expect_log 'event=(paused|no-room|ballast-dropped|ledger-failed|spool-not-synced|publish-failed|attempt-failed|note-failed|take-failed|outbox)'
configure intake.quiet=300ms intake.scan=2s intake.reserve=30M
department Water water
start
same "ballast" "$(stat -c %s "$T/state/ballast")" 8388608
cp "$(media small.png)" "$T/srv/drop/Water/one.png"
arrives one.png staged
one=$ID

step "below the reserve intake pauses, visibly"
free_mb() { df -m --output=avail "$T" | tail -n 1 | tr -d ' '; }
head -c $((($(free_mb) - 20) * 1048576)) /dev/zero >"$T/filler"
cp "$(another two.jpg two)" "$T/srv/drop/Water/two.jpg"
paused() { ghat status --json | jq -e '.paused // "" | startswith("disk full")' >/dev/null; }
within 30 "ghat status says the disk is full" paused
within 30 "the officers are told" test -s "$T/srv/drop/Water/Status/Ghat.txt"
note_says "$T/srv/drop/Water/Status/Ghat.txt" "Do not send them again"
never 3 "two.jpg is taken" eval '[ -n "$(number_of two.jpg)" ]'
[ -e "$T/srv/drop/Water/two.jpg" ] || die "the drop is gone"

step "with nothing free an approval commits"
cat /dev/zero >"$T/filler2" 2>/dev/null || :
same "free megabytes" "$(free_mb)" 0
ghat approve --whatever-is-there "$one" >/dev/null
same "decision" "$(sql "SELECT count(*) FROM decision WHERE submission = $one AND verdict = 'approve'")" 1

step "room again: all goes on by itself"
rm "$T/filler" "$T/filler2"
within 60 "it is published" in_outbox "$one"
arrives two.jpg staged
within 10 "the pause is over" eval '! paused'
within 10 "the note is gone" eval '[ ! -e "$T/srv/drop/Water/Status/Ghat.txt" ]'
within 10 "there is ballast again" eval '[ "$(stat -c %s "$T/state/ballast")" = 8388608 ]'
ghat verify --ledger >/dev/null || die "ghat verify"
