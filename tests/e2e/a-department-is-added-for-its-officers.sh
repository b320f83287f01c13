#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `ghat department add` makes a department whose officers are in no group of ghatd's: what they write, with a umask of 077, by cp, sftp and
# Samba, is read and taken by a ghatd that has the user ghat and CAP_LEASE and nothing else; what they made for nobody else, they are told of.
# They get nowhere else. Users and groups are made in an /etc of our own.
[ "$(id -u)" = 0 ] || { echo "needs root, for users"; exit 77; }
if [ -z "${GHAT_ETC:-}" ]; then
    unshare -m true 2>/dev/null || { echo "needs a mount name space"; exit 77; }
    GHAT_ETC=1 exec unshare -m "$0"
fi
. tests/e2e/lib.sh
mkdir -p "$T"
cp -a /etc "$T/root-etc"
mount --bind "$T/root-etc" /etc
for g in ghat ghat-agency ghat-desk ghat-admin; do getent group $g >/dev/null || groupadd --system $g; done
getent passwd ghat >/dev/null || useradd --system -M -g ghat ghat
configure paths.control="$T/run/c.sock" paths.worker="$T/bin/ghat-worker" paths.profiles="$T/profiles"
rmdir "$T/srv/drop"
mkdir -p "$T/bin" "$T/home"
cp "$B/ghatd" "$B/ghat-worker" "$T/bin/"
cp -r "$ROOT/profiles" "$T/profiles"
install -d -o ghat -g ghat "$T/run" "$T/state"
# The tree as it is installed.
sed -n 's|^d /srv/ghat|d |p' "$ROOT/systemd/ghat.tmpfiles" | while read -r _ path mode user group; do
    case $path in /*) install -d -m "$mode" -o "$user" -g "$group" "$T/srv$path" ;; *) install -d -m "$path" "$T/srv" ;; esac
done
same "drop/ as installed" "$(stat -c '%a %U:%G' "$T/srv/drop")" '751 root:ghat'
chmod -R a+rX "$T/etc" "$T/profiles"
for d in "$T" "$TMPDIR" "$(dirname "$TMPDIR")" "$(dirname "$(dirname "$TMPDIR")")"; do chmod 755 "$d"; done
# ghatd with what its unit leaves it.
start() {
    (umask 027; exec setpriv --reuid=ghat --regid=ghat --groups=ghat,ghat-agency,ghat-desk,ghat-admin --no-new-privs \
        --inh-caps=-all,+lease --ambient-caps=-all,+lease --bounding-set=-all,+lease "$T/bin/ghatd" -c "$CONF") >>"$LOG" 2>&1 &
    DAEMON=$!
    within 60 "ghatd answers on its socket" ghat status
}
# PATH begins below the checkout, where nobody else may come in if it lies in a home folder.
as() { local who=$1; shift; (umask 077; cd "$T/home"; exec setpriv --reuid="$who" --regid="$who" --init-groups --no-new-privs --bounding-set=-all /usr/bin/env PATH=/usr/bin:/bin "$@"); }
drop=$T/srv/drop

step "before ghatd runs, and while it does"
ghat department add Water --officer 'Anjali Sen' --mobile '+91 33 2286 1000' >"$TMPDIR/said" 2>&1
has "$TMPDIR/said" drop-water
useradd -M -G drop-water anjali
start
ghat department add 'রাস্তা বিভাগ' --title 'রাস্তা বিভাগ' --languages bn,en --json >"$TMPDIR/roads"
# Root makes the folder anew at the end; a scan may see it before it is confirmed.
expect_log 'event=department-offline'
expect_log 'event=department-unconfirmed'
roads=$(jq -r .group "$TMPDIR/roads")
useradd -M -G "$roads" bimal
useradd -M stranger
same "departments" "$(ghat department list --json | jq -s -r '[.[].folder] | sort | join(" ")')" "Water রাস্তা বিভাগ"
same "its card" "$(ghat department show Water --json | jq -r '.nodal_officer.mobile')" '+91 33 2286 1000'
same "its folder" "$(stat -c '%a %U:%G' "$drop/Water")" '2770 ghat:drop-water'
for n in 1 2 3 4 5 6 7 8; do install -o anjali -g anjali -m 644 "$(another a$n.jpg a$n)" "$T/home/a$n.jpg"; done
chown anjali: "$T/home"

step "a card that ghatd would refuse is refused before anything is made"
for bad in "--email nowhere" "--languages xx" "--title $(printf 'ক%.0s' {1..66})"; do
    rc=0

    ghat department add Parks $bad >"$TMPDIR/said" 2>&1 || rc=$?
    [ $rc != 0 ] && ! getent group drop-parks >/dev/null && [ ! -e "$drop/Parks" ] || { cat "$TMPDIR/said"; die "$bad: $rc, and something was made"; }
done

step "cp, with a umask of 077"
as anjali cp a1.jpg "$drop/Water/one.jpg"
arrives one.jpg staged
[ ! -e "$drop/Water/one.jpg" ] || die "it was not taken away"
as anjali sh -c "mkdir '$drop/Water/folder' && cat a2.jpg >'$drop/Water/folder/two.jpg'"
arrives folder staged

step "sftp, with a umask of 077"
printf '%s\n' "cd $drop/Water" 'put a3.jpg three.jpg' 'rename three.jpg four.jpg' 'mkdir many' 'put a4.jpg many/five.jpg' >"$T/home/batch"
as anjali sftp -q -D /usr/lib/openssh/sftp-server -b - <"$T/home/batch" >"$TMPDIR/sftp" 2>&1 || { cat "$TMPDIR/sftp"; die "sftp"; }
arrives four.jpg staged
arrives many staged

step "made for nobody else: told, and taken when it may be"
as anjali chmod 600 a5.jpg
as anjali sftp -q -D /usr/lib/openssh/sftp-server -b - >"$TMPDIR/sftp" 2>&1 <<<"put a5.jpg $drop/Water/private.jpg"
arrives private.jpg quarantined
note_says "$drop/Water/Status/private.jpg.txt" 'not permitted'
[ -e "$drop/Water/private.jpg" ] || die "it is gone"
as anjali sftp -q -D /usr/lib/openssh/sftp-server -b - >"$TMPDIR/sftp" 2>&1 <<<"chmod 640 $drop/Water/private.jpg"
arrives private.jpg staged
as anjali sh -c 'umask 022; mkdir closed && cp a6.jpg closed/six.jpg'
as anjali sftp -q -D /usr/lib/openssh/sftp-server -b - >"$TMPDIR/sftp" 2>&1 <<<"put -r closed $drop/Water/"
moved() { grep -lr 'may not move files out' "$drop/Water/Status"; }
within 60 "the officer is told of a folder that nobody else may write in" moved
as anjali chmod 770 "$drop/Water/closed"
arrives closed staged

step "Samba, as documented"
S=$T/smb
port=$((20000 + $$ % 20000))
mkdir -p "$S/state" "$S/run"
{
    printf '%s\n' '[global]' 'server role = standalone server' 'map to guest = Bad User' 'guest account = anjali' 'interfaces = 127.0.0.1' \
        'bind interfaces only = yes' "smb ports = $port" "log file = $S/log" 'disable netbios = yes' 'load printers = no' "ncalrpc dir = $S/run" \
        "pid directory = $S/run" "private dir = $S/state" "lock directory = $S/state" "state directory = $S/state" "cache directory = $S/state"
    # the share of the manual, for a guest
    sed -n '/^\.\\" smb.conf/,/^\.Ed/{/^\./!p}' "$ROOT/docs/man/ghatd.8" | sed "s|/srv/ghat/drop|$drop|; s|^valid users.*|guest ok = yes|"
} >"$S/smb.conf"
grep -q "^path = $drop/Water" "$S/smb.conf" || die "the manual has no share"
(umask 077; exec smbd -F -s "$S/smb.conf") >"$S/out" 2>&1 &
HELPERS="$HELPERS $!"
SMB_PORT=$port
within 30 "Samba answers" smb water ls
cd "$T/home"
smb water 'put a7.jpg seven.jpg; mkdir sent; cd sent; put a8.jpg eight.jpg' || die "put"
arrives seven.jpg staged
arrives sent staged
read_note() { smb water "get Status\\seven.jpg.txt $TMPDIR/note" && grep -q 'waiting for approval' "$TMPDIR/note"; }
within 20 "the note can be read over the share" read_note
cd "$ROOT"

step "nobody gets where they do not belong"
as anjali cat "$drop/Water/Status/one.jpg.txt" | seen 'waiting for approval' || die "an officer cannot read a note"
not() { ! "$@" 2>/dev/null || die "should be refused: $*"; }
not as anjali sh -c "echo x >'$drop/Water/Status/one.jpg.txt'"
not as anjali sh -c "echo x >'$drop/Water/Status/new.txt'"
not as anjali ls "$drop/রাস্তা বিভাগ"
not as anjali cp a1.jpg "$drop/রাস্তা বিভাগ/"
not as anjali mv "$drop/Water" "$drop/Other"
not as anjali mkdir "$drop/New"
not as anjali ls "$drop/.taken"
not as anjali ls "$T/srv/archive"
not as bimal ls "$drop/Water"
not as stranger cp "$T/home/a1.jpg" "$drop/Water/"
not as anjali ghat status

step "again, and what is refused"
ghat department add Water >"$TMPDIR/said" || die "a second run"
same "its folder" "$(stat -c '%a %U:%G' "$drop/Water")" '2770 ghat:drop-water'
not as anjali ghat department add Parks
for g in ghat ghat-admin root nobody-has-it; do not ghat department add Parks --group "$g"; done
not ghat department add ../Parks
not ghat department add 'water!'
not ghat department add Parks --title $'two\nlines'
[ ! -e "$drop/Parks" ] || die "something was made all the same"
same "cards" "$(ls "$T/etc/departments" | wc -l)" 2
usermod -aG ghat stranger
ghat doctor >"$TMPDIR/doctor" || :
has "$TMPDIR/doctor" "in ghatd's own group ghat: stranger"
chmod 0771 "$drop"
not ghat department add Parks
chmod 0751 "$drop"
rm -r "$drop/Water"
ghat department add Water >/dev/null
as anjali cp a1.jpg "$drop/Water/again.jpg"
arrives again.jpg duplicate
