#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A fresh Debian 12 with git and make and nothing else: clone, make run (drop, staged, Ctrl-C), make check; GHAT_FRESH_CHECK=check-fast: that in
# its place.
. "$(dirname "$0")/root.sh"
[ -z "$SAN" ] || { echo "not with a sanitizer"; exit 77; }
base_root fresh git,make
copy_root fresh
git clone -q "$ROOT" "$R/root/ghat"
# npm's registry is believed by whom this machine believes, be it a proxy of its own.
cp /etc/ssl/certs/ca-certificates.crt "$R/root/believed.pem"
[ -z "${GHAT_FRESH_CORPUS:-}" ] || cp -a "$ROOT/../shared" "$R/root/shared"
cat >"$R/root/inside.sh" <<'I'
set -euo pipefail
cd /root/ghat
make run >/tmp/run.log 2>&1 </dev/null &
end=$((SECONDS + 1200))
until grep -q event=ready /tmp/run.log; do
    [ $SECONDS -lt $end ] && kill -0 $! || { tail -n 60 /tmp/run.log; echo "FAILED: make run"; exit 1; }
    sleep 1
done
sed -n '/^  Drop/,$p' /tmp/run.log
cp tests/fuzz/corpus/fuzz_photo/444.jpg "run/srv/drop/Water Supply/photo.jpg"
for i in $(seq 60); do build/gcc/ghat -c run/etc/ghat.conf list >/tmp/list; grep -q staged /tmp/list && break; sleep 1; done
cat /tmp/list
grep -q staged /tmp/list || { tail -n 20 /tmp/run.log; echo "FAILED: nothing was staged"; exit 1; }
kill -TERM "$(grep -lx ghatd /proc/[0-9]*/comm | sed -n 1p | cut -d/ -f3)" # a shell's background jobs ignore SIGINT
wait %1 || { echo "FAILED: make run ended with $?"; exit 1; }
tail -n 3 /tmp/run.log
rc=0
make "$GHAT_FRESH_CHECK" WERROR=1 </dev/null >/root/check.log 2>&1 || rc=$?
grep -E '^(ok|skip)' /root/check.log
sed -n '/^FAIL/,/^[^ F]/{/^[ F]/p}' /root/check.log # last, so that whoever sees the end only sees why
tail -n 2 /root/check.log
exit $rc
I
rc=0
systemd-nspawn -q --register=no --keep-unit --resolv-conf=copy-host --setenv=NODE_EXTRA_CA_CERTS=/root/believed.pem --setenv=GHAT_FRESH_CHECK="${GHAT_FRESH_CHECK:-check}" --system-call-filter='landlock_create_ruleset landlock_add_rule landlock_restrict_self seccomp' --console=pipe -D "$R" /bin/bash /root/inside.sh </dev/null || rc=$?
# What the inner make check came to is the result, and shown though this passes.
tail -n 1 "$R/root/check.log" 2>/dev/null | sed 's/^/in the fresh root: /' | tee -a "${GHAT_FRESH_TELL:-/dev/null}"
exit $rc
