#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Deleting what was kept long enough, with the clock three days ahead: at the N-th call that makes something durable or visible ghatd dies
# before it or after it, or gets EIO. Started again it brings the deleting to its end: each sort of files of each submission is announced
# once and gone, what waits for a decision is untouched, the ledger is whole. GHAT_FAULT_EVERY=1 tries every number.
. tests/e2e/lib.sh
. tests/fault/lib.sh
EVERY=${EVERY:-151}
export GHAT_FAULT_AHEAD=$((3 * 86400))
DAYS="retention.originals=1d retention.staging=1d retention.outbox=1d retention.quarantine=1d"

# Lived once: a photo published and collected, a folder rejected, a broken file in quarantine, and one that waits for its decision.
configure intake.quiet=300ms intake.scan=2s $DAYS
drop_all
cp "$(another waits.jpg waits)" "$T/srv/drop/Water/waits.jpg"
start
arrives waits.jpg staged
waits=$ID
arrives broken.png quarantined
arrives one.png staged
ghat approve "$ID" >/dev/null
within 60 "it is in the outbox" in_outbox "$ID"
ghat collected "$ID" >/dev/null
arrives Opening staged
ghat reject "$ID" --reason 'not ours' >/dev/null
stop
cp -a "$T" "$TMPDIR/lived"
fresh() {
    rm -rf "$T"
    cp -a "$TMPDIR/lived" "$T"
}
retired() { sql "SELECT count(*) FROM audit WHERE action = 'retired'"; }
# Below the four folders, but for what waits for its decision.
folders() { (cd "$T/srv" && find staging archive quarantine outbox -type f -not -path 'staging/.work*' 2>/dev/null) | grep -Ecv "^(staging|archive/[0-9]+/[0-9]+)/$waits/"; }
over() { [ "$(folders)" = 0 ] && [ "$(sql "SELECT count(*) FROM meta WHERE key = 'retiring'")" = 0 ]; }
begin() { ghat doctor --confirm-clock >/dev/null 2>&1; ghat sweep >/dev/null 2>&1; }
# A life with that fault, until the deleting is over or ghatd dead.
faulty() {
    fresh
    LD_PRELOAD=$FAULTS GHAT_FAULT=$1 GHAT_FAULT_COUNT=$TMPDIR/count "$B/ghatd" -c "$CONF" >>"$LOG" 2>&1 &
    local pid=$! end=$((SECONDS + 12 * GHAT_SLOW))
    until begin || ! kill -0 $pid 2>/dev/null || [ $SECONDS -ge $end ]; do pause 0.05; done
    until over || ! kill -0 $pid 2>/dev/null || [ $SECONDS -ge $end ]; do pause 0.05; done
    kill -TERM $pid 2>/dev/null || :
    timeout 20 tail --pid=$pid -f /dev/null || kill -KILL $pid
    { wait $pid || :; } 2>/dev/null
}
finished() {
    LD_PRELOAD=$FAULTS "$B/ghatd" -c "$CONF" >>"$LOG" 2>&1 &
    DAEMON=$!
    within 60 "ghatd answers on its socket" ghat status
    begin || :
    within 60 "$1: all that was kept long enough is gone" over
    stop
    same "$1: announced twice" "$(sql "SELECT count(*) FROM (SELECT 1 FROM audit WHERE action = 'retired' GROUP BY submission, detail HAVING count(*) > 1)")" 0
    same "$1: announced" "$(retired)" 7
    same "$1: what waits for a decision" "$(find "$T/srv/staging/$waits" -type f | wc -l)" 7
    same "$1: its original" "$(find "$T/srv/spool" -type f | wc -l)" 1
    ghat verify --ledger >"$TMPDIR/verify" 2>&1 || { cat "$TMPDIR/verify"; die "$1: ghat verify"; }
}
try_all ${GHAT_FAULT_MODES:-before after EIO}
