#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A fresh Debian 12 with git and make and nothing else: clone, make run (drop, staged, Ctrl-C), make check.
. "$(dirname "$0")/root.sh"
[ -z "$SAN" ] || { echo "not with a sanitizer"; exit 77; }
base_root fresh git,make
copy_root fresh
git clone -q "$ROOT" "$R/root/ghat"
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
printf 'P6\n320 240\n255\n' >/tmp/p.ppm; head -c 230400 /dev/zero | tr '\0' 'k' >>/tmp/p.ppm
apt-get install -q -y --no-install-recommends libjpeg-turbo-progs >/dev/null
cjpeg /tmp/p.ppm >"run/srv/drop/Water Supply/grey.jpg"
for i in $(seq 60); do build/gcc/ghat -c run/etc/ghat.conf list | grep -q staged && break; sleep 1; done
build/gcc/ghat -c run/etc/ghat.conf list | tee /dev/stderr | grep -q staged
kill -TERM "$(grep -lx ghatd /proc/[0-9]*/comm | head -n 1 | cut -d/ -f3)" # a shell's background jobs ignore SIGINT
wait %1 || { echo "FAILED: make run ended with $?"; exit 1; }
tail -n 3 /tmp/run.log
rc=0
make check WERROR=1 </dev/null >/tmp/check.log 2>&1 || rc=$?
grep -E '^(ok|skip|FAIL|     \|)' /tmp/check.log | grep -v 'insecure memory'
tail -n 2 /tmp/check.log
exit $rc
I
systemd-nspawn -q --register=no --keep-unit --resolv-conf=copy-host --system-call-filter='landlock_create_ruleset landlock_add_rule landlock_restrict_self seccomp' --console=pipe -D "$R" /bin/bash /root/inside.sh </dev/null
