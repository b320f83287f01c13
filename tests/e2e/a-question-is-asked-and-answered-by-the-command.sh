#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# ghat ask, extend, answer, questions: the question is in the officer's folder on top, with its due time and why, is renamed when more time is
# given, and is gone when it is answered. Who is to be told is written with it. The department's own hours count, frozen when it is asked.
. tests/e2e/lib.sh
configure "questions.duty=daily 00:00-24:00" desk.timezone=Asia/Kolkata
department Water water '[deputy]
name = Bimal Roy
mobile = +91 33 1
[superior]
name = Chitra Das
email = chief@example.org
[questions]
office = daily 00:00-24:00'
department সড়ক roads
sed -i 's/^languages.*//; s/^slug = roads/&\nlanguages = bn/' "$T/etc/departments/roads.conf"
start
in_folder() { ls "$T/srv/drop/$1/Status" 2>/dev/null | grep -c '^! '; }
is_there() { [ -e "$T/srv/drop/$1/Status/$2" ]; }

step "to a department, by its title"
ghat ask Water "When does the new pump start?" | seen -E '^question 1 to Water: open, due .* \((4 h|3 h 59 min) left\)$' || die "not said"
q() { ghat questions "$1" --json | jq -r "$2"; }
due=$(q 1 .due)
same "4 hours" "$(($(date -d "$due" +%s) - $(date -d "$(q 1 .began)" +%s)))" 14400
[[ $due == *+05:30 ]] || die "not in the zone of [desk] timezone: $due"
name="! Question 1 - answer by $(TZ=Asia/Kolkata date -d "$due" +%H.%M).txt"
[ "$(TZ=Asia/Kolkata date -d "$due" +%F)" = "$(TZ=Asia/Kolkata date +%F)" ] || name="! Question 1 - answer by $(TZ=Asia/Kolkata date -d "$due" '+%a %H.%M').txt"
within 10 "the question is in the officer's folder: $name" is_there Water "$name"
file="$T/srv/drop/Water/Status/$name"
seen -F "When does the new pump start?" <"$file" || die "it does not say the question"
seen -F 'answer 1.txt' <"$file" || die "it does not say how to answer"
seen -F 'উত্তর ১.txt' <"$file" || die "nor in Bengali"
seen -F 'more time 1.txt' <"$file" || die "nor how to ask for more time"
seen -F 'Why this time: asked ' <"$file" || die "nor why"
same "told" "$(q 1 '[.notices[] | .kind + " " + .to + " " + .channel] | sort | join(", ")')" \
    "asked deputy:water mail, asked officer:water hook, asked officer:water mail, asked role:approver digest"
same "alarms" "$(sql "SELECT group_concat(kind, ' ') FROM (SELECT kind FROM alarm ORDER BY at_ms, kind)")" "remind due escalate again again again"

step "in Bengali, to a department that reads only that"
ghat ask roads "রাস্তা কবে খুলবে?" >/dev/null
within 10 "it is there" grep -rqs 'রাস্তা কবে খুলবে?' "$T/srv/drop/সড়ক/Status"
ls "$T/srv/drop/সড়ক/Status" | seen '^! প্রশ্ন ২ - উত্তর দিন ' || die "its name: $(ls "$T/srv/drop/সড়ক/Status")"
grep -rl Question "$T/srv/drop/সড়ক/Status" && die "English was not asked for"

step "more time, once, with a reason"
rc=0; ghat extend 1 "" 2>"$TMPDIR/err" || rc=$?
same "without a reason" "$rc $(grep -c 'needs a text' "$TMPDIR/err")" "1 1"
ghat extend 1 "The engineer is away." --as rina | seen -E '\((12 h|11 h 59 min) left\)$' || die "not 12 hours"
within 10 "renamed" sh -c "[ ! -e '$file' ]"
same "one file" "$(in_folder Water)" 1
grep -rqs 'The engineer is away.' "$T/srv/drop/Water/Status" || die "the reason is not said"
rc=0; ghat extend 1 "Still away." 2>"$TMPDIR/err" || rc=$?
same "twice" "$rc $(grep -c 'more time already' "$TMPDIR/err")" "1 1"

step "answered: gone from the folder; what is added is told, the same again is not"
ghat answer 1 "On Monday." | seen -E ': answered, ' || die "not answered"
within 10 "gone" sh -c "! ls '$T/srv/drop/Water/Status' | grep '^! '"
ghat answer 1 "On Monday." >/dev/null
ghat answer 1 "At nine." >/dev/null
same "thread" "$(q 1 '[.messages[].kind] | join(" ")')" "ask extend answer note"
ghat questions 1 | seen -E '^ *due +.*, after 0 min$' || die "how long it took is not said: $(ghat questions 1)"

step "asked again twice, then a person must call"
ghat questions reopen 1 "Which Monday?" >/dev/null
within 10 "it is back in the folder" grep -rqs 'Which Monday?' "$T/srv/drop/Water/Status"
ghat answer 1 "The 7th." >/dev/null
ghat questions reopen 1 "And where?" >/dev/null
ghat answer 1 "In Garden Reach." >/dev/null
rc=0; ghat questions reopen 1 "Really?" 2>"$TMPDIR/err" || rc=$?
same "a fourth time" "$rc $(grep -c 'call the department' "$TMPDIR/err")" "1 1"
ghat questions close 1 | seen ': closed' || die "not closed"
rc=0; ghat answer 1 "Too late." 2>"$TMPDIR/err" || rc=$?
same "closed" "$rc $(grep -c 'question 1 is closed' "$TMPDIR/err")" "1 1"

step "the list: by due time, and no such question, department, submission"
ghat ask Water "Urgent?" --urgent --json | jq -e '.question.urgent' >/dev/null || die "not urgent"
ghat questions | seen -E '^2 +open +roads .* left ' || die "$(ghat questions)"
same "order" "$(ghat questions --json | jq -r .id | xargs)" "2 3 1"
same "of one" "$(ghat questions --department Water --state open --json | jq -r .id | xargs)" 3
for wrong in "answer 99 x" "ask Nowhere x" "ask 99 x" "questions 99" "questions --state shut" "questions --department Nowhere" "questions close 99"; do
    ghat $wrong >"$TMPDIR/out" 2>"$TMPDIR/err" && die "ghat $wrong is taken"
    [ -s "$TMPDIR/err" ] || die "ghat $wrong says nothing"
done

step "hold and ask: the answer puts the item back before those who decide"

cp "$(media small.png)" "$T/srv/drop/Water/a.png"
within 60 "staged" state_is a.png staged
id=$(number_of a.png)
states() { list "[.[] | select(.id == $id) | .placements[]] | unique | join(\" \")"; }
ghat ask "$id" "Who is the child?" --hold >/dev/null
[[ $(states) == *held* && $(states) != *staged* ]] || die "not held: $(states)"
ghat answer 4 "His parents agree." >/dev/null
[[ $(states) == *staged* && $(states) != *held* ]] || die "not back: $(states)"
same "before the others" "$(sql "SELECT returned_ms > 0 FROM submission WHERE id = $id")" 1

step "withdrawn; recomputed by other hours, audited; all of it survives a restart"
ghat questions withdraw 3 "Found it." | seen ': withdrawn' || die "not withdrawn"
sed -i 's/^duty.*/duty = daily 00:00-24:00\nclosed = 2020-01-01/' "$CONF"
kill -HUP "$DAEMON"
ghat questions recompute 2 >/dev/null
same "audited" "$(sql "SELECT count(*) FROM audit WHERE action = 'recompute' AND subject = 'question:2'")" 1
before=$(ghat questions --json | jq -c '{id, state, due}')
rm "$T/srv/drop/সড়ক/Status/"!*
crash
start
same "after a crash" "$(ghat questions --json | jq -c '{id, state, due}')" "$before"
within 10 "its file is written again" sh -c "ls '$T/srv/drop/সড়ক/Status' | grep '^! '"
