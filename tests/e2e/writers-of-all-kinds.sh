#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How programs on the server itself write: cp, dd in small steps, scp and sftp (in place, time stamps set last), space allocated
# first, WinSCP's hard link from .filepart, a rename into a sub-folder and out of it, a deep tree, a file written on after it was taken.
. tests/e2e/lib.sh
configure intake.scan=2s
department Water water
start
drop=$T/srv/drop/Water
staged_whole() { # NAME FILE: it becomes staged, with the bytes of FILE
    arrives "$1" staged
    same "bytes of $1" "$(sql "SELECT sha256 FROM file WHERE submission = $ID AND work = 'done'")" "$(hash_of "$2")"
}
another cp.jpg cp >/dev/null && another dd.jpg dd >/dev/null && another scp.jpg scp >/dev/null && another alloc.jpg alloc >/dev/null
another win.jpg win >/dev/null && another in.jpg in >/dev/null && another out.jpg out >/dev/null && another deep.jpg deep >/dev/null
cd "$TMPDIR"

step "cp with the old time stamp, dd of 4 KB a write, scp's way: in place, then its mode and time"
cp -p cp.jpg "$drop/cp.jpg"
dd if=dd.jpg of="$drop/dd.jpg" bs=4k status=none
touch -d '2019-01-01' scp.jpg
{ cat scp.jpg >"$drop/scp.jpg" && chmod 600 "$drop/scp.jpg" && touch -r scp.jpg "$drop/scp.jpg"; }
staged_whole cp.jpg cp.jpg
staged_whole dd.jpg dd.jpg
staged_whole scp.jpg scp.jpg
another sftp.jpg sftp >/dev/null
printf 'put %s %s\n' sftp.jpg "$drop/sftp.jpg" | sftp -q -b - -D /usr/lib/openssh/sftp-server >/dev/null || die sftp
staged_whole sftp.jpg sftp.jpg

step "space allocated first, filled later in two parts"
size=$(stat -c %s alloc.jpg)
exec 6<>"$drop/alloc.jpg"
fallocate -l "$size" "$drop/alloc.jpg" 2>/dev/null || truncate -s "$size" "$drop/alloc.jpg"
head -c $((size / 2)) alloc.jpg >&6
never 3 "a file that is still open was taken" number_of alloc.jpg
tail -c +$((size / 2 + 1)) alloc.jpg >&6
exec 6>&-
staged_whole alloc.jpg alloc.jpg

step "WinSCP: .filepart, a hard link of the final name, then the .filepart goes"
head -c 20000 win.jpg >"$drop/win.jpg.filepart"
pause 1.5
tail -c +20001 win.jpg >>"$drop/win.jpg.filepart"
ln "$drop/win.jpg.filepart" "$drop/win.jpg"
never 2 "a file with two names was taken" number_of win.jpg
rm "$drop/win.jpg.filepart"
staged_whole win.jpg win.jpg

step "moved into a sub-folder, out of one, and a tree as deep as it may be"
mkdir -p "$drop/Event" "$T/elsewhere/Out"
cp in.jpg "$drop/in.jpg" && mv "$drop/in.jpg" "$drop/Event/in.jpg"
cp out.jpg "$T/elsewhere/Out/out.jpg" && mv "$T/elsewhere/Out" "$drop/Out" && mv "$drop/Out/out.jpg" "$drop/out.jpg"
tree=1/2/3/4/5/6/7/8
mkdir -p "$drop/Tree/$tree/9"
cp deep.jpg "$drop/Tree/$tree/deep.jpg" && cp deep.jpg "$drop/Tree/$tree/9/too-deep.jpg"
staged_whole Event in.jpg
same "its files" "$(item "$ID" '[.files[].name] | join(" ")')" in.jpg
staged_whole out.jpg out.jpg
staged_whole Tree deep.jpg
same "its files" "$(item "$ID" '[.files[].name] | join(" ")')" "$tree/deep.jpg"
[ -e "$drop/Tree/$tree/9/too-deep.jpg" ] || die "what is too deep was moved"

step "written on after it was taken: the new bytes are a drop of their own, the first stay as they were"
first=$(number_of cp.jpg)
taken=$(find "$T/srv/drop/.taken" -name "$first-*")
printf 'written later' >>"$taken"
again() { [ "$(number_of cp.jpg)" != "$first" ]; }
within 60 "it came back" again
arrives cp.jpg staged
same "bytes of the first" "$(item "$first" '.files[0].sha256')" "$(hash_of cp.jpg)"
same "bytes of the second" "$(item "$ID" '.files[0].sha256')" "$({ cat cp.jpg; printf 'written later'; } | sha256sum | cut -d' ' -f1)"
