#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the agency has collected is delivered, with the time of every step; what it could not have collected is refused. Metrics and the check for
# monitoring say what became of it, in their own formats.
. tests/e2e/lib.sh
configure
department Water water
start
cp "$(media photo.jpg)" "$T/srv/drop/Water/Opening.jpg"
arrives Opening.jpg staged
! ghat collected "$ID" 2>"$TMPDIR/e" || die "collected before it was approved"
[ -s "$TMPDIR/e" ] || die "no reason was given"
ghat approve --whatever-is-there "$ID"
within 30 "the outbox has it" in_outbox "$ID"
ghat collected "$ID" --as agency
same state "$(item "$ID" .state)" delivered
same placements "$(item "$ID" '[.placements[]] | unique | join(" ")')" collected
item "$ID" '.times | [.dropped, .received, .staged, .approved, .collected] | all' >/dev/null || die "a time is missing"
item "$ID" '.times | [.dropped, .received, .staged, .approved, .collected] | . == sort' >/dev/null || die "the times are out of order"
within 10 "the officer reads it" grep -q 'collected' "$T/srv/drop/Water/Status/Opening.jpg.txt"

step "metrics"
ghat metrics >"$TMPDIR/plain"
[ "$(python3 tests/e2e/metrics_judge.py <"$TMPDIR/plain")" -gt 100 ] || die "few samples"
for line in 'ghat_items{state="delivered"} 1' 'ghat_stage_seconds_count{from="drop",to="staged"} 1' 'ghat_stage_seconds_count{from="staged",to="approved"} 1' \
    'ghat_stage_seconds_count{from="approved",to="collected"} 1' 'ghat_render_seconds_count{media="photo"} 1' 'ghat_attempts_total{end="made"} 1' \
    'ghat_healthy 1' 'ghat_frozen 0' 'ghat_departments{state="online"} 1' 'ghat_oldest_seconds{stage="collecting"} 0.000'; do
    grep -qxF "$line" "$TMPDIR/plain" || { cat "$TMPDIR/plain"; die "not there: $line"; }
done
ask_http() { printf "$1" | ghat metrics --http >"$TMPDIR/http"; }
ask_http 'GET /metrics HTTP/1.1\r\nHost: x\r\nAccept: application/openmetrics-text;version=1.0.0\r\n\r\n'
grep -q '^HTTP/1.1 200 OK' "$TMPDIR/http" && grep -q '^Content-Type: application/openmetrics-text' "$TMPDIR/http" || { cat "$TMPDIR/http"; die "no OpenMetrics"; }
sed '1,/^\r$/d' "$TMPDIR/http" | python3 tests/e2e/metrics_judge.py --open >/dev/null
same "its length" "$(sed -n 's/^Content-Length: \([0-9]*\)\r$/\1/p' "$TMPDIR/http")" "$(sed '1,/^\r$/d' "$TMPDIR/http" | wc -c)"
ask_http 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'
sed '1,/^\r$/d' "$TMPDIR/http" | python3 tests/e2e/metrics_judge.py >/dev/null
for odd in 'POST /metrics HTTP/1.1\r\n\r\n' 'GET / HTTP/1.1\r\n\r\n' 'GET /metrics' '\0'; do
    ask_http "$odd"
    grep -qE '^HTTP/1.1 40[04] ' "$TMPDIR/http" || die "answered: $odd"
done

step "the check for monitoring"
check() { # CODE WORDS
    local rc=0
    ghat status --check >"$TMPDIR/check" || rc=$?
    same "its exit code" "$rc" "$1"
    grep -q "^GHAT $2" "$TMPDIR/check" || { cat "$TMPDIR/check"; die "not $2"; }
    [ "$(wc -l <"$TMPDIR/check")" = 1 ] || die "not one line"
}
check 0 'OK: all is well | waiting=0'
ghat freeze 'A visit'
check 1 'WARNING: frozen by .*: A visit |'
stop
check 2 CRITICAL
ask_http 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'
grep -q '^HTTP/1.1 503 ' "$TMPDIR/http" || die "answered for a ghatd that is not there"
