#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The ledger refuses one unit for good (a constraint that it breaks): what came with it is taken in, the officer is told in a note
# and the file stays where it is, and nothing is tried for ever; changed, or with the constraint gone, it is taken in.
. tests/e2e/lib.sh
expect_log 'event=cannot-admit '
configure intake.quiet=300ms intake.scan=1s
department Water water
start
sqlite3 "$T/state/ledger.db" "CREATE TRIGGER refuse BEFORE INSERT ON file WHEN NEW.name = CAST('bad.jpg' AS BLOB) BEGIN SELECT RAISE(ABORT, 'no'); END"
for n in good bad fine; do another $n.jpg $n >/dev/null; done
mv "$TMPDIR"/good.jpg "$TMPDIR"/bad.jpg "$TMPDIR"/fine.jpg "$T/srv/drop/Water/"
arrives good.jpg staged
arrives fine.jpg staged
arrives bad.jpg quarantined
note_says "$T/srv/drop/Water/Status/bad.jpg.txt" "could not record it"
note_says "$T/srv/drop/Water/Status/bad.jpg.txt" "নথিভুক্ত করতে পারেনি"
[ -e "$T/srv/drop/Water/bad.jpg" ] || die "the file is gone"

step "nothing is tried for ever"
tries=$(grep -c event=cannot-admit "$LOG")
[ "$tries" -le 3 ] || die "$tries tries"
pause 12
same "tries" "$(grep -c event=cannot-admit "$LOG")" "$tries"
cp "$(another more.jpg more)" "$T/srv/drop/Water/more.jpg"
arrives more.jpg staged

step "changed, it is taken in"
sqlite3 "$T/state/ledger.db" "DROP TRIGGER refuse"
cp "$(another bad.jpg better)" "$T/srv/drop/Water/bad.jpg"
arrives bad.jpg staged
