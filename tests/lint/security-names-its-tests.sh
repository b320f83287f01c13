#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every test that SECURITY.md names exists and asserts something by being run: a promise must not outlive its test. And each script for
# hostile media is named there.
set -u
bad=0
say() { echo "$*"; bad=1; }
named=$(grep -oE '`tests/[a-zA-Z0-9_./-]+`' SECURITY.md | tr -d '`' | sort -u)
[ "$(wc -w <<<"$named")" -gt 30 ] || say "SECURITY.md names hardly any test: this lint looks at the wrong place"
for t in $named; do
    [ -f "$t" ] || say "SECURITY.md names $t, which does not exist"
    case $t in *.sh) [ -x "$t" ] || say "$t cannot be run" ;; esac
done
for row in $(grep -oE '^\| P[0-9]+ \|' SECURITY.md | grep -oE 'P[0-9]+'); do
    grep -E "^\| $row \|" SECURITY.md | grep '`tests/' >/dev/null || say "no test is named for $row"
done
for n in $(seq 1 16); do grep -qE "\bM$n\b" SECURITY.md || say "SECURITY.md says nothing of M$n"; done
for t in tests/hostile/*.sh; do
    [ "${t##*/}" = lib.sh ] || grep -q "$t" SECURITY.md || say "SECURITY.md does not name $t"
done
exit $bad
