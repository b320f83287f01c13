#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The units as installed are valid and as confined as they should be: exposure at most 1.0, and 1.5 of what connects to the
# network.
set -u
T=$TMPDIR
tools/install.sh "$B" "$T" /usr /etc /usr/lib/systemd/system /usr/lib/sysusers.d /usr/lib/tmpfiles.d /usr/libexec/ghat /usr/share/ghat \
    /usr/share/doc/ghat /usr/share/man || exit 1
bad=0
if grep -rn '@[A-Z]*@' "$T/usr/lib" "$T/etc"; then echo "a path was left open"; bad=1; fi
for file in "$T"/usr/lib/systemd/system/*.service; do
    name=$(basename "$file" .service) unit=$T/usr/lib/systemd/system/$name.service
    # verify looks for the programs: give it a copy that names them where they are
    mkdir -p "$T/copy"
    for f in "$T/usr/lib/systemd/system/$name".*; do sed "s|^\(Exec[A-Za-z]*=\)/usr|\1$T/usr|; /^Documentation/s|file:.*||" "$f" >"$T/copy/${f##*/}"; done
    out=$(systemd-analyze verify --man=no --recursive-errors=no "$T/copy/$name".* 2>&1) || bad=1
    if [ $bad = 1 ]; then echo "$out"; elif grep -F "$name" <<<"$out"; then bad=1; fi # what it says of the machine is no fault of the unit
    case $name in ghat-post) most=15 ;; *) most=10 ;; esac
    score=$(systemd-analyze security --offline=true --threshold=$most "$unit" 2>&1) || { echo "$score"; bad=1; }
    echo "$score" | tail -n 1
done
exit $bad
