#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Installed into a Debian 12 root that is booted for real: systemd starts ghatd confined as its unit says; an officer drops, an approver
# approves, the agency collects, each as a user of its own; restart, reload, kill, stop. What happens inside is in boot-inside.sh.
. "$(dirname "$0")/root.sh"
. /etc/os-release
[ "${VERSION_ID:-}" = 12 ] || { echo "programs built here run on Debian 12 only if this is one"; exit 77; }
[ -n "$SAN" ] && { echo "not with a sanitizer"; exit 77; }

# What apt would install for a package of Ghat, and what the test inside looks with.
base_root boot systemd,systemd-sysv,dbus,procps,jq,libimage-exiftool-perl,$LIBRARIES
copy_root boot

# programs know where they are installed: built anew for these paths beside the others
cp -a "$B" "$TMPDIR/B"
make -s -j2 B="$TMPDIR/B" PREFIX=/usr SYSCONFDIR=/etc DESTDIR="$R" UNITDIR=/usr/lib/systemd/system install
make_media
boot_root boot-inside.sh 450
