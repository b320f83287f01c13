#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Questions answered by a file, by a folder with a picture and over the socket, one given more time, one overdue since yesterday, and an answer
# to none: at the N-th call that makes something durable or visible ghatd dies before it or after it, or gets EIO or ENOSPC. Started again,
# each answer is there once, each alarm went off once and in order, each notice is written once, the folder shows what is open, and every
# file that was dropped is kept. GHAT_FAULT_EVERY=1 tries every number.
. tests/e2e/lib.sh
. tests/fault/lib.sh
EVERY=${EVERY:-97}
configure paths.worker="$worker" intake.quiet=100ms intake.scan=500ms "questions.duty=daily 00:00-24:00"
department Water water '[superior]
name = Chitra Das'
mkdir "$dir/answer 4" 2>/dev/null || :
cp "$dir/two.png" "$dir/answer 4/"
echo 'As you see.' >"$dir/answer 4/answer.txt"
start
for text in "When?" "Why?" "Where?" "A picture?" "Overdue?"; do ghat ask water "$text" >/dev/null; done
stop
# The ledger goes into trees with folders of their own, which are the department's as this one was.
sqlite3 "$T/state/ledger.db" "DELETE FROM meta WHERE key LIKE 'folder.%'"
sqlite3 "$T/state/ledger.db" "UPDATE alarm SET at_ms = at_ms - 86400000 WHERE question = 5; UPDATE question_round SET due_ms = due_ms - 86400000 WHERE question = 5"
drive questions "$T" ${GHAT_FAULT_MODES:-before after EIO ENOSPC}
