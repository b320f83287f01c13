#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The corpus' hostile files, and honest ones between them, dropped on a running ghatd: the huge but honest JPEG and the honest photos are
# staged, what is cut off, corrupt, no photo or a bomb is set aside with a reason and a note, the rest ends as one or the other; ghatd is the
# same process in the end, has not grown, and serves its socket all the while.
[ -d "$ROOT/../shared/corpus" ] || { echo "../shared/corpus is not here"; exit 77; }
. tests/e2e/lib.sh
expect_log 'event=(crashed|quarantined|refused|failed|output-refused|attempt) '
configure
department Water water
department Roads roads
start
pid=$DAEMON
for f in "$ROOT"/../shared/corpus/hostile/*; do cp "$f" "$T/srv/drop/Water/"; done
n=0
for text in one two three; do
    n=$((n + 1))
    cp "$(another "honest$n.jpg" $text)" "$T/srv/drop/Roads/"
done
total=$(($(ls "$ROOT"/../shared/corpus/hostile | wc -l) + n))
all_done() { ghat status >/dev/null && [ "$(list '[.[] | select(.state == "staged" or .state == "quarantined")] | length')" = "$total" ]; }
within 240 "every file has its verdict" all_done
for f in giant-image.jpg honest1.jpg honest2.jpg honest3.jpg; do state_is $f staged || die "$f should be staged"; done
for f in "$ROOT"/../shared/corpus/hostile/{truncated.*,corrupt-header.jpg,corrupted.jpg,65536-uint32-limit.png,*.svg}; do
    f=$(basename "$f")
    state_is "$f" quarantined || die "$f should be set aside"
    [ -s "$T/srv/drop/Water/Status/$f.txt" ] || die "no note of $f"
    ID=$(number_of "$f")
    [ -s "$T/srv/quarantine/$ID/reason.txt" ] || die "no reason beside $f"
done
kill -0 "$pid" || die "ghatd is another one"
[ "$(list '[.[].files[]? | .strikes // 0] | add')" = 0 ] || { list '.[] | select((.files[]?.strikes // 0) > 0) | .name'; die "a worker died of a file"; }
rss=$(awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$pid/status")
[ -n "${SAN:-}" ] || [ "$rss" -lt 100 ] || die "ghatd has grown to $rss MB"
ghat verify --ledger >"$TMPDIR/verify" 2>&1 || { cat "$TMPDIR/verify"; die "the ledger does not verify"; }
