#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# On its way from the drop folder to staged an item is read whole from the ledger four times at most, one by one and many at once.
. tests/e2e/lib.sh
configure intake.quiet=300ms intake.scan=2s
department Water water
start
items_read() { ghat status --json | jq .items_read; }
photos() { for i in $(seq "$1" "$2"); do cp "$(another "p$i.jpg" "photo $i")" "$T/srv/drop/Water/p$i.jpg"; done; }
all_staged() { [ "$(sql "SELECT count(*) FROM submission WHERE state = 'staged'")" = "$1" ]; }

step "one photo"
photos 1 1
within 60 "it is staged" all_staged 1
pause 1
one=$(items_read)
[ "$one" -le 4 ] || die "$one reads for one photo"

step "twenty photos"
photos 2 21
within 120 "all are staged" all_staged 21
pause 1
many=$(($(items_read) - one))
[ "$many" -le 80 ] || die "$many reads for twenty photos"
echo "reads: $one for one photo, $many for twenty"
