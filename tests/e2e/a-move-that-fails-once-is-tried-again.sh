#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A dropped file that is recorded and cannot be moved away for a reason that passes (a full disk, an I/O error at the move or at its sync) is moved
# later. It makes one row, the officer reads nothing of permissions, and nothing is left in the drop folder.
. tests/e2e/lib.sh
[ -z "${SAN:-}" ] || skip "faults are preloaded, which a sanitizer does not like"
[ -e "$B/tests/faults.so" ] || skip "faults.so is not built"
expect_log event=cannot-take-away
configure intake.quiet=300ms intake.scan=2s
department Water water
drop=$T/srv/drop/Water
nothing_left() { [ "$(ls "$drop")" = Status ]; }
n=0
for fault in ENOSPC:1 EIO:1 EIO:2; do
    n=$((n + 1))
    LD_PRELOAD=$B/tests/faults.so GHAT_FAULT=$fault GHAT_FAULT_ON=/.taken "$B/ghatd" -c "$CONF" >>"$LOG" 2>&1 &
    DAEMON=$!
    within 60 "ghatd answers on its socket" ghat status
    cp "$(another p$n.jpg "photo $n")" "$drop/p$n.jpg"
    arrives p$n.jpg staged
    within 30 "$fault: it is moved away" nothing_left
    same "$fault: told in the log" "$(grep -c event=cannot-take-away "$LOG")" $n
    same "$fault: rows" "$(list length)" $n
    ! grep -rq permissions "$drop/Status" || die "$fault: the officer reads of permissions"
    stop
done
