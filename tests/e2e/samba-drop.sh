#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The way officers work: a real Samba, put and mkdir over SMB with Bengali names; the note is read back over the same share.
. tests/e2e/lib.sh
configure
department Water water
samba Water
start

cp "$(media photo.jpg)" "$TMPDIR/photo.jpg"
another b.jpg b >/dev/null
printf 'সেতুর উদ্বোধন' >"$TMPDIR/caption.txt"
cd "$TMPDIR"
smb water 'put photo.jpg উদ্বোধন.jpg' || die "put"
arrives 'উদ্বোধন.jpg' staged
same hash "$(item "$ID" '.files[0].sha256')" "$(hash_of photo.jpg)"
smb water 'mkdir সেতু; cd সেতু; put b.jpg; put caption.txt' || die "put into a folder"
arrives 'সেতু' staged
same caption "$(item "$ID" .caption)" 'সেতুর উদ্বোধন'
read_note() { smb water "get Status\\উদ্বোধন.jpg.txt $TMPDIR/note" && grep -q 'waiting for approval' "$TMPDIR/note"; }
within 20 "the note can be read over the share" read_note
