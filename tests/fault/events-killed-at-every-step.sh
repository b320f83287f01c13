#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# An event's whole life: announced by a form, by a calendar file with a bad one beside it, and over the socket; changed, cancelled; a picture put
# into the folder of one; two of which nothing came, late and missed while ghatd did not run; the report; and the letters of all that, claimed and
# sent. At the N-th call that makes something durable or visible ghatd dies before it or after it, or gets EIO or ENOSPC. Started again, each event
# is there once and as it was said last, has its folder, each notice was written once, and no letter that arrived is given out again.
. tests/e2e/lib.sh
. tests/fault/lib.sh
EVERY=${EVERY:-97}
configure paths.worker="$worker" intake.quiet=100ms intake.scan=500ms "questions.duty=daily 00:00-24:00" post.smtp=smtp://127.0.0.1:9 "post.from=ghat@example.org" "post.hours=daily 00:00-24:00"
department Water water
start
ghat user add rina --role approver --email rina@example.org >/dev/null
ghat user add agni --role agency --email agni@example.org >/dev/null
for event in Past Late; do ghat event add water $event --date "$(date -d '+3 days' +%d/%m/%Y)" --time 11:00 >/dev/null; done
sleep 1
stop
# The ledger goes into trees with folders of their own, which are the department's as this one was.
sqlite3 "$T/state/ledger.db" "DELETE FROM meta WHERE key LIKE 'folder.%'"
sqlite3 "$T/state/ledger.db" "UPDATE event SET starts_ms = n - 200000000, ends_ms = n - 190000000, expect_ms = n - 180000000, miss_ms = n - CASE title WHEN 'Past' THEN 10000000 ELSE -200000000 END
    FROM (SELECT unixepoch() * 1000 AS n)"
drive events "$T" ${GHAT_FAULT_MODES:-before after EIO ENOSPC}
