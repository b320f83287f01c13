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

# make_media: a photo that says where it was taken, and a clip, in /root of the root
make_media() {
    ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=1600x1200,format=yuvj420p -frames:v 1 -q:v 3 -f image2 -y "$R/root/photo.jpg"
    exiftool -q -overwrite_original -GPSLatitude=22.5726 -GPSLatitudeRef=N "$R/root/photo.jpg"
    ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=640x360:r=25:d=6 -f lavfi -i sine=440:d=6 -c:v libx264 -preset ultrafast -pix_fmt yuv420p \
        -c:a aac -y "$R/root/clip.mp4"
}
# boot_root SCRIPT SECONDS: boot the root, which runs the script of this folder and ends; its output is shown, its result the result
boot_root() {
    cp "$ROOT/tests/nspawn/$1" "$R/root/inside.sh"
    cp "$ROOT/tests/nspawn/judge.sh" "$R/root/"
    cat >"$R/etc/systemd/system/inside.service" <<U
[Unit]
Description=what the boot test does inside
[Service]
Type=oneshot
ExecStart=/bin/bash -c '/bin/bash /root/inside.sh >/root/inside.log 2>&1; echo \$? >/root/inside.rc; systemctl poweroff --no-block'
TimeoutStartSec=$2
[Install]
WantedBy=multi-user.target
U
    mkdir -p "$R/etc/systemd/system/multi-user.target.wants"
    ln -s ../inside.service "$R/etc/systemd/system/multi-user.target.wants/"
    # nspawn filters system calls itself: what ghat-worker locks itself in with must get through
    timeout $(($2 + 30)) systemd-nspawn -q --register=no --keep-unit --resolv-conf=${RESOLV:-off} --system-call-filter='landlock_create_ruleset landlock_add_rule landlock_restrict_self seccomp' --console=pipe -b -D "$R" \
        >"$TMPDIR/console" 2>&1 </dev/null || :
    cat "$R/root/inside.log" 2>/dev/null || { tail -n 50 "$TMPDIR/console"; echo "it never came so far"; exit 1; }
    exit "$(cat "$R/root/inside.rc" 2>/dev/null || echo 1)"
}
