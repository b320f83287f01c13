#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# F14: a department's folder that is unmounted, moved, or replaced is offline: nothing it had is forgotten or done again, its notes neither, the others
# work on, and what is dropped when it is back is taken. Another folder under its name is believed only when an administrator confirms it.
# What is mounted is mounted in a name space of our own, and goes with it.
if [ -z "${GHAT_MOUNTS:-}" ] && unshare -m true 2>/dev/null; then GHAT_MOUNTS=1 exec unshare -m "$0"; fi
. tests/e2e/lib.sh
configure intake.scan=1s intake.marker=.mounted
department Water water
department Roads roads
: >"$T/srv/drop/.mounted"
expect_log 'event=department-offline'
expect_log 'event=department-unconfirmed'
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

step "another folder in its place: an alarm, and nothing is taken until it is confirmed"
alarm() { [ "$(ghat status --json | jq -r '[.intake.unconfirmed[].department] | sort | join(" ")')" = "$1" ]; }
taken() { ghat list --json | jq -s -e "any(.[]; .name == \"$1\")"; }
mkdir "$drop/Water"
cp "$(another c.jpg c)" "$drop/Water/c.jpg"
within 30 "the alarm" alarm water
never 3 "taken from a folder that nobody confirmed" taken c.jpg
ghat status | seen '^ALARM.*ghat department confirm water' || die "ghat status does not say it"
ghat department show water | seen '^ALARM.*another folder' || die "ghat department show does not say it"
ghat doctor >"$TMPDIR/doctor" || :
seen 'wrong.*ghat department confirm water' <"$TMPDIR/doctor" || die "ghat doctor does not say it"
seen 'not the one that Ghat knew' <"$drop/Water/Status/Ghat.txt" || die "whoever works in it is not told"
ghat department confirm nowhere 2>/dev/null && die "a department that is not there"
ghat department confirm water
arrives c.jpg staged
within 30 "it is back" offline 0
alarm '' || die "there is still an alarm"
[ ! -e "$drop/Water/Status/Ghat.txt" ] || die "the placard still hangs there"
ghat log 1 >/dev/null
rm -r "$drop/Water"
mv "$T/aside" "$drop/Water"
within 30 "the old one is another one now" alarm water
ghat department confirm water
cp "$(another d.jpg d)" "$drop/Water/d.jpg"
arrives d.jpg staged

step "two departments' folders swapped: no file and no note of the one gets to the other"
swap() { mv "$drop/Water" "$T/aside" && mv "$drop/Roads" "$drop/Water" && mv "$T/aside" "$drop/Roads"; }
swap
within 30 "both are offline" alarm 'roads water'
cp "$(another s.jpg s)" "$drop/Water/s.jpg" # by officers of Roads, or of Water: nobody can say
ghat reject "$(number_of b.jpg)" --reason 'only for the roads' --whatever-is-there
never 3 "taken as another department's" taken s.jpg
stop
start
within 30 "both are still offline after a restart" alarm 'roads water'
! grep -rl 'only for the roads' "$drop/Roads" || die "a note in another department's folder"
swap
within 30 "both are back" alarm ''
arrives s.jpg staged
note_says "$drop/Roads/Status/b.jpg.txt" 'only for the roads' # decided while nobody could be told, and ghatd was another one then
same "whose folder it lay in" "$(item "$ID" .department)" roads

step "the whole drop folder without its mount marker: nothing is believed"
mv "$drop/.mounted" "$T/marker"
gone() { [ "$(ghat status --json | jq .intake.offline_all)" = true ]; }
within 30 "it is offline" gone
ghat status | seen OFFLINE || die "ghat status does not say it"
cp "$(another e.jpg e)" "$drop/Water/e.jpg"
mv "$T/marker" "$drop/.mounted"
arrives e.jpg staged
same submissions "$(list length)" 6

step "a file system mounted over a department's folder, and taken off again"
if [ -n "${GHAT_MOUNTS:-}" ] && mount -t tmpfs -o size=20M ghat-test "$drop/Roads"; then
    cp "$(another f.jpg f)" "$drop/Roads/f.jpg"
    within 30 "what is mounted there is another folder" alarm roads
    ghat department confirm roads
    arrives f.jpg staged
    umount -l "$drop/Roads"
    cp "$(another g.jpg g)" "$drop/Roads/g.jpg"
    within 30 "an empty mount point is another folder, too" alarm roads
    never 3 "taken from an empty mount point" taken g.jpg
    ghat department confirm roads
    arrives g.jpg staged
    same submissions "$(list length)" 8
fi

step "two volumes made in the same second, whose roots have one inode number and one birth"
volume() { # SECONDS FOLDER
    truncate -s 16M "$T/$2.img" && mkfs.ext4 -q -O ^has_journal "$T/$2.img" && debugfs -w -R "set_inode_field <2> crtime @$1" "$T/$2.img" 2>/dev/null &&
        debugfs -w -R "set_inode_field <2> crtime_extra 0" "$T/$2.img" 2>/dev/null && mount -o loop "$T/$2.img" "$drop/$2" && rmdir "$drop/$2/lost+found"
}
if [ -n "${GHAT_MOUNTS:-}" ] && [ -e /dev/loop-control ]; then
    PATH=$PATH:/usr/sbin:/sbin
    volume 1700000000 Water || die "a volume cannot be made"
    volume 1700000000 Roads || die "a second volume cannot be made"
    same "their roots" "$(stat -c '%i %W' "$drop/Water")" "$(stat -c '%i %W' "$drop/Roads")"
    within 30 "both are other folders" alarm 'roads water'
    ghat department confirm water
    ghat department confirm roads
    within 30 "both are known" alarm ''
    stop
    start
    alarm '' || die "one is taken for the other after a restart"
    for f in Water Roads; do
        cp "$(another $f.jpg $f)" "$drop/$f/$f.jpg"
        arrives $f.jpg staged
        same "whose it is" "$(item "$ID" .department)" "${f,,}"
    done
fi
