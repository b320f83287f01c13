#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A backup made while ghatd works is a whole ledger. When the real one is damaged, gone, newer or older than this Ghat knows, ghatd says
# so and touches nothing; restored, all is as it was at the backup, and numbers given since are not given again.
. tests/e2e/lib.sh
configure
department Water water
start
cp "$(media photo.jpg)" "$T/srv/drop/Water/one.jpg"
arrives one.jpg staged
one=$ID
ghat approve --whatever-is-there "$one" >/dev/null
within 30 "it is published" in_outbox "$one"
step "back up while ghatd runs"
ghat backup "$T/backup" --json >"$TMPDIR/made"
copy=$(jq -r .path "$TMPDIR/made")/ledger.db
[[ $copy == "$T"/backup/backups/20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9].[0-9][0-9].[0-9][0-9]/ledger.db ]] || die "named $copy"
same "files of the backup" "$(ls "${copy%/*}" | xargs)" 'ledger.db manifest'
same "SQLite's own check" "$(sqlite3 -readonly "$copy" 'PRAGMA integrity_check')" ok
for table in submission file rendition decision audit; do
    same "$table" "$(sqlite3 -readonly "$copy" "SELECT * FROM $table" | sha256sum)" "$(sql "SELECT * FROM $table" | sha256sum)"
done
cp "$(another two.jpg two)" "$T/srv/drop/Water/two.jpg"
arrives two.jpg staged
two=$ID
stop
ghat backup "$T/backup2" >/dev/null || die "no backup while ghatd is stopped"

refused() { # WHAT PATTERN
    local rc=0 before
    before=$(hash_of "$T/state/ledger.db" 2>/dev/null || echo none)
    timeout 30 "$B/ghatd" -c "$CONF" >"$TMPDIR/refused" 2>&1 || rc=$?
    same "$1: exit status" $rc 2
    grep -qE "$2" "$TMPDIR/refused" || { cat "$TMPDIR/refused"; die "$1 is not explained"; }
    same "$1: the file is left alone" "$(hash_of "$T/state/ledger.db" 2>/dev/null || echo none)" "$before"
}
cd "$T/state"
cp ledger.db good.db
step "damaged: bytes of the middle are gone"
size=$(stat -c %s ledger.db)
dd if=/dev/zero of=ledger.db bs=4096 seek=2 count=$((size / 4096 - 3)) conv=notrunc status=none
refused "a damaged ledger" 'damaged.*restore a backup'
step "damaged: its head"
cp good.db ledger.db
printf 'not a ledger at all' | dd of=ledger.db conv=notrunc status=none
refused "a file that is none" 'restore a backup'
step "empty"
: >ledger.db
refused "an empty file" 'restore a backup'
step "newer, older"
cp good.db ledger.db
sqlite3 ledger.db 'PRAGMA user_version = 999'
refused "a newer ledger" 'version 999.*newer Ghat'
sqlite3 ledger.db 'PRAGMA user_version = 0'
refused "an older ledger" 'version 0'
step "gone, with its log left"
rm -f ledger.db
: >ledger.db-wal
refused "a missing ledger" 'gone.*restore a backup'
cd "$OLDPWD"

step "restore"
rm -f "$T/state"/ledger.db*
cp "$copy" "$T/state/ledger.db"
start
same "what was approved" "$(item "$one" .state)" decided
same "what came after the backup" "$(list 'map(.name) | join(" ")')" one.jpg
ghat verify "$(outbox_of "$one")" >/dev/null || die "the outbox of $one"
find "$T/srv/drop/.taken" -type f -exec sha256sum {} + | seen "$(hash_of "$TMPDIR/two.jpg")" || die "the bytes of two.jpg are gone"
step "its original is put back: a new number"
find "$T/srv/drop/.taken" -name "$two-*" -exec cp {} "$T/srv/drop/Water/two.jpg" \;
arrives two.jpg staged
[ "$ID" -gt $((two + 99999)) ] || die "number $ID may have been given before"
ghat backup "$T/backup" >/dev/null || die "backup of what was restored"
