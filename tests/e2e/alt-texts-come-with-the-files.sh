#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What a photo shows, for those who cannot see it: a line in the caption, in English or Bengali, or a text of its own beside the photo, also
# one that comes later. It is no part of the caption, and it goes to the photo that it belongs to.
. tests/e2e/lib.sh
configure
department Water water
start
cd "$TMPDIR"
drop=$T/srv/drop/Water
photo() { cp "$(media photo.jpg)" "$1"; exiftool -q -overwrite_original -Software="$1" "$1"; }
alts() { item "$ID" '[.files[] | select(.role == "media") | .alt_text // "-"] | join("|")'; }

step "a line in a caption"
photo one.jpg
printf 'The new tank\nAlt: A round tank on four legs\n' >one.txt
cp one.txt one.jpg "$drop/"
arrives one.jpg staged
same caption "$(item "$ID" .caption)" 'The new tank'
same alt "$(alts)" 'A round tank on four legs'

step "a folder: a line for each, and texts of their own"
mkdir Evening
photo Evening/a.jpg; photo Evening/b.jpg; photo Evening/c.jpg
printf 'নতুন জলাধার\nবিকল্প লেখা: প্রথম ছবি\nAlt: the second\n' >Evening/caption.txt
printf 'ignored before\n' >Evening/none.alt.txt
printf 'The third,\nby night\n' >Evening/c.alt.txt
cp -r Evening "$drop/"
arrives Evening staged
same caption "$(item "$ID" .caption)" 'নতুন জলাধার'
same alt "$(alts)" 'প্রথম ছবি|the second|The third, by night'

step "one that comes later"
photo two.jpg
cp two.jpg "$drop/"
arrives two.jpg staged
same alt "$(alts)" -
printf 'A road\n' >two.alt.txt
cp two.alt.txt "$drop/"
later() { [ "$(alts)" = 'A road' ]; }
within 30 "the alt text came" later
same caption "$(item "$ID" '.caption // "none"')" none
