#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# After the clock went ahead while ghatd did not run, status and doctor say that nothing is deleted for its age, and how to say that the
# clock is right. What a person says is in the ledger, and holds over a restart.
. tests/e2e/lib.sh
expect_log 'event=clock-not-trusted '
configure
department Water water
start
same "at first" "$(ghat status --json | jq .clock)" null
stop
sqlite3 "$T/state/ledger.db" "INSERT OR REPLACE INTO meta(key, value) VALUES('clock', CAST((strftime('%s', 'now') - 11 * 86400) * 1000 AS TEXT))"
start
ghat status --json | jq -r .clock | seen -F 'went ahead by 1' || die "status says nothing"
ghat status | seen -E '^CLOCK .*nothing is deleted' || die "status says nothing in words"
rc=0
ghat doctor --json >"$TMPDIR/doctor" || rc=$?
same "doctor's exit" $rc 1
jq -r 'select(.check == "clock" and .grade == "wrong").text' "$TMPDIR/doctor" | seen -F -- '--confirm-clock' || die "doctor does not say what to do"
stop
start
ghat status | seen CLOCK || die "a restart believed it"
ghat doctor --confirm-clock --json | jq -r 'select(.grade == "wrong") | .check' | seen -x clock && die "confirming changed nothing"
same "confirmed" "$(ghat status --json | jq .clock)" null
same "in the ledger" "$(sql "SELECT count(*) FROM audit WHERE action = 'clock'")" 1
stop
start
same "after a restart" "$(ghat status --json | jq .clock)" null
