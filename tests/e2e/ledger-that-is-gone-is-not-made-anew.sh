#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The ledger is gone: ghatd refuses to start, with the words that help, whether its mark or only files in its folders say that there was one;
# a new one is made by a command that says what it means, and its numbers are none that were given before.
. tests/e2e/lib.sh
expect_log '(cannot-start)'
configure intake.quiet=300ms intake.scan=2s
department Water water
cp "$(media small.png)" "$T/srv/drop/Water/one.png"
start
arrives one.png staged
one=$ID
ghat approve --whatever-is-there "$one" >/dev/null
within 60 "it is published" in_outbox "$one"
stop
manifest=$(find "$T/srv/outbox" -name manifest.json)
before=$(hash_of "$manifest")

refused() { # WHAT PATTERN
    local rc=0
    timeout 30 "$B/ghatd" -c "$CONF" >"$TMPDIR/refused" 2>&1 || rc=$?
    same "$1: exit status" $rc 2
    grep -qE "$2" "$TMPDIR/refused" || { cat "$TMPDIR/refused"; die "$1 is not explained"; }
    [ ! -e "$T/state/ledger.db" ] || die "$1: a ledger was made"
}
step "a file that is there is not made anew"
rc=0; "$B/ghatd" -c "$CONF" --new-ledger 2>"$TMPDIR/said" || rc=$?
same "exit status" $rc 2
grep -q 'move it out of the way' "$TMPDIR/said" || die "it does not say what to do"

step "gone"
mkdir "$TMPDIR/lost"
mv "$T/state"/ledger.db* "$TMPDIR/lost/"
refused "a lost ledger" 'gone.*restore a backup.*ghatd --new-ledger'
step "gone, with its mark"
mv "$T/state/ledger.made" "$TMPDIR/lost/"
refused "a lost ledger and mark" 'outbox says that there was one.*ghatd --new-ledger'
step "gone, with everything but its mark"
mv "$TMPDIR/lost/ledger.made" "$T/state/"
mv "$T/srv" "$TMPDIR/srv"
refused "a lost ledger and empty folders" 'gone.*restore a backup.*ghatd --new-ledger'
rm -rf "$T/srv"
mv "$TMPDIR/srv" "$T/srv"

step "a new one, on purpose"
"$B/ghatd" -c "$CONF" --new-ledger >"$TMPDIR/said" || die "no new ledger"
grep -q "numbers begin at $((one + 100001))" "$TMPDIR/said" || { cat "$TMPDIR/said"; die "its numbers"; }
cp "$(another two.jpg two)" "$T/srv/drop/Water/two.jpg"
start
arrives two.jpg staged
[ "$ID" -gt $((one + 100000)) ] || die "number $ID may have been given before"
ghat approve --whatever-is-there "$ID" >/dev/null
within 60 "it is published" in_outbox "$ID"
same "what was published before" "$(hash_of "$manifest")" "$before"

step "a first start needs no command"
stop
rm -rf "$T/state" "$T/srv"
start
ghat status >/dev/null || die "ghatd does not answer"
