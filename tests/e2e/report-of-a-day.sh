#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# ghat report counts what a day brought, department by department, and how long it took, and names who sent nothing, by the alphabet; other days
# are empty.
. tests/e2e/lib.sh
configure
department Water water
department Roads roads
department 'Street lights' lights
department Parks aaa-parks
department Zoo
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
ghat report --json >"$TMPDIR/report"
of() { jq -r ".departments[] | select(.department == \"$1\") | [.dropped, .duplicates, .refused, .staged, .approved, .rejected, .collected] | join(\" \")" "$TMPDIR/report"; }
same "its day" "$(jq -r .day "$TMPDIR/report")" "$(date +%F)"
same water "$(of water)" "2 1 0 1 1 0 1"
same roads "$(of roads)" "2 0 1 1 0 1 0"
took=$(sql 'SELECT (staged_ms - dropped_ms) / 1000.0 FROM submission WHERE id = '"$one")
jq -e --argjson t "$took" '.departments[] | select(.department == "water") | .drop_to_staged | .median_seconds == $t and .max_seconds == $t' "$TMPDIR/report" >/dev/null ||
    { cat "$TMPDIR/report"; die "times"; }
jq -e '.departments[] | select(.department == "roads") | .approved_to_collected == null' "$TMPDIR/report" >/dev/null || die "a time of nothing"
ghat report | seen -E '^water +2 +1 +0 +1 +1 +0 +1 '
same "who sent nothing" "$(jq -c .silent "$TMPDIR/report")" '["aaa-parks","lights","zoo"]'
ghat report | seen '^Nothing came from: aaa-parks, lights, zoo$'
ghat report --language bn | seen '^কিছু পাঠায়নি: aaa-parks, lights, zoo$'
ghat report --language hi | seen '^कुछ नहीं भेजा: aaa-parks, lights, zoo$'
ghat report --day 2001-01-01 | seen '2001-01-01: nothing happened'
ghat report --day 2001-01-01 | seen '^Nothing came from: aaa-parks, lights, roads, water, zoo$'
ghat report --from 2001-01-01 --to "$(date +%F)" --json >"$TMPDIR/report"
same "water since 2001" "$(of water)" "2 1 0 1 1 0 1"
same "who sent nothing since" "$(jq -c .silent "$TMPDIR/report")" '["aaa-parks","lights","zoo"]'
ghat report --from 2001-01-01 --to 2001-01-31 | seen '^2001-01-01 to 2001-01-31: nothing happened$'
for span in '--from 2001-01-02 --to 2001-01-01' '--day 2001-01-01 --to 2001-01-02'; do
    rc=0
    ghat report $span 2>/dev/null || rc=$?
    same "$span" $rc 2
done
rc=0
ghat report --day yesterday 2>/dev/null || rc=$?
same "a day that is none" $rc 2
