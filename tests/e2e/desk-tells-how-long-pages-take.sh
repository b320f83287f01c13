#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# ghat metrics has a histogram of the desk's pages by kind, as the desk counts them, in both formats; an idle desk tells nothing; after a restart of
# ghatd the figures are there again with the next page.
. tests/e2e/lib.sh
configure desk.url=http://desk.test desk.second_factor=none
department Water water
start
export WATCHDOG_USEC=1000000 # it tells twice a second then
desk_up
person rina --role approver
metric() { ghat metrics | sed -n "s/^ghat_desk_request_seconds_$1 //p"; }
is() { [ "$(metric "$1")" = "$2" ]; }
curl -s -o "$TMPDIR/page" "$DESK/nothing/such"
web rina /count -o "$TMPDIR/page"
for i in 1 2 3; do web rina /q -o "$TMPDIR/page"; done
step "counted by page"
within 20 "three queues" is 'count{page="queue"}' 3
same "polls" "$(metric 'count{page="poll"}')" 1
[ "$(metric 'count{page="login"}')" -ge 1 ] || die "no login"
[ "$(metric 'count{page="other"}')" -ge 1 ] || die "what is no page is not counted"
same "all of them below the last bound" "$(metric 'bucket{page="queue",le="+Inf"}')" 3
awk -v s="$(metric 'sum{page="queue"}')" 'BEGIN { exit !(s > 0 && s < 60) }' || die "a sum of $(metric 'sum{page="queue"}')"
step "buckets never fall"
ghat metrics | sed -n 's/^ghat_desk_request_seconds_bucket{page="queue",le="\([^"]*\)"} /\1 /p' >"$TMPDIR/buckets"
same "their number" "$(wc -l <"$TMPDIR/buckets")" 11
awk '$2 < last { exit 1 } { last = $2 }' "$TMPDIR/buckets" || die "$(cat "$TMPDIR/buckets")"
if command -v promtool >/dev/null; then ghat metrics | promtool check metrics || die "promtool"; fi
ghat metrics --openmetrics | tail -n 1 | grep -x '# EOF' >/dev/null || die "no end"
step "ghatd forgets, and is told again with the next page"
stop
start
same "not told, which is not 0: that would be a spike" "$(ghat metrics | grep ghat_desk_request)" ""
web rina /q -o "$TMPDIR/page"
within 20 "four queues" is 'count{page="queue"}' 4
