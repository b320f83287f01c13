#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Decisions at their every durable step: an approval and a hold that are undone, one under embargo, a correction, one that is approved while all
# is frozen, and the thaw. At the N-th call that makes something durable or visible ghatd dies before it or after it, or gets EIO or ENOSPC.
# Nothing that is visible can be undone, nothing that was undone is ever outside, nothing leaves under embargo or while all is frozen, and the
# old one of a correction goes in the commit in which the new one does; so it is after the fault, when ghatd is started again, and in the end.
# GHAT_FAULT_EVERY=1 tries every number.
. tests/e2e/lib.sh
. tests/fault/lib.sh
EVERY=${EVERY:-211}
configure paths.worker="$worker" intake.quiet=100ms intake.scan=500ms publish.undo=1h
department Water water
for name in undone locked new late old; do cp "$(another $name.jpg $name)" "$T/srv/drop/Water/"; done
start
for name in undone locked new late old; do arrives $name.jpg staged; done
ghat urgent "$ID" >/dev/null
ghat approve --whatever-is-there "$ID" >/dev/null
within 60 "the old one is out" in_outbox "$ID"
stop
drive decisions "$T" ${GHAT_FAULT_MODES:-before after EIO ENOSPC}
