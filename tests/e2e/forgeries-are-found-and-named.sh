#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# ghat verify finds each kind of forgery, in the outbox and in the ledger, and names it; a head that was kept elsewhere (a manifest that the
# agency has, a line of the journal) proves what the ledger alone cannot: that its end was cut off, or all of it written anew.
. tests/e2e/lib.sh
configure publish.undo=2s
department Water water
start
for f in one two; do cp "$(another $f.jpg $f)" "$T/srv/drop/Water/$f.jpg"; done
arrives one.jpg staged
one=$ID
arrives two.jpg staged
two=$ID
ghat urgent "$one" >/dev/null
ghat caption "$one" 'The pump runs' >/dev/null
ghat approve --whatever-is-there "$one" -p fb.photo,x.photo >/dev/null
within 20 "it is out" in_outbox "$one"
ghat approve --whatever-is-there "$two" -p x.photo >/dev/null
ghat undo "$two" >/dev/null
[ "$(grep -c 'event=audit-head seq=[0-9]* head=' "$LOG")" = 1 ] || die "the journal does not have the head at the start"
cp "$(outbox_of "$one")/manifest.json" "$TMPDIR/kept.json"
head=$(jq -r '"\(.audit.sequence):\(.audit.head)"' "$TMPDIR/kept.json")
[[ $head =~ ^[0-9]+:[0-9a-f]{64}$ ]] || die "the manifest has no head: $head"
stop
ghat verify >/dev/null || die "not in order before"
ghat verify --against "$TMPDIR/kept.json" >"$TMPDIR/said" || die "$(cat "$TMPDIR/said")"
grep -q 'nothing before it was changed' "$TMPDIR/said" || die "$(cat "$TMPDIR/said")"
ghat verify --against "$head" >/dev/null && ghat verify --against "${head#*:}" >/dev/null || die "a head alone"
rc=0; ghat verify --against nonsense >/dev/null 2>&1 || rc=$?
[ $rc != 0 ] || die "nonsense proves something"
cp -a "$T/srv/outbox" "$TMPDIR/outbox"
cp "$T/state/ledger.db" "$TMPDIR/ledger.db"
! ls "$T/state/"ledger.db-wal >/dev/null 2>&1 || [ ! -s "$T/state/ledger.db-wal" ] || die "a log is left"
folder=$(outbox_of "$one")
file=$(find "$folder/x.photo" -name '*.jpg')

n=0
# forged WHAT WORDS: ghat verify says so, and all is put back.
forged() {
    n=$((n + 1))
    rc=0
    ghat verify >"$TMPDIR/said" 2>&1 || rc=$?
    [ $rc != 0 ] && grep -qE -- "$2" "$TMPDIR/said" || die "forgery $n, $1, is not named: $(cat "$TMPDIR/said")"
    step "$n: $1"
    rm -rf "$T/srv/outbox" "$T/state/ledger.db"*
    cp -a "$TMPDIR/outbox" "$T/srv/outbox"
    cp "$TMPDIR/ledger.db" "$T/state/ledger.db"
}
edit() { sqlite3 "$T/state/ledger.db" "$@"; }

edit "UPDATE rendition SET state = 'approved' WHERE submission = $two AND placement = 'fb.photo'"
forged "a state without a decision" 'fb.photo is approved, but no decision covers it'
edit "INSERT INTO decision(submission, time_ms, actor, verdict, outputs, set_hash) SELECT submission, 1, 'uid:0', 'approve', '', hex(zeroblob(32)) FROM rendition WHERE submission = $two LIMIT 1;
    INSERT INTO decided SELECT (SELECT max(id) FROM decision), id, sha256, '', '' FROM rendition WHERE submission = $two AND placement = 'fb.photo';
    UPDATE rendition SET state = 'approved' WHERE submission = $two AND placement = 'fb.photo'"
forged "a decision that nobody took" 'decision [0-9]+ is not in the audit'
edit "DROP TRIGGER decided_fixed; UPDATE decided SET caption = 'The Mayor resigns'"
forged "other words under a decision" 'outputs or words of decision [0-9]+ are not those that were approved'
edit "DROP TRIGGER voided_kept; DELETE FROM voided; UPDATE rendition SET state = 'approved' WHERE submission = $two AND placement = 'x.photo'"
forged "an undone decision revived" 'decision [0-9]+ was undone, and counts all the same'
sed -i 's/The pump runs/The pump rots/' "$folder/manifest.json"
forged "a manifest with other words" 'its manifest.json is not the one that was written'
sed -i 's/The pump runs/The pump rots/' "$folder/manifest.json"
edit "UPDATE submission SET manifest_sha256 = '$(hash_of "$folder/manifest.json")' WHERE id = $one"
forged "a manifest forged in the ledger, too" 'its manifest.json does not say what was approved'
sed -i 's/"name": "Anjali Sen"/"name": "Someone Else"/' "$folder/manifest.json"
edit "UPDATE submission SET manifest_sha256 = '$(hash_of "$folder/manifest.json")' WHERE id = $one"
forged "a manifest with another card" 'its manifest is not the one that the audit records'
echo ' ' >>"$folder/caption.txt"
forged "a caption with a blank more" 'caption.txt has sha256'
echo "$(hash_of "$file")  extra.jpg" >>"$folder/SHA256SUMS"
forged "a line in SHA256SUMS" 'SHA256SUMS has sha256'
printf x >>"$file"
forged "a byte in a picture" 'outbox file .*x.photo.* has sha256'
mkdir -p "$folder/x.photo/a/b/c/d"
echo secret >"$folder/x.photo/a/b/c/d/e.txt"
forged "a file deep below" 'a/b/c/d/e.txt is there, but nobody approved it'
edit "DROP TRIGGER audit_fixed; UPDATE audit SET actor = 'uid:0 as \"mayor\"' WHERE action = 'approve'"
forged "another name in the audit" 'audit chain breaks at row'
edit "UPDATE rendition SET state = 'staged', publishing_ms = 0, published_ms = 0 WHERE submission = $one AND placement = 'x.photo'"
forged "something published disowned" 'x.photo/.* is there, but nobody approved it|its manifest.json does not say'
mkdir -p "$T/srv/outbox/receipts"
echo got-it >"$T/srv/outbox/receipts/1.txt"
ghat verify >/dev/null || die "receipts are the agency's"

step "what the ledger alone cannot show, a head does"
cut=$((${head%%:*} - 1))
edit "DROP TRIGGER audit_kept; DELETE FROM audit WHERE seq > $cut"
rc=0; ghat verify --against "$TMPDIR/kept.json" >"$TMPDIR/said" || rc=$?
[ $rc = 1 ] && grep -q 'its end was cut off' "$TMPDIR/said" || die "$(cat "$TMPDIR/said")"
cp "$TMPDIR/ledger.db" "$T/state/ledger.db"
python3 - "$T/state/ledger.db" <<'PY'
import hashlib, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("DROP TRIGGER audit_fixed")
rows = db.execute("SELECT seq, time_ms, submission, actor, subject, action, detail FROM audit ORDER BY seq").fetchall()
prev = ""
for seq, time_ms, submission, actor, subject, action, detail in rows: # the whole chain anew, as it is made, with another name in it
    actor = 'uid:0 as "mayor"' if action == "approve" else actor
    text = f"ghat-audit-1\n{seq}\n{time_ms}\n{submission}\n" + "".join(f"{len(x.encode())}:{x}\n" for x in (actor, subject, action, detail, prev))
    digest = hashlib.sha256(text.encode()).hexdigest()
    db.execute("UPDATE audit SET actor = ?, prev = ?, hash = ? WHERE seq = ?", (actor, prev, digest, seq))
    prev = digest
db.commit()
PY
ghat verify >/dev/null || die "the chain written anew does not hold: the test forges badly"
rc=0
ghat verify --against "$head" >"$TMPDIR/said" 2>&1 || rc=$?
[ $rc = 1 ] && grep -q 'was written anew' "$TMPDIR/said" || die "$(cat "$TMPDIR/said")"
cp "$TMPDIR/ledger.db" "$T/state/ledger.db"
[ "$n" -ge 10 ] || die "only $n kinds"
ghat verify >/dev/null || die "not in order after all was put back"
