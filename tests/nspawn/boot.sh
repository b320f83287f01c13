#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Installed into a Debian 12 root that is booted for real: systemd starts ghatd confined as its unit says; an officer drops, an approver
# approves, the agency collects, each as a user of its own; restart, reload, kill, stop. What happens inside is in boot-inside.sh.
. "$(dirname "$0")/root.sh"
. /etc/os-release
[ "${VERSION_ID:-}" = 12 ] || { echo "programs built here run on Debian 12 only if this is one"; exit 77; }
[ -n "$SAN" ] && { echo "not with a sanitizer"; exit 77; }

# What apt would install for a package of Ghat, and what the test inside looks with.
base_root boot systemd,systemd-sysv,dbus,procps,jq,libimage-exiftool-perl,libvips42,libavcodec59,libavformat59,libavfilter8,libavutil57,\
libswscale6,libswresample4,libjpeg62-turbo,libzimg2,libexif12,libarchive13,libexpat1,liblcms2-2,libseccomp2,libinih1,libjansson4,libssl3,libutf8proc2,libsqlite3-0,libsystemd0
copy_root boot

# programs know where they are installed: built anew for these paths beside the others
cp -a "$B" "$TMPDIR/B"
make -s -j2 B="$TMPDIR/B" PREFIX=/usr SYSCONFDIR=/etc DESTDIR="$R" UNITDIR=/usr/lib/systemd/system install
cp "$ROOT/tests/nspawn/boot-inside.sh" "$R/root/inside.sh"
ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=1600x1200,format=yuvj420p -frames:v 1 -q:v 3 -f image2 -y "$R/root/photo.jpg"
exiftool -q -overwrite_original -GPSLatitude=22.5726 -GPSLatitudeRef=N "$R/root/photo.jpg"
ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=640x360:r=25:d=6 -f lavfi -i sine=440:d=6 -c:v libx264 -preset ultrafast -pix_fmt yuv420p \
    -c:a aac -y "$R/root/clip.mp4"
cat >"$R/etc/systemd/system/inside.service" <<U
[Unit]
Description=what the boot test does inside
[Service]
Type=oneshot
ExecStart=/bin/bash -c '/bin/bash /root/inside.sh >/root/inside.log 2>&1; echo \$? >/root/inside.rc; systemctl poweroff --no-block'
TimeoutStartSec=450
[Install]
WantedBy=multi-user.target
U
mkdir -p "$R/etc/systemd/system/multi-user.target.wants"
ln -s ../inside.service "$R/etc/systemd/system/multi-user.target.wants/"
# nspawn filters system calls itself: what ghat-worker locks itself in with must get through
timeout 480 systemd-nspawn -q --register=no --keep-unit --resolv-conf=off --system-call-filter='landlock_create_ruleset landlock_add_rule landlock_restrict_self seccomp' --console=pipe -b -D "$R" \
    >"$TMPDIR/console" 2>&1 </dev/null || :
cat "$R/root/inside.log" 2>/dev/null || { tail -n 50 "$TMPDIR/console"; echo "it never came so far"; exit 1; }
exit "$(cat "$R/root/inside.rc" 2>/dev/null || echo 1)"
