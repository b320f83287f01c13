#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Holidays from an .ics file, read by a worker: they close a department's office, and not one that has duty hours. A file that lies is refused
# with its name, at the start and at a reload, which then changes nothing; what was asked before keeps its time. closed and open lines count.
. tests/e2e/lib.sh
ics() { # FILE LINES: one event
    printf 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:a\r\n%s\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n' "$2" >"$T/etc/$1"
}
configure questions.holidays=holidays.ics questions.closed=2020-01-01 desk.timezone=Asia/Kolkata
day() { TZ=Asia/Kolkata date -d "$1" "+$2"; }
ics holidays.ics "DTSTART;VALUE=DATE:$(day 'today' %Y%m%d)
DTEND;VALUE=DATE:$(day '2 days' %Y%m%d)"
department Water water '[questions]
office = daily 00:00-24:00'
department Roads roads '[questions]
duty = daily 00:00-24:00'
department Health health "[questions]
office = daily 00:00-24:00
open = $(day today %F) to $(day '2 days' %F)"
start
due() { ghat ask "$1" "When?" --json | jq -r '.question.due[:13]'; }
left() { ghat ask "$1" "When?" --json | jq -r '(.question.wall_seconds, .question.left_seconds) | tostring'; }
same "an office: from the morning after the holidays on" "$(due Water)" "$(day '2 days' %F)T04"
roads=$(due Roads)
[[ $roads != $(day '2 days' %F)* ]] || [ "$(day 'now' %H)" -ge 20 ] || die "duty hours have holidays: $roads"
same "opened all the same" "$(due Health)" "$roads"
ghat questions 1 | seen 'closed until' || die "why: $(ghat questions 1)"
ghat department show water | seen -F "closed $(day today %F)" || die "the card does not show it"

step "files that lie"
# What a worker with a sanitizer says goes to the terminal, not through ghatd.
said() { if [ -n "$SAN" ]; then cat "$TMPDIR/out"; else grep -F holidays.ics "$TMPDIR/out"; fi; }
refused() { # LINES WORDS
    ics holidays.ics "$1"
    "$B/ghatd" -c "$CONF" --check >"$TMPDIR/out" 2>&1 && die "taken: $1"
    said | seen -F "$2" || die "$(cat "$TMPDIR/out")"
}
refused "DTSTART;VALUE=DATE:20260101
DTEND;VALUE=DATE:20360101" 'no holiday does'
refused "DTSTART;VALUE=DATE:20200101
RRULE:FREQ=DAILY" 'more than 120 holidays'
echo nonsense >"$T/etc/holidays.ics"
"$B/ghatd" -c "$CONF" --check >"$TMPDIR/out" 2>&1 && die "nonsense is taken"
seen 'no iCalendar file' "$TMPDIR/out" || die "$(cat "$TMPDIR/out")"
# a library of the worker's that warns of something, as some do where memory cannot be locked, does not hide why
printf '#!/bin/sh\necho "Warning: using insecure memory!" >&2\nexec "%s/ghat-worker" "$@"\n' "$B" >"$TMPDIR/warns"
chmod 755 "$TMPDIR/warns"
sed "/^\[paths\]/a worker = $TMPDIR/warns" "$CONF" >"$T/etc/warns.conf"
"$B/ghatd" -c "$T/etc/warns.conf" --check >"$TMPDIR/out" 2>&1 && die "nonsense is taken"
seen 'no iCalendar file' "$TMPDIR/out" || die "$(cat "$TMPDIR/out")"
head -c 2000000 /dev/zero >"$T/etc/holidays.ics"
"$B/ghatd" -c "$CONF" --check >"$TMPDIR/out" 2>&1 && die "two megabytes are taken"
rm "$T/etc/holidays.ics"
"$B/ghatd" -c "$CONF" --check >"$TMPDIR/out" 2>&1 && die "a file that is not there is taken"
before=$(ghat questions --json | jq -c '[.id, .due]')
expect_log 'event=reload-failed'
expect_log 'holidays'
kill -HUP "$DAEMON"
within 20 "the reload is refused" grep -q 'holidays.ics' "$LOG"
same "what was asked keeps its time" "$(ghat questions --json | jq -c '[.id, .due]')" "$before"
same "the old holidays stay" "$(due Water)" "$(day '2 days' %F)T04"

step "a department that is never there"
ics holidays.ics "DTSTART;VALUE=DATE:20261225"
sed -i 's/^office.*/office = mon 10:00-12:00/; s/^open.*/closed = 2026-01-01 to 2026-12-31/' "$T/etc/departments/health.conf"
sed -i "s/^closed.*/closed = 2026-06-01 to 2027-05-31/" "$T/etc/departments/health.conf"
sed -i "s/^closed.*/closed = 2027-01-01 to 2028-01-01/" "$CONF"
"$B/ghatd" -c "$CONF" --check >"$TMPDIR/out" 2>&1 && die "never there, and taken"
seen 'could never be due' "$TMPDIR/out" || die "$(cat "$TMPDIR/out")"
