#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every call of ghatd that makes something durable or visible is numbered (tests/fault/faults.c). At number N ghatd dies before the call, or
# after it, or gets EIO or ENOSPC from it; then it is started again without faults and everything must come to its end: nothing lost,
# nothing twice, nothing unapproved in the outbox, the ledger whole. GHAT_FAULT_EVERY=1 tries every number, else each so-manieth.
# GHAT_FAULT_MODES: "before after EIO ENOSPC".
. tests/e2e/lib.sh
. tests/fault/lib.sh
EVERY=${EVERY:-301}
configure paths.worker="$worker" intake.quiet=100ms intake.scan=500ms publish.undo=500ms
drop_all
drive kill "$T" ${GHAT_FAULT_MODES:-before after EIO ENOSPC}
