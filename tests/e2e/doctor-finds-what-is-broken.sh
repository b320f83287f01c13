#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Each thing that can be wrong with an installation is broken in turn: ghat doctor finds it, says what to do, and when that is done finds
# it no more.
. tests/e2e/lib.sh
configure paths.profiles="$ROOT/profiles" paths.worker="$(realpath "$B")/ghat-worker"
chmod 700 "$T/state"
department Water water
start
cp "$(media small.png)" "$T/srv/drop/Water/one.png"
arrives one.png staged

# doctor: its findings as an array; exit status 1 exactly when something is wrong.
doctor() {
    local rc=0 wrong
    ghat doctor --json >"$TMPDIR/doctor" 2>"$TMPDIR/doctor.err" || rc=$?
    wrong=$(jq -s 'map(select(.grade == "wrong")) | length' "$TMPDIR/doctor")
    same "exit status with $wrong wrong" $rc $((wrong > 0))
}
sound() {
    doctor
    jq -se 'map(select(.grade == "wrong")) | length == 0' "$TMPDIR/doctor" >/dev/null || { cat "$TMPDIR/doctor"; die "$1: still wrong"; }
}
finds() { # GRADE CHECK PATTERN: and says what to do
    doctor
    jq -se --arg g "$1" --arg c "$2" --arg p "$3" 'any(.grade == $g and .check == $c and (.text | test($p)))' "$TMPDIR/doctor" >/dev/null ||
        { cat "$TMPDIR/doctor"; die "not found: $1 $2 $3"; }
}
set_key() { sed -i "s|^$1=.*|$1=$2|" "$CONF"; }

sound "a fresh installation"
step "as a table"
ghat doctor | seen -E '^ok +ledger +sound, [0-9]+ audit rows'

step "on a terminal of 60 columns no word is cut, and none is lost; elsewhere a finding is a line"
ghat doctor >"$TMPDIR/piped"
ghat status >"$TMPDIR/status"
[ "$(wc -L <"$TMPDIR/piped")" -gt 60 ] && [ "$(wc -L <"$TMPDIR/status")" -gt 60 ] || die "there is nothing to break"
for command in doctor status; do
    script -qec "stty cols 60; ghat $command" /dev/null </dev/null | tr -d '\r' >"$TMPDIR/shown"
    ghat $command >"$TMPDIR/piped"
    long=$(awk 'length > 60 && NF > 3' "$TMPDIR/shown" | grep -vE '^ *[^ ]+$' || :)
    [ -z "$long" ] || die "longer than the terminal: $long"
    same "the words of $command" "$(tr -s ' \n' ' ' <"$TMPDIR/shown" | sed 's/[0-9.]* GB free//')" "$(tr -s ' \n' ' ' <"$TMPDIR/piped" | sed 's/[0-9.]* GB free//')"
done
! grep -E '^median *$' "$TMPDIR/status" || die "a median of nothing"

step "permissions"
chmod 707 "$T/srv/spool"
finds wrong folders 'open to everybody.*chmod o='
chmod 500 "$T/srv/spool"
finds wrong folders 'may not write.*chmod u=rwx'
chmod 700 "$T/srv/spool"
chmod 550 "$T/srv/drop/Water"
finds wrong departments 'nothing can be taken out.*chmod ug'
chmod 2770 "$T/srv/drop/Water"
sound permissions

step "a folder is missing"
# only the card: ghatd runs, and would see a folder that comes and goes
sed 's/Water/Fire/; s/water/fire/' "$T/etc/departments/water.conf" >"$T/etc/departments/fire.conf"
finds wrong departments 'drop folder .* of fire is missing.*ghat department add fire'
rm "$T/etc/departments/fire.conf"
mv "$T/srv/quarantine" "$T/srv/q"
finds wrong folders 'quarantine.*No such file.*ghatd makes it'
mv "$T/srv/q" "$T/srv/quarantine"
sound "folders"

step "the configuration"
cp "$CONF" "$TMPDIR/conf"
echo 'nonsense = 1' >>"$CONF"
finds wrong configuration "ghat.conf:[0-9]+.*nonsense"
cp "$TMPDIR/conf" "$CONF"

# What no single check looks at, and ghatd does not start with.
sed -i 's/^\[placements\]$/&\nmake=facebok/' "$CONF"
finds wrong settings 'make: there is no placement facebok'
! ghatd -c "$CONF" --check 2>/dev/null || die "ghatd would start with it"
cp "$TMPDIR/conf" "$CONF"
finds ok settings 'ghatd starts'

step "little disk"
set_key reserve 900000G
finds wrong disk 'make room, or lower'
cp "$TMPDIR/conf" "$CONF"

step "the worker"
set_key worker "$T/worker"
finds wrong worker 'No such file.*install Ghat again'
printf '#!/bin/sh\necho "landlock: missing"\nexit 1\n' >"$T/worker"
chmod +x "$T/worker"
[ -n "${SAN:-}" ] || finds wrong sandbox 'ghatd does not start like this'
cp "$TMPDIR/conf" "$CONF"

step "leftovers"
name=$(printf 'a%.0s' {1..64})
echo old >"$T/srv/spool/$name"
touch -d '3 days ago' "$T/srv/spool/$name"
echo old >"$T/srv/drop/.taken/777-1-abcdef01"
touch -d '3 days ago' "$T/srv/drop/.taken/777-1-abcdef01"
finds note leftovers '1 old files.*spool: no submission needs them'
finds note leftovers '1 old files.*taken: the ledger does not know'
rm "$T/srv/spool/$name" "$T/srv/drop/.taken/777-1-abcdef01"

step "few watches"
limit=/proc/sys/user/max_inotify_watches
if unshare -Ur sh -c "echo 6 >$limit" 2>/dev/null; then
    unshare -Ur sh -c "echo 6 >$limit && exec ghat doctor --json" >"$TMPDIR/doctor" || :
    jq -se 'any(.check == "inotify" and .grade == "wrong" and (.text | test("6 watches allowed.*raise fs.inotify.max_user_watches")))' "$TMPDIR/doctor" >/dev/null ||
        { cat "$TMPDIR/doctor"; die "few watches are not found"; }
fi
finds ok inotify 'watches allowed, [0-9]+ folders to watch'

step "ghatd is not there"
stop
finds wrong ghatd '.'
step "the clock is behind the ledger"
cp "$T/state/ledger.db" "$TMPDIR/good.db"
python3 - "$T/state/ledger.db" <<'EOF'
import hashlib, sqlite3, sys, time
db = sqlite3.connect(sys.argv[1])
seq, head = db.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
row = [seq + 1, int(time.time() * 1000) + 3600000, 0, "ghatd", "submission:0", "note", "", head]
text = f"ghat-audit-1\n{row[0]}\n{row[1]}\n{row[2]}\n" + "".join(f"{len(t)}:{t}\n" for t in row[3:])
db.execute("INSERT INTO audit VALUES(?,?,?,?,?,?,?,?,?)", row + [hashlib.sha256(text.encode()).hexdigest()])
db.commit()
EOF
finds wrong clock '[56][0-9] minutes behind the newest event'
step "somebody wrote in the ledger"
sqlite3 "$T/state/ledger.db" 'DROP TRIGGER audit_fixed; UPDATE audit SET actor = "somebody" WHERE seq = 2'
finds wrong ledger 'by hand; compare with the last backup'
step "the ledger is damaged"
rm -f "$T/state"/ledger.db*
cp "$TMPDIR/good.db" "$T/state/ledger.db"
dd if=/dev/zero of="$T/state/ledger.db" bs=4096 seek=2 count=8 conv=notrunc status=none
finds wrong ledger 'damaged.*restor'
cp "$TMPDIR/good.db" "$T/state/ledger.db"
start
sound "all put right"
