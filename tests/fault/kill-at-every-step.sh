#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every call of ghatd that makes something durable or visible is numbered (tests/fault/faults.c). At number N ghatd dies before the call, or
# after it, or gets EIO or ENOSPC from it; then it is started again without faults and everything must come to its end: nothing lost,
# nothing twice, nothing unapproved in the outbox, the ledger whole. GHAT_FAULT_EVERY=1 tries every number, else each so-manieth.
# GHAT_FAULT_MODES: "before after EIO ENOSPC".
. tests/e2e/lib.sh
EVERY=${GHAT_FAULT_EVERY:-251}
MODES=${GHAT_FAULT_MODES:-before after EIO ENOSPC}
FAULTS=$B/tests/faults.so
[ -z "${SAN:-}" ] || skip "faults are preloaded, which a sanitizer does not like"
small=$(media small.png)

# What is dropped: a photo, a folder of two with a caption, and one broken file.
tree() {
    rm -rf "$T"
    configure intake.quiet=300ms intake.scan=2s
    department Water water
    mkdir "$T/srv/drop/Water/Opening"
    cp "$small" "$T/srv/drop/Water/one.png"
    cp "$dir/two.png" "$dir/three.png" "$T/srv/drop/Water/Opening/"
    echo 'Opening of the pump' >"$T/srv/drop/Water/Opening/caption.txt"
    head -c 3000 "$small" >"$T/srv/drop/Water/broken.png"
}
dir=$TMPDIR/made
mkdir -p "$dir"
for name in smptebars:two rgbtestsrc:three; do
    ffmpeg -nostdin -v error -y -f lavfi -i "${name%:*}=s=640x480" -frames:v 1 "$dir/${name#*:}.png"
done

ended() { # staged, staged, quarantined: nothing is under way
    [ "$(list 'map(.state) | sort | join(" ")' 2>/dev/null)" = "quarantined staged staged" ]
}
decided() { [ "$(list 'map(.state) | sort | join(" ")' 2>/dev/null)" = "decided decided quarantined" ]; }
approve_all() {
    local i
    for i in $(list '.[] | select(.state == "staged") | .id'); do ghat approve "$i" >/dev/null || return 1; done
}
# The scenario as far as ghatd lives.
scenario() {
    local end=$((SECONDS + 12)) # then the second life has to finish it
    until ended; do
        kill -0 "$1" 2>/dev/null || return 0
        [ $SECONDS -lt $end ] || return 0
        read -rt 0.05 <> <(:) || :
    done
    approve_all 2>/dev/null || return 0
    until decided; do
        kill -0 "$1" 2>/dev/null || return 0
        [ $SECONDS -lt $end ] || return 0
        read -rt 0.05 <> <(:) || :
    done
}
# One run with GHAT_FAULT=$1 ("" for none), then a second without.
faulty() {
    tree
    LD_PRELOAD=$FAULTS GHAT_FAULT=$1 GHAT_FAULT_COUNT=$TMPDIR/count "$B/ghatd" -c "$CONF" >>"$LOG" 2>&1 &
    local pid=$!
    scenario $pid
    kill -TERM $pid 2>/dev/null || :
    timeout 20 tail --pid=$pid -f /dev/null || kill -KILL $pid
    { wait $pid || :; } 2>/dev/null
}
invariants() {
    ghat verify --ledger >"$TMPDIR/verify" 2>&1 || { cat "$TMPDIR/verify"; die "$1: ghat verify"; }
    same "$1: submissions" "$(list 'map(.name) | sort | join(" ")')" "Opening broken.png one.png"
    same "$1: left in drop/" "$(find "$T/srv/drop/Water" -type f -not -path '*/Status/*' | wc -l)" 0
    local box sum
    [ "$(find "$T/srv/outbox" -name manifest.json | wc -l)" = 2 ] || die "$1: manifests in the outbox"
    for box in "$T"/srv/outbox/*/*/; do (cd "$box" && sha256sum --quiet --strict -c SHA256SUMS) || die "$1: $box"; done
    same "$1: files in the outbox" "$(find "$T/srv/outbox" -path '*photo/*' -o -path '*thumb/*' -type f | wc -l)" 21
    same "$1: temporary files" "$(find "$T/srv" -name '.tmp-*' -not -path '*/.taken/*' | wc -l)" 0
    for sum in "$small" "$dir/two.png" "$dir/three.png"; do
        grep -qx "$(hash_of "$sum")" <(find "$T/srv/spool" "$T/srv/archive" -type f -exec sha256sum {} + | cut -d' ' -f1) || die "$1: $sum is lost"
    done
}
finished() {
    start
    within 60 "$1: all is staged or decided" eval 'ended || decided || [ "$(list "map(select(.state == \"staged\" or .state == \"decided\" or .state == \"quarantined\")) | length")" = 3 ]'
    approve_all || die "$1: approve"
    within 30 "$1: all is decided" decided
    within 30 "$1: all is published" eval '[ "$(list "map(.placements[]?) | map(select(. == \"approved\")) | length")" = 0 ]'
    invariants "$1"
    stop
}
expect_log . # faults make noise; what counts is the end

: >"$TMPDIR/count"
faulty ""
finished "no fault"
N=$(cat "$TMPDIR/count")
[ "$N" -gt 50 ] || die "only $N durable steps were seen: is the preload loaded?"
runs=0
offset=$((EVERY > 1 ? 1 + RANDOM % EVERY : 1)) # another sample each time
for mode in $MODES; do
    for ((k = offset; k <= N; k += EVERY)); do
        faulty "$mode:$k"
        finished "$mode:$k"
        runs=$((runs + 1))
    done
done
echo "$runs runs over $N numbered steps ($MODES), every $EVERY"
