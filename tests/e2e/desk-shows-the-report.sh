#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The report on the desk, without a script: the last seven days, or those of the form; figures and bars of each department, by the alphabet of their
# titles; who sent nothing; the same for a spreadsheet; for those who may see it, an officer the own department's. It weighs at most 40 KB.
. tests/desk/lib.sh
up
page() { get "$1" "$2" >"$TMPDIR/page"; }
has() { seen -F -- "$1" "$TMPDIR/page" || die "the page lacks $1"; }
lacks() { ! seen -F -- "$1" "$TMPDIR/page" || die "the page has $1"; }
last_asked() { asked '.request == "report"' | tail -n 1 | jq -c "$1"; }

step "the last seven days, and who may see them"
page rina /report
same "what ghatd is asked" "$(last_asked '[.from, .to, .department]')" "[\"$(date -d '-6 days' +%F)\",\"$(date +%F)\",null]"
for word in '<h2>All departments</h2>' '<h2>Nothing came from</h2>' '=1+2,&quot;Zoo&quot;' 'Picture is not clear' 'Flag is upside down' 'after it was ready: median 15 min, longest 2.3 h' \
    'in duty hours: median' 'aria-current="true">7 days' 'Day by day' 'href="/report.csv?from='; do has "$word"; done
same "by their titles" "$(grep -oE '<h2>[^<]*' "$TMPDIR/page" | tail -n 3 | tr -d '\n')" '<h2>Health<h2>Water Supply<h2>রাস্তা বিভাগ'
same "bars of numbers" "$(grep -oE '<rect [^>]*>' "$TMPDIR/page" | grep -vcE '^<rect class="(up|down|line)" x="[0-9]+" y="[0-9]+" width="[0-9]+" height="[0-9]+"/>$')" 0
same "bars of what came from Health" "$(grep -oE '<svg viewBox.*</svg>' "$TMPDIR/page" | sed -n 2p | grep -o 'class="up"' | wc -l)" 6
has 'href="/report"'
page anjali /report
has '<h2>Water Supply</h2>'
lacks '<select'
lacks 'Health'
lacks 'All departments'
page boss '/report?from=2026-11-01&to=2026-11-02'
has 'Nothing happened'
for user in agency:404 :303; do same "$user" "$(status_of "${user%:*}" /report) $(status_of "${user%:*}" /report.csv)" "${user#*:} ${user#*:}"; done
page agency /today
lacks 'href="/report"'

step "the form, weeks of a year"
page rina '/report?from=2026-01-01&to=2026-12-01&department=water'
same "what ghatd is asked" "$(last_asked '[.from, .to, .department]')" '["2026-01-01","2026-12-01","water"]'
for word in 'Week by week' 'value="2026-01-01"' '<option value="water" selected>' '&amp;department=water&amp;by=week'; do has "$word"; done
same "too many days" "$(status_of rina '/report?from=2025-01-01&to=2026-12-01')" 409
same "no such department" "$(status_of rina '/report?department=nobody')" 404
same "of another one" "$(status_of anjali '/report?department=roads')" 404
[ "$(get rina '/report?from=2026-10-01&to=2026-11-30' -H 'Accept-Encoding: gzip' | wc -c)" -lt $((26 * 1024)) ] || die "with style and script it is more than 40 KB"

step "for a spreadsheet"
head_of rina /report.csv >"$TMPDIR/head"
seen -i '^content-type: text/csv; charset=utf-8' "$TMPDIR/head" && seen -iE '^content-disposition: attachment; filename="report-[-0-9]*\.csv"' "$TMPDIR/head" || die "$(cat "$TMPDIR/head")"
get rina /report.csv >"$TMPDIR/whole.csv"
get rina '/report.csv?from=2026-11-01&to=2026-11-03&by=day' >"$TMPDIR/days.csv"
python3 - "$TMPDIR" <<'PY' || die "$(cat "$TMPDIR/whole.csv" "$TMPDIR/days.csv")"
import csv, sys
read = lambda name: list(csv.DictReader(open(f'{sys.argv[1]}/{name}.csv', newline='', encoding='utf-8-sig'), strict=True))
assert open(f'{sys.argv[1]}/whole.csv', 'rb').read(3) == b'\xef\xbb\xbf'
rows = {r['department']: r for r in read('whole')}
assert sorted(rows) == ['health', 'lights', 'roads', 'water', 'zoo'] and rows['zoo']['title'] == '\'=1+2,"Zoo"'
assert rows['water']['staged_to_approved_median_seconds'] == '900.000' and rows['water']['questions_missed'] == '1' and rows['water']['events_covered'] == '1'
assert rows['water']['rejected_for'] == 'Picture is not clear: 3; Flag is upside down: 1; other: 2' and rows['zoo']['dropped'] == '0'
days = read('days')
assert len(days) == 15 and [d['from'] for d in days if d['department'] == 'water'] == ['2026-11-01', '2026-11-02', '2026-11-03']
PY
