#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Without the desk: the agency fetches the outbox by SFTP (docs/agency-sftp.conf) and Samba (docs/agency-samba.conf), with the real servers, can
# change nothing there, and drops receipts. A receipt counts once, whoever comes first; what cannot be counted is told in words and blocks nothing.
. tests/e2e/lib.sh
[ "$(id -u)" = 0 ] || skip "needs root for a chroot"
R=$(mktemp -d /run/ghat-agency-XXXXXX) # all that leads to a chroot must be root's, and nobody else's to write
trap 'finish_here' EXIT
finish_here() { local rc=$?; set +e; ended_well || rc=1; rm -rf "$R" "$R.keys"; (exit $rc); finish; }
chmod 755 "$R"
G=$(id -gn nobody)
configure publish.undo=0 paths.root="$R" access.agency_group="$G"
mkdir -p "$R/drop"
rm -rf "$T/srv" && ln -s "$R" "$T/srv"
department Water water
department Ward water-1
start
for f in one two three; do cp "$(another $f.jpg $f)" "$R/drop/Water/$f.jpg"; done
cp "$(another ward.jpg ward)" "$R/drop/Ward/ward.jpg"
for f in one two three ward; do
    arrives $f.jpg staged
    declare "$f=$ID"
done
for id in $one $two $ward; do
    ghat approve --whatever-is-there "$id" -p fb.photo,x.photo >/dev/null
    within 30 "$id is out" in_outbox "$id"
done
same "the folder of receipts" "$(stat -c '%a %G' "$R/receipts")" "2770 $G"
state() { item "$1" ".placements[\"$2\"]"; }
gone() { [ -z "$(find "$R/receipts" -type f ! -name 'Not understood*')" ]; }
TOLD="$R/receipts/Not understood.txt"

step "SFTP"
S=$TMPDIR/ssh
mkdir "$S"
ssh-keygen -q -t ed25519 -N '' -f "$S/host"
ssh-keygen -q -t ed25519 -N '' -f "$S/key"
mkdir -m 755 "$R.keys"
cp "$S/key.pub" "$R.keys/nobody"
PORT=$(free_port)
{
    printf '%s\n' "Port $PORT" 'ListenAddress 127.0.0.1' "HostKey $S/host" "PidFile none" 'UsePAM no' 'StrictModes no' 'Subsystem sftp internal-sftp'
    sed "s|Match Group ghat-agency|Match User nobody|; s|/srv/ghat|$R|; s|/etc/ssh/agency.keys|$R.keys|" docs/agency-sftp.conf
} >"$S/sshd_config"
mkdir -p /run/sshd
"$(command -v sshd)" -t -f "$S/sshd_config" || die "the snippet is no configuration"
realsshd=$(readlink -f "$(command -v sshd)")
"$realsshd" -D -e -f "$S/sshd_config" >"$S/log" 2>&1 &
HELPERS="$HELPERS $!"
sftp_do() { printf '%s\n' "$@" | timeout $((60 * GHAT_SLOW)) sftp -q -b - -P "$PORT" -i "$S/key" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o IdentitiesOnly=yes \
    -o BatchMode=yes nobody@127.0.0.1 >"$TMPDIR/said" 2>&1; }
within 20 "the server answers" sftp_do 'ls /outbox'
mkdir "$TMPDIR/got"
sftp_do "get -r /outbox $TMPDIR/got" || die "get: $(cat "$TMPDIR/said" "$S/log")"
(cd "$R/outbox" && find . -type f -exec sha256sum {} + | sort) >"$TMPDIR/there"
(cd "$TMPDIR/got/outbox" && find . -type f -exec sha256sum {} + | sort) | cmp - "$TMPDIR/there" || die "other bytes than in the outbox"
: >"$TMPDIR/empty"
printf 'https://example.org/post/1\r\n' >"$TMPDIR/link"
day=$(ls "$R/outbox" | first)
for no in "put $TMPDIR/empty /outbox/x.txt" "rm /outbox/$day/water-$one/manifest.json" 'ls /spool' 'ls /staging' 'ls /archive' "put $TMPDIR/empty /x"; do
    ! sftp_do "$no" || die "it may: $no"
done
sftp_do "put $TMPDIR/empty /receipts/water-$one-fb.photo.txt" "put $TMPDIR/link /receipts/water-$one-x.photo.txt" || die "put: $(cat "$TMPDIR/said")"
within 30 "both are counted" gone
same "collected" "$(state "$one" fb.photo)" collected
same "posted" "$(item "$one" '.links["x.photo"]')" https://example.org/post/1
same "by whom" "$(ghat log "$one" --json | jq -rs '[.[] | select(.action == "posted") | .actor] | join(" ")')" "uid:$(id -u nobody) by receipt"

step "once, whoever comes first"
rows=$(ghat log "$one" | wc -l)
cp "$TMPDIR/empty" "$R/receipts/water-$one.txt"
cp "$TMPDIR/link" "$R/receipts/WATER-$one x.photo (2).TXT"
cp "$TMPDIR/empty" "$R/receipts/$(basename "$(find "$(outbox_of "$one")/fb.photo" -type f)").txt"
within 30 "all are taken" gone
same "rows of the log" "$(ghat log "$one" | wc -l)" "$rows"
[ ! -e "$TOLD" ] || die "told: $(cat "$TOLD")"
ghat collected "$two" -p fb.photo >/dev/null
rows=$(ghat log "$two" | wc -l)
cp "$TMPDIR/empty" "$R/receipts/water-$two-fb.photo.txt"
within 30 "it is taken" gone
same "rows of the log" "$(ghat log "$two" | wc -l)" "$rows"

step "a department whose name is the beginning of another's and of a number"
cp "$TMPDIR/empty" "$R/receipts/water-1-$ward.txt" # item 1 of water, too, but for what is behind it
within 30 "it is taken" gone
same "its placements" "$(state "$ward" fb.photo) $(state "$ward" x.photo)" "collected collected"

step "10,000 bad ones, and one good"
bad() { printf "$2" >"$R/receipts/$1.txt"; }
mkdir "$R/many"
(cd "$R/many" && seq -f 'water-9%.0f.txt' 10000 | xargs touch)
mv "$R"/many "$R/receipts/.many"
bad "roads-$two" ''                                     # of another department
bad "water-$three" ''                                   # not approved
bad "water-$two-tg.photo" ''                            # not out for that
bad "water-$two" 'https://example.org/x'                # which platform?
bad "water-$two-x.photo" 'https://example.org/post/1'   # the link of another item
bad "water-$two-x.photo " 'javascript:alert(1)'
bad "water-$two-x.photo  " 'https://example.org/1\nhttps://example.org/2'
head -c 9000 /dev/zero | tr '\0' 'a' | sed 's|^|https://example.org/|' >"$R/receipts/water-$two-x.photo-long.txt"
ln -s /etc/passwd "$R/receipts/water-$two-x.photo-link.txt"
mkfifo "$R/receipts/water-$two-x.photo-pipe.txt"
(cd "$R/receipts/.many" && find . -name '*.txt' -print0 | xargs -0 mv -t ..) && rmdir "$R/receipts/.many"
printf 'https://example.org/post/2\n' >"$R/receipts/water-$two-x.photo-00good.txt"
posted() { [ "$(item "$two" '.links["x.photo"]' 2>/dev/null)" = https://example.org/post/2 ]; }
within 120 "the good one is counted" posted
all_gone() { [ -z "$(find "$R/receipts" -mindepth 1 -maxdepth 1 ! -name 'Not understood*')" ]; }
within 120 "all are taken" all_gone
same "told" "$(cat "$R/receipts/Not understood"*.txt | grep -c '^20')" 10010
for words in "roads-$two.txt: there is nothing of that name" "water-$three.txt: there is nothing of that name" 'nothing of water-' 'of which platform' "this is the link of submission $one" \
    'its text is no link' 'one link' 'at most 8192 bytes' 'it is no file'; do has <(cat "$R/receipts/Not understood"*.txt) "$words"; done
[ -s "$R/receipts/Not understood/water-$two-x.photo-long.txt" ] || die "what is too large for a receipt is lost"
[ "$(item "$three" .state)" = staged ] || die "a receipt changed what is not out"

step "Samba"
printf '%s\n' '[global]' 'server role = standalone server' 'map to guest = Bad User' "guest account = nobody" 'interfaces = 127.0.0.1' 'bind interfaces only = yes' \
    "smb ports = $((PORT + 1))" "log file = $S/smb.log" 'disable netbios = yes' 'load printers = no' "ncalrpc dir = $S/run" "pid directory = $S/run" "private dir = $S/state" \
    "lock directory = $S/state" "state directory = $S/state" "cache directory = $S/state" >"$S/smb.conf"
mkdir -p "$S/run" "$S/state"
sed "s|/srv/ghat|$R|; s|valid users = @ghat-agency|guest ok = yes|" docs/agency-samba.conf >>"$S/smb.conf"
smbd -F -s "$S/smb.conf" >"$S/smb.out" 2>&1 &
HELPERS="$HELPERS $!"
SMB_PORT=$((PORT + 1))
within 30 "Samba answers" smb outbox ls
file=$(cd "$R/outbox" && find . -path "*-$two/fb.photo/*" -name '*.jpg' -printf '%P')
smb outbox "get ${file//\//\\} $TMPDIR/smb.jpg" >/dev/null
cmp "$TMPDIR/smb.jpg" "$R/outbox/$file" || die "other bytes over Samba"
! smb outbox "put $TMPDIR/empty x.txt" >/dev/null 2>&1 || die "it may write to the outbox"
ghat approve --whatever-is-there "$three" -p fb.photo >/dev/null
within 30 "the third is out" in_outbox "$three"
smb receipts "put $TMPDIR/empty water-$three.txt" >/dev/null || die "put"
collected() { [ "$(state "$three" fb.photo)" = collected ]; }
within 30 "it is collected" collected

ghat verify >/dev/null || die "ghat verify"
