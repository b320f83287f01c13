#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# deps.sh [--list] [build] [check] [boot] [deb]: install the Debian packages that are missing to build and run Ghat, to test it, for tests in roots
# of their own, or to make and judge packages. Asks once on a terminal, never without one. Says nothing and ends at once when everything is there. --list: only name them.
set -eu

build='build-essential pkg-config libavcodec-dev libavformat-dev libavfilter-dev libavutil-dev libswscale-dev libswresample-dev
libvips-dev libjpeg62-turbo-dev libzimg-dev libexif-dev libinih-dev libjansson-dev libsqlite3-dev libssl-dev libseccomp-dev
libsystemd-dev libcmocka-dev libutf8proc-dev liblcms2-dev libpango1.0-dev libarchive-dev libexpat1-dev libical-dev gettext
liboath-dev libqrencode-dev libmicrohttpd-dev libgnutls28-dev libsodium-dev zlib1g-dev libcurl4-openssl-dev openssl'
check='ffmpeg libimage-exiftool-perl libjpeg-turbo-progs libvips-tools sqlite3 jq samba smbclient rsync python3 strace file procps e2fsprogs
systemd clang clang-format mandoc fonts-lohit-beng-bengali fonts-lohit-deva openssh-client openssh-server openssh-sftp-server curl unzip
libarchive-tools p7zip-full chromium nodejs python3-aiosmtpd nginx-light'
boot='debootstrap systemd-container git'
deb='debhelper lintian fakeroot prometheus'

# Some builds of nodejs bring npm along and refuse Debian's.
[ -e /usr/bin/npm ] && [ ! -e /var/lib/dpkg/info/npm.list ] || check="$check npm"

list=
[ "${1:-}" != --list ] || { list=1; shift; }
wanted=
for set in "${@:-build}"; do
    case $set in
    build) wanted="$wanted $build" ;;
    check) wanted="$wanted $check" ;;
    boot) wanted="$wanted $boot" ;;
    deb) wanted="$wanted $deb" ;;
    *) echo "deps: $set: build, check, boot or deb" >&2; exit 2 ;;
    esac
done
[ -z "$list" ] || { printf '%s\n' $wanted; exit 0; }

if ! command -v dpkg-query >/dev/null; then
    echo "deps: this is no Debian; install what these Debian packages hold:" $wanted >&2
    exit 0
fi
have=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' $wanted 2>/dev/null | sed -n 's/^installed //p' || :)
missing=
for p in $wanted; do
    case "
$have
" in *"
$p
"*) ;; *) missing="$missing $p" ;; esac
done
[ -n "$missing" ] || exit 0

root=
if [ "$(id -u)" != 0 ]; then
    root=sudo
    command -v sudo >/dev/null || { echo "deps: not root, and no sudo here. As root: apt-get install --no-install-recommends$missing" >&2; exit 1; }
fi
echo "Missing here:$missing"
echo "They are installed with: ${root:+$root }apt-get update && ${root:+$root }apt-get install --no-install-recommends …"
case $missing in *' samba'*) echo "samba is for one test; the file server that Debian starts with it is switched off again." ;; esac
case $missing in *' nginx-light'*) echo "nginx is for one test; the web server that Debian starts with it is switched off again." ;; esac
if [ -t 0 ] && [ -t 1 ]; then
    printf 'Go on? [Y/n] '
    read -r answer || answer=n
    case $answer in ''|y|Y|yes) ;; *) echo "deps: nothing was installed" >&2; exit 1 ;; esac
fi
$root apt-get update -q
$root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
case $missing in *' samba'*)
    if [ -d /run/systemd/system ]; then $root systemctl disable -q --now smbd nmbd samba-ad-dc || :; fi ;;
esac
case $missing in *' nginx-light'*)
    if [ -d /run/systemd/system ]; then $root systemctl disable -q --now nginx || :; fi ;;
esac
