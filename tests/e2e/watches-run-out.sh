#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# When the kernel grants no more watches, ghatd says so once, and the scan alone finds everything: nothing is lost, nothing twice.
# When there are more of them again, it uses them, without a restart.
. tests/e2e/lib.sh
limit=/proc/sys/user/max_inotify_watches
unshare -Ur sh -c "echo 6 >$limit" 2>/dev/null || skip "no user namespaces here"
configure intake.scan=1s
department Water water
expect_log 'event=scanning'
export GHAT_UNCONFINED=1
more=$TMPDIR/more
unshare -Ur sh -c "echo 6 >$limit; { until [ -e $more ]; do sleep 1; done; echo 600 >$limit; } 2>/dev/null & exec '$B/ghatd' -c '$CONF'" >>"$LOG" 2>&1 &
DAEMON=$!
within 60 "ghatd answers on its socket" ghat status
drop=$T/srv/drop/Water
for i in 1 2 3 4 5 6 7 8; do
    mkdir -p "$drop/Event$i/sub"
    cp "$(another $i.jpg "watch $i")" "$drop/Event$i/sub/$i.jpg"
done
for i in 1 2 3 4 5 6 7 8; do arrives Event$i staged; done
same submissions "$(list length)" 8
cp "$(another late.jpg late)" "$drop/late.jpg"
arrives late.jpg staged
same "warnings" "$(grep -c 'event=scanning' "$LOG")" 1
ghat status --json | jq -e '.scanning | test("max_user_watches")' >/dev/null || die "ghat status does not say it"
ghat status | seen 'no inotify' || die "ghat status does not say it to people"

step "more watches are granted"
touch "$more"
within 90 "events are used again" grep -q 'event=events' "$LOG"
ghat status --json | jq -e '.scanning == null' >/dev/null || die "ghat status still says that it only scans"
