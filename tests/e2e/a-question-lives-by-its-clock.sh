#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The corporation's rule, lived through with a clock that the test sets: asked at 16:00 about an item that is held, reminded, given more time
# for a reason, answered from Bengali Windows over Samba the next morning, approved, closed by itself; and another one missed, escalated, and
# told again after ghatd did not run, each once and in order; a third that waits for a clock to be believed.
. tests/e2e/lib.sh
[ -e "$B/tests/faults.so" ] || skip "faults.so is not built"
[ -z "$SAN" ] || skip "the clock is preloaded, which a sanitizer does not like"
expect_log 'event=clock-not-trusted '
expect_log 'event=alarms-wait '
configure desk.timezone=Asia/Kolkata
department Water water '[deputy]
name = Bimal Roy
[superior]
name = Chitra Das'
samba Water
status=$T/srv/drop/Water/Status
export GHAT_FAULT_CLOCK=$TMPDIR/clock
clock() { echo $(($(date -d "$1 +0530" +%s) - $(date +%s))) >"$TMPDIR/.clock" && mv "$TMPDIR/.clock" "$GHAT_FAULT_CLOCK"; }
begin() {
    LD_PRELOAD=$B/tests/faults.so "$B/ghatd" -c "$CONF" >>"$LOG" 2>&1 &
    DAEMON=$!
    within 60 "ghatd answers on its socket" ghat status
}
# at TIME: the clock says so, and ghatd looks at it.
at() {
    clock "$1"
    ghat sweep >/dev/null
    kill -HUP "$DAEMON"
}
q() { ghat questions "$1" --json | jq -r "$2"; }
fired() { [ "$(sql "SELECT group_concat(kind, ' ') FROM (SELECT kind FROM alarm WHERE question = $1 AND fired_ms > 0 ORDER BY at_ms, CASE kind WHEN 'due' THEN 0 ELSE 1 END)")" = "$2" ]; }
told() { sql "SELECT group_concat(n, ', ') FROM (SELECT kind || ' ' || recipient || ' ' || channel AS n FROM notice WHERE subject = 'question:$1' AND kind LIKE '$2' ORDER BY id)"; }
named() { ls "$status" | grep -Fx -- "$1"; }

step "Tuesday 16:00: asked about an item, which is held"
clock "2026-12-01 16:00:00"
begin
cp "$(media small.png)" "$T/srv/drop/Water/p.png"
arrives p.png staged
item_id=$ID
at "2026-12-01 16:00:00"
ghat ask "$item_id" "Who is the child?" --hold >/dev/null
same "due" "$(q 1 '.due[:16]')" 2026-12-01T20:00
within 10 "in the folder" named "! Question 1 - answer by 20.00.txt"

step "18:00: reminded, once"
at "2026-12-01 18:00:05"
within 20 "the reminder" fired 1 remind
same "told" "$(told 1 remind)" "remind officer:water mail, remind officer:water hook, remind deputy:water mail"

step "18:30: more time, by a file over Samba; counted over the night"
at "2026-12-01 18:30:00"
echo "The headmaster is away." >"$TMPDIR/more"
smb water "put $TMPDIR/more \"আরও সময় ১.txt\"" >/dev/null || die "put"
within 30 "extended" sh -c "ghat questions 1 --json | jq -e .extended"
same "due" "$(q 1 '.due[:16]')" 2026-12-02T14:00
same "why" "$(q 1 .explained)" \
    "asked Tue 16:00 · Tue 16:00–22:00 counts 6 h · closed until Wed 08:00 · Wed 08:00–14:00 counts 6 h · due Wed 14:00"
within 10 "renamed" named "! Question 1 - answer by Wed 14.00.txt"
same "one file" "$(ls "$status" | grep -c '^! ')" 1
at "2026-12-01 20:00:05"
never 2 "due before the new time" fired 1 "remind due"

step "Wednesday 09:00: answered in Bengali over Samba; the item waits for its decision again, on top"
at "2026-12-02 09:01:00"
printf 'তাঁর বাবা-মা রাজি।' >"$TMPDIR/answer"
smb water "put $TMPDIR/answer \"উত্তর ১.txt\"" >/dev/null || die "put"
within 30 "answered" sh -c "[ \$(ghat questions 1 --json | jq -r .state) = answered ]"
same "text" "$(q 1 '.messages[-1].text')" 'তাঁর বাবা-মা রাজি।'
same "hours, counted and on the wall" "$(q 1 '"\(.used_seconds / 3600 | floor) \(.wall_seconds / 3600 | floor) \(.missed)"')" "7 17 false"
within 10 "gone from the folder" sh -c "! ls '$status' | grep '^! '"
same "on top" "$(item "$item_id" '.state + " " + (.returned != null | tostring)')" "staged true"
ghat approve --whatever-is-there "$item_id" >/dev/null
within 30 "it is out" in_outbox "$item_id"
same "the agency is told in the morning hours" "$(told 1 answer)" "answer role:agency mail, answer role:agency hook"

step "Thursday 19:02: closed by itself after 24 counted hours"
at "2026-12-03 08:00:00"
at "2026-12-03 19:00:00"
same "not yet" "$(q 1 .state)" answered
at "2026-12-03 19:02:10"
within 20 "closed" sh -c "[ \$(ghat questions 1 --json | jq -r .state) = closed ]"

step "another one is missed: told, escalated"
at "2026-12-04 16:00:00"
ghat ask water "And the pump?" >/dev/null
at "2026-12-04 18:00:05"
within 20 "the reminder" fired 2 remind
at "2026-12-04 20:00:05"
within 20 "due, escalated" fired 2 "remind due escalate"
same "escalated to" "$(told 2 escalate)" "escalate deputy:water mail, escalate superior:water mail"
within 20 "the folder says so" grep -qs 'This is overdue' "$status"/!*
ghat questions | seen -E '^2 +open .* overdue' || die "$(ghat questions)"
rc=0; ghat extend 2 "Too late." 2>"$TMPDIR/err" || rc=$?
same "more time" "$rc $(grep -c overdue "$TMPDIR/err")" "1 1"

step "ghatd does not run until Saturday 13:00: what fell due goes off once, in order, late"
stop
clock "2026-12-05 13:02:00"
begin
within 20 "told again" fired 2 "remind due escalate again again again"
same "in order" "$(grep -c 'event=alarm question=2 .*kind=again .*late=yes' "$LOG")" 3
same "each once" "$(told 2 'again-%')" "$(for n in 1 2 3; do printf 'again-%s officer:water mail, again-%s deputy:water mail, again-%s superior:water mail, again-%s role:approver digest%s' $n $n $n $n "$([ $n = 3 ] || echo ', ')"; done)"
echo "It broke." >"$T/srv/drop/Water/answer 2.txt"
within 30 "answered" sh -c "[ \$(ghat questions 2 --json | jq -r .state) = answered ]"
same "missed, and by how much" "$(q 2 '"\(.missed) \(.used_seconds / 3600 | floor)"')" "true 11"

step "a clock that went four days ahead is not believed: alarms wait for a person"
ghat ask water "And now?" >/dev/null
stop
clock "2026-12-09 13:00:00"
begin
never 3 "an alarm by a clock nobody believes" fired 3 "remind due escalate again again again"
same "none" "$(sql "SELECT count(*) FROM alarm WHERE question = 3 AND fired_ms > 0")" 0
ghat doctor --confirm-clock >/dev/null || :
kill -HUP "$DAEMON"
within 20 "confirmed" fired 3 "remind due escalate again again again"
ghat verify --ledger >"$TMPDIR/verify" 2>&1 || die "$(cat "$TMPDIR/verify")"
