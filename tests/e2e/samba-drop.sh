#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The way officers work: a real Samba, put and mkdir over SMB with Bengali names; the note is read back over the same share.
. tests/e2e/lib.sh
command -v smbd >/dev/null && command -v smbclient >/dev/null || skip "no Samba here"
configure
department Water water
port=$((20000 + $$ % 20000))
S=$T/smb
mkdir -p "$S/state" "$S/run"
chmod 777 "$T/srv/drop/Water"
chmod 755 "$T" "$T/srv" "$T/srv/drop" "$TMPDIR" "$(dirname "$TMPDIR")" "$(dirname "$(dirname "$TMPDIR")")"
cat >"$S/smb.conf" <<C
[global]
  server role = standalone server
  map to guest = Bad User
  guest account = $([ "$(id -u)" = 0 ] && echo nobody || id -un)
  private dir = $S/state
  lock directory = $S/state
  state directory = $S/state
  cache directory = $S/state
  ncalrpc dir = $S/run
  pid directory = $S/run
  interfaces = 127.0.0.1
  bind interfaces only = yes
  smb ports = $port
  log file = $S/log
  disable netbios = yes
  load printers = no
[water]
  path = $T/srv/drop/Water
  guest ok = yes
  read only = no
C
smbd -F -s "$S/smb.conf" >"$S/out" 2>&1 &
HELPERS="$HELPERS $!"
smb() { timeout 60 smbclient -N -p $port //127.0.0.1/water -c "$1"; }
up() { smb ls; }
within 30 "Samba answers" up
start

cp "$(media photo.jpg)" "$TMPDIR/photo.jpg"
another b.jpg b >/dev/null
printf 'সেতুর উদ্বোধন' >"$TMPDIR/caption.txt"
cd "$TMPDIR"
smb 'put photo.jpg উদ্বোধন.jpg' || die "put"
arrives 'উদ্বোধন.jpg' staged
same hash "$(item "$ID" '.files[0].sha256')" "$(hash_of photo.jpg)"
smb 'mkdir সেতু; cd সেতু; put b.jpg; put caption.txt' || die "put into a folder"
arrives 'সেতু' staged
same caption "$(item "$ID" .caption)" 'সেতুর উদ্বোধন'
read_note() { smb "get Status\\উদ্বোধন.jpg.txt $TMPDIR/note" && grep -q 'waiting for approval' "$TMPDIR/note"; }
within 20 "the note can be read over the share" read_note
