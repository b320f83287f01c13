#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# On its way from the drop folder to staged an item is read whole from the ledger four times at most, one by one and many at once.
. tests/e2e/lib.sh
configure intake.quiet=300ms intake.scan=2s
department Water water
start
items_read() { ghat status --json | jq .items_read; }
all_staged() { [ "$(sql "SELECT count(*) FROM submission WHERE state = 'staged'")" = "$1" ]; }
last=0
# reads_of N: sets LEAST, how often N photos at once are read. What changes within a moment is gathered; where that moment ends between two commits
# of one item, it is read once more. So the least of some rounds counts: whatever reads more for every item shows in each of them.
reads_of() {
    local before now i round
    LEAST=1000
    for round in 1 2 3 4; do
        before=$(items_read)
        for i in $(seq $((last + 1)) $((last + $1))); do cp "$(another "p$i.jpg" "photo $i")" "$T/srv/drop/Water/p$i.jpg"; done
        last=$((last + $1))
        within 120 "all are staged" all_staged $last
        pause 1
        now=$(($(items_read) - before))
        [ "$now" -ge "$LEAST" ] || LEAST=$now
        [ "$LEAST" -gt $((4 * $1)) ] || return 0
    done
    die "$LEAST reads for $1 photos"
}
step "one photo"
reads_of 1
one=$LEAST
step "twenty photos"
reads_of 20
echo "reads: $one for one photo, $LEAST for twenty"
