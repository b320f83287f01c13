#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# An officer announces events by saving a file: the form that lies in Status/, filled in with Bengali or Hindi words and digits, or an .ics as
# calendars write it. UID and SEQUENCE: an update changes, CANCELLED cancels, an older one does nothing. The note repeats what was understood.
# What is wrong is told in words and blocks nothing else: no date, over already, a zone that nobody knows, 10,000 repeats, 101 events, 2 MB of
# anything, hostile words.
. tests/e2e/lib.sh
configure desk.timezone=Asia/Kolkata intake.text_wait=2s
department Water water
start
export TZ=Asia/Kolkata
drop=$T/srv/drop/Water
status=$drop/Status
day=$(date -d '+5 days' +%d/%m/%Y) iso=$(date -d '+5 days' +%F) ics=$(date -d '+5 days' +%Y%m%d)
e() { ghat event show "$1" --json | jq -r "$2"; }
there() { [ "$(ghat event list --json | jq -s length)" = "$1" ]; }
calendar() { # calendar FILE EVENT…: each event is "UID SEQUENCE DTSTART… SUMMARY", with more lines behind |
    local to=$1 event
    shift
    {
        printf 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n'
        for event; do printf 'BEGIN:VEVENT\r\n%s\r\nEND:VEVENT\r\n' "${event//|/$'\r\n'}"; done
        printf 'END:VCALENDAR\r\n'
    } >"$TMPDIR/c.ics"
    cp "$TMPDIR/c.ics" "$drop/$to"
}

step "the form, filled in, in three languages"
within 20 "the form" test -e "$status/How to announce an event.txt"
has "$status/How to announce an event.txt" "তারিখ: "
bengali=$(echo "$day" | sed 'y/0123456789/০১২৩৪৫৬৭৮৯/')
printf 'অনুষ্ঠান: নতুন পাম্প\r\nতারিখ: %s\r\nসময়: সকাল ১১:০০\r\nশেষ: দুপুর ১টা\r\nস্থান: পলতা\r\nওয়ার্ড: ১২\r\n' "$bengali" >"$drop/অনুষ্ঠান পাম্প.txt"
note_says "$status/অনুষ্ঠান পাম্প.txt.txt" "State: announced"
note_says "$status/অনুষ্ঠান পাম্প.txt.txt" "    $(LC_ALL=C date -d "$iso" '+%A, %-d %B %Y'), 11:00 – 13:00"
note_says "$status/অনুষ্ঠান পাম্প.txt.txt" "সকাল ১১:০০ – দুপুর ১:০০"
within 20 "its folder" test -d "$drop/$iso নতুন পাম্প"
same "read" "$(e 1 '[.event, .day, .time, .until, .place, .ward] | join("|")')" "নতুন পাম্প|$iso|11:00|13:00|পলতা|১২"
printf 'कार्यक्रम: मेला\nतारीख: %s\nसमय: शाम 5 बजे\n' "$day" >"$drop/कार्यक्रम.txt"
within 30 "in Hindi" there 2
same "read" "$(e 2 '[.event, .time] | join("|")')" "मेला|17:00"
printf 'Number: 2\nTime: 18:00\n' >"$drop/event change.txt"
note_says "$status/event change.txt.txt" "मेला: changed"
same "changed" "$(e 2 '[.time, .until, .state] | join("|")')" "18:00|20:00|changed"
printf 'Number: 2\nEvent: Big fair\n' >"$drop/event name.txt"
note_says "$status/event name.txt.txt" "Big fair: changed"
printf 'Event: Big fair\nDate: %s\nTime: 18:00-20:00\n' "$day" >"$drop/event again.txt"
note_says "$status/event again.txt.txt" "known already"
printf 'নম্বর: ২\nবাতিল: হ্যাঁ\n' >"$drop/event cancel.txt"
note_says "$status/event cancel.txt.txt" "cancelled"
same "cancelled" "$(e 2 .state)" cancelled

step "a calendar's file: new, the same again, changed, older, cancelled"
calendar meeting.ics "UID:a@x|SEQUENCE:0|DTSTART;TZID=Asia/Kolkata:${ics}T110000|DTEND;TZID=Asia/Kolkata:${ics}T123000|SUMMARY:Bridge\\, opened|LOCATION:Howrah"
note_says "$status/meeting.ics.txt" "Bridge, opened: announced"
same "read" "$(e 3 '[.event, .day, .time, .until, .place, .uid] | join("|")')" "Bridge, opened|$iso|11:00|12:30|Howrah|a@x"
calendar meeting2.ics "UID:a@x|SEQUENCE:2|DTSTART:${ics}T060000Z|DTEND:${ics}T070000Z|SUMMARY:Bridge|LOCATION:Howrah"
note_says "$status/meeting2.ics.txt" "Bridge: changed"
same "in UTC" "$(e 3 '[.time, .until, .sequence] | map(tostring) | join("|")')" "11:30|12:30|2"
calendar meeting3.ics "UID:a@x|SEQUENCE:1|DTSTART:${ics}T090000Z|SUMMARY:Bridge"
note_says "$status/meeting3.ics.txt" "older than what is known"
calendar meeting4.ics "UID:a@x|SEQUENCE:2|DTSTART:${ics}T060000Z|DTEND:${ics}T070000Z|SUMMARY:Bridge|LOCATION:Howrah"
note_says "$status/meeting4.ics.txt" "known already"
calendar meeting5.ics "UID:a@x|SEQUENCE:3|STATUS:CANCELLED|DTSTART:${ics}T060000Z|SUMMARY:Bridge"
note_says "$status/meeting5.ics.txt" "Bridge: cancelled"
same "cancelled" "$(e 3 '.state + " " + .time')" "cancelled 11:30"

step "several, some of them wrong: each is told, the others are taken"
calendar mixed.ics "UID:b@x|DTSTART;VALUE=DATE:$ics|SUMMARY:Fair" \
    "UID:c@x|DTSTART;TZID=Mars/Olympus:${ics}T110000|SUMMARY:On Mars" \
    "UID:d@x|DTSTART:20200101T100000Z|SUMMARY:Long ago" \
    "UID:e@x|SUMMARY:No time" \
    "UID:f@x|DTSTART:${ics}T100000Z|RRULE:FREQ=DAILY;COUNT=10000|SUMMARY:Again and again" \
    "UID:g@x|DTSTART:${ics}T100000Z|SUMMARY:<script>alert(1)</script> \"x\" %s ../../etc"
note="$status/mixed.ics.txt"
note_says "$note" "Fair: announced"
for words in "all day" "time zone of the event is not known" "over already" "no time for the event" "The event repeats" "অনুষ্ঠানটি বারবার হয়"; do has "$note" "$words"; done
same "taken" "$(ghat event list --json | jq -r .uid | grep '@x' | sort | xargs)" "a@x b@x g@x"
within 20 "a harmless folder" test -d "$drop/$iso script alert(1) script x %s .. .. etc"

step "what cannot be read is told, and blocks nothing"
printf 'Event: Fair\nTime: 11:00\n' >"$drop/event 1.txt"
printf 'Event: Fair\nDate: 31/11/2027\nTime: 11:00\n' >"$drop/event 2.txt"
printf 'Number: 99\nTime: 11:00\n' >"$drop/event 3.txt"
printf 'Date: 04/12/2027\nTime: 11:00\n' >"$drop/event 4.txt"
printf 'There will be a fair.\n' >"$drop/event 5.txt"
printf 'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID' >"$drop/cut.ics"
head -c 2000000 /dev/urandom >"$drop/noise.ics"
calendar many.ics $(for i in $(seq 101); do echo "UID:m$i|DTSTART:${ics}T100000Z|SUMMARY:M$i"; done)
calendar hundred.ics $(for i in $(seq 100); do echo "UID:h$i|DTSTART:${ics}T100000Z|SUMMARY:অনুষ্ঠান-নম্বর-$i"; done)
note_says "$status/event 1.txt.txt" "has no date"
note_says "$status/event 2.txt.txt" "date cannot be read"
note_says "$status/event 3.txt.txt" "no event of this number"
note_says "$status/event 4.txt.txt" "has no title"
note_says "$status/event 5.txt.txt" "text without a photo"
for file in cut noise; do note_says "$status/$file.ics.txt" "alendar file"; done
note_says "$status/many.ics.txt" "more than 100 events"
within 60 "a hundred at once" there 105
same "none of the others" "$(ghat event list --json | jq -r .uid | grep -c '^m')" 0

step "a photo beside a calendar file of its name is a photo; a caption that begins so is a caption"
cp "$(media small.png)" "$drop/event day.png"
echo "A day." >"$drop/event day.txt"
arrives "event day.png" staged
same "caption" "$(item "$ID" .caption)" "A day."

step "over a crash: once, not twice"
calendar last.ics "UID:z@x|DTSTART:${ics}T100000Z|SUMMARY:Last"
within 30 "there" there 106
crash
start
never 2 "announced twice" sh -c "[ \$(ghat event list --json | jq -s length) != 106 ]"
same "files are taken" "$(find "$drop" -maxdepth 1 -type f | wc -l)" 0
ghat verify --ledger >"$TMPDIR/verify" 2>&1 || die "$(cat "$TMPDIR/verify")"
