#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# F1 symbolic links (to a file, a folder, another department, themselves, /proc), F3 hard links, F4 pipes, sockets and devices:
# refused with a reason, left where they are, their targets never opened by ghatd or its children: strace is the witness.
. tests/e2e/lib.sh
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0" # LeakSanitizer does not work under strace
configure intake.quiet=500ms
department Water water
department Roads roads
drop=$T/srv/drop/Water
mkdir -p "$T/target-folder" "$T/srv/drop/Roads"
cp "$(media photo.jpg)" "$T/target-file.jpg"
cp "$(another t.jpg theirs)" "$T/target-folder/inside.jpg"

strace -f -qq -o "$TMPDIR/trace" -e trace=open,openat,openat2,readlink,readlinkat,connect,execve "$B/ghatd" -c "$CONF" >>"$LOG" 2>&1 &
TRACER=$!
HELPERS="$HELPERS $TRACER"
within 90 "ghatd answers on its socket" ghat status

ln -s "$T/target-file.jpg" "$drop/absolute.jpg"
ln -s ../../../target-file.jpg "$drop/relative.jpg"
ln -s /etc/shadow "$drop/shadow.jpg"
ln -s "$T/target-folder" "$drop/folder-link"
ln -s ../Roads "$drop/other-department"
ln -s self.jpg "$drop/self.jpg"
ln -s loop2.jpg "$drop/loop1.jpg"
ln -s loop1.jpg "$drop/loop2.jpg"
ln -s /proc/self/fd/3 "$drop/magic.jpg"
ln -s /nowhere "$drop/dangling.mp4"
ln "$T/target-file.jpg" "$drop/hard.jpg"
mkfifo "$drop/fifo.jpg"
mkdir "$drop/Event"
cp "$(another e.jpg event)" "$drop/Event/good.jpg"
ln -s "$T/target-folder/inside.jpg" "$drop/Event/link.jpg"
ln -s "$T/target-folder" "$drop/Event/sub"
python3 -c 'import socket, os, sys; os.chdir(sys.argv[1]); socket.socket(socket.AF_UNIX).bind("socket.jpg")' "$drop"
refused=(absolute.jpg relative.jpg shadow.jpg folder-link other-department self.jpg loop1.jpg loop2.jpg magic.jpg dangling.mp4 hard.jpg fifo.jpg socket.jpg)
if mknod "$drop/zero.jpg" c 1 5 2>/dev/null; then refused+=(zero.jpg); fi

step "a photo beside them is not held up"
cp "$(another ok.jpg ok)" "$drop/ok.jpg"
arrives ok.jpg staged 180
arrives Event staged 180
same "files of the folder" "$(item "$ID" '[.files[].name] | join(" ")')" good.jpg
for f in "${refused[@]}"; do
    arrives "$f" quarantined 60
    same "files of $f" "$(item "$ID" '.files | length')" 0
    [ -e "$drop/$f" ] || [ -L "$drop/$f" ] || die "$f was moved"
    within 20 "the note of $f" test -s "$drop/Status/$f.txt"
done

step "the witness: no target was opened"
[ "$(grep -c openat2 "$TMPDIR/trace")" -gt 10 ] || die "the trace is empty"
if grep -E 'target-file|target-folder|/etc/shadow|/nowhere|inside\.jpg|"(link|hard|fifo|socket|zero|self|loop[12]|magic|shadow|absolute|relative)\.jpg|"sub"|"folder-link"|"other-department"' "$TMPDIR/trace" |
    grep -v '/Status\|O_CREAT\|\.txt"'; then
    die "opened"
fi
# every dropped name that was opened: beneath its folder, following nothing
grep -F '"ok.jpg"' "$TMPDIR/trace" | seen -E 'RESOLVE_NO_MAGICLINKS.*RESOLVE_NO_SYMLINKS.*RESOLVE_BENEATH|RESOLVE_BENEATH.*RESOLVE_NO_SYMLINKS' || die "not opened beneath its folder"
grep -F '"ok.jpg"' "$TMPDIR/trace" | seen O_NONBLOCK || die "opened without O_NONBLOCK"
same "secret bytes in the spool" "$(find "$T/srv/spool" -name "$(hash_of "$T/target-file.jpg")" -o -name "$(hash_of "$T/target-folder/inside.jpg")")" ''
kill -TERM "$(pgrep -P "$TRACER" -x ghatd)"
timeout 60 tail --pid="$TRACER" -f /dev/null || die "ghatd does not stop"
