#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# .clang-format is enforced: `clang-format -i FILE` puts it right.
set -u
command -v clang-format >/dev/null || { echo "no clang-format here"; exit 77; }
bad=0
for f in {base,filters,daemon,pipeline,ctl,desk}/*.[ch] tests/*/*.[ch]; do
    [ -e "$f" ] || continue
    clang-format --dry-run --Werror "$f" >/dev/null 2>&1 || { echo "$f is not formatted"; bad=1; }
done
exit $bad
