#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# ghat event: an event is announced, and a folder for it is in the department's; what is put there belongs to it and is urgent on its day;
# another one is changed, cancelled; one of which nothing came is missed, told to department and agency once, and covered by what comes late.
# The clock is the test's.
. tests/e2e/lib.sh
[ -e "$B/tests/faults.so" ] || skip "faults.so is not built"
[ -z "$SAN" ] || skip "the clock is preloaded, which a sanitizer does not like"
expect_log 'event=clock-not-trusted '
expect_log 'event=events-wait '
configure desk.timezone=Asia/Kolkata
department Water water
department Roads roads
export TZ=Asia/Kolkata GHAT_FAULT_CLOCK=$TMPDIR/clock
clock() { echo $(($(date -d "$1 +0530" +%s) - $(date +%s))) >"$TMPDIR/.clock" && mv "$TMPDIR/.clock" "$GHAT_FAULT_CLOCK"; }
begin() {
    LD_PRELOAD=$B/tests/faults.so "$B/ghatd" -c "$CONF" >>"$LOG" 2>&1 &
    DAEMON=$!
    within 60 "ghatd answers on its socket" ghat status
}
at() {
    clock "$1"
    ghat sweep >/dev/null
    kill -HUP "$DAEMON"
}
e() { ghat event show "$1" --json | jq -r "$2"; }
is_in() { [ "$(e "$1" .state)" = "$2" ]; }
told() { sql "SELECT group_concat(n, ', ') FROM (SELECT kind || ' ' || recipient || ' ' || channel AS n FROM notice WHERE subject = 'event:$1' AND kind = '$2' ORDER BY id)"; }
drop=$T/srv/drop/Water
clock "2026-12-04 09:00:00"
begin

step "announced, in three ways to write it; the folder is there"
ghat event add water "নতুন পাম্প" --date 04/12/2026 --time 11:00-13:00 --place Palta --ward ১২ --material "two photos" |
    seen -F "event 1 of Water: announced, 2026-12-04 11:00-13:00: নতুন পাম্প" || die "not announced"
ghat event add Water "Fair: a/b" --date "৫ ডিসেম্বর ২০২৬" --time "সকাল ১১টা" >/dev/null
ghat event add roads "Bridge" --date 2026-12-04 --time "all day" >/dev/null
within 20 "its folder" test -d "$drop/2026-12-04 নতুন পাম্প"
within 20 "the folder of the other" test -d "$drop/2026-12-05 Fair a b"
same "until when" "$(e 1 '.expected[:16]')" 2026-12-04T16:00
same "told" "$(told 1 event-announce)" "event-announce role:agency mail, event-announce role:approver digest"
same "in order" "$(ghat event list --json | jq -r .id | xargs)" "3 1 2"
same "of one" "$(ghat event --department Water --json | jq -r .id | xargs)" "1 2"

step "its department is asked about it"
ghat ask --event 3 "Which gate?" >/dev/null
same "the question" "$(ghat questions 1 --json | jq -c '[.event, .department]')" '[3,"roads"]'
! ghat ask --event 99 "Which gate?" 2>"$TMPDIR/err" || die "asked about no event"
has "$TMPDIR/err" "no event 99"
! ghat ask --event fair "Which gate?" 2>"$TMPDIR/err" || die "asked about no number"
has "$TMPDIR/err" "number of an event"

step "what cannot be meant is refused in words"
while IFS='|' read -r args words; do
    eval "ghat event $args" >/dev/null 2>"$TMPDIR/err" && die "$args is taken"
    has "$TMPDIR/err" "$words"
done <<'REFUSED'
add water Fair --date 03/12/2026 --time 11:00|over already
add water Fair --date 04/12/2029 --time 11:00|two years away
add water Fair --date 04/12/2026|no time
add water Fair --time 11:00|no date
add water '' --date 04/12/2026 --time 11:00|no title
add water Fair --date 12/31/2026 --time 11:00|day/month/year
add nowhere Fair --date 04/12/2026 --time 11:00|no department nowhere
change 99 --time 12:00|no event 99
show 99|no event 99
list --state lost|must be announced
REFUSED

step "changed: the folder follows; cancelled: it goes"
ghat event change 2 --date 06/12/2026 >/dev/null
within 20 "a folder of the new date" test -d "$drop/2026-12-06 Fair a b"
within 20 "not that of the old" sh -c "[ ! -e '$drop/2026-12-05 Fair a b' ]"
same "changed" "$(e 2 '.state + " " + .time + " " + (.revision | tostring)')" "changed 11:00 2"
ghat event cancel 2 "It rains." | seen cancelled || die "not cancelled"
within 20 "no folder" sh -c "[ ! -e '$drop/2026-12-06 Fair a b' ]"
same "why" "$(e 2 .reason)" "It rains."

step "what lies in its folder belongs to it, and is urgent that day"
cp "$(media small.png)" "$drop/2026-12-04 নতুন পাম্প/pump.png"
within 60 "covered" is_in 1 covered
id=$(e 1 '.items[0].id')
within 60 "staged" sh -c "[ \$(ghat show $id --json | jq -r .state) = staged ]"
same "linked" "$(item "$id" '[.event, .event_title, .urgent] | map(tostring) | join(" ")')" "1 নতুন পাম্প true"

never 3 "its folder goes, though more may come" sh -c "[ ! -d '$drop/2026-12-04 নতুন পাম্প' ]"
cp "$(another more.jpg more)" "$drop/2026-12-04 নতুন পাম্প/"
has_more() { [ "$(sql "SELECT count(*) FROM file WHERE submission = $id AND work = 'done'")" = 2 ]; }
within 60 "more of it" has_more

step "nothing came: told once; missed at the end of the next day; what comes late covers it"
ghat event add water "Drill" --date 04/12/2026 --time 14:00-15:00 >/dev/null
ghat event add water "Race" --date 04/12/2026 --time 14:00-15:00 >/dev/null
within 20 "its folder" test -d "$drop/2026-12-04 Drill"
same "from when it is missed" "$(e 4 '.missed_from[:16]')" 2026-12-06T00:00
is_told() { [ -n "$(told 4 event-miss)" ]; }
at "2026-12-04 17:59:00"
never 2 "too early" is_told
at "2026-12-04 18:00:05"
within 20 "told" is_told
same "told" "$(told 4 event-miss)" "event-miss officer:water mail, event-miss role:agency mail, event-miss role:approver digest"
same "late, not missed" "$(e 4 '"\(.state) \(.late)"')" "announced true"
ghat event list --from 2026-12-04 | seen -E '4 +announced, late' || die "the list does not say that it is late"
crash
begin
same "coverage" "$(ghat event list --from 2026-12-04 --to 2026-12-04 --json | jq -r '"\(.id) \(.state)"' | xargs)" "3 announced 1 covered 4 announced 5 announced"
at "2026-12-05 11:00:00"
at "2026-12-05 23:59:00"
never 2 "missed within the next day" is_in 5 missed
at "2026-12-06 00:00:05"
within 20 "missed" is_in 5 missed
within 20 "missed" is_in 4 missed
same "once" "$(sql "SELECT count(*) FROM notice WHERE subject = 'event:4' AND kind = 'event-miss'")" 3
at "2026-12-06 10:00:00"
cp "$(another late.jpg drill)" "$drop/2026-12-04 Drill/"
within 60 "covered after all" is_in 4 covered
same "not urgent" "$(item "$(e 4 '.items[0].id')" .urgent)" false

step "a calendar's link: shown once, kept as a digest, taken back"
token=$(ghat feed add phone --json | jq -r .token)
same "listed" "$(ghat feed list --json | jq -r .name)" phone
same "not kept" "$(sql "SELECT count(*) FROM meta WHERE value LIKE '%$token%'")" 0
same "a wall is none" "$(ghat display list --json | wc -l)" 0
ghat feed remove phone >/dev/null
same "gone" "$(ghat feed list --json | wc -l)" 0

step "empty folders go a week after"
at "2026-12-14 10:00:00"
within 20 "gone" sh -c "! ls -d '$drop'/2026-12-04* 2>/dev/null"
ghat verify --ledger >"$TMPDIR/verify" 2>&1 || die "$(cat "$TMPDIR/verify")"
