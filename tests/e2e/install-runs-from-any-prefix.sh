#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# make install puts everything below PREFIX, SYSCONFDIR and UNITDIR; programs run from there; what is in SYSCONFDIR is never overwritten,
# nor taken away by make uninstall.
. tests/e2e/lib.sh
unset GHAT_CONF
P=$T/p
mkdir -p "$T"
cp -a "$B" "$T/B" # only what knows its paths is built again
build() { env -u MAKEFLAGS -u MAKELEVEL make -s B="$T/B" SAN="$SAN" PREFIX="$P/usr" SYSCONFDIR="$P/etc" UNITDIR="$P/units" "$@" >"$TMPDIR/make" 2>&1 || { cat "$TMPDIR/make"; die "make $*"; }; }
build install
for f in usr/bin/ghat usr/sbin/ghatd usr/libexec/ghat/ghat-worker usr/share/ghat/profiles/fb.photo.profile units/ghatd.service \
    usr/lib/sysusers.d/ghat.conf usr/lib/tmpfiles.d/ghat.conf etc/ghat/ghat.conf usr/share/man/man8/ghatd.8 usr/share/doc/ghat/LICENSE; do
    [ -s "$P/$f" ] || die "$f is not there"
done
has "$P/units/ghatd.service" "ExecStart=$P/usr/sbin/ghatd -c $P/etc/ghat/ghat.conf"
! grep -rn '@[A-Z]*@' "$P" --include='*.service' --include='*.conf' --include='*.[158]' || die "a path was left open"
rm -rf "$T/B/ghat"* # nothing may come from the build folder

step "render runs from there, with its profiles and its worker"
cd "$TMPDIR"
"$P/usr/bin/ghat" render -o o -p wa.photo "$(media photo.jpg)" >/dev/null
[ -s o/wa.photo/photo.jpg ] || die "nothing was rendered"
"$P/usr/sbin/ghatd" --check

step "with DESTDIR nothing else is touched; what an admin wrote stays"
cd "$ROOT"
echo '; mine' >>"$P/etc/ghat/ghat.conf"
echo 'old' >"$P/etc/ghat/profiles/fb.photo.profile"
build install
has "$P/etc/ghat/ghat.conf" '; mine'
same "the admin's profile" "$(cat "$P/etc/ghat/profiles/fb.photo.profile")" old
build install DESTDIR="$T/d"
same "what is in DESTDIR" "$(cd "$T/d$P" && find . -type f | sort | md5sum)" "$(cd "$P" && find . -type f ! -path './etc/ghat/profiles/*' | sort | md5sum)"

step "uninstall leaves the configuration"
build uninstall
same "what is left" "$(cd "$P" && find . -type f | sort | tr '\n' ' ')" "./etc/ghat/ghat.conf ./etc/ghat/profiles/fb.photo.profile "
