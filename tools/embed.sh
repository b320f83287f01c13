#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# embed.sh OUT.c PAGE.html… -- FILE…: the desk's pages and the files it serves as they are, as tables of C (desk/assets.h). Parts of
# pages come first, since a template may name only those before it.
set -eu
out=$1
shift
table() { # NAME FILE…: names of pages without .html
    name=$1
    shift
    for f; do
        printf 'static const char %s[] = {\n' "${name}_$(basename "$f" | tr -c 'a-z0-9\n' _)"
        od -An -v -tu1 "$f" | sed 's/  *\([0-9]*\)/(char)\1,/g'
        echo '0};'
    done
    echo "const struct gh_embedded gh_embedded_$name[] = {"
    for f; do
        b=$(basename "$f")
        v=${name}_$(echo "$b" | tr -c 'a-z0-9\n' _)
        printf '{"%s", %s, sizeof(%s) - 1},\n' "${b%.html}" "$v" "$v"
    done
    echo '{NULL, NULL, 0}};'
}
pages=
while [ "$1" != -- ]; do
    pages="$pages $1"
    shift
done
shift
parts=$(printf '%s\n' $pages | grep /part-)
whole=$(printf '%s\n' $pages | grep -v /part-)
mkdir -p "$(dirname "$out")"
{
    echo '/* Made by tools/embed.sh of desk/pages and desk/static. */'
    echo '#include "desk/assets.h"'
    table pages $parts $whole
    table static "$@"
} >"$out.new"
mv "$out.new" "$out"
