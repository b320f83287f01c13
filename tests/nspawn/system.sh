#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A site's first days in a booted Debian 12 root with a network of its own: both packages of build/deb installed, `ghat setup` with answers, a
# photo over Samba, approved in Chromium behind nginx, fetched over SFTP, a question answered by file, a reload, each program killed, full disks,
# a reboot in the middle of a video, remove and purge, and an upgrade from the last commit's packages (build/deb-before, see system-before.sh). What
# happens inside is in system-inside.sh; it is judged by sha256sum, exiftool and ffprobe there, and once more here, after the root has ended.
# GHAT_SYSTEM_TELL: where to say what happened as well as here, which nobody sees of a test that passes.
SETS=deb
. "$(dirname "$0")/root.sh"
[ -z "$SAN" ] || { echo "not with a sanitizer"; exit 77; }
packages
[ -z "${GHAT_SYSTEM_TELL:-}" ] || exec > >(tee -a "$GHAT_SYSTEM_TELL")
began=$SECONDS
. "$ROOT/tests/desk/node.sh"
why=$(fetch_node) || { echo "$why"; exit 77; }
base_root system systemd,systemd-sysv,dbus,procps,adduser,jq,sqlite3,curl,libimage-exiftool-perl,ffmpeg,samba,smbclient,openssh-server,openssh-client,\
nginx,apache2,chromium,nodejs,python3,openssl,$LIBRARIES
copy_root system
for unit in smbd nmbd samba-ad-dc nginx apache2 ssh; do rm -f "$R/etc/systemd/system/multi-user.target.wants/$unit.service"; done
for deb in "${debs[@]}"; do
    name=$(dpkg-deb -f "$deb" Package)
    cp "$deb" "$R/root/${name}_now.deb"
    newer "$deb" "$R/root/${name}_after.deb"
    before=("$ROOT"/build/deb-before/"${name}"_[0-9]*.deb)
    if [ -e "${before[0]}" ]; then cp "${before[0]}" "$R/root/${name}_before.deb"; else
        cp "$deb" "$R/root/${name}_before.deb"
        echo "there is no package of the last commit: this one's takes its place"
    fi
done
make_media
ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=1280x720:r=30:d=40 -f lavfi -i sine=330:d=40 -c:v libx264 -preset ultrafast -crf 20 -pix_fmt yuv420p \
    -c:a aac -y "$R/root/long.mp4"
mkdir -p "$R/etc/ssl/ghat"
certificate "$R/root/tls"
cp "$R/root/tls/certificate" "$R/etc/ssl/ghat/cert.pem"
cp "$R/root/tls/key" "$R/etc/ssl/ghat/key.pem"
cp -a "$GHAT_NODE" "$R/root/node"
cp "$ROOT/tests/desk/watch.mjs" "$ROOT/tests/e2e/letterbox.py" "$R/root/"
{ for f in photo.jpg long.mp4; do (cd "$R/root" && sha256sum $f); done; } >"$TMPDIR/dropped"
echo "the root is ready after $((SECONDS - began)) s"

# from the end of make deb, as far as this run made it: then the root's own time is part of it
date -r "${debs[1]}" +%s >"$R/root/made"
rc=0
(PRIVATE=1 boot_root system-inside.sh 1500) || rc=$?
echo "all of it took $((SECONDS - began)) s"
[ $rc = 0 ] || exit $rc

# What lies there now, without anything of the root's.
first=$R/srv/first
while read -r sum name; do
    find "$first/archive" "$first/spool" -type f -exec sha256sum {} + | grep "^$sum" >/dev/null || { echo "FAIL the original of $name is not there"; rc=1; }
done <"$TMPDIR/dropped"
for out in "$first"/outbox/*/*/; do
    (cd "$out" && sha256sum --quiet --strict -c SHA256SUMS) || { echo "FAIL $out"; rc=1; }
done
if exiftool -q -if '$GPSLatitude' -p '$FileName' -r "$first/outbox" | grep .; then echo "FAIL a position left"; rc=1; fi
exit $rc
