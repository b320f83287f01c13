#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the code reads is documented, and what is documented exists: keys of ghat.conf, of departments, of profiles, commands of ghat, and the options
# of each program, as the program itself tells them (requests: tests/unit/test_control_documents.c). The shipped ghat.conf is accepted with every one of its defaults written out.
set -u
bad=0
say() { echo "$*"; bad=1; }
# named DOCUMENT WORD…: it has each of the words, by itself
named() {
    local document=$1 w
    shift
    while read -r w; do say "$document does not name $w"; done < <(comm -23 <(printf '%s\n' "$@" | sort -u) <(sed 's/\\&//g' "$document" | tr -c 'a-z_' '\n' | sort -u))
}

conf=$(sed -n 's/^ *\(STR\|KEY\)("[a-z]*", "\([a-z_]*\)".*/\2/p' base/config.c)
[ "$(wc -w <<<"$conf")" -gt 30 ] || say "no keys found in base/config.c: this test looks at the wrong place"
# shown FILE: the keys that it shows, with a value or with its default
shown() { sed -n 's/^;\{0,1\}\([a-z_]*\) = .*/\1/p' "$1" | sort -u; }
while read -r k; do say "docs/ghat.conf lacks $k"; done < <(comm -23 <(sort -u <<<"$conf") <(shown docs/ghat.conf))
while read -r k; do say "docs/ghat.conf: there is no key $k"; done < <(comm -13 <(sort -u <<<"$conf") <(shown docs/ghat.conf))
named docs/man/ghat.conf.5 $conf
card=$(sed -n 's/^ *STR("[a-z]*", "\([a-z_]*\)".*/\1/p; s/.*\.section = "[a-z]*", \.key = "\([a-z_]*\)".*/\1/p' daemon/site/department.c)
[ "$(wc -w <<<"$card")" -gt 10 ] || say "no keys found in daemon/site/department.c: this test looks at the wrong place"
while read -r k; do say "docs/department.conf lacks $k"; done < <(comm -23 <(sort -u <<<"$card") <(shown docs/department.conf))
named docs/man/ghat.conf.5 $card label todo offer shipped
profile=$(grep -oE '(CHARS|U32|SIZE|YES|OWN|RANGE|INI_ROW)\("[a-z]*", "[a-z_]*"' daemon/plan/profile_parse.c | sed 's/.*"\([a-z_]*\)"$/\1/')
[ "$(wc -w <<<"$profile")" -gt 10 ] || say "no keys found in daemon/plan/profile_parse.c: this test looks at the wrong place"
named docs/man/ghat.profile.5 $profile
[ ! -e docs/PROFILES.md ] || named docs/PROFILES.md $profile
commands=$(sed -n 's/^    {"\([a-z]*\)",.*/\1/p' ctl/main.c)
[ "$(wc -w <<<"$commands")" -gt 20 ] || say "no commands found in ctl/main.c: this test looks at the wrong place"
named docs/man/ghat.1 $commands

# Whoever looks for a key looks in one place: no section is there twice.
for page in docs/man/*.[1-8] docs/ghat.conf docs/department.conf; do
    while read -r line; do say "$page has it twice: $line"; done < <(grep -E '^(\.S[hs] |\[)' "$page" | sort | uniq -d)
done

# option PAGE WHO OPTION…: a man page has each of them as a flag; "-a, -b and -c" stand behind one Fl
option() {
    local page=$1 who=$2 o
    shift 2
    for o; do grep -qE -- "Fl ([^A-Z]* )?${o#-}( |,|:|\$)" "$page" || say "$page lacks $o of $who"; done
}
for c in $commands; do option docs/man/ghat.1 "ghat $c" $("$B/ghat" --complete "$c" -- | grep '^-'); done
for p in ghatd ghat-desk ghat-post; do
    told=$("$B/$p" --help 2>&1 | grep -oE '(^| |\[)(-[a-zA-Z]|--[a-z-]+)' | grep -oE -- '-.*' | sort -u)
    [ "$(wc -w <<<"$told")" -gt 2 ] || say "$p tells of no options: this test looks at the wrong place"
    option "docs/man/$p.8" "$p" $told
done
told=$(grep -ohE '"--[a-z-]+"' pipeline/main.c pipeline/*/*.c | tr -d '"' | sort -u)
[ "$(wc -w <<<"$told")" -gt 2 ] || say "no options found in pipeline: this test looks at the wrong place"
option docs/man/ghat-worker.8 ghat-worker $told

mkdir -p "$TMPDIR/etc/departments"
sed "s|@[A-Z]*@|/usr|; s|^;\([a-z_]* = \)|\1|; s|^profiles = .*|profiles = $PWD/profiles|; s|^worker = .*|worker = $B/ghat-worker|" docs/ghat.conf >"$TMPDIR/etc/ghat.conf"
cp docs/department.conf "$TMPDIR/etc/departments/water.conf"
cp docs/reasons.ini "$TMPDIR/etc/reasons.ini"
printf 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n' >"$TMPDIR/etc/holidays.ics"
"$B/ghatd" -c "$TMPDIR/etc/ghat.conf" --check >"$TMPDIR/out" 2>&1 || say "docs/ghat.conf is refused: $(cat "$TMPDIR/out")"
exit $bad
