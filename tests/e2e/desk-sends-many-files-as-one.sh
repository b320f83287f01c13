#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A download of many files is made while it is sent: its memory does not grow with the files, each file is asked for when its turn comes, and one
# that is withdrawn while it is being sent ends there. GHAT_ZIP_BYTES: of the largest file (300 MB; a hole); beyond 4 GiB readers see ZIP64.
. tests/desk/lib.sh
BYTES=${GHAT_ZIP_BYTES:-300000000}
desk_media
truncate -s "$BYTES" "$TMPDIR/media/c.mov"
fake_up
desk_up
peak() { awk '$1 == "VmHWM:" { print $2 }' "/proc/$(pgrep -f '^[^ ]*ghat-desk -s' -P "$DESK_PID" || echo "$DESK_PID")/status"; }
step "the page, and one that is over"
get agency /zip/1 >"$TMPDIR/page"
file=$(grep -oE '/zip/1/ghat-new-1\.zip' "$TMPDIR/page" | sed -n 1p)
[ -n "$file" ] || die "no download"
get agency /zip/3 | seen 'wrong bridge' || die "why it is over is not said"
same "its bytes" "$(status_of agency /zip/3/ghat-new-3.zip)" 410
same "one that is being prepared" "$(status_of agency /zip/2/ghat-new-2.zip)" 503
get agency /today | seen '23 files, 118 MB' || die "the agency's page does not offer it"
for who in anjali boss; do same "$who" "$(status_of "$who" "$file")" 404; done
step "the whole, in flat memory"
before=$(peak)
from=$(date +%s%N)
size=$(get agency "$file" -o "$TMPDIR/all.zip" -w '%{size_download}')
ms=$((($(date +%s%N) - from) / 1000000 + 1))
same "its length" "$(head_of agency "$file" --head | sed -n 's/^content-length: //pI')" "$size"
after=$(peak)
echo "sent $size bytes in $ms ms: $((size / ms / 1000)) MB/s; memory at most $after KiB, $before before"
[ $((after - before)) -lt 8192 ] || die "memory grew by $((after - before)) KiB"
from=$(date +%s%N)
cp "$TMPDIR/all.zip" "$TMPDIR/copy"
echo "cp of the same bytes: $((size / (($(date +%s%N) - from) / 1000000 + 1) / 1000)) MB/s"
rm "$TMPDIR/copy"
python3 -c 'import sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
assert z.namelist()[-1].endswith("caption.txt") and z.read(z.namelist()[-1]) == b"Opened\n"
assert any(i.file_size == int(sys.argv[2]) for i in z.infolist())' "$TMPDIR/all.zip" "$BYTES" || die "python"
if [ "$BYTES" -gt 4294967296 ]; then
    step "foreign readers of ZIP64, over all of it"
    unzip -tq "$TMPDIR/all.zip" >/dev/null || die "unzip"
    bsdtar -xOf "$TMPDIR/all.zip" >/dev/null || die "bsdtar"
    7z t "$TMPDIR/all.zip" >"$TMPDIR/7z" || die "7z: $(cat "$TMPDIR/7z")"
fi
step "resumed in the middle"
head -c $((size / 2)) "$TMPDIR/all.zip" >"$TMPDIR/part.zip"
from=$(date +%s%N)
curl -sS -b "$(cookie agency)" -C - -o "$TMPDIR/part.zip" "$DESK$file"
echo "resumed: $(((size - size / 2) / (($(date +%s%N) - from) / 1000000 + 1) / 1000)) MB/s"
cmp "$TMPDIR/all.zip" "$TMPDIR/part.zip" || die "resumed as another file"
rm "$TMPDIR/part.zip" "$TMPDIR/all.zip"
step "withdrawn while it is being sent"
curl -sS --limit-rate 10M -b "$(cookie agency)" -o "$TMPDIR/cut.zip" "$DESK$file" 2>"$TMPDIR/cut.err" &
slow=$!
begun() { [ "$(stat -c %s "$TMPDIR/cut.zip" 2>/dev/null || echo 0)" -gt 5000000 ]; }
within 30 "the slow download has begun" begun
python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(b"{\"request\": \"end-bundle\"}\n")
s.recv(4096)' "$TMPDIR/desk.sock"
! wait "$slow" || die "it was sent whole"
[ "$(stat -c %s "$TMPDIR/cut.zip")" -lt "$size" ] || die "it is whole"
same "resumed" "$(status_of agency "$file" -r "$(stat -c %s "$TMPDIR/cut.zip")-")" 410
