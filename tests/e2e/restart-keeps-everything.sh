#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Stopped or killed at any moment, ghatd goes on where it was: decisions stand, nothing is lost, nothing comes twice.
. tests/e2e/lib.sh
configure
department Water water
start
drop=$T/srv/drop/Water
cp "$(media photo.jpg)" "$drop/decided.jpg"
arrives decided.jpg staged
one=$ID
ghat approve --whatever-is-there "$one" --as rina
within 30 "the outbox has it" in_outbox "$one"
sums=$(cd "$T/srv/outbox" && find . -type f -exec sha256sum {} + | sort -k 2)
before=$(ghat show "$one" --json | jq -S 'del(.set_hash)')

step "stopped, and something dropped meanwhile"
stop
cp "$(another b.jpg meanwhile)" "$drop/meanwhile.jpg"
start
arrives meanwhile.jpg staged
same "the first item" "$(ghat show "$one" --json | jq -S 'del(.set_hash)')" "$before"
same "the outbox" "$(cd "$T/srv/outbox" && find . -type f -exec sha256sum {} + | sort -k 2)" "$sums"

step "killed with work under way, five times"
for i in 1 2 3 4 5; do
    for k in a b c; do cp "$(another $k$i.jpg "$k$i")" "$drop/$k$i.jpg"; done
    pause 0.$((i * 2 - 1))
    crash
    start
done
for i in 1 2 3 4 5; do for k in a b c; do arrives $k$i.jpg staged; done; done
same submissions "$(list length)" 17
same "outputs" "$(list '[.[].placements | length] | unique | join(" ")')" 7
[ -z "$(find "$drop" -maxdepth 1 -type f)" ] || die "left in the drop folder: $(ls "$drop")"
ghat verify --ledger || die "the ledger does not verify"
same integrity "$(sql 'pragma integrity_check')" ok
same "the outbox" "$(cd "$T/srv/outbox" && find . -type f -exec sha256sum {} + | sort -k 2)" "$sums"
