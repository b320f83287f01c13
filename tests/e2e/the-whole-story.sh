#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# One event from its announcement to the report, by files as people save them: announced in Bengali, its folder prepared, a photo put there, a
# question about it, more time, an answer in Bengali, approval, collection and the post's link by receipts, the day's lists, the report. Everybody
# who is to be told is told once, by mail or webhook, and nobody else, whoever dies in between. The clock is the test's.
. tests/e2e/lib.sh
[ -e "$B/tests/faults.so" ] || skip "faults.so is not built"
[ -z "$SAN" ] || skip "the clock is preloaded, which a sanitizer does not like"
expect_log 'event=clock-not-trusted '
BOX=$TMPDIR/box
mkdir -p "$BOX"
python3 tests/e2e/letterbox.py "$BOX" &
HELPERS="$HELPERS $!"
within 20 "the servers listen" test -s "$BOX/hook.port"
configure desk.timezone=Asia/Kolkata desk.url=https://desk.example.org "post.smtp=smtp://localhost:$(cat "$BOX/smtp.port")" post.tls=off \
    post.from=ghat@example.org "post.webhook=http://localhost:$(cat "$BOX/hook.port")/x"
department Water water 'languages = bn,en
[deputy]
name = Bimal Roy
email = deputy@example.org
[superior]
name = Chitra Das
email = superior@example.org'
department Roads roads
export TZ=Asia/Kolkata GHAT_FAULT_CLOCK=$TMPDIR/clock
clock() { echo $(($(date -d "2026-12-01 $1 +0530" +%s) - $(date +%s))) >"$TMPDIR/.clock" && mv "$TMPDIR/.clock" "$GHAT_FAULT_CLOCK"; }
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
event_is() { [ "$(ghat event show 1 --json | jq -r .state)" = "$1" ]; }
question_is() { ghat questions 1 --json | jq -e "$1" >/dev/null; }
drop=$T/srv/drop/Water
# told: what arrived so far, a line each: whom a mail went to and a sentence of it, or what a program was told. In any order.
told() {
    python3 - "$BOX" <<'PY' | sort
import email, email.policy, glob, json, sys
for path in glob.glob(sys.argv[1] + '/mail/*.eml'):
    m = email.message_from_binary_file(open(path, 'rb'), policy=email.policy.default)
    for line in m.get_content().splitlines():
        if line == '-- ':
            break
        if line and not line.startswith('https://desk.example.org/'):
            print(str(m['to']).strip('<>').split('@')[0] + ': ' + line)
for path in glob.glob(sys.argv[1] + '/hook/*.json'):
    n = json.load(open(path))['notice']
    print('hook:', n['kind'], n['subject'], n['recipient'])
PY
}
# are_told N: so many sentences; at the end of the test it is said which.
are_told() { [ "$(told | wc -l)" = "$1" ]; }
clock 09:00:00
begin
ghat user add rina --role approver --email rina@example.org >/dev/null
ghat user add agni --role agency --email agni@example.org >/dev/null
ghat-post -c "$CONF" >>"$TMPDIR/post.log" 2>&1 &
POST=$!
HELPERS="$HELPERS $POST"

step "09:00: announced in Bengali, for today; its folder is there"
printf 'অনুষ্ঠান: নতুন পাম্প\r\nতারিখ: ০১/১২/২০২৬\r\nসময়: দুপুর ২টা\r\nশেষ: বিকেল ৩টা\r\nস্থান: পলতা\r\n' >"$drop/অনুষ্ঠান.txt"
within 20 "its folder" test -d "$drop/2026-12-01 নতুন পাম্প"

step "14:30: a photo is put there, and covers it"
at 14:30:00
cp "$(media small.png)" "$drop/2026-12-01 নতুন পাম্প/pump.png"
within 60 "covered" event_is covered
ID=$(ghat event show 1 --json | jq -r '.items[0].id')
within 60 "staged" staged

step "14:40: a question, which holds it; 15:00: more time, by a file"
at 14:40:00
within 20 "the approver knows" are_told 3
ghat ask "$ID" "Who is the child?" --hold >/dev/null
within 20 "the department knows" are_told 7
at 15:00:00
echo "The headmaster is away." >"$drop/আরও সময় ১.txt"
within 30 "extended" question_is .extended
within 20 "the agency knows" are_told 9

step "16:00: an answer, in Bengali; ghatd dies; approved"
at 16:00:00
printf 'তাঁর বাবা-মা রাজি।' >"$drop/উত্তর ১.txt"
within 30 "answered" question_is '.state == "answered"'
crash
begin
same "it waits again" "$(item "$ID" '.state + " " + (.returned != null | tostring)')" "staged true"
ghat approve --whatever-is-there "$ID" >/dev/null
within 30 "it is out" in_outbox "$ID"

step "16:30: collected, and posted, by receipts"
at 16:30:00
within 20 "the agency knows" are_told 13
printf 'https://example.org/post/1\r\n' >"$T/srv/receipts/water-$ID-fb.photo.txt"
: >"$T/srv/receipts/water-$ID.txt"
is_posted() { [ "$(item "$ID" '.state + " " + .links["fb.photo"]')" = "delivered https://example.org/post/1" ]; }
within 30 "counted" is_posted

step "20:00: the day's lists; everybody was told once"
at 20:00:10
within 20 "the lists" are_told 15
told >"$TMPDIR/told"
sort >"$TMPDIR/wanted" <<'TOLD'
agni: Event 1 of Water is announced; it begins today, 14:00.
rina: 1 item waits for your decision.
hook: waits item:2 role:approver
nodal: Water-কে ১ নম্বর প্রশ্ন করা হয়েছে; উত্তর দেওয়ার শেষ সময় আজ, সন্ধ্যা ৬:৪০।
nodal: ২ নম্বর (Water) ১ নম্বর প্রশ্নের উত্তর না আসা পর্যন্ত স্থগিত রাখা হয়েছে।
deputy: Water-কে ১ নম্বর প্রশ্ন করা হয়েছে; উত্তর দেওয়ার শেষ সময় আজ, সন্ধ্যা ৬:৪০।
hook: asked question:1 officer:water
agni: Question 1 to Water has more time; the answer is due tomorrow, 12:40.
hook: extend question:1 role:agency
agni: Question 1 to Water was answered.
hook: answer question:1 role:agency
agni: 1 item is approved and out.
hook: collect item:2 role:agency
rina: Event 1 of Water is announced; it begins today, 14:00.
nodal: ১টি বিষয় অনুমোদিত হয়ে প্রকাশের জন্য গেছে।
TOLD
diff "$TMPDIR/wanted" "$TMPDIR/told" || die "others were told, or twice, or of something else"
same "each letter has a number of its own" "$(grep -h '^Message-ID' "$BOX/mail/"*.eml | sort -u | wc -l)" "$(find "$BOX/mail" -name '*.eml' | wc -l)"
grep -rqE 'child|headmaster|রাজি' "$BOX" && die "what people wrote is told"

step "the report: one photo, from its own arrival, not from the day's first file"
ghat report --day 2026-12-01 --json >"$TMPDIR/report"
same "water" "$(jq -r '.departments[] | select(.department == "water") | [.dropped, .staged, .approved, .collected, .posted] | join(" ")' "$TMPDIR/report")" "1 1 1 1 1"
jq -e '.departments[0].drop_to_staged.max_seconds < 1200' "$TMPDIR/report" >/dev/null || die "as if it was dropped when its folder was made: $(cat "$TMPDIR/report")"
same "who sent nothing" "$(jq -c .silent "$TMPDIR/report")" '["roads"]'

step "ghat-post is dead: after a quarter of an hour it is said, where people and programs look"
kill "$POST"
wait "$POST" || :
ghat ask water "And tomorrow?" >/dev/null
at 20:14:00
says_so() { ghat "$@" >"$TMPDIR/said" || :; seen 'notices.* due.*, and ghat-post does not ask for them' "$TMPDIR/said"; }
says_so status --check && die "said at once"
at 20:16:00
for command in 'status --check' doctor; do says_so $command || die "not said: $(cat "$TMPDIR/said")"; done
ghat metrics >"$TMPDIR/metrics"
for figure in 'ghat_post_away 1' 'ghat_notices_waiting 4' 'ghat_letters{state="waiting"} 0' 'ghat_letters{state="failed"} 0'; do has "$TMPDIR/metrics" "$figure"; done
ghat verify --ledger >"$TMPDIR/verify" 2>&1 || die "$(cat "$TMPDIR/verify")"
