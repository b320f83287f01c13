# SPDX-License-Identifier: GPL-3.0-or-later
# Debian 12 roots for the tests of this folder. base_root: path of a minimal one, made with debootstrap once and kept in
# $GHAT_ROOTS (/var/tmp/ghat-roots). copy_root BASE: a copy of it below $TMPDIR, path in R.
set -euo pipefail
PATH=$("$(dirname "$0")/../path.sh" "$B/tests/path" build check boot) || { echo "no Debian here"; exit 77; }
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
