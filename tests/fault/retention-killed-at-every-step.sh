#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Deleting what was kept long enough, with the clock three days ahead: at the N-th call that makes something durable or visible ghatd dies
# before it or after it, or gets EIO. Started again it brings the deleting to its end: each sort of files of each submission is announced
# once and gone, what waits for a decision is untouched, the ledger is whole. GHAT_FAULT_EVERY=1 tries every number.
. tests/e2e/lib.sh
. tests/fault/lib.sh
EVERY=${EVERY:-61}
export GHAT_FAULT_AHEAD=$((3 * 86400))
DAYS="retention.originals=1d retention.staging=1d retention.outbox=1d retention.quarantine=1d"

# Lived once: a photo published and collected, a folder rejected, a broken file in quarantine, and one that waits for its decision.
configure paths.worker="$worker" intake.quiet=100ms intake.scan=500ms $DAYS
drop_all
cp "$(another waits.jpg waits)" "$T/srv/drop/Water/waits.jpg"
start
arrives waits.jpg staged
waits=$ID
arrives broken.png quarantined
arrives one.png staged
ghat approve --whatever-is-there "$ID" >/dev/null
within 60 "it is in the outbox" in_outbox "$ID"
ghat collected "$ID" >/dev/null
arrives Opening staged
ghat reject "$ID" --reason 'not ours' >/dev/null
stop
drive retention "$T" ${GHAT_FAULT_MODES:-before after EIO}
