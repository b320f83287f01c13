#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The packages of build/deb: lintian has nothing to say of them; in a booted Debian 12 root apt installs them, upgrades them over a ledger
# of an earlier version, removes and purges them, and nothing of what people brought is lost. What happens inside is in package-inside.sh.
SETS=deb
. "$(dirname "$0")/root.sh"
[ -z "$SAN" ] || { echo "not with a sanitizer"; exit 77; }
debs=("$ROOT"/build/deb/ghat_*.deb "$ROOT"/build/deb/ghat-desk_*.deb)
[ -e "${debs[1]}" ] || { echo "there are no packages: make deb"; exit 77; }
lintian --allow-root --fail-on error,warning --info "${debs[@]}" || exit 1

base_root deb systemd,systemd-sysv,dbus,procps,jq,sqlite3,curl,libimage-exiftool-perl
copy_root deb
version=$(dpkg-deb -f "${debs[0]}" Version)
for deb in "${debs[@]}"; do
    name=$(dpkg-deb -f "$deb" Package)
    cp "$deb" "$R/root/${name}_1_all.deb"
    # the same once more, as a newer one
    dpkg-deb -R "$deb" "$TMPDIR/$name"
    sed -i "s/^Version: .*/Version: $version+1/; s/(= $version)/(= $version+1)/" "$TMPDIR/$name/DEBIAN/control"
    dpkg-deb --root-owner-group -b "$TMPDIR/$name" "$R/root/${name}_2_all.deb" >/dev/null
done
{ cat "$ROOT/tests/golden/ledger-7.sql" && echo 'PRAGMA application_id = 1195917652; PRAGMA user_version = 7;'; } | sqlite3 "$R/root/ledger-old.db"
make_media
mkdir -m 700 "$R/root/tls"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
    -keyout "$R/root/tls/key" -out "$R/root/tls/certificate" 2>/dev/null
cp "$(command -v promtool)" "$R/usr/local/bin/"
RESOLV=copy-host # apt inside reaches its mirror
boot_root package-inside.sh 900
