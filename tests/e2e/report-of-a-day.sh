#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# ghat report counts what a day brought, department by department, why it was rejected, how long it took, and what became of questions and events,
# and names who sent nothing, by the alphabet; other days are empty. A spreadsheet gets the same, and runs none of it as a formula.
. tests/e2e/lib.sh
configure
department Water water
department Roads roads
department 'Street lights' lights
department Parks aaa-parks
department Zoo zoo 'title = =1+2,"Zoo"'
start
cp "$(media small.png)" "$T/srv/drop/Water/one.png"
arrives one.png staged
one=$ID
cp "$(media small.png)" "$T/srv/drop/Water/again.png"
arrives again.png duplicate
: >"$T/srv/drop/Roads/empty.jpg"
arrives empty.jpg quarantined
cp "$(media photo.jpg)" "$T/srv/drop/Roads/two.jpg"
arrives two.jpg staged
ghat reject "$ID" --reason "too dark" >/dev/null
ghat approve --whatever-is-there "$one" >/dev/null
within 30 "it is published" in_outbox "$one"
ghat collected "$one" >/dev/null
within 30 "it is delivered" state_is one.png delivered
ghat ask roads 'Which bridge?' >/dev/null
ghat event add lights Lamps --date "$(date -d '+1 day' +%F)" --time 11:00 >/dev/null
ghat report --json >"$TMPDIR/report"
of() { jq -r ".departments[] | select(.department == \"$1\") | [.dropped, .duplicates, .refused, .staged, .approved, .rejected, .collected] | join(\" \")" "$TMPDIR/report"; }
same "its day" "$(jq -r .day "$TMPDIR/report")" "$(date +%F)"
same water "$(of water)" "2 1 0 1 1 0 1"
same roads "$(of roads)" "2 0 1 1 0 1 0"
took=$(sql 'SELECT (staged_ms - dropped_ms) / 1000.0 FROM submission WHERE id = '"$one")
jq -e --argjson t "$took" '.departments[] | select(.department == "water") | .drop_to_staged | .median_seconds == $t and .max_seconds == $t' "$TMPDIR/report" >/dev/null ||
    { cat "$TMPDIR/report"; die "times"; }
jq -e '.departments[] | select(.department == "roads") | .approved_to_collected == null' "$TMPDIR/report" >/dev/null || die "a time of nothing"
same "why" "$(jq -c '.departments[] | select(.department == "roads") | .reasons' "$TMPDIR/report")" '[{"reason":"other","value":"","n":1}]'
same "questions" "$(jq -c '.all.questions | [.asked, .open, .missed]' "$TMPDIR/report")" '[1,1,0]'
same "a day's figures" "$(jq -c '.departments[] | select(.department == "water") | [.series.dropped, .series.collected]' "$TMPDIR/report")" '[[2],[1]]'
ghat report | seen -E '^water +2 +1 +0 +1 +1 +0 +1 '
ghat report | seen '^roads, rejected: other 1$'
ghat report | seen -E '^roads +1 +0 +0 +0 +- +0 '
same "the alphabet" "$(ghat report --from "$(date +%F)" --to "$(date -d '+1 day' +%F)" --json | jq -c '[.departments[].department]')" '["lights","roads","water"]'
same "one of them" "$(ghat report --department Water --json | jq -c '[[.departments[].department], .silent, .all.dropped]')" '[["water"],[],2]'
ghat report --csv >"$TMPDIR/report.csv"
ghat report --csv --by day --from "$(date -d '-1 day' +%F)" >"$TMPDIR/days.csv"
python3 - "$TMPDIR" <<'PY' || die "$(cat "$TMPDIR/report.csv" "$TMPDIR/days.csv")"
import csv, sys
rows = {r['department']: r for r in csv.DictReader(open(sys.argv[1] + '/report.csv', newline='', encoding='utf-8'), strict=True)}
assert sorted(rows) == ['aaa-parks', 'lights', 'roads', 'water', 'zoo'], rows
assert rows['zoo']['title'] == '\'=1+2,"Zoo"', rows['zoo']
assert rows['water']['dropped'] == '2' and float(rows['water']['drop_to_staged_median_seconds']) > 0 and rows['roads']['rejected_for'] == 'other: 1'
assert [rows['zoo'][c] for c in ('days_without', 'days_on_duty', 'links')] == ['0', '0', '0'], rows['zoo'] # today is not over
days = list(csv.DictReader(open(sys.argv[1] + '/days.csv', newline='', encoding='utf-8'), strict=True))
assert len(days) == 10 and [d['dropped'] for d in days if d['department'] == 'water'] == ['0', '2'], days
PY
same "who sent nothing" "$(jq -c .silent "$TMPDIR/report")" '["aaa-parks","lights","zoo"]'
ghat report | seen '^Nothing came from: aaa-parks, lights, zoo$'
ghat report --language bn | seen '^কিছু পাঠায়নি: aaa-parks, lights, zoo$'
ghat report --language hi | seen '^कुछ नहीं भेजा: aaa-parks, lights, zoo$'

( for i in $(seq 40); do printf x; sleep 0.1; done ) >"$T/srv/drop/Zoo/lion.jpg" &
writes=$!
is_silent() { ghat report --json | jq -e --arg d "$1" '.silent | index($d)' >/dev/null; }
is_arriving() { ! is_silent zoo; }
within 20 "what is being copied there is not nothing" is_arriving
ghat report | seen '^Nothing came from: aaa-parks, lights$' || die "another one is left out"
wait $writes
rm "$T/srv/drop/Zoo/lion.jpg"
within 20 "it was nothing after all" is_silent zoo
ghat report --day 2001-01-01 | seen '2001-01-01: nothing happened'
ghat report --day 2001-01-01 | seen '^Nothing came from: aaa-parks, lights, roads, water, zoo$'
ghat report --from 2001-01-01 --to "$(date +%F)" --json >"$TMPDIR/report"
same "water since 2001" "$(of water)" "2 1 0 1 1 0 1"
same "who sent nothing since" "$(jq -c .silent "$TMPDIR/report")" '["aaa-parks","lights","zoo"]'
ghat report --from 2001-01-01 --to 2001-01-31 | seen '^2001-01-01 to 2001-01-31: nothing happened$'
for span in '--from 2001-01-02 --to 2001-01-01' '--day 2001-01-01 --to 2001-01-02' '--from 2001-01-01 --by day' '--by year'; do
    rc=0
    ghat report $span 2>/dev/null || rc=$?
    same "$span" $rc 2
done
rc=0
ghat report --day yesterday 2>/dev/null || rc=$?
same "a day that is none" $rc 2
