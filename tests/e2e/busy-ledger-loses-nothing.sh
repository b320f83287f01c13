#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Another program holds the ledger's write lock for 15 seconds, then for some shorter times: while an attempt reports, while somebody approves, while a
# publication is committed, while files are taken in. ghatd answers and says why it waits; afterwards everything is staged,
# decided and published exactly once, without a restart and without making anything again.
. tests/e2e/lib.sh
expect_log 'event=(ledger-failed|not-published|not-projected|leases-not-renewed) '
expect_log 'class=again error="the ledger is busy' # whatever comes round meanwhile
configure intake.quiet=300ms intake.scan=2s
department Water water
start
pid=$DAEMON

# A writer of its own that takes the lock at once and lets go after that time, or later, when it may.
lock() { # SECONDS
    python3 - "$T/state/ledger.db" "$1" "$TMPDIR/locked" <<'P' &
import os, sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
db.execute("BEGIN IMMEDIATE")
open(sys.argv[3], "w").close()
time.sleep(float(sys.argv[2]))
for _ in range(1200):
    if os.path.exists(sys.argv[3] + "-long-enough"):
        break
    time.sleep(0.1)
db.execute("ROLLBACK")
P
    LOCK=$!
    within 20 "the lock is held" test -e "$TMPDIR/locked"
}
unlocked() {
    touch "$TMPDIR/locked-long-enough"
    wait "$LOCK"
    rm "$TMPDIR/locked" "$TMPDIR/locked-long-enough"
}
says_why() { ghat status --json | jq -e '.paused // "" | contains("ledger")' >/dev/null; }
not_paused() { ghat status --json | jq -e '.paused == null' >/dev/null; }
made() { ghat status --json | jq -e '.running | length > 0' >/dev/null; }
attempts() { sql "SELECT attempts FROM file WHERE submission = $1 AND role = 'media'"; }

step "while an attempt reports"
cp "$(media clip.mp4)" "$T/srv/drop/Water/clip.mp4"
within 60 "the clip is being made" made
lock 15
within 60 "ghat status says why nothing goes on" says_why
within 60 "the worker is done" eval 'ghat status --json | jq -e ".engine.running == 0" >/dev/null'
unlocked
arrives clip.mp4 staged
clip=$ID
same "attempts at the clip" "$(attempts "$clip")" 1
within 10 "nothing is paused any more" not_paused

step "while somebody approves"
lock 6
if ghat approve "$clip" --whatever-is-there >"$TMPDIR/out" 2>&1; then die "an approval that cannot be kept was accepted"; fi
has "$TMPDIR/out" "ledger"
unlocked
same "decisions" "$(sql "SELECT count(*) FROM decision")" 0

step "while a publication is committed"
ghat approve "$clip" --whatever-is-there >/dev/null
kill -STOP "$pid" # before the outbox is written, which waits some milliseconds for further commits
lock 6
kill -CONT "$pid"
within 60 "the files lie in the outbox" eval 'ls "$T"/srv/outbox/*/water-'"$clip"'/manifest.json'
same "published before the ledger says so" "$(sql "SELECT count(*) FROM rendition WHERE state = 'published'")" 0
unlocked
within 90 "it is published" in_outbox "$clip"
within 30 "the ledger knows" eval '[ "$(sql "SELECT count(*) FROM rendition WHERE state = '"'approved'"'")" = 0 ]'
same "decisions" "$(sql "SELECT count(*) FROM decision")" 1

step "while files are taken in"
lock 6
for i in 1 2 3; do cp "$(another "p$i.jpg" "photo $i")" "$T/srv/drop/Water/p$i.jpg"; done
never 5 "a file is lost from sight" eval '[ ! -e "$T/srv/drop/Water/p1.jpg" ]'
unlocked
for i in 1 2 3; do arrives "p$i.jpg" staged; done
same "submissions" "$(sql "SELECT count(*) FROM submission")" 4
same "attempts at a photo" "$(attempts "$ID")" 1

same "the same ghatd" "$DAEMON" "$pid"
kill -0 "$pid" || die "ghatd did not live through it"
ghat verify --ledger >/dev/null || die "ghat verify"
