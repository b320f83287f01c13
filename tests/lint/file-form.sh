#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Files: the licence in the first line (the second of a script), a head comment of at most 12 lines, at most 700 lines, no tabs, no
# trailing blanks, no goto, no typedef of a struct.
set -u
bad=0
say() { echo "$*"; bad=1; }
mapfile -t code < <(find base filters daemon pipeline ctl desk tests -name '*.[ch]')
awk '
    function say(text) { print FILENAME ":" FNR ": " text; bad = 1 }
    FNR == 1 { head = 0; open = 0; if ($0 != "/* SPDX-License-Identifier: GPL-3.0-or-later */") say("no SPDX line") }
    # a unit test needs no introduction: its name is the module'"'"'s
    FNR == 2 { if ($0 ~ /^\/\*/) { head = 1; open = 1 } else if (FILENAME !~ /^tests\/unit\//) say("no head comment that says what the file is for") }
    open && /\*\// { open = 0; if (FNR - 1 > 14 && FILENAME !~ /^tests\/unit\//) say("the head comment has more than 12 lines") }
    FNR == 701 { say("more than 700 lines: split it") }
    /\t/ { say("tab") }
    /[ \t]$/ { say("trailing blank") }
    /(^|[^a-z_])goto [a-z_]+;/ { say("goto") }
    /^ *typedef struct [a-z_]* *\{/ { say("typedef of a struct") }
    END { exit bad }
' "${code[@]}" || bad=1
while read -r f; do
    head -n 2 "$f" | grep -q 'SPDX-License-Identifier: GPL-3.0-or-later' || say "$f: no SPDX line"
    [ -x "$f" ] || [[ $f == */lib.sh || $f == */root.sh ]] || say "$f: not executable"
    bash -n "$f" || bad=1
done < <(find tools tests .ci -name '*.sh' -o -path tests/run -o -path .ci/run)
n=$(wc -l <Makefile)
[ "$n" -le 200 ] || say "Makefile: $n lines; 200 at most"
exit $bad
