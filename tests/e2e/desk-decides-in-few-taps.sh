#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# An approver on a phone, in a browser against the real ghatd: one tap approves from the queue, two from a mail's link, three reject with a reason; a tap on the original moves
# every crop; what is dropped meanwhile is told in a line; the queue weighs at most 150 KB cold, an item 350. Needs npm's registry once: else skipped.
. tests/e2e/lib.sh
. tests/desk/browser.sh
configure publish.undo=60s desk.url=http://desk.test desk.second_factor=none
department Water water
start
PORT=$(free_port)
DESK=http://localhost:$PORT
listen 127.0.0.1:$PORT ghat-desk -c "$CONF" -l bn >"$TMPDIR/desk.log" 2>&1 &
HELPERS="$HELPERS $!"
within 30 "the desk answers" curl -sS -o /dev/null "$DESK/login"
step "people and photos"
export GHAT_PASSWORD='eight lamps burn'
link=$(ghat user add rina --role approver --language bn | grep -oE '/first/[0-9a-f]+' | first)
same "the password" "$(curl -sS "$DESK$link" -o /dev/null -w '%{http_code}' -H 'Sec-Fetch-Site: same-origin' -d "password=$GHAT_PASSWORD" -d "password_again=$GHAT_PASSWORD")" 303
for n in 1 2 3; do
    cp "$(another photo$n.jpg $n)" "$T/srv/drop/Water/photo$n.jpg"
    arrives photo$n.jpg staged 240
done
ITEM=$ID
step "in the browser"
node tests/desk/taps.mjs "$DESK" "$ITEM" >"$TMPDIR/taps" 2>&1 &
TAPS=$!
HELPERS="$HELPERS $TAPS"
watching() { grep -x watching "$TMPDIR/taps" || ! kill -0 $TAPS 2>/dev/null; }
within 400 "the queue is watched" watching
cp "$(another new.jpg new)" "$T/srv/drop/Water/new.jpg"
rc=0
wait $TAPS || rc=$?
cat "$TMPDIR/taps"
same "the browser's verdict" "$rc" 0
step "what was decided"
same "approved" "$(ghat list --json | jq -s '[.[] | select(.state == "decided")] | length')" 3
