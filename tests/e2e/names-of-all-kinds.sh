#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# F6, and finding F1 of names that are syntax elsewhere: any name is taken, kept to the byte, opened by nobody as a URL or a pattern,
# and shown without ever breaking a line of the log, of a list or of JSON.
. tests/e2e/lib.sh
configure
department Water water
start
drop=$T/srv/drop/Water
photo=$(media photo.jpg)
nfd=$(printf 'রবীন্দ্র-\u09af\u09bc.jpg') nfc=$(printf 'রবীন্দ্র-\u09df.jpg') # the same letters, composed otherwise
names=(
    $'new\nline.jpg' $'carriage\rreturn.jpg' $'escape\e[31mred.jpg' $'tab\tbell\a.jpg' '-rf' '--help.jpg' '..jpg' '...' 'x%d.jpg' 'x%s%n.jpg'
    'http:x.mp4' 'file:passwd.jpg' 'concat:a|b.jpg' 'pipe|.jpg' "quote'\".jpg" 'a;$(touch pwned)`id`.jpg' '<script>alert(1)<script>.jpg'
    '=cmd|calc!A0.jpg' '+1.jpg' '@SUM(1).jpg' $'\u202egpj.exe' $'bidi\u2066x\u2069.jpg' $'\xff\xfe\x80.jpg' $'half\xe0\xa6.jpg' ' ' '  lead and trail .jpg '
    '*.jpg' '?.jpg' '[a].jpg' '\n.jpg' "$nfd" "$nfc" 'দুর্গা পূজা ২০২৬.jpg' "$(printf 'ক%.0s' {1..83}).jpg"
    "$(printf 'n%.0s' {1..251}).jpg"
)
for f in "${names[@]}"; do
    case $f in .*) continue ;; esac # a hidden name is nobody's drop
    cp "$photo" "$TMPDIR/one.jpg"
    printf '%s' "$f" >>"$TMPDIR/one.jpg" # every one its own bytes (after the picture's end)
    mv "$TMPDIR/one.jpg" "$drop/$f"
done
wanted=0
for f in "${names[@]}"; do case $f in .*) ;; *) wanted=$((wanted + 1)) ;; esac; done
all_taken() { [ "$(list length)" = $wanted ] && [ "$(list '[.[] | select(.state == "staged" or .state == "quarantined")] | length')" = $wanted ]; }
within 150 "all $wanted names are through" all_taken
same "names that were refused" "$(list '[.[] | select(.state != "staged") | .name] | join(" ")' || :)" ''

step "kept to the byte"
for f in "${names[@]}"; do
    case $f in .*) continue ;; esac
    hex=$(printf '%s' "$f" | od -An -v -tx1 | tr -d ' \n')
    same "rows of the name $hex" "$(sql "SELECT count(*) FROM submission WHERE lower(hex(name)) = '$hex'")" 1
    if [ -e "$drop/$f" ]; then die "still there: $hex"; fi
done
same "two names that differ in composition only" "$(sql "SELECT count(DISTINCT name) FROM submission WHERE hex(name) LIKE '%2D%' AND hex(name) LIKE 'E0A6B0%'")" 2

step "the log: one line an event, no control bytes, and UTF-8"
iconv -f UTF-8 -t UTF-8 "$LOG" >/dev/null || die "the log is not UTF-8"
grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xe2\x80\xae|\xe2\x81[\xa6-\xa9]' "$LOG" && die "a control or bidi character in the log"
grep -vnE '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[^ ]+ ghatd [a-z]+ event=' "$LOG" && die "a line that is no event"

step "JSON lines, and the list for people"
ghat list --json >"$TMPDIR/list.json"
same "lines" "$(wc -l <"$TMPDIR/list.json")" $wanted
jq -e . "$TMPDIR/list.json" >/dev/null || die "not JSON"
ghat list >"$TMPDIR/list.txt"
grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xe2\x80\xae' "$TMPDIR/list.txt" && die "a control character in the list"
[ "$(wc -l <"$TMPDIR/list.txt")" -le $((wanted + 2)) ] || die "a name broke a line of the list"

step "nothing was executed, and what leaves is plain ASCII"
[ -z "$(find "$T" "$ROOT" -maxdepth 2 -name pwned)" ] || die "a name was executed"
ID=$(sql "SELECT id FROM submission WHERE hex(name) LIKE '3C736372697074%'")
ghat approve --whatever-is-there "$ID" >/dev/null
within 60 "it is in the outbox" in_outbox "$ID"
find "$T/srv/outbox" -type f | grep -P '[^A-Za-z0-9._/~-]' && die "an outbox name that is no plain ASCII"
jq -e . "$(outbox_of "$ID")/manifest.json" >/dev/null || die "the manifest is not JSON"
true
