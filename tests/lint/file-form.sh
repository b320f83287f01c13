#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Files: the licence in the first line (the second of a script), a head comment of at most 12 lines that says more than
# "See x.h.", at most 700 lines of at most 100 columns (as a terminal shows them), no tabs, no trailing blanks, no goto, no
# typedef of a struct; one form of sizeof(x), and PRId64 where a format needs 64 bits. And nothing strange in the top folder.
set -u
bad=0
say() { echo "$*"; bad=1; }
mapfile -t code < <(find base filters daemon pipeline ctl post tests $(ls -d desk 2>/dev/null) -name '*.[ch]')
awk '
    function say(text) { print FILENAME ":" FNR ": " text; bad = 1 }
    FNR == 1 { head = 0; open = 0; if ($0 != "/* SPDX-License-Identifier: GPL-3.0-or-later */") say("no SPDX line") }
    # a unit test needs no introduction: its name is the module'"'"'s
    FNR == 2 { if ($0 ~ /^\/\*/) { head = 1; open = 1 } else if (FILENAME !~ /^tests\/unit\//) say("no head comment that says what the file is for") }
    open && /\*\// { open = 0; if (FNR - 1 > 14 && FILENAME !~ /^tests\/unit\//) say("the head comment has more than 12 lines") }
    FNR == 2 && /^\/\* See [a-z_\/]*\.h\. \*\/$/ { say("the head names a header only: say what the file hides") }
    FNR == 701 { say("more than 700 lines: split it") }
    /\t/ { say("tab") }
    /[ \t]$/ { say("trailing blank") }
    /(^|[^a-z_])goto [a-z_]+;/ { say("goto") }
    /(^|[^a-zA-Z0-9_])sizeof[ *a-z]/ { say("sizeof without parentheses that touch it: sizeof(x)") }
    /%[-+ #0-9.*]*ll[diouxX]/ { say("%ll…: PRId64, PRIu64, PRIx64 of inttypes.h need no cast") }
    /^ *typedef struct [a-z_]* *\{/ { say("typedef of a struct") }
    END { exit bad }
' "${code[@]}" || bad=1
# Only files with a line that is too wide are read line by line.
while read -r width f; do
    [ "$f" != total ] && [ "$width" -gt 100 ] || continue
    n=0
    while IFS= read -r line; do
        n=$((n + 1))
        [ "$(LC_ALL=C.UTF-8 wc -L <<<"$line")" -le 100 ] || say "$f:$n: more than 100 columns"
    done <"$f"
done < <(LC_ALL=C.UTF-8 wc -L "${code[@]}")
mapfile -t scripts < <(find tools tests .ci -name '*.sh' -o -path tests/run -o -path tools/rooms -o -path .ci/run)
while read -r f; do say "$f: no SPDX line"; done < <(awk '
    FNR == 1 { found = 0 }
    FNR <= 2 && /SPDX-License-Identifier: GPL-3.0-or-later/ { found = 1 }
    FNR == 2 && !found { print FILENAME }' "${scripts[@]}")
for f in "${scripts[@]}"; do
    [ -x "$f" ] || [[ $f == */lib.sh || $f == */root.sh ]] || say "$f: not executable"
    bash -n "$f" || bad=1
done
# What lies at the top is what a newcomer sees first: nothing that a test or an editor left there.
while read -r top; do
    case $top in
    base|ctl|daemon|desk|docs|filters|pipeline|po|post|profiles|systemd|tests|tools|debian|.ci|.clang-format|.clang-tidy|.editorconfig|.gitignore|.gitattributes) ;;
    CHANGELOG.md|LICENSE|Makefile|README.md|SECURITY.md|CONTRIBUTING.md) ;;
    *) say "$top: nothing of this name belongs into the top folder" ;;
    esac
done < <(git ls-files 2>/dev/null | cut -d/ -f1 | sort -u)
n=$(wc -l <Makefile)
[ "$n" -le 200 ] || say "Makefile: $n lines; 200 at most"
exit $bad
