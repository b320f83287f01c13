#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Status/<dropped name>.txt says in Bengali and in English what became of a file, follows every step, and never goes through a link.
. tests/e2e/lib.sh
configure
department Water water
start
drop=$T/srv/drop/Water
note() { note_says "$drop/Status/$1.txt" "$2"; }
both() { # FILE: it holds Bengali and Latin letters
    grep -qP '\p{Bengali}{3}' "$drop/Status/$1.txt" && grep -qP '[A-Za-z]{4}' "$drop/Status/$1.txt"
}

cp "$(media photo.jpg)" "$drop/Opening.jpg"
within 60 "there is a note" test -s "$drop/Status/Opening.jpg.txt"
arrives Opening.jpg staged
within 10 "it says: waiting for approval" grep -q 'waiting for approval' "$drop/Status/Opening.jpg.txt"
both Opening.jpg || die "one language is missing"
python3 -c 'import sys; open(sys.argv[1], "rb").read().decode("utf-8")' "$drop/Status/Opening.jpg.txt"

step "after the approval it says so"
ghat approve --whatever-is-there "$ID"
within 30 "it says: approved" grep -q 'approved' "$drop/Status/Opening.jpg.txt"

step "a bad file gets a reason one can act on"
head -c 5000 /dev/urandom >"$drop/ছবি.jpg"
arrives 'ছবি.jpg' quarantined
within 10 "there is a note of that name" test -s "$drop/Status/ছবি.jpg.txt"
both 'ছবি.jpg' || die "one language is missing"
note 'ছবি.jpg' 'send'
item "$ID" '.files[0].plain' | seen 'Please send it as JPEG or MP4' || die "show does not say what the reason means"

step "the longest name gets a note too"
long=$(printf 'ক%.0s' {1..83}).jpg # 253 bytes
cp "$(another b.jpg two)" "$drop/$long"
arrives "$long" staged
note_of_long() { compgen -G "$drop/Status/ককককককক*.txt"; }
within 10 "its note" note_of_long

step "notes are not submissions, and a link in place of a note is not followed"
same submissions "$(list length)" 3
echo precious >"$T/precious"
rm "$drop/Status/Opening.jpg.txt"
ln -s "$T/precious" "$drop/Status/Opening.jpg.txt"
ghat withdraw "$ID" --reason x 2>/dev/null || :
ID=$(number_of Opening.jpg)
ghat withdraw "$ID" --reason 'wrong day'
within 20 "the note is a file again" sh -c "[ ! -L '$drop/Status/Opening.jpg.txt' ] && grep -q 'wrong day' '$drop/Status/Opening.jpg.txt'"
same "what the link pointed to" "$(cat "$T/precious")" precious
