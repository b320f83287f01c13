#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs inside the booted root of package.sh, as root.
. /root/judge.sh
installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1")" = installed ]; }

installs both /root/ghat_1_*.deb /root/ghat-desk_1_*.deb
ok "ghatd runs" unit_is ghatd active
ok "the desk's socket listens" unit_is ghat-desk.socket active
ok "the check of everything waits for its time" unit_is ghat-verify.timer active
ok "and was not begun" unit_is ghat-verify.service inactive
ok "the desk is well" within 30 health
ok "doctor finds nothing wrong" ghat doctor
for unit in ghatd ghat-desk; do ok "$unit: exposure at most 1.0, as it runs" systemd-analyze security --threshold=10 $unit; done

ok "the check of everything runs" systemctl start ghat-verify.service

ok "a restart of the desk" systemctl restart ghat-desk
ok "leaves it its socket" within 30 health

# A ledger of an earlier version, in place of the one that was just made.
systemctl stop ghatd
rm -f /var/lib/ghat/ledger.db*
install -o ghat -g ghat -m 600 /root/ledger-old.db /var/lib/ghat/ledger.db
ok "an upgrade" apt-get install -q -y --no-install-recommends /root/ghat_2_*.deb /root/ghat-desk_2_*.deb
ok "ghatd runs again" within 60 ghat status
ok "the ledger is of the new version" test "$(sqlite3 -readonly /var/lib/ghat/ledger.db 'PRAGMA user_version')" -gt "$(sqlite3 -readonly /root/ledger-old.db 'PRAGMA user_version')"
ok "and has all that it had" test "$(submissions)" = "$(sqlite3 -readonly /root/ledger-old.db 'SELECT count(*) FROM submission')"

ok "a department is added" ghat department add Water
made_an_officer
ok "the officer drops a photo" as officer cp /home/officer/photo.jpg /srv/ghat/drop/Water/Opening.jpg
ok "staged" within 60 is Opening.jpg staged
n=$(number Opening.jpg)
ok "approved" ghat approve --whatever-is-there "$n"
ok "the outbox has it" within 30 published "$n"
ok "for the agency's group" test "$(stat -c %G /srv/ghat/outbox/*/*-"$n"/manifest.json)" = ghat-agency
ok "a person is added" ghat user add rina --role approver

echo 'nonsense = 1' >>/etc/ghat/ghat.conf
ok "a reload with a mistake fails" not systemctl reload ghatd
which() { journalctl -u ghatd -n 20 -o cat | grep -F nonsense; }
ok "and says which" within 20 which
ok "ghatd goes on as before" unit_is ghatd active
sed -i '$d' /etc/ghat/ghat.conf
ok "a reload without" systemctl reload ghatd

for unit in ghatd ghat-desk; do
    mkdir -p /run/systemd/system/$unit.service.d
    printf '[Service]\nWatchdogSec=3\n' >/run/systemd/system/$unit.service.d/watchdog.conf
done
systemctl daemon-reload
systemctl restart ghatd ghat-desk
for unit in ghatd ghat-desk; do
    pid=$(pid_of $unit)
    kill -STOP "$pid"
    ok "the watchdog replaces a $unit that does not move" within 60 another $unit "$pid"
done
ok "both are well" within 30 health
rm -r /run/systemd/system/{ghatd,ghat-desk}.service.d
systemctl daemon-reload

ok "the officer drops a video" as officer cp /home/officer/clip.mp4 /srv/ghat/drop/Water/Clip.mp4
ok "it is in work" within 60 in_work
start=$(date +%s%N)
ok "stop" systemctl stop ghatd
took=$((($(date +%s%N) - start) / 1000000))
ok "in less than 5 s ($took ms)" test $took -lt 5000
ok "and it ended well" test "$(systemctl show -p Result --value ghatd)" = success
ok "start" systemctl start ghatd
ok "the video is staged" within 240 is Clip.mp4 staged
ok "Prometheus is answered" systemctl start ghat-metrics.socket
curl -s http://127.0.0.1:9848/metrics >/tmp/metrics
ok "with what it reads" sh -c 'grep -q "^ghat_healthy 1$" /tmp/metrics && promtool check metrics </tmp/metrics'
ok "and with OpenMetrics" sh -c 'curl -s -H "Accept: application/openmetrics-text" http://127.0.0.1:9848/metrics | tail -n 1 | grep -x "# EOF"'

had=$(submissions)
# HTTPS without a proxy, as ghat-desk(8) says; the key is root's alone.
secure() { [ "$(curl -s -o /dev/null -w '%{http_code}' --cacert /root/tls/certificate https://localhost/healthz)" = 200 ]; }
ok "nobody listens for HTTPS unless it is wanted" unit_is ghat-desk-https.socket inactive
mkdir -p /etc/systemd/system/ghat-desk.service.d
printf '[Service]\nLoadCredential=tls-certificate:/root/tls/certificate\nLoadCredential=tls-key:/root/tls/key\n' >/etc/systemd/system/ghat-desk.service.d/tls.conf
systemctl daemon-reload
systemctl stop ghat-desk.socket ghat-desk
ok "sockets for both" systemctl start ghat-desk.socket ghat-desk-https.socket ghat-desk
ok "the desk speaks HTTPS itself" within 30 secure
ok "and HTTP to a proxy" within 30 health
ok "a restart, as after a new certificate" systemctl restart ghat-desk
ok "leaves it both" within 30 secure

ok "remove" apt-get remove -q -y ghat ghat-desk
ok "nothing of it runs" not pgrep -f 'ghatd|ghat-worker|ghat-desk'
ok "nothing of it is there" not test -e /usr/sbin/ghatd -o -e /usr/sbin/ghat-desk -o -e /lib/systemd/system/ghatd.service
ok "the ledger is kept" test -s /var/lib/ghat/ledger.db
ok "and installed again" apt-get install -q -y --no-install-recommends /root/ghat_2_*.deb /root/ghat-desk_2_*.deb
ok "it knows all that it knew" within 60 test "$(within 30 ghat status && submissions)" = "$had"
ok "purge says what it keeps" sh -c "apt-get purge -q -y ghat ghat-desk | grep -F 'kept: /srv/ghat /var/lib/ghat'"
ok "the configuration is gone" not test -e /etc/ghat/ghat.conf
ok "media, ledger and cards are not" test -s /var/lib/ghat/ledger.db -a -e /etc/ghat/departments/water.conf -a -n "$(ls /srv/ghat/outbox/*/*/manifest.json)"
ok "nothing failed" test -z "$(systemctl --failed --no-legend | grep ghat)"
[ $bad = 0 ] || journalctl -u 'ghat*' -p notice --no-pager | tail -n 60
exit $bad
