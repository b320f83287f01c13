#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the code reads is documented, and what is documented exists: keys of ghat.conf, of departments, of profiles, commands of ghat. The
# shipped ghat.conf is accepted with every one of its defaults written out.
set -u
bad=0
say() { echo "$*"; bad=1; }
word() { sed 's/\\&//g' "$2" | grep -qE "(^|[^a-z_])$1([^a-z_]|$)" || say "$2 does not name $1"; }

conf=$(sed -n 's/^ *\(STR\|KEY\)("[a-z]*", "\([a-z_]*\)".*/\2/p' base/config.c)
[ "$(wc -w <<<"$conf")" -gt 30 ] || say "no keys found in base/config.c: this test looks at the wrong place"
for k in $conf; do
    grep -qE "^;?$k = " docs/ghat.conf || say "docs/ghat.conf lacks $k"
    word "$k" docs/man/ghat.conf.5
done
for k in $(sed -n 's/^;\{0,1\}\([a-z_]*\) = .*/\1/p' docs/ghat.conf); do
    grep -qw "$k" <<<"$conf" || say "docs/ghat.conf: there is no key $k"
done
card=$(sed -n 's/^ *STR("[a-z]*", "\([a-z_]*\)".*/\1/p; s/.*\.section = "[a-z]*", \.key = "\([a-z_]*\)".*/\1/p' daemon/department.c)
for k in $card; do
    grep -qE "^;?$k = " docs/department.conf || say "docs/department.conf lacks $k"
    word "$k" docs/man/ghat.conf.5
done
for k in $(grep -oE '(CHARS|U32|SIZE|YES|OWN|RANGE)\("[a-z]*", "[a-z_]*"|\{\{"[a-z]*", "[a-z_]*"' daemon/profile_parse.c | sed 's/.*"\([a-z_]*\)"$/\1/'); do
    word "$k" docs/man/ghat.profile.5
    [ ! -e docs/PROFILES.md ] || word "$k" docs/PROFILES.md
done
for c in $(sed -n 's/^    {"\([a-z]*\)", ".*gh_cmd_.*/\1/p' ctl/main.c); do word "$c" docs/man/ghat.1; done

mkdir -p "$TMPDIR/etc/departments"
sed "s|@[A-Z]*@|/usr|; s|^;\([a-z_]* = \)|\1|; s|^profiles = .*|profiles = $PWD/profiles|; s|^worker = .*|worker = $B/ghat-worker|" docs/ghat.conf >"$TMPDIR/etc/ghat.conf"
cp docs/department.conf "$TMPDIR/etc/departments/water.conf"
"$B/ghatd" -c "$TMPDIR/etc/ghat.conf" --check >"$TMPDIR/out" 2>&1 || say "docs/ghat.conf is refused: $(cat "$TMPDIR/out")"
exit $bad
