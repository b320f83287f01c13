#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Backups are killed in the middle, and the next one goes on; so is a restore. A byte that turned is found and named, and costs one file. A full
# disk is told and leaves the older backups whole. --keep throws the oldest away, and what only they had; not after the clock went back, nor when
# something could not be read. What is damaged is copied again. Folders and configuration of others stay. No secret is copied.
. tests/e2e/lib.sh
[ -z "$SAN" ] || skip "faults are preloaded, which a sanitizer does not like"
expect_log 'event=department-unconfirmed' # the ledger alone is written back, and the drop folder is another one than it knows
configure intake.quiet=300ms intake.scan=2s placements.make=x.photo placements.not=yt.thumb post.smtp=smtp://127.0.0.1:1 post.from=ghat@example.org \
    post.password_file="$T/etc/smtp-password" post.tls=off
echo 'hush hush' >"$T/etc/smtp-password"
department Water water
start
cp "$(another one.jpg one)" "$(another two.jpg two)" "$T/srv/drop/Water/"
for name in one two; do arrives $name.jpg staged; done
ghat approve --whatever-is-there "$ID" >/dev/null
within 30 "it is published" in_outbox "$ID"
D=$T/backup
faulty() { # FAULT COMMAND…
    LD_PRELOAD=$B/tests/faults.so GHAT_FAULT=$1 GHAT_FAULT_COUNT=$TMPDIR/count "${@:2}" >"$TMPDIR/said" 2>&1
}
mkdir "$T/receipts"
sed "s|^\[paths\]|&\nreceipts = $T/receipts|" "$CONF" >"$T/etc/receipts.conf"
for within in srv/archive srv/drop/Water receipts; do
    ! ghat -c "$T/etc/receipts.conf" backup "$T/$within/b" >"$TMPDIR/said" 2>&1 && [ ! -e "$T/$within/b" ] || die "a backup is made within $within"
    has "$TMPDIR/said" 'name a folder elsewhere'
done
bare() { # as one who may not read everything
    [ "$(id -u)" != 0 ] || set -- setpriv --inh-caps=-dac_override,-dac_read_search --bounding-set=-dac_override,-dac_read_search "$@"
    "$@" >"$TMPDIR/said" 2>&1
}
mkdir "$T/etc/logos"
for logo in a b c; do echo "logo $logo" >"$T/etc/logos/$logo.png"; done
names() { ghat backup --list "$1" --json | jq -r .when | sort; }

step "killed at one step after the other"
faulty after:0 ghat backup "$D" || { cat "$TMPDIR/said"; die "no backup"; }
steps=$(cat "$TMPDIR/count")
[ "$steps" -gt 20 ] || die "only $steps steps were counted"
rm -rf "$D"
killed=0
for ((i = 1; i <= steps; i += steps / 9)); do
    rc=0; faulty before:$i ghat backup "$D" || rc=$?
    [ $rc = 0 ] || killed=$((killed + 1))
    [ $rc = 0 ] || [ ! -d "$D/backups" ] || [ "$(find "$D/backups" -name manifest | wc -l)" = 0 ] || ghat backup --verify "$D" >/dev/null || die "killed at step $i it is no whole backup"
done
[ $killed -gt 5 ] || die "it was killed $killed times only"
ghat backup "$D" --json >"$TMPDIR/made" || { cat "$TMPDIR/made"; die "no backup after those that were killed"; }
same "folders that are no backup" "$(find "$D/backups" -mindepth 1 -maxdepth 1 | wc -l)" "$(find "$D/backups" -name manifest | wc -l)"
[ "$(jq .new "$TMPDIR/made")" -lt "$(jq .files "$TMPDIR/made")" ] || die "what the killed ones had copied was copied again"
ghat backup --verify "$D" >/dev/null || die "the backups are not in order"
! grep -rqF 'hush hush' "$D" || die "a secret was copied"

step "folders of others are theirs"
mkdir -p "$T/theirs/backups/photos" "$D/backups/photos"
echo x >"$D/backups/notes"
rc=0; ghat backup "$T/theirs" >"$TMPDIR/said" 2>&1 || rc=$?
[ $rc != 0 ] && has "$TMPDIR/said" 'name a folder that is empty'
same "what is there" "$(cd "$T/theirs" && find . | sort | xargs)" '. ./backups ./backups/photos'
before=$(date -u +%Y-%m-%dT%H.%M.%S)
TZ=Asia/Kolkata ghat backup "$D" --json >"$TMPDIR/made" || die "no backup beside what is somebody's"
when=$(jq -r .when "$TMPDIR/made")
[[ ! $when < $before && ! $(date -u +%Y-%m-%dT%H.%M.%S-99) < $when ]] || die "$when is not the time in UTC, $before"
[ -d "$D/backups/photos" ] && [ -f "$D/backups/notes" ] || die "what is no backup is gone"

step "a clock that went back, and what cannot be read"
all=$(names "$D")
rc=0; LD_PRELOAD=$B/tests/faults.so GHAT_FAULT_AHEAD=-90000 ghat backup "$D" --keep 1 >"$TMPDIR/said" || rc=$?
same "exit status" $rc 1
has "$TMPDIR/said" 'is the clock right'
same "backups that were there" "$(comm -12 <(names "$D") <(echo "$all"))" "$all"
same "the one of yesterday" "$(comm -23 <(names "$D") <(echo "$all") | wc -l)" 1
all=$(names "$D")
mkdir "$T/srv/quarantine/closed.d"
echo closed >"$T/srv/quarantine/closed"
original=$(find "$T/srv/spool" "$T/srv/archive" -type f | first)
mode=$(stat -c %a "$original")
touch "$original" # else it is known, and not read
chmod 000 "$T/srv/quarantine/closed" "$T/srv/quarantine/closed.d" "$original"
ln -s loop.png "$T/etc/logos/loop.png"
rc=0; bare ghat backup "$D" --keep 1 || rc=$?
same "exit status" $rc 1
for what in quarantine/closed quarantine/closed.d "${original#"$T/srv/"}" "$T/etc/logos/loop.png"; do has "$TMPDIR/said" "$what is not in this backup"; done
same "backups that were there" "$(comm -12 <(names "$D") <(echo "$all"))" "$all"
same "what was said" "$(sort "$TMPDIR/said" | uniq -d | wc -l)" 0
has "$D/backups/$(names "$D" | tail -n 1)/manifest" config/logos/c.png
ghat backup --verify "$D" >/dev/null || die "the backup of all else is not in order"
chmod "$mode" "$original"
rm -r "$T/srv/quarantine/closed" "$T/srv/quarantine/closed.d" "$T/etc/logos/loop.png"

step "one writes, or others read"
locked() { # HOW PATTERN COMMAND…
    local rc=0
    exec 8<"$D/lock"
    flock "$1" 8
    "${@:3}" >"$TMPDIR/said" 2>&1 8<&- || rc=$?
    exec 8<&-
    [ $rc != 0 ] && grep -qF "$2" "$TMPDIR/said" || { cat "$TMPDIR/said"; die "${*:3} is not refused ($rc)"; }
}
locked -x 'is being written' ghat backup --verify "$D"
locked -x 'is being written' ghat restore "$D"
locked -s 'or read there' ghat backup "$D"
if [ "$(id -u)" = 0 ]; then
    mkdir "$T/other"
    chown 1:1 "$T/other"
    ghat backup "$T/other" >/dev/null || die "no backup in a folder of another user"
    same "what is not that user's" "$(find "$T/other" ! -uid 1 -o ! -gid 1)" ""
fi

step "only the newest stay"
echo 'only this one has it' >"$T/srv/quarantine/alone"
alone=$(hash_of "$T/srv/quarantine/alone")
ghat backup "$D" >/dev/null
[ -e "$D/objects/${alone:0:2}/$alone" ] || die "a file is not in the backup"
rm "$T/srv/quarantine/alone"
cp "$(another three.jpg three)" "$T/srv/drop/Water/"
arrives three.jpg staged
lone=$(sqlite3 "$T/state/ledger.db" "SELECT sha256 FROM file WHERE name = CAST('three.jpg' AS BLOB)")
ghat backup "$D" >/dev/null
ls "$D/objects/${lone:0:2}/$lone" >/dev/null || die "an original is not in the backup"
with=$(names "$D" | tail -n 1)
ghat backup "$D" --keep 2 >/dev/null
same "backups" "$(names "$D" | wc -l)" 2
[ ! -e "$D/objects/${alone:0:2}/$alone" ] || die "what only an old backup had is still there"
names "$D" | seen -xF "$with" || die "not the oldest went"
ghat backup --verify "$D" >/dev/null || die "what stayed is not in order"
referenced() { sed -n 's/^file \([0-9a-f]*\) .*/\1/p' "$D"/backups/*/manifest | sort -u; }
same "objects" "$(find "$D/objects" -type f -printf '%f\n' | sort)" "$(referenced)"

step "a byte that turned"
object=$D/objects/${lone:0:2}/$lone
cp -p "$object" "$TMPDIR/good"
turn() {
    chmod u+w "$1"
    printf '\377\000' | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
turn "$object" 2000
rc=0; ghat backup --verify "$D" >"$TMPDIR/said" || rc=$?
same "exit status" $rc 1
grep -qE "objects/${lone:0:2}/$lone is damaged: it is (spool|archive)/.*of backup $with" "$TMPDIR/said" || { cat "$TMPDIR/said"; die "it is not named"; }
[ -e "$object.damaged" ] && [ ! -e "$object" ] || die "it is still taken for the file"
ghat backup "$D" --json >"$TMPDIR/made" || die "no backup after damage"
same "files copied again" "$(jq .new "$TMPDIR/made")" 1
cmp -s "$object" "$TMPDIR/good" && ghat backup --verify "$D" >/dev/null || die "damage does not heal"
stop
turn "$object" 2000
# the configuration is there, most of it, and not where it was
mv "$T/etc/logos" "$TMPDIR/logos"
ln -s "$TMPDIR/logos" "$T/etc/logos"
rm "$TMPDIR/logos/b.png" "$TMPDIR/logos/c.png"
logo=$(echo "logo b" | sha256sum | cut -d' ' -f1)
turn "$D/objects/${logo:0:2}/$logo" 0
card=$(echo "$T"/etc/departments/*.conf)
mv "$card" "$TMPDIR/card"
echo '# since then' >>"$TMPDIR/card"
ln -s "$TMPDIR/card" "$card"
mv "$T/srv" "$T/state" "$TMPDIR/"
rc=0; ghat restore "$D" >"$TMPDIR/said" || rc=$?
same "exit status of the restore" $rc 1
has "$TMPDIR/said" "is not written back: objects/${lone:0:2}/$lone is damaged"
same "files that are not there" "$(find "$T/srv" -name "$lone" | wc -l)" 0
has "$TMPDIR/said" "logos/b.png is not written back: objects/${logo:0:2}/$logo is damaged"
same "logos" "$(cat "$TMPDIR/logos/"*.png | xargs)" 'logo a logo c'
has "$TMPDIR/said" "$card is not what it was"
[ -L "$card" ] && has "$TMPDIR/card" 'since then'
[ -n "$(find "$T/srv/staging" -name one.jpg)" ] || die "all others are not written back"
mv "$TMPDIR/good" "$object"
echo "logo b" >"$TMPDIR/logos/b.png"

step "a restore that was killed goes on"
rm -rf "$T/srv" "$T/state"
faulty after:0 ghat restore "$D" || { cat "$TMPDIR/said"; die "no restore"; }
steps=$(cat "$TMPDIR/count")
rm -rf "$T/srv" "$T/state"
for ((i = 1; i <= steps; i += steps / 5)); do faulty before:$i ghat restore "$D" || :; done
[ -e "$T/state/ledger.db" ] || ghat restore "$D" >"$TMPDIR/said" || { cat "$TMPDIR/said"; die "it does not go on"; }
[ ! -e "$T/state/restoring" ] || die "its mark is left"
# the ledger alone is written in one step, and is its owner's once it has its name
[ "$(id -u)" != 0 ] || chown nobody "$T/state"
rm "$T/state/ledger.db"
faulty after:0 ghat restore --ledger "$D" || { cat "$TMPDIR/said"; die "no restore of the ledger"; }
steps=$(cat "$TMPDIR/count")
for i in $(seq 1 $((steps / 6)) "$steps") $((steps - 2)) $((steps - 1)) "$steps"; do
    rm -f "$T"/state/ledger.db*
    faulty before:$i ghat restore --ledger "$D" || :
    [ ! -e "$T/state/restoring" ] || die "killed at step $i it leaves a mark that files are half written back"
    [ ! -e "$T/state/ledger.db" ] || same "owner at step $i of $steps" "$(stat -c %U "$T/state/ledger.db")" "$(stat -c %U "$T/state")"
done
rm -f "$T"/state/ledger.db*
ghat restore --ledger "$D" >/dev/null || die "no restore after those that were killed"
chown -R "$(id -u)" "$T/state"
start
ghat verify >"$TMPDIR/said" || { cat "$TMPDIR/said"; die "not in order"; }
for name in one two three; do [ -n "$(number_of $name.jpg)" ] || die "$name.jpg is gone"; done

step "a full disk"
[ "$(id -u)" = 0 ] || skip "the rest takes root"
mkdir "$T/small"
mount -t tmpfs -o size=24M none "$T/small" 2>/dev/null || skip "nothing can be mounted here"
MOUNTED=$T/small
ghat backup "$T/small/b" >/dev/null || die "it does not fit"
before=$(names "$T/small/b")
head -c 30000000 /dev/urandom >"$T/srv/quarantine/large"
rc=0; ghat backup "$T/small/b" >"$TMPDIR/said" 2>&1 || rc=$?
same "exit status" $rc 1
has "$TMPDIR/said" 'No space left on device'
same "backups" "$(names "$T/small/b")" "$before"
same "folders" "$(ls "$T/small/b/backups")" "$before"
ghat backup --verify "$T/small/b" >/dev/null || die "the older one is not whole"
cp -p "$T/small/b/backups/$before/manifest" "$TMPDIR/manifest"
turn "$T/small/b/backups/$before/manifest" 30
rc=0; ghat backup "$T/small/b" --json >"$TMPDIR/said" 2>/dev/null || rc=$?
same "exit status" $rc 1
jq -e '.ok == false and (.problems[0] | contains("everything is read anew"))' "$TMPDIR/said" >/dev/null || { cat "$TMPDIR/said"; die "what was found before the disk was full is not told"; }
cp -p "$TMPDIR/manifest" "$T/small/b/backups/$before/manifest"
rm "$T/srv/quarantine/large"
ghat backup "$T/small/b" >/dev/null || die "no backup though there is room again"

step "a folder that cannot be renamed"
stop
mount --bind "$T/srv/staging" "$T/srv/staging"
rc=0; ghat restore --force "$D" >"$TMPDIR/said" 2>&1 || rc=$?
umount "$T/srv/staging"
[ $rc != 0 ] || die "it was restored over a file system of its own"
has "$TMPDIR/said" "cannot rename $T/srv/staging"
grep -qE "renamed so far, to names that end with .before-restore-[0-9T]+: $T/srv/spool" "$TMPDIR/said" || { cat "$TMPDIR/said"; die "what was renamed is not named"; }
[ -e "$T/state/ledger.db" ] || die "the house is without its ledger"
ghat restore --force "$D" >"$TMPDIR/said" || { cat "$TMPDIR/said"; die "no restore after that"; }
