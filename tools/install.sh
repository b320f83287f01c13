#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# install.sh B DESTDIR PREFIX SYSCONFDIR UNITDIR SYSUSERSDIR TMPFILESDIR LIBEXECDIR DATADIR DOCDIR MANDIR: called by `make install`.
# Starts nothing; of what lies in SYSCONFDIR nothing is overwritten.
set -eu
B=$1 D=$2 PREFIX=$3 SYSCONFDIR=$4 UNITDIR=$5 SYSUSERSDIR=$6 TMPFILESDIR=$7 LIBEXECDIR=$8 DATADIR=$9
shift 9
DOCDIR=$1 MANDIR=$2

put() { # MODE FILE FOLDER [NAME]
    mkdir -p "$D$3"
    install -m "$1" "$2" "$D$3/${4:-$(basename "$2")}"
}
fill() { # FILE FOLDER NAME: with the paths it was installed for
    mkdir -p "$D$2"
    sed "s|@PREFIX@|$PREFIX|g; s|@SYSCONFDIR@|$SYSCONFDIR|g; s|@DOCDIR@|$DOCDIR|g" "$1" >"$D$2/.$3.new"
    chmod 644 "$D$2/.$3.new"
    mv "$D$2/.$3.new" "$D$2/$3"
}

put 755 "$B/ghat" "$PREFIX/bin"
put 644 ctl/completion.bash "$PREFIX/share/bash-completion/completions" ghat
put 755 "$B/ghatd" "$PREFIX/sbin"
put 755 "$B/ghat-desk" "$PREFIX/sbin"
put 755 "$B/ghat-post" "$PREFIX/sbin"
put 755 "$B/ghat-worker" "$LIBEXECDIR"
for f in profiles/*.profile; do put 644 "$f" "$DATADIR/profiles"; done
for f in docs/man/*.[1-8]; do fill "$f" "$MANDIR/man${f##*.}" "$(basename "$f")"; done
for f in README.md CHANGELOG.md SECURITY.md LICENSE docs/*.md; do put 644 "$f" "$DOCDIR"; done
for f in systemd/*.service systemd/*.socket systemd/*.timer systemd/*.slice; do fill "$f" "$UNITDIR" "$(basename "$f")"; done
fill systemd/ghat.sysusers "$SYSUSERSDIR" ghat.conf
fill systemd/ghat.tmpfiles "$TMPFILESDIR" ghat.conf

fill docs/ghat.conf "$DOCDIR/examples" ghat.conf
fill docs/department.conf "$DOCDIR/examples" department.conf
fill docs/reasons.ini "$DOCDIR/examples" reasons.ini
for f in systemd/hardware-encoder.conf docs/monitoring/* docs/sms-gateway.*; do put 644 "$f" "$DOCDIR/examples"; done
fill docs/agency-sftp.conf "$DOCDIR/examples" agency-sftp.conf
fill docs/agency-samba.conf "$DOCDIR/examples" agency-samba.conf
for f in docs/desk-nginx.conf docs/desk-apache.conf; do put 644 "$f" "$DOCDIR/examples"; done
mkdir -p "$D$SYSCONFDIR/ghat/departments" "$D$SYSCONFDIR/ghat/profiles"
[ -e "$D$SYSCONFDIR/ghat/ghat.conf" ] || fill docs/ghat.conf "$SYSCONFDIR/ghat" ghat.conf
