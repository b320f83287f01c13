#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# M7, M8, M9, M15: a worker that crashes, spins, hangs, forks, makes threads without end, fills memory or the disk, or lies, costs the file
# that made it do so: two strikes or a named limit, then quarantine. ghatd, its other work and its memory are untouched; no core is left.
# The worker is the real one with a pipeline that misbehaves as its input says (tests/sandbox/stub_pipeline.c).
. tests/e2e/lib.sh
[ -x "$B/tests/ghat-worker-stub" ] || skip "the stub worker is not built"
expect_log 'event=(crashed|quarantined|refused|failed|output-refused|attempt) '
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:handle_segv=0:handle_abort=0" # a crash that is meant needs no report
configure paths.worker="$B/tests/ghat-worker-stub" limits.cpu=2s limits.wall=30s limits.output_bytes=30M
department Water water
department Roads roads
mkdir -p "$TMPDIR/cores"
cd "$TMPDIR/cores" || exit 1
ulimit -c unlimited 2>/dev/null || :
start
cd "$ROOT"
drop=$T/srv/drop/Water
declare -A want=(
    [segv]='probe segv|broke the decoder twice'
    [abort]='render abort|broke the decoder twice'
    [spin]='render spin|takes more than 2 seconds of computing'
    [wall]='render beat 100000|takes more than 30 seconds of time'
    [probed]='probe say-probe-bad|broke the decoder twice'
    [result]='render say-result-bad|broke the decoder twice'
    [ready]='probe say-ready|broke the decoder twice'
    [system]='probe say-system|broke the decoder twice'
    [flood]='render flood 100000|broke the decoder twice'
    [disk]='render big 60|an output would be larger than'
)
[ -n "${GHAT_UNCONFINED:-}" ] || want+=(
    [fork]='probe fork|broke the decoder twice'
    [socket]='render socket|broke the decoder twice'
    [threads]='render threads 100000|broke the decoder twice'
    [grow]='render grow 100000|broke the decoder twice'
)
for name in "${!want[@]}"; do printf 'photo 640 480\n%s\n' "${want[$name]%%|*}" >"$drop/$name.jpg"; done
ended() { [ "$(list '[.[] | select(.state == "quarantined")] | length')" = ${#want[@]} ]; }
within 150 "all of them are set aside" ended
for name in "${!want[@]}"; do
    ID=$(number_of "$name.jpg")
    item "$ID" '[.reason, (.files[] | .reason)] | map(select(. != null)) | join(" ")' >"$TMPDIR/reason" || item "$ID" . >"$TMPDIR/reason"
    grep -q "${want[$name]#*|}" "$TMPDIR/reason" || { cat "$TMPDIR/reason"; die "$name should say: ${want[$name]#*|}"; }
    [ -s "$drop/Status/$name.jpg.txt" ] || die "the officer is not told of $name"
done
find "$TMPDIR/cores" "$T" -name 'core*' -type f | grep . && die "a core was left"
[ -z "$(find "$T/srv/staging" -type f)" ] || die "something of them is in staging"
step "with an honest worker the same daemon's ledger goes on"
stop
configure
start
cp "$(media photo.jpg)" "$T/srv/drop/Roads/photo.jpg"
arrives photo.jpg staged
