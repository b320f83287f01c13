#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs inside the booted root of boot.sh, as root.
. /root/judge.sh

ok "users and folders are made by sysusers and tmpfiles" test -d /srv/ghat/outbox -a -d /srv/ghat/drop/.taken
ok "outbox 2750 ghat:ghat-agency" test "$(stat -c '%a %U:%G' /srv/ghat/outbox)" = '2750 ghat:ghat-agency'
# The card is there before: its folder is what is still missing.
cp /usr/share/doc/ghat/examples/department.conf /etc/ghat/departments/water.conf
sed -i 's/^folder = .*/folder = Water/' /etc/ghat/departments/water.conf
ok "drop/ is root's" test "$(stat -c '%a %U:%G' /srv/ghat/drop)" = '751 root:ghat'
ok "a department is added" ghat department add Water
made_an_officer
useradd -m -G ghat-agency agency
useradd -m -G ghat-admin admin
useradd -m stranger

ok "ghatd starts" systemctl start ghatd
ok "it is active" systemctl is-active ghatd
echo "     $(systemd-analyze security ghatd 2>/dev/null | tail -n 1)"
ok "exposure at most 1.5, as it runs" systemd-analyze security --threshold=15 ghatd
pid=$(systemctl show -p MainPID --value ghatd)
ok "no network but a loopback that is down" test "$(sed -n 's/^ *\([^ ]*\):.*/\1/p' "/proc/$pid/net/dev" | tr '\n' ' ')" = 'lo '
ok "nothing but CAP_LEASE" test "$(sed -n 's/^CapBnd:\t//p' "/proc/$pid/status")" = 0000000010000000
ok "seccomp and no new privileges" grep -q 'NoNewPrivs:	1' "/proc/$pid/status"

ok "the officer cannot rename a department's folder" not as officer mv /srv/ghat/drop/Water /srv/ghat/drop/Other
ok "the officer drops a photo, with a umask of 077" as officer sh -c 'umask 077; exec cp "$@"' cp /home/officer/photo.jpg /srv/ghat/drop/Water/Opening.jpg
ok "staged" within 60 is Opening.jpg staged
n=$(number Opening.jpg)
ok "the officer reads the note" as officer grep -q 'waiting for approval' '/srv/ghat/drop/Water/Status/Opening.jpg.txt'
ok "Status/ is for the department to read, for ghat to write" test "$(stat -c '%a %U:%G' /srv/ghat/drop/Water/Status)" = '2750 ghat:drop-water'
ok "the officer cannot change a note" not as officer sh -c 'echo x >>/srv/ghat/drop/Water/Status/Opening.jpg.txt'
ok "the officer cannot look into staging" not as officer ls /srv/ghat/staging
ok "a stranger cannot drop" not as stranger cp /etc/hostname /srv/ghat/drop/Water/x.jpg
ok "a stranger cannot ask ghatd" not as stranger ghat status
ok "the officer cannot approve" not as officer ghat approve --whatever-is-there "$n"
ok "the agency cannot approve" not as agency ghat approve --whatever-is-there "$n"
ok "the agency sees an empty outbox" test -z "$(as agency find /srv/ghat/outbox -type f)"
ok "an admin approves" as admin ghat approve --whatever-is-there "$n" --as rina
ok "the outbox has it" within 30 published "$n"
box=$(dirname /srv/ghat/outbox/*/*-"$n"/manifest.json)
ok "the agency checks the sums" as agency sh -c "cd '$box' && sha256sum --strict -c SHA256SUMS"
ok "the agency cannot write there" not as agency touch "$box/x"
ok "a stranger cannot look into the outbox" not as stranger ls /srv/ghat/outbox
ok "nobody else reads the originals" not as agency ls /srv/ghat/spool
ok "modes in the outbox" test -z "$(find /srv/ghat/outbox -type f ! -perm 0640 -o -type d ! -perm 2750)"
ok "group in the outbox" test -z "$(find /srv/ghat/outbox ! -group ghat-agency)"
ok "modes in staging" test -z "$(find /srv/ghat/staging -name ".[wp]*" -prune -o -type f ! -perm 0640 -print -o -type d ! -perm 2750 -print)"
ok "what is ghatd's alone there is closed" test "$(stat -c %a /srv/ghat/staging/.preview)" = 2700
ok "staging is the desk's to read" test -z "$(find /srv/ghat/staging ! -group ghat-desk)"
ok "no position leaves" not sh -c "exiftool -G1 -ext jpg -r '$box' | grep -i GPS"

ok "the officer drops a video" as officer cp /home/officer/clip.mp4 /srv/ghat/drop/Water/Clip.mp4
ok "a file the officer holds open waits" as officer bash -c 'exec 5>/srv/ghat/drop/Water/held.jpg; head -c 20000 /home/officer/photo.jpg >&5; sleep 8
    [ -e /srv/ghat/drop/Water/held.jpg ]; ok=$?; tail -c +20001 /home/officer/photo.jpg >&5; printf x >&5; exit $ok'
ok "the video is staged" within 240 is Clip.mp4 staged
ok "the held file came whole" within 60 is held.jpg staged

before=$(ghat list --json | jq -S -c '{id, state, placements}')
ok "reload" systemctl reload ghatd
ok "restart" systemctl restart ghatd
ok "everything is as it was" test "$(ghat list --json | jq -S -c '{id, state, placements}')" = "$before"
ok "collected" as admin ghat collected "$n"
ok "delivered" is Opening.jpg delivered
kill -KILL "$(systemctl show -p MainPID --value ghatd)"
ok "systemd brings it back after a kill" within 60 ghat status
ok "the ledger verifies" ghat verify --ledger
ok "doctor finds nothing wrong" ghat doctor
echo broken >>/etc/ghat/ghat.conf
ok "a reload with a mistake keeps it running" sh -c 'systemctl reload ghatd; systemctl is-active ghatd'
sed -i '$d' /etc/ghat/ghat.conf
start=$SECONDS
ok "stop" systemctl stop ghatd
ok "within ten seconds" test $((SECONDS - start)) -lt 10
ok "and it ended well" test "$(systemctl show -p Result --value ghatd)" = success
ok "nothing is left running" not pgrep -f 'ghatd|ghat-worker'
echo "--- warnings and errors of ghatd in the journal:"
journalctl -u ghatd -p warning --no-pager -o cat | tee /tmp/warnings
grep -vE 'event=(config|not-reloaded) |Main process exited, code=killed, status=9|Failed with result .signal.|Reload failed for ghatd.service|Failed to configure loopback network device' /tmp/warnings >/tmp/unexpected
ok "none that was not expected" test ! -s /tmp/unexpected
[ $bad = 0 ] || journalctl -u ghatd --no-pager -o cat | tail -n 30
exit $bad
