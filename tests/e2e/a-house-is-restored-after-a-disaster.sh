#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A disaster drill. A house with items in every state is backed up, goes on, is backed up again, and is lost with its configuration. Written
# back it starts frozen, with every original, with nobody logged in, and tells nobody what was told; thawed, the outbox is what the ledger says.
# The ledger of the older backup alone, under what is there: what went out since is put aside, and lost is nothing.
. tests/e2e/lib.sh
expect_log 'event=department-unconfirmed' # an older ledger knows the drop folder that was lost
configure intake.quiet=300ms intake.scan=2s placements.make=fb.photo,x.photo placements.not=yt.thumb desk.url=https://desk.example desk.second_factor=none
department Water water
start
desk_up
person rina --role approver --full 'Rina Das'
same "who is logged in" "$(web_status rina /me)" 200
ghat user add dev --role viewer >"$TMPDIR/invited"
link=$(grep -oE '/first/[0-9a-f]+' "$TMPDIR/invited" | first)
declare -A N
for name in staged out withdrawn held later; do cp "$(another $name.jpg $name)" "$T/srv/drop/Water/"; done
: >"$T/srv/drop/Water/broken.jpg"
for name in staged out withdrawn held later; do
    arrives $name.jpg staged
    N[$name]=$ID
done
arrives broken.jpg quarantined
for name in out withdrawn; do ghat approve --whatever-is-there "${N[$name]}" >/dev/null; done
for name in out withdrawn; do within 30 "$name is published" in_outbox "${N[$name]}"; done
ghat withdraw "${N[withdrawn]}" --reason 'wrong ward' >/dev/null
no_files() { [ -z "$(find "$(outbox_of "$1")" -name '*.jpg')" ]; }
within 30 "it is withdrawn" no_files "${N[withdrawn]}"
ghat hold "${N[held]}" >/dev/null
ghat ask "${N[staged]}" 'Which ward is this?' >/dev/null
[ "$(sql "SELECT count(*) FROM notice WHERE state = 'new'")" -gt 0 ] || die "no notice waits"
states() { ghat list --json | jq -r '[.id, .name, .state, (.placements | tostring)] | @tsv'; }
tree() { (cd "$T/srv/outbox" && find . -type f ! -name manifest.json -exec sha256sum {} + | sort -k 2); }
originals() { find "$T/srv/spool" "$T/srv/archive" -type f -exec sha256sum {} + | cut -d' ' -f1 | sort -u; }
objects() { (cd "$T/backup/objects" && find . -type f | sort); }
refused() { # WHAT PATTERN COMMAND…
    local rc=0
    "${@:3}" >"$TMPDIR/refused" 2>&1 || rc=$?
    [ $rc != 0 ] && grep -qE "$2" "$TMPDIR/refused" || { cat "$TMPDIR/refused"; die "$1 is not refused ($rc)"; }
}

step "a backup, and another after more happened"
ghat backup "$T/backup" --json >"$TMPDIR/first" || { cat "$TMPDIR/first"; die "no backup"; }
first=$(jq -r .when "$TMPDIR/first")
same "modes" "$(find "$T/backup" -perm /077 | wc -l)" 0
states >"$TMPDIR/states.first"
tree >"$TMPDIR/tree.first"
objects >"$TMPDIR/objects.first"
find "$T/backup/objects" -type f -exec stat -c '%i %Y %n' {} + | sort >"$TMPDIR/inodes.first"
ghat approve --whatever-is-there "${N[later]}" >/dev/null
within 30 "it goes out after the backup" in_outbox "${N[later]}"
rm -rf "$T/srv/staging/${N[out]}" # its time was over: the outbox alone has it
chmod 640 "$T/etc/ghat.conf"
ghat backup "$T/backup" --json >"$TMPDIR/second" || { cat "$TMPDIR/second"; die "no second backup"; }
second=$(jq -r .when "$TMPDIR/second")
comm -13 "$TMPDIR/objects.first" <(objects) >"$TMPDIR/fresh"
same "new objects" "$(wc -l <"$TMPDIR/fresh")" "$(jq .new "$TMPDIR/second")"
# its outputs were staged already: new are its three texts, at most
[ "$(jq .new "$TMPDIR/second")" -le 3 ] || die "more is new than the texts of one folder: $(cat "$TMPDIR/second")"
same "those that were there" "$(find "$T/backup/objects" -type f -exec stat -c '%i %Y %n' {} + | sort | comm -12 - "$TMPDIR/inodes.first" | wc -l)" \
    "$(wc -l <"$TMPDIR/inodes.first")"
ghat backup --verify "$T/backup" >/dev/null || die "the backups are not in order"
states >"$TMPDIR/states.second"
tree >"$TMPDIR/tree.second"
originals >"$TMPDIR/originals"
refused "a restore while ghatd runs" 'ghatd runs' ghat restore "$T/backup"
stop
refused "a restore over what is there" 'not empty: nothing was changed' ghat restore "$T/backup"
refused "one that there is not" 'no backup of 1999' ghat restore "$T/backup" 1999

step "all of it is lost, and restored"
mv "$T/backup" "$TMPDIR/backup"
rm -rf "$T/srv" "$T/state" "$T/etc"
mkdir "$T/etc"
[ "$(id -u)" != 0 ] || chgrp 1 "$T/etc"
(umask 077; ghat restore "$TMPDIR/backup") >"$TMPDIR/said" || { cat "$TMPDIR/said"; die "no restore"; }
same "group and mode of the configuration" "$(stat -c '%g %a' "$T/etc/ghat.conf")" "$(stat -c %g "$T/etc") 640"
same "folders that the desk may not enter" "$(find "$T/srv/staging" -mindepth 1 -name '.*' -prune -o -type d ! -perm -050 -print)" ""
same "files in the outbox" "$(find "$T/srv/outbox" -type f | wc -l)" 0
sqlite3 "$T/state/ledger.db" "UPDATE submission SET manifest = manifest + 1 WHERE id = ${N[later]}" # it was on its way out
start
ghat status --json | jq -e '.frozen.reason | startswith("restored from backup of 20")' >/dev/null || die "not frozen: $(ghat status --json)"
same "what there is" "$(states)" "$(cat "$TMPDIR/states.second")"
same "originals" "$(originals)" "$(cat "$TMPDIR/originals")"
same "questions" "$(ghat questions --json | jq -s '.[0].text // .[0].messages[0].text' -r)" 'Which ward is this?'
ghat verify >"$TMPDIR/said" || { cat "$TMPDIR/said"; die "not in order while it is frozen"; }
ghat doctor >"$TMPDIR/said" || { cat "$TMPDIR/said"; die "the doctor finds something"; }
same "who is logged in" "$(web_status rina /me)" 303
same "the link of an invitation" "$(web_status '' "$link")" 410
same "notices that wait" "$(sql "SELECT (SELECT count(*) FROM notice WHERE state = 'new') + (SELECT count(*) FROM letter WHERE state IN ('waiting','sending'))")" 0
same "the quarantine" "$(cat "$T"/srv/quarantine/*/reason.txt | grep -c '^name: broken.jpg')" 1
never 1 "something goes out while it is frozen" test -n "$(find "$T/srv/outbox" -name '*.jpg')"
ghat thaw >/dev/null
back() { [ "$(tree)" = "$(cat "$TMPDIR/tree.$1")" ]; }
within 30 "the outbox is what it was" back second
settled() { [ "$(sql "SELECT count(*) FROM submission WHERE manifest <> manifest_done")" = 0 ]; }
within 30 "every folder is written" settled
ghat verify >"$TMPDIR/said" || { cat "$TMPDIR/said"; die "not in order after the thaw"; }
[ ! -e "$T/srv/quarantine/unknown" ] || die "left aside: $(find "$T/srv/quarantine/unknown")"
stop
start
never 1 "it freezes again" eval 'ghat status --json | jq -e .frozen'
stop

step "the ledger of the older backup, under what went out since"
lost=$(find "$(outbox_of "${N[later]}")" -name '*.jpg' -exec sha256sum {} + | cut -d' ' -f1 | sort)
rc=0; ghat restore "$TMPDIR/backup" "$first" --ledger --force >"$TMPDIR/said" || rc=$?
same "exit status" $rc 0
[ -n "$(find "$T/state" -name 'ledger.db.before-restore-*')" ] || die "the ledger that was there is gone"
start
same "what was decided then" "$(states)" "$(cat "$TMPDIR/states.first")"
[ -z "$(outbox_of "${N[later]}")" ] || die "what nobody approved, as far as is known, is still out"
same "put aside" "$(find "$T/srv/quarantine/unknown" -name '*.jpg' -exec sha256sum {} + | cut -d' ' -f1 | sort)" "$lost"
ghat verify >"$TMPDIR/said" || { cat "$TMPDIR/said"; die "not in order while it is frozen"; }
ghat withdraw "${N[out]}" --reason 'was withdrawn since' >/dev/null
within 30 "a withdrawal works while it is frozen" no_files "${N[out]}"
ghat approve --whatever-is-there "${N[later]}" >/dev/null
never 1 "it goes out while frozen" test -n "$(outbox_of "${N[later]}")"
ghat thaw >/dev/null
within 30 "it goes out again" in_outbox "${N[later]}"
within 30 "every folder is written" settled
ghat verify >"$TMPDIR/said" || { cat "$TMPDIR/said"; die "not in order after the thaw"; }
