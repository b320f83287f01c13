#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the documents name exists: functions, structures and constants (gh_…, GH_…, name()), files and folders, targets
# of make, commands of ghat, all in backquotes. And docs/ARCHITECTURE.md has one line for every .c file, below the
# heading of its room. In backquotes, "…" at the end of a name stands for what follows it, and <…> for what varies.
set -u
bad=0
say() { echo "$*"; bad=1; }
documents=(README.md SECURITY.md CHANGELOG.md docs/*.md)

# Every identifier of the code, without comments; every file and folder of the tree.
find base filters daemon pipeline ctl desk post -name '*.[ch]' | sort >"$TMPDIR/sources"
xargs cat <"$TMPDIR/sources" | gcc -fpreprocessed -dD -E -P - 2>/dev/null |
    grep -oE '[A-Za-z_][A-Za-z0-9_]*' | sort -u >"$TMPDIR/identifiers"
[ "$(wc -l <"$TMPDIR/identifiers")" -gt 3000 ] || say "hardly an identifier was found: this lint looks at the wrong place"
find base filters daemon pipeline ctl desk post profiles systemd tests tools docs ./*.md Makefile | sed 's|^\./||' | sort >"$TMPDIR/files"

# "document:line word" of all that stands in backquotes, in pairs on one line, outside of code blocks.
awk '
    FNR == 1 { code = shown = 0; last = "" }
    { shown = /^    / && (last == "" || shown); last = $0 } # indented below a blank line: code, too
    /^ *```/ { code = !code; next }
    !code && !shown {
        n = split($0, part, "`")
        for (i = 2; i < n; i += 2) print FILENAME ":" FNR " " part[i]
    }' "${documents[@]}" >"$TMPDIR/quoted"
[ "$(wc -l <"$TMPDIR/quoted")" -gt 500 ] || say "hardly anything is in backquotes: this lint looks at the wrong place"

declare -A identifier end target command
while read -r word; do identifier[$word]=1; done <"$TMPDIR/identifiers"
while read -r word; do # each file by every end of its path
    while end[$word]=1; [[ $word == */* ]]; do word=${word#*/}; done
done <"$TMPDIR/files"
for word in $(sed -n 's/^\([a-z][a-z_ -]*\):.*/\1/p' Makefile desk/desk.mk post/post.mk tools/package.mk); do target[$word]=1; done
for word in $(sed -n 's/^    {"\([a-z]*\)",.*/\1/p' ctl/main.c); do command[$word]=1; done

names=0 paths=0
while read -r where text; do
    word=${text%% *}
    case $text in
    gh_*|GH_*)
        names=$((names + 1))
        word=${text%%[!A-Za-z0-9_]*}
        case $text in
        *…) grep -q "^$word" "$TMPDIR/identifiers" || say "$where: nothing is called $text" ;;
        *) [ -n "${identifier[$word]:-}" ] || say "$where: there is no $word" ;;
        esac ;;
    *'()')
        [ -n "${identifier[${text%'()'}]:-}" ] || say "$where: there is no function $text" ;;
    'make '[a-z]*)
        word=${text#make }
        [ -n "${target[${word%% *}]:-}" ] || say "$where: make has no target ${word%% *}" ;;
    'ghat '[a-z]*)
        word=${text#ghat }
        [ -n "${command[${word%% *}]:-}" ] || say "$where: ghat has no command ${word%% *}" ;;
    *'<'*|*' '*) ;;
    base/*|filters/*|daemon/*|pipeline/*|ctl/*|profiles/*|systemd/*|tests/*|tools/*|docs/*)
        paths=$((paths + 1))
        compgen -G "$word" >/dev/null || say "$where: there is no $word" ;;
    *.c|*.h|*.sh)
        paths=$((paths + 1))
        [ -n "${end[$word]:-}" ] || say "$where: no file is called $word" ;;
    esac
done <"$TMPDIR/quoted"
[ $names -gt 100 ] && [ $paths -gt 100 ] || say "$names names and $paths paths are few: this lint looks at the wrong place"

# One line a file: "| `name.c` | …" below "### `room/`".
awk -F '`' '
    /^#/ { room = /^### `/ ? $2 : "" }
    room != "" && /^\| `[a-z0-9_]+\.c` \| ./ { print room $2 }
' docs/ARCHITECTURE.md | sort >"$TMPDIR/told"
grep '\.c$' "$TMPDIR/sources" >"$TMPDIR/expected"
while read -r f; do say "docs/ARCHITECTURE.md has no line for $f"; done < <(comm -13 <(sort -u "$TMPDIR/told") "$TMPDIR/expected")
while read -r f; do say "docs/ARCHITECTURE.md has a line for $f, which does not exist"; done < <(comm -23 <(sort -u "$TMPDIR/told") "$TMPDIR/expected")
while read -r f; do say "docs/ARCHITECTURE.md names $f more than once"; done < <(uniq -d "$TMPDIR/told")
exit $bad
