#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# One file knows which engine the ledger has: daemon/ledger/sqlite.c (and backup.c, which copies its pages). Everybody else sees db.h, which
# shows no type of it, and says its statements in words that PostgreSQL takes, too.
set -u
bad=0
seam='daemon/ledger/(sqlite\.c|sqlite_int\.h|backup\.c)'
if grep -rnE 'sqlite3|SQLITE_|sqlite_(sequence|schema|master)|PRAGMA' --include='*.[ch]' base filters daemon ctl pipeline desk post 2>/dev/null |
    grep -vE "^$seam:"; then
    echo "only daemon/ledger/sqlite.c and backup.c may name the engine"; bad=1
fi
[ "$(grep -lE 'sqlite3_' daemon/ledger/*.c | wc -l)" = 2 ] || { echo "this test looks at the wrong place"; bad=1; }

# odd EXPRESSION WORDS: a form that only SQLite takes. Literals of one statement are joined first.
statements() { sed -e ':a;N;$!ba' -e 's/" *\\\?\n *"//g' "$1"; }
odd() {
    for f in daemon/ledger/*.c; do
        case $f in */sqlite.c|*/backup.c) continue ;; esac
        statements "$f" | grep -nE "\"[^\"]*$1" | sed "s|^|$f: |" | cut -c1-200 | grep . && { echo "$2"; bad=1; }
    done
}
odd '(max|min)\([a-z_.]+, *\?' "max or min of two values: CASE WHEN"
odd ' IS NOT \?' "IS NOT of a value: coalesce, or IS DISTINCT FROM"
odd 'sum\([a-z_.]+ *[<>=]' "the sum of a condition: GROUP BY, or CASE WHEN"
odd '(AND|OR|WHERE) [a-z_.]+ [&] [0-9?]+( (AND|OR|THEN)|")' "bits as a condition: (x & y) <> 0"
odd '[^T]\(?\?[0-9]* IS (NOT )?NULL' "a value without a type: CAST(? AS TEXT) IS NULL"
odd 'instr\(' "instr: LIKE, or position() in sqlite.c"
odd '(AUTOINCREMENT|BEGIN IMMEDIATE|INSERT OR|GLOB |ROWID|INDEXED BY|ifnull\()' "a word of SQLite (GH_SQL_BY names an index)"
exit $bad
