#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# F14: a department's folder that is unmounted, moved, or replaced is offline: nothing it had is forgotten or done again, the others
# work on, and what is dropped when it is back is taken.
# What is mounted is mounted in a name space of our own, and goes with it.
if [ -z "${GHAT_MOUNTS:-}" ] && unshare -m true 2>/dev/null; then GHAT_MOUNTS=1 exec unshare -m "$0"; fi
. tests/e2e/lib.sh
configure intake.scan=1s intake.marker=.mounted
department Water water
department Roads roads
: >"$T/srv/drop/.mounted"
expect_log 'event=department-offline'
expect_log 'event=drop-offline'
expect_log 'event=note-not-written'
start
drop=$T/srv/drop
cp "$(another a.jpg a)" "$drop/Water/a.jpg"
arrives a.jpg staged
offline() { [ "$(ghat status --json | jq .intake.offline)" = "$1" ]; }

step "moved away: offline, and nothing changes in the ledger"
mv "$drop/Water" "$T/aside"
within 30 "it is offline" offline 1
same states "$(list '[.[].state] | join(" ")')" staged
cp "$(another b.jpg b)" "$drop/Roads/b.jpg"
arrives b.jpg staged
mkdir "$drop/Water"
cp "$(another c.jpg c)" "$drop/Water/c.jpg"
arrives c.jpg staged
within 30 "it is back" offline 0
rm -r "$drop/Water"
mv "$T/aside" "$drop/Water"
cp "$(another d.jpg d)" "$drop/Water/d.jpg"
arrives d.jpg staged

step "the whole drop folder without its mount marker: nothing is believed"
mv "$drop/.mounted" "$T/marker"
gone() { [ "$(ghat status --json | jq .intake.offline_all)" = true ]; }
within 30 "it is offline" gone
ghat status | seen OFFLINE || die "ghat status does not say it"
cp "$(another e.jpg e)" "$drop/Water/e.jpg"
mv "$T/marker" "$drop/.mounted"
arrives e.jpg staged
same submissions "$(list length)" 5

step "a file system mounted over a department's folder, and taken off again"
if [ -n "${GHAT_MOUNTS:-}" ] && mount -t tmpfs -o size=20M ghat-test "$drop/Roads"; then
    cp "$(another f.jpg f)" "$drop/Roads/f.jpg"
    arrives f.jpg staged
    umount -l "$drop/Roads"
    cp "$(another g.jpg g)" "$drop/Roads/g.jpg"
    arrives g.jpg staged
    same submissions "$(list length)" 7
fi
