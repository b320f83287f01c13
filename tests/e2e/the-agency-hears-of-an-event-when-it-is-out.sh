#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What is not out covers no event for the agency: neither its page nor the list tells of it; approvers see it at once.
. tests/e2e/lib.sh
configure publish.undo=0 desk.url=http://desk.test desk.second_factor=none desk.timezone=Asia/Kolkata
department Water water
start
desk_up
person rina --role approver
person agni --role agency
day=$(TZ=Asia/Kolkata date -d '+5 days' +%F)
ghat event add water Parade --date "$day" --time 11:00 >/dev/null
within 20 "its folder" test -d "$T/srv/drop/Water/$day Parade"
cp "$(media small.png)" "$T/srv/drop/Water/$day Parade/a.png"
is_covered() { [ "$(ghat event show 1 --json | jq -r .state)" = covered ]; }
within 60 "covered" is_covered
id=$(ghat event show 1 --json | jq -r '.items[0].id')
is_staged() { [ "$(ghat show "$id" --json | jq -r .state)" = staged ]; }
within 60 "staged" is_staged

step "inside, and not outside"
for page in /events /event/1; do
    seen covered <(web rina "$page") || die "$page does not tell the approver"
    seen Parade <(web agni "$page") || die "$page does not tell the agency of the event"
    ! seen -E 'covered|item came' <(web agni "$page") || die "$page tells the agency"
done

step "out: told"
ghat approve --whatever-is-there "$id" -p fb.photo >/dev/null
within 30 "out" in_outbox "$id"
seen covered <(web agni /event/1) || die "the agency is not told"
