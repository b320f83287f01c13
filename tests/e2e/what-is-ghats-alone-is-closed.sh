#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# .taken/ holds other departments' originals: one that somebody else put into drop/, or that others may enter, is refused at the start and
# when another disk is mounted. Archive and quarantine are closed to others, whoever made them.
. tests/e2e/lib.sh
configure
department Water water
refuses() { # what
    local rc=0
    timeout 60 "$B/ghatd" -c "$CONF" >"$TMPDIR/said" 2>&1 || rc=$?
    [ $rc = 2 ] || die "$1: ghatd ended with $rc, should be 2"
    seen '\.taken' <"$TMPDIR/said" || { cat "$TMPDIR/said"; die "$1: it does not say why"; }
}
taken=$T/srv/drop/.taken
step "a .taken of others"
for mode in 0777 0750 0701; do
    mkdir -m $mode "$taken"
    refuses "mode $mode"
    rmdir "$taken"
done
if [ "$(id -u)" = 0 ]; then
    mkdir -m 0700 "$taken" && chown 65534 "$taken"
    refuses "another owner"
    rmdir "$taken"
fi
ln -s /tmp "$taken"
refuses "a link"
rm "$taken"

step "drop/: nobody but its owner renames folders in it"
chmod 0777 "$T/srv/drop"
start
same "mode of drop" "$(stat -c %a "$T/srv/drop")" 755
stop
if [ "$(id -u)" = 0 ]; then
    expect_log 'event=drop-open'
    chown 65534 "$T/srv/drop" && chmod 0771 "$T/srv/drop"
    start
    ghat doctor >"$TMPDIR/doctor" || :
    seen "others may rename departments' folders" <"$TMPDIR/doctor" || die "doctor does not say that others may write in drop/"
    stop
    chown 0 "$T/srv/drop" && chmod 0755 "$T/srv/drop"
fi

step "archive and quarantine"
mkdir -p "$T/srv/archive" "$T/srv/quarantine"
chmod 0755 "$T/srv/archive"
chmod 0770 "$T/srv/quarantine"
start
for d in archive quarantine spool drop/.taken; do same "mode of $d" "$(stat -c %a "$T/srv/$d")" 700; done
cp "$(another a.jpg one)" "$T/srv/drop/Water/a.jpg"
arrives a.jpg staged
