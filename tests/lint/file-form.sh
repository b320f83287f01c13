#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Files: the licence in the first line (the second of a script), a head comment, at most 700 lines, no tabs, no trailing blanks.
set -u
bad=0
say() { echo "$*"; bad=1; }
while read -r f; do
    [ "$(head -n 1 "$f")" = '/* SPDX-License-Identifier: GPL-3.0-or-later */' ] || say "$f:1: no SPDX line"
    # a unit test needs no introduction: its name is the module's
    [[ $f == tests/unit/* ]] || sed -n 2p "$f" | grep -q '^/\*' || say "$f:2: no head comment that says what the file is for"
    head=$(awk 'NR > 1 { n++; if (/\*\//) { print n; exit } }' "$f")
    [[ $f == tests/unit/* ]] || [ "${head:-99}" -le 14 ] || say "$f: its head comment has more than 12 lines"
    n=$(wc -l <"$f")
    [ "$n" -le 700 ] || say "$f: $n lines; split it (700 at most)"
    grep -nP '\t' "$f" /dev/null | head -n 3 | sed 's/$/   <- tab/' | grep . && bad=1
    grep -nP '[ \t]+$' "$f" /dev/null | head -n 3 | sed 's/$/   <- trailing blank/' | grep . && bad=1
    grep -nP '\bgoto\b' "$f" /dev/null | grep -vP '/?\*.*goto' | sed 's/$/   <- goto/' | grep . && bad=1
    grep -nP '^\s*typedef struct \w* *\{' "$f" /dev/null | sed 's/$/   <- typedef of a struct/' | grep . && bad=1
done < <(find base filters daemon pipeline ctl desk tests -name '*.[ch]')
while read -r f; do
    head -n 2 "$f" | grep -q 'SPDX-License-Identifier: GPL-3.0-or-later' || say "$f: no SPDX line"
    [ -x "$f" ] || [[ $f == */lib.sh || $f == */root.sh ]] || say "$f: not executable"
    bash -n "$f" || bad=1
done < <(find tools tests .ci -name '*.sh' -o -path tests/run -o -path .ci/run)
n=$(wc -l <Makefile)
[ "$n" -le 200 ] || say "Makefile: $n lines; 200 at most"
exit $bad
