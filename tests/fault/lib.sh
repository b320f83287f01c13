# SPDX-License-Identifier: GPL-3.0-or-later
# What the fault tests share: a small day's work (dropped, staged, approved, published), lived once with a fault and finished without.
# The test defines fresh (an empty tree at $T with ghat.conf) and, where the machine dies, powered (what makes the tree readable again) and last_cut
# (the end of the second life).
EVERY=${GHAT_FAULT_EVERY:-}
FAULTS=$B/tests/faults.so
[ -z "${SAN:-}" ] || skip "faults are preloaded, which a sanitizer does not like"
small=$(media small.png)
dir=$TMPDIR/made
mkdir -p "$dir"
for name in smptebars:two rgbtestsrc:three; do
    ffmpeg -nostdin -v error -y -f lavfi -i "${name%:*}=s=640x480" -frames:v 1 "$dir/${name#*:}.png"
done
head -c 3000 "$small" >"$dir/broken.png"
expect_log . # faults make noise; what counts is the end

# What is dropped: a photo, a folder of two with a caption, and one broken file.
drop_all() {
    department Water water
    mkdir "$T/srv/drop/Water/Opening"
    cp "$small" "$T/srv/drop/Water/one.png"
    cp "$dir/two.png" "$dir/three.png" "$T/srv/drop/Water/Opening/"
    echo 'Opening of the pump' >"$T/srv/drop/Water/Opening/caption.txt"
    cp "$dir/broken.png" "$T/srv/drop/Water/broken.png"
}

states() { list 'map(.state) | sort | join(" ")' 2>/dev/null; }
ended() { [ "$(states)" = "quarantined staged staged" ]; } # nothing is under way
decided() { [ "$(states)" = "decided decided quarantined" ]; }
settled() { [ "$(list 'map(select(.state == "staged" or .state == "decided" or .state == "quarantined")) | length')" = 3 ]; }
published() { [ "$(list 'map(.placements[]?) | map(select(. == "approved")) | length')" = 0 ]; }
approve_all() {
    local i
    for i in $(list '.[] | select(.state == "staged") | .id'); do
        ghat approve "$i" >/dev/null || return 1
        echo "$i" >>"$TMPDIR/told" # whoever approved was told so
    done
}
# The work as far as ghatd lives.
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
# One life with GHAT_FAULT=$1 ("" for none).
faulty() {
    fresh
    : >"$TMPDIR/told"
    LD_PRELOAD=$FAULTS GHAT_FAULT=$1 GHAT_FAULT_MOUNT=$T GHAT_FAULT_COUNT=$TMPDIR/count "$B/ghatd" -c "$CONF" >>"$LOG" 2>&1 &
    local pid=$!
    scenario $pid
    kill -TERM $pid 2>/dev/null || :
    timeout 20 tail --pid=$pid -f /dev/null || kill -KILL $pid
    { wait $pid || :; } 2>/dev/null
    powered
}
powered() { :; }
last_cut() { stop; }
invariants() {
    ghat verify --ledger >"$TMPDIR/verify" 2>&1 || { cat "$TMPDIR/verify"; die "$1: ghat verify"; }
    same "$1: submissions" "$(list 'map(.name) | sort | join(" ")')" "Opening broken.png one.png"
    same "$1: left in drop/" "$(find "$T/srv/drop/Water" -type f -not -path '*/Status/*' | wc -l)" 0
    same "$1: manifests" "$(find "$T/srv/outbox" -name manifest.json | wc -l)" 2
    same "$1: files in the outbox" "$(find "$T/srv/outbox" -path '*photo/*' -o -path '*thumb/*' -type f | wc -l)" 21
}
# The second life, without faults, brings everything to its end; what Ghat and a stranger say of it.
finished() {
    start
    local i
    while read -r i; do
        same "$1: approval of $i" "$(sql "SELECT count(*) FROM decision WHERE submission = $i AND verdict = 'approve'")" 1
    done <"$TMPDIR/told"
    within 60 "$1: all is staged or decided" settled
    approve_all || die "$1: approve"
    within 30 "$1: all is decided" decided
    within 30 "$1: all is published" published
    invariants "$1"
    last_cut
    tests/fault/invariants.py "$T/srv" "$T/state/ledger.db" "$small" "$dir"/{two,three,broken}.png >"$TMPDIR/judge" || { cat "$TMPDIR/judge"; die "$1: invariants"; }
}
# Each EVERY-th of the numbered steps, in each mode; another sample each time. GHAT_FAULT_SHARD=i/n: of those only each n-th, from the i-th.
# GHAT_FAULT_LOG: a file that gets each step that held; those in it already are not tried again.
try_all() {
    local N k mode runs=0 offset at=0 shard=${GHAT_FAULT_SHARD:-1/1}
    local i=${shard%/*} n=${shard#*/}
    [[ $shard =~ ^[0-9]+/[0-9]+$ ]] && [ "$i" -ge 1 ] && [ "$i" -le "$n" ] || die "GHAT_FAULT_SHARD is i/n, such as 1/8"
    : >"$TMPDIR/count"
    faulty ""
    finished "no fault"
    N=$(cat "$TMPDIR/count")
    [ "$N" -gt 50 ] || die "only $N durable steps were seen: is the preload loaded?"
    for mode; do
        offset=$((EVERY > 1 ? 1 + RANDOM % EVERY : 1))
        for ((k = offset; k <= N; k += EVERY)); do
            at=$((at + 1))
            [ $((at % n)) = $((i % n)) ] || continue
            ! grep -qxF "$mode:$k" "${GHAT_FAULT_LOG:-/dev/null}" 2>/dev/null || continue
            faulty "$mode:$k"
            finished "$mode:$k"
            runs=$((runs + 1))
            [ -z "${GHAT_FAULT_LOG:-}" ] || echo "$mode:$k" >>"$GHAT_FAULT_LOG"
        done
    done
    echo "$runs runs over $N numbered steps ($*), every $EVERY, shard $shard"
}
