#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# .clang-format is enforced: `clang-format -i FILE` puts it right.
set -u
command -v clang-format >/dev/null || { echo "no clang-format"; exit 1; }
shopt -s nullglob
files=({base,filters,ctl,desk,post}/*.[ch] {daemon,pipeline}/*.[ch] {daemon,pipeline}/*/*.[ch] tests/*/*.[ch])
[ ${#files[@]} -gt 500 ] || { echo "${#files[@]} files are few: this lint looks at the wrong place"; exit 1; }
clang-format --dry-run --Werror "${files[@]}" >"$TMPDIR/said" 2>&1 && exit 0
sed -n 's/^\([^ :]*\.[ch]\):[0-9].*/\1 is not formatted/p' "$TMPDIR/said" | sort -u | grep . || cat "$TMPDIR/said"
exit 1
