#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# No script ends a pipe with what stops reading early (head, grep -q): its writer is then killed, or not, as the machine's pace will have it,
# and under pipefail the pipe fails with it. `sed -n 1p` and `grep … >/dev/null` read to the end (first and seen of tests/e2e/lib.sh).
set -u
mapfile -t scripts < <(grep -rlIE '^#!/bin/(ba)?sh|^# SPDX' tools tests .ci --include='*.sh' --include='[!.]*' --exclude='*.[ch]' --exclude='*.py' --exclude-dir=corpus)
[ ${#scripts[@]} -gt 100 ] || { echo "only ${#scripts[@]} scripts: this lint looks at the wrong place"; exit 1; }
awk '
    FNR == 1 { line = "" }
    { line = line $0 }
    /\|$/ { next } # goes on in the next line
    line !~ /^ *#/ && line ~ /[^|]\| *(head|grep( +-[A-Za-z]+)* +-[A-Za-z]*q[A-Za-z]*) / { print FILENAME ":" FNR ": " line; bad = 1 }
    { line = "" }
    END { exit bad }
' "${scripts[@]}"
