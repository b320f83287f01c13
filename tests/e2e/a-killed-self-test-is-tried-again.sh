#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A self-test that was killed, or could not fork, says nothing of the sandbox: ghatd ends with 1, and is started again. A hole in the
# sandbox ends it with 2, and it stays down.
. tests/e2e/lib.sh
[ -z "$SAN" ] || skip "a build with sanitizers has no self-test"
worker() { # what the self-test does
    printf '#!/bin/sh\n[ "$1" = --selftest ] || exec "%s" "$@"\n%s\n' "$B/ghat-worker" "$1" >"$TMPDIR/worker"
    chmod +x "$TMPDIR/worker"
}
configure paths.worker="$TMPDIR/worker"
department Water water
ends() { # exit code
    local rc=0
    timeout 60 "$B/ghatd" -c "$CONF" >"$TMPDIR/said" 2>&1 || rc=$?
    [ $rc = "$1" ] || { cat "$TMPDIR/said"; die "ghatd ended with $rc, should be $1"; }
}
worker 'kill -KILL $$'
ends 1
worker 'echo "AGAIN open a file: the child was killed"; exit 6'
ends 1
worker 'echo "FAIL  open a file: NOT refused"; exit 1'
ends 2
seen 'NOT refused' <"$TMPDIR/said" || die "the hole is not named"
