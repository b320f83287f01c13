# SPDX-License-Identifier: GPL-3.0-or-later
# Debian 12 roots for the tests of this folder. base_root: path of a minimal one, made with debootstrap once and kept in
# $GHAT_ROOTS (/var/tmp/ghat-roots). SETS: further sets of tools/deps.sh whose programs are used. copy_root BASE: a copy of it below $TMPDIR, path in R.
set -euo pipefail
PATH=$("$(dirname "$0")/../path.sh" "$B/tests/path" build check boot ${SETS:-}) || { echo "no Debian here"; exit 77; }
[ "$(id -u)" = 0 ] || { echo "needs root"; exit 77; }
command -v debootstrap >/dev/null && command -v systemd-nspawn >/dev/null || { echo "needs debootstrap and systemd-container"; exit 77; }
ROOTS=${GHAT_ROOTS:-/var/tmp/ghat-roots}
MIRROR=${GHAT_MIRROR:-$(sed -n 's/^URIs: *\(http[^ ]*debian\)\/\{0,1\}$/\1/p; s/^deb [^#]*\(http[^ ]*debian\)\/\{0,1\} bookworm main.*/\1/p' \
    /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | sed -n 1p || :)}
R=$TMPDIR/root
# What apt installs for the packages of Ghat; for roots in which it cannot.
LIBRARIES=libvips42,libavcodec59,libavformat59,libavfilter8,libavutil57,libswscale6,libswresample4,libjpeg62-turbo,libzimg2,libexif12,libarchive13,\
libexpat1,liblcms2-2,libseccomp2,libinih1,libjansson4,libssl3,libutf8proc2,libsqlite3-0,libsystemd0,libpangocairo-1.0-0,libical3,liboath0,libqrencode4,\
libmicrohttpd12,libsodium23,libcurl4,zlib1g

# base_root NAME PACKAGES: a minimal root, and these packages installed in it by apt
base_root() {
    local base=$ROOTS/$1
    [ ! -e "$base/.complete" ] || return 0
    local http_proxy=${http_proxy:-}
    mkdir -p "$ROOTS"
    eval "$(apt-config shell http_proxy Acquire::http::Proxy)" # as apt of this machine reaches its mirror, so do debootstrap and apt in the root
    export http_proxy
    rm -rf --one-file-system "$base"
    {
        debootstrap --variant=minbase --include=ca-certificates bookworm "$base" "${MIRROR:-http://deb.debian.org/debian}" &&
            { [ -z "$http_proxy" ] || echo "Acquire::http::Proxy \"$http_proxy\";" >"$base/etc/apt/apt.conf.d/00proxy"; } &&
            systemd-nspawn -q --register=no --keep-unit --resolv-conf=copy-host --console=pipe -D "$base" --setenv=DEBIAN_FRONTEND=noninteractive \
                apt-get install -q -y --no-install-recommends ${2//,/ } </dev/null
    } >"$TMPDIR/base" 2>&1 || { tail -n 20 "$TMPDIR/base"; exit 1; }
    rm -f "$base"/var/cache/apt/archives/*.deb
    touch "$base/.complete"
}
copy_root() {
    cp -a --reflink=auto "$ROOTS/$1" "$R"
    trap 'rm -rf --one-file-system "$R"' EXIT
}

# packages: the two of build/deb, in debs; skips where they are not made. newer DEB FILE: the same once more, as a newer one.
packages() {
    debs=("$ROOT"/build/deb/ghat_*.deb "$ROOT"/build/deb/ghat-desk_*.deb)
    [ -e "${debs[1]}" ] || { echo "there are no packages: make deb"; exit 77; }
}
newer() {
    local name version
    name=$(dpkg-deb -f "$1" Package)
    version=$(dpkg-deb -f "$1" Version)
    rm -rf "$TMPDIR/newer"
    dpkg-deb -R "$1" "$TMPDIR/newer"
    sed -i "s/^Version: .*/Version: $version+1/; s/(= $version)/(= $version+1)/" "$TMPDIR/newer/DEBIAN/control"
    dpkg-deb --root-owner-group -b "$TMPDIR/newer" "$2" >/dev/null
}
# certificate FOLDER: one for localhost that vouches for itself, and its key, for root alone
certificate() {
    mkdir -p -m 700 "$1"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
        -keyout "$1/key" -out "$1/certificate" 2>/dev/null
}
# make_media: a photo that says where it was taken, and a clip, in /root of the root
make_media() {
    ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=1600x1200,format=yuvj420p -frames:v 1 -q:v 3 -f image2 -y "$R/root/photo.jpg"
    exiftool -q -overwrite_original -GPSLatitude=22.5726 -GPSLatitudeRef=N "$R/root/photo.jpg"
    ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=640x360:r=25:d=6 -f lavfi -i sine=440:d=6 -c:v libx264 -preset ultrafast -pix_fmt yuv420p \
        -c:a aac -y "$R/root/clip.mp4"
}
# boot_root SCRIPT SECONDS: boot the root, which runs the script of this folder and ends; its output is shown, its result the result.
# RESOLV=copy-host: names can be resolved in it; PRIVATE=1: it has a network of its own, and nothing but a loopback there. A script that
# reboots runs again from its beginning.
boot_root() {
    cp "$ROOT/tests/nspawn/$1" "$R/root/inside.sh"
    cp "$ROOT/tests/nspawn/judge.sh" "$R/root/"
    cat >"$R/etc/systemd/system/inside.service" <<U
[Unit]
Description=what the boot test does inside
[Service]
Type=oneshot
ExecStart=/bin/bash -c '/bin/bash /root/inside.sh >>/root/inside.log 2>&1; echo \$? >/root/inside.rc; systemctl poweroff --no-block'
TimeoutStartSec=$2
[Install]
WantedBy=multi-user.target
U
    mkdir -p "$R/etc/systemd/system/multi-user.target.wants"
    ln -s ../inside.service "$R/etc/systemd/system/multi-user.target.wants/"
    # nspawn filters system calls itself: what ghat-worker locks itself in with must get through
    local rc=133 # it was told to reboot
    while [ $rc = 133 ]; do
        rc=0
        timeout $(($2 + 30)) systemd-nspawn -q --register=no --keep-unit --resolv-conf=${RESOLV:-off} ${PRIVATE:+--private-network} \
            --system-call-filter='landlock_create_ruleset landlock_add_rule landlock_restrict_self seccomp' --console=pipe -b -D "$R" >>"$TMPDIR/console" 2>&1 </dev/null || rc=$?
    done
    cat "$R/root/inside.log" 2>/dev/null || { tail -n 50 "$TMPDIR/console"; echo "it never came so far"; exit 1; }
    exit "$(cat "$R/root/inside.rc" 2>/dev/null || echo 1)"
}
