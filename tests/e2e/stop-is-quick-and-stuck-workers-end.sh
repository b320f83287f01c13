#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A worker that does not move any more (stopped by a signal) is ended when its time is over, and its neighbours are not held up. ghatd stops
# within five seconds whatever is in work, stuck workers too; what was cut off is no strike and is done again.
. tests/e2e/lib.sh
[ -x "$B/tests/ghat-worker-stub" ] || skip "the stub worker is not built"
expect_log 'event=(crashed|interrupted|quarantined|refused|failed|attempt|stopped-hard) '
configure paths.worker="$B/tests/ghat-worker-stub" limits.wall=8s workers.count=2
department Water water
start
drop=$T/srv/drop/Water
nursery() { pgrep -P "$DAEMON" -f ghat-worker | first; }
running() { [ "$(item "$(number_of "$1")" '.files[0].work')" = running ]; }
busiest() { pgrep -P "$(nursery)" | xargs -I{} sh -c 'echo $(awk "{print \$14+\$15}" /proc/{}/stat) {}' | sort -n | tail -n 1 | cut -d' ' -f2; }

step "stuck"
printf 'photo 640 480\nrender spin\n' >"$drop/stuck.jpg"
within 60 "it is in work" running stuck.jpg
kill -STOP "$(busiest)"
: >"$drop/empty.jpg"
arrives empty.jpg quarantined 60
arrives stuck.jpg quarantined 90
item "$ID" '[.reason, (.files[] | .reason)] | join(" ")' | seen -E 'takes more than|broke the decoder' || { item "$ID" .; die "no reason"; }

step "stop with work under way, one of it stuck"
for i in 1 2; do
    printf 'photo 640 480\nrender beat 100000\n%s\n' $i >"$drop/beat$i.jpg"
    within 60 "beat$i is in work" running beat$i.jpg
    [ $i = 1 ] || kill -STOP "$(busiest)"
    began=$(date +%s%N)
    stop
    took=$((($(date +%s%N) - began) / 1000000))
    [ $took -lt $((5000 * GHAT_SLOW)) ] || die "stopping took $took ms"
    [ -z "$(pgrep -f "$T/etc/ghat.conf" || :)" ] || die "something of it is left"
    start
    within 60 "beat$i is tried again" running beat$i.jpg
    same "strikes of beat$i" "$(item "$(number_of beat$i.jpg)" '.files[0].strikes')" 0
done
