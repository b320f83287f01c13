#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Hostile files: the huge but honest JPEG is accepted, what is cut off, corrupt, no photo or a bomb is refused in one line and quickly,
# the rest is survived, and whatever came out satisfies the judge.
. tests/corpus/lib.sh
bad=0
TIMEFORMAT='%U %S' # of a processor: what else the machine does counts for nothing
for f in "$S"/corpus/hostile/*; do
    n=$(basename "$f") rc=0
    { time timeout 300 "$B/ghat" render -o "$OUT" "$f" >"$TMPDIR/o" 2>"$TMPDIR/e" || rc=$?; } 2>"$TMPDIR/took"
    took=$(awk '{ print $1 + $2 }' "$TMPDIR/took")
    echo "$n: exit $rc, $took s of a processor, $(find "$OUT" -name "${n%.*}*" 2>/dev/null | wc -l) outputs. $(head -c 300 "$TMPDIR/e")"
    case $n in
    giant-image.jpg) want=0 ;;
    truncated.* | corrupt-header.jpg | corrupted.jpg | 65536-uint32-limit.png | *.svg) want=1 ;;
    *) want='[01]' ;;
    esac
    [[ $rc == $want ]] || { echo "  should end with $want"; bad=1; }
    # a sanitizer's worker keeps stderr for its reports, and libvips writes there, too
    [ -z "$SAN" ] || sed -i '/^ghat render: /!d' "$TMPDIR/e"
    [ $rc != 1 ] || [ "$(wc -l <"$TMPDIR/e")" = 1 ] || { echo "  should complain in one line"; bad=1; }
    case $n in 65536-*) awk -v t="$took" -v s="$GHAT_SLOW" 'BEGIN { exit !(t < 3 * s) }' || { echo "  too slow"; bad=1; } ;; esac
done
if [ -d "$OUT" ]; then judge_out || bad=1; fi
exit $bad
