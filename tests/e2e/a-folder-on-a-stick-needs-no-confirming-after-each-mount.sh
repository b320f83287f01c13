#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# On file systems that number their inodes anew at each mount (FAT, exFAT, FUSE, SMB) a department's folder is known by a file in it: after a mount
# nothing is to be confirmed; another folder in its place, one with the file of another department's, one without its file, are not believed.
# Played: what the file system says of itself is changed on its way to ghatd.
. tests/e2e/lib.sh
[ -z "$SAN" ] || skip "faults are preloaded, which a sanitizer does not like"
configure intake.scan=1s
department Water water
department Roads roads
expect_log 'event=department-unconfirmed'
expect_log 'event=department-offline'
expect_log 'event=department-unmarked'
drop=$T/srv/drop
start_as() { # NUMBER: of this mount; 0: a file system whose numbers last
    LD_PRELOAD=$B/tests/faults.so GHAT_FAULT_RENUMBER=$1 "$B/ghatd" -c "$CONF" >>"$LOG" 2>&1 &
    DAEMON=$!
    within 60 "ghatd answers on its socket" ghat status
}
alarm() { [ "$(ghat status --json | jq -r '[.intake.unconfirmed[].department] | sort | join(" ")')" = "$1" ]; }
photo() { # NAME FOLDER: it is taken
    cp "$(another "$1.jpg" "$1")" "$drop/$2/$1.jpg"
    arrives "$1.jpg" staged
}
step "known by number where numbers last: no file"
start_as 0
photo a Water
[ ! -e "$drop/Water/.ghat-folder" ] || die "a file where none is needed"
same "departments that have one" "$(ghat status --json | jq -c .intake.by_file)" '[]'
! ghat department show water | seen '^known by' || die "a file that it has not"
stop
step "where they do not: confirmed once, and by a file from then on; at first sight at once"
department Parks parks
start_as 1
within 30 "the alarm" alarm 'roads water'
[ -e "$drop/Parks/.ghat-folder" ] || die "no file at first sight"
ghat department confirm water
ghat department confirm roads
photo b Water
photo c Roads
same "the token" "$(grep -cE '^[0-9a-f]{32}$' "$drop/Water/.ghat-folder")" 1
same "who may read it" "$(stat -c %a "$drop/Water/.ghat-folder")" 600
step "five mounts later"
for n in 2 3 4 5 6; do
    stop
    start_as $n
done
alarm '' || die "after a mount it has to be confirmed: $(ghat status)"
photo d Water
photo e Roads
step "people are told to leave the file alone, and why"
marks() { ghat status --json | jq -r '.intake | "\(.by_file | sort | join(" ")); \(.unmarked | map(.department) | join(" "))"'; }
same "by their file" "$(marks)" 'parks roads water; '
ghat doctor | seen -E '^ok +departments +known by the file \.ghat-folder .* not to be deleted .*ghat department confirm\): .*water' || die "doctor: $(ghat doctor)"
ghat status | seen -E '^by file +do not delete \.ghat-folder .*water' || die "status: $(ghat status)"
ghat department show water | seen -E '^known by +its file \.ghat-folder: do not delete it; .* offline until ghat department confirm water$' || die "show"
step "a folder that cannot have one"
stop
department Lanes lanes
mkdir "$drop/Lanes/.ghat-folder"
start_as 6
same "by their file" "$(marks)" 'parks roads water; lanes'
ghat doctor | seen -E '^note +departments +lanes is offline after each mount until ghat department confirm lanes, since its folder .*/Lanes needs a file .*let ghatd write' || die "doctor: $(ghat doctor)"
ghat status | seen -E '^UNMARKED +lanes has to be confirmed after each mount' || die "status: $(ghat status)"
ghat department show lanes | seen -E '^UNMARKED +it has to be confirmed after each mount' || die "show"
rmdir "$drop/Lanes/.ghat-folder"
marked() { [ "$(marks)" = 'lanes parks roads water; ' ]; }
within 30 "it has its file" marked
step "another folder in its place"
stop
mv "$drop/Water" "$T/aside"
mkdir "$drop/Water"
start_as 7
within 30 "the alarm" alarm water
cp "$(another f.jpg f)" "$drop/Water/f.jpg"
never 3 "taken from a folder that nobody confirmed" test ! -e "$drop/Water/f.jpg"
step "… with the file of another department's"
cp "$drop/Roads/.ghat-folder" "$drop/Water/.ghat-folder"
ghat department show water | seen "^ALARM" || die "believed"
stop
start_as 8
within 30 "the alarm" alarm water
grep -F 'another department' "$LOG" >/dev/null || die "the log does not say whose it was"
step "… or with one that is no token, a link, a pipe"
for odd in 'echo x' 'ln -s /etc/passwd' 'mkfifo'; do
    rm -f "$drop/Water/.ghat-folder"
    case $odd in echo*) echo x >"$drop/Water/.ghat-folder" ;; *) $odd "$drop/Water/.ghat-folder" ;; esac
    stop
    start_as 9
    within 30 "the alarm: $odd" alarm water
done
rm -f "$drop/Water/.ghat-folder"
step "confirmed with a copy of another's in it: it has its own file, over mounts, and the other keeps its own"
cp "$drop/Roads/.ghat-folder" "$drop/Water/.ghat-folder"
ghat department confirm water
within 30 "known" alarm ''
! cmp -s "$drop/Roads/.ghat-folder" "$drop/Water/.ghat-folder" || die "two folders with one file"
arrives f.jpg staged
stop
start_as 10
alarm '' || die "the confirmation is forgotten"
step "its file is gone while ghatd runs: the same is written again"
cp "$drop/Roads/.ghat-folder" "$T/token"
rm "$drop/Roads/.ghat-folder"
within 30 "written again" cmp -s "$T/token" "$drop/Roads/.ghat-folder"
step "another folder's file comes into it while ghatd runs: an alarm, and not only for what is written"
cp "$drop/Water/.ghat-folder" "$drop/Roads/.ghat-folder"
within 30 "the alarm" alarm roads
cp "$T/token" "$drop/Roads/.ghat-folder"
within 30 "known" alarm ''
step "its file is gone while it does not"
stop
rm "$drop/Roads/.ghat-folder"
start_as 11
within 30 "the alarm" alarm roads
ghat department confirm roads
within 30 "known" alarm ''
