#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What a dying mount answers (EIO, ESTALE, ENOTCONN, ETIMEDOUT) while a department comes online or is online is logged once as the folder's own
# trouble, with its department, and shown; it makes no other folder of it, and ghatd goes on trying. Played: see tests/fault/faults.c.
. tests/e2e/lib.sh
[ -z "$SAN" ] || skip "faults are preloaded, which a sanitizer does not like"
configure intake.scan=1s
department Water water
expect_log 'event=department-unreadable department=water'
expect_log 'event=department-offline department=water'
expect_log 'event=(question-not-written|event-folder) department=water'
doctor() { ghat doctor || :; }
SICK=$T/sick
: >"$SICK"
is() { printf '%s\n' "$*" >"$SICK"; }
start_sick() {
    LD_PRELOAD=$B/tests/faults.so GHAT_FAULT_RENUMBER=1 GHAT_FAULT_SICK=$SICK "$B/ghatd" -c "$CONF" >>"$LOG" 2>&1 &
    DAEMON=$!
    within 60 "ghatd answers on its socket" ghat status
}
unreadable() { [ "$(ghat status --json | jq -r '.intake.unreadable[].department')" = "$1" ]; }
told() { grep -c event=department-unreadable "$LOG" || :; }
start_sick
within 30 "its file" test -e "$T/srv/drop/Water/.ghat-folder"
step "its file cannot be read while it comes online"
for code in 116 110; do
    stop
    is .ghat-folder $code
    start_sick
    within 30 "it is said: $code" unreadable water
    same "confirmed by nobody: $code" "$(ghat status --json | jq -c .intake.unconfirmed)" '[]'
done
same "told" "$(told)" 2
doctor | seen -E '^wrong +departments +the folder .*/Water of water cannot be looked at: .*timed out.* goes on trying' || die "doctor: $(ghat doctor)"
ghat status | seen -E '^ALARM +water: its folder .* cannot be looked at' || die "status"
again() { [ "$(told)" != 2 ]; }
never 2 "told again and again" again
is
within 30 "it can be read" unreadable ''
cp "$(another a.jpg a)" "$T/srv/drop/Water/a.jpg"
arrives a.jpg staged
step "… and while it is online"
is .ghat-folder 5
within 30 "it is said" unreadable water
same "offline" "$(ghat status --json | jq .intake.offline)" 0
is
within 30 "it can be read" unreadable ''
step "the folder itself cannot be opened"
is Water 107
within 30 "it is said" unreadable water
is
within 30 "it can be read" unreadable ''
cp "$(another b.jpg b)" "$T/srv/drop/Water/b.jpg"
arrives b.jpg staged
! grep -E 'event=(ledger-failed|department-unmarked|department-unconfirmed)' "$LOG" || die "something else is blamed"
