#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `ghat doctor` makes the trial that ghatd makes before it starts, and says what came of it; with a worker whose walls do not hold it says that,
# and ghatd does not start.
. tests/e2e/lib.sh
[ -z "${GHAT_UNCONFINED:-}" ] || skip "a sanitizer build runs without its walls"
configure
department Water water
start
ghat doctor --json >"$TMPDIR/doctor" || :
line=$(jq -s -r '.[] | select(.check == "sandbox") | .grade + " " + .text' "$TMPDIR/doctor")
grep -qE '^[a-z]+ [0-9]+ forbidden acts tried, all refused: seccomp filter of [0-9]+ instructions, Landlock ABI [0-9]+' <<<"$line" || die "doctor says: $line"
[ "$(grep -oE '[0-9]+ forbidden' <<<"$line" | cut -d' ' -f1)" -ge 10 ] || die "too few acts: $line"
stop
step "walls that do not hold"
cat >"$TMPDIR/worker" <<'W'
#!/bin/sh
echo "FAIL  open a file: it could"
exit 1
W
chmod +x "$TMPDIR/worker"
configure paths.worker="$TMPDIR/worker"
expect_log 'event=(selftest|cannot-start) '
ghat doctor >"$TMPDIR/doctor" && die "doctor finds nothing wrong"
has "$TMPDIR/doctor" 'open a file: it could'
rc=0
timeout 60 "$B/ghatd" -c "$CONF" >>"$LOG" 2>&1 || rc=$?
[ $rc != 0 ] && [ $rc != 124 ] || die "ghatd starts with it ($rc)"
