#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A file without bytes is set aside and said to be empty; links, pipes and sockets are refused without being opened.
. tests/e2e/lib.sh
expect_log 'event=[a-z_]*(refused|skipped|ignored)'
configure intake.scan=1s
department Water water
start
drop=$T/srv/drop/Water
: >"$drop/empty.jpg"
arrives empty.jpg quarantined
within 10 "the note says it is empty" grep -qi 'empty' "$drop/Status/empty.jpg.txt"

step "no plain files"
echo secret >"$T/secret.jpg"
ln -s "$T/secret.jpg" "$drop/link.jpg"
mkfifo "$drop/pipe.jpg"
cp "$(media photo.jpg)" "$drop/good.jpg"
arrives good.jpg staged
same "what the link points to" "$(cat "$T/secret.jpg")" secret
list '[.[].files[]?.sha256] | index("'"$(hash_of "$T/secret.jpg")"'") | not' >/dev/null || die "a link was followed"
