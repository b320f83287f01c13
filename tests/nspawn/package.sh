#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The packages of build/deb: lintian has nothing to say of them; in a booted Debian 12 root apt installs them, upgrades them over a ledger
# of an earlier version, removes and purges them, and nothing of what people brought is lost. What happens inside is in package-inside.sh.
SETS=deb
. "$(dirname "$0")/root.sh"
[ -z "$SAN" ] || { echo "not with a sanitizer"; exit 77; }
packages
lintian --allow-root --fail-on error,warning --info "${debs[@]}" || exit 1

base_root deb systemd,systemd-sysv,dbus,procps,jq,sqlite3,curl,libimage-exiftool-perl
copy_root deb
for deb in "${debs[@]}"; do
    name=$(dpkg-deb -f "$deb" Package)
    cp "$deb" "$R/root/${name}_1_all.deb"
    newer "$deb" "$R/root/${name}_2_all.deb"
done
{ cat "$ROOT/tests/golden/ledger-7.sql" && echo 'PRAGMA application_id = 1195917652; PRAGMA user_version = 7;'; } | sqlite3 "$R/root/ledger-old.db"
make_media
certificate "$R/root/tls"
cp "$(command -v promtool)" "$R/usr/local/bin/"
RESOLV=copy-host # apt inside reaches its mirror
boot_root package-inside.sh 900
