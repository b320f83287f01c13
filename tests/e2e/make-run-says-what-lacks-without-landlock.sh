#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# On a kernel that lacks Landlock, and in a container that forbids it, make run ends with one line: what is missing, which key to set, what that costs.
# With the key set it runs, all of it, and a photo goes its way; ghat doctor goes on to say what is missing.
. tests/e2e/lib.sh
[ -z "$SAN" ] || skip "a sanitizer build runs without its walls"
RUN=
trap '[ -z "$RUN" ] || kill "$RUN" 2>/dev/null || :' EXIT
port=$(free_port)
export GHAT_PORT=$port GHAT_HTTPS=
for lack in ENOSYS EPERM; do
    step "$lack: one line"
    rc=0
    tests/without-landlock $lack timeout 60 tools/run.sh "$B" "$TMPDIR/$lack" >"$TMPDIR/said" 2>&1 || rc=$?
    same "its end" "$rc" 1
    same "lines" "$(wc -l <"$TMPDIR/said")" 1
    for w in 'no Landlock here' '[workers] sandbox = seccomp-only' "$TMPDIR/$lack/etc/ghat.conf" 'a hole in it opens files'; do
        grep -F -- "$w" "$TMPDIR/said" >/dev/null || die "it does not say \"$w\": $(cat "$TMPDIR/said")"
    done
done
step "with the key set it runs"
conf=$TMPDIR/EPERM/etc/ghat.conf
printf '\n[workers]\nsandbox = seccomp-only\n' >>"$conf"
looks() { grep "Look  *http://localhost:$port/" "$TMPDIR/said"; }
looks_or_ended() { looks || ! kill -0 "$RUN" 2>/dev/null; }
for try in 1 2 3 4 5; do # another test may have taken the port
    tests/without-landlock EPERM tools/run.sh "$B" "$TMPDIR/EPERM" >"$TMPDIR/said" 2>&1 &
    RUN=$!
    within 60 "it says where to look, or ended" looks_or_ended
    ! looks >/dev/null || break
    was=$port port=$(free_port)
    export GHAT_PORT=$port
    sed -i "s|localhost:$was|localhost:$port|" "$conf"
done
looks >/dev/null || die "it does not say where to look: $(cat "$TMPDIR/said")"
export GHAT_CONF=$conf
curl -sS -o /dev/null "http://localhost:$port/login" || die "no desk"
ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=1200x800 -frames:v 1 -f image2 "$TMPDIR/photo.jpg"
mv "$TMPDIR/photo.jpg" "$TMPDIR/EPERM/srv/drop/Water Supply/"
staged() { [ "$(ghat list --json | jq -r .state)" = staged ]; }
within 60 "the photo is staged" staged
tests/without-landlock EPERM ghat doctor >"$TMPDIR/doctor" 2>&1 || :
grep -i 'landlock' "$TMPDIR/doctor" >/dev/null || die "doctor does not say what is missing: $(cat "$TMPDIR/doctor")"
kill "$RUN"
wait "$RUN" || :
RUN=
