# SPDX-License-Identifier: GPL-3.0-or-later
# For tests of hostile media: files made by craft.py or by editing honest ones, rendered by the real worker; what came of each.
# Environment: B, ROOT, TMPDIR, GHAT_SLOW; see tests/run.
set -uo pipefail
export PATH="$B:$PATH" GHAT_CONF="$TMPDIR/ghat.conf"
IN=$TMPDIR/in OUT=$TMPDIR/out
mkdir -p "$IN" "$TMPDIR/base"
: >"$GHAT_CONF"
bad=0
die() { echo "FAILED: $*" >&2; exit 1; }
skip() { echo "$*"; exit 77; }
fail() { echo "FAILED: $*"; bad=1; }
craft() { python3 "$ROOT/tests/hostile/craft.py" "$1" "$IN/$2" "${@:3}" || die "craft.py $1"; }
ff() { ffmpeg -v error -nostdin -y "$@" </dev/null || die "ffmpeg ${*: -1}"; }
# Honest files to start from.
photo() { [ -s "$TMPDIR/base/p.jpg" ] || ff -f lavfi -i testsrc2=s=640x480,format=yuvj420p -frames:v 1 -q:v 3 "$TMPDIR/base/p.jpg"; echo "$TMPDIR/base/p.jpg"; }
# Its moov lies behind its mdat, so that boxes can grow; x264 with B-frames, AAC, an edit list.
clip() {
    [ -s "$TMPDIR/base/c.mp4" ] || ff -f lavfi -i testsrc2=s=320x240:r=25:d=4 -f lavfi -i sine=440:d=4 -c:v libx264 -preset ultrafast -bf 2 \
        -pix_fmt yuv420p -c:a aac -shortest "$TMPDIR/base/c.mp4"
    echo "$TMPDIR/base/c.mp4"
}
# render FILE [ARGUMENT…]: RC, TOOK (s), CPU (s of computing, which a busy machine does not lengthen), RSS (MB, of the largest process), SAID, N (outputs). A child that died, or a complaint of more than one
# line, fails the test whatever was expected.
render() {
    local f=$1
    shift
    rm -rf "$OUT"
    read -r RC TOOK CPU RSS < <(python3 - "$TMPDIR" $((${LIMIT_S:-60} * GHAT_SLOW)) ghat render -p "${P:-fb.photo,x.video,yt.thumb}" "$@" -o "$OUT" "$f" <<'PY'
import resource, subprocess, sys, time
start = time.monotonic()
with open(sys.argv[1] + '/said', 'w') as out, open(sys.argv[1] + '/errors', 'w') as err:
    try:
        rc = subprocess.run(sys.argv[3:], stdout=out, stderr=err, timeout=float(sys.argv[2])).returncode
    except subprocess.TimeoutExpired:
        rc = 124
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(rc, '%.2f' % (time.monotonic() - start), '%.2f' % (used.ru_utime + used.ru_stime), used.ru_maxrss // 1024)
PY
    )
    SAID=$(cat "$TMPDIR/errors")
    N=$(find "$OUT" -type f 2>/dev/null | wc -l)
    printf '%-26s exit %s, %5s s, %4s MB, %s outputs. %.150s\n' "$(basename "$f")" "$RC" "$TOOK" "$RSS" "$N" "$SAID"
    [ "$RC" != 124 ] || fail "$(basename "$f") takes too long"
    [ "$RC" = 0 ] || [ "$RC" = 1 ] || fail "$(basename "$f"): exit $RC"
    ! grep -qE 'SIG[A-Z]+|the worker (died|broke|hangs|did not)|Sanitizer|runtime error' "$TMPDIR/errors" || fail "$(basename "$f"): a worker died or lied"
    # a sanitizer's worker keeps stderr for its reports, and libvips writes there, too
    [ -z "$SAN" ] || sed -i '/^ghat render: /!d' "$TMPDIR/errors"
    [ "$(wc -l <"$TMPDIR/errors")" -le 1 ] || [ "$RC" = 0 ] || fail "$(basename "$f"): complains in more than one line"
}
# refused PATTERN FILE…: nothing is made of it, and the reason says so.
refused() {
    local pattern=$1 f
    shift
    for f; do
        render "$f"
        [ "$RC" = 1 ] && [ "$N" = 0 ] && grep -qE -- "$pattern" <<<"$SAID" || fail "$(basename "$f") should be refused as: $pattern"
    done
}
accepted() {
    local f
    for f; do
        render "$f"
        [ "$RC" = 0 ] && [ "$N" -gt 0 ] || fail "$(basename "$f") should be accepted"
    done
}
# survived FILE…: either verdict is right; only time, memory and a living worker count.
survived() { local f; for f; do render "$f"; done; }
# within_mb MB: of the last render. A sanitizer needs more of everything.
within_mb() { [ -n "${SAN:-}" ] || [ "$RSS" -le "$1" ] || fail "it took $RSS MB, more than $1"; }
within_s() { awk -v t="$CPU" -v m=$(($1 * GHAT_SLOW)) 'BEGIN { exit !(t <= m) }' || fail "it took $CPU s of computing, more than $1"; }
done_() { exit $bad; }
