#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Events on the desk, without a script: what comes, day by day, with whom to call, for the agency; announced, changed and called off by an
# officer of the department; one with what came of it and a question about it; what was, by its days.
. tests/desk/lib.sh
up
page() { get "$1" "$2" >"$TMPDIR/page"; }
has() { seen -- "$1" "$TMPDIR/page" || die "the page lacks $1"; }
lacks() { ! seen -- "$1" "$TMPDIR/page" || die "the page has $1"; }

step "the list, for each of those who may see it"
page agency /events
for word in 'href="/event/1"' 'tel:+91 33 1' '1 item came' 'All day' 'cancelled' 'পলতায়'; do has "$word"; done
lacks 'action="/events"><input'
same "a heading a day" "$(grep -c '<h2>.*day, ' "$TMPDIR/page")" 2
page anjali /events
has 'value="water"'
lacks 'value="roads"'
has 'name="place" maxlength="100" dir="auto" value=""'
page rina /events
has 'value="roads"'
page agency /today
has 'href="/events"'
same "nobody" "$(status_of '' /events)" 303
page agency '/events?from=2026-11-01'
has 'nothing came of it'
same "what ghatd is asked" "$(asked '.request == "events"' | tail -n 1 | jq -r .from)" 2026-11-01

step "announced, changed, called off"
same "announced" "$(post anjali /events -d department=water --data-urlencode 'text=মেলা' --data-urlencode 'date=০৪/১২/২০২৬' -d time=11:00 -d until=)" 303
same "what ghatd is asked" "$(asked '.request == "event-add"' | jq -c '[.department, .text, .date, .time]')" '["water","মেলা","০৪/১২/২০২৬","11:00"]'
same "changed" "$(post anjali /event/1/change -d text=Fair -d date=2026-12-05 -d time= -d all_day=1)" 303
same "what ghatd is asked" "$(asked '.request == "event-change"' | jq -c '[.event, .text, .time]')" '[1,"Fair","all day"]'
same "called off" "$(post anjali /event/1/cancel -d text=Rain)" 303
same "by the agency" "$(post agency /event/1/cancel -d text=Rain)" 404
same "by the agency" "$(post agency /events -d department=water -d text=x)" 404

step "one of them, and a question about it"
page anjali /event/1
for word in 'href="/i/1"' 'action="/event/1/change"' 'value="11:00"' 'Palta'; do has "$word"; done
lacks 'action="/questions"'
grep -qE 'name="date" [^>]*value="[0-3][0-9]/[01][0-9]/20[0-9]{2}"' "$TMPDIR/page" || die "its date is not as the form says dates are written"
page agency /event/4
has 'It rains.'
lacks '/change"'
same "asked" "$(post agency /questions -d event=1 -d 'text=Which gate?')" 303
same "what ghatd is asked" "$(asked '.request == "ask"' | jq -c '[.event, .department, .text]')" '[1,null,"Which gate?"]'
same "none such" "$(status_of rina /event/99)" 404

step "a calendar follows them by a secret link, for whoever has it; judged line by line, and by python's icalendar where it is"
same "without the link" "$(status_of '' /events.ics)" 404
same "a wrong one" "$(status_of '' "/events.ics?k=$(printf '%32s' '' | tr ' ' 7)")" 404
get '' "/events.ics?k=$(printf '%32s' '' | tr ' ' 6)" >"$TMPDIR/feed.ics"
python3 - "$TMPDIR/feed.ics" <<'PY' || die "not as RFC 5545 wants it: $(cat "$TMPDIR/feed.ics")"
import re, sys
data = open(sys.argv[1], 'rb').read()
assert data.endswith(b'\r\n') and data.count(b'\n') == data.count(b'\r\n')
assert all(len(l) <= 75 for l in data.split(b'\r\n'))
lines = data.decode().replace('\r\n ', '').split('\r\n')[:-1]
assert all(re.fullmatch(r'[A-Z-]+(;[A-Z]+=[A-Z-]+)*:[^\x00-\x1f]*', l) for l in lines), lines
assert lines[0] == 'BEGIN:VCALENDAR' and lines[-1] == 'END:VCALENDAR' and 'VERSION:2.0' in lines
assert lines.count('BEGIN:VEVENT') == lines.count('END:VEVENT') == 3
for name in ('UID', 'DTSTAMP', 'DTSTART', 'DTEND', 'SEQUENCE', 'SUMMARY'):
    assert len([l for l in lines if re.match(name + '[:;]', l)]) == 3, name
assert len({l for l in lines if l.startswith('UID:')}) == 3
assert 'DTSTART:20261204T060000Z' in lines and lines.count('STATUS:CANCELLED') == 1
assert any(l.startswith('DTSTART;VALUE=DATE:') for l in lines)
try:
    import icalendar
except ImportError:
    sys.exit(0)
assert len(icalendar.Calendar.from_ical(data).walk('VEVENT')) == 3
PY
grep -q 'Anjali' "$TMPDIR/feed.ics" && die "people are named"
true
