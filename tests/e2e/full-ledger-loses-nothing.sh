#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The ledger's own disk has not a byte left, its ballast gone, too: while an attempt reports, while somebody approves, while a
# publication is committed, while files are taken in. With room again everything is staged, decided and published exactly
# once, without a restart. Root only (a small file system for the ledger).
. tests/e2e/lib.sh
[ "$(id -u)" = 0 ] || skip "mounting takes root"
configure intake.quiet=300ms intake.scan=2s
mount -t tmpfs -o size=48M none "$T/state" 2>/dev/null || skip "nothing can be mounted here"
MOUNTED=$T/state
expect_log 'event=(clock-not-kept|position-not-kept|ledger-failed|not-published|not-projected|paused|ballast-dropped|cannot-admit|leases-not-renewed|no-room) '
department Water water
start
pid=$DAEMON
cp "$(media small.png)" "$T/srv/drop/Water/one.png"
arrives one.png staged
one=$ID

made() { ghat status --json | jq -e '.running | length > 0' >/dev/null; }
full() { ghat status --json | jq -e '.paused // "" | contains("full")' >/dev/null; }
# Every byte: what the ballast gives back, too.
fill() {
    local n=$(( ${1:-0} ))
    cat /dev/zero >"$T/state/filler$n" 2>/dev/null || :
}

step "the disk fills up while a clip is made"
cp "$(media long.mp4)" "$T/srv/drop/Water/long.mp4"
within 60 "the clip is being made" made
fill 1
within 60 "the ballast is given up" eval '[ ! -e "$T/state/ballast" ]'
fill 2
within 60 "ghat status says that the disk is full" full
within 60 "the worker is done" eval 'ghat status --json | jq -e ".engine.running == 0" >/dev/null'

step "an approval is refused with a reason, or kept"
decided=1
ghat approve "$one" --whatever-is-there >"$TMPDIR/out" 2>&1 || decided=0
[ $decided = 1 ] || has "$TMPDIR/out" "full"
same "decisions" "$(sql "SELECT count(*) FROM decision")" $decided

step "what is dropped stays where it is"
cp "$(another two.jpg two)" "$T/srv/drop/Water/two.jpg"
never 6 "the drop is gone, and nobody has it" eval '[ ! -e "$T/srv/drop/Water/two.jpg" ] && [ -z "$(number_of two.jpg)" ]'

step "room again"
rm "$T"/state/filler*
[ $decided = 1 ] || ghat approve "$one" --whatever-is-there >/dev/null
within 90 "it is published" in_outbox "$one"
arrives long.mp4 staged
same "attempts at the clip" "$(sql "SELECT attempts FROM file WHERE submission = $ID AND role = 'media'")" 1
arrives two.jpg staged
same "submissions" "$(sql "SELECT count(*) FROM submission")" 3
same "decisions" "$(sql "SELECT count(*) FROM decision")" 1
within 30 "the pause is over" eval '! full'
kill -0 "$pid" || die "ghatd did not live through it"
ghat verify --ledger >/dev/null || die "ghat verify"
