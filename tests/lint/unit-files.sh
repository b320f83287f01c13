#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The unit as installed is valid and as confined as it should be: exposure at most 1.5.
set -u
command -v systemd-analyze >/dev/null || { echo "no systemd-analyze here"; exit 77; }
T=$TMPDIR
tools/install.sh "$B" "$T" /usr /etc /usr/lib/systemd/system /usr/lib/sysusers.d /usr/lib/tmpfiles.d /usr/libexec/ghat /usr/share/ghat \
    /usr/share/doc/ghat /usr/share/man || exit 1
unit=$T/usr/lib/systemd/system/ghatd.service
bad=0
if grep -rn '@[A-Z]*@' "$T/usr/lib" "$T/etc"; then echo "a path was left open"; bad=1; fi
# verify looks for the programs: give it a copy that names them where they are
sed "s|ExecStart=/usr|ExecStart=$T/usr|; /^Documentation/s|file:.*||" "$unit" >"$T/ghatd.service"
out=$(systemd-analyze verify --man=no --recursive-errors=no "$T/ghatd.service" 2>&1) || bad=1
[ -z "$out" ] || { echo "$out"; bad=1; }
score=$(systemd-analyze security --offline=true --threshold=15 "$unit" 2>&1) || { echo "$score"; bad=1; }
echo "$score" | tail -n 1
exit $bad
