#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A video whose encoder, in a process of its own, is killed half-way is made again in software: one attempt, nobody's fault, said once.
# libx264 stands in for a device's encoder.
. tests/e2e/lib.sh
configure
department Water water
devices() { pgrep -x ghat-device -P "$1"; }

step "ghatd: made by it, and status says so"
configure workers.encoder=loopback workers.keep=1s
ghat doctor --json >"$TMPDIR/doctor" || :
jq -s -e '.[] | select(.check == "encoder" and .grade == "ok") | .text | test("12 packets of 12 pictures")' "$TMPDIR/doctor" >/dev/null ||
    die "doctor says: $(grep encoder "$TMPDIR/doctor")"
start
cp "$(media clip.mp4)" "$T/srv/drop/Water/first.mp4"
arrives first.mp4 staged 180
made() { ghat status --json | jq -e '.encoder.asked == "loopback" and .encoder.made > 0 and .encoder.fell_back == 0'; }
within 10 "status counts it" made
ghat status | seen -E '^encoder +loopback, [0-9]+ encodes by it, 0 in software' || die "status does not say it: $(ghat status)"

step "its process killed in the middle: made again in software, said once, nobody's fault"
expect_log 'event=encoder-fallback .*why="its process died"'
nursery() { pgrep -P "$DAEMON" -f ghat-worker | first; }
busy() {
    local p
    WORKING=
    for p in $(devices "$(nursery)"); do
        [ "$(awk '{print $14 + $15}' "/proc/$p/stat")" -gt 20 ] && WORKING=$p && return 0
    done
    return 1
}
cp "$(media long.mp4)" "$T/srv/drop/Water/long.mp4"
within 90 "the device's process encodes" busy
busy && kill -KILL "$WORKING"
arrives long.mp4 staged 300
same "attempts and strikes" "$(item "$ID" '.files[0] | "\(.attempts) \(.strikes)"')" "1 0"
same "lines in the log" "$(grep -c 'event=encoder-fallback' "$LOG")" 1
ghat status --json | jq -e '.encoder.fell_back >= 1 and .encoder.why == "its process died"' >/dev/null || die "status does not say it: $(ghat status --json)"
none() { ! devices "$(nursery)"; }
within 20 "no process is left behind" none
