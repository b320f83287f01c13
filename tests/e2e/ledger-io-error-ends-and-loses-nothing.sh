#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# An I/O error while the ledger is written, at its first sync after the start and at a later one: ghatd says so and ends with 1, for systemd
# to start it again, and takes nothing until then. The next start finds everything. A full disk (ENOSPC) is no such error: it pauses.
. tests/e2e/lib.sh
[ -z "${SAN:-}" ] || skip "faults are preloaded, which a sanitizer does not like"
[ -e "$B/tests/faults.so" ] || skip "faults.so is not built"
expect_log '(ledger-failed|cannot-admit|not-published|clock-not-kept|not-deleted|cannot-start|paused|ballast-dropped|interrupted|restart-needed)'
configure intake.quiet=300ms intake.scan=2s
department Water water
drop=$T/srv/drop/Water
start
stop
# failing FAULT: a life with that fault on the ledger; what it ended with is in $rc
failing() {
    rc=0
    timeout $((60 * GHAT_SLOW)) env LD_PRELOAD="$B/tests/faults.so" GHAT_FAULT="$1" GHAT_FAULT_ON=/state/ledger.db "$B/ghatd" -c "$CONF" >>"$LOG" 2>&1 || rc=$?
}
n=0
for at in 1 2 30 60; do
    n=$((n + 1))
    cp "$(another p$n.jpg "photo $n")" "$drop/p$n.jpg"
    failing EIO:$at
    same "exit after EIO at $at" "$rc" 1
    grep -q 'reading or writing the ledger failed' "$LOG" || die "EIO at $at: the log does not say what failed"
    : >"$T/ghatd.$at.log"
    cat "$LOG" >>"$T/ghatd.$at.log"
    : >"$LOG"
    start
    arrives p$n.jpg staged
    stop
done
start
same "submissions" "$(list length)" $n
ghat verify --ledger >/dev/null || die "ghat verify"

step "a full disk pauses, and goes on"
stop
cp "$(another full.jpg full)" "$drop/full.jpg"
LD_PRELOAD=$B/tests/faults.so GHAT_FAULT=ENOSPC:30 GHAT_FAULT_ON=/state/ledger.db "$B/ghatd" -c "$CONF" >>"$LOG" 2>&1 &
DAEMON=$!
within 60 "ghatd answers on its socket" ghat status
arrives full.jpg staged
